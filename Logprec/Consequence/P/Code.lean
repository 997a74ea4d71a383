import Logprec.Consequence.P.Listing

/-!
# Instances as bit strings

An instance of a problem is a list of numbers, and its code is the width in unary, then the numbers in binary, with as
many bits each, the lowest bit first (`blocksCode`). A bit string is the code of at most one list of numbers. Lists of
things are written with their length in front, so that no separators are needed.
-/

namespace Logprec.Hardness

/-- The bit string is a code of the list of numbers: in some width, at least 1, in which they all fit. -/
def IsCode (l : List Nat) (x : List Bool) : Prop := ∃ w, 0 < w ∧ (∀ v ∈ l, v < 2 ^ w) ∧ x = blocksCode w l

private theorem unary_inj {w w' : Nat} {r r' : List Bool}
    (h : List.replicate w true ++ false :: r = List.replicate w' true ++ false :: r') : w = w' ∧ r = r' := by
  induction w generalizing w' with
  | zero => cases w' <;> simp_all [List.replicate_succ]
  | succ w ih =>
    cases w' with
    | zero => simp [List.replicate_succ] at h
    | succ w' =>
      obtain ⟨rfl, rfl⟩ := ih (w' := w') (by simpa [List.replicate_succ] using h)
      exact ⟨rfl, rfl⟩

private theorem flatMap_bits_inj {w : Nat} (hw : 0 < w) : ∀ {l l' : List Nat}, (∀ v ∈ l, v < 2 ^ w) →
    (∀ v ∈ l', v < 2 ^ w) → l.flatMap (bits w) = l'.flatMap (bits w) → l = l'
  | [], [], _, _, _ => rfl
  | [], v :: l', _, _, h => by
    have := congrArg List.length h
    simp only [List.flatMap_nil, List.flatMap_cons, List.length_append, length_bits, List.length_nil] at this
    omega
  | v :: l, [], _, _, h => by
    have := congrArg List.length h
    simp only [List.flatMap_nil, List.flatMap_cons, List.length_append, length_bits, List.length_nil] at this
    omega
  | v :: l, v' :: l', hl, hl', h => by
    simp only [List.flatMap_cons] at h
    obtain ⟨h₁, h₂⟩ := List.append_inj h (by simp)
    have e := congrArg ofBits h₁
    rw [ofBits_bits, ofBits_bits, Nat.mod_eq_of_lt (hl v (by simp)), Nat.mod_eq_of_lt (hl' v' (by simp))] at e
    rw [e, flatMap_bits_inj hw (fun u hu => hl u (by simp [hu])) (fun u hu => hl' u (by simp [hu])) h₂]

/-- **A bit string is the code of at most one list of numbers.** -/
theorem IsCode.unique {l l' : List Nat} {x : List Bool} (h : IsCode l x) (h' : IsCode l' x) : l = l' := by
  obtain ⟨w, hw, hl, rfl⟩ := h
  obtain ⟨w', hw', hl', e⟩ := h'
  obtain ⟨rfl, e⟩ := unary_inj e
  exact flatMap_bits_inj hw hl hl' e

/-! ## Codes that need no separators -/

/-- Where a code ends can be read off the code: what follows does not matter. -/
def PrefixFree {α : Type} (f : α → List Nat) : Prop := ∀ a b r r', f a ++ r = f b ++ r' → a = b ∧ r = r'

/-- The code of a list: its length, and then the codes of its elements. -/
def listCode {α : Type} (f : α → List Nat) (l : List α) : List Nat := l.length :: l.flatMap f

/-- The code of a truth value. -/
def boolCode (b : Bool) : List Nat := [b.toNat]

theorem prefixFree_boolCode : PrefixFree boolCode := fun a b r r' h => by
  cases a <;> cases b <;> simp_all [boolCode]

/-- The code of an integer: 1 if it is negative, else 0, and then its absolute value. -/
def intCode (z : Int) : List Nat := [(decide (z < 0)).toNat, z.natAbs]

theorem prefixFree_intCode : PrefixFree intCode := fun a b r r' h => by
  simp only [intCode, List.cons_append, List.nil_append, List.cons.injEq] at h
  obtain ⟨h₁, h₂, h₃⟩ := h
  refine ⟨?_, h₃⟩
  have h₁ : a < 0 ↔ b < 0 := by
    rw [← decide_eq_decide]
    cases ha : decide (a < 0) <;> cases hb : decide (b < 0) <;> simp_all
  omega

/-- Lists of things with such a code have such a code. -/
theorem PrefixFree.list {α : Type} {f : α → List Nat} (h : PrefixFree f) : PrefixFree (listCode f) := by
  intro l l' r r' e
  simp only [listCode, List.cons_append, List.cons.injEq] at e
  obtain ⟨hlen, e⟩ := e
  induction l generalizing l' with
  | nil =>
    match l', hlen with
    | [], _ => exact ⟨rfl, e⟩
  | cons a l ih =>
    match l', hlen with
    | b :: l', hlen =>
      simp only [List.flatMap_cons, List.append_assoc] at e
      obtain ⟨e₁, e₂⟩ := h _ _ _ _ e
      obtain ⟨e₃, e₄⟩ := ih l' (by simpa using hlen) e₂
      exact ⟨by rw [e₁, e₃], e₄⟩

/-- A code without separators tells its meaning. -/
theorem PrefixFree.inj {α : Type} {f : α → List Nat} (h : PrefixFree f) {a b : α} (e : f a = f b) : a = b :=
  (h a b [] [] (by simpa using e)).1

end Logprec.Hardness
