import Logprec.Circuit.Serial
import Logprec.Template.Term

/-!
# Circuit templates

A template is a program that lists the gates of a layer: loops, `let`, conditionals, gates with a term for the
threshold, and wires, which belong to the gate that was listed last, with terms for the position read and the
multiplicity. A circuit template is a constant number of layer templates. So the depth of the circuits that it denotes
is constant by construction, and that they are generated in logarithmic space is one theorem about all templates
(`Logprec.Template.Compile`).
-/

namespace Logprec

/-- What is listed: the start of a gate, or a wire of the gate that started last. -/
inductive Item where
  /-- A gate starts: θ≥ₖ if `atLeast`, else θ≤ₖ. -/
  | gate (atLeast : Bool) (k : Nat)
  /-- A wire. -/
  | wire (src mult : Nat)
  deriving Repr, DecidableEq

/-- The numbers of an item in the serialisation of a circuit. -/
def Item.encode : Item → List Nat
  | gate true k => [1, k]
  | gate false k => [2, k]
  | wire src mult => [3, src, mult]

/-- The item of a wire. -/
def Wire.item (w : Wire) : Item := .wire w.src w.mult

/-- The items of a gate. -/
def Gate.items : Gate → List Item
  | atLeast k ws => .gate true k :: ws.map Wire.item
  | atMost k ws => .gate false k :: ws.map Wire.item

/-- The items of a layer. -/
def Layer.items (L : Layer) : List Item := L.flatMap Gate.items

/-- The numbers of a gate are those of its items. -/
theorem Gate.encode_eq (g : Gate) : g.encode = g.items.flatMap Item.encode := by
  cases g <;> simp [encode, items, Item.encode, List.flatMap_map, Wire.item] <;> rfl

/-- The numbers of a layer are its mark and those of its items. -/
theorem Layer.encode_eq (L : Layer) : L.encode = 0 :: L.items.flatMap Item.encode := by
  simp only [encode, items, List.flatMap_assoc, ← Gate.encode_eq]

/-- Layer templates. -/
inductive Tmpl where
  /-- Nothing. -/
  | nil
  /-- One after the other. -/
  | seq (a b : Tmpl)
  /-- The body for variable 0 from 0 to `count - 1`. -/
  | loop (count : Term) (body : Tmpl)
  /-- The body, whose variable 0 is the value of `t`. -/
  | letIn (t : Term) (body : Tmpl)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c : Term) (a b : Tmpl)
  /-- A gate starts: θ≥ₖ if `atLeast`, else θ≤ₖ. -/
  | gate (atLeast : Bool) (k : Term)
  /-- A wire of the gate that started last. -/
  | wire (src mult : Term)
  deriving Repr, DecidableEq

namespace Tmpl

/-- What a template lists in an environment. -/
def items (ρ : List Nat) : Tmpl → List Item
  | nil => []
  | seq a b => a.items ρ ++ b.items ρ
  | loop count body => (List.range (count.eval ρ)).flatMap fun i => body.items (i :: ρ)
  | letIn t body => body.items (t.eval ρ :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.items ρ else b.items ρ
  | gate atLeast k => [.gate atLeast (k.eval ρ)]
  | wire src mult => [.wire (src.eval ρ) (mult.eval ρ)]

end Tmpl

/-- In the environment `ρ`, the templates `ts` list the layers of `C`. -/
def DenotesIn (ρ : List Nat) (ts : List Tmpl) (C : Circuit) : Prop :=
  ts.map (Tmpl.items ρ) = C.map Layer.items

/-- The first `k` templates list the first `k` layers. -/
theorem DenotesIn.take {ρ : List Nat} {ts : List Tmpl} {C : Circuit} (k : Nat) (h : DenotesIn ρ ts C) :
    DenotesIn ρ (ts.take k) (C.take k) := by
  simpa [DenotesIn] using congrArg (List.take k) h

/-- The templates `ts` denote the circuits `C`: with the input length as variable 0, they list the layers of `C n`. -/
def Denotes (ts : List Tmpl) (C : Nat → Circuit) : Prop := ∀ n, DenotesIn [n] ts (C n)

/-- The circuits have the depth of their template, which is constant. -/
theorem Denotes.depth_eq {ts : List Tmpl} {C : Nat → Circuit} (h : Denotes ts C) (n : Nat) :
    (C n).depth = ts.length := by
  simpa [Circuit.depth] using (congrArg List.length (h n)).symm

end Logprec
