import Logprec.Arith.Construct
import Logprec.Arith.Gates

/-!
# Look-up circuits: proofs

`computes_lookup`: every function of `k` bits, in depth 3 (the paper's Lemma 1). About the definitions in
`Logprec.Arith.Construct`.
-/

namespace Logprec.Circuit

/-- `lookup` without the array. -/
theorem lookup_eq (k m : Nat) (f : Nat → Nat) : lookup k m f =
    [ literals k,
      (List.range (2 ^ k)).map fun a => if f a % 2 ^ m = 0 then .any [] else minterm k a,
      (List.range m).map fun j => .any ((List.range (2 ^ k)).filter fun a => (f a).testBit j) ] := by
  have h : ∀ a ∈ List.range (2 ^ k), ((List.range (2 ^ k)).map f).toArray.getD a 0 = f a := fun a ha => by
    simp [Array.getD_eq_getD_getElem?, List.mem_range.1 ha]
  simp only [lookup]
  congr 2
  · exact List.map_congr_left fun a ha => by simp only [h a ha]
  · congr 1
    refine List.map_congr_left fun j _ => congrArg Gate.any (List.filter_congr fun a ha => by rw [h a ha])

private theorem eval_literals (k : Nat) (x : List Bool) :
    (literals k).eval x = (List.range k).map (bit x) ++ (List.range k).map fun i => !bit x i := by
  simp [literals, Layer.eval_eq, Function.comp_def]

private theorem bit_literals {k i : Nat} (x : List Bool) (a : Nat) (hi : i < k) :
    bit ((literals k).eval x) (if a.testBit i then i else k + i) = (bit x i == a.testBit i) := by
  rw [eval_literals]
  cases a.testBit i
  · have := bit_append_right (x := (List.range k).map (bit x)) (y := (List.range k).map fun i => !bit x i) i
    rw [List.length_map, List.length_range] at this
    simp [this, bit_map_range _ hi]
  · rw [if_pos rfl, bit_append_left (by simpa using hi), bit_map_range _ hi]
    simp

/-- A minterm fires on its own number only. -/
theorem eval_minterm {k a : Nat} {x : List Bool} (hx : x.length = k) (ha : a < 2 ^ k) :
    (minterm k a).eval (bit ((literals k).eval x)) = decide (ofBits x = a) := by
  rw [minterm, Gate.eval_all, List.all_map, Bool.eq_iff_iff, List.all_eq_true, decide_eq_true_iff]
  simp only [List.mem_range, Function.comp]
  constructor
  · intro h
    rw [← Nat.mod_eq_of_lt ha, ← ofBits_bits k a, ← bits_congr (n := ofBits x), ← hx, bits_ofBits]
    intro i hi
    have := h i hi
    rw [bit_literals x a hi, beq_iff_eq] at this
    rw [testBit_ofBits, this]
  · rintro rfl i hi
    rw [bit_literals x _ hi, testBit_ofBits, beq_self_eq_true]

/-- **Look-up** (Lemma 1): depth 3, and correct for every function. -/
theorem computes_lookup (k m : Nat) (f : Nat → Nat) :
    (lookup k m f).Computes k m 3 (lookupSize k m) fun x => bits m (f (ofBits x)) where
  wf := by
    rw [lookup_eq]
    refine ⟨?_, ?_, ?_, trivial⟩
    · simp only [literals, List.mem_append, List.mem_map, List.mem_range]
      rintro g (⟨i, hi, rfl⟩ | ⟨i, hi, rfl⟩) w hw <;>
        (simp only [Gate.copy, Gate.none, Gate.wires, List.map_cons, List.map_nil, List.mem_singleton] at hw
         simpa [hw] using hi)
    · simp only [List.mem_map]
      rintro g ⟨a, -, rfl⟩ w hw
      split at hw
      · simp [Gate.any, Gate.wires] at hw
      · simp only [minterm, Gate.all, Gate.wires, List.map_map, List.mem_map, List.mem_range, Function.comp] at hw
        obtain ⟨i, hi, rfl⟩ := hw
        simp only [literals, List.length_append, List.length_map, List.length_range]
        split <;> omega
    · simp only [List.mem_map]
      rintro g ⟨j, -, rfl⟩ w hw
      simp only [Gate.any, Gate.wires, List.mem_map, List.mem_filter, List.mem_range] at hw
      obtain ⟨a, ⟨ha, -⟩, rfl⟩ := hw
      simpa using ha
  width_eq := by simp [lookup, width]
  depth_eq := rfl
  size_le := by
    have h₁ : ((literals k).map Gate.size).sum = 4 * k := by
      simp [literals, Function.comp_def, List.map_const']; omega
    have h₂ := sum_map_le (l := List.range (2 ^ k)) (c := k + 1)
      (f := fun a => Gate.size (if f a % 2 ^ m = 0 then .any [] else minterm k a)) fun a _ => by
        dsimp only
        split
        · simp
        · simp [minterm, Nat.add_comm]
    have h₃ := sum_map_le (l := List.range m) (c := 2 ^ k + 1)
      (f := fun j => Gate.size (.any ((List.range (2 ^ k)).filter fun a => (f a).testBit j))) fun j _ => by
        have := List.length_filter_le (fun a => (f a).testBit j) (List.range (2 ^ k))
        rw [List.length_range] at this
        simp only [Gate.size_any]; omega
    rw [List.length_range] at h₂ h₃
    simp only [lookup_eq, size_cons, size_nil, lookupSize, h₁, List.map_map, Function.comp_def]
    omega
  eval_eq x hx := by
    have hlt : ofBits x < 2 ^ k := hx ▸ ofBits_lt x
    have row : ∀ a < 2 ^ k, bit (Layer.eval ((List.range (2 ^ k)).map fun a =>
        if f a % 2 ^ m = 0 then .any [] else minterm k a) ((literals k).eval x)) a =
        (decide (f a % 2 ^ m ≠ 0) && decide (ofBits x = a)) := by
      intro a ha
      rw [Layer.eval_eq, List.map_map, bit_map_range _ ha]
      by_cases h : f a % 2 ^ m = 0
      · simp [h]
      · simp [h, eval_minterm hx ha]
    rw [lookup_eq]
    simp only [eval_cons, eval_nil, Layer.eval_eq ((List.range m).map _), List.map_map, bits]
    refine List.map_congr_left fun j hj => ?_
    rw [List.mem_range] at hj
    simp only [Function.comp, Gate.eval_any]
    rw [Bool.eq_iff_iff, List.any_eq_true]
    simp only [List.mem_filter, List.mem_range]
    constructor
    · rintro ⟨a, ⟨ha, hbit⟩, hrow⟩
      rw [row a ha, Bool.and_eq_true, decide_eq_true_iff, decide_eq_true_iff] at hrow
      rw [hrow.2]; exact hbit
    · intro h
      refine ⟨_, ⟨hlt, h⟩, ?_⟩
      rw [row _ hlt]
      have : (f (ofBits x) % 2 ^ m).testBit j = true := by simp [Nat.testBit_mod_two_pow, hj, h]
      have hne : f (ofBits x) % 2 ^ m ≠ 0 := by
        intro e
        simp [e] at this
      simp [hne]

/-- The number of gates of a look-up: the paper's `2 ^ k + k + m`, and one copy for each input, which a layered
circuit needs. -/
theorem gates_lookup (k m f) : ((lookup k m f).map List.length).sum = 2 ^ k + 2 * k + m := by
  simp [lookup, literals]; omega

end Logprec.Circuit
