import Logprec.Arith.Template.Symmetric
import Logprec.Simulation.Mask
import Logprec.Simulation.Template.Linear
import LogprecTests.Arith
import LogprecTests.Attention

/-!
# The worked examples of CONTRIBUTING.md

Every piece of Lean there stands here, so that it is known to compile; a Python test compares them.
-/

namespace Logprec

namespace Circuit

/-- Are exactly `k` of `m` inputs one? -/
def exactly (m k : Nat) : Circuit := symmetric m 1 fun t => (decide (t = k)).toNat

/-- **Exactly `k` ones**: depth 2. -/
theorem computes_exactly (m k : Nat) : (exactly m k).Computes m 1 2 (2 * (m + 1) * (m + 1) + (2 * m + 3))
    (fun x => [decide (x.count true = k)]) :=
  (computes_symmetric m 1 _).mono (by omega) fun x _ => by
    by_cases h : x.count true = k <;> simp [bits, List.range_succ, Nat.testBit_zero, h]

end Circuit

/-- "Exactly `k` ones" has a template. -/
theorem denotes_exactly (k : Nat) : Denotes (Tmpl.symmetric (.var 0) 1 (.eq (.var 0) (.lit k)))
    fun n => Circuit.exactly n k := fun n =>
  Tmpl.denotesIn_symmetric (ρ := [n]) (k := .var 0) (m := 1) fun _ _ => rfl

/-- Sliding windows: position `i` attends to the `k` positions that end with itself. -/
def window (k _n i j : Nat) : Bool := decide (j ≤ i ∧ i < j + k)

/-- Sliding windows are computable in linear space. -/
theorem linearSpaceMaskPrograms_window (prec : Nat → Nat) (k : Nat) : LinearSpaceMaskPrograms prec (window k) := by
  obtain ⟨P, c, h⟩ := Term.yields (.and (.le (.var 2) (.var 1)) (.lt (.var 1) (.var 2 + .lit k))) 3 1
  refine ⟨P, c, fun n i j hi hj => ?_⟩
  have h := h (prec n) n [n, i, j] rfl fun v hv => le_linearBound (by
    simp only [List.mem_cons, List.not_mem_nil, or_false] at hv; omega) (Nat.le_refl 1)
  simpa [window] using h

namespace Transformer

theorem windowed_mem_logUniformTC0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c)
    (hT : T.LinearSpacePrograms) (k : Nat) : Class.LogUniformTC0 (T.masked (window k)).language :=
  T.masked_mem_logUniformTC0 hc hT (linearSpaceMaskPrograms_window T.prec k)

end Transformer

end Logprec

namespace LogprecTests.Arith

open Logprec Circuit

#guard computesOn (inputs 5) (exactly 5 2) 5 2 (2 * 6 * 6 + 13) fun x => [decide (x.count true = 2)]
#guard computesOn (inputs 0) (exactly 0 0) 0 2 5 fun _ => [true] -- no inputs

end LogprecTests.Arith

namespace LogprecTests.Attention

open Logprec

#guard (words 4).all fun w => (Examples.majority.masked (window 2)).accepts w ==
  decide ((w.drop 2).count 0#1 < (w.drop 2).count 1#1)
#guard (words 4).any fun w =>
  (Examples.majority.masked (window 2)).accepts w != Examples.majority.causal.accepts w

end LogprecTests.Attention
