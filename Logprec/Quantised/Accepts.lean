import Logprec.Quantised.Transformer

/-!
# The transformer of a quantised model accepts what the model accepts

The states of the transformer are the fixed-point vectors of the states of the model, layer by layer.
-/

namespace Logprec.Quantised

section

variable {w d D n : Nat} {p : Nat → Nat} {x : List (List Int)} {L : Layer}

private theorem flatMap_zip_map {α β γ : Type} (l : List α) (g : α → β) (f : α × β → List γ) :
    (l.zip (l.map g)).flatMap f = l.flatMap fun a => f (a, g a) := by
  induction l with
  | nil => rfl
  | cons a l ih => simp [ih]

/-- Where the states of the transformer are read, they are those of the model. -/
theorem ofState_getD (hw : 1 ≤ w) (hd : d ≤ D) (hp : w < p n / 2) (hx : FitStates w d x) {i : Nat} (hi : i < x.length) :
    ofState w d ((x.map (toState D (p n))).toArray.getD i 0) = x.getD i [] := by
  have h := hx x[i] (List.getElem_mem _)
  have e : (x.map (toState D (p n))).toArray.getD i 0 = toState D (p n) x[i] := by simp [hi]
  rw [e, ofState_toState h.1 hd h.2 (natAbs_lt_of_fits hw h.2 hp)]
  simp [hi]

/-- The new state of a position. -/
theorem activation_toBlock {h : Nat → State D (p n)} {X : Nat → List Int} (hw : 1 ≤ w)
    (hD : ∀ H ∈ L.attention.heads, H.valueDim < D)
    (hp : w + (L.attention.expBits + L.attention.scoreBits) + n.log2 ≤ p n / 2 - 1)
    (hX : ∀ j < n, ofState w d (h j) = X j) {i : Nat} (hi : i < n) :
    (L.toBlock w d D p).activation n i ((L.toBlock w d D p).heads.map fun H => H.attend n h i) (h i) =
      toState D (p n) (applyLocals w L.locals (L.attention.out.residual w (X i) (L.attention.heads.flatMap fun H =>
        L.attention.attend w H n (fun j => optNorm w L.attention.norm (X j)) i))) := by
  simp only [Layer.toBlock, List.map_map]
  rw [flatMap_zip_map, hX i hi]
  refine congrArg (fun v => toState D (p n) (applyLocals w L.locals (L.attention.out.residual w (X i) v))) ?_
  refine congrArg List.flatten (List.map_congr_left fun H hH => ?_)
  exact Attention.meanOf_attend hw (hD H hH) hi hX hp

/-- The new states of a layer, by their positions. -/
theorem Layer.apply_eq (w : Nat) (L : Layer) (x : List (List Int)) :
    L.apply w x = (List.range x.length).map fun i => applyLocals w L.locals (L.attention.out.residual w (x.getD i [])
      (L.attention.heads.flatMap fun H =>
        L.attention.attend w H x.length (fun j => optNorm w L.attention.norm (x.getD j [])) i)) := by
  apply List.ext_getElem (by simp [Layer.apply, Attention.length_apply])
  intro i h₁ h₂
  have hi : i < x.length := by simpa using h₂
  have hi' : i < (L.attention.apply w x).length := by rwa [Attention.length_apply]
  have ha := Attention.getD_apply (w := w) L.attention hi
  rw [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem hi', Option.getD_some] at ha
  simp only [Layer.apply, List.getElem_map, List.getElem_range, ha]

/-- A layer of the transformer does what the layer of the model does. -/
theorem apply_toBlock (hw : 1 ≤ w) (hd : d ≤ D) (hD : ∀ H ∈ L.attention.heads, H.valueDim < D)
    (hp : w + (L.attention.expBits + L.attention.scoreBits) + n.log2 ≤ p n / 2 - 1) (hx : FitStates w d x)
    (hn : x.length = n) :
    (L.toBlock w d D p).apply n (x.map (toState D (p n))) = (L.apply w x).map (toState D (p n)) := by
  rw [Layer.apply_eq, List.map_map, hn]
  exact List.map_congr_left fun i hi => activation_toBlock hw hD hp (X := fun j => x.getD j [])
    (fun j hj => ofState_getD hw hd (by omega) hx (by omega)) (List.mem_range.1 hi)

end

namespace Model

variable {M : Model}

theorem dim_le_stateDim (M : Model) : M.dim ≤ M.stateDim := Nat.le_max_left _ _

theorem valueDim_lt_stateDim {L : Layer} (hL : L ∈ M.layers) {H : Head} (hH : H ∈ L.attention.heads) :
    H.valueDim < M.stateDim :=
  have h₁ : H.valueDim + 1 ≤ greatest (L.attention.heads.map fun H => H.valueDim + 1) :=
    le_greatest (List.mem_map_of_mem (f := fun H : Head => H.valueDim + 1) hH)
  have h₂ := le_greatest <|
    List.mem_map_of_mem (f := fun L : Layer => greatest (L.attention.heads.map fun H => H.valueDim + 1)) hL
  Nat.le_trans (Nat.le_trans h₁ h₂) (Nat.le_max_right _ _)

theorem expBits_le {L : Layer} (hL : L ∈ M.layers) (n : Nat) :
    M.width + (L.attention.expBits + L.attention.scoreBits) + n.log2 ≤ M.precision n / 2 - 1 := by
  have : L.attention.expBits + L.attention.scoreBits ≤ _ := le_greatest <|
    List.mem_map_of_mem (f := fun L : Layer => L.attention.expBits + L.attention.scoreBits) hL
  simp only [precision, extraBits]
  omega

theorem width_lt (M : Model) (n : Nat) : M.width < M.precision n / 2 := by
  simp only [precision, extraBits]
  omega

theorem fitStates_embedded (hM : M.WF) (word : List Nat) : FitStates M.width M.dim (M.embedded word) := by
  have := (gives_localNetwork hM.2.2.1 hM.1 (fitStates_embed (M := M) (word := word))).2
  rwa [show (word.mapIdx M.embed).map (applyLocals M.width M.pre) = M.embedded word by
    apply List.ext_getElem (by simp [embedded])
    intro i _ _
    simp [embedded]] at this

/-- The states of the transformer are the states of the model, as vectors of fixed-point floats. -/
theorem states_toTransformer (hM : M.WF) (word : List (BitVec M.symbolBits)) :
    M.toTransformer.states word =
      (M.states (word.map BitVec.toNat)).map (toState M.stateDim (M.precision word.length)) ∧
    FitStates M.width M.dim (M.states (word.map BitVec.toNat)) ∧
    (M.states (word.map BitVec.toNat)).length = word.length := by
  have start : M.toTransformer.embedded word =
      (M.embedded (word.map BitVec.toNat)).map (toState M.stateDim (M.precision word.length)) := by
    apply List.ext_getElem (by simp [Transformer.embedded, embedded])
    intro i _ _
    simp [Transformer.embedded, embedded, toTransformer]
  have layers : ∀ (Ls : List Layer) (x : List (List Int)), (∀ L ∈ Ls, L ∈ M.layers) → FitStates M.width M.dim x →
      x.length = word.length →
      (Ls.map (Layer.toBlock M.width M.dim M.stateDim M.precision)).foldl (fun h B => B.apply word.length h)
        (x.map (toState M.stateDim (M.precision word.length))) =
      (Ls.foldl (fun x L => L.apply M.width x) x).map (toState M.stateDim (M.precision word.length)) := by
    intro Ls
    induction Ls with
    | nil => intros; rfl
    | cons L Ls ih =>
      intro x hL hx hn
      have hL' := hL L (by simp)
      have hf := (Layer.gives_network (hM.2.2.2.1 L hL') hM.1 rfl hx).2
      simp only [List.map_cons, List.foldl_cons]
      rw [apply_toBlock hM.1 M.dim_le_stateDim (fun H hH => valueDim_lt_stateDim hL' hH) (expBits_le hL' _) hx hn]
      exact ih (L.apply M.width x) (fun L h => hL L (by simp [h])) hf
        (by simp [Layer.apply, Attention.length_apply, hn])
  have hf := fitStates_embedded hM (word.map BitVec.toNat)
  have hl : (M.embedded (word.map BitVec.toNat)).length = word.length := by simp [embedded]
  have h := gives_layers hM.2.2.2.1 hM.1 hl hf
  refine ⟨?_, h.2.1, h.2.2⟩
  rw [Transformer.states, start]
  exact layers M.layers _ (fun L h => h) hf hl

/-- **The transformer of a well-formed quantised model accepts the same words.** -/
theorem accepts_toTransformer (hM : M.WF) (word : List (BitVec M.symbolBits)) :
    M.toTransformer.accepts word = M.accepts (word.map BitVec.toNat) := by
  obtain ⟨hs, hf, hl⟩ := states_toTransformer hM word
  rw [Transformer.accepts, hs, accepts, outputs, List.length_map]
  have e : ofState M.width M.dim (((M.states (word.map BitVec.toNat)).map
      (toState M.stateDim (M.precision word.length))).getD (word.length - 1) 0) =
      (M.states (word.map BitVec.toNat)).getD (word.length - 1) (List.replicate M.dim 0) := by
    by_cases hw : word.length = 0
    · have hx := List.eq_nil_of_length_eq_zero (hl.trans hw)
      simp [hx, ofState_zero, -BitVec.ofNat_eq_ofNat]
    · have hi : word.length - 1 < (M.states (word.map BitVec.toNat)).length := by omega
      have := ofState_getD (p := M.precision) hM.1 M.dim_le_stateDim (M.width_lt word.length) hf hi
      simp [hi] at this ⊢
      exact this
  simp only [toTransformer]
  rw [e]

end Model

end Logprec.Quantised
