import Logprec.Network.Finish
import Logprec.Float.Template.Sum
import Logprec.Network.Template.Form.Round

/-!
# Templates of weighted sums

The rows that are left after the rounds of column compression are read through a term, and added by an adder if there
are two, else by iterated addition.
-/

namespace Logprec

open Circuit

namespace Weights

variable {ρ : List Nat} {K : Weights} {ks : List Nat} {w : Term}

/-- The length of the longest of the `w` first columns, but at least 2. -/
def heightT (K : Weights) (w : Term) : Term := .iter w (K.len + 2) 2 (.max (.var 0) K.column.len.up)

private theorem length_column_le_length (ks : List Nat) (c : Nat) : (Circuit.column ks c).length ≤ ks.length := by
  rw [Circuit.column, List.length_map]
  exact Nat.le_trans (List.length_filter_le _ _) (by simp)

private theorem foldl_min_max {f : Nat → Nat} {b : Nat} (hf : ∀ c, f c ≤ b) : ∀ (l : List Nat) (a : Nat), a ≤ b →
    l.foldl (fun a c => min (max a (f c)) b) a = l.foldl (fun a c => max a (f c)) a
  | [], _, _ => rfl
  | c :: l, a, h => by
    have : max a (f c) ≤ b := Nat.max_le.2 ⟨h, hf c⟩
    rw [List.foldl_cons, List.foldl_cons, Nat.min_eq_left this, foldl_min_max hf l _ this]

theorem Are.eval_heightT (h : K.Are ρ ks) : (K.heightT w).eval ρ = height (w.eval ρ) ks := by
  simp only [heightT, Term.eval_iter, Term.eval_max, Term.eval_var, List.getD_cons_zero, Term.eval_up,
    (h.gives_column _).len, Term.eval_add, h.len, Term.eval_ofNat]
  rw [Nat.min_eq_left (show 2 ≤ ks.length + 2 by omega)]
  exact foldl_min_max (fun c => Nat.le_trans (length_column_le_length ks c) (by omega)) _ _ (by omega)

/-- The position that the sum of the rows reads as its input number variable 0. -/
def rowSelect (K : Weights) (w : Term) : Term :=
  .letIn (.var 0 % w.up) <| .letIn (.var 1 / w.up.up) K.column.get.under₂

private theorem eval_rowSelect (h : K.Are ρ ks) {q : Nat} (hq : q < height (w.eval ρ) ks * w.eval ρ) :
    (K.rowSelect w).eval (q :: ρ) = (rows (w.eval ρ) ks).getD q 0 := by
  have hw : 0 < w.eval ρ := by
    apply Nat.pos_of_ne_zero
    intro e
    simp [e] at hq
  have hd : q / w.eval ρ < height (w.eval ρ) ks := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have e := Float.flatMap_range_eq_map (height (w.eval ρ) ks) (w.eval ρ) fun t c => (Circuit.column ks c).getD t 0
  simp only [rowSelect, Term.eval_letIn, Term.eval_mod, Term.eval_div, Term.eval_var, List.getD_cons_zero,
    List.getD_cons_succ, Term.eval_up, Term.eval_under₂, (h.gives_column _).eval_get]
  rw [rows_eq, e]
  simp [hq]

/-! ## The sum of the rows -/

private theorem lists_add (ρ : List Nat) (w : Term) :
    Lists ρ (Tmpl.add w) [4 * w, w * (3 * w), w] (add (w.eval ρ)) where
  denotes := Tmpl.denotesIn_add ρ w
  widths := by
    simp [add, columnsLayer, addColumns]
    omega

/-- The templates of the sum of `h` rows. -/
def sumRowsT (h w : Term) : List Tmpl :=
  List.zipWith (.ite (.eq h 2)) (Tmpl.add w ++ Tmpl.carry w 1) (Tmpl.iteratedSum h w)

/-- The widths of its layers. -/
def sumRowsWidthsT (h w : Term) : List Term :=
  List.zipWith (.ite (.eq h 2)) ([4 * w, w * (3 * w), w] ++ List.replicate 1 w) (Float.iteratedSumWidthsT h w)

private theorem lists_sumRows (ρ : List Nat) (h w : Term) :
    Lists ρ (sumRowsT h w) (sumRowsWidthsT h w) (sumRows (h.eval ρ) (w.eval ρ)) := by
  have := Lists.ite (c := .eq h 2) (fun _ => (lists_add ρ w).append (.carry ρ w 1))
    (fun _ => Float.lists_iteratedSum ρ h w) rfl rfl
  by_cases e : h.eval ρ = 2 <;> simpa [sumRows, e] using this

/-- The templates of the sum of the rows that are left. -/
def finishT (w : Term) (K : Weights) : List Tmpl := Tmpl.reindexFirst (K.rowSelect w) (sumRowsT (K.heightT w) w)

private theorem lists_finish (h : K.Are ρ ks) :
    Lists ρ (finishT w K) (sumRowsWidthsT (K.heightT w) w) (finish (w.eval ρ) ks) := by
  have hs := lists_sumRows ρ (K.heightT w) w
  rw [h.eval_heightT] at hs
  have hc := (computes_sumRows (height (w.eval ρ) ks) (w.eval ρ)).choose_spec.1
  refine Lists.beside_single hs hc.wf (fun q hq => ?_) hc.depth_eq
  rw [eval_rowSelect h hq]
  simp [Array.getD_eq_getD_getElem?]

/-! ## Weighted sums -/

/-- The templates of a weighted sum. -/
def weightedSumT (w : Term) : (plan : List Nat) → Weights → List Tmpl
  | [], K => roundT lastChunk w K ++ finishT w (K.next lastChunk w)
  | k :: plan, K => roundT k w K ++ weightedSumT w plan (K.next k w)

/-- The widths of its layers. -/
def weightedSumWidthsT (w : Term) : (plan : List Nat) → Weights → List Term
  | [], K => roundWidthsT lastChunk w K ++ sumRowsWidthsT ((K.next lastChunk w).heightT w) w
  | k :: plan, K => roundWidthsT k w K ++ weightedSumWidthsT w plan (K.next k w)

/-- **A weighted sum.** -/
theorem lists_weightedSum : ∀ {plan : List Nat} {K : Weights} {ks : List Nat}, (∀ k ∈ plan, k < 16) → K.Are ρ ks →
    Lists ρ (weightedSumT w plan K) (weightedSumWidthsT w plan K) (weightedSum (w.eval ρ) plan ks)
  | [], _, _, _, h => (lists_round (by decide) h).append (lists_finish (h.next lastChunk w))
  | k :: _, _, _, hp, h => (lists_round (hp k (by simp)) h).append
      (lists_weightedSum (fun k hk => hp k (by simp [hk])) (h.next k w))

end Weights

end Logprec
