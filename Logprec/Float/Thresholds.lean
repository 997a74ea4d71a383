import Logprec.Float.Construct
import Logprec.Float.Defs

/-!
# Truncation is a step function with few steps: proofs

As a function of a sum, a truncated sum changes at few places, which the circuit compares with. About the definitions
in `Logprec.Float.Construct`.
-/

namespace Logprec.Float

/-! ## Bounds -/

/-- `imax q` is one less than a power of two. -/
theorem imax_add_one (q : Nat) : imax q + 1 = 2 ^ (q - 1) := by
  have := Nat.two_pow_pos (q - 1)
  unfold imax; omega

/-- Magnitudes have `q - 1` bits. -/
theorem magnitude_lt (q code : Nat) : magnitude q code < 2 ^ (q - 1) := Nat.mod_lt _ (Nat.two_pow_pos _)

/-- The magnitude field is the absolute value. -/
@[simp] theorem natAbs_toInt (q code : Nat) : (toInt q code).natAbs = magnitude q code := by
  unfold toInt; split <;> simp

/-- The integer of a `p`-bit float, in absolute value, fits `p/2 - 1 + 2 * imax (p/2)` bits. -/
theorem natAbs_scaled_lt {p : Nat} (φ : BitVec p) :
    (scaled φ).natAbs < 2 ^ (p / 2 - 1 + 2 * imax (p / 2)) := by
  have hm := magnitude_lt (p / 2) (φ.toNat % 2 ^ (p / 2))
  have he := magnitude_lt (p / 2) (φ.toNat / 2 ^ (p / 2) % 2 ^ (p / 2))
  rw [← natAbs_toInt, ← imax_add_one] at he
  have hk : (exponent φ + imax (p / 2)).toNat ≤ 2 * imax (p / 2) := by unfold exponent; omega
  rw [scaled, Int.natAbs_mul, mantissa, natAbs_toInt, Int.natAbs_pow, Nat.pow_add]
  exact Nat.mul_lt_mul_of_lt_of_le hm (Nat.pow_le_pow_right (by simp) hk) (Nat.two_pow_pos _)

/-- When a shift by `k` is enough to fit a magnitude. -/
theorem shiftFor_le_iff {q a k : Nat} : shiftFor q a ≤ k ↔ a < 2 ^ (q - 1 + k) := by
  unfold shiftFor
  split
  · have := Nat.two_pow_pos (q - 1 + k); omega
  · next h => rw [← Nat.log2_lt h]; omega

/-- Larger magnitudes are shifted further. -/
theorem shiftFor_mono {q a b : Nat} (h : a ≤ b) : shiftFor q a ≤ shiftFor q b :=
  shiftFor_le_iff.2 (Nat.lt_of_le_of_lt h (shiftFor_le_iff.1 (Nat.le_refl _)))

/-- What is left after the shift fits `q - 1` bits. -/
theorem shiftRight_shiftFor_lt (q a : Nat) : a >>> shiftFor q a < 2 ^ (q - 1) := by
  rw [Nat.shiftRight_eq_div_pow, Nat.div_lt_iff_lt_mul (Nat.two_pow_pos _), ← Nat.pow_add]
  exact shiftFor_le_iff.1 (Nat.le_refl _)

/-- A number that had to be shifted is left with all its `q - 1` bits in use. -/
theorem le_shiftRight_shiftFor {q a : Nat} (hq : 2 ≤ q) (h : 0 < shiftFor q a) :
    2 ^ (q - 2) ≤ a >>> shiftFor q a := by
  have : ¬ a < 2 ^ (q - 1 + (shiftFor q a - 1)) := fun h' => by have := shiftFor_le_iff.2 h'; omega
  rw [Nat.shiftRight_eq_div_pow, Nat.le_div_iff_mul_le (Nat.two_pow_pos _), ← Nat.pow_add,
    show q - 2 + shiftFor q a = q - 1 + (shiftFor q a - 1) by omega]
  omega

/-- A shift that does not saturate needs mantissas of at least one bit. -/
theorem two_le_of_shift {q k : Nat} (hk : k ≤ 2 * imax q) (h : 0 < k) : 2 ≤ q := by
  match q with
  | 0 | 1 => simp [imax] at hk; omega
  | q + 2 => omega

/-- Cutting off the bits that are shifted out does not change the shift. -/
theorem shiftFor_shiftLeft_shiftRight {q a : Nat} (h : shiftFor q a ≤ 2 * imax q) :
    shiftFor q (a >>> shiftFor q a <<< shiftFor q a) = shiftFor q a := by
  apply Nat.le_antisymm (shiftFor_mono ?_)
  · rcases Nat.eq_zero_or_pos (shiftFor q a) with e | e
    · omega
    · have hq := two_le_of_shift h e
      have hl := Nat.mul_le_mul_right (2 ^ shiftFor q a) (le_shiftRight_shiftFor hq e)
      rw [← Nat.pow_add, ← Nat.shiftLeft_eq] at hl
      refine Nat.le_of_not_lt fun hlt => ?_
      have := shiftFor_le_iff.1 (Nat.le_sub_one_of_lt hlt)
      rw [show q - 1 + (shiftFor q a - 1) = q - 2 + shiftFor q a by omega] at this
      omega
  · rw [Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
    exact Nat.div_mul_le_self _ _

/-! ## The thresholds -/

/-- The number of thresholds, at most `2 ^ p`. -/
theorem length_thresholds (p : Nat) : (thresholds p).length = 2 ^ (2 * (p / 2) - 2) := by
  have hsum (n c : Nat) : (List.map (fun _ => c) (List.range n)).sum = n * c := by
    simp [List.map_const']
  simp only [thresholds, List.length_append, List.length_range', List.length_flatMap, List.length_map,
    List.length_range, hsum, List.length_cons, List.length_nil]
  match p / 2 with
  | 0 | 1 => rfl
  | q + 2 =>
    have h1 : imax (q + 2) + 1 = 2 * 2 ^ q := by rw [imax_add_one, ← Nat.pow_succ']; rfl
    have h2 : 2 ^ (q + 2 - 1) = 2 * 2 ^ q := by rw [← Nat.pow_succ']; rfl
    have h3 : 2 ^ (2 * (q + 2) - 2) = (2 * 2 ^ q) * (2 * 2 ^ q) := by
      rw [← Nat.pow_succ', ← Nat.pow_add]; congr 1; omega
    rw [h2, h3, ← h1, show q + 2 - 2 = q by omega]
    have : 2 * imax (q + 2) * 2 ^ q = imax (q + 2) * (imax (q + 2) + 1) := by rw [h1]; grind
    rw [this]
    grind

/-- One, which separates zero from the other magnitudes, is a threshold. -/
theorem one_mem_thresholds (p : Nat) : 1 ∈ thresholds p := by
  simp only [thresholds]
  match p / 2 with
  | 0 | 1 => simp [imax]
  | q + 2 =>
    have : 0 < 2 ^ q := Nat.two_pow_pos q
    simp [List.mem_range'_1, Nat.pow_succ]; omega

/-- Thresholds are positive. -/
theorem pos_of_mem_thresholds {p c : Nat} (h : c ∈ thresholds p) : 0 < c := by
  simp only [thresholds, List.mem_append, List.mem_range'_1, List.mem_flatMap, List.mem_map, List.mem_singleton] at h
  rcases h with (h | ⟨k, -, m, -, rfl⟩) | rfl
  · omega
  · exact Nat.mul_pos (by have := Nat.two_pow_pos (p / 2 - 2); omega) (Nat.two_pow_pos _)
  · exact Nat.two_pow_pos _

/-- The least magnitude that saturates is a threshold. -/
theorem saturation_mem_thresholds (p : Nat) : 2 ^ (p / 2 - 1 + 2 * imax (p / 2)) ∈ thresholds p := by
  simp [thresholds]

/-- The thresholds come in increasing order. -/
theorem pairwise_thresholds (p : Nat) : (thresholds p).Pairwise (· < ·) := by
  have pos (n : Nat) : 0 < 2 ^ n := Nat.two_pow_pos n
  -- the thresholds of one shift lie between two powers of two
  have between : ∀ k < 2 * imax (p / 2), ∀ m < 2 ^ (p / 2 - 2),
      2 ^ (p / 2 - 1 + k) ≤ (2 ^ (p / 2 - 2) + m) * 2 ^ (k + 1) ∧
      (2 ^ (p / 2 - 2) + m) * 2 ^ (k + 1) < 2 ^ (p / 2 - 1 + (k + 1)) := by
    intro k hk m hm
    have hq := two_le_of_shift (k := 2 * imax (p / 2)) (Nat.le_refl _) (by omega)
    rw [show p / 2 - 1 + k = p / 2 - 2 + (k + 1) by omega, Nat.pow_add, Nat.pow_add 2 (p / 2 - 1),
      show p / 2 - 1 = p / 2 - 2 + 1 by omega, Nat.pow_succ 2 (p / 2 - 2)]
    exact ⟨Nat.mul_le_mul_right _ (by omega), Nat.mul_lt_mul_of_pos_right (by omega) (pos _)⟩
  have mono {a b : Nat} (h : a ≤ b) : 2 ^ (p / 2 - 1 + a) ≤ 2 ^ (p / 2 - 1 + b) :=
    Nat.pow_le_pow_right (by simp) (by omega)
  have inner : ∀ c ∈ (List.range (2 * imax (p / 2))).flatMap (fun k =>
        (List.range (2 ^ (p / 2 - 2))).map fun m => (2 ^ (p / 2 - 2) + m) * 2 ^ (k + 1)),
      2 ^ (p / 2 - 1) ≤ c ∧ c < 2 ^ (p / 2 - 1 + 2 * imax (p / 2)) := by
    simp only [List.mem_flatMap, List.mem_map, List.mem_range]
    rintro _ ⟨k, hk, m, hm, rfl⟩
    have := between k hk m hm
    have := mono (Nat.zero_le k)
    have := mono (show k + 1 ≤ 2 * imax (p / 2) by omega)
    rw [Nat.add_zero] at *
    omega
  refine List.pairwise_append.2 ⟨List.pairwise_append.2 ⟨List.pairwise_lt_range', ?_, ?_⟩, by simp, ?_⟩
  · rw [List.pairwise_flatMap]
    refine ⟨fun k _ => ?_, List.pairwise_lt_range.imp_of_mem fun {k k'} hk hk' hlt => ?_⟩
    · exact List.pairwise_map.2 (List.pairwise_lt_range.imp fun h =>
        Nat.mul_lt_mul_of_pos_right (by omega) (pos _))
    · simp only [List.mem_map, List.mem_range] at hk hk' ⊢
      rintro _ ⟨m, hm, rfl⟩ _ ⟨m', hm', rfl⟩
      have := between k hk m hm
      have := between k' hk' m' hm'
      have := mono (show k + 1 ≤ k' from hlt)
      omega
  · intro a ha b hb
    have := inner b hb
    rw [List.mem_range'_1] at ha
    omega
  · simp only [List.mem_append, List.mem_singleton]
    rintro a (ha | ha) _ rfl
    · rw [List.mem_range'_1] at ha
      have := mono (Nat.zero_le (2 * imax (p / 2)))
      have := pos (p / 2 - 1)
      rw [Nat.add_zero] at *
      omega
    · exact (inner a ha).2

/-- A positive magnitude without the bits that truncation shifts out is a threshold. -/
theorem shiftLeft_shiftRight_mem_thresholds {p a : Nat} (h : shiftFor (p / 2) a ≤ 2 * imax (p / 2)) (ha : 0 < a) :
    a >>> shiftFor (p / 2) a <<< shiftFor (p / 2) a ∈ thresholds p := by
  have hlt := shiftRight_shiftFor_lt (p / 2) a
  simp only [thresholds, List.mem_append]
  left
  rcases Nat.eq_zero_or_pos (shiftFor (p / 2) a) with e | e
  · left
    rw [e] at hlt ⊢
    simp [List.mem_range'_1] at hlt ⊢; omega
  · right
    have hq := two_le_of_shift h e
    have hl := le_shiftRight_shiftFor hq e
    have h2 : 2 ^ (p / 2 - 1) = 2 ^ (p / 2 - 2) + 2 ^ (p / 2 - 2) := by
      rw [← Nat.two_mul, ← Nat.pow_succ']; congr 1; omega
    simp only [List.mem_flatMap, List.mem_map, List.mem_range]
    refine ⟨shiftFor (p / 2) a - 1, by omega, a >>> shiftFor (p / 2) a - 2 ^ (p / 2 - 2), by omega, ?_⟩
    rw [Nat.add_sub_cancel' hl, Nat.sub_add_cancel e, Nat.shiftLeft_eq]

/-! ## Truncation is determined by the thresholds -/

private theorem truncate_eq_of_le {p : Nat} {z z' : Int} (hs : z < 0 ↔ z' < 0) (hle : z.natAbs ≤ z'.natAbs)
    (h : ∀ c ∈ thresholds p, c ≤ z'.natAbs → c ≤ z.natAbs) : truncate p z = truncate p z' := by
  have hd : decide (z < 0) = decide (z' < 0) := by simp [hs]
  unfold truncate
  by_cases hk : shiftFor (p / 2) z'.natAbs ≤ 2 * imax (p / 2)
  · rcases Nat.eq_zero_or_pos z'.natAbs with e | e
    · rw [hd, show z.natAbs = z'.natAbs by omega]
    · have hc := h _ (shiftLeft_shiftRight_mem_thresholds hk e)
        (by rw [Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]; exact Nat.div_mul_le_self _ _)
      have hk' : shiftFor (p / 2) z.natAbs = shiftFor (p / 2) z'.natAbs :=
        Nat.le_antisymm (shiftFor_mono hle) (shiftFor_shiftLeft_shiftRight hk ▸ shiftFor_mono hc)
      have hm : z.natAbs >>> shiftFor (p / 2) z'.natAbs = z'.natAbs >>> shiftFor (p / 2) z'.natAbs := by
        rw [Nat.shiftLeft_eq, ← Nat.le_div_iff_mul_le (Nat.two_pow_pos _), ← Nat.shiftRight_eq_div_pow] at hc
        refine Nat.le_antisymm ?_ hc
        rw [Nat.shiftRight_eq_div_pow, Nat.shiftRight_eq_div_pow]
        exact Nat.div_le_div_right hle
      simp only [hd, hk', hm]
  · have hz : 2 ^ (p / 2 - 1 + 2 * imax (p / 2)) ≤ z.natAbs := by
      rw [shiftFor_le_iff, Nat.not_lt] at hk
      exact h _ (saturation_mem_thresholds p) hk
    rw [← Nat.not_lt, ← shiftFor_le_iff] at hz
    rw [hd]
    simp only [if_neg hk, if_neg hz]

/-- Integers of the same sign that pass the same thresholds are truncated to the same float. -/
theorem truncate_eq_of_thresholds {p : Nat} {z z' : Int} (hs : z < 0 ↔ z' < 0)
    (h : ∀ c ∈ thresholds p, c ≤ z.natAbs ↔ c ≤ z'.natAbs) : truncate p z = truncate p z' := by
  rcases Nat.le_total z.natAbs z'.natAbs with hle | hle
  · exact truncate_eq_of_le hs hle fun c hc => (h c hc).2
  · exact (truncate_eq_of_le hs.symm hle fun c hc => (h c hc).1).symm

/-! ## For naturals that stand for integers -/

/-- At most two tests for every threshold. -/
theorem length_offsetThresholds_le (p off : Nat) :
    (offsetThresholds p off).length ≤ 2 ^ (2 * (p / 2) - 2) + 2 ^ (2 * (p / 2) - 2) := by
  have := List.length_filter_le (· ≤ off) (thresholds p).reverse
  rw [List.length_reverse, length_thresholds] at this
  simp only [offsetThresholds, List.length_append, List.length_map, length_thresholds]
  omega

/-- The tests come in increasing order, so no test is made twice. -/
theorem pairwise_offsetThresholds (p off : Nat) : (offsetThresholds p off).Pairwise (· < ·) := by
  have h := pairwise_thresholds p
  refine List.pairwise_append.2 ⟨?_, ?_, ?_⟩
  · refine List.pairwise_map.2 ?_
    refine List.Pairwise.imp_of_mem (R := fun a b => b < a) (fun ha hb hab => ?_)
      ((List.pairwise_reverse.2 h).filter _)
    simp only [List.mem_filter, decide_eq_true_eq] at ha hb
    omega
  · refine List.pairwise_map.2 (h.imp_of_mem fun ha hb hab => ?_)
    have := pos_of_mem_thresholds ha
    omega
  · simp only [List.mem_map, List.mem_filter, List.mem_reverse, decide_eq_true_eq]
    rintro _ ⟨a, ⟨ha, hle⟩, rfl⟩ _ ⟨b, hb, rfl⟩
    have := pos_of_mem_thresholds ha
    have := pos_of_mem_thresholds hb
    omega

/-- Naturals that pass the same tests are truncated to the same float. -/
theorem truncate_eq_of_offsetThresholds {p off T T' : Nat} (h : ∀ c ∈ offsetThresholds p off, c < T ↔ c < T') :
    truncate p ((T : Int) - off) = truncate p ((T' : Int) - off) := by
  have low : ∀ c ∈ thresholds p, c ≤ off → (off - c < T ↔ off - c < T') := fun c hc hle =>
    h _ (List.mem_append_left _ (List.mem_map.2 ⟨c, by simp [hc, hle], rfl⟩))
  have high : ∀ c ∈ thresholds p, (off + c - 1 < T ↔ off + c - 1 < T') := fun c hc =>
    h _ (List.mem_append_right _ (List.mem_map.2 ⟨c, hc, rfl⟩))
  have sgn : (T : Int) - off < 0 ↔ (T' : Int) - off < 0 := by
    have := low 1 (one_mem_thresholds p)
    omega
  refine truncate_eq_of_thresholds sgn fun c hc => ?_
  have := pos_of_mem_thresholds hc
  have := low c hc
  have := high c hc
  omega

end Logprec.Float
