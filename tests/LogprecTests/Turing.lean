import Logprec.Space.Turing.Programs

/-!
# Compiled Turing machines, run

Register programs are compiled to Turing machines, the machines are run step by step, and their output tapes and the
cells that they visit are compared with the programs' outputs and the bound.
-/

namespace LogprecTests.Turing

open Logprec Turing Space

/-- Does the machine halt within `t` steps on `x`, with the output of the program, and within the bound on cells? -/
def agrees (M : Machine) (P : Prog) (x : List Bool) (t : Nat) : Bool :=
  let c := M.run x t M.init
  (M.next x c).isNone && c.out.reverse == unary (P.output x) &&
    c.cells ≤ (progTapes P).tapes * ((P.peak x).log2 + 3)

/-- The binary digits of the length of the input, the lowest first. -/
def binary : Prog :=
  .seq (.set 0 .len) (.loop 1 .len (.ite (.reg 0)
    (.seq (.emit (.mod (.reg 0) (.lit 2))) (.set 0 (.div (.reg 0) (.lit 2)))) .skip))

/-- The square of the length. -/
def square : Prog := .emit (.mul .len .len)

/-- The input bits, and one past the end. -/
def copy : Prog := .loop 0 (.add .len (.lit 1)) (.emit (.inputBit (.reg 0)))

/-- Comparisons and differences of all pairs of numbers up to the length. -/
def compare : Prog :=
  .loop 0 (.add .len (.lit 1)) (.loop 1 (.add .len (.lit 1)) (.seq (.emit (.lt (.reg 0) (.reg 1)))
    (.seq (.emit (.eq (.reg 0) (.reg 1))) (.emit (.sub (.reg 0) (.reg 1))))))

/-- Division by 0 and its remainder. -/
def byZero : Prog := .seq (.emit (.div .len (.lit 0))) (.emit (.mod .len (.lit 0)))

#guard (List.range 4).all fun n => agrees (progMachine binary) binary (ones n) 5000
#guard (List.range 4).all fun n => agrees (progMachine square) square (ones n) 5000
#guard [[], [true], [false, true], [true, false, true]].all fun x => agrees (progMachine copy) copy x 5000
#guard agrees (progMachine compare) compare (ones 1) 5000
#guard (List.range 3).all fun n => agrees (progMachine byZero) byZero (ones n) 5000

/-! A machine that has not halted yet does not agree. -/

#guard !agrees (progMachine square) square (ones 2) 10

/-- A planted fault in the compiler: a leading zero is not erased when a counter is
decreased. -/
def faulty (P : Prog) : Machine :=
  let T : TapeProg := .seq (markTapes (progTapes P).tapes) (progTapes P)
  machineOf (progTapes P).tapes ((TapeProg.layout T 0 (TapeProg.size T)).map fun
    | .cmd (.write t 0) next => .cmd (.write t 1) next
    | i => i)

#guard !agrees (faulty square) square (ones 2) 5000

end LogprecTests.Turing
