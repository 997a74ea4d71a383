import Logprec.Circuit.Dag
import Logprec.Network.Correct
import Logprec.Network.Finish
import Logprec.Network.FormSum
import Logprec.Network.Saturate

/-!
# Integer networks are computed by threshold circuits

`Network.computes`: for every network, what its circuit computes, its depth and its size.
-/

namespace Logprec

namespace Circuit

/-! ## What the gates of a form read -/

private theorem src_linTerms {off w i : Nat} {c : Int} {t : Nat × Gate} (h : t ∈ linTerms off c w) {u : Wire}
    (hu : u ∈ t.2.wires) (hi : off + w ≤ i) : u.src < i := by
  unfold linTerms at h
  split at h
  · simp at h
  · simp only [List.mem_map, List.mem_range] at h
    obtain ⟨a, ha, rfl⟩ := h
    dsimp only at hu
    split at hu
    · have := Gate.src_of_mem_wires_copy hu; omega
    · have := Gate.src_of_mem_wires_none hu
      simp only [List.mem_singleton] at this; omega

private theorem src_quadTerms {off w w' i : Nat} {c : Int} {t : Nat × Gate} (h : t ∈ quadTerms off c w w') {u : Wire}
    (hu : u ∈ t.2.wires) (hi : off + w + w' ≤ i) : u.src < i := by
  unfold quadTerms at h
  split at h
  · simp at h
  · simp only [List.mem_flatMap, List.mem_map, List.mem_range] at h
    obtain ⟨a, ha, b, hb, rfl⟩ := h
    dsimp only at hu
    split at hu
    · have := Gate.src_of_mem_wires_all hu
      simp only [List.mem_cons, List.not_mem_nil, or_false] at this; omega
    · simp only [Gate.wires, List.mem_cons, List.not_mem_nil, or_false] at hu
      rcases hu with rfl | rfl <;> dsimp only <;> omega

private theorem src_linsTerms {i : Nat} {t : Nat × Gate} {u : Wire} (hu : u ∈ t.2.wires) :
    ∀ {lin : List (Int × Nat)} {off : Nat}, t ∈ linsTerms off lin → off + (lin.map (·.2)).sum ≤ i → u.src < i
  | (c, w) :: lin, off, h, hi => by
    simp only [List.map_cons, List.sum_cons] at hi
    rcases List.mem_append.1 h with h | h
    · exact src_linTerms h hu (by omega)
    · exact src_linsTerms hu h (by omega)

private theorem src_quadsTerms {i : Nat} {t : Nat × Gate} {u : Wire} (hu : u ∈ t.2.wires) :
    ∀ {quad : List (Int × Nat × Nat)} {off : Nat}, t ∈ quadsTerms off quad →
      off + (quad.flatMap fun t => [t.2.1, t.2.2]).sum ≤ i → u.src < i
  | (c, w, w') :: quad, off, h, hi => by
    simp only [List.flatMap_cons, List.cons_append, List.nil_append, List.sum_cons] at hi
    rcases List.mem_append.1 h with h | h
    · exact src_quadTerms h hu (by omega)
    · exact src_quadsTerms hu h (by omega)

/-- The first layer of a form: a bit for each term. -/
private theorem computes_gates {lin : List (Int × Nat)} {quad : List (Int × Nat × Nat)} (k : Nat) :
    let ts := (k, Gate.all []) :: formTerms lin quad
    Computes [ts.map (·.2)] ((lin.map (·.2)).sum + (quad.flatMap fun t => [t.2.1, t.2.2]).sum) ts.length 1
      (size [ts.map (·.2)]) fun b => ts.map (·.2.eval (bit b)) where
  wf := by
    refine ⟨fun g hg u hu => ?_, trivial⟩
    simp only [List.map_cons, List.mem_cons, List.mem_map] at hg
    rcases hg with rfl | ⟨t, ht, rfl⟩
    · simp [Gate.all, Gate.wires] at hu
    · rcases List.mem_append.1 ht with h | h
      · exact src_linsTerms hu h (by omega)
      · exact src_quadsTerms hu h (by omega)
  width_eq := by simp [width]
  depth_eq := rfl
  size_le := Nat.le_refl _
  eval_eq b _ := by simp [Layer.eval_eq]

/-- The value of a form, from the weighted sum of its gates. -/
private theorem formConst_add_worth {lin : List (Int × Nat)} {quad : List (Int × Nat × Nat)} (bias : Int)
    {b : List Bool} (hb : b.length = (lin.map (·.2) ++ quad.flatMap fun t => [t.2.1, t.2.2]).sum) :
    let xs := values (lin.map (·.2) ++ quad.flatMap fun t => [t.2.1, t.2.2]) b
    formConst bias lin quad + (worth (bit b) (formTerms lin quad) : Int) =
      bias + Shape.linSum lin xs + Shape.quadSum quad (xs.drop lin.length) := by
  have e := numbers_bit b (lin.map (·.2) ++ quad.flatMap fun t => [t.2.1, t.2.2]) 0 (by omega)
  rw [List.drop_zero, numbers_append] at e
  have h₁ := worth_linsTerms (bit b) (numbers (bit b) (0 + (lin.map (·.2)).sum) (quad.flatMap fun t => [t.2.1, t.2.2]))
    lin 0
  have h₂ := worth_quadsTerms (bit b) quad (lin.map (·.2)).sum
  simp only [← e]
  rw [List.drop_append_of_le_length (by simp [length_numbers]), List.drop_of_length_le (by simp [length_numbers]),
    List.nil_append, ← h₁, Nat.zero_add, ← h₂, formTerms, worth_append, formConst, Int.natCast_add]
  omega

/-- **The circuit of a form is correct.** -/
theorem correct_form (bias : Int) (lin : List (Int × Nat)) (quad : List (Int × Nat × Nat)) (shift width : Nat) :
    Shape.Correct (.form bias lin quad shift width) formDepth (form bias lin quad shift width) := by
  generalize hconst : formConst bias lin quad = const
  generalize hn : magnitude const ((formTerms lin quad).map (·.1)).sum (width + shift) = n
  have enough : shift + width ≤ n := by rw [← hn]; unfold magnitude; omega
  have h₁ := computes_gates (lin := lin) (quad := quad) (const + 2 ^ n).toNat
  obtain ⟨f, h₂, hf⟩ := computes_weightedSum (n + 1) formPlan
    (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map (·.1)) (by decide)
  obtain ⟨g, hs, hg⟩ := computes_saturate enough
  have h₃ := Computes.par (d := 1) (m := weightedSumWidth (n + 1) formPlan
      (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map (·.1))) (is := [()])
    (sel := fun _ => List.range (n + 1)) (C := fun _ => saturate n shift width) (w := fun _ => width)
    (s := fun _ => (saturate n shift width).size) (f := fun _ => g)
    (fun _ _ i hi => Nat.lt_of_lt_of_le (List.mem_range.1 hi) (le_weightedSumWidth _ _ _))
    fun _ _ => by rw [List.length_range]; exact hs
  rw [List.length_map] at h₂
  have h := (h₁.comp h₂).comp h₃
  unfold Shape.Correct form
  simp only [hconst, hn, shiftedTerms]
  refine { h with
    width_eq := h.width_eq.trans (by simp [Node.width])
    size_le := Nat.le_refl _
    wf := ?_
    eval_eq := ?_ }
  · have := h.wf
    rwa [← List.sum_append_nat] at this
  · intro b hb
    have hb : b.length = (lin.map (·.2) ++ quad.flatMap fun t => [t.2.1, t.2.2]).sum := hb
    have hz := formConst_add_worth bias hb
    rw [hconst] at hz
    have hbound := natAbs_lt_magnitude const (width + shift) (worth_le (bit b) (formTerms lin quad))
    rw [hn] at hbound
    have hc := natAbs_lt_magnitude const (P := 0) (range := ((formTerms lin quad).map (·.1)).sum) (width + shift)
      (Nat.zero_le _)
    rw [hn] at hc
    have hpow : ((2 ^ n : Nat) : Int) = 2 ^ n := by simp
    generalize hw : worth (bit b) (formTerms lin quad) = P at hz hbound
    have hsum : weigh (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map (·.1))
        (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map (·.2.eval (bit b))) =
        (const + (P : Int) + 2 ^ n).toNat := by
      rw [List.map_cons, List.map_cons, weigh_cons, ← hw, worth]
      simp only [Gate.eval_all, List.all_nil, if_true]
      omega
    have hlen :=
      h₂.length_fn (x := ((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map (·.2.eval (bit b)))
      (by simp)
    have htake : (List.range (n + 1)).map (bit (f (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map
        (·.2.eval (bit b))))) = bits (n + 1) (const + (P : Int) + 2 ^ n).toNat := by
      rw [← hsum, ← hf _ (by simp)]
      have := map_bit_range' (f (((const + 2 ^ n).toNat, Gate.all []) :: formTerms lin quad |>.map
        (·.2.eval (bit b)))) 0 (n + 1) (by rw [hlen, Nat.zero_add]; exact le_weightedSumWidth _ _ _)
      rw [List.drop_zero, ← List.range_eq_range'] at this
      exact this
    rw [h.eval_eq b (by rw [hb, List.sum_append_nat])]
    simp only [Function.comp, List.flatMap_cons, List.flatMap_nil, List.append_nil, htake]
    rw [hg _ (by omega) (by omega), hz]
    rfl

end Circuit

namespace Network

/-- **Integer networks are computed by threshold circuits**: the circuit of a network is well-formed, has the depth and
the size that `depth` and `size` say, and computes the bits of the network's outputs. -/
theorem computes {N : Network} {ws : List Nat} (hN : N.WF ws.length) :
    (N.circuit ws).Computes ws.sum (N.widths ws).sum N.depth (N.size ws) fun b =>
      valueBits (N.widths ws) (N.eval (values ws b)) :=
  computes_of (fun _ _ => Shape.correct_circuit Circuit.correct_form) hN

/-- **The optimised circuit of a network** computes the same, in the same depth. -/
theorem computes_optimised {N : Network} {ws : List Nat} (hN : N.WF ws.length) :
    (N.optimised ws).Computes ws.sum (N.widths ws).sum N.depth (N.optimisedSize ws) fun b =>
      valueBits (N.widths ws) (N.eval (values ws b)) :=
  computes_of
    (fun _ _ h => { (Shape.correct_circuit Circuit.correct_form h).optimise with size_le := Nat.le_refl _ }) hN

private theorem sizeOf_le {C C' : Nat → Shape → Circuit}
    (h : ∀ d (s : Shape), s.depth ≤ d → (C d s).size ≤ (C' d s).size) :
    ∀ (N : Network) (ws : List Nat), N.sizeOf C ws ≤ N.sizeOf C' ws
  | [], _ => Nat.le_refl _
  | S :: N, ws => by
    refine Nat.add_le_add (sum_map_le_sum_map fun b hb => h _ _ ?_) (sizeOf_le h N _)
    obtain ⟨v, hv, rfl⟩ := List.mem_map.1 hb
    rw [Shape.depth_shape]
    exact S.depth_le hv

/-- **The optimiser never makes it larger.** -/
theorem optimisedSize_le (N : Network) (ws : List Nat) : N.optimisedSize ws ≤ N.size ws :=
  sizeOf_le (fun _ _ h => (Shape.correct_circuit Circuit.correct_form h).optimise.size_le) N ws

/-- On the bits of numbers that fit. -/
theorem eval_circuit {N : Network} {ws x : List Nat} (hN : N.WF ws.length) (hx : Fit ws x) :
    (N.circuit ws).eval (valueBits ws x) = valueBits (N.widths ws) (N.eval x) := by
  rw [(computes hN).eval_eq _ (length_valueBits hx.1), values_valueBits hx]

end Network

end Logprec
