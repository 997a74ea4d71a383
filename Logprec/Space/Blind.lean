import Logprec.Space.Clamp

/-!
# Programs that do not look at their input

A program that computes a function of its registers (`Prog.result`) is run with the empty input and its output does not
matter. `Prog.blind` does the same on any input, and prints nothing.
-/

namespace Logprec.Space

/-- The program without its output, and without looking at its input: for it, the input is empty. -/
def Prog.blind : Prog → Prog
  | skip | emit _ => skip
  | set r e => set r (e.embed 0)
  | seq P Q => seq P.blind Q.blind
  | ite e P Q => ite (e.embed 0) P.blind Q.blind
  | loop r e P => loop r (e.embed 0) P.blind

private theorem embed_zero {e : Expr} {x : List Bool} {s u : Regs} {N : Nat} (hN : e.registers ≤ N)
    (h : ∀ r < N, s.get r = u.get r) :
    (e.embed 0).eval x s = e.eval [] u ∧ (e.embed 0).peak x s ≤ e.peak [] u := by
  induction e with
  | lit n => exact ⟨rfl, Nat.le_refl _⟩
  | reg r =>
    have h : s.get (0 + r) = u.get r := by rw [Nat.zero_add]; exact h r hN
    exact ⟨h, Nat.le_of_eq h⟩
  | len => exact ⟨rfl, Nat.le_refl _⟩
  | inputBit i ih =>
    obtain ⟨-, h₂⟩ := ih hN
    refine ⟨by simp [Expr.embed, Expr.eval], ?_⟩
    simp only [Expr.embed, Expr.peak, Expr.eval]
    omega
  | add a b iha ihb | sub a b iha ihb | mul a b iha ihb | div a b iha ihb | mod a b iha ihb | eq a b iha ihb
  | lt a b iha ihb =>
    simp only [Expr.registers, Nat.max_le] at hN
    obtain ⟨h₁, h₂⟩ := iha hN.1
    obtain ⟨h₃, h₄⟩ := ihb hN.2
    refine ⟨by simp only [Expr.embed, Expr.eval, h₁, h₃], ?_⟩
    simp only [Expr.embed, Expr.peak, Expr.eval, h₁, h₃]
    omega

/-- The registers below `N` are the same, and the second run has printed `o`, and handled no number above `B`. -/
private structure Same (N B : Nat) (o : List Nat) (s t : State) : Prop where
  regs : ∀ r < N, t.regs.get r = s.regs.get r
  out : t.out = o
  peak : t.peak ≤ B

private theorem Same.see {N B : Nat} {o : List Nat} {s t : State} {x : List Bool} {e : Expr} (h : Same N B o s t)
    (hN : e.registers ≤ N) (he : (s.see [] e).peak ≤ B) : Same N B o (s.see [] e) (t.see x (e.embed 0)) :=
  ⟨h.regs, h.out, Nat.max_le.2 ⟨h.peak, Nat.le_trans (embed_zero hN h.regs).2
    (Nat.le_trans (Nat.le_max_right ..) he)⟩⟩

private theorem Same.write {N B : Nat} {o : List Nat} {s t : State} (h : Same N B o s t) (r v : Nat) :
    Same N B o { s with regs := s.regs.set r v } { t with regs := t.regs.set r v } :=
  ⟨fun r' hr' => by simp only [Regs.get_set, h.regs r' hr'], h.out, h.peak⟩

private theorem Same.run {N B : Nat} {o : List Nat} {x : List Bool} (P : Prog) {s t : State} (h : Same N B o s t)
    (hN : P.registers ≤ N) (hp : (P.run [] s).peak ≤ B) : Same N B o (P.run [] s) (P.blind.run x t) := by
  induction P generalizing s t with
  | skip => exact h
  | emit e => exact ⟨h.regs, h.out, h.peak⟩
  | set r e =>
    simp only [Prog.registers, Nat.max_le] at hN
    have := (h.see (x := x) hN.2 hp).write r (e.eval [] s.regs)
    simpa only [Prog.blind, Prog.run, (embed_zero hN.2 h.regs).1] using this
  | seq P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hN
    exact ihQ (ihP h hN.1 (Nat.le_trans (Q.le_peak_run [] _) hp)) hN.2 hp
  | ite e P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hN
    rw [Prog.run] at hp ⊢
    rw [Prog.blind, Prog.run, (embed_zero hN.1 h.regs).1]
    split
    · rename_i hc
      rw [if_pos hc] at hp
      exact ihP (h.see hN.1 (Nat.le_trans (P.le_peak_run [] _) hp)) hN.2.1 hp
    · rename_i hc
      rw [if_neg hc] at hp
      exact ihQ (h.see hN.1 (Nat.le_trans (Q.le_peak_run [] _) hp)) hN.2.2 hp
  | loop r e P ih =>
    simp only [Prog.registers, Nat.max_le] at hN
    have grow : ∀ (l : List Nat) (s : State),
        s.peak ≤ (l.foldl (fun s i => P.run [] { s with regs := s.regs.set r i }) s).peak := by
      intro l
      induction l with
      | nil => exact fun s => Nat.le_refl _
      | cons i l ihl => exact fun s => Nat.le_trans (P.le_peak_run [] { s with regs := s.regs.set r i }) (ihl _)
    rw [Prog.run] at hp ⊢
    rw [Prog.blind, Prog.run, (embed_zero hN.2.1 h.regs).1]
    have h' := h.see (x := x) hN.2.1 (Nat.le_trans (grow _ _) hp)
    generalize s.see [] e = s' at h' hp
    generalize t.see x (e.embed 0) = t' at h'
    generalize List.range (e.eval [] s.regs) = l at hp
    induction l generalizing s' t' with
    | nil => exact h'
    | cons i l ihl =>
      rw [List.foldl_cons] at hp ⊢
      rw [List.foldl_cons]
      exact ihl _ _ (ih (h'.write r i) hN.2.2 (Nat.le_trans (grow l _) hp)) hp

/-- A blind program does on every input what the program does on the empty one. -/
theorem Prog.run_blind (P : Prog) {x : List Bool} {s t : State} {N B : Nat} (hN : P.registers ≤ N)
    (h : ∀ r < N, t.regs.get r = s.regs.get r) (hp : (P.run [] s).peak ≤ B) (ht : t.peak ≤ B) :
    (∀ r < N, (P.blind.run x t).regs.get r = (P.run [] s).regs.get r) ∧ (P.blind.run x t).out = t.out ∧
      (P.blind.run x t).peak ≤ B :=
  have H := Same.run (x := x) P ⟨h, rfl, ht⟩ hN hp
  ⟨H.regs, H.out, H.peak⟩

end Logprec.Space
