import Logprec.Simulation.LinearSpace
import Logprec.Simulation.Size
import Logprec.Simulation.Template.Transformer

/-!
# Uniformity

Merrill & Sabharwal 2023, Theorem 2: when the local maps of a log-precision transformer are computable in linear space,
its circuits are generated in logarithmic space. Here the local maps are given by register programs
(`Transformer.LinearSpacePrograms`).
-/

namespace Logprec

open Circuit Space

namespace Term

/-- Bind the values of all terms, under `k` binders. -/
def letAll (body : Term) : Nat → List Term → Term
  | _, [] => body
  | k, t :: ts => letIn (t.rename (· + k)) (letAll body (k + 1) ts)

private theorem eval_rename_add (t : Term) (pre ρ : List Nat) :
    (t.rename (· + pre.length)).eval (pre ++ ρ) = t.eval ρ :=
  eval_rename t fun i => by
    rw [List.getD_eq_getElem?_getD, List.getElem?_append_right (by simp)]
    simp

private theorem eval_letAll (body : Term) (ρ : List Nat) : ∀ (ts : List Term) (pre : List Nat),
    (letAll body pre.length ts).eval (pre ++ ρ) = body.eval ((ts.map (eval ρ)).reverse ++ (pre ++ ρ))
  | [], _ => rfl
  | t :: ts, pre => by
    rw [letAll, eval_letIn, eval_rename_add]
    refine (eval_letAll body ρ ts (t.eval ρ :: pre)).trans ?_
    simp

/-- The result of a program on the values of terms. -/
def apply (P : Prog) (args : List Term) (bound : Term) : Term :=
  letAll (call P ((List.range args.length).map (args.length - 1 - ·)) (bound.rename (· + args.length))) 0 args

theorem eval_apply {P : Prog} {args : List Term} {bound : Term} {ρ : List Nat} {b v : Nat}
    (h : P.Yields (args.map (eval ρ)) b v) (hb : b ≤ bound.eval ρ) : (apply P args bound).eval ρ = v := by
  have hargs : ((List.range args.length).map (args.length - 1 - ·)).map
      (fun i => ((args.map (eval ρ)).reverse ++ ρ).getD i 0) = args.map (eval ρ) := by
    apply List.ext_getElem (by simp)
    intro k h₁ h₂
    simp only [List.length_map] at h₂
    simp only [List.getElem_map, List.getElem_range, List.getD_eq_getElem?_getD]
    rw [List.getElem?_append_left (by simp; omega), List.getElem?_reverse (by simp; omega)]
    simp [show args.length - 1 - (args.length - 1 - k) = k by omega, h₂]
  have hbound := eval_rename_add bound (args.map (eval ρ)).reverse ρ
  rw [List.length_reverse, List.length_map] at hbound
  refine (eval_letAll _ ρ args []).trans ?_
  rw [List.nil_append, eval_call, hargs]
  · exact h.1
  · rw [hargs, hbound]
    exact Nat.le_trans h.2 hb

/-- A fixed power. -/
def power (t : Term) : Nat → Term
  | 0 => 1
  | k + 1 => power t k * t

@[simp] theorem eval_power (t : Term) (ρ : List Nat) : ∀ k, (power t k).eval ρ = t.eval ρ ^ k
  | 0 => by simp [power]
  | k + 1 => by simp [power, eval_power t ρ k, Nat.pow_succ]

end Term

/-- With logarithmic precision, linear space is polynomial size of numbers. -/
theorem linearBound_le {p n c c' : Nat} (hp : p ≤ c * (n.log2 + 1)) :
    linearBound p n c' ≤ (n + 2) ^ (2 * ((c + 1) * c')) := by
  have hlog : 2 ^ (n.log2 + 1) ≤ (n + 2) ^ 2 := by
    have : 2 ^ n.log2 ≤ n + 1 := by
      rcases Nat.eq_zero_or_pos n with rfl | h
      · simp
      · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
    rw [Nat.pow_succ]
    grind
  have he : c' * (p + n.log2 + 1) ≤ (n.log2 + 1) * ((c + 1) * c') := by
    have := Nat.mul_le_mul_left c' (show p + n.log2 + 1 ≤ (c + 1) * (n.log2 + 1) by
      rw [Nat.add_mul, Nat.one_mul]; omega)
    grind
  refine Nat.le_trans (Nat.pow_le_pow_right (by omega) he) ?_
  rw [Nat.pow_mul 2 (n.log2 + 1), Nat.pow_mul (n + 2) 2]
  exact Nat.pow_le_pow_left hlog _

/-- Logarithmic space is polynomial size of numbers. -/
theorem linearBound_zero_le (n c : Nat) : linearBound 0 n c ≤ (n + 2) ^ (2 * c) := by
  simpa using linearBound_le (p := 0) (n := n) (c := 0) (c' := c) (by omega)

/-- Polynomial size of numbers is logarithmic space. -/
theorem pow_le_linearBound_zero (n c : Nat) : (n + 2) ^ c ≤ linearBound 0 n (2 * c) := by
  have h₁ : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  have h₂ : 2 * 2 ^ (n.log2 + 1) ≤ 2 ^ (2 * (n.log2 + 1)) := by
    rw [← Nat.pow_succ']
    exact Nat.pow_le_pow_right (by omega) (by omega)
  have h₃ : 2 ≤ 2 ^ (n.log2 + 1) := Nat.pow_le_pow_right (n := 2) (by omega) (show 1 ≤ n.log2 + 1 by omega)
  rw [linearBound, Nat.zero_add, show 2 * c * (n.log2 + 1) = 2 * (n.log2 + 1) * c by grind, Nat.pow_mul]
  exact Nat.pow_le_pow_left (by omega) c

/-- Choose for every element of a list. -/
private theorem exists_list {α β : Type} {R : α → β → Prop} : ∀ (l : List α), (∀ a ∈ l, ∃ b, R a b) →
    ∃ l' : List β, ∃ h : l'.length = l.length, ∀ i (hi : i < l.length), R l[i] (l'[i]'(h ▸ hi))
  | [], _ => ⟨[], rfl, fun i hi => absurd hi (by simp)⟩
  | a :: l, h => by
    obtain ⟨b, hb⟩ := h a (by simp)
    obtain ⟨l', hl, hR⟩ := exists_list l fun a ha => h a (by simp [ha])
    refine ⟨b :: l', by simp [hl], fun i hi => ?_⟩
    match i, hi with
    | 0, _ => exact hb
    | i + 1, hi => exact hR i (by simpa using hi)

namespace Transformer

open Term

variable {T : Transformer} {c : Nat}

/-- **Terms for a transformer** whose local maps are computable in linear space. -/
theorem LinearSpacePrograms.exists_terms (hT : T.LinearSpacePrograms) (hc : T.LogPrecision c) :
    ∃ t : TransformerTerms, t.For T := by
  obtain ⟨Pp, cp, hprec⟩ := hT.prec
  -- a polynomial that dominates 2 to the number of bits that any look-up reads
  let E := 2 * ((c + 1) * (2 + 2 * T.dim + (T.maxHeads + 1) * T.dim))
  have big : ∀ n e, e ≤ (2 + 2 * T.dim + (T.maxHeads + 1) * T.dim) * T.prec n → 2 ^ e ≤ (n + 2) ^ E := fun n e he =>
    Nat.le_trans (Nat.pow_le_pow_right (by omega) (Nat.le_trans he (Nat.mul_le_mul_left _ (by omega))))
      (linearBound_le (c' := 2 + 2 * T.dim + (T.maxHeads + 1) * T.dim) (hc n))
  -- the precision, when `n` is variable `i`
  let prec : Nat → Term := fun i => apply Pp [var i] (power (var i + 2) (2 * cp))
  have hprec : ∀ i (ρ : List Nat) n, ρ.getD i 0 = n → (prec i).eval ρ = T.prec n := fun i ρ n hn =>
    eval_apply (b := linearBound 0 n cp) (by subst hn; simpa using hprec _)
      (by subst hn; simpa using linearBound_zero_le _ cp)
  -- powers of two, when `n` is variable `i`
  let P2 : Nat → Nat → Term := fun i k => pow2 (lit k * prec i) (power (var i + 2) E)
  have hP2 : ∀ i k (ρ : List Nat) n, ρ.getD i 0 = n → k ≤ 2 + 2 * T.dim + (T.maxHeads + 1) * T.dim →
      (P2 i k).eval ρ = 2 ^ (k * T.prec n) := fun i k ρ n hn hk => by
    simp only [P2, eval_pow2, eval_mul, eval_lit, hprec i ρ n hn, eval_power, eval_add, eval_var, hn, eval_ofNat]
    exact Nat.min_eq_left (big n _ (Nat.mul_le_mul_right _ hk))
  -- the bound for a program of space constant `c'`, when `n` is variable `i`
  let bound : Nat → Nat → Term := fun i c' => power (var i + 2) (2 * ((c + 1) * c'))
  have hbound : ∀ i c' (ρ : List Nat) n, ρ.getD i 0 = n → linearBound (T.prec n) n c' ≤ (bound i c').eval ρ :=
    fun i c' ρ n hn => by subst hn; simpa [bound] using linearBound_le (c' := c') (hc _)
  have head : ∀ B ∈ T.blocks, ∀ H ∈ B.heads, ∃ t : HeadTerms, t.For H := fun B hB H hH => by
    obtain ⟨Ps, cs, hs⟩ := hT.similarity B hB H hH
    obtain ⟨Pw, cw, hw⟩ := hT.weighting B hB H hH
    refine ⟨⟨testBit (apply Ps [var 5, var 4, var 2, var 0 % P2 5 T.dim, var 0 / P2 5 T.dim % P2 5 T.dim]
      (bound 5 cs)) (var 1),
      testBit (apply Pw [var 5, var 4, var 2, var 0 % P2 5 1, var 0 / P2 5 1 % P2 5 1, var 0 / P2 5 2 % P2 5 T.dim]
        (bound 5 cw)) (var 1)⟩, ⟨fun n i j r hi hj a _ u _ => ?_, fun n i j r hi hj a _ u _ => ?_⟩⟩
    · rw [eval_testBit,
        eval_apply (v := (H.similarity n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ (T.dim * T.prec n)))).toNat) _
        (hbound 5 cs _ n rfl)]
      · rfl
      · have := hs n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ (T.dim * T.prec n))) hi hj
        simpa [hP2 5 T.dim [a, u, j, r, i, n] n rfl (by omega)] using this
    · rw [eval_testBit, eval_apply (v := (H.weighting n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ T.prec n))
        (.ofNat _ (a / 2 ^ (T.prec n + T.prec n)))).toNat) _ (hbound 5 cw _ n rfl)]
      · rfl
      · have := hw n i j (.ofNat _ a) (.ofNat _ (a / 2 ^ T.prec n)) (.ofNat _ (a / 2 ^ (T.prec n + T.prec n))) hi hj
        simpa [hP2 5 T.dim [a, u, j, r, i, n] n rfl (by omega), hP2 5 1 [a, u, j, r, i, n] n rfl (by omega),
          hP2 5 2 [a, u, j, r, i, n] n rfl (by omega), Nat.two_mul] using this
  have block : ∀ B ∈ T.blocks, ∃ t : BlockTerms, t.For B := fun B hB => by
    obtain ⟨ts, hlen, hts⟩ := exists_list B.heads (head B hB)
    obtain ⟨Pa, ca, ha⟩ := hT.activation B hB
    have hk : B.heads.length ≤ T.maxHeads := T.le_maxHeads hB
    refine ⟨⟨ts, testBit (apply Pa (var 3 :: var 2 :: (var 0 / P2 3 (B.heads.length * T.dim) % P2 3 T.dim) ::
      (List.range B.heads.length).map fun r => var 0 / P2 3 (r * T.dim) % P2 3 T.dim) (bound 3 ca)) (var 1)⟩,
      ⟨hlen, hts, fun n i hi a _ u _ => ?_⟩⟩
    have hmul : ∀ r, r ≤ B.heads.length → r * T.dim ≤ 2 + 2 * T.dim + (T.maxHeads + 1) * T.dim := fun r hr => by
      have := Nat.mul_le_mul_right T.dim (show r ≤ T.maxHeads + 1 by omega)
      omega
    rw [eval_testBit, eval_apply (v := (B.activation n i
      ((List.range B.heads.length).map fun r => .ofNat _ (a / 2 ^ (r * (T.dim * T.prec n))))
      (.ofNat _ (a / 2 ^ (B.heads.length * (T.dim * T.prec n))))).toNat) _ (hbound 3 ca _ n rfl)]
    · rfl
    · have := ha n i ((List.range B.heads.length).map fun r => .ofNat _ (a / 2 ^ (r * (T.dim * T.prec n))))
        (.ofNat _ (a / 2 ^ (B.heads.length * (T.dim * T.prec n)))) hi (by simp)
      have e : ((List.range B.heads.length).map fun r => var 0 / P2 3 (r * T.dim) % P2 3 T.dim).map
          (eval [a, u, i, n]) =
          ((List.range B.heads.length).map fun r =>
            BitVec.ofNat (T.dim * T.prec n) (a / 2 ^ (r * (T.dim * T.prec n)))).map BitVec.toNat := by
        rw [List.map_map, List.map_map]
        refine List.map_congr_left fun r hr => ?_
        have hr := List.mem_range.1 hr
        simp [hP2 3 T.dim [a, u, i, n] n rfl (by omega), hP2 3 (r * T.dim) [a, u, i, n] n rfl (hmul r (by omega)),
          Nat.mul_assoc]
      rw [List.map_cons, List.map_cons, List.map_cons, e]
      simpa [hP2 3 T.dim [a, u, i, n] n rfl (by omega),
        hP2 3 (B.heads.length * T.dim) [a, u, i, n] n rfl (hmul _ (Nat.le_refl _)), Nat.mul_assoc] using this
  obtain ⟨Pe, ce, he⟩ := hT.embed
  obtain ⟨Pc, cc, hacc⟩ := hT.accept
  obtain ⟨ts, hlen, hts⟩ := exists_list T.blocks block
  refine ⟨⟨prec 0, power (var 0 + 2) E, testBit (apply Pe [var 3, var 2, var 0] (bound 3 ce)) (var 1), ts,
    apply Pc [var 3, var 0] (bound 3 cc)⟩, ⟨fun n => hprec 0 [n] n rfl, fun n e hmem => ?_, fun n i hi a ha u _ => ?_,
    hlen, hts, fun n a ha => ?_⟩⟩
  · have hle : e ≤ (2 + 2 * T.dim + (T.maxHeads + 1) * T.dim) * T.prec n := by
      have h₁ : (2 + 2 * T.dim + (T.maxHeads + 1) * T.dim) * T.prec n = 2 * T.prec n + 2 * (T.dim * T.prec n) +
          (T.maxHeads * (T.dim * T.prec n) + T.dim * T.prec n) := by grind
      simp only [List.mem_cons, List.mem_map] at hmem
      rcases hmem with rfl | rfl | ⟨B, hB, rfl⟩
      · omega
      · omega
      · have := Nat.mul_le_mul_right (T.dim * T.prec n) (T.le_maxHeads hB)
        omega
    simpa using big n e hle
  · rw [eval_testBit, eval_apply (v := (T.embed n i (.ofNat _ a)).toNat) _ (hbound 3 ce _ n rfl)]
    · rfl
    · simpa [Nat.mod_eq_of_lt ha] using he n i (.ofNat _ a) hi
  · refine eval_apply (b := linearBound (T.prec n) n cc) ?_ (hbound 3 cc _ n rfl)
    simpa [Nat.mod_eq_of_lt ha] using hacc n (.ofNat _ a)

end Transformer

end Logprec
