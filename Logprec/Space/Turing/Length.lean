import Logprec.Space.Turing.Time

/-!
# What a machine prints in logarithmic space is of polynomial length

A machine prints at most one bit a step, and in logarithmic space it makes polynomially many steps.
-/

namespace Logprec.Turing

private theorem length_out_run (M : Machine) (x : List Bool) (i : Nat) : (M.run x i M.init).out.length ≤ i := by
  induction i with
  | zero => simp [Machine.run, Machine.init]
  | succ i ih =>
    rw [Machine.run_succ]
    cases h : M.next x (M.run x i M.init) with
    | none => exact Nat.le_succ_of_le ih
    | some c =>
      obtain ⟨a, -, rfl⟩ := Option.map_eq_some_iff.1 h
      cases ho : a.out <;> simp [Machine.act, ho] <;> omega

/-- A machine that halts in `t` steps prints at most `t` bits. -/
theorem Machine.HaltsWith.length_le {M : Machine} {x y : List Bool} {t s : Nat} (h : M.HaltsWith x y t s) :
    y.length ≤ t := by
  rw [← h.2.1, List.length_reverse]
  exact length_out_run M x t

/-- The exponent of the polynomial in which a machine halts that visits at most `c · log₂ (n + 2)` cells. -/
def Machine.steps (M : Machine) (c : Nat) : Nat := M.baseDeg c * (3 * M.tapes + 2)

/-- A machine that halts in logarithmic space halts in polynomial time. -/
theorem Machine.HaltsWith.poly_time {M : Machine} {x y : List Bool} {t c : Nat}
    (h : M.HaltsWith x y t (c * (x.length + 2).log2)) :
    M.HaltsWith x y ((x.length + 2) ^ M.steps c) (c * (x.length + 2).log2) := by
  refine h.time.mono ?_ (Nat.le_refl _)
  rw [Machine.steps, Nat.pow_mul]
  exact Nat.pow_le_pow_left (M.base_le x.length c) _

/-- What is computed in logarithmic space is of polynomial length. -/
theorem LogSpaceComputable.length_le {f : List Bool → List Bool} (h : LogSpaceComputable f) :
    ∃ k, ∀ x, (f x).length ≤ (x.length + 2) ^ k := by
  obtain ⟨M, c, h⟩ := h
  refine ⟨M.steps c, fun x => ?_⟩
  obtain ⟨t, h⟩ := h x
  exact h.poly_time.length_le

/-- What is generated in logarithmic space is of polynomial length. -/
theorem LogSpaceGenerated.length_le {F : Nat → List Bool} (h : LogSpaceGenerated F) :
    ∃ k, ∀ n, (F n).length ≤ (n + 2) ^ k := by
  obtain ⟨M, c, h⟩ := h
  refine ⟨M.steps c, fun n => ?_⟩
  obtain ⟨t, h⟩ := h n
  have hl : (Space.ones n).length = n := List.length_replicate
  have h := Machine.HaltsWith.poly_time (c := c) (by rw [hl]; exact h)
  rw [hl] at h
  exact h.length_le

end Logprec.Turing
