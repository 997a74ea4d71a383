import Logprec.Network.Template.Node

/-!
# Templates of stages and networks

The circuit of a stage has those of its nodes side by side, so its template follows how the stage is listed. The circuit
of a network has the stages one after the other; where the values of one start is where the next one reads them.
-/

namespace Logprec

namespace StageTmpl

/-- The list with a length of `d`. -/
def fill {α : Type} (d : Nat) (a : α) (l : List α) : List α := (l ++ List.replicate d a).take d

private theorem length_fill {α : Type} (d : Nat) (a : α) (l : List α) : (fill d a l).length = d := by
  simp [fill]

private theorem fill_eq {α : Type} {d : Nat} {a : α} {l : List α} (h : l.length = d) : fill d a l = l := by
  simp [fill, ← h]

/-- The widths of the `d` layers of the circuit of a stage. -/
def layerWidths (d : Nat) : StageTmpl → List Term
  | nil => List.replicate d 0
  | seq a b => List.zipWith (· + ·) (a.layerWidths d) (b.layerWidths d)
  | loop n body => (body.layerWidths d).map (Term.total n)
  | ite c a b => List.zipWith (.ite c) (a.layerWidths d) (b.layerWidths d)
  | node v operands => fill d 0 (((nodeShape v operands).circuit d).map fun L => .lit L.length)
  | sum bias k (c, _, u) k' (c', _, u', _, v') shift width => fill d 0 <|
      Tmpl.formWidths bias k c u k' c' u' v' shift width ++ List.replicate (d - Circuit.formDepth) (.lit width)

/-- The `d` layers of the circuit of a stage that reads values which start where `P` says. A node that needs more than
`d` layers has wrong ones; it is listed in no environment where the stage has depth `d`. -/
def layers (d : Nat) : (P : Term) → StageTmpl → List Tmpl
  | _, nil => List.replicate d .nil
  | P, seq a b => Tmpl.pairWith id (Tmpl.offset 0) (a.layerWidths d) (a.layers d P) (b.layers d P)
  | P, loop n body => Tmpl.loopFrom n 0 (body.layerWidths d) (body.layers d P.under)
  | P, ite c a b => List.zipWith (.ite c) (a.layers d P) (b.layers d P)
  | P, node v operands => fill d .nil <|
      Tmpl.reindexFirst (nodeSelect P v operands) (((nodeShape v operands).circuit d).map Tmpl.const)
  | P, sum bias k (c, i, u) k' (c', i', u', j', v') shift width => fill d .nil <|
      Tmpl.reindexFirst (sumSelect P k (c, i, u) (c', i', u', j', v')) <|
        Tmpl.form bias k c u k' c' u' v' shift width ++ Tmpl.carry (.lit width) (d - Circuit.formDepth)

variable {d m : Nat} {P : Term} {w o : Nat → Nat} {ρ : List Nat}

private theorem length_layerWidths (T : StageTmpl) : (T.layerWidths d).length = d := by
  induction T with
  | nil => simp [layerWidths]
  | seq a b iha ihb => simp [layerWidths, iha, ihb]
  | loop n body ih => simp [layerWidths, ih]
  | ite c a b iha ihb => simp [layerWidths, iha, ihb]
  | node => exact length_fill _ _ _
  | sum => exact length_fill _ _ _

private theorem length_layers (T : StageTmpl) : (T.layers d P).length = d := by
  induction T generalizing P with
  | nil => simp [layers]
  | seq a b iha ihb => rw [layers, Tmpl.length_pairWith, iha, ihb, Nat.min_self]
  | loop n body ih => rw [layers, Tmpl.length_loopFrom, ih]
  | ite c a b iha ihb => simp [layers, iha, ihb]
  | node => exact length_fill _ _ _
  | sum => exact length_fill _ _ _

/-- Listing nodes that are well-formed for `m` values, with at most the depth `d`. -/
def Good (d m : Nat) (S : Stage) : Prop := ∀ v ∈ S, Shape.depth v ≤ d ∧ ∀ i ∈ v.operands, i < m

/-- **The layers of a stage.** -/
theorem lists_layers (T : StageTmpl) (hfit : T.Fits w ρ) (hP : Starts P o m ρ)
    (hS : Good d m (T.nodes ρ)) :
    Lists ρ (T.layers d P) (T.layerWidths d) (Circuit.beside d ((T.nodes ρ).map (Node.part d w o))) := by
  induction T generalizing ρ P with
  | nil => exact .beside_nil ρ d
  | seq a b iha ihb =>
    rw [nodes, List.map_append]
    exact (iha hfit.1 hP fun v hv => hS v (List.mem_append_left _ hv)).beside_append
      (ihb hfit.2 hP fun v hv => hS v (List.mem_append_right _ hv))
  | loop n body ih =>
    rw [nodes, List.map_flatMap]
    refine Lists.beside_loop (fun i hi => ih (hfit i hi) (fun j hj => ?_) fun v hv => hS v ?_) (length_layers _)
      (length_layerWidths _)
    · rw [Term.eval_under, hP j hj]
    · exact List.mem_flatMap.2 ⟨i, List.mem_range.2 hi, hv⟩
  | ite c a b iha ihb =>
    rw [nodes] at hS ⊢
    simp only [Fits] at hfit
    have h := Lists.ite (c := c) (ρ := ρ) (ts := a.layers d P) (us := b.layers d P)
      (ws := a.layerWidths d) (vs := b.layerWidths d)
      (C := Circuit.beside d ((a.nodes ρ).map (Node.part d w o)))
      (D := Circuit.beside d ((b.nodes ρ).map (Node.part d w o)))
      (fun hc => iha (by rwa [if_pos hc] at hfit) hP (by rwa [if_pos hc] at hS))
      (fun hc => ihb (by rwa [if_neg (by simpa using hc)] at hfit) hP (by rwa [if_neg (by simpa using hc)] at hS))
      (by rw [length_layers, length_layers]) (by rw [length_layerWidths, length_layerWidths])
    by_cases hc : c.eval ρ ≠ 0
    · rw [if_pos hc] at h ⊢; exact h
    · rw [if_neg hc] at h ⊢; exact h
  | node v operands =>
    have h := lists_node hfit hP (fun u hu => (hS u hu).2) fun u hu => (hS u hu).1
    rw [layers, layerWidths, fill_eq (h.length_eq.trans (Circuit.length_beside _ _)), fill_eq]
    · exact h
    · exact h.length_widths.trans (Circuit.length_beside _ _)
  | sum bias k lin k' quad shift width =>
    have h := lists_sum hfit hP (fun u hu => (hS u hu).2) fun u hu => (hS u hu).1
    rw [layers, layerWidths, fill_eq (h.length_eq.trans (Circuit.length_beside _ _)), fill_eq]
    · exact h
    · exact h.length_widths.trans (Circuit.length_beside _ _)

/-- The layers of a network, whose stages have the depths `ds`. -/
def networkLayers : (P : Term) → List StageTmpl → (ds : List Nat) → List Tmpl
  | P, T :: Ts, d :: ds => T.layers d P ++ networkLayers T.prefixBits Ts ds
  | _, _, _ => []

private theorem widths_eq (S : Stage) (ws : List Nat) : S.widths ws = S.map (Node.width (ws.getD · 0)) := by
  simp [Stage.widths, Array.getD_eq_getD_getElem?]

/-- **The layers of a network.** -/
theorem denotesIn_networkLayers : ∀ {Ts : List StageTmpl} {ds ws : List Nat} {P : Term},
    Starts P ((offsets 0 ws).getD · 0) ws.length ρ → FitAll ρ ws Ts →
    Network.WF ws.length (Ts.map (nodes ρ)) → (Ts.map (nodes ρ)).map Stage.depth = ds →
    DenotesIn ρ (networkLayers P Ts ds) (Network.circuit (Ts.map (nodes ρ)) ws)
  | [], [], _, _, _, _, _, _ => rfl
  | T :: Ts, d :: ds, ws, P, hP, hfit, hwf, hd => by
    simp only [List.map_cons, List.cons.injEq] at hd
    have h := lists_layers T hfit.1 hP (d := d) fun v hv => ⟨hd.1 ▸ Stage.depth_le _ hv, hwf.1 v hv⟩
    have hlen : ((T.nodes ρ).widths ws).length = (T.nodes ρ).length := by simp [widths_eq]
    have ih := denotesIn_networkLayers (Ts := Ts) (ds := ds) (ws := (T.nodes ρ).widths ws) (P := T.prefixBits)
      (fun i hi => by
        simp only [getD_offsets hi]
        rw [eval_prefixBits T hfit.1, Nat.zero_add, widths_eq]) hfit.2
      (by rw [hlen]; exact hwf.2) hd.2
    have e : Network.circuit ((T :: Ts).map (nodes ρ)) ws =
        (T.nodes ρ).circuit ws ++ Network.circuit (Ts.map (nodes ρ)) ((T.nodes ρ).widths ws) := rfl
    rw [e, Stage.circuit_eq, hd.1]
    exact h.denotes.append ih

end StageTmpl

end Logprec
