import Logprec.Simulation.Machines
import Logprec.Simulation.MarkedMajority

/-!
# Masks and kinds of attention, run

Causal and strict masks on MAJORITY, and average-hard heads, which sum the values at the greatest score, unless
scores are too great for the exponents.
-/

namespace LogprecTests.Attention

open Logprec

/-! ## Masks -/

/-- All words of `n` symbols of one bit. -/
def words : Nat → List (List (BitVec 1))
  | 0 => [[]]
  | n + 1 => (words n).flatMap fun w => [0#1 :: w, 1#1 :: w]

#guard (words 0 ++ words 3 ++ words 4).all fun w =>
  Examples.majority.causal.accepts w == decide (w.count 0#1 < w.count 1#1)

/-- "There are more ones than zeros before the last position." -/
def strict : Transformer := Examples.majority.masked fun _ i j => decide (j < i)

#guard (words 1 ++ words 4).all fun w =>
  strict.accepts w == decide (w.dropLast.count 0#1 < w.dropLast.count 1#1)
#guard (words 4).any fun w => strict.accepts w != Examples.majority.accepts w
-- at the other positions, causal attention is not the same
#guard (words 3).any fun w => Examples.majority.causal.states w != Examples.majority.states w

example : Class.LogUniformTC0 Examples.majority.causal.language := Examples.majority_causal_logUniformTC0
example : LinearSpaceMask (fun _ => 4) fun _ i j => decide (j ≤ i) :=
  (linearSpaceMask_iff (c := 4) fun n => show 4 ≤ 4 * (n.log2 + 1) by omega).2 (linearSpaceMaskPrograms_causal _)

/-! ## Average-hard attention -/

/-- Scores from 0 to 7 in the low bits of the state, and the rest of the state as the value. -/
def saturated : Head 1 fun _ => 8 :=
  .averageHard (fun _ _ _ _ hj => hj.toNat % 8) fun _ _ _ hj => .ofNat _ (hj.toNat / 8)

/-- What an average-hard head is to compute from a list of states. -/
def expected (h : List Nat) : State 1 8 :=
  State.sum ((h.filter fun a => h.all fun a' => a' % 8 ≤ a % 8).map fun a => BitVec.ofNat _ (a / 8))

/-- Does the head compute it? -/
def averages (h : List Nat) : Bool :=
  (List.range h.length).all fun i => saturated.attend h.length (fun j => .ofNat _ (h.getD j 0)) i == expected h

#guard [[], [7], [8, 16], [9, 16, 17], [15, 23, 31], [8, 16, 24], [7, 6, 15], [30, 31, 38]].all averages
-- scores that are too great for the exponents: `7 * 3 > 14`
#guard !averages [15, 7, 7, 23, 22, 0, 0]

/-- All words of `n` symbols of a mark (bit 0) and a vote (bit 1). -/
def ballots : Nat → List (List (BitVec 2))
  | 0 => [[]]
  | n + 1 => (ballots n).flatMap fun w => [0#2 :: w, 1#2 :: w, 2#2 :: w, 3#2 :: w]

/-- Do the marked votes have a majority (all votes, if none is marked)? -/
def elected (w : List (BitVec 2)) : Bool :=
  let chosen := if w.any (·.getLsbD 0) then w.filter (·.getLsbD 0) else w
  decide ((chosen.filter fun σ => !σ.getLsbD 1).length < (chosen.filter (·.getLsbD 1)).length)

#guard (ballots 0 ++ ballots 1 ++ ballots 2 ++ ballots 3).all fun w => Examples.markedMajority.accepts w == elected w

example : Class.LogUniformTC0 Examples.markedMajority.language := Examples.markedMajority_logUniformTC0
example : Examples.markedHead.LinearSpacePrograms := Examples.markedHead_programs

end LogprecTests.Attention
