import Logprec.Simulation.Uniform
import Logprec.Rotary.Program

/-!
# Attention heads with rotary positions

Rotary position embedding (Su et al. 2021, as in Chen et al. 2024, Circuit Complexity Bounds for RoPE-based Transformer
Architecture), at log precision. The query of position `i` and the key of position `j` are vectors of `2 F` numbers.
Pair `f` of the query is rotated by `i · θ_f` and that of the key by `j · θ_f`; the logit is their inner product. It
depends on the angle `(i - j) · θ_f` only: it is the inner product of the query, rotated by that, with the key.

What the papers leave open is fixed here. Queries and keys are signed `p`-bit integers in two's complement (fixed
point: their unit is the same for all coordinates, and belongs to `score`). The frequencies `θ_f` are rational numbers
in [0, 1], as floating-point ones are. Cosine and sine are the fixed-point numbers of `cosSin`, with
`c · (⌊log₂ n⌋ + 1)` fraction bits, within one unit of the exact values (`cosSin_near`). The logit is the exact integer
that results, in units of `2 ^ -P`. The score of a logit (its scaling, its exponential) is any function that is
computable in linear space.
-/

namespace Logprec

namespace Rotary

/-- The number of fraction bits of cosine and sine. -/
def fracBits (c n : Nat) : Nat := c * ell n

/-- The inner product `⟨R q, k⟩` of a pair `q` of a query that is rotated with a pair `k` of a key, where `r` is the
cosine and the sine of the angle. -/
def pairLogit (q k r : Int × Int) : Int := (q.1 * k.1 + q.2 * k.2) * r.1 + (q.1 * k.2 - q.2 * k.1) * r.2

/-- Pair `f` of a vector of signed integers. -/
def pair {D p : Nat} (v : State D p) (f : Nat) : Int × Int := ((v.coord (2 * f)).toInt, (v.coord (2 * f + 1)).toInt)

/-- The logit of a query at position `i` and a key at position `j`, in units of `2 ^ -P`. -/
def logit {D p : Nat} (c : Nat) (freqs : List (Nat × Nat)) (n i j : Nat) (q k : State D p) : Int :=
  (freqs.zipIdx.map fun θ =>
    pairLogit (pair q θ.2) (pair k θ.2) (cosSin (fracBits c n) (ell n) θ.1.1 θ.1.2 (i - j))).sum

end Rotary

/-- An attention head with rotary positions. -/
structure RotaryHead (D : Nat) (p : Nat → Nat) where
  /-- Cosine and sine have `c · (⌊log₂ n⌋ + 1)` fraction bits. -/
  c : Nat
  /-- The frequencies, as numerators and denominators. -/
  freqs : List (Nat × Nat)
  /-- The frequencies are in [0, 1]. -/
  freqs_le : ∀ θ ∈ freqs, 0 < θ.2 ∧ θ.1 ≤ θ.2
  /-- The query of position `i`. -/
  query (n i : Nat) (hi : State D (p n)) : State (2 * freqs.length) (p n)
  /-- The key of position `j`. -/
  key (n j : Nat) (hj : State D (p n)) : State (2 * freqs.length) (p n)
  /-- The score of a logit, which is in units of `2 ^ -(c · (⌊log₂ n⌋ + 1))`. -/
  score (n i j : Nat) (logit : Int) : BitVec (p n)
  /-- The weighting, as for every head. -/
  weighting (n i j : Nat) (s Z : BitVec (p n)) (hj : State D (p n)) : State D (p n)

namespace RotaryHead

open Space Rotary

variable {D : Nat} {p : Nat → Nat} (H : RotaryHead D p)

/-- The logit that position `i` gives to position `j`. -/
def logit (n i j : Nat) (hi hj : State D (p n)) : Int :=
  Rotary.logit H.c H.freqs n i j (H.query n i hi) (H.key n j hj)

/-- The head: the score of the logit is the similarity. -/
def toHead : Head D p where
  similarity n i j hi hj := H.score n i j (H.logit n i j hi hj)
  weighting := H.weighting

/-- The length of logits: they are below `2 ^ (logitBits · (p n + ⌊log₂ n⌋ + 1))`. -/
def logitBits : Nat := H.freqs.length + H.c + 6

/-- The local maps of a rotary head are computable, when `computes M args p n c v` means that `M` computes `v` from
`args` in space linear in `p + log n`, with the constant `c` (as in `Transformer.LocalMaps`). Nothing is asked of the
rotation. -/
structure LocalMaps {Code : Type} (computes : Code → (args : List Nat) → (p n c v : Nat) → Prop) : Prop where
  /-- The query. -/
  query : ∃ M c, ∀ n i hi, i < n → computes M [n, i, hi.toNat] (p n) n c (H.query n i hi).toNat
  /-- The key. -/
  key : ∃ M c, ∀ n j hj, j < n → computes M [n, j, hj.toNat] (p n) n c (H.key n j hj).toNat
  /-- The score. The logit is given as its positive part and its negative part. -/
  score : ∃ M c, ∀ n i j z, i < n → j < n → z.natAbs ≤ linearBound (p n) n H.logitBits →
    computes M [n, i, j, z.toNat, (-z).toNat] (p n) n c (H.score n i j z).toNat
  /-- The weighting. -/
  weighting : ∃ M c, ∀ n i j s Z hj, i < n → j < n →
    computes M [n, i, j, s.toNat, Z.toNat, hj.toNat] (p n) n c (H.weighting n i j s Z hj).toNat

/-- The local maps of a rotary head are computable in linear space, by Turing machines. -/
abbrev LinearSpace : Prop :=
  H.LocalMaps fun (M : Turing.Machine) args p n c v => M.Computes args (c * (p + n.log2 + 1)) v

/-- The same with register programs. -/
abbrev LinearSpacePrograms : Prop :=
  H.LocalMaps fun (P : Prog) args p n c v => P.Yields args (linearBound p n c) v

end RotaryHead

end Logprec
