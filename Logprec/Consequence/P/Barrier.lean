import Logprec.Class.Composition
import Logprec.Consequence.P.Hard
import Logprec.Quantised.LinearSpace
import Logprec.Simulation.Mask

/-!
# Log-precision transformers do not solve P-hard problems, unless P is log-uniform TC0

A log-precision transformer whose local maps are computable in linear space decides a language in log-uniform TC0. If it
decides a problem that is hard for P under log-space uniform projections, whatever (log-uniform TC0) encoding of
instances as words it is given, then every language in P is in log-uniform TC0.
-/

namespace Logprec.Hardness

open Class

/-- A P-hard problem in log-uniform TC0 puts P into log-uniform TC0. -/
theorem PHard.le_logUniformTC0 {A : Language} (hA : PHard A) (h : LogUniformTC0 A) :
    ∀ B, Class.PolyTime B → LogUniformTC0 B := by
  intro B hB
  obtain ⟨f, hf, hfB⟩ := hA B hB
  simpa only [← hfB] using h.comap hf.logUniformTC0Function

/-! ## Encodings of bit strings as words -/

/-- Every bit is written as one of two blocks. -/
def blockEncoding (u v x : List Bool) : List Bool := x.flatMap fun b => if b then v else u

private def blockCodes : List (Bool × Bool) → Listing
  | [] => .nil
  | (false, false) :: l => .seq (.emit 0) (blockCodes l)
  | (true, true) :: l => .seq (.emit 1) (blockCodes l)
  | (false, true) :: l => .seq (.emit (2 * .var 0 + 2)) (blockCodes l)
  | (true, false) :: l => .seq (.emit (2 * .var 0 + 3)) (blockCodes l)

private theorem literal_blockCodes {x : List Bool} {i : Nat} {b : Bool} (h : x.getD i false = b) :
    ∀ (l : List (Bool × Bool)) (ρ : List Nat), ((blockCodes l).values (i :: ρ)).map (literal x) =
      l.map fun c => if b then c.2 else c.1
  | [], _ => rfl
  | (u, v) :: l, ρ => by
    have ih := literal_blockCodes h l ρ
    have e₂ : literal x (2 * i + 2) = b := by
      rw [literal, if_pos (by omega), Nat.mul_div_cancel_left _ (by omega), h]
    have e₃ : literal x (2 * i + 3) = !b := by
      rw [show 2 * i + 3 = (2 * i + 1) + 2 from rfl, literal, if_neg (by omega), show (2 * i + 1) / 2 = i by omega, h]
    cases u <;> cases v <;>
      simp only [blockCodes, Listing.values, List.map_append, List.map_cons, List.map_nil, ih, Term.eval_ofNat,
        Term.eval_add, Term.eval_mul, Term.eval_var, List.getD_cons_zero, e₂, e₃] <;>
      cases b <;> simp [literal]

/-- Writing every bit as one of two blocks of equal length is a log-space uniform projection. -/
theorem logProjection_blockEncoding {u v : List Bool} (h : u.length = v.length) :
    LogProjection (blockEncoding u v) := by
  refine logProjection_iff.2 ⟨_, Listing.logSpaceGenerated (.loop (.var 0) (blockCodes (u.zip v))), fun x => ?_⟩
  have e : ∀ b : Bool, ((u.zip v).map fun c => if b then c.2 else c.1) = if b then v else u := by
    intro b
    cases b
    · simpa using List.map_fst_zip (Nat.le_of_eq h)
    · simpa using List.map_snd_zip (Nat.le_of_eq h.symm)
  simp only [Listing.values, Term.eval_var, List.getD_cons_zero, List.map_flatMap, blockEncoding]
  conv => lhs; rw [← map_bit_range x]
  rw [List.flatMap_map]
  refine flatMap_congr fun i _ => ?_
  rw [literal_blockCodes (b := bit x i) rfl, e]

/-! ## Transformers -/

/-- **A log-precision transformer that solves a P-hard problem puts P into log-uniform TC0.** The instance may be given
to it as a word in any encoding that is itself in log-uniform TC0, for instance one symbol for each bit, or for a block
of bits. -/
theorem no_P_hard (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) (hs : T.LinearSpace)
    (A : Language) (hA : PHard A) (code : List Bool → List Bool) (hcode : LogUniformTC0Function code)
    (h : ∀ x, T.language (code x) ↔ A x) : ∀ B, Class.PolyTime B → LogUniformTC0 B := by
  refine hA.le_logUniformTC0 ?_
  simpa only [h] using
    (T.language_mem_logUniformTC0 hc ((Transformer.linearSpace_iff hc).1 hs)).comap hcode

/-- The same for words in which every bit of the instance is written as one of two words of equal length, such as one
symbol for 0 and one for 1. -/
theorem no_P_hard_words (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) (hs : T.LinearSpace)
    (A : Language) (hA : PHard A) (hb : 0 < T.symbolBits) (zero one : List (BitVec T.symbolBits))
    (hlen : zero.length = one.length)
    (h : ∀ x, T.accepts (x.flatMap fun b => if b then one else zero) = true ↔ A x) :
    ∀ B, Class.PolyTime B → LogUniformTC0 B := by
  refine no_P_hard T c hc hs A hA (blockEncoding (T.inputBits zero) (T.inputBits one))
    (logProjection_blockEncoding (by rw [T.length_inputBits, T.length_inputBits, hlen])).logUniformTC0Function
    fun x => ?_
  rw [← h x, ← Transformer.language_inputBits hb]
  have e : T.inputBits (x.flatMap fun b => if b then one else zero) =
      blockEncoding (T.inputBits zero) (T.inputBits one) x := by
    simp only [Transformer.inputBits, blockEncoding, List.flatMap_assoc]
    congr 1
    funext b
    cases b <;> rfl
  rw [e]

/-- The same for causal transformers. -/
theorem no_P_hard_causal (T : Transformer) (c : Nat) (hc : ∀ n, T.prec n ≤ c * (n.log2 + 1)) (hs : T.LinearSpace)
    (A : Language) (hA : PHard A) (code : List Bool → List Bool) (hcode : LogUniformTC0Function code)
    (h : ∀ x, T.causal.language (code x) ↔ A x) : ∀ B, Class.PolyTime B → LogUniformTC0 B := by
  refine hA.le_logUniformTC0 ?_
  simpa only [h] using (T.causal_mem_logUniformTC0 hc ((Transformer.linearSpace_iff hc).1 hs)).comap hcode

/-- The same for quantised transformers, without further hypotheses. -/
theorem no_P_hard_quantised (M : Quantised.Model) (hM : M.WF) (A : Language) (hA : PHard A)
    (code : List Bool → List Bool) (hcode : LogUniformTC0Function code)
    (h : ∀ x, M.toTransformer.language (code x) ↔ A x) : ∀ B, Class.PolyTime B → LogUniformTC0 B := by
  refine hA.le_logUniformTC0 ?_
  simpa only [h] using (M.language_mem_logUniformTC0 hM).comap hcode

end Logprec.Hardness
