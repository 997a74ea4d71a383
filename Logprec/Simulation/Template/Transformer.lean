import Logprec.Simulation.Construct
import Logprec.Simulation.Template.Head
import Logprec.Template.Compile

/-!
# The template of a transformer: proofs

`Transformer.denotes_decisionCircuit`: terms for the local maps give a template of the decision circuit; so it is
generated in logarithmic space. About the definitions in `Logprec.Simulation.Construct`.
-/

namespace Logprec

open Circuit Float Term

variable {D : Nat} {p : Nat → Nat}

/-- The number of outputs of every layer of the circuit of a head. -/
private theorem widths_head {D : Nat} {q N big q' N' big' : Term} {ρ ρ' : List Nat}
    (hq : q.eval ρ = q'.eval ρ') (hN : N.eval ρ = N'.eval ρ') (hbig : big.eval ρ = big'.eval ρ')
    (h : 2 ^ q.eval ρ ≤ big.eval ρ) :
    (HeadTerms.widths D q N big).map (Term.eval ρ) = (HeadTerms.widths D q' N' big').map (Term.eval ρ') := by
  have hS : (Float.sumWs q N big).map (Term.eval ρ) = (Float.sumWs q' N' big').map (Term.eval ρ') := by
    rw [← (Float.lists_sum ρ q N big h).widths,
      ← (Float.lists_sum ρ' q' N' big' (by rw [← hq, ← hbig]; exact h)).widths, hq, hN]
  have zip : ∀ (ws : List Term) (t : Term) (d : Nat) (ρ : List Nat),
      (List.zipWith (· + ·) ws (List.replicate d t)).map (Term.eval ρ) =
        List.zipWith (· + ·) (ws.map (Term.eval ρ)) (List.replicate d (t.eval ρ)) := fun ws t d ρ => by
    rw [List.map_zipWith, ← List.map_replicate, List.zipWith_map]; rfl
  have scale : ∀ (t : Term) (ws : List Term) (ρ : List Nat),
      (ws.map (t * ·)).map (Term.eval ρ) = (ws.map (Term.eval ρ)).map (t.eval ρ * ·) := fun t ws ρ => by
    rw [List.map_map, List.map_map]; rfl
  simp only [HeadTerms.widths, List.map_append, zip, scale, hS]
  simp [hq, hN, hbig]

namespace Tmpl

theorem items_choose (ρ : List Nat) : ∀ (Ts : List Tmpl) (r i : Nat), i < Ts.length →
    (choose r Ts).items ((r + i) :: ρ) = (Ts.getD i nil).items ((r + i) :: ρ)
  | T :: Ts, r, 0, _ => by simp [choose, items]
  | T :: Ts, r, i + 1, h => by
    have := items_choose ρ Ts (r + 1) i (by simpa using h)
    rw [show r + 1 + i = r + (i + 1) by omega] at this
    simp [choose, items, this]

end Tmpl

private theorem denotesIn_chooseLayers {ρ : List Nat} {d r : Nat} {tss : List (List Tmpl)} {C : Circuit}
    (hr : r < tss.length) (hd : C.length = d) (h : DenotesIn (r :: ρ) (tss.getD r []) C) :
    DenotesIn (r :: ρ) (Tmpl.chooseLayers d tss) C := by
  have hlen : (tss.getD r []).length = d := by simpa [hd] using congrArg List.length h
  unfold DenotesIn at h ⊢
  rw [← h, Tmpl.chooseLayers, List.map_map]
  apply List.ext_getElem (by simp only [List.length_map, List.length_range, hlen])
  intro l h₁ h₂
  simp only [List.length_map, List.length_range] at h₁
  simp only [List.getElem_map, List.getElem_range, Function.comp]
  have := Tmpl.items_choose ρ (tss.map fun ts => ts.getD l .nil) 0 r (by simpa using hr)
  rw [Nat.zero_add] at this
  rw [this]
  have e : tss.getD r [] = tss[r] := by simp [hr]
  simp only [List.getD_eq_getElem?_getD, List.getElem?_map, List.getElem?_eq_getElem hr, Option.map_some,
    Option.getD_some] at hlen ⊢
  simp [hlen, h₁]

/-- The terms are right for the layer `B`. -/
structure BlockTerms.For (t : BlockTerms) (B : Block D p) : Prop where
  length_eq : t.heads.length = B.heads.length
  heads : ∀ r (h : r < B.heads.length), HeadTerms.For (t.heads[r]'(length_eq ▸ h)) B.heads[r]
  activation : ∀ n i, i < n → ∀ a < 2 ^ (B.heads.length * (D * p n) + D * p n), ∀ u < D * p n,
    t.activation.eval [a, u, i, n] = ((B.activation n i
      ((List.range B.heads.length).map fun r => .ofNat _ (a / 2 ^ (r * (D * p n))))
      (.ofNat _ (a / 2 ^ (B.heads.length * (D * p n))))).toNat.testBit u).toNat

/-- Parts from a list, numbered. -/
private theorem par_eq_range {ι : Type} (d : Nat) (is : List ι) (s : List Nat) (C : ι → Circuit) :
    Circuit.par d is (fun _ => s) C =
      Circuit.par d (List.range is.length) (fun _ => s) fun r => (is[r]?.map C).getD [] := by
  simp only [Circuit.par]
  congr 1
  apply List.ext_getElem (by simp)
  intro r h₁ h₂
  simp only [List.length_map] at h₁
  simp [h₁]

private theorem length_parWith (count : Term) : ∀ (ts : List Tmpl) (first : Tmpl → Tmpl) (ws : List Term),
    (Tmpl.parWith count first ws ts).length = ts.length
  | [], _, _ => rfl
  | _ :: ts, _, _ => by simp [Tmpl.parWith, length_parWith count ts]

private theorem length_par (count σ : Term) (ts : List Tmpl) (ws : List Term) :
    (Tmpl.par count σ ws ts).length = ts.length := length_parWith count ts _ ws

private theorem length_widths {D : Nat} {q N big : Term} {ρ : List Nat}
    (h : 2 ^ q.eval ρ ≤ big.eval ρ) : (HeadTerms.widths D q N big).length = 6 + 2 * dSum := by
  simp only [HeadTerms.widths, List.length_append, List.length_zipWith, List.length_map, List.length_replicate,
    List.length_cons, List.length_nil, Float.length_sumWs h]
  omega

namespace BlockTerms

section

variable (t : BlockTerms) {B : Block D p} (h : t.For B) {q big : Term} {n : Nat}
  (hq : q.eval [n] = p n) (h₁ : 2 ^ (D * p n + D * p n) ≤ big.eval [n])
  (h₂ : 2 ^ (p n + p n + D * p n) ≤ big.eval [n])

include h hq h₁ h₂

/-- The heads, for position `i`. -/
private theorem lists_heads_at {i : Nat} (hi : i < n) :
    Lists [i, n] (Tmpl.par (lit t.heads.length) (var 0) (HeadTerms.widths D q.up (var 1) big.up)
        (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up)))
      ((HeadTerms.widths D q.up (var 1) big.up).map (lit t.heads.length * ·))
      (Circuit.par (6 + 2 * dSum) B.heads (fun _ => List.range (n * (D * p n))) fun H => H.circuit n i) := by
  have hp : 2 ^ q.up.eval [i, n] ≤ big.up.eval [i, n] := by
    rw [eval_up, eval_up, hq]
    exact Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) h₂
  have part : ∀ r (hr : r < B.heads.length),
      Lists [r, i, n] ((t.heads[r]'(h.length_eq ▸ hr)).template D q.up.up big.up.up)
      (HeadTerms.widths D q.up.up (var 2) big.up.up) (B.heads[r].circuit n i) := fun r hr =>
    HeadTerms.lists_circuit _ (h.heads r hr) hi (by simpa using hq) (by simpa using h₁) (by simpa using h₂)
  have hts : (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up)).length =
      6 + 2 * dSum := by simp [Tmpl.chooseLayers]
  rw [par_eq_range, ← h.length_eq]
  have := Lists.par (ρ := [i, n]) (count := lit t.heads.length) (σ := var 0)
    (ws := HeadTerms.widths D q.up (var 1) big.up)
    (ts := Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up))
    (sel := fun _ => List.range (n * (D * p n))) (C := fun r => (B.heads[r]?.map fun H => H.circuit n i).getD [])
    (fun r hr => ?_) (fun r hr => ?_) (by rw [hts, length_widths hp]) (fun r hr => ?_) (by simp)
  · rw [hts] at this
    simpa using this
  all_goals have hr' : r < B.heads.length := h.length_eq ▸ hr
  · simp only [List.getElem?_eq_getElem hr', Option.map_some, Option.getD_some]
    refine denotesIn_chooseLayers (by simpa using hr) (Head.computes_circuit _ n i hi).depth_eq ?_
    have e : (t.heads.map fun h => h.template D q.up.up big.up.up).getD r [] =
        (t.heads[r]'hr).template D q.up.up big.up.up := by simp [show r < t.heads.length from hr]
    rw [e]
    exact (part r hr').denotes
  · simp only [List.getElem?_eq_getElem hr', Option.map_some, Option.getD_some]
    rw [(part r hr').widths]
    exact widths_head (by simp) (by simp) (by simp) (by simpa using hp)
  · simp only [List.getElem?_eq_getElem hr', Option.map_some, Option.getD_some, List.length_range]
    exact (Head.computes_circuit _ n i hi).wf

/-- All heads at all positions. -/
private theorem lists_heads :
    Lists [n] (Tmpl.par (var 0) (var 0) ((HeadTerms.widths D q (var 0) big).map (lit t.heads.length * ·))
        (Tmpl.par (lit t.heads.length) (var 0) (HeadTerms.widths D q.up (var 1) big.up)
          (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up))))
      (((HeadTerms.widths D q (var 0) big).map (lit t.heads.length * ·)).map (var 0 * ·)) (B.headsCircuit n) := by
  have hp : 2 ^ q.eval [n] ≤ big.eval [n] := by
    rw [hq]; exact Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) h₂
  have hts : (Tmpl.par (lit t.heads.length) (var 0) (HeadTerms.widths D q.up (var 1) big.up)
      (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up))).length =
        6 + 2 * dSum := by
    simp [length_par, Tmpl.chooseLayers]
  have := Lists.par (ρ := [n]) (count := var 0) (σ := var 0)
    (ws := (HeadTerms.widths D q (var 0) big).map (lit t.heads.length * ·))
    (sel := fun _ => List.range (n * (D * p n)))
    (C := fun i => Circuit.par (6 + 2 * dSum) B.heads (fun _ => List.range (n * (D * p n))) fun H => H.circuit n i)
    (fun i hi => (lists_heads_at t h hq h₁ h₂ hi).denotes) (fun i hi => ?_)
    (by rw [hts, List.length_map, length_widths hp]) (fun i hi => ?_) (by simp)
  · rw [hts] at this
    exact this
  · rw [(lists_heads_at t h hq h₁ h₂ hi).widths]
    have e := widths_head (D := D) (q := q.up) (N := var 1) (big := big.up) (q' := q) (N' := var 0) (big' := big)
      (ρ := [i, n]) (ρ' := [n]) (by simp) (by simp) (by simp) (by simpa using hp)
    have scale : ∀ (ws : List Term) (ρ : List Nat), (ws.map (lit t.heads.length * ·)).map (Term.eval ρ) =
        (ws.map (Term.eval ρ)).map (t.heads.length * ·) := fun ws ρ => by rw [List.map_map, List.map_map]; rfl
    rw [scale, scale, e]
  · rw [List.length_range]
    exact (Computes.par (d := 5 + 2 * dSum) (w := fun _ => D * p n) (s := fun _ => Head.circuitSize D (p n) n)
      (f := fun H x => enc (H.attend n (dec (D * p n) x) i)) (by simp) fun H _ => by
        rw [List.length_range]; exact H.computes_circuit n i hi).wf

/-- **The template of a layer.** -/
theorem lists_circuit (h₃ : 2 ^ (B.heads.length * (D * p n) + D * p n) ≤ big.eval [n]) :
    Lists [n] (t.template D q big) (widths D t.heads.length q big) (B.circuit n) := by
  have hts : (Tmpl.par (var 0) (var 0) ((HeadTerms.widths D q (var 0) big).map (lit t.heads.length * ·))
        (Tmpl.par (lit t.heads.length) (var 0) (HeadTerms.widths D q.up (var 1) big.up)
          (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up)))).length =
      6 + 2 * dSum := by simp [length_par, Tmpl.chooseLayers]
  have carry := Lists.carry [n] (var 0 * (lit D * q)) (6 + 2 * dSum)
  simp only [eval_mul, eval_var, eval_lit, hq, List.getD_cons_zero] at carry
  have c₁ := Lists.pair (σ := var 0) (τ := var 0) (sel := List.range (n * (D * p n)))
    (sel' := List.range (n * (D * p n)))
    (lists_heads t h hq h₁ h₂) carry (by rw [hts]; simp [Tmpl.carry])
    (by rw [List.length_range]; exact (B.computes_heads n).wf)
    (by rw [List.length_range]; exact (computes_carry _ (6 + 2 * dSum)).wf) (by simp) (by simp)
  rw [hts] at c₁
  refine c₁.append (Lists.par_lookup (by simp) (by simp [hq, h.length_eq]) (by simp [hq])
    (by simp [hq, h.length_eq, Nat.min_eq_left h₃]) (fun i hi a ha u hu => h.activation n i hi a ha u hu)
    (fun i _ => by simp) fun i hi k hk => ?_)
  simp only [eval_ite, eval_lt, eval_add, eval_sub, eval_mul, eval_up, eval_var, eval_lit, hq, h.length_eq,
    List.getD_cons_zero, List.getD_cons_succ]
  rw [List.getElem_append]
  by_cases hw : k < B.heads.length * (D * p n)
  · simp [hw, Tmpl.getElem_blockPos]
  · simp [hw, Tmpl.getElem_blockPos]

end

end BlockTerms

/-- The terms are right for the transformer `T`. -/
structure TransformerTerms.For (t : TransformerTerms) (T : Transformer) : Prop where
  prec : ∀ n, t.prec.eval [n] = T.prec n
  big : ∀ n, ∀ e ∈ (T.dim * T.prec n + T.dim * T.prec n) :: (T.prec n + T.prec n + T.dim * T.prec n) ::
    T.blocks.map (fun B => B.heads.length * (T.dim * T.prec n) + T.dim * T.prec n), 2 ^ e ≤ t.big.eval [n]
  embed : ∀ n i, i < n → ∀ a < 2 ^ T.symbolBits, ∀ u < T.dim * T.prec n,
    t.embed.eval [a, u, i, n] = ((T.embed n i (.ofNat _ a)).toNat.testBit u).toNat
  length_eq : t.blocks.length = T.blocks.length
  blocks : ∀ l (h : l < T.blocks.length), BlockTerms.For (t.blocks[l]'(length_eq ▸ h)) T.blocks[l]
  accept : ∀ n, ∀ a < 2 ^ (T.dim * T.prec n), t.accept.eval [a, 0, 0, n] = (T.accept n (.ofNat _ a)).toNat

namespace TransformerTerms

/-- **The template of a transformer lists its circuits.** -/
theorem denotes_decisionCircuit (t : TransformerTerms) {T : Transformer} (h : t.For T) :
    Denotes (t.template T.symbolBits T.dim) T.decisionCircuit := by
  intro n
  have hbig₁ := h.big n _ (List.mem_cons_self ..)
  have hbig₂ := h.big n _ (List.mem_cons_of_mem _ (List.mem_cons_self ..))
  have embed := (Lists.par_lookup (ρ := [n]) (count := var 0) (σ := var 1 * lit T.symbolBits + var 0)
    (k := lit T.symbolBits) (m := lit T.dim * t.prec) (rows := lit (2 ^ T.symbolBits)) (value := t.embed)
    (sel := fun i => blockPos T.symbolBits i) (F := fun i a => (T.embed n i (.ofNat _ a)).toNat)
    (by simp) (by simp) (by simp [h.prec n]) (by simp) (fun i hi a ha u hu => h.embed n i hi a ha u hu)
    (fun i _ => by simp) (fun i _ k hk => by simp [Tmpl.getElem_blockPos])).denotes
  have blocks : ∀ (ts : List BlockTerms) (Bs : List (Block T.dim T.prec)) (hl : ts.length = Bs.length),
      (∀ B ∈ Bs, B ∈ T.blocks) → (∀ l (h : l < Bs.length), BlockTerms.For (ts[l]'(hl ▸ h)) Bs[l]) →
      DenotesIn [n] (ts.flatMap fun B => B.template T.dim t.prec t.big) (Bs.flatMap fun B => B.circuit n) := by
    intro ts
    induction ts with
    | nil =>
      intro Bs hl _ _
      obtain rfl := List.eq_nil_of_length_eq_zero hl.symm
      rfl
    | cons b ts ih =>
      intro Bs hl hmem hfor
      match Bs, hl with
      | B :: Bs, hl =>
        rw [List.flatMap_cons, List.flatMap_cons]
        refine DenotesIn.append ?_ (ih Bs (by simpa using hl) (fun B hB => hmem B (by simp [hB])) fun l hl' =>
          hfor (l + 1) (by simpa using hl'))
        exact (BlockTerms.lists_circuit b (hfor 0 (by simp)) (h.prec n) hbig₁ hbig₂
          (h.big n _ (List.mem_cons_of_mem _ (List.mem_cons_of_mem _
            (List.mem_map_of_mem (hmem B (by simp))))))).denotes
  have accept : DenotesIn [n] (Tmpl.par 1 ((var 2 - 1) * (lit T.dim * t.prec).up.up + var 0)
      [Term.ite (var 0) (lit T.dim * t.prec) 0 + Term.ite (var 0) (lit T.dim * t.prec) 0,
        pow2 (Term.ite (var 0) (lit T.dim * t.prec) 0) t.big, 1]
      (Tmpl.lookup (Term.ite (var 0) (lit T.dim * t.prec) 0).up (1 : Term).up
        (pow2 (Term.ite (var 0) (lit T.dim * t.prec) 0) t.big).up t.accept)) (T.acceptCircuit n) := by
    have hk : (Term.ite (var 0) (lit T.dim * t.prec) 0).eval [n] =
        (if n = 0 then [] else blockPos (T.dim * T.prec n) (n - 1)).length := by
      by_cases hn : n = 0 <;> simp [hn, h.prec n]
    have hle : (if n = 0 then [] else blockPos (T.dim * T.prec n) (n - 1)).length ≤ T.dim * T.prec n := by
      split <;> simp
    have hpow : 2 ^ (if n = 0 then [] else blockPos (T.dim * T.prec n) (n - 1)).length ≤ t.big.eval [n] :=
      Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) hbig₁
    have := (Lists.par_lookup (ρ := [n]) (count := 1) (n := 1) (M := 1)
      (σ := (var 2 - 1) * (lit T.dim * t.prec).up.up + var 0)
      (k := Term.ite (var 0) (lit T.dim * t.prec) 0) (m := 1)
      (rows := pow2 (Term.ite (var 0) (lit T.dim * t.prec) 0) t.big) (value := t.accept)
      (sel := fun _ => if n = 0 then [] else blockPos (T.dim * T.prec n) (n - 1))
      (F := fun _ a => (T.accept n (.ofNat _ a)).toNat) rfl hk rfl
      (by rw [eval_pow2, hk, Nat.min_eq_left hpow]) (fun j hj a ha u hu => ?_) (fun _ _ => rfl)
      (fun j hj k hk => ?_)).denotes
    · exact this
    · obtain rfl : j = 0 := by omega
      obtain rfl : u = 0 := by omega
      rw [h.accept n a (Nat.lt_of_lt_of_le ha (Nat.pow_le_pow_right (by omega) hle))]
      show _ = ((T.accept n (.ofNat _ a)).toNat.testBit 0).toNat
      cases T.accept n (.ofNat _ a) <;> rfl
    · by_cases hn : n = 0
      · simp [hn] at hk
      · simp [hn, Tmpl.getElem_blockPos, h.prec n]
  exact (embed.append (blocks _ _ h.length_eq (fun _ hB => hB) h.blocks)).append accept

/-- **Uniformity** (Theorem 2), for local maps whose bits are given by terms: the circuits of the transformer are
generated in logarithmic space. -/
theorem logSpaceGenerated (t : TransformerTerms) {T : Transformer} (h : t.For T) :
    Space.LogSpaceGenerated fun n => Circuit.encode (n * T.symbolBits) (T.decisionCircuit n) :=
  logSpaceGenerated_of_denotes (Term.var 0 * lit T.symbolBits) (t.denotes_decisionCircuit h)

end TransformerTerms

end Logprec
