import Logprec.Network.Stage

/-!
# The circuit of a network is correct

The circuit of a network computes the bits of the network's outputs, for all networks and all inputs.
-/

namespace Logprec

namespace Shape

/-- What a circuit of depth `d` for a shape has to compute. -/
def Correct (s : Shape) (d : Nat) (C : Circuit) : Prop :=
  C.Computes s.inputs (s.width id) d C.size fun b => bits (s.width id) (s.value (values s.operands b))

private theorem take_eq {w : Nat} {b : List Bool} (h : b.length = w) : b.take w = b := List.take_of_length_le (by omega)

private theorem correct_copy (w : Nat) : Correct (.copy w) 1 (Circuit.carry w 1) where
  wf := by simpa [inputs, Node.operands] using (Circuit.computes_carry w 1).wf
  width_eq := by simpa [inputs, Node.operands, Node.width] using (Circuit.computes_carry w 1).width_eq
  depth_eq := (Circuit.computes_carry w 1).depth_eq
  size_le := Nat.le_refl _
  eval_eq b hb := by
    have hb : b.length = w := by simpa [inputs, Node.operands] using hb
    rw [(Circuit.computes_carry w 1).eval_eq b hb]
    have := bits_ofBits b
    rw [hb] at this
    simp [Node.width, Node.operands, values, value, take_eq hb, this]

private theorem correct_table (w : Nat) (entries : Array Nat) (width : Nat) :
    Correct (.table w entries width) 3 (Circuit.lookup w width fun a => entries.getD a 0) where
  wf := by simpa [inputs, Node.operands] using (Circuit.computes_lookup w width _).wf
  width_eq := by simpa [inputs, Node.operands, Node.width] using (Circuit.computes_lookup w width _).width_eq
  depth_eq := (Circuit.computes_lookup w width _).depth_eq
  size_le := Nat.le_refl _
  eval_eq b hb := by
    have hb : b.length = w := by simpa [inputs, Node.operands] using hb
    rw [(Circuit.computes_lookup w width _).eval_eq b hb]
    simp only [Node.width, Node.operands, values, value, take_eq hb, List.headD_cons, bits_mod]

/-- The circuit of a shape, in any depth that is enough, when the circuits of forms are correct. -/
theorem correct_circuit
    (hform : ∀ bias lin quad shift width, Correct (.form bias lin quad shift width) Circuit.formDepth
      (Circuit.form bias lin quad shift width)) {s : Shape} {d : Nat} (hd : s.depth ≤ d) :
    Correct s d (s.circuit d) := by
  have pad : ∀ C : Circuit, Correct s s.depth C → Correct s d (C ++ Circuit.carry (s.width id) (d - s.depth)) := by
    intro C hC
    have h := Circuit.Computes.comp hC (Circuit.computes_carry (s.width id) (d - s.depth))
    exact ⟨h.wf, h.width_eq, by rw [h.depth_eq]; omega, Nat.le_refl _, h.eval_eq⟩
  cases s with
  | copy w => exact pad _ (correct_copy w)
  | table w entries width => exact pad _ (correct_table w entries width)
  | form bias lin quad shift width => exact pad _ (hform bias lin quad shift width)

end Shape

namespace Stage

/-- The number of gates and wires of the circuit of a stage: those of the circuits of its shapes. -/
def sizeOf (C : Shape → Circuit) (S : Stage) (ws : List Nat) : Nat := ((S.blocks ws).map fun b => (C b.1).size).sum

private theorem getD_toArray (l : List Nat) (i : Nat) : l.toArray.getD i 0 = l.getD i 0 := by
  simp [Array.getD_eq_getD_getElem?]

private theorem blocks_eq (S : Stage) (ws : List Nat) : S.blocks ws = S.map fun v =>
    (v.shape (ws.getD · 0), v.operands.map fun i => ((offsets 0 ws).getD i 0, ws.getD i 0)) := by
  simp only [blocks, getD_toArray]

private theorem widths_eq (S : Stage) (ws : List Nat) : S.widths ws = S.map (Node.width (ws.getD · 0)) := by
  simp only [widths, getD_toArray]

private theorem eval_eq (S : Stage) (x : List Nat) : S.eval x = S.map (Node.eval (x.getD · 0)) := by
  simp only [eval, getD_toArray]

private theorem valueBits_map (S : List Node) (f g : Node → Nat) :
    valueBits (S.map f) (S.map g) = S.flatMap fun v => bits (f v) (g v) := by
  induction S with
  | nil => rfl
  | cons v S ih => simpa [valueBits] using ih

/-- The bits of the operands of a node, from the bits of all values. -/
private theorem operandBits {ws : List Nat} {b : List Bool} (hb : b.length = ws.sum) : ∀ {is : List Nat},
    (∀ i ∈ is, i < ws.length) →
    (is.flatMap fun i => List.range' ((offsets 0 ws).getD i 0) (ws.getD i 0)).map (bit b) =
      valueBits (is.map (ws.getD · 0)) (is.map ((values ws b).getD · 0))
  | [], _ => rfl
  | i :: is, h => by
    have ih := operandBits hb (is := is) fun j hj => h j (by simp [hj])
    have e := map_bit_offsets (pre := []) hb (h i (by simp))
    simp only [List.length_nil, List.nil_append] at e
    simp only [List.flatMap_cons, List.map_append, ih, e]
    simp [valueBits]

/-- Where the operands are. -/
private theorem offsets_lt {ws : List Nat} : ∀ {off i k : Nat}, i < ws.length →
    k ∈ List.range' ((offsets off ws).getD i 0) (ws.getD i 0) → k < off + ws.sum := by
  induction ws with
  | nil => intro off i k hi; simp at hi
  | cons w ws ih =>
    intro off i k hi hk
    cases i with
    | zero =>
      simp [offsets] at hk
      simp only [List.sum_cons]; omega
    | succ i =>
      have := ih (off := off + w) (by simpa using hi) (by simpa [offsets] using hk)
      simp only [List.sum_cons]; omega

private theorem length_runs {o w : Nat → Nat} : ∀ is : List Nat,
    (is.flatMap fun i => List.range' (o i) (w i)).length = (is.map w).sum
  | [] => rfl
  | i :: is => by simp [length_runs is]

/-- The values of a stage fit. -/
theorem fit_eval {S : Stage} {ws x : List Nat} (hS : ∀ v ∈ S, ∀ i ∈ v.operands, i < ws.length) (hx : Fit ws x) :
    Fit (S.widths ws) (S.eval x) := by
  have hi : ∀ i < ws.length, x.getD i 0 < 2 ^ ws.getD i 0 := fun i hi => hx.lt hi
  rw [widths_eq, eval_eq]
  refine ⟨by simp, ?_⟩
  clear hx
  induction S with
  | nil => simp
  | cons v S ih =>
    have ih := ih fun u hu => hS u (by simp [hu])
    simp only [List.map_cons, List.zip_cons_cons, List.mem_cons, forall_eq_or_imp]
    exact ⟨v.eval_lt fun i hvi => hi i (hS v (by simp) i hvi), ih⟩

/-- **The circuit of a stage**, when the circuits of shapes are correct. -/
theorem computes {S : Stage} {ws : List Nat} {C : Shape → Circuit}
    (hC : ∀ s : Shape, s.depth ≤ S.depth → Shape.Correct s S.depth (C s))
    (hS : ∀ v ∈ S, ∀ i ∈ v.operands, i < ws.length) :
    (S.circuitOf C ws).Computes ws.sum (S.widths ws).sum S.depth (S.sizeOf C ws) fun b =>
      valueBits (S.widths ws) (S.eval (values ws b)) := by
  obtain ⟨d, hd⟩ : ∃ d, S.depth = d + 1 := ⟨S.depth - 1, by have := S.one_le_depth; omega⟩
  have h := Circuit.Computes.par (d := d) (m := ws.sum) (is := S.blocks ws)
    (sel := fun b => b.2.flatMap fun r => List.range' r.1 r.2) (C := fun b => C b.1)
    (w := fun b => b.1.width id) (s := fun b => (C b.1).size)
    (f := fun b y => bits (b.1.width id) (b.1.value (values b.1.operands y))) ?_ ?_
  · rw [← hd] at h
    refine h.congr ?_ rfl (Nat.le_refl _) fun b hb => ?_
    · rw [blocks_eq, widths_eq, List.map_map]
      exact congrArg _ (List.map_congr_left fun v _ => Shape.width_shape v _)
    · rw [widths_eq, eval_eq, valueBits_map, blocks_eq, List.flatMap_map]
      refine flatMap_congr fun v hv => ?_
      have hfit : Fit (v.operands.map (ws.getD · 0)) (v.operands.map ((values ws b).getD · 0)) := by
        refine ⟨by simp, fun p hp => ?_⟩
        simp only [List.zip_map', List.mem_map] at hp
        obtain ⟨i, hi, rfl⟩ := hp
        exact (fit_values hb).lt (hS v hv i hi)
      simp only [List.flatMap_map, Shape.width_shape, Shape.operands_shape]
      rw [operandBits hb (hS v hv), values_valueBits hfit, Shape.value_shape]
  · intro b hb k hk
    rw [blocks_eq, List.mem_map] at hb
    obtain ⟨v, hv, rfl⟩ := hb
    simp only [List.flatMap_map, List.mem_flatMap] at hk
    obtain ⟨i, hi, hk⟩ := hk
    simpa using offsets_lt (off := 0) (hS v hv i hi) hk
  · intro b hb
    rw [blocks_eq, List.mem_map] at hb
    obtain ⟨v, hv, rfl⟩ := hb
    have hdepth : (v.shape (ws.getD · 0)).depth ≤ S.depth := by rw [Shape.depth_shape]; exact S.depth_le hv
    have := hC _ hdepth
    rw [Shape.Correct, Shape.inputs, Shape.operands_shape, hd] at this
    simp only [List.flatMap_map, length_runs, Shape.operands_shape]
    exact this

end Stage

namespace Network

/-- The number of gates and wires of the circuit of a network, when the circuits of shapes are `C`. -/
def sizeOf (C : Nat → Shape → Circuit) : (N : Network) → (ws : List Nat) → Nat
  | [], _ => 0
  | S :: N, ws => S.sizeOf (C S.depth) ws + sizeOf C N (S.widths ws)

/-- The number of gates and wires of the circuit of a network. -/
def size (N : Network) (ws : List Nat) : Nat := N.sizeOf Shape.circuit ws

/-- The same, when the circuit of every shape has been optimised. -/
def optimisedSize (N : Network) (ws : List Nat) : Nat := N.sizeOf (fun d s => (s.circuit d).optimise) ws

private theorem length_widths (S : Stage) (ws : List Nat) : (S.widths ws).length = S.length := by simp [Stage.widths]

/-- **The circuit of a network**, when the circuits of shapes are correct. -/
theorem computes_of {C : Nat → Shape → Circuit}
    (hC : ∀ d (s : Shape), s.depth ≤ d → Shape.Correct s d (C d s)) : ∀ {N : Network} {ws : List Nat}, N.WF ws.length →
    (N.circuitOf C ws).Computes ws.sum (N.widths ws).sum N.depth (N.sizeOf C ws) fun b =>
      valueBits (N.widths ws) (N.eval (values ws b))
  | [], ws, _ => by
    refine ⟨trivial, rfl, rfl, Nat.le_refl _, fun b hb => ?_⟩
    exact (valueBits_values hb).symm
  | S :: N, ws, ⟨hS, hN⟩ => by
    have h := Stage.computes (hC S.depth) hS
    have ih := computes_of hC (N := N) (ws := S.widths ws) (by rwa [length_widths])
    refine (h.comp ih).mono (Nat.le_refl _) fun b hb => ?_
    have hfit := Stage.fit_eval hS (fit_values hb)
    simp only [Function.comp, values_valueBits hfit]
    rfl

end Network

end Logprec
