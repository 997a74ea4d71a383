import Logprec.Template.Derived

/-!
# Sums without a bound

Every term has a bound that grows with its variables. So a sum needs no bound of its own: that of the body, with the
number of summands in place of the index, times the number of summands.
-/

namespace Logprec.Term

/-- The sum of some variables, plus 2. -/
def varsBound (args : List Nat) : Term := args.foldr (fun i t => var i + t) 2

private theorem two_le_eval_varsBound : ∀ (args : List Nat) (ρ : List Nat), 2 ≤ (varsBound args).eval ρ
  | [], _ => Nat.le_refl _
  | _ :: args, ρ => Nat.le_trans (two_le_eval_varsBound args ρ) (Nat.le_add_left _ _)

private theorem le_eval_varsBound {ρ : List Nat} : ∀ {args : List Nat} {i : Nat}, i ∈ args →
    ρ.getD i 0 + 2 ≤ (varsBound args).eval ρ
  | a :: args, i, h => by
    have e : (varsBound (a :: args)).eval ρ = ρ.getD a 0 + (varsBound args).eval ρ := rfl
    rcases List.mem_cons.1 h with rfl | h
    · have := two_le_eval_varsBound args ρ
      omega
    · have := le_eval_varsBound (ρ := ρ) h
      omega

/-- A bound on the values of a term, where its variables have at most the values that the bound is given. -/
def upper : Term → Term
  | lit n => lit n
  | var i => var i
  | bin .add a b => a.upper + b.upper
  | bin .mul a b => a.upper * b.upper
  | bin .sub a _ | bin .div a _ | bin .mod a _ => a.upper
  | bin .eq _ _ | bin .lt _ _ => 1
  | ite _ a b => a.upper + b.upper
  | letIn t body => letIn t.upper body.upper
  | iter _ bound _ _ => bound.upper
  | call _ args bound => bound.upper + varsBound args

/-- The bound is one. -/
theorem eval_le_upper (t : Term) {ρ ρ' : List Nat} (h : ∀ i, ρ.getD i 0 ≤ ρ'.getD i 0) :
    t.eval ρ ≤ t.upper.eval ρ' := by
  induction t generalizing ρ ρ' with
  | lit n => exact Nat.le_refl _
  | var i => exact h i
  | bin op a b iha ihb =>
    have ha := iha h
    have hb := ihb h
    cases op with
    | add => exact Nat.add_le_add ha hb
    | mul => exact Nat.mul_le_mul ha hb
    | sub => exact Nat.le_trans (Nat.sub_le _ _) ha
    | div => exact Nat.le_trans (Nat.div_le_self _ _) ha
    | mod => exact Nat.le_trans (Nat.mod_le _ _) ha
    | eq => exact Bool.toNat_le _
    | lt => exact Bool.toNat_le _
  | ite c a b _ iha ihb =>
    have ha := iha h
    have hb := ihb h
    simp only [upper, eval_ite, eval_add]
    split <;> omega
  | letIn t body iht ihb =>
    refine ihb fun i => ?_
    cases i with
    | zero => exact iht h
    | succ i => simpa using h i
  | iter count bound init step _ ihb _ _ => exact Nat.le_trans (iter_le _ _ _ _) (ihb h)
  | call P args bound ihb =>
    have hb := ihb h
    have two := two_le_eval_varsBound args ρ'
    have key := P.clamped_le (b := bound.eval ρ) (Y := bound.upper.eval ρ' + (varsBound args).eval ρ') (by omega)
      (u := args.map fun i => ρ.getD i 0) (fun r => by
        simp only [Space.Regs.get, List.getD_eq_getElem?_getD, List.getElem?_map]
        cases hr : args[r]? with
        | none => simp; omega
        | some i =>
          have := le_eval_varsBound (ρ := ρ') (List.mem_of_getElem? hr)
          have := h i
          simp only [List.getD_eq_getElem?_getD] at *
          simp; omega) 0
    simp only [upper, eval_add]
    simp only [eval]
    omega

/-- The sum of the body for variable 0 from 0 to `n - 1`. -/
def total (n body : Term) : Term := sum n (n * letIn n body.upper) body

/-- Its value. -/
@[simp] theorem eval_total (n body : Term) (ρ : List Nat) :
    (total n body).eval ρ = ((List.range (n.eval ρ)).map fun i => body.eval (i :: ρ)).sum := by
  have key : ∀ k ≤ n.eval ρ, ((List.range k).map fun i => body.eval (i :: ρ)).sum ≤
      k * body.upper.eval (n.eval ρ :: ρ) := by
    intro k hk
    induction k with
    | zero => simp
    | succ k ih =>
      have h : body.eval (k :: ρ) ≤ body.upper.eval (n.eval ρ :: ρ) := body.eval_le_upper fun i => by
        cases i <;> simp <;> omega
      have := ih (by omega)
      rw [List.range_succ, List.map_append, List.sum_append_nat, Nat.succ_mul]
      simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil]
      omega
  rw [total, eval_sum, eval_mul, eval_letIn]
  exact Nat.min_eq_left (key _ (Nat.le_refl _))

end Logprec.Term
