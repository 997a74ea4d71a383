import Logprec.Quantised.Shift

/-!
# The network of an attention sublayer is right

From the codes of the states, through queries, keys and values, scores, weights, sums, reciprocals and means, to the
codes of the new states: one lemma for each stage, and the theorem that puts them together.
-/

namespace Logprec.Quantised

/-- The query of position `i`, when the normed states are `u`. -/
def Head.queryAt (w : Nat) (H : Head) (u : Nat → List Int) (i : Nat) : List Int :=
  optRotate w H.rotation i (H.query.apply w (u i))

/-- The key of position `i`, when the normed states are `u`. -/
def Head.keyAt (w : Nat) (H : Head) (u : Nat → List Int) (i : Nat) : List Int :=
  optRotate w H.rotation i (H.key.apply w (u i))

/-- The value of position `i`, when the normed states are `u`. -/
def Head.valueAt (w : Nat) (H : Head) (u : Nat → List Int) (i : Nat) : List Int := H.value.apply w (u i)

namespace Head

variable {H : Head} {w d : Nat} {u : Nat → List Int} {i : Nat}

theorem length_queryAt : (H.queryAt w u i).length = H.keyDim := by simp [queryAt, length_optRotate, keyDim]

theorem length_keyAt (hH : H.WF d) : (H.keyAt w u i).length = H.keyDim := by
  simp [keyAt, length_optRotate, keyDim, hH.2.1.1]

theorem length_valueAt : (H.valueAt w u i).length = H.valueDim := by simp [valueAt, valueDim]

theorem fits_queryAt : Fits w (H.queryAt w u i) := fits_optRotate (Affine.fits_apply _ _ _)

theorem fits_keyAt : Fits w (H.keyAt w u i) := fits_optRotate (Affine.fits_apply _ _ _)

theorem fits_valueAt : Fits w (H.valueAt w u i) := Affine.fits_apply _ _ _

end Head

namespace Attention

/-- The score that position `i` gives to position `j`, when the normed states are `u`. -/
def scoreAt (w : Nat) (A : Attention) (H : Head) (u : Nat → List Int) (i j : Nat) : Nat :=
  A.score H i j (H.queryAt w u i) (H.keyAt w u j)

/-- The weight that position `i` gives to position `j`, when the normed states are `u`. -/
def weightAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i j : Nat) : Nat :=
  A.weight n i (A.scoreAt w H u i) j

/-- The score that position `i` gives to position `j`, as it is stored: 0 if the position is masked. -/
def storedAt (w : Nat) (A : Attention) (H : Head) (u : Nat → List Int) (i j : Nat) : Nat :=
  A.scoreIndex H i j (H.queryAt w u i) (H.keyAt w u j)

/-- The greatest of the scores that position `i` gives. -/
def greatestAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) : Nat :=
  greatest ((List.range n).map (A.storedAt w H u i))

/-- The score that position `i` gives to position `j`, as it is stored after it may be shifted. -/
def shiftedAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i j : Nat) : Nat :=
  A.storedAt w H u i j + if A.shifted then A.levels - A.greatestAt w H n u i else 0

/-- The sum of the weights that position `i` gives. -/
def sumAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) : Nat :=
  ((List.range n).map fun j => A.weightAt w H n u i j).sum

/-- The scaled reciprocal of the sum of the weights that position `i` gives. -/
def recipAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) : Nat :=
  A.recip.getD (clamp A.sumBits (A.sumAt w H n u i)) 0 % 2 ^ A.recipBits

/-- The saturated weighted sums of the values at position `i`. -/
def saturatedAt (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) : List Int :=
  A.saturated H n (A.weightAt w H n u i) (H.valueAt w u)

/-- What a head computes, from the saturated sums. -/
theorem attend_eq (w : Nat) (A : Attention) (H : Head) (n : Nat) (u : Nat → List Int) (i : Nat) :
    A.attend w H n u i =
      (A.saturatedAt w H n u i).map fun z => sat w (z * A.recipAt w H n u i / 2 ^ A.meanShift) := by
  have e : A.scoreAt w H u i = fun j => A.score H i j (H.queryAt w u i) (H.keyAt w u j) := rfl
  simp [attend, mean, saturatedAt, saturated, recipAt, sumAt, weightAt, e, Head.queryAt, Head.keyAt, Head.valueAt,
    Head.valueDim, List.zipWith_map, List.zipWith_self, Function.comp_def]

variable {A : Attention} {w d n : Nat} {X u : Nat → List Int}

/-- The values of a stage: the state of each position, and a part for each head. -/
def blocks (A : Attention) (w n : Nat) (X : Nat → List Int) (part : Nat → Head → List Nat) : List Nat :=
  (List.range n).flatMap fun i => codes w (X i) ++ A.heads.flatMap (part i)

section

variable (hw : 1 ≤ w) (hA : A.WF d) (hX : ∀ i < n, (X i).length = d ∧ Fits w (X i))
include hX

theorem codes_length : ∀ i < n, (codes w (X i)).length = d := fun i hi => by simpa using (hX i hi).1

include hw

/-- Queries, keys and values. -/
theorem gives_projectPieces (hA : A.WF d) (hu : ∀ i < n, u i = optNorm w A.norm (X i)) :
    Network.Gives ((A.projectPieces w d).map (Piece.each n)) ((List.range n).flatMap fun i => codes w (X i))
      (A.blocks w n X fun i H =>
        codes w (H.query.apply w (u i)) ++ codes w (H.key.apply w (u i)) ++ codes w (H.value.apply w (u i))) := by
  refine .each fun i hi => ?_
  have hd : (optNorm w A.norm (X i)).length = d := (length_optNorm w A.norm _).trans (hX i hi).1
  refine ((gives_optNormPieces (hX i hi).1 (hX i hi).2 hw).append
    (.single ⟨by simpa using hd, fun x o h => ?_⟩)).forkAll (codes_length hX i hi)
  have h := signed_of_codes h (fits_optNorm (hX i hi).2)
  refine .flatMap fun H hH => ?_
  have hH := hA.1 H hH
  simp only [hu i hi]
  exact ((Affine.gives_nodes hH.1 hd hw h).append (Affine.gives_nodes hH.2.1 hd hw h)).append
    (Affine.gives_nodes hH.2.2 hd hw h)

/-- Rotated queries and keys. -/
theorem gives_rotateStages (hA : A.WF d) :
    Network.Gives (A.rotateStages w d n)
      (A.blocks w n X fun i H =>
        codes w (H.query.apply w (u i)) ++ codes w (H.key.apply w (u i)) ++ codes w (H.value.apply w (u i)))
      (A.blocks w n X fun i H =>
        codes w (H.queryAt w u i) ++ codes w (H.keyAt w u i) ++ codes w (H.valueAt w u i)) := by
  unfold rotateStages
  split
  · next h =>
    simp only [List.all_eq_true, Option.isNone_iff_eq_none] at h
    refine congrArg List.flatten (List.map_congr_left fun i _ => congrArg (_ ++ ·) ?_)
    refine congrArg List.flatten (List.map_congr_left fun H hH => ?_)
    simp [Head.queryAt, Head.keyAt, Head.valueAt, h H hH, optRotate]
  · refine .single (.blockStage (codes_length hX) (fun i _ H hH => ?_) fun i hi H hH m o x hx => ?_)
    · have := (hA.1 H hH).2.1.1
      simp [Head.projectSize, Head.keyDim, Head.valueDim, this]
      omega
    · have hk := (hA.1 H hH).2.1.1
      have hx := hx i hi
      rw [Holds.append, Holds.append] at hx
      simp only [List.length_append, length_codes, Affine.length_apply, hk] at hx
      refine .append (.append ?_ ?_) ?_
      · exact gives_optRotateNodes (by simp [Head.keyDim]) hw (Affine.fits_apply _ _ _) hx.1.1
      · exact gives_optRotateNodes (by simp [Head.keyDim, hk]) hw (Affine.fits_apply _ _ _) hx.1.2
      · exact .copies (by rw [Nat.two_mul]; exact hx.2) (by simp [Head.valueAt, Head.valueDim])

omit hw in
/-- Scores. -/
theorem gives_scoreStage (hA : A.WF d) :
    Stage.Gives (A.scoreStage w d n)
      (A.blocks w n X fun i H => codes w (H.queryAt w u i) ++ codes w (H.keyAt w u i) ++ codes w (H.valueAt w u i))
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++
        (List.range n).map (A.storedAt w H u i)) := by
  refine .blockStage (codes_length hX) (fun i _ H hH => ?_) fun i hi H hH m o x hx => ?_
  · simp only [List.length_append, length_codes, Head.length_queryAt, Head.length_keyAt (hA.1 H hH),
      Head.length_valueAt, Head.projectSize]
    omega
  · simp only [Holds.append, List.length_append, length_codes, Head.length_queryAt,
      Head.length_keyAt (hA.1 H hH)] at hx
    refine .append ?_ (.map fun j hj => ?_)
    · exact .copies (by rw [Nat.two_mul]; exact (hx i hi).2) (by simp [Head.length_valueAt])
    · have hj := List.mem_range.1 hj
      exact gives_scoreNode Head.length_queryAt (Head.length_keyAt (hA.1 H hH))
        (signed_of_codes (hx i hi).1.1 Head.fits_queryAt) (signed_of_codes (hx j hj).1.2 Head.fits_keyAt)

omit hw in
/-- Shifted scores, if they are shifted. -/
theorem gives_shiftStages :
    Network.Gives (A.shiftStages d n)
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.storedAt w H u i))
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.shiftedAt w H n u i)) := by
  unfold shiftStages
  split
  · next hs =>
    have lt : ∀ H i j, A.storedAt w H u i j < 2 ^ A.scoreBits := fun H i j => by
      have := Nat.two_pow_pos A.scoreBits
      unfold storedAt scoreIndex
      split
      · exact Nat.lt_of_le_of_lt (Nat.min_le_right _ _) (Nat.sub_lt this Nat.one_pos)
      · exact this
    have hg : ∀ H i, A.greatestAt w H n u i < 2 ^ A.scoreBits := fun H i =>
      Nat.lt_of_le_of_lt (greatest_le (b := A.levels) fun a ha => by
        obtain ⟨j, -, rfl⟩ := List.mem_map.1 ha
        exact Nat.le_sub_one_of_lt (lt H i j)) (Nat.sub_lt (Nat.two_pow_pos _) Nat.one_pos)
    have size : ∀ H i, (codes w (H.valueAt w u i) ++ (List.range n).map (A.storedAt w H u i)).length =
        H.valueDim + n := fun H i => by simp [Head.length_valueAt]
    refine ⟨A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.storedAt w H u i) ++
        (List.range n).flatMap fun j => (List.range A.levels).map fun t => (decide (t < A.storedAt w H u i j)).toNat,
      ?_, A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.storedAt w H u i) ++
        (List.range A.levels).map fun t => (decide (t < A.greatestAt w H n u i)).toNat,
      ?_, A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.storedAt w H u i) ++
        [A.greatestAt w H n u i], ?_, .single ?_⟩ <;>
    refine .blockStage (codes_length hX) (fun i _ H hH => ?_) fun i hi H hH m o x hx => ?_
    · exact size H i
    · have hx := hx i hi
      refine .append (.copies hx (size H i)) (.flatMap fun j hj => gives_aboveNodes fun k hk => ?_)
      obtain rfl : k = 0 := by simpa using hk
      have hj := List.mem_range.1 hj
      rw [Holds.append, length_codes, Head.length_valueAt] at hx
      have := hx.2 j (by simpa using hj)
      simpa using this
    · simp [Head.length_valueAt, List.length_flatMap, List.map_const']
      grind
    · have hx := Holds.append.1 (hx i hi)
      rw [size] at hx
      exact .append (.copies hx.1 (size H i)) (gives_anyNodes (by rw [Nat.add_assoc]; exact hx.2))
    · simp [Head.length_valueAt]; omega
    · have hx := Holds.append.1 (hx i hi)
      rw [size] at hx
      exact .append (.copies hx.1 (size H i)) (gives_greatestNode (hg H i) (by rw [Nat.add_assoc]; exact hx.2))
    · simp [Head.length_valueAt]; omega
    · have hx := Holds.append.1 (hx i hi)
      rw [size, Holds.append, length_codes, Head.length_valueAt] at hx
      refine .append (.copies hx.1.1 (by simp [Head.length_valueAt])) (.map fun j hj => ?_)
      have hj' := List.mem_range.1 hj
      have key := gives_shiftNode (A := A) (x := x) (s := A.storedAt w H u i j) (g := A.greatestAt w H n u i)
        (le_greatest (List.mem_map_of_mem hj)) (hg H i) (o := i * m + o + H.valueDim + j)
        (o' := i * m + o + H.valueDim + n) (fun k hk => ?_) (by rw [Nat.add_assoc (i * m + o)]; exact hx.2)
      · simpa [shiftedAt, hs] using key
      · obtain rfl : k = 0 := by simpa using hk
        have := hx.1.2 j (by simpa using hj')
        simpa using this
  · next hs =>
    refine congrArg (A.blocks w n X) (funext fun i => funext fun H => congrArg (codes w (H.valueAt w u i) ++ ·) ?_)
    exact List.map_congr_left fun j _ => by simp [shiftedAt, hs]

omit hw in
/-- Weights. -/
theorem gives_weightStage :
    Stage.Gives (A.weightStage d n)
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.shiftedAt w H n u i))
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.weightAt w H n u i)) := by
  refine .blockStage (codes_length hX) (fun i _ H hH => by simp [Head.length_valueAt]) fun i hi H hH m o x hx => ?_
  have hx := hx i hi
  rw [Holds.append, length_codes, Head.length_valueAt] at hx
  refine .append (.copies hx.1 (by simp [Head.length_valueAt])) (.map fun j hj => ?_)
  refine gives_weightNode (t := A.shiftedAt w H n u i j) (fun k hk => ?_) fun h => ?_
  · obtain rfl : k = 0 := by simpa using hk
    have hj := List.mem_range.1 hj
    have := hx.2 j (by simpa using hj)
    simpa using this
  · have e : A.greatestAt w H n u i = greatest (((List.range n).filter (A.sees i)).map (A.scoreAt w H u i)) :=
      greatest_masked A i (A.scoreAt w H u i) (List.range n)
    simp only [shiftedAt, storedAt, scoreIndex, scoreAt, h, if_true, shift, e, levels]

omit hw in
/-- Sums. -/
theorem gives_sumStage (hA : A.WF d) :
    Stage.Gives (A.sumStage w d n)
      (A.blocks w n X fun i H => codes w (H.valueAt w u i) ++ (List.range n).map (A.weightAt w H n u i))
      (A.blocks w n X fun i H =>
        codes A.weightedBits (A.saturatedAt w H n u i) ++ [clamp A.sumBits (A.sumAt w H n u i)]) := by
  refine .blockStage (codes_length hX) (fun i _ H hH => by simp [Head.length_valueAt]) fun i hi H hH m o x hx => ?_
  simp only [Holds.append, length_codes, Head.length_valueAt] at hx
  exact gives_sumNodes hA.2.1 (fun j => weight_of_not_sees) (fun j _ => ⟨Head.length_valueAt, Head.fits_valueAt⟩)
    (hx i hi).2 fun j hj => (hx j hj).1

omit hw in
/-- Reciprocals. -/
theorem gives_recipStage :
    Stage.Gives (A.recipStage d n)
      (A.blocks w n X fun i H =>
        codes A.weightedBits (A.saturatedAt w H n u i) ++ [clamp A.sumBits (A.sumAt w H n u i)])
      (A.blocks w n X fun i H => codes A.weightedBits (A.saturatedAt w H n u i) ++ [A.recipAt w H n u i]) := by
  refine .blockStage (codes_length hX) (fun i _ H hH => by simp [saturatedAt, saturated]) fun i hi H hH m o x hx => ?_
  have hx := hx i hi
  rw [Holds.append] at hx
  refine .append (.copies hx.1 (by simp [saturatedAt, saturated])) (.table _ _ ?_)
  simpa [saturatedAt, saturated] using hx.2

/-- Means: what the heads compute. -/
theorem gives_meanStage :
    Stage.Gives (A.meanStage w d n)
      (A.blocks w n X fun i H => codes A.weightedBits (A.saturatedAt w H n u i) ++ [A.recipAt w H n u i])
      (A.blocks w n X fun i H => codes w (A.attend w H n u i)) := by
  refine .blockStage (codes_length hX) (fun i _ H hH => by simp [saturatedAt, saturated]) fun i hi H hH m o x hx => ?_
  have hx := hx i hi
  rw [Holds.append] at hx
  rw [attend_eq]
  exact gives_scaleNodes (by simp [saturatedAt, saturated]) hw
    (signed_of_codes hx.1 (fits_map_sat _ _)) (by simpa [saturatedAt, saturated] using hx.2)

/-- Output projection and residual connection. -/
theorem gives_outPiece (hA : A.WF d) :
    Stage.Gives ((A.outPiece w d).each n) (A.blocks w n X fun i H => codes w (A.attend w H n u i))
      ((List.range n).flatMap fun i =>
        codes w (A.out.residual w (X i) (A.heads.flatMap fun H => A.attend w H n u i))) := by
  have e : ∀ i, (A.heads.flatMap fun H => codes w (A.attend w H n u i)) =
      codes w (A.heads.flatMap fun H => A.attend w H n u i) := fun i => by simp [codes, List.map_flatMap]
  have hl : ∀ i, (A.heads.flatMap fun H => A.attend w H n u i).length = A.outDim := fun i => by
    simp [List.length_flatMap, outDim, attend_eq, saturatedAt, saturated, Head.valueDim]
  refine Piece.Gives.each fun i hi => ⟨?_, fun x o h => ?_⟩
  · rw [List.length_append, e, length_codes, length_codes, hl, (hX i hi).1]
    rfl
  · rw [Holds.append, e, length_codes, (hX i hi).1] at h
    refine Affine.gives_residualNodes hA.2.2 (hl i) (hX i hi).1 hw (signed_of_codes h.1 (hX i hi).2)
      (signed_of_codes h.2 fun z hz => ?_)
    obtain ⟨H, -, hz⟩ := List.mem_flatMap.1 hz
    rw [attend_eq] at hz
    exact fits_map_sat _ _ z hz

/-- **The network of an attention sublayer** turns the codes of the states into the codes of the new states. -/
theorem gives_network (hA : A.WF d) (hu : ∀ i < n, u i = optNorm w A.norm (X i)) :
    Network.Gives (A.network w d n) ((List.range n).flatMap fun i => codes w (X i))
      ((List.range n).flatMap fun i =>
        codes w (A.out.residual w (X i) (A.heads.flatMap fun H => A.attend w H n u i))) :=
  ((((gives_projectPieces hw hX hA hu).append (gives_rotateStages hw hX hA)).append
    (.single (gives_scoreStage hX hA))).append (gives_shiftStages hX)).append
    ⟨_, gives_weightStage hX, _, gives_sumStage hX hA, _, gives_recipStage hX, _,
      gives_meanStage hw hX, _, gives_outPiece hw hX hA, rfl⟩

end

end Attention

end Logprec.Quantised
