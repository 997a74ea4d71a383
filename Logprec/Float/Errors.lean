import Logprec.Float.Operations

/-!
# The errors of sums, products, quotients and square roots of floats

Each of these is the exact result, rounded towards zero to a number of units (the least positive float), and then
truncated once. So without overflow its relative error is that of one truncation, `2 ^ (-q + 2)` with `q = p / 2`,
beside the rounding to units. (The exponential is in `Logprec.Float.ExpNear`.)
-/

namespace Logprec.Float

variable {p : Nat}

/-- The sum of two floats is exact, up to one truncation. -/
theorem add_error (hp : 4 ≤ p) (φ ψ : BitVec p) (h : (scaled φ + scaled ψ).natAbs ≤ greatest p) :
    2 ^ (p / 2 - 2) * (scaled (add φ ψ) - (scaled φ + scaled ψ)).natAbs ≤ (scaled φ + scaled ψ).natAbs := by
  have := sum_error_le (φs := [φ, ψ]) hp (by simpa using h)
  simpa [add] using this

/-- The negative is exact. -/
theorem scaled_neg (φ : BitVec p) : scaled (neg φ) = -scaled φ := by
  rw [neg, scaled_truncate_neg, scaled_truncate_scaled]

/-- The product is exact, up to rounding to units and one truncation. The number 1 is `2 ^ imax (p / 2)` units. -/
theorem mul_error (hp : 4 ≤ p) (φ ψ : BitVec p)
    (h : ((scaled φ * scaled ψ).tdiv (2 ^ imax (p / 2))).natAbs ≤ greatest p) :
    let z := (scaled φ * scaled ψ).tdiv (2 ^ imax (p / 2))
    2 ^ (p / 2 - 2) * (scaled (mul φ ψ) - z).natAbs ≤ z.natAbs :=
  truncate_error_le hp h

/-- The quotient is exact, up to rounding to units and one truncation. -/
theorem div_error (hp : 4 ≤ p) (φ ψ : BitVec p)
    (h : ((scaled φ * 2 ^ imax (p / 2)).tdiv (scaled ψ)).natAbs ≤ greatest p) :
    let z := (scaled φ * 2 ^ imax (p / 2)).tdiv (scaled ψ)
    2 ^ (p / 2 - 2) * (scaled (div φ ψ) - z).natAbs ≤ z.natAbs :=
  truncate_error_le hp h

/-- The square root of a float that is not negative is exact, up to rounding to units and one truncation: `r` is the
greatest number of units whose square is at most `x · 2 ^ imax (p / 2)`. -/
theorem sqrt_error (hp : 4 ≤ p) (φ : BitVec p) : let r := floorSqrt ((scaled φ).toNat * 2 ^ imax (p / 2))
    (r * r ≤ (scaled φ).toNat * 2 ^ imax (p / 2) ∧ (scaled φ).toNat * 2 ^ imax (p / 2) < (r + 1) * (r + 1)) ∧
    (r ≤ greatest p → 2 ^ (p / 2 - 2) * (scaled (sqrt φ) - r).natAbs ≤ r) :=
  ⟨floorSqrt_spec _, fun h => truncate_error_le hp (by rwa [Int.natAbs_natCast])⟩

/-- The positive part is exact. -/
theorem scaled_relu (φ : BitVec p) : scaled (relu φ) = max 0 (scaled φ) := by
  rw [relu, scaled_eq φ]
  cases h : negative φ
  · simp only [Bool.false_eq_true, if_false]
    rw [scaled_eq, h]
    simp only [withSign, Bool.false_eq_true, if_false]
    omega
  · simp only [if_true]
    have e : scaled (0 : BitVec p) = 0 := by
      have h : ∀ q, toInt q 0 = 0 := fun q => by simp [toInt, sign, magnitude]
      simp [scaled, mantissa, h]
    rw [e]
    simp only [withSign, if_true]
    omega

end Logprec.Float
