import Logprec.Network.Theorem
import Logprec.Network.Template.Form
import Logprec.Network.Template.Const
import Logprec.Network.Template.Prefix

/-!
# Templates of nodes

The circuit of a node is one of the circuits side by side that make up its stage. A node of constant shape has a
constant circuit; a form with a variable number of equal terms has the template `Tmpl.form`. What a node
reads is the bits of its operands, which start where `P` says.
-/

namespace Logprec

/-! ## The circuit of a stage -/

namespace Node

/-- The positions of the bits that a node reads, when the value at position `i` has `w i` bits from `o i` on. -/
def reads (w o : Nat → Nat) (v : Node) : List Nat := v.operands.flatMap fun i => List.range' (o i) (w i)

/-- The circuit of a node in depth `d`, with what it reads. -/
def part (d : Nat) (w o : Nat → Nat) (v : Node) : (Nat → Nat) × Circuit :=
  (fun k => (v.reads w o).getD k 0, (v.shape w).circuit d)

/-- The circuit of a node is well-formed for what the node reads. -/
theorem wf_circuit {d : Nat} {w : Nat → Nat} (o : Nat → Nat) {v : Node} (h : Shape.depth v ≤ d) :
    ((v.shape w).circuit d).WF (v.reads w o).length ∧ ((v.shape w).circuit d).length = d := by
  have := Shape.correct_circuit Circuit.correct_form (s := v.shape w) (d := d) (by rwa [Shape.depth_shape])
  have e : (v.reads w o).length = (v.shape w).inputs := by
    rw [Shape.inputs, Shape.operands_shape, reads, List.length_flatMap]
    simp
  exact ⟨e ▸ this.wf, this.depth_eq⟩

end Node

/-- The circuit of a stage has the circuits of its nodes side by side. -/
theorem Stage.circuit_eq (S : Stage) (ws : List Nat) : S.circuit ws =
    Circuit.beside S.depth (S.map (Node.part S.depth (ws.getD · 0) ((offsets 0 ws).getD · 0))) := by
  simp only [circuit, circuitOf, Circuit.par, blocks, List.map_map]
  congr 1
  refine List.map_congr_left fun v _ => ?_
  simp [Node.part, Node.reads, Array.getD_eq_getD_getElem?, List.flatMap_map]

/-! ## Forms with a variable number of terms -/

namespace StageTmpl

/-- The terms `P` give the bits at which the values start that are at the positions below `m`. -/
def Starts (P : Term) (o : Nat → Nat) (m : Nat) (ρ : List Nat) : Prop := ∀ i < m, P.eval (i :: ρ) = o i

/-- The positions of the bits that a node of constant shape reads. -/
def nodeReads (P : Term) (v : Node) (operands : List (Term × Nat)) : List Term :=
  v.operands.flatMap fun i => (List.range (operands.getD i (0, 0)).2).map fun a =>
    .letIn (operands.getD i (0, 0)).1 P + .lit a

/-- One of these positions; variable 0 tells which. -/
def nodeSelect (P : Term) (v : Node) (operands : List (Term × Nat)) : Term :=
  .caseOf (.var 0) (nodeReads P v operands).length fun k => ((nodeReads P v operands).getD k 0).up

/-- Where the value starts whose position is the term `i` of the term `t`, under one more binder than `i` and `P`. -/
def startOf (P i t : Term) : Term := .letIn t (.letIn i.under P.under.under)

/-- The position of the bit that a form reads as input number variable 0. -/
def sumSelect (P k : Term) (lin : Int × Term × Nat) (quad : Int × Term × Nat × Term × Nat) : Term :=
  let (_, i, u) := lin
  let (_, i', u', j', v') := quad
  let r := .var 0 - k.up * .lit u
  let t := r / .lit (u' + v')
  let s := r % .lit (u' + v')
  .ite (.lt (.var 0) (k.up * .lit u)) (startOf P i (.var 0 / .lit u) + .var 0 % .lit u) <|
    .ite (.lt s (.lit u')) (startOf P i' t + s) (startOf P j' t + (s - .lit u'))

variable {w o : Nat → Nat} {P : Term} {m d : Nat} {ρ : List Nat}

private theorem map_eval_nodeReads {v : Node} {operands : List (Term × Nat)} (hfit : (node v operands).Fits w ρ)
    (hP : Starts P o m ρ) (hv : ∀ i ∈ (v.shape fun i => (operands.getD i (0, 0)).1.eval ρ).operands, i < m) :
    (nodeReads P v operands).map (Term.eval ρ) =
      (v.shape fun i => (operands.getD i (0, 0)).1.eval ρ).reads w o := by
  rw [Node.reads, Shape.operands_shape, List.flatMap_map, nodeReads, List.map_flatMap]
  refine flatMap_congr fun i hi => ?_
  have hl := hfit.1 i hi
  have hw : w ((operands.getD i (0, 0)).1.eval ρ) = (operands.getD i (0, 0)).2 := by
    have := hfit.2 operands[i] (by simp)
    simpa [List.getD_eq_getElem?_getD, hl] using this
  have ho := hP _ (hv _ (by rw [Shape.operands_shape]; exact List.mem_map_of_mem hi))
  rw [hw, List.range'_eq_map_range, List.map_map]
  refine List.map_congr_left fun a _ => ?_
  simp only [Function.comp, Term.eval_add, Term.eval_letIn, ho, Term.eval_lit]

private theorem eval_nodeSelect {v : Node} {operands : List (Term × Nat)} {l : List Nat}
    (h : (nodeReads P v operands).map (Term.eval ρ) = l) {k : Nat} (hk : k < l.length) :
    (nodeSelect P v operands).eval (k :: ρ) = l.getD k 0 := by
  subst h
  rw [List.length_map] at hk
  rw [nodeSelect, Term.eval_caseOf (by simpa using hk)]
  simp [hk]

private theorem eval_startOf (i t : Term) (q : Nat) :
    (startOf P i t).eval (q :: ρ) = P.eval (i.eval (t.eval (q :: ρ) :: ρ) :: ρ) := by
  simp [startOf]

private theorem range'_append (a b u v : Nat) : List.range' a u ++ List.range' b v =
    (List.range (u + v)).map fun s => if s < u then a + s else b + (s - u) := by
  rw [List.range'_eq_map_range, List.range'_eq_map_range, List.range_add, List.map_append, List.map_map]
  congr 1
  · exact List.map_congr_left fun s hs => by rw [if_pos (List.mem_range.1 hs)]
  · exact List.map_congr_left fun s _ => by
      rw [Function.comp, if_neg (by omega), Nat.add_sub_cancel_left]

/-- The positions of the bits that a form with equal terms reads. -/
private theorem reads_sum {bias : Int} {k k' u u' v' : Nat} {c c' : Int} {i i' j' : Nat → Nat} {shift width : Nat}
    (h : ∀ t < k, w (i t) = u) (h' : ∀ t < k', w (i' t) = u' ∧ w (j' t) = v') :
    (Node.form bias ((List.range k).map fun t => (c, i t)) ((List.range k').map fun t => (c', i' t, j' t)) shift
        width).reads w o =
      (List.range (k * u)).map (fun q => o (i (q / u)) + q % u) ++ (List.range (k' * (u' + v'))).map fun q =>
        if q % (u' + v') < u' then o (i' (q / (u' + v'))) + q % (u' + v')
        else o (j' (q / (u' + v'))) + (q % (u' + v') - u') := by
  have e := Float.flatMap_range_eq_map k u fun t a => o (i t) + a
  have e' := Float.flatMap_range_eq_map k' (u' + v') fun t s => if s < u' then o (i' t) + s else o (j' t) + (s - u')
  simp only [Node.reads, Node.operands, List.flatMap_append, List.map_map, List.flatMap_map, List.flatMap_assoc,
    Function.comp_def, ← e, ← e']
  congr 1
  · refine flatMap_congr fun t ht => ?_
    rw [h t (List.mem_range.1 ht), List.range'_eq_map_range]
  · refine flatMap_congr fun t ht => ?_
    obtain ⟨h₁, h₂⟩ := h' t (List.mem_range.1 ht)
    simp [h₁, h₂, range'_append]

private theorem eval_sumSelect {bias : Int} {k k' : Term} {lin : Int × Term × Nat}
    {quad : Int × Term × Nat × Term × Nat} {shift width : Nat} (hfit : (sum bias k lin k' quad shift width).Fits w ρ)
    (hP : Starts P o m ρ) {v : Node} (hv : (sum bias k lin k' quad shift width).nodes ρ = [v])
    (hm : ∀ i ∈ v.operands, i < m) {q : Nat} (hq : q < (v.reads w o).length) :
    (sumSelect P k lin quad).eval (q :: ρ) = (v.reads w o).getD q 0 := by
  obtain ⟨c, i, u⟩ := lin
  obtain ⟨c', i', u', j', v'⟩ := quad
  obtain rfl := (List.cons.inj hv).1
  have h₀ : ∀ t < k.eval ρ, i.eval (t :: ρ) < m := fun t ht => hm _ (by
    simp only [Node.operands, List.map_map, List.mem_append, List.mem_map, List.mem_range]
    exact .inl ⟨t, ht, rfl⟩)
  have h₁ : ∀ t < k'.eval ρ, i'.eval (t :: ρ) < m ∧ j'.eval (t :: ρ) < m := fun t ht => by
    constructor <;>
    · refine hm _ (List.mem_append_right _ (List.mem_flatMap.2
        ⟨_, List.mem_map.2 ⟨t, List.mem_range.2 ht, rfl⟩, ?_⟩))
      simp
  rw [reads_sum hfit.1 hfit.2] at hq ⊢
  simp only [List.length_append, List.length_map, List.length_range] at hq
  simp only [sumSelect, Term.eval_ite, Term.eval_lt, Term.eval_add, Term.eval_sub, Term.eval_mul, Term.eval_div,
    Term.eval_mod, Term.eval_var, Term.eval_lit, Term.eval_up, eval_startOf, List.getD_cons_zero]
  by_cases h : q < k.eval ρ * u
  · have hu : 0 < u := by
      apply Nat.pos_of_ne_zero; rintro rfl; simp at h
    have hi : q / u < k.eval ρ := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
    rw [hP _ (h₀ _ hi)]
    simp [h, List.getElem?_append_left]
  · generalize hr : q - k.eval ρ * u = r
    have hr' : r < k'.eval ρ * (u' + v') := by omega
    have hu : 0 < u' + v' := by
      apply Nat.pos_of_ne_zero; intro e; simp [e] at hr'
    have hi : r / (u' + v') < k'.eval ρ := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
    rw [hP _ (h₁ _ hi).1, hP _ (h₁ _ hi).2]
    rw [List.getD_eq_getElem?_getD, List.getElem?_append_right (by simpa using h)]
    simp only [List.length_map, List.length_range, hr, List.getElem?_map, List.getElem?_range hr']
    by_cases hs : r % (u' + v') < u' <;> simp [h, hs]

/-! ## The parts of a stage -/

/-- **A node of constant shape.** -/
theorem lists_node {v : Node} {operands : List (Term × Nat)} (hfit : (node v operands).Fits w ρ)
    (hP : Starts P o m ρ) (hm : ∀ u ∈ (node v operands).nodes ρ, ∀ i ∈ u.operands, i < m)
    (hd : ∀ u ∈ (node v operands).nodes ρ, Shape.depth u ≤ d) :
    Lists ρ (Tmpl.reindexFirst (nodeSelect P v operands) (((nodeShape v operands).circuit d).map Tmpl.const))
      (((nodeShape v operands).circuit d).map fun L => .lit L.length)
      (Circuit.beside d (((node v operands).nodes ρ).map (Node.part d w o))) := by
  simp only [nodes, List.mem_singleton, forall_eq] at hm hd ⊢
  have hwf := Node.wf_circuit (w := w) o hd
  rw [List.map_singleton, Node.part, shape_node hfit] at *
  exact Lists.beside_single (.const ρ _) hwf.1 (fun k hk => eval_nodeSelect (map_eval_nodeReads hfit hP hm) hk) hwf.2

/-- **A form with a variable number of terms.** -/
theorem lists_sum {bias : Int} {k k' : Term} {lin : Int × Term × Nat}
    {quad : Int × Term × Nat × Term × Nat} {shift width : Nat} (hfit : (sum bias k lin k' quad shift width).Fits w ρ)
    (hP : Starts P o m ρ) (hm : ∀ u ∈ (sum bias k lin k' quad shift width).nodes ρ, ∀ i ∈ u.operands, i < m)
    (hd : ∀ u ∈ (sum bias k lin k' quad shift width).nodes ρ, Shape.depth u ≤ d) :
    Lists ρ (Tmpl.reindexFirst (sumSelect P k lin quad)
        (Tmpl.form bias k lin.1 lin.2.2 k' quad.1 quad.2.2.1 quad.2.2.2.2 shift width ++
          Tmpl.carry (.lit width) (d - Circuit.formDepth)))
      (Tmpl.formWidths bias k lin.1 lin.2.2 k' quad.1 quad.2.2.1 quad.2.2.2.2 shift width ++
        List.replicate (d - Circuit.formDepth) (.lit width))
      (Circuit.beside d (((sum bias k lin k' quad shift width).nodes ρ).map (Node.part d w o))) := by
  generalize hv : (sum bias k lin k' quad shift width).nodes ρ = vs at hm hd
  obtain ⟨v, rfl⟩ : ∃ v, vs = [v] := ⟨_, hv.symm⟩
  have hs := fun {q} => eval_sumSelect hfit hP hv (hm v (by simp)) (q := q)
  have hwf := Node.wf_circuit (w := w) o (hd v (by simp))
  obtain ⟨c, i, u⟩ := lin
  obtain ⟨c', i', u', j', v'⟩ := quad
  have e : (v.shape w).circuit d = Circuit.form bias (List.replicate (k.eval ρ) (c, u))
      (List.replicate (k'.eval ρ) (c', u', v')) shift width ++ Circuit.carry width (d - Circuit.formDepth) := by
    obtain rfl := (List.cons.inj hv).1
    have e₁ : ((List.range (k.eval ρ)).map fun t => (c, w (i.eval (t :: ρ)))) = List.replicate (k.eval ρ) (c, u) := by
      rw [← List.length_range (n := k.eval ρ), ← List.map_const', List.length_range]
      exact List.map_congr_left fun t ht => by rw [hfit.1 t (List.mem_range.1 ht)]
    have e₂ : ((List.range (k'.eval ρ)).map fun t => (c', w (i'.eval (t :: ρ)), w (j'.eval (t :: ρ)))) =
        List.replicate (k'.eval ρ) (c', u', v') := by
      rw [← List.length_range (n := k'.eval ρ), ← List.map_const', List.length_range]
      exact List.map_congr_left fun t ht => by
        rw [(hfit.2 t (List.mem_range.1 ht)).1, (hfit.2 t (List.mem_range.1 ht)).2]
    simp only [Node.shape, List.map_map, Function.comp_def, e₁, e₂]
    rfl
  rw [List.map_singleton, Node.part]
  refine Lists.beside_single ?_ hwf.1 (fun q hq => hs hq) hwf.2
  rw [e]
  exact (Tmpl.lists_form bias k c u k' c' u' v' shift width ρ).append (.carry ρ (.lit width) _)

end StageTmpl

end Logprec
