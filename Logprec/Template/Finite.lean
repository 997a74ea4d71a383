import Logprec.Template.Derived

/-!
# Finite functions as terms

A function of finitely many numbers, each below a fixed bound, is a term: a tree of case distinctions. So a local map of
a transformer is a term as soon as it depends on its arguments through such numbers only.
-/

namespace Logprec.Term

/-- `g v`, where `v` is the value of `t`, when it is below `b`. -/
def caseOf (t : Term) : (b : Nat) → (g : Nat → Term) → Term
  | 0, _ => 0
  | b + 1, g => ite (eq t (lit b)) (g b) (caseOf t b g)

theorem eval_caseOf {t : Term} {ρ : List Nat} {b : Nat} {g : Nat → Term} (h : t.eval ρ < b) :
    (caseOf t b g).eval ρ = (g (t.eval ρ)).eval ρ := by
  induction b with
  | zero => omega
  | succ b ih =>
    simp only [caseOf, eval_ite, eval_eq, eval_lit]
    by_cases hb : t.eval ρ = b
    · simp [hb]
    · simp [hb, ih (by omega)]

/-- The function `F` of the values of the terms, each below its bound. -/
def finite (F : List Nat → Nat) : List (Term × Nat) → Term
  | [] => lit (F [])
  | (t, b) :: ts => caseOf t b fun v => finite (fun vs => F (v :: vs)) ts

/-- The value of a finite function. -/
theorem eval_finite {ρ : List Nat} {ts : List (Term × Nat)} {F : List Nat → Nat} (h : ∀ t ∈ ts, t.1.eval ρ < t.2) :
    (finite F ts).eval ρ = F (ts.map fun t => t.1.eval ρ) := by
  induction ts generalizing F with
  | nil => rfl
  | cons t ts ih =>
    rw [finite, eval_caseOf (h t (by simp)), ih fun u hu => h u (by simp [hu])]
    rfl

end Logprec.Term
