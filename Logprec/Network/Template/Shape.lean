import Logprec.Network.Circuit
import Logprec.Template.Derived

/-!
# Templates of integer networks

The networks of a model for all numbers `n` of positions, written once: the nodes of a stage are listed by loops, case
distinctions, nodes of constant shape, and sums with a variable number of terms. What is variable in them is a `Term`.
-/

namespace Logprec

/-- A list of nodes, in terms of variables. -/
inductive StageTmpl where
  /-- No node. -/
  | nil
  /-- One list after the other. -/
  | seq (a b : StageTmpl)
  /-- The body for variable 0 from 0 to `count - 1`. -/
  | loop (count : Term) (body : StageTmpl)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c : Term) (a b : StageTmpl)
  /-- A node of a constant shape: in `v`, the number of an operand stands in place of its position. Every operand is a
  position and its number of bits. -/
  | node (v : Node) (operands : List (Term × Nat))
  /-- A form with `k` linear terms `(c, i, u)`, where the position `i` depends on variable 0, which is the number of the
  term, and `u` is its number of bits; and likewise `k'` products `(c', i', u', j', v')`. -/
  | sum (bias : Int) (k : Term) (lin : Int × Term × Nat) (k' : Term) (quad : Int × Term × Nat × Term × Nat)
      (shift width : Nat)
  deriving Repr

namespace StageTmpl

/-- The nodes that are listed in an environment. -/
def nodes (ρ : List Nat) : StageTmpl → Stage
  | nil => []
  | seq a b => a.nodes ρ ++ b.nodes ρ
  | loop count body => (List.range (count.eval ρ)).flatMap fun i => body.nodes (i :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.nodes ρ else b.nodes ρ
  | node v operands => [v.shape fun i => (operands.getD i (0, 0)).1.eval ρ]
  | sum bias k (c, i, _) k' (c', i', _, j', _) shift width =>
    [.form bias ((List.range (k.eval ρ)).map fun t => (c, i.eval (t :: ρ)))
      ((List.range (k'.eval ρ)).map fun t => (c', i'.eval (t :: ρ), j'.eval (t :: ρ))) shift width]

/-- In an environment, where the value at position `i` has `w i` bits: the numbers of bits of operands are as they are
declared, and the positions of operands are declared. -/
def Fits (w : Nat → Nat) (ρ : List Nat) : StageTmpl → Prop
  | nil => True
  | seq a b => a.Fits w ρ ∧ b.Fits w ρ
  | loop count body => ∀ i < count.eval ρ, body.Fits w (i :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.Fits w ρ else b.Fits w ρ
  | node v operands => (∀ i ∈ v.operands, i < operands.length) ∧ ∀ o ∈ operands, w (o.1.eval ρ) = o.2
  | sum _ k (_, i, u) k' (_, i', u', j', v') _ _ => (∀ t < k.eval ρ, w (i.eval (t :: ρ)) = u) ∧
      ∀ t < k'.eval ρ, w (i'.eval (t :: ρ)) = u' ∧ w (j'.eval (t :: ρ)) = v'

/-- The stages `Ts` fit, one after the other; the values that the first reads have the numbers of bits `ws`. -/
def FitAll (ρ : List Nat) : (ws : List Nat) → List StageTmpl → Prop
  | _, [] => True
  | ws, T :: Ts => T.Fits (fun i => ws.getD i 0) ρ ∧ FitAll ρ ((T.nodes ρ).widths ws) Ts

end StageTmpl

end Logprec
