import Logprec.Float.Operations

/-!
# Arithmetic of floats with guard bits

The definitions of the operations speak of exact integers, whose length is exponential in `p`. Here each operation is
computed from mantissas and exponents, with numbers of `O(p)` bits, and gives the same float: `2 q` guard bits are
enough, where `q = p / 2`.
-/

namespace Logprec.Float

variable {p : Nat}

/-- Negation, from the parts. -/
theorem neg_eq (φ : BitVec p) : neg φ = ofDyadic p (!negative φ) (mag φ) (expo φ) := by
  have := shiftBy_sub (mag φ) (expo φ) 0
  simp only [Int.natCast_zero, Int.sub_zero, Nat.pow_zero, Nat.div_one] at this
  rw [neg, scaled_eq, neg_withSign, ofDyadic, this]

private theorem two_pow_eq (I : Nat) : (2 ^ I : Int) = withSign false (2 ^ I) := by simp [withSign]

/-- The product, from the parts. -/
theorem mul_eq (φ ψ : BitVec p) :
    mul φ ψ = ofDyadic p (negative φ != negative ψ) (mag φ * mag ψ)
      ((expo φ + expo ψ : Nat) - (imax (p / 2) : Nat)) := by
  have e : ((negative φ != negative ψ) != false) = (negative φ != negative ψ) := by simp
  rw [mul, scaled_eq, scaled_eq, withSign_mul, two_pow_eq, withSign_tdiv, ofDyadic, shiftBy_sub, Nat.pow_add, e,
    Nat.mul_mul_mul_comm]

/-- The quotient, from the parts, with `2 q` guard bits. -/
theorem div_eq (hp : 4 ≤ p) (φ ψ : BitVec p) : div φ ψ = ofDyadic p (negative φ != negative ψ)
    (mag φ * 2 ^ (2 * (p / 2)) / mag ψ) ((expo φ + imax (p / 2) : Nat) - (expo ψ + 2 * (p / 2) : Nat)) := by
  have e : div φ ψ = truncate p (withSign (negative φ != negative ψ)
      (mag φ * 2 ^ (expo φ + imax (p / 2)) / (mag ψ * 2 ^ expo ψ))) := by
    rw [div, scaled_eq, scaled_eq, two_pow_eq, withSign_mul, withSign_tdiv, Nat.pow_add, ← Nat.mul_assoc]
    cases negative φ <;> cases negative ψ <;> rfl
  have hm := mag_lt ψ
  rw [e]
  have hq := Nat.two_pow_pos (p / 2 - 1)
  have hg : 2 ^ (p / 2 - 1) * 2 ^ (p / 2 - 1) ≤ 2 ^ (2 * (p / 2)) := by
    rw [← Nat.pow_add]; exact Nat.pow_le_pow_right (by omega) (by omega)
  generalize mag φ = M, mag ψ = M', expo φ + imax (p / 2) = a, expo ψ = b at *
  rcases Nat.eq_zero_or_pos M' with rfl | hM
  · exact (ofDyadic_eq hp _ (fun _ => by rw [shiftBy_sub]; simp) fun _ => ⟨by simp, .inr (by simp)⟩).symm
  refine (ofDyadic_eq hp _ (fun hK => ?_) fun hK => ⟨?_, ?_⟩).symm
  · have e : shiftBy (M * 2 ^ (2 * (p / 2)) / M') ((a : Int) - (b + 2 * (p / 2) : Nat)) =
        M * 2 ^ (2 * (p / 2)) / M' / 2 ^ (b + 2 * (p / 2) - a) := by
      rw [shiftBy, show ((a : Int) - (b + 2 * (p / 2) : Nat)).toNat = 0 by omega, Nat.pow_zero, Nat.mul_one]
      congr 2
      omega
    rw [e, Nat.div_div_eq_div_mul]
    refine div_eq_div_of_mul_eq (Nat.mul_pos hM (Nat.two_pow_pos _)) (Nat.mul_pos hM (Nat.two_pow_pos _)) ?_
    rw [show M * 2 ^ (2 * (p / 2)) * (M' * 2 ^ b) = M * M' * (2 ^ (2 * (p / 2)) * 2 ^ b) by grind,
      show M * 2 ^ a * (M' * 2 ^ (b + 2 * (p / 2) - a)) = M * M' * (2 ^ a * 2 ^ (b + 2 * (p / 2) - a)) by grind,
      ← Nat.pow_add, ← Nat.pow_add]
    congr 2
    omega
  · rw [Nat.div_div_eq_div_mul]
    refine div_eq_div_of_mul_eq hM (Nat.mul_pos (Nat.mul_pos hM (Nat.two_pow_pos _)) (Nat.two_pow_pos _)) ?_
    rw [show M * 2 ^ (2 * (p / 2)) * (M' * 2 ^ b * 2 ^ ((a : Int) - (b + 2 * (p / 2) : Nat)).toNat) =
        M * M' * (2 ^ (2 * (p / 2)) * 2 ^ b * 2 ^ ((a : Int) - (b + 2 * (p / 2) : Nat)).toNat) by grind,
      show M * 2 ^ a * M' = M * M' * 2 ^ a by grind, ← Nat.pow_add, ← Nat.pow_add]
    congr 2
    omega
  · rcases Nat.eq_zero_or_pos M with rfl | h
    · exact .inr (by simp)
    · refine .inl ((Nat.le_div_iff_mul_le hM).2 ?_)
      have h₁ := Nat.mul_le_mul_left (2 ^ (p / 2 - 1)) (Nat.le_of_lt hm)
      have h₂ := Nat.mul_le_mul_right (2 ^ (2 * (p / 2))) h
      omega

private theorem mul_two_pow_div (M : Nat) {u v w : Nat} (h : u = w + v) : M * 2 ^ u / 2 ^ v = M * 2 ^ w := by
  rw [h, Nat.pow_add, ← Nat.mul_assoc, Nat.mul_div_cancel _ (Nat.two_pow_pos v)]

/-- The square root, from the parts, with `2 q` guard bits: `T` is the exponent of the number under the root. -/
theorem sqrt_eq (hp : 4 ≤ p) (φ : BitVec p) :
    let T := expo φ + imax (p / 2)
    sqrt φ = ofDyadic p false (floorSqrt ((if negative φ then 0 else mag φ) * 2 ^ (2 * (2 * (p / 2)) + T % 2)))
      ((T / 2 : Nat) - (2 * (p / 2) : Nat)) := by
  intro T
  have e : (scaled φ).toNat = (if negative φ then 0 else mag φ) * 2 ^ expo φ := by
    rw [scaled_eq]
    cases negative φ
    · simp only [withSign, Bool.false_eq_true, if_false]; omega
    · simp only [withSign, if_true]; omega
  have e' : sqrt φ = truncate p (withSign false (floorSqrt ((if negative φ then 0 else mag φ) * 2 ^ T))) := by
    rw [sqrt, e, Nat.mul_assoc, ← Nat.pow_add]
    rfl
  rw [e']
  generalize (if negative φ then 0 else mag φ) = M
  have hT := Nat.div_add_mod T 2
  have hr := Nat.mod_lt T (show 0 < 2 by omega)
  refine (ofDyadic_eq hp _ (fun hK => ?_) fun hK => ?_).symm
  · have e : ∀ x, shiftBy x ((T / 2 : Nat) - (2 * (p / 2) : Nat)) = x / 2 ^ (2 * (p / 2) - T / 2) := fun x => by
      rw [shiftBy, show (((T / 2 : Nat) : Int) - (2 * (p / 2) : Nat)).toNat = 0 by omega, Nat.pow_zero, Nat.mul_one]
      congr 2
      omega
    rw [e, ← floorSqrt_div, ← Nat.pow_add, mul_two_pow_div M (w := T) (by omega)]
  · have e : (((T / 2 : Nat) : Int) - (2 * (p / 2) : Nat)).toNat = T / 2 - 2 * (p / 2) := by omega
    rw [e, ← floorSqrt_div, ← Nat.pow_add, mul_two_pow_div M (w := 2 * (2 * (p / 2)) + T % 2) (by omega)]
    refine ⟨rfl, ?_⟩
    rcases Nat.eq_zero_or_pos M with rfl | h
    · exact .inr (by simp)
    · refine .inl (le_floorSqrt_iff.2 ?_)
      rw [← Nat.pow_add]
      refine Nat.le_trans (Nat.pow_le_pow_right (by omega) ?_) (Nat.le_mul_of_pos_left _ h)
      omega

/-! ## Sums of two floats -/

/-- The second summand, in units of the first with `g` guard bits: `M' · 2 ^ g / 2 ^ d`, where `d` is the difference of
the exponents; rounded down, or up if it will be subtracted. -/
def addend (g : Nat) (same : Bool) (M' d : Nat) : Nat :=
  M' * 2 ^ g / 2 ^ d + if same || decide (M' * 2 ^ g % 2 ^ d = 0) then 0 else 1

/-- The magnitude of the sum of `± M · 2 ^ k` and `± M' · 2 ^ k'`, `k = k' + d`. -/
def addMag (g : Nat) (same : Bool) (M M' d : Nat) : Nat :=
  if M = 0 then M' * 2 ^ g
  else if same then M * 2 ^ g + addend g same M' d
  else (M * 2 ^ g - addend g same M' d) + (addend g same M' d - M * 2 ^ g)

/-- Its sign. -/
def addSign (g : Nat) (s s' : Bool) (M M' d : Nat) : Bool :=
  if M = 0 then s' else if addend g (s == s') M' d ≤ M * 2 ^ g then s else s'

private theorem withSign_add_same (s : Bool) (a b : Nat) : withSign s a + withSign s b = withSign s (a + b) := by
  cases s <;> simp [withSign] <;> omega

private theorem withSign_add_ne {s s' : Bool} (h : s ≠ s') (a b : Nat) :
    withSign s a + withSign s' b = withSign (if b ≤ a then s else s') ((a - b) + (b - a)) := by
  by_cases hle : b ≤ a <;> cases s <;> cases s' <;> simp [withSign, hle] at h ⊢ <;> omega

private theorem sub_div {A D W : Nat} (hD : 0 < D) (h : W ≤ A * D) :
    (A * D - W) / D = A - (W / D + if W % D = 0 then 0 else 1) := by
  have e := Nat.div_add_mod W D
  have hr := Nat.mod_lt W hD
  have hw : W / D ≤ A := by
    have := Nat.div_le_div_right (c := D) h
    rwa [Nat.mul_div_cancel _ hD] at this
  generalize W / D = w at *
  generalize W % D = ρ at *
  obtain ⟨t, rfl⟩ := Nat.exists_eq_add_of_le hw
  have e₁ : (w + t) * D = D * w + t * D := by grind
  split
  · rename_i h0
    rw [show (w + t) * D - W = t * D by omega, Nat.mul_div_cancel _ hD]
    omega
  · rename_i h0
    match t, e₁ with
    | 0, e₁ => omega
    | t + 1, e₁ =>
      have e₂ : (t + 1) * D = t * D + D := by grind
      refine (Nat.div_eq_of_lt_le (m := (w + (t + 1)) * D - W) (k := t) ?_ ?_).trans (by omega)
      · omega
      · show _ < (t + 1) * D; omega

private theorem ofDyadic_high (s s' : Bool) {M M' k' d : Nat} (hp : 4 ≤ p) (hM' : M' < 2 ^ (p / 2 - 1)) :
    let g := 2 * (p / 2)
    ofDyadic p (addSign g s s' M M' d) (addMag g (s == s') M M' d) ((if M = 0 then k' else k' + d : Nat) - (g : Nat)) =
      truncate p (withSign s (M * 2 ^ (k' + d)) + withSign s' (M' * 2 ^ k')) := by
  intro g
  by_cases hM : M = 0
  · subst hM
    rw [ofDyadic]
    simp only [addSign, addMag, if_true, shiftBy_sub, Nat.zero_mul]
    rw [Nat.mul_assoc, ← Nat.pow_add, mul_two_pow_div M' (w := k') (by omega)]
    cases s <;> simp [withSign]
  have hpos : 0 < M := by omega
  rw [if_neg hM]
  by_cases hd : d ≤ g
  · -- nothing is lost
    obtain ⟨t, ht⟩ := Nat.exists_eq_add_of_le hd
    have hr : ∀ same, addend g same M' d = M' * 2 ^ t := fun same => by
      have : M' * 2 ^ g % 2 ^ d = 0 := by rw [ht, Nat.pow_add, Nat.mul_left_comm, Nat.mul_mod_right]
      rw [addend, this, mul_two_pow_div M' (w := t) (by omega)]
      simp
    have hA : M * 2 ^ g = M * 2 ^ d * 2 ^ t := by rw [ht, Nat.pow_add, Nat.mul_assoc]
    have hX : M * 2 ^ (k' + d) = M * 2 ^ d * 2 ^ k' := by rw [Nat.add_comm, Nat.pow_add, Nat.mul_assoc]
    have hs : ∀ x, shiftBy (x * 2 ^ t) ((k' + d : Nat) - (g : Nat)) = x * 2 ^ k' := fun x => by
      rw [shiftBy_sub, Nat.mul_assoc, ← Nat.pow_add, mul_two_pow_div x (w := k') (by omega)]
    by_cases h : s = s'
    · subst h
      rw [withSign_add_same, ofDyadic]
      simp only [addMag, addSign, if_neg hM, beq_self_eq_true, if_true, hr, ite_self]
      rw [hA, ← Nat.add_mul, hs, hX, Nat.add_mul]
    · have hbeq : (s == s') = false := by simpa using h
      rw [withSign_add_ne h, ofDyadic]
      simp only [addMag, addSign, if_neg hM, hbeq, Bool.false_eq_true, if_false, hr]
      have i₁ := Nat.mul_le_mul_right_iff (n := M') (m := M * 2 ^ d) (Nat.two_pow_pos t)
      have i₂ := Nat.mul_le_mul_right_iff (n := M') (m := M * 2 ^ d) (Nat.two_pow_pos k')
      rw [hA, ← Nat.sub_mul, ← Nat.sub_mul, ← Nat.add_mul, hs, hX, ← Nat.sub_mul, ← Nat.sub_mul, ← Nat.add_mul]
      simp only [i₁, i₂]
  · -- the second summand is small
    obtain ⟨u, hu⟩ : ∃ u, d = g + 1 + u := ⟨d - g - 1, by omega⟩
    obtain ⟨K, hK⟩ : ∃ K, K = k' + 1 + u := ⟨_, rfl⟩
    have hKg : k' + d = g + K := by omega
    have eK : (((k' + d : Nat) : Int) - (g : Nat)).toNat = K := by omega
    have hX : M * 2 ^ (k' + d) = M * 2 ^ g * 2 ^ K := by rw [hKg, Nat.pow_add, Nat.mul_assoc]
    have e₁ : M' * 2 ^ g / 2 ^ d = M' / 2 ^ (1 + u) := by
      rw [hu, Nat.add_assoc, Nat.add_comm g, Nat.pow_add, Nat.mul_div_mul_right _ _ (Nat.two_pow_pos g)]
    have e₂ : M' * 2 ^ k' / 2 ^ K = M' / 2 ^ (1 + u) := by
      rw [hK, Nat.add_assoc, Nat.add_comm k', Nat.pow_add, Nat.mul_div_mul_right _ _ (Nat.two_pow_pos k')]
    have e₃ : M' * 2 ^ g % 2 ^ d = M' % 2 ^ (1 + u) * 2 ^ g := by
      rw [hu, Nat.add_assoc, Nat.add_comm g, Nat.pow_add, Nat.mul_mod_mul_right]
    have e₄ : M' * 2 ^ k' % 2 ^ K = M' % 2 ^ (1 + u) * 2 ^ k' := by
      rw [hK, Nat.add_assoc, Nat.add_comm k', Nat.pow_add, Nat.mul_mod_mul_right]
    have z : ∀ a, M' % 2 ^ (1 + u) * 2 ^ a = 0 ↔ M' % 2 ^ (1 + u) = 0 := fun a => by
      have := Nat.two_pow_pos a
      rw [Nat.mul_eq_zero]; omega
    have hle := Nat.div_le_self M' (2 ^ (1 + u))
    have hg : 2 ^ (p / 2 - 1) + 2 ^ (p / 2 - 1) ≤ 2 ^ g := by
      rw [← Nat.mul_two, ← Nat.pow_succ]; exact Nat.pow_le_pow_right (by omega) (by omega)
    have hA : 2 ^ g ≤ M * 2 ^ g := Nat.le_mul_of_pos_left _ hpos
    have hW : M' * 2 ^ k' ≤ M * 2 ^ g * 2 ^ K :=
      Nat.mul_le_mul (by omega) (Nat.pow_le_pow_right (by omega) (by omega))
    have hD := Nat.two_pow_pos K
    have huM : ∀ same, addend g same M' d ≤ 2 ^ (p / 2 - 1) := fun same => by
      rw [addend, e₁]
      split <;> omega
    by_cases h : s = s'
    · subst h
      have e : addMag g (s == s) M M' d = M * 2 ^ g + M' / 2 ^ (1 + u) := by
        simp [addMag, addend, e₁, hM]
      have e' : addSign g s s M M' d = s := by simp [addSign, hM]
      rw [withSign_add_same, e, e']
      refine ofDyadic_eq hp _ (fun h => by omega) fun _ => ?_
      rw [eK, hX, Nat.add_comm (M * 2 ^ g * 2 ^ K), Nat.add_mul_div_right _ _ hD, e₂]
      exact ⟨Nat.add_comm _ _, .inl (Nat.le_trans (show 2 ^ (p / 2 - 1) ≤ M * 2 ^ g by omega) (Nat.le_add_right _ _))⟩
    · have hbeq : (s == s') = false := by simpa using h
      have hr := huM false
      have e : addMag g (s == s') M M' d = M * 2 ^ g - addend g false M' d := by
        simp only [addMag, hM, hbeq, if_false, Bool.false_eq_true]
        omega
      have e' : addSign g s s' M M' d = s := by
        simp only [addSign, hM, hbeq, if_false]
        rw [if_pos (by omega)]
      rw [withSign_add_ne h, e, e', hX, if_pos hW, Nat.sub_eq_zero_of_le hW, Nat.add_zero]
      refine ofDyadic_eq hp _ (fun h => by omega) fun _ => ?_
      rw [eK, sub_div hD hW, addend, e₁, e₂, e₃, e₄]
      simp only [z, Bool.false_or, decide_eq_true_eq]
      refine ⟨trivial, .inl ?_⟩
      split <;> omega

/-- The sum of two floats, from the parts, where the first has the greater exponent. -/
def addHigh (φ ψ : BitVec p) : BitVec p :=
  let g := 2 * (p / 2)
  ofDyadic p (addSign g (negative φ) (negative ψ) (mag φ) (mag ψ) (expo φ - expo ψ))
    (addMag g (negative φ == negative ψ) (mag φ) (mag ψ) (expo φ - expo ψ))
    ((if mag φ = 0 then expo ψ else expo φ : Nat) - (g : Nat))

/-- The sum, from the parts, with `2 q` guard bits. -/
theorem add_eq (hp : 4 ≤ p) (φ ψ : BitVec p) :
    add φ ψ = if expo ψ ≤ expo φ then addHigh φ ψ else addHigh ψ φ := by
  have high : ∀ φ ψ : BitVec p, expo ψ ≤ expo φ → addHigh φ ψ = truncate p (scaled φ + scaled ψ) := fun φ ψ h => by
    have := ofDyadic_high (negative φ) (negative ψ) (M := mag φ) (k' := expo ψ) (d := expo φ - expo ψ) hp (mag_lt ψ)
    rw [Nat.add_sub_cancel' h] at this
    rw [scaled_eq, scaled_eq]
    exact this
  have e : add φ ψ = truncate p (scaled φ + scaled ψ) := by
    simp [add, sum]
  split
  · rename_i h
    rw [e, high φ ψ h]
  · rename_i h
    rw [e, high ψ φ (by omega), Int.add_comm]

end Logprec.Float
