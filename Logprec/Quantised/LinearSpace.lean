import Logprec.Quantised.Finite
import Logprec.Simulation.Machines
import Logprec.Simulation.TC0

/-!
# Quantised models are in log-uniform TC0

The local maps of the transformer of a quantised model are computable in linear space, so the simulation theorem
applies to every quantised model: `Model.linearSpace`.

The programs are case distinctions over all values of the saturated numbers: of constant size, but huge. So this is
about the class. The circuits to build are those of `Logprec.Quantised.Compile`.
-/

namespace Logprec.Quantised

open Float Term Space

namespace Attention

variable {A : Attention} {k n w v d D : Nat} {ρ : List Nat}

/-- The saturated sums of the heads, with their bounds: the states that they compute are the variables from `v` on. -/
def sumFeatures (k : Nat) (A : Attention) : (v : Nat) → List Head → List (Term × Nat)
  | _, [] => []
  | v, H :: Hs => stateFeatures k A.weightedBits v H.valueDim ++
      (coordTerm k (A.sumBits + 1) v H.valueDim, 2 ^ (A.sumBits + 1)) :: sumFeatures k A (v + 1) Hs

/-- The means of the values, from the codes of the saturated sums. -/
def meansOf (w : Nat) (A : Attention) : List Head → List Nat → List Int
  | [], _ => []
  | H :: Hs, vs => A.mean w (ofCodes A.weightedBits H.valueDim vs)
      (clamp A.sumBits (((vs.drop H.valueDim).headD 0 : Int) - half (A.sumBits + 1))) ++
      meansOf w A Hs (vs.drop (H.valueDim + 1))

theorem sumFeatures_lt (hb : 1 ≤ A.weightedBits) (hn : ρ.getD 0 0 = n) {Hs : List Head}
    {as : List (State D (2 * mantissaBits k n))} (hl : as.length = Hs.length)
    (hρ : ∀ t (h : t < as.length), ρ.getD (v + t) 0 = as[t].toNat) :
    ∀ t ∈ sumFeatures k A v Hs, t.1.eval ρ < t.2 := by
  induction Hs generalizing v as with
  | nil => simp [sumFeatures]
  | cons H Hs ih =>
    obtain _ | ⟨a, as⟩ := as
    · simp at hl
    · have ha : ρ.getD v 0 = a.toNat := hρ 0 (by simp)
      intro t ht
      rcases List.mem_append.1 ht with ht | ht
      · exact stateFeatures_lt hb hn ha t ht
      · rcases List.mem_cons.1 ht with rfl | ht
        · exact eval_coordTerm_state hn ha ▸ code_sat_lt (by omega) _
        · refine ih (as := as) (by simpa using hl) (fun t h => ?_) t ht
          have := hρ (t + 1) (by simpa using h)
          rw [show v + 1 + t = v + (t + 1) by omega]
          simpa using this

/-- The means are read back. -/
theorem meansOf_sumFeatures (hn : ρ.getD 0 0 = n) {Hs : List Head} {as : List (State D (2 * mantissaBits k n))}
    (hl : as.length = Hs.length) (hρ : ∀ t (h : t < as.length), ρ.getD (v + t) 0 = as[t].toNat) :
    meansOf w A Hs ((sumFeatures k A v Hs).map fun t => t.1.eval ρ) =
      (Hs.zip as).flatMap fun p => A.meanOf w p.1 p.2 := by
  induction Hs generalizing v as with
  | nil => rfl
  | cons H Hs ih =>
    obtain _ | ⟨a, as⟩ := as
    · simp at hl
    · have ha : ρ.getD v 0 = a.toNat := hρ 0 (by simp)
      have ih := ih (v := v + 1) (as := as) (by simpa using hl) fun t h => by
        have := hρ (t + 1) (by simpa using h)
        rw [show v + 1 + t = v + (t + 1) by omega]
        simpa using this
      rw [sumFeatures, List.map_append, List.map_cons, eval_stateFeatures hn ha, eval_coordTerm_state hn ha, meansOf,
        ofCodes_codes (fits_ofState _ _ _) (by simp), List.drop_left' (by simp), List.headD_cons,
        code_sub_half (sat_bounds _ _), clamp_sat, ← List.drop_drop, List.drop_left' (by simp), List.drop_one,
        List.tail_cons, ih]
      rfl

end Attention

/-- The activation of a layer, as a term of `n`, the position, the state, and what the heads compute. -/
def activationTerm (k w d D : Nat) (L : Layer) : Term :=
  finiteVector k D (fun vs => applyLocals w L.locals <| L.attention.out.residual w (ofCodes w d vs) <|
    L.attention.meansOf w L.attention.heads (vs.drop d))
    (stateFeatures k w 2 d ++ L.attention.sumFeatures k 3 L.attention.heads)

/-- The value of the activation. -/
theorem eval_activationTerm {k n w d D i : Nat} {L : Layer} (hL : L.WF d) (hw : 1 ≤ w) (hk : w ≤ k)
    {as : List (State D (2 * mantissaBits k n))} (hl : as.length = L.attention.heads.length)
    (hi : State D (2 * mantissaBits k n)) :
    (activationTerm k w d D L).eval (n :: i :: hi.toNat :: as.map BitVec.toNat) =
      ((L.toBlock w d D fun n => 2 * mantissaBits k n).activation n i as hi).toNat := by
  have hρ : ∀ t (h : t < as.length), (n :: i :: hi.toNat :: as.map BitVec.toNat).getD (3 + t) 0 = as[t].toNat :=
    fun t h => by
      rw [Nat.add_comm]
      simp [h]
  refine eval_finiteVector (by simp) (by omega) ?_ ?_ ?_
  · intro t ht
    rcases List.mem_append.1 ht with ht | ht
    · exact stateFeatures_lt hw (by simp) (h := hi) (by simp) t ht
    · exact Attention.sumFeatures_lt hL.1.2.1 (by simp) hl hρ t ht
  · rw [List.map_append, eval_stateFeatures (n := n) (by simp) (h := hi) (by simp),
      ofCodes_codes (fits_ofState _ _ _) (by simp), List.drop_left' (by simp),
      Attention.meansOf_sumFeatures (n := n) (by simp) hl hρ]
  · intro c
    have hf := (applyLocals_spec hL.2 (Affine.length_residual hL.1.2.2 (length_ofState w d hi))
      (L.attention.out.fits_residual w (ofState w d hi) ((L.attention.heads.zip as).flatMap fun p =>
        L.attention.meanOf w p.1 p.2)) hw).2.1
    exact Nat.lt_of_le_of_lt (natAbs_getD_le hf c)
      (Nat.pow_lt_pow_right (by omega) (by simp only [mantissaBits]; omega))

namespace Model

variable {M : Model}

theorem precision_eq (M : Model) (n : Nat) : M.precision n = 2 * mantissaBits M.extraBits n := rfl

/-- The first state of a position, as a term of `n`, the position and the symbol. -/
def embedTerm (M : Model) : Term :=
  finiteVector M.extraBits M.stateDim
    (fun vs => applyLocals M.width M.pre (M.embed (vs.headD 0) ((vs.drop 1).headD 0)))
    [(Term.min (var 1) (lit M.positions.size), M.positions.size + 1), (var 2, 2 ^ M.symbolBits)]

/-- The value of the embedding. -/
theorem eval_embedTerm (hM : M.WF) (n i : Nat) (σ : BitVec M.symbolBits) :
    M.embedTerm.eval [n, i, σ.toNat] = (M.toTransformer.embed n i σ).toNat := by
  have hk : M.width ≤ M.extraBits := Nat.le_add_right _ _
  have hw := hM.1
  have hf := (applyLocals_spec (v := M.embed i σ.toNat) hM.2.2.1 (by simp [embed]) (fits_map_sat _ _) hw).2.1
  refine eval_finiteVector rfl (by omega) ?_ ?_ fun c => Nat.lt_of_le_of_lt (natAbs_getD_le hf c)
    (Nat.pow_lt_pow_right (by omega) (by simp only [mantissaBits]; omega))
  · intro t ht
    simp only [List.mem_cons, List.not_mem_nil, or_false] at ht
    rcases ht with rfl | rfl
    · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
    · exact σ.isLt
  · simp only [List.map_cons, List.map_nil, List.headD_cons, List.drop_one, List.tail_cons, eval_min, eval_var,
      eval_lit, List.getD_cons_zero, List.getD_cons_succ, embed]
    congr 2
    funext c
    rw [show Nat.min i M.positions.size = min i M.positions.size from rfl, getD_min (Nat.le_refl _)]

/-- Whether a state accepts, as a term of `n` and the state. -/
def acceptTerm (M : Model) : Term :=
  finite (fun vs => (decide (0 ≤ (M.readout.apply M.readoutBits (ofCodes M.width M.dim vs)).headD (-1))).toNat)
    (stateFeatures M.extraBits M.width 1 M.dim)

/-- The value of the acceptance head. -/
theorem eval_acceptTerm (hM : M.WF) (n : Nat) (h : State M.stateDim (M.precision n)) :
    M.acceptTerm.eval [n, h.toNat] = (M.toTransformer.accept n h).toNat := by
  have e := eval_stateFeatures (k := M.extraBits) (w := M.width) (v := 1) (m := M.dim) (n := n)
    (ρ := [n, h.toNat]) rfl (h := h) rfl
  rw [acceptTerm, eval_finite (stateFeatures_lt hM.1 (n := n) rfl (h := h) rfl), e,
    show codes M.width (ofState M.width M.dim h) = codes M.width (ofState M.width M.dim h) ++ [] by simp,
    ofCodes_codes (fits_ofState _ _ _) (by simp)]
  rfl

/-- The precision, as a term of `n`. -/
def precisionTerm (M : Model) : Term := 2 * (lit M.extraBits + log2 (var 0) + 1)

/-- The factor of the bound on the variables of local maps. -/
def spaceFactor (M : Model) : Nat := M.stateDim + M.symbolBits + 1

theorem state_le (M : Model) (n : Nat) (h : State M.stateDim (M.precision n)) :
    h.toNat ≤ linearBound (M.precision n) n M.spaceFactor :=
  toNat_le_linearBound h (by simp only [spaceFactor]; omega)

theorem float_le (M : Model) (n : Nat) (φ : BitVec (M.precision n)) :
    φ.toNat ≤ linearBound (M.precision n) n M.spaceFactor := by
  have h := Nat.mul_le_mul (show 1 ≤ M.spaceFactor by simp only [spaceFactor]; omega)
    (show M.precision n ≤ M.precision n + n.log2 + 1 by omega)
  rw [Nat.one_mul] at h
  exact Nat.le_trans (Nat.le_of_lt φ.isLt) (Nat.pow_le_pow_right (by omega) h)

theorem symbol_le (M : Model) (n : Nat) (σ : BitVec M.symbolBits) :
    σ.toNat ≤ linearBound (M.precision n) n M.spaceFactor := by
  have h := Nat.mul_le_mul (show M.symbolBits ≤ M.spaceFactor by simp only [spaceFactor]; omega)
    (show 1 ≤ M.precision n + n.log2 + 1 by omega)
  rw [Nat.mul_one] at h
  exact Nat.le_trans (Nat.le_of_lt σ.isLt) (Nat.pow_le_pow_right (by omega) h)

theorem position_le (M : Model) {n i : Nat} (h : i ≤ n) : i ≤ linearBound (M.precision n) n M.spaceFactor :=
  le_linearBound h (by simp only [spaceFactor]; omega)

theorem width_add_expBits_le {L : Layer} (hL : L ∈ M.layers) : M.width + L.attention.expBits ≤ M.extraBits := by
  have : L.attention.expBits + L.attention.scoreBits ≤ _ := le_greatest <|
    List.mem_map_of_mem (f := fun L : Layer => L.attention.expBits + L.attention.scoreBits) hL
  simp only [extraBits]
  omega

/-- The local maps of a well-formed quantised model are computable in linear space by register programs. -/
theorem programs (hM : M.WF) : M.toTransformer.LinearSpacePrograms where
  prec := by
    refine ⟨M.precisionTerm.program 1, 2 * M.precisionTerm.deg, fun n => ?_⟩
    have h := M.precisionTerm.program_yields (args := [n]) (X := n + 2) (by omega) (by simp)
    have e : M.precisionTerm.eval [n] = M.precision n := by simp [precisionTerm, precision]
    rw [e] at h
    exact ⟨h.1, Nat.le_trans h.2 (pow_le_linearBound_zero n _)⟩
  embed := by
    obtain ⟨P, c, h⟩ := M.embedTerm.yields 3 M.spaceFactor
    refine ⟨P, c, fun n i σ hi => ?_⟩
    have := h (M.precision n) n [n, i, σ.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨M.position_le (Nat.le_refl n), M.position_le (Nat.le_of_lt hi), M.symbol_le n σ, by simp⟩)
    rwa [eval_embedTerm hM] at this
  similarity := by
    intro B hB H' hH
    obtain ⟨L, hL, rfl⟩ := List.mem_map.1 hB
    obtain ⟨H, hH, rfl⟩ := List.mem_map.1 hH
    obtain ⟨P, c, h⟩ := (L.attention.similarityTerm M.extraBits M.width M.dim H).yields 5 M.spaceFactor
    refine ⟨P, c, fun n i j a b hi hj => ?_⟩
    have := h (M.precision n) n [n, i, j, a.toNat, b.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨M.position_le (Nat.le_refl n), M.position_le (Nat.le_of_lt hi), M.position_le (Nat.le_of_lt hj),
        M.state_le n a, M.state_le n b, by simp⟩)
    have hk := width_add_expBits_le hL
    rwa [Attention.eval_similarityTerm (D := M.stateDim) (by have := hM.1; omega) hM.1 hk a b] at this
  weighting := by
    intro B hB H' hH
    obtain ⟨L, hL, rfl⟩ := List.mem_map.1 hB
    obtain ⟨H, hH, rfl⟩ := List.mem_map.1 hH
    obtain ⟨P, c, h⟩ := (L.attention.weightingTerm M.extraBits M.width M.dim M.stateDim H).yields 6 M.spaceFactor
    refine ⟨P, c, fun n i j s Z a hi hj => ?_⟩
    have := h (M.precision n) n [n, i, j, s.toNat, Z.toNat, a.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨M.position_le (Nat.le_refl n), M.position_le (Nat.le_of_lt hi), M.position_le (Nat.le_of_lt hj),
        M.float_le n s, M.float_le n Z, M.state_le n a, by simp⟩)
    have hk := width_add_expBits_le hL
    rwa [Attention.eval_weightingTerm (D := M.stateDim) (by have := hM.1; omega) hM.1 hk s Z a] at this
  activation := by
    intro B hB
    obtain ⟨L, hL, rfl⟩ := List.mem_map.1 hB
    obtain ⟨P, c, h⟩ := (activationTerm M.extraBits M.width M.dim M.stateDim L).yields
      (3 + L.attention.heads.length) M.spaceFactor
    refine ⟨P, c, fun n i as a hi hl => ?_⟩
    have hl : as.length = L.attention.heads.length := by simpa [Layer.toBlock] using hl
    have := h (M.precision n) n (n :: i :: a.toNat :: as.map BitVec.toNat) (by simp [hl]; omega) (by
      simp only [List.forall_mem_cons, List.mem_map]
      refine ⟨M.position_le (Nat.le_refl n), M.position_le (Nat.le_of_lt hi), M.state_le n a, ?_⟩
      rintro _ ⟨b, -, rfl⟩
      exact M.state_le n b)
    have hk := width_add_expBits_le hL
    rwa [eval_activationTerm (D := M.stateDim) (hM.2.2.2.1 L hL) hM.1 (by omega) hl a] at this
  accept := by
    obtain ⟨P, c, h⟩ := M.acceptTerm.yields 2 M.spaceFactor
    refine ⟨P, c, fun n a => ?_⟩
    have := h (M.precision n) n [n, a.toNat] rfl (by
      simp only [List.forall_mem_cons]
      exact ⟨M.position_le (Nat.le_refl n), M.state_le n a, by simp⟩)
    rwa [eval_acceptTerm hM] at this

/-- **The local maps of a well-formed quantised model are computable in linear space**, by Turing machines. -/
theorem linearSpace (hM : M.WF) : M.toTransformer.LinearSpace :=
  (Transformer.linearSpace_iff M.logPrecision).2 (programs hM)

/-- **Every well-formed quantised model is in log-uniform TC0**: the set of the words that it accepts, as bit strings,
is decided by a family of threshold circuits of constant depth and polynomial size that is generated in logarithmic
space. On words beyond the ends of its tables the model is the one whose tables read 0 there
(`Logprec.Quantised.Defs`). -/
theorem language_mem_logUniformTC0 (hM : M.WF) : Class.LogUniformTC0 M.toTransformer.language :=
  M.toTransformer.language_mem_logUniformTC0 M.logPrecision (programs hM)

end Model

end Logprec.Quantised
