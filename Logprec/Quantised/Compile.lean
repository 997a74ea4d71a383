import Logprec.Network.Theorem
import Logprec.Quantised.Correct
import Logprec.Quantised.Depth

/-!
# The circuit of a quantised model

The practical constructor: the circuit of the integer network of a quantised model, not made of look-up tables of whole
states. `Model.compile_correct` says that it computes the outputs of the model.
-/

namespace Logprec.Quantised.Model

variable {M : Model}

/-- The circuit of a quantised model for words of `n` symbols. -/
def compile (M : Model) (n : Nat) : Circuit := (M.network n).circuit (List.replicate n M.symbolBits)

/-- The input bits of a word: its symbols one after the other. -/
def inputBits (M : Model) (word : List Nat) : List Bool := word.flatMap (bits M.symbolBits)

/-- The output bits: the outputs one after the other, the number `z` as `z + 2 ^ (readoutBits - 1)`. -/
def outputBits (M : Model) (word : List Nat) : List Bool :=
  (M.outputs word).flatMap fun z => bits M.readoutBits (z + 2 ^ (M.readoutBits - 1)).toNat

theorem valueBits_replicate (w : Nat) (x : List Nat) :
    valueBits (List.replicate x.length w) x = x.flatMap (bits w) := by
  induction x with
  | nil => rfl
  | cons n x ih => simpa [valueBits, List.replicate_succ] using ih

theorem fit_replicate {w : Nat} {x : List Nat} (h : ∀ n ∈ x, n < 2 ^ w) : Fit (List.replicate x.length w) x := by
  refine ⟨by simp, fun p hp => ?_⟩
  have h₁ := List.of_mem_zip hp
  rw [(List.mem_replicate.1 h₁.1).2]
  exact h p.2 h₁.2

/-- The same circuit, with the circuit of every node optimised. -/
def optimised (M : Model) (n : Nat) : Circuit := (M.network n).optimised (List.replicate n M.symbolBits)

/-- A circuit that computes the network of a model computes the outputs of the model. -/
private theorem correct_of {n d s : Nat} (hM : M.WF) {C : Circuit} (h : C.Computes (List.replicate n M.symbolBits).sum
    ((M.network n).widths (List.replicate n M.symbolBits)).sum d s fun b =>
      valueBits ((M.network n).widths (List.replicate n M.symbolBits))
        ((M.network n).eval (values (List.replicate n M.symbolBits) b))) :
    C.WF (n * M.symbolBits) ∧ ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      C.eval (M.inputBits word) = M.outputBits word := by
  have hs : (List.replicate n M.symbolBits).sum = n * M.symbolBits := by simp
  rw [hs] at h
  refine ⟨h.wf, fun word hn hword => ?_⟩
  subst hn
  have hfit := fit_replicate hword
  have hout : (M.outputs word).length = M.readout.rows.length := by simp [outputs]
  rw [inputBits, ← valueBits_replicate, h.eval_eq _ (by rw [length_valueBits hfit.1, hs]),
    values_valueBits hfit, M.widths_network, M.eval_network hM hword, outputBits, ← hout,
    show (M.outputs word).length = ((M.outputs word).map fun z => (z + 2 ^ (M.readoutBits - 1)).toNat).length by simp,
    valueBits_replicate, List.flatMap_map]

private theorem wf_inputs (hM : M.WF) (n : Nat) : (M.network n).WF (List.replicate n M.symbolBits).length := by
  simpa using M.network_wf hM n

/-- **The circuit computes exactly the bits of the outputs** of the model, for every well-formed model, every `n` and
every word of `n` symbols; its depth depends on the sublayers only. -/
theorem compile_correct (hM : M.WF) (n : Nat) :
    (M.compile n).WF (n * M.symbolBits) ∧
    (M.compile n).depth ≤ 18 + 78 * M.pre.length +
      (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum ∧
    (M.compile n).size ≤ (M.network n).size (List.replicate n M.symbolBits) ∧
    ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      (M.compile n).eval (M.inputBits word) = M.outputBits word :=
  have h := Network.computes (wf_inputs hM n)
  have h' := correct_of hM h
  ⟨h'.1, h.depth_eq ▸ M.depth_network n, h.size_le, h'.2⟩

/-- **So does the optimised circuit**, which has the same depth; its size is bounded by the same number, and by the sum
of the sizes of its parts. -/
theorem optimised_correct (hM : M.WF) (n : Nat) :
    (M.optimised n).WF (n * M.symbolBits) ∧ (M.optimised n).depth = (M.compile n).depth ∧
    (M.optimised n).size ≤ (M.network n).optimisedSize (List.replicate n M.symbolBits) ∧
    (M.network n).optimisedSize (List.replicate n M.symbolBits) ≤ (M.network n).size (List.replicate n M.symbolBits) ∧
    ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      (M.optimised n).eval (M.inputBits word) = M.outputBits word :=
  have h := Network.computes_optimised (wf_inputs hM n)
  have h' := correct_of hM h
  ⟨h'.1, h.depth_eq.trans (Network.computes (wf_inputs hM n)).depth_eq.symm, h.size_le,
    Network.optimisedSize_le _ _, h'.2⟩

end Logprec.Quantised.Model
