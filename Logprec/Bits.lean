/-!
# Bits and numbers

A bit string is a `List Bool`, least significant bit first. `bits w n` writes a number, `ofBits` reads one.
-/

namespace Logprec

/-- The bit at position `i`; `false` past the end. -/
def bit (x : List Bool) (i : Nat) : Bool := x.getD i false

/-- The `w` low bits of `n`, least significant first. -/
def bits (w n : Nat) : List Bool := (List.range w).map n.testBit

/-- The number whose bits are `x`, least significant first. -/
def ofBits : List Bool → Nat
  | [] => 0
  | b :: x => b.toNat + 2 * ofBits x

@[simp] theorem bit_nil (i) : bit [] i = false := rfl
@[simp] theorem bit_cons_zero (b : Bool) (x) : bit (b :: x) 0 = b := rfl
@[simp] theorem bit_cons_succ (b : Bool) (x i) : bit (b :: x) (i + 1) = bit x i := by simp [bit]

theorem bit_append_right {x y : List Bool} (i : Nat) : bit (x ++ y) (x.length + i) = bit y i := by
  simp [bit, List.getElem?_append_right]

theorem bit_append_left {x y : List Bool} {i : Nat} (h : i < x.length) : bit (x ++ y) i = bit x i := by
  simp [bit, List.getElem?_append_left h]

theorem bit_map_range {n i : Nat} (f : Nat → Bool) (h : i < n) : bit ((List.range n).map f) i = f i := by
  simp [bit, h]

/-- A list of bits is the list of its bits. -/
theorem map_bit_range (x : List Bool) : (List.range x.length).map (bit x) = x := by
  apply List.ext_getElem (by simp)
  intro i h _
  simp at h
  simp [bit, h]

/-- Reading the positions `off`, `off + 1`, …, `off + len - 1` is taking a slice. -/
theorem map_bit_range' (x : List Bool) (off len : Nat) (h : off + len ≤ x.length) :
    (List.range' off len).map (bit x) = (x.drop off).take len := by
  apply List.ext_getElem (by simp; omega)
  intro i h₁ h₂
  simp at h₁ h₂
  simp [bit, List.getElem?_eq_getElem (show off + i < x.length by omega)]

/-- Positions in the second part of a concatenation. -/
theorem map_bit_append_right (x y : List Bool) (l : List Nat) :
    (l.map (x.length + ·)).map (bit (x ++ y)) = l.map (bit y) := by
  rw [List.map_map]
  exact List.map_congr_left fun i _ => bit_append_right i

/-- Positions in the first part of a concatenation. -/
theorem map_bit_append_left {x y : List Bool} {l : List Nat} (h : ∀ i ∈ l, i < x.length) :
    l.map (bit (x ++ y)) = l.map (bit x) :=
  List.map_congr_left fun i hi => bit_append_left (h i hi)

@[simp] theorem length_bits (w n) : (bits w n).length = w := by simp [bits]

@[simp] theorem bits_zero_width (n) : bits 0 n = [] := rfl

theorem bits_succ (w n) : bits (w + 1) n = n.testBit 0 :: bits w (n / 2) := by
  simp [bits, List.range_succ_eq_map, Nat.testBit_succ, Function.comp_def]

theorem bit_bits {w n i : Nat} (h : i < w) : bit (bits w n) i = n.testBit i := bit_map_range _ h

theorem bits_congr {w n n' : Nat} (h : ∀ i < w, n.testBit i = n'.testBit i) : bits w n = bits w n' :=
  List.map_congr_left fun i hi => h i (List.mem_range.1 hi)

/-- The low bits. -/
theorem take_bits {v w n : Nat} (h : w ≤ v) : (bits v n).take w = bits w n := by
  rw [bits, bits, ← List.map_take, List.take_range, Nat.min_eq_left h]

/-- Only the low bits matter. -/
theorem bits_mod (w n : Nat) : bits w (n % 2 ^ w) = bits w n :=
  bits_congr fun i hi => by simp [Nat.testBit_mod_two_pow, hi]

@[simp] theorem ofBits_bits (w n) : ofBits (bits w n) = n % 2 ^ w := by
  induction w generalizing n with
  | zero => simp [ofBits, Nat.mod_one]
  | succ w ih =>
    rw [bits_succ, ofBits, ih, Nat.testBit_zero, Nat.pow_succ', Nat.mod_mul]
    congr 1
    rcases Nat.mod_two_eq_zero_or_one n with h | h <;> simp [h]

theorem ofBits_lt (x : List Bool) : ofBits x < 2 ^ x.length := by
  induction x with
  | nil => simp [ofBits]
  | cons b x ih => have := b.toNat_lt; simp only [ofBits, List.length_cons, Nat.pow_succ]; omega

@[simp] theorem bits_ofBits (x : List Bool) : bits x.length (ofBits x) = x := by
  induction x with
  | nil => rfl
  | cons b x ih =>
    have h₁ : (ofBits (b :: x)) / 2 = ofBits x := by have := b.toNat_lt; simp only [ofBits]; omega
    have h₂ : (ofBits (b :: x)).testBit 0 = b := by
      cases b <;> simp [ofBits, Nat.testBit_zero]
    rw [List.length_cons, bits_succ, h₁, h₂, ih]

theorem testBit_ofBits (x : List Bool) (i) : (ofBits x).testBit i = bit x i := by
  by_cases h : i < x.length
  · rw [← bit_bits h, bits_ofBits]
  · have : ofBits x < 2 ^ i := Nat.lt_of_lt_of_le (ofBits_lt x) (Nat.pow_le_pow_right (by simp) (by omega))
    rw [Nat.testBit_lt_two_pow this]
    simp [bit, List.getElem?_eq_none (show x.length ≤ i by omega)]

/-- Writing a number that is put together from a low and a high part. -/
theorem bits_add {v w a b : Nat} (ha : a < 2 ^ v) : bits (v + w) (a + 2 ^ v * b) = bits v a ++ bits w b := by
  induction v generalizing a with
  | zero => simp at ha; simp [ha]
  | succ v ih =>
    have e : (a + 2 ^ (v + 1) * b) / 2 = a / 2 + 2 ^ v * b := by
      rw [Nat.pow_succ', Nat.mul_assoc, Nat.add_mul_div_left _ _ (by simp)]
    have e' : (a + 2 ^ (v + 1) * b).testBit 0 = a.testBit 0 := by
      simp [Nat.testBit_zero, Nat.pow_succ', Nat.mul_assoc]
    rw [show v + 1 + w = v + w + 1 by omega, bits_succ, bits_succ, e, e', ih (by omega), List.cons_append]

theorem ofBits_append (x y : List Bool) : ofBits (x ++ y) = ofBits x + 2 ^ x.length * ofBits y := by
  induction x with
  | nil => simp [ofBits]
  | cons b x ih => simp only [List.cons_append, ofBits, ih, List.length_cons, Nat.pow_succ']; grind

/-! ## Blocks -/

/-- Block `i` of `x`, when `x` is cut into blocks of `w` bits. -/
def block (w : Nat) (x : List Bool) (i : Nat) : List Bool := (x.drop (i * w)).take w

/-- The positions of block `i`. -/
def blockPos (w i : Nat) : List Nat := List.range' (i * w) w

@[simp] theorem length_blockPos (w i) : (blockPos w i).length = w := by simp [blockPos]

theorem lt_of_mem_blockPos {w i n k : Nat} (hi : i < n) (h : k ∈ blockPos w i) : k < n * w := by
  have := Nat.mul_le_mul_right w (show i + 1 ≤ n from hi)
  simp only [blockPos, List.mem_range'_1, Nat.add_mul] at h this
  omega

theorem map_bit_blockPos {w i n : Nat} {x : List Bool} (hx : x.length = n * w) (hi : i < n) :
    (blockPos w i).map (bit x) = block w x i := by
  have := Nat.mul_le_mul_right w (show i + 1 ≤ n from hi)
  rw [Nat.add_mul] at this
  exact map_bit_range' x _ _ (by omega)

theorem length_block {w i n : Nat} {x : List Bool} (hx : x.length = n * w) (hi : i < n) :
    (block w x i).length = w := by
  rw [← map_bit_blockPos hx hi]; simp

theorem length_flatMap_range {w n : Nat} {f : Nat → List Bool} (hf : ∀ i < n, (f i).length = w) :
    ((List.range n).flatMap f).length = n * w := by
  induction n with
  | zero => simp
  | succ n ih => simp [List.range_succ, ih fun i hi => hf i (by omega), hf n (by omega), Nat.add_mul]

/-- The blocks of a concatenation are what was put together. -/
theorem block_flatMap_range {w n i : Nat} {f : Nat → List Bool} (hf : ∀ i < n, (f i).length = w) (hi : i < n) :
    block w ((List.range n).flatMap f) i = f i := by
  induction n with
  | zero => omega
  | succ n ih =>
    have hlen := length_flatMap_range fun i (hi : i < n) => hf i (by omega)
    simp only [List.range_succ, List.flatMap_append, List.flatMap_cons, List.flatMap_nil, List.append_nil, block]
    rcases Nat.lt_or_ge i n with h | h
    · have := Nat.mul_le_mul_right w (show i + 1 ≤ n from h)
      rw [Nat.add_mul] at this
      rw [List.drop_append_of_le_length (by omega), List.take_append_of_le_length (by rw [List.length_drop]; omega)]
      exact ih (fun i hi => hf i (by omega)) h
    · obtain rfl : i = n := by omega
      rw [← hlen, List.drop_left, ← hf i (by omega), List.take_length]

/-- A string of `n` blocks is the concatenation of its blocks. -/
theorem flatMap_block {w n : Nat} {x : List Bool} (hx : x.length = n * w) :
    (List.range n).flatMap (block w x) = x := by
  induction n generalizing x with
  | zero => simpa using (List.eq_nil_of_length_eq_zero (by omega)).symm
  | succ n ih =>
    rw [Nat.add_mul] at hx
    rw [List.range_succ_eq_map, List.flatMap_cons, List.flatMap_map]
    have e : (fun i => block w x (Nat.succ i)) = block w (x.drop w) := by
      funext i; simp [block, List.drop_drop, Nat.succ_mul, Nat.add_comm]
    rw [e, ih (by simp; omega)]
    simp [block]

end Logprec
