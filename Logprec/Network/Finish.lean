import Logprec.Network.Round

/-!
# Weighted sums are correct

The last step adds the rows of short columns; with the rounds before it, this computes a weighted sum of bits.
-/

namespace Logprec.Circuit

/-! ## Rows -/

/-- The number whose bits are a function of their places. -/
private theorem ofBits_map_range (f : Nat → Bool) : ∀ w : Nat,
    ofBits ((List.range w).map f) = ((List.range w).map fun c => 2 ^ c * (f c).toNat).sum
  | 0 => rfl
  | w + 1 => by
    rw [List.range_succ, List.map_append, ofBits_append, ofBits_map_range f w, List.map_append, List.sum_append_nat]
    simp only [List.length_map, List.length_range, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, ofBits]
    cases f w <;> simp

private theorem sum_map_add (f g : Nat → Nat) : ∀ l : List Nat,
    (l.map fun i => f i + g i).sum = (l.map f).sum + (l.map g).sum
  | [] => rfl
  | i :: l => by simp only [List.map_cons, List.sum_cons, sum_map_add f g l]; omega

private theorem sum_swap (f : Nat → Nat → Nat) (h w : Nat) :
    ((List.range h).map fun t => ((List.range w).map fun c => f t c).sum).sum =
      ((List.range w).map fun c => ((List.range h).map fun t => f t c).sum).sum := by
  induction h with
  | zero => simp [List.map_const']
  | succ h ih =>
    rw [List.range_succ, List.map_append, List.sum_append_nat, ih]
    simp only [List.map_append, List.sum_append_nat, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil,
      Nat.add_zero]
    rw [← sum_map_add]

private theorem sum_map_mul (c : Nat) (f : Nat → Nat) : ∀ l : List Nat, (l.map fun i => c * f i).sum = c * (l.map f).sum
  | [] => rfl
  | i :: l => by simp only [List.map_cons, List.sum_cons, sum_map_mul c f l, Nat.mul_add]

/-- The ones of a column, place by place; places that it leaves free are zeros. -/
private theorem sum_places {y : List Bool} (hy : bit y 0 = false) : ∀ (h : Nat) (col : List Nat), col.length ≤ h →
    ((List.range h).map fun t => (bit y (col.getD t 0)).toNat).sum = col.countP (bit y)
  | 0, [], _ => rfl
  | h + 1, [], _ => by
    have := sum_places hy h [] (Nat.zero_le _)
    rw [List.range_succ, List.map_append, List.sum_append_nat, this]
    simp [hy]
  | h + 1, i :: col, hl => by
    have := sum_places hy h col (by simpa using hl)
    rw [List.range_succ_eq_map, List.map_cons, List.map_map, List.sum_cons, List.countP_cons, ← this, Nat.add_comm]
    congr 1
    simp only [List.getD_cons_zero]
    cases bit y i <;> rfl

/-- Rows are at least two. -/
theorem two_le_height (w : Nat) (ks : List Nat) : 2 ≤ height w ks := (le_foldl_max _ _ _).1

/-- A column has at most as many places as there are rows. -/
theorem length_column_le {w c : Nat} (hc : c < w) (ks : List Nat) : (column ks c).length ≤ height w ks :=
  (le_foldl_max (fun c => (column ks c).length) (List.range w) 2).2 c (List.mem_range.2 hc)

/-- The rows, without arrays. -/
theorem rows_eq (w : Nat) (ks : List Nat) : rows w ks =
    (List.range (height w ks)).flatMap fun t => (List.range w).map fun c => (column ks c).getD t 0 := by
  simp [rows, Array.getD_eq_getD_getElem?, Function.comp_def]

/-- The rows are as many as the longest column is long, and have `w` places. -/
theorem length_rows (w : Nat) (ks : List Nat) : (rows w ks).length = height w ks * w := by
  simp [rows_eq, List.length_flatMap, List.map_const']

/-- The rows make up the weighted sum. -/
theorem sum_rows {w : Nat} {ks : List Nat} {y : List Bool} (hy : y.length = ks.length) (h0 : bit y 0 = false) :
    ((List.range (height w ks)).map fun t => ofBits (block w ((rows w ks).map (bit y)) t)).sum =
      weigh (ks.map (· % 2 ^ w)) y := by
  have e : ∀ t ∈ List.range (height w ks), ofBits (block w ((rows w ks).map (bit y)) t) =
      ((List.range w).map fun c => 2 ^ c * (bit y ((column ks c).getD t 0)).toNat).sum := fun t ht => by
    rw [rows_eq, List.map_flatMap, block_flatMap_range (fun _ _ => by simp) (List.mem_range.1 ht), List.map_map,
      ofBits_map_range]
    rfl
  rw [List.map_congr_left e, sum_swap (fun t c => 2 ^ c * (bit y ((column ks c).getD t 0)).toNat), ← sum_columns hy]
  congr 1
  refine List.map_congr_left fun c hc => ?_
  rw [sum_map_mul, sum_places h0 _ _ (length_column_le (List.mem_range.1 hc) ks)]

/-! ## The sum of the rows -/

/-- `w` bits of the outputs of `sumRows` are wanted. -/
theorem le_sumRowsWidth (h w : Nat) : w ≤ sumRowsWidth h w := by
  unfold sumRowsWidth
  split
  · exact Nat.le_refl w
  · exact Nat.le_trans (Nat.le_add_right _ _) (add_blockWidth_le_sumWidth h w)

private theorem block_two {w : Nat} {x : List Bool} (hx : x.length = 2 * w) :
    ((List.range 2).map fun t => ofBits (block w x t)).sum = ofBits (x.take w) + ofBits (x.drop w) := by
  have h : (x.drop w).take w = x.drop w := List.take_of_length_le (by simp; omega)
  simp [List.range_succ, block, h]

/-- **The rows are added.** -/
theorem computes_sumRows (h w : Nat) : ∃ f, (sumRows h w).Computes (h * w) (sumRowsWidth h w) 4 (sumRows h w).size f ∧
    ∀ x, x.length = h * w → (f x).take w = bits w ((List.range h).map fun t => ofBits (block w x t)).sum := by
  unfold sumRows sumRowsWidth
  split
  · subst h
    have hc := (computes_add w).comp (computes_carry w 1)
    refine ⟨_, { hc with size_le := Nat.le_refl _ }, fun x hx => ?_⟩
    simp only [Function.comp, id, block_two hx]
    exact List.take_of_length_le (by simp)
  · refine ⟨_, { computes_iteratedSum h w with size_le := Nat.le_refl _ }, fun x _ => ?_⟩
    exact take_bits (Nat.le_trans (Nat.le_add_right _ _) (add_blockWidth_le_sumWidth h w))

private theorem mem_rows_lt {w : Nat} {ks : List Nat} (hks : 0 < ks.length) {i : Nat} (hi : i ∈ rows w ks) :
    i < ks.length := by
  rw [rows_eq] at hi
  simp only [List.mem_flatMap, List.mem_map] at hi
  obtain ⟨t, -, c, -, rfl⟩ := hi
  by_cases ht : t < (column ks c).length
  · rw [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem ht, Option.getD_some]
    exact lt_of_mem_column (List.getElem_mem ht)
  · rw [List.getD_eq_getElem?_getD, List.getElem?_eq_none (by omega), Option.getD_none]
    exact hks

/-- **Short columns are added**, when the first bit is a zero. -/
theorem computes_finish (w : Nat) {ks : List Nat} (hks : 0 < ks.length) :
    ∃ f, (finish w ks).Computes ks.length (sumRowsWidth (height w ks) w) 4 (finish w ks).size f ∧
    ∀ y, y.length = ks.length → bit y 0 = false → (f y).take w = bits w (weigh (ks.map (· % 2 ^ w)) y) := by
  obtain ⟨f, hf, hfx⟩ := computes_sumRows (height w ks) w
  have h := Computes.par (d := 3) (m := ks.length) (is := [()]) (sel := fun _ => rows w ks)
    (C := fun _ => sumRows (height w ks) w) (w := fun _ => sumRowsWidth (height w ks) w)
    (s := fun _ => (sumRows (height w ks) w).size) (f := fun _ => f) (fun _ _ i hi => mem_rows_lt hks hi)
    fun _ _ => by rw [length_rows]; exact hf
  refine ⟨_, { h with size_le := Nat.le_refl _, width_eq := by rw [finish, h.width_eq]; simp }, fun y hy h0 => ?_⟩
  simp only [List.flatMap_cons, List.flatMap_nil, List.append_nil]
  rw [hfx _ (by rw [List.length_map, length_rows]), sum_rows hy h0]

/-! ## Weighted sums -/

private theorem bits_eq_of_mod_eq {w a b : Nat} (h : a % 2 ^ w = b % 2 ^ w) : bits w a = bits w b :=
  bits_congr fun i hi => by
    have := congrArg (Nat.testBit · i) h
    simpa [Nat.testBit_mod_two_pow, hi] using this

private theorem nextWeights_pos (k w : Nat) (ks : List Nat) : 0 < (nextWeights k w ks).length := by
  simp [nextWeights, chunks, compressWeights]

/-- **Weighted sums of bits**: depth 6, and 2 more for each round of the plan. -/
theorem computes_weightedSum (w : Nat) : ∀ (plan ks : List Nat), (∀ k ∈ plan, 0 < k) →
    ∃ f, (weightedSum w plan ks).Computes ks.length (weightedSumWidth w plan ks) (2 * plan.length + 6)
      (weightedSum w plan ks).size f ∧
    ∀ x, x.length = ks.length → (f x).take w = bits w (weigh ks x)
  | [], ks, _ => by
    have hr := computes_round (w := w) (show 0 < lastChunk by decide) ks
    obtain ⟨f, hf, hfx⟩ := computes_finish w (nextWeights_pos lastChunk w ks)
    refine ⟨_, { hr.comp hf with size_le := Nat.le_refl _ }, fun x hx => ?_⟩
    rw [Function.comp, hfx _ (length_rounded _ _ _ _) (bit_rounded_zero _ _ _ _)]
    refine bits_eq_of_mod_eq ?_
    rw [weigh_mod, weigh_rounded_mod (by decide) hx]
  | k :: plan, ks, hp => by
    have hk : 0 < k := hp k (by simp)
    have hr := computes_round (w := w) hk ks
    obtain ⟨f, hf, hfx⟩ := computes_weightedSum w plan (nextWeights k w ks) fun k hk => hp k (by simp [hk])
    have h := hr.comp hf
    refine ⟨_, { h with size_le := Nat.le_refl _, depth_eq := ?_ }, fun x hx => ?_⟩
    · rw [weightedSum, h.depth_eq, List.length_cons]; omega
    · rw [Function.comp, hfx _ (length_rounded _ _ _ _)]
      exact bits_eq_of_mod_eq (weigh_rounded_mod hk hx)

/-- The sum is among the outputs. -/
theorem le_weightedSumWidth (w : Nat) : ∀ plan ks : List Nat, w ≤ weightedSumWidth w plan ks
  | [], _ => le_sumRowsWidth _ _
  | _ :: plan, _ => le_weightedSumWidth w plan _

end Logprec.Circuit
