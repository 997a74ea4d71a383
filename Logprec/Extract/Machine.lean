import Logprec.Space.Turing.Programs
import Logprec.Arith.Template.Lookup
import Logprec.Arith.Template.Symmetric
import Logprec.Simulation.Template.Tables

/-!
# Compiled Turing machines, printed and run

The machine of a register program (`Turing.progMachine`) is printed as a list of instructions, one for each of its
states but the last, so that other programs can run it; and it is run here by its definition, for comparison.
-/

namespace Logprec.Extract

open Space Turing

/-- The binary digits of the length of the input, the lowest first. -/
def binaryProg : Prog :=
  .seq (.set 0 .len) (.loop 1 .len (.ite (.reg 0)
    (.seq (.emit (.mod (.reg 0) (.lit 2))) (.set 0 (.div (.reg 0) (.lit 2)))) .skip))

/-- The square of the length. -/
def squareProg : Prog := .emit (.mul .len .len)

/-- The circuits for PARITY. -/
def parityProg : Prog := Tmpl.program (.var 0) (Tmpl.symmetric (.var 0) 1 (.var 0))

/-- The circuits for MAJORITY. -/
def majorityProg : Prog := Tmpl.program (.var 0) (Tmpl.majority (.var 0))

/-- The look-up of the square of two bits, modulo 4: three layers, whatever the length. -/
def lookupProg : Prog := Tmpl.program 2 (Tmpl.lookup 2 2 4 (.testBit (.var 0 * .var 0) (.var 1)))

/-- The programs that are compiled to machines, by name. -/
def machinePrograms : List (String × Prog) :=
  [("binary", binaryProg), ("square", squareProg), ("parity", parityProg), ("majority", majorityProg),
    ("lookup", lookupProg)]

/-- Prints the first `k` layers of the circuits of a model that is given by tables. A numeral holds one entry of a table:
counters count, so large numerals cost time. -/
def layersProg (M : Tables) (k : Nat) : Prog := Tmpl.program (.var 0 * .lit M.symbolBits) ((M.template 0).take k)

/-- It prints the first `k` layers. -/
theorem output_layersProg (M : Tables) (k n : Nat) : (layersProg M k).output (ones n) =
    Circuit.encode (n * M.symbolBits) ((M.toTransformer.decisionCircuit n).take k) :=
  (Tmpl.run_program _ (DenotesIn.take k (M.denotes_template 0 n))).1

private def dirText : Dir → String
  | .left => "-1"
  | .stay => "0"
  | .right => "1"

private def bitText (b : Bool) : String := toString b.toNat

private def commandText : TapeCmd → String
  | .write t a => s!"write {t} {a.val}"
  | .move t d => s!"move {t} {dirText d}"
  | .input d => s!"input {dirText d}"
  | .emit b => s!"emit {bitText b}"

private def testText : TapeTest → String
  | .work t p => s!"work {t} " ++ " ".intercalate ([0, 1, 2, 3, 4].map fun a => bitText (p a))
  | .input p => "read " ++ " ".intercalate ([.left, .bit false, .bit true, .right].map fun a => bitText (p a))

/-- An instruction in a line: the command and the next state, or the test, what it says of each symbol, and the next
states when it holds and when it does not. Symbols are 0 (blank) to 4, and on the input tape the left marker, 0, 1, and
the right marker. -/
def instrText : Instr → String
  | .cmd c next => s!"{commandText c} {next}"
  | .branch b yes no => s!"{testText b} {yes} {no}"

/-- The tape program of the machine of a program. -/
def machineTapes (P : Prog) : TapeProg := .seq (markTapes (progTapes P).tapes) (progTapes P)

/-- The instructions of the machine of a program. -/
def machineTable (P : Prog) : List Instr := TapeProg.layout (machineTapes P) 0 (TapeProg.size (machineTapes P))

/-- The table is that of the machine. -/
theorem machineOf_machineTable (P : Prog) : machineOf (progTapes P).tapes (machineTable P) = progMachine P := rfl

/-- A line with the number of tapes and of instructions, and the instructions. -/
def machineLines (P : Prog) : List String :=
  s!"{(progTapes P).tapes} {(machineTable P).length}" :: (machineTable P).map instrText

private def tapeText {symbols : Nat} (t : Tape symbols) : String :=
  s!"{t.left.length} " ++ String.join ((t.left.reverse ++ t.head :: t.right).map fun a => toString a.val)

/-- What `Machine.run` does in a number of steps on `1ⁿ`: whether the machine has halted, its state, the position of the
input head, the cells visited; then the output, and for every tape the position of the head and the symbols. -/
def runLines (P : Prog) (n steps : Nat) : List String :=
  let M := progMachine P
  let c := M.run (ones n) steps M.init
  s!"{bitText (M.next (ones n) c).isNone} {c.state.val} {c.input} {c.cells}" ::
    String.join (c.out.reverse.map bitText) :: c.work.toList.map tapeText

/-- What the program does on `1ⁿ`: its peak, and its output on the tape of the machine. -/
def programLines (P : Prog) (n : Nat) : List String :=
  [toString (P.peak (ones n)), String.join ((unary (P.output (ones n))).map bitText)]

/-- Without numbers, the machine of a program; for `N`, what the program does; for `N STEPS`, what the machine does in so
many steps. -/
def machineMain (P : Prog) : (numbers : List Nat) → Except String (List String)
  | [] => .ok (machineLines P)
  | [n] => .ok (programLines P n)
  | [n, steps] => .ok (runLines P n steps)
  | _ => .error "a length and a number of steps at most"

/-- The program of a name. -/
def namedProgram (name : String) : Except String Prog :=
  match machinePrograms.lookup name with
  | some P => .ok P
  | none => .error s!"no program '{name}': there are {", ".intercalate (machinePrograms.map Prod.fst)}"

end Logprec.Extract
