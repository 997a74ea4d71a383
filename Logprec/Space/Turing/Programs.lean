import Logprec.Space.Turing.Compile
import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Ripple

/-!
# Register programs on Turing machines: proofs

`progMachine_haltsWith`: the machine prints what the program prints, in at most `log₂ peak + 2` cells of each tape.
About the definitions in `Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

open Space (Expr Prog Regs State ones)

/-! ## Output -/

private theorem exec_emits {x : List Bool} {B d v : Nat} {f : Nat → Nat} {o : List Bool} :
    CounterExec x B (.whileDo (.pos d) (.seq (.cmd (.dec d)) (.cmd (.emit true)))) ⟨0, upd f d v, o⟩
      ⟨0, upd f d 0, List.replicate v true ++ o⟩ := by
  induction v generalizing o with
  | zero => exact .done (by simp [CounterTest.eval, upd])
  | succ v ih =>
    have := ih (o := true :: o)
    rw [show List.replicate v true ++ true :: o = List.replicate (v + 1) true ++ o by
      simp [List.replicate_succ']] at this
    have h₁ : CounterExec x B (.cmd (.dec d)) ⟨0, upd f d (v + 1), o⟩ ⟨0, upd f d v, o⟩ :=
      Does.dec (by simp [upd]) (fun i => by simp only [upd]; split <;> simp) o
    have h₂ : CounterExec x B (.cmd (.emit true)) ⟨0, upd f d v, o⟩ ⟨0, upd f d v, true :: o⟩ := .cmd rfl
    exact .round (by simp [CounterTest.eval, upd]) (.seq h₁ h₂) this

/-! ## Programs as counter programs -/

/-- The code of an emitter writes its word. -/
theorem Emitter.exec (E : Emitter) {x : List Bool} {B d v : Nat} {f : Nat → Nat} {o : List Bool} :
    CounterExec x B (E.code d) ⟨0, upd f d v, o⟩ ⟨0, upd f d 0, (E.word v).reverse ++ o⟩ := by
  cases E with
  | unary => exact .seq exec_emits (.cmd (by simp [CounterCmd.Step, word]))
  | bit =>
    by_cases h : v = 0
    · subst h
      exact .no (by simp [CounterTest.eval, upd]) (.cmd (by simp [CounterCmd.Step, word]))
    · refine .yes (by simpa [CounterTest.eval, upd] using h) (.seq (s' := ⟨0, upd f d 0, o⟩)
        (does_clear.congr (fun i => by simp only [upd]; split <;> simp_all) _) (.cmd ?_))
      simp [CounterCmd.Step, word, h]

/-- The output of a program on the output tape, the last bit first. -/
def outBits (E : Emitter) (out : List Nat) : List Bool := (out.reverse.flatMap E.word).reverse

private theorem outBits_cons (E : Emitter) (v : Nat) (out : List Nat) :
    outBits E (v :: out) = (E.word v).reverse ++ outBits E out := by
  simp [outBits]

/-- The registers `u` below `N`, and `h` from `N` on. -/
def below (N : Nat) (u : Regs) (h : Nat → Nat) (i : Nat) : Nat := if i < N then u.get i else h i

/-- The counters of a state: the program has the registers below `N`. -/
def counters (E : Emitter) (N : Nat) (h : Nat → Nat) (s : State) : Counters := ⟨0, below N s.regs h, outBits E s.out⟩

section

variable {x : List Bool} {B N d : Nat} {h : Nat → Nat}

private theorem below_upd {u : Regs} {v : Nat} (hd : N ≤ d) : upd (below N u h) d v = below N u (upd h d v) := by
  funext i
  simp only [upd, below]
  grind

private theorem does_expr_below {u : Regs} {e : Expr} (hz : ∀ i ≥ d, h i = 0) (he : e.registers ≤ N) (hd : N ≤ d)
    (hB : e.peak x u ≤ B) : Does x B (exprCode d e) (below N u h) (below N u (upd h d (e.eval x u))) := by
  rw [← below_upd hd]
  refine does_expr (fun i hi => ?_) (fun r hr => ?_) (by omega) hB
  · simp [below, show ¬ i < N by omega, hz i hi]
  · simp [below, show r < N by omega]

private theorem does_store {u : Regs} {r v : Nat} (hz : h d = 0) (hr : r < N) (hd : N ≤ d) (hB : v ≤ B) :
    Does x B (.seq (pour r []) (pour d [r])) (below N u (upd h d v)) (below N (u.set r v) h) := by
  refine does_clear.seq ((does_pour_one (by omega) ?_).congr fun i => ?_)
  · simp [below, upd, show ¬ d < N by omega, show d ≠ r by omega, hB]
  · simp only [below, upd, Regs.get_set]
    grind

/-- One round of a loop. -/
private theorem does_round {u : Regs} {r i v : Nat} (hz : ∀ j ≥ d, h j = 0) (hr : r < N) (hd : N ≤ d) (hi : i ≤ B) :
    Does x B (.seq (.cmd (.dec d)) (.seq (pour r []) (.seq (pour (d + 1) [r, d + 2]) (pour (d + 2) [d + 1]))))
      (below N u (upd (upd h d (v + 1)) (d + 1) i)) (below N (u.set r i) (upd (upd h d v) (d + 1) i)) := by
  have h₂ := hz (d + 2) (by omega)
  have n₀ : ¬ d < N := by omega
  have n₁ : ¬ d + 1 < N := by omega
  have n₂ : ¬ d + 2 < N := by omega
  refine (Does.dec (f' := below N u (upd (upd h d v) (d + 1) i)) ?_ fun j => ?_).seq (does_clear.seq
    ((does_pour_two (by omega) (by omega) (by omega) ?_ ?_).seq ((does_pour_one (by omega) ?_).congr fun j => ?_)))
  · simp [below, upd, n₀]
  · simp only [below, upd]; grind
  · simp [below, upd, n₁, show d + 1 ≠ r by omega, hi]
  · simp [below, upd, n₁, n₂, h₂, show d + 1 ≠ r by omega, show d + 2 ≠ r by omega, hi]
  · simp [below, upd, n₁, n₂, h₂, show d + 1 ≠ r by omega, show d + 2 ≠ r by omega, hi]
  · simp only [below, upd, Regs.get_set]; grind

private theorem peak_foldl_le {P : Prog} {r : Nat} (s : State) {m n : Nat} (hm : m ≤ n) :
    ((List.range m).foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).peak ≤
      ((List.range n).foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).peak := by
  induction n with
  | zero => simp [show m = 0 by omega]
  | succ n ih =>
    by_cases h : m = n + 1
    · rw [h]; exact Nat.le_refl _
    · rw [List.range_succ, List.foldl_append]
      refine Nat.le_trans (ih (by omega)) ?_
      generalize List.foldl _ s (List.range n) = t
      exact P.le_peak_run x { t with regs := t.regs.set r n }

/-- **The counter program of a register program** does the same, and no register exceeds the peak. -/
theorem exec_progCode {E : Emitter} {P : Prog} {s : State} (hz : ∀ i ≥ d, h i = 0) (hP : P.registers ≤ N) (hd : N ≤ d)
    (hB : (P.run x s).peak ≤ B) : CounterExec x B (progCode E d P) (counters E N h s) (counters E N h (P.run x s)) := by
  induction P generalizing s d h with
  | skip => exact does_nop _
  | set r e =>
    simp only [Prog.registers, Nat.max_le] at hP
    have he : e.peak x s.regs ≤ B := Nat.le_trans (Nat.le_max_right _ _) hB
    exact .seq (does_expr_below hz hP.2 hd he _)
      (does_store (hz d (by omega)) hP.1 hd (Nat.le_trans (Expr.eval_le_peak x _ _) he) _)
  | seq P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hP
    exact .seq (ihP hz hP.1 hd (Nat.le_trans (Q.le_peak_run x _) hB)) (ihQ hz hP.2 hd hB)
  | ite e P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hP
    have he : e.peak x s.regs ≤ B := by
      refine Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans ?_ hB)
      rw [Prog.run]
      split
      · exact P.le_peak_run x (s.see x e)
      · exact Q.le_peak_run x (s.see x e)
    refine .seq (does_expr_below hz hP.1 hd he _) ?_
    have n₀ : ¬ d < N := by omega
    rw [Prog.run] at hB ⊢
    split
    · rename_i hc
      rw [if_pos hc] at hB
      refine .yes (by simpa [CounterTest.eval, below, upd, n₀] using hc)
        (.seq (does_clear.congr (f'' := below N s.regs h) (fun i => ?_) _) (ihP (s := s.see x e) hz hP.2.1 hd hB))
      have := hz d (by omega)
      simp only [below, upd]
      grind
    · rename_i hc
      rw [if_neg hc] at hB
      have h₀ : e.eval x s.regs = 0 := by simpa using hc
      have hu : upd h d 0 = h := by
        have := hz d (by omega)
        funext i
        simp only [upd]
        grind
      rw [h₀, hu]
      exact .no (by simp [CounterTest.eval, below, n₀, hz d (by omega)]) (ihQ (s := s.see x e) hz hP.2.2 hd hB)
  | loop r e P ih =>
    simp only [Prog.registers, Nat.max_le] at hP
    generalize hS : (fun n => (List.range n).foldl (fun s i => P.run x { s with regs := s.regs.set r i })
      (s.see x e)) = S
    have hS₀ : S 0 = s.see x e := by rw [← hS]; rfl
    have hS₁ : ∀ n, S (n + 1) = P.run x { S n with regs := (S n).regs.set r n } := fun n => by
      rw [← hS]; simp only [List.range_succ, List.foldl_append]; rfl
    have hmono : ∀ {m n}, m ≤ n → (S m).peak ≤ (S n).peak := fun hm => by
      rw [← hS]; exact peak_foldl_le _ hm
    have hrun : (Prog.loop r e P).run x s = S (e.eval x s.regs) := by rw [← hS]; rfl
    rw [hrun] at hB ⊢
    have he : e.peak x s.regs ≤ B := by
      have := hmono (Nat.zero_le (e.eval x s.regs))
      rw [hS₀] at this
      exact Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans this hB)
    have hv := Nat.le_trans (Expr.eval_le_peak x _ _) he
    refine .seq (does_expr_below hz hP.2.1 hd he _) ?_
    generalize e.eval x s.regs = n at hB hv
    have h₁ := hz (d + 1) (by omega)
    have n₀ : ¬ d < N := by omega
    have n₁ : ¬ d + 1 < N := by omega
    have loop := CounterExec.count (x := x) (B := B) (r := d) (n := n)
      (P := .seq (.cmd (.dec d)) (.seq (pour r []) (.seq (pour (d + 1) [r, d + 2])
        (.seq (pour (d + 2) [d + 1]) (.seq (progCode E (d + 2) P) (.cmd (.inc (d + 1))))))))
      (fun v => counters E N (upd (upd h d v) (d + 1) (n - v)) (S (n - v)))
      (fun v _ => by simp [counters, below, upd, n₀]) fun v hv' => by
        have hi : n - v = n - (v + 1) + 1 := by omega
        dsimp only
        generalize n - (v + 1) = i at hi ⊢
        rw [hi, hS₁]
        have hp := hmono (show i + 1 ≤ n by omega)
        rw [hS₁] at hp
        have round := does_round (x := x) (B := B) (h := h) (u := (S i).regs) (r := r) (i := i) (v := v) hz hP.1 hd
          (by omega) (outBits E (S i).out)
        have body := ih (s := { S i with regs := (S i).regs.set r i }) (d := d + 2)
          (h := upd (upd h d v) (d + 1) i)
          (fun j hj => by simp [upd, show j ≠ d by omega, show j ≠ d + 1 by omega, hz j (by omega)])
          hP.2.2 (by omega) (Nat.le_trans hp hB)
        have last := Does.inc (x := x) (B := B) (r := d + 1)
          (f := below N (P.run x { S i with regs := (S i).regs.set r i }).regs (upd (upd h d v) (d + 1) i))
          (f' := below N (P.run x { S i with regs := (S i).regs.set r i }).regs (upd (upd h d v) (d + 1) (i + 1)))
          (by simp [below, upd, n₁]; omega) (fun j => by simp only [below, upd]; grind)
          (outBits E (P.run x { S i with regs := (S i).regs.set r i }).out)
        cases round with
        | seq a b => cases b with
          | seq b c => cases c with
            | seq c e => exact .seq a (.seq b (.seq c (.seq e (.seq body last))))
    have start : counters E N (upd (upd h d n) (d + 1) (n - n)) (S (n - n)) =
        ⟨0, below N s.regs (upd h d n), outBits E s.out⟩ := by
      rw [Nat.sub_self, hS₀]
      simp only [counters, State.see]
      congr 1
      funext i
      simp only [below, upd]
      grind
    simp only [start] at loop
    refine .seq loop (does_clear.congr (f'' := below N (S n).regs h) (fun i => ?_) _)
    have := hz d (by omega)
    simp only [below, upd]
    grind
  | emit e =>
    have he : e.peak x s.regs ≤ B := Nat.le_trans (Nat.le_max_right _ _) hB
    refine .seq (does_expr_below hz hP hd he _) ?_
    have hu : upd (below N s.regs h) d 0 = below N s.regs h := by
      have := hz d (by omega)
      funext i
      simp only [below, upd]
      grind
    rw [← below_upd hd]
    have := E.exec (x := x) (B := B) (d := d) (v := e.eval x s.regs) (f := below N s.regs h) (o := outBits E s.out)
    rw [hu, ← outBits_cons] at this
    exact this

end

/-! ## Machines -/

private theorem tapes_markTapes (j : Nat) : TapeProg.tapes (markTapes j) = 0 := by
  induction j with
  | zero => rfl
  | succ j ih => simp [markTapes, TapeProg.tapes, ih]

private theorem exec_markTapes {x : List Bool} (f : Nat → Tape 4) (j : Nat) (hf : ∀ t < j, f t = {}) :
    TapeExec x (markTapes j) ⟨0, f, []⟩ ⟨0, fun t => if t < j then ⟨[3], 0, []⟩ else f t, []⟩ := by
  induction j with
  | zero => exact .cmd (by simp [TapeCmd.run, TapeCmd.onInput, TapeCmd.onOutput, TapeCmd.onTape, moveInput, Tape.move,
      Tape.write])
  | succ j ih =>
    refine .seq (ih fun t ht => hf t (by omega)) (.seq (.cmd rfl) (.cmd ?_))
    simp only [TapeCmd.run, TapeCmd.onInput, TapeCmd.onOutput, TapeCmd.onTape, moveInput, Option.toList,
      List.nil_append]
    congr 1
    funext t
    by_cases h : t = j
    · subst h
      simp [hf t (by omega), Tape.move, Tape.write]
    · by_cases h' : t < j
      · simp [h, h', show t < j + 1 by omega, Tape.move, Tape.write]
      · simp [h, h', show ¬ t < j + 1 by omega, Tape.move, Tape.write]

/-- **Register programs on Turing machines.** The machine of a register program halts on every input, its output is that
of the program in the chosen code (unary by default), and it visits at most `log₂ peak + 2` cells of each of its
tapes. -/
theorem progMachine_haltsWith (P : Prog) (x : List Bool) (E : Emitter := .unary) : ∃ t, (progMachine P E).HaltsWith x
    ((P.output x).flatMap E.word) t ((progTapes P E).tapes * ((P.peak x).log2 + 2)) := by
  generalize hk : (progTapes P E).tapes = k
  have run := exec_progCode (E := E) (x := x) (B := P.peak x) (N := P.registers) (d := P.registers) (h := fun _ => 0)
    (P := P) (s := {}) (fun _ _ => rfl) (Nat.le_refl _) (Nat.le_refl _) (Nat.le_refl _)
  have start := exec_markTapes (x := x) (fun t => if t < k then {} else ⟨[3], 0, []⟩) k fun t ht => by simp [ht]
  have marked : (fun t => if t < k then (⟨[3], 0, []⟩ : Tape 4) else if t < k then {} else ⟨[3], 0, []⟩) =
      fun _ => ⟨[3], 0, []⟩ := by
    funext t
    by_cases h : t < k <;> simp [h]
  rw [marked] at start
  have rep : Represents ((P.peak x).log2 + 2) (counters E P.registers (fun _ => 0) {}) ⟨0, fun _ => ⟨[3], 0, []⟩, []⟩ :=
    ⟨rfl, rfl, fun t => ⟨by omega, [], 0, trivial, by simp [counters, below, Regs.get, ofBits], by simp, rfl⟩⟩
  obtain ⟨s', exec, rep⟩ := run.onTapes rep
  have tapes : TapeProg.tapes (.seq (markTapes k) (progTapes P E)) ≤ k := by
    simp [TapeProg.tapes, tapes_markTapes, hk]
  obtain ⟨t, h⟩ := TapeProg.machine_haltsWith (S := (P.peak x).log2 + 2) (.seq start exec) tapes rfl rfl
    (fun t ht => by simp [ht]) fun t _ => (rep.work t).cells_le
  refine ⟨t, ?_⟩
  have hout : s'.out.reverse = (P.output x).flatMap E.word := by
    rw [rep.out]
    exact List.reverse_reverse _
  rw [← hout]
  unfold progMachine
  rw [hk]
  exact h

private theorem log2_pow_le (m c : Nat) : ((m + 2) ^ c).log2 + 2 ≤ (2 * c + 2) * (m + 2).log2 := by
  have h₁ : 1 ≤ (m + 2).log2 := (Nat.le_log2 (by omega)).2 (by omega)
  have h₂ : 2 ^ ((m + 2) ^ c).log2 ≤ (m + 2) ^ c := Nat.log2_self_le (Nat.ne_of_gt (Nat.pow_pos (by omega)))
  have h₃ : (m + 2) ^ c ≤ (2 ^ ((m + 2).log2 + 1)) ^ c := Nat.pow_le_pow_left (Nat.le_of_lt Nat.lt_log2_self) c
  rw [← Nat.pow_mul] at h₃
  have h₄ := (Nat.pow_le_pow_iff_right (by decide : 1 < 2)).1 (Nat.le_trans h₂ h₃)
  have h₅ : c ≤ c * (m + 2).log2 := Nat.le_mul_of_pos_right c h₁
  have h₆ : ((m + 2).log2 + 1) * c = c * (m + 2).log2 + c := by rw [Nat.add_mul, Nat.mul_comm, Nat.one_mul]
  have h₇ : (2 * c + 2) * (m + 2).log2 = 2 * (c * (m + 2).log2) + 2 * (m + 2).log2 := by
    rw [Nat.add_mul, Nat.mul_assoc]
  omega

/-- **Register programs with polynomial peak compute functions in logarithmic space**, on Turing machines. -/
theorem logSpaceComputable_of_prog {f : List Bool → List Bool} {P : Prog} {c : Nat} (E : Emitter)
    (h : ∀ x, (P.output x).flatMap E.word = f x ∧ P.peak x ≤ (x.length + 2) ^ c) : LogSpaceComputable f := by
  refine ⟨progMachine P E, (progTapes P E).tapes * (2 * c + 2), fun x => ?_⟩
  obtain ⟨t, ht⟩ := progMachine_haltsWith P x E
  rw [(h x).1] at ht
  refine ⟨t, ht.mono (Nat.le_refl t) ?_⟩
  rw [Nat.mul_assoc]
  refine Nat.mul_le_mul_left _ (Nat.le_trans ?_ (log2_pow_le x.length c))
  have : (P.peak x).log2 ≤ ((x.length + 2) ^ c).log2 := by
    by_cases h0 : P.peak x = 0
    · simp [h0]
    · exact (Nat.le_log2 (Nat.ne_of_gt (Nat.pow_pos (by omega)))).2 (Nat.le_trans (Nat.log2_self_le h0) (h x).2)
  omega

/-- **What a register program generates in logarithmic space, a Turing machine generates in logarithmic space.** -/
theorem LogSpaceGenerated.of_prog {F : Nat → List Nat} (h : Space.LogSpaceGenerated F) :
    LogSpaceGenerated fun n => unary (F n) := by
  obtain ⟨P, c, h⟩ := h
  refine ⟨progMachine P, (progTapes P).tapes * (2 * c + 2), fun n => ?_⟩
  obtain ⟨t, ht⟩ := progMachine_haltsWith P (ones n)
  rw [(h n).1] at ht
  refine ⟨t, ht.mono (Nat.le_refl t) ?_⟩
  rw [Nat.mul_assoc]
  refine Nat.mul_le_mul_left _ (Nat.le_trans ?_ (log2_pow_le n c))
  have : (P.peak (ones n)).log2 ≤ ((n + 2) ^ c).log2 := by
    by_cases h0 : P.peak (ones n) = 0
    · simp [h0]
    · exact (Nat.le_log2 (Nat.ne_of_gt (Nat.pow_pos (by omega)))).2 (Nat.le_trans (Nat.log2_self_le h0) (h n).2)
  omega

end Logprec.Turing
