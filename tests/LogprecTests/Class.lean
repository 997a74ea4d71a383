import Logprec.Class.Diagonal
import Logprec.Class.Pairing

/-!
# Classes: closure properties used, circuits run

What is inside and outside of log-uniform TC0, and what the circuits of a pair compute.
-/

namespace LogprecTests.Class

open Logprec Circuit Class

/-! ## Inside and outside -/

example : LogUniformTC0 fun x => x.count true % 2 = 1 ∧ x.count false < x.count true :=
  logUniformTC0_parity.inter logUniformTC0_majority

example : LogUniformTC0 fun x => x.count true % 2 = 1 ∨ ¬ x.count false < x.count true :=
  logUniformTC0_parity.union logUniformTC0_majority.compl

example : ∃ L, TC0 L ∧ ¬ LogUniformTC0 L :=
  let ⟨_, h, h'⟩ := exists_length_tc0_not_logUniformTC0
  ⟨_, h, h'⟩

/-! ## Pairs of circuits -/

/-- All strings of a length. -/
def strings : Nat → List (List Bool)
  | 0 => [[]]
  | n + 1 => (strings n).flatMap fun x => [false :: x, true :: x]

/-- Does `both` compute both, on all strings of length `n`, with the depth that is claimed? -/
def pairs (n : Nat) (C D : Circuit) : Bool :=
  ((strings n).all fun x => (both n C D).eval x == D.eval x ++ C.eval x) && decide ((both n C D).WF n) &&
    (both n C D).depth == C.depth + D.depth + 2

#guard [0, 1, 2, 3, 4].all fun n => pairs n (parity n) (majority n)
#guard pairs 3 [] (parity 3) && pairs 3 (parity 3) [] && pairs 2 [] [] && pairs 0 [[.atLeast 0 []]] (majority 0)
#guard pairs 3 (symmetric 3 4 fun t => t * t) (carry 3 2) -- many outputs
-- a copy gate that reads one position too early
#guard (carrying 1 2 (majority 2)).eval [true, false, true, true] != (majority 2).eval [true, false] ++ [true, true]
#guard (carrying 2 2 (majority 2)).eval [true, false, true, true] == (majority 2).eval [true, false] ++ [true, true]

end LogprecTests.Class
