import Logprec.Float.Circuit
import Logprec.Float.Construct
import Logprec.Template.Derived

/-!
# The bits of the numbers in the circuit of `⊕`: proofs

Bits of shifted and added numbers, and of offsets, are terms. About the definitions in `Logprec.Float.Construct`.
-/

namespace Logprec

/-- In the environment `ρ`, the term `t` gives the bits of `X`: bit `j` when `j` is put in front as variable 0. -/
def Term.IsBits (ρ : List Nat) (t : Term) (X : Nat) : Prop := ∀ j, t.eval (j :: ρ) = (X.testBit j).toNat

namespace Term

/-- `shifted` gives the bits of `m * 2 ^ s`. -/
theorem isBits_shifted (ρ : List Nat) (m s : Term) : IsBits ρ (shifted m s) (m.eval ρ * 2 ^ s.eval ρ) := by
  intro j
  simp only [shifted, eval_ite, eval_lt, eval_var, List.getD_cons_zero, eval_up, eval_ofNat, eval_testBit, eval_sub]
  rw [← Nat.shiftLeft_eq, Nat.testBit_shiftLeft]
  by_cases h : j < s.eval ρ
  · simp [h, Nat.not_le.2 h]
  · simp [h, Nat.le_of_not_lt h]

/-- A choice between two numbers. -/
theorem isBits_ite {ρ : List Nat} {c a b : Term} {p : Prop} [Decidable p] {A B : Nat} (hc : c.eval ρ ≠ 0 ↔ p)
    (ha : p → IsBits ρ a A) (hb : ¬ p → IsBits ρ b B) : IsBits ρ (ite c.up a b) (if p then A else B) := by
  intro j
  rw [eval_ite, eval_up]
  by_cases h : p
  · rw [if_pos (hc.2 h), if_pos h, ha h]
  · rw [if_neg (mt hc.1 h), if_neg h, hb h]

private theorem eval_inner (t : Term) (acc i j : Nat) (ρ : List Nat) :
    t.inner.eval (acc :: i :: j :: ρ) = t.eval (i :: ρ) := by
  rw [inner, eval_up]
  exact eval_rename t (getD_lift (fun i => by simp) i)

private theorem split (A i : Nat) : A % 2 ^ (i + 1) = A % 2 ^ i + 2 ^ i * (A.testBit i).toNat := by
  rw [Nat.mod_pow_succ, Nat.toNat_testBit]

/-- The carry into position `i`. -/
private def carryIn (A B i : Nat) : Nat := (decide (2 ^ i ≤ A % 2 ^ i + B % 2 ^ i)).toNat

/-- The borrow from position `i`. -/
private def borrowIn (A B i : Nat) : Nat := (decide (A % 2 ^ i < B % 2 ^ i)).toNat

private theorem carryIn_succ (A B i : Nat) :
    carryIn A B (i + 1) = ((A.testBit i).toNat + (B.testBit i).toNat + carryIn A B i) / 2 := by
  have ha := Nat.mod_lt A (Nat.two_pow_pos i)
  have hb := Nat.mod_lt B (Nat.two_pow_pos i)
  unfold carryIn
  rw [split A, split B, Nat.pow_succ]
  by_cases h : 2 ^ i ≤ A % 2 ^ i + B % 2 ^ i <;> cases A.testBit i <;> cases B.testBit i <;>
    simp [h] <;> omega

private theorem borrowIn_succ (A B i : Nat) : borrowIn A B (i + 1) =
    (decide ((A.testBit i).toNat < (B.testBit i).toNat + borrowIn A B i)).toNat := by
  have ha := Nat.mod_lt A (Nat.two_pow_pos i)
  have hb := Nat.mod_lt B (Nat.two_pow_pos i)
  unfold borrowIn
  rw [split A, split B]
  by_cases h : A % 2 ^ i < B % 2 ^ i <;> cases A.testBit i <;> cases B.testBit i <;>
    simp [h] <;> omega

private theorem toNat_testBit_add (A B i : Nat) : ((A + B).testBit i).toNat =
    ((A.testBit i).toNat + (B.testBit i).toNat + carryIn A B i) % 2 := by
  have ha := Nat.mod_lt A (Nat.two_pow_pos i)
  have hb := Nat.mod_lt B (Nat.two_pow_pos i)
  have hA := Nat.div_add_mod A (2 ^ i)
  have hB := Nat.div_add_mod B (2 ^ i)
  have key : (A + B) / 2 ^ i = A / 2 ^ i + B / 2 ^ i + carryIn A B i := by
    have e : A + B = (A % 2 ^ i + B % 2 ^ i) + 2 ^ i * (A / 2 ^ i + B / 2 ^ i) := by rw [Nat.mul_add]; omega
    rw [e, Nat.add_mul_div_left _ _ (Nat.two_pow_pos i), carryIn, Nat.add_comm]
    congr 1
    by_cases h : 2 ^ i ≤ A % 2 ^ i + B % 2 ^ i
    · rw [decide_eq_true h, Nat.div_eq_of_lt_le (k := 1) (by omega) (by omega)]; rfl
    · rw [decide_eq_false h, Nat.div_eq_of_lt (by omega)]; rfl
  simp only [Nat.toNat_testBit, key]
  omega

private theorem toNat_testBit_sub {A B : Nat} (hle : B ≤ A) (i : Nat) : ((A - B).testBit i).toNat =
    ((A.testBit i).toNat + (B.testBit i).toNat + borrowIn A B i) % 2 := by
  have ha := Nat.mod_lt A (Nat.two_pow_pos i)
  have hb := Nat.mod_lt B (Nat.two_pow_pos i)
  have hA := Nat.div_add_mod A (2 ^ i)
  have hB := Nat.div_add_mod B (2 ^ i)
  have hd := Nat.div_le_div_right (c := 2 ^ i) hle
  have key : (A - B) / 2 ^ i + B / 2 ^ i + borrowIn A B i = A / 2 ^ i := by
    by_cases h : A % 2 ^ i < B % 2 ^ i
    · have hlt : B / 2 ^ i < A / 2 ^ i := by
        refine Nat.lt_of_le_of_ne hd fun e => ?_
        rw [e] at hB; omega
      obtain ⟨d, hd⟩ : ∃ d, A / 2 ^ i = B / 2 ^ i + 1 + d := ⟨_, (Nat.add_sub_cancel' hlt).symm⟩
      rw [hd, Nat.mul_add, Nat.mul_add] at hA
      have e : A - B = (2 ^ i + A % 2 ^ i - B % 2 ^ i) + 2 ^ i * d := by omega
      rw [e, Nat.add_mul_div_left _ _ (Nat.two_pow_pos i), Nat.div_eq_of_lt (by omega), borrowIn, decide_eq_true h, hd]
      simp only [Bool.toNat_true]; omega
    · obtain ⟨d, hd⟩ : ∃ d, A / 2 ^ i = B / 2 ^ i + d := ⟨_, (Nat.add_sub_cancel' hd).symm⟩
      rw [hd, Nat.mul_add] at hA
      have e : A - B = (A % 2 ^ i - B % 2 ^ i) + 2 ^ i * d := by omega
      rw [e, Nat.add_mul_div_left _ _ (Nat.two_pow_pos i), Nat.div_eq_of_lt (by omega), borrowIn, decide_eq_false h, hd]
      simp only [Bool.toNat_false]; omega
  simp only [Nat.toNat_testBit, ← key]
  omega

/-- The sum of two numbers whose bits are given. -/
theorem isBits_plus {ρ : List Nat} {a b : Term} {A B : Nat} (ha : IsBits ρ a A) (hb : IsBits ρ b B) :
    IsBits ρ (plus a b) (A + B) := by
  intro j
  have carry : ∀ n, (List.range n).foldl (fun acc i => min ((a.inner.eval (acc :: i :: j :: ρ) +
      b.inner.eval (acc :: i :: j :: ρ) + acc) / 2) 1) (min 0 1) = carryIn A B n := by
    intro n
    induction n with
    | zero => simp [carryIn, Nat.mod_one]
    | succ n ih =>
      rw [List.range_succ, List.foldl_append, ih, List.foldl_cons, List.foldl_nil, eval_inner, eval_inner, ha, hb,
        ← carryIn_succ]
      exact Nat.min_eq_left (Bool.toNat_le _)
  simp only [plus, eval_mod, eval_add, eval_iter, eval_var, List.getD_cons_zero, eval_ofNat, eval_div]
  rw [ha, hb, toNat_testBit_add, ← carry]

/-- The difference of two numbers whose bits are given. -/
theorem isBits_minus {ρ : List Nat} {a b : Term} {A B : Nat} (ha : IsBits ρ a A) (hb : IsBits ρ b B) (hle : B ≤ A) :
    IsBits ρ (minus a b) (A - B) := by
  intro j
  have borrow : ∀ n, (List.range n).foldl (fun acc i => min (decide (a.inner.eval (acc :: i :: j :: ρ) <
      b.inner.eval (acc :: i :: j :: ρ) + acc)).toNat 1) (min 0 1) = borrowIn A B n := by
    intro n
    induction n with
    | zero => simp [borrowIn, Nat.mod_one]
    | succ n ih =>
      rw [List.range_succ, List.foldl_append, ih, List.foldl_cons, List.foldl_nil, eval_inner, eval_inner, ha, hb,
        ← borrowIn_succ]
      exact Nat.min_eq_left (Bool.toNat_le _)
  simp only [minus, eval_mod, eval_add, eval_iter, eval_var, List.getD_cons_zero, eval_ofNat, eval_lt]
  rw [ha, hb, toNat_testBit_sub hle, ← borrow]

end Term

namespace Float

section

variable {ρ : List Nat} {p P φ : Term} (hP : P.eval ρ = 2 ^ p.eval ρ)

include hP

/-- Small powers of two. -/
theorem eval_pow2_of_le {k : Term} (hk : k.eval ρ ≤ p.eval ρ) : (Term.pow2 k P).eval ρ = 2 ^ k.eval ρ := by
  rw [Term.eval_pow2, hP, Nat.min_eq_left (Nat.pow_le_pow_right (by omega) hk)]

private theorem eval_half : (Term.pow2 (p / 2) P).eval ρ = 2 ^ (p.eval ρ / 2) :=
  eval_pow2_of_le hP (by simp only [Term.eval_div, Term.eval_ofNat]; omega)

private theorem eval_half' : (Term.pow2 (p / 2 - 1) P).eval ρ = 2 ^ (p.eval ρ / 2 - 1) :=
  eval_pow2_of_le hP (by simp only [Term.eval_sub, Term.eval_div, Term.eval_ofNat]; omega)

/-- The value of `imaxT`. -/
theorem eval_imaxT : (imaxT p P).eval ρ = imax (p.eval ρ / 2) := by
  rw [imaxT, Term.eval_sub, eval_half' hP]; rfl

private theorem eval_magnitudeT (code : Term) :
    (magnitudeT p P code).eval ρ = magnitude (p.eval ρ / 2) (code.eval ρ) := by
  rw [magnitudeT, Term.eval_mod, eval_half' hP]; rfl

omit hP in
private theorem eval_signT (code : Term) : (signT p code).eval ρ ≠ 0 ↔ sign (p.eval ρ / 2) (code.eval ρ) = true := by
  simp [signT, sign]

private theorem eval_shiftT (h : φ.eval ρ < 2 ^ p.eval ρ) : (shiftT p P φ).eval ρ =
    (exponent (BitVec.ofNat (p.eval ρ) (φ.eval ρ)) + imax (p.eval ρ / 2)).toNat := by
  have hm := magnitude_lt (p.eval ρ / 2) (φ.eval ρ / 2 ^ (p.eval ρ / 2) % 2 ^ (p.eval ρ / 2))
  rw [← imax_add_one] at hm
  simp only [shiftT, Term.eval_ite, eval_signT, Term.eval_sub, Term.eval_add, eval_imaxT hP, eval_magnitudeT hP,
    Term.eval_mod, Term.eval_div, eval_half hP, exponent, BitVec.toNat_ofNat, Nat.mod_eq_of_lt h, toInt]
  split <;> omega

/-- The bits of the bias are those of the bias. -/
theorem isBits_biasBits : (biasBits p P).IsBits ρ (bias (p.eval ρ)) := by
  have := Term.isBits_shifted ρ 1 (p / 2 - 1 + 2 * imaxT p P)
  simpa [eval_imaxT hP, bias] using this

/-- **The bits of biased integers**: a term gives the bits of `biased p φ`. -/
theorem isBits_biasedBits (h : φ.eval ρ < 2 ^ p.eval ρ) :
    (biasedBits p P φ).IsBits ρ (biased (p.eval ρ) (φ.eval ρ)) := by
  have hs := natAbs_scaled_lt (BitVec.ofNat (p.eval ρ) (φ.eval ρ))
  have hcode : mantissa (BitVec.ofNat (p.eval ρ) (φ.eval ρ)) =
      toInt (p.eval ρ / 2) (φ.eval ρ % 2 ^ (p.eval ρ / 2)) := by
    rw [mantissa, BitVec.toNat_ofNat, Nat.mod_eq_of_lt h]
  have hshift := eval_shiftT hP h
  have hmag := eval_magnitudeT hP (φ % .pow2 (p / 2) P)
  have hsign := eval_signT (p := p) (ρ := ρ) (φ % .pow2 (p / 2) P)
  rw [Term.eval_mod, eval_half hP] at hmag hsign
  have hbits := Term.isBits_shifted ρ (magnitudeT p P (φ % .pow2 (p / 2) P)) (shiftT p P φ)
  rw [hmag, hshift] at hbits
  have hpow : ∀ s : Nat, (2 : Int) ^ s = ((2 ^ s : Nat) : Int) := fun s => by simp
  unfold biased
  unfold scaled at hs ⊢
  rw [hcode, toInt, hpow] at hs ⊢
  rw [← bias] at hs
  generalize (exponent (BitVec.ofNat (p.eval ρ) (φ.eval ρ)) + imax (p.eval ρ / 2)).toNat = s at *
  generalize magnitude (p.eval ρ / 2) (φ.eval ρ % 2 ^ (p.eval ρ / 2)) = m at *
  have hle : m * 2 ^ s ≤ bias (p.eval ρ) := by
    split at hs <;> simp only [Int.neg_mul, Int.natAbs_neg, ← Int.natCast_mul, Int.natAbs_natCast] at hs <;> omega
  have := Term.isBits_ite hsign (fun _ => Term.isBits_minus (isBits_biasBits hP) hbits hle)
    (fun _ => Term.isBits_plus (isBits_biasBits hP) hbits)
  refine Eq.mp (congrArg _ ?_) this
  split
  · simp only [Int.neg_mul, ← Int.natCast_mul]; omega
  · simp only [← Int.natCast_mul]; omega

end

end Float

end Logprec
