import Logprec.Network.Bounded
import Logprec.Quantised.Compile

/-!
# The circuits of a quantised model are of polynomial size

At most `K · (n + 1) ^ 7` gates and wires for `n` positions, where `K` depends on the model. The exponent is a crude
one; the exact numbers for a given model and length are what `Network.size` computes.
-/

namespace Logprec.Quantised

open Circuit (natAbs_sum_le)

private theorem exists_bound {α : Type} (l : List α) (f : α → Nat) : ∃ b, ∀ a ∈ l, f a ≤ b := by
  induction l with
  | nil => exact ⟨0, by simp⟩
  | cons a l ih =>
    obtain ⟨b, hb⟩ := ih
    refine ⟨f a + b, fun c hc => ?_⟩
    rcases List.mem_cons.1 hc with rfl | hc
    · omega
    · have := hb c hc; omega

private theorem getD_mem_or {α : Type} (a : Array α) (i : Nat) (x : α) : a.getD i x ∈ a.toList ∨ a.getD i x = x := by
  rw [Array.getD_eq_getD_getElem?]
  cases e : a[i]? with
  | none => exact .inr rfl
  | some y => exact .inl (Array.mem_toList_iff.2 (Array.mem_of_getElem? e))

private theorem exists_bound_getD {α : Type} (a : Array α) (x : α) (f : α → Nat) : ∃ b, ∀ i, f (a.getD i x) ≤ b := by
  obtain ⟨b, hb⟩ := exists_bound (x :: a.toList) f
  refine ⟨b, fun i => ?_⟩
  rcases getD_mem_or a i x with h | h
  · exact hb _ (List.mem_cons_of_mem _ h)
  · rw [h]; exact hb x (by simp)

private theorem exists_bound_getD₂ {α : Type} (a : Array (Array α)) (x : α) (f : α → Nat) :
    ∃ b, ∀ i c, f ((a.getD i #[]).getD c x) ≤ b := by
  obtain ⟨b, hb⟩ := exists_bound (x :: a.toList.flatMap Array.toList) f
  refine ⟨b, fun i c => ?_⟩
  rcases getD_mem_or (a.getD i #[]) c x with h | h
  · rcases getD_mem_or a i #[] with h' | h'
    · exact hb _ (List.mem_cons_of_mem _ (List.mem_flatMap.2 ⟨_, h', h⟩))
    · rw [h'] at h; simp at h
  · rw [h]; exact hb x (by simp)

/-! ## Nodes -/

/-- A bound on the numbers of a node that is made of numbers bounded by `L`. -/
private def nodeBound (L : Nat) : Nat := L + L * 2 ^ L + L * (L * L) + 3 * L + 1

private theorem bias_le {L N s : Nat} (hN : 1 ≤ N) {bias out sum : Int} {shift : Nat} (hb : bias.natAbs ≤ L)
    (ho : out.natAbs ≤ L) (hs : shift ≤ L) (hl : s ≤ L * N) (hsum : sum.natAbs ≤ s * (L * L)) :
    (bias + out * 2 ^ shift + sum).natAbs ≤ nodeBound L * N := by
  have h₁ := Int.natAbs_add_le (bias + out * 2 ^ shift) sum
  have h₂ := Int.natAbs_add_le bias (out * 2 ^ shift)
  have h₃ : (out * 2 ^ shift).natAbs ≤ L * 2 ^ L := by
    rw [Int.natAbs_mul, Int.natAbs_pow]
    exact Nat.mul_le_mul ho (Nat.pow_le_pow_right (by decide) hs)
  have h₄ := Nat.mul_le_mul_right (L * L) hl
  rw [show L * N * (L * L) = L * (L * L) * N by grind] at h₄
  have h₅ : L ≤ L * N := Nat.le_mul_of_pos_right _ hN
  have h₆ : L * 2 ^ L ≤ L * 2 ^ L * N := Nat.le_mul_of_pos_right _ hN
  rw [nodeBound, Nat.add_mul, Nat.add_mul, Nat.add_mul, Nat.add_mul]
  omega

section
variable {ι : Type} {N : ι → Nat} {bias : ι → Int} {out : Int} {shift width : Nat}

/-- Affine nodes. -/
private theorem bounded_affineNode (hN : ∀ i, 1 ≤ N i) {terms : ι → List (Int × Nat × Int)}
    (h : ∃ L, ∀ i, (bias i).natAbs ≤ L ∧ (terms i).length ≤ L * N i ∧
      ∀ t ∈ terms i, t.1.natAbs ≤ L ∧ t.2.2.natAbs ≤ L) :
    Bounded N fun i => [affineNode (bias i) (terms i) out shift width] := by
  obtain ⟨L₀, h⟩ := h
  refine .one hN (nodeBound (L₀ + out.natAbs + shift + width)) fun i => ?_
  generalize hL : L₀ + out.natAbs + shift + width = L
  obtain ⟨hb, hl, ht⟩ := h i
  have hl : (terms i).length ≤ L * N i := Nat.le_trans hl (Nat.mul_le_mul_right _ (by omega))
  have hB : L ≤ nodeBound L := by rw [nodeBound]; omega
  refine ⟨?_, ?_, fun t ht' => ?_, fun t ht' => by simp at ht', by omega, by omega⟩
  · rw [Int.sub_eq_add_neg]
    refine bias_le (hN i) (by omega) (by omega) (by omega) hl ?_
    rw [Int.natAbs_neg]
    refine natAbs_sum_le fun t h => ?_
    rw [Int.natAbs_mul]
    exact Nat.mul_le_mul (Nat.le_trans (ht t h).1 (by omega)) (Nat.le_trans (ht t h).2 (by omega))
  · have := List.length_filter_le (fun t : Int × Nat => decide (t.1 ≠ 0)) ((terms i).map fun t => (t.1, t.2.1))
    have := Nat.mul_le_mul_right (N i) hB
    simp only [List.length_map, List.length_nil] at *
    omega
  · obtain ⟨u, hu, rfl⟩ := List.mem_map.1 (List.mem_filter.1 ht').1
    have := (ht u hu).1
    simp only
    omega

/-- Nodes of products. -/
private theorem small_productNode (hN : ∀ i, 1 ≤ N i) {terms : ι → List Product}
    (h : ∃ L, ∀ i, (bias i).natAbs ≤ L ∧ (terms i).length ≤ L * N i ∧
      ∀ t ∈ terms i, t.a.natAbs ≤ L ∧ t.b.natAbs ≤ L) :
    ∃ B, ∀ i, (productNode (bias i) (terms i) out shift width).Small B (N i) := by
  obtain ⟨L₀, h⟩ := h
  refine ⟨nodeBound (L₀ + out.natAbs + shift + width), fun i => ?_⟩
  generalize hL : L₀ + out.natAbs + shift + width = L
  obtain ⟨hb, hl, ht⟩ := h i
  have hl : (terms i).length ≤ L * N i := Nat.le_trans hl (Nat.mul_le_mul_right _ (by omega))
  have hB : L ≤ nodeBound L := by rw [nodeBound]; omega
  refine ⟨?_, ?_, fun t ht' => ?_, fun t ht' => ?_, by omega, by omega⟩
  · refine bias_le (hN i) (by omega) (by omega) (by omega) hl (natAbs_sum_le fun t h => ?_)
    rw [Int.natAbs_mul]
    exact Nat.mul_le_mul (Nat.le_trans (ht t h).1 (by omega)) (Nat.le_trans (ht t h).2 (by omega))
  · have h₁ := List.length_filter_le (fun t : Int × Nat => decide (t.1 ≠ 0))
      ((terms i).flatMap fun t => [(-t.b, t.i), (-t.a, t.j)])
    have h₂ : ((terms i).flatMap fun t => [(-t.b, t.i), (-t.a, t.j)]).length = 2 * (terms i).length := by
      rw [List.length_flatMap]; simp [List.map_const', Nat.mul_comm]
    have h₃ : 3 * L * N i ≤ nodeBound L * N i := Nat.mul_le_mul_right (N i) (by rw [nodeBound]; omega)
    rw [Nat.mul_assoc] at h₃
    simp only [List.length_map] at *
    omega
  · obtain ⟨u, hu, h⟩ := List.mem_flatMap.1 (List.mem_filter.1 ht').1
    have := ht u hu
    rcases List.mem_cons.1 h with rfl | h
    · simp only [Int.natAbs_neg]; omega
    · obtain rfl := List.mem_singleton.1 h
      simp only [Int.natAbs_neg]; omega
  · obtain ⟨u, hu, rfl⟩ := List.mem_map.1 ht'
    show 1 ≤ nodeBound L
    rw [nodeBound]; omega

private theorem bounded_productNode (hN : ∀ i, 1 ≤ N i) {terms : ι → List Product}
    (h : ∃ L, ∀ i, (bias i).natAbs ≤ L ∧ (terms i).length ≤ L * N i ∧
      ∀ t ∈ terms i, t.a.natAbs ≤ L ∧ t.b.natAbs ≤ L) :
    Bounded N fun i => [productNode (bias i) (terms i) out shift width] :=
  have ⟨B, hB⟩ := small_productNode hN h
  .one hN B hB

private theorem of_mem_rowTerms {a : Int} {o : Nat} {row : List Int} {t : Int × Nat × Int} (h : t ∈ rowTerms a o row) :
    t.1 ∈ row ∧ t.2.2 = a := by
  obtain ⟨p, hp, rfl⟩ := List.mem_map.1 h
  exact ⟨List.fst_mem_of_mem_zipIdx hp, rfl⟩

private theorem bounded_nodes (hN : ∀ i, 1 ≤ N i) (A : Affine) (a out : Int) (w : Nat) (o : ι → Nat) :
    Bounded N fun i => A.nodes a out w (o i) :=
  .map fun r _ => by
    obtain ⟨b, hb⟩ := exists_bound r.2 Int.natAbs
    refine bounded_affineNode (out := out) (shift := A.shift) (width := w) hN (bias := fun _ => r.1)
      (terms := fun i => rowTerms a (o i) r.2) ⟨r.1.natAbs + r.2.length + b + a.natAbs,
        fun i => ⟨by show r.1.natAbs ≤ _; omega, ?_, fun t ht => ?_⟩⟩
    · have : (rowTerms a (o i) r.2).length = r.2.length := by simp [rowTerms]
      rw [this]
      exact Nat.le_trans (by omega) (Nat.le_mul_of_pos_right _ (hN i))
    · obtain ⟨h₁, h₂⟩ := of_mem_rowTerms ht
      have := hb _ h₁
      rw [h₂]
      omega

private theorem bounded_residualNodes (hN : ∀ i, 1 ≤ N i) (A : Affine) (a : Int) (w : Nat) (o o' : ι → Nat) :
    Bounded N fun i => A.residualNodes a w (o i) (o' i) :=
  .map fun r _ => by
    obtain ⟨b, hb⟩ := exists_bound r.1.2 Int.natAbs
    refine bounded_affineNode (out := half w) (shift := A.shift) (width := w) hN (bias := fun _ => r.1.1)
      (terms := fun i => (2 ^ A.shift, o i + r.2, half w) :: rowTerms a (o' i) r.1.2)
      ⟨r.1.1.natAbs + (r.1.2.length + 1) + b + a.natAbs + ((2 : Int) ^ A.shift).natAbs + (half w).natAbs,
        fun i => ⟨by show r.1.1.natAbs ≤ _; omega, ?_, fun t ht => ?_⟩⟩
    · have : (rowTerms a (o' i) r.1.2).length = r.1.2.length := by simp [rowTerms]
      rw [List.length_cons, this]
      exact Nat.le_trans (by omega) (Nat.le_mul_of_pos_right _ (hN i))
    · rcases List.mem_cons.1 ht with rfl | ht
      · simp only; omega
      · obtain ⟨h₁, h₂⟩ := of_mem_rowTerms ht
        have := hb _ h₁
        rw [h₂]
        omega

private theorem bounded_scaleNodes (hN : ∀ i, 1 ≤ N i) (a : Int) (w d shift : Nat) (o : ι → Nat) :
    Bounded N fun i => scaleNodes a w d shift (o i) :=
  .map fun c _ => by
    refine bounded_productNode (out := half w) (shift := shift) (width := w) hN (bias := fun _ => 0)
      (terms := fun i => [⟨o i + c, a, o i + d, 0⟩]) ⟨a.natAbs + 1, fun i => ⟨by simp, ?_, fun t ht => ?_⟩⟩
    · exact Nat.le_trans (by simp) (Nat.le_mul_of_pos_right _ (hN i))
    · obtain rfl := List.mem_singleton.1 ht
      simp

private theorem bounded_table (hN : ∀ i, 1 ≤ N i) (o : ι → Nat) (entries : ι → Array Nat) (width : Nat) :
    Bounded N fun i => [.table (o i) (entries i) width] := .one hN width fun _ => Nat.le_refl _

end

/-! ## Pieces -/

private theorem bounded_norm (w d : Nat) (Nm : Norm) : ∀ P ∈ Nm.pieces w d, Bounded (fun _ : Nat => 1) P.nodes := by
  have one : ∀ _ : Nat, 1 ≤ 1 := fun _ => Nat.le_refl _
  intro P hP
  rcases List.mem_append.1 hP with hP | hP
  · cases e : Nm.centre with
    | none => simp [e] at hP
    | some shift =>
      simp only [e, Option.elim, List.mem_singleton] at hP
      subst hP
      refine .map fun c _ => ?_
      refine bounded_affineNode (out := half w) (shift := shift) (width := w) one (bias := fun _ => 0)
        (terms := fun o => ((d : Int), o + c, half w) :: rowTerms (half w) o (List.replicate d (-1)))
        ⟨d + 1 + (half w).natAbs, fun i => ⟨by simp, ?_, fun t ht => ?_⟩⟩
      · simp [rowTerms]
      · rcases List.mem_cons.1 ht with rfl | ht
        · simp only [Int.natAbs_natCast]; omega
        · obtain ⟨h₁, h₂⟩ := of_mem_rowTerms ht
          rw [List.eq_of_mem_replicate h₁, h₂]
          exact ⟨by show 1 ≤ _; omega, by omega⟩
  · simp only [List.mem_cons, List.not_mem_nil, or_false] at hP
    rcases hP with rfl | rfl | rfl
    · refine (Bounded.copies one id d).append ?_
      refine bounded_productNode (out := 0) (shift := Nm.squareShift) (width := Nm.squareBits) one
        (bias := fun _ => 0) (terms := fun o => (List.range d).map fun c => ⟨o + c, half w, o + c, half w⟩)
        ⟨d + (half w).natAbs, fun i => ⟨by simp, by simp, fun t ht => ?_⟩⟩
      · obtain ⟨c, -, rfl⟩ := List.mem_map.1 ht
        exact ⟨by simp only; omega, by simp only; omega⟩
    · exact (Bounded.copies one id d).append (bounded_table one (fun o => o + d) (fun _ => Nm.rsqrt) Nm.rsqrtBits)
    · exact bounded_scaleNodes one (half w) w d Nm.shift id

private theorem bounded_optNorm (w d : Nat) (Nm : Option Norm) :
    ∀ P ∈ optNormPieces w d Nm, Bounded (fun _ : Nat => 1) P.nodes := by
  cases Nm with
  | none => intro P hP; simp [optNormPieces] at hP
  | some Nm => exact bounded_norm w d Nm

private theorem bounded_local (w d : Nat) (l : Local) : ∀ P ∈ l.pieces w d, Bounded (fun _ : Nat => 1) P.nodes := by
  have one : ∀ _ : Nat, 1 ≤ 1 := fun _ => Nat.le_refl _
  cases l with
  | norm Nm => exact bounded_norm w d Nm
  | feedForward Nm up down =>
    intro P hP
    rcases List.mem_append.1 hP with hP | hP
    · refine Piece.bounded_forkAll (fun Q hQ => ?_) P hP
      rcases List.mem_append.1 hQ with hQ | hQ
      · exact bounded_optNorm w d Nm Q hQ
      · obtain rfl := List.mem_singleton.1 hQ
        exact bounded_nodes one up (half w) 0 w id
    · obtain rfl := List.mem_singleton.1 hP
      exact bounded_residualNodes one down 0 w id fun o => o + d

private theorem bounded_localNetwork (w d : Nat) (ls : List Local) : Network.Bounded fun n => localNetwork w d n ls :=
  .each fun P hP => by
    obtain ⟨l, -, hP⟩ := List.mem_flatMap.1 hP
    exact bounded_local w d l P hP

/-! ## Attention -/

section
variable {ι : Type} {N : ι → Nat}

private theorem bounded_rotateNodes (hN : ∀ i, 1 ≤ N i) (w : Nat) (R : Option Rotation) (m : Nat) (p o : ι → Nat) :
    Bounded N fun i => optRotateNodes w R (p i) m (o i) := by
  cases R with
  | none => exact .copies hN o m
  | some R =>
    obtain ⟨b, hb⟩ := exists_bound_getD₂ R.table (0, 0) fun t => t.1.natAbs + t.2.natAbs
    refine .map fun c _ => ?_
    refine bounded_affineNode (out := half w) (shift := R.shift) (width := w) hN (bias := fun _ => 0)
      (terms := fun i => R.terms w (p i) m (o i) c) ⟨b + 2 + (half w).natAbs, fun i => ?_⟩
    · have h := hb (p i) (c / 2)
      have h' : (R.terms w (p i) m (o i) c).length ≤ 2 ∧ ∀ t ∈ R.terms w (p i) m (o i) c,
          t.1.natAbs ≤ b ∧ t.2.2 = half w := by
        unfold Rotation.terms
        generalize (R.table.getD (p i) #[]).getD (c / 2) (0, 0) = t at *
        obtain ⟨cos, sin⟩ := t
        simp only at h
        by_cases hc : c % 2 = 0
        · by_cases hm : c + 1 < m <;> simp [hc, hm] <;> omega
        · simp [hc]; omega
      refine ⟨by simp, Nat.le_trans h'.1 (Nat.le_trans (by omega) (Nat.le_mul_of_pos_right _ (hN i))),
        fun t ht => ?_⟩
      have := h'.2 t ht
      rw [this.2]
      omega

end

namespace Attention

private abbrev Positions := Nat × Nat

private theorem pos (p : Positions) : 1 ≤ p.1 + 1 := Nat.succ_le_succ (Nat.zero_le _)

private theorem bounded_scores (w : Nat) (A : Attention) (H : Head) (m o : Positions → Nat) :
    Bounded (fun p : Positions => p.1 + 1) fun p => copies (p.2 * m p + o p + 2 * H.keyDim) H.valueDim ++
      (List.range p.1).map fun j => A.scoreNode w H p.2 j (p.2 * m p + o p) (j * m p + o p + H.keyDim) := by
  refine (Bounded.copies pos _ _).append ?_
  obtain ⟨b, hb⟩ := exists_bound_getD H.distance 0 Int.natAbs
  have small : ∃ B, ∀ q : Nat × Nat × Nat × Nat, (productNode (H.distance.getD (max q.1 q.2.1 - min q.1 q.2.1) 0)
      ((List.range H.keyDim).map fun c => ⟨q.2.2.1 + c, half w, q.2.2.2 + c, half w⟩)
      (half A.scoreBits) A.scoreShift A.scoreBits).Small B 1 := by
    refine small_productNode (N := fun _ => 1) (fun _ => Nat.le_refl _)
      ⟨b + H.keyDim + (half w).natAbs, fun q => ⟨Nat.le_trans (hb _) (by omega), by simp; omega, fun t ht => ?_⟩⟩
    obtain ⟨c, -, rfl⟩ := List.mem_map.1 ht
    exact ⟨by simp only; omega, by simp only; omega⟩
  obtain ⟨B, hB⟩ := small
  refine .range (B + A.scoreBits) (fun p => Nat.le_succ _) fun p j => ?_
  unfold scoreNode
  split
  · exact (hB (p.2, j, p.2 * m p + o p, j * m p + o p + H.keyDim)).mono (by omega) (pos p)
  · exact ⟨by simp, by simp, by simp, by simp, by omega, by omega⟩

private theorem bounded_sums (w : Nat) (A : Attention) (H : Head) (m o : Positions → Nat) :
    Bounded (fun p : Positions => p.1 + 1) fun p => A.sumNodes w p.1 p.2 (m p) (o p) H := by
  have hl : ∀ p : Positions, (A.seen p.1 p.2).length ≤ p.1 + 1 := fun p => by
    refine Nat.le_trans (List.length_filter_le _ _) ?_
    rw [List.length_range]
    exact Nat.le_succ _
  have hL : ∀ (L : Nat) (p : Positions), 1 ≤ L → (A.seen p.1 p.2).length ≤ L * (p.1 + 1) := fun L p h =>
    Nat.le_trans (hl p) (Nat.le_mul_of_pos_left _ h)
  refine Bounded.append (.map fun c _ => ?_) ?_
  · refine bounded_productNode (out := half A.weightedBits) (shift := 0) (width := A.weightedBits) pos
      (bias := fun _ => 0) (terms := fun p => (A.seen p.1 p.2).map fun j =>
        ⟨p.2 * m p + o p + H.valueDim + j, 0, j * m p + o p + c, half w⟩)
      ⟨1 + (half w).natAbs, fun p => ⟨by simp, ?_, fun t ht => ?_⟩⟩
    · rw [List.length_map]
      exact hL _ p (by omega)
    · obtain ⟨j, -, rfl⟩ := List.mem_map.1 ht
      exact ⟨by simp, by simp only; omega⟩
  · refine bounded_affineNode (out := 0) (shift := 0) (width := A.sumBits) pos
      (bias := fun _ => 0) (terms := fun p => (A.seen p.1 p.2).map fun j => (1, p.2 * m p + o p + H.valueDim + j, 0))
      ⟨1, fun p => ⟨by simp, ?_, fun t ht => ?_⟩⟩
    · rw [List.length_map]
      exact hL _ p (by omega)
    · obtain ⟨j, -, rfl⟩ := List.mem_map.1 ht
      simp

private theorem bounded_aboveNodes (A : Attention) (o : Positions → Nat) :
    Bounded (fun p : Positions => p.1 + 1) fun p => (List.range p.1).flatMap fun j => A.aboveNodes (o p + j) := by
  obtain ⟨B, hB⟩ := bounded_affineNode (ι := Fin A.levels × Nat) (N := fun _ => 1) (out := 0) (shift := 0) (width := 1)
    (fun _ => Nat.le_refl _) (bias := fun q => -(q.1.1 : Int)) (terms := fun q => [(1, q.2, 0)])
    ⟨A.levels + 1, fun q => ⟨by have := q.1.2; simp; omega, by simp, fun t ht => by
      obtain rfl := List.mem_singleton.1 ht
      simp⟩⟩
  refine ⟨A.levels + B, fun p => ⟨?_, fun v hv => ?_⟩⟩
  · simp only [aboveNodes, List.length_flatMap, List.length_map, List.length_range, List.map_const',
      List.sum_replicate_nat]
    exact Nat.mul_comm p.1 _ ▸ Nat.mul_le_mul (by omega) (by omega)
  · obtain ⟨j, -, hv⟩ := List.mem_flatMap.1 hv
    obtain ⟨t, ht, rfl⟩ := List.mem_map.1 hv
    exact ((hB (⟨t, List.mem_range.1 ht⟩, o p + j)).2 _ (List.mem_singleton.2 rfl)).mono (by omega) (pos p)

private theorem bounded_anyNodes (A : Attention) (o : Positions → Nat) :
    Bounded (fun p : Positions => p.1 + 1) fun p => A.anyNodes p.1 (o p) := .map fun t _ => by
  refine bounded_affineNode (out := 0) (shift := 0) (width := 1) pos (bias := fun _ => 0)
    (terms := fun p => (List.range p.1).map fun j => (1, o p + j * A.levels + t, 0))
    ⟨1, fun p => ⟨by simp, by simp, fun t ht => ?_⟩⟩
  obtain ⟨j, -, rfl⟩ := List.mem_map.1 ht
  simp

private theorem bounded_greatestNode (A : Attention) (o : Positions → Nat) :
    Bounded (fun p : Positions => p.1 + 1) fun p => [A.greatestNode (o p)] := by
  refine bounded_affineNode (out := 0) (shift := 0) (width := A.scoreBits) pos (bias := fun _ => 0)
    (terms := fun p => (List.range A.levels).map fun t => (1, o p + t, 0))
    ⟨A.levels + 1, fun p => ⟨by simp, ?_, fun t ht => ?_⟩⟩
  · rw [List.length_map, List.length_range]
    exact Nat.le_trans (by omega) (Nat.le_mul_of_pos_right _ (pos p))
  · obtain ⟨j, -, rfl⟩ := List.mem_map.1 ht
    simp

private theorem bounded_shiftNodes (A : Attention) (o : Positions → Nat) : Bounded (fun p : Positions => p.1 + 1)
    fun p => (List.range p.1).map fun j => A.shiftNode (o p + j) (o p + p.1) := by
  obtain ⟨B, hB⟩ := bounded_affineNode (ι := Nat × Nat) (N := fun _ => 1) (out := 0) (shift := 0) (width := A.scoreBits)
    (fun _ => Nat.le_refl _) (bias := fun _ => A.levels) (terms := fun q => [(1, q.1, 0), (-1, q.2, 0)])
    ⟨A.levels + 2, fun q => ⟨by simp, by simp, fun t ht => by
      simp only [List.mem_cons, List.not_mem_nil, or_false] at ht
      rcases ht with rfl | rfl <;> simp⟩⟩
  exact .range B (fun p => Nat.le_succ _) fun p j =>
    ((hB (o p + j, o p + p.1)).2 _ (List.mem_singleton.2 rfl)).mono (Nat.le_refl _) (pos p)

private theorem bounded_shiftStages (d : Nat) (A : Attention) : Network.Bounded fun n => A.shiftStages d n := by
  have copied : ∀ (H : Head) (o : Positions → Nat), Bounded (fun p : Positions => p.1 + 1) fun p =>
      copies (o p) (H.valueDim + p.1) := fun H o => by
    refine ⟨H.valueDim + 1, fun p => ⟨?_, fun v hv => ?_⟩⟩
    · have := Nat.le_mul_of_pos_right H.valueDim (pos p)
      rw [Nat.add_mul, Nat.one_mul]
      simp [copies]
      omega
    · obtain ⟨k, -, rfl⟩ := List.mem_map.1 hv
      trivial
  unfold shiftStages
  split
  · have s₁ := Network.Bounded.blockStage (d := d) (hs := A.heads) (size := fun n H => H.valueDim + n)
      (nodes := fun n i m o H => copies (i * m + o) (H.valueDim + n) ++
        (List.range n).flatMap fun j => A.aboveNodes (i * m + o + H.valueDim + j)) fun H _ m o =>
      (copied H fun p => p.2 * m p + o p).append (A.bounded_aboveNodes fun p => p.2 * m p + o p + H.valueDim)
    have s₂ := Network.Bounded.blockStage (d := d) (hs := A.heads) (size := fun n H => H.valueDim + (A.levels + 1) * n)
      (nodes := fun n i m o H => copies (i * m + o) (H.valueDim + n) ++ A.anyNodes n (i * m + o + H.valueDim + n))
      fun H _ m o =>
      (copied H fun p => p.2 * m p + o p).append (A.bounded_anyNodes fun p => p.2 * m p + o p + H.valueDim + p.1)
    have s₃ := Network.Bounded.blockStage (d := d) (hs := A.heads) (size := fun n H => H.valueDim + A.levels + n)
      (nodes := fun n i m o H =>
        copies (i * m + o) (H.valueDim + n) ++ [A.greatestNode (i * m + o + H.valueDim + n)]) fun H _ m o =>
      (copied H fun p => p.2 * m p + o p).append (A.bounded_greatestNode fun p => p.2 * m p + o p + H.valueDim + p.1)
    have s₄ := Network.Bounded.blockStage (d := d) (hs := A.heads) (size := fun n H => H.valueDim + 1 + n)
      (nodes := fun n i m o H => copies (i * m + o) H.valueDim ++ (List.range n).map fun j =>
        A.shiftNode (i * m + o + H.valueDim + j) (i * m + o + H.valueDim + n)) fun H _ m o =>
      (Bounded.copies pos (fun p => p.2 * m p + o p) H.valueDim).append
        (A.bounded_shiftNodes fun p => p.2 * m p + o p + H.valueDim)
    exact s₁.append (s₂.append (s₃.append s₄))
  · exact .nil

private theorem bounded_network (w d : Nat) (A : Attention) : Network.Bounded fun n => A.network w d n := by
  have one : ∀ _ : Nat, 1 ≤ 1 := fun _ => Nat.le_refl _
  have project : Network.Bounded fun n => (A.projectPieces w d).map (Piece.each n) :=
    .each <| Piece.bounded_forkAll fun P hP => by
      rcases List.mem_append.1 hP with hP | hP
      · exact bounded_optNorm w d A.norm P hP
      · obtain rfl := List.mem_singleton.1 hP
        exact .flatMap fun H _ =>
          ((bounded_nodes one H.query _ _ w id).append (bounded_nodes one H.key _ _ w id)).append
          (bounded_nodes one H.value _ _ w id)
  have rotate : Network.Bounded fun n => A.rotateStages w d n := by
    unfold rotateStages
    split
    · exact .nil
    · exact .blockStage fun H _ m o => ((bounded_rotateNodes pos w H.rotation H.keyDim _ _).append
        (bounded_rotateNodes pos w H.rotation H.keyDim _ _)).append (.copies pos _ _)
  have scores : Network.Bounded fun n => [A.scoreStage w d n] := .blockStage fun H _ m o => bounded_scores w A H m o
  have weights : Network.Bounded fun n => [A.weightStage d n] := .blockStage fun H _ m o =>
    (Bounded.copies pos _ _).append (.range A.expBits (fun p => Nat.le_succ _) fun _ _ => Nat.le_refl _)
  have sums : Network.Bounded fun n => [A.sumStage w d n] := .blockStage fun H _ m o => bounded_sums w A H m o
  have recips : Network.Bounded fun n => [A.recipStage d n] := .blockStage fun H _ m o =>
    (Bounded.copies pos _ _).append (bounded_table pos _ (fun _ => A.recip) A.recipBits)
  have means : Network.Bounded fun n => [A.meanStage w d n] := .blockStage fun H _ m o =>
    bounded_scaleNodes pos (half A.weightedBits) w H.valueDim A.meanShift _
  have out : Network.Bounded fun n => [(A.outPiece w d).each n] := .each (Ps := [A.outPiece w d]) fun P hP => by
    obtain rfl := List.mem_singleton.1 hP
    exact bounded_residualNodes one A.out (half w) w id fun o => o + d
  exact (((project.append rotate).append scores).append (A.bounded_shiftStages d)).append
    (weights.append (sums.append (recips.append (means.append out))))

end Attention

/-! ## Models -/

namespace Model

variable {M : Model}

private theorem bounded_network (M : Model) : Network.Bounded M.network := by
  have one : ∀ _ : Nat, 1 ≤ 1 := fun _ => Nat.le_refl _
  have embed : Network.Bounded fun n => [M.embedStage n] := .positions (f := fun _ i => M.embedNodes i) <|
    .map fun c _ => .one Attention.pos M.width fun _ => Nat.le_refl _
  have readout : Network.Bounded fun n => [M.readoutStage n] := .stage <| by
    obtain ⟨B, hB⟩ := bounded_nodes one M.readout (half M.width) (half M.readoutBits) M.readoutBits fun n => n * M.dim
    have zero : Bounded (fun _ : Nat => 1) fun _ => M.readoutStage 0 := .map fun r _ =>
      bounded_affineNode (bias := fun _ => r.1) (terms := fun _ => []) one
        ⟨r.1.natAbs, fun _ => ⟨by simp, by simp, by simp⟩⟩
    obtain ⟨B', hB'⟩ := zero
    refine ⟨B + B', fun n => ?_⟩
    cases n with
    | zero =>
      refine ⟨Nat.le_trans (hB' 0).1 (Nat.mul_le_mul (by omega) (Nat.le_refl 1)), fun v hv => ?_⟩
      exact ((hB' 0).2 v hv).mono (by omega) (Nat.le_refl 1)
    | succ n =>
      have h : 1 ≤ n + 1 + 1 := by omega
      exact ⟨Nat.le_trans (hB n).1 (Nat.mul_le_mul (by omega) h), fun v hv => ((hB n).2 v hv).mono (by omega) h⟩
  have layers : Network.Bounded fun n => M.layers.flatMap (Layer.network M.width M.dim n) := .flatMap fun L _ =>
    (L.attention.bounded_network M.width M.dim).append (bounded_localNetwork M.width M.dim L.locals)
  exact ((embed.append (bounded_localNetwork M.width M.dim M.pre)).append layers).append readout

/-- **The circuits of a quantised model are of polynomial size.** Beyond the ends of its tables they are those of the
model whose tables read 0 there (`Logprec.Quantised.Defs`). -/
theorem size_compile_le (hM : M.WF) : ∃ K, ∀ n, (M.compile n).size ≤ K * (n + 1) ^ 7 ∧
    (M.optimised n).size ≤ K * (n + 1) ^ 7 := by
  obtain ⟨B, hB⟩ := M.bounded_network
  obtain ⟨K, hK⟩ := Network.size_le_of_small (B + M.symbolBits)
  refine ⟨B * K, fun n => ?_⟩
  have h : (M.network n).size (List.replicate n M.symbolBits) ≤ B * K * (n + 1) ^ 7 := by
    refine Nat.le_trans (hK (N := n + 1) (by omega) (fun w hw => ?_) fun S hS => ?_) ?_
    · rw [List.eq_of_mem_replicate hw]; omega
    · have h := (hB n).2 S hS
      exact ⟨Nat.le_trans h.1 (Nat.mul_le_mul_right _ (by omega)),
        fun v hv => (h.2 v hv).mono (by omega) (Nat.le_refl _)⟩
    · rw [Nat.mul_assoc]
      exact Nat.mul_le_mul_right _ (hB n).1
  have h₁ := compile_correct hM n
  have h₂ := optimised_correct hM n
  exact ⟨Nat.le_trans h₁.2.2.1 h, Nat.le_trans h₂.2.2.1 (Nat.le_trans h₂.2.2.2.1 h)⟩

end Model

end Logprec.Quantised
