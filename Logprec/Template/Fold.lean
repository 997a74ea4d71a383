import Logprec.Template.Basic
import Logprec.Template.Construct

/-!
# Evaluating what is known: proofs

Folding what is known in a template keeps what it lists. About the definitions in `Logprec.Template.Construct`.
-/

namespace Logprec

/-- It is right. -/
def Info.Holds : Info → Nat → Prop
  | any, _ => True
  | pos, n => n ≠ 0
  | is v, n => n = v

/-- It is right in the environment. -/
def Known.Agrees (κ : Known) (ρ : List Nat) : Prop := ∀ i, (κ.getD i .any).Holds (ρ.getD i 0)

theorem Known.agrees_any (ρ : List Nat) : Known.Agrees [.any] ρ := fun i => by
  cases i <;> simp [Info.Holds]

theorem Known.Agrees.cons {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) {a : Info} {v : Nat} (ha : a.Holds v) :
    Known.Agrees (a :: κ) (v :: ρ)
  | 0 => ha
  | i + 1 => by simpa using h i

theorem Known.Agrees.any {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) (v : Nat) : Known.Agrees (.any :: κ) (v :: ρ) :=
  h.cons trivial

theorem Known.Agrees.is {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) (v : Nat) : Known.Agrees (.is v :: κ) (v :: ρ) :=
  h.cons rfl

theorem Known.Agrees.setPos {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) {i : Nat} (hi : ρ.getD i 0 ≠ 0) :
    (κ.setPos i).Agrees ρ := by
  unfold Known.setPos
  split
  · intro k
    by_cases e : i = k
    · subst e
      by_cases hk : i < κ.length
      · simpa [List.getD_eq_getElem?_getD, hk, Info.Holds] using hi
      · simp [List.getD_eq_getElem?_getD, hk, Info.Holds]
    · have := h k
      simpa [List.getD_eq_getElem?_getD, List.getElem?_set_ne e] using this
  · exact h

namespace Term

theorem eq_of_known {t : Term} {v : Nat} (h : t.known = some v) : t = lit v := by
  cases t <;> simp_all [known]

theorem info_holds {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) (t : Term) : (t.info κ).Holds (t.eval ρ) := by
  cases t with
  | lit n => rfl
  | var i => exact h i
  | _ => trivial

theorem eval_simpBin (op : Op) (a b : Term) (ρ : List Nat) :
    (simpBin op a b).eval ρ = op.eval (a.eval ρ) (b.eval ρ) := by
  unfold simpBin
  split <;> simp [eval, Op.eval, Nat.mod_one]

theorem eval_simpIte {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) (c a b : Term) :
    (simpIte κ c a b).eval ρ = if c.eval ρ ≠ 0 then a.eval ρ else b.eval ρ := by
  have hc := info_holds h c
  unfold simpIte
  split
  · next e => rw [e] at hc; rw [show c.eval ρ = _ from hc]; split <;> rfl
  · next e =>
    rw [e] at hc
    exact (if_pos (show c.eval ρ ≠ 0 from hc)).symm
  · split
    · next h => rw [h, ite_self]
    · rfl

theorem unroll_eq {step : Nat → Nat → Option Nat} {f : Nat → Nat → Nat} (h : ∀ a i v, step a i = some v → f a i = v)
    {bound init : Nat} : ∀ {n v : Nat}, unroll step bound init n = some v →
      (List.range n).foldl (fun acc i => min (f acc i) bound) (min init bound) = v
  | 0, _, e => by simpa [unroll] using e
  | n + 1, v, e => by
    rw [unroll, List.range_succ, List.foldl_append, List.foldl_cons, List.foldl_nil, Option.bind_eq_some_iff] at e
    obtain ⟨a, e₁, e₂⟩ := e
    obtain ⟨b, e₃, rfl⟩ := Option.map_eq_some_iff.1 e₂
    rw [List.range_succ, List.foldl_append, unroll_eq h e₁, List.foldl_cons, List.foldl_nil, h a n b e₃]

/-- It has the same value. -/
theorem eval_fold (t : Term) {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) : (t.fold κ).eval ρ = t.eval ρ := by
  induction t generalizing κ ρ with
  | lit n => rfl
  | var i =>
    rw [fold]
    split
    · next v e =>
      have := h i
      rw [e] at this
      exact this.symm
    · rfl
  | bin op a b iha ihb => rw [fold, eval_simpBin, iha h, ihb h]; rfl
  | ite c a b ihc iha ihb => rw [fold, eval_simpIte h, ihc h, iha h, ihb h]; rfl
  | letIn t body iht ihb =>
    have ht := iht h
    have hb := ihb (h.cons (info_holds h (t.fold κ)))
    rw [ht] at hb
    rw [fold, eval, ← hb]
    split
    · next e => rw [eq_of_known e]; rfl
    · rw [eval, ht]
  | iter count bound init step ihc ihb ihi ihs =>
    rw [fold]
    split
    · next v e =>
      obtain ⟨n, hn, e⟩ := Option.bind_eq_some_iff.1 e
      obtain ⟨b, hb, e⟩ := Option.bind_eq_some_iff.1 e
      obtain ⟨i, hi, e⟩ := Option.bind_eq_some_iff.1 e
      split at e
      case isFalse => exact absurd e (by simp)
      have hn : count.eval ρ = n := by rw [← ihc h, eq_of_known hn, eval_lit]
      have hb : bound.eval ρ = b := by rw [← ihb h, eq_of_known hb, eval_lit]
      have hi : init.eval ρ = i := by rw [← ihi h, eq_of_known hi, eval_lit]
      rw [eval_lit, eval, hn, hb, hi]
      refine (unroll_eq (f := fun a i => step.eval (a :: i :: ρ)) (fun a i v e => ?_) e).symm
      show step.eval (a :: i :: ρ) = v
      rw [← ihs ((h.is i).is a), eq_of_known e, eval_lit]
    · simp only [eval, ihc h, ihb h, ihi h, ihs ((h.any _).any _)]
  | call P args bound ihb => simp only [fold, eval, ihb h]

end Term

namespace Tmpl

theorem items_seqs (ρ : List Nat) : ∀ Ts : List Tmpl, (seqs Ts).items ρ = Ts.flatMap (Tmpl.items ρ)
  | [] => rfl
  | _ :: Ts => by rw [seqs, items, items_seqs ρ Ts, List.flatMap_cons]

/-- It lists the same. -/
theorem items_fold (T : Tmpl) {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) : (T.fold κ).items ρ = T.items ρ := by
  induction T generalizing κ ρ with
  | nil => rfl
  | seq a b iha ihb => simp only [fold, items, iha h, ihb h]
  | loop count body ih =>
    have hc : (loop (count.fold κ) body).items ρ = (loop count body).items ρ := by
      rw [items, items, count.eval_fold h]
    have whole : ∀ c : Term, (loop c (body.fold (.any :: κ))).items ρ = (loop c body).items ρ := fun c => by
      rw [items, items]
      exact flatMap_congr fun i _ => ih (h.any i)
    rw [← hc, fold]
    generalize count.fold κ = c
    split
    · rfl
    · simp [items, ih (h.is 0)]
    · next n _ _ =>
      simp only
      split
      · split
        · rw [items_seqs, List.flatMap_map, items]
          exact flatMap_congr fun i _ => ih (h.is i)
        · exact whole _
      · exact whole _
    · next i =>
      rw [items, items]
      refine flatMap_congr fun k hk => ih (Known.Agrees.any (h.setPos ?_) k)
      exact Nat.ne_of_gt (Nat.lt_of_le_of_lt (Nat.zero_le _) (List.mem_range.1 hk))
    · exact whole _
  | letIn t body ih =>
    have ht := t.eval_fold h
    have hi := Term.info_holds h (t.fold κ)
    rw [ht] at hi
    simp only [fold, items, ht]
    exact ih (h.cons hi)
  | ite c a b iha ihb =>
    have hc := c.eval_fold h
    have hi := Term.info_holds h (c.fold κ)
    rw [hc] at hi
    rw [fold, items]
    split
    · next e =>
      rw [e] at hi
      rw [show c.eval ρ = _ from hi]
      split
      · exact iha h
      · exact ihb h
    · next e =>
      rw [e] at hi
      rw [if_pos (show c.eval ρ ≠ 0 from hi)]
      exact iha h
    · rw [items, hc, iha h, ihb h]
  | gate atLeast k => simp only [fold, items, k.eval_fold h]
  | wire src mult => simp only [fold, items, src.eval_fold h, mult.eval_fold h]

end Tmpl

/-- Templates, evaluated as far as possible, list the same circuits. -/
theorem DenotesIn.fold {ρ : List Nat} {ts : List Tmpl} {C : Circuit} (h : DenotesIn ρ ts C) :
    DenotesIn ρ (ts.map (Tmpl.fold [.any])) C := by
  rw [DenotesIn, ← h, List.map_map]
  exact List.map_congr_left fun T _ => T.items_fold (Known.agrees_any ρ)

end Logprec
