import Logprec.Extract.Read
import Logprec.Quantised.Construct

/-!
# Quantised models as files

A quantised model in a file is a sequence of natural numbers, separated by white space, in the field order of
`Logprec.Quantised.Defs`. There is no header, and nothing may follow the last number.

* A natural number is written as itself; an integer `z` as `2 z` if `z ≥ 0`, as `-2 z - 1` if `z < 0`; a Boolean
  as 0 or 1.
* A list or an array is its length, then the entries; a matrix is a list of lists.
* An option is 0; or 1, then the value.
* An affine map is the list of its rows, each a bias and a list of weights, all integers; then the shift.
* A norm is the option of the centring shift, the square shift, the square bits, the table, its bits, the shift.
* A rotation is a list over positions of lists over pairs of the two integers `cos` and `sin`; then the shift.
* A head is query, key, value, the option of a rotation, and the list of what distances add, integers.
* An attention is the option of a norm, the list of heads, causal (a Boolean), the score shift, the score bits, shifted
  (a Boolean), the exponentials, their bits, the sum bits, the reciprocals, their bits, the weighted bits, the mean
  shift, the output projection.
* A local sublayer is 0 and a norm; or 1 and a feed-forward network: the option of a norm, the map up, the map down.
* A layer is an attention and the list of local sublayers.
* A model is the bits of a symbol, the dimension, the width, the embedding, the positions (two matrices of integers),
  the list of first local sublayers, the list of layers, the readout, the readout bits.

A shift or a number of bits is at most 64, and the number of bits of a symbol at most 26. The model must be well-formed
(`Model.WF`).
-/

namespace Logprec.Extract

open Logprec.Quantised

/-- The next number, at most `greatest`. -/
def nextUpTo (greatest : Nat) (what : String) : Reader Nat := do
  let x ← next what
  if x > greatest then throw s!"{what} is {x}, more than {greatest}"
  return x

/-- A shift or a number of bits. -/
def nextBits (what : String) : Reader Nat := nextUpTo 64 what

/-- A list, after its length. Every entry takes at least one number. -/
def nextArray {α : Type} (what : String) (entry : Reader α) : Reader (Array α) := do
  let count ← next s!"the length of {what}"
  if count > (← read).size - (← get) then throw s!"{what} has {count} entries, but the model ends before"
  let mut out := #[]
  for _ in [0:count] do out := out.push (← entry)
  return out

/-- A list of lists of something, after its length; the entry is given its number. -/
def nextList {α : Type} (what : String) (entry : Nat → Reader α) : Reader (List α) := do
  let count ← next s!"the number of {what}"
  if count > (← read).size - (← get) then throw s!"there are {count} {what}, but the model ends before"
  let mut out := #[]
  for i in [0:count] do out := out.push (← entry i)
  return out.toList

/-- An option, after 0 or 1. -/
def nextOption {α : Type} (what : String) (value : Reader α) : Reader (Option α) := do
  if (← nextUpTo 1 s!"whether there is {what}") = 0 then return none else return some (← value)

/-- An affine map. -/
def nextAffine (what : String) : Reader Affine := do
  let weights := s!"a row of {what}"
  let bias := s!"a bias of {what}"
  let weight := s!"a weight of {what}"
  let rows ← nextArray what do return (← nextInt bias, (← nextArray weights (nextInt weight)).toList)
  return { rows := rows.toList, shift := ← nextBits s!"the shift of {what}" }

/-- A table of natural numbers. -/
def nextTable (what : String) : Reader (Array Nat) := nextArray what (next what)

/-- A norm. -/
def nextNorm (what : String) : Reader Norm :=
  return {
    centre := ← nextOption s!"centring in {what}" (nextBits s!"the shift of the centring in {what}")
    squareShift := ← nextBits s!"the square shift of {what}"
    squareBits := ← nextBits s!"the square bits of {what}"
    rsqrt := ← nextTable s!"the table of {what}"
    rsqrtBits := ← nextBits s!"the table bits of {what}"
    shift := ← nextBits s!"the shift of {what}" }

/-- Rotary positions. -/
def nextRotation (what : String) : Reader Rotation := do
  let pair : Reader (Int × Int) := return (← nextInt what, ← nextInt what)
  return {
    table := ← nextArray what (nextArray s!"a position of {what}" pair)
    shift := ← nextBits s!"the shift of {what}" }

/-- An attention head. -/
def nextHead (what : String) : Reader Quantised.Head :=
  return {
    query := ← nextAffine s!"the query of {what}"
    key := ← nextAffine s!"the key of {what}"
    value := ← nextAffine s!"the value of {what}"
    rotation := ← nextOption s!"a rotation in {what}" (nextRotation s!"the rotation of {what}")
    distance := ← nextArray s!"the distances of {what}" (nextInt s!"the distances of {what}") }

/-- Multi-head attention. -/
def nextAttention (what : String) : Reader Attention :=
  return {
    norm := ← nextOption s!"a norm in {what}" (nextNorm s!"the norm of {what}")
    heads := ← nextList s!"heads of {what}" fun h => nextHead s!"head {h} of {what}"
    causal := (← nextUpTo 1 s!"the mask of {what}") = 1
    scoreShift := ← nextBits s!"the score shift of {what}"
    scoreBits := ← nextBits s!"the score bits of {what}"
    shifted := (← nextUpTo 1 s!"whether scores of {what} are shifted") = 1
    exp := ← nextTable s!"the exponentials of {what}"
    expBits := ← nextBits s!"the bits of the exponentials of {what}"
    sumBits := ← nextBits s!"the sum bits of {what}"
    recip := ← nextTable s!"the reciprocals of {what}"
    recipBits := ← nextBits s!"the bits of the reciprocals of {what}"
    weightedBits := ← nextBits s!"the weighted bits of {what}"
    meanShift := ← nextBits s!"the mean shift of {what}"
    out := ← nextAffine s!"the output projection of {what}" }

/-- What happens at each position on its own. -/
def nextLocal (what : String) : Reader Local := do
  if (← nextUpTo 1 s!"the kind of {what}") = 0 then return .norm (← nextNorm what)
  let norm ← nextOption s!"a norm in {what}" (nextNorm s!"the norm of {what}")
  let up ← nextAffine s!"the map up of {what}"
  return .feedForward norm up (← nextAffine s!"the map down of {what}")

/-- A layer. -/
def nextLayer (what : String) : Reader Quantised.Layer := do
  let attention ← nextAttention s!"the attention of {what}"
  let locals ← nextList s!"local sublayers of {what}" fun l => nextLocal s!"local sublayer {l} of {what}"
  return { attention, locals }

/-- A matrix. -/
def nextMatrix (what : String) : Reader (Array (Array Int)) :=
  nextArray what (nextArray s!"a row of {what}" (nextInt what))

/-- The model, if it is well-formed; otherwise a message that says where dimensions disagree. -/
def checked (M : Model) : Reader Model := do
  if M.WF then return M
  if M.width = 0 then throw "the width must be at least 1"
  if M.readoutBits = 0 then throw "the readout bits must be at least 1"
  if let some l := M.pre.findIdx? (¬ Local.WF M.dim ·) then
    throw s!"first local sublayer {l}: a matrix has the wrong number of rows or columns"
  for (L, l) in M.layers.zipIdx do
    if L.attention.weightedBits = 0 then throw s!"layer {l}: the weighted bits must be at least 1"
    if let some h := L.attention.heads.findIdx? (¬ Head.WF M.dim ·) then
      throw s!"layer {l}, head {h}: a matrix has the wrong number of rows or columns"
    unless L.attention.out.WF L.attention.outDim M.dim do
      throw s!"layer {l}: the output projection has the wrong number of rows or columns"
    if let some k := L.locals.findIdx? (¬ Local.WF M.dim ·) then
      throw s!"layer {l}, local sublayer {k}: a matrix has the wrong number of rows or columns"
  throw "a row of the readout has the wrong number of weights"

/-- A well-formed quantised model. -/
def nextModel : Reader Model := do
  let M : Model := {
    symbolBits := ← nextUpTo 26 "the number of bits of a symbol"
    dim := ← next "the dimension"
    width := ← nextBits "the width"
    embedding := ← nextMatrix "the embedding"
    positions := ← nextMatrix "the positions"
    pre := ← nextList "first local sublayers" fun l => nextLocal s!"first local sublayer {l}"
    layers := ← nextList "layers" fun l => nextLayer s!"layer {l}"
    readout := ← nextAffine "the readout"
    readoutBits := ← nextBits "the readout bits" }
  done "the readout bits"
  checked M

/-- The outputs, by the definition, on words of length `n`, one a line. -/
def runQuantised (M : Model) (n : Nat) : IO Unit :=
  forWords n M.symbolBits fun word => IO.println (" ".intercalate ((M.outputs word).map toString))

/-- The outputs, through the integer network, on words of length `n`, one a line. -/
def runNetwork (M : Model) (n : Nat) : IO Unit := do
  let N := M.network n
  let outputs := fun word => (N.eval word).map fun (x : Nat) => toString ((x : Int) - 2 ^ (M.readoutBits - 1))
  forWords n M.symbolBits fun word => IO.println (" ".intercalate (outputs word))

end Logprec.Extract
