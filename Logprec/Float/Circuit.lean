import Logprec.Arith.Compare
import Logprec.Arith.IteratedSum
import Logprec.Arith.Lookup
import Logprec.Arith.Table
import Logprec.Float.Construct
import Logprec.Float.Thresholds

/-!
# The circuit of `⊕`: proofs

`computes_sumCircuit`: the truncated sum of `n` floats, in depth `dSum` (the paper's Lemma 5). About the definitions
in `Logprec.Float.Construct`.
-/

namespace Logprec.Float

open Circuit

/-! ## Correctness -/

private theorem biased_lt (p φ : Nat) : biased p φ < 2 ^ biasedWidth p := by
  have := natAbs_scaled_lt (BitVec.ofNat p φ)
  rw [biasedWidth, Nat.pow_succ]
  unfold biased bias
  omega

private theorem biased_eq (p φ : Nat) : (biased p φ : Int) = scaled (BitVec.ofNat p φ) + bias p := by
  have := natAbs_scaled_lt (BitVec.ofNat p φ)
  unfold biased bias
  omega

/-- With `R` the `K`-th of the numbers `b, c₁ + 1, c₂ + 1, …`, where `K` of the `c`s are below `T`, the same `c`s
are below `R` as below `T`. -/
private theorem lt_representative {ts : List Nat} (hts : ts.Pairwise (· < ·)) {b T : Nat} (hb : ∀ c ∈ ts, b ≤ c) :
    ∃ R, (b :: ts.map (· + 1))[ts.countP (· < T)]? = some R ∧ b ≤ R ∧ ∀ c ∈ ts, c < R ↔ c < T := by
  induction ts generalizing b with
  | nil => exact ⟨b, by simp⟩
  | cons c ts ih =>
    rw [List.pairwise_cons] at hts
    by_cases h : c < T
    · obtain ⟨R, hR, hle, hlt⟩ := ih hts.2 (b := c + 1) hts.1
      have := hb c (by simp)
      refine ⟨R, by simpa [List.countP_cons, h] using hR, by omega, fun c' hc' => ?_⟩
      rcases List.mem_cons.1 hc' with rfl | hc'
      · omega
      · exact hlt c' hc'
    · have none : ∀ c' ∈ c :: ts, ¬ c' < T := by
        intro c' hc'
        rcases List.mem_cons.1 hc' with rfl | hc'
        · exact h
        · have := hts.1 c' hc'; omega
      have hzero : (c :: ts).countP (· < T) = 0 := List.countP_eq_zero.2 (by simpa using none)
      refine ⟨b, by rw [hzero]; rfl, Nat.le_refl _, fun c' hc' => ?_⟩
      have := none c' hc'
      have := hb c' hc'
      omega

/-- The number of tests that a sum passes determines its float. -/
theorem floatOfCount_countP (p N T : Nat) :
    floatOfCount p N ((sumTests p N).countP (· < T)) = (truncate p ((T : Int) - (N * bias p : Nat))).toNat := by
  obtain ⟨R, hR, -, hlt⟩ := lt_representative (pairwise_offsetThresholds p (N * bias p)) (b := 0) (T := T) (by simp)
  rw [← truncate_eq_of_offsetThresholds hlt]
  simp only [floatOfCount, sumTests, Array.getD_eq_getD_getElem?, List.getElem?_toArray, List.getElem?_map, hR,
    Option.map_some, Option.getD_some]

private theorem sum_append_int (l l' : List Int) : (l ++ l').sum = l.sum + l'.sum := by
  induction l with
  | nil => simp
  | cons a l ih => simp [ih, Int.add_assoc]

private theorem sum_biased (p : Nat) (φ : Nat → Nat) (N : Nat) :
    ((((List.range N).map fun i => biased p (φ i)).sum : Nat) : Int) - (N * bias p : Nat)
      = ((List.range N).map fun i => scaled (BitVec.ofNat p (φ i))).sum := by
  induction N with
  | zero => simp
  | succ N ih =>
    have := biased_eq p (φ N)
    simp only [List.range_succ, List.map_append, List.sum_append_nat, sum_append_int, List.map_cons, List.map_nil,
      List.sum_cons, List.sum_nil, Nat.add_mul] at ih ⊢
    omega

private theorem sum_biased_lt (p : Nat) (φ : Nat → Nat) (N : Nat) :
    ((List.range N).map fun i => biased p (φ i)).sum < 2 ^ sumWidth N (biasedWidth p) := by
  refine Nat.lt_of_lt_of_le ?_ (succ_mul_two_pow_le N (biasedWidth p))
  have h := sum_map_le (l := List.range N) (f := fun i => biased p (φ i)) (c := 2 ^ biasedWidth p)
    fun i _ => Nat.le_of_lt (biased_lt p _)
  rw [List.length_range] at h
  have := Nat.two_pow_pos (biasedWidth p)
  rw [Nat.add_mul]
  omega

/-- **The circuit of `⊕`** (Lemma 5): depth 11. -/
theorem computes_sumCircuit (p N : Nat) : (sumCircuit p N).Computes (N * p) p dSum (sumCircuitSize p N)
    (fun x => bits p
      (Float.sum ((List.range N).map fun i => BitVec.ofNat p (ofBits (block p x i)))).toNat) := by
  have look := Computes.par (d := 2) (m := N * p) (is := List.range N) (sel := blockPos p)
    (C := fun _ => lookup p (biasedWidth p) (biased p)) (fun i hi k hk => lt_of_mem_blockPos (List.mem_range.1 hi) hk)
    (fun i _ => by rw [length_blockPos]; exact computes_lookup p _ _)
  rw [List.map_const', List.map_const', List.sum_replicate_nat, List.sum_replicate_nat, List.length_range] at look
  have tests := Computes.par (d := 1) (m := sumWidth N (biasedWidth p)) (is := sumTests p N)
    (sel := fun _ => List.range (sumWidth N (biasedWidth p))) (C := greaterConst (sumWidth N (biasedWidth p)))
    (fun _ _ k hk => List.mem_range.1 hk)
    (fun c _ => by rw [List.length_range]; exact computes_greaterConst _ c)
  rw [List.map_const', List.map_const', List.sum_replicate_nat, List.sum_replicate_nat, Nat.mul_one] at tests
  have tests := tests.mono (Nat.le_refl _) (f' := fun y => (sumTests p N).map fun c => decide (c < ofBits y))
    fun y hy => by simp only [← hy, map_bit_range]; exact List.map_eq_flatMap.symm
  have all := ((look.comp (computes_iteratedSum N (biasedWidth p))).comp tests).comp
    (computes_symmetric (sumTests p N).length p (floatOfCount p N))
  refine all.mono ?_ fun x hx => ?_
  · have hM : (sumTests p N).length ≤ 2 * 2 ^ (2 * (p / 2) - 2) := by
      have := length_offsetThresholds_le p (N * bias p)
      rw [sumTests]; omega
    have := Nat.mul_le_mul_right (sumWidth N (biasedWidth p) * (sumWidth N (biasedWidth p) + 1) +
      sumWidth N (biasedWidth p) + 1) hM
    have := tableSize_mono hM (Nat.le_refl p)
    simp only [sumCircuitSize, tableSize] at this ⊢
    omega
  · -- the blocks of the looked-up string are the biased integers
    have hblock : ((List.range N).map fun i => ofBits (block (biasedWidth p)
        ((List.range N).flatMap fun i => bits (biasedWidth p) (biased p (ofBits ((blockPos p i).map (bit x))))) i))
        = (List.range N).map fun i => biased p (ofBits (block p x i)) := by
      refine List.map_congr_left fun i hi => ?_
      rw [List.mem_range] at hi
      rw [block_flatMap_range (fun _ _ => length_bits _ _) hi, ofBits_bits, Nat.mod_eq_of_lt (biased_lt p _),
        map_bit_blockPos hx hi]
    simp only [Function.comp, hblock, ofBits_bits, Nat.mod_eq_of_lt (sum_biased_lt p _ N), List.count,
      List.countP_map, Function.comp_def, beq_true, floatOfCount_countP, sum_biased p _ N, Float.sum, List.map_map]

/-! ## Size -/

private theorem biasedWidth_le (p : Nat) : biasedWidth p ≤ 2 ^ p := by
  have hI := imax_add_one (p / 2)
  have hq : p / 2 < 2 ^ (p / 2) := Nat.lt_two_pow_self
  unfold biasedWidth
  rcases Nat.eq_zero_or_pos (p / 2) with e | e
  · have := Nat.two_pow_pos p
    rw [e] at hI ⊢; simp at hI; omega
  · have h₁ : 2 ^ (p / 2) = 2 * 2 ^ (p / 2 - 1) := by rw [← Nat.pow_succ']; congr 1; omega
    have h₂ : 2 ^ (p / 2) * 2 ^ (p / 2) ≤ 2 ^ p := by
      rw [← Nat.pow_add]; exact Nat.pow_le_pow_right (by simp) (by omega)
    have h₃ := Nat.mul_le_mul_left (2 ^ (p / 2)) (show 2 ≤ 2 ^ (p / 2) by omega)
    omega

/-- **The circuit of `⊕` is polynomial** in the number of floats and exponential in their bits only, so
polynomial when the precision is logarithmic. -/
theorem sumCircuitSize_le (p N : Nat) : sumCircuitSize p N ≤ (N + 2) ^ 4 * 2 ^ (3 * p + 9) := by
  have hB := biasedWidth_le p
  have hp : p + 1 ≤ 2 ^ p := Nat.lt_two_pow_self
  have hl : blockWidth N ≤ N + 2 := by
    have : N.log2 ≤ N := Nat.log2_le_self N
    unfold blockWidth; omega
  have hd : blocks N (biasedWidth p) ≤ biasedWidth p + 1 := by
    have := Nat.div_le_self (biasedWidth p) (blockWidth N)
    unfold blocks; omega
  have hS : maxSum N + 1 ≤ 2 * ((N + 2) * (N + 2)) := by
    rcases Nat.eq_zero_or_pos N with rfl | h
    · simp [maxSum]
    · have := two_pow_blockWidth_le (N := N) (by omega)
      have := Nat.mul_le_mul_left N (show 2 ^ blockWidth N - 1 ≤ 2 * N by omega)
      unfold maxSum; grind
  have hW := sumWidth_le N (biasedWidth p)
  have hM : 2 ^ (2 * (p / 2) - 2) ≤ 2 ^ p := Nat.pow_le_pow_right (by simp) (by omega)
  have hX : (N + 2) ^ 4 * 2 ^ (3 * p + 9) = 512 * ((N + 2) ^ 4 * (2 ^ p) ^ 3) := by
    rw [Nat.pow_add, Nat.mul_comm 3 p, Nat.pow_mul]; grind
  rw [hX]
  simp only [sumCircuitSize, iteratedSumSize, tableSize, addColumnsSize, lookupSize]
  generalize sumWidth N (biasedWidth p) = W at *
  generalize blocks N (biasedWidth p) = d at *
  generalize biasedWidth p = B at *
  generalize blockWidth N = l at *
  generalize 2 ^ (2 * (p / 2) - 2) = M at *
  generalize 2 ^ p = t at *
  have hN : N ≤ N + 2 := by omega
  have hu : 1 ≤ N + 2 := by omega
  have ht : 1 ≤ t := by omega
  generalize maxSum N = S at *
  generalize N + 2 = u at *
  -- every term is at most a constant times a monomial, and every monomial at most the greatest
  have h₁ : u ≤ u * t := Nat.le_mul_of_pos_right u ht
  have h₂ : t ≤ u * t := Nat.le_mul_of_pos_left t hu
  have hW : W ≤ 3 * (u * t) := by omega
  have mono {x c a b : Nat} (h : x ≤ c * (u ^ a * t ^ b)) (ha : a ≤ 4) (hb : b ≤ 3) : x ≤ c * (u ^ 4 * t ^ 3) :=
    Nat.le_trans h (Nat.mul_le_mul_left c
      (Nat.mul_le_mul (Nat.pow_le_pow_right hu ha) (Nat.pow_le_pow_right ht hb)))
  have t₁ : N * (4 * p + t * (p + 1) + B * (t + 1)) ≤ 7 * (u ^ 1 * t ^ 2) := by
    have := Nat.mul_le_mul (show 4 * p ≤ 4 * t by omega) ht
    have := Nat.mul_le_mul_left t hp
    have := Nat.mul_le_mul hB (show t + 1 ≤ 2 * t by omega)
    have := Nat.mul_le_mul hN (show 4 * p + t * (p + 1) + B * (t + 1) ≤ 7 * (t * t) by grind)
    grind
  have t₂ : 2 * d * ((S + 1) * (S + 1)) ≤ 16 * (u ^ 4 * t ^ 1) := by
    have := Nat.mul_le_mul (show 2 * d ≤ 4 * t by omega) (Nat.mul_le_mul hS hS)
    grind
  have t₃ : 4 * W * (4 * S + 5) ≤ 108 * (u ^ 3 * t ^ 1) := by
    have h : 4 * S + 5 ≤ 9 * (u * u) := by have := Nat.mul_le_mul hu hu; omega
    have := Nat.mul_le_mul hW h
    grind
  have t₃' : 3 * (W * W * W) + 9 * (W * W) + W ≤ 165 * (u ^ 3 * t ^ 3) := by
    have g := Nat.mul_le_mul hW hW
    have := Nat.mul_le_mul g hW
    have := Nat.le_mul_of_pos_left (u * t) (show 0 < u * t by omega)
    have := Nat.mul_le_mul_left (u * t) this
    grind
  have t₄ : 2 * M * (W * (W + 1) + W + 1) ≤ 32 * (u ^ 2 * t ^ 3) := by
    have hW' : W + 1 ≤ 4 * (u * t) := by omega
    have := Nat.mul_le_mul hW' hW'
    have := Nat.mul_le_mul (show 2 * M ≤ 2 * t by omega) this
    grind
  have t₅ : 2 * (2 * M + 1) * (2 * M + 1) + p * (2 * (2 * M) + 3) ≤ 25 * (u ^ 0 * t ^ 2) := by
    have h := show 2 * M + 1 ≤ 3 * t by omega
    have := Nat.mul_le_mul h h
    have := Nat.mul_le_mul (show p ≤ t by omega) (show 2 * (2 * M) + 3 ≤ 7 * t by omega)
    grind
  have t₁ := mono t₁ (by omega) (by omega)
  have t₂ := mono t₂ (by omega) (by omega)
  have t₃ := mono t₃ (by omega) (by omega)
  have t₃' := mono t₃' (by omega) (by omega)
  have t₄ := mono t₄ (by omega) (by omega)
  have t₅ := mono t₅ (by omega) (by omega)
  omega

end Logprec.Float
