import Logprec.Simulation.Template.Linear
import Logprec.Template.Signed
import Logprec.Rotary.Fixed

/-!
# The program for cosine and sine

A term for the cosine and the sine of `(i - j) · num / den` with logarithmically many fraction bits, hence a program in
linear space. The two parts of a complex number are kept in one register, each as its distance from an offset.
-/

namespace Logprec.Rotary

open Term

/-- A complex number with parts of at most `2 U`, as one number. -/
def pack (U : Nat) (z : Int × Int) : Nat := (z.1 + 2 * U).toNat * (8 * U) + (z.2 + 2 * U).toNat

/-- The parts are at most twice the unit. -/
def Small (U : Nat) (z : Int × Int) : Prop :=
  (-(2 * U : Int) ≤ z.1 ∧ z.1 ≤ 2 * U) ∧ -(2 * U : Int) ≤ z.2 ∧ z.2 ≤ 2 * U

/-- Packed numbers are below the bound of the iteration. -/
theorem pack_le {U : Nat} (hU : 0 < U) {z : Int × Int} (h : Small U z) : pack U z ≤ 40 * U * U := by
  obtain ⟨⟨_, h₁⟩, _, h₂⟩ := h
  have h₁ : (z.1 + 2 * U).toNat ≤ 4 * U := by omega
  have h₂ : (z.2 + 2 * U).toNat ≤ 4 * U := by omega
  have h₃ := Nat.mul_le_mul_right (8 * U) h₁
  have h₄ := Nat.mul_le_mul_left U (show 1 ≤ U from hU)
  have e : 4 * U * (8 * U) = 32 * (U * U) := by grind
  have e' : 40 * U * U = 40 * (U * U) := by grind
  simp only [pack]
  omega

/-- The first part, from the packed number. -/
theorem pack_div {U : Nat} (hU : 0 < U) {z : Int × Int} (h : Small U z) :
    ((pack U z / (8 * U) : Nat) : Int) - ((2 * U : Nat) : Int) = z.1 := by
  obtain ⟨⟨_, h₁⟩, _, h₂⟩ := h
  have h₂ : (z.2 + 2 * U).toNat < 8 * U := by omega
  rw [pack, Nat.add_comm, Nat.add_mul_div_right _ _ (by omega), Nat.div_eq_of_lt h₂]
  omega

/-- The second part. -/
theorem pack_mod {U : Nat} (hU : 0 < U) {z : Int × Int} (h : Small U z) :
    ((pack U z % (8 * U) : Nat) : Int) - ((2 * U : Nat) : Int) = z.2 := by
  obtain ⟨⟨_, h₁⟩, _, h₂⟩ := h
  have h₂ : (z.2 + 2 * U).toNat < 8 * U := by omega
  rw [pack, Nat.add_comm, Nat.add_mul_mod_self_right, Nat.mod_eq_of_lt h₂]
  omega

/-- The term for a packed number, from terms for its parts. -/
def packTerm (U : Term) (x y : Signed) : Term := x.code (2 * U) * (8 * U) + y.code (2 * U)

/-- The value of a packed number. -/
@[simp] theorem eval_packTerm (ρ : List Nat) (U : Term) (x y : Signed) :
    (packTerm U x y).eval ρ = pack (U.eval ρ) (x.eval ρ, y.eval ρ) := by
  simp [packTerm, pack]

/-- The parts of the packed number `t`. -/
def part₁ (U t : Term) : Signed := ⟨t / (8 * U), 2 * U⟩
/-- The second of the two parts. -/
def part₂ (U t : Term) : Signed := ⟨t % (8 * U), 2 * U⟩

section
variable {ρ : List Nat} {U t : Term} {z : Int × Int}

/-- The value of the first part. -/
theorem eval_part₁ (hU : 0 < U.eval ρ) (h : Small (U.eval ρ) z) (ht : t.eval ρ = pack (U.eval ρ) z) :
    (part₁ U t).eval ρ = z.1 := by
  have := pack_div hU h
  simp only [part₁, Signed.eval_mk, eval_div, eval_mul, eval_ofNat, ht]
  exact this

/-- The value of the second part. -/
theorem eval_part₂ (hU : 0 < U.eval ρ) (h : Small (U.eval ρ) z) (ht : t.eval ρ = pack (U.eval ρ) z) :
    (part₂ U t).eval ρ = z.2 := by
  have := pack_mod hU h
  simp only [part₂, Signed.eval_mk, eval_mod, eval_mul, eval_ofNat, ht]
  exact this

end

/-- The squaring of a packed number. Variables: 0 is the number, 2 is the unit. -/
def squareTerm : Term :=
  let x := part₁ (var 2) (var 0)
  let y := part₂ (var 2) (var 0)
  packTerm (var 2) ((x * x - y * y).div (var 2)) ((.ofTerm 2 * x * y).div (var 2))

/-- The value of a squaring. -/
theorem eval_squareTerm {U i : Nat} {ρ : List Nat} {z : Int × Int} (hU : 0 < U) (h : Small U z) :
    squareTerm.eval (pack U z :: i :: U :: ρ) = pack U (square U z) := by
  have h₁ := eval_part₁ (ρ := pack U z :: i :: U :: ρ) (U := var 2) (t := var 0) hU h rfl
  have h₂ := eval_part₂ (ρ := pack U z :: i :: U :: ρ) (U := var 2) (t := var 0) hU h rfl
  have hv : 0 < (var 2).eval (pack U z :: i :: U :: ρ) := hU
  rw [squareTerm, eval_packTerm, Signed.eval_div _ _ _ hv, Signed.eval_div _ _ _ hv, Signed.eval_sub, Signed.eval_mul,
    Signed.eval_mul, Signed.eval_mul, Signed.eval_mul, h₁, h₂, Signed.eval_ofTerm]
  rfl

/-- The squarings of packed numbers that stay small. -/
theorem eval_iter_square {U Q : Nat} {ρ : List Nat} {w : Int × Int} {init count bound : Term} (hU : 0 < U)
    (h : ∀ j ≤ Q, Small U (squares U w j)) (hi : init.eval (U :: ρ) = pack U w) (hc : count.eval (U :: ρ) = Q)
    (hb : bound.eval (U :: ρ) = 40 * U * U) :
    (iter count bound init squareTerm).eval (U :: ρ) = pack U (squares U w Q) := by
  rw [eval_iter, hc, hb, hi]
  suffices H : ∀ j ≤ Q, (List.range j).foldl
      (fun acc i => min (squareTerm.eval (acc :: i :: U :: ρ)) (40 * U * U)) (min (pack U w) (40 * U * U)) =
      pack U (squares U w j) from H Q (Nat.le_refl _)
  intro j hj
  induction j with
  | zero => exact Nat.min_eq_left (pack_le hU (h 0 hj))
  | succ j ih =>
    rw [List.range_succ, List.foldl_append, ih (by omega), List.foldl_cons, List.foldl_nil,
      eval_squareTerm hU (h j (by omega))]
    exact Nat.min_eq_left (pack_le hU (h (j + 1) hj))

/-- The number of bits of a position: `2 ^ ell n` is greater than `n`. -/
def ell (n : Nat) : Nat := n.log2 + 1

/-- The term for the unit, with `c · ell n` fraction bits. Variables: 0 is `ell n`, 1 is `n`. -/
def unitTerm (c : Nat) : Term := pow2 (lit (3 * c + 4) * var 0 + 8) (power (2 * (var 1 + 1)) (3 * c + 4) * 256)

/-- The number of squarings, when `ell n` is variable `v`. -/
def roundsTerm (c v : Nat) : Term := lit (c + 2) * var v + 2

/-- The squarings. Variables: 0 is the unit, 1 is `ell n`, 2 is `n`, 3 and 4 are the positions. -/
def squaresTerm (c num den : Nat) : Term :=
  iter (roundsTerm c 1) (40 * var 0 * var 0) (packTerm (var 0) (.ofTerm (var 0))
    ((⟨var 3, var 4⟩ * .ofTerm (lit num) * .ofTerm (var 0) : Signed).div (lit den * pow2 (roundsTerm c 1) (var 0))))
    squareTerm

/-- Drop the extra bits of a part. Variables: 1 is the unit, 2 is `ell n`. The value is given with the offset
`4 · 2 ^ P`. -/
def dropTerm (c : Nat) (x : Signed) : Term :=
  ((x + .ofTerm (pow2 (2 * roundsTerm c 2 + 3) (var 1))).div (pow2 (2 * roundsTerm c 2 + 4) (var 1))).code
    (4 * pow2 (lit c * var 2) (var 1))

/-- **The program**: the cosine of `(i - j) · num / den` (the sine if `second`), in units of `2 ^ -P` with
`P = c · (⌊log₂ n⌋ + 1)`. Variables: 0 is `n`, 1 is `i`, 2 is `j`. The value is given with the offset `4 · 2 ^ P`. -/
def cosSinTerm (c num den : Nat) (second : Bool) : Term :=
  letIn (log2 (var 0) + 1) <| letIn (unitTerm c) <| letIn (squaresTerm c num den) <|
    dropTerm c (if second then part₂ (var 1) (var 0) else part₁ (var 1) (var 0))

/-- The number of bits of the unit. -/
theorem guard_eq (c l : Nat) : c * l + guardBits (c * l) l = (3 * c + 4) * l + 8 := by
  simp only [guardBits, rounds]; grind

/-- Positions are below `2 ^ ell n`. -/
theorem lt_two_pow_ell (n : Nat) : n < 2 ^ ell n := Nat.lt_log2_self

/-- `2 ^ ell n` is linear in `n`. -/
theorem two_pow_ell_le (n : Nat) : 2 ^ ell n ≤ 2 * (n + 1) := by
  have : 2 ^ n.log2 ≤ n + 1 := by
    rcases Nat.eq_zero_or_pos n with rfl | h
    · simp
    · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
  rw [ell, Nat.pow_succ]
  omega

/-- The value of the unit. -/
theorem eval_unitTerm (c n : Nat) (ρ : List Nat) :
    (unitTerm c).eval (ell n :: n :: ρ) = unit (c * ell n) (ell n) := by
  have h := Nat.mul_le_mul_right 256 (Nat.pow_le_pow_left (two_pow_ell_le n) (3 * c + 4))
  rw [← Nat.pow_mul, show (256 : Nat) = 2 ^ 8 from rfl, ← Nat.pow_add, Nat.mul_comm (ell n)] at h
  simp only [unitTerm, eval_pow2, eval_power, eval_mul, eval_add, eval_var, eval_ofNat, eval_lit, List.getD_cons_zero,
    List.getD_cons_succ, unit, guard_eq]
  exact Nat.min_eq_left h

/-- The unit is a bound for the powers of two that are needed. -/
theorem two_pow_le_unit {P ℓ e : Nat} (h : e ≤ P + guardBits P ℓ) : min (2 ^ e) (unit P ℓ) = 2 ^ e :=
  Nat.min_eq_left (Nat.pow_le_pow_right (by omega) h)

section
variable {c num den n i j : Nat}

/-- The value of the number of squarings. -/
theorem eval_roundsTerm {v : Nat} {ρ : List Nat} (h : ρ.getD v 0 = ell n) :
    (roundsTerm c v).eval ρ = rounds (c * ell n) (ell n) := by
  simp only [roundsTerm, eval_add, eval_mul, eval_var, eval_lit, eval_ofNat, h, rounds]
  grind

/-- The value of the squarings. -/
theorem eval_squaresTerm (hden : 0 < den) (hnum : num ≤ den) (hi : i < n) (hj : j < n) (ρ : List Nat) :
    let P := c * ell n
    let U := unit P (ell n)
    (squaresTerm c num den).eval (U :: ell n :: n :: i :: j :: ρ) =
      pack U (squares U (start P (ell n) num den (i - j)) (rounds P (ell n))) := by
  intro P U
  have hn := lt_two_pow_ell n
  have hk : ((i : Int) - j).natAbs ≤ 2 ^ ell n := by omega
  have hU : 0 < U := Nat.two_pow_pos _
  have hr : (roundsTerm c 1).eval (U :: ell n :: n :: i :: j :: ρ) = rounds P (ell n) := eval_roundsTerm rfl
  refine eval_iter_square hU (fun t ht => squares_le hden hnum hk ht) ?_ hr (by simp)
  have hp : (pow2 (roundsTerm c 1) (var 0)).eval (U :: ell n :: n :: i :: j :: ρ) = 2 ^ rounds P (ell n) := by
    rw [eval_pow2, hr]
    exact two_pow_le_unit (by simp only [guardBits]; omega)
  rw [eval_packTerm, Signed.eval_div _ _ _ (by
    rw [eval_mul, hp]; exact Nat.mul_pos hden (Nat.two_pow_pos _))]
  rw [eval_mul, hp]
  simp [start, P, U]

/-- The term computes the cosine and the sine. -/
theorem eval_cosSinTerm (hden : 0 < den) (hnum : num ≤ den) (hi : i < n) (hj : j < n) (ρ : List Nat) (second : Bool) :
    (cosSinTerm c num den second).eval (n :: i :: j :: ρ) =
      ((if second then (cosSin (c * ell n) (ell n) num den (i - j)).2
        else (cosSin (c * ell n) (ell n) num den (i - j)).1) + ((4 * 2 ^ (c * ell n) : Nat) : Int)).toNat := by
  have hl : (log2 (var 0) + 1).eval (n :: i :: j :: ρ) = ell n := by simp [ell]
  have hn := lt_two_pow_ell n
  have hk : ((i : Int) - j).natAbs ≤ 2 ^ ell n := by omega
  have hs := squares_le (P := c * ell n) hden hnum hk (Nat.le_refl _)
  rw [cosSinTerm, eval_letIn, hl, eval_letIn, eval_unitTerm, eval_letIn, eval_squaresTerm hden hnum hi hj]
  generalize hU' : unit (c * ell n) (ell n) = U at hs ⊢
  have hU : 0 < U := hU' ▸ Nat.two_pow_pos _
  generalize hz : squares U (start (c * ell n) (ell n) num den (i - j)) (rounds (c * ell n) (ell n)) = z at hs ⊢
  have hr : (roundsTerm c 2).eval (pack U z :: U :: ell n :: n :: i :: j :: ρ) = rounds (c * ell n) (ell n) :=
    eval_roundsTerm rfl
  have h₁ := eval_part₁ (ρ := pack U z :: U :: ell n :: n :: i :: j :: ρ) (U := var 1) (t := var 0) hU hs rfl
  have h₂ := eval_part₂ (ρ := pack U z :: U :: ell n :: n :: i :: j :: ρ) (U := var 1) (t := var 0) hU hs rfl
  have drop : ∀ x : Signed, (dropTerm c x).eval (pack U z :: U :: ell n :: n :: i :: j :: ρ) =
      (dropGuard (c * ell n) (ell n) (x.eval (pack U z :: U :: ell n :: n :: i :: j :: ρ)) +
        ((4 * 2 ^ (c * ell n) : Nat) : Int)).toNat := by
    intro x
    have e₁ : min (2 ^ (2 * rounds (c * ell n) (ell n) + 3)) U = 2 ^ (2 * rounds (c * ell n) (ell n) + 3) := by
      rw [← hU']; exact two_pow_le_unit (by simp only [guardBits]; omega)
    have e₂ : min (2 ^ (2 * rounds (c * ell n) (ell n) + 4)) U = 2 ^ guardBits (c * ell n) (ell n) := by
      rw [← hU']; exact two_pow_le_unit (by simp only [guardBits]; omega)
    have e₃ : min (2 ^ (c * ell n)) U = 2 ^ (c * ell n) := by
      rw [← hU']; exact two_pow_le_unit (by omega)
    rw [dropTerm, Signed.eval_code, Signed.eval_div _ _ _ (by
      simp only [eval_pow2, eval_add, eval_mul, eval_ofNat, hr, eval_var, List.getD_cons_succ, List.getD_cons_zero, e₂]
      exact Nat.two_pow_pos _)]
    simp [hr, e₁, e₂, e₃, dropGuard]
  rw [drop]
  cases second
  · simp [h₁, cosSin, hU', hz]
  · simp [h₂, cosSin, hU', hz]

end

end Logprec.Rotary
