import Logprec.Space.Turing.Programs
import Logprec.Space.Turing.Simulate

/-!
# Logarithmic space: register programs and Turing machines agree

Numbers that a register program prints are bits on a machine's output tape in the code `v ↦ 1ᵛ 0`; bits are 0 and 1.
-/

namespace Logprec.Turing

/-- **Register programs and Turing machines generate the same in logarithmic space.** -/
theorem logSpaceGenerated_iff {F : Nat → List Nat} :
    Space.LogSpaceGenerated F ↔ LogSpaceGenerated fun n => unary (F n) :=
  ⟨LogSpaceGenerated.of_prog, LogSpaceGenerated.of_unary⟩

/-- **Register programs and Turing machines compute the same functions in logarithmic space.** -/
theorem logSpaceComputable_iff {f : List Bool → List Bool} : LogSpaceComputable f ↔
    ∃ (P : Space.Prog) (k : Nat), ∀ x, P.output x = (f x).map Bool.toNat ∧ P.peak x ≤ (x.length + 2) ^ k := by
  refine ⟨LogSpaceComputable.program, fun ⟨P, k, h⟩ => logSpaceComputable_of_prog .bit fun x => ⟨?_, (h x).2⟩⟩
  rw [(h x).1]
  induction f x with
  | nil => rfl
  | cons b l ih => rw [List.map_cons, List.flatMap_cons, ih]; cases b <;> rfl

end Logprec.Turing
