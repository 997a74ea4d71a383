import Logprec.Simulation.Machines
import Logprec.Rotary.Uniform

/-!
# Rotary positions: Turing machines and register programs agree

`Transformer.RotaryLinearSpace` asks for Turing machines, `Transformer.RotaryLinearSpacePrograms` for register programs.
-/

namespace Logprec

open Space Turing LinearGraph

section
variable {Code Code' : Type} {computes : Code → (args : List Nat) → (p n c v : Nat) → Prop}
  {computes' : Code' → (args : List Nat) → (p n c v : Nat) → Prop}

/-- The local maps of a rotary head that are computable in one sense are computable in another. -/
theorem RotaryHead.LocalMaps.transfer {D : Nat} {p : Nat → Nat} {H : RotaryHead D p}
    (t : Transfers p computes computes') (h : H.LocalMaps computes) : H.LocalMaps computes' where
  query := by
    obtain ⟨M, c', hM⟩ := h.query
    obtain ⟨M, c', hM⟩ := t 3 (1 + 2 * H.freqs.length + D) (fun n args v => ∃ i, ∃ hi : State D (p n), i < n ∧
      args = [n, i, hi.toNat] ∧ v = (H.query n i hi).toNat) (by
      rintro n _ _ ⟨i, hi, hin, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
        lt_vector hi (by omega)⟩) ⟨M, c', by rintro n _ _ ⟨i, hi, hin, rfl, rfl⟩; exact hM n i hi hin⟩
    exact ⟨M, c', fun n i hi hin => hM n _ _ ⟨i, hi, hin, rfl, rfl⟩⟩
  key := by
    obtain ⟨M, c', hM⟩ := h.key
    obtain ⟨M, c', hM⟩ := t 3 (1 + 2 * H.freqs.length + D) (fun n args v => ∃ j, ∃ hj : State D (p n), j < n ∧
      args = [n, j, hj.toNat] ∧ v = (H.key n j hj).toNat) (by
      rintro n _ _ ⟨j, hj, hjn, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hjn) (by omega),
        lt_vector hj (by omega)⟩) ⟨M, c', by rintro n _ _ ⟨j, hj, hjn, rfl, rfl⟩; exact hM n j hj hjn⟩
    exact ⟨M, c', fun n j hj hjn => hM n _ _ ⟨j, hj, hjn, rfl, rfl⟩⟩
  score := by
    obtain ⟨M, c', hM⟩ := h.score
    obtain ⟨M, c', hM⟩ := t 5 (1 + H.logitBits) (fun n args v => ∃ i j, ∃ z : Int, i < n ∧ j < n ∧
      z.natAbs ≤ linearBound (p n) n H.logitBits ∧ args = [n, i, j, z.toNat, (-z).toNat] ∧
      v = (H.score n i j z).toNat) (by
      rintro n _ _ ⟨i, j, z, hin, hjn, hz, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      have hz' : z.natAbs < 2 ^ ((1 + H.logitBits) * (p n + n.log2 + 1)) := by
        refine Nat.lt_of_le_of_lt hz (Nat.pow_lt_pow_right (by omega) ?_)
        rw [Nat.add_mul]
        omega
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_float _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
        lt_position (Nat.le_of_lt hjn) (by omega), by omega, by omega⟩)
      ⟨M, c', by rintro n _ _ ⟨i, j, z, hin, hjn, hz, rfl, rfl⟩; exact hM n i j z hin hjn hz⟩
    exact ⟨M, c', fun n i j z hin hjn hz => hM n _ _ ⟨i, j, z, hin, hjn, hz, rfl, rfl⟩⟩
  weighting := by
    obtain ⟨M, c', hM⟩ := h.weighting
    obtain ⟨M, c', hM⟩ := t 6 (1 + D) (fun n args v => ∃ i j, ∃ (s Z : BitVec (p n)) (hj : State D (p n)), i < n ∧
      j < n ∧ args = [n, i, j, s.toNat, Z.toNat, hj.toNat] ∧ v = (H.weighting n i j s Z hj).toNat) (by
      rintro n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
        lt_position (Nat.le_of_lt hjn) (by omega), lt_float s (by omega), lt_float Z (by omega),
        lt_vector hj (by omega)⟩)
      ⟨M, c', by rintro n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩; exact hM n i j s Z hj hin hjn⟩
    exact ⟨M, c', fun n i j s Z hj hin hjn => hM n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩⟩

/-- A transformer without heads: what is left of it when the local maps of the heads are looked at alone. -/
private def Transformer.headless (T : Transformer) : Transformer :=
  { T with blocks := [] }

/-- The local maps of a transformer with rotary positions that are computable in one sense are computable in another. -/
theorem Transformer.RotaryLocalMaps.transfer {T : Transformer} {c : Nat} (hc : T.LogPrecision c)
    (t₀ : Transfers (fun _ => 0) computes computes') (t : Transfers T.prec computes computes')
    (h : T.RotaryLocalMaps computes) : T.RotaryLocalMaps computes' := by
  have rest : T.headless.LocalMaps computes' := LocalMaps.transfer (T := T.headless) hc t₀ t
    ⟨h.prec, h.embed, fun B hB => absurd hB (by simp [headless]), fun B hB => absurd hB (by simp [headless]),
      fun B hB => absurd hB (by simp [headless]), h.accept⟩
  refine ⟨rest.prec, rest.embed, fun B hB H hH => ?_, fun B hB => ?_, rest.accept⟩
  · obtain ⟨R, hR, e⟩ := h.heads B hB H hH
    exact ⟨R, RotaryHead.LocalMaps.transfer t hR, e⟩
  · obtain ⟨M, c', hM⟩ := h.activation B hB
    exact activation_transfer t ⟨M, c', hM⟩

end

/-- **Linear space with Turing machines is linear space with register programs**, for transformers with rotary positions
and logarithmic precision. -/
theorem Transformer.rotaryLinearSpace_iff {T : Transformer} {c : Nat} (hc : T.LogPrecision c) :
    T.RotaryLinearSpace ↔ T.RotaryLinearSpacePrograms :=
  ⟨RotaryLocalMaps.transfer hc (transfers_programs (c := 0) fun _ => Nat.zero_le _) (transfers_programs hc),
    RotaryLocalMaps.transfer hc (transfers_machines _) (transfers_machines _)⟩

end Logprec
