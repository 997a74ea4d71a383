import Logprec.Bits
import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Counters
import Logprec.Space.Turing.Flow

/-!
# Binary counters on tapes: proofs

Incrementing and decrementing a binary number on a tape; so counters are kept on tapes. About the definitions in
`Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

/-! ## Bits -/

/-- The bits of the value plus 1. -/
def incBits : List Bool → List Bool
  | [] => [true]
  | false :: l => true :: l
  | true :: l => false :: incBits l

/-- The bits of the value minus 1, without leading zeros if there were none. -/
def decBits : List Bool → List Bool
  | [] => []
  | false :: l => true :: decBits l
  | [true] => []
  | true :: b :: l => false :: b :: l

/-- There are no leading zeros: the last bit, if any, is 1. -/
def NoLeadingZero : List Bool → Prop
  | [] => True
  | [b] => b = true
  | _ :: b :: l => NoLeadingZero (b :: l)

/-- The value of the bits plus 1. -/
theorem ofBits_incBits (l : List Bool) : ofBits (incBits l) = ofBits l + 1 := by
  induction l with
  | nil => rfl
  | cons b l ih => cases b <;> simp [incBits, ofBits, ih] <;> omega

/-- A number plus 1 has bits. -/
theorem incBits_ne_nil (l : List Bool) : incBits l ≠ [] := by
  cases l with
  | nil => simp [incBits]
  | cons b l => cases b <;> simp [incBits]

/-- A bit below others. -/
theorem NoLeadingZero.cons {b : Bool} {l : List Bool} (h : NoLeadingZero l) (hl : l ≠ []) :
    NoLeadingZero (b :: l) := by
  cases l with
  | nil => simp at hl
  | cons c l => exact h

/-- Without the lowest bit. -/
theorem NoLeadingZero.tail {b : Bool} {l : List Bool} (h : NoLeadingZero (b :: l)) : NoLeadingZero l := by
  cases l with
  | nil => trivial
  | cons c l => exact h

/-- Adding 1 makes no leading zeros. -/
theorem NoLeadingZero.inc {l : List Bool} (h : NoLeadingZero l) : NoLeadingZero (incBits l) := by
  induction l with
  | nil => rfl
  | cons b l ih =>
    cases b with
    | false =>
      cases l with
      | nil => simp [NoLeadingZero] at h
      | cons c l => exact h
    | true => exact (ih h.tail).cons (incBits_ne_nil l)

/-- A number without leading zeros has a bit for its length. -/
theorem NoLeadingZero.two_pow_le {l : List Bool} (h : NoLeadingZero l) (hl : l ≠ []) :
    2 ^ (l.length - 1) ≤ ofBits l := by
  induction l with
  | nil => simp at hl
  | cons b l ih =>
    cases l with
    | nil => simp [NoLeadingZero] at h; simp [h, ofBits]
    | cons c l =>
      have := ih h (by simp)
      simp only [List.length_cons, ofBits, Nat.add_sub_cancel, Nat.pow_succ] at this ⊢
      omega

/-- A number with bits and without leading zeros is positive. -/
theorem NoLeadingZero.ofBits_pos {l : List Bool} (h : NoLeadingZero l) (hl : l ≠ []) : 0 < ofBits l :=
  Nat.lt_of_lt_of_le (Nat.two_pow_pos _) (h.two_pow_le hl)

/-- The number of bits of a number up to `B`. -/
theorem NoLeadingZero.length_le {l : List Bool} {B : Nat} (h : NoLeadingZero l) (hB : ofBits l ≤ B) :
    l.length ≤ B.log2 + 1 := by
  cases hl : l with
  | nil => simp
  | cons b t =>
    have h₁ := h.two_pow_le (by simp [hl])
    have h₂ : l.length - 1 ≤ B.log2 := (Nat.le_log2 (by have := h.ofBits_pos (by simp [hl]); omega)).2 (by omega)
    rw [← hl]
    omega

/-- Taking 1 off makes no leading zeros, and no more bits. -/
theorem NoLeadingZero.dec {l : List Bool} (h : NoLeadingZero l) (hl : l ≠ []) :
    NoLeadingZero (decBits l) ∧ ofBits (decBits l) + 1 = ofBits l ∧ (decBits l).length ≤ l.length := by
  induction l with
  | nil => simp at hl
  | cons b l ih =>
    cases b with
    | false =>
      cases l with
      | nil => simp [NoLeadingZero] at h
      | cons c l =>
        obtain ⟨h₁, h₂, h₃⟩ := ih h.tail (by simp)
        refine ⟨?_, ?_, ?_⟩
        · rw [decBits]
          generalize decBits (c :: l) = m at h₁
          cases m with
          | nil => rfl
          | cons d m => exact h₁
        · simp [decBits, ofBits] at h₂ ⊢
          omega
        · simp only [decBits, List.length_cons] at h₃ ⊢
          omega
    | true =>
      cases l with
      | nil => simp [decBits, NoLeadingZero, ofBits]
      | cons c l => exact ⟨h, by simp [decBits, ofBits]; omega, by simp [decBits]⟩

/-! ## Walks -/

/-- The symbol of a bit: 1 for 0, 2 for 1. The blank is 0, the marker is 3, and 4 is the highest bit. -/
def bitSym (b : Bool) : Fin 5 := if b then 2 else 1

/-- The symbols of the bits of a number without leading zeros. -/
def bitSyms : List Bool → List (Fin 5)
  | [] => []
  | [_] => [4]
  | b :: c :: l => bitSym b :: bitSyms (c :: l)

theorem length_bitSyms : ∀ l : List Bool, (bitSyms l).length = l.length
  | [] => rfl
  | [_] => rfl
  | _ :: c :: l => by simp [bitSyms, length_bitSyms (c :: l)]

theorem bitSyms_cons (b : Bool) {l : List Bool} (hl : l ≠ []) : bitSyms (b :: l) = bitSym b :: bitSyms l := by
  cases l with
  | nil => exact absurd rfl hl
  | cons c l => rfl

/-- The tape with `L` to the left of the head (the nearest first) and `l` from the head on. -/
def Tape.around (L : List (Fin 5)) : List (Fin 5) → Tape 4
  | [] => ⟨L, 0, []⟩
  | a :: r => ⟨L, a, r⟩

/-- Moving to the right. -/
theorem Tape.move_right (L : List (Fin 5)) (a : Fin 5) (r : List (Fin 5)) :
    (⟨L, a, r⟩ : Tape 4).move .right = Tape.around (a :: L) r := by cases r <;> rfl

/-- Write a tape. -/
def TapeState.put (s : TapeState) (t : Nat) (T : Tape 4) : TapeState :=
  { s with work := fun i => if i = t then T else s.work i }

/-- Writing the tape that is there. -/
theorem TapeState.put_self (s : TapeState) (t : Nat) : s.put t (s.work t) = s := by
  simp only [put]
  congr
  funext i
  split <;> simp_all

section

variable {x : List Bool} {s : TapeState} {t : Nat}

private theorem exec_write (T : Tape 4) (a : Fin 5) :
    TapeExec x (.cmd (.write t a)) (s.put t T) (s.put t (T.write a)) := by
  refine .cmd ?_
  simp only [TapeState.put, TapeCmd.run, TapeCmd.onTape, TapeCmd.onInput, TapeCmd.onOutput, moveInput, Option.toList,
    List.nil_append]
  congr
  funext i
  split <;> rfl

private theorem exec_move (T : Tape 4) (d : Dir) :
    TapeExec x (.cmd (.move t d)) (s.put t T) (s.put t (T.move d)) := by
  refine .cmd ?_
  simp only [TapeState.put, TapeCmd.run, TapeCmd.onTape, TapeCmd.onInput, TapeCmd.onOutput, moveInput, Option.toList,
    List.nil_append]
  congr
  funext i
  split <;> rfl

private theorem exec_right (L : List (Fin 5)) (a : Fin 5) (r : List (Fin 5)) :
    TapeExec x (.cmd (.move t .right)) (s.put t ⟨L, a, r⟩) (s.put t (.around (a :: L) r)) :=
  Tape.move_right L a r ▸ exec_move _ _

private theorem test_put {T : Tape 4} {p : Fin 5 → Bool} {v : Bool} (h : p T.head = v) :
    (TapeTest.work t p).eval x (s.put t T) = v := by simpa [TapeTest.eval, TapeState.put] using h

private theorem exec_back {A : List (Fin 5)} {a : Fin 5} {r : List (Fin 5)} (hA : 3 ∉ A) (ha : a ≠ 3) :
    TapeExec x (backTape t) (s.put t ⟨A ++ [3], a, r⟩) (s.put t (.around [3] (A.reverse ++ a :: r))) := by
  suffices H : TapeExec x (.whileDo (.work t (· != 3)) (.cmd (.move t .left))) (s.put t ⟨A ++ [3], a, r⟩)
      (s.put t ⟨[], 3, A.reverse ++ a :: r⟩) from .seq H (exec_right [] 3 _)
  induction A generalizing a r with
  | nil => exact .round (test_put (by simpa using ha)) (exec_move _ _) (.done (test_put rfl))
  | cons b A ih =>
    simp only [List.mem_cons, not_or] at hA
    refine .round (test_put (by simpa using ha)) (exec_move _ _) ?_
    simpa [Tape.move] using ih hA.2 (Ne.symm hA.1) (r := a :: r)

/-- What a walk does: from the bits `l` and `j` blanks to the bits `m` and some blanks, with the head somewhere. -/
private def Walk (x : List Bool) (s : TapeState) (t : Nat) (P : TapeProg) (L : List (Fin 5)) (l m : List Bool)
    (j : Nat) : Prop :=
  ∃ A a r j', A.reverse ++ a :: r = bitSyms m ++ List.replicate j' 0 ∧
    m.length + j' ≤ max (l.length + j) m.length ∧ 3 ∉ A ∧ a ≠ 3 ∧
    TapeExec x P (s.put t (.around L (bitSyms l ++ List.replicate j 0))) (s.put t ⟨A ++ L, a, r⟩)

/-- A round of a scan, in front of a walk. -/
private theorem Walk.round {p : Fin 5 → Bool} {P Q : TapeProg} {L : List (Fin 5)} {l m : List Bool} {j : Nat}
    {b c : Bool} (hl : l ≠ []) (hm : m ≠ []) (hp : p (bitSym b) = true)
    (hP : TapeExec x P (s.put t ⟨L, bitSym b, bitSyms l ++ List.replicate j 0⟩)
      (s.put t (.around (bitSym c :: L) (bitSyms l ++ List.replicate j 0))))
    (h : Walk x s t (.seq (.whileDo (.work t p) P) Q) (bitSym c :: L) l m j) :
    Walk x s t (.seq (.whileDo (.work t p) P) Q) L (b :: l) (c :: m) j := by
  obtain ⟨A, a, r, j', h₁, h₂, h₃, h₄, h₅⟩ := h
  refine ⟨A ++ [bitSym c], a, r, j', by simp [h₁, bitSyms_cons c hm], by simp only [List.length_cons]; omega, ?_, h₄,
    ?_⟩
  · simp only [List.mem_append, List.mem_singleton, not_or]
    exact ⟨h₃, by cases c <;> decide⟩
  · rw [bitSyms_cons b hl]
    cases h₅ with
    | seq h h' =>
      rw [List.append_assoc]
      exact .seq (.round (test_put hp) hP h) h'

private theorem walk_inc (L : List (Fin 5)) {l : List Bool} (j : Nat) (h : NoLeadingZero l) :
    Walk x s t (.seq (incScan t) (incBit t)) L l (incBits l) j := by
  induction l generalizing L with
  | nil =>
    refine ⟨[], 4, List.replicate (j - 1) 0, j - 1, rfl, by simp [incBits]; omega, by simp, by decide, ?_⟩
    cases j <;> exact .seq (.done (test_put rfl)) (.no (test_put rfl) (.yes (test_put rfl) (exec_write _ _)))
  | cons b l ih =>
    cases l with
    | nil =>
      obtain rfl : b = true := h
      refine ⟨[1], 4, List.replicate (j - 1) 0, j - 1, rfl, by simp [incBits]; omega, by decide, by decide, ?_⟩
      cases j <;> exact .seq (.done (test_put rfl)) (.no (test_put rfl) (.no (test_put rfl)
        (.seq (exec_write _ _) (.seq (exec_right _ _ _) (exec_write _ _)))))
    | cons c l =>
      cases b with
      | false =>
        exact ⟨[], 2, bitSyms (c :: l) ++ List.replicate j 0, j, rfl, by simp [incBits], by simp, by decide,
          .seq (.done (test_put rfl)) (.yes (test_put rfl) (exec_write _ _))⟩
      | true =>
        exact (ih (1 :: L) h.tail).round (b := true) (c := false) (by simp) (incBits_ne_nil _) rfl
          (.seq (exec_write _ _) (exec_right _ _ _))

private theorem decBits_ne_nil {b c : Bool} {l : List Bool} : decBits (b :: c :: l) ≠ [] := by
  cases b <;> simp [decBits]

private theorem walk_dec (L : List (Fin 5)) {b c : Bool} {l : List Bool} (j : Nat) (h : NoLeadingZero (b :: c :: l)) :
    Walk x s t (.seq (decScan t) (decBit t)) L (b :: c :: l) (decBits (b :: c :: l)) j := by
  induction l generalizing L b c with
  | nil =>
    obtain rfl : c = true := h
    cases b with
    | true =>
      exact ⟨[], 1, 4 :: List.replicate j 0, j, rfl, by simp [decBits], by simp, by decide,
        .seq (.done (test_put rfl)) (.yes (test_put rfl) (exec_write _ _))⟩
    | false =>
      refine ⟨[], 4, 0 :: List.replicate j 0, j + 1, rfl, by simp [decBits]; omega, by simp, by decide, ?_⟩
      refine .seq (.round (test_put rfl) (.seq (exec_write _ _) (exec_right _ _ _)) (.done (test_put rfl)))
        (.no (test_put rfl) (.seq (exec_write _ _) (.seq (exec_move _ _) (.round (test_put rfl) (exec_write _ _)
          (.done (test_put rfl))))))
  | cons d l ih =>
    cases b with
    | true =>
      exact ⟨[], 1, bitSyms (c :: d :: l) ++ List.replicate j 0, j, rfl, by simp [decBits], by simp, by decide,
        .seq (.done (test_put rfl)) (.yes (test_put rfl) (exec_write _ _))⟩
    | false =>
      exact (ih (2 :: L) h.tail).round (b := false) (c := true) (by simp) decBits_ne_nil rfl
        (.seq (exec_write _ _) (exec_right _ _ _))

end

/-! ## Counters -/

/-- The tape is a counter with value `v`, of at most `S` cells. -/
def Holds (S : Nat) (T : Tape 4) (v : Nat) : Prop :=
  2 ≤ S ∧ ∃ l j, NoLeadingZero l ∧ ofBits l = v ∧ l.length + j + 1 ≤ S ∧
    T = .around [3] (bitSyms l ++ List.replicate j 0)

/-- A counter has at most `S` cells. -/
theorem Holds.cells_le {S v : Nat} {T : Tape 4} (h : Holds S T v) : T.cells ≤ S := by
  obtain ⟨hS, l, j, -, -, h₂, rfl⟩ := h
  have : (bitSyms l ++ List.replicate j 0).length = l.length + j := by simp [length_bitSyms]
  revert this
  generalize bitSyms l ++ List.replicate j 0 = m
  intro hm
  cases m <;> simp [Tape.around, Tape.cells] at hm ⊢ <;> omega

/-- A counter is 0 when the head reads a blank. -/
theorem Holds.head_eq {S v : Nat} {T : Tape 4} (h : Holds S T v) : (T.head != 0) = decide (v ≠ 0) := by
  obtain ⟨-, l, j, hl, rfl, -, rfl⟩ := h
  match l with
  | [] => cases j <;> rfl
  | [b] => obtain rfl : b = true := hl; rfl
  | b :: c :: l =>
    have := hl.ofBits_pos (by simp)
    have : ofBits (b :: c :: l) ≠ 0 := by omega
    cases b <;> simp [Tape.around, bitSyms, bitSym, this]

/-- Adding 1. -/
theorem exec_incTape {x : List Bool} {s : TapeState} {t v B : Nat} (h : Holds (B.log2 + 2) (s.work t) v)
    (hB : v + 1 ≤ B) : ∃ T, TapeExec x (incTape t) s (s.put t T) ∧ Holds (B.log2 + 2) T (v + 1) := by
  obtain ⟨hS, l, j, hl, rfl, h₂, hT⟩ := h
  obtain ⟨A, a, r, j', h₃, h₄, h₅, h₆, h₇⟩ := walk_inc (x := x) (s := s) (t := t) [3] j hl
  rw [← hT, s.put_self] at h₇
  have h₈ := hl.inc.length_le (B := B) (by rw [ofBits_incBits]; exact hB)
  exact ⟨_, .seq h₇ (exec_back h₅ h₆), hS, incBits l, j', hl.inc, ofBits_incBits l, by omega, by rw [h₃]⟩

/-- Taking 1 off the counter 1, which becomes empty. -/
private theorem exec_decTape_one {x : List Bool} {s : TapeState} {t j : Nat}
    (hT : s.work t = .around [3] (bitSyms [true] ++ List.replicate j 0)) :
    TapeExec x (decTape t) s (s.put t (.around [3] (List.replicate (j + 1) 0))) := by
  have h : TapeExec x (decTape t) (s.put t (.around [3] (bitSyms [true] ++ List.replicate j 0)))
      (s.put t (.around [3] (List.replicate (j + 1) 0))) :=
    .seq (.seq (.done (test_put rfl)) (.no (test_put rfl) (.seq (exec_write _ _) (.seq (exec_move _ _)
      (.done (test_put rfl)))))) (.seq (.done (test_put rfl)) (exec_right [] 3 _))
  rwa [← hT, s.put_self] at h

/-- Taking 1 off. -/
theorem exec_decTape {x : List Bool} {s : TapeState} {t v S : Nat} (h : Holds S (s.work t) v) (hv : 0 < v) :
    ∃ T, TapeExec x (decTape t) s (s.put t T) ∧ Holds S T (v - 1) := by
  obtain ⟨hS, l, j, hl, rfl, h₂, hT⟩ := h
  match l with
  | [] => simp [ofBits] at hv
  | [b] =>
    obtain rfl : b = true := hl
    exact ⟨_, exec_decTape_one hT, hS, [], j + 1, trivial, rfl, by simp at h₂ ⊢; omega, rfl⟩
  | b :: c :: l =>
    obtain ⟨A, a, r, j', h₃, h₄, h₅, h₆, h₇⟩ := walk_dec (x := x) (s := s) (t := t) [3] j hl
    rw [← hT, s.put_self] at h₇
    obtain ⟨h₈, h₉, h₁₀⟩ := hl.dec (by simp)
    exact ⟨_, .seq h₇ (exec_back h₅ h₆), hS, decBits (b :: c :: l), j', h₈, by omega, by omega, by rw [h₃]⟩

/-! ## Counter programs as tape programs -/

/-- The tapes hold the registers, with at most `S` cells each. -/
structure Represents (S : Nat) (c : Counters) (s : TapeState) : Prop where
  /-- The input head is at the same place. -/
  input : s.input = c.input
  /-- The output is the same. -/
  out : s.out = c.out
  /-- Every tape holds its register. -/
  work : ∀ t, Holds S (s.work t) (c.regs t)

private theorem Represents.put {S v : Nat} {c : Counters} {s : TapeState} {t : Nat} {T : Tape 4}
    (h : Represents S c s) (hT : Holds S T v) : Represents S (c.put t v) (s.put t T) where
  input := h.input
  out := h.out
  work i := by
    simp only [Counters.put, TapeState.put]
    split
    · exact hT
    · exact h.work i

private theorem Represents.cmd {x : List Bool} {B : Nat} {c : CounterCmd} {u u' : Counters} {s : TapeState}
    (h : c.Step x B u u') (hR : Represents (B.log2 + 2) u s) :
    ∃ s', TapeExec x c.onTapes s s' ∧ Represents (B.log2 + 2) u' s' := by
  cases c with
  | inc r =>
    obtain ⟨hB, rfl⟩ := h
    obtain ⟨T, h, hT⟩ := exec_incTape (x := x) (hR.work r) hB
    exact ⟨_, h, hR.put hT⟩
  | dec r =>
    obtain ⟨hv, rfl⟩ := h
    obtain ⟨T, h, hT⟩ := exec_decTape (x := x) (hR.work r) hv
    exact ⟨_, h, hR.put hT⟩
  | input d =>
    obtain rfl := h
    refine ⟨_, .cmd rfl, ?_, hR.out, hR.work⟩
    simp [TapeCmd.run, TapeCmd.onInput, hR.input]
  | emit b =>
    obtain rfl := h
    exact ⟨_, .cmd rfl, hR.input, congrArg (b :: ·) hR.out, hR.work⟩

/-- Counter programs are run on tapes: with registers up to `B`, in `log₂ B + 2` cells a register. -/
theorem CounterExec.onTapes {x : List Bool} {B : Nat} {P : CounterProg} {c c' : Counters} {s : TapeState}
    (h : CounterExec x B P c c') (hR : Represents (B.log2 + 2) c s) :
    ∃ s', TapeExec x P.onTapes s s' ∧ Represents (B.log2 + 2) c' s' := by
  refine Exec.refine (R := Represents (B.log2 + 2)) (fun h hR => Represents.cmd h hR) ?_ h hR
  intro b c s hR
  cases b with
  | pos r => exact (hR.work r).head_eq
  | input p => simp [CounterTest.eval, CounterTest.onTapes, TapeTest.eval, hR.input]

end Logprec.Turing
