import Logprec.Circuit.Compose
import Logprec.Circuit.Construct

/-!
# Carrying values past a circuit: proofs

`both` computes both circuits' outputs; the depth and size of carrying. About the definitions in
`Logprec.Circuit.Construct`.
-/

namespace Logprec

open Circuit

namespace Layer

/-- What the copy gates compute. -/
theorem map_eval_copies (v : Nat → Bool) (p k : Nat) :
    (copies p k).map (Gate.eval v) = (List.range k).map fun i => v (p + i) := by
  rw [copies, List.map_map]
  refine List.map_congr_left fun i _ => ?_
  cases h : v (p + i) <;> simp [Gate.eval, Wire.count, h]

/-- There are `k` copy gates. -/
@[simp] theorem length_copies (p k : Nat) : (copies p k).length = k := by simp [copies]

/-- A copy gate has one wire. -/
theorem size_copies (p k : Nat) : ((copies p k).map Gate.size).sum = 2 * k := by
  simp [copies, Function.comp_def, Gate.size, Gate.wires, List.map_const', Nat.mul_comm]

/-- The positions that copy gates read. -/
theorem src_lt_of_mem_copies {p k : Nat} {g : Gate} (hg : g ∈ copies p k) {w : Wire} (hw : w ∈ g.wires) :
    w.src < p + k := by
  simp only [copies, List.mem_map, List.mem_range] at hg
  obtain ⟨i, hi, rfl⟩ := hg
  simp only [Gate.wires, List.mem_singleton] at hw
  subst hw
  exact Nat.add_lt_add_left hi p

end Layer

namespace Circuit

/-! ## More inputs than are read -/

/-- A circuit is also well-formed for more inputs. -/
theorem WF.mono {m m' : Nat} (h : m ≤ m') : {C : Circuit} → C.WF m → C.WF m'
  | [], _ => trivial
  | _ :: _, hC => ⟨fun g hg w hw => Nat.lt_of_lt_of_le (hC.1 g hg w hw) h, hC.2⟩

/-- A circuit with a layer that is well-formed for `k` inputs reads the first `k` inputs only. -/
theorem eval_take {C : Circuit} {k : Nat} (hC : C.WF k) (h : C ≠ []) (x : List Bool) :
    C.eval (x.take k) = C.eval x := by
  match C, h with
  | L :: C, _ =>
    rw [eval_cons, eval_cons, Layer.eval_eq, Layer.eval_eq]
    refine congrArg _ (List.map_congr_left fun g hg => Gate.eval_congr fun w hw => ?_)
    simp [bit, hC.1 g hg w hw]

/-! ## Carrying -/

/-- Carrying keeps circuits well-formed. -/
theorem wf_carrying {m : Nat} (k : Nat) {C : Circuit} (h : C.WF m) : (carrying m k C).WF (m + k) := by
  induction C generalizing m with
  | nil => trivial
  | cons L C ih =>
    refine ⟨fun g hg w hw => ?_, by simpa using ih h.2⟩
    rcases List.mem_append.1 hg with hg | hg
    · exact Nat.lt_of_lt_of_le (h.1 g hg w hw) (Nat.le_add_right _ _)
    · exact Layer.src_lt_of_mem_copies hg hw

/-- The carried values come in addition to the outputs. -/
theorem width_carrying (p k m : Nat) (C : Circuit) : (carrying p k C).width (m + k) = C.width m + k := by
  induction C generalizing p m with
  | nil => rfl
  | cons L C ih => simp [carrying, width, ih]

/-- Carrying does not change the depth. -/
@[simp] theorem depth_carrying (p k : Nat) (C : Circuit) : (carrying p k C).depth = C.depth := by
  induction C generalizing p with
  | nil => rfl
  | cons L C ih => simpa [carrying, depth] using ih _

/-- In every layer, each value costs a gate and a wire. -/
theorem size_carrying (p k : Nat) (C : Circuit) : (carrying p k C).size = C.size + C.depth * (2 * k) := by
  induction C generalizing p with
  | nil => simp [carrying, depth]
  | cons L C ih =>
    rw [carrying, size_cons, size_cons, ih, List.map_append, List.sum_append_nat, Layer.size_copies]
    simp only [depth, List.length_cons, Nat.add_mul]
    omega

/-- What a circuit computes when it carries `y`. -/
theorem eval_carrying {C : Circuit} {x : List Bool} (y : List Bool) (h : C.WF x.length) :
    (carrying x.length y.length C).eval (x ++ y) = C.eval x ++ y := by
  induction C generalizing x with
  | nil => rfl
  | cons L C ih =>
    have hL : (L ++ Layer.copies x.length y.length).map (Gate.eval (bit (x ++ y))) =
        L.map (Gate.eval (bit x)) ++ y := by
      rw [List.map_append, Layer.map_eval_copies]
      congr 1
      · exact List.map_congr_left fun g hg => Gate.eval_congr fun w hw => bit_append_left (h.1 g hg w hw)
      · simp only [bit_append_right, map_bit_range]
    have := ih (x := L.map (Gate.eval (bit x))) (by simpa using h.2)
    rw [List.length_map] at this
    rw [carrying, eval_cons, eval_cons, Layer.eval_eq, Layer.eval_eq, hL, this]

/-! ## Both -/

/-- What `both` computes. -/
theorem eval_both {n : Nat} {C D : Circuit} {x : List Bool} (hx : x.length = n) (hC : C.WF n) (hD : D.WF n) :
    (both n C D).eval x = D.eval x ++ C.eval x := by
  subst hx
  have hw := length_eval C x
  have h₁ : (carrying 0 x.length (Layer.copies 0 x.length :: C)).eval x = C.eval x ++ x := by
    rw [carrying, eval_cons, Layer.eval_eq, List.map_append, Layer.map_eval_copies, Layer.length_copies]
    simp only [Nat.zero_add, map_bit_range]
    exact eval_carrying x hC
  have h₂ : (carrying 0 (C.width x.length) (Layer.copies (C.width x.length) x.length :: D)).eval (C.eval x ++ x) =
      D.eval x ++ C.eval x := by
    rw [carrying, eval_cons, Layer.eval_eq, List.map_append, Layer.map_eval_copies, Layer.map_eval_copies,
      Layer.length_copies, ← hw]
    have e : (List.range (C.eval x).length).map (fun i => bit (C.eval x ++ x) (0 + i)) = C.eval x := by
      refine Eq.trans (List.map_congr_left fun i hi => ?_) (map_bit_range (C.eval x))
      rw [Nat.zero_add, bit_append_left (List.mem_range.1 hi)]
    simp only [bit_append_right, map_bit_range, e]
    exact eval_carrying _ hD
  rw [both, eval_append, h₁, h₂]

/-- `both` is well-formed. -/
theorem wf_both {n : Nat} {C D : Circuit} (hC : C.WF n) (hD : D.WF n) : (both n C D).WF n := by
  have first : ∀ {m p k l : Nat} {E : Circuit}, p + l ≤ m → k ≤ m → E.WF l →
      (carrying 0 k (Layer.copies p l :: E)).WF m := by
    intro m p k l E h h' hE
    refine ⟨fun g hg w hw => ?_, by simpa using wf_carrying k hE⟩
    rcases List.mem_append.1 hg with hg | hg
    · exact Nat.lt_of_lt_of_le (Layer.src_lt_of_mem_copies hg hw) h
    · exact Nat.lt_of_lt_of_le (Layer.src_lt_of_mem_copies hg hw) (by omega)
  refine wf_append (first (by omega) (Nat.le_refl n) hC) ?_
  have : (carrying 0 n (Layer.copies 0 n :: C)).width n = C.width n + n := by
    simp [carrying, width, width_carrying]
  rw [this]
  exact first (Nat.le_refl _) (by omega) hD

/-- The depth of `both`. -/
theorem depth_both (n : Nat) (C D : Circuit) : (both n C D).depth = C.depth + D.depth + 2 := by
  rw [both, depth_append, depth_carrying, depth_carrying]
  simp only [depth, List.length_cons]
  omega

/-- The size of `both`. -/
theorem size_both (n : Nat) (C D : Circuit) : (both n C D).size =
    C.size + D.size + 4 * n + (C.depth + 1) * (2 * n) + (D.depth + 1) * (2 * C.width n) := by
  rw [both, size_append, size_carrying, size_carrying, size_cons, size_cons, Layer.size_copies, Layer.size_copies]
  simp only [depth, List.length_cons]
  omega

end Circuit

end Logprec
