import Logprec.Simulation.Machines
import Logprec.Softmax.Expr

/-!
# Softmax transformers are in log-uniform TC0

The local maps of a transformer with softmax attention, layer norm and a feed-forward network, in floats with
logarithmically many bits, are computable in linear space; so it is an instance of the simulation theorem.
-/

namespace Logprec.SoftmaxTransformer

open Space Term FloatExpr

variable (S : SoftmaxTransformer)

/-- The precision, as a term of `n`. -/
def precTerm : Term := lit S.precision * (log2 (.var 0) + 1)

/-- Its value. -/
theorem eval_precTerm (n : Nat) (ρ : List Nat) : S.precTerm.eval (n :: ρ) = S.prec n := by
  simp [precTerm, prec]

/-- The terms for the precision. -/
def terms : PrecTerms := precTerms S.precTerm S.precision

/-- They are for the precision. -/
theorem holds_terms (n : Nat) (ρ : List Nat) : S.terms.Holds (n :: ρ) (S.prec n) :=
  holds_precTerms (S.eval_precTerm n ρ) (Nat.le_trans S.four_le (Nat.le_mul_of_pos_right _ (by omega))) (Nat.le_refl _)

/-! ## Expressions for the local maps -/

/-- The symbol that is variable 2 chooses a row of the embedding, of which this is coordinate `d`; the first row is for
the symbol `σ`. -/
def embedExpr (d : Nat) : Matrix → Nat → FloatExpr
  | [], _ => .weight (0, 0)
  | row :: rows, σ => .ite (.eq (.var 2) (lit σ)) (.weight (row.getD d (0, 0))) (embedExpr d rows (σ + 1))

/-- Its value. -/
theorem eval_embedExpr (d p n i : Nat) (rows : Matrix) (σ t : Nat) :
    (embedExpr d rows σ).eval p [n, i, σ + t] = Float.ofWeight p ((rows.getD t []).getD d (0, 0)) := by
  induction rows generalizing σ t with
  | nil => rfl
  | cons row rows ih =>
    simp only [embedExpr, FloatExpr.eval, eval_eq, eval_var, eval_lit, List.getD_cons_succ, List.getD_cons_zero]
    cases t with
    | zero => simp
    | succ t =>
      have := ih (σ + 1) t
      rw [show σ + 1 + t = σ + (t + 1) by omega] at this
      simp [this]

/-- The logit of positions 1 and 2 with states 3 and 4. -/
def scoreExpr (N : Norm) (H : SoftmaxHead) : FloatExpr :=
  .exp (Arithmetic.logit N H (.nat (.var 1 - .var 2)) (coords S.dim 3) (coords S.dim 4))

/-- Its value. -/
theorem eval_scoreExpr (N : Norm) (H : SoftmaxHead) (n i j : Nat) (hi hj : State S.dim (S.prec n)) :
    (S.scoreExpr N H).eval (S.prec n) [n, i, j, hi.toNat, hj.toNat] = (S.toHead N H).similarity n i j hi hj := by
  rw [scoreExpr, FloatExpr.eval, eval_logit, map_coords (h := hi) rfl, map_coords (h := hj) rfl]
  rfl

/-- The weighted value of score 3, sum of scores 4 and state 5. -/
def weightedExpr (N : Norm) (H : SoftmaxHead) : List FloatExpr :=
  Arithmetic.weighted N H (.coord 3 0) (.coord 4 0) (coords S.dim 5)

/-- Its value. -/
theorem map_weightedExpr (N : Norm) (H : SoftmaxHead) (n i j : Nat) (s Z : BitVec (S.prec n))
    (hj : State S.dim (S.prec n)) : State.ofList S.dim (S.prec n)
      ((S.weightedExpr N H).map (FloatExpr.eval (S.prec n) [n, i, j, s.toNat, Z.toNat, hj.toNat])) =
      (S.toHead N H).weighting n i j s Z hj := by
  rw [weightedExpr, map_weighted, eval_coord_zero (φ := s) rfl, eval_coord_zero (φ := Z) rfl, map_coords (h := hj) rfl]
  rfl

/-- The new state, from the old one, 2, and what the heads computed, from 3 on. -/
def stateExpr (L : SoftmaxLayer) : List FloatExpr :=
  Arithmetic.newState L ((List.range L.heads.length).map fun r => coords S.dim (3 + r)) (coords S.dim 2)

/-- Its value. -/
theorem map_stateExpr (L : SoftmaxLayer) (n i : Nat) (as : List (State S.dim (S.prec n))) (hi : State S.dim (S.prec n))
    (hl : as.length = L.heads.length) : State.ofList S.dim (S.prec n)
      ((S.stateExpr L).map (FloatExpr.eval (S.prec n) (n :: i :: hi.toNat :: as.map BitVec.toNat))) =
      (S.toBlock L).activation n i as hi := by
  have e : ((List.range L.heads.length).map fun r => coords S.dim (3 + r)).map
      (List.map (FloatExpr.eval (S.prec n) (n :: i :: hi.toNat :: as.map BitVec.toNat))) = as.map State.toList := by
    refine List.ext_getElem (by simp [hl]) fun r h₁ h₂ => ?_
    simp only [List.length_map] at h₂
    simp only [List.getElem_map, List.getElem_range]
    refine map_coords (h := as[r]) ?_
    rw [Nat.add_comm]
    simp [h₂]
  rw [stateExpr, map_newState, e, map_coords (h := hi) rfl]
  rfl

/-- The inner product that decides, from state 1. -/
def acceptExpr : FloatExpr :=
  Arithmetic.dot (S.readout.map Arithmetic.weight) (Arithmetic.layerNorm S.finalNorm (coords S.dim 1))

/-- Its value. -/
theorem eval_acceptExpr (n : Nat) (h : State S.dim (S.prec n)) :
    S.acceptExpr.eval (S.prec n) [n, h.toNat] = Arithmetic.dot (S.readout.map (Float.ofWeight (S.prec n)))
      (Arithmetic.layerNorm S.finalNorm h.toList) := by
  rw [acceptExpr, eval_dot, map_layerNorm, map_coords (h := h) rfl, map_weight]
  rfl

/-- Whether it is positive. -/
def acceptTerm : Term :=
  (fNeg S.terms (S.acceptExpr.term S.terms S.precTerm)).not.and (fMag S.terms (S.acceptExpr.term S.terms S.precTerm))

/-- Its value. -/
theorem eval_acceptTerm (n : Nat) (h : State S.dim (S.prec n)) :
    S.acceptTerm.eval [n, h.toNat] = (S.toTransformer.accept n h).toNat := by
  have hC := S.holds_terms n [h.toNat]
  have ht := eval_term hC (S.eval_precTerm n _) S.acceptExpr
  rw [eval_acceptExpr] at ht
  rw [acceptTerm, eval_and, eval_not, eval_fNeg hC ht, eval_fMag hC ht]
  show _ = (decide (0 < Float.scaled _)).toNat
  generalize (Arithmetic.dot (S.readout.map (Float.ofWeight (S.prec n)))
    (Arithmetic.layerNorm S.finalNorm h.toList) : BitVec (S.prec n)) = φ
  congr 1
  rw [decide_eq_decide, Float.scaled_eq]
  have hpos := Nat.two_pow_pos (Float.expo φ)
  have hm : 0 < Float.mag φ * 2 ^ Float.expo φ ↔ Float.mag φ ≠ 0 := by
    rw [Nat.pos_iff_ne_zero, Ne, Nat.mul_eq_zero]
    omega
  generalize Float.mag φ * 2 ^ Float.expo φ = z at hm
  cases Float.negative φ <;> simp [Float.withSign] <;> omega

/-! ## The theorem -/

/-- The factor of the bound on the variables. -/
private def factor : Nat := S.dim + S.symbolBits + 1

private theorem state_le (n : Nat) (h : State S.dim (S.prec n)) : h.toNat ≤ linearBound (S.prec n) n S.factor :=
  toNat_le_linearBound h (by simp only [factor]; omega)

private theorem float_le (n : Nat) (φ : BitVec (S.prec n)) : φ.toNat ≤ linearBound (S.prec n) n S.factor := by
  have h := Nat.mul_le_mul (show 1 ≤ S.factor by simp only [factor]; omega)
    (show S.prec n ≤ S.prec n + n.log2 + 1 by omega)
  rw [Nat.one_mul] at h
  exact Nat.le_trans (Nat.le_of_lt φ.isLt) (Nat.pow_le_pow_right (by omega) h)

private theorem symbol_le (n : Nat) (σ : BitVec S.symbolBits) : σ.toNat ≤ linearBound (S.prec n) n S.factor := by
  have h := Nat.mul_le_mul (show S.symbolBits ≤ S.factor by simp only [factor]; omega)
    (show 1 ≤ S.prec n + n.log2 + 1 by omega)
  rw [Nat.mul_one] at h
  exact Nat.le_trans (Nat.le_of_lt σ.isLt) (Nat.pow_le_pow_right (by omega) h)

private theorem position_le {n i : Nat} (h : i ≤ n) : i ≤ linearBound (S.prec n) n S.factor :=
  le_linearBound h (by simp only [factor]; omega)

/-- A head, before it is masked, is computable in linear space. -/
theorem toHead_programs (N : Norm) (H : SoftmaxHead) : (S.toHead N H).LinearSpacePrograms where
  similarity := by
    obtain ⟨P, c, h⟩ := ((S.scoreExpr N H).term S.terms S.precTerm).yields 5 S.factor
    refine ⟨P, c, fun n i j a b hi hj => ?_⟩
    have := h (S.prec n) n [n, i, j, a.toNat, b.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨S.position_le (Nat.le_refl n), S.position_le (Nat.le_of_lt hi), S.position_le (Nat.le_of_lt hj),
        S.state_le n a, S.state_le n b, by simp⟩)
    rwa [eval_term (S.holds_terms n _) (S.eval_precTerm n _), eval_scoreExpr] at this
  weighting := by
    obtain ⟨P, c, h⟩ := (vector S.terms S.precTerm S.precision S.dim (S.weightedExpr N H)).yields 6 S.factor
    refine ⟨P, c, fun n i j s Z a hi hj => ?_⟩
    have := h (S.prec n) n [n, i, j, s.toNat, Z.toNat, a.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨S.position_le (Nat.le_refl n), S.position_le (Nat.le_of_lt hi), S.position_le (Nat.le_of_lt hj),
        S.float_le n s, S.float_le n Z, S.state_le n a, by simp⟩)
    rwa [eval_vector (S.holds_terms n _) (S.eval_precTerm n _) (Nat.le_refl _), map_weightedExpr] at this

/-- The transformer before its heads are masked. -/
private def unmasked : Transformer :=
  { S.toTransformer with
    blocks := S.layers.map fun L => { S.toBlock L with heads := L.heads.map fun H => S.toHead L.attentionNorm H } }

private theorem causal_unmasked : S.unmasked.causal = S.toTransformer := by
  simp only [Transformer.causal, Transformer.masked, unmasked, toTransformer, List.map_map]
  congr 1
  refine List.map_congr_left fun L _ => ?_
  simp only [Function.comp, Block.masked, toBlock, List.map_map]
  rfl

private theorem programs_unmasked : S.unmasked.LinearSpacePrograms where
  prec := by
    refine ⟨S.precTerm.program 1, 2 * S.precTerm.deg, fun n => ?_⟩
    have h := S.precTerm.program_yields (args := [n]) (X := n + 2) (by omega) (by simp)
    rw [S.eval_precTerm n []] at h
    exact ⟨h.1, Nat.le_trans h.2 (pow_le_linearBound_zero n _)⟩
  embed := by
    obtain ⟨P, c, h⟩ := (vector S.terms S.precTerm S.precision S.dim
      ((List.range S.dim).map fun d => embedExpr d S.embedding 0)).yields 3 S.factor
    refine ⟨P, c, fun n i σ hi => ?_⟩
    have := h (S.prec n) n [n, i, σ.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨S.position_le (Nat.le_refl n), S.position_le (Nat.le_of_lt hi), S.symbol_le n σ, by simp⟩)
    rw [eval_vector (S.holds_terms n _) (S.eval_precTerm n _) (Nat.le_refl _), List.map_map] at this
    have e : (List.range S.dim).map (FloatExpr.eval (S.prec n) [n, i, σ.toNat] ∘ fun d => embedExpr d S.embedding 0) =
        (List.range S.dim).map fun d => Float.ofWeight (S.prec n) ((S.embedding.getD σ.toNat []).getD d (0, 0)) :=
      List.map_congr_left fun d _ => by
        have := eval_embedExpr d (S.prec n) n i S.embedding 0 σ.toNat
        rwa [Nat.zero_add] at this
    rwa [e] at this
  similarity B hB H hH := by
    obtain ⟨L, -, rfl⟩ := List.mem_map.1 hB
    obtain ⟨H, -, rfl⟩ := List.mem_map.1 hH
    exact (S.toHead_programs L.attentionNorm H).similarity
  weighting B hB H hH := by
    obtain ⟨L, -, rfl⟩ := List.mem_map.1 hB
    obtain ⟨H, -, rfl⟩ := List.mem_map.1 hH
    exact (S.toHead_programs L.attentionNorm H).weighting
  activation B hB := by
    obtain ⟨L, -, rfl⟩ := List.mem_map.1 hB
    obtain ⟨P, c, h⟩ := (vector S.terms S.precTerm S.precision S.dim (S.stateExpr L)).yields
      (3 + L.heads.length) S.factor
    refine ⟨P, c, fun n i as a hi hl => ?_⟩
    have hl : as.length = L.heads.length := by simpa using hl
    have := h (S.prec n) n (n :: i :: a.toNat :: as.map BitVec.toNat) (by simp [hl]; omega) (by
      simp only [List.forall_mem_cons, List.mem_map]
      refine ⟨S.position_le (Nat.le_refl n), S.position_le (Nat.le_of_lt hi), S.state_le n a, ?_⟩
      rintro _ ⟨b, -, rfl⟩
      exact S.state_le n b)
    rwa [eval_vector (S.holds_terms n _) (S.eval_precTerm n _) (Nat.le_refl _), map_stateExpr S L n i as a hl] at this
  accept := by
    obtain ⟨P, c, h⟩ := S.acceptTerm.yields 2 S.factor
    refine ⟨P, c, fun n a => ?_⟩
    have := h (S.prec n) n [n, a.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨S.position_le (Nat.le_refl n), S.state_le n a, by simp⟩)
    rwa [eval_acceptTerm] at this

/-- The local maps are computable in linear space by register programs. -/
theorem programs : S.toTransformer.LinearSpacePrograms :=
  S.causal_unmasked ▸ S.programs_unmasked.causal

/-- **The local maps of a softmax transformer are computable in linear space**, by Turing machines: exponentials,
quotients, square roots, layer norms, products with matrices. -/
theorem linearSpace : S.toTransformer.LinearSpace :=
  (Transformer.linearSpace_iff S.logPrecision).2 S.programs

/-- **Softmax transformers are in log-uniform TC0.** -/
theorem language_mem_logUniformTC0 : Class.LogUniformTC0 S.toTransformer.language :=
  S.toTransformer.language_mem_logUniformTC0 S.logPrecision S.programs

/-- Their circuits have depth `31 · L + 6`, for `L` layers, and compute what the transformer accepts. -/
theorem decisionCircuit_spec (n : Nat) : (S.toTransformer.decisionCircuit n).depth = 31 * S.layers.length + 6 ∧
    ∀ word : List (BitVec S.symbolBits), word.length = n →
      (S.toTransformer.decisionCircuit n).eval (S.toTransformer.inputBits word) = [S.toTransformer.accepts word] := by
  have h := S.toTransformer.simulation_decision n
  refine ⟨h.2.1.trans ?_, h.2.2⟩
  have e : S.toTransformer.blocks.length = S.layers.length := List.length_map ..
  have e' : Float.dSum = 11 := rfl
  rw [e, e']
  omega

end Logprec.SoftmaxTransformer
