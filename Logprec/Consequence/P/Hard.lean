import Logprec.Class.Space
import Logprec.Consequence.P.Complete
import Logprec.Consequence.P.Terms

/-!
# P-hard problems

Hardness for P under log-space uniform projections, and the frame of the proofs: for a machine, a listing of the numbers
of an instance, which is a yes-instance exactly when the machine accepts.
-/

namespace Logprec.Hardness

open Class Turing

/-- The problem is hard for P: every language in P reduces to it by a log-space uniform projection. -/
def PHard (A : Language) : Prop := ∀ B, PolyTime B → ∃ f, LogProjection f ∧ ∀ x, B x ↔ A (f x)

/-- A problem as a language: the codes of the instances that have the property. Bit strings that are not codes of
instances are not in the language. -/
def Coded {α : Type} (code : α → List Nat) (yes : α → Prop) : Language := fun x => ∃ a, IsCode (code a) x ∧ yes a

/-- The code of an instance is in the language exactly when the instance has the property. -/
theorem coded_iff {α : Type} {code : α → List Nat} {yes : α → Prop} (inj : ∀ a b, code a = code b → a = b) {a : α}
    {x : List Bool} (h : IsCode (code a) x) : Coded code yes x ↔ yes a :=
  ⟨fun ⟨_, hb, hy⟩ => inj _ _ (hb.unique h) ▸ hy, fun hy => ⟨a, h, hy⟩⟩

/-- The width in which numbers up to a bound are written. -/
def widthTerm (bound : Term) : Term := bound.log2 + 1

/-- A reduction: the numbers of the listing, in a width in which numbers up to the bound fit. -/
def reduction (T : FormListing) (bound : Term) (x : List Bool) : List Bool :=
  blocksCode ((widthTerm bound).eval [x.length]) ((T.values [x.length]).map (Form.read x))

/-- Reductions are projections. -/
theorem logProjection_reduction (T : FormListing) (bound : Term) : LogProjection (reduction T bound) :=
  T.logProjection (widthTerm bound) fun n => by simp [widthTerm]

/-- A reduction writes a code of its numbers, if they are within the bound. -/
theorem isCode_reduction {T : FormListing} {bound : Term} {x : List Bool} {l : List Nat}
    (hT : (T.values [x.length]).map (Form.read x) = l) (hl : ∀ v ∈ l, v ≤ bound.eval [x.length]) :
    IsCode l (reduction T bound x) := by
  refine ⟨(widthTerm bound).eval [x.length], by simp [widthTerm], fun v hv => ?_, by rw [reduction, hT]⟩
  have e : (widthTerm bound).eval [x.length] = (bound.eval [x.length]).log2 + 1 := by simp [widthTerm]
  rw [e]
  exact Nat.lt_of_le_of_lt (hl v hv) Nat.lt_log2_self

/-- **The frame of the proofs of hardness**: for every machine and exponent a listing, which is on every input the code
of an instance, with numbers within a bound; and when the machine halts on the input with one bit after at most
`(n + 2) ^ k` steps, the instance has the property exactly when that bit is 1. -/
theorem PHard.coded {α : Type} {code : α → List Nat} {yes : α → Prop} (inj : ∀ a b, code a = code b → a = b)
    (T : Machine → Nat → FormListing) (bound : Machine → Nat → Term) (instanceOf : Machine → Nat → List Bool → α)
    (hT : ∀ M k x, ((T M k).values [x.length]).map (Form.read x) = code (instanceOf M k x))
    (hbound : ∀ M k x, ∀ v ∈ code (instanceOf M k x), v ≤ (bound M k).eval [x.length])
    (h : ∀ M k x t s b, t ≤ (x.length + 2) ^ k → M.HaltsWith x [b] t s → (yes (instanceOf M k x) ↔ b = true)) :
    PHard (Coded code yes) := by
  rintro B ⟨M, k, hM⟩
  refine ⟨reduction (T M k) (bound M k), logProjection_reduction _ _, fun x => ?_⟩
  obtain ⟨t, s, b, ht, hx, hb⟩ := hM x
  rw [coded_iff inj (isCode_reduction (hT M k x) (hbound M k x)), h M k x t s b ht hx]
  exact hb.symm

/-! ## Bounds on numbers -/

/-- The numbers in the code of a list. -/
theorem forall_mem_listCode {α : Type} {f : α → List Nat} {l : List α} {B : Nat} :
    (∀ v ∈ listCode f l, v ≤ B) ↔ l.length ≤ B ∧ ∀ a ∈ l, ∀ v ∈ f a, v ≤ B := by
  simp only [listCode, List.mem_cons, forall_eq_or_imp, List.mem_flatMap, forall_exists_index, and_imp]
  exact and_congr_right fun _ => ⟨fun h a ha v hv => h v a ha hv, fun h v a ha hv => h a ha v hv⟩

section
variable {κ : Type} {S : System κ} {k : Nat} {x : List Bool}

/-- A bound on the length of the bodies. -/
def System.bodies (S : System κ) : Nat := (S.schemas.map fun s => s.body.length).sum

private theorem le_sum {l : List Nat} {v : Nat} (h : v ∈ l) : v ≤ l.sum := by
  induction l with
  | nil => simp at h
  | cons a l ih =>
    rcases List.mem_cons.1 h with rfl | h
    · simp
    · have := ih h; simp only [List.sum_cons]; omega

/-- The numbers of the atoms of the rules, and the lengths of the bodies, are bounded. -/
theorem System.numbered_le [DecidableEq κ] (hS : S.WF) {c : Rule Nat} (hc : c ∈ S.numbered k x) :
    c.head < S.atoms k x.length ∧ (∀ b ∈ c.body, b < S.atoms k x.length) ∧ c.body.length ≤ S.bodies := by
  obtain ⟨c, hm, rfl⟩ := List.mem_map.1 hc
  obtain ⟨h₁, h₂⟩ := System.has_of_mem hS hm
  refine ⟨System.number_lt h₁, fun b hb => ?_, ?_⟩
  · obtain ⟨a, ha, rfl⟩ := List.mem_map.1 hb
    exact System.number_lt (h₂ a ha)
  · obtain ⟨s, hs, t, -, p, -, rfl⟩ := System.mem_rules.1 hm
    simpa [Rule.map, Schema.rule, System.bodies] using le_sum (List.mem_map_of_mem (f := fun s => s.body.length) hs)

/-- The number of atoms; `e` is the length of the input. -/
def System.atomsTerm (S : System κ) (k : Nat) (e : Term) : Term :=
  2 * (.lit S.kinds.length * ((cellsTerm k e + 1) * (powTerm e k + 1)))

@[simp] theorem System.eval_atomsTerm (S : System κ) (k : Nat) (e : Term) (ρ : List Nat) :
    (S.atomsTerm k e).eval ρ = S.atoms k (e.eval ρ) := by
  simp [atomsTerm, atoms, steps]

/-- More than the numbers of the atoms, the number of rules, and the lengths of their bodies, together. -/
def System.boundTerm (S : System κ) (k : Nat) : Term :=
  S.atomsTerm k (.var 0) + S.countTerm k (.var 0) + .lit S.bodies + 3

theorem System.eval_boundTerm (S : System κ) (k : Nat) (x : List Bool) : (S.boundTerm k).eval [x.length] =
    S.atoms k x.length + (S.rules k x).length + S.bodies + 3 := by
  have e := S.eval_countTerm k (.var 0) [x.length] x rfl
  simp [boundTerm, e]

/-- **What is listed for all rules**, with their numbers in the list. -/
theorem System.read_listing_idx [DecidableEq κ] {f : Schema κ → Term → FormListing} {g : Rule Nat → Nat → List Nat}
    (h : ∀ s t p, ∀ i : Term, ((f s i).values [p, t, x.length]).map (Form.read x) =
      g ((s.rule x t p).map (S.number k x.length)) (i.eval [p, t, x.length])) :
    ((S.listing k f).values [x.length]).map (Form.read x) =
      (S.numbered k x).zipIdx.flatMap fun c => g c.1 c.2 := by
  rw [System.values_listing (f := f) (g := fun c i => g (c.map (S.number k x.length)) i) fun s _ t p i => h s t p i,
    System.numbered, List.zipIdx_map, List.flatMap_map]
  rfl

/-- **What is listed for all rules.** -/
theorem System.read_listing [DecidableEq κ] {f : Schema κ → FormListing} {g : Rule Nat → List Nat}
    (h : ∀ s t p, ((f s).values [p, t, x.length]).map (Form.read x) = g ((s.rule x t p).map (S.number k x.length))) :
    ((S.listing k fun s _ => f s).values [x.length]).map (Form.read x) = (S.numbered k x).flatMap g := by
  rw [System.read_listing_idx (f := fun s _ => f s) (g := fun c _ => g c) fun s t p _ => h s t p]
  have : (S.numbered k x).zipIdx.map Prod.fst = S.numbered k x := by simp
  conv => rhs; rw [← this]
  rw [List.flatMap_map]

/-- The listing of the numbers of some atoms, each with constants before and after it. -/
def System.emits [DecidableEq κ] (S : System κ) (k : Nat) (before after : List Nat) (l : List (Pattern κ)) :
    FormListing :=
  .seqs (l.map fun A =>
    .seqs (before.map (fun v => .number (.lit v)) ++ S.emit k A :: after.map fun v => .number (.lit v)))

theorem System.read_emits [DecidableEq κ] (before after : List Nat) (l : List (Pattern κ)) (t p : Nat) :
    ((S.emits k before after l).values [p, t, x.length]).map (Form.read x) =
      ((l.map (Pattern.atom x t p)).map (S.number k x.length)).flatMap fun b => before ++ b :: after := by
  have const : ∀ l : List Nat, ((l.map fun v => FormListing.number (.lit v)).flatMap
      (FormListing.values [p, t, x.length])).map (Form.read x) = l := by
    intro l
    induction l with
    | nil => rfl
    | cons v l ih =>
      rw [List.map_cons, List.flatMap_cons, List.map_append, ih, FormListing.read_number]
      rfl
  have one : ∀ A : Pattern κ, ((FormListing.seqs (before.map (fun v => .number (.lit v)) ++ S.emit k A ::
      after.map fun v => .number (.lit v))).values [p, t, x.length]).map (Form.read x) =
        before ++ S.number k x.length (A.atom x t p) :: after := by
    intro A
    rw [FormListing.values_seqs, List.flatMap_append, List.flatMap_cons, List.map_append, List.map_append, const, const,
      System.read_emit]
    rfl
  induction l with
  | nil => rfl
  | cons A l ih =>
    have e : S.emits k before after (A :: l) = .seq (.seqs (before.map (fun v => .number (.lit v)) ++ S.emit k A ::
      after.map fun v => .number (.lit v))) (S.emits k before after l) := rfl
    rw [e, FormListing.values, List.map_append, one, ih]
    rfl

end

/-- The listing at time 0 and place 0. -/
def start (f : FormListing) : FormListing := .loop 1 (.loop 1 f)

theorem values_start (f : FormListing) (n : Nat) : (start f).values [n] = f.values [0, 0, n] := by
  simp [start, FormListing.values, List.range_succ]

end Logprec.Hardness
