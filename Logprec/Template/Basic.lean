import Logprec.Circuit.Beside
import Logprec.Template.Defs
import Logprec.Template.Denotes
import Logprec.Template.Derived

/-!
# Composing templates: proofs

Templates in sequence, side by side and in pairs list the circuits that are so composed. About the definitions in
`Logprec.Template.Defs`.
-/

namespace Logprec

/-- Templates one after the other. -/
theorem DenotesIn.append {ρ : List Nat} {ts us : List Tmpl} {C D : Circuit} (h : DenotesIn ρ ts C)
    (h' : DenotesIn ρ us D) : DenotesIn ρ (ts ++ us) (C ++ D) := by
  unfold DenotesIn at *
  rw [List.map_append, List.map_append, h, h']

/-- Templates one after the other. -/
theorem Denotes.append {ts us : List Tmpl} {C D : Nat → Circuit} (h : Denotes ts C) (h' : Denotes us D) :
    Denotes (ts ++ us) (fun n => C n ++ D n) := fun n => (h n).append (h' n)

/-! ## Reading through a renaming -/

/-- Reading where it reads anyway. -/
theorem Item.reindex_id : Item.reindex (fun i => i) = id := by
  funext i
  cases i <;> rfl

/-- The items of a gate that reads through a renaming. -/
theorem Gate.items_reindex (f : Nat → Nat) (g : Gate) : (g.reindex f).items = g.items.map (Item.reindex f) := by
  cases g <;> simp [reindex, items, Item.reindex, Wire.item]

/-- The items of a layer that reads through a renaming. -/
theorem Layer.items_reindex (f : Nat → Nat) (L : Layer) :
    Layer.items (L.map (Gate.reindex f)) = L.items.map (Item.reindex f) := by
  simp [items, List.flatMap_map, List.map_flatMap, Gate.items_reindex]

/-- Gates read through renamings that agree on their wires. -/
theorem Gate.reindex_congr {f f' : Nat → Nat} {g : Gate} (h : ∀ w ∈ g.wires, f w.src = f' w.src) :
    g.reindex f = g.reindex f' := by
  cases g <;> simp only [reindex, wires] at h ⊢ <;> congr 1 <;>
    exact List.map_congr_left fun w hw => by rw [h w hw]

namespace Tmpl

/-- What it lists. -/
theorem items_reindex (T : Tmpl) (σ : Term) (ρ : List Nat) :
    (T.reindex σ).items ρ = (T.items ρ).map (Item.reindex fun i => σ.eval (i :: ρ)) := by
  have up : ∀ (σ : Term) (v : Nat) (ρ : List Nat),
      (fun i => (σ.rename (Term.lift (· + 1))).eval (i :: v :: ρ)) = fun i => σ.eval (i :: ρ) := fun σ v ρ =>
    funext fun i => σ.eval_rename (Term.getD_lift (fun k => by simp) i)
  induction T generalizing σ ρ with
  | nil => rfl
  | seq a b iha ihb => simp only [reindex, items, iha, ihb, List.map_append]
  | loop count body ih => simp only [reindex, items, ih, up, List.map_flatMap]
  | letIn t body ih => simp only [reindex, items, ih, up]
  | ite c a b iha ihb => simp only [reindex, items, iha, ihb]; split <;> rfl
  | gate atLeast k => rfl
  | wire src mult => rfl

/-- A renamed template lists the same in the renamed environment. -/
theorem items_rename (T : Tmpl) {f : Nat → Nat} {ρ ρ' : List Nat} (h : ∀ i, ρ'.getD (f i) 0 = ρ.getD i 0) :
    (T.rename f).items ρ' = T.items ρ := by
  induction T generalizing f ρ ρ' with
  | nil => rfl
  | seq a b iha ihb => simp only [rename, items, iha h, ihb h]
  | loop count body ih => simp only [rename, items, count.eval_rename h, ih (Term.getD_lift h _)]
  | letIn t body ih => simp only [rename, items, t.eval_rename h, ih (Term.getD_lift h _)]
  | ite c a b iha ihb => simp only [rename, items, c.eval_rename h, iha h, ihb h]
  | gate atLeast k => simp only [rename, items, k.eval_rename h]
  | wire src mult => simp only [rename, items, src.eval_rename h, mult.eval_rename h]

/-- What it lists. -/
theorem items_offset (T : Tmpl) (t : Term) (ρ : List Nat) :
    (T.offset t).items ρ = (T.items ρ).map (Item.reindex (t.eval ρ + ·)) := by
  rw [offset, items, items_reindex, T.items_rename (ρ := ρ) fun i => by simp]
  rfl

/-! ## Side by side -/

/-- The template of `Circuit.carry` lists its circuits. -/
theorem denotesIn_carry (ρ : List Nat) (m : Term) (d : Nat) :
    DenotesIn ρ (carry m d) (Circuit.carry (m.eval ρ) d) := by
  simp [DenotesIn, carry, Circuit.carry, items, Layer.items, Gate.items, Wire.item, List.flatMap_map]

end Tmpl

/-- A template for the items of a layer, through a renaming, from one for those of the layer. -/
private theorem items_reindex_layer {ρ : List Nat} {σ : Term} {T : Tmpl} {f : Nat → Nat} {L : Layer}
    (h : T.items ρ = L.items) (hσ : ∀ g ∈ L, ∀ w ∈ g.wires, σ.eval (w.src :: ρ) = f w.src) :
    (T.reindex σ).items ρ = Layer.items (L.map (Gate.reindex f)) := by
  rw [Tmpl.items_reindex, h, ← Layer.items_reindex]
  exact congrArg _ (List.map_congr_left fun g hg => Gate.reindex_congr (hσ g hg))

/-- The same for an offset. -/
private theorem items_offset_layer {ρ : List Nat} {t : Term} {T : Tmpl} {L : Layer} (h : T.items ρ = L.items) :
    (T.offset t).items ρ = Layer.items (L.map (Gate.reindex (t.eval ρ + ·))) := by
  rw [Tmpl.items_offset, h, ← Layer.items_reindex]

/-- One layer of templates side by side. -/
private theorem items_loop_layers {ρ : List Nat} {count : Term} {T : Tmpl} {L : Nat → Layer}
    (h : ∀ i < count.eval ρ, T.items (i :: ρ) = (L i).items) :
    (Tmpl.loop count T).items ρ = Layer.items ((List.range (count.eval ρ)).flatMap L) := by
  rw [Tmpl.items, Layer.items, List.flatMap_assoc]
  exact flatMap_congr fun i hi => h i (List.mem_range.1 hi)

private theorem denotesIn_beside {ρ : List Nat} {count : Term} {ts : List Tmpl} : ∀ {first : Tmpl → Tmpl}
    {ws : List Term} {f : Nat → Nat → Nat} {C : Nat → Circuit}, (∀ i < count.eval ρ, DenotesIn (i :: ρ) ts (C i)) →
    (∀ i < count.eval ρ, (C i).map List.length = ws.map (Term.eval ρ)) →
    (∀ i < count.eval ρ, ∀ T : Tmpl, T.items (i :: ρ) = ((C i).headD []).items →
      (first T).items (i :: ρ) = Layer.items (((C i).headD []).map (Gate.reindex (f i)))) →
    DenotesIn ρ (Tmpl.parWith count first ws ts)
      (Circuit.beside ts.length ((List.range (count.eval ρ)).map fun i => (f i, C i))) := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := Circuit.exists_advance
  have hadv : ∀ (w : Nat) (f : Nat → Nat → Nat) (C : Nat → Circuit) (n a : Nat),
      (∀ i, a ≤ i → i < a + n → ((C i).headD []).length = w) →
      adv (w * a) ((List.range' a n).map fun i => (f i, C i)) =
        (List.range' a n).map fun i => ((w * i + ·), (C i).tail) := by
    intro w f C n
    induction n with
    | zero => intro a _; simp [h₂]
    | succ n ih =>
      intro a h
      have := ih (a + 1) fun i hi hi' => h i (by omega) (by omega)
      rw [Nat.mul_succ] at this
      simp only [List.range'_succ, List.map_cons, h₃, h a (Nat.le_refl _) (by omega), this]
  induction ts with
  | nil => intros; rfl
  | cons T ts ih =>
    intro first ws f C hC hw hfirst
    rw [List.length_cons, h₁, Tmpl.parWith]
    have hne : ∀ i < count.eval ρ, C i = (C i).headD [] :: (C i).tail := fun i hi => by
      have := congrArg List.length (hC i hi)
      match C i, this with
      | L :: C, _ => rfl
    have head : ∀ i < count.eval ρ, T.items (i :: ρ) = ((C i).headD []).items := fun i hi => by
      have := hC i hi
      rw [hne i hi] at this
      exact (List.cons.inj this).1
    have tail : ∀ i < count.eval ρ, DenotesIn (i :: ρ) ts (C i).tail := fun i hi => by
      have := hC i hi
      rw [hne i hi] at this
      exact (List.cons.inj this).2
    have width : ∀ i < count.eval ρ, ((C i).headD []).length = (ws.headD 0).eval ρ ∧
        (C i).tail.map List.length = ws.tail.map (Term.eval ρ) := fun i hi => by
      have := hw i hi
      rw [hne i hi] at this
      match ws, this with
      | w :: ws, this => exact ⟨(List.cons.inj this).1, (List.cons.inj this).2⟩
    have hadv := hadv ((ws.headD 0).eval ρ) f C (count.eval ρ) 0 fun i _ hi => (width i (by omega)).1
    rw [Nat.mul_zero, ← List.range_eq_range'] at hadv
    simp only [DenotesIn, List.map_cons, hadv, List.flatMap_map]
    rw [items_loop_layers fun i hi => hfirst i hi T (head i hi)]
    congr 1
    refine ih tail (fun i hi => (width i hi).2) fun i _ T hT => ?_
    rw [items_offset_layer hT]
    simp [Nat.mul_comm]

/-- **Side by side**: the template of `Circuit.par` for parts that have templates, with layers whose widths do not
depend on the part. `σ` is the position that the part `i` selects. -/
theorem Tmpl.denotesIn_par {ρ : List Nat} {count σ : Term} {ws : List Term} {ts : List Tmpl} {sel : Nat → List Nat}
    {C : Nat → Circuit} (h : ∀ i < count.eval ρ, DenotesIn (i :: ρ) ts (C i))
    (hw : ∀ i < count.eval ρ, (C i).map List.length = ws.map (Term.eval ρ))
    (hwf : ∀ i < count.eval ρ, (C i).WF (sel i).length)
    (hσ : ∀ i < count.eval ρ, ∀ k, (hk : k < (sel i).length) → σ.eval (k :: i :: ρ) = (sel i)[k]) :
    DenotesIn ρ (Tmpl.par count σ ws ts) (Circuit.par ts.length (List.range (count.eval ρ)) sel C) := by
  refine denotesIn_beside h hw fun i hi T hT => items_reindex_layer hT fun g hg w hwg => ?_
  have hk : w.src < (sel i).length := by
    have := hwf i hi
    match C i, this, hg with
    | L :: C, this, hg => exact this.1 g hg w hwg
  rw [hσ i hi _ hk]
  simp [Array.getD_eq_getD_getElem?, hk]

private theorem denotesIn_beside₂ {ρ : List Nat} {ts us : List Tmpl} : ∀ {first second : Tmpl → Tmpl}
    {ws : List Term} {f g : Nat → Nat} {C D : Circuit}, us.length = ts.length → DenotesIn ρ ts C → DenotesIn ρ us D →
    C.map List.length = ws.map (Term.eval ρ) →
    (∀ T : Tmpl, T.items ρ = (C.headD []).items →
      (first T).items ρ = Layer.items ((C.headD []).map (Gate.reindex f))) →
    (∀ T : Tmpl, T.items ρ = (D.headD []).items →
      (second T).items ρ = Layer.items ((D.headD []).map (Gate.reindex g))) →
    DenotesIn ρ (Tmpl.pairWith first second ws ts us) (Circuit.beside ts.length [(f, C), (g, D)]) := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := Circuit.exists_advance
  induction ts generalizing us with
  | nil => intros; rfl
  | cons T ts ih =>
    intro first second ws f g C D hlen hC hD hw hfirst hsecond
    match us, hlen, C, hC, D, hD, ws, hw with
    | U :: us, hlen, L :: C, hC, M :: D, hD, w :: ws, hw =>
      rw [List.length_cons, h₁, Tmpl.pairWith, h₃, h₃, h₂]
      simp only [DenotesIn, List.map_cons, List.cons.injEq] at hC hD hw ⊢
      constructor
      · have e := hfirst T hC.1
        have e' := hsecond U hD.1
        rw [List.headD_cons] at e e'
        rw [Tmpl.items, e, e', List.flatMap_cons, List.flatMap_cons, List.flatMap_nil, List.append_nil, Layer.items,
          Layer.items, Layer.items, List.flatMap_append]
        rfl
      · refine ih (by simpa using hlen) hC.2 hD.2 hw.2 (fun T hT => ?_) fun T hT => ?_
        · rw [id, hT, Layer.items_reindex]
          simp [Item.reindex_id]
        · rw [items_offset_layer hT]
          simp [hw.1]

/-- **Two side by side**: the template of `Circuit.pair`. `σ` and `τ` are the positions that the two circuits read. -/
theorem Tmpl.denotesIn_pair {ρ : List Nat} {σ τ : Term} {ws : List Term} {ts us : List Tmpl} {sel sel' : List Nat}
    {C D : Circuit} (hlen : us.length = ts.length) (hC : DenotesIn ρ ts C) (hD : DenotesIn ρ us D)
    (hw : C.map List.length = ws.map (Term.eval ρ)) (hwf : C.WF sel.length) (hwf' : D.WF sel'.length)
    (hσ : ∀ k, (hk : k < sel.length) → σ.eval (k :: ρ) = sel[k])
    (hτ : ∀ k, (hk : k < sel'.length) → τ.eval (k :: ρ) = sel'[k]) :
    DenotesIn ρ (Tmpl.pair σ τ ws ts us) (Circuit.pair ts.length sel C sel' D) := by
  have lt : ∀ {C : Circuit} {m : Nat}, C.WF m → ∀ g ∈ C.headD [], ∀ w ∈ g.wires, w.src < m := fun {C m} h g hg => by
    match C, h, hg with
    | L :: C, h, hg => exact h.1 g hg
  refine denotesIn_beside₂ hlen hC hD hw (fun T hT => items_reindex_layer hT fun g hg w hwg => ?_)
    fun T hT => items_reindex_layer hT fun g hg w hwg => ?_
  · have hk := lt hwf g hg w hwg
    rw [hσ _ hk]; simp [Array.getD_eq_getD_getElem?, hk]
  · have hk := lt hwf' g hg w hwg
    rw [hτ _ hk]; simp [Array.getD_eq_getD_getElem?, hk]

end Logprec
