import Logprec.Consequence.P.Rules
import Logprec.Space.Turing.Time

/-!
# The rules of a machine

What a multi-tape machine does in `(n + 2) ^ k` steps on an input, as a system of definite clauses over atoms such as
"at time `t`, cell `p` of work tape `j` holds `a`". Each rule has at most as many atoms in its body as there are tapes,
and two more. The atom for an output bit can be derived exactly when the machine prints that bit.
-/

namespace Logprec.Hardness

open Turing

/-- The kinds of atoms. All but `output` and `bit` are about the time of the atom. -/
inductive Kind (M : Machine) where
  /-- The machine is in the state. -/
  | state (q : Fin (M.states + 1))
  /-- The input head is at the place. -/
  | input
  /-- The head of work tape `j` is at the place. -/
  | head (j : Fin M.tapes)
  /-- The head of work tape `j` is to the left of the place. -/
  | left (j : Fin M.tapes)
  /-- The head of work tape `j` is to the right of the place. -/
  | right (j : Fin M.tapes)
  /-- The cell of work tape `j` at the place holds the symbol. -/
  | cell (j : Fin M.tapes) (a : Fin (M.symbols + 1))
  /-- The input head reads the symbol. -/
  | readsInput (s : InSym)
  /-- The head of work tape `j` reads the symbol. -/
  | reads (j : Fin M.tapes) (a : Fin (M.symbols + 1))
  /-- The machine is in a state and reads these symbols. -/
  | step (q : Fin (M.states + 1)) (s : InSym) (w : Vector (Fin (M.symbols + 1)) M.tapes)
  /-- The input head makes the move. -/
  | movesInput (d : Dir)
  /-- The head of work tape `j` makes the move. -/
  | moves (j : Fin M.tapes) (d : Dir)
  /-- The head of work tape `j` writes the symbol. -/
  | writes (j : Fin M.tapes) (a : Fin (M.symbols + 1))
  /-- The machine prints the bit, at some time. -/
  | output
  /-- The input has the bit at the place. -/
  | bit
  deriving DecidableEq, Repr

/-- All words of symbols of a length. -/
def words (symbols : Nat) : Nat → List (List (Fin (symbols + 1)))
  | 0 => [[]]
  | m + 1 => (words symbols m).flatMap fun w => (List.finRange (symbols + 1)).map (· :: w)

private theorem mem_words {symbols : Nat} : ∀ w : List (Fin (symbols + 1)), w ∈ words symbols w.length
  | [] => by simp [words]
  | a :: w => by
    simp only [words, List.length_cons, List.mem_flatMap, List.mem_map, List.mem_finRange, true_and]
    exact ⟨w, mem_words w, a, rfl⟩

/-- What the work tapes may read. -/
def readings (M : Machine) : List (Vector (Fin (M.symbols + 1)) M.tapes) :=
  (words M.symbols M.tapes).map fun w => Vector.ofFn fun j => w.getD j.val 0

private theorem mem_readings {M : Machine} (w : Vector (Fin (M.symbols + 1)) M.tapes) : w ∈ readings M := by
  refine List.mem_map.2 ⟨w.toList, ?_, ?_⟩
  · have := mem_words w.toList
    rwa [Vector.length_toList] at this
  · ext j hj
    simp [List.getD_eq_getElem?_getD]

/-- What the input head may read. -/
def inSyms : List InSym := [.left, .bit false, .bit true, .right]

/-- The moves of heads. -/
def dirs : List Dir := [.left, .stay, .right]

section
variable (M : Machine)

/-- The states. -/
def stateList : List (Fin (M.states + 1)) := List.finRange _

/-- The symbols. -/
def symbolList : List (Fin (M.symbols + 1)) := List.finRange _

/-- The work tapes. -/
def tapeList : List (Fin M.tapes) := List.finRange _

/-- All kinds. -/
def kinds : List (Kind M) :=
  [.input, .output, .bit] ++ ((stateList M).map .state ++ (inSyms.map .readsInput ++ (dirs.map .movesInput ++
    ((tapeList M).flatMap (fun j => .head j :: .left j :: .right j :: (dirs.map (.moves j) ++
      (symbolList M).flatMap fun a => [.cell j a, .reads j a, .writes j a])) ++
    (stateList M).flatMap fun q => inSyms.flatMap fun s => (readings M).map (.step q s)))))

/-- What the machine does in a state, reading these symbols. Where it halts, it does nothing. -/
def action (q : Fin (M.states + 1)) (s : InSym) (w : Vector (Fin (M.symbols + 1)) M.tapes) :
    Action M.tapes M.states M.symbols :=
  (M.step q s w).getD ⟨q, .stay, w.map fun a => (a, .stay), none⟩

/-! ## The schemas -/

/-- At the start. -/
def initialSchemas : List (Schema (Kind M)) :=
  [⟨.once, .once, { kind := .state 0 }, []⟩, ⟨.once, .once, { kind := .input }, []⟩,
    ⟨.once, .inputs, { kind := .bit, place := .here, low := .input }, []⟩] ++
  (tapeList M).flatMap fun j =>
    [⟨.once, .once, { kind := .head j }, []⟩, ⟨.once, .cells, { kind := .left j, place := .after }, []⟩,
      ⟨.once, .cells, { kind := .cell j 0, place := .here }, []⟩]

/-- What is read. -/
def readSchemas : List (Schema (Kind M)) :=
  [⟨.steps, .once, { kind := .readsInput .left }, [{ kind := .input }]⟩,
    ⟨.steps, .once, { kind := .readsInput .right }, [{ kind := .input, place := .last }]⟩] ++
  ([false, true].map fun b => ⟨.steps, .inputs, { kind := .readsInput (.bit b) },
    [{ kind := .input, place := .after }, { kind := .bit, time := .zero, place := .here, low := .const b }]⟩) ++
  (tapeList M).flatMap fun j => (symbolList M).map fun a => ⟨.steps, .cells, { kind := .reads j a },
    [{ kind := .head j, place := .here }, { kind := .cell j a, place := .here }]⟩

/-- What is done in a state, reading these symbols. -/
def actionSchemas (q : Fin (M.states + 1)) (s : InSym) (w : Vector (Fin (M.symbols + 1)) M.tapes) :
    List (Schema (Kind M)) :=
  let R : List (Pattern (Kind M)) := [{ kind := .step q s w }]
  let a := action M q s w
  [⟨.steps, .once, { kind := .step q s w }, { kind := .state q } :: { kind := .readsInput s } ::
      (tapeList M).map fun j => { kind := .reads j w[j] }⟩,
    ⟨.steps, .once, { kind := .state a.next, time := .next }, R⟩,
    ⟨.steps, .once, { kind := .movesInput a.input }, R⟩] ++
  ((tapeList M).flatMap fun j => [⟨.steps, .once, { kind := .moves j a.work[j].2 }, R⟩,
    ⟨.steps, .once, { kind := .writes j a.work[j].1 }, R⟩]) ++
  a.out.toList.map fun b => ⟨.steps, .once, { kind := .output, time := .zero, low := .const b }, R⟩

/-- The moves of the input head. -/
def inputSchemas : List (Schema (Kind M)) :=
  [⟨.steps, .cells, { kind := .input, time := .next, place := .here },
      [{ kind := .movesInput .stay }, { kind := .input, place := .here }]⟩,
    ⟨.steps, .cells, { kind := .input, time := .next, place := .before },
      [{ kind := .movesInput .left }, { kind := .input, place := .here }]⟩,
    ⟨.steps, .slots, { kind := .input, time := .next, place := .after },
      [{ kind := .movesInput .right }, { kind := .input, place := .here }]⟩,
    ⟨.steps, .once, { kind := .input, time := .next, place := .last },
      [{ kind := .movesInput .right }, { kind := .input, place := .last }]⟩]

/-- A move of the head of work tape `j`: one kind of atom about a place follows from another one about a place. -/
def moveSchema (j : Fin M.tapes) (d : Dir) (to : Kind M) (new : Place) (source : Kind M) (old : Place) :
    Schema (Kind M) :=
  ⟨.steps, .cells, { kind := to, time := .next, place := new },
    [{ kind := .moves j d }, { kind := source, place := old }]⟩

/-- The moves of the head of work tape `j`. -/
def tapeSchemas (j : Fin M.tapes) : List (Schema (Kind M)) :=
  [moveSchema M j .stay (.head j) .here (.head j) .here,
    moveSchema M j .stay (.left j) .here (.left j) .here,
    moveSchema M j .stay (.right j) .here (.right j) .here,
    moveSchema M j .left (.head j) .before (.head j) .here,
    moveSchema M j .left (.left j) .here (.left j) .here,
    moveSchema M j .left (.left j) .after (.head j) .after,
    moveSchema M j .left (.right j) .here (.right j) .after,
    moveSchema M j .right (.head j) .after (.head j) .here,
    moveSchema M j .right (.left j) .after (.left j) .here,
    moveSchema M j .right (.right j) .here (.head j) .here,
    moveSchema M j .right (.right j) .here (.right j) .here]

/-- The cells of work tape `j`: what is written under the head, and what stays elsewhere. -/
def cellSchemas (j : Fin M.tapes) (a : Fin (M.symbols + 1)) : List (Schema (Kind M)) :=
  [⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
      [{ kind := .writes j a }, { kind := .head j, place := .here }]⟩,
    ⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
      [{ kind := .left j, place := .here }, { kind := .cell j a, place := .here }]⟩,
    ⟨.steps, .cells, { kind := .cell j a, time := .next, place := .here },
      [{ kind := .right j, place := .here }, { kind := .cell j a, place := .here }]⟩]

/-- The rules of a machine. -/
def machineSystem : System (Kind M) where
  kinds := kinds M
  schemas := initialSchemas M ++ readSchemas M ++
    ((stateList M).flatMap fun q => inSyms.flatMap fun s => (readings M).flatMap fun w => actionSchemas M q s w) ++
    inputSchemas M ++ (tapeList M).flatMap (fun j => tapeSchemas M j) ++
    (tapeList M).flatMap fun j => (symbolList M).flatMap fun a => cellSchemas M j a

end

/-- All kinds are listed. -/
theorem mem_kinds {M : Machine} (κ : Kind M) : κ ∈ kinds M := by
  have hs : ∀ s : InSym, s ∈ inSyms := by
    rintro (_ | b | _)
    · decide
    · cases b <;> decide
    · decide
  have hd : ∀ d : Dir, d ∈ dirs := by rintro (_ | _ | _) <;> decide
  cases κ <;> simp [kinds, stateList, symbolList, tapeList, List.mem_finRange, hs, hd, mem_readings]

/-- The system of a machine is well-formed. -/
theorem machineSystem_wf (M : Machine) : (machineSystem M).WF := fun _ _ => ⟨mem_kinds _, fun _ _ => mem_kinds _⟩

/-- The schemas, group by group. -/
theorem mem_schemas {M : Machine} {s : Schema (Kind M)} : s ∈ (machineSystem M).schemas ↔
    s ∈ initialSchemas M ∨ s ∈ readSchemas M ∨ (∃ q i w, s ∈ actionSchemas M q i w) ∨ s ∈ inputSchemas M ∨
      (∃ j, s ∈ tapeSchemas M j) ∨ ∃ j a, s ∈ cellSchemas M j a := by
  have hs : ∀ s : InSym, s ∈ inSyms := by
    rintro (_ | b | _)
    · decide
    · cases b <;> decide
    · decide
  simp only [machineSystem, List.mem_append, List.mem_flatMap, stateList, tapeList, symbolList, List.mem_finRange,
    true_and, hs, mem_readings, or_assoc]

end Logprec.Hardness
