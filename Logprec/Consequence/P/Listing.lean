import Logprec.Class.Projection
import Logprec.Template.Compile
import Logprec.Template.Derived

/-!
# Listings

A listing is a program that lists numbers: loops, `let`, conditionals and output, with terms for the numbers. What it
lists on `n` is generated in logarithmic space. Listings of numbers whose lowest bit may be an input bit are log-space
uniform projections, when the numbers are written with a fixed width: this is how the reductions are written.
-/

namespace Logprec

open Space

/-- Programs that list numbers. -/
inductive Listing where
  /-- Nothing. -/
  | nil
  /-- One after the other. -/
  | seq (a b : Listing)
  /-- The body for variable 0 from 0 to `count - 1`. -/
  | loop (count : Term) (body : Listing)
  /-- The body, whose variable 0 is the value of `t`. -/
  | letIn (t : Term) (body : Listing)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c : Term) (a b : Listing)
  /-- A number. -/
  | emit (t : Term)
  deriving Repr, DecidableEq

namespace Listing

/-- What is listed in an environment. -/
def values (ρ : List Nat) : Listing → List Nat
  | nil => []
  | seq a b => a.values ρ ++ b.values ρ
  | loop count body => (List.range (count.eval ρ)).flatMap fun i => body.values (i :: ρ)
  | letIn t body => body.values (t.eval ρ :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.values ρ else b.values ρ
  | emit t => [t.eval ρ]

/-! ## Compilation -/

/-- The exponent of the bound on the numbers of a listing. -/
def deg : Listing → Nat
  | nil => 0
  | seq a b => a.deg + b.deg
  | loop count body => count.deg + (count.deg + 1) * body.deg
  | letIn t body => t.deg + (t.deg + 1) * body.deg
  | ite c a b => c.deg + a.deg + b.deg
  | emit t => t.deg

/-- Compile a listing whose variables are in the registers `loc`, which are below `j`. The registers from `j` on are
used for what is between. -/
def compile (loc : List Nat) (j : Nat) : Listing → Prog
  | nil => .skip
  | seq a b => .seq (a.compile loc j) (b.compile loc j)
  | loop count body =>
    .seq (count.compile loc j) (.loop (j + 1) (.reg j) (body.compile ((j + 1) :: loc) (j + 2)))
  | letIn t body => .seq (t.compile loc j) (body.compile (j :: loc) (j + 1))
  | ite c a b => .seq (c.compile loc j) (.ite (.reg j) (a.compile loc j) (b.compile loc j))
  | emit t => .seq (t.compile loc j) (.emit (.reg j))

private theorem map_get_congr {loc : List Nat} {j : Nat} {s s' : Regs} {ρ : List Nat} (hloc : ∀ r ∈ loc, r < j)
    (h : ∀ r < j, s'.get r = s.get r) (hs : loc.map s.get = ρ) : loc.map s'.get = ρ :=
  (List.map_congr_left fun r hr => h r (hloc r hr)).trans hs

private theorem lt_more {loc : List Nat} {j : Nat} (h : ∀ r ∈ loc, r < j) (k : Nat) : ∀ r ∈ loc, r < j + k :=
  fun r hr => Nat.lt_of_lt_of_le (h r hr) (Nat.le_add_right _ _)

private theorem pow_le_of {X B d d' : Nat} (hX : 2 ≤ X) (hB : X ^ d ≤ B) (h : d' ≤ d) : X ^ d' ≤ B :=
  Nat.le_trans (Nat.pow_le_pow_right (by omega) h) hB

private theorem env_cons {ρ : List Nat} {X v d : Nat} (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X) (hv : v + 2 ≤ X ^ d) :
    2 ≤ X ^ (d + 1) ∧ ∀ u ∈ v :: ρ, u + 2 ≤ X ^ (d + 1) := by
  have h₁ : X ≤ X ^ (d + 1) := by simpa using Nat.pow_le_pow_right (by omega) (show 1 ≤ d + 1 by omega)
  have h₂ : X ^ d ≤ X ^ (d + 1) := Nat.pow_le_pow_right (by omega) (by omega)
  refine ⟨by omega, ?_⟩
  simp only [List.mem_cons, forall_eq_or_imp]
  exact ⟨by omega, fun u hu => Nat.le_trans (hρ u hu) h₁⟩

/-- What compiled listings do: they print their values, leave the registers below `j` alone, and handle no number above
`X ^ deg`. -/
theorem run_compile (T : Listing) {loc : List Nat} {j X B : Nat} {x : List Bool} {s : State} {ρ : List Nat}
    (hloc : ∀ r ∈ loc, r < j) (hs : loc.map s.regs.get = ρ) (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X)
    (hB : X ^ T.deg ≤ B) : Step B j (T.values ρ) s ((T.compile loc j).run x s) := by
  induction T generalizing loc j X s ρ with
  | nil => exact .refl _ _ _
  | seq a b iha ihb =>
    simp only [deg] at hB
    have h₁ := iha hloc hs hX hρ (pow_le_of hX hB (by omega))
    have h₂ := ihb hloc (map_get_congr hloc h₁.keep hs) hX hρ (pow_le_of hX hB (by omega))
    exact h₁.trans h₂ (Nat.le_refl _)
  | loop count body ih =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := count.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := (count.deg + 1) * body.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBb
    have vc := count.eval_le hX hρ
    obtain ⟨c₁, c₂⟩ := count.run_compile (x := x) hloc hs hX hρ hBc
    have hs := map_get_congr hloc c₁.keep hs
    rw [compile, Prog.run, values]
    generalize (count.compile loc j).run x s = s₁ at c₁ c₂ hs ⊢
    have loop := Step.loop (x := x) (s := s₁) (B := B) (j := j + 1) (r := j + 1) (e := .reg j)
      (P := body.compile ((j + 1) :: loc) (j + 2)) (new := fun i => body.values (i :: ρ))
      (fun _ _ => True) (by simp only [Expr.peak, Expr.eval, c₂]; omega) (by omega) trivial
      (by
        intro i hi s' _ hkeep
        simp only [Expr.eval, c₂] at hi
        obtain ⟨hX', hρ'⟩ := env_cons (v := i) (d := count.deg) hX hρ (by omega)
        have hw : ∀ r < j, (s'.regs.set (j + 1) i).get r = s₁.regs.get r := fun r hr => by
          rw [Regs.get_set_ne (by omega), hkeep r (by omega)]
        refine ⟨(ih (loc := (j + 1) :: loc) (j := j + 2) ?_ ?_ hX' hρ' hBb).mono (by omega), trivial⟩
        · simpa using lt_more hloc 2
        · simp [map_get_congr hloc hw hs])
    simp only [Expr.eval, c₂] at loop
    exact c₁.next (loop.1.mono (by omega)) (Nat.le_refl _)
  | letIn t body ih =>
    simp only [deg] at hB
    have hBt := pow_le_of (d' := t.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := (t.deg + 1) * body.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBb
    obtain ⟨hX', hρ'⟩ := env_cons hX hρ (t.eval_le hX hρ)
    obtain ⟨t₁, t₂⟩ := t.run_compile (x := x) hloc hs hX hρ hBt
    have h := ih (loc := j :: loc) (j := j + 1) (s := (t.compile loc j).run x s) (ρ := t.eval ρ :: ρ)
      (by simpa using lt_more hloc 1) (by simp [t₂, map_get_congr hloc t₁.keep hs]) hX' hρ' hBb
    exact t₁.next h (by omega)
  | ite c a b iha ihb =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := c.deg) hX hB (by omega)
    have vc := Nat.le_trans (c.eval_le hX hρ) hBc
    obtain ⟨c₁, c₂⟩ := c.run_compile (x := x) hloc hs hX hρ hBc
    have hsee : Step B j [] _ (((c.compile loc j).run x s).see x (.reg j)) :=
      c₁.next (.see (by simp only [Expr.peak, Expr.eval, c₂]; omega)) (Nat.le_refl _)
    simp only [compile, Prog.run, Expr.eval, c₂, values]
    split
    · exact hsee.next (iha hloc (map_get_congr hloc hsee.keep hs) hX hρ (pow_le_of hX hB (by omega))) (Nat.le_refl _)
    · exact hsee.next (ihb hloc (map_get_congr hloc hsee.keep hs) hX hρ (pow_le_of hX hB (by omega))) (Nat.le_refl _)
  | emit t =>
    have vt := Nat.le_trans (t.eval_le hX hρ) hB
    obtain ⟨t₁, t₂⟩ := t.run_compile (x := x) hloc hs hX hρ hB
    have e : Step B j _ _ _ := .emit (x := x) (e := .reg j) (s := (t.compile loc j).run x s)
      (by simp only [Expr.peak, Expr.eval, t₂]; omega)
    simp only [Expr.eval, t₂] at e
    exact t₁.next e (Nat.le_refl _)

/-- **What a listing lists is generated in logarithmic space**. -/
theorem logSpaceGenerated (T : Listing) : LogSpaceGenerated fun n => T.values [n] := by
  refine ⟨.seq (.set 0 .len) (T.compile [0] 1), T.deg + 1, fun n => ?_⟩
  have hn : n + 2 ≤ (n + 2) ^ (T.deg + 1) := Nat.le_self_pow (by omega) _
  have h₀ : Step ((n + 2) ^ (T.deg + 1)) 0 [] {} ((Prog.set 0 .len).run (ones n) {}) := .set (by
    simp only [Expr.peak, Expr.eval, ones, List.length_replicate]; omega) (Nat.le_refl _)
  have r₀ : ((Prog.set 0 .len).run (ones n) {}).regs.get 0 = n := by simp [Prog.run, Expr.eval, ones]
  have h := h₀.next (T.run_compile (x := ones n) (loc := [0]) (j := 1) (X := n + 2) (ρ := [n])
    (B := (n + 2) ^ (T.deg + 1)) (by simp) (by simpa using r₀) (by omega) (by simp)
    (Nat.pow_le_pow_right (by omega) (by omega))) (by omega)
  exact ⟨by simpa [Prog.output] using congrArg List.reverse h.out, h.peak (Nat.zero_le _)⟩

end Listing

/-! ## Numbers with a bit of the input -/

/-- The code of a list of numbers in width `w`: the width in unary, and then the numbers in binary, with `w` bits each,
the lowest bit first. -/
def blocksCode (w : Nat) (l : List Nat) : List Bool := List.replicate w true ++ false :: l.flatMap (bits w)

/-- A number whose lowest bit may depend on the input: all but the lowest bit, and the code of the lowest bit
(`Class.literal`). -/
structure Form where
  /-- All but the lowest bit. -/
  high : Nat
  /-- The code of the lowest bit. -/
  low : Nat
  deriving Repr, DecidableEq

/-- The number on the input `x`. -/
def Form.read (x : List Bool) (φ : Form) : Nat := 2 * φ.high + (Class.literal x φ.low).toNat

/-- Programs that list forms. -/
inductive FormListing where
  /-- Nothing. -/
  | nil
  /-- One after the other. -/
  | seq (a b : FormListing)
  /-- The body for variable 0 from 0 to `count - 1`. -/
  | loop (count : Term) (body : FormListing)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c : Term) (a b : FormListing)
  /-- A form. -/
  | emit (high low : Term)
  deriving Repr, DecidableEq

namespace FormListing

/-- What is listed in an environment. -/
def values (ρ : List Nat) : FormListing → List Form
  | nil => []
  | seq a b => a.values ρ ++ b.values ρ
  | loop count body => (List.range (count.eval ρ)).flatMap fun i => body.values (i :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.values ρ else b.values ρ
  | emit high low => [⟨high.eval ρ, low.eval ρ⟩]

/-- A number that does not depend on the input. -/
def number (t : Term) : FormListing := emit (t / 2) (t % 2)

/-- It is that number. -/
theorem read_number (x : List Bool) (ρ : List Nat) (t : Term) : ((number t).values ρ).map (Form.read x) =
    [t.eval ρ] := by
  have e : ∀ v, v < 2 → (Class.literal x v).toNat = v := fun v hv => by
    match v with
    | 0 => rfl
    | 1 => rfl
  simp only [number, values, List.map_cons, List.map_nil, Form.read, Term.eval_div, Term.eval_mod, Term.eval_ofNat]
  rw [e _ (Nat.mod_lt _ (by omega))]
  congr 1
  exact Nat.div_add_mod _ 2

/-- One after the other. -/
def seqs : List FormListing → FormListing
  | [] => nil
  | T :: Ts => seq T (seqs Ts)

theorem values_seqs (ρ : List Nat) : ∀ Ts : List FormListing, (seqs Ts).values ρ = Ts.flatMap (values ρ)
  | [] => rfl
  | _ :: Ts => by rw [seqs, values, values_seqs ρ Ts, List.flatMap_cons]

/-- The listing of the codes of the bits, in the width `w`, a term for the variables behind the first `d`. -/
def codes (w : Term) (d : Nat) : FormListing → Listing
  | nil => .nil
  | seq a b => .seq (a.codes w d) (b.codes w d)
  | loop count body => .loop count (body.codes w (d + 1))
  | ite c a b => .ite c (a.codes w d) (b.codes w d)
  | emit high low =>
    .seq (.emit low) (.letIn high (.loop (w.rename (· + (d + 1)) - 1) (.emit (.testBit (.var 1) (.var 0)))))

/-- The codes of the bits of a form in a width. -/
def _root_.Logprec.Form.codes (w : Nat) (φ : Form) : List Nat :=
  φ.low :: (List.range (w - 1)).map fun j => (φ.high.testBit j).toNat

private theorem values_codes (T : FormListing) (w : Term) {d n : Nat} {ρ : List Nat} (h : ρ.drop d = [n]) :
    (T.codes w d).values ρ = (T.values ρ).flatMap (Form.codes (w.eval [n])) := by
  induction T generalizing d ρ with
  | nil => rfl
  | seq a b iha ihb => simp only [codes, Listing.values, values, iha h, ihb h, List.flatMap_append]
  | loop count body ih =>
    simp only [codes, Listing.values, values, List.flatMap_assoc]
    congr 1
    funext i
    exact ih (by simpa using h)
  | ite c a b iha ihb =>
    simp only [codes, Listing.values, values, iha h, ihb h]
    split <;> rfl
  | emit high low =>
    have e : (w.rename (· + (d + 1))).eval (high.eval ρ :: ρ) = w.eval [n] := by
      refine w.eval_rename fun i => ?_
      rw [← h]
      simp [List.getD_eq_getElem?_getD, Nat.add_comm, ← Nat.add_assoc]
    simp only [codes, Listing.values, values, List.flatMap_cons, List.flatMap_nil, List.append_nil, Form.codes,
      Term.eval_sub, Term.eval_var, e, Term.eval_ofNat, Term.eval_testBit, List.getD_cons_zero, List.getD_cons_succ]
    rw [← List.map_eq_flatMap]
    rfl

/-- The bits of a form are what its codes stand for. -/
theorem _root_.Logprec.Form.literal_codes (x : List Bool) (φ : Form) {w : Nat} (hw : 0 < w) :
    (φ.codes w).map (Class.literal x) = bits w (φ.read x) := by
  obtain ⟨w, rfl⟩ : ∃ v, w = v + 1 := ⟨w - 1, by omega⟩
  have h₁ : (φ.read x).testBit 0 = Class.literal x φ.low := by
    rw [Form.read, Nat.testBit_zero]
    cases Class.literal x φ.low <;> simp <;> omega
  have h₂ : φ.read x / 2 = φ.high := by
    have := (Class.literal x φ.low).toNat_lt
    rw [Form.read]; omega
  have h₃ : ∀ b : Bool, Class.literal x b.toNat = b := fun b => by cases b <;> rfl
  rw [bits_succ, h₁, h₂]
  simp [Form.codes, bits, h₃]

/-- **Listings of numbers with input bits are log-space uniform projections**, when the numbers are written in a width
that a term gives. -/
theorem logProjection (T : FormListing) (w : Term) (hw : ∀ n, 0 < w.eval [n]) :
    Class.LogProjection fun x => blocksCode (w.eval [x.length]) ((T.values [x.length]).map (Form.read x)) := by
  refine Class.logProjection_iff.2 ⟨_, Listing.logSpaceGenerated
    (.seq (.loop w (.emit 1)) (.seq (.emit 0) (T.codes w 0))), fun x => ?_⟩
  simp only [Listing.values, values_codes T w (d := 0) (n := x.length) (ρ := [x.length]) rfl, List.map_append,
    List.map_flatMap, Form.literal_codes x _ (hw _), blocksCode, List.flatMap_map]
  congr 1
  simp [← List.map_eq_flatMap, Class.literal, List.map_const']

end FormListing

end Logprec
