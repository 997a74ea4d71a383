import Logprec.Float.Operations
import Logprec.Transformer.Mask

/-!
# Transformers with softmax attention, in floats

The paper's transformer with nothing left open: similarity `exp (q · k / √d - slope · (i - j))`, weighting `s / Z · v`,
a causal mask, ALiBi positions (Press et al. 2022), several heads with output projections, layer norm in front of the
attention and of the feed-forward network (as in GPT-2), residual connections, ReLU. All numbers are the paper's `p`-bit
floats with `p = c · (⌊log₂ n⌋ + 1)`, and every operation rounds (`Logprec.Float.Operations`); finite sums within a
position are taken from left to right, and the sums over positions are the iterated sums `⊕` of `Head.attend`.

The formulas are written once, for any kind of number with these operations (`Arithmetic`): floats here, and expressions
that denote floats in `Logprec.Softmax.Expr`.
-/

namespace Logprec

/-- A weight `(m, e)` is the number `m · 2 ^ e`. As a float it is exact for all large `n`. -/
abbrev Weight := Int × Int

/-- Numbers with the operations of a transformer. -/
class Arithmetic (α : Type) where
  /-- A constant. -/
  weight : Weight → α
  /-- The sum. -/
  add : α → α → α
  /-- The negative. -/
  neg : α → α
  /-- The product. -/
  mul : α → α → α
  /-- The quotient. -/
  div : α → α → α
  /-- The square root. -/
  sqrt : α → α
  /-- The exponential. -/
  exp : α → α
  /-- The positive part. -/
  relu : α → α

/-- The operations of `p`-bit floats. -/
instance (p : Nat) : Arithmetic (BitVec p) where
  weight := Float.ofWeight p
  add := Float.add
  neg := Float.neg
  mul := Float.mul
  div := Float.div
  sqrt := Float.sqrt
  exp := Float.exp
  relu := Float.relu

/-- A matrix: its rows. -/
abbrev Matrix := List (List Weight)

/-- The parameters of a layer norm. -/
structure Norm where
  /-- The factors. -/
  gain : List Weight
  /-- What is added. -/
  bias : List Weight
  /-- What is added to the variance. -/
  epsilon : Weight

/-- The parameters of a feed-forward network. -/
structure FeedForward where
  /-- The first matrix. -/
  first : Matrix
  /-- The first bias. -/
  firstBias : List Weight
  /-- The second matrix. -/
  second : Matrix
  /-- The second bias. -/
  secondBias : List Weight

/-- The parameters of a head. -/
structure SoftmaxHead where
  /-- The matrix of queries. Its number of rows is `d`. -/
  query : Matrix
  /-- The matrix of keys. -/
  key : Matrix
  /-- The matrix of values. It has at most as many rows as a state has coordinates. -/
  value : Matrix
  /-- The output projection. -/
  output : Matrix
  /-- The slope of ALiBi: the penalty for a distance of one position. -/
  slope : Weight

/-- The parameters of a layer. -/
structure SoftmaxLayer where
  /-- The heads. -/
  heads : List SoftmaxHead
  /-- The layer norm in front of the attention. -/
  attentionNorm : Norm
  /-- The layer norm in front of the feed-forward network. -/
  feedForwardNorm : Norm
  /-- The feed-forward network. -/
  feedForward : FeedForward

namespace Arithmetic

variable {α : Type} [Arithmetic α]

/-- The sum of a list, from left to right. -/
def total (xs : List α) : α := xs.foldl add (weight (0, 0))

/-- The inner product. -/
def dot (xs ys : List α) : α := total (List.zipWith mul xs ys)

/-- The sum of two vectors. -/
def plus (xs ys : List α) : List α := List.zipWith add xs ys

/-- A matrix times a vector. -/
def apply (W : Matrix) (xs : List α) : List α := W.map fun row => dot (row.map weight) xs

/-- The mean. -/
def mean (xs : List α) : α := div (total xs) (weight (xs.length, 0))

/-- The vector without its mean. -/
def center (xs : List α) : List α := xs.map fun x => add x (neg (mean xs))

/-- Layer norm: the centered vector, divided by the root of its mean square plus epsilon, times the gain, plus the bias.
-/
def layerNorm (N : Norm) (xs : List α) : List α :=
  let r := sqrt (add (mean ((center xs).map fun x => mul x x)) (weight N.epsilon))
  plus (List.zipWith mul (N.gain.map weight) ((center xs).map fun x => div x r)) (N.bias.map weight)

/-- The feed-forward network. -/
def feedForward (F : FeedForward) (xs : List α) : List α :=
  plus (apply F.second ((plus (apply F.first xs) (F.firstBias.map weight)).map relu)) (F.secondBias.map weight)

/-- The logit of a pair of states at a distance: `q · k / √d - slope · distance`. -/
def logit (N : Norm) (H : SoftmaxHead) (distance : α) (x y : List α) : α :=
  add (div (dot (apply H.query (layerNorm N x)) (apply H.key (layerNorm N y))) (sqrt (weight (H.query.length, 0))))
    (neg (mul (weight H.slope) distance))

/-- The summand of a position: `s / Z · v`, where `v` is its value. -/
def weighted (N : Norm) (H : SoftmaxHead) (s Z : α) (y : List α) : List α :=
  (apply H.value (layerNorm N y)).map fun v => mul (div s Z) v

/-- The state after the attention: the projections of what the heads computed are added to the old one. -/
def attended (heads : List SoftmaxHead) (as : List (List α)) (x : List α) : List α :=
  (List.zipWith (fun H a => apply H.output a) heads as).foldl plus x

/-- The new state: the feed-forward network is added. -/
def newState (L : SoftmaxLayer) (as : List (List α)) (x : List α) : List α :=
  let y := attended L.heads as x
  plus y (feedForward L.feedForward (layerNorm L.feedForwardNorm y))

end Arithmetic

namespace State

/-- The coordinates of a vector. -/
def toList {D p : Nat} (h : State D p) : List (BitVec p) := (List.range D).map h.coord

/-- The vector with the given coordinates, filled up with zeros. -/
def ofList (D p : Nat) (xs : List (BitVec p)) : State D p := ofCoords D p fun d => xs.getD d 0

end State

/-- The parameters of a transformer with softmax attention. -/
structure SoftmaxTransformer where
  /-- The alphabet is all strings of this many bits. -/
  symbolBits : Nat
  /-- The number of coordinates of a state. -/
  dim : Nat
  /-- Floats have `precision · (⌊log₂ n⌋ + 1)` bits. -/
  precision : Nat
  /-- These are at least 4 bits. -/
  four_le : 4 ≤ precision
  /-- The embedding of the symbols: row `σ` for the symbol `σ`. -/
  embedding : Matrix
  /-- The layers. -/
  layers : List SoftmaxLayer
  /-- The layer norm in front of the readout. -/
  finalNorm : Norm
  /-- A word is accepted if the inner product of this vector with the last state of the last position is positive. -/
  readout : List Weight

namespace SoftmaxTransformer

open Arithmetic

/-- The number of bits of a float. -/
def prec (S : SoftmaxTransformer) (n : Nat) : Nat := S.precision * (n.log2 + 1)

/-- A head, before it is masked: similarity `exp` of the logit, weighting `s / Z · v`. -/
def toHead (S : SoftmaxTransformer) (N : Norm) (H : SoftmaxHead) : Head S.dim S.prec where
  similarity n i j hi hj := Float.exp (logit N H (Float.ofNat (S.prec n) (i - j)) hi.toList hj.toList)
  weighting n _ _ s Z hj := State.ofList S.dim (S.prec n) (weighted N H s Z hj.toList)

/-- A layer: its heads have causal attention. -/
def toBlock (S : SoftmaxTransformer) (L : SoftmaxLayer) : Block S.dim S.prec where
  heads := L.heads.map fun H => (S.toHead L.attentionNorm H).causal
  activation n _ as hi := State.ofList S.dim (S.prec n) (newState L (as.map State.toList) hi.toList)

/-- The transformer. -/
def toTransformer (S : SoftmaxTransformer) : Transformer where
  symbolBits := S.symbolBits
  dim := S.dim
  prec := S.prec
  embed n _ σ := State.ofList S.dim (S.prec n)
    ((List.range S.dim).map fun d => Float.ofWeight (S.prec n) ((S.embedding.getD σ.toNat []).getD d (0, 0)))
  blocks := S.layers.map S.toBlock
  accept n h := decide (0 < Float.scaled (dot (S.readout.map (Float.ofWeight (S.prec n)))
    (layerNorm S.finalNorm h.toList)))

/-- **Softmax attention**: at position `i`, with `Z` the sum `⊕` of the exponentials of the logits of the positions `j ≤
i`, the head computes the sum `⊕` over these positions of `s / Z` times the value. -/
theorem attend_toHead (S : SoftmaxTransformer) (N : Norm) (H : SoftmaxHead) (n : Nat)
    (h : Nat → State S.dim (S.prec n)) (i : Nat) :
    (S.toHead N H).causal.attend n h i =
      let js := (List.range n).filter fun j => decide (j ≤ i)
      let s := fun j => Float.exp (logit N H (Float.ofNat (S.prec n) (i - j)) (h i).toList (h j).toList)
      let Z := Float.sum (js.map s)
      State.sum (js.map fun j => State.ofList S.dim (S.prec n) (weighted N H (s j) Z (h j).toList)) :=
  (S.toHead N H).attend_masked _ n h i

/-- The precision is logarithmic. -/
theorem logPrecision (S : SoftmaxTransformer) : S.toTransformer.LogPrecision S.precision := fun _ => Nat.le_refl _

end SoftmaxTransformer

end Logprec
