import Logprec.Transformer.Defs

/-!
# Masks: proofs

`Head.attend_masked`: a masked head takes both sums over the positions that are not masked. About the definitions in
`Logprec.Transformer.Defs`.
-/

namespace Logprec

/-- The zero string is a float of value zero. -/
@[simp] theorem Float.scaled_zero (p : Nat) : scaled 0#p = 0 := by
  have h : ∀ q, toInt q 0 = 0 := fun q => by simp [toInt, sign, magnitude]
  simp [scaled, mantissa, h]

/-- Summands that are zero may be left out. -/
theorem Float.sum_map_ite {α : Type} {p : Nat} (l : List α) (c : α → Bool) (f : α → BitVec p) :
    sum (l.map fun a => if c a then f a else 0) = sum ((l.filter c).map f) := by
  have : ((l.map fun a => if c a then f a else 0).map scaled).sum = (((l.filter c).map f).map scaled).sum := by
    induction l with
    | nil => rfl
    | cons a l ih =>
      cases h : c a
      · simpa [h] using ih
      · simpa [h] using ih
  rw [sum, sum, this]

/-- The same for vectors. -/
theorem State.sum_map_ite {α : Type} {D p : Nat} (l : List α) (c : α → Bool) (f : α → State D p) :
    sum (l.map fun a => if c a then f a else 0) = sum ((l.filter c).map f) := by
  have hcoord : ∀ d, (l.map fun a => (if c a then f a else 0).coord d) =
      l.map fun a => if c a then (f a).coord d else 0 := fun d =>
    List.map_congr_left fun a _ => by
      cases c a
      · apply BitVec.eq_of_toNat_eq
        simp [coord]
      · rfl
  rw [sum, sum]
  congr 1
  funext d
  rw [List.map_map, List.map_map]
  exact (congrArg Float.sum (hcoord d)).trans (Float.sum_map_ite l c fun a => (f a).coord d)

namespace Head

variable {D : Nat} {p : Nat → Nat}

/-- A masked head takes both its sums over the positions that are not masked, and over nothing else. -/
theorem attend_masked (mask : (n i j : Nat) → Bool) (H : Head D p) (n : Nat) (h : Nat → State D (p n)) (i : Nat) :
    (H.masked mask).attend n h i =
      let js := (List.range n).filter (mask n i)
      let Z := Float.sum (js.map fun j => H.similarity n i j (h i) (h j))
      State.sum (js.map fun j => H.weighting n i j (H.similarity n i j (h i) (h j)) Z (h j)) := by
  have hZ : Float.sum ((H.masked mask).scores n h i) =
      Float.sum (((List.range n).filter (mask n i)).map fun j => H.similarity n i j (h i) (h j)) :=
    Float.sum_map_ite (List.range n) (mask n i) fun j => H.similarity n i j (h i) (h j)
  simp only [attend, hZ]
  rw [← State.sum_map_ite (List.range n) (mask n i)]
  congr 1
  refine List.map_congr_left fun j _ => ?_
  cases hm : mask n i j <;> simp [masked, hm]

end Head

end Logprec
