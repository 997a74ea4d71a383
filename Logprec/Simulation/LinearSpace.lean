import Logprec.Space.Defs
import Logprec.Space.Turing.Binary
import Logprec.Transformer.Defs

/-!
# Local maps in linear space

The hypothesis of Merrill & Sabharwal 2023, Theorem 2: the local maps of a transformer are `p`-precision functions in
the sense of their Definition 6, which is to say that Turing machines compute them in linear space.

What is asked of each local map is stated once (`Transformer.LocalMaps`), for any notion of "`M` computes the value `v`
from the arguments". `Transformer.LinearSpace` is the notion with Turing machines; `Transformer.LinearSpacePrograms` is
that with register programs, which proofs use. `Transformer.linearSpace_iff` says that they agree for log-precision
transformers.
-/

namespace Logprec

open Space Turing

/-- Numbers with linearly many bits for floats of `p` bits and for positions up to `n`: at most
`c · (p + ⌊log₂ n⌋ + 1)` bits. -/
def linearBound (p n c : Nat) : Nat := 2 ^ (c * (p + n.log2 + 1))

/-- The local maps of a transformer are computable, when `computes M args p n c v` means that `M` computes `v` from
`args` in space linear in `p + log n`, with the constant `c`: for each map, one `M` computes it for all `n`, all
positions, and all strings. Vectors of floats are given as numbers, after `n` and the positions. -/
structure Transformer.LocalMaps (T : Transformer) {Code : Type}
    (computes : Code → (args : List Nat) → (p n c v : Nat) → Prop) : Prop where
  /-- The precision itself, in logarithmic space. -/
  prec : ∃ M c, ∀ n, computes M [n] 0 n c (T.prec n)
  /-- The embedding. -/
  embed : ∃ M c, ∀ n i σ, i < n → computes M [n, i, σ.toNat] (T.prec n) n c (T.embed n i σ).toNat
  /-- The similarity of every head. -/
  similarity : ∀ B ∈ T.blocks, ∀ H ∈ B.heads, ∃ M c, ∀ n i j hi hj, i < n → j < n →
    computes M [n, i, j, hi.toNat, hj.toNat] (T.prec n) n c (H.similarity n i j hi hj).toNat
  /-- The weighting of every head. -/
  weighting : ∀ B ∈ T.blocks, ∀ H ∈ B.heads, ∃ M c, ∀ n i j s Z hj, i < n → j < n →
    computes M [n, i, j, s.toNat, Z.toNat, hj.toNat] (T.prec n) n c (H.weighting n i j s Z hj).toNat
  /-- The activation of every layer. -/
  activation : ∀ B ∈ T.blocks, ∃ M c, ∀ n i as hi, i < n → as.length = B.heads.length →
    computes M (n :: i :: hi.toNat :: as.map BitVec.toNat) (T.prec n) n c (B.activation n i as hi).toNat
  /-- The acceptance head. -/
  accept : ∃ M c, ∀ n h, computes M [n, h.toNat] (T.prec n) n c (T.accept n h).toNat

/-- **The local maps are computable in linear space** (Definition 6): for each of them, one Turing machine computes it
for all `n`, positions and strings, given in binary, and visits at most `c · (p n + ⌊log₂ n⌋ + 1)` cells of its work
tapes. (The precision itself: at most `c · (⌊log₂ n⌋ + 1)` cells.) -/
abbrev Transformer.LinearSpace (T : Transformer) : Prop :=
  T.LocalMaps fun (M : Machine) args p n c v => M.Computes args (c * (p + n.log2 + 1)) v

/-- The same with register programs: no number that they handle has more than `c · (p n + ⌊log₂ n⌋ + 1)` bits. -/
abbrev Transformer.LinearSpacePrograms (T : Transformer) : Prop :=
  T.LocalMaps fun (P : Prog) args p n c v => P.Yields args (linearBound p n c) v

/-- A mask is computable in linear space, for floats of `prec n` bits: one Turing machine says of `n`, `i` and `j`
whether position `i` may attend to position `j`. -/
def LinearSpaceMask (prec : Nat → Nat) (mask : (n i j : Nat) → Bool) : Prop :=
  ∃ (M : Machine) (c : Nat), ∀ n i j, i < n → j < n →
    M.Computes [n, i, j] (c * (prec n + n.log2 + 1)) (mask n i j).toNat

/-- The same with a register program. -/
def LinearSpaceMaskPrograms (prec : Nat → Nat) (mask : (n i j : Nat) → Bool) : Prop :=
  ∃ (P : Prog) (c : Nat), ∀ n i j, i < n → j < n → P.Yields [n, i, j] (linearBound (prec n) n c) (mask n i j).toNat

end Logprec
