import Logprec.Quantised.Locals

/-!
# The network of attention is right

The values of the nodes of attention are the codes of what the definitions compute, stage by stage.
-/

namespace Logprec.Quantised

section

variable {x : List Nat} {o m w d n i : Nat}

/-! ## Rotations -/

theorem length_optRotate (w : Nat) (R : Option Rotation) (i : Nat) (v : List Int) :
    (optRotate w R i v).length = v.length := by
  cases R <;> simp [optRotate, Rotation.apply]

theorem fits_optRotate {R : Option Rotation} {v : List Int} (hv : Fits w v) : Fits w (optRotate w R i v) := by
  cases R with
  | none => exact hv
  | some R =>
    intro z hz
    obtain ⟨c, -, rfl⟩ := List.mem_map.1 hz
    dsimp only
    split <;> exact sat_bounds w _

/-- The nodes of a rotation. -/
theorem gives_rotation {R : Rotation} {v : List Int} (hm : v.length = m) (hw : 1 ≤ w) (h : Signed x o (half w) v) :
    Stage.Gives ((List.range m).map fun c => affineNode 0 (R.terms w i m o c) (half w) R.shift w) x
      (codes w (R.apply w i v)) := by
  subst hm
  rw [codes, Rotation.apply, List.map_map]
  refine .map fun c hc => ?_
  have hc := List.mem_range.1 hc
  have h0 := h c hc
  simp only [Rotation.terms, Function.comp_apply]
  generalize (R.table.getD i #[]).getD (c / 2) (0, 0) = p
  obtain ⟨cos, sin⟩ := p
  split <;> rw [← clamp_add_half hw]
  · by_cases h1 : c + 1 < v.length
    · rw [if_pos h1]
      have h1 := h (c + 1) h1
      refine gives_affineNode (by simp [h0.1, h1.1]) ?_
      simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, h0.2, h1.2, Int.neg_mul]
      omega
    · rw [if_neg h1]
      refine gives_affineNode (by simp [h0.1]) ?_
      have : v.getD (c + 1) 0 = 0 := by simp [show v.length ≤ c + 1 by omega]
      simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, h0.2, this, Int.mul_zero]
      omega
  · have h1 := h (c - 1) (by omega)
    refine gives_affineNode (by simp [h0.1, h1.1]) ?_
    simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, h0.2, h1.2]
    omega

/-- The nodes of a rotation, if there is one. -/
theorem gives_optRotateNodes {R : Option Rotation} {v : List Int} (hm : v.length = m) (hw : 1 ≤ w) (hv : Fits w v)
    (h : Holds x o (codes w v)) : Stage.Gives (optRotateNodes w R i m o) x (codes w (optRotate w R i v)) := by
  cases R with
  | none => exact .copies h (by simpa using hm)
  | some R => exact gives_rotation hm hw (signed_of_codes h hv)

/-! ## Scores and weights -/

/-- An inner product, coordinate by coordinate. -/
theorem dot_eq_sum_range {q k : List Int} (h : k.length = q.length) :
    dot q k = ((List.range q.length).map fun c => q.getD c 0 * k.getD c 0).sum := by
  rw [dot]
  congr 1
  apply List.ext_getElem (by simp [h])
  intro c hc _
  have hc' : c < q.length ∧ c < k.length := by simp at hc; omega
  simp [hc'.1, hc'.2]

namespace Attention

variable {A : Attention} {H : Head} {j : Nat}

/-- The score; 0 if the position is masked. -/
def scoreIndex (A : Attention) (H : Head) (i j : Nat) (q k : List Int) : Nat :=
  if A.sees i j then A.score H i j q k else 0

/-- The node of a score. -/
theorem gives_scoreNode {q k : List Int} {o o' : Nat} (hq : q.length = H.keyDim) (hk : k.length = H.keyDim)
    (h : Signed x o (half w) q) (h' : Signed x o' (half w) k) :
    Stage.Gives [A.scoreNode w H i j o o'] x [A.scoreIndex H i j q k] := by
  unfold scoreNode scoreIndex
  split
  · rw [score, Int.add_comm (dot q k)]
    refine gives_productNode (fun t ht => ?_) ?_
    · obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ht
      have hc := List.mem_range.1 hc
      exact ⟨(h c (hq ▸ hc)).1, (h' c (hk ▸ hc)).1⟩
    · rw [dot_eq_sum_range (hk.trans hq.symm), List.map_map, hq]
      congr 2
      refine List.map_congr_left fun c hc => ?_
      have hc := List.mem_range.1 hc
      simp only [Function.comp_apply, (h c (hq ▸ hc)).2, (h' c (hk ▸ hc)).2]
  · exact ⟨by simp [Node.operands], by simp [Node.eval, Node.total, clamp]⟩

/-- Masked positions have weight 0. -/
theorem weight_of_not_sees {s : Nat → Nat} (h : A.sees i j = false) : A.weight n i s j = 0 := by
  simp [weight, h]

/-- The node of a weight, from the shifted score. -/
theorem gives_weightNode {s : Nat → Nat} {t : Nat} (h : Holds x o [t])
    (ht : A.sees i j = true → t = s j + A.shift n i s) : Stage.Gives [A.weightNode i j o] x [A.weight n i s j] := by
  cases hs : A.sees i j with
  | false =>
    rw [weight_of_not_sees hs]
    simpa [weightNode, hs] using Stage.Gives.table #[] A.expBits h
  | true =>
    have := Stage.Gives.table A.exp A.expBits h
    simpa [weightNode, weight, hs, ht hs] using this

/-! ## Sums -/

/-- Positions that are not seen have weight 0, so sums may leave them out. -/
theorem sum_seen {f : Nat → Int} (hf : ∀ j, A.sees i j = false → f j = 0) :
    ((A.seen n i).map f).sum = ((List.range n).map f).sum := by
  rw [seen]
  generalize List.range n = l
  induction l with
  | nil => rfl
  | cons j l ih => cases h : A.sees i j <;> simp [h, ih, hf]

theorem sum_natCast (l : List Nat) : ((l.sum : Nat) : Int) = (l.map fun (e : Nat) => (e : Int)).sum := by
  induction l with
  | nil => rfl
  | cons e l ih => simp [ih]

/-- The saturated weighted sums of the values `V`, coordinate by coordinate, with weights `E`. -/
def saturated (A : Attention) (H : Head) (n : Nat) (E : Nat → Nat) (V : Nat → List Int) : List Int :=
  (List.range H.valueDim).map fun c =>
    sat A.weightedBits ((List.range n).map fun j => (E j : Int) * (V j).getD c 0).sum

/-- The nodes of the sums of a head. -/
theorem gives_sumNodes {E : Nat → Nat} {V : Nat → List Int} (hb : 1 ≤ A.weightedBits)
    (hE : ∀ j, A.sees i j = false → E j = 0) (hV : ∀ j < n, (V j).length = H.valueDim ∧ Fits w (V j))
    (he : Holds x (i * m + o + H.valueDim) ((List.range n).map E))
    (hv : ∀ j < n, Holds x (j * m + o) (codes w (V j))) :
    Stage.Gives (A.sumNodes w n i m o H) x
      (codes A.weightedBits (A.saturated H n E V) ++ [clamp A.sumBits ((List.range n).map E).sum]) := by
  have he : ∀ j ∈ A.seen n i, i * m + o + H.valueDim + j < x.length ∧
      x.getD (i * m + o + H.valueDim + j) 0 = E j := fun j hj => by
    have hj := List.mem_range.1 (List.mem_filter.1 hj).1
    exact ⟨he.lt (by simpa using hj), (he.getD (by simpa using hj)).trans (by simp [hj])⟩
  have hj : ∀ j ∈ A.seen n i, j < n := fun j hj => List.mem_range.1 (List.mem_filter.1 hj).1
  refine .append ?_ ?_
  · rw [codes, saturated, List.map_map]
    refine .map fun c hc => ?_
    have hc := List.mem_range.1 hc
    have hv : ∀ j ∈ A.seen n i, j * m + o + c < x.length ∧
        (x.getD (j * m + o + c) 0 : Int) - half w = (V j).getD c 0 := fun j hj' =>
      signed_of_codes (hv j (hj j hj')) (hV j (hj j hj')).2 c ((hV j (hj j hj')).1 ▸ hc)
    rw [Function.comp_apply, ← clamp_add_half hb,
      ← Int.ediv_one ((List.range n).map fun j => (E j : Int) * (V j).getD c 0).sum]
    refine gives_productNode (shift := 0) (fun t ht => ?_) ?_
    · obtain ⟨j, hj, rfl⟩ := List.mem_map.1 ht
      exact ⟨(he j hj).1, (hv j hj).1⟩
    · rw [List.map_map, Int.zero_add, ← sum_seen (A := A) (i := i) fun j h => by simp [hE j h]]
      refine congrArg List.sum (List.map_congr_left fun j hj => ?_)
      simp only [Function.comp_apply, (he j hj).2, (hv j hj).2, Int.sub_zero]
  · rw [← Int.add_zero (((List.range n).map E).sum : Int), ← Int.ediv_one (((List.range n).map E).sum : Int)]
    refine gives_affineNode (shift := 0) (fun t ht => ?_) ?_
    · obtain ⟨j, hj, rfl⟩ := List.mem_map.1 ht
      exact (he j hj).1
    · rw [List.map_map, Int.zero_add, sum_natCast, List.map_map,
        ← sum_seen (A := A) (i := i) fun j h => by simp [hE j h]]
      refine congrArg List.sum (List.map_congr_left fun j hj => ?_)
      simp only [Function.comp_apply, (he j hj).2, Int.sub_zero, Int.one_mul]

end Attention

end

end Logprec.Quantised
