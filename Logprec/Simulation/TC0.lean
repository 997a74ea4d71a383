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

private theorem le_linearBound (p n : Nat) : 2 ^ p ≤ linearBound p n 1 :=
  Nat.pow_le_pow_right (by omega) (by omega)

private theorem four_le_pow (n : Nat) : 4 ≤ (n + 2) ^ 2 :=
  Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 2

private theorem toNat_single (b : Bool) : (single (if b then one else minusOne)).toNat = 3 - 2 * b.toNat := by
  cases b <;> decide

private theorem positive_iff : ∀ h : BitVec 4, positive h = decide (h.toNat % 4 = 1) := by decide

/-- The local maps of `majority` are computable in linear space, by register programs. -/
theorem majority_programs : majority.LinearSpacePrograms where
  prec := ⟨set 0 (lit 4), 4, fun n => ⟨rfl, Nat.le_trans (by
    simpa [resultPeak, run, State.see, Expr.peak, Expr.eval] using four_le_pow n) (pow_le_linearBound_zero n 2)⟩⟩
  embed := by
    refine ⟨set 0 (sub (lit 3) (mul (lit 2) (reg 2))), 1, fun n i σ _ => ?_⟩
    have hσ : σ.toNat < 2 := σ.isLt
    have e : (majority.embed n i σ).toNat = 3 - 2 * σ.toNat := by
      have h := toNat_single (σ == 1#1)
      rcases (show σ.toNat = 0 ∨ σ.toNat = 1 by omega) with h' | h'
      · obtain rfl : σ = 0#1 := BitVec.eq_of_toNat_eq h'
        exact h
      · obtain rfl : σ = 1#1 := BitVec.eq_of_toNat_eq h'
        exact h
    refine ⟨by rw [e]; rfl, Nat.le_trans ?_ (le_linearBound 4 n)⟩
    simp [resultPeak, run, State.see, Expr.peak, Expr.eval, Regs.get]
    omega
  similarity B hB H hH := by
    simp only [majority, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    refine ⟨set 0 (lit 1), 1, fun n i j hi hj _ _ => ⟨rfl, Nat.le_trans ?_ (le_linearBound 4 n)⟩⟩
    simp [resultPeak, run, State.see, Expr.peak, Expr.eval]
  weighting B hB H hH := by
    simp only [majority, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    refine ⟨set 0 (reg 5), 1, fun n i j s Z hj _ _ => ⟨rfl, Nat.le_trans ?_ (le_linearBound 4 n)⟩⟩
    have : hj.toNat < 2 ^ (1 * 4) := hj.isLt
    simp [resultPeak, run, State.see, Expr.peak, Expr.eval, Regs.get]
    omega
  activation B hB := by
    simp only [majority, List.mem_singleton] at hB
    subst hB
    refine ⟨set 0 (reg 3), 1, fun n i as hi _ hlen => ?_⟩
    match as, hlen with
    | [a], _ =>
      refine ⟨rfl, Nat.le_trans ?_ (le_linearBound 4 n)⟩
      have : a.toNat < 2 ^ (1 * 4) := a.isLt
      simp [resultPeak, run, State.see, Expr.peak, Expr.eval, Regs.get]
      omega
  accept := by
    refine ⟨set 0 (eq (mod (reg 1) (lit 4)) (lit 1)), 1, fun n h => ?_⟩
    have e : majority.accept n h = decide (h.toNat % 4 = 1) := positive_iff h
    refine ⟨by rw [e]; rfl, Nat.le_trans ?_ (le_linearBound 4 n)⟩
    have : h.toNat < 2 ^ (1 * 4) := h.isLt
    have := Bool.toNat_le (decide (h.toNat % 4 = 1))
    simp [resultPeak, run, State.see, Expr.peak, Expr.eval, Regs.get] at *
    omega

/-- MAJORITY, as a language over {0, 1} recognised by a transformer, is in log-uniform TC0. -/
theorem majority_logUniformTC0 : Class.LogUniformTC0 majority.language :=
  majority.language_mem_logUniformTC0 (c := 4) (fun n => show 4 ≤ 4 * (n.log2 + 1) by omega) majority_programs

end Examples

end Logprec
