import Logprec.Arith.Add
import Logprec.Arith.Construct

/-!
# Iterated addition: proofs

`computes_iteratedSum`: the sum of `N` numbers of `B` bits, without overflow, in depth 4 and polynomial size. About
the definitions in `Logprec.Arith.Construct`.
-/

namespace Logprec

/-! ## Numbers in blocks -/

/-- The last summand of a sum over a range. -/
theorem sum_map_range_succ (n : Nat) (f : Nat → Nat) :
    ((List.range (n + 1)).map f).sum = ((List.range n).map f).sum + f n := by
  simp [List.range_succ]

/-- The number that consists of the given blocks of `l` bits. -/
theorem ofBits_flatMap_bits (l n : Nat) (a : Nat → Nat) :
    ofBits ((List.range n).flatMap fun k => bits l (a k)) =
      ((List.range n).map fun k => a k % 2 ^ l * 2 ^ (k * l)).sum := by
  induction n with
  | zero => rfl
  | succ n ih =>
    rw [List.range_succ, List.flatMap_append, ofBits_append, ih, length_flatMap_range fun i _ => length_bits l (a i),
      List.map_append, List.sum_append_nat, List.flatMap_cons, List.flatMap_nil, List.append_nil, ofBits_bits,
      List.map_singleton, List.sum_cons, List.sum_nil, Nat.add_zero, Nat.mul_comm (2 ^ (n * l))]

/-- The sum of the blocks number `k`, of `l` bits, of the numbers `vs`. -/
def blockSum (l : Nat) (vs : List Nat) (k : Nat) : Nat := (vs.map fun v => v / 2 ^ (k * l) % 2 ^ l).sum

/-- The sums of blocks make up the sum. -/
theorem sum_blockSum (l : Nat) (vs : List Nat) (n : Nat) :
    ((List.range n).map fun k => blockSum l vs k * 2 ^ (k * l)).sum = (vs.map (· % 2 ^ (n * l))).sum := by
  induction n with
  | zero =>
    induction vs with
    | nil => rfl
    | cons v vs ih => simpa [Nat.mod_one] using ih
  | succ n ih =>
    rw [sum_map_range_succ, ih, blockSum]
    clear ih
    induction vs with
    | nil => simp
    | cons v vs ih =>
      have := Nat.mod_mul (a := 2 ^ (n * l)) (b := 2 ^ l) (x := v)
      rw [← Nat.pow_add, show n * l + l = (n + 1) * l by rw [Nat.add_mul, Nat.one_mul]] at this
      simp only [List.map_cons, List.sum_cons, Nat.add_mul] at ih ⊢
      rw [Nat.add_mul, Nat.one_mul] at this
      rw [Nat.one_mul] at ih ⊢
      rw [this, ← ih, Nat.mul_comm (2 ^ (n * l))]
      omega

/-- A sum of blocks has twice as many bits, when there are not more numbers than a block can count. -/
theorem blockSum_lt {l : Nat} {vs : List Nat} (h : vs.length < 2 ^ l) (k : Nat) : blockSum l vs k < 2 ^ l * 2 ^ l := by
  have hp : 0 < 2 ^ l := Nat.two_pow_pos l
  have := sum_map_le (l := vs) (f := fun v => v / 2 ^ (k * l) % 2 ^ l) (c := 2 ^ l) fun v _ =>
    Nat.le_of_lt (Nat.mod_lt _ hp)
  exact Nat.lt_of_le_of_lt this (Nat.mul_lt_mul_of_pos_right h hp)

/-- Past the numbers, a block sum is zero. -/
theorem blockSum_eq_zero {l k : Nat} {vs : List Nat} (h : ∀ v ∈ vs, v < 2 ^ (k * l)) : blockSum l vs k = 0 := by
  have := sum_map_le (l := vs) (f := fun v => v / 2 ^ (k * l) % 2 ^ l) (c := 0) fun v hv => by
    simp [Nat.div_eq_of_lt (h v hv)]
  simpa [blockSum] using this

/-- Low halves in their places and high halves one place higher make up the same sum. -/
private theorem sum_halves {l : Nat} {s : Nat → Nat} (h : ∀ k, s k < 2 ^ l * 2 ^ l) {n : Nat} (hn : s n = 0) :
    ((List.range (n + 1)).map fun k => s k % 2 ^ l * 2 ^ (k * l)).sum +
      ((List.range (n + 1)).map fun k => (if k = 0 then 0 else s (k - 1) / 2 ^ l) % 2 ^ l * 2 ^ (k * l)).sum =
    ((List.range n).map fun k => s k * 2 ^ (k * l)).sum := by
  rw [sum_map_range_succ, hn, Nat.zero_mod, Nat.zero_mul, Nat.add_zero, List.range_succ_eq_map, List.map_cons,
    List.sum_cons, if_pos rfl, Nat.zero_mod, Nat.zero_mul, Nat.zero_add, List.map_map]
  clear hn
  induction n with
  | zero => rfl
  | succ n ih =>
    have e := Nat.mod_add_div (s n) (2 ^ l)
    have hd : s n / 2 ^ l % 2 ^ l = s n / 2 ^ l := Nat.mod_eq_of_lt (Nat.div_lt_of_lt_mul (h n))
    simp only [sum_map_range_succ, Function.comp_def, Nat.succ_eq_add_one, Nat.add_eq_zero_iff, Nat.one_ne_zero,
      and_false, if_false, Nat.add_sub_cancel] at ih ⊢
    rw [hd, show (n + 1) * l = l + n * l by rw [Nat.add_mul, Nat.one_mul, Nat.add_comm], Nat.pow_add, ← Nat.mul_assoc]
    have : s n * 2 ^ (n * l) = s n % 2 ^ l * 2 ^ (n * l) + s n / 2 ^ l * 2 ^ l * 2 ^ (n * l) := by
      rw [← Nat.add_mul, Nat.mul_comm _ (2 ^ l), e]
    omega

/-- Reading a position in a concatenation of equally long strings. -/
theorem bit_flatMap_range {w n k t : Nat} {f : Nat → List Bool} (hf : ∀ i < n, (f i).length = w) (hk : k < n)
    (ht : t < w) : bit ((List.range n).flatMap f) (k * w + t) = bit (f k) t := by
  rw [← block_flatMap_range hf hk]
  simp [bit, block, ht]

namespace Circuit

/-! ## The circuit -/

/-- A block can count the numbers. -/
theorem lt_two_pow_blockWidth (N : Nat) : N < 2 ^ blockWidth N := Nat.lt_log2_self

/-- The weights in a block are small. -/
theorem two_pow_blockWidth_le {N : Nat} (h : N ≠ 0) : 2 ^ blockWidth N ≤ 2 * N := by
  rw [blockWidth, Nat.pow_succ, Nat.mul_comm]
  exact Nat.mul_le_mul_left 2 (Nat.log2_self_le h)

/-- There is room for all the blocks, and one more. -/
theorem add_blockWidth_le_sumWidth (N B : Nat) : B + blockWidth N ≤ sumWidth N B := by
  have := Nat.mod_lt B (show 0 < blockWidth N by simp [blockWidth])
  have := Nat.div_add_mod B (blockWidth N)
  rw [sumWidth, Nat.add_mul, Nat.mul_comm (B / _)]
  omega

/-- The width is at most the natural one and two blocks. -/
theorem sumWidth_le (N B : Nat) : sumWidth N B ≤ B + 2 * blockWidth N := by
  have := Nat.div_mul_le_self B (blockWidth N)
  rw [sumWidth, Nat.add_mul]
  omega

/-- There is room for `N + 1` numbers of `B` bits. -/
theorem succ_mul_two_pow_le (N B : Nat) : (N + 1) * 2 ^ B ≤ 2 ^ sumWidth N B :=
  calc (N + 1) * 2 ^ B
    _ ≤ 2 ^ blockWidth N * 2 ^ B := Nat.mul_le_mul_right _ (lt_two_pow_blockWidth N)
    _ = 2 ^ (B + blockWidth N) := by rw [← Nat.pow_add, Nat.add_comm]
    _ ≤ 2 ^ sumWidth N B := Nat.pow_le_pow_right (by omega) (add_blockWidth_le_sumWidth N B)

/-- The sum has no overflow. -/
theorem sum_lt {N B : Nat} {x : List Bool} (hx : x.length = N * B) :
    ((List.range N).map fun i => ofBits (block B x i)).sum < 2 ^ sumWidth N B := by
  have := sum_map_le (l := List.range N) (f := fun i => ofBits (block B x i)) (c := 2 ^ B) fun i hi => by
    have := ofBits_lt (block B x i)
    rw [length_block hx (List.mem_range.1 hi)] at this
    exact Nat.le_of_lt this
  rw [List.length_range] at this
  have h := succ_mul_two_pow_le N B
  have := Nat.two_pow_pos B
  rw [Nat.add_mul] at h
  omega

/-! ## Correctness -/

private theorem count_append (v : Nat → Bool) (ws ws' : List Wire) :
    Wire.count v (ws ++ ws') = Wire.count v ws + Wire.count v ws' := by simp [Wire.count]

/-- Summing lists that follow one another. -/
theorem sum_flatMap {α : Type} (is : List α) (f : α → List Nat) :
    (is.flatMap f).sum = (is.map fun i => (f i).sum).sum := by
  induction is with
  | nil => rfl
  | cons i is ih => simp [ih]

private theorem count_flatMap {α : Type} (v : Nat → Bool) (is : List α) (f : α → List Wire) :
    Wire.count v (is.flatMap f) = (is.map fun i => Wire.count v (f i)).sum := by
  induction is with
  | nil => rfl
  | cons i is ih => rw [List.flatMap_cons, count_append, ih, List.map_cons, List.sum_cons]

/-- With powers of two as multiplicities, counting is reading a number. -/
private theorem count_pow (v : Nat → Bool) (b r c : Nat) :
    Wire.count v ((List.range r).map fun t => ⟨b + t, 2 ^ t * c⟩) = ofBits ((List.range' b r).map v) * c := by
  induction r generalizing b c with
  | zero => simp [Wire.count, ofBits]
  | succ r ih =>
    have := ih (b + 1) (2 * c)
    rw [List.range_succ_eq_map, List.map_cons, List.map_map, List.range'_succ, List.map_cons, ofBits]
    simp only [Function.comp_def, Nat.pow_succ, Nat.mul_assoc, Nat.succ_eq_add_one, Nat.add_assoc,
      Nat.add_comm 1] at this ⊢
    simp only [Wire.count, List.map_cons, List.sum_cons] at this ⊢
    rw [this, Nat.add_mul, Nat.mul_assoc, Nat.mul_left_comm 2]
    cases h : v b <;> simp [h]

private theorem ofBits_slice {B l k i : Nat} {x : List Bool} :
    ofBits ((List.range' (i * B + k * l) (min l (B - k * l))).map (bit x)) =
      ofBits (block B x i) / 2 ^ (k * l) % 2 ^ l := by
  refine Nat.eq_of_testBit_eq fun t => ?_
  rw [testBit_ofBits, Nat.testBit_mod_two_pow, Nat.testBit_div_two_pow, testBit_ofBits]
  have e : bit (block B x i) (k * l + t) = if k * l + t < B then bit x (i * B + (k * l + t)) else false := by
    by_cases h : k * l + t < B <;> simp [bit, block, List.getElem?_take, h]
  rw [Nat.add_comm t, e]
  by_cases h : t < min l (B - k * l)
  · rw [if_pos (by omega), decide_eq_true (by omega), Bool.true_and, ← Nat.add_assoc]
    simp [bit, List.getElem?_range' h]
  · have : bit ((List.range' (i * B + k * l) (min l (B - k * l))).map (bit x)) t = false := by
      rw [bit, List.getD_eq_getElem?_getD, List.getElem?_eq_none (by simpa using h), Option.getD_none]
    rw [this]
    by_cases h' : t < l
    · rw [if_neg (by omega), Bool.and_false]
    · rw [decide_eq_false h', Bool.false_and]

/-- The numbers that are added. -/
private def numbers (N B : Nat) (x : List Bool) : List Nat := (List.range N).map fun i => ofBits (block B x i)

private theorem count_blockWires {N B k : Nat} {x : List Bool} :
    Wire.count (bit x) (blockWires N B k) = blockSum (blockWidth N) (numbers N B x) k := by
  rw [blockWires, count_flatMap, blockSum, numbers, List.map_map]
  congr 1
  refine List.map_congr_left fun i _ => ?_
  have := count_pow (bit x) (i * B + k * blockWidth N) (min (blockWidth N) (B - k * blockWidth N)) 1
  simp only [Nat.mul_one] at this
  rw [List.map_map, Function.comp_def, this, ofBits_slice, Function.comp]

private theorem blockSum_le (N B k : Nat) (x : List Bool) :
    blockSum (blockWidth N) (numbers N B x) k ≤ maxSum N := by
  have := sum_map_le (l := numbers N B x) (f := fun v => v / 2 ^ (k * blockWidth N) % 2 ^ blockWidth N)
    (c := 2 ^ blockWidth N - 1) fun v _ => Nat.le_sub_one_of_lt (Nat.mod_lt _ (Nat.two_pow_pos _))
  simpa [numbers, maxSum, blockSum] using this

private theorem sum_blockWires (N B k : Nat) : ((blockWires N B k).map Wire.mult).sum ≤ maxSum N := by
  have hp : ∀ r, ((List.range r).map fun t => 2 ^ t).sum + 1 = 2 ^ r := fun r => by
    induction r with
    | zero => rfl
    | succ r ih => rw [sum_map_range_succ, Nat.pow_succ]; omega
  have h₁ := hp (min (blockWidth N) (B - k * blockWidth N))
  have h₂ := Nat.pow_le_pow_right (n := 2) (by omega) (Nat.min_le_left (blockWidth N) (B - k * blockWidth N))
  have := sum_map_le (l := List.range N) (f := fun _ => ((List.range (min (blockWidth N)
    (B - k * blockWidth N))).map fun t => 2 ^ t).sum) (c := 2 ^ blockWidth N - 1) fun _ _ => by dsimp only; omega
  rw [List.length_range] at this
  simp only [blockWires, List.map_flatMap, List.map_map, Function.comp_def, sum_flatMap]
  exact this

private theorem src_lt_of_mem_blockWires {N B k : Nat} {w : Wire} (h : w ∈ blockWires N B k) : w.src < N * B := by
  simp only [blockWires, List.mem_flatMap, List.mem_map, List.mem_range] at h
  obtain ⟨i, hi, _, ⟨t, ht, rfl⟩, rfl⟩ := h
  have := Nat.mul_le_mul_right B (show i + 1 ≤ N from hi)
  rw [Nat.add_mul] at this
  dsimp only
  omega

private theorem length_sumThresholds (N B : Nat) :
    (sumThresholds N B).length = blocks N B * (2 * (maxSum N + 1)) := by
  simp [sumThresholds, List.length_flatMap, List.map_const', Nat.two_mul]

private theorem length_bitWires (T b u : Nat) : ∃ n ≤ T + 1, (bitWires T b u).length = 2 * n := by
  refine ⟨((List.range (T + 1)).filter fun t => t.testBit u).length, ?_, by simp [bitWires]; omega⟩
  simpa using List.length_filter_le (fun t => t.testBit u) (List.range (T + 1))

private theorem src_lt_of_mem_bitWires {T b u : Nat} {w : Wire} (h : w ∈ bitWires T b u) :
    w.src < b + 2 * (T + 1) := by
  simp only [bitWires, List.mem_append, List.mem_map, List.mem_filter, List.mem_range] at h
  rcases h with ⟨t, ht, rfl⟩ | ⟨t, ht, rfl⟩ <;> dsimp only <;> omega

private theorem sum_mult_bitWires (T b u : Nat) :
    ((bitWires T b u).map Wire.mult).sum = (bitWires T b u).length := by
  simp [bitWires, Function.comp_def, List.map_const']

private theorem eval_sumThresholds {N B k t : Nat} {x : List Bool} (hk : k < blocks N B) (ht : t ≤ maxSum N) :
    bit ((sumThresholds N B).eval x) (k * (2 * (maxSum N + 1)) + t) =
      decide (t ≤ blockSum (blockWidth N) (numbers N B x) k) ∧
    bit ((sumThresholds N B).eval x) (k * (2 * (maxSum N + 1)) + (maxSum N + 1 + t)) =
      decide (blockSum (blockWidth N) (numbers N B x) k ≤ t) := by
  have e : (sumThresholds N B).eval x = (List.range (blocks N B)).flatMap fun k =>
      (List.range (maxSum N + 1)).map (fun t => decide (t ≤ blockSum (blockWidth N) (numbers N B x) k)) ++
        (List.range (maxSum N + 1)).map fun t => decide (blockSum (blockWidth N) (numbers N B x) k ≤ t) := by
    simp only [sumThresholds, Layer.eval_eq, List.map_flatMap, List.map_append, List.map_map, Function.comp_def,
      Gate.eval, count_blockWires]
  rw [e, bit_flatMap_range (by simp; omega) hk (by omega), bit_flatMap_range (by simp; omega) hk (by omega)]
  have := bit_append_right (x := (List.range (maxSum N + 1)).map fun t =>
    decide (t ≤ blockSum (blockWidth N) (numbers N B x) k)) (y := (List.range (maxSum N + 1)).map fun t =>
    decide (blockSum (blockWidth N) (numbers N B x) k ≤ t)) t
  rw [List.length_map, List.length_range] at this
  rw [this, bit_append_left (by simp; omega), bit_map_range _ (by omega), bit_map_range _ (by omega)]
  exact ⟨rfl, rfl⟩

private theorem count_bitWires {T b u s : Nat} {v : Nat → Bool} (hs : s ≤ T) (hv : ∀ t ≤ T, v (b + t) = decide (t ≤ s))
    (hv' : ∀ t ≤ T, v (b + (T + 1 + t)) = decide (s ≤ t)) :
    Wire.count v (bitWires T b u) = (bitWires T b u).length / 2 + (s.testBit u).toNat := by
  have hc : ((List.range (T + 1)).filter fun t => t.testBit u).count s = (s.testBit u).toNat := by
    cases h : s.testBit u
    · exact List.count_eq_zero.2 fun hm => by simp [h] at hm
    · rw [List.count_filter (by exact h), List.count_range, if_pos (by omega)]
      rfl
  have hm : ∀ t ∈ (List.range (T + 1)).filter fun t => t.testBit u, t ≤ T := fun t ht => by
    simp only [List.mem_filter, List.mem_range] at ht
    omega
  simp only [bitWires, List.length_append, List.length_map]
  rw [← hc, show ∀ n, (n + n) / 2 = n by omega]
  generalize (List.range (T + 1)).filter (fun t => t.testBit u) = ts at hm
  clear hc
  induction ts with
  | nil => rfl
  | cons t ts ih =>
    have ih := ih fun t h => hm t (by simp [h])
    have h := hm t (by simp)
    simp only [Wire.count, List.map_append, List.sum_append_nat, List.map_cons, List.sum_cons, List.length_cons,
      List.count_cons, hv t h, hv' t h, decide_eq_true_eq, beq_iff_eq] at ih ⊢
    grind

/-- The low halves of the sums of blocks, as one number. -/
private def lows (N B : Nat) (x : List Bool) : Nat :=
  ofBits ((List.range (blocks N B + 1)).flatMap fun k =>
    bits (blockWidth N) (blockSum (blockWidth N) (numbers N B x) k))

/-- The high halves of the sums of blocks, one place higher. -/
private def highs (N B : Nat) (x : List Bool) : Nat :=
  ofBits ((List.range (blocks N B + 1)).flatMap fun k => bits (blockWidth N)
    (if k = 0 then 0 else blockSum (blockWidth N) (numbers N B x) (k - 1) / 2 ^ blockWidth N))

private theorem blockSum_blocks {N B : Nat} {x : List Bool} (hx : x.length = N * B) :
    (∀ v ∈ numbers N B x, v < 2 ^ (blocks N B * blockWidth N)) := fun v hv => by
  simp only [numbers, List.mem_map, List.mem_range] at hv
  obtain ⟨i, hi, rfl⟩ := hv
  have := ofBits_lt (block B x i)
  rw [length_block hx hi] at this
  refine Nat.lt_of_lt_of_le this (Nat.pow_le_pow_right (by omega) ?_)
  have := add_blockWidth_le_sumWidth N B
  rw [sumWidth, Nat.add_mul] at this
  rw [blocks, Nat.add_mul]
  omega

private theorem lows_add_highs {N B : Nat} {x : List Bool} (hx : x.length = N * B) :
    lows N B x + highs N B x = (numbers N B x).sum := by
  have hs : ∀ k, blockSum (blockWidth N) (numbers N B x) k < 2 ^ blockWidth N * 2 ^ blockWidth N :=
    blockSum_lt (by simpa [numbers] using lt_two_pow_blockWidth N)
  have hvs := blockSum_blocks hx
  have hmod : (numbers N B x).map (· % 2 ^ (blocks N B * blockWidth N)) = numbers N B x :=
    (List.map_congr_left fun v hv => Nat.mod_eq_of_lt (hvs v hv)).trans (List.map_id _)
  rw [lows, highs, ofBits_flatMap_bits, ofBits_flatMap_bits]
  exact (sum_halves hs (blockSum_eq_zero hvs)).trans ((sum_blockSum _ _ _).trans (by rw [hmod]))

private theorem sumWidth_eq (N B : Nat) : sumWidth N B = (blocks N B + 1) * blockWidth N := rfl

private theorem blockWidth_pos (N : Nat) : 0 < blockWidth N := Nat.succ_pos _

private theorem count_columnWires {N B i : Nat} {x : List Bool} (hx : x.length = N * B) (hi : i < sumWidth N B) :
    Wire.count (bit ((sumThresholds N B).eval x)) (columnWires N B i) = (columnWires N B i).length / 2 +
      (((lows N B x).testBit i).toNat + ((highs N B x).testBit i).toNat) := by
  have hl := blockWidth_pos N
  have hu : i % blockWidth N < blockWidth N := Nat.mod_lt _ hl
  have hk : i / blockWidth N < blocks N B + 1 := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have hi' : i = i / blockWidth N * blockWidth N + i % blockWidth N := (Nat.div_add_mod' _ _).symm
  have elow : (lows N B x).testBit i =
      (blockSum (blockWidth N) (numbers N B x) (i / blockWidth N)).testBit (i % blockWidth N) := by
    rw [lows, testBit_ofBits, hi', bit_flatMap_range (by simp) hk hu, bit_bits hu, ← hi']
  have ehigh : (highs N B x).testBit i = (if i / blockWidth N = 0 then 0 else
      blockSum (blockWidth N) (numbers N B x) (i / blockWidth N - 1) / 2 ^ blockWidth N).testBit
        (i % blockWidth N) := by
    rw [highs, testBit_ofBits, hi', bit_flatMap_range (by simp) hk hu, bit_bits hu, ← hi']
  have hthr := fun k (hk : k < blocks N B) u => count_bitWires (b := k * (2 * (maxSum N + 1))) (u := u)
    (blockSum_le N B k x) (fun t ht => (eval_sumThresholds hk ht).1) (fun t ht => (eval_sumThresholds hk ht).2)
  have hzero := blockSum_eq_zero (blockSum_blocks hx)
  rw [elow, ehigh, columnWires, count_append, List.length_append]
  clear elow ehigh hi'
  generalize i / blockWidth N = k at *
  generalize i % blockWidth N = u at *
  have h₁ := hthr k
  have h₂ := hthr (k - 1)
  obtain ⟨n₁, -, e₁⟩ := length_bitWires (maxSum N) (k * (2 * (maxSum N + 1))) u
  obtain ⟨n₂, -, e₂⟩ := length_bitWires (maxSum N) ((k - 1) * (2 * (maxSum N + 1))) (blockWidth N + u)
  by_cases hk₁ : k < blocks N B <;> by_cases hk₂ : 0 < k
  · rw [if_pos hk₁, if_pos hk₂, if_neg (by omega), h₁ hk₁, h₂ (by omega), Nat.testBit_div_two_pow, e₁, e₂,
      Nat.add_comm u]
    omega
  · rw [if_pos hk₁, if_neg hk₂, if_pos (by omega), h₁ hk₁, e₁]
    simp [Wire.count]
  · obtain rfl : k = blocks N B := by omega
    rw [if_neg hk₁, if_pos hk₂, if_neg (by omega), h₂ (by omega), Nat.testBit_div_two_pow, e₂, hzero, Nat.add_comm u]
    simp [Wire.count]
  · have : 0 < blocks N B := Nat.succ_pos _
    omega

private theorem src_lt_of_mem_columnWires {N B i : Nat} {w : Wire} (hi : i < sumWidth N B)
    (h : w ∈ columnWires N B i) : w.src < blocks N B * (2 * (maxSum N + 1)) := by
  have hk : i / blockWidth N < blocks N B + 1 := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have key : ∀ k u, k < blocks N B → w ∈ bitWires (maxSum N) (k * (2 * (maxSum N + 1))) u →
      w.src < blocks N B * (2 * (maxSum N + 1)) := fun k u hk h => by
    have h₁ := src_lt_of_mem_bitWires h
    have h₂ := Nat.mul_le_mul_right (2 * (maxSum N + 1)) (show k + 1 ≤ blocks N B from hk)
    rw [Nat.add_mul] at h₂
    omega
  rw [columnWires, List.mem_append] at h
  rcases h with h | h <;> split at h
  · exact key _ _ ‹_› h
  · simp at h
  · exact key _ _ (by omega) h
  · simp at h

private theorem sum_mult_columnWires (N B i : Nat) :
    ((columnWires N B i).map Wire.mult).sum ≤ 4 * (maxSum N + 1) := by
  have key : ∀ b u, ((bitWires (maxSum N) b u).map Wire.mult).sum ≤ 2 * (maxSum N + 1) := fun b u => by
    obtain ⟨n, hn, e⟩ := length_bitWires (maxSum N) b u
    rw [sum_mult_bitWires, e]
    omega
  have h₁ := key (i / blockWidth N * (2 * (maxSum N + 1))) (i % blockWidth N)
  have h₂ := key ((i / blockWidth N - 1) * (2 * (maxSum N + 1))) (blockWidth N + i % blockWidth N)
  rw [columnWires, List.map_append, List.sum_append_nat]
  split <;> split <;> simp only [List.map_nil, List.sum_nil] <;> omega

/-- The first two layers give the columns of two numbers. -/
private theorem computes_sumColumns (N B : Nat) : Computes [sumThresholds N B, sumColumns N B] (N * B)
    (4 * sumWidth N B) 2
    (2 * blocks N B * ((maxSum N + 1) * (maxSum N + 1)) + 4 * sumWidth N B * (4 * maxSum N + 5))
    (fun x => columns (sumWidth N B) (lows N B x) (highs N B x)) where
  wf := by
    refine ⟨?_, ?_, trivial⟩
    · simp only [sumThresholds, List.mem_flatMap, List.mem_append, List.mem_map]
      rintro g ⟨k, -, ⟨t, -, rfl⟩ | ⟨t, -, rfl⟩⟩ w hw <;> exact src_lt_of_mem_blockWires hw
    · rw [length_sumThresholds]
      have : ∀ i < sumWidth N B, ∀ w ∈ columnWires N B i, w.src < blocks N B * (2 * (maxSum N + 1)) :=
        fun i hi w hw => src_lt_of_mem_columnWires hi hw
      simp only [sumColumns, List.mem_append, List.mem_map, List.mem_range]
      rintro g (((⟨_, ⟨i, hi, rfl⟩, rfl⟩ | ⟨_, ⟨i, hi, rfl⟩, rfl⟩) | ⟨_, ⟨i, hi, rfl⟩, rfl⟩) |
        ⟨_, ⟨i, hi, rfl⟩, rfl⟩) w hw <;> exact this i hi w hw
  width_eq := by simp [sumColumns, width]; omega
  depth_eq := rfl
  size_le := by
    have hw : ∀ k, 1 + ((blockWires N B k).map Wire.mult).sum ≤ maxSum N + 1 := fun k => by
      have := sum_blockWires N B k
      omega
    have h₁ := sum_map_le (l := List.range (blocks N B)) (f := fun k => (maxSum N + 1) *
      (1 + ((blockWires N B k).map Wire.mult).sum) + (maxSum N + 1) * (1 + ((blockWires N B k).map Wire.mult).sum))
      (c := 2 * ((maxSum N + 1) * (maxSum N + 1))) fun k _ => by
        have := Nat.mul_le_mul_left (maxSum N + 1) (hw k)
        dsimp only
        omega
    have h₂ := sum_map_le (l := List.range (sumWidth N B)) (f := fun i => 1 + ((columnWires N B i).map Wire.mult).sum)
      (c := 4 * maxSum N + 5) fun i _ => by
        have := sum_mult_columnWires N B i
        dsimp only
        omega
    rw [List.length_range] at h₁ h₂
    simp only [size_cons, size_nil, sumThresholds, sumColumns, List.map_flatMap, List.map_append, List.map_map,
      Function.comp_def, sum_flatMap, List.sum_append_nat, Gate.size, Gate.wires, List.map_const',
      List.sum_replicate_nat, List.length_range] at h₁ h₂ ⊢
    rw [Nat.mul_left_comm, ← Nat.mul_assoc 2] at h₁
    rw [Nat.mul_assoc 4]
    omega
  eval_eq x hx := by
    have key := fun i (hi : i < sumWidth N B) => count_columnWires hx hi
    simp only [eval_cons, eval_nil]
    generalize (sumThresholds N B).eval x = y at key
    simp only [sumColumns, Layer.eval_eq, List.map_append, List.map_map, columns]
    congr 1
    · congr 1
      · congr 1 <;> refine List.map_congr_left fun i hi => ?_ <;>
          simp only [Function.comp, Gate.eval, key i (List.mem_range.1 hi)] <;>
          cases (lows N B x).testBit i <;> cases (highs N B x).testBit i <;> simp
      · refine List.map_congr_left fun i hi => ?_
        simp only [Function.comp, Gate.eval, key i (List.mem_range.1 hi)]
        cases (lows N B x).testBit i <;> cases (highs N B x).testBit i <;> simp
    · refine List.map_congr_left fun i hi => ?_
      simp only [Function.comp, Gate.eval, key i (List.mem_range.1 hi)]
      cases (lows N B x).testBit i <;> cases (highs N B x).testBit i <;> simp

private theorem size_le_poly {n b T w k : Nat} (hn : 1 ≤ n) (hb : 1 ≤ b) (hT : T + 1 ≤ 2 * (n * n))
    (hw : w ≤ 2 * (n * b)) (hk : k ≤ b) :
    2 * k * ((T + 1) * (T + 1)) + 4 * w * (4 * T + 5) + (3 * (w * w * w) + 9 * (w * w) + w) ≤
      142 * (n ^ 4 * b ^ 3) := by
  have hnn : 1 ≤ n * n := Nat.mul_le_mul hn hn
  have h₁ := Nat.mul_le_mul (Nat.mul_le_mul_left 2 hk) (Nat.mul_le_mul hT hT)
  have h₂ := Nat.mul_le_mul (Nat.mul_le_mul_left 4 hw) (show 4 * T + 5 ≤ 9 * (n * n) by omega)
  have h₃ := Nat.mul_le_mul hw hw
  have h₄ := Nat.mul_le_mul h₃ hw
  have p : ∀ i j, i ≤ 4 → j ≤ 3 → n ^ i * b ^ j ≤ n ^ 4 * b ^ 3 := fun i j hi hj =>
    Nat.mul_le_mul (Nat.pow_le_pow_right hn hi) (Nat.pow_le_pow_right hb hj)
  have p₁ := p 4 1 (by omega) (by omega)
  have p₂ := p 3 1 (by omega) (by omega)
  have p₃ := p 2 2 (by omega) (by omega)
  have p₄ := p 3 3 (by omega) (by omega)
  have p₅ := p 1 1 (by omega) (by omega)
  rw [show 2 * b * (2 * (n * n) * (2 * (n * n))) = 8 * (n ^ 4 * b ^ 1) by grind] at h₁
  rw [show 4 * (2 * (n * b)) * (9 * (n * n)) = 72 * (n ^ 3 * b ^ 1) by grind] at h₂
  rw [show 2 * (n * b) * (2 * (n * b)) = 4 * (n ^ 2 * b ^ 2) by grind] at h₃ h₄
  rw [show 4 * (n ^ 2 * b ^ 2) * (2 * (n * b)) = 8 * (n ^ 3 * b ^ 3) by grind] at h₄
  rw [show 2 * (n * b) = 2 * (n ^ 1 * b ^ 1) by grind] at hw
  omega

/-- The size is polynomial in `N` and `B`. -/
theorem iteratedSumSize_le (N B : Nat) : iteratedSumSize N B ≤ 142 * ((N + 1) ^ 4 * (B + 1) ^ 3) := by
  have hlog : N.log2 ≤ N := by
    by_cases h : N = 0
    · subst h; exact Nat.le_refl _
    · exact Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (Nat.log2_self_le h)
  refine size_le_poly (by omega) (by omega) ?_ ?_ ?_
  · by_cases h : N = 0
    · subst h; simp [maxSum]
    · have := Nat.mul_le_mul_left N (show 2 ^ blockWidth N - 1 ≤ 2 * N by have := two_pow_blockWidth_le h; omega)
      rw [maxSum]
      grind
  · have := sumWidth_le N B
    have : (N + 1) * (B + 1) = N * B + N + B + 1 := by grind
    unfold blockWidth at *
    omega
  · have := Nat.div_le_self B (blockWidth N)
    unfold blocks
    omega

/-- **Iterated addition**: depth 4. -/
theorem computes_iteratedSum (N B : Nat) : (iteratedSum N B).Computes (N * B) (sumWidth N B) 4 (iteratedSumSize N B)
    (fun x => bits (sumWidth N B) (((List.range N).map fun i => ofBits (block B x i)).sum)) := by
  have h : (iteratedSum N B).Computes _ _ _ _ _ :=
    (computes_sumColumns N B).comp (computes_addColumns (sumWidth N B))
  refine h.mono (Nat.le_of_eq (by rw [iteratedSumSize])) fun x hx => ?_
  have h₁ : lows N B x < 2 ^ sumWidth N B :=
    Nat.lt_of_lt_of_eq (ofBits_lt _) (by rw [length_flatMap_range fun _ _ => length_bits _ _, sumWidth_eq])
  have h₂ : highs N B x < 2 ^ sumWidth N B :=
    Nat.lt_of_lt_of_eq (ofBits_lt _) (by rw [length_flatMap_range fun _ _ => length_bits _ _, sumWidth_eq])
  rw [Function.comp, eval_addColumns h₁ h₂, lows_add_highs hx, numbers]

/-- The depth of iterated addition. -/
theorem depth_iteratedSum (N B : Nat) : (iteratedSum N B).depth = 4 := (computes_iteratedSum N B).depth_eq

end Circuit

end Logprec
