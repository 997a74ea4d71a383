import Logprec.Template.Lists
import Logprec.Template.Total

/-!
# Templates of circuits side by side

`Circuit.beside` puts circuits side by side that need not have equal widths. A list of such circuits has a template that
follows how the list is written: one circuit, one list after another, a loop, a case distinction. Layer `l + 1` of what
comes later is offset by the widths of layer `l` of what comes before, which in a loop is a sum (`Term.total`).
-/

namespace Logprec

namespace Tmpl

/-- The templates of any number of lists of circuits side by side, one after another: the list number `i` is that for
variable 0. -/
def loopFrom (count : Term) : (off : Term) → (ws : List Term) → (ts : List Tmpl) → List Tmpl
  | off, ws, T :: ts =>
    loop count (offset (.total (.var 0) off.under) T) :: loopFrom count (ws.headD 0) ws.tail ts
  | _, _, [] => []

/-- As many layers as both have. -/
theorem length_pairWith : ∀ (first second : Tmpl → Tmpl) (ws : List Term) (ts us : List Tmpl),
    (pairWith first second ws ts us).length = min ts.length us.length
  | _, _, ws, _ :: ts, _ :: us => by simp [pairWith, length_pairWith _ _ ws.tail ts us]
  | _, _, _, [], _ => by simp [pairWith]
  | _, _, _, _ :: _, [] => by simp [pairWith]

/-- As many layers as the parts have. -/
theorem length_loopFrom (count : Term) : ∀ (off : Term) (ws : List Term) (ts : List Tmpl),
    (loopFrom count off ws ts).length = ts.length
  | _, _, [] => rfl
  | _, ws, _ :: ts => by simp [loopFrom, length_loopFrom count _ ws.tail ts]

/-- The templates of a circuit whose first layer reads through `σ`. -/
def reindexFirst (σ : Term) : List Tmpl → List Tmpl
  | [] => []
  | T :: ts => T.reindex σ :: ts

/-- As many layers as the circuit has. -/
theorem length_reindexFirst (σ : Term) (ts : List Tmpl) : (reindexFirst σ ts).length = ts.length := by
  cases ts <;> rfl

end Tmpl

namespace Lists

variable {ρ : List Nat} {ts us : List Tmpl} {ws vs : List Term} {C D : Circuit} {d : Nat}

private theorem pairWith_aux {off : Term} (hC : Lists ρ ts ws C) (hD : Lists ρ us vs D) :
    Lists ρ (Tmpl.pairWith id (Tmpl.offset off) ws ts us) (List.zipWith (· + ·) ws vs)
      (C.zipLayers (off.eval ρ) D) := by
  obtain ⟨hC, hw⟩ := hC
  obtain ⟨hD, hv⟩ := hD
  induction ts generalizing us ws vs C D off with
  | nil =>
    obtain rfl : C = [] := by simpa [DenotesIn] using hC
    obtain rfl : ws = [] := by simpa using hw
    exact ⟨by simp [DenotesIn, Tmpl.pairWith, Circuit.zipLayers], by simp [Circuit.zipLayers]⟩
  | cons T ts ih =>
    match us, C, hC, D, hD, ws, hw, vs, hv with
    | [], _, _, [], _, _, _, [], _ => exact ⟨by simp [DenotesIn, Tmpl.pairWith, Circuit.zipLayers], by
        simp [Circuit.zipLayers]⟩
    | U :: us, L :: C, hC, M :: D, hD, w :: ws, hw, v :: vs, hv =>
      simp only [DenotesIn, List.map_cons, List.cons.injEq] at hC hD hw hv
      have ih := ih (off := w) hC.2 hw.2 hD.2 hv.2
      rw [← hw.1] at ih
      constructor
      · have := ih.denotes
        simp only [DenotesIn, Tmpl.pairWith, Circuit.zipLayers, List.map_cons, List.headD_cons, List.tail_cons,
          List.cons.injEq] at this ⊢
        refine ⟨?_, this⟩
        rw [Tmpl.items, id, Tmpl.items_offset, hC.1, hD.1, ← Layer.items_reindex]
        simp [Layer.items]
      · have := ih.widths
        simp only [Circuit.zipLayers, List.map_cons, List.zipWith_cons_cons, List.cons.injEq] at this ⊢
        exact ⟨by simp [hw.1, hv.1], this⟩

/-- As many widths as layers. -/
theorem length_widths (h : Lists ρ ts ws C) : ws.length = C.length := by
  simpa using (congrArg List.length h.widths).symm

/-- Nothing side by side. -/
theorem beside_nil (ρ : List Nat) (d : Nat) :
    Lists ρ (List.replicate d .nil) (List.replicate d 0) (Circuit.beside d []) := by
  rw [Circuit.beside_nil]
  exact ⟨by simp [DenotesIn, Tmpl.items, Layer.items], by simp⟩

/-- One circuit, which reads through `f`; `σ` is `f` of variable 0. -/
theorem beside_single {σ : Term} {f : Nat → Nat} {m : Nat} (h : Lists ρ ts ws C) (hwf : C.WF m)
    (hσ : ∀ k < m, σ.eval (k :: ρ) = f k) (hd : C.length = d) :
    Lists ρ (Tmpl.reindexFirst σ ts) ws (Circuit.beside d [(f, C)]) := by
  subst hd
  obtain ⟨hC, hw⟩ := h
  match ts, C, hC with
  | [], [], _ => exact ⟨rfl, hw⟩
  | T :: ts, L :: C, hC =>
    rw [List.length_cons, Circuit.beside_single]
    refine ⟨?_, by simpa using hw⟩
    simp only [DenotesIn, List.map_cons, List.cons.injEq, Tmpl.reindexFirst] at hC ⊢
    refine ⟨?_, hC.2⟩
    rw [Tmpl.items_reindex, hC.1, ← Layer.items_reindex]
    exact congrArg _ (List.map_congr_left fun g hg => Gate.reindex_congr fun w hw => hσ _ (hwf.1 g hg w hw))

/-- One list of circuits side by side after another. -/
theorem beside_append {bs cs : List ((Nat → Nat) × Circuit)} (h : Lists ρ ts ws (Circuit.beside d bs))
    (h' : Lists ρ us vs (Circuit.beside d cs)) :
    Lists ρ (Tmpl.pairWith id (Tmpl.offset 0) ws ts us) (List.zipWith (· + ·) ws vs) (Circuit.beside d (bs ++ cs)) := by
  rw [Circuit.beside_append]
  exact pairWith_aux (off := 0) h h'

private theorem loopFrom_aux {count off : Term} {offN : Nat → Nat} {C : Nat → Circuit}
    (h : ∀ i < count.eval ρ, Lists (i :: ρ) ts ws (C i)) (hlen : ws.length = ts.length)
    (hoff : ∀ i < count.eval ρ, off.eval (i :: ρ) = offN i) :
    Lists ρ (Tmpl.loopFrom count off ws ts) (ws.map (Term.total count))
      (Circuit.loopLayers (count.eval ρ) ts.length offN C) := by
  induction ts generalizing ws off offN C with
  | nil =>
    obtain rfl : ws = [] := by simpa using hlen
    exact ⟨rfl, rfl⟩
  | cons T ts ih =>
    match ws, hlen with
    | w :: ws, hlen =>
      have parts : ∀ i < count.eval ρ, T.items (i :: ρ) = ((C i).headD []).items ∧
          w.eval (i :: ρ) = ((C i).headD []).length ∧ Lists (i :: ρ) ts ws (C i).tail := fun i hi => by
        obtain ⟨h₁, h₂⟩ := h i hi
        match C i, h₁, h₂ with
        | L :: D, h₁, h₂ =>
          simp only [DenotesIn, List.map_cons, List.cons.injEq] at h₁ h₂
          exact ⟨h₁.1, h₂.1.symm, h₁.2, h₂.2⟩
      have ih := ih (off := w) (C := fun i => (C i).tail) (fun i hi => (parts i hi).2.2) (by simpa using hlen)
        fun i hi => (parts i hi).2.1
      constructor
      · have := ih.denotes
        simp only [DenotesIn, Tmpl.loopFrom, List.length_cons, Circuit.loopLayers, List.map_cons, List.headD_cons,
          List.tail_cons, List.cons.injEq] at this ⊢
        refine ⟨?_, this⟩
        rw [Tmpl.items, Layer.items, List.flatMap_assoc]
        refine flatMap_congr fun i hi => ?_
        have hi := List.mem_range.1 hi
        have e : (Term.total (.var 0) off.under).eval (i :: ρ) =
            ((List.range i).map offN).sum := by
          simp only [Term.eval_total, Term.eval_var, List.getD_cons_zero]
          congr 1
          refine List.map_congr_left fun j hj => ?_
          rw [Term.eval_under]
          exact hoff j (Nat.lt_trans (List.mem_range.1 hj) hi)
        rw [Tmpl.items_offset, e, (parts i hi).1]
        exact (Layer.items_reindex _ _).symm
      · have := ih.widths
        simp only [List.length_cons, Circuit.loopLayers, List.map_cons, List.cons.injEq] at this ⊢
        refine ⟨?_, this⟩
        rw [List.length_flatMap, Term.eval_total]
        congr 1
        exact List.map_congr_left fun i hi => by simpa using (parts i (List.mem_range.1 hi)).2.1.symm

/-- A loop over circuits side by side. -/
theorem beside_loop {count : Term} {bs : Nat → List ((Nat → Nat) × Circuit)}
    (h : ∀ i < count.eval ρ, Lists (i :: ρ) ts ws (Circuit.beside d (bs i))) (ht : ts.length = d)
    (hws : ws.length = d) :
    Lists ρ (Tmpl.loopFrom count 0 ws ts) (ws.map (Term.total count))
      (Circuit.beside d ((List.range (count.eval ρ)).flatMap bs)) := by
  rw [Circuit.beside_flatMap_range, ← ht]
  exact loopFrom_aux (ht ▸ h) (by rw [hws, ht]) fun _ _ => rfl

/-- A case distinction. -/
theorem ite {c : Term} (hC : c.eval ρ ≠ 0 → Lists ρ ts ws C) (hD : c.eval ρ = 0 → Lists ρ us vs D)
    (ht : us.length = ts.length) (hws : vs.length = ws.length) :
    Lists ρ (List.zipWith (.ite c) ts us) (List.zipWith (.ite c) ws vs) (if c.eval ρ ≠ 0 then C else D) := by
  by_cases h : c.eval ρ = 0
  · have hD := hD h
    rw [if_neg (by simp [h])]
    refine ⟨(?_ : _ = us.map (Tmpl.items ρ)).trans hD.denotes, hD.widths.trans (?_ : _ = _).symm⟩
    · apply List.ext_getElem <;> simp [Tmpl.items, h, ht]
    · apply List.ext_getElem <;> simp [h, hws]
  · have hC := hC h
    rw [if_pos h]
    refine ⟨(?_ : _ = ts.map (Tmpl.items ρ)).trans hC.denotes, hC.widths.trans (?_ : _ = _).symm⟩
    · apply List.ext_getElem <;> simp [Tmpl.items, h, ht]
    · apply List.ext_getElem <;> simp [h, hws]

/-- **Side by side**: the circuits `C i`, whose layers may have widths that depend on `i`. `σ` is the position that
part number `i`, which is variable 1, reads as its input number variable 0. -/
theorem beside_par {count σ : Term} {sel : Nat → List Nat} {C : Nat → Circuit}
    (h : ∀ i < count.eval ρ, Lists (i :: ρ) ts ws (C i)) (hd : ∀ i < count.eval ρ, (C i).length = d)
    (ht : ts.length = d) (hws : ws.length = d) (hwf : ∀ i < count.eval ρ, (C i).WF (sel i).length)
    (hσ : ∀ i < count.eval ρ, ∀ k, (hk : k < (sel i).length) → σ.eval (k :: i :: ρ) = (sel i)[k]) :
    Lists ρ (Tmpl.loopFrom count 0 ws (Tmpl.reindexFirst σ ts)) (ws.map (Term.total count))
      (Circuit.par d (List.range (count.eval ρ)) sel C) := by
  have e : ∀ f : Nat → (Nat → Nat) × Circuit, ∀ l : List Nat, l.map f = l.flatMap fun i => [f i] := fun _ _ =>
    List.map_eq_flatMap
  rw [Circuit.par, e]
  refine beside_loop (fun i hi => beside_single (h i hi) (hwf i hi) (fun k hk => ?_) (hd i hi)) ?_ hws
  · rw [hσ i hi k hk]
    simp [Array.getD_eq_getD_getElem?, hk]
  · rw [Tmpl.length_reindexFirst, ht]

end Lists

end Logprec
