import Logprec.Circuit.Text
import Logprec.Extract.Network
import Logprec.Extract.Programs
import Logprec.Extract.Quantised
import Logprec.Extract.Read
import Logprec.Quantised.Construct
import Logprec.Simulation.Construct

/-!
# The constructor as a program

Reads the tables of a transformer and prints its circuit, evaluating the `Transformer.decisionCircuit` or
`Transformer.circuit` of the simulation theorem; or prints, as C, the register program that is proved to output it.
Circuits of quantised models are printed in blocks. Parsing and printing are tested, not proved. It also runs the
transformer and evaluates circuits by their definitions, for comparison with other implementations.
-/

namespace Logprec.Extract

/-- The greatest number of entries a table may have; a larger one does not fit memory. -/
def maxEntries : Nat := 2 ^ 26

/-- The tables of a model. -/
def tables : Reader Tables := do
  let b ← next "the number of bits of a symbol"
  let D ← next "the number of coordinates"
  let p ← next "the precision"
  let N ← next "the greatest length"
  let L ← next "the number of layers"
  let w := D * p
  if 2 * p + w > 26 || 2 * w > 26 || b > 26 then
    throw s!"{D} coordinates of {p} bits need tables of more than {maxEntries} entries"
  let embed ← table "the embedding" (N * 2 ^ b) (2 ^ w)
  let mut blocks := #[]
  for l in [0:L] do
    let k ← next s!"the number of heads of layer {l}"
    if (k + 1) * w > 26 then
      throw s!"layer {l} has {k} heads: its activation needs a table of more than {maxEntries} entries"
    let mut heads := #[]
    for h in [0:k] do
      let mask ← next s!"the mask of layer {l}, head {h}"
      if mask > 1 then throw s!"layer {l}, head {h}: the mask must be 0 (none) or 1 (causal), not {mask}"
      let similarity ← table s!"the similarity of layer {l}, head {h}" (2 ^ w * 2 ^ w) (2 ^ p)
      let weighting ← table s!"the weighting of layer {l}, head {h}" (2 ^ p * 2 ^ p * 2 ^ w) (2 ^ w)
      heads := heads.push { causal := mask == 1, similarity, weighting }
    let activation ← table s!"the activation of layer {l}" (2 ^ ((k + 1) * w)) (2 ^ w)
    blocks := blocks.push { heads := heads.toList, activation }
  let accept ← table "the acceptance table" (2 ^ w) 2
  done "its last table"
  return { symbolBits := b, dim := D, prec := p, maxLength := N, embed, blocks := blocks.toList, accept }

/-- The tables in a file, and a length they allow. -/
def readModel (path n : String) : IO (Tables × Nat) := do
  let n ← readLength n
  let M ← readFile tables path
  if n > M.maxLength then fail s!"{path}: the model has positions for {M.maxLength} symbols, not for {n}"
  return (M, n)

/-- Print the circuit for length `n`. -/
def printCircuit (M : Tables) (n : Nat) (states : Bool) : IO Unit := do
  let T := M.toTransformer
  let out ← IO.getStdout
  Circuit.render (fun l => out.putStrLn l) (n * T.symbolBits) (if states then T.circuit n else T.decisionCircuit n)
  out.flush

/-- Print the C program that prints the circuits of a model, for all lengths. -/
def printC (M : Tables) : IO Unit := do
  let title := "The circuits of a transformer that is given by tables, for every length N."
  (← IO.getStdout).putStr (program title .circuit M.program)

/-- Print a bound on the size without building: inputs, depth, size. -/
def printSize (M : Tables) (n : Nat) (states : Bool) : IO Unit := do
  let T := M.toTransformer
  let depth := 3 + layerDepth * T.blocks.length + if states then 0 else 3
  IO.println s!"{n * T.symbolBits} {depth} {if states then T.circuitSize n else T.decisionSize n}"

/-- Run the transformer on words of length `n`, one a line. -/
def runWords (M : Tables) (n : Nat) : IO Unit := do
  let T := M.toTransformer
  forWords n T.symbolBits fun word => do
    let word := word.map (BitVec.ofNat T.symbolBits)
    let states := (T.states word).map fun h => toString h.toNat
    IO.println (" ".intercalate (toString (T.accepts word).toNat :: states))

/-- Evaluate a circuit file on strings of zeros and ones, one a line. -/
def evalCircuit (path : String) : IO Unit := do
  let text ← try IO.FS.readFile path catch e => fail s!"cannot read {path}: {e}"
  match Circuit.parse text with
  | .error e => fail s!"{path}: {e}"
  | .ok (m, C) => forLines fun line => do
      unless line.length == m && line.all (fun c => c == '0' || c == '1') do
        fail s!"an input must be {m} zeros and ones, not '{line}'"
      IO.println (String.ofList ((C.eval (line.toList.map (· == '1'))).map fun b => if b then '1' else '0'))

/-- The value, or an end with the message. -/
def orFail {α : Type} : Except String α → IO α
  | .ok a => return a
  | .error e => fail e

/-- What `machineMain` says of a program. -/
def runMachine (P : Space.Prog) (numbers : List String) : IO Unit := do
  (← orFail (machineMain P (← numbers.mapM readLength))).forM IO.println

end Logprec.Extract

open Logprec.Extract in
/-- Usage: `circuit|size MODEL N [--states]`, `c MODEL`, `run MODEL N`, `eval CIRCUIT`, `machine PROGRAM [N [STEPS]]`
and `layers MODEL K [N [STEPS]]` (`machineMain`, `layersProg`); for a quantised model
`qrun|qnet MODEL N` and `qnetwork COMMAND MODEL N [--optimise]`; for an integer network
`network COMMAND NETWORK [--optimise]`, where the commands are `blocks`, `circuit`, `size` and `run`; and the table of
exponentials `exp SQUARINGS SCOREBITS EXPBITS PEAK A B` (`expTable`). -/
def main : List String → IO UInt32
  | ["circuit", path, n] => do let (M, n) ← readModel path n; printCircuit M n false; return 0
  | ["circuit", path, n, "--states"] => do let (M, n) ← readModel path n; printCircuit M n true; return 0
  | ["size", path, n] => do let (M, n) ← readModel path n; printSize M n false; return 0
  | ["size", path, n, "--states"] => do let (M, n) ← readModel path n; printSize M n true; return 0
  | ["run", path, n] => do let (M, n) ← readModel path n; runWords M n; return 0
  | ["c", path] => do printC (← readModel path "0").1; return 0
  | ["qrun", path, n] => do runQuantised (← readFile nextModel path) (← readLength n); return 0
  | ["qnet", path, n] => do runNetwork (← readFile nextModel path) (← readLength n); return 0
  | "network" :: command :: path :: flags => do networkMain command flags (← readFile network path); return 0
  | "qnetwork" :: command :: path :: n :: flags => do
    let M ← readFile nextModel path
    let n ← readLength n
    networkMain command flags (M.network n, List.replicate n M.symbolBits)
    return 0
  | ["exp", m, scoreBits, expBits, peak, a, b] => do
    let number := fun (text : String) => orFail (text.toNat?.elim (.error s!"not a number: '{text}'") Except.ok)
    let table := Logprec.Quantised.expTable (← number m) (← number scoreBits) (← number expBits) (← number peak)
      (← number a) (← number b)
    IO.println (" ".intercalate (table.toList.map toString))
    return 0
  | ["eval", path] => do evalCircuit path; return 0
  | "machine" :: name :: numbers => do runMachine (← orFail (namedProgram name)) numbers; return 0
  | "layers" :: path :: k :: numbers => do
    let (M, _) ← readModel path "0"
    runMachine (layersProg M (← readLength k)) numbers
    return 0
  | _ => fail ("usage: circuit|size MODEL N [--states] | c MODEL | run MODEL N | qrun|qnet MODEL N | eval CIRCUIT | " ++
      "machine PROGRAM [N [STEPS]] | layers MODEL K [N [STEPS]] | " ++
      "network COMMAND NETWORK [--optimise] | qnetwork COMMAND MODEL N [--optimise] | " ++
      "exp SQUARINGS SCOREBITS EXPBITS PEAK A B, " ++
      "where COMMAND is blocks, circuit, size or run")
