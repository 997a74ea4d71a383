import Logprec.Rotary.Gauss

/-!
# The exact cosine and sine, as a limit

Core Lean has no real numbers, so the exact values that the rotary program is compared with are given by a sequence of
rational complex numbers: `(1 + i x / 2 ^ m) ^ (2 ^ m)`, whose limit is `e ^ (i x) = cos x + i sin x` (Euler).
`expI_cauchy` shows that the sequence converges, and how fast: from index `m` on it moves by at most `x² / 2 ^ m`.
So a number that is within `ε` of all late members is within `ε` of the cosine (the sine) of `x`.
-/

namespace Logprec.Rotary

open Gauss

/-- `(1 + i x / 2 ^ m) ^ (2 ^ m)`: the real part tends to `cos x` and the imaginary part to `sin x` as `m` grows. -/
def expI (m : Nat) (x : Rat) : Gauss := (⟨1, x / 2 ^ m⟩ : Gauss) ^ 2 ^ m

/-- Powers of two are positive. -/
theorem two_pow_pos (m : Nat) : (0 : Rat) < 2 ^ m := Rat.pow_pos rfl

/-- A power of two, cast. -/
theorem natCast_two_pow (m : Nat) : ((2 ^ m : Nat) : Rat) = 2 ^ m := by simp

/-- Natural numbers are not negative. -/
theorem natCast_nonneg (k : Nat) : (0 : Rat) ≤ k := by
  induction k with
  | zero => exact Rat.le_refl
  | succ k ih => rw [Rat.natCast_add]; grind

/-- Powers of numbers that are slightly greater than 1. -/
theorem one_add_pow_le {u : Rat} (hu : 0 ≤ u) : ∀ k : Nat, 2 * (k * u) ≤ 1 → (1 + u) ^ k ≤ 1 + 2 * (k * u)
  | 0, _ => by rw [Rat.pow_zero]; simp; grind
  | k + 1, h => by
    have hk := Rat.mul_nonneg (natCast_nonneg k) hu
    rw [Rat.natCast_add] at h ⊢
    have ih := one_add_pow_le hu k (by grind)
    have h₁ := mul_le_mul ih (Rat.le_refl (a := 1 + u)) (by grind) (by grind)
    have h₂ := mul_le_mul (show 2 * (k * u) ≤ 1 by grind) (Rat.le_refl (a := u)) hu (by grind)
    rw [Rat.pow_succ]
    grind

/-- Powers of numbers from 1 on grow. -/
theorem pow_le_pow {r : Rat} (hr : 1 ≤ r) {j k : Nat} (h : j ≤ k) : r ^ j ≤ r ^ k := by
  induction h with
  | refl => exact Rat.le_refl
  | @step k _ ih =>
    refine Rat.le_trans ih ?_
    have hk : 0 < r ^ k := Rat.pow_pos (by grind)
    have := Rat.mul_nonneg (Rat.le_of_lt hk) (show 0 ≤ r - 1 by grind)
    rw [Rat.pow_succ]
    grind

/-- The square of the step `x / 2 ^ m`, and its multiple, are small. -/
private theorem step_sq {m : Nat} {x : Rat} (h : 4 * (x * x) ≤ 2 ^ m) :
    0 ≤ x / 2 ^ m * (x / 2 ^ m) ∧ 2 ^ m * (x / 2 ^ m * (x / 2 ^ m)) = x * x / 2 ^ m ∧
    4 * (x * x / 2 ^ m) ≤ 1 := by
  have hp := two_pow_pos m
  refine ⟨mul_self_nonneg _, by grind, ?_⟩
  have h₁ := Rat.mul_nonneg (show 0 ≤ 2 ^ m - 4 * (x * x) by grind) (Rat.le_of_lt (Rat.inv_pos.2 hp))
  grind

private theorem pow_base_le {m : Nat} {x : Rat} (h : 4 * (x * x) ≤ 2 ^ m) {k : Nat} (hk : k ≤ 2 ^ m) :
    (1 + x / 2 ^ m * (x / 2 ^ m)) ^ k ≤ 3 / 2 := by
  obtain ⟨h₀, h₁, h₂⟩ := step_sq h
  refine Rat.le_trans (pow_le_pow (by grind) hk) ?_
  have h₃ := one_add_pow_le h₀ (2 ^ m) (by rw [natCast_two_pow]; grind)
  rw [natCast_two_pow] at h₃
  grind

/-- The partial powers of the reference are bounded. -/
theorem ball_pow {m : Nat} {x : Rat} (h : 4 * (x * x) ≤ 2 ^ m) {k : Nat} (hk : k ≤ 2 ^ m) :
    Ball ((⟨1, x / 2 ^ m⟩ : Gauss) ^ k) (3 / 2) := by
  refine ⟨by grind, ?_⟩
  have := pow_base_le h hk
  rw [normSq_pow, show normSq ⟨1, x / 2 ^ m⟩ = 1 + x / 2 ^ m * (x / 2 ^ m) by simp only [normSq]; grind]
  grind

/-- One step of the sequence. -/
theorem expI_succ {m : Nat} {x : Rat} (h : 4 * (x * x) ≤ 2 ^ m) :
    Ball (expI (m + 1) x - expI m x) (x * x / 2 ^ m / 2) := by
  obtain ⟨h₀, h₁, h₂⟩ := step_sq h
  have hr := pow_base_le h (Nat.le_refl _)
  have hy : x / 2 ^ (m + 1) = x / 2 ^ m / 2 := by grind
  have hp := two_pow_pos m
  rw [expI, expI, Nat.pow_succ, Nat.mul_comm, pow_two_mul, hy]
  generalize hyy : x / 2 ^ m = y at *
  have hA : Ball ⟨1, y⟩ (1 + y * y) := ⟨by grind, by
    have := mul_self_nonneg (y * y)
    simp only [normSq]; grind⟩
  have hB : Ball ((⟨1, y / 2⟩ : Gauss) * ⟨1, y / 2⟩) (1 + y * y) := ⟨by grind, by
    have := mul_self_nonneg (y * y)
    simp only [normSq, re_mul, im_mul]; grind⟩
  have hd : Ball ((⟨1, y / 2⟩ : Gauss) * ⟨1, y / 2⟩ - ⟨1, y⟩) (y * y / 4) := ⟨by grind, by
    simp only [normSq, re_mul, im_mul, re_sub, im_sub]; grind⟩
  refine (Ball.pow_sub (by grind) hB hA hd (2 ^ m)).mono ?_
  rw [natCast_two_pow]
  have := mul_le_mul (Rat.le_refl (a := 2 ^ m * (y * y / 4))) (show (1 + y * y) ^ 2 ^ m ≤ 2 by grind)
    (Rat.le_of_lt (Rat.pow_pos (by grind))) (Rat.mul_nonneg (Rat.le_of_lt hp) (by grind))
  grind

/-- **The sequence converges**: from index `m` on, where `4 x² ≤ 2 ^ m`, it moves by at most `x² / 2 ^ m`. -/
theorem expI_cauchy {m m' : Nat} {x : Rat} (h : 4 * (x * x) ≤ 2 ^ m) (hm : m ≤ m') :
    Ball (expI m' x - expI m x) (x * x / 2 ^ m) := by
  have hx := mul_self_nonneg x
  suffices H : ∀ t, Ball (expI (m + t) x - expI m x) (x * x / 2 ^ m - x * x / 2 ^ (m + t)) by
    have := H (m' - m)
    rw [Nat.add_sub_cancel' hm] at this
    refine this.mono ?_
    have := Rat.mul_nonneg hx (Rat.le_of_lt (Rat.inv_pos.2 (two_pow_pos m')))
    grind
  intro t
  induction t with
  | zero => exact ⟨by grind, by simp [normSq]; grind⟩
  | succ t ih =>
    have hmono : (2 : Rat) ^ m ≤ 2 ^ (m + t) := pow_le_pow (by grind) (by omega)
    have hs := expI_succ (m := m + t) (x := x) (Rat.le_trans h hmono)
    have e : expI (m + (t + 1)) x - expI m x =
        (expI (m + t + 1) x - expI (m + t) x) + (expI (m + t) x - expI m x) := by
      rw [← Nat.add_assoc]
      ext <;> simp only [re_sub, im_sub, re_add, im_add] <;> grind
    rw [e]
    refine (hs.add ih).mono ?_
    have : x * x / 2 ^ (m + (t + 1)) = x * x / 2 ^ (m + t) / 2 := by grind
    grind

end Logprec.Rotary
