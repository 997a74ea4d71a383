import Logprec.Space.Defs

/-!
# Reasoning about register programs

`Step B j new s s'` says what a piece of a program has done to the state: it printed `new`, it left the registers
below `j` alone, and it handled no number above `B`. There is one rule for each way of building programs.
-/

namespace Logprec.Space

/-- Reading after writing. -/
theorem Regs.get_set (s : Regs) (r r' v : Nat) : (s.set r v).get r' = if r' = r then v else s.get r' := by
  induction s generalizing r r' with
  | nil =>
    induction r generalizing r' with
    | zero => cases r' <;> simp [Regs.set, Regs.get]
    | succ r ih =>
      cases r' with
      | zero => simp [Regs.set, Regs.get]
      | succ r' => simpa [Regs.set, Regs.get] using ih r'
  | cons a s ih =>
    cases r <;> cases r' <;> simp [Regs.set, Regs.get]
    exact ih _ _

/-- A register that was just written. -/
@[simp] theorem Regs.get_set_self (s : Regs) (r v : Nat) : (s.set r v).get r = v := by simp [Regs.get_set]

/-- Another register. -/
theorem Regs.get_set_ne {s : Regs} {r r' v : Nat} (h : r' ≠ r) : (s.set r v).get r' = s.get r' := by
  simp [Regs.get_set, h]

/-- The value of an expression is at most its peak. -/
theorem Expr.eval_le_peak (x : List Bool) (s : Regs) (e : Expr) : e.eval x s ≤ e.peak x s := by
  cases e <;> simp only [peak] <;> first | exact Nat.le_refl _ | exact Nat.le_max_left ..

/-- From `s` to `s'`, `new` was printed, the registers below `j` kept their values, and no number above `B` was
handled. -/
structure Step (B j : Nat) (new : List Nat) (s s' : State) : Prop where
  /-- The registers below `j` are left alone. -/
  keep : ∀ r < j, s'.regs.get r = s.regs.get r
  /-- What was printed. -/
  out : s'.out = new.reverse ++ s.out
  /-- No number above `B` was handled. -/
  peak : s.peak ≤ B → s'.peak ≤ B

namespace Step

/-- Nothing happens. -/
theorem refl (B j : Nat) (s : State) : Step B j [] s s := ⟨fun _ _ => rfl, rfl, id⟩

/-- One step after another. -/
theorem trans {B j j' : Nat} {new new' : List Nat} {s s' s'' : State} (h : Step B j new s s')
    (h' : Step B j' new' s' s'') (hj : j ≤ j') : Step B j (new ++ new') s s'' where
  keep r hr := (h'.keep r (Nat.lt_of_lt_of_le hr hj)).trans (h.keep r hr)
  out := by simp [h'.out, h.out]
  peak hs := h'.peak (h.peak hs)

/-- One step after another, when the first prints nothing. -/
theorem next {B j j' : Nat} {new : List Nat} {s s' s'' : State} (h : Step B j [] s s')
    (h' : Step B j' new s' s'') (hj : j ≤ j') : Step B j new s s'' := h.trans h' hj

/-- Fewer registers are left alone. -/
theorem mono {B j j' : Nat} {new : List Nat} {s s' : State} (h : Step B j' new s s') (hj : j ≤ j') :
    Step B j new s s' := (refl B j s).next h hj

/-- Evaluating an expression. -/
theorem see {B j : Nat} {x : List Bool} {s : State} {e : Expr} (he : e.peak x s.regs ≤ B) :
    Step B j [] s (s.see x e) :=
  ⟨fun _ _ => rfl, rfl, fun hs => Nat.max_le.2 ⟨hs, he⟩⟩

/-- Writing a register outside the program: the counter of a loop. -/
theorem write {B j r v : Nat} {s : State} (hr : j ≤ r) : Step B j [] s { s with regs := s.regs.set r v } :=
  ⟨fun _ h => Regs.get_set_ne (by omega), rfl, id⟩

/-- Assignment. -/
theorem set {B j r : Nat} {x : List Bool} {s : State} {e : Expr} (he : e.peak x s.regs ≤ B) (hr : j ≤ r) :
    Step B j [] s ((Prog.set r e).run x s) :=
  (see (j := j) he).next (write hr) (Nat.le_refl _)

/-- Output. -/
theorem emit {B j : Nat} {x : List Bool} {s : State} {e : Expr} (he : e.peak x s.regs ≤ B) :
    Step B j [e.eval x s.regs] s ((Prog.emit e).run x s) :=
  ⟨fun _ _ => rfl, rfl, fun hs => Nat.max_le.2 ⟨hs, he⟩⟩

/-- Loops, with an invariant `I` of what the rounds do to the state. -/
theorem loop {B j r : Nat} {x : List Bool} {s : State} {e : Expr} {P : Prog} {new : Nat → List Nat}
    (I : Nat → State → Prop) (he : e.peak x s.regs ≤ B) (hr : j ≤ r) (h₀ : I 0 (s.see x e))
    (h : ∀ i < e.eval x s.regs, ∀ s' : State, I i s' → (∀ r < j, s'.regs.get r = s.regs.get r) →
      Step B j (new i) { s' with regs := s'.regs.set r i } (P.run x { s' with regs := s'.regs.set r i }) ∧
      I (i + 1) (P.run x { s' with regs := s'.regs.set r i })) :
    Step B j ((List.range (e.eval x s.regs)).flatMap new) s ((Prog.loop r e P).run x s) ∧
      I (e.eval x s.regs) ((Prog.loop r e P).run x s) := by
  suffices H : ∀ n, n ≤ e.eval x s.regs →
      Step B j ((List.range n).flatMap new) s ((List.range n).foldl
        (fun s i => P.run x { s with regs := s.regs.set r i }) (s.see x e)) ∧
      I n ((List.range n).foldl (fun s i => P.run x { s with regs := s.regs.set r i }) (s.see x e)) from
    H _ (Nat.le_refl _)
  intro n hn
  induction n with
  | zero => exact ⟨see he, h₀⟩
  | succ n ih =>
    obtain ⟨ih, hI⟩ := ih (by omega)
    obtain ⟨h₁, h₂⟩ := h n (by omega) _ hI ih.keep
    rw [List.range_succ, List.foldl_append, List.foldl_cons, List.foldl_nil, List.flatMap_append]
    refine ⟨ih.trans ?_ (Nat.le_refl _), h₂⟩
    simpa using (write hr).next h₁ (Nat.le_refl _)

end Step

end Logprec.Space
