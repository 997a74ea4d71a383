import Logprec.Arith.Template.Symmetric
import Logprec.Float.Construct
import Logprec.Float.Template.Compare
import Logprec.Float.Template.Count
import Logprec.Template.Compile

/-!
# The template of the circuit of `⊕`: proofs

The template lists the circuit of `⊕`, so it is generated in logarithmic space. About the definitions in
`Logprec.Float.Construct`.
-/

namespace Logprec

@[simp] theorem Term.eval_pow (t : Term) (c : Nat) (ρ : List Nat) : (t.pow c).eval ρ = t.eval ρ ^ c := by
  induction c with
  | zero => rfl
  | succ c ih => rw [pow, eval_mul, ih, Nat.pow_succ]

namespace Float

open Circuit

/-- The value of `sumWidthT`. -/
theorem eval_sumWidthT (ρ : List Nat) (N B : Term) : (sumWidthT N B).eval ρ = sumWidth (N.eval ρ) (B.eval ρ) := by
  simp only [sumWidthT, sumWidth, blockWidth, Term.eval_mul, Term.eval_add, Term.eval_div, Term.eval_log2,
    Term.eval_ofNat]

/-- The template of iterated addition, with the widths of its layers. -/
theorem lists_iteratedSum (ρ : List Nat) (N B : Term) : Lists ρ (Tmpl.iteratedSum N B) (iteratedSumWidthsT N B)
    (iteratedSum (N.eval ρ) (B.eval ρ)) where
  denotes := Tmpl.denotesIn_iteratedSum ρ N B
  widths := by
    have hT : N.eval ρ * (min (2 ^ ((N.eval ρ).log2 + 1)) (2 * N.eval ρ) - 1) = maxSum (N.eval ρ) := by
      rw [maxSum]
      by_cases h : N.eval ρ = 0
      · simp [h]
      · have := two_pow_blockWidth_le h
        unfold blockWidth at this ⊢
        rw [Nat.min_eq_left this]
    simp only [iteratedSumWidthsT, List.map_cons, List.map_nil, Term.eval_add, Term.eval_mul, Term.eval_div,
      Term.eval_sub, Term.eval_log2, Term.eval_ofNat, Term.eval_pow2, eval_sumWidthT, hT]
    simp [iteratedSum, sumThresholds, sumColumns, addColumns, List.length_flatMap, blocks, blockWidth, List.map_const',
      Nat.add_assoc]

section

variable {ρ : List Nat} {p P N : Term} (hP : P.eval ρ = 2 ^ p.eval ρ)

include hP

/-- The value of `biasedWidthT`. -/
theorem eval_biasedWidthT : (biasedWidthT p P).eval ρ = biasedWidth (p.eval ρ) := by
  simp only [biasedWidthT, biasedWidth, Term.eval_add, Term.eval_sub, Term.eval_div, Term.eval_mul, Term.eval_ofNat,
    eval_imaxT hP]

private theorem eval_biasedValue {a j : Nat} (ha : a < 2 ^ p.eval ρ) :
    (biasedValue p P).eval (a :: j :: ρ) = ((biased (p.eval ρ) a).testBit j).toNat := by
  have h := isBits_biasedBits (ρ := a :: j :: ρ) (p := p.up.up) (P := P.up.up) (φ := .var 0) (by simpa using hP)
    (by simpa using ha)
  rw [biasedValue, Term.eval_letIn]
  simpa using h j

/-- The template of the first stage lists its circuit; the widths of its layers. -/
theorem lists_lookupsT : Lists ρ (lookupsT p P N) ([p + p, P, biasedWidthT p P].map (N * ·))
    (par 3 (List.range (N.eval ρ)) (blockPos (p.eval ρ))
      (fun _ => lookup (p.eval ρ) (biasedWidth (p.eval ρ)) (biased (p.eval ρ)))) := by
  have look : ∀ i, Lists (i :: ρ) (Tmpl.lookup p.up (biasedWidthT p P).up P.up (biasedValue p.up P.up))
      [p.up + p.up, P.up, (biasedWidthT p P).up]
      (lookup (p.eval ρ) (biasedWidth (p.eval ρ)) (biased (p.eval ρ))) := fun i => by
    have h := Lists.lookup (ρ := i :: ρ) (k := p.up) (m := (biasedWidthT p P).up) (rows := P.up)
      (value := biasedValue p.up P.up) (F := biased (p.eval ρ)) (by simpa using hP) fun a ha j _ => by
        rw [eval_biasedValue (by simpa using hP) (by simpa using ha), Term.eval_up]
    rwa [Term.eval_up, Term.eval_up, eval_biasedWidthT hP] at h
  refine Lists.par (fun i _ => (look i).denotes) (fun i _ => ?_) rfl (fun i _ => ?_) (fun i _ k hk => ?_)
  · rw [(look i).widths]; simp
  · rw [length_blockPos]; exact (computes_lookup _ _ _).wf
  · simp [blockPos]

/-- **The template of `⊕`** lists its circuit; the widths of its layers. -/
theorem lists_sumCircuit :
    Lists ρ (sumCircuitT p P N) (sumCircuitWidthsT p P N) (sumCircuit (p.eval ρ) (N.eval ρ)) := by
  have hW : (sumWidthT N (biasedWidthT p P)).eval ρ = sumWidth (N.eval ρ) (biasedWidth (p.eval ρ)) := by
    rw [eval_sumWidthT, eval_biasedWidthT hP]
  have h₁ := lists_lookupsT (N := N) hP
  have h₂ := lists_iteratedSum ρ N (biasedWidthT p P)
  have h₃ := lists_testsT hP hW
  have h₄ : Lists ρ (Tmpl.symmetric (testCountT p P N) p (floatOfCountT p.up P.up N.up (.var 0)))
      [(testCountT p P N + 1) + (testCountT p P N + 1), p] (symmetric ((testCountT p P N).eval ρ) (p.eval ρ)
        (floatOfCount (p.eval ρ) (N.eval ρ))) :=
    ⟨Tmpl.denotesIn_symmetric fun t ht => by
      rw [eval_testCountT hP] at ht
      rw [eval_floatOfCountT (by simpa using hP) (by simpa using ht)]
      simp, by simp [symmetric, table]⟩
  rw [eval_biasedWidthT hP] at h₂
  rw [hW] at h₃
  rw [eval_testCountT hP, ← length_sumTests] at h₄
  exact ((h₁.append h₂).append h₃).append h₄

end

/-- The template of `⊕`, for a term for any number that is at least `2 ^ p`. -/
theorem lists_sumCircuit_of_le {ρ : List Nat} {p N big : Term} (h : 2 ^ p.eval ρ ≤ big.eval ρ) :
    Lists ρ (sumCircuitT p (.pow2 p big) N) (sumCircuitWidthsT p (.pow2 p big) N)
      (sumCircuit (p.eval ρ) (N.eval ρ)) :=
  lists_sumCircuit (by rw [Term.eval_pow2, Nat.min_eq_left h])

/-- **`⊕` is uniform** (Lemma 5): the circuits that add `N` floats of `p` bits are generated in logarithmic space, for
`p` and `N` that are terms in the input length `n`, with `2 ^ p` polynomial in `n`. -/
theorem logSpaceGenerated_sumCircuit (p N : Term) (c : Nat) (hp : ∀ n, 2 ^ p.eval [n] ≤ (n + 2) ^ c) :
    Space.LogSpaceGenerated fun n =>
      Circuit.encode (N.eval [n] * p.eval [n]) (sumCircuit (p.eval [n]) (N.eval [n])) :=
  logSpaceGenerated_of_denotes (N * p) (ts := sumCircuitT p (.pow2 p ((.var 0 + 2 : Term).pow c)) N) fun n =>
    (lists_sumCircuit_of_le (by simpa using hp n)).denotes

/-- They list the circuit. -/
theorem lists_sum (ρ : List Nat) (p N big : Term) (h : 2 ^ p.eval ρ ≤ big.eval ρ) :
    Lists ρ (sumTs p N big) (sumWs p N big) (sumCircuit (p.eval ρ) (N.eval ρ)) :=
  lists_sumCircuit_of_le h

theorem length_sumTs {ρ : List Nat} {p N big : Term} (h : 2 ^ p.eval ρ ≤ big.eval ρ) :
    (sumTs p N big).length = dSum :=
  (lists_sum ρ p N big h).length_eq.trans (computes_sumCircuit _ _).depth_eq

theorem length_sumWs {ρ : List Nat} {p N big : Term} (h : 2 ^ p.eval ρ ≤ big.eval ρ) :
    (sumWs p N big).length = dSum := by
  have := congrArg List.length (lists_sum ρ p N big h).widths
  simp only [List.length_map] at this
  exact this.symm.trans (computes_sumCircuit _ _).depth_eq

end Float

end Logprec
