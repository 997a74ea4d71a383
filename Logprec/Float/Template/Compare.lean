import Logprec.Arith.Compare
import Logprec.Arith.Template.Lookup
import Logprec.Float.Construct
import Logprec.Float.Template.Tests
import Logprec.Template.Lists

/-!
# The template of the comparisons in the circuit of `⊕`: proofs

The templates list the comparisons of a number with constants whose bits are terms. About the definitions in
`Logprec.Float.Construct`.
-/

namespace Logprec

namespace Tmpl

open Term

private theorem eval_above (b : Term) (t i : Nat) (ρ : List Nat) :
    (above b).eval (t :: i :: ρ) = b.eval ((i + 1 + t) :: ρ) := by
  simp only [above, eval_letIn, eval_add, eval_var, eval_ofNat, List.getD_cons_zero, List.getD_cons_succ]
  exact b.eval_rename (getD_lift (fun i => by simp) _)

/-- The template of the comparison with a constant lists its circuit. -/
theorem denotesIn_greaterConst {ρ : List Nat} {W b : Term} {c : Nat} (hb : b.IsBits ρ c) (hc : c < 2 ^ W.eval ρ) :
    DenotesIn ρ (greaterConst W b) (Circuit.greaterConst (W.eval ρ) c) := by
  simp only [DenotesIn, greaterConst, Circuit.greaterConst, List.map_cons, List.map_nil, List.cons.injEq, and_true]
  refine ⟨?_, ?_⟩
  · simp only [items, Layer.items, List.flatMap_map]
    refine flatMap_congr fun i _ => ?_
    have hrest : (W.up - (var 0 + 1)).eval (i :: ρ) = W.eval ρ - (i + 1) := by simp
    have hsum : (sum (W.up - (var 0 + 1)) (W.up - (var 0 + 1)) (above b)).eval (i :: ρ) =
        ((List.range (W.eval ρ - (i + 1))).filter fun t => c.testBit (i + 1 + t)).length := by
      have h := List.length_filter_le (fun t => c.testBit (i + 1 + t)) (List.range (W.eval ρ - (i + 1)))
      rw [List.length_range] at h
      rw [eval_sum, hrest, length_filter_eq_sum] at *
      simp only [eval_above, hb _]
      exact Nat.min_eq_left h
    rw [hb]
    cases h : c.testBit i
    · rw [if_neg (by simp), if_neg (by simp; omega)]
      simp only [hrest, Circuit.aboveAt, Gate.items_all, List.range'_eq_map_range, List.filter_map, List.map_cons,
        List.length_cons, List.length_map, List.map_map, eval_add, hsum, eval_ofNat, eval_above, hb _, eval_var,
        List.getD_cons_zero, List.getD_cons_succ, List.cons_append, List.nil_append, Function.comp_def,
        flatMap_ite_filter]
    · simp [Gate.items_any]
  · simp [items, Layer.items, Gate.items_any, ← List.map_eq_flatMap]

end Tmpl

/-- Parts side by side whose indices are listed by a function. -/
theorem Circuit.par_map {ι κ : Type} (d : Nat) (l : List κ) (g : κ → ι) (sel : ι → List Nat) (C : ι → Circuit) :
    par d (l.map g) sel C = par d l (fun k => sel (g k)) (fun k => C (g k)) := by
  simp [par, List.map_map, Function.comp_def]

namespace Float

open Circuit

/-- The template of the comparisons lists their circuit; the widths of its layers. -/
theorem lists_testsT {ρ : List Nat} {p P N W : Term} (hP : P.eval ρ = 2 ^ p.eval ρ)
    (hW : W.eval ρ = sumWidth (N.eval ρ) (biasedWidth (p.eval ρ))) :
    Lists ρ (testsT p P N W) [testCountT p P N * W, testCountT p P N * 1]
      (par 2 (sumTests (p.eval ρ) (N.eval ρ)) (fun _ => List.range (W.eval ρ)) (greaterConst (W.eval ρ))) := by
  rw [sumTests_eq, par_map, ← eval_testCountT hP]
  have h := Lists.par (ρ := ρ) (count := testCountT p P N) (σ := .var 0) (ws := [W, 1])
    (ts := Tmpl.greaterConst W.up (sumTestBits p.up P.up N.up (.var 0))) (sel := fun _ => List.range (W.eval ρ))
    (C := fun k => greaterConst (W.eval ρ) (sumTest (p.eval ρ) (N.eval ρ) k)) (fun k hk => ?_) (fun k _ => ?_) rfl
    (fun k _ => ?_) (fun k _ i hi => ?_)
  · exact h
  · rw [eval_testCountT hP] at hk
    have hb := isBits_sumTestBits (ρ := k :: ρ) (p := p.up) (P := P.up) (N := N.up) (k := .var 0) (by simpa using hP)
      (by simpa using hk)
    simp only [Term.eval_up, Term.eval_var, List.getD_cons_zero] at hb
    have := Tmpl.denotesIn_greaterConst (W := W.up) hb (by rw [Term.eval_up, hW]; exact sumTest_lt hk)
    rwa [Term.eval_up] at this
  · simp [greaterConst]
  · rw [List.length_range]; exact (computes_greaterConst _ _).wf
  · simp

end Float

end Logprec
