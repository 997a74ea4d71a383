import Logprec.Circuit.Fold
import Logprec.Circuit.Prune

/-!
# The optimiser

Constant folding and sharing, then leaving out dead gates.
-/

namespace Logprec.Circuit

/-- Fold constants, share equal gates, leave out dead gates. -/
def optimise (C : Circuit) : Circuit := C.fold.prune

/-- **The optimiser changes nothing**: the same function in the same depth, and not larger. -/
theorem Computes.optimise {m w d s : Nat} {C : Circuit} {f : List Bool → List Bool} (h : C.Computes m w d s f) :
    C.optimise.Computes m w d s f := h.fold.prune

end Logprec.Circuit
