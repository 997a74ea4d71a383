import Logprec.Float.Circuit
import Logprec.Float.Lemmas

/-!
# Floats and their sums

Oracle: `tests/fixtures/float-sums.txt`, written by the numpy implementation. Covered: values of floats, truncation,
saturation on both sides, both zeros, the iterated sum and its circuit.
-/

namespace Logprec.Tests

open Float

/-! ## Values: 4 bits are mantissas -1, 0, 1 and exponents -1, 0, 1; the unit is one half -/

#guard (List.range 16).map (fun c => scaled (BitVec.ofNat 4 c)) =
  [0, 2, 0, -2, 0, 4, 0, -4, 0, 2, 0, -2, 0, 1, 0, -1]

/-! ## Truncation: exact, rounded towards zero, saturated, of zero -/

#guard truncate 4 2 = 9 ∨ truncate 4 2 = 1
#guard scaled (truncate 4 3) = 2
#guard scaled (truncate 4 (-3)) = -2
#guard scaled (truncate 4 1000) = 4
#guard scaled (truncate 4 (-1000)) = -4
#guard scaled (truncate 4 0) = 0
#guard (List.range 64).all fun c => scaled (truncate 6 (scaled (BitVec.ofNat 6 c))) = scaled (BitVec.ofNat 6 c)
-- degenerate precisions: no bit for a magnitude, so every float is zero
#guard (List.range 4).all fun c => scaled (BitVec.ofNat 2 c) = 0
#guard scaled (truncate 2 5) = 0
#guard scaled (truncate 0 5) = 0

/-! ## Sums -/

#guard sum ([] : List (BitVec 4)) = truncate 4 0
-- the exact sum is zero although each partial sum saturates
#guard scaled (sum (List.replicate 5 5#4 ++ List.replicate 5 7#4)) = 0
-- truncating after every step would give another result
#guard scaled (sum [5#4, 5#4, 7#4]) = 4

/-- A line of the fixture: `p k φ₁ … φₖ result`. -/
def checkLine (line : String) : Bool :=
  match ((line.splitOn " ").filter (· ≠ "")).map (·.toNat?.getD 0) with
  | p :: k :: rest =>
    rest.length == k + 1 && (sum ((rest.take k).map (BitVec.ofNat p))).toNat == rest.getD k 0
  | _ => false

/-- The lines of the fixture. -/
def sumLines : List String := ((include_str "../fixtures/float-sums.txt").splitOn "\n").filter (· ≠ "")

#guard 100 ≤ sumLines.length
#guard sumLines.all checkLine
-- a wrong result is noticed
#guard !checkLine "4 1 1 5"

/-! ## The circuit of the sum -/

/-- The circuit's sum of two 4-bit floats. -/
def circuitSum (φs : List Nat) : Nat :=
  ofBits ((sumCircuit 4 φs.length).eval (φs.flatMap (bits 4)))

#guard [[], [1], [3, 3], [5, 5], [7, 7], [1, 3], [13, 13], [15, 13], [5, 7, 1], [15, 15, 15]].all fun φs =>
  circuitSum φs == (sum (φs.map (BitVec.ofNat 4))).toNat

end Logprec.Tests
