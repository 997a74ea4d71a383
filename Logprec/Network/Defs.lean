import Logprec.Bits

/-!
# Integer networks

The arithmetic of a quantised transformer, before it becomes gates: layers of nodes whose values are natural numbers
of a fixed number of bits. A node is an affine or bilinear form with integer coefficients, shifted and saturated; or a
table; or a copy. Linear layers, scores, weighted sums, residual connections and products are forms; exponential,
reciprocal and reciprocal square root are tables.

Signed quantities are stored with an offset, as is usual in quantised networks: the number `z` of `w` bits as the
natural number `z + 2 ^ (w - 1)`. The offset is part of the bias and of the coefficients of a form, so nodes need not
know of it.
-/

namespace Logprec

/-- A node. It reads values of the stage before it, which are natural numbers, by their position. -/
inductive Node where
  /-- The value at a position. -/
  | copy (src : Nat)
  /-- The form `bias + Σ c · xᵢ + Σ c · xᵢ · xⱼ`, divided by `2 ^ shift` and rounded down, then saturated to
  `width` bits: what is negative becomes 0, what is too large becomes `2 ^ width - 1`. -/
  | form (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) (shift width : Nat)
  /-- The entry that the value at `src` selects, 0 past the end of the table, cut to `width` bits. -/
  | table (src : Nat) (entries : Array Nat) (width : Nat)
  deriving Repr, DecidableEq, Inhabited

/-- The nodes of a stage, in order. All of them read the stage before it. -/
abbrev Stage := List Node

/-- An integer network: its stages, the one that reads the inputs first. -/
abbrev Network := List Stage

/-- Saturation to `width` bits: what is negative becomes 0, what is too large becomes `2 ^ width - 1`. -/
def clamp (width : Nat) (z : Int) : Nat := min z.toNat (2 ^ width - 1)

namespace Node

/-- The value of a form, before it is shifted and saturated; `x i` is the value at position `i`. -/
def total (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) (x : Nat → Nat) : Int :=
  bias + (lin.map fun t => t.1 * (x t.2 : Int)).sum + (quad.map fun t => t.1 * ((x t.2.1 * x t.2.2 : Nat) : Int)).sum

/-- The value of a node; `x i` is the value at position `i` of the stage before. -/
def eval (x : Nat → Nat) : Node → Nat
  | copy i => x i
  | form bias lin quad shift width => clamp width (total bias lin quad x / 2 ^ shift)
  | table i entries width => entries.getD (x i) 0 % 2 ^ width

/-- The number of bits of the value of a node, when the value at position `i` has `w i` bits. -/
def width (w : Nat → Nat) : Node → Nat
  | copy i => w i
  | form _ _ _ _ width | table _ _ width => width

/-- The positions that a node reads, in order, with repetitions. -/
def operands : Node → List Nat
  | copy i | table i _ _ => [i]
  | form _ lin quad _ _ => lin.map (·.2) ++ quad.flatMap fun t => [t.2.1, t.2.2]

end Node

/-- The values of a stage, given those of the stage before. -/
def Stage.eval (S : Stage) (x : List Nat) : List Nat :=
  let a := x.toArray -- an array, so that reading a value takes constant time
  S.map (Node.eval fun i => a.getD i 0)

/-- The numbers of bits of the values of a stage, given those of the stage before. -/
def Stage.widths (S : Stage) (ws : List Nat) : List Nat :=
  let a := ws.toArray
  S.map (Node.width fun i => a.getD i 0)

namespace Network

/-- The outputs of a network. -/
def eval (N : Network) (x : List Nat) : List Nat := N.foldl (fun x S => S.eval x) x

/-- The numbers of bits of the outputs, given those of the inputs. -/
def widths (N : Network) (ws : List Nat) : List Nat := N.foldl (fun ws S => S.widths ws) ws

/-- Well-formed for `m` inputs: every node reads positions that exist. -/
def WF : Nat → Network → Prop
  | _, [] => True
  | m, S :: N => (∀ v ∈ S, ∀ i ∈ v.operands, i < m) ∧ WF S.length N

end Network

/-- The bits of the values `x`, whose numbers of bits are `ws`, one after the other, each least significant bit
first. -/
def valueBits (ws x : List Nat) : List Bool := (ws.zip x).flatMap fun p => bits p.1 p.2

end Logprec
