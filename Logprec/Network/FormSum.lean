import Logprec.Network.Stage

/-!
# The terms of a form

The weighted sum of the gates of a form, with its constant, is the value of the form.
-/

namespace Logprec.Circuit

/-! ## Sums over a list, under a condition -/

/-- The sum of `f` over those elements of a list that satisfy `g`. -/
private def sumIf {α : Type} (l : List α) (f : α → Nat) (g : α → Bool) : Nat :=
  (l.map fun a => if g a then f a else 0).sum

private theorem sumIf_eq_weigh {α : Type} (f : α → Nat) (g : α → Bool) : ∀ l : List α,
    sumIf l f g = weigh (l.map f) (l.map g)
  | [] => rfl
  | a :: l => by
    have := sumIf_eq_weigh f g l
    simp only [sumIf, List.map_cons, List.sum_cons, weigh_cons] at this ⊢
    rw [this]

private theorem sumIf_not {α : Type} (f : α → Nat) (g : α → Bool) : ∀ l : List α,
    sumIf l f (fun a => !g a) + sumIf l f g = (l.map f).sum
  | [] => rfl
  | a :: l => by
    have := sumIf_not f g l
    simp only [sumIf, List.map_cons, List.sum_cons] at this ⊢
    rcases Bool.eq_false_or_eq_true (g a) with h | h <;> simp [h] at this ⊢ <;> omega

private theorem sumIf_congr {α : Type} {f f' : α → Nat} {g g' : α → Bool} {l : List α}
    (h : ∀ a ∈ l, f a = f' a ∧ g a = g' a) : sumIf l f g = sumIf l f' g' := by
  unfold sumIf
  congr 1
  exact List.map_congr_left fun a ha => by rw [(h a ha).1, (h a ha).2]

private theorem sumIf_flatMap {α β : Type} (f : β → Nat) (g : β → Bool) (k : α → List β) : ∀ l : List α,
    sumIf (l.flatMap k) f g = (l.map fun a => sumIf (k a) f g).sum
  | [] => rfl
  | a :: l => by
    have := sumIf_flatMap f g k l
    simp only [sumIf, List.flatMap_cons, List.map_append, List.sum_append_nat, List.map_cons, List.sum_cons] at this ⊢
    rw [this]

/-! ## Numbers in the input -/

/-- The number of `w` bits at position `off`. -/
def number (v : Nat → Bool) (off w : Nat) : Nat := ofBits ((List.range' off w).map v)

/-- The numbers that follow one another from position `off`, when their numbers of bits are `ws`. -/
def numbers (v : Nat → Bool) : (off : Nat) → (ws : List Nat) → List Nat
  | _, [] => []
  | off, w :: ws => number v off w :: numbers v (off + w) ws

/-- Numbers after other numbers. -/
theorem numbers_append (v : Nat → Bool) : ∀ (ws ws' : List Nat) (off : Nat),
    numbers v off (ws ++ ws') = numbers v off ws ++ numbers v (off + ws.sum) ws'
  | [], ws', off => by simp [numbers]
  | w :: ws, ws', off => by
    rw [List.cons_append, numbers, numbers_append v ws ws', numbers, List.sum_cons, Nat.add_assoc, List.cons_append]

/-- As many numbers as numbers of bits. -/
theorem length_numbers (v : Nat → Bool) : ∀ (ws : List Nat) (off : Nat), (numbers v off ws).length = ws.length
  | [], _ => rfl
  | _ :: ws, _ => by simp [numbers, length_numbers v ws]

/-- They are what `values` reads. -/
theorem numbers_bit (b : List Bool) : ∀ (ws : List Nat) (off : Nat), off + ws.sum ≤ b.length →
    numbers (bit b) off ws = values ws (b.drop off)
  | [], _, _ => rfl
  | w :: ws, off, h => by
    rw [List.sum_cons] at h
    rw [numbers, numbers_bit b ws (off + w) (by omega), values, number, map_bit_range' b off w (by omega),
      List.drop_drop]

private theorem sumIf_range (v : Nat → Bool) (off w c : Nat) :
    sumIf (List.range w) (fun a => c * 2 ^ a) (fun a => v (off + a)) = number v off w * c := by
  have h := weigh_pow ((List.range' off w).map v) c
  rw [sumIf_eq_weigh, number, ← h, List.length_map, List.length_range', List.range'_eq_map_range, List.map_map]
  simp only [Nat.mul_comm c]
  rfl

private theorem sum_pow (w c : Nat) : ((List.range w).map fun a => c * 2 ^ a).sum = (2 ^ w - 1) * c := by
  induction w with
  | zero => simp
  | succ w ih =>
    have := Nat.two_pow_pos w
    rw [List.range_succ, List.map_append, List.sum_append_nat, ih, Nat.pow_succ]
    simp only [List.map_cons, List.map_nil, List.sum_cons, List.sum_nil, Nat.add_zero]
    rw [Nat.mul_comm c, ← Nat.add_mul]
    congr 1
    omega

/-! ## Terms -/

/-- The weighted sum of the gates. -/
def worth (v : Nat → Bool) (ts : Terms) : Nat := weigh (ts.map (·.1)) (ts.map (·.2.eval v))

private theorem worth_eq (v : Nat → Bool) (ts : Terms) : worth v ts = sumIf ts (·.1) (·.2.eval v) :=
  (sumIf_eq_weigh _ _ ts).symm

private theorem worth_map {α : Type} (v : Nat → Bool) (l : List α) (f : α → Nat) (g : α → Gate) :
    worth v (l.map fun a => (f a, g a)) = sumIf l f fun a => (g a).eval v := by
  rw [worth_eq, sumIf, sumIf, List.map_map]
  rfl

/-- The weighted sum of terms after other terms. -/
theorem worth_append (v : Nat → Bool) (ts us : Terms) : worth v (ts ++ us) = worth v ts + worth v us := by
  simp only [worth, List.map_append]
  exact weigh_append (by simp)

/-- The weighted sum is at most the sum of the weights. -/
theorem worth_le (v : Nat → Bool) (ts : Terms) : worth v ts ≤ (ts.map (·.1)).sum := weigh_le _ _

private theorem natAbs_cases (c : Int) (hc : c ≠ 0) :
    (0 < c ∧ (c.natAbs : Int) = c) ∨ (c < 0 ∧ (c.natAbs : Int) = -c) := by
  omega

/-- A linear term. -/
theorem worth_linTerms (v : Nat → Bool) (off : Nat) (c : Int) (w : Nat) :
    (worth v (linTerms off c w) : Int) + linConst c w = c * (number v off w : Int) := by
  unfold linTerms linConst
  by_cases h0 : c = 0
  · simp [h0, worth]
  · rw [if_neg h0, worth_map]
    have hpow : ((2 ^ w - 1 : Nat) : Int) = 2 ^ w - 1 := by
      have := Nat.two_pow_pos w
      rw [Int.ofNat_sub this]; simp
    have hsum := sumIf_range v off w c.natAbs
    rcases natAbs_cases c h0 with ⟨h, e⟩ | ⟨h, e⟩
    · simp only [h, if_true, show ¬ c < 0 by omega, if_false, Gate.eval_copy, hsum]
      rw [Int.natCast_mul, e, Int.add_zero, Int.mul_comm]
    · have hnot := sumIf_not (fun a => c.natAbs * 2 ^ a) (fun a => v (off + a)) (List.range w)
      rw [hsum, sum_pow] at hnot
      simp only [show ¬ 0 < c by omega, h, if_false, if_true, Gate.eval_none, List.any_cons, List.any_nil,
        Bool.or_false]
      have hnot := congrArg (Int.ofNat) hnot
      simp only [Int.ofNat_eq_natCast, Int.natCast_add, Int.natCast_mul, e, hpow] at hnot
      grind

private theorem eval_nand (v : Nat → Bool) (i j : Nat) :
    (Gate.atMost 1 [⟨i, 1⟩, ⟨j, 1⟩]).eval v = !(v i && v j) := by
  cases h : v i <;> cases h' : v j <;> simp [Gate.eval, Wire.count, h, h']

/-- A product. -/
theorem worth_quadTerms (v : Nat → Bool) (off : Nat) (c : Int) (w w' : Nat) :
    (worth v (quadTerms off c w w') : Int) + quadConst c w w' =
      c * ((number v off w * number v (off + w) w' : Nat) : Int) := by
  unfold quadTerms quadConst
  by_cases h0 : c = 0
  · simp [h0, worth]
  · rw [if_neg h0]
    have pairs : ∀ g : Nat → Nat → Gate, worth v ((List.range w).flatMap fun a => (List.range w').map fun b =>
        (c.natAbs * 2 ^ (a + b), g a b)) = ((List.range w).map fun a => sumIf (List.range w')
          (fun b => c.natAbs * 2 ^ a * 2 ^ b) fun b => (g a b).eval v).sum := fun g => by
      rw [worth_eq, sumIf_flatMap]
      congr 1
      refine List.map_congr_left fun a _ => ?_
      rw [← worth_eq, worth_map]
      exact sumIf_congr fun b _ => ⟨by rw [Nat.pow_add, Nat.mul_assoc], rfl⟩
    have hand : ((List.range w).map fun a => sumIf (List.range w') (fun b => c.natAbs * 2 ^ a * 2 ^ b)
        fun b => v (off + a) && v (off + w + b)).sum = number v off w * (number v (off + w) w' * c.natAbs) := by
      rw [← sumIf_range v off w, sumIf]
      congr 1
      refine List.map_congr_left fun a _ => ?_
      cases v (off + a)
      · simp [sumIf, List.map_const']
      · simp only [Bool.true_and, if_true, sumIf_range]
        grind
    rcases natAbs_cases c h0 with ⟨h, e⟩ | ⟨h, e⟩
    · simp only [h, if_true, show ¬ c < 0 by omega, if_false, pairs, Gate.eval_all, List.all_cons, List.all_nil,
        Bool.and_true, hand]
      simp only [Int.natCast_mul, e]
      grind
    · simp only [show ¬ 0 < c by omega, h, if_false, if_true, pairs, eval_nand]
      have hnot : ((List.range w).map fun a => sumIf (List.range w') (fun b => c.natAbs * 2 ^ a * 2 ^ b)
          fun b => !(v (off + a) && v (off + w + b))).sum +
          ((List.range w).map fun a => sumIf (List.range w') (fun b => c.natAbs * 2 ^ a * 2 ^ b)
            fun b => v (off + a) && v (off + w + b)).sum = (2 ^ w - 1) * ((2 ^ w' - 1) * c.natAbs) := by
        rw [← sum_pow w]
        induction List.range w with
        | nil => rfl
        | cons a l ih =>
          have := sumIf_not (fun b => c.natAbs * 2 ^ a * 2 ^ b)
            (fun b => v (off + a) && v (off + w + b)) (List.range w')
          rw [sum_pow] at this
          simp only [List.map_cons, List.sum_cons]
          grind
      rw [hand] at hnot
      have hpow : ∀ w, ((2 ^ w - 1 : Nat) : Int) = 2 ^ w - 1 := fun w => by
        have := Nat.two_pow_pos w
        rw [Int.ofNat_sub this]; simp
      have hnot := congrArg (Int.ofNat) hnot
      simp only [Int.ofNat_eq_natCast, Int.natCast_add, Int.natCast_mul, e, hpow] at hnot ⊢
      grind

/-- The linear part. -/
theorem worth_linsTerms (v : Nat → Bool) (more : List Nat) : ∀ (lin : List (Int × Nat)) (off : Nat),
    (worth v (linsTerms off lin) : Int) + (lin.map fun t => linConst t.1 t.2).sum =
      Shape.linSum lin (numbers v off (lin.map (·.2)) ++ more)
  | [], _ => rfl
  | (c, w) :: lin, off => by
    have h := worth_linTerms v off c w
    have ih := worth_linsTerms v more lin (off + w)
    simp only [linsTerms, worth_append, List.map_cons, List.sum_cons, numbers, List.cons_append, Shape.linSum,
      List.headD_cons, List.tail_cons, Int.natCast_add, ← ih, ← h]
    omega

/-- The bilinear part. -/
theorem worth_quadsTerms (v : Nat → Bool) : ∀ (quad : List (Int × Nat × Nat)) (off : Nat),
    (worth v (quadsTerms off quad) : Int) + (quad.map fun t => quadConst t.1 t.2.1 t.2.2).sum =
      Shape.quadSum quad (numbers v off (quad.flatMap fun t => [t.2.1, t.2.2]))
  | [], _ => rfl
  | (c, w, w') :: quad, off => by
    have h := worth_quadTerms v off c w w'
    have ih := worth_quadsTerms v quad (off + (w + w'))
    rw [← Nat.add_assoc] at ih
    simp only [quadsTerms, worth_append, List.map_cons, List.sum_cons, List.flatMap_cons, List.cons_append,
      List.nil_append, numbers, Shape.quadSum, List.headD_cons, List.tail_cons, Int.natCast_add, ← Nat.add_assoc,
      ← ih, ← h]
    omega

end Logprec.Circuit
