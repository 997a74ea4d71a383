import Logprec.Class.Addition
import Logprec.Class.Diagonal

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

/-! ## Iterated addition -/

example : LogUniformTC0Function fun x => addNumbers (isqrt x.length) (isqrt x.length) x :=
  logUniformTC0Function_iteratedSum

-- at most three numbers, each a third as wide as the string
example : LogUniformTC0Function fun x => addNumbers (Nat.min 3 x.length) (x.length / 3) x := by
  have := logUniformTC0Function_addNumbers (.min 3 (.var 0)) (.var 0 / 3) (fun m => by
      simp only [Term.eval_min, Term.eval_div, Term.eval_ofNat, Term.eval_var, List.getD_cons_zero]
      exact Nat.le_trans (Nat.mul_le_mul_right _ (Nat.min_le_left ..)) (Nat.mul_div_le m 3))
    (fun m => by simpa using Nat.min_le_right 3 m) (fun m => by simpa using Nat.div_le_self m 3)
  simpa using this

#guard (List.range 30).map isqrt = (List.range 30).map fun m =>
  ((List.range 9).filter fun s => 0 < s && s * s ≤ m).length
#guard (List.range 30).all fun m => (Term.isqrt (.var 0)).eval [m] == isqrt m
#guard (strings 4).all fun x => ofBits ((iteratedSum 2 2).eval x) == ofBits (x.take 2) + ofBits (x.drop 2)
#guard addNumbers 2 2 [true, true, true, true, true] = [false, true, true, false, false, false]

end LogprecTests.Class
