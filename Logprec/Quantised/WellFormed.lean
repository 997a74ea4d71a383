import Logprec.Quantised.Defs

/-!
# Well-formed models

A model is well-formed when its dimensions agree: a matrix has as many weights in a row as the vector has coordinates
that it is applied to. The definitions of `Logprec.Quantised.Defs` are total, so they also mean something where
dimensions disagree (products are cut to the shorter vector); the compiler and its theorem ask for well-formed models,
and a model file is refused when its model is not well-formed.

All conditions are decidable. Tables may have any length: an index beyond a table reads 0.
-/

namespace Logprec.Quantised

/-- An affine map from vectors of `m` numbers to vectors of `k` numbers. -/
def Affine.WF (m k : Nat) (A : Affine) : Prop := A.rows.length = k ∧ ∀ r ∈ A.rows, r.2.length = m

instance (m k A) : Decidable (Affine.WF m k A) := inferInstanceAs (Decidable (_ ∧ _))

/-- A head of a model whose states have `d` coordinates. -/
def Head.WF (d : Nat) (H : Head) : Prop :=
  H.query.WF d H.query.rows.length ∧ H.key.WF d H.query.rows.length ∧ H.value.WF d H.value.rows.length

instance (d H) : Decidable (Head.WF d H) := inferInstanceAs (Decidable (_ ∧ _))

/-- The number of coordinates that the heads compute. -/
def Attention.outDim (A : Attention) : Nat := (A.heads.map fun H => H.value.rows.length).sum

/-- An attention sublayer of a model whose states have `d` coordinates. -/
def Attention.WF (d : Nat) (A : Attention) : Prop :=
  (∀ H ∈ A.heads, H.WF d) ∧ 1 ≤ A.weightedBits ∧ A.out.WF A.outDim d

instance (d A) : Decidable (Attention.WF d A) := inferInstanceAs (Decidable (_ ∧ _))

/-- A local sublayer of a model whose states have `d` coordinates. -/
def Local.WF (d : Nat) : Local → Prop
  | norm _ => True
  | feedForward _ up down => up.WF d up.rows.length ∧ down.WF up.rows.length d

instance (d) : DecidablePred (Local.WF d)
  | .norm _ => inferInstanceAs (Decidable True)
  | .feedForward .. => inferInstanceAs (Decidable (_ ∧ _))

/-- A layer of a model whose states have `d` coordinates. -/
def Layer.WF (d : Nat) (L : Layer) : Prop := L.attention.WF d ∧ ∀ l ∈ L.locals, l.WF d

instance (d L) : Decidable (Layer.WF d L) := inferInstanceAs (Decidable (_ ∧ _))

/-- A model whose dimensions agree, with at least one bit for each signed number. -/
def Model.WF (M : Model) : Prop :=
  1 ≤ M.width ∧ 1 ≤ M.readoutBits ∧ (∀ l ∈ M.pre, l.WF M.dim) ∧ (∀ L ∈ M.layers, L.WF M.dim) ∧
    M.readout.WF M.dim M.readout.rows.length

instance (M : Model) : Decidable M.WF := inferInstanceAs (Decidable (_ ∧ _))

end Logprec.Quantised
