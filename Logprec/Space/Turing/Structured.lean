/-!
# Structured programs over any commands and tests

Sequence, `while` and `if` over commands and tests that are left open. What a program does is a relation between states:
`Exec` holds when the program, started in the first state, halts in the second. Programs are translated command by
command (`Code.bind`), and a simulation of the commands is a simulation of the programs (`Exec.refine`).
-/

namespace Logprec.Turing

/-- Structured programs with commands from `C` and tests from `T`. -/
inductive Code (C T : Type) where
  /-- A command. -/
  | cmd (c : C)
  /-- `P; Q` -/
  | seq (P Q : Code C T)
  /-- `while b do P` -/
  | whileDo (b : T) (P : Code C T)
  /-- `if b then P else Q` -/
  | ite (b : T) (P Q : Code C T)
  deriving Repr

/-- The program, started in the first state, halts in the second. `step c s s'` is the meaning of the command `c` (it
need not be defined in every state), and `test b s` that of the test `b`. -/
inductive Exec {C T S : Type} (step : C → S → S → Prop) (test : T → S → Bool) : Code C T → S → S → Prop where
  /-- A command. -/
  | cmd {c : C} {s s' : S} (h : step c s s') : Exec step test (.cmd c) s s'
  /-- One program after another. -/
  | seq {P Q : Code C T} {s s' s'' : S} (h : Exec step test P s s') (h' : Exec step test Q s' s'') :
    Exec step test (.seq P Q) s s''
  /-- A loop whose test fails. -/
  | done {b : T} {P : Code C T} {s : S} (hb : test b s = false) : Exec step test (.whileDo b P) s s
  /-- One round of a loop, and then the others. -/
  | round {b : T} {P : Code C T} {s s' s'' : S} (hb : test b s = true) (h : Exec step test P s s')
    (h' : Exec step test (.whileDo b P) s' s'') : Exec step test (.whileDo b P) s s''
  /-- The first branch. -/
  | yes {b : T} {P Q : Code C T} {s s' : S} (hb : test b s = true) (h : Exec step test P s s') :
    Exec step test (.ite b P Q) s s'
  /-- The second branch. -/
  | no {b : T} {P Q : Code C T} {s s' : S} (hb : test b s = false) (h : Exec step test Q s s') :
    Exec step test (.ite b P Q) s s'

/-- Replace the commands by programs, and the tests by tests. -/
def Code.bind {C T C' T' : Type} (f : C → Code C' T') (g : T → T') : Code C T → Code C' T'
  | cmd c => f c
  | seq P Q => seq (P.bind f g) (Q.bind f g)
  | whileDo b P => whileDo (g b) (P.bind f g)
  | ite b P Q => ite (g b) (P.bind f g) (Q.bind f g)

/-- If every command is simulated by its translation, and tests agree, then programs are simulated by their
translations. -/
theorem Exec.refine {C T S C' T' S' : Type} {step : C → S → S → Prop} {test : T → S → Bool}
    {step' : C' → S' → S' → Prop} {test' : T' → S' → Bool} {f : C → Code C' T'} {g : T → T'} {R : S → S' → Prop}
    (hc : ∀ {c s t s'}, step c s t → R s s' → ∃ t', Exec step' test' (f c) s' t' ∧ R t t')
    (hb : ∀ {b s s'}, R s s' → test' (g b) s' = test b s) {P : Code C T} {s t : S} (h : Exec step test P s t) {s' : S'}
    (hR : R s s') : ∃ t', Exec step' test' (P.bind f g) s' t' ∧ R t t' := by
  induction h generalizing s' with
  | cmd h => exact hc h hR
  | seq _ _ ih ih' =>
    obtain ⟨t, h, hR⟩ := ih hR
    obtain ⟨u, h', hR⟩ := ih' hR
    exact ⟨u, .seq h h', hR⟩
  | done h => exact ⟨s', .done ((hb hR).trans h), hR⟩
  | round h _ _ ih ih' =>
    have h := (hb hR).trans h
    obtain ⟨t, h₁, hR⟩ := ih hR
    obtain ⟨u, h₂, hR⟩ := ih' hR
    exact ⟨u, .round h h₁ h₂, hR⟩
  | yes h _ ih =>
    have h := (hb hR).trans h
    obtain ⟨t, h₁, hR⟩ := ih hR
    exact ⟨t, .yes h h₁, hR⟩
  | no h _ ih =>
    have h := (hb hR).trans h
    obtain ⟨t, h₁, hR⟩ := ih hR
    exact ⟨t, .no h h₁, hR⟩

end Logprec.Turing
