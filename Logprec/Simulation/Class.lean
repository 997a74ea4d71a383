import Logprec.Circuit.Carry
import Logprec.Class.Blocks
import Logprec.Simulation.Theorem

/-!
# Log-precision transformers are in TC0

Merrill & Sabharwal 2023, Corollary 1.1. A transformer reads symbols of `b` bits, and a language in TC0 is a set of
bit strings; so a word is written as its symbols, one after the other.
-/

namespace Logprec

open Circuit Class Float

namespace Transformer

/-- How many bits of a string stand for a symbol: `symbolBits`; but over the one-letter alphabet, `symbolBits = 0`,
every single bit stands for the letter. -/
def blockBits (T : Transformer) : Nat := max 1 T.symbolBits

/-- The word that a bit string is read as: one symbol for each of its blocks of `blockBits` bits. -/
def wordOf (T : Transformer) (x : List Bool) : List (BitVec T.symbolBits) :=
  (List.range (x.length / T.blockBits)).map fun i => .ofNat T.symbolBits (ofBits (block T.blockBits x i))

/-- The language of a transformer over {0, 1}: the strings of whole blocks that are read as a word which the
transformer accepts. `language_iff` says the same from the side of the words. -/
def language (T : Transformer) : Language := fun x =>
  T.blockBits ∣ x.length ∧ T.accepts (T.wordOf x) = true

/-- The circuits for the language: the circuit for as many positions as there are blocks, or, when the length is not
that of whole blocks, the constant 0. -/
def languageCircuit (T : Transformer) : Family := fun N =>
  if T.blockBits ∣ N then T.decisionCircuit (N / T.blockBits) else constant false

/-! ## The language, seen from the words -/

private theorem length_wordOf (T : Transformer) (x : List Bool) : (T.wordOf x).length = x.length / T.blockBits := by
  simp [wordOf]

private theorem blockBits_eq {T : Transformer} (h : 0 < T.symbolBits) : T.blockBits = T.symbolBits :=
  Nat.max_eq_right h

private theorem inputBits_wordOf {T : Transformer} (h : 0 < T.symbolBits) {x : List Bool}
    (hx : T.symbolBits ∣ x.length) : T.inputBits (T.wordOf x) = x := by
  have e : x.length = x.length / T.symbolBits * T.symbolBits := (Nat.div_mul_cancel hx).symm
  rw [inputBits, wordOf, blockBits_eq h, List.flatMap_map]
  exact (flatMap_congr fun i hi => enc_dec e (List.mem_range.1 hi)).trans (flatMap_block e)

private theorem wordOf_inputBits {T : Transformer} (h : 0 < T.symbolBits) (word : List (BitVec T.symbolBits)) :
    T.wordOf (T.inputBits word) = word := by
  rw [wordOf, blockBits_eq h, T.length_inputBits, Nat.mul_div_cancel _ h]
  refine List.ext_getElem (by simp) fun i hi hi' => ?_
  have e : T.inputBits word = (List.range word.length).flatMap fun i => enc (word.getD i 0) := by
    rw [inputBits, ← List.flatMap_map (f := fun i => word.getD i 0) (g := enc)]
    congr 1
    exact List.ext_getElem (by simp) fun i h _ => by simp [h]
  rw [List.getElem_map, List.getElem_range, e, ← dec, dec_flatMap _ hi']
  simp [hi']

/-- The transformer accepts a word if and only if the bits of the word are in its language. -/
theorem language_inputBits {T : Transformer} (h : 0 < T.symbolBits) (word : List (BitVec T.symbolBits)) :
    T.language (T.inputBits word) ↔ T.accepts word = true := by
  rw [language, wordOf_inputBits h, blockBits_eq h, T.length_inputBits]
  exact and_iff_right (Nat.dvd_mul_left _ _)

/-- The language consists of the bits of the words that the transformer accepts. -/
theorem language_iff {T : Transformer} (h : 0 < T.symbolBits) (x : List Bool) :
    T.language x ↔ ∃ word, T.inputBits word = x ∧ T.accepts word = true := by
  constructor
  · rintro ⟨hx, hT⟩
    exact ⟨_, inputBits_wordOf h (blockBits_eq h ▸ hx), hT⟩
  · rintro ⟨word, rfl, hT⟩
    exact (language_inputBits h word).2 hT

/-- Over the one-letter alphabet, the language consists of the strings as long as an accepted word. -/
theorem language_iff_of_unary {T : Transformer} (h : T.symbolBits = 0) (x : List Bool) :
    T.language x ↔ T.accepts (List.replicate x.length 0) = true := by
  have e : T.wordOf x = List.replicate x.length 0 := by
    refine List.ext_getElem (by simp [wordOf, blockBits, h]) fun i _ _ => ?_
    exact BitVec.eq_of_toNat_eq (by have := (T.wordOf x)[i].isLt; simp [h] at this ⊢; omega)
  rw [language, e]
  exact and_iff_right (by simp [blockBits, h])

/-! ## The circuits -/

private theorem computes_decisionCircuit (T : Transformer) (n : Nat) :
    (T.decisionCircuit n).Computes (n * T.blockBits) 1 (3 + (9 + 2 * dSum) * T.blocks.length + 3)
      (T.decisionCircuit n).size fun x => [T.accepts (T.wordOf x)] := by
  obtain ⟨hwf, hd, heval⟩ := T.simulation_decision n
  have key : ∀ x : List Bool, x.length = n * T.blockBits → (T.decisionCircuit n).eval x = [T.accepts (T.wordOf x)] := by
    intro x hx
    have hpos : 0 < T.blockBits := Nat.le_max_left ..
    have hlen : (T.wordOf x).length = n := by rw [length_wordOf, hx, Nat.mul_div_cancel _ hpos]
    rw [← heval _ hlen]
    rcases Nat.eq_zero_or_pos T.symbolBits with h | h
    · have e : T.inputBits (T.wordOf x) = [] :=
        List.length_eq_zero_iff.1 ((T.length_inputBits _).trans (Nat.mul_eq_zero.2 (.inr h)))
      rw [e]
      rw [h, Nat.mul_zero] at hwf
      exact (eval_take hwf (fun e => by rw [e] at hd; simp [depth] at hd) x).symm
    · rw [inputBits_wordOf h ⟨n, by rw [hx, blockBits_eq h, Nat.mul_comm]⟩]
  refine ⟨hwf.mono (Nat.mul_le_mul_left _ (Nat.le_max_right ..)), ?_, hd, Nat.le_refl _, key⟩
  have := length_eval (T.decisionCircuit n) (List.replicate (n * T.blockBits) false)
  rw [key _ (by simp), List.length_replicate] at this
  simpa using this.symm

private theorem computes_languageCircuit (T : Transformer) {N : Nat} (h : T.blockBits ∣ N) :
    (T.languageCircuit N).Computes N 1 (3 + (9 + 2 * dSum) * T.blocks.length + 3)
      (T.decisionCircuit (N / T.blockBits)).size fun x => [T.accepts (T.wordOf x)] := by
  have := T.computes_decisionCircuit (N / T.blockBits)
  rw [Nat.div_mul_cancel h] at this
  rwa [languageCircuit, if_pos h]

/-- The circuits decide the language, for every transformer and every precision. -/
theorem decides_languageCircuit (T : Transformer) : Decides T.languageCircuit T.language := by
  intro x
  by_cases h : T.blockBits ∣ x.length
  · exact ⟨_, (T.computes_languageCircuit h).eval_eq x rfl, (and_iff_right h).symm⟩
  · refine ⟨false, ?_, by simp [language, h]⟩
    rw [languageCircuit, if_neg h]
    exact (computes_constant false _).eval_eq x rfl

/-- With logarithmic precision, the circuits are of constant depth and polynomial size. The depth is that of the
simulation (Theorem 1); the exponent is its exponent, and the logarithm of its constant factor. -/
theorem constDepthPolySize_languageCircuit (T : Transformer) {c : Nat} (hc : T.LogPrecision c) :
    ConstDepthPolySize T.languageCircuit (3 + (9 + 2 * dSum) * T.blocks.length + 3)
      (T.dim + T.maxHeads + T.blocks.length + 2 * T.symbolBits + 50 + T.sizeExponent c) where
  wf N := by
    by_cases h : T.blockBits ∣ N
    · exact (T.computes_languageCircuit h).wf
    · rw [languageCircuit, if_neg h]; exact (computes_constant false N).wf
  depth_le N := by
    by_cases h : T.blockBits ∣ N
    · exact Nat.le_of_eq (T.computes_languageCircuit h).depth_eq
    · rw [languageCircuit, if_neg h]; exact Nat.le_trans (Nat.le_of_eq (computes_constant false N).depth_eq) (by omega)
  size_le N := by
    by_cases h : T.blockBits ∣ N
    · refine Nat.le_trans (T.computes_languageCircuit h).size_le (Nat.le_trans (T.simulation_size_poly hc _) ?_)
      rw [sizeConstant, Nat.pow_add (N + 2) _ (T.sizeExponent c)]
      exact Nat.mul_le_mul (Nat.pow_le_pow_left (Nat.le_add_left 2 N) _)
        (Nat.pow_le_pow_left (Nat.add_le_add_right (Nat.div_le_self _ _) 2) _)
    · rw [languageCircuit, if_neg h]
      exact Nat.le_trans (computes_constant false N).size_le (Nat.one_le_pow _ _ (by omega))

/-- **Corollary 1.1.** The language of every log-precision transformer is in TC0. -/
theorem language_tc0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c) : TC0 T.language :=
  ⟨_, _, _, T.constDepthPolySize_languageCircuit hc, T.decides_languageCircuit⟩

/-- The step from Corollary 1.1 to Corollary 2.1: if one program prints the decision circuit for `n` positions, with its
`n * blockBits` inputs, in logarithmic space (`I(n) = n * blockBits` in Definition 5), then the language is in
log-uniform TC0. -/
theorem language_logUniformTC0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c)
    (h : Space.LogSpaceGenerated fun n => encode (n * T.blockBits) (T.decisionCircuit n)) :
    LogUniformTC0 T.language := by
  refine ⟨_, _, _, T.constDepthPolySize_languageCircuit hc, T.decides_languageCircuit, ?_⟩
  have e : (fun N => encode N (T.languageCircuit N)) = fun N => if T.blockBits ∣ N then
      encode (N / T.blockBits * T.blockBits) (T.decisionCircuit (N / T.blockBits)) else encode N (constant false) := by
    funext N
    by_cases hN : T.blockBits ∣ N
    · rw [languageCircuit, if_pos hN, if_pos hN, Nat.div_mul_cancel hN]
    · rw [languageCircuit, if_neg hN, if_neg hN]
  rw [logUniform_iff, e]
  exact h.blocks (logUniform_iff.1 (logUniform_constant false)) _

end Transformer
end Logprec
