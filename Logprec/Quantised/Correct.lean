import Logprec.Quantised.Attention

/-!
# The network of a quantised model is right

`Model.gives_network`: for every well-formed model and every word, the network of the model reads the symbols and its
outputs are the codes of the outputs of the model. What follows for users: `Model.eval_network` and `Model.network_wf`.
-/

namespace Logprec.Quantised

/-- States of `d` coordinates that can be stored as signed numbers of `w` bits. -/
def FitStates (w d : Nat) (x : List (List Int)) : Prop := ∀ v ∈ x, v.length = d ∧ Fits w v

/-- The codes of the states, one after the other. -/
def stateCodes (w : Nat) (x : List (List Int)) : List Nat := x.flatMap (codes w)

section

variable {w d n : Nat} {x y : List (List Int)}

theorem FitStates.getD (hx : FitStates w d x) : ∀ i < x.length, (x.getD i []).length = d ∧ Fits w (x.getD i []) := by
  intro i hi
  have := hx x[i] (List.getElem_mem _)
  simpa [hi] using this

/-- States, by their positions. -/
theorem stateCodes_eq (hn : x.length = n) {f : Nat → List Int} (hf : ∀ i < n, x.getD i [] = f i) :
    stateCodes w x = (List.range n).flatMap fun i => codes w (f i) := by
  subst hn
  have e : x = (List.range x.length).map f := by
    apply List.ext_getElem (by simp)
    intro i hi _
    have := hf i hi
    simpa [hi] using this
  exact (congrArg (List.flatMap (codes w)) e).trans (List.flatMap_map _ _ _)

theorem dot_replicate_zero (v : List Int) (d : Nat) : dot v (List.replicate d 0) = 0 := by
  induction v generalizing d with
  | nil => rfl
  | cons z v ih =>
    cases d with
    | zero => rfl
    | succ d => simpa [dot, List.replicate_succ] using ih d

/-- Local sublayers, at all positions. -/
theorem gives_localNetwork {ls : List Local} (hls : ∀ l ∈ ls, l.WF d) (hw : 1 ≤ w) (hx : FitStates w d x) :
    Network.Gives (localNetwork w d x.length ls) (stateCodes w x) (stateCodes w (x.map (applyLocals w ls))) ∧
      FitStates w d (x.map (applyLocals w ls)) := by
  constructor
  · rw [stateCodes_eq rfl fun _ _ => rfl, stateCodes_eq (n := x.length) (by simp)
      (f := fun i => applyLocals w ls (x.getD i [])) fun i hi => by simp [hi]]
    exact .each fun i hi => (applyLocals_spec hls (hx.getD i hi).1 (hx.getD i hi).2 hw).2.2
  · intro v hv
    obtain ⟨u, hu, rfl⟩ := List.mem_map.1 hv
    have := applyLocals_spec hls (hx u hu).1 (hx u hu).2 hw
    exact ⟨this.1, this.2.1⟩

theorem getD_map_optNorm (N : Option Norm) (i : Nat) : (x.map (optNorm w N)).getD i [] = optNorm w N (x.getD i []) := by
  have h : optNorm w N [] = [] := List.eq_nil_of_length_eq_zero (length_optNorm w N [])
  rw [List.getD_eq_getElem?_getD, List.getD_eq_getElem?_getD, List.getElem?_map]
  cases x[i]? <;> simp [h]

theorem Attention.length_apply (A : Attention) : (A.apply w x).length = x.length := by simp [Attention.apply]

/-- The new state of a position after attention. -/
theorem Attention.getD_apply (A : Attention) {i : Nat} (hi : i < x.length) :
    (A.apply w x).getD i [] = A.out.residual w (x.getD i [])
      (A.heads.flatMap fun H => A.attend w H x.length (fun j => optNorm w A.norm (x.getD j [])) i) := by
  simp only [Attention.apply, List.getD_eq_getElem?_getD, List.getElem?_mapIdx, List.getElem?_eq_getElem hi,
    Option.map_some, Option.getD_some]
  congr 3
  funext H
  congr 1
  funext j
  simpa using getD_map_optNorm A.norm j

/-- The attention sublayer, on lists of states. -/
theorem Attention.gives_apply {A : Attention} (hA : A.WF d) (hw : 1 ≤ w) (hx : FitStates w d x) :
    Network.Gives (A.network w d x.length) (stateCodes w x) (stateCodes w (A.apply w x)) ∧
      FitStates w d (A.apply w x) := by
  constructor
  · rw [stateCodes_eq rfl fun _ _ => rfl, stateCodes_eq A.length_apply fun _ hi => A.getD_apply hi]
    exact Attention.gives_network hw hx.getD hA fun i _ => rfl
  · intro v hv
    obtain ⟨i, hi, rfl⟩ := List.mem_iff_getElem.1 hv
    have hi' : i < x.length := A.length_apply ▸ hi
    have e := A.getD_apply (w := w) hi'
    rw [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem hi, Option.getD_some] at e
    rw [e]
    exact ⟨Affine.length_residual hA.2.2 (hx.getD i hi').1, Affine.fits_residual _ _ _ _⟩

/-- A layer. -/
theorem Layer.gives_network {L : Layer} (hL : L.WF d) (hw : 1 ≤ w) (hn : x.length = n) (hx : FitStates w d x) :
    Network.Gives (L.network w d n) (stateCodes w x) (stateCodes w (L.apply w x)) ∧ FitStates w d (L.apply w x) := by
  subst hn
  have h₁ := Attention.gives_apply hL.1 hw hx
  have h₂ := gives_localNetwork hL.2 hw h₁.2
  rw [Attention.length_apply] at h₂
  exact ⟨h₁.1.append h₂.1, h₂.2⟩

/-- Several layers. -/
theorem gives_layers {Ls : List Layer} (hL : ∀ L ∈ Ls, L.WF d) (hw : 1 ≤ w) (hn : x.length = n)
    (hx : FitStates w d x) :
    Network.Gives (Ls.flatMap (Layer.network w d n)) (stateCodes w x)
        (stateCodes w (Ls.foldl (fun x L => L.apply w x) x)) ∧
      FitStates w d (Ls.foldl (fun x L => L.apply w x) x) ∧ (Ls.foldl (fun x L => L.apply w x) x).length = n := by
  induction Ls generalizing x with
  | nil => exact ⟨rfl, hx, hn⟩
  | cons L Ls ih =>
    have h := Layer.gives_network (hL L (by simp)) hw hn hx
    have := ih (fun L h => hL L (by simp [h])) (by simp [Layer.apply, Attention.length_apply, hn]) h.2
    exact ⟨h.1.append this.1, this.2⟩

end

namespace Model

variable {M : Model} {word : List Nat}

/-- The embedding. -/
theorem gives_embedStage (hw : 1 ≤ M.width) (hword : ∀ σ ∈ word, σ < 2 ^ M.symbolBits) :
    Stage.Gives (M.embedStage word.length) word (stateCodes M.width (word.mapIdx M.embed)) := by
  rw [stateCodes_eq (n := word.length) (by simp) (f := fun i => M.embed i (word.getD i 0)) fun i hi => by simp [hi]]
  refine .flatMap fun i hi => ?_
  have hi := List.mem_range.1 hi
  rw [codes, embed, List.map_map]
  refine .map fun c hc => ?_
  have h : Holds word i [word.getD i 0] := fun k hk => by
    obtain rfl : k = 0 := by simpa using hk
    simp [hi]
  have hσ : word.getD i 0 < 2 ^ M.symbolBits := by
    have := hword word[i] (List.getElem_mem _)
    simpa [hi] using this
  have := Stage.Gives.table ((List.range (2 ^ M.symbolBits)).map fun σ => code (half M.width)
    (sat M.width ((M.embedding.getD σ #[]).getD c 0 + (M.positions.getD i #[]).getD c 0))).toArray M.width h
  rw [show ∀ (l : List Nat) (i : Nat), l.toArray.getD i 0 = l.getD i 0 by simp, List.getD_eq_getElem?_getD,
    List.getElem?_map, List.getElem?_range hσ, Option.map_some, Option.getD_some,
    Nat.mod_eq_of_lt (code_sat_lt hw _)] at this
  exact this

/-- First states fit. -/
theorem fitStates_embed : FitStates M.width M.dim (word.mapIdx M.embed) := by
  intro v hv
  obtain ⟨i, hi, rfl⟩ := List.mem_mapIdx.1 hv
  exact ⟨by simp [embed], fits_map_sat _ _⟩

/-- The readout. -/
theorem gives_readoutStage {x : List (List Int)} {n : Nat} (hM : M.WF) (hn : x.length = n)
    (hx : FitStates M.width M.dim x) :
    Stage.Gives (M.readoutStage n) (stateCodes M.width x)
      (codes M.readoutBits (M.readout.apply M.readoutBits (x.getD (n - 1) (List.replicate M.dim 0)))) := by
  cases n with
  | zero =>
    obtain rfl := List.eq_nil_of_length_eq_zero hn
    rw [codes, Affine.apply, Affine.accumulate, List.map_map, List.map_map]
    refine .map fun r hr => ?_
    simp only [Function.comp_apply, ← clamp_add_half hM.2.1]
    refine gives_affineNode (by simp) ?_
    simp [dot_replicate_zero]
  | succ n =>
    have hi : n < x.length := by omega
    have e : x.getD (n + 1 - 1) (List.replicate M.dim 0) = x.getD n [] := by simp [hi]
    have h := holds_flatMap_range (y := fun i => codes M.width (x.getD i [])) (m := M.dim)
      (fun j hj => by simpa using (hx.getD j hj).1) hi
    rw [← stateCodes_eq rfl fun _ _ => rfl] at h
    rw [e]
    exact Affine.gives_nodes hM.2.2.2.2 (hx.getD n hi).1 hM.2.1 (signed_of_codes h (hx.getD n hi).2)

/-- **The network of a quantised model** reads only values that exist, and its outputs are the codes of the outputs of
the model: for every well-formed model and every word, also the empty one. -/
theorem gives_network (hM : M.WF) (hword : ∀ σ ∈ word, σ < 2 ^ M.symbolBits) :
    Network.Gives (M.network word.length) word (codes M.readoutBits (M.outputs word)) := by
  have h₁ := gives_localNetwork hM.2.2.1 hM.1 (fitStates_embed (M := M) (word := word))
  have e : (word.mapIdx M.embed).map (applyLocals M.width M.pre) = M.embedded word := by
    apply List.ext_getElem (by simp [embedded])
    intro i _ _
    simp [embedded]
  have hl : (M.embedded word).length = word.length := by simp [embedded]
  rw [e, List.length_mapIdx] at h₁
  have h₂ := gives_layers hM.2.2.2.1 hM.1 hl h₁.2
  exact (((Network.Gives.single (gives_embedStage hM.1 hword)).append h₁.1).append h₂.1).append
    (.single (gives_readoutStage hM h₂.2.2 h₂.2.1))

/-- **The network computes the outputs of the model**, each stored as a natural number of `readoutBits` bits: the output
`z` as `z + 2 ^ (readoutBits - 1)`. -/
theorem eval_network (hM : M.WF) (hword : ∀ σ ∈ word, σ < 2 ^ M.symbolBits) :
    (M.network word.length).eval word = (M.outputs word).map fun z => (z + 2 ^ (M.readoutBits - 1)).toNat :=
  (gives_network hM hword).eval

/-- The network for words of `n` symbols is well-formed. -/
theorem network_wf (hM : M.WF) (n : Nat) : (M.network n).WF n := by
  have := (gives_network (word := List.replicate n 0) hM fun σ hσ => by
    rw [(List.mem_replicate.1 hσ).2]
    exact Nat.two_pow_pos _).wf
  simpa using this

end Model

end Logprec.Quantised
