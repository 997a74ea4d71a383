import Logprec.Quantised.Attend

/-!
# The stages that shift scores are right

The greatest of `n` numbers below `2 ^ b` is the number of levels that some of them is above.
-/

namespace Logprec.Quantised

theorem le_greatest {a : Nat} {l : List Nat} (h : a ∈ l) : a ≤ greatest l := by
  induction l with
  | nil => simp at h
  | cons b l ih =>
    simp only [greatest, List.foldr_cons] at ih ⊢
    rcases List.mem_cons.1 h with rfl | h
    · omega
    · have := ih h; omega

theorem greatest_le {b : Nat} {l : List Nat} (h : ∀ a ∈ l, a ≤ b) : greatest l ≤ b := by
  induction l with
  | nil => exact Nat.zero_le _
  | cons a l ih =>
    have h₁ := h a (by simp)
    have h₂ := ih fun c hc => h c (by simp [hc])
    simp only [greatest, List.foldr_cons] at h₂ ⊢
    omega

/-- Whether some number is above a level. -/
theorem clamp_sum_above (t : Nat) (l : List Nat) :
    clamp 1 ((l.map fun s => ((decide (t < s)).toNat : Int)).sum) = (decide (t < greatest l)).toNat := by
  have nonneg : ∀ l : List Nat, 0 ≤ (l.map fun s => ((decide (t < s)).toNat : Int)).sum := by
    intro l
    induction l with
    | nil => simp
    | cons s l ih => rw [List.map_cons, List.sum_cons]; omega
  induction l with
  | nil => simp [greatest, clamp]
  | cons s l ih =>
    have h := nonneg l
    have e : decide (t < greatest (s :: l)) = (decide (t < s) || decide (t < greatest l)) := by
      rw [← Bool.decide_or, show greatest (s :: l) = max s (greatest l) from rfl]
      exact decide_eq_decide.2 (by omega)
    rw [e, List.map_cons, List.sum_cons]
    generalize (l.map fun s => ((decide (t < s)).toNat : Int)).sum = z at *
    generalize greatest l = g at *
    simp only [clamp] at ih ⊢
    by_cases h₁ : t < s <;> by_cases h₂ : t < g <;> simp [h₁, h₂] at ih ⊢ <;> omega

/-- The greatest number is the number of levels below it. -/
theorem sum_levels (K g : Nat) :
    ((List.range K).map fun t => ((decide (t < g)).toNat : Int)).sum = (min g K : Nat) := by
  have h := Attention.sum_natCast ((List.range K).map fun t => (decide (t < g)).toNat)
  rw [List.map_map] at h
  refine h.symm.trans (congrArg Nat.cast ?_)
  clear h
  induction K with
  | zero => simp
  | succ K ih =>
    rw [List.range_succ, List.map_append, List.map_singleton, List.sum_append_nat, ih]
    by_cases h : K < g <;> simp [h] <;> omega

namespace Attention

variable {A : Attention} {x : List Nat} {o n i : Nat}

/-- The nodes of the levels that a score is above. -/
theorem gives_aboveNodes {s : Nat} (h : Holds x o [s]) :
    Stage.Gives (A.aboveNodes o) x ((List.range A.levels).map fun t => (decide (t < s)).toNat) := by
  refine .map fun t _ => ?_
  have e : clamp 1 ((-(t : Int) + s) / 1 + 0) = (decide (t < s)).toNat := by
    rw [clamp]
    by_cases h : t < s <;> simp [h] <;> omega
  have hs := h.getD (k := 0) (by simp)
  refine e ▸ gives_affineNode (shift := 0) (fun u hu => ?_) ?_
  · obtain rfl := List.mem_singleton.1 hu
    exact h.lt (k := 0) (by simp)
  · simp at hs
    simp [hs]

/-- The nodes of the levels that some score is above. -/
theorem gives_anyNodes {s : Nat → Nat}
    (h : Holds x o ((List.range n).flatMap fun j => (List.range A.levels).map fun t => (decide (t < s j)).toNat)) :
    Stage.Gives (A.anyNodes n o) x
      ((List.range A.levels).map fun t => (decide (t < greatest ((List.range n).map s))).toNat) := by
  refine .map fun t ht => ?_
  have ht := List.mem_range.1 ht
  have key : ∀ j < n, o + j * A.levels + t < x.length ∧ x.getD (o + j * A.levels + t) 0 = (decide (t < s j)).toNat := by
    intro j hj
    have hb := holds_flatMap_range (y := fun j => (List.range A.levels).map fun t => (decide (t < s j)).toNat)
      (m := A.levels) (fun j _ => by simp) hj
    have hl := hb.lt (k := t) (by simpa using ht)
    have hg := hb.getD (k := t) (by simpa using ht)
    have := h.lt hl
    have := h.getD hl
    rw [Nat.add_assoc]
    refine ⟨by assumption, ?_⟩
    rw [this, hg]
    simp [ht]
  rw [← clamp_sum_above, ← Int.ediv_one (((List.range n).map s).map _).sum, List.map_map,
    ← Int.add_zero ((((List.range n).map _).sum : Int) / 1)]
  refine gives_affineNode (shift := 0) (fun u hu => ?_) ?_
  · obtain ⟨j, hj, rfl⟩ := List.mem_map.1 hu
    exact (key j (List.mem_range.1 hj)).1
  · rw [List.map_map, Int.zero_add]
    refine congrArg List.sum (List.map_congr_left fun j hj => ?_)
    simp only [Function.comp_apply, (key j (List.mem_range.1 hj)).2, Int.sub_zero, Int.one_mul]

/-- The node of the greatest score. -/
theorem gives_greatestNode {g : Nat} (hg : g < 2 ^ A.scoreBits)
    (h : Holds x o ((List.range A.levels).map fun t => (decide (t < g)).toNat)) :
    Stage.Gives [A.greatestNode o] x [g] := by
  have key : ∀ t < A.levels, o + t < x.length ∧ x.getD (o + t) 0 = (decide (t < g)).toNat := fun t ht =>
    ⟨h.lt (by simpa using ht), (h.getD (by simpa using ht)).trans (by simp [ht])⟩
  have e : clamp A.scoreBits
      ((((List.range A.levels).map fun t => ((decide (t < g)).toNat : Int)).sum) / 1 + 0) = g := by
    have : g ≤ A.levels := Nat.le_sub_one_of_lt hg
    rw [sum_levels, Nat.min_eq_left this, clamp]
    omega
  refine e ▸ gives_affineNode (shift := 0) (fun u hu => ?_) ?_
  · obtain ⟨t, ht, rfl⟩ := List.mem_map.1 hu
    exact (key t (List.mem_range.1 ht)).1
  · rw [List.map_map, Int.zero_add]
    refine congrArg List.sum (List.map_congr_left fun t ht => ?_)
    simp only [Function.comp_apply, (key t (List.mem_range.1 ht)).2, Int.sub_zero, Int.one_mul]

/-- The node of a shifted score. -/
theorem gives_shiftNode {s g o' : Nat} (hs : s ≤ g) (hg : g < 2 ^ A.scoreBits) (h : Holds x o [s])
    (h' : Holds x o' [g]) : Stage.Gives [A.shiftNode o o'] x [s + (A.levels - g)] := by
  have e : clamp A.scoreBits (((A.levels : Int) + ((s : Int) - g)) / 1 + 0) = s + (A.levels - g) := by
    have : g ≤ A.levels := Nat.le_sub_one_of_lt hg
    have : A.levels = 2 ^ A.scoreBits - 1 := rfl
    rw [clamp]
    omega
  have hs := h.getD (k := 0) (by simp)
  have hg := h'.getD (k := 0) (by simp)
  refine e ▸ gives_affineNode (shift := 0) (fun u hu => ?_) ?_
  · have := h.lt (k := 0) (by simp)
    have := h'.lt (k := 0) (by simp)
    simp only [List.mem_cons, List.not_mem_nil, or_false] at hu
    rcases hu with rfl | rfl <;> assumption
  · simp at hs hg
    simp [hs, hg]
    omega

/-- The greatest score does not change when masked positions have score 0. -/
theorem greatest_masked (A : Attention) (i : Nat) (s : Nat → Nat) (l : List Nat) :
    greatest (l.map fun j => if A.sees i j then s j else 0) = greatest ((l.filter (A.sees i)).map s) := by
  induction l with
  | nil => rfl
  | cons j l ih =>
    simp only [greatest] at ih ⊢
    cases h : A.sees i j <;> simp [h, ih]

end Attention

end Logprec.Quantised
