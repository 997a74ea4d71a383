import Logprec.Class.Diagonal
import Logprec.Class.After
import Logprec.Space.Turing.Length

/-!
# L and P

The languages that multi-tape machines decide in logarithmic space, and in polynomial time. A machine decides by its
output, which is one bit. L is contained in P, functions in logarithmic space compose, L is closed under log-space
reductions, and some language is not in it.
-/

namespace Logprec.Class

open Turing

/-- The language is in L: one multi-tape machine halts on every input `x` with one bit of output, which is 1 if and only
if `x` is in the language, and visits at most `c · log₂ (|x| + 2)` cells of its work tapes. -/
def LogSpace (A : Language) : Prop :=
  ∃ (M : Machine) (c : Nat), ∀ x, ∃ t b, M.HaltsWith x [b] t (c * (x.length + 2).log2) ∧ (b = true ↔ A x)

/-- The language is in P: one multi-tape machine halts on every input `x` after at most `(|x| + 2) ^ k` steps with one
bit of output, which is 1 if and only if `x` is in the language. -/
def PolyTime (A : Language) : Prop :=
  ∃ (M : Machine) (k : Nat), ∀ x, ∃ t s b,
    t ≤ (x.length + 2) ^ k ∧ M.HaltsWith x [b] t s ∧ (b = true ↔ A x)

open Classical in
/-- A language is in L when its characteristic function is computable in logarithmic space. -/
theorem logSpace_iff {A : Language} : LogSpace A ↔ LogSpaceComputable fun x => [decide (A x)] := by
  constructor
  · rintro ⟨M, c, h⟩
    refine ⟨M, c, fun x => ?_⟩
    obtain ⟨t, b, h, hb⟩ := h x
    have e : decide (A x) = b := by rw [← decide_eq_decide.2 hb, Bool.decide_eq_true]
    exact ⟨t, by simpa only [e] using h⟩
  · rintro ⟨M, c, h⟩
    refine ⟨M, c, fun x => ?_⟩
    obtain ⟨t, h⟩ := h x
    exact ⟨t, decide (A x), h, decide_eq_true_iff⟩

/-- **L is contained in P**: a machine in logarithmic space that halts does so in polynomial time. -/
theorem LogSpace.polyTime {A : Language} : LogSpace A → PolyTime A := by
  rintro ⟨M, c, h⟩
  refine ⟨M, M.steps c, fun x => ?_⟩
  obtain ⟨t, b, h, hb⟩ := h x
  exact ⟨_, _, b, Nat.le_refl _, h.poly_time, hb⟩

/-! ## Composition -/

private theorem pow_comp {n k m N : Nat} (h : N ≤ (n + 2) ^ k) : (N + 2) ^ m ≤ (n + 2) ^ ((k + 2) * m) := by
  rw [Nat.pow_mul]
  refine Nat.pow_le_pow_left ?_ m
  have := pow_add_pow_le n k 1
  simp only [Nat.pow_one] at this
  show _ ≤ (n + 2) ^ (k + 1 + 1)
  omega

/-- **Functions that are computable in logarithmic space compose.** -/
theorem _root_.Logprec.Turing.LogSpaceComputable.comp {f g : List Bool → List Bool} (hg : LogSpaceComputable g)
    (hf : LogSpaceComputable f) : LogSpaceComputable (g ∘ f) := by
  obtain ⟨m, hm⟩ := hf.length_le
  obtain ⟨P, k, hP⟩ := logSpaceComputable_iff.1 hf
  obtain ⟨Q, l, hQ⟩ := logSpaceComputable_iff.1 hg
  refine logSpaceComputable_iff.2 ⟨Q.after P, k + m + (m + 2) * l, fun x => ?_⟩
  have mono : ∀ i, i ≤ k + m + (m + 2) * l → (x.length + 2) ^ i ≤ (x.length + 2) ^ (k + m + (m + 2) * l) :=
    fun i hi => Nat.pow_le_pow_right (by omega) hi
  obtain ⟨h₁, h₂⟩ := Space.Prog.run_after (B := (x.length + 2) ^ (k + m + (m + 2) * l)) (hP x).1
    (Nat.le_trans (hP x).2 (mono _ (by omega)))
    (Nat.le_trans (hQ (f x)).2 (Nat.le_trans (pow_comp (hm x)) (mono _ (by omega))))
    (Nat.le_trans (hm x) (mono _ (by omega))) (Nat.pow_pos (by omega))
  exact ⟨h₁.trans (hQ (f x)).1, h₂⟩

/-- **L is closed under many-one reductions in logarithmic space.** -/
theorem LogSpace.comap {A : Language} {f : List Bool → List Bool} (hA : LogSpace A) (hf : LogSpaceComputable f) :
    LogSpace fun x => A (f x) := by
  classical
  exact logSpace_iff.2 ((logSpace_iff.1 hA).comp hf)

/-! ## Not everything is in L -/

/-- Program number `n` does not accept `1ⁿ`. -/
private def Rejected (n : Nat) : Prop := ¬ ∃ P : Space.Prog, P.number = n ∧ P.output (Space.ones n) = [1]

/-- **Some language is not in L**; membership depends on the length only. -/
theorem exists_not_logSpace : ∃ A : Language, ¬ LogSpace A := by
  classical
  refine ⟨fun x => Rejected x.length, fun h => ?_⟩
  obtain ⟨P, k, hP⟩ := logSpaceComputable_iff.1 (logSpace_iff.1 h)
  have e := (hP (Space.ones P.number)).1
  simp only [Space.ones, List.length_replicate] at e
  by_cases hr : Rejected P.number
  · exact hr ⟨P, rfl, by rw [Space.ones, e]; simp [hr]⟩
  · obtain ⟨P', hn, ho⟩ := Classical.not_not.1 hr
    obtain rfl := Space.Prog.number_inj hn
    rw [Space.ones, e] at ho
    simp [hr] at ho

end Logprec.Class
