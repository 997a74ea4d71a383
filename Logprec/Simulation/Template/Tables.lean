import Logprec.Float.Template.Sum
import Logprec.Simulation.Construct
import Logprec.Simulation.Template.Transformer
import Logprec.Template.Fold
import Logprec.Transformer.Mask
import Logprec.Transformer.Tables

/-!
# The template of a table model: proofs

The local maps of tables are terms. `Tables.output_program`: the register program that is printed as C outputs the
decision circuit. About the definitions in `Logprec.Simulation.Construct`.
-/

namespace Logprec

namespace Term

/-- The value of a decision tree. -/
theorem eval_select (ρ : List Nat) (f : Nat → Nat) {i : Nat} : ∀ {k lo : Nat}, lo ≤ i → i < lo + 2 ^ k →
    (select f k lo).eval (i :: ρ) = f i
  | 0, lo, h, h' => by
    obtain rfl : lo = i := by omega
    rfl
  | k + 1, lo, h, h' => by
    rw [Nat.pow_succ] at h'
    have h₁ := eval_select ρ f (i := i) (k := k) (lo := lo) h
    have h₂ := eval_select ρ f (i := i) (k := k) (lo := lo + 2 ^ k)
    rw [select]
    split
    · next v w e₁ e₂ =>
      rw [e₁] at h₁
      rw [e₂] at h₂
      simp only [eval_lit] at h₁ h₂
      by_cases hi : i < lo + 2 ^ k
      · split <;> simp [hi, h₁ hi]
      · have h₂ := h₂ (by omega) (by omega)
        split <;> simp [hi, h₂]
        omega
    · simp only [eval_ite, eval_lt, eval_var, eval_lit, List.getD_cons_zero]
      by_cases hi : i < lo + 2 ^ k
      · simp [hi, h₁]
      · simp [hi, h₂ (by omega) (by omega)]

theorem eval_table {q k m a u : Nat} {F : Nat → Nat} (ρ : List Nat) (ha : a < 2 ^ k) (hu : u < m) :
    (table q k m F).eval (a :: u :: ρ) = ((F a).testBit u).toNat := by
  generalize hs : packing q m = s
  have hc : a / 2 ^ s < 0 + 2 ^ (k - s) := by
    rw [Nat.zero_add, Nat.div_lt_iff_lt_mul (Nat.two_pow_pos s), ← Nat.pow_add]
    exact Nat.lt_of_lt_of_le ha (Nat.pow_le_pow_right (by omega) (by omega))
  have hr := Nat.mod_lt a (Nat.two_pow_pos s)
  have ht : a % 2 ^ s * m + u < 2 ^ s * m := by
    have := Nat.mul_le_mul_right m (show a % 2 ^ s + 1 ≤ 2 ^ s by omega)
    rw [Nat.add_mul] at this
    omega
  have hd : (a % 2 ^ s * m + u) / m = a % 2 ^ s := by
    rw [Nat.mul_comm, Nat.mul_add_div (by omega), Nat.div_eq_of_lt hu, Nat.add_zero]
  have hm : (a % 2 ^ s * m + u) % m = u := by
    rw [Nat.mul_comm, Nat.mul_add_mod, Nat.mod_eq_of_lt hu]
  have hsel := eval_select (a :: u :: ρ) (chunk m s F) (Nat.zero_le _) hc
  simp only [table, hs, eval_letIn, eval_testBit, eval_div, eval_mod, eval_mul, eval_add, eval_var, eval_lit,
    List.getD_cons_zero, List.getD_cons_succ, hsel]
  rw [chunk, testBit_ofBits, bit_map_range _ ht, hd, hm, Nat.div_add_mod']

end Term

open Term

theorem HeadTables.terms_for (H : HeadTables) (q D p : Nat) : (H.terms q D p).For (H.toHead D p) where
  similarity n i j r _ _ a ha u hu := by
    have h := eval_table (q := q) (k := D * p + D * p) (m := p) (F := fun a =>
      (({ H with causal := false }.toHead D p).similarity 0 0 0 (.ofNat _ a) (.ofNat _ (a / 2 ^ (D * p)))).toNat)
      [j, r, i, n] ha hu
    cases hc : H.causal
    · simpa [terms, toHead, hc] using h
    · by_cases hij : i < j
      · simp [terms, toHead, hc, Head.causal, Head.masked, hij, Nat.not_le.2 hij]
      · simp only [terms, hc, if_true, eval_ite, eval_lt, eval_var, List.getD_cons_zero, List.getD_cons_succ, hij, h]
        simp [toHead, hc, Head.causal, Head.masked, Nat.le_of_not_lt hij]
  weighting n i j r _ _ a ha u hu := by
    have h := eval_table (q := q) (k := p + p + D * p) (m := D * p) (F := fun a =>
      (({ H with causal := false }.toHead D p).weighting 0 0 0 (.ofNat _ a) (.ofNat _ (a / 2 ^ p))
        (.ofNat _ (a / 2 ^ (p + p)))).toNat) [j, r, i, n] ha hu
    cases hc : H.causal
    · simpa [terms, toHead, hc] using h
    · by_cases hij : i < j
      · simp [terms, toHead, hc, Head.causal, Head.masked, hij, Nat.not_le.2 hij]
      · simp only [terms, hc, if_true, eval_ite, eval_lt, eval_var, List.getD_cons_zero, List.getD_cons_succ, hij, h]
        simp [toHead, hc, Head.causal, Head.masked, Nat.le_of_not_lt hij]

theorem BlockTables.terms_for (B : BlockTables) (q D p : Nat) : (B.terms q D p).For (B.toBlock D p) where
  length_eq := by simp [terms, toBlock]
  heads r h := by
    have hr : r < B.heads.length := by simpa [toBlock] using h
    simpa [terms, toBlock, hr] using B.heads[r].terms_for q D p
  activation n i _ a ha u hu := by
    have hk : (B.toBlock D p).heads.length = B.heads.length := by simp [toBlock]
    rw [hk] at ha ⊢
    exact eval_table [i, n] ha hu

namespace Tables

private theorem le_foldr_max {e : Nat} : ∀ {l : List Nat}, e ∈ l → e ≤ l.foldr max 0
  | _ :: l, h => by
    rcases List.mem_cons.1 h with rfl | h
    · exact Nat.le_max_left _ _
    · exact Nat.le_trans (le_foldr_max h) (Nat.le_max_right _ _)

/-- **The terms of a table model are right**, for all lengths. -/
theorem terms_for (M : Tables) (q : Nat) : (M.terms q).For M.toTransformer where
  prec _ := rfl
  big n e he := by
    refine Nat.pow_le_pow_right (by omega) (le_foldr_max ?_)
    simpa [toTransformer, BlockTables.toBlock] using he
  embed n i _ a ha u hu := by
    have hu : u < M.dim * M.prec := hu
    have ha : a < 2 ^ M.symbolBits := ha
    have e : ((M.toTransformer.embed n i (.ofNat _ a)).toNat.testBit u) =
        (M.embed.getD (i * 2 ^ M.symbolBits + a) 0).testBit u := by
      simp [toTransformer, Nat.mod_eq_of_lt ha, Nat.testBit_mod_two_pow, hu]
    rw [e]
    simp only [terms, eval_letIn, eval_ite, eval_lt, eval_add, eval_mul, eval_var, eval_lit, List.getD_cons_zero,
      List.getD_cons_succ]
    by_cases h : i * 2 ^ M.symbolBits + a < M.embed.size
    · rw [if_pos (by simp [h]), eval_table _ (Nat.lt_trans h Nat.lt_log2_self) hu]
    · simp [h]
  length_eq := by simp [terms, toTransformer]
  blocks l h := by
    have hl : l < M.blocks.length := by simpa [toTransformer] using h
    simpa [terms, toTransformer, hl] using M.blocks[l].terms_for q M.dim M.prec
  accept n a ha := by
    have h := eval_table (q := q) (m := 1) (u := 0) (F := fun a => (M.toTransformer.accept 0 (.ofNat _ a)).toNat)
      [0, n] ha (by omega)
    refine Eq.trans h ?_
    show ((M.toTransformer.accept n (.ofNat _ a)).toNat.testBit 0).toNat = _
    cases M.toTransformer.accept n (.ofNat _ a) <;> rfl

/-- The template of a table model lists its circuits. -/
theorem denotes_template (M : Tables) (q : Nat) : Denotes (M.template q) M.toTransformer.decisionCircuit := fun n =>
  ((M.terms q).denotes_decisionCircuit (M.terms_for q) n).fold

/-- **The program of a table model prints its circuits**: the numbers of `decisionCircuit`, for all lengths. -/
theorem output_program (M : Tables) (n : Nat) :
    M.program.output (Space.ones n) = Circuit.encode (n * M.symbolBits) (M.toTransformer.decisionCircuit n) :=
  (Tmpl.run_program _ (M.denotes_template 32 n)).1

/-- The numbers that it handles are polynomial in `n`. -/
theorem peak_program_le (M : Tables) : ∃ c, ∀ n, M.program.peak (Space.ones n) ≤ (n + 2) ^ c :=
  ⟨_, fun n => (Tmpl.run_program _ (M.denotes_template 32 n)).2⟩

end Tables

/-- It prints the first `k` layers. -/
theorem Extract.output_layersProg (M : Tables) (k n : Nat) : (Extract.layersProg M k).output (Space.ones n) =
    Circuit.encode (n * M.symbolBits) ((M.toTransformer.decisionCircuit n).take k) :=
  (Tmpl.run_program _ (DenotesIn.take k (M.denotes_template 0 n))).1

end Logprec
