import Logprec.Arith.Construct
import Logprec.Arith.Lookup
import Logprec.Arith.Template.IteratedSum
import Logprec.Template.Lists

/-!
# The template of look-ups: proofs

The template lists the look-up circuit of a function that is given by a term (the paper's Lemma 2). About the
definitions in `Logprec.Arith.Construct`.
-/

namespace Logprec

namespace Term

@[simp] theorem eval_swap (t : Term) (a b : Nat) (ρ : List Nat) : t.swap.eval (a :: b :: ρ) = t.eval (b :: a :: ρ) :=
  eval_rename t fun i => match i with
    | 0 => by simp
    | 1 => by simp
    | i + 2 => by simp

end Term

namespace Tmpl

open Term

private theorem sum_toNat_ne_zero (p : Nat → Bool) (m : Nat) :
    min ((List.range m).map fun j => (p j).toNat).sum m ≠ 0 ↔ ∃ j < m, p j = true := by
  rw [← length_filter_eq_sum]
  have h := List.length_filter_le p (List.range m)
  rw [List.length_range] at h
  rw [Nat.min_eq_left h, ← Nat.pos_iff_ne_zero, List.length_pos_iff_exists_mem]
  simp

private theorem mod_ne_zero_iff (a m : Nat) : a % 2 ^ m ≠ 0 ↔ ∃ j < m, a.testBit j = true := by
  constructor
  · intro h
    obtain ⟨j, hj⟩ := Nat.exists_testBit_of_ne_zero h
    rw [Nat.testBit_mod_two_pow, Bool.and_eq_true, decide_eq_true_iff] at hj
    exact ⟨j, hj.1, hj.2⟩
  · rintro ⟨j, hj, h⟩ e
    have : (a % 2 ^ m).testBit j = true := by simp [Nat.testBit_mod_two_pow, hj, h]
    simp [e] at this

/-- The template of look-ups lists their circuits. -/
theorem denotesIn_lookup {ρ : List Nat} {k m rows value : Term} {F : Nat → Nat}
    (hrows : rows.eval ρ = 2 ^ k.eval ρ)
    (hvalue : ∀ a < 2 ^ k.eval ρ, ∀ j < m.eval ρ, value.eval (a :: j :: ρ) = ((F a).testBit j).toNat) :
    DenotesIn ρ (lookup k m rows value) (Circuit.lookup (k.eval ρ) (m.eval ρ) F) := by
  simp only [DenotesIn, lookup, Circuit.lookup_eq, List.map_cons, List.map_nil, List.cons.injEq, and_true]
  refine ⟨?_, ?_, ?_⟩
  · simp [items, Circuit.literals, Layer.items, List.flatMap_append, List.flatMap_map, Gate.copy, Gate.none, Gate.items,
      Wire.item]
  · simp only [items, Layer.items, List.flatMap_map, hrows]
    refine flatMap_congr fun a ha => ?_
    have ha := List.mem_range.1 ha
    have hsum : (sum m.up m.up value.swap).eval (a :: ρ) ≠ 0 ↔ F a % 2 ^ m.eval ρ ≠ 0 := by
      rw [eval_sum, eval_up, mod_ne_zero_iff, ← sum_toNat_ne_zero, List.map_congr_left]
      intro j hj
      rw [eval_swap, hvalue a ha j (List.mem_range.1 hj)]
    by_cases h : F a % 2 ^ m.eval ρ = 0
    · rw [if_neg (by rw [hsum]; simpa using h), if_pos h]
      simp [Gate.items_any]
    · rw [if_pos (hsum.2 h), if_neg h]
      simp only [Circuit.minterm, Gate.items_all, List.length_map, List.length_range, List.map_map, eval_up, eval_ite,
        eval_testBit, eval_var, eval_add, eval_ofNat, List.getD_cons_succ, List.getD_cons_zero, ← List.map_eq_flatMap,
        List.cons_append, List.nil_append]
      congr 1
      refine List.map_congr_left fun i _ => ?_
      cases h : a.testBit i <;> simp [h]
  · simp only [items, Layer.items, List.flatMap_map, Gate.items_any, eval_up, hrows, eval_var, eval_ofNat,
      List.getD_cons_zero, List.cons_append, List.nil_append]
    refine flatMap_congr fun j hj => ?_
    have hj := List.mem_range.1 hj
    rw [← flatMap_ite_filter (p := fun a => (F a).testBit j)]
    congr 1
    refine flatMap_congr fun a ha => ?_
    rw [hvalue a (List.mem_range.1 ha) j hj]

end Tmpl

/-- Look-ups. -/
theorem Lists.lookup {k m rows value : Term} {F : Nat → Nat} (hrows : rows.eval ρ = 2 ^ k.eval ρ)
    (hvalue : ∀ a < 2 ^ k.eval ρ, ∀ j < m.eval ρ, value.eval (a :: j :: ρ) = ((F a).testBit j).toNat) :
    Lists ρ (Tmpl.lookup k m rows value) [k + k, rows, m] (Circuit.lookup (k.eval ρ) (m.eval ρ) F) :=
  ⟨Tmpl.denotesIn_lookup hrows hvalue, by simp [Circuit.lookup, Circuit.literals, hrows]⟩

/-- Look-ups side by side. -/
theorem Lists.par_lookup {ρ : List Nat} {count σ k m rows value : Term} {n K M : Nat} {sel : Nat → List Nat}
    {F : Nat → Nat → Nat} (hc : count.eval ρ = n) (hk : k.eval ρ = K) (hm : m.eval ρ = M)
    (hrows : rows.eval ρ = 2 ^ K)
    (hvalue : ∀ j < n, ∀ a < 2 ^ K, ∀ t < M, value.eval (a :: t :: j :: ρ) = ((F j a).testBit t).toNat)
    (hlen : ∀ j < n, (sel j).length = K)
    (hσ : ∀ j < n, ∀ i, (hi : i < (sel j).length) → σ.eval (i :: j :: ρ) = (sel j)[i]) :
    Lists ρ (Tmpl.par count σ [k + k, rows, m] (Tmpl.lookup k.up m.up rows.up value))
      ([k + k, rows, m].map (count * ·)) (Circuit.par 3 (List.range n) sel fun j => Circuit.lookup K M (F j)) := by
  subst hc hk hm
  have part : ∀ j < count.eval ρ, Lists (j :: ρ) (Tmpl.lookup k.up m.up rows.up value) [k.up + k.up, rows.up, m.up]
      (Circuit.lookup (k.eval ρ) (m.eval ρ) (F j)) := fun j hj => by
    have := Lists.lookup (ρ := j :: ρ) (k := k.up) (m := m.up) (rows := rows.up) (value := value) (F := F j)
      (by simpa using hrows) (by simpa using hvalue j hj)
    simpa using this
  refine Lists.par (ts := Tmpl.lookup k.up m.up rows.up value) (fun j hj => (part j hj).denotes) (fun j hj => ?_) rfl
    (fun j hj => hlen j hj ▸ (Circuit.computes_lookup _ _ _).wf) hσ
  simpa using (part j hj).widths

end Logprec
