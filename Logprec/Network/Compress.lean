import Logprec.Arith.IteratedSum
import Logprec.Arith.Table
import Logprec.Network.Construct

/-!
# Counters and rounds are correct

A counter computes the number of ones in binary, and a round of column compression keeps the weighted sum.
-/

namespace Logprec.Circuit

/-! ## Counters -/

/-- Of the gates "at least" for odd multiples and "less than" for even ones, half are true, and one more when `q` is
odd. -/
private theorem sum_alternating (q : Nat) : ∀ n, ((List.range n).map fun j =>
    if (if j % 2 = 0 then decide (j < q) else decide (q ≤ j)) then 1 else 0).sum + min q n / 2 =
      n / 2 + (min q n + 1) / 2
  | 0 => by simp
  | n + 1 => by
    have ih := sum_alternating q n
    rw [sum_map_range_succ]
    by_cases h : n % 2 = 0 <;> by_cases h' : n < q <;> simp only [h, h', if_true, if_false, decide_true, decide_false,
      Bool.false_eq_true, show q ≤ n ↔ ¬ n < q by omega, not_true_eq_false, not_false_eq_true] <;> omega

private theorem count_ones_range {x : List Bool} {m : Nat} (hx : x.length = m) :
    Wire.count (bit x) ((List.range m).map fun i => (⟨i, 1⟩ : Wire)) = x.count true := by
  subst hx
  rw [Wire.count_ones, List.count_eq_countP]
  conv => rhs; rw [← map_bit_range x, List.countP_map]
  refine List.countP_congr fun i _ => ?_
  simp

private theorem eval_counterThresholds {x : List Bool} {m : Nat} (hx : x.length = m) :
    (counterThresholds m).eval x = (List.range m).map (fun t => decide (t + 1 ≤ x.count true)) ++
      (List.range (m / 2)).map fun r => decide (x.count true ≤ 2 * r + 1) := by
  rw [Layer.eval_eq, counterThresholds]
  simp only [List.map_append, List.map_map, Function.comp_def, Gate.eval, count_ones_range hx]

private theorem eval_counterBit {x : List Bool} {m : Nat} (hx : x.length = m) (u : Nat) :
    (counterBit m u).eval (bit ((counterThresholds m).eval x)) = (x.count true).testBit u := by
  have hp := Nat.two_pow_pos u
  have hs : x.count true ≤ m := hx ▸ List.count_le_length
  have hq : x.count true / 2 ^ u ≤ m / 2 ^ u := Nat.div_le_div_right hs
  have wire : ∀ j < m / 2 ^ u, bit ((counterThresholds m).eval x)
      (if j % 2 = 0 then (j + 1) * 2 ^ u - 1 else m + ((j + 1) / 2 * 2 ^ u - 1)) =
      if j % 2 = 0 then decide (j < x.count true / 2 ^ u) else decide (x.count true / 2 ^ u ≤ j) := by
    intro j hj
    have hjm : (j + 1) * 2 ^ u ≤ m := Nat.le_trans (Nat.mul_le_mul_right _ hj) (Nat.div_mul_le_self m _)
    have hpos : 0 < (j + 1) * 2 ^ u := Nat.mul_pos (by omega) hp
    have key : (j + 1) * 2 ^ u ≤ x.count true ↔ j < x.count true / 2 ^ u := (Nat.le_div_iff_mul_le hp).symm
    rw [eval_counterThresholds hx]
    split
    · rw [bit_append_left (by simp; omega), bit_map_range _ (by omega)]
      exact decide_eq_decide.2 (by rw [← key]; omega)
    · have e : (j + 1) * 2 ^ u = 2 * ((j + 1) / 2 * 2 ^ u) := by
        rw [← Nat.mul_assoc]; congr 1; omega
      have := bit_append_right (x := (List.range m).map fun t => decide (t + 1 ≤ x.count true))
        (y := (List.range (m / 2)).map fun r => decide (x.count true ≤ 2 * r + 1)) ((j + 1) / 2 * 2 ^ u - 1)
      rw [List.length_map, List.length_range] at this
      rw [this, bit_map_range _ (by omega)]
      refine decide_eq_decide.2 ?_
      generalize x.count true / 2 ^ u = q at key
      omega
  have e : Wire.count (bit ((counterThresholds m).eval x)) ((List.range (m / 2 ^ u)).map fun j =>
      ⟨if j % 2 = 0 then (j + 1) * 2 ^ u - 1 else m + ((j + 1) / 2 * 2 ^ u - 1), 1⟩) =
      ((List.range (m / 2 ^ u)).map fun j =>
        if (if j % 2 = 0 then decide (j < x.count true / 2 ^ u) else decide (x.count true / 2 ^ u ≤ j)) then 1
        else 0).sum := by
    rw [Wire.count, List.map_map]
    congr 1
    refine List.map_congr_left fun j hj => ?_
    simp only [Function.comp, wire j (List.mem_range.1 hj)]
  have h := sum_alternating (x.count true / 2 ^ u) (m / 2 ^ u)
  rw [Nat.min_eq_left hq] at h
  simp only [counterBit, Gate.eval, e, Nat.testBit_eq_decide_div_mod_eq]
  exact decide_eq_decide.2 (by omega)

/-- **A counter counts.** -/
theorem computes_counter (m : Nat) :
    (counter m).Computes m (m.log2 + 1) 2 (counter m).size fun x => bits (m.log2 + 1) (x.count true) where
  wf := by
    refine ⟨?_, ?_, trivial⟩
    · simp only [counterThresholds, List.mem_append, List.mem_map, List.mem_range]
      rintro g (⟨t, -, rfl⟩ | ⟨t, -, rfl⟩) w hw <;>
        (simp only [Gate.wires, List.mem_map, List.mem_range] at hw
         obtain ⟨i, hi, rfl⟩ := hw
         exact hi)
    · simp only [List.mem_map]
      rintro g ⟨u, -, rfl⟩ w hw
      simp only [counterBit, Gate.wires, List.mem_map, List.mem_range] at hw
      obtain ⟨j, hj, rfl⟩ := hw
      have hp := Nat.two_pow_pos u
      have hjm : (j + 1) * 2 ^ u ≤ m := Nat.le_trans (Nat.mul_le_mul_right _ hj) (Nat.div_mul_le_self m _)
      have hpos : 0 < (j + 1) * 2 ^ u := Nat.mul_pos (by omega) hp
      simp only [counterThresholds, List.length_append, List.length_map, List.length_range]
      split
      · omega
      · have e : (j + 1) * 2 ^ u = 2 * ((j + 1) / 2 * 2 ^ u) := by
          rw [← Nat.mul_assoc]; congr 1; omega
        omega
  width_eq := by simp [counter, width]
  depth_eq := rfl
  size_le := Nat.le_refl _
  eval_eq x hx := by
    simp only [counter, eval_cons, eval_nil]
    rw [Layer.eval_eq, List.map_map, bits]
    exact List.map_congr_left fun u _ => eval_counterBit hx u

/-! ## Compression -/

/-- What `compress` computes. -/
def compressed (m : Nat) (x : List Bool) : List Bool :=
  if m = 1 ∨ m = 2 then x else bits (m.log2 + 1) (x.count true)

/-- `compress` is correct. -/
theorem computes_compress (m c : Nat) :
    (compress m).Computes m (compressWeights m c).length 2 (compress m).size (compressed m) := by
  unfold compress compressWeights compressed
  split
  · exact { computes_carry m 2 with width_eq := by simpa using (computes_carry m 2).width_eq, size_le := Nat.le_refl _ }
  · simpa using computes_counter m

/-- **Compression keeps the weighted sum**: the number of ones, times the weight of a one. -/
theorem weigh_compressed {m c : Nat} {x : List Bool} (hx : x.length = m) :
    weigh (compressWeights m c) (compressed m x) = 2 ^ c * x.count true := by
  unfold compressWeights compressed
  split
  · rw [← hx, weigh_replicate, Nat.mul_comm]
  · have h := weigh_pow (bits (m.log2 + 1) (x.count true)) (2 ^ c)
    have hs : x.count true < 2 ^ (m.log2 + 1) :=
      Nat.lt_of_le_of_lt (hx ▸ List.count_le_length) Nat.lt_log2_self
    rw [length_bits, ofBits_bits, Nat.mod_eq_of_lt hs] at h
    simp only [Nat.pow_add, Nat.mul_comm (2 ^ c)] at h ⊢
    exact h

/-- As many bits as weights. -/
theorem length_compressed {m c : Nat} {x : List Bool} (hx : x.length = m) :
    (compressed m x).length = (compressWeights m c).length := by
  unfold compressWeights compressed
  split <;> simp [hx]

end Logprec.Circuit
