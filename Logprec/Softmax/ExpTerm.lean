import Logprec.Softmax.Terms

/-!
# The term for the exponential of a float

`4 q` squarings of a number that is kept in one register together with its exponent.
-/

namespace Logprec

namespace Float

/-- The mantissa stays in `[U, 2 U)`, and the exponent is at most `2 ^ m`. -/
theorem expPower_bounds {U y : Nat} (hy : y < U) (m : Nat) :
    (U ≤ (expPower U y m).1 ∧ (expPower U y m).1 < 2 * U) ∧ (expPower U y m).2 < 2 ^ m := by
  induction m with
  | zero => exact ⟨⟨Nat.le_add_right _ _, by simp only [expPower]; omega⟩, by simp [expPower]⟩
  | succ m ih =>
    obtain ⟨⟨h₁, h₂⟩, h₃⟩ := ih
    rw [expPower, Nat.pow_succ, expStep]
    generalize (expPower U y m).1 = w, (expPower U y m).2 = e at *
    have hU : 0 < U := by omega
    have l : U ≤ w * w / U := by
      rw [Nat.le_div_iff_mul_le hU]; exact Nat.mul_le_mul h₁ h₁
    have u : w * w / U < 4 * U := by
      rw [Nat.div_lt_iff_lt_mul hU]
      have := Nat.mul_lt_mul_of_lt_of_le h₂ (Nat.le_of_lt h₂) (by omega)
      rwa [show 2 * U * (2 * U) = 4 * U * U by grind] at this
    split <;> simp only <;> omega

end Float

namespace Term

/-- The unit of the squarings, `2 ^ (6 q)`. -/
def expUnit (C : PrecTerms) : Term := 64 * power C.Q 6
/-- The argument as a fixed-point number with `2 q` fraction bits. -/
def expArg (C : PrecTerms) (a : Term) : Term :=
  (fMag C a * pow2 (fExpo C a + 2 * (C.l + 1) - (C.Q - 1)) (8 * power C.Q 3) /
    pow2 (C.Q - 1 - (fExpo C a + 2 * (C.l + 1))) (fMag C a + 1)).min (8 * power C.Q 3)
/-- One squaring, of the packed number `e · 2 U + w` in variable 0. -/
def expStepTerm (U : Term) : Term :=
  let w := .var 0 % (2 * U)
  let e := .var 0 / (2 * U)
  .ite (.lt (w * w / U) (2 * U)) (2 * e * (2 * U) + w * w / U) ((2 * e + 1) * (2 * U) + w * w / U / 2)
/-- All squarings. -/
def expPowerTerm (C : PrecTerms) (a : Term) : Term :=
  iter (4 * (C.l + 1)) (16 * power C.Q 4 * (2 * expUnit C)) (expUnit C + expArg C a) (expStepTerm (expUnit C).up.up)
/-- The string of the exponential. -/
def fExp (C : PrecTerms) (a : Term) : Term :=
  let U := expUnit C
  let w := expPowerTerm C a % (2 * U)
  let e := expPowerTerm C a / (2 * U)
  .ite (fNeg C a) (dyadic C 0 (U * U / w) (C.Q - 1) (e + 6 * (C.l + 1)))
    (dyadic C 0 w (C.Q - 1 + e) (6 * (C.l + 1)))

private theorem pack_div_mod {U w e : Nat} (hw : w < 2 * U) :
    (e * (2 * U) + w) / (2 * U) = e ∧ (e * (2 * U) + w) % (2 * U) = w := by
  rw [Nat.add_comm, Nat.add_mul_div_right _ _ (by omega), Nat.div_eq_of_lt hw, Nat.add_mul_mod_self_right,
    Nat.mod_eq_of_lt hw]
  exact ⟨Nat.zero_add _, rfl⟩

private theorem eval_expStepTerm {U i w e : Nat} {ρ : List Nat} {t : Term} (ht : t.eval ρ = U) (hw : w < 2 * U) :
    (expStepTerm t.up.up).eval ((e * (2 * U) + w) :: i :: ρ) =
      (Float.expStep U (w, e)).2 * (2 * U) + (Float.expStep U (w, e)).1 := by
  obtain ⟨h₁, h₂⟩ := pack_div_mod (e := e) hw
  simp only [expStepTerm, eval_ite, eval_lt, eval_div, eval_mul, eval_mod, eval_add, eval_var, List.getD_cons_zero,
    eval_up, ht, eval_ofNat, h₁, h₂, Float.expStep]
  by_cases h : w * w / U < 2 * U <;> simp [h]

section
variable {C : PrecTerms} {ρ : List Nat} {p : Nat} (hC : C.Holds ρ p) {a : Term} {φ : BitVec p} (ha : a.eval ρ = φ.toNat)
include hC

private theorem eval_power_Q (c k : Nat) (hc : c = 2 ^ k) : (lit c * power C.Q k).eval ρ = 2 ^ (k * (p / 2)) := by
  have h : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by
    have := hC.le
    rw [← Nat.pow_succ']; congr 1; omega
  rw [eval_mul, eval_power, hC.Q, eval_lit, hc, ← Nat.mul_pow, ← h, ← Nat.pow_mul, Nat.mul_comm]

private theorem eval_expUnit : (expUnit C).eval ρ = 2 ^ (6 * (p / 2)) := eval_power_Q hC 64 6 rfl

include ha in
private theorem eval_expArg : (expArg C a).eval ρ = Float.expArgument φ := by
  have h3 : (8 * power C.Q 3).eval ρ = 2 ^ (3 * (p / 2)) := eval_power_Q hC 8 3 rfl
  have hI : (C.Q - 1).eval ρ = Float.imax (p / 2) := by
    simp only [eval_sub, hC.Q, eval_ofNat, Float.imax]
  have hK : (fExpo C a + 2 * (C.l + 1)).eval ρ = Float.expo φ + 2 * (p / 2) := by
    have := hC.le
    simp only [eval_add, eval_mul, eval_fExpo hC ha, hC.l, eval_ofNat]; omega
  have e : ((Float.expo φ : Int) + 2 * (p / 2 : Nat) - (Float.imax (p / 2) : Nat)) =
    ((Float.expo φ + 2 * (p / 2) : Nat) : Int) - (Float.imax (p / 2) : Nat) := by omega
  have k₁ : (fExpo C a + 2 * (C.l + 1) - (C.Q - 1)).eval ρ = Float.expo φ + 2 * (p / 2) - Float.imax (p / 2) := by
    rw [eval_sub, hK, hI]
  have k₂ : (C.Q - 1 - (fExpo C a + 2 * (C.l + 1))).eval ρ = Float.imax (p / 2) - (Float.expo φ + 2 * (p / 2)) := by
    rw [eval_sub, hK, hI]
  rw [Float.expArgument, e, Float.shiftBy, expArg, eval_min, eval_div, eval_mul, eval_pow2, eval_pow2, k₁, k₂, eval_add,
    eval_fMag hC ha, h3]
  clear k₁ k₂ hI hK h3 e ha hC
  generalize Float.mag φ = M, Float.expo φ + 2 * (p / 2) = x, Float.imax (p / 2) = I
  have hB := Nat.two_pow_pos (3 * (p / 2))
  generalize 2 ^ (3 * (p / 2)) = B at *
  rw [show ((x : Int) - I).toNat = x - I by omega, show (-((x : Int) - I)).toNat = I - x by omega, eval_ofNat]
  show min _ _ = min _ _
  by_cases hx : I ≤ x
  · rw [show I - x = 0 by omega, Nat.pow_zero, Nat.min_eq_left (show 1 ≤ M + 1 by omega), Nat.div_one, Nat.div_one]
    rcases Nat.le_total (2 ^ (x - I)) B with h | h
    · rw [Nat.min_eq_left h]
    · rw [Nat.min_eq_right h]
      rcases Nat.eq_zero_or_pos M with rfl | hM
      · simp
      · have h₁ := Nat.le_mul_of_pos_left B hM
        have h₂ := Nat.mul_le_mul_left M h
        omega
  · rw [show x - I = 0 by omega, Nat.pow_zero, Nat.min_eq_left hB, Nat.mul_one]
    rcases Nat.le_total (2 ^ (I - x)) (M + 1) with h | h
    · rw [Nat.min_eq_left h]
    · rw [Nat.min_eq_right h, Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]

include ha in
private theorem eval_expPowerTerm :
    let U := 2 ^ (6 * (p / 2))
    let s := Float.expPower U (Float.expArgument φ) (4 * (p / 2))
    (expPowerTerm C a).eval ρ = s.2 * (2 * U) + s.1 := by
  intro U s
  have hU := eval_expUnit hC
  have hcount : (4 * (C.l + 1)).eval ρ = 4 * (p / 2) := by
    have := hC.le
    simp only [eval_add, eval_mul, hC.l, eval_ofNat]; omega
  have hbound : (16 * power C.Q 4 * (2 * expUnit C)).eval ρ = 2 ^ (4 * (p / 2)) * (2 * U) := by
    rw [eval_mul, show (16 * power C.Q 4).eval ρ = _ from eval_power_Q hC 16 4 rfl, eval_mul, hU]; rfl
  have hy : Float.expArgument φ < U := by
    refine Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.pow_lt_pow_right (by omega) ?_)
    have := hC.le
    omega
  have small : ∀ j ≤ 4 * (p / 2), (Float.expPower U (Float.expArgument φ) j).2 * (2 * U) +
      (Float.expPower U (Float.expArgument φ) j).1 ≤ 2 ^ (4 * (p / 2)) * (2 * U) := fun j hj => by
    obtain ⟨⟨-, h₂⟩, h₃⟩ := Float.expPower_bounds hy j
    have h₄ := Nat.pow_le_pow_right (show 0 < 2 by omega) hj
    have h₅ := Nat.mul_le_mul_right (2 * U) (Nat.le_trans h₃ h₄)
    rw [Nat.succ_mul] at h₅
    omega
  suffices H : ∀ j ≤ 4 * (p / 2), (List.range j).foldl
      (fun acc i => min ((expStepTerm (expUnit C).up.up).eval (acc :: i :: ρ)) (2 ^ (4 * (p / 2)) * (2 * U)))
      (min (U + Float.expArgument φ) (2 ^ (4 * (p / 2)) * (2 * U))) =
      (Float.expPower U (Float.expArgument φ) j).2 * (2 * U) + (Float.expPower U (Float.expArgument φ) j).1 by
    rw [expPowerTerm, eval_iter, hcount, hbound, eval_add, hU, eval_expArg hC ha]
    exact H _ (Nat.le_refl _)
  intro j hj
  induction j with
  | zero =>
    have := small 0 (Nat.zero_le _)
    simp only [Float.expPower, Nat.zero_mul, Nat.zero_add] at this ⊢
    exact Nat.min_eq_left this
  | succ j ih =>
    rw [List.range_succ, List.foldl_append, ih (by omega), List.foldl_cons, List.foldl_nil,
      eval_expStepTerm hU (Float.expPower_bounds hy j).1.2]
    exact Nat.min_eq_left (small (j + 1) hj)

include ha in
/-- The exponential. -/
theorem eval_fExp : (fExp C a).eval ρ = (Float.exp φ).toNat := by
  have hU := eval_expUnit hC
  have hq : (6 * (C.l + 1)).eval ρ = 6 * (p / 2) := by
    have := hC.le
    simp only [eval_add, eval_mul, hC.l, eval_ofNat]; omega
  have hI : (C.Q - 1).eval ρ = Float.imax (p / 2) := by
    simp only [eval_sub, hC.Q, eval_ofNat, Float.imax]
  have hy : Float.expArgument φ < 2 ^ (6 * (p / 2)) := by
    refine Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.pow_lt_pow_right (by omega) ?_)
    have := hC.le
    omega
  have hb := (Float.expPower_bounds hy (4 * (p / 2))).1.2
  have hs := eval_expPowerTerm hC ha
  simp only at hs
  rw [Float.exp]
  generalize Float.expPower (2 ^ (6 * (p / 2))) (Float.expArgument φ) (4 * (p / 2)) = s at *
  obtain ⟨h₁, h₂⟩ := pack_div_mod (e := s.2) hb
  have hw : (expPowerTerm C a % (2 * expUnit C)).eval ρ = s.1 := by
    rw [eval_mod, hs, eval_mul, hU, eval_ofNat, h₂]
  have he : (expPowerTerm C a / (2 * expUnit C)).eval ρ = s.2 := by
    rw [eval_div, hs, eval_mul, hU, eval_ofNat, h₁]
  rw [fExp, eval_ite, eval_fNeg hC ha]
  cases Float.negative φ
  · simp only [Bool.toNat_false, ne_eq, not_true_eq_false, if_false, Bool.false_eq_true]
    rw [eval_dyadic hC (neg := false) rfl hw (A := Float.imax (p / 2) + s.2) (by rw [eval_add, hI, he]) hq]
    congr 2
  · simp only [Bool.toNat_true, ne_eq, Nat.one_ne_zero, not_false_eq_true, if_true]
    rw [eval_dyadic hC (neg := false) rfl (M := 2 ^ (6 * (p / 2)) * 2 ^ (6 * (p / 2)) / s.1)
      (by rw [eval_div, eval_mul, hU, hw]) hI (B := s.2 + 6 * (p / 2)) (by rw [eval_add, he, hq])]
    congr 2
    omega

end

end Term

end Logprec
