import Logprec.Arith.Lookup
import Logprec.Circuit.Optimise
import Logprec.Network.Form

/-!
# The circuit of a network

Every node is a circuit; a stage has its nodes side by side; stages follow one another. The circuit of a node depends on
its *shape* only, that is the node with the number of bits of a value in place of its position: equal shapes have equal
circuits, which is what makes a short description of the circuit possible (`Logprec.Extract.Blocks`).
-/

namespace Logprec

/-- The shape of a node: the number of bits of a value stands in place of its position. -/
abbrev Shape := Node

deriving instance Hashable for Node

namespace Node

/-- The shape of a node, when the value at position `i` has `w i` bits. -/
def shape (w : Nat → Nat) : Node → Shape
  | copy i => copy (w i)
  | form bias lin quad shift width =>
    form bias (lin.map fun t => (t.1, w t.2)) (quad.map fun t => (t.1, w t.2.1, w t.2.2)) shift width
  | table i entries width => table (w i) entries width

end Node

namespace Shape

/-- The number of input bits: the operands follow one another. -/
def inputs (s : Shape) : Nat := s.operands.sum

/-- The depth that a shape needs. -/
def depth : Shape → Nat
  | .copy _ => 1
  | .form .. => Circuit.formDepth
  | .table .. => 3

/-- The circuit of a shape in depth `d`, if it does not need more. -/
def circuit (d : Nat) (s : Shape) : Circuit :=
  let C := match s with
    | .copy w => Circuit.carry w 1
    | .form bias lin quad shift width => Circuit.form bias lin quad shift width
    | .table w entries width => Circuit.lookup w width fun a => entries.getD a 0
  C ++ Circuit.carry (s.width id) (d - s.depth)

end Shape

/-- Where the values with the numbers of bits `ws` start, when the first starts at `off`. -/
def offsets : (off : Nat) → (ws : List Nat) → List Nat
  | _, [] => []
  | off, w :: ws => off :: offsets (off + w) ws

namespace Stage

/-- The shapes of the nodes, and for each node the positions of its operands' bits as runs: start and length. -/
def blocks (S : Stage) (ws : List Nat) : List (Shape × List (Nat × Nat)) :=
  let a := ws.toArray
  let o := (offsets 0 ws).toArray
  S.map fun v => (v.shape fun i => a.getD i 0, v.operands.map fun i => (o.getD i 0, a.getD i 0))

/-- The depth of a stage: 15 with a form, else 3 with a table, else 1. -/
def depth (S : Stage) : Nat := S.foldl (fun d v => max d (Shape.depth v)) 1

/-- The circuit of a stage that reads values with the numbers of bits `ws`, when the circuits of shapes are `C`. -/
def circuitOf (C : Shape → Circuit) (S : Stage) (ws : List Nat) : Circuit :=
  Circuit.par S.depth (S.blocks ws) (fun b => b.2.flatMap fun r => List.range' r.1 r.2) fun b => C b.1

/-- The circuit of a stage that reads values with the numbers of bits `ws`. -/
def circuit (S : Stage) (ws : List Nat) : Circuit := S.circuitOf (Shape.circuit S.depth) ws

end Stage

namespace Network

/-- The circuit of a network whose inputs have the numbers of bits `ws`, when the circuits of shapes are `C`, by their
depth. -/
def circuitOf (C : Nat → Shape → Circuit) : (N : Network) → (ws : List Nat) → Circuit
  | [], _ => []
  | S :: N, ws => S.circuitOf (C S.depth) ws ++ circuitOf C N (S.widths ws)

/-- The circuit of a network whose inputs have the numbers of bits `ws`. -/
def circuit (N : Network) (ws : List Nat) : Circuit := N.circuitOf Shape.circuit ws

/-- The same, when the circuit of every shape has been optimised. -/
def optimised (N : Network) (ws : List Nat) : Circuit := N.circuitOf (fun d s => (s.circuit d).optimise) ws

/-- The depth of the circuit of a network. -/
def depth (N : Network) : Nat := (N.map Stage.depth).sum

end Network

/-- The numbers in a bit string, when their numbers of bits are `ws`. -/
def values : (ws : List Nat) → List Bool → List Nat
  | [], _ => []
  | w :: ws, x => ofBits (x.take w) :: values ws (x.drop w)

/-! ## Depth -/

/-- Every node of the stage needs at most depth `b`. -/
def Stage.DepthLe (S : Stage) (b : Nat) : Prop := ∀ v ∈ S, Shape.depth v ≤ b

namespace Stage

/-- The depth of a stage is at most a bound for all its nodes. -/
theorem le_of_nodes {S : Stage} {b : Nat} (hb : 1 ≤ b) (h : S.DepthLe b) : S.depth ≤ b := by
  rw [depth]
  generalize ha : (1 : Nat) = a
  replace ha : a ≤ b := ha ▸ hb
  induction S generalizing a with
  | nil => exact ha
  | cons v S ih =>
    exact ih (fun u hu => h u (by simp [hu])) (max a (Shape.depth v)) (Nat.max_le.2 ⟨ha, h v (by simp)⟩)

/-- No node needs more than depth 15. -/
theorem depthLe (S : Stage) : S.DepthLe 15 := fun v _ => by cases v <;> simp [Shape.depth, Circuit.formDepth]

end Stage

end Logprec
