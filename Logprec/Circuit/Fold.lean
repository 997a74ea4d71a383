import Logprec.Circuit.Compose
import Logprec.Circuit.Construct
import Std.Data.HashMap

/-!
# Constant folding and sharing: proofs

Folding constants and sharing equal gates keeps function and depth, and does not enlarge. About the definitions in
`Logprec.Circuit.Construct`.
-/

namespace Logprec

/-- The value of what a position became. -/
def Ref.value (v : Nat → Bool) : Ref → Bool
  | const b => b
  | pos i => v i

/-! ## Gates -/

namespace Wire

theorem count_eq_fold {r : Nat → Ref} {v v' : Nat → Bool} (h : ∀ i, (r i).value v' = v i) (ws : List Wire) :
    count v ws = ones r ws + count v' (unknown r ws) := by
  induction ws with
  | nil => rfl
  | cons w ws ih =>
    have hw := h w.src
    simp only [count, ones, unknown, List.map_cons, List.sum_cons, List.filterMap_cons] at ih ⊢
    rw [ih, ← hw]
    cases r w.src with
    | const b => cases b <;> simp [Ref.value] <;> omega
    | pos i => simp [Ref.value]; omega

theorem count_le_total (v : Nat → Bool) (ws : List Wire) : count v ws ≤ total ws := by
  induction ws with
  | nil => exact Nat.le_refl _
  | cons w ws ih =>
    simp only [count, total, List.map_cons, List.sum_cons] at ih ⊢
    split <;> omega

theorem total_unknown_le (r : Nat → Ref) (ws : List Wire) : total (unknown r ws) ≤ total ws := by
  induction ws with
  | nil => exact Nat.le_refl _
  | cons w ws ih =>
    simp only [total, unknown, List.map_cons, List.sum_cons, List.filterMap_cons] at ih ⊢
    cases r w.src <;> simp <;> omega

theorem mem_unknown {r : Nat → Ref} {ws : List Wire} {w : Wire} (h : w ∈ unknown r ws) :
    ∃ w' ∈ ws, r w'.src = .pos w.src := by
  obtain ⟨w', h₁, h₂⟩ := List.mem_filterMap.1 h
  refine ⟨w', h₁, ?_⟩
  split at h₂
  · simp at h₂
  · rename_i i hi
    simp only [Option.some.injEq] at h₂
    rw [hi, ← h₂]

end Wire

namespace Gate

/-- The value of what is left of a gate. -/
def foldValue (v : Nat → Bool) (e : Bool ⊕ Gate) : Bool := e.elim id (eval v)

theorem foldValue_fold {r : Nat → Ref} {v v' : Nat → Bool} (h : ∀ i, (r i).value v' = v i) (g : Gate) :
    foldValue v' (g.fold r) = g.eval v := by
  cases g with
  | atLeast k ws =>
    have h₁ := Wire.count_eq_fold h ws
    have h₂ := Wire.count_le_total v' (Wire.unknown r ws)
    simp only [fold, eval, h₁]
    split
    · simp [foldValue]; omega
    · split
      · simp [foldValue]; omega
      · simp [foldValue, eval]; omega
  | atMost k ws =>
    have h₁ := Wire.count_eq_fold h ws
    have h₂ := Wire.count_le_total v' (Wire.unknown r ws)
    simp only [fold, eval, h₁]
    split
    · simp [foldValue]; omega
    · split
      · simp [foldValue]; omega
      · simp [foldValue, eval]; omega

theorem eval_const (v : Nat → Bool) (b : Bool) : (const b).eval v = b := by cases b <;> simp [const, eval, Wire.count]

theorem eval_elim (v : Nat → Bool) (e : Bool ⊕ Gate) : (e.elim const id : Gate).eval v = foldValue v e := by
  cases e with
  | inl b => exact eval_const v b
  | inr g => rfl

theorem size_const (b : Bool) : (const b).size = 1 := by cases b <;> rfl

theorem size_fold_le (r : Nat → Ref) (g : Gate) : ((g.fold r).elim const id : Gate).size ≤ g.size := by
  have hw := Wire.total_unknown_le r g.wires
  have h (b : Bool) : (const b).size ≤ g.size := by rw [size_const]; unfold size; omega
  cases g <;> simp only [fold] <;> repeat' split
  all_goals first
    | exact h _
    | exact Nat.add_le_add_left hw 1

theorem wires_fold {r : Nat → Ref} {g g' : Gate} (h : g.fold r = .inr g') : ∀ w ∈ g'.wires, ∃ w' ∈ g.wires,
    r w'.src = .pos w.src := by
  intro w hw
  cases g <;> simp only [fold] at h <;> repeat' split at h
  all_goals first
    | (cases h; done)
    | (cases h; exact Wire.mem_unknown hw)

end Gate

/-! ## Layers -/

namespace Folded

/-- What is kept up while a layer is built from the gates `L`. -/
private structure Good (r : Nat → Ref) (v v' : Nat → Bool) (L : Layer) (s : Folded) : Prop where
  places : ∀ (g : Gate) (i : Nat), s.places[g]? = some i → s.gates[i]? = some g
  length : s.refs.size = L.length
  value : ∀ j, (hj : j < L.length) → ∀ w : Nat → Bool,
    (∀ (i : Nat) (g : Gate), s.gates[i]? = some g → w i = g.eval v') →
    (s.ref j).value w = L[j].eval v
  pos : ∀ j i, s.ref j = .pos i → i < s.gates.size
  wires : ∀ g' ∈ s.gates, ∀ w ∈ g'.wires, ∃ g ∈ L, ∃ w' ∈ g.wires, r w'.src = .pos w.src
  size : (s.gates.toList.map Gate.size).sum ≤ (L.map Gate.size).sum

private theorem ref_push {gates : Array Gate} {places : Std.HashMap Gate Nat} {refs : Array Ref} {a : Ref} {j : Nat} :
    (⟨gates, places, refs.push a⟩ : Folded).ref j =
      if j = refs.size then a else (⟨gates, places, refs⟩ : Folded).ref j := by
  simp only [ref, Array.getD_eq_getD_getElem?, Array.getElem?_push]
  split <;> rfl

private theorem Good.add {r : Nat → Ref} {v v' : Nat → Bool} {L : Layer} {s : Folded} (h : Good r v v' L s)
    (hr : ∀ i, (r i).value v' = v i) (g : Gate) : Good r v v' (L ++ [g]) (s.add r g) := by
  have hg := Gate.foldValue_fold hr g
  have hs := Gate.size_fold_le r g
  have old : ∀ a : Ref, ∀ w : Nat → Bool, (∀ (i : Nat) (g : Gate), s.gates[i]? = some g → w i = g.eval v') →
      a.value w = g.eval v → ∀ j, (hj : j < (L ++ [g]).length) →
      ((if j = s.refs.size then a else s.ref j : Ref)).value w = (L ++ [g])[j].eval v := by
    intro a w hw ha j hj
    rw [h.length]
    split
    · rename_i e; subst e; simpa using ha
    · have hj' : j < L.length := by simp at hj; omega
      rw [List.getElem_append_left hj']
      exact h.value j hj' w hw
  unfold Folded.add
  split
  · rename_i b hb
    rw [hb] at hg hs
    refine ⟨h.places, by simp [h.length], fun j hj w hw => ?_, fun j i => ?_, fun g' hg' w hw => ?_, ?_⟩
    · rw [ref_push]; exact old (.const b) w hw hg j hj
    · rw [ref_push]; split
      · simp
      · exact h.pos j i
    · obtain ⟨a, ha, b⟩ := h.wires g' hg' w hw; exact ⟨a, by simp [ha], b⟩
    · have := h.size; simp; omega
  · rename_i g' hg'
    rw [hg'] at hg hs
    split
    · rename_i i hi
      have hi := h.places _ _ hi
      have hlt : i < s.gates.size := by
        rw [Array.getElem?_eq_some_iff] at hi; exact hi.1
      refine ⟨h.places, by simp [h.length], fun j hj w hw => ?_, fun j k => ?_, fun g' hg' w hw => ?_, ?_⟩
      · rw [ref_push]; exact old (.pos i) w hw ((hw i g' hi).trans hg) j hj
      · rw [ref_push]; split
        · simp; omega
        · exact h.pos j k
      · obtain ⟨a, ha, b⟩ := h.wires g' hg' w hw; exact ⟨a, by simp [ha], b⟩
      · have := h.size; simp; omega
    · refine ⟨fun a i ha => ?_, by simp [h.length], fun j hj w hw => ?_, fun j k => ?_, fun a ha w hw => ?_, ?_⟩
      · rw [Std.HashMap.getElem?_insert] at ha
        split at ha
        · rename_i e
          simp only [Option.some.injEq] at ha
          subst ha
          simp_all
        · have := h.places a i ha
          have hlt : i < s.gates.size := by
            rw [Array.getElem?_eq_some_iff] at this; exact this.1
          rw [Array.getElem?_push, if_neg (by omega), this]
      · rw [ref_push]
        refine old (.pos s.gates.size) w (fun i a ha => ?_) ((hw s.gates.size g' (by simp)).trans hg) j hj
        have hlt : i < s.gates.size := by
          rw [Array.getElem?_eq_some_iff] at ha; exact ha.1
        exact hw i a (by rw [Array.getElem?_push, if_neg (by omega), ha])
      · rw [ref_push]; split
        · simp; omega
        · intro e; have := h.pos j k e; simp; omega
      · rcases Array.mem_push.1 ha with ha | rfl
        · obtain ⟨a, ha, b⟩ := h.wires a ha w hw; exact ⟨a, by simp [ha], b⟩
        · exact ⟨g, by simp, Gate.wires_fold hg' w hw⟩
      · have := h.size
        simp only [Sum.elim_inr, id] at hs
        simp; omega

private theorem good_fold {r : Nat → Ref} {v v' : Nat → Bool} (hr : ∀ i, (r i).value v' = v i) (L : Layer) :
    Good r v v' L (L.fold r) := by
  suffices H : ∀ (L M : Layer) (s : Folded), Good r v v' M s → Good r v v' (M ++ L) (L.foldl (add r) s) from
    H L [] {} ⟨by simp, rfl, by simp, by simp [ref], by simp, by simp⟩
  intro L
  induction L with
  | nil => intro M s h; simpa using h
  | cons g L ih =>
    intro M s h
    have := ih _ _ (h.add hr g)
    simpa using this

end Folded

/-! ## Circuits -/

namespace Circuit

private theorem bit_eval_gates {s : Folded} {y : List Bool} {i : Nat} {g : Gate} (h : s.gates[i]? = some g) :
    bit (Layer.eval s.gates.toList y) i = g.eval (bit y) := by
  simp [Layer.eval_eq, bit, h]

theorem eval_foldFrom : ∀ {C : Circuit} {r : Nat → Ref} {x y : List Bool}, C ≠ [] →
    (∀ i, (r i).value (bit y) = bit x i) → (foldFrom r C).eval y = C.eval x
  | [L], r, x, y, _, h => by
    simp only [foldFrom, eval_cons, eval_nil, Layer.eval_eq, List.map_map]
    refine List.map_congr_left fun g _ => ?_
    rw [Function.comp, Gate.eval_elim, Gate.foldValue_fold h]
  | L :: M :: C, r, x, y, _, h => by
    rw [foldFrom, eval_cons, eval_cons]
    have good := Folded.good_fold h L
    refine eval_foldFrom (by simp) fun j => ?_
    by_cases hj : j < L.length
    · rw [good.value j hj _ fun i g hg => bit_eval_gates hg, Layer.eval_eq, bit]
      simp [hj]
    · have hj := Nat.le_of_not_lt hj
      rw [Folded.ref, Array.getD_eq_getD_getElem?, Array.getElem?_eq_none (by rw [good.length]; exact hj), bit,
        List.getD_eq_getElem?_getD, List.getElem?_eq_none (by simpa [Layer.eval_eq] using hj)]
      rfl

theorem length_foldFrom : ∀ (C : Circuit) (r : Nat → Ref), (foldFrom r C).length = C.length
  | [], _ => rfl
  | [_], _ => rfl
  | L :: M :: C, r => by simp [foldFrom, length_foldFrom (M :: C)]

theorem size_foldFrom_le : ∀ (C : Circuit) (r : Nat → Ref), (foldFrom r C).size ≤ C.size
  | [], _ => Nat.le_refl _
  | [L], r => by
    simp only [foldFrom, size_cons, size_nil, List.map_map, Nat.add_zero]
    induction L with
    | nil => exact Nat.le_refl _
    | cons g L ih =>
      have := Gate.size_fold_le r g
      simp only [List.map_cons, List.sum_cons, Function.comp] at ih ⊢
      omega
  | L :: M :: C, r => by
    have h := (Folded.good_fold (r := r) (v := fun i => (r i).value fun _ => false) (v' := fun _ => false)
      (fun _ => rfl) L).size
    have ih := size_foldFrom_le (M :: C) (Layer.fold r L).ref
    rw [foldFrom, size_cons, size_cons]
    omega

theorem wf_foldFrom : ∀ {C : Circuit} {r : Nat → Ref} {m m' : Nat}, C.WF m → (∀ i < m, ∀ j, r i = .pos j → j < m') →
    (foldFrom r C).WF m'
  | [], _, _, _, _, _ => trivial
  | [L], r, m, m', h, hr => by
    refine ⟨fun g' hg' w hw => ?_, trivial⟩
    obtain ⟨g, hg, rfl⟩ := List.mem_map.1 hg'
    cases e : g.fold r with
    | inl b => rw [e] at hw; cases b <;> simp [Gate.const, Gate.wires] at hw
    | inr g' =>
      rw [e] at hw
      obtain ⟨w', hw', e'⟩ := Gate.wires_fold e w hw
      exact hr _ (h.1 g hg w' hw') _ e'
  | L :: M :: C, r, m, m', h, hr => by
    have good := Folded.good_fold (r := r) (v := fun i => (r i).value fun _ => false) (v' := fun _ => false)
      (fun _ => rfl) L
    refine ⟨fun g' hg' w hw => ?_, wf_foldFrom (m := L.length) h.2 fun i _ j => ?_⟩
    · obtain ⟨g, hg, w', hw', e⟩ := good.wires g' (by simpa using hg') w hw
      exact hr _ (h.1 g hg w' hw') _ e
    · simpa using good.pos i j

/-- **Constant folding and sharing change nothing**: the same function in the same depth, and not larger. -/
theorem Computes.fold {m w d s : Nat} {C : Circuit} {f : List Bool → List Bool} (h : C.Computes m w d s f) :
    C.fold.Computes m w d s f := by
  by_cases hC : C = []
  · subst hC; exact h
  · have he : ∀ x, C.fold.eval x = C.eval x := fun x => eval_foldFrom hC fun i => rfl
    refine ⟨wf_foldFrom h.wf fun i hi j e => ?_, ?_, ?_, Nat.le_trans (size_foldFrom_le _ _) h.size_le, fun x hx => ?_⟩
    · cases e; exact hi
    · have h₁ := length_eval C.fold (List.replicate m false)
      have h₂ := length_eval C (List.replicate m false)
      rw [he, h₂] at h₁
      rw [← h.width_eq]
      simpa using h₁.symm
    · rw [← h.depth_eq]; exact length_foldFrom C _
    · rw [he, h.eval_eq x hx]

end Circuit

end Logprec
