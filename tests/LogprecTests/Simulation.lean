import Logprec.Circuit.Serial
import Logprec.Simulation.Theorem
import Logprec.Transformer.Examples

/-!
# The simulating circuits, evaluated

The theorem says that the circuit computes what the transformer does; here both are run. Covered: the empty word, all
words of length 1 and 2 for MAJORITY, hard attention, planted faults, the size and depth of the built circuit against
the closed forms, and files cut short.
-/

namespace Logprec.Tests

open Circuit

/-- All words of `n` symbols of one bit. -/
def words : Nat → List (List (BitVec 1))
  | 0 => [[]]
  | n + 1 => (words n).flatMap fun w => [0#1 :: w, 1#1 :: w]

/-- Whether the circuit decides like the transformer on all words of length `n`. -/
def agrees (T : Transformer) (hT : T.symbolBits = 1) (C : Circuit) (n : Nat) : Bool :=
  (words n).all fun w =>
    let w := w.map (BitVec.cast hT.symm)
    C.eval (T.inputBits w) == [T.accepts w]

/-- The circuit of MAJORITY for two positions. -/
def majority2 : Circuit := Examples.majority.decisionCircuit 2

#guard agrees Examples.majority rfl (Examples.majority.decisionCircuit 0) 0
#guard agrees Examples.majority rfl (Examples.majority.decisionCircuit 1) 1
#guard agrees Examples.majority rfl majority2 2
#guard agrees (Examples.contains 1#1) rfl ((Examples.contains 1#1).decisionCircuit 1) 1

#guard (words 4).map Examples.majority.accepts = (words 4).map fun w => decide (w.count 0#1 < w.count 1#1)
#guard (words 4).map (Examples.contains 1#1).accepts = (words 4).map fun w => w.contains 1#1
#guard Examples.twoInARow.accepts [0, 1, 1, 0] && !Examples.twoInARow.accepts [1, 0, 1, 0, 1]

/-! ## Depth and size -/

#guard majority2.depth = 3 + (9 + 2 * Float.dSum) * 1 + 3
#guard majority2.size ≤ Examples.majority.decisionSize 2
#guard decide (majority2.WF 2)

/-! ## Planted faults -/

/-- Replace a gate of a layer. -/
def replaceGate (C : Circuit) (layer : Nat) (f : Gate → Gate) : Circuit :=
  C.modify layer fun L => L.map f

/-- An off-by-one threshold. -/
def raise : Gate → Gate
  | .atLeast k ws => .atLeast (k + 1) ws
  | .atMost k ws => .atMost k ws

/-- The other kind of gate. -/
def flip : Gate → Gate
  | .atLeast k ws => .atMost k ws
  | .atMost k ws => .atLeast k ws

#guard !agrees Examples.majority rfl (replaceGate majority2 0 raise) 2
#guard !agrees Examples.majority rfl (replaceGate majority2 (majority2.depth - 1) flip) 2
#guard !agrees Examples.majority rfl (majority2.dropLast) 2
-- a wire that points past the previous layer
#guard !decide (WF 2 (replaceGate majority2 1 (Gate.reindex fun _ => 1000)))

/-! ## Files -/

/-- A small circuit: x₀ ∧ x₁, negated. -/
def small : Circuit := [[.atLeast 2 [⟨0, 1⟩, ⟨1, 1⟩]], [.atMost 0 [⟨0, 1⟩]]]

#guard text 2 small = "logprec-circuit 1\n2\n0\n1 2 3 0 1 3 1 1\n0\n2 0 3 0 1\n4\n"
#guard (parse (text 2 small)).toOption == some (2, small)
#guard (parse (text 1 small)).toOption == none -- a wire out of range
#guard (parse ((text 2 small).dropEnd 2).toString).toOption == none -- cut short
#guard (parse "").toOption == none
#guard decode [] == none && decode [0] == none && decode [0, 4] == some (0, []) && decode [0, 4, 4] == none

end Logprec.Tests
