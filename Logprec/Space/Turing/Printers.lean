import Logprec.Space.Basic
import Logprec.Space.Turing.Binary

/-!
# Printers

What a register program that simulates a Turing machine does with the bits that the machine prints: it prints them, or
the numbers whose unary code they are, or keeps the number whose binary digits they are.
-/

namespace Logprec.Turing

namespace Simulate

open Space

/-- Evaluating a small expression keeps the peak small. -/
theorem see_le {x : List Bool} {s : State} {e : Expr} {B : Nat} (hs : s.peak ≤ B)
    (he : e.peak x s.regs ≤ B) : (s.see x e).peak ≤ B := Nat.max_le.2 ⟨hs, he⟩

/-- How a program prints what a machine prints: for every bit of the output, `print` is run. -/
structure Printer where
  /-- What is run for a bit. -/
  print : Bool → Prog
  /-- What is printed after the given bits; in both lists the last is the first. -/
  outs : List Bool → List Nat
  /-- What is in register 3 after the given bits, the last of which is the first in the list. -/
  count : List Bool → Nat
  /-- No number above it is handled for the given bits. -/
  size : List Bool → Nat
  /-- At first, nothing is printed. -/
  outs_nil : outs [] = []
  /-- At first, register 3 is 0. -/
  count_nil : count [] = 0
  /-- `print` does so, and handles no number above `B`. -/
  spec : ∀ (B : Nat) (x l : List Bool) (s : State) (b : Bool), s.regs.get 3 = count l → s.out = outs l →
    s.peak ≤ B → 2 ≤ B → size (b :: l) ≤ B → ((print b).run x s).out = outs (b :: l) ∧ ((print b).run x s).peak ≤ B ∧
      ((print b).run x s).regs.get 3 = count (b :: l) ∧
      ∀ r, r ≠ 3 → ((print b).run x s).regs.get r = s.regs.get r

/-- Print the bits. -/
def bits : Printer where
  print b := .emit (.lit b.toNat)
  outs l := l.map Bool.toNat
  count _ := 0
  size _ := 0
  outs_nil := rfl
  count_nil := rfl
  spec B x l s b h₃ ho hp h₂ hB := by
    have := b.toNat_le
    exact ⟨by simp [Prog.run, ho, Expr.eval], see_le hp (by simp only [Expr.peak, Expr.eval]; omega), h₃,
      fun _ _ => rfl⟩

/-- The number of ones at the end of the output; the last bit is the first in the list. -/
def trailing : List Bool → Nat
  | true :: l => trailing l + 1
  | _ => 0

/-- The numbers that are complete: those before a 0. The last is the first, as in the output. -/
def complete : List Bool → List Nat
  | [] => []
  | true :: l => complete l
  | false :: l => trailing l :: complete l

private theorem trailing_le : ∀ l, trailing l ≤ l.length
  | [] => Nat.le_refl _
  | true :: l => Nat.succ_le_succ (trailing_le l)
  | false :: _ => Nat.zero_le _

/-- Print the numbers whose unary code the machine prints. -/
def numbers : Printer where
  print b := if b then .set 3 (.add (.reg 3) (.lit 1)) else .seq (.emit (.reg 3)) (.set 3 (.lit 0))
  outs := complete
  count := trailing
  size l := l.length + 1
  outs_nil := rfl
  count_nil := rfl
  spec B x l s b h₃ ho hp h₂ hB := by
    have := trailing_le l
    simp only [List.length_cons] at hB
    cases b with
    | true =>
      refine ⟨ho, see_le hp (by simp only [Expr.peak, Expr.eval, h₃]; omega), ?_, fun r hr => Regs.get_set_ne hr⟩
      simp [Prog.run, Expr.eval, h₃, trailing]
    | false =>
      refine ⟨?_, see_le (see_le hp (by simp only [Expr.peak, Expr.eval, h₃]; omega)) (Nat.zero_le _), ?_,
        fun r hr => Regs.get_set_ne hr⟩
      · simp [Prog.run, State.see, Expr.eval, h₃, ho, complete]
      · simp [Prog.run, Expr.eval, trailing]

private theorem trailing_replicate (v : Nat) {l : List Bool} (h : trailing l = 0) :
    trailing (List.replicate v true ++ l) = v := by
  induction v with
  | zero => exact h
  | succ v ih => rw [List.replicate_succ, List.cons_append, trailing, ih]

private theorem complete_replicate (v : Nat) (l : List Bool) :
    complete (List.replicate v true ++ l) = complete l := by
  induction v with
  | zero => rfl
  | succ v ih => rw [List.replicate_succ, List.cons_append, complete, ih]

/-- The numbers of a unary code. -/
theorem complete_unary (l : List Nat) :
    trailing (unary l.reverse).reverse = 0 ∧ complete (unary l.reverse).reverse = l := by
  induction l with
  | nil => exact ⟨rfl, rfl⟩
  | cons v l ih =>
    have : (unary (v :: l).reverse).reverse = false :: (List.replicate v true ++ (unary l.reverse).reverse) := by
      simp [unary]
    rw [this]
    exact ⟨rfl, by rw [complete, trailing_replicate v ih.1, complete_replicate, ih.2]⟩

/-- Keep the number whose digits are printed, the highest first. -/
def value : Printer where
  print b := .set 3 (.add (.mul (.lit 2) (.reg 3)) (.lit b.toNat))
  outs _ := []
  count l := ofDigits l.reverse
  size l := ofDigits l.reverse
  outs_nil := rfl
  count_nil := rfl
  spec B x l s b h₃ ho hp h₂ hB := by
    rw [List.reverse_cons, ofDigits_append] at *
    refine ⟨ho, see_le hp (by simp only [Expr.peak, Expr.eval, h₃]; omega), ?_, fun r hr => Regs.get_set_ne hr⟩
    simp [Prog.run, Expr.eval, h₃]

end Simulate

end Logprec.Turing
