import Logprec.Arith.IteratedSum
import Logprec.Audit.Guard
import Logprec.Circuit.Dag
import Logprec.Circuit.Serial
import Logprec.Float.Lemmas
import Logprec.Simulation.Theorem
import Logprec.Transformer.Examples

/-!
# What is proved

The headline statements, for a reader. Every name in them leads to a definition that is meant to be read:
`Circuit` (`Logprec.Circuit.Defs`), `Transformer` (`Logprec.Transformer.Defs`), `Float.sum` (`Logprec.Float.Defs`).
The last command checks that the proofs rest on the three standard axioms only.
-/

namespace Logprec.Statement

open Circuit Float

/-- **Transformers are simulated by threshold circuits** (Merrill & Sabharwal 2023, Theorem 1). For every transformer
and every number `n` of positions there is a threshold circuit of depth `3 + (9 + 2 · d⊕) · L` that computes all
bits of all last states, on every input. It is the circuit that the program prints. -/
theorem simulation (T : Transformer) (n : Nat) :
    (T.circuit n).WF (n * T.symbolBits) ∧
    (T.circuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length ∧
    ∀ word : List (BitVec T.symbolBits), word.length = n →
      (T.circuit n).eval (T.inputBits word) = Transformer.stateBits (T.states word) :=
  T.simulation n

/-- **The language of a log-precision transformer has constant-depth, polynomial-size threshold circuits** (their
Corollary 1.1: it is in non-uniform TC⁰). The depth does not depend on `n`, and the size (gates and wires) is at most
`K · (n + 2) ^ e` with explicit `K` and `e`. -/
theorem log_precision_in_TC0 (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) (n : Nat) :
    (T.decisionCircuit n).WF (n * T.symbolBits) ∧
    (T.decisionCircuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length + 3 ∧
    (T.decisionCircuit n).size ≤ T.sizeConstant * (n + 2) ^ T.sizeExponent c ∧
    ∀ word : List (BitVec T.symbolBits), word.length = n →
      (T.decisionCircuit n).eval (T.inputBits word) = [T.accepts word] :=
  have h := T.simulation_decision n
  ⟨h.1, h.2.1, T.simulation_size_poly hc n, h.2.2⟩

/-- The depth `d⊕` of our circuit for the iterated sum of floats, which the paper leaves open. -/
theorem depth_sum : dSum = 11 := rfl

/-- The size exponent, for at most `H` heads in a layer, `D` coordinates and precision `c · (⌊log₂ n⌋ + 1)`. -/
theorem size_exponent (T : Transformer) (c : Nat) :
    T.sizeExponent c = 5 + 2 * (((2 * T.maxHeads + 7) * T.dim + 4) * c) := rfl

/-- **Iterated addition** of `N` numbers of `B` bits, for all `N` and `B`: well-formed, depth 4, polynomial size, and
no overflow. -/
theorem iterated_addition (N B : Nat) :
    (iteratedSum N B).WF (N * B) ∧ (iteratedSum N B).depth = 4 ∧
    (iteratedSum N B).size ≤ 142 * ((N + 1) ^ 4 * (B + 1) ^ 3) ∧
    ∀ x : List Bool, x.length = N * B →
      ofBits ((iteratedSum N B).eval x) = ((List.range N).map fun i => ofBits (block B x i)).sum := by
  have h := computes_iteratedSum N B
  refine ⟨h.wf, h.depth_eq, Nat.le_trans h.size_le (iteratedSumSize_le N B), fun x hx => ?_⟩
  rw [h.eval_eq x hx, ofBits_bits, Nat.mod_eq_of_lt (sum_lt hx)]

/-- **The relative error of a sum** (the paper's Lemma 4, for the corrected floats): one truncation errs by at most
the factor `2 ^ -(p/2 - 2)`, as long as the exact sum is within the range of floats. -/
theorem sum_error {p : Nat} (hp : 4 ≤ p) (φs : List (BitVec p))
    (range : (φs.map scaled).sum.natAbs ≤ greatest p) :
    2 ^ (p / 2 - 2) * (scaled (sum φs) - (φs.map scaled).sum).natAbs ≤ (φs.map scaled).sum.natAbs :=
  sum_error_le hp range

/-- The file of a circuit determines it: decoding inverts serialisation. -/
theorem decode_encode (inputs : Nat) (C : Circuit) : decode (encode inputs C) = some (inputs, C) :=
  Circuit.decode_encode inputs C

/-- Layers cost nothing: a DAG circuit of depth at most `d + 1` has a layered circuit of depth `d + 1` that computes
the same, and is larger by at most a factor of about `d`. -/
theorem layering (D : Dag) (hD : D.WF) (d : Nat) (hd : D.depth ≤ d + 1) :
    (D.layered (d + 1)).depth = d + 1 ∧
    (D.layered (d + 1)).size ≤ d * (2 * D.inputs + D.size) + D.outputs.length * (D.size + 2) ∧
    ∀ x : List Bool, x.length = D.inputs → (D.layered (d + 1)).eval x = D.eval x :=
  have h := Dag.computes_layered hD hd
  ⟨h.depth_eq, h.size_le, h.eval_eq⟩

/-- The definitions are not empty: a transformer that recognises MAJORITY. -/
theorem majority (word : List (BitVec 1)) :
    Examples.majority.accepts word = decide (word.count 0#1 < word.count 1#1) :=
  Examples.majority_accepts word

/-- A transformer with hard attention that recognises "some position holds `σ`". -/
theorem contains {b : Nat} (σ : BitVec b) (word : List (BitVec b)) :
    (Examples.contains σ).accepts word = word.contains σ :=
  Examples.contains_accepts σ word

/-- A transformer with two layers that recognises "two ones in a row". -/
theorem two_in_a_row (word : List (BitVec 1)) :
    Examples.twoInARow.accepts word = true ↔ ∃ i : Nat, word[i]? = some 1#1 ∧ word[i + 1]? = some 1#1 :=
  Examples.twoInARow_accepts word

/-- The three have constant precision, so the theorem above applies to them. -/
theorem log_precision_of_examples (b : Nat) (σ : BitVec b) :
    Examples.majority.LogPrecision 4 ∧ (Examples.contains σ).LogPrecision 4 ∧ Examples.twoInARow.LogPrecision 4 :=
  ⟨fun n => show 4 ≤ 4 * (n.log2 + 1) by omega, fun n => show 4 ≤ 4 * (n.log2 + 1) by omega,
    fun n => show 4 ≤ 4 * (n.log2 + 1) by omega⟩

#guard_axioms simulation log_precision_in_TC0 depth_sum size_exponent iterated_addition sum_error decode_encode layering
  majority contains two_in_a_row log_precision_of_examples

end Logprec.Statement
