import Logprec.Arith.Add

/-!
# Iterated addition

The sum of `N` numbers of `B` bits each, for all `N` and `B`, in depth 7 and polynomial size. The numbers are cut
into blocks of `ℓ = ⌊log₂ N⌋ + 1` bits. The blocks at the same place have a sum of at most `2 ℓ` bits, and its weights are
so small that a table computes it in depth 2; the low halves of these sums make up one number, and the high halves
another; these two numbers are added (Chandra, Stockmeyer and Vishkin 1984; Hofmeister, Hohberg and Köhling 1991, who
reach depth 4; Siu and Roychowdhury 1994 reach depth 2, which is the least possible).
-/

namespace Logprec

/-! ## Numbers in blocks -/

private theorem sum_map_range_succ (n : Nat) (f : Nat → Nat) :
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
      ((List.range (n + 1)).map fun k => s (if k = 0 then n else k - 1) / 2 ^ l % 2 ^ l * 2 ^ (k * l)).sum =
    ((List.range n).map fun k => s k * 2 ^ (k * l)).sum := by
  rw [sum_map_range_succ, hn, Nat.zero_mod, Nat.zero_mul, Nat.add_zero, List.range_succ_eq_map, List.map_cons,
    List.sum_cons, if_pos rfl, hn, Nat.zero_div, Nat.zero_mod, Nat.zero_mul, Nat.zero_add, List.map_map]
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

namespace Circuit

/-! ## The circuit -/

/-- The width of a block: `⌊log₂ N⌋ + 1`, so that `N < 2 ^ blockWidth N ≤ 2 N`. -/
def blockWidth (N : Nat) : Nat := N.log2 + 1

/-- The number of bits of a sum of `N` numbers of `B` bits, rounded up to full blocks. -/
def sumWidth (N B : Nat) : Nat := (B / blockWidth N + 2) * blockWidth N

/-- The bits of block `k` in all `N` numbers. The last block of a number may be short, and further blocks have no
bits. -/
def digitPos (N B k : Nat) : List Nat :=
  let l := blockWidth N
  (List.range N).flatMap fun i => List.range' (i * B + k * l) (min l (B - k * l))

/-- The weights of the bits of block `k`: powers of two. -/
def digitWeights (N B k : Nat) : List Nat :=
  let ws := (List.range (min (blockWidth N) (B - k * blockWidth N))).map fun t => 2 ^ t
  (List.range N).flatMap fun _ => ws

/-- The pairs `(k, h)`: the sum of blocks `k` is divided by `2 ^ h`. First the low halves of all block sums, and then
the high halves, one place higher; block `B / blockWidth N + 1` is empty, and its sum fills the lowest place. -/
def sumParts (N B : Nat) : List (Nat × Nat) :=
  let n := B / blockWidth N + 1
  (List.range (n + 1)).map (fun k => (k, 0)) ++
    (List.range (n + 1)).map fun k => (if k = 0 then n else k - 1, blockWidth N)

/-- The sum of `N` numbers of `B` bits each: two numbers by tables, and their sum. -/
def iteratedSum (N B : Nat) : Circuit :=
  par 2 (sumParts N B) (fun p => digitPos N B p.1)
    (fun p => table (digitWeights N B p.1) (blockWidth N) (· / 2 ^ p.2)) ++ add (sumWidth N B)

/-- A bound on the size of `iteratedSum N B`: tables for sums up to `2 N²`, and one adder. -/
def iteratedSumSize (N B : Nat) : Nat :=
  2 * (B / blockWidth N + 2) * tableSize (2 * N * N) (blockWidth N) + addSize (sumWidth N B)

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

private theorem weigh_flatMap {α : Type} {is : List α} {ws : List Nat} {f : α → List Bool}
    (h : ∀ i ∈ is, (f i).length = ws.length) :
    weigh (is.flatMap fun _ => ws) (is.flatMap f) = (is.map fun i => weigh ws (f i)).sum := by
  induction is with
  | nil => rfl
  | cons i is ih =>
    rw [List.flatMap_cons, List.flatMap_cons, weigh_append (h i (by simp)).symm, ih fun i hi => h i (by simp [hi]),
      List.map_cons, List.sum_cons]

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

/-- What the tables weigh. -/
private theorem weigh_digits {N B k : Nat} {x : List Bool} :
    weigh (digitWeights N B k) ((digitPos N B k).map (bit x)) =
      blockSum (blockWidth N) ((List.range N).map fun i => ofBits (block B x i)) k := by
  rw [digitWeights, digitPos, List.map_flatMap, weigh_flatMap (by simp), blockSum, List.map_map]
  congr 1
  refine List.map_congr_left fun i _ => ?_
  have := weigh_pow ((List.range' (i * B + k * blockWidth N) (min (blockWidth N) (B - k * blockWidth N))).map (bit x)) 1
  simp only [List.length_map, List.length_range', Nat.mul_one] at this
  rw [this, ofBits_slice, Function.comp]

private theorem sum_flatMap {α : Type} (is : List α) (f : α → List Nat) :
    (is.flatMap f).sum = (is.map fun i => (f i).sum).sum := by
  induction is with
  | nil => rfl
  | cons i is ih => simp [ih]

private theorem sum_digitWeights_le (N B k : Nat) : (digitWeights N B k).sum ≤ 2 * N * N := by
  have hp : ∀ r, ((List.range r).map fun t => 2 ^ t).sum + 1 = 2 ^ r := fun r => by
    induction r with
    | zero => rfl
    | succ r ih => rw [sum_map_range_succ, Nat.pow_succ]; omega
  by_cases hN : N = 0
  · subst hN; simp [digitWeights]
  have h : ((List.range (min (blockWidth N) (B - k * blockWidth N))).map fun t => 2 ^ t).sum ≤ 2 * N := by
    have h₁ := hp (min (blockWidth N) (B - k * blockWidth N))
    have h₂ := Nat.pow_le_pow_right (n := 2) (by omega) (Nat.min_le_left (blockWidth N) (B - k * blockWidth N))
    have h₃ := two_pow_blockWidth_le hN
    omega
  have := sum_map_le (l := List.range N) (f := fun _ => ((List.range (min (blockWidth N) (B - k * blockWidth N))).map
    fun t => 2 ^ t).sum) (c := 2 * N) fun _ _ => h
  rw [List.length_range, Nat.mul_comm N] at this
  rwa [digitWeights, sum_flatMap]

private theorem lt_of_mem_digitPos {N B k j : Nat} (h : j ∈ digitPos N B k) : j < N * B := by
  simp only [digitPos, List.mem_flatMap, List.mem_range, List.mem_range'_1] at h
  obtain ⟨i, hi, h⟩ := h
  have := Nat.mul_le_mul_right B (show i + 1 ≤ N from hi)
  rw [Nat.add_mul] at this
  omega

private theorem length_digitPos (N B k : Nat) : (digitPos N B k).length = (digitWeights N B k).length := by
  simp [digitPos, digitWeights, List.length_flatMap]

/-- **Iterated addition**: depth 7. -/
theorem computes_iteratedSum (N B : Nat) : (iteratedSum N B).Computes (N * B) (sumWidth N B) 7 (iteratedSumSize N B)
    (fun x => bits (sumWidth N B) (((List.range N).map fun i => ofBits (block B x i)).sum)) := by
  have hpar := Computes.par (d := 1) (m := N * B) (is := sumParts N B) (sel := fun p => digitPos N B p.1)
    (C := fun p => table (digitWeights N B p.1) (blockWidth N) (· / 2 ^ p.2)) (w := fun _ => blockWidth N)
    (s := fun _ => tableSize (2 * N * N) (blockWidth N))
    (f := fun p x => bits (blockWidth N) (weigh (digitWeights N B p.1) x / 2 ^ p.2))
    (fun p _ j hj => lt_of_mem_digitPos hj)
    (fun p _ => by
      rw [length_digitPos]
      exact (computes_table _ _ _).mono (tableSize_mono (sum_digitWeights_le N B p.1) (Nat.le_refl _)) fun _ _ => rfl)
  have hlen : (sumParts N B).length = 2 * (B / blockWidth N + 2) := by simp [sumParts]; omega
  rw [List.map_const', List.map_const', List.sum_replicate_nat, List.sum_replicate_nat, hlen, Nat.mul_assoc,
    ← sumWidth] at hpar
  refine (hpar.comp (computes_add (sumWidth N B))).mono (Nat.le_refl _) fun x hx => ?_
  let vs := (List.range N).map fun i => ofBits (block B x i)
  let s := blockSum (blockWidth N) vs
  have hvs : ∀ v ∈ vs, v < 2 ^ ((B / blockWidth N + 1) * blockWidth N) := fun v hv => by
    simp only [vs, List.mem_map, List.mem_range] at hv
    obtain ⟨i, hi, rfl⟩ := hv
    have := ofBits_lt (block B x i)
    rw [length_block hx hi] at this
    refine Nat.lt_of_lt_of_le this (Nat.pow_le_pow_right (by omega) ?_)
    have := add_blockWidth_le_sumWidth N B
    rw [sumWidth, Nat.add_mul] at this
    rw [Nat.add_mul]
    omega
  have hs : ∀ k, s k < 2 ^ blockWidth N * 2 ^ blockWidth N :=
    blockSum_lt (by simpa [vs] using lt_two_pow_blockWidth N)
  have hw : ∀ a : Nat → Nat, ((List.range (B / blockWidth N + 1 + 1)).flatMap fun k =>
      bits (blockWidth N) (a k)).length = sumWidth N B := fun a => length_flatMap_range fun i _ => length_bits _ _
  have hsum := sum_halves hs (n := B / blockWidth N + 1) (blockSum_eq_zero hvs)
  have hmod : vs.map (· % 2 ^ ((B / blockWidth N + 1) * blockWidth N)) = vs :=
    (List.map_congr_left fun v hv => Nat.mod_eq_of_lt (hvs v hv)).trans vs.map_id
  simp only [Function.comp, weigh_digits, sumParts, List.flatMap_append, List.flatMap_map, Nat.pow_zero, Nat.div_one]
  rw [List.take_left' (hw _), List.drop_left' (hw _), ofBits_flatMap_bits, ofBits_flatMap_bits]
  congr 1
  exact hsum.trans ((sum_blockSum _ _ _).trans (by rw [hmod]))

/-- The depth of iterated addition. -/
theorem depth_iteratedSum (N B : Nat) : (iteratedSum N B).depth = 7 := (computes_iteratedSum N B).depth_eq

end Circuit

end Logprec
