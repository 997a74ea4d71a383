import Logprec.Consequence.P.Hard

/-!
# Satisfiability of Horn formulas is hard for P

Formulas in conjunctive normal form whose clauses have at most one positive literal each.
-/

namespace Logprec.Hardness

open Class Turing

/-- A literal: a variable, or its negation. -/
structure Lit where
  /-- Whether it is the variable. -/
  positive : Bool
  /-- The variable. -/
  var : Nat
  deriving Repr, DecidableEq

/-- A formula in conjunctive normal form: a list of clauses, which are lists of literals. -/
abbrev Cnf := List (List Lit)

/-- Some assignment satisfies a literal of every clause. -/
def Cnf.Satisfiable (φ : Cnf) : Prop := ∃ v : Nat → Bool, ∀ c ∈ φ, ∃ l ∈ c, v l.var = l.positive

/-- Every clause has at most one positive literal. -/
def Cnf.Horn (φ : Cnf) : Prop := ∀ c ∈ φ, (c.filter Lit.positive).length ≤ 1

/-- The numbers of a literal: its sign (1 for positive) and its variable. -/
def Lit.code (l : Lit) : List Nat := [l.positive.toNat, l.var]

/-- The numbers of a formula: how many clauses, and each clause: how many literals, and each literal. -/
def Cnf.code (φ : Cnf) : List Nat := listCode (listCode Lit.code) φ

private theorem prefixFree_lit : PrefixFree Lit.code := fun a b r r' h => by
  obtain ⟨p, v⟩ := a
  obtain ⟨p', v'⟩ := b
  cases p <;> cases p' <;> simp_all [Lit.code]

/-- Different formulas have different codes. -/
theorem Cnf.code_inj (φ ψ : Cnf) (h : φ.code = ψ.code) : φ = ψ := prefixFree_lit.list.list.inj h

/-- **Satisfiability of Horn formulas**: the codes of Horn formulas that are satisfiable. -/
def HornSat : Language := Coded Cnf.code fun φ => φ.Horn ∧ φ.Satisfiable

/-! ## Hardness -/

/-- The clause of a rule. -/
def Rule.clause (c : Rule Nat) : List Lit := ⟨true, c.head⟩ :: c.body.map fun b => ⟨false, b⟩

/-- The formula of rules and a goal: it says that the rules hold and the goal does not. -/
def hornFormula (P : List (Rule Nat)) (goal : Nat) : Cnf := [⟨false, goal⟩] :: P.map Rule.clause

theorem horn_hornFormula (P : List (Rule Nat)) (goal : Nat) : (hornFormula P goal).Horn := by
  intro c hc
  rcases List.mem_cons.1 hc with rfl | hc
  · simp
  · obtain ⟨c, -, rfl⟩ := List.mem_map.1 hc
    simp [Rule.clause, List.filter_map, Function.comp_def]

/-- It is satisfiable exactly when the goal cannot be derived. -/
theorem satisfiable_hornFormula (P : List (Rule Nat)) (goal : Nat) :
    (hornFormula P goal).Satisfiable ↔ ¬ Derives P goal := by
  constructor
  · rintro ⟨v, hv⟩ hd
    have := hd.sound (I := fun a => v a = true) fun c hc hb => by
      obtain ⟨l, hl, e⟩ := hv c.clause (List.mem_cons_of_mem _ (List.mem_map_of_mem hc))
      rcases List.mem_cons.1 hl with rfl | hl
      · exact e
      · obtain ⟨b, hb', rfl⟩ := List.mem_map.1 hl
        rw [hb b hb'] at e
        exact absurd e (by simp)
    obtain ⟨l, hl, e⟩ := hv [⟨false, goal⟩] (by simp [hornFormula])
    rw [List.mem_singleton] at hl
    subst hl
    rw [this] at e
    exact absurd e (by simp)
  · intro h
    classical
    refine ⟨fun a => decide (Derives P a), fun c hc => ?_⟩
    rcases List.mem_cons.1 hc with rfl | hc
    · exact ⟨_, List.mem_singleton_self _, by simpa using h⟩
    · obtain ⟨c, hm, rfl⟩ := List.mem_map.1 hc
      by_cases hb : ∀ b ∈ c.body, Derives P b
      · exact ⟨⟨true, c.head⟩, by simp [Rule.clause], by simpa using Derives.of_rule hm hb⟩
      · simp only [Classical.not_forall] at hb
        obtain ⟨b, hb, hn⟩ := hb
        exact ⟨⟨false, b⟩, by simp [Rule.clause, hb], by simpa using hn⟩

/-- The formula of a machine for an input: it is satisfiable unless the machine prints 0. -/
def machineFormula (M : Machine) (k : Nat) (x : List Bool) : Cnf :=
  hornFormula ((machineSystem M).numbered k x) (outputNumber M k x.length false)

/-- The pattern of an output bit. -/
def outputPattern (M : Machine) (b : Bool) : Pattern (Kind M) := { kind := .output, time := .zero, low := .const b }

open FormListing in
/-- The listing of the clause of a rule. -/
def clauseListing (M : Machine) (k : Nat) (s : Schema (Kind M)) : FormListing :=
  .seq (number (.lit (s.body.length + 1))) <| .seq ((machineSystem M).emits k [1] [] [s.head])
    ((machineSystem M).emits k [0] [] s.body)

open FormListing in
/-- The listing of the formula. -/
def hornListing (M : Machine) (k : Nat) : FormListing :=
  .seq (number ((machineSystem M).countTerm k (.var 0) + 1)) <| .seq (number 1) <|
  .seq (start ((machineSystem M).emits k [0] [] [outputPattern M false])) <|
  (machineSystem M).listing k fun s _ => clauseListing M k s

private theorem read_clauseListing (M : Machine) (k : Nat) (x : List Bool) (s : Schema (Kind M)) (t p : Nat) :
    ((clauseListing M k s).values [p, t, x.length]).map (Form.read x) =
      listCode Lit.code (Rule.clause ((s.rule x t p).map ((machineSystem M).number k x.length))) := by
  simp only [clauseListing, FormListing.values, List.map_append, FormListing.read_number, System.read_emits]
  simp [listCode, Rule.clause, Rule.map, Schema.rule, Lit.code, List.flatMap_map]

private theorem read_hornListing (M : Machine) (k : Nat) (x : List Bool) :
    ((hornListing M k).values [x.length]).map (Form.read x) = (machineFormula M k x).code := by
  simp only [hornListing, FormListing.values, List.map_append, FormListing.read_number, values_start,
    System.read_emits, System.read_listing (g := fun c => listCode Lit.code c.clause) (read_clauseListing M k x),
    Term.eval_add, System.eval_countTerm _ k (.var 0) [x.length] x rfl]
  simp [machineFormula, hornFormula, Cnf.code, listCode, Lit.code, System.numbered, List.flatMap_map, outputNumber,
    outputPattern, Pattern.atom, Time.eval, Place.eval, Low.eval]

private theorem le_machineFormula (M : Machine) (k : Nat) (x : List Bool) :
    ∀ v ∈ (machineFormula M k x).code, v ≤ ((machineSystem M).boundTerm k).eval [x.length] := by
  rw [System.eval_boundTerm]
  have hgoal := System.number_lt (has_output M k x.length false)
  refine forall_mem_listCode.2 ⟨by simp [machineFormula, hornFormula, System.numbered]; omega, fun c hc => ?_⟩
  rcases List.mem_cons.1 hc with rfl | hc
  · refine forall_mem_listCode.2 ⟨by simp, fun l hl v hv => ?_⟩
    rw [List.mem_singleton] at hl
    subst hl
    simp only [Lit.code, List.mem_cons, List.not_mem_nil, or_false] at hv
    rcases hv with rfl | rfl
    · simp
    · simp only [outputNumber]; omega
  · obtain ⟨c, hm, rfl⟩ := List.mem_map.1 hc
    obtain ⟨h₁, h₂, h₃⟩ := System.numbered_le (machineSystem_wf M) hm
    refine forall_mem_listCode.2 ⟨by simp [Rule.clause]; omega, fun l hl v hv => ?_⟩
    have hvar : l.var < (machineSystem M).atoms k x.length := by
      rcases List.mem_cons.1 hl with rfl | hl
      · exact h₁
      · obtain ⟨b, hb, rfl⟩ := List.mem_map.1 hl
        exact h₂ b hb
    simp only [Lit.code, List.mem_cons, List.not_mem_nil, or_false] at hv
    have := l.positive.toNat_lt
    rcases hv with rfl | rfl <;> omega

/-- **Satisfiability of Horn formulas is hard for P**, under log-space uniform projections. -/
theorem hornSat_PHard : PHard HornSat :=
  PHard.coded Cnf.code_inj hornListing (fun M k => (machineSystem M).boundTerm k) machineFormula read_hornListing
    le_machineFormula fun M k x t s b ht h => by
      have e := (satisfiable_hornFormula ((machineSystem M).numbered k x) (outputNumber M k x.length false)).trans
        (not_congr (derives_of_haltsWith ht h false).1)
      exact (and_iff_right (horn_hornFormula _ _)).trans (e.trans (by cases b <;> simp))

end Logprec.Hardness
