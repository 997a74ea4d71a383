import Logprec.Network.Defs
import Logprec.Network.Sum

/-!
# The circuit of a form

`bias + Σ c · xᵢ + Σ c · xᵢ · xⱼ`, shifted and saturated, in depth 15. The first layer has a gate for every bit of a
linear term and for every pair of bits of a product; where the coefficient is negative the gate is negated and the
constant is adjusted, so that all weights are natural numbers. With a power of two added that makes the sum a natural
number, one more bit tells its sign.

Here the operands of a form are given by their numbers of bits, and follow one another in the input.
-/

namespace Logprec.Circuit

/-- Bits with their weights: for every weight, the gate that it belongs to. -/
abbrev Terms := List (Nat × Gate)

/-- `c · x` without its constant, for the `w`-bit number `x` that starts at position `off`. -/
def linTerms (off : Nat) (c : Int) (w : Nat) : Terms :=
  if c = 0 then [] else (List.range w).map fun a =>
    (c.natAbs * 2 ^ a, if 0 < c then .copy (off + a) else .none [off + a])

/-- What `linTerms` leaves out. -/
def linConst (c : Int) (w : Nat) : Int := if c < 0 then c * (2 ^ w - 1) else 0

/-- `c · x · y` without its constant, for a `w`-bit number `x` that starts at position `off` and a `w'`-bit number `y`
that follows it. -/
def quadTerms (off : Nat) (c : Int) (w w' : Nat) : Terms :=
  if c = 0 then [] else (List.range w).flatMap fun a => (List.range w').map fun b =>
    (c.natAbs * 2 ^ (a + b),
      if 0 < c then .all [off + a, off + w + b] else .atMost 1 [⟨off + a, 1⟩, ⟨off + w + b, 1⟩])

/-- What `quadTerms` leaves out. -/
def quadConst (c : Int) (w w' : Nat) : Int := if c < 0 then c * ((2 ^ w - 1) * (2 ^ w' - 1)) else 0

/-- The terms of a linear form: coefficients, and numbers of bits. -/
def linsTerms : (off : Nat) → List (Int × Nat) → Terms
  | _, [] => []
  | off, (c, w) :: l => linTerms off c w ++ linsTerms (off + w) l

/-- The terms of a sum of products: coefficients, and twice a number of bits. -/
def quadsTerms : (off : Nat) → List (Int × Nat × Nat) → Terms
  | _, [] => []
  | off, (c, w, w') :: l => quadTerms off c w w' ++ quadsTerms (off + (w + w')) l

/-- The terms of a form, without its constant. -/
def formTerms (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) : Terms :=
  linsTerms 0 lin ++ quadsTerms (lin.map (·.2)).sum quad

/-- The constant of a form: also its least value. -/
def formConst (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) : Int :=
  bias + (lin.map fun t => linConst t.1 t.2).sum + (quad.map fun t => quadConst t.1 t.2.1 t.2.2).sum

/-- So many bits that every value from `least` to `least + range` is less than `2 ^ magnitude` in absolute value, and
not fewer than `enough`. -/
def magnitude (least : Int) (range enough : Nat) : Nat :=
  max enough (max least.natAbs (least + range).natAbs + 1).log2 + 1

/-- From the sum of a number `z` and `2 ^ n`, where `|z| < 2 ^ n`: the number `z / 2 ^ shift`, saturated to `width`
bits. First the upper bits that overflow are put into all bits, then all are cleared if `z` is negative. -/
def saturate (n shift width : Nat) : Circuit :=
  [ (List.range width).map (fun j => .any ((shift + j) :: List.range' (shift + width) (n - (shift + width)))) ++
      [.copy n],
    (List.range width).map fun j => .all [j, width] ]

/-- The terms of a form, its constant among them: a gate that is always true. -/
def shiftedTerms (n : Nat) (const : Int) (ts : Terms) : Terms := ((const + 2 ^ n).toNat, .all []) :: ts

/-- The sizes of chunks in the first rounds. -/
def formPlan : List Nat := [15, 15, 15]

/-- The circuit of a form. -/
def form (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) (shift width : Nat) : Circuit :=
  let ts := formTerms lin quad
  let const := formConst bias lin quad
  let n := magnitude const (ts.map (·.1)).sum (width + shift)
  let ts := shiftedTerms n const ts
  let ks := ts.map (·.1)
  [ts.map (·.2)] ++ weightedSum (n + 1) formPlan ks ++
    par 2 [()] (fun _ => List.range (n + 1)) fun _ => saturate n shift width

/-- The depth of a form. -/
def formDepth : Nat := 15

end Logprec.Circuit
