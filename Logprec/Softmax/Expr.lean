import Logprec.Quantised.Terms
import Logprec.Softmax.ExpTerm
import Logprec.Softmax.Defs

/-!
# Expressions that denote floats

Expressions over the coordinates of vectors of floats, with the operations of `Logprec.Float.Operations`. Each is
computed by a term, and so in linear space; and the formulas of a transformer (`Arithmetic`), written with expressions,
denote the same formulas of floats.
-/

namespace Logprec

/-- Expressions for floats. The variables are numbers: positions, symbols, strings of vectors. -/
inductive FloatExpr where
  /-- A constant. -/
  | weight (w : Weight)
  /-- Coordinate `d` of the vector that is variable `v`. -/
  | coord (v d : Nat)
  /-- The value of a term, as a float. -/
  | nat (t : Term)
  /-- `a` if the term is not 0, else `b`. -/
  | ite (t : Term) (a b : FloatExpr)
  /-- The sum. -/
  | add (a b : FloatExpr)
  /-- The negative. -/
  | neg (a : FloatExpr)
  /-- The product. -/
  | mul (a b : FloatExpr)
  /-- The quotient. -/
  | div (a b : FloatExpr)
  /-- The square root. -/
  | sqrt (a : FloatExpr)
  /-- The exponential. -/
  | exp (a : FloatExpr)
  /-- The positive part. -/
  | relu (a : FloatExpr)

namespace FloatExpr

/-- The float that an expression denotes. -/
def eval (p : Nat) (ρ : List Nat) : FloatExpr → BitVec p
  | weight w => Float.ofWeight p w
  | coord v d => BitVec.ofNat p (ρ.getD v 0 / 2 ^ (d * p))
  | nat t => Float.ofNat p (t.eval ρ)
  | ite t a b => if t.eval ρ ≠ 0 then a.eval p ρ else b.eval p ρ
  | add a b => Float.add (a.eval p ρ) (b.eval p ρ)
  | neg a => Float.neg (a.eval p ρ)
  | mul a b => Float.mul (a.eval p ρ) (b.eval p ρ)
  | div a b => Float.div (a.eval p ρ) (b.eval p ρ)
  | sqrt a => Float.sqrt (a.eval p ρ)
  | exp a => Float.exp (a.eval p ρ)
  | relu a => Float.relu (a.eval p ρ)

/-! ## Terms -/

/-- The terms for the precision `prec`, which is at most `c · (⌊log₂ n⌋ + 1)`; `n` is variable 0. -/
def precTerms (prec : Term) (c : Nat) : PrecTerms :=
  ⟨prec / 2 - 1, .pow2 (prec / 2 - 1) (.power (.var 0 + 2) (2 * c))⟩

/-- A polynomial that dominates `2 ^ p`. -/
theorem two_pow_le_power {n p c k : Nat} (hp : p ≤ c * (n.log2 + 1)) (hk : k ≤ p) : 2 ^ k ≤ (n + 2) ^ (2 * c) := by
  have h₂ : 2 ^ (n.log2 + 1) ≤ (n + 2) ^ 2 := by
    have : 2 ^ n.log2 ≤ n + 1 := by
      rcases Nat.eq_zero_or_pos n with rfl | h
      · simp
      · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
    rw [Nat.pow_succ]
    grind
  refine Nat.le_trans (Nat.pow_le_pow_right (by omega) (Nat.le_trans hk hp)) ?_
  rw [Nat.mul_comm, Nat.pow_mul, Nat.pow_mul (n + 2)]
  exact Nat.pow_le_pow_left h₂ c

/-- They are for that precision. -/
theorem holds_precTerms {prec : Term} {c n p : Nat} {ρ : List Nat} (hprec : prec.eval (n :: ρ) = p) (h4 : 4 ≤ p)
    (hc : p ≤ c * (n.log2 + 1)) : (precTerms prec c).Holds (n :: ρ) p where
  le := h4
  l := by simp [precTerms, hprec]
  Q := by
    simp only [precTerms, Term.eval_pow2, Term.eval_sub, Term.eval_div, Term.eval_ofNat, hprec, Term.eval_power,
      Term.eval_add, Term.eval_var, List.getD_cons_zero]
    exact Nat.min_eq_left (two_pow_le_power hc (by omega))

/-- The term for the string of the float. -/
def term (C : PrecTerms) (prec : Term) : FloatExpr → Term
  | weight w => .fWeight C w
  | coord v d =>
    let y := .var v / .pow2 (.lit d * prec) (.var v + 1)
    y % .pow2 prec (y + 1)
  | nat t => .fNat C t
  | ite t a b => .ite t (a.term C prec) (b.term C prec)
  | add a b => .fAdd C (a.term C prec) (b.term C prec)
  | neg a => .fMinus C (a.term C prec)
  | mul a b => .fMul C (a.term C prec) (b.term C prec)
  | div a b => .fDiv C (a.term C prec) (b.term C prec)
  | sqrt a => .fSqrt C (a.term C prec)
  | exp a => .fExp C (a.term C prec)
  | relu a => .fRelu C (a.term C prec)

private theorem div_min (x k : Nat) : x / min (2 ^ k) (x + 1) = x / 2 ^ k := by
  rcases Nat.le_total (2 ^ k) (x + 1) with h | h
  · rw [Nat.min_eq_left h]
  · rw [Nat.min_eq_right h, Nat.div_eq_of_lt (by omega), Nat.div_eq_of_lt (by omega)]

private theorem mod_min (x k : Nat) : x % min (2 ^ k) (x + 1) = x % 2 ^ k := by
  rcases Nat.le_total (2 ^ k) (x + 1) with h | h
  · rw [Nat.min_eq_left h]
  · rw [Nat.min_eq_right h, Nat.mod_eq_of_lt (by omega), Nat.mod_eq_of_lt (by omega)]

/-- **The term computes the float.** -/
theorem eval_term {C : PrecTerms} {prec : Term} {p : Nat} {ρ : List Nat} (hC : C.Holds ρ p) (hprec : prec.eval ρ = p)
    (e : FloatExpr) : (e.term C prec).eval ρ = (e.eval p ρ).toNat := by
  induction e with
  | weight w => exact Term.eval_fWeight hC w
  | coord v d =>
    simp only [term, Term.eval_mod, Term.eval_div, Term.eval_pow2, Term.eval_mul, Term.eval_lit, Term.eval_add,
      Term.eval_var, Term.eval_ofNat, hprec, div_min, mod_min, eval, BitVec.toNat_ofNat]
  | nat t => exact Term.eval_fNat hC t
  | ite t a b iha ihb =>
    simp only [term, Term.eval_ite, eval, iha, ihb]
    split <;> rfl
  | add a b iha ihb => exact Term.eval_fAdd hC iha ihb
  | neg a iha => exact Term.eval_fMinus hC iha
  | mul a b iha ihb => exact Term.eval_fMul hC iha ihb
  | div a b iha ihb => exact Term.eval_fDiv hC iha ihb
  | sqrt a iha => exact Term.eval_fSqrt hC iha
  | exp a iha => exact Term.eval_fExp hC iha
  | relu a iha => exact Term.eval_fRelu hC iha

/-- The term for the string of a vector of `D` floats. -/
def vector (C : PrecTerms) (prec : Term) (c D : Nat) (es : List FloatExpr) : Term :=
  (List.range D).foldr (fun d t => ((es.map (term C prec)).getD d 0) +
    .pow2 prec (.power (.var 0 + 2) (2 * c)) * t) 0

/-- The term computes the vector. -/
theorem eval_vector {C : PrecTerms} {prec : Term} {c D n p : Nat} {ρ : List Nat} (hC : C.Holds (n :: ρ) p)
    (hprec : prec.eval (n :: ρ) = p) (hc : p ≤ c * (n.log2 + 1)) (es : List FloatExpr) :
    (vector C prec c D es).eval (n :: ρ) = (State.ofList D p (es.map (eval p (n :: ρ)))).toNat := by
  have hlen : ((List.range D).flatMap fun d => enc ((es.map (eval p (n :: ρ))).getD d 0)).length = D * p :=
    length_flatMap_range fun _ _ => by simp [enc]
  have hP : (Term.pow2 prec (.power (.var 0 + 2) (2 * c))).eval (n :: ρ) = 2 ^ p := by
    simp only [Term.eval_pow2, hprec, Term.eval_power, Term.eval_add, Term.eval_var, List.getD_cons_zero,
      Term.eval_ofNat]
    exact Nat.min_eq_left (two_pow_le_power hc (Nat.le_refl p))
  have hd : ∀ d, ((es.map (term C prec)).getD d 0).eval (n :: ρ) = ((es.map (eval p (n :: ρ))).getD d 0).toNat :=
    fun d => by
      simp only [List.getD_eq_getElem?_getD, List.getElem?_map]
      cases es[d]? with
      | none => simp
      | some e => exact eval_term hC hprec e
  rw [State.ofList, State.ofCoords, BitVec.toNat_ofNat, Nat.mod_eq_of_lt (hlen ▸ ofBits_lt _),
    Quantised.ofBits_flatMap_enc, vector]
  generalize List.range D = l
  induction l with
  | nil => rfl
  | cons d l ih => rw [List.foldr_cons, List.foldr_cons, Term.eval_add, Term.eval_mul, ih, hd, hP]

/-! ## Formulas -/

/-- The operations of expressions. -/
instance : Arithmetic FloatExpr where
  weight := weight
  add := add
  neg := neg
  mul := mul
  div := div
  sqrt := sqrt
  exp := exp
  relu := relu

section
open Arithmetic

variable (p : Nat) (ρ : List Nat)

theorem eval_total (xs : List FloatExpr) : (total xs).eval p ρ = total (xs.map (eval p ρ)) := by
  have h : ∀ a : FloatExpr, (xs.foldl Arithmetic.add a).eval p ρ =
      (xs.map (eval p ρ)).foldl Arithmetic.add (a.eval p ρ) := by
    induction xs with
    | nil => exact fun _ => rfl
    | cons x xs ih => exact fun a => ih _
  exact h _

theorem eval_dot (xs ys : List FloatExpr) : (dot xs ys).eval p ρ = dot (xs.map (eval p ρ)) (ys.map (eval p ρ)) := by
  rw [dot, eval_total, List.map_zipWith, dot, List.zipWith_map]; rfl

theorem map_weight (ws : List Weight) :
    (ws.map Arithmetic.weight : List FloatExpr).map (eval p ρ) = ws.map Arithmetic.weight := by
  rw [List.map_map]; rfl

theorem map_plus (xs ys : List FloatExpr) :
    (plus xs ys).map (eval p ρ) = plus (xs.map (eval p ρ)) (ys.map (eval p ρ)) := by
  rw [plus, List.map_zipWith, plus, List.zipWith_map]; rfl

theorem map_apply (W : Matrix) (xs : List FloatExpr) :
    (apply W xs).map (eval p ρ) = apply W (xs.map (eval p ρ)) := by
  rw [apply, apply, List.map_map]
  exact List.map_congr_left fun row _ => by rw [Function.comp, eval_dot, map_weight]

theorem eval_mean (xs : List FloatExpr) : (mean xs).eval p ρ = mean (xs.map (eval p ρ)) := by
  rw [mean, mean, List.length_map, ← eval_total]; rfl

theorem map_center (xs : List FloatExpr) : (center xs).map (eval p ρ) = center (xs.map (eval p ρ)) := by
  rw [center, center, List.map_map, List.map_map, ← eval_mean]; rfl

theorem map_layerNorm (N : Norm) (xs : List FloatExpr) :
    (layerNorm N xs).map (eval p ρ) = layerNorm N (xs.map (eval p ρ)) := by
  have hr : (Arithmetic.sqrt (Arithmetic.add (mean ((center xs).map fun x => Arithmetic.mul x x))
      (Arithmetic.weight N.epsilon)) : FloatExpr).eval p ρ = Arithmetic.sqrt (Arithmetic.add
        (mean ((center (xs.map (eval p ρ))).map fun x => Arithmetic.mul x x)) (Arithmetic.weight N.epsilon)) := by
    rw [← map_center, List.map_map]
    have := eval_mean p ρ ((center xs).map fun x => Arithmetic.mul x x)
    rw [List.map_map] at this
    have e : (mean ((center xs).map ((fun x => Arithmetic.mul x x) ∘ eval p ρ)) : BitVec p) =
      (mean ((center xs).map fun x => Arithmetic.mul x x)).eval p ρ := this.symm
    rw [e]; rfl
  rw [layerNorm, layerNorm]
  rw [map_plus, map_weight, List.map_zipWith, ← hr, ← map_center, ← map_weight p ρ N.gain, List.zipWith_map,
    List.zipWith_map_right, List.zipWith_map_right, map_weight, List.zipWith_map_left]
  rfl

theorem map_feedForward (F : FeedForward) (xs : List FloatExpr) :
    (feedForward F xs).map (eval p ρ) = feedForward F (xs.map (eval p ρ)) := by
  have e : ∀ ys : List FloatExpr, (ys.map Arithmetic.relu).map (eval p ρ) = (ys.map (eval p ρ)).map Arithmetic.relu :=
    fun ys => by rw [List.map_map, List.map_map]; rfl
  rw [feedForward, feedForward, map_plus, map_weight, map_apply, e, map_plus, map_apply, map_weight]

theorem eval_logit (N : Norm) (H : SoftmaxHead) (d : FloatExpr) (xs ys : List FloatExpr) :
    (logit N H d xs ys).eval p ρ = logit N H (d.eval p ρ) (xs.map (eval p ρ)) (ys.map (eval p ρ)) := by
  rw [logit, logit, ← map_layerNorm, ← map_layerNorm, ← map_apply, ← map_apply, ← eval_dot]; rfl

theorem map_weighted (N : Norm) (H : SoftmaxHead) (s Z : FloatExpr) (ys : List FloatExpr) :
    (weighted N H s Z ys).map (eval p ρ) = weighted N H (s.eval p ρ) (Z.eval p ρ) (ys.map (eval p ρ)) := by
  rw [weighted, weighted, ← map_layerNorm, ← map_apply, List.map_map, List.map_map]; rfl

theorem map_attended (heads : List SoftmaxHead) (as : List (List FloatExpr)) (xs : List FloatExpr) :
    (attended heads as xs).map (eval p ρ) = attended heads (as.map (List.map (eval p ρ))) (xs.map (eval p ρ)) := by
  rw [attended, attended]
  induction heads generalizing as xs with
  | nil => rfl
  | cons H heads ih =>
    cases as with
    | nil => rfl
    | cons a as =>
      rw [List.map_cons, List.zipWith_cons_cons, List.zipWith_cons_cons, List.foldl_cons, List.foldl_cons, ih, map_plus,
        map_apply]

theorem map_newState (L : SoftmaxLayer) (as : List (List FloatExpr)) (xs : List FloatExpr) :
    (newState L as xs).map (eval p ρ) = newState L (as.map (List.map (eval p ρ))) (xs.map (eval p ρ)) := by
  rw [newState, newState]
  rw [← map_attended, map_plus, map_feedForward, map_layerNorm]

end

/-- The coordinates of the vector that is variable `v`. -/
def coords (D v : Nat) : List FloatExpr := (List.range D).map (coord v)

/-- They denote its coordinates. -/
theorem map_coords {D p v : Nat} {ρ : List Nat} {h : State D p} (hv : ρ.getD v 0 = h.toNat) :
    (coords D v).map (eval p ρ) = h.toList := by
  rw [coords, State.toList, List.map_map]
  exact List.map_congr_left fun d _ => by rw [Function.comp, eval, hv]; rfl

/-- A variable that is a float. -/
theorem eval_coord_zero {p v : Nat} {ρ : List Nat} {φ : BitVec p} (hv : ρ.getD v 0 = φ.toNat) :
    (coord v 0).eval p ρ = φ := by
  rw [eval, hv, Nat.zero_mul, Nat.pow_zero, Nat.div_one, BitVec.ofNat_toNat, BitVec.setWidth_eq]

end FloatExpr

end Logprec
