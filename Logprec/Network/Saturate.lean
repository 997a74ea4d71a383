import Logprec.Arith.IteratedSum
import Logprec.Arith.Table
import Logprec.Network.Construct

/-!
# Saturation is correct

The gates that shift, saturate and offset a sum compute the bits of the saturated number.
-/

namespace Logprec.Circuit

/-- The bits of a saturated number. -/
private theorem testBit_clamp {n shift width j : Nat} {z : Int} (h : shift + width ≤ n) (hz : -2 ^ n ≤ z)
    (hz' : z < 2 ^ n) (hj : j < width) : (clamp width (z / 2 ^ shift)).testBit j = ((z + 2 ^ n).toNat.testBit n &&
      ((z + 2 ^ n).toNat.testBit (shift + j) ||
        (List.range' (shift + width) (n - (shift + width))).any ((z + 2 ^ n).toNat.testBit ·))) := by
  have hn : ((2 ^ n : Nat) : Int) = 2 ^ n := by simp
  rcases Int.lt_or_le z 0 with hneg | hpos
  · have h₁ : (z + 2 ^ n).toNat < 2 ^ n := by omega
    have h₂ : z / 2 ^ shift < 0 := Int.ediv_neg_of_neg_of_pos hneg (Int.pow_pos (by omega))
    have h₃ : (z / 2 ^ shift).toNat = 0 := by omega
    rw [Nat.testBit_lt_two_pow h₁, clamp, h₃]
    simp
  · obtain ⟨Z, rfl⟩ := Int.eq_ofNat_of_zero_le hpos
    have hZ : Z < 2 ^ n := by omega
    have hT : ((Z : Int) + 2 ^ n).toNat = 2 ^ n + Z := by omega
    have low : ∀ i < n, (2 ^ n + Z).testBit i = Z.testBit i := fun i hi => Nat.testBit_two_pow_add_gt hi Z
    have top : (2 ^ n + Z).testBit n = true := by
      rw [Nat.testBit_two_pow_add_eq, Nat.testBit_lt_two_pow hZ]; rfl
    have hany : (List.range' (shift + width) (n - (shift + width))).any ((2 ^ n + Z).testBit ·) =
        decide (2 ^ width ≤ Z / 2 ^ shift) := by
      rw [Bool.eq_iff_iff, List.any_eq_true, decide_eq_true_iff]
      constructor
      · rintro ⟨i, hi, hbit⟩
        rw [List.mem_range'_1] at hi
        rw [low i (by omega)] at hbit
        have := Nat.ge_two_pow_of_testBit hbit
        rw [Nat.le_div_iff_mul_le (Nat.two_pow_pos _), ← Nat.pow_add]
        exact Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) this
      · intro hq
        obtain ⟨i, hi, hbit⟩ := Nat.exists_ge_and_testBit_of_ge_two_pow hq
        rw [Nat.testBit_div_two_pow] at hbit
        have hin : i + shift < n := by
          refine Nat.lt_of_not_le fun hle => ?_
          rw [Nat.testBit_lt_two_pow (Nat.lt_of_lt_of_le hZ (Nat.pow_le_pow_right (by omega) hle))] at hbit
          exact Bool.noConfusion hbit
        exact ⟨i + shift, List.mem_range'_1.2 (by omega), by rw [low _ hin]; exact hbit⟩
    have hdiv : ((Z : Int) / 2 ^ shift).toNat = Z / 2 ^ shift := by
      rw [← Int.toNat_natCast (Z / 2 ^ shift), Int.natCast_ediv]; simp
    rw [hT, top, hany, low _ (by omega), clamp, hdiv, Bool.true_and]
    by_cases hq : 2 ^ width ≤ Z / 2 ^ shift
    · rw [Nat.min_eq_right (by omega), Nat.testBit_two_pow_sub_one]
      simp [hj, hq]
    · rw [Nat.min_eq_left (by omega), Nat.testBit_div_two_pow]
      simp [hq, Nat.add_comm]

/-- **Saturation**: from the `n + 1` bits of `z + 2 ^ n`. -/
theorem computes_saturate {n shift width : Nat} (h : shift + width ≤ n) : ∃ f,
    (saturate n shift width).Computes (n + 1) width 2 (saturate n shift width).size f ∧
    ∀ z : Int, -2 ^ n ≤ z → z < 2 ^ n →
      f (bits (n + 1) (z + 2 ^ n).toNat) = bits width (clamp width (z / 2 ^ shift)) := by
  refine ⟨(saturate n shift width).eval, ⟨⟨?_, ?_, trivial⟩, by simp [saturate, Circuit.width], rfl, Nat.le_refl _,
    fun _ _ => rfl⟩, fun z hz hz' => ?_⟩
  · intro g hg w hw
    simp only [List.mem_append, List.mem_map, List.mem_range, List.mem_singleton] at hg
    rcases hg with ⟨j, hj, rfl⟩ | rfl
    · have := Gate.src_of_mem_wires_any hw
      simp only [List.mem_cons, List.mem_range'_1] at this
      omega
    · have := Gate.src_of_mem_wires_copy hw
      omega
  · intro g hg w hw
    simp only [List.mem_map, List.mem_range] at hg
    obtain ⟨j, hj, rfl⟩ := hg
    have := Gate.src_of_mem_wires_all hw
    simp only [List.mem_cons, List.not_mem_nil, or_false] at this
    simp only [List.length_append, List.length_map, List.length_range, List.length_singleton]
    omega
  · generalize hT : (z + 2 ^ n).toNat = T
    have hb : ∀ i ≤ n, bit (bits (n + 1) T) i = T.testBit i := fun i hi => bit_bits (by omega)
    simp only [saturate, eval_cons, eval_nil]
    rw [Layer.eval_eq, List.map_map, show bits width (clamp width (z / 2 ^ shift)) =
      (List.range width).map (clamp width (z / 2 ^ shift)).testBit from rfl]
    refine List.map_congr_left fun j hj => ?_
    have hj := List.mem_range.1 hj
    have hfirst : ∀ j < width, bit (Layer.eval ((List.range width).map (fun j => Gate.any ((shift + j) ::
        List.range' (shift + width) (n - (shift + width)))) ++ [Gate.copy n]) (bits (n + 1) T)) j =
        (T.testBit (shift + j) || (List.range' (shift + width) (n - (shift + width))).any T.testBit) := fun j hj => by
      rw [Layer.eval_eq, List.map_append, bit_append_left (by simpa using hj), List.map_map, bit_map_range _ hj]
      simp only [Function.comp, Gate.eval_any, List.any_cons, hb (shift + j) (by omega)]
      congr 1
      rw [Bool.eq_iff_iff, List.any_eq_true, List.any_eq_true]
      refine exists_congr fun i => and_congr_right fun hi => ?_
      rw [List.mem_range'_1] at hi
      rw [hb i (by omega)]
    have hlast : bit (Layer.eval ((List.range width).map (fun j => Gate.any ((shift + j) ::
        List.range' (shift + width) (n - (shift + width)))) ++ [Gate.copy n]) (bits (n + 1) T)) width =
        T.testBit n := by
      rw [Layer.eval_eq, List.map_append]
      have := bit_append_right (x := ((List.range width).map fun j => Gate.any ((shift + j) ::
        List.range' (shift + width) (n - (shift + width)))).map (Gate.eval (bit (bits (n + 1) T))))
        (y := [Gate.copy n].map (Gate.eval (bit (bits (n + 1) T)))) 0
      simp only [List.length_map, List.length_range, Nat.add_zero] at this
      rw [this]
      simp [hb n (Nat.le_refl n)]
    simp only [Function.comp, Gate.eval_all, List.all_cons, List.all_nil, Bool.and_true, hfirst j hj, hlast]
    rw [← hT, testBit_clamp h hz hz' hj, Bool.and_comm]

/-- The magnitude is enough. -/
theorem natAbs_lt_magnitude (least : Int) {range P : Nat} (enough : Nat) (hP : P ≤ range) :
    (least + P).natAbs < 2 ^ magnitude least range enough := by
  have h₁ : max least.natAbs (least + range).natAbs + 1 <
      2 ^ ((max least.natAbs (least + range).natAbs + 1).log2 + 1) :=
    Nat.lt_log2_self
  have h₂ : (max least.natAbs (least + range).natAbs + 1).log2 + 1 ≤ magnitude least range enough := by
    unfold magnitude; omega
  have := Nat.pow_le_pow_right (show 0 < 2 by omega) h₂
  omega

end Logprec.Circuit
