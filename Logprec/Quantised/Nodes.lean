import Logprec.Network.Gives
import Logprec.Quantised.Construct
import Logprec.Quantised.Defs

/-!
# The values of the nodes of a quantised model

Saturation with an offset is saturation of the number; a node of an affine form has the value of the form, and so does a
node of a sum of products.
-/

namespace Logprec.Quantised

/-! ## Offsets -/

theorem half_eq (w : Nat) : half w = ((2 ^ (w - 1) : Nat) : Int) := by simp [half]

theorem two_pow_eq {w : Nat} (hw : 1 ≤ w) : 2 ^ w = 2 * 2 ^ (w - 1) := by
  rw [← Nat.pow_succ']
  congr 1
  omega

/-- A saturated number fits. -/
theorem sat_bounds (w : Nat) (z : Int) : -half w ≤ sat w z ∧ sat w z < half w := by
  have h := Nat.two_pow_pos (w - 1)
  rw [half_eq, sat, show (2 : Int) ^ (w - 1) = ((2 ^ (w - 1) : Nat) : Int) by simp]
  omega

/-- Saturating what is stored with an offset is storing what is saturated. -/
theorem clamp_add_half {w : Nat} (hw : 1 ≤ w) (z : Int) : clamp w (z + half w) = code (half w) (sat w z) := by
  have h := two_pow_eq hw
  have h1 := Nat.two_pow_pos (w - 1)
  rw [clamp, code, half_eq, sat, h, show (2 : Int) ^ (w - 1) = ((2 ^ (w - 1) : Nat) : Int) by simp]
  generalize 2 ^ (w - 1) = p at *
  omega

theorem code_sat_lt {w : Nat} (hw : 1 ≤ w) (z : Int) : code (half w) (sat w z) < 2 ^ w := by
  rw [← clamp_add_half hw, clamp]
  have := Nat.two_pow_pos w
  omega

theorem code_zero_natCast (n : Nat) : code 0 n = n := by simp [code]

/-- From position `o` on, the values `x` are the numbers `v`, stored with offset `a`. -/
def Signed (x : List Nat) (o : Nat) (a : Int) (v : List Int) : Prop :=
  ∀ k < v.length, o + k < x.length ∧ (x.getD (o + k) 0 : Int) - a = v.getD k 0

/-- Codes are read back, if they are not negative. -/
theorem Signed.of_holds {x : List Nat} {o : Nat} {a : Int} {v : List Int} (h : Holds x o (v.map (code a)))
    (hv : ∀ z ∈ v, 0 ≤ z + a) : Signed x o a v := by
  intro k hk
  have hk' : k < (v.map (code a)).length := by simpa using hk
  refine ⟨h.lt hk', ?_⟩
  have := hv v[k] (List.getElem_mem _)
  simp only [h.getD hk', List.getD_eq_getElem?_getD, List.getElem?_map, List.getElem?_eq_getElem hk, Option.map_some,
    Option.getD_some, code]
  omega

theorem Signed.cons {x : List Nat} {o : Nat} {a z : Int} {v : List Int} (h : Signed x o a (z :: v)) :
    (o < x.length ∧ (x.getD o 0 : Int) - a = z) ∧ Signed x (o + 1) a v := by
  refine ⟨by simpa using h 0 (by simp), fun k hk => ?_⟩
  have := h (k + 1) (by simp; omega)
  rw [show o + 1 + k = o + (k + 1) by omega]
  simpa using this

/-! ## Sums -/

theorem sum_map_add {α : Type} (l : List α) (f g : α → Int) :
    (l.map fun a => f a + g a).sum = (l.map f).sum + (l.map g).sum := by
  induction l with
  | nil => rfl
  | cons a l ih => simp only [List.map_cons, List.sum_cons, ih]; omega

theorem sum_map_sub {α : Type} (l : List α) (f g : α → Int) :
    (l.map fun a => f a - g a).sum = (l.map f).sum - (l.map g).sum := by
  induction l with
  | nil => rfl
  | cons a l ih => simp only [List.map_cons, List.sum_cons, ih]; omega

/-- Terms whose coefficient is 0 do not matter. -/
theorem sum_filter_coefficient (l : List (Int × Nat)) (f : Nat → Int) :
    ((l.filter fun t => t.1 ≠ 0).map fun t => t.1 * f t.2).sum = (l.map fun t => t.1 * f t.2).sum := by
  induction l with
  | nil => rfl
  | cons t l ih => by_cases h : t.1 = 0 <;> simp_all

/-- The value of a row of a matrix. -/
theorem sum_rowTerms {x : List Nat} {o : Nat} {a : Int} {v : List Int} (h : Signed x o a v) {row : List Int}
    (hr : row.length = v.length) :
    ((rowTerms a o row).map fun t => t.1 * ((x.getD t.2.1 0 : Int) - t.2.2)).sum = dot row v := by
  induction row generalizing o v with
  | nil => rfl
  | cons c row ih =>
    obtain _ | ⟨z, v⟩ := v
    · simp at hr
    · have e := h.cons.1.2
      have := ih h.cons.2 (by simpa using hr)
      simp only [rowTerms, dot, List.zipIdx_cons, List.map_cons, List.sum_cons, List.zipWith_cons_cons] at this ⊢
      rw [this, e]

theorem rowTerms_lt {x : List Nat} {o : Nat} {a : Int} {v : List Int} (h : Signed x o a v) {row : List Int}
    (hr : row.length = v.length) : ∀ t ∈ rowTerms a o row, t.2.1 < x.length := by
  intro t ht
  simp only [rowTerms, List.mem_map] at ht
  obtain ⟨⟨c, i⟩, hp, rfl⟩ := ht
  have := List.mem_zipIdx hp
  have := (h (i - o) (by omega)).1
  simp only
  omega

/-! ## Nodes -/

/-- The value of an affine node. -/
theorem gives_affineNode {x : List Nat} {bias : Int} {terms : List (Int × Nat × Int)} {out : Int} {shift width : Nat}
    {z : Int} (h : ∀ t ∈ terms, t.2.1 < x.length)
    (hz : bias + (terms.map fun t => t.1 * ((x.getD t.2.1 0 : Int) - t.2.2)).sum = z) :
    Stage.Gives [affineNode bias terms out shift width] x [clamp width (z / 2 ^ shift + out)] := by
  constructor
  · intro v hv i hi
    rw [List.mem_singleton] at hv
    subst hv
    simp only [affineNode, Node.operands, List.mem_append, List.mem_map, List.mem_filter] at hi
    rcases hi with ⟨_, ⟨⟨t, ht, rfl⟩, -⟩, rfl⟩ | hi
    · exact h t ht
    · simp at hi
  · subst hz
    simp only [List.map_cons, List.map_nil, affineNode, Node.eval, Node.total]
    rw [sum_filter_coefficient _ fun i => ((x.getD i 0 : Nat) : Int), List.map_map, Function.comp_def,
      ← Int.add_mul_ediv_right _ _ (Int.pow_ne_zero (by decide : (2 : Int) ≠ 0))]
    congr 3
    simp only [Int.mul_sub, sum_map_sub, List.sum_nil]
    omega

/-- The value of a node of products. -/
theorem gives_productNode {x : List Nat} {bias : Int} {terms : List Product} {out : Int} {shift width : Nat} {z : Int}
    (h : ∀ t ∈ terms, t.i < x.length ∧ t.j < x.length)
    (hz : bias + (terms.map fun t => ((x.getD t.i 0 : Int) - t.a) * ((x.getD t.j 0 : Int) - t.b)).sum = z) :
    Stage.Gives [productNode bias terms out shift width] x [clamp width (z / 2 ^ shift + out)] := by
  constructor
  · intro v hv i hi
    rw [List.mem_singleton] at hv
    subst hv
    simp only [productNode, Node.operands, List.mem_append, List.mem_map, List.mem_filter, List.mem_flatMap] at hi
    rcases hi with ⟨_, ⟨⟨t, ht, hm⟩, -⟩, rfl⟩ | ⟨_, ⟨t, ht, rfl⟩, hm⟩
    · rcases List.mem_cons.1 hm with rfl | hm
      · exact (h t ht).1
      · rw [List.mem_singleton] at hm
        exact hm ▸ (h t ht).2
    · rcases List.mem_cons.1 hm with rfl | hm
      · exact (h t ht).1
      · rw [List.mem_singleton] at hm
        exact hm ▸ (h t ht).2
  · subst hz
    simp only [List.map_cons, List.map_nil, productNode, Node.eval, Node.total]
    rw [sum_filter_coefficient _ fun i => ((x.getD i 0 : Nat) : Int), List.map_map, Function.comp_def,
      ← Int.add_mul_ediv_right _ _ (Int.pow_ne_zero (by decide : (2 : Int) ≠ 0))]
    congr 3
    clear h
    induction terms with
    | nil => simp
    | cons t ts ih =>
      simp only [List.map_cons, List.sum_cons, List.flatMap_cons, List.cons_append, List.nil_append, Int.sub_mul,
        Int.mul_sub, Int.natCast_mul, Int.one_mul, Int.neg_mul] at ih ⊢
      rw [Int.mul_comm t.b, Int.mul_comm ↑(x.getD t.i 0) t.b]
      omega

end Logprec.Quantised
