import Logprec.Circuit.Compose
import Logprec.Circuit.Construct

/-!
# Dead gates: proofs

Leaving out dead gates keeps function and depth, and does not enlarge. About the definitions in
`Logprec.Circuit.Construct`.
-/

namespace Logprec

/-! ## Marks -/

theorem keep_ranks {α : Type} : ∀ {ms : List Bool} {l : List α} {i k : Nat}, l.length = ms.length →
    ms[i]? = some true → ∃ j, (ranks k ms)[i]? = some (k + j) ∧ (keep ms l)[j]? = l[i]?
  | m :: ms, a :: l, 0, k, _, h => by
    obtain rfl : m = true := by simpa using h
    exact ⟨0, rfl, rfl⟩
  | m :: ms, a :: l, i + 1, k, hl, h => by
    obtain ⟨j, h₁, h₂⟩ :=
      keep_ranks (ms := ms) (l := l) (i := i) (k := k + m.toNat) (by simpa using hl) (by simpa using h)
    refine ⟨m.toNat + j, by simp [ranks, h₁, Nat.add_assoc], ?_⟩
    cases m <;> simp [keep, h₂, Nat.add_comm 1]
  | [], _, _, _, _, h => by simp at h
  | _ :: _, [], _, _, hl, _ => by simp at hl

theorem mem_of_mem_keep {α : Type} {a : α} : ∀ {ms : List Bool} {l : List α}, a ∈ keep ms l → a ∈ l
  | true :: ms, b :: l, h => by
    rcases List.mem_cons.1 h with rfl | h
    · simp
    · exact List.mem_cons_of_mem _ (mem_of_mem_keep h)
  | false :: ms, b :: l, h => List.mem_cons_of_mem _ (mem_of_mem_keep (ms := ms) h)

theorem map_keep {α β : Type} (f : α → β) : ∀ (ms : List Bool) (l : List α), (keep ms l).map f = keep ms (l.map f)
  | true :: ms, a :: l => by simp [keep, map_keep f ms l]
  | false :: ms, a :: l => by simpa [keep] using map_keep f ms l
  | [], _ => by simp [keep]
  | _ :: _, [] => by simp [keep]

theorem sum_keep_le : ∀ (ms : List Bool) (l : List Nat), (keep ms l).sum ≤ l.sum
  | true :: ms, a :: l => by have := sum_keep_le ms l; simp only [keep, List.sum_cons]; omega
  | false :: ms, a :: l => by have := sum_keep_le ms l; simp only [keep, List.sum_cons]; omega
  | [], _ => by simp [keep]
  | _ :: _, [] => by simp [keep]

private theorem foldl_set (ws : List Wire) (a : Array Bool) :
    (ws.foldl (fun a w => a.setIfInBounds w.src true) a).size = a.size ∧
      ∀ i < a.size, (a[i]? = some true ∨ ∃ w ∈ ws, w.src = i) →
        (ws.foldl (fun a w => a.setIfInBounds w.src true) a)[i]? = some true := by
  induction ws generalizing a with
  | nil => exact ⟨rfl, fun i _ h => by simpa using h⟩
  | cons w ws ih =>
    obtain ⟨h₁, h₂⟩ := ih (a.setIfInBounds w.src true)
    refine ⟨by simpa using h₁, fun i hi h => h₂ i (by simpa using hi) ?_⟩
    rw [Array.getElem?_setIfInBounds]
    by_cases e : w.src = i
    · exact .inl (by simp [e, hi])
    · rw [if_neg e]
      rcases h with h | ⟨w', hw', e'⟩
      · exact .inl h
      · rcases List.mem_cons.1 hw' with rfl | hw'
        · exact absurd e' e
        · exact .inr ⟨w', hw', e'⟩

private theorem reads_spec (n : Nat) (L : Layer) : (L.reads n).size = n ∧
    ∀ g ∈ L, ∀ w ∈ g.wires, w.src < n → (L.reads n)[w.src]? = some true := by
  suffices H : ∀ (L : Layer) (a : Array Bool),
      (L.foldl (fun a g => g.wires.foldl (fun a w => a.setIfInBounds w.src true) a) a).size = a.size ∧
      ∀ i < a.size, (a[i]? = some true ∨ ∃ g ∈ L, ∃ w ∈ g.wires, w.src = i) →
        (L.foldl (fun a g => g.wires.foldl (fun a w => a.setIfInBounds w.src true) a) a)[i]? = some true by
    obtain ⟨h₁, h₂⟩ := H L (Array.replicate n false)
    refine ⟨by simpa [Layer.reads] using h₁, fun g hg w hw hi => h₂ _ (by simpa using hi) (.inr ⟨g, hg, w, hw, rfl⟩)⟩
  intro L
  induction L with
  | nil => exact fun a => ⟨rfl, fun i _ h => by simpa using h⟩
  | cons g L ih =>
    intro a
    obtain ⟨h₁, h₂⟩ := foldl_set g.wires a
    obtain ⟨h₃, h₄⟩ := ih (g.wires.foldl (fun a w => a.setIfInBounds w.src true) a)
    refine ⟨h₃.trans h₁, fun i hi h => h₄ i (by omega) ?_⟩
    rcases h with h | ⟨g', hg', w, hw, e⟩
    · exact .inl (h₂ i hi (.inl h))
    · rcases List.mem_cons.1 hg' with rfl | hg'
      · exact .inl (h₂ i hi (.inr ⟨w, hw, e⟩))
      · exact .inr ⟨g', hg', w, hw, e⟩

/-! ## Circuits -/

namespace Circuit

theorem length_prune : ∀ C : Circuit, C.prune.length = C.length
  | [] => rfl
  | L :: C => by
    have := length_prune C
    unfold prune
    split <;> simp_all

/-- A layer between a layer that is kept in part and what reads it. -/
private theorem ranks_spec {L M : Layer} (hM : ∀ g ∈ M, ∀ w ∈ g.wires, w.src < L.length) :
    let marks := (M.reads L.length).toList
    ∀ g ∈ M, ∀ w ∈ g.wires, (keep marks L)[(ranks 0 marks).toArray.getD w.src 0]? = L[w.src]? := by
  intro marks g hg w hw
  obtain ⟨h₁, h₂⟩ := reads_spec L.length M
  obtain ⟨j, h₃, h₄⟩ := keep_ranks (ms := marks) (l := L) (i := w.src) (k := 0) (by simp [marks, h₁])
    (by simpa [marks] using h₂ g hg w hw (hM g hg w hw))
  rw [← h₄]
  simp [Array.getD_eq_getD_getElem?, h₃]

theorem wf_prune : ∀ {C : Circuit} {m : Nat}, C.WF m → C.prune.WF m
  | [], _, _ => trivial
  | L :: C, m, h => by
    have ih := wf_prune h.2
    unfold prune
    split
    · exact ⟨h.1, trivial⟩
    · rename_i M D e
      rw [e] at ih
      refine ⟨fun g hg => h.1 g (mem_of_mem_keep hg), fun g hg w hw => ?_, by simpa using ih.2⟩
      obtain ⟨g₀, hg₀, rfl⟩ := List.mem_map.1 hg
      obtain ⟨w', hw', e'⟩ := Gate.mem_wires_reindex hw
      have := ranks_spec ih.1 g₀ hg₀ w' hw'
      rw [e']
      have hlt := ih.1 g₀ hg₀ w' hw'
      rw [List.getElem?_eq_getElem hlt] at this
      exact (List.getElem?_eq_some_iff.1 this).1

theorem eval_prune : ∀ {C : Circuit} {m : Nat}, C.WF m → ∀ x, C.prune.eval x = C.eval x
  | [], _, _, _ => rfl
  | L :: C, m, h, x => by
    have hwf := wf_prune h.2
    have ih := eval_prune h.2 (L.eval x)
    unfold prune
    split
    · rename_i e
      rw [e] at ih
      rw [eval_cons, eval_cons, ← ih]
    · rename_i M D e
      rw [e] at ih hwf
      rw [eval_cons (C := C), ← ih, eval_cons, eval_cons, eval_cons]
      congr 1
      simp only [Layer.eval_eq, List.map_map]
      refine List.map_congr_left fun g hg => ?_
      rw [Function.comp, Gate.eval_reindex]
      refine Gate.eval_congr fun w hw => ?_
      have := ranks_spec hwf.1 g hg w hw
      simp only [Function.comp, bit, List.getD_eq_getElem?_getD, List.getElem?_map, this]

theorem size_prune_le : ∀ C : Circuit, C.prune.size ≤ C.size
  | [] => Nat.le_refl _
  | L :: C => by
    have ih := size_prune_le C
    unfold prune
    split
    · simp only [size_cons, size_nil]; omega
    · rename_i M D e
      have h₁ := sum_keep_le (M.reads L.length).toList (L.map Gate.size)
      have h₂ (f : Nat → Nat) : (M.map (Gate.reindex f)).map Gate.size = M.map Gate.size := by
        simp [Gate.size_reindex]
      rw [e] at ih
      simp only [size_cons, map_keep, h₂] at ih ⊢
      omega

/-- **Leaving out dead gates changes nothing**: the same function in the same depth, and not larger. -/
theorem Computes.prune {m w d s : Nat} {C : Circuit} {f : List Bool → List Bool} (h : C.Computes m w d s f) :
    C.prune.Computes m w d s f := by
  have he := eval_prune h.wf
  refine ⟨wf_prune h.wf, ?_, (length_prune C).trans h.depth_eq, Nat.le_trans (size_prune_le C) h.size_le,
    fun x hx => (he x).trans (h.eval_eq x hx)⟩
  have h₁ := length_eval C.prune (List.replicate m false)
  rw [he, length_eval, List.length_replicate] at h₁
  rw [← h₁, h.width_eq]

end Circuit

end Logprec
