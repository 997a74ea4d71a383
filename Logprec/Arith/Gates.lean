import Logprec.Arith.Construct
import Logprec.Circuit.Compose

/-!
# AND, OR and copies: proofs

What AND, OR, NOT and copy gates compute, their sizes and what they read. About the definitions in
`Logprec.Arith.Construct`.
-/

namespace Logprec

/-- The count over wires of multiplicity one. -/
theorem Wire.count_ones (v : Nat → Bool) (is : List Nat) :
    count v (is.map fun i => ⟨i, 1⟩) = is.countP v := by
  induction is with
  | nil => rfl
  | cons a l ih =>
    simp only [count, List.map_cons, List.sum_cons, List.countP_cons] at ih ⊢
    rw [ih, Nat.add_comm]

namespace Gate

/-- An AND. -/
@[simp] theorem eval_all (v : Nat → Bool) (is : List Nat) : (all is).eval v = is.all v := by
  rw [all, eval, Wire.count_ones, Bool.eq_iff_iff, decide_eq_true_iff, List.all_eq_true, ← List.countP_eq_length]
  have := List.countP_le_length (p := v) (l := is)
  omega

/-- An OR. -/
@[simp] theorem eval_any (v : Nat → Bool) (is : List Nat) : (any is).eval v = is.any v := by
  rw [any, eval, Wire.count_ones, Bool.eq_iff_iff, decide_eq_true_iff, List.any_eq_true, Nat.succ_le_iff,
    List.countP_pos_iff]

/-- A negated OR. -/
@[simp] theorem eval_none (v : Nat → Bool) (is : List Nat) : (none is).eval v = !is.any v := by
  rw [← eval_any, any, none, eval, eval]
  simp only [Nat.succ_le_iff, Nat.le_zero, Nat.pos_iff_ne_zero]
  by_cases h : Wire.count v (is.map fun i => ⟨i, 1⟩) = 0 <;> simp [h]

/-- A copy. -/
@[simp] theorem eval_copy (v : Nat → Bool) (i : Nat) : (copy i).eval v = v i := by
  cases h : v i <;> simp [copy, eval, Wire.count, h]

private theorem sum_mult_ones (is : List Nat) :
    ((is.map fun i => (⟨i, 1⟩ : Wire)).map Wire.mult).sum = is.length := by
  simp [Function.comp_def, List.map_const']

/-- An AND is paid for with its wires. -/
@[simp] theorem size_all (is : List Nat) : (all is).size = 1 + is.length := by
  rw [all, size, wires, sum_mult_ones]

/-- An OR is paid for with its wires. -/
@[simp] theorem size_any (is : List Nat) : (any is).size = 1 + is.length := by
  rw [any, size, wires, sum_mult_ones]

/-- A negated OR is paid for with its wires. -/
@[simp] theorem size_none (is : List Nat) : (none is).size = 1 + is.length := by
  rw [none, size, wires, sum_mult_ones]

/-- A copy is a gate and a wire. -/
@[simp] theorem size_copy (i : Nat) : (copy i).size = 2 := rfl

/-- What an AND reads. -/
theorem src_of_mem_wires_all {is : List Nat} {w : Wire} (h : w ∈ (all is).wires) : w.src ∈ is := by
  simp only [all, wires, List.mem_map] at h
  obtain ⟨i, hi, rfl⟩ := h
  exact hi

/-- What an OR reads. -/
theorem src_of_mem_wires_any {is : List Nat} {w : Wire} (h : w ∈ (any is).wires) : w.src ∈ is :=
  src_of_mem_wires_all (is := is) h

/-- What a negated OR reads. -/
theorem src_of_mem_wires_none {is : List Nat} {w : Wire} (h : w ∈ (none is).wires) : w.src ∈ is :=
  src_of_mem_wires_all (is := is) h

/-- What a copy reads. -/
theorem src_of_mem_wires_copy {i : Nat} {w : Wire} (h : w ∈ (copy i).wires) : w.src = i := by
  simp only [copy, wires, List.mem_singleton] at h
  rw [h]

end Gate

/-- Testing all values of a layer is testing all of its gates. -/
theorem any_bit_map {α : Type _} (l : List α) (f : α → Bool) : (List.range l.length).any (bit (l.map f)) = l.any f := by
  have := congrArg (List.any · id) (map_bit_range (l.map f))
  simpa [Function.comp_def, List.any_map] using this

/-- The greatest of the values on a list, but at least `h`, is at least all of them. -/
theorem le_foldl_max {α : Type _} (f : α → Nat) : ∀ (l : List α) (h : Nat),
    h ≤ l.foldl (fun h a => max h (f a)) h ∧ ∀ a ∈ l, f a ≤ l.foldl (fun h a => max h (f a)) h
  | [], h => ⟨Nat.le_refl h, by simp⟩
  | a :: l, h => by
    have ih := le_foldl_max f l (max h (f a))
    refine ⟨Nat.le_trans (Nat.le_max_left _ _) ih.1, fun a' ha' => ?_⟩
    rcases List.mem_cons.1 ha' with rfl | ha'
    · exact Nat.le_trans (Nat.le_max_right _ _) ih.1
    · exact ih.2 a' ha'

/-- A sum of terms that are at most `c`. -/
theorem sum_map_le {α : Type _} {l : List α} {f : α → Nat} {c : Nat} (h : ∀ a ∈ l, f a ≤ c) :
    (l.map f).sum ≤ l.length * c := by
  induction l with
  | nil => simp
  | cons a l ih =>
    have := h a (by simp)
    have := ih fun a ha => h a (by simp [ha])
    simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul]
    omega

end Logprec
