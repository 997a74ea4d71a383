import Logprec.Simulation.LinearSpace
import Logprec.Space.Turing.FromMachine
import Logprec.Space.Turing.ToMachine

/-!
# Linear space: Turing machines and register programs agree

The local maps of a log-precision transformer are computable in linear space by Turing machines exactly when they are
by register programs (`Transformer.linearSpace_iff`).
-/

namespace Logprec

open Space Turing

/-! ## One local map -/

/-- The graph of a partial function of `k` numbers, the first of which is `n`; the arguments and the values have
linearly many bits. -/
def LinearGraph (p : Nat → Nat) (k d : Nat) (R : (n : Nat) → (args : List Nat) → (v : Nat) → Prop) : Prop :=
  ∀ n args v, R n args v → (∃ rest, args = n :: rest ∧ rest.length + 1 = k) ∧
    ∀ a ∈ v :: args, a < 2 ^ (d * (p n + n.log2 + 1))

/-- What is computable in the first sense is computable in the second, for partial functions whose arguments and values
have linearly many bits. -/
def Transfers (p : Nat → Nat) {Code Code' : Type} (computes : Code → (args : List Nat) → (p n c v : Nat) → Prop)
    (computes' : Code' → (args : List Nat) → (p n c v : Nat) → Prop) : Prop :=
  ∀ k d R, LinearGraph p k d R → (∃ M c, ∀ n args v, R n args v → computes M args (p n) n c v) →
    ∃ M c, ∀ n args v, R n args v → computes' M args (p n) n c v

/-- From register programs to machines. -/
theorem transfers_machines (p : Nat → Nat) :
    Transfers p (fun (P : Prog) args p n c v => P.Yields args (linearBound p n c) v)
      fun (M : Machine) args p n c v => M.Computes args (c * (p + n.log2 + 1)) v := by
  rintro k d R hR ⟨P, c, hP⟩
  obtain ⟨M, c', hM⟩ := exists_machine P k d
  refine ⟨M, c' * (c + 1), fun n args v h => ?_⟩
  obtain ⟨⟨rest, rfl, hk⟩, hd⟩ := hR n args v h
  have hle : d * (p n + n.log2 + 1) ≤ d * ((c + 1) * (p n + n.log2 + 1)) :=
    Nat.mul_le_mul_left _ (Nat.le_mul_of_pos_left _ (by omega))
  have hlt : ∀ a ∈ v :: n :: rest, a < 2 ^ (d * ((c + 1) * (p n + n.log2 + 1))) := fun a ha =>
    Nat.lt_of_lt_of_le (hd a ha) (Nat.pow_le_pow_right (by omega) hle)
  rw [Nat.mul_assoc]
  refine hM (n :: rest) _ v (by simpa using hk) (Nat.mul_pos (by omega) (by omega))
    (fun a ha => hlt a (List.mem_cons_of_mem _ ha)) (hlt v (List.mem_cons_self ..)) ?_
  have hP := hP n _ v h
  exact ⟨hP.1, Nat.le_trans hP.2 (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_right _ (by omega)))⟩

/-- From machines to register programs, at logarithmic precision. -/
theorem transfers_programs {p : Nat → Nat} {c : Nat} (hc : ∀ n, p n ≤ c * (n.log2 + 1)) :
    Transfers p (fun (M : Machine) args p n c v => M.Computes args (c * (p + n.log2 + 1)) v)
      fun (P : Prog) args p n c v => P.Yields args (linearBound p n c) v := by
  rintro k d R hR ⟨M, c', hM⟩
  obtain ⟨P, e, hP⟩ := M.exists_program k (c' * (c + 1)) (d * (c + 1))
  refine ⟨P, e, fun n args v h => ?_⟩
  obtain ⟨⟨rest, rfl, hk⟩, hd⟩ := hR n args v h
  have hp : p n + n.log2 + 1 ≤ (c + 1) * (n.log2 + 1) := by
    have := hc n
    rw [Nat.add_mul, Nat.one_mul]
    omega
  have hlt : ∀ a ∈ v :: n :: rest, a < 2 ^ (d * (c + 1) * (n.log2 + 1)) := fun a ha => by
    rw [Nat.mul_assoc]
    exact Nat.lt_of_lt_of_le (hd a ha) (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_left _ hp))
  have hY := hP n rest _ v hk (by rw [Nat.mul_assoc]; exact Nat.mul_le_mul_left _ hp)
    (fun a ha => hlt a (List.mem_cons_of_mem _ ha)) (hlt v (List.mem_cons_self ..)) (hM n _ v h)
  exact ⟨hY.1, Nat.le_trans hY.2 (Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_left _ (by omega)))⟩

/-! ## Sizes -/

namespace LinearGraph

/-- Numbers with few bits. -/
theorem lt {x e d ℓ : Nat} (h : x < 2 ^ e) (he : e ≤ d * ℓ) : x < 2 ^ (d * ℓ) :=
  Nat.lt_of_lt_of_le h (Nat.pow_le_pow_right (by omega) he)

/-- The length, and positions. -/
theorem lt_position {i n p d : Nat} (hi : i ≤ n) (hd : 1 ≤ d) : i < 2 ^ (d * (p + n.log2 + 1)) :=
  Nat.lt_of_le_of_lt hi (lt Nat.lt_log2_self (Nat.le_trans (by omega) (Nat.le_mul_of_pos_left (p + n.log2 + 1) hd)))

/-- Vectors of floats. -/
theorem lt_vector {D n p d : Nat} (v : BitVec (D * p)) (hd : D ≤ d) : v.toNat < 2 ^ (d * (p + n.log2 + 1)) :=
  lt v.isLt (Nat.mul_le_mul hd (by omega))

/-- Floats. -/
theorem lt_float {n p d : Nat} (v : BitVec p) (hd : 1 ≤ d) : v.toNat < 2 ^ (d * (p + n.log2 + 1)) :=
  lt v.isLt (Nat.le_trans (by omega) (Nat.le_mul_of_pos_left (p + n.log2 + 1) hd))

/-- Symbols. -/
theorem lt_symbol {b n p d : Nat} (v : BitVec b) (hd : b ≤ d) : v.toNat < 2 ^ (d * (p + n.log2 + 1)) :=
  lt v.isLt (Nat.le_trans hd (Nat.le_mul_of_pos_right d (by omega)))

/-- Truth values. -/
theorem lt_bool {n p d : Nat} (b : Bool) (hd : 1 ≤ d) : b.toNat < 2 ^ (d * (p + n.log2 + 1)) :=
  lt (e := 1) (by have := b.toNat_lt; omega) (Nat.le_trans hd (Nat.le_mul_of_pos_right d (by omega)))

end LinearGraph

open LinearGraph

/-! ## All local maps -/

section
variable {T : Transformer} {Code Code' : Type} {computes : Code → (args : List Nat) → (p n c v : Nat) → Prop}
  {computes' : Code' → (args : List Nat) → (p n c v : Nat) → Prop}

/-- The activation of a layer. -/
theorem activation_transfer {D : Nat} {p : Nat → Nat} {B : Block D p} (t : Transfers p computes computes')
    (h : ∃ M c, ∀ n i as hi, i < n → as.length = B.heads.length →
      computes M (n :: i :: hi.toNat :: as.map BitVec.toNat) (p n) n c (B.activation n i as hi).toNat) :
    ∃ M c, ∀ n i as hi, i < n → as.length = B.heads.length →
      computes' M (n :: i :: hi.toNat :: as.map BitVec.toNat) (p n) n c (B.activation n i as hi).toNat := by
  obtain ⟨M, c', hM⟩ := h
  obtain ⟨M, c', hM⟩ := t (3 + B.heads.length) (1 + D) (fun n args v => ∃ i, ∃ (as : List (State D (p n)))
    (hi : State D (p n)), i < n ∧ as.length = B.heads.length ∧
    args = n :: i :: hi.toNat :: as.map BitVec.toNat ∧ v = (B.activation n i as hi).toNat) (by
    rintro n _ _ ⟨i, as, hi, hin, hlen, rfl, rfl⟩
    refine ⟨⟨_, rfl, by simp; omega⟩, ?_⟩
    simp only [List.mem_cons, forall_eq_or_imp, List.mem_map, forall_exists_index, and_imp, forall_apply_eq_imp_iff₂]
    exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
      lt_vector hi (by omega), fun a _ => lt_vector a (by omega)⟩)
    ⟨M, c', by rintro n _ _ ⟨i, as, hi, hin, hlen, rfl, rfl⟩; exact hM n i as hi hin hlen⟩
  exact ⟨M, c', fun n i as hi hin hlen => hM n _ _ ⟨i, as, hi, hin, hlen, rfl, rfl⟩⟩

/-- Local maps that are computable in one sense are computable in another. -/
theorem Transformer.LocalMaps.transfer {c : Nat} (hc : T.LogPrecision c)
    (t₀ : Transfers (fun _ => 0) computes computes') (t : Transfers T.prec computes computes')
    (h : T.LocalMaps computes) : T.LocalMaps computes' where
  prec := by
    obtain ⟨M, c', hM⟩ := h.prec
    obtain ⟨M, c', hM⟩ := t₀ 1 (c + 1) (fun n args v => args = [n] ∧ v = T.prec n) (by
      rintro n _ _ ⟨rfl, rfl⟩
      refine ⟨⟨[], rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      refine ⟨lt (Nat.lt_of_le_of_lt (hc n) Nat.lt_two_pow_self) ?_, lt_position (Nat.le_refl n) (by omega)⟩
      exact Nat.mul_le_mul (by omega) (by omega)) ⟨M, c', by rintro n _ _ ⟨rfl, rfl⟩; exact hM n⟩
    exact ⟨M, c', fun n => hM n _ _ ⟨rfl, rfl⟩⟩
  embed := by
    obtain ⟨M, c', hM⟩ := h.embed
    obtain ⟨M, c', hM⟩ := t 3 (1 + T.symbolBits + T.dim) (fun n args v => ∃ i, ∃ σ : BitVec T.symbolBits, i < n ∧
      args = [n, i, σ.toNat] ∧ v = (T.embed n i σ).toNat) (by
      rintro n _ _ ⟨i, σ, hi, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hi) (by omega),
        lt_symbol σ (by omega)⟩) ⟨M, c', by rintro n _ _ ⟨i, σ, hi, rfl, rfl⟩; exact hM n i σ hi⟩
    exact ⟨M, c', fun n i σ hi => hM n _ _ ⟨i, σ, hi, rfl, rfl⟩⟩
  similarity B hB H hH := by
    obtain ⟨M, c', hM⟩ := h.similarity B hB H hH
    obtain ⟨M, c', hM⟩ := t 5 (1 + T.dim) (fun n args v => ∃ i j, ∃ hi hj : State T.dim (T.prec n), i < n ∧ j < n ∧
      args = [n, i, j, hi.toNat, hj.toNat] ∧ v = (H.similarity n i j hi hj).toNat) (by
      rintro n _ _ ⟨i, j, hi, hj, hin, hjn, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_float _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
        lt_position (Nat.le_of_lt hjn) (by omega), lt_vector hi (by omega), lt_vector hj (by omega)⟩)
      ⟨M, c', by rintro n _ _ ⟨i, j, hi, hj, hin, hjn, rfl, rfl⟩; exact hM n i j hi hj hin hjn⟩
    exact ⟨M, c', fun n i j hi hj hin hjn => hM n _ _ ⟨i, j, hi, hj, hin, hjn, rfl, rfl⟩⟩
  weighting B hB H hH := by
    obtain ⟨M, c', hM⟩ := h.weighting B hB H hH
    obtain ⟨M, c', hM⟩ := t 6 (1 + T.dim) (fun n args v => ∃ i j, ∃ (s Z : BitVec (T.prec n))
      (hj : State T.dim (T.prec n)), i < n ∧ j < n ∧ args = [n, i, j, s.toNat, Z.toNat, hj.toNat] ∧
      v = (H.weighting n i j s Z hj).toNat) (by
      rintro n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_vector _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hin) (by omega),
        lt_position (Nat.le_of_lt hjn) (by omega), lt_float s (by omega), lt_float Z (by omega),
        lt_vector hj (by omega)⟩)
      ⟨M, c', by rintro n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩; exact hM n i j s Z hj hin hjn⟩
    exact ⟨M, c', fun n i j s Z hj hin hjn => hM n _ _ ⟨i, j, s, Z, hj, hin, hjn, rfl, rfl⟩⟩
  activation B hB := activation_transfer t (h.activation B hB)
  accept := by
    obtain ⟨M, c', hM⟩ := h.accept
    obtain ⟨M, c', hM⟩ := t 2 (1 + T.dim) (fun n args v => ∃ h : State T.dim (T.prec n), args = [n, h.toNat] ∧
      v = (T.accept n h).toNat) (by
      rintro n _ _ ⟨h, rfl, rfl⟩
      refine ⟨⟨_, rfl, rfl⟩, ?_⟩
      simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
      exact ⟨lt_bool _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_vector h (by omega)⟩)
      ⟨M, c', by rintro n _ _ ⟨h, rfl, rfl⟩; exact hM n h⟩
    exact ⟨M, c', fun n h => hM n _ _ ⟨h, rfl, rfl⟩⟩

end

/-- **Linear space with Turing machines is linear space with register programs**, for the local maps of log-precision
transformers. -/
theorem Transformer.linearSpace_iff {T : Transformer} {c : Nat} (hc : T.LogPrecision c) :
    T.LinearSpace ↔ T.LinearSpacePrograms :=
  ⟨LocalMaps.transfer hc (transfers_programs (c := 0) fun _ => Nat.zero_le _) (transfers_programs hc),
    LocalMaps.transfer hc (transfers_machines _) (transfers_machines _)⟩

private theorem mask_graph (p : Nat → Nat) (mask : (n i j : Nat) → Bool) : LinearGraph p 3 1 fun n args v =>
    ∃ i j, i < n ∧ j < n ∧ args = [n, i, j] ∧ v = (mask n i j).toNat := by
  rintro n _ _ ⟨i, j, hi, hj, rfl, rfl⟩
  refine ⟨⟨_, rfl, rfl⟩, ?_⟩
  simp only [List.mem_cons, List.not_mem_nil, or_false, forall_eq_or_imp, forall_eq]
  exact ⟨lt_bool _ (by omega), lt_position (Nat.le_refl n) (by omega), lt_position (Nat.le_of_lt hi) (by omega),
    lt_position (Nat.le_of_lt hj) (by omega)⟩

/-- The same for masks. -/
theorem linearSpaceMask_iff {p : Nat → Nat} {c : Nat} (hc : ∀ n, p n ≤ c * (n.log2 + 1)) {mask : (n i j : Nat) → Bool} :
    LinearSpaceMask p mask ↔ LinearSpaceMaskPrograms p mask := by
  constructor
  · rintro ⟨M, c', hM⟩
    obtain ⟨P, c', hP⟩ := transfers_programs hc 3 1 _ (mask_graph p mask)
      ⟨M, c', by rintro n _ _ ⟨i, j, hi, hj, rfl, rfl⟩; exact hM n i j hi hj⟩
    exact ⟨P, c', fun n i j hi hj => hP n _ _ ⟨i, j, hi, hj, rfl, rfl⟩⟩
  · rintro ⟨P, c', hP⟩
    obtain ⟨M, c', hM⟩ := transfers_machines p 3 1 _ (mask_graph p mask)
      ⟨P, c', by rintro n _ _ ⟨i, j, hi, hj, rfl, rfl⟩; exact hP n i j hi hj⟩
    exact ⟨M, c', fun n i j hi hj => hM n _ _ ⟨i, j, hi, hj, rfl, rfl⟩⟩

end Logprec
