import Logprec.Template.Defs
import Logprec.Template.Term

/-!
# Derived terms: proofs

The values of derived terms, as simplification rules. About the definitions in `Logprec.Template.Defs`.
-/

namespace Logprec.Term

section

variable (ρ : List Nat) (a b c k n bound : Term)

/-- The value of a numeral. -/
@[simp] theorem eval_lit (n : Nat) : (lit n).eval ρ = n := rfl

/-- The value of a numeral in plain notation. -/
@[simp] theorem eval_ofNat (n : Nat) : (no_index (OfNat.ofNat n) : Term).eval ρ = OfNat.ofNat n := rfl

/-- The value of a variable. -/
@[simp] theorem eval_var (i : Nat) : (var i).eval ρ = ρ.getD i 0 := rfl

/-- The value of a sum. -/
@[simp] theorem eval_add : (a + b).eval ρ = a.eval ρ + b.eval ρ := rfl

/-- The value of a difference. -/
@[simp] theorem eval_sub : (a - b).eval ρ = a.eval ρ - b.eval ρ := rfl

/-- The value of a product. -/
@[simp] theorem eval_mul : (a * b).eval ρ = a.eval ρ * b.eval ρ := rfl

/-- The value of a quotient. -/
@[simp] theorem eval_div : (a / b).eval ρ = a.eval ρ / b.eval ρ := rfl

/-- The value of a remainder. -/
@[simp] theorem eval_mod : (a % b).eval ρ = a.eval ρ % b.eval ρ := rfl

/-- The value of a test for equality. -/
@[simp] theorem eval_eq : (eq a b).eval ρ = (decide (a.eval ρ = b.eval ρ)).toNat := rfl

/-- The value of a comparison. -/
@[simp] theorem eval_lt : (lt a b).eval ρ = (decide (a.eval ρ < b.eval ρ)).toNat := rfl

/-- The value of a conditional. -/
@[simp] theorem eval_ite : (ite c a b).eval ρ = if c.eval ρ ≠ 0 then a.eval ρ else b.eval ρ := rfl

/-- The value of a `let`. -/
@[simp] theorem eval_letIn : (letIn a b).eval ρ = b.eval (a.eval ρ :: ρ) := rfl

/-- The value of an iteration. -/
theorem eval_iter (init step : Term) : (iter n bound init step).eval ρ = (List.range (n.eval ρ)).foldl
    (fun acc i => min (step.eval (acc :: i :: ρ)) (bound.eval ρ)) (min (init.eval ρ) (bound.eval ρ)) := rfl

/-- The value of the lesser. -/
@[simp] theorem eval_min : (a.min b).eval ρ = Nat.min (a.eval ρ) (b.eval ρ) := by
  simp only [Term.min, eval_sub, Nat.min_def]; split <;> omega

/-- The value of the greater. -/
@[simp] theorem eval_max : (a.max b).eval ρ = Nat.max (a.eval ρ) (b.eval ρ) := by
  simp only [Term.max, eval_add, eval_sub, Nat.max_def]; split <;> omega

/-- The value of a comparison with equality. -/
@[simp] theorem eval_le' : (le a b).eval ρ = (decide (a.eval ρ ≤ b.eval ρ)).toNat := by
  simp only [le, eval_sub, eval_ofNat, eval_lt]
  by_cases h : a.eval ρ ≤ b.eval ρ
  · rw [decide_eq_true h, decide_eq_false (by omega)]; rfl
  · rw [decide_eq_false h, decide_eq_true (by omega)]; rfl

/-- Its value. -/
@[simp] theorem eval_truth : a.truth.eval ρ = (decide (a.eval ρ ≠ 0)).toNat := by
  simp only [truth, eval_sub, eval_ofNat]
  by_cases h : a.eval ρ = 0 <;> simp [h] <;> omega

/-- Its value. -/
@[simp] theorem eval_not : a.not.eval ρ = (decide (a.eval ρ = 0)).toNat := by
  simp only [Term.not, eval_sub, eval_ofNat]
  by_cases h : a.eval ρ = 0 <;> simp [h] <;> omega

/-- Its value. -/
@[simp] theorem eval_and : (a.and b).eval ρ = (decide (a.eval ρ ≠ 0 ∧ b.eval ρ ≠ 0)).toNat := by
  simp only [Term.and, eval_mul, eval_truth]
  by_cases h : a.eval ρ = 0 <;> by_cases h' : b.eval ρ = 0 <;> simp [h, h']

/-- Its value. -/
@[simp] theorem eval_or : (a.or b).eval ρ = (decide (a.eval ρ ≠ 0 ∨ b.eval ρ ≠ 0)).toNat := by
  simp only [Term.or, eval_truth, eval_add]
  by_cases h : a.eval ρ = 0 <;> by_cases h' : b.eval ρ = 0 <;> simp [h, h']

/-- Its value: nothing is lost when `2 ^ k` is at most the bound. -/
@[simp] theorem eval_pow2 : (pow2 k bound).eval ρ = min (2 ^ k.eval ρ) (bound.eval ρ) := by
  simp only [pow2, eval_iter, eval_add, eval_var, eval_ofNat, List.getD_cons_zero]
  generalize k.eval ρ = m
  induction m with
  | zero => rfl
  | succ m ih => rw [List.range_succ, List.foldl_append, ih, List.foldl_cons, List.foldl_nil, Nat.pow_succ]; omega

/-- Its value, also when `2 ^ k` is large. -/
@[simp] theorem eval_testBit : (testBit a k).eval ρ = ((a.eval ρ).testBit (k.eval ρ)).toNat := by
  simp only [testBit, eval_letIn, eval_up, eval_var, eval_mod, eval_div, eval_pow2, eval_min, eval_add, eval_ofNat,
    List.getD_cons_zero, List.getD_cons_succ, Nat.testBit_eq_decide_div_mod_eq]
  have h : a.eval ρ / min (2 ^ Nat.min (k.eval ρ) (a.eval ρ)) (a.eval ρ + 1) = a.eval ρ / 2 ^ k.eval ρ := by
    generalize a.eval ρ = x, k.eval ρ = y
    have hx := x.lt_two_pow_self
    rcases Nat.le_total y x with h | h
    · rw [show Nat.min y x = y from Nat.min_eq_left h]
      rcases Nat.le_total (2 ^ y) (x + 1) with h | h
      · rw [Nat.min_eq_left h]
      · rw [Nat.min_eq_right h, Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]
    · have := Nat.pow_le_pow_right (show 0 < 2 by omega) h
      rw [show Nat.min y x = x from Nat.min_eq_right h, Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]
  rw [h]
  rcases Nat.mod_two_eq_zero_or_one (a.eval ρ / 2 ^ k.eval ρ) with h | h <;> simp [h]

/-- Its value: nothing is lost when the sum is at most the bound. -/
@[simp] theorem eval_sum (body : Term) : (sum n bound body).eval ρ =
    min ((List.range (n.eval ρ)).map fun i => body.eval (i :: ρ)).sum (bound.eval ρ) := by
  simp only [sum, eval_iter, eval_add, eval_var, eval_ofNat, List.getD_cons_zero, eval_up]
  generalize n.eval ρ = m
  induction m with
  | zero => rfl
  | succ m ih =>
    rw [List.range_succ, List.foldl_append, ih, List.foldl_cons, List.foldl_nil, List.map_append, List.sum_append_nat]
    simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil]
    omega

/-- Its value. -/
@[simp] theorem eval_log2 : a.log2.eval ρ = (a.eval ρ).log2 := by
  simp only [log2, eval_sum, eval_le', eval_pow2, eval_add, eval_var, eval_ofNat, List.getD_cons_zero, eval_up]
  generalize a.eval ρ = m
  have h : ∀ k, ((List.range k).map fun i => (decide (min (2 ^ (i + 1)) (m + 1) ≤ m)).toNat).sum = min k m.log2 := by
    intro k
    induction k with
    | zero => simp
    | succ k ih =>
      rw [List.range_succ, List.map_append, List.sum_append_nat, ih, List.map_cons, List.map_nil, List.sum_cons,
        List.sum_nil]
      have e : min (2 ^ (k + 1)) (m + 1) ≤ m ↔ k + 1 ≤ m.log2 := by
        by_cases hm : m = 0
        · subst hm; simp
        · rw [Nat.le_log2 hm]; omega
      by_cases hk : k + 1 ≤ m.log2
      · rw [decide_eq_true (e.2 hk)]; simp only [Bool.toNat_true]; omega
      · rw [decide_eq_false (mt e.1 hk)]; simp only [Bool.toNat_false]; omega
  have := Nat.log2_le_self m
  rw [h]; omega

end

end Logprec.Term
