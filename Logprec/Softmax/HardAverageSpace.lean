import Logprec.Simulation.MarkedMajority
import Logprec.Softmax.Expr
import Logprec.Softmax.HardAverage

/-!
# Averaging hard attention is computable in linear space

When scores are given by a term and values by expressions, then the similarity and the weighting of a head that averages
the values of greatest score are computable in linear space. An instance: the average of the votes at the marked
positions.
-/

namespace Logprec

open Space Term FloatExpr

/-- The number of positions of greatest score, from variable 4, the sum of the similarities; `b` bits for a score. -/
def leadCountTerm (C : PrecTerms) (b : Term) : Term :=
  fMag C (.var 4) * pow2 (fExpo C (.var 4) - Term.lead (.var 4) C.l C.Q / b * b) (.var 0 + 1) /
    pow2 (Term.lead (.var 4) C.l C.Q / b * b - fExpo C (.var 4)) (fMag C (.var 4) + 1)

/-- Its value. -/
theorem eval_leadCountTerm {C : PrecTerms} {n i j s p : Nat} {Z : BitVec p} {ρ : List Nat}
    (hC : C.Holds (n :: i :: j :: s :: Z.toNat :: ρ) p) :
    (leadCountTerm C (log2 (.var 0) + 1)).eval (n :: i :: j :: s :: Z.toNat :: ρ) =
      Float.leadCount (n.log2 + 1) Z := by
  have hZ : (Term.var 4).eval (n :: i :: j :: s :: Z.toNat :: ρ) = Z.toNat := rfl
  have hl := eval_lead hC.le hZ hC.l hC.Q
  have hb : (log2 (.var 0) + 1).eval (n :: i :: j :: s :: Z.toNat :: ρ) = n.log2 + 1 := by simp
  have hF : (Term.lead (.var 4) C.l C.Q / (log2 (.var 0) + 1) * (log2 (.var 0) + 1)).eval
      (n :: i :: j :: s :: Z.toNat :: ρ) = Float.lead Z / (n.log2 + 1) * (n.log2 + 1) := by
    rw [eval_mul, eval_div, hl, hb]
  have hE := eval_fExpo hC hZ
  have hM := eval_fMag hC hZ
  have k₁ : (fExpo C (.var 4) - Term.lead (.var 4) C.l C.Q / (log2 (.var 0) + 1) * (log2 (.var 0) + 1)).eval
      (n :: i :: j :: s :: Z.toNat :: ρ) = Float.expo Z - Float.lead Z / (n.log2 + 1) * (n.log2 + 1) := by
    rw [eval_sub, hE, hF]
  have k₂ : (Term.lead (.var 4) C.l C.Q / (log2 (.var 0) + 1) * (log2 (.var 0) + 1) - fExpo C (.var 4)).eval
      (n :: i :: j :: s :: Z.toNat :: ρ) = Float.lead Z / (n.log2 + 1) * (n.log2 + 1) - Float.expo Z := by
    rw [eval_sub, hE, hF]
  have hle : Float.expo Z ≤ Float.lead Z := Nat.le_add_left _ _
  have hdiv := Nat.div_add_mod' (Float.lead Z) (n.log2 + 1)
  have hmod := Nat.mod_lt (Float.lead Z) (show 0 < n.log2 + 1 by omega)
  have hn : 2 ^ n.log2 ≤ n + 1 := by
    rcases Nat.eq_zero_or_pos n with rfl | h
    · simp
    · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
  rw [leadCountTerm, eval_div, eval_mul, eval_pow2, eval_pow2, k₁, k₂, eval_add, eval_add, hM, Float.leadCount,
    Float.shiftBy]
  generalize Float.lead Z / (n.log2 + 1) * (n.log2 + 1) = F at *
  have h₁ := Nat.pow_le_pow_right (show 0 < 2 by omega) (show Float.expo Z - F ≤ n.log2 by omega)
  rw [show ((Float.expo Z : Int) - (F : Nat)).toNat = Float.expo Z - F by omega,
    show (-((Float.expo Z : Int) - (F : Nat))).toNat = F - Float.expo Z by omega]
  simp only [eval_var, List.getD_cons_zero, eval_ofNat]
  rw [Nat.min_eq_left (Nat.le_trans h₁ hn)]
  by_cases h : F ≤ Float.expo Z
  · rw [show F - Float.expo Z = 0 by omega, Nat.pow_zero, Nat.min_eq_left (by omega)]
  · rw [show Float.expo Z - F = 0 by omega, Nat.pow_zero, Nat.mul_one]
    rcases Nat.le_total (2 ^ (F - Float.expo Z)) (Float.mag Z + 1) with h' | h'
    · rw [Nat.min_eq_left h']
    · rw [Nat.min_eq_right h', Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]

/-- **Averaging hard attention is computable in linear space**, at logarithmic precision, when the precision and the
scores are given by terms, and the values by expressions. Variable 0 is `n`, and the others are the positions and the
states in the order of the arguments. -/
theorem Head.hardAverage_programs {D : Nat} {p : Nat → Nat} {c : Nat} (hp : ∀ n, 4 ≤ p n)
    (hc : ∀ n, p n ≤ c * (n.log2 + 1)) {score : (n i j : Nat) → (hi hj : State D (p n)) → Nat}
    {value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)} (prec scoreT : Term) (es : List FloatExpr)
    (hprec : ∀ n ρ, prec.eval (n :: ρ) = p n)
    (hscore : ∀ n i j hi hj, scoreT.eval [n, i, j, hi.toNat, hj.toNat] = score n i j hi hj)
    (hvalue : ∀ n i j s Z hj, (value n i j hj).toList = es.map (FloatExpr.eval (p n) [n, i, j, s, Z, hj.toNat])) :
    (hardAverage score value).LinearSpacePrograms where
  similarity := (averageHard_programs (value := fun _ _ _ _ => 0) hp hc prec scoreT 0 hprec hscore fun _ _ _ _ _ _ =>
    BitVec.toNat_zero.symm).similarity
  weighting := by
    let C := precTerms prec c
    have hC : ∀ n ρ, C.Holds (n :: ρ) (p n) := fun n ρ => holds_precTerms (hprec n ρ) (hp n) (hc n)
    obtain ⟨P, c', hP⟩ := yields (.ite (.eq (lead (.var 3) C.l C.Q / (log2 (.var 0) + 1))
      (lead (.var 4) C.l C.Q / (log2 (.var 0) + 1)))
      (vector C prec c D (es.map fun e => .div e (.nat (leadCountTerm C (log2 (.var 0) + 1))))) 0) 6 (D + 1)
    refine ⟨P, c', fun n i j s Z hj hin hjn => ?_⟩
    have := hP (p n) n [n, i, j, s.toNat, Z.toNat, hj.toNat] rfl (by
      have word : ∀ φ : BitVec (p n), φ.toNat ≤ linearBound (p n) n (D + 1) := fun φ =>
        Nat.le_trans (Nat.le_of_lt φ.isLt) (Nat.pow_le_pow_right (by omega) (by
          have := Nat.mul_le_mul (show 1 ≤ D + 1 by omega) (show p n ≤ p n + n.log2 + 1 by omega)
          omega))
      simp only [List.forall_mem_cons]
      exact ⟨le_linearBound (Nat.le_refl _) (by omega), le_linearBound (by omega) (by omega),
        le_linearBound (by omega) (by omega), word s, word Z, toNat_le_linearBound hj (by omega), by simp⟩)
    have hC := hC n [i, j, s.toNat, Z.toNat, hj.toNat]
    have e : (value n i j hj).divide (Float.leadCount (n.log2 + 1) Z) = State.ofList D (p n)
        ((es.map fun e => FloatExpr.div e (.nat (leadCountTerm C (log2 (.var 0) + 1)))).map
          (FloatExpr.eval (p n) [n, i, j, s.toNat, Z.toNat, hj.toNat])) := by
      rw [State.divide, hvalue n i j s.toNat Z.toNat hj, List.map_map, List.map_map]
      congr 1
      refine List.map_congr_left fun e _ => ?_
      simp only [Function.comp, FloatExpr.eval, eval_leadCountTerm hC]
    have hb : (log2 (.var 0) + 1).eval [n, i, j, s.toNat, Z.toNat, hj.toNat] = n.log2 + 1 := by simp
    rw [eval_ite, eval_eq, eval_div, eval_div, eval_lead (φ := s) hC.le rfl hC.l hC.Q,
      eval_lead (φ := Z) hC.le rfl hC.l hC.Q, hb, eval_vector hC (hprec n _) (hc n), ← e] at this
    refine ⟨this.1.trans ?_, this.2⟩
    by_cases h : Float.lead s / (n.log2 + 1) = Float.lead Z / (n.log2 + 1)
    · simp [hardAverage, h]
    · simp [hardAverage, h]

/-! ## An instance -/

namespace Examples

/-- The value of a position: the vote, 1 or -1, which is bit 1 of the state. -/
def markedVote (n : Nat) (h : State 1 (markedPrec n)) : State 1 (markedPrec n) :=
  State.ofList 1 (markedPrec n) [Float.ofWeight (markedPrec n) (if h.toNat.testBit 1 then (1, 0) else (-1, 0))]

/-- The head: it averages the votes at the marked positions (at all positions, if none is marked). -/
def markedAverageHead : Head 1 markedPrec :=
  .hardAverage (fun _ _ _ _ hj => hj.toNat % 2) fun n _ _ hj => markedVote n hj

/-- `markedMajority` with the average of the votes in place of their sum. -/
def markedAverage : Transformer :=
  { markedMajority with blocks := [{ heads := [markedAverageHead], activation := fun _ _ as _ => as.headD 0 }] }

/-- What the head computes: the average of the votes at the positions of greatest mark. -/
theorem attend_markedAverageHead (n i : Nat) (h : Nat → State 1 (markedPrec n)) :
    markedAverageHead.attend n h i =
      let js := (List.range n).filter fun j => decide (∀ k < n, (h k).toNat % 2 ≤ (h j).toNat % 2)
      State.sum (js.map fun j => (markedVote n (h j)).divide js.length) := by
  have e : markedPrec n / 2 - 1 = n.log2 + 2 := by unfold markedPrec; omega
  have hn : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  have hb : n.log2 + 1 < 2 ^ (n.log2 + 1) := Nat.lt_two_pow_self
  refine Head.attend_hardAverage _ _ n i h (by unfold markedPrec; omega) ?_ fun j _ => ?_
  · rw [e, Nat.pow_succ]; omega
  · have hI := Float.imax_add_one (markedPrec n / 2)
    rw [e, Nat.pow_succ] at hI
    have := Nat.mul_le_mul_right (n.log2 + 1) (show (h j).toNat % 2 ≤ 1 by omega)
    omega

/-- The head is computable in linear space. -/
theorem markedAverageHead_programs : markedAverageHead.LinearSpacePrograms := by
  refine Head.hardAverage_programs (c := 6) (fun n => by unfold markedPrec; omega)
    (fun n => by unfold markedPrec; omega) (2 * (log2 (.var 0) + 1) + 4) (.var 4 % 2)
    [.ite (testBit (.var 5) 1) (.weight (1, 0)) (.weight (-1, 0))] (fun n ρ => by simp [markedPrec])
    (fun n i j hi hj => rfl) fun n i j s Z hj => ?_
  have h : (markedVote n hj).toList = [(markedVote n hj).coord 0] := rfl
  rw [h, markedVote, State.ofList, State.coord_ofCoords _ (by omega)]
  simp only [List.map_cons, List.map_nil, FloatExpr.eval, eval_testBit, eval_var, eval_ofNat]
  cases hb : hj.toNat.testBit 1 <;> simp [hb]

/-- A transformer with an average-hard head that averages satisfies the hypotheses of the theorem. -/
theorem markedAverage_programs : markedAverage.LinearSpacePrograms where
  prec := markedMajority_programs.prec
  embed := markedMajority_programs.embed
  similarity B hB H hH := by
    simp only [markedAverage, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    exact markedAverageHead_programs.similarity
  weighting B hB H hH := by
    simp only [markedAverage, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    exact markedAverageHead_programs.weighting
  activation B hB := by
    simp only [markedAverage, List.mem_singleton] at hB
    subst hB
    exact markedMajority_programs.activation { heads := [markedHead], activation := fun _ _ as _ => as.headD 0 }
      (List.mem_singleton.2 rfl)
  accept := markedMajority_programs.accept

/-- It is in log-uniform TC0. -/
theorem markedAverage_logUniformTC0 : Class.LogUniformTC0 markedAverage.language :=
  markedAverage.language_mem_logUniformTC0 (c := 6) markedMajority_logPrecision markedAverage_programs

end Examples

end Logprec
