import Logprec.Rotary.Fixed

/-!
# Cosine and sine against known digits

The fixed-point cosine and sine against the first 15 decimals of the exact values, for positive and negative
multiples, the multiple 0 (exact), the greatest multiple that is allowed, and a frequency below 1; and the sequence
that the error bound speaks of. A wrong angle and a wrong sign must not pass.
-/

namespace Logprec.Tests

open Rotary

/-- Whether `v`, in units of `2 ^ -P`, is within one unit of the decimal number `digits / 10 ^ 15`. -/
def withinUnit (P : Nat) (v digits : Int) : Bool := (v * 10 ^ 15 - digits * 2 ^ P).natAbs ≤ 10 ^ 15 + 2 ^ P

-- multiples of the angle 1
#guard withinUnit 40 (cosSin 40 4 1 1 1).1 540302305868139
#guard withinUnit 40 (cosSin 40 4 1 1 1).2 841470984807896
#guard withinUnit 40 (cosSin 40 4 1 1 7).1 753902254343304
#guard withinUnit 40 (cosSin 40 4 1 1 7).2 656986598718789
-- negative multiples: the sine changes its sign
#guard withinUnit 40 (cosSin 40 4 1 1 (-7)).1 753902254343304
#guard withinUnit 40 (cosSin 40 4 1 1 (-7)).2 (-656986598718789)
-- the greatest multiple that is allowed, and another frequency with the same angle
#guard withinUnit 40 (cosSin 40 4 1 1 16).1 (-957659480323384)
#guard withinUnit 40 (cosSin 40 11 1 100 1600).1 (-957659480323384)
#guard withinUnit 40 (cosSin 40 11 1 100 1600).2 (-287903316665065)
-- the multiple 0 and the frequency 0 are exact
#guard cosSin 40 4 1 1 0 = (2 ^ 40, 0)
#guard cosSin 40 4 0 1 13 = (2 ^ 40, 0)
-- without fraction bits: rounded to units
#guard cosSin 0 2 1 1 3 = (-1, 0)
-- planted faults: a neighbouring angle, a wrong sign, a result that is off by two units
#guard !withinUnit 40 (cosSin 40 4 1 1 6).1 753902254343304
#guard !withinUnit 40 (cosSin 40 4 1 1 7).2 (-656986598718789)
#guard !withinUnit 40 ((cosSin 40 4 1 1 7).1 + 2) 753902254343304
-- the kernel computes the same
example : cosSin 10 3 1 1 7 = (772, 673) := by decide

-- the sequence of the error bound tends to the cosine and the sine of 1: it is within 1 / 2 ^ 10 at index 10
#guard decide (2 ^ 10 * ((expI 10 1).re - 540302305868139 / 10 ^ 15) ≤ 1)
#guard decide (-1 ≤ 2 ^ 10 * ((expI 10 1).re - 540302305868139 / 10 ^ 15))
#guard decide (2 ^ 10 * ((expI 10 1).im - 841470984807896 / 10 ^ 15) ≤ 1)
#guard decide (-1 ≤ 2 ^ 10 * ((expI 10 1).im - 841470984807896 / 10 ^ 15))

-- the error bound has instances: its hypotheses hold for the angle 7 and 20 fraction bits
example (m : Nat) (hm : 28 ≤ m) :
    Near (cosSin 20 3 1 1 7).1 (2 ^ 20 * (expI m ((7 : Int) * ((1 : Nat) / (1 : Nat)))).re) 1 :=
  (cosSin_near (by decide) (by decide) (by decide) hm).1

end Logprec.Tests
