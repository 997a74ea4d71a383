import Logprec.Quantised.Nodes

/-!
# The network of local sublayers is right

Affine maps, residual connections, norms and feed-forward networks: the values of their nodes are the codes of what the
definitions compute.
-/

namespace Logprec.Quantised

/-- The numbers `v`, stored as signed numbers of `w` bits. -/
def codes (w : Nat) (v : List Int) : List Nat := v.map (code (half w))

/-- The numbers `v` can be stored as signed numbers of `w` bits. -/
def Fits (w : Nat) (v : List Int) : Prop := ∀ z ∈ v, -half w ≤ z ∧ z < half w

@[simp] theorem length_codes (w : Nat) (v : List Int) : (codes w v).length = v.length := List.length_map _

theorem fits_map_sat {α : Type} {w : Nat} (l : List α) (f : α → Int) : Fits w (l.map fun a => sat w (f a)) := by
  intro z hz
  obtain ⟨a, -, rfl⟩ := List.mem_map.1 hz
  exact sat_bounds w _

theorem signed_of_codes {x : List Nat} {o w : Nat} {v : List Int} (h : Holds x o (codes w v)) (hv : Fits w v) :
    Signed x o (half w) v := .of_holds h fun z hz => by have := hv z hz; omega

/-- A vector, coordinate by coordinate. -/
theorem map_eq_map_range {α : Type} (v : List Int) (f : Int → α) :
    v.map f = (List.range v.length).map fun c => f (v.getD c 0) := by
  apply List.ext_getElem (by simp)
  intro k hk _
  simp only [List.length_map] at hk
  simp [hk]

section

variable {x : List Nat} {o o' w m d : Nat} {a : Int} {v u : List Int}

/-! ## Affine maps -/

namespace Affine

variable {A : Affine}

/-- The nodes of an affine map. -/
theorem gives_nodes (hA : A.WF m d) (hm : v.length = m) (hw : 1 ≤ w) (h : Signed x o a v) :
    Stage.Gives (A.nodes a (half w) w o) x (codes w (A.apply w v)) := by
  rw [codes, apply, accumulate, List.map_map, List.map_map]
  refine .map fun r hr => ?_
  have hr := (hA.2 r hr).trans hm.symm
  simp only [Function.comp_apply, ← clamp_add_half hw]
  exact gives_affineNode (rowTerms_lt h hr) (by rw [sum_rowTerms h hr])

/-- The nodes of an affine map with ReLU. -/
theorem gives_nodes_relu (hA : A.WF m d) (hm : v.length = m) (h : Signed x o a v) :
    Stage.Gives (A.nodes a 0 w o) x ((A.relu w v).map (code 0)) := by
  rw [relu, accumulate, List.map_map, List.map_map]
  refine .map fun r hr => ?_
  have hr := (hA.2 r hr).trans hm.symm
  simp only [Function.comp_apply, code_zero_natCast]
  rw [← Int.add_zero (_ / _)]
  exact gives_affineNode (rowTerms_lt h hr) (by rw [sum_rowTerms h hr])

/-- The nodes of a residual connection. -/
theorem gives_residualNodes (hA : A.WF m d) (hm : v.length = m) (hd : u.length = d) (hw : 1 ≤ w)
    (hu : Signed x o (half w) u) (hv : Signed x o' a v) :
    Stage.Gives (A.residualNodes a w o o') x (codes w (A.residual w u v)) := by
  have e : codes w (A.residual w u v) = A.rows.zipIdx.map fun r =>
      clamp w ((2 ^ A.shift * u.getD r.2 0 + (r.1.1 + dot r.1.2 v)) / 2 ^ A.shift + half w) := by
    apply List.ext_getElem (by simp [residual, accumulate, hA.1, hd])
    intro k hk _
    have hk' : k < u.length := by simp [residual] at hk; omega
    simp [codes, residual, accumulate, clamp_add_half hw, hk']
  rw [e]
  refine .map fun r hr => ?_
  have hr := List.mem_zipIdx hr
  have hm' : r.1.2.length = v.length := (hA.2 r.1 (hr.2.2 ▸ List.getElem_mem _)).trans hm.symm
  have hu := hu r.2 (by have := hA.1; omega)
  refine gives_affineNode (fun t ht => ?_) ?_
  · rcases List.mem_cons.1 ht with rfl | ht
    · exact hu.1
    · exact rowTerms_lt hv hm' t ht
  · rw [List.map_cons, List.sum_cons, sum_rowTerms hv hm', hu.2]
    dsimp only
    omega

@[simp] theorem length_apply (A : Affine) (w : Nat) (v : List Int) : (A.apply w v).length = A.rows.length := by
  simp [apply, accumulate]

@[simp] theorem length_relu (A : Affine) (w : Nat) (v : List Int) : (A.relu w v).length = A.rows.length := by
  simp [relu, accumulate]

theorem length_residual (hA : A.WF m d) (hd : u.length = d) : (A.residual w u v).length = d := by
  simp [residual, accumulate, hA.1, hd]

theorem fits_apply (A : Affine) (w : Nat) (v : List Int) : Fits w (A.apply w v) := fits_map_sat _ _

theorem fits_residual (A : Affine) (w : Nat) (u v : List Int) : Fits w (A.residual w u v) := by
  intro z hz
  obtain ⟨k, hk, rfl⟩ := List.mem_iff_getElem.1 hz
  simp only [residual, List.getElem_zipWith]
  exact sat_bounds w _

theorem relu_nonneg (A : Affine) (w : Nat) (v : List Int) : ∀ z ∈ A.relu w v, 0 ≤ z + 0 := by
  intro z hz
  obtain ⟨t, -, rfl⟩ := List.mem_map.1 hz
  omega

end Affine

/-! ## Norms -/

/-- All coordinates with the coefficient -1. -/
theorem dot_replicate_neg_one (v : List Int) : dot (List.replicate v.length (-1)) v = -v.sum := by
  induction v with
  | nil => rfl
  | cons z v ih =>
    simp only [dot, List.length_cons, List.replicate_succ, List.zipWith_cons_cons, List.sum_cons] at ih ⊢
    omega

/-- The nodes of the products with one number. -/
theorem gives_scaleNodes {r shift : Nat} (hd : v.length = d) (hw : 1 ≤ w) (h : Signed x o a v)
    (hr : Holds x (o + d) [r]) :
    Stage.Gives (scaleNodes a w d shift o) x (codes w (v.map fun z => sat w (z * r / 2 ^ shift))) := by
  subst hd
  have h0 := hr.lt (k := 0) (by simp)
  have h1 := hr.getD (k := 0) (by simp)
  rw [codes, List.map_map, map_eq_map_range]
  refine .map fun c hc => ?_
  have hc := h c (List.mem_range.1 hc)
  simp only [Function.comp_apply, ← clamp_add_half hw]
  refine gives_productNode (by simpa using ⟨hc.1, h0⟩) ?_
  simp only [Nat.add_zero, List.getD_cons_zero] at h1
  simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, hc.2, h1, Int.add_zero, Int.zero_add,
    Int.sub_zero]

namespace Norm

variable {N : Norm}

/-- The nodes that subtract the mean. -/
theorem gives_centreNodes {s : Nat} (hd : v.length = d) (hw : 1 ≤ w) (h : Signed x o (half w) v) :
    Stage.Gives (centreNodes w d s o) x (codes w (v.map fun z => sat w ((v.length * z - v.sum) / 2 ^ s))) := by
  subst hd
  rw [codes, List.map_map, map_eq_map_range]
  refine .map fun c hc => ?_
  have hc := h c (List.mem_range.1 hc)
  simp only [Function.comp_apply, ← clamp_add_half hw]
  refine gives_affineNode (fun t ht => ?_) ?_
  · rcases List.mem_cons.1 ht with rfl | ht
    · exact hc.1
    · exact rowTerms_lt h (by simp) t ht
  · rw [List.map_cons, List.sum_cons, sum_rowTerms h (by simp), hc.2, dot_replicate_neg_one]
    dsimp only
    omega

/-- The node of the sum of squares. -/
theorem gives_squareNode (hd : v.length = d) (h : Signed x o (half w) v) :
    Stage.Gives [N.squareNode w d o] x
      [clamp N.squareBits ((v.map fun z => z * z).sum / 2 ^ N.squareShift)] := by
  subst hd
  rw [← Int.add_zero (_ / _)]
  refine gives_productNode (fun t ht => ?_) ?_
  · obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ht
    have := (h c (List.mem_range.1 hc)).1
    exact ⟨this, this⟩
  · rw [List.map_map, map_eq_map_range, Int.zero_add]
    refine congrArg List.sum (List.map_congr_left fun c hc => ?_)
    simp only [Function.comp_apply, (h c (List.mem_range.1 hc)).2]

/-- The pieces after the mean is subtracted. -/
theorem gives_scale (hd : u.length = d) (hu : Fits w u) (hw : 1 ≤ w) :
    Piece.GivesAll [⟨d, fun o => copies o d ++ [N.squareNode w d o]⟩,
      ⟨d + 1, fun o => copies o d ++ [.table (o + d) N.rsqrt N.rsqrtBits]⟩,
      ⟨d + 1, scaleNodes (half w) w d N.shift⟩]
      (codes w u) (codes w (u.map fun z => sat w (z * (N.rsqrt.getD (clamp N.squareBits
        ((u.map fun z => z * z).sum / 2 ^ N.squareShift)) 0 % 2 ^ N.rsqrtBits : Nat) / 2 ^ N.shift))) := by
  let square := clamp N.squareBits ((u.map fun z => z * z).sum / 2 ^ N.squareShift)
  refine ⟨codes w u ++ [square], ⟨by simp [hd], fun x o h => ?_⟩,
    codes w u ++ [N.rsqrt.getD square 0 % 2 ^ N.rsqrtBits], ⟨by simp [hd], fun x o h => ?_⟩, _,
    ⟨by simp [hd], fun x o h => ?_⟩, rfl⟩
  · exact (Stage.Gives.copies h (by simp [hd])).append (gives_squareNode hd (signed_of_codes h hu))
  · rw [Holds.append, length_codes, hd] at h
    exact (Stage.Gives.copies h.1 (by simp [hd])).append (.table _ _ h.2)
  · rw [Holds.append, length_codes, hd] at h
    exact gives_scaleNodes hd hw (signed_of_codes h.1 hu) h.2

theorem length_centred (w : Nat) (N : Norm) (v : List Int) : (N.centred w v).length = v.length := by
  unfold centred
  split <;> simp

theorem length_apply (w : Nat) (N : Norm) (v : List Int) : (N.apply w v).length = v.length := by
  simp [apply, length_centred]

theorem fits_centred (hv : Fits w v) : Fits w (N.centred w v) := by
  unfold centred
  split
  · exact hv
  · exact fits_map_sat _ _

theorem fits_apply (w : Nat) (N : Norm) (v : List Int) : Fits w (N.apply w v) := fits_map_sat _ _

theorem gives_pieces (hd : v.length = d) (hv : Fits w v) (hw : 1 ≤ w) :
    Piece.GivesAll (N.pieces w d) (codes w v) (codes w (N.apply w v)) := by
  have scale := gives_scale (N := N) ((length_centred w N v).trans hd) (fits_centred hv) hw
  refine Piece.GivesAll.append (y := codes w (N.centred w v)) ?_ scale
  unfold centred
  cases N.centre with
  | none => rfl
  | some s => exact .single ⟨by simp [hd], fun x o h => gives_centreNodes hd hw (signed_of_codes h hv)⟩

end Norm

theorem length_optNorm (w : Nat) (N : Option Norm) (v : List Int) : (optNorm w N v).length = v.length := by
  cases N with
  | none => rfl
  | some N => exact N.length_apply w v

theorem fits_optNorm {N : Option Norm} (hv : Fits w v) : Fits w (optNorm w N v) := by
  cases N with
  | none => exact hv
  | some N => exact N.fits_apply w v

/-- The stages of a norm, if there is one. -/
theorem gives_optNormPieces {N : Option Norm} (hd : v.length = d) (hv : Fits w v) (hw : 1 ≤ w) :
    Piece.GivesAll (optNormPieces w d N) (codes w v) (codes w (optNorm w N v)) := by
  cases N with
  | none => rfl
  | some N => exact N.gives_pieces hd hv hw

/-! ## Local sublayers -/

namespace Local

theorem length_apply {l : Local} (hl : l.WF d) (hd : v.length = d) : (l.apply w v).length = d := by
  cases l with
  | norm N => exact (N.length_apply w v).trans hd
  | feedForward N up down => exact Affine.length_residual hl.2 hd

theorem fits_apply (l : Local) (w : Nat) (v : List Int) : Fits w (l.apply w v) := by
  cases l with
  | norm N => exact N.fits_apply w v
  | feedForward N up down => exact down.fits_residual w v _

theorem gives_pieces {l : Local} (hl : l.WF d) (hd : v.length = d) (hv : Fits w v) (hw : 1 ≤ w) :
    Piece.GivesAll (l.pieces w d) (codes w v) (codes w (l.apply w v)) := by
  cases l with
  | norm N => exact N.gives_pieces hd hv hw
  | feedForward N up down =>
    have hn : (optNorm w N v).length = d := (length_optNorm w N v).trans hd
    refine (((gives_optNormPieces hd hv hw).append (.single (z := (up.relu w (optNorm w N v)).map (code 0))
      ⟨by simpa using hn, fun x o h => ?_⟩)).forkAll (by simpa using hd)).append (.single ⟨?_, fun x o h => ?_⟩)
    · exact Affine.gives_nodes_relu hl.1 hn (signed_of_codes h (fits_optNorm hv))
    · simp [hd]
    · rw [Holds.append, length_codes, hd] at h
      exact Affine.gives_residualNodes hl.2 (by simp) hd hw (signed_of_codes h.1 hv)
        (.of_holds h.2 (up.relu_nonneg w _))

end Local

/-- Local sublayers: the dimension stays, numbers fit, and the stages compute the new state. -/
theorem applyLocals_spec {ls : List Local} (hls : ∀ l ∈ ls, l.WF d) (hd : v.length = d) (hv : Fits w v) (hw : 1 ≤ w) :
    (applyLocals w ls v).length = d ∧ Fits w (applyLocals w ls v) ∧
      Piece.GivesAll (ls.flatMap (Local.pieces w d)) (codes w v) (codes w (applyLocals w ls v)) := by
  induction ls generalizing v with
  | nil => exact ⟨hd, hv, rfl⟩
  | cons l ls ih =>
    have hl := hls l (by simp)
    have := ih (fun l h => hls l (by simp [h])) (l.length_apply hl hd (w := w)) (l.fits_apply w v)
    exact ⟨this.1, this.2.1, (Local.gives_pieces hl hd hv hw).append this.2.2⟩

end

end Logprec.Quantised
