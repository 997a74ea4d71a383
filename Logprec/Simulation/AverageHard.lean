import Logprec.Simulation.Mask
import Logprec.Simulation.Template.Linear
import Logprec.Transformer.AverageHard

/-!
# Average-hard attention is computable in linear space

When scores and values are given by terms, then the similarity and the weighting of an average-hard head are given by
terms, too; so they are computable in linear space. (The head computes the sum of the values at the greatest score.)
-/

namespace Logprec

open Space

namespace Float

/-- The string of a power of two. -/
theorem toNat_twoPow {p k : Nat} (hp : 4 ≤ p) : (twoPow p k).toNat = 1 + 2 * 2 ^ (p / 2 - 1) *
    if k < 2 ^ (p / 2 - 1) - 1 then 2 ^ (p / 2 - 1) + (2 ^ (p / 2 - 1) - 1 - k)
    else (k - (2 ^ (p / 2 - 1) - 1)) % 2 ^ (p / 2 - 1) := by
  have h₁ : 2 ^ 1 ≤ 2 ^ (p / 2 - 1) := Nat.pow_le_pow_right (by omega) (by omega)
  have h₂ : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by rw [← Nat.pow_succ']; congr 1; omega
  have code : ∃ c, c < 2 ^ (p / 2) ∧ twoPow p k = BitVec.ofNat p (1 + 2 ^ (p / 2) * c) ∧ c =
      if k < 2 ^ (p / 2 - 1) - 1 then 2 ^ (p / 2 - 1) + (2 ^ (p / 2 - 1) - 1 - k)
      else (k - (2 ^ (p / 2 - 1) - 1)) % 2 ^ (p / 2 - 1) := by
    refine ⟨if k < imax (p / 2) then ofSigned (p / 2) true (imax (p / 2) - k)
      else ofSigned (p / 2) false (k - imax (p / 2)), ?_, ?_, ?_⟩
    · split <;> exact ofSigned_lt _ _ _
    · simp only [twoPow, pack]
      congr 2
      rw [ofSigned, if_neg (by omega), Nat.mod_eq_of_lt (by omega)]
      simp
    · simp only [imax, ofSigned, if_neg (show ¬ p / 2 = 0 by omega)]
      split
      · rw [Nat.mod_eq_of_lt (by omega)]; simp
      · simp
  obtain ⟨c, hc, e, ec⟩ := code
  rw [← ec, e, BitVec.toNat_ofNat, ← h₂]
  refine Nat.mod_eq_of_lt (Nat.lt_of_lt_of_le (m := 2 ^ (p / 2) * 2 ^ (p / 2)) ?_ ?_)
  · have := Nat.mul_le_mul_left (2 ^ (p / 2)) (show c + 1 ≤ 2 ^ (p / 2) from hc)
    rw [Nat.mul_add] at this; omega
  · rw [← Nat.pow_add]; exact Nat.pow_le_pow_right (by simp) (by omega)

/-- The leading bit of a float, from its string. -/
theorem lead_eq {p : Nat} (hp : 4 ≤ p) (φ : BitVec p) :
    lead φ = (φ.toNat % (2 * 2 ^ (p / 2 - 1)) % 2 ^ (p / 2 - 1)).log2 +
      let c := φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1))
      if c.testBit (p / 2 - 1) then 2 ^ (p / 2 - 1) - 1 - c % 2 ^ (p / 2 - 1)
      else c % 2 ^ (p / 2 - 1) + (2 ^ (p / 2 - 1) - 1) := by
  have h₂ : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by rw [← Nat.pow_succ']; congr 1; omega
  rw [lead, mantissa, natAbs_toInt, magnitude, exponent, toInt, sign, magnitude, imax, h₂]
  congr 1
  have h₃ := Nat.mod_lt (φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1))) (Nat.two_pow_pos (p / 2 - 1))
  simp only
  generalize φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1)) = c at *
  generalize hm : c % 2 ^ (p / 2 - 1) = m at *
  generalize 2 ^ (p / 2 - 1) = Q at *
  split <;> omega

end Float

namespace Term

/-- The term of `Float.twoPow`: from the exponent and from `2 ^ (p / 2 - 1)`. -/
def twoPow (k Q : Term) : Term := 1 + 2 * Q * .ite (.lt k (Q - 1)) (Q + (Q - 1 - k)) ((k - (Q - 1)) % Q)

/-- Its value. -/
theorem eval_twoPow {p k : Nat} {t Q : Term} {ρ : List Nat} (hp : 4 ≤ p) (ht : t.eval ρ = k)
    (hQ : Q.eval ρ = 2 ^ (p / 2 - 1)) : (twoPow t Q).eval ρ = (Float.twoPow p k).toNat := by
  rw [Float.toNat_twoPow hp]
  simp only [twoPow, eval_add, eval_mul, eval_ofNat, eval_ite, eval_lt, eval_sub, eval_mod, ht, hQ]
  by_cases h : k < 2 ^ (p / 2 - 1) - 1 <;> simp [h]

/-- The term of `Float.lead`: from the string, from `p / 2 - 1` and from `2 ^ (p / 2 - 1)`. -/
def lead (a l Q : Term) : Term :=
  log2 (a % (2 * Q) % Q) +
    .ite (testBit (a / (2 * Q) % (2 * Q)) l) (Q - 1 - a / (2 * Q) % (2 * Q) % Q)
      (a / (2 * Q) % (2 * Q) % Q + (Q - 1))

/-- Its value. -/
theorem eval_lead {p : Nat} {φ : BitVec p} {a l Q : Term} {ρ : List Nat} (hp : 4 ≤ p) (ha : a.eval ρ = φ.toNat)
    (hl : l.eval ρ = p / 2 - 1) (hQ : Q.eval ρ = 2 ^ (p / 2 - 1)) : (lead a l Q).eval ρ = Float.lead φ := by
  rw [Float.lead_eq hp]
  simp only [lead, eval_add, eval_mul, eval_ofNat, eval_ite, eval_sub, eval_mod, eval_log2, eval_testBit, eval_div,
    ha, hl, hQ]
  cases h : (φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1))).testBit (p / 2 - 1) <;> simp

end Term

/-- A head whose similarity and weighting are computable in linear space (the conditions of
`Transformer.LinearSpacePrograms` for one head). -/
structure Head.LinearSpacePrograms {D : Nat} {p : Nat → Nat} (H : Head D p) : Prop where
  /-- The similarity. -/
  similarity : ∃ (P : Prog) (c : Nat), ∀ n i j hi hj, i < n → j < n →
    P.Yields [n, i, j, hi.toNat, hj.toNat] (linearBound (p n) n c) (H.similarity n i j hi hj).toNat
  /-- The weighting. -/
  weighting : ∃ (P : Prog) (c : Nat), ∀ n i j s Z hj, i < n → j < n →
    P.Yields [n, i, j, s.toNat, Z.toNat, hj.toNat] (linearBound (p n) n c) (H.weighting n i j s Z hj).toNat

open Term in
/-- **Average-hard attention is computable in linear space**, at logarithmic precision, when the precision, the scores
and the values are given by terms. Variable 0 is `n`, and the others are the positions and the states in the order of
the arguments. -/
theorem Head.averageHard_programs {D : Nat} {p : Nat → Nat} {c : Nat} (hp : ∀ n, 4 ≤ p n)
    (hc : ∀ n, p n ≤ c * (n.log2 + 1)) {score : (n i j : Nat) → (hi hj : State D (p n)) → Nat}
    {value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)} (prec scoreT valueT : Term)
    (hprec : ∀ n ρ, prec.eval (n :: ρ) = p n)
    (hscore : ∀ n i j hi hj, scoreT.eval [n, i, j, hi.toNat, hj.toNat] = score n i j hi hj)
    (hvalue : ∀ n i j s Z hj, valueT.eval [n, i, j, s, Z, hj.toNat] = (value n i j hj).toNat) :
    (averageHard score value).LinearSpacePrograms := by
  -- powers of two, up to `2 ^ p`
  let Q : Term := .pow2 (prec / 2 - 1) (.power (.var 0 + 2) (2 * c))
  have hQ : ∀ n ρ, Q.eval (n :: ρ) = 2 ^ (p n / 2 - 1) := fun n ρ => by
    have h₁ : p n / 2 - 1 ≤ c * (n.log2 + 1) := by have := hc n; omega
    have h₂ : 2 ^ (n.log2 + 1) ≤ (n + 2) ^ 2 := by
      have : 2 ^ n.log2 ≤ n + 1 := by
        rcases Nat.eq_zero_or_pos n with rfl | h
        · simp
        · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
      rw [Nat.pow_succ]
      grind
    have h₃ : 2 ^ (p n / 2 - 1) ≤ (n + 2) ^ (2 * c) := by
      refine Nat.le_trans (Nat.pow_le_pow_right (by omega) h₁) ?_
      rw [Nat.mul_comm, Nat.pow_mul, Nat.pow_mul (n + 2)]
      exact Nat.pow_le_pow_left h₂ c
    simp only [Q, eval_pow2, eval_sub, eval_div, eval_ofNat, hprec, eval_power, eval_add, eval_var, List.getD_cons_zero]
    exact Nat.min_eq_left h₃
  have small : ∀ {n i j : Nat}, i < n → j < n → n ≤ linearBound (p n) n (D + 1) ∧ i ≤ linearBound (p n) n (D + 1) ∧
      j ≤ linearBound (p n) n (D + 1) := fun hi hj =>
    ⟨le_linearBound (Nat.le_refl _) (by omega), le_linearBound (by omega) (by omega),
      le_linearBound (by omega) (by omega)⟩
  constructor
  · obtain ⟨P, c', hP⟩ := yields (Term.twoPow (scoreT * (log2 (.var 0) + 1)) Q) 5 (D + 1)
    refine ⟨P, c', fun n i j hi hj hin hjn => ?_⟩
    have := hP (p n) n [n, i, j, hi.toNat, hj.toNat] rfl (by
      obtain ⟨h₁, h₂, h₃⟩ := small hin hjn
      have h₄ := toNat_le_linearBound (n := n) hi (show D ≤ D + 1 by omega)
      have h₅ := toNat_le_linearBound (n := n) hj (show D ≤ D + 1 by omega)
      simp [h₁, h₂, h₃, h₄, h₅])
    rwa [eval_twoPow (k := score n i j hi hj * (n.log2 + 1)) (hp n) (by simp [hscore]) (hQ n _)] at this
  · obtain ⟨P, c', hP⟩ := yields (.ite (.eq (lead (.var 3) (prec / 2 - 1) Q / (log2 (.var 0) + 1))
      (lead (.var 4) (prec / 2 - 1) Q / (log2 (.var 0) + 1))) valueT 0) 6 (D + 1)
    refine ⟨P, c', fun n i j s Z hj hin hjn => ?_⟩
    have := hP (p n) n [n, i, j, s.toNat, Z.toNat, hj.toNat] rfl (by
      obtain ⟨h₁, h₂, h₃⟩ := small hin hjn
      have word : ∀ φ : BitVec (p n), φ.toNat ≤ linearBound (p n) n (D + 1) := fun φ =>
        Nat.le_trans (Nat.le_of_lt φ.isLt) (Nat.pow_le_pow_right (by omega) (by
          have := Nat.mul_le_mul (show 1 ≤ D + 1 by omega) (show p n ≤ p n + n.log2 + 1 by omega)
          omega))
      have h₅ := toNat_le_linearBound (n := n) hj (show D ≤ D + 1 by omega)
      simp [h₁, h₂, h₃, word s, word Z, h₅])
    have l : (prec / 2 - 1).eval [n, i, j, s.toNat, Z.toNat, hj.toNat] = p n / 2 - 1 := by simp [hprec]
    rw [eval_ite, eval_eq, eval_div, eval_div, eval_lead (φ := s) (hp n) rfl l (hQ n _),
      eval_lead (φ := Z) (hp n) rfl l (hQ n _), hvalue] at this
    refine ⟨this.1.trans ?_, this.2⟩
    by_cases h : Float.lead s / (n.log2 + 1) = Float.lead Z / (n.log2 + 1)
    · simp [averageHard, h]
    · simp [averageHard, h]

end Logprec
