import Logprec.Network.Stage
import Logprec.Network.Template.Shape
import Logprec.Template.Total

/-!
# Where the values of a stage start

The bits of the values of a stage follow one another. The number of bits of the first `m` values is a term in `m`, by
recursion over the template of the stage.
-/

namespace Logprec

private theorem sum_take_append (l l' : List Nat) (m : Nat) :
    ((l ++ l').take m).sum = (l.take m).sum + (l'.take (m - l.length)).sum := by
  rw [List.take_append, List.sum_append_nat]

private theorem sum_take_flatMap_range (f : Nat → List Nat) (m : Nat) : ∀ n : Nat,
    (((List.range n).flatMap f).take m).sum = ((List.range n).map fun i =>
      ((f i).take (m - ((List.range i).map fun j => (f j).length).sum)).sum).sum
  | 0 => by simp
  | n + 1 => by
    rw [List.range_succ, List.flatMap_append, sum_take_append, sum_take_flatMap_range f m n, List.map_append,
      List.sum_append_nat, List.length_flatMap]
    simp

/-- Where a value starts: behind the bits of those before it. -/
theorem getD_offsets : ∀ {ws : List Nat} {off i : Nat}, i < ws.length →
    (offsets off ws).getD i 0 = off + (ws.take i).sum
  | w :: ws, off, 0, _ => by simp [offsets]
  | w :: ws, off, i + 1, h => by
    have := getD_offsets (ws := ws) (off := off + w) (i := i) (by simpa using h)
    simp only [offsets, List.getD_cons_succ, this, List.take_succ_cons, List.sum_cons]
    omega
  | [], _, _, h => by simp at h

namespace StageTmpl

/-- The number of nodes. -/
def count : StageTmpl → Term
  | nil => 0
  | seq a b => a.count + b.count
  | loop n body => .total n body.count
  | ite c a b => .ite c a.count b.count
  | node .. | sum .. => 1

/-- Its value. -/
@[simp] theorem eval_count (T : StageTmpl) (ρ : List Nat) : T.count.eval ρ = (T.nodes ρ).length := by
  induction T generalizing ρ with
  | nil => rfl
  | seq a b iha ihb => simp [count, nodes, iha, ihb]
  | loop n body ih => simp [count, nodes, ih, List.length_flatMap]
  | ite c a b iha ihb => simp only [count, nodes, Term.eval_ite, iha, ihb]; split <;> rfl
  | node => rfl
  | sum => rfl

/-- The shape of a node of constant shape. -/
def nodeShape (v : Node) (operands : List (Term × Nat)) : Shape := v.shape fun i => (operands.getD i (0, 0)).2

/-- The number of bits of the first nodes, whose number is variable 0. -/
def prefixBits : StageTmpl → Term
  | nil => 0
  | seq a b => a.prefixBits + .letIn (.var 0 - a.count.up) b.prefixBits.under
  | loop n body => .total n.up <|
      .letIn (.var 1 - .total (.var 0) body.count.under.under)
        body.prefixBits.under₂
  | ite c a b => .ite c.up a.prefixBits b.prefixBits
  | node v operands => .ite (.var 0) (.lit ((nodeShape v operands).width id)) 0
  | sum _ _ _ _ _ _ width => .ite (.var 0) (.lit width) 0

/-- The shape of a node is constant. -/
theorem shape_node {w : Nat → Nat} {ρ : List Nat} {v : Node} {operands : List (Term × Nat)}
    (h : (node v operands).Fits w ρ) :
    (v.shape fun i => (operands.getD i (0, 0)).1.eval ρ).shape w = nodeShape v operands := by
  have key : ∀ i ∈ v.operands, w ((operands.getD i (0, 0)).1.eval ρ) = (operands.getD i (0, 0)).2 := fun i hi => by
    have hl := h.1 i hi
    have := h.2 operands[i] (by simp)
    simpa [List.getD_eq_getElem?_getD, hl] using this
  cases v with
  | copy i => simpa [Node.shape, nodeShape, Node.operands] using key
  | table i entries width => simpa [Node.shape, nodeShape, Node.operands] using key
  | form bias lin quad shift width =>
    simp only [Node.operands, List.mem_append, List.mem_map, List.mem_flatMap] at key
    simp only [Node.shape, nodeShape, List.map_map, Function.comp_def, Node.form.injEq, true_and, and_true]
    refine ⟨List.map_congr_left fun t ht => ?_, List.map_congr_left fun t ht => ?_⟩
    · rw [key _ (.inl ⟨t, ht, rfl⟩)]
    · rw [key _ (.inr ⟨t, ht, by simp⟩), key _ (.inr ⟨t, ht, by simp⟩)]

/-- **The number of bits of the first nodes.** -/
theorem eval_prefixBits (T : StageTmpl) {w : Nat → Nat} {ρ : List Nat} (h : T.Fits w ρ) (m : Nat) :
    T.prefixBits.eval (m :: ρ) = (((T.nodes ρ).map (Node.width w)).take m).sum := by
  have single : ∀ (m k : Nat) (ρ : List Nat), (Term.ite (.var 0) (.lit k) 0).eval (m :: ρ) = ([k].take m).sum :=
    fun m k ρ => by cases m <;> simp
  induction T generalizing ρ m with
  | nil => simp [prefixBits, nodes]
  | seq a b iha ihb =>
    rw [nodes, List.map_append, sum_take_append, prefixBits, Term.eval_add, iha h.1, Term.eval_letIn, Term.eval_under,
      ihb h.2]
    simp
  | loop n body ih =>
    rw [nodes, List.map_flatMap, sum_take_flatMap_range, prefixBits, Term.eval_total, Term.eval_up]
    congr 1
    refine List.map_congr_left fun i hi => ?_
    rw [Term.eval_letIn, Term.eval_under₂, ih (h i (List.mem_range.1 hi))]
    simp
  | ite c a b iha ihb =>
    rw [nodes, prefixBits, Term.eval_ite, Term.eval_up]
    simp only [Fits] at h
    by_cases hc : c.eval ρ ≠ 0
    · rw [if_pos hc] at h ⊢
      rw [if_pos hc]
      exact iha h m
    · rw [if_neg hc] at h ⊢
      rw [if_neg hc]
      exact ihb h m
  | node v operands =>
    rw [prefixBits, single, nodes, ← shape_node h, Shape.width_shape]
    rfl
  | sum => exact single _ _ _

end StageTmpl

end Logprec
