import Logprec.Float.Construct
import Logprec.Float.Template.Bits

/-!
# The tests of the circuit of `⊕`, one by one: proofs

Which number the test with a given index compares with, as a term. About the definitions in `Logprec.Float.Construct`.
-/

namespace Logprec.Float

/-! ## The thresholds -/

/-- The number of thresholds. -/
def thresholdCount (p : Nat) : Nat := 2 ^ (2 * (p / 2) - 2)

/-- The mantissa of threshold `k`. -/
def thresholdMantissa (p k : Nat) : Nat :=
  if k < imax (p / 2) then k + 1
  else if k < imax (p / 2) + 2 * imax (p / 2) * 2 ^ (p / 2 - 2) then
    2 ^ (p / 2 - 2) + (k - imax (p / 2)) % 2 ^ (p / 2 - 2)
  else 1

/-- The shift of threshold `k`. -/
def thresholdShift (p k : Nat) : Nat :=
  if k < imax (p / 2) then 0
  else if k < imax (p / 2) + 2 * imax (p / 2) * 2 ^ (p / 2 - 2) then (k - imax (p / 2)) / 2 ^ (p / 2 - 2) + 1
  else p / 2 - 1 + 2 * imax (p / 2)

/-- Threshold `k`. -/
def threshold (p k : Nat) : Nat := thresholdMantissa p k * 2 ^ thresholdShift p k

/-- Two nested loops are one. -/
theorem flatMap_range_eq_map {α : Type} (a b : Nat) (g : Nat → Nat → α) :
    ((List.range a).flatMap fun k => (List.range b).map (g k)) =
      (List.range (a * b)).map fun x => g (x / b) (x % b) := by
  induction a with
  | zero => simp
  | succ a ih =>
    rw [List.range_succ, List.flatMap_append, ih, Nat.add_mul, Nat.one_mul, List.range_add, List.map_append,
      List.map_map, List.flatMap_cons, List.flatMap_nil, List.append_nil]
    congr 1
    refine List.map_congr_left fun m hm => ?_
    have hm := List.mem_range.1 hm
    simp only [Function.comp]
    rw [Nat.mul_comm, Nat.mul_add_div (by omega), Nat.mul_add_mod, Nat.div_eq_of_lt hm, Nat.mod_eq_of_lt hm,
      Nat.add_zero]

private theorem thresholds_eq' (p : Nat) : thresholds p =
    (List.range (imax (p / 2) + 2 * imax (p / 2) * 2 ^ (p / 2 - 2) + 1)).map (threshold p) := by
  simp only [thresholds]
  rw [flatMap_range_eq_map, List.range_add, List.range_add, List.map_append, List.map_append]
  refine congr (congrArg _ (congr (congrArg _ ?_) ?_)) ?_
  · rw [List.range'_eq_map_range]
    refine List.map_congr_left fun k hk => ?_
    have hk : k < imax (p / 2) := List.mem_range.1 hk
    simp [threshold, thresholdMantissa, thresholdShift, hk, Nat.add_comm]
  · rw [List.map_map]
    refine List.map_congr_left fun k hk => ?_
    have hk := List.mem_range.1 hk
    have hn : ¬ imax (p / 2) + k < imax (p / 2) := by omega
    simp [threshold, thresholdMantissa, thresholdShift, hk, hn]
  · have hn : ∀ k, ¬ imax (p / 2) + k < imax (p / 2) := fun k => by omega
    simp [threshold, thresholdMantissa, thresholdShift, hn]

/-- The number of thresholds: the mantissas, those that are shifted, and the last. -/
theorem thresholdCount_eq (p : Nat) :
    thresholdCount p = imax (p / 2) + 2 * imax (p / 2) * 2 ^ (p / 2 - 2) + 1 := by
  have := congrArg List.length (thresholds_eq' p)
  rwa [length_thresholds, List.length_map, List.length_range] at this

/-- The thresholds, one by one. -/
theorem thresholds_eq (p : Nat) : thresholds p = (List.range (thresholdCount p)).map (threshold p) := by
  rw [thresholdCount_eq, thresholds_eq']

/-- Thresholds increase. -/
theorem threshold_lt {p i j : Nat} (h : i < j) (hj : j < thresholdCount p) : threshold p i < threshold p j := by
  have := List.pairwise_iff_getElem.1 (pairwise_thresholds p) i j
  simp only [thresholds_eq, List.length_map, List.length_range, List.getElem_map, List.getElem_range] at this
  exact this (by omega) hj h

/-- Thresholds are positive. -/
theorem threshold_pos {p k : Nat} (hk : k < thresholdCount p) : 0 < threshold p k :=
  pos_of_mem_thresholds (p := p) (by rw [thresholds_eq]; exact List.mem_map_of_mem (List.mem_range.2 hk))

/-- The last threshold is the bias. -/
theorem threshold_last (p : Nat) : threshold p (thresholdCount p - 1) = bias p := by
  have hn : ∀ k, ¬ imax (p / 2) + k < imax (p / 2) := fun k => by omega
  simp [thresholdCount_eq, threshold, thresholdMantissa, thresholdShift, hn, bias]

/-- Thresholds are at most the bias. -/
theorem threshold_le {p k : Nat} (hk : k < thresholdCount p) : threshold p k ≤ bias p := by
  rw [← threshold_last]
  by_cases h : k = thresholdCount p - 1
  · rw [h]; exact Nat.le_refl _
  · exact Nat.le_of_lt (threshold_lt (by omega) (by omega))

/-! ## The tests -/

/-- The number of tests below the bias of the sum: all thresholds, or none if there are no summands. -/
def lowCount (p N : Nat) : Nat := if N = 0 then 0 else thresholdCount p

/-- The number of tests. -/
def testCount (p N : Nat) : Nat := lowCount p N + thresholdCount p

/-- Test `k`. -/
def sumTest (p N k : Nat) : Nat :=
  if k < lowCount p N then N * bias p - threshold p (lowCount p N - 1 - k)
  else N * bias p + threshold p (k - lowCount p N) - 1

/-- The thresholds below the bias of the sum. -/
theorem threshold_le_of_lt_lowCount {p N k : Nat} (h : k < lowCount p N) : threshold p k ≤ N * bias p := by
  unfold lowCount at h
  split at h
  · omega
  · exact Nat.le_trans (threshold_le h) (Nat.le_mul_of_pos_left _ (by omega))

/-- The tests, one by one. -/
theorem sumTests_eq (p N : Nat) : sumTests p N = (List.range (testCount p N)).map (sumTest p N) := by
  rw [sumTests, offsetThresholds, testCount, List.range_add, List.map_append, List.map_map]
  congr 1
  · by_cases h : N = 0
    · have : (thresholds p).reverse.filter (· ≤ N * bias p) = [] := by
        rw [List.filter_eq_nil_iff]
        intro c hc
        have := pos_of_mem_thresholds (List.mem_reverse.1 hc)
        simp [h]; omega
      rw [this, lowCount, if_pos h]; rfl
    · have hL : lowCount p N = thresholdCount p := by rw [lowCount, if_neg h]
      rw [List.filter_eq_self.2, hL, thresholds_eq]
      · apply List.ext_getElem
        · simp
        · intro i h₁ h₂
          simp only [List.length_map, List.length_range] at h₂
          simp [sumTest, hL, h₂]
      · intro c hc
        rw [List.mem_reverse, thresholds_eq, List.mem_map] at hc
        obtain ⟨k, hk, rfl⟩ := hc
        exact decide_eq_true (threshold_le_of_lt_lowCount (by rw [hL]; exact List.mem_range.1 hk))
  · rw [thresholds_eq, List.map_map]
    refine List.map_congr_left fun k _ => ?_
    have : ¬ lowCount p N + k < lowCount p N := by omega
    simp [sumTest, this]

/-- The number of tests is `testCount`. -/
theorem length_sumTests (p N : Nat) : (sumTests p N).length = testCount p N := by simp [sumTests_eq]

/-- The tests fit the sum. -/
theorem sumTest_lt {p N k : Nat} (hk : k < testCount p N) :
    sumTest p N k < 2 ^ Circuit.sumWidth N (biasedWidth p) := by
  have h := Circuit.succ_mul_two_pow_le N (biasedWidth p)
  have hb : 2 ^ biasedWidth p = 2 * bias p := by rw [biasedWidth, Nat.pow_succ', bias]
  have hpos : 0 < bias p := Nat.two_pow_pos _
  have hm : (N + 1) * 2 ^ biasedWidth p = N * bias p + N * bias p + 2 * bias p := by rw [hb]; grind
  unfold sumTest
  split
  · omega
  · have := threshold_le (p := p) (k := k - lowCount p N) (by unfold testCount at hk; omega)
    omega

/-! ## Terms -/

section

variable {ρ : List Nat} {p P N k : Term} (hP : P.eval ρ = 2 ^ p.eval ρ)

include hP

private theorem eval_quarter : (Term.pow2 (p / 2 - 2) P).eval ρ = 2 ^ (p.eval ρ / 2 - 2) :=
  eval_pow2_of_le hP (by simp only [Term.eval_sub, Term.eval_div, Term.eval_ofNat]; omega)

/-- The value of `thresholdCountT`. -/
theorem eval_thresholdCountT : (thresholdCountT p P).eval ρ = thresholdCount (p.eval ρ) := by
  simp only [thresholdCountT, Term.eval_add, Term.eval_mul, Term.eval_ofNat, eval_imaxT hP, eval_quarter hP,
    thresholdCount_eq]

/-- The value of `thresholdMantissaT`. -/
theorem eval_thresholdMantissaT :
    (thresholdMantissaT p P k).eval ρ = thresholdMantissa (p.eval ρ) (k.eval ρ) := by
  simp only [thresholdMantissaT, thresholdMantissa, Term.eval_ite, Term.eval_lt, Term.eval_add, Term.eval_mul,
    Term.eval_sub, Term.eval_mod, Term.eval_ofNat, eval_imaxT hP, eval_quarter hP, ne_eq, Bool.toNat_eq_zero,
    decide_eq_false_iff_not, Decidable.not_not]

/-- The value of `thresholdShiftT`. -/
theorem eval_thresholdShiftT : (thresholdShiftT p P k).eval ρ = thresholdShift (p.eval ρ) (k.eval ρ) := by
  simp only [thresholdShiftT, thresholdShift, Term.eval_ite, Term.eval_lt, Term.eval_add, Term.eval_mul,
    Term.eval_sub, Term.eval_div, Term.eval_ofNat, eval_imaxT hP, eval_quarter hP, ne_eq, Bool.toNat_eq_zero,
    decide_eq_false_iff_not, Decidable.not_not]

/-- The value of `lowCountT`. -/
theorem eval_lowCountT : (lowCountT p P N).eval ρ = lowCount (p.eval ρ) (N.eval ρ) := by
  simp only [lowCountT, lowCount, Term.eval_ite, eval_thresholdCountT hP, Term.eval_ofNat, ne_eq, ite_not]

/-- The value of `testCountT`. -/
theorem eval_testCountT : (testCountT p P N).eval ρ = testCount (p.eval ρ) (N.eval ρ) := by
  rw [testCountT, Term.eval_add, eval_lowCountT hP, eval_thresholdCountT hP, testCount]

/-- The bits of a threshold. -/
theorem isBits_thresholdBits : (thresholdBits p P k).IsBits ρ (threshold (p.eval ρ) (k.eval ρ)) := by
  have := Term.isBits_shifted ρ (thresholdMantissaT p P k) (thresholdShiftT p P k)
  rwa [eval_thresholdMantissaT hP, eval_thresholdShiftT hP] at this

/-- **The bits of the tests**: a term gives the bits of the `k`-th number with which the sum is compared. -/
theorem isBits_sumTestBits (hk : k.eval ρ < testCount (p.eval ρ) (N.eval ρ)) :
    (sumTestBits p P N k).IsBits ρ (sumTest (p.eval ρ) (N.eval ρ) (k.eval ρ)) := by
  have hoff := Term.isBits_shifted ρ N (p / 2 - 1 + 2 * imaxT p P)
  have hone := Term.isBits_shifted ρ 1 0
  simp only [Term.eval_add, Term.eval_sub, Term.eval_div, Term.eval_mul, Term.eval_ofNat, eval_imaxT hP, Nat.pow_zero,
    Nat.mul_one] at hoff hone
  have hlow := isBits_thresholdBits (k := lowCountT p P N - 1 - k) hP
  have hhigh := isBits_thresholdBits (k := k - lowCountT p P N) hP
  simp only [Term.eval_sub, Term.eval_ofNat, eval_lowCountT hP] at hlow hhigh
  refine Term.isBits_ite (by simp [eval_lowCountT hP]) (fun h => Term.isBits_minus hoff hlow ?_)
    fun h => Term.isBits_minus (Term.isBits_plus hoff hhigh) hone ?_
  · exact threshold_le_of_lt_lowCount (by omega)
  · have := threshold_pos (p := p.eval ρ) (k := k.eval ρ - lowCount (p.eval ρ) (N.eval ρ)) (by
      unfold testCount at hk; omega)
    omega

end

end Logprec.Float
