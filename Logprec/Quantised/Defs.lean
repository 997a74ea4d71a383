import Logprec.Network.Defs

/-!
# Quantised transformers

What a quantised model file means: an integer-only transformer with tables. Weights are integers, and activations are
signed integers of `width` bits. This file is all that says how such a model rounds, saturates and divides.

* An accumulator is exact. It is divided by a power of two, rounded down, and saturated. In an affine map a bias of half
  the divisor makes that rounding to nearest; norms, rotations and means have no bias, and round down.
* Exponential, reciprocal and reciprocal square root are tables of the model file. An index beyond a table reads 0. So
  the definition means something for every length, but beyond its tables not what was trained: positions add 0, ALiBi
  adds 0, a rotation is the zero map. And a sum of weights saturates at `sumBits` bits.
* Scores saturate at `scoreBits` bits, and `exp` is a table of their exponentials. They may be shifted by the greatest
  of them, which then has the last entry: if the others are 0, attention is average-hard. If the sum of weights is 0
  (all masked, or all exponentials 0) the head gives what `recip[0]` makes of 0.

Symbols and positions are counted from 0. All vectors are lists of integers.
-/

namespace Logprec

namespace Quantised

/-- Saturation to a signed number of `w` bits: from `-2 ^ (w - 1)` to `2 ^ (w - 1) - 1`. -/
def sat (w : Nat) (z : Int) : Int := max (-2 ^ (w - 1)) (min z (2 ^ (w - 1) - 1))

/-- The inner product of two vectors of the same length. -/
def dot (a b : List Int) : Int := (List.zipWith (· * ·) a b).sum

/-- The greatest of some numbers; 0 if there are none. -/
def greatest (l : List Nat) : Nat := l.foldr max 0

/-- An affine map. -/
structure Affine where
  /-- For each output, its bias and its weights. -/
  rows : List (Int × List Int)
  /-- The accumulators are divided by `2 ^ shift`. -/
  shift : Nat
  deriving Repr, DecidableEq

namespace Affine

/-- The accumulators. -/
def accumulate (A : Affine) (v : List Int) : List Int := A.rows.map fun r => r.1 + dot r.2 v

/-- The affine map, saturated to signed numbers of `w` bits. -/
def apply (w : Nat) (A : Affine) (v : List Int) : List Int := (A.accumulate v).map fun z => sat w (z / 2 ^ A.shift)

/-- ReLU of the affine map: saturated to *unsigned* numbers of `w` bits. -/
def relu (w : Nat) (A : Affine) (v : List Int) : List Int :=
  (A.accumulate v).map fun z => (clamp w (z / 2 ^ A.shift) : Nat)

/-- The vector `x`, and the affine map added to it: a residual connection. One rounding and one saturation. -/
def residual (w : Nat) (A : Affine) (x v : List Int) : List Int :=
  List.zipWith (fun xc z => sat w ((2 ^ A.shift * xc + z) / 2 ^ A.shift)) x (A.accumulate v)

end Affine

/-- Layer norm without gain and bias, which belong to the weights of the next affine map. -/
structure Norm where
  /-- Layer norm subtracts the mean: `some s` divides `d · v - Σ v` by `2 ^ s`. RMS norm does not: `none`. -/
  centre : Option Nat
  /-- The sum of squares is divided by `2 ^ squareShift` and saturated to `squareBits` bits. -/
  squareShift : Nat
  /-- The number of bits of the sum of squares. -/
  squareBits : Nat
  /-- What the sum of squares is turned into: its scaled reciprocal square root. -/
  rsqrt : Array Nat
  /-- The number of bits of the entries of `rsqrt`. -/
  rsqrtBits : Nat
  /-- The products with it are divided by `2 ^ shift`. -/
  shift : Nat
  deriving Repr, DecidableEq

namespace Norm

/-- Subtract the mean, if the norm does. -/
def centred (w : Nat) (N : Norm) (v : List Int) : List Int :=
  match N.centre with
  | none => v
  | some s => v.map fun z => sat w ((v.length * z - v.sum) / 2 ^ s)

/-- The norm of a vector of signed numbers of `w` bits. -/
def apply (w : Nat) (N : Norm) (v : List Int) : List Int :=
  let u := N.centred w v
  let square := clamp N.squareBits ((u.map fun z => z * z).sum / 2 ^ N.squareShift)
  let r : Nat := N.rsqrt.getD square 0 % 2 ^ N.rsqrtBits
  u.map fun z => sat w (z * r / 2 ^ N.shift)

end Norm

/-- Rotary positions: pair `c` of coordinates, `2 c` and `2 c + 1`, is rotated by an angle that depends on the
position. -/
structure Rotation where
  /-- `table[i][c]` is `(cos, sin)` of the angle of pair `c` at position `i`, times `2 ^ shift`. Where there is no
  entry, both are 0. -/
  table : Array (Array (Int × Int))
  /-- The products are divided by `2 ^ shift`. -/
  shift : Nat
  deriving Repr, DecidableEq

/-- Rotate a vector at position `i`; a last coordinate without a partner has a partner 0. -/
def Rotation.apply (w : Nat) (R : Rotation) (i : Nat) (v : List Int) : List Int :=
  (List.range v.length).map fun c =>
    let (cos, sin) := (R.table.getD i #[]).getD (c / 2) (0, 0)
    if c % 2 = 0 then sat w ((cos * v.getD c 0 - sin * v.getD (c + 1) 0) / 2 ^ R.shift)
    else sat w ((cos * v.getD c 0 + sin * v.getD (c - 1) 0) / 2 ^ R.shift)

/-- An attention head. -/
structure Head where
  /-- The query. -/
  query : Affine
  /-- The key. -/
  key : Affine
  /-- The value. -/
  value : Affine
  /-- Rotary positions: queries and keys are rotated. -/
  rotation : Option Rotation
  /-- ALiBi: what is added to the accumulator of the score, by the distance `|i - j|`; 0 past the end. -/
  distance : Array Int
  deriving Repr, DecidableEq

/-- Multi-head attention with its output projection, residual connection, and a norm before it. -/
structure Attention where
  /-- The norm of what the heads read; the residual connection adds to what is not normed. -/
  norm : Option Norm
  /-- The heads. -/
  heads : List Head
  /-- Whether position `i` attends to positions `j ≤ i` only. -/
  causal : Bool
  /-- Scores are divided by `2 ^ scoreShift`. -/
  scoreShift : Nat
  /-- The number of bits of a score, a signed number. -/
  scoreBits : Nat
  /-- Whether scores are shifted: `2 ^ (scoreBits - 1) - 1` minus the greatest score is added to all. -/
  shifted : Bool
  /-- The weight of a score `s` is `exp[s + 2 ^ (scoreBits - 1)]`. -/
  exp : Array Nat
  /-- The number of bits of a weight. -/
  expBits : Nat
  /-- The number of bits to which the sum of weights saturates. -/
  sumBits : Nat
  /-- The scaled reciprocal of the sum of weights. -/
  recip : Array Nat
  /-- The number of bits of the entries of `recip`. -/
  recipBits : Nat
  /-- The number of bits to which the weighted sum of values saturates, a signed number. -/
  weightedBits : Nat
  /-- The product of the weighted sum and the reciprocal is divided by `2 ^ meanShift`. -/
  meanShift : Nat
  /-- The output projection. It reads the heads one after the other. -/
  out : Affine
  deriving Repr, DecidableEq

/-- The norm, if there is one. -/
def optNorm (w : Nat) (N : Option Norm) (v : List Int) : List Int := N.elim v fun N => N.apply w v

/-- The rotation at position `i`, if there is one. -/
def optRotate (w : Nat) (R : Option Rotation) (i : Nat) (v : List Int) : List Int := R.elim v fun R => R.apply w i v

namespace Attention

/-- Whether position `i` attends to position `j`. -/
def sees (A : Attention) (i j : Nat) : Bool := !(A.causal && decide (i < j))

/-- The score that a head gives at position `i` to position `j`, from its query and its key: a signed number of
`scoreBits` bits, with `2 ^ (scoreBits - 1)` added. -/
def score (A : Attention) (H : Head) (i j : Nat) (q k : List Int) : Nat :=
  clamp A.scoreBits ((dot q k + H.distance.getD (max i j - min i j) 0) / 2 ^ A.scoreShift + 2 ^ (A.scoreBits - 1))

/-- What is added to the scores `s` of position `i`. -/
def shift (A : Attention) (n i : Nat) (s : Nat → Nat) : Nat :=
  if A.shifted then 2 ^ A.scoreBits - 1 - greatest (((List.range n).filter (A.sees i)).map s) else 0

/-- The weight that position `i` gives to position `j`, from the scores `s` that it gives. -/
def weight (A : Attention) (n i : Nat) (s : Nat → Nat) (j : Nat) : Nat :=
  if A.sees i j then A.exp.getD (s j + A.shift n i s) 0 % 2 ^ A.expBits else 0

/-- The mean of the values with the weights, from their exact sums: `weighted`, coordinate by coordinate, and `sum`. -/
def mean (w : Nat) (A : Attention) (weighted : List Int) (sum : Nat) : List Int :=
  let r : Nat := A.recip.getD (clamp A.sumBits sum) 0 % 2 ^ A.recipBits
  weighted.map fun z => sat w (sat A.weightedBits z * r / 2 ^ A.meanShift)

/-- What a head computes at position `i`; `u j` is the normed state of position `j`. -/
def attend (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) : List Int :=
  let q := optRotate w H.rotation i (H.query.apply w (u i))
  let scores := fun j => A.score H i j q (optRotate w H.rotation j (H.key.apply w (u j)))
  let weights := (List.range n).map (A.weight n i scores)
  let values := (List.range n).map fun j => H.value.apply w (u j)
  let weighted := (List.range H.value.rows.length).map fun c =>
    (List.zipWith (fun (e : Nat) v => (e : Int) * v.getD c 0) weights values).sum
  A.mean w weighted weights.sum

/-- The new states. -/
def apply (w : Nat) (A : Attention) (x : List (List Int)) : List (List Int) :=
  let u := (x.map (optNorm w A.norm)).toArray
  let u := fun j => u.getD j []
  x.mapIdx fun i xi => A.out.residual w xi (A.heads.flatMap fun H => A.attend w H x.length u i)

end Attention

/-- What happens at each position on its own. -/
inductive Local where
  /-- A norm of the state itself, as in transformers with norms after the sublayers. -/
  | norm (N : Norm)
  /-- The feed-forward network, with ReLU, its residual connection, and a norm before it. -/
  | feedForward (norm : Option Norm) (up down : Affine)
  deriving Repr, DecidableEq

/-- The new state of a position. -/
def Local.apply (w : Nat) (x : List Int) : Local → List Int
  | norm N => N.apply w x
  | feedForward N up down => down.residual w x (up.relu w (optNorm w N x))

/-- Several, one after the other. -/
def applyLocals (w : Nat) (ls : List Local) (x : List Int) : List Int := ls.foldl (Local.apply w) x

/-- A layer: attention, and what each position does after it. -/
structure Layer where
  /-- The attention. -/
  attention : Attention
  /-- What follows it, position by position. -/
  locals : List Local
  deriving Repr, DecidableEq

/-- The new states. -/
def Layer.apply (w : Nat) (L : Layer) (x : List (List Int)) : List (List Int) :=
  (L.attention.apply w x).map (applyLocals w L.locals)

/-- A quantised transformer. -/
structure Model where
  /-- The number of bits of a symbol. -/
  symbolBits : Nat
  /-- The number of coordinates of a state. -/
  dim : Nat
  /-- The number of bits of an activation. -/
  width : Nat
  /-- `embedding[σ]` is the vector of the symbol `σ`. -/
  embedding : Array (Array Int)
  /-- `positions[i]` is added to it at position `i`. -/
  positions : Array (Array Int)
  /-- What each position does before the first layer. -/
  pre : List Local
  /-- The layers. -/
  layers : List Layer
  /-- The outputs, from the last state of the last position. -/
  readout : Affine
  /-- The number of bits of an output, a signed number. -/
  readoutBits : Nat
  deriving Repr, DecidableEq

namespace Model

/-- The first state of position `i` with the symbol `σ`: the sum of the two vectors, saturated. Missing entries
are 0. -/
def embed (M : Model) (i σ : Nat) : List Int :=
  (List.range M.dim).map fun c =>
    sat M.width ((M.embedding.getD σ #[]).getD c 0 + (M.positions.getD i #[]).getD c 0)

/-- The states before the first layer. -/
def embedded (M : Model) (word : List Nat) : List (List Int) :=
  word.mapIdx fun i σ => applyLocals M.width M.pre (M.embed i σ)

/-- The last states. -/
def states (M : Model) (word : List Nat) : List (List Int) :=
  M.layers.foldl (fun x L => L.apply M.width x) (M.embedded word)

/-- The outputs: signed numbers of `readoutBits` bits. For the empty word, which has no last position, those of the zero
state. -/
def outputs (M : Model) (word : List Nat) : List Int :=
  M.readout.apply M.readoutBits ((M.states word).getD (word.length - 1) (List.replicate M.dim 0))

/-- Whether the model accepts: its first output is not negative. -/
def accepts (M : Model) (word : List Nat) : Bool := decide (0 ≤ (M.outputs word).headD (-1))

end Model

end Quantised

/-! ## Well-formed models

A model is well-formed when its dimensions agree: a matrix has as many weights in a row as the vector has coordinates
that it is applied to. The definitions of `Logprec.Quantised.Defs` are total, so they also mean something where
dimensions disagree (products are cut to the shorter vector); the compiler and its theorem ask for well-formed models,
and a model file is refused when its model is not well-formed.

All conditions are decidable. Tables may have any length: an index beyond a table reads 0.
-/

namespace Quantised

/-- An affine map from vectors of `m` numbers to vectors of `k` numbers. -/
def Affine.WF (m k : Nat) (A : Affine) : Prop := A.rows.length = k ∧ ∀ r ∈ A.rows, r.2.length = m

instance (m k A) : Decidable (Affine.WF m k A) := inferInstanceAs (Decidable (_ ∧ _))

/-- A head of a model whose states have `d` coordinates. -/
def Head.WF (d : Nat) (H : Head) : Prop :=
  H.query.WF d H.query.rows.length ∧ H.key.WF d H.query.rows.length ∧ H.value.WF d H.value.rows.length

instance (d H) : Decidable (Head.WF d H) := inferInstanceAs (Decidable (_ ∧ _))

/-- The number of coordinates that the heads compute. -/
def Attention.outDim (A : Attention) : Nat := (A.heads.map fun H => H.value.rows.length).sum

/-- An attention sublayer of a model whose states have `d` coordinates. -/
def Attention.WF (d : Nat) (A : Attention) : Prop :=
  (∀ H ∈ A.heads, H.WF d) ∧ 1 ≤ A.weightedBits ∧ A.out.WF A.outDim d

instance (d A) : Decidable (Attention.WF d A) := inferInstanceAs (Decidable (_ ∧ _))

/-- A local sublayer of a model whose states have `d` coordinates. -/
def Local.WF (d : Nat) : Local → Prop
  | norm _ => True
  | feedForward _ up down => up.WF d up.rows.length ∧ down.WF up.rows.length d

instance (d) : DecidablePred (Local.WF d)
  | .norm _ => inferInstanceAs (Decidable True)
  | .feedForward .. => inferInstanceAs (Decidable (_ ∧ _))

/-- A layer of a model whose states have `d` coordinates. -/
def Layer.WF (d : Nat) (L : Layer) : Prop := L.attention.WF d ∧ ∀ l ∈ L.locals, l.WF d

instance (d L) : Decidable (Layer.WF d L) := inferInstanceAs (Decidable (_ ∧ _))

/-- A model whose dimensions agree, with at least one bit for each signed number. -/
def Model.WF (M : Model) : Prop :=
  1 ≤ M.width ∧ 1 ≤ M.readoutBits ∧ (∀ l ∈ M.pre, l.WF M.dim) ∧ (∀ L ∈ M.layers, L.WF M.dim) ∧
    M.readout.WF M.dim M.readout.rows.length

instance (M : Model) : Decidable M.WF := inferInstanceAs (Decidable (_ ∧ _))

end Quantised

end Logprec
