import Logprec.Circuit.Serial
import Logprec.Template.Defs
import Logprec.Template.Term

/-!
# Circuit templates: proofs

The numbers of a layer are those of what a template lists; depth is the number of layer templates. About the
definitions in `Logprec.Template.Defs`.
-/

namespace Logprec

/-- The numbers of a gate are those of its items. -/
theorem Gate.encode_eq (g : Gate) : g.encode = g.items.flatMap Item.encode := by
  cases g <;> simp [encode, items, Item.encode, List.flatMap_map, Wire.item] <;> rfl

/-- The numbers of a layer are its mark and those of its items. -/
theorem Layer.encode_eq (L : Layer) : L.encode = 0 :: L.items.flatMap Item.encode := by
  simp only [encode, items, List.flatMap_assoc, ← Gate.encode_eq]

/-- The first `k` templates list the first `k` layers. -/
theorem DenotesIn.take {ρ : List Nat} {ts : List Tmpl} {C : Circuit} (k : Nat) (h : DenotesIn ρ ts C) :
    DenotesIn ρ (ts.take k) (C.take k) := by
  simpa [DenotesIn] using congrArg (List.take k) h

/-- The circuits have the depth of their template, which is constant. -/
theorem Denotes.depth_eq {ts : List Tmpl} {C : Nat → Circuit} (h : Denotes ts C) (n : Nat) :
    (C n).depth = ts.length := by
  simpa [Circuit.depth] using (congrArg List.length (h n)).symm

end Logprec
