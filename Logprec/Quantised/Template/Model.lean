import Logprec.Quantised.Compile
import Logprec.Quantised.Template.Attention

/-!
# The circuits of quantised models are generated in logarithmic space

The network of a quantised model has one template for all numbers of positions but 0, so one register program prints
the circuits for all lengths.
-/

namespace Logprec.Quantised

/-- A layer. -/
theorem Layer.templated_network {w d : Nat} {L : Layer} (hL : L.WF d) :
    Network.Templated Length.env (fun n => blockWidths n.1 (List.replicate d w)) (fun n => L.network w d n.1)
      fun n => blockWidths n.1 (List.replicate d w) :=
  (Attention.templated_network hL.1).append (templated_localNetwork (n := .var 0) (k := Subtype.val) (fun _ => rfl)
    (fun n => n.2) hL.2)

namespace Model

variable {M : Model}

/-- The first state of a position. -/
theorem ofBlock_embedNodes (i : Nat) : OfBlock (fun o => (List.range M.dim).map fun c => .table o
      ((List.range (2 ^ M.symbolBits)).map fun σ => code (half M.width)
        (sat M.width ((M.embedding.getD σ #[]).getD c 0 + (M.positions.getD i #[]).getD c 0))).toArray M.width)
    [M.symbolBits] (List.replicate M.dim M.width) := by
  have e : List.replicate M.dim M.width = (List.range M.dim).map fun _ => M.width := by simp [List.map_const']
  conv => arg 3; rw [e]
  exact .map fun c _ => OfBlock.table (k := 0) _ M.width (by simp)

/-- The first states. -/
theorem templated_embedStage : ∃ e, Templated Length.env (fun n => List.replicate n.1 M.symbolBits)
    (fun n => M.embedStage n.1) (fun n => blockWidths n.1 (List.replicate M.dim M.width)) e := by
  have ⟨e, he⟩ := OfBlock.templated_cases (ι := Position) (env := Position.env)
    (ws := fun x => List.replicate x.1.1 M.symbolBits) (b := M.positions.size)
    (ds := List.replicate M.dim 3) (t := .var 0) (u := .var 0) (p := fun x => x.2.1) (k := fun x => x.2.1)
    M.ofBlock_embedNodes (fun v hv => by
      have e : ∀ i, M.positions.size ≤ i → M.positions.getD i #[] = #[] := fun i hi => by
        simp [Array.getD, Nat.not_lt.2 hi]
      simp only [e v hv, e _ (Nat.le_refl _)])
    (fun v o => by simp [Shape.depth, Function.comp_def, List.map_const']) (fun _ => rfl)
    (fun x k hk => by
      obtain rfl : k = 0 := by simpa using hk
      simp) fun _ => rfl
  exact ⟨e, .loop (count := .var 0) (k := Subtype.val) (S := fun _ i => M.embedNodes i)
    (zs := fun _ _ => List.replicate M.dim M.width) (fun _ => rfl) (fun n => n.2) he⟩

/-- The outputs. -/
theorem templated_readoutStage (hM : M.WF) : ∃ e, Templated Length.env
    (fun n => blockWidths n.1 (List.replicate M.dim M.width)) (fun n => M.readoutStage n.1)
    (fun _ => List.replicate M.readout.rows.length M.readoutBits) e := by
  have ⟨e, he⟩ := (Affine.ofBlock_nodes (a := half M.width) (out := half M.readoutBits) (w := M.readoutBits)
    (bw := List.replicate M.dim M.width) hM.2.2.2.2 (by simp)).templated (env := Length.env)
    (ws := fun n => blockWidths n.1 (List.replicate M.dim M.width)) (t := (.var 0 - 1) * .lit M.dim)
    (p := fun n => (n.1 - 1) * M.dim) (fun _ => rfl) fun n =>
      holds_blockWidths (Nat.sub_lt (by have := n.2; omega) Nat.one_pos) (by simp)
  exact ⟨e, he.congr (fun | ⟨_ + 1, _⟩ => rfl) fun _ => rfl⟩

/-- **A quantised model has one template** for all numbers of positions but 0. -/
theorem templated_network (hM : M.WF) :
    Network.Templated Length.env (fun n => List.replicate n.1 M.symbolBits) (fun n => M.network n.1)
      fun _ => List.replicate M.readout.rows.length M.readoutBits := by
  have ⟨_, embed⟩ := M.templated_embedStage
  have ⟨_, readout⟩ := templated_readoutStage hM
  have layers : ∀ Ls : List Layer, (∀ L ∈ Ls, L.WF M.dim) → Network.Templated Length.env
      (fun n => blockWidths n.1 (List.replicate M.dim M.width))
      (fun n => Ls.flatMap (Layer.network M.width M.dim n.1))
      fun n => blockWidths n.1 (List.replicate M.dim M.width) := by
    intro Ls h
    induction Ls with
    | nil => exact .nil
    | cons L Ls ih => exact (Layer.templated_network (h L (by simp))).append (ih fun L h' => h L (by simp [h']))
  exact (((Network.Templated.single embed).append (templated_localNetwork (n := .var 0) (k := Subtype.val)
    (fun _ => rfl) (fun n => n.2) hM.2.2.1)).append (layers _ hM.2.2.2.1)).append (.single readout)

/-- **The circuits of a quantised model are generated in logarithmic space.** Beyond the ends of its tables they are
those of the model whose tables read 0 there (`Logprec.Quantised.Defs`). -/
theorem logSpaceGenerated_compile (hM : M.WF) :
    Space.LogSpaceGenerated fun n => Circuit.encode (n * M.symbolBits) (M.compile n) := by
  obtain ⟨Ts, ds, h⟩ := templated_network hM
  have h := fun n hn => h ⟨n, hn⟩
  exact StageTmpl.logSpaceGenerated Ts ds M.symbolBits M.network (fun n hn => (h n hn).1) (fun n hn => (h n hn).2.2.1)
    (fun n _ => M.network_wf hM n) fun n hn => (h n hn).2.1

end Model

end Logprec.Quantised
