import Logprec.Consequence.P.HornSat

/-!
# Solving linear equations in nonnegative rational numbers is hard for P

The problem is Ax = b with x ≥ 0, which is linear programming in standard form, without an objective. The restriction to
nonnegative solutions is what makes it hard: without it, the problem is in NC². The matrix and the right-hand side are
integers, and a row of the matrix is a list of its entries that are not 0, each with its column.
-/

namespace Logprec.Hardness

open Class Turing

/-- An equation: the coefficients, each with the number of its variable, and the right-hand side. If a variable occurs
twice, its coefficients add up. -/
structure Equation where
  /-- The variables and their coefficients. -/
  entries : List (Nat × Int)
  /-- The right-hand side. -/
  rhs : Int
  deriving Repr, DecidableEq

/-- The values of the variables solve the equation. -/
def Equation.Holds (y : Nat → Rat) (r : Equation) : Prop :=
  (r.entries.map fun e => (e.2 : Rat) * y e.1).sum = (r.rhs : Rat)

/-- Some nonnegative rational values of the variables solve all equations. -/
def Feasible (E : List Equation) : Prop := ∃ y : Nat → Rat, (∀ j, 0 ≤ y j) ∧ ∀ r ∈ E, r.Holds y

/-- The numbers of an entry: the variable, and the coefficient (`intCode`). -/
def entryCode (e : Nat × Int) : List Nat := e.1 :: intCode e.2

/-- The numbers of an equation: how many entries, and these, and the right-hand side. -/
def Equation.code (r : Equation) : List Nat := listCode entryCode r.entries ++ intCode r.rhs

/-- The numbers of a system of equations: how many, and these. -/
def equationsCode (E : List Equation) : List Nat := listCode Equation.code E

private theorem prefixFree_entry : PrefixFree entryCode := fun a b r r' h => by
  obtain ⟨j, z⟩ := a
  obtain ⟨j', z'⟩ := b
  simp only [entryCode, List.cons_append, List.cons.injEq] at h
  obtain ⟨h₁, h₂⟩ := prefixFree_intCode _ _ _ _ h.2
  exact ⟨by rw [h.1, h₁], h₂⟩

private theorem prefixFree_equation : PrefixFree Equation.code := fun a b r r' h => by
  obtain ⟨l, z⟩ := a
  obtain ⟨l', z'⟩ := b
  simp only [Equation.code, List.append_assoc] at h
  obtain ⟨h₁, h₂⟩ := prefixFree_entry.list _ _ _ _ h
  obtain ⟨h₃, h₄⟩ := prefixFree_intCode _ _ _ _ h₂
  exact ⟨by rw [h₁, h₃], h₄⟩

/-- Different systems have different codes. -/
theorem equationsCode_inj (E F : List Equation) (h : equationsCode E = equationsCode F) : E = F :=
  prefixFree_equation.list.inj h

/-- **Linear equations in nonnegative rational numbers**: the codes of systems of linear equations with integer
coefficients that have a nonnegative rational solution. -/
def NonnegLinearEqualities : Language := Coded equationsCode Feasible

/-! ## Hardness -/

/-- The equation of rule number `i`: the head, minus the body, minus a slack variable, which is number `N + i`, is one
minus the number of atoms in the body. -/
def Rule.equation (N : Nat) (c : Rule Nat) (i : Nat) : Equation :=
  ⟨(c.head, 1) :: (c.body.map fun b => (b, -1)) ++ [(N + i, -1)], 1 - c.body.length⟩

/-- The equations of rules over the atoms below `N`, and a goal: the goal is 0. -/
def ruleEquations (N : Nat) (P : List (Rule Nat)) (goal : Nat) : List Equation :=
  ⟨[(goal, 1)], 0⟩ :: P.zipIdx.map fun c => c.1.equation N c.2

private theorem sum_append (l l' : List Rat) : (l ++ l').sum = l.sum + l'.sum := by
  induction l with
  | nil => simp [Rat.zero_add]
  | cons a l ih => simp only [List.cons_append, List.sum_cons, ih]; grind

private theorem sum_body (y : Nat → Rat) (l : List Nat) :
    ((l.map fun b => ((b, -1) : Nat × Int)).map fun e => (e.2 : Rat) * y e.1).sum = -(l.map y).sum := by
  induction l with
  | nil => rfl
  | cons a l ih =>
    have e : ((-1 : Int) : Rat) = -1 := rfl
    simp only [List.map_cons, List.sum_cons, ih, e]
    grind

private theorem holds_equation (y : Nat → Rat) (N : Nat) (c : Rule Nat) (i : Nat) : (c.equation N i).Holds y ↔
    y c.head + (c.body.length : Rat) = 1 + (c.body.map y).sum + y (N + i) := by
  have e₁ : ((1 : Int) : Rat) = 1 := rfl
  have e₂ : ((-1 : Int) : Rat) = -1 := rfl
  simp only [Equation.Holds, Rule.equation, List.cons_append, List.map_cons, List.map_append, List.map_nil,
    List.sum_cons, sum_append, sum_body, List.sum_nil, e₁, e₂, Rat.intCast_sub, Rat.intCast_natCast]
  constructor <;> intro h <;> grind

private theorem natCast_sum (z : Nat → Nat) (l : List Nat) :
    (l.map fun b => ((z b : Nat) : Rat)).sum = (((l.map z).sum : Nat) : Rat) := by
  induction l with
  | nil => rfl
  | cons a l ih => simp only [List.map_cons, List.sum_cons, ih, Rat.natCast_add]

private theorem length_le_sum {y : Nat → Rat} : ∀ {l : List Nat}, (∀ b ∈ l, 1 ≤ y b) → (l.length : Rat) ≤ (l.map y).sum
  | [], _ => Rat.le_refl
  | a :: l, h => by
    have h₁ := h a (by simp)
    have h₂ := length_le_sum fun b hb => h b (List.mem_cons_of_mem a hb)
    simp only [List.length_cons, List.map_cons, List.sum_cons, Rat.natCast_add]
    have e : ((1 : Nat) : Rat) = 1 := rfl
    grind

open Classical in
/-- The solution that belongs to the derivable atoms. -/
private noncomputable def truth (P : List (Rule Nat)) (a : Nat) : Nat := if Derives P a then 1 else 0

private theorem sum_truth {P : List (Rule Nat)} : ∀ l : List Nat, (l.map (truth P)).sum ≤ l.length ∧
    ((l.map (truth P)).sum = l.length → ∀ b ∈ l, Derives P b)
  | [] => by simp
  | a :: l => by
    obtain ⟨h₁, h₂⟩ := sum_truth (P := P) l
    by_cases ha : Derives P a
    · simp only [List.map_cons, List.sum_cons, truth, if_pos ha, List.length_cons, List.mem_cons, forall_eq_or_imp]
      simp only at h₁ h₂
      exact ⟨by omega, fun e => ⟨ha, h₂ (by omega)⟩⟩
    · simp only [List.map_cons, List.sum_cons, truth, if_neg ha, List.length_cons]
      simp only at h₁
      exact ⟨by omega, fun e => by omega⟩

/-- The equations have a nonnegative solution exactly when the goal cannot be derived. -/
theorem feasible_ruleEquations {N : Nat} {P : List (Rule Nat)} {goal : Nat}
    (hP : ∀ c ∈ P, c.head < N ∧ ∀ b ∈ c.body, b < N) (hg : goal < N) :
    Feasible (ruleEquations N P goal) ↔ ¬ Derives P goal := by
  constructor
  · rintro ⟨y, hy, h⟩ hd
    have key := hd.sound (I := fun a => 1 ≤ y a) fun c hc hb => by
      obtain ⟨i, hi, e⟩ := List.mem_iff_getElem.1 hc
      have hm : (c, i) ∈ P.zipIdx := List.mem_zipIdx_iff_getElem?.2 (by rw [List.getElem?_eq_getElem hi, e])
      have h₁ := (holds_equation y N c i).1
        (h _ (List.mem_cons_of_mem _ (List.mem_map_of_mem (f := fun c : Rule Nat × Nat => c.1.equation N c.2) hm)))
      have h₂ := length_le_sum hb
      have h₃ := hy (N + i)
      grind
    have h₀ := h ⟨[(goal, 1)], 0⟩ (by simp [ruleEquations])
    have e₁ : ((1 : Int) : Rat) = 1 := rfl
    have e₀ : ((0 : Int) : Rat) = 0 := rfl
    simp only [Equation.Holds, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, e₁, e₀] at h₀
    grind
  · intro hn
    let slack : Nat → Nat := fun i => match P[i]? with
      | some c => truth P c.head + c.body.length - (1 + (c.body.map (truth P)).sum)
      | none => 0
    let z : Nat → Nat := fun j => if j < N then truth P j else slack (j - N)
    refine ⟨fun j => ((z j : Nat) : Rat), fun j => Rat.natCast_nonneg, fun r hr => ?_⟩
    have hz : ∀ j < N, z j = truth P j := fun j hj => if_pos hj
    rcases List.mem_cons.1 hr with rfl | hr
    · have e₁ : ((1 : Int) : Rat) = 1 := rfl
      have e : z goal = 0 := by rw [hz goal hg, truth, if_neg hn]
      simp only [Equation.Holds, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, e]
      simp
      exact Rat.add_zero 0
    · obtain ⟨⟨c, i⟩, hm, rfl⟩ := List.mem_map.1 hr
      have hi := List.mem_zipIdx_iff_getElem?.1 hm
      have hc : c ∈ P := List.mem_of_getElem? hi
      have hb : c.body.map z = c.body.map (truth P) := List.map_congr_left fun b hb => hz b ((hP c hc).2 b hb)
      have hs : z (N + i) = truth P c.head + c.body.length - (1 + (c.body.map (truth P)).sum) := by
        show (if N + i < N then _ else slack (N + i - N)) = _
        rw [if_neg (by omega), Nat.add_sub_cancel_left]
        simp only [slack, hi]
      obtain ⟨h₁, h₂⟩ := sum_truth (P := P) c.body
      have h₃ : 1 + (c.body.map (truth P)).sum ≤ truth P c.head + c.body.length := by
        by_cases e : (c.body.map (truth P)).sum = c.body.length
        · rw [truth, if_pos (Derives.of_rule hc (h₂ e))]; omega
        · omega
      have key : z c.head + c.body.length = 1 + (c.body.map z).sum + z (N + i) := by
        rw [hs, hb, hz _ (hP c hc).1]; omega
      refine (holds_equation _ N c i).2 ?_
      have := congrArg (fun n : Nat => (n : Rat)) key
      simpa only [Rat.natCast_add, natCast_sum] using this

/-- The equations of a machine for an input: they have a nonnegative solution unless the machine prints 0. -/
def machineEquations (M : Machine) (k : Nat) (x : List Bool) : List Equation :=
  ruleEquations ((machineSystem M).atoms k x.length) ((machineSystem M).numbered k x) (outputNumber M k x.length false)

open FormListing in
/-- The listing of the equation of a rule. -/
def equationListing (M : Machine) (k : Nat) (s : Schema (Kind M)) (i : Term) : FormListing :=
  .seq (number (.lit (s.body.length + 2))) <| .seq ((machineSystem M).emits k [] [0, 1] [s.head]) <|
  .seq ((machineSystem M).emits k [] [1, 1] s.body) <|
  .seq (number ((machineSystem M).atomsTerm k (.var 2) + i)) <| .seq (number 1) <| .seq (number 1) <|
  .seq (number (.lit (decide ((1 - s.body.length : Int) < 0)).toNat)) (number (.lit (1 - s.body.length : Int).natAbs))

open FormListing in
/-- The listing of the equations. -/
def equationsListing (M : Machine) (k : Nat) : FormListing :=
  .seq (number ((machineSystem M).countTerm k (.var 0) + 1)) <| .seq (number 1) <|
  .seq (start ((machineSystem M).emits k [] [0, 1, 0, 0] [outputPattern M false])) <|
  (machineSystem M).listing k (equationListing M k)

private theorem read_equationListing (M : Machine) (k : Nat) (x : List Bool) (s : Schema (Kind M)) (t p : Nat)
    (i : Term) :
    ((equationListing M k s i).values [p, t, x.length]).map (Form.read x) =
      (Rule.equation ((machineSystem M).atoms k x.length)
        ((s.rule x t p).map ((machineSystem M).number k x.length)) (i.eval [p, t, x.length])).code := by
  have e₁ : intCode 1 = [0, 1] := rfl
  have e₂ : intCode (-1) = [1, 1] := rfl
  simp only [equationListing, FormListing.values, List.map_append, FormListing.read_number, System.read_emits]
  simp only [Equation.code, Rule.equation, listCode, entryCode, Rule.map, Schema.rule, List.cons_append,
    List.flatMap_cons,
    List.flatMap_append, List.flatMap_map, e₁, e₂, List.flatMap_nil, List.length_append, List.length_cons,
    List.length_map, List.length_nil]
  simp [intCode]

private theorem read_equationsListing (M : Machine) (k : Nat) (x : List Bool) :
    ((equationsListing M k).values [x.length]).map (Form.read x) = equationsCode (machineEquations M k x) := by
  have e₁ : intCode 1 = [0, 1] := rfl
  have e₂ : intCode 0 = [0, 0] := rfl
  simp only [equationsListing, FormListing.values, List.map_append, FormListing.read_number, values_start,
    System.read_emits, System.read_listing_idx
      (g := fun c i => (c.equation ((machineSystem M).atoms k x.length) i).code)
      (read_equationListing M k x), Term.eval_add, System.eval_countTerm _ k (.var 0) [x.length] x rfl]
  simp [machineEquations, ruleEquations, equationsCode, listCode, Equation.code, entryCode, e₁, e₂, System.numbered,
    List.flatMap_map, outputNumber, outputPattern, Pattern.atom, Time.eval, Place.eval, Low.eval]

private theorem le_intCode {z : Int} {B : Nat} (hz : z.natAbs ≤ B) (hB : 1 ≤ B) : ∀ v ∈ intCode z, v ≤ B := by
  intro v hv
  have := (decide (z < 0)).toNat_lt
  simp only [intCode, List.mem_cons, List.not_mem_nil, or_false] at hv
  rcases hv with rfl | rfl <;> omega

private theorem le_machineEquations (M : Machine) (k : Nat) (x : List Bool) :
    ∀ v ∈ equationsCode (machineEquations M k x), v ≤ ((machineSystem M).boundTerm k).eval [x.length] := by
  rw [System.eval_boundTerm]
  have hgoal := System.number_lt (has_output M k x.length false)
  have entry : ∀ {j : Nat} {z : Int}, j < (machineSystem M).atoms k x.length + ((machineSystem M).rules k x).length →
      z.natAbs ≤ 1 → ∀ v ∈ entryCode (j, z), v ≤ (machineSystem M).atoms k x.length +
        ((machineSystem M).rules k x).length + (machineSystem M).bodies + 3 := by
    intro j z hj hz v hv
    rcases List.mem_cons.1 hv with rfl | hv
    · omega
    · exact le_intCode (Nat.le_trans hz (by omega)) (by omega) v hv
  refine forall_mem_listCode.2 ⟨by simp [machineEquations, ruleEquations, System.numbered]; omega, fun r hr v hv => ?_⟩
  rcases List.mem_cons.1 hr with rfl | hr
  · rcases List.mem_append.1 hv with hv | hv
    · refine forall_mem_listCode.2 ⟨by simp, fun e he v hv => ?_⟩ v hv
      rw [List.mem_singleton] at he
      subst he
      exact entry (by simp only [outputNumber]; omega) (by decide) v hv
    · exact le_intCode (by simp) (by omega) v hv
  · obtain ⟨⟨c, i⟩, hm, rfl⟩ := List.mem_map.1 hr
    have hi := List.mem_zipIdx_iff_getElem?.1 hm
    have hlt : i < ((machineSystem M).rules k x).length := by
      have := (List.getElem?_eq_some_iff.1 hi).1
      simpa [System.numbered] using this
    obtain ⟨h₁, h₂, h₃⟩ := System.numbered_le (machineSystem_wf M) (List.mem_of_getElem? hi)
    replace h₁ : c.head < (machineSystem M).atoms k x.length := h₁
    replace h₃ : c.body.length ≤ (machineSystem M).bodies := h₃
    rcases List.mem_append.1 hv with hv | hv
    · refine forall_mem_listCode.2 ⟨by simp [Rule.equation]; omega, fun e he => ?_⟩ v hv
      simp only [Rule.equation, List.cons_append, List.mem_cons, List.mem_append, List.mem_map, List.not_mem_nil,
        or_false] at he
      rcases he with rfl | ⟨b, hb, rfl⟩ | rfl
      · exact entry (by omega) (by decide)
      · exact entry (by have := h₂ b hb; omega) (by decide)
      · exact entry (by omega) (by decide)
    · refine le_intCode ?_ (by omega) v hv
      simp only [Rule.equation]
      omega

/-- **Solving linear equations in nonnegative rational numbers is hard for P**, under log-space uniform projections. -/
theorem nonnegLinearEqualities_PHard : PHard NonnegLinearEqualities :=
  PHard.coded equationsCode_inj equationsListing (fun M k => (machineSystem M).boundTerm k) machineEquations
    read_equationsListing le_machineEquations fun M k x t s b ht h => by
      refine (feasible_ruleEquations (fun c hc => ?_) (System.number_lt (has_output M k x.length false))).trans ?_
      · have := System.numbered_le (machineSystem_wf M) hc
        exact ⟨this.1, this.2.1⟩
      · exact (not_congr (derives_of_haltsWith ht h false).1).trans (by cases b <;> simp)

end Logprec.Hardness
