import Logprec.Arith.IteratedSum
import Logprec.Network.Counter

/-!
# Weighted sums of bits

The sum of bits with known weights, in constant depth. A bit of weight `k` belongs to the columns `c` for which bit `c`
of `k` is set: multiplying by a constant costs nothing. A round cuts the columns into chunks and replaces every chunk by
the binary count of its ones, whose bits belong to this column and the next ones. After a few rounds the columns are so
short that the iterated sum of their rows is cheap.

This is the column compression of carry-save multipliers (Dadda 1965), with counters instead of full adders, which
threshold gates make as flat as full adders.
-/

namespace Logprec.Circuit

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

end Logprec.Circuit
