import Logprec.Circuit.Compose
import Logprec.Class.Defs
import Logprec.Space.Turing.Equivalence

/-!
# First facts about TC0 and log-uniform TC0

Log-uniform TC0 is contained in TC0. TC0 is closed under the Boolean operations and under composition with functions in
TC0, and contains every language that depends on the length only. The empty and the full language are in log-uniform
TC0. `logUniform_iff` is the bridge from the machines of the definition to the register programs of the proofs.
-/

namespace Logprec.Class

open Circuit

/-! ## Machines and programs -/

/-- **Uniformity with Turing machines is uniformity with register programs**: a family is log-space uniform exactly when
one register program prints, on `1ⁿ`, the serialisation of circuit `n`, with numbers polynomial in `n`. -/
theorem logUniform_iff {C : Family} : LogUniform C ↔ Space.LogSpaceGenerated fun n => encode n (C n) :=
  Turing.logSpaceGenerated_iff.symm

/-! ## Polynomials -/

/-- A constant is at most a power of `n + 2`. -/
theorem const_le_pow (a n : Nat) : a ≤ (n + 2) ^ a :=
  Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (Nat.pow_le_pow_left (by omega) a)

/-- A constant factor goes into the exponent. -/
theorem mul_pow_le_pow (a n k : Nat) : a * (n + 2) ^ k ≤ (n + 2) ^ (a + k) := by
  rw [Nat.pow_add]; exact Nat.mul_le_mul_right _ (const_le_pow a n)

/-- The sum of two powers is at most a power. -/
theorem pow_add_pow_le (n k l : Nat) : (n + 2) ^ k + (n + 2) ^ l ≤ (n + 2) ^ (k + l + 1) := by
  have hk : (n + 2) ^ k ≤ (n + 2) ^ (k + l) := Nat.pow_le_pow_right (by omega) (by omega)
  have hl : (n + 2) ^ l ≤ (n + 2) ^ (k + l) := Nat.pow_le_pow_right (by omega) (by omega)
  rw [Nat.pow_succ]
  have := Nat.mul_le_mul_left ((n + 2) ^ (k + l)) (show 2 ≤ n + 2 by omega)
  omega

/-! ## Families with exact depth -/

open Classical in
/-- A language is in TC0 when circuits with one output compute it at some constant depth, in polynomial size. -/
theorem TC0.of_computes {L : Language} {C : Family} {d k : Nat}
    (h : ∀ n, (C n).Computes n 1 d ((n + 2) ^ k) fun x => [decide (L x)]) : TC0 L :=
  ⟨C, d, k, ⟨fun n => (h n).wf, fun n => Nat.le_of_eq (h n).depth_eq, fun n => (h n).size_le⟩,
    fun x => ⟨_, (h x.length).eval_eq x rfl, decide_eq_true_iff⟩⟩

open Classical in
/-- A language in TC0 has families of every large depth: copy layers fill the circuits up. -/
theorem TC0.exists_computes {L : Language} (h : TC0 L) : ∃ d₀, ∀ d, d₀ ≤ d → ∃ (C : Family) (k : Nat),
    ∀ n, (C n).Computes n 1 d ((n + 2) ^ k) fun x => [decide (L x)] := by
  obtain ⟨C, d₀, k, hC, hL⟩ := h
  refine ⟨d₀, fun d hd => ⟨fun n => C n ++ carry 1 (d - (C n).depth), k + 2 * d + 1, fun n => ?_⟩⟩
  have hCn : (C n).Computes n 1 (C n).depth ((n + 2) ^ k) fun x => [decide (L x)] := by
    have key : ∀ x : List Bool, x.length = n → (C n).eval x = [decide (L x)] := by
      rintro x rfl
      obtain ⟨b, hb, hbL⟩ := hL x
      rw [hb, ← decide_eq_decide.2 hbL, Bool.decide_eq_true]
    refine ⟨hC.wf n, ?_, rfl, hC.size_le n, key⟩
    have := length_eval (C n) (List.replicate n false)
    rw [key _ (by simp)] at this
    simpa using this.symm
  have hd' := hC.depth_le n
  refine (hCn.comp (computes_carry 1 _)).congr rfl (by omega) ?_ fun x _ => rfl
  have := Nat.le_trans (show (d - (C n).depth) * (2 * 1) ≤ 2 * d by omega) (const_le_pow (2 * d) n)
  have := pow_add_pow_le n k (2 * d)
  omega

/-! ## Boolean operations -/

/-- Log-uniform TC0 is contained in TC0. -/
theorem LogUniformTC0.tc0 {L : Language} : LogUniformTC0 L → TC0 L :=
  fun ⟨C, d, k, hC, hL, _⟩ => ⟨C, d, k, hC, hL⟩

/-- The layer with a single NOT gate. -/
def notLayer : Layer := [.atMost 0 [⟨0, 1⟩]]

/-- The layer with a single AND gate, of two inputs. -/
def andLayer : Layer := [.atLeast 2 [⟨0, 1⟩, ⟨1, 1⟩]]

/-- What the NOT layer computes. -/
@[simp] theorem eval_notLayer (b : Bool) : notLayer.eval [b] = [!b] := by cases b <;> decide

/-- What the AND layer computes. -/
@[simp] theorem eval_andLayer (a b : Bool) : andLayer.eval [a, b] = [a && b] := by cases a <;> cases b <;> decide

/-- A NOT layer behind every circuit: the family decides the complement. -/
theorem Decides.compl {C : Family} {L : Language} (h : Decides C L) :
    Decides (fun n => C n ++ [notLayer]) fun x => ¬ L x := by
  intro x
  obtain ⟨b, hb, hL⟩ := h x
  exact ⟨!b, by simp [hb], by simp [← hL]⟩

/-- A NOT layer behind every circuit keeps constant depth and polynomial size, if the circuits have an output. -/
theorem ConstDepthPolySize.compl {C : Family} {d k : Nat} {L : Language} (h : ConstDepthPolySize C d k)
    (hL : Decides C L) : ConstDepthPolySize (fun n => C n ++ [notLayer]) (d + 1) (k + 2) where
  wf n := by
    refine wf_append (h.wf n) ?_
    obtain ⟨b, hb, -⟩ := hL (List.replicate n false)
    have := length_eval (C n) (List.replicate n false)
    simp only [List.length_replicate] at hb this
    rw [← this, hb]
    exact (by decide : WF 1 [notLayer])
  depth_le n := by simpa [depth] using h.depth_le n
  size_le n := by
    have e : size [notLayer] = 2 := rfl
    have h₁ := h.size_le n
    have h₂ := pow_add_pow_le n k 1
    rw [size_append, e]
    simp only [Nat.pow_one] at h₂
    show _ ≤ (n + 2) ^ (k + 1 + 1)
    omega

/-- TC0 is closed under complement. -/
theorem TC0.compl {L : Language} : TC0 L → TC0 fun x => ¬ L x :=
  fun ⟨_, _, _, hC, hL⟩ => ⟨_, _, _, hC.compl hL, hL.compl⟩

/-- TC0 is closed under intersection. -/
theorem TC0.inter {L L' : Language} (h : TC0 L) (h' : TC0 L') : TC0 fun x => L x ∧ L' x := by
  classical
  obtain ⟨d, hd⟩ := h.exists_computes
  obtain ⟨d', hd'⟩ := h'.exists_computes
  obtain ⟨C, k, hC⟩ := hd (d + d' + 1) (by omega)
  obtain ⟨C', k', hC'⟩ := hd' (d + d' + 1) (by omega)
  refine TC0.of_computes (d := d + d' + 1 + 1) (k := k + k' + 1 + 2 + 1)
    (C := fun n => pair (d + d' + 1) (List.range n) (C n) (List.range n) (C' n) ++ [andLayer]) fun n => ?_
  have hpair := Computes.pair (m := n) (σ := List.range n) (τ := List.range n) (d := d + d') (by simp) (by simp)
    (by simpa using hC n) (by simpa using hC' n)
  have hand : Circuit.Computes [andLayer] 2 1 1 3 andLayer.eval := ⟨by decide, rfl, rfl, by decide, fun x _ => rfl⟩
  refine (hpair.comp hand).congr rfl rfl ?_ fun x hx => ?_
  · have := pow_add_pow_le n k k'
    have := pow_add_pow_le n (k + k' + 1) 2
    have := Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 2
    omega
  · subst hx
    simp [map_bit_range]

/-- TC0 is closed under union. -/
theorem TC0.union {L L' : Language} (h : TC0 L) (h' : TC0 L') : TC0 fun x => L x ∨ L' x := by
  have := (h.compl.inter h'.compl).compl
  simpa only [← not_or, Classical.not_not] using this

/-- A circuit has not more outputs than it has gates or inputs. -/
theorem width_le (m : Nat) (C : Circuit) : C.width m ≤ m + C.size := by
  induction C generalizing m with
  | nil => simp [width]
  | cons L C ih =>
    have hL : L.length ≤ (L.map Gate.size).sum := by
      induction L with
      | nil => simp
      | cons g L ihL => simp only [List.length_cons, List.map_cons, List.sum_cons, Gate.size]; omega
    have := ih L.length
    simp only [width, size_cons]
    omega

/-- One family after another: the second has a circuit for every number of inputs; the one that is taken has as many
inputs as the first has outputs. -/
def comp (C D : Family) : Family := fun n => C n ++ D ((C n).width n)

/-- Constant depth and polynomial size are kept by composition. -/
theorem ConstDepthPolySize.comp {C D : Family} {d d' k k' : Nat} (hC : ConstDepthPolySize C d k)
    (hD : ConstDepthPolySize D d' k') : ConstDepthPolySize (comp C D) (d + d') (k + (k + 2) * k' + 1) where
  wf n := wf_append (hC.wf n) (hD.wf _)
  depth_le n := by rw [Class.comp, depth_append]; exact Nat.add_le_add (hC.depth_le n) (hD.depth_le _)
  size_le n := by
    have hs := hC.size_le n
    have hw : (C n).width n + 2 ≤ (n + 2) ^ (k + 2) := by
      have := width_le n (C n)
      have := pow_add_pow_le n k 1
      simp only [Nat.pow_one] at this
      show _ ≤ (n + 2) ^ (k + 1 + 1)
      omega
    have := Nat.le_trans (hD.size_le ((C n).width n)) (Nat.pow_le_pow_left hw k')
    rw [← Nat.pow_mul] at this
    have := pow_add_pow_le n k ((k + 2) * k')
    rw [Class.comp, size_append]
    omega

/-- The composed family computes the composed function. -/
theorem Computes.comp {C D : Family} {f g : List Bool → List Bool} (hf : Computes C f) (hg : Computes D g) :
    Computes (Class.comp C D) (g ∘ f) := fun x => by
  rw [Class.comp, eval_append, ← length_eval, hf x, hg]; rfl

/-- A family that decides a language, behind one that computes a function, decides the preimage. -/
theorem Decides.comap {C D : Family} {f : List Bool → List Bool} {L : Language} (hL : Decides D L)
    (hf : Computes C f) : Decides (Class.comp C D) fun x => L (f x) := fun x => by
  rw [Class.comp, eval_append, ← length_eval, hf x]; exact hL (f x)

/-- TC0 is closed under composition of functions. -/
theorem TC0Function.comp {f g : List Bool → List Bool} : TC0Function g → TC0Function f → TC0Function (g ∘ f) :=
  fun ⟨_, _, _, hD, hg⟩ ⟨_, _, _, hC, hf⟩ => ⟨_, _, _, hC.comp hD, hf.comp hg⟩

/-- TC0 is closed under many-one reductions that are functions in TC0 (their output length depends on the input's length
only). -/
theorem TC0.comap {L : Language} {f : List Bool → List Bool} : TC0 L → TC0Function f → TC0 fun x => L (f x) :=
  fun ⟨_, _, _, hD, hL⟩ ⟨_, _, _, hC, hf⟩ => ⟨_, _, _, hC.comp hD, hL.comap hf⟩

/-! ## Languages that depend on the length only -/

/-- The circuit with a constant output: a gate without wires. -/
def constant (b : Bool) : Circuit := [[.atLeast (!b).toNat []]]

/-- What the constant circuit computes, for any number of inputs. -/
theorem computes_constant (b : Bool) (n : Nat) : (constant b).Computes n 1 1 1 fun _ => [b] :=
  ⟨by simp [constant, WF, Gate.wires], rfl, rfl, by simp [constant, size, Gate.size, Gate.wires], fun x _ => by
    cases b <;> rfl⟩

private theorem constDepthPolySize_constant (b : Nat → Bool) :
    ConstDepthPolySize (fun n => constant (b n)) 1 0 where
  wf n := (computes_constant _ n).wf
  depth_le n := Nat.le_of_eq (computes_constant _ n).depth_eq
  size_le n := (computes_constant _ n).size_le

/-- Every language that depends on the length only is in TC0, an undecidable set of lengths included: no one says how
the family is found. Uniformity excludes this (`exists_length_tc0_not_logUniformTC0`). -/
theorem tc0_of_length (S : Nat → Prop) : TC0 fun x => S x.length := by
  classical
  exact ⟨_, _, _, constDepthPolySize_constant fun n => decide (S n), fun x =>
    ⟨_, (computes_constant _ x.length).eval_eq x rfl, decide_eq_true_iff⟩⟩

/-- The program that prints the constant circuit. -/
private def constantProg (b : Bool) : Space.Prog :=
  .seq (.emit .len) <| .seq (.emit (.lit 0)) <| .seq (.emit (.lit 1)) <| .seq (.emit (.lit (!b).toNat)) (.emit (.lit 4))

/-- The family of constant circuits is log-space uniform. -/
theorem logUniform_constant (b : Bool) : LogUniform fun _ => constant b := by
  refine logUniform_iff.2 ⟨constantProg b, 2, fun n =>
    ⟨by cases b <;> simp [constantProg, Space.Prog.output, Space.Prog.run,
    Space.State.see, Space.Expr.eval, Space.ones, encode, constant, Layer.encode, Gate.encode], ?_⟩⟩
  have h : n + 4 ≤ (n + 2) ^ 2 := by
    rw [Nat.pow_succ, Nat.pow_one, Nat.mul_add]
    have := Nat.mul_le_mul_right n (show 1 ≤ n + 2 by omega)
    omega
  have := (!b).toNat_lt
  simp only [constantProg, Space.Prog.peak, Space.Prog.run, Space.State.see, Space.Expr.peak, Space.Expr.eval,
    Space.ones, List.length_replicate]
  omega

/-- The full language is in log-uniform TC0. -/
theorem logUniformTC0_univ : LogUniformTC0 fun _ => True :=
  ⟨_, _, _, constDepthPolySize_constant fun _ => true,
    fun x => ⟨true, (computes_constant true _).eval_eq x rfl, by simp⟩, logUniform_constant true⟩

/-- The empty language is in log-uniform TC0. -/
theorem logUniformTC0_empty : LogUniformTC0 fun _ => False :=
  ⟨_, _, _, constDepthPolySize_constant fun _ => false,
    fun x => ⟨false, (computes_constant false _).eval_eq x rfl, by simp⟩, logUniform_constant false⟩

end Logprec.Class
