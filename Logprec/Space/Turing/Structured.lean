import Logprec.Space.Turing.Construct

/-!
# Structured programs over any commands and tests: proofs

A program whose commands and tests are refined does the same. About the definitions in
`Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

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
