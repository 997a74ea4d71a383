import Logprec.Class.Feed

/-!
# One program on the output of another

A program that reads an input is turned into one that asks for the input bits: a macro puts the bit at the position in
register `d` into register `d`. When the input is the output of another program, the macro runs that program again and
counts what it prints. So programs with polynomial numbers compose without storing the string between them.
-/

namespace Logprec.Space

/-! ## Asking for the input -/

/-- The value of an expression into register `d`: its registers are those from `off` on, the length of its input is in
register `L`, and `look d` gives the input bit at the position in register `d`. -/
def Expr.via (off L : Nat) (look : Nat → Prog) (d : Nat) : Expr → Prog
  | lit n => .set d (lit n)
  | reg r => .set d (reg (r + off))
  | len => .set d (reg L)
  | inputBit i => .seq (i.via off L look d) (look d)
  | add a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (add (reg d) (reg (d + 1)))))
  | sub a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (sub (reg d) (reg (d + 1)))))
  | mul a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (mul (reg d) (reg (d + 1)))))
  | div a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (div (reg d) (reg (d + 1)))))
  | mod a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (mod (reg d) (reg (d + 1)))))
  | eq a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (eq (reg d) (reg (d + 1)))))
  | lt a b => .seq (a.via off L look d) (.seq (b.via off L look (d + 1)) (.set d (lt (reg d) (reg (d + 1)))))

/-- The program that asks for its input; it uses register `d` and those above for what is between. -/
def Prog.via (off L : Nat) (look : Nat → Prog) (d : Nat) : Prog → Prog
  | skip => skip
  | set r e => seq (e.via off L look d) (set (r + off) (.reg d))
  | seq P Q => seq (P.via off L look d) (Q.via off L look d)
  | ite e P Q => seq (e.via off L look d) (ite (.reg d) (P.via off L look d) (Q.via off L look d))
  | loop r e P => seq (e.via off L look d) (loop (r + off) (.reg d) (P.via off L look d))
  | emit e => seq (e.via off L look d) (emit (.reg d))

/-- From `s` to `s'`, the registers from `a` to `d - 1` kept their values, nothing was printed, and no number above `B`
was handled. -/
structure Keeps (B a d : Nat) (s s' : State) : Prop where
  /-- The registers. -/
  keep : ∀ r, a ≤ r → r < d → s'.regs.get r = s.regs.get r
  /-- The output. -/
  out : s'.out = s.out
  /-- No number above `B` was handled. -/
  peak : s.peak ≤ B → s'.peak ≤ B

theorem Step.keeps {B j a : Nat} {s s' : State} (h : Step B j [] s s') : Keeps B a j s s' :=
  ⟨fun r _ hr => h.keep r hr, h.out, h.peak⟩

theorem Keeps.next {B a d d' : Nat} {s s' s'' : State} (h : Keeps B a d s s') (h' : Keeps B a d' s' s'')
    (hd : d ≤ d') : Keeps B a d s s'' :=
  ⟨fun r ha hr => (h'.keep r ha (by omega)).trans (h.keep r ha hr), h'.out.trans h.out, h'.peak ∘ h.peak⟩

/-- `look` answers: it puts the bit of `y` at the position in register `d` into that register. -/
def Answers (B a base : Nat) (x y : List Bool) (look : Nat → Prog) : Prop :=
  ∀ d t, base ≤ d → t.regs.get d ≤ B → Keeps B a d t ((look d).run x t) ∧
    ((look d).run x t).regs.get d = (y.getD (t.regs.get d) false).toNat

section
variable {x y : List Bool} {off L N B a d : Nat} {look : Nat → Prog}

/-- What the program of an expression does. -/
theorem Expr.via_spec (hlook : Answers B a (off + N) x y look) (ha : a ≤ L) (hL : L < off) {e : Expr} {u : Regs}
    {t : State} (hu : ∀ r < N, t.regs.get (r + off) = u.get r) (hl : t.regs.get L = y.length) (he : e.bound ≤ N)
    (hd : off + N ≤ d) (hp : e.peak y u ≤ B) :
    Keeps B a d t ((e.via off L look d).run x t) ∧ ((e.via off L look d).run x t).regs.get d = e.eval y u := by
  induction e generalizing d t with
  | lit n => exact ⟨(Step.set hp (Nat.le_refl _)).keeps, Regs.get_set_self ..⟩
  | reg r =>
    have e : Expr.eval x t.regs (.reg (r + off)) = u.get r := hu r he
    exact ⟨(Step.set (by simp only [Expr.peak, e]; exact hp) (Nat.le_refl _)).keeps, (Regs.get_set_self ..).trans e⟩
  | len =>
    have e : Expr.eval x t.regs (.reg L) = y.length := hl
    exact ⟨(Step.set (by simp only [Expr.peak, e]; exact hp) (Nat.le_refl _)).keeps, (Regs.get_set_self ..).trans e⟩
  | inputBit i ih =>
    simp only [Expr.peak, Nat.max_le] at hp
    obtain ⟨h₁, e₁⟩ := ih hu hl he hd hp.2
    obtain ⟨h₂, e₂⟩ := hlook d _ hd (by rw [e₁]; exact Nat.le_trans (Expr.eval_le_peak ..) hp.2)
    exact ⟨h₁.next h₂ (Nat.le_refl _), by rw [Expr.via, Prog.run, e₂, e₁]; rfl⟩
  | add a b iha ihb | sub a b iha ihb | mul a b iha ihb | div a b iha ihb | mod a b iha ihb | eq a b iha ihb
  | lt a b iha ihb =>
    simp only [Expr.bound, Nat.max_le] at he
    simp only [Expr.peak, Nat.max_le] at hp
    obtain ⟨h₁, e₁⟩ := iha hu hl he.1 hd hp.2.1
    obtain ⟨h₂, e₂⟩ := ihb (d := d + 1) (fun r hr => (h₁.keep _ (by omega) (by omega)).trans (hu r hr))
      ((h₁.keep _ (by omega) (by omega)).trans hl) he.2 (by omega) hp.2.2
    have e₁ := (h₂.keep d (by omega) (by omega)).trans e₁
    have la := Nat.le_trans (Expr.eval_le_peak ..) hp.2.1
    have lb := Nat.le_trans (Expr.eval_le_peak ..) hp.2.2
    refine ⟨(h₁.next h₂ (by omega)).next (Step.set ?_ (Nat.le_refl _)).keeps (Nat.le_refl _), ?_⟩
    · have hp := hp.1
      simp only [Expr.peak, Expr.eval, e₁, e₂] at hp ⊢
      omega
    · rw [Expr.via, Prog.run, Prog.run, Prog.run, Regs.get_set_self]
      simp only [Expr.eval, e₁, e₂]

/-- A run on `y`, and one that asks for `y`: the registers and the output are the same. -/
structure Asks (off L N : Nat) (y : List Bool) (s t : State) : Prop where
  /-- The registers. -/
  regs : ∀ r < N, t.regs.get (r + off) = s.regs.get r
  /-- The length of the input. -/
  length : t.regs.get L = y.length
  /-- The output. -/
  out : t.out = s.out

private theorem Asks.expr (hlook : Answers B a (off + N) x y look) (ha : a ≤ L) (hL : L < off) {e : Expr} {s t : State}
    (H : Asks off L N y s t) (he : e.bound ≤ N) (hd : off + N ≤ d) (hp : e.peak y s.regs ≤ B) (ht : t.peak ≤ B) :
    Asks off L N y (s.see y e) ((e.via off L look d).run x t) ∧ ((e.via off L look d).run x t).peak ≤ B ∧
      ((e.via off L look d).run x t).regs.get d = e.eval y s.regs := by
  obtain ⟨h, e⟩ := Expr.via_spec hlook ha hL H.regs H.length he hd hp
  exact ⟨⟨fun r hr => (h.keep _ (by omega) (by omega)).trans (H.regs r hr),
    (h.keep _ (by omega) (by omega)).trans H.length, h.out.trans H.out⟩, h.peak ht, e⟩

private theorem Asks.write {s t : State} (H : Asks off L N y s t) (hL : L < off) (r v : Nat) :
    Asks off L N y { s with regs := s.regs.set r v } { t with regs := t.regs.set (r + off) v } where
  regs r' hr' := by simp only [Regs.get_set, H.regs r' hr', Nat.add_right_cancel_iff]
  length := (Regs.get_set_ne (by omega)).trans H.length
  out := H.out

private theorem Asks.see {s t : State} {e e' : Expr} (H : Asks off L N y (s.see y e) t) :
    Asks off L N y (s.see y e) (t.see x e') := ⟨H.regs, H.length, H.out⟩

/-- **Asking for the input**: the program does what it does on its input. -/
theorem Prog.run_via (hlook : Answers B a (off + N) x y look) (ha : a ≤ L) (hL : L < off) (hd : off + N ≤ d)
    (P : Prog) {s t : State} (H : Asks off L N y s t) (hN : P.bound ≤ N) (hp : (P.run y s).peak ≤ B)
    (ht : t.peak ≤ B) :
    Asks off L N y (P.run y s) ((P.via off L look d).run x t) ∧ ((P.via off L look d).run x t).peak ≤ B := by
  induction P generalizing s t with
  | skip => exact ⟨H, ht⟩
  | set r e =>
    simp only [Prog.bound, Nat.max_le] at hN
    obtain ⟨H', h', e'⟩ := H.expr hlook ha hL hN.2 hd (Nat.le_trans (Nat.le_max_right _ _) hp) ht
    have he : e.eval y s.regs ≤ B := Nat.le_trans (Expr.eval_le_peak ..) (Nat.le_trans (Nat.le_max_right _ _) hp)
    refine ⟨?_, Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact he⟩⟩
    have := (H'.see (x := x) (e' := .reg d)).write hL r (e.eval y s.regs)
    simpa [Prog.via, Prog.run, Expr.eval, e'] using this
  | seq P Q ihP ihQ =>
    simp only [Prog.bound, Nat.max_le] at hN
    obtain ⟨H', h'⟩ := ihP H hN.1 (Nat.le_trans (Q.le_peak_run y _) hp) ht
    exact ihQ H' hN.2 hp h'
  | emit e =>
    obtain ⟨H', h', e'⟩ := H.expr hlook ha hL hN hd (Nat.le_trans (Nat.le_max_right _ _) hp) ht
    have he : e.eval y s.regs ≤ B := Nat.le_trans (Expr.eval_le_peak ..) (Nat.le_trans (Nat.le_max_right _ _) hp)
    refine ⟨⟨H'.regs, H'.length, ?_⟩, Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact he⟩⟩
    simpa [Prog.via, Prog.run, Expr.eval, e'] using H'.out
  | ite e P Q ihP ihQ =>
    simp only [Prog.bound, Nat.max_le] at hN
    have he : e.peak y s.regs ≤ B := by
      refine Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans ?_ hp)
      rw [Prog.run]
      split
      · exact P.le_peak_run y (s.see y e)
      · exact Q.le_peak_run y (s.see y e)
    obtain ⟨H', h', e'⟩ := H.expr hlook ha hL hN.1 hd he ht
    have h'' : (((e.via off L look d).run x t).see x (.reg d)).peak ≤ B :=
      Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact Nat.le_trans (Expr.eval_le_peak ..) he⟩
    rw [Prog.run] at hp ⊢
    rw [Prog.via, Prog.run, Prog.run, Expr.eval, e']
    split
    · rename_i hc
      rw [if_pos hc] at hp
      exact ihP H'.see hN.2.1 hp h''
    · rename_i hc
      rw [if_neg hc] at hp
      exact ihQ H'.see hN.2.2 hp h''
  | loop r e P ih =>
    simp only [Prog.bound, Nat.max_le] at hN
    have grow : ∀ (l : List Nat) (s : State),
        s.peak ≤ (l.foldl (fun s i => P.run y { s with regs := s.regs.set r i }) s).peak := by
      intro l
      induction l with
      | nil => exact fun s => Nat.le_refl _
      | cons i l ihl => exact fun s => Nat.le_trans (P.le_peak_run y { s with regs := s.regs.set r i }) (ihl _)
    have he : e.peak y s.regs ≤ B :=
      Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans (grow _ (s.see y e)) hp)
    obtain ⟨H', h', e'⟩ := H.expr hlook ha hL hN.2.1 hd he ht
    have h'' : (((e.via off L look d).run x t).see x (.reg d)).peak ≤ B :=
      Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact Nat.le_trans (Expr.eval_le_peak ..) he⟩
    rw [Prog.run] at hp ⊢
    rw [Prog.via, Prog.run, Prog.run, Expr.eval, e']
    have H'' := H'.see (x := x) (e' := .reg d)
    generalize s.see y e = s' at hp H''
    generalize ((e.via off L look d).run x t).see x (.reg d) = t' at h'' H''
    generalize List.range (e.eval y s.regs) = l at hp
    induction l generalizing s' t' with
    | nil => exact ⟨H'', h''⟩
    | cons i l ihl =>
      rw [List.foldl_cons] at hp ⊢
      rw [List.foldl_cons]
      obtain ⟨H₁, h₁⟩ := ih (H''.write hL r i) hN.2.2 (Nat.le_trans (grow l _) hp) h''
      exact ihl _ _ h₁ H₁ hp

end

/-! ## Looking up what a program prints -/

/-- Counts in register 2 the numbers that are handed over in register 0, and keeps in register 3 the one whose position
is in register 1. -/
def pick : Prog :=
  .seq (.ite (.eq (.reg 2) (.reg 1)) (.set 3 (.reg 0)) .skip) (.set 2 (.add (.reg 2) (.lit 1)))

/-- Clear `n` registers from `d` on. -/
def clearFrom (d : Nat) : Nat → Prog
  | 0 => .skip
  | n + 1 => .seq (clearFrom d n) (.set (d + n) (.lit 0))

/-- Register `d` becomes the number that `P` prints at the position in register `d`, or 0. -/
def Prog.lookUp (P : Prog) (d : Nat) : Prog :=
  .seq (.set 1 (.reg d)) <| .seq (.set 2 (.lit 0)) <| .seq (.set 3 (.lit 0)) <|
  .seq (clearFrom (d + 1) P.bound) <| .seq (P.feed (d + 1) pick) (.set d (.reg 3))

private theorem run_clearFrom (x : List Bool) (d n : Nat) (t : State) : ((clearFrom d n).run x t).out = t.out ∧
    ((clearFrom d n).run x t).peak = t.peak ∧
      ∀ r, ((clearFrom d n).run x t).regs.get r = if d ≤ r ∧ r < d + n then 0 else t.regs.get r := by
  induction n with
  | zero => exact ⟨rfl, rfl, fun r => by rw [if_neg (by omega)]; rfl⟩
  | succ n ih =>
    obtain ⟨h₁, h₂, h₃⟩ := ih
    refine ⟨h₁, ?_, fun r => ?_⟩
    · simp [clearFrom, Prog.run, State.see, Expr.peak, Expr.eval, h₂]
    · simp only [clearFrom, Prog.run, Expr.eval, Regs.get_set, h₃]
      grind

/-- What the counting does to a state: `l` has been handed over from position `c` on. -/
private theorem foldl_pick (x : List Bool) {B i : Nat} (hi : i ≤ B) : ∀ (l : List Nat) {c v : Nat} {u : State},
    u.regs.get 1 = i → u.regs.get 2 = c → u.regs.get 3 = v → u.peak ≤ B → c + l.length ≤ B → 1 ≤ B →
    (∀ w ∈ l, w ≤ B) →
    let u' := l.foldl (pick.handle x) u
    u'.regs.get 2 = c + l.length ∧ u'.regs.get 3 = (if c ≤ i ∧ i < c + l.length then l.getD (i - c) 0 else v) ∧
      (∀ r, 4 ≤ r → u'.regs.get r = u.regs.get r) ∧ u'.out = u.out ∧ u'.peak ≤ B
  | [], c, v, u, _, h₂, h₃, hp, _, _, _ =>
    ⟨h₂, h₃.trans (by rw [if_neg (by simp)]), fun _ _ => rfl, rfl, hp⟩
  | w :: l, c, v, u, h₁, h₂, h₃, hp, hc, hB, hw => by
    have hwB := hw w (by simp)
    rw [List.length_cons] at hc
    have key : ∃ p ≤ B, (pick.handle x u w).out = u.out ∧ (pick.handle x u w).peak = p ∧
        ∀ r, (pick.handle x u w).regs.get r =
          if r = 2 then c + 1 else if r = 3 ∧ c = i then w else if r = 0 then w else u.regs.get r := by
      by_cases e : c = i
      · refine ⟨_, ?_, ?_, rfl, fun r => ?_⟩ <;>
          simp [Prog.handle, pick, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get_set, h₁, h₂, e]
        all_goals first | omega | grind
      · refine ⟨_, ?_, ?_, rfl, fun r => ?_⟩ <;>
          simp [Prog.handle, pick, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get_set, h₁, h₂, e]
        all_goals first | omega | grind
    obtain ⟨p, hpB, ho, hp', hr⟩ := key
    obtain ⟨k₂, k₃, k₄, k₅, k₆⟩ := foldl_pick x hi l (c := c + 1) (v := if c = i then w else v)
      (u := pick.handle x u w) (by rw [hr]; simpa using h₁) (by rw [hr]; simp)
      (by rw [hr]; by_cases e : c = i <;> simp [e, h₃]) (by omega) (by omega) hB fun w' h => hw w' (by simp [h])
    refine ⟨?_, ?_, fun r h => ?_, k₅.trans ho, k₆⟩
    · rw [List.foldl_cons, k₂, List.length_cons]; omega
    · rw [List.foldl_cons, k₃, List.length_cons]
      by_cases e : c = i
      · subst e
        rw [if_neg (by omega), if_pos rfl, if_pos (by omega)]
        simp
      · rw [if_neg e]
        by_cases h : c + 1 ≤ i ∧ i < c + 1 + l.length
        · rw [if_pos h, if_pos (by omega), show i - c = (i - (c + 1)) + 1 by omega, List.getD_cons_succ]
        · rw [if_neg h, if_neg (by omega)]
    · rw [List.foldl_cons, k₄ r h, hr, if_neg (by omega), if_neg (by omega), if_neg (by omega)]

private theorem bound_pick : pick.bound = 4 := rfl

private theorem run_feed_pick' {x : List Bool} {P : Prog} {B off i : Nat} {t : State} (hoff : 4 ≤ off)
    (h₀ : ∀ r < P.bound, t.regs.get (r + off) = 0) (h₁ : t.regs.get 1 = i) (h₂ : t.regs.get 2 = 0)
    (h₃ : t.regs.get 3 = 0) (hi : i ≤ B) (hP : P.peak x ≤ B) (hl : (P.output x).length ≤ B) (hB : 1 ≤ B)
    (ht : t.peak ≤ B) :
    let t' := (P.feed off pick).run x t
    t'.regs.get 2 = (P.output x).length ∧ t'.regs.get 3 = (P.output x).getD i 0 ∧ Keeps B 4 off t t' := by
  -- the same with all registers above 0
  let t₀ : State := { t with regs := t.regs.take (off + P.bound) }
  have ht₀ : ∀ r, t₀.regs.get r = if r < off + P.bound then t.regs.get r else 0 := fun r => by
    simp only [t₀, Regs.get, List.getD_eq_getElem?_getD, List.getElem?_take]
    split <;> rfl
  have hv : ∀ w ∈ P.output x, w ≤ B := fun w hw => by
    rw [Prog.output, List.mem_reverse] at hw
    exact Nat.le_trans (P.out_le_peak x (by simp) w hw) hP
  have A₀ : Agree off B t₀ t₀ := ⟨fun _ _ => rfl, rfl, Nat.le_max_left ..⟩
  have A₁ := A₀.feed (x := x) (H := pick) (P := P) (by rw [bound_pick]; exact hoff) (Nat.le_refl _) (by omega)
    (fun r => by rw [ht₀]; split
                 · exact h₀ r (by omega)
                 · rfl) hP (Nat.le_refl _)
  have A₂ := (Agree.run (b := off + P.bound) (M := B) (u := t₀) (t := t) (x := x) (P.feed off pick)
    ⟨fun r hr => by rw [ht₀, if_pos hr], rfl, Nat.le_trans ht (Nat.le_max_right ..)⟩
    (by rw [Nat.add_comm]; exact bound_feed (by rw [bound_pick]; exact hoff) (by omega) P)).1
  obtain ⟨k₂, k₃, k₄, k₅, k₆⟩ := foldl_pick x hi (P.output x) (u := t₀) (c := 0) (v := 0)
    (by rw [ht₀, if_pos (by omega)]; exact h₁) (by rw [ht₀, if_pos (by omega)]; exact h₂)
    (by rw [ht₀, if_pos (by omega)]; exact h₃) ht (by omega) hB hv
  have regs : ∀ r < off, ((P.feed off pick).run x t).regs.get r =
      ((P.output x).foldl (pick.handle x) t₀).regs.get r := fun r hr =>
    (A₂.regs r (by omega)).trans (A₁.regs r hr)
  refine ⟨(regs 2 (by omega)).trans (by rw [k₂, Nat.zero_add]), (regs 3 (by omega)).trans ?_, fun r ha hr => ?_, ?_, ?_⟩
  · rw [k₃, Nat.sub_zero]
    split
    · rfl
    · rw [List.getD_eq_getElem?_getD, List.getElem?_eq_none (by omega)]; rfl
  · rw [regs r hr, k₄ r ha, ht₀, if_pos (by omega)]
  · rw [A₂.out, A₁.out, k₅]
  · intro _
    have := A₂.peak_le
    have := A₁.peak_le
    omega

/-- Counting what a program prints, when the registers that it uses are 0. -/
private theorem run_feed_pick {x : List Bool} {P : Prog} {B off i : Nat} {t : State} (hoff : 4 ≤ off)
    (h₀ : ∀ r < P.bound, t.regs.get (r + off) = 0) (h₁ : t.regs.get 1 = i) (h₂ : t.regs.get 2 = 0)
    (h₃ : t.regs.get 3 = 0) (hi : i ≤ B) (hP : P.peak x ≤ B) (hl : (P.output x).length ≤ B) (hB : 1 ≤ B) :
    let t' := (P.feed off pick).run x t
    t'.regs.get 2 = (P.output x).length ∧ t'.regs.get 3 = (P.output x).getD i 0 ∧ Keeps B 4 off t t' :=
  have le := Nat.le_max_left B t.peak
  have h := run_feed_pick' (B := max B t.peak) hoff h₀ h₁ h₂ h₃ (Nat.le_trans hi le) (Nat.le_trans hP le)
    (Nat.le_trans hl le) (Nat.le_trans hB le) (Nat.le_max_right ..)
  ⟨h.1, h.2.1, h.2.2.keep, h.2.2.out, fun ht => (run_feed_pick' hoff h₀ h₁ h₂ h₃ hi hP hl hB ht).2.2.peak ht⟩

/-- The look-up answers. -/
theorem Prog.answers_lookUp {x y : List Bool} {P : Prog} {B base : Nat} (hout : P.output x = y.map Bool.toNat)
    (hP : P.peak x ≤ B) (hl : y.length ≤ B) (hB : 1 ≤ B) (hbase : 4 ≤ base) : Answers B 4 base x y P.lookUp := by
  intro d t hd hi
  generalize hi' : t.regs.get d = i at hi
  obtain ⟨c₁, c₂, c₃⟩ := run_clearFrom x (d + 1) P.bound
    ((Prog.set 3 (.lit 0)).run x ((Prog.set 2 (.lit 0)).run x ((Prog.set 1 (.reg d)).run x t)))
  generalize hs : (clearFrom (d + 1) P.bound).run x _ = s at c₁ c₂ c₃
  have hrun : (P.lookUp d).run x t = (Prog.set d (.reg 3)).run x ((P.feed (d + 1) pick).run x s) := by rw [← hs]; rfl
  have hs' : ∀ r, s.regs.get r = if d + 1 ≤ r ∧ r < d + 1 + P.bound then 0 else if r = 3 then 0 else if r = 2 then 0
      else if r = 1 then i else t.regs.get r := fun r => by
    rw [c₃]
    simp only [Prog.run, Expr.eval, Regs.get_set, hi']
  have hpk : t.peak ≤ B → s.peak ≤ B := fun ht => by
    rw [c₂]
    simp only [Prog.run, State.see, Expr.peak, Expr.eval, hi']
    omega
  obtain ⟨-, k₃, k⟩ := run_feed_pick (x := x) (P := P) (B := B) (off := d + 1) (i := i) (t := s) (by omega)
    (fun r hr => by rw [hs', if_pos (by omega)]) (by rw [hs', if_neg (by omega)]; simp)
    (by rw [hs', if_neg (by omega)]; simp) (by rw [hs', if_neg (by omega)]; simp) hi hP
    (by rw [hout]; simpa using hl) hB
  have e : (P.output x).getD i 0 = (y.getD i false).toNat := by
    rw [hout, List.getD_eq_getElem?_getD, List.getElem?_map, List.getD_eq_getElem?_getD]
    cases y[i]? <;> rfl
  have h1 := Bool.toNat_le (y.getD i false)
  rw [hrun]
  refine ⟨⟨fun r ha hr => ?_, ?_, fun ht => ?_⟩, ?_⟩
  · refine (Regs.get_set_ne (by omega)).trans ((k.keep r ha (by omega)).trans ?_)
    rw [hs', if_neg (by omega), if_neg (by omega), if_neg (by omega), if_neg (by omega)]
  · simp only [Prog.run, State.see, k.out, c₁]
  · have := k.peak (hpk ht)
    simp only [Prog.run, State.see, Expr.peak, Expr.eval, k₃, e]
    omega
  · simp only [Prog.run, Regs.get_set_self, Expr.eval, k₃, e]

/-! ## Composition -/

/-- The program that does what `Q` does on the output of `P`. -/
def Prog.after (Q P : Prog) : Prog :=
  .seq (P.feed (5 + Q.bound) pick) <| .seq (.set 4 (.reg 2)) (Q.via 5 4 P.lookUp (5 + Q.bound))

/-- **Composition**: it prints what `Q` prints on the bits that `P` prints, and handles no greater numbers than the two
programs and the length of that string. -/
theorem Prog.run_after {P Q : Prog} {x y : List Bool} {B : Nat} (hout : P.output x = y.map Bool.toNat)
    (hP : P.peak x ≤ B) (hQ : Q.peak y ≤ B) (hl : y.length ≤ B) (hB : 1 ≤ B) :
    (Q.after P).output x = Q.output y ∧ (Q.after P).peak x ≤ B := by
  have zero : ∀ r, Regs.get [] r = 0 := fun _ => rfl
  obtain ⟨k₂, -, k⟩ := run_feed_pick (x := x) (P := P) (B := B) (off := 5 + Q.bound) (i := 0) (t := {}) (by omega)
    (fun r _ => zero _) (zero _) (zero _) (zero _) (Nat.zero_le _) hP (by rw [hout]; simpa using hl) hB
  rw [hout, List.length_map] at k₂
  generalize ht : (P.feed (5 + Q.bound) pick).run x {} = t at k₂ k
  have hpk := k.peak (Nat.zero_le _)
  have H : Asks 5 4 Q.bound y {} ((Prog.set 4 (.reg 2)).run x t) := by
    refine ⟨fun r hr => ?_, ?_, k.out⟩
    · exact (Regs.get_set_ne (by omega)).trans ((k.keep _ (by omega) (by omega)).trans (zero _))
    · rw [Prog.run, Regs.get_set_self, Expr.eval, k₂]
  obtain ⟨h₁, h₂⟩ := Q.run_via (x := x) (P.answers_lookUp hout hP hl hB (base := 5 + Q.bound) (by omega))
    (Nat.le_refl 4) (by omega) (Nat.le_refl _) H (Nat.le_refl _) hQ (by
      simp only [Prog.run, State.see, Expr.peak, Expr.eval, k₂]; omega)
  rw [← ht] at h₁ h₂
  exact ⟨congrArg List.reverse h₁.out, h₂⟩

end Logprec.Space
