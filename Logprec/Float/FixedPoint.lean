import Logprec.Float.Lemmas

/-!
# Fixed-point numbers as floats

The float of the least exponent with the mantissa `z` is `truncate p z`, for an integer `z` of a sign and fewer than
`p / 2` bits. Sums `⊕` of such floats are exact, so integers can be summed with `⊕`.
-/

namespace Logprec.Float

theorem shiftFor_eq_zero {q a : Nat} (h : a < 2 ^ (q - 1)) : shiftFor q a = 0 := by
  have := (shiftFor_le_iff (q := q) (a := a) (k := 0)).2 (by simpa using h)
  omega

/-- The bits of the float of the least exponent with the mantissa `z`. -/
theorem toNat_truncate {p : Nat} {z : Int} (h : z.natAbs < 2 ^ (p / 2 - 1)) : (truncate p z).toNat =
    ofSigned (p / 2) (z < 0) z.natAbs + 2 ^ (p / 2) *
      if 0 < imax (p / 2) then ofSigned (p / 2) true (imax (p / 2)) else ofSigned (p / 2) false 0 := by
  have hlow := ofSigned_lt (p / 2) (z < 0) z.natAbs
  simp only [truncate, shiftFor_eq_zero h, Nat.zero_le, if_true, Nat.shiftRight_zero, pack, BitVec.toNat_ofNat,
    Nat.sub_zero, Nat.zero_sub]
  refine Nat.mod_eq_of_lt (Nat.lt_of_lt_of_le (m := 2 ^ (p / 2) * 2 ^ (p / 2)) ?_ ?_)
  · have hc : (if 0 < imax (p / 2) then ofSigned (p / 2) true (imax (p / 2)) else ofSigned (p / 2) false 0) <
        2 ^ (p / 2) := by split <;> exact ofSigned_lt _ _ _
    have := Nat.mul_le_mul_left (2 ^ (p / 2)) (show _ + 1 ≤ 2 ^ (p / 2) from hc)
    rw [Nat.mul_add] at this
    omega
  · rw [← Nat.pow_add]
    exact Nat.pow_le_pow_right (by simp) (by omega)

/-- The integer is read back from the mantissa. -/
theorem mantissa_truncate {p : Nat} {z : Int} (h : z.natAbs < 2 ^ (p / 2 - 1)) : mantissa (truncate p z) = z := by
  rw [mantissa, toNat_truncate h, Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt (ofSigned_lt _ _ _), toInt_ofSigned _ h]
  by_cases hz : z < 0 <;> simp [hz] <;> omega

/-- In the units of `scaled` the float is the integer itself. -/
theorem scaled_truncate_small {p : Nat} {z : Int} (h : z.natAbs < 2 ^ (p / 2 - 1)) : scaled (truncate p z) = z :=
  scaled_truncate_of_fits h (Nat.zero_le _) (by simp)

/-- **Sums of fixed-point numbers are exact.** -/
theorem sum_map_truncate {α : Type} {p : Nat} {l : List α} {f : α → Int}
    (h : ∀ a ∈ l, (f a).natAbs < 2 ^ (p / 2 - 1)) :
    sum (l.map fun a => truncate p (f a)) = truncate p (l.map f).sum := by
  rw [sum, List.map_map]
  congr 2
  exact List.map_congr_left fun a ha => scaled_truncate_small (h a ha)

end Logprec.Float
