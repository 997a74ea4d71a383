import Logprec.Space.Defs

/-!
# Turing machines

Deterministic machines with a read-only two-way input tape between end markers, finitely many work tapes that are
infinite to the right, and an output tape on which symbols are only appended: the model of the usual definition of
logarithmic space, and of Merrill & Sabharwal 2023, Definition 5. Space is the number of cells visited on the work
tapes; input and output are not counted.

A machine is a finite object: its states are the elements of `Fin (states + 1)`, its work symbols those of
`Fin (symbols + 1)`, and its transition function is a function on a finite set.

Where textbooks differ, we chose: the head may stay; to the left of the first cell of a work tape, and beyond the end
markers of the input, the head stays; the machine halts where the transition function has no value; a work tape has
no end marker of its own (a machine can write one). The input and the output are over {0, 1}; other alphabets are coded.
-/

namespace Logprec.Turing

open Space (ones)

/-- Moves of a head. -/
inductive Dir where
  /-- One cell to the left. -/
  | left
  /-- Not at all. -/
  | stay
  /-- One cell to the right. -/
  | right
  deriving Repr, DecidableEq

/-- What the input head reads. -/
inductive InSym where
  /-- The marker before the input. -/
  | left
  /-- A bit of the input. -/
  | bit (b : Bool)
  /-- The marker after the input. -/
  | right
  deriving Repr, DecidableEq

/-- A work tape: the cells visited so far, seen from the head. Cells that were not visited are blank. The tape ends
before its first cell, and is infinite to the right. -/
structure Tape (symbols : Nat) where
  /-- The cells to the left of the head, the nearest first; all of them were visited. -/
  left : List (Fin (symbols + 1)) := []
  /-- The symbol under the head; 0 is the blank. -/
  head : Fin (symbols + 1) := 0
  /-- The cells to the right of the head that were visited, the nearest first. -/
  right : List (Fin (symbols + 1)) := []
  deriving Repr, DecidableEq

namespace Tape

variable {symbols : Nat}

/-- The number of cells visited. -/
def cells (t : Tape symbols) : Nat := t.left.length + 1 + t.right.length

/-- Write a symbol under the head. -/
def write (t : Tape symbols) (a : Fin (symbols + 1)) : Tape symbols := { t with head := a }

/-- Move the head. On the first cell, `left` does nothing; beyond the visited cells, `right` finds a blank. -/
def move (t : Tape symbols) : Dir → Tape symbols
  | .stay => t
  | .left =>
    match t.left with
    | [] => t
    | a :: l => ⟨l, a, t.head :: t.right⟩
  | .right =>
    match t.right with
    | [] => ⟨t.head :: t.left, 0, []⟩
    | a :: r => ⟨t.head :: t.left, a, r⟩

end Tape

/-- What a machine does in one step: first it writes on all work tapes, then it moves the heads. -/
structure Action (tapes states symbols : Nat) where
  /-- The next state. -/
  next : Fin (states + 1)
  /-- The move of the input head. -/
  input : Dir
  /-- For every work tape, the symbol written and the move. -/
  work : Vector (Fin (symbols + 1) × Dir) tapes
  /-- The bit appended to the output, if any. -/
  out : Option Bool

/-- Deterministic multi-tape Turing machines. -/
structure Machine where
  /-- The number of work tapes. -/
  tapes : Nat
  /-- The number of states apart from the start state, which is 0. -/
  states : Nat
  /-- The number of work symbols apart from the blank, which is 0. -/
  symbols : Nat
  /-- The transition function: what to do in a state, reading the input and the work tapes. The machine halts where
  there is no value. -/
  step : Fin (states + 1) → InSym → Vector (Fin (symbols + 1)) tapes → Option (Action tapes states symbols)

/-- The symbol at position `p` of the input tape: the left marker is at 0, the input bits are at `1, …, |x|`, and the
right marker is at `|x| + 1`. -/
def readInput (x : List Bool) : Nat → InSym
  | 0 => .left
  | p + 1 =>
    match x[p]? with
    | some b => .bit b
    | none => .right

/-- Move the input head. It stays between the end markers. -/
def moveInput (x : List Bool) (p : Nat) : Dir → Nat
  | .left => p - 1
  | .stay => p
  | .right => min (p + 1) (x.length + 1)

/-- Configurations (apart from the input, which does not change). -/
structure Config (tapes states symbols : Nat) where
  /-- The state. -/
  state : Fin (states + 1)
  /-- The position of the input head. -/
  input : Nat
  /-- The work tapes. -/
  work : Vector (Tape symbols) tapes
  /-- The output so far, the last bit first. -/
  out : List Bool

/-- The number of cells visited so far on the work tapes, all together. -/
def Config.cells {tapes states symbols : Nat} (c : Config tapes states symbols) : Nat :=
  (c.work.toList.map Tape.cells).sum

namespace Machine

/-- The configurations of a machine. -/
abbrev Conf (M : Machine) := Config M.tapes M.states M.symbols

/-- The machine starts in state 0, with the input head on the left marker, blank work tapes, and no output. -/
def init (M : Machine) : M.Conf := ⟨0, 0, Vector.replicate M.tapes {}, []⟩

/-- What an action does to a configuration. -/
def act (M : Machine) (x : List Bool) (c : M.Conf) (a : Action M.tapes M.states M.symbols) : M.Conf where
  state := a.next
  input := moveInput x c.input a.input
  work := Vector.zipWith (fun t w => (t.write w.1).move w.2) c.work a.work
  out := a.out.toList ++ c.out

/-- One step on the input `x`; `none` if the machine has halted. -/
def next (M : Machine) (x : List Bool) (c : M.Conf) : Option M.Conf :=
  (M.step c.state (readInput x c.input) (c.work.map Tape.head)).map (M.act x c)

/-- At most `t` steps. -/
def run (M : Machine) (x : List Bool) : Nat → M.Conf → M.Conf
  | 0, c => c
  | t + 1, c =>
    match M.next x c with
    | none => c
    | some c' => M.run x t c'

/-- On the input `x`, the machine halts after at most `t` steps (its time), with the output `y`, and visits at most `s`
cells of its work tapes. -/
def HaltsWith (M : Machine) (x y : List Bool) (t s : Nat) : Prop :=
  M.next x (M.run x t M.init) = none ∧ (M.run x t M.init).out.reverse = y ∧ (M.run x t M.init).cells ≤ s

end Machine

/-- `f` is computable in logarithmic space: one machine halts on every input `x` with the output `f x`, and visits at
most `c · log₂ (|x| + 2)` cells of its work tapes. -/
def LogSpaceComputable (f : List Bool → List Bool) : Prop :=
  ∃ (M : Machine) (c : Nat), ∀ x, ∃ t, M.HaltsWith x (f x) t (c * (x.length + 2).log2)

/-- `F` is generated in logarithmic space (the paper's Definition 5 with `S(n) = O(log n)`): one machine halts on
`1ⁿ`, for every `n`, with the output `F n`, and visits at most `c · log₂ (n + 2)` cells of its work tapes. -/
def LogSpaceGenerated (F : Nat → List Bool) : Prop :=
  ∃ (M : Machine) (c : Nat), ∀ n, ∃ t, M.HaltsWith (ones n) (F n) t (c * (n + 2).log2)

/-- A log-space computable function, applied to `1ⁿ`, is generated. -/
theorem LogSpaceComputable.generated {f : List Bool → List Bool} (h : LogSpaceComputable f) :
    LogSpaceGenerated fun n => f (ones n) := by
  obtain ⟨M, c, h⟩ := h
  exact ⟨M, c, fun n => by simpa [ones] using h (ones n)⟩

/-! ## Numbers in bit strings -/

/-- The code of numbers as bits: `v` is `1ᵛ 0`. It is self-delimiting, and as long as the numbers are polynomial in
`n`, so is the code. -/
def unary (l : List Nat) : List Bool := l.flatMap fun v => List.replicate v true ++ [false]

/-- Read numbers off their code; `v` is the number of ones just seen. A number that does not end is dropped. -/
def readUnary (v : Nat) : List Bool → List Nat
  | [] => []
  | true :: l => readUnary (v + 1) l
  | false :: l => v :: readUnary 0 l

private theorem readUnary_replicate (u v : Nat) (l : List Bool) :
    readUnary u (List.replicate v true ++ false :: l) = (u + v) :: readUnary 0 l := by
  induction v generalizing u with
  | zero => rfl
  | succ v ih => rw [List.replicate_succ, List.cons_append, readUnary, ih]; congr 1; omega

/-- Numbers are read off their code. -/
theorem readUnary_unary (l : List Nat) : readUnary 0 (unary l) = l := by
  induction l with
  | nil => rfl
  | cons v l ih =>
    have : unary (v :: l) = List.replicate v true ++ false :: unary l := by simp [unary]
    rw [this, readUnary_replicate, ih, Nat.zero_add]

/-- Different lists have different codes. -/
theorem unary_inj {l l' : List Nat} (h : unary l = unary l') : l = l' := by
  rw [← readUnary_unary l, h, readUnary_unary]

/-! ## Facts about runs -/

/-- Moving a head never makes the number of visited cells smaller. -/
theorem Tape.cells_le_move {symbols : Nat} (t : Tape symbols) (d : Dir) : t.cells ≤ (t.move d).cells := by
  obtain ⟨l, h, r⟩ := t
  cases d <;> cases l <;> cases r <;> simp [move, cells] <;> omega

namespace Machine

/-- Runs compose. -/
theorem run_add (M : Machine) (x : List Bool) (t u : Nat) (c : M.Conf) :
    M.run x (t + u) c = M.run x u (M.run x t c) := by
  induction t generalizing c with
  | zero => simp [run]
  | succ t ih =>
    rw [Nat.succ_add, run, run]
    cases h : M.next x c with
    | none => cases u <;> simp [run, h]
    | some c' => exact ih c'

/-- A machine that has halted stays as it is. -/
theorem run_of_next_none {M : Machine} {x : List Bool} {c : M.Conf} (h : M.next x c = none) (t : Nat) :
    M.run x t c = c := by
  cases t <;> simp [run, h]

/-- A machine that halts with an output does so from then on: more steps and more cells may be allowed. -/
theorem HaltsWith.mono {M : Machine} {x y : List Bool} {t t' s s' : Nat} (h : M.HaltsWith x y t s) (ht : t ≤ t')
    (hs : s ≤ s') : M.HaltsWith x y t' s' := by
  obtain ⟨u, rfl⟩ := Nat.exists_eq_add_of_le ht
  obtain ⟨h₁, h₂, h₃⟩ := h
  have e : M.run x (t + u) M.init = M.run x t M.init := by rw [run_add, run_of_next_none h₁]
  exact ⟨e ▸ h₁, e ▸ h₂, e ▸ Nat.le_trans h₃ hs⟩

/-- The output of a machine is unique. -/
theorem HaltsWith.unique {M : Machine} {x y y' : List Bool} {t t' s s' : Nat} (h : M.HaltsWith x y t s)
    (h' : M.HaltsWith x y' t' s') : y = y' :=
  ((h.mono (Nat.le_add_right t t') (Nat.le_refl s)).2.1).symm.trans
    (h'.mono (Nat.le_add_left t' t) (Nat.le_refl s')).2.1

/-- In a step, the number of visited cells does not get smaller. -/
theorem cells_le_act (M : Machine) (x : List Bool) (c : M.Conf) (a : Action M.tapes M.states M.symbols) :
    c.cells ≤ (M.act x c a).cells := by
  suffices H : ∀ (l : List (Tape M.symbols)) (w : List (Fin (M.symbols + 1) × Dir)), l.length = w.length →
      (l.map Tape.cells).sum ≤ ((List.zipWith (fun t w => (t.write w.1).move w.2) l w).map Tape.cells).sum by
    simpa [Config.cells, act] using H c.work.toList a.work.toList (by simp)
  intro l
  induction l with
  | nil => simp
  | cons t l ih =>
    intro w hw
    cases w with
    | nil => simp at hw
    | cons a w =>
      have h₁ := ih w (by simpa using hw)
      have h₂ := (t.write a.1).cells_le_move a.2
      have h₃ : (t.write a.1).cells = t.cells := rfl
      simp only [List.map_cons, List.sum_cons, List.zipWith_cons_cons]
      omega

/-- Along a run, the number of visited cells does not get smaller: what has been visited at the end is all that was ever
visited. -/
theorem cells_le_run (M : Machine) (x : List Bool) (t : Nat) (c : M.Conf) : c.cells ≤ (M.run x t c).cells := by
  induction t generalizing c with
  | zero => exact Nat.le_refl _
  | succ t ih =>
    rw [run]
    split
    · exact Nat.le_refl _
    · rename_i c' h
      obtain ⟨a, -, rfl⟩ := Option.map_eq_some_iff.1 h
      exact Nat.le_trans (M.cells_le_act x c a) (ih _)

end Machine

end Logprec.Turing
