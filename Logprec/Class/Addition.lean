import Logprec.Class.Pairing
import Logprec.Arith.Template.IteratedSum

/-!
# Iterated addition is in log-uniform TC0

A bit string is read as a list of numbers of equal width: how many and how wide is computed from its length by terms.
The sum is printed with all its bits. For strings of any length `m`, `⌊√m⌋` numbers of `⌊√m⌋` bits are a natural
reading: for `m = n²` these are `n` numbers of `n` bits, and every bit of the string is used.
-/

namespace Logprec

open Circuit

/-! ## Square roots -/

/-- The square root, rounded down. -/
def isqrt : Nat → Nat
  | 0 => 0
  | m + 1 => if (isqrt m + 1) * (isqrt m + 1) ≤ m + 1 then isqrt m + 1 else isqrt m

/-- What the square root is. -/
theorem isqrt_spec (m : Nat) : isqrt m * isqrt m ≤ m ∧ m < (isqrt m + 1) * (isqrt m + 1) := by
  induction m with
  | zero => exact ⟨Nat.le_refl _, by decide⟩
  | succ m ih =>
    rw [isqrt]
    split
    · next h =>
      refine ⟨h, ?_⟩
      have := ih.2
      rw [show (isqrt m + 1 + 1) * (isqrt m + 1 + 1) = (isqrt m + 1) * (isqrt m + 1) + 2 * (isqrt m + 1) + 1 by grind]
      omega
    · next h => exact ⟨by omega, by omega⟩

/-- The square root of a square. -/
theorem isqrt_mul_self (n : Nat) : isqrt (n * n) = n := by
  obtain ⟨h₁, h₂⟩ := isqrt_spec (n * n)
  have := Nat.mul_self_le_mul_self_iff.1 h₁
  have := Nat.mul_self_lt_mul_self_iff.1 h₂
  omega

/-- The square root is at most the number. -/
theorem isqrt_le_self (m : Nat) : isqrt m ≤ m := by
  induction m with
  | zero => exact Nat.le_refl _
  | succ m ih => rw [isqrt]; split <;> omega

/-- The square root of a variable, as a term. -/
def Term.isqrt (v : Term) : Term :=
  .iter v v 0 (.ite (.le ((.var 0 + 1) * (.var 0 + 1)) (.var 1 + 1)) (.var 0 + 1) (.var 0))

/-- Its value. -/
@[simp] theorem Term.eval_isqrt (v : Term) (ρ : List Nat) : v.isqrt.eval ρ = Logprec.isqrt (v.eval ρ) := by
  rw [Term.isqrt, Term.eval_iter]
  suffices H : ∀ k, k ≤ v.eval ρ → (List.range k).foldl (fun acc i => min (Term.eval (acc :: i :: ρ)
      (.ite (.le ((.var 0 + 1) * (.var 0 + 1)) (.var 1 + 1)) (.var 0 + 1) (.var 0))) (v.eval ρ))
      (min (Term.eval ρ 0) (v.eval ρ)) = Logprec.isqrt k from H _ (Nat.le_refl _)
  intro k hk
  induction k with
  | zero => simp [Logprec.isqrt]
  | succ k ih =>
    have h₁ := isqrt_le_self k
    rw [List.range_succ, List.foldl_append, ih (by omega), List.foldl_cons, List.foldl_nil, Logprec.isqrt]
    by_cases h : (Logprec.isqrt k + 1) * (Logprec.isqrt k + 1) ≤ k + 1
    · simp [h]; omega
    · simp [h]; omega

/-! ## Adding -/

namespace Class

/-- The sum of the `N` numbers of `B` bits that the string `x` begins with, with `sumWidth N B` bits: enough for every
such sum (`sum_lt`). -/
def addNumbers (N B : Nat) (x : List Bool) : List Bool :=
  bits (sumWidth N B) ((List.range N).map fun i => ofBits (block B x i)).sum

/-- Nothing is lost: the number that is printed is the sum. -/
theorem ofBits_addNumbers {N B : Nat} {x : List Bool} (h : N * B ≤ x.length) :
    ofBits (addNumbers N B x) = ((List.range N).map fun i => ofBits (block B x i)).sum := by
  have e : (List.range N).map (fun i => ofBits (block B (x.take (N * B)) i)) =
      (List.range N).map fun i => ofBits (block B x i) := by
    refine List.map_congr_left fun i hi => ?_
    have := Nat.mul_le_mul_right B (show i + 1 ≤ N from List.mem_range.1 hi)
    rw [Nat.add_mul] at this
    rw [block, block, List.drop_take, List.take_take, Nat.min_eq_left (by omega)]
  have := sum_lt (N := N) (B := B) (x := x.take (N * B)) (by simp [h])
  rw [e] at this
  rw [addNumbers, ofBits_bits, Nat.mod_eq_of_lt this]

private theorem eval_iteratedSum {N B : Nat} {x : List Bool} (h : N * B ≤ x.length) :
    (iteratedSum N B).eval x = addNumbers N B x := by
  have hC := computes_iteratedSum N B
  rw [← eval_take hC.wf (by simp [iteratedSum]), hC.eval_eq _ (by simp [h]), addNumbers]
  congr 2
  refine List.map_congr_left fun i hi => ?_
  have := Nat.mul_le_mul_right B (show i + 1 ≤ N from List.mem_range.1 hi)
  rw [Nat.add_mul] at this
  rw [block, block, List.drop_take, List.take_take, Nat.min_eq_left (by omega)]

/-- **Iterated addition is in log-uniform TC0**, in depth 4, for every reading of strings of length `m` as `N` numbers
of `B` bits in which `N` and `B` are terms in `m` (variable 0). -/
theorem logUniformTC0Function_addNumbers (N B : Term) (h : ∀ m, N.eval [m] * B.eval [m] ≤ m)
    (hN : ∀ m, N.eval [m] ≤ m) (hB : ∀ m, B.eval [m] ≤ m) :
    LogUniformTC0Function fun x => addNumbers (N.eval [x.length]) (B.eval [x.length]) x := by
  refine ⟨fun m => iteratedSum (N.eval [m]) (B.eval [m]), 4, 142 + 7, ⟨fun m => ?_, fun m => ?_, fun m => ?_⟩,
    fun x => eval_iteratedSum (h _),
    logUniform_iff.2 <| logSpaceGenerated_of_denotes (.var 0) fun m => Tmpl.denotesIn_iteratedSum [m] N B⟩
  · exact (computes_iteratedSum _ _).wf.mono (h m)
  · exact Nat.le_of_eq (depth_iteratedSum _ _)
  · refine Nat.le_trans (computes_iteratedSum _ _).size_le (Nat.le_trans (iteratedSumSize_le _ _) ?_)
    refine Nat.le_trans (Nat.mul_le_mul_left 142 ?_) (mul_pow_le_pow 142 m 7)
    rw [show 7 = 4 + 3 from rfl, Nat.pow_add]
    exact Nat.mul_le_mul (Nat.pow_le_pow_left (by have := hN m; omega) 4)
      (Nat.pow_le_pow_left (by have := hB m; omega) 3)

/-- **Iterated addition** of `⌊√m⌋` numbers of `⌊√m⌋` bits, for strings of every length `m`, is in log-uniform TC0. For
`m = n²` it adds `n` numbers of `n` bits (`isqrt_mul_self`). -/
theorem logUniformTC0Function_iteratedSum :
    LogUniformTC0Function fun x => addNumbers (isqrt x.length) (isqrt x.length) x := by
  have := logUniformTC0Function_addNumbers (Term.isqrt (.var 0)) (Term.isqrt (.var 0))
    (fun m => by simpa using (isqrt_spec m).1) (fun m => by simpa using isqrt_le_self m)
    (fun m => by simpa using isqrt_le_self m)
  simpa using this

end Class

end Logprec
