import Logprec.Transformer.Defs

/-!
# Transformers given by tables

A transformer of constant precision whose local maps are tables of numbers: what a model file holds. Its
circuit is the circuit of the `Transformer` it denotes, so the theorems apply to it as they stand.
-/

namespace Logprec

/-- The tables of a head. Entries are in row-major order, the first index most significant. -/
structure HeadTables where
  /-- Whether position `i` attends to positions `j ≤ i` only. -/
  causal : Bool
  /-- `similarity[hᵢ][hⱼ]`, a float. -/
  similarity : Array Nat
  /-- `weighting[s][Z][hⱼ]`, a state. -/
  weighting : Array Nat

/-- The tables of a layer. -/
structure BlockTables where
  /-- The heads. -/
  heads : List HeadTables
  /-- `activation[a₁]…[aₖ][hᵢ]`, a state. -/
  activation : Array Nat

/-- The tables of a transformer of constant precision. -/
structure Tables where
  /-- The number of bits of a symbol. -/
  symbolBits : Nat
  /-- The number of coordinates of a state. -/
  dim : Nat
  /-- The number of bits of a float. -/
  prec : Nat
  /-- The greatest number of positions that `embed` has rows for. -/
  maxLength : Nat
  /-- `embed[i][σ]`, a state. -/
  embed : Array Nat
  /-- The layers. -/
  blocks : List BlockTables
  /-- `accept[h]`, zero or one. -/
  accept : Array Nat

/-- The head that the tables denote. -/
def HeadTables.toHead (H : HeadTables) (D p : Nat) : Head D fun _ => p :=
  let w := D * p
  let head : Head D fun _ => p :=
    { similarity := fun _ _ _ hi hj => .ofNat p (H.similarity.getD (hi.toNat * 2 ^ w + hj.toNat) 0)
      weighting := fun _ _ _ s Z hj =>
        .ofNat w (H.weighting.getD ((s.toNat * 2 ^ p + Z.toNat) * 2 ^ w + hj.toNat) 0) }
  if H.causal then head.causal else head

/-- The layer that the tables denote. -/
def BlockTables.toBlock (B : BlockTables) (D p : Nat) : Block D fun _ => p :=
  let w := D * p
  { heads := B.heads.map fun H => H.toHead D p
    activation := fun _ _ as hi =>
      .ofNat w (B.activation.getD ((as ++ [hi]).foldl (fun index a => index * 2 ^ w + a.toNat) 0) 0) }

/-- The transformer that the tables denote. -/
def Tables.toTransformer (M : Tables) : Transformer where
  symbolBits := M.symbolBits
  dim := M.dim
  prec _ := M.prec
  embed _ i σ := .ofNat _ (M.embed.getD (i * 2 ^ M.symbolBits + σ.toNat) 0)
  blocks := M.blocks.map fun B => B.toBlock M.dim M.prec
  accept _ h := M.accept.getD h.toNat 0 != 0

/-- Tables have logarithmic precision. -/
theorem Tables.logPrecision (M : Tables) : M.toTransformer.LogPrecision M.prec := fun n => by
  simpa [toTransformer] using Nat.le_mul_of_pos_right M.prec (show 0 < n.log2 + 1 by omega)

end Logprec
