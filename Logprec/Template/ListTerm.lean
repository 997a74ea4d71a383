import Logprec.Template.Total

/-!
# Lists of numbers as terms

A list of numbers is given by two terms: its length, and the entry at a position. Lists that are written with ranges,
`flatMap`, filters, appending and case distinctions have such terms. What is listed one block after another needs no
search for the block of a position: the entry is a sum over all blocks, in which only one is not 0.
-/

namespace Logprec

/-- A list of numbers, in terms of variables. -/
structure ListTerm where
  /-- Its length. -/
  len : Term
  /-- The entry at the position that is variable 0. -/
  val : Term

namespace ListTerm

/-- In an environment, it is the list `l`. -/
structure Gives (s : ListTerm) (ρ : List Nat) (l : List Nat) : Prop where
  /-- The length. -/
  len : s.len.eval ρ = l.length
  /-- The entries. -/
  val : ∀ k < l.length, s.val.eval (k :: ρ) = l.getD k 0

variable {ρ : List Nat} {n p : Term} {s t : ListTerm} {l l' : List Nat}

/-- The entry at the position that is variable 0, or 0 past the end. -/
def get (s : ListTerm) : Term := .ite (.lt (.var 0) s.len.up) s.val 0

/-- Its value. -/
theorem Gives.eval_get (h : s.Gives ρ l) (k : Nat) : s.get.eval (k :: ρ) = l.getD k 0 := by
  simp only [get, Term.eval_ite, Term.eval_lt, Term.eval_var, List.getD_cons_zero, Term.eval_up, h.len,
    Term.eval_ofNat]
  by_cases hk : k < l.length
  · simpa [hk] using h.val k hk
  · simp [hk]

/-- No entries. -/
def nil : ListTerm := ⟨0, 0⟩

theorem gives_nil (ρ : List Nat) : nil.Gives ρ [] := ⟨rfl, fun _ h => by simp at h⟩

/-- A range, through a function. -/
theorem gives_range {f : Nat → Nat} {b : Term} (h : ∀ i < n.eval ρ, b.eval (i :: ρ) = f i) :
    Gives ⟨n, b⟩ ρ ((List.range (n.eval ρ)).map f) where
  len := by simp
  val k hk := by
    have hk : k < n.eval ρ := by simpa using hk
    rw [h k hk]
    simp [hk]

/-- One list after another. -/
def append (s t : ListTerm) : ListTerm :=
  ⟨s.len + t.len, .ite (.lt (.var 0) s.len.up) s.val (.letIn (.var 0 - s.len.up) t.val.under)⟩

theorem Gives.append (h : s.Gives ρ l) (h' : t.Gives ρ l') : (s.append t).Gives ρ (l ++ l') where
  len := by simp [ListTerm.append, h.len, h'.len]
  val k hk := by
    simp only [ListTerm.append, Term.eval_ite, Term.eval_lt, Term.eval_var, List.getD_cons_zero, Term.eval_up, h.len,
      Term.eval_letIn, Term.eval_sub, Term.eval_under]
    by_cases hl : k < l.length
    · simp only [hl, decide_true, Bool.toNat_true, ne_eq, Nat.one_ne_zero, not_false_eq_true, if_true, h.val k hl]
      simp [List.getElem?_append_left hl]
    · have := h'.val (k - l.length) (by simp at hk; omega)
      simp only [hl, decide_false, Bool.toNat_false, ne_eq, not_true_eq_false, if_false, this]
      simp [List.getElem?_append_right (Nat.le_of_not_lt hl)]

/-- The lists for variable 0 from 0 to `n - 1`, one after another. -/
def flatMap (n : Term) (s : ListTerm) : ListTerm :=
  ⟨.total n s.len, .total n.up <| .letIn (.total (.var 0) s.len.under.under) <|
    .ite (.le (.var 0) (.var 2)) (.letIn (.var 2 - .var 0) s.get.under₂.under) 0⟩

private theorem getD_flatMap_range (f : Nat → List Nat) (k : Nat) : ∀ n : Nat,
    ((List.range n).flatMap f).getD k 0 = ((List.range n).map fun i =>
      if ((List.range i).map fun j => (f j).length).sum ≤ k then
        (f i).getD (k - ((List.range i).map fun j => (f j).length).sum) 0 else 0).sum
  | 0 => by simp
  | n + 1 => by
    have ih := getD_flatMap_range f k n
    rw [List.range_succ, List.flatMap_append, List.map_append, List.sum_append_nat, ← ih]
    simp only [List.flatMap_cons, List.flatMap_nil, List.append_nil, List.map_cons, List.map_nil, List.sum_cons,
      List.sum_nil, Nat.add_zero, List.getD_eq_getElem?_getD, ← List.length_flatMap]
    generalize (List.range n).flatMap f = l
    by_cases hl : k < l.length
    · rw [List.getElem?_append_left hl, if_neg (by omega), Nat.add_zero]
    · rw [List.getElem?_append_right (by omega), if_pos (by omega), List.getElem?_eq_none (l := l) (by omega)]
      simp

theorem gives_flatMap {f : Nat → List Nat} (h : ∀ i < n.eval ρ, s.Gives (i :: ρ) (f i)) :
    (flatMap n s).Gives ρ ((List.range (n.eval ρ)).flatMap f) where
  len := by
    rw [List.length_flatMap, flatMap, Term.eval_total]
    exact congrArg _ (List.map_congr_left fun i hi => (h i (List.mem_range.1 hi)).len)
  val k _ := by
    rw [getD_flatMap_range, flatMap, Term.eval_total, Term.eval_up]
    congr 1
    refine List.map_congr_left fun i hi => ?_
    have hi := List.mem_range.1 hi
    have e : (Term.total (.var 0) s.len.under.under).eval (i :: k :: ρ) =
        ((List.range i).map fun j => (f j).length).sum := by
      rw [Term.eval_total]
      exact congrArg _ (List.map_congr_left fun j hj => by
        rw [Term.eval_under, Term.eval_under]
        exact (h j (Nat.lt_trans (List.mem_range.1 hj) hi)).len)
    rw [Term.eval_letIn, e]
    simp [(h i hi).eval_get]

/-- The positions below `n` where `p` is 1. -/
def filter (n p : Term) : ListTerm := flatMap n ⟨p, .var 1⟩

theorem gives_filter {b : Nat → Bool} (h : ∀ i < n.eval ρ, p.eval (i :: ρ) = (b i).toNat) :
    (filter n p).Gives ρ ((List.range (n.eval ρ)).filter b) := by
  have e : (List.range (n.eval ρ)).filter b = (List.range (n.eval ρ)).flatMap fun i => if b i then [i] else [] := by
    generalize List.range (n.eval ρ) = l
    induction l with
    | nil => rfl
    | cons i l ih => cases hb : b i <;> simp [hb, ih]
  rw [e]
  refine gives_flatMap fun i hi => ⟨?_, fun k hk => ?_⟩
  · rw [h i hi]
    cases b i <;> rfl
  · cases hb : b i
    · simp [hb] at hk
    · obtain rfl : k = 0 := by simpa [hb] using hk
      rfl

/-- A list or another. -/
def ite (c : Term) (s t : ListTerm) : ListTerm := ⟨.ite c s.len t.len, .ite c.up s.val t.val⟩

theorem gives_ite {c : Term} (h : c.eval ρ ≠ 0 → s.Gives ρ l) (h' : c.eval ρ = 0 → t.Gives ρ l') :
    (ite c s t).Gives ρ (if c.eval ρ ≠ 0 then l else l') := by
  by_cases hc : c.eval ρ = 0
  · rw [if_neg (by simpa using hc)]
    exact ⟨by simp [ite, hc, (h' hc).len], fun k hk => by simpa [ite, hc] using (h' hc).val k hk⟩
  · rw [if_pos hc]
    exact ⟨by simp [ite, hc, (h hc).len], fun k hk => by simpa [ite, hc] using (h hc).val k hk⟩

end ListTerm

end Logprec
