import Logprec.Arith.Construct
import Logprec.Arith.Gates

/-!
# Functions of a weighted sum: proofs

`computes_table`: every function of a weighted sum of bits, in depth 2; so symmetric functions, PARITY, and MAJORITY
in depth 1. About the definitions in `Logprec.Arith.Construct`.
-/

namespace Logprec.Circuit

/-- Nothing weighs nothing. -/
@[simp] theorem weigh_nil (x) : weigh [] x = 0 := rfl

/-- The first weight counts when the first bit is true. -/
@[simp] theorem weigh_cons (w : Nat) (ws) (b : Bool) (x) :
    weigh (w :: ws) (b :: x) = (if b then w else 0) + weigh ws x := by simp [weigh]

/-- The weights of a concatenation. -/
theorem weigh_append {ws ws' : List Nat} {x x' : List Bool} (h : ws.length = x.length) :
    weigh (ws ++ ws') (x ++ x') = weigh ws x + weigh ws' x' := by
  simp [weigh, List.zipWith_append h]

/-- The possible sums. -/
theorem weigh_le (ws : List Nat) (x : List Bool) : weigh ws x ≤ ws.sum := by
  induction ws generalizing x with
  | nil => simp
  | cons w ws ih =>
    cases x with
    | nil => simp [weigh]
    | cons b x =>
      have := ih x
      simp only [weigh_cons, List.sum_cons]
      split <;> omega

/-- With the powers of two as weights, weighing is reading a number. -/
theorem weigh_pow (x : List Bool) (c : Nat) :
    weigh ((List.range x.length).map fun t => 2 ^ t * c) x = ofBits x * c := by
  induction x generalizing c with
  | nil => simp [ofBits]
  | cons b x ih =>
    have := ih (2 * c)
    simp only [List.length_cons, List.range_succ_eq_map, List.map_cons, List.map_map, Function.comp_def,
      Nat.pow_succ, Nat.mul_assoc] at this ⊢
    rw [weigh_cons, this, ofBits]
    cases b <;> grind

/-- With equal weights, weighing is counting. -/
theorem weigh_replicate (x : List Bool) (c : Nat) :
    weigh (List.replicate x.length c) x = x.count true * c := by
  induction x with
  | nil => simp
  | cons b x ih => cases b <;> simp [List.replicate_succ, ih, Nat.add_mul, Nat.add_comm]

/-- More weight and more outputs cost more. -/
theorem tableSize_mono {T T' m m' : Nat} (h : T ≤ T') (h' : m ≤ m') : tableSize T m ≤ tableSize T' m' :=
  Nat.add_le_add (Nat.mul_le_mul (Nat.mul_le_mul_left 2 (by omega)) (by omega)) (Nat.mul_le_mul h' (by omega))

private theorem count_weigh {k : Nat} {ws : List Nat} {x : List Bool} {v : Nat → Bool} (h : x.length = ws.length)
    (hv : ∀ i < x.length, v (k + i) = bit x i) :
    Wire.count v (((ws.zipIdx k).filter fun p => p.1 != 0).map fun p => ⟨p.2, p.1⟩) = weigh ws x := by
  induction ws generalizing k x with
  | nil => rfl
  | cons w ws ih =>
    match x, h with
    | b :: x, h =>
      have key := ih (k := k + 1) (x := x) (by simpa using h) fun i hi => by
        simpa [Nat.add_assoc, Nat.add_comm 1 i] using hv (i + 1) (by simpa using hi)
      have hb : v k = b := by simpa using hv 0 (by simp)
      rw [weigh_cons, ← key, List.zipIdx_cons]
      by_cases hw : w = 0 <;> simp [hw, Wire.count, hb]

private theorem count_weighWires {ws : List Nat} {x : List Bool} (h : x.length = ws.length) :
    Wire.count (bit x) (weighWires ws) = weigh ws x := count_weigh h fun i _ => by rw [Nat.zero_add]

private theorem sum_weighWires (ws : List Nat) : ((weighWires ws).map Wire.mult).sum = ws.sum := by
  suffices H : ∀ k, ((((ws.zipIdx k).filter fun p => p.1 != 0).map fun p => (⟨p.2, p.1⟩ : Wire)).map
      Wire.mult).sum = ws.sum from H 0
  induction ws with
  | nil => simp
  | cons w ws ih =>
    intro k
    have := ih (k + 1)
    rw [List.zipIdx_cons]
    by_cases hw : w = 0 <;> simpa [hw] using this

private theorem src_lt_of_mem_weighWires {ws : List Nat} {w : Wire} (h : w ∈ weighWires ws) :
    w.src < ws.length := by
  simp only [weighWires, List.mem_map, List.mem_filter] at h
  obtain ⟨p, ⟨hp, -⟩, rfl⟩ := h
  simpa using List.snd_lt_of_mem_zipIdx hp

/-- The sums on which output bit `j` of `table` is true. -/
private def hits (T : Nat) (f : Nat → Nat) (j : Nat) : List Nat :=
  ((((List.range (T + 1)).map fun t => (t, f t)).filter fun p => p.2.testBit j).map (·.1))

private theorem hits_eq (T f j) : hits T f j = (List.range (T + 1)).filter fun t => (f t).testBit j := by
  simp [hits, List.filter_map, Function.comp_def]

private theorem count_pairs {T s : Nat} {v : Nat → Bool} (hv : ∀ t ≤ T, v t = decide (t ≤ s))
    (hv' : ∀ t ≤ T, v (T + 1 + t) = decide (s ≤ t)) {ts : List Nat} (ht : ∀ t ∈ ts, t ≤ T) :
    Wire.count v (ts.map (fun t => ⟨t, 1⟩) ++ ts.map fun t => ⟨T + 1 + t, 1⟩) = ts.length + ts.count s := by
  induction ts with
  | nil => rfl
  | cons t ts ih =>
    have ih := ih fun t h => ht t (by simp [h])
    have h := ht t (by simp)
    simp only [Wire.count, List.map_append, List.sum_append_nat, List.map_cons, List.sum_cons, List.length_cons,
      List.count_cons, hv t h, hv' t h, decide_eq_true_eq, beq_iff_eq] at ih ⊢
    grind

/-- **Functions of a weighted sum**: depth 2. -/
theorem computes_table (ws : List Nat) (m : Nat) (f : Nat → Nat) :
    (table ws m f).Computes ws.length m 2 (2 * (ws.sum + 1) * (ws.sum + 1) + m * (2 * ws.sum + 3))
      (fun x => bits m (f (weigh ws x))) where
  wf := by
    refine ⟨?_, ?_, trivial⟩
    · simp only [List.mem_append, List.mem_map]
      rintro g (⟨t, -, rfl⟩ | ⟨t, -, rfl⟩) w hw <;> exact src_lt_of_mem_weighWires hw
    · simp only [List.mem_map]
      rintro g ⟨j, -, rfl⟩ w hw
      simp only [Gate.wires, List.mem_append, List.mem_map, List.mem_filter, List.mem_range] at hw
      simp only [List.length_append, List.length_map, List.length_range]
      grind
  width_eq := by simp [table, width]
  depth_eq := rfl
  size_le := by
    have h₁ : ∀ j, (hits ws.sum f j).length ≤ ws.sum + 1 := fun j => by
      rw [hits_eq]; simpa using List.length_filter_le (fun t => (f t).testBit j) (List.range (ws.sum + 1))
    have h₂ := sum_map_le (l := List.range m) (f := fun j => Gate.size (.atLeast ((hits ws.sum f j).length + 1)
      ((hits ws.sum f j).map (fun t => ⟨t, 1⟩) ++ (hits ws.sum f j).map fun t => ⟨ws.sum + 1 + t, 1⟩)))
      (c := 2 * ws.sum + 3) fun j _ => by
        have := h₁ j
        simp only [Gate.size, Gate.wires, List.map_append, List.map_map, Function.comp_def, List.map_const',
          List.sum_append_nat, List.sum_replicate_nat]
        omega
    have h₃ : ∀ t, (Gate.atLeast t (weighWires ws)).size = ws.sum + 1 := fun t => by
      rw [Gate.size, Gate.wires, sum_weighWires, Nat.add_comm]
    have h₄ : ∀ t, (Gate.atMost t (weighWires ws)).size = ws.sum + 1 := h₃
    simp only [table, size_cons, size_nil, List.map_append, List.sum_append_nat, List.map_map, Function.comp_def, h₃,
      h₄, List.map_const', List.sum_replicate_nat, List.length_range]
    rw [List.length_range] at h₂
    simp only [hits, List.map_map, Function.comp_def] at h₂
    grind
  eval_eq x hx := by
    have hs := weigh_le ws x
    simp only [table, eval_cons, eval_nil, Layer.eval_eq, bits, List.map_map, Function.comp_def, List.map_append]
    refine List.map_congr_left fun j _ => ?_
    simp only [Gate.eval, count_weighWires hx]
    have := count_pairs (T := ws.sum) (s := weigh ws x) (ts := hits ws.sum f j)
      (v := bit ((List.range (ws.sum + 1)).map (fun t => decide (t ≤ weigh ws x)) ++
        (List.range (ws.sum + 1)).map fun t => decide (weigh ws x ≤ t)))
      (fun t ht => by rw [bit_append_left (by simp; omega), bit_map_range _ (by omega)])
      (fun t ht => by
        have := bit_append_right (x := (List.range (ws.sum + 1)).map (fun t => decide (t ≤ weigh ws x)))
          (y := (List.range (ws.sum + 1)).map fun t => decide (weigh ws x ≤ t)) t
        rw [List.length_map, List.length_range] at this
        rw [this, bit_map_range _ (by omega)])
      (fun t ht => by
        rw [hits_eq] at ht
        simp only [List.mem_filter, List.mem_range] at ht
        omega)
    have hc : (hits ws.sum f j).count (weigh ws x) = ((f (weigh ws x)).testBit j).toNat := by
      rw [hits_eq]
      cases h : (f (weigh ws x)).testBit j
      · exact List.count_eq_zero.2 fun hm => by simp [h] at hm
      · rw [List.count_filter (by exact h), List.count_range, if_pos (by omega)]
        rfl
    rw [hits] at this hc
    simp only [List.map_map, Function.comp_def] at this hc
    rw [this, hc]
    cases (f (weigh ws x)).testBit j <;> simp

/-! ## Symmetric functions -/

/-- **Symmetric functions**: depth 2. -/
theorem computes_symmetric (k m : Nat) (f : Nat → Nat) :
    (symmetric k m f).Computes k m 2 (2 * (k + 1) * (k + 1) + m * (2 * k + 3))
      (fun x => bits m (f (x.count true))) := by
  have h := computes_table (List.replicate k 1) m f
  rw [List.length_replicate, List.sum_replicate_nat, Nat.mul_one] at h
  refine h.mono (Nat.le_refl _) fun x hx => ?_
  rw [← hx, weigh_replicate, Nat.mul_one]

/-- **PARITY**: depth 2. -/
theorem computes_parity (k : Nat) : (parity k).Computes k 1 2 (2 * (k + 1) * (k + 1) + (2 * k + 3))
    (fun x => [decide (x.count true % 2 = 1)]) :=
  (computes_symmetric k 1 id).mono (by omega) fun x _ => by
    simp [bits, List.range_succ, Nat.testBit_zero]

/-- **MAJORITY**: depth 1. -/
theorem computes_majority (k : Nat) : (majority k).Computes k 1 1 (k + 1)
    (fun x => [decide (x.count false < x.count true)]) where
  wf := by
    refine ⟨fun g hg w hw => ?_, trivial⟩
    simp only [List.mem_singleton] at hg
    simp only [hg, Gate.wires, List.mem_map, List.mem_range] at hw
    obtain ⟨i, hi, rfl⟩ := hw
    exact hi
  width_eq := rfl
  depth_eq := rfl
  size_le := by
    simp [majority, size_cons, Gate.size, Gate.wires, Function.comp_def, List.map_const']; omega
  eval_eq x hx := by
    have h : x.count false + x.count true = k := by
      rw [← hx]
      clear hx
      induction x with
      | nil => rfl
      | cons b x ih => cases b <;> simp <;> omega
    have e : (List.range k).countP (bit x) = x.count true := by
      have := congrArg (List.count true) (map_bit_range x)
      rwa [hx, List.count, List.countP_map, Function.comp_def, funext fun i => beq_true (bit x i)] at this
    simp only [majority, eval_cons, eval_nil, Layer.eval_eq, List.map_cons, List.map_nil, Gate.eval,
      Wire.count_ones, e]
    congr 1
    rw [decide_eq_decide]
    omega

end Logprec.Circuit
