import Logprec.Arith.IteratedSum

/-!
# Iterated addition of integers

Two's complement, and the sum of `N` integers in the depth of the sum of `N` numbers: sign extension is reading the sign
bit again, and costs no depth.
-/

namespace Logprec

/-- The integer whose bits in two's complement are `x`, least significant first. -/
def ofBitsInt (x : List Bool) : Int := ofBits x - if bit x (x.length - 1) then 2 ^ x.length else 0

/-- The `w` low bits of an integer in two's complement, least significant first. -/
def bitsInt (w : Nat) (z : Int) : List Bool := bits w (z % 2 ^ w).toNat

/-- There are as many bits as asked for. -/
@[simp] theorem length_bitsInt (w z) : (bitsInt w z).length = w := length_bits _ _

private theorem testBit_top {w n : Nat} (h : n < 2 ^ (w + 1)) : n.testBit w = decide (2 ^ w ≤ n) := by
  by_cases h' : 2 ^ w ≤ n
  · obtain ⟨r, rfl⟩ := Nat.exists_eq_add_of_le h'
    rw [decide_eq_true h', Nat.testBit_two_pow_add_eq, Nat.testBit_lt_two_pow (by rw [Nat.pow_succ] at h; omega)]
    rfl
  · rw [decide_eq_false h', Nat.testBit_lt_two_pow (by omega)]

/-- The integers of `w + 1` bits. -/
theorem ofBitsInt_bounds {w : Nat} {x : List Bool} (h : x.length = w + 1) :
    -2 ^ w ≤ ofBitsInt x ∧ ofBitsInt x < 2 ^ w := by
  have hlt := ofBits_lt x
  rw [h] at hlt
  have := testBit_top hlt
  rw [testBit_ofBits] at this
  have e : (2 : Int) ^ w = ((2 ^ w : Nat) : Int) := by simp
  rw [ofBitsInt, h, Nat.add_sub_cancel, this, Int.pow_succ, e]
  rw [Nat.pow_succ] at hlt
  by_cases h' : 2 ^ w ≤ ofBits x <;>
    simp only [h', decide_true, decide_false, Bool.false_eq_true, if_true, if_false] <;> omega

/-- The bits of a number are the bits of every integer that is congruent to it. -/
theorem bitsInt_eq_bits {w n : Nat} {z : Int} (h : (n : Int) % 2 ^ w = z % 2 ^ w) : bitsInt w z = bits w n := by
  have e : (2 : Int) ^ w = ((2 ^ w : Nat) : Int) := by simp
  rw [bitsInt, ← h, ← bits_mod w n, e, ← Int.natCast_emod, Int.toNat_natCast]

/-- Reading what was written, when it fits. -/
theorem ofBitsInt_bitsInt {w : Nat} {z : Int} (h₁ : -2 ^ w ≤ z) (h₂ : z < 2 ^ w) :
    ofBitsInt (bitsInt (w + 1) z) = z := by
  have e : (2 : Int) ^ w = ((2 ^ w : Nat) : Int) := by simp
  have hp : 0 < 2 ^ w := Nat.two_pow_pos w
  rw [e] at h₁ h₂
  generalize hm : (z % 2 ^ (w + 1)).toNat = m
  have hm' : (m : Int) = if z < 0 then z + 2 * (2 ^ w : Nat) else z := by
    rw [← hm, Int.pow_succ, e]
    split
    · rw [← Int.add_emod_right, Int.emod_eq_of_lt (by omega) (by omega)]; omega
    · rw [Int.emod_eq_of_lt (by omega) (by omega)]; omega
  have hlt : m < 2 ^ (w + 1) := by rw [Nat.pow_succ]; split at hm' <;> omega
  rw [ofBitsInt, length_bitsInt, Nat.add_sub_cancel, bitsInt, hm, bit_bits (Nat.lt_succ_self w), testBit_top hlt,
    ofBits_bits, Nat.mod_eq_of_lt hlt, Int.pow_succ, e]
  split at hm'
  · rw [decide_eq_true (by omega), if_pos rfl]; omega
  · rw [decide_eq_false (by omega), if_neg (by simp)]; omega

private theorem ofBits_replicate_true (m : Nat) : ofBits (List.replicate m true) + 1 = 2 ^ m := by
  induction m with
  | zero => rfl
  | succ m ih => rw [List.replicate_succ, ofBits, Nat.pow_succ, Bool.toNat_true]; omega

private theorem ofBits_replicate_false (m : Nat) : ofBits (List.replicate m false) = 0 := by
  induction m with
  | zero => rfl
  | succ m ih => rw [List.replicate_succ, ofBits, ih]; rfl

/-- Sign extension does not change an integer. -/
private theorem ofBits_signExtend {B W : Nat} {x : List Bool} (hx : x.length = B) (hB : 0 < B) (hW : B ≤ W) :
    ((ofBits ((List.range W).map fun t => bit x (min t (B - 1))) : Nat) : Int) % 2 ^ W = ofBitsInt x % 2 ^ W := by
  obtain ⟨m, rfl⟩ := Nat.exists_eq_add_of_le hW
  have h₁ : (List.range B).map (fun t => bit x (min t (B - 1))) = x := by
    refine Eq.trans (List.map_congr_left fun t ht => ?_) (hx ▸ map_bit_range x)
    rw [Nat.min_eq_left (by have := List.mem_range.1 ht; omega)]
  have h₂ : ((List.range m).map (B + ·)).map (fun t => bit x (min t (B - 1))) = List.replicate m (bit x (B - 1)) := by
    rw [List.map_map, ← List.length_range (n := m), ← List.map_const', List.length_range]
    refine List.map_congr_left fun t _ => ?_
    rw [Function.comp, Nat.min_eq_right (by omega)]
  rw [List.range_add, List.map_append, h₁, h₂, ofBits_append, ofBitsInt, hx]
  cases bit x (B - 1)
  · simp [ofBits_replicate_false]
  · have h := ofBits_replicate_true m
    have e : ((ofBits x + 2 ^ B * ofBits (List.replicate m true) : Nat) : Int) =
        ofBits x - 2 ^ B + 2 ^ (B + m) := by
      rw [Int.pow_add]
      have : ((2 : Int) ^ m) = (ofBits (List.replicate m true) : Int) + 1 := by exact_mod_cast h.symm
      rw [this, Int.mul_add]
      simp
      omega
    rw [e, Int.add_emod_right]
    rfl

private theorem sum_emod {α : Type} {is : List α} {f : α → Nat} {g : α → Int} {M : Int}
    (h : ∀ i ∈ is, (f i : Int) % M = g i % M) : (((is.map f).sum : Nat) : Int) % M = (is.map g).sum % M := by
  induction is with
  | nil => rfl
  | cons i is ih =>
    rw [List.map_cons, List.map_cons, List.sum_cons, List.sum_cons, Int.natCast_add, Int.add_emod, h i (by simp),
      ih fun i hi => h i (by simp [hi]), ← Int.add_emod]

private theorem abs_sum_le {α : Type} {is : List α} {g : α → Int} {c : Nat}
    (h : ∀ i ∈ is, -(c : Int) ≤ g i ∧ g i ≤ c) :
    -((is.length * c : Nat) : Int) ≤ (is.map g).sum ∧ (is.map g).sum ≤ (is.length * c : Nat) := by
  induction is with
  | nil => simp
  | cons i is ih =>
    have h₁ := h i (by simp)
    have h₂ := ih fun i hi => h i (by simp [hi])
    rw [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul, Nat.one_mul]
    omega

namespace Circuit

/-! ## Fewer outputs -/

/-- The first `w` outputs of a circuit. -/
def truncate (w : Nat) : Circuit → Circuit
  | [] => []
  | [L] => [L.take w]
  | L :: L' :: C => L :: truncate w (L' :: C)

/-- The first outputs of a circuit. -/
theorem Computes.truncate {C : Circuit} {m w d s f w'} (h : C.Computes m w (d + 1) s f) (hw : w' ≤ w) :
    (truncate w' C).Computes m w' (d + 1) s (fun x => (f x).take w') := by
  suffices H : ∀ (C : Circuit) m d, C.WF m → C.depth = d + 1 →
      (Circuit.truncate w' C).WF m ∧ (Circuit.truncate w' C).width m = min w' (C.width m) ∧
        (Circuit.truncate w' C).depth = d + 1 ∧ (Circuit.truncate w' C).size ≤ C.size ∧
        ∀ x, (Circuit.truncate w' C).eval x = (C.eval x).take w' by
    obtain ⟨h₁, h₂, h₃, h₄, h₅⟩ := H C m d h.wf h.depth_eq
    exact ⟨h₁, by rw [h₂, h.width_eq]; omega, h₃, Nat.le_trans h₄ h.size_le, fun x hx => by rw [h₅, h.eval_eq x hx]⟩
  clear h
  intro C
  induction C with
  | nil => intro m d _ h; simp [depth] at h
  | cons L C ih =>
    intro m d hwf hd
    match C, ih, hwf, hd with
    | [], _, hwf, hd =>
      refine ⟨⟨fun g hg => hwf.1 g (List.mem_of_mem_take hg), trivial⟩, by simp [Circuit.truncate, width], hd, ?_,
        fun x => by simp [Circuit.truncate, Layer.eval_eq, List.map_take]⟩
      have := congrArg List.sum (congrArg (List.map Gate.size) (List.take_append_drop w' L))
      rw [List.map_append, List.sum_append_nat] at this
      simp only [Circuit.truncate, size_cons, size_nil]
      omega
    | L' :: C, ih, hwf, hd =>
      match d, hd with
      | d + 1, hd =>
        obtain ⟨h₁, h₂, h₃, h₄, h₅⟩ := ih L.length d hwf.2 (by simpa [depth] using hd)
        refine ⟨⟨hwf.1, h₁⟩, h₂, by simpa [Circuit.truncate, depth] using h₃, ?_, fun x => h₅ _⟩
        rw [Circuit.truncate, size_cons, size_cons L]
        omega

/-! ## Integers -/

/-- The positions of `N` integers of `B` bits each, sign-extended to `W` bits. -/
def signExtendPos (N B W : Nat) : List Nat :=
  (List.range N).flatMap fun i => (List.range W).map fun t => i * B + min t (B - 1)

/-- The sum of `N` integers of `B` bits each in two's complement, modulo `2 ^ W`. -/
def iteratedSumInt (N B W : Nat) : Circuit :=
  truncate W (par 4 [()] (fun _ => signExtendPos N B W) fun _ => iteratedSum N W)

/-- **Iterated addition of integers**: depth 4. -/
theorem computes_iteratedSumInt {N B W : Nat} (hB : 0 < B) (hW : B ≤ W) :
    (iteratedSumInt N B W).Computes (N * B) W 4 (iteratedSumSize N W)
      (fun x => bitsInt W ((List.range N).map fun i => ofBitsInt (block B x i)).sum) := by
  have hlen : (signExtendPos N B W).length = N * W := by
    simp [signExtendPos, List.length_flatMap, List.map_const']
  have hpar := Computes.par (d := 3) (m := N * B) (is := [()]) (sel := fun _ => signExtendPos N B W)
    (C := fun _ => iteratedSum N W) (w := fun _ => sumWidth N W) (s := fun _ => iteratedSumSize N W)
    (f := fun _ x => bits (sumWidth N W) (((List.range N).map fun i => ofBits (block W x i)).sum))
    (fun _ _ k hk => by
      simp only [signExtendPos, List.mem_flatMap, List.mem_map, List.mem_range] at hk
      obtain ⟨i, hi, t, ht, rfl⟩ := hk
      have := Nat.mul_le_mul_right B (show i + 1 ≤ N from hi)
      rw [Nat.add_mul] at this
      omega)
    (fun _ _ => hlen ▸ computes_iteratedSum N W)
  have hle : W ≤ sumWidth N W := Nat.le_trans (Nat.le_add_right _ _) (add_blockWidth_le_sumWidth N W)
  refine (Computes.truncate hpar (w' := W) (by simpa using hle)).mono (by simp) fun x hx => ?_
  have hy : ∀ i < N, block W ((signExtendPos N B W).map (bit x)) i =
      (List.range W).map fun t => bit (block B x i) (min t (B - 1)) := fun i hi => by
    rw [signExtendPos, List.map_flatMap, block_flatMap_range (by simp) hi, List.map_map]
    refine List.map_congr_left fun t _ => ?_
    simp [bit, block, show min t (B - 1) < B by omega]
  rw [List.flatMap_cons, List.flatMap_nil, List.append_nil, take_bits hle]
  refine (bitsInt_eq_bits (sum_emod fun i hi => ?_)).symm
  have hi := List.mem_range.1 hi
  rw [hy i hi]
  exact ofBits_signExtend (length_block hx hi) hB hW

/-- The depth of iterated addition of integers. -/
theorem depth_iteratedSumInt {N B W : Nat} (hB : 0 < B) (hW : B ≤ W) : (iteratedSumInt N B W).depth = 4 :=
  (computes_iteratedSumInt hB hW).depth_eq

/-- The sum of integers is exact when it is written with `sumWidth N B` bits. -/
theorem ofBitsInt_eval_iteratedSumInt {N B : Nat} (hB : 0 < B) {x : List Bool} (hx : x.length = N * B) :
    ofBitsInt ((iteratedSumInt N B (sumWidth N B)).eval x) =
      ((List.range N).map fun i => ofBitsInt (block B x i)).sum := by
  have hle : B ≤ sumWidth N B := Nat.le_trans (Nat.le_add_right _ _) (add_blockWidth_le_sumWidth N B)
  have hpow := succ_mul_two_pow_le N B
  rw [(computes_iteratedSumInt hB hle).eval_eq x hx]
  obtain ⟨b, rfl⟩ : ∃ b, B = b + 1 := ⟨B - 1, by omega⟩
  generalize sumWidth N (b + 1) = W at *
  obtain ⟨w, rfl⟩ : ∃ w, W = w + 1 := ⟨W - 1, by omega⟩
  have hsum := abs_sum_le (is := List.range N) (g := fun i => ofBitsInt (block (b + 1) x i)) (c := 2 ^ b) fun i hi => by
    have := ofBitsInt_bounds (length_block hx (List.mem_range.1 hi))
    simp only [Int.natCast_pow, Int.cast_ofNat_Int]
    omega
  rw [List.length_range] at hsum
  have hw : N * 2 ^ b < 2 ^ w := by
    have := Nat.two_pow_pos b
    rw [Nat.pow_succ, Nat.pow_succ, ← Nat.mul_assoc, Nat.add_mul] at hpow
    omega
  have e : (2 : Int) ^ w = ((2 ^ w : Nat) : Int) := by simp
  exact ofBitsInt_bitsInt (by rw [e]; omega) (by rw [e]; omega)

end Circuit

end Logprec
