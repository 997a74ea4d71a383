import Logprec.Float.Template.Sum
import Logprec.Simulation.Construct
import Logprec.Simulation.Internal

/-!
# The template of an attention head: proofs

The template lists the circuit of a head at one position, with the widths of its layers, when similarity and weighting
are terms. About the definitions in `Logprec.Simulation.Construct`.
-/

namespace Logprec

open Circuit Float Term

/-- An entry of consecutive slices. -/
theorem getElem_flatMap_range' (f : Nat → Nat) (q : Nat) : ∀ (n k : Nat)
    (hk : k < ((List.range n).flatMap fun j => List.range' (f j) q).length),
    ((List.range n).flatMap fun j => List.range' (f j) q)[k] = f (k / q) + k % q := by
  intro n
  have hlen : ∀ n, ((List.range n).flatMap fun j => List.range' (f j) q).length = n * q := fun n => by
    simp [List.length_flatMap, List.map_const']
  induction n with
  | zero => intro k hk; simp at hk
  | succ n ih =>
    intro k hk
    have hk' : k < (n + 1) * q := hlen (n + 1) ▸ hk
    simp only [List.range_succ, List.flatMap_append, List.flatMap_cons, List.flatMap_nil, List.append_nil]
    rw [List.getElem_append]
    split
    · exact ih k _
    · next h =>
      rw [hlen] at h
      rw [Nat.add_mul, Nat.one_mul] at hk'
      have hq : 0 < q := by omega
      have hdiv : k / q = n := Nat.div_eq_of_lt_le (by omega) (by rw [Nat.add_mul]; omega)
      have hmod : k % q = k - n * q := by
        have := Nat.div_add_mod k q
        rw [hdiv, Nat.mul_comm] at this
        omega
      rw [List.getElem_range']
      simp [hlen, hdiv, hmod]

namespace Tmpl

/-- The positions of block `j` of width `w`, at `k`. -/
theorem getElem_blockPos (w j k : Nat) (hk : k < (blockPos w j).length) : (blockPos w j)[k] = j * w + k := by
  simp [blockPos]

end Tmpl

variable {D : Nat} {p : Nat → Nat}

/-- The terms are right for the head `H`. -/
structure HeadTerms.For (t : HeadTerms) (H : Head D p) : Prop where
  similarity : ∀ n i j r, i < n → j < n → ∀ a < 2 ^ (D * p n + D * p n), ∀ u < p n,
    t.similarity.eval [a, u, j, r, i, n] =
      ((H.similarity n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ (D * p n)))).toNat.testBit u).toNat
  weighting : ∀ n i j r, i < n → j < n → ∀ a < 2 ^ (p n + p n + D * p n), ∀ u < D * p n,
    t.weighting.eval [a, u, j, r, i, n] =
      ((H.weighting n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ p n)) (.ofNat _ (a / 2 ^ (p n + p n)))).toNat.testBit u).toNat

namespace HeadTerms

private theorem lists_scores (t : HeadTerms) {H : Head D p} (h : t.For H) {q big : Term} {n i r : Nat} (hi : i < n)
    (hq : q.eval [r, i, n] = p n) (hbig : 2 ^ (D * p n + D * p n) ≤ big.eval [r, i, n]) :
    let w := lit D * q
    Lists [r, i, n] (Tmpl.par (var 2)
      (Term.ite (lt (var 0) w.up.up) (var 3 * w.up.up + var 0) (var 1 * w.up.up + (var 0 - w.up.up)))
      [(w + w) + (w + w), pow2 (w + w) big, q] (Tmpl.lookup (w + w).up q.up (pow2 (w + w) big).up t.similarity))
      ([(w + w) + (w + w), pow2 (w + w) big, q].map (var 2 * ·)) (H.scoresCircuit n i) := by
  refine Lists.par_lookup (by simp) (by simp [hq]) hq (by simp [hq, Nat.min_eq_left hbig])
    (fun j hj a ha u hu => h.similarity n i j r hi hj a ha u hu) (fun j _ => by simp) (fun j hj k hk => ?_)
  simp only [eval_ite, eval_lt, eval_add, eval_sub, eval_mul, eval_up, eval_var, eval_lit, hq, List.getD_cons_zero,
    List.getD_cons_succ]
  rw [List.getElem_append]
  by_cases hw : k < D * p n
  · simp [hw, Tmpl.getElem_blockPos]
  · simp [hw, Tmpl.getElem_blockPos]

private theorem lists_weighted (t : HeadTerms) {H : Head D p} (h : t.For H) {q big : Term} {n i r : Nat} (hi : i < n)
    (hq : q.eval [r, i, n] = p n) (hbig : 2 ^ (p n + p n + D * p n) ≤ big.eval [r, i, n]) :
    let w := lit D * q
    Lists [r, i, n] (Tmpl.par (var 2) (Term.ite (lt (var 0) q.up.up) ((var 1 + 1) * q.up.up + var 0)
      (Term.ite (lt (var 0) (q + q).up.up) (var 0 - q.up.up)
        ((var 4 + 1) * q.up.up + (var 1 * w.up.up + (var 0 - (q + q).up.up)))))
      [(q + q + w) + (q + q + w), pow2 (q + q + w) big, w]
      (Tmpl.lookup (q + q + w).up w.up (pow2 (q + q + w) big).up t.weighting))
      ([(q + q + w) + (q + q + w), pow2 (q + q + w) big, w].map (var 2 * ·)) (H.weightedCircuit n i) := by
  refine Lists.par_lookup (by simp) (by simp [hq]) (by simp [hq]) (by simp [hq, Nat.min_eq_left hbig])
    (fun j hj a ha u hu => h.weighting n i j r hi hj a ha u hu) (fun j _ => by simp; omega) (fun j hj k hk => ?_)
  simp only [eval_ite, eval_lt, eval_add, eval_sub, eval_mul, eval_up, eval_var, eval_lit, eval_ofNat, hq,
    List.getD_cons_zero, List.getD_cons_succ]
  rw [List.getElem_append]
  by_cases h₁ : k < p n
  · rw [dif_pos (by simp; omega), List.getElem_append_left (by simpa using h₁)]
    simp [h₁, Tmpl.getElem_blockPos]
  · by_cases h₂ : k < p n + p n
    · rw [dif_pos (by simpa using h₂), List.getElem_append_right (by simp; omega)]
      simp [h₁, h₂, Tmpl.getElem_blockPos]
    · rw [dif_neg (by simpa using h₂)]
      simp [h₁, h₂, Tmpl.getElem_blockPos]

private theorem lists_vectorSum {q N big : Term} {ρ : List Nat} (D : Nat)
    (hbig : 2 ^ q.eval ρ ≤ big.eval ρ) :
    Lists ρ (Tmpl.par (lit D) (var 0 / q.up.up * (lit D * q).up.up + var 1 * q.up.up + var 0 % q.up.up)
      (Float.sumWs q N big) (Float.sumTs q.up N.up big.up)) ((Float.sumWs q N big).map (lit D * ·))
      (Head.vectorSumCircuit D (q.eval ρ) (N.eval ρ)) := by
  have part : ∀ d, Lists (d :: ρ) (Float.sumTs q.up N.up big.up) (Float.sumWs q.up N.up big.up)
      (sumCircuit (q.eval ρ) (N.eval ρ)) :=
    fun d => by
      have := Float.lists_sum (d :: ρ) q.up N.up big.up (by simpa using hbig)
      simpa using this
  have hlen : (Float.sumTs q.up N.up big.up).length = dSum := Float.length_sumTs (ρ := 0 :: ρ) (by simpa using hbig)
  have := Lists.par (ρ := ρ) (count := lit D) (ws := Float.sumWs q N big) (ts := Float.sumTs q.up N.up big.up)
    (σ := var 0 / q.up.up * (lit D * q).up.up + var 1 * q.up.up + var 0 % q.up.up)
    (sel := fun d => (List.range (N.eval ρ)).flatMap fun j =>
      List.range' (j * (D * q.eval ρ) + d * q.eval ρ) (q.eval ρ))
    (C := fun _ => sumCircuit (q.eval ρ) (N.eval ρ)) (fun d _ => (part d).denotes)
    (fun d _ => (Float.lists_sum ρ q N big hbig).widths) (by rw [hlen, Float.length_sumWs hbig])
    (fun d _ => by
      have := (computes_sumCircuit (q.eval ρ) (N.eval ρ)).wf
      simpa [List.length_flatMap, List.map_const'] using this)
    (fun d _ k hk => by
      rw [getElem_flatMap_range' (fun j => j * (D * q.eval ρ) + d * q.eval ρ)]
      simp)
  rw [hlen] at this
  simpa using this

/-- **The template of a head**, for one position. -/
theorem lists_circuit (t : HeadTerms) {H : Head D p} (h : t.For H) {q big : Term} {n i r : Nat}
    (hi : i < n) (hq : q.eval [r, i, n] = p n) (h₁ : 2 ^ (D * p n + D * p n) ≤ big.eval [r, i, n])
    (h₂ : 2 ^ (p n + p n + D * p n) ≤ big.eval [r, i, n]) :
    Lists [r, i, n] (t.template D q big) (widths D q (var 2) big) (H.circuit n i) := by
  have hp : 2 ^ q.eval [r, i, n] ≤ big.eval [r, i, n] :=
    Nat.le_trans (Nat.pow_le_pow_right (by omega) (by rw [hq]; omega)) h₂
  have hS := Float.lists_sum [r, i, n] q (var 2) big hp
  have hlen := Float.length_sumTs (N := var 2) hp
  have carry₁ := Lists.carry [r, i, n] (var 2 * (lit D * q)) 3
  have carry₂ := Lists.carry [r, i, n] (var 2 * q + var 2 * (lit D * q)) dSum
  simp only [eval_add, eval_mul, eval_var, eval_lit, hq, List.getD_cons_succ, List.getD_cons_zero] at carry₁ carry₂ hS
  have c₁ := Lists.pair (σ := var 0) (τ := var 0) (sel := List.range (n * (D * p n)))
    (sel' := List.range (n * (D * p n)))
    (lists_scores t h hi hq h₁) carry₁ rfl (by rw [List.length_range]; exact (H.computes_scores n i hi).wf)
    (by rw [List.length_range]; exact (computes_carry _ 3).wf) (by simp) (by simp)
  have c₂ := Lists.pair (σ := var 0) (τ := var 0) (sel := List.range (n * p n))
    (sel' := List.range (n * p n + n * (D * p n))) hS carry₂ (by rw [hlen, Tmpl.carry, List.length_replicate])
    (by rw [List.length_range]; exact (computes_sumCircuit _ _).wf)
    (by rw [List.length_range]; exact (computes_carry _ dSum).wf) (by simp) (by simp)
  rw [hlen] at c₂
  have c₄ := lists_vectorSum (N := var 2) D hp
  simp only [eval_var, hq, List.getD_cons_succ, List.getD_cons_zero] at c₄
  exact ((c₁.append c₂).append (lists_weighted t h hi hq h₂)).append c₄

end HeadTerms

end Logprec
