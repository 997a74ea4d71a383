import Logprec.Arith.IteratedSum
import Logprec.Arith.Lookup
import Logprec.Arith.Table
import Logprec.Circuit.Optimise
import Logprec.Network.Construct

/-!
# The circuit of a network: proofs

No stage is deeper than 15 layers. About the definitions in `Logprec.Network.Construct`.
-/

namespace Logprec

/-! ## Depth -/

/-- Every node of the stage needs at most depth `b`. -/
def Stage.DepthLe (S : Stage) (b : Nat) : Prop := ∀ v ∈ S, Shape.depth v ≤ b

namespace Stage

/-- The depth of a stage is at most a bound for all its nodes. -/
theorem le_of_nodes {S : Stage} {b : Nat} (hb : 1 ≤ b) (h : S.DepthLe b) : S.depth ≤ b := by
  rw [depth]
  generalize ha : (1 : Nat) = a
  replace ha : a ≤ b := ha ▸ hb
  induction S generalizing a with
  | nil => exact ha
  | cons v S ih =>
    exact ih (fun u hu => h u (by simp [hu])) (max a (Shape.depth v)) (Nat.max_le.2 ⟨ha, h v (by simp)⟩)

/-- No node needs more than depth 15. -/
theorem depthLe (S : Stage) : S.DepthLe 15 := fun v _ => by cases v <;> simp [Shape.depth, Circuit.formDepth]

end Stage

end Logprec
