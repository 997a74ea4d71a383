import Logprec.Float.Guard
import Logprec.Simulation.AverageHard

/-!
# Terms for the arithmetic of floats

For each operation of `Logprec.Float.Operations`, the term that computes its string from the strings of the operands,
with numbers of `O(p)` bits.
-/

namespace Logprec

/-- Terms for the precision `p`, where `q = p / 2`. -/
structure PrecTerms where
  /-- `q - 1`: the number of bits of a magnitude. -/
  l : Term
  /-- `2 ^ (q - 1)`. -/
  Q : Term

/-- In an environment, the terms are for the precision `p`. -/
structure PrecTerms.Holds (C : PrecTerms) (ρ : List Nat) (p : Nat) : Prop where
  /-- There are a few bits. -/
  le : 4 ≤ p
  /-- The number of bits of a magnitude. -/
  l : C.l.eval ρ = p / 2 - 1
  /-- Its power of two. -/
  Q : C.Q.eval ρ = 2 ^ (p / 2 - 1)

namespace Float

variable {p : Nat}

private theorem half_eq (hp : 4 ≤ p) : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by
  rw [← Nat.pow_succ']; congr 1; omega

/-- The string of a float that was put together. -/
theorem toNat_pack {neg : Bool} {m k : Nat} (hp : 4 ≤ p) (hm : m < 2 ^ (p / 2 - 1)) (hk : k ≤ 2 * imax (p / 2)) :
    (pack p neg m k).toNat = neg.toNat * 2 ^ (p / 2 - 1) + m + 2 * 2 ^ (p / 2 - 1) *
      (if k < 2 ^ (p / 2 - 1) - 1 then 2 ^ (p / 2 - 1) + (2 ^ (p / 2 - 1) - 1 - k)
        else k - (2 ^ (p / 2 - 1) - 1)) := by
  have h₂ := half_eq hp
  have hI := imax_add_one (p / 2)
  obtain ⟨c, hc, e, ec⟩ : ∃ c, c < 2 ^ (p / 2) ∧ pack p neg m k =
      BitVec.ofNat p (ofSigned (p / 2) neg m + 2 ^ (p / 2) * c) ∧ c =
      if k < 2 ^ (p / 2 - 1) - 1 then 2 ^ (p / 2 - 1) + (2 ^ (p / 2 - 1) - 1 - k) else k - (2 ^ (p / 2 - 1) - 1) := by
    refine ⟨if k < imax (p / 2) then ofSigned (p / 2) true (imax (p / 2) - k)
      else ofSigned (p / 2) false (k - imax (p / 2)), ?_, rfl, ?_⟩
    · split <;> exact ofSigned_lt _ _ _
    · simp only [imax, ofSigned, if_neg (show ¬ p / 2 = 0 by omega)] at hk hI ⊢
      split
      · rw [Nat.mod_eq_of_lt (by omega)]; simp
      · rw [Nat.mod_eq_of_lt (by omega)]; simp
  have hlow := ofSigned_lt (p / 2) neg m
  rw [← ec, e, BitVec.toNat_ofNat, ← h₂, Nat.mod_eq_of_lt]
  · rw [ofSigned, if_neg (by omega), Nat.mod_eq_of_lt hm]
  · refine Nat.lt_of_lt_of_le (m := 2 ^ (p / 2) * 2 ^ (p / 2)) ?_ ?_
    · have := Nat.mul_le_mul_left (2 ^ (p / 2)) (show c + 1 ≤ 2 ^ (p / 2) from hc)
      rw [Nat.mul_add] at this; omega
    · rw [← Nat.pow_add]; exact Nat.pow_le_pow_right (by simp) (by omega)

private theorem mul_two_pow_lt_iff {N K e : Nat} (hN : N ≠ 0) : N * 2 ^ K < 2 ^ e ↔ N.log2 + 1 + K ≤ e := by
  by_cases h : K ≤ e
  · obtain ⟨t, rfl⟩ := Nat.exists_eq_add_of_le h
    rw [Nat.add_comm K t, Nat.pow_add, Nat.mul_lt_mul_right (Nat.two_pow_pos K), ← Nat.log2_lt hN]
    omega
  · have h₁ := Nat.pow_le_pow_right (show 0 < 2 by omega) (show e ≤ K by omega)
    have h₂ := Nat.le_mul_of_pos_left (2 ^ K) (show 0 < N by omega)
    omega

/-- How far a number `N · 2 ^ (a - b)` is shifted. -/
theorem shiftFor_dyadic (q N a b : Nat) : shiftFor q (N * 2 ^ a / 2 ^ b) =
    if N = 0 then 0 else N.log2 + 1 + a - (b + (q - 1)) := by
  split
  · rename_i h
    simp [h, shiftFor]
  · rename_i h
    have key : ∀ j, shiftFor q (N * 2 ^ a / 2 ^ b) ≤ j ↔ N.log2 + 1 + a - (b + (q - 1)) ≤ j := fun j => by
      rw [shiftFor_le_iff, Nat.div_lt_iff_lt_mul (Nat.two_pow_pos b), ← Nat.pow_add, mul_two_pow_lt_iff h]
      omega
    exact Nat.le_antisymm ((key _).2 (Nat.le_refl _)) ((key _).1 (Nat.le_refl _))

/-- The mantissa of such a number. -/
theorem shiftRight_dyadic (q N a b : Nat) : let k := shiftFor q (N * 2 ^ a / 2 ^ b)
    (N * 2 ^ a / 2 ^ b) >>> k =
      if k = 0 then N * 2 ^ (a - b) / 2 ^ (b - a) else N * 2 ^ (q - 1) / 2 ^ (N.log2 + 1) := by
  intro k
  split
  · rename_i h
    rw [h, Nat.shiftRight_zero]
    refine div_eq_div_of_mul_eq (Nat.two_pow_pos _) (Nat.two_pow_pos _) ?_
    rw [Nat.mul_assoc, Nat.mul_assoc, ← Nat.pow_add, ← Nat.pow_add]
    congr 2
    omega
  · rename_i h
    have hk : k = if N = 0 then 0 else N.log2 + 1 + a - (b + (q - 1)) := shiftFor_dyadic q N a b
    rw [Nat.shiftRight_eq_div_pow, Nat.div_div_eq_div_mul]
    refine div_eq_div_of_mul_eq (Nat.mul_pos (Nat.two_pow_pos _) (Nat.two_pow_pos _)) (Nat.two_pow_pos _) ?_
    rw [Nat.mul_assoc, Nat.mul_assoc, ← Nat.pow_add, ← Nat.pow_add, ← Nat.pow_add]
    congr 2
    split at hk <;> omega

/-- A truncation, from its parts. -/
theorem ofDyadic_eq_pack (hp : 4 ≤ p) (neg : Bool) (N a b : Nat) :
    let k := if N = 0 then 0 else N.log2 + 1 + a - (b + (p / 2 - 1))
    let m := if k = 0 then N * 2 ^ (a - b) / 2 ^ (b - a) else N * 2 ^ (p / 2 - 1) / 2 ^ (N.log2 + 1)
    m < 2 ^ (p / 2 - 1) ∧ ofDyadic p neg N (a - b) = if k ≤ 2 * imax (p / 2) then pack p (neg && decide (m ≠ 0)) m k
      else pack p (neg && decide (m ≠ 0)) (imax (p / 2)) (2 * imax (p / 2)) := by
  intro k m
  have hk : shiftFor (p / 2) (N * 2 ^ a / 2 ^ b) = k := shiftFor_dyadic _ _ _ _
  have hm : (N * 2 ^ a / 2 ^ b) >>> k = m := by
    have h := shiftRight_dyadic (p / 2) N a b
    simp only [hk] at h
    exact h
  have hz : decide (N * 2 ^ a / 2 ^ b ≠ 0) = decide (m ≠ 0) := by
    rw [decide_eq_decide]
    constructor
    · intro h
      rcases Nat.eq_zero_or_pos k with e | e
      · rw [← hm, e]; exact h
      · have := le_shiftRight_shiftFor (q := p / 2) (a := N * 2 ^ a / 2 ^ b) (by omega) (by omega)
        rw [hk, hm] at this
        have := Nat.two_pow_pos (p / 2 - 2)
        omega
    · intro h h0
      rw [← hm, h0] at h
      simp at h
  refine ⟨?_, ?_⟩
  · rw [← hm, ← hk]; exact shiftRight_shiftFor_lt _ _
  · rw [ofDyadic, shiftBy_sub, truncate_withSign, hk, hm, hz]

end Float

namespace Term

/-- Whether a float is negative. -/
def fNeg (C : PrecTerms) (a : Term) : Term := testBit (a % (2 * C.Q)) C.l
/-- The magnitude of its mantissa. -/
def fMag (C : PrecTerms) (a : Term) : Term := a % (2 * C.Q) % C.Q
/-- Its exponent. -/
def fExpo (C : PrecTerms) (a : Term) : Term :=
  .ite (testBit (a / (2 * C.Q) % (2 * C.Q)) C.l) (C.Q - 1 - a / (2 * C.Q) % (2 * C.Q) % C.Q)
    (a / (2 * C.Q) % (2 * C.Q) % C.Q + (C.Q - 1))
/-- The string of a float from its parts. -/
def fPack (C : PrecTerms) (s m k : Term) : Term :=
  s * C.Q + m + 2 * C.Q * .ite (.lt k (C.Q - 1)) (C.Q + (C.Q - 1 - k)) (k - (C.Q - 1))
/-- How far `N · 2 ^ (a - b)` is shifted. -/
def dyadicShift (C : PrecTerms) (N a b : Term) : Term := .ite N (log2 N + 1 + a - (b + C.l)) 0
/-- Its mantissa. -/
def dyadicMag (C : PrecTerms) (N a b : Term) : Term :=
  .ite (dyadicShift C N a b) (N * C.Q / pow2 (log2 N + 1) (2 * N)) (N * pow2 (a - b) C.Q / pow2 (b - a) (N + 1))
/-- The string of the float `± N · 2 ^ (a - b)`. -/
def dyadic (C : PrecTerms) (s N a b : Term) : Term :=
  let k := dyadicShift C N a b
  let m := dyadicMag C N a b
  .ite (le k (2 * (C.Q - 1))) (fPack C (s.and m) m k) (fPack C (s.and m) (C.Q - 1) (2 * (C.Q - 1)))
/-- Whether two truth values differ. -/
def differ (a b : Term) : Term := (a + b) % 2
/-- The square root, rounded down. -/
def floorSqrt (t : Term) : Term := sum t t (le ((.var 0 + 1) * (.var 0 + 1)) t.up)

/-- The string of the negative. -/
def fMinus (C : PrecTerms) (a : Term) : Term := dyadic C (fNeg C a).not (fMag C a) (fExpo C a) 0
/-- The string of the product. -/
def fMul (C : PrecTerms) (a b : Term) : Term :=
  dyadic C (differ (fNeg C a) (fNeg C b)) (fMag C a * fMag C b) (fExpo C a + fExpo C b) (C.Q - 1)
/-- The string of the quotient. -/
def fDiv (C : PrecTerms) (a b : Term) : Term :=
  dyadic C (differ (fNeg C a) (fNeg C b)) (fMag C a * (4 * power C.Q 2) / fMag C b) (fExpo C a + (C.Q - 1))
    (fExpo C b + 2 * (C.l + 1))
/-- The string of the square root. -/
def fSqrt (C : PrecTerms) (a : Term) : Term :=
  let T := fExpo C a + (C.Q - 1)
  dyadic C 0 (floorSqrt (.ite (fNeg C a) 0 (fMag C a) * (16 * power C.Q 4 * (1 + T % 2)))) (T / 2) (2 * (C.l + 1))
/-- The string of the positive part. -/
def fRelu (C : PrecTerms) (a : Term) : Term := .ite (fNeg C a) 0 a
/-- The string of a constant. -/
def fWeight (C : PrecTerms) (w : Int × Int) : Term :=
  dyadic C (lit (decide (w.1 < 0)).toNat) (lit w.1.natAbs) (lit w.2.toNat + (C.Q - 1)) (lit (-w.2).toNat)
/-- The string of a natural number. -/
def fNat (C : PrecTerms) (t : Term) : Term := dyadic C 0 t (C.Q - 1) 0

/-- The smaller summand. -/
def addend (C : PrecTerms) (same M d : Term) : Term :=
  let Y := M * (4 * power C.Q 2)
  Y / pow2 d (Y + 1) + .ite (same.or (.eq (Y % pow2 d (Y + 1)) 0)) 0 1
/-- A sum in which the first summand has the greater exponent. -/
def fAddHigh (C : PrecTerms) (a b : Term) : Term :=
  let A := fMag C a * (4 * power C.Q 2)
  let same := .eq (fNeg C a) (fNeg C b)
  let r := addend C same (fMag C b) (fExpo C a - fExpo C b)
  dyadic C (.ite (fMag C a) (.ite (le r A) (fNeg C a) (fNeg C b)) (fNeg C b))
    (.ite (fMag C a) (.ite same (A + r) ((A - r) + (r - A))) (fMag C b * (4 * power C.Q 2)))
    (.ite (fMag C a) (fExpo C a) (fExpo C b)) (2 * (C.l + 1))
/-- The string of the sum. -/
def fAdd (C : PrecTerms) (a b : Term) : Term :=
  .ite (le (fExpo C b) (fExpo C a)) (fAddHigh C a b) (fAddHigh C b a)

section
variable {C : PrecTerms} {ρ : List Nat} {p : Nat} (hC : C.Holds ρ p) {a b : Term} {φ ψ : BitVec p}
  (ha : a.eval ρ = φ.toNat) (hb : b.eval ρ = ψ.toNat)
include hC

private theorem half : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by
  have := hC.le
  rw [← Nat.pow_succ']; congr 1; omega

private theorem guard : 4 * (2 ^ (p / 2 - 1)) ^ 2 = 2 ^ (2 * (p / 2)) := by
  rw [Nat.mul_comm 2 (p / 2), Nat.pow_mul, half hC]; grind

private theorem one_lt : 2 ≤ 2 ^ (p / 2 - 1) := by
  have := hC.le
  exact Nat.pow_le_pow_right (n := 2) (i := 1) (by omega) (by omega)

include ha in
/-- The sign. -/
theorem eval_fNeg : (fNeg C a).eval ρ = (Float.negative φ).toNat := by
  rw [Float.negative, Float.sign, half hC]
  simp only [fNeg, eval_testBit, eval_mod, eval_mul, eval_ofNat, ha, hC.l, hC.Q]

include ha in
/-- The magnitude. -/
theorem eval_fMag : (fMag C a).eval ρ = Float.mag φ := by
  rw [Float.mag, Float.magnitude, half hC]
  simp only [fMag, eval_mod, eval_mul, eval_ofNat, ha, hC.Q]

include ha in
/-- The exponent. -/
theorem eval_fExpo : (fExpo C a).eval ρ = Float.expo φ := by
  have h₁ := one_lt hC
  rw [Float.expo, Float.exponent, Float.toInt, Float.sign, Float.magnitude, Float.imax, half hC]
  simp only [fExpo, eval_ite, eval_testBit, eval_mod, eval_mul, eval_ofNat, ha, hC.l, hC.Q, eval_div, eval_sub,
    eval_add]
  have h₃ := Nat.mod_lt (φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1))) (Nat.two_pow_pos (p / 2 - 1))
  generalize φ.toNat / (2 * 2 ^ (p / 2 - 1)) % (2 * 2 ^ (p / 2 - 1)) = c at *
  generalize hm : c % 2 ^ (p / 2 - 1) = m at *
  generalize 2 ^ (p / 2 - 1) = Q at *
  cases c.testBit (p / 2 - 1) <;> simp <;> omega

/-- The string from the parts. -/
theorem eval_fPack {s m k : Term} {neg : Bool} {M K : Nat} (hs : s.eval ρ = neg.toNat) (hm : m.eval ρ = M)
    (hk : k.eval ρ = K) (hM : M < 2 ^ (p / 2 - 1)) (hK : K ≤ 2 * Float.imax (p / 2)) :
    (fPack C s m k).eval ρ = (Float.pack p neg M K).toNat := by
  rw [Float.toNat_pack hC.le hM hK]
  simp only [fPack, eval_add, eval_mul, eval_ofNat, eval_ite, eval_lt, eval_sub, hs, hm, hk, hC.Q]
  by_cases h : K < 2 ^ (p / 2 - 1) - 1 <;> simp [h]

/-- **The string of a truncation.** -/
theorem eval_dyadic {s N x y : Term} {neg : Bool} {M A B : Nat} (hs : s.eval ρ = neg.toNat) (hN : N.eval ρ = M)
    (hx : x.eval ρ = A) (hy : y.eval ρ = B) : (dyadic C s N x y).eval ρ = (Float.ofDyadic p neg M (A - B)).toNat := by
  obtain ⟨hm, e⟩ := Float.ofDyadic_eq_pack hC.le neg M A B
  have hI := Float.imax_add_one (p / 2)
  have hI' : (C.Q - 1).eval ρ = Float.imax (p / 2) := by
    simp only [eval_sub, hC.Q, eval_ofNat]; omega
  have ek : (dyadicShift C N x y).eval ρ = if M = 0 then 0 else M.log2 + 1 + A - (B + (p / 2 - 1)) := by
    simp only [dyadicShift, eval_ite, eval_sub, eval_add, eval_log2, eval_ofNat, hN, hx, hy, hC.l]
    by_cases h : M = 0 <;> simp [h]
  have em : (dyadicMag C N x y).eval ρ =
      if (if M = 0 then 0 else M.log2 + 1 + A - (B + (p / 2 - 1))) = 0 then M * 2 ^ (A - B) / 2 ^ (B - A)
      else M * 2 ^ (p / 2 - 1) / 2 ^ (M.log2 + 1) := by
    simp only [dyadicMag, eval_ite, ek, eval_div, eval_mul, eval_pow2, eval_add, eval_log2, eval_ofNat, eval_sub, hN,
      hx,
      hy, hC.Q]
    rcases Nat.eq_zero_or_pos M with h | h
    · simp [h]
    have hl := Nat.log2_self_le (show M ≠ 0 by omega)
    rw [if_neg (show ¬ M = 0 by omega)]
    by_cases hk : M.log2 + 1 + A - (B + (p / 2 - 1)) = 0
    · rw [if_neg (by simpa using hk), if_pos hk,
        Nat.min_eq_left (Nat.pow_le_pow_right (by omega) (show A - B ≤ p / 2 - 1 by omega))]
      by_cases hAB : B ≤ A
      · rw [show B - A = 0 by omega, Nat.pow_zero, Nat.min_eq_left (by omega)]
      · rw [show A - B = 0 by omega, Nat.pow_zero, Nat.mul_one]
        rcases Nat.le_total (2 ^ (B - A)) (M + 1) with h' | h'
        · rw [Nat.min_eq_left h']
        · rw [Nat.min_eq_right h', Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]
    · rw [if_pos hk, if_neg hk, Nat.min_eq_left (by rw [Nat.pow_succ]; omega)]
  rw [e]
  generalize (if M = 0 then 0 else M.log2 + 1 + A - (B + (p / 2 - 1))) = k at *
  generalize (if k = 0 then M * 2 ^ (A - B) / 2 ^ (B - A) else M * 2 ^ (p / 2 - 1) / 2 ^ (M.log2 + 1)) = m at *
  have es : (s.and (dyadicMag C N x y)).eval ρ = (neg && decide (m ≠ 0)).toNat := by
    rw [eval_and, hs, em]
    cases neg <;> simp
  simp only [dyadic, eval_ite, eval_le', ek, eval_mul, hI', eval_ofNat]
  by_cases h : k ≤ 2 * Float.imax (p / 2)
  · simp only [h, decide_true, Bool.toNat_true, ne_eq, Nat.one_ne_zero, not_false_eq_true, if_true]
    exact eval_fPack hC es em ek hm h
  · simp only [h, decide_false, Bool.toNat_false, ne_eq, not_true_eq_false, if_false]
    exact eval_fPack hC es hI' (by simp only [eval_mul, hI', eval_ofNat]) (by omega) (Nat.le_refl _)

private theorem eval_I : (C.Q - 1).eval ρ = Float.imax (p / 2) := by
  simp only [eval_sub, hC.Q, eval_ofNat, Float.imax]

private theorem eval_g : (2 * (C.l + 1)).eval ρ = 2 * (p / 2) := by
  have := hC.le
  simp only [eval_mul, eval_add, hC.l, eval_ofNat]; omega

private theorem eval_G : (4 * power C.Q 2).eval ρ = 2 ^ (2 * (p / 2)) := by
  simp only [eval_mul, eval_power, hC.Q, eval_ofNat, guard hC]

omit hC in
private theorem eval_differ {x y : Term} {s t : Bool} (hx : x.eval ρ = s.toNat) (hy : y.eval ρ = t.toNat) :
    (differ x y).eval ρ = (s != t).toNat := by
  simp only [differ, eval_mod, eval_add, hx, hy, eval_ofNat]
  cases s <;> cases t <;> rfl

omit hC in
/-- The value of a square root. -/
theorem eval_floorSqrt {t : Term} {m : Nat} (ht : t.eval ρ = m) : (floorSqrt t).eval ρ = Float.floorSqrt m := by
  simp only [floorSqrt, eval_sum, eval_le', eval_mul, eval_add, eval_var, eval_ofNat, List.getD_cons_zero, eval_up, ht]
  have h : ∀ k, ((List.range k).map fun i => (decide ((i + 1) * (i + 1) ≤ m)).toNat).sum =
      min k (Float.floorSqrt m) := by
    intro k
    induction k with
    | zero => simp
    | succ k ih =>
      rw [List.range_succ, List.map_append, List.sum_append_nat, ih, List.map_cons, List.map_nil, List.sum_cons,
        List.sum_nil]
      have e := Float.le_floorSqrt_iff (m := m) (r := k + 1)
      by_cases hk : k + 1 ≤ Float.floorSqrt m
      · rw [decide_eq_true (e.1 hk)]; simp only [Bool.toNat_true]; omega
      · rw [decide_eq_false (mt e.2 hk)]; simp only [Bool.toNat_false]; omega
  have h₁ := (Float.floorSqrt_spec m).1
  have h₂ : Float.floorSqrt m ≤ m := by
    rcases Nat.eq_zero_or_pos (Float.floorSqrt m) with e | e
    · omega
    · exact Nat.le_trans (Nat.le_mul_of_pos_left _ e) h₁
  rw [h]; omega

include ha in
/-- The negative. -/
theorem eval_fMinus : (fMinus C a).eval ρ = (Float.neg φ).toNat := by
  have := eval_dyadic hC (s := (fNeg C a).not) (neg := !Float.negative φ) (y := 0) (B := 0)
    (by rw [eval_not, eval_fNeg hC ha]; cases Float.negative φ <;> rfl) (eval_fMag hC ha) (eval_fExpo hC ha) rfl
  rw [Float.neg_eq, fMinus, this]
  simp

include ha hb in
/-- The product. -/
theorem eval_fMul : (fMul C a b).eval ρ = (Float.mul φ ψ).toNat := by
  rw [Float.mul_eq]
  exact eval_dyadic hC (eval_differ (eval_fNeg hC ha) (eval_fNeg hC hb))
    (by rw [eval_mul, eval_fMag hC ha, eval_fMag hC hb]) (by rw [eval_add, eval_fExpo hC ha, eval_fExpo hC hb])
    (eval_I hC)

include ha hb in
/-- The quotient. -/
theorem eval_fDiv : (fDiv C a b).eval ρ = (Float.div φ ψ).toNat := by
  rw [Float.div_eq hC.le]
  exact eval_dyadic hC (eval_differ (eval_fNeg hC ha) (eval_fNeg hC hb))
    (by rw [eval_div, eval_mul, eval_fMag hC ha, eval_fMag hC hb, eval_G hC])
    (by rw [eval_add, eval_fExpo hC ha, eval_I hC]) (by rw [eval_add, eval_fExpo hC hb, eval_g hC])

include ha in
/-- The square root. -/
theorem eval_fSqrt : (fSqrt C a).eval ρ = (Float.sqrt φ).toNat := by
  have hT : (fExpo C a + (C.Q - 1)).eval ρ = Float.expo φ + Float.imax (p / 2) := by
    rw [eval_add, eval_fExpo hC ha, eval_I hC]
  have hG : (16 * power C.Q 4).eval ρ = 2 ^ (2 * (2 * (p / 2))) := by
    rw [Nat.mul_comm, Nat.pow_mul, ← guard hC]
    simp only [eval_mul, eval_power, hC.Q, eval_ofNat]
    grind
  rw [Float.sqrt_eq hC.le]
  refine eval_dyadic hC (neg := false) rfl (eval_floorSqrt ?_) (by rw [eval_div, hT]; rfl) (eval_g hC)
  have hr := Nat.mod_lt (Float.expo φ + Float.imax (p / 2)) (show 0 < 2 by omega)
  rw [eval_mul, eval_mul, hG, eval_ite, eval_fNeg hC ha, eval_fMag hC ha, eval_add, eval_mod, hT, Nat.pow_add]
  simp only [eval_ofNat]
  congr 1
  · cases Float.negative φ <;> simp
  · congr 1
    rcases (show (Float.expo φ + Float.imax (p / 2)) % 2 = 0 ∨ (Float.expo φ + Float.imax (p / 2)) % 2 = 1 by omega)
      with h | h <;> rw [h]

include ha in
/-- The positive part. -/
theorem eval_fRelu : (fRelu C a).eval ρ = (Float.relu φ).toNat := by
  rw [fRelu, eval_ite, eval_fNeg hC ha, Float.relu, ha]
  cases Float.negative φ <;> simp

/-- A constant. -/
theorem eval_fWeight (w : Int × Int) : (fWeight C w).eval ρ = (Float.ofWeight p w).toNat := by
  rw [fWeight, eval_dyadic hC (neg := decide (w.1 < 0)) rfl rfl (A := w.2.toNat + Float.imax (p / 2))
    (by rw [eval_add, eval_I hC]; rfl) (B := (-w.2).toNat) rfl, Float.ofWeight]
  congr 2
  omega

/-- A natural number. -/
theorem eval_fNat (t : Term) : (fNat C t).eval ρ = (Float.ofNat p (t.eval ρ)).toNat := by
  rw [fNat, eval_dyadic hC (neg := false) rfl rfl (eval_I hC) rfl, Float.ofNat]
  simp

private theorem eval_addend {same M d : Term} {s : Bool} {m e : Nat} (hs : same.eval ρ = s.toNat) (hM : M.eval ρ = m)
    (hd : d.eval ρ = e) : (addend C same M d).eval ρ = Float.addend (2 * (p / 2)) s m e := by
  have hY : (M * (4 * power C.Q 2)).eval ρ = m * 2 ^ (2 * (p / 2)) := by rw [eval_mul, hM, eval_G hC]
  simp only [addend, eval_add, eval_div, eval_ite, eval_or, eval_eq, eval_mod, eval_pow2, hY, hs, hd, eval_ofNat,
    Float.addend]
  generalize m * 2 ^ (2 * (p / 2)) = Y
  have h₁ : Y / min (2 ^ e) (Y + 1) = Y / 2 ^ e ∧ Y % min (2 ^ e) (Y + 1) = Y % 2 ^ e := by
    rcases Nat.le_total (2 ^ e) (Y + 1) with h | h
    · rw [Nat.min_eq_left h]; exact ⟨rfl, rfl⟩
    · rw [Nat.min_eq_right h, Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega), Nat.mod_eq_of_lt (by omega),
        Nat.mod_eq_of_lt (by omega)]
      exact ⟨rfl, rfl⟩
  rw [h₁.1, h₁.2]
  congr 1
  cases s <;> by_cases h : Y % 2 ^ e = 0 <;> simp [h]

include ha hb in
private theorem eval_fAddHigh : (fAddHigh C a b).eval ρ = (Float.addHigh φ ψ).toNat := by
  have hA : (fMag C a * (4 * power C.Q 2)).eval ρ = Float.mag φ * 2 ^ (2 * (p / 2)) := by
    rw [eval_mul, eval_fMag hC ha, eval_G hC]
  have hsame : (Term.eq (fNeg C a) (fNeg C b)).eval ρ = (Float.negative φ == Float.negative ψ).toNat := by
    rw [eval_eq, eval_fNeg hC ha, eval_fNeg hC hb]
    cases Float.negative φ <;> cases Float.negative ψ <;> rfl
  have hr := eval_addend hC hsame (eval_fMag hC hb) (d := fExpo C a - fExpo C b)
    (e := Float.expo φ - Float.expo ψ) (by rw [eval_sub, eval_fExpo hC ha, eval_fExpo hC hb])
  refine eval_dyadic hC ?_ ?_ ?_ (eval_g hC)
  · simp only [eval_ite, eval_le', hA, hr, eval_fMag hC ha, eval_fNeg hC ha, eval_fNeg hC hb, Float.addSign]
    by_cases h : Float.mag φ = 0
    · simp [h]
    · by_cases h' : Float.addend (2 * (p / 2)) (Float.negative φ == Float.negative ψ) (Float.mag ψ)
        (Float.expo φ - Float.expo ψ) ≤ Float.mag φ * 2 ^ (2 * (p / 2)) <;> simp [h, h']
  · simp only [eval_ite, eval_add, eval_sub, hA, hr, hsame, eval_fMag hC ha, Float.addMag]
    rw [eval_mul, eval_fMag hC hb, eval_G hC]
    by_cases h : Float.mag φ = 0
    · simp [h]
    · cases (Float.negative φ == Float.negative ψ) <;> simp [h]
  · simp only [eval_ite, eval_fMag hC ha, eval_fExpo hC ha, eval_fExpo hC hb]
    by_cases h : Float.mag φ = 0 <;> simp [h]

include ha hb in
/-- The sum. -/
theorem eval_fAdd : (fAdd C a b).eval ρ = (Float.add φ ψ).toNat := by
  rw [Float.add_eq hC.le]
  simp only [fAdd, eval_ite, eval_le', eval_fExpo hC ha, eval_fExpo hC hb, eval_fAddHigh hC ha hb,
    eval_fAddHigh hC hb ha]
  by_cases h : Float.expo ψ ≤ Float.expo φ <;> simp [h]

end

end Term

end Logprec
