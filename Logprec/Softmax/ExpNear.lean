import Logprec.Softmax.Exponential
import Logprec.Softmax.ExpTerm

/-!
# The error of the exponential of floats

`exp_near`: `Float.exp` is the exponential up to the relative error `8 / 2 ^ q`, where `q = p / 2`, and one unit, the
least positive float. The exponential is the limit of `expApprox m`, and the statement is about all late members of that
sequence.
-/

namespace Logprec.Float

open Rotary (mul_le_mul two_pow_pos)

variable {p : Nat}

/-- Rounding down to a number of units. -/
private theorem shiftBy_near (N a b : Nat) : ((shiftBy N (a - b) : Nat) : Rat) ≤ N * 2 ^ a / 2 ^ b ∧
    (N : Rat) * 2 ^ a / 2 ^ b < (shiftBy N (a - b) : Nat) + 1 := by
  have hb := two_pow_pos b
  have hn := Nat.two_pow_pos b
  rw [shiftBy_sub]
  have h₁ := Rat.natCast_le_natCast.2 (Nat.div_mul_le_self (N * 2 ^ a) (2 ^ b))
  have h₂ := Rat.natCast_lt_natCast.2 (Nat.lt_mul_div_succ (N * 2 ^ a) hn)
  simp only [Rat.natCast_mul, Rat.natCast_add, Rat.natCast_pow, Rat.natCast_ofNat] at h₁ h₂
  generalize ((N * 2 ^ a / 2 ^ b : Nat) : Rat) = z at *
  have hi := Rat.inv_pos.2 hb
  constructor
  · have := Rat.mul_le_mul_of_nonneg_right h₁ (Rat.le_of_lt hi)
    rwa [Rat.mul_assoc z, Rat.mul_inv_cancel _ (by grind), Rat.mul_one, ← Rat.div_def] at this
  · rw [Rat.div_lt_iff hb]; grind

/-- Truncation errs by at most the factor `1 - 4 / 2 ^ q`. -/
private theorem truncate_near (hp : 4 ≤ p) {Z : Nat} (h : Z ≤ greatest p) :
    (scaled (truncate p (withSign false Z)) : Rat) ≤ Z ∧
      (1 - 4 / 2 ^ (p / 2)) * (Z : Rat) ≤ scaled (truncate p (withSign false Z)) := by
  have e : scaled (truncate p (withSign false Z)) = truncMag p Z := by
    rw [scaled_truncate, if_neg (by simp [withSign]), natAbs_withSign]
  have h₁ := truncMag_le p Z
  have h₂ := truncate_error_le (z := withSign false Z) hp (by rwa [natAbs_withSign])
  rw [e, natAbs_withSign, show withSign false Z = (Z : Int) from rfl,
    show ((truncMag p Z : Int) - Z).natAbs = Z - truncMag p Z by omega] at h₂
  rw [e, Rat.intCast_natCast]
  obtain ⟨d, hd⟩ := Nat.exists_eq_add_of_le h₁
  have hq : 2 ^ (p / 2) = 4 * 2 ^ (p / 2 - 2) := by
    rw [show (4 : Nat) = 2 ^ 2 from rfl, ← Nat.pow_add]; congr 1; omega
  rw [show Z - truncMag p Z = d by omega] at h₂
  have h₂ := Rat.natCast_le_natCast.2 (show 2 ^ (p / 2) * d ≤ 4 * Z by rw [hq, Nat.mul_assoc]; omega)
  have h₃ := congrArg (Nat.cast (R := Rat)) hd
  simp only [Rat.natCast_mul, Rat.natCast_add, Rat.natCast_pow, Rat.natCast_ofNat] at h₂ h₃
  have h₀ : (0 : Rat) ≤ d := Rat.natCast_nonneg
  have hpow := two_pow_pos (p / 2)
  generalize (2 : Rat) ^ (p / 2) = t, (truncMag p Z : Rat) = r, (d : Rat) = d, (Z : Rat) = z at *
  refine ⟨by grind, ?_⟩
  have := Rat.mul_le_mul_of_nonneg_right h₂ (Rat.le_of_lt (Rat.inv_pos.2 hpow))
  rw [show t * d * t⁻¹ = d by grind] at this
  rw [Rat.div_def]
  grind

/-- The argument, rounded down to `2 q` fraction bits. -/
private theorem expArgument_near (φ : BitVec p) (hx : (scaled φ).natAbs ≤ 2 ^ (p / 2) * 2 ^ imax (p / 2)) :
    let x : Rat := ((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2)
    let x' : Rat := (expArgument φ : Rat) / 4 ^ (p / 2)
    0 ≤ x' ∧ x' ≤ x ∧ x ≤ x' + 1 / 4 ^ (p / 2) ∧ x ≤ 2 ^ (p / 2) := by
  intro x x'
  have hI := two_pow_pos (imax (p / 2))
  have h4 : (2 : Rat) ^ (2 * (p / 2)) = 4 ^ (p / 2) := by
    have : (2 : Nat) ^ (2 * (p / 2)) = 4 ^ (p / 2) := by rw [Nat.pow_mul]
    have := congrArg (Nat.cast (R := Rat)) this
    simpa only [Rat.natCast_pow, Rat.natCast_ofNat] using this
  have h4p : (0 : Rat) < 4 ^ (p / 2) := h4 ▸ two_pow_pos _
  have hn : (scaled φ).natAbs = mag φ * 2 ^ expo φ := by rw [scaled_eq, natAbs_withSign]
  have hx2 : x ≤ 2 ^ (p / 2) := by
    have := Rat.natCast_le_natCast.2 hx
    simp only [Rat.natCast_mul, Rat.natCast_pow, Rat.natCast_ofNat] at this
    have := Rat.mul_le_mul_of_nonneg_right this (Rat.le_of_lt (Rat.inv_pos.2 hI))
    rwa [Rat.mul_assoc, Rat.mul_inv_cancel _ (by grind), Rat.mul_one, ← Rat.div_def] at this
  have e : expArgument φ = shiftBy (mag φ) ((expo φ + 2 * (p / 2) : Nat) - (imax (p / 2) : Nat)) := by
    have e : ((expo φ : Int) + 2 * (p / 2 : Nat) - (imax (p / 2) : Nat)) =
      ((expo φ + 2 * (p / 2) : Nat) : Int) - (imax (p / 2) : Nat) := by omega
    rw [expArgument, e]
    refine Nat.min_eq_left ?_
    rw [shiftBy_sub]
    refine Nat.div_le_of_le_mul ?_
    rw [Nat.pow_add, ← Nat.mul_assoc, ← hn]
    refine Nat.le_trans (Nat.mul_le_mul_right _ hx) (Nat.le_of_eq ?_)
    rw [show 3 * (p / 2) = p / 2 + 2 * (p / 2) by omega, Nat.pow_add]
    grind
  obtain ⟨h₁, h₂⟩ := shiftBy_near (mag φ) (expo φ + 2 * (p / 2)) (imax (p / 2))
  rw [← e] at h₁ h₂
  have ex : (mag φ : Rat) * 2 ^ (expo φ + 2 * (p / 2)) / 2 ^ imax (p / 2) = x * 4 ^ (p / 2) := by
    have : ((scaled φ).natAbs : Rat) = mag φ * 2 ^ expo φ := by
      rw [hn]; simp only [Rat.natCast_mul, Rat.natCast_pow, Rat.natCast_ofNat]
    show _ = ((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2) * 4 ^ (p / 2)
    rw [this, ← h4, show (2 : Rat) ^ (expo φ + 2 * (p / 2)) = 2 ^ expo φ * 2 ^ (2 * (p / 2)) by
      have := congrArg (Nat.cast (R := Rat)) (Nat.pow_add 2 (expo φ) (2 * (p / 2)))
      simpa only [Rat.natCast_pow, Rat.natCast_mul, Rat.natCast_ofNat] using this]
    grind
  rw [ex] at h₁ h₂
  have hY : (0 : Rat) ≤ expArgument φ := Rat.natCast_nonneg
  have hx' : x' = (expArgument φ : Rat) / 4 ^ (p / 2) := rfl
  clear_value x x'
  have hi := Rat.inv_pos.2 h4p
  have hc := Rat.mul_inv_cancel _ (show (4 : Rat) ^ (p / 2) ≠ 0 by grind)
  rw [Rat.div_def] at hx'
  generalize (4 : Rat) ^ (p / 2) = f, (expArgument φ : Rat) = Y at *
  refine ⟨by rw [hx']; exact Rat.mul_nonneg hY (Rat.le_of_lt hi), ?_, ?_, hx2⟩
  · have := Rat.mul_le_mul_of_nonneg_right h₁ (Rat.le_of_lt hi)
    rw [Rat.mul_assoc, hc, Rat.mul_one] at this
    rwa [hx']
  · have := Rat.mul_le_mul_of_nonneg_right (Rat.le_of_lt h₂) (Rat.le_of_lt hi)
    rw [Rat.mul_assoc, hc, Rat.mul_one] at this
    rw [hx', Rat.div_def]
    grind

private theorem four_pow_eq (q : Nat) : (4 : Rat) ^ q = 2 ^ q * 2 ^ q ∧ (2 : Rat) ^ (4 * q) = 4 ^ q * 4 ^ q ∧
    (2 : Rat) ^ (6 * q) = 4 ^ q * 2 ^ (4 * q) := by
  have h₁ : (4 : Nat) ^ q = 2 ^ q * 2 ^ q := by rw [← Nat.mul_pow]
  have h₂ : (2 : Nat) ^ (4 * q) = 4 ^ q * 4 ^ q := by rw [Nat.pow_mul, ← Nat.mul_pow]
  have h₃ : (2 : Nat) ^ (6 * q) = 4 ^ q * 2 ^ (4 * q) := by
    rw [show 6 * q = 2 * q + 4 * q by omega, Nat.pow_add, Nat.pow_mul]
  have h₁ := congrArg (Nat.cast (R := Rat)) h₁
  have h₂ := congrArg (Nat.cast (R := Rat)) h₂
  have h₃ := congrArg (Nat.cast (R := Rat)) h₃
  simp only [Rat.natCast_mul, Rat.natCast_pow, Rat.natCast_ofNat] at h₁ h₂ h₃
  exact ⟨h₁, h₂, h₃⟩

/-- What the squarings compute, compared with the exponential of the magnitude: the error is at most the factor
`1 - 3 / 4 ^ q`. -/
theorem expPower_argument_near (hp : 4 ≤ p) (φ : BitVec p)
    (hx : (scaled φ).natAbs ≤ 2 ^ (p / 2) * 2 ^ imax (p / 2)) {m : Nat} (hm : 4 * (p / 2) ≤ m) :
    let E := expApprox m (((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2))
    let v := expValue (2 ^ (6 * (p / 2))) (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2)))
    v ≤ E ∧ (1 - 3 * (1 / 4 ^ (p / 2))) * E ≤ v := by
  intro E v
  obtain ⟨a₀, a₁, a₂, a₃⟩ := expArgument_near φ hx
  obtain ⟨f₁, f₂, f₃⟩ := four_pow_eq (p / 2)
  have hy : expArgument φ < 2 ^ (6 * (p / 2)) :=
    Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.pow_lt_pow_right (by omega) (by omega))
  obtain ⟨b₁, b₂⟩ := expPower_near hy (fun j => (expPower_bounds hy j).1.1) (4 * (p / 2))
  have h2 := two_pow_pos (p / 2)
  have h4q := two_pow_pos (4 * (p / 2))
  have h4 : (0 : Rat) < 4 ^ (p / 2) := by rw [f₁]; exact Rat.mul_pos h2 h2
  have hU : (((2 ^ (6 * (p / 2)) : Nat) : Nat) : Rat) = 4 ^ (p / 2) * 2 ^ (4 * (p / 2)) := by
    rw [← f₃, Rat.natCast_pow]; rfl
  have one : (1 : Rat) ≤ 2 ^ (p / 2) := by
    have := Rotary.pow_le_pow (r := 2) (by grind) (Nat.zero_le (p / 2))
    rwa [Rat.pow_zero] at this
  have one4 : (1 : Rat) ≤ 4 ^ (p / 2) := by
    rw [f₁]; have := mul_le_mul one one (by grind) (by grind); grind
  have hle : (2 : Rat) ^ (p / 2) ≤ 2 ^ (4 * (p / 2)) := Rotary.pow_le_pow (by grind) (by omega)
  have ε1 : 1 / (4 : Rat) ^ (p / 2) ≤ 1 := by
    have := Rat.mul_le_mul_of_nonneg_right one4 (Rat.le_of_lt (Rat.inv_pos.2 h4))
    rw [Rat.mul_inv_cancel _ (by grind)] at this
    rw [Rat.div_def]; exact this
  have ε0 : 0 ≤ 1 / (4 : Rat) ^ (p / 2) := by
    rw [Rat.div_def, Rat.one_mul]; exact Rat.le_of_lt (Rat.inv_pos.2 h4)
  -- the base of the power
  have hb : (1 + (expArgument φ : Rat) / ((2 ^ (6 * (p / 2)) : Nat) : Rat)) ^ 2 ^ (4 * (p / 2)) =
      expApprox (4 * (p / 2)) ((expArgument φ : Rat) / 4 ^ (p / 2)) := by
    rw [expApprox, hU]
    congr 2
    generalize (expArgument φ : Rat) = Y
    grind
  rw [hb] at b₁ b₂
  rw [hU, show (2 : Rat) ^ (4 * (p / 2)) / (4 ^ (p / 2) * 2 ^ (4 * (p / 2))) = 1 / 4 ^ (p / 2) by grind] at b₂
  have c₁ := expApprox_near a₀ hm (Rat.le_trans a₁ (Rat.le_trans a₃ hle))
  have c₂ := expApprox_mono a₀ hm
  have hm1 : (1 : Rat) ≤ 2 ^ m := by
    have := Rotary.pow_le_pow (r := 2) (by grind) (Nat.zero_le m)
    rwa [Rat.pow_zero] at this
  obtain ⟨d₁, d₂⟩ := expApprox_floor a₀ a₁ a₂ m (Rat.le_trans ε1 hm1) ε1
  have hsq : (expArgument φ : Rat) / 4 ^ (p / 2) * ((expArgument φ : Rat) / 4 ^ (p / 2)) / 2 ^ (4 * (p / 2)) ≤
      1 / 4 ^ (p / 2) := by
    have hx' := Rat.le_trans a₁ a₃
    have k := mul_le_mul hx' hx' a₀ (Rat.le_of_lt h2)
    rw [← f₁] at k
    have := Rat.mul_le_mul_of_nonneg_right k (Rat.le_of_lt (Rat.inv_pos.2 h4q))
    have e : (4 : Rat) ^ (p / 2) * (2 ^ (4 * (p / 2)))⁻¹ = 1 / 4 ^ (p / 2) := by rw [f₂]; grind
    rwa [← Rat.div_def, e] at this
  have hE : 0 ≤ E := by
    have : 0 ≤ ((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2) := Rat.le_trans a₀ a₁
    have h := expApprox_mono this (Nat.zero_le m)
    have e : expApprox 0 (((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2)) =
        1 + ((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2) := by
      rw [expApprox, Nat.pow_zero, Rat.pow_one, Rat.pow_zero]; grind
    rw [e] at h
    show 0 ≤ expApprox m _
    grind
  have hEd : E = expApprox m (((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2)) := rfl
  have hvd : v = expValue (2 ^ (6 * (p / 2))) (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))) := rfl
  rw [← hvd] at b₁ b₂
  rw [← hEd] at d₁ d₂
  clear_value E v
  generalize 1 / (4 : Rat) ^ (p / 2) = ε, expApprox (4 * (p / 2)) ((expArgument φ : Rat) / 4 ^ (p / 2)) = A,
    expApprox m ((expArgument φ : Rat) / 4 ^ (p / 2)) = B,
    (expArgument φ : Rat) / 4 ^ (p / 2) * ((expArgument φ : Rat) / 4 ^ (p / 2)) / 2 ^ (4 * (p / 2)) = σ at *
  have hB : 0 ≤ B := Rat.le_trans (Rat.mul_nonneg (show 0 ≤ 1 - ε by grind) hE) d₁
  have k₁ := Rat.mul_le_mul_of_nonneg_right (show 1 - ε ≤ 1 - σ by grind) hB
  have k₂ := Rat.mul_le_mul_of_nonneg_left d₁ (show 0 ≤ 1 - ε by grind)
  have k₃ := Rat.mul_le_mul_of_nonneg_left (Rat.le_trans k₂ (Rat.le_trans k₁ c₁)) (show 0 ≤ 1 - ε by grind)
  refine ⟨Rat.le_trans b₁ (Rat.le_trans c₂ d₂), Rat.le_trans ?_ (Rat.le_trans k₃ b₂)⟩
  have k₄ := Rat.mul_nonneg (Rat.mul_nonneg ε0 ε0) hE
  have k₅ := Rat.mul_nonneg k₄ (show 0 ≤ 3 - ε by grind)
  grind

private theorem combine_pos {y F Z R δ : Rat} (h0 : 0 < δ) (h1 : δ ≤ 1 / 4) (hy : 0 ≤ y)
    (a : (1 - 3 * (δ * δ)) * y ≤ F) (b : F ≤ y) (c : Z ≤ F) (d : F < Z + 1) (e : R ≤ Z) (f : (1 - 4 * δ) * Z ≤ R) :
    y - y * (8 * δ) - 1 ≤ R ∧ R ≤ y + y * (8 * δ) := by
  have k₁ := Rat.mul_le_mul_of_nonneg_left (show F - 1 ≤ Z by grind) (show 0 ≤ 1 - 4 * δ by grind)
  have k₂ := Rat.mul_le_mul_of_nonneg_left a (show 0 ≤ 1 - 4 * δ by grind)
  have n₁ := Rat.mul_nonneg (Rat.le_of_lt h0) hy
  have n₂ := Rat.mul_nonneg n₁ (show 0 ≤ 1 / 4 - δ by grind)
  have n₃ := Rat.mul_nonneg n₁ (Rat.mul_nonneg (Rat.le_of_lt h0) (Rat.le_of_lt h0))
  constructor <;> grind

private theorem combine_neg {y G Z R δ : Rat} (h0 : 0 < δ) (h1 : δ ≤ 1 / 4) (hy : 0 ≤ y) (a : y ≤ G)
    (b : (1 - 3 * (δ * δ)) * G ≤ y) (c : Z ≤ G) (d : (1 - δ) * G < Z + 1) (e : R ≤ Z) (f : (1 - 4 * δ) * Z ≤ R) :
    y - y * (8 * δ) - 1 ≤ R ∧ R ≤ y + y * (8 * δ) := by
  have k₁ := Rat.mul_le_mul_of_nonneg_left (show (1 - δ) * G - 1 ≤ Z by grind) (show 0 ≤ 1 - 4 * δ by grind)
  have k₂ := Rat.mul_le_mul_of_nonneg_left a (Rat.mul_nonneg (show 0 ≤ 1 - 4 * δ by grind) (show 0 ≤ 1 - δ by grind))
  have n₁ := Rat.mul_nonneg (Rat.le_of_lt h0) hy
  have n₂ := Rat.mul_nonneg n₁ (show 0 ≤ 1 / 4 - δ by grind)
  have sq := Rat.mul_nonneg (Rat.le_of_lt h0) (show 0 ≤ 1 / 4 - δ by grind)
  have n₃ := Rat.mul_nonneg (show 0 ≤ 1 / 16 - δ * δ by grind) (Rat.le_trans hy a)
  have n₄ := Rat.mul_nonneg (Rat.mul_nonneg (Rat.le_of_lt h0) (Rat.le_of_lt h0)) (show 0 ≤ 2 * y - G by grind)
  have n₅ := Rat.mul_nonneg (Rat.mul_nonneg (Rat.le_of_lt h0) (Rat.le_of_lt h0)) hy
  constructor <;> grind

private theorem mul_inv_le {a b c : Rat} (ha : 0 < a) (hb : 0 < b) (h : c * a ≤ b) : c * b⁻¹ ≤ a⁻¹ := by
  have hi := Rat.mul_nonneg (Rat.le_of_lt (Rat.inv_pos.2 ha)) (Rat.le_of_lt (Rat.inv_pos.2 hb))
  have := Rat.mul_le_mul_of_nonneg_right h hi
  rw [show c * a * (a⁻¹ * b⁻¹) = c * b⁻¹ * (a * a⁻¹) by grind, Rat.mul_inv_cancel _ (by grind),
    show b * (a⁻¹ * b⁻¹) = a⁻¹ * (b * b⁻¹) by grind, Rat.mul_inv_cancel _ (by grind)] at this
  grind

/-- The reciprocal of a mantissa, rounded down. -/
private theorem reciprocal_near {w U : Nat} {δ : Rat} (hw : U ≤ w) (hw' : w < 2 * U) (hU : 0 < U)
    (hδ : 2 ≤ δ * U) : ((U * U / w : Nat) : Rat) ≤ U * U * (w : Rat)⁻¹ ∧
      (1 - δ) * (U * U * (w : Rat)⁻¹) ≤ (U * U / w : Nat) := by
  have h₁ := Rat.natCast_le_natCast.2 (Nat.div_mul_le_self (U * U) w)
  have h₂ := Rat.natCast_lt_natCast.2 (Nat.lt_mul_div_succ (U * U) (show 0 < w by omega))
  have h₃ := Rat.natCast_lt_natCast.2 hw'
  have hwp := Rat.natCast_pos.2 (show 0 < w by omega)
  have hUp := Rat.natCast_pos.2 hU
  simp only [Rat.natCast_mul, Rat.natCast_add, Rat.natCast_ofNat] at h₁ h₂ h₃
  generalize ((U * U / w : Nat) : Rat) = n, (U : Rat) = u, (w : Rat) = w at *
  have hi := Rat.inv_pos.2 hwp
  have hc := Rat.mul_inv_cancel w (by grind)
  have k₁ := Rat.mul_le_mul_of_nonneg_right h₁ (Rat.le_of_lt hi)
  have k₂ := Rat.mul_le_mul_of_nonneg_right (Rat.le_of_lt h₂) (Rat.le_of_lt hi)
  have k₃ := Rat.mul_le_mul_of_nonneg_right hδ (Rat.le_of_lt hUp)
  have k₄ := Rat.mul_le_mul_of_nonneg_right (show w ≤ δ * u * u by grind) (Rat.le_of_lt hi)
  rw [Rat.mul_assoc n, hc, Rat.mul_one] at k₁
  rw [show w * (n + 1) * w⁻¹ = (n + 1) * (w * w⁻¹) by grind, hc] at k₂
  rw [hc] at k₄
  exact ⟨k₁, by grind⟩

/-- **The error of the exponential.** For a float whose magnitude `x` is at most `2 ^ q`, where `q = p / 2` (beyond that
the result saturates or vanishes), let `y` be the exponential of the float, in units: `2 ^ imax q` times `e ^ x` or `e ^
(-x)`, with any late member of the sequence `expApprox` in place of `e ^ x`. If `y` is at most the greatest float, then
the result is `y` up to the relative error `8 / 2 ^ q` and to one unit. -/
theorem exp_near (hp : 4 ≤ p) (φ : BitVec p) (hx : (scaled φ).natAbs ≤ 2 ^ (p / 2) * 2 ^ imax (p / 2)) {m : Nat}
    (hm : 4 * (p / 2) ≤ m) (y : Rat)
    (hy : let E := expApprox m (((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2))
      y = 2 ^ imax (p / 2) * if negative φ then E⁻¹ else E) (hle : y ≤ greatest p) :
    y - y * (8 / 2 ^ (p / 2)) - 1 ≤ scaled (exp φ) ∧ (scaled (exp φ) : Rat) ≤ y + y * (8 / 2 ^ (p / 2)) := by
  obtain ⟨a, b⟩ := expPower_argument_near hp φ hx hm
  have hyU : expArgument φ < 2 ^ (6 * (p / 2)) :=
    Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.pow_lt_pow_right (by omega) (by omega))
  have w₁ := (expPower_bounds hyU (4 * (p / 2))).1
  have hU := Nat.two_pow_pos (6 * (p / 2))
  have hδ : 0 < 1 / (2 : Rat) ^ (p / 2) ∧ 1 / (2 : Rat) ^ (p / 2) ≤ 1 / 4 := by
    have h₁ := two_pow_pos (p / 2)
    have h₂ : (2 : Rat) ^ 2 ≤ 2 ^ (p / 2) := Rotary.pow_le_pow (by grind) (by omega)
    rw [show (2 : Rat) ^ 2 = 4 from rfl] at h₂
    have h₃ := Rat.inv_pos.2 h₁
    have h₄ := Rat.mul_le_mul_of_nonneg_right h₂ (Rat.le_of_lt h₃)
    rw [Rat.mul_inv_cancel _ (by grind)] at h₄
    rw [Rat.div_def, Rat.one_mul]
    exact ⟨h₃, by grind⟩
  have hε : 1 / (4 : Rat) ^ (p / 2) = 1 / 2 ^ (p / 2) * (1 / 2 ^ (p / 2)) := by
    rw [(four_pow_eq (p / 2)).1]
    have := two_pow_pos (p / 2)
    grind
  have h8 : (8 : Rat) / 2 ^ (p / 2) = 8 * (1 / 2 ^ (p / 2)) := by
    have := two_pow_pos (p / 2)
    grind
  have h4 : (4 : Rat) / 2 ^ (p / 2) = 4 * (1 / 2 ^ (p / 2)) := by
    have := two_pow_pos (p / 2)
    grind
  have hv1 : 1 ≤ expValue (2 ^ (6 * (p / 2))) (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))) := by
    rw [expValue]
    have h₁ := Rat.natCast_le_natCast.2 w₁.1
    have h₂ : (1 : Rat) ≤ 2 ^ (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).2 := by
      have := Rotary.pow_le_pow (r := 2) (by grind)
        (Nat.zero_le (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).2)
      rwa [Rat.pow_zero] at this
    have h₃ := Rat.natCast_pos.2 hU
    have h₄ := mul_le_mul h₁ h₂ (by grind) Rat.natCast_nonneg
    have h₅ := Rat.mul_le_mul_of_nonneg_right h₄ (Rat.le_of_lt (Rat.inv_pos.2 h₃))
    rw [Rat.mul_one, Rat.mul_inv_cancel _ (by grind), ← Rat.div_def] at h₅
    exact h₅
  have hI := two_pow_pos (imax (p / 2))
  rw [hε] at b
  rw [h8]
  simp only at hy a b
  have near : ∀ Z, Z ≤ greatest p → (scaled (truncate p (withSign false Z)) : Rat) ≤ Z ∧
      (1 - 4 * (1 / 2 ^ (p / 2))) * (Z : Rat) ≤ scaled (truncate p (withSign false Z)) := fun Z h => by
    rw [← h4]; exact truncate_near hp h
  have hδU : 2 ≤ 1 / (2 : Rat) ^ (p / 2) * ((2 ^ (6 * (p / 2)) : Nat) : Rat) := by
    have h₁ := two_pow_pos (p / 2)
    have h₂ : (2 : Rat) ^ 1 ≤ 2 ^ (5 * (p / 2)) := Rotary.pow_le_pow (by grind) (by omega)
    have h₃ : ((2 ^ (6 * (p / 2)) : Nat) : Rat) = 2 ^ (p / 2) * 2 ^ (5 * (p / 2)) := by
      rw [show 6 * (p / 2) = p / 2 + 5 * (p / 2) by omega, Nat.pow_add, Rat.natCast_mul, Rat.natCast_pow,
        Rat.natCast_pow]; rfl
    rw [Rat.pow_one] at h₂
    rw [h₃]
    generalize (2 : Rat) ^ (p / 2) = x, (2 : Rat) ^ (5 * (p / 2)) = z at *
    rw [show 1 / x * (x * z) = z by grind]
    exact h₂
  obtain ⟨r₁, r₂⟩ := reciprocal_near w₁.1 w₁.2 hU hδU
  have hUp := Rat.natCast_pos.2 hU
  have hUe : ((2 ^ (6 * (p / 2)) : Nat) : Rat) = 2 ^ (6 * (p / 2)) := by rw [Rat.natCast_pow]; rfl
  have pow_add : ∀ a b : Nat, (2 : Rat) ^ (a + b) = 2 ^ a * 2 ^ b := fun a b => by
    have := congrArg (Nat.cast (R := Rat)) (Nat.pow_add 2 a b)
    simpa only [Rat.natCast_pow, Rat.natCast_mul, Rat.natCast_ofNat] using this
  have hwp := Rat.natCast_pos.2 (Nat.lt_of_lt_of_le hU w₁.1)
  generalize expApprox m (((scaled φ).natAbs : Rat) / 2 ^ imax (p / 2)) = E at *
  have hE1 : 0 < E := by grind
  have hy0 : 0 ≤ y := by
    rw [hy]
    refine Rat.mul_nonneg (Rat.le_of_lt hI) ?_
    split
    · exact Rat.le_of_lt (Rat.inv_pos.2 hE1)
    · exact Rat.le_of_lt hE1
  cases hn : negative φ
  · rw [hn, if_neg (by simp)] at hy
    have e : exp φ = truncate p (withSign false (shiftBy
        (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).1
        ((imax (p / 2) + (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).2 : Nat) -
          (6 * (p / 2) : Nat)))) := by
      simp only [exp, hn, Bool.false_eq_true, if_false, ofDyadic]
      rfl
    rw [e]
    rw [expValue] at a b
    generalize expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2)) = s at *
    obtain ⟨z₁, z₂⟩ := shiftBy_near s.1 (imax (p / 2) + s.2) (6 * (p / 2))
    generalize shiftBy s.1 ((imax (p / 2) + s.2 : Nat) - (6 * (p / 2) : Nat)) = Z at *
    have eF : (s.1 : Rat) * 2 ^ (imax (p / 2) + s.2) / 2 ^ (6 * (p / 2)) =
        2 ^ imax (p / 2) * ((s.1 : Rat) * 2 ^ s.2 / ((2 ^ (6 * (p / 2)) : Nat) : Rat)) := by
      rw [pow_add, hUe]; grind
    rw [eF] at z₁ z₂
    generalize (s.1 : Rat) * 2 ^ s.2 / ((2 ^ (6 * (p / 2)) : Nat) : Rat) = V at *
    have a' := Rat.mul_le_mul_of_nonneg_left a (Rat.le_of_lt hI)
    have b' := Rat.mul_le_mul_of_nonneg_left b (Rat.le_of_lt hI)
    rw [← hy] at a'
    have hZ : Z ≤ greatest p := Rat.natCast_le_natCast.1 (Rat.le_trans z₁ (Rat.le_trans a' hle))
    obtain ⟨t₁, t₂⟩ := near Z hZ
    exact combine_pos hδ.1 hδ.2 hy0 (by rw [hy]; grind) a' z₁ z₂ t₁ t₂
  · rw [hn, if_pos rfl] at hy
    have e : exp φ = truncate p (withSign false (shiftBy
        (2 ^ (6 * (p / 2)) * 2 ^ (6 * (p / 2)) / (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).1)
        ((imax (p / 2) : Nat) -
          ((expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))).2 + 6 * (p / 2) : Nat)))) := by
      simp only [exp, hn, if_true, ofDyadic]
      congr 3
      omega
    rw [e]
    have hV : 0 < expValue (2 ^ (6 * (p / 2))) (expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2))) := by
      grind
    have c₁ := mul_inv_le (c := 1) hV hE1 (by rw [Rat.one_mul]; exact a)
    have c₂ := mul_inv_le hE1 hV b
    have c₃ := mul_inv_le (c := 1) (show (0 : Rat) < 1 by grind) hV (by rw [Rat.one_mul]; exact hv1)
    rw [expValue] at c₁ c₂ c₃
    clear a b hv1 hV
    generalize expPower (2 ^ (6 * (p / 2))) (expArgument φ) (4 * (p / 2)) = s at *
    generalize 2 ^ (6 * (p / 2)) * 2 ^ (6 * (p / 2)) / s.1 = N at *
    obtain ⟨z₁, z₂⟩ := shiftBy_near N (imax (p / 2)) (s.2 + 6 * (p / 2))
    generalize shiftBy N ((imax (p / 2) : Nat) - (s.2 + 6 * (p / 2) : Nat)) = Z at *
    have h2e := two_pow_pos s.2
    rw [pow_add, ← hUe] at z₁ z₂
    have hZI : (Z : Rat) ≤ 2 ^ imax (p / 2) → Z ≤ greatest p := fun h => by
      have h₁ : Z ≤ 2 ^ imax (p / 2) := Rat.natCast_le_natCast.1 (by rw [Rat.natCast_pow]; exact h)
      have h₂ := imax_add_one (p / 2)
      have h₃ : 2 ^ 1 ≤ 2 ^ (p / 2 - 1) := Nat.pow_le_pow_right (by omega) (by omega)
      have h₄ : 2 ^ imax (p / 2) ≤ 2 ^ (2 * imax (p / 2)) := Nat.pow_le_pow_right (by omega) (by omega)
      have h₅ := Nat.le_mul_of_pos_left (2 ^ (2 * imax (p / 2))) (show 0 < imax (p / 2) by omega)
      rw [greatest]
      omega
    clear hUe pow_add hle w₁
    generalize ((2 ^ (6 * (p / 2)) : Nat) : Rat) = u, (s.1 : Rat) = w, (2 : Rat) ^ s.2 = t, (N : Rat) = n,
      (2 : Rat) ^ imax (p / 2) = I at *
    have eG : I * (w * t / u)⁻¹ = u * u * w⁻¹ * (I * t⁻¹ * u⁻¹) := by grind
    have hK : 0 ≤ I * t⁻¹ * u⁻¹ := Rat.mul_nonneg (Rat.mul_nonneg (Rat.le_of_lt hI) (Rat.le_of_lt (Rat.inv_pos.2 h2e)))
      (Rat.le_of_lt (Rat.inv_pos.2 hUp))
    have eN : n * I / (t * u) = n * (I * t⁻¹ * u⁻¹) := by grind
    rw [eN] at z₁ z₂
    have r₁' := Rat.mul_le_mul_of_nonneg_right r₁ hK
    have r₂' := Rat.mul_le_mul_of_nonneg_right r₂ hK
    rw [← eG] at r₁'
    rw [show ∀ x : Rat, (1 - x) * (u * u * w⁻¹) * (I * t⁻¹ * u⁻¹) = (1 - x) * (u * u * w⁻¹ * (I * t⁻¹ * u⁻¹)) from
      fun x => Rat.mul_assoc .., ← eG] at r₂'
    have c₁' := Rat.mul_le_mul_of_nonneg_left c₁ (Rat.le_of_lt hI)
    have c₂' := Rat.mul_le_mul_of_nonneg_left c₂ (Rat.le_of_lt hI)
    have c₃' := Rat.mul_le_mul_of_nonneg_left c₃ (Rat.le_of_lt hI)
    generalize (w * t / u)⁻¹ = Vi at *
    have g₁ : y ≤ I * Vi := by rw [hy]; grind
    have g₂ : (1 - 3 * (1 / 2 ^ (p / 2) * (1 / 2 ^ (p / 2)))) * (I * Vi) ≤ y := by rw [hy]; grind
    have g₃ : I * Vi ≤ I := by
      rw [show (1 : Rat)⁻¹ = 1 from Rat.inv_eq_of_mul_eq_one (by grind)] at c₃'
      grind
    have g₄ : (Z : Rat) ≤ I * Vi := Rat.le_trans z₁ r₁'
    obtain ⟨t₁, t₂⟩ := near Z (hZI (Rat.le_trans g₄ g₃))
    exact combine_neg hδ.1 hδ.2 hy0 g₁ g₂ g₄ (by grind) t₁ t₂

end Logprec.Float
