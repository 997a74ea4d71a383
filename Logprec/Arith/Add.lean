import Logprec.Arith.Table

/-!
# Adding two numbers

Carry look-ahead in depth 5. Two ordinary layers of ANDs and ORs give the carries (the textbook AC⁰ circuit), and
each bit of the sum is the parity of three values, which a table computes in depth 2. Depth 2 is known to be enough for
unweighted threshold gates (Alon and Bruck 1994), with circuits that are harder to describe.
-/

namespace Logprec.Circuit

/-- The carry into position `i`, from the generated carries `g` and the propagating positions `p`. -/
private def carryInto (p g : Nat → Bool) (i : Nat) : Bool :=
  (List.range i).any fun j => g j && (List.range' (j + 1) (i - 1 - j)).all p

private theorem carryInto_succ (p g : Nat → Bool) (i : Nat) :
    carryInto p g (i + 1) = (g i || p i && carryInto p g i) := by
  have e : ∀ i, carryInto p g i = true ↔ ∃ j < i, g j = true ∧ ∀ k, j < k → k < i → p k = true := fun i => by
    simp only [carryInto, List.any_eq_true, List.mem_range, Bool.and_eq_true, List.all_eq_true, List.mem_range'_1]
    refine exists_congr fun j => and_congr_right fun hj => and_congr_right fun _ => ?_
    exact forall_congr' fun k => ⟨fun h h₁ h₂ => h ⟨h₁, by omega⟩, fun h hk => h hk.1 (by omega)⟩
  rw [Bool.eq_iff_iff, Bool.or_eq_true, Bool.and_eq_true, e, e]
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

private theorem carryInto_congr {p p' g g' : Nat → Bool} {i : Nat} (h : ∀ j < i, p j = p' j ∧ g j = g' j) :
    carryInto p g i = carryInto p' g' i := by
  rw [carryInto, carryInto, Bool.eq_iff_iff, List.any_eq_true, List.any_eq_true]
  refine exists_congr fun j => and_congr_right fun hj => ?_
  have hj := List.mem_range.1 hj
  rw [(h j hj).2, Bool.and_eq_true, Bool.and_eq_true, List.all_eq_true, List.all_eq_true]
  refine and_congr_right fun _ => forall_congr' fun k => imp_congr_right fun hk => ?_
  rw [(h k (by simp only [List.mem_range'_1] at hk; omega)).1]

/-- Whether a carry that is generated at `j` reaches `i`. The gate reads `p` (does it propagate a carry, at positions
`0 …`) and `g` (does it generate one, at positions `w …`). -/
def reach (w i j : Nat) : Gate :=
  if j < i then .all ((w + j) :: List.range' (j + 1) (i - 1 - j)) else .any []

/-- The first three layers of an adder: for every position, does it propagate a carry (`x + y ≥ 1`), does it
generate one (`x + y ≥ 2`), and does one come in? The first two are carried along; the pairs `(i, j)` are at
`i * w + j`. -/
def carries (w : Nat) : Circuit :=
  let keep := (List.range (2 * w)).map fun i => Gate.copy i
  [ (List.range w).map (fun i => .any [i, w + i]) ++ (List.range w).map fun i => .all [i, w + i],
    keep ++ (List.range (w * w)).map fun q => reach w (q / w) (q % w),
    keep ++ (List.range w).map fun i => .any ((List.range i).map fun j => 2 * w + (i * w + j)) ]

/-- The sum of two `w`-bit numbers given one after the other, modulo `2 ^ w`: bit `i` is the parity of the number
of ones among `x`, `y` and the carry, and `x + y` is the number of ones among "propagates" and "generates". -/
def add (w : Nat) : Circuit :=
  carries w ++ par 2 (List.range w) (fun i => [i, w + i, 2 * w + i]) fun _ => table [1, 1, 1] 1 id

/-- A bound on the size of `add w`. -/
def addSize (w : Nat) : Nat := w * w * w + 2 * (w * w) + 55 * w

private theorem bit_append_map {y : List Bool} {n i m : Nat} {f : Nat → Bool} (hy : y.length = n) (h : i < m) :
    bit (y ++ (List.range m).map f) (n + i) = f i := by
  rw [← hy, bit_append_right, bit_map_range _ h]

private theorem bit_three {w i : Nat} {p g c : Nat → Bool} (h : i < w) :
    let x := (List.range w).map p ++ (List.range w).map g ++ (List.range w).map c
    bit x i = p i ∧ bit x (w + i) = g i ∧ bit x (2 * w + i) = c i := by
  refine ⟨?_, ?_, bit_append_map (by simp; omega) h⟩ <;> rw [bit_append_left (by simp; omega)]
  · rw [bit_append_left (by simpa using h), bit_map_range _ h]
  · exact bit_append_map (by simp) h

private theorem computes_carries (w : Nat) : (carries w).Computes (2 * w) (3 * w) 3
    (w * w * w + 2 * (w * w) + 14 * w) (fun x =>
      (List.range w).map (fun i => bit x i || bit x (w + i)) ++ (List.range w).map (fun i => bit x i && bit x (w + i)) ++
      (List.range w).map fun i => carryInto (fun j => bit x j || bit x (w + j)) (fun j => bit x j && bit x (w + j)) i) where
  wf := by
    refine ⟨?_, ?_, ?_, trivial⟩
    · simp only [List.mem_append, List.mem_map, List.mem_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) k hk
      · have := Gate.src_of_mem_wires_any hk; simp at this; omega
      · have := Gate.src_of_mem_wires_all hk; simp at this; omega
    · simp only [List.mem_append, List.mem_map, List.mem_range, List.length_append, List.length_map, List.length_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨q, hq, rfl⟩) k hk
      · have := Gate.src_of_mem_wires_copy hk; omega
      · have : q / w < w := Nat.div_lt_of_lt_mul hq
        unfold reach at hk
        split at hk
        · have := Gate.src_of_mem_wires_all hk
          simp only [List.mem_cons, List.mem_range'_1] at this
          omega
        · simpa using Gate.src_of_mem_wires_any hk
    · simp only [List.mem_append, List.mem_map, List.mem_range, List.length_append, List.length_map, List.length_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) k hk
      · have := Gate.src_of_mem_wires_copy hk; omega
      · have := Gate.src_of_mem_wires_any hk
        simp only [List.mem_map, List.mem_range] at this
        obtain ⟨j, hj, e⟩ := this
        have := Nat.mul_le_mul_right w (show i + 1 ≤ w from hi)
        rw [Nat.add_mul] at this
        omega
  width_eq := by simp [carries, width]; omega
  depth_eq := rfl
  size_le := by
    have h₁ := sum_map_le (l := List.range (w * w)) (f := fun q => (reach w (q / w) (q % w)).size) (c := w + 1)
      fun q hq => by
        have : q / w < w := Nat.div_lt_of_lt_mul (List.mem_range.1 hq)
        simp only [reach]
        split <;> simp <;> omega
    have h₂ := sum_map_le (l := List.range w) (f := fun i => Gate.size
      (.any ((List.range i).map fun j => 2 * w + (i * w + j)))) (c := w) fun i hi => by
        have := List.mem_range.1 hi
        simp; omega
    rw [List.length_range, Nat.mul_add, Nat.mul_one] at h₁
    rw [List.length_range] at h₂
    simp only [carries, size_cons, size_nil, List.map_append, List.sum_append_nat, List.map_map, Function.comp_def,
      Gate.size_copy, Gate.size_any, Gate.size_all, List.length_cons, List.length_nil, List.map_const',
      List.sum_replicate_nat, List.length_range, List.length_map] at h₁ h₂ ⊢
    omega
  eval_eq x hx := by
    simp only [carries, eval_cons, eval_nil, Layer.eval_eq, List.map_append, List.map_map, Function.comp_def,
      Gate.eval_copy, Gate.eval_any, Gate.eval_all, List.any_cons, List.any_nil, List.all_cons, List.all_nil,
      Bool.or_false, Bool.and_true]
    generalize hp : (fun i => bit x i || bit x (w + i)) = p
    generalize hg : (fun i => bit x i && bit x (w + i)) = g
    generalize hy : (List.range w).map p ++ (List.range w).map g = y
    have len : y.length = 2 * w := by simp [← hy]; omega
    have keep : (List.range (2 * w)).map (fun i => bit y i) = y := by rw [← len]; exact map_bit_range y
    have hyp : ∀ j < w, bit y j = p j := fun j hj => by
      rw [← hy, bit_append_left (by simpa using hj), bit_map_range _ hj]
    have hyg : ∀ j < w, bit y (w + j) = g j := fun j hj => by
      rw [← hy, bit_append_map (by simp) hj]
    rw [keep]
    congr 1
    · refine Eq.trans (List.map_congr_left fun i hi => ?_) keep
      exact bit_append_left (by rw [len]; exact List.mem_range.1 hi)
    · refine List.map_congr_left fun i hi => ?_
      have hi := List.mem_range.1 hi
      rw [List.any_map, carryInto, Bool.eq_iff_iff, List.any_eq_true, List.any_eq_true]
      refine exists_congr fun j => and_congr_right fun hj => ?_
      have hj := List.mem_range.1 hj
      have hq := Nat.mul_le_mul_right w (show i + 1 ≤ w from hi)
      rw [Nat.add_mul] at hq
      rw [Function.comp, bit_append_map len (by omega), show (i * w + j) / w = i by
        rw [Nat.mul_comm, Nat.mul_add_div (by omega), Nat.div_eq_of_lt (by omega), Nat.add_zero],
        show (i * w + j) % w = j by rw [Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt (by omega)],
        reach, if_pos hj, Gate.eval_all, List.all_cons, hyg j (by omega), Bool.and_eq_true, Bool.and_eq_true,
        List.all_eq_true, List.all_eq_true]
      refine and_congr_right fun _ => forall_congr' fun k => imp_congr_right fun hk => ?_
      rw [hyp k (by simp only [List.mem_range'_1] at hk; omega)]

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

private theorem bits_three (a b c : Bool) : bits 1 (weigh [1, 1, 1] [a || b, a && b, c]) = [a ^^ (b ^^ c)] := by
  cases a <;> cases b <;> cases c <;> rfl

/-- **Addition**: depth 5. The sum is taken modulo `2 ^ w`; give the numbers a bit more than they need to have all of
it. -/
theorem computes_add (w : Nat) : (add w).Computes (2 * w) w 5 (addSize w)
    (fun x => bits w (ofBits (x.take w) + ofBits (x.drop w))) := by
  have h := (computes_carries w).comp (Computes.par (d := 1) (m := 3 * w) (is := List.range w)
    (sel := fun i => [i, w + i, 2 * w + i]) (C := fun _ => table [1, 1, 1] 1 id) (w := fun _ => 1) (s := fun _ => 41)
    (f := fun _ x => bits 1 (weigh [1, 1, 1] x))
    (fun i hi k hk => by have := List.mem_range.1 hi; simp at hk; omega)
    (fun i _ => computes_table [1, 1, 1] 1 id))
  simp only [List.map_const', List.length_range, List.sum_replicate_nat, Nat.mul_one] at h
  refine h.mono (by unfold addSize; omega) fun x hx => ?_
  have h₁ := ofBits_lt (x.take w)
  have h₂ := ofBits_lt (x.drop w)
  rw [List.length_take, hx, show min w (2 * w) = w by omega] at h₁
  rw [List.length_drop, hx, show 2 * w - w = w by omega] at h₂
  have e₁ : ∀ i < w, bit (x.take w) i = bit x i := fun i hi => by simp [bit, hi]
  have e₂ : ∀ i, bit (x.drop w) i = bit x (w + i) := fun i => by simp [bit]
  simp only [Function.comp_def]
  refine Eq.trans (flatMap_congr fun i hi => ?_) (List.map_eq_flatMap (f := Nat.testBit _)).symm
  have hi := List.mem_range.1 hi
  generalize hp : (fun i => bit x i || bit x (w + i)) = p
  generalize hg : (fun i => bit x i && bit x (w + i)) = g
  obtain ⟨b₁, b₂, b₃⟩ := bit_three (p := p) (g := g) (c := carryInto p g) hi
  rw [List.map_cons, List.map_cons, List.map_cons, List.map_nil, b₁, b₂, b₃, testBit_add_eq hi h₁ h₂]
  have e₃ := carryInto_congr (i := i) (p := p) (g := g)
    (p' := fun j => (ofBits (x.take w)).testBit j || (ofBits (x.drop w)).testBit j)
    (g' := fun j => (ofBits (x.take w)).testBit j && (ofBits (x.drop w)).testBit j) fun j hj => by
      simp only [← hp, ← hg, testBit_ofBits, e₁ j (by omega), e₂, and_self]
  rw [e₃, ← congrFun hp, ← congrFun hg, bits_three, testBit_ofBits, testBit_ofBits, e₁ i hi, e₂]

end Logprec.Circuit
