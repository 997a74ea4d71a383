import Logprec.Consequence.P.Rules

/-!
# Listing the rules of a system

The numbers of the atoms in the rules of a system are terms in the time, the place and the length of the input, up to a
lowest bit that may be a bit of the input. So what a reduction writes for each rule is a listing, if it is one for each
schema.
-/

namespace Logprec.Hardness

/-- The power `(e + 2) ^ k`. -/
def powTerm (e : Term) : Nat → Term
  | 0 => 1
  | k + 1 => powTerm e k * (e + 2)

@[simp] theorem eval_powTerm (e : Term) (k : Nat) (ρ : List Nat) : (powTerm e k).eval ρ = (e.eval ρ + 2) ^ k := by
  induction k with
  | zero => rfl
  | succ k ih => simp only [powTerm, Term.eval_mul, ih, Term.eval_add, Term.eval_ofNat, Nat.pow_succ]

/-- The number of places; `e` is the length of the input. -/
def cellsTerm (k : Nat) (e : Term) : Term := powTerm e k + e + 2

@[simp] theorem eval_cellsTerm (k : Nat) (e : Term) (ρ : List Nat) : (cellsTerm k e).eval ρ = cells k (e.eval ρ) := by
  simp [cellsTerm, cells]

/-- How many times; `e` is the length of the input. -/
def Often.term (k : Nat) (e : Term) : Often → Term
  | once => 1
  | steps => powTerm e k

@[simp] theorem Often.eval_term (k : Nat) (e : Term) (ρ : List Nat) (r : Often) :
    (r.term k e).eval ρ = r.count k (e.eval ρ) := by
  cases r <;> simp [Often.term, Often.count, Hardness.steps]

/-- How many places; `e` is the length of the input. -/
def Range.term (k : Nat) (e : Term) : Range → Term
  | once => 1
  | inputs => e
  | slots => e + 1
  | cells => cellsTerm k e

@[simp] theorem Range.eval_term (k : Nat) (e : Term) (ρ : List Nat) (r : Range) :
    (r.term k e).eval ρ = r.count k (e.eval ρ) := by
  cases r <;> simp [Range.term, Range.count]

/-- The time of an atom; variable 1 is the time of the rule. -/
def Time.term : Time → Term
  | zero => 0
  | now => .var 1
  | next => .var 1 + 1

/-- The place of an atom; variable 0 is the place of the rule, and variable 2 the length of the input. -/
def Place.term : Place → Term
  | zero => 0
  | here => .var 0
  | after => .var 0 + 1
  | before => .var 0 - 1
  | last => .var 2 + 1

/-- The code of the bit of an atom (`Class.literal`). -/
def Low.term : Low → Term
  | const b => .lit b.toNat
  | input => 2 * .var 0 + 2

section
variable {κ : Type} [DecidableEq κ] (S : System κ) (k : Nat)

/-- The number of an atom, but for its lowest bit. -/
def System.high (A : Pattern κ) : Term :=
  .lit (S.kinds.idxOf A.kind) + .lit S.kinds.length * (A.place.term + (cellsTerm k (.var 2) + 1) * A.time.term)

/-- The number of an atom. -/
def System.emit (A : Pattern κ) : FormListing := .emit (S.high k A) A.low.term

private theorem literal_low (x : List Bool) (t p : Nat) (l : Low) :
    Class.literal x (l.term.eval [p, t, x.length]) = l.eval x p := by
  cases l with
  | const b => cases b <;> rfl
  | input =>
    have e : (Low.input.term).eval [p, t, x.length] = 2 * p + 2 := rfl
    rw [e, Class.literal, if_pos (by omega), Nat.mul_div_cancel_left _ (by omega)]
    rfl

/-- It is the number of the atom. -/
theorem System.read_emit (x : List Bool) (t p : Nat) (A : Pattern κ) :
    ((S.emit k A).values [p, t, x.length]).map (Form.read x) = [S.number k x.length (A.atom x t p)] := by
  have e₁ : A.place.term.eval [p, t, x.length] = A.place.eval x.length p := by
    cases A.place <;> rfl
  have e₂ : A.time.term.eval [p, t, x.length] = A.time.eval t := by
    cases A.time <;> rfl
  have e₃ : (S.high k A).eval [p, t, x.length] = S.kinds.idxOf A.kind + S.kinds.length *
      (A.place.eval x.length p + (cells k x.length + 1) * A.time.eval t) := by
    simp only [high, Term.eval_add, Term.eval_mul, Term.eval_lit, e₁, e₂, eval_cellsTerm, Term.eval_ofNat]
    rfl
  simp only [emit, FormListing.values, List.map_cons, List.map_nil, Form.read, literal_low, e₃]
  rfl

end

section
variable {κ : Type}

/-- For all times and places of a schema; in the body, variable 0 is the place, 1 the time, and 2 the length of the
input. -/
def Schema.loops (k : Nat) (s : Schema κ) (f : FormListing) : FormListing :=
  .loop (s.times.term k (.var 0)) (.loop (s.places.term k (.var 1)) f)

/-- How many rules there are; `e` is the length of the input. -/
def System.countTerm (S : System κ) (k : Nat) (e : Term) : Term :=
  S.schemas.foldr (fun s t => s.times.term k e * s.places.term k e + t) 0

/-- What is listed for each rule, with the number of the rule: `f s i` is for the schema `s`, and `i` is the number. -/
def Schema.listings (k : Nat) (f : Schema κ → Term → FormListing) : Term → List (Schema κ) → FormListing
  | _, [] => .nil
  | off, s :: l => .seq (s.loops k (f s (off.up.up + .var 1 * s.places.term k (.var 2) + .var 0)))
      (Schema.listings k f (off + s.times.term k (.var 0) * s.places.term k (.var 0)) l)

private theorem zipIdx_map_range {α : Type} (f : Nat → α) (P i : Nat) :
    ((List.range P).map f).zipIdx i = (List.range P).map fun p => (f p, i + p) := by
  apply List.ext_getElem (by simp)
  intro j h₁ h₂
  simp

private theorem zipIdx_each {α : Type} (f : Nat → Nat → α) (P i : Nat) : ∀ T,
    ((List.range T).flatMap fun t => (List.range P).map (f t)).zipIdx i =
      (List.range T).flatMap fun t => (List.range P).map fun p => (f t p, i + t * P + p)
  | 0 => rfl
  | T + 1 => by
    have e : ((List.range T).flatMap fun t => (List.range P).map (f t)).length = T * P := by
      simp [List.length_flatMap, List.map_const']
    rw [List.range_succ, List.flatMap_append, List.flatMap_append, List.zipIdx_append, zipIdx_each f P i T, e]
    simp [zipIdx_map_range]

/-- **What is listed for all rules, with their numbers.** -/
theorem Schema.values_listings {k : Nat} {f : Schema κ → Term → FormListing} {x : List Bool}
    {g : Rule (Atom κ) → Nat → List Nat} : ∀ {l : List (Schema κ)} {off : Term}
    (_ : ∀ s ∈ l, ∀ t p, ∀ i : Term, ((f s i).values [p, t, x.length]).map (Form.read x) =
      g (s.rule x t p) (i.eval [p, t, x.length])),
    ((Schema.listings k f off l).values [x.length]).map (Form.read x) =
      ((l.flatMap fun s => s.each k x.length fun t p => s.rule x t p).zipIdx (off.eval [x.length])).flatMap
        fun c => g c.1 c.2
  | [], _, _ => rfl
  | s :: l, off, h => by
    have ih := Schema.values_listings (k := k) (f := f) (x := x) (g := g) (l := l)
      (off := off + s.times.term k (.var 0) * s.places.term k (.var 0)) fun s' hs => h s' (by simp [hs])
    have e : (s.each k x.length fun t p => s.rule x t p).length =
        s.times.count k x.length * s.places.count k x.length := by
      simp [Schema.each, List.length_flatMap, List.map_const']
    simp only [Term.eval_add, Term.eval_mul, Often.eval_term, Range.eval_term, Term.eval_var, List.getD_cons_zero] at ih
    simp only [Schema.listings, FormListing.values, List.map_append, ih, List.flatMap_cons, List.zipIdx_append, e,
      List.flatMap_append]
    congr 1
    simp only [Schema.loops, FormListing.values, Often.eval_term, Range.eval_term, Term.eval_var, List.getD_cons_zero,
      List.getD_cons_succ, Schema.each, zipIdx_each, List.flatMap_assoc, List.map_flatMap, List.flatMap_map,
      h s (by simp), Term.eval_add, Term.eval_mul, Term.eval_up]

/-- What is listed for each rule. -/
def System.listing (S : System κ) (k : Nat) (f : Schema κ → Term → FormListing) : FormListing :=
  Schema.listings k f 0 S.schemas

theorem System.values_listing {S : System κ} {k : Nat} {f : Schema κ → Term → FormListing} {x : List Bool}
    {g : Rule (Atom κ) → Nat → List Nat} (h : ∀ s ∈ S.schemas, ∀ t p, ∀ i : Term,
      ((f s i).values [p, t, x.length]).map (Form.read x) = g (s.rule x t p) (i.eval [p, t, x.length])) :
    ((S.listing k f).values [x.length]).map (Form.read x) = (S.rules k x).zipIdx.flatMap fun c => g c.1 c.2 :=
  Schema.values_listings h

/-- The number of rules. -/
theorem System.eval_countTerm (S : System κ) (k : Nat) (e : Term) (ρ : List Nat) (x : List Bool)
    (he : e.eval ρ = x.length) : (S.countTerm k e).eval ρ = (S.rules k x).length := by
  rw [countTerm, rules]
  induction S.schemas with
  | nil => rfl
  | cons s l ih =>
    rw [List.foldr_cons, List.flatMap_cons, List.length_append, ← ih]
    simp [Schema.each, List.length_flatMap, List.map_const', he]

end

end Logprec.Hardness
