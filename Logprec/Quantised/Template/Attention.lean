import Logprec.Quantised.Template.Shift

/-!
# Templates of attention

The stages of an attention sublayer on `n ≥ 1` positions, as templates: what depends on the position, by cases of the
position or of a distance, is the same from the end of a table on.
-/

namespace Logprec.Quantised

open Term

/-! ## Nodes -/

/-- The rotation of a block. -/
theorem ofBlock_optRotateNodes (w i m : Nat) (R : Option Rotation) :
    OfBlock (optRotateNodes w R i m) (List.replicate m w) (List.replicate m w) := by
  cases R with
  | none => exact .copies (by simp)
  | some R =>
    have e : List.replicate m w = (List.range m).map fun _ => w := by simp [List.map_const']
    conv => arg 3; rw [e]
    refine .map fun c hc => ofBlock_affineNode (R.terms w i m 0 c) (fun o => ?_) fun t ht => ?_
    · simp only [Rotation.terms]
      generalize (R.table.getD i #[]).getD (c / 2) (0, 0) = t
      by_cases h : c % 2 = 0 <;> by_cases h' : c + 1 < m <;> simp [h, h']
    · have := List.mem_range.1 hc
      simp only [Rotation.terms] at ht
      generalize (R.table.getD i #[]).getD (c / 2) (0, 0) = r at ht
      rw [List.length_replicate]
      by_cases h : c % 2 = 0 <;> by_cases h' : c + 1 < m <;> simp [h, h'] at ht
      · rcases ht with rfl | rfl <;> simp <;> omega
      · subst ht; simp; omega
      · rcases ht with rfl | rfl <;> simp <;> omega
      · rcases ht with rfl | rfl <;> simp <;> omega

namespace Head

variable {w d : Nat} {H : Head}

/-- Queries, keys and values. -/
theorem ofBlock_projectNodes (hH : H.WF d) :
    OfBlock (H.projectNodes w) (List.replicate d w) (List.replicate H.projectSize w) := by
  have e : List.replicate H.projectSize w =
      List.replicate H.keyDim w ++ List.replicate H.keyDim w ++ List.replicate H.valueDim w := by
    simp [projectSize, Nat.two_mul]
  rw [e]
  exact ((Affine.ofBlock_nodes hH.1 (by simp)).append (Affine.ofBlock_nodes hH.2.1 (by simp))).append
    (Affine.ofBlock_nodes hH.2.2 (by simp))

/-- Rotated queries and keys. -/
theorem ofBlock_rotateNodes (i : Nat) : OfBlock (fun o => H.rotateNodes w i o) (List.replicate H.projectSize w)
    (List.replicate H.projectSize w) := by
  have e : List.replicate H.projectSize w =
      List.replicate H.keyDim w ++ List.replicate H.keyDim w ++ List.replicate H.valueDim w := by
    simp [projectSize, Nat.two_mul]
  rw [e]
  have key := ofBlock_optRotateNodes w i H.keyDim H.rotation
  have rest := (OfBlock.copies (bw := List.replicate H.valueDim w) (m := H.valueDim) (by simp)).shift
    (pre := List.replicate H.keyDim w ++ List.replicate H.keyDim w) (m := 2 * H.keyDim) (by simp [Nat.two_mul])
  exact (key.extend.append (key.shift (by simp))).extend.append rest

end Head

namespace Attention

variable {w d : Nat} {A : Attention}

/-- Queries, keys and values. -/
theorem toAll_projectPieces (hA : A.WF d) : Piece.ToAll (A.projectPieces w d) (List.replicate d w)
    (A.blockBits w d fun H => List.replicate H.projectSize w) :=
  ((toAll_optNormPieces A.norm).append (.single ⟨by simp, .flatMap fun H hH =>
    Head.ofBlock_projectNodes (hA.1 H hH)⟩)).forkAll (by simp)

/-- The output projection. -/
theorem to_outPiece (hA : A.WF d) : (A.outPiece w d).To (A.blockBits w d fun H => List.replicate H.valueDim w)
    (List.replicate d w) := by
  have hl : (A.heads.flatMap fun H => List.replicate H.valueDim w).length = A.outDim := by
    simp [List.length_flatMap, outDim, Head.valueDim]
  have : (A.blockBits w d fun H => List.replicate H.valueDim w).length = d + A.outDim := by
    rw [blockBits, List.length_append, hl, List.length_replicate]
  exact ⟨this, Affine.ofBlock_residualNodes hA.2.2 this⟩

/-! ## Stages -/

/-- Rotated queries and keys. -/
theorem templated_rotateStages :
    Network.Templated Length.env
      (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.projectSize w))
      (fun n => A.rotateStages w d n.1)
      (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.projectSize w)) := by
  by_cases h : A.heads.all fun H => H.rotation.isNone
  · exact Network.Templated.nil.congr fun n => by rw [rotateStages, if_pos h]
  · have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.projectSize) (q := fun _ => 0)
      (hs := A.heads) (nodes := fun _ i m o H => H.rotateNodes w i (i * m + o))
      (y := fun _ H => List.replicate H.projectSize w) (z := fun _ H => List.replicate H.projectSize w)
      (by simp) (by simp) fun H _ π ws hx => by
        refine OfBlock.templated_cases (L := fun i o => H.rotateNodes w i o)
          (b := (H.rotation.elim 0 fun R => R.table.size))
          (ds := (H.rotateNodes w 0 0).map Shape.depth) (t := π.term 1 0) (u := .var 0)
          Head.ofBlock_rotateNodes (fun v hv => ?_) (fun v o => ?_) (fun _ => rfl) (fun x => hx x.1 _ x.2.2)
          fun _ => rfl
        · funext o
          cases hR : H.rotation with
          | none => simp [Head.rotateNodes, hR, optRotateNodes]
          | some R =>
            simp only [hR, Option.elim] at hv
            have e : ∀ i, R.table.size ≤ i → R.table.getD i #[] = #[] := fun i hi => by
              simp [Array.getD, Nat.not_lt.2 hi]
            simp only [Head.rotateNodes, hR, optRotateNodes, Option.elim, Rotation.terms, e v hv, e _ (Nat.le_refl _)]
        · cases hR : H.rotation <;>
            simp [Head.rotateNodes, hR, optRotateNodes, copies, affineNode, Shape.depth, Function.comp_def]
    refine (Network.Templated.single he).congr fun n => ?_
    rw [rotateStages, if_neg h]
    simp

/-- Whether a position attends to another, as a term. -/
def seesTerm (A : Attention) (i j : Term) : Term := if A.causal then (lt i j).not else 1

theorem eval_seesTerm {i j : Term} {ρ : List Nat} {a b : Nat} (hi : i.eval ρ = a) (hj : j.eval ρ = b) :
    (A.seesTerm i j).eval ρ ≠ 0 ↔ A.sees a b = true := by
  subst hi hj
  cases h : A.causal <;> by_cases h' : i.eval ρ < j.eval ρ <;> simp [seesTerm, sees, h, h']

section

variable {H : Head} {π : Place} {ws : Length → List Nat}

/-- The node of a score. -/
theorem templated_scoreNode
    (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j) (List.replicate H.projectSize w)) :
    Templated PositionPair.env (fun p => ws p.1.1) (fun p => [A.scoreNode w H p.1.2.1 p.2.1
      (π.at p.1.1.1 p.1.2.1) (π.at p.1.1.1 p.2.1 + H.keyDim)]) (fun _ => [A.scoreBits]) Circuit.formDepth := by
  let seen (v : Nat) (p : PositionPair) : List Node := [productNode (H.distance.getD v 0)
    ((List.range H.keyDim).map fun c => ⟨π.at p.1.1.1 p.1.2.1 + c, half w, π.at p.1.1.1 p.2.1 + H.keyDim + c, half w⟩)
    (half A.scoreBits) A.scoreShift A.scoreBits]
  have key : ∀ n : Length, ∀ j < n.1, ∀ c < H.projectSize, (ws n).getD (π.at n.1 j + c) 0 = w := fun n j hj c hc => by
    rw [(hx n j hj).getD (by simpa using hc)]
    simp [hc]
  have one : ∀ v, Templated (ι := {p : PositionPair // A.sees p.1.2.1 p.2.1 = true}) (fun p => p.1.env)
      (fun p => ws p.1.1.1) (fun p => seen v p.1) (fun _ => [A.scoreBits]) Circuit.formDepth := fun v => by
    refine (Templated.node (v := productNode (H.distance.getD v 0) ((List.range H.keyDim).map fun c =>
        ⟨c, half w, H.keyDim + c, half w⟩) (half A.scoreBits) A.scoreShift A.scoreBits)
      (operands := (List.range H.keyDim).map (fun c => (π.term 2 1 + .lit c, w)) ++
        (List.range H.keyDim).map fun c => (π.term 2 0 + .lit (H.keyDim + c), w)) (fun i hi => ?_) (fun p o ho => ?_)
      rfl).congr (fun p => ?_) fun _ => rfl
    · obtain ⟨t, ht, hi⟩ := operands_productNode hi
      obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ht
      have := List.mem_range.1 hc
      simp only at hi
      simp only [List.length_append, List.length_map, List.length_range]
      omega
    · rcases List.mem_append.1 ho with ho | ho <;> obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ho <;>
        have hc := List.mem_range.1 hc
      · exact key p.1.1.1 _ p.1.1.2.2 c (by rw [Head.projectSize]; omega)
      · exact key p.1.1.1 _ p.1.2.2 (H.keyDim + c) (by rw [Head.projectSize]; omega)
    · rw [shape_productNode, List.map_map]
      congr 2
      refine List.map_congr_left fun c hc => ?_
      have hc := List.mem_range.1 hc
      simp only [Function.comp, Product.mk.injEq, true_and, and_true]
      constructor
      · simp [List.getElem?_append_left, hc, Place.eval_term, PositionPair.env, Position.env, Length.env]
      · simp [hc, Place.eval_term, PositionPair.env, Position.env, Length.env, Nat.add_assoc]
  have scored := Templated.cases (ι := {p : PositionPair // A.sees p.1.2.1 p.2.1 = true}) (env := fun p => p.1.env)
    (ws := fun p => ws p.1.1.1) (b := H.distance.size) (t := (.var 1 - .var 0) + (.var 0 - .var 1))
    (k := fun p => max p.1.1.2.1 p.1.2.1 - min p.1.1.2.1 p.1.2.1) (S := fun v p => seen v p.1)
    (fun p => by
      change p.1.1.2.1 - p.1.2.1 + (p.1.2.1 - p.1.1.2.1) = max p.1.1.2.1 p.1.2.1 - min p.1.1.2.1 p.1.2.1
      omega)
    (fun v hv => by simp [seen, Array.getD, Nat.not_lt.2 hv]) one
  have blank : Templated (ι := {p : PositionPair // ¬A.sees p.1.2.1 p.2.1 = true}) (fun p => p.1.env)
      (fun p => ws p.1.1.1) (fun _ => [.form 0 [] [] 0 A.scoreBits]) (fun _ => [A.scoreBits]) Circuit.formDepth :=
    .node (v := .form 0 [] [] 0 A.scoreBits) (operands := []) (by simp [Node.operands]) (by simp) rfl
  refine (Templated.ite (env := PositionPair.env) (ws := fun p => ws p.1.1) (c := A.seesTerm (.var 1) (.var 0))
    (p := fun p => A.sees p.1.2.1 p.2.1 = true)
    (S := fun p => seen (max p.1.2.1 p.2.1 - min p.1.2.1 p.2.1) p) (S' := fun _ => [.form 0 [] [] 0 A.scoreBits])
    (fun p => eval_seesTerm rfl rfl) scored blank).congr (fun p => ?_) fun _ => rfl
  simp only [scoreNode, apply_ite (fun v : Node => [v]), seen]

/-- The node of a weight. -/
theorem templated_weightNode (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits)) :
    Templated PositionPair.env (fun p => ws p.1.1) (fun p => [A.weightNode p.1.2.1 p.2.1
      (π.at p.1.1.1 p.1.2.1 + H.valueDim + p.2.1)]) (fun _ => [A.expBits]) 3 := by
  let S (entries : Array Nat) (x : PositionPair) : List Node :=
    [.table (π.at x.1.1.1 x.1.2.1 + H.valueDim + x.2.1) entries A.expBits]
  have table : ∀ (entries : Array Nat) (p : PositionPair → Prop), Templated (ι := {x // p x}) (fun x => x.1.env)
      (fun x => ws x.1.1.1) (fun x => S entries x.1) (fun _ => [A.expBits]) 3 := fun entries p => by
    refine .node (v := .table 0 entries A.expBits) (operands := [(π.term 2 1 + .lit H.valueDim + .var 0, A.scoreBits)])
      (by simp [Node.operands]) (fun x o ho => ?_) rfl
    obtain rfl := List.mem_singleton.1 ho
    have h := (Holds.append.1 (hx x.1.1.1 _ x.1.1.2.2)).2.getD (k := x.1.2.1) (by simp)
    rw [List.length_replicate] at h
    exact h.trans (by simp)
  refine (Templated.ite (env := PositionPair.env) (ws := fun p => ws p.1.1) (c := A.seesTerm (.var 1) (.var 0))
    (p := fun p => A.sees p.1.2.1 p.2.1 = true) (S := S A.exp) (S' := S #[]) (fun p => eval_seesTerm rfl rfl)
    (table A.exp _) (table #[] _)).congr (fun p => ?_) fun _ => rfl
  cases h : A.sees p.1.2.1 p.2.1 <;> simp [S, weightNode, h]

/-- The positions that a position attends to are the first ones. -/
theorem seen_eq {n i : Nat} (hi : i < n) : A.seen n i = List.range (if A.causal then i + 1 else n) := by
  cases h : A.causal
  · simp [seen, sees, h]
  · have e : A.sees i = fun j => !decide (i < j) := by funext j; simp [sees, h]
    obtain ⟨k, rfl⟩ := Nat.exists_eq_add_of_le (show i + 1 ≤ n by omega)
    rw [seen, e, List.range_add, List.filter_append, List.filter_eq_self.2, List.filter_eq_nil_iff.2, List.append_nil,
      if_pos rfl]
    · intro j hj
      obtain ⟨t, -, rfl⟩ := List.mem_map.1 hj
      simp
      omega
    · intro j hj
      have := List.mem_range.1 hj
      simp
      omega

/-- The nodes of the sums of a position. -/
theorem templated_sumNodes (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.expBits)) :
    ∃ e, Templated Position.env (fun x => ws x.1)
      (fun x => A.sumNodes w x.1.1 x.2.1 (π.blockSize x.1.1) (π.start x.1.1) H)
      (fun _ => List.replicate H.valueDim A.weightedBits ++ [A.sumBits]) e := by
  let count : Term := if A.causal then .var 0 + 1 else .var 1
  have hcount : ∀ x : Position, count.eval x.env = if A.causal then x.2.1 + 1 else x.1.1 := fun x => by
    cases h : A.causal <;> simp [count, h, Position.env, Length.env]
  have hle : ∀ x : Position, ∀ j < (if A.causal then x.2.1 + 1 else x.1.1), j < x.1.1 := fun x j hj => by
    have := x.2.2
    split at hj <;> omega
  have hweight : ∀ x : Position, ∀ j < (if A.causal then x.2.1 + 1 else x.1.1),
      (π.term 2 1 + .lit H.valueDim + .var 0 : Term).eval (j :: x.env) = π.at x.1.1 x.2.1 + H.valueDim + j ∧
        (ws x.1).getD (π.at x.1.1 x.2.1 + H.valueDim + j) 0 = A.expBits := fun x j hj => by
    have h := (Holds.append.1 (hx x.1 _ x.2.2)).2.getD (k := j) (by simpa using hle x j hj)
    rw [List.length_replicate] at h
    exact ⟨rfl, h.trans (by simp [hle x j hj])⟩
  have hvalue : ∀ c < H.valueDim, ∀ x : Position, ∀ j < (if A.causal then x.2.1 + 1 else x.1.1),
      (π.term 2 0 + .lit c : Term).eval (j :: x.env) = π.at x.1.1 j + c ∧
        (ws x.1).getD (π.at x.1.1 j + c) 0 = w := fun c hc x j hj => by
    have h := (Holds.append.1 (hx x.1 _ (hle x j hj))).1.getD (k := c) (by simpa using hc)
    exact ⟨rfl, h.trans (by simp [hc])⟩
  have hz : ∀ l : List Nat, (l.map fun _ => (0 : Int)).sum = 0 := fun l => by induction l <;> simp_all
  have hw : -half w ≠ 0 := by
    have : (0 : Int) < half w := Int.pow_pos (by omega)
    omega
  obtain ⟨e, values⟩ := Templated.flatMap (env := Position.env) (ws := fun x => ws x.1) (l := List.range H.valueDim)
    (S := fun c x => [productNode 0 ((A.seen x.1.1 x.2.1).map fun j =>
      ⟨π.at x.1.1 x.2.1 + H.valueDim + j, 0, π.at x.1.1 j + c, half w⟩) (half A.weightedBits) 0 A.weightedBits])
    (zs := fun _ _ => [A.weightedBits]) fun c hc =>
      ⟨_, (Templated.sum (bias := half A.weightedBits) (c := -half w) (c' := 1) (shift := 0) (width := A.weightedBits)
        hcount hcount hweight hweight (hvalue c (List.mem_range.1 hc))).congr (fun x => by
          have e : ∀ (l : List Nat) (f g : Nat → Nat), ((l.map fun j => (⟨f j, 0, g j, half w⟩ : Product)).flatMap
              fun t => [(-t.b, t.i), (-t.a, t.j)]).filter (fun t => t.1 ≠ 0) = l.map fun j => (-half w, f j) := by
            intro l f g
            induction l with
            | nil => rfl
            | cons j l ih => simpa [hw] using ih
          simp only [productNode, e, seen_eq x.2.2, List.map_map, Function.comp_def]
          simp [hz]) fun _ => rfl⟩
  have total := Templated.sum (env := Position.env) (ws := fun x => ws x.1) (bias := 0) (c := 1) (c' := 1) (shift := 0)
    (width := A.sumBits) (k' := 0) (n' := fun _ => 0) (i' := fun _ _ => 0) (j' := fun _ _ => 0) (I' := 0) (J' := 0)
    (u' := 0) (v' := 0) hcount (fun _ => rfl) hweight (fun _ _ h => absurd h (Nat.not_lt_zero _))
    fun _ _ h => absurd h (Nat.not_lt_zero _)
  refine ⟨_, (values.append total).congr (fun x => ?_) fun x => ?_⟩
  · have e : ∀ l : List Nat, l.filter (fun _ => true) = l := fun l => List.filter_eq_self.2 fun _ _ => rfl
    simp only [sumNodes, List.map_eq_flatMap (l := List.range H.valueDim)]
    congr 2
    simp [affineNode, seen_eq x.2.2, Function.comp_def, Place.at, List.filter_map, hz, e]
  · rw [← List.map_eq_flatMap, List.map_const', List.length_range]

end

/-- Scores. -/
theorem templated_scoreStage : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.projectSize w))
    (fun n => A.scoreStage w d n.1)
    (fun n => blockWidths n.1 (A.blockBits w d fun H =>
      List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits)) e := by
  have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.projectSize) (q := fun _ => 0)
    (hs := A.heads) (nodes := fun n i m o H => copies (i * m + o + 2 * H.keyDim) H.valueDim ++
      (List.range n).map fun j => A.scoreNode w H i j (i * m + o) (j * m + o + H.keyDim))
    (y := fun _ H => List.replicate H.projectSize w)
    (z := fun n H => List.replicate H.valueDim w ++ List.replicate n A.scoreBits)
    (by simp) (by simp) fun H _ π ws hx => by
      have ⟨e, first⟩ := (OfBlock.copies (bw := List.replicate H.valueDim w) (m := H.valueDim) (by simp)).shift
        (pre := List.replicate (2 * H.keyDim) w) (m := 2 * H.keyDim) (by simp) |>.templated (ι := Position)
        (env := Position.env) (ws := fun x => ws x.1) (t := π.term 1 0) (fun _ => rfl) fun x => by
          simpa [Head.projectSize] using hx x.1 _ x.2.2
      exact ⟨_, first.append (.oneEachPosition (v := fun n i j => A.scoreNode w H i j (π.at n i) (π.at n j + H.keyDim))
        (templated_scoreNode hx))⟩
  exact ⟨e, he.congr (fun n => by simp [scoreStage]) fun _ => rfl⟩

/-- Weights. -/
theorem templated_weightStage : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (A.blockBits w d fun H =>
      List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits))
    (fun n => A.weightStage d n.1)
    (fun n => blockWidths n.1 (A.blockBits w d fun H =>
      List.replicate H.valueDim w ++ List.replicate n.1 A.expBits)) e := by
  have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.valueDim) (q := fun _ => 1)
    (hs := A.heads) (nodes := fun n i m o H => copies (i * m + o) H.valueDim ++
      (List.range n).map fun j => A.weightNode i j (i * m + o + H.valueDim + j))
    (y := fun n H => List.replicate H.valueDim w ++ List.replicate n A.scoreBits)
    (z := fun n H => List.replicate H.valueDim w ++ List.replicate n A.expBits)
    (by simp) (by simp) fun H _ π ws hx => by
      have ⟨e, first⟩ := templated_copies (m := H.valueDim) (v := fun n => List.replicate n A.scoreBits) (by simp) hx
      exact ⟨_, first.append (.oneEachPosition (v := fun n i j => A.weightNode i j (π.at n i + H.valueDim + j))
        (templated_weightNode hx))⟩
  exact ⟨e, he.congr (fun n => by simp [weightStage]) fun _ => rfl⟩

/-- Sums. -/
theorem templated_sumStage : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (A.blockBits w d fun H =>
      List.replicate H.valueDim w ++ List.replicate n.1 A.expBits))
    (fun n => A.sumStage w d n.1)
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.valueDim A.weightedBits ++ [A.sumBits]))
    e := by
  have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.valueDim) (q := fun _ => 1)
    (hs := A.heads) (nodes := fun n => A.sumNodes w n)
    (y := fun n H => List.replicate H.valueDim w ++ List.replicate n A.expBits)
    (z := fun _ H => List.replicate H.valueDim A.weightedBits ++ [A.sumBits])
    (by simp) (by simp) fun H _ π ws hx => templated_sumNodes hx
  exact ⟨e, he.congr (fun n => by simp [sumStage]) fun _ => rfl⟩

/-- Reciprocals. -/
theorem templated_recipStage : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.valueDim A.weightedBits ++ [A.sumBits]))
    (fun n => A.recipStage d n.1)
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.valueDim A.weightedBits ++ [A.recipBits]))
    e := by
  have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := fun H => H.valueDim + 1)
    (q := fun _ => 0) (hs := A.heads) (nodes := fun _ i m o H =>
      copies (i * m + o) H.valueDim ++ [.table (i * m + o + H.valueDim) A.recip A.recipBits])
    (y := fun _ H => List.replicate H.valueDim A.weightedBits ++ [A.sumBits])
    (z := fun _ H => List.replicate H.valueDim A.weightedBits ++ [A.recipBits])
    (by simp) (by simp) fun H _ π ws hx => by
      have ⟨e, first⟩ := templated_copies (m := H.valueDim) (v := fun _ => [A.sumBits]) (by simp) hx
      have ⟨e', rest⟩ := (OfBlock.table (bw := List.replicate H.valueDim A.weightedBits ++ [A.sumBits])
        (k := H.valueDim) A.recip A.recipBits (by simp)).templated (ι := Position) (env := Position.env)
        (ws := fun x => ws x.1) (t := π.term 1 0) (fun _ => rfl) fun x => hx x.1 _ x.2.2
      exact ⟨_, first.append rest⟩
  exact ⟨e, he.congr (fun n => by simp [recipStage]) fun _ => rfl⟩

/-- Means. -/
theorem templated_meanStage : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.valueDim A.weightedBits ++ [A.recipBits]))
    (fun n => A.meanStage w d n.1)
    (fun n => blockWidths n.1 (A.blockBits w d fun H => List.replicate H.valueDim w)) e := by
  have ⟨e, he⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := fun H => H.valueDim + 1)
    (q := fun _ => 0) (hs := A.heads) (nodes := fun _ i m o H =>
      scaleNodes (half A.weightedBits) w H.valueDim A.meanShift (i * m + o))
    (y := fun _ H => List.replicate H.valueDim A.weightedBits ++ [A.recipBits])
    (z := fun _ H => List.replicate H.valueDim w) (by simp) (by simp) fun H _ π ws hx =>
      (ofBlock_scaleNodes (by simp)).templated (ι := Position) (env := Position.env)
        (ws := fun x => ws x.1) (t := π.term 1 0) (fun _ => rfl) fun x => hx x.1 _ x.2.2
  exact ⟨e, he.congr (fun n => by simp [meanStage]) fun _ => rfl⟩

/-- **An attention sublayer has templates.** -/
theorem templated_network (hA : A.WF d) :
    Network.Templated Length.env (fun n => blockWidths n.1 (List.replicate d w)) (fun n => A.network w d n.1)
      fun n => blockWidths n.1 (List.replicate d w) := by
  have ⟨_, score⟩ := A.templated_scoreStage (w := w) (d := d)
  have ⟨_, weight⟩ := A.templated_weightStage (w := w) (d := d)
  have ⟨_, sum⟩ := A.templated_sumStage (w := w) (d := d)
  have ⟨_, recip⟩ := A.templated_recipStage (w := w) (d := d)
  have ⟨_, mean⟩ := A.templated_meanStage (w := w) (d := d)
  have ⟨_, out⟩ := (to_outPiece (w := w) hA).templated (env := Length.env) (n := .var 0) (k := Subtype.val)
    (fun _ => rfl) fun n => n.2
  exact ((((toAll_projectPieces hA).templated (n := .var 0) (fun _ => rfl) fun n => n.2).append
    templated_rotateStages).append (.single score)).append A.templated_shiftStages |>.append <|
      .cons weight <| .cons sum <| .cons recip <| .cons mean <| .single out

end Attention

end Logprec.Quantised
