import Logprec.Class.Feed
import Logprec.Space.Turing.Length

/-!
# Log-space uniform projections

Reductions in which every output bit is a constant, an input bit or a negated input bit, and which one depends on the
length of the input and on the position only. They are in log-uniform TC0, in depth 1, so a language that is hard under
them for a class, and is in log-uniform TC0, puts the class into log-uniform TC0.
-/

namespace Logprec.Class

open Circuit Space

/-- The bit that a code stands for, on the input `x`: 0 and 1 are the constants, `2 + 2i` is the bit `xᵢ`, and `3 + 2i`
is its negation. Past the end of the input, `xᵢ` is 0. -/
def literal (x : List Bool) : Nat → Bool
  | 0 => false
  | 1 => true
  | c + 2 => if c % 2 = 0 then x.getD (c / 2) false else !x.getD (c / 2) false

/-- `f` is a log-space uniform projection: one multi-tape Turing machine prints on `1ⁿ`, in `O(log n)` cells of its work
tapes, a list of codes (in unary, as in `LogUniform`), one for each output bit, and on every input of length `n` the
output bits are what the codes stand for. -/
def LogProjection (f : List Bool → List Bool) : Prop :=
  ∃ G : Nat → List Nat, Turing.LogSpaceGenerated (fun n => Turing.unary (G n)) ∧
    ∀ x, f x = (G x.length).map (literal x)

/-- Being a projection, with register programs. -/
theorem logProjection_iff {f : List Bool → List Bool} :
    LogProjection f ↔ ∃ G : Nat → List Nat, LogSpaceGenerated G ∧ ∀ x, f x = (G x.length).map (literal x) := by
  simp only [LogProjection, Turing.logSpaceGenerated_iff]

/-! ## One layer -/

/-- The wires of the gate for a code: to the input bit, if it is one of the `n`. -/
def literalWires (n c : Nat) : List Wire := if 2 ≤ c ∧ (c - 2) / 2 < n then [⟨(c - 2) / 2, 1⟩] else []

/-- The gate for a code: "at least one" for an input bit and 0, "none" for a negated one and 1. -/
def literalGate (n c : Nat) : Gate :=
  if c % 2 = 0 then .atLeast 1 (literalWires n c) else .atMost 0 (literalWires n c)

private theorem count_literalWires (x : List Bool) (c : Nat) :
    Wire.count (fun i => x.toArray.getD i false) (literalWires x.length c) =
      if 2 ≤ c then (x.getD ((c - 2) / 2) false).toNat else 0 := by
  by_cases h : 2 ≤ c
  · by_cases hi : (c - 2) / 2 < x.length
    · simp [literalWires, h, hi, Wire.count]
      cases x[(c - 2) / 2] <;> rfl
    · simp [literalWires, h, hi, Wire.count]
  · simp [literalWires, h, Wire.count]

private theorem eval_literalGate (x : List Bool) (c : Nat) :
    (literalGate x.length c).eval (fun i => x.toArray.getD i false) = literal x c := by
  match c with
  | 0 => simp [literalGate, Gate.eval, literalWires, Wire.count, literal]
  | 1 => simp [literalGate, Gate.eval, literalWires, Wire.count, literal]
  | c + 2 =>
    have hw := count_literalWires x (c + 2)
    rw [if_pos (by omega), Nat.add_sub_cancel] at hw
    rw [literalGate, literal, Nat.add_mod_right]
    split
    · rw [Gate.eval, hw]; cases x.getD (c / 2) false <;> rfl
    · rw [Gate.eval, hw]; cases x.getD (c / 2) false <;> rfl

private theorem wires_literalGate (n c : Nat) : (literalGate n c).wires = literalWires n c := by
  rw [literalGate]; split <;> rfl

private theorem size_literalGate_le (n c : Nat) : (literalGate n c).size ≤ 2 := by
  rw [Gate.size, wires_literalGate, literalWires]
  split <;> simp

/-- The circuits of a projection: one layer, with a gate for each code. -/
def projection (G : Nat → List Nat) : Family := fun n => [(G n).map (literalGate n)]

private theorem computes_projection {f : List Bool → List Bool} {G : Nat → List Nat}
    (hG : ∀ x, f x = (G x.length).map (literal x)) : Computes (projection G) f := fun x => by
  simp only [projection, Circuit.eval, List.foldl_cons, List.foldl_nil, Layer.eval, List.map_map, hG]
  exact List.map_congr_left fun c _ => eval_literalGate x c

private theorem constDepthPolySize_projection {G : Nat → List Nat} {k : Nat} (h : ∀ n, (G n).length ≤ (n + 2) ^ k) :
    ConstDepthPolySize (projection G) 1 (2 + k) where
  wf n := by
    refine ⟨fun g hg w hw => ?_, trivial⟩
    obtain ⟨c, -, rfl⟩ := List.mem_map.1 hg
    rw [wires_literalGate, literalWires] at hw
    split at hw
    · next h => simp only [List.mem_singleton] at hw; subst hw; exact h.2
    · simp at hw
  depth_le n := Nat.le_refl 1
  size_le n := by
    have le : ∀ l : List Nat, ((l.map (literalGate n)).map Gate.size).sum ≤ 2 * l.length := by
      intro l
      induction l with
      | nil => exact Nat.le_refl 0
      | cons c l ih =>
        have := size_literalGate_le n c
        simp only [List.map_cons, List.sum_cons, List.length_cons]
        omega
    refine Nat.le_trans ?_ (mul_pow_le_pow 2 n k)
    have := le (G n)
    have := h n
    simp only [projection, size_cons, size_nil]
    omega

/-! ## Printing it -/

/-- Prints the gate for the code in register 0. -/
private def printGate : Prog :=
  .seq (.ite (.mod (.reg 0) (.lit 2)) (.seq (.emit (.lit 2)) (.emit (.lit 0)))
    (.seq (.emit (.lit 1)) (.emit (.lit 1)))) <|
  .ite (.lt (.reg 0) (.lit 2)) .skip <|
  .ite (.lt (.div (.sub (.reg 0) (.lit 2)) (.lit 2)) .len)
    (.seq (.emit (.lit 3)) (.seq (.emit (.div (.sub (.reg 0) (.lit 2)) (.lit 2))) (.emit (.lit 1)))) .skip

private theorem handle_printGate {n B : Nat} {u : State} {c : Nat} (hu : u.peak ≤ B) (hc : c ≤ B) (hn : n ≤ B)
    (hB : 4 ≤ B) : (printGate.handle (ones n) u c).out = (literalGate n c).encode.reverse ++ u.out ∧
      (printGate.handle (ones n) u c).peak ≤ B := by
  have hmod := Nat.mod_lt c (show 0 < 2 by omega)
  have hdiv := Nat.div_le_self (c - 2) 2
  by_cases h₁ : c % 2 = 0 <;> by_cases h₂ : c < 2 <;> by_cases h₃ : (c - 2) / 2 < n
  all_goals
    have h₄ : 2 ≤ c ↔ ¬ c < 2 := by omega
    simp [Prog.handle, printGate, Prog.run, Expr.eval, Expr.peak, State.see, ones, literalGate, literalWires,
      Gate.encode,
      Wire.encode, h₁, h₂, h₃, h₄]
    try omega

private theorem foldl_printGate {n B : Nat} (hn : n ≤ B) (hB : 4 ≤ B) : ∀ (l : List Nat) {u : State}, u.peak ≤ B →
    (∀ c ∈ l, c ≤ B) →
    (l.foldl (printGate.handle (ones n)) u).out = ((l.map (literalGate n)).flatMap Gate.encode).reverse ++ u.out ∧
      (l.foldl (printGate.handle (ones n)) u).peak ≤ B
  | [], _, hu, _ => ⟨rfl, hu⟩
  | c :: l, u, hu, hl => by
    obtain ⟨h₁, h₂⟩ := handle_printGate hu (hl c (by simp)) hn hB
    obtain ⟨h₃, h₄⟩ := foldl_printGate hn hB l h₂ fun c hc => hl c (by simp [hc])
    refine ⟨?_, h₄⟩
    rw [List.foldl_cons, h₃, h₁]
    simp

private theorem logUniform_projection {G : Nat → List Nat} (hG : LogSpaceGenerated G) : LogUniform (projection G) := by
  obtain ⟨c, hc⟩ := hG.le_pow
  let S : Nat → State := fun n => (Prog.emit (.lit 4)).run (ones n)
    (([] : List Nat).foldl (printGate.handle (ones n)) (Prog.skip.run (ones n)
      ((G n).foldl (printGate.handle (ones n)) ((Prog.seq (.emit .len) (.emit (.lit 0))).run (ones n) {}))))
  have key : ∀ n, (S n).out.reverse = encode n (projection G n) ∧ (S n).peak ≤ (n + 2) ^ (c + 2) := by
    intro n
    have h₁ : (n + 2) ^ 1 ≤ (n + 2) ^ (c + 2) := Nat.pow_le_pow_right (by omega) (by omega)
    have h₂ : (n + 2) ^ c ≤ (n + 2) ^ (c + 2) := Nat.pow_le_pow_right (by omega) (by omega)
    have h₃ : 2 ^ 2 ≤ (n + 2) ^ (c + 2) :=
      Nat.le_trans (Nat.pow_le_pow_left (by omega) 2) (Nat.pow_le_pow_right (by omega) (by omega))
    rw [Nat.pow_one] at h₁
    obtain ⟨h₄, h₅⟩ := foldl_printGate (n := n) (B := (n + 2) ^ (c + 2)) (by omega) (by omega) (G n)
      (u := (Prog.seq (.emit .len) (.emit (.lit 0))).run (ones n) {})
      (by simp [Prog.run, State.see, Expr.peak, Expr.eval, ones]; omega) fun a ha => Nat.le_trans (hc n a ha) h₂
    constructor
    · simp only [S, List.foldl_nil, Prog.run, State.see, Expr.eval] at h₄ ⊢
      rw [h₄]
      simp [encode, projection, Layer.encode, ones]
    · simp only [S, List.foldl_nil, Prog.run, State.see, Expr.peak, Expr.eval] at h₅ ⊢
      omega
  have := LogSpaceGenerated.feed hG (G := fun _ => []) ⟨.skip, 0, fun n => ⟨rfl, Nat.zero_le _⟩⟩
    (.seq (.emit .len) (.emit (.lit 0))) printGate .skip (.emit (.lit 4)) S (fun n => rfl) fun n => (key n).2
  rw [logUniform_iff]
  simpa only [(key _).1] using this

private theorem length_le_unary (l : List Nat) : l.length ≤ (Turing.unary l).length := by
  induction l with
  | nil => exact Nat.le_refl 0
  | cons v l ih =>
    have : (Turing.unary (v :: l)).length = v + 1 + (Turing.unary l).length := by simp [Turing.unary]; omega
    rw [this, List.length_cons]; omega

/-- **Log-space uniform projections are in log-uniform TC0**, in depth 1. -/
theorem LogProjection.logUniformTC0Function {f : List Bool → List Bool} (h : LogProjection f) :
    LogUniformTC0Function f := by
  obtain ⟨G, hG, hf⟩ := h
  obtain ⟨k, hk⟩ := hG.length_le
  exact ⟨projection G, 1, 2 + k, constDepthPolySize_projection fun n => Nat.le_trans (length_le_unary _) (hk n),
    computes_projection hf, logUniform_projection (Turing.logSpaceGenerated_iff.2 hG)⟩

end Logprec.Class
