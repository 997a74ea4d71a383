import Logprec.Rotary.Defs

/-!
# Rotary heads are computable in linear space

A term for the logit of a rotary head, from terms for its query and its key; hence a program in linear space for its
similarity. So transformers with rotary heads satisfy `Transformer.LinearSpace`, and their languages are in log-uniform
TC0 with the depth of every other transformer.
-/

namespace Logprec

open Space Term

namespace Signed

/-- The sum of a list. -/
def sum : List Signed → Signed
  | [] => ofTerm 0
  | s :: l => s + sum l

/-- The value of a sum. -/
theorem eval_sum (ρ : List Nat) : ∀ l : List Signed, (sum l).eval ρ = (l.map (eval ρ)).sum
  | [] => by simp [sum]
  | s :: l => by simp [sum, eval_sum ρ l]

end Signed

namespace Rotary

/-- A number in two's complement, as a signed term; `pow` is 2 to the number of its bits. -/
def intTerm (v pow : Term) : Signed := ⟨v, Term.ite (lt (2 * v) pow) 0 pow⟩

/-- Its value. -/
theorem eval_intTerm {ρ : List Nat} {v pow : Term} {w : Nat} {b : BitVec w} (hv : v.eval ρ = b.toNat)
    (hp : pow.eval ρ = 2 ^ w) : (intTerm v pow).eval ρ = b.toInt := by
  rw [intTerm, Signed.eval_mk, eval_ite, eval_lt, eval_mul, eval_ofNat, hv, hp, BitVec.toInt_eq_toNat_cond]
  by_cases h : 2 * b.toNat < 2 ^ w <;> simp [h]

/-- Coordinate `d` of the vector `v`; `big` is a number that is at least 2 to the number of its bits. -/
def coordTerm (v prec big : Term) (d : Nat) : Term := v / pow2 (lit d * prec) big % pow2 prec big

/-- Its value. -/
theorem eval_coordTerm {ρ : List Nat} {v prec big : Term} {E p d : Nat} {q : State E p} (hd : d < E)
    (hv : v.eval ρ = q.toNat) (hp : prec.eval ρ = p) (hb : 2 ^ (E * p) ≤ big.eval ρ) :
    (coordTerm v prec big d).eval ρ = (q.coord d).toNat ∧ (pow2 prec big).eval ρ = 2 ^ p := by
  have h : ∀ e ≤ E, min (2 ^ (e * p)) (big.eval ρ) = 2 ^ (e * p) := fun e he =>
    Nat.min_eq_left (Nat.le_trans (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_right p he)) hb)
  have h₁ := h 1 (by omega)
  rw [Nat.one_mul] at h₁
  refine ⟨?_, by rw [eval_pow2, hp, h₁]⟩
  rw [coordTerm, eval_mod, eval_div, eval_pow2, eval_pow2, eval_mul, eval_lit, hv, hp, h₁, h d (by omega)]
  simp [State.coord]

/-- Cosine and sine are at most `4` in magnitude. -/
theorem cosSin_le {P ℓ num den : Nat} {k : Int} (hden : 0 < den) (hnum : num ≤ den) (hk : k.natAbs ≤ 2 ^ ℓ) :
    (cosSin P ℓ num den k).1.natAbs ≤ 4 * 2 ^ P ∧ (cosSin P ℓ num den k).2.natAbs ≤ 4 * 2 ^ P := by
  have drop : ∀ z : Int, -(2 * unit P ℓ : Int) ≤ z → z ≤ 2 * unit P ℓ → (dropGuard P ℓ z).natAbs ≤ 4 * 2 ^ P := by
    intro z h₁ h₂
    have e₁ : (2 : Int) ^ guardBits P ℓ = 2 * 2 ^ (2 * rounds P ℓ + 3) := by rw [guardBits]; grind
    have e₂ : ((unit P ℓ : Nat) : Int) = 2 ^ P * (2 * 2 ^ (2 * rounds P ℓ + 3)) := by
      rw [unit, Nat.pow_add, Int.natCast_mul, ← e₁]; simp
    have hD : (0 : Int) < 2 ^ (2 * rounds P ℓ + 3) := Int.pow_pos (by decide)
    have hP : (0 : Int) < 2 ^ P := Int.pow_pos (by decide)
    rw [dropGuard, e₁]
    rw [e₂] at h₁ h₂
    generalize (2 : Int) ^ (2 * rounds P ℓ + 3) = d at *
    have l : -(2 * 2 ^ P : Int) ≤ (z + d) / (2 * d) := Int.le_ediv_of_mul_le (by omega) (by grind)
    have u : (z + d) / (2 * d) < 2 * 2 ^ P + 1 := Int.ediv_lt_of_lt_mul (by omega) (by grind)
    have e : ((2 ^ P : Nat) : Int) = 2 ^ P := by simp
    generalize (2 : Int) ^ P = t at *
    omega
  have h := squares_le (P := P) hden hnum hk (Nat.le_refl _)
  exact ⟨drop _ h.1.1 h.1.2, drop _ h.2.1 h.2.2⟩

/-- Cosine or sine, as a signed term. Variables: 0 is `n`, 1 is `i`, 2 is `j`. -/
def rotationTerm (c : Nat) (θ : Nat × Nat) (second : Bool) : Signed :=
  ⟨cosSinTerm c θ.1 θ.2 second, 4 * pow2 (lit c * (log2 (var 0) + 1)) (power (2 * (var 0 + 1)) c)⟩

section
variable {c n i j : Nat} {θ : Nat × Nat}

/-- Its value. -/
theorem eval_rotationTerm (h : 0 < θ.2 ∧ θ.1 ≤ θ.2) (hi : i < n) (hj : j < n) (ρ : List Nat) :
    (rotationTerm c θ false).eval (n :: i :: j :: ρ) = (cosSin (fracBits c n) (ell n) θ.1 θ.2 (i - j)).1 ∧
    (rotationTerm c θ true).eval (n :: i :: j :: ρ) = (cosSin (fracBits c n) (ell n) θ.1 θ.2 (i - j)).2 := by
  have hn := lt_two_pow_ell n
  have hle := cosSin_le (P := fracBits c n) (ℓ := ell n) (k := i - j) h.1 h.2 (by omega)
  have hb := Nat.pow_le_pow_left (two_pow_ell_le n) c
  rw [← Nat.pow_mul, Nat.mul_comm] at hb
  have ho : (4 * pow2 (lit c * (log2 (var 0) + 1)) (power (2 * (var 0 + 1)) c)).eval (n :: i :: j :: ρ) =
      4 * 2 ^ fracBits c n := by
    have := Nat.min_eq_left hb
    simp only [eval_mul, eval_ofNat, eval_pow2, eval_lit, eval_add, eval_log2, eval_var, eval_power,
      List.getD_cons_zero]
    exact congrArg (4 * ·) this
  constructor <;> rw [rotationTerm, Signed.eval_mk, eval_cosSinTerm h.1 h.2 hi hj, ho]
  · have := hle.1
    simp only [fracBits] at this ⊢
    simp only [Bool.false_eq_true, if_false]
    omega
  · have := hle.2
    simp only [fracBits] at this ⊢
    simp only [if_true]
    omega

/-- The term for the contribution of a pair. -/
def pairTerm (q k r : Signed × Signed) : Signed := (q.1 * k.1 + q.2 * k.2) * r.1 + (q.1 * k.2 - q.2 * k.1) * r.2

/-- Pair `f` of the vector `v`. -/
def coordsTerm (v prec big : Term) (f : Nat) : Signed × Signed :=
  (intTerm (coordTerm v prec big (2 * f)) (pow2 prec big), intTerm (coordTerm v prec big (2 * f + 1)) (pow2 prec big))

/-- The term for the logit, from terms for the query and the key. -/
def logitTerm (c : Nat) (freqs : List (Nat × Nat)) (q k prec big : Term) : Signed :=
  .sum (freqs.zipIdx.map fun θ => pairTerm (coordsTerm q prec big θ.2) (coordsTerm k prec big θ.2)
    (rotationTerm c θ.1 false, rotationTerm c θ.1 true))

/-- Its value. -/
theorem eval_logitTerm {freqs : List (Nat × Nat)} {p : Nat} {q k : State (2 * freqs.length) p} {tq tk prec big : Term}
    {ρ : List Nat} (hf : ∀ θ ∈ freqs, 0 < θ.2 ∧ θ.1 ≤ θ.2) (hi : i < n) (hj : j < n)
    (hq : tq.eval (n :: i :: j :: ρ) = q.toNat) (hk : tk.eval (n :: i :: j :: ρ) = k.toNat)
    (hp : prec.eval (n :: i :: j :: ρ) = p) (hb : 2 ^ (2 * freqs.length * p) ≤ big.eval (n :: i :: j :: ρ)) :
    (logitTerm c freqs tq tk prec big).eval (n :: i :: j :: ρ) = logit c freqs n i j q k := by
  rw [logitTerm, Signed.eval_sum, List.map_map, logit]
  congr 1
  refine List.map_congr_left fun θ hθ => ?_
  obtain ⟨θ, f⟩ := θ
  obtain ⟨hlt, he⟩ := List.mem_zipIdx' hθ
  have hθ := hf θ (he ▸ List.getElem_mem _)
  have hr := eval_rotationTerm (c := c) hθ hi hj ρ
  have cq := fun d hd => eval_coordTerm (d := d) hd hq hp hb
  have ck := fun d hd => eval_coordTerm (d := d) hd hk hp hb
  have q₁ := eval_intTerm (cq (2 * f) (by omega)).1 (cq (2 * f) (by omega)).2
  have q₂ := eval_intTerm (cq (2 * f + 1) (by omega)).1 (cq (2 * f) (by omega)).2
  have k₁ := eval_intTerm (ck (2 * f) (by omega)).1 (cq (2 * f) (by omega)).2
  have k₂ := eval_intTerm (ck (2 * f + 1) (by omega)).1 (cq (2 * f) (by omega)).2
  simp only [Function.comp, pairTerm, coordsTerm, Signed.eval_add, Signed.eval_mul, Signed.eval_sub, q₁, q₂, k₁, k₂,
    hr.1, hr.2, pairLogit, pair]

end

end Rotary

end Logprec
