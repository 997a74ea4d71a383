import Logprec.Space.Turing.Printers
import Logprec.Space.Turing.Time

/-!
# Register programs simulate Turing machines

A machine in logarithmic space is simulated by a register program with polynomial numbers. The registers hold the
numbers of a configuration (`Config.digits`): 1 the state, 2 the position of the input head, and three for every tape
from register 4 on; register 3 counts ones of the output that are not yet printed. One round of the loop is a case
distinction on the state and the symbols read, and then the action of the machine; a machine that has halted does
nothing. There are as many rounds as `HaltsWith.time` demands.
-/

namespace Logprec.Turing

namespace Simulate

open Space

/-! ## Case distinctions -/

/-- Run `f v`, where `v < k` is the value of register `r`. -/
def switch (r : Nat) : Nat → (Nat → Prog) → Prog
  | 0, _ => .skip
  | k + 1, f => .ite (.eq (.reg r) (.lit k)) (f k) (switch r k f)

private theorem run_switch {x : List Bool} {r v B : Nat} {f : Nat → Prog} {s : State} (hv : s.regs.get r = v)
    (hs : s.peak ≤ B) : ∀ {k : Nat}, v < k → k ≤ B →
      ∃ p ≤ B, (switch r k f).run x s = (f v).run x { s with peak := p } := by
  intro k hk hB
  induction k generalizing s with
  | zero => omega
  | succ k ih =>
    have hp : (s.see x (.eq (.reg r) (.lit k))).peak ≤ B := see_le hs (by
      have := Bool.toNat_le (decide (v = k))
      simp only [Expr.peak, Expr.eval, hv]; omega)
    by_cases h : v = k
    · refine ⟨_, hp, ?_⟩
      subst h
      rw [switch, Prog.run, if_pos (by simp [Expr.eval, hv])]
      rfl
    · obtain ⟨p, h₁, h₂⟩ := ih (s := s.see x (.eq (.reg r) (.lit k))) hv hp (by omega) (by omega)
      refine ⟨p, h₁, ?_⟩
      rw [switch, Prog.run, if_neg (by simp [Expr.eval, hv, h]), h₂]
      rfl

/-- Run `f a`, where `a` is what the input head reads. -/
def switchInput (f : InSym → Prog) : Prog :=
  .ite (.lt (.reg 2) (.lit 1)) (f .left) <| .ite (.lt .len (.reg 2)) (f .right) <|
  .ite (.inputBit (.sub (.reg 2) (.lit 1))) (f (.bit true)) (f (.bit false))

private theorem run_switchInput {x : List Bool} {i B : Nat} {f : InSym → Prog} {s : State} (hi : s.regs.get 2 = i)
    (hs : s.peak ≤ B) (hn : i ≤ x.length + 1) (hB : x.length + 2 ≤ B) :
    ∃ p ≤ B, (switchInput f).run x s = (f (readInput x i)).run x { s with peak := p } := by
  have h₁ : (s.see x (.lt (.reg 2) (.lit 1))).peak ≤ B := see_le hs (by
    have := Bool.toNat_le (decide (i < 1))
    simp only [Expr.peak, Expr.eval, hi]; omega)
  have h₂ : ((s.see x (.lt (.reg 2) (.lit 1))).see x (.lt .len (.reg 2))).peak ≤ B := see_le h₁ (by
    have := Bool.toNat_le (decide (x.length < i))
    simp only [Expr.peak, Expr.eval, State.see, hi]; omega)
  have h₃ : (((s.see x (.lt (.reg 2) (.lit 1))).see x (.lt .len (.reg 2))).see x
      (.inputBit (.sub (.reg 2) (.lit 1)))).peak ≤ B := see_le h₂ (by
    have := Bool.toNat_le (x.getD (i - 1) false)
    simp only [Expr.peak, Expr.eval, State.see, hi]; omega)
  cases i with
  | zero =>
    refine ⟨_, h₁, ?_⟩
    rw [switchInput, Prog.run, if_pos (by simp [Expr.eval, hi])]
    rfl
  | succ i =>
    rw [switchInput, Prog.run, if_neg (by simp [Expr.eval, hi]), Prog.run]
    by_cases h : x.length < i + 1
    · refine ⟨_, h₂, ?_⟩
      rw [if_pos (by simp [Expr.eval, State.see, hi, h])]
      simp only [readInput, List.getElem?_eq_none (show x.length ≤ i by omega)]
      rfl
    · refine ⟨_, h₃, ?_⟩
      rw [if_neg (by simp [Expr.eval, State.see, hi, h]), Prog.run]
      simp only [readInput, List.getElem?_eq_getElem (show i < x.length by omega)]
      have e : Expr.eval x ((s.see x (.lt (.reg 2) (.lit 1))).see x (.lt .len (.reg 2))).regs
          (.inputBit (.sub (.reg 2) (.lit 1))) = (x[i]'(by omega)).toNat := by
        simp [Expr.eval, State.see, hi, List.getD_eq_getElem?_getD,
          List.getElem?_eq_getElem (show i < x.length by omega)]
      rw [e]
      cases x[i]'(by omega) <;> rfl

/-- Run `f w`, where `w` is what the heads of `k` work tapes read. -/
def switchHeads (symbols : Nat) : Nat → Nat → (List (Fin (symbols + 1)) → Prog) → Prog
  | _, 0, f => f []
  | base, k + 1, f =>
    switch (base + 1) (symbols + 1) fun a =>
      switchHeads symbols (base + 3) k fun w => f (Fin.ofNat (symbols + 1) a :: w)

/-- The registers from `base` on hold the numbers of the tapes. -/
def TapesAt {symbols : Nat} (u : Regs) : Nat → List (Tape symbols) → Prop
  | _, [] => True
  | base, t :: ts => (u.get base = stack t.left ∧ u.get (base + 1) = t.head.val ∧ u.get (base + 2) = stack t.right) ∧
    TapesAt u (base + 3) ts

private theorem TapesAt.congr {symbols : Nat} {u u' : Regs} {ts : List (Tape symbols)} {base : Nat}
    (h : TapesAt u base ts) (hu : ∀ r ≥ base, u'.get r = u.get r) : TapesAt u' base ts := by
  induction ts generalizing base with
  | nil => trivial
  | cons t ts ih =>
    refine ⟨?_, ih h.2 fun r hr => hu r (by omega)⟩
    rw [hu base (by omega), hu (base + 1) (by omega), hu (base + 2) (by omega)]
    exact h.1

private theorem run_switchHeads {symbols B : Nat} {x : List Bool} {ts : List (Tape symbols)} {base : Nat}
    {f : List (Fin (symbols + 1)) → Prog} {s : State} (h : TapesAt s.regs base ts) (hs : s.peak ≤ B)
    (hB : symbols + 1 ≤ B) : ∃ p ≤ B,
      (switchHeads symbols base ts.length f).run x s = (f (ts.map Tape.head)).run x { s with peak := p } := by
  induction ts generalizing base f s with
  | nil => exact ⟨s.peak, hs, rfl⟩
  | cons t ts ih =>
    obtain ⟨p, hp, e⟩ := run_switch (x := x) (f := fun a => switchHeads symbols (base + 3) ts.length fun w =>
      f (Fin.ofNat (symbols + 1) a :: w)) h.1.2.1 hs t.head.isLt hB
    obtain ⟨p', hp', e'⟩ := ih (f := fun w => f (Fin.ofNat (symbols + 1) t.head.val :: w))
      (s := { s with peak := p }) h.2 hp
    refine ⟨p', hp', ?_⟩
    have : Fin.ofNat (symbols + 1) t.head.val = t.head := Fin.ext (Nat.mod_eq_of_lt t.head.isLt)
    rw [this] at e'
    exact e.trans (by rw [this]; exact e')

/-! ## Actions -/

/-- The program prints nothing, makes the registers `u`, and handles no number above `B`. -/
private def Becomes (B : Nat) (x : List Bool) (P : Prog) (s : State) (u : Regs) : Prop :=
  ∃ p ≤ B, P.run x s = ⟨u, s.out, p⟩

private theorem Becomes.seq {B : Nat} {x : List Bool} {P Q : Prog} {s : State} {u v : Regs} (h : Becomes B x P s u)
    (h' : ∀ p ≤ B, Becomes B x Q ⟨u, s.out, p⟩ v) : Becomes B x (.seq P Q) s v := by
  obtain ⟨p, hp, e⟩ := h
  obtain ⟨p', hp', e'⟩ := h' p hp
  exact ⟨p', hp', by rw [Prog.run, e, e']⟩

private theorem Becomes.set {B r : Nat} {x : List Bool} {s : State} {e : Expr} {v : Nat} (hs : s.peak ≤ B)
    (hv : e.eval x s.regs = v) (he : e.peak x s.regs ≤ B) : Becomes B x (.set r e) s (s.regs.set r v) :=
  ⟨_, see_le hs he, by subst hv; rfl⟩

/-- Push a symbol on the stack in register `r`. -/
def push (symbols r : Nat) (w : Fin (symbols + 1)) : Prog :=
  .set r (.add (.mul (.lit (symbols + 2)) (.reg r)) (.lit (w.val + 1)))

/-- Pop a symbol off the stack in register `r`, and write it to register `h`. -/
def pop (symbols h r : Nat) : Prog :=
  .seq (.set h (.sub (.mod (.reg r) (.lit (symbols + 2))) (.lit 1))) (.set r (.div (.reg r) (.lit (symbols + 2))))

private theorem becomes_push {symbols B r : Nat} {x : List Bool} {s : State} {w : Fin (symbols + 1)}
    {l : List (Fin (symbols + 1))} (hs : s.peak ≤ B) (hr : s.regs.get r = stack l) (hl : stack l ≤ B)
    (hB : symbols + 2 ≤ B) (h : stack (w :: l) ≤ B) :
    Becomes B x (push symbols r w) s (s.regs.set r (stack (w :: l))) := by
  refine .set hs (by simp only [Expr.eval, hr, stack]) ?_
  simp only [stack] at h
  simp only [Expr.peak, Expr.eval, hr]
  generalize (symbols + 2) * stack l = m at *
  omega

private theorem becomes_pop {symbols B h r : Nat} {x : List Bool} {s : State} {a : Fin (symbols + 1)}
    {l : List (Fin (symbols + 1))} (hs : s.peak ≤ B) (hr : s.regs.get r = stack (a :: l)) (hl : stack (a :: l) ≤ B)
    (hB : symbols + 2 ≤ B) (hne : r ≠ h) :
    Becomes B x (pop symbols h r) s ((s.regs.set h a.val).set r (stack l)) := by
  obtain ⟨h₁, h₂⟩ := stack_cons a l
  have h₃ := Nat.div_le_self (stack (a :: l)) (symbols + 2)
  have h₄ := Nat.mod_le (stack (a :: l)) (symbols + 2)
  refine .seq (.set hs (by simp [Expr.eval, hr, h₁]) ?_) fun p hp => .set hp ?_ ?_
  · simp only [Expr.peak, Expr.eval, hr]; omega
  · simp only [Expr.eval, Regs.get_set_ne hne, hr, h₂]
  · simp only [Expr.peak, Expr.eval, Regs.get_set_ne hne, hr]; omega

/-- Write a symbol on the tape in the registers `base`, `base + 1`, `base + 2`, and move its head. -/
def moveTape (symbols base : Nat) (w : Fin (symbols + 1)) : Dir → Prog
  | .stay => .set (base + 1) (.lit w.val)
  | .left => .ite (.reg base) (.seq (push symbols (base + 2) w) (pop symbols (base + 1) base))
    (.set (base + 1) (.lit w.val))
  | .right => .seq (push symbols base w)
    (.ite (.reg (base + 2)) (pop symbols (base + 1) (base + 2)) (.set (base + 1) (.lit 0)))

private theorem Becomes.ite {B : Nat} {x : List Bool} {P Q : Prog} {s : State} {r : Nat} {u : Regs}
    (hs : s.peak ≤ B) (hr : s.regs.get r ≤ B)
    (hP : s.regs.get r ≠ 0 → ∀ p ≤ B, Becomes B x P { s with peak := p } u)
    (hQ : s.regs.get r = 0 → ∀ p ≤ B, Becomes B x Q { s with peak := p } u) : Becomes B x (.ite (.reg r) P Q) s u := by
  have hp : (s.see x (.reg r)).peak ≤ B := see_le hs hr
  by_cases h : s.regs.get r = 0
  · obtain ⟨p, hp, e⟩ := hQ h _ hp
    exact ⟨p, hp, by rw [Prog.run, if_neg (by simpa [Expr.eval] using h)]; exact e⟩
  · obtain ⟨p, hp, e⟩ := hP h _ hp
    exact ⟨p, hp, by rw [Prog.run, if_pos (by simpa [Expr.eval] using h)]; exact e⟩

private theorem stack_cons_ne {symbols : Nat} (a : Fin (symbols + 1)) (l : List (Fin (symbols + 1))) :
    stack (a :: l) ≠ 0 := by simp only [stack]; omega

/-- The stacks of the tape are small. -/
private def Small {symbols : Nat} (B : Nat) (t : Tape symbols) : Prop := stack t.left ≤ B ∧ stack t.right ≤ B

private theorem becomes_moveTape {symbols B base : Nat} {x : List Bool} {s : State} {t : Tape symbols}
    {w : Fin (symbols + 1)} {d : Dir} (hs : s.peak ≤ B) (h : TapesAt s.regs base [t]) (hB : symbols + 2 ≤ B)
    (ht : Small B t) (ht' : Small B ((t.write w).move d)) :
    ∃ u, Becomes B x (moveTape symbols base w d) s u ∧ TapesAt u base [(t.write w).move d] ∧
      ∀ r, r < base ∨ base + 3 ≤ r → u.get r = s.regs.get r := by
  obtain ⟨⟨h₁, h₂, h₃⟩, -⟩ := h
  obtain ⟨l, a, r⟩ := t
  have hw := w.isLt
  have put : ∀ v ≤ B, ∀ p ≤ B, ∀ u o, Becomes B x (.set (base + 1) (.lit v)) ⟨u, o, p⟩ (u.set (base + 1) v) :=
    fun v hv p hp u o => .set hp rfl hv
  cases d with
  | stay =>
    refine ⟨_, put w.val (by omega) s.peak hs s.regs s.out, ⟨?_, trivial⟩, fun r hr => ?_⟩
    · simpa [Tape.move, Tape.write, Regs.get_set] using ⟨h₁, h₃⟩
    · rw [Regs.get_set_ne (by omega)]
  | left =>
    cases l with
    | nil =>
      refine ⟨_, .ite hs (by rw [h₁]; exact ht.1) (fun h => absurd h₁ h) fun _ p hp =>
        put w.val (by omega) p hp _ _, ⟨?_, trivial⟩, fun r hr => ?_⟩
      · simpa [Tape.move, Tape.write, Regs.get_set] using ⟨h₁, h₃⟩
      · rw [Regs.get_set_ne (by omega)]
    | cons b l =>
      refine ⟨((s.regs.set (base + 2) (stack (w :: r))).set (base + 1) b.val).set base (stack l),
        .ite hs (by rw [h₁]; exact ht.1) (fun _ p hp => .seq (becomes_push hp h₃ ht.2 hB ht'.2) fun p hp =>
          becomes_pop (h := base + 1) (r := base) (a := b) (l := l) hp ((Regs.get_set_ne (by omega)).trans h₁) ht.1
            hB (by omega))
        fun h => absurd (h₁.symm.trans h) (stack_cons_ne b l), ⟨?_, trivial⟩, fun r hr => ?_⟩
      · simp [Tape.move, Tape.write, Regs.get_set]
      · simp only [Regs.get_set]
        rw [if_neg (by omega), if_neg (by omega), if_neg (by omega)]
  | right =>
    cases r with
    | nil =>
      have h₃' : ∀ v, (s.regs.set base v).get (base + 2) = 0 := fun v => (Regs.get_set_ne (by omega)).trans h₃
      refine ⟨(s.regs.set base (stack (w :: l))).set (base + 1) 0,
        .seq (becomes_push hs h₁ ht.1 hB ht'.1) fun p hp =>
        .ite hp (by rw [h₃']; omega) (fun h => absurd (h₃' _) h) fun _ p hp => put 0 (by omega) p hp _ s.out,
        ⟨?_, trivial⟩, fun r hr => ?_⟩
      · simpa [Tape.move, Tape.write, Regs.get_set] using h₃
      · simp only [Regs.get_set]
        rw [if_neg (by omega), if_neg (by omega)]
    | cons b r =>
      have h₃' : ∀ v, (s.regs.set base v).get (base + 2) = stack (b :: r) :=
        fun v => (Regs.get_set_ne (by omega)).trans h₃
      refine ⟨((s.regs.set base (stack (w :: l))).set (base + 1) b.val).set (base + 2) (stack r),
        .seq (becomes_push hs h₁ ht.1 hB ht'.1) fun p hp => .ite hp (by rw [h₃']; exact ht.2)
        (fun _ p hp => becomes_pop (h := base + 1) (r := base + 2) (a := b) (l := r) hp (h₃' _) ht.2 hB (by omega))
        fun h => absurd ((h₃' _).symm.trans h) (stack_cons_ne b r), ⟨?_, trivial⟩, fun r hr => ?_⟩
      · simp [Tape.move, Tape.write, Regs.get_set]
      · simp only [Regs.get_set]
        rw [if_neg (by omega), if_neg (by omega), if_neg (by omega)]

/-- Write and move on all tapes from register `base` on. -/
def moveTapes (symbols : Nat) : Nat → List (Fin (symbols + 1) × Dir) → Prog
  | _, [] => .skip
  | base, w :: ws => .seq (moveTape symbols base w.1 w.2) (moveTapes symbols (base + 3) ws)

private theorem becomes_moveTapes {symbols B : Nat} {x : List Bool} (hB : symbols + 2 ≤ B) :
    ∀ {ts : List (Tape symbols)} {ws : List (Fin (symbols + 1) × Dir)} {base : Nat} {s : State}, s.peak ≤ B →
      TapesAt s.regs base ts → ts.length = ws.length → (∀ t ∈ ts, Small B t) →
      (∀ t ∈ List.zipWith (fun t w => (t.write w.1).move w.2) ts ws, Small B t) →
      ∃ u, Becomes B x (moveTapes symbols base ws) s u ∧
        TapesAt u base (List.zipWith (fun t w => (t.write w.1).move w.2) ts ws) ∧ ∀ r < base, u.get r = s.regs.get r
  | [], [], _, s, hs, _, _, _, _ => ⟨s.regs, ⟨s.peak, hs, rfl⟩, trivial, fun _ _ => rfl⟩
  | t :: ts, w :: ws, base, s, hs, h, hl, ht, ht' => by
    obtain ⟨u, hu, hT, hk⟩ := becomes_moveTape (x := x) (w := w.1) (d := w.2) hs ⟨h.1, trivial⟩ hB (ht t (by simp))
      (ht' _ (by simp))
    obtain ⟨p, hp, e⟩ := hu
    obtain ⟨v, hv, hT', hk'⟩ := becomes_moveTapes hB (s := ⟨u, s.out, p⟩) hp
      (h.2.congr fun r hr => hk r (.inr hr)) (by simpa using hl) (fun t h => ht t (by simp [h]))
      (fun t h => ht' t (by simp [h]))
    refine ⟨v, ?_, ⟨?_, hT'⟩, fun r hr => (hk' r (by omega)).trans (hk r (.inl hr))⟩
    · obtain ⟨p', hp', e'⟩ := hv
      exact ⟨p', hp', by rw [moveTapes, Prog.run, e, e']⟩
    · rw [hk' _ (by omega), hk' _ (by omega), hk' _ (by omega)]
      exact hT.1

/-! ## The program -/

/-- Move the input head. -/
def inputExpr : Dir → Expr
  | .left => .sub (.reg 2) (.lit 1)
  | .stay => .reg 2
  | .right => .sub (.add (.reg 2) (.lit 1)) (.sub (.add (.reg 2) (.lit 1)) (.add .len (.lit 1)))

/-- The program of an action. -/
def perform (Q : Printer) {tapes states symbols : Nat} (a : Action tapes states symbols) : Prog :=
  .seq (.set 1 (.lit a.next.val)) <| .seq (.set 2 (inputExpr a.input)) <|
  .seq (moveTapes symbols 4 a.work.toList) (a.out.elim .skip Q.print)

/-- One step of the machine. -/
def round (M : Machine) (Q : Printer) : Prog :=
  switch 1 (M.states + 1) fun q => switchInput fun i => switchHeads M.symbols 4 M.tapes fun w =>
    (M.step (Fin.ofNat (M.states + 1) q) i (Vector.ofFn fun j => w.getD j.val 0)).elim .skip (perform Q)

/-- The power `(n + 2) ^ k`, where `n` is the value of `e`. -/
def powExpr (e : Expr) : Nat → Expr
  | 0 => .lit 1
  | k + 1 => .mul (powExpr e k) (.add e (.lit 2))

/-- The exponent of the bound on the number of steps of a machine that visits `c · log₂ (n + 2)` cells. -/
def timeDeg (M : Machine) (c : Nat) : Nat := M.baseDeg c * (3 * M.tapes + 2)

/-- **The program that simulates a machine** which visits at most `c · log₂ (n + 2)` cells. -/
def program (M : Machine) (Q : Printer) (c : Nat) : Prog := .loop 0 (powExpr .len (timeDeg M c)) (round M Q)

/-- The value of a power, and the bound on its parts, when the base has no parts. -/
theorem eval_powExpr {x : List Bool} {s : Regs} {e : Expr} {n : Nat} (k : Nat) (he : e.eval x s = n)
    (hp : e.peak x s = n) :
    (powExpr e k).eval x s = (n + 2) ^ k ∧ (powExpr e k).peak x s ≤ (n + 2) ^ k := by
  induction k with
  | zero => exact ⟨rfl, Nat.le_refl _⟩
  | succ k ih =>
    have h₁ := Nat.le_mul_of_pos_right ((n + 2) ^ k) (show 0 < n + 2 by omega)
    have h₂ := Nat.le_mul_of_pos_left (n + 2) (Nat.pow_pos (n := k) (show 0 < n + 2 by omega))
    simp only [powExpr, Expr.eval, Expr.peak, ih.1, he, hp, Nat.pow_succ, true_and]
    have := ih.2
    generalize (n + 2) ^ k * (n + 2) = m at *
    omega

/-- The registers hold the numbers of a configuration, its output is printed, and no number above `B` was handled. -/
structure Holds (M : Machine) (Q : Printer) (B : Nat) (c : M.Conf) (s : State) : Prop where
  /-- Register 1 is the state. -/
  state : s.regs.get 1 = c.state.val
  /-- Register 2 is the position of the input head. -/
  input : s.regs.get 2 = c.input
  /-- Register 3 is for the printer. -/
  count : s.regs.get 3 = Q.count c.out
  /-- The tapes are in the registers from 4 on. -/
  tapes : TapesAt s.regs 4 c.work.toList
  /-- The output is printed. -/
  out : s.out = Q.outs c.out
  /-- No number above `B` was handled. -/
  peak : s.peak ≤ B

/-- What of a configuration must be within a bound. -/
structure Fits (M : Machine) (Q : Printer) (x : List Bool) (B : Nat) (c : M.Conf) : Prop where
  /-- The head is between the markers. -/
  input : c.input ≤ x.length + 1
  /-- The stacks of the tapes. -/
  tapes : ∀ t ∈ c.work.toList, stack t.left ≤ B ∧ stack t.right ≤ B
  /-- What the printer makes of the output. -/
  out : Q.size c.out ≤ B

private theorem run_perform {M : Machine} {Q : Printer} {x : List Bool} {B : Nat} {c : M.Conf} {s : State}
    {a : Action M.tapes M.states M.symbols} (h : Holds M Q B c s) (hf : Fits M Q x B c)
    (hf' : Fits M Q x B (M.act x c a)) (h₁ : M.states + 1 ≤ B) (h₂ : M.symbols + 2 ≤ B) (h₃ : x.length + 2 ≤ B) :
    Holds M Q B (M.act x c a) ((perform Q a).run x s) := by
  have ha := a.next.isLt
  have hi := hf.input
  have e₂ : (inputExpr a.input).eval x (s.regs.set 1 a.next.val) = moveInput x c.input a.input := by
    cases a.input <;> simp only [inputExpr, Expr.eval, moveInput, Regs.get_set_ne (show 2 ≠ 1 by omega), h.input]
    omega
  have p₂ : (inputExpr a.input).peak x (s.regs.set 1 a.next.val) ≤ B := by
    cases a.input <;> simp only [inputExpr, Expr.eval, Expr.peak, Regs.get_set_ne (show 2 ≠ 1 by omega), h.input] <;>
      omega
  obtain ⟨p, hp, e⟩ := Becomes.set (x := x) (r := 1) (s := s) (e := .lit a.next.val) h.peak rfl
    (show a.next.val ≤ B by omega)
  obtain ⟨p', hp', e'⟩ := Becomes.set (x := x) (r := 2) (s := ⟨s.regs.set 1 a.next.val, s.out, p⟩) hp e₂ p₂
  obtain ⟨u, ⟨q, hq, e''⟩, hT, hk⟩ := becomes_moveTapes (x := x) h₂ (ts := c.work.toList) (ws := a.work.toList)
    (base := 4) (s := ⟨(s.regs.set 1 a.next.val).set 2 (moveInput x c.input a.input), s.out, p'⟩) hp'
    (h.tapes.congr fun r hr => by simp only [Regs.get_set]; rw [if_neg (by omega), if_neg (by omega)])
    (by simp) hf.tapes (by simpa [Machine.act] using hf'.tapes)
  have k₁ : u.get 1 = a.next.val := by simpa [Regs.get_set] using hk 1 (by omega)
  have k₂ : u.get 2 = moveInput x c.input a.input := by simpa [Regs.get_set] using hk 2 (by omega)
  have k₃ : u.get 3 = Q.count c.out := by simpa [Regs.get_set, h.count] using hk 3 (by omega)
  have hT' : TapesAt u 4 (M.act x c a).work.toList := by simpa [Machine.act] using hT
  have run : (perform Q a).run x s = (a.out.elim .skip Q.print).run x ⟨u, s.out, q⟩ := by
    show (a.out.elim .skip Q.print).run x ((moveTapes M.symbols 4 a.work.toList).run x
      ((Prog.set 2 (inputExpr a.input)).run x ((Prog.set 1 (.lit a.next.val)).run x s))) = _
    have e : (Prog.set 1 (.lit a.next.val)).run x s = ⟨s.regs.set 1 a.next.val, s.out, p⟩ := e
    have e' : (Prog.set 2 (inputExpr a.input)).run x ⟨s.regs.set 1 a.next.val, s.out, p⟩ =
      ⟨(s.regs.set 1 a.next.val).set 2 (moveInput x c.input a.input), s.out, p'⟩ := e'
    rw [e, e', e'']
  rw [run]
  cases ho : a.out with
  | none =>
    exact ⟨k₁, k₂, by simpa [Machine.act, ho] using k₃, hT', by simpa [Machine.act, ho, Prog.run] using h.out, hq⟩
  | some b =>
    obtain ⟨q₁, q₂, q₃, q₄⟩ := Q.spec B x c.out ⟨u, s.out, q⟩ b k₃ h.out hq (by omega)
      (by simpa [Machine.act, ho] using hf'.out)
    exact ⟨(q₄ 1 (by omega)).trans k₁, (q₄ 2 (by omega)).trans k₂, by simpa [Machine.act, ho] using q₃,
      hT'.congr fun r hr => q₄ r (by omega), by simpa [Machine.act, ho] using q₁, q₂⟩

private theorem run_round {M : Machine} {Q : Printer} {x : List Bool} {B : Nat} {c : M.Conf} {s : State}
    (h : Holds M Q B c s) (hf : Fits M Q x B c) (hf' : Fits M Q x B ((M.next x c).getD c)) (h₁ : M.states + 1 ≤ B)
    (h₂ : M.symbols + 2 ≤ B) (h₃ : x.length + 2 ≤ B) : Holds M Q B ((M.next x c).getD c) ((round M Q).run x s) := by
  obtain ⟨p, hp, e⟩ := run_switch (x := x) (f := fun q => switchInput fun i => switchHeads M.symbols 4 M.tapes fun w =>
    (M.step (Fin.ofNat (M.states + 1) q) i (Vector.ofFn fun j => w.getD j.val 0)).elim .skip (perform Q))
    h.state h.peak c.state.isLt h₁
  have hq : Fin.ofNat (M.states + 1) c.state.val = c.state := Fin.ext (Nat.mod_eq_of_lt c.state.isLt)
  rw [hq] at e
  obtain ⟨p', hp', e'⟩ := run_switchInput (x := x) (s := { s with peak := p }) (f := fun i =>
    switchHeads M.symbols 4 M.tapes fun w =>
      (M.step c.state i (Vector.ofFn fun j => w.getD j.val 0)).elim .skip (perform Q)) h.input hp hf.input h₃
  obtain ⟨q, hq, e''⟩ := run_switchHeads (x := x) (s := { s with peak := p' }) (f := fun w =>
    (M.step c.state (readInput x c.input) (Vector.ofFn fun j => w.getD j.val 0)).elim .skip (perform Q))
    h.tapes hp' (by omega)
  have hv : (Vector.ofFn fun j : Fin M.tapes => (c.work.toList.map Tape.head).getD j.val 0) =
      c.work.map Tape.head := by
    ext j hj
    simp [List.getD_eq_getElem?_getD]
  rw [hv, Vector.length_toList] at e''
  rw [round, e.trans (e'.trans e'')]
  have h' : Holds M Q B c { s with peak := q } := ⟨h.state, h.input, h.count, h.tapes, h.out, hq⟩
  unfold Machine.next at hf' ⊢
  cases hs : M.step c.state (readInput x c.input) (c.work.map Tape.head) with
  | none => exact h'
  | some a => exact run_perform h' hf (by simpa [hs] using hf') h₁ h₂ h₃

private theorem length_out_run (M : Machine) (x : List Bool) (i : Nat) : (M.run x i M.init).out.length ≤ i := by
  induction i with
  | zero => simp [Machine.run, Machine.init]
  | succ i ih =>
    rw [Machine.run_succ]
    cases h : M.next x (M.run x i M.init) with
    | none => exact Nat.le_succ_of_le ih
    | some c =>
      obtain ⟨a, -, rfl⟩ := Option.map_eq_some_iff.1 h
      cases ho : a.out <;> simp [Machine.act, ho] <;> omega

/-- Registers that are 0 hold blank tapes. -/
theorem tapesAt_init {symbols : Nat} {u : Regs} (k : Nat) {base : Nat}
    (h : ∀ r, base ≤ r → r < base + 3 * k → u.get r = 0) : TapesAt u base (List.replicate k ({} : Tape symbols)) := by
  induction k generalizing base with
  | zero => trivial
  | succ k ih =>
    refine ⟨?_, ih fun r h₁ h₂ => h r (by omega) (by omega)⟩
    rw [h base (by omega) (by omega), h (base + 1) (by omega) (by omega), h (base + 2) (by omega) (by omega)]
    exact ⟨rfl, rfl, rfl⟩

/-- Registers that are 0 hold the first configuration. -/
theorem holds_init {M : Machine} {Q : Printer} {B : Nat} {s : State}
    (h : ∀ r, 0 < r → r < 4 + 3 * M.tapes → s.regs.get r = 0) (ho : s.out = []) (hB : s.peak ≤ B) :
    Holds M Q B M.init s :=
  ⟨h 1 (by omega) (by omega), h 2 (by omega) (by omega), (h 3 (by omega) (by omega)).trans Q.count_nil.symm,
    by simpa [Machine.init] using tapesAt_init M.tapes fun r h₁ h₂ => h r (by omega) h₂,
    ho.trans Q.outs_nil.symm, hB⟩

/-- **The loop simulates the machine**: when there are as many rounds as the machine has configurations, the registers
hold its last configuration. -/
theorem run_loop {M : Machine} {Q : Printer} {x y : List Bool} {t σ B : Nat} {e : Expr} {s : State}
    (h : M.HaltsWith x y t σ) (h₀ : Holds M Q B M.init s) (hp : e.peak x s.regs ≤ B)
    (hN : M.base x.length σ ^ (3 * M.tapes + 2) ≤ e.eval x s.regs) (hB : M.base x.length σ ≤ B)
    (hQ : ∀ i ≤ e.eval x s.regs, Q.size (M.run x i M.init).out ≤ B) :
    ∃ c : M.Conf, c.out.reverse = y ∧ Holds M Q B c ((Prog.loop 0 e (round M Q)).run x s) := by
  have hst := M.states_lt_base x.length σ
  have hsy := M.symbols_lt_base x.length σ
  have hin := M.input_lt_base x.length σ
  have fits : ∀ i ≤ e.eval x s.regs, Fits M Q x B (M.run x i M.init) := fun i hi => by
    refine ⟨M.input_run_le x i, fun t ht => ?_, hQ i hi⟩
    have hc := Nat.le_trans (Config.cells_le _ ht) (h.cells_run_le i)
    simp only [Tape.cells] at hc
    have hl := M.stack_lt_base (n := x.length) (s := σ) (l := t.left) (by omega)
    have hr := M.stack_lt_base (n := x.length) (s := σ) (l := t.right) (by omega)
    omega
  have step : ∀ n ≤ e.eval x s.regs, Holds M Q B (M.run x n M.init) ((List.range n).foldl
      (fun s i => (round M Q).run x { s with regs := s.regs.set 0 i }) (s.see x e)) := by
    intro n hn
    induction n with
    | zero => exact ⟨h₀.state, h₀.input, h₀.count, h₀.tapes, h₀.out, see_le h₀.peak hp⟩
    | succ n ih =>
      have ih := ih (by omega)
      rw [List.range_succ, List.foldl_append, List.foldl_cons, List.foldl_nil, Machine.run_succ]
      refine run_round ⟨?_, ?_, ?_, ?_, ih.out, ih.peak⟩ (fits n (by omega))
        (by rw [← Machine.run_succ]; exact fits (n + 1) hn) (by omega) (by omega) (by omega)
      · exact (Regs.get_set_ne (by omega)).trans ih.state
      · exact (Regs.get_set_ne (by omega)).trans ih.input
      · exact (Regs.get_set_ne (by omega)).trans ih.count
      · exact ih.tapes.congr fun r hr => Regs.get_set_ne (by omega)
  exact ⟨_, (h.time.mono hN (Nat.le_refl _)).2.1, step _ (Nat.le_refl _)⟩

/-- **The program simulates the machine**: it prints what the machine prints, and its numbers are polynomial in the
length of the input. -/
theorem run_program {M : Machine} {Q : Printer} (hQ : ∀ l, Q.size l ≤ l.length + 1) {x y : List Bool} {t c : Nat}
    (h : M.HaltsWith x y t (c * (x.length + 2).log2)) :
    (program M Q c).output x = (Q.outs y.reverse).reverse ∧
      (program M Q c).peak x ≤ (x.length + 2) ^ (timeDeg M c + 2) := by
  have hN : (x.length + 2) ^ timeDeg M c + 2 ≤ (x.length + 2) ^ (timeDeg M c + 2) := by
    rw [Nat.pow_add]
    have h₁ : 0 < (x.length + 2) ^ timeDeg M c := Nat.pow_pos (by omega)
    have h₂ := Nat.mul_le_mul_left ((x.length + 2) ^ timeDeg M c)
      (Nat.pow_le_pow_left (show 2 ≤ x.length + 2 by omega) 2)
    omega
  have hD := M.base_le x.length c
  have hDB : M.base x.length (c * (x.length + 2).log2) ≤ (x.length + 2) ^ (timeDeg M c + 2) := by
    refine Nat.le_trans hD (Nat.pow_le_pow_right (by omega) ?_)
    rw [timeDeg, Nat.mul_add]; omega
  obtain ⟨ev, pk⟩ := eval_powExpr (x := x) (s := ({} : State).regs) (e := .len) (n := x.length) (timeDeg M c) rfl rfl
  obtain ⟨k, hy, H⟩ := run_loop (Q := Q) (s := {}) (e := powExpr .len (timeDeg M c))
    (B := (x.length + 2) ^ (timeDeg M c + 2)) h (holds_init (fun _ _ _ => rfl) rfl (Nat.zero_le _)) (by omega)
    (by rw [ev, timeDeg, Nat.pow_mul]; exact Nat.pow_le_pow_left hD _) hDB fun i hi => by
      have := hQ (M.run x i M.init).out
      have := length_out_run M x i
      omega
  exact ⟨by rw [Prog.output, program, H.out, ← hy, List.reverse_reverse], H.peak⟩

end Simulate

open Simulate in
/-- **What a Turing machine generates in logarithmic space, a register program generates with polynomial numbers**:
the converse of compiling register programs to machines. -/
theorem LogSpaceGenerated.of_unary {F : Nat → List Nat} (h : LogSpaceGenerated fun n => unary (F n)) :
    Space.LogSpaceGenerated F := by
  obtain ⟨M, c, h⟩ := h
  refine ⟨program M numbers c, timeDeg M c + 2, fun n => ?_⟩
  obtain ⟨t, h⟩ := h n
  have hl : (Space.ones n).length = n := List.length_replicate
  obtain ⟨h₁, h₂⟩ := run_program (Q := numbers) (fun _ => Nat.le_refl _) (x := Space.ones n) (c := c)
    (by rw [hl]; exact h)
  rw [hl] at h₂
  refine ⟨h₁.trans ?_, h₂⟩
  have := (complete_unary (F n).reverse).2
  rw [List.reverse_reverse] at this
  show (complete _).reverse = F n
  rw [this, List.reverse_reverse]

open Simulate in
/-- What a Turing machine computes in logarithmic space, a register program computes with polynomial numbers. -/
theorem LogSpaceComputable.program {f : List Bool → List Bool} (h : LogSpaceComputable f) :
    ∃ (P : Space.Prog) (k : Nat), ∀ x, P.output x = (f x).map Bool.toNat ∧ P.peak x ≤ (x.length + 2) ^ k := by
  obtain ⟨M, c, h⟩ := h
  refine ⟨Simulate.program M Simulate.bits c, timeDeg M c + 2, fun x => ?_⟩
  obtain ⟨t, h⟩ := h x
  obtain ⟨h₁, h₂⟩ := run_program (Q := Simulate.bits) (fun _ => Nat.zero_le _) h
  exact ⟨h₁.trans (by simp [Simulate.bits]), h₂⟩

end Logprec.Turing
