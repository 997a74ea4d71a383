import Logprec.Class.Basic
import Logprec.Arith.Template.Symmetric

/-!
# Members of log-uniform TC0

A language with a template and polynomially large circuits is in log-uniform TC0: the depth is that of the template.
MAJORITY and PARITY are, and every language that asks a term about the number of ones and the length.
-/

namespace Logprec.Class

open Circuit

/-- A family that templates denote, with one output and polynomial size: what it computes is in log-uniform TC0. -/
theorem LogUniformTC0.of_denotes {L : Language} {ts : List Tmpl} {C : Family} {d k : Nat} {f : List Bool → Bool}
    (h : Denotes ts C) (hC : ∀ n, (C n).Computes n 1 d ((n + 2) ^ k) fun x => [f x]) (hf : ∀ x, f x = true ↔ L x) :
    LogUniformTC0 L :=
  ⟨C, d, k, ⟨fun n => (hC n).wf, fun n => Nat.le_of_eq (hC n).depth_eq, fun n => (hC n).size_le⟩,
    fun x => ⟨_, (hC x.length).eval_eq x rfl, hf x⟩, logUniform_iff.2 (logSpaceGenerated_of_denotes (.var 0) h)⟩

private theorem symmetric_size_le (n : Nat) : 2 * (n + 1) * (n + 1) + (2 * n + 3) ≤ (n + 2) ^ 3 := by
  have e : (n + 2) ^ 3 = 2 * (n + 1) * (n + 1) + (2 * n + 3) + (n * n * n + 4 * (n * n) + 6 * n + 3) := by grind
  omega

/-- Symmetric languages: a term says from the number of ones (variable 0) and the length (variable 1) whether the string
is a member (an odd value: yes). Depth 2. -/
theorem logUniformTC0_symmetric (f : Term) : LogUniformTC0 fun x => f.eval [x.count true, x.length] % 2 = 1 := by
  refine LogUniformTC0.of_denotes (d := 2) (k := 3) (ts := Tmpl.symmetric (.var 0) 1 f)
    (C := fun n => symmetric n 1 fun t => f.eval [t, n])
    (f := fun x => decide (f.eval [x.count true, x.length] % 2 = 1)) (fun n => ?_) (fun n => ?_)
    fun x => decide_eq_true_iff
  · exact Tmpl.denotesIn_symmetric (ρ := [n]) (k := .var 0) (m := 1) fun _ _ => rfl
  · refine (computes_symmetric n 1 _).mono ?_ fun x hx => ?_
    · have := symmetric_size_le n
      omega
    · subst hx
      simp [bits, List.range_succ, Nat.testBit_zero]

/-- PARITY is in log-uniform TC0. -/
theorem logUniformTC0_parity : LogUniformTC0 fun x => x.count true % 2 = 1 :=
  logUniformTC0_symmetric (.var 0)

/-- MAJORITY is in log-uniform TC0. -/
theorem logUniformTC0_majority : LogUniformTC0 fun x => x.count false < x.count true := by
  refine LogUniformTC0.of_denotes (k := 1) denotes_majority (fun n => (computes_majority n).mono ?_ fun _ _ => rfl)
    fun x => decide_eq_true_iff
  rw [Nat.pow_one]
  omega

end Logprec.Class
