import Logprec.Transformer.AverageHard
import Logprec.Softmax.Defs

/-!
# Average-hard attention that averages

`Head.averageHard` sums the values at the positions of greatest score. `Head.hardAverage` averages them: its weighting
divides each value by the number of these positions, which it reads off the sum `Z` of the similarities, in the same
layer. The leading bits of `Z` are that number: the similarities of the positions of greatest score `m` add up to the
number times `2 ^ (m · b)`, and those of all others to less than `2 ^ (m · b)`.

As in the paper's `s / Z · h`, each summand is divided, and the quotients are summed; every quotient is truncated, and
so is the sum. Mantissas must hold the number of positions, `n < 2 ^ (p / 2 - 1)`.
-/

namespace Logprec

namespace Float

/-- The number of positions of greatest score, from the sum of the similarities `2 ^ (score · b)`. -/
def leadCount {p : Nat} (b : Nat) (Z : BitVec p) : Nat := shiftBy (mag Z) ((expo Z : Int) - (lead Z / b * b : Nat))

/-- The quotient of the magnitude of a float by a power of two, rounded down. -/
private theorem shiftBy_mag {p : Nat} (Z : BitVec p) (k : Nat) :
    shiftBy (mag Z) ((expo Z : Int) - (k : Nat)) = (scaled Z).natAbs / 2 ^ k := by
  rw [shiftBy_sub, scaled_eq, natAbs_withSign]

private theorem sum_append (l l' : List Int) : (l ++ l').sum = l.sum + l'.sum := by
  induction l with
  | nil => simp
  | cons z l ih => rw [List.cons_append, List.sum_cons, List.sum_cons, ih]; omega

/-- Powers of two up to `2 ^ (m · b)`: the greatest are counted, and the others are small. -/
private theorem sum_two_pow_count (f : Nat → Nat) (g : Nat → Int) (m b n : Nat) (hg : ∀ k < n, g k = 2 ^ (f k * b))
    (hm : ∀ k < n, f k ≤ m) : ∃ r : Nat,
      ((List.range n).map g).sum = (((List.range n).filter fun k => decide (f k = m)).length * 2 ^ (m * b) + r : Nat) ∧
      r * 2 ^ b ≤ n * 2 ^ (m * b) := by
  induction n with
  | zero => exact ⟨0, by simp, by simp⟩
  | succ n ih =>
    obtain ⟨r, hr, hle⟩ := ih (fun k hk => hg k (by omega)) fun k hk => hm k (by omega)
    have hn := hg n (by omega)
    have hf := hm n (by omega)
    rw [List.range_succ, List.map_append, List.filter_append, sum_append, hr, List.length_append]
    have e : ([n].map g).sum = ((2 ^ (f n * b) : Nat) : Int) := by simp [hn]
    rw [e]
    by_cases h : f n = m
    · refine ⟨r, ?_, by rw [Nat.add_mul]; omega⟩
      simp only [h, decide_true, List.filter_cons_of_pos, List.filter_nil, List.length_singleton, Nat.add_mul]
      omega
    · refine ⟨r + 2 ^ (f n * b), ?_, ?_⟩
      · simp only [h, decide_false, Bool.false_eq_true, not_false_eq_true, List.filter_cons_of_neg, List.filter_nil,
          List.length_nil, Nat.add_zero]
        omega
      · have h₁ : 2 ^ (f n * b) * 2 ^ b ≤ 2 ^ (m * b) := by
          rw [← Nat.pow_add, show f n * b + b = (f n + 1) * b by grind]
          exact Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_right b (by omega))
        rw [Nat.add_mul, Nat.add_mul]
        omega

/-- **The number of positions of greatest score is read off the sum.** -/
theorem leadCount_sum_twoPow {p n b : Nat} {f : Nat → Nat} (hp : 4 ≤ p) (hn : n < 2 ^ b)
    (hnp : n < 2 ^ (p / 2 - 1)) (hf : ∀ k < n, f k * b ≤ 2 * imax (p / 2)) {m : Nat} (hmn : ∃ i < n, f i = m)
    (hm : ∀ k < n, f k ≤ m) (hlead : lead (sum ((List.range n).map fun k => twoPow p (f k * b))) / b = m) :
    leadCount b (sum ((List.range n).map fun k => twoPow p (f k * b))) =
      ((List.range n).filter fun k => decide (f k = m)).length := by
  obtain ⟨r, hr, hle⟩ := sum_two_pow_count f (fun k => scaled (twoPow p (f k * b))) m b n
    (fun k hk => scaled_twoPow hp (hf k hk)) hm
  obtain ⟨i, hi, hfi⟩ := hmn
  have hmb := hf i hi
  rw [hfi] at hmb
  have hpos := Nat.two_pow_pos (m * b)
  have hr' : r < 2 ^ (m * b) := by
    refine Nat.lt_of_mul_lt_mul_right (a := 2 ^ b) ?_
    have := Nat.mul_lt_mul_of_pos_right hn hpos
    rw [Nat.mul_comm (2 ^ (m * b))]
    omega
  have hc : ((List.range n).filter fun k => decide (f k = m)).length ≤ n := by
    simpa using List.length_filter_le (fun k => decide (f k = m)) (List.range n)
  generalize ((List.range n).filter fun k => decide (f k = m)).length = c at *
  rw [leadCount, hlead, shiftBy_mag, sum, List.map_map, scaled_truncate]
  simp only [Function.comp_def, hr]
  rw [if_neg (by omega), Int.natAbs_natCast, Int.natAbs_natCast]
  have hz : c * 2 ^ (m * b) + r < 2 ^ (p / 2 - 1 + m * b) := by
    have := Nat.mul_le_mul_right (2 ^ (m * b)) (show c + 1 ≤ 2 ^ (p / 2 - 1) by omega)
    rw [← Nat.pow_add, Nat.add_mul, Nat.one_mul] at this
    omega
  have hk := shiftFor_le_iff.2 hz
  rw [truncMag]
  simp only [if_pos (Nat.le_trans hk hmb), Nat.shiftLeft_eq, Nat.shiftRight_eq_div_pow]
  have drop : ∀ z s M : Nat, s ≤ M → z / 2 ^ s * 2 ^ s / 2 ^ M = z / 2 ^ M := fun z s M h => by
    obtain ⟨t, rfl⟩ := Nat.exists_eq_add_of_le h
    rw [Nat.pow_add, ← Nat.div_div_eq_div_mul, Nat.mul_div_cancel _ (Nat.two_pow_pos s), Nat.div_div_eq_div_mul]
  rw [drop _ _ _ hk, Nat.mul_comm c, Nat.mul_add_div hpos, Nat.div_eq_of_lt hr', Nat.add_zero]

end Float

namespace State

/-- A vector divided by a number, coordinate by coordinate. -/
def divide {D p : Nat} (h : State D p) (c : Nat) : State D p :=
  ofList D p (h.toList.map fun v => Float.div v (Float.ofNat p c))

end State

namespace Head

variable {D : Nat} {p : Nat → Nat}

/-- The average-hard head that averages: the values at the positions whose score is greatest are divided by the number
of these positions, and summed (`attend_hardAverage`). -/
def hardAverage (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) : Head D p where
  similarity n i j hi hj := Float.twoPow (p n) (score n i j hi hj * (n.log2 + 1))
  weighting n i j s Z hj :=
    if Float.lead s / (n.log2 + 1) = Float.lead Z / (n.log2 + 1) then
      (value n i j hj).divide (Float.leadCount (n.log2 + 1) Z)
    else 0

/-- **Average-hard attention** in one layer: the head computes the average of the values at the positions `j` whose
score is greatest: the sum `⊕` of these values, each divided by the number of these positions. -/
theorem attend_hardAverage (score : (n i j : Nat) → (hi hj : State D (p n)) → Nat)
    (value : (n i j : Nat) → (hj : State D (p n)) → State D (p n)) (n i : Nat) (h : Nat → State D (p n))
    (hp : 4 ≤ p n) (hn : n < 2 ^ (p n / 2 - 1))
    (hs : ∀ j < n, score n i j (h i) (h j) * (n.log2 + 1) ≤ 2 * Float.imax (p n / 2)) :
    (hardAverage score value).attend n h i =
      let js := (List.range n).filter fun j => decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))
      State.sum (js.map fun j => (value n i j (h j)).divide js.length) := by
  show _ = State.sum (((List.range n).filter fun j =>
    decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))).map fun j => (value n i j (h j)).divide
      ((List.range n).filter fun j =>
        decide (∀ k < n, score n i k (h i) (h k) ≤ score n i j (h i) (h j))).length)
  rw [← State.sum_map_ite, attend]
  congr 1
  refine List.map_congr_left fun j hj => ?_
  have hj := List.mem_range.1 hj
  obtain ⟨f, hf⟩ : ∃ f : Nat → Nat, f = fun k => score n i k (h i) (h k) := ⟨_, rfl⟩
  have hfk : ∀ k, score n i k (h i) (h k) = f k := fun k => by rw [hf]
  simp only [hfk] at hs ⊢
  have hb : 0 < n.log2 + 1 := by omega
  have hnb : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
  simp only [hardAverage, scores, hfk]
  generalize n.log2 + 1 = b at *
  obtain ⟨m, hm, hmax, lead_sum⟩ := Float.exists_lead_sum_twoPow hp hb hnb (by omega) hs
  have iff : ∀ j < n, (∀ k < n, f k ≤ f j) ↔ f j = f m := fun j hj =>
    ⟨fun h => Nat.le_antisymm (hmax j hj) (h m hm), fun e k hk => e ▸ hmax k hk⟩
  have hcount := Float.leadCount_sum_twoPow hp hnb hn hs ⟨m, hm, rfl⟩ hmax lead_sum
  have hlen : ((List.range n).filter fun j => decide (∀ k < n, f k ≤ f j)).length =
      ((List.range n).filter fun k => decide (f k = f m)).length := by
    congr 1
    exact List.filter_congr fun k hk => decide_eq_decide.2 (iff k (List.mem_range.1 hk))
  rw [Float.lead_twoPow_mul hp hb (hs j hj), lead_sum, hcount, hlen]
  by_cases hc : f j = f m
  · rw [if_pos hc, if_pos (decide_eq_true ((iff j hj).2 hc))]
  · rw [if_neg hc, if_neg (by simpa using mt (iff j hj).1 hc)]

end Head

end Logprec
