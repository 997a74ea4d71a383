import Logprec.Template.Derived

/-!
# Signed terms

Terms have natural numbers as values; a signed term is a pair of terms, whose value is their difference. So integer
arithmetic can be written in terms. A signed value is kept in one number as a distance from an offset.
-/

namespace Logprec

/-- A pair of terms that stands for the difference of their values. -/
structure Signed where
  /-- What is added. -/
  pos : Term
  /-- What is subtracted. -/
  neg : Term

namespace Signed

/-- The value: the difference. -/
def eval (ρ : List Nat) (s : Signed) : Int := s.pos.eval ρ - s.neg.eval ρ

/-- A term, as a signed term. -/
def ofTerm (t : Term) : Signed := ⟨t, 0⟩

/-- Sums. -/
instance : Add Signed := ⟨fun s t => ⟨s.pos + t.pos, s.neg + t.neg⟩⟩
/-- Differences. -/
instance : Sub Signed := ⟨fun s t => ⟨s.pos + t.neg, s.neg + t.pos⟩⟩
/-- Products. -/
instance : Mul Signed := ⟨fun s t => ⟨s.pos * t.pos + s.neg * t.neg, s.pos * t.neg + s.neg * t.pos⟩⟩

/-- Quotients by a positive term, rounded down. -/
def div (s : Signed) (d : Term) : Signed := ⟨(s.pos + (s.neg * d - s.neg)) / d, s.neg⟩

/-- The number for a signed value: its distance from `-offset`. -/
def code (s : Signed) (offset : Term) : Term := s.pos + offset - s.neg

section
variable (ρ : List Nat) (s t : Signed) (a d : Term)

/-- The value of a pair. -/
@[simp] theorem eval_mk (a b : Term) : eval ρ ⟨a, b⟩ = (a.eval ρ : Int) - b.eval ρ := rfl

/-- The value of a term. -/
@[simp] theorem eval_ofTerm : (ofTerm a).eval ρ = a.eval ρ := by simp [ofTerm, eval]

/-- The value of a sum. -/
@[simp] theorem eval_add : (s + t).eval ρ = s.eval ρ + t.eval ρ := by
  show ((s.pos + t.pos).eval ρ : Int) - ((s.neg + t.neg).eval ρ : Nat) = _
  simp only [eval, Term.eval_add]
  omega

/-- The value of a difference. -/
@[simp] theorem eval_sub : (s - t).eval ρ = s.eval ρ - t.eval ρ := by
  show ((s.pos + t.neg).eval ρ : Int) - ((s.neg + t.pos).eval ρ : Nat) = _
  simp only [eval, Term.eval_add]
  omega

/-- The value of a product. -/
@[simp] theorem eval_mul : (s * t).eval ρ = s.eval ρ * t.eval ρ := by
  show ((s.pos * t.pos + s.neg * t.neg).eval ρ : Int) - ((s.pos * t.neg + s.neg * t.pos).eval ρ : Nat) = _
  simp only [eval, Term.eval_add, Term.eval_mul, Int.natCast_add, Int.natCast_mul]
  grind

/-- The value of a quotient. -/
theorem eval_div (hd : 0 < d.eval ρ) : (s.div d).eval ρ = s.eval ρ / d.eval ρ := by
  simp only [div, eval, Term.eval_div, Term.eval_add, Term.eval_sub, Term.eval_mul]
  generalize s.pos.eval ρ = p, s.neg.eval ρ = n at *
  generalize d.eval ρ = d at *
  have h₁ : n ≤ n * d := Nat.le_mul_of_pos_right n hd
  have h₂ : ((p + (n * d - n) : Nat) : Int) = (p - n : Int) + n * d := by
    rw [Int.natCast_add, Int.natCast_sub h₁, Int.natCast_mul]; omega
  rw [Int.natCast_ediv, h₂, Int.add_mul_ediv_right _ _ (by omega)]
  omega

/-- The number for a signed value. -/
@[simp] theorem eval_code : (s.code a).eval ρ = (s.eval ρ + a.eval ρ).toNat := by
  simp only [code, eval, Term.eval_add, Term.eval_sub]
  omega

end

end Signed

end Logprec
