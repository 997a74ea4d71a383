import Logprec.Float.Lemmas

/-!
# Arithmetic of the paper's floats

Products, quotients, square roots, exponentials and the rest of what a transformer does to `p`-bit floats. The paper
leaves these open ("`p`-precision functions"). Here each is a total function, and each but the exponential is **exact,
then truncated once**, as the iterated sum `⊕` is: the exact result, rounded towards zero to the units of `scaled`, is
truncated to a float. The exponential is an algorithm in integers; `Logprec.Softmax.Exponential` says how near it is.

In these units the number 1 is `2 ^ imax (p / 2)`. Division by zero is zero, and so is the square root of a negative
number.
-/

namespace Logprec.Float

/-! ## Integers -/

/-- The integer of a sign and a magnitude. -/
def withSign (neg : Bool) (a : Nat) : Int := if neg then -(a : Int) else a

/-- `N · 2 ^ K`, rounded down. -/
def shiftBy (N : Nat) (K : Int) : Nat := N * 2 ^ K.toNat / 2 ^ (-K).toNat

/-- The square root, rounded down: one binary digit after the other. -/
def floorSqrt (m : Nat) : Nat :=
  if m = 0 then 0
  else
    let r := 2 * floorSqrt (m / 4)
    if (r + 1) * (r + 1) ≤ m then r + 1 else r

/-- The float of `± N · 2 ^ K` units, truncated towards zero. -/
def ofDyadic (p : Nat) (neg : Bool) (N : Nat) (K : Int) : BitVec p := truncate p (withSign neg (shiftBy N K))

/-! ## The parts of a float -/

variable {p : Nat}

/-- Whether the sign bit of the mantissa is set. -/
def negative (φ : BitVec p) : Bool := sign (p / 2) (φ.toNat % 2 ^ (p / 2))

/-- The magnitude of the mantissa. -/
def mag (φ : BitVec p) : Nat := magnitude (p / 2) (φ.toNat % 2 ^ (p / 2))

/-- The exponent, in the units of `scaled`: a natural number. -/
def expo (φ : BitVec p) : Nat := (exponent φ + imax (p / 2)).toNat

/-! ## Operations -/

/-- The float of the number `m · 2 ^ e`: a constant, such as a weight. -/
def ofWeight (p : Nat) (w : Int × Int) : BitVec p := ofDyadic p (w.1 < 0) w.1.natAbs (w.2 + imax (p / 2))

/-- The float of a natural number, such as a distance of positions. -/
def ofNat (p k : Nat) : BitVec p := ofDyadic p false k (imax (p / 2))

/-- The sum of two floats: `⊕` with two summands. -/
def add (φ ψ : BitVec p) : BitVec p := sum [φ, ψ]

/-- The negative of a float. -/
def neg (φ : BitVec p) : BitVec p := truncate p (-scaled φ)

/-- The product, exact and truncated once. -/
def mul (φ ψ : BitVec p) : BitVec p := truncate p ((scaled φ * scaled ψ).tdiv (2 ^ imax (p / 2)))

/-- The quotient, exact and truncated once; 0 if the divisor is 0. -/
def div (φ ψ : BitVec p) : BitVec p := truncate p ((scaled φ * 2 ^ imax (p / 2)).tdiv (scaled ψ))

/-- The square root, exact and truncated once; 0 for negative numbers. -/
def sqrt (φ : BitVec p) : BitVec p := truncate p (floorSqrt ((scaled φ).toNat * 2 ^ imax (p / 2)))

/-- The float itself, or 0 if it is negative. -/
def relu (φ : BitVec p) : BitVec p := if negative φ then 0 else φ

/-! ## The exponential -/

/-- Square a number `w · 2 ^ e`, where `w` is in units of `1 / U` and in `[1, 2)`; rounded down. -/
def expStep (U : Nat) (s : Nat × Nat) : Nat × Nat :=
  if s.1 * s.1 / U < 2 * U then (s.1 * s.1 / U, 2 * s.2) else (s.1 * s.1 / U / 2, 2 * s.2 + 1)

/-- The `2 ^ m`-th power of `1 + y / U`, by `m` squarings: `w` and `e`, for `w · 2 ^ e / U`. -/
def expPower (U y : Nat) : Nat → Nat × Nat
  | 0 => (U + y, 0)
  | m + 1 => expStep U (expPower U y m)

/-- The magnitude of a float as a fixed-point number with `p / 2 · 2` fraction bits, rounded down, and at most
`2 ^ (p / 2)`. (Exponentials of numbers beyond that saturate, or vanish.) -/
def expArgument (φ : BitVec p) : Nat :=
  min (shiftBy (mag φ) (expo φ + 2 * (p / 2 : Nat) - imax (p / 2))) (2 ^ (3 * (p / 2)))

/-- **The exponential.** With `q = p / 2` and `x` the magnitude as a fixed-point number, `e ^ x` is computed as `(1 + x
/ 2 ^ (4 q)) ^ (2 ^ (4 q))` by `4 q` squarings with `6 q` fraction bits, and `e ^ (-x)` as the reciprocal; then the
result is truncated. -/
def exp (φ : BitVec p) : BitVec p :=
  let q := p / 2
  let U := 2 ^ (6 * q)
  let s := expPower U (expArgument φ) (4 * q)
  if negative φ then ofDyadic p false (U * U / s.1) (imax q - s.2 - (6 * q : Nat))
  else ofDyadic p false s.1 (imax q + s.2 - (6 * q : Nat))

/-! ## Facts about integers -/

@[simp] theorem natAbs_withSign (neg : Bool) (a : Nat) : (withSign neg a).natAbs = a := by
  cases neg <;> simp [withSign]

theorem withSign_neg_iff {neg : Bool} {a : Nat} : withSign neg a < 0 ↔ neg = true ∧ a ≠ 0 := by
  cases neg <;> simp [withSign] <;> omega

theorem neg_withSign (neg : Bool) (a : Nat) : -withSign neg a = withSign (!neg) a := by
  cases neg <;> simp [withSign]

theorem withSign_mul (s t : Bool) (a b : Nat) : withSign s a * withSign t b = withSign (s != t) (a * b) := by
  cases s <;> cases t <;> simp [withSign, Int.mul_neg, Int.neg_mul]

theorem withSign_tdiv (s t : Bool) (a b : Nat) : (withSign s a).tdiv (withSign t b) = withSign (s != t) (a / b) := by
  cases s <;> cases t <;> simp [withSign, Int.neg_tdiv, Int.tdiv_neg]

theorem scaled_eq (φ : BitVec p) : scaled φ = withSign (negative φ) (mag φ * 2 ^ expo φ) := by
  have e : mantissa φ = withSign (negative φ) (mag φ) := rfl
  rw [scaled, e]
  cases negative φ <;> simp [withSign, expo, Int.neg_mul]

theorem mag_lt (φ : BitVec p) : mag φ < 2 ^ (p / 2 - 1) := magnitude_lt _ _

theorem expo_le (φ : BitVec p) : expo φ ≤ 2 * imax (p / 2) := by
  have he := magnitude_lt (p / 2) (φ.toNat / 2 ^ (p / 2) % 2 ^ (p / 2))
  rw [← natAbs_toInt, ← imax_add_one] at he
  unfold expo exponent
  omega

/-- Quotients of proportional numbers are equal. -/
theorem div_eq_div_of_mul_eq {a b c d : Nat} (hb : 0 < b) (hd : 0 < d) (h : a * d = c * b) : a / b = c / d := by
  rw [← Nat.mul_div_mul_right a b hd, h, Nat.mul_comm b d, Nat.mul_div_mul_right c d hb]

theorem shiftBy_sub (N a b : Nat) : shiftBy N (a - b) = N * 2 ^ a / 2 ^ b := by
  refine div_eq_div_of_mul_eq (Nat.two_pow_pos _) (Nat.two_pow_pos _) ?_
  rw [Nat.mul_assoc, Nat.mul_assoc, ← Nat.pow_add, ← Nat.pow_add]
  congr 2
  omega

@[simp] theorem floorSqrt_zero : floorSqrt 0 = 0 := by rw [floorSqrt]; rfl

theorem floorSqrt_spec (m : Nat) : floorSqrt m * floorSqrt m ≤ m ∧ m < (floorSqrt m + 1) * (floorSqrt m + 1) := by
  induction m using Nat.strongRecOn with
  | ind m ih =>
    rw [floorSqrt]
    split
    · omega
    · obtain ⟨h₁, h₂⟩ := ih (m / 4) (by omega)
      generalize floorSqrt (m / 4) = s at *
      have e₁ : 2 * s * (2 * s) = 4 * (s * s) := by grind
      have e₂ : (2 * s + 1 + 1) * (2 * s + 1 + 1) = 4 * ((s + 1) * (s + 1)) := by grind
      simp only
      split <;> omega

theorem le_floorSqrt_iff {m r : Nat} : r ≤ floorSqrt m ↔ r * r ≤ m := by
  obtain ⟨h₁, h₂⟩ := floorSqrt_spec m
  constructor
  · exact fun h => Nat.le_trans (Nat.mul_le_mul h h) h₁
  · intro h
    refine Nat.le_of_lt_succ (Nat.lt_of_not_le fun hlt => ?_)
    have := Nat.mul_le_mul hlt hlt
    simp only [Nat.succ_eq_add_one] at this
    omega

theorem floorSqrt_div (m k : Nat) : floorSqrt (m / (2 ^ k * 2 ^ k)) = floorSqrt m / 2 ^ k := by
  have key : ∀ r, r ≤ floorSqrt (m / (2 ^ k * 2 ^ k)) ↔ r ≤ floorSqrt m / 2 ^ k := fun r => by
    have hk := Nat.two_pow_pos k
    rw [le_floorSqrt_iff, Nat.le_div_iff_mul_le (Nat.mul_pos hk hk), Nat.le_div_iff_mul_le hk, le_floorSqrt_iff]
    rw [show r * r * (2 ^ k * 2 ^ k) = r * 2 ^ k * (r * 2 ^ k) by grind]
  exact Nat.le_antisymm ((key _).1 (Nat.le_refl _)) ((key _).2 (Nat.le_refl _))

/-! ## Low bits do not matter -/

/-- A truncation, from the sign and the magnitude. -/
theorem truncate_withSign (p : Nat) (neg : Bool) (Z : Nat) : truncate p (withSign neg Z) =
    if shiftFor (p / 2) Z ≤ 2 * imax (p / 2) then
      pack p (neg && decide (Z ≠ 0)) (Z >>> shiftFor (p / 2) Z) (shiftFor (p / 2) Z)
    else pack p (neg && decide (Z ≠ 0)) (imax (p / 2)) (2 * imax (p / 2)) := by
  have e : decide (withSign neg Z < 0) = (neg && decide (Z ≠ 0)) := by
    have h := withSign_neg_iff (neg := neg) (a := Z)
    cases neg <;> by_cases hz : Z = 0 <;> simp_all
  simp only [truncate, natAbs_withSign, e]

theorem shiftFor_drop {q K Z : Nat} (hq : 2 ≤ q) (h : K ≤ shiftFor q Z) :
    shiftFor q (Z / 2 ^ K * 2 ^ K) = shiftFor q Z := by
  have hle : Z / 2 ^ K * 2 ^ K ≤ Z := Nat.div_mul_le_self _ _
  refine Nat.le_antisymm (shiftFor_mono hle) (Nat.le_of_not_lt fun hlt => ?_)
  have h₁ := shiftFor_le_iff.1 (Nat.le_sub_one_of_lt hlt)
  have h₂ : ¬ Z < 2 ^ (q - 1 + (shiftFor q Z - 1)) := fun h' => by have := shiftFor_le_iff.2 h'; omega
  have e : 2 ^ (q - 1 + (shiftFor q Z - 1)) = 2 ^ (q - 1 + (shiftFor q Z - 1) - K) * 2 ^ K := by
    rw [← Nat.pow_add]; congr 1; omega
  have h₃ : 2 ^ (q - 1 + (shiftFor q Z - 1) - K) ≤ Z / 2 ^ K := by
    rw [Nat.le_div_iff_mul_le (Nat.two_pow_pos K)]; omega
  have := Nat.mul_le_mul_right (2 ^ K) h₃
  omega

/-- Bits that are cut off anyway may be cut off before. -/
theorem truncate_drop {p K Z : Nat} (hp : 4 ≤ p) (neg : Bool) (h : K ≤ shiftFor (p / 2) Z) :
    truncate p (withSign neg (Z / 2 ^ K * 2 ^ K)) = truncate p (withSign neg Z) := by
  have hs := shiftFor_drop (by omega) h
  have hz : decide (Z / 2 ^ K * 2 ^ K ≠ 0) = decide (Z ≠ 0) := by
    rw [decide_eq_decide]
    constructor
    · intro hne h0
      simp [h0] at hne
    · intro hne h0
      rcases Nat.eq_zero_or_pos (shiftFor (p / 2) Z) with e | e
      · obtain rfl : K = 0 := by omega
        simp at h0
        omega
      · have : shiftFor (p / 2) 0 = 0 := by simp [shiftFor]
        rw [h0] at hs
        omega
  have hd : (Z / 2 ^ K * 2 ^ K) >>> shiftFor (p / 2) Z = Z >>> shiftFor (p / 2) Z := by
    rw [Nat.shiftRight_eq_div_pow, Nat.shiftRight_eq_div_pow]
    obtain ⟨t, ht⟩ := Nat.exists_eq_add_of_le h
    rw [ht, Nat.pow_add, ← Nat.div_div_eq_div_mul, ← Nat.div_div_eq_div_mul, Nat.mul_div_cancel _ (Nat.two_pow_pos K)]
  rw [truncate_withSign, truncate_withSign, hs, hz, hd]

/-- What is computed with guard bits only: `N` are the leading bits of the exact result `Z`. -/
theorem ofDyadic_eq {p N Z : Nat} {K : Int} (hp : 4 ≤ p) (neg : Bool) (h₁ : K ≤ 0 → shiftBy N K = Z)
    (h₂ : 0 < K → N = Z / 2 ^ K.toNat ∧ (2 ^ (p / 2 - 1) ≤ N ∨ N * 2 ^ K.toNat = Z)) :
    ofDyadic p neg N K = truncate p (withSign neg Z) := by
  by_cases hK : K ≤ 0
  · rw [ofDyadic, h₁ hK]
  · obtain ⟨e, h⟩ := h₂ (by omega)
    have hs : shiftBy N K = N * 2 ^ K.toNat := by
      rw [shiftBy, show (-K).toNat = 0 by omega, Nat.pow_zero, Nat.div_one]
    rw [ofDyadic, hs]
    rcases h with h | h
    · rw [e]
      refine truncate_drop hp neg (Nat.le_of_not_lt fun hlt => ?_)
      have h₃ := shiftFor_le_iff.1 (Nat.le_sub_one_of_lt hlt)
      rw [e, Nat.le_div_iff_mul_le (Nat.two_pow_pos _), ← Nat.pow_add] at h
      have := Nat.pow_le_pow_right (show 0 < 2 by omega)
        (show p / 2 - 1 + (K.toNat - 1) ≤ p / 2 - 1 + K.toNat by omega)
      omega
    · rw [h]

end Logprec.Float
