import Logprec.Template.Basic

/-!
# Evaluating what is known

Terms and templates in which the values of some variables are known are evaluated as far as possible. What is left
means the same (`eval_fold`, `items_fold`). For a table model this is most of the arithmetic: precision and tables are
known, only `n` and the counters are not.
-/

namespace Logprec

/-- What is known about a number. -/
inductive Info where
  /-- Nothing. -/
  | any
  /-- It is not 0. -/
  | pos
  /-- Its value. -/
  | is (v : Nat)
  deriving DecidableEq

/-- It is right. -/
def Info.Holds : Info → Nat → Prop
  | any, _ => True
  | pos, n => n ≠ 0
  | is v, n => n = v

/-- What is known about the variables. -/
abbrev Known := List Info

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

/-- Note that variable `i` is not 0. -/
def Known.setPos (κ : Known) (i : Nat) : Known := if κ.getD i .any = .any then κ.set i .pos else κ

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

/-- The number of symbols. -/
def size : Term → Nat
  | lit _ | var _ => 1
  | bin _ a b | letIn a b => a.size + b.size + 1
  | ite c a b => c.size + a.size + b.size + 1
  | iter c b i s => c.size + b.size + i.size + s.size + 1
  | call _ _ b => b.size + 1

/-- The numeral that a term is, if it is one. -/
def known : Term → Option Nat
  | lit n => some n
  | _ => none

theorem eq_of_known {t : Term} {v : Nat} (h : t.known = some v) : t = lit v := by
  cases t <;> simp_all [known]

/-- What is known about the value of a term. -/
def info (κ : Known) : Term → Info
  | lit n => .is n
  | var i => κ.getD i .any
  | _ => .any

theorem info_holds {κ : Known} {ρ : List Nat} (h : κ.Agrees ρ) (t : Term) : (t.info κ).Holds (t.eval ρ) := by
  cases t with
  | lit n => rfl
  | var i => exact h i
  | _ => trivial

/-- An operation, evaluated if its operands are known or one is neutral. -/
def simpBin (op : Op) (a b : Term) : Term :=
  match op, a, b with
  | op, lit m, lit n => lit (op.eval m n)
  | .add, lit 0, b => b
  | .add, a, lit 0 => a
  | .sub, a, lit 0 => a
  | .mul, lit 0, _ => lit 0
  | .mul, _, lit 0 => lit 0
  | .mul, lit 1, b => b
  | .mul, a, lit 1 => a
  | .div, a, lit 1 => a
  | .mod, _, lit 1 => lit 0
  | op, a, b => bin op a b

theorem eval_simpBin (op : Op) (a b : Term) (ρ : List Nat) :
    (simpBin op a b).eval ρ = op.eval (a.eval ρ) (b.eval ρ) := by
  unfold simpBin
  split <;> simp [eval, Op.eval, Nat.mod_one]

/-- A conditional, evaluated if the condition is known. -/
def simpIte (κ : Known) (c a b : Term) : Term :=
  match c.info κ with
  | .is n => if n ≠ 0 then a else b
  | .pos => a
  | .any => if a = b then a else ite c a b

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

/-- The result of an iteration, if all its steps are known. -/
def unroll (step : Nat → Nat → Option Nat) (bound init n : Nat) : Option Nat :=
  (List.range n).foldl (fun acc i => acc.bind fun a => (step a i).map (min · bound)) (some (min init bound))

theorem unroll_eq {step : Nat → Nat → Option Nat} {f : Nat → Nat → Nat} (h : ∀ a i v, step a i = some v → f a i = v)
    {bound init : Nat} : ∀ {n v : Nat}, unroll step bound init n = some v →
      (List.range n).foldl (fun acc i => min (f acc i) bound) (min init bound) = v
  | 0, _, e => by simpa [unroll] using e
  | n + 1, v, e => by
    rw [unroll, List.range_succ, List.foldl_append, List.foldl_cons, List.foldl_nil, Option.bind_eq_some_iff] at e
    obtain ⟨a, e₁, e₂⟩ := e
    obtain ⟨b, e₃, rfl⟩ := Option.map_eq_some_iff.1 e₂
    rw [List.range_succ, List.foldl_append, unroll_eq h e₁, List.foldl_cons, List.foldl_nil, h a n b e₃]

/-- The greatest number of steps that are evaluated. -/
def maxSteps : Nat := 64

/-- The term, evaluated as far as the variables are known. -/
def fold (κ : Known) : Term → Term
  | lit n => lit n
  | var i => match κ.getD i .any with
    | .is v => lit v
    | _ => var i
  | bin op a b => simpBin op (a.fold κ) (b.fold κ)
  | ite c a b => simpIte κ (c.fold κ) (a.fold κ) (b.fold κ)
  | letIn t body =>
    let t := t.fold κ
    let body := body.fold (t.info κ :: κ)
    match body.known with
    | some v => lit v
    | none => letIn t body
  | iter count bound init step =>
    let count := count.fold κ
    let bound := bound.fold κ
    let init := init.fold κ
    let all := count.known.bind fun n => bound.known.bind fun b => init.known.bind fun i =>
      if n ≤ maxSteps then unroll (fun acc i => (step.fold (.is acc :: .is i :: κ)).known) b i n else none
    match all with
    | some v => lit v
    | none => iter count bound init (step.fold (.any :: .any :: κ))
  | call P args bound => call P args (bound.fold κ)

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

/-- The number of symbols. -/
def size : Tmpl → Nat
  | nil => 0
  | seq a b => a.size + b.size + 1
  | loop t a | letIn t a => t.size + a.size + 1
  | ite c a b => c.size + a.size + b.size + 1
  | gate _ k => k.size + 1
  | wire s m => s.size + m.size + 1

/-- One after the other. -/
def seqs : List Tmpl → Tmpl
  | [] => nil
  | T :: Ts => seq T (seqs Ts)

theorem items_seqs (ρ : List Nat) : ∀ Ts : List Tmpl, (seqs Ts).items ρ = Ts.flatMap (Tmpl.items ρ)
  | [] => rfl
  | _ :: Ts => by rw [seqs, items, items_seqs ρ Ts, List.flatMap_cons]

/-- The rounds of a loop replace it if there are at most so many. -/
def maxRounds : Nat := 16

/-- Rounds are tried if the loop has at most so many symbols for each of them. -/
def maxTried : Nat := 1 <<< 14

/-- They replace the loop if they have at most so many symbols, or fewer than the loop. -/
def maxSize : Nat := 400

/-- The template, evaluated as far as the variables are known. -/
def fold (κ : Known) : Tmpl → Tmpl
  | nil => nil
  | seq a b => seq (a.fold κ) (b.fold κ)
  | loop count body =>
    let count := count.fold κ
    match count with
    | .lit 0 => nil
    | .lit 1 => letIn (.lit 0) (body.fold (.is 0 :: κ))
    | .lit n =>
      let whole := loop (.lit n) (body.fold (.any :: κ))
      let size := whole.size
      if n ≤ maxRounds ∧ n * size ≤ maxTried then
        let rounds := seqs ((List.range n).map fun i => letIn (.lit i) (body.fold (.is i :: κ)))
        if rounds.size ≤ max maxSize size then rounds else whole
      else whole
    | .var i => loop (.var i) (body.fold (.any :: κ.setPos i))
    | count => loop count (body.fold (.any :: κ))
  | letIn t body =>
    let t := t.fold κ
    letIn t (body.fold (t.info κ :: κ))
  | ite c a b =>
    let c := c.fold κ
    match c.info κ with
    | .is n => if n ≠ 0 then a.fold κ else b.fold κ
    | .pos => a.fold κ
    | .any => ite c (a.fold κ) (b.fold κ)
  | gate atLeast k => gate atLeast (k.fold κ)
  | wire src mult => wire (src.fold κ) (mult.fold κ)

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
