import Logprec.Network.Template.Block

/-!
# Templates of stages on positions

A stage of a transformer on `n ≥ 1` positions has a block of values for each position, and a block may be made of a
fixed number of values and of parts whose lengths are linear in `n`. So where a part of a block lies is linear in `n`
too, which is all that a template has to say about it.
-/

namespace Logprec

/-- The numbers of positions, but 0. -/
abbrev Length : Type := {n : Nat // 1 ≤ n}

/-- A position of a word: its length and where it is. -/
abbrev Position : Type := (n : Length) × Fin n.1

/-- Two positions of a word. -/
abbrev PositionPair : Type := (x : Position) × Fin x.1.1

/-- The environment of a length. -/
def Length.env (n : Length) : List Nat := [n.1]

/-- The environment of a position. -/
def Position.env (x : Position) : List Nat := x.2.1 :: x.1.env

/-- The environment of two positions. -/
def PositionPair.env (p : PositionPair) : List Nat := p.2.1 :: p.1.env

/-- Where a part of the blocks lies: blocks are of `size + size' · n` values, and the part lies from
`offset + offset' · n` of its block on. -/
structure Place where
  /-- The fixed part of the number of values of a block. -/
  size : Nat
  /-- What `n` adds to it, per position. -/
  size' : Nat
  /-- The fixed part of where the part begins. -/
  offset : Nat
  /-- What `n` adds to it, per position. -/
  offset' : Nat

namespace Place

/-- The number of values of a block. -/
def blockSize (π : Place) (n : Nat) : Nat := π.size + π.size' * n

/-- Where the part begins in its block. -/
def start (π : Place) (n : Nat) : Nat := π.offset + π.offset' * n

/-- Where the part of block `i` lies. -/
def «at» (π : Place) (n i : Nat) : Nat := i * π.blockSize n + π.start n

/-- The term of it, when the variable `n` is the number of positions, and the variable `i` the block. -/
def term (π : Place) (n i : Nat) : Term :=
  .var i * (.lit π.size + .lit π.size' * .var n) + (.lit π.offset + .lit π.offset' * .var n)

/-- Its value. -/
theorem eval_term (π : Place) (ρ : List Nat) (n i : Nat) : (π.term n i).eval ρ = π.at (ρ.getD n 0) (ρ.getD i 0) := rfl

end Place

/-- **Stages on blocks have templates** if the nodes of each part have, wherever the part lies. The first numbers of
bits of a block are `u`; those of the part of `h` are `y n h`, `p h + q h * n` numbers, and become `z n h`. -/
theorem templated_blockStage {α : Type} {d : Nat} {u : List Nat} {p q : α → Nat} {hs : List α}
    {nodes : Nat → Nat → Nat → Nat → α → List Node} {y z : Nat → α → List Nat} (hu : u.length = d)
    (hy : ∀ n, ∀ h ∈ hs, (y n h).length = p h + q h * n)
    (hn : ∀ h ∈ hs, ∀ (π : Place) (ws : Length → List Nat),
      (∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j) (y n.1 h)) →
      ∃ e, Templated Position.env (fun x => ws x.1)
        (fun x => nodes x.1.1 x.2.1 (π.blockSize x.1.1) (π.start x.1.1) h) (fun x => z x.1.1 h) e) :
    ∃ e, Templated Length.env (fun n => blockWidths n.1 (u ++ hs.flatMap (y n.1)))
      (fun n => blockStage n.1 d (fun h => p h + q h * n.1) (nodes n.1) hs)
      (fun n => blockWidths n.1 (u ++ hs.flatMap (z n.1))) e := by
  let a := d + (hs.map p).sum
  let b := (hs.map q).sum
  have hm : ∀ n, blockSize d (fun h => p h + q h * n) hs = a + b * n := by
    intro n
    simp only [blockSize, a, b]
    generalize hs = l
    induction l with
    | nil => simp
    | cons h l ih => simp only [List.map_cons, List.sum_cons] at ih ⊢; grind
  have hx : ∀ n : Length, ∀ j < n.1, Holds (blockWidths n.1 (u ++ hs.flatMap (y n.1))) (j * (a + b * n.1))
      (u ++ hs.flatMap (y n.1)) := fun n j hj => holds_blockWidths hj <| by
    rw [← hm, List.length_append, hu, List.length_flatMap, List.map_congr_left (hy n.1)]
    rfl
  have first := (OfBlock.copies hu).templated (ι := Position) (env := Position.env)
    (ws := fun x => blockWidths x.1.1 (u ++ hs.flatMap (y x.1.1))) (t := Place.term ⟨a, b, 0, 0⟩ 1 0)
    (p := fun x => Place.at ⟨a, b, 0, 0⟩ x.1.1 x.2.1) (fun _ => rfl) fun x => by
      simpa [Place.at, Place.blockSize, Place.start] using (Holds.append.1 (hx x.1 _ x.2.2)).1
  have rest : ∀ l : List α, (∀ h ∈ l, h ∈ hs) → ∀ o o' : Nat, (∀ n : Length, ∀ j < n.1,
      Holds (blockWidths n.1 (u ++ hs.flatMap (y n.1))) (j * (a + b * n.1) + (o + o' * n.1)) (l.flatMap (y n.1))) →
      ∃ e, Templated Position.env (fun x => blockWidths x.1.1 (u ++ hs.flatMap (y x.1.1)))
        (fun x => blockNodes (fun h => p h + q h * x.1.1) (nodes x.1.1 x.2.1 (a + b * x.1.1)) (o + o' * x.1.1) l)
        (fun x => l.flatMap (z x.1.1)) e := by
    intro l hl
    induction l with
    | nil => exact fun _ _ _ => ⟨1, .nil⟩
    | cons h l ih =>
      intro o o' hold
      simp only [List.flatMap_cons, Holds.append] at hold
      obtain ⟨e, he⟩ := hn h (hl h (by simp)) ⟨a, b, o, o'⟩ (fun n => blockWidths n.1 (u ++ hs.flatMap (y n.1)))
        fun n j hj => (hold n j hj).1
      obtain ⟨e', he'⟩ := ih (fun h hh => hl h (by simp [hh])) (o + p h) (o' + q h) fun n j hj => by
        have := (hold n j hj).2
        rw [hy n.1 h (hl h (by simp))] at this
        rwa [show j * (a + b * n.1) + (o + p h + (o' + q h) * n.1) =
          j * (a + b * n.1) + (o + o' * n.1) + (p h + q h * n.1) by grind]
      refine ⟨_, (he.append he').congr (fun x => ?_) fun x => rfl⟩
      rw [blockNodes, show o + o' * x.1.1 + (p h + q h * x.1.1) = o + p h + (o' + q h) * x.1.1 by grind]
      rfl
  obtain ⟨e, first⟩ := first
  obtain ⟨e', rest⟩ := rest hs (fun _ => id) d 0 fun n j hj => by
    have := (Holds.append.1 (hx n j hj)).2
    rwa [hu, ← Nat.add_zero d, ← Nat.zero_mul n.1] at this
  have both := (first.append rest).congr (S' := fun x => copies (x.2.1 * (a + b * x.1.1)) d ++
    blockNodes (fun h => p h + q h * x.1.1) (nodes x.1.1 x.2.1 (a + b * x.1.1)) d hs)
    (fun x => by simp [Place.at, Place.blockSize, Place.start]) fun _ => rfl
  have all := Templated.loop (env := Length.env) (ws := fun n => blockWidths n.1 (u ++ hs.flatMap (y n.1)))
    (count := .var 0) (k := Subtype.val)
    (S := fun n i => copies (i * (a + b * n.1)) d ++
      blockNodes (fun h => p h + q h * n.1) (nodes n.1 i (a + b * n.1)) d hs)
    (zs := fun n _ => u ++ hs.flatMap (z n.1)) (fun _ => rfl) (fun n => n.2) both
  refine ⟨_, all.congr (fun n => ?_) fun _ => rfl⟩
  simp only [blockStage, hm]

section

variable {ws : Length → List Nat}

/-- For each position the same number of nodes. -/
theorem Templated.eachPosition {S : Nat → Nat → Nat → List Node} {zs : List Nat} {d : Nat}
    (h : Templated PositionPair.env (fun p => ws p.1.1) (fun p => S p.1.1.1 p.1.2.1 p.2.1) (fun _ => zs) d) :
    Templated Position.env (fun x => ws x.1) (fun x => (List.range x.1.1).flatMap (S x.1.1 x.2.1))
      (fun x => (List.range x.1.1).flatMap fun _ => zs) d :=
  .loop (env := Position.env) (ws := fun x => ws x.1) (count := .var 1) (k := fun x : Position => x.1.1)
    (S := fun x j => S x.1.1 x.2.1 j) (zs := fun _ _ => zs) (fun _ => rfl) (fun x => x.1.2) h

/-- For each position one node. -/
theorem Templated.oneEachPosition {v : Nat → Nat → Nat → Node} {w d : Nat}
    (h : Templated PositionPair.env (fun p => ws p.1.1) (fun p => [v p.1.1.1 p.1.2.1 p.2.1]) (fun _ => [w]) d) :
    Templated Position.env (fun x => ws x.1) (fun x => (List.range x.1.1).map (v x.1.1 x.2.1))
      (fun x => List.replicate x.1.1 w) d :=
  (eachPosition (S := fun n i j => [v n i j]) h).congr
    (fun _ => List.map_eq_flatMap.symm) fun _ => by rw [← List.map_eq_flatMap, List.map_const', List.length_range]

variable {π : Place}

/-- Copies of the first values of a part. -/
theorem templated_copies {m : Nat} {u : List Nat} {v : Nat → List Nat} (hm : u.length = m)
    (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j) (u ++ v n.1)) :
    ∃ e, Templated Position.env (fun x => ws x.1) (fun x => copies (π.at x.1.1 x.2.1) m) (fun _ => u) e :=
  (OfBlock.copies hm).templated (ι := Position) (t := π.term 1 0) (fun _ => rfl) fun x =>
    (Holds.append.1 (hx x.1 _ x.2.2)).1

/-- Copies of the first values of a part, a fixed number and then one for each position. -/
theorem templated_copies_add {m b : Nat} {u : List Nat} {v : Nat → List Nat} (hm : u.length = m)
    (hx : ∀ n : Length, ∀ j < n.1, Holds (ws n) (π.at n.1 j) (u ++ List.replicate n.1 b ++ v n.1)) :
    ∃ e, Templated Position.env (fun x => ws x.1) (fun x => copies (π.at x.1.1 x.2.1) (m + x.1.1))
      (fun x => u ++ List.replicate x.1.1 b) e := by
  have ⟨e, first⟩ := templated_copies (ws := ws) (π := π) (u := u) (v := fun n => List.replicate n b ++ v n) hm
    fun n j hj => by rw [← List.append_assoc]; exact hx n j hj
  have rest : Templated PositionPair.env (fun p => ws p.1.1) (fun p => [.copy (π.at p.1.1.1 p.1.2.1 + m + p.2.1)])
      (fun _ => [b]) 1 := by
    refine .node (v := .copy 0) (operands := [(π.term 2 1 + .lit m + .var 0, b)]) (by simp [Node.operands])
      (fun x o ho => ?_) rfl
    obtain rfl := List.mem_singleton.1 ho
    have h := (Holds.append.1 (Holds.append.1 (hx x.1.1 _ x.1.2.2)).1).2.getD (k := x.2.1) (by simp)
    rw [hm] at h
    exact h.trans (by simp)
  refine ⟨_, (first.append (.oneEachPosition (v := fun n i j => .copy (π.at n i + m + j)) rest)).congr (fun x => ?_)
    fun _ => rfl⟩
  simp [copies, List.range_add, Function.comp_def, Nat.add_assoc]

end

end Logprec
