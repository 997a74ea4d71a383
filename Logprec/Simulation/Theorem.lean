import Logprec.Simulation.Internal
import Logprec.Simulation.Size

/-!
# The simulation theorem

Merrill & Sabharwal 2023, Theorem 1, with their depth, for the definitions in `Logprec.Simulation.Defs`. The
local maps of the transformer are arbitrary functions; no space or time bound on them is needed here.
-/

namespace Logprec

open Circuit Float

namespace Transformer

/-- **Simulation** (Theorem 1). For every transformer and every number `n` of positions the constructed
threshold circuit is well-formed, has depth `3 + (9 + 2 · d⊕) · L` for `L` layers, and computes the bits of all
last states, on every input. `dSum` is the depth of our circuit for `⊕`; the paper leaves it open. -/
theorem simulation (T : Transformer) (n : Nat) :
    (T.circuit n).WF (n * T.symbolBits) ∧
    (T.circuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length ∧
    ∀ word : List (BitVec T.symbolBits), word.length = n →
      (T.circuit n).eval (T.inputBits word) = stateBits (T.states word) := by
  obtain ⟨f, h⟩ := T.computes_circuit n
  exact ⟨h.wf, h.depth_eq, fun word hw => hw ▸ T.eval_circuit word⟩

/-- The circuit with the acceptance head, which takes three more layers, decides what the transformer accepts. -/
theorem simulation_decision (T : Transformer) (n : Nat) :
    (T.decisionCircuit n).WF (n * T.symbolBits) ∧
    (T.decisionCircuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length + 3 ∧
    ∀ word : List (BitVec T.symbolBits), word.length = n →
      (T.decisionCircuit n).eval (T.inputBits word) = [T.accepts word] := by
  obtain ⟨f, h⟩ := T.computes_circuit n
  obtain ⟨g, h', hg⟩ := T.computes_accept n
  refine ⟨(h.comp h').wf, (h.comp h').depth_eq, ?_⟩
  rintro word rfl
  have hlen : (stateBits (T.states word)).length = word.length * (T.dim * T.prec word.length) := by
    rw [← T.eval_circuit word, length_eval, T.length_inputBits word, h.width_eq]
  rw [decisionCircuit, eval_append, T.eval_circuit word, h'.eval_eq _ hlen, hg _ (T.length_states word), accepts]

/-- The size, gates and wires, is at most the closed form that the program asks before it builds. -/
theorem simulation_size (T : Transformer) (n : Nat) :
    (T.circuit n).size ≤ T.circuitSize n ∧ (T.decisionCircuit n).size ≤ T.decisionSize n := by
  obtain ⟨f, h⟩ := T.computes_circuit n
  obtain ⟨g, h', -⟩ := T.computes_accept n
  exact ⟨h.size_le, (h.comp h').size_le⟩

/-- With logarithmic precision the size is polynomial, with exponent
`5 + 2 · ((2 · H + 7) · D + 4) · c` for at most `H` heads in a layer, `D` coordinates, and
`p n ≤ c · (⌊log₂ n⌋ + 1)`. -/
theorem simulation_size_poly (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (n : Nat) :
    (T.decisionCircuit n).size ≤ T.sizeConstant * (n + 2) ^ T.sizeExponent c :=
  Nat.le_trans (T.simulation_size n).2 (T.decisionSize_le hc n)

end Transformer

end Logprec
