import Logprec.Circuit.Compose

/-!
# Layered circuits and DAG circuits

The usual definition of a circuit (Merrill & Sabharwal 2023, Definition 1) is a directed acyclic graph, in which a
gate reads inputs and earlier gates of any depth. Ours is strictly layered. Both are the same notion up to a
polynomial in size:

* `Dag.computes_layered`: a DAG circuit of depth at most `d ≥ 1` is a layered circuit of depth `d`, with `d - 1`
  copies of every gate and of every input, and one more gate for every output;
* `Dag.ofCircuit`: a layered circuit is a DAG circuit that computes the same function (`Dag.eval_ofCircuit`), of the
  same size (`Dag.size_ofCircuit`) and no greater depth (`Dag.depth_ofCircuit_le`).

Inputs are at level 0, so depth counts gates, as in the paper a path from an input to an output. A wire of a DAG
circuit also has a multiplicity, which is counted in its size.
-/

namespace Logprec

/-- Sums are monotone. -/
theorem sum_map_le_sum_map {α : Type} {l : List α} {f g : α → Nat} (h : ∀ a ∈ l, f a ≤ g a) :
    (l.map f).sum ≤ (l.map g).sum := by
  induction l with
  | nil => simp
  | cons a l ih =>
    have := h a (by simp)
    have := ih fun a ha => h a (by simp [ha])
    simp; omega

/-- A DAG circuit: its gates in topological order. The wires read *positions*: position `i < inputs` is input `i`,
and position `inputs + j` is gate `j`. -/
structure Dag where
  /-- The number of inputs. -/
  inputs : Nat
  /-- The gates; each reads inputs and earlier gates. -/
  gates : List Gate
  /-- The positions of the outputs. -/
  outputs : List Nat

namespace Dag

/-- The wires of the gates read earlier positions only, where `n` positions come before the first gate. -/
def GatesWF : Nat → List Gate → Prop
  | _, [] => True
  | n, g :: gs => (∀ w ∈ g.wires, w.src < n) ∧ GatesWF (n + 1) gs

/-- Well-formed: wires read earlier positions, and the outputs exist. -/
def WF (D : Dag) : Prop := GatesWF D.inputs D.gates ∧ ∀ o ∈ D.outputs, o < D.inputs + D.gates.length

/-- Go through the gates in order; `f v g` is what is noted for gate `g` when `v i` has been noted for the earlier
position `i`. -/
def fill {α : Type} (default : α) (f : (Nat → α) → Gate → α) (a : Array α) (gs : List Gate) : Array α :=
  gs.foldl (fun a g => a.push (f (a.getD · default) g)) a

/-- The values of all positions, when the inputs have the values `x`. -/
def values (D : Dag) (x : List Bool) : Array Bool := fill false Gate.eval x.toArray D.gates

/-- The outputs when the inputs have the values `x`. -/
def eval (D : Dag) (x : List Bool) : List Bool := D.outputs.map ((D.values x).getD · false)

/-- The level of a gate whose wires read positions of levels `v`: one more than the greatest of them. -/
def gateLevel (v : Nat → Nat) (g : Gate) : Nat := (g.wires.map fun w => v w.src).foldr max 0 + 1

/-- The levels of all positions: the number of gates on the longest path that ends there. -/
def levels (D : Dag) : Array Nat := fill 0 gateLevel (Array.replicate D.inputs 0) D.gates

/-- The depth: the number of gates on the longest path to an output. -/
def depth (D : Dag) : Nat := (D.outputs.map (D.levels.getD · 0)).foldr max 0

/-- The size: gates and wires, with multiplicity. -/
def size (D : Dag) : Nat := (D.gates.map Gate.size).sum

/-! ## Values and levels -/

/-- What is noted for a gate depends on what it reads only. -/
private def Local {α : Type} (f : (Nat → α) → Gate → α) : Prop :=
  ∀ {v v' : Nat → α} {g : Gate}, (∀ w ∈ g.wires, v w.src = v' w.src) → f v g = f v' g

private theorem local_eval : Local Gate.eval := Gate.eval_congr

private theorem local_gateLevel : Local gateLevel := fun {v v' g} h => by
  rw [gateLevel, gateLevel, List.map_congr_left h]

private theorem foldr_max_le {l : List Nat} {k : Nat} : l.foldr max 0 ≤ k ↔ ∀ a ∈ l, a ≤ k := by
  induction l with
  | nil => simp
  | cons a l ih => simp only [List.foldr_cons, List.forall_mem_cons, ← ih]; omega

private theorem getD_push_lt {α : Type} {a : Array α} {e d : α} {i : Nat} (h : i < a.size) :
    (a.push e).getD i d = a.getD i d := by
  simp [Array.getD_eq_getD_getElem?, Array.getElem?_push, Nat.ne_of_lt h]

private theorem getD_push_size {α : Type} {a : Array α} {e d : α} : (a.push e).getD a.size d = e := by
  simp [Array.getD_eq_getD_getElem?]

/-- What `fill` notes: nothing new for the positions before the gates, and `f` for every gate. -/
private theorem fill_spec {α : Type} {d : α} {f : (Nat → α) → Gate → α} (hf : Local f) {a : Array α} {gs : List Gate}
    (h : GatesWF a.size gs) :
    (∀ i < a.size, (fill d f a gs).getD i d = a.getD i d) ∧
    ∀ j g, gs[j]? = some g → (fill d f a gs).getD (a.size + j) d = f ((fill d f a gs).getD · d) g := by
  induction gs generalizing a with
  | nil => simp [fill]
  | cons g gs ih =>
    have e : fill d f a (g :: gs) = fill d f (a.push (f (a.getD · d) g)) gs := rfl
    obtain ⟨h₁, h₂⟩ := ih (a := a.push (f (a.getD · d) g)) (by simpa using h.2)
    rw [Array.size_push] at h₁ h₂
    rw [e]
    have old : ∀ i < a.size, (fill d f (a.push (f (a.getD · d) g)) gs).getD i d = a.getD i d := fun i hi => by
      rw [h₁ i (by omega), getD_push_lt hi]
    refine ⟨old, fun j g' hj => ?_⟩
    match j with
    | 0 =>
      obtain rfl : g = g' := by simpa using hj
      rw [Nat.add_zero, h₁ _ (by omega), getD_push_size]
      exact hf fun w hw => (old _ (h.1 w hw)).symm
    | j + 1 =>
      have := h₂ j g' (by simpa using hj)
      rwa [Nat.add_right_comm] at this

/-- A gate reads positions before its own. -/
private theorem src_lt {n j : Nat} {gs : List Gate} {g : Gate} (h : GatesWF n gs) (hj : gs[j]? = some g) :
    ∀ w ∈ g.wires, w.src < n + j := by
  induction gs generalizing n j with
  | nil => simp at hj
  | cons g' gs ih =>
    match j with
    | 0 => obtain rfl : g' = g := by simpa using hj
           exact h.1
    | j + 1 => intro w hw; have := ih h.2 (by simpa using hj) w hw; omega

/-! ## From a DAG to layers -/

/-- The gate without the wires that read positions from `b` on. -/
def below (b : Nat) : Gate → Gate
  | .atLeast k ws => .atLeast k (ws.filter (·.src < b))
  | .atMost k ws => .atMost k (ws.filter (·.src < b))

/-- The gate that computes position `o` from the values of the positions below `b`: a copy gate, or the gate of the
DAG. `gs` are the gates of `D`, in an array. -/
def gateAt (D : Dag) (gs : Array Gate) (b o : Nat) : Gate :=
  below b (if o < D.inputs then .atLeast 1 [⟨o, 1⟩] else gs.getD (o - D.inputs) (.atLeast 0 []))

/-- `d` layers, of which each computes all positions, the last one only the outputs. The first reads the positions
below `b`. -/
def layersFrom (D : Dag) (gs : Array Gate) (b : Nat) : Nat → Circuit
  | 0 => []
  | 1 => [D.outputs.map (D.gateAt gs b)]
  | d + 2 => (List.range (D.inputs + gs.size)).map (D.gateAt gs b) :: D.layersFrom gs (D.inputs + gs.size) (d + 1)

/-- The layered circuit of depth `d`: every layer computes all positions again. After `t` layers the positions of
level at most `t` have their values. -/
def layered (D : Dag) (d : Nat) : Circuit := D.layersFrom D.gates.toArray D.inputs d

private theorem below_eq {b : Nat} {g : Gate} (h : ∀ w ∈ g.wires, w.src < b) : below b g = g := by
  cases g <;> simpa [below, Gate.wires] using h

private theorem src_lt_of_mem_below {b : Nat} {g : Gate} {w} (h : w ∈ (below b g).wires) : w.src < b := by
  cases g <;> (simp [below, Gate.wires] at h; exact h.2)

private theorem size_below_le (b : Nat) (g : Gate) : (below b g).size ≤ g.size := by
  have : ∀ ws : List Wire, ((ws.filter (·.src < b)).map Wire.mult).sum ≤ (ws.map Wire.mult).sum := by
    intro ws
    induction ws with
    | nil => simp
    | cons w ws ih => by_cases h : w.src < b <;> simp [h] <;> omega
  cases g <;> (simp only [below, Gate.size, Gate.wires]; have := this ‹_›; omega)

/-- The gate of a position computes its value when the positions it reads have their values. -/
private theorem eval_gateAt {D : Dag} {x : List Bool} (hD : D.WF) (hx : x.length = D.inputs) {b t : Nat}
    {v : Nat → Bool} (hv : ∀ i < D.inputs + D.gates.length, D.levels.getD i 0 ≤ t →
      i < b ∧ v i = (D.values x).getD i false)
    {o : Nat} (ho : o < D.inputs + D.gates.length) (hl : D.levels.getD o 0 ≤ t + 1) :
    (D.gateAt D.gates.toArray b o).eval v = (D.values x).getD o false := by
  have hval := fill_spec local_eval (d := false) (a := x.toArray) (gs := D.gates) (by simpa [hx] using hD.1)
  have hlev := fill_spec local_gateLevel (d := 0) (a := Array.replicate D.inputs 0) (gs := D.gates)
    (by simpa using hD.1)
  rw [List.size_toArray, hx] at hval
  rw [Array.size_replicate] at hlev
  rw [gateAt]
  by_cases h : o < D.inputs
  · have h0 : D.levels.getD o 0 = 0 := by
      rw [levels, hlev.1 o h]; simp [Array.getD_eq_getD_getElem?, h]
    obtain ⟨hb, e⟩ := hv o ho (by omega)
    rw [if_pos h, below_eq (by simpa [Gate.wires] using hb), ← e]
    cases e' : v o <;> simp [Gate.eval, Wire.count, e']
  · obtain ⟨j, rfl⟩ : ∃ j, o = D.inputs + j := ⟨o - D.inputs, by omega⟩
    have hg : D.gates[j]? = some D.gates[j] := List.getElem?_eq_getElem (by omega)
    have hread : ∀ w ∈ (D.gates[j]).wires, w.src < b ∧ v w.src = (D.values x).getD w.src false := fun w hw => by
      have := src_lt hD.1 hg w hw
      refine hv _ (by omega) ?_
      rw [levels, hlev.2 j _ hg, gateLevel, Nat.add_le_add_iff_right, foldr_max_le] at hl
      exact hl _ (List.mem_map.2 ⟨w, hw, rfl⟩)
    have e : D.gates.toArray.getD (D.inputs + j - D.inputs) (.atLeast 0 []) = D.gates[j] := by
      simp [Array.getD_eq_getD_getElem?, hg]
    rw [if_neg h, e, below_eq fun w hw => (hread w hw).1, values, hval.2 j _ hg]
    exact Gate.eval_congr fun w hw => (hread w hw).2

private theorem eval_layersFrom {D : Dag} {x : List Bool} (hD : D.WF) (hx : x.length = D.inputs) {b t d : Nat}
    {v : List Bool} (hv : ∀ i < D.inputs + D.gates.length, D.levels.getD i 0 ≤ t →
      i < b ∧ bit v i = (D.values x).getD i false)
    (hd : D.depth ≤ t + (d + 1)) : (D.layersFrom D.gates.toArray b (d + 1)).eval v = D.eval x := by
  induction d generalizing b t v with
  | zero =>
    rw [depth, foldr_max_le] at hd
    simp only [layersFrom, Circuit.eval_cons, Circuit.eval_nil, Layer.eval_eq, List.map_map, eval]
    exact List.map_congr_left fun o ho =>
      eval_gateAt hD hx hv (hD.2 o ho) (hd _ (List.mem_map.2 ⟨o, ho, rfl⟩))
  | succ d ih =>
    rw [layersFrom, Circuit.eval_cons, List.size_toArray]
    refine ih (t := t + 1) (fun i hi hl => ⟨hi, ?_⟩) (by omega)
    rw [Layer.eval_eq, List.map_map, bit_map_range _ hi]
    exact eval_gateAt hD hx hv hi hl

private theorem eval_layered {D : Dag} {x : List Bool} (hD : D.WF) (hx : x.length = D.inputs) {d : Nat}
    (hd : D.depth ≤ d + 1) : (D.layered (d + 1)).eval x = D.eval x := by
  have hval := fill_spec local_eval (d := false) (a := x.toArray) (gs := D.gates) (by simpa [hx] using hD.1)
  have hlev := fill_spec local_gateLevel (d := 0) (a := Array.replicate D.inputs 0) (gs := D.gates)
    (by simpa using hD.1)
  rw [List.size_toArray, hx] at hval
  rw [Array.size_replicate] at hlev
  refine eval_layersFrom (t := 0) hD hx (fun i hi hl => ?_) (by omega)
  have h : i < D.inputs := by
    refine Nat.lt_of_not_le fun h => ?_
    obtain ⟨j, rfl⟩ := Nat.exists_eq_add_of_le h
    rw [levels, hlev.2 j _ (List.getElem?_eq_getElem (by omega)), gateLevel] at hl
    omega
  refine ⟨h, ?_⟩
  rw [values, hval.1 i h]
  simp [bit, Array.getD_eq_getD_getElem?]

private theorem wf_layersFrom {D : Dag} {d b : Nat} : (D.layersFrom D.gates.toArray b (d + 1)).WF b := by
  have : ∀ is : List Nat, ∀ g ∈ is.map (D.gateAt D.gates.toArray b), ∀ w ∈ g.wires, w.src < b := by
    intro is g hg w hw
    obtain ⟨o, -, rfl⟩ := List.mem_map.1 hg
    exact src_lt_of_mem_below hw
  induction d generalizing b with
  | zero => exact ⟨this _, trivial⟩
  | succ d ih =>
    refine ⟨this _, ?_⟩
    rw [List.length_map, List.length_range]
    refine ih fun is g hg w hw => ?_
    obtain ⟨o, -, rfl⟩ := List.mem_map.1 hg
    exact src_lt_of_mem_below hw

private theorem size_gateAt_le (D : Dag) (b o : Nat) : (D.gateAt D.gates.toArray b o).size ≤
    if o < D.inputs then 2 else (D.gates.toArray.getD (o - D.inputs) (.atLeast 0 [])).size := by
  refine Nat.le_trans (size_below_le _ _) ?_
  split <;> simp [Gate.size, Gate.wires]

private theorem size_allPositions_le (D : Dag) (b : Nat) :
    (((List.range (D.inputs + D.gates.length)).map (D.gateAt D.gates.toArray b)).map Gate.size).sum
      ≤ 2 * D.inputs + D.size := by
  rw [List.map_map]
  refine Nat.le_trans (sum_map_le_sum_map fun o _ => size_gateAt_le D b o) ?_
  have h₁ : (List.range D.inputs).map (fun o => if o < D.inputs then 2 else
      (D.gates.toArray.getD (o - D.inputs) (.atLeast 0 [])).size) = List.replicate D.inputs 2 := by
    rw [← List.length_range (n := D.inputs), ← List.map_const', List.length_range]
    exact List.map_congr_left fun o ho => if_pos (List.mem_range.1 ho)
  have h₂ : (List.range D.gates.length).map (fun j => (D.gates.toArray.getD j (.atLeast 0 [])).size)
      = D.gates.map Gate.size := by
    apply List.ext_getElem (by simp)
    intro i h _
    simp at h
    simp [Array.getD_eq_getD_getElem?, h]
  have h₃ : (List.range D.gates.length).map ((fun o => if o < D.inputs then 2 else
      (D.gates.toArray.getD (o - D.inputs) (.atLeast 0 [])).size) ∘ (D.inputs + ·)) = D.gates.map Gate.size := by
    rw [← h₂]
    refine List.map_congr_left fun j _ => ?_
    rw [Function.comp, if_neg (by omega), Nat.add_sub_cancel_left]
  rw [List.range_add, List.map_append, List.map_map, List.sum_append_nat, h₁, h₃, size, List.sum_replicate_nat]
  omega

private theorem size_le_of_mem {g : Gate} {gs : List Gate} (h : g ∈ gs) : g.size ≤ (gs.map Gate.size).sum := by
  induction gs with
  | nil => simp at h
  | cons g' gs ih =>
    rw [List.map_cons, List.sum_cons]
    rcases List.mem_cons.1 h with rfl | h
    · omega
    · have := ih h; omega

private theorem size_layersFrom_le (D : Dag) (d b : Nat) : (D.layersFrom D.gates.toArray b (d + 1)).size ≤
    d * (2 * D.inputs + D.size) + D.outputs.length * (D.size + 2) := by
  induction d generalizing b with
  | zero =>
    have : ∀ os : List Nat, ((os.map (D.gateAt D.gates.toArray b)).map Gate.size).sum ≤ os.length * (D.size + 2) := by
      intro os
      induction os with
      | nil => simp
      | cons o os ih =>
        have h : (D.gateAt D.gates.toArray b o).size ≤ D.size + 2 := by
          refine Nat.le_trans (size_gateAt_le D b o) ?_
          split
          · omega
          · rw [Array.getD_eq_getD_getElem?, List.getElem?_toArray]
            cases e : D.gates[o - D.inputs]? with
            | none => simp [Gate.size, Gate.wires]
            | some g =>
              have := size_le_of_mem (List.mem_of_getElem? e)
              rw [size]; simp; omega
        simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.add_mul] at ih ⊢
        omega
    simpa [layersFrom, Circuit.size] using this D.outputs
  | succ d ih =>
    have := size_allPositions_le D b
    have := ih (D.inputs + D.gates.length)
    rw [layersFrom, Circuit.size_cons, List.size_toArray, Nat.add_mul]
    omega

private theorem length_layersFrom (D : Dag) (gs : Array Gate) (d b : Nat) :
    (D.layersFrom gs b (d + 1)).length = d + 1 := by
  induction d generalizing b with
  | zero => rfl
  | succ d ih => rw [layersFrom, List.length_cons, ih]

private theorem width_layersFrom (D : Dag) (gs : Array Gate) (d b m : Nat) :
    (D.layersFrom gs b (d + 1)).width m = D.outputs.length := by
  induction d generalizing b m with
  | zero => simp [layersFrom, Circuit.width]
  | succ d ih => exact ih _ _

/-- **A DAG circuit as a layered circuit** of the same depth: if the depth is at most `d + 1`, then `d + 1` layers
compute the same function, and the size is at most that of `d` copies of the circuit and of its inputs, and of one
more for every output. -/
theorem computes_layered {D : Dag} (hD : D.WF) {d : Nat} (hd : D.depth ≤ d + 1) :
    (D.layered (d + 1)).Computes D.inputs D.outputs.length (d + 1)
      (d * (2 * D.inputs + D.size) + D.outputs.length * (D.size + 2)) D.eval where
  wf := wf_layersFrom
  width_eq := width_layersFrom _ _ _ _ _
  depth_eq := length_layersFrom _ _ _ _
  size_le := size_layersFrom_le _ _ _
  eval_eq _ hx := eval_layered hD hx hd

/-! ## From layers to a DAG -/

/-- The gates of the layers one after the other; the layer before them has `len` positions, which start at `off`. -/
def flatten : Nat → Nat → Circuit → List Gate
  | _, _, [] => []
  | off, len, L :: C => L.map (Gate.reindex (off + ·)) ++ flatten (off + len) L.length C

/-- The positions of the last layer, when the layer before `C` has `len` positions, which start at `off`. -/
def lastPositions : Nat → Nat → Circuit → List Nat
  | off, len, [] => List.range' off len
  | off, len, L :: C => lastPositions (off + len) L.length C

/-- A layered circuit with `m` inputs as a DAG circuit. -/
def ofCircuit (m : Nat) (C : Circuit) : Dag := ⟨m, flatten 0 m C, lastPositions 0 m C⟩

/-- Size is not changed. -/
theorem size_ofCircuit (m : Nat) (C : Circuit) : (ofCircuit m C).size = C.size := by
  suffices H : ∀ off len, ((flatten off len C).map Gate.size).sum = C.size from H 0 m
  induction C with
  | nil => simp [flatten]
  | cons L C ih =>
    intro off len
    have : L.map (Gate.size ∘ Gate.reindex (off + ·)) = L.map Gate.size :=
      List.map_congr_left fun g _ => Gate.size_reindex _ g
    rw [flatten, List.map_append, List.sum_append_nat, ih, List.map_map, this, Circuit.size_cons]

private theorem gatesWF_append {n : Nat} {gs gs' : List Gate} :
    GatesWF n (gs ++ gs') ↔ GatesWF n gs ∧ GatesWF (n + gs.length) gs' := by
  induction gs generalizing n with
  | nil => simp [GatesWF]
  | cons g gs ih => simp [GatesWF, ih, and_assoc, Nat.add_assoc, Nat.add_comm 1]

private theorem gatesWF_of_forall {n : Nat} {gs : List Gate} (h : ∀ g ∈ gs, ∀ w ∈ g.wires, w.src < n) :
    GatesWF n gs := by
  induction gs generalizing n with
  | nil => trivial
  | cons g gs ih =>
    exact ⟨h g (by simp), ih fun g' hg w hw => Nat.lt_succ_of_lt (h g' (by simp [hg]) w hw)⟩

/-- The DAG of a well-formed circuit is well-formed. -/
theorem wf_ofCircuit {m : Nat} {C : Circuit} (hC : C.WF m) : (ofCircuit m C).WF := by
  suffices H : ∀ off len, C.WF len → GatesWF (off + len) (flatten off len C) ∧
      ∀ o ∈ lastPositions off len C, o < off + len + (flatten off len C).length by
    simpa [WF, ofCircuit] using H 0 m hC
  clear hC
  induction C with
  | nil => simp [flatten, lastPositions, GatesWF, List.mem_range'_1]
  | cons L C ih =>
    intro off len hC
    obtain ⟨h₁, h₂⟩ := ih (off + len) L.length hC.2
    refine ⟨gatesWF_append.2 ⟨gatesWF_of_forall fun g hg w hw => ?_, by simpa using h₁⟩, fun o ho => ?_⟩
    · obtain ⟨g, hg', rfl⟩ := List.mem_map.1 hg
      obtain ⟨w', hw', e⟩ := Gate.mem_wires_reindex hw
      have := hC.1 g hg' w' hw'
      omega
    · have := h₂ o ho
      simp only [flatten, List.length_append, List.length_map]; omega

/-- Filling in a layer that reads positions which have been noted already. -/
private theorem fill_layer {α : Type} {d : α} {f : (Nat → α) → Gate → α} (hf : Local f) {off len : Nat} {a : Array α}
    (ha : off + len ≤ a.size) {L : Layer} (hL : ∀ g ∈ L, ∀ w ∈ g.wires, w.src < len) :
    fill d f a (L.map (Gate.reindex (off + ·)))
      = a ++ (L.map fun g => f (a.getD · d) (g.reindex (off + ·))).toArray := by
  induction L generalizing a with
  | nil => simp [fill]
  | cons g L ih =>
    have e : fill d f a ((g :: L).map (Gate.reindex (off + ·)))
        = fill d f (a.push (f (a.getD · d) (g.reindex (off + ·)))) (L.map (Gate.reindex (off + ·))) := rfl
    rw [e, ih (by simp; omega) fun g hg => hL g (by simp [hg])]
    have : L.map (fun g' => f ((a.push (f (a.getD · d) (g.reindex (off + ·)))).getD · d) (g'.reindex (off + ·)))
        = L.map fun g' => f (a.getD · d) (g'.reindex (off + ·)) := by
      refine List.map_congr_left fun g' hg' => hf fun w hw => ?_
      obtain ⟨w', hw', e⟩ := Gate.mem_wires_reindex hw
      have := hL g' (by simp [hg']) w' hw'
      exact getD_push_lt (by omega)
    rw [this]
    simp

private theorem fill_append {α : Type} {d : α} {f : (Nat → α) → Gate → α} {a : Array α} {gs gs' : List Gate} :
    fill d f a (gs ++ gs') = fill d f (fill d f a gs) gs' := List.foldl_append

private theorem getD_append_right {α : Type} {a : Array α} {l : List α} {d : α} {i : Nat} :
    (a ++ l.toArray).getD (a.size + i) d = l.getD i d := by
  simp [Array.getD_eq_getD_getElem?, Array.getElem?_append_right]

/-- **A layered circuit is a DAG circuit** that computes the same function. -/
theorem eval_ofCircuit {m : Nat} {C : Circuit} (hC : C.WF m) {x : List Bool} (hx : x.length = m) :
    (ofCircuit m C).eval x = C.eval x := by
  suffices H : ∀ (off : Nat) (a : Array Bool) (y : List Bool), C.WF y.length → a.size = off + y.length →
      (∀ i < y.length, a.getD (off + i) false = bit y i) →
      (lastPositions off y.length C).map ((fill false Gate.eval a (flatten off y.length C)).getD · false) = C.eval y by
    have := H 0 x.toArray x (hx ▸ hC) (by simp) (fun i _ => by simp [bit, Array.getD_eq_getD_getElem?])
    rwa [hx] at this
  clear hC hx
  induction C with
  | nil =>
    intro off a y _ _ h
    rw [lastPositions, flatten, Circuit.eval_nil, List.range'_eq_map_range, List.map_map]
    exact (List.map_congr_left fun i hi => h i (List.mem_range.1 hi)).trans (map_bit_range y)
  | cons L C ih =>
    intro off a y hC ha h
    have e : L.map (fun g => Gate.eval (a.getD · false) (g.reindex (off + ·))) = L.eval y := by
      rw [Layer.eval_eq]
      refine List.map_congr_left fun g hg => ?_
      rw [Gate.eval_reindex]
      exact Gate.eval_congr fun w hw => h _ (hC.1 g hg w hw)
    have hlen : (L.eval y).length = L.length := by simp [Layer.eval]
    rw [lastPositions, flatten, fill_append, fill_layer local_eval (by omega) hC.1, e, Circuit.eval_cons]
    have := ih (off + y.length) (a ++ (L.eval y).toArray) (L.eval y) (hlen ▸ hC.2) (by simp [ha, hlen])
      fun i _ => by rw [← ha, getD_append_right]; rfl
    rwa [hlen] at this

/-- The DAG of a layered circuit has no greater depth. (It has a smaller one when no path of full length leads to
an output, because a gate without wires starts a path.) -/
theorem depth_ofCircuit_le {m : Nat} {C : Circuit} (hC : C.WF m) : (ofCircuit m C).depth ≤ C.depth := by
  suffices H : ∀ (off len t : Nat) (a : Array Nat), C.WF len → a.size = off + len →
      (∀ i < len, a.getD (off + i) 0 ≤ t) →
      ∀ o ∈ lastPositions off len C, (fill 0 gateLevel a (flatten off len C)).getD o 0 ≤ t + C.length by
    have := H 0 m 0 (Array.replicate m 0) hC (by simp) fun i hi => by simp [Array.getD_eq_getD_getElem?, hi]
    rw [depth, foldr_max_le]
    intro l hl
    obtain ⟨o, ho, rfl⟩ := List.mem_map.1 hl
    simpa [Circuit.depth] using this o ho
  clear hC
  induction C with
  | nil =>
    intro off len t a _ _ h o ho
    rw [lastPositions, List.mem_range'_1] at ho
    obtain ⟨i, rfl⟩ := Nat.exists_eq_add_of_le ho.1
    exact h i (by omega)
  | cons L C ih =>
    intro off len t a hC ha h
    rw [lastPositions, flatten, fill_append, fill_layer local_gateLevel (by omega) hC.1, List.length_cons,
      Nat.add_comm C.length, ← Nat.add_assoc]
    refine ih (off + len) L.length (t + 1) _ hC.2 (by simp [ha]) fun i hi => ?_
    rw [← ha, getD_append_right, List.getD_eq_getElem?_getD, List.getElem?_map, List.getElem?_eq_getElem hi]
    simp only [Option.map_some, Option.getD_some, gateLevel, Nat.add_le_add_iff_right, foldr_max_le, List.mem_map]
    rintro _ ⟨w, hw, rfl⟩
    obtain ⟨w', hw', e⟩ := Gate.mem_wires_reindex hw
    rw [e]
    exact h _ (hC.1 _ (List.getElem_mem hi) w' hw')

end Dag
end Logprec
