import Logprec.Float.Operations
import Logprec.Rotary.Reference

/-!
# How near the exponential of floats is to the exponential

`expApprox m x = (1 + x / 2 ^ m) ^ (2 ^ m)` tends to `e ^ x` from below as `m` grows (it is increasing, and by
`expApprox_near` settles fast). `exp_near` (`Logprec.Softmax.ExpNear`) compares `Float.exp` with all its late members,
and so with the limit: the relative error is at most `8 / 2 ^ q`, where `q = p / 2`, and the absolute one at most one
unit, the least positive float, more than that.
-/

namespace Logprec.Float

open Rotary (mul_le_mul two_pow_pos)

/-- The sequence that tends to the exponential. -/
def expApprox (m : Nat) (x : Rat) : Rat := (1 + x / 2 ^ m) ^ 2 ^ m

/-! ## Powers -/

private theorem mul_pow (a b : Rat) : ∀ k : Nat, (a * b) ^ k = a ^ k * b ^ k
  | 0 => by simp [Rat.pow_zero]
  | k + 1 => by rw [Rat.pow_succ, Rat.pow_succ, Rat.pow_succ, mul_pow a b k]; grind

private theorem one_pow : ∀ k : Nat, (1 : Rat) ^ k = 1
  | 0 => Rat.pow_zero _
  | k + 1 => by rw [Rat.pow_succ, one_pow k]; grind

private theorem pow_le_pow_left {a b : Rat} (ha : 0 ≤ a) (h : a ≤ b) : ∀ k : Nat, a ^ k ≤ b ^ k
  | 0 => by rw [Rat.pow_zero, Rat.pow_zero]; grind
  | k + 1 => by
    rw [Rat.pow_succ, Rat.pow_succ]
    exact mul_le_mul (pow_le_pow_left ha h k) h ha (Rat.pow_nonneg (by grind))

private theorem pow_two_pow_succ (a : Rat) (m : Nat) : a ^ 2 ^ (m + 1) = (a * a) ^ 2 ^ m := by
  have h : ∀ k : Nat, a ^ (k * 2) = (a * a) ^ k := fun k => by
    induction k with
    | zero => rw [Nat.zero_mul, Rat.pow_zero, Rat.pow_zero]
    | succ k ih =>
      rw [Nat.succ_mul, show k * 2 + 2 = k * 2 + 1 + 1 from rfl, Rat.pow_succ, Rat.pow_succ, ih, Rat.pow_succ]; grind
  rw [Nat.pow_succ, h]

/-- Bernoulli's inequality. -/
private theorem one_sub_mul_le_pow {u : Rat} (h0 : 0 ≤ u) (h1 : u ≤ 1) : ∀ k : Nat, 1 - k * u ≤ (1 - u) ^ k
  | 0 => by rw [Rat.pow_zero]; simp; grind
  | k + 1 => by
    have ih := one_sub_mul_le_pow h0 h1 k
    have h := Rat.mul_le_mul_of_nonneg_right ih (show 0 ≤ 1 - u by grind)
    have hk : (0 : Rat) ≤ k * (u * u) := Rat.mul_nonneg Rat.natCast_nonneg (Rat.mul_nonneg h0 h0)
    rw [Rat.pow_succ, Rat.natCast_add]
    simp only [Rat.natCast_ofNat]
    grind

/-! ## The sequence -/

/-- The sequence that tends to the reciprocal of the exponential. -/
private def expMinus (m : Nat) (x : Rat) : Rat := (1 - x / 2 ^ m) ^ 2 ^ m

private theorem half_step (x : Rat) (m : Nat) : x / 2 ^ m = 2 * (x / 2 ^ (m + 1)) := by
  rw [Rat.pow_succ]
  have := two_pow_pos m
  grind

private theorem div_nonneg {x : Rat} (hx : 0 ≤ x) (m : Nat) : 0 ≤ x / 2 ^ m := by
  rw [Rat.div_def]
  exact Rat.mul_nonneg hx (Rat.le_of_lt (Rat.inv_pos.2 (two_pow_pos m)))

/-- The sequence increases. -/
theorem expApprox_mono {x : Rat} (hx : 0 ≤ x) {m m' : Nat} (h : m ≤ m') : expApprox m x ≤ expApprox m' x := by
  obtain ⟨t, rfl⟩ := Nat.exists_eq_add_of_le h
  induction t with
  | zero => exact Rat.le_refl
  | succ t ih =>
    refine Rat.le_trans (ih (by omega)) ?_
    rw [expApprox, expApprox, ← Nat.add_assoc, pow_two_pow_succ, half_step]
    have := div_nonneg hx (m + t + 1)
    generalize x / 2 ^ (m + t + 1) = y at *
    have := Rat.mul_nonneg this this
    exact pow_le_pow_left (by grind) (by grind) _

private theorem expMinus_mono {x : Rat} (hx : 0 ≤ x) {m m' : Nat} (h : m ≤ m') (hm : x ≤ 2 ^ m) :
    expMinus m x ≤ expMinus m' x := by
  obtain ⟨t, rfl⟩ := Nat.exists_eq_add_of_le h
  induction t with
  | zero => exact Rat.le_refl
  | succ t ih =>
    refine Rat.le_trans (ih (by omega)) ?_
    have hle : x / 2 ^ (m + t) ≤ 1 := by
      have h₁ := two_pow_pos (m + t)
      have h₂ : (2 : Rat) ^ m ≤ 2 ^ (m + t) := Rotary.pow_le_pow (by grind) (by omega)
      have h₃ := Rat.mul_le_mul_of_nonneg_right (Rat.le_trans hm h₂) (Rat.le_of_lt (Rat.inv_pos.2 h₁))
      rw [Rat.mul_inv_cancel _ (by grind), ← Rat.div_def] at h₃
      exact h₃
    rw [expMinus, expMinus, ← Nat.add_assoc, pow_two_pow_succ, half_step]
    rw [half_step] at hle
    have := div_nonneg hx (m + t + 1)
    generalize x / 2 ^ (m + t + 1) = y at *
    have := Rat.mul_nonneg this this
    exact pow_le_pow_left (by grind) (by grind) _

private theorem expApprox_mul_expMinus (m : Nat) (x : Rat) :
    expApprox m x * expMinus m x = (1 - x / 2 ^ m * (x / 2 ^ m)) ^ 2 ^ m := by
  rw [expApprox, expMinus, ← mul_pow]
  congr 1
  generalize x / 2 ^ m = y
  grind

private theorem div_le_one {x : Rat} {m : Nat} (h : x ≤ 2 ^ m) : x / 2 ^ m ≤ 1 := by
  have h₁ := two_pow_pos m
  have h₃ := Rat.mul_le_mul_of_nonneg_right h (Rat.le_of_lt (Rat.inv_pos.2 h₁))
  rw [Rat.mul_inv_cancel _ (by grind), ← Rat.div_def] at h₃
  exact h₃

private theorem expApprox_nonneg {x : Rat} (hx : 0 ≤ x) (m : Nat) : 1 ≤ expApprox m x := by
  have h := expApprox_mono hx (Nat.zero_le m)
  have e : expApprox 0 x = 1 + x := by
    rw [expApprox, Nat.pow_zero, Rat.pow_one, Rat.pow_zero]; grind
  rw [e] at h
  grind

/-- **The sequence settles**: from index `m` on, where `x ≤ 2 ^ m`, it grows by at most the factor
`1 / (1 - x ² / 2 ^ m)`. -/
theorem expApprox_near {x : Rat} (hx : 0 ≤ x) {m m' : Nat} (h : m ≤ m') (hm : x ≤ 2 ^ m) :
    (1 - x * x / 2 ^ m) * expApprox m' x ≤ expApprox m x := by
  have hm' : x ≤ 2 ^ m' := Rat.le_trans hm (Rotary.pow_le_pow (by grind) h)
  have sq : ∀ {k : Nat}, x ≤ 2 ^ k → 0 ≤ x / 2 ^ k * (x / 2 ^ k) ∧ x / 2 ^ k * (x / 2 ^ k) ≤ 1 := fun {k} hk => by
    have h₀ := div_nonneg hx k
    have h₁ := div_le_one hk
    exact ⟨Rat.mul_nonneg h₀ h₀, by have := mul_le_mul h₁ h₁ h₀ (by grind); grind⟩
  have h₁ : expApprox m' x * expMinus m' x ≤ 1 := by
    rw [expApprox_mul_expMinus]
    have := pow_le_pow_left (a := 1 - x / 2 ^ m' * (x / 2 ^ m')) (b := 1) (by have := (sq hm').2; grind)
      (by have := (sq hm').1; grind) (2 ^ m')
    rwa [one_pow] at this
  have h₂ : 1 - x * x / 2 ^ m ≤ expApprox m x * expMinus m x := by
    rw [expApprox_mul_expMinus]
    have h := one_sub_mul_le_pow (sq hm).1 (sq hm).2 (2 ^ m)
    have hp := two_pow_pos m
    rw [Rotary.natCast_two_pow, show (2 : Rat) ^ m * (x / 2 ^ m * (x / 2 ^ m)) = x * x / 2 ^ m by grind] at h
    exact h
  have h₃ := expMinus_mono hx h hm
  have a := expApprox_nonneg hx m
  have a' := expApprox_nonneg hx m'
  have b₀ : 0 ≤ expMinus m x := Rat.pow_nonneg (by have := div_le_one hm; grind)
  -- `E' F ≤ E' F' ≤ 1`
  have h₄ := Rat.le_trans (Rat.mul_le_mul_of_nonneg_left h₃ (show 0 ≤ expApprox m' x by grind)) h₁
  have h₅ := Rat.mul_le_mul_of_nonneg_right h₂ (show 0 ≤ expApprox m' x by grind)
  have h₆ := Rat.mul_le_mul_of_nonneg_left h₄ (show 0 ≤ expApprox m x by grind)
  grind

/-- Rounding the argument down by at most `δ` makes the exponential smaller by at most the factor `1 - δ`. -/
theorem expApprox_floor {x x' δ : Rat} (h0 : 0 ≤ x') (h : x' ≤ x) (hδ : x ≤ x' + δ) (m : Nat) (hm : δ ≤ 2 ^ m)
    (hδ1 : δ ≤ 1) : (1 - δ) * expApprox m x ≤ expApprox m x' ∧ expApprox m x' ≤ expApprox m x := by
  have hd : 0 ≤ δ := by grind
  have hp := two_pow_pos m
  have hi := Rat.le_of_lt (Rat.inv_pos.2 hp)
  have d₁ := div_nonneg h0 m
  have d₂ := div_nonneg hd m
  have d₃ : x' / 2 ^ m ≤ x / 2 ^ m := by
    rw [Rat.div_def, Rat.div_def]; exact Rat.mul_le_mul_of_nonneg_right h hi
  have d₄ : x / 2 ^ m ≤ x' / 2 ^ m + δ / 2 ^ m := by
    have := Rat.mul_le_mul_of_nonneg_right hδ hi
    rw [Rat.div_def, Rat.div_def, Rat.div_def]; grind
  have h₁ : expApprox m x ≤ expApprox m x' * expApprox m δ := by
    rw [expApprox, expApprox, expApprox, ← mul_pow]
    have := Rat.mul_nonneg d₁ d₂
    exact pow_le_pow_left (by grind) (by grind) _
  have h₂ : (1 - δ) * expApprox m δ ≤ 1 := by
    have b := one_sub_mul_le_pow (u := δ / 2 ^ m) d₂ (div_le_one hm) (2 ^ m)
    rw [Rotary.natCast_two_pow, show (2 : Rat) ^ m * (δ / 2 ^ m) = δ by grind] at b
    have c : expApprox m δ * (1 - δ / 2 ^ m) ^ 2 ^ m ≤ 1 := by
      rw [show expApprox m δ * (1 - δ / 2 ^ m) ^ 2 ^ m = _ from expApprox_mul_expMinus m δ]
      have d := div_le_one hm
      have e := Rat.mul_nonneg d₂ d₂
      have f := mul_le_mul d d d₂ (by grind)
      have := pow_le_pow_left (a := 1 - δ / 2 ^ m * (δ / 2 ^ m)) (b := 1) (by grind) (by grind) (2 ^ m)
      rwa [one_pow] at this
    have g := Rat.mul_le_mul_of_nonneg_left b (show 0 ≤ expApprox m δ by have := expApprox_nonneg hd m; grind)
    grind
  refine ⟨?_, pow_le_pow_left (by grind) (by grind) _⟩
  have h₃ := Rat.mul_le_mul_of_nonneg_left h₁ (show 0 ≤ 1 - δ by grind)
  have h₄ := Rat.mul_le_mul_of_nonneg_left h₂ (show 0 ≤ expApprox m x' by have := expApprox_nonneg h0 m; grind)
  grind

/-! ## The squarings -/

/-- The number that is meant by a mantissa and an exponent. -/
def expValue (U : Nat) (s : Nat × Nat) : Rat := (s.1 : Rat) * 2 ^ s.2 / U

private theorem expStep_spec {U : Nat} {s : Nat × Nat} (hU : 0 < U) (hs : U ≤ s.1) :
    ∃ D, 0 < D ∧ (expStep U s).1 * D ≤ s.1 * s.1 ∧ s.1 * s.1 < ((expStep U s).1 + 1) * D ∧ D * U ≤ s.1 * s.1 ∧
      U * 2 ^ (expStep U s).2 = D * (2 ^ s.2 * 2 ^ s.2) := by
  have hsq := Nat.mul_le_mul hs hs
  rw [expStep]
  split
  · refine ⟨U, hU, Nat.div_mul_le_self _ _, ?_, hsq, ?_⟩
    · have := Nat.lt_mul_div_succ (s.1 * s.1) hU
      show s.1 * s.1 < (s.1 * s.1 / U + 1) * U
      rw [Nat.mul_comm (_ + 1)]; exact this
    · simp only [Nat.two_mul, Nat.pow_add]
  · rename_i h
    have h2 : 2 * U * U ≤ s.1 * s.1 := (Nat.le_div_iff_mul_le hU).1 (by omega)
    refine ⟨2 * U, by omega, ?_, ?_, h2, ?_⟩
    · simp only [Nat.div_div_eq_div_mul, Nat.mul_comm U 2]
      exact Nat.div_mul_le_self _ _
    · simp only [Nat.div_div_eq_div_mul, Nat.mul_comm U 2]
      have := Nat.lt_mul_div_succ (s.1 * s.1) (show 0 < 2 * U by omega)
      rw [Nat.mul_comm (_ + 1)]; exact this
    · simp only [Nat.pow_succ, Nat.two_mul, Nat.pow_add]; grind

/-- One squaring errs downwards, by at most the factor `1 - 1 / U`. -/
theorem expStep_near {U : Nat} {s : Nat × Nat} (hU : 0 < U) (hs : U ≤ s.1) :
    expValue U (expStep U s) ≤ expValue U s * expValue U s ∧
      (1 - 1 / U) * (expValue U s * expValue U s) ≤ expValue U (expStep U s) := by
  obtain ⟨D, hD, h₁, h₂, h₃, h₄⟩ := expStep_spec hU hs
  have hu : (0 : Rat) < U := Rat.natCast_pos.2 hU
  have h₁ := Rat.natCast_le_natCast.2 h₁
  have h₂ := Rat.natCast_lt_natCast.2 h₂
  have h₃ := Rat.natCast_le_natCast.2 h₃
  have h₄ := congrArg (Nat.cast (R := Rat)) h₄
  simp only [Rat.natCast_mul, Rat.natCast_add, Rat.natCast_pow, Rat.natCast_ofNat] at h₁ h₂ h₃ h₄
  have hp := two_pow_pos s.2
  simp only [expValue]
  generalize ((expStep U s).1 : Rat) = w', (2 : Rat) ^ (expStep U s).2 = t', (s.1 : Rat) = w, (2 : Rat) ^ s.2 = t,
    (D : Rat) = d, (U : Rat) = u at *
  have e : w' * t' / u = w' * d * (t * t) / (u * u) := by
    have : t' = d * (t * t) / u := by grind
    rw [this]; grind
  have e' : w * t / u * (w * t / u) = w * w * (t * t) / (u * u) := by grind
  have hc : 0 ≤ t * t / (u * u) := by
    rw [Rat.div_def]
    exact Rat.mul_nonneg (Rat.mul_nonneg (Rat.le_of_lt hp) (Rat.le_of_lt hp))
      (Rat.le_of_lt (Rat.inv_pos.2 (Rat.mul_pos hu hu)))
  have hd : d ≤ w * w / u := by
    have := Rat.mul_le_mul_of_nonneg_right h₃ (Rat.le_of_lt (Rat.inv_pos.2 hu))
    rwa [Rat.mul_assoc, Rat.mul_inv_cancel _ (by grind), Rat.mul_one, ← Rat.div_def] at this
  rw [e, e']
  constructor
  · have := Rat.mul_le_mul_of_nonneg_right h₁ hc
    grind
  · have : (1 - 1 / u) * (w * w) ≤ w' * d := by grind
    have := Rat.mul_le_mul_of_nonneg_right this hc
    grind

/-- **All squarings** err downwards, by at most the factor `1 - 2 ^ m / U`. -/
theorem expPower_near {U y : Nat} (hy : y < U) (hw : ∀ j, U ≤ (expPower U y j).1) (m : Nat) :
    expValue U (expPower U y m) ≤ (1 + (y : Rat) / U) ^ 2 ^ m ∧
      (1 - 2 ^ m / (U : Rat)) * (1 + (y : Rat) / U) ^ 2 ^ m ≤ expValue U (expPower U y m) := by
  have hU : 0 < U := by omega
  have hu : (0 : Rat) < U := Rat.natCast_pos.2 hU
  have hi := Rat.le_of_lt (Rat.inv_pos.2 hu)
  have hu1 : (1 : Rat) ≤ U := by have := Rat.natCast_le_natCast.2 hU; simpa using this
  have hinv : 0 ≤ 1 / (U : Rat) ∧ 1 / (U : Rat) ≤ 1 := by
    have := Rat.mul_le_mul_of_nonneg_right hu1 hi
    rw [Rat.mul_inv_cancel _ (by grind)] at this
    rw [Rat.div_def]
    constructor <;> grind
  have hbase : (0 : Rat) ≤ 1 + (y : Rat) / U := by
    have : 0 ≤ (y : Rat) / U := by rw [Rat.div_def]; exact Rat.mul_nonneg Rat.natCast_nonneg hi
    grind
  generalize hc : 1 - 1 / (U : Rat) = c at *
  have hc0 : 0 ≤ c := by grind
  have hc1 : c ≤ 1 := by grind
  have key : ∀ j, expValue U (expPower U y j) ≤ (1 + (y : Rat) / U) ^ 2 ^ j ∧
      c ^ 2 ^ j * (1 + (y : Rat) / U) ^ 2 ^ j ≤ c * expValue U (expPower U y j) ∧
      0 ≤ expValue U (expPower U y j) := by
    intro j
    induction j with
    | zero =>
      have e : expValue U (expPower U y 0) = 1 + (y : Rat) / U := by
        simp only [expValue, expPower, Rat.natCast_add, Rat.pow_zero]; grind
      rw [e, Nat.pow_zero, Rat.pow_one, Rat.pow_one]
      exact ⟨Rat.le_refl, Rat.le_refl, hbase⟩
    | succ j ih =>
      obtain ⟨i₁, i₂, i₃⟩ := ih
      obtain ⟨s₁, s₂⟩ := expStep_near hU (hw j)
      rw [expPower, pow_two_pow_succ, pow_two_pow_succ, mul_pow, mul_pow]
      rw [hc] at s₂
      generalize expValue U (expPower U y j) = v, expValue U (expStep U (expPower U y j)) = v' at *
      have ht := Rat.pow_nonneg (n := 2 ^ j) hbase
      have hcc := Rat.pow_nonneg (n := 2 ^ j) hc0
      generalize (1 + (y : Rat) / U) ^ 2 ^ j = t, c ^ 2 ^ j = b at *
      have hv := Rat.mul_nonneg i₃ i₃
      have k₁ := mul_le_mul i₁ i₁ i₃ ht
      have k₂ := mul_le_mul i₂ i₂ (Rat.mul_nonneg hcc ht) (Rat.mul_nonneg hc0 i₃)
      have k₃ := Rat.mul_le_mul_of_nonneg_left s₂ hc0
      refine ⟨Rat.le_trans s₁ k₁, ?_, Rat.le_trans (Rat.mul_nonneg hc0 hv) s₂⟩
      grind
  obtain ⟨h₁, h₂, h₃⟩ := key m
  refine ⟨h₁, ?_⟩
  have hb := one_sub_mul_le_pow hinv.1 hinv.2 (2 ^ m)
  rw [hc, Rotary.natCast_two_pow, show (2 : Rat) ^ m * (1 / (U : Rat)) = 2 ^ m / U by grind] at hb
  have k := Rat.mul_le_mul_of_nonneg_right hb (Rat.pow_nonneg (n := 2 ^ m) hbase)
  have l := Rat.mul_le_mul_of_nonneg_right hc1 h₃
  grind

end Logprec.Float
