import Logprec.Network.Saturate
import Logprec.Network.Template.Form.Finish
import Logprec.Network.Template.Form.Terms

/-!
# Templates of forms

The circuit of a form with `k` equal linear terms and `k'` equal products, for terms `k` and `k'`: `Tmpl.form`. So a
weighted sum over the positions of a word is generated in logarithmic space.
-/

namespace Logprec

open Circuit

/-! ## Saturation -/

/-- The templates of `Circuit.saturate`, for a term for the number of bits. -/
def saturateT (n : Term) (shift width : Nat) : List Tmpl :=
  [ .seq (.loop (.lit width) <| .seq (.gate true 1) <| .seq (.wire (.lit shift + .var 0) 1) <|
        .loop (n.up - .lit (shift + width)) <| .wire (.lit (shift + width) + .var 0) 1)
      (.seq (.gate true 1) (.wire n 1)),
    .loop (.lit width) <| .seq (.gate true 2) <| .seq (.wire (.var 0) 1) (.wire (.lit width) 1) ]

private theorem lists_saturate (ρ : List Nat) (n : Term) (shift width : Nat) :
    Lists ρ (saturateT n shift width) [.lit width + 1, .lit width] (saturate (n.eval ρ) shift width) where
  denotes := by
    simp [DenotesIn, saturateT, saturate, Tmpl.items, Layer.items, Gate.items, Gate.any, Gate.all, Gate.copy, Wire.item,
      List.flatMap_map, List.range'_eq_map_range, Function.comp_def, ← List.map_eq_flatMap]
  widths := by simp [saturate]

/-! ## Forms -/

section
variable (bias : Int) (k : Term) (c : Int) (u : Nat) (k' : Term) (c' : Int) (u' v' shift width : Nat)

/-- The weights of the bits that a form adds. -/
def FormT.weights : Weights :=
  let s := weightsT bias k c u k' c' u' v' (width + shift)
  ⟨s.len, .testBit s.val.under (.var 1)⟩

/-- The templates of the layers of `Circuit.form`, for `k` linear terms `(c, u)` and `k'` products `(c', u', v')`. -/
def Tmpl.form : List Tmpl :=
  let n := FormT.bitsT bias k c u k' c' u' v' (width + shift)
  [FormT.first k c u k' c' u' v'] ++
    Weights.weightedSumT (n + 1) formPlan (FormT.weights bias k c u k' c' u' v' shift width) ++
    reindexFirst (.var 0) (saturateT n shift width)

/-- The widths of the layers. -/
def Tmpl.formWidths : List Term :=
  let K := FormT.weights bias k c u k' c' u' v' shift width
  let n := FormT.bitsT bias k c u k' c' u' v' (width + shift)
  [K.len] ++ Weights.weightedSumWidthsT (n + 1) formPlan K ++ [.lit width + 1, .lit width]

private theorem are_weights {s : ListTerm} {ρ ks : List Nat} (h : s.Gives ρ ks) :
    Weights.Are ⟨s.len, .testBit s.val.under (.var 1)⟩ ρ ks where
  len := h.len
  has c p hp := by simp [h.val p hp]

/-- **Forms have templates.** -/
theorem Tmpl.lists_form (ρ : List Nat) :
    Lists ρ (Tmpl.form bias k c u k' c' u' v' shift width) (Tmpl.formWidths bias k c u k' c' u' v' shift width)
      (Circuit.form bias (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v')) shift width) := by
  have hn := FormT.eval_bitsT bias k c u k' c' u' v' (width + shift) ρ
  have hs := FormT.gives_weightsT bias k c u k' c' u' v' (width + shift) ρ
  have hf := FormT.items_first k c u k' c' u' v' ρ ((FormT.bitsT bias k c u k' c' u' v' (width + shift)).eval ρ)
    (formConst bias (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v')))
  rw [Circuit.form, ← hn]
  refine (Lists.append (Lists.append ⟨?_, ?_⟩ (Weights.lists_weightedSum (by decide) (are_weights hs))) ?_)
  · simp only [DenotesIn, List.map_cons, List.map_nil, hf]
  · simp [FormT.weights, hs.len]
  · have hle : shift + width ≤ (FormT.bitsT bias k c u k' c' u' v' (width + shift)).eval ρ := by
      simp [FormT.bitsT, show ∀ a b, Nat.max a b = max a b from fun _ _ => rfl]
      omega
    have hc := (computes_saturate hle).choose_spec.1
    refine Lists.beside_single (lists_saturate ρ _ shift width) hc.wf (fun q hq => ?_) rfl
    simp [Array.getD_eq_getD_getElem?, hq]

end

end Logprec
