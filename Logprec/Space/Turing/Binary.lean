import Logprec.Bits
import Logprec.Space.Turing.Defs

/-!
# Functions of several numbers on Turing machines

What "computable in linear space" is defined with (Merrill & Sabharwal 2023, Definition 6): a machine is given several
numbers in binary on its input tape, and prints a number in binary.
-/

namespace Logprec.Turing

/-- The number of binary digits of a number, without leading zeros: 0 has none. -/
def width (v : Nat) : Nat := if v = 0 then 0 else v.log2 + 1

/-- The binary digits of a number, the highest first, without leading zeros; those of 0 are the empty string. -/
def digits (v : Nat) : List Bool := (bits (width v) v).reverse

/-- The number with the given binary digits, the highest first; leading zeros are allowed. -/
def ofDigits (y : List Bool) : Nat := ofBits y.reverse

/-- An argument on an input tape over {0, 1}: every digit is preceded by a 1, and a 0 follows. -/
def argCode (v : Nat) : List Bool := (digits v).flatMap (fun b => [true, b]) ++ [false]

/-- Arguments on an input tape: `2, 0, 1` are `11 10 0`, `0`, `11 0`. The code has about two symbols for every digit, so
space linear in its length is space linear in the number of digits. The code is a choice: no other one is treated
here. -/
def argsCode (args : List Nat) : List Bool := args.flatMap argCode

/-- The machine computes `v` from the arguments, and visits at most `s` cells: it halts, and what it has printed are
binary digits of `v`, the highest first. Leading zeros are allowed, so the machine may print a fixed number of
digits. -/
def Machine.Computes (M : Machine) (args : List Nat) (s v : Nat) : Prop :=
  ∃ t y, M.HaltsWith (argsCode args) y t s ∧ ofDigits y = v

/-- More cells may be allowed. -/
theorem Machine.Computes.mono {M : Machine} {args : List Nat} {s s' v : Nat} (h : M.Computes args s v) (hs : s ≤ s') :
    M.Computes args s' v :=
  let ⟨t, y, h, hv⟩ := h
  ⟨t, y, h.mono (Nat.le_refl t) hs, hv⟩

/-- What a machine computes is unique. -/
theorem Machine.Computes.unique {M : Machine} {args : List Nat} {s s' v v' : Nat} (h : M.Computes args s v)
    (h' : M.Computes args s' v') : v = v' := by
  obtain ⟨_, _, h, rfl⟩ := h
  obtain ⟨_, _, h', rfl⟩ := h'
  rw [h.unique h']

/-! ## Facts about digits -/

/-- 0 has no digits. -/
@[simp] theorem width_zero : width 0 = 0 := rfl

/-- The digits of a positive number are those of its half, and one more. -/
theorem width_of_pos {v : Nat} (h : 0 < v) : width v = width (v / 2) + 1 := by
  rw [width, width, if_neg (by omega), Nat.log2_def]
  by_cases h2 : 2 ≤ v
  · rw [if_pos h2, if_neg (by omega)]
  · rw [if_neg h2, if_pos (by omega)]

/-- 0 has no digits. -/
@[simp] theorem digits_zero : digits 0 = [] := rfl

/-- The digits of a positive number are those of its half, and the lowest. -/
theorem digits_of_pos {v : Nat} (h : 0 < v) : digits v = digits (v / 2) ++ [v.testBit 0] := by
  rw [digits, width_of_pos h, bits_succ, List.reverse_cons, digits]

/-- No digits. -/
@[simp] theorem ofDigits_nil : ofDigits [] = 0 := rfl

/-- One more digit. -/
theorem ofDigits_append (y : List Bool) (b : Bool) : ofDigits (y ++ [b]) = 2 * ofDigits y + b.toNat := by
  simp [ofDigits, ofBits, Nat.add_comm]

/-- A number has fewer digits than its value. -/
theorem width_le (v : Nat) : width v ≤ v := by
  rw [width]
  split
  · omega
  · rename_i h
    exact Nat.lt_of_lt_of_le Nat.lt_two_pow_self (Nat.log2_self_le h)

/-- A number below `2 ^ s` has at most `s` digits. -/
theorem width_le_of_lt {v s : Nat} (h : v < 2 ^ s) : width v ≤ s := by
  rw [width]
  split
  · omega
  · rename_i h0
    exact (Nat.log2_lt h0).2 h

/-- Numbers are read off their digits. -/
theorem ofDigits_digits (v : Nat) : ofDigits (digits v) = v := by
  induction v using Nat.strongRecOn with
  | ind v ih =>
    rcases Nat.eq_zero_or_pos v with rfl | h
    · rfl
    · rw [digits_of_pos h, ofDigits_append, ih _ (by omega), Nat.testBit_zero]
      rcases Nat.mod_two_eq_zero_or_one v with h | h <;> simp [h] <;> omega

/-- How long the code of arguments is. -/
theorem length_argsCode (args : List Nat) : (argsCode args).length = (args.map fun v => 2 * width v + 1).sum := by
  have pairs : ∀ l : List Bool, (l.flatMap fun b => [true, b]).length = 2 * l.length := fun l => by
    induction l with
    | nil => rfl
    | cons b l ih => rw [List.flatMap_cons, List.length_append, ih]; simp; omega
  induction args with
  | nil => rfl
  | cons v args ih =>
    rw [argsCode, List.flatMap_cons, List.length_append, ← argsCode, ih]
    simp [argCode, pairs, digits]

/-- The code of `k` arguments of at most `s` digits. -/
theorem length_argsCode_le {args : List Nat} {s : Nat} (h : ∀ v ∈ args, v < 2 ^ s) :
    (argsCode args).length ≤ args.length * (2 * s + 1) := by
  rw [length_argsCode]
  induction args with
  | nil => simp
  | cons v args ih =>
    have h₁ := ih fun u hu => h u (List.mem_cons_of_mem v hu)
    have h₂ := width_le_of_lt (h v (by simp))
    simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul]
    omega

end Logprec.Turing
