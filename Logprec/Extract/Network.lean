import Logprec.Extract.Blocks
import Logprec.Extract.Read

/-!
# Integer networks as files

A file of an integer network is a list of naturals: the number of inputs and the number of bits of each; the number of
stages; for every stage the number of its nodes and the nodes:

* a copy `0 src`;
* a form `1 bias n (c src)ⁿ m (c src src)ᵐ shift width`;
* a table `2 src width n entryⁿ`.

Biases and coefficients may be negative: `z ≥ 0` is written as `2 z`, and `z < 0` as `-2 z - 1`.
-/

namespace Logprec.Extract

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
