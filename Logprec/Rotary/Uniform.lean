import Logprec.Simulation.TC0
import Logprec.Rotary.Theorem

/-!
# Transformers with rotary positions are in log-uniform TC0

The program for cosine and sine runs in linear space (`exists_cosSin_program`), so does the similarity of a rotary head
(`RotaryHead.LinearSpacePrograms.similarity`), and so transformers with rotary heads are instances of the
simulation theorem.
-/

namespace Logprec

open Space Term

namespace Rotary

/-- **The program for cosine and sine runs in linear space**: one register program computes the cosine (another one the
sine) of `(i - j) · num / den` with `c · (⌊log₂ n⌋ + 1)` fraction bits for all `n` and all positions, with numbers of
`O(log n)` bits. The value is given with the offset `4 · 2 ^ P`; its error is at most one unit, by `cosSin_near`. -/
theorem exists_cosSin_program (c : Nat) {num den : Nat} (hden : 0 < den) (hnum : num ≤ den) (second : Bool) :
    ∃ (P : Prog) (c' : Nat), ∀ n i j, i < n → j < n → P.Yields [n, i, j] (linearBound 0 n c')
      ((if second then (cosSin (c * ell n) (ell n) num den (i - j)).2
        else (cosSin (c * ell n) (ell n) num den (i - j)).1) + ((4 * 2 ^ (c * ell n) : Nat) : Int)).toNat := by
  obtain ⟨P, c', hP⟩ := (cosSinTerm c num den second).yields 3 1
  refine ⟨P, c', fun n i j hi hj => ?_⟩
  rw [← eval_cosSinTerm hden hnum hi hj [] second]
  refine hP 0 n [n, i, j] rfl ?_
  simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
  exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
    le_linearBound (by omega) (by omega)⟩

/-- **Cosine and sine to `c · (⌊log₂ n⌋ + 1)` bits, in linear space**: what the program computes, without its offset, is
within one unit `2 ^ -P` of all late members of the sequence that tends to the cosine (the sine) of
`(i - j) · num / den`;
so it is within one unit of the limit. -/
theorem exists_program_near (c : Nat) {num den : Nat} (hden : 0 < den) (hnum : num ≤ den) (second : Bool) :
    ∃ (P : Prog) (c' : Nat), ∀ n i j, i < n → j < n → ∃ v, P.Yields [n, i, j] (linearBound 0 n c') v ∧
      ∀ m, rounds (c * ell n) (ell n) ≤ m →
        let z := expI m (((i - j : Int) : Rat) * (num / den))
        Near ((v - (4 * 2 ^ (c * ell n) : Nat) : Int) : Rat) (2 ^ (c * ell n) * if second then z.im else z.re) 1 := by
  obtain ⟨P, c', hP⟩ := exists_cosSin_program c hden hnum second
  refine ⟨P, c', fun n i j hi hj => ⟨_, hP n i j hi hj, fun m hm => ?_⟩⟩
  have hn := lt_two_pow_ell n
  have hk : ((i : Int) - j).natAbs ≤ 2 ^ ell n := by omega
  have h := cosSin_near (P := c * ell n) hden hnum hk hm
  have hle := cosSin_le (P := c * ell n) hden hnum hk
  rw [Int.toNat_of_nonneg (by cases second <;> simp only [Bool.false_eq_true, if_false, if_true] <;> omega),
    Int.add_sub_cancel]
  cases second
  · exact h.1
  · exact h.2

/-! ## The length of logits -/

private theorem natAbs_mul_le {a b : Int} {A B : Nat} (ha : a.natAbs ≤ A) (hb : b.natAbs ≤ B) :
    (a * b).natAbs ≤ A * B := by
  rw [Int.natAbs_mul]
  exact Nat.mul_le_mul ha hb

/-- The contribution of a pair is bounded. -/
theorem natAbs_pairLogit_le {q k r : Int × Int} {B R : Nat} (q₁ : q.1.natAbs ≤ B) (q₂ : q.2.natAbs ≤ B)
    (k₁ : k.1.natAbs ≤ B) (k₂ : k.2.natAbs ≤ B) (r₁ : r.1.natAbs ≤ R) (r₂ : r.2.natAbs ≤ R) :
    (pairLogit q k r).natAbs ≤ 4 * (B * B * R) := by
  have h₁ := natAbs_mul_le (Nat.le_trans (Int.natAbs_add_le (q.1 * k.1) (q.2 * k.2))
    (Nat.add_le_add (natAbs_mul_le q₁ k₁) (natAbs_mul_le q₂ k₂))) r₁
  have h₂ := natAbs_mul_le (Nat.le_trans (Int.natAbs_sub_le (q.1 * k.2) (q.2 * k.1))
    (Nat.add_le_add (natAbs_mul_le q₁ k₂) (natAbs_mul_le q₂ k₁))) r₂
  have e : (B * B + B * B) * R = 2 * (B * B * R) := by grind
  have := Int.natAbs_add_le ((q.1 * k.1 + q.2 * k.2) * r.1) ((q.1 * k.2 - q.2 * k.1) * r.2)
  rw [e] at h₁ h₂
  rw [pairLogit]
  omega

private theorem natAbs_sum_le {l : List Int} {M : Nat} (h : ∀ z ∈ l, z.natAbs ≤ M) : l.sum.natAbs ≤ l.length * M := by
  induction l with
  | nil => simp
  | cons z l ih =>
    have h₁ := h z (by simp)
    have h₂ := ih fun z hz => h z (by simp [hz])
    have := Int.natAbs_add_le z l.sum
    rw [List.sum_cons, List.length_cons, Nat.add_mul, Nat.one_mul]
    omega

private theorem natAbs_toInt_le {w : Nat} (b : BitVec w) : b.toInt.natAbs ≤ 2 ^ w := by
  have := b.isLt
  rw [BitVec.toInt_eq_toNat_cond]
  have e : ((2 ^ w : Nat) : Int) = 2 ^ w := by simp
  split <;> omega

/-- Logits have linearly many bits. -/
theorem natAbs_logit_le {c n i j p : Nat} {freqs : List (Nat × Nat)} (hf : ∀ θ ∈ freqs, 0 < θ.2 ∧ θ.1 ≤ θ.2)
    (hi : i < n) (hj : j < n) (q k : State (2 * freqs.length) p) :
    (logit c freqs n i j q k).natAbs ≤ linearBound p n (freqs.length + c + 6) := by
  have hn := lt_two_pow_ell n
  have h := natAbs_sum_le (l := freqs.zipIdx.map fun θ =>
      pairLogit (pair q θ.2) (pair k θ.2) (cosSin (fracBits c n) (ell n) θ.1.1 θ.1.2 (i - j)))
    (M := 4 * (2 ^ p * 2 ^ p * (4 * 2 ^ fracBits c n))) (fun z hz => by
      obtain ⟨⟨θ, f⟩, hθ, rfl⟩ := List.mem_map.1 hz
      have hθ := hf θ ((List.mem_zipIdx' hθ).2 ▸ List.getElem_mem _)
      have hr := cosSin_le (P := fracBits c n) (ℓ := ell n) (k := i - j) hθ.1 hθ.2 (by omega)
      exact natAbs_pairLogit_le (natAbs_toInt_le _) (natAbs_toInt_le _) (natAbs_toInt_le _) (natAbs_toInt_le _)
        hr.1 hr.2)
  rw [List.length_map, List.length_zipIdx] at h
  refine Nat.le_trans h ?_
  have h₁ : freqs.length ≤ 2 ^ freqs.length := Nat.le_of_lt Nat.lt_two_pow_self
  have h₂ := Nat.mul_le_mul_right (4 * (2 ^ p * 2 ^ p * (4 * 2 ^ fracBits c n))) h₁
  refine Nat.le_trans h₂ ?_
  have e : 2 ^ freqs.length * (4 * (2 ^ p * 2 ^ p * (4 * 2 ^ fracBits c n))) =
      2 ^ (freqs.length + (4 + (p + p + fracBits c n))) := by
    rw [Nat.pow_add, Nat.pow_add 2 4, Nat.pow_add, Nat.pow_add]; grind
  rw [e, linearBound]
  refine Nat.pow_le_pow_right (by omega) ?_
  have a₁ := Nat.le_mul_of_pos_right freqs.length (show 0 < p + n.log2 + 1 by omega)
  have a₂ := Nat.mul_le_mul_left c (show n.log2 + 1 ≤ p + n.log2 + 1 by omega)
  rw [Nat.add_mul, Nat.add_mul, fracBits, ell]
  omega

end Rotary

/-! ## Heads and transformers -/

/-- **The similarity of a rotary head is computable in linear space.** -/
theorem RotaryHead.LinearSpacePrograms.similarity {D : Nat} {p : Nat → Nat} {H : RotaryHead D p}
    (hH : H.LinearSpacePrograms) (hprec : ∃ (P : Prog) (c : Nat), ∀ n, P.Yields [n] (linearBound 0 n c) (p n)) {c : Nat}
    (hc : ∀ n, p n ≤ c * (n.log2 + 1)) :
    ∃ (P : Prog) (c' : Nat), ∀ n i j hi hj, i < n → j < n →
      P.Yields [n, i, j, hi.toNat, hj.toNat] (linearBound (p n) n c') (H.toHead.similarity n i j hi hj).toNat := by
  obtain ⟨Pp, cp, hp⟩ := hprec
  obtain ⟨Pq, cq, hq⟩ := hH.query
  obtain ⟨Pk, ck, hk⟩ := hH.key
  obtain ⟨Ps, cs, hs⟩ := hH.score
  let bound (c' : Nat) : Term := power (var 0 + 2) (2 * ((c + 1) * c'))
  have hbound : ∀ c' n l, linearBound (p n) n c' ≤ (bound c').eval (n :: l) := fun c' n l => by
    simpa [bound] using linearBound_le (c' := c') (hc n)
  let prec := apply Pp [var 0] (power (var 0 + 2) (2 * cp))
  let tq := apply Pq [var 0, var 1, var 3] (bound cq)
  let tk := apply Pk [var 0, var 2, var 4] (bound ck)
  let z := Rotary.logitTerm H.c H.freqs tq tk prec (bound (2 * H.freqs.length))
  obtain ⟨P, c', hP⟩ := (apply Ps [var 0, var 1, var 2, z.pos - z.neg, z.neg - z.pos] (bound cs)).yields 5 (D + 1)
  refine ⟨P, c', fun n i j hi hj hin hjn => ?_⟩
  have run := hP (p n) n [n, i, j, hi.toNat, hj.toNat] rfl (by
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
      le_linearBound (by omega) (by omega), toNat_le_linearBound hi (by omega), toNat_le_linearBound hj (by omega)⟩)
  have eq : tq.eval [n, i, j, hi.toNat, hj.toNat] = (H.query n i hi).toNat :=
    eval_apply (b := linearBound (p n) n cq) (by simpa using hq n i hi hin) (hbound _ _ _)
  have ek : tk.eval [n, i, j, hi.toNat, hj.toNat] = (H.key n j hj).toNat :=
    eval_apply (b := linearBound (p n) n ck) (by simpa using hk n j hj hjn) (hbound _ _ _)
  have ep : prec.eval [n, i, j, hi.toNat, hj.toNat] = p n :=
    eval_apply (b := linearBound 0 n cp) (by simpa using hp n) (by simpa using linearBound_zero_le n cp)
  have ez : z.eval [n, i, j, hi.toNat, hj.toNat] = H.logit n i j hi hj :=
    Rotary.eval_logitTerm H.freqs_le hin hjn eq ek ep (Nat.le_trans
      (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_left _ (by omega))) (hbound (2 * H.freqs.length) n _))
  have e₁ : (z.pos - z.neg).eval [n, i, j, hi.toNat, hj.toNat] = (H.logit n i j hi hj).toNat := by
    rw [← ez]; simp only [Signed.eval, eval_sub]; omega
  have e₂ : (z.neg - z.pos).eval [n, i, j, hi.toNat, hj.toNat] = (-H.logit n i j hi hj).toNat := by
    rw [← ez]; simp only [Signed.eval, eval_sub]; omega
  have et := eval_apply (args := [var 0, var 1, var 2, z.pos - z.neg, z.neg - z.pos])
    (ρ := [n, i, j, hi.toNat, hj.toNat]) (b := linearBound (p n) n cs) (v := (H.toHead.similarity n i j hi hj).toNat)
    (by
      simp only [List.map_cons, List.map_nil, e₁, e₂]
      exact hs n i j _ hin hjn (Rotary.natAbs_logit_le H.freqs_le hin hjn _ _))
    (hbound cs n _)
  rwa [et] at run

/-- A transformer all of whose heads have rotary positions, with local maps that are computable (as in
`Transformer.LocalMaps`): the precision, the embedding, the queries, keys, scores and weightings of the heads, the
activations and the acceptance. -/
structure Transformer.RotaryLocalMaps (T : Transformer) {Code : Type}
    (computes : Code → (args : List Nat) → (p n c v : Nat) → Prop) : Prop where
  /-- The precision itself, in logarithmic space. -/
  prec : ∃ M c, ∀ n, computes M [n] 0 n c (T.prec n)
  /-- The embedding. -/
  embed : ∃ M c, ∀ n i σ, i < n → computes M [n, i, σ.toNat] (T.prec n) n c (T.embed n i σ).toNat
  /-- The heads are rotary heads. -/
  heads : ∀ B ∈ T.blocks, ∀ H ∈ B.heads, ∃ R : RotaryHead T.dim T.prec, R.LocalMaps computes ∧ H = R.toHead
  /-- The activation of every layer. -/
  activation : ∀ B ∈ T.blocks, ∃ M c, ∀ n i as hi, i < n → as.length = B.heads.length →
    computes M (n :: i :: hi.toNat :: as.map BitVec.toNat) (T.prec n) n c (B.activation n i as hi).toNat
  /-- The acceptance head. -/
  accept : ∃ M c, ∀ n h, computes M [n, h.toNat] (T.prec n) n c (T.accept n h).toNat

/-- A transformer all of whose heads have rotary positions, with local maps that Turing machines compute in linear
space. -/
abbrev Transformer.RotaryLinearSpace (T : Transformer) : Prop :=
  T.RotaryLocalMaps fun (M : Turing.Machine) args p n c v => M.Computes args (c * (p + n.log2 + 1)) v

/-- The same with register programs. -/
abbrev Transformer.RotaryLinearSpacePrograms (T : Transformer) : Prop :=
  T.RotaryLocalMaps fun (P : Prog) args p n c v => P.Yields args (linearBound p n c) v

namespace Transformer

variable {T : Transformer} {c : Nat}

/-- Transformers with rotary positions are log-precision transformers with local maps in linear space. -/
theorem RotaryLinearSpacePrograms.programs (hT : T.RotaryLinearSpacePrograms) (hc : T.LogPrecision c) :
    T.LinearSpacePrograms where
  prec := hT.prec
  embed := hT.embed
  similarity B hB H hH := by
    obtain ⟨R, hR, rfl⟩ := hT.heads B hB H hH
    exact RotaryHead.LinearSpacePrograms.similarity hR hT.prec hc
  weighting B hB H hH := by
    obtain ⟨R, hR, rfl⟩ := hT.heads B hB H hH
    exact hR.weighting
  activation := hT.activation
  accept := hT.accept

/-- **Log-precision transformers with rotary positions are in log-uniform TC0**, by circuits of the same depth
`3 + (9 + 2 · d⊕) · L + 3` as all others. -/
theorem RotaryLinearSpacePrograms.language_mem_logUniformTC0 (hT : T.RotaryLinearSpacePrograms)
    (hc : T.LogPrecision c) : Class.LogUniformTC0 T.language ∧
    ∀ n, (T.decisionCircuit n).depth = 3 + (9 + 2 * Float.dSum) * T.blocks.length + 3 ∧
      ∀ word : List (BitVec T.symbolBits), word.length = n →
        (T.decisionCircuit n).eval (T.inputBits word) = [T.accepts word] :=
  ⟨T.language_mem_logUniformTC0 hc (hT.programs hc), fun n => (T.simulation_decision n).2⟩

end Transformer

end Logprec
