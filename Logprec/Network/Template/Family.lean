import Logprec.Network.Gives
import Logprec.Network.Template.Theorem

/-!
# Families of stages that have a template

Stages are built like circuits side by side: one list of nodes after another, a loop, a case distinction. What a stage
needs to be templated is put together the same way: that it has one template in all environments of a family, what the
numbers of bits of its values are, and that its depth does not depend on the environment. The existence of the template
is what matters, so it has no name.
-/

namespace Logprec

private theorem Stage.depth_append (S T : Stage) : Stage.depth (S ++ T) = max S.depth T.depth := by
  have := Stage.one_le_depth S
  refine Nat.le_antisymm (Stage.le_of_nodes (by omega) fun v hv => ?_) (Nat.max_le.2 ⟨?_, ?_⟩)
  · rcases List.mem_append.1 hv with h | h
    · exact Nat.le_trans (Stage.depth_le _ h) (Nat.le_max_left ..)
    · exact Nat.le_trans (Stage.depth_le _ h) (Nat.le_max_right ..)
  · exact Stage.le_of_nodes (Stage.one_le_depth _) fun v hv => Stage.depth_le _ (List.mem_append_left _ hv)
  · exact Stage.le_of_nodes (Stage.one_le_depth _) fun v hv => Stage.depth_le _ (List.mem_append_right _ hv)

/-- The depth of a stage depends on the depths of its nodes only. -/
theorem Stage.depth_eq_foldl (S : Stage) : S.depth = (S.map Shape.depth).foldl max 1 := by
  rw [Stage.depth, List.foldl_map]

/-- The lists of nodes `S x` have one template in the environments `env x`; they read values whose numbers of bits are
`ws x`, those of their own values are `zs x`, and their depth is `d`. -/
def Templated {ι : Type} (env ws : ι → List Nat) (S : ι → List Node) (zs : ι → List Nat) (d : Nat) : Prop :=
  ∃ T : StageTmpl, ∀ x, T.nodes (env x) = S x ∧ T.Fits (fun i => (ws x).getD i 0) (env x) ∧
    (S x).map (Node.width fun i => (ws x).getD i 0) = zs x ∧ Stage.depth (S x) = d

namespace Templated

variable {ι : Type} {env ws : ι → List Nat} {S S' : ι → List Node} {zs zs' : ι → List Nat} {d d' : Nat}

theorem congr (h : Templated env ws S zs d) (hS : ∀ x, S x = S' x) (hz : ∀ x, zs x = zs' x) :
    Templated env ws S' zs' d := by
  obtain rfl := funext hS
  obtain rfl := funext hz
  exact h

/-- The depth may be said otherwise. -/
theorem of_depth (h : ∃ d, Templated env ws S zs d) (hd : ∀ x, Stage.depth (S x) = d) : Templated env ws S zs d :=
  have ⟨_, T, h⟩ := h
  ⟨T, fun x => ⟨(h x).1, (h x).2.1, (h x).2.2.1, hd x⟩⟩

theorem nil : Templated env ws (fun _ => []) (fun _ => []) 1 := ⟨.nil, fun _ => ⟨rfl, trivial, rfl, rfl⟩⟩

theorem append (h : Templated env ws S zs d) (h' : Templated env ws S' zs' d') :
    Templated env ws (fun x => S x ++ S' x) (fun x => zs x ++ zs' x) (max d d') := by
  obtain ⟨T, h⟩ := h
  obtain ⟨T', h'⟩ := h'
  refine ⟨.seq T T', fun x => ?_⟩
  obtain ⟨h₁, h₂, h₃, h₄⟩ := h x
  obtain ⟨h₁', h₂', h₃', h₄'⟩ := h' x
  exact ⟨by rw [StageTmpl.nodes, h₁, h₁'], ⟨h₂, h₂'⟩, by rw [List.map_append, h₃, h₃'],
    by rw [Stage.depth_append, h₄, h₄']⟩

/-- A fixed number of lists, one after another. -/
theorem flatMap {α : Type} {l : List α} {S : α → ι → List Node} {zs : α → ι → List Nat}
    (h : ∀ a ∈ l, ∃ d, Templated env ws (S a) (zs a) d) :
    ∃ d, Templated env ws (fun x => l.flatMap (S · x)) (fun x => l.flatMap (zs · x)) d := by
  induction l with
  | nil => exact ⟨1, nil⟩
  | cons a l ih =>
    obtain ⟨d, h₁⟩ := h a (by simp)
    obtain ⟨d', h₂⟩ := ih fun b hb => h b (by simp [hb])
    exact ⟨_, h₁.append h₂⟩

/-- A loop that is not empty. -/
theorem loop {count : Term} {k : ι → Nat} {S : ι → Nat → List Node} {zs : ι → Nat → List Nat}
    (hk : ∀ x, count.eval (env x) = k x) (pos : ∀ x, 0 < k x)
    (h : Templated (ι := (x : ι) × Fin (k x)) (fun p => p.2 :: env p.1) (fun p => ws p.1) (fun p => S p.1 p.2)
      (fun p => zs p.1 p.2) d) :
    Templated env ws (fun x => (List.range (k x)).flatMap (S x)) (fun x => (List.range (k x)).flatMap (zs x)) d := by
  obtain ⟨T, h⟩ := h
  refine ⟨.loop count T, fun x => ?_⟩
  have h := fun i hi => h ⟨x, i, hi⟩
  refine ⟨?_, fun i hi => (h i (hk x ▸ hi)).2.1, ?_, ?_⟩
  · rw [StageTmpl.nodes, hk]
    exact flatMap_congr fun i hi => (h i (List.mem_range.1 hi)).1
  · rw [List.map_flatMap]
    exact flatMap_congr fun i hi => (h i (List.mem_range.1 hi)).2.2.1
  · have h₀ := (h 0 (pos x)).2.2.2
    have h₁ := Stage.one_le_depth (S x 0)
    refine Nat.le_antisymm (Stage.le_of_nodes (by simp only at h₀; omega) fun v hv => ?_) ?_
    · obtain ⟨i, hi, hv⟩ := List.mem_flatMap.1 hv
      rw [← (h i (List.mem_range.1 hi)).2.2.2]
      exact Stage.depth_le _ hv
    · rw [← h₀]
      exact Stage.le_of_nodes (Stage.one_le_depth _) fun v hv =>
        Stage.depth_le _ (List.mem_flatMap.2 ⟨0, List.mem_range.2 (pos x), hv⟩)

/-- A case distinction. -/
theorem ite {c : Term} {p : ι → Prop} [DecidablePred p] (hc : ∀ x, c.eval (env x) ≠ 0 ↔ p x)
    (h : Templated (ι := {x // p x}) (fun x => env x.1) (fun x => ws x.1) (fun x => S x.1) (fun x => zs x.1) d)
    (h' : Templated (ι := {x // ¬p x}) (fun x => env x.1) (fun x => ws x.1) (fun x => S' x.1) (fun x => zs x.1) d) :
    Templated env ws (fun x => if p x then S x else S' x) zs d := by
  obtain ⟨T, h⟩ := h
  obtain ⟨T', h'⟩ := h'
  refine ⟨.ite c T T', fun x => ?_⟩
  by_cases hx : p x
  · simpa only [StageTmpl.nodes, StageTmpl.Fits, hc, hx, if_true] using h ⟨x, hx⟩
  · simpa only [StageTmpl.nodes, StageTmpl.Fits, hc, hx, if_false] using h' ⟨x, hx⟩

/-- One of finitely many lists, which a term selects: from `b` on they are equal. -/
theorem cases {t : Term} {k : ι → Nat} {b : Nat} {S : Nat → ι → List Node} (ht : ∀ x, t.eval (env x) = k x)
    (hb : ∀ v, b ≤ v → S v = S b) (h : ∀ v, Templated env ws (S v) zs d) :
    Templated env ws (fun x => S (k x) x) zs d := by
  have : ∀ b', b' ≤ b → ∃ T : StageTmpl, ∀ x, b - b' ≤ k x → T.nodes (env x) = S (k x) x ∧
      T.Fits (fun i => (ws x).getD i 0) (env x) ∧
      (S (k x) x).map (Node.width fun i => (ws x).getD i 0) = zs x ∧ Stage.depth (S (k x) x) = d := by
    intro b' hb'
    induction b' with
    | zero =>
      obtain ⟨T, hT⟩ := h b
      exact ⟨T, fun x hx => by rw [hb (k x) (by omega)]; exact hT x⟩
    | succ b' ih =>
      obtain ⟨T, hT⟩ := ih (by omega)
      obtain ⟨T', hT'⟩ := h (b - (b' + 1))
      refine ⟨.ite (.eq t (.lit (b - (b' + 1)))) T' T, fun x hx => ?_⟩
      by_cases e : k x = b - (b' + 1)
      · simpa [StageTmpl.nodes, StageTmpl.Fits, ht, e] using hT' x
      · simpa [StageTmpl.nodes, StageTmpl.Fits, ht, e] using hT x (by omega)
  obtain ⟨T, hT⟩ := this b (Nat.le_refl b)
  exact ⟨T, fun x => hT x (by omega)⟩

/-- A node of constant shape. -/
theorem node {v : Node} {operands : List (Term × Nat)} {w : Nat}
    (hv : ∀ i ∈ v.operands, i < operands.length)
    (hw : ∀ x, ∀ o ∈ operands, (ws x).getD (o.1.eval (env x)) 0 = o.2)
    (hz : v.width (fun i => (operands.getD i (0, 0)).2) = w) :
    Templated env ws (fun x => [v.shape fun i => (operands.getD i (0, 0)).1.eval (env x)]) (fun _ => [w])
      (Shape.depth v) := by
  refine ⟨.node v operands, fun x => ⟨rfl, ⟨hv, hw x⟩, ?_, ?_⟩⟩
  · have key : ∀ i ∈ v.operands, (ws x).getD ((operands.getD i (0, 0)).1.eval (env x)) 0 =
        (operands.getD i (0, 0)).2 := fun i hi => by
      have hl := hv i hi
      have := hw x operands[i] (by simp)
      simpa [List.getD_eq_getElem?_getD, hl] using this
    subst hz
    cases v with
    | copy i => simpa [Node.shape, Node.width, Node.operands] using key
    | table i entries width => simp [Node.shape, Node.width]
    | form bias lin quad shift width => simp [Node.shape, Node.width]
  · have : 1 ≤ Shape.depth v := by cases v <;> simp [Shape.depth, Circuit.formDepth]
    simp only [Stage.depth, List.foldl_cons, List.foldl_nil, Shape.depth_shape]
    omega

/-- A form with a variable number of terms. -/
theorem sum {bias : Int} {k k' : Term} {n n' : ι → Nat} {c c' : Int} {i i' j' : ι → Nat → Nat} {I I' J' : Term}
    {u u' v' shift width : Nat} (hn : ∀ x, k.eval (env x) = n x) (hn' : ∀ x, k'.eval (env x) = n' x)
    (hi : ∀ x, ∀ t < n x, I.eval (t :: env x) = i x t ∧ (ws x).getD (i x t) 0 = u)
    (hi' : ∀ x, ∀ t < n' x, I'.eval (t :: env x) = i' x t ∧ (ws x).getD (i' x t) 0 = u')
    (hj' : ∀ x, ∀ t < n' x, J'.eval (t :: env x) = j' x t ∧ (ws x).getD (j' x t) 0 = v') :
    Templated env ws (fun x => [.form bias ((List.range (n x)).map fun t => (c, i x t))
      ((List.range (n' x)).map fun t => (c', i' x t, j' x t)) shift width]) (fun _ => [width]) Circuit.formDepth := by
  refine ⟨.sum bias k (c, I, u) k' (c', I', u', J', v') shift width, fun x => ⟨?_, ⟨?_, ?_⟩, rfl, rfl⟩⟩
  · rw [StageTmpl.nodes, hn, hn']
    congr 2
    · exact List.map_congr_left fun t ht => by rw [(hi x t (List.mem_range.1 ht)).1]
    · exact List.map_congr_left fun t ht => by
        rw [(hi' x t (List.mem_range.1 ht)).1, (hj' x t (List.mem_range.1 ht)).1]
  · intro t ht
    rw [hn] at ht
    rw [(hi x t ht).1]; exact (hi x t ht).2
  · intro t ht
    rw [hn'] at ht
    rw [(hi' x t ht).1, (hj' x t ht).1]; exact ⟨(hi' x t ht).2, (hj' x t ht).2⟩

end Templated

/-! ## Networks -/

/-- The networks `N x` have templates of their stages in the environments `env x`; the numbers of bits of the inputs are
`ws x`, those of the outputs `zs x`, and the depths of the stages do not depend on `x`. -/
def Network.Templated {ι : Type} (env ws : ι → List Nat) (N : ι → Network) (zs : ι → List Nat) : Prop :=
  ∃ (Ts : List StageTmpl) (ds : List Nat), ∀ x, N x = Ts.map (StageTmpl.nodes (env x)) ∧
    StageTmpl.FitAll (env x) (ws x) Ts ∧ (N x).map Stage.depth = ds ∧ (N x).widths (ws x) = zs x

namespace Network.Templated

variable {ι : Type} {env ws : ι → List Nat} {N N' : ι → Network} {ys zs : ι → List Nat} {d : Nat}

theorem nil : Network.Templated env ws (fun _ => []) ws := ⟨[], [], fun _ => ⟨rfl, trivial, rfl, rfl⟩⟩

theorem cons {S : ι → List Node} (h : Logprec.Templated env ws S ys d) (h' : Network.Templated env ys N zs) :
    Network.Templated env ws (fun x => S x :: N x) zs := by
  obtain ⟨T, h⟩ := h
  obtain ⟨Ts, ds, h'⟩ := h'
  refine ⟨T :: Ts, d :: ds, fun x => ?_⟩
  obtain ⟨h₁, h₂, h₃, h₄⟩ := h x
  obtain ⟨h₁', h₂', h₃', h₄'⟩ := h' x
  have e : Stage.widths (S x) (ws x) = ys x := by
    rw [← h₃]
    simp [Stage.widths]
  refine ⟨by dsimp only; rw [List.map_cons, h₁, h₁'], ⟨h₂, ?_⟩, by rw [List.map_cons, h₄, h₃'], ?_⟩
  · rw [h₁, e]; exact h₂'
  · rw [Network.widths, List.foldl_cons, e]; exact h₄'

theorem single {S : ι → List Node} (h : Logprec.Templated env ws S zs d) :
    Network.Templated env ws (fun x => [S x]) zs := .cons h .nil

theorem append (h : Network.Templated env ws N ys) (h' : Network.Templated env ys N' zs) :
    Network.Templated env ws (fun x => N x ++ N' x) zs := by
  obtain ⟨Ts, ds, h⟩ := h
  obtain ⟨Ts', ds', h'⟩ := h'
  refine ⟨Ts ++ Ts', ds ++ ds', fun x => ?_⟩
  obtain ⟨h₁, h₂, h₃, h₄⟩ := h x
  obtain ⟨h₁', h₂', h₃', h₄'⟩ := h' x
  refine ⟨by dsimp only; rw [List.map_append, h₁, h₁'], ?_, by rw [List.map_append, h₃, h₃'], ?_⟩
  · rw [h₁] at h₄
    clear h₁ h₃ h
    generalize ws x = w at h₂ h₄
    induction Ts generalizing w with
    | nil =>
      obtain rfl : w = ys x := h₄
      exact h₂'
    | cons T Ts ih => exact ⟨h₂.1, ih _ h₂.2 h₄⟩
  · rw [Network.widths, List.foldl_append]
    exact (congrArg (fun w => (N' x).widths w) h₄).trans h₄'

theorem congr (h : Network.Templated env ws N zs) (hN : ∀ x, N x = N' x) : Network.Templated env ws N' zs := by
  obtain rfl := funext hN
  exact h

end Network.Templated

end Logprec
