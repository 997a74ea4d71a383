import Logprec.Simulation.Mask

/-!
# Masks and kinds of attention, run
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
example : LinearSpaceMask (fun _ => 4) fun _ i j => decide (j ≤ i) := linearSpaceMask_causal _

end LogprecTests.Attention
