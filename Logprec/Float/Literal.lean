import Logprec.Float.Lemmas

/-!
# The paper's wording of truncation, to the letter

Definition 14 of Merrill & Sabharwal 2023 as it is printed, and with each of its three places that
`Logprec.Float.Defs` corrects chosen separately. With all three corrected it is `truncate`
(`value_corrected`); each literal choice alone fails on a concrete input, shown here by computation:

* shifting by rounding down (`floor`) loses a factor of nearly two on sums such as `-15`, for 8-bit floats
  (`floor_fails`); Lemma 4 then fails for the float ⟨-15, e⟩ of the literal wording (`floor_wide_fails`);
* with `I = 2 ^ q - 1` (`wide`), Lemma 4 fails for the float ⟨8, 15⟩, which is taken for an overflow
  (`wide_fails`);
* with one-sided overflow (`oneSided`), a large negative sum becomes the greatest positive float
  (`oneSided_fails`); that is outside the range of Lemma 4, but in the literal wording it also happens to
  floats in its range (`literal_wrong_sign`).
-/

namespace Logprec.Float.Literal

/-- Which of the three places are read to the letter. -/
structure Wording where
  /-- The mantissa is shifted with rounding down, also when it is negative. -/
  floor : Bool := false
  /-- The greatest signed `q`-bit integer is `2 ^ q - 1`. -/
  wide : Bool := false
  /-- Every overflow goes to the greatest positive float. -/
  oneSided : Bool := false

/-- The paper as printed. -/
def printed : Wording := ⟨true, true, true⟩

/-- All three places corrected. -/
def corrected : Wording := {}

/-- The paper's `sizeof`, the number of bits of an integer with its sign. -/
def sizeof (x : Int) : Nat := if x = 0 then 2 else x.natAbs.log2 + 2

/-- The paper's `rshift`. -/
def Wording.rshift (w : Wording) (x : Int) (y : Nat) : Int :=
  if w.floor then x >>> y else if x < 0 then -(x.natAbs >>> y : Nat) else (x.natAbs >>> y : Nat)

/-- The paper's `I_q^max`. -/
def Wording.imax (w : Wording) (q : Nat) : Nat := if w.wide then 2 ^ q - 1 else 2 ^ (q - 1) - 1

/-- Mantissa and exponent of `f_p(z)` (Definition 14). -/
def Wording.truncate (w : Wording) (p : Nat) (z : Int) : Int × Int :=
  let I : Int := w.imax (p / 2)
  let m := w.rshift z (sizeof z - p / 2)
  let e := (sizeof z : Int) - sizeof m - I
  if e ≤ I then (m, e) else if w.oneSided || decide (0 ≤ z) then (I, I) else (-I, I)

/-- The integer of a float (Definition 13). -/
def Wording.scaled (w : Wording) (p : Nat) (φ : Int × Int) : Int := φ.1 * 2 ^ (φ.2 + w.imax (p / 2)).toNat

/-- The integer of the truncation of `z`. -/
def Wording.value (w : Wording) (p : Nat) (z : Int) : Int := w.scaled p (w.truncate p z)

/-- What Lemma 4 says of an integer: its truncation has a relative error of at most `2 ^ (-p/2 + 2)`. -/
def Wording.Lemma4 (w : Wording) (p : Nat) (z : Int) : Prop := 2 ^ (p / 2 - 2) * (w.value p z - z).natAbs ≤ z.natAbs

/-- It can be decided for an integer. -/
instance (w : Wording) (p : Nat) (z : Int) : Decidable (w.Lemma4 p z) := inferInstanceAs (Decidable (_ ≤ _))

/-! ## The literal wording fails -/

/-- The sum of the 8-bit floats `-7`, `-7` and `-1` becomes `-8` when negative mantissas are rounded down. -/
theorem floor_fails : Wording.value { floor := true } 8 (-15) = -8 ∧ ¬ Wording.Lemma4 { floor := true } 8 (-15) := by
  decide

/-- With the literal bound on mantissas, rounding down also fails Lemma 4 on the float ⟨-15, -15⟩. -/
theorem floor_wide_fails : let w : Wording := { floor := true, wide := true }
    w.scaled 8 (-15, -15) = -15 ∧ ¬ w.Lemma4 8 (-15) := by decide

/-- The 8-bit float ⟨8, 15⟩ becomes the greatest float ⟨15, 15⟩ when `I = 2 ^ q - 1`. -/
theorem wide_fails : let w : Wording := { wide := true }
    w.truncate 8 (w.scaled 8 (8, 15)) = (15, 15) ∧ ¬ w.Lemma4 8 (w.scaled 8 (8, 15)) := by decide

/-- The sum of twice the least 8-bit float ⟨-7, 7⟩ becomes the greatest float ⟨7, 7⟩ when overflow is one-sided. -/
theorem oneSided_fails : let w : Wording := { oneSided := true }
    w.truncate 8 (2 * w.scaled 8 (-7, 7)) = (7, 7) := by decide

/-- As printed, truncation changes the sign of the 8-bit float ⟨-8, 15⟩, and Lemma 4 fails for it. -/
theorem literal_wrong_sign :
    printed.truncate 8 (printed.scaled 8 (-8, 15)) = (15, 15) ∧ ¬ printed.Lemma4 8 (printed.scaled 8 (-8, 15)) := by
  decide

/-! ## The corrected wording is `truncate` -/

private theorem log2_shiftRight {a k : Nat} (h : a >>> k ≠ 0) : (a >>> k).log2 + k = a.log2 := by
  have ha : a ≠ 0 := by rintro rfl; simp at h
  have ⟨h₁, h₂⟩ := (Nat.log2_eq_iff h).1 rfl
  rw [Nat.shiftRight_eq_div_pow, Nat.le_div_iff_mul_le (Nat.two_pow_pos _), ← Nat.pow_add] at h₁
  rw [Nat.shiftRight_eq_div_pow, Nat.div_lt_iff_lt_mul (Nat.two_pow_pos _), ← Nat.pow_add] at h₂
  rw [← Nat.shiftRight_eq_div_pow] at h₁ h₂
  exact ((Nat.log2_eq_iff ha).2 ⟨h₁, by rwa [Nat.add_right_comm]⟩).symm

private theorem rshift_corrected (z : Int) (y : Nat) :
    corrected.rshift z y = if z < 0 then -((z.natAbs >>> y : Nat) : Int) else (z.natAbs >>> y : Nat) := rfl

/-- **With the three corrections Definition 14 is `truncate`.** -/
theorem value_corrected {p : Nat} (hp : 4 ≤ p) (z : Int) :
    corrected.value p z = Float.scaled (Float.truncate p z) := by
  have hshift : sizeof z - p / 2 = shiftFor (p / 2) z.natAbs := by
    simp only [sizeof, shiftFor, Int.natAbs_eq_zero]; split <;> omega
  have hsize : sizeof z = sizeof (corrected.rshift z (shiftFor (p / 2) z.natAbs)) + shiftFor (p / 2) z.natAbs := by
    rcases Nat.eq_zero_or_pos z.natAbs with h0 | h0
    · obtain rfl : z = 0 := by omega
      simp [shiftFor, Wording.rshift, corrected]
    · have hm : z.natAbs >>> shiftFor (p / 2) z.natAbs ≠ 0 := by
        rcases Nat.eq_zero_or_pos (shiftFor (p / 2) z.natAbs) with e | e
        · rw [e, Nat.shiftRight_zero]; omega
        · have := le_shiftRight_shiftFor (show 2 ≤ p / 2 by omega) e
          have := Nat.two_pow_pos (p / 2 - 2)
          omega
      have hlog := log2_shiftRight hm
      have hr : (corrected.rshift z (shiftFor (p / 2) z.natAbs)).natAbs = z.natAbs >>> shiftFor (p / 2) z.natAbs := by
        rw [rshift_corrected]
        generalize z.natAbs >>> shiftFor (p / 2) z.natAbs = m
        split <;> omega
      rw [sizeof, sizeof, if_neg (by omega), if_neg (by omega), hr]
      omega
  have hI : corrected.imax (p / 2) = imax (p / 2) := rfl
  rw [scaled_truncate, truncMag, Wording.value, Wording.truncate, Wording.scaled]
  simp only [hI, hshift]
  by_cases hk : shiftFor (p / 2) z.natAbs ≤ 2 * imax (p / 2)
  · rw [if_pos (by omega), if_pos hk]
    have he : ((sizeof z : Int) - sizeof (corrected.rshift z (shiftFor (p / 2) z.natAbs)) - imax (p / 2)
        + imax (p / 2)).toNat = shiftFor (p / 2) z.natAbs := by omega
    rw [he, rshift_corrected, Nat.shiftLeft_eq]
    by_cases h : z < 0 <;> simp [h, Int.neg_mul]
  · rw [if_neg (by omega), if_neg hk, greatest]
    have he : ((imax (p / 2) : Int) + imax (p / 2)).toNat = 2 * imax (p / 2) := by omega
    by_cases h : z < 0
    · simp [corrected, h, Int.not_le.2 h, he, Int.neg_mul]
    · simp [corrected, h, Int.not_lt.1 h, he]

/-- With the three corrections Lemma 4 holds for every integer up to the greatest float. -/
theorem lemma4_corrected {p : Nat} (hp : 4 ≤ p) {z : Int} (h : z.natAbs ≤ greatest p) : corrected.Lemma4 p z := by
  rw [Wording.Lemma4, value_corrected hp]
  exact truncate_error_le hp h

end Logprec.Float.Literal
