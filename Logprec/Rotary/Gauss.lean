/-!
# Complex numbers with rational parts

What the exact cosine and sine are approximated with: complex numbers with rational real and imaginary parts, their
powers, and balls around 0. Core Lean has no square roots, so a bound `r` on the modulus is the inequality
`|z|² ≤ r²`.
-/

namespace Logprec.Rotary

/-- A complex number with rational parts. -/
structure Gauss where
  /-- The real part. -/
  re : Rat
  /-- The imaginary part. -/
  im : Rat
  deriving DecidableEq, Repr

namespace Gauss

/-- The number 1. -/
instance : One Gauss := ⟨⟨1, 0⟩⟩
/-- Sums. -/
instance : Add Gauss := ⟨fun z w => ⟨z.re + w.re, z.im + w.im⟩⟩
/-- Differences. -/
instance : Sub Gauss := ⟨fun z w => ⟨z.re - w.re, z.im - w.im⟩⟩
/-- Products: `i² = -1`. -/
instance : Mul Gauss := ⟨fun z w => ⟨z.re * w.re - z.im * w.im, z.re * w.im + z.im * w.re⟩⟩

/-- Powers. -/
def pow (z : Gauss) : Nat → Gauss
  | 0 => 1
  | k + 1 => pow z k * z

/-- Powers in plain notation. -/
instance : NatPow Gauss := ⟨pow⟩

/-- The real part of 1. -/
@[simp] theorem re_one : (1 : Gauss).re = 1 := rfl
/-- The imaginary part of 1. -/
@[simp] theorem im_one : (1 : Gauss).im = 0 := rfl
/-- The real part of a sum. -/
@[simp] theorem re_add (z w : Gauss) : (z + w).re = z.re + w.re := rfl
/-- The imaginary part of a sum. -/
@[simp] theorem im_add (z w : Gauss) : (z + w).im = z.im + w.im := rfl
/-- The real part of a difference. -/
@[simp] theorem re_sub (z w : Gauss) : (z - w).re = z.re - w.re := rfl
/-- The imaginary part of a difference. -/
@[simp] theorem im_sub (z w : Gauss) : (z - w).im = z.im - w.im := rfl
/-- The real part of a product. -/
@[simp] theorem re_mul (z w : Gauss) : (z * w).re = z.re * w.re - z.im * w.im := rfl
/-- The imaginary part of a product. -/
@[simp] theorem im_mul (z w : Gauss) : (z * w).im = z.re * w.im + z.im * w.re := rfl
/-- The power with exponent 0. -/
@[simp] theorem pow_zero (z : Gauss) : z ^ 0 = 1 := rfl
/-- One more factor. -/
theorem pow_succ (z : Gauss) (k : Nat) : z ^ (k + 1) = z ^ k * z := rfl

/-- Numbers with equal parts are equal. -/
@[ext] theorem ext {z w : Gauss} (h : z.re = w.re) (h' : z.im = w.im) : z = w := by
  cases z; cases w; simp only at h h'; rw [h, h']

/-- Even powers are powers of the square. -/
theorem pow_two_mul (z : Gauss) : ∀ k, z ^ (2 * k) = (z * z) ^ k
  | 0 => rfl
  | k + 1 => by
    rw [Nat.mul_succ, pow_succ, pow_succ, pow_two_mul z k, pow_succ]
    ext <;> simp only [re_mul, im_mul] <;> grind

/-- Exponents add up. -/
theorem pow_add (z : Gauss) (j : Nat) : ∀ k, z ^ (j + k) = z ^ j * z ^ k
  | 0 => by ext <;> simp <;> grind
  | k + 1 => by
    rw [← Nat.add_assoc, pow_succ, pow_succ, pow_add z j k]
    ext <;> simp only [re_mul, im_mul] <;> grind

/-- The squared modulus. -/
def normSq (z : Gauss) : Rat := z.re * z.re + z.im * z.im

/-- The modulus is multiplicative. -/
theorem normSq_mul (z w : Gauss) : normSq (z * w) = normSq z * normSq w := by
  simp only [normSq, re_mul, im_mul]; grind

/-- The modulus of a power. -/
theorem normSq_pow (z : Gauss) : ∀ k : Nat, normSq (z ^ k) = normSq z ^ k
  | 0 => by simp only [normSq, pow_zero, re_one, im_one, Rat.pow_zero]; grind
  | k + 1 => by rw [pow_succ, normSq_mul, normSq_pow z k, Rat.pow_succ]

end Gauss

/-- Squares are not negative. -/
theorem mul_self_nonneg (a : Rat) : 0 ≤ a * a := by
  rcases Rat.le_total (a := 0) (b := a) with h | h
  · exact Rat.mul_nonneg h h
  · have := Rat.mul_nonneg (a := -a) (b := -a) (by grind) (by grind)
    grind

/-- Products of inequalities between numbers that are not negative. -/
theorem mul_le_mul {a b c d : Rat} (h : a ≤ b) (h' : c ≤ d) (hc : 0 ≤ c) (hb : 0 ≤ b) : a * c ≤ b * d := by
  have h₁ := Rat.mul_nonneg (a := b - a) (b := c) (by grind) hc
  have h₂ := Rat.mul_nonneg (a := d - c) (b := b) (by grind) hb
  grind

/-- Comparing numbers by their squares. -/
theorem le_of_mul_self_le {a b : Rat} (hb : 0 ≤ b) (h : a * a ≤ b * b) : a ≤ b := by
  refine Rat.not_lt.1 fun hlt => ?_
  have h₁ := Rat.mul_nonneg (a := a - b) (b := b) (by grind) hb
  have h₂ := Rat.mul_pos (a := a - b) (b := a) (by grind) (by grind)
  grind

/-- `|z| ≤ r`. -/
structure Gauss.Ball (z : Gauss) (r : Rat) : Prop where
  /-- The radius is not negative. -/
  nonneg : 0 ≤ r
  /-- The squared modulus is at most the squared radius. -/
  le : z.normSq ≤ r * r

namespace Gauss.Ball

variable {z w : Gauss} {r s : Rat}

/-- A larger ball. -/
theorem mono (h : Ball z r) (hrs : r ≤ s) : Ball z s :=
  ⟨Rat.le_trans h.nonneg hrs, Rat.le_trans h.le (mul_le_mul hrs hrs h.nonneg (Rat.le_trans h.nonneg hrs))⟩

/-- The modulus of a product. -/
theorem mul (h : Ball z r) (h' : Ball w s) : Ball (z * w) (r * s) := by
  refine ⟨Rat.mul_nonneg h.nonneg h'.nonneg, ?_⟩
  rw [normSq_mul]
  have hw : 0 ≤ normSq w := Rat.add_nonneg (mul_self_nonneg _) (mul_self_nonneg _)
  have := mul_le_mul h.le h'.le hw (mul_self_nonneg r)
  grind

/-- The triangle inequality. -/
theorem add (h : Ball z r) (h' : Ball w s) : Ball (z + w) (r + s) := by
  refine ⟨Rat.add_nonneg h.nonneg h'.nonneg, ?_⟩
  have hw : 0 ≤ normSq w := Rat.add_nonneg (mul_self_nonneg _) (mul_self_nonneg _)
  have key : z.re * w.re + z.im * w.im ≤ r * s := by
    refine le_of_mul_self_le (Rat.mul_nonneg h.nonneg h'.nonneg) ?_
    have h₁ := mul_le_mul h.le h'.le hw (mul_self_nonneg r)
    have h₂ := mul_self_nonneg (z.re * w.im - z.im * w.re)
    simp only [normSq] at h₁
    grind
  have h₁ := h.le
  have h₂ := h'.le
  simp only [normSq, re_add, im_add] at h₁ h₂ ⊢
  grind

/-- The difference, the other way round. -/
theorem neg_sub (h : Ball (z - w) r) : Ball (w - z) r := by
  refine ⟨h.nonneg, ?_⟩
  have := h.le
  simp only [normSq, re_sub, im_sub] at this ⊢
  grind

/-- The number 1. -/
theorem one : Ball 1 1 := ⟨by decide, by simp only [normSq, re_one, im_one]; grind⟩

/-- The modulus of a power. -/
theorem pow (h : Ball z r) : ∀ k : Nat, Ball (z ^ k) (r ^ k)
  | 0 => by rw [pow_zero, Rat.pow_zero]; exact one
  | k + 1 => by rw [pow_succ, Rat.pow_succ]; exact (pow h k).mul h

/-- The parts of a number are at most its modulus. -/
theorem parts (h : Ball z r) : (-r ≤ z.re ∧ z.re ≤ r) ∧ -r ≤ z.im ∧ z.im ≤ r := by
  have h₁ := h.le
  have h₂ := mul_self_nonneg z.re
  have h₃ := mul_self_nonneg z.im
  simp only [normSq] at h₁
  have a := le_of_mul_self_le (a := z.re) h.nonneg (by grind)
  have b := le_of_mul_self_le (a := -z.re) h.nonneg (by grind)
  have c := le_of_mul_self_le (a := z.im) h.nonneg (by grind)
  have d := le_of_mul_self_le (a := -z.im) h.nonneg (by grind)
  grind

/-- A number with small parts. -/
theorem of_parts (hr : 0 ≤ r) (h₁ : -r ≤ z.re) (h₂ : z.re ≤ r) (h₃ : -r ≤ z.im) (h₄ : z.im ≤ r) : Ball z (2 * r) := by
  refine ⟨by grind, ?_⟩
  have a := Rat.mul_nonneg (a := r - z.re) (b := r + z.re) (by grind) (by grind)
  have b := Rat.mul_nonneg (a := r - z.im) (b := r + z.im) (by grind) (by grind)
  have c := mul_self_nonneg r
  simp only [normSq]
  grind

/-- Powers of numbers that are close together are close together. -/
theorem pow_sub (hr : 1 ≤ r) (hz : Ball z r) (hw : Ball w r) {δ : Rat} (h : Ball (z - w) δ) :
    ∀ k : Nat, Ball (z ^ k - w ^ k) (k * δ * r ^ k)
  | 0 => ⟨by simp; exact Rat.le_refl, by simp [normSq]; grind⟩
  | k + 1 => by
    have e : z ^ (k + 1) - w ^ (k + 1) = z ^ k * (z - w) + (z ^ k - w ^ k) * w := by
      rw [pow_succ, pow_succ]
      ext <;> simp only [re_mul, im_mul, re_sub, im_sub, re_add, im_add] <;> grind
    have ih := pow_sub hr hz hw h k
    rw [e]
    refine (((hz.pow k).mul h).add (ih.mul hw)).mono ?_
    have hrk := (hz.pow k).nonneg
    have h₁ := Rat.mul_nonneg (Rat.mul_nonneg hrk h.nonneg) (show 0 ≤ r - 1 by grind)
    rw [Rat.pow_succ, Rat.natCast_add]
    grind

end Gauss.Ball

end Logprec.Rotary
