import Logprec.Circuit.Compose

/-!
# Circuits side by side, layer by layer

The layers of circuits side by side, when the list of the circuits is one after another, or a loop: layer `l + 1` of
what comes later is offset by the widths of layer `l` of what comes before.
-/

namespace Logprec

/-- How `beside` goes from one layer to the next: after its first layer, a part reads its own last layer. -/
theorem Circuit.exists_advance : ∃ adv : Nat → List ((Nat → Nat) × Circuit) → List ((Nat → Nat) × Circuit),
    (∀ d bs, Circuit.beside (d + 1) bs =
      bs.flatMap (fun b => (b.2.headD []).map (Gate.reindex b.1)) :: Circuit.beside d (adv 0 bs)) ∧
    (∀ off, adv off [] = []) ∧
    ∀ off f C bs, adv off ((f, C) :: bs) = ((off + ·), C.tail) :: adv (off + (C.headD []).length) bs :=
  ⟨_, fun _ _ => rfl, fun _ => rfl, fun _ _ _ _ => rfl⟩

/-- Reading through two renamings. -/
theorem Gate.reindex_reindex (f g : Nat → Nat) (G : Gate) :
    (G.reindex f).reindex g = G.reindex fun i => g (f i) := by
  cases G <;> simp [Gate.reindex]

/-- Reading where it reads anyway. -/
theorem Gate.reindex_self : Gate.reindex (fun i => i) = id := by
  funext G
  cases G <;> simp [Gate.reindex]

/-- The layers of `C` and `D` next to each other: the first layer of `D` is offset by `off`, every other by the width of
the layer of `C` before it. -/
def Circuit.zipLayers : (off : Nat) → (C D : Circuit) → Circuit
  | off, L :: C, M :: D => (L ++ M.map (Gate.reindex (off + ·))) :: zipLayers L.length C D
  | _, _, _ => []

private theorem beside_append_shift (d : Nat) : ∀ (off : Nat) (bs cs : List ((Nat → Nat) × Circuit)),
    Circuit.beside d (bs ++ cs.map fun c => ((off + c.1 ·), c.2)) =
      (Circuit.beside d bs).zipLayers off (Circuit.beside d cs) := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := Circuit.exists_advance
  have shift : ∀ (cs : List ((Nat → Nat) × Circuit)) k off, adv (k + off) cs =
      (adv off cs).map fun c => ((k + c.1 ·), c.2) := by
    intro cs
    induction cs with
    | nil => intro k off; simp [h₂]
    | cons c cs ih => intro k off; simp [h₃, Nat.add_assoc, ih]
  have names : ∀ (cs : List ((Nat → Nat) × Circuit)) k off,
      adv off (cs.map fun c => ((k + c.1 ·), c.2)) = adv off cs := by
    intro cs
    induction cs with
    | nil => intro k off; rfl
    | cons c cs ih => intro k off; simp [h₃, ih]
  have split : ∀ (bs cs : List ((Nat → Nat) × Circuit)) off, adv off (bs ++ cs) =
      adv off bs ++ adv (off + (bs.flatMap fun b => (b.2.headD []).map (Gate.reindex b.1)).length) cs := by
    intro bs
    induction bs with
    | nil => intro cs off; simp [h₂]
    | cons b bs ih => intro cs off; simp [h₃, ih, Nat.add_assoc]
  induction d with
  | zero => intro _ _ _; rfl
  | succ d ih =>
    intro off bs cs
    rw [h₁, h₁ d bs, h₁ d cs, Circuit.zipLayers, ← ih, split, names]
    congr 1
    · simp [List.flatMap_map, List.map_flatMap, Gate.reindex_reindex, Function.comp_def]
    · congr 2
      rw [Nat.zero_add]
      exact shift cs _ 0

/-- One list of circuits after another. -/
theorem Circuit.beside_append (d : Nat) (bs cs : List ((Nat → Nat) × Circuit)) :
    Circuit.beside d (bs ++ cs) = (Circuit.beside d bs).zipLayers 0 (Circuit.beside d cs) := by
  simpa using beside_append_shift d 0 bs cs

/-- As many layers as said. -/
theorem Circuit.length_beside (d : Nat) (bs : List ((Nat → Nat) × Circuit)) : (Circuit.beside d bs).length = d := by
  obtain ⟨adv, h₁, -⟩ := Circuit.exists_advance
  induction d generalizing bs with
  | zero => rfl
  | succ d ih => rw [h₁, List.length_cons, ih]

/-- Nothing side by side. -/
theorem Circuit.beside_nil (d : Nat) : Circuit.beside d [] = List.replicate d [] := by
  obtain ⟨adv, h₁, h₂, -⟩ := Circuit.exists_advance
  induction d with
  | zero => rfl
  | succ d ih => rw [h₁, h₂, ih]; rfl

/-- One circuit. -/
theorem Circuit.beside_single (f : Nat → Nat) (L : Layer) (C : Circuit) :
    Circuit.beside (C.length + 1) [(f, L :: C)] = L.map (Gate.reindex f) :: C := by
  obtain ⟨adv, h₁, h₂, h₃⟩ := Circuit.exists_advance
  have same : ∀ C : Circuit, Circuit.beside C.length [(fun i => i, C)] = C := by
    intro C
    induction C with
    | nil => rfl
    | cons L C ih => simpa [h₁, h₂, h₃, Gate.reindex_self] using ih
  simp [h₁, h₂, h₃, same]

/-- The layers of `C 0`, …, `C (n - 1)` next to each other, `d` of them: in the first, `C i` is offset by the sum of
`off j` for `j < i`, and in every other by the widths of the layers before it. -/
def Circuit.loopLayers (n : Nat) : (d : Nat) → (off : Nat → Nat) → (C : Nat → Circuit) → Circuit
  | 0, _, _ => []
  | d + 1, off, C =>
    ((List.range n).flatMap fun i => ((C i).headD []).map (Gate.reindex (((List.range i).map off).sum + ·))) ::
      loopLayers n d (fun i => ((C i).headD []).length) fun i => (C i).tail

private theorem zipLayers_loopLayers {n d : Nat} {off : Nat → Nat} {C : Nat → Circuit} (h : (C n).length = d) :
    (Circuit.loopLayers n d off C).zipLayers ((List.range n).map off).sum (C n) =
      Circuit.loopLayers (n + 1) d off C := by
  induction d generalizing off C with
  | zero => simp [Circuit.loopLayers, Circuit.zipLayers]
  | succ d ih =>
    have ih := ih (off := fun i => ((C i).headD []).length) (C := fun i => (C i).tail) (by simp [h])
    match hC : C n, h with
    | M :: D, _ =>
      simp only [hC, List.tail_cons] at ih
      rw [Circuit.loopLayers, Circuit.zipLayers, Circuit.loopLayers, ← ih, List.range_succ]
      simp [List.length_flatMap, hC]

/-- A loop over circuits side by side. -/
theorem Circuit.beside_flatMap_range (d n : Nat) (bs : Nat → List ((Nat → Nat) × Circuit)) :
    Circuit.beside d ((List.range n).flatMap bs) =
      Circuit.loopLayers n d (fun _ => 0) fun i => Circuit.beside d (bs i) := by
  induction n with
  | zero =>
    have : ∀ off C, Circuit.loopLayers 0 d off C = List.replicate d [] := by
      induction d with
      | zero => intro _ _; rfl
      | succ d ih => intro _ _; rw [Circuit.loopLayers, ih]; rfl
    rw [this]
    exact Circuit.beside_nil d
  | succ n ih =>
    rw [List.range_succ, List.flatMap_append, List.flatMap_cons, List.flatMap_nil, List.append_nil,
      Circuit.beside_append, ih, ← zipLayers_loopLayers (by rw [Circuit.length_beside])]
    simp [List.map_const']

end Logprec
