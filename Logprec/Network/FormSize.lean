import Logprec.Network.FormSum
import Logprec.Network.Finish
import Logprec.Network.Construct

/-!
# The size of the circuit of a form

Polynomial in the number of its terms and in the number of bits of its sum. The bound is crude: only that it is
polynomial matters, and how large a given circuit is at most is what `Network.size` computes.
-/

namespace Logprec.Circuit

/-! ## Rounds -/

private theorem size_compress_le : ∀ m < 16, (compress m).size ≤ 500 := by decide +kernel

private theorem length_compressWeights_le (m c : Nat) (hm : m < 16) : (compressWeights m c).length ≤ 4 := by
  have : m.log2 < 4 := by
    by_cases h : m = 0
    · subst h; decide
    · exact (Nat.log2_lt h).2 hm
  unfold compressWeights
  split
  · simp; omega
  · simp; omega

private theorem mem_pieces {α : Type} {k : Nat} : ∀ {n : Nat} {l p : List α}, p ∈ pieces k n l → p.length ≤ k
  | n + 1, l, p, h => by
    rcases List.mem_cons.1 h with rfl | h
    · simp; omega
    · exact mem_pieces h

private theorem length_pieces {α : Type} (k : Nat) : ∀ (n : Nat) (l : List α), (pieces k n l).length = n
  | 0, _ => rfl
  | n + 1, l => by rw [pieces, List.length_cons, length_pieces k n]

private theorem length_cut_le {α : Type} {k : Nat} (hk : 0 < k) (l : List α) : (cut k l).length ≤ l.length := by
  rw [cut, length_pieces]
  refine Nat.le_of_lt_succ (Nat.div_lt_of_lt_mul ?_)
  have := Nat.mul_le_mul_right l.length hk
  rw [Nat.mul_succ]
  omega

private theorem length_column_le_length (ks : List Nat) (c : Nat) : (column ks c).length ≤ ks.length := by
  rw [column, List.length_map]
  refine Nat.le_trans (List.length_filter_le _ _) (by simp)

private theorem length_chunks_le {k : Nat} (hk : 0 < k) (w : Nat) (ks : List Nat) :
    (chunks k w ks).length ≤ (w + 1) * (ks.length + 1) := by
  have : ((List.range w).flatMap fun c => (cut k (column ks c)).map fun ps => (c, ps)).length ≤ w * ks.length := by
    rw [List.length_flatMap]
    refine Nat.le_trans (sum_map_le (c := ks.length) fun c _ => ?_) (by simp)
    rw [List.length_map]
    exact Nat.le_trans (length_cut_le hk _) (length_column_le_length _ _)
  rw [chunks, List.length_cons]
  grind

private theorem length_of_mem_chunks {k w : Nat} {ks : List Nat} {ch : Nat × List Nat} (h : ch ∈ chunks k w ks) :
    ch.2.length ≤ k := by
  simp only [chunks, List.mem_cons, List.mem_flatMap, List.mem_map] at h
  rcases h with rfl | ⟨c, -, p, hp, rfl⟩
  · exact Nat.zero_le _
  · exact mem_pieces hp

private theorem size_round_le {k : Nat} (hk : 0 < k) (hk' : k < 16) (w : Nat) (ks : List Nat) :
    (round k w ks).size ≤ 500 * ((w + 1) * (ks.length + 1)) := by
  rw [round, size_par fun ch _ => (computes_compress ch.2.length ch.1).depth_eq]
  refine Nat.le_trans (sum_map_le (c := 500) fun ch h => size_compress_le _ ?_) ?_
  · exact Nat.lt_of_le_of_lt (length_of_mem_chunks h) hk'
  · rw [Nat.mul_comm]
    exact Nat.mul_le_mul_left _ (length_chunks_le hk w ks)

private theorem length_nextWeights_le {k : Nat} (hk : 0 < k) (hk' : k < 16) (w : Nat) (ks : List Nat) :
    (nextWeights k w ks).length + 1 ≤ 8 * (w + 1) * (ks.length + 1) := by
  have h : (nextWeights k w ks).length ≤ (chunks k w ks).length * 4 := by
    rw [nextWeights, List.length_flatMap]
    exact sum_map_le fun ch h => length_compressWeights_le _ _ (Nat.lt_of_le_of_lt (length_of_mem_chunks h) hk')
  have := length_chunks_le hk w ks
  have : 1 ≤ (w + 1) * (ks.length + 1) := Nat.mul_pos (by omega) (by omega)
  rw [Nat.mul_assoc]
  omega

/-! ## The sum -/

private theorem height_le (w : Nat) (ks : List Nat) : height w ks ≤ ks.length + 2 := by
  have H : ∀ (l : List Nat) (h : Nat), h ≤ ks.length + 2 →
      l.foldl (fun h c => max h (column ks c).length) h ≤ ks.length + 2 := by
    intro l
    induction l with
    | nil => exact fun h hh => hh
    | cons c l ih =>
      intro h hh
      have := length_column_le_length ks c
      exact ih _ (Nat.max_le.2 ⟨hh, by omega⟩)
  exact H _ 2 (by omega)

private theorem size_sumRows_le (h w : Nat) : (sumRows h w).size ≤ 142 * ((h + 1) ^ 4 * (w + 1) ^ 3) := by
  unfold sumRows
  split
  · next e =>
    subst e
    have h₁ := (computes_add w).size_le
    have h₂ := (computes_carry w 1).size_le
    rw [size_append]
    have : addSize w + 1 * (2 * w) ≤ 142 * ((2 + 1) ^ 4 * (w + 1) ^ 3) := by
      unfold addSize
      grind
    omega
  · exact Nat.le_trans (computes_iteratedSum h w).size_le (iteratedSumSize_le h w)

private theorem size_finish_le (w : Nat) (ks : List Nat) :
    (finish w ks).size ≤ 142 * ((ks.length + 3) ^ 4 * (w + 1) ^ 3) := by
  rw [finish, size_par fun _ _ => (computes_sumRows _ w).choose_spec.1.depth_eq]
  simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, Nat.add_zero]
  refine Nat.le_trans (size_sumRows_le _ _) (Nat.mul_le_mul_left _ (Nat.mul_le_mul_right _ (Nat.pow_le_pow_left ?_ 4)))
  have := height_le w ks
  omega

/-- A bound on the size of a sum of fewer than `t` bits in `p + 1` rounds, modulo `2 ^ (v - 1)`. -/
def sumBound (v p t : Nat) : Nat :=
  500 * (p + 1) * ((8 * v) ^ (p + 1) * t) + 142 * (((8 * v) ^ (p + 1) * t + 2) ^ 4 * v ^ 3)

private theorem sumBound_mono {v p t t' : Nat} (h : t ≤ t') : sumBound v p t ≤ sumBound v p t' := by
  have := Nat.mul_le_mul_left ((8 * v) ^ (p + 1)) h
  refine Nat.add_le_add (Nat.mul_le_mul_left _ this) (Nat.mul_le_mul_left _ (Nat.mul_le_mul_right _
    (Nat.pow_le_pow_left (by omega) 4)))

private theorem sumBound_succ (v p t : Nat) (hv : 1 ≤ v) :
    500 * (v * t) + sumBound v p (8 * v * t) ≤ sumBound v (p + 1) t := by
  have e : (8 * v) ^ (p + 1) * (8 * v * t) = (8 * v) ^ (p + 1 + 1) * t := by
    rw [Nat.pow_succ (8 * v) (p + 1), Nat.mul_assoc ((8 * v) ^ (p + 1))]
  have h : v * t ≤ (8 * v) ^ (p + 1 + 1) * t := Nat.mul_le_mul_right t (by
    refine Nat.le_trans (show v ≤ (8 * v) ^ 1 by rw [Nat.pow_one]; omega) (Nat.pow_le_pow_right (by omega) (by omega)))
  simp only [sumBound, e]
  generalize (8 * v) ^ (p + 1 + 1) * t = X at *
  rw [show 500 * (p + 1 + 1) * X = 500 * (p + 1) * X + 500 * X by grind]
  have := Nat.mul_le_mul_left 500 h
  omega

/-- The size of a weighted sum. -/
theorem size_weightedSum_le (w : Nat) : ∀ (plan ks : List Nat), (∀ k ∈ plan, 0 < k ∧ k < 16) →
    (weightedSum w plan ks).size ≤ sumBound (w + 1) plan.length (ks.length + 1)
  | [], ks, _ => by
    have hk : 0 < lastChunk ∧ lastChunk < 16 := by decide
    have h₁ := size_round_le hk.1 hk.2 w ks
    have h₂ := size_finish_le w (nextWeights lastChunk w ks)
    have h₃ := length_nextWeights_le hk.1 hk.2 w ks
    rw [weightedSum, size_append, sumBound]
    refine Nat.add_le_add (Nat.le_trans h₁ ?_) (Nat.le_trans h₂ ?_)
    · simp only [List.length_nil, Nat.zero_add, Nat.mul_one, Nat.pow_one]
      refine Nat.mul_le_mul_left _ (Nat.mul_le_mul_right _ (by omega))
    · simp only [List.length_nil, Nat.zero_add, Nat.pow_one]
      exact Nat.mul_le_mul_left _ (Nat.mul_le_mul_right _ (Nat.pow_le_pow_left (by omega) 4))
  | k :: plan, ks, hp => by
    have hk := hp k (by simp)
    have h₁ := size_round_le hk.1 hk.2 w ks
    have h₂ := size_weightedSum_le w plan (nextWeights k w ks) fun k hk => hp k (by simp [hk])
    have h₃ := sumBound_mono (v := w + 1) (p := plan.length) (length_nextWeights_le hk.1 hk.2 w ks)
    have h₄ := sumBound_succ (w + 1) plan.length (ks.length + 1) (by omega)
    rw [weightedSum, size_append, List.length_cons]
    omega

/-- The sum of a form is of polynomial size. -/
private theorem sumBound_formPlan (v t : Nat) (hv : 1 ≤ v) (ht : 1 ≤ t) :
    sumBound v formPlan.length t ≤ 2 ^ 56 * (v ^ 19 * t ^ 4) := by
  have h₁ : (8 * v) ^ (3 + 1) * t = 4096 * (v ^ 4 * t) := by rw [Nat.mul_pow, Nat.mul_assoc]
  have h₂ : v ^ 19 * t ^ 4 = (v ^ 4 * t) ^ 4 * v ^ 3 := by
    rw [Nat.mul_pow, ← Nat.pow_mul]; grind
  have h₃ : 1 ≤ v ^ 4 * t := Nat.mul_pos (Nat.pow_pos hv) ht
  have h₄ : 1 ≤ v ^ 3 := Nat.pow_pos hv
  simp only [sumBound, formPlan, List.length_cons, List.length_nil, Nat.zero_add, Nat.reduceAdd] at h₁ ⊢
  rw [h₁, h₂]
  generalize v ^ 4 * t = X at *
  generalize v ^ 3 = Y at *
  have h₅ : X ≤ X ^ 4 * Y := by
    refine Nat.le_trans ?_ (Nat.le_mul_of_pos_right _ h₄)
    simpa using Nat.pow_le_pow_right h₃ (show 1 ≤ 4 by omega)
  have h₆ : (4096 * X + 2) ^ 4 * Y ≤ (4098 * X) ^ 4 * Y :=
    Nat.mul_le_mul_right _ (Nat.pow_le_pow_left (by omega) 4)
  rw [Nat.mul_pow, Nat.mul_assoc] at h₆
  generalize X ^ 4 * Y = Z at *
  have : 2000 * 4096 + 142 * 4098 ^ 4 ≤ 2 ^ 56 := by decide
  generalize (4096 * X + 2) ^ 4 * Y = U at *
  omega

/-! ## Forms -/

private theorem size_le_of_mem_linsTerms : ∀ {lin : List (Int × Nat)} {off : Nat} {t : Nat × Gate},
    t ∈ linsTerms off lin → t.2.size ≤ 3
  | (c, w) :: lin, off, t, h => by
    rcases List.mem_append.1 h with h | h
    · unfold linTerms at h
      split at h
      · simp at h
      · obtain ⟨a, -, rfl⟩ := List.mem_map.1 h
        split <;> simp
    · exact size_le_of_mem_linsTerms h

private theorem size_le_of_mem_quadsTerms : ∀ {quad : List (Int × Nat × Nat)} {off : Nat} {t : Nat × Gate},
    t ∈ quadsTerms off quad → t.2.size ≤ 3
  | (c, w, w') :: quad, off, t, h => by
    rcases List.mem_append.1 h with h | h
    · unfold quadTerms at h
      split at h
      · simp at h
      · obtain ⟨a, -, h⟩ := List.mem_flatMap.1 h
        obtain ⟨b, -, rfl⟩ := List.mem_map.1 h
        split
        · simp
        · simp [Gate.size, Gate.wires]
    · exact size_le_of_mem_quadsTerms h

private theorem size_saturate_le {n shift width : Nat} (h : width ≤ n) :
    (saturate n shift width).size ≤ 8 * (n + 2) ^ 2 := by
  have h₁ : (width * (n + 2) : Nat) ≤ n * (n + 2) := Nat.mul_le_mul_right _ h
  have h₂ : ((List.range width).map fun j =>
      (Gate.any ((shift + j) :: List.range' (shift + width) (n - (shift + width)))).size).sum ≤ width * (n + 2) := by
    refine Nat.le_trans (sum_map_le (c := n + 2) fun j _ => ?_) (by simp)
    simp only [Gate.size_any, List.length_cons, List.length_range']
    omega
  have h₃ : ((List.range width).map fun j => (Gate.all [j, width]).size).sum ≤ width * 3 := by
    refine Nat.le_trans (sum_map_le (c := 3) fun j _ => ?_) (by simp)
    simp
  simp only [saturate, size_cons, size_nil, List.map_append, List.map_map, List.sum_append_nat, List.map_cons,
    List.map_nil, List.sum_cons, List.sum_nil, Gate.size_copy, Function.comp_def, Nat.pow_two]
  have : n * (n + 2) ≤ (n + 2) * (n + 2) := Nat.mul_le_mul_right _ (by omega)
  have : n * 3 ≤ n * (n + 2) + 3 * n := by omega
  have : (n + 2) * (n + 2) = n * (n + 2) + 2 * (n + 2) := by rw [Nat.add_mul]
  omega

/-- **The size of the circuit of a form** whose sum has `n + 1` bits and `t - 2` terms. -/
theorem size_form_le (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat))
    (shift width : Nat) {n t : Nat}
    (hn : n = magnitude (formConst bias lin quad) ((formTerms lin quad).map (·.1)).sum (width + shift))
    (ht : t = (formTerms lin quad).length + 2) :
    (form bias lin quad shift width).size ≤ 2 ^ 57 * ((n + 2) ^ 19 * t ^ 4) := by
  have hw : width ≤ n := by rw [hn, magnitude]; omega
  have h₁ : ((shiftedTerms n (formConst bias lin quad) (formTerms lin quad)).map fun p => p.2.size).sum ≤ 3 * t := by
    have : ((formTerms lin quad).map fun p => p.2.size).sum ≤ (formTerms lin quad).length * 3 :=
      sum_map_le fun p hp => by
        rcases List.mem_append.1 hp with h | h
        · exact size_le_of_mem_linsTerms h
        · exact size_le_of_mem_quadsTerms h
    simp only [shiftedTerms, List.map_cons, List.sum_cons, Gate.size_all, List.length_nil]
    omega
  have h₂ := size_weightedSum_le (n + 1) formPlan
    ((shiftedTerms n (formConst bias lin quad) (formTerms lin quad)).map (·.1)) (by decide)
  have h₃ : sumBound (n + 1 + 1) formPlan.length t ≤ 2 ^ 56 * ((n + 2) ^ 19 * t ^ 4) :=
    sumBound_formPlan (n + 2) t (by omega) (by omega)
  have h₄ := size_saturate_le (shift := shift) hw
  have h₅ : (n + 2) ^ 2 ≤ (n + 2) ^ 19 * t ^ 4 := Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega))
    (Nat.le_mul_of_pos_right _ (Nat.pow_pos (by omega)))
  have h₆ : t ≤ (n + 2) ^ 19 * t ^ 4 := Nat.le_trans
    (by simpa using Nat.pow_le_pow_right (show 0 < t by omega) (show 1 ≤ 4 by omega))
    (Nat.le_mul_of_pos_left _ (Nat.pow_pos (by omega)))
  have e : ((shiftedTerms n (formConst bias lin quad) (formTerms lin quad)).map (·.1)).length + 1 = t := by
    simp [shiftedTerms, ht]
  rw [e] at h₂
  simp only [form, ← hn, size_append, size_cons, size_nil, List.map_map, Function.comp_def]
  rw [size_par fun _ _ => show (saturate n shift width).depth = 2 from rfl]
  simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil]
  generalize (n + 2) ^ 19 * t ^ 4 = X at *
  have : 2 ^ 57 = 2 ^ 56 + 2 ^ 56 := by decide
  omega

end Logprec.Circuit
