import Logprec.Float.Construct
import Logprec.Float.Template.Tests

/-!
# The float of a count, as a term: proofs

The float that belongs to a number of passed tests is a term. About the definitions in `Logprec.Float.Construct`.
-/

namespace Logprec.Float

/-- The float of threshold `k`, with a sign: its mantissa and shift, or the greatest float for the last. -/
def packThreshold (p : Nat) (neg : Bool) (k : Nat) : BitVec p :=
  if k + 1 = thresholdCount p then pack p neg (imax (p / 2)) (2 * imax (p / 2))
  else pack p neg (thresholdMantissa p k) (thresholdShift p k)

private theorem truncate_of_fits {p : Nat} {z : Int} {m s : Nat} (hz : z.natAbs = m * 2 ^ s)
    (hs : shiftFor (p / 2) (m * 2 ^ s) = s) (hle : s ≤ 2 * imax (p / 2)) : truncate p z = pack p (z < 0) m s := by
  have h : (m * 2 ^ s) >>> s = m := by rw [Nat.shiftRight_eq_div_pow, Nat.mul_div_cancel _ (Nat.two_pow_pos _)]
  simp only [truncate, hz, hs, hle, if_true, h]

/-- The truncation of a threshold. -/
theorem truncate_threshold {p k : Nat} (hk : k < thresholdCount p) {z : Int} (hz : z.natAbs = threshold p k) :
    truncate p z = packThreshold p (z < 0) k := by
  have hI := imax_add_one (p / 2)
  unfold packThreshold
  split
  case isTrue h =>
    rw [show k = thresholdCount p - 1 by omega, threshold_last] at hz
    have : ¬ shiftFor (p / 2) z.natAbs ≤ 2 * imax (p / 2) := by
      rw [shiftFor_le_iff, hz, bias]; exact Nat.lt_irrefl _
    simp only [truncate, this, if_false]
  case isFalse h =>
    rw [thresholdCount_eq] at h hk
    by_cases h₁ : k < imax (p / 2)
    · have hm : thresholdMantissa p k = k + 1 := by rw [thresholdMantissa, if_pos h₁]
      have hs : thresholdShift p k = 0 := by rw [thresholdShift, if_pos h₁]
      rw [hm, hs]
      rw [threshold, hm, hs] at hz
      refine truncate_of_fits hz (Nat.le_zero.1 (shiftFor_le_iff.2 ?_)) (Nat.zero_le _)
      simp only [Nat.pow_zero, Nat.mul_one, Nat.add_zero]; omega
    · have h₂ : k < imax (p / 2) + 2 * imax (p / 2) * 2 ^ (p / 2 - 2) := by omega
      have hm : thresholdMantissa p k = 2 ^ (p / 2 - 2) + (k - imax (p / 2)) % 2 ^ (p / 2 - 2) := by
        rw [thresholdMantissa, if_neg h₁, if_pos h₂]
      have hs : thresholdShift p k = (k - imax (p / 2)) / 2 ^ (p / 2 - 2) + 1 := by
        rw [thresholdShift, if_neg h₁, if_pos h₂]
      have hd : (k - imax (p / 2)) / 2 ^ (p / 2 - 2) < 2 * imax (p / 2) :=
        (Nat.div_lt_iff_lt_mul (Nat.two_pow_pos _)).2 (by omega)
      have hr := Nat.mod_lt (k - imax (p / 2)) (Nat.two_pow_pos (p / 2 - 2))
      have hq := two_le_of_shift (k := 2 * imax (p / 2)) (q := p / 2) (Nat.le_refl _)
        (Nat.lt_of_le_of_lt (Nat.zero_le _) hd)
      rw [threshold, hm, hs] at hz
      rw [hm, hs]
      generalize (k - imax (p / 2)) / 2 ^ (p / 2 - 2) = d at *
      generalize (k - imax (p / 2)) % 2 ^ (p / 2 - 2) = r at *
      have e₁ : 2 ^ (p / 2 - 1 + d) = 2 ^ (p / 2 - 2) * 2 ^ (d + 1) := by
        rw [← Nat.pow_add]; congr 1; omega
      have e₂ : 2 ^ (p / 2 - 1 + (d + 1)) = (2 ^ (p / 2 - 2) + 2 ^ (p / 2 - 2)) * 2 ^ (d + 1) := by
        rw [← Nat.two_mul, ← Nat.pow_succ', ← Nat.pow_add]; congr 1; omega
      refine truncate_of_fits hz (Nat.le_antisymm (shiftFor_le_iff.2 ?_) (Nat.not_lt.1 fun hlt => ?_)) (by omega)
      · rw [e₂]; exact Nat.mul_lt_mul_of_pos_right (by omega) (Nat.two_pow_pos _)
      · have := shiftFor_le_iff.1 (Nat.le_of_lt_succ hlt)
        rw [e₁] at this
        exact Nat.not_le.2 this (Nat.mul_le_mul_right _ (by omega))

/-- The truncation of zero. -/
theorem truncate_zero (p : Nat) : truncate p 0 = pack p false 0 0 := by
  have : shiftFor (p / 2) 0 = 0 := by simp [shiftFor]
  simp [truncate, this]

/-- The truncation of a number that is one less than a threshold, in absolute value, is that of the threshold before. -/
theorem truncate_pred_threshold {p k : Nat} (hk : k + 1 < thresholdCount p) :
    truncate p (1 - (threshold p (k + 1) : Int)) = packThreshold p true k := by
  have hlt := threshold_lt (p := p) (i := k) (j := k + 1) (by omega) hk
  have hpos := threshold_pos (p := p) (k := k) (by omega)
  rw [truncate_eq_of_thresholds (z' := -(threshold p k : Int)) (by omega),
    truncate_threshold (k := k) (by omega) (by simp)]
  · simp [hpos]
  · intro c hc
    rw [thresholds_eq, List.mem_map] at hc
    obtain ⟨i, hi, rfl⟩ := hc
    have hi := List.mem_range.1 hi
    by_cases h : i ≤ k
    · have : threshold p i ≤ threshold p k := by
        rcases Nat.eq_or_lt_of_le h with rfl | h
        · exact Nat.le_refl _
        · exact Nat.le_of_lt (threshold_lt h (by omega))
      omega
    · have : threshold p (k + 1) ≤ threshold p i := by
        rcases Nat.eq_or_lt_of_le (Nat.lt_of_not_le h) with e | h
        · exact Nat.le_of_eq (congrArg _ e)
        · exact Nat.le_of_lt (threshold_lt h hi)
      omega

/-- The float of a count, without big numbers. -/
theorem floatOfCount_eq {p N K : Nat} (hK : K ≤ testCount p N) : floatOfCount p N K =
    (if K = lowCount p N then pack p false 0 0
      else if K < lowCount p N then packThreshold p true (lowCount p N - K - 1)
      else packThreshold p false (K - 1 - lowCount p N)).toNat := by
  have hpos : 0 < thresholdCount p := Nat.two_pow_pos _
  have hone : threshold p 0 = 1 := by
    have h := one_mem_thresholds p
    rw [thresholds_eq, List.mem_map] at h
    obtain ⟨i, hi, e⟩ := h
    have hi := List.mem_range.1 hi
    have := threshold_pos hpos
    rcases Nat.eq_zero_or_pos i with rfl | h
    · exact e
    · have := threshold_lt h hi; omega
  simp only [floatOfCount, Array.getD_eq_getD_getElem?, List.getElem?_toArray, List.getElem?_map, sumTests_eq]
  match K with
  | 0 =>
    simp only [List.getElem?_cons_zero, Option.map_some, Option.getD_some]
    congr 1
    by_cases h : N = 0
    · simp [h, lowCount, truncate_zero]
    · have hL : lowCount p N = thresholdCount p := by rw [lowCount, if_neg h]
      rw [hL, if_neg (by omega), if_pos hpos, packThreshold, if_pos (by omega)]
      have hb : bias p ≤ N * bias p := Nat.le_mul_of_pos_left _ (by omega)
      have hbp : 0 < bias p := Nat.two_pow_pos _
      have hs : ¬ shiftFor (p / 2) (((0 : Nat) : Int) - (N * bias p : Nat)).natAbs ≤ 2 * imax (p / 2) := by
        rw [shiftFor_le_iff, ← bias]; omega
      have hneg : decide (((0 : Nat) : Int) - (N * bias p : Nat) < 0) = true := decide_eq_true (by omega)
      simp only [truncate, hs, if_false, hneg]
  | K + 1 =>
    have hlt : K < testCount p N := hK
    simp only [List.getElem?_cons_succ, List.getElem?_map, List.getElem?_range hlt, Option.map_some, Option.getD_some]
    congr 1
    unfold sumTest
    by_cases h : K < lowCount p N
    · have hL : lowCount p N = thresholdCount p := by
        unfold lowCount at h ⊢; split at h <;> simp_all
      have hle := threshold_le_of_lt_lowCount (p := p) (N := N) (k := lowCount p N - 1 - K) (by omega)
      rw [if_pos h]
      by_cases e : K + 1 = lowCount p N
      · rw [if_pos e, ← truncate_zero]
        rw [show lowCount p N - 1 - K = 0 by omega, hone] at hle ⊢
        congr 1; omega
      · obtain ⟨k, hk⟩ : ∃ k, lowCount p N - 1 - K = k + 1 := ⟨lowCount p N - 1 - K - 1, by omega⟩
        rw [if_neg e, if_pos (by omega), show lowCount p N - (K + 1) - 1 = k by omega,
          ← truncate_pred_threshold (by omega)]
        rw [hk] at hle ⊢
        congr 1; omega
    · have ht := threshold_pos (p := p) (k := K - lowCount p N) (by unfold testCount at hlt; omega)
      rw [if_neg h, if_neg (by omega), if_neg (by omega), show K + 1 - 1 - lowCount p N = K - lowCount p N by omega,
        truncate_threshold (k := K - lowCount p N) (by unfold testCount at hlt; omega) (by omega)]
      congr 1
      exact decide_eq_false (by omega)

/-! ## Terms -/

section

variable {ρ : List Nat} {p P N K neg mag m k : Term} (hP : P.eval ρ = 2 ^ p.eval ρ)

include hP

private theorem eval_ofSignedT {b : Bool} (hb : neg.eval ρ = b.toNat) :
    (ofSignedT p P neg mag).eval ρ = ofSigned (p.eval ρ / 2) b (mag.eval ρ) := by
  have h : (Term.pow2 (p / 2 - 1) P).eval ρ = 2 ^ (p.eval ρ / 2 - 1) :=
    eval_pow2_of_le hP (by simp only [Term.eval_sub, Term.eval_div, Term.eval_ofNat]; omega)
  simp only [ofSignedT, ofSigned, Term.eval_ite, Term.eval_div, Term.eval_add, Term.eval_mul, Term.eval_mod,
    Term.eval_ofNat, h, hb, ne_eq, ite_not]

private theorem eval_packT {b : Bool} (hb : neg.eval ρ = b.toNat) :
    (packT p P neg m k).eval ρ = (pack (p.eval ρ) b (m.eval ρ) (k.eval ρ)).toNat := by
  have h : (Term.pow2 (p / 2) P).eval ρ = 2 ^ (p.eval ρ / 2) :=
    eval_pow2_of_le hP (by simp only [Term.eval_div, Term.eval_ofNat]; omega)
  have h₁ := eval_ofSignedT (neg := 1) (mag := imaxT p P - k) (b := true) hP rfl
  have h₀ := eval_ofSignedT (neg := 0) (mag := k - imaxT p P) (b := false) hP rfl
  simp only [packT, pack, Term.eval_mod, Term.eval_add, Term.eval_mul, Term.eval_ite, Term.eval_lt, h, h₁, h₀,
    eval_ofSignedT hP hb, Term.eval_sub, eval_imaxT hP, hP, BitVec.toNat_ofNat, ne_eq, Bool.toNat_eq_zero,
    decide_eq_false_iff_not, Decidable.not_not]

private theorem eval_packThresholdT {b : Bool} (hb : neg.eval ρ = b.toNat) :
    (packThresholdT p P neg k).eval ρ = (packThreshold (p.eval ρ) b (k.eval ρ)).toNat := by
  simp only [packThresholdT, packThreshold, Term.eval_ite, Term.eval_eq, Term.eval_add, Term.eval_mul, Term.eval_ofNat,
    eval_thresholdCountT hP, eval_packT hP hb, eval_imaxT hP, eval_thresholdMantissaT hP, eval_thresholdShiftT hP,
    ne_eq, Bool.toNat_eq_zero, decide_eq_false_iff_not, Decidable.not_not]
  split <;> rfl

/-- **The float of a count**, by a term. -/
theorem eval_floatOfCountT (hK : K.eval ρ ≤ testCount (p.eval ρ) (N.eval ρ)) :
    (floatOfCountT p P N K).eval ρ = floatOfCount (p.eval ρ) (N.eval ρ) (K.eval ρ) := by
  have h₀ := eval_packT (neg := 0) (m := 0) (k := 0) (b := false) hP rfl
  have h₁ := eval_packThresholdT (neg := 1) (k := lowCountT p P N - K - 1) (b := true) hP rfl
  have h₂ := eval_packThresholdT (neg := 0) (k := K - 1 - lowCountT p P N) (b := false) hP rfl
  rw [floatOfCount_eq hK]
  simp only [floatOfCountT, Term.eval_ite, Term.eval_eq, Term.eval_lt, h₀, h₁, h₂, Term.eval_sub, Term.eval_ofNat,
    eval_lowCountT hP, ne_eq, Bool.toNat_eq_zero, decide_eq_false_iff_not, Decidable.not_not]
  split
  · rfl
  · split <;> rfl

end

end Logprec.Float
