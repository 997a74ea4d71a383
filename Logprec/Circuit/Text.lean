import Logprec.Circuit.Defs

/-!
# Circuits as text

What circuit files hold is the serialisation (`Circuit.encode`), a line for a mark or a gate. That reading the numbers
inverts writing them is proved in `Logprec.Circuit.Serial`.
-/

namespace Logprec

/-! ## Circuits as lists of numbers, and as text: proofs

About the definitions in `Logprec.Circuit.Defs`.
-/

namespace Circuit

/-! ## Reading -/

/-- What one mark with its arguments says. -/
inductive Token where
  /-- `0`: a layer starts. -/
  | layer
  /-- `1 k`: a gate θ≥ₖ starts. -/
  | atLeast (k : Nat)
  /-- `2 k`: a gate θ≤ₖ starts. -/
  | atMost (k : Nat)
  /-- `3 src mult`: a wire of the gate that started last. -/
  | wire (w : Wire)
  deriving Repr

/-- Cut a list of numbers, which must end with the mark `4`, into tokens. The tokens come last first, in front of
those in `acc`. -/
def scan (acc : List Token) : List Nat → Option (List Token)
  | [4] => some acc
  | 0 :: r => scan (.layer :: acc) r
  | 1 :: k :: r => scan (.atLeast k :: acc) r
  | 2 :: k :: r => scan (.atMost k :: acc) r
  | 3 :: s :: t :: r => scan (.wire ⟨s, t⟩ :: acc) r
  | _ => none

/-- A circuit read from its end: the wires whose gate, the gates whose layer has not been reached yet, and the
layers behind those. -/
structure Partial where
  /-- Wires that wait for their gate. -/
  wires : List Wire := []
  /-- Gates that wait for their layer. -/
  gates : List Gate := []
  /-- Complete layers. -/
  layers : List Layer := []

/-- Put the token in front of what has been read. A layer mark must not be followed by a wire. -/
def Partial.step (s : Option Partial) : Token → Option Partial
  | .wire w => s.map fun s => { s with wires := w :: s.wires }
  | .atLeast k => s.map fun s => { s with wires := [], gates := .atLeast k s.wires :: s.gates }
  | .atMost k => s.map fun s => { s with wires := [], gates := .atMost k s.wires :: s.gates }
  | .layer => s.bind fun s => if s.wires.isEmpty then some ⟨[], [], s.gates :: s.layers⟩ else none

/-- The circuit that a list of numbers denotes, with its number of inputs; `none` if it is not a serialisation. -/
def decode : List Nat → Option (Nat × Circuit)
  | [] => none
  | inputs :: r => do
    let s ← (← scan [] r).foldl Partial.step (some {})
    if s.wires.isEmpty && s.gates.isEmpty then some (inputs, s.layers) else none

end Circuit

/-! ## Text -/

/-- The numbers of a gate in decimal: its line of a circuit file. -/
def Gate.line (g : Gate) : String := " ".intercalate (g.encode.map toString)

namespace Circuit

/-- The first line of a circuit file. -/
def header : String := "logprec-circuit 1"

/-- Write the lines of the circuit file of `C`, one at a time, with the action `put`. -/
def render {m : Type → Type} [Monad m] (put : String → m Unit) (inputs : Nat) (C : Circuit) : m Unit := do
  put header
  put (toString inputs)
  C.forM fun L => do
    put "0"
    L.forM fun g => put g.line
  put "4"

/-- The circuit file of `C` as one string. -/
def text (inputs : Nat) (C : Circuit) : String :=
  (render (m := StateM String) (fun l => modify (· ++ l ++ "\n")) inputs C).run "" |>.2

/-- The numbers in `s`, which are separated by white space. -/
def parseNumbers (s : String) : Except String (List Nat) := do
  let (acc, cur, _) ← s.foldl (init := .ok (#[], none, 2)) fun st c => do
    let (acc, cur, line) ← st
    if c.isDigit then
      .ok (acc, some (10 * cur.getD 0 + (c.toNat - '0'.toNat)), line)
    else if c.isWhitespace then
      .ok ((match cur with | some n => acc.push n | none => acc), none, if c = '\n' then line + 1 else line)
    else
      .error s!"line {line}: unexpected character {repr c} in a circuit file"
  return (match cur with | some n => acc.push n | none => acc).toList

/-- Read a circuit file: the number of inputs and the circuit, which is well-formed. -/
def parse (s : String) : Except String (Nat × Circuit) := do
  let head := (s.takeWhile (· ≠ '\n')).toString
  if head.trimAscii.toString ≠ header then
    throw s!"not a circuit file: the first line must be '{header}'"
  let numbers ← parseNumbers (s.drop head.length).toString
  match decode numbers with
  | none => throw "not a circuit file: its numbers are not the serialisation of a circuit"
  | some (m, C) =>
    if WF m C then return (m, C) else throw "a wire of this circuit reads a position that does not exist"

end Circuit

end Logprec
