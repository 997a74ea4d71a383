import Logprec.Network.Template.Family

/-!
# Templates of nodes that read one block of values

Most nodes of a stage read one block of the values before it, in the same way wherever the block lies. Their template
moves the nodes for a block at 0.
-/

namespace Logprec

/-- Operands at the same positions. -/
theorem Node.shape_congr {v : Node} {f g : Nat → Nat} (h : ∀ i ∈ v.operands, f i = g i) : v.shape f = v.shape g := by
  cases v with
  | copy i => simpa [Node.shape, Node.operands] using h
  | table i entries width => simpa [Node.shape, Node.operands] using h
  | form bias lin quad shift width =>
    simp only [Node.operands, List.mem_append, List.mem_map, List.mem_flatMap] at h
    simp only [Node.shape, Node.form.injEq, true_and, and_true]
    refine ⟨List.map_congr_left fun t ht => ?_, List.map_congr_left fun t ht => ?_⟩
    · rw [h _ (.inl ⟨t, ht, rfl⟩)]
    · rw [h _ (.inr ⟨t, ht, by simp⟩), h _ (.inr ⟨t, ht, by simp⟩)]

private theorem Node.shape_shape (v : Node) (f g : Nat → Nat) :
    Node.shape g (v.shape f) = v.shape fun i => g (f i) := by
  cases v <;> simp [Node.shape, Function.comp_def]

private theorem Node.width_congr {v : Node} {f g : Nat → Nat} (h : ∀ i ∈ v.operands, f i = g i) :
    v.width f = v.width g := by
  cases v with
  | copy i => simpa [Node.width, Node.operands] using h
  | table => rfl
  | form => rfl

private theorem Node.width_shape' (v : Node) (f g : Nat → Nat) :
    Node.width g (v.shape f) = v.width fun i => g (f i) := by
  cases v <;> rfl

/-- The nodes `L o` read the block of values from `o` on, in the same way for all `o`. The numbers of bits of the block
are `bw`, and those of the nodes are `zs`. -/
def OfBlock (L : Nat → List Node) (bw zs : List Nat) : Prop :=
  ∃ vs : List Node, (∀ o, L o = vs.map (Node.shape (o + ·))) ∧ (∀ v ∈ vs, ∀ i ∈ v.operands, i < bw.length) ∧
    vs.map (Node.width (bw.getD · 0)) = zs

namespace OfBlock

variable {L L' : Nat → List Node} {bw bw' zs zs' : List Nat}

theorem nil : OfBlock (fun _ => []) bw [] := ⟨[], fun _ => rfl, by simp, rfl⟩

theorem append (h : OfBlock L bw zs) (h' : OfBlock L' bw zs') : OfBlock (fun o => L o ++ L' o) bw (zs ++ zs') := by
  obtain ⟨vs, h₁, h₂, h₃⟩ := h
  obtain ⟨vs', h₁', h₂', h₃'⟩ := h'
  refine ⟨vs ++ vs', fun o => by dsimp only; rw [h₁, h₁', List.map_append], fun v hv => ?_,
    by rw [List.map_append, h₃, h₃']⟩
  rcases List.mem_append.1 hv with h | h
  · exact h₂ v h
  · exact h₂' v h

theorem flatMap {α : Type} {l : List α} {L : Nat → α → List Node} {zs : α → List Nat}
    (h : ∀ a ∈ l, OfBlock (L · a) bw (zs a)) : OfBlock (fun o => l.flatMap (L o)) bw (l.flatMap zs) := by
  induction l with
  | nil => exact nil
  | cons a l ih => exact (h a (by simp)).append (ih fun b hb => h b (by simp [hb]))

theorem map {α : Type} {l : List α} {v : Nat → α → Node} {z : α → Nat}
    (h : ∀ a ∈ l, OfBlock (fun o => [v o a]) bw [z a]) : OfBlock (fun o => l.map (v o)) bw (l.map z) := by
  have := flatMap h
  simpa only [← List.map_eq_flatMap] using this

/-- One node. -/
theorem one {v : Nat → Node} {w : Nat} (u : Node) (h : ∀ o, v o = u.shape (o + ·))
    (hu : ∀ i ∈ u.operands, i < bw.length) (hw : u.width (bw.getD · 0) = w) : OfBlock (fun o => [v o]) bw [w] :=
  ⟨[u], fun o => by dsimp only; rw [h]; rfl, by simpa using hu, by rw [← hw]; rfl⟩

theorem copies {m : Nat} (h : bw.length = m) : OfBlock (fun o => copies o m) bw bw := by
  subst h
  refine ⟨(List.range bw.length).map .copy, fun o => ?_, ?_, ?_⟩
  · simp [Logprec.copies, Node.shape]
  · simp only [List.mem_map, List.mem_range]
    rintro _ ⟨k, hk, rfl⟩ i hi
    simp only [Node.operands, List.mem_singleton] at hi
    omega
  · apply List.ext_getElem (by simp)
    intro i h₁ h₂
    simp [Node.width, h₂]

theorem table {k : Nat} (entries : Array Nat) (w : Nat) (hk : k < bw.length) :
    OfBlock (fun o => [.table (o + k) entries w]) bw [w] :=
  one (.table k entries w) (fun _ => rfl) (by simpa [Node.operands] using hk) rfl

/-- A block that begins further on. -/
theorem shift {m : Nat} {pre : List Nat} (hm : pre.length = m) (h : OfBlock L bw zs) :
    OfBlock (fun o => L (o + m)) (pre ++ bw) zs := by
  subst hm
  obtain ⟨vs, h₁, h₂, h₃⟩ := h
  refine ⟨vs.map (Node.shape (pre.length + ·)), fun o => ?_, fun v hv => ?_, ?_⟩
  · dsimp only
    rw [h₁, List.map_map]
    exact List.map_congr_left fun v _ => by simp only [Function.comp, Node.shape_shape, Nat.add_assoc]
  · obtain ⟨u, hu, rfl⟩ := List.mem_map.1 hv
    rw [Shape.operands_shape]
    intro i hi
    obtain ⟨j, hj, rfl⟩ := List.mem_map.1 hi
    have := h₂ u hu j hj
    simp; omega
  · rw [← h₃, List.map_map]
    refine List.map_congr_left fun v _ => ?_
    rw [Function.comp, Node.width_shape']
    congr 1
    funext i
    simp [List.getElem?_append_right]

/-- A block that ends further on. -/
theorem extend (h : OfBlock L bw zs) : OfBlock L (bw ++ bw') zs := by
  obtain ⟨vs, h₁, h₂, h₃⟩ := h
  refine ⟨vs, h₁, fun v hv i hi => ?_, ?_⟩
  · have := h₂ v hv i hi
    simp; omega
  · rw [← h₃]
    refine List.map_congr_left fun v hv => Node.width_congr fun i hi => ?_
    simp [List.getElem?_append_left (h₂ v hv i hi)]

/-- **They have a template**, when the block lies where a term says. -/
theorem templated {ι : Type} {env ws : ι → List Nat} {t : Term} {p : ι → Nat} (h : OfBlock L bw zs)
    (ht : ∀ x, t.eval (env x) = p x) (hp : ∀ x, Holds (ws x) (p x) bw) :
    ∃ d, Templated env ws (fun x => L (p x)) (fun _ => zs) d := by
  obtain ⟨vs, h₁, h₂, h₃⟩ := h
  have key := Templated.flatMap (env := env) (ws := ws) (l := vs) (S := fun v x => [v.shape (p x + ·)])
    (zs := fun v _ => [v.width (bw.getD · 0)]) fun v hv => by
    let operands : List (Term × Nat) := (List.range bw.length).map fun k => (t + .lit k, bw.getD k 0)
    have get : ∀ i < bw.length, operands.getD i (0, 0) = (t + .lit i, bw.getD i 0) := fun i hi => by
      simp [operands, hi]
    refine ⟨_, (Templated.node (v := v) (operands := operands) (w := v.width (bw.getD · 0)) (fun i hi => ?_)
      (fun x o ho => ?_) ?_).congr (fun x => ?_) fun _ => rfl⟩
    · simpa [operands] using h₂ v hv i hi
    · obtain ⟨k, hk, rfl⟩ := List.mem_map.1 ho
      have := (hp x).getD (List.mem_range.1 hk)
      simpa [ht] using this
    · exact Node.width_congr fun i hi => by rw [get i (h₂ v hv i hi)]
    · congr 1
      exact Node.shape_congr fun i hi => by rw [get i (h₂ v hv i hi)]; simp [ht]
  obtain ⟨d, key⟩ := key
  refine ⟨d, key.congr (fun x => ?_) fun _ => ?_⟩
  · rw [h₁]; exact List.map_eq_flatMap.symm
  · rw [← h₃]; exact List.map_eq_flatMap.symm

/-- **One of finitely many lists** that a term selects, with nodes of the same depths: from `b` on they are equal. -/
theorem templated_cases {L : Nat → Nat → List Node} {ds : List Nat} {b : Nat} {ι : Type} {env ws : ι → List Nat}
    {t u : Term} {p k : ι → Nat} (h : ∀ v, OfBlock (L v) bw zs) (hb : ∀ v, b ≤ v → L v = L b)
    (hd : ∀ v o, (L v o).map Shape.depth = ds) (ht : ∀ x, t.eval (env x) = p x) (hp : ∀ x, Holds (ws x) (p x) bw)
    (hu : ∀ x, u.eval (env x) = k x) : ∃ d, Templated env ws (fun x => L (k x) (p x)) (fun _ => zs) d :=
  ⟨ds.foldl max 1, Templated.cases (b := b) (S := fun v x => L v (p x)) hu (fun v hv => by simp only [hb v hv])
    fun v => .of_depth ((h v).templated ht hp) fun x => by rw [Stage.depth_eq_foldl, hd]⟩

end OfBlock

/-! ## Pieces -/

/-- `n` blocks of values with the numbers of bits `bw`. -/
def blockWidths (n : Nat) (bw : List Nat) : List Nat := (List.range n).flatMap fun _ => bw

theorem holds_blockWidths {n i m : Nat} {bw : List Nat} (hi : i < n) (hm : bw.length = m) :
    Holds (blockWidths n bw) (i * m) bw :=
  holds_flatMap_range (y := fun _ => bw) (fun _ _ => hm) hi

namespace Piece

/-- The piece reads a block of values with the numbers of bits `bw`; those of its nodes are `zs`. -/
def To (P : Piece) (bw zs : List Nat) : Prop := bw.length = P.size ∧ OfBlock P.nodes bw zs

/-- Pieces one after the other. -/
def ToAll : List Piece → List Nat → List Nat → Prop
  | [], bw, zs => bw = zs
  | P :: Ps, bw, zs => ∃ ys, P.To bw ys ∧ ToAll Ps ys zs

variable {P : Piece} {Ps Qs : List Piece} {pre bw ys zs : List Nat} {m : Nat}

theorem To.keep (hm : pre.length = m) (h : P.To bw zs) : (P.keep m).To (pre ++ bw) (pre ++ zs) :=
  ⟨by simp [hm, h.1, Piece.keep], (OfBlock.copies hm).extend.append (h.2.shift hm)⟩

theorem To.fork (h : P.To bw zs) : P.fork.To bw (bw ++ zs) := ⟨h.1, (OfBlock.copies h.1).append h.2⟩

theorem ToAll.keep (hm : pre.length = m) (h : ToAll Ps bw zs) :
    ToAll (Ps.map (Piece.keep m)) (pre ++ bw) (pre ++ zs) := by
  induction Ps generalizing bw with
  | nil => exact congrArg (pre ++ ·) h
  | cons P Ps ih =>
    obtain ⟨ys, h₁, h₂⟩ := h
    exact ⟨pre ++ ys, h₁.keep hm, ih h₂⟩

theorem ToAll.forkAll (hm : bw.length = m) (h : ToAll Ps bw zs) : ToAll (Piece.forkAll m Ps) bw (bw ++ zs) := by
  cases Ps with
  | nil =>
    obtain rfl : bw = zs := h
    exact ⟨bw ++ bw, ⟨hm, (OfBlock.copies hm).append (OfBlock.copies hm)⟩, rfl⟩
  | cons P Ps =>
    obtain ⟨ys, h₁, h₂⟩ := h
    exact ⟨bw ++ ys, h₁.fork, h₂.keep hm⟩

theorem ToAll.append (h : ToAll Ps bw ys) (h' : ToAll Qs ys zs) : ToAll (Ps ++ Qs) bw zs := by
  induction Ps generalizing bw with
  | nil => exact h ▸ h'
  | cons P Ps ih =>
    obtain ⟨ys', h₁, h₂⟩ := h
    exact ⟨ys', h₁, ih h₂⟩

theorem ToAll.single (h : P.To bw zs) : ToAll [P] bw zs := ⟨zs, h, rfl⟩

variable {ι : Type} {env : ι → List Nat} {n : Term} {k : ι → Nat}

/-- A piece at each of several positions. -/
theorem To.templated (hn : ∀ x, n.eval (env x) = k x) (pos : ∀ x, 0 < k x) (h : P.To bw zs) :
    ∃ d, Templated env (fun x => blockWidths (k x) bw) (fun x => P.each (k x)) (fun x => blockWidths (k x) zs) d := by
  obtain ⟨d, hd⟩ := h.2.templated (ι := (x : ι) × Fin (k x)) (env := fun p => p.2 :: env p.1)
    (ws := fun p => blockWidths (k p.1) bw) (t := .var 0 * .lit P.size) (p := fun p => p.2 * P.size)
    (fun _ => rfl) fun p => holds_blockWidths p.2.2 h.1
  exact ⟨d, .loop (S := fun x i => P.nodes (i * P.size)) hn pos hd⟩

/-- Pieces at each of several positions. -/
theorem ToAll.templated (hn : ∀ x, n.eval (env x) = k x) (pos : ∀ x, 0 < k x) (h : ToAll Ps bw zs) :
    Network.Templated env (fun x => blockWidths (k x) bw) (fun x => Ps.map (Piece.each (k x)))
      fun x => blockWidths (k x) zs := by
  induction Ps generalizing bw with
  | nil =>
    obtain rfl : bw = zs := h
    exact .nil
  | cons P Ps ih =>
    obtain ⟨ys, h₁, h₂⟩ := h
    obtain ⟨d, hd⟩ := h₁.templated hn pos
    exact .cons hd (ih h₂)

end Piece

end Logprec
