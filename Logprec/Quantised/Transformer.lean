import Logprec.Float.FixedPoint
import Logprec.Quantised.Correct
import Logprec.Transformer.Examples

/-!
# A quantised model is a log-precision transformer

`Model.toTransformer`: the paper's transformer (`Logprec.Transformer.Defs`) that a quantised model is, for all lengths
at once. Numbers are fixed-point floats (`Logprec.Float.FixedPoint`), so the iterated sums `⊕` of attention are exact.

* A state is the vector of its numbers; coordinates beyond the dimension are 0.
* The similarity of a head is the weight of the pair of positions. The summand of a position is its value times that
  weight, followed by the weight: one `⊕` gives both sums of attention. The sum `Z` of the similarities is not used.
* The activation divides, projects, adds and applies the local sublayers.
* Local maps are total, so they also say what becomes of states that do not occur: numbers that are read are saturated.
* The precision is `2 (k + ⌊log₂ n⌋ + 1)` bits with a constant `k`, just enough for the sums.

`Model.accepts_toTransformer`: both accept the same words.
-/

namespace Logprec.Quantised

open Float

/-- The greatest of some numbers; 0 if there are none. -/
def greatest (l : List Nat) : Nat := l.foldr max 0

theorem le_greatest {a : Nat} {l : List Nat} (h : a ∈ l) : a ≤ greatest l := by
  induction l with
  | nil => simp at h
  | cons b l ih =>
    simp only [greatest, List.foldr_cons] at ih ⊢
    rcases List.mem_cons.1 h with rfl | h
    · omega
    · have := ih h; omega

/-- The vector of fixed-point floats of a vector of integers; coordinates beyond its length are 0. -/
def toState (D p : Nat) (v : List Int) : State D p := State.ofCoords D p fun d => truncate p (v.getD d 0)

/-- The integers of the first `m` coordinates of a vector of fixed-point floats, saturated to signed numbers of `w`
bits. -/
def ofState {D p : Nat} (w m : Nat) (h : State D p) : List Int :=
  (List.range m).map fun d => sat w (mantissa (h.coord d))

namespace Attention

/-- The head as a head of a transformer: the similarity is the weight, the summand is the value times the weight,
followed by the weight. States have `d` numbers, of `w` bits. -/
def toHead (w d D : Nat) (p : Nat → Nat) (A : Attention) (H : Head) : Logprec.Head D p where
  similarity n i j hi hj := truncate (p n) <| A.weight H i j
    (optRotate w H.rotation i (H.query.apply w (optNorm w A.norm (ofState w d hi))))
    (optRotate w H.rotation j (H.key.apply w (optNorm w A.norm (ofState w d hj))))
  weighting n _ _ s _ hj := toState D (p n) <|
    (H.value.apply w (optNorm w A.norm (ofState w d hj)) ++ [1]).map fun z => clamp A.expBits (mantissa s) * z

/-- The mean of the values, from the state that the head of the transformer computes. -/
def meanOf {D p : Nat} (w : Nat) (A : Attention) (H : Head) (a : State D p) : List Int :=
  A.mean w (ofState A.weightedBits H.valueDim a) (clamp A.sumBits (mantissa (a.coord H.valueDim)))

end Attention

/-- The layer as a layer of a transformer. -/
def Layer.toBlock (w d D : Nat) (p : Nat → Nat) (L : Layer) : Block D p where
  heads := L.attention.heads.map (L.attention.toHead w d D p)
  activation n _ as hi := toState D (p n) <| applyLocals w L.locals <|
    L.attention.out.residual w (ofState w d hi) <|
      (L.attention.heads.zip as).flatMap fun p => L.attention.meanOf w p.1 p.2

namespace Model

/-- The number of coordinates of a state of the transformer: enough for a state of the model, and for what any head
sums. -/
def stateDim (M : Model) : Nat :=
  max M.dim (greatest (M.layers.map fun L => greatest (L.attention.heads.map fun H => H.valueDim + 1)))

/-- What the numbers of bits of a mantissa exceed `⌊log₂ n⌋ + 1` by. -/
def extraBits (M : Model) : Nat := M.width + greatest (M.layers.map fun L => L.attention.expBits)

/-- The precision of the transformer: twice the number of bits of a mantissa. -/
def precision (M : Model) (n : Nat) : Nat := 2 * (M.extraBits + n.log2 + 1)

/-- **The transformer of a quantised model.** -/
def toTransformer (M : Model) : Transformer where
  symbolBits := M.symbolBits
  dim := M.stateDim
  prec := M.precision
  embed n i σ := toState M.stateDim (M.precision n) (applyLocals M.width M.pre (M.embed i σ.toNat))
  blocks := M.layers.map (Layer.toBlock M.width M.dim M.stateDim M.precision)
  accept _ h := decide (0 ≤ (M.readout.apply M.readoutBits (ofState M.width M.dim h)).headD (-1))

/-- **Its precision is logarithmic.** -/
theorem logPrecision (M : Model) : M.toTransformer.LogPrecision (2 * (M.extraBits + 1)) := fun n => by
  simp only [toTransformer, precision]
  grind

end Model

/-! ## Vectors -/

section

variable {D p m w d n : Nat} {v : List Int}

/-- What fits is not changed by saturation. -/
theorem sat_of_fits {z : Int} (h : -half w ≤ z ∧ z < half w) : sat w z = z := by
  rw [half] at h
  rw [sat]
  omega

/-- Integers are read back. -/
theorem ofState_toState (hm : v.length = m) (hD : m ≤ D) (hw : Fits w v) (hv : ∀ z ∈ v, z.natAbs < 2 ^ (p / 2 - 1)) :
    ofState w m (toState D p v) = v := by
  subst hm
  apply List.ext_getElem (by simp [ofState])
  intro k h _
  have hk : k < v.length := by simpa [ofState] using h
  simp only [ofState, toState, List.getElem_map, List.getElem_range]
  rw [State.coord_ofCoords _ (by omega)]
  simp only [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem hk, Option.getD_some]
  rw [mantissa_truncate (hv _ (List.getElem_mem _)), sat_of_fits (hw _ (List.getElem_mem _))]

/-- The zero state is read as zeros. -/
theorem ofState_zero (w m : Nat) : ofState w m (0 : State D p) = List.replicate m 0 := by
  have h : ∀ d, mantissa ((0 : State D p).coord d) = 0 := fun d => by
    simp [mantissa, State.coord, toInt, magnitude]
  have h0 : sat w 0 = 0 := sat_of_fits (by have := Nat.two_pow_pos (w - 1); rw [half_eq]; omega)
  simp only [ofState, h, h0, List.map_const', List.length_range]

/-- Numbers of `w` bits fit floats with longer mantissas. -/
theorem natAbs_lt_of_fits (hw : 1 ≤ w) (hv : Fits w v) {q : Nat} (hq : w < q) : ∀ z ∈ v, z.natAbs < 2 ^ (q - 1) := by
  intro z hz
  have h := hv z hz
  have := Nat.pow_lt_pow_right (show 1 < 2 by omega) (show w - 1 < q - 1 by omega)
  rw [half_eq] at h
  omega

theorem natAbs_getD_le (hv : Fits w v) (c : Nat) : (v.getD c 0).natAbs ≤ 2 ^ (w - 1) := by
  by_cases hc : c < v.length
  · have h := hv v[c] (List.getElem_mem _)
    rw [half_eq] at h
    simp only [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem hc, Option.getD_some]
    omega
  · simp [Nat.le_of_not_lt hc]

theorem natAbs_sum_le {l : List Nat} {f : Nat → Int} {b : Nat} (h : ∀ j ∈ l, (f j).natAbs ≤ b) :
    ((l.map f).sum).natAbs ≤ l.length * b := by
  induction l with
  | nil => simp
  | cons j l ih =>
    have h₁ := h j (by simp)
    have h₂ := ih fun j hj => h j (by simp [hj])
    simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul]
    omega

/-- **Vectors of fixed-point numbers are summed exactly**, coordinate by coordinate, as long as the sums fit. -/
theorem mantissa_coord_sum {u : Nat → List Int} {b : Nat} (hd : d < D)
    (hu : ∀ j < n, ((u j).getD d 0).natAbs ≤ b) (hb : n * b < 2 ^ (p / 2 - 1)) :
    mantissa ((State.sum ((List.range n).map fun j => toState D p (u j))).coord d) =
      ((List.range n).map fun j => (u j).getD d 0).sum := by
  rw [State.sum, State.coord_ofCoords _ hd, List.map_map]
  have e : ((List.range n).map ((fun v : State D p => v.coord d) ∘ fun j => toState D p (u j))) =
      (List.range n).map fun j => truncate p ((u j).getD d 0) :=
    List.map_congr_left fun j _ => by simp only [Function.comp_apply, toState, State.coord_ofCoords _ hd]
  rw [e, sum_map_truncate, mantissa_truncate]
  · exact Nat.lt_of_le_of_lt (natAbs_sum_le fun j hj => hu j (List.mem_range.1 hj)) (by simpa using hb)
  · intro j hj
    have hj := List.mem_range.1 hj
    exact Nat.lt_of_le_of_lt (Nat.le_trans (hu j hj) (Nat.le_mul_of_pos_left b (by omega))) hb

end

/-! ## Attention -/

namespace Attention

/-- What a head of the model computes, from its exact sums. -/
theorem attend_eq_mean (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) :
    A.attend w H n u i = A.mean w ((List.range H.valueDim).map fun c =>
      ((List.range n).map fun j => (A.weightAt w H u i j : Int) * (H.valueAt w u j).getD c 0).sum)
      (A.sumAt w H n u i) := by
  simp [attend, sumAt, weightAt, Head.queryAt, Head.keyAt, Head.valueAt, Head.valueDim, List.zipWith_map,
    List.zipWith_self]

theorem clamp_clamp (w : Nat) (z : Int) : clamp w (clamp w z) = clamp w z := by
  simp only [clamp]
  omega

theorem sat_sat (w : Nat) (z : Int) : sat w (sat w z) = sat w z := sat_of_fits (sat_bounds w z)

/-- Weights have `expBits` bits. -/
theorem weight_lt (A : Attention) (H : Head) (i j : Nat) (q k : List Int) : A.weight H i j q k < 2 ^ A.expBits := by
  have := Nat.two_pow_pos A.expBits
  unfold weight
  split
  · exact this
  · exact Nat.mod_lt _ this

variable {A : Attention} {H : Head} {w d D n i : Nat} {p : Nat → Nat} {X : Nat → List Int} {h : Nat → State D (p n)}

/-- What a head of the transformer sums is what the head of the model sums. -/
theorem meanOf_attend (hw : 1 ≤ w) (hD : H.valueDim < D) (hi : i < n) (hX : ∀ j < n, ofState w d (h j) = X j)
    (hp : w + A.expBits + n.log2 ≤ p n / 2 - 1) :
    A.meanOf w H ((A.toHead w d D p H).attend n h i) = A.attend w H n (fun j => optNorm w A.norm (X j)) i := by
  let u := fun j => optNorm w A.norm (X j)
  let e := fun j => (A.weightAt w H u i j : Int)
  let V := fun j => H.valueAt w u j
  have he : ∀ j, (e j).natAbs < 2 ^ A.expBits := fun j => A.weight_lt H i j _ _
  have hpow := Nat.pow_le_pow_right (show 0 < 2 by omega) hp
  have hn : n * (2 ^ A.expBits * 2 ^ (w - 1)) < 2 ^ (p n / 2 - 1) := by
    refine Nat.lt_of_lt_of_le ?_ hpow
    rw [show w + A.expBits + n.log2 = n.log2 + 1 + (A.expBits + (w - 1)) by omega, Nat.pow_add,
      ← Nat.pow_add 2 A.expBits]
    exact Nat.mul_lt_mul_of_pos_right Nat.lt_log2_self (Nat.two_pow_pos _)
  have hs : ∀ j < n, mantissa ((A.toHead w d D p H).similarity n i j (h i) (h j)) = e j := fun j hj => by
    simp only [toHead, hX i hi, hX j hj]
    refine mantissa_truncate (Nat.lt_of_lt_of_le (he j) ?_)
    exact Nat.le_trans (Nat.pow_le_pow_right (by omega) (by omega)) hpow
  have hV : ∀ j, (V j).length = H.valueDim := fun j => Head.length_valueAt
  have hsum : (A.toHead w d D p H).attend n h i =
      State.sum ((List.range n).map fun j => toState D (p n) ((V j ++ [1]).map fun z => e j * z)) := by
    simp only [Logprec.Head.attend]
    congr 1
    refine List.map_congr_left fun j hj => ?_
    have hj := List.mem_range.1 hj
    have hc : (clamp A.expBits (e j) : Int) = e j := by
      have := he j
      have : 0 ≤ e j := Int.natCast_nonneg _
      rw [clamp]
      omega
    have hs := hs j hj
    simp only [toHead, hX i hi, hX j hj] at hs ⊢
    simp only [hs, hc]
    rfl
  have hcoord : ∀ c ≤ H.valueDim, ∀ j, ((V j ++ [1]).map fun z => e j * z).getD c 0 =
      if c = H.valueDim then e j else e j * (V j).getD c 0 := fun c hc j => by
    by_cases hc' : c = H.valueDim
    · simp [hc', hV j]
    · have : c < (V j).length := by rw [hV j]; omega
      simp [hc', this, List.getElem?_append_left (show c < ((V j).map fun z => e j * z).length by simpa using this)]
  have hm : ∀ c ≤ H.valueDim, mantissa (((A.toHead w d D p H).attend n h i).coord c) =
      ((List.range n).map fun j => if c = H.valueDim then e j else e j * (V j).getD c 0).sum := fun c hc => by
    rw [hsum, mantissa_coord_sum (b := 2 ^ A.expBits * 2 ^ (w - 1)) (by omega) (fun j _ => ?_) hn]
    · exact congrArg List.sum (List.map_congr_left fun j _ => hcoord c hc j)
    · rw [hcoord c hc j]
      have h1 := Nat.two_pow_pos (w - 1)
      split
      · exact Nat.le_trans (Nat.le_of_lt (he j)) (Nat.le_mul_of_pos_right _ h1)
      · rw [Int.natAbs_mul]
        exact Nat.mul_le_mul (Nat.le_of_lt (he j)) (natAbs_getD_le Head.fits_valueAt c)
  have hE : ((List.range n).map e).sum = (A.sumAt w H n u i : Nat) := by
    rw [sumAt, sum_natCast, List.map_map]
    rfl
  rw [meanOf, attend_eq_mean, hm _ (Nat.le_refl _)]
  simp only [if_true, hE, mean, ofState, List.map_map, clamp_clamp]
  refine List.map_congr_left fun c hc => ?_
  have hc := List.mem_range.1 hc
  simp only [Function.comp_apply, sat_sat]
  rw [hm c (by omega)]
  simp [show c ≠ H.valueDim by omega, e, V, u]

end Attention

end Logprec.Quantised
