import Logprec.Arith.Table

/-!
# Counting ones

The number of ones among a few wires, in binary, in depth 2: this is what shrinks the columns of a sum. Bit `u` of a
count `s` is the parity of `⌊s / 2 ^ u⌋`, and that is the number of odd multiples of `2 ^ u` up to `s` less the number
of even ones. Only the odd multiples of 1 need no second gate, so this is smaller than the general `Circuit.table`.
-/

namespace Logprec.Circuit

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

end Logprec.Circuit
