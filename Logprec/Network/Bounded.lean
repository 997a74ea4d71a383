import Logprec.Network.Gives
import Logprec.Network.Size

/-!
# Families of small networks

How lists of nodes, and networks, that are small for all numbers of positions are put together.
-/

namespace Logprec

/-- Every list of nodes of a family has at most `B · N` nodes, which are small, for one `B`. -/
def Bounded {ι : Type} (N : ι → Nat) (f : ι → List Node) : Prop :=
  ∃ B, ∀ i, (f i).length ≤ B * N i ∧ ∀ v ∈ f i, v.Small B (N i)

namespace Bounded

variable {ι α : Type} {N : ι → Nat} {f g : ι → List Node}

/-- No node. -/
theorem nil : Bounded N fun _ => [] := ⟨0, fun i => by simp⟩

/-- Lists one after the other. -/
theorem append (hf : Bounded N f) (hg : Bounded N g) : Bounded N fun i => f i ++ g i := by
  obtain ⟨B, hB⟩ := hf
  obtain ⟨B', hB'⟩ := hg
  refine ⟨B + B', fun i => ⟨?_, fun v hv => ?_⟩⟩
  · rw [List.length_append, Nat.add_mul]
    exact Nat.add_le_add (hB i).1 (hB' i).1
  · rcases List.mem_append.1 hv with h | h
    · exact ((hB i).2 v h).mono (by omega) (Nat.le_refl _)
    · exact ((hB' i).2 v h).mono (by omega) (Nat.le_refl _)

/-- For the members of one list. -/
theorem flatMap {l : List α} {f : ι → α → List Node} (h : ∀ a ∈ l, Bounded N fun i => f i a) :
    Bounded N fun i => l.flatMap (f i) := by
  induction l with
  | nil => exact nil
  | cons a l ih => exact (h a (by simp)).append (ih fun a ha => h a (List.mem_cons_of_mem _ ha))

/-- One node each. -/
theorem one {v : ι → Node} (hN : ∀ i, 1 ≤ N i) (B : Nat) (h : ∀ i, (v i).Small B (N i)) : Bounded N fun i => [v i] :=
  ⟨B + 1, fun i => ⟨by
    have := Nat.mul_le_mul (show 1 ≤ B + 1 by omega) (hN i)
    simpa using this, fun u hu => by
    rw [List.mem_singleton.1 hu]
    exact (h i).mono (by omega) (Nat.le_refl _)⟩⟩

/-- Nodes for the members of one list. -/
theorem map {l : List α} {v : ι → α → Node} (h : ∀ a ∈ l, Bounded N fun i => [v i a]) :
    Bounded N fun i => l.map (v i) := by
  have := flatMap h
  simpa only [List.map_eq_flatMap] using this

/-- Other members of the family. -/
theorem comp {κ : Type} (h : Bounded N f) (e : κ → ι) : Bounded (fun k => N (e k)) fun k => f (e k) := by
  obtain ⟨B, hB⟩ := h
  exact ⟨B, fun k => hB (e k)⟩

/-- With larger numbers. -/
theorem mono {N' : ι → Nat} (h : Bounded N f) (hN : ∀ i, N i ≤ N' i) : Bounded N' f := by
  obtain ⟨B, hB⟩ := h
  exact ⟨B, fun i => ⟨Nat.le_trans (hB i).1 (Nat.mul_le_mul_left _ (hN i)),
    fun v hv => ((hB i).2 v hv).mono (Nat.le_refl _) (hN i)⟩⟩

/-- At most `N` nodes, of one bound. -/
theorem range {n : ι → Nat} {v : ι → Nat → Node} (B : Nat) (hn : ∀ i, n i ≤ N i) (h : ∀ i k, (v i k).Small B (N i)) :
    Bounded N fun i => (List.range (n i)).map (v i) := by
  refine ⟨B + 1, fun i => ⟨?_, fun u hu => ?_⟩⟩
  · have := Nat.mul_le_mul (show 1 ≤ B + 1 by omega) (hn i)
    simpa using this
  · obtain ⟨k, -, rfl⟩ := List.mem_map.1 hu
    exact (h i k).mono (by omega) (Nat.le_refl _)

/-- Copies. -/
theorem copies (hN : ∀ i, 1 ≤ N i) (o : ι → Nat) (m : Nat) : Bounded N fun i => copies (o i) m :=
  map fun _ _ => one hN 0 fun _ => trivial

/-- Nodes for blocks. -/
theorem blockNodes {size : ι → α → Nat} {nodes : ι → Nat → α → List Node} {hs : List α}
    (h : ∀ a ∈ hs, ∀ o : ι → Nat, Bounded N fun i => nodes i (o i) a) (o : ι → Nat) :
    Bounded N fun i => blockNodes (size i) (nodes i) (o i) hs := by
  induction hs generalizing o with
  | nil => exact nil
  | cons a hs ih =>
    exact (h a (by simp) o).append (ih (fun a ha => h a (List.mem_cons_of_mem _ ha)) fun i => o i + size i a)

end Bounded

/-- A family of networks of a bounded number of stages, small for `n + 1`. -/
def Network.Bounded (Ns : Nat → Network) : Prop := ∃ B, ∀ n, (Ns n).length ≤ B ∧ (Ns n).Small B (n + 1)

namespace Network.Bounded

variable {Ns Ns' : Nat → Network}

/-- No stage. -/
theorem nil : Network.Bounded fun _ => [] := ⟨0, fun _ => ⟨Nat.le_refl _, fun S hS => by simp at hS⟩⟩

private theorem Small.mono {B B' N : Nat} {Ns : Network} (h : Network.Small B N Ns) (hB : B ≤ B') :
    Network.Small B' N Ns := fun S hS =>
  ⟨Nat.le_trans (h S hS).1 (Nat.mul_le_mul_right _ hB), fun v hv => ((h S hS).2 v hv).mono hB (Nat.le_refl _)⟩

/-- Networks one after the other. -/
theorem append (h : Network.Bounded Ns) (h' : Network.Bounded Ns') : Network.Bounded fun n => Ns n ++ Ns' n := by
  obtain ⟨B, hB⟩ := h
  obtain ⟨B', hB'⟩ := h'
  refine ⟨B + B', fun n => ⟨?_, fun S hS => ?_⟩⟩
  · rw [List.length_append]
    exact Nat.add_le_add (hB n).1 (hB' n).1
  · rcases List.mem_append.1 hS with h | h
    · exact Small.mono (hB n).2 (by omega) S h
    · exact Small.mono (hB' n).2 (by omega) S h

/-- Networks for the members of one list. -/
theorem flatMap {α : Type} {l : List α} {f : Nat → α → Network} (h : ∀ a ∈ l, Network.Bounded fun n => f n a) :
    Network.Bounded fun n => l.flatMap (f n) := by
  induction l with
  | nil => exact nil
  | cons a l ih => exact (h a (by simp)).append (ih fun a ha => h a (List.mem_cons_of_mem _ ha))

/-- A stage. -/
theorem stage {S : Nat → Stage} (h : Logprec.Bounded (fun n => n + 1) S) : Network.Bounded fun n => [S n] := by
  obtain ⟨B, hB⟩ := h
  refine ⟨B + 1, fun n => ⟨by simp, fun T hT => ?_⟩⟩
  obtain rfl := List.mem_singleton.1 hT
  refine ⟨Nat.le_trans (hB n).1 (Nat.mul_le_mul (by omega) ?_),
    fun v hv => ((hB n).2 v hv).mono (by omega) (Nat.le_refl _)⟩
  rw [Nat.pow_two]
  exact Nat.le_mul_of_pos_right _ (by omega)

/-- A stage with some nodes for each of the `n` positions. -/
theorem positions {f : Nat → Nat → List Node} (h : Logprec.Bounded (fun p : Nat × Nat => p.1 + 1) fun p => f p.1 p.2) :
    Network.Bounded fun n => [(List.range n).flatMap (f n)] := by
  obtain ⟨B, hB⟩ := h
  refine ⟨B + 1, fun n => ⟨by simp, fun T hT => ?_⟩⟩
  obtain rfl := List.mem_singleton.1 hT
  refine ⟨?_, fun v hv => ?_⟩
  · rw [List.length_flatMap]
    refine Nat.le_trans (sum_map_le (c := B * (n + 1)) fun i _ => (hB (n, i)).1) ?_
    rw [List.length_range, Nat.pow_two, Nat.mul_left_comm]
    exact Nat.mul_le_mul (by omega) (Nat.mul_le_mul_right _ (by omega))
  · obtain ⟨i, -, hi⟩ := List.mem_flatMap.1 hv
    exact ((hB (n, i)).2 v hi).mono (by omega) (Nat.le_refl _)

/-- A stage of blocks. -/
theorem blockStage {α : Type} {d : Nat} {size : Nat → α → Nat} {nodes : Nat → Nat → Nat → Nat → α → List Node}
    {hs : List α} (h : ∀ a ∈ hs, ∀ m o : Nat × Nat → Nat,
      Logprec.Bounded (fun p : Nat × Nat => p.1 + 1) fun p => nodes p.1 p.2 (m p) (o p) a) :
    Network.Bounded fun n => [blockStage n d (size n) (nodes n) hs] :=
  positions (f := fun n i => Logprec.copies (i * blockSize d (size n) hs) d ++
      Logprec.blockNodes (size n) (nodes n i (blockSize d (size n) hs)) d hs) <|
    (Logprec.Bounded.copies (fun _ => by omega) _ _).append <|
      Logprec.Bounded.blockNodes (size := fun p : Nat × Nat => size p.1)
        (nodes := fun p => nodes p.1 p.2 (blockSize d (size p.1) hs))
        (fun a ha => h a ha fun p => blockSize d (size p.1) hs) fun _ => d

/-- Pieces at all positions. -/
theorem each {Ps : List Piece} (h : ∀ P ∈ Ps, Logprec.Bounded (fun _ : Nat => 1) P.nodes) :
    Network.Bounded fun n => Ps.map (Piece.each n) := by
  have := flatMap (l := Ps) (f := fun n P => [P.each n]) fun P hP =>
    positions (f := fun _ i => P.nodes (i * P.size)) <|
      ((h P hP).comp fun p : Nat × Nat => p.2 * P.size).mono fun _ => by omega
  simpa only [List.map_eq_flatMap] using this

end Network.Bounded

/-- Pieces that keep a copy. -/
theorem Piece.bounded_forkAll {m : Nat} {Ps : List Piece} (h : ∀ P ∈ Ps, Bounded (fun _ : Nat => 1) P.nodes) :
    ∀ P ∈ Piece.forkAll m Ps, Bounded (fun _ : Nat => 1) P.nodes := by
  have hc : ∀ m (e : Nat → Nat), Bounded (fun _ : Nat => 1) fun o => copies (e o) m := fun m e =>
    .copies (fun _ => Nat.le_refl _) e m
  cases Ps with
  | nil => intro P hP; obtain rfl := List.mem_singleton.1 hP; exact (hc m id).append (hc m id)
  | cons Q Qs =>
    intro P hP
    rcases List.mem_cons.1 hP with rfl | hP
    · exact (hc Q.size id).append (h Q (by simp))
    · obtain ⟨R, hR, rfl⟩ := List.mem_map.1 hP
      exact (hc m id).append ((h R (List.mem_cons_of_mem _ hR)).comp fun o => o + m)

end Logprec
