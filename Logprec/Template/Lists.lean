import Logprec.Template.Basic

/-!
# Templates with the widths of their layers

Parts that stand side by side need the widths of each other's layers. `Lists` keeps them with the templates, with one
rule for each way of composing.
-/

namespace Logprec

/-- In the environment `ρ`, the templates `ts` list the layers of `C`, and the terms `ws` are their widths. -/
structure Lists (ρ : List Nat) (ts : List Tmpl) (ws : List Term) (C : Circuit) : Prop where
  denotes : DenotesIn ρ ts C
  widths : C.map List.length = ws.map (Term.eval ρ)

namespace Lists

variable {ρ : List Nat} {ts us : List Tmpl} {ws vs : List Term} {C D : Circuit}

theorem length_eq (h : Lists ρ ts ws C) : ts.length = C.length := by
  simpa using congrArg List.length h.denotes

theorem append (h : Lists ρ ts ws C) (h' : Lists ρ us vs D) : Lists ρ (ts ++ us) (ws ++ vs) (C ++ D) :=
  ⟨h.denotes.append h'.denotes, by rw [List.map_append, List.map_append, h.widths, h'.widths]⟩

/-- Copies. -/
theorem carry (ρ : List Nat) (m : Term) (d : Nat) :
    Lists ρ (Tmpl.carry m d) (List.replicate d m) (Circuit.carry (m.eval ρ) d) :=
  ⟨Tmpl.denotesIn_carry ρ m d, by simp [Circuit.carry]⟩

end Lists

/-- The widths of circuits side by side. -/
private theorem widths_beside : ∀ (d : Nat) (bs : List ((Nat → Nat) × Circuit)), (∀ b ∈ bs, b.2.length = d) →
    (Circuit.beside d bs).map List.length =
      (List.range d).map fun l => (bs.map fun b => (b.2.getD l []).length).sum := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := Circuit.exists_advance
  have hadv : ∀ (bs : List ((Nat → Nat) × Circuit)) off, (adv off bs).map Prod.snd = bs.map fun b => b.2.tail := by
    intro bs
    induction bs with
    | nil => intro off; simp [h₂]
    | cons b bs ih => intro off; obtain ⟨f, C⟩ := b; simp [h₃, ih]
  intro d
  induction d with
  | zero => intro bs _; rfl
  | succ d ih =>
    intro bs hbs
    have htail : ∀ b ∈ adv 0 bs, b.2.length = d := fun b hb => by
      have : b.2 ∈ (adv 0 bs).map Prod.snd := List.mem_map_of_mem hb
      rw [hadv] at this
      obtain ⟨b', hb', e⟩ := List.mem_map.1 this
      rw [← e, List.length_tail, hbs b' hb']; rfl
    rw [h₁, List.map_cons, ih _ htail, List.range_succ_eq_map, List.map_cons, List.map_map]
    congr 1
    · rw [List.length_flatMap]
      congr 1
      exact List.map_congr_left fun b _ => by cases h : b.2 <;> simp
    · refine List.map_congr_left fun l _ => ?_
      have e : (adv 0 bs).map (fun b => (b.2.getD l []).length) =
          ((adv 0 bs).map Prod.snd).map fun C => (C.getD l []).length := by rw [List.map_map]; rfl
      rw [e, hadv, List.map_map]
      congr 1
      refine List.map_congr_left fun b _ => ?_
      cases h : b.2 <;> simp [h]

private theorem map_getD_range {α β : Type} (l : List α) (f : α → β) (d : α) :
    (List.range l.length).map (fun i => f (l.getD i d)) = l.map f := by
  apply List.ext_getElem (by simp)
  intro i h₁ h₂
  simp at h₁
  simp [h₁]

/-- **Side by side**: `Tmpl.denotesIn_par`, with widths. -/
theorem Lists.par {ρ : List Nat} {count σ : Term} {ws : List Term} {ts : List Tmpl} {sel : Nat → List Nat}
    {C : Nat → Circuit} (h : ∀ i < count.eval ρ, DenotesIn (i :: ρ) ts (C i))
    (hw : ∀ i < count.eval ρ, (C i).map List.length = ws.map (Term.eval ρ))
    (hlen : ws.length = ts.length)
    (hwf : ∀ i < count.eval ρ, (C i).WF (sel i).length)
    (hσ : ∀ i < count.eval ρ, ∀ k, (hk : k < (sel i).length) → σ.eval (k :: i :: ρ) = (sel i)[k]) :
    Lists ρ (Tmpl.par count σ ws ts) (ws.map (count * ·))
      (Circuit.par ts.length (List.range (count.eval ρ)) sel C) where
  denotes := Tmpl.denotesIn_par h hw hwf hσ
  widths := by
    rw [Circuit.par, widths_beside]
    · rw [← hlen, List.map_map, ← map_getD_range ws _ 0]
      refine List.map_congr_left fun l hl => ?_
      have hl := List.mem_range.1 hl
      rw [List.map_map]
      have e : ∀ i ∈ List.range (count.eval ρ), ((C i).getD l []).length = (ws.getD l 0).eval ρ := fun i hi => by
        have := congrArg (·.getD l 0) (hw i (List.mem_range.1 hi))
        have hC : l < (C i).length := by
          have := congrArg List.length (hw i (List.mem_range.1 hi))
          simp only [List.length_map] at this
          omega
        simpa [hl, hC] using this
      refine (congrArg List.sum (List.map_congr_left e)).trans ?_
      simp [List.map_const']
    · simp only [List.mem_map]
      rintro _ ⟨i, hi, rfl⟩
      simpa using (congrArg List.length (h i (List.mem_range.1 hi))).symm

/-- **Two side by side**: `Tmpl.denotesIn_pair`, with widths. -/
theorem Lists.pair {ρ : List Nat} {σ τ : Term} {ws vs : List Term} {ts us : List Tmpl} {sel sel' : List Nat}
    {C D : Circuit} (hC : Lists ρ ts ws C) (hD : Lists ρ us vs D) (hlen : us.length = ts.length)
    (hwf : C.WF sel.length) (hwf' : D.WF sel'.length)
    (hσ : ∀ k, (hk : k < sel.length) → σ.eval (k :: ρ) = sel[k])
    (hτ : ∀ k, (hk : k < sel'.length) → τ.eval (k :: ρ) = sel'[k]) :
    Lists ρ (Tmpl.pair σ τ ws ts us) (List.zipWith (· + ·) ws vs) (Circuit.pair ts.length sel C sel' D) where
  denotes := Tmpl.denotesIn_pair hlen hC.denotes hD.denotes hC.widths hwf hwf' hσ hτ
  widths := by
    have lC := hC.length_eq
    have lD := hD.length_eq
    rw [Circuit.pair, Circuit.par, widths_beside]
    · have hw := hC.widths
      have hv := hD.widths
      have e : (List.zipWith (fun a b : Term => a + b) ws vs).map (Term.eval ρ) =
          List.zipWith (· + ·) (ws.map (Term.eval ρ)) (vs.map (Term.eval ρ)) := by
        rw [List.map_zipWith, List.zipWith_map]; rfl
      refine Eq.trans ?_ e.symm
      rw [← hw, ← hv]
      apply List.ext_getElem (by simp; omega)
      intro l h₁ h₂
      simp only [List.length_map, List.length_range] at h₁
      simp [show l < C.length by omega, show l < D.length by omega]
    · intro b hb
      simp only [List.map_cons, List.map_nil, List.mem_cons, List.not_mem_nil, or_false] at hb
      rcases hb with rfl | rfl
      · exact lC.symm
      · exact (hlen ▸ lD).symm

end Logprec
