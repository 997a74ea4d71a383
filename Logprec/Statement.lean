import Logprec.Audit.Guard
import Logprec.Circuit.Dag
import Logprec.Class.Addition
import Logprec.Class.Diagonal
import Logprec.Class.Projection
import Logprec.Class.Space
import Logprec.Consequence.P.Barrier
import Logprec.Consequence.P.ContextFree
import Logprec.Consequence.P.LinearEqualities
import Logprec.Float.Lemmas
import Logprec.Quantised.Exp
import Logprec.Quantised.LinearSpace
import Logprec.Quantised.Size
import Logprec.Quantised.Template.Model
import Logprec.Rotary.Example
import Logprec.Simulation.MarkedMajority
import Logprec.Softmax.HardAverage
import Logprec.Softmax.LinearSpace
import Logprec.Space.Turing.Equivalence

/-!
# What is proved

The headline statements, for a reader. Every name in them leads to a definition that is meant to be read:
`Circuit` (`Logprec.Circuit.Defs`), `Transformer` (`Logprec.Transformer.Defs`), `Float.sum` (`Logprec.Float.Defs`),
`Turing.LogSpaceGenerated` (`Logprec.Space.Turing.Defs`), `LogUniformTC0` (`Logprec.Class.Defs`),
`Transformer.LinearSpace` (`Logprec.Simulation.LinearSpace`). The last command checks that the proofs rest on the three
standard axioms only.
-/

namespace Logprec.Statement

open Circuit Class Float

/-! ## Transformers -/

/-- **Transformers are simulated by threshold circuits** (Merrill & Sabharwal 2023, Theorem 1). For every transformer
and every number `n` of positions there is a threshold circuit of depth `3 + (9 + 2 · d⊕) · L` that computes all
bits of all last states, on every input. For a model of tables, `logprec compile --states` evaluates this definition and
prints it. -/
theorem simulation (T : Transformer) (n : Nat) :
    (T.circuit n).WF (n * T.symbolBits) ∧
    (T.circuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length ∧
    ∀ word : List (BitVec T.symbolBits), word.length = n →
      (T.circuit n).eval (T.inputBits word) = Transformer.stateBits (T.states word) :=
  T.simulation n

/-- **Log-precision transformers have log-space uniform threshold circuits** (their Theorem 2). With the acceptance head
the depth is `3 + (9 + 2 · d⊕) · L + 3`. When the precision is logarithmic, the size (gates and wires) is polynomial,
with explicit factor and exponent; and when moreover the local maps are computable in linear space by Turing machines,
one Turing machine prints the circuit on `1ⁿ`, for every `n`, in `O(log n)` cells of its work tapes.
For a model of tables, `logprec compile` prints this circuit by C that is printed from a register program proved to
output it (`Tables.output_program`), or by evaluating the definition. (`Transformer.simulation_uniform` says it of
register programs; `linear_space_iff_programs` and `log_space_iff_turing_machines` say that this is the same.) -/
theorem simulation_uniform (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) :
    (∀ n, (T.decisionCircuit n).WF (n * T.symbolBits) ∧
      (T.decisionCircuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length + 3 ∧
      (T.decisionCircuit n).size ≤ T.sizeConstant * (n + 2) ^ T.sizeExponent c ∧
      ∀ word : List (BitVec T.symbolBits), word.length = n →
        (T.decisionCircuit n).eval (T.inputBits word) = [T.accepts word]) ∧
    (T.LinearSpace →
      Turing.LogSpaceGenerated fun n => Turing.unary (encode (n * T.symbolBits) (T.decisionCircuit n))) :=
  ⟨fun n => have h := T.simulation_decision n; ⟨h.1, h.2.1, T.simulation_size_poly hc n, h.2.2⟩,
    fun hT => Turing.logSpaceGenerated_iff.1 (T.simulation_uniform hc ((Transformer.linearSpace_iff hc).1 hT))⟩

/-- **Log-precision transformers are in log-uniform TC0** (their Corollary 2.1). -/
theorem log_precision_in_log_uniform_TC0 (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1))
    (hs : T.LinearSpace) : LogUniformTC0 T.language :=
  T.language_mem_logUniformTC0 hc ((Transformer.linearSpace_iff hc).1 hs)

/-- Without any space bound on the local maps, they are in non-uniform TC0 (their Corollary 1.1). -/
theorem log_precision_in_TC0 (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) : TC0 T.language :=
  T.language_tc0 hc

/-- **Causal transformers, too**, and transformers masked in any other way that is computable in linear space. The depth
is the same. `causal_spec` says what causal attention computes. -/
theorem causal_in_log_uniform_TC0 (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1))
    (hs : T.LinearSpace) : LogUniformTC0 T.causal.language ∧
    (∀ n, (T.causal.decisionCircuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length + 3) ∧
    ∀ mask, LinearSpaceMask T.prec mask → LogUniformTC0 (T.masked mask).language :=
  have hs := (Transformer.linearSpace_iff hc).1 hs
  ⟨T.causal_mem_logUniformTC0 hc hs, T.depth_masked _,
    fun _ hm => T.masked_mem_logUniformTC0 hc hs ((linearSpaceMask_iff hc).1 hm)⟩

/-- A causal head at position `i` takes both its sums over the positions `j ≤ i`. -/
theorem causal_spec {D : Nat} {p : Nat → Nat} (H : Head D p) (n i : Nat) (h : Nat → State D (p n)) :
    H.causal.attend n h i =
      let js := (List.range n).filter fun j => decide (j ≤ i)
      let Z := Float.sum (js.map fun j => H.similarity n i j (h i) (h j))
      State.sum (js.map fun j => H.weighting n i j (H.similarity n i j (h i) (h j)) Z (h j)) :=
  H.attend_masked _ n h i

/-- **Average-hard attention is an instance**, in the same layer and so in the same depth: from scores that are natural
numbers, the head computes the truncated sum `⊕` of the values at the positions of greatest score, and of nothing else.
It is their sum, not their mean: a coordinate that is constantly 1 counts them, and the activation may divide. Scores
are bounded: the floats must have exponents for them. -/
theorem average_hard_spec {D : Nat} {p : Nat → Nat} (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) (n i : Nat) (h : Nat → State D (p n))
    (hp : 4 ≤ p n) (hs : ∀ j < n, score n i j (h i) (h j) * (n.log2 + 1) ≤ 2 * imax (p n / 2)) :
    (Head.averageHard score value).attend n h i =
      State.sum (((List.range n).filter fun j =>
        decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))).map fun j => value n i j (h j)) :=
  Head.attend_averageHard score value n i h hp hs

/-- **And the average**: another head, also in one layer, divides each value by the number of positions of greatest
score before it sums, if this number fits a float. -/
theorem average_hard_mean_spec (D : Nat) (p : Nat → Nat) (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) (n i : Nat) (h : Nat → State D (p n))
    (hp : 4 ≤ p n) (hn : n < 2 ^ (p n / 2 - 1))
    (hs : ∀ j < n, score n i j (h i) (h j) * (n.log2 + 1) ≤ 2 * imax (p n / 2)) :
    (Head.hardAverage score value).attend n h i =
      let js := (List.range n).filter fun j => decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))
      State.sum (js.map fun j => (value n i j (h j)).divide js.length) :=
  Head.attend_hardAverage score value n i h hp hn hs

/-- A transformer with an average-hard head satisfies the hypotheses. -/
theorem average_hard_inhabited : Examples.markedMajority.LinearSpace ∧
    (∀ n, Examples.markedMajority.prec n ≤ 6 * (n.log2 + 1)) ∧ LogUniformTC0 Examples.markedMajority.language :=
  ⟨(Transformer.linearSpace_iff Examples.markedMajority_logPrecision).2 Examples.markedMajority_programs,
    Examples.markedMajority_logPrecision, Examples.markedMajority_logUniformTC0⟩

/-- **Rotary positions, too**: heads that rotate queries and keys by multiples of rational frequencies, in the same
depth. `Rotary.exists_program_near` says how exact the rotation is, and `Examples.relative` satisfies the hypotheses. -/
theorem rotary_in_log_uniform_TC0 (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1))
    (hs : T.RotaryLinearSpace) : LogUniformTC0 T.language ∧
    ∀ n, (T.decisionCircuit n).depth = 3 + (9 + 2 * dSum) * T.blocks.length + 3 :=
  have h := Transformer.RotaryLinearSpacePrograms.language_mem_logUniformTC0
    ((Transformer.rotaryLinearSpace_iff hc).1 hs) hc
  ⟨h.1, fun n => (h.2 n).1⟩

/-- **How exact the rotation is**: for each rational frequency `num / den ≤ 1`, programs compute cosine and sine of
`(i - j) · num / den` in linear space, with `P = c · (⌊log₂ n⌋ + 1)` bits after the point (and an offset of `4 · 2 ^ P`,
so that the numbers are natural). They are within one unit `2 ^ -P` of all late members of the sequence
`(1 + ix / 2 ^ m) ^ 2 ^ m`, whose limit is `e ^ (ix)`. -/
theorem rotary_angles (c num den : Nat) (hden : 0 < den) (hnum : num ≤ den) (second : Bool) :
    ∃ (P : Space.Prog) (c' : Nat), ∀ n i j, i < n → j < n → ∃ v, P.Yields [n, i, j] (linearBound 0 n c') v ∧
      ∀ m, Rotary.rounds (c * Rotary.ell n) (Rotary.ell n) ≤ m →
        let z := Rotary.expI m (((i - j : Int) : Rat) * (num / den))
        Rotary.Near ((v - (4 * 2 ^ (c * Rotary.ell n) : Nat) : Int) : Rat)
          (2 ^ (c * Rotary.ell n) * if second then z.im else z.re) 1 :=
  Rotary.exists_program_near c hden hnum second

/-- **Softmax transformers, with every operation spelled out**: softmax heads with a causal mask and ALiBi positions,
layer norm, ReLU feed-forward networks, any number of heads and layers, in the paper's floats of `O(log n)` bits, with
exponentials, quotients and square roots that round as `Logprec.Float.Operations` says (`SoftmaxTransformer` in
`Logprec.Softmax.Defs`). They have logarithmic precision and linear-space local maps, so they are in log-uniform TC0, by
circuits of depth `31 · L + 6`. -/
theorem softmax_in_log_uniform_TC0 (S : SoftmaxTransformer) :
    (∀ n, S.toTransformer.prec n ≤ S.precision * (n.log2 + 1)) ∧ S.toTransformer.LinearSpace ∧
    LogUniformTC0 S.toTransformer.language ∧
    ∀ n, (S.toTransformer.decisionCircuit n).depth = 31 * S.layers.length + 6 :=
  ⟨S.logPrecision, S.linearSpace, S.language_mem_logUniformTC0, fun n => (S.decisionCircuit_spec n).1⟩

/-- What a softmax head computes at position `i`: with the exponentials `s j` of the logits and `Z` their sum `⊕`, the
sum `⊕` of `s j / Z` times the value, over the positions `j ≤ i`. -/
theorem softmax_spec (S : SoftmaxTransformer) (N : Norm) (H : SoftmaxHead) (n : Nat)
    (h : Nat → State S.dim (S.prec n)) (i : Nat) :
    (S.toHead N H).causal.attend n h i =
      let js := (List.range n).filter fun j => decide (j ≤ i)
      let s := fun j => Float.exp (Arithmetic.logit N H (Float.ofNat (S.prec n) (i - j)) (h i).toList (h j).toList)
      let Z := Float.sum (js.map s)
      State.sum (js.map fun j => State.ofList S.dim (S.prec n) (Arithmetic.weighted N H (s j) Z (h j).toList)) :=
  S.attend_toHead N H n h i

/-- What the language of a transformer is: the bits of the words that it accepts. -/
theorem language_spec (T : Transformer) (h : 0 < T.symbolBits) (x : List Bool) :
    T.language x ↔ ∃ word, T.inputBits word = x ∧ T.accepts word = true :=
  Transformer.language_iff h x

/-- The depth `d⊕` of our circuit for the iterated sum of floats, which the paper leaves open. -/
theorem depth_sum : dSum = 11 := rfl

/-- The size exponent, for at most `H` heads in a layer, `D` coordinates and precision `c · (⌊log₂ n⌋ + 1)`. -/
theorem size_exponent (T : Transformer) (c : Nat) :
    T.sizeExponent c = 5 + 2 * (((2 * T.maxHeads + 7) * T.dim + 4) * c) := rfl

/-! ## Quantised transformers

Integer-only transformers with tables for exponential, reciprocal and reciprocal square root. The statements hold for
every number `n` of positions, but a model's tables end. Beyond the lengths that they are made for (`max_length` of a
model file) the statements speak of the function of the model whose tables read 0 there: positions add 0, the penalty of
ALiBi is 0 again, and a rotation is the zero map. Besides, a sum of weights saturates at `sumBits` bits: in the first
layer of `examples/decoders/brackets` it can from 17 positions on, as `16 · 63 < 1024 ≤ 17 · 63`.
-/

/-- **A quantised transformer is an integer network** (`Quantised.Model` in `Logprec.Quantised.Defs`, `Network` in
`Logprec.Network.Defs`), for every model whose dimensions agree and every word: its outputs are those of the network,
which stores the output `z` as `z + 2 ^ (readoutBits - 1)`. -/
theorem quantised_network (M : Quantised.Model) (hM : M.WF) (n : Nat) :
    (M.network n).WF n ∧
    (M.network n).depth ≤ 18 + 78 * M.pre.length +
      (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum ∧
    ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      (M.network n).eval word = (M.outputs word).map fun z => (z + 2 ^ (M.readoutBits - 1)).toNat :=
  ⟨M.network_wf hM n, M.depth_network n, fun _ h hw => h ▸ M.eval_network hM hw⟩

/-- **The circuit of a quantised transformer computes exactly the bits of its outputs**, for every model whose
dimensions agree, every `n` and every word of `n` symbols. `logprec compile --no-optimise` writes it in blocks, each
distinct node circuit once; that a file of blocks means this circuit is tested, not proved. With one
feed-forward network in each of `L` layers its depth is at most `222 · L + 18`, and at most `282 · L + 18` where scores
are shifted by the greatest one, as average-hard attention needs it. -/
theorem quantised_circuit (M : Quantised.Model) (hM : M.WF) (n : Nat) :
    (M.compile n).WF (n * M.symbolBits) ∧
    (M.compile n).depth ≤ 18 + 78 * M.pre.length +
      (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum ∧
    ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      (M.compile n).eval (word.flatMap (bits M.symbolBits)) =
        (M.outputs word).flatMap fun z => bits M.readoutBits (z + 2 ^ (M.readoutBits - 1)).toNat :=
  have h := M.compile_correct hM n
  ⟨h.1, h.2.1, h.2.2.2⟩

/-- **The optimiser keeps what is computed**: it folds constants, shares equal gates and leaves out dead ones, and the
circuit computes the same function in the same depth, and is not larger. -/
theorem optimiser (C : Circuit) (m : Nat) (hC : C.WF m) : C.optimise.WF m ∧ C.optimise.depth = C.depth ∧
    C.optimise.size ≤ C.size ∧ ∀ x, x.length = m → C.optimise.eval x = C.eval x :=
  have h := (Computes.mk (f := C.eval) hC rfl rfl (Nat.le_refl _) fun _ _ => rfl).optimise
  ⟨h.wf, h.depth_eq, h.size_le, h.eval_eq⟩

/-- **The optimised circuit of a quantised transformer** computes exactly the bits of its outputs, too, in the same
depth. -/
theorem quantised_optimised (M : Quantised.Model) (hM : M.WF) (n : Nat) :
    (M.optimised n).WF (n * M.symbolBits) ∧ (M.optimised n).depth = (M.compile n).depth ∧
    ∀ word, word.length = n → (∀ σ ∈ word, σ < 2 ^ M.symbolBits) →
      (M.optimised n).eval (word.flatMap (bits M.symbolBits)) =
        (M.outputs word).flatMap fun z => bits M.readoutBits (z + 2 ^ (M.readoutBits - 1)).toNat :=
  have h := M.optimised_correct hM n
  ⟨h.1, h.2.1, h.2.2.2.2⟩

/-- **The circuits of a quantised transformer are of polynomial size**: both have at most `K · (n + 1) ^ 7` gates and
wires, counted with multiplicity, where `K` depends on the model only. The exponent is a crude one. Beyond `max_length`
it is the size of the circuits of the model whose tables read 0 there (see the head of this section). -/
theorem quantised_size (M : Quantised.Model) (hM : M.WF) : ∃ K, ∀ n,
    (M.compile n).size ≤ K * (n + 1) ^ 7 ∧ (M.optimised n).size ≤ K * (n + 1) ^ 7 :=
  M.size_compile_le hM

/-- **They are log-space uniform**: for each model one Turing machine prints its circuit on `1ⁿ`, for every `n`, in
`O(log n)` cells of its work tapes. This is the circuit before it is optimised. Beyond `max_length` it is that of the
model whose tables read 0 there (see the head of this section). -/
theorem quantised_uniform (M : Quantised.Model) (hM : M.WF) :
    Turing.LogSpaceGenerated fun n => Turing.unary (encode (n * M.symbolBits) (M.compile n)) :=
  Turing.logSpaceGenerated_iff.1 (M.logSpaceGenerated_compile hM)

/-- **The exponentials of softmax are by a routine**, in integers: `logprec import` makes the tables of weights by
`Quantised.expTable`, with `m = 30`. Each entry is `G · (1 - x / M) ^ M`, at most `1 / 2 + 1 / (2 · M)` units off, where
`G = 2 ^ expBits - 1`, `M = 2 ^ m` and `x = (peak - s) · a / b`. The exponential `e ^ (-x)` is between
`(1 - x / M) ^ M` and `(1 + x / M) ^ (-M)`, and the second conjunct (with `x / M = c / D`) says how near these are: by a
factor of at least `1 - M · (x / M)²`. -/
theorem quantised_exponentials (m scoreBits expBits peak a b : Nat) (hb : 0 < b) :
    (∀ s < 2 ^ scoreBits, (peak - s) * a ≤ b * 2 ^ m →
      Quantised.NearFraction ((Quantised.expTable m scoreBits expBits peak a b).getD s 0)
        ((2 ^ expBits - 1) * (b * 2 ^ m - (peak - s) * a) ^ 2 ^ m) ((b * 2 ^ m) ^ 2 ^ m) (2 ^ m + 1) (2 * 2 ^ m)) ∧
    ∀ c D M : Nat, c ≤ D → ((D - c) * (D + c)) ^ (M + 1) ≤ (D * D) ^ (M + 1) ∧
      (D * D) ^ (M + 1) ≤ ((D - c) * (D + c)) ^ (M + 1) + (M + 1) * (c * c) * (D * D) ^ M :=
  ⟨fun _ hs ha => Quantised.expTable_near hs hb ha, fun _ _ M h => Quantised.power_bracket h M⟩

/-- **A quantised transformer is a log-precision transformer**: one that accepts the same words, has logarithmic
precision, and whose local maps are computable in linear space. So it is in log-uniform TC0. Beyond `max_length` the
language is that of the model whose tables read 0 there (see the head of this section): the class is about all `n`, the
trained model about finitely many. -/
theorem quantised_in_log_uniform_TC0 (M : Quantised.Model) (hM : M.WF) :
    (∀ word : List (BitVec M.symbolBits), M.toTransformer.accepts word = M.accepts (word.map BitVec.toNat)) ∧
    (∀ n, M.toTransformer.prec n ≤ 2 * (M.extraBits + 1) * (n.log2 + 1)) ∧ M.toTransformer.LinearSpace ∧
    LogUniformTC0 M.toTransformer.language :=
  ⟨M.accepts_toTransformer hM, M.logPrecision, M.linearSpace hM, M.language_mem_logUniformTC0 hM⟩

/-! ## The definitions are not empty -/

/-- A transformer that recognises MAJORITY. It satisfies the hypotheses of the theorems above. -/
theorem majority : (∀ word : List (BitVec 1),
      Examples.majority.accepts word = decide (word.count 0#1 < word.count 1#1)) ∧
    (∀ n, Examples.majority.prec n ≤ 4 * (n.log2 + 1)) ∧ Examples.majority.LinearSpace :=
  have hc : ∀ n, Examples.majority.prec n ≤ 4 * (n.log2 + 1) := fun n => show 4 ≤ 4 * (n.log2 + 1) by omega
  ⟨Examples.majority_accepts, hc, (Transformer.linearSpace_iff hc).2 Examples.majority_programs⟩

/-- A transformer with hard attention that recognises "some position holds `σ`". -/
theorem contains {b : Nat} (σ : BitVec b) (word : List (BitVec b)) :
    (Examples.contains σ).accepts word = word.contains σ :=
  Examples.contains_accepts σ word

/-- A transformer with two layers that recognises "two ones in a row". -/
theorem two_in_a_row (word : List (BitVec 1)) :
    Examples.twoInARow.accepts word = true ↔ ∃ i : Nat, word[i]? = some 1#1 ∧ word[i + 1]? = some 1#1 :=
  Examples.twoInARow_accepts word

/-! ## The classes -/

/-- PARITY is in log-uniform TC0. -/
theorem parity_in_log_uniform_TC0 : LogUniformTC0 fun x => x.count true % 2 = 1 := logUniformTC0_parity

/-- Log-uniform TC0 is contained in TC0, and is not all of it. -/
theorem log_uniform_TC0_proper : (∀ L, LogUniformTC0 L → TC0 L) ∧ ∃ L, TC0 L ∧ ¬ LogUniformTC0 L :=
  ⟨fun _ h => h.tc0, let ⟨_, h, h'⟩ := exists_length_tc0_not_logUniformTC0; ⟨_, h, h'⟩⟩

/-- Log-uniform TC0 is closed under complement, intersection, union, and those many-one reductions that are functions in
it: so the length of `f x` depends on the length of `x` only. -/
theorem log_uniform_TC0_closed (L L' : Language) (h : LogUniformTC0 L) (h' : LogUniformTC0 L') :
    LogUniformTC0 (fun x => ¬ L x) ∧ LogUniformTC0 (fun x => L x ∧ L' x) ∧ LogUniformTC0 (fun x => L x ∨ L' x) ∧
    ∀ f, LogUniformTC0Function f → LogUniformTC0 fun x => L (f x) :=
  ⟨h.compl, h.inter h', h.union h', fun _ => h.comap⟩

/-- **L and P**, as languages of multi-tape machines: L is contained in P, functions in logarithmic space compose, L is
closed under log-space reductions, and some language is not in it. -/
theorem L_and_P : (∀ A, LogSpace A → PolyTime A) ∧
    (∀ f g, Turing.LogSpaceComputable f → Turing.LogSpaceComputable g → Turing.LogSpaceComputable (g ∘ f)) ∧
    (∀ A f, LogSpace A → Turing.LogSpaceComputable f → LogSpace fun x => A (f x)) ∧ ∃ A, ¬ LogSpace A :=
  ⟨fun _ h => h.polyTime, fun _ _ hf hg => hg.comp hf, fun _ _ hA hf => hA.comap hf, exists_not_logSpace⟩

/-- **Log-space uniform projections are in log-uniform TC0**: reductions in which each output bit is a constant, an
input bit or a negated one, and which one depends on the length only. -/
theorem projections_in_log_uniform_TC0 (f : List Bool → List Bool) (h : LogProjection f) : LogUniformTC0Function f :=
  h.logUniformTC0Function

/-- **Problems that are hard for P**, under log-space uniform projections, straight from polynomial-time multi-tape
machines: satisfiability of Horn formulas, universal context-free membership (grammar and word in the input, empty
productions allowed), and linear equations in nonnegative rational numbers. Instances are bit strings in a documented
code; ill-formed strings are not in the languages. -/
theorem hard_for_P : Hardness.PHard Hardness.HornSat ∧ Hardness.PHard Hardness.CfgMembership ∧
    Hardness.PHard Hardness.NonnegLinearEqualities :=
  ⟨Hardness.hornSat_PHard, Hardness.cfgMembership_PHard, Hardness.nonnegLinearEqualities_PHard⟩

/-- **The barrier**: if a log-precision transformer with linear-space local maps decides a problem that is hard for P,
its instances written as words in any code that is itself in log-uniform TC0, then all of P is in log-uniform TC0. -/
theorem P_barrier (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) (hs : T.LinearSpace)
    (A : Language) (hA : Hardness.PHard A) (code : List Bool → List Bool) (hcode : LogUniformTC0Function code)
    (h : ∀ x, T.language (code x) ↔ A x) : ∀ B, PolyTime B → LogUniformTC0 B :=
  Hardness.no_P_hard T c hc hs A hA code hcode h

/-- The same for quantised transformers. -/
theorem P_barrier_quantised (M : Quantised.Model) (hM : M.WF) (A : Language) (hA : Hardness.PHard A)
    (code : List Bool → List Bool) (hcode : LogUniformTC0Function code)
    (h : ∀ x, M.toTransformer.language (code x) ↔ A x) : ∀ B, PolyTime B → LogUniformTC0 B :=
  Hardness.no_P_hard_quantised M hM A hA code hcode h

/-- **Logarithmic space means Turing machines**: what register programs generate in it is what multi-tape machines with
an append-only output tape generate in it, in the code `v ↦ 1ᵛ 0` of numbers. -/
theorem log_space_iff_turing_machines (F : Nat → List Nat) :
    Space.LogSpaceGenerated F ↔ Turing.LogSpaceGenerated fun n => Turing.unary (F n) :=
  Turing.logSpaceGenerated_iff

/-- **Linear space means Turing machines**, too: the local maps of a log-precision transformer are computable by
machines in `O(p + log n)` cells, on arguments in binary, exactly when they are computable by register programs whose
numbers have so many bits. -/
theorem linear_space_iff_programs (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) :
    T.LinearSpace ↔ T.LinearSpacePrograms :=
  Transformer.linearSpace_iff hc

/-! ## What the proofs are made of -/

/-- **Iterated addition** of `N` numbers of `B` bits, for all `N` and `B`: well-formed, depth 4, polynomial size, and
no overflow. -/
theorem iterated_addition (N B : Nat) :
    (iteratedSum N B).WF (N * B) ∧ (iteratedSum N B).depth = 4 ∧
    (iteratedSum N B).size ≤ 142 * ((N + 1) ^ 4 * (B + 1) ^ 3) ∧
    ∀ x : List Bool, x.length = N * B →
      ofBits ((iteratedSum N B).eval x) = ((List.range N).map fun i => ofBits (block B x i)).sum := by
  have h := computes_iteratedSum N B
  refine ⟨h.wf, h.depth_eq, Nat.le_trans h.size_le (iteratedSumSize_le N B), fun x hx => ?_⟩
  rw [h.eval_eq x hx, ofBits_bits, Nat.mod_eq_of_lt (sum_lt hx)]

/-- Its circuits are generated in logarithmic space, by a Turing machine. -/
theorem iterated_addition_uniform :
    Turing.LogSpaceGenerated fun n => Turing.unary (encode (n * n) (iteratedSum n n)) :=
  Turing.logSpaceGenerated_iff.1 logSpaceGenerated_iteratedSum

/-- So iterated addition is in log-uniform TC0, as a function of strings of any length `m`, read as `⌊√m⌋` numbers of
`⌊√m⌋` bits. -/
theorem iterated_addition_in_log_uniform_TC0 : ∃ f, LogUniformTC0Function f ∧ ∀ x : List Bool,
    ofBits (f x) = ((List.range (isqrt x.length)).map fun i => ofBits (block (isqrt x.length) x i)).sum :=
  ⟨_, logUniformTC0Function_iteratedSum, fun x => ofBits_addNumbers (isqrt_spec x.length).1⟩

/-- **The relative error of a sum** (the paper's Lemma 4, for the corrected floats): one truncation errs by at most
the factor `2 ^ -(p/2 - 2)`, as long as the exact sum is within the range of floats. -/
theorem sum_error {p : Nat} (hp : 4 ≤ p) (φs : List (BitVec p))
    (range : (φs.map scaled).sum.natAbs ≤ greatest p) :
    2 ^ (p / 2 - 2) * (scaled (sum φs) - (φs.map scaled).sum).natAbs ≤ (φs.map scaled).sum.natAbs :=
  sum_error_le hp range

/-- The serialisation of a circuit determines it. -/
theorem decode_encode (inputs : Nat) (C : Circuit) : decode (encode inputs C) = some (inputs, C) :=
  Circuit.decode_encode inputs C

/-- **Layers cost no depth**, and a factor of about `d` in size: a DAG circuit of depth at most `d + 1` has a layered
circuit of depth `d + 1` that computes the same, with `d` copies of its gates and inputs. -/
theorem layering (D : Dag) (hD : D.WF) (d : Nat) (hd : D.depth ≤ d + 1) :
    (D.layered (d + 1)).depth = d + 1 ∧
    (D.layered (d + 1)).size ≤ d * (2 * D.inputs + D.size) + D.outputs.length * (D.size + 2) ∧
    ∀ x : List Bool, x.length = D.inputs → (D.layered (d + 1)).eval x = D.eval x :=
  have h := Dag.computes_layered hD hd
  ⟨h.depth_eq, h.size_le, h.eval_eq⟩

#guard_axioms simulation simulation_uniform log_precision_in_log_uniform_TC0 log_precision_in_TC0
  causal_in_log_uniform_TC0 causal_spec average_hard_spec average_hard_mean_spec average_hard_inhabited
  rotary_in_log_uniform_TC0 rotary_angles softmax_in_log_uniform_TC0 softmax_spec L_and_P projections_in_log_uniform_TC0
  hard_for_P P_barrier P_barrier_quantised quantised_network quantised_circuit optimiser quantised_optimised
  quantised_size quantised_uniform quantised_exponentials quantised_in_log_uniform_TC0 language_spec depth_sum
  size_exponent majority contains two_in_a_row parity_in_log_uniform_TC0 log_uniform_TC0_proper log_uniform_TC0_closed
  log_space_iff_turing_machines linear_space_iff_programs iterated_addition iterated_addition_uniform
  iterated_addition_in_log_uniform_TC0 sum_error decode_encode layering

end Logprec.Statement
