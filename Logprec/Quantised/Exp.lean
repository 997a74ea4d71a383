import Logprec.Quantised.Construct

/-!
# Tables of exponentials: proofs

`expTable_near`: each entry is a rounded power, within half a unit and a little. `power_bracket`: how near that power
is to an exponential. About the definitions in `Logprec.Quantised.Construct`.
-/

namespace Logprec.Quantised

/-- One squaring: `z` is at most `e` units away from `Q · N / D`, and after it at most `2 e + 1`. -/
private theorem squaring_near {Q z N D e : Nat} (hQ : 0 < Q) (hN : N ≤ D) (hz : z ≤ Q)
    (h : NearFraction z (Q * N) D e 1) :
    z * z / Q ≤ Q ∧ NearFraction (z * z / Q) (Q * (N * N)) (D * D) (2 * e + 1) 1 := by
  simp only [NearFraction, Nat.one_mul] at h ⊢
  generalize hy : z * z / Q = y
  have h₁ : y * Q ≤ z * z := hy ▸ Nat.div_mul_le_self _ _
  have h₂ : z * z ≤ (y + 1) * Q := Nat.le_of_lt (hy ▸ (Nat.div_lt_iff_lt_mul hQ).1 (Nat.lt_succ_self _))
  have hND : Q * N * (e * D) ≤ Q * D * (e * D) := Nat.mul_le_mul_right _ (Nat.mul_le_mul_left _ hN)
  have hzD : z * D * (e * D) ≤ Q * D * (e * D) := Nat.mul_le_mul_right _ (Nat.mul_le_mul_right _ hz)
  refine ⟨Nat.le_of_mul_le_mul_right (Nat.le_trans h₁ (Nat.mul_le_mul hz hz)) hQ,
    Nat.le_of_mul_le_mul_left (c := Q) ?_ hQ, Nat.le_of_mul_le_mul_left (c := Q) ?_ hQ⟩
  · calc Q * (Q * (N * N)) = Q * N * (Q * N) := by grind
      _ ≤ Q * N * ((z + e) * D) := Nat.mul_le_mul_left _ h.1
      _ = Q * N * (z * D) + Q * N * (e * D) := by grind
      _ ≤ (z + e) * D * (z * D) + Q * D * (e * D) := Nat.add_le_add (Nat.mul_le_mul_right _ h.1) hND
      _ = z * z * (D * D) + z * D * (e * D) + Q * D * (e * D) := by grind
      _ ≤ (y + 1) * Q * (D * D) + Q * D * (e * D) + Q * D * (e * D) :=
        Nat.add_le_add_right (Nat.add_le_add (Nat.mul_le_mul_right _ h₂) hzD) _
      _ = Q * ((y + (2 * e + 1)) * (D * D)) := by grind
  · calc Q * (y * (D * D)) = y * Q * (D * D) := by grind
      _ ≤ z * z * (D * D) := Nat.mul_le_mul_right _ h₁
      _ = z * D * (z * D) := by grind
      _ ≤ z * D * (Q * N + e * D) := Nat.mul_le_mul_left _ h.2
      _ = Q * N * (z * D) + z * D * (e * D) := by grind
      _ ≤ Q * N * (Q * N + e * D) + Q * D * (e * D) := Nat.add_le_add (Nat.mul_le_mul_left _ h.2) hzD
      _ = Q * N * (Q * N) + Q * N * (e * D) + Q * D * (e * D) := by grind
      _ ≤ Q * N * (Q * N) + Q * D * (e * D) + Q * D * (e * D) := Nat.add_le_add_right (Nat.add_le_add_left hND _) _
      _ ≤ Q * (Q * (N * N) + (2 * e + 1) * (D * D)) := by grind

/-- **Repeated squaring**: after `m` squarings the error is below `2 ^ m · (e + 1)` units. -/
theorem squarings_near {q z N D e : Nat} (m : Nat) (hN : N ≤ D) (hz : z ≤ 2 ^ q)
    (h : NearFraction z (2 ^ q * N) D e 1) :
    NearFraction (squarings q m z) (2 ^ q * N ^ 2 ^ m) (D ^ 2 ^ m) (2 ^ m * (e + 1) - 1) 1 := by
  induction m generalizing z N D e with
  | zero => simpa [squarings] using h
  | succ m ih =>
    obtain ⟨h₁, h₂⟩ := squaring_near (Nat.two_pow_pos q) hN hz h
    have h := ih (Nat.mul_le_mul hN hN) h₁ h₂
    have e₁ : ∀ x : Nat, (x * x) ^ 2 ^ m = x ^ 2 ^ (m + 1) := fun x => by
      rw [← Nat.pow_two, ← Nat.pow_mul, Nat.pow_succ, Nat.mul_comm]
    rwa [e₁, e₁, show 2 ^ m * (2 * e + 1 + 1) = 2 ^ (m + 1) * (e + 1) by rw [Nat.pow_succ]; grind] at h

/-- Scaling by `G / (2 · Q)` and rounding to nearest: of an error of `E` units, `1 / (2 · K)` is left if they are few,
beside the half of the rounding. -/
private theorem round_near {Q G z P R E K : Nat} (hQ : 0 < Q) (h : NearFraction z (2 * Q * P) R E 1)
    (hE : G * E * K ≤ Q) :
    NearFraction ((G * z + Q) / (2 * Q)) (G * P) R (K + 1) (2 * K) := by
  simp only [NearFraction, Nat.one_mul] at h ⊢
  have hQ' : 0 < 2 * Q := by omega
  generalize hy : (G * z + Q) / (2 * Q) = y
  have low : y * (2 * Q) ≤ G * z + Q := hy ▸ Nat.div_mul_le_self _ _
  have high : G * z ≤ 2 * Q * y + Q := by
    have : G * z + Q < (y + 1) * (2 * Q) := hy ▸ (Nat.div_lt_iff_lt_mul hQ').1 (Nat.lt_succ_self _)
    grind
  refine ⟨Nat.le_of_mul_le_mul_left (c := 2 * Q) ?_ hQ', Nat.le_of_mul_le_mul_left (c := 2 * Q) ?_ hQ'⟩
  · calc 2 * Q * (2 * K * (G * P)) = 2 * K * G * (2 * Q * P) := by grind
      _ ≤ 2 * K * G * ((z + E) * R) := Nat.mul_le_mul_left _ h.1
      _ = 2 * K * (G * z) * R + 2 * (G * E * K) * R := by grind
      _ ≤ 2 * K * (2 * Q * y + Q) * R + 2 * Q * R :=
        Nat.add_le_add (Nat.mul_le_mul_right _ (Nat.mul_le_mul_left _ high))
          (Nat.mul_le_mul_right _ (Nat.mul_le_mul_left _ hE))
      _ = 2 * Q * ((2 * K * y + (K + 1)) * R) := by grind
  · calc 2 * Q * (2 * K * y * R) = 2 * K * (y * (2 * Q)) * R := by grind
      _ ≤ 2 * K * (G * z + Q) * R := Nat.mul_le_mul_right _ (Nat.mul_le_mul_left _ low)
      _ = 2 * K * G * (z * R) + 2 * K * Q * R := by grind
      _ ≤ 2 * K * G * (2 * Q * P + E * R) + 2 * K * Q * R :=
        Nat.add_le_add_right (Nat.mul_le_mul_left _ h.2) _
      _ = 2 * Q * (2 * K * (G * P)) + 2 * (G * E * K) * R + 2 * K * Q * R := by grind
      _ ≤ 2 * Q * (2 * K * (G * P)) + 2 * Q * R + 2 * K * Q * R :=
        Nat.add_le_add_right (Nat.add_le_add_left (Nat.mul_le_mul_right _ (Nat.mul_le_mul_left _ hE)) _) _
      _ = 2 * Q * (2 * K * (G * P) + (K + 1) * R) := by grind

/-- **An entry is `G · (1 - a / (b · 2 ^ m)) ^ (2 ^ m)`**, at most `1 / 2 + 1 / 2 ^ (k + 1)` units off, if there are `k`
more bits after the point than needed. -/
theorem expEntry_near {q m k G a b : Nat} (h0 : 0 < q) (hb : 0 < b) (ha : a ≤ b * 2 ^ m)
    (hq : G * 2 ^ (m + 2 + k) ≤ 2 ^ q) :
    NearFraction (expEntry q m G a b) (G * (b * 2 ^ m - a) ^ 2 ^ m) ((b * 2 ^ m) ^ 2 ^ m) (2 ^ k + 1) (2 * 2 ^ k) := by
  have hD : 0 < b * 2 ^ m := Nat.mul_pos hb (Nat.two_pow_pos m)
  have half : 2 ^ q = 2 * 2 ^ (q - 1) := by rw [← Nat.pow_succ']; congr 1; omega
  have low := Nat.div_mul_le_self (a * 2 ^ q) (b * 2 ^ m)
  have high := (Nat.div_lt_iff_lt_mul hD).1 (Nat.lt_succ_self (a * 2 ^ q / (b * 2 ^ m)))
  have small : a * 2 ^ q / (b * 2 ^ m) ≤ 2 ^ q := Nat.div_le_of_le_mul (Nat.mul_le_mul_right _ ha)
  have start : NearFraction (2 ^ q - a * 2 ^ q / (b * 2 ^ m)) (2 ^ q * (b * 2 ^ m - a)) (b * 2 ^ m) 1 1 := by
    simp only [NearFraction, Nat.one_mul]
    constructor
    · rw [Nat.mul_sub, Nat.add_mul, Nat.sub_mul]
      grind
    · rw [Nat.mul_sub, Nat.sub_mul]
      have := Nat.mul_le_mul_left (2 ^ q) ha
      grind
  have near := squarings_near m (Nat.sub_le _ _) (Nat.sub_le _ _) start
  rw [expEntry]
  rw [half] at near ⊢
  refine round_near (Nat.two_pow_pos _) near ?_
  rw [half, Nat.pow_add, Nat.pow_add] at hq
  have := Nat.mul_le_mul_right (2 ^ k) (Nat.mul_le_mul_left G (Nat.sub_le (2 ^ m * (1 + 1)) 1))
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
    NearFraction ((expTable m scoreBits expBits peak a b).getD s 0)
      ((2 ^ expBits - 1) * (b * 2 ^ m - (peak - s) * a) ^ 2 ^ m) ((b * 2 ^ m) ^ 2 ^ m) (2 ^ m + 1) (2 * 2 ^ m) := by
  have e : (expTable m scoreBits expBits peak a b).getD s 0 =
      expEntry (expBits + (m + 2 + m)) m (2 ^ expBits - 1) ((peak - s) * a) b := by
    simp [expTable, hs]
  rw [e]
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
