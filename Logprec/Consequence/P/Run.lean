import Logprec.Consequence.P.Machine

/-!
# The rules of a machine say what it does

Soundness: what can be derived from the rules of a machine is true of its run. Completeness: what is true of the run at
time `t` can be derived, with height at most `4t + 1`. So the atom of an output bit can be derived exactly when the
machine prints the bit.
-/

namespace Logprec

namespace Turing.Tape

variable {symbols : Nat}

/-- The position of the head. -/
def pos (t : Tape symbols) : Nat := t.left.length

/-- The symbol in a cell; blank where nothing was visited. -/
def cellAt (t : Tape symbols) (p : Nat) : Fin (symbols + 1) := (t.left.reverse ++ t.head :: t.right).getD p 0

theorem cellAt_pos (t : Tape symbols) : t.cellAt t.pos = t.head := by
  simp [cellAt, pos, List.getD_eq_getElem?_getD]

/-- Where the head goes. -/
theorem pos_move (t : Tape symbols) (a : Fin (symbols + 1)) (d : Dir) : ((t.write a).move d).pos =
    match d with
    | .left => t.pos - 1
    | .stay => t.pos
    | .right => t.pos + 1 := by
  obtain ⟨l, h, r⟩ := t
  cases d <;> cases l <;> cases r <;> simp [move, write, pos]

private theorem cellAt_move' (t : Tape symbols) (d : Dir) (p : Nat) : (t.move d).cellAt p = t.cellAt p := by
  obtain ⟨l, h, r⟩ := t
  cases d with
  | stay => rfl
  | left => cases l <;> simp [move, cellAt]
  | right =>
    cases r with
    | cons b r => simp [move, cellAt]
    | nil =>
      simp only [move, cellAt, List.reverse_cons, List.append_assoc, List.cons_append, List.nil_append,
        List.getD_eq_getElem?_getD]
      have e : l.reverse ++ [h, 0] = (l.reverse ++ [h]) ++ [0] := by simp
      rw [e, List.getElem?_append (l₁ := l.reverse ++ [h])]
      split
      · rfl
      · next hp =>
        rw [List.getElem?_eq_none (l := l.reverse ++ [h]) (by omega)]
        cases h : p - (l.reverse ++ [_]).length with
        | zero => simp
        | succ i => simp

/-- What is in a cell after writing and moving. -/
theorem cellAt_move (t : Tape symbols) (a : Fin (symbols + 1)) (d : Dir) (p : Nat) :
    ((t.write a).move d).cellAt p = if p = t.pos then a else t.cellAt p := by
  rw [cellAt_move']
  obtain ⟨l, h, r⟩ := t
  simp only [cellAt, write, pos, List.getD_eq_getElem?_getD]
  by_cases hp : p < l.length
  · rw [if_neg (by omega), List.getElem?_append_left (by simpa using hp), List.getElem?_append_left (by simpa using hp)]
  · rw [List.getElem?_append_right (by simpa using hp), List.getElem?_append_right (by simpa using hp)]
    by_cases e : p = l.length
    · simp [e]
    · rw [if_neg e]
      obtain ⟨i, hi⟩ : ∃ i, p - l.reverse.length = i + 1 := ⟨p - l.length - 1, by simp; omega⟩
      rw [hi, List.getElem?_cons_succ, List.getElem?_cons_succ]

end Turing.Tape

namespace Hardness

open Turing

section
variable (M : Machine) (x : List Bool) (t : Nat)

/-- The configuration at time `t`. -/
def conf : M.Conf := M.run x t M.init

/-- What the machine does at time `t`. -/
def doing : Action M.tapes M.states M.symbols :=
  action M (conf M x t).state (readInput x (conf M x t).input) ((conf M x t).work.map Tape.head)

/-- The next configuration. -/
theorem conf_succ : conf M x (t + 1) = M.act x (conf M x t) (doing M x t) := by
  rw [conf, Machine.run_succ, doing, action, ← conf, Machine.next]
  cases M.step (conf M x t).state (readInput x (conf M x t).input) ((conf M x t).work.map Tape.head) with
  | some a => rfl
  | none =>
    generalize conf M x t = c
    obtain ⟨q, i, w, o⟩ := c
    simp only [Option.map_none, Option.getD_none, Machine.act, moveInput, Option.toList_none, List.nil_append,
      Config.mk.injEq, true_and, and_true]
    ext j hj
    simp [Tape.move, Tape.write]

theorem state_succ : (conf M x (t + 1)).state = (doing M x t).next := by rw [conf_succ]; rfl

theorem input_succ : (conf M x (t + 1)).input = moveInput x (conf M x t).input (doing M x t).input := by
  rw [conf_succ]; rfl

theorem work_succ (j : Fin M.tapes) : (conf M x (t + 1)).work[j] =
    ((conf M x t).work[j].write (doing M x t).work[j].1).move (doing M x t).work[j].2 := by
  rw [conf_succ]; simp [Machine.act]

theorem work_zero (j : Fin M.tapes) : (conf M x 0).work[j] = {} := by
  simp [conf, Machine.run, Machine.init]

theorem pos_le (j : Fin M.tapes) : (conf M x t).work[j].pos ≤ t := by
  induction t with
  | zero => rw [work_zero]; exact Nat.le_refl 0
  | succ t ih =>
    rw [work_succ, Tape.pos_move]
    split <;> omega

/-- The output is what was printed. -/
theorem mem_out {b : Bool} : b ∈ (conf M x t).out ↔ ∃ u < t, (doing M x u).out = some b := by
  induction t with
  | zero => simp [conf, Machine.run, Machine.init]
  | succ t ih =>
    have e : (conf M x (t + 1)).out = (doing M x t).out.toList ++ (conf M x t).out := by rw [conf_succ]; rfl
    rw [e, List.mem_append, ih, Option.mem_toList]
    constructor
    · rintro (h | ⟨u, hu, h⟩)
      · exact ⟨t, by omega, h⟩
      · exact ⟨u, by omega, h⟩
    · rintro ⟨u, hu, h⟩
      by_cases e : u = t
      · subst e; exact .inl h
      · exact .inr ⟨u, by omega, h⟩

end

/-! ## Soundness -/

/-- What the atoms say about the run. -/
def Holds (M : Machine) (k : Nat) (x : List Bool) : Atom (Kind M) → Prop
  | ⟨.state q, t, _, _⟩ => (conf M x t).state = q
  | ⟨.input, t, p, _⟩ => (conf M x t).input = p
  | ⟨.head j, t, p, _⟩ => (conf M x t).work[j].pos = p
  | ⟨.left j, t, p, _⟩ => (conf M x t).work[j].pos < p
  | ⟨.right j, t, p, _⟩ => p < (conf M x t).work[j].pos
  | ⟨.cell j a, t, p, _⟩ => (conf M x t).work[j].cellAt p = a
  | ⟨.readsInput s, t, _, _⟩ => readInput x (conf M x t).input = s
  | ⟨.reads j a, t, _, _⟩ => (conf M x t).work[j].head = a
  | ⟨.step q s w, t, _, _⟩ =>
    (conf M x t).state = q ∧ readInput x (conf M x t).input = s ∧ (conf M x t).work.map Tape.head = w
  | ⟨.movesInput d, t, _, _⟩ => (doing M x t).input = d
  | ⟨.moves j d, t, _, _⟩ => (doing M x t).work[j].2 = d
  | ⟨.writes j a, t, _, _⟩ => (doing M x t).work[j].1 = a
  | ⟨.output, _, _, b⟩ => ∃ t < steps k x.length, (doing M x t).out = some b
  | ⟨.bit, _, p, b⟩ => x[p]? = some b

/-- The rules of the schema hold in the run. -/
def Sound (M : Machine) (k : Nat) (x : List Bool) (s : Schema (Kind M)) : Prop :=
  ∀ t < s.times.count k x.length, ∀ p < s.places.count k x.length,
    (∀ A ∈ s.body, Holds M k x (A.atom x t p)) → Holds M k x (s.head.atom x t p)

section
variable {M : Machine} {k : Nat} {x : List Bool} {s : Schema (Kind M)}

private theorem sound_initial (h : s ∈ initialSchemas M) : Sound M k x s := by
  simp only [initialSchemas, List.mem_append, List.mem_flatMap, List.mem_cons, List.not_mem_nil, or_false] at h
  rcases h with (rfl | rfl | rfl) | ⟨j, -, rfl | rfl | rfl⟩ <;> intro t ht p hp _ <;>
    (obtain rfl : t = 0 := by simpa [Often.count] using ht) <;>
    simp only [Pattern.atom, Time.eval, Place.eval, Low.eval, Holds, work_zero]
  · rfl
  · rfl
  · have hp : p < x.length := hp
    simp [List.getD_eq_getElem?_getD, hp]
  · rfl
  · exact Nat.succ_pos _
  · cases p <;> simp [Tape.cellAt]

private theorem sound_read (h : s ∈ readSchemas M) : Sound M k x s := by
  simp only [readSchemas, List.mem_append, List.mem_flatMap, List.mem_map, List.mem_cons, List.not_mem_nil,
    or_false] at h
  rcases h with ((rfl | rfl) | ⟨b, -, rfl⟩) | ⟨j, -, a, -, rfl⟩ <;> intro t ht p hp hb <;>
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
      Place.eval, Low.eval, Holds] at hb ⊢
  · rw [hb]; rfl
  · rw [hb, readInput, List.getElem?_eq_none (Nat.le_refl _)]
  · rw [hb.1, readInput, hb.2]
  · rw [← hb.2, ← hb.1, Tape.cellAt_pos]

private theorem sound_action {q : Fin (M.states + 1)} {i : InSym} {w : Vector (Fin (M.symbols + 1)) M.tapes}
    (h : s ∈ actionSchemas M q i w) : Sound M k x s := by
  simp only [actionSchemas, List.mem_append, List.mem_flatMap, List.mem_map, List.mem_cons, List.not_mem_nil,
    or_false, Option.mem_toList] at h
  have key : ∀ t, (conf M x t).state = q ∧ readInput x (conf M x t).input = i ∧ (conf M x t).work.map Tape.head = w →
      doing M x t = action M q i w := by rintro t ⟨rfl, rfl, rfl⟩; rfl
  rcases h with ((rfl | rfl | rfl) | ⟨j, -, rfl | rfl⟩) | ⟨b, hb', rfl⟩ <;> intro t ht p hp hb
  · simp only [List.mem_cons, List.mem_map, forall_eq_or_imp, Pattern.atom, Time.eval, Place.eval, Low.eval,
      Holds] at hb ⊢
    refine ⟨hb.1, hb.2.1, ?_⟩
    ext j hj
    have := hb.2.2 _ ⟨⟨j, hj⟩, by simp [tapeList], rfl⟩
    simpa [Holds] using congrArg Fin.val this
  all_goals
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq, Pattern.atom, Time.eval, Place.eval, Low.eval,
      Holds] at hb ⊢
    have e := key t hb
  · rw [state_succ, e]
  · rw [e]
  · rw [e]
  · rw [e]
  · exact ⟨t, ht, by rw [e]; exact hb'⟩

private theorem sound_input (h : s ∈ inputSchemas M) : Sound M k x s := by
  simp only [inputSchemas, List.mem_cons, List.not_mem_nil, or_false] at h
  rcases h with rfl | rfl | rfl | rfl <;> intro t ht p hp hb <;>
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
      Place.eval, Low.eval, Holds] at hb ⊢ <;>
    rw [input_succ, hb.1, hb.2]
  · rfl
  · rfl
  · have hp : p < x.length + 1 := hp
    simp only [moveInput]; omega
  · simp only [moveInput]; omega

private theorem sound_tape {j : Fin M.tapes} (h : s ∈ tapeSchemas M j) : Sound M k x s := by
  simp only [tapeSchemas, moveSchema, List.mem_cons, List.not_mem_nil, or_false] at h
  rcases h with rfl | rfl | rfl | rfl | rfl | rfl | rfl | rfl | rfl | rfl | rfl <;> intro t ht p hp hb <;>
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
      Place.eval, Low.eval, Holds] at hb ⊢ <;>
    rw [work_succ, Tape.pos_move, hb.1] <;> simp only <;> omega

private theorem sound_cell {j : Fin M.tapes} {a : Fin (M.symbols + 1)} (h : s ∈ cellSchemas M j a) :
    Sound M k x s := by
  simp only [cellSchemas, List.mem_cons, List.not_mem_nil, or_false] at h
  rcases h with rfl | rfl | rfl <;> intro t ht p hp hb <;>
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
      Place.eval, Low.eval, Holds] at hb ⊢ <;>
    rw [work_succ, Tape.cellAt_move]
  · rw [if_pos hb.2.symm, hb.1]
  · rw [if_neg (by omega), hb.2]
  · rw [if_neg (by omega), hb.2]

/-- **Soundness**: what can be derived is true of the run. -/
theorem holds_of_derives {a : Atom (Kind M)} (h : Derives ((machineSystem M).rules k x) a) : Holds M k x a := by
  refine h.sound fun c hc hb => ?_
  obtain ⟨s, hs, t, ht, p, hp, rfl⟩ := System.mem_rules.1 hc
  have : Sound M k x s := by
    rcases mem_schemas.1 hs with h | h | ⟨_, _, _, h⟩ | h | ⟨_, h⟩ | ⟨_, _, h⟩
    · exact sound_initial h
    · exact sound_read h
    · exact sound_action h
    · exact sound_input h
    · exact sound_tape h
    · exact sound_cell h
  exact this t ht p hp fun A hA => hb _ (List.mem_map_of_mem hA)

end

end Hardness

end Logprec
