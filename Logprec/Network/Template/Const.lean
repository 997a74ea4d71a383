import Logprec.Template.Beside
import Logprec.Template.Finite
import Logprec.Template.Fold

/-!
# Templates of fixed circuits

A fixed circuit has a template without loops. One of finitely many fixed circuits, all of the same depth, that a term
selects, has a template of case distinctions.
-/

namespace Logprec

/-- The template of a fixed layer. -/
def Tmpl.const (L : Layer) : Tmpl := seqs <| L.items.map fun
  | .gate atLeast k => gate atLeast (.lit k)
  | .wire src mult => wire (.lit src) (.lit mult)

/-- The template of a fixed circuit lists it. -/
theorem Lists.const (ρ : List Nat) (C : Circuit) :
    Lists ρ (C.map Tmpl.const) (C.map fun L => .lit L.length) C where
  denotes := by
    rw [DenotesIn, List.map_map]
    refine List.map_congr_left fun L _ => ?_
    rw [Function.comp, Tmpl.const, Tmpl.items_seqs, List.flatMap_map]
    refine (flatMap_congr (g := fun i => [i]) fun i _ => ?_).trans (List.flatMap_singleton' _)
    cases i <;> rfl
  widths := by simp

/-- One of the lists `f 0`, …, `f (b - 1)`, which have length `d`: that of the value of `t`, element by element; `ite`
distinguishes cases between elements. -/
def cases {α : Type} (ite : Term → α → α → α) (default : α) (d : Nat) (t : Term) : (b : Nat) → (Nat → List α) → List α
  | 0, _ => List.replicate d default
  | b + 1, f => List.zipWith (ite (.eq t (.lit b))) (f b) (cases ite default d t b f)

/-- The length of this list. -/
theorem length_cases {α : Type} {ite : Term → α → α → α} {default : α} {d : Nat} {t : Term} {f : Nat → List α} :
    ∀ {b : Nat}, (∀ v < b, (f v).length = d) → (cases ite default d t b f).length = d
  | 0, _ => List.length_replicate
  | b + 1, h => by
    rw [cases, List.length_zipWith, h b (by omega), length_cases fun v hv => h v (by omega), Nat.min_self]

/-- **One of finitely many circuits.** -/
theorem Lists.cases {ρ : List Nat} {t : Term} {d : Nat} {ts : Nat → List Tmpl} {ws : Nat → List Term}
    {C : Nat → Circuit} : ∀ {b : Nat}, t.eval ρ < b → (∀ v < b, Lists ρ (ts v) (ws v) (C v) ∧ (C v).length = d) →
    Lists ρ (Logprec.cases .ite .nil d t b ts) (Logprec.cases .ite 0 d t b ws) (C (t.eval ρ))
  | 0, h, _ => by omega
  | b + 1, h, hC => by
    have e : C (t.eval ρ) = if (Term.eq t (.lit b)).eval ρ ≠ 0 then C b else C (t.eval ρ) := by
      by_cases hb : t.eval ρ = b <;> simp [hb]
    have lt : ∀ v < b + 1, (ts v).length = d := fun v hv => (hC v hv).1.length_eq.trans (hC v hv).2
    have lw : ∀ v < b + 1, (ws v).length = d := fun v hv => (hC v hv).1.length_widths.trans (hC v hv).2
    rw [e]
    refine Lists.ite (fun _ => (hC b (by omega)).1) (fun hb => Lists.cases (b := b) ?_ fun v hv => hC v (by omega))
      ?_ ?_
    · have : t.eval ρ ≠ b := by simpa using hb
      omega
    · rw [lt b (by omega), length_cases fun v hv => lt v (by omega)]
    · rw [lw b (by omega), length_cases fun v hv => lw v (by omega)]

end Logprec
