import Logprec.Bits
import Logprec.Circuit.Construct
import Logprec.Circuit.Defs

/-!
# Composing circuits: proofs

`Circuit.Computes` says well-formedness, width, depth, size and function at once; one rule for each way of composing.
About the definitions in `Logprec.Circuit.Construct`.
-/

namespace Logprec

theorem Layer.eval_eq (L : Layer) (x : List Bool) : L.eval x = L.map (Gate.eval (bit x)) := by
  have : (fun i => x.toArray.getD i false) = bit x := by
    funext i; simp [bit, Array.getD_eq_getD_getElem?]
  simp only [Layer.eval, this]

theorem flatMap_congr {α β : Type _} {f g : α → List β} {l : List α} (h : ∀ a ∈ l, f a = g a) :
    l.flatMap f = l.flatMap g := by
  rw [List.flatMap_def, List.flatMap_def, List.map_congr_left h]

/-! ## Reading through a renaming -/

namespace Gate

theorem eval_reindex (f : Nat → Nat) (v) (g : Gate) : (g.reindex f).eval v = g.eval (v ∘ f) := by
  cases g <;> simp [reindex, eval, Wire.count, Function.comp_def]

theorem size_reindex (f : Nat → Nat) (g : Gate) : (g.reindex f).size = g.size := by
  cases g <;> simp [reindex, size, wires, Function.comp_def]

theorem mem_wires_reindex {f : Nat → Nat} {g : Gate} {w} (h : w ∈ (g.reindex f).wires) :
    ∃ w' ∈ g.wires, w.src = f w'.src := by
  cases g <;> simp [reindex, wires] at h ⊢ <;> grind

theorem eval_congr {v v' : Nat → Bool} {g : Gate} (h : ∀ w ∈ g.wires, v w.src = v' w.src) :
    g.eval v = g.eval v' := by
  have : ∀ ws : List Wire, (∀ w ∈ ws, v w.src = v' w.src) → Wire.count v ws = Wire.count v' ws := by
    intro ws hws
    unfold Wire.count
    congr 1
    exact List.map_congr_left fun w hw => by rw [hws w hw]
  cases g with
  | atLeast k ws => simp only [eval, this ws h]
  | atMost k ws => simp only [eval, this ws h]

end Gate

namespace Circuit

@[simp] theorem eval_nil (x) : eval [] x = x := rfl

@[simp] theorem eval_cons (L : Layer) (C : Circuit) (x) : eval (L :: C) x = eval C (L.eval x) := rfl

/-- Composition: `C` first, then `D`. -/
@[simp] theorem eval_append (C D : Circuit) (x) : eval (C ++ D) x = D.eval (C.eval x) := by
  simp [eval, List.foldl_append]

@[simp] theorem depth_append (C D : Circuit) : depth (C ++ D) = C.depth + D.depth := by simp [depth]

@[simp] theorem size_nil : size [] = 0 := rfl

theorem size_cons (L : Layer) (C : Circuit) : size (L :: C) = (L.map Gate.size).sum + size C := by
  simp [size]

@[simp] theorem size_append (C D : Circuit) : size (C ++ D) = C.size + D.size := by simp [size]

@[simp] theorem width_append (m) (C D : Circuit) : width m (C ++ D) = width (width m C) D := by
  induction C generalizing m with
  | nil => rfl
  | cons L C ih => exact ih _

theorem wf_append {m} {C D : Circuit} (hC : C.WF m) (hD : D.WF (C.width m)) : WF m (C ++ D) := by
  induction C generalizing m with
  | nil => exact hD
  | cons L C ih => exact ⟨hC.1, ih hC.2 hD⟩

/-- The number of outputs is what `width` says. -/
theorem length_eval (C : Circuit) (x : List Bool) : (C.eval x).length = C.width x.length := by
  induction C generalizing x with
  | nil => rfl
  | cons L C ih => simp [ih, width, Layer.eval]

/-! ## Side by side -/

/-- What a non-empty circuit computes when its first layer reads `v`. -/
private def evalOn (v : Nat → Bool) : Circuit → List Bool
  | [] => []
  | L :: C => eval C (L.map (Gate.eval v))

private theorem evalOn_eq {C : Circuit} (x) (h : C ≠ []) : C.eval x = evalOn (bit x) C := by
  cases C with
  | nil => contradiction
  | cons L C => simp [evalOn, Layer.eval_eq]

private theorem evalOn_congr {C : Circuit} {m} {v v' : Nat → Bool} (h : C.WF m)
    (hv : ∀ i < m, v i = v' i) : evalOn v C = evalOn v' C := by
  cases C with
  | nil => rfl
  | cons L C =>
    have : L.map (Gate.eval v) = L.map (Gate.eval v') :=
      List.map_congr_left fun g hg => Gate.eval_congr fun w hw => hv _ (h.1 g hg w hw)
    simp [evalOn, this]

/-- A part that can stand in `beside`: depth `d + 1`, well-formed for some number of inputs. -/
private def Good (d : Nat) (b : (Nat → Nat) × Circuit) : Prop := b.2.length = d + 1 ∧ ∃ m, b.2.WF m

private theorem evalOn_advance {d} (bs : List ((Nat → Nat) × Circuit)) (v : Nat → Bool)
    (hbs : ∀ b ∈ bs, Good (d + 1) b) (pre : List Bool) :
    (advance pre.length bs).flatMap (fun b => evalOn
      (bit (pre ++ bs.flatMap fun b => (b.2.headD []).map (Gate.eval (v ∘ b.1))) ∘ b.1) b.2)
    = bs.flatMap fun b => evalOn (v ∘ b.1) b.2 := by
  induction bs generalizing pre with
  | nil => rfl
  | cons b bs ih =>
    obtain ⟨f, C⟩ := b
    obtain ⟨hlen, m, hwf⟩ := hbs (f, C) (by simp)
    match C, hlen, hwf with
    | L :: L' :: C, _, hwf =>
      have ih := ih (fun b hb => hbs b (by simp [hb])) (pre ++ L.map (Gate.eval (v ∘ f)))
      simp only [List.length_append, List.length_map, List.append_assoc] at ih
      simp only [advance, List.flatMap_cons, List.headD_cons, List.tail_cons, ih]
      congr 1
      rw [show evalOn (v ∘ f) (L :: L' :: C) = evalOn (bit (L.map (Gate.eval (v ∘ f)))) (L' :: C) by
        simp [evalOn, Layer.eval_eq]]
      refine evalOn_congr hwf.2 fun i hi => ?_
      simp only [Function.comp]
      rw [bit_append_right, bit_append_left (by simpa using hi)]

private theorem mem_advance {off} {bs : List ((Nat → Nat) × Circuit)} {b'} (h : b' ∈ advance off bs) :
    ∃ b ∈ bs, b'.2 = b.2.tail := by
  induction bs generalizing off with
  | nil => simp [advance] at h
  | cons b bs ih =>
    simp only [advance, List.mem_cons] at h
    rcases h with h | h
    · exact ⟨b, by simp, by rw [h]⟩
    · obtain ⟨b', hb', e⟩ := ih h
      exact ⟨b', by simp [hb'], e⟩

private theorem good_advance {d off} {bs : List ((Nat → Nat) × Circuit)} (hbs : ∀ b ∈ bs, Good (d + 1) b) :
    ∀ b ∈ advance off bs, Good d b := by
  intro b' hb'
  obtain ⟨b, hb, e⟩ := mem_advance hb'
  obtain ⟨hlen, m, hwf⟩ := hbs b hb
  match h : b.2, hlen, hwf with
  | L :: C, hlen, hwf => exact ⟨by simp [e, h] at hlen ⊢; omega, L.length, by simpa [e, h] using hwf.2⟩

private theorem evalOn_beside {d} (bs : List ((Nat → Nat) × Circuit)) (v : Nat → Bool)
    (hbs : ∀ b ∈ bs, Good d b) :
    evalOn v (beside (d + 1) bs) = bs.flatMap fun b => evalOn (v ∘ b.1) b.2 := by
  induction d generalizing bs v with
  | zero =>
    simp only [beside, evalOn, eval_nil, List.map_flatMap]
    refine flatMap_congr fun b hb => ?_
    obtain ⟨hlen, -⟩ := hbs b hb
    match b.2, hlen with
    | [L], _ => simp [Function.comp_def, Gate.eval_reindex]
  | succ d ih =>
    have key := ih (advance 0 bs)
      (bit (bs.flatMap fun b => (b.2.headD []).map (Gate.eval (v ∘ b.1)))) (good_advance hbs)
    have adv := evalOn_advance bs v hbs []
    simp only [List.length_nil, List.nil_append] at adv
    rw [adv] at key
    rw [← key, beside, evalOn, evalOn_eq _ (by simp [beside])]
    congr 2
    simp only [List.map_flatMap, List.map_map]
    simp [Function.comp_def, Gate.eval_reindex]

private theorem wf_beside {d m} (bs : List ((Nat → Nat) × Circuit)) (hbs : ∀ b ∈ bs, b.2.length = d)
    (hwf : ∀ b ∈ bs, ∃ k, b.2.WF k ∧ ∀ i < k, b.1 i < m) : WF m (beside d bs) := by
  induction d generalizing m bs with
  | zero => trivial
  | succ d ih =>
    refine ⟨fun g hg w hw => ?_, ih _ (fun b' hb' => ?_) ?_⟩
    · simp only [List.mem_flatMap, List.mem_map] at hg
      obtain ⟨b, hb, g', hg', rfl⟩ := hg
      obtain ⟨w', hw', e⟩ := Gate.mem_wires_reindex hw
      obtain ⟨k, hC, hf⟩ := hwf b hb
      match h : b.2, hg', hC with
      | L :: C, hg', hC => exact e ▸ hf _ (hC.1 g' (by simpa [h] using hg') w' hw')
    · obtain ⟨b, hb, e⟩ := mem_advance hb'
      have := hbs b hb
      simp [e]; omega
    · suffices H : ∀ off, ∀ b' ∈ advance off bs, ∃ k, b'.2.WF k ∧ ∀ i < k, b'.1 i <
          off + (bs.flatMap fun b => (b.2.headD []).map (Gate.reindex b.1)).length by
        simpa using H 0
      clear ih
      induction bs with
      | nil => simp [advance]
      | cons b bs ih =>
        intro off b' hb'
        obtain ⟨f, C⟩ := b
        simp only [advance, List.mem_cons] at hb'
        rcases hb' with rfl | hb'
        · obtain ⟨k, hC, -⟩ := hwf (f, C) (by simp)
          have := hbs (f, C) (by simp)
          match C, hC, this with
          | L :: C, hC, _ => exact ⟨L.length, hC.2, fun i hi => by simp; omega⟩
        · obtain ⟨k, hk, h⟩ := ih (fun b hb => hbs b (by simp [hb])) (fun b hb => hwf b (by simp [hb])) _ b' hb'
          refine ⟨k, hk, fun i hi => ?_⟩
          have := h i hi
          simp only [List.flatMap_cons, List.length_append, List.length_map]
          omega

private theorem size_advance (off) (bs : List ((Nat → Nat) × Circuit)) :
    ((advance off bs).map fun b => b.2.size).sum = (bs.map fun b => size b.2.tail).sum := by
  induction bs generalizing off with
  | nil => rfl
  | cons b bs ih => simp [advance, ih]

private theorem size_beside {d} (bs : List ((Nat → Nat) × Circuit)) (hbs : ∀ b ∈ bs, b.2.length = d) :
    size (beside d bs) = (bs.map fun b => b.2.size).sum := by
  induction d generalizing bs with
  | zero =>
    have : bs.map (fun b => b.2.size) = bs.map fun _ => 0 :=
      List.map_congr_left fun b hb => by simp [List.eq_nil_of_length_eq_zero (hbs b hb)]
    rw [this]
    clear this hbs
    induction bs with
    | nil => rfl
    | cons b bs ih => simpa [beside] using ih
  | succ d ih =>
    have h' : ∀ b' ∈ advance 0 bs, b'.2.length = d := fun b' hb' => by
      obtain ⟨b, hb, e⟩ := mem_advance hb'
      have := hbs b hb
      simp [e]; omega
    rw [beside, size_cons, ih _ h', size_advance]
    clear h' ih
    induction bs with
    | nil => rfl
    | cons b bs ih =>
      have ih := ih fun b hb => hbs b (by simp [hb])
      obtain ⟨f, C⟩ := b
      have := hbs (f, C) (by simp)
      match C, this with
      | L :: C, _ =>
        simp only [List.flatMap_cons, List.map_append, List.sum_append_nat, List.map_cons, List.sum_cons,
          List.tail_cons, List.headD_cons, List.map_map, size_cons, Function.comp_def, Gate.size_reindex] at ih ⊢
        have : (L.map fun g => g.size).sum = (L.map Gate.size).sum := rfl
        omega

private theorem depth_beside (d bs) : depth (beside d bs) = d := by
  induction d generalizing bs with
  | zero => rfl
  | succ d ih => simpa [beside, depth] using ih _

private theorem width_beside {d m} (bs : List ((Nat → Nat) × Circuit)) (hbs : ∀ b ∈ bs, b.2.length = d + 1) :
    width m (beside (d + 1) bs) = (bs.map fun b => b.2.width 0).sum := by
  induction d generalizing m bs with
  | zero =>
    simp only [beside, width, List.length_flatMap]
    congr 1
    refine List.map_congr_left fun b hb => ?_
    have := hbs b hb
    match b.2, this with
    | [L], _ => simp [width]
  | succ d ih =>
    rw [beside, width, ih]
    · suffices H : ∀ off, ((advance off bs).map fun b => b.2.width 0).sum = (bs.map fun b => b.2.width 0).sum from H 0
      clear ih
      induction bs with
      | nil => simp [advance]
      | cons b bs ih =>
        intro off
        obtain ⟨f, C⟩ := b
        have := hbs (f, C) (by simp)
        match C, this with
        | L :: L' :: C, _ => simp [advance, ih fun b hb => hbs b (by simp [hb]), width]
    · intro b' hb'
      obtain ⟨b, hb, e⟩ := mem_advance hb'
      have := hbs b hb
      simp [e]; omega

/-! ## What a construction computes -/

/-- Everything that is ever claimed of a construction: with `m` inputs the circuit `C` is well-formed, has
`w` outputs, depth `d` and size at most `s`, and on every input of length `m` it computes `f`. -/
structure Computes (C : Circuit) (m w d s : Nat) (f : List Bool → List Bool) : Prop where
  wf : C.WF m
  width_eq : C.width m = w
  depth_eq : C.depth = d
  size_le : C.size ≤ s
  eval_eq : ∀ x, x.length = m → C.eval x = f x

namespace Computes

theorem length_fn {C : Circuit} {m w d s f} (h : C.Computes m w d s f) {x} (hx : x.length = m) :
    (f x).length = w := by
  rw [← h.eval_eq x hx, length_eval, hx, h.width_eq]

/-- Weaken the size bound; replace the function by an equal one. -/
theorem mono {C : Circuit} {m w d s f s' f'} (h : C.Computes m w d s f) (hs : s ≤ s')
    (hf : ∀ x, x.length = m → f x = f' x) : C.Computes m w d s' f' :=
  { h with size_le := Nat.le_trans h.size_le hs, eval_eq := fun x hx => (h.eval_eq x hx).trans (hf x hx) }

/-- Rewrite every part of the claim. -/
theorem congr {C : Circuit} {m w d s f w' d' s' f'} (h : C.Computes m w d s f) (hw : w = w') (hd : d = d')
    (hs : s ≤ s') (hf : ∀ x, x.length = m → f x = f' x) : C.Computes m w' d' s' f' :=
  hw ▸ hd ▸ h.mono hs hf

/-- One circuit after another. -/
theorem comp {C D : Circuit} {m w w' d d' s s' f g} (hC : C.Computes m w d s f) (hD : D.Computes w w' d' s' g) :
    Computes (C ++ D) m w' (d + d') (s + s') (g ∘ f) where
  wf := wf_append hC.wf (hC.width_eq ▸ hD.wf)
  width_eq := by rw [width_append, hC.width_eq, hD.width_eq]
  depth_eq := by rw [depth_append, hC.depth_eq, hD.depth_eq]
  size_le := by rw [size_append]; exact Nat.add_le_add hC.size_le hD.size_le
  eval_eq x hx := by
    rw [eval_append, hC.eval_eq x hx, hD.eval_eq _ (hC.length_fn hx)]; rfl

end Computes

/-- The size of `par` is the sum of the sizes of its parts. -/
theorem size_par {ι : Type} {d : Nat} {is : List ι} {sel : ι → List Nat} {C : ι → Circuit}
    (h : ∀ i ∈ is, (C i).depth = d) : (par d is sel C).size = (is.map fun i => (C i).size).sum := by
  rw [par, size_beside _ fun b hb => ?_, List.map_map]
  · rfl
  · obtain ⟨i, hi, rfl⟩ := List.mem_map.1 hb
    exact h i hi

/-- What `par` computes: each part's function of what it selects, one after the other. -/
theorem Computes.par {ι : Type} {d m : Nat} {is : List ι} {sel : ι → List Nat} {C : ι → Circuit}
    {w s : ι → Nat} {f : ι → List Bool → List Bool} (hsel : ∀ i ∈ is, ∀ k ∈ sel i, k < m)
    (h : ∀ i ∈ is, (C i).Computes (sel i).length (w i) (d + 1) (s i) (f i)) :
    Computes (Circuit.par (d + 1) is sel C) m (is.map w).sum (d + 1) (is.map s).sum
      (fun x => is.flatMap fun i => f i ((sel i).map (bit x))) := by
  have len : ∀ b ∈ is.map fun i => (((sel i).toArray.getD · 0 : Nat → Nat), C i), b.2.length = d + 1 := by
    simp only [List.mem_map]
    rintro _ ⟨i, hi, rfl⟩
    exact (h i hi).depth_eq
  have wne : ∀ i ∈ is, (C i).width 0 = w i := fun i hi => by
    have e := (h i hi).depth_eq
    rw [← (h i hi).width_eq]
    match C i, e with
    | L :: C, _ => rfl
  refine ⟨wf_beside _ len ?_, ?_, depth_beside _ _, ?_, fun x hx => ?_⟩
  · simp only [List.mem_map]
    rintro _ ⟨i, hi, rfl⟩
    refine ⟨_, (h i hi).wf, fun k hk => ?_⟩
    have := hsel i hi ((sel i)[k]) (by simp)
    simpa [Array.getD_eq_getD_getElem?, hk] using this
  · rw [Circuit.par, width_beside _ len, List.map_map]
    congr 1
    exact List.map_congr_left wne
  · rw [Circuit.par, size_beside _ len, List.map_map]
    have : ∀ l : List ι, (∀ i ∈ l, (C i).size ≤ s i) →
        (l.map fun i => (C i).size).sum ≤ (l.map s).sum := by
      intro l hl
      induction l with
      | nil => simp
      | cons i l ih =>
        have := hl i (by simp)
        have := ih fun i hi => hl i (by simp [hi])
        simp; omega
    exact this is fun i hi => (h i hi).size_le
  · rw [Circuit.par, evalOn_eq _ (by simp [beside]), evalOn_beside, List.flatMap_map]
    · refine flatMap_congr fun i hi => ?_
      rw [← (h i hi).eval_eq _ (by simp), evalOn_eq _ fun e => by simpa [e, depth] using (h i hi).depth_eq]
      refine evalOn_congr (h i hi).wf fun k hk => ?_
      simp [bit, Array.getD_eq_getD_getElem?, hk]
    · intro b hb
      refine ⟨len b hb, ?_⟩
      simp only [List.mem_map] at hb
      obtain ⟨i, hi, rfl⟩ := hb
      exact ⟨_, (h i hi).wf⟩

/-- `n` parts of equal shape side by side. -/
theorem Computes.par_range {n d m k w s : Nat} {sel : Nat → List Nat} {C : Nat → Circuit}
    {f g : Nat → List Bool → List Bool} (hsel : ∀ i < n, ∀ k ∈ sel i, k < m) (hk : ∀ i < n, (sel i).length = k)
    (h : ∀ i < n, (C i).Computes k w (d + 1) s (f i))
    (hfg : ∀ x, x.length = m → ∀ i < n, f i ((sel i).map (bit x)) = g i x) :
    Computes (Circuit.par (d + 1) (List.range n) sel C) m (n * w) (d + 1) (n * s)
      (fun x => (List.range n).flatMap fun i => g i x) := by
  refine (Computes.par (w := fun _ => w) (s := fun _ => s) (f := f) ?_ ?_).congr ?_ rfl ?_ ?_
  · exact fun i hi => hsel i (List.mem_range.1 hi)
  · exact fun i hi => hk i (List.mem_range.1 hi) ▸ h i (List.mem_range.1 hi)
  · simp [List.map_const']
  · simp [List.map_const']
  · exact fun x hx => flatMap_congr fun i hi => hfg x hx i (List.mem_range.1 hi)

/-! ## Carrying values -/

theorem computes_carry (m d : Nat) : (carry m d).Computes m m d (d * (2 * m)) id := by
  have layer : ∀ x : List Bool, x.length = m →
      Layer.eval ((List.range m).map fun i => Gate.atLeast 1 [⟨i, 1⟩]) x = x := by
    rintro x rfl
    rw [Layer.eval_eq, List.map_map]
    refine Eq.trans (List.map_congr_left fun i _ => ?_) (map_bit_range x)
    cases h : bit x i <;> simp [Gate.eval, Wire.count, h]
  refine ⟨?_, ?_, by simp [carry, depth], ?_, fun x hx => ?_⟩
  · suffices H : ∀ m', m ≤ m' → WF m' (carry m d) from H m (Nat.le_refl _)
    induction d with
    | zero => intros; trivial
    | succ d ih =>
      intro m' hm
      refine ⟨fun g hg w hw => ?_, by simpa using ih m (Nat.le_refl _)⟩
      simp only [List.mem_map, List.mem_range] at hg
      obtain ⟨i, hi, rfl⟩ := hg
      simp [Gate.wires] at hw
      subst hw
      exact Nat.lt_of_lt_of_le hi hm
  · induction d with
    | zero => rfl
    | succ d ih => simpa [carry, List.replicate_succ, width] using ih
  · simp [carry, size, Function.comp_def, Gate.size, Gate.wires, List.map_const', Nat.mul_comm]
  · induction d with
    | zero => rfl
    | succ d ih =>
      simp only [carry, List.replicate_succ, eval_cons] at ih ⊢
      rw [layer x hx]; exact ih

theorem Computes.pair {d m σ τ} {C D : Circuit} {w w' s s' f g} (hσ : ∀ k ∈ σ, k < m) (hτ : ∀ k ∈ τ, k < m)
    (hC : C.Computes σ.length w (d + 1) s f) (hD : D.Computes τ.length w' (d + 1) s' g) :
    Computes (pair (d + 1) σ C τ D) m (w + w') (d + 1) (s + s')
      (fun x => f (σ.map (bit x)) ++ g (τ.map (bit x))) := by
  have := Computes.par (d := d) (m := m) (is := [false, true]) (sel := fun b => bif b then τ else σ)
    (C := fun b => bif b then D else C) (w := fun b => bif b then w' else w) (s := fun b => bif b then s' else s)
    (f := fun b => bif b then g else f) (by simp; grind) (by simp [hC, hD])
  simpa [Circuit.pair] using this

end Circuit

end Logprec
