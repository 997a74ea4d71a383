import Logprec.Bits
import Logprec.Space.Clamp
import Logprec.Template.Defs

/-!
# Terms: proofs

A term's value is at most a fixed power of its variables; renaming keeps values. About the definitions in
`Logprec.Template.Defs`.
-/

namespace Logprec

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

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_up (t : Term) (v : Nat) (ρ : List Nat) : t.up.eval (v :: ρ) = t.eval ρ :=
  t.eval_rename fun i => by simp

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_under (t : Term) (v u : Nat) (ρ : List Nat) :
    t.under.eval (v :: u :: ρ) = t.eval (v :: ρ) :=
  t.eval_rename (getD_lift (fun k => by simp) v)

/-- Its value does not depend on that binder. -/
@[simp] theorem eval_under₂ (t : Term) (v v' u : Nat) (ρ : List Nat) :
    t.under₂.eval (v :: v' :: u :: ρ) = t.eval (v :: v' :: ρ) :=
  t.eval_rename (getD_lift (getD_lift (fun k => by simp) v') v)

end Term

end Logprec
