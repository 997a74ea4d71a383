import Logprec.Class.Feed
import Logprec.Simulation.TC0
import Logprec.Transformer.Mask

/-!
# Masks and uniformity

When the local maps of a transformer, and a mask, are computable in linear space, then so are the local maps of the
transformer with all its heads masked. The causal mask is. So masked transformers are in log-uniform TC0, in the same
depth.
-/

namespace Logprec

namespace Space

/-! ## A program under a condition -/

/-- The program over the registers from `off` on, without its output. -/
def Prog.aside (off : Nat) : Prog → Prog
  | skip | emit _ => skip
  | set r e => set (r + off) (e.moved off)
  | seq P Q => seq (P.aside off) (Q.aside off)
  | ite e P Q => ite (e.moved off) (P.aside off) (Q.aside off)
  | loop r e P => loop (r + off) (e.moved off) (P.aside off)

/-- The states of a program and of the one that runs aside, which leaves the registers of `u` below `off` alone. -/
private structure Aside (off M : Nat) (u s t : State) : Prop where
  regs : ∀ r, t.regs.get (r + off) = s.regs.get r
  low : ∀ r < off, t.regs.get r = u.regs.get r
  out : t.out = u.out
  peak_le : t.peak ≤ max s.peak M

namespace Aside

variable {off M : Nat} {x : List Bool} {u s t : State}

private theorem see (A : Aside off M u s t) (e : Expr) : Aside off M u (s.see x e) (t.see x (e.moved off)) :=
  { A with
    peak_le := by
      have := A.peak_le
      have := (Expr.moved_spec A.regs x e).2
      simp only [State.see]
      omega }

private theorem write (A : Aside off M u s t) (r v : Nat) :
    Aside off M u { s with regs := s.regs.set r v } { t with regs := t.regs.set (r + off) v } where
  regs r' := by simp only [Regs.get_set, A.regs, Nat.add_right_cancel_iff]
  low r' hr' := by rw [Regs.get_set_ne (by omega)]; exact A.low r' hr'
  out := A.out
  peak_le := A.peak_le

private theorem run (P : Prog) (A : Aside off M u s t) : Aside off M u (P.run x s) ((P.aside off).run x t) := by
  induction P generalizing s t with
  | skip => exact A
  | emit e => exact ⟨A.regs, A.low, A.out, Nat.le_trans A.peak_le (by simp only [Prog.run, State.see]; omega)⟩
  | set r e =>
    simp only [Prog.aside, Prog.run, (Expr.moved_spec A.regs x e).1]
    exact (A.see e).write _ _
  | seq P Q ihP ihQ => exact ihQ (ihP A)
  | ite e P Q ihP ihQ =>
    simp only [Prog.aside, Prog.run, (Expr.moved_spec A.regs x e).1]
    split
    · exact ihP (A.see e)
    · exact ihQ (A.see e)
  | loop r e P ih =>
    simp only [Prog.aside, Prog.run, (Expr.moved_spec A.regs x e).1]
    have rounds (l : List Nat) : ∀ {s t : State}, Aside off M u s t →
        Aside off M u (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.aside off).run x { t with regs := t.regs.set (r + off) i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun A => ihl (ih (A.write r i))
    exact rounds _ (A.see e)

end Aside

/-- If `M` says yes of the first three arguments, then what `P` does, else 0 as the result. -/
def Prog.guard (M P : Prog) : Prog :=
  let base := P.bound + 6 -- out of the way of `P` and of up to six arguments
  .seq (.set base (.reg 0)) <| .seq (.set (base + 1) (.reg 1)) <| .seq (.set (base + 2) (.reg 2)) <|
    .seq (M.aside base) <| .ite (.reg base) P (.set 0 (.lit 0))

/-- A program under a condition computes its value, or 0. -/
theorem Prog.Yields.guard {M P : Prog} {n i j b b' v : Nat} {rest : List Nat} {m : Bool} (hr : rest.length ≤ 3)
    (hM : M.Yields [n, i, j] b m.toNat) (hP : P.Yields (n :: i :: j :: rest) b' v) :
    (Prog.guard M P).Yields (n :: i :: j :: rest) (max (max b b') (n + i + j) + 1) (if m then v else 0) := by
  obtain ⟨hM, hMb⟩ := hM
  obtain ⟨hP, hPb⟩ := hP
  rw [Prog.result] at hM hP
  rw [Prog.resultPeak] at hMb hPb
  -- the arguments are copied
  obtain ⟨t, ht⟩ : ∃ t, (Prog.seq (.set (P.bound + 6) (.reg 0)) <| .seq (.set (P.bound + 6 + 1) (.reg 1))
      (.set (P.bound + 6 + 2) (.reg 2))).run [] { regs := n :: i :: j :: rest } = t := ⟨_, rfl⟩
  have hregs : ∀ r, t.regs.get r = if r = P.bound + 6 + 2 then j else if r = P.bound + 6 + 1 then i else
      if r = P.bound + 6 then n else Regs.get (n :: i :: j :: rest) r := fun r => by
    rw [← ht]
    simp only [Prog.run, State.see, Expr.eval, Regs.get_set]
    grind [Regs.get]
  have hpeak : t.peak ≤ n + i + j ∧ t.out = [] := by
    rw [← ht]
    simp only [Prog.run, State.see, Expr.eval, Expr.peak, Regs.get_set]
    refine ⟨?_, trivial⟩
    rw [if_neg (by omega), if_neg (by omega), if_neg (by omega)]
    simp only [Regs.get, List.getD_cons_zero, List.getD_cons_succ]
    omega
  have A : Aside (P.bound + 6) (n + i + j) t { regs := [n, i, j] } t := by
    refine ⟨fun r => ?_, fun _ _ => rfl, rfl, by omega⟩
    rw [hregs]
    match r with
    | 0 => simp [Regs.get]
    | 1 => simp [Regs.get, show 1 + (P.bound + 6) = P.bound + 6 + 1 by omega]
    | 2 => simp [Regs.get, show 2 + (P.bound + 6) = P.bound + 6 + 2 by omega]
    | r + 3 =>
      rw [if_neg (by omega), if_neg (by omega), if_neg (by omega)]
      simp only [Regs.get, List.getD_eq_getElem?_getD]
      rw [List.getElem?_eq_none (by simp; omega), List.getElem?_eq_none (by simp)]
  have A' := A.run (x := []) M
  have hm : ((M.aside (P.bound + 6)).run [] t).regs.get (P.bound + 6) = m.toNat := by
    have := A'.regs 0
    rw [Nat.zero_add] at this
    rw [this, hM]
  have hle := m.toNat_le
  obtain ⟨t', ht'⟩ : ∃ t', t' = ((M.aside (P.bound + 6)).run [] t).see [] (.reg (P.bound + 6)) := ⟨_, rfl⟩
  have hpeak' : t'.peak ≤ max b (n + i + j) + 1 := by
    have := A'.peak_le
    rw [ht']
    simp only [State.see, Expr.peak, Expr.eval, hm]
    omega
  have run : ((Prog.guard M P).run [] { regs := n :: i :: j :: rest }) =
      if m then P.run [] t' else (Prog.set 0 (.lit 0)).run [] t' := by
    have e : (Prog.guard M P).run [] { regs := n :: i :: j :: rest } =
        (Prog.ite (.reg (P.bound + 6)) P (.set 0 (.lit 0))).run [] ((M.aside (P.bound + 6)).run [] t) := by
          rw [← ht]; rfl
    have run_ite : ∀ (e : Expr) (P Q : Prog) (s : State), (Prog.ite e P Q).run [] s =
        if e.eval [] s.regs ≠ 0 then P.run [] (s.see [] e) else Q.run [] (s.see [] e) := fun _ _ _ _ => rfl
    rw [e, run_ite, Expr.eval, hm, ← ht']
    cases m <;> rfl
  have B : Agree (P.bound + 6) (max b (n + i + j) + 1) { regs := n :: i :: j :: rest } t' := by
    refine ⟨fun r hr => ?_, ?_, by omega⟩
    · rw [ht', State.see, A'.low r hr, hregs, if_neg (by omega), if_neg (by omega), if_neg (by omega)]
    · rw [ht', State.see, A'.out, hpeak.2]
  obtain ⟨C, -⟩ := B.run (x := []) P (by omega)
  rw [Prog.Yields, Prog.result, Prog.resultPeak, run]
  cases m
  · refine ⟨by simp [Prog.run, Expr.eval], ?_⟩
    simp only [Bool.false_eq_true, if_false, Prog.run, State.see, Expr.peak, Expr.eval]
    omega
  · refine ⟨?_, ?_⟩
    · simp only [if_true]
      rw [C.regs 0 (by omega), hP]
    · have := C.peak_le
      simp only [if_true]
      omega

end Space

/-- Two space bounds, and the positions, within one. -/
theorem max_linearBound_le {p n i j c c' : Nat} (hi : i < n) (hj : j < n) :
    max (max (linearBound p n c) (linearBound p n c')) (n + i + j) + 1 ≤ linearBound p n (c + c' + 2) := by
  have hn : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  have h₁ : 2 ^ (n.log2 + 1) ≤ 2 ^ (p + n.log2 + 1) := Nat.pow_le_pow_right (by omega) (by omega)
  have h₂ : 2 ^ 1 ≤ 2 ^ (p + n.log2 + 1) := Nat.pow_le_pow_right (by omega) (by omega)
  have h₃ : ∀ k, linearBound p n k = (2 ^ (p + n.log2 + 1)) ^ k := fun k => by
    rw [linearBound, Nat.mul_comm, Nat.pow_mul]
  rw [h₃, h₃, h₃]
  generalize 2 ^ (p + n.log2 + 1) = X at *
  have h₄ : X ^ c ≤ X ^ (c + c') := Nat.pow_le_pow_right (by omega) (by omega)
  have h₅ : X ^ c' ≤ X ^ (c + c') := Nat.pow_le_pow_right (by omega) (by omega)
  have h₆ : 1 ≤ X ^ (c + c') := Nat.one_le_pow _ _ (by omega)
  have h₇ : X ^ (c + c' + 2) = X ^ (c + c') * (X * X) := by rw [Nat.pow_add]; congr 1; grind
  have h₈ := Nat.mul_le_mul h₆ (Nat.le_refl (X * X))
  have h₉ := Nat.mul_le_mul (Nat.le_refl (X ^ (c + c'))) (Nat.mul_le_mul (show 2 ≤ X by omega) (show 2 ≤ X by omega))
  have h₁₀ := Nat.mul_le_mul (show n + 1 ≤ X by omega) (show n + 1 ≤ X by omega)
  have e : (n + 1) * (n + 1) = n * n + 2 * n + 1 := by grind
  have h₁₁ := Nat.mul_le_mul (show i + 1 ≤ n by omega) (Nat.le_refl n)
  rcases (show n = 1 ∨ 2 ≤ n by omega) with rfl | h
  · omega
  · have := Nat.mul_le_mul h (Nat.le_refl n)
    omega

/-- The causal mask is computable in linear space. -/
theorem linearSpaceMaskPrograms_causal (prec : Nat → Nat) :
    LinearSpaceMaskPrograms prec fun _ i j => decide (j ≤ i) := by
  refine ⟨.set 0 (.lt (.reg 2) (.add (.reg 1) (.lit 1))), 1, fun n i j hi hj => ⟨?_, ?_⟩⟩
  · have e : (j < i + 1) = (j ≤ i) := by rw [Nat.lt_succ_iff]
    simp [Space.Prog.result, Space.Prog.run, Space.Expr.eval, Space.Regs.get, Space.Regs.set, Space.State.see, e]
  · have hn : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
    have h₁ : 2 ^ (n.log2 + 1) ≤ linearBound (prec n) n 1 := Nat.pow_le_pow_right (by omega) (by omega)
    have := Bool.toNat_le (decide (j < i + 1))
    simp [Space.Prog.resultPeak, Space.Prog.run, Space.State.see, Space.Expr.peak, Space.Expr.eval, Space.Regs.get] at *
    omega

/-- The layer with all heads masked. -/
def Block.masked {D : Nat} {p : Nat → Nat} (mask : (n i j : Nat) → Bool) (B : Block D p) : Block D p :=
  { B with heads := B.heads.map (Head.masked mask) }

namespace Transformer

/-- The transformer with all heads masked: position `i` attends to position `j` only where `mask n i j` holds
(`Head.attend_masked`). -/
def masked (mask : (n i j : Nat) → Bool) (T : Transformer) : Transformer :=
  { T with blocks := T.blocks.map (Block.masked mask) }

/-- The transformer with causal attention (`Head.causal`): a position attends to itself and to earlier positions. -/
def causal (T : Transformer) : Transformer := T.masked fun _ i j => decide (j ≤ i)

/-- **Masks keep linear space.** -/
theorem LinearSpacePrograms.masked {T : Transformer} (h : T.LinearSpacePrograms) {mask : (n i j : Nat) → Bool}
    (hm : LinearSpaceMaskPrograms T.prec mask) : (T.masked mask).LinearSpacePrograms := by
  obtain ⟨M, c', hM⟩ := hm
  refine ⟨h.prec, h.embed, fun B' hB' H' hH' => ?_, fun B' hB' H' hH' => ?_, fun B' hB' => ?_, h.accept⟩
  all_goals
    obtain ⟨B, hB, rfl⟩ := List.mem_map.1 hB'
  · obtain ⟨H, hH, rfl⟩ := List.mem_map.1 hH'
    obtain ⟨P, c, hP⟩ := h.similarity B hB H hH
    refine ⟨.guard M P, c' + c + 2, fun n i j hi hj hin hjn => ?_⟩
    have := Space.Prog.Yields.guard (by simp) (hM n i j hin hjn) (hP n i j hi hj hin hjn)
    refine ⟨this.1.trans ?_, Nat.le_trans this.2 (max_linearBound_le hin hjn)⟩
    cases hc : mask n i j
    · simp only [Head.masked, hc, Bool.false_eq_true, if_false]
      exact BitVec.toNat_zero.symm
    · simp only [Head.masked, hc, if_true]
  · obtain ⟨H, hH, rfl⟩ := List.mem_map.1 hH'
    obtain ⟨P, c, hP⟩ := h.weighting B hB H hH
    refine ⟨.guard M P, c' + c + 2, fun n i j s Z hj hin hjn => ?_⟩
    have := Space.Prog.Yields.guard (by simp) (hM n i j hin hjn) (hP n i j s Z hj hin hjn)
    refine ⟨this.1.trans ?_, Nat.le_trans this.2 (max_linearBound_le hin hjn)⟩
    cases hc : mask n i j
    · simp only [Head.masked, hc, Bool.false_eq_true, if_false]
      exact BitVec.toNat_zero.symm
    · simp only [Head.masked, hc, if_true]
  · obtain ⟨P, c, hP⟩ := h.activation B hB
    exact ⟨P, c, fun n i as hi hin hlen => hP n i as hi hin (by simpa [Block.masked] using hlen)⟩

/-- Causal attention keeps linear space. -/
theorem LinearSpacePrograms.causal {T : Transformer} (h : T.LinearSpacePrograms) : T.causal.LinearSpacePrograms :=
  h.masked (linearSpaceMaskPrograms_causal _)

/-- Masks do not change the number of layers, and so not the depth. -/
@[simp] theorem length_blocks_masked (T : Transformer) (mask : (n i j : Nat) → Bool) :
    (T.masked mask).blocks.length = T.blocks.length := List.length_map ..

/-- The circuits of a masked transformer have the depth of those of the transformer. -/
theorem depth_masked (T : Transformer) (mask : (n i j : Nat) → Bool) (n : Nat) :
    ((T.masked mask).decisionCircuit n).depth = 3 + (9 + 2 * Float.dSum) * T.blocks.length + 3 := by
  rw [((T.masked mask).simulation_decision n).2.1, length_blocks_masked]

/-- **Masked log-precision transformers are in log-uniform TC0.** -/
theorem masked_mem_logUniformTC0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (hT : T.LinearSpacePrograms)
    {mask : (n i j : Nat) → Bool} (hm : LinearSpaceMaskPrograms T.prec mask) :
    Class.LogUniformTC0 (T.masked mask).language :=
  (T.masked mask).language_mem_logUniformTC0 (c := c) hc (hT.masked hm)

/-- **Causal log-precision transformers are in log-uniform TC0.** -/
theorem causal_mem_logUniformTC0 (T : Transformer) {c : Nat} (hc : T.LogPrecision c) (hT : T.LinearSpacePrograms) :
    Class.LogUniformTC0 T.causal.language :=
  T.masked_mem_logUniformTC0 hc hT (linearSpaceMaskPrograms_causal _)

end Transformer

/-! ## The last position sees everything -/

/-- At the last position, a causal head computes what the head computes. -/
theorem Head.attend_causal_last {D : Nat} {p : Nat → Nat} (H : Head D p) (n : Nat) (h : Nat → State D (p n)) :
    (H.masked fun _ i j => decide (j ≤ i)).attend n h (n - 1) = H.attend n h (n - 1) := by
  have e : (List.range n).filter (fun j => decide (j ≤ n - 1)) = List.range n :=
    List.filter_eq_self.2 fun j hj => by
      have := List.mem_range.1 hj
      simp only [decide_eq_true_iff]
      omega
  rw [attend_masked, e]
  rfl

/-- A transformer with one layer accepts the same words with causal attention, because the last position decides. -/
theorem Transformer.causal_accepts {T : Transformer} {B : Block T.dim T.prec} (hB : T.blocks = [B])
    (word : List (BitVec T.symbolBits)) : T.causal.accepts word = T.accepts word := by
  have key : ∀ (n : Nat) (hs : List (State T.dim (T.prec n))),
      ((B.masked fun _ i j => decide (j ≤ i)).apply n hs).getD (n - 1) 0 = (B.apply n hs).getD (n - 1) 0 := by
    intro n hs
    rcases Nat.eq_zero_or_pos n with rfl | hn
    · simp [Block.apply]
    · simp [Block.apply, Block.masked, show n - 1 < n by omega, Function.comp_def, Head.attend_causal_last]
  have e : T.causal.states word = (B.masked fun _ i j => decide (j ≤ i)).apply word.length (T.embedded word) := by
    simp only [states, causal, masked, hB]
    rfl
  have e' : T.states word = B.apply word.length (T.embedded word) := by
    simp only [states, hB]
    rfl
  rw [accepts, accepts, e, e']
  exact congrArg (T.accept word.length) (key _ _)

/-- MAJORITY with causal attention recognises MAJORITY. -/
theorem Examples.majority_causal_accepts (word : List (BitVec 1)) :
    majority.causal.accepts word = decide (word.count 0#1 < word.count 1#1) :=
  (Transformer.causal_accepts (T := majority) (B := majority.blocks.head (by simp [majority])) rfl word).trans
    (majority_accepts word)

/-- MAJORITY with causal attention satisfies the hypotheses of the theorem. -/
theorem Examples.majority_causal_logUniformTC0 : Class.LogUniformTC0 majority.causal.language :=
  majority.causal_mem_logUniformTC0 (c := 4) (fun n => show 4 ≤ 4 * (n.log2 + 1) by omega) majority_programs

end Logprec
