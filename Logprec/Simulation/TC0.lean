import Logprec.Simulation.Class
import Logprec.Simulation.Uniform
import Logprec.Float.Template.Sum
import Logprec.Transformer.Examples

/-!
# Log-precision transformers are in log-uniform TC0

The paper's Theorem 2 and Corollary 2.1, and a transformer that satisfies their hypotheses.
-/

namespace Logprec

open Circuit Space

namespace Transformer

/-- The template of the circuits of a transformer whose local maps are computable in linear space. -/
private theorem logSpaceGenerated (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (hT : T.LinearSpacePrograms)
    (b : Nat) : LogSpaceGenerated fun n => encode (n * b) (T.decisionCircuit n) := by
  obtain ⟨t, ht⟩ := hT.exists_terms hc
  exact logSpaceGenerated_of_denotes (Term.var 0 * Term.lit b) (t.denotes_decisionCircuit ht)

/-- **Uniform simulation** (Theorem 2). The circuits of a log-precision transformer whose local maps are computable in
linear space are generated in logarithmic space: one register program prints the circuit for `n` positions, for every
`n`, with numbers that are polynomial in `n`. Their depth and what they compute says `simulation_decision`. -/
theorem simulation_uniform (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (hT : T.LinearSpacePrograms) :
    LogSpaceGenerated fun n => encode (n * T.symbolBits) (T.decisionCircuit n) :=
  T.logSpaceGenerated hc hT T.symbolBits

/-- **Log-precision transformers are in log-uniform TC0** (Corollary 2.1). -/
theorem language_mem_logUniformTC0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (hT : T.LinearSpacePrograms) :
    Class.LogUniformTC0 T.language :=
  T.language_logUniformTC0 hc (T.logSpaceGenerated hc hT T.blockBits)

end Transformer

/-! ## A transformer that satisfies the hypotheses -/

namespace Examples

open Space.Expr Space.Prog

/-- A program yields a value if it computes it with numbers below `2 ^ 4`: `majority` handles no others. -/
private theorem yields {P : Prog} {args : List Nat} {v : Nat} (n : Nat) (h : P.result args = v)
    (hb : P.resultPeak args ≤ 2 ^ 4) : P.Yields args (linearBound 4 n 1) v :=
  ⟨h, Nat.le_trans hb (Nat.pow_le_pow_right (by omega) (by omega))⟩

private theorem toNat_embed (n i : Nat) (σ : BitVec 1) : (majority.embed n i σ).toNat = 3 - 2 * σ.toNat := by
  have h : ∀ σ : BitVec 1, (single (if σ = 1#1 then one else minusOne)).toNat = 3 - 2 * σ.toNat := by decide
  exact h σ

private theorem positive_iff : ∀ h : BitVec 4, positive h = decide (h.toNat % 4 = 1) := by decide

attribute [local simp] resultPeak run State.see Expr.peak Expr.eval Regs.get

/-- The local maps of `majority` are computable in linear space, by register programs. -/
theorem majority_programs : majority.LinearSpacePrograms where
  prec := ⟨set 0 (lit 4), 4, fun n => ⟨rfl, Nat.le_trans
    (by simpa using Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 2) (pow_le_linearBound_zero n 2)⟩⟩
  embed := by
    refine ⟨set 0 (sub (lit 3) (mul (lit 2) (reg 2))), 1, fun n i σ _ => yields n (by rw [toNat_embed]; rfl) ?_⟩
    have : σ.toNat < 2 := σ.isLt
    simp
    omega
  similarity B hB H hH := by
    obtain rfl := List.mem_singleton.1 hB
    obtain rfl := List.mem_singleton.1 hH
    exact ⟨set 0 (lit 1), 1, fun n i j hi hj _ _ => yields n rfl (by simp)⟩
  weighting B hB H hH := by
    obtain rfl := List.mem_singleton.1 hB
    obtain rfl := List.mem_singleton.1 hH
    refine ⟨set 0 (reg 5), 1, fun n i j s Z hj _ _ => yields n rfl ?_⟩
    have : hj.toNat < 2 ^ (1 * 4) := hj.isLt
    simp
    omega
  activation B hB := by
    obtain rfl := List.mem_singleton.1 hB
    refine ⟨set 0 (reg 3), 1, fun n i as hi _ hlen => ?_⟩
    match as, hlen with
    | [a], _ =>
      refine yields n rfl ?_
      have : a.toNat < 2 ^ (1 * 4) := a.isLt
      simp
      omega
  accept := by
    refine ⟨set 0 (eq (mod (reg 1) (lit 4)) (lit 1)), 1, fun n h => yields n ?_ ?_⟩
    · rw [show majority.accept n h = decide (h.toNat % 4 = 1) from positive_iff h]; rfl
    · have : h.toNat < 2 ^ (1 * 4) := h.isLt
      have := Bool.toNat_le (decide (h.toNat % 4 = 1))
      simp at *
      omega

/-- MAJORITY, as a language over {0, 1} recognised by a transformer, is in log-uniform TC0. -/
theorem majority_logUniformTC0 : Class.LogUniformTC0 majority.language :=
  majority.language_mem_logUniformTC0 (c := 4) (fun n => show 4 ≤ 4 * (n.log2 + 1) by omega) majority_programs

end Examples

end Logprec
