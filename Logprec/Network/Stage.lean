import Logprec.Network.Circuit

/-!
# From nodes to networks

A network's circuit computes the bits of the network's outputs when the circuit of every shape computes the bits of the
shape's value.
-/

namespace Logprec

/-! ## Bits of several numbers -/

/-- Numbers that fit: `x` has a number of at most `w` bits for every `w` of `ws`. -/
def Fit (ws x : List Nat) : Prop := x.length = ws.length ∧ ∀ p ∈ ws.zip x, p.2 < 2 ^ p.1

/-- Every number fits its number of bits. -/
theorem Fit.lt {ws x : List Nat} (h : Fit ws x) {i : Nat} (hi : i < ws.length) : x.getD i 0 < 2 ^ ws.getD i 0 := by
  have hi' : i < x.length := by rw [h.1]; exact hi
  have := h.2 (ws[i], x[i]) (List.mem_iff_getElem.2 ⟨i, by rw [List.length_zip]; omega, by simp⟩)
  simpa [List.getD_eq_getElem?_getD, hi, hi'] using this

/-- As many numbers as numbers of bits. -/
theorem length_values : ∀ (ws : List Nat) (b : List Bool), (values ws b).length = ws.length
  | [], _ => rfl
  | _ :: ws, b => by simp [values, length_values ws]

/-- As many bits as the numbers of bits say. -/
theorem length_valueBits : ∀ {ws x : List Nat}, x.length = ws.length → (valueBits ws x).length = ws.sum
  | [], [], _ => rfl
  | w :: ws, n :: x, h => by
    have := length_valueBits (ws := ws) (x := x) (by simpa using h)
    simpa [valueBits] using this

/-- Reading back what was written. -/
theorem values_valueBits : ∀ {ws x : List Nat}, Fit ws x → values ws (valueBits ws x) = x
  | [], [], _ => rfl
  | w :: ws, n :: x, ⟨hl, h⟩ => by
    have ih := values_valueBits (ws := ws) (x := x) ⟨by simpa using hl, fun p hp => h p (by simp [hp])⟩
    have hn : n < 2 ^ w := h (w, n) (by simp)
    have e : valueBits (w :: ws) (n :: x) = bits w n ++ valueBits ws x := by simp [valueBits]
    have hw : (bits w n).length = w := length_bits w n
    rw [e, values, List.take_append_of_le_length (by omega), List.drop_append_of_le_length (by omega),
      List.take_of_length_le (by omega), List.drop_of_length_le (by omega), List.nil_append, ih, ofBits_bits,
      Nat.mod_eq_of_lt hn]
  | [], _ :: _, ⟨hl, _⟩ => by simp at hl
  | _ :: _, [], ⟨hl, _⟩ => by simp at hl

/-- Writing what was read. -/
theorem valueBits_values : ∀ {ws : List Nat} {b : List Bool}, b.length = ws.sum → valueBits ws (values ws b) = b
  | [], b, h => by simpa [values, valueBits] using (List.length_eq_zero_iff.1 h).symm
  | w :: ws, b, h => by
    rw [List.sum_cons] at h
    have ih := valueBits_values (ws := ws) (b := b.drop w) (by simp; omega)
    have e : valueBits (w :: ws) (values (w :: ws) b) =
        bits w (ofBits (b.take w)) ++ valueBits ws (values ws (b.drop w)) := by
      simp [valueBits, values]
    have hb := bits_ofBits (b.take w)
    rw [List.length_take, Nat.min_eq_left (by omega)] at hb
    rw [e, ih, hb, List.take_append_drop]

/-- What is read fits. -/
theorem fit_values : ∀ {ws : List Nat} {b : List Bool}, b.length = ws.sum → Fit ws (values ws b)
  | [], _, _ => ⟨rfl, by simp [values]⟩
  | w :: ws, b, h => by
    rw [List.sum_cons] at h
    have ih := fit_values (ws := ws) (b := b.drop w) (by simp; omega)
    refine ⟨by simp [length_values], fun p hp => ?_⟩
    simp only [values, List.zip_cons_cons, List.mem_cons] at hp
    rcases hp with rfl | hp
    · refine Nat.lt_of_lt_of_le (ofBits_lt _) (Nat.pow_le_pow_right (by omega) ?_)
      rw [List.length_take]
      exact Nat.min_le_left _ _
    · exact ih.2 p hp

/-- As many places as numbers. -/
theorem length_offsets : ∀ (off : Nat) (ws : List Nat), (offsets off ws).length = ws.length
  | _, [] => rfl
  | off, w :: ws => by simp [offsets, length_offsets _ ws]

/-- The bits of a value are where `offsets` says. -/
theorem map_bit_offsets : ∀ {ws : List Nat} {pre b : List Bool} {i : Nat}, b.length = ws.sum → i < ws.length →
    (List.range' ((offsets pre.length ws).getD i 0) (ws.getD i 0)).map (bit (pre ++ b)) =
      bits (ws.getD i 0) ((values ws b).getD i 0)
  | w :: ws, pre, b, 0, h, _ => by
    rw [List.sum_cons] at h
    have hb := bits_ofBits (b.take w)
    rw [List.length_take, Nat.min_eq_left (by omega)] at hb
    have := map_bit_range' (pre ++ b) pre.length w (by simp; omega)
    simp [offsets, values, hb, this]
  | w :: ws, pre, b, i + 1, h, hi => by
    rw [List.sum_cons] at h
    have ih := map_bit_offsets (ws := ws) (pre := pre ++ b.take w) (b := b.drop w) (i := i) (by simp; omega)
      (by simpa using hi)
    have e : (pre ++ b.take w).length = pre.length + w := by simp; omega
    rw [e, List.append_assoc, List.take_append_drop] at ih
    simpa [offsets, values] using ih
  | [], _, _, _, _, hi => by simp at hi

/-! ## Shapes -/

namespace Shape

/-- The linear part of a form, from its operands in order. -/
def linSum : List (Int × Nat) → List Nat → Int
  | [], _ => 0
  | (c, _) :: l, xs => c * (xs.headD 0 : Int) + linSum l xs.tail

/-- The bilinear part of a form, from its operands in order. -/
def quadSum : List (Int × Nat × Nat) → List Nat → Int
  | [], _ => 0
  | (c, _, _) :: l, xs => c * ((xs.headD 0 * xs.tail.headD 0 : Nat) : Int) + quadSum l xs.tail.tail

/-- The value of a shape, from its operands in order. -/
def value (xs : List Nat) : Shape → Nat
  | .copy _ => xs.headD 0
  | .form bias lin quad shift width =>
    clamp width ((bias + linSum lin xs + quadSum quad (xs.drop lin.length)) / 2 ^ shift)
  | .table _ entries width => entries.getD (xs.headD 0) 0 % 2 ^ width

private theorem linSum_map (w x : Nat → Nat) (more : List Nat) : ∀ lin : List (Int × Nat),
    linSum (lin.map fun t => (t.1, w t.2)) (lin.map (fun t => x t.2) ++ more) =
      (lin.map fun t => t.1 * (x t.2 : Int)).sum
  | [] => rfl
  | t :: lin => by simp [linSum, linSum_map w x more lin]

private theorem quadSum_map (w x : Nat → Nat) : ∀ quad : List (Int × Nat × Nat),
    quadSum (quad.map fun t => (t.1, w t.2.1, w t.2.2)) (quad.flatMap fun t => [x t.2.1, x t.2.2]) =
      (quad.map fun t => t.1 * ((x t.2.1 * x t.2.2 : Nat) : Int)).sum
  | [] => rfl
  | t :: quad => by
    have := quadSum_map w x quad
    simp only [List.map_cons, List.flatMap_cons, List.cons_append, List.nil_append, quadSum, List.headD_cons,
      List.tail_cons, List.sum_cons, this]

/-- The value of a node is that of its shape. -/
theorem value_shape (v : Node) (w x : Nat → Nat) : (v.shape w).value (v.operands.map x) = v.eval x := by
  cases v with
  | copy i => rfl
  | table i entries width => rfl
  | form bias lin quad shift width =>
    have h₁ := linSum_map w x (quad.flatMap fun t => [x t.2.1, x t.2.2]) lin
    have h₂ := quadSum_map w x quad
    simp only [Node.shape, Node.operands, value, Node.eval, Node.total, List.map_append, List.map_map, List.map_flatMap,
      List.map_cons, List.map_nil, Function.comp_def, List.length_map] at h₁ h₂ ⊢
    rw [h₁, List.drop_append_of_le_length (by simp), List.drop_of_length_le (by simp), List.nil_append, h₂]

/-- The operands of a shape are the numbers of bits of those of the node. -/
theorem operands_shape (v : Node) (w : Nat → Nat) : (v.shape w).operands = v.operands.map w := by
  cases v <;> simp [Node.shape, Node.operands, List.map_flatMap, List.flatMap_map, Function.comp_def]

/-- The number of bits of a node is that of its shape. -/
theorem width_shape (v : Node) (w : Nat → Nat) : (v.shape w).width id = v.width w := by cases v <;> rfl

/-- A node and its shape need the same depth. -/
theorem depth_shape (v : Node) (w : Nat → Nat) : depth (v.shape w) = depth v := by cases v <;> rfl

end Shape

/-! ## Nodes -/

/-- The value of a node fits. -/
theorem Node.eval_lt (v : Node) {w x : Nat → Nat} (h : ∀ i ∈ v.operands, x i < 2 ^ w i) : v.eval x < 2 ^ v.width w := by
  cases v with
  | copy i => exact h i (by simp [operands])
  | table i entries width => exact Nat.mod_lt _ (Nat.two_pow_pos _)
  | form bias lin quad shift width =>
    have := Nat.two_pow_pos width
    simp only [eval, clamp, Node.width]
    omega

/-! ## Stages -/

namespace Stage

/-- A stage has a layer. -/
theorem one_le_depth (S : Stage) : 1 ≤ S.depth := (le_foldl_max Shape.depth S 1).1

/-- A stage has the depth that its nodes need. -/
theorem depth_le (S : Stage) {v : Node} (hv : v ∈ S) : Shape.depth v ≤ S.depth := (le_foldl_max Shape.depth S 1).2 v hv

end Stage

end Logprec
