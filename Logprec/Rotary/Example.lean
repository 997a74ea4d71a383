import Logprec.Rotary.Machines

/-!
# A transformer with rotary positions

An inhabitant of `Transformer.RotaryLinearSpace`: one layer, one head, one frequency of one radian per position. A
position attends to the ones at a distance whose cosine is positive. It shows that the hypotheses are satisfiable; no
claim is made about the language.
-/

namespace Logprec.Examples

open Term

/-- A rotary head: the query is the vector (1, 0), the key is the state, and the score is 1 if the logit is positive. -/
def relativeHead : RotaryHead 2 fun n => 4 * (n.log2 + 1) where
  c := 4
  freqs := [(1, 1)]
  freqs_le := by simp
  query _ _ _ := BitVec.ofNat _ 1
  key _ _ hj := hj
  score _ _ _ z := BitVec.ofNat _ (if 0 < z then 1 else 0)
  weighting _ _ _ s _ hj := if s.toNat = 1 then hj else 0

/-- A transformer with that head. Ones embed as (1, 0) and zeros as (0, 0). A word is accepted if a bit of the last
state is set, also a bit of an exponent. -/
def relative : Transformer where
  symbolBits := 1
  dim := 2
  prec n := 4 * (n.log2 + 1)
  embed _ _ σ := BitVec.ofNat _ σ.toNat
  blocks := [{ heads := [relativeHead.toHead], activation := fun _ _ as _ => as.headD 0 }]
  accept _ h := decide (h.toNat ≠ 0)

private theorem toNat_ofNat_small {w v : Nat} (hw : 0 < w) (hv : v < 2) : (BitVec.ofNat w v).toNat = v := by
  rw [BitVec.toNat_ofNat]
  exact Nat.mod_eq_of_lt (Nat.lt_of_lt_of_le hv (Nat.pow_le_pow_right (n := 2) (i := 1) (by omega) hw))

private theorem toNat_le {w n c : Nat} (v : BitVec w) {p : Nat} (h : w ≤ c * p) : v.toNat ≤ linearBound p n c :=
  Nat.le_trans (Nat.le_of_lt v.isLt) (Nat.pow_le_pow_right (by omega)
    (Nat.le_trans h (Nat.mul_le_mul_left c (by omega))))

/-- The local maps of the head are computable in linear space. -/
theorem relativeHead_programs : relativeHead.LinearSpacePrograms where
  query := by
    obtain ⟨P, c, hP⟩ := (lit 1).yields 3 2
    refine ⟨P, c, fun n i hi hin => ?_⟩
    have e : (relativeHead.query n i hi).toNat = (lit 1).eval [n, i, hi.toNat] :=
      toNat_ofNat_small (Nat.mul_pos (by decide) (by omega)) (by omega)
    rw [e]
    refine hP _ n _ rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
      toNat_le hi (Nat.le_refl _)⟩
  key := by
    obtain ⟨P, c, hP⟩ := (var 2).yields 3 2
    refine ⟨P, c, fun n j hj hjn => ?_⟩
    refine hP _ n [n, j, hj.toNat] rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
      toNat_le hj (Nat.le_refl _)⟩
  score := by
    obtain ⟨P, c, hP⟩ := (lt 0 (var 3)).yields 5 relativeHead.logitBits
    refine ⟨P, c, fun n i j z hin hjn hz => ?_⟩
    have e : (relativeHead.score n i j z).toNat = (lt 0 (var 3)).eval [n, i, j, z.toNat, (-z).toNat] := by
      refine (toNat_ofNat_small (by omega) (by split <;> omega)).trans ?_
      simp only [eval_lt, eval_ofNat, eval_var, List.getD_cons_succ, List.getD_cons_zero]
      by_cases h : 0 < z
      · rw [if_pos h, decide_eq_true (by omega)]; rfl
      · rw [if_neg h, decide_eq_false (by omega)]; rfl
    rw [e]
    refine hP _ n _ rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    have hc : 1 ≤ relativeHead.logitBits := by decide
    exact ⟨le_linearBound (by omega) hc, le_linearBound (by omega) hc, le_linearBound (by omega) hc, by omega, by omega⟩
  weighting := by
    obtain ⟨P, c, hP⟩ := (Term.ite (eq (var 3) 1) (var 5) 0).yields 6 2
    refine ⟨P, c, fun n i j s Z hj hin hjn => ?_⟩
    have e : (relativeHead.weighting n i j s Z hj).toNat =
        (Term.ite (eq (var 3) 1) (var 5) 0).eval [n, i, j, s.toNat, Z.toNat, hj.toNat] := by
      simp only [relativeHead, eval_ite, eval_eq, eval_ofNat, eval_var, List.getD_cons_succ, List.getD_cons_zero]
      by_cases h : s.toNat = 1 <;> simp [h]
    rw [e]
    refine hP _ n _ rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
      le_linearBound (by omega) (by omega), toNat_le s (by omega), toNat_le Z (by omega), toNat_le hj (Nat.le_refl _)⟩

/-- The local maps are computable in linear space by register programs. -/
theorem relative_rotaryPrograms : relative.RotaryLinearSpacePrograms where
  prec := by
    let t : Term := 4 * (log2 (var 0) + 1)
    refine ⟨t.program 1, 2 * t.deg, fun n => ?_⟩
    have := t.program_yields (args := [n]) (X := n + 2) (by omega) (by simp)
    exact ⟨by simpa [t, relative] using this.1, Nat.le_trans this.2 (pow_le_linearBound_zero n _)⟩
  embed := by
    obtain ⟨P, c, hP⟩ := (var 2).yields 3 1
    refine ⟨P, c, fun n i σ hin => ?_⟩
    have e : (relative.embed n i σ).toNat = (var 2).eval [n, i, σ.toNat] :=
      toNat_ofNat_small (Nat.mul_pos (by decide) (show 0 < 4 * (n.log2 + 1) by omega)) σ.isLt
    rw [e]
    refine hP _ n _ rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
      toNat_le σ (show 1 ≤ 1 * (4 * (n.log2 + 1)) by omega)⟩
  heads B hB H hH := by
    simp only [relative, List.mem_singleton] at hB
    subst hB
    simp only [List.mem_singleton] at hH
    exact ⟨relativeHead, relativeHead_programs, hH⟩
  activation B hB := by
    simp only [relative, List.mem_singleton] at hB
    subst hB
    obtain ⟨P, c, hP⟩ := (var 3).yields 4 2
    refine ⟨P, c, fun n i as hi hin hlen => ?_⟩
    match as, hlen with
    | [a], _ =>
      refine hP _ n [n, i, hi.toNat, a.toNat] rfl ?_
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨le_linearBound (by omega) (by omega), le_linearBound (by omega) (by omega),
        toNat_le hi (Nat.le_refl _), toNat_le a (Nat.le_refl _)⟩
  accept := by
    obtain ⟨P, c, hP⟩ := (truth (var 1)).yields 2 2
    refine ⟨P, c, fun n h => ?_⟩
    have e : (relative.accept n h).toNat = (truth (var 1)).eval [n, h.toNat] := by
      simp [relative]
    rw [e]
    refine hP _ n _ rfl ?_
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨le_linearBound (by omega) (by omega), toNat_le h (Nat.le_refl _)⟩

/-- **The hypotheses about rotary transformers are satisfiable.** -/
theorem relative_rotaryLinearSpace : relative.RotaryLinearSpace :=
  (Transformer.rotaryLinearSpace_iff (c := 4) fun _ => Nat.le_refl _).2 relative_rotaryPrograms

/-- Its language is in log-uniform TC0. -/
theorem relative_logUniformTC0 : Class.LogUniformTC0 relative.language :=
  (relative_rotaryPrograms.language_mem_logUniformTC0 (c := 4) fun _ => Nat.le_refl _).1

end Logprec.Examples
