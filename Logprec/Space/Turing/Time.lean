import Logprec.Space.Turing.Defs

/-!
# A machine that halts in small space halts in small time

A configuration, without the output, is a short list of small numbers: the state, the position of the input head, and
three numbers for every tape. A deterministic machine that halts is never twice in the same configuration, so it makes
at most as many steps as there are such lists (`Machine.HaltsWith.time`). The register program that simulates the
machine keeps the same numbers in its registers.
-/

namespace Logprec.Turing

/-! ## Numbers for configurations -/

/-- A stack of symbols as a number: the digits, the least significant first, in base `symbols + 2`, are the symbols
plus 1. So the empty stack is told from a stack of blanks. -/
def stack {symbols : Nat} : List (Fin (symbols + 1)) → Nat
  | [] => 0
  | a :: l => (symbols + 2) * stack l + (a.val + 1)

/-- A stack of few symbols is a small number. -/
theorem stack_lt {symbols : Nat} (l : List (Fin (symbols + 1))) : stack l < (symbols + 2) ^ l.length := by
  induction l with
  | nil => simp [stack]
  | cons a l ih =>
    have h := Nat.mul_le_mul_left (symbols + 2) ih
    rw [List.length_cons, Nat.pow_succ, Nat.mul_comm ((symbols + 2) ^ l.length)]
    simp only [stack]
    have := a.isLt
    grind

/-- Popping a symbol off a stack. -/
theorem stack_cons {symbols : Nat} (a : Fin (symbols + 1)) (l : List (Fin (symbols + 1))) :
    stack (a :: l) % (symbols + 2) = a.val + 1 ∧ stack (a :: l) / (symbols + 2) = stack l := by
  have := a.isLt
  simp only [stack]
  constructor
  · rw [Nat.mul_add_mod, Nat.mod_eq_of_lt (by omega)]
  · rw [Nat.mul_add_div (by omega), Nat.div_eq_of_lt (by omega), Nat.add_zero]

/-- Different stacks are different numbers. -/
theorem stack_inj {symbols : Nat} {l l' : List (Fin (symbols + 1))} (h : stack l = stack l') : l = l' := by
  induction l generalizing l' with
  | nil =>
    cases l' with
    | nil => rfl
    | cons a l' => simp only [stack] at h; omega
  | cons a l ih =>
    cases l' with
    | nil => simp [stack] at h
    | cons a' l' =>
      obtain ⟨h₁, h₂⟩ := stack_cons a l
      obtain ⟨h₃, h₄⟩ := stack_cons a' l'
      rw [h] at h₁ h₂
      rw [ih (h₂.symm.trans h₄), Fin.ext (a := a) (b := a') (by omega)]

/-- The numbers of a tape: the stack to the left of the head, the symbol under it, the stack to the right. -/
def Tape.digits {symbols : Nat} (t : Tape symbols) : List Nat := [stack t.left, t.head.val, stack t.right]

/-- The numbers of a configuration: the state, the position of the input head, and the numbers of the tapes. The output
does not matter for what the machine does next. -/
def Config.digits {tapes states symbols : Nat} (c : Config tapes states symbols) : List Nat :=
  c.state.val :: c.input :: c.work.toList.flatMap Tape.digits

private theorem length_flatMap_digits {symbols : Nat} (l : List (Tape symbols)) :
    (l.flatMap Tape.digits).length = 3 * l.length := by
  induction l with
  | nil => rfl
  | cons t l ih =>
    simp only [List.flatMap_cons, List.length_append, ih, List.length_cons, Tape.digits, List.length_nil]
    omega

/-- How many numbers a configuration has. -/
theorem Config.length_digits {tapes states symbols : Nat} (c : Config tapes states symbols) :
    c.digits.length = 3 * tapes + 2 := by
  rw [digits, List.length_cons, List.length_cons, length_flatMap_digits, Vector.length_toList]

private theorem flatMap_digits_inj {symbols : Nat} {l l' : List (Tape symbols)}
    (h : l.flatMap Tape.digits = l'.flatMap Tape.digits) : l = l' := by
  induction l generalizing l' with
  | nil => cases l' <;> simp_all [Tape.digits]
  | cons t l ih =>
    cases l' with
    | nil => simp [Tape.digits] at h
    | cons t' l' =>
      obtain ⟨a, b, c⟩ := t
      obtain ⟨a', b', c'⟩ := t'
      simp only [List.flatMap_cons, Tape.digits, List.cons_append, List.nil_append, List.cons.injEq] at h
      obtain ⟨h₁, h₂, h₃, h₄⟩ := h
      rw [stack_inj h₁, Fin.ext h₂, stack_inj h₃, ih h₄]

/-- Configurations with the same numbers differ at most in the output. -/
theorem Config.digits_inj {tapes states symbols : Nat} {c c' : Config tapes states symbols}
    (h : c.digits = c'.digits) : c.state = c'.state ∧ c.input = c'.input ∧ c.work = c'.work := by
  simp only [digits, List.cons.injEq] at h
  exact ⟨Fin.ext h.1, h.2.1, Vector.toList_inj.1 (flatMap_digits_inj h.2.2)⟩

/-! ## How large they are -/

/-- More than the numbers of the configurations of a machine that visits at most `s` cells, on inputs of length `n`. -/
def Machine.base (M : Machine) (n s : Nat) : Nat := (M.states + 1) * ((n + 2) * (M.symbols + 2) ^ (s + 1))

/-- States are below the bound. -/
theorem Machine.states_lt_base (M : Machine) (n s : Nat) : M.states < M.base n s :=
  Nat.le_mul_of_pos_right _ (Nat.mul_pos (by omega) (Nat.pow_pos (by omega)))

/-- Positions of the input head are below the bound. -/
theorem Machine.input_lt_base (M : Machine) (n s : Nat) : n + 1 < M.base n s :=
  Nat.le_trans (Nat.le_mul_of_pos_right _ (Nat.pow_pos (by omega))) (Nat.le_mul_of_pos_left _ (by omega))

/-- Stacks of at most `s + 1` symbols are below the bound. -/
theorem Machine.pow_le_base (M : Machine) (n s : Nat) : (M.symbols + 2) ^ (s + 1) ≤ M.base n s :=
  Nat.le_trans (Nat.le_mul_of_pos_left _ (by omega)) (Nat.le_mul_of_pos_left _ (by omega))

/-- Symbols are below the bound. -/
theorem Machine.symbols_lt_base (M : Machine) (n s : Nat) : M.symbols + 1 < M.base n s :=
  Nat.le_trans (Nat.le_self_pow (by omega) _) (M.pow_le_base n s)

/-- A stack of at most `s` symbols. -/
theorem Machine.stack_lt_base (M : Machine) {n s : Nat} {l : List (Fin (M.symbols + 1))} (h : l.length ≤ s) :
    stack l < M.base n s :=
  Nat.lt_of_lt_of_le (stack_lt l)
    (Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) (M.pow_le_base n s))

private theorem cells_le_sum {symbols : Nat} {t : Tape symbols} {l : List (Tape symbols)} (h : t ∈ l) :
    t.cells ≤ (l.map Tape.cells).sum := by
  induction l with
  | nil => simp at h
  | cons u l ih =>
    rw [List.map_cons, List.sum_cons]
    rcases List.mem_cons.1 h with rfl | h
    · omega
    · have := ih h; omega

/-- No tape has more cells than all tapes together. -/
theorem Config.cells_le {tapes states symbols : Nat} (c : Config tapes states symbols) {t : Tape symbols}
    (h : t ∈ c.work.toList) : t.cells ≤ c.cells := cells_le_sum h

/-- The numbers of a configuration with at most `s` visited cells are below the bound. -/
theorem Machine.digits_lt (M : Machine) {n s : Nat} {c : M.Conf} (hi : c.input ≤ n + 1) (hs : c.cells ≤ s) :
    ∀ v ∈ c.digits, v < M.base n s := by
  intro v hv
  simp only [Config.digits, List.mem_cons, List.mem_flatMap] at hv
  rcases hv with rfl | rfl | ⟨t, ht, hv⟩
  · have := M.states_lt_base n s; omega
  · have := M.input_lt_base n s; omega
  · have h := Nat.le_trans (c.cells_le ht) hs
    simp only [Tape.cells] at h
    simp only [Tape.digits, List.mem_cons, List.not_mem_nil, or_false] at hv
    rcases hv with rfl | rfl | rfl
    · exact M.stack_lt_base (by omega)
    · have := M.symbols_lt_base n s; omega
    · exact M.stack_lt_base (by omega)

/-! ## Repetitions -/

namespace Machine

private theorem next_congr (M : Machine) (x : List Bool) {c c' : M.Conf} (h : c.digits = c'.digits) :
    (M.next x c).map Config.digits = (M.next x c').map Config.digits := by
  obtain ⟨h₁, h₂, h₃⟩ := Config.digits_inj h
  rw [next, next, Option.map_map, Option.map_map, h₁, h₂, h₃]
  congr 1
  funext a
  simp [act, Config.digits, h₂, h₃]

/-- What a machine does next does not depend on the output. -/
theorem run_congr (M : Machine) (x : List Bool) (t : Nat) {c c' : M.Conf} (h : c.digits = c'.digits) :
    (M.run x t c).digits = (M.run x t c').digits := by
  induction t generalizing c c' with
  | zero => exact h
  | succ t ih =>
    have := M.next_congr x h
    rw [run, run]
    cases h₁ : M.next x c <;> cases h₂ : M.next x c' <;> simp only [h₁, h₂, Option.map_some, Option.map_none,
      Option.some.injEq, reduceCtorEq] at this
    · exact h
    · exact ih this

/-- The step after `t` steps. -/
theorem run_succ (M : Machine) (x : List Bool) (t : Nat) (c : M.Conf) :
    M.run x (t + 1) c = (M.next x (M.run x t c)).getD (M.run x t c) := by
  rw [run_add, run]
  cases M.next x (M.run x t c) <;> rfl

/-- The input head stays between the markers. -/
theorem input_run_le (M : Machine) (x : List Bool) (t : Nat) : (M.run x t M.init).input ≤ x.length + 1 := by
  induction t with
  | zero => simp [run, init]
  | succ t ih =>
    rw [run_succ]
    cases h : M.next x (M.run x t M.init) with
    | none => exact ih
    | some c =>
      obtain ⟨a, -, rfl⟩ := Option.map_eq_some_iff.1 h
      simp only [Option.getD_some, act]
      cases a.input <;> simp only [moveInput] <;> omega

/-- All that a run visits was visited when it halts. -/
theorem HaltsWith.cells_run_le {M : Machine} {x y : List Bool} {t s : Nat} (h : M.HaltsWith x y t s) (i : Nat) :
    (M.run x i M.init).cells ≤ s := by
  have h' := (h.mono (Nat.le_add_left t i) (Nat.le_refl s)).2.2
  rw [run_add] at h'
  exact Nat.le_trans (M.cells_le_run x t _) h'

end Machine

/-! ## Pigeonhole -/

private theorem length_le_of_nodup (N : Nat) :
    ∀ l : List Nat, l.Nodup → (∀ v ∈ l, v < N) → l.length ≤ N := by
  induction N with
  | zero =>
    intro l _ h
    cases l with
    | nil => simp
    | cons a l => exact absurd (h a (by simp)) (by omega)
  | succ N ih =>
    intro l hl h
    have := ih (l.erase N) (hl.erase N) fun v hv => by
      have := hl.mem_erase_iff.1 hv
      have := h v this.2
      omega
    rw [List.length_erase] at this
    split at this <;> omega

/-- The number with the given digits, the least significant first. -/
private def ofDigits (D : Nat) : List Nat → Nat
  | [] => 0
  | v :: l => v + D * ofDigits D l

private theorem ofDigits_lt {D : Nat} : ∀ {l : List Nat}, (∀ v ∈ l, v < D) → ofDigits D l < D ^ l.length
  | [], _ => by simp [ofDigits]
  | v :: l, h => by
    have ih := ofDigits_lt fun w hw => h w (List.mem_cons_of_mem v hw)
    have hv := h v (by simp)
    have := Nat.mul_le_mul_left D ih
    rw [ofDigits, List.length_cons, Nat.pow_succ, Nat.mul_comm (D ^ l.length)]
    grind

private theorem ofDigits_inj {D : Nat} : ∀ {l l' : List Nat}, l.length = l'.length → (∀ v ∈ l, v < D) →
    (∀ v ∈ l', v < D) → ofDigits D l = ofDigits D l' → l = l'
  | [], [], _, _, _, _ => rfl
  | v :: l, w :: l', hl, h, h', e => by
    have hv := h v (by simp)
    have hw := h' w (by simp)
    simp only [ofDigits] at e
    have e₁ := congrArg (· % D) e
    have e₂ := congrArg (· / D) e
    simp only [Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt hv, Nat.mod_eq_of_lt hw] at e₁
    simp only [Nat.add_mul_div_left _ _ (show 0 < D by omega), Nat.div_eq_of_lt hv, Nat.div_eq_of_lt hw,
      Nat.zero_add] at e₂
    rw [e₁, ofDigits_inj (by simpa using hl) (fun u hu => h u (by simp [hu])) (fun u hu => h' u (by simp [hu])) e₂]

namespace Machine

/-- **Small space is small time**: a machine that halts and visits at most `s` cells makes no more steps than it has
configurations with so many cells. -/
theorem HaltsWith.time {M : Machine} {x y : List Bool} {t s : Nat} (h : M.HaltsWith x y t s) :
    M.HaltsWith x y (M.base x.length s ^ (3 * M.tapes + 2)) s := by
  induction t using Nat.strongRecOn with
  | ind t ih =>
    by_cases ht : t ≤ M.base x.length s ^ (3 * M.tapes + 2)
    · exact h.mono ht (Nat.le_refl s)
    -- two of the first `t` configurations have the same numbers
    have small : ∀ i, ∀ v ∈ (M.run x i M.init).digits, v < M.base x.length s := fun i =>
      M.digits_lt (M.input_run_le x i) (h.cells_run_le i)
    let f := fun i => ofDigits (M.base x.length s) (M.run x i M.init).digits
    have hdup : ¬ ((List.range t).map f).Nodup := fun hn => by
      have := length_le_of_nodup (M.base x.length s ^ (3 * M.tapes + 2)) _ hn fun v hv => by
        obtain ⟨i, -, rfl⟩ := List.mem_map.1 hv
        simpa [f, Config.length_digits] using ofDigits_lt (small i)
      simp only [List.length_map, List.length_range] at this
      omega
    rw [List.nodup_iff_pairwise_ne, List.pairwise_map, List.pairwise_iff_getElem] at hdup
    simp only [List.length_range, List.getElem_range, Classical.not_forall, Decidable.not_not] at hdup
    obtain ⟨i, j, hi, hj, hij, e⟩ := hdup
    have e := ofDigits_inj (by simp [Config.length_digits]) (small i) (small j) e
    -- so it had halted `j - i` steps before
    have hlast : M.next x (M.run x (i + (t - j)) M.init) = none := by
      have e' := M.run_congr x (t - j) e
      rw [← run_add, ← run_add, show j + (t - j) = t by omega] at e'
      have := M.next_congr x e'
      rw [h.1] at this
      simpa using this
    have e' : M.run x t M.init = M.run x (i + (t - j)) M.init := by
      have := run_of_next_none hlast (j - i)
      rwa [← run_add, show i + (t - j) + (j - i) = t by omega] at this
    exact ih (i + (t - j)) (by omega) ⟨hlast, e' ▸ h.2.1, e' ▸ h.2.2⟩

end Machine

/-! ## In logarithmic space -/

/-- The exponent of the polynomial below which the numbers of the configurations are. -/
def Machine.baseDeg (M : Machine) (c : Nat) : Nat :=
  (M.states + 1).log2 + 1 + (1 + ((M.symbols + 2).log2 + 1) * (c + 1))

/-- In logarithmic space, the numbers of the configurations are polynomial in the length of the input. -/
theorem Machine.base_le (M : Machine) (n c : Nat) : M.base n (c * (n + 2).log2) ≤ (n + 2) ^ M.baseDeg c := by
  have h₁ : M.states + 1 ≤ (n + 2) ^ ((M.states + 1).log2 + 1) :=
    Nat.le_trans (Nat.le_of_lt Nat.lt_log2_self) (Nat.pow_le_pow_left (by omega) _)
  have h₂ : (M.symbols + 2) ^ (c * (n + 2).log2 + 1) ≤ (n + 2) ^ (((M.symbols + 2).log2 + 1) * (c + 1)) := by
    have hl : 1 ≤ (n + 2).log2 := (Nat.le_log2 (by omega)).2 (by omega)
    refine Nat.le_trans (Nat.pow_le_pow_left (Nat.le_of_lt Nat.lt_log2_self) _) ?_
    rw [← Nat.pow_mul]
    have : ((M.symbols + 2).log2 + 1) * (c * (n + 2).log2 + 1) ≤
        (n + 2).log2 * (((M.symbols + 2).log2 + 1) * (c + 1)) := by
      rw [Nat.mul_left_comm]
      exact Nat.mul_le_mul_left _ (by grind)
    refine Nat.le_trans (Nat.pow_le_pow_right (by omega) this) ?_
    rw [Nat.pow_mul]
    exact Nat.pow_le_pow_left (Nat.log2_self_le (by omega)) _
  rw [base, baseDeg, Nat.pow_add (n + 2) ((M.states + 1).log2 + 1), Nat.pow_add (n + 2) 1, Nat.pow_one]
  exact Nat.mul_le_mul h₁ (Nat.mul_le_mul_left _ h₂)

end Logprec.Turing
