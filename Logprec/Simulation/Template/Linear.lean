import Logprec.Simulation.Uniform

/-!
# Terms are computable in linear space

A term whose variables have linearly many bits is computed by a register program in linear space: `Term.yields`.
So it is enough to write a local map of a transformer as a term; what a term calls may again be a program
(`Term.apply`).
-/

namespace Logprec

open Space

namespace Term

/-- The program that computes a term from the values of its `k` variables. -/
def program (t : Term) (k : Nat) : Prog := .seq (t.compile (List.range k) k) (.set 0 (.reg k))

/-- The program of a term computes its value, with numbers that are a fixed power of the values of the variables. -/
theorem program_yields (t : Term) {args : List Nat} {X : Nat} (hX : 2 ≤ X) (h : ∀ v ∈ args, v + 2 ≤ X) :
    (t.program args.length).Yields args (X ^ t.deg) (t.eval args) := by
  have hs : (List.range args.length).map (Regs.get args) = args := by
    apply List.ext_getElem (by simp)
    intro i h₁ h₂
    simp [Regs.get, h₂]
  obtain ⟨h₁, h₂⟩ := t.run_compile (x := []) (loc := List.range args.length) (j := args.length)
    (s := { regs := args }) (fun r hr => List.mem_range.1 hr) hs hX h (Nat.le_refl _)
  have hv := t.eval_le hX h
  refine ⟨?_, ?_⟩
  · simp only [Prog.result, program, Prog.run, Expr.eval, h₂, Regs.get_set_self]
  · refine ((h₁.mono (Nat.zero_le _)).next (.set (x := []) (r := 0) (e := .reg args.length) ?_ (Nat.le_refl _))
      (Nat.le_refl _)).peak (Nat.zero_le _)
    simp only [Expr.peak, Expr.eval, h₂]
    omega

/-- **Terms are computable in linear space**: a term whose variables have linearly many bits is computed by one program
whose numbers have linearly many bits. -/
theorem yields (t : Term) (k c : Nat) : ∃ (P : Prog) (c' : Nat), ∀ p n args, args.length = k →
    (∀ v ∈ args, v ≤ linearBound p n c) → P.Yields args (linearBound p n c') (t.eval args) := by
  refine ⟨t.program k, (c + 2) * t.deg, fun p n args hk h => ?_⟩
  subst hk
  have h₁ : linearBound p n c + 2 ≤ linearBound p n (c + 2) := by
    have h₂ : c * (p + n.log2 + 1) + 2 ≤ (c + 2) * (p + n.log2 + 1) := by rw [Nat.add_mul]; omega
    have h₃ := Nat.pow_le_pow_right (show 0 < 2 by omega) h₂
    have h₄ := Nat.two_pow_pos (c * (p + n.log2 + 1))
    rw [Nat.pow_add] at h₃
    simp only [linearBound]
    omega
  have h₂ := Nat.two_pow_pos (c * (p + n.log2 + 1))
  have := t.program_yields (X := linearBound p n (c + 2)) (by simp only [linearBound] at h₁ ⊢; omega)
    fun v hv => Nat.le_trans (Nat.add_le_add_right (h v hv) 2) h₁
  rwa [linearBound, ← Nat.pow_mul,
    show (c + 2) * (p + n.log2 + 1) * t.deg = (c + 2) * t.deg * (p + n.log2 + 1) by grind] at this

end Term

/-- Positions have linearly many bits. -/
theorem le_linearBound {p n i c : Nat} (h : i ≤ n) (hc : 1 ≤ c) : i ≤ linearBound p n c := by
  have h₁ : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  have h₂ := Nat.mul_le_mul hc (show n.log2 + 1 ≤ p + n.log2 + 1 by omega)
  have h₃ := Nat.pow_le_pow_right (show 0 < 2 by omega) h₂
  rw [Nat.one_mul] at h₃
  simp only [linearBound]
  omega

/-- Vectors have linearly many bits. -/
theorem toNat_le_linearBound {p n d c : Nat} (v : BitVec (d * p)) (hc : d ≤ c) : v.toNat ≤ linearBound p n c := by
  have h₂ := Nat.mul_le_mul hc (show p ≤ p + n.log2 + 1 by omega)
  exact Nat.le_trans (Nat.le_of_lt v.isLt) (Nat.pow_le_pow_right (by omega) h₂)

end Logprec
