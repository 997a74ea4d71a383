import Logprec.Arith.Construct
import Logprec.Arith.IteratedSum
import Logprec.Template.Compile
import Logprec.Template.Derived

/-!
# The template of iterated addition: proofs

The template lists the circuit, so it is generated in logarithmic space. About the definitions in
`Logprec.Arith.Construct`.
-/

namespace Logprec

/-- The items of an OR. -/
theorem Gate.items_any (is : List Nat) : (Gate.any is).items = .gate true 1 :: is.map fun i => .wire i 1 := by
  simp [any, items, Wire.item, Function.comp_def]

/-- The items of an AND. -/
theorem Gate.items_all (is : List Nat) :
    (Gate.all is).items = .gate true is.length :: is.map fun i => .wire i 1 := by
  simp [all, items, Wire.item, Function.comp_def]

/-- Wires that are listed under a condition. -/
theorem flatMap_ite_filter {α : Type} (l : List α) (p : α → Bool) (f : α → Item) :
    (l.flatMap fun a => if (p a).toNat ≠ 0 then [f a] else []) = (l.filter p).map f := by
  induction l with
  | nil => rfl
  | cons a l ih => cases h : p a <;> simp [h] at ih ⊢ <;> exact ih

/-- Counting by a sum of truth values. -/
theorem length_filter_eq_sum {α : Type} (l : List α) (p : α → Bool) :
    (l.filter p).length = (l.map fun a => (p a).toNat).sum := by
  induction l with
  | nil => rfl
  | cons a l ih => cases h : p a <;> simp [h, ih, Nat.add_comm]

namespace Tmpl

open Term Circuit

/-- The values of these variables. -/
theorem items_withBlocks (ρ : List Nat) (N B : Term) (body : Tmpl) :
    (withBlocks N B body).items ρ = body.items (sumWidth (N.eval ρ) (B.eval ρ) :: blocks (N.eval ρ) (B.eval ρ) ::
      maxSum (N.eval ρ) :: blockWidth (N.eval ρ) :: B.eval ρ :: N.eval ρ :: ρ) := by
  have hT : N.eval ρ * (min (2 ^ ((N.eval ρ).log2 + 1)) (2 * N.eval ρ) - 1) = maxSum (N.eval ρ) := by
    rw [maxSum]
    by_cases h : N.eval ρ = 0
    · simp [h]
    · have := two_pow_blockWidth_le h
      unfold blockWidth at this ⊢
      rw [Nat.min_eq_left this]
  simp [withBlocks, items, sumWidth, blocks, blockWidth, hT]

private theorem items_blockWiresT (t k W nb T N B : Nat) (ρ : List Nat) :
    blockWiresT.items (t :: k :: W :: nb :: T :: blockWidth N :: B :: N :: ρ) = (blockWires N B k).map Wire.item := by
  simp only [blockWiresT, items, blockWires, List.map_flatMap, List.map_map, eval_var, eval_min, eval_sub, eval_mul,
    eval_add, eval_pow2, List.getD_cons_succ, List.getD_cons_zero, ← List.map_eq_flatMap]
  refine flatMap_congr fun i hi => List.map_congr_left fun u hu => ?_
  rw [List.mem_range] at hi hu
  have hu : u < blockWidth N := Nat.lt_of_lt_of_le hu (Nat.min_le_left _ _)
  have : 2 ^ u ≤ N :=
    Nat.le_trans (Nat.pow_le_pow_right (by omega) (Nat.le_of_lt_succ hu)) (Nat.log2_self_le (by omega))
  simp [Wire.item, Nat.min_eq_left this]

private theorem items_sumThresholdsT (ρ : List Nat) (N B : Term) :
    (sumThresholdsT N B).items ρ = (sumThresholds (N.eval ρ) (B.eval ρ)).items := by
  rw [sumThresholdsT, items_withBlocks]
  simp only [items, items_blockWiresT, sumThresholds, Layer.items, List.flatMap_assoc, List.flatMap_append,
    List.flatMap_map, Gate.items, eval_var, eval_add, eval_ofNat, List.getD_cons_succ, List.getD_cons_zero,
    List.cons_append, List.nil_append]

/-- Bit `u` of numbers up to `T`, by a power of two that is computed once for all of them. -/
private theorem testBit_of_le {t T : Nat} (h : t ≤ T) (u : Nat) :
    t / min (2 ^ u) (T + 1) % 2 = (t.testBit u).toNat := by
  rw [Nat.toNat_testBit]
  rcases Nat.le_total (2 ^ u) (T + 1) with h' | h'
  · rw [Nat.min_eq_left h']
  · rw [Nat.min_eq_right h', Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]

private theorem items_bitWiresT (b u : Term) (i W nb T : Nat) (ρ : List Nat) :
    (bitWiresT b u).items (i :: W :: nb :: T :: ρ) = (bitWires T (b.eval (i :: W :: nb :: T :: ρ))
      (u.eval (i :: W :: nb :: T :: ρ))).map Wire.item := by
  have h : ∀ v (f : Nat → List Item), ((List.range (T + 1)).flatMap fun t =>
      if t / min (2 ^ v) (T + 1) % 2 ≠ 0 then f t else []) =
      (List.range (T + 1)).flatMap fun t => if (t.testBit v).toNat ≠ 0 then f t else [] := fun v f =>
    flatMap_congr fun t ht => by rw [testBit_of_le (Nat.le_of_lt_succ (List.mem_range.1 ht))]
  simp only [bitWiresT, items, eval_up, eval_var, eval_add, eval_ofNat, eval_div, eval_mod, eval_pow2,
    List.getD_cons_succ, List.getD_cons_zero, h, flatMap_ite_filter, bitWires, List.map_append, List.map_map]
  rfl

private theorem items_columnT (i N B : Nat) (ρ : List Nat) :
    columnT.items (i :: sumWidth N B :: blocks N B :: maxSum N :: blockWidth N :: B :: N :: ρ) =
      (columnWires N B i).map Wire.item := by
  simp only [columnT, items, items_bitWiresT, eval_lt, eval_div, eval_mul, eval_sub, eval_add, eval_mod, eval_var,
    eval_ofNat, List.getD_cons_succ, List.getD_cons_zero, columnWires, List.map_append]
  congr 1
  · by_cases h : i / blockWidth N < blocks N B <;> simp [h]
  · by_cases h : 0 < i / blockWidth N <;> simp [h]

private theorem eval_countT (u : Term) (i W nb T b : Nat) (ρ : List Nat) :
    2 * (countT u).eval (i :: W :: nb :: T :: ρ) = (bitWires T b (u.eval (i :: W :: nb :: T :: ρ))).length := by
  have h : ∀ v, ((List.range (T + 1)).map fun t => (t.testBit v).toNat).sum ≤ T + 1 := fun v => by
    rw [← length_filter_eq_sum]; simpa using List.length_filter_le (Nat.testBit · v) (List.range (T + 1))
  have h' : ∀ v, (List.range (T + 1)).map (fun t => t / min (2 ^ v) (T + 1) % 2) =
      (List.range (T + 1)).map fun t => (t.testBit v).toNat := fun v =>
    List.map_congr_left fun t ht => testBit_of_le (Nat.le_of_lt_succ (List.mem_range.1 ht)) v
  simp only [countT, eval_letIn, eval_sum, eval_add, eval_var, eval_ofNat, eval_div, eval_mod, eval_pow2,
    List.getD_cons_succ, List.getD_cons_zero, h', Nat.min_eq_left (h _), bitWires, List.length_append, List.length_map,
    length_filter_eq_sum]
  omega

private theorem eval_halfT (i N B : Nat) (ρ : List Nat) :
    halfT.eval (i :: sumWidth N B :: blocks N B :: maxSum N :: blockWidth N :: B :: N :: ρ) =
      (columnWires N B i).length / 2 := by
  have h₁ := eval_countT (var 0 % var 4) i (sumWidth N B) (blocks N B) (maxSum N)
    (i / blockWidth N * (2 * (maxSum N + 1))) (blockWidth N :: B :: N :: ρ)
  have h₂ := eval_countT (var 4 + var 0 % var 4) i (sumWidth N B) (blocks N B) (maxSum N)
    ((i / blockWidth N - 1) * (2 * (maxSum N + 1))) (blockWidth N :: B :: N :: ρ)
  simp only [eval_mod, eval_add, eval_var, List.getD_cons_succ, List.getD_cons_zero] at h₁ h₂
  simp only [halfT, eval_add, eval_ite, eval_lt, eval_div, eval_var, eval_ofNat, List.getD_cons_succ,
    List.getD_cons_zero, columnWires, List.length_append]
  by_cases h : i / blockWidth N < blocks N B <;> by_cases h' : 0 < i / blockWidth N <;>
    simp only [h, h', decide_true, decide_false, Bool.toNat_true, Bool.toNat_false, ne_eq, Nat.one_ne_zero,
      not_false_eq_true, not_true_eq_false, if_true, if_false, List.length_nil] <;> omega

private theorem items_sumColumnsT (ρ : List Nat) (N B : Term) :
    (sumColumnsT N B).items ρ = (sumColumns (N.eval ρ) (B.eval ρ)).items := by
  rw [sumColumnsT, items_withBlocks]
  simp only [items, items_columnT, sumColumns, Layer.items, List.flatMap_append, List.flatMap_map, Gate.items, eval_var,
    eval_add, eval_ofNat, eval_halfT, List.getD_cons_zero, List.cons_append, List.nil_append]

private theorem items_wiresFrom (ρ : List Nat) (s k : Term) :
    (wiresFrom s k).items ρ = (List.range' (s.eval ρ) (k.eval ρ)).map fun i => .wire i 1 := by
  simp only [wiresFrom, items, eval_add, eval_up, eval_var, List.getD_cons_zero, eval_ofNat, ← List.map_eq_flatMap,
    List.range'_eq_map_range, List.map_map]
  rfl

private theorem items_sumTermT (j i c q w : Nat) (ρ : List Nat) :
    sumTermT.items (j :: i :: c :: q :: w :: ρ) = (sumTerm w c i j).items := by
  simp only [sumTermT, items, items_wiresFrom, eval_lt, eval_eq, eval_and, eval_var, eval_ofNat, eval_add, eval_sub,
    eval_mul, List.getD_cons_succ, List.getD_cons_zero, sumTerm]
  by_cases h : j < i
  · match c with
    | 0 => simp [h, Gate.items_all]
    | 1 => simp [h, Gate.items_all]
    | c + 2 => simp [h, Gate.items_all]
  · by_cases h' : j = i ∧ c = 2
    · obtain ⟨rfl, rfl⟩ := h'
      simp [Gate.items_all]
    · rw [if_neg h, if_neg h']
      by_cases h₁ : j = i
      · have h₂ : ¬ c = 2 := fun e => h' ⟨h₁, e⟩
        subst h₁
        simp [h₂, Gate.items_any]
      · simp [h, h₁, Gate.items_any]

private theorem items_addColumns (w : Nat) (ρ : List Nat) :
    [addTermsT.items (w :: ρ), addBitsT.items (w :: ρ)] = (Circuit.addColumns w).map Layer.items := by
  simp only [addTermsT, addBitsT, items, items_sumTermT, items_wiresFrom, addColumns, Layer.items, List.map_cons,
    List.map_nil, List.flatMap_map, Gate.items_any, eval_div, eval_mod, eval_mul, eval_var, eval_ofNat,
    List.getD_cons_succ, List.getD_cons_zero, List.cons_append, List.nil_append]

/-- The template of an adder lists its circuits. -/
theorem denotesIn_add (ρ : List Nat) (w : Term) : DenotesIn ρ (add w) (Circuit.add (w.eval ρ)) := by
  have h := items_addColumns (w.eval ρ) ρ
  simp only [DenotesIn, add, Circuit.add, List.map_cons, List.map_nil, items] at h ⊢
  rw [← h, List.cons.injEq]
  refine ⟨?_, rfl⟩
  simp [columnsLayer, Layer.items, Gate.items, Gate.any, Gate.all, Gate.none, Wire.item, List.flatMap_map]

/-- The template of iterated addition lists its circuits. -/
theorem denotesIn_iteratedSum (ρ : List Nat) (N B : Term) :
    DenotesIn ρ (iteratedSum N B) (Circuit.iteratedSum (N.eval ρ) (B.eval ρ)) := by
  simp only [DenotesIn, iteratedSum, Circuit.iteratedSum, List.map_cons, List.map_nil, items_sumThresholdsT,
    items_sumColumnsT, items_withBlocks]
  rw [← items_addColumns]

end Tmpl

/-- **Iterated addition is uniform**: the circuits that add `n` numbers of `n` bits are generated in logarithmic
space. -/
theorem logSpaceGenerated_iteratedSum :
    Space.LogSpaceGenerated fun n => Circuit.encode (n * n) (Circuit.iteratedSum n n) :=
  logSpaceGenerated_of_denotes (Term.var 0 * Term.var 0) fun n =>
    Tmpl.denotesIn_iteratedSum [n] (Term.var 0) (Term.var 0)

end Logprec
