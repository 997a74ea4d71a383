import Logprec.Consequence.P.Code
import Logprec.Template.Total

/-!
# Definite clauses with coordinates

A rule is a definite clause: its head holds if all of its body does. A system describes, for each input, a list of rules
over atoms with coordinates, of which there are polynomially many: a kind from a finite list, a time, a place and a bit.
Only rules without a body, for single bits of the input, depend on more than the length of the input.
-/

namespace Logprec.Hardness

/-! ## Derivations -/

/-- A definite clause: the head, if all of the body. -/
structure Rule (α : Type) where
  /-- What is derived. -/
  head : α
  /-- From what. -/
  body : List α
  deriving Repr, DecidableEq

/-- Rename the atoms. -/
def Rule.map {α β : Type} (f : α → β) (c : Rule α) : Rule β := ⟨f c.head, c.body.map f⟩

/-- Derivations of height at most `h`. -/
def DerivesIn {α : Type} (P : List (Rule α)) : Nat → α → Prop
  | 0, _ => False
  | h + 1, a => ∃ c ∈ P, c.head = a ∧ ∀ b ∈ c.body, DerivesIn P h b

/-- The atom can be derived. -/
def Derives {α : Type} (P : List (Rule α)) (a : α) : Prop := ∃ h, DerivesIn P h a

section
variable {α β : Type} {P : List (Rule α)}

theorem DerivesIn.succ {h : Nat} {a : α} (H : DerivesIn P h a) : DerivesIn P (h + 1) a := by
  induction h generalizing a with
  | zero => exact H.elim
  | succ h ih =>
    obtain ⟨c, hc, e, hb⟩ := H
    exact ⟨c, hc, e, fun b h => ih (hb b h)⟩

theorem DerivesIn.mono {h h' : Nat} {a : α} (H : DerivesIn P h a) (hh : h ≤ h') : DerivesIn P h' a := by
  obtain ⟨k, rfl⟩ := Nat.exists_eq_add_of_le hh
  induction k with
  | zero => exact H
  | succ k ih => exact (ih (by omega)).succ

/-- Rules can be applied. -/
theorem Derives.of_rule {c : Rule α} (hc : c ∈ P) (h : ∀ b ∈ c.body, Derives P b) : Derives P c.head := by
  have : ∀ l : List α, (∀ b ∈ l, Derives P b) → ∃ h, ∀ b ∈ l, DerivesIn P h b := by
    intro l
    induction l with
    | nil => exact fun _ => ⟨0, by simp⟩
    | cons a l ih =>
      intro hl
      obtain ⟨h₁, H₁⟩ := hl a (by simp)
      obtain ⟨h₂, H₂⟩ := ih fun b hb => hl b (by simp [hb])
      refine ⟨max h₁ h₂, fun b hb => ?_⟩
      rcases List.mem_cons.1 hb with rfl | hb
      · exact H₁.mono (Nat.le_max_left ..)
      · exact (H₂ b hb).mono (Nat.le_max_right ..)
  obtain ⟨k, H⟩ := this c.body h
  exact ⟨k + 1, c, hc, rfl, H⟩

/-- **Soundness**: what can be derived holds in every model of the rules. -/
theorem DerivesIn.sound {I : α → Prop} (hI : ∀ c ∈ P, (∀ b ∈ c.body, I b) → I c.head) {h : Nat} {a : α}
    (H : DerivesIn P h a) : I a := by
  induction h generalizing a with
  | zero => exact H.elim
  | succ h ih =>
    obtain ⟨c, hc, rfl, hb⟩ := H
    exact hI c hc fun b h => ih (hb b h)

theorem Derives.sound {I : α → Prop} (hI : ∀ c ∈ P, (∀ b ∈ c.body, I b) → I c.head) {a : α} (H : Derives P a) : I a :=
  let ⟨_, H⟩ := H
  H.sound hI

/-- Renaming the atoms of the rules changes nothing, if different atoms have different names. -/
theorem derivesIn_map {f : α → β} {D : α → Prop} (hf : ∀ a b, D a → D b → f a = f b → a = b)
    (hP : ∀ c ∈ P, D c.head ∧ ∀ b ∈ c.body, D b) {h : Nat} {a : α} (ha : D a) :
    DerivesIn (P.map (Rule.map f)) h (f a) ↔ DerivesIn P h a := by
  induction h generalizing a with
  | zero => exact Iff.rfl
  | succ h ih =>
    constructor
    · rintro ⟨c', hc', e, hb⟩
      obtain ⟨c, hc, rfl⟩ := List.mem_map.1 hc'
      refine ⟨c, hc, hf _ _ (hP c hc).1 ha e, fun b h => (ih ((hP c hc).2 b h)).1 (hb _ ?_)⟩
      exact List.mem_map_of_mem h
    · rintro ⟨c, hc, rfl, hb⟩
      refine ⟨c.map f, List.mem_map_of_mem hc, rfl, fun b' hb' => ?_⟩
      obtain ⟨b, hm, rfl⟩ := List.mem_map.1 hb'
      exact (ih ((hP c hc).2 b hm)).2 (hb b hm)

end

/-! ## Atoms with coordinates -/

/-- An atom: a kind, a time, a place, and a bit. -/
structure Atom (κ : Type) where
  /-- What it is about. -/
  kind : κ
  /-- When. -/
  time : Nat
  /-- Where. -/
  place : Nat
  /-- The bit; `false` for most kinds. -/
  bit : Bool
  deriving Repr, DecidableEq

/-- The time of an atom in a rule. -/
inductive Time where
  /-- 0 -/
  | zero
  /-- The time of the rule. -/
  | now
  /-- The time after that of the rule. -/
  | next
  deriving Repr, DecidableEq

/-- The place of an atom in a rule. -/
inductive Place where
  /-- 0 -/
  | zero
  /-- The place of the rule. -/
  | here
  /-- The place after that of the rule. -/
  | after
  /-- The place before that of the rule; 0 for 0. -/
  | before
  /-- The place of the marker behind the input. -/
  | last
  deriving Repr, DecidableEq

/-- The bit of an atom in a rule. -/
inductive Low where
  /-- A constant. -/
  | const (b : Bool)
  /-- The bit of the input at the place of the rule. -/
  | input
  deriving Repr, DecidableEq

/-- An atom in a rule. -/
structure Pattern (κ : Type) where
  /-- The kind. -/
  kind : κ
  /-- The time. -/
  time : Time := .now
  /-- The place. -/
  place : Place := .zero
  /-- The bit. -/
  low : Low := .const false
  deriving Repr, DecidableEq

/-- For which times there is a rule. -/
inductive Often where
  /-- 0 only. -/
  | once
  /-- All before the last one. -/
  | steps
  deriving Repr, DecidableEq

/-- For which places there is a rule. -/
inductive Range where
  /-- 0 only. -/
  | once
  /-- Those of the input bits. -/
  | inputs
  /-- Those of the left marker and the input bits. -/
  | slots
  /-- All places. -/
  | cells
  deriving Repr, DecidableEq

/-- Rules for some times and places. -/
structure Schema (κ : Type) where
  /-- The times. -/
  times : Often
  /-- The places. -/
  places : Range
  /-- The head. -/
  head : Pattern κ
  /-- The body. -/
  body : List (Pattern κ)
  deriving Repr, DecidableEq

/-- The number of steps, for inputs of length `n`. -/
def steps (k n : Nat) : Nat := (n + 2) ^ k

/-- The number of places, for inputs of length `n`. -/
def cells (k n : Nat) : Nat := (n + 2) ^ k + n + 2

/-- How many times. -/
def Often.count (k n : Nat) : Often → Nat
  | once => 1
  | steps => Hardness.steps k n

/-- How many places. -/
def Range.count (k n : Nat) : Range → Nat
  | once => 1
  | inputs => n
  | slots => n + 1
  | cells => Hardness.cells k n

/-- The time that is meant. -/
def Time.eval (t : Nat) : Time → Nat
  | zero => 0
  | now => t
  | next => t + 1

/-- The place that is meant. -/
def Place.eval (n p : Nat) : Place → Nat
  | zero => 0
  | here => p
  | after => p + 1
  | before => p - 1
  | last => n + 1

/-- The bit that is meant. -/
def Low.eval (x : List Bool) (p : Nat) : Low → Bool
  | const b => b
  | input => x.getD p false

section
variable {κ : Type}

/-- The atom at time `t` and place `p`. -/
def Pattern.atom (x : List Bool) (t p : Nat) (A : Pattern κ) : Atom κ :=
  ⟨A.kind, A.time.eval t, A.place.eval x.length p, A.low.eval x p⟩

/-- The rule at time `t` and place `p`. -/
def Schema.rule (x : List Bool) (t p : Nat) (s : Schema κ) : Rule (Atom κ) :=
  ⟨s.head.atom x t p, s.body.map (Pattern.atom x t p)⟩

/-- What is made for the times and places of a schema. -/
def Schema.each {α : Type} (k n : Nat) (s : Schema κ) (f : Nat → Nat → α) : List α :=
  (List.range (s.times.count k n)).flatMap fun t => (List.range (s.places.count k n)).map (f t)

/-- A system of rules: the kinds of the atoms, and the schemas of the rules. -/
structure System (κ : Type) where
  /-- The kinds. -/
  kinds : List κ
  /-- The schemas. -/
  schemas : List (Schema κ)
  deriving Repr

namespace System

variable (S : System κ) (k : Nat)

/-- The rules for an input, with `(n + 2) ^ k` steps. -/
def rules (x : List Bool) : List (Rule (Atom κ)) :=
  S.schemas.flatMap fun s => s.each k x.length fun t p => s.rule x t p

/-- The number of an atom, for inputs of length `n`. -/
def number [DecidableEq κ] (n : Nat) (a : Atom κ) : Nat :=
  2 * (S.kinds.idxOf a.kind + S.kinds.length * (a.place + (cells k n + 1) * a.time)) + a.bit.toNat

/-- The number of atoms. -/
def atoms (n : Nat) : Nat := 2 * (S.kinds.length * ((cells k n + 1) * (steps k n + 1)))

/-- The rules, with numbers for atoms. -/
def numbered [DecidableEq κ] (x : List Bool) : List (Rule Nat) := (S.rules k x).map (Rule.map (S.number k x.length))

/-- Every pattern has a kind of the system. -/
def WF : Prop := ∀ s ∈ S.schemas, s.head.kind ∈ S.kinds ∧ ∀ A ∈ s.body, A.kind ∈ S.kinds

/-- The atom is one of the system. -/
structure Has (n : Nat) (a : Atom κ) : Prop where
  /-- The kind. -/
  kind : a.kind ∈ S.kinds
  /-- The time. -/
  time : a.time ≤ steps k n
  /-- The place. -/
  place : a.place ≤ cells k n

end System

/-! ## The numbers of atoms -/

theorem steps_pos (k n : Nat) : 0 < steps k n := Nat.pow_pos (by omega)

theorem count_times_le (k n : Nat) (r : Often) : r.count k n ≤ steps k n := by
  have := steps_pos k n
  cases r <;> simp only [Often.count] <;> omega

theorem count_places_le (k n : Nat) (r : Range) : r.count k n ≤ cells k n := by
  have := steps_pos k n
  simp only [steps] at this
  cases r <;> simp only [Range.count, cells] <;> omega

private theorem idxOf_inj [DecidableEq κ] {a b : κ} : ∀ {l : List κ}, a ∈ l → b ∈ l → l.idxOf a = l.idxOf b → a = b
  | [], h, _, _ => by simp at h
  | c :: l, ha, hb, h => by
    rw [List.idxOf_cons, List.idxOf_cons] at h
    by_cases e : c = a <;> by_cases e' : c = b
    · exact e.symm.trans e'
    · rw [show (c == a) = true by simpa using e, show (c == b) = false by simpa using e'] at h
      simp at h
    · rw [show (c == a) = false by simpa using e, show (c == b) = true by simpa using e'] at h
      simp at h
    · rw [show (c == a) = false by simpa using e, show (c == b) = false by simpa using e'] at h
      exact idxOf_inj (by simpa [Ne.symm e] using ha) (by simpa [Ne.symm e'] using hb) (by simpa using h)

private theorem mixed_inj {K i i' j j' : Nat} (h : i < K) (h' : i' < K) (e : i + K * j = i' + K * j') :
    i = i' ∧ j = j' := by
  have e₁ := congrArg (· % K) e
  have e₂ := congrArg (· / K) e
  simp only [Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt h, Nat.mod_eq_of_lt h'] at e₁
  simp only [Nat.add_mul_div_left _ _ (show 0 < K by omega), Nat.div_eq_of_lt h, Nat.div_eq_of_lt h',
    Nat.zero_add] at e₂
  exact ⟨e₁, e₂⟩

namespace System

variable {S : System κ} {k n : Nat}

/-- Different atoms have different numbers. -/
theorem number_inj [DecidableEq κ] {a b : Atom κ} (ha : S.Has k n a) (hb : S.Has k n b)
    (h : S.number k n a = S.number k n b) : a = b := by
  obtain ⟨ka, ta, pa, ba⟩ := a
  obtain ⟨kb, tb, pb, bb⟩ := b
  have la := ba.toNat_lt
  have lb := bb.toNat_lt
  simp only [number] at h
  have e₁ : ba.toNat = bb.toNat := by omega
  obtain ⟨e₂, e₃⟩ := mixed_inj (List.idxOf_lt_length_of_mem ha.kind) (List.idxOf_lt_length_of_mem hb.kind)
    (j := pa + (cells k n + 1) * ta) (j' := pb + (cells k n + 1) * tb) (by simp only; omega)
  obtain ⟨e₄, e₅⟩ := mixed_inj (Nat.lt_succ_of_le ha.place) (Nat.lt_succ_of_le hb.place) e₃
  have e₆ := idxOf_inj ha.kind hb.kind e₂
  have e₇ : ba = bb := by cases ba <;> cases bb <;> simp_all
  simp only at e₄ e₅ e₆
  rw [e₄, e₅, e₆, e₇]

private theorem mixed_lt {K i j J : Nat} (h : i < K) (h' : j < J) : i + K * j < K * J := by
  have := Nat.mul_le_mul_left K (Nat.succ_le_of_lt h')
  rw [Nat.mul_succ] at this
  omega

/-- The numbers are below the number of atoms. -/
theorem number_lt [DecidableEq κ] {a : Atom κ} (ha : S.Has k n a) : S.number k n a < S.atoms k n := by
  have h₁ : a.place + (cells k n + 1) * a.time < (cells k n + 1) * (steps k n + 1) :=
    mixed_lt (Nat.lt_succ_of_le ha.place) (Nat.lt_succ_of_le ha.time)
  have h₂ := mixed_lt (List.idxOf_lt_length_of_mem ha.kind) h₁
  have := a.bit.toNat_lt
  simp only [number, atoms]
  omega

theorem mem_rules {x : List Bool} {c : Rule (Atom κ)} : c ∈ S.rules k x ↔ ∃ s ∈ S.schemas,
    ∃ t < s.times.count k x.length, ∃ p < s.places.count k x.length, c = s.rule x t p := by
  simp only [rules, Schema.each, List.mem_flatMap, List.mem_map, List.mem_range]
  constructor
  · rintro ⟨s, hs, t, ht, p, hp, rfl⟩; exact ⟨s, hs, t, ht, p, hp, rfl⟩
  · rintro ⟨s, hs, t, ht, p, hp, rfl⟩; exact ⟨s, hs, t, ht, p, hp, rfl⟩

private theorem has_atom {x : List Bool} {t p : Nat} {A : Pattern κ} (hA : A.kind ∈ S.kinds) (ht : t < steps k x.length)
    (hp : p < cells k x.length) : S.Has k x.length (A.atom x t p) := by
  refine ⟨hA, ?_, ?_⟩
  · simp only [Pattern.atom]
    cases A.time <;> simp only [Time.eval] <;> omega
  · have := steps_pos k x.length
    simp only [steps, cells] at this hp
    simp only [Pattern.atom]
    cases A.place <;> simp only [Place.eval, cells] <;> omega

/-- The atoms of the rules are those of the system. -/
theorem has_of_mem (hS : S.WF) {x : List Bool} {c : Rule (Atom κ)} (hc : c ∈ S.rules k x) :
    S.Has k x.length c.head ∧ ∀ b ∈ c.body, S.Has k x.length b := by
  obtain ⟨s, hs, t, ht, p, hp, rfl⟩ := mem_rules.1 hc
  obtain ⟨h₂, h₃⟩ := hS s hs
  have ht := Nat.lt_of_lt_of_le ht (count_times_le k x.length s.times)
  have hp := Nat.lt_of_lt_of_le hp (count_places_le k x.length s.places)
  refine ⟨has_atom h₂ ht hp, fun b hb => ?_⟩
  obtain ⟨A, hA, rfl⟩ := List.mem_map.1 hb
  exact has_atom (h₃ A hA) ht hp

/-- With numbers for atoms, the same can be derived. -/
theorem derivesIn_numbered [DecidableEq κ] (hS : S.WF) {x : List Bool} {a : Atom κ} (ha : S.Has k x.length a)
    {h : Nat} :
    DerivesIn (S.numbered k x) h (S.number k x.length a) ↔ DerivesIn (S.rules k x) h a :=
  derivesIn_map (fun _ _ => number_inj) (fun _ => has_of_mem hS) ha

theorem derives_numbered [DecidableEq κ] (hS : S.WF) {x : List Bool} {a : Atom κ} (ha : S.Has k x.length a) :
    Derives (S.numbered k x) (S.number k x.length a) ↔ Derives (S.rules k x) a :=
  exists_congr fun _ => derivesIn_numbered hS ha

end System

end

end Logprec.Hardness
