import Logprec.Arith.Construct
import Logprec.Arith.Gates

/-!
# Comparing numbers: proofs

What the circuits that compare a number with a constant, or two numbers, compute; their depth and size. About the
definitions in `Logprec.Arith.Construct`.
-/

namespace Logprec.Circuit

/-- `a < b` as seen from the top: there is a bit that `b` has and `a` has not, and above it `b` has every bit of `a`. -/
theorem lt_iff_testBit {w a b : Nat} (ha : a < 2 ^ w) (hb : b < 2 ^ w) : a < b ↔
    ∃ i < w, a.testBit i = false ∧ b.testBit i = true ∧ ∀ j < w, i < j → a.testBit j = true → b.testBit j = true := by
  induction w generalizing a b with
  | zero => simp at ha hb; simp [ha, hb]
  | succ w ih =>
    have key := ih (a := a / 2) (b := b / 2) (by omega) (by omega)
    have ta := Nat.testBit_zero a
    have tb := Nat.testBit_zero b
    constructor
    · intro h
      by_cases h' : a / 2 < b / 2
      · obtain ⟨i, hi, h₁, h₂, h₃⟩ := key.1 h'
        refine ⟨i + 1, by omega, by rwa [Nat.testBit_add_one], by rwa [Nat.testBit_add_one], fun j hj hij => ?_⟩
        obtain ⟨j, rfl⟩ : ∃ j', j = j' + 1 := ⟨j - 1, by omega⟩
        simpa only [Nat.testBit_add_one] using h₃ j (by omega) (by omega)
      · have e : a / 2 = b / 2 := by omega
        refine ⟨0, by omega, by rw [ta]; simp; omega, by rw [tb]; simp; omega, fun j hj hij => ?_⟩
        obtain ⟨j, rfl⟩ : ∃ j', j = j' + 1 := ⟨j - 1, by omega⟩
        simp only [Nat.testBit_add_one, e, imp_self]
    · rintro ⟨i, hi, h₁, h₂, h₃⟩
      match i, hi, h₁, h₂, h₃ with
      | 0, hi, h₁, h₂, h₃ =>
        have : ¬ b / 2 < a / 2 := fun h => by
          obtain ⟨i, hi, h₁, h₂, -⟩ := (ih (a := b / 2) (b := a / 2) (by omega) (by omega)).1 h
          have := h₃ (i + 1) (by omega) (by omega)
          simp only [Nat.testBit_add_one] at this
          simp [this h₂] at h₁
        simp [ta] at h₁
        simp [tb] at h₂
        omega
      | i + 1, hi, h₁, h₂, h₃ =>
        rw [Nat.testBit_add_one] at h₁ h₂
        have := key.2 ⟨i, by omega, h₁, h₂, fun j hj hij => by
          simpa only [Nat.testBit_add_one] using h₃ (j + 1) (by omega) (by omega)⟩
        omega

/-! ## With a constant -/

/-- **Comparison with a constant**: depth 2. -/
theorem computes_greaterConst (w c : Nat) : (greaterConst w c).Computes w 1 2 (w * (w + 1) + w + 1)
    (fun x => [decide (c < ofBits x)]) := by
  have hmem : ∀ i < w, ∀ k ∈ i :: (List.range' (i + 1) (w - (i + 1))).filter fun j => c.testBit j, k < w := by
    intro i hi k hk
    simp only [List.mem_cons, List.mem_filter, List.mem_range'_1] at hk
    omega
  refine ⟨⟨?_, ?_, trivial⟩, rfl, rfl, ?_, fun x hx => ?_⟩
  · simp only [List.mem_map, List.mem_range]
    rintro g ⟨i, hi, rfl⟩ k hk
    split at hk
    · simp [Gate.any, Gate.wires] at hk
    · exact hmem i hi _ (Gate.src_of_mem_wires_all hk)
  · simp only [List.mem_singleton]
    rintro g rfl k hk
    simpa using Gate.src_of_mem_wires_any hk
  · have := sum_map_le (l := List.range w) (c := w + 1)
      (f := fun i => Gate.size (if 2 ^ w ≤ c ∨ c.testBit i then .any [] else aboveAt w c i)) fun i hi => by
        have := List.length_filter_le (fun j => c.testBit j) (List.range' (i + 1) (w - (i + 1)))
        have := List.mem_range.1 hi
        dsimp only
        split
        · simp
        · simp only [aboveAt, Gate.size_all, List.length_cons, List.length_range'] at *
          omega
    rw [List.length_range] at this
    simp only [greaterConst, size_cons, size_nil, List.map_map, Function.comp_def, List.map_cons, List.map_nil,
      List.sum_cons, List.sum_nil, Gate.size_any, List.length_range]
    omega
  · have hlt := ofBits_lt x
    rw [hx] at hlt
    have hrow : ∀ i, Gate.eval (bit x) (if 2 ^ w ≤ c ∨ c.testBit i then .any [] else aboveAt w c i) =
        (decide (c < 2 ^ w) && !c.testBit i && (aboveAt w c i).eval (bit x)) := by
      intro i
      by_cases h₁ : 2 ^ w ≤ c
      · simp [h₁, Nat.not_lt.2 h₁]
      · cases h₂ : c.testBit i <;> simp [h₁, Nat.lt_of_not_le h₁]
    simp only [greaterConst, eval_cons, eval_nil, Layer.eval_eq, List.map_cons, List.map_nil, Gate.eval_any,
      List.map_map]
    congr 1
    rw [Bool.eq_iff_iff, decide_eq_true_iff, List.any_eq_true]
    have hany : (∃ i, i ∈ List.range w ∧ bit ((List.range w).map (Gate.eval (bit x) ∘ fun i =>
        if 2 ^ w ≤ c ∨ c.testBit i then .any [] else aboveAt w c i)) i = true) ↔
        c < 2 ^ w ∧ ∃ i < w, c.testBit i = false ∧ (aboveAt w c i).eval (bit x) = true := by
      constructor
      · rintro ⟨i, hi, h⟩
        have hi := List.mem_range.1 hi
        rw [bit_map_range _ hi, Function.comp, hrow] at h
        simp only [Bool.and_eq_true, decide_eq_true_iff, Bool.not_eq_true'] at h
        exact ⟨h.1.1, i, hi, h.1.2, h.2⟩
      · rintro ⟨hc, i, hi, h₁, h₂⟩
        refine ⟨i, List.mem_range.2 hi, ?_⟩
        rw [bit_map_range _ hi, Function.comp, hrow]
        simp [hc, h₁, h₂]
    rw [hany]
    by_cases h : c < 2 ^ w
    · rw [lt_iff_testBit h hlt]
      simp only [h, true_and, aboveAt, Gate.eval_all, List.all_cons, Bool.and_eq_true, List.all_eq_true,
        List.mem_filter,
        List.mem_range'_1, testBit_ofBits, and_imp]
      grind
    · simp only [h, false_and, false_iff]
      omega

/-- **Comparison with a constant**, not strict: depth 2. -/
theorem computes_atLeastConst (w c : Nat) : (atLeastConst w c).Computes w 1 2 (w * (w + 1) + w + 1)
    (fun x => [decide (c ≤ ofBits x)]) := by
  unfold atLeastConst
  split
  case isTrue hc =>
    refine ⟨?_, rfl, rfl, ?_, fun x hx => ?_⟩
    · simp [WF, Gate.all, Gate.wires]
    · simp [size_cons]
    · simp [Layer.eval_eq, hc]
  case isFalse hc =>
    refine (computes_greaterConst w (c - 1)).mono (Nat.le_refl _) fun x _ => ?_
    congr 1
    rw [decide_eq_decide]
    omega

/-! ## Two numbers -/

private theorem bit_two {w i : Nat} {f g : Nat → Bool} (h : i < w) :
    bit ((List.range w).map f ++ (List.range w).map g) i = f i ∧
    bit ((List.range w).map f ++ (List.range w).map g) (w + i) = g i := by
  have := bit_append_right (x := (List.range w).map f) (y := (List.range w).map g) i
  rw [List.length_map, List.length_range] at this
  exact ⟨by rw [bit_append_left (by simpa using h), bit_map_range _ h], by rw [this, bit_map_range _ h]⟩

private theorem computes_greaterRows (w : Nat) : (greaterRows w).Computes (2 * w) w 3 (w * (w + 1) + 10 * w)
    (fun x => (List.range w).map fun i => (bit x i && !bit x (w + i)) &&
      (List.range' (i + 1) (w - (i + 1))).all fun j => bit x j || !bit x (w + j)) where
  wf := by
    refine ⟨?_, ?_, ?_, trivial⟩
    · simp only [List.mem_append, List.mem_map, List.mem_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) k hk
      · have := Gate.src_of_mem_wires_copy hk; omega
      · have := Gate.src_of_mem_wires_none hk; simp at this; omega
    · simp only [List.mem_append, List.mem_map, List.mem_range, List.length_append, List.length_map, List.length_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) k hk
      · have := Gate.src_of_mem_wires_all hk; simp at this; omega
      · have := Gate.src_of_mem_wires_any hk; simp at this; omega
    · simp only [List.mem_map, List.mem_range, List.length_append, List.length_map, List.length_range]
      rintro g ⟨i, hi, rfl⟩ k hk
      have := Gate.src_of_mem_wires_all hk
      simp only [List.mem_cons, List.mem_map, List.mem_range'_1] at this
      omega
  width_eq := by simp [greaterRows, width]
  depth_eq := rfl
  size_le := by
    have := sum_map_le (l := List.range w) (f := fun i => Gate.size
      (.all (i :: (List.range' (i + 1) (w - (i + 1))).map fun j => w + j))) (c := w + 1) fun i hi => by
        simp only [List.mem_range] at hi
        simp only [Gate.size_all, List.length_cons, List.length_map, List.length_range']
        omega
    rw [List.length_range] at this
    simp only [greaterRows, size_cons, size_nil, List.map_append, List.sum_append_nat, List.map_map, Function.comp_def,
      Gate.size_copy, Gate.size_none, Gate.size_any, Gate.size_all, List.length_cons, List.length_nil, List.map_const',
      List.sum_replicate_nat, List.length_range, List.length_map] at this ⊢
    omega
  eval_eq x hx := by
    simp only [greaterRows, eval_cons, eval_nil, Layer.eval_eq, List.map_append, List.map_map, Function.comp_def,
      Gate.eval_copy, Gate.eval_none, Gate.eval_any, Gate.eval_all, List.any_cons, List.any_nil, List.all_cons,
      List.all_nil, Bool.or_false, Bool.and_true]
    refine List.map_congr_left fun i hi => ?_
    rw [List.mem_range] at hi
    rw [(bit_two hi).1, (bit_two hi).1, (bit_two hi).2, List.all_map]
    congr 1
    rw [Bool.eq_iff_iff, List.all_eq_true, List.all_eq_true]
    refine forall_congr' fun j => imp_congr_right fun hj => ?_
    have hj : j < w := by simp only [List.mem_range'_1] at hj; omega
    rw [Function.comp, (bit_two hj).2, (bit_two hj).1, (bit_two hj).2]

private theorem any_greaterRows {w : Nat} {x : List Bool} (hx : x.length = 2 * w) :
    ((List.range w).any fun i => (bit x i && !bit x (w + i)) &&
      (List.range' (i + 1) (w - (i + 1))).all fun j => bit x j || !bit x (w + j)) =
    decide (ofBits (x.drop w) < ofBits (x.take w)) := by
  have h₁ := ofBits_lt (x.drop w)
  have h₂ := ofBits_lt (x.take w)
  rw [List.length_drop, hx, show 2 * w - w = w by omega] at h₁
  rw [List.length_take, hx, show min w (2 * w) = w by omega] at h₂
  have e₁ : ∀ i, bit (x.drop w) i = bit x (w + i) := fun i => by simp [bit]
  have e₂ : ∀ i < w, bit (x.take w) i = bit x i := fun i hi => by simp [bit, hi]
  rw [Bool.eq_iff_iff, decide_eq_true_iff, lt_iff_testBit h₁ h₂, List.any_eq_true]
  simp only [testBit_ofBits, e₁, List.mem_range, Bool.and_eq_true, List.all_eq_true, List.mem_range'_1,
    Bool.not_eq_true', Bool.or_eq_true]
  grind

private theorem computes_any (w : Nat) : Computes [[.any (List.range w)]] w 1 1 (w + 1) (fun x => [x.any id]) where
  wf := ⟨fun g hg k hk => by
    rw [List.mem_singleton.1 hg] at hk; exact List.mem_range.1 (Gate.src_of_mem_wires_any hk), trivial⟩
  width_eq := rfl
  depth_eq := rfl
  size_le := by simp [size_cons]; omega
  eval_eq x hx := by
    have := any_bit_map x id
    rw [hx, List.map_id] at this
    simp [Layer.eval_eq, this]

private theorem computes_none (w : Nat) : Computes [[.none (List.range w)]] w 1 1 (w + 1) (fun x => [!x.any id]) where
  wf := ⟨fun g hg k hk => by
    rw [List.mem_singleton.1 hg] at hk; exact List.mem_range.1 (Gate.src_of_mem_wires_none hk), trivial⟩
  width_eq := rfl
  depth_eq := rfl
  size_le := by simp [size_cons]; omega
  eval_eq x hx := by
    have := any_bit_map x id
    rw [hx, List.map_id] at this
    simp [Layer.eval_eq, this]

/-- **Comparison of two numbers**: depth 4. -/
theorem computes_greater (w : Nat) : (greater w).Computes (2 * w) 1 4 (w * (w + 1) + 11 * w + 1)
    (fun x => [decide (ofBits (x.drop w) < ofBits (x.take w))]) :=
  ((computes_greaterRows w).comp (computes_any w)).mono (by omega) fun x hx => by
    simp only [Function.comp, List.any_map, Function.id_comp, any_greaterRows hx]

/-- **Comparison of two numbers**, not strict: depth 4. -/
theorem computes_lessEq (w : Nat) : (lessEq w).Computes (2 * w) 1 4 (w * (w + 1) + 11 * w + 1)
    (fun x => [decide (ofBits (x.take w) ≤ ofBits (x.drop w))]) :=
  ((computes_greaterRows w).comp (computes_none w)).mono (by omega) fun x hx => by
    simp only [Function.comp, List.any_map, Function.id_comp, any_greaterRows hx]
    rw [← decide_not, decide_eq_decide.2 Nat.not_lt]

end Logprec.Circuit
