import Logprec.Quantised.Template.Local
import Logprec.Network.Template.Position

/-!
# Templates of the stages that shift scores

The stages that find the greatest score of each position, and add what it lacks to all scores, are listed by templates.
-/

namespace Logprec.Quantised.Attention

open Term

variable {A : Attention} {w d : Nat}

/-- The numbers of bits of a block: those of the state, and `part H` for each head. -/
def blockBits (A : Attention) (w d : Nat) (part : Head → List Nat) : List Nat :=
  List.replicate d w ++ A.heads.flatMap part

section

variable {H : Head} {π : Place} {ws : Length → List Nat}

/-- Whether scores are above levels. -/
theorem templated_aboveNodes (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits)) :
    ∃ e, Templated PositionPair.env (fun p => ws p.1.1)
      (fun p => A.aboveNodes (π.at p.1.1.1 p.1.2.1 + H.valueDim + p.2.1)) (fun _ => List.replicate A.levels 1) e := by
  have block : OfBlock A.aboveNodes [A.scoreBits] (List.replicate A.levels 1) := by
    have e : List.replicate A.levels 1 = (List.range A.levels).map fun _ => 1 := by simp [List.map_const']
    conv => arg 3; rw [e]
    exact .map fun t _ => ofBlock_affineNode [(1, 0, 0)] (fun o => by simp) (by simp)
  refine block.templated (t := π.term 2 1 + .lit H.valueDim + .var 0) (fun _ => rfl) fun p k hk => ?_
  obtain rfl : k = 0 := by simpa using hk
  have h := (Holds.append.1 (hx p.1.1 _ p.1.2.2)).2 p.2.1 (by simp)
  rw [List.length_replicate] at h
  exact h.trans (by simp)

/-- Whether some score is above levels. -/
theorem templated_anyNodes (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits ++
        (List.range n.1).flatMap fun _ => List.replicate A.levels 1)) :
    ∃ e, Templated Position.env (fun x => ws x.1)
      (fun x => A.anyNodes x.1.1 (π.at x.1.1 x.2.1 + H.valueDim + x.1.1)) (fun _ => List.replicate A.levels 1) e := by
  have key : ∀ t < A.levels, ∀ x : Position, ∀ j < x.1.1,
      (π.term 2 1 + .lit H.valueDim + .var 2 + .var 0 * .lit A.levels + .lit t : Term).eval (j :: x.env) =
        π.at x.1.1 x.2.1 + H.valueDim + x.1.1 + j * A.levels + t ∧
      (ws x.1).getD (π.at x.1.1 x.2.1 + H.valueDim + x.1.1 + j * A.levels + t) 0 = 1 := fun t ht x j hj => by
    have h := (Holds.append.1 (hx x.1 _ x.2.2)).2
    have hb := holds_flatMap_range (y := fun _ => List.replicate A.levels 1) (m := A.levels) (fun j _ => by simp) hj
    have h₁ := h.getD (hb.lt (k := t) (by simpa using ht))
    have h₂ := hb.getD (k := t) (by simpa using ht)
    rw [List.length_append, List.length_replicate, List.length_replicate] at h₁
    refine ⟨rfl, ?_⟩
    rw [show π.at x.1.1 x.2.1 + H.valueDim + x.1.1 + j * A.levels + t =
      π.at x.1.1 x.2.1 + (H.valueDim + x.1.1) + (j * A.levels + t) by omega, h₁, h₂]
    simp [ht]
  obtain ⟨e, h⟩ := Templated.flatMap (env := Position.env) (ws := fun x => ws x.1) (l := List.range A.levels)
    (S := fun t x => [affineNode 0 ((List.range x.1.1).map fun j =>
      (1, π.at x.1.1 x.2.1 + H.valueDim + x.1.1 + j * A.levels + t, 0)) 0 0 1]) (zs := fun _ _ => [1]) fun t ht =>
      ⟨_, (Templated.sum (env := Position.env) (ws := fun x => ws x.1) (bias := 0) (c := 1) (c' := 1) (shift := 0)
        (width := 1) (k := .var 1) (n := fun x => x.1.1) (k' := 0) (n' := fun _ => 0) (i' := fun _ _ => 0)
        (j' := fun _ _ => 0) (I' := 0) (J' := 0) (u' := 0) (v' := 0) (fun _ => rfl) (fun _ => rfl)
        (key t (List.mem_range.1 ht)) (fun _ _ h => absurd h (Nat.not_lt_zero _))
        fun _ _ h => absurd h (Nat.not_lt_zero _)).congr (fun x => by
          have hz : ∀ l : List Nat, (l.map fun _ => (0 : Int)).sum = 0 := fun l => by induction l <;> simp_all
          have e : ∀ l : List Nat, l.filter (fun _ => true) = l := fun l => List.filter_eq_self.2 fun _ _ => rfl
          simp [affineNode, Function.comp_def, List.filter_map, hz, e]) fun _ => rfl⟩
  refine ⟨e, h.congr (fun x => ?_) fun x => ?_⟩
  · rw [anyNodes, List.map_eq_flatMap]
  · rw [← List.map_eq_flatMap, List.map_const', List.length_range]

/-- The greatest score. -/
theorem templated_greatestNode (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits ++ List.replicate A.levels 1)) :
    ∃ e, Templated Position.env (fun x => ws x.1)
      (fun x => [A.greatestNode (π.at x.1.1 x.2.1 + H.valueDim + x.1.1)]) (fun _ => [A.scoreBits]) e := by
  have block : OfBlock (fun o => [A.greatestNode o]) (List.replicate A.levels 1) [A.scoreBits] := by
    refine ofBlock_affineNode ((List.range A.levels).map fun t => (1, t, 0)) (fun o => by simp [Function.comp_def])
      fun t ht => ?_
    obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ht
    simpa using hc
  refine block.templated (t := π.term 1 0 + .lit H.valueDim + .var 1) (fun _ => rfl) fun x => ?_
  have h := (Holds.append.1 (hx x.1 _ x.2.2)).2
  rwa [List.length_append, List.length_replicate, List.length_replicate, ← Nat.add_assoc] at h

/-- A shifted score. -/
theorem templated_shiftNode (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j)
      (List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits ++ [A.scoreBits])) :
    Templated PositionPair.env (fun p => ws p.1.1)
      (fun p => [A.shiftNode (π.at p.1.1.1 p.1.2.1 + H.valueDim + p.2.1)
        (π.at p.1.1.1 p.1.2.1 + H.valueDim + p.1.1.1)]) (fun _ => [A.scoreBits]) Circuit.formDepth := by
  refine (Templated.node (v := affineNode A.levels [(1, 0, 0), (-1, 1, 0)] 0 0 A.scoreBits)
    (operands := [(π.term 2 1 + .lit H.valueDim + .var 0, A.scoreBits),
      (π.term 2 1 + .lit H.valueDim + .var 2, A.scoreBits)]) (by simp [affineNode, Node.operands]) (fun p o ho => ?_)
    rfl).congr (fun p => ?_) fun _ => rfl
  · have h := Holds.append.1 (hx p.1.1 _ p.1.2.2)
    have h₁ := (Holds.append.1 h.1).2.getD (k := p.2.1) (by simp)
    have h₂ := h.2.getD (k := 0) (by simp)
    rw [List.length_replicate] at h₁
    rw [List.length_append, List.length_replicate, List.length_replicate, ← Nat.add_assoc] at h₂
    simp only [List.mem_cons, List.not_mem_nil, or_false] at ho
    rcases ho with rfl | rfl
    · exact h₁.trans (by simp)
    · exact h₂
  · simp [affineNode, shiftNode, Node.shape, Place.eval_term, PositionPair.env, Position.env, Length.env]

end

/-- Shifted scores, if they are shifted. -/
theorem templated_shiftStages :
    Network.Templated Length.env
      (fun n => blockWidths n.1 (A.blockBits w d fun H =>
        List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits))
      (fun n => A.shiftStages d n.1)
      (fun n => blockWidths n.1 (A.blockBits w d fun H =>
        List.replicate H.valueDim w ++ List.replicate n.1 A.scoreBits)) := by
  by_cases hs : A.shifted = true
  · let scores (n : Nat) (H : Head) : List Nat := List.replicate H.valueDim w ++ List.replicate n A.scoreBits
    let above (n : Nat) : List Nat := (List.range n).flatMap fun _ => List.replicate A.levels 1
    have ⟨_, s₁⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.valueDim) (q := fun _ => 1)
      (hs := A.heads) (nodes := fun n i m o H => copies (i * m + o) (H.valueDim + n) ++
        (List.range n).flatMap fun j => A.aboveNodes (i * m + o + H.valueDim + j))
      (y := scores) (z := fun n H => scores n H ++ above n) (by simp) (by simp [scores]) fun H _ π ws hx => by
        have ⟨_, first⟩ := templated_copies_add (ws := ws) (π := π) (u := List.replicate H.valueDim w) (m := H.valueDim)
          (b := A.scoreBits) (v := fun _ => []) (by simp) (by simpa using hx)
        have ⟨_, rest⟩ := templated_aboveNodes hx
        exact ⟨_, first.append (.eachPosition (S := fun n i j => A.aboveNodes (π.at n i + H.valueDim + j)) rest)⟩
    have ⟨_, s₂⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := Head.valueDim)
      (q := fun _ => A.levels + 1) (hs := A.heads) (nodes := fun n i m o H =>
        copies (i * m + o) (H.valueDim + n) ++ A.anyNodes n (i * m + o + H.valueDim + n))
      (y := fun n H => scores n H ++ above n) (z := fun n H => scores n H ++ List.replicate A.levels 1) (by simp)
      (fun n H _ => by simp [scores, above, List.length_flatMap, List.map_const']; grind) fun H _ π ws hx => by
        have ⟨_, first⟩ := templated_copies_add (m := H.valueDim) (v := above) (by simp) hx
        have ⟨_, rest⟩ := templated_anyNodes hx
        exact ⟨_, first.append rest⟩
    have ⟨_, s₃⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := fun H => H.valueDim + A.levels)
      (q := fun _ => 1) (hs := A.heads) (nodes := fun n i m o H =>
        copies (i * m + o) (H.valueDim + n) ++ [A.greatestNode (i * m + o + H.valueDim + n)])
      (y := fun n H => scores n H ++ List.replicate A.levels 1) (z := fun n H => scores n H ++ [A.scoreBits]) (by simp)
      (fun n H _ => by simp [scores]; omega) fun H _ π ws hx => by
        have ⟨_, first⟩ := templated_copies_add (m := H.valueDim) (v := fun _ => List.replicate A.levels 1) (by simp) hx
        have ⟨_, rest⟩ := templated_greatestNode hx
        exact ⟨_, first.append rest⟩
    have ⟨_, s₄⟩ := templated_blockStage (d := d) (u := List.replicate d w) (p := fun H => H.valueDim + 1)
      (q := fun _ => 1) (hs := A.heads) (nodes := fun n i m o H =>
        copies (i * m + o) H.valueDim ++ (List.range n).map fun j =>
          A.shiftNode (i * m + o + H.valueDim + j) (i * m + o + H.valueDim + n))
      (y := fun n H => scores n H ++ [A.scoreBits]) (z := scores) (by simp)
      (fun n H _ => by simp [scores]; omega) fun H _ π ws hx => by
        have ⟨_, first⟩ := templated_copies (ws := ws) (π := π) (m := H.valueDim) (u := List.replicate H.valueDim w)
          (v := fun n => List.replicate n A.scoreBits ++ [A.scoreBits]) (by simp)
          (by simpa only [scores, List.append_assoc] using hx)
        exact ⟨_, first.append (.oneEachPosition (v := fun n i j =>
          A.shiftNode (π.at n i + H.valueDim + j) (π.at n i + H.valueDim + n)) (templated_shiftNode hx))⟩
    refine (Network.Templated.cons s₁ (.cons s₂ (.cons s₃ (.single s₄)))).congr fun n => ?_
    rw [shiftStages, if_pos hs]
    simp only [Nat.one_mul]
  · exact Network.Templated.nil.congr fun n => by rw [shiftStages, if_neg hs]

end Logprec.Quantised.Attention
