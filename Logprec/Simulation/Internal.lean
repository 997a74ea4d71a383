import Logprec.Float.Circuit
import Logprec.Simulation.Defs

/-!
# Proof of the simulation theorem

Every stage of the construction computes what its docstring says. Nothing here needs to be read to understand
the statements in `Logprec.Simulation.Theorem`.
-/

namespace Logprec

open Circuit Float

/-! ## States in bit strings -/

@[simp] theorem length_enc {w} (v : BitVec w) : (enc v).length = w := length_bits _ _

/-- The vector in block `j` of `x`. -/
def dec (w : Nat) (x : List Bool) (j : Nat) : BitVec w := .ofNat w (ofBits (block w x j))

theorem enc_ofNat {w : Nat} {x : List Bool} (hx : x.length = w) : enc (BitVec.ofNat w (ofBits x)) = x := by
  subst hx
  rw [enc, BitVec.toNat_ofNat, Nat.mod_eq_of_lt (ofBits_lt x), bits_ofBits]

@[simp] theorem ofNat_ofBits_enc {w : Nat} (v : BitVec w) : BitVec.ofNat w (ofBits (enc v)) = v := by
  apply BitVec.eq_of_toNat_eq
  rw [enc, ofBits_bits, BitVec.toNat_ofNat, Nat.mod_mod, Nat.mod_eq_of_lt v.isLt]

theorem enc_dec {w n j : Nat} {x : List Bool} (hx : x.length = n * w) (hj : j < n) :
    enc (dec w x j) = block w x j :=
  enc_ofNat (length_block hx hj)

theorem dec_flatMap {w n j : Nat} (v : Nat → BitVec w) (hj : j < n) :
    dec w ((List.range n).flatMap fun j => enc (v j)) j = v j := by
  rw [dec, block_flatMap_range (fun _ _ => length_enc _) hj, ofNat_ofBits_enc]

@[simp] theorem ofNat_ofBits_enc_append {w : Nat} (v : BitVec w) (y : List Bool) :
    BitVec.ofNat w (ofBits (enc v ++ y)) = v := by
  rw [ofBits_append, length_enc]
  apply BitVec.eq_of_toNat_eq
  rw [BitVec.toNat_ofNat, Nat.add_mul_mod_self_left, enc, ofBits_bits, Nat.mod_mod, Nat.mod_eq_of_lt v.isLt]

@[simp] theorem ofBits_append_div {w : Nat} {x y : List Bool} (hx : x.length = w) :
    ofBits (x ++ y) / 2 ^ w = ofBits y := by
  subst hx
  rw [ofBits_append, Nat.add_mul_div_left _ _ (Nat.two_pow_pos _), Nat.div_eq_of_lt (ofBits_lt x), Nat.zero_add]

/-- Vectors that are written one after the other can be read back. -/
theorem ofBits_flatMap_div {w : Nat} (vs : List (BitVec w)) (y : List Bool) :
    (List.range vs.length).map (fun r => BitVec.ofNat w (ofBits (vs.flatMap enc ++ y) / 2 ^ (r * w))) = vs := by
  induction vs with
  | nil => rfl
  | cons v vs ih =>
    rw [List.length_cons, List.range_succ_eq_map, List.map_cons, List.map_map]
    congr 1
    · simp
    · refine Eq.trans (List.map_congr_left fun r _ => ?_) ih
      simp only [Function.comp, List.flatMap_cons, List.append_assoc, Nat.succ_mul]
      rw [Nat.add_comm (r * w), Nat.pow_add, ← Nat.div_div_eq_div_mul, ofBits_append_div (length_enc v)]

theorem bits_toNat {w : Nat} (v : BitVec w) : bits w v.toNat = enc v := rfl

theorem length_flatMap_enc {w n : Nat} (v : Nat → BitVec w) :
    ((List.range n).flatMap fun j => enc (v j)).length = n * w :=
  length_flatMap_range fun _ _ => length_enc _

theorem enc_ofCoords (D q : Nat) (c : Nat → BitVec q) :
    enc (State.ofCoords D q c) = (List.range D).flatMap fun d => enc (c d) :=
  enc_ofNat (length_flatMap_enc c)

/-- The bits of coordinate `d` of the vector in block `j`. -/
theorem map_bit_coord {D q n j d : Nat} {x : List Bool} (hx : x.length = n * (D * q)) (hj : j < n) (hd : d < D) :
    (List.range' (j * (D * q) + d * q) q).map (bit x) = enc (State.coord (D := D) (dec (D * q) x j) d) := by
  have hdq : d * q + q ≤ D * q := by
    have := Nat.mul_le_mul_right q (show d + 1 ≤ D from hd); rwa [Nat.add_mul, Nat.one_mul] at this
  rw [State.coord, enc, BitVec.toNat_ofNat]
  apply List.ext_getElem (by simp)
  intro t h₁ h₂
  simp only [List.length_map, List.length_range'] at h₁
  have e : (dec (D * q) x j).toNat = ofBits (block (D * q) x j) := by
    rw [dec, BitVec.toNat_ofNat, Nat.mod_eq_of_lt]
    simpa [length_block hx hj] using ofBits_lt (block (D * q) x j)
  simp only [List.getElem_map, List.getElem_range', bits, List.getElem_range, Nat.testBit_mod_two_pow, h₁, decide_true,
    Bool.true_and, ← Nat.shiftRight_eq_div_pow, Nat.testBit_shiftRight, e, testBit_ofBits, Nat.one_mul]
  rw [← map_bit_blockPos hx hj, blockPos]
  simp only [bit, List.getD_eq_getElem?_getD, List.getElem?_map]
  rw [List.getElem?_range' (by omega)]
  simp [bit, Nat.add_assoc]

private theorem self_range {m : Nat} {x : List Bool} (hx : x.length = m) : (List.range m).map (bit x) = x :=
  hx ▸ map_bit_range x

variable {D : Nat} {p : Nat → Nat}

/-! ## A head -/

namespace Head

variable (H : Head D p) (n i : Nat)

theorem computes_scores (hi : i < n) : (H.scoresCircuit n i).Computes (n * (D * p n)) (n * p n) 3
    (n * lookupSize (D * p n + D * p n) (p n))
    (fun x => (List.range n).flatMap fun j =>
      enc (H.similarity n i j (dec (D * p n) x i) (dec (D * p n) x j))) := by
  refine Computes.par_range (d := 2) (fun j hj k hk => ?_) (fun _ _ => by simp)
    (fun j _ => computes_lookup _ _ _) (fun x hx j hj => ?_)
  · rcases List.mem_append.1 hk with hk | hk
    · exact lt_of_mem_blockPos hi hk
    · exact lt_of_mem_blockPos hj hk
  · rw [List.map_append, map_bit_blockPos hx hi, map_bit_blockPos hx hj, ← enc_dec hx hi, ← enc_dec hx hj,
      bits_toNat, ofNat_ofBits_enc_append, ofBits_append_div (length_enc _), ofNat_ofBits_enc]

/-- The circuit of `⊕` on scores. -/
theorem eval_sum {q n : Nat} (s : Nat → BitVec q) :
    bits q (Float.sum ((List.range n).map fun j =>
      BitVec.ofNat q (ofBits (block q ((List.range n).flatMap fun j => enc (s j)) j)))).toNat
    = enc (Float.sum ((List.range n).map s)) := by
  rw [bits_toNat]
  congr 2
  exact List.map_congr_left fun j hj => dec_flatMap s (List.mem_range.1 hj)

theorem computes_weighted : (H.weightedCircuit n i).Computes (p n + (n * p n + n * (D * p n))) (n * (D * p n)) 3
    (n * lookupSize (p n + p n + D * p n) (D * p n)) (H.weightedCircuit n i).eval ∧
    ∀ (Z : BitVec (p n)) (s : Nat → BitVec (p n)) (x : List Bool), x.length = n * (D * p n) →
      (H.weightedCircuit n i).eval (enc Z ++ ((List.range n).flatMap (fun j => enc (s j)) ++ x)) =
      (List.range n).flatMap fun j => enc (H.weighting n i j (s j) Z (dec (D * p n) x j)) := by
  have c := Computes.par_range (d := 2) (n := n) (m := p n + (n * p n + n * (D * p n)))
    (sel := fun j => blockPos (p n) (j + 1) ++ blockPos (p n) 0 ++ (blockPos (D * p n) j).map ((n + 1) * p n + ·))
    (fun j hj k hk => by
      simp only [List.mem_append, List.mem_map] at hk
      rcases hk with (hk | hk) | ⟨k, hk, rfl⟩
      · have := lt_of_mem_blockPos (show j + 1 < n + 1 by omega) hk
        rw [Nat.add_mul] at this; omega
      · have := lt_of_mem_blockPos (show 0 < 1 by omega) hk
        omega
      · have := lt_of_mem_blockPos hj hk
        rw [Nat.add_mul]; omega)
    (fun _ _ => by simp; omega) (fun j _ => computes_lookup (p n + p n + D * p n) (D * p n) fun a =>
      (H.weighting n i j (.ofNat (p n) a) (.ofNat (p n) (a / 2 ^ p n)) (.ofNat (D * p n) (a / 2 ^ (p n + p n)))).toNat)
    (fun x _ j _ => rfl)
  refine ⟨{ c with eval_eq := fun _ _ => rfl }, fun Z s x hx => ?_⟩
  have hS := length_flatMap_enc (n := n) s
  refine (c.eval_eq _ (by simp [hx, hS])).trans (flatMap_congr fun j hj => ?_)
  rw [List.mem_range] at hj
  have eZ : (blockPos (p n) 0).map (bit (enc Z ++ ((List.range n).flatMap (fun j => enc (s j)) ++ x))) = enc Z := by
    rw [map_bit_append_left, map_bit_blockPos (n := 1) (by simp) (by omega)]
    · simp [block, List.take_of_length_le]
    · intro k hk; simpa using lt_of_mem_blockPos (show 0 < 1 by omega) hk
  have eS : (blockPos (p n) (j + 1)).map (bit (enc Z ++ ((List.range n).flatMap (fun j => enc (s j)) ++ x)))
      = enc (s j) := by
    have : blockPos (p n) (j + 1) = (blockPos (p n) j).map ((enc Z).length + ·) := by
      rw [length_enc, blockPos, blockPos, List.map_add_range', Nat.add_mul, Nat.one_mul, Nat.add_comm]
    rw [this, map_bit_append_right, map_bit_append_left, map_bit_blockPos hS hj,
      block_flatMap_range (fun _ _ => length_enc _) hj]
    exact fun k hk => hS ▸ lt_of_mem_blockPos hj hk
  have eH : ((blockPos (D * p n) j).map ((n + 1) * p n + ·)).map
      (bit (enc Z ++ ((List.range n).flatMap (fun j => enc (s j)) ++ x))) = enc (dec (D * p n) x j) := by
    rw [← List.append_assoc, show (n + 1) * p n = (enc Z ++ (List.range n).flatMap fun j => enc (s j)).length by
      rw [List.length_append, hS, length_enc, Nat.add_mul]; omega, map_bit_append_right, map_bit_blockPos hx hj,
        enc_dec hx hj]
  simp only [List.map_append, eZ, eS, eH]
  rw [bits_toNat, List.append_assoc, ofNat_ofBits_enc_append, ofBits_append_div (length_enc _),
    ofNat_ofBits_enc_append, ← List.append_assoc, ofBits_append_div (by simp), ofNat_ofBits_enc]

theorem computes_vectorSum (D q n : Nat) : (vectorSumCircuit D q n).Computes (n * (D * q)) (D * q) dSum
    (D * sumCircuitSize q n)
    (fun x => enc (State.sum ((List.range n).map fun j => (dec (D * q) x j : State D q)))) := by
  refine (Computes.par_range (d := dSum - 1) (k := n * q) (fun d hd k hk => ?_) (fun d _ => ?_)
    (fun d _ => computes_sumCircuit q n) (fun x _ d _ => rfl)).congr rfl rfl (Nat.le_refl _) fun x hx => ?_
  · simp only [List.mem_flatMap, List.mem_range, List.mem_range'_1] at hk
    obtain ⟨j, hj, h₁, h₂⟩ := hk
    have := Nat.mul_le_mul_right (D * q) (show j + 1 ≤ n from hj)
    have := Nat.mul_le_mul_right q (show d + 1 ≤ D from hd)
    rw [Nat.add_mul] at *
    omega
  · simp [List.length_flatMap, List.map_const']
  · rw [State.sum, enc_ofCoords]
    refine flatMap_congr fun d hd => ?_
    rw [List.map_flatMap, flatMap_congr (g := fun j => enc (State.coord (D := D) (dec (D * q) x j) d))
      fun j hj => map_bit_coord hx (List.mem_range.1 hj) (List.mem_range.1 hd)]
    exact (eval_sum _).trans (by rw [List.map_map]; rfl)

theorem computes_circuit (hi : i < n) : (H.circuit n i).Computes (n * (D * p n)) (D * p n) (6 + 2 * dSum)
    (circuitSize D (p n) n) (fun x => enc (H.attend n (dec (D * p n) x) i)) := by
  have c₁ := Computes.pair (d := 2) (m := n * (D * p n)) (σ := List.range (n * (D * p n)))
    (τ := List.range (n * (D * p n))) (by simp) (by simp)
    (by rw [List.length_range]; exact H.computes_scores n i hi) (by rw [List.length_range]; exact computes_carry _ 3)
  have c₂ := Computes.pair (d := dSum - 1) (m := n * p n + n * (D * p n)) (σ := List.range (n * p n))
    (τ := List.range (n * p n + n * (D * p n))) (by simp; omega) (by simp)
    (by rw [List.length_range]; exact computes_sumCircuit (p n) n)
    (by rw [List.length_range]; exact computes_carry _ dSum)
  obtain ⟨c₃, eval₃⟩ := H.computes_weighted n i
  have c := ((c₁.comp c₂).comp c₃).comp (computes_vectorSum D (p n) n)
  refine c.congr rfl rfl (by simp only [circuitSize]; omega) fun x hx => ?_
  have hS := length_flatMap_enc (n := n) fun j => H.similarity n i j (dec (D * p n) x i) (dec (D * p n) x j)
  simp only [Function.comp, self_range hx, id]
  rw [map_bit_append_left (by simp [hS]), self_range hS, self_range (by simp [hS, hx]), eval_sum, eval₃ _ _ _ hx]
  congr 2
  exact List.map_congr_left fun j hj => dec_flatMap _ (List.mem_range.1 hj)

end Head

/-! ## A layer -/

namespace Block

variable (B : Block D p) (n : Nat)

theorem computes_heads : (B.headsCircuit n).Computes (n * (D * p n)) (n * (B.heads.length * (D * p n))) (6 + 2 * dSum)
    (n * (B.heads.length * Head.circuitSize D (p n) n))
    (fun x => (List.range n).flatMap fun i => B.heads.flatMap fun H => enc (H.attend n (dec (D * p n) x) i)) := by
  refine Computes.par_range (d := 5 + 2 * dSum) (k := n * (D * p n))
    (f := fun i x => B.heads.flatMap fun H => enc (H.attend n (dec (D * p n) x) i))
    (by simp) (by simp) (fun i hi => ?_) (fun x hx i _ => by rw [self_range hx])
  refine (Computes.par (d := 5 + 2 * dSum) (w := fun _ => D * p n) (s := fun _ => Head.circuitSize D (p n) n)
    (f := fun H x => enc (H.attend n (dec (D * p n) x) i)) (by simp) fun H _ => ?_).congr ?_ rfl ?_ fun x hx => ?_
  · rw [List.length_range]; exact H.computes_circuit n i hi
  · simp [List.map_const']
  · simp [List.map_const']
  · rw [self_range hx]

theorem computes_circuit : (B.circuit n).Computes (n * (D * p n)) (n * (D * p n)) layerDepth
    (circuitSize D (p n) n B.heads.length)
    (fun x => (List.range n).flatMap fun i => enc (B.activation n i
      (B.heads.map fun H => H.attend n (dec (D * p n) x) i) (dec (D * p n) x i))) := by
  have c₁ := Computes.pair (d := 5 + 2 * dSum) (m := n * (D * p n)) (σ := List.range (n * (D * p n)))
    (τ := List.range (n * (D * p n))) (by simp) (by simp)
    (by rw [List.length_range]; exact B.computes_heads n)
    (by rw [List.length_range]; exact computes_carry _ (6 + 2 * dSum))
  have c₂ := Computes.par_range (d := 2) (n := n)
    (m := n * (B.heads.length * (D * p n)) + n * (D * p n))
    (sel := fun i => blockPos (B.heads.length * (D * p n)) i ++
      (blockPos (D * p n) i).map (n * (B.heads.length * (D * p n)) + ·))
    (fun i hi k hk => by
      simp only [List.mem_append, List.mem_map] at hk
      rcases hk with hk | ⟨k, hk, rfl⟩
      · have := lt_of_mem_blockPos hi hk; omega
      · have := lt_of_mem_blockPos hi hk; omega)
    (fun _ _ => by simp) (fun i _ => computes_lookup (B.heads.length * (D * p n) + D * p n) (D * p n) fun a =>
      (B.activation n i ((List.range B.heads.length).map fun r => .ofNat _ (a / 2 ^ (r * (D * p n))))
        (.ofNat _ (a / 2 ^ (B.heads.length * (D * p n))))).toNat)
    (fun x _ j _ => rfl)
  refine (c₁.comp c₂).congr rfl rfl (by simp only [circuitSize]; omega) fun x hx => ?_
  simp only [Function.comp, self_range hx, id]
  refine flatMap_congr fun i hi => ?_
  rw [List.mem_range] at hi
  have hlen : ∀ i < n, (B.heads.flatMap fun H => enc (H.attend n (dec (D * p n) x) i)).length =
      B.heads.length * (D * p n) := by
    intro i _; simp [List.length_flatMap, List.map_const']
  have hA := length_flatMap_range hlen
  rw [List.map_append, map_bit_append_left (fun k hk => hA ▸ lt_of_mem_blockPos hi hk), map_bit_blockPos hA hi,
    block_flatMap_range hlen hi, ← hA, map_bit_append_right, map_bit_blockPos hx hi, ← enc_dec hx hi, bits_toNat,
    ofBits_append_div (hlen i hi), ofNat_ofBits_enc]
  have := ofBits_flatMap_div (B.heads.map fun H => H.attend n (dec (D * p n) x) i) (enc (dec (D * p n) x i))
  rw [List.length_map, List.flatMap_map] at this
  rw [this]

end Block

/-! ## The transformer -/

namespace Transformer

variable (T : Transformer) (n : Nat)

theorem computes_embed : (T.embedCircuit n).Computes (n * T.symbolBits) (n * (T.dim * T.prec n)) 3
    (n * lookupSize T.symbolBits (T.dim * T.prec n))
    (fun x => (List.range n).flatMap fun i => enc (T.embed n i (dec T.symbolBits x i))) := by
  refine Computes.par_range (d := 2) (fun i hi k hk => lt_of_mem_blockPos hi hk) (fun _ _ => by simp)
    (fun i _ => computes_lookup _ _ _) (fun x hx i hi => ?_)
  rw [map_bit_blockPos hx hi, dec, bits_toNat]

private theorem flatMap_range_getD {w n : Nat} {hs : List (BitVec w)} (h : hs.length = n) :
    (List.range n).flatMap (fun i => enc (hs.getD i 0)) = stateBits hs := by
  have : (List.range n).map (fun i => hs.getD i 0) = hs := by
    apply List.ext_getElem (by simp [h])
    intro i h₁ h₂
    simp [h₂]
  rw [stateBits]
  conv => rhs; rw [← this]
  rw [List.flatMap_map]

private theorem dec_stateBits {w n j : Nat} {hs : List (BitVec w)} (h : hs.length = n) (hj : j < n) :
    dec w (stateBits hs) j = hs.getD j 0 := by
  rw [← flatMap_range_getD h, dec_flatMap _ hj]

theorem length_apply {D p} (B : Block D p) (n) (h : List (State D (p n))) : (B.apply n h).length = n := by
  simp [Block.apply]

private theorem attend_congr {D p} (H : Head D p) {n i} {h h' : Nat → State D (p n)} (hi : i < n)
    (hh : ∀ j < n, h j = h' j) : H.attend n h i = H.attend n h' i := by
  have e : (List.range n).map (fun j => H.similarity n i j (h i) (h j)) =
      (List.range n).map fun j => H.similarity n i j (h' i) (h' j) :=
    List.map_congr_left fun j hj => by rw [hh i hi, hh j (List.mem_range.1 hj)]
  simp only [Head.attend, Head.scores, e]
  congr 1
  exact List.map_congr_left fun j hj => by rw [hh i hi, hh j (List.mem_range.1 hj)]

private theorem eval_block {D p} (B : Block D p) {n} {hs : List (State D (p n))} (h : hs.length = n) :
    (B.circuit n).eval (stateBits hs) = stateBits (B.apply n hs) := by
  have hlen : (stateBits hs).length = n * (D * p n) := by
    rw [← flatMap_range_getD h]; exact length_flatMap_enc _
  rw [(B.computes_circuit n).eval_eq _ hlen, Block.apply, stateBits.eq_def (List.map _ _), List.flatMap_map]
  refine flatMap_congr fun i hi => ?_
  rw [List.mem_range] at hi
  have e : ∀ j < n, dec (D * p n) (stateBits hs) j = hs.toArray.getD j 0 := fun j hj => by
    rw [dec_stateBits h hj]; simp [Array.getD_eq_getD_getElem?]
  simp only [e i hi, fun H : Head D p => attend_congr H hi e]

theorem length_inputBits (word : List (BitVec T.symbolBits)) :
    (T.inputBits word).length = word.length * T.symbolBits := by
  rw [show T.inputBits word = stateBits word from rfl, ← flatMap_range_getD rfl]; exact length_flatMap_enc _

theorem computes_circuit : ∃ f, (T.circuit n).Computes (n * T.symbolBits) (n * (T.dim * T.prec n))
    (3 + layerDepth * T.blocks.length) (T.circuitSize n) f := by
  have : ∀ Bs : List (Block T.dim T.prec), ∃ f, Computes (Bs.flatMap fun B => B.circuit n)
      (n * (T.dim * T.prec n)) (n * (T.dim * T.prec n)) (layerDepth * Bs.length)
      ((Bs.map fun B => Block.circuitSize T.dim (T.prec n) n B.heads.length).sum) f := by
    intro Bs
    induction Bs with
    | nil => exact ⟨id, trivial, rfl, rfl, Nat.le_refl _, fun _ _ => rfl⟩
    | cons B Bs ih =>
      obtain ⟨f, hf⟩ := ih
      exact ⟨_, ((B.computes_circuit n).comp hf).congr rfl (by rw [List.length_cons]; grind)
        (by simp) fun _ _ => rfl⟩
  obtain ⟨f, hf⟩ := this T.blocks
  exact ⟨_, (T.computes_embed n).comp hf⟩

theorem length_states (word : List (BitVec T.symbolBits)) : (T.states word).length = word.length := by
  have : ∀ (Bs : List (Block T.dim T.prec)) (hs : List (State T.dim (T.prec word.length))),
      hs.length = word.length → (Bs.foldl (fun h B => B.apply word.length h) hs).length = word.length := by
    intro Bs
    induction Bs with
    | nil => intro hs h; exact h
    | cons B Bs ih => intro hs _; exact ih _ (length_apply B _ _)
  exact this _ _ (by simp [embedded])

theorem eval_circuit (word : List (BitVec T.symbolBits)) :
    (T.circuit word.length).eval (T.inputBits word) = stateBits (T.states word) := by
  rw [circuit, eval_append]
  have hin : T.inputBits word = stateBits word := rfl
  have hlen := T.length_inputBits word
  have h₀ : (T.embedCircuit word.length).eval (T.inputBits word) = stateBits (T.embedded word) := by
    rw [(T.computes_embed _).eval_eq _ hlen,
      ← flatMap_range_getD (hs := T.embedded word) (n := word.length) (by simp [embedded])]
    refine flatMap_congr fun i hi => ?_
    rw [List.mem_range] at hi
    rw [hin, dec_stateBits rfl hi]
    simp [embedded, hi]
  rw [h₀, states]
  have : ∀ (Bs : List (Block T.dim T.prec)) (hs : List (State T.dim (T.prec word.length))),
      hs.length = word.length → Circuit.eval (Bs.flatMap fun B => B.circuit word.length) (stateBits hs) =
        stateBits (Bs.foldl (fun h B => B.apply word.length h) hs) := by
    intro Bs
    induction Bs with
    | nil => intro hs _; rfl
    | cons B Bs ih =>
      intro hs h
      rw [List.flatMap_cons, eval_append, eval_block B h, ih _ (length_apply B _ _), List.foldl_cons]
  exact this _ _ (by simp [embedded])

theorem computes_accept : ∃ f, (T.acceptCircuit n).Computes (n * (T.dim * T.prec n)) 1 3
    (lookupSize (T.dim * T.prec n) 1) f ∧
    ∀ hs : List (State T.dim (T.prec n)), hs.length = n →
      f (stateBits hs) = [T.accept n (hs.getD (n - 1) 0)] := by
  have hbit : ∀ b : Bool, bits 1 b.toNat = [b] := by decide
  have hsize : ∀ k, lookupSize 0 1 ≤ lookupSize k 1 := fun k => by
    have := Nat.one_le_two_pow (n := k)
    have := Nat.mul_le_mul this (show 1 ≤ k + 1 by omega)
    simp only [lookupSize]; omega
  refine ⟨_, (Computes.par (d := 2) (w := fun _ => 1) (s := fun _ => lookupSize (T.dim * T.prec n) 1)
    (fun _ _ k hk => ?_) fun _ _ => (computes_lookup _ _ _).mono ?_ fun _ _ => rfl).congr (by simp) rfl (by simp)
    fun _ _ => rfl, fun hs h => ?_⟩
  · split at hk
    · simp at hk
    · exact lt_of_mem_blockPos (by omega) hk
  · split
    · exact hsize _
    · simp
  · simp only [List.flatMap_cons, List.flatMap_nil, List.append_nil, hbit]
    split
    · subst_vars
      simp [List.eq_nil_of_length_eq_zero h, ofBits]
    · have hlen : (stateBits hs).length = n * (T.dim * T.prec n) := by
        rw [← flatMap_range_getD h]; exact length_flatMap_enc _
      rw [map_bit_blockPos hlen (by omega), ← dec, dec_stateBits h (by omega)]

end Transformer

end Logprec
