import Logprec.Bits
import Logprec.Space.Clamp

/-!
# Terms

A small functional language of natural numbers: arithmetic, conditionals, `let`, bounded iteration, and calls of
register programs. A term is evaluated in an environment, the list of the values of its variables; variable 0 is the
most recent binder.

The accumulator of an iteration, and what a called program assigns, are cut off at a bound that is itself a term. So
the value of a term, and of all its parts, is at most a power of the values of its free variables: the exponent is
`Term.deg`, and no program needs a proof of its own that it runs in logarithmic space.
-/

namespace Logprec

/-- Binary operations: those of `Space.Expr`. -/
inductive Op where
  /-- Sum. -/
  | add
  /-- Difference, cut off at 0. -/
  | sub
  /-- Product. -/
  | mul
  /-- Quotient, rounded down; 0 if the divisor is 0. -/
  | div
  /-- Remainder. -/
  | mod
  /-- 1 if equal, else 0. -/
  | eq
  /-- 1 if less, else 0. -/
  | lt
  deriving Repr, DecidableEq

/-- The value of an operation. -/
def Op.eval : Op → Nat → Nat → Nat
  | add, a, b => a + b
  | sub, a, b => a - b
  | mul, a, b => a * b
  | div, a, b => a / b
  | mod, a, b => a % b
  | eq, a, b => (decide (a = b)).toNat
  | lt, a, b => (decide (a < b)).toNat

/-- Terms. -/
inductive Term where
  /-- A numeral. -/
  | lit (n : Nat)
  /-- The value of a variable, counted from the most recent binder; 0 if there is no such variable. -/
  | var (i : Nat)
  /-- An operation. -/
  | bin (op : Op) (a b : Term)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c a b : Term)
  /-- The value of `body`, whose variable 0 is the value of `t`. -/
  | letIn (t body : Term)
  /-- Bounded iteration: `acc := min init bound`, then `acc := min step bound` for `i = 0, 1, …, count - 1`. In `step`,
  variable 0 is `acc` and variable 1 is `i`. -/
  | iter (count bound init step : Term)
  /-- What the program `P` leaves in register 0 when it starts with the values of the variables `args` in the registers
  0, 1, …; every number that it assigns is cut off at `bound`. -/
  | call (P : Space.Prog) (args : List Nat) (bound : Term)
  deriving Repr, DecidableEq

namespace Term

/-- The value of a term in an environment. -/
def eval (ρ : List Nat) : Term → Nat
  | lit n => n
  | var i => ρ.getD i 0
  | bin op a b => op.eval (a.eval ρ) (b.eval ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.eval ρ else b.eval ρ
  | letIn t body => body.eval (t.eval ρ :: ρ)
  | iter count bound init step =>
    (List.range (count.eval ρ)).foldl (fun acc i => min (step.eval (acc :: i :: ρ)) (bound.eval ρ))
      (min (init.eval ρ) (bound.eval ρ))
  | call P args bound => (P.clamped (bound.eval ρ) (args.map fun i => ρ.getD i 0)).get 0

/-- The exponent of the bound on the values of a term and its parts. -/
def deg : Term → Nat
  | lit n => n.log2 + 2
  | var _ => 1
  | bin _ a b => a.deg + b.deg
  | ite c a b => c.deg + a.deg + b.deg
  | letIn t body => t.deg + (t.deg + 1) * body.deg
  | iter count bound init step =>
    count.deg + bound.deg + init.deg + (count.deg + bound.deg + 1) * step.deg
  | call P _ bound => bound.deg + (bound.deg + 1) * (P.deg + 1)

end Term

/-- Operations are bounded by products. -/
theorem Op.eval_le (op : Op) (a b : Nat) : op.eval a b + 2 ≤ (a + 2) * (b + 2) := by
  have h : (a + 2) * (b + 2) = a * b + 2 * a + 2 * b + 4 := by grind
  have h₁ := Nat.div_le_self a b
  have h₂ := Nat.mod_le a b
  have h₃ := Bool.toNat_le (decide (a = b))
  have h₄ := Bool.toNat_le (decide (a < b))
  cases op <;> simp only [Op.eval, h] <;> omega

namespace Term

/-- The result of an iteration is at most its bound. -/
theorem iter_le (bound : Nat) (f : Nat → Nat → Nat) (init n : Nat) :
    (List.range n).foldl (fun acc i => min (f acc i) bound) (min init bound) ≤ bound := by
  cases n with
  | zero => exact Nat.min_le_right _ _
  | succ n => rw [List.range_succ, List.foldl_append]; exact Nat.min_le_right _ _

private theorem pow_le {X a b : Nat} (hX : 2 ≤ X) (h : a ≤ b) : X ^ a ≤ X ^ b :=
  Nat.pow_le_pow_right (by omega) h

/-- The arguments of a call are bounded. -/
theorem get_args_le {ρ : List Nat} {X : Nat} (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X) (args : List Nat) (r : Nat) :
    Space.Regs.get (args.map fun i => ρ.getD i 0) r + 2 ≤ X := by
  simp only [Space.Regs.get, List.getD_eq_getElem?_getD, List.getElem?_map]
  cases args[r]? with
  | none => simpa using hX
  | some i =>
    cases h : ρ[i]? with
    | none => simpa [h] using hX
    | some v => simpa [h] using hρ v (List.mem_of_getElem? h)

/-- **Terms are polynomially bounded**: the value of a term whose variables are small is small. -/
theorem eval_le (t : Term) {ρ : List Nat} {X : Nat} (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X) :
    t.eval ρ + 2 ≤ X ^ t.deg := by
  induction t generalizing ρ X with
  | lit n =>
    have h₁ : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
    have h₂ : 2 ^ (n.log2 + 2) ≤ X ^ (n.log2 + 2) := Nat.pow_le_pow_left hX _
    have h₃ : 2 ^ (n.log2 + 2) = 2 * 2 ^ (n.log2 + 1) := Nat.pow_succ'
    have h₄ : 2 ^ (n.log2 + 1) = 2 * 2 ^ n.log2 := Nat.pow_succ'
    have h₅ : 0 < 2 ^ n.log2 := Nat.two_pow_pos _
    simp only [eval, deg]
    omega
  | var i =>
    simp only [eval, deg, Nat.pow_one]
    rw [List.getD_eq_getElem?_getD]
    cases h : ρ[i]? with
    | none => simpa using hX
    | some v => exact hρ v (List.mem_of_getElem? h)
  | bin op a b iha ihb =>
    rw [deg, Nat.pow_add]
    exact Nat.le_trans (op.eval_le _ _) (Nat.mul_le_mul (iha hX hρ) (ihb hX hρ))
  | ite c a b _ iha ihb =>
    rw [eval]
    split
    · exact Nat.le_trans (iha hX hρ) (pow_le hX (by simp only [deg]; omega))
    · exact Nat.le_trans (ihb hX hρ) (pow_le hX (by simp only [deg]; omega))
  | letIn t body iht ihb =>
    have h₁ : X ≤ X ^ (t.deg + 1) := by simpa using pow_le hX (show 1 ≤ t.deg + 1 by omega)
    have h₂ := Nat.le_trans (iht hX hρ) (pow_le hX (show t.deg ≤ t.deg + 1 by omega))
    have h := ihb (ρ := t.eval ρ :: ρ) (X := X ^ (t.deg + 1)) (by omega) (by
      simp only [List.mem_cons, forall_eq_or_imp]
      exact ⟨h₂, fun v hv => Nat.le_trans (hρ v hv) h₁⟩)
    rw [← Nat.pow_mul] at h
    exact Nat.le_trans h (pow_le hX (by simp only [deg]; omega))
  | iter count bound init step _ ihb _ _ =>
    have h := iter_le (bound.eval ρ) (fun acc i => step.eval (acc :: i :: ρ)) (init.eval ρ) (count.eval ρ)
    exact Nat.le_trans (Nat.add_le_add_right h 2) (Nat.le_trans (ihb hX hρ) (pow_le hX (by simp only [deg]; omega)))
  | call P args bound ihb =>
    have h₁ : X ≤ X ^ (bound.deg + 1) := by simpa using pow_le hX (show 1 ≤ bound.deg + 1 by omega)
    have h₂ := Nat.le_trans (ihb hX hρ) (pow_le hX (show bound.deg ≤ bound.deg + 1 by omega))
    have h := P.clamped_le h₂ (fun r => Nat.le_trans (get_args_le hX hρ args r) h₁) 0
    refine Nat.le_trans h (pow_le hX ?_)
    rw [deg, Nat.mul_succ]
    omega

/-! ## Calls -/

/-- A call is the function that the program computes, where its numbers are within the bound. -/
theorem eval_call {P : Space.Prog} {args : List Nat} {bound : Term} {ρ : List Nat}
    (h : P.resultPeak (args.map fun i => ρ.getD i 0) ≤ bound.eval ρ) :
    (call P args bound).eval ρ = P.result (args.map fun i => ρ.getD i 0) := by
  rw [eval, Space.Prog.result, ← Space.Prog.clamped_eq h]

/-! ## Renaming variables -/

/-- A renaming under a binder. -/
def lift (f : Nat → Nat) : Nat → Nat
  | 0 => 0
  | i + 1 => f i + 1

/-- Rename the variables of a term. -/
def rename (f : Nat → Nat) : Term → Term
  | lit n => lit n
  | var i => var (f i)
  | bin op a b => bin op (a.rename f) (b.rename f)
  | ite c a b => ite (c.rename f) (a.rename f) (b.rename f)
  | letIn t body => letIn (t.rename f) (body.rename (lift f))
  | iter count bound init step =>
    iter (count.rename f) (bound.rename f) (init.rename f) (step.rename (lift (lift f)))
  | call P args bound => call P (args.map f) (bound.rename f)

/-- Environments that correspond, with one more value in front. -/
theorem getD_lift {f : Nat → Nat} {ρ ρ' : List Nat} (h : ∀ i, ρ'.getD (f i) 0 = ρ.getD i 0) (v : Nat) :
    ∀ i, (v :: ρ').getD (lift f i) 0 = (v :: ρ).getD i 0
  | 0 => rfl
  | i + 1 => by simpa [lift] using h i

/-- A renamed term is evaluated in the renamed environment. -/
theorem eval_rename (t : Term) {f : Nat → Nat} {ρ ρ' : List Nat} (h : ∀ i, ρ'.getD (f i) 0 = ρ.getD i 0) :
    (t.rename f).eval ρ' = t.eval ρ := by
  induction t generalizing f ρ ρ' with
  | lit n => rfl
  | var i => exact h i
  | bin op a b iha ihb => simp only [rename, eval, iha h, ihb h]
  | ite c a b ihc iha ihb => simp only [rename, eval, ihc h, iha h, ihb h]
  | letIn t body iht ihb => simp only [rename, eval, iht h, ihb (getD_lift h _)]
  | iter count bound init step ihc ihb ihi ihs =>
    simp only [rename, eval, ihc h, ihb h, ihi h, ihs (getD_lift (getD_lift h _) _)]
  | call P args bound ihb => simp only [rename, eval, ihb h, List.map_map, Function.comp_def, h]

/-- The term, used under one more binder. -/
def up (t : Term) : Term := t.rename (· + 1)

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_up (t : Term) (v : Nat) (ρ : List Nat) : t.up.eval (v :: ρ) = t.eval ρ :=
  t.eval_rename fun i => by simp

/-- The term, used under one more binder, which comes just before that of variable 0. -/
def under (t : Term) : Term := t.rename (lift (· + 1))

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_under (t : Term) (v u : Nat) (ρ : List Nat) :
    t.under.eval (v :: u :: ρ) = t.eval (v :: ρ) :=
  t.eval_rename (getD_lift (fun k => by simp) v)

/-- The term, used under one more binder, which comes just before those of the variables 0 and 1. -/
def under₂ (t : Term) : Term := t.rename (lift (lift (· + 1)))

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_under₂ (t : Term) (v v' u : Nat) (ρ : List Nat) :
    t.under₂.eval (v :: v' :: u :: ρ) = t.eval (v :: v' :: ρ) :=
  t.eval_rename (getD_lift (getD_lift (fun k => by simp) v') v)

end Term

end Logprec
