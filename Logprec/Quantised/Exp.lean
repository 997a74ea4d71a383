import Logprec.Quantised.Construct

/-!
# Tables of exponentials: proofs

`expTable_near`: each entry is a rounded power, within half a unit and a little. `power_bracket`: how near that power
is to an exponential. About the definitions in `Logprec.Quantised.Construct`.
-/

namespace Logprec.Quantised

/-- One squaring: an error of at most `e` units becomes one of at most `2 e + 1`. -/
private theorem squaring_near {q z N D e : Nat} (hN : N ≤ D) (hz : z ≤ 2 ^ q) (hlow : 2 ^ q * N ≤ (z + e) * D)
    (hhigh : z * D ≤ 2 ^ q * N + e * D) : z * z / 2 ^ q ≤ 2 ^ q ∧
      2 ^ q * (N * N) ≤ (z * z / 2 ^ q + (2 * e + 1)) * (D * D) ∧
      z * z / 2 ^ q * (D * D) ≤ 2 ^ q * (N * N) + (2 * e + 1) * (D * D) := by
  have hq := Nat.two_pow_pos q
  generalize hy : z * z / 2 ^ q = y
  have h₁ : y * 2 ^ q ≤ z * z := hy ▸ Nat.div_mul_le_self _ _
  have h₂ : z * z < (y + 1) * 2 ^ q := hy ▸ (Nat.div_lt_iff_lt_mul hq).1 (Nat.lt_succ_self _)
  generalize 2 ^ q = Q at *
  have h₃ : z * z ≤ Q * Q := Nat.mul_le_mul hz hz
  refine ⟨?_, ?_, ?_⟩
  · exact Nat.le_of_mul_le_mul_right (Nat.le_trans h₁ h₃) hq
  · have a₁ := Nat.mul_le_mul_left (Q * N) hlow
    have a₂ := Nat.mul_le_mul_right (z * D) hlow
    have a₃ := Nat.mul_le_mul_left (Q * e * D) hN
    have a₄ := Nat.mul_le_mul_right (e * (D * D)) hz
    have a₅ := Nat.mul_le_mul_right (D * D) (Nat.le_of_lt h₂)
    refine Nat.le_of_mul_le_mul_left (c := Q) ?_ hq
    grind
  · have a₁ := Nat.mul_le_mul_left (z * D) hhigh
    have a₂ := Nat.mul_le_mul_right (Q * N) hhigh
    have a₃ := Nat.mul_le_mul_left (Q * e * D) hN
    have a₄ := Nat.mul_le_mul_right (e * (D * D)) hz
    have a₅ := Nat.mul_le_mul_right (D * D) h₁
    refine Nat.le_of_mul_le_mul_left (c := Q) ?_ hq
    grind

/-- **Repeated squaring**: after `m` squarings the error is below `2 ^ m · (e + 1)` units. -/
theorem squarings_near {q z N D e : Nat} (m : Nat) (hN : N ≤ D) (hz : z ≤ 2 ^ q) (hlow : 2 ^ q * N ≤ (z + e) * D)
    (hhigh : z * D ≤ 2 ^ q * N + e * D) :
    2 ^ q * N ^ 2 ^ m ≤ (squarings q m z + (2 ^ m * (e + 1) - 1)) * D ^ 2 ^ m ∧
    squarings q m z * D ^ 2 ^ m ≤ 2 ^ q * N ^ 2 ^ m + (2 ^ m * (e + 1) - 1) * D ^ 2 ^ m := by
  induction m generalizing z N D e with
  | zero => simpa [squarings] using And.intro hlow hhigh
  | succ m ih =>
    obtain ⟨h₁, h₂, h₃⟩ := squaring_near hN hz hlow hhigh
    have h := ih (Nat.mul_le_mul hN hN) h₁ h₂ h₃
    have e₁ : ∀ x : Nat, (x * x) ^ 2 ^ m = x ^ 2 ^ (m + 1) := fun x => by
      rw [← Nat.pow_two, ← Nat.pow_mul, Nat.pow_succ, Nat.mul_comm]
    rw [e₁, e₁, show 2 ^ m * (2 * e + 1 + 1) = 2 ^ (m + 1) * (e + 1) by rw [Nat.pow_succ]; grind] at h
    exact h

/-- **An entry is `G · (1 - a / (b · 2 ^ m)) ^ (2 ^ m)`**, at most `1 / 2 + 1 / 2 ^ (k + 1)` units off, if there are `k`
more bits after the point than needed. -/
theorem expEntry_near {q m k G a b : Nat} (h0 : 0 < q) (hb : 0 < b) (ha : a ≤ b * 2 ^ m)
    (hq : G * 2 ^ (m + 2 + k) ≤ 2 ^ q) :
    2 * 2 ^ k * (G * (b * 2 ^ m - a) ^ 2 ^ m) ≤
      (2 * 2 ^ k * expEntry q m G a b + (2 ^ k + 1)) * (b * 2 ^ m) ^ 2 ^ m ∧
    2 * 2 ^ k * (expEntry q m G a b * (b * 2 ^ m) ^ 2 ^ m) ≤
      2 * 2 ^ k * (G * (b * 2 ^ m - a) ^ 2 ^ m) + (2 ^ k + 1) * (b * 2 ^ m) ^ 2 ^ m := by
  have hQ := Nat.two_pow_pos q
  have hD : 0 < b * 2 ^ m := Nat.mul_pos hb (Nat.two_pow_pos m)
  have half : 2 ^ q = 2 * 2 ^ (q - 1) := by rw [← Nat.pow_succ']; congr 1; omega
  have start := Nat.div_mul_le_self (a * 2 ^ q) (b * 2 ^ m)
  have start' := (Nat.div_lt_iff_lt_mul hD).1 (Nat.lt_succ_self (a * 2 ^ q / (b * 2 ^ m)))
  have small : a * 2 ^ q / (b * 2 ^ m) ≤ 2 ^ q := Nat.div_le_of_le_mul (Nat.mul_le_mul_right _ ha)
  have near := squarings_near (q := q) (z := 2 ^ q - a * 2 ^ q / (b * 2 ^ m)) (N := b * 2 ^ m - a) (D := b * 2 ^ m)
    (e := 1) m (Nat.sub_le _ _) (Nat.sub_le _ _) (by
      rw [Nat.mul_sub, Nat.add_mul, Nat.sub_mul]
      grind) (by
      rw [Nat.mul_sub, Nat.sub_mul]
      have := Nat.mul_le_mul_left (2 ^ q) ha
      grind)
  have hE : G * (2 ^ m * 2 - 1) * 2 ^ k ≤ 2 ^ (q - 1) := by
    rw [Nat.pow_add, Nat.pow_add] at hq
    have := Nat.mul_le_mul_right (2 ^ k) (Nat.mul_le_mul_left G (Nat.sub_le (2 ^ m * 2) 1))
    grind
  rw [expEntry]
  generalize squarings q m (2 ^ q - a * 2 ^ q / (b * 2 ^ m)) = z at *
  have low := Nat.div_mul_le_self (G * z + 2 ^ (q - 1)) (2 ^ q)
  have high := (Nat.div_lt_iff_lt_mul hQ).1 (Nat.lt_succ_self ((G * z + 2 ^ (q - 1)) / 2 ^ q))
  generalize (G * z + 2 ^ (q - 1)) / 2 ^ q = y at *
  generalize (b * 2 ^ m - a) ^ 2 ^ m = P at *
  generalize (b * 2 ^ m) ^ 2 ^ m = R at *
  generalize 2 ^ m * (1 + 1) - 1 = E at *
  have e₁ := Nat.mul_le_mul_left G near.1
  have e₂ := Nat.mul_le_mul_left G near.2
  have e₃ := Nat.mul_le_mul_right R hE
  have e₄ := Nat.mul_le_mul_right R low
  have e₅ := Nat.mul_le_mul_right R (Nat.le_of_lt high)
  have e₆ := Nat.mul_le_mul_left (2 * 2 ^ k) e₁
  have e₇ := Nat.mul_le_mul_left (2 * 2 ^ k) e₂
  have e₈ := Nat.mul_le_mul_left (2 * 2 ^ k) e₄
  have e₉ := Nat.mul_le_mul_left (2 * 2 ^ k) e₅
  generalize 2 ^ q = Q at *
  generalize 2 ^ (q - 1) = Q' at *
  generalize 2 ^ k = K at *
  subst half
  constructor
  · refine Nat.le_of_mul_le_mul_left (c := 2 * Q') ?_ hQ
    grind
  · refine Nat.le_of_mul_le_mul_left (c := 2 * Q') ?_ hQ
    grind

/-- **Bernoulli's inequality**, for fractions `u / v ≤ 1`: `1 - M · (1 - u / v) ≤ (u / v) ^ M`. -/
theorem bernoulli_le {u v : Nat} (h : u ≤ v) (M : Nat) : v ^ (M + 1) ≤ u ^ (M + 1) + (M + 1) * (v - u) * v ^ M := by
  induction M with
  | zero => simp; omega
  | succ M ih =>
    have h₁ := Nat.mul_le_mul_left u ih
    have h₂ : v ^ (M + 1 + 1) = (u + (v - u)) * v ^ (M + 1) := by rw [Nat.pow_succ, Nat.mul_comm]; congr 1; omega
    have h₃ : u * v ^ M ≤ v ^ (M + 1) := by rw [Nat.pow_succ, Nat.mul_comm]; exact Nat.mul_le_mul_left _ h
    have h₄ := Nat.mul_le_mul_left ((M + 1) * (v - u)) h₃
    rw [h₂, Nat.pow_succ u (M + 1)]
    grind

/-- **An entry of a table** is `(2 ^ expBits - 1) · (1 - x / 2 ^ m) ^ (2 ^ m)`, at most `1 / 2 + 1 / 2 ^ (m + 1)` units
off, where `x = (peak - s) · a / b`. -/
theorem expTable_near {m scoreBits expBits peak a b s : Nat} (hs : s < 2 ^ scoreBits) (hb : 0 < b)
    (ha : (peak - s) * a ≤ b * 2 ^ m) :
    let y := (expTable m scoreBits expBits peak a b).getD s 0
    2 * 2 ^ m * ((2 ^ expBits - 1) * (b * 2 ^ m - (peak - s) * a) ^ 2 ^ m) ≤
      (2 * 2 ^ m * y + (2 ^ m + 1)) * (b * 2 ^ m) ^ 2 ^ m ∧
    2 * 2 ^ m * (y * (b * 2 ^ m) ^ 2 ^ m) ≤
      2 * 2 ^ m * ((2 ^ expBits - 1) * (b * 2 ^ m - (peak - s) * a) ^ 2 ^ m) + (2 ^ m + 1) * (b * 2 ^ m) ^ 2 ^ m := by
  have e : (expTable m scoreBits expBits peak a b).getD s 0 =
      expEntry (expBits + (m + 2 + m)) m (2 ^ expBits - 1) ((peak - s) * a) b := by
    simp [expTable, hs]
  simp only [e]
  exact expEntry_near (by omega) hb ha (by
    rw [Nat.pow_add 2 expBits]
    exact Nat.mul_le_mul_right _ (Nat.sub_le _ _))

/-- **How near the power is to the exponential**: between `(1 - c / D) ^ M` and `(1 + c / D) ^ (-M)`, where the
exponential of `-M c / D` lies, there is a factor of at most `1` and at least `1 - M · (c / D)²`. -/
theorem power_bracket {c D : Nat} (h : c ≤ D) (M : Nat) :
    ((D - c) * (D + c)) ^ (M + 1) ≤ (D * D) ^ (M + 1) ∧
    (D * D) ^ (M + 1) ≤ ((D - c) * (D + c)) ^ (M + 1) + (M + 1) * (c * c) * (D * D) ^ M := by
  obtain ⟨d, rfl⟩ := Nat.exists_eq_add_of_le h
  have e : (c + d - c) * (c + d + c) + c * c = (c + d) * (c + d) := by
    rw [Nat.add_sub_cancel_left]
    grind
  have hle : (c + d - c) * (c + d + c) ≤ (c + d) * (c + d) := by omega
  refine ⟨Nat.pow_le_pow_left hle _, ?_⟩
  have := bernoulli_le hle M
  rwa [show (c + d) * (c + d) - (c + d - c) * (c + d + c) = c * c by omega] at this

end Logprec.Quantised
