/-!
# The paper's floats

A `p`-bit float is a `p`-bit string ⟨m, e⟩: mantissa in the low `p/2` bits, exponent in the next `p/2` bits,
both signed integers, with value `m · 2 ^ e` (Merrill & Sabharwal 2023, Appendix A). No normal form is asked
for, and there is no infinity and no NaN. A sum is the exact integer sum of the rescaled floats, followed by
one truncation (their Definition 15).

Three corrections to the wording of the paper, whose Lemma 4 is false as printed. `Logprec.Float.Literal` shows inputs
on which each literal reading fails: the first two fail Lemma 4 (for exact sums), the third gives a sum the wrong sign.

* a signed `q`-bit integer is a sign bit and a magnitude of `q - 1` bits, so the greatest is `2 ^ (q-1) - 1`
  (the paper: `2 ^ q - 1`, which needs `q + 1` bits by its own `sizeof`);
* the mantissa is shifted towards zero (an arithmetic shift of a negative number rounds away from zero, and
  can need one bit more than the exponent accounts for);
* a sum that is too large in magnitude saturates on the side of its sign (the paper's clause sends every
  overflow to the greatest float, also a negative one).
-/

namespace Logprec.Float

/-- The greatest signed `q`-bit integer, `2 ^ (q-1) - 1`; the least is its negative. -/
def imax (q : Nat) : Nat := 2 ^ (q - 1) - 1

/-- The magnitude of a signed `q`-bit integer: its low `q - 1` bits. -/
def magnitude (q code : Nat) : Nat := code % 2 ^ (q - 1)

/-- The sign of a signed `q`-bit integer: bit `q - 1`, set for a negative number. -/
def sign (q code : Nat) : Bool := code.testBit (q - 1)

/-- The integer that a `q`-bit string denotes. There are two zeros. -/
def toInt (q code : Nat) : Int :=
  if sign q code then -(magnitude q code : Int) else magnitude q code

/-- The `q`-bit string of an integer of the given sign and magnitude. -/
def ofSigned (q : Nat) (neg : Bool) (mag : Nat) : Nat :=
  if q = 0 then 0 else neg.toNat * 2 ^ (q - 1) + mag % 2 ^ (q - 1)

/-- Mantissa of a `p`-bit float. -/
def mantissa {p : Nat} (φ : BitVec p) : Int := toInt (p / 2) (φ.toNat % 2 ^ (p / 2))

/-- Exponent of a `p`-bit float. -/
def exponent {p : Nat} (φ : BitVec p) : Int := toInt (p / 2) (φ.toNat / 2 ^ (p / 2) % 2 ^ (p / 2))

/-- `g_p` (Definition 13): the float as an exact integer, in units of the smallest power of two that occurs. -/
def scaled {p : Nat} (φ : BitVec p) : Int :=
  mantissa φ * 2 ^ (exponent φ + imax (p / 2)).toNat

/-- How far an integer of magnitude `a` is shifted so that it fits `q` bits with its sign. -/
def shiftFor (q a : Nat) : Nat := (if a = 0 then 0 else a.log2 + 1) - (q - 1)

/-- The float with the given sign, mantissa magnitude `m` and exponent `k - imax q`, `k ≤ 2 · imax q`. -/
def pack (p : Nat) (neg : Bool) (m k : Nat) : BitVec p :=
  let q := p / 2
  BitVec.ofNat p (ofSigned q neg m + 2 ^ q *
    if k < imax q then ofSigned q true (imax q - k) else ofSigned q false (k - imax q))

/-- `f_p` (Definition 14, corrected): an integer in the units of `scaled`, truncated towards zero to a `p`-bit
float, saturating on the side of its sign. -/
def truncate (p : Nat) (z : Int) : BitVec p :=
  let I := imax (p / 2)
  let k := shiftFor (p / 2) z.natAbs
  if k ≤ 2 * I then pack p (z < 0) (z.natAbs >>> k) k else pack p (z < 0) I (2 * I)

/-- `⊕` (Definition 15), the iterated sum of floats: exact, then truncated once, so the order of the summands
does not matter. -/
def sum {p : Nat} (φs : List (BitVec p)) : BitVec p :=
  truncate p (φs.map scaled).sum

end Logprec.Float
