import Logprec.Bits
import Logprec.Float.Defs

/-!
# The paper's transformer

Definitions 7 to 12 of Merrill & Sabharwal 2023, with what a formaliser has to fix:

* A state is a vector of `D` floats of `p` bits each (`D` a constant), packed in one string of `D * p` bits.
  The paper packs a vector in `p` bits and applies the scalar sum `⊕` to it; here `⊕` is coordinatewise.
* The precision `p` is a function of the number `n` of positions. Logarithmic precision is the *hypothesis*
  `LogPrecision`, which only the size bound needs.
* Similarity, weighting, activation, embedding and acceptance are arbitrary functions of their bits, of `n`,
  and of the positions they are applied at. So causal masks, rotary embeddings and every other positional
  device are instances. The paper's weighting `s / Z · h` is one possible weighting; nothing is assumed
  about division, also not by zero.
* The paper has no acceptance condition. Here a head `accept` reads the state of the last position.
-/

namespace Logprec

/-- The bits of a bit vector, least significant first. -/
def enc {w : Nat} (v : BitVec w) : List Bool := bits w v.toNat

/-- A vector of `D` floats of `p` bits, packed: coordinate `d` is at the bits `d * p` to `d * p + p - 1`. -/
abbrev State (D p : Nat) := BitVec (D * p)

namespace State

/-- Coordinate `d` of a vector. -/
def coord {D p : Nat} (v : State D p) (d : Nat) : BitVec p := BitVec.ofNat p (v.toNat / 2 ^ (d * p))

/-- The vector with the given coordinates. -/
def ofCoords (D p : Nat) (c : Nat → BitVec p) : State D p :=
  BitVec.ofNat (D * p) (ofBits ((List.range D).flatMap fun d => enc (c d)))

/-- The iterated sum `⊕` of vectors, coordinate by coordinate. -/
def sum {D p : Nat} (vs : List (State D p)) : State D p :=
  ofCoords D p fun d => Float.sum (vs.map fun v => v.coord d)

end State

/-- An attention head (Definitions 7 and 8), for vectors of `D` floats of `p n` bits when there are `n`
positions. -/
structure Head (D : Nat) (p : Nat → Nat) where
  /-- `similarity n i j hᵢ hⱼ` is the score that position `i` gives to position `j`. -/
  similarity (n i j : Nat) (hi hj : State D (p n)) : BitVec (p n)
  /-- `weighting n i j s Z hⱼ` is the summand of position `j`; `s` is its score and `Z` the sum of the scores.
  The paper: `s / Z · hⱼ`. -/
  weighting (n i j : Nat) (s Z : BitVec (p n)) (hj : State D (p n)) : State D (p n)

namespace Head

variable {D : Nat} {p : Nat → Nat}

/-- The scores that position `i` gives. -/
def scores (H : Head D p) (n : Nat) (h : Nat → State D (p n)) (i : Nat) : List (BitVec (p n)) :=
  (List.range n).map fun j => H.similarity n i j (h i) (h j)

/-- What the head computes at position `i` (Definition 8): with `Z = ⊕ⱼ sᵢⱼ`, the sum `⊕ⱼ (sᵢⱼ / Z) · hⱼ`. -/
def attend (H : Head D p) (n : Nat) (h : Nat → State D (p n)) (i : Nat) : State D (p n) :=
  let Z := Float.sum (H.scores n h i)
  State.sum <| (List.range n).map fun j => H.weighting n i j (H.similarity n i j (h i) (h j)) Z (h j)

end Head

/-- A transformer layer (Definitions 9 and 10): heads, and an activation that is given what the heads computed
and the old state. It contains the value and output projections, the residual connection, layer norm and
the feed-forward network. -/
structure Block (D : Nat) (p : Nat → Nat) where
  /-- The heads, `H₁` to `Hₖ`. -/
  heads : List (Head D p)
  /-- `activation n i [a₁, …, aₖ] hᵢ` is the new state of position `i`. -/
  activation (n i : Nat) (as : List (State D (p n))) (hi : State D (p n)) : State D (p n)

/-- The new states, from the old ones. -/
def Block.apply {D : Nat} {p : Nat → Nat} (B : Block D p) (n : Nat) (h : List (State D (p n))) :
    List (State D (p n)) :=
  let a := h.toArray -- an array, so that reading a state takes constant time
  let h := fun i => a.getD i 0
  (List.range n).map fun i => B.activation n i (B.heads.map fun H => H.attend n h i) (h i)

/-- A transformer (Definitions 11 and 12), for all lengths `n` at once, with an acceptance condition. -/
structure Transformer where
  /-- The alphabet is all strings of this many bits; a smaller alphabet leaves some unused. -/
  symbolBits : Nat
  /-- The number `D` of coordinates of a state. -/
  dim : Nat
  /-- The number `p n` of bits of a float when there are `n` positions. -/
  prec : Nat → Nat
  /-- `embed n i σ` is the first state of position `i`, counted from 0, which holds the symbol `σ`. -/
  embed (n i : Nat) (σ : BitVec symbolBits) : State dim (prec n)
  /-- The layers, the first one first. -/
  blocks : List (Block dim prec)
  /-- Whether the last state of the last position accepts. -/
  accept (n : Nat) (h : State dim (prec n)) : Bool

namespace Transformer

/-- The first states of the positions. -/
def embedded (T : Transformer) (word : List (BitVec T.symbolBits)) : List (State T.dim (T.prec word.length)) :=
  word.mapIdx fun i σ => T.embed word.length i σ

/-- The last states of the positions (Definition 12). -/
def states (T : Transformer) (word : List (BitVec T.symbolBits)) : List (State T.dim (T.prec word.length)) :=
  T.blocks.foldl (fun h B => B.apply word.length h) (T.embedded word)

/-- Whether the transformer accepts a word. The empty word has no last position: there `accept` is given the
zero state. -/
def accepts (T : Transformer) (word : List (BitVec T.symbolBits)) : Bool :=
  T.accept word.length ((T.states word).getD (word.length - 1) 0)

/-- The input bits of a word: its symbols one after the other. -/
def inputBits (T : Transformer) (word : List (BitVec T.symbolBits)) : List Bool := word.flatMap enc

/-- The bits of the states of all positions, one after the other. -/
def stateBits {w : Nat} (hs : List (BitVec w)) : List Bool := hs.flatMap enc

/-- Logarithmic precision: `p n ≤ c · (⌊log₂ n⌋ + 1)`. Constant precision is a special case. -/
def LogPrecision (T : Transformer) (c : Nat) : Prop := ∀ n, T.prec n ≤ c * (n.log2 + 1)

end Transformer

/-! ## Masks

A masked head is a head of the general kind: similarity and weighting see the positions, so they return zero
floats for masked pairs, and zeros do not change a sum (`attend_masked`).
-/

namespace Head

variable {D : Nat} {p : Nat → Nat}

/-- The head in which position `i` attends to position `j` only where `mask n i j` holds. -/
def masked (mask : (n i j : Nat) → Bool) (H : Head D p) : Head D p where
  similarity n i j hi hj := if mask n i j then H.similarity n i j hi hj else 0
  weighting n i j s Z hj := if mask n i j then H.weighting n i j s Z hj else 0

/-- The causal mask: a position attends to itself and to earlier positions. -/
def causal (H : Head D p) : Head D p := H.masked fun _ i j => decide (j ≤ i)

end Head

end Logprec
