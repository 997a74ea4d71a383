import Logprec.Network.FormSize
import Logprec.Network.Theorem

/-!
# The circuits of small networks are of polynomial size

A family of networks whose numbers are bounded, with at most `B · N` terms in a form and at most `B · N²` nodes in a
stage, has circuits of size at most `K · N ^ 7`. Here `N` will be one more than the number of positions.
-/

namespace Logprec

namespace Circuit

/-! ## The numbers of a form -/

private theorem length_linTerms_le (off : Nat) (c : Int) (w : Nat) : (linTerms off c w).length ≤ w := by
  unfold linTerms; split <;> simp

private theorem length_quadTerms_le (off : Nat) (c : Int) (w w' : Nat) : (quadTerms off c w w').length ≤ w * w' := by
  unfold quadTerms
  split
  · simp
  · rw [List.length_flatMap]
    exact Nat.le_trans (sum_map_le (c := w') fun _ _ => by simp) (by simp)

/-- A sum of integers of bounded absolute values. -/
theorem natAbs_sum_le {α : Type} {b : Nat} {f : α → Int} : ∀ {l : List α}, (∀ a ∈ l, (f a).natAbs ≤ b) →
    (l.map f).sum.natAbs ≤ l.length * b
  | [], _ => by simp
  | a :: l, h => by
    have h₁ := h a (by simp)
    have h₂ := natAbs_sum_le fun a ha => h a (List.mem_cons_of_mem _ ha)
    have h₃ := Int.natAbs_add_le (f a) (l.map f).sum
    simp only [List.map_cons, List.sum_cons, List.length_cons, Nat.succ_mul]
    omega

private theorem natAbs_pow_sub_one (w : Nat) : ((2 : Int) ^ w - 1).natAbs ≤ 2 ^ w := by
  have := Nat.two_pow_pos w
  have h : ((2 ^ w : Nat) : Int) = 2 ^ w := by simp
  omega

section
variable {B : Nat} {lin : List (Int × Nat)} {quad : List (Int × Nat × Nat)}

private theorem weight_le_of_lin {c : Int} {w : Nat} (hc : c.natAbs ≤ B) (hw : w ≤ B) :
    c.natAbs * 2 ^ w ≤ B * 2 ^ (B + B) :=
  Nat.mul_le_mul hc (Nat.pow_le_pow_right (by omega) (by omega))

private theorem weight_le_of_quad {c : Int} {w w' : Nat} (hc : c.natAbs ≤ B) (hw : w ≤ B) (hw' : w' ≤ B) :
    c.natAbs * 2 ^ (w + w') ≤ B * 2 ^ (B + B) :=
  Nat.mul_le_mul hc (Nat.pow_le_pow_right (by omega) (by omega))

private theorem length_linsTerms_le : ∀ {lin : List (Int × Nat)} {off : Nat}, (∀ t ∈ lin, t.2 ≤ B) →
    (linsTerms off lin).length ≤ lin.length * B
  | [], _, _ => by simp [linsTerms]
  | (c, w) :: lin, off, h => by
    have h₁ := length_linTerms_le off c w
    have h₂ : w ≤ B := h (c, w) (by simp)
    have h₃ := length_linsTerms_le (lin := lin) (off := off + w) fun t ht => h t (List.mem_cons_of_mem _ ht)
    rw [linsTerms, List.length_append, List.length_cons, Nat.succ_mul]
    omega

private theorem length_quadsTerms_le : ∀ {quad : List (Int × Nat × Nat)} {off : Nat},
    (∀ t ∈ quad, t.2.1 ≤ B ∧ t.2.2 ≤ B) →
    (quadsTerms off quad).length ≤ quad.length * (B * B)
  | [], _, _ => by simp [quadsTerms]
  | (c, w, w') :: quad, off, h => by
    have h₁ := length_quadTerms_le off c w w'
    have h₂ : w ≤ B ∧ w' ≤ B := h (c, w, w') (by simp)
    have h₃ := length_quadsTerms_le (quad := quad) (off := off + (w + w')) fun t ht => h t (List.mem_cons_of_mem _ ht)
    have := Nat.mul_le_mul h₂.1 h₂.2
    rw [quadsTerms, List.length_append, List.length_cons, Nat.succ_mul]
    omega

private theorem weight_le_of_mem_linsTerms : ∀ {lin : List (Int × Nat)} {off : Nat} {t : Nat × Gate},
    (∀ t ∈ lin, t.1.natAbs ≤ B ∧ t.2 ≤ B) → t ∈ linsTerms off lin → t.1 ≤ B * 2 ^ (B + B)
  | (c, w) :: lin, off, t, hl, h => by
    rcases List.mem_append.1 h with h | h
    · unfold linTerms at h
      split at h
      · simp at h
      · obtain ⟨a, ha, rfl⟩ := List.mem_map.1 h
        have h₁ := hl (c, w) (by simp)
        exact weight_le_of_lin h₁.1 (Nat.le_trans (Nat.le_of_lt (List.mem_range.1 ha)) h₁.2)
    · exact weight_le_of_mem_linsTerms (fun t ht => hl t (List.mem_cons_of_mem _ ht)) h

private theorem weight_le_of_mem_quadsTerms : ∀ {quad : List (Int × Nat × Nat)} {off : Nat} {t : Nat × Gate},
    (∀ t ∈ quad, t.1.natAbs ≤ B ∧ t.2.1 ≤ B ∧ t.2.2 ≤ B) → t ∈ quadsTerms off quad → t.1 ≤ B * 2 ^ (B + B)
  | (c, w, w') :: quad, off, t, hl, h => by
    rcases List.mem_append.1 h with h | h
    · unfold quadTerms at h
      split at h
      · simp at h
      · obtain ⟨a, ha, h⟩ := List.mem_flatMap.1 h
        obtain ⟨b, hb, rfl⟩ := List.mem_map.1 h
        have h₁ := hl (c, w, w') (by simp)
        exact weight_le_of_quad h₁.1 (Nat.le_trans (Nat.le_of_lt (List.mem_range.1 ha)) h₁.2.1)
          (Nat.le_trans (Nat.le_of_lt (List.mem_range.1 hb)) h₁.2.2)
    · exact weight_le_of_mem_quadsTerms (fun t ht => hl t (List.mem_cons_of_mem _ ht)) h

/-- The number of bits that the terms of a form have. -/
theorem length_formTerms_le {m : Nat} (hlin : ∀ t ∈ lin, t.1.natAbs ≤ B ∧ t.2 ≤ B)
    (hquad : ∀ t ∈ quad, t.1.natAbs ≤ B ∧ t.2.1 ≤ B ∧ t.2.2 ≤ B) (hm : lin.length + quad.length ≤ m) :
    (formTerms lin quad).length ≤ m * (B + B * B) := by
  have h₁ := length_linsTerms_le (B := B) (lin := lin) (off := 0) fun t ht => (hlin t ht).2
  have h₂ := length_quadsTerms_le (B := B) (quad := quad) (off := (lin.map (·.2)).sum) fun t ht => (hquad t ht).2
  have h₃ := Nat.mul_le_mul_right (B + B * B) hm
  simp only [Nat.add_mul, Nat.mul_add] at h₃ ⊢
  rw [formTerms, List.length_append]
  omega

/-- The sum of the weights of a form. -/
theorem sum_formTerms_le {m : Nat} (hlin : ∀ t ∈ lin, t.1.natAbs ≤ B ∧ t.2 ≤ B)
    (hquad : ∀ t ∈ quad, t.1.natAbs ≤ B ∧ t.2.1 ≤ B ∧ t.2.2 ≤ B) (hm : lin.length + quad.length ≤ m) :
    ((formTerms lin quad).map (·.1)).sum ≤ m * (B + B * B) * (B * 2 ^ (B + B)) := by
  refine Nat.le_trans (sum_map_le fun t ht => ?_) (Nat.mul_le_mul_right _ (length_formTerms_le hlin hquad hm))
  rcases List.mem_append.1 ht with h | h
  · exact weight_le_of_mem_linsTerms hlin h
  · exact weight_le_of_mem_quadsTerms hquad h

/-- The constant of a form. -/
theorem natAbs_formConst_le {bias : Int} {m : Nat} (hlin : ∀ t ∈ lin, t.1.natAbs ≤ B ∧ t.2 ≤ B)
    (hquad : ∀ t ∈ quad, t.1.natAbs ≤ B ∧ t.2.1 ≤ B ∧ t.2.2 ≤ B) (hm : lin.length + quad.length ≤ m) :
    (formConst bias lin quad).natAbs ≤ bias.natAbs + m * (B * 2 ^ (B + B)) := by
  have h₁ : (lin.map fun t => linConst t.1 t.2).sum.natAbs ≤ lin.length * (B * 2 ^ (B + B)) :=
      natAbs_sum_le fun t ht => by
    unfold linConst
    split
    · rw [Int.natAbs_mul]
      exact Nat.le_trans (Nat.mul_le_mul_left _ (natAbs_pow_sub_one _)) (weight_le_of_lin (hlin t ht).1 (hlin t ht).2)
    · simp
  have h₂ : (quad.map fun t => quadConst t.1 t.2.1 t.2.2).sum.natAbs ≤ quad.length * (B * 2 ^ (B + B)) :=
    natAbs_sum_le fun t ht => by
      unfold quadConst
      split
      · rw [Int.natAbs_mul, Int.natAbs_mul]
        refine Nat.le_trans (Nat.mul_le_mul_left _ (Nat.mul_le_mul (natAbs_pow_sub_one _) (natAbs_pow_sub_one _))) ?_
        rw [← Nat.pow_add]
        exact weight_le_of_quad (hquad t ht).1 (hquad t ht).2.1 (hquad t ht).2.2
      · simp
  have h₃ := Nat.mul_le_mul_right (B * 2 ^ (B + B)) hm
  rw [Nat.add_mul] at h₃
  have h₄ := Int.natAbs_add_le (bias + (lin.map fun t => linConst t.1 t.2).sum)
    (quad.map fun t => quadConst t.1 t.2.1 t.2.2).sum
  have h₅ := Int.natAbs_add_le bias (lin.map fun t => linConst t.1 t.2).sum
  rw [formConst]
  omega

end

/-- The number of bits is logarithmic. -/
theorem two_pow_magnitude_le (least : Int) (range enough : Nat) :
    2 ^ magnitude least range enough ≤ 2 * (2 ^ enough + (least.natAbs + range + 1)) := by
  rw [magnitude, Nat.pow_succ, Nat.mul_comm]
  refine Nat.mul_le_mul_left 2 ?_
  have h₁ := Nat.log2_self_le (n := max least.natAbs (least + range).natAbs + 1) (by omega)
  generalize (max least.natAbs (least + range).natAbs + 1).log2 = l at *
  have h₂ : 2 ^ max enough l ≤ 2 ^ enough + 2 ^ l := by
    rcases Nat.le_total enough l with h | h
    · rw [Nat.max_eq_right h]; exact Nat.le_add_left _ _
    · rw [Nat.max_eq_left h]; exact Nat.le_add_right _ _
  omega

/-- Powers grow more slowly than powers of two. -/
theorem pow_le_two_pow {k : Nat} (hk : 0 < k) (v : Nat) : v ^ k ≤ k ^ k * 2 ^ v := by
  have h₁ : v ≤ k * 2 ^ (v / k) := by
    have := Nat.lt_mul_div_succ v hk
    have := Nat.mul_le_mul_left k (show v / k + 1 ≤ 2 ^ (v / k) from Nat.lt_two_pow_self)
    omega
  refine Nat.le_trans (Nat.pow_le_pow_left h₁ k) ?_
  rw [Nat.mul_pow, ← Nat.pow_mul]
  exact Nat.mul_le_mul_left _ (Nat.pow_le_pow_right (by omega) (Nat.div_mul_le_self v k))

end Circuit

namespace Shape

/-- A node whose numbers are bounded by `B`, with at most `B · N` terms and a bias of at most `B · N`. -/
def Small (B N : Nat) : Shape → Prop
  | .copy w => w ≤ B
  | .table w _ width => w ≤ B ∧ width ≤ B
  | .form bias lin quad shift width => bias.natAbs ≤ B * N ∧ lin.length + quad.length ≤ B * N ∧
    (∀ t ∈ lin, t.1.natAbs ≤ B ∧ t.2 ≤ B) ∧ (∀ t ∈ quad, t.1.natAbs ≤ B ∧ t.2.1 ≤ B ∧ t.2.2 ≤ B) ∧
    shift ≤ B ∧ width ≤ B

/-- The constant of the size of a form. -/
private def formFactor (B : Nat) : Nat :=
  2 ^ 57 * (19 ^ 19 * (8 * (2 ^ (B + B) + (B + B * (B * 2 ^ (B + B)) + B * (B + B * B) * (B * 2 ^ (B + B)) + 1))) *
    (B * (B + B * B) + 2) ^ 4)

private theorem size_form_le_of_small {B N : Nat} (hN : 1 ≤ N) {bias : Int} {lin : List (Int × Nat)}
    {quad : List (Int × Nat × Nat)} {shift width : Nat} (h : Small B N (.form bias lin quad shift width)) :
    (Circuit.form bias lin quad shift width).size ≤ formFactor B * N ^ 5 := by
  obtain ⟨hb, hm, hlin, hquad, hs, hw⟩ := h
  have h₁ := Circuit.size_form_le bias lin quad shift width rfl rfl
  have h₂ := Circuit.length_formTerms_le hlin hquad hm
  have h₃ := Circuit.sum_formTerms_le hlin hquad hm
  have h₄ := Circuit.natAbs_formConst_le (bias := bias) hlin hquad hm
  have h₅ := Circuit.two_pow_magnitude_le (Circuit.formConst bias lin quad)
    ((Circuit.formTerms lin quad).map (·.1)).sum (width + shift)
  generalize Circuit.magnitude _ _ _ = n at *
  refine Nat.le_trans h₁ ?_
  have h₆ := Circuit.pow_le_two_pow (k := 19) (by decide) (n + 2)
  have h₇ : 2 ^ (width + shift) ≤ 2 ^ (B + B) := Nat.pow_le_pow_right (by omega) (by omega)
  have h₈ : 2 ^ (n + 2) ≤
      8 * (2 ^ (B + B) + (B + B * (B * 2 ^ (B + B)) + B * (B + B * B) * (B * 2 ^ (B + B)) + 1)) * N := by
    have e₁ : B * N * (B + B * B) * (B * 2 ^ (B + B)) = B * (B + B * B) * (B * 2 ^ (B + B)) * N := by grind
    have e₂ : B * N * (B * 2 ^ (B + B)) = B * (B * 2 ^ (B + B)) * N := by grind
    rw [e₁] at h₃
    rw [e₂] at h₄
    have h₉ : 2 ^ (B + B) ≤ 2 ^ (B + B) * N := Nat.le_mul_of_pos_right _ hN
    rw [Nat.pow_add 2 n, Nat.mul_assoc 8, Nat.add_mul, Nat.add_mul, Nat.add_mul, Nat.add_mul]
    omega
  have h₉ : (Circuit.formTerms lin quad).length + 2 ≤ (B * (B + B * B) + 2) * N := by
    rw [Nat.add_mul, show B * (B + B * B) * N = B * N * (B + B * B) by grind]
    omega
  have h₁₀ := Nat.mul_le_mul (Nat.le_trans h₆ (Nat.mul_le_mul_left _ h₈)) (Nat.pow_le_pow_left h₉ 4)
  refine Nat.le_trans (Nat.mul_le_mul_left _ h₁₀) (Nat.le_of_eq ?_)
  rw [formFactor, Nat.mul_pow]
  generalize 8 * (2 ^ (B + B) + _) = X
  generalize (B * (B + B * B) + 2) ^ 4 = Y
  generalize 19 ^ 19 = Z
  generalize 2 ^ 57 = U
  grind

/-- **The circuit of a small node** in depth at most 15 has size at most `K · N ^ 5`, where `K` depends on the bound of
its numbers only. -/
theorem size_circuit_le (B : Nat) : ∃ K, ∀ {N d : Nat} {s : Shape}, 1 ≤ N → d ≤ 15 → s.Small B N →
    (s.circuit d).size ≤ K * N ^ 5 := by
  refine ⟨formFactor B + (4 * B + 2 ^ B * (B + 1) + B * (2 ^ B + 1)) + 30 * B + 30 * B, fun {N d s} hN hd h => ?_⟩
  have hN' : 1 ≤ N ^ 5 := Nat.pow_pos hN
  have carry : ∀ w, w ≤ B → ∀ k, k ≤ 15 → (Circuit.carry w k).size ≤ 30 * B * N ^ 5 := fun w hw k hk => by
    refine Nat.le_trans (Circuit.computes_carry w k).size_le (Nat.le_trans ?_ (Nat.le_mul_of_pos_right _ hN'))
    have := Nat.mul_le_mul hk (Nat.mul_le_mul_left 2 hw)
    omega
  have pad : ∀ C : Circuit, C.size ≤ (formFactor B + (4 * B + 2 ^ B * (B + 1) + B * (2 ^ B + 1)) + 30 * B) * N ^ 5 →
      s.width id ≤ B → (C ++ Circuit.carry (s.width id) (d - s.depth)).size ≤
        (formFactor B + (4 * B + 2 ^ B * (B + 1) + B * (2 ^ B + 1)) + 30 * B + 30 * B) * N ^ 5 := fun C hC hw => by
    rw [Circuit.size_append, Nat.add_mul _ (30 * B)]
    exact Nat.add_le_add hC (carry _ hw _ (by omega))
  cases s with
  | copy w =>
    refine pad _ (Nat.le_trans (carry w h 1 (by omega)) (Nat.mul_le_mul_right _ (by omega))) h
  | table w entries width =>
    obtain ⟨hw, hw'⟩ := h
    refine pad _ (Nat.le_trans (Circuit.computes_lookup w width _).size_le ?_) hw'
    have h₁ : 2 ^ w ≤ 2 ^ B := Nat.pow_le_pow_right (by omega) hw
    have h₂ := Nat.mul_le_mul h₁ (show w + 1 ≤ B + 1 by omega)
    have h₃ := Nat.mul_le_mul hw' (show 2 ^ w + 1 ≤ 2 ^ B + 1 by omega)
    refine Nat.le_trans ?_ (Nat.le_mul_of_pos_right _ hN')
    rw [Circuit.lookupSize]
    omega
  | form bias lin quad shift width =>
    exact pad _ (Nat.le_trans (size_form_le_of_small hN h) (Nat.mul_le_mul_right _ (by omega))) h.2.2.2.2.2

end Shape

namespace Node

/-- `Shape.Small`, without the numbers of bits of operands. -/
def Small (B N : Nat) : Node → Prop
  | copy _ => True
  | table _ _ width => width ≤ B
  | form bias lin quad shift width => bias.natAbs ≤ B * N ∧ lin.length + quad.length ≤ B * N ∧
    (∀ t ∈ lin, t.1.natAbs ≤ B) ∧ (∀ t ∈ quad, t.1.natAbs ≤ B) ∧ shift ≤ B ∧ width ≤ B

/-- It stays so with larger bounds. -/
theorem Small.mono {B B' N N' : Nat} {v : Node} (h : v.Small B N) (hB : B ≤ B') (hN : N ≤ N') : v.Small B' N' := by
  have hm := Nat.mul_le_mul hB hN
  cases v with
  | copy i => trivial
  | table i entries width => exact Nat.le_trans h hB
  | form bias lin quad shift width =>
    obtain ⟨h₁, h₂, h₃, h₄, h₅, h₆⟩ := h
    exact ⟨Nat.le_trans h₁ hm, Nat.le_trans h₂ hm, fun t ht => Nat.le_trans (h₃ t ht) hB,
      fun t ht => Nat.le_trans (h₄ t ht) hB, Nat.le_trans h₅ hB, Nat.le_trans h₆ hB⟩

/-- The shape of a small node, when operands have at most `B` bits. -/
theorem Small.shape {B N : Nat} {v : Node} {w : Nat → Nat} (h : v.Small B N) (hw : ∀ i, w i ≤ B) :
    Shape.Small B N (v.shape w) := by
  cases v with
  | copy i => exact hw i
  | table i entries width => exact ⟨hw i, h⟩
  | form bias lin quad shift width =>
    obtain ⟨h₁, h₂, h₃, h₄, h₅, h₆⟩ := h
    refine ⟨h₁, by simpa using h₂, fun t ht => ?_, fun t ht => ?_, h₅, h₆⟩
    · obtain ⟨u, hu, rfl⟩ := List.mem_map.1 ht
      exact ⟨h₃ u hu, hw _⟩
    · obtain ⟨u, hu, rfl⟩ := List.mem_map.1 ht
      exact ⟨h₄ u hu, hw _, hw _⟩

/-- Its value has at most `B` bits. -/
theorem Small.width_le {B N : Nat} {v : Node} {w : Nat → Nat} (h : v.Small B N) (hw : ∀ i, w i ≤ B) :
    v.width w ≤ B := by
  cases v with
  | copy i => exact hw i
  | table i entries width => exact h
  | form bias lin quad shift width => exact h.2.2.2.2.2

end Node

namespace Network

/-- Small nodes, at most `B · N²` of them in a stage. -/
def Small (B N : Nat) (Ns : Network) : Prop := ∀ S ∈ Ns, S.length ≤ B * N ^ 2 ∧ ∀ v ∈ S, v.Small B N

private theorem getD_le {B : Nat} {ws : List Nat} (h : ∀ w ∈ ws, w ≤ B) (i : Nat) : ws.toArray.getD i 0 ≤ B := by
  simp only [Array.getD_eq_getD_getElem?, List.getElem?_toArray]
  cases e : ws[i]? with
  | none => exact Nat.zero_le _
  | some w => exact h w (List.mem_of_getElem? e)

/-- **The circuits of small networks are of polynomial size**: at most `K · N ^ 7` a stage, where `K` depends on the
bound of their numbers only. -/
theorem size_le_of_small (B : Nat) : ∃ K, ∀ {N : Nat} {Ns : Network} {ws : List Nat}, 1 ≤ N → (∀ w ∈ ws, w ≤ B) →
    Ns.Small B N → Ns.size ws ≤ Ns.length * (K * N ^ 7) := by
  obtain ⟨K, hK⟩ := Shape.size_circuit_le B
  refine ⟨B * K, fun {N Ns ws} hN hws h => ?_⟩
  induction Ns generalizing ws with
  | nil => exact Nat.zero_le _
  | cons S Ns ih =>
    obtain ⟨hl, hS⟩ := h S (by simp)
    have hw := getD_le hws
    have h₁ := ih (ws := S.widths ws) (fun w hw' => by
      obtain ⟨v, hv, rfl⟩ := List.mem_map.1 hw'
      exact (hS v hv).width_le hw) fun T hT => h T (List.mem_cons_of_mem _ hT)
    have h₂ : S.sizeOf (Shape.circuit S.depth) ws ≤ S.length * (K * N ^ 5) := by
      have := sum_map_le (l := S.blocks ws) (f := fun b => (Shape.circuit S.depth b.1).size)
        (c := K * N ^ 5) fun b hb => by
        obtain ⟨v, hv, rfl⟩ := List.mem_map.1 hb
        exact hK hN (S.le_of_nodes (by decide) S.depthLe) ((hS v hv).shape hw)
      rwa [show (S.blocks ws).length = S.length by simp [Stage.blocks]] at this
    have h₃ := Nat.le_trans h₂ (Nat.mul_le_mul_right (K * N ^ 5) hl)
    rw [show B * N ^ 2 * (K * N ^ 5) = B * K * N ^ 7 by grind] at h₃
    have e : size (S :: Ns) ws = S.sizeOf (Shape.circuit S.depth) ws + size Ns (S.widths ws) := rfl
    rw [e, List.length_cons, Nat.succ_mul]
    omega

end Network

end Logprec
