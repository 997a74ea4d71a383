import Logprec.Space.Turing.Programs
import Logprec.Space.Turing.Simulate

/-!
# Logarithmic space: register programs and Turing machines agree

Numbers that a register program prints are bits on a machine's output tape in the code `v ↦ 1ᵛ 0`.
-/

namespace Logprec.Turing

/-- **Register programs and Turing machines generate the same in logarithmic space.** -/
theorem logSpaceGenerated_iff {F : Nat → List Nat} :
    Space.LogSpaceGenerated F ↔ LogSpaceGenerated fun n => unary (F n) :=
  ⟨LogSpaceGenerated.of_prog, LogSpaceGenerated.of_unary⟩

end Logprec.Turing
