import Logprec.Class.Basic
import Logprec.Space.Basic

/-!
# Log-uniform TC0 is closed under complement

The text of the complementary circuit is the text of the circuit, without its last number (the mark that ends it),
and then a fixed text: a NOT layer. A program that prints is made into one that prints one number late; so it still
holds the last number when it ends, and need not print it.
-/

namespace Logprec

namespace Space

/-! ## Registers that a program uses -/

/-- All registers of the expression are below this number. -/
def Expr.bound : Expr → Nat
  | lit _ | len => 0
  | reg r => r + 1
  | inputBit i => i.bound
  | add a b | sub a b | mul a b | div a b | mod a b | eq a b | lt a b => max a.bound b.bound

/-- All registers of the program are below this number. -/
def Prog.bound : Prog → Nat
  | skip => 0
  | set r e => max (r + 1) e.bound
  | seq P Q => max P.bound Q.bound
  | ite e P Q => max e.bound (max P.bound Q.bound)
  | loop r e P => max (r + 1) (max e.bound P.bound)
  | emit e => e.bound

/-- The value of an expression depends on its registers only. -/
theorem Expr.eval_congr {x : List Bool} {s t : Regs} {e : Expr} (h : ∀ r < e.bound, t.get r = s.get r) :
    e.eval x t = e.eval x s := by
  induction e with
  | lit => rfl
  | len => rfl
  | reg r => exact h r (Nat.lt_succ_self r)
  | inputBit i ih => simp only [eval, ih h]
  | _ a b iha ihb =>
    simp only [eval, iha fun r hr => h r (Nat.lt_of_lt_of_le hr (Nat.le_max_left ..)),
      ihb fun r hr => h r (Nat.lt_of_lt_of_le hr (Nat.le_max_right ..))]

/-- The peak of an expression depends on its registers only. -/
theorem Expr.peak_congr {x : List Bool} {s t : Regs} {e : Expr} (h : ∀ r < e.bound, t.get r = s.get r) :
    e.peak x t = e.peak x s := by
  induction e with
  | lit => rfl
  | len => rfl
  | reg r => exact h r (Nat.lt_succ_self r)
  | inputBit i ih => simp only [peak, ih h, eval_congr (e := .inputBit i) h]
  | _ a b iha ihb =>
    simp only [peak, eval_congr h, iha fun r hr => h r (Nat.lt_of_lt_of_le hr (Nat.le_max_left ..)),
      ihb fun r hr => h r (Nat.lt_of_lt_of_le hr (Nat.le_max_right ..))]

/-! ## Printing late -/

/-- The program that prints every number of `P` when the next one comes; so it does not print the last one. Register
`h` holds the number that waits, register `h + 1` says whether there is one. -/
def Prog.late (h : Nat) : Prog → Prog
  | skip => skip
  | set r e => set r e
  | seq P Q => seq (P.late h) (Q.late h)
  | ite e P Q => ite e (P.late h) (Q.late h)
  | loop r e P => loop r e (P.late h)
  | emit e => seq (ite (.reg (h + 1)) (emit (.reg h)) skip) (seq (set h e) (set (h + 1) (.lit 1)))

/-- The states of a program and of the one that prints late: the same registers, but one number less printed, which
waits in register `h`. -/
private structure Late (h : Nat) (s t : State) : Prop where
  regs : ∀ r < h, t.regs.get r = s.regs.get r
  out : t.out = s.out.tail
  waits : t.regs.get (h + 1) = if s.out = [] then 0 else 1
  held : ∀ a ∈ s.out.head?, t.regs.get h = a
  held_le : t.regs.get h ≤ s.peak
  peak_le : t.peak ≤ max s.peak 1

namespace Late

variable {h : Nat} {s t : State} {x : List Bool} {e : Expr}

private theorem see (H : Late h s t) (he : e.bound ≤ h) : Late h (s.see x e) (t.see x e) where
  regs := H.regs
  out := H.out
  waits := H.waits
  held := H.held
  held_le := Nat.le_trans H.held_le (Nat.le_max_left ..)
  peak_le := by
    have := H.peak_le
    have := Expr.peak_congr (x := x) (s := s.regs) (t := t.regs) (e := e) fun r hr => H.regs r (by omega)
    simp only [State.see]
    omega

private theorem write (H : Late h s t) {r v : Nat} (hr : r < h) :
    Late h { s with regs := s.regs.set r v } { t with regs := t.regs.set r v } where
  regs r' hr' := by simp only [Regs.get_set, H.regs r' hr']
  out := H.out
  waits := by rw [Regs.get_set, if_neg (by omega)]; exact H.waits
  held := by rw [Regs.get_set, if_neg (by omega)]; exact H.held
  held_le := by rw [Regs.get_set, if_neg (by omega)]; exact H.held_le
  peak_le := H.peak_le

private theorem eval (H : Late h s t) (he : e.bound ≤ h) : e.eval x t.regs = e.eval x s.regs :=
  Expr.eval_congr fun r hr => H.regs r (by omega)

private theorem emit (H : Late h s t) (he : e.bound ≤ h) :
    Late h ((Prog.emit e).run x s) (((Prog.emit e).late h).run x t) := by
  have he' := H.eval (x := x) he
  have hp := Expr.peak_congr (x := x) (s := s.regs) (t := t.regs) (e := e) fun r hr => H.regs r (by omega)
  -- what waits is printed
  have first : ∃ t', (Prog.ite (.reg (h + 1)) (.emit (.reg h)) .skip).run x t = t' ∧ t'.regs = t.regs ∧
      t'.out = s.out ∧ t'.peak ≤ max s.peak 1 := by
    refine ⟨_, rfl, ?_⟩
    have h₁ := H.out
    have h₂ := H.waits
    have h₃ := H.held
    have h₄ := H.held_le
    have h₅ := H.peak_le
    rcases hs : s.out with _ | ⟨a, l⟩
    · simp only [hs] at h₁ h₂
      simp only [Prog.run, Expr.eval, h₂, State.see, Expr.peak]
      simp [h₁]
      omega
    · simp only [hs, List.head?_cons, Option.mem_some_iff, forall_eq'] at h₁ h₂ h₃
      simp only [Prog.run, Expr.eval, h₂, State.see, Expr.peak]
      simp [h₁, h₃]
      omega
  obtain ⟨t', e', hregs, hout, hpeak⟩ := first
  have hle := e.eval_le_peak x s.regs
  rw [Prog.late, Prog.run, e', Prog.run, Prog.run, Prog.run, Prog.run]
  refine ⟨fun r hr => ?_, ?_, ?_, ?_, ?_, ?_⟩
  · rw [Regs.get_set, if_neg (by omega), Regs.get_set, if_neg (by omega), hregs]; exact H.regs r hr
  · exact hout
  · simp [Expr.eval]
  · simp [Regs.get_set, hregs, he']
  · simp only [Regs.get_set, State.see, hregs, he']; simp; omega
  · simp only [State.see, Expr.peak, Expr.eval, hregs, hp]; omega

private theorem run (P : Prog) (H : Late h s t) (hP : P.bound ≤ h) : Late h (P.run x s) ((P.late h).run x t) := by
  induction P generalizing s t with
  | skip => exact H
  | set r e =>
    simp only [Prog.bound] at hP
    simp only [Prog.late, Prog.run]
    rw [H.eval (by omega)]
    exact (H.see (by omega)).write (by omega)
  | seq P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    exact ihQ (ihP H (by omega)) (by omega)
  | ite e P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    simp only [Prog.late, Prog.run, H.eval (show e.bound ≤ h by omega)]
    split
    · exact ihP (H.see (by omega)) (by omega)
    · exact ihQ (H.see (by omega)) (by omega)
  | loop r e P ih =>
    simp only [Prog.bound] at hP
    simp only [Prog.late, Prog.run, H.eval (show e.bound ≤ h by omega)]
    have H := H.see (x := x) (e := e) (by omega)
    have rounds (l : List Nat) : ∀ {s t : State}, Late h s t →
        Late h (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.late h).run x { t with regs := t.regs.set r i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun H => ihl (ih (H.write (by omega)) (by omega))
    exact rounds _ H
  | emit e => exact H.emit hP

end Late

/-- Print the numbers. -/
def Prog.print : List Nat → Prog
  | [] => skip
  | a :: l => seq (emit (.lit a)) (Prog.print l)

private theorem run_print (x : List Bool) (l : List Nat) (s : State) :
    ((Prog.print l).run x s).out = l.reverse ++ s.out ∧ ((Prog.print l).run x s).peak ≤ max s.peak l.sum := by
  induction l generalizing s with
  | nil => exact ⟨rfl, Nat.le_max_left ..⟩
  | cons a l ih =>
    obtain ⟨h₁, h₂⟩ := ih ((Prog.emit (.lit a)).run x s)
    refine ⟨by rw [Prog.print, Prog.run, h₁]; simp [Prog.run, State.see, Expr.eval], ?_⟩
    rw [Prog.print, Prog.run]
    simp only [Prog.run, State.see, Expr.peak, Expr.eval, List.sum_cons] at h₂ ⊢
    omega

/-- The last number of a log-space generated list may be replaced by a fixed list. -/
theorem LogSpaceGenerated.dropLast_append {F : Nat → List Nat} (h : LogSpaceGenerated F) (l : List Nat) :
    LogSpaceGenerated fun n => (F n).dropLast ++ l := by
  obtain ⟨P, c, hP⟩ := h
  refine ⟨.seq (P.late P.bound) (.print l), c + (l.sum + 1), fun n => ?_⟩
  obtain ⟨hout, hpeak⟩ := hP n
  have H : Late P.bound (P.run (ones n) {}) ((P.late P.bound).run (ones n) {}) :=
    Late.run P ⟨fun _ _ => rfl, rfl, rfl, by simp, by simp [Regs.get], by simp⟩ (Nat.le_refl _)
  obtain ⟨h₁, h₂⟩ := run_print (ones n) l ((P.late P.bound).run (ones n) {})
  constructor
  · show _ = (F n).dropLast ++ l
    rw [Prog.output, Prog.run, h₁, H.out, ← hout, Prog.output]
    simp
  · rw [Prog.peak, Prog.run]
    rw [Prog.peak] at hpeak
    have := H.peak_le
    have h₃ : (n + 2) ^ c ≤ (n + 2) ^ (c + (l.sum + 1)) := Nat.pow_le_pow_right (by omega) (by omega)
    have h₄ := Class.const_le_pow (l.sum + 1) n
    have h₅ : (n + 2) ^ (l.sum + 1) ≤ (n + 2) ^ (c + (l.sum + 1)) := Nat.pow_le_pow_right (by omega) (by omega)
    omega

end Space

namespace Class

open Circuit

/-- A log-space uniform family stays so with a fixed circuit behind each of its circuits. -/
theorem LogUniform.append {C : Family} (h : LogUniform C) (D : Circuit) : LogUniform fun n => C n ++ D := by
  have e : (fun n => encode n (C n ++ D)) = fun n => (encode n (C n)).dropLast ++ (D.flatMap Layer.encode ++ [4]) := by
    funext n
    simp [encode, List.dropLast_cons_of_ne_nil]
  rw [logUniform_iff, e]
  exact (logUniform_iff.1 h).dropLast_append _

/-- Log-uniform TC0 is closed under complement. -/
theorem LogUniformTC0.compl {L : Language} : LogUniformTC0 L → LogUniformTC0 fun x => ¬ L x :=
  fun ⟨_, _, _, hC, hL, hU⟩ => ⟨_, _, _, hC.compl hL, hL.compl, hU.append _⟩

end Class

end Logprec
