import Logprec.Network.Construct
import Logprec.Network.Template.Form.Round

/-!
# Templates of the terms of a form

A form with `k` equal linear terms and `k'` equal products: the gates of its first layer, their weights, its constant
and the number of bits of its sum, in terms of `k` and `k'`.
-/

namespace Logprec.FormT

open Circuit

/-! ## Equal terms -/

/-- The weights of a linear term. -/
def linWeights (c : Int) (u : Nat) : List Nat := if c = 0 then [] else (List.range u).map fun a => c.natAbs * 2 ^ a

/-- The weights of a product. -/
def quadWeights (c : Int) (u v : Nat) : List Nat :=
  if c = 0 then [] else (List.range u).flatMap fun a => (List.range v).map fun b => c.natAbs * 2 ^ (a + b)

private theorem weights_linTerms (off : Nat) (c : Int) (u : Nat) : (linTerms off c u).map (·.1) = linWeights c u := by
  unfold linTerms linWeights
  split <;> simp

private theorem weights_quadTerms (off : Nat) (c : Int) (u v : Nat) :
    (quadTerms off c u v).map (·.1) = quadWeights c u v := by
  unfold quadTerms quadWeights
  split <;> simp [List.map_flatMap, Function.comp_def]

private theorem linsTerms_replicate (c : Int) (u : Nat) : ∀ (k off : Nat), linsTerms off (List.replicate k (c, u)) =
    (List.range k).flatMap fun t => linTerms (off + t * u) c u
  | 0, _ => rfl
  | k + 1, off => by
    rw [List.replicate_succ, linsTerms, linsTerms_replicate c u k, List.range_succ_eq_map, List.flatMap_cons,
      List.flatMap_map]
    simp [Nat.succ_mul, Nat.add_assoc, Nat.add_comm u]

private theorem quadsTerms_replicate (c : Int) (u v : Nat) : ∀ (k off : Nat),
    quadsTerms off (List.replicate k (c, u, v)) = (List.range k).flatMap fun t => quadTerms (off + t * (u + v)) c u v
  | 0, _ => rfl
  | k + 1, off => by
    rw [List.replicate_succ, quadsTerms, quadsTerms_replicate c u v k, List.range_succ_eq_map, List.flatMap_cons,
      List.flatMap_map]
    simp [Nat.succ_mul, Nat.add_assoc, Nat.add_comm (u + v)]

private theorem formTerms_replicate (k : Nat) (c : Int) (u k' : Nat) (c' : Int) (u' v' : Nat) :
    formTerms (List.replicate k (c, u)) (List.replicate k' (c', u', v')) =
      ((List.range k).flatMap fun t => linTerms (t * u) c u) ++
        (List.range k').flatMap fun t => quadTerms (k * u + t * (u' + v')) c' u' v' := by
  rw [formTerms, linsTerms_replicate, quadsTerms_replicate, List.map_replicate, List.sum_replicate_nat]
  simp

/-! ## The first layer -/

/-- The gates of linear term number variable 0. -/
def linGates (c : Int) (u : Nat) : Tmpl :=
  if c = 0 then .nil else .loop (.lit u) <| .seq (if 0 < c then .gate true 1 else .gate false 0) <|
    .wire (.var 1 * .lit u + .var 0) 1

/-- The gates of product number variable 0; the linear terms have `off` bits. -/
def quadGates (off : Term) (c : Int) (u v : Nat) : Tmpl :=
  let start := off.up.up.up + .var 2 * .lit (u + v)
  if c = 0 then .nil else .loop (.lit u) <| .loop (.lit v) <| .seq (if 0 < c then .gate true 2 else .gate false 1) <|
    .seq (.wire (start + .var 1) 1) (.wire (start + .lit u + .var 0) 1)

private theorem items_linGates (t : Nat) (ρ : List Nat) (c : Int) (u : Nat) :
    (linGates c u).items (t :: ρ) = Layer.items ((linTerms (t * u) c u).map (·.2)) := by
  unfold linGates linTerms
  split
  · rfl
  · split <;> simp [Tmpl.items, Layer.items, Gate.items, Gate.copy, Gate.none, Wire.item, List.flatMap_map]

private theorem items_quadGates (t : Nat) (ρ : List Nat) (off : Term) (c : Int) (u v : Nat) :
    (quadGates off c u v).items (t :: ρ) =
      Layer.items ((quadTerms (off.eval ρ + t * (u + v)) c u v).map (·.2)) := by
  unfold quadGates quadTerms
  split
  · rfl
  · split <;> simp [Tmpl.items, Layer.items, Gate.items, Gate.all, Wire.item, List.flatMap_map, List.map_flatMap,
      List.flatMap_assoc]

variable (bias : Int) (k : Term) (c : Int) (u : Nat) (k' : Term) (c' : Int) (u' v' enough : Nat)

/-- The first layer. -/
def first : Tmpl :=
  .seq (.gate true 0) <| .seq (.loop k (linGates c u)) (.loop k' (quadGates (k * .lit u) c' u' v'))

/-- The first layer is listed. -/
theorem items_first (ρ : List Nat) (n : Nat) (const : Int) : (first k c u k' c' u' v').items ρ =
    Layer.items ((shiftedTerms n const (formTerms (List.replicate (k.eval ρ) (c, u))
      (List.replicate (k'.eval ρ) (c', u', v')))).map (·.2)) := by
  simp only [first, Tmpl.items, items_linGates, items_quadGates, shiftedTerms, formTerms_replicate, List.map_cons,
    List.map_append, List.map_flatMap, Layer.items, List.flatMap_cons, List.flatMap_append, List.flatMap_assoc]
  rfl

/-! ## The constant and the number of bits -/

private theorem two_pow_sub_one_nonneg (w : Nat) : (0 : Int) ≤ 2 ^ w - 1 := by
  have : (0 : Int) < 2 ^ w := Int.pow_pos (by omega)
  omega

private theorem linConst_nonpos (c : Int) (w : Nat) : linConst c w ≤ 0 := by
  unfold linConst
  split
  · exact Int.mul_nonpos_of_nonpos_of_nonneg (by omega) (two_pow_sub_one_nonneg w)
  · exact Int.le_refl 0

private theorem quadConst_nonpos (c : Int) (u v : Nat) : quadConst c u v ≤ 0 := by
  unfold quadConst
  split
  · exact Int.mul_nonpos_of_nonpos_of_nonneg (by omega)
      (Int.mul_nonneg (two_pow_sub_one_nonneg u) (two_pow_sub_one_nonneg v))
  · exact Int.le_refl 0

/-- What is taken away in the constant. -/
def less : Term :=
  .lit (-bias).toNat + k * .lit (-linConst c u).toNat + k' * .lit (-quadConst c' u' v').toNat

private theorem sum_replicate (z : Int) : ∀ k : Nat, (List.replicate k z).sum = k * z
  | 0 => by simp
  | k + 1 => by
    rw [List.replicate_succ, List.sum_cons, sum_replicate z k, Int.natCast_add, Int.add_mul]
    simp [Int.add_comm]

private theorem formConst_eq (ρ : List Nat) : formConst bias (List.replicate (k.eval ρ) (c, u))
    (List.replicate (k'.eval ρ) (c', u', v')) = bias.toNat - (less bias k c u k' c' u' v').eval ρ := by
  have h₁ := linConst_nonpos c u
  have h₂ := quadConst_nonpos c' u' v'
  simp only [formConst, List.map_replicate, sum_replicate, less, Term.eval_add, Term.eval_mul, Term.eval_lit,
    Int.natCast_add, Int.natCast_mul, Int.toNat_of_nonneg (Int.neg_nonneg_of_nonpos h₁),
    Int.toNat_of_nonneg (Int.neg_nonneg_of_nonpos h₂), Int.mul_neg]
  omega

/-- The sum of the weights. -/
def range : Term := k * .lit (linWeights c u).sum + k' * .lit (quadWeights c' u' v').sum

/-- The greatest absolute value of a sum, and 1. -/
def greatest : Term :=
  let p : Term := .lit bias.toNat
  let m := less bias k c u k' c' u' v'
  let r := range k c u k' c' u' v'
  .max (p - m + (m - p)) (p + r - m + (m - (p + r))) + 1

/-- The number of bits of the sum, without its sign. -/
def bitsT : Term := .max (.lit enough) (.log2 (greatest bias k c u k' c' u' v')) + 1

/-- Two to this power. -/
def powT : Term :=
  .pow2 (bitsT bias k c u k' c' u' v' enough) ((.lit (2 ^ enough) + greatest bias k c u k' c' u' v') * 2)

private theorem sum_weights (ρ : List Nat) : ((formTerms (List.replicate (k.eval ρ) (c, u))
    (List.replicate (k'.eval ρ) (c', u', v'))).map (·.1)).sum = (range k c u k' c' u' v').eval ρ := by
  simp [formTerms_replicate, List.map_append, List.map_flatMap, weights_linTerms, weights_quadTerms, range,
    List.sum_append_nat, sum_flatMap, List.map_const', List.sum_replicate_nat]

theorem eval_bitsT (ρ : List Nat) : (bitsT bias k c u k' c' u' v' enough).eval ρ =
    magnitude (formConst bias (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v')))
      ((formTerms (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v'))).map (·.1)).sum
      enough := by
  rw [formConst_eq, sum_weights, magnitude]
  simp only [bitsT, greatest, Term.eval_add, Term.eval_max, Term.eval_lit, Term.eval_log2, Term.eval_sub,
    Term.eval_ofNat, show ∀ a b, Nat.max a b = max a b from fun _ _ => rfl]
  congr 4
  omega

private theorem eval_powT (ρ : List Nat) : (powT bias k c u k' c' u' v' enough).eval ρ =
    2 ^ (bitsT bias k c u k' c' u' v' enough).eval ρ := by
  have h : ∀ x : Nat, 2 ^ (max enough (x + 1).log2 + 1) ≤ (2 ^ enough + (x + 1)) * 2 := fun x => by
    have := Nat.log2_self_le (show x + 1 ≠ 0 by omega)
    have := Nat.two_pow_pos enough
    rw [Nat.pow_succ]
    refine Nat.mul_le_mul_right 2 ?_
    rcases Nat.le_total enough (x + 1).log2 with h | h
    · rw [Nat.max_eq_right h]; omega
    · rw [Nat.max_eq_left h]; omega
  rw [powT, Term.eval_pow2, Nat.min_eq_left]
  simp only [bitsT, greatest, Term.eval_add, Term.eval_max, Term.eval_lit, Term.eval_log2, Term.eval_ofNat,
    Term.eval_mul]
  exact h _

/-! ## The weights -/

/-- The weights of a linear term, as a term. -/
def linWeightsT : ListTerm := if c = 0 then .nil else ⟨.lit u, .lit c.natAbs * .pow2 (.var 0) (.lit (2 ^ u))⟩

/-- The weights of a product, as a term. -/
def quadWeightsT (c : Int) (u' v' : Nat) : ListTerm := if c = 0 then .nil else
  .flatMap (.lit u') ⟨.lit v', .lit c.natAbs * .pow2 (.var 1 + .var 0) (.lit (2 ^ (u' + v')))⟩

private theorem gives_linWeightsT (ρ : List Nat) : (linWeightsT c u).Gives ρ (linWeights c u) := by
  unfold linWeightsT linWeights
  split
  · exact ListTerm.gives_nil ρ
  · refine ListTerm.gives_range (n := .lit u) fun i hi => ?_
    have hi : i < u := hi
    have := Nat.pow_le_pow_right (show 0 < 2 by omega) (Nat.le_of_lt hi)
    simp [Nat.min_eq_left this]

private theorem gives_quadWeightsT (c : Int) (u' v' : Nat) (ρ : List Nat) :
    (quadWeightsT c u' v').Gives ρ (quadWeights c u' v') := by
  unfold quadWeightsT quadWeights
  split
  · exact ListTerm.gives_nil ρ
  · refine ListTerm.gives_flatMap (n := .lit u') fun i hi => ListTerm.gives_range (n := .lit v') fun j hj => ?_
    have hi : i < u' := hi
    have hj : j < v' := hj
    have := Nat.pow_le_pow_right (show 0 < 2 by omega) (show i + j ≤ u' + v' by omega)
    simp [Nat.min_eq_left this]

/-- All weights, that of the constant among them. -/
def weightsT : ListTerm :=
  .append ⟨1, .up (.lit bias.toNat + powT bias k c u k' c' u' v' enough - less bias k c u k' c' u' v')⟩ <|
    .append (.flatMap k (linWeightsT c u)) (.flatMap k' (quadWeightsT c' u' v'))

theorem gives_weightsT (ρ : List Nat) : (weightsT bias k c u k' c' u' v' enough).Gives ρ
    ((shiftedTerms ((bitsT bias k c u k' c' u' v' enough).eval ρ)
      (formConst bias (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v')))
      (formTerms (List.replicate (k.eval ρ) (c, u)) (List.replicate (k'.eval ρ) (c', u', v')))).map (·.1)) := by
  have e : ∀ n : Nat, ((2 ^ n : Nat) : Int) = 2 ^ n := fun n => by simp
  rw [shiftedTerms, formConst_eq, formTerms_replicate, List.map_cons, List.map_append, List.map_flatMap,
    List.map_flatMap]
  simp only [weights_linTerms, weights_quadTerms]
  rw [← List.singleton_append]
  refine .append ?_ (.append (ListTerm.gives_flatMap fun _ _ => gives_linWeightsT c u _)
    (ListTerm.gives_flatMap fun _ _ => gives_quadWeightsT c' u' v' _))
  refine ⟨rfl, fun i hi => ?_⟩
  obtain rfl : i = 0 := by simpa using hi
  rw [Term.eval_up, Term.eval_sub, Term.eval_add, eval_powT, Term.eval_lit, ← e, List.getD_cons_zero]
  omega

end Logprec.FormT
