import Logprec.Network.Circuit
import Logprec.Network.Gives
import Logprec.Quantised.Construct

/-!
# The depth of the circuit of a quantised model

A stage with forms has depth 15, one with tables only has depth 3. So the depth of the circuit depends on the sublayers
of the model only, not on the number of positions, the width or the weights.
-/

namespace Logprec

namespace Stage

theorem DepthLe.append {S T : Stage} {b : Nat} (hS : S.DepthLe b) (hT : T.DepthLe b) : DepthLe (S ++ T) b := by
  intro v hv
  rcases List.mem_append.1 hv with h | h
  · exact hS v h
  · exact hT v h

theorem DepthLe.flatMap {α : Type} {l : List α} {f : α → List Node} {b : Nat} (h : ∀ a, DepthLe (f a) b) :
    DepthLe (l.flatMap f) b := fun v hv => by
  obtain ⟨a, -, ha⟩ := List.mem_flatMap.1 hv
  exact h a v ha

theorem DepthLe.map {α : Type} {l : List α} {f : α → Node} {b : Nat} (h : ∀ a, Shape.depth (f a) ≤ b) :
    DepthLe (l.map f) b := fun v hv => by
  obtain ⟨a, -, rfl⟩ := List.mem_map.1 hv
  exact h a

theorem DepthLe.copies (o m : Nat) {b : Nat} (hb : 1 ≤ b) : DepthLe (copies o m) b := .map fun _ => hb

theorem DepthLe.blockStage {α : Type} {n d b : Nat} {size : α → Nat} {nodes : Nat → Nat → Nat → α → List Node}
    {hs : List α} (hb : 1 ≤ b) (h : ∀ i m o a, DepthLe (nodes i m o a) b) :
    DepthLe (blockStage n d size nodes hs) b := by
  refine .flatMap fun i => .append (.copies _ _ hb) ?_
  generalize blockSize d size hs = m
  generalize d = o
  induction hs generalizing o with
  | nil => intro v hv; simp [blockNodes] at hv
  | cons a hs ih => exact (h i m o a).append (ih _)

end Stage

/-- Pieces one after the other that need at most depth `t` in all. -/
def Piece.DepthLe : List Piece → Nat → Prop
  | [], _ => True
  | P :: Ps, t => ∃ b t', 1 ≤ b ∧ b + t' ≤ t ∧ (∀ o, Stage.DepthLe (P.nodes o) b) ∧ DepthLe Ps t'

namespace Piece.DepthLe

variable {P : Piece} {Ps Qs : List Piece} {t t' m n : Nat}

theorem append (h : DepthLe Ps t) (h' : DepthLe Qs t') : DepthLe (Ps ++ Qs) (t + t') := by
  induction Ps generalizing t with
  | nil => cases Qs with
    | nil => trivial
    | cons Q Qs =>
      obtain ⟨b, u, h₁, h₂, h₃, h₄⟩ := h'
      exact ⟨b, u, h₁, by omega, h₃, h₄⟩
  | cons P Ps ih =>
    obtain ⟨b, u, h₁, h₂, h₃, h₄⟩ := h
    exact ⟨b, u + t', h₁, by omega, h₃, ih h₄⟩

theorem keep (h : DepthLe Ps t) : DepthLe (Ps.map (Piece.keep m)) t := by
  induction Ps generalizing t with
  | nil => trivial
  | cons P Ps ih =>
    obtain ⟨b, u, h₁, h₂, h₃, h₄⟩ := h
    exact ⟨b, u, h₁, h₂, fun o => (Stage.DepthLe.copies _ _ h₁).append (h₃ _), ih h₄⟩

theorem forkAll (ht : 1 ≤ t) (h : DepthLe Ps t) : DepthLe (Piece.forkAll m Ps) t := by
  cases Ps with
  | nil => exact ⟨1, 0, by omega, ht, fun o => (Stage.DepthLe.copies _ _ (by omega)).append (.copies _ _ (by omega)),
      trivial⟩
  | cons P Ps =>
    obtain ⟨b, u, h₁, h₂, h₃, h₄⟩ := h
    exact ⟨b, u, h₁, h₂, fun o => (Stage.DepthLe.copies _ _ h₁).append (h₃ _), h₄.keep⟩

/-- The depth of pieces at all positions. -/
theorem depth_each (h : DepthLe Ps t) : Network.depth (Ps.map (Piece.each n)) ≤ t := by
  induction Ps generalizing t with
  | nil => exact Nat.zero_le _
  | cons P Ps ih =>
    obtain ⟨b, u, h₁, h₂, h₃, h₄⟩ := h
    have h₅ : (P.each n).depth ≤ b := Stage.le_of_nodes h₁ (.flatMap fun i => h₃ (i * P.size))
    have h₆ := ih h₄
    simp only [Network.depth, List.map_cons, List.sum_cons] at h₆ ⊢
    omega

/-- One piece. -/
theorem single (P : Piece) : DepthLe [P] 15 :=
  ⟨15, 0, by omega, Nat.le_refl _, fun _ => Stage.depthLe _, trivial⟩

end Piece.DepthLe

theorem Network.depth_append (N N' : Network) : Network.depth (N ++ N') = N.depth + N'.depth := by
  simp [Network.depth]

namespace Quantised

variable {w d n : Nat}

/-- A norm. -/
theorem Norm.depthLe_pieces (N : Norm) : Piece.DepthLe (N.pieces w d) 48 := by
  refine Piece.DepthLe.append (t := 15) (t' := 33) ?_
    ⟨15, 18, by omega, by omega, fun _ => Stage.depthLe _, 3, 15, by omega, by omega, fun o => ?_, .single _⟩
  · cases N.centre with
    | none => trivial
    | some s => exact .single _
  · exact (Stage.DepthLe.copies _ _ (by omega)).append fun v hv => by simp_all [Shape.depth]

theorem depthLe_optNormPieces (N : Option Norm) : Piece.DepthLe (optNormPieces w d N) 48 := by
  cases N with
  | none => trivial
  | some N => exact N.depthLe_pieces

/-- A local sublayer. -/
theorem Local.depthLe_pieces (l : Local) : Piece.DepthLe (l.pieces w d) 78 := by
  cases l with
  | norm N => simpa using N.depthLe_pieces.append (t' := 30) (Qs := []) trivial
  | feedForward N up down =>
    exact (((depthLe_optNormPieces N).append (.single _)).forkAll (by omega)).append (.single _)

/-- Local sublayers. -/
theorem depth_localNetwork (w d n : Nat) (ls : List Local) : (localNetwork w d n ls).depth ≤ 78 * ls.length := by
  refine Piece.DepthLe.depth_each ?_
  induction ls with
  | nil => trivial
  | cons l ls ih =>
    rw [List.length_cons, Nat.mul_add, Nat.add_comm]
    exact l.depthLe_pieces.append ih

/-- The stages that shift scores: four of forms. -/
theorem Attention.depth_shiftStages (d n : Nat) (A : Attention) :
    (A.shiftStages d n).depth ≤ 60 * A.shifted.toNat := by
  unfold shiftStages
  cases h : A.shifted
  · exact Nat.zero_le _
  · have h : ∀ S : Stage, S.depth ≤ 15 := fun S => Stage.le_of_nodes (by omega) (Stage.depthLe S)
    simp only [if_true, Network.depth, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, Bool.toNat_true]
    exact Nat.le_trans (Nat.add_le_add (h _) (Nat.add_le_add (h _) (Nat.add_le_add (h _) (Nat.add_le_add (h _)
      (Nat.le_refl 0))))) (by omega)

/-- An attention sublayer. -/
theorem Attention.depth_network (w d n : Nat) (A : Attention) :
    (A.network w d n).depth ≤ 144 + 60 * A.shifted.toNat := by
  have h₁ : Network.depth ((A.projectPieces w d).map (Piece.each n)) ≤ 63 :=
    (((depthLe_optNormPieces A.norm).append (.single _)).forkAll (by omega)).depth_each
  have h₂ : (A.rotateStages w d n).depth ≤ 15 := by
    unfold rotateStages
    split
    · exact Nat.zero_le _
    · simpa [Network.depth] using Stage.le_of_nodes (by omega) (Stage.depthLe _)
  have h₃ : (A.weightStage d n).depth ≤ 3 := Stage.le_of_nodes (by omega) <| .blockStage (by omega) fun i m o H =>
    (Stage.DepthLe.copies _ _ (by omega)).append (.map fun j => by simp [weightNode, Shape.depth])
  have h₄ : (A.recipStage d n).depth ≤ 3 := Stage.le_of_nodes (by omega) <| .blockStage (by omega) fun i m o H =>
    (Stage.DepthLe.copies _ _ (by omega)).append fun v hv => by simp_all [Shape.depth]
  have h₅ := Stage.le_of_nodes (by omega) (Stage.depthLe (A.scoreStage w d n))
  have h₆ := Stage.le_of_nodes (by omega) (Stage.depthLe (A.sumStage w d n))
  have h₇ := Stage.le_of_nodes (by omega) (Stage.depthLe (A.meanStage w d n))
  have h₈ := Stage.le_of_nodes (by omega) (Stage.depthLe ((A.outPiece w d).each n))
  have h₉ := A.depth_shiftStages d n
  rw [network, Network.depth_append, Network.depth_append, Network.depth_append, Network.depth_append]
  simp only [Network.depth, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil] at h₁ h₂ h₉ ⊢
  omega

/-- **The depth of the circuit of a quantised model**: at most 18, and 144 for each attention sublayer, 60 more if its
scores are shifted, and 78 for each local sublayer. -/
theorem Model.depth_network (M : Model) (n : Nat) : (M.network n).depth ≤
    18 + 78 * M.pre.length +
      (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum := by
  have h₁ : (M.embedStage n).depth ≤ 3 := Stage.le_of_nodes (by omega) <| .flatMap fun i => .map fun c => by
    simp [Shape.depth]
  have h₂ := Stage.le_of_nodes (by omega) (Stage.depthLe (M.readoutStage n))
  have h₃ := depth_localNetwork M.width M.dim n M.pre
  have h₄ : Network.depth (M.layers.flatMap (Layer.network M.width M.dim n)) ≤
      (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum := by
    induction M.layers with
    | nil => exact Nat.zero_le _
    | cons L Ls ih =>
      have h₅ := L.attention.depth_network M.width M.dim n
      have h₆ := depth_localNetwork M.width M.dim n L.locals
      rw [List.flatMap_cons, Network.depth_append, Layer.network, Network.depth_append]
      simp only [List.map_cons, List.sum_cons]
      omega
  rw [network, Network.depth_append, Network.depth_append, Network.depth_append]
  simp only [Network.depth, List.map_cons, List.map_nil, List.sum_cons, List.sum_nil] at h₃ h₄ ⊢
  omega

/-- With one feed-forward network in each layer the depth is at most `222 · L + 18`, where scores are not shifted
(`s = 0`), and at most `282 · L + 18`, where they are (`s = 1`). -/
theorem Model.depth_network_le (M : Model) (n s : Nat) (hpre : M.pre = []) (hl : ∀ L ∈ M.layers, L.locals.length ≤ 1)
    (hs : ∀ L ∈ M.layers, L.attention.shifted.toNat ≤ s) :
    (M.network n).depth ≤ (222 + 60 * s) * M.layers.length + 18 := by
  have h := M.depth_network n
  have : (M.layers.map fun L => 144 + 60 * L.attention.shifted.toNat + 78 * L.locals.length).sum ≤
      (222 + 60 * s) * M.layers.length := by
    revert hl hs
    induction M.layers with
    | nil => intro _ _; exact Nat.zero_le _
    | cons L Ls ih =>
      intro hl hs
      have h₁ := hl L (by simp)
      have h₂ := ih (fun L h => hl L (by simp [h])) fun L h => hs L (by simp [h])
      have h₃ := hs L (by simp)
      simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.mul_add]
      omega
  simp only [hpre, List.length_nil] at h
  omega

/-- The outputs have `readoutBits` bits each. -/
theorem Model.widths_network (M : Model) (n : Nat) (ws : List Nat) :
    (M.network n).widths ws = List.replicate M.readout.rows.length M.readoutBits := by
  have h : ∀ ws, (M.readoutStage n).widths ws = List.replicate M.readout.rows.length M.readoutBits := fun ws => by
    cases n <;> simp only [Stage.widths, readoutStage, Affine.nodes, List.map_map] <;> exact List.map_const'
  rw [network, Network.widths, List.foldl_append]
  exact h _

end Quantised

end Logprec
