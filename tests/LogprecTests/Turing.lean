import Logprec.Extract.Programs
import Logprec.Space.Turing.FromMachine
import Logprec.Space.Turing.ToMachine

/-!
# Compiled Turing machines, run

Register programs are compiled to Turing machines, the machines are run step by step, and their output tapes and the
cells that they visit are compared with the programs' outputs and the bound. In the other direction, the programs that
simulate machines are run. `python/tests/test_machine.py` runs larger ones.
-/

namespace LogprecTests.Turing

open Logprec Turing Space Extract

/-- Does the machine halt within `t` steps on `x`, with the output of the program, and within the bound on cells? -/
def agrees (M : Machine) (P : Prog) (x : List Bool) (t : Nat) : Bool :=
  let c := M.run x t M.init
  (M.next x c).isNone && c.out.reverse == unary (P.output x) &&
    c.cells ≤ (progTapes P).tapes * ((P.peak x).log2 + 2)

/-- The input bits, and one past the end. -/
def copy : Prog := .loop 0 (.add .len (.lit 1)) (.emit (.inputBit (.reg 0)))

/-- Comparisons and differences of all pairs of numbers up to the length. -/
def compare : Prog :=
  .loop 0 (.add .len (.lit 1)) (.loop 1 (.add .len (.lit 1)) (.seq (.emit (.lt (.reg 0) (.reg 1)))
    (.seq (.emit (.eq (.reg 0) (.reg 1))) (.emit (.sub (.reg 0) (.reg 1))))))

/-- Division by 0 and its remainder. -/
def byZero : Prog := .seq (.emit (.div .len (.lit 0))) (.emit (.mod .len (.lit 0)))

#guard (List.range 4).all fun n => agrees (progMachine binaryProg) binaryProg (ones n) 5000
#guard (List.range 4).all fun n => agrees (progMachine squareProg) squareProg (ones n) 5000
#guard [[], [true], [false, true], [true, false, true]].all fun x => agrees (progMachine copy) copy x 5000
#guard agrees (progMachine compare) compare (ones 1) 5000
#guard (List.range 3).all fun n => agrees (progMachine byZero) byZero (ones n) 5000

/-! The circuit for PARITY. -/

#guard agrees (progMachine parityProg) parityProg (ones 0) 5000
#guard agrees (progMachine parityProg) parityProg (ones 1) 15000

/-! A machine that has not halted yet does not agree. -/

#guard !agrees (progMachine squareProg) squareProg (ones 2) 10

/-- A planted fault in the compiler: a leading zero is not erased when a counter is
decreased. -/
def faulty (P : Prog) : Machine :=
  machineOf (progTapes P).tapes ((machineTable P).map fun
    | .cmd (.write t 0) next => .cmd (.write t 1) next
    | i => i)

#guard !agrees (faulty squareProg) squareProg (ones 2) 5000

/-! ## Bits instead of numbers -/

/-- Does the machine that prints bits print the input, and a 0? -/
def copies (x : List Bool) : Bool :=
  let M := progMachine copy .bit
  (M.run x 5000 M.init).out.reverse == x ++ [false]

#guard [[], [true], [false, true], [true, false, true]].all copies

/-! ## Functions of several numbers -/

#guard (List.range 40).all fun v => ofDigits (digits v) == v
#guard argsCode [2, 0, 1] == [true, true, true, false, false, false, true, true, false]
#guard ofDigits [false, false, true, false] == 2

/-- The product, plus 1. -/
def productPlusOne : Prog := .set 0 (.add (.mul (.reg 0) (.reg 1)) (.lit 1))

/-- What the machine of a register program computes from arguments, if it halts. -/
def computed (P : Prog) (args : List Nat) (t : Nat) : Option Nat :=
  let M := progMachine (ToMachine.program P args.length) .bit
  let c := M.run (argsCode args) t M.init
  if (M.next (argsCode args) c).isNone then some (ofDigits c.out.reverse) else none

#guard computed productPlusOne [2, 3] 60000 == some 7
#guard computed productPlusOne [0, 0] 60000 == some 1
#guard computed (.set 0 (.inputBit (.lit 0))) [5] 60000 == some 0 -- the program does not see the machine's input
#guard computed productPlusOne [2, 3] 10 == none

/-! ## Machines on register programs -/

/-- The machine that copies its input. -/
def copier : Machine where
  tapes := 0
  states := 0
  symbols := 0
  step _ i _ := match i with
    | .left => some ⟨0, .right, #v[], none⟩
    | .bit b => some ⟨0, .right, #v[], some b⟩
    | .right => none

/-- The machine that reads one argument and prints its digits. It marks a cell, and so uses one tape. -/
def reader : Machine where
  tapes := 1
  states := 1
  symbols := 1
  step q i _ := match q, i with
    | 0, .left => some ⟨0, .right, #v[(1, .right)], none⟩
    | 0, .bit true => some ⟨1, .right, #v[(1, .stay)], none⟩
    | 1, .bit b => some ⟨0, .right, #v[(0, .left)], some b⟩
    | _, _ => none

#guard [[], [true], [false, true]].all fun x =>
  (Simulate.program copier Simulate.bits 0).output x == x.map Bool.toNat
#guard [[], [true, false], [false, true]].all fun x => -- the numbers of the unary code
  (Simulate.program copier Simulate.numbers 0).output x == readUnary 0 x
#guard (List.range 7).all fun v => (FromMachine.program reader 1 4).result [v] == v
#guard (FromMachine.program reader 1 1).result [4] != 4 -- 6 steps are too few

end LogprecTests.Turing
