import Logprec.Quantised.Accepts
import Logprec.Template.Finite
import Logprec.Simulation.Template.Linear

/-!
# Fixed-point vectors as terms

Terms that read the saturated numbers of a vector of fixed-point floats, and terms that write such a vector. The first
variable is always the number `n` of positions; a mantissa has `k + ⌊log₂ n⌋ + 1` bits for a constant `k`.
-/

namespace Logprec.Quantised

open Float Term

/-- The number of bits of a mantissa. -/
def mantissaBits (k n : Nat) : Nat := k + n.log2 + 1

/-- `2 ^ mantissaBits k n`. -/
def unitTerm (k : Nat) : Term := lit (2 ^ k) * pow2 (log2 (var 0) + 1) (var 0 + var 0 + 2)

/-- Its value. -/
theorem eval_unitTerm {k n : Nat} {ρ : List Nat} (h : ρ.getD 0 0 = n) :
    (unitTerm k).eval ρ = 2 ^ mantissaBits k n := by
  have h₁ : 2 ^ (n.log2 + 1) ≤ n + n + 2 := by
    rcases Nat.eq_zero_or_pos n with rfl | hn
    · simp
    · have := Nat.log2_self_le (show n ≠ 0 by omega)
      rw [Nat.pow_succ]
      omega
  simp only [unitTerm, eval_mul, eval_lit, eval_pow2, eval_add, eval_log2, eval_var, eval_ofNat, h]
  rw [Nat.min_eq_left h₁, mantissaBits, Nat.add_assoc, Nat.pow_add 2 k]

theorem two_pow_mantissaBits (k n : Nat) : 2 ^ mantissaBits k n = 2 * 2 ^ (mantissaBits k n - 1) := by
  rw [← Nat.pow_succ']
  congr 1

/-- The code of the number at coordinate `c` of the vector `var v`, saturated to signed numbers of `w` bits. -/
def coordTerm (k w v c : Nat) : Term :=
  let u := unitTerm k
  let m := var v / power u (2 * c) % u
  ite (m / (u / 2)) (lit (2 ^ (w - 1)) - Term.min (m % (u / 2)) (lit (2 ^ (w - 1))))
    (lit (2 ^ (w - 1)) + Term.min (m % (u / 2)) (lit (2 ^ (w - 1) - 1)))

/-- The code of a saturated signed integer, from its bits. -/
theorem code_sat_toInt {q w m : Nat} (hq : 1 ≤ q) (hm : m < 2 ^ q) : code (half w) (sat w (toInt q m)) =
    if m / 2 ^ (q - 1) ≠ 0 then 2 ^ (w - 1) - min (m % 2 ^ (q - 1)) (2 ^ (w - 1))
    else 2 ^ (w - 1) + min (m % 2 ^ (q - 1)) (2 ^ (w - 1) - 1) := by
  have hp := Nat.two_pow_pos (w - 1)
  have hq' := two_pow_eq hq
  have hs : sign q m = decide (m / 2 ^ (q - 1) ≠ 0) := by
    have : m / 2 ^ (q - 1) < 2 := by
      rw [Nat.div_lt_iff_lt_mul (Nat.two_pow_pos _)]
      omega
    rw [sign, Nat.testBit_eq_decide_div_mod_eq]
    generalize m / 2 ^ (q - 1) = t at this
    exact decide_eq_decide.2 (by omega)
  rw [code, half_eq, sat, toInt, hs, magnitude, show (2 : Int) ^ (w - 1) = ((2 ^ (w - 1) : Nat) : Int) by simp]
  generalize 2 ^ (w - 1) = a at *
  generalize m % 2 ^ (q - 1) = b
  by_cases h : m / 2 ^ (q - 1) = 0 <;> simp [h] <;> omega

/-- The value of the code of a coordinate. -/
theorem eval_coordTerm {k w v c n x : Nat} {ρ : List Nat} (hn : ρ.getD 0 0 = n) (hx : ρ.getD v 0 = x)
    {φ : BitVec (2 * mantissaBits k n)} (hφ : φ.toNat = x / 2 ^ (c * (2 * mantissaBits k n)) %
      2 ^ (2 * mantissaBits k n)) :
    (coordTerm k w v c).eval ρ = code (half w) (sat w (mantissa φ)) := by
  have hq : 1 ≤ mantissaBits k n := Nat.succ_le_succ (Nat.zero_le _)
  have hu := eval_unitTerm (k := k) hn
  have hm : φ.toNat % 2 ^ mantissaBits k n =
      x / (2 ^ mantissaBits k n) ^ (2 * c) % 2 ^ mantissaBits k n := by
    rw [hφ, Nat.mod_mod_of_dvd _ (Nat.pow_dvd_pow 2 (by omega)), ← Nat.pow_mul]
    congr 3
    grind
  have h2 : 2 ^ mantissaBits k n / 2 = 2 ^ (mantissaBits k n - 1) := by rw [two_pow_mantissaBits]; omega
  rw [mantissa, Nat.mul_div_cancel_left _ (by omega), code_sat_toInt hq (Nat.mod_lt _ (Nat.two_pow_pos _)), hm]
  simp only [coordTerm, eval_ite, eval_div, eval_mod, eval_sub, eval_add, eval_min, eval_var, eval_lit, eval_power, hu,
    hx, eval_ofNat, h2, Nat.min_def]

/-- The float of an integer, from its sign (0 or 1) and its magnitude. -/
def floatTerm (k : Nat) (neg mag : Term) : Term :=
  let u := unitTerm k
  mag + neg * (u / 2) + u * (u - 1)

/-- The value of a float. -/
theorem eval_floatTerm {k n : Nat} {z : Int} {ρ : List Nat} {neg mag : Term} (hn : ρ.getD 0 0 = n)
    (hk : 1 ≤ k) (hz : z.natAbs < 2 ^ (mantissaBits k n - 1)) (hneg : neg.eval ρ = (decide (z < 0)).toNat)
    (hmag : mag.eval ρ = z.natAbs) :
    (floatTerm k neg mag).eval ρ = (truncate (2 * mantissaBits k n) z).toNat := by
  have hd : 2 * mantissaBits k n / 2 = mantissaBits k n := by omega
  have hq : 2 ≤ mantissaBits k n := by rw [mantissaBits]; omega
  have h2 : 2 ^ mantissaBits k n / 2 = 2 ^ (mantissaBits k n - 1) := by rw [two_pow_mantissaBits]; omega
  have h1 := Nat.pow_le_pow_right (show 0 < 2 by omega) (show 1 ≤ mantissaBits k n - 1 by omega)
  rw [toNat_truncate (by rwa [hd]), hd]
  simp only [floatTerm, eval_add, eval_mul, eval_div, eval_sub, eval_ofNat, eval_unitTerm hn, hneg, hmag, h2]
  have hi : imax (mantissaBits k n) = 2 ^ (mantissaBits k n - 1) - 1 := rfl
  rw [hi, if_pos (by omega), ofSigned, ofSigned, if_neg (by omega), if_neg (by omega), Nat.mod_eq_of_lt hz,
    Nat.mod_eq_of_lt (by omega), Bool.toNat_true, Nat.one_mul]
  have := two_pow_mantissaBits k n
  rw [show 2 ^ (mantissaBits k n - 1) + (2 ^ (mantissaBits k n - 1) - 1) = 2 ^ mantissaBits k n - 1 by omega]
  omega

/-- The vector of the floats with the numbers `l`, from their signs and their magnitudes. -/
def vectorTerm (k : Nat) (neg mag : Nat → Term) (l : List Nat) : Term :=
  l.foldr (fun d t => floatTerm k (neg d) (mag d) + unitTerm k * unitTerm k * t) 0

theorem ofBits_flatMap_enc {p : Nat} (l : List Nat) (c : Nat → BitVec p) :
    ofBits (l.flatMap fun d => enc (c d)) = l.foldr (fun d acc => (c d).toNat + 2 ^ p * acc) 0 := by
  induction l with
  | nil => rfl
  | cons d l ih =>
    rw [List.flatMap_cons, ofBits_append, List.foldr_cons, ih, enc, ofBits_bits, length_bits,
      Nat.mod_eq_of_lt (c d).isLt]

/-- The value of a vector: the state whose numbers are those of the list `v`. -/
theorem eval_vectorTerm {k n D : Nat} {v : List Int} {ρ : List Nat} {neg mag : Nat → Term} (hn : ρ.getD 0 0 = n)
    (hk : 1 ≤ k) (hv : ∀ d, (v.getD d 0).natAbs < 2 ^ (mantissaBits k n - 1))
    (hneg : ∀ d, (neg d).eval ρ = (decide (v.getD d 0 < 0)).toNat) (hmag : ∀ d, (mag d).eval ρ = (v.getD d 0).natAbs) :
    (vectorTerm k neg mag (List.range D)).eval ρ = (toState D (2 * mantissaBits k n) v).toNat := by
  have hlen : ((List.range D).flatMap fun d => enc (truncate (2 * mantissaBits k n) (v.getD d 0))).length =
      D * (2 * mantissaBits k n) := length_flatMap_range fun _ _ => by simp [enc]
  rw [toState, State.ofCoords, BitVec.toNat_ofNat, Nat.mod_eq_of_lt (hlen ▸ ofBits_lt _), ofBits_flatMap_enc]
  generalize List.range D = l
  induction l with
  | nil => rfl
  | cons d l ih =>
    simp only [vectorTerm, List.foldr_cons, eval_add, eval_mul, eval_floatTerm hn hk (hv d) (hneg d) (hmag d),
      eval_unitTerm hn] at ih ⊢
    rw [ih, ← Nat.pow_add, Nat.two_mul]

/-- The vector of the numbers `F fs`, where `fs` are the values of finitely many terms with bounds. -/
def finiteVector (k D : Nat) (F : List Nat → List Int) (fs : List (Term × Nat)) : Term :=
  vectorTerm k (fun d => finite (fun vs => (decide ((F vs).getD d 0 < 0)).toNat) fs)
    (fun d => finite (fun vs => ((F vs).getD d 0).natAbs) fs) (List.range D)

/-- The value of a finite function to vectors. -/
theorem eval_finiteVector {k n D : Nat} {F : List Nat → List Int} {fs : List (Term × Nat)} {ρ : List Nat}
    {v : List Int} (hn : ρ.getD 0 0 = n) (hk : 1 ≤ k) (hfs : ∀ t ∈ fs, t.1.eval ρ < t.2)
    (hF : F (fs.map fun t => t.1.eval ρ) = v) (hv : ∀ d, (v.getD d 0).natAbs < 2 ^ (mantissaBits k n - 1)) :
    (finiteVector k D F fs).eval ρ = (toState D (2 * mantissaBits k n) v).toNat :=
  eval_vectorTerm hn hk hv (fun d => by rw [eval_finite hfs, hF]) fun d => by rw [eval_finite hfs, hF]

end Logprec.Quantised
