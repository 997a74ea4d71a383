import Logprec.Extract.Quantised
import Logprec.Quantised.Exp
import Logprec.Quantised.LinearSpace

/-!
# Quantised models, run

Small models, their networks, their tables of exponentials, their transformers and their files agree; and a change of
mask or of attention is seen.
-/

namespace LogprecTests.Quantised

open Logprec Logprec.Quantised

/-- Layer norm of two coordinates of 4 bits. -/
def layerNorm : Norm where
  centre := some 1
  squareShift := 3
  squareBits := 4
  rsqrt := #[15, 12, 9, 7, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2] -- none for the greatest sum
  rsqrtBits := 4
  shift := 3

/-- Two causal heads, one rotated, one with distances, and a feed-forward network. -/
def first : Quantised.Layer where
  attention := {
    norm := some layerNorm
    heads := [
      { query := ⟨[(1, [3, -2]), (0, [1, 1])], 1⟩, key := ⟨[(-1, [2, 1]), (2, [-3, 1])], 1⟩
        value := ⟨[(0, [1, -1])], 0⟩
        rotation := some ⟨#[#[(4, 0)], #[(2, 3)], #[(-2, 3)]], 2⟩, distance := #[] },
      { query := ⟨[(0, [1, 2])], 0⟩, key := ⟨[(1, [-1, 1])], 0⟩, value := ⟨[(1, [2, 1]), (-1, [0, 3])], 1⟩
        rotation := none, distance := #[0, -4, -8] }]
    causal := true
    scoreShift := 2
    scoreBits := 3
    shifted := false
    exp := #[0, 0, 1, 1, 2, 3, 5, 7]
    expBits := 3
    sumBits := 5
    recip := #[0, 16, 8, 5, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]
    recipBits := 5
    weightedBits := 6
    meanShift := 2
    out := ⟨[(1, [1, 2, -1]), (0, [-1, 1, 1])], 2⟩ }
  locals := [.feedForward (some { layerNorm with centre := none }) ⟨[(0, [1, 1]), (2, [-2, 1]), (-1, [1, -3])], 1⟩
    ⟨[(1, [1, -1, 2]), (1, [2, 1, -1])], 2⟩]

/-- One head that attends to all positions, and a norm after it. -/
def second : Quantised.Layer where
  attention := {
    norm := none
    heads := [{ query := ⟨[(0, [2, 0])], 0⟩, key := ⟨[(0, [0, 2])], 0⟩, value := ⟨[(0, [1, 2]), (0, [3, -1])], 1⟩
                rotation := none, distance := #[] }]
    causal := false
    scoreShift := 3
    scoreBits := 3
    shifted := false
    exp := #[1, 1, 1, 2, 3, 4, 6, 9] -- the last one is cut to 3 bits
    expBits := 3
    sumBits := 4
    recip := #[3, 8, 4, 3, 2, 2, 1, 1, 1, 1]
    recipBits := 4
    weightedBits := 5
    meanShift := 3
    out := ⟨[(0, [1, 0]), (0, [0, -2])], 2⟩ }
  locals := [.norm { layerNorm with centre := none }]

/-- Two layers on states of two coordinates of 4 bits, with one bit for a symbol. -/
def model : Model where
  symbolBits := 1
  dim := 2
  width := 4
  embedding := #[#[5, -3], #[-6, 2]]
  positions := #[#[1, 0], #[-2, 7], #[3]]
  pre := [.norm { layerNorm with centre := none, shift := 2 }]
  layers := [first, second]
  readout := ⟨[(-1, [3, 2]), (3, [-1, 1])], 0⟩
  readoutBits := 5

/-- All words of `n` symbols of one bit. -/
def words : Nat → List (List Nat)
  | 0 => [[]]
  | n + 1 => (words n).flatMap fun w => [0 :: w, 1 :: w]

#guard model.WF
#guard model.embed 1 0 = [3, 4] && model.embed 1 1 = [-8, 7] && model.embed 2 1 = [-3, 2] && model.embed 3 1 = [-6, 2]
-- outputs differ, and depend on the order of the symbols and on all of them
#guard ((words 3).map model.outputs).eraseDups.length > 3
#guard model.outputs [0, 0, 1] != model.outputs [0, 1, 1] && model.outputs [0, 1, 0] != model.outputs [1, 0, 0]

/-! ## As a network -/

/-- The outputs through the network. -/
def throughNetwork (M : Model) (word : List Nat) : List Int :=
  ((M.network word.length).eval word).map fun (x : Nat) => (x : Int) - 2 ^ (M.readoutBits - 1)

#guard (words 0 ++ words 1 ++ words 2 ++ words 3).all fun w => throughNetwork model w = model.outputs w
-- the theorem applies to this model
example (word : List Nat) (h : ∀ σ ∈ word, σ < 2 ^ model.symbolBits) :
    (model.network word.length).eval word = (model.outputs word).map fun z => (z + 2 ^ (model.readoutBits - 1)).toNat :=
  model.eval_network (by decide) h
-- not the same without the mask
#guard (words 3).any fun w =>
  throughNetwork { model with layers := [{ first with attention.causal := false }, second] } w != model.outputs w

/-- The model with scores that are shifted in both layers, or in the second one only. -/
def shifted (both causal : Bool) : Model :=
  let first := { first with
    attention.causal := causal, attention.shifted := both, attention.meanShift := 0, attention.scoreShift := 0 }
  { model with layers := [first, { second with attention.shifted := true }] }

#guard [true, false].all fun causal => (words 0 ++ words 1 ++ words 2 ++ words 3).all fun w =>
  throughNetwork (shifted true causal) w = (shifted true causal).outputs w
-- not the same when scores are not shifted
#guard [true, false].any fun causal => (words 3).any fun w =>
  throughNetwork (shifted false causal) w != (shifted true causal).outputs w
-- average-hard attention: weights are 1 where the score is greatest, among the positions that are seen
def averageHard : Attention := { first.attention with shifted := true, exp := #[0, 0, 0, 0, 0, 0, 0, 1], expBits := 1 }
#guard (List.range 5).map (averageHard.weight 5 3 (#[2, 6, 1, 6, 7][·]!)) = [0, 1, 0, 1, 0]
#guard (List.range 5).map ({ averageHard with causal := false }.weight 5 3 (#[2, 6, 1, 6, 7][·]!)) = [0, 0, 0, 0, 1]
#guard (List.range 3).map (averageHard.weight 3 2 fun _ => 0) = [1, 1, 1]

/-! ## Exponentials -/

-- 255 · e ^ (s - 7), rounded
#guard expTable 20 3 8 7 1 1 = #[0, 1, 2, 5, 13, 35, 94, 255]
-- the greatest weight from the peak on; a step of 0 gives it everywhere
#guard expTable 20 3 4 5 3 2 = #[0, 0, 0, 1, 3, 15, 15, 15] && expTable 20 2 4 3 0 1 = #[15, 15, 15, 15]
-- with few squarings it is the power, not the exponential: (1 - 1/2)^2, (1 - 2/2)^2
#guard expTable 1 2 8 3 1 1 = #[0, 0, 64, 255]
-- the theorem applies
example : 2 * 2 ^ 2 * ((2 ^ 8 - 1) * (1 * 2 ^ 2 - (7 - 5) * 1) ^ 2 ^ 2) ≤
    (2 * 2 ^ 2 * (expTable 2 3 8 7 1 1).getD 5 0 + (2 ^ 2 + 1)) * (1 * 2 ^ 2) ^ 2 ^ 2 :=
  (expTable_near (by decide) (by decide) (by decide)).1
#guard (expTable 2 3 8 7 1 1).getD 5 0 = 16 -- 255 / 16

/-! ## As a transformer -/

#guard (words 0 ++ words 1 ++ words 2).all fun w =>
  model.toTransformer.accepts (w.map (BitVec.ofNat 1)) == model.accepts w
-- states of the transformer are the states of the model, and have coordinates for what a head sums
#guard model.stateDim = 3 && model.precision 4 = 26
example (word : List (BitVec 1)) : model.toTransformer.accepts word = model.accepts (word.map BitVec.toNat) :=
  model.accepts_toTransformer (by decide) word
example : Class.LogUniformTC0 model.toTransformer.language := model.language_mem_logUniformTC0 (by decide)

/-! ## Files -/

/-- An integer as it is written in a file. -/
def int (z : Int) : List Nat := [if 0 ≤ z then 2 * z.toNat else (-2 * z - 1).toNat]

/-- A list as it is written in a file. -/
def list {α : Type} (f : α → List Nat) (l : List α) : List Nat := l.length :: l.flatMap f

/-- An array as it is written in a file. -/
def array {α : Type} (f : α → List Nat) (a : Array α) : List Nat := list f a.toList

/-- An option as it is written in a file. -/
def option {α : Type} (f : α → List Nat) : Option α → List Nat
  | none => [0]
  | some a => 1 :: f a

/-- An affine map as it is written in a file. -/
def affine (A : Affine) : List Nat := list (fun r => int r.1 ++ list int r.2) A.rows ++ [A.shift]

/-- A norm as it is written in a file. -/
def norm (N : Norm) : List Nat :=
  option (fun s => [s]) N.centre ++ [N.squareShift, N.squareBits] ++ array ([·]) N.rsqrt ++ [N.rsqrtBits, N.shift]

/-- A head as it is written in a file. -/
def head (H : Quantised.Head) : List Nat :=
  affine H.query ++ affine H.key ++ affine H.value ++
    option (fun R => array (array fun p => int p.1 ++ int p.2) R.table ++ [R.shift]) H.rotation ++ array int H.distance

/-- A local sublayer as it is written in a file. -/
def sublayer : Local → List Nat
  | .norm N => 0 :: norm N
  | .feedForward N up down => 1 :: option norm N ++ affine up ++ affine down

/-- A layer as it is written in a file. -/
def layer (L : Quantised.Layer) : List Nat :=
  let A := L.attention
  option norm A.norm ++ list head A.heads ++ [A.causal.toNat, A.scoreShift, A.scoreBits, A.shifted.toNat] ++
    array ([·]) A.exp ++ [A.expBits, A.sumBits] ++ array ([·]) A.recip ++
    [A.recipBits, A.weightedBits, A.meanShift] ++ affine A.out ++ list sublayer L.locals

/-- A model as it is written in a file. -/
def file (M : Model) : List Nat :=
  [M.symbolBits, M.dim, M.width] ++ array (array int) M.embedding ++ array (array int) M.positions ++
    list sublayer M.pre ++ list layer M.layers ++ affine M.readout ++ [M.readoutBits]

/-- The model that a file holds, or what is wrong with it. -/
def read (numbers : List Nat) : Except String Model := (Extract.nextModel.run numbers.toArray).run' 0

/-- What is wrong with a file. -/
def message (numbers : List Nat) : String :=
  match read numbers with
  | .ok _ => ""
  | .error e => e

#guard (read (file model)).toOption = some model
#guard message (file model ++ [0]) = "the model goes on after the readout bits: 1 more numbers"
#guard (List.range (file model).length).all fun k => message ((file model).take k) != ""
#guard message ((file model).dropLast) = "the model ends before the readout bits"
#guard message (file { model with width := 65 }) = "the width is 65, more than 64"
#guard message (file { model with width := 0 }) = "the width must be at least 1"
#guard message (file { model with dim := 3 }) =
  "layer 0, head 0: a matrix has the wrong number of rows or columns"
#guard message (file { model with readout := ⟨[(0, [1])], 0⟩ }) = "a row of the readout has the wrong number of weights"
#guard message (file { model with layers := [first, { second with locals := [.feedForward none ⟨[], 0⟩ ⟨[], 0⟩] }] }) =
  "layer 1, local sublayer 0: a matrix has the wrong number of rows or columns"
#guard message [1, 2, 4, 1000000000] = "the embedding has 1000000000 entries, but the model ends before"

end LogprecTests.Quantised
