import Logprec.Transformer.Defs

/-!
# Masks

A masked head is a head of the general kind: similarity and weighting see the positions, so they return zero
floats for masked pairs, and zeros do not change a sum.
-/

namespace Logprec.Head

variable {D : Nat} {p : Nat → Nat}

/-- The head in which position `i` attends to position `j` only where `mask n i j` holds. -/
def masked (mask : (n i j : Nat) → Bool) (H : Head D p) : Head D p where
  similarity n i j hi hj := if mask n i j then H.similarity n i j hi hj else 0
  weighting n i j s Z hj := if mask n i j then H.weighting n i j s Z hj else 0

/-- The causal mask: a position attends to itself and to earlier positions. -/
def causal (H : Head D p) : Head D p := H.masked fun _ i j => decide (j ≤ i)

end Logprec.Head
