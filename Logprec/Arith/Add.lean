import Logprec.Arith.Construct
import Logprec.Arith.Gates

/-!
# Adding two numbers: proofs

`computes_add`: the sum of two `w`-bit numbers modulo `2 ^ w`, in depth 3. About the definitions in
`Logprec.Arith.Construct`.
-/

namespace Logprec.Circuit

/-- The carry into position `i`, from the generated carries `g` and the propagating positions `p`. -/
private def carryInto (p g : Nat → Bool) (i : Nat) : Bool :=
  (List.range i).any fun j => g j && (List.range' (j + 1) (i - 1 - j)).all p

private theorem carryInto_eq_true {p g : Nat → Bool} {i : Nat} :
    carryInto p g i = true ↔ ∃ j < i, g j = true ∧ ∀ k, j < k → k < i → p k = true := by
  simp only [carryInto, List.any_eq_true, List.mem_range, Bool.and_eq_true, List.all_eq_true, List.mem_range'_1]
  refine exists_congr fun j => and_congr_right fun hj => and_congr_right fun _ => ?_
  exact forall_congr' fun k => ⟨fun h h₁ h₂ => h ⟨h₁, by omega⟩, fun h hk => h hk.1 (by omega)⟩

private theorem carryInto_succ (p g : Nat → Bool) (i : Nat) :
    carryInto p g (i + 1) = (g i || p i && carryInto p g i) := by
  rw [Bool.eq_iff_iff, Bool.or_eq_true, Bool.and_eq_true, carryInto_eq_true, carryInto_eq_true]
  constructor
  · rintro ⟨j, hj, hg, hp⟩
    by_cases h : j = i
    · exact .inl (h ▸ hg)
    · exact .inr ⟨hp i (by omega) (by omega), j, by omega, hg, fun k h₁ h₂ => hp k h₁ (by omega)⟩
  · rintro (hg | ⟨hpi, j, hj, hg, hp⟩)
    · exact ⟨i, by omega, hg, fun k _ _ => by omega⟩
    · refine ⟨j, by omega, hg, fun k h₁ h₂ => ?_⟩
      by_cases h : k = i
      · exact h ▸ hpi
      · exact hp k h₁ (by omega)

/-- There is no carry into `i` when a position absorbs it and none above generates one, or when none generates one
at all. -/
private theorem carryInto_eq_false {p g : Nat → Bool} (h : ∀ i, g i = true → p i = true) {i : Nat} :
    carryInto p g i = false ↔
      (∃ j < i, p j = false ∧ ∀ k, j < k → k < i → g k = false) ∨ ∀ k < i, g k = false := by
  induction i with
  | zero => simp [carryInto]
  | succ i ih =>
    rw [carryInto_succ, Bool.or_eq_false_iff, Bool.and_eq_false_iff, ih]
    constructor
    · rintro ⟨hg, hp | ⟨j, hj, hp, hn⟩ | hn⟩
      · exact .inl ⟨i, by omega, hp, fun k _ _ => by omega⟩
      · refine .inl ⟨j, by omega, hp, fun k h₁ h₂ => ?_⟩
        by_cases e : k = i
        · exact e ▸ hg
        · exact hn k h₁ (by omega)
      · refine .inr fun k hk => ?_
        by_cases e : k = i
        · exact e ▸ hg
        · exact hn k (by omega)
    · rintro (⟨j, hj, hp, hn⟩ | hn)
      · by_cases e : j = i
        · subst e
          refine ⟨?_, .inl hp⟩
          cases hg : g j
          · rfl
          · rw [h j hg] at hp; exact absurd hp (by simp)
        · exact ⟨hn i (by omega) (by omega), .inr (.inl ⟨j, by omega, hp, fun k h₁ h₂ => hn k h₁ (by omega)⟩)⟩
      · exact ⟨hn i (by omega), .inr (.inr fun k hk => hn k (by omega))⟩

/-- A bit of a sum is the parity of the two bits and the carry. -/
private theorem testBit_add_eq {w i a b : Nat} (hi : i < w) (ha : a < 2 ^ w) (hb : b < 2 ^ w) :
    (a + b).testBit i = (a.testBit i ^^ (b.testBit i ^^
      carryInto (fun j => a.testBit j || b.testBit j) (fun j => a.testBit j && b.testBit j) i)) := by
  have he : ∀ {a i}, a < 2 ^ w → (BitVec.ofNat w a).getLsbD i = a.testBit i := fun h => by
    rw [← BitVec.testBit_toNat, BitVec.toNat_ofNat, Nat.mod_eq_of_lt h]
  have hc : ∀ i, BitVec.carry i (BitVec.ofNat w a) (BitVec.ofNat w b) false =
      carryInto (fun j => a.testBit j || b.testBit j) (fun j => a.testBit j && b.testBit j) i := by
    intro i
    induction i with
    | zero => rw [BitVec.carry_zero]; rfl
    | succ i ih =>
      rw [BitVec.carry_succ, ih, carryInto_succ, he ha, he hb, Bool.atLeastTwo]
      cases a.testBit i <;> cases b.testBit i <;> simp
  have := BitVec.getLsbD_add hi (BitVec.ofNat w a) (BitVec.ofNat w b)
  rwa [hc, he ha, he hb, ← BitVec.ofNat_add, BitVec.getLsbD_ofNat, decide_eq_true hi, Bool.true_and] at this

/-! ## The circuit -/

/-- There are four columns for every position. -/
theorem length_columns (w a b : Nat) : (columns w a b).length = 4 * w := by simp [columns]; omega

private theorem bit_append_map {y : List Bool} {n i m : Nat} {f : Nat → Bool} (hy : y.length = n) (h : i < m) :
    bit (y ++ (List.range m).map f) (n + i) = f i := by
  rw [← hy, bit_append_right, bit_map_range _ h]

private theorem bit_columns {w i a b : Nat} (h : i < w) :
    bit (columns w a b) i = (a.testBit i || b.testBit i) ∧
    bit (columns w a b) (w + i) = (a.testBit i && b.testBit i) ∧
    bit (columns w a b) (2 * w + i) = !(a.testBit i || b.testBit i) ∧
    bit (columns w a b) (3 * w + i) = !(a.testBit i && b.testBit i) := by
  unfold columns
  refine ⟨?_, ?_, ?_, bit_append_map (by simp; omega) h⟩ <;> rw [bit_append_left (by simp; omega)]
  · rw [bit_append_left (by simp; omega), bit_append_left (by simpa using h), bit_map_range _ h]
  · rw [bit_append_left (by simp; omega)]
    exact bit_append_map (by simp) h
  · exact bit_append_map (by simp; omega) h

private theorem eval_sumTerm {w c i j a b : Nat} (hi : i < w) :
    let p := fun k => a.testBit k || b.testBit k
    let g := fun k => a.testBit k && b.testBit k
    (sumTerm w c i j).eval (bit (columns w a b)) = true ↔
      if j < i then
        match c with
        | 0 => g i = true ∧ g j = true ∧ ∀ k, j < k → k < i → p k = true
        | 1 => p i = false ∧ g j = true ∧ ∀ k, j < k → k < i → p k = true
        | _ => p i = true ∧ p j = false ∧ ∀ k, j < k → k ≤ i → g k = false
      else j = i ∧ c = 2 ∧ p i = true ∧ ∀ k ≤ i, g k = false := by
  intro p g
  have h₀ : ∀ k < w, bit (columns w a b) k = p k := fun k hk => (bit_columns hk).1
  have h₁ : ∀ k < w, bit (columns w a b) (w + k) = g k := fun k hk => (bit_columns hk).2.1
  have h₂ : ∀ k < w, bit (columns w a b) (2 * w + k) = !p k := fun k hk => (bit_columns hk).2.2.1
  have h₃ : ∀ k < w, bit (columns w a b) (3 * w + k) = !g k := fun k hk => (bit_columns hk).2.2.2
  have hp : j < i → ((∀ k ∈ List.range' (j + 1) (i - 1 - j), bit (columns w a b) k = true) ↔
      ∀ k, j < k → k < i → p k = true) := fun hj => by
    refine forall_congr' fun k => ?_
    rw [List.mem_range'_1]
    exact ⟨fun h a b => h₀ k (by omega) ▸ h ⟨a, by omega⟩, fun h hk => by
      rw [h₀ k (by omega)]; exact h hk.1 (by omega)⟩
  have hg : ∀ m, m ≤ i + 1 → ((∀ k ∈ List.range' (3 * w + m) (i + 1 - m), bit (columns w a b) k = true) ↔
      ∀ k, m ≤ k → k ≤ i → g k = false) := fun m hm => by
    constructor
    · intro h k a b
      have := h (3 * w + k) (by rw [List.mem_range'_1]; omega)
      rw [h₃ k (by omega)] at this
      simpa using this
    · intro h k hk
      rw [List.mem_range'_1] at hk
      obtain ⟨k, rfl⟩ : ∃ k', k = 3 * w + k' := ⟨k - 3 * w, by omega⟩
      rw [h₃ k (by omega), h k (by omega) (by omega)]
      rfl
  unfold sumTerm
  by_cases hj : j < i
  · rw [if_pos hj, if_pos hj]
    have hg := hg (j + 1) (by omega)
    rw [show i + 1 - (j + 1) = i - j by omega] at hg
    split <;> simp only [Gate.eval_all, List.all_cons, Bool.and_eq_true, List.all_eq_true, h₀ i hi, h₁ i hi, h₂ i hi,
      h₁ j (by omega), h₂ j (by omega), hp hj, hg, Bool.not_eq_true', Nat.succ_le_iff]
  · rw [if_neg hj, if_neg hj]
    have hg := hg 0 (by omega)
    simp only [Nat.add_zero, Nat.sub_zero, Nat.zero_le, forall_const] at hg
    by_cases h : j = i ∧ c = 2
    · rw [if_pos h]
      simp only [Gate.eval_all, List.all_cons, Bool.and_eq_true, List.all_eq_true, h₀ i hi, hg, h, true_and]
    · rw [if_neg h]
      simp only [Gate.eval_any, List.any_nil]
      exact ⟨fun h' => absurd h' (by simp), fun h' => absurd ⟨h'.1, h'.2.1⟩ h⟩

private theorem xor_three (x y c : Bool) : (x ^^ (y ^^ c)) = true ↔
    (c = true ∧ ((x && y) = true ∨ (x || y) = false)) ∨ (c = false ∧ (x || y) = true ∧ (x && y) = false) := by
  cases x <;> cases y <;> cases c <;> simp

/-- The sum bit is the OR of the terms. -/
private theorem exists_sumTerm {w i a b : Nat} (hi : i < w) (ha : a < 2 ^ w) (hb : b < 2 ^ w) :
    (∃ c < 3, ∃ j < w, (sumTerm w c i j).eval (bit (columns w a b)) = true) ↔ (a + b).testBit i = true := by
  have hgp : ∀ k, (a.testBit k && b.testBit k) = true → (a.testBit k || b.testBit k) = true := fun k => by
    cases a.testBit k <;> simp
  rw [testBit_add_eq hi ha hb, xor_three, carryInto_eq_true, carryInto_eq_false hgp]
  simp only [eval_sumTerm hi]
  constructor
  · rintro ⟨c, hc, j, -, h⟩
    by_cases hj : j < i
    · rw [if_pos hj] at h
      match c, hc, h with
      | 0, _, h => exact .inl ⟨⟨j, hj, h.2⟩, .inl h.1⟩
      | 1, _, h => exact .inl ⟨⟨j, hj, h.2⟩, .inr h.1⟩
      | 2, _, h => exact .inr ⟨.inl ⟨j, hj, h.2.1, fun k h₁ h₂ => h.2.2 k h₁ (by omega)⟩, h.1, h.2.2 i hj (by omega)⟩
    · rw [if_neg hj] at h
      exact .inr ⟨.inr fun k hk => h.2.2.2 k (by omega), h.2.2.1, h.2.2.2 i (by omega)⟩
  · rintro (⟨⟨j, hj, h⟩, hg | hp⟩ | ⟨⟨j, hj, hp, h⟩ | h, hp', hg⟩)
    · exact ⟨0, by omega, j, by omega, by rw [if_pos hj]; exact ⟨hg, h⟩⟩
    · exact ⟨1, by omega, j, by omega, by rw [if_pos hj]; exact ⟨hp, h⟩⟩
    · refine ⟨2, by omega, j, by omega, ?_⟩
      rw [if_pos hj]
      refine ⟨hp', hp, fun k h₁ h₂ => ?_⟩
      by_cases e : k = i
      · exact e ▸ hg
      · exact h k h₁ (by omega)
    · refine ⟨2, by omega, i, by omega, ?_⟩
      rw [if_neg (by omega)]
      refine ⟨rfl, rfl, hp', fun k hk => ?_⟩
      by_cases e : k = i
      · exact e ▸ hg
      · exact h k (by omega)

/-- **Addition**, when the columns are known: depth 2. -/
theorem eval_addColumns {w a b : Nat} (ha : a < 2 ^ w) (hb : b < 2 ^ w) :
    (addColumns w).eval (columns w a b) = bits w (a + b) := by
  simp only [addColumns, eval_cons, eval_nil, Layer.eval_eq, List.map_map, bits]
  refine List.map_congr_left fun i hi => ?_
  have hi := List.mem_range.1 hi
  rw [Bool.eq_iff_iff, ← exists_sumTerm hi ha hb, Function.comp, Gate.eval_any, List.any_eq_true]
  have hb := Nat.mul_le_mul_right (3 * w) (show i + 1 ≤ w from hi)
  rw [Nat.add_mul, Nat.one_mul] at hb
  constructor
  · rintro ⟨q, hq, h⟩
    rw [List.mem_range'_1] at hq
    rw [bit_map_range _ (by omega), Function.comp] at h
    have hdiv : q / (3 * w) = i := Nat.div_eq_of_lt_le (by omega) (by rw [Nat.add_mul]; omega)
    rw [hdiv] at h
    exact ⟨_, Nat.mod_lt _ (by omega), _, Nat.mod_lt _ (by omega), h⟩
  · rintro ⟨c, hc, j, hj, h⟩
    have hcw := Nat.mul_le_mul_right w (show c + 1 ≤ 3 from hc)
    rw [Nat.add_mul, Nat.one_mul] at hcw
    refine ⟨i * (3 * w) + (c * w + j), by rw [List.mem_range'_1]; omega, ?_⟩
    have hq : i * (3 * w) + (c * w + j) = w * (3 * i + c) + j := by grind
    have hdiv : (i * (3 * w) + (c * w + j)) / (3 * w) = i :=
      Nat.div_eq_of_lt_le (by omega) (by rw [Nat.add_mul]; omega)
    rw [bit_map_range _ (by omega), Function.comp, hdiv, hq, Nat.mul_add_mod, Nat.mod_eq_of_lt hj,
      Nat.mul_add_div (by omega), Nat.div_eq_of_lt hj, Nat.add_zero, Nat.mul_add_mod, Nat.mod_eq_of_lt hc]
    exact h

/-- `addColumns` is a circuit of depth 2; what it computes on columns says `eval_addColumns`. -/
theorem computes_addColumns (w : Nat) :
    (addColumns w).Computes (4 * w) w 2 (addColumnsSize w) (addColumns w).eval where
  wf := by
    refine ⟨?_, ?_, trivial⟩
    · simp only [List.mem_map, List.mem_range]
      rintro g ⟨q, hq, rfl⟩ k hk
      have : q / (3 * w) < w := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
      unfold sumTerm at hk
      repeat' split at hk
      all_goals first
        | simpa using Gate.src_of_mem_wires_any hk
        | have := Gate.src_of_mem_wires_all hk
          simp only [List.mem_cons, List.mem_range'_1] at this
          omega
    · simp only [List.mem_map, List.mem_range, List.length_map, List.length_range]
      rintro g ⟨i, hi, rfl⟩ k hk
      have := Gate.src_of_mem_wires_any hk
      have hb := Nat.mul_le_mul_right (3 * w) (show i + 1 ≤ w from hi)
      rw [Nat.add_mul] at hb
      rw [List.mem_range'_1] at this
      omega
  width_eq := by simp [addColumns, width]
  depth_eq := rfl
  size_le := by
    have h₁ := sum_map_le (l := List.range (w * (3 * w)))
      (f := fun q => (sumTerm w (q / w % 3) (q / (3 * w)) (q % w)).size) (c := w + 2) fun q hq => by
        have : q / (3 * w) < w := Nat.div_lt_of_lt_mul (by rw [Nat.mul_comm]; exact List.mem_range.1 hq)
        simp only [sumTerm]
        repeat' split
        all_goals simp; try omega
    rw [List.length_range] at h₁
    have e₁ : w * (3 * w) * (w + 2) = 3 * (w * w * w) + 6 * (w * w) := by grind
    have e₂ : w * (1 + 3 * w) = 3 * (w * w) + w := by grind
    simp only [addColumns, addColumnsSize, size_cons, size_nil, List.map_map, Function.comp_def, Gate.size_any,
      List.length_range', List.map_const', List.sum_replicate_nat, List.length_range, e₁, e₂] at h₁ ⊢
    omega
  eval_eq _ _ := rfl

private theorem computes_columnsLayer (w : Nat) : Computes [columnsLayer w] (2 * w) (4 * w) 1 (12 * w)
    (fun x => columns w (ofBits (x.take w)) (ofBits (x.drop w))) where
  wf := by
    refine ⟨?_, trivial⟩
    simp only [columnsLayer, List.mem_append, List.mem_map, List.mem_range]
    rintro g (((⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) | ⟨i, hi, rfl⟩) | ⟨i, hi, rfl⟩) k hk
    · have := Gate.src_of_mem_wires_any hk; simp at this; omega
    · have := Gate.src_of_mem_wires_all hk; simp at this; omega
    · have := Gate.src_of_mem_wires_none hk; simp at this; omega
    · simp only [Gate.wires, List.mem_cons, List.not_mem_nil, or_false] at hk
      rcases hk with rfl | rfl <;> dsimp only <;> omega
  width_eq := by simp [columnsLayer, width]; omega
  depth_eq := rfl
  size_le := by
    have : ∀ i, (Gate.atMost 1 [⟨i, 1⟩, ⟨w + i, 1⟩]).size = 3 := fun i => rfl
    simp only [columnsLayer, size_cons, size_nil, List.map_append, List.sum_append_nat, List.map_map, Function.comp_def,
      Gate.size_any, Gate.size_all, Gate.size_none, this, List.length_cons, List.length_nil, List.map_const',
      List.sum_replicate_nat, List.length_range]
    omega
  eval_eq x hx := by
    have e₁ : ∀ i < w, bit (x.take w) i = bit x i := fun i hi => by simp [bit, hi]
    have e₂ : ∀ i, bit (x.drop w) i = bit x (w + i) := fun i => by simp [bit]
    simp only [columnsLayer, columns, eval_cons, eval_nil, Layer.eval_eq, List.map_append, List.map_map, testBit_ofBits,
      e₂]
    congr 1
    · congr 1
      · congr 1 <;> refine List.map_congr_left fun i hi => ?_ <;> rw [e₁ i (List.mem_range.1 hi)] <;> simp
      · refine List.map_congr_left fun i hi => ?_
        rw [e₁ i (List.mem_range.1 hi)]; simp
    · refine List.map_congr_left fun i hi => ?_
      rw [e₁ i (List.mem_range.1 hi), Function.comp]
      cases h : bit x i <;> cases h' : bit x (w + i) <;> simp [Gate.eval, Wire.count, h, h']

/-- **Addition**: depth 3. The sum is taken modulo `2 ^ w`; give the numbers a bit more than they need to have all of
it. -/
theorem computes_add (w : Nat) : (add w).Computes (2 * w) w 3 (addSize w)
    (fun x => bits w (ofBits (x.take w) + ofBits (x.drop w))) := by
  refine ((computes_columnsLayer w).comp (computes_addColumns w)).mono
    (by unfold addSize addColumnsSize; omega) fun x hx => ?_
  have h₁ := ofBits_lt (x.take w)
  have h₂ := ofBits_lt (x.drop w)
  rw [List.length_take, hx, show min w (2 * w) = w by omega] at h₁
  rw [List.length_drop, hx, show 2 * w - w = w by omega] at h₂
  exact eval_addColumns h₁ h₂

end Logprec.Circuit
