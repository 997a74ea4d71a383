/-!
# Threshold circuits

What an auditor reads: wires, gates, layers, circuits, and what they compute.

A circuit is a list of layers of unweighted, unbounded fan-in threshold gates (Merrill & Sabharwal 2023,
Definition 4). It is strictly layered: the gates of a layer read the layer just before it, and the inputs
are layer 0. A value that is needed later is carried by copy gates, which are paid for. A layered circuit is
a circuit in the usual sense of the same depth; `Logprec.Circuit.Dag` proves the converse, for a factor of about the
depth in size.
-/

namespace Logprec

/-- `mult` parallel wires from gate `src` (counted from 0) of the previous layer. Gates are unweighted:
multiplicity is a short way to write equal wires, and every one of them is counted in the size. -/
structure Wire where
  /-- The position in the previous layer that is read. -/
  src : Nat
  /-- The number of parallel wires. -/
  mult : Nat := 1
  deriving DecidableEq, Repr, Inhabited

/-- The threshold gates θ≥ₖ and θ≤ₖ of the paper (Definition 4): "at least (at most) `k` of the wires carry a
one". AND, OR, NOT, copies and constants are such gates. -/
inductive Gate where
  /-- θ≥ₖ -/
  | atLeast (k : Nat) (ws : List Wire)
  /-- θ≤ₖ -/
  | atMost (k : Nat) (ws : List Wire)
  deriving DecidableEq, Repr, Inhabited

/-- A layer: its gates, in order. -/
abbrev Layer := List Gate

/-- A circuit: its layers, the one that reads the inputs first. The last layer is the output. -/
abbrev Circuit := List Layer

/-- How many of the wires `ws` carry a one when position `i` of the previous layer has the value `v i`. -/
def Wire.count (v : Nat → Bool) (ws : List Wire) : Nat :=
  (ws.map fun w => if v w.src then w.mult else 0).sum

namespace Gate

/-- The wires of a gate. -/
def wires : Gate → List Wire
  | atLeast _ ws | atMost _ ws => ws

/-- The value of a gate when position `i` of the previous layer has the value `v i`. -/
def eval (v : Nat → Bool) : Gate → Bool
  | atLeast k ws => decide (k ≤ Wire.count v ws)
  | atMost k ws => decide (Wire.count v ws ≤ k)

/-- The size of a gate: one for itself, and one for each of its wires, counted with multiplicity.
The paper counts gates only; counting wires too makes our size bounds stronger. -/
def size (g : Gate) : Nat :=
  1 + (g.wires.map Wire.mult).sum

end Gate

/-- The values of a layer's gates, given the values `x` of the previous layer. -/
def Layer.eval (L : Layer) (x : List Bool) : List Bool :=
  let a := x.toArray -- an array, so that reading a wire takes constant time
  L.map (Gate.eval fun i => a.getD i false)

namespace Circuit

/-- The output bits of a circuit on the input bits `x`. -/
def eval (C : Circuit) (x : List Bool) : List Bool :=
  C.foldl (fun x L => L.eval x) x

/-- Depth is the number of layers. -/
def depth (C : Circuit) : Nat := C.length

/-- Size is the number of gates plus the number of wires, with multiplicity. -/
def size (C : Circuit) : Nat :=
  (C.map fun L => (L.map Gate.size).sum).sum

/-- The number of outputs of a circuit with `m` inputs. -/
def width (m : Nat) : Circuit → Nat
  | [] => m
  | L :: C => width L.length C

/-- Well-formed for `m` inputs: every wire reads a position that exists in the previous layer. -/
def WF (m : Nat) : Circuit → Prop
  | [] => True
  | L :: C => (∀ g ∈ L, ∀ w ∈ g.wires, w.src < m) ∧ WF L.length C

/-- Well-formedness can be decided. -/
instance decidableWF : (m : Nat) → (C : Circuit) → Decidable (WF m C)
  | _, [] => inferInstanceAs (Decidable True)
  | _, L :: C => haveI := decidableWF L.length C; inferInstanceAs (Decidable (_ ∧ _))

end Circuit

/-! ## Circuits as lists of numbers, and as text

A circuit is written as a list of naturals: the number of inputs; for every layer a `0` followed by its gates;
a final `4`. A gate is `1 k` (θ≥ₖ) or `2 k` (θ≤ₖ) followed by its wires, and a wire is `3 src mult`. This is
the serialisation that uniformity is about (Merrill & Sabharwal 2023, Section 2, print a circuit as a list of
gates in topological order, each with its threshold and pointers to its arguments; ours has numbers in place of
unary blocks, and multiplicities in place of repeated pointers). A circuit file holds the same numbers in
decimal, one line for a layer mark or a gate, after a header line.

`decode_encode` says that nothing is lost, `encode_of_decode` that nothing else is accepted. Reading takes linear
time and constant stack.
-/

/-- The numbers of a wire. -/
def Wire.encode (w : Wire) : List Nat := [3, w.src, w.mult]

/-- The numbers of a gate: its kind, its threshold, its wires. -/
def Gate.encode : Gate → List Nat
  | atLeast k ws => 1 :: k :: ws.flatMap Wire.encode
  | atMost k ws => 2 :: k :: ws.flatMap Wire.encode

/-- The numbers of a layer: the mark `0`, then its gates. -/
def Layer.encode (L : Layer) : List Nat := 0 :: L.flatMap Gate.encode

namespace Circuit

/-- The serialisation of a circuit with `inputs` inputs: the number of inputs, the layers, and the mark `4`. -/
def encode (inputs : Nat) (C : Circuit) : List Nat := inputs :: (C.flatMap Layer.encode ++ [4])

end Circuit

end Logprec
