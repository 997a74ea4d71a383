import Logprec.Float.Construct
import Logprec.Transformer.Defs

/-!
# The circuit of a transformer

The construction of Merrill & Sabharwal 2023, Theorem 1. Every layer takes five stages: similarities
(look-up), their sum (`⊕`), weighting (look-up), the sum of the weighted states (`⊕`), activation (look-up).
These are the definitions that the theorem is about. `logprec compile` evaluates them, or runs C that is printed from a
register program proved to output `decisionCircuit` (`Logprec.Simulation.Construct`).
-/

namespace Logprec

open Circuit Float

variable {D : Nat} {p : Nat → Nat}

/-- The depth of one layer, `9 + 2 · d⊕`. -/
def layerDepth : Nat := 9 + 2 * dSum

namespace Head

/-- Look-ups for the scores that position `i` gives. Inputs: the states. Outputs: the scores. -/
def scoresCircuit (H : Head D p) (n i : Nat) : Circuit :=
  let w := D * p n
  par 3 (List.range n) (fun j => blockPos w i ++ blockPos w j) fun j =>
    lookup (w + w) (p n) fun a => (H.similarity n i j (.ofNat w a) (.ofNat w (a / 2 ^ w))).toNat

/-- Look-ups for the weighted states. Inputs: `Z`, the scores, the states. Outputs: `n` vectors. -/
def weightedCircuit (H : Head D p) (n i : Nat) : Circuit :=
  let q := p n
  let w := D * q
  par 3 (List.range n) (fun j => blockPos q (j + 1) ++ blockPos q 0 ++ (blockPos w j).map ((n + 1) * q + ·)) fun j =>
    lookup (q + q + w) w fun a =>
      (H.weighting n i j (.ofNat q a) (.ofNat q (a / 2 ^ q)) (.ofNat w (a / 2 ^ (q + q)))).toNat

/-- The sum of `n` vectors, coordinate by coordinate. -/
def vectorSumCircuit (D q n : Nat) : Circuit :=
  par dSum (List.range D) (fun d => (List.range n).flatMap fun j => List.range' (j * (D * q) + d * q) q)
    fun _ => sumCircuit q n

/-- What the head computes at position `i`. Inputs: the states. Outputs: one vector. -/
def circuit (H : Head D p) (n i : Nat) : Circuit :=
  let q := p n
  let w := D * q
  pair 3 (List.range (n * w)) (H.scoresCircuit n i) (List.range (n * w)) (carry (n * w) 3)
  ++ pair dSum (List.range (n * q)) (sumCircuit q n) (List.range (n * q + n * w)) (carry (n * q + n * w) dSum)
  ++ H.weightedCircuit n i
  ++ vectorSumCircuit D q n

/-- A bound on the size of a head's circuit for one position. -/
def circuitSize (D q n : Nat) : Nat :=
  let w := D * q
  n * lookupSize (w + w) q + 3 * (2 * (n * w))
  + (sumCircuitSize q n + dSum * (2 * (n * q + n * w)))
  + n * lookupSize (q + q + w) w
  + D * sumCircuitSize q n

end Head

namespace Block

/-- All heads at all positions. Inputs: the states. Outputs: for every position, a vector from every head. -/
def headsCircuit (B : Block D p) (n : Nat) : Circuit :=
  let all := List.range (n * (D * p n))
  par (6 + 2 * dSum) (List.range n) (fun _ => all) fun i =>
    par (6 + 2 * dSum) B.heads (fun _ => all) fun H => H.circuit n i

/-- Look-ups for the activation. Inputs: what the heads computed, then the old states. Outputs: the new states. -/
def activationCircuit (B : Block D p) (n : Nat) : Circuit :=
  let w := D * p n
  let k := B.heads.length
  par 3 (List.range n) (fun i => blockPos (k * w) i ++ (blockPos w i).map (n * (k * w) + ·)) fun i =>
    lookup (k * w + w) w fun a =>
      (B.activation n i ((List.range k).map fun r => .ofNat w (a / 2 ^ (r * w))) (.ofNat w (a / 2 ^ (k * w)))).toNat

/-- One layer of the transformer. Inputs: the states. Outputs: the new states. -/
def circuit (B : Block D p) (n : Nat) : Circuit :=
  let m := n * (D * p n)
  pair (6 + 2 * dSum) (List.range m) (B.headsCircuit n) (List.range m) (carry m (6 + 2 * dSum))
  ++ B.activationCircuit n

/-- A bound on the size of the circuit of a layer with `k` heads. -/
def circuitSize (D q n k : Nat) : Nat :=
  let w := D * q
  n * (k * Head.circuitSize D q n) + (6 + 2 * dSum) * (2 * (n * w)) + n * lookupSize (k * w + w) w

end Block

namespace Transformer

/-- Look-ups for the embedding. Inputs: the symbols. Outputs: the first states. -/
def embedCircuit (T : Transformer) (n : Nat) : Circuit :=
  let w := T.dim * T.prec n
  par 3 (List.range n) (fun i => blockPos T.symbolBits i) fun i =>
    lookup T.symbolBits w fun a => (T.embed n i (.ofNat T.symbolBits a)).toNat

/-- The circuit of a transformer for `n` positions. Inputs: the bits of the symbols. Outputs: the bits of the
last states of all positions. -/
def circuit (T : Transformer) (n : Nat) : Circuit :=
  T.embedCircuit n ++ T.blocks.flatMap fun B => B.circuit n

/-- The acceptance head. Inputs: the last states. Output: one bit. -/
def acceptCircuit (T : Transformer) (n : Nat) : Circuit :=
  let w := T.dim * T.prec n
  -- without a last position there is nothing to read, and the state counts as zero
  let pos := if n = 0 then [] else blockPos w (n - 1)
  par 3 [()] (fun _ => pos) fun _ => lookup pos.length 1 fun a => (T.accept n (.ofNat w a)).toNat

/-- The circuit that decides whether the transformer accepts: one output bit. -/
def decisionCircuit (T : Transformer) (n : Nat) : Circuit :=
  T.circuit n ++ T.acceptCircuit n

/-- A bound on the size of `circuit`, in closed form: it is what the program asks before it builds anything. -/
def circuitSize (T : Transformer) (n : Nat) : Nat :=
  let q := T.prec n
  n * lookupSize T.symbolBits (T.dim * q)
  + (T.blocks.map fun B => Block.circuitSize T.dim q n B.heads.length).sum

/-- A bound on the size of `decisionCircuit`, in closed form. -/
def decisionSize (T : Transformer) (n : Nat) : Nat :=
  T.circuitSize n + lookupSize (T.dim * T.prec n) 1

end Transformer

end Logprec
