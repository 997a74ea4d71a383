import Logprec.Consequence.P.Run

/-!
# The rules of a machine derive what it does

Completeness: what is true of the run at time `t` can be derived, with height at most `4t + 1`. With soundness, the atom
of an output bit can be derived exactly when the machine prints the bit.
-/

namespace Logprec.Hardness

open Turing

section
variable {M : Machine} {k : Nat} {x : List Bool}

/-- A rule of the machine is applied. -/
private theorem apply {s : Schema (Kind M)} {t p h : Nat} (hs : s ∈ (machineSystem M).schemas)
    (ht : t < s.times.count k x.length) (hp : p < s.places.count k x.length)
    (hb : ∀ A ∈ s.body, DerivesIn ((machineSystem M).rules k x) h (A.atom x t p)) :
    DerivesIn ((machineSystem M).rules k x) (h + 1) (s.head.atom x t p) := by
  refine ⟨s.rule x t p, System.mem_rules.2 ⟨s, hs, t, ht, p, hp, rfl⟩, rfl, fun b hb' => ?_⟩
  obtain ⟨A, hA, rfl⟩ := List.mem_map.1 hb'
  exact hb A hA

variable (M k x) in
/-- What is derived about time `t` with height `4t + 1`. -/
private structure Known (t : Nat) : Prop where
  state : DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.state (conf M x t).state, t, 0, false⟩
  input : DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.input, t, (conf M x t).input, false⟩
  head : ∀ j, DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.head j, t, (conf M x t).work[j].pos, false⟩
  left : ∀ j, ∀ p < cells k x.length, (conf M x t).work[j].pos < p →
    DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.left j, t, p, false⟩
  right : ∀ j, ∀ p < cells k x.length, p < (conf M x t).work[j].pos →
    DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.right j, t, p, false⟩
  cell : ∀ j, ∀ p < cells k x.length,
    DerivesIn ((machineSystem M).rules k x) (4 * t + 1) ⟨.cell j ((conf M x t).work[j].cellAt p), t, p, false⟩

variable (M x) in
/-- The kind of the atom for the step at time `t`. -/
private def stepKind (t : Nat) : Kind M :=
  .step (conf M x t).state (readInput x (conf M x t).input) ((conf M x t).work.map Tape.head)

private theorem initial {s : Schema (Kind M)} (hs : s ∈ initialSchemas M) {p : Nat} (ht : s.times = .once)
    (hp : p < s.places.count k x.length) (hb : s.body = []) :
    DerivesIn ((machineSystem M).rules k x) 1 (s.head.atom x 0 p) :=
  apply (mem_schemas.2 (.inl hs)) (by rw [ht]; exact Nat.one_pos) hp (by simp [hb])

private theorem mem_tape (j : Fin M.tapes) : j ∈ tapeList M := List.mem_finRange j

private theorem mem_symbol (a : Fin (M.symbols + 1)) : a ∈ symbolList M := List.mem_finRange a

private theorem known_zero : Known M k x 0 where
  state := initial (p := 0) (s := ⟨.once, .once, { kind := .state 0 }, []⟩)
    (by simp [initialSchemas]) rfl Nat.one_pos rfl
  input := initial (p := 0) (s := ⟨.once, .once, { kind := .input }, []⟩) (by simp [initialSchemas]) rfl Nat.one_pos rfl
  head j := by
    rw [work_zero]
    exact initial (p := 0) (s := ⟨.once, .once, { kind := .head j }, []⟩)
      (by simp [initialSchemas, mem_tape]) rfl Nat.one_pos rfl
  left j p hp h := by
    rw [work_zero] at h
    obtain ⟨p, rfl⟩ : ∃ q, p = q + 1 := ⟨p - 1, by omega⟩
    exact initial (p := p) (s := ⟨.once, .cells, { kind := .left j, place := .after }, []⟩)
      (by simp [initialSchemas, mem_tape]) rfl (by simp only [Range.count]; omega) rfl
  right j p hp h := by
    rw [work_zero] at h
    exact absurd h (Nat.not_lt_zero _)
  cell j p hp := by
    have e : (conf M x 0).work[j].cellAt p = 0 := by rw [work_zero]; cases p <;> simp [Tape.cellAt]
    rw [e]
    exact initial (p := p) (s := ⟨.once, .cells, { kind := .cell j 0, place := .here }, []⟩)
      (by simp [initialSchemas, mem_tape]) rfl hp rfl

/-- The bits of the input. -/
private theorem derives_bit {p : Nat} {b : Bool} (h : x[p]? = some b) :
    DerivesIn ((machineSystem M).rules k x) 1 ⟨.bit, 0, p, b⟩ := by
  have hp : p < x.length := (List.getElem?_eq_some_iff.1 h).1
  have := initial (M := M) (k := k) (x := x) (p := p)
    (s := ⟨.once, .inputs, { kind := .bit, place := .here, low := .input }, []⟩) (by simp [initialSchemas]) rfl hp rfl
  simpa [Pattern.atom, Time.eval, Place.eval, Low.eval, List.getD_eq_getElem?_getD, h] using this

private theorem steps_lt_cells {t : Nat} (ht : t ≤ steps k x.length) : t < cells k x.length := by
  simp only [steps] at ht
  simp only [cells]; omega

private theorem inputs_lt_cells {t : Nat} (ht : t ≤ x.length + 1) : t < cells k x.length := by
  have := steps_pos k x.length
  simp only [steps] at this
  simp only [cells]; omega

section
variable {t : Nat} (K : Known M k x t) (ht : t < steps k x.length)
include K ht

private theorem derives_readsInput : DerivesIn ((machineSystem M).rules k x) (4 * t + 2)
    ⟨.readsInput (readInput x (conf M x t).input), t, 0, false⟩ := by
  have hle : (conf M x t).input ≤ x.length + 1 := M.input_run_le x t
  have hK := K.input
  generalize (conf M x t).input = i at hle hK
  have out : ∀ {s : Schema (Kind M)}, s ∈ readSchemas M → s ∈ (machineSystem M).schemas := fun h =>
    mem_schemas.2 (.inr (.inl h))
  cases i with
  | zero =>
    exact apply (p := 0) (s := ⟨.steps, .once, { kind := .readsInput .left }, [{ kind := .input }]⟩)
      (out (by simp [readSchemas])) ht Nat.one_pos (by simpa [Pattern.atom, Time.eval, Place.eval, Low.eval] using hK)
  | succ p =>
    cases h : x[p]? with
    | none =>
      have : p = x.length := by
        have := List.getElem?_eq_none_iff.1 h
        omega
      subst this
      have e : readInput x (x.length + 1) = .right := by simp [readInput]
      rw [e]
      exact apply (p := 0) (s := ⟨.steps, .once, { kind := .readsInput .right }, [{ kind := .input, place := .last }]⟩)
        (out (by simp [readSchemas])) ht Nat.one_pos (by simpa [Pattern.atom, Time.eval, Place.eval, Low.eval] using hK)
    | some b =>
      have e : readInput x (p + 1) = .bit b := by simp [readInput, h]
      have hp : p < x.length := (List.getElem?_eq_some_iff.1 h).1
      rw [e]
      refine apply (p := p) (s := ⟨.steps, .inputs, { kind := .readsInput (.bit b) },
        [{ kind := .input, place := .after },
        { kind := .bit, time := .zero, place := .here, low := .const b }]⟩) (out ?_) ht hp ?_
      · cases b <;> simp [readSchemas]
      · simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
          Place.eval, Low.eval]
        exact ⟨hK, (derives_bit h).mono (by omega)⟩

private theorem derives_reads (j : Fin M.tapes) : DerivesIn ((machineSystem M).rules k x) (4 * t + 2)
    ⟨.reads j (conf M x t).work[j].head, t, 0, false⟩ := by
  have hp : (conf M x t).work[j].pos < cells k x.length :=
    steps_lt_cells (Nat.le_trans (pos_le M x t j) (Nat.le_of_lt ht))
  have hc := K.cell j _ hp
  rw [Tape.cellAt_pos] at hc
  refine apply (p := (conf M x t).work[j].pos) (s := ⟨.steps, .cells, { kind := .reads j (conf M x t).work[j].head },
    [{ kind := .head j, place := .here }, { kind := .cell j (conf M x t).work[j].head, place := .here }]⟩)
    (mem_schemas.2 (.inr (.inl (by simp [readSchemas, mem_tape, mem_symbol])))) ht hp ?_
  simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
    Place.eval, Low.eval]
  exact ⟨K.head j, hc⟩

private theorem derives_step : DerivesIn ((machineSystem M).rules k x) (4 * t + 3)
    ⟨stepKind M x t, t, 0, false⟩ := by
  refine apply (p := 0) (s := ⟨.steps, .once, { kind := stepKind M x t }, { kind := .state (conf M x t).state } ::
      { kind := .readsInput (readInput x (conf M x t).input) } ::
      (tapeList M).map fun j => { kind := .reads j ((conf M x t).work.map Tape.head)[j] }⟩)
    (mem_schemas.2 (.inr (.inr (.inl ⟨(conf M x t).state, readInput x (conf M x t).input,
      (conf M x t).work.map Tape.head, by simp [actionSchemas, stepKind]⟩)))) ht Nat.one_pos ?_
  simp only [List.mem_cons, forall_eq_or_imp, Pattern.atom, Time.eval, Place.eval, Low.eval]
  refine ⟨K.state.succ, derives_readsInput K ht, fun A hA => ?_⟩
  obtain ⟨j, -, rfl⟩ := List.mem_map.1 hA
  simpa using derives_reads K ht j

/-- What follows from the step. -/
private theorem derives_action {A : Pattern (Kind M)} (h : (⟨.steps, .once, A, [{ kind := stepKind M x t }]⟩ :
    Schema (Kind M)) ∈ actionSchemas M (conf M x t).state (readInput x (conf M x t).input)
      ((conf M x t).work.map Tape.head)) :
    DerivesIn ((machineSystem M).rules k x) (4 * t + 4) (A.atom x t 0) := by
  refine apply (p := 0) (mem_schemas.2 (.inr (.inr (.inl ⟨_, _, _, h⟩)))) ht Nat.one_pos ?_
  simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq]
  exact derives_step K ht

private theorem derives_movesInput : DerivesIn ((machineSystem M).rules k x) (4 * t + 4)
    ⟨.movesInput (doing M x t).input, t, 0, false⟩ :=
  derives_action K ht (A := { kind := .movesInput (doing M x t).input }) (by simp [actionSchemas, doing, stepKind])

private theorem derives_moves (j : Fin M.tapes) : DerivesIn ((machineSystem M).rules k x) (4 * t + 4)
    ⟨.moves j (doing M x t).work[j].2, t, 0, false⟩ :=
  derives_action K ht (A := { kind := .moves j (doing M x t).work[j].2 })
    (by simp [actionSchemas, doing, stepKind, mem_tape])

private theorem derives_writes (j : Fin M.tapes) : DerivesIn ((machineSystem M).rules k x) (4 * t + 4)
    ⟨.writes j (doing M x t).work[j].1, t, 0, false⟩ :=
  derives_action K ht (A := { kind := .writes j (doing M x t).work[j].1 })
    (by simp [actionSchemas, doing, stepKind, mem_tape])

private theorem derives_output {b : Bool} (hb : (doing M x t).out = some b) :
    DerivesIn ((machineSystem M).rules k x) (4 * t + 4) ⟨.output, 0, 0, b⟩ :=
  derives_action K ht (A := { kind := .output, time := .zero, low := .const b }) (by
    have hb : (action M (conf M x t).state (readInput x (conf M x t).input)
      ((conf M x t).work.map Tape.head)).out = some b := hb
    simp [actionSchemas, stepKind, hb])

private theorem input_next : DerivesIn ((machineSystem M).rules k x) (4 * t + 5)
    ⟨.input, t + 1, (conf M x (t + 1)).input, false⟩ := by
  have hle : (conf M x t).input ≤ x.length + 1 := M.input_run_le x t
  have hm := derives_movesInput K ht
  have hi := K.input.mono (show 4 * t + 1 ≤ 4 * t + 4 by omega)
  have out : ∀ {s : Schema (Kind M)}, s ∈ inputSchemas M → s ∈ (machineSystem M).schemas := fun h =>
    mem_schemas.2 (.inr (.inr (.inr (.inl h))))
  rw [input_succ]
  generalize (conf M x t).input = i at hle hi
  generalize (doing M x t).input = d at hm
  have hc := inputs_lt_cells (k := k) hle
  have both : ∀ A ∈ ([{ kind := .movesInput d }, { kind := .input, place := .here }] : List (Pattern (Kind M))),
      DerivesIn ((machineSystem M).rules k x) (4 * t + 4) (A.atom x t i) := by
    simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
    exact ⟨hm, hi⟩
  cases d with
  | stay =>
    exact apply (p := i) (s := ⟨.steps, .cells, { kind := .input, time := .next, place := .here },
      [{ kind := .movesInput .stay }, { kind := .input, place := .here }]⟩) (out (by simp [inputSchemas])) ht hc both
  | left =>
    exact apply (p := i) (s := ⟨.steps, .cells, { kind := .input, time := .next, place := .before },
      [{ kind := .movesInput .left }, { kind := .input, place := .here }]⟩) (out (by simp [inputSchemas])) ht hc both
  | right =>
    by_cases h : i < x.length + 1
    · rw [moveInput, Nat.min_eq_left (by omega)]
      exact apply (p := i) (s := ⟨.steps, .slots, { kind := .input, time := .next, place := .after },
        [{ kind := .movesInput .right }, { kind := .input, place := .here }]⟩) (out (by simp [inputSchemas])) ht h both
    · obtain rfl : i = x.length + 1 := by omega
      rw [moveInput, Nat.min_eq_right (by omega)]
      refine apply (p := 0) (s := ⟨.steps, .once, { kind := .input, time := .next, place := .last },
        [{ kind := .movesInput .right }, { kind := .input, place := .last }]⟩) (out (by simp [inputSchemas])) ht
        Nat.one_pos ?_
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨hm, hi⟩

/-- A move on work tape `j`. -/
private theorem move {j : Fin M.tapes} {d : Dir} {to source : Kind M} {new old : Place} {p : Nat}
    (hs : moveSchema M j d to new source old ∈ tapeSchemas M j) (hd : (doing M x t).work[j].2 = d)
    (hp : p < cells k x.length) (h : DerivesIn ((machineSystem M).rules k x) (4 * t + 1)
      ⟨source, t, old.eval x.length p, false⟩) :
    DerivesIn ((machineSystem M).rules k x) (4 * t + 5) ⟨to, t + 1, new.eval x.length p, false⟩ := by
  have hm := derives_moves K ht j
  rw [hd] at hm
  refine apply (mem_schemas.2 (.inr (.inr (.inr (.inr (.inl ⟨j, hs⟩)))))) ht hp ?_
  simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq, Pattern.atom, Time.eval,
    Place.eval, Low.eval, moveSchema]
  exact ⟨hm, h.mono (by omega)⟩

private theorem known_succ : Known M k x (t + 1) where
  state := by
    rw [state_succ]
    exact (derives_action K ht (A := { kind := .state (doing M x t).next, time := .next })
      (by simp [actionSchemas, doing, stepKind])).mono (by omega)
  input := input_next K ht
  head j := by
    have hp : (conf M x t).work[j].pos < cells k x.length :=
      steps_lt_cells (Nat.le_trans (pos_le M x t j) (Nat.le_of_lt ht))
    rw [work_succ, Tape.pos_move]
    cases hd : (doing M x t).work[j].2 with
    | stay => exact move K ht (old := .here) (new := .here) (by simp [tapeSchemas]) hd hp (K.head j)
    | left => exact move K ht (old := .here) (new := .before) (by simp [tapeSchemas]) hd hp (K.head j)
    | right => exact move K ht (old := .here) (new := .after) (by simp [tapeSchemas]) hd hp (K.head j)
  left j p hp h := by
    rw [work_succ, Tape.pos_move] at h
    cases hd : (doing M x t).work[j].2 with
    | stay =>
      rw [hd] at h
      exact move K ht (old := .here) (new := .here) (source := .left j) (by simp [tapeSchemas]) hd hp (K.left j p hp h)
    | left =>
      rw [hd] at h
      by_cases e : (conf M x t).work[j].pos < p
      · exact move K ht (old := .here) (new := .here) (source := .left j) (by simp [tapeSchemas]) hd hp
          (K.left j p hp e)
      · obtain ⟨q, rfl⟩ : ∃ q, p = q + 1 := ⟨p - 1, by omega⟩
        have hh := K.head j
        rw [show (conf M x t).work[j].pos = q + 1 by simp only at h; omega] at hh
        exact move K ht (p := q) (old := .after) (new := .after) (source := .head j) (by simp [tapeSchemas]) hd
          (by omega) hh
    | right =>
      rw [hd] at h
      obtain ⟨q, rfl⟩ : ∃ q, p = q + 1 := ⟨p - 1, by omega⟩
      exact move K ht (p := q) (old := .here) (new := .after) (source := .left j) (by simp [tapeSchemas]) hd (by omega)
        (K.left j q (by omega) (by simp only at h; omega))
  right j p hp h := by
    have hle : (conf M x t).work[j].pos < cells k x.length :=
      steps_lt_cells (Nat.le_trans (pos_le M x t j) (Nat.le_of_lt ht))
    rw [work_succ, Tape.pos_move] at h
    cases hd : (doing M x t).work[j].2 with
    | stay =>
      rw [hd] at h
      exact move K ht (old := .here) (new := .here) (source := .right j) (by simp [tapeSchemas]) hd hp
        (K.right j p hp h)
    | left =>
      rw [hd] at h
      exact move K ht (old := .after) (new := .here) (source := .right j) (by simp [tapeSchemas]) hd hp
        (K.right j (p + 1) (by simp only at h; omega) (by simp only at h; omega))
    | right =>
      rw [hd] at h
      by_cases e : p < (conf M x t).work[j].pos
      · exact move K ht (old := .here) (new := .here) (source := .right j) (by simp [tapeSchemas]) hd hp
          (K.right j p hp e)
      · have hh := K.head j
        rw [show (conf M x t).work[j].pos = p by simp only at h; omega] at hh
        exact move K ht (old := .here) (new := .here) (source := .head j) (by simp [tapeSchemas]) hd hp hh
  cell j p hp := by
    have out : ∀ {a} {s : Schema (Kind M)}, s ∈ cellSchemas M j a → s ∈ (machineSystem M).schemas := fun h =>
      mem_schemas.2 (.inr (.inr (.inr (.inr (.inr ⟨_, _, h⟩)))))
    have hc := (K.cell j p hp).mono (show 4 * t + 1 ≤ 4 * t + 4 by omega)
    rw [work_succ, Tape.cellAt_move]
    split
    · next e =>
      have hh := (K.head j).mono (show 4 * t + 1 ≤ 4 * t + 4 by omega)
      rw [← e] at hh
      have hw := derives_writes K ht j
      generalize (doing M x t).work[j].1 = a at hw
      refine apply (p := p) (s := ⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
        [{ kind := .writes j a }, { kind := .head j, place := .here }]⟩) (out (a := a) (by simp [cellSchemas])) ht hp ?_
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨hw, hh⟩
    · next e =>
      generalize ha : (conf M x t).work[j].cellAt p = a at hc
      by_cases e' : (conf M x t).work[j].pos < p
      · have hl := (K.left j p hp e').mono (show 4 * t + 1 ≤ 4 * t + 4 by omega)
        refine apply (p := p) (s := ⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
          [{ kind := .left j, place := .here }, { kind := .cell j a, place := .here }]⟩)
          (out (a := a) (by simp [cellSchemas])) ht hp ?_
        simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
        exact ⟨hl, hc⟩
      · have hr := (K.right j p hp (by omega)).mono (show 4 * t + 1 ≤ 4 * t + 4 by omega)
        refine apply (p := p) (s := ⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
          [{ kind := .right j, place := .here }, { kind := .cell j a, place := .here }]⟩)
          (out (a := a) (by simp [cellSchemas])) ht hp ?_
        simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
        exact ⟨hr, hc⟩

end

private theorem known {t : Nat} (ht : t ≤ steps k x.length) : Known M k x t := by
  induction t with
  | zero => exact known_zero
  | succ t ih => exact known_succ (ih (by omega)) ht

/-- **Output bits are derived**, with height at most four times the number of steps. -/
theorem derivesIn_output {b : Bool} (h : b ∈ (conf M x (steps k x.length)).out) :
    DerivesIn ((machineSystem M).rules k x) (4 * steps k x.length) ⟨.output, 0, 0, b⟩ := by
  obtain ⟨t, ht, hb⟩ := (mem_out M x _).1 h
  exact (derives_output (known (Nat.le_of_lt ht)) ht hb).mono (by omega)

/-- **The atom of an output bit can be derived exactly when the machine prints the bit** in the first `(n + 2) ^ k`
steps. -/
theorem derives_output_iff {b : Bool} :
    Derives ((machineSystem M).rules k x) ⟨.output, 0, 0, b⟩ ↔ b ∈ (conf M x (steps k x.length)).out :=
  ⟨fun h => (mem_out M x _).2 (holds_of_derives h), fun h => ⟨_, derivesIn_output h⟩⟩

end

/-! ## Machines that decide -/

/-- The atom number of an output bit. -/
def outputNumber (M : Machine) (k n : Nat) (b : Bool) : Nat := (machineSystem M).number k n ⟨.output, 0, 0, b⟩

/-- The atom of an output bit is one of the system. -/
theorem has_output (M : Machine) (k n : Nat) (b : Bool) : (machineSystem M).Has k n ⟨.output, 0, 0, b⟩ :=
  ⟨mem_kinds _, Nat.zero_le _, Nat.zero_le _⟩

/-- A machine that halts within `(n + 2) ^ k` steps with one bit of output: the other bit is not derived, this one is,
with height at most `4 · (n + 2) ^ k`. -/
theorem derives_of_haltsWith {M : Machine} {k t s : Nat} {x : List Bool} {b : Bool} (ht : t ≤ (x.length + 2) ^ k)
    (h : M.HaltsWith x [b] t s) (c : Bool) :
    (Derives ((machineSystem M).numbered k x) (outputNumber M k x.length c) ↔ c = b) ∧
      (DerivesIn ((machineSystem M).numbered k x) (4 * steps k x.length) (outputNumber M k x.length c) ↔ c = b) := by
  have ho : (conf M x (steps k x.length)).out = [b] := by
    have := (h.mono (t' := steps k x.length) ht (Nat.le_refl s)).2.1
    rw [← List.reverse_reverse (conf M x (steps k x.length)).out]
    exact congrArg List.reverse this
  have e₁ := System.derives_numbered (k := k) (machineSystem_wf M) (has_output M k x.length c)
  have e₂ := System.derivesIn_numbered (k := k) (machineSystem_wf M) (has_output M k x.length c)
    (h := 4 * steps k x.length)
  have e₃ : c ∈ (conf M x (steps k x.length)).out ↔ c = b := by simp [ho]
  exact ⟨e₁.trans (derives_output_iff.trans e₃), e₂.trans
    ⟨fun H => e₃.1 (derives_output_iff.1 ⟨_, H⟩), fun H => derivesIn_output (e₃.2 H)⟩⟩

end Logprec.Hardness
