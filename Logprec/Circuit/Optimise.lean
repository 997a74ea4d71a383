import Logprec.Circuit.Construct
import Logprec.Circuit.Fold
import Logprec.Circuit.Prune

/-!
# The optimiser: proofs

`Computes.optimise`: the optimiser keeps function and depth, and does not enlarge. About the definitions in
`Logprec.Circuit.Construct`.
-/

namespace Logprec.Circuit

/-- **The optimiser changes nothing**: the same function in the same depth, and not larger. -/
theorem Computes.optimise {m w d s : Nat} {C : Circuit} {f : List Bool → List Bool} (h : C.Computes m w d s f) :
    C.optimise.Computes m w d s f := h.fold.prune

end Logprec.Circuit
