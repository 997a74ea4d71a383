import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Defs
import Logprec.Space.Turing.Structured

/-!
# Counter programs: proofs

What counter programs do: their states, and when a run ends in a state within a bound. About the definitions in
`Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

/-- States of counter programs. -/
structure Counters where
  /-- The position of the input head. -/
  input : Nat
  /-- The registers. -/
  regs : Nat → Nat
  /-- The output so far, the last bit first. -/
  out : List Bool

/-- Write a register. -/
def Counters.put (s : Counters) (r v : Nat) : Counters := { s with regs := fun i => if i = r then v else s.regs i }

/-- What a command does on the input `x`, when no register may exceed `B`. -/
def CounterCmd.Step (x : List Bool) (B : Nat) : CounterCmd → Counters → Counters → Prop
  | inc r, s, s' => s.regs r + 1 ≤ B ∧ s' = s.put r (s.regs r + 1)
  | dec r, s, s' => 0 < s.regs r ∧ s' = s.put r (s.regs r - 1)
  | input d, s, s' => s' = { s with input := moveInput x s.input d }
  | emit b, s, s' => s' = { s with out := b :: s.out }

/-- Whether a test holds on the input `x`. -/
def CounterTest.eval (x : List Bool) (s : Counters) : CounterTest → Bool
  | pos r => s.regs r ≠ 0
  | input p => p (readInput x s.input)

/-- The counter program, started in the first state on the input `x`, halts in the second, and no register exceeds `B`
on the way. -/
abbrev CounterExec (x : List Bool) (B : Nat) : CounterProg → Counters → Counters → Prop :=
  Exec (CounterCmd.Step x B) fun b s => b.eval x s

end Logprec.Turing
