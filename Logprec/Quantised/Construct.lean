import Logprec.Network.Construct
import Logprec.Quantised.Defs

/-!
# The integer network of a quantised model, and its table of exponentials

The network is what the circuit is made from. That it computes the model is proved in the files that import this
one.
-/

namespace Logprec

/-! ## The integer network of a quantised model

A quantised model, unrolled for `n` positions: the inputs are the `n` symbols, the outputs are the outputs of the model.

The values of a stage lie in `n` blocks, one for each position. A signed number `z` of `w` bits is stored as
`z + 2 ^ (w - 1)`, see `half`; ReLU outputs, weights of attention and entries of tables are stored as they are. Where a
stage reads values of its own position only, it is a `Piece`.

What positions share are the shapes of nodes: coefficients depend on the position only in rotations and in
what ALiBi adds by distance, and tables only in the embedding. Pairs of positions that are masked have nodes too, of
value 0, so that blocks are of one length; sums leave them out.
-/

namespace Quantised

/-- The offset with which signed numbers of `w` bits are stored. -/
def half (w : Nat) : Int := 2 ^ (w - 1)

/-- The number `z`, stored with offset `a`. -/
def code (a z : Int) : Nat := (z + a).toNat

/-- A node of value `(bias + Σ c · v) / 2 ^ shift`, saturated and stored with offset `out`. A term `(c, i, a)` is the
product of a coefficient with the value at `i`, which is stored with offset `a`. -/
def affineNode (bias : Int) (terms : List (Int × Nat × Int)) (out : Int) (shift width : Nat) : Node :=
  .form (bias + out * 2 ^ shift - (terms.map fun t => t.1 * t.2.2).sum)
    ((terms.map fun t => (t.1, t.2.1)).filter fun t => t.1 ≠ 0) [] shift width

/-- A product of two values `(i, a)` and `(j, b)`: they are at `i` and `j`, stored with offsets `a` and `b`. -/
structure Product where
  /-- Where the first factor is. -/
  i : Nat
  /-- The offset of the first factor. -/
  a : Int
  /-- Where the second factor is. -/
  j : Nat
  /-- The offset of the second factor. -/
  b : Int

/-- A node of value `(bias + Σ u · v) / 2 ^ shift`, saturated and stored with offset `out`. -/
def productNode (bias : Int) (terms : List Product) (out : Int) (shift width : Nat) : Node :=
  .form (bias + out * 2 ^ shift + (terms.map fun t => t.a * t.b).sum)
    ((terms.flatMap fun t => [(-t.b, t.i), (-t.a, t.j)]).filter fun t => t.1 ≠ 0)
    (terms.map fun t => (1, t.i, t.j)) shift width

/-- The terms of a row of a matrix that is applied to the vector from `o` on, stored with offset `a`. -/
def rowTerms (a : Int) (o : Nat) (row : List Int) : List (Int × Nat × Int) :=
  (row.zipIdx o).map fun t => (t.1, t.2, a)

namespace Affine

/-- Nodes of an affine map of a vector that lies from `o` on, stored with offset `a`; the outputs are stored with offset
`out`. -/
def nodes (a out : Int) (w o : Nat) (A : Affine) : List Node :=
  A.rows.map fun r => affineNode r.1 (rowTerms a o r.2) out A.shift w

/-- Nodes of a residual connection of the vector from `o` on with the affine map of the vector from `o'` on, stored with
offset `a`. -/
def residualNodes (a : Int) (w o o' : Nat) (A : Affine) : List Node :=
  A.rows.zipIdx.map fun r =>
    affineNode r.1.1 ((2 ^ A.shift, o + r.2, half w) :: rowTerms a o' r.1.2) (half w) A.shift w

end Affine

/-- Nodes of the products of the `d` numbers from `o` on, stored with offset `a`, with the number that follows them. -/
def scaleNodes (a : Int) (w d shift o : Nat) : List Node :=
  (List.range d).map fun c => productNode 0 [⟨o + c, a, o + d, 0⟩] (half w) shift w

namespace Norm

/-- Nodes that subtract the mean from the `d` numbers from `o` on. -/
def centreNodes (w d shift o : Nat) : List Node :=
  (List.range d).map fun c =>
    affineNode 0 (((d : Int), o + c, half w) :: rowTerms (half w) o (List.replicate d (-1))) (half w) shift w

/-- The node of the sum of the squares of the `d` numbers from `o` on. -/
def squareNode (w d : Nat) (N : Norm) (o : Nat) : Node :=
  productNode 0 ((List.range d).map fun c => ⟨o + c, half w, o + c, half w⟩) 0 N.squareShift N.squareBits

/-- The norm of `d` numbers. -/
def pieces (w d : Nat) (N : Norm) : List Piece :=
  (N.centre.elim [] fun shift => [⟨d, centreNodes w d shift⟩]) ++ [
    ⟨d, fun o => copies o d ++ [N.squareNode w d o]⟩,
    ⟨d + 1, fun o => copies o d ++ [.table (o + d) N.rsqrt N.rsqrtBits]⟩,
    ⟨d + 1, scaleNodes (half w) w d N.shift⟩]

end Norm

/-- The norm of `d` numbers, if there is one. -/
def optNormPieces (w d : Nat) (N : Option Norm) : List Piece := N.elim [] (Norm.pieces w d)

/-- What happens at a position on its own, to a state of `d` numbers. -/
def Local.pieces (w d : Nat) : Local → List Piece
  | norm N => N.pieces w d
  | feedForward N up down =>
    Piece.forkAll d (optNormPieces w d N ++ [⟨d, up.nodes (half w) 0 w⟩]) ++
      [⟨d + up.rows.length, fun o => down.residualNodes 0 w o (o + d)⟩]

/-- The terms of coordinate `c` of the rotation at position `i` of `m` numbers from `o` on. -/
def Rotation.terms (R : Rotation) (w i m o c : Nat) : List (Int × Nat × Int) :=
  let (cos, sin) := (R.table.getD i #[]).getD (c / 2) (0, 0)
  if c % 2 = 0 then
    (cos, o + c, half w) :: if c + 1 < m then [(-sin, o + (c + 1), half w)] else []
  else [(cos, o + c, half w), (sin, o + (c - 1), half w)]

/-- Nodes of the rotation at position `i` of `m` numbers from `o` on, if there is one. -/
def optRotateNodes (w : Nat) (R : Option Rotation) (i m o : Nat) : List Node :=
  R.elim (copies o m) fun R => (List.range m).map fun c => affineNode 0 (R.terms w i m o c) (half w) R.shift w

namespace Head

/-- The number of coordinates of queries and keys. -/
def keyDim (H : Head) : Nat := H.query.rows.length

/-- The number of coordinates of values. -/
def valueDim (H : Head) : Nat := H.value.rows.length

/-- The number of coordinates of a query, a key and a value. -/
def projectSize (H : Head) : Nat := 2 * H.keyDim + H.valueDim

/-- Queries, keys and values of the state from `o` on. -/
def projectNodes (w o : Nat) (H : Head) : List Node :=
  H.query.nodes (half w) (half w) w o ++ H.key.nodes (half w) (half w) w o ++ H.value.nodes (half w) (half w) w o

/-- Rotate queries and keys at position `i`. -/
def rotateNodes (w i o : Nat) (H : Head) : List Node :=
  optRotateNodes w H.rotation i H.keyDim o ++ optRotateNodes w H.rotation i H.keyDim (o + H.keyDim) ++
    copies (o + 2 * H.keyDim) H.valueDim

end Head

namespace Attention

/-- The node of the score that position `i` gives to position `j`; the query lies from `q` on, the key from `k` on. -/
def scoreNode (w : Nat) (A : Attention) (H : Head) (i j q k : Nat) : Node :=
  if A.sees i j then
    productNode (H.distance.getD (max i j - min i j) 0)
      ((List.range H.keyDim).map fun c => ⟨q + c, half w, k + c, half w⟩)
      (half A.scoreBits) A.scoreShift A.scoreBits
  else .form 0 [] [] 0 A.scoreBits

/-- The number of scores above the least. -/
def levels (A : Attention) : Nat := 2 ^ A.scoreBits - 1

/-- Nodes that say, level by level, whether the score at `o` is above. -/
def aboveNodes (A : Attention) (o : Nat) : List Node :=
  (List.range A.levels).map fun (t : Nat) => affineNode (-t) [(1, o, 0)] 0 0 1

/-- Nodes that say, level by level, whether one of `n` scores is above: what the scores say lies from `o` on. -/
def anyNodes (A : Attention) (n o : Nat) : List Node :=
  (List.range A.levels).map fun t => affineNode 0 ((List.range n).map fun j => (1, o + j * A.levels + t, 0)) 0 0 1

/-- The node of the greatest score, from what `anyNodes` say, which lies from `o` on. -/
def greatestNode (A : Attention) (o : Nat) : Node :=
  affineNode 0 ((List.range A.levels).map fun t => (1, o + t, 0)) 0 0 A.scoreBits

/-- The node of the shifted score, from the score at `o` and the greatest one at `g`. -/
def shiftNode (A : Attention) (o g : Nat) : Node :=
  affineNode A.levels [(1, o, 0), (-1, g, 0)] 0 0 A.scoreBits

/-- The node of the weight whose score is at `o`. -/
def weightNode (A : Attention) (i j o : Nat) : Node :=
  .table o (if A.sees i j then A.exp else #[]) A.expBits

/-- The positions that position `i` attends to. -/
def seen (A : Attention) (n i : Nat) : List Nat := (List.range n).filter (A.sees i)

/-- Nodes of the weighted sums of the values at position `i`, and of the sum of the weights. In a block, of `m`
numbers, values lie from `o` on, followed by the weights that its position gives. -/
def sumNodes (w : Nat) (A : Attention) (n i m o : Nat) (H : Head) : List Node :=
  let seen := A.seen n i
  let e := i * m + o + H.valueDim
  ((List.range H.valueDim).map fun c =>
    productNode 0 (seen.map fun j => ⟨e + j, 0, j * m + o + c, half w⟩) (half A.weightedBits) 0 A.weightedBits) ++
  [affineNode 0 (seen.map fun j => (1, e + j, 0)) 0 0 A.sumBits]

/-- Queries, keys and values of all heads, after the state. -/
def projectPieces (w d : Nat) (A : Attention) : List Piece :=
  Piece.forkAll d (optNormPieces w d A.norm ++ [⟨d, fun o => A.heads.flatMap fun H => H.projectNodes w o⟩])

/-- Rotate all queries and keys, if any are rotated. -/
def rotateStages (w d n : Nat) (A : Attention) : Network :=
  if A.heads.all fun H => H.rotation.isNone then [] else
    [blockStage n d Head.projectSize (fun i m o H => H.rotateNodes w i (i * m + o)) A.heads]

/-- All scores. They replace the queries and keys. -/
def scoreStage (w d n : Nat) (A : Attention) : Stage :=
  blockStage n d Head.projectSize (fun i m o H =>
    copies (i * m + o + 2 * H.keyDim) H.valueDim ++
      (List.range n).map fun j => A.scoreNode w H i j (i * m + o) (j * m + o + H.keyDim)) A.heads

/-- Shift all scores by the greatest one of their position and head, if they are shifted. The greatest one is found
level by level: it is the number of levels that some score is above. -/
def shiftStages (d n : Nat) (A : Attention) : Network :=
  if A.shifted then
    [blockStage n d (fun H => H.valueDim + n) (fun i m o H =>
      copies (i * m + o) (H.valueDim + n) ++
        (List.range n).flatMap fun j => A.aboveNodes (i * m + o + H.valueDim + j)) A.heads,
    blockStage n d (fun H => H.valueDim + (A.levels + 1) * n) (fun i m o H =>
      copies (i * m + o) (H.valueDim + n) ++ A.anyNodes n (i * m + o + H.valueDim + n)) A.heads,
    blockStage n d (fun H => H.valueDim + A.levels + n) (fun i m o H =>
      copies (i * m + o) (H.valueDim + n) ++ [A.greatestNode (i * m + o + H.valueDim + n)]) A.heads,
    blockStage n d (fun H => H.valueDim + 1 + n) (fun i m o H =>
      copies (i * m + o) H.valueDim ++ (List.range n).map fun j =>
        A.shiftNode (i * m + o + H.valueDim + j) (i * m + o + H.valueDim + n)) A.heads]
  else []

/-- All weights. They replace the scores. -/
def weightStage (d n : Nat) (A : Attention) : Stage :=
  blockStage n d (fun H => H.valueDim + n) (fun i m o H =>
    copies (i * m + o) H.valueDim ++
      (List.range n).map fun j => A.weightNode i j (i * m + o + H.valueDim + j)) A.heads

/-- All sums. They replace values and weights. -/
def sumStage (w d n : Nat) (A : Attention) : Stage :=
  blockStage n d (fun H => H.valueDim + n) (A.sumNodes w n) A.heads

/-- The reciprocals of the sums of weights. They replace the sums. -/
def recipStage (d n : Nat) (A : Attention) : Stage :=
  blockStage n d (fun H => H.valueDim + 1) (fun i m o H =>
    copies (i * m + o) H.valueDim ++ [.table (i * m + o + H.valueDim) A.recip A.recipBits]) A.heads

/-- The means of the values. They replace the weighted sums and the reciprocals. -/
def meanStage (w d n : Nat) (A : Attention) : Stage :=
  blockStage n d (fun H => H.valueDim + 1) (fun i m o H =>
    scaleNodes (half A.weightedBits) w H.valueDim A.meanShift (i * m + o)) A.heads

/-- The output projection and the residual connection. -/
def outPiece (w d : Nat) (A : Attention) : Piece :=
  ⟨blockSize d Head.valueDim A.heads, fun o => A.out.residualNodes (half w) w o (o + d)⟩

/-- The attention sublayer. -/
def network (w d n : Nat) (A : Attention) : Network :=
  (A.projectPieces w d).map (Piece.each n) ++ A.rotateStages w d n ++ [A.scoreStage w d n] ++ A.shiftStages d n ++
    [A.weightStage d n, A.sumStage w d n, A.recipStage d n, A.meanStage w d n, (A.outPiece w d).each n]

end Attention

/-- Local sublayers, at each of `n` positions. -/
def localNetwork (w d n : Nat) (ls : List Local) : Network := (ls.flatMap (Local.pieces w d)).map (Piece.each n)

/-- A layer. -/
def Layer.network (w d n : Nat) (L : Layer) : Network := L.attention.network w d n ++ localNetwork w d n L.locals

namespace Model

/-- The nodes of the first state of position `i`: tables of the symbol. -/
def embedNodes (M : Model) (i : Nat) : List Node :=
  (List.range M.dim).map fun c =>
    let p := (M.positions.getD i #[]).getD c 0
    .table i ((List.range (2 ^ M.symbolBits)).map fun σ =>
      code (half M.width) (sat M.width ((M.embedding.getD σ #[]).getD c 0 + p))).toArray M.width

/-- The first states. -/
def embedStage (M : Model) (n : Nat) : Stage := (List.range n).flatMap M.embedNodes

/-- The outputs: those of the last position, or of the zero state if there is none. -/
def readoutStage (M : Model) : Nat → Stage
  | 0 => M.readout.rows.map fun r => affineNode r.1 [] (half M.readoutBits) M.readout.shift M.readoutBits
  | n + 1 => M.readout.nodes (half M.width) (half M.readoutBits) M.readoutBits (n * M.dim)

/-- The integer network of a quantised model for words of `n` symbols: the inputs are the symbols, numbers of
`symbolBits` bits; the outputs are those of the model, stored with the offset of signed numbers of `readoutBits`
bits. -/
def network (M : Model) (n : Nat) : Network :=
  [M.embedStage n] ++ localNetwork M.width M.dim n M.pre ++ M.layers.flatMap (Layer.network M.width M.dim n) ++
    [M.readoutStage n]

end Model

end Quantised

/-! ## Tables of exponentials

The routine that makes the table of exponentials of a quantised model, in integers: `e ^ (-x)` for `x = a / b` is
`(1 - x / 2 ^ m) ^ (2 ^ m)` nearly, which is `m` squarings. They are done with `q` bits after the point, rounded down.

`expEntry_near`: an entry is `G · (1 - x / 2 ^ m) ^ (2 ^ m)`, rounded, where `G` is the greatest entry; with `k` bits to
spare it is at most `1 / 2 + 1 / 2 ^ (k + 1)` units off.
`power_bracket` says how near that is to the exponential, which lies between `(1 - x / M) ^ M` and `(1 + x / M) ^ (-M)`
for `M = 2 ^ m`: the first is at least `1 - x² / M` times the second. That the exponential lies between them is
calculus, and not proved here: Lean core has no real numbers.
-/

namespace Quantised

/-- `m` squarings of a number with `q` bits after the point. -/
def squarings (q : Nat) : (m : Nat) → (z : Nat) → Nat
  | 0, z => z
  | m + 1, z => squarings q m (z * z / 2 ^ q)

/-- `G · e ^ (-a / b)`, rounded, from `m` squarings with `q` bits after the point. -/
def expEntry (q m G a b : Nat) : Nat :=
  (G * squarings q m (2 ^ q - a * 2 ^ q / (b * 2 ^ m)) + 2 ^ (q - 1)) / 2 ^ q

/-- The table of the weights of scores: the score `peak`, and each above, has weight `2 ^ expBits - 1`, and a score that
is `k` less has `e ^ (-k · a / b)` times that. There are `m` squarings, with `m` bits to spare. -/
def expTable (m scoreBits expBits peak a b : Nat) : Array Nat :=
  ((List.range (2 ^ scoreBits)).map fun s =>
    expEntry (expBits + (m + 2 + m)) m (2 ^ expBits - 1) ((peak - s) * a) b).toArray

/-- The number `y` is at most `e / f` away from the fraction `a / b`; denominators are multiplied out. -/
def NearFraction (y a b e f : Nat) : Prop := f * a ≤ (f * y + e) * b ∧ f * y * b ≤ f * a + e * b

end Quantised

end Logprec
