import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Defs
import Logprec.Space.Turing.Structured

/-!
# From structured tape programs to machines: proofs

`TapeProg.machine_haltsWith`: the machine does what the structured program does, in the same cells. About the
definitions in `Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

/-- States of tape programs: a configuration without the state of the machine. -/
structure TapeState where
  /-- The position of the input head. -/
  input : Nat
  /-- The work tapes. -/
  work : Nat → Tape 4
  /-- The output so far, the last bit first. -/
  out : List Bool

namespace TapeCmd

/-- What a command does on the input `x`. -/
def run (x : List Bool) (c : TapeCmd) (s : TapeState) : TapeState where
  input := moveInput x s.input c.onInput
  work i := ((s.work i).write (c.onTape i (s.work i).head).1).move (c.onTape i (s.work i).head).2
  out := c.onOutput.toList ++ s.out

end TapeCmd

/-- Whether a test holds on the input `x`. -/
def TapeTest.eval (x : List Bool) (s : TapeState) : TapeTest → Bool
  | work t p => p (s.work t).head
  | input p => p (readInput x s.input)

/-- The tape program, started in the first state on the input `x`, halts in the second. -/
abbrev TapeExec (x : List Bool) : TapeProg → TapeState → TapeState → Prop :=
  Exec (fun c s s' => s' = TapeCmd.run x c s) (fun b s => b.eval x s)

/-! ## Layout -/

/-- The layout has as many instructions as the program. -/
theorem TapeProg.length_layout (P : TapeProg) (a next : Nat) : (layout P a next).length = size P := by
  induction P generalizing a next with
  | cmd c => rfl
  | seq P Q ihP ihQ => simp [layout, size, ihP, ihQ]
  | whileDo b P ih => simp [layout, size, ih]
  | ite b P Q ihP ihQ => simp [layout, size, ihP, ihQ]

/-! ## The machine -/

/-- The configuration of the machine at instruction `q`. -/
def conf (k : Nat) (I : List Instr) (q : Nat) (s : TapeState) : (machineOf k I).Conf :=
  ⟨toState I.length q, s.input, Vector.ofFn fun t : Fin k => s.work t, s.out⟩

private theorem next_conf {k : Nat} {I : List Instr} {q : Nat} {i : Instr} (x : List Bool) (s : TapeState)
    (hi : I[q]? = some i) : (machineOf k I).next x (conf k I q s) = some ((machineOf k I).act x (conf k I q s)
      (i.action I.length (readInput x s.input) (Vector.ofFn fun t : Fin k => (s.work t).head))) := by
  obtain ⟨hq, -⟩ := List.getElem?_eq_some_iff.1 hi
  have h' : (Vector.ofFn fun t : Fin k => s.work t).map Tape.head = Vector.ofFn fun t : Fin k => (s.work t).head := by
    ext t ht; simp
  have h : ((conf k I q s).work.map Tape.head) = Vector.ofFn fun t : Fin k => (s.work t).head := h'
  have hq' : (conf k I q s).state.val = q := Nat.min_eq_left (by omega)
  simp only [Machine.next, machineOf] at *
  rw [hq', hi, h]
  rfl

private theorem act_ofFn {k : Nat} (w : Fin k → Tape 4) (g : Fin k → Fin 5 → Fin 5 × Dir) :
    Vector.zipWith (fun t w => (t.write w.1).move w.2) (Vector.ofFn w)
      (Vector.ofFn fun t => g t (Vector.ofFn fun i => (w i).head)[t]) =
    Vector.ofFn fun t => ((w t).write (g t (w t).head).1).move (g t (w t).head).2 := by
  ext i hi; simp

/-- A command is one step. -/
theorem run_command {k : Nat} {I : List Instr} {q next : Nat} {c : TapeCmd} (x : List Bool) (s : TapeState)
    (hi : I[q]? = some (.cmd c next)) :
    (machineOf k I).run x 1 (conf k I q s) = conf k I next (c.run x s) := by
  rw [Machine.run, next_conf x s hi]
  simp only [Machine.run, Machine.act, Instr.action, conf, TapeCmd.run]
  congr 1
  exact act_ofFn (k := k) (fun t => s.work t) fun t a => c.onTape t a

/-- A test is one step. -/
theorem run_branch {k : Nat} {I : List Instr} {q yes no : Nat} {b : TapeTest} (x : List Bool) (s : TapeState)
    (hi : I[q]? = some (.branch b yes no)) (hb : b.tapes ≤ k) :
    (machineOf k I).run x 1 (conf k I q s) = conf k I (if b.eval x s then yes else no) s := by
  have h : b.holds (readInput x s.input) (Vector.ofFn fun t : Fin k => (s.work t).head) = b.eval x s := by
    cases b with
    | work t p => simp [TapeTest.holds, TapeTest.eval, show t < k from hb]
    | input p => rfl
  rw [Machine.run, next_conf x s hi]
  simp only [Machine.run, Machine.act, Instr.action, conf, h, moveInput, Option.toList, List.nil_append]
  congr 1
  exact act_ofFn (k := k) (fun t => s.work t) fun _ a => (a, .stay)

/-- The machine does what the tape program does, wherever its instructions are. -/
theorem TapeProg.run_layout {k : Nat} {x : List Bool} {P : TapeProg} {s s' : TapeState} (h : TapeExec x P s s')
    (hk : tapes P ≤ k) {I pre post : List Instr} {a next : Nat} (hI : I = pre ++ layout P a next ++ post)
    (ha : pre.length = a) : ∃ t, (machineOf k I).run x t (conf k I a s) = conf k I next s' := by
  have comp {t u : Nat} {q q' q'' : Nat} {s s' s'' : TapeState}
      (h : (machineOf k I).run x t (conf k I q s) = conf k I q' s')
      (h' : (machineOf k I).run x u (conf k I q' s') = conf k I q'' s'') :
      ∃ t, (machineOf k I).run x t (conf k I q s) = conf k I q'' s'' :=
    ⟨t + u, by rw [Machine.run_add, h, h']⟩
  induction h generalizing pre post a next with
  | @cmd c s s' h =>
    subst h
    exact ⟨1, run_command x s (by simp [hI, layout, ha])⟩
  | @seq P Q s s' s'' _ _ ih ih' =>
    simp only [tapes, Nat.max_le] at hk
    obtain ⟨t, h⟩ := ih hk.1 (pre := pre) (post := layout Q (a + size P) next ++ post) (a := a)
      (next := a + size P) (by simp [hI, layout]) ha
    obtain ⟨u, h'⟩ := ih' hk.2 (pre := pre ++ layout P a (a + size P)) (post := post) (a := a + size P)
      (next := next) (by simp [hI, layout]) (by simp [ha, length_layout])
    exact comp h h'
  | @done b P s hb =>
    simp only [tapes, Nat.max_le] at hk
    have := run_branch (k := k) (I := I) (q := a) x s (b := b) (yes := a + 1) (no := next)
      (by simp [hI, layout, ha]) hk.1
    exact ⟨1, by simpa [hb] using this⟩
  | @round b P s s' s'' hb _ _ ih ih' =>
    have hk' := hk
    simp only [tapes, Nat.max_le] at hk'
    have h₁ := run_branch (k := k) (I := I) (q := a) x s (b := b) (yes := a + 1) (no := next)
      (by simp [hI, layout, ha]) hk'.1
    rw [if_pos hb] at h₁
    obtain ⟨t, h₂⟩ := ih hk'.2 (pre := pre ++ [.branch b (a + 1) next]) (post := post) (a := a + 1) (next := a)
      (by simp [hI, layout]) (by simp [ha])
    obtain ⟨u, h₃⟩ := ih' hk hI ha
    obtain ⟨v, h₄⟩ := comp h₁ h₂
    exact comp h₄ h₃
  | @yes b P Q s s' hb _ ih =>
    simp only [tapes, Nat.max_le] at hk
    have h₁ := run_branch (k := k) (I := I) (q := a) x s (b := b) (yes := a + 1) (no := a + 1 + size P)
      (by simp [hI, layout, ha]) hk.1
    rw [if_pos hb] at h₁
    obtain ⟨t, h₂⟩ := ih hk.2.1 (pre := pre ++ [.branch b (a + 1) (a + 1 + size P)])
      (post := layout Q (a + 1 + size P) next ++ post) (a := a + 1) (next := next) (by simp [hI, layout]) (by simp [ha])
    exact comp h₁ h₂
  | @no b P Q s s' hb _ ih =>
    simp only [tapes, Nat.max_le] at hk
    have h₁ := run_branch (k := k) (I := I) (q := a) x s (b := b) (yes := a + 1) (no := a + 1 + size P)
      (by simp [hI, layout, ha]) hk.1
    rw [if_neg (by simp [hb])] at h₁
    obtain ⟨t, h₂⟩ := ih hk.2.2 (pre := pre ++ .branch b (a + 1) (a + 1 + size P) :: layout P (a + 1) next)
      (post := post) (a := a + 1 + size P) (next := next) (by simp [hI, layout])
      (by simp [ha, length_layout]; omega)
    exact comp h₁ h₂

/-- **A tape program on a machine.** If the tape program, started with blank tapes (on the first `k`), halts in `s'`,
and the first `k` tapes then have at most `S` cells each, then the machine halts with the same output and visits at most
`k · S` cells. -/
theorem TapeProg.machine_haltsWith {k S : Nat} {x : List Bool} {P : TapeProg} {s s' : TapeState}
    (h : TapeExec x P s s') (hk : tapes P ≤ k) (hs : s.input = 0) (hs' : s.out = []) (hw : ∀ t < k, s.work t = {})
    (hS : ∀ t < k, (s'.work t).cells ≤ S) : ∃ t, (machine k P).HaltsWith x s'.out.reverse t (k * S) := by
  obtain ⟨t, h⟩ := run_layout h hk (pre := []) (post := []) (a := 0) (next := size P)
    (I := layout P 0 (size P)) (by simp) rfl
  have init : conf k (layout P 0 (size P)) 0 s = (machine k P).init := by
    simp only [conf, Machine.init, hs, hs', machine, machineOf]
    congr 1
    exact Vector.ext (n := k) fun i hi => by simp [hw i hi]
  rw [init] at h
  refine ⟨t, ?_⟩
  simp only [Machine.HaltsWith]
  rw [show (machine k P).run x t (machine k P).init = _ from h]
  refine ⟨?_, rfl, ?_⟩
  · simp [Machine.next, machine, machineOf, conf, toState, length_layout]
  · have H : ∀ l : List (Tape 4), (∀ u ∈ l, u.cells ≤ S) → (l.map Tape.cells).sum ≤ l.length * S := by
      intro l hl
      induction l with
      | nil => simp
      | cons u l ih =>
        have := hl u (by simp)
        have := ih fun v hv => hl v (by simp [hv])
        simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul]
        omega
    have := H (Vector.ofFn fun t : Fin k => s'.work t).toList (by
      intro u hu
      simp only [Vector.mem_toList_iff, Vector.mem_ofFn] at hu
      obtain ⟨i, rfl⟩ := hu
      exact hS i i.2)
    simpa [Config.cells, conf] using this

end Logprec.Turing
