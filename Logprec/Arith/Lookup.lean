import Logprec.Circuit.Compose

/-!
# Look-up circuits

Every function on `k` bits is computed in depth 3 by writing out its table: literals, one AND for every row,
one OR for every output bit (Merrill & Sabharwal 2023, Lemma 1, after Hao et al. 2022).
-/

namespace Logprec.Circuit

/-- The count over wires of multiplicity one. -/
theorem count_map {α : Type} (v : Nat → Bool) (g : α → Nat) (l : List α) :
    Wire.count v (l.map fun a => ⟨g a, 1⟩) = l.countP fun a => v (g a) := by
  induction l with
  | nil => rfl
  | cons a l ih =>
    simp only [Wire.count, List.map_cons, List.sum_cons, List.countP_cons] at ih ⊢
    rw [ih, Nat.add_comm]

/-- The rows of the table of `f` whose output is not zero on the first `m` bits, with their outputs. -/
def rows (k m : Nat) (f : Nat → Nat) : List (Nat × Nat) :=
  ((List.range (2 ^ k)).map fun a => (a, f a)).filter fun r => r.2 % 2 ^ m != 0

/-- The first layer of a look-up: the `k` inputs, then their negations. -/
def literals (k : Nat) : Layer :=
  (List.range k).map (fun i => .atLeast 1 [⟨i, 1⟩]) ++ (List.range k).map fun i => .atMost 0 [⟨i, 1⟩]

/-- The gate over `literals k` that recognises the number `a`. -/
def minterm (k a : Nat) : Gate :=
  .atLeast k ((List.range k).map fun i => ⟨if a.testBit i then i else k + i, 1⟩)

/-- The look-up circuit: the `m` low bits of `f`, as a function of a `k`-bit number. Rows of the table that
are zero cost nothing. -/
def lookup (k m : Nat) (f : Nat → Nat) : Circuit :=
  let rs := rows k m f
  [ literals k,
    rs.map fun r => minterm k r.1,
    (List.range m).map fun j =>
      .atLeast 1 ((rs.zipIdx.filter fun r => r.1.2.testBit j).map fun r => ⟨r.2, 1⟩) ]

/-- A bound on the size of `lookup k m f`, wires included. -/
def lookupSize (k m : Nat) : Nat := 4 * k + 2 ^ k * (k + 1) + m * (2 ^ k + 1)

theorem length_rows_le (k m f) : (rows k m f).length ≤ 2 ^ k := by
  simpa [rows] using List.length_filter_le (fun r : Nat × Nat => r.2 % 2 ^ m != 0)
    ((List.range (2 ^ k)).map fun a => (a, f a))

private theorem bit_literals {k i : Nat} {x : List Bool} (a : Nat) (hi : i < k) :
    bit ((literals k).eval x) (if a.testBit i then i else k + i) = (bit x i == a.testBit i) := by
  have e : (literals k).eval x = (List.range k).map (bit x) ++ (List.range k).map fun i => !bit x i := by
    simp only [literals, Layer.eval_eq, List.map_append, List.map_map]
    congr 1 <;> refine List.map_congr_left fun i _ => ?_ <;>
      cases h : bit x i <;> simp [Gate.eval, Wire.count, h]
  cases h : a.testBit i
  · have := bit_append_right (x := (List.range k).map (bit x)) (y := (List.range k).map fun i => !bit x i) i
    rw [List.length_map, List.length_range] at this
    simp [e, this, bit_map_range _ hi]
  · rw [if_pos rfl, e, bit_append_left (by simpa using hi), bit_map_range _ hi]
    simp

/-- A minterm fires on its own number only. -/
theorem eval_minterm {k a : Nat} {x : List Bool} (hx : x.length = k) (ha : a < 2 ^ k) :
    (minterm k a).eval (bit ((literals k).eval x)) = decide (ofBits x = a) := by
  rw [minterm, Gate.eval, count_map, decide_eq_decide]
  have hle := List.countP_le_length (p := fun i => bit ((literals k).eval x) (if a.testBit i then i else k + i))
    (l := List.range k)
  rw [List.length_range] at hle
  have : k ≤ (List.range k).countP (fun i => bit ((literals k).eval x) (if a.testBit i then i else k + i)) ↔
      ∀ i < k, bit x i = a.testBit i := by
    have := List.countP_eq_length (p := fun i => bit ((literals k).eval x) (if a.testBit i then i else k + i))
      (l := List.range k)
    rw [List.length_range] at this
    rw [show ∀ c, c ≤ k → (k ≤ c ↔ c = k) by omega] <;> try assumption
    rw [this]
    refine forall_congr' fun i => ?_
    rw [List.mem_range]
    exact imp_congr_right fun hi => by rw [bit_literals a hi, beq_iff_eq]
  rw [this]
  constructor
  · intro h
    rw [← Nat.mod_eq_of_lt ha, ← ofBits_bits k a, ← bits_congr (n := ofBits x), ← hx, bits_ofBits]
    exact fun i hi => by rw [testBit_ofBits, h i hi]
  · rintro rfl i hi
    rw [testBit_ofBits]

/-- **Look-up** (Lemma 1): depth 3, and correct for every function. -/
theorem computes_lookup (k m : Nat) (f : Nat → Nat) :
    (lookup k m f).Computes k m 3 (lookupSize k m) fun x => bits m (f (ofBits x)) where
  wf := by
    refine ⟨?_, ?_, ?_, trivial⟩
    · simp only [literals, List.mem_append, List.mem_map, List.mem_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) w hw <;>
        (simp only [Gate.wires, List.mem_singleton] at hw; simpa [hw] using hi)
    · simp only [List.mem_map]
      rintro g ⟨r, hr, rfl⟩ w hw
      simp only [minterm, Gate.wires, List.mem_map, List.mem_range] at hw
      obtain ⟨i, hi, rfl⟩ := hw
      simp only [literals, List.length_append, List.length_map, List.length_range]
      split <;> omega
    · simp only [List.mem_map]
      rintro g ⟨j, hj, rfl⟩ w hw
      simp only [Gate.wires, List.mem_map, List.mem_filter] at hw
      obtain ⟨r, ⟨hr, -⟩, rfl⟩ := hw
      simpa using List.snd_lt_of_mem_zipIdx hr
  width_eq := by simp [lookup, width]
  depth_eq := rfl
  size_le := by
    have hrows := length_rows_le k m f
    have h₁ : ((literals k).map Gate.size).sum = 4 * k := by
      simp [literals, Gate.size, Gate.wires, Function.comp_def, List.map_const']; omega
    have h₂ : (((rows k m f).map fun r => minterm k r.1).map Gate.size).sum ≤ 2 ^ k * (k + 1) := by
      simp only [List.map_map, Function.comp_def, minterm, Gate.size, Gate.wires]
      simp only [List.map_const', List.length_range, List.sum_replicate_nat]
      rw [Nat.mul_one, Nat.add_comm 1 k]
      exact Nat.mul_le_mul_right _ hrows
    have h₃ : ∀ j, (((rows k m f).zipIdx.filter fun r => r.1.2.testBit j).length) ≤ 2 ^ k := fun j =>
      Nat.le_trans (List.length_filter_le _ _) (by simpa using hrows)
    have h₄ : ∀ l : List Nat, ((l.map fun j => Gate.size (.atLeast 1
        (((rows k m f).zipIdx.filter fun r => r.1.2.testBit j).map fun r => ⟨r.2, 1⟩))).sum) ≤ l.length * (2 ^ k + 1) := by
      intro l
      induction l with
      | nil => simp
      | cons j l ih =>
        have := h₃ j
        simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul, Nat.one_mul] at ih ⊢
        simp only [Gate.size, Gate.wires, List.map_map, Function.comp_def, List.map_const',
          List.sum_replicate_nat, Nat.mul_one] at ih ⊢
        omega
    have := h₄ (List.range m)
    simp only [List.length_range] at this
    simp only [lookup, size_cons, size_nil, lookupSize, h₁, List.map_map, Function.comp_def] at h₂ ⊢
    omega
  eval_eq x hx := by
    have key : ∀ a < 2 ^ k, (minterm k a).eval (bit ((literals k).eval x)) = decide (ofBits x = a) :=
      fun a ha => eval_minterm hx ha
    simp only [lookup, eval_cons, eval_nil, Layer.eval_eq _ (Layer.eval _ (Layer.eval _ x)), List.map_map, bits]
    refine List.map_congr_left fun j hj => ?_
    rw [List.mem_range] at hj
    simp only [Function.comp, Gate.eval, count_map]
    rw [Bool.eq_iff_iff, decide_eq_true_iff, Nat.succ_le_iff, List.countP_pos_iff]
    constructor
    · rintro ⟨⟨r, i⟩, hmem, hbit⟩
      simp only [List.mem_filter, List.mem_zipIdx_iff_getElem?] at hmem
      obtain ⟨hr, hj'⟩ := hmem
      have hmem := List.mem_of_getElem? hr
      simp only [rows, List.mem_filter, List.mem_map, List.mem_range] at hmem
      obtain ⟨⟨a, ha, rfl⟩, -⟩ := hmem
      simp only [Layer.eval_eq _ (Layer.eval _ x), List.map_map, bit, List.getD_eq_getElem?_getD,
        List.getElem?_map, hr, Option.map_some, Option.getD_some, Function.comp, key a ha] at hbit
      rw [of_decide_eq_true hbit]; exact hj'
    · intro h
      have ha : ofBits x < 2 ^ k := hx ▸ ofBits_lt x
      have hmem : (ofBits x, f (ofBits x)) ∈ rows k m f := by
        simp only [rows, List.mem_filter, List.mem_map, List.mem_range]
        refine ⟨⟨_, ha, rfl⟩, ?_⟩
        have : (f (ofBits x) % 2 ^ m).testBit j = true := by simp [Nat.testBit_mod_two_pow, hj, h]
        simp only [bne_iff_ne]
        intro e
        simp [e] at this
      obtain ⟨i, hi⟩ := List.getElem?_of_mem hmem
      refine ⟨((ofBits x, f (ofBits x)), i), ?_, ?_⟩
      · simp [List.mem_filter, List.mem_zipIdx_iff_getElem?, hi, h]
      · simp [Layer.eval_eq _ (Layer.eval _ x), bit, hi, key _ ha]

/-- The number of gates of a look-up, as the paper counts: `2 ^ k + k + m`, plus one copy for each input, which
a layered circuit needs. -/
theorem gates_lookup_le (k m f) : ((lookup k m f).map List.length).sum ≤ 2 ^ k + 2 * k + m := by
  have := length_rows_le k m f
  simp [lookup, literals]; omega

end Logprec.Circuit
