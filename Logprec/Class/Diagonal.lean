import Logprec.Class.Basic

/-!
# Log-uniform TC0 is a proper part of TC0

A diagonal argument: there are only countably many programs, and one length for each is enough to differ from the
family that it prints. The language of the proof depends on the length only, so it is in TC0; and no register program
(`Space.Prog`: its loops are `for` loops) prints circuits that decide it, in whatever space.
-/

namespace Logprec

namespace Space

/-- Two numbers as one: `2 ^ a * (2 * b + 1)`. -/
private def pair (a b : Nat) : Nat := 2 ^ a * (2 * b + 1)

private theorem pair_inj {a b a' b' : Nat} (h : pair a b = pair a' b') : a = a' ∧ b = b' := by
  induction a generalizing a' with
  | zero =>
    cases a' with
    | zero => simp only [pair] at h; omega
    | succ a' => rw [pair, pair, Nat.pow_succ', Nat.mul_assoc] at h; omega
  | succ a ih =>
    cases a' with
    | zero => rw [pair, pair, Nat.pow_succ', Nat.mul_assoc] at h; omega
    | succ a' =>
      rw [pair, pair, Nat.pow_succ', Nat.pow_succ', Nat.mul_assoc, Nat.mul_assoc] at h
      have := ih (a' := a') (by simp only [pair]; omega)
      omega

/-- The number of an expression. -/
def Expr.number : Expr → Nat
  | lit n => pair 0 n
  | reg r => pair 1 r
  | len => pair 2 0
  | inputBit i => pair 3 i.number
  | add a b => pair 4 (pair a.number b.number)
  | sub a b => pair 5 (pair a.number b.number)
  | mul a b => pair 6 (pair a.number b.number)
  | div a b => pair 7 (pair a.number b.number)
  | mod a b => pair 8 (pair a.number b.number)
  | eq a b => pair 9 (pair a.number b.number)
  | lt a b => pair 10 (pair a.number b.number)

/-- The number of a program. -/
def Prog.number : Prog → Nat
  | skip => pair 0 0
  | set r e => pair 1 (pair r e.number)
  | seq P Q => pair 2 (pair P.number Q.number)
  | ite e P Q => pair 3 (pair e.number (pair P.number Q.number))
  | loop r e P => pair 4 (pair r (pair e.number P.number))
  | emit e => pair 5 e.number

/-- Different expressions have different numbers. -/
theorem Expr.number_inj {e e' : Expr} (h : e.number = e'.number) : e = e' := by
  induction e generalizing e' <;> cases e' <;> simp only [number] at h <;> grind [pair_inj]

/-- Different programs have different numbers: programs are countable. -/
theorem Prog.number_inj {P P' : Prog} (h : P.number = P'.number) : P = P' := by
  induction P generalizing P' <;> cases P' <;> simp only [number] at h <;> grind [pair_inj, Expr.number_inj]

end Space

namespace Class

open Space

/-- The family is printed by a register program, in whatever space. -/
def Printed (C : Family) : Prop := ∃ P : Prog, ∀ n, P.output (ones n) = Circuit.encode n (C n)

/-- Log-space uniform families are printed by a program. -/
theorem LogUniform.printed {C : Family} : LogUniform C → Printed C :=
  fun h => let ⟨P, _, h⟩ := logUniform_iff.1 h; ⟨P, fun n => (h n).1⟩

/-- Program number `n` does not print, on `1ⁿ`, a circuit that accepts `1ⁿ`. -/
def Diagonal (n : Nat) : Prop :=
  ¬ ∃ (P : Prog) (C : Circuit),
    P.number = n ∧ Circuit.decode (P.output (ones n)) = some (n, C) ∧ C.eval (ones n) = [true]

/-- No family that a register program prints decides the diagonal language; the space that the program uses, and the
depth and the size of the circuits, do not matter. -/
theorem not_decides_diagonal {C : Family} (h : Printed C) : ¬ Decides C fun x => Diagonal x.length := by
  obtain ⟨P, hP⟩ := h
  intro hC
  obtain ⟨b, hb, hD⟩ := hC (ones P.number)
  simp only [ones, List.length_replicate] at hb hD
  have : Diagonal P.number ↔ ¬ b = true := by
    refine not_congr ⟨?_, fun h => ⟨P, C P.number, rfl, by rw [hP, Circuit.decode_encode], by rw [ones, hb, h]⟩⟩
    rintro ⟨P', C', hn, hdec, hacc⟩
    obtain rfl := Prog.number_inj hn
    rw [hP, Circuit.decode_encode] at hdec
    obtain rfl : C P'.number = C' := by simpa using hdec
    rw [ones, hb] at hacc
    simpa using hacc
  rw [this] at hD
  cases b <;> simp at hD

/-- Some language is in TC0 and not in log-uniform TC0; it depends on the length only. -/
theorem exists_length_tc0_not_logUniformTC0 :
    ∃ S : Nat → Prop, TC0 (fun x => S x.length) ∧ ¬ LogUniformTC0 fun x => S x.length :=
  ⟨Diagonal, tc0_of_length _, fun ⟨_, _, _, _, hC, hP⟩ => not_decides_diagonal hP.printed hC⟩

/-- Some language is not in log-uniform TC0. -/
theorem exists_not_logUniformTC0 : ∃ L, ¬ LogUniformTC0 L :=
  let ⟨_, _, h⟩ := exists_length_tc0_not_logUniformTC0
  ⟨_, h⟩

/-- Log-uniform TC0 is not TC0; as it is contained in TC0 (`LogUniformTC0.tc0`), it is a proper part. -/
theorem logUniformTC0_ne_tc0 : LogUniformTC0 ≠ TC0 := by
  obtain ⟨S, hS, h⟩ := exists_length_tc0_not_logUniformTC0
  exact fun e => h (e ▸ hS)

end Class

end Logprec
