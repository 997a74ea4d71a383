import Logprec.Circuit.Text
import Logprec.Extract.Read
import Logprec.Network.Construct
import Std.Data.HashMap

/-!
# Integer networks as files, and their circuits in blocks

A file of an integer network is a list of naturals: the number of inputs and the number of bits of each; the number of
stages; for every stage the number of its nodes and the nodes:

* a copy `0 src`;
* a form `1 bias n (c src)ⁿ m (c src src)ᵐ shift width`;
* a table `2 src width n entryⁿ`.

Biases and coefficients may be negative: `z ≥ 0` is written as `2 z`, and `z < 0` as `-2 z - 1`.
-/

namespace Logprec.Extract

/-! ## Printing the circuit

Equal nodes have equal circuits, so the circuit of a network is printed as its distinct shapes, each once, and a list of
blocks that say which shape stands where. The text is a header line and numbers:

* the number of input bits;
* for every stage `5 depth`, and then its blocks in order;
* a block `7 shape start len start len …`: a circuit whose inputs are the runs of bits of the stage before, one after
  the other; the outputs of the blocks follow one another;
* before the first block of a new shape, `6 shape inputs`, the layers of its circuit as in a circuit file, and `4`;
* after the last stage `8`.

The circuit of a stage is the `Circuit.par` of its blocks, as in `Stage.circuitOf`: layer `i` has the gates of layer `i`
of all blocks.
-/

/-- The first line of a file of blocks. -/
def blocksHeader : String := "logprec-blocks 1"

/-- Join runs of positions where one starts at the end of the one before it. -/
def mergeRuns (runs : List (Nat × Nat)) : List (Nat × Nat) :=
  (runs.foldl (init := []) fun acc r =>
    match acc with
    | (start, len) :: acc' => if start + len = r.1 then (start, len + r.2) :: acc' else r :: acc
    | [] => [r]).reverse

/-- The circuits that a stage is put together from: their depth, and a shape. -/
abbrev BlockKey := Nat × Shape

/-- The circuit of a key, optimised or not. -/
def BlockKey.circuit (optimised : Bool) (k : BlockKey) : Circuit :=
  let C := k.2.circuit k.1
  if optimised then C.optimise else C

/-- Print the circuit of a network whose inputs have the numbers of bits `ws`, every shape once. -/
def printBlocks (put : String → IO Unit) (optimised : Bool) (N : Network) (ws : List Nat) : IO Unit := do
  put blocksHeader
  put (toString ws.sum)
  let mut ids : Std.HashMap BlockKey Nat := {}
  let mut ws := ws
  for S in N do
    let depth := S.depth
    put s!"5 {depth}"
    for (s, runs) in S.blocks ws do
      let key : BlockKey := (depth, s)
      let id := ids.getD key ids.size
      if id = ids.size then
        ids := ids.insert key id
        put s!"6 {id} {s.inputs}"
        for L in key.circuit optimised do
          put "0"
          for g in L do put g.line
        put "4"
      put (" ".intercalate (s!"7 {id}" :: (mergeRuns runs).map fun r => s!"{r.1} {r.2}"))
    ws := S.widths ws
  put "8"

/-- Print the circuit of a network as a circuit file. -/
def printFlat (put : String → IO Unit) (optimised : Bool) (N : Network) (ws : List Nat) : IO Unit :=
  Circuit.render put ws.sum (if optimised then N.optimised ws else N.circuit ws)

/-- What there is to know about a circuit before it is built. -/
structure NetworkSize where
  /-- The number of input bits. -/
  inputs : Nat
  /-- The number of layers. -/
  depth : Nat
  /-- Gates and wires, exactly. -/
  size : Nat
  /-- Gates and wires of the distinct shapes, each counted once. -/
  shapesSize : Nat
  /-- The number of distinct shapes. -/
  shapes : Nat
  /-- The number of blocks. -/
  blocks : Nat

/-- The size of the circuit of a network. Every shape is built once. -/
def networkSize (optimised : Bool) (N : Network) (ws : List Nat) : NetworkSize := Id.run do
  let mut sizes : Std.HashMap BlockKey Nat := {}
  let mut widths := ws
  let mut total := 0
  let mut shapesTotal := 0
  let mut blocks := 0
  for S in N do
    let depth := S.depth
    for (s, _) in S.blocks widths do
      let key : BlockKey := (depth, s)
      blocks := blocks + 1
      match sizes[key]? with
      | some n => total := total + n
      | none =>
        let n := (key.circuit optimised).size
        sizes := sizes.insert key n
        total := total + n
        shapesTotal := shapesTotal + n
    widths := S.widths widths
  return { inputs := ws.sum, depth := N.depth, size := total, shapesSize := shapesTotal, shapes := sizes.size, blocks }

/-- Print inputs, depth, size, size of the distinct shapes, their number, and the number of blocks. -/
def printNetworkSize (put : String → IO Unit) (optimised : Bool) (N : Network) (ws : List Nat) : IO Unit := do
  let s := networkSize optimised N ws
  put s!"{s.inputs} {s.depth} {s.size} {s.shapesSize} {s.shapes} {s.blocks}"

/-! ## Reading and running -/

/-- The greatest number of bits of the index of a table. -/
def maxIndexBits : Nat := 20

/-- A list of `n` things. -/
def many {α : Type} (n : Nat) (r : Reader α) : Reader (List α) := do
  let mut out := #[]
  for _ in [0:n] do out := out.push (← r)
  return out.toList

/-- The position of an operand, of `m`. -/
def operand (m : Nat) : Reader Nat := do
  let i ← next "an operand"
  unless i < m do throw s!"an operand is at position {i}, and the stage before has {m} values"
  return i

/-- A node that reads values with the numbers of bits `ws`. -/
def node (ws : Array Nat) : Reader Node := do
  match ← next "a node" with
  | 0 => return .copy (← operand ws.size)
  | 1 =>
    let bias ← nextInt "a bias"
    let n ← next "the number of linear terms"
    let lin ← many n do return (← nextInt "a coefficient", ← operand ws.size)
    let m ← next "the number of products"
    let quad ← many m do return (← nextInt "a coefficient", ← operand ws.size, ← operand ws.size)
    return .form bias lin quad (← next "a shift") (← next "a width")
  | 2 =>
    let src ← operand ws.size
    if ws.getD src 0 > maxIndexBits then
      throw s!"a table is read at {ws.getD src 0} bits; {maxIndexBits} are the most"
    let width ← next "a width"
    let n ← next "the number of entries"
    return .table src (← table "a table" n (2 ^ width)) width
  | k => throw s!"a node starts with 0, 1 or 2, not {k}"

/-- A network, and the numbers of bits of its inputs. -/
def network : Reader (Network × List Nat) := do
  let n ← next "the number of inputs"
  let ws ← many n (next "the number of bits of an input")
  let count ← next "the number of stages"
  let mut stages := #[]
  let mut widths := ws
  for _ in [0:count] do
    let a := widths.toArray
    let S ← many (← next "the number of nodes") (node a)
    stages := stages.push S
    widths := Stage.widths S widths
  done "its last node"
  return (stages.toList, ws)

/-- Run a network on inputs, one a line. -/
def runValues (N : Network) (ws : List Nat) : IO Unit :=
  forLines fun line => do
    let some x := ((line.splitOn " ").filter (· ≠ "")).mapM String.toNat?
      | fail s!"an input must be numbers, not '{line}'"
    unless x.length == ws.length do fail s!"an input has {x.length} values, not {ws.length}"
    for (v, w) in x.zip ws do
      unless v < 2 ^ w do fail s!"{v} is not a number of {w} bits"
    IO.println (" ".intercalate ((N.eval x).map toString))

/-- The commands for a network whose inputs have given numbers of bits: print blocks, the circuit, its size, each with
the circuits of nodes optimised or not; or run. -/
def networkMain (command : String) (flags : List String) (N : Network × List Nat) : IO Unit := do
  let out ← IO.getStdout
  let optimised ← match flags with
    | [] => pure false
    | ["--optimise"] => pure true
    | _ => fail s!"the only flag is --optimise, not '{" ".intercalate flags}'"
  match command with
  | "blocks" => printBlocks out.putStrLn optimised N.1 N.2
  | "circuit" => printFlat out.putStrLn optimised N.1 N.2
  | "size" => printNetworkSize out.putStrLn optimised N.1 N.2
  | "run" => runValues N.1 N.2
  | _ => fail s!"the commands for networks are blocks, circuit, size and run, not '{command}'"
  out.flush

end Logprec.Extract
