import Logprec.Template.Lists
import Logprec.Template.Total

/-!
# Templates of circuits side by side

`Circuit.beside` puts circuits side by side that need not have equal widths. A list of such circuits has a template that
follows how the list is written: one circuit, one list after another, a loop, a case distinction. Layer `l + 1` of what
comes later is offset by the widths of layer `l` of what comes before, which in a loop is a sum (`Term.total`).
-/

namespace Logprec

private theorem exists_advance : ∃ adv : Nat → List ((Nat → Nat) × Circuit) → List ((Nat → Nat) × Circuit),
    (∀ d bs, Circuit.beside (d + 1) bs =
      bs.flatMap (fun b => (b.2.headD []).map (Gate.reindex b.1)) :: Circuit.beside d (adv 0 bs)) ∧
    (∀ off, adv off [] = []) ∧
    ∀ off f C bs, adv off ((f, C) :: bs) = ((off + ·), C.tail) :: adv (off + (C.headD []).length) bs :=
  ⟨_, fun _ _ => rfl, fun _ => rfl, fun _ _ _ _ => rfl⟩

private theorem Gate.reindex_reindex (f g : Nat → Nat) (G : Gate) :
    (G.reindex f).reindex g = G.reindex fun i => g (f i) := by
  cases G <;> simp [Gate.reindex]

private theorem Gate.reindex_self : Gate.reindex (fun i => i) = id := by
  funext G
  cases G <;> simp [Gate.reindex]

/-! ## Circuits -/

/-- The layers of `C` and `D` next to each other: the first layer of `D` is offset by `off`, every other by the width of
the layer of `C` before it. -/
def Circuit.zipLayers : (off : Nat) → (C D : Circuit) → Circuit
  | off, L :: C, M :: D => (L ++ M.map (Gate.reindex (off + ·))) :: zipLayers L.length C D
  | _, _, _ => []

private theorem beside_append_shift (d : Nat) : ∀ (off : Nat) (bs cs : List ((Nat → Nat) × Circuit)),
    Circuit.beside d (bs ++ cs.map fun c => ((off + c.1 ·), c.2)) =
      (Circuit.beside d bs).zipLayers off (Circuit.beside d cs) := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := exists_advance
  have shift : ∀ (cs : List ((Nat → Nat) × Circuit)) k off, adv (k + off) cs =
      (adv off cs).map fun c => ((k + c.1 ·), c.2) := by
    intro cs
    induction cs with
    | nil => intro k off; simp [h₂]
    | cons c cs ih => intro k off; simp [h₃, Nat.add_assoc, ih]
  have names : ∀ (cs : List ((Nat → Nat) × Circuit)) k off,
      adv off (cs.map fun c => ((k + c.1 ·), c.2)) = adv off cs := by
    intro cs
    induction cs with
    | nil => intro k off; rfl
    | cons c cs ih => intro k off; simp [h₃, ih]
  have split : ∀ (bs cs : List ((Nat → Nat) × Circuit)) off, adv off (bs ++ cs) =
      adv off bs ++ adv (off + (bs.flatMap fun b => (b.2.headD []).map (Gate.reindex b.1)).length) cs := by
    intro bs
    induction bs with
    | nil => intro cs off; simp [h₂]
    | cons b bs ih => intro cs off; simp [h₃, ih, Nat.add_assoc]
  induction d with
  | zero => intro _ _ _; rfl
  | succ d ih =>
    intro off bs cs
    rw [h₁, h₁ d bs, h₁ d cs, Circuit.zipLayers, ← ih, split, names]
    congr 1
    · simp [List.flatMap_map, List.map_flatMap, Gate.reindex_reindex, Function.comp_def]
    · congr 2
      rw [Nat.zero_add]
      exact shift cs _ 0

/-- One list of circuits after another. -/
theorem Circuit.beside_append (d : Nat) (bs cs : List ((Nat → Nat) × Circuit)) :
    Circuit.beside d (bs ++ cs) = (Circuit.beside d bs).zipLayers 0 (Circuit.beside d cs) := by
  simpa using beside_append_shift d 0 bs cs

/-- As many layers as said. -/
theorem Circuit.length_beside (d : Nat) (bs : List ((Nat → Nat) × Circuit)) : (Circuit.beside d bs).length = d := by
  obtain ⟨adv, h₁, -⟩ := exists_advance
  induction d generalizing bs with
  | zero => rfl
  | succ d ih => rw [h₁, List.length_cons, ih]

/-- Nothing side by side. -/
theorem Circuit.beside_nil (d : Nat) : Circuit.beside d [] = List.replicate d [] := by
  obtain ⟨adv, h₁, h₂, -⟩ := exists_advance
  induction d with
  | zero => rfl
  | succ d ih => rw [h₁, h₂, ih]; rfl

/-- One circuit. -/
theorem Circuit.beside_single (f : Nat → Nat) (L : Layer) (C : Circuit) :
    Circuit.beside (C.length + 1) [(f, L :: C)] = L.map (Gate.reindex f) :: C := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := exists_advance
  have same : ∀ C : Circuit, Circuit.beside C.length [(fun i => i, C)] = C := by
    intro C
    induction C with
    | nil => rfl
    | cons L C ih => simpa [h₁, h₂, h₃, Gate.reindex_self] using ih
  simp [h₁, h₂, h₃, same]

/-- The layers of `C 0`, …, `C (n - 1)` next to each other, `d` of them: in the first, `C i` is offset by the sum of
`off j` for `j < i`, and in every other by the widths of the layers before it. -/
def Circuit.loopLayers (n : Nat) : (d : Nat) → (off : Nat → Nat) → (C : Nat → Circuit) → Circuit
  | 0, _, _ => []
  | d + 1, off, C =>
    ((List.range n).flatMap fun i => ((C i).headD []).map (Gate.reindex (((List.range i).map off).sum + ·))) ::
      loopLayers n d (fun i => ((C i).headD []).length) fun i => (C i).tail

private theorem zipLayers_loopLayers {n d : Nat} {off : Nat → Nat} {C : Nat → Circuit} (h : (C n).length = d) :
    (Circuit.loopLayers n d off C).zipLayers ((List.range n).map off).sum (C n) =
      Circuit.loopLayers (n + 1) d off C := by
  induction d generalizing off C with
  | zero => simp [Circuit.loopLayers, Circuit.zipLayers]
  | succ d ih =>
    have ih := ih (off := fun i => ((C i).headD []).length) (C := fun i => (C i).tail) (by simp [h])
    match hC : C n, h with
    | M :: D, _ =>
      simp only [hC, List.tail_cons] at ih
      rw [Circuit.loopLayers, Circuit.zipLayers, Circuit.loopLayers, ← ih, List.range_succ]
      simp [List.length_flatMap, hC]

/-- A loop over circuits side by side. -/
theorem Circuit.beside_flatMap_range (d n : Nat) (bs : Nat → List ((Nat → Nat) × Circuit)) :
    Circuit.beside d ((List.range n).flatMap bs) =
      Circuit.loopLayers n d (fun _ => 0) fun i => Circuit.beside d (bs i) := by
  induction n with
  | zero =>
    have : ∀ off C, Circuit.loopLayers 0 d off C = List.replicate d [] := by
      induction d with
      | zero => intro _ _; rfl
      | succ d ih => intro _ _; rw [Circuit.loopLayers, ih]; rfl
    rw [this]
    exact Circuit.beside_nil d
  | succ n ih =>
    rw [List.range_succ, List.flatMap_append, List.flatMap_cons, List.flatMap_nil, List.append_nil,
      Circuit.beside_append, ih, ← zipLayers_loopLayers (by rw [Circuit.length_beside])]
    simp [List.map_const']

/-! ## Templates -/

namespace Tmpl

/-- The templates of one list of circuits side by side after another; `ws` are the widths of the first, and `off` is the
offset of the first layer. -/
def zipFrom : (off : Term) → (ws : List Term) → (ts us : List Tmpl) → List Tmpl
  | off, ws, T :: ts, U :: us => seq T (offset off U) :: zipFrom (ws.headD 0) ws.tail ts us
  | _, _, _, _ => []

/-- The same for any number of lists: the list number `i` is that for variable 0. -/
def loopFrom (count : Term) : (off : Term) → (ws : List Term) → (ts : List Tmpl) → List Tmpl
  | off, ws, T :: ts =>
    loop count (offset (.total (.var 0) (off.rename (Term.lift (· + 1)))) T) :: loopFrom count (ws.headD 0) ws.tail ts
  | _, _, [] => []

theorem length_zipFrom : ∀ (off : Term) (ws : List Term) (ts us : List Tmpl),
    (zipFrom off ws ts us).length = min ts.length us.length
  | _, ws, _ :: ts, _ :: us => by simp [zipFrom, length_zipFrom _ ws.tail ts us]
  | _, _, [], _ => by simp [zipFrom]
  | _, _, _ :: _, [] => by simp [zipFrom]

theorem length_loopFrom (count : Term) : ∀ (off : Term) (ws : List Term) (ts : List Tmpl),
    (loopFrom count off ws ts).length = ts.length
  | _, _, [] => rfl
  | _, ws, _ :: ts => by simp [loopFrom, length_loopFrom count _ ws.tail ts]

/-- The templates of a circuit whose first layer reads through `σ`. -/
def reindexFirst (σ : Term) : List Tmpl → List Tmpl
  | [] => []
  | T :: ts => T.reindex σ :: ts

end Tmpl

namespace Lists

variable {ρ : List Nat} {ts us : List Tmpl} {ws vs : List Term} {C D : Circuit} {d : Nat}

private theorem zipFrom_aux {off : Term} (hC : Lists ρ ts ws C) (hD : Lists ρ us vs D) :
    Lists ρ (Tmpl.zipFrom off ws ts us) (List.zipWith (· + ·) ws vs) (C.zipLayers (off.eval ρ) D) := by
  obtain ⟨hC, hw⟩ := hC
  obtain ⟨hD, hv⟩ := hD
  induction ts generalizing us ws vs C D off with
  | nil =>
    obtain rfl : C = [] := by simpa [DenotesIn] using hC
    obtain rfl : ws = [] := by simpa using hw
    exact ⟨by simp [DenotesIn, Tmpl.zipFrom, Circuit.zipLayers], by simp [Circuit.zipLayers]⟩
  | cons T ts ih =>
    match us, C, hC, D, hD, ws, hw, vs, hv with
    | [], _, _, [], _, _, _, [], _ => exact ⟨by simp [DenotesIn, Tmpl.zipFrom, Circuit.zipLayers], by
        simp [Circuit.zipLayers]⟩
    | U :: us, L :: C, hC, M :: D, hD, w :: ws, hw, v :: vs, hv =>
      simp only [DenotesIn, List.map_cons, List.cons.injEq] at hC hD hw hv
      have ih := ih (off := w) hC.2 hw.2 hD.2 hv.2
      rw [← hw.1] at ih
      constructor
      · have := ih.denotes
        simp only [DenotesIn, Tmpl.zipFrom, Circuit.zipLayers, List.map_cons, List.headD_cons, List.tail_cons,
          List.cons.injEq] at this ⊢
        refine ⟨?_, this⟩
        rw [Tmpl.items, Tmpl.items_offset, hC.1, hD.1, ← Layer.items_reindex]
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
    Lists ρ (Tmpl.zipFrom 0 ws ts us) (List.zipWith (· + ·) ws vs) (Circuit.beside d (bs ++ cs)) := by
  rw [Circuit.beside_append]
  exact zipFrom_aux (off := 0) h h'

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
        have e : (Term.total (.var 0) (off.rename (Term.lift (· + 1)))).eval (i :: ρ) =
            ((List.range i).map offN).sum := by
          simp only [Term.eval_total, Term.eval_var, List.getD_cons_zero]
          congr 1
          refine List.map_congr_left fun j hj => ?_
          rw [off.eval_rename (Term.getD_lift (ρ := ρ) (fun k => by simp) j)]
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
  · cases ts <;> exact ht

end Lists

end Logprec
