import Logprec.Network.Construct

/-!
# Networks, put together

How the values of networks are computed in proofs. `Stage.Gives S x z`: the nodes `S` read only positions that exist in
the values `x`, and their own values are `z`. Nodes can be written one after the other, so proofs about stages are
put together from proofs about nodes. Where values lie is said by `Holds x o y`: from position `o` on, the values `x`
are `y`.
-/

namespace Logprec

/-- From position `o` on, the values `x` are `y`. -/
def Holds (x : List Nat) (o : Nat) (y : List Nat) : Prop := ∀ k (h : k < y.length), x[o + k]? = some y[k]

/-- The nodes `S` read only positions that exist in `x`, and their values are `z`. -/
def Stage.Gives (S : Stage) (x z : List Nat) : Prop :=
  (∀ v ∈ S, ∀ i ∈ v.operands, i < x.length) ∧ S.map (Node.eval fun i => x.getD i 0) = z

/-- Each stage reads only values that exist in the stage before, and the outputs are `z`. -/
def Network.Gives : Network → List Nat → List Nat → Prop
  | [], x, z => x = z
  | S :: N, x, z => ∃ y, Stage.Gives S x y ∧ Gives N y z

namespace Piece

/-- The piece computes `z` from the block `y`. -/
def Gives (P : Piece) (y z : List Nat) : Prop := y.length = P.size ∧ ∀ x o, Holds x o y → Stage.Gives (P.nodes o) x z

/-- Pieces one after the other compute `z` from the block `y`. -/
def GivesAll : List Piece → List Nat → List Nat → Prop
  | [], y, z => y = z
  | P :: Ps, y, z => ∃ y', P.Gives y y' ∧ GivesAll Ps y' z

end Piece

/-! ## Values -/

namespace Holds

variable {x y z : List Nat} {o : Nat}

theorem append : Holds x o (y ++ z) ↔ Holds x o y ∧ Holds x (o + y.length) z := by
  constructor
  · refine fun h => ⟨fun k hk => ?_, fun k hk => ?_⟩
    · rw [h k (by simp; omega), List.getElem_append_left hk]
    · rw [Nat.add_assoc, h (y.length + k) (by simp; omega), List.getElem_append_right (by omega)]
      simp
  · intro ⟨hy, hz⟩ k hk
    by_cases h : k < y.length
    · rw [hy k h, List.getElem_append_left h]
    · have := hz (k - y.length) (by simp at hk; omega)
      rw [List.getElem_append_right (by omega), ← this]
      congr 1
      omega

theorem lt (h : Holds x o y) {k : Nat} (hk : k < y.length) : o + k < x.length :=
  (List.getElem?_eq_some_iff.1 (h k hk)).1

theorem getD (h : Holds x o y) {k : Nat} (hk : k < y.length) : x.getD (o + k) 0 = y.getD k 0 := by
  simp [List.getD_eq_getElem?_getD, h k hk, hk]

theorem self (x : List Nat) : Holds x 0 x := fun k hk => by simp [hk]

end Holds

/-- Blocks of `m` values, one after the other: block `i` lies from position `i * m` on. -/
theorem holds_flatMap_range {n m i : Nat} {y : Nat → List Nat} (hy : ∀ j < n, (y j).length = m) (hi : i < n) :
    Holds ((List.range n).flatMap y) (i * m) (y i) := by
  induction n generalizing i y with
  | zero => omega
  | succ n ih =>
    rw [List.range_succ_eq_map, List.flatMap_cons, List.flatMap_map]
    cases i with
    | zero => simpa using (Holds.append.1 (Holds.self _)).1
    | succ i =>
      have := ih (y := fun j => y (j + 1)) (i := i) (fun j hj => hy (j + 1) (by omega)) (by omega)
      intro k hk
      have e : (i + 1) * m + k = (y 0).length + (i * m + k) := by rw [hy 0 (by omega), Nat.add_mul]; omega
      rw [e, List.getElem?_append_right (by omega), Nat.add_sub_cancel_left]
      exact this k hk

/-! ## Nodes -/

namespace Stage.Gives

variable {S T : Stage} {x y z : List Nat}

theorem length (h : Gives S x z) : S.length = z.length := by rw [← h.2, List.length_map]

theorem append (hS : Gives S x y) (hT : Gives T x z) : Gives (S ++ T) x (y ++ z) := by
  refine ⟨fun v hv => ?_, by rw [List.map_append, hS.2, hT.2]⟩
  rcases List.mem_append.1 hv with h | h
  · exact hS.1 v h
  · exact hT.1 v h

theorem nil : Gives [] x [] := ⟨by simp, rfl⟩

theorem map {α : Type} {l : List α} {v : α → Node} {z : α → Nat} (h : ∀ a ∈ l, Gives [v a] x [z a]) :
    Gives (l.map v) x (l.map z) := by
  constructor
  · intro u hu
    obtain ⟨a, ha, rfl⟩ := List.mem_map.1 hu
    exact (h a ha).1 _ (by simp)
  · rw [List.map_map]
    exact List.map_congr_left fun a ha => by simpa using (h a ha).2

theorem flatMap {α : Type} {l : List α} {v : α → List Node} {z : α → List Nat} (h : ∀ a ∈ l, Gives (v a) x (z a)) :
    Gives (l.flatMap v) x (l.flatMap z) := by
  induction l with
  | nil => exact nil
  | cons a l ih =>
    exact (h a (by simp)).append (ih fun b hb => h b (by simp [hb]))

theorem copies {o m : Nat} (h : Holds x o y) (hm : y.length = m) : Gives (copies o m) x y := by
  subst hm
  constructor
  · intro v hv i hi
    obtain ⟨k, hk, rfl⟩ := List.mem_map.1 hv
    rw [Node.operands, List.mem_singleton] at hi
    exact hi ▸ h.lt (List.mem_range.1 hk)
  · apply List.ext_getElem (by simp [Logprec.copies])
    intro k _ hk
    simp [Logprec.copies, Node.eval, h k hk]

theorem table {o m : Nat} (entries : Array Nat) (w : Nat) (h : Holds x o [m]) :
    Gives [.table o entries w] x [entries.getD m 0 % 2 ^ w] := by
  have h0 := h 0 (by simp)
  refine ⟨by simpa [Node.operands] using h.lt (k := 0) (by simp), ?_⟩
  simp at h0
  simp [Node.eval, h0]

/-- Nodes for blocks: if the nodes of each block give what they are to give wherever the block lies, in each of several
places `j` at the same distance from a base, then so do all. -/
theorem blockNodes {α : Type} {size : α → Nat} {nodes : Nat → α → List Node} {hs : List α} {ι : Type} (base : ι → Nat)
    (y : ι → α → List Nat) (z : α → List Nat) (hsize : ∀ j, ∀ h ∈ hs, (y j h).length = size h)
    (hn : ∀ h ∈ hs, ∀ o, (∀ j, Holds x (base j + o) (y j h)) → Gives (nodes o h) x (z h)) (o : Nat)
    (hx : ∀ j, Holds x (base j + o) (hs.flatMap (y j))) : Gives (blockNodes size nodes o hs) x (hs.flatMap z) := by
  induction hs generalizing o with
  | nil => exact nil
  | cons h hs ih =>
    simp only [List.flatMap_cons, Holds.append] at hx
    refine (hn h (by simp) o fun j => (hx j).1).append (ih (fun j h' m => hsize j h' (by simp [m]))
      (fun h' m => hn h' (by simp [m])) _ fun j => ?_)
    have := (hx j).2
    rwa [hsize j h (by simp), Nat.add_assoc] at this

theorem blockStage {α : Type} {n d : Nat} {size : α → Nat} {nodes : Nat → Nat → Nat → α → List Node} {hs : List α}
    {u : Nat → List Nat} {y z : Nat → α → List Nat} (hu : ∀ i < n, (u i).length = d)
    (hy : ∀ i < n, ∀ h ∈ hs, (y i h).length = size h)
    (hn : ∀ i < n, ∀ h ∈ hs, ∀ m o x, (∀ j < n, Holds x (j * m + o) (y j h)) → Gives (nodes i m o h) x (z i h)) :
    Gives (blockStage n d size nodes hs) ((List.range n).flatMap fun i => u i ++ hs.flatMap (y i))
      ((List.range n).flatMap fun i => u i ++ hs.flatMap (z i)) := by
  have hx := fun (j : Fin n) => Holds.append.1 <|
    holds_flatMap_range (n := n) (i := j) (y := fun i => u i ++ hs.flatMap (y i)) (m := blockSize d size hs)
      (fun j hj => by
        rw [List.length_append, hu j hj, List.length_flatMap, List.map_congr_left (hy j hj)]
        rfl) j.2
  refine .flatMap fun i hi => ?_
  have hi := List.mem_range.1 hi
  refine (Gives.copies (hx ⟨i, hi⟩).1 (hu i hi)).append ?_
  refine .blockNodes (ι := Fin n) (fun j => j * blockSize d size hs) (fun j => y j) (z i) (fun j h hh => hy j j.2 h hh)
    (fun h hh o hx => hn i hi h hh _ o _ fun j hj => hx ⟨j, hj⟩) d fun j => ?_
  have := (hx j).2
  rwa [hu j j.2] at this

end Stage.Gives

/-! ## Pieces -/

namespace Piece

variable {P : Piece} {Ps Qs : List Piece} {w y z : List Nat}

theorem Gives.keep {m : Nat} (hw : w.length = m) (h : P.Gives y z) : (P.keep m).Gives (w ++ y) (w ++ z) := by
  refine ⟨by simp [hw, h.1, Piece.keep], fun x o hx => ?_⟩
  rw [Holds.append, hw] at hx
  exact (Stage.Gives.copies hx.1 hw).append (h.2 x _ hx.2)

theorem Gives.fork (h : P.Gives y z) : P.fork.Gives y (y ++ z) :=
  ⟨h.1, fun x o hx => (Stage.Gives.copies hx h.1).append (h.2 x o hx)⟩

theorem GivesAll.keep {m : Nat} (hw : w.length = m) (h : GivesAll Ps y z) :
    GivesAll (Ps.map (Piece.keep m)) (w ++ y) (w ++ z) := by
  induction Ps generalizing y with
  | nil => exact congrArg (w ++ ·) h
  | cons P Ps ih =>
    obtain ⟨y', h₁, h₂⟩ := h
    exact ⟨w ++ y', h₁.keep hw, ih h₂⟩

theorem GivesAll.forkAll {m : Nat} (hy : y.length = m) (h : GivesAll Ps y z) :
    GivesAll (Piece.forkAll m Ps) y (y ++ z) := by
  cases Ps with
  | nil =>
    obtain rfl : y = z := h
    exact ⟨y ++ y, ⟨hy, fun x o hx => (Stage.Gives.copies hx hy).append (Stage.Gives.copies hx hy)⟩, rfl⟩
  | cons P Ps =>
    obtain ⟨y', h₁, h₂⟩ := h
    exact ⟨y ++ y', h₁.fork, h₂.keep hy⟩

theorem GivesAll.append (h : GivesAll Ps w y) (h' : GivesAll Qs y z) : GivesAll (Ps ++ Qs) w z := by
  induction Ps generalizing w with
  | nil => exact h ▸ h'
  | cons P Ps ih =>
    obtain ⟨y', h₁, h₂⟩ := h
    exact ⟨y', h₁, ih h₂⟩

theorem GivesAll.single (h : P.Gives y z) : GivesAll [P] y z := ⟨z, h, rfl⟩

theorem Gives.each {n : Nat} {y z : Nat → List Nat} (h : ∀ i < n, P.Gives (y i) (z i)) :
    Stage.Gives (P.each n) ((List.range n).flatMap y) ((List.range n).flatMap z) :=
  .flatMap fun i hi =>
    have hi := List.mem_range.1 hi
    (h i hi).2 _ _ (holds_flatMap_range (fun j hj => (h j hj).1) hi)

end Piece

/-! ## Networks -/

namespace Network

variable {N N' : Network} {x y z : List Nat}

theorem Gives.append (h : Gives N x y) (h' : Gives N' y z) : Gives (N ++ N') x z := by
  induction N generalizing x with
  | nil => exact h ▸ h'
  | cons S N ih =>
    obtain ⟨y', h₁, h₂⟩ := h
    exact ⟨y', h₁, ih h₂⟩

theorem Gives.single {S : Stage} (h : Stage.Gives S x z) : Gives [S] x z := ⟨z, h, rfl⟩

/-- What a network gives is its value. -/
theorem Gives.eval (h : Gives N x z) : N.eval x = z := by
  induction N generalizing x with
  | nil => exact h
  | cons S N ih =>
    obtain ⟨y, h₁, h₂⟩ := h
    rw [← ih h₂, ← h₁.2]
    simp [Network.eval, Stage.eval]

/-- A network that gives something is well-formed. -/
theorem Gives.wf (h : Gives N x z) : N.WF x.length := by
  induction N generalizing x with
  | nil => trivial
  | cons S N ih =>
    obtain ⟨y, h₁, h₂⟩ := h
    exact ⟨h₁.1, h₁.length ▸ ih h₂⟩

/-- Pieces, applied at each of `n` positions. -/
theorem Gives.each {n : Nat} {Ps : List Piece} {y z : Nat → List Nat}
    (h : ∀ i < n, Piece.GivesAll Ps (y i) (z i)) :
    Gives (Ps.map (Piece.each n)) ((List.range n).flatMap y) ((List.range n).flatMap z) := by
  induction Ps generalizing y with
  | nil => exact congrArg List.flatten (List.map_congr_left fun i hi => h i (List.mem_range.1 hi))
  | cons P Ps ih =>
    have h' : ∀ i, ∃ y', i < n → P.Gives (y i) y' ∧ Piece.GivesAll Ps y' (z i) := fun i => by
      by_cases hi : i < n
      · obtain ⟨y', h⟩ := h i hi; exact ⟨y', fun _ => h⟩
      · exact ⟨[], fun hi' => absurd hi' hi⟩
    refine ⟨_, Piece.Gives.each fun i hi => ((h' i).choose_spec hi).1, ih fun i hi => ((h' i).choose_spec hi).2⟩

end Network

end Logprec
