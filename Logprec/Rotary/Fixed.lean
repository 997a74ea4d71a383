import Logprec.Rotary.Reference

/-!
# Cosine and sine in fixed point

The cosine and the sine of an integer multiple of a rational angle, in units of `2 ^ -P`, by integer arithmetic on
numbers of `O(P + ℓ)` bits: `1 + i x / 2 ^ Q` is rounded to a multiple of a small unit and squared `Q` times, with
rounding. `cosSin_near`: the result is within one unit of the exact cosine and sine.
-/

namespace Logprec.Rotary

open Gauss

/-- `|a - b| ≤ ε`. -/
def Near (a b ε : Rat) : Prop := -ε ≤ a - b ∧ a - b ≤ ε

/-- The square of the complex number `z` in units of `1 / U`, rounded down to such units. -/
def square (U : Int) (z : Int × Int) : Int × Int := ((z.1 * z.1 - z.2 * z.2) / U, 2 * z.1 * z.2 / U)

/-- Square `j` times. -/
def squares (U : Int) (z : Int × Int) : Nat → Int × Int
  | 0 => z
  | j + 1 => square U (squares U z j)

/-- The number `Q` of squarings, for a result in units of `2 ^ -P` and multiples below `2 ^ ℓ`. -/
def rounds (P ℓ : Nat) : Nat := P + 2 * ℓ + 2

/-- The extra bits that are kept between squarings. -/
def guardBits (P ℓ : Nat) : Nat := 2 * rounds P ℓ + 4

/-- The number that stands for 1 between squarings. -/
def unit (P ℓ : Nat) : Nat := 2 ^ (P + guardBits P ℓ)

/-- `1 + i x / 2 ^ Q` for `x = k · num / den`, rounded down. -/
def start (P ℓ num den : Nat) (k : Int) : Int × Int :=
  (unit P ℓ, k * num * unit P ℓ / (den * 2 ^ rounds P ℓ))

/-- Drop the extra bits, rounding to the nearest number. -/
def dropGuard (P ℓ : Nat) (z : Int) : Int := (z + 2 ^ (2 * rounds P ℓ + 3)) / 2 ^ guardBits P ℓ

/-- The cosine and the sine of `k · num / den`, in units of `2 ^ -P`. For `num ≤ den` and `|k| < 2 ^ ℓ`. -/
def cosSin (P ℓ num den : Nat) (k : Int) : Int × Int :=
  let z := squares (unit P ℓ) (start P ℓ num den k) (rounds P ℓ)
  (dropGuard P ℓ z.1, dropGuard P ℓ z.2)

/-- The complex number that is meant. -/
def value (U : Int) (z : Int × Int) : Gauss := ⟨z.1 / U, z.2 / U⟩

private theorem div_near {a u q : Rat} (hu : 0 < u) (h₁ : u * q ≤ a) (h₂ : a ≤ u * q + u) :
    a / u - 1 ≤ q ∧ q ≤ a / u := by
  have hi := Rat.le_of_lt (Rat.inv_pos.2 hu)
  have h₁ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₁) hi
  have h₂ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₂) hi
  rw [show (a - u * q) * u⁻¹ = a / u - q by grind] at h₁
  rw [show (u * q + u - a) * u⁻¹ = q + 1 - a / u by grind] at h₂
  constructor <;> grind

/-- Positive integers are positive rational numbers. -/
theorem intCast_pos {U : Int} (hU : 0 < U) : (0 : Rat) < U := by
  have := Rat.intCast_lt_intCast.2 hU
  simpa using this

/-- Rounding down errs by at most 1. -/
theorem floor_near (a : Int) {U : Int} (hU : 0 < U) :
    (a : Rat) / U - 1 ≤ (a / U : Int) ∧ ((a / U : Int) : Rat) ≤ a / U := by
  have h₁ := Rat.intCast_le_intCast.2 (Int.mul_ediv_self_le (x := a) (k := U) (by omega))
  have h₂ := Rat.intCast_le_intCast.2 (Int.le_of_lt (Int.lt_mul_ediv_self_add (x := a) hU))
  rw [Rat.intCast_mul] at h₁
  rw [Rat.intCast_add, Rat.intCast_mul] at h₂
  exact div_near (intCast_pos hU) h₁ h₂

/-- One squaring multiplies the error by at most 4. -/
theorem ball_square {U : Int} (hU : 0 < U) {w : Int × Int} {z : Gauss} {e : Rat} (hz : Ball z (3 / 2))
    (h : Ball (value U w - z) e) (he : 4 / (U : Rat) ≤ e) (he' : e ≤ 1 / 2) :
    Ball (value U (square U w) - z * z) (4 * e) := by
  have hi := Rat.inv_pos.2 (intCast_pos hU)
  have h₁ := floor_near (w.1 * w.1 - w.2 * w.2) hU
  have h₂ := floor_near (2 * w.1 * w.2) hU
  have hr : Ball (value U (square U w) - value U w * value U w) (2 * (1 / (U : Rat))) := by
    have a := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₁.1) (Rat.le_of_lt hi)
    have b := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₁.2) (Rat.le_of_lt hi)
    have c := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₂.1) (Rat.le_of_lt hi)
    have d := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h₂.2) (Rat.le_of_lt hi)
    simp only [Rat.intCast_mul, Rat.intCast_sub] at a b c d
    have two : ((2 : Int) : Rat) = 2 := rfl
    rw [two] at c d
    refine Ball.of_parts (by grind) ?_ ?_ ?_ ?_ <;>
      simp only [value, square, re_sub, im_sub, re_mul, im_mul] <;> grind
  have e₀ : value U (square U w) - z * z = (value U (square U w) - value U w * value U w) +
      ((value U w - z) * (value U w - z) + (z * (value U w - z) + z * (value U w - z))) := by
    ext <;> simp only [re_sub, im_sub, re_add, im_add, re_mul, im_mul] <;> grind
  rw [e₀]
  refine (hr.add ((h.mul h).add ((hz.mul h).add (hz.mul h)))).mono ?_
  have := mul_le_mul he' (Rat.le_refl (a := e)) h.nonneg (by grind)
  grind

/-- The squarings follow the powers of the exact start. -/
theorem ball_squares {U : Int} (hU : 0 < U) {w : Int × Int} {z : Gauss} {Q : Nat}
    (hz : ∀ k : Nat, k ≤ 2 ^ Q → Ball (z ^ k) (3 / 2)) (h : Ball (value U w - z) (4 / (U : Rat)))
    (hQ : 4 ^ Q * (4 / (U : Rat)) ≤ 1 / 2) :
    ∀ j ≤ Q, Ball (value U (squares U w j) - z ^ 2 ^ j) (4 ^ j * (4 / (U : Rat)))
  | 0, _ => by
    have e : z ^ 2 ^ 0 = z := by
      rw [Nat.pow_zero, show (1 : Nat) = 0 + 1 from rfl, Gauss.pow_succ, Gauss.pow_zero]
      ext <;> simp only [re_mul, im_mul, re_one, im_one] <;> grind
    rw [e]
    exact h.mono (by rw [Rat.pow_zero]; grind)
  | j + 1, hj => by
    have ih := ball_squares hU hz h hQ j (by omega)
    have hle : (4 : Rat) ^ j ≤ 4 ^ Q := pow_le_pow (by grind) (by omega)
    have hone : (4 : Rat) ^ 0 ≤ 4 ^ j := pow_le_pow (by grind) (by omega)
    have h₁ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 hle) h.nonneg
    have h₂ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 hone) h.nonneg
    rw [Rat.pow_zero] at h₂
    have := ball_square hU (hz (2 ^ j) (Nat.pow_le_pow_right (by omega) (by omega))) ih (by grind) (by grind)
    rw [Nat.pow_succ, Nat.mul_two, pow_add]
    exact this.mono (by rw [Rat.pow_succ]; grind)

section
variable {P ℓ num den : Nat} {k : Int}

/-- The angle is below `2 ^ ℓ`, as a bound on its square. -/
theorem angle_sq_le (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) :
    (k * (num / den) : Rat) * (k * (num / den)) ≤ 4 ^ ℓ := by
  have hd : (0 : Rat) < den := by exact_mod_cast hden
  have h₁ : (num : Rat) / den ≤ 1 := by
    have : (num : Rat) ≤ den := by exact_mod_cast hnum
    have := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 this) (Rat.le_of_lt (Rat.inv_pos.2 hd))
    grind
  have h₀ : 0 ≤ (num : Rat) / den := Rat.mul_nonneg (natCast_nonneg _) (Rat.le_of_lt (Rat.inv_pos.2 hd))
  have h₂ : (k : Rat) * k ≤ 4 ^ ℓ := by
    have h : k * k ≤ 4 ^ ℓ := by
      have := Nat.mul_le_mul hk hk
      rw [← Nat.mul_pow] at this
      rw [← Int.natAbs_mul_self]
      exact_mod_cast this
    have := Rat.intCast_le_intCast.2 h
    rw [Rat.intCast_mul] at this
    simpa using this
  have h₃ := mul_le_mul h₁ h₁ h₀ (by grind)
  have h₄ := mul_le_mul h₂ h₃ (Rat.mul_nonneg h₀ h₀) (Rat.le_trans (mul_self_nonneg _) h₂)
  grind

/-- The unit, as a rational number. -/
theorem cast_unit (P ℓ : Nat) : (((unit P ℓ : Nat) : Int) : Rat) = 16 * 4 ^ rounds P ℓ * 2 ^ P := by
  have h : ((unit P ℓ : Nat) : Int) = 16 * 4 ^ rounds P ℓ * 2 ^ P := by
    have : unit P ℓ = 16 * 4 ^ rounds P ℓ * 2 ^ P := by
      rw [unit, guardBits, Nat.pow_add, Nat.pow_add, Nat.pow_mul]; grind
    rw [this]
    simp
  rw [h]
  simp

/-- The unit is positive. -/
theorem unit_pos (P ℓ : Nat) : 0 < ((unit P ℓ : Nat) : Int) := by exact_mod_cast Nat.two_pow_pos _

/-- Where the squarings start. -/
theorem ball_start (hden : 0 < den) :
    Ball (value (unit P ℓ) (start P ℓ num den k) - ⟨1, k * (num / den) / 2 ^ rounds P ℓ⟩)
      (4 / ((unit P ℓ : Nat) : Int)) := by
  have hU := intCast_pos (unit_pos P ℓ)
  have hd : (0 : Rat) < den := by exact_mod_cast hden
  have hD : 0 < ((den * 2 ^ rounds P ℓ : Nat) : Int) := by
    exact_mod_cast Nat.mul_pos hden (Nat.two_pow_pos _)
  have hf := floor_near (k * num * (unit P ℓ : Nat)) hD
  have hp := two_pow_pos (rounds P ℓ)
  have e : (((den * 2 ^ rounds P ℓ : Nat) : Int) : Rat) = den * 2 ^ rounds P ℓ := by
    rw [Rat.intCast_natCast, Rat.natCast_mul, natCast_two_pow]
  rw [e, Rat.intCast_mul, Rat.intCast_mul, Rat.intCast_natCast num] at hf
  have e' : start P ℓ num den k =
      (((unit P ℓ : Nat) : Int), k * num * (unit P ℓ : Nat) / ((den * 2 ^ rounds P ℓ : Nat) : Int)) := by
    simp [start]
  rw [e']
  simp only [value]
  generalize ((k * num * (unit P ℓ : Nat) / ((den * 2 ^ rounds P ℓ : Nat) : Int) : Int) : Rat) = q at hf ⊢
  generalize (((unit P ℓ : Nat) : Int) : Rat) = u at hf hU ⊢
  generalize (2 : Rat) ^ rounds P ℓ = t at hf hp ⊢
  have hi := Rat.inv_pos.2 hU
  have h₁ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 hf.1) (Rat.le_of_lt hi)
  have h₂ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 hf.2) (Rat.le_of_lt hi)
  rw [show (q - (k * num * u / (den * t) - 1)) * u⁻¹ = q / u - k * (num / den) / t + 1 / u by grind] at h₁
  rw [show (k * num * u / (den * t) - q) * u⁻¹ = k * (num / den) / t - q / u by grind] at h₂
  have h₃ : u / u = 1 := by grind
  refine (Ball.of_parts (r := 1 / u) (by grind) ?_ ?_ ?_ ?_).mono (by grind) <;> simp only [re_sub, im_sub] <;> grind

private theorem quarter_le (P : Nat) : (1 : Rat) / 4 / 2 ^ P ≤ 1 / 4 := by
  have hP := two_pow_pos P
  have hP' : (2 : Rat) ^ 0 ≤ 2 ^ P := pow_le_pow (by grind) (Nat.zero_le _)
  have := mul_le_mul hP' (Rat.le_refl (a := (2 ^ P)⁻¹)) (Rat.le_of_lt (Rat.inv_pos.2 hP)) (Rat.le_of_lt hP)
  rw [Rat.pow_zero, Rat.mul_inv_cancel _ (by grind)] at this
  grind

/-- What the number of squarings is made for. -/
theorem two_pow_rounds (P ℓ : Nat) : (2 : Rat) ^ rounds P ℓ = 4 * (4 ^ ℓ * 2 ^ P) := by
  have : (2 : Nat) ^ rounds P ℓ = 4 * (4 ^ ℓ * 2 ^ P) := by
    rw [rounds, Nat.pow_add, Nat.pow_add, Nat.pow_mul]; grind
  rw [← natCast_two_pow, this]
  simp

/-- There are enough squarings for the reference to have settled. -/
theorem four_angle_sq_le (P : Nat) (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) :
    4 * ((k * (num / den) : Rat) * (k * (num / den))) ≤ 2 ^ rounds P ℓ := by
  have hx := angle_sq_le hden hnum hk
  have hP : (2 : Rat) ^ 0 ≤ 2 ^ P := pow_le_pow (by grind) (Nat.zero_le _)
  have h4 : (0 : Rat) < 4 ^ ℓ := Rat.pow_pos rfl
  have := Rat.mul_nonneg (Rat.le_of_lt h4) (show (0 : Rat) ≤ 2 ^ P - 1 by rw [Rat.pow_zero] at hP; grind)
  rw [two_pow_rounds]
  grind

/-- The squarings stay close to the powers of the exact start, which are bounded. -/
theorem ball_rounds (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) {j : Nat} (hj : j ≤ rounds P ℓ) :
    Ball (value (unit P ℓ) (squares (unit P ℓ) (start P ℓ num den k) j) -
      (⟨1, k * (num / den) / 2 ^ rounds P ℓ⟩ : Gauss) ^ 2 ^ j) (1 / 4 / 2 ^ P) ∧
    Ball ((⟨1, k * (num / den) / 2 ^ rounds P ℓ⟩ : Gauss) ^ 2 ^ j) (3 / 2) := by
  have hP := two_pow_pos P
  have hx' := four_angle_sq_le P hden hnum hk
  have hz := fun k hk => ball_pow hx' (k := k) hk
  have hs := ball_start (P := P) (ℓ := ℓ) (num := num) (k := k) hden
  have h4Q : (0 : Rat) < 4 ^ rounds P ℓ := Rat.pow_pos rfl
  have e : 4 ^ rounds P ℓ * (4 / (((unit P ℓ : Nat) : Int) : Rat)) = 1 / 4 / 2 ^ P := by
    rw [cast_unit]; grind
  have hle := quarter_le P
  refine ⟨?_, hz _ (Nat.pow_le_pow_right (by omega) hj)⟩
  refine (ball_squares (unit_pos P ℓ) hz hs (by rw [e]; grind) j hj).mono ?_
  rw [← e]
  exact mul_le_mul (pow_le_pow (by grind) hj) Rat.le_refl hs.nonneg (Rat.le_of_lt h4Q)

private theorem part_le {U w : Int} (hU : 0 < U) (h : -2 ≤ (w : Rat) / U) (h' : (w : Rat) / U ≤ 2) :
    -(2 * U) ≤ w ∧ w ≤ 2 * U := by
  have hU := intCast_pos hU
  have h₁ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h) (Rat.le_of_lt hU)
  have h₂ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h') (Rat.le_of_lt hU)
  rw [show ((w : Rat) / U - -2) * U = w + 2 * U by grind] at h₁
  rw [show (2 - (w : Rat) / U) * U = 2 * U - w by grind] at h₂
  constructor <;> refine Rat.intCast_le_intCast.1 ?_ <;> simp only [Rat.intCast_neg, Rat.intCast_mul] <;>
    rw [show ((2 : Int) : Rat) = 2 from rfl] <;> grind

/-- The numbers between squarings are at most twice the unit. -/
theorem squares_le (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) {j : Nat} (hj : j ≤ rounds P ℓ) :
    let z := squares (unit P ℓ) (start P ℓ num den k) j
    (-(2 * unit P ℓ : Int) ≤ z.1 ∧ z.1 ≤ 2 * unit P ℓ) ∧ -(2 * unit P ℓ : Int) ≤ z.2 ∧ z.2 ≤ 2 * unit P ℓ := by
  obtain ⟨h, h'⟩ := ball_rounds hden hnum hk hj
  have hq := quarter_le P
  have := (h.add h').mono (s := 2) (by grind)
  have := this.parts
  simp only [re_add, re_sub, im_add, im_sub] at this
  refine ⟨part_le (unit_pos P ℓ) ?_ ?_, part_le (unit_pos P ℓ) ?_ ?_⟩ <;> simp only [value] at this ⊢ <;> grind

private theorem near_dropGuard {w : Int} {y : Rat} (h : -(1 / 2 / 2 ^ P) ≤ (w : Rat) / ((unit P ℓ : Nat) : Int) - y)
    (h' : (w : Rat) / ((unit P ℓ : Nat) : Int) - y ≤ 1 / 2 / 2 ^ P) : Near (dropGuard P ℓ w) (2 ^ P * y) 1 := by
  have hD : (0 : Int) < 2 ^ guardBits P ℓ := Int.pow_pos (by decide)
  have hf := floor_near (w + 2 ^ (2 * rounds P ℓ + 3)) hD
  rw [Near, dropGuard]
  have e₁ : (2 : Rat) ^ guardBits P ℓ = 16 * 4 ^ rounds P ℓ := by
    have : (2 : Nat) ^ guardBits P ℓ = 16 * 4 ^ rounds P ℓ := by
      rw [guardBits, Nat.pow_add, Nat.pow_mul]; grind
    rw [← natCast_two_pow, this]; simp
  have e₂ : (2 : Rat) ^ (2 * rounds P ℓ + 3) = 8 * 4 ^ rounds P ℓ := by
    have : (2 : Nat) ^ (2 * rounds P ℓ + 3) = 8 * 4 ^ rounds P ℓ := by
      rw [Nat.pow_add, Nat.pow_mul]; grind
    rw [← natCast_two_pow, this]; simp
  rw [Rat.intCast_add, Rat.intCast_pow, Rat.intCast_pow, show ((2 : Int) : Rat) = 2 from rfl, e₁, e₂] at hf
  rw [cast_unit] at h h'
  generalize (((w + 2 ^ (2 * rounds P ℓ + 3)) / 2 ^ guardBits P ℓ : Int) : Rat) = q at hf ⊢
  have hP := two_pow_pos P
  have h4Q : (0 : Rat) < 4 ^ rounds P ℓ := Rat.pow_pos rfl
  generalize (4 : Rat) ^ rounds P ℓ = t at *
  generalize (2 : Rat) ^ P = p at *
  have h₁ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h) (Rat.le_of_lt hP)
  have h₂ := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 h') (Rat.le_of_lt hP)
  rw [show ((w : Rat) / (16 * t * p) - y - -(1 / 2 / p)) * p = w / (16 * t) - p * y + 1 / 2 by grind] at h₁
  rw [show (1 / 2 / p - ((w : Rat) / (16 * t * p) - y)) * p = 1 / 2 - (w / (16 * t) - p * y) by grind] at h₂
  rw [show ((w : Rat) + 8 * t) / (16 * t) = w / (16 * t) + 1 / 2 by grind] at hf
  constructor <;> grind

/-- **The error bound**: for a frequency `num / den ≤ 1` and a distance `k` of at most `2 ^ ℓ`, the numbers that are
computed are within one unit `2 ^ -P` of the cosine and the sine of `k · num / den`: they are within one unit of all
members of the sequence `expI` from index `rounds P ℓ` on, whose limit is the cosine and the sine. -/
theorem cosSin_near (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) {m : Nat} (hm : rounds P ℓ ≤ m) :
    Near (cosSin P ℓ num den k).1 (2 ^ P * (expI m (k * (num / den))).re) 1 ∧
    Near (cosSin P ℓ num den k).2 (2 ^ P * (expI m (k * (num / den))).im) 1 := by
  have hx := angle_sq_le hden hnum hk
  have h := (ball_rounds (P := P) hden hnum hk (Nat.le_refl _)).1
  have hP := two_pow_pos P
  have h4 : (0 : Rat) < 4 ^ ℓ := Rat.pow_pos rfl
  have hQ := two_pow_rounds P ℓ
  have hx' := four_angle_sq_le P hden hnum hk
  have hc := expI_cauchy hx' hm
  have hc := hc.mono (s := 1 / 4 / 2 ^ P) (by
    have := Rat.mul_nonneg (Rat.le_iff_sub_nonneg _ _ |>.1 hx) (Rat.le_of_lt (Rat.inv_pos.2 (two_pow_pos (rounds P ℓ))))
    rw [hQ] at this ⊢
    generalize (k * (num / den) : Rat) * (k * (num / den)) = y at *
    rw [show (4 ^ ℓ - y) * (4 * (4 ^ ℓ * 2 ^ P))⁻¹ = 1 / 4 / 2 ^ P - y / (4 * (4 ^ ℓ * 2 ^ P)) by grind] at this
    grind)
  have := (h.add hc.neg_sub).parts
  simp only [re_add, re_sub, im_add, im_sub, value] at this
  simp only [expI] at this ⊢
  exact ⟨near_dropGuard (by grind) (by grind), near_dropGuard (by grind) (by grind)⟩

end

end Logprec.Rotary
