import Logprec.Class.Basic

/-!
# Generating a family in another length

A family for words of `n` symbols, each written in `b` bits, has its circuit for the `b · n` input bits; what is between
these lengths gets some other circuit. If the first is generated in logarithmic space in terms of `n`, then the whole is
in terms of the number of bits: the program reads its input as if it were the shorter one.
-/

namespace Logprec.Space

/-- The expression that has on `1ᴺ` the value that the given one has on `1 ^ (N / b)`. -/
def Expr.shorten (b : Nat) : Expr → Expr
  | lit n => lit n
  | reg r => reg r
  | len => div len (lit b)
  | inputBit i => lt (i.shorten b) (div len (lit b))
  | add u v => add (u.shorten b) (v.shorten b)
  | sub u v => sub (u.shorten b) (v.shorten b)
  | mul u v => mul (u.shorten b) (v.shorten b)
  | div u v => div (u.shorten b) (v.shorten b)
  | mod u v => mod (u.shorten b) (v.shorten b)
  | eq u v => eq (u.shorten b) (v.shorten b)
  | lt u v => lt (u.shorten b) (v.shorten b)

/-- The program that does on `1ᴺ` what the given one does on `1 ^ (N / b)`. -/
def Prog.shorten (b : Nat) : Prog → Prog
  | skip => skip
  | set r e => set r (e.shorten b)
  | seq P Q => seq (P.shorten b) (Q.shorten b)
  | ite e P Q => ite (e.shorten b) (P.shorten b) (Q.shorten b)
  | loop r e P => loop r (e.shorten b) (P.shorten b)
  | emit e => emit (e.shorten b)

private theorem getD_ones (n i : Nat) : ((ones n).getD i false).toNat = (decide (i < n)).toNat := by
  by_cases h : i < n <;> simp [ones, h]

private theorem eval_shorten (b N : Nat) (s : Regs) (e : Expr) :
    (e.shorten b).eval (ones N) s = e.eval (ones (N / b)) s := by
  induction e with
  | lit => rfl
  | reg => rfl
  | len => simp [Expr.shorten, Expr.eval, ones]
  | inputBit i ih => rw [Expr.eval, getD_ones, ← ih]; simp [Expr.shorten, Expr.eval, ones]
  | _ u v ihu ihv => simp only [Expr.shorten, Expr.eval, ihu, ihv]

private theorem peak_shorten (b N : Nat) (s : Regs) (e : Expr) :
    (e.shorten b).peak (ones N) s ≤ max (e.peak (ones (N / b)) s) (N + b + 1) := by
  have hdiv := Nat.div_le_self N b
  induction e with
  | lit => exact Nat.le_max_left ..
  | reg => exact Nat.le_max_left ..
  | len => simp [Expr.shorten, Expr.peak, Expr.eval, ones]; omega
  | inputBit i ih =>
    have h₁ := eval_shorten b N s (.inputBit i)
    simp only [Expr.shorten] at h₁
    simp only [Expr.shorten, Expr.peak, h₁]
    simp [Expr.eval, ones] at ih ⊢
    omega
  | _ u v ihu ihv =>
    simp only [Expr.shorten, Expr.peak, Expr.eval, eval_shorten]
    omega

/-- The states of a program on `1 ^ (N / b)` and of the shortened one on `1ᴺ`: the same, but for the peak. -/
private structure Alike (M : Nat) (s t : State) : Prop where
  regs : t.regs = s.regs
  out : t.out = s.out
  peak_le : t.peak ≤ max s.peak M

namespace Alike

variable {b N M : Nat} {s t : State}

private theorem see (H : Alike M s t) (hM : N + b + 1 ≤ M) (e : Expr) :
    Alike M (s.see (ones (N / b)) e) (t.see (ones N) (e.shorten b)) where
  regs := H.regs
  out := H.out
  peak_le := by
    have := H.peak_le
    have := peak_shorten b N s.regs e
    simp only [State.see, H.regs]
    omega

private theorem eval (H : Alike M s t) (e : Expr) :
    (e.shorten b).eval (ones N) t.regs = e.eval (ones (N / b)) s.regs := by
  rw [H.regs, eval_shorten]

private theorem write (H : Alike M s t) (r v : Nat) :
    Alike M { s with regs := s.regs.set r v } { t with regs := t.regs.set r v } :=
  ⟨by simp only [H.regs], H.out, H.peak_le⟩

private theorem run (P : Prog) (H : Alike M s t) (hM : N + b + 1 ≤ M) :
    Alike M (P.run (ones (N / b)) s) ((P.shorten b).run (ones N) t) := by
  induction P generalizing s t with
  | skip => exact H
  | set r e =>
    simp only [Prog.shorten, Prog.run, H.eval]
    exact (H.see hM e).write _ _
  | seq P Q ihP ihQ => exact ihQ (ihP H)
  | ite e P Q ihP ihQ =>
    simp only [Prog.shorten, Prog.run, H.eval]
    split
    · exact ihP (H.see hM e)
    · exact ihQ (H.see hM e)
  | loop r e P ih =>
    simp only [Prog.shorten, Prog.run, H.eval]
    have rounds (l : List Nat) : ∀ {s t : State}, Alike M s t →
        Alike M (l.foldl (fun s i => P.run (ones (N / b)) { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.shorten b).run (ones N) { t with regs := t.regs.set r i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun H => ihl (ih (H.write r i))
    exact rounds _ (H.see hM e)
  | emit e =>
    simp only [Prog.shorten, Prog.run, H.eval]
    have H' := H.see hM e
    exact ⟨H'.regs, by simp only [H.out], H'.peak_le⟩

end Alike

/-- A function of `1ᴺ` that is one log-space generated function of `N / b` when `b` divides `N`, and another one of `N`
when not, is log-space generated. -/
theorem LogSpaceGenerated.blocks {F G : Nat → List Nat} (hF : LogSpaceGenerated F) (hG : LogSpaceGenerated G)
    (b : Nat) :
    LogSpaceGenerated fun N => if b ∣ N then F (N / b) else G N := by
  obtain ⟨P, c, hP⟩ := hF
  obtain ⟨Q, d, hQ⟩ := hG
  refine ⟨.ite (.mod .len (.lit b)) (Q.shorten 1) (P.shorten b), c + d + (b + 3), fun N => ?_⟩
  have start : Alike (N + b + 2) {} (State.see (ones N) {} (.mod .len (.lit b))) := by
    refine ⟨rfl, rfl, ?_⟩
    have := Nat.mod_le N b
    simp [State.see, Expr.peak, Expr.eval, ones]
    omega
  have hM : N + b + 2 ≤ (N + 2) ^ (c + d + (b + 3)) := by
    have h₁ := Class.const_le_pow b N
    have h₂ := Class.pow_add_pow_le N b 1
    have h₃ : (N + 2) ^ (b + 1 + 1) ≤ (N + 2) ^ (c + d + (b + 3)) := Nat.pow_le_pow_right (by omega) (by omega)
    simp only [Nat.pow_one] at h₂
    omega
  have hrun : (Prog.ite (.mod .len (.lit b)) (Q.shorten 1) (P.shorten b)).run (ones N) {} =
      if b ∣ N then (P.shorten b).run (ones N) (State.see (ones N) {} (.mod .len (.lit b)))
      else (Q.shorten 1).run (ones N) (State.see (ones N) {} (.mod .len (.lit b))) := by
    rw [Prog.run]
    by_cases h : b ∣ N
    · rw [if_pos h, if_neg (by simpa [Expr.eval, ones] using Nat.mod_eq_zero_of_dvd h)]
    · rw [if_neg h, if_pos (by simpa [Expr.eval, ones] using fun e => h (Nat.dvd_of_mod_eq_zero e))]
  show _ = (if b ∣ N then F (N / b) else G N) ∧ _
  rw [Prog.output, Prog.peak, hrun]
  by_cases h : b ∣ N
  · obtain ⟨hout, hpeak⟩ := hP (N / b)
    have H := start.run (N := N) (b := b) P (by omega)
    have h₁ : (N / b + 2) ^ c ≤ (N + 2) ^ c := Nat.pow_le_pow_left (Nat.add_le_add_right (Nat.div_le_self _ _) 2) c
    have h₂ : (N + 2) ^ c ≤ (N + 2) ^ (c + d + (b + 3)) := Nat.pow_le_pow_right (by omega) (by omega)
    have h₃ := H.peak_le
    rw [Prog.peak] at hpeak
    rw [if_pos h, H.out]
    exact ⟨by rw [← Prog.output, hout, if_pos h], by omega⟩
  · obtain ⟨hout, hpeak⟩ := hQ N
    have H := start.run (N := N) (b := 1) Q (by omega)
    rw [Nat.div_one] at H
    have h₂ : (N + 2) ^ d ≤ (N + 2) ^ (c + d + (b + 3)) := Nat.pow_le_pow_right (by omega) (by omega)
    have h₃ := H.peak_le
    rw [Prog.peak] at hpeak
    rw [if_neg h, H.out]
    exact ⟨by rw [← Prog.output, hout, if_neg h], by omega⟩

end Logprec.Space
