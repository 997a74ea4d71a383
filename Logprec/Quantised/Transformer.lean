import Logprec.Float.FixedPoint
import Logprec.Quantised.Correct
import Logprec.Transformer.AverageHard
import Logprec.Transformer.Examples

/-!
# A quantised model is a log-precision transformer

`Model.toTransformer`: the paper's transformer (`Logprec.Transformer.Defs`) that a quantised model is, for all lengths
at once. Numbers are fixed-point floats (`Logprec.Float.FixedPoint`), so the iterated sums `⊕` of attention are exact.

* A state is the vector of its numbers; coordinates beyond the dimension are 0.
* The similarity of a head is the weight of the pair of positions. The summand of a position is its value times that
  weight, followed by the weight: one `⊕` gives both sums of attention. The sum `Z` of the similarities is not used,
  unless scores are shifted: then the similarity is a power of two, and the greatest score is read off `Z`, as in
  average-hard attention (`Logprec.Transformer.AverageHard`).
* The activation divides, projects, adds and applies the local sublayers.
* Local maps are total, so they also say what becomes of states that do not occur: numbers that are read are saturated.
* The precision is `2 (k + ⌊log₂ n⌋ + 1)` bits with a constant `k`, just enough for the sums.

`Model.accepts_toTransformer`: both accept the same words.
-/

namespace Logprec.Quantised

open Float

/-- The vector of fixed-point floats of a vector of integers; coordinates beyond its length are 0. -/
def toState (D p : Nat) (v : List Int) : State D p := State.ofCoords D p fun d => truncate p (v.getD d 0)

/-- The integers of the first `m` coordinates of a vector of fixed-point floats, saturated to signed numbers of `w`
bits. -/
def ofState {D p : Nat} (w m : Nat) (h : State D p) : List Int :=
  (List.range m).map fun d => sat w (mantissa (h.coord d))

namespace Attention

/-- One more than the score that position `i` gives to position `j`, whose normed states are `u` and `v`; 0 if the
position is masked. -/
def level (w : Nat) (A : Attention) (H : Head) (i j : Nat) (u v : List Int) : Nat :=
  if A.sees i j then
    A.score H i j (optRotate w H.rotation i (H.query.apply w u)) (optRotate w H.rotation j (H.key.apply w v)) + 1
  else 0

/-- The weight of a level, if the greatest level is `g`; scores that are not shifted have `g = 0`. -/
def levelWeight (A : Attention) (g s : Nat) : Nat :=
  if s = 0 then 0 else
    A.exp.getD (s - 1 + if A.shifted then A.levels - (g - 1) else 0) 0 % 2 ^ A.expBits

/-- What a summand is multiplied with, from the similarity `s` and the sum `Z` of the similarities: the weight. -/
def multiplier {p : Nat} (A : Attention) (n : Nat) (s Z : BitVec p) : Nat :=
  if A.shifted then A.levelWeight (lead Z / (n.log2 + 1)) (lead s / (n.log2 + 1))
  else clamp A.expBits (mantissa s)

/-- The head as a head of a transformer: the similarity is the weight, or else stands for the score; the summand is the
value times the weight, followed by the weight. States have `d` numbers, of `w` bits. -/
def toHead (w d D : Nat) (p : Nat → Nat) (A : Attention) (H : Head) : Logprec.Head D p where
  similarity n i j hi hj :=
    let s := A.level w H i j (optNorm w A.norm (ofState w d hi)) (optNorm w A.norm (ofState w d hj))
    if A.shifted then twoPow (p n) (s * (n.log2 + 1)) else truncate (p n) (A.levelWeight 0 s)
  weighting n _ _ s Z hj := toState D (p n) <|
    (H.value.apply w (optNorm w A.norm (ofState w d hj)) ++ [1]).map fun z => A.multiplier n s Z * z

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
def extraBits (M : Model) : Nat :=
  M.width + greatest (M.layers.map fun L => L.attention.expBits + L.attention.scoreBits)

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
      ((List.range n).map fun j => (A.weightAt w H n u i j : Int) * (H.valueAt w u j).getD c 0).sum)
      (A.sumAt w H n u i) := by
  have e : A.scoreAt w H u i = fun j => A.score H i j (H.queryAt w u i) (H.keyAt w u j) := rfl
  simp [attend, sumAt, weightAt, e, Head.queryAt, Head.keyAt, Head.valueAt, Head.valueDim, List.zipWith_map,
    List.zipWith_self]

theorem clamp_clamp (w : Nat) (z : Int) : clamp w (clamp w z) = clamp w z := by
  simp only [clamp]
  omega

theorem sat_sat (w : Nat) (z : Int) : sat w (sat w z) = sat w z := sat_of_fits (sat_bounds w z)

/-- Weights have `expBits` bits. -/
theorem levelWeight_lt (A : Attention) (g s : Nat) : A.levelWeight g s < 2 ^ A.expBits := by
  have := Nat.two_pow_pos A.expBits
  unfold levelWeight
  split
  · exact this
  · exact Nat.mod_lt _ this

/-- So have multipliers. -/
theorem multiplier_lt {p : Nat} (A : Attention) (n : Nat) (s Z : BitVec p) : A.multiplier n s Z < 2 ^ A.expBits := by
  have := Nat.two_pow_pos A.expBits
  unfold multiplier
  split
  · exact A.levelWeight_lt _ _
  · exact Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.sub_lt this Nat.one_pos)

/-- Levels are bounded. -/
theorem level_le (w : Nat) (A : Attention) (H : Head) (i j : Nat) (u v : List Int) :
    A.level w H i j u v ≤ 2 ^ A.scoreBits := by
  have := Nat.two_pow_pos A.scoreBits
  unfold level
  split
  · exact Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.sub_lt this Nat.one_pos)
  · exact Nat.zero_le _

variable {A : Attention} {H : Head} {w d D n i : Nat} {p : Nat → Nat} {X : Nat → List Int} {h : Nat → State D (p n)}

/-- The weight, from the levels. -/
theorem weightAt_eq (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) {g : Nat}
    (hg : A.shifted = true → ∃ m < n, (∀ k < n, A.level w H i k (u i) (u k) ≤ A.level w H i m (u i) (u m)) ∧
      g = A.level w H i m (u i) (u m)) (j : Nat) :
    A.weightAt w H n u i j = A.levelWeight g (A.level w H i j (u i) (u j)) := by
  have hs : ∀ k, A.level w H i k (u i) (u k) = if A.sees i k then A.scoreAt w H u i k + 1 else 0 := fun _ => rfl
  cases h : A.sees i j with
  | false => simp [weightAt, weight, levelWeight, hs, h]
  | true =>
    have e : A.shifted = true → A.levels - greatest (((List.range n).filter (A.sees i)).map (A.scoreAt w H u i)) =
        A.levels - (g - 1) := fun hA => by
      obtain ⟨m, hm, hmax, rfl⟩ := hg hA
      have stored : ∀ k, A.level w H i k (u i) (u k) - 1 = if A.sees i k then A.scoreAt w H u i k else 0 := fun k => by
        rw [hs]; split <;> rfl
      rw [← greatest_masked A i (A.scoreAt w H u i), ← funext stored]
      congr 1
      refine Nat.le_antisymm (greatest_le fun a ha => ?_) (le_greatest ?_)
      · obtain ⟨k, hk, rfl⟩ := List.mem_map.1 ha
        have := hmax k (List.mem_range.1 hk)
        omega
      · exact List.mem_map.2 ⟨m, List.mem_range.2 hm, rfl⟩
    rw [weightAt, weight, if_pos h, levelWeight, hs, h, if_pos rfl, if_neg (Nat.succ_ne_zero _), Nat.add_sub_cancel,
      shift]
    by_cases hA : A.shifted = true
    · simp only [hA, if_true]
      rw [← e hA]
      rfl
    · simp [hA]

/-- What a summand is multiplied with is the weight. -/
theorem multiplier_eq (hw : 1 ≤ w) (hi : i < n) (hX : ∀ j < n, ofState w d (h j) = X j)
    (hp : w + (A.expBits + A.scoreBits) + n.log2 ≤ p n / 2 - 1) {j : Nat} (hj : j < n) :
    A.multiplier n ((A.toHead w d D p H).similarity n i j (h i) (h j))
      (Float.sum ((A.toHead w d D p H).scores n h i)) =
    A.weightAt w H n (fun j => optNorm w A.norm (X j)) i j := by
  let u := fun j => optNorm w A.norm (X j)
  let f := fun j => A.level w H i j (u i) (u j)
  have hf : ∀ j < n, A.level w H i j (optNorm w A.norm (ofState w d (h i))) (optNorm w A.norm (ofState w d (h j))) =
      f j := fun j hj => by rw [hX i hi, hX j hj]
  by_cases hA : A.shifted = true
  · have sim : ∀ j < n, (A.toHead w d D p H).similarity n i j (h i) (h j) = twoPow (p n) (f j * (n.log2 + 1)) :=
      fun j hj => by simp only [toHead, hA, if_true, hf j hj]
    have sums : (A.toHead w d D p H).scores n h i = (List.range n).map fun j => twoPow (p n) (f j * (n.log2 + 1)) :=
      List.map_congr_left fun j hj => sim j (List.mem_range.1 hj)
    have hb : ∀ k < n, f k * (n.log2 + 1) ≤ 2 * imax (p n / 2) := fun k _ => by
      have h₁ := Nat.mul_le_mul_right (n.log2 + 1) (A.level_le w H i k (u i) (u k))
      have h₂ := Nat.mul_le_mul_left (2 ^ A.scoreBits) (show n.log2 + 1 ≤ 2 ^ n.log2 from Nat.lt_two_pow_self)
      rw [← Nat.pow_add] at h₂
      have h₃ := Nat.pow_le_pow_right (show 0 < 2 by omega) (show A.scoreBits + n.log2 + 1 ≤ p n / 2 - 1 by omega)
      have := Nat.two_pow_pos (A.scoreBits + n.log2)
      rw [Nat.pow_succ] at h₃
      show A.level w H i k (u i) (u k) * (n.log2 + 1) ≤ 2 * (2 ^ (p n / 2 - 1) - 1)
      omega
    obtain ⟨m, hm, hmax, hlead⟩ := exists_lead_sum_twoPow (p := p n) (by omega) (Nat.succ_pos _) Nat.lt_log2_self
      (by omega) hb
    rw [multiplier, if_pos hA, sums, sim j hj, hlead, lead_twoPow_mul (by omega) (Nat.succ_pos _) (hb j hj)]
    exact (weightAt_eq w A H n u i (fun _ => ⟨m, hm, hmax, rfl⟩) j).symm
  · have lt := A.levelWeight_lt 0 (f j)
    have hpow := Nat.pow_le_pow_right (show 0 < 2 by omega) (show A.expBits ≤ p n / 2 - 1 by omega)
    have sim : mantissa ((A.toHead w d D p H).similarity n i j (h i) (h j)) = A.levelWeight 0 (f j) := by
      simp only [toHead, hA, hf j hj]
      exact mantissa_truncate (by rw [Int.natAbs_natCast]; omega)
    rw [multiplier, if_neg hA, sim, weightAt_eq w A H n u i (g := 0) (fun h => absurd h hA) j]
    show clamp A.expBits (A.levelWeight 0 (f j)) = A.levelWeight 0 (f j)
    rw [clamp]
    omega

/-- What a head of the transformer sums is what the head of the model sums. -/
theorem meanOf_attend (hw : 1 ≤ w) (hD : H.valueDim < D) (hi : i < n) (hX : ∀ j < n, ofState w d (h j) = X j)
    (hp : w + (A.expBits + A.scoreBits) + n.log2 ≤ p n / 2 - 1) :
    A.meanOf w H ((A.toHead w d D p H).attend n h i) = A.attend w H n (fun j => optNorm w A.norm (X j)) i := by
  let u := fun j => optNorm w A.norm (X j)
  let e := fun j => (A.weightAt w H n u i j : Int)
  let V := fun j => H.valueAt w u j
  have he : ∀ j, (e j).natAbs < 2 ^ A.expBits := fun j => by
    have := Nat.two_pow_pos A.expBits
    simp only [e, weightAt, weight, Int.natAbs_natCast]
    split
    · exact Nat.mod_lt _ this
    · exact this
  have hpow := Nat.pow_le_pow_right (show 0 < 2 by omega) (show w + A.expBits + n.log2 ≤ p n / 2 - 1 by omega)
  have hn : n * (2 ^ A.expBits * 2 ^ (w - 1)) < 2 ^ (p n / 2 - 1) := by
    refine Nat.lt_of_lt_of_le ?_ hpow
    rw [show w + A.expBits + n.log2 = n.log2 + 1 + (A.expBits + (w - 1)) by omega, Nat.pow_add,
      ← Nat.pow_add 2 A.expBits]
    exact Nat.mul_lt_mul_of_pos_right Nat.lt_log2_self (Nat.two_pow_pos _)
  have hV : ∀ j, (V j).length = H.valueDim := fun j => Head.length_valueAt
  have hsum : (A.toHead w d D p H).attend n h i =
      State.sum ((List.range n).map fun j => toState D (p n) ((V j ++ [1]).map fun z => e j * z)) := by
    simp only [Logprec.Head.attend]
    congr 1
    refine List.map_congr_left fun j hj => ?_
    have hj := List.mem_range.1 hj
    have e : ∀ s Z, (A.toHead w d D p H).weighting n i j s Z (h j) = toState D (p n)
        ((V j ++ [1]).map fun z => A.multiplier n s Z * z) := fun s Z => by simp only [toHead, hX j hj]; rfl
    rw [e, multiplier_eq hw hi hX hp hj]
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
