import Logprec.Float.Thresholds

/-!
# What truncation does to a number

Truncation is exact on numbers that are floats, it is monotone, never increases a magnitude and never changes a
sign, it has a small relative error on every number up to the greatest float, and beyond it saturates. This is Lemma 4
of Merrill & Sabharwal 2023, for the corrected definition, and stronger: their lemma speaks of numbers that are
floats already, where there is no error at all. `Logprec.Float.Literal` has the counterexamples to the literal
wording. Also: `⊕` does not depend on the order of the summands, and zeros do not matter.

All numbers are in the units of `scaled`, multiples of the least power of two that a float can express.
-/

namespace Logprec.Float

/-! ## Reading what was written -/

/-- Codes of signed `q`-bit integers have `q` bits. -/
theorem ofSigned_lt (q : Nat) (neg : Bool) (mag : Nat) : ofSigned q neg mag < 2 ^ q := by
  unfold ofSigned
  split
  · exact Nat.two_pow_pos q
  · have h₁ := Nat.mod_lt mag (Nat.two_pow_pos (q - 1))
    have h₂ : 2 ^ q = 2 * 2 ^ (q - 1) := by rw [← Nat.pow_succ']; congr 1; omega
    cases neg <;> simp <;> omega

/-- A signed integer that fits is read as it was written. -/
theorem toInt_ofSigned {q mag : Nat} (neg : Bool) (h : mag < 2 ^ (q - 1)) :
    toInt q (ofSigned q neg mag) = if neg then -(mag : Int) else mag := by
  rcases Nat.eq_zero_or_pos q with rfl | hq
  · obtain rfl : mag = 0 := by simpa using h
    simp [toInt, ofSigned, magnitude]
  · have hs : sign q (neg.toNat * 2 ^ (q - 1) + mag) = neg := by
      rw [sign, Nat.testBit_eq_decide_div_mod_eq, Nat.add_comm, Nat.add_mul_div_right _ _ (Nat.two_pow_pos _),
        Nat.div_eq_of_lt h]
      cases neg <;> rfl
    have hm : magnitude q (neg.toNat * 2 ^ (q - 1) + mag) = mag := by
      rw [magnitude, Nat.add_comm, Nat.add_mul_mod_self_right, Nat.mod_eq_of_lt h]
    rw [ofSigned, if_neg (by omega), Nat.mod_eq_of_lt h, toInt, hs, hm]

/-- The integer of a float that was put together from a sign, a mantissa and an exponent. -/
theorem scaled_pack {p m k : Nat} (neg : Bool) (hm : m < 2 ^ (p / 2 - 1)) (hk : k ≤ 2 * imax (p / 2)) :
    scaled (pack p neg m k) = (if neg then -(m : Int) else m) * 2 ^ k := by
  have hI := imax_add_one (p / 2)
  have code : ∃ c, c < 2 ^ (p / 2) ∧ toInt (p / 2) c + imax (p / 2) = k ∧
      pack p neg m k = BitVec.ofNat p (ofSigned (p / 2) neg m + 2 ^ (p / 2) * c) := by
    refine ⟨_, ?_, ?_, rfl⟩
    · split <;> exact ofSigned_lt _ _ _
    · split
      · rw [toInt_ofSigned _ (by omega), if_pos rfl]; omega
      · rw [toInt_ofSigned _ (by omega)]; simp; omega
  obtain ⟨c, hc, he, e⟩ := code
  have hlow := ofSigned_lt (p / 2) neg m
  have hnat : (pack p neg m k).toNat = ofSigned (p / 2) neg m + 2 ^ (p / 2) * c := by
    rw [e, BitVec.toNat_ofNat]
    refine Nat.mod_eq_of_lt (Nat.lt_of_lt_of_le (m := 2 ^ (p / 2) * 2 ^ (p / 2)) ?_ ?_)
    · have := Nat.mul_le_mul_left (2 ^ (p / 2)) (show c + 1 ≤ 2 ^ (p / 2) from hc)
      rw [Nat.mul_add] at this; omega
    · rw [← Nat.pow_add]; exact Nat.pow_le_pow_right (by simp) (by omega)
  rw [scaled, mantissa, exponent, hnat, Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt hlow, toInt_ofSigned neg hm,
    Nat.add_mul_div_left _ _ (Nat.two_pow_pos _), Nat.div_eq_of_lt hlow, Nat.zero_add, Nat.mod_eq_of_lt hc, he]
  rfl

/-! ## The value of a truncation -/

/-- The greatest `p`-bit float, in the units of `scaled`. -/
def greatest (p : Nat) : Nat := imax (p / 2) * 2 ^ (2 * imax (p / 2))

/-- What truncation makes of a magnitude. -/
def truncMag (p a : Nat) : Nat :=
  let k := shiftFor (p / 2) a
  if k ≤ 2 * imax (p / 2) then a >>> k <<< k else greatest p

/-- **The value of a truncation**: the magnitude is truncated and the sign is kept. -/
theorem scaled_truncate (p : Nat) (z : Int) :
    scaled (truncate p z) = if z < 0 then -(truncMag p z.natAbs : Int) else truncMag p z.natAbs := by
  have hI := imax_add_one (p / 2)
  simp only [truncate, truncMag]
  split
  · rw [scaled_pack _ (shiftRight_shiftFor_lt _ _) (by assumption), Nat.shiftLeft_eq]
    by_cases h : z < 0 <;> simp [h, Int.neg_mul]
  · rw [scaled_pack _ (by omega) (Nat.le_refl _), greatest]
    by_cases h : z < 0 <;> simp [h, Int.neg_mul]

/-- No float is greater in magnitude than `greatest p`. -/
theorem natAbs_scaled_le {p : Nat} (φ : BitVec p) : (scaled φ).natAbs ≤ greatest p := by
  have hI := imax_add_one (p / 2)
  have hm := magnitude_lt (p / 2) (φ.toNat % 2 ^ (p / 2))
  have he := magnitude_lt (p / 2) (φ.toNat / 2 ^ (p / 2) % 2 ^ (p / 2))
  rw [← natAbs_toInt] at he
  have hk : (exponent φ + imax (p / 2)).toNat ≤ 2 * imax (p / 2) := by unfold exponent; omega
  rw [scaled, Int.natAbs_mul, mantissa, natAbs_toInt, Int.natAbs_pow, greatest]
  exact Nat.mul_le_mul (by omega) (Nat.pow_le_pow_right (by simp) hk)

/-- Truncation does not increase a magnitude. -/
theorem truncMag_le (p a : Nat) : truncMag p a ≤ a := by
  simp only [truncMag]
  split
  · rw [Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
    exact Nat.div_mul_le_self _ _
  · next h =>
    rw [shiftFor_le_iff, Nat.not_lt, Nat.pow_add, ← imax_add_one, Nat.add_mul] at h
    rw [greatest]; omega

/-- Truncation moves towards zero: it does not increase a magnitude. -/
theorem natAbs_scaled_truncate_le (p : Nat) (z : Int) : (scaled (truncate p z)).natAbs ≤ z.natAbs := by
  have := truncMag_le p z.natAbs
  rw [scaled_truncate]
  split <;> omega

/-- Zero stays zero. -/
@[simp] theorem scaled_truncate_zero (p : Nat) : scaled (truncate p 0) = 0 := by
  have := natAbs_scaled_truncate_le p 0
  omega

/-- Truncation does not change a sign: nonnegative numbers. -/
theorem scaled_truncate_nonneg {p : Nat} {z : Int} (h : 0 ≤ z) : 0 ≤ scaled (truncate p z) := by
  rw [scaled_truncate, if_neg (by omega)]; omega

/-- Truncation does not change a sign: nonpositive numbers. -/
theorem scaled_truncate_nonpos {p : Nat} {z : Int} (h : z ≤ 0) : scaled (truncate p z) ≤ 0 := by
  have := truncMag_le p z.natAbs
  rw [scaled_truncate]; split <;> omega

/-- Truncation commutes with negation. -/
theorem scaled_truncate_neg (p : Nat) (z : Int) : scaled (truncate p (-z)) = -scaled (truncate p z) := by
  have := truncMag_le p z.natAbs
  rw [scaled_truncate, scaled_truncate, Int.natAbs_neg]
  split <;> split <;> omega

/-- Truncated magnitudes are magnitudes of floats. -/
theorem truncMag_le_greatest (p a : Nat) : truncMag p a ≤ greatest p := by
  have := natAbs_scaled_le (truncate p (a : Int))
  rw [scaled_truncate, if_neg (by omega)] at this
  exact this

/-- Truncation keeps the order of magnitudes. -/
theorem truncMag_mono {p a b : Nat} (h : a ≤ b) : truncMag p a ≤ truncMag p b := by
  have hs := shiftFor_mono (q := p / 2) h
  by_cases hb : shiftFor (p / 2) b ≤ 2 * imax (p / 2)
  · rcases Nat.lt_or_eq_of_le hs with hlt | e
    · -- a shorter number is below the leading bit of a longer one
      have hq : 2 ≤ p / 2 := two_le_of_shift hb (by omega)
      have ha := shiftFor_le_iff.1 (show shiftFor (p / 2) a ≤ shiftFor (p / 2) b - 1 by omega)
      have hl := Nat.mul_le_mul_right (2 ^ shiftFor (p / 2) b)
        (le_shiftRight_shiftFor hq (Nat.lt_of_le_of_lt (Nat.zero_le _) hlt))
      rw [← Nat.pow_add, show p / 2 - 2 + shiftFor (p / 2) b = p / 2 - 1 + (shiftFor (p / 2) b - 1) by omega,
        ← Nat.shiftLeft_eq] at hl
      have := truncMag_le p a
      rw [truncMag.eq_def p b]
      simp only [if_pos hb]
      omega
    · simp only [truncMag, e, if_pos hb, Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
      exact Nat.mul_le_mul_right _ (Nat.div_le_div_right h)
  · rw [truncMag.eq_def p b]
    simp only [if_neg hb]
    exact truncMag_le_greatest p a

/-- Truncation is monotone. -/
theorem scaled_truncate_mono {p : Nat} {z z' : Int} (h : z ≤ z') :
    scaled (truncate p z) ≤ scaled (truncate p z') := by
  rw [scaled_truncate, scaled_truncate]
  split <;> split
  · have := truncMag_mono (p := p) (show z'.natAbs ≤ z.natAbs by omega)
    omega
  · omega
  · omega
  · have := truncMag_mono (p := p) (show z.natAbs ≤ z'.natAbs by omega)
    omega

/-! ## Error -/

/-- **Lemma 4**, for every number and not only for floats: when `q = p / 2 ≥ 2`, truncation changes a number
that is not too large by less than the factor `2 ^ (-q + 2)`. -/
theorem truncate_error_lt {p : Nat} {z : Int} (hp : 4 ≤ p) (hz : z ≠ 0)
    (hle : z.natAbs < 2 ^ (p / 2 - 1 + 2 * imax (p / 2))) :
    2 ^ (p / 2 - 2) * (scaled (truncate p z) - z).natAbs < z.natAbs := by
  have hk := shiftFor_le_iff.2 hle
  have hd : (scaled (truncate p z) - z).natAbs = z.natAbs % 2 ^ shiftFor (p / 2) z.natAbs := by
    have hdiv := Nat.div_add_mod' z.natAbs (2 ^ shiftFor (p / 2) z.natAbs)
    rw [scaled_truncate, truncMag]
    simp only [if_pos hk, Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
    split <;> omega
  rw [hd]
  rcases Nat.eq_zero_or_pos (shiftFor (p / 2) z.natAbs) with e | e
  · rw [e, Nat.pow_zero, Nat.mod_one]; omega
  · have hl := le_shiftRight_shiftFor (show 2 ≤ p / 2 by omega) e
    rw [Nat.shiftRight_eq_div_pow, Nat.le_div_iff_mul_le (Nat.two_pow_pos _)] at hl
    have hm := Nat.mod_lt z.natAbs (Nat.two_pow_pos (shiftFor (p / 2) z.natAbs))
    exact Nat.lt_of_lt_of_le (Nat.mul_lt_mul_of_pos_left hm (Nat.two_pow_pos _)) hl

/-- Lemma 4 as an inequality that zero satisfies too. -/
theorem truncate_error_le {p : Nat} {z : Int} (hp : 4 ≤ p) (hle : z.natAbs ≤ greatest p) :
    2 ^ (p / 2 - 2) * (scaled (truncate p z) - z).natAbs ≤ z.natAbs := by
  by_cases hz : z = 0
  · simp [hz]
  · refine Nat.le_of_lt (truncate_error_lt hp hz (Nat.lt_of_le_of_lt hle ?_))
    rw [greatest, Nat.pow_add, ← imax_add_one]
    exact Nat.mul_lt_mul_of_pos_right (by omega) (Nat.two_pow_pos _)

/-- Beyond the greatest float truncation saturates, on the side of the sign. -/
theorem scaled_truncate_of_overflow {p : Nat} {z : Int}
    (h : 2 ^ (p / 2 - 1 + 2 * imax (p / 2)) ≤ z.natAbs) :
    scaled (truncate p z) = if z < 0 then -(greatest p : Int) else greatest p := by
  rw [← Nat.not_lt, ← shiftFor_le_iff] at h
  rw [scaled_truncate, truncMag]
  simp only [if_neg h]

/-! ## Exactness -/

/-- Truncation is exact on `± m · 2 ^ j` when `m` fits a mantissa and `2 ^ j` an exponent. -/
theorem scaled_truncate_of_fits {p m j : Nat} {z : Int} (hm : m < 2 ^ (p / 2 - 1)) (hj : j ≤ 2 * imax (p / 2))
    (hz : z.natAbs = m * 2 ^ j) : scaled (truncate p z) = z := by
  have hk : shiftFor (p / 2) z.natAbs ≤ j := by
    rw [shiftFor_le_iff, hz, Nat.pow_add]
    exact Nat.mul_lt_mul_of_pos_right hm (Nat.two_pow_pos _)
  have hdvd : 2 ^ shiftFor (p / 2) z.natAbs ∣ z.natAbs :=
    hz ▸ Nat.dvd_trans (Nat.pow_dvd_pow 2 (hz ▸ hk)) (Nat.dvd_mul_left _ _)
  have : truncMag p z.natAbs = z.natAbs := by
    rw [truncMag]
    simp only [if_pos (Nat.le_trans hk hj), Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
    exact Nat.div_mul_cancel hdvd
  rw [scaled_truncate, this]
  split <;> omega

/-- **Exactness**: a float is not changed in value by truncation. Its string can change: truncation chooses
the least exponent. -/
theorem scaled_truncate_scaled {p : Nat} (φ : BitVec p) : scaled (truncate p (scaled φ)) = scaled φ := by
  have he := magnitude_lt (p / 2) (φ.toNat / 2 ^ (p / 2) % 2 ^ (p / 2))
  rw [← natAbs_toInt, ← imax_add_one] at he
  have hk : (exponent φ + imax (p / 2)).toNat ≤ 2 * imax (p / 2) := by unfold exponent; omega
  refine scaled_truncate_of_fits (magnitude_lt (p / 2) (φ.toNat % 2 ^ (p / 2))) hk ?_
  rw [scaled, Int.natAbs_mul, mantissa, natAbs_toInt, Int.natAbs_pow]
  rfl

/-- Truncating twice is truncating once. -/
theorem truncate_scaled_truncate (p : Nat) (z : Int) :
    scaled (truncate p (scaled (truncate p z))) = scaled (truncate p z) := scaled_truncate_scaled _

/-! ## Iterated sums -/

/-- The sum of integers does not depend on their order. -/
private theorem sum_perm {l l' : List Int} (h : l.Perm l') : l.sum = l'.sum := by
  induction h with
  | nil => rfl
  | cons a _ ih => simp [ih]
  | swap a b l => simp only [List.sum_cons]; omega
  | trans _ _ h₁ h₂ => exact h₁.trans h₂

/-- **`⊕` does not depend on the order of the summands.** -/
theorem sum_eq_of_perm {p : Nat} {φs ψs : List (BitVec p)} (h : φs.Perm ψs) : sum φs = sum ψs := by
  rw [sum, sum, sum_perm (h.map scaled)]

/-- Summands of value zero do not matter. -/
theorem sum_filter_ne_zero {p : Nat} (φs : List (BitVec p)) : sum (φs.filter fun φ => scaled φ != 0) = sum φs := by
  have : ((φs.filter fun φ => scaled φ != 0).map scaled).sum = (φs.map scaled).sum := by
    induction φs with
    | nil => rfl
    | cons φ φs ih => by_cases h : scaled φ = 0 <;> simp [h, ih]
  rw [sum, sum, this]

/-- The empty sum has the value zero. -/
@[simp] theorem scaled_sum_nil (p : Nat) : scaled (sum ([] : List (BitVec p))) = 0 := scaled_truncate_zero p

/-- The sum of one float has the value of that float. -/
@[simp] theorem scaled_sum_singleton {p : Nat} (φ : BitVec p) : scaled (sum [φ]) = scaled φ := by
  simp [sum, scaled_truncate_scaled]

/-- The relative error of `⊕`, when there is no overflow. -/
theorem sum_error_le {p : Nat} {φs : List (BitVec p)} (hp : 4 ≤ p)
    (hle : (φs.map scaled).sum.natAbs ≤ greatest p) :
    2 ^ (p / 2 - 2) * (scaled (sum φs) - (φs.map scaled).sum).natAbs ≤ (φs.map scaled).sum.natAbs :=
  truncate_error_le hp hle

end Logprec.Float
