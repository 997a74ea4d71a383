import Logprec.Space.Defs
import Logprec.Space.Turing.Defs

/-!
# The Turing machine of a register program

Registers become counters, and counters become tapes with binary numbers. That the machine prints what the program
prints, in logarithmic space, is proved in the files that import this one.
-/

namespace Logprec

/-! ## Structured programs over any commands and tests

Sequence, `while` and `if` over commands and tests that are left open. What a program does is a relation between states:
`Exec` holds when the program, started in the first state, halts in the second. Programs are translated command by
command (`Code.bind`), and a simulation of the commands is a simulation of the programs (`Exec.refine`).
-/

namespace Turing

/-- Structured programs with commands from `C` and tests from `T`. -/
inductive Code (C T : Type) where
  /-- A command. -/
  | cmd (c : C)
  /-- `P; Q` -/
  | seq (P Q : Code C T)
  /-- `while b do P` -/
  | whileDo (b : T) (P : Code C T)
  /-- `if b then P else Q` -/
  | ite (b : T) (P Q : Code C T)
  deriving Repr

/-- Replace the commands by programs, and the tests by tests. -/
def Code.bind {C T C' T' : Type} (f : C → Code C' T') (g : T → T') : Code C T → Code C' T'
  | cmd c => f c
  | seq P Q => seq (P.bind f g) (Q.bind f g)
  | whileDo b P => whileDo (g b) (P.bind f g)
  | ite b P Q => ite (g b) (P.bind f g) (Q.bind f g)

end Turing

/-! ## Counter programs

Structured programs whose commands add 1 to a register or take 1 off, move the input head, and print a bit.
`CounterExec` asks that no register exceeds a bound: below, the bound is what the space of a machine depends on.
-/

namespace Turing

/-- Commands of counter programs. -/
inductive CounterCmd where
  /-- Add 1 to register `r`. -/
  | inc (r : Nat)
  /-- Take 1 off register `r`, which is not 0. -/
  | dec (r : Nat)
  /-- Move the input head. -/
  | input (d : Dir)
  /-- Append a bit to the output. -/
  | emit (b : Bool)

/-- Tests of counter programs. -/
inductive CounterTest where
  /-- Register `r` is not 0. -/
  | pos (r : Nat)
  /-- The input symbol is one of these. -/
  | input (p : InSym → Bool)

/-- Counter programs. -/
abbrev CounterProg := Code CounterCmd CounterTest

end Turing

/-! ## From structured tape programs to machines

A tape program is a structured program whose commands act on single tapes. It is laid out as a list of instructions
with jumps, and the machine has one state for every instruction and one for the end. Every command and every test
is one step of the machine.
-/

namespace Turing

/-- Commands of tape programs. The work symbols are 0, the blank, and 1 to 4. -/
inductive TapeCmd where
  /-- Write a symbol on tape `t`. -/
  | write (t : Nat) (a : Fin 5)
  /-- Move the head of tape `t`. -/
  | move (t : Nat) (d : Dir)
  /-- Move the input head. -/
  | input (d : Dir)
  /-- Append a bit to the output. -/
  | emit (b : Bool)

/-- Tests of tape programs. -/
inductive TapeTest where
  /-- Is the symbol under the head of tape `t` one of these? -/
  | work (t : Nat) (p : Fin 5 → Bool)
  /-- Is the input symbol one of these? -/
  | input (p : InSym → Bool)

/-- Structured tape programs. -/
abbrev TapeProg := Code TapeCmd TapeTest

namespace TapeCmd

/-- What is written on tape `i`, where `a` was read, and the move. -/
def onTape (i : Nat) (a : Fin 5) : TapeCmd → Fin 5 × Dir
  | write t b => (if i = t then b else a, .stay)
  | move t d => (a, if i = t then d else .stay)
  | input _ | emit _ => (a, .stay)

/-- The move of the input head. -/
def onInput : TapeCmd → Dir
  | input d => d
  | _ => .stay

/-- The bit that is appended to the output. -/
def onOutput : TapeCmd → Option Bool
  | emit b => some b
  | _ => none

end TapeCmd

/-! ## Layout -/

/-- Instructions. -/
inductive Instr where
  /-- A command; go on at `next`. -/
  | cmd (c : TapeCmd) (next : Nat)
  /-- Go on at `yes` or at `no`. -/
  | branch (b : TapeTest) (yes no : Nat)

/-- The number of instructions of a tape program. -/
def TapeProg.size : TapeProg → Nat
  | .cmd _ => 1
  | .seq P Q => size P + size Q
  | .whileDo _ P => size P + 1
  | .ite _ P Q => size P + size Q + 1

/-- The instructions of a tape program that starts at `a` and goes on at `next`. -/
def TapeProg.layout : TapeProg → Nat → Nat → List Instr
  | .cmd c, _, next => [.cmd c next]
  | .seq P Q, a, next => layout P a (a + size P) ++ layout Q (a + size P) next
  | .whileDo b P, a, next => .branch b (a + 1) next :: layout P (a + 1) a
  | .ite b P Q, a, next =>
    .branch b (a + 1) (a + 1 + size P) :: (layout P (a + 1) next ++ layout Q (a + 1 + size P) next)

/-- The number of tapes whose symbols a test asks for: one more than the last. -/
def TapeTest.tapes : TapeTest → Nat
  | work t _ => t + 1
  | input _ => 0

/-- The number of tapes whose symbols a program asks for: one more than the last. -/
def TapeProg.tapes : TapeProg → Nat
  | .cmd _ => 0
  | .seq P Q => max (tapes P) (tapes Q)
  | .whileDo b P => max b.tapes (tapes P)
  | .ite b P Q => max b.tapes (max (tapes P) (tapes Q))

/-! ## The machine -/

/-- Whether a test holds for the symbols that a machine reads. -/
def TapeTest.holds {k : Nat} (i : InSym) (w : Vector (Fin 5) k) : TapeTest → Bool
  | work t p => if h : t < k then p w[t] else false
  | input p => p i

/-- The number `q`, or the greatest state if there is no state `q`. -/
def toState (l q : Nat) : Fin (l + 1) := ⟨min q l, by omega⟩

/-- The action of an instruction on `k` tapes, among `l` instructions. -/
def Instr.action {k : Nat} (l : Nat) (i : InSym) (w : Vector (Fin 5) k) : Instr → Action k l 4
  | cmd c next => ⟨toState l next, c.onInput, Vector.ofFn fun t : Fin k => c.onTape t w[t], c.onOutput⟩
  | branch b yes no =>
    ⟨toState l (if b.holds i w then yes else no), .stay, Vector.ofFn fun t : Fin k => (w[t], .stay), none⟩

/-- The machine with `k` tapes for a list of instructions. It halts at the end of the list. -/
def machineOf (k : Nat) (I : List Instr) : Machine where
  tapes := k
  states := I.length
  symbols := 4
  step q i w := I[q.val]?.map (Instr.action I.length i w)

/-- The machine for a tape program. -/
def TapeProg.machine (k : Nat) (P : TapeProg) : Machine := machineOf k (layout P 0 (size P))

end Turing

/-! ## Arithmetic on counters

One routine for every operation of register programs: the operands are in the registers `d` and `d + 1`, the result is
left in `d`, and `d + 1` is left at 0. The registers `d + 2` and `d + 3` are 0 before and after. No register exceeds
the operands and the result.
-/

namespace Turing

/-! ## Routines -/

/-- Do nothing. -/
def nop : CounterProg := .cmd (.input .stay)

/-- Add 1 to the registers `ds`, and take 1 off register `r`. -/
def pourOne (r : Nat) : List Nat → CounterProg
  | [] => .cmd (.dec r)
  | d :: ds => .seq (.cmd (.inc d)) (pourOne r ds)

/-- Add register `r` to each of the registers `ds`, and clear it. -/
def pour (r : Nat) (ds : List Nat) : CounterProg := .whileDo (.pos r) (pourOne r ds)

/-- Difference. -/
def subR (d : Nat) : CounterProg :=
  .whileDo (.pos (d + 1)) (.seq (.cmd (.dec (d + 1))) (.ite (.pos d) (.cmd (.dec d)) nop))

/-- Product. -/
def mulR (d : Nat) : CounterProg :=
  .seq (pour d [d + 2]) (.seq (.whileDo (.pos (d + 1)) (.seq (.cmd (.dec (d + 1)))
    (.seq (pour (d + 2) [d, d + 3]) (pour (d + 3) [d + 2])))) (pour (d + 2) []))

/-- One unit of a division: from the dividend `d` into the remainder `d + 2`; when the rest `d + 1` of the divisor is
used up, the quotient `d + 3` grows, and the remainder becomes the rest. -/
def divModOne (d : Nat) : CounterProg :=
  .seq (.cmd (.dec d)) (.seq (.cmd (.inc (d + 2))) (.ite (.pos (d + 1))
    (.seq (.cmd (.dec (d + 1))) (.ite (.pos (d + 1)) nop (.seq (.cmd (.inc (d + 3))) (pour (d + 2) [d + 1])))) nop))

/-- Quotient. -/
def divR (d : Nat) : CounterProg :=
  .seq (.whileDo (.pos d) (divModOne d)) (.seq (pour (d + 1) []) (.seq (pour (d + 2) []) (pour (d + 3) [d])))

/-- Remainder. -/
def modR (d : Nat) : CounterProg :=
  .seq (.whileDo (.pos d) (divModOne d)) (.seq (pour (d + 1) []) (.seq (pour (d + 3) []) (pour (d + 2) [d])))

/-- Both differences: that of `d + 1` and `d` in `d + 1`, the other one in `d + 2`. -/
def diffR (d : Nat) : CounterProg :=
  .whileDo (.pos d) (.seq (.cmd (.dec d)) (.ite (.pos (d + 1)) (.cmd (.dec (d + 1))) (.cmd (.inc (d + 2)))))

/-- Equality. -/
def eqR (d : Nat) : CounterProg :=
  .seq (diffR d) (.ite (.pos (d + 1)) (pour (d + 1) []) (.ite (.pos (d + 2)) (pour (d + 2) []) (.cmd (.inc d))))

/-- Order. -/
def ltR (d : Nat) : CounterProg :=
  .seq (diffR d) (.seq (pour (d + 2) []) (.ite (.pos (d + 1)) (.seq (pour (d + 1) []) (.cmd (.inc d))) nop))

end Turing

/-! ## Binary counters on tapes

A counter is a marker in the first cell, then the bits of its value, the lowest first and without leading zeros, then
blanks; between two operations the head is on the lowest bit. The highest bit, which is a one, has a symbol of its own.
So the test for 0 reads one symbol; adding 1 or taking 1 off is a walk over the bits and back; and the head never goes
behind the highest bit. A counter program with registers up to `B` needs `log₂ B + 2` cells a register: the marker, and
at most `log₂ B + 1` bits.
-/

namespace Turing

/-! ## Walks -/

/-- Back to the lowest bit. -/
def backTape (t : Nat) : TapeProg :=
  .seq (.whileDo (.work t (· != 3)) (.cmd (.move t .left))) (.cmd (.move t .right))

/-- Turn ones into zeros, up to a zero, the highest bit or a blank. -/
def incScan (t : Nat) : TapeProg := .whileDo (.work t (· == 2)) (.seq (.cmd (.write t 1)) (.cmd (.move t .right)))

/-- Turn the zero under the head into a one; or the blank of an empty counter into the highest bit; or the highest bit
into a zero, and then the highest bit follows it. -/
def incBit (t : Nat) : TapeProg :=
  .ite (.work t (· == 1)) (.cmd (.write t 2)) (.ite (.work t (· == 0)) (.cmd (.write t 4))
    (.seq (.cmd (.write t 1)) (.seq (.cmd (.move t .right)) (.cmd (.write t 4)))))

/-- Add 1 to the counter on tape `t`. -/
def incTape (t : Nat) : TapeProg := .seq (.seq (incScan t) (incBit t)) (backTape t)

/-- Turn zeros into ones, up to a one or the highest bit. -/
def decScan (t : Nat) : TapeProg := .whileDo (.work t (· == 1)) (.seq (.cmd (.write t 2)) (.cmd (.move t .right)))

/-- Turn the one under the head into a zero; or the highest bit into a blank, and then the one before it, if any, is the
highest bit. -/
def decBit (t : Nat) : TapeProg :=
  .ite (.work t (· == 2)) (.cmd (.write t 1)) (.seq (.cmd (.write t 0)) (.seq (.cmd (.move t .left))
    (.whileDo (.work t (· == 2)) (.cmd (.write t 4)))))

/-- Take 1 off the counter on tape `t`. -/
def decTape (t : Nat) : TapeProg := .seq (.seq (decScan t) (decBit t)) (backTape t)

/-! ## Counter programs as tape programs -/

/-- The tape program of a command: register `r` is the counter on tape `r`. -/
def CounterCmd.onTapes : CounterCmd → TapeProg
  | inc r => incTape r
  | dec r => decTape r
  | input d => .cmd (.input d)
  | emit b => .cmd (.emit b)

/-- The tape test of a test. -/
def CounterTest.onTapes : CounterTest → TapeTest
  | pos r => .work r (· != 0)
  | input p => .input p

/-- The tape program of a counter program. -/
def CounterProg.onTapes (P : CounterProg) : TapeProg := P.bind CounterCmd.onTapes CounterTest.onTapes

end Turing

/-! ## Register programs as counter programs

Register programs are translated into counter programs: expressions are evaluated on registers above those of the
program, used as a stack, and numbers are printed in unary. A counter program has the peak of its register program.
-/

namespace Turing

open Space (Expr Prog Regs State)

/-! ## Routines for the input -/

/-- Is it the left marker? -/
def isLeft : InSym → Bool
  | .left => true
  | _ => false

/-- Is it the right marker? -/
def isRight : InSym → Bool
  | .right => true
  | _ => false

/-- Is it the bit 1? -/
def isOne : InSym → Bool
  | .bit b => b
  | _ => false

/-- Move the input head back to the left marker. -/
def rewind : CounterProg := .whileDo (.input fun i => !isLeft i) (.cmd (.input .left))

/-- Move the input head to the right as often as register `d` says, and clear it. -/
def walk (d : Nat) : CounterProg := .whileDo (.pos d) (.seq (.cmd (.dec d)) (.cmd (.input .right)))

/-- The input bit at the position in register `d`. -/
def inputR (d : Nat) : CounterProg :=
  .seq (.cmd (.input .right)) (.seq (walk d) (.seq (.ite (.input isOne) (.cmd (.inc d)) nop) rewind))

/-- The length of the input. -/
def lenR (d : Nat) : CounterProg :=
  .seq (.cmd (.input .right)) (.seq (.whileDo (.input fun i => !isRight i)
    (.seq (.cmd (.inc d)) (.cmd (.input .right)))) rewind)

/-! ## Expressions -/

/-- Double register `d`; `d + 1` and `d + 2` are 0 before and after. -/
def doubleR (d : Nat) : CounterProg := .seq (pour d [d + 1, d + 2]) (.seq (pour (d + 1) [d]) (pour (d + 2) [d]))

/-- Set register `d` to `n`, from the highest digit of `n` on, so that the program is as long as the numeral; `d`,
`d + 1` and `d + 2` are 0 before. -/
def numeralR (d n : Nat) : CounterProg :=
  if n = 0 then nop else .seq (numeralR d (n / 2)) (.seq (doubleR d) (if n % 2 = 1 then .cmd (.inc d) else nop))

/-- Evaluate an expression into register `d`; it and the registers above it are 0. -/
def exprCode (d : Nat) : Expr → CounterProg
  | .lit n => numeralR d n
  | .reg r => .seq (pour r [d, d + 1]) (pour (d + 1) [r])
  | .len => lenR d
  | .inputBit i => .seq (exprCode d i) (inputR d)
  | .add a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (pour (d + 1) [d]))
  | .sub a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (subR d))
  | .mul a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (mulR d))
  | .div a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (divR d))
  | .mod a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (modR d))
  | .eq a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (eqR d))
  | .lt a b => .seq (exprCode d a) (.seq (exprCode (d + 1) b) (ltR d))

end Turing

/-! ## Register programs on Turing machines

**Every register program is a Turing machine**: it halts with the same output, in a code of our choice (`Emitter`), and
visits at most `k · (log₂ peak + 2)` cells, for a number `k` of tapes that depends on the program only. So a register
program with a polynomial peak is a machine in logarithmic space.

Two cells more than the logarithm: a number up to `peak` has `⌊log₂ peak⌋ + 1` binary digits, and one cell holds the
marker at the start of the tape. The highest digit has a symbol of its own, so no head ever looks behind it.
-/

namespace Turing

open Space (Expr Prog Regs State ones)

/-! ## Output -/

/-- How a number is written on the output tape. -/
inductive Emitter where
  /-- In unary: `v` is `1ᵛ 0`. -/
  | unary
  /-- As a single bit: 0 is 0, and the others are 1. -/
  | bit

/-- The counter program that writes the number in register `d`, and clears it. -/
def Emitter.code : Emitter → (d : Nat) → CounterProg
  | unary, d => .seq (.whileDo (.pos d) (.seq (.cmd (.dec d)) (.cmd (.emit true)))) (.cmd (.emit false))
  | bit, d => .ite (.pos d) (.seq (pour d []) (.cmd (.emit true))) (.cmd (.emit false))

/-- What it writes. -/
def Emitter.word : Emitter → (v : Nat) → List Bool
  | unary, v => List.replicate v true ++ [false]
  | bit, v => [v != 0]

/-! ## Programs as counter programs -/

/-- The counter program of a register program; it uses register `d` and those above. -/
def progCode (E : Emitter) (d : Nat) : Prog → CounterProg
  | .skip => nop
  | .set r e => .seq (exprCode d e) (.seq (pour r []) (pour d [r]))
  | .seq P Q => .seq (progCode E d P) (progCode E d Q)
  | .ite e P Q => .seq (exprCode d e) (.ite (.pos d) (.seq (pour d []) (progCode E d P)) (progCode E d Q))
  | .loop r e P =>
    .seq (exprCode d e) (.seq (.whileDo (.pos d) (.seq (.cmd (.dec d)) (.seq (pour r [])
      (.seq (pour (d + 1) [r, d + 2]) (.seq (pour (d + 2) [d + 1])
        (.seq (progCode E (d + 2) P) (.cmd (.inc (d + 1)))))))))
      (pour (d + 1) []))
  | .emit e => .seq (exprCode d e) (E.code d)

/-! ## Machines -/

/-- Write the marker on the first cell of the tapes below `j`, and go to the second cell. -/
def markTapes : Nat → TapeProg
  | 0 => .cmd (.input .stay)
  | j + 1 => .seq (markTapes j) (.seq (.cmd (.write j 3)) (.cmd (.move j .right)))

/-- The tape program of a register program, without the markers. -/
def progTapes (P : Prog) (E : Emitter := .unary) : TapeProg := CounterProg.onTapes (progCode E P.registers P)

/-- **The Turing machine of a register program**: one binary counter on every tape. -/
def progMachine (P : Prog) (E : Emitter := .unary) : Machine :=
  TapeProg.machine (progTapes P E).tapes (.seq (markTapes (progTapes P E).tapes) (progTapes P E))

end Turing

end Logprec
