import Logprec.Simulation.AverageHard

/-!
# A transformer with average-hard attention

MAJORITY among the marked positions: a symbol is a mark and a vote, and the votes of the positions with the greatest
mark are counted. One layer, logarithmic precision, local maps in linear space.
-/

namespace Logprec.Examples

open Space Term

/-- The precision: enough exponents for scores 0 and 1. -/
def markedPrec (n : Nat) : Nat := 2 * (n.log2 + 1) + 4

/-- The string of a vote as a float: 1 or -1. -/
def vote (n : Nat) (yes : Bool) : BitVec (markedPrec n) :=
  .ofNat _ (1 + if yes then 0 else 2 ^ (markedPrec n / 2 - 1))

/-- The head: the score is the mark (bit 0), the value is the vote (bit 1). -/
def markedHead : Head 1 markedPrec :=
  .averageHard (fun _ _ _ _ hj => hj.toNat % 2) fun n _ _ hj => .ofNat _ (vote n (hj.toNat.testBit 1)).toNat

/-- MAJORITY among the marked positions (among all, if none is marked). The first state is the symbol; the head sums the
votes; the sign of the sum decides. -/
def markedMajority : Transformer where
  symbolBits := 2
  dim := 1
  prec := markedPrec
  embed _ _ σ := .ofNat _ σ.toNat
  blocks := [{ heads := [markedHead], activation := fun _ _ as _ => as.headD 0 }]
  accept _ h := decide (0 < Float.scaled (h.coord 0))

private theorem prec_bounds (n : Nat) : 4 ≤ markedPrec n ∧ markedPrec n ≤ 6 * (n.log2 + 1) := by
  unfold markedPrec; omega

/-- The precision is logarithmic. -/
theorem markedMajority_logPrecision : markedMajority.LogPrecision 6 := fun n => (prec_bounds n).2

private def precT : Term := 2 * (log2 (.var 0) + 1) + 4

private theorem eval_precT (n : Nat) (ρ : List Nat) : precT.eval (n :: ρ) = markedPrec n := by
  simp [precT, markedPrec]

private def halfT : Term := .pow2 (log2 (.var 0) + 2) (2 * (.var 0 + 2) * 2)

private theorem eval_halfT (n : Nat) (ρ : List Nat) : halfT.eval (n :: ρ) = 2 ^ (markedPrec n / 2 - 1) := by
  have h : 2 ^ n.log2 ≤ n + 1 := by
    rcases Nat.eq_zero_or_pos n with rfl | h
    · simp
    · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
  have e : markedPrec n / 2 - 1 = n.log2 + 2 := by unfold markedPrec; omega
  simp only [halfT, eval_pow2, eval_add, eval_log2, eval_var, List.getD_cons_zero, eval_ofNat, eval_mul, e]
  rw [Nat.pow_add]
  omega

private theorem vote_lt (n : Nat) (yes : Bool) :
    1 + (if yes then 0 else 2 ^ (markedPrec n / 2 - 1)) < 2 ^ markedPrec n := by
  have h : 2 ^ (markedPrec n / 2 - 1 + 1) ≤ 2 ^ markedPrec n := Nat.pow_le_pow_right (by omega) (by
    have := (prec_bounds n).1; omega)
  have h' : 2 ^ 1 ≤ 2 ^ (markedPrec n / 2 - 1) := Nat.pow_le_pow_right (by omega) (by
    have := (prec_bounds n).1; unfold markedPrec; omega)
  rw [Nat.pow_succ] at h
  cases yes
  · simp only [Bool.false_eq_true, if_false]; omega
  · simp only [if_true]; omega

/-- The head is computable in linear space. -/
theorem markedHead_programs : markedHead.LinearSpacePrograms := by
  refine Head.averageHard_programs (c := 6) (fun n => (prec_bounds n).1) (fun n => (prec_bounds n).2) precT
    (.var 4 % 2) (1 + .ite (testBit (.var 5) 1) 0 halfT) eval_precT (fun n i j hi hj => rfl) fun n i j s Z hj => ?_
  have h := vote_lt n (hj.toNat.testBit 1)
  have hlt : 1 + (if hj.toNat.testBit 1 then 0 else 2 ^ (markedPrec n / 2 - 1)) < 2 ^ (1 * markedPrec n) := by
    simpa using h
  rw [BitVec.toNat_ofNat, vote, BitVec.toNat_ofNat, Nat.mod_eq_of_lt h, Nat.mod_eq_of_lt hlt]
  simp only [eval_add, eval_ofNat, eval_ite, eval_testBit, eval_var, eval_halfT]
  cases hb : hj.toNat.testBit 1 <;> simp [hb]

private theorem positive_iff (n : Nat) (h : State 1 (markedPrec n)) : decide (0 < Float.scaled (h.coord 0)) =
    decide (0 < h.toNat % (2 * 2 ^ (markedPrec n / 2 - 1)) ∧
      h.toNat % (2 * 2 ^ (markedPrec n / 2 - 1)) < 2 ^ (markedPrec n / 2 - 1)) := by
  have hc : (h.coord 0).toNat = h.toNat := by
    have : h.toNat < 2 ^ (1 * markedPrec n) := h.isLt
    rw [State.coord, BitVec.toNat_ofNat, Nat.zero_mul, Nat.pow_zero, Nat.div_one,
      Nat.mod_eq_of_lt (by simpa using this)]
  have h₂ : 2 ^ (markedPrec n / 2) = 2 * 2 ^ (markedPrec n / 2 - 1) := by
    rw [← Nat.pow_succ']; congr 1; have := (prec_bounds n).1; omega
  rw [decide_eq_decide, Float.scaled, Float.mantissa, hc, h₂, Float.toInt, Float.sign, Float.magnitude]
  have hm := Nat.mod_lt h.toNat (show 0 < 2 * 2 ^ (markedPrec n / 2 - 1) by
    have := Nat.two_pow_pos (markedPrec n / 2 - 1); omega)
  generalize hQ : 2 ^ (markedPrec n / 2 - 1) = Q at *
  have hpos : (0 : Int) < 2 ^ (Float.exponent (h.coord 0) + Float.imax (markedPrec n / 2)).toNat :=
    Int.pow_pos (by omega)
  generalize (2 : Int) ^ (Float.exponent (h.coord 0) + Float.imax (markedPrec n / 2)).toNat = E at *
  generalize h.toNat % (2 * Q) = m at *
  have sign : m.testBit (markedPrec n / 2 - 1) = decide (Q ≤ m) := by
    rw [Nat.testBit_eq_decide_div_mod_eq, hQ, decide_eq_decide]
    constructor
    · intro h; refine Nat.not_lt.1 fun hlt => ?_; rw [Nat.div_eq_of_lt hlt] at h; simp at h
    · intro h; rw [show m / Q = 1 from Nat.div_eq_of_lt_le (by omega) (by omega)]
  rw [sign]
  by_cases hle : Q ≤ m
  · rw [decide_eq_true hle, if_pos rfl]
    constructor
    · intro h
      have := Int.mul_nonneg (show (0 : Int) ≤ ((m % Q : Nat) : Int) by omega) (Int.le_of_lt hpos)
      rw [Int.neg_mul] at h
      omega
    · omega
  · rw [decide_eq_false hle, Nat.mod_eq_of_lt (by omega)]
    simp only [Bool.false_eq_true, if_false]
    constructor
    · intro h
      refine ⟨?_, by omega⟩
      rcases Nat.eq_zero_or_pos m with rfl | hm
      · simp at h
      · exact hm
    · exact fun h => Int.mul_pos (by omega) hpos

/-- The local maps are computable in linear space. -/
theorem markedMajority_programs : markedMajority.LinearSpacePrograms where
  prec := ⟨precT.program 1, 2 * precT.deg, fun n => by
    have := precT.program_yields (args := [n]) (X := n + 2) (by omega) (by simp)
    rw [eval_precT] at this
    exact ⟨this.1, Nat.le_trans this.2 (pow_le_linearBound_zero n _)⟩⟩
  embed := by
    obtain ⟨P, c, hP⟩ := Term.yields (.var 2) 3 1
    refine ⟨P, c, fun n i σ hi => ?_⟩
    have hσ : σ.toNat < 2 ^ 2 := σ.isLt
    have h₁ : 2 ^ 2 ≤ 2 ^ (1 * markedPrec n) := Nat.pow_le_pow_right (by omega) (by have := (prec_bounds n).1; omega)
    have h₂ : 2 ^ (1 * markedPrec n) ≤ linearBound (markedPrec n) n 1 := Nat.pow_le_pow_right (by omega) (by omega)
    have := hP (markedPrec n) n [n, i, σ.toNat] rfl (by
      have h₃ := le_linearBound (p := markedPrec n) (Nat.le_refl n) (Nat.le_refl 1)
      have h₄ := le_linearBound (p := markedPrec n) (Nat.le_of_lt hi) (Nat.le_refl 1)
      simp [h₃, h₄]
      omega)
    have e : (markedMajority.embed n i σ).toNat = σ.toNat :=
      (BitVec.toNat_ofNat ..).trans (Nat.mod_eq_of_lt (show σ.toNat < 2 ^ (1 * markedPrec n) by omega))
    rw [e]
    exact this
  similarity B hB H hH := by
    simp only [markedMajority, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    exact markedHead_programs.similarity
  weighting B hB H hH := by
    simp only [markedMajority, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    subst hH
    exact markedHead_programs.weighting
  activation B hB := by
    simp only [markedMajority, List.mem_singleton] at hB
    subst hB
    obtain ⟨P, c, hP⟩ := Term.yields (.var 3) 4 1
    refine ⟨P, c, fun n i as hi hin hlen => ?_⟩
    match as, hlen with
    | [a], _ =>
      refine hP (markedPrec n) n [n, i, hi.toNat, a.toNat] rfl ?_
      have h₃ := le_linearBound (p := markedPrec n) (Nat.le_refl n) (Nat.le_refl 1)
      have h₄ := le_linearBound (p := markedPrec n) (Nat.le_of_lt hin) (Nat.le_refl 1)
      have h₅ := toNat_le_linearBound (p := markedPrec n) (n := n) hi (Nat.le_refl 1)
      have h₆ := toNat_le_linearBound (p := markedPrec n) (n := n) a (Nat.le_refl 1)
      simp [h₃, h₄, h₅, h₆]
  accept := by
    obtain ⟨P, c, hP⟩ := Term.yields
      (Term.and (.lt 0 (.var 1 % (2 * halfT))) (.lt (.var 1 % (2 * halfT)) halfT)) 2 1
    refine ⟨P, c, fun n h => ?_⟩
    have := hP (markedPrec n) n [n, h.toNat] rfl (by
      have h₃ := le_linearBound (p := markedPrec n) (Nat.le_refl n) (Nat.le_refl 1)
      have h₅ := toNat_le_linearBound (p := markedPrec n) (n := n) h (Nat.le_refl 1)
      simp [h₃, h₅])
    have e : markedMajority.accept n h = _ := positive_iff n h
    rw [e]
    refine ⟨this.1.trans ?_, this.2⟩
    simp [eval_halfT, Nat.pos_iff_ne_zero]

/-- A transformer with average-hard attention satisfies the hypotheses of the theorem. -/
theorem markedMajority_logUniformTC0 : Class.LogUniformTC0 markedMajority.language :=
  markedMajority.language_mem_logUniformTC0 markedMajority_logPrecision markedMajority_programs

end Logprec.Examples
