import Logprec.Float.Circuit
import Logprec.Simulation.Defs

/-!
# The size of the simulating circuit

The closed-form bounds of `Logprec.Simulation.Defs` are polynomial in `n` when the precision is logarithmic.
Every quantity is bounded by `(n + 2) ^ a * 2 ^ e`, and the exponents are added up.
-/

namespace Logprec

open Circuit Float

/-- `x ≤ (n + 2) ^ a * 2 ^ e`. -/
private def Bound (n a e x : Nat) : Prop := x ≤ (n + 2) ^ a * 2 ^ e

namespace Bound

variable {n a e a' e' x y : Nat}

private theorem mono (h : Bound n a e x) (ha : a ≤ a') (he : e ≤ e') : Bound n a' e' x :=
  Nat.le_trans h (Nat.mul_le_mul (Nat.pow_le_pow_right (by omega) ha) (Nat.pow_le_pow_right (by omega) he))

private theorem add (hx : Bound n a e x) (hy : Bound n a e y) : Bound n a (e + 1) (x + y) := by
  unfold Bound at *
  rw [Nat.pow_succ, ← Nat.mul_assoc]
  omega

private theorem mul (hx : Bound n a e x) (hy : Bound n a' e' y) : Bound n (a + a') (e + e') (x * y) := by
  have := Nat.mul_le_mul hx hy
  unfold Bound
  rw [Nat.pow_add, Nat.pow_add]
  grind

private theorem self : Bound n 1 0 n := by simp [Bound]

private theorem ofLt {k : Nat} (h : x ≤ 2 ^ k) : Bound n 0 k x := by simpa [Bound] using h

private theorem ofNat (k : Nat) : Bound n 0 k k := ofLt (Nat.le_of_lt Nat.lt_two_pow_self)

end Bound

/-- The size of a look-up is at most exponential in the number of bits. -/
theorem lookupSize_le (k m : Nat) : lookupSize k m ≤ 2 ^ (2 * k + m + 4) := by
  have hk : k + 1 ≤ 2 ^ k := Nat.lt_two_pow_self
  have hm : m ≤ 2 ^ m := Nat.le_of_lt Nat.lt_two_pow_self
  have h₁ : 2 ^ k * (k + 1) ≤ 2 ^ k * 2 ^ k := Nat.mul_le_mul_left _ hk
  have h₂ : m * (2 ^ k + 1) ≤ 2 ^ m * (2 ^ k * 2) := Nat.mul_le_mul hm (by omega)
  have h₃ : 2 ^ k * 1 ≤ 2 ^ k * 2 ^ k := Nat.mul_le_mul_left _ Nat.one_le_two_pow
  have h₄ : 2 ^ k * 2 ^ k * 1 ≤ 2 ^ k * 2 ^ k * 2 ^ m := Nat.mul_le_mul_left _ Nat.one_le_two_pow
  have h₅ : 2 ^ m * 2 ^ k * 1 ≤ 2 ^ m * 2 ^ k * 2 ^ k := Nat.mul_le_mul_left _ Nat.one_le_two_pow
  have e : 2 ^ (2 * k + m + 4) = 16 * (2 ^ k * 2 ^ k * 2 ^ m) := by
    rw [show 2 * k + m + 4 = k + k + m + 4 by omega, Nat.pow_add, Nat.pow_add, Nat.pow_add, Nat.mul_comm]
  have e' : 2 ^ m * 2 ^ k * 2 ^ k = 2 ^ k * 2 ^ k * 2 ^ m := by grind
  have e'' : 2 ^ m * (2 ^ k * 2) = 2 * (2 ^ m * 2 ^ k) := by grind
  unfold lookupSize
  omega

private theorem bound_lookup (n k m : Nat) : Bound n 0 (2 * k + m + 4) (lookupSize k m) :=
  .ofLt (lookupSize_le k m)

/-- The size of a head's circuit for one position. -/
private theorem bound_head (D q n : Nat) :
    Bound n 4 (4 * (D * q) + 4 * q + D + 30) (Head.circuitSize D q n) := by
  have hs : Bound n 4 (3 * q + 9) (sumCircuitSize q n) := sumCircuitSize_le q n
  have h₁ := (Bound.self (n := n)).mul (bound_lookup n (D * q + D * q) q)
  have h₂ := (Bound.ofNat (n := n) 3).mul ((Bound.ofNat 2).mul (Bound.self.mul (Bound.ofNat (D * q))))
  have h₃ := (Bound.ofNat (n := n) dSum).mul ((Bound.ofNat 2).mul
    (((Bound.self (n := n)).mul ((Bound.ofNat q).mono (Nat.le_refl _) (Nat.le_add_right q (D * q)))).add
      (Bound.self.mul ((Bound.ofNat (D * q)).mono (Nat.le_refl _) (Nat.le_add_left (D * q) q)))))
  have h₄ := (Bound.self (n := n)).mul (bound_lookup n (q + q + D * q) (D * q))
  have h₅ := (Bound.ofNat (n := n) D).mul hs
  have e : dSum = 11 := rfl
  rw [e] at h₃
  simp only [Head.circuitSize, e]
  generalize D * q = w at *
  have lift : ∀ {a e x}, Bound n a e x → a ≤ 4 → e ≤ 4 * w + 4 * q + D + 26 →
      Bound n 4 (4 * w + 4 * q + D + 26) x := fun h ha he => h.mono ha he
  have h₂ := lift h₂ (by omega) (by omega)
  have h₄ := lift h₄ (by omega) (by omega)
  have h₅ := lift h₅ (by omega) (by omega)
  have h₆ := (lift h₁ (by omega) (by omega)).add h₂
  have h₇ := (lift hs (by omega) (by omega)).add (lift h₃ (by omega) (by omega))
  have h₈ := ((h₆.add h₇).add (h₄.mono (e' := 4 * w + 4 * q + D + 28) (Nat.le_refl _) (by omega))).add
    (h₅.mono (e' := 4 * w + 4 * q + D + 29) (Nat.le_refl _) (by omega))
  exact h₈.mono (Nat.le_refl _) (by omega)

/-- The size of the circuit of a layer with `k` heads. -/
private theorem bound_block (D q n k : Nat) :
    Bound n 5 ((2 * k + 7) * (D * q) + 4 * q + D + k + 40) (Block.circuitSize D q n k) := by
  have h₁ := (Bound.self (n := n)).mul ((Bound.ofNat k).mul (bound_head D q n))
  have h₂ := (Bound.ofNat (n := n) (6 + 2 * dSum)).mul
    ((Bound.ofNat 2).mul (Bound.self.mul (Bound.ofNat (D * q))))
  have h₃ := (Bound.self (n := n)).mul (bound_lookup n (k * (D * q) + D * q) (D * q))
  have e : dSum = 11 := rfl
  rw [e] at h₂
  simp only [Block.circuitSize, e]
  generalize D * q = w at *
  have e' : (2 * k + 7) * w = 2 * (k * w) + 7 * w := by grind
  have h₄ := (h₁.mono (a' := 5) (e' := 2 * (k * w) + 7 * w + 4 * q + D + k + 38) (by omega) (by omega)).add
    (h₂.mono (by omega) (by omega))
  have h₅ := h₄.add (h₃.mono (a' := 5) (e' := 2 * (k * w) + 7 * w + 4 * q + D + k + 39) (by omega) (by omega))
  exact h₅.mono (Nat.le_refl _) (by omega)

namespace Transformer

/-- The greatest number of heads of a layer. -/
def maxHeads (T : Transformer) : Nat := (T.blocks.map fun B => B.heads.length).foldr max 0

/-- No layer has more heads. -/
theorem le_maxHeads (T : Transformer) {B} (h : B ∈ T.blocks) : B.heads.length ≤ T.maxHeads := by
  unfold maxHeads
  generalize T.blocks = Bs at h
  induction Bs with
  | nil => simp at h
  | cons B' Bs ih =>
    simp only [List.map_cons, List.foldr_cons]
    rcases List.mem_cons.1 h with rfl | h
    · omega
    · have := ih h; omega

/-- The size bound, before anything is assumed of the precision. -/
private theorem bound_decision (T : Transformer) (n : Nat) :
    Bound n 5 (((2 * T.maxHeads + 7) * T.dim + 4) * T.prec n +
      (T.dim + T.maxHeads + T.blocks.length + 2 * T.symbolBits + 50)) (T.decisionSize n) := by
  have key : ∀ Bs : List (Block T.dim T.prec), (∀ B ∈ Bs, B.heads.length ≤ T.maxHeads) →
      Bound n 5 ((2 * T.maxHeads + 7) * (T.dim * T.prec n) + 4 * T.prec n + T.dim + T.maxHeads + 40 + Bs.length)
        ((Bs.map fun B => Block.circuitSize T.dim (T.prec n) n B.heads.length).sum) := by
    intro Bs hBs
    induction Bs with
    | nil => exact Nat.zero_le _
    | cons B Bs ih =>
      have hB := hBs B (by simp)
      have ih := ih fun B hB => hBs B (by simp [hB])
      have hw := Nat.mul_le_mul_right (T.dim * T.prec n) (show 2 * B.heads.length + 7 ≤ 2 * T.maxHeads + 7 by omega)
      rw [List.map_cons, List.sum_cons, List.length_cons]
      exact (((bound_block T.dim (T.prec n) n B.heads.length).mono (Nat.le_refl _) (by omega)).add ih).mono
        (Nat.le_refl _) (by omega)
  have h₁ := key T.blocks fun B => T.le_maxHeads
  have h₂ := (Bound.self (n := n)).mul (bound_lookup n T.symbolBits (T.dim * T.prec n))
  have h₃ := bound_lookup n (T.dim * T.prec n) 1
  have e : ((2 * T.maxHeads + 7) * T.dim + 4) * T.prec n =
      2 * (T.maxHeads * (T.dim * T.prec n)) + 7 * (T.dim * T.prec n) + 4 * T.prec n := by grind
  have e' : (2 * T.maxHeads + 7) * (T.dim * T.prec n) =
      2 * (T.maxHeads * (T.dim * T.prec n)) + 7 * (T.dim * T.prec n) := by grind
  rw [e'] at h₁
  rw [e]
  simp only [decisionSize, circuitSize]
  generalize T.dim * T.prec n = w at *
  have h₄ := (h₂.mono (a' := 5) (e' := 2 * (T.maxHeads * w) + 7 * w + 4 * T.prec n + T.dim + T.maxHeads +
    2 * T.symbolBits + 46 + T.blocks.length) (by omega) (by omega)).add (h₁.mono (Nat.le_refl _) (by omega))
  have h₅ := h₄.add (h₃.mono (a' := 5) (e' := 2 * (T.maxHeads * w) + 7 * w + 4 * T.prec n + T.dim +
    T.maxHeads + 2 * T.symbolBits + 46 + T.blocks.length + 1) (by omega) (by omega))
  exact h₅.mono (Nat.le_refl _) (by omega)

/-- The exponent of `n` in the size bound, for precision `c · (⌊log₂ n⌋ + 1)`. -/
def sizeExponent (T : Transformer) (c : Nat) : Nat := 5 + 2 * (((2 * T.maxHeads + 7) * T.dim + 4) * c)

/-- The constant factor in the size bound. -/
def sizeConstant (T : Transformer) : Nat :=
  2 ^ (T.dim + T.maxHeads + T.blocks.length + 2 * T.symbolBits + 50)

/-- With logarithmic precision the size is polynomial in `n`, with the exponent `sizeExponent`. -/
theorem decisionSize_le (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (n : Nat) :
    T.decisionSize n ≤ T.sizeConstant * (n + 2) ^ T.sizeExponent c := by
  refine Nat.le_trans (T.bound_decision n) ?_
  have hlog : 2 ^ (n.log2 + 1) ≤ (n + 2) ^ 2 := by
    have : 2 ^ n.log2 ≤ n + 1 := by
      rcases Nat.eq_zero_or_pos n with rfl | h
      · simp
      · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
    rw [Nat.pow_succ]
    grind
  have hp : 2 ^ (((2 * T.maxHeads + 7) * T.dim + 4) * T.prec n) ≤
      (n + 2) ^ (2 * (((2 * T.maxHeads + 7) * T.dim + 4) * c)) := by
    generalize (2 * T.maxHeads + 7) * T.dim + 4 = α
    refine Nat.le_trans (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_left α (hc n))) ?_
    rw [show α * (c * (n.log2 + 1)) = (n.log2 + 1) * (α * c) by grind, Nat.pow_mul, Nat.pow_mul (n + 2)]
    exact Nat.pow_le_pow_left hlog _
  rw [Nat.pow_add 2, sizeConstant, sizeExponent, Nat.pow_add]
  have := Nat.mul_le_mul_left ((n + 2) ^ 5) hp
  have := Nat.mul_le_mul_right (2 ^ (T.dim + T.maxHeads + T.blocks.length + 2 * T.symbolBits + 50)) this
  grind

end Transformer

end Logprec
