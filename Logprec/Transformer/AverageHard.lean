import Logprec.Float.Lemmas
import Logprec.Transformer.Mask

/-!
# Average-hard attention

An average-hard (saturated) head attends equally to the positions whose score is greatest. Here it computes the
truncated sum `⊕` of their values, not their mean, from bounded natural scores. It is a head of the general kind, and
needs no layer of its own for the greatest score: position `j` with score `s` (a natural number) gets the similarity
`2 ^ (s · b)`, `b = ⌊log₂ n⌋ + 1`. As `n < 2 ^ b`, the sum `Z` of the similarities is at least `2 ^ (m · b)` and less
than `2 ^ ((m + 1) · b)` when `m` is the greatest score, and truncation does not change that. So the weighting reads
`m` off the exponent of `Z`, and lets the values of score `m` through. What the head computes is the sum of these
values (`Head.attend_averageHard`); with a coordinate that is constantly 1, the sum counts them too
(`Float.scaled_sum_ones`), and the activation can divide.

The price is exponents: scores up to `s` need `s · b ≤ 2 ^ (p/2) - 2`.
-/

namespace Logprec

namespace Float

/-- The power of two with exponent `k`, in the units of `scaled`. -/
def twoPow (p k : Nat) : BitVec p := pack p false 1 k

/-- Its value. -/
theorem scaled_twoPow {p k : Nat} (hp : 4 ≤ p) (hk : k ≤ 2 * imax (p / 2)) : scaled (twoPow p k) = 2 ^ k := by
  have : 2 ^ 1 ≤ 2 ^ (p / 2 - 1) := Nat.pow_le_pow_right (by omega) (by omega)
  rw [twoPow, scaled_pack _ (by omega) hk]
  simp

/-- The position of the leading bit of a float, in the units of `scaled`: from its exponent and its mantissa. -/
def lead {p : Nat} (φ : BitVec p) : Nat := (mantissa φ).natAbs.log2 + (exponent φ + imax (p / 2)).toNat

/-- A float whose value is between two powers of two has its leading bit between them. -/
theorem lead_bounds {p a c : Nat} {φ : BitVec p} (h₁ : 2 ^ a ≤ (scaled φ).natAbs) (h₂ : (scaled φ).natAbs < 2 ^ c) :
    a ≤ lead φ ∧ lead φ < c := by
  have e : (scaled φ).natAbs = (mantissa φ).natAbs * 2 ^ (exponent φ + imax (p / 2)).toNat := by
    rw [scaled, Int.natAbs_mul, Int.natAbs_pow]; rfl
  rw [e] at h₁ h₂
  rw [lead]
  generalize (exponent φ + imax (p / 2)).toNat = k at *
  generalize (mantissa φ).natAbs = m at *
  have hm : m ≠ 0 := fun h => by
    have := Nat.two_pow_pos a
    simp [h] at h₁
  have l₁ := Nat.log2_self_le hm
  have l₂ : m < 2 ^ (m.log2 + 1) := Nat.lt_log2_self
  have u₁ := Nat.mul_le_mul_right (2 ^ k) l₁
  have u₂ := Nat.mul_lt_mul_of_pos_right l₂ (Nat.two_pow_pos k)
  rw [← Nat.pow_add] at u₁ u₂
  have v₁ := (Nat.pow_lt_pow_iff_right (show 1 < 2 by omega)).1 (Nat.lt_of_le_of_lt u₁ h₂)
  have v₂ := (Nat.pow_lt_pow_iff_right (show 1 < 2 by omega)).1 (Nat.lt_of_le_of_lt h₁ u₂)
  omega

/-- Ones are counted exactly, as long as the count fits a mantissa. -/
theorem scaled_sum_ones {p c : Nat} (hp : 4 ≤ p) (hc : c < 2 ^ (p / 2 - 1)) :
    scaled (sum (List.replicate c (twoPow p (imax (p / 2))))) = c * 2 ^ imax (p / 2) := by
  have e : ((List.replicate c (twoPow p (imax (p / 2)))).map scaled).sum = (c : Int) * 2 ^ imax (p / 2) := by
    rw [List.map_replicate, scaled_twoPow hp (by omega)]
    generalize (2 : Int) ^ imax (p / 2) = z
    clear hc
    induction c with
    | zero => simp
    | succ c ih => rw [List.replicate_succ, List.sum_cons, ih]; grind
  rw [sum, e]
  exact scaled_truncate_of_fits hc (show imax (p / 2) ≤ 2 * imax (p / 2) by omega)
    (by rw [Int.natAbs_mul, Int.natAbs_pow]; simp)

end Float

/-- Some position has the greatest score. -/
private theorem exists_greatest (f : Nat → Nat) {n : Nat} (hn : 0 < n) : ∃ m < n, ∀ k < n, f k ≤ f m := by
  induction n with
  | zero => omega
  | succ n ih =>
    rcases Nat.eq_zero_or_pos n with rfl | h
    · exact ⟨0, by omega, fun k hk => by rw [show k = 0 by omega]; exact Nat.le_refl _⟩
    · obtain ⟨m, hm, h⟩ := ih h
      rcases Nat.le_total (f n) (f m) with hle | hle
      · refine ⟨m, by omega, fun k hk => ?_⟩
        rcases (show k < n ∨ k = n by omega) with hk | rfl
        · exact h k hk
        · exact hle
      · refine ⟨n, by omega, fun k hk => ?_⟩
        rcases (show k < n ∨ k = n by omega) with hk | rfl
        · exact Nat.le_trans (h k hk) hle
        · exact Nat.le_refl _

private theorem sum_append (l l' : List Int) : (l ++ l').sum = l.sum + l'.sum := by
  induction l with
  | nil => simp
  | cons z l ih => rw [List.cons_append, List.sum_cons, List.sum_cons, ih]; omega

/-- A sum of powers of two is at least the greatest, and at most `n` times the greatest. -/
private theorem sum_two_pow_bounds (f : Nat → Nat) (g : Nat → Int) (n M : Nat) (hg : ∀ k < n, g k = 2 ^ f k)
    (hM : ∀ k < n, f k ≤ M) : ∃ z : Nat, ((List.range n).map g).sum = z ∧ z ≤ n * 2 ^ M ∧ ∀ k < n, 2 ^ f k ≤ z := by
  induction n with
  | zero => exact ⟨0, rfl, by omega, fun k hk => by omega⟩
  | succ n ih =>
    obtain ⟨z, hz, h₁, h₂⟩ := ih (fun k hk => hg k (by omega)) fun k hk => hM k (by omega)
    have := Nat.pow_le_pow_right (show 0 < 2 by omega) (hM n (by omega))
    refine ⟨z + 2 ^ f n, ?_, by rw [Nat.add_mul]; omega, fun k hk => ?_⟩
    · rw [List.range_succ, List.map_append, sum_append, hz]
      simp [hg n (by omega)]
    · rcases (show k < n ∨ k = n by omega) with hk | rfl
      · exact Nat.le_trans (h₂ k hk) (Nat.le_add_right ..)
      · exact Nat.le_add_left ..

namespace Float

/-- A number is read off the power of two that it is the exponent of, in units of `b`. -/
theorem lead_twoPow_mul {p f b : Nat} (hp : 4 ≤ p) (hb : 0 < b) (hf : f * b ≤ 2 * imax (p / 2)) :
    lead (twoPow p (f * b)) / b = f := by
  have e : (scaled (twoPow p (f * b))).natAbs = 2 ^ (f * b) := by
    rw [scaled_twoPow hp hf, Int.natAbs_pow]; rfl
  have := lead_bounds (Nat.le_of_eq e.symm) (by rw [e]; exact Nat.pow_lt_pow_right (by omega) (Nat.lt_succ_self _))
  rw [show lead (twoPow p (f * b)) = f * b by omega, Nat.mul_div_cancel _ hb]

/-- The greatest of fewer than `2 ^ b` numbers is read off the sum of such powers. -/
theorem exists_lead_sum_twoPow {p n b : Nat} {f : Nat → Nat} (hp : 4 ≤ p) (hb : 0 < b) (hn : n < 2 ^ b) (h0 : 0 < n)
    (hf : ∀ k < n, f k * b ≤ 2 * imax (p / 2)) : ∃ m < n, (∀ k < n, f k ≤ f m) ∧
      lead (sum ((List.range n).map fun k => twoPow p (f k * b))) / b = f m := by
  obtain ⟨m, hm, hmax⟩ := exists_greatest f h0
  refine ⟨m, hm, hmax, ?_⟩
  obtain ⟨z, hz, hz₁, hz₂⟩ := sum_two_pow_bounds (fun k => f k * b) (fun k => scaled (twoPow p (f k * b))) n (f m * b)
    (fun k hk => scaled_twoPow hp (hf k hk)) fun k hk => Nat.mul_le_mul_right b (hmax k hk)
  have e : (scaled (sum ((List.range n).map fun k => twoPow p (f k * b)))).natAbs = truncMag p z := by
    rw [sum, List.map_map, scaled_truncate]
    simp only [Function.comp_def, hz]
    rw [if_neg (by omega)]
    simp
  have low : 2 ^ (f m * b) ≤ truncMag p z := by
    have h₁ := truncMag_mono (p := p) (hz₂ m hm)
    have h₂ := scaled_truncate_of_fits (p := p) (m := 1) (j := f m * b) (z := ((2 ^ (f m * b) : Nat) : Int))
      (by have : 2 ^ 1 ≤ 2 ^ (p / 2 - 1) := Nat.pow_le_pow_right (by omega) (by omega)
          omega) (hf m hm) (by simp)
    rw [scaled_truncate, if_neg (Int.not_lt.2 (Int.natCast_nonneg _)), Int.natAbs_natCast] at h₂
    rwa [Int.natCast_inj.1 h₂] at h₁
  have high : truncMag p z < 2 ^ ((f m + 1) * b) := by
    have h₁ := truncMag_le p z
    have h₂ := Nat.mul_lt_mul_of_pos_right hn (Nat.two_pow_pos (f m * b))
    rw [← Nat.pow_add, show b + f m * b = (f m + 1) * b by grind] at h₂
    omega
  obtain ⟨h₁, h₂⟩ := lead_bounds (φ := sum ((List.range n).map fun k => twoPow p (f k * b))) (e ▸ low) (e ▸ high)
  exact Nat.le_antisymm (Nat.le_of_lt_succ ((Nat.div_lt_iff_lt_mul hb).2 h₂)) ((Nat.le_div_iff_mul_le hb).2 h₁)

end Float

namespace Head

variable {D : Nat} {p : Nat → Nat}

/-- The average-hard head with the given scores and values: of the values at the positions whose score is greatest, it
computes the truncated sum `⊕`, not the mean (`attend_averageHard`). -/
def averageHard (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) : Head D p where
  similarity n i j hi hj := Float.twoPow (p n) (score n i j hi hj * (n.log2 + 1))
  weighting n i j s Z hj := if Float.lead s / (n.log2 + 1) = Float.lead Z / (n.log2 + 1) then value n i j hj else 0

/-- **Average-hard attention** in one layer: the head computes the sum `⊕` of the values at the positions `j` whose
score is greatest, and of nothing else, if floats have exponents for the scores. -/
theorem attend_averageHard (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) (n i : Nat) (h : Nat → State D (p n))
    (hp : 4 ≤ p n) (hs : ∀ j < n, score n i j (h i) (h j) * (n.log2 + 1) ≤ 2 * Float.imax (p n / 2)) :
    (averageHard score value).attend n h i =
      State.sum (((List.range n).filter fun j =>
        decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))).map fun j => value n i j (h j)) := by
  rw [← State.sum_map_ite, attend]
  congr 1
  refine List.map_congr_left fun j hj => ?_
  have hj := List.mem_range.1 hj
  obtain ⟨f, hf⟩ : ∃ f : Nat → Nat, f = fun k => score n i k (h i) (h k) := ⟨_, rfl⟩
  have hfk : ∀ k, score n i k (h i) (h k) = f k := fun k => by rw [hf]
  simp only [hfk] at hs ⊢
  have hb : 0 < n.log2 + 1 := by omega
  have hn : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  simp only [averageHard, scores, hfk]
  generalize n.log2 + 1 = b at *
  obtain ⟨m, hm, hmax, lead_sum⟩ := Float.exists_lead_sum_twoPow hp hb hn (by omega) hs
  have iff : f j = f m ↔ ∀ k < n, f k ≤ f j :=
    ⟨fun e k hk => e ▸ hmax k hk, fun h => Nat.le_antisymm (hmax j hj) (h m hm)⟩
  rw [Float.lead_twoPow_mul hp hb (hs j hj), lead_sum]
  by_cases hc : f j = f m
  · rw [if_pos hc, if_pos (decide_eq_true (iff.1 hc))]
  · rw [if_neg hc, if_neg (by simpa using mt iff.2 hc)]

end Head

end Logprec
