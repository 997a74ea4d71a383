import Logprec.Arith.Construct
import Logprec.Network.Defs

/-!
# The circuit of an integer network

Sums by compressing columns of bits, forms, stages, and the ways of putting stages together. That the circuit computes
the network is proved in the files that import this one.
-/

namespace Logprec

/-! ## Counting ones

The number of ones among a few wires, in binary, in depth 2: this is what shrinks the columns of a sum. Bit `u` of a
count `s` is the parity of `⌊s / 2 ^ u⌋`, and that is the number of odd multiples of `2 ^ u` up to `s` less the number
of even ones. Only the odd multiples of 1 need no second gate, so this is smaller than the general `Circuit.table`.
-/

namespace Circuit

/-- The first layer of a counter of `m` wires: "at least `t`" for `t = 1, …, m`, and then "less than `t`" for the even
of these `t`. -/
def counterThresholds (m : Nat) : Layer :=
  let ws := (List.range m).map fun i => (⟨i, 1⟩ : Wire)
  (List.range m).map (fun t => .atLeast (t + 1) ws) ++ (List.range (m / 2)).map fun r => .atMost (2 * r + 1) ws

/-- Bit `u` of a count: of the gates "at least" for odd multiples of `2 ^ u` and "less than" for even ones, half are
true, and one more when the bit is set. -/
def counterBit (m u : Nat) : Gate :=
  let n := m / 2 ^ u
  .atLeast (n / 2 + 1) ((List.range n).map fun j =>
    ⟨if j % 2 = 0 then (j + 1) * 2 ^ u - 1 else m + ((j + 1) / 2 * 2 ^ u - 1), 1⟩)

/-- The number of ones among `m` bits, in binary. -/
def counter (m : Nat) : Circuit :=
  [counterThresholds m, (List.range (m.log2 + 1)).map (counterBit m)]

/-- `counter`, or copies where there is nothing to gain: what a chunk of `m` wires of a column becomes. -/
def compress (m : Nat) : Circuit := if m = 1 ∨ m = 2 then carry m 2 else counter m

/-- The weights of the outputs of `compress m`, when the inputs have weight `2 ^ c`. -/
def compressWeights (m c : Nat) : List Nat :=
  if m = 1 ∨ m = 2 then List.replicate m (2 ^ c) else (List.range (m.log2 + 1)).map fun u => 2 ^ (c + u)

end Circuit

/-! ## Weighted sums of bits

The sum of bits with known weights, in constant depth. A bit of weight `k` belongs to the columns `c` for which bit `c`
of `k` is set: multiplying by a constant takes no gate. A round cuts the columns into chunks and replaces every chunk by
the binary count of its ones, whose bits belong to this column and the next ones. After a few rounds the columns are so
short that the iterated sum of their rows is cheap.

This is the column compression of carry-save multipliers (Dadda 1965), with counters instead of full adders, which
threshold gates make as flat as full adders.
-/

namespace Circuit

/-- Cut a list into `n` pieces of length `k`, the last of which may be shorter. -/
def pieces {α : Type} (k : Nat) : Nat → List α → List (List α)
  | 0, _ => []
  | n + 1, l => l.take k :: pieces k n (l.drop k)

/-- Cut a list into pieces of length `k`, the last of which may be shorter. -/
def cut {α : Type} (k : Nat) (l : List α) : List (List α) := pieces k ((l.length + (k - 1)) / k) l

/-- Column `c` of bits with the weights `ks`: the positions of those whose weight has bit `c`. -/
def column (ks : List Nat) (c : Nat) : List Nat := (ks.zipIdx.filter fun p => p.1.testBit c).map (·.2)

/-- The chunks of at most `k` wires into which the `w` first columns are cut, each with the number of its column. In
front there is an empty chunk past the last column. Its count makes position 0 of the next layer a zero. -/
def chunks (k w : Nat) (ks : List Nat) : List (Nat × List Nat) :=
  (w, []) :: (List.range w).flatMap fun c => (cut k (column ks c)).map fun ps => (c, ps)

/-- A round: bits with the weights `ks` become bits with the weights `nextWeights k w ks` and the same weighted sum
modulo `2 ^ w`. -/
def round (k w : Nat) (ks : List Nat) : Circuit :=
  par 2 (chunks k w ks) (·.2) fun ch => compress ch.2.length

/-- The weights of the outputs of a round. -/
def nextWeights (k w : Nat) (ks : List Nat) : List Nat :=
  (chunks k w ks).flatMap fun ch => compressWeights ch.2.length ch.1

/-- The length of the longest of the `w` first columns, but at least 2. -/
def height (w : Nat) (ks : List Nat) : Nat := (List.range w).foldl (fun h c => max h (column ks c).length) 2

/-- The positions of the rows of the `w` first columns, one row after the other. A place that a short column leaves free
reads position 0, which must be a zero. -/
def rows (w : Nat) (ks : List Nat) : List Nat :=
  let cols := (List.range w).map fun c => (column ks c).toArray
  (List.range (height w ks)).flatMap fun t => cols.map fun col => col.getD t 0

/-- The sum of `h ≥ 2` numbers of `w` bits, modulo `2 ^ w`, in depth 4; there may be more outputs than `w`. -/
def sumRows (h w : Nat) : Circuit := if h = 2 then add w ++ carry w 1 else iteratedSum h w

/-- The number of outputs of `sumRows h w`. -/
def sumRowsWidth (h w : Nat) : Nat := if h = 2 then w else sumWidth h w

/-- The sum of bits with the weights `ks`, of which the first is a zero: its `w` low bits come first. -/
def finish (w : Nat) (ks : List Nat) : Circuit :=
  let h := height w ks
  par 4 [()] (fun _ => rows w ks) fun _ => sumRows h w

/-- The size of the chunks in the last round. -/
def lastChunk : Nat := 15

/-- The sum of bits with the weights `ks`, modulo `2 ^ w`, in a round for every element of the plan, which says how long
its chunks are, then a last round, and the sum of the rows that are left. The sum comes first among the outputs. -/
def weightedSum (w : Nat) : (plan ks : List Nat) → Circuit
  | [], ks => round lastChunk w ks ++ finish w (nextWeights lastChunk w ks)
  | k :: plan, ks => round k w ks ++ weightedSum w plan (nextWeights k w ks)

/-- The number of outputs of `weightedSum`. -/
def weightedSumWidth (w : Nat) : (plan ks : List Nat) → Nat
  | [], ks => sumRowsWidth (height w (nextWeights lastChunk w ks)) w
  | k :: plan, ks => weightedSumWidth w plan (nextWeights k w ks)

end Circuit

/-! ## The circuit of a form

`bias + Σ c · xᵢ + Σ c · xᵢ · xⱼ`, shifted and saturated, in depth 15. The first layer has a gate for every bit of a
linear term and for every pair of bits of a product; where the coefficient is negative the gate is negated and the
constant is adjusted, so that all weights are natural numbers. With a power of two added that makes the sum a natural
number, one more bit tells its sign.

Here the operands of a form are given by their numbers of bits, and follow one another in the input.
-/

namespace Circuit

/-- Bits with their weights: for every weight, the gate that it belongs to. -/
abbrev Terms := List (Nat × Gate)

/-- `c · x` without its constant, for the `w`-bit number `x` that starts at position `off`. -/
def linTerms (off : Nat) (c : Int) (w : Nat) : Terms :=
  if c = 0 then [] else (List.range w).map fun a =>
    (c.natAbs * 2 ^ a, if 0 < c then .copy (off + a) else .none [off + a])

/-- What `linTerms` leaves out. -/
def linConst (c : Int) (w : Nat) : Int := if c < 0 then c * (2 ^ w - 1) else 0

/-- `c · x · y` without its constant, for a `w`-bit number `x` that starts at position `off` and a `w'`-bit number `y`
that follows it. -/
def quadTerms (off : Nat) (c : Int) (w w' : Nat) : Terms :=
  if c = 0 then [] else (List.range w).flatMap fun a => (List.range w').map fun b =>
    (c.natAbs * 2 ^ (a + b),
      if 0 < c then .all [off + a, off + w + b] else .atMost 1 [⟨off + a, 1⟩, ⟨off + w + b, 1⟩])

/-- What `quadTerms` leaves out. -/
def quadConst (c : Int) (w w' : Nat) : Int := if c < 0 then c * ((2 ^ w - 1) * (2 ^ w' - 1)) else 0

/-- The terms of a linear form: coefficients, and numbers of bits. -/
def linsTerms : (off : Nat) → List (Int × Nat) → Terms
  | _, [] => []
  | off, (c, w) :: l => linTerms off c w ++ linsTerms (off + w) l

/-- The terms of a sum of products: coefficients, and twice a number of bits. -/
def quadsTerms : (off : Nat) → List (Int × Nat × Nat) → Terms
  | _, [] => []
  | off, (c, w, w') :: l => quadTerms off c w w' ++ quadsTerms (off + (w + w')) l

/-- The terms of a form, without its constant. -/
def formTerms (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) : Terms :=
  linsTerms 0 lin ++ quadsTerms (lin.map (·.2)).sum quad

/-- The constant of a form: also its least value. -/
def formConst (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) : Int :=
  bias + (lin.map fun t => linConst t.1 t.2).sum + (quad.map fun t => quadConst t.1 t.2.1 t.2.2).sum

/-- So many bits that every value from `least` to `least + range` is less than `2 ^ magnitude` in absolute value, and
not fewer than `enough`. -/
def magnitude (least : Int) (range enough : Nat) : Nat :=
  max enough (max least.natAbs (least + range).natAbs + 1).log2 + 1

/-- From the sum of a number `z` and `2 ^ n`, where `|z| < 2 ^ n`: the number `z / 2 ^ shift`, saturated to `width`
bits. First the upper bits that overflow are put into all bits, then all are cleared if `z` is negative. -/
def saturate (n shift width : Nat) : Circuit :=
  [ (List.range width).map (fun j => .any ((shift + j) :: List.range' (shift + width) (n - (shift + width)))) ++
      [.copy n],
    (List.range width).map fun j => .all [j, width] ]

/-- The terms of a form, its constant among them: a gate that is always true. -/
def shiftedTerms (n : Nat) (const : Int) (ts : Terms) : Terms := ((const + 2 ^ n).toNat, .all []) :: ts

/-- The sizes of chunks in the first rounds. -/
def formPlan : List Nat := [15, 15, 15]

/-- The circuit of a form. -/
def form (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) (shift width : Nat) : Circuit :=
  let ts := formTerms lin quad
  let const := formConst bias lin quad
  let n := magnitude const (ts.map (·.1)).sum (width + shift)
  let ts := shiftedTerms n const ts
  let ks := ts.map (·.1)
  [ts.map (·.2)] ++ weightedSum (n + 1) formPlan ks ++
    par 2 [()] (fun _ => List.range (n + 1)) fun _ => saturate n shift width

/-- The depth of a form. -/
def formDepth : Nat := 15

end Circuit

/-! ## The circuit of a network

Every node is a circuit; a stage has its nodes side by side; stages follow one another. The circuit of a node depends on
its *shape* only, that is the node with the number of bits of a value in place of its position: equal shapes have equal
circuits, which is what makes a short description of the circuit possible (`Logprec.Extract.Blocks`).
-/

/-- The shape of a node: the number of bits of a value stands in place of its position. -/
abbrev Shape := Node

deriving instance Hashable for Node

namespace Node

/-- The shape of a node, when the value at position `i` has `w i` bits. -/
def shape (w : Nat → Nat) : Node → Shape
  | copy i => copy (w i)
  | form bias lin quad shift width =>
    form bias (lin.map fun t => (t.1, w t.2)) (quad.map fun t => (t.1, w t.2.1, w t.2.2)) shift width
  | table i entries width => table (w i) entries width

end Node

namespace Shape

/-- The number of input bits: the operands follow one another. -/
def inputs (s : Shape) : Nat := s.operands.sum

/-- The depth that a shape needs. -/
def depth : Shape → Nat
  | .copy _ => 1
  | .form .. => Circuit.formDepth
  | .table .. => 3

/-- The circuit of a shape in depth `d`, if it does not need more. -/
def circuit (d : Nat) (s : Shape) : Circuit :=
  let C := match s with
    | .copy w => Circuit.carry w 1
    | .form bias lin quad shift width => Circuit.form bias lin quad shift width
    | .table w entries width => Circuit.lookup w width fun a => entries.getD a 0
  C ++ Circuit.carry (s.width id) (d - s.depth)

end Shape

/-- Where the values with the numbers of bits `ws` start, when the first starts at `off`. -/
def offsets : (off : Nat) → (ws : List Nat) → List Nat
  | _, [] => []
  | off, w :: ws => off :: offsets (off + w) ws

namespace Stage

/-- The shapes of the nodes, and for each node the positions of its operands' bits as runs: start and length. -/
def blocks (S : Stage) (ws : List Nat) : List (Shape × List (Nat × Nat)) :=
  let a := ws.toArray
  let o := (offsets 0 ws).toArray
  S.map fun v => (v.shape fun i => a.getD i 0, v.operands.map fun i => (o.getD i 0, a.getD i 0))

/-- The depth of a stage: 15 with a form, else 3 with a table, else 1. -/
def depth (S : Stage) : Nat := S.foldl (fun d v => max d (Shape.depth v)) 1

/-- The circuit of a stage that reads values with the numbers of bits `ws`, when the circuits of shapes are `C`. -/
def circuitOf (C : Shape → Circuit) (S : Stage) (ws : List Nat) : Circuit :=
  Circuit.par S.depth (S.blocks ws) (fun b => b.2.flatMap fun r => List.range' r.1 r.2) fun b => C b.1

/-- The circuit of a stage that reads values with the numbers of bits `ws`. -/
def circuit (S : Stage) (ws : List Nat) : Circuit := S.circuitOf (Shape.circuit S.depth) ws

end Stage

namespace Network

/-- The circuit of a network whose inputs have the numbers of bits `ws`, when the circuits of shapes are `C`, by their
depth. -/
def circuitOf (C : Nat → Shape → Circuit) : (N : Network) → (ws : List Nat) → Circuit
  | [], _ => []
  | S :: N, ws => S.circuitOf (C S.depth) ws ++ circuitOf C N (S.widths ws)

/-- The circuit of a network whose inputs have the numbers of bits `ws`. -/
def circuit (N : Network) (ws : List Nat) : Circuit := N.circuitOf Shape.circuit ws

/-- The same, when the circuit of every shape has been optimised. -/
def optimised (N : Network) (ws : List Nat) : Circuit := N.circuitOf (fun d s => (s.circuit d).optimise) ws

/-- The depth of the circuit of a network. -/
def depth (N : Network) : Nat := (N.map Stage.depth).sum

end Network

/-- The numbers in a bit string, when their numbers of bits are `ws`. -/
def values : (ws : List Nat) → List Bool → List Nat
  | [], _ => []
  | w :: ws, x => ofBits (x.take w) :: values ws (x.drop w)

/-! ## Stages, put together

A `Piece` is a list of nodes that read a block of values, wherever it lies; `Piece.each` applies it to `n` blocks, one
for each position of a word.
-/

/-- Copies of the `m` values from position `o` on. -/
def copies (o m : Nat) : List Node := (List.range m).map fun k => .copy (o + k)

/-- Nodes for each of several blocks of values, which lie one after the other from position `o` on; `size h` is the
number of values of the block of `h`. -/
def blockNodes {α : Type} (size : α → Nat) (nodes : Nat → α → List Node) : Nat → List α → List Node
  | _, [] => []
  | o, h :: hs => nodes o h ++ blockNodes size nodes (o + size h) hs

/-- The number of values of a block that is made of `d` values and a part of `size h` values for each `h`. -/
def blockSize {α : Type} (d : Nat) (size : α → Nat) (hs : List α) : Nat := d + (hs.map size).sum

/-- A stage on `n` such blocks. Each keeps its first `d` values; what becomes of the part of `h` of block `i` is
computed by `nodes i m o h`, where `m` is the number of values of a block and the part lies from position `o` of the
block on. -/
def blockStage {α : Type} (n d : Nat) (size : α → Nat) (nodes : Nat → Nat → Nat → α → List Node) (hs : List α) :
    Stage :=
  let m := blockSize d size hs
  (List.range n).flatMap fun i => copies (i * m) d ++ blockNodes size (nodes i m) d hs

/-- Nodes that read a block of values. -/
structure Piece where
  /-- The number of values of the block. -/
  size : Nat
  /-- The nodes, when the block lies from this position on. -/
  nodes : Nat → List Node

namespace Piece

/-- The nodes for `n` blocks, one after the other. -/
def each (n : Nat) (P : Piece) : Stage := (List.range n).flatMap fun i => P.nodes (i * P.size)

/-- Copy the `m` values before the block as well. -/
def keep (m : Nat) (P : Piece) : Piece := ⟨m + P.size, fun o => copies o m ++ P.nodes (o + m)⟩

/-- Copy the block as well. -/
def fork (P : Piece) : Piece := ⟨P.size, fun o => copies o P.size ++ P.nodes o⟩

/-- Pieces one after the other, which keep a copy of the block of `m` values that the first one reads. -/
def forkAll (m : Nat) : List Piece → List Piece
  | [] => [⟨m, fun o => copies o m ++ copies o m⟩]
  | P :: Ps => P.fork :: Ps.map (keep m)

end Piece

end Logprec
