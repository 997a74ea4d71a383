import Logprec.Quantised.Terms
import Logprec.Simulation.AverageHard

/-!
# The local maps of a quantised model are finite functions

What the local maps of the transformer of a quantised model depend on: saturated coordinates, and positions up to
the size of a table. So they are terms.
-/

namespace Logprec.Quantised

open Float Term

/-- The first `m` saturated numbers of the vector `var v`, with their bounds. -/
def stateFeatures (k w v m : Nat) : List (Term × Nat) := (List.range m).map fun c => (coordTerm k w v c, 2 ^ w)

/-- The numbers of `m` codes. -/
def ofCodes (w m : Nat) (vs : List Nat) : List Int := (vs.take m).map fun (x : Nat) => (x : Int) - half w

section

variable {k n w v m d D : Nat} {ρ : List Nat}

theorem fits_ofState (w m : Nat) {D p : Nat} (h : State D p) : Fits w (ofState w m h) := fits_map_sat _ _

@[simp] theorem length_ofState (w m : Nat) {D p : Nat} (h : State D p) : (ofState w m h).length = m := by
  simp [ofState]

theorem code_sub_half {z : Int} (h : -half w ≤ z ∧ z < half w) : ((code (half w) z : Nat) : Int) - half w = z := by
  rw [code]
  omega

/-- Codes are read back. -/
theorem ofCodes_codes {v : List Int} (hv : Fits w v) (hm : v.length = m) (vs : List Nat) :
    ofCodes w m (codes w v ++ vs) = v := by
  subst hm
  rw [ofCodes, List.take_append_of_le_length (by simp), List.take_of_length_le (by simp), codes, List.map_map]
  conv => rhs; rw [← List.map_id v]
  exact List.map_congr_left fun z hz => code_sub_half (hv z hz)

/-- A saturated coordinate of a state. -/
theorem eval_coordTerm_state {c : Nat} (hn : ρ.getD 0 0 = n) {h : State D (2 * mantissaBits k n)}
    (hv : ρ.getD v 0 = h.toNat) : (coordTerm k w v c).eval ρ = code (half w) (sat w (mantissa (h.coord c))) :=
  eval_coordTerm hn hv (by rw [State.coord, BitVec.toNat_ofNat])

/-- The saturated numbers of a state. -/
theorem eval_stateFeatures (hn : ρ.getD 0 0 = n) {h : State D (2 * mantissaBits k n)} (hv : ρ.getD v 0 = h.toNat) :
    ((stateFeatures k w v m).map fun t => t.1.eval ρ) = codes w (ofState w m h) := by
  simp only [stateFeatures, codes, ofState, List.map_map]
  exact List.map_congr_left fun c _ => eval_coordTerm_state hn hv

theorem stateFeatures_lt (hw : 1 ≤ w) (hn : ρ.getD 0 0 = n) {h : State D (2 * mantissaBits k n)}
    (hv : ρ.getD v 0 = h.toNat) : ∀ t ∈ stateFeatures k w v m, t.1.eval ρ < t.2 := by
  intro t ht
  obtain ⟨c, -, rfl⟩ := List.mem_map.1 ht
  exact eval_coordTerm_state hn hv ▸ code_sat_lt hw _

/-! ## Positions -/

/-- A table may be read at the position, cut off at its size. -/
theorem getD_min {α : Type} {a : Array α} {K : Nat} (h : a.size ≤ K) (i : Nat) (x : α) :
    a.getD (min i K) x = a.getD i x := by
  by_cases hi : i ≤ K
  · rw [Nat.min_eq_left hi]
  · simp [Array.getD, Nat.not_lt.2 (show a.size ≤ min i K by omega), Nat.not_lt.2 (show a.size ≤ i by omega)]

/-- What a rotation depends on. -/
def rotationSize (R : Option Rotation) : Nat := R.elim 0 fun R => R.table.size

/-- A rotation, from the position cut off at the size of its table. -/
theorem optRotate_min {R : Option Rotation} {K : Nat} (h : rotationSize R ≤ K) (i : Nat) (x : List Int) :
    optRotate w R (min i K) x = optRotate w R i x := by
  cases R with
  | none => rfl
  | some R =>
    simp only [optRotate, Option.elim, Rotation.apply]
    rw [getD_min h]

/-- What the score depends on: the distance, cut off at the size of its table. -/
theorem score_min {A : Attention} {H : Head} {K : Nat} (h : H.distance.size ≤ K) (i j : Nat)
    (q x : List Int) : A.score H (min (i - j) K) (min (j - i) K) q x = A.score H i j q x := by
  have e : max (min (i - j) K) (min (j - i) K) - min (min (i - j) K) (min (j - i) K) =
      min (max i j - min i j) K := by omega
  rw [Attention.score, Attention.score, e, getD_min h]

/-- What the mask depends on. -/
theorem sees_min {A : Attention} {K : Nat} (h1 : 1 ≤ K) (i j : Nat) :
    A.sees (min (i - j) K) (min (j - i) K) = A.sees i j := by
  have e₁ : decide (min (i - j) K < min (j - i) K) = decide (i < j) := decide_eq_decide.2 (by omega)
  rw [Attention.sees, Attention.sees, e₁]

end

/-! ## Similarity and weighting -/

namespace Attention

variable {A : Attention} {H : Head} {k n w d D i j : Nat}

/-- The greatest position or distance that matters. -/
def cutoff (H : Head) : Nat := max 1 (max (rotationSize H.rotation) H.distance.size)

/-- `⌊log₂ n⌋ + 1`, as a term. -/
def logTerm : Term := log2 (var 0) + 1

/-- The level that a head gives, or the weight of that level, as a term of `n`, the positions, and the two states. -/
def levelTerm (k w d : Nat) (A : Attention) (H : Head) (weight : Nat → Nat) : Term :=
  let K := cutoff H
  let fs := [(Term.min (var 1) (lit K), K + 1), (Term.min (var 2) (lit K), K + 1),
    (Term.min (var 1 - var 2) (lit K), K + 1), (Term.min (var 2 - var 1) (lit K), K + 1)] ++
    (stateFeatures k w 3 d ++ stateFeatures k w 4 d)
  let F : List Nat → Nat
    | a :: b :: i :: j :: vs => weight <| if A.sees i j then
        A.score H i j (optRotate w H.rotation a (H.query.apply w (optNorm w A.norm (ofCodes w d vs))))
          (optRotate w H.rotation b (H.key.apply w (optNorm w A.norm (ofCodes w d (vs.drop d))))) + 1
        else 0
    | _ => 0
  finite F fs

/-- Its value. -/
theorem eval_levelTerm (hw : 1 ≤ w) (weight : Nat → Nat) (hi hj : State D (2 * mantissaBits k n)) :
    (levelTerm k w d A H weight).eval [n, i, j, hi.toNat, hj.toNat] =
      weight (A.level w H i j (optNorm w A.norm (ofState w d hi)) (optNorm w A.norm (ofState w d hj))) := by
  have hK : 1 ≤ cutoff H ∧ rotationSize H.rotation ≤ cutoff H ∧ H.distance.size ≤ cutoff H := by
    simp only [cutoff]; omega
  rw [levelTerm, eval_finite, List.map_append, List.map_append, eval_stateFeatures rfl (h := hi) rfl,
    eval_stateFeatures rfl (h := hj) rfl]
  · simp only [List.map_cons, List.map_nil, List.cons_append, List.nil_append, eval_min, eval_var, eval_sub, eval_lit,
      List.getD_cons_zero, List.getD_cons_succ, Nat.min_def]
    simp only [← Nat.min_def]
    rw [ofCodes_codes (fits_ofState _ _ _) (by simp), List.drop_left' (by simp),
      show codes w (ofState w d hj) = codes w (ofState w d hj) ++ [] by simp,
      ofCodes_codes (fits_ofState _ _ _) (by simp), optRotate_min hK.2.1, optRotate_min hK.2.1,
      score_min hK.2.2, sees_min hK.1]
    rfl
  · intro t ht
    simp only [List.mem_append, List.mem_cons, List.not_mem_nil, or_false] at ht
    rcases ht with (rfl | rfl | rfl | rfl) | ht | ht
    · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
    · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
    · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
    · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
    · exact stateFeatures_lt hw rfl (h := hi) rfl t ht
    · exact stateFeatures_lt hw rfl (h := hj) rfl t ht

theorem eval_half_unitTerm (k n : Nat) (ρ : List Nat) :
    (unitTerm k / 2).eval (n :: ρ) = 2 ^ (2 * mantissaBits k n / 2 - 1) := by
  rw [eval_div, eval_unitTerm (n := n) rfl, eval_ofNat, Nat.mul_div_cancel_left _ (by omega), two_pow_mantissaBits]
  omega

/-- The similarity of a head, as a term of `n`, the positions, and the two states. -/
def similarityTerm (k w d : Nat) (A : Attention) (H : Head) : Term :=
  if A.shifted then Term.twoPow (levelTerm k w d A H id * logTerm) (unitTerm k / 2)
  else floatTerm k 0 (levelTerm k w d A H (A.levelWeight 0))

/-- The value of the similarity. -/
theorem eval_similarityTerm (hk : 1 ≤ k) (hw : 1 ≤ w) (he : w + A.expBits ≤ k)
    (hi hj : State D (2 * mantissaBits k n)) :
    (similarityTerm k w d A H).eval [n, i, j, hi.toNat, hj.toNat] =
      ((A.toHead w d D (fun n => 2 * mantissaBits k n) H).similarity n i j hi hj).toNat := by
  by_cases hA : A.shifted = true
  · simp only [similarityTerm, toHead, hA, if_true]
    refine eval_twoPow (by simp only [mantissaBits]; omega) ?_ (eval_half_unitTerm k n _)
    rw [eval_mul, eval_levelTerm hw, logTerm, eval_add, eval_log2, eval_var, eval_ofNat]
    rfl
  · have hpow := Nat.pow_le_pow_right (show 0 < 2 by omega)
      (show A.expBits ≤ mantissaBits k n - 1 by simp only [mantissaBits]; omega)
    simp only [similarityTerm, toHead, hA, if_false, Bool.false_eq_true]
    refine eval_floatTerm rfl hk ?_ ?_ ?_
    · have := A.levelWeight_lt 0
        (A.level w H i j (optNorm w A.norm (ofState w d hi)) (optNorm w A.norm (ofState w d hj)))
      rw [Int.natAbs_natCast]
      omega
    · rw [decide_eq_false (Int.not_lt.2 (Int.natCast_nonneg _))]
      rfl
    · rw [eval_levelTerm hw, Int.natAbs_natCast]

theorem clamp_sat (b : Nat) (z : Int) : clamp b (sat (b + 1) z) = clamp b z := by
  have := Nat.two_pow_pos b
  rw [clamp, clamp, sat, Nat.add_sub_cancel, show (2 : Int) ^ b = ((2 ^ b : Nat) : Int) by simp]
  omega

/-- The levels from which on weights do not change. -/
def levelCutoff (A : Attention) : Nat := A.exp.size + 2 ^ A.scoreBits + 1

theorem levelWeight_min (A : Attention) (g s : Nat) :
    A.levelWeight (min g A.levelCutoff) (min s A.levelCutoff) = A.levelWeight g s := by
  have := Nat.two_pow_pos A.scoreBits
  have hK : A.levelCutoff = A.exp.size + 2 ^ A.scoreBits + 1 := rfl
  have hl : A.levels = 2 ^ A.scoreBits - 1 := rfl
  unfold levelWeight
  by_cases h0 : s = 0
  · simp [h0]
  rw [if_neg h0, if_neg (by omega),
    show A.levels - (min g A.levelCutoff - 1) = A.levels - (g - 1) by omega]
  generalize (if A.shifted = true then A.levels - (g - 1) else 0) = c
  by_cases hs : s ≤ A.levelCutoff
  · rw [Nat.min_eq_left hs]
  · rw [Nat.min_eq_right (by omega)]
    have e : ∀ t, A.exp.size ≤ t → A.exp.getD t 0 = 0 := fun t ht => by simp [Array.getD, Nat.not_lt.2 ht]
    rw [e _ (by omega), e _ (by omega)]

/-- What a summand is multiplied with, as a term of `n`, the positions, the similarity, the sum of the similarities, and
the state. -/
def multiplierTerm (k : Nat) (A : Attention) : Term :=
  let number (v : Nat) : Term := lead (var v) (lit k + log2 (var 0)) (unitTerm k / 2) / logTerm
  let K := A.levelCutoff
  if A.shifted then
    finite (fun vs => A.levelWeight (vs.headD 0) ((vs.drop 1).headD 0))
      [(Term.min (number 4) (lit K), K + 1), (Term.min (number 3) (lit K), K + 1)]
  else finite (fun vs => clamp A.expBits ((vs.headD 0 : Int) - half (A.expBits + 1)))
    [(coordTerm k (A.expBits + 1) 3 0, 2 ^ (A.expBits + 1))]

/-- Its value. -/
theorem eval_multiplierTerm (hk : 1 ≤ k) (s Z : BitVec (2 * mantissaBits k n)) (x : Nat) :
    (multiplierTerm k A).eval [n, i, j, s.toNat, Z.toNat, x] = A.multiplier n s Z := by
  by_cases hA : A.shifted = true
  · have number : ∀ (v : Nat) (φ : BitVec (2 * mantissaBits k n)),
        [n, i, j, s.toNat, Z.toNat, x].getD v 0 = φ.toNat →
        (lead (var v) (lit k + log2 (var 0)) (unitTerm k / 2) / logTerm : Term).eval
          [n, i, j, s.toNat, Z.toNat, x] = Float.lead φ / (n.log2 + 1) := fun v φ h => by
      have l : (lit k + log2 (var 0) : Term).eval [n, i, j, s.toNat, Z.toNat, x] = 2 * mantissaBits k n / 2 - 1 := by
        rw [eval_add, eval_lit, eval_log2, eval_var, Nat.mul_div_cancel_left _ (by omega)]
        rfl
      rw [eval_div, eval_lead (φ := φ) (a := var v) (by simp only [mantissaBits]; omega) h l (eval_half_unitTerm k n _),
        logTerm, eval_add, eval_log2, eval_var, eval_ofNat]
      rfl
    simp only [multiplierTerm, multiplier, hA, if_true]
    rw [eval_finite]
    · simp only [List.map_cons, List.map_nil, List.headD_cons, List.drop_one, List.tail_cons, eval_min, eval_lit,
        number 4 Z rfl, number 3 s rfl]
      exact A.levelWeight_min _ _
    · intro t ht
      simp only [List.mem_cons, List.not_mem_nil, or_false] at ht
      rcases ht with rfl | rfl
      · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
      · exact Nat.lt_succ_of_le (by rw [eval_min]; exact Nat.min_le_right _ _)
  · have hs : (coordTerm k (A.expBits + 1) 3 0).eval [n, i, j, s.toNat, Z.toNat, x] =
        code (half (A.expBits + 1)) (sat (A.expBits + 1) (mantissa s)) :=
      eval_coordTerm (n := n) (x := s.toNat) (by simp) (by simp) (by
        rw [Nat.zero_mul, Nat.pow_zero, Nat.div_one, Nat.mod_eq_of_lt s.isLt])
    simp only [multiplierTerm, multiplier, hA, if_false, Bool.false_eq_true]
    rw [eval_finite]
    · rw [List.map_singleton, hs, List.headD_cons, code_sub_half (sat_bounds _ _), clamp_sat]
    · intro t ht
      obtain rfl := List.mem_singleton.1 ht
      exact hs ▸ code_sat_lt (by omega) _

/-- The weighting of a head, as a term of `n`, the positions, the similarity, the sum of the similarities, and the
state. -/
def weightingTerm (k w d D : Nat) (A : Attention) (H : Head) : Term :=
  finiteVector k D (fun vs =>
    (H.value.apply w (optNorm w A.norm (ofCodes w d (vs.drop 1))) ++ [1]).map fun z => ((vs.headD 0 : Nat) : Int) * z)
    ((multiplierTerm k A, 2 ^ A.expBits) :: stateFeatures k w 5 d)

/-- The value of the weighting. -/
theorem eval_weightingTerm (hk : 1 ≤ k) (hw : 1 ≤ w) (he : w + A.expBits ≤ k) (s Z : BitVec (2 * mantissaBits k n))
    (hj : State D (2 * mantissaBits k n)) :
    (weightingTerm k w d D A H).eval [n, i, j, s.toNat, Z.toNat, hj.toNat] =
      ((A.toHead w d D (fun n => 2 * mantissaBits k n) H).weighting n i j s Z hj).toNat := by
  have hs := eval_multiplierTerm (A := A) (i := i) (j := j) hk s Z hj.toNat
  refine eval_finiteVector rfl hk ?_ ?_ ?_
  · intro t ht
    rcases List.mem_cons.1 ht with rfl | ht
    · exact hs ▸ A.multiplier_lt n s Z
    · exact stateFeatures_lt hw rfl (h := hj) rfl t ht
  · rw [List.map_cons, eval_stateFeatures rfl (h := hj) rfl, hs, List.drop_one, List.tail_cons, List.headD_cons,
      show codes w (ofState w d hj) = codes w (ofState w d hj) ++ [] by simp,
      ofCodes_codes (fits_ofState _ _ _) (by simp)]
  · intro c
    have hlt := Nat.le_of_lt (A.multiplier_lt n s Z)
    have hv : ∀ z ∈ H.value.apply w (optNorm w A.norm (ofState w d hj)) ++ [1], z.natAbs ≤ 2 ^ (w - 1) := by
      intro z hz
      rcases List.mem_append.1 hz with hz | hz
      · have := Affine.fits_apply _ _ _ z hz
        rw [half_eq] at this
        omega
      · rw [List.mem_singleton.1 hz]
        exact Nat.two_pow_pos _
    have hpow := Nat.pow_lt_pow_right (show 1 < 2 by omega)
      (show A.expBits + (w - 1) < mantissaBits k n - 1 by simp only [mantissaBits]; omega)
    refine Nat.lt_of_le_of_lt ?_ hpow
    rw [Nat.pow_add, List.getD_eq_getElem?_getD, List.getElem?_map]
    cases h : (H.value.apply w (optNorm w A.norm (ofState w d hj)) ++ [1])[c]? with
    | none => simp
    | some z =>
      rw [Option.map_some, Option.getD_some, Int.natAbs_mul]
      exact Nat.mul_le_mul (by simpa using hlt) (hv z (List.mem_of_getElem? h))

end Attention

end Logprec.Quantised
