import Logprec.Arith.Construct
import Logprec.Arith.Table
import Logprec.Template.Compile
import Logprec.Template.Derived

/-!
# First members: symmetric functions, PARITY, MAJORITY: proofs

The templates list the circuits, so these are generated in logarithmic space. About the definitions in
`Logprec.Arith.Construct`.
-/

namespace Logprec

/-- The items of a list of gates that are given by a function. -/
theorem Layer.items_map {α : Type} (l : List α) (g : α → Gate) :
    Layer.items (l.map g) = l.flatMap fun a => (g a).items := List.flatMap_map ..

/-- The items of a layer in two parts. -/
theorem Layer.items_append (L L' : Layer) : Layer.items (L ++ L') = L.items ++ Layer.items L' := List.flatMap_append

private theorem map_filter_eq {α β : Type} (l : List α) (p : α → Bool) (f : α → β) :
    (l.filter p).map f = l.flatMap fun a => if p a then [f a] else [] := by
  induction l with
  | nil => rfl
  | cons a l ih => cases h : p a <;> simp [h, ih]

private theorem length_filter_eq {α : Type} (l : List α) (p : α → Bool) :
    (l.filter p).length = (l.map fun a => (p a).toNat).sum := by
  induction l with
  | nil => rfl
  | cons a l ih => cases h : p a <;> simp [h, ih, Nat.add_comm]

private theorem map_eq_flatMap {α β : Type} (l : List α) (f : α → β) : l.map f = l.flatMap fun a => [f a] := by
  induction l with
  | nil => rfl
  | cons a l ih => simp [ih]

private theorem weighWires_replicate (k : Nat) :
    Circuit.weighWires (List.replicate k 1) = (List.range k).map fun i => ⟨i, 1⟩ := by
  have : (List.replicate k 1).zipIdx = (List.range k).map fun i => (1, i) := by
    apply List.ext_getElem <;> simp
  rw [Circuit.weighWires, this, List.filter_eq_self.2 (by simp), List.map_map]
  rfl

namespace Tmpl

/-- What it lists. -/
theorem items_wires (ρ : List Nat) (k : Term) :
    (wires k).items ρ = ((List.range (k.eval ρ)).map fun i => (⟨i, 1⟩ : Wire)).map Wire.item := by
  rw [List.map_map, map_eq_flatMap]
  rfl

/-- The template of symmetric functions lists their circuits. -/
theorem denotesIn_symmetric {ρ : List Nat} {k m f : Term} {F : Nat → Nat}
    (hf : ∀ t ≤ k.eval ρ, f.eval (t :: ρ) = F t) :
    DenotesIn ρ (symmetric k m f) (Circuit.symmetric (k.eval ρ) (m.eval ρ) F) := by
  have hit : ∀ j, ∀ t ≤ k.eval ρ, (f.rename (Term.lift (· + 1))).eval (t :: j :: ρ) = F t := fun j t ht => by
    rw [← hf t ht, Term.eval_rename (ρ := t :: ρ)]
    exact Term.getD_lift (fun i => by simp) t
  have hsum : ∀ p : Nat → Bool, ∀ n, ((List.range n).map fun t => (p t).toNat).sum ≤ n := fun p n => by
    rw [← length_filter_eq]; simpa using List.length_filter_le p (List.range n)
  simp only [DenotesIn, symmetric, Circuit.symmetric, Circuit.table, List.map_cons, List.map_nil, List.cons.injEq,
    and_true]
  constructor
  · simp [items, items_wires, Layer.items_append, Layer.items_map, Gate.items, weighWires_replicate]
  · rw [Layer.items_map]
    simp only [items]
    refine flatMap_congr fun j _ => ?_
    have hits : (((List.range (k.eval ρ + 1)).map fun t => (t, F t)).filter fun p => p.2.testBit j).map (·.1) =
        (List.range (k.eval ρ + 1)).filter fun t => (F t).testBit j := by simp [List.filter_map, Function.comp_def]
    have value : ∀ t ∈ List.range (k.eval ρ + 1), (Term.testBit (f.rename (Term.lift (· + 1))) (.var 1)).eval
        (t :: j :: ρ) = ((F t).testBit j).toNat := fun t ht => by
      rw [Term.eval_testBit, hit j t (by simp only [List.mem_range] at ht; omega)]; rfl
    have list : ∀ src : Nat → Nat, ((List.range (k.eval ρ + 1)).flatMap fun t =>
        if (Term.testBit (f.rename (Term.lift (· + 1))) (.var 1)).eval (t :: j :: ρ) ≠ 0 then [Item.wire (src t) 1]
        else []) = ((List.range (k.eval ρ + 1)).flatMap fun t =>
        if (F t).testBit j then [Item.wire (src t) 1] else []) := fun src => flatMap_congr fun t ht => by
      rw [value t ht]; cases (F t).testBit j <;> rfl
    simp only [List.sum_replicate_nat, Nat.mul_one, hits]
    simp only [Gate.items, List.map_append, List.map_map]
    simp only [map_filter_eq, length_filter_eq, Term.eval_add, Term.eval_sum, Term.eval_up, Term.eval_ofNat,
      Term.eval_var, List.getD_cons_zero, list, List.map_congr_left value, Nat.min_eq_left (hsum _ _)]
    rfl

/-- The template of MAJORITY lists its circuits. -/
theorem denotesIn_majority (ρ : List Nat) (k : Term) : DenotesIn ρ (majority k) (Circuit.majority (k.eval ρ)) := by
  simp [DenotesIn, majority, Circuit.majority, items, items_wires, Layer.items, Gate.items]

end Tmpl

/-- PARITY has a template. -/
theorem denotes_parity : Denotes (Tmpl.symmetric (.var 0) 1 (.var 0)) Circuit.parity := fun n =>
  Tmpl.denotesIn_symmetric (ρ := [n]) (k := .var 0) (m := 1) fun _ _ => rfl

/-- MAJORITY has a template. -/
theorem denotes_majority : Denotes (Tmpl.majority (.var 0)) Circuit.majority := fun n =>
  Tmpl.denotesIn_majority [n] (.var 0)

/-- The circuits of PARITY are generated in logarithmic space. -/
theorem logSpaceGenerated_parity : Space.LogSpaceGenerated fun n => Circuit.encode n (Circuit.parity n) :=
  logSpaceGenerated_of_denotes (.var 0) denotes_parity

/-- The circuits of MAJORITY are generated in logarithmic space. -/
theorem logSpaceGenerated_majority : Space.LogSpaceGenerated fun n => Circuit.encode n (Circuit.majority n) :=
  logSpaceGenerated_of_denotes (.var 0) denotes_majority

end Logprec
