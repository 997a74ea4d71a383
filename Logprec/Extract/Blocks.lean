import Logprec.Circuit.Serial
import Logprec.Network.Circuit
import Std.Data.HashMap

/-!
# Printing the circuit of a network

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

namespace Logprec.Extract

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

end Logprec.Extract
