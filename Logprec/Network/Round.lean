import Logprec.Network.Compress

/-!
# A round of column compression is correct

A round keeps the weighted sum of its bits modulo `2 ^ w`.
-/

namespace Logprec.Circuit

/-! ## Pieces of a list -/

private theorem flatten_pieces {α : Type} (k : Nat) : ∀ (n : Nat) (l : List α), (pieces k n l).flatten = l.take (n * k)
  | 0, l => by simp [pieces]
  | n + 1, l => by
    rw [pieces, List.flatten_cons, flatten_pieces k n, Nat.add_mul, Nat.one_mul, Nat.add_comm, List.take_add]

/-- The pieces make up the list. -/
theorem flatten_cut {α : Type} {k : Nat} (hk : 0 < k) (l : List α) : (cut k l).flatten = l := by
  rw [cut, flatten_pieces, List.take_of_length_le]
  have h₁ := Nat.div_add_mod (l.length + (k - 1)) k
  have h₂ := Nat.mod_lt (l.length + (k - 1)) hk
  rw [Nat.mul_comm] at h₁
  omega

/-! ## Columns -/

private theorem countP_zipIdx (c : Nat) : ∀ (ks : List Nat) (pre x : List Bool), x.length = ks.length →
    (((ks.zipIdx pre.length).filter fun p => p.1.testBit c).map (·.2)).countP (bit (pre ++ x)) * 2 ^ c =
      weigh (ks.map fun k => k / 2 ^ c % 2 * 2 ^ c) x
  | [], _, x, _ => by simp [weigh]
  | k :: ks, pre, b :: x, h => by
    have ih := countP_zipIdx c ks (pre ++ [b]) x (by simpa using h)
    have hb : bit (pre ++ b :: x) pre.length = b := by
      have := bit_append_right (x := pre) (y := b :: x) 0
      simpa using this
    rw [List.append_assoc, List.singleton_append, List.length_append, List.length_singleton] at ih
    rw [List.zipIdx_cons, List.filter_cons, List.map_cons, weigh_cons, ← ih, Nat.testBit_eq_decide_div_mod_eq]
    rcases Nat.mod_two_eq_zero_or_one (k / 2 ^ c) with hk | hk
    · simp [hk]
    · cases b <;> simp [hk, hb, Nat.add_mul, Nat.add_comm]

private theorem weigh_add (f g : Nat → Nat) : ∀ (ks : List Nat) (x : List Bool),
    weigh (ks.map fun k => f k + g k) x = weigh (ks.map f) x + weigh (ks.map g) x
  | [], x => by simp [weigh]
  | k :: ks, [] => by simp [weigh]
  | k :: ks, b :: x => by
    have ih := weigh_add f g ks x
    simp only [List.map_cons, weigh_cons, ih]
    split <;> omega

/-- The columns make up the weighted sum. -/
theorem sum_columns {ks : List Nat} {x : List Bool} (hx : x.length = ks.length) : ∀ w : Nat,
    ((List.range w).map fun c => 2 ^ c * (column ks c).countP (bit x)).sum = weigh (ks.map (· % 2 ^ w)) x
  | 0 => by
    suffices h : ∀ (ks : List Nat) (x : List Bool), weigh (ks.map fun k => k % 2 ^ 0) x = 0 from (h ks x).symm
    intro ks
    induction ks with
    | nil => intro x; simp [weigh]
    | cons k ks ih =>
      intro x
      cases x with
      | nil => simp [weigh]
      | cons b x =>
        rw [List.map_cons, weigh_cons, ih]
        simp [Nat.mod_one]
  | w + 1 => by
    have ih := sum_columns hx w
    have e := countP_zipIdx w ks [] x hx
    simp only [List.nil_append, List.length_nil] at e
    have h : (fun k : Nat => k % 2 ^ (w + 1)) = fun k => k % 2 ^ w + k / 2 ^ w % 2 * 2 ^ w := funext fun k => by
      rw [Nat.mod_pow_succ, Nat.mul_comm]
    rw [List.range_succ, List.map_append, List.sum_append_nat, ih, h, weigh_add, ← e]
    simp [column, Nat.mul_comm]

/-- Weights may be reduced modulo what the sum is wanted modulo. -/
theorem weigh_mod (m : Nat) : ∀ (ks : List Nat) (x : List Bool),
    weigh (ks.map (· % m)) x % m = weigh ks x % m
  | [], x => by simp [weigh]
  | k :: ks, [] => by simp [weigh]
  | k :: ks, b :: x => by
    rw [List.map_cons, weigh_cons, weigh_cons, Nat.add_mod, weigh_mod m ks x, ← Nat.add_mod]
    cases b <;> simp [Nat.add_mod]

/-- A column holds positions of weights. -/
theorem lt_of_mem_column {ks : List Nat} {c i : Nat} (h : i ∈ column ks c) : i < ks.length := by
  simp only [column, List.mem_map, List.mem_filter] at h
  obtain ⟨p, ⟨hp, -⟩, rfl⟩ := h
  have := List.snd_lt_of_mem_zipIdx hp
  omega

/-! ## Rounds -/

/-- What a round computes. -/
def rounded (k w : Nat) (ks : List Nat) (x : List Bool) : List Bool :=
  (chunks k w ks).flatMap fun ch => compressed ch.2.length (ch.2.map (bit x))

private theorem weigh_chunks (x : List Bool) : ∀ chs : List (Nat × List Nat),
    weigh (chs.flatMap fun ch => compressWeights ch.2.length ch.1)
      (chs.flatMap fun ch => compressed ch.2.length (ch.2.map (bit x))) =
    (chs.map fun ch => 2 ^ ch.1 * ch.2.countP (bit x)).sum
  | [] => rfl
  | ch :: chs => by
    have hl : (ch.2.map (bit x)).length = ch.2.length := List.length_map _
    have hc : (ch.2.map (bit x)).count true = ch.2.countP (bit x) := by
      rw [List.count_eq_countP, List.countP_map]
      exact List.countP_congr fun i _ => by simp
    rw [List.flatMap_cons, List.flatMap_cons, weigh_append (length_compressed hl).symm, weigh_compressed hl, hc,
      weigh_chunks x chs, List.map_cons, List.sum_cons]

/-- **A round keeps the weighted sum** modulo `2 ^ w`. -/
theorem weigh_rounded {k w : Nat} (hk : 0 < k) {ks : List Nat} {x : List Bool} (hx : x.length = ks.length) :
    weigh (nextWeights k w ks) (rounded k w ks x) = weigh (ks.map (· % 2 ^ w)) x := by
  rw [nextWeights, rounded, weigh_chunks, chunks, List.map_cons, List.sum_cons, List.countP_nil, Nat.mul_zero,
    Nat.zero_add, List.map_flatMap, sum_flatMap, ← sum_columns hx]
  congr 1
  refine List.map_congr_left fun c _ => ?_
  rw [List.map_map]
  conv => rhs; rw [← flatten_cut hk (column ks c), List.countP_flatten]
  induction cut k (column ks c) with
  | nil => rfl
  | cons p ps ih => simp only [List.map_cons, List.sum_cons, Function.comp_def, Nat.mul_add] at ih ⊢; rw [ih]

/-- It keeps it modulo `2 ^ w`. -/
theorem weigh_rounded_mod {k w : Nat} (hk : 0 < k) {ks : List Nat} {x : List Bool} (hx : x.length = ks.length) :
    weigh (nextWeights k w ks) (rounded k w ks x) % 2 ^ w = weigh ks x % 2 ^ w := by
  rw [weigh_rounded hk hx, weigh_mod]

/-- The empty chunk in front counts to zero. -/
theorem bit_rounded_zero (k w : Nat) (ks : List Nat) (x : List Bool) : bit (rounded k w ks x) 0 = false := by
  simp [rounded, chunks, compressed, bits, bit]

/-- As many bits as weights. -/
theorem length_rounded (k w : Nat) (ks : List Nat) (x : List Bool) :
    (rounded k w ks x).length = (nextWeights k w ks).length := by
  rw [rounded, nextWeights, List.length_flatMap, List.length_flatMap]
  exact congrArg _ (List.map_congr_left fun ch _ => length_compressed (by simp))

/-- **A round computes what it should.** -/
theorem computes_round {k w : Nat} (hk : 0 < k) (ks : List Nat) :
    (round k w ks).Computes ks.length (nextWeights k w ks).length 2 (round k w ks).size (rounded k w ks) := by
  have h := Computes.par (d := 1) (m := ks.length) (is := chunks k w ks) (sel := (·.2))
    (C := fun ch => compress ch.2.length) (w := fun ch => (compressWeights ch.2.length ch.1).length)
    (s := fun ch => (compress ch.2.length).size) (f := fun ch => compressed ch.2.length) ?_
    fun ch _ => computes_compress ch.2.length ch.1
  · exact { h with size_le := Nat.le_refl _, width_eq := by rw [round, h.width_eq, nextWeights, List.length_flatMap] }
  · intro ch hch i hi
    simp only [chunks, List.mem_cons, List.mem_flatMap, List.mem_map] at hch
    rcases hch with rfl | ⟨c, -, p, hp, rfl⟩
    · simp at hi
    · refine lt_of_mem_column (c := c) ?_
      rw [← flatten_cut hk (column ks c)]
      exact List.mem_flatten.2 ⟨p, hp, hi⟩

end Logprec.Circuit
