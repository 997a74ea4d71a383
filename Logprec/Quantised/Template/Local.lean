import Logprec.Quantised.Construct
import Logprec.Quantised.Defs
import Logprec.Network.Template.Block

/-!
# Templates of what each position of a quantised model does on its own

The nodes of affine maps, residual connections, norms and feed-forward networks read one block of values: that of
their position.
-/

namespace Logprec.Quantised

variable {bw zs : List Nat} {w d : Nat}

/-! ## Nodes -/

/-- A node of an affine form of a block. -/
theorem ofBlock_affineNode {bias out : Int} {shift width : Nat} {terms : Nat → List (Int × Nat × Int)}
    (ts : List (Int × Nat × Int)) (h : ∀ o, terms o = ts.map fun t => (t.1, o + t.2.1, t.2.2))
    (ht : ∀ t ∈ ts, t.2.1 < bw.length) : OfBlock (fun o => [affineNode bias (terms o) out shift width]) bw [width] := by
  refine .one (affineNode bias ts out shift width) (fun o => ?_) (fun i hi => ?_) rfl
  · simp only [affineNode, Node.shape, h, List.map_map, List.filter_map, Function.comp_def, List.map_nil]
  · simp only [affineNode, Node.operands, List.mem_append, List.mem_map, List.mem_filter, List.flatMap_nil,
      List.not_mem_nil, or_false] at hi
    obtain ⟨_, ⟨⟨t, htm, rfl⟩, -⟩, rfl⟩ := hi
    exact ht t htm

/-- Other operands of a node of products. -/
theorem shape_productNode (f : Nat → Nat) (bias out : Int) (ts : List Product) (shift width : Nat) :
    (productNode bias ts out shift width).shape f =
      productNode bias (ts.map fun t => ⟨f t.i, t.a, f t.j, t.b⟩) out shift width := by
  have e : ∀ l : List Product, ((l.map fun t => (⟨f t.i, t.a, f t.j, t.b⟩ : Product)).flatMap fun t =>
      [(-t.b, t.i), (-t.a, t.j)]) = (l.flatMap fun t => [(-t.b, t.i), (-t.a, t.j)]).map fun t => (t.1, f t.2) := by
    intro l
    simp [List.flatMap_map, List.map_flatMap]
  simp only [productNode, Node.shape, e, List.map_map, List.filter_map, Function.comp_def]

/-- The operands of a node of products. -/
theorem operands_productNode {bias out : Int} {ts : List Product} {shift width i : Nat}
    (h : i ∈ (productNode bias ts out shift width).operands) : ∃ t ∈ ts, i = t.i ∨ i = t.j := by
  simp only [productNode, Node.operands, List.mem_append, List.mem_map, List.mem_filter, List.mem_flatMap] at h
  rcases h with ⟨_, ⟨⟨t, ht, hm⟩, -⟩, rfl⟩ | ⟨_, ⟨t, ht, rfl⟩, hm⟩ <;> refine ⟨t, ht, ?_⟩ <;>
    rcases List.mem_cons.1 hm with rfl | hm
  · exact .inl rfl
  · rw [List.mem_singleton] at hm
    exact .inr (hm ▸ rfl)
  · exact .inl rfl
  · rw [List.mem_singleton] at hm
    exact .inr hm

/-- A node of products of a block. -/
theorem ofBlock_productNode {bias out : Int} {shift width : Nat} {terms : Nat → List Product}
    (ts : List Product) (h : ∀ o, terms o = ts.map fun t => ⟨o + t.i, t.a, o + t.j, t.b⟩)
    (ht : ∀ t ∈ ts, t.i < bw.length ∧ t.j < bw.length) :
    OfBlock (fun o => [productNode bias (terms o) out shift width]) bw [width] := by
  refine .one (productNode bias ts out shift width) (fun o => ?_) (fun i hi => ?_) rfl
  · rw [shape_productNode, h]
  · obtain ⟨t, htm, rfl | rfl⟩ := operands_productNode hi
    · exact (ht t htm).1
    · exact (ht t htm).2

theorem rowTerms_add (a : Int) (o m : Nat) (row : List Int) :
    rowTerms a (o + m) row = (rowTerms a m row).map fun t => (t.1, o + t.2.1, t.2.2) := by
  simp only [rowTerms, List.map_map, Function.comp_def]
  induction row generalizing m with
  | nil => rfl
  | cons c row ih =>
    have := ih (m + 1)
    simp only [List.zipIdx_cons, List.map_cons, Nat.add_assoc] at this ⊢
    rw [this]

theorem lt_of_mem_rowTerms {a : Int} {m : Nat} {row : List Int} {t : Int × Nat × Int} (h : t ∈ rowTerms a m row) :
    t.2.1 < m + row.length := by
  simp only [rowTerms, List.mem_map] at h
  obtain ⟨p, hp, rfl⟩ := h
  have := List.mem_zipIdx (x := p.1) (i := p.2) hp
  simp only
  omega

/-- An affine map. -/
theorem Affine.ofBlock_nodes {A : Affine} {a out : Int} {m k : Nat} (hA : A.WF m k) (hm : bw.length = m) :
    OfBlock (A.nodes a out w) bw (List.replicate k w) := by
  rw [← hA.1, ← List.map_const']
  refine .map fun r hr => ofBlock_affineNode (rowTerms a 0 r.2) (fun o => rowTerms_add a o 0 r.2) fun t ht => ?_
  have := lt_of_mem_rowTerms ht
  have := hA.2 r hr
  omega

/-- A residual connection. -/
theorem Affine.ofBlock_residualNodes {A : Affine} {a : Int} {m : Nat} (hA : A.WF m d) (hm : bw.length = d + m) :
    OfBlock (fun o => A.residualNodes a w o (o + d)) bw (List.replicate d w) := by
  have e : List.replicate d w = A.rows.zipIdx.map fun _ => w := by rw [List.map_const', List.length_zipIdx, hA.1]
  rw [e]
  refine .map fun r hr => ofBlock_affineNode ((2 ^ A.shift, r.2, half w) :: rowTerms a d r.1.2) (fun o => ?_)
    fun t ht => ?_
  · rw [rowTerms_add, List.map_cons]
  · have h₁ := List.mem_zipIdx (x := r.1) (i := r.2) hr
    rcases List.mem_cons.1 ht with rfl | ht
    · have := hA.1
      simp only; omega
    · have h₂ := lt_of_mem_rowTerms ht
      have h₃ := hA.2 r.1 (by rw [h₁.2.2]; exact List.getElem_mem _)
      omega

/-- Products with the last number of a block. -/
theorem ofBlock_scaleNodes {a : Int} {shift : Nat} (hm : bw.length = d + 1) :
    OfBlock (scaleNodes a w d shift) bw (List.replicate d w) := by
  have e : List.replicate d w = (List.range d).map fun _ => w := by simp [List.map_const']
  rw [e]
  refine .map fun c hc => ofBlock_productNode [⟨c, a, d, 0⟩] (fun o => rfl) fun t ht => ?_
  have := List.mem_range.1 hc
  rw [List.mem_singleton] at ht
  subst ht
  simp only; omega

/-! ## Sublayers -/

/-- A norm. -/
theorem Norm.toAll_pieces (N : Norm) : Piece.ToAll (N.pieces w d) (List.replicate d w) (List.replicate d w) := by
  refine .append (ys := List.replicate d w) ?_ ⟨List.replicate d w ++ [N.squareBits], ⟨by simp, ?_⟩,
    List.replicate d w ++ [N.rsqrtBits], ⟨by simp, ?_⟩, List.replicate d w, ⟨by simp, ofBlock_scaleNodes (by simp)⟩,
    rfl⟩
  · cases N.centre with
    | none => rfl
    | some s =>
      refine .single ⟨by simp, ?_⟩
      have e : List.replicate d w = (List.range d).map fun _ => w := by simp [List.map_const']
      conv => arg 3; rw [e]
      refine .map fun c hc => ofBlock_affineNode (((d : Int), c, half w) :: rowTerms (half w) 0 (List.replicate d (-1)))
        (fun o => ?_) fun t ht => ?_
      · rw [List.map_cons, ← rowTerms_add]; rfl
      · have := List.mem_range.1 hc
        rcases List.mem_cons.1 ht with rfl | ht
        · simpa using this
        · have := lt_of_mem_rowTerms ht
          simpa using this
  · refine (OfBlock.copies (by simp)).append (ofBlock_productNode
      ((List.range d).map fun c => ⟨c, half w, c, half w⟩) (fun o => by simp [Function.comp_def]) fun t ht => ?_)
    obtain ⟨c, hc, rfl⟩ := List.mem_map.1 ht
    simpa using hc
  · exact (OfBlock.copies (by simp)).extend.append (.table _ _ (by simp))

theorem toAll_optNormPieces (N : Option Norm) :
    Piece.ToAll (optNormPieces w d N) (List.replicate d w) (List.replicate d w) := by
  cases N with
  | none => rfl
  | some N => exact N.toAll_pieces

/-- A local sublayer. -/
theorem Local.toAll_pieces {l : Local} (hl : l.WF d) :
    Piece.ToAll (l.pieces w d) (List.replicate d w) (List.replicate d w) := by
  cases l with
  | norm N => exact N.toAll_pieces
  | feedForward N up down =>
    refine ((((toAll_optNormPieces N).append (.single ⟨by simp, Affine.ofBlock_nodes hl.1 (by simp)⟩)).forkAll
      (by simp)).append (.single ⟨?_, Affine.ofBlock_residualNodes hl.2 ?_⟩)) <;> simp

/-- Local sublayers. -/
theorem templated_localNetwork {ι : Type} {env : ι → List Nat} {n : Term} {k : ι → Nat}
    (hn : ∀ x, n.eval (env x) = k x) (pos : ∀ x, 0 < k x) {ls : List Local} (hl : ∀ l ∈ ls, l.WF d) :
    Network.Templated env (fun x => blockWidths (k x) (List.replicate d w)) (fun x => localNetwork w d (k x) ls)
      fun x => blockWidths (k x) (List.replicate d w) := by
  refine Piece.ToAll.templated hn pos ?_
  induction ls with
  | nil => rfl
  | cons l ls ih => exact (Local.toAll_pieces (hl l (by simp))).append (ih fun l h => hl l (by simp [h]))

end Logprec.Quantised
