import Logprec.Consequence.P.HornSat

/-!
# Membership in a context-free language is hard for P, when the grammar is given

The universal membership problem: the input is a grammar and a word. Productions may be empty. The reduction gives the
empty word: with empty productions, a grammar derives it in the way in which definite clauses derive an atom.
-/

namespace Logprec.Hardness

open Class Turing

/-- Symbols of a grammar. -/
inductive Sym where
  /-- A nonterminal. -/
  | nonterminal (v : Nat)
  /-- A terminal. -/
  | terminal (a : Nat)
  deriving Repr, DecidableEq

/-- A production: the nonterminal on the left, and what replaces it. -/
structure Production where
  /-- The nonterminal. -/
  head : Nat
  /-- What replaces it; it may be empty. -/
  body : List Sym
  deriving Repr, DecidableEq

/-- A context-free grammar. -/
structure Grammar where
  /-- The start symbol. -/
  start : Nat
  /-- The productions. -/
  productions : List Production
  deriving Repr, DecidableEq

namespace Grammar

/-- One step: a production is applied to a nonterminal somewhere in the string. -/
def Step (G : Grammar) (u v : List Sym) : Prop := ∃ l r, ∃ P ∈ G.productions,
  u = l ++ .nonterminal P.head :: r ∧ v = l ++ P.body ++ r

/-- Any number of steps. -/
inductive Rewrites (G : Grammar) : List Sym → List Sym → Prop where
  /-- No step. -/
  | refl (u : List Sym) : Rewrites G u u
  /-- One step and then others. -/
  | step {u v w : List Sym} : G.Step u v → Rewrites G v w → Rewrites G u w

/-- The grammar generates the word of terminals. -/
def Generates (G : Grammar) (w : List Nat) : Prop := G.Rewrites [.nonterminal G.start] (w.map .terminal)

end Grammar

/-- The numbers of a symbol: 0 and a nonterminal, or 1 and a terminal. -/
def Sym.code : Sym → List Nat
  | nonterminal v => [0, v]
  | terminal a => [1, a]

/-- The numbers of a production: the nonterminal, and how many symbols replace it, and these. -/
def Production.code (P : Production) : List Nat := P.head :: listCode Sym.code P.body

/-- The numbers of an instance: the start symbol; how many productions, and these; the length of the word, and it. -/
def grammarCode (I : Grammar × List Nat) : List Nat :=
  I.1.start :: (listCode Production.code I.1.productions ++ listCode (fun a => [a]) I.2)

private theorem prefixFree_sym : PrefixFree Sym.code := fun a b r r' h => by
  cases a <;> cases b <;> simp_all [Sym.code]

private theorem prefixFree_production : PrefixFree Production.code := fun a b r r' h => by
  obtain ⟨v, l⟩ := a
  obtain ⟨v', l'⟩ := b
  simp only [Production.code, List.cons_append, List.cons.injEq] at h
  obtain ⟨h₁, h₂⟩ := prefixFree_sym.list _ _ _ _ h.2
  exact ⟨by rw [h.1, h₁], h₂⟩

/-- Different instances have different codes. -/
theorem grammarCode_inj (I J : Grammar × List Nat) (h : grammarCode I = grammarCode J) : I = J := by
  obtain ⟨⟨s, P⟩, w⟩ := I
  obtain ⟨⟨s', P'⟩, w'⟩ := J
  simp only [grammarCode, List.cons.injEq] at h
  obtain ⟨h₁, h₂⟩ := prefixFree_production.list _ _ _ _ h.2
  have : PrefixFree fun a : Nat => [a] := fun a b r r' h => by simpa using h
  rw [h.1, h₁, this.list.inj h₂]

/-- **Universal context-free membership**: the codes of a grammar and a word that it generates. -/
def CfgMembership : Language := Coded grammarCode fun I => I.1.Generates I.2

/-! ## Hardness -/

/-- The production of a rule. -/
def Rule.production (c : Rule Nat) : Production := ⟨c.head, c.body.map .nonterminal⟩

/-- The grammar of rules and a goal. -/
def ruleGrammar (P : List (Rule Nat)) (goal : Nat) : Grammar := ⟨goal, P.map Rule.production⟩

namespace Grammar

variable {G : Grammar}

theorem Rewrites.trans {u v w : List Sym} (h : G.Rewrites u v) (h' : G.Rewrites v w) : G.Rewrites u w := by
  induction h with
  | refl => exact h'
  | step h _ ih => exact .step h (ih h')

/-- Rewriting goes on inside a string. -/
theorem Rewrites.context {u v : List Sym} (h : G.Rewrites u v) (l r : List Sym) :
    G.Rewrites (l ++ u ++ r) (l ++ v ++ r) := by
  induction h with
  | refl => exact .refl _
  | step h _ ih =>
    obtain ⟨l', r', P, hP, rfl, rfl⟩ := h
    exact .step ⟨l ++ l', r' ++ r, P, hP, by simp, by simp⟩ ih

end Grammar

private theorem rewrites_of_derivesIn {P : List (Rule Nat)} {goal : Nat} : ∀ {h : Nat} {a : Nat}, DerivesIn P h a →
    (ruleGrammar P goal).Rewrites [.nonterminal a] []
  | h + 1, a, H => by
    obtain ⟨c, hc, rfl, hb⟩ := H
    have all : ∀ l : List Nat, (∀ b ∈ l, DerivesIn P h b) →
        (ruleGrammar P goal).Rewrites (l.map .nonterminal) [] := by
      intro l
      induction l with
      | nil => exact fun _ => .refl _
      | cons b l ih =>
        intro hl
        have h₁ := (rewrites_of_derivesIn (goal := goal) (hl b (by simp))).context [] (l.map .nonterminal)
        exact h₁.trans (by simpa using ih fun b hb => hl b (by simp [hb]))
    refine .step ⟨[], [], c.production, List.mem_map_of_mem hc, rfl, rfl⟩ ?_
    simpa [Rule.production] using all c.body hb

private theorem derives_of_rewrites {P : List (Rule Nat)} {goal : Nat} {u w : List Sym}
    (h : (ruleGrammar P goal).Rewrites u w) (hw : w = []) : ∀ σ ∈ u, ∃ a, σ = .nonterminal a ∧ Derives P a := by
  induction h with
  | refl u => subst hw; simp
  | step h _ ih =>
    obtain ⟨l, r, Q, hQ, rfl, rfl⟩ := h
    obtain ⟨c, hc, rfl⟩ := List.mem_map.1 hQ
    have ih := ih hw
    intro σ hσ
    rcases List.mem_append.1 hσ with hσ | hσ
    · exact ih σ (by simp [hσ])
    · rcases List.mem_cons.1 hσ with rfl | hσ
      · refine ⟨_, rfl, Derives.of_rule hc fun b hb => ?_⟩
        obtain ⟨a, e, ha⟩ := ih (.nonterminal b) (by simp [Rule.production, hb])
        cases e
        exact ha
      · exact ih σ (by simp [hσ])

/-- The grammar of rules generates the empty word exactly when the goal can be derived. -/
theorem generates_ruleGrammar (P : List (Rule Nat)) (goal : Nat) :
    (ruleGrammar P goal).Generates [] ↔ Derives P goal := by
  constructor
  · intro h
    obtain ⟨a, e, ha⟩ := derives_of_rewrites h rfl (.nonterminal goal) (by simp [ruleGrammar])
    cases e
    exact ha
  · rintro ⟨h, H⟩
    exact rewrites_of_derivesIn H

/-- The instance of a machine for an input. -/
def machineGrammar (M : Machine) (k : Nat) (x : List Bool) : Grammar × List Nat :=
  (ruleGrammar ((machineSystem M).numbered k x) (outputNumber M k x.length true), [])

open FormListing in
/-- The listing of the production of a rule. -/
def productionListing (M : Machine) (k : Nat) (s : Schema (Kind M)) : FormListing :=
  .seq ((machineSystem M).emits k [] [] [s.head]) <| .seq (number (.lit s.body.length))
    ((machineSystem M).emits k [0] [] s.body)

open FormListing in
/-- The listing of the instance. -/
def grammarListing (M : Machine) (k : Nat) : FormListing :=
  .seq (start ((machineSystem M).emits k [] [] [outputPattern M true])) <|
  .seq (number ((machineSystem M).countTerm k (.var 0))) <|
  .seq ((machineSystem M).listing k fun s _ => productionListing M k s) (number 0)

private theorem read_productionListing (M : Machine) (k : Nat) (x : List Bool) (s : Schema (Kind M)) (t p : Nat) :
    ((productionListing M k s).values [p, t, x.length]).map (Form.read x) =
      Production.code (Rule.production ((s.rule x t p).map ((machineSystem M).number k x.length))) := by
  simp only [productionListing, FormListing.values, List.map_append, FormListing.read_number, System.read_emits]
  simp [listCode, Rule.production, Rule.map, Schema.rule, Production.code, Sym.code, List.flatMap_map]

private theorem read_grammarListing (M : Machine) (k : Nat) (x : List Bool) :
    ((grammarListing M k).values [x.length]).map (Form.read x) = grammarCode (machineGrammar M k x) := by
  simp only [grammarListing, FormListing.values, List.map_append, FormListing.read_number, values_start,
    System.read_emits, System.read_listing (g := fun c => c.production.code) (read_productionListing M k x),
    System.eval_countTerm _ k (.var 0) [x.length] x rfl]
  simp [machineGrammar, ruleGrammar, grammarCode, listCode, System.numbered, List.flatMap_map, outputNumber,
    outputPattern, Pattern.atom, Time.eval, Place.eval, Low.eval]

private theorem le_machineGrammar (M : Machine) (k : Nat) (x : List Bool) :
    ∀ v ∈ grammarCode (machineGrammar M k x), v ≤ ((machineSystem M).boundTerm k).eval [x.length] := by
  rw [System.eval_boundTerm]
  have hgoal := System.number_lt (has_output M k x.length true)
  intro v hv
  rcases List.mem_cons.1 hv with rfl | hv
  · simp only [machineGrammar, ruleGrammar, outputNumber]; omega
  rcases List.mem_append.1 hv with hv | hv
  · refine forall_mem_listCode.2 ⟨by simp [machineGrammar, ruleGrammar, System.numbered]; omega,
      fun Q hQ v hv => ?_⟩ v hv
    obtain ⟨c, hc, rfl⟩ := List.mem_map.1 hQ
    obtain ⟨h₁, h₂, h₃⟩ := System.numbered_le (machineSystem_wf M) hc
    rcases List.mem_cons.1 hv with rfl | hv
    · exact Nat.le_trans (Nat.le_of_lt h₁) (by omega)
    · refine forall_mem_listCode.2 ⟨by simp [Rule.production]; omega, fun σ hσ v hv => ?_⟩ v hv
      obtain ⟨b, hb, rfl⟩ := List.mem_map.1 hσ
      have := h₂ b hb
      simp only [Sym.code, List.mem_cons, List.not_mem_nil, or_false] at hv
      rcases hv with rfl | rfl <;> omega
  · simp [machineGrammar, listCode] at hv
    omega

/-- **Universal context-free membership is hard for P**, under log-space uniform projections. -/
theorem cfgMembership_PHard : PHard CfgMembership :=
  PHard.coded grammarCode_inj grammarListing (fun M k => (machineSystem M).boundTerm k) machineGrammar
    read_grammarListing le_machineGrammar fun M k x t s b ht h => by
      exact (generates_ruleGrammar _ _).trans ((derives_of_haltsWith ht h true).1.trans eq_comm)

end Logprec.Hardness
