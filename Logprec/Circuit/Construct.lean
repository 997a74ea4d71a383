import Logprec.Circuit.Defs
import Std.Data.HashMap

/-!
# Circuits out of circuits

Parts side by side, in sequence and beside wires that are carried along; and the optimiser. What they compute is proved
in the files that import this one.
-/

namespace Logprec

/-! ## Composing circuits

Circuits one after the other (`++`), side by side with a choice of what each part reads (`Circuit.par`),
and values carried through (`Circuit.carry`). `Circuit.Computes` collects everything that is ever proved
about a construction, with one rule for each way of composing.
-/

/-! ## Reading through a renaming -/

/-- The gate that reads position `f i` where `g` reads position `i`. -/
def Gate.reindex (f : Nat → Nat) : Gate → Gate
  | atLeast k ws => atLeast k (ws.map fun w => ⟨f w.src, w.mult⟩)
  | atMost k ws => atMost k (ws.map fun w => ⟨f w.src, w.mult⟩)

namespace Circuit

/-! ## Side by side -/

/-- What each part reads after its first layer: its own last layer, which starts at `off`, `off + …`. -/
def advance : Nat → List ((Nat → Nat) × Circuit) → List ((Nat → Nat) × Circuit)
  | _, [] => []
  | off, (_, C) :: bs => ((off + ·), C.tail) :: advance (off + (C.headD []).length) bs

/-- Circuits of depth `d`, side by side; the part `(f, C)` reads position `f i` of the common inputs as its
input `i`. The outputs follow one another. -/
def beside : (d : Nat) → List ((Nat → Nat) × Circuit) → Circuit
  | 0, _ => []
  | d + 1, bs => bs.flatMap (fun b => (b.2.headD []).map (Gate.reindex b.1)) :: beside d (advance 0 bs)

/-! ## What a construction computes -/

/-- The circuits `C i` of depth `d`, for `i` in `is`, side by side; the input of `C i` is the list of
positions `sel i` of the common inputs. The outputs follow one another. -/
def par {ι : Type} (d : Nat) (is : List ι) (sel : ι → List Nat) (C : ι → Circuit) : Circuit :=
  beside d (is.map fun i => let a := (sel i).toArray; ((a.getD · 0), C i))

/-! ## Carrying values -/

/-- `d` layers of copy gates on `m` values. -/
def carry (m d : Nat) : Circuit :=
  List.replicate d ((List.range m).map fun i => Gate.atLeast 1 [⟨i, 1⟩])

/-- Two circuits of depth `d` side by side: `C` reads the positions `σ`, and `D` the positions `τ`. -/
def pair (d : Nat) (σ : List Nat) (C : Circuit) (τ : List Nat) (D : Circuit) : Circuit :=
  par d [false, true] (fun b => bif b then τ else σ) (fun b => bif b then D else C)

end Circuit

/-! ## Carrying values past a circuit

`Circuit.carrying` puts copy gates behind the gates of every layer, so that values that the circuit does not need
arrive with its outputs; and `Circuit.both` computes two functions of the same inputs in this way, one after the other.
-/

section

open Circuit

/-- Copy gates for the positions `p`, `p + 1`, …, `p + k - 1`. -/
def Layer.copies (p k : Nat) : Layer := (List.range k).map fun i => .atLeast 1 [⟨p + i, 1⟩]

namespace Circuit

/-! ## Carrying -/

/-- The circuit with `k` copy gates at the end of every layer, which carry the last `k` values; those of the first layer
read from position `p` on. -/
def carrying : (p k : Nat) → Circuit → Circuit
  | _, _, [] => []
  | p, k, L :: C => (L ++ Layer.copies p k) :: carrying L.length k C

/-! ## Both -/

/-- Two circuits with the same `n` inputs: the outputs of `D`, and then those of `C`. The inputs are doubled, and one
copy is carried past `C`; then they are put in front, and the outputs of `C` are carried past `D`. -/
def both (n : Nat) (C D : Circuit) : Circuit :=
  carrying 0 n (Layer.copies 0 n :: C) ++ carrying 0 (C.width n) (Layer.copies (C.width n) n :: D)

end Circuit

end

/-! ## Constant folding and sharing

A pass over the layers from the inputs to the outputs. A gate whose value is known is not built: the gates of the next
layer take its value into their thresholds. Of equal gates of a layer one is built, and read instead of the others. The
last layer is the output, so its gates keep their places.

Depth stays what it is, also where a shorter circuit would do: layers are strict.
-/

/-- A quick hash: most gates differ in their threshold or in what they read first. -/
instance : Hashable Gate where
  hash g :=
    let (b, k, ws) := match g with
      | .atLeast k ws => (0, k, ws)
      | .atMost k ws => (1, k, ws)
    mixHash (hash (2 * k + b)) (hash ((ws.headD ⟨0, 0⟩).src))

/-- What became of a position of the previous layer. -/
inductive Ref where
  /-- Its value is known. -/
  | const (b : Bool)
  /-- It is now at this position. -/
  | pos (i : Nat)
  deriving Repr, DecidableEq

/-- How many of the wires are known to carry a one. -/
def Wire.ones (r : Nat → Ref) (ws : List Wire) : Nat :=
  (ws.map fun w => if r w.src = .const true then w.mult else 0).sum

/-- The wires that are not known, and read what they read where it is now. -/
def Wire.unknown (r : Nat → Ref) (ws : List Wire) : List Wire :=
  ws.filterMap fun w => match r w.src with
    | .const _ => none
    | .pos i => some ⟨i, w.mult⟩

/-- The number of wires, with multiplicity. -/
def Wire.total (ws : List Wire) : Nat := (ws.map Wire.mult).sum

/-- What is left of a gate: its value, if it is known, or a gate. -/
def Gate.fold (r : Nat → Ref) : Gate → Bool ⊕ Gate
  | atLeast k ws =>
    let ones := Wire.ones r ws
    let ws := Wire.unknown r ws
    if k ≤ ones then .inl true else if Wire.total ws + ones < k then .inl false else .inr (.atLeast (k - ones) ws)
  | atMost k ws =>
    let ones := Wire.ones r ws
    let ws := Wire.unknown r ws
    if k < ones then .inl false else if Wire.total ws + ones ≤ k then .inl true else .inr (.atMost (k - ones) ws)

/-- A gate of known value. -/
def Gate.const (b : Bool) : Gate := if b then .atLeast 0 [] else .atLeast 1 []

/-- A layer while it is built. -/
structure Folded where
  /-- The gates so far. -/
  gates : Array Gate := #[]
  /-- Where they are. -/
  places : Std.HashMap Gate Nat := {}
  /-- What became of the gates that have been looked at. -/
  refs : Array Ref := #[]

/-- Look at one more gate. -/
def Folded.add (r : Nat → Ref) (s : Folded) (g : Gate) : Folded :=
  match g.fold r with
  | .inl b => { s with refs := s.refs.push (.const b) }
  | .inr g =>
    match s.places[g]? with
    | some i => { s with refs := s.refs.push (.pos i) }
    | none => ⟨s.gates.push g, s.places.insert g s.gates.size, s.refs.push (.pos s.gates.size)⟩

/-- Fold a layer. -/
def Layer.fold (r : Nat → Ref) (L : Layer) : Folded := L.foldl (Folded.add r) {}

/-- What became of a position; beyond the layer values are 0. -/
def Folded.ref (s : Folded) (i : Nat) : Ref := s.refs.getD i (.const false)

namespace Circuit

/-- Fold a circuit whose first layer reads positions that became what `r` says. -/
def foldFrom (r : Nat → Ref) : Circuit → Circuit
  | [] => []
  | [L] => [L.map fun g => (g.fold r).elim Gate.const id]
  | L :: M :: C =>
    let s := Layer.fold r L
    s.gates.toList :: foldFrom s.ref (M :: C)

end Circuit

/-! ## Circuits -/

namespace Circuit

/-- **Constant folding and sharing** of a circuit. -/
def fold (C : Circuit) : Circuit := foldFrom .pos C

end Circuit

/-! ## Dead gates

A pass from the outputs to the inputs: of every layer but the last, only the gates that are read are kept.
-/

/-- The elements that are marked. -/
def keep {α : Type} : List Bool → List α → List α
  | true :: ms, a :: l => a :: keep ms l
  | false :: ms, _ :: l => keep ms l
  | _, _ => []

/-- For every position, the number of marked ones before it; there are `k` marks before the first. -/
def ranks : (k : Nat) → List Bool → List Nat
  | _, [] => []
  | k, m :: ms => k :: ranks (k + m.toNat) ms

/-- Which of `n` positions the layer `L` reads. -/
def Layer.reads (n : Nat) (L : Layer) : Array Bool :=
  L.foldl (fun a g => g.wires.foldl (fun a w => a.setIfInBounds w.src true) a) (Array.replicate n false)

namespace Circuit

/-- A circuit without gates that are not read. -/
def prune : Circuit → Circuit
  | [] => []
  | L :: C =>
    match prune C with
    | [] => [L]
    | M :: D =>
      let marks := (M.reads L.length).toList
      let rank := (ranks 0 marks).toArray
      keep marks L :: M.map (Gate.reindex fun i => rank.getD i 0) :: D

end Circuit

/-! ## The optimiser

Constant folding and sharing, then leaving out dead gates.
-/

namespace Circuit

/-- Fold constants, share equal gates, leave out dead gates. -/
def optimise (C : Circuit) : Circuit := C.fold.prune

end Circuit

end Logprec
