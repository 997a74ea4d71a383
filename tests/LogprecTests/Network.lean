import Logprec.Extract.Network

/-!
# Integer networks, run

The circuit of a network and the network itself, on all inputs.
-/

namespace LogprecTests.Network

open Logprec

/-- All values with the numbers of bits `ws`. -/
def allValues (ws : List Nat) : List (List Nat) := (List.range (2 ^ ws.sum)).map fun a => values ws (bits ws.sum a)

/-- Is the circuit `C` the network `N`: well-formed, of the depth of `N`, and equal on the inputs `xs`? -/
def isCircuitOn (C : Circuit) (N : Network) (ws : List Nat) (xs : List (List Nat)) : Bool :=
  decide (C.WF ws.sum) && C.depth == N.depth && xs.all fun x =>
    C.eval (valueBits ws x) == valueBits (N.widths ws) (N.eval x)

/-- Is the circuit of a network right on the inputs `xs`, optimised or not, and is the optimised one not larger? -/
def rightOn (N : Network) (ws : List Nat) (xs : List (List Nat)) : Bool :=
  isCircuitOn (N.circuit ws) N ws xs && isCircuitOn (N.optimised ws) N ws xs &&
    (N.optimised ws).size ≤ (N.circuit ws).size

/-- Is the circuit of a network right on all inputs? -/
def right (N : Network) (ws : List Nat) : Bool := rightOn N ws (allValues ws)

#guard allValues [1, 0, 1] = [[0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 0, 1]]

/-! ## Counters -/

#guard (List.range 10).all fun m => (List.range (2 ^ m)).all fun a =>
  (Circuit.counter m).eval (bits m a) == bits (m.log2 + 1) ((bits m a).count true)
#guard (Circuit.counter 15).depth = 2

/-! ## Forms -/

-- no terms: constants, negative, exact and too large
#guard right [[.form 5 [] [] 0 3, .form (-1) [] [] 0 3, .form 9 [] [] 0 3, .form 8 [] [] 1 3, .form 7 [] [] 0 0]] []
-- positive and negative coefficients, of a number that saturates on both sides
#guard right [[.form (-3) [(2, 0)] [] 0 3, .form 9 [(-2, 0)] [] 0 3, .form 0 [(1, 0)] [] 0 4,
  .form 0 [(0, 0)] [] 0 4]] [4]
-- shifts round down
#guard right [[.form (-5) [(3, 0), (-7, 1)] [] 2 3, .form 0 [(-1, 0)] [] 1 3, .form 0 [(5, 1)] [] 9 2]] [3, 3]
-- products, a square, equal operands in several terms
#guard right [[.form 1 [(1, 0)] [(1, 0, 1)] 0 5, .form 4 [] [(-1, 0, 1)] 1 3, .form 0 [(-6, 1)] [(1, 1, 1)] 0 4,
  .form 3 [(2, 1), (-1, 1)] [(3, 1, 0), (-2, 0, 1), (0, 0, 0)] 1 6]] [3, 2]
-- operands without bits
#guard right [[.form 2 [(5, 1), (1, 0)] [(3, 0, 1), (-3, 1, 0)] 0 4]] [2, 0]

/-! ## Networks -/

-- no stages; a stage without nodes; copies; tables that are too short, cut, or empty
#guard right [] [2, 1]
#guard right [[]] [2, 1]
#guard right [[.copy 1, .copy 0, .copy 1]] [2, 1]
#guard right [[.table 0 #[3, 9, 1] 3, .copy 0, .table 0 #[] 2]] [2]
-- nodes of all kinds side by side, and stages that read their saturated outputs
#guard right [[.copy 1, .table 0 #[1, 0, 3, 2, 7] 3, .form (-2) [(1, 0), (1, 1)] [] 0 2],
  [.form 0 [(1, 0), (-1, 1)] [(1, 2, 1)] 0 3, .copy 2]] [3, 2]
#guard Network.depth [[.copy 1, .table 0 #[1, 0, 3, 2, 7] 3, .form (-2) [(1, 0), (1, 1)] [] 0 2],
  [.copy 0], [.table 0 #[1] 1]] = 15 + 1 + 3

/-! ## Large sums -/

-- a sum of 40 numbers with many columns, and a product of 8-bit numbers
#guard rightOn [[.form (-700) ((List.range 40).map fun i => ((if i % 3 = 0 then -23 else 19), i)) [] 3 7]]
  (List.replicate 40 4) [List.replicate 40 15, List.replicate 40 0, (List.range 40).map (· % 16),
    (List.range 40).map fun i => if i % 3 = 0 then 0 else 15, (List.range 40).map fun i => if i % 3 = 0 then 15 else 0]
#guard rightOn [[.form (-16384) [(128, 0), (128, 1)] [(-1, 0, 1)] 3 8, .form 0 [] [(1, 0, 1)] 0 16]] [8, 8]
  [[255, 255], [0, 0], [255, 1], [170, 85], [128, 128], [127, 129], [200, 13]]

/-! ## Planted faults are found -/

-- another bias, another coefficient, another shift, rounding up instead of down
#guard !isCircuitOn (Network.circuit [[.form 1 [(1, 0)] [] 0 3]] [3]) [[.form 0 [(1, 0)] [] 0 3]] [3] (allValues [3])
#guard !isCircuitOn (Network.circuit [[.form 6 [(-1, 0)] [] 1 3]] [3]) [[.form 7 [(-1, 0)] [] 1 3]] [3] (allValues [3])
#guard !isCircuitOn (Network.circuit [[.form 0 [(3, 0)] [] 1 3]] [3]) [[.form 1 [(3, 0)] [] 1 3]] [3] (allValues [3])

/-! ## Printing -/

/-- A network with equal nodes, and the numbers of its file. -/
def sample : Network :=
  [[.copy 1, .table 0 #[1, 0, 3, 2, 7] 3, .form (-2) [(1, 0), (1, 1)] [] 0 2, .form (-2) [(1, 2), (1, 1)] [] 0 2],
    [.form 0 [(1, 0), (-1, 1)] [(1, 2, 1)] 0 3, .copy 3]]

/-- The file of `sample`, for inputs of 3, 2 and 3 bits. -/
def sampleFile : Array Nat := #[3, 3, 2, 3, 2,
  4, 0, 1, 2, 0, 3, 5, 1, 0, 3, 2, 7, 1, 3, 2, 2, 0, 2, 1, 0, 0, 2, 1, 3, 2, 2, 2, 2, 1, 0, 0, 2,
  2, 1, 0, 2, 2, 0, 1, 1, 1, 2, 2, 1, 0, 3, 0, 3]

#guard ((Extract.network.run sampleFile).run' 0).toOption == some (sample, [3, 2, 3])
#guard (List.range sampleFile.size).all (fun n => ((Extract.network.run (sampleFile.take n)).run' 0).toOption.isNone)
  && ((Extract.network.run (sampleFile.push 0)).run' 0).toOption.isNone -- cut short, or with a number too many
#guard ((Extract.network.run #[1, 3, 1, 1, 0, 1]).run' 0).toOption.isNone -- there is no second input
#guard Extract.mergeRuns [(3, 2), (5, 1), (6, 0), (2, 4), (7, 1)] = [(3, 3), (2, 4), (7, 1)]

/-- The lines that an action prints. -/
def printed (act : (String → IO Unit) → IO Unit) : IO (List String) := do
  let lines ← IO.mkRef #[]
  act fun l => lines.modify (·.push l)
  return (← lines.get).toList

-- the two sums are one shape, and so are the two copies of 2 bits
#eval show IO Unit from do
  let lines ← printed (Extract.printBlocks · false sample [3, 2, 3])
  let marks := lines.filter fun l => "5 ".isPrefixOf l || "6 ".isPrefixOf l || "7 ".isPrefixOf l
  unless marks == ["5 15", "6 0 2", "7 0 3 2", "6 1 3", "7 1 0 3", "6 2 5", "7 2 0 5", "7 2 5 3 3 2",
      "5 15", "6 3 10", "7 3 0 7 2 3", "7 0 7 2"] do
    throw (.userError s!"other blocks than expected: {marks}")

#guard
  [(false, sample.circuit [3, 2, 3]), (true, sample.optimised [3, 2, 3])].all fun (optimised, C) =>
    let s := Extract.networkSize optimised sample [3, 2, 3]
    s.size == C.size && s.depth == 30 && s.inputs == 8 && s.blocks == 6

-- the blocks are those of the circuit that is asked for
#eval show IO Unit from do
  let plain ← printed (Extract.printBlocks · false sample [3, 2, 3])
  let optimised ← printed (Extract.printBlocks · true sample [3, 2, 3])
  unless optimised.length < plain.length do throw (.userError "the optimised blocks are not smaller")

end LogprecTests.Network
