import Logprec.Class.Blocks
import Logprec.Class.Complement
import Logprec.Template.Compile
import Logprec.Network.Template.Stage

/-!
# The circuits of templated networks are generated in logarithmic space

The networks of a family that has one template for all numbers of inputs, but none, have circuits that are generated in
logarithmic space. A stage without nodes has another depth; so the circuit for no input, which is one circuit, is
printed as it is.
-/

namespace Logprec

namespace Space

/-- A fixed list is generated in logarithmic space. -/
theorem LogSpaceGenerated.const (l : List Nat) : LogSpaceGenerated fun _ => l :=
  LogSpaceGenerated.dropLast_append (F := fun _ => []) ⟨.skip, 0, fun _ => ⟨rfl, Nat.zero_le _⟩⟩ l

/-- It is enough that a program is right on non-empty inputs. -/
theorem LogSpaceGenerated.of_pos {F : Nat → List Nat} (P : Prog) (c : Nat)
    (h : ∀ n ≥ 1, P.output (ones n) = F n ∧ P.peak (ones n) ≤ (n + 2) ^ c) : LogSpaceGenerated F := by
  have hP : LogSpaceGenerated fun n => P.output (ones n) := by
    refine ⟨P, max c (P.peak (ones 0)), fun n => ⟨rfl, ?_⟩⟩
    rcases Nat.eq_zero_or_pos n with rfl | hn
    · exact Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self)
        (Nat.pow_le_pow_right (by omega) (Nat.le_max_right ..))
    · exact Nat.le_trans (h n hn).2 (Nat.pow_le_pow_right (by omega) (Nat.le_max_left ..))
  have e : F = fun n => if 0 ∣ n then F 0 else P.output (ones n) := by
    funext n
    rcases Nat.eq_zero_or_pos n with rfl | hn
    · simp
    · rw [if_neg (by rw [Nat.zero_dvd]; omega), (h n hn).1]
  rw [e]
  exact (LogSpaceGenerated.const (F 0)).blocks hP 0

end Space

namespace StageTmpl

/-- **Templated networks have circuits that are generated in logarithmic space.** Here `Ts` are the templates of the
stages, `ds` the depths of the stages, and the network reads `n` values of `b` bits. Nothing is asked for `n = 0`. -/
theorem logSpaceGenerated (Ts : List StageTmpl) (ds : List Nat) (b : Nat) (N : Nat → Network)
    (hN : ∀ n ≥ 1, N n = Ts.map (nodes [n])) (hd : ∀ n ≥ 1, (N n).map Stage.depth = ds)
    (hwf : ∀ n ≥ 1, (N n).WF n) (hfit : ∀ n ≥ 1, FitAll [n] (List.replicate n b) Ts) :
    Space.LogSpaceGenerated fun n => Circuit.encode (n * b) ((N n).circuit (List.replicate n b)) := by
  let P : Term := .var 0 * .lit b
  refine .of_pos (Tmpl.program P (networkLayers P Ts ds)) (Tmpl.programDeg P (networkLayers P Ts ds))
    fun n hn => Tmpl.run_program P ?_
  have hwf := hwf n hn
  have hd := hd n hn
  rw [hN n hn] at hwf hd ⊢
  refine denotesIn_networkLayers (fun i hi => ?_) (hfit n hn) (by simpa using hwf) hd
  have hi' : i < n := by simpa using hi
  simp only [getD_offsets hi]
  simp [P, List.take_replicate, Nat.min_eq_left (Nat.le_of_lt hi')]

end StageTmpl

end Logprec
