import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Counters

/-!
# Arithmetic on counters: proofs

What the routines for sum, difference, product, quotient and comparison do to counters. About the definitions in
`Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

/-- With the input head on the left marker and without output, the program takes the registers `f` to the registers
`f'`. -/
def Does (x : List Bool) (B : Nat) (P : CounterProg) (f f' : Nat → Nat) : Prop :=
  ∀ o, CounterExec x B P ⟨0, f, o⟩ ⟨0, f', o⟩

/-- A loop that counts register `r` down; `F v` is the state with `v` rounds to go. -/
theorem CounterExec.count {x : List Bool} {B r n : Nat} {P : CounterProg} (F : Nat → Counters)
    (hr : ∀ v ≤ n, (F v).regs r = v) (h : ∀ v < n, CounterExec x B P (F (v + 1)) (F v)) :
    CounterExec x B (.whileDo (.pos r) P) (F n) (F 0) := by
  induction n with
  | zero => exact .done (by simp [CounterTest.eval, hr 0])
  | succ n ih =>
    exact .round (by simp [CounterTest.eval, hr (n + 1)]) (h n (by omega))
      (ih (fun v hv => hr v (by omega)) fun v hv => h v (by omega))

namespace Does

variable {x : List Bool} {B : Nat} {P Q : CounterProg} {f f' f'' : Nat → Nat} {r d : Nat}

/-- One program after another. -/
theorem seq (h : Does x B P f f') (h' : Does x B Q f' f'') : Does x B (.seq P Q) f f'' := fun o => .seq (h o) (h' o)

/-- Registers with the same values. -/
theorem congr (h : Does x B P f f') (e : ∀ i, f' i = f'' i) : Does x B P f f'' := (funext e : f' = f'') ▸ h

/-- Registers with the same values. -/
theorem congr_left (h : Does x B P f f') (e : ∀ i, f i = f'' i) : Does x B P f'' f' := (funext e : f = f'') ▸ h

/-- Adding 1. -/
theorem inc (hB : f r + 1 ≤ B) (h : ∀ i, f' i = if i = r then f r + 1 else f i) : Does x B (.cmd (.inc r)) f f' :=
  fun _ => .cmd ⟨hB, congrArg (Counters.mk _ · _) (funext h)⟩

/-- Taking 1 off. -/
theorem dec (hf : 0 < f r) (h : ∀ i, f' i = if i = r then f r - 1 else f i) : Does x B (.cmd (.dec r)) f f' :=
  fun _ => .cmd ⟨hf, congrArg (Counters.mk _ · _) (funext h)⟩

/-- The first branch. -/
theorem yes (hf : f r ≠ 0) (h : Does x B P f f') : Does x B (.ite (.pos r) P Q) f f' :=
  fun o => .yes (by simpa [CounterTest.eval] using hf) (h o)

/-- The second branch. -/
theorem no (hf : f r = 0) (h : Does x B Q f f') : Does x B (.ite (.pos r) P Q) f f' :=
  fun o => .no (by simpa [CounterTest.eval] using hf) (h o)

/-- A loop that counts register `r` down; `F v` are the registers with `v` rounds to go. -/
theorem count {n : Nat} (F : Nat → Nat → Nat) (hr : ∀ v ≤ n, F v r = v)
    (h : ∀ v < n, Does x B P (F (v + 1)) (F v)) : Does x B (.whileDo (.pos r) P) (F n) (F 0) :=
  fun o => CounterExec.count (fun v => ⟨0, F v, o⟩) hr fun v hv => h v hv o

end Does

/-! ## What they do -/

section

variable {x : List Bool} {B : Nat} {f : Nat → Nat} {r d : Nat}

/-- Nothing is done. -/
theorem does_nop : Does x B nop f f := fun _ => .cmd rfl

private theorem does_pourOne {ds : List Nat} (hr : r ∉ ds) (hds : ds.Nodup) (hf : 0 < f r)
    (hB : ∀ d ∈ ds, f d + 1 ≤ B) :
    Does x B (pourOne r ds) f fun i => if i = r then f r - 1 else if i ∈ ds then f i + 1 else f i := by
  induction ds generalizing f with
  | nil => exact .dec hf fun i => by simp
  | cons d ds ih =>
    simp only [List.mem_cons, not_or, List.nodup_cons] at hr hds
    refine (Does.inc (f' := fun i => if i = d then f d + 1 else f i) (hB d (by simp)) fun _ => rfl).seq
      ((ih hr.2 hds.2 (by simp [hr.1, hf]) fun e he => ?_).congr fun i => ?_)
    · have := hB e (by simp [he])
      grind
    · grind

/-- Pouring. -/
theorem does_pour {ds : List Nat} (hr : r ∉ ds) (hds : ds.Nodup) (hB : ∀ d ∈ ds, f d + f r ≤ B) :
    Does x B (pour r ds) f fun i => if i = r then 0 else if i ∈ ds then f i + f r else f i := by
  refine ((Does.count (n := f r) (fun v i => if i = r then v else if i ∈ ds then f i + (f r - v) else f i)
    (fun v _ => by simp) fun v hv => ?_).congr_left fun i => by grind).congr fun i => by grind
  refine (does_pourOne hr hds (by simp) fun d hd => ?_).congr fun i => ?_
  · have := hB d hd
    grind
  · grind

/-- Clearing. -/
theorem does_clear : Does x B (pour r []) f fun i => if i = r then 0 else f i :=
  (does_pour (by simp) (by simp) (by simp)).congr fun i => by simp

/-- Adding one register to another, and clearing it. -/
theorem does_pour_one (hr : r ≠ d) (hB : f d + f r ≤ B) :
    Does x B (pour r [d]) f fun i => if i = r then 0 else if i = d then f i + f r else f i :=
  (does_pour (by simpa using hr) (by simp) (by simpa using hB)).congr fun i => by simp

/-- Adding one register to two others, and clearing it. -/
theorem does_pour_two {e : Nat} (hr : r ≠ d) (hr' : r ≠ e) (hd : d ≠ e) (hB : f d + f r ≤ B) (hB' : f e + f r ≤ B) :
    Does x B (pour r [d, e]) f fun i => if i = r then 0 else if i = d ∨ i = e then f i + f r else f i :=
  (does_pour (by simp [hr, hr']) (by simpa using hd) (by simp [hB, hB'])).congr fun i => by simp

/-- The registers after an operation with the result `v`. -/
def result (f : Nat → Nat) (d v : Nat) (i : Nat) : Nat := if i = d then v else if i = d + 1 then 0 else f i

/-- Difference. -/
theorem does_sub : Does x B (subR d) f (result f d (f d - f (d + 1))) := by
  refine ((Does.count (n := f (d + 1)) (fun v i => if i = d then f d - (f (d + 1) - v) else if i = d + 1 then v
    else f i) (fun v _ => by simp) fun v hv => ?_).congr_left fun i => by grind).congr fun i => by grind [result]
  refine (Does.dec (f' := fun i => if i = d then f d - (f (d + 1) - (v + 1)) else if i = d + 1 then v else f i)
    (by simp) fun i => by grind).seq ?_
  by_cases h : f d - (f (d + 1) - (v + 1)) = 0
  · exact .no (by simpa using h) (does_nop.congr fun i => by grind)
  · exact .yes (by simpa using h) (.dec (by simp; omega) fun i => by grind)

/-- Product. -/
theorem does_mul (h₂ : f (d + 2) = 0) (h₃ : f (d + 3) = 0) (hB : f d ≤ B) (hB' : f d * f (d + 1) ≤ B) :
    Does x B (mulR d) f (result f d (f d * f (d + 1))) := by
  refine (does_pour_one (by omega) (by omega)).seq (.seq ((Does.count (n := f (d + 1)) (fun v i =>
    if i = d then f d * (f (d + 1) - v) else if i = d + 1 then v else if i = d + 2 then f d else f i)
    (fun v _ => by simp) fun v hv => ?_).congr_left fun i => by grind) (does_clear.congr fun i => by grind [result]))
  have hm : f d * (f (d + 1) - v) = f d * (f (d + 1) - (v + 1)) + f d := by
    rw [← Nat.mul_succ]; congr 1; omega
  have hm' : f d * (f (d + 1) - v) ≤ B := Nat.le_trans (Nat.mul_le_mul_left _ (Nat.sub_le _ _)) hB'
  dsimp only
  generalize f d * (f (d + 1) - v) = m at hm hm' ⊢
  generalize f d * (f (d + 1) - (v + 1)) = m' at hm ⊢
  refine (Does.dec (f' := fun i => if i = d then m' else if i = d + 1 then v else if i = d + 2 then f d else f i)
    (by simp) fun i => by grind).seq ?_
  refine (does_pour_two (by omega) (by omega) (by omega) (by simp; omega) (by simp; omega)).seq ?_
  exact (does_pour_one (by omega) (by simp; omega)).congr fun i => by grind

private theorem succ_div_mod {b : Nat} (hb : 0 < b) (c : Nat) :
    (c % b + 1 < b ∧ (c + 1) % b = c % b + 1 ∧ (c + 1) / b = c / b) ∨
      (c % b + 1 = b ∧ (c + 1) % b = 0 ∧ (c + 1) / b = c / b + 1) := by
  have h := Nat.mod_lt c hb
  have h₁ := Nat.div_add_mod c b
  by_cases h₂ : c % b + 1 < b
  · have := (Nat.div_mod_unique (a := c + 1) (d := c / b) (c := c % b + 1) hb).2 ⟨by omega, h₂⟩
    exact .inl ⟨h₂, this.2, this.1⟩
  · have := (Nat.div_mod_unique (a := c + 1) (d := c / b + 1) (c := 0) hb).2 ⟨by rw [Nat.mul_add]; omega, hb⟩
    exact .inr ⟨by omega, this.2, this.1⟩

/-- The registers after the loop of a division. -/
private theorem does_divMod (h₂ : f (d + 2) = 0) (h₃ : f (d + 3) = 0) (hB : f d ≤ B) (hB' : f (d + 1) ≤ B) :
    Does x B (.whileDo (.pos d) (divModOne d)) f fun i =>
      if i = d then 0 else if i = d + 1 then f (d + 1) - f d % f (d + 1) else if i = d + 2 then f d % f (d + 1)
      else if i = d + 3 then f d / f (d + 1) else f i := by
  generalize ha : f d = a at hB ⊢
  generalize hb : f (d + 1) = b at hB' ⊢
  refine ((Does.count (n := a) (fun v i => if i = d then v else if i = d + 1 then b - (a - v) % b
    else if i = d + 2 then (a - v) % b else if i = d + 3 then (a - v) / b else f i)
    (fun v _ => by simp) fun v hv => ?_).congr_left fun i => by
      simp only [Nat.sub_self, Nat.zero_mod, Nat.zero_div, Nat.sub_zero]; grind).congr fun i => by simp
  obtain ⟨c, hc⟩ : ∃ c, a - (v + 1) = c := ⟨_, rfl⟩
  have hc' : a - v = c + 1 := by omega
  dsimp only
  rw [hc, hc']
  have hm := Nat.mod_le c b
  have hd := Nat.div_le_self c b
  refine (Does.dec (f' := fun i => if i = d then v else if i = d + 1 then b - c % b
    else if i = d + 2 then c % b else if i = d + 3 then c / b else f i) (by simp) fun i => by grind).seq ?_
  refine (Does.inc (f' := fun i => if i = d then v else if i = d + 1 then b - c % b
    else if i = d + 2 then c % b + 1 else if i = d + 3 then c / b else f i) (by simp; omega) fun i => by grind).seq ?_
  by_cases hb0 : b = 0
  · exact .no (by simp [hb0]) (does_nop.congr fun i => by subst hb0; simp)
  · have hlt := Nat.mod_lt c (Nat.pos_of_ne_zero hb0)
    refine .yes (by simp; omega) ((Does.dec (f' := fun i => if i = d then v else if i = d + 1 then b - c % b - 1
      else if i = d + 2 then c % b + 1 else if i = d + 3 then c / b else f i) (by simp; omega)
      fun i => by grind).seq ?_)
    rcases succ_div_mod (Nat.pos_of_ne_zero hb0) c with ⟨h, h', h''⟩ | ⟨h, h', h''⟩
    · rw [h', h'']
      exact .yes (by simp; omega) (does_nop.congr fun i => by grind)
    · rw [h', h'']
      refine .no (by simp; omega) ((Does.inc (f' := fun i => if i = d then v else if i = d + 1 then b - c % b - 1
        else if i = d + 2 then c % b + 1 else if i = d + 3 then c / b + 1 else f i) (by simp; omega)
        fun i => by grind).seq ?_)
      exact (does_pour_one (by omega) (by simp; omega)).congr fun i => by grind

/-- Quotient. -/
theorem does_div (h₂ : f (d + 2) = 0) (h₃ : f (d + 3) = 0) (hB : f d ≤ B) (hB' : f (d + 1) ≤ B) :
    Does x B (divR d) f (result f d (f d / f (d + 1))) := by
  have := Nat.div_le_self (f d) (f (d + 1))
  refine (does_divMod h₂ h₃ hB hB').seq (does_clear.seq (does_clear.seq
    ((does_pour_one (by omega) (by simp; omega)).congr fun i => by grind [result])))

/-- Remainder. -/
theorem does_mod (h₂ : f (d + 2) = 0) (h₃ : f (d + 3) = 0) (hB : f d ≤ B) (hB' : f (d + 1) ≤ B) :
    Does x B (modR d) f (result f d (f d % f (d + 1))) := by
  have := Nat.mod_le (f d) (f (d + 1))
  refine (does_divMod h₂ h₃ hB hB').seq (does_clear.seq (does_clear.seq
    ((does_pour_one (by omega) (by simp; omega)).congr fun i => by grind [result])))

private theorem does_diff (h₂ : f (d + 2) = 0) (hB : f d ≤ B) :
    Does x B (diffR d) f fun i => if i = d then 0 else if i = d + 1 then f (d + 1) - f d
      else if i = d + 2 then f d - f (d + 1) else f i := by
  refine ((Does.count (n := f d) (fun v i => if i = d then v else if i = d + 1 then f (d + 1) - (f d - v)
    else if i = d + 2 then f d - v - f (d + 1) else f i)
    (fun v _ => by simp) fun v hv => ?_).congr_left fun i => by grind).congr fun i => by simp
  refine (Does.dec (f' := fun i => if i = d then v else if i = d + 1 then f (d + 1) - (f d - (v + 1))
    else if i = d + 2 then f d - (v + 1) - f (d + 1) else f i) (by simp) fun i => by grind).seq ?_
  by_cases h : f (d + 1) - (f d - (v + 1)) = 0
  · exact .no (by simpa using h) (.inc (by simp; omega) fun i => by grind)
  · exact .yes (by simpa using h) (.dec (by simp; omega) fun i => by grind)

/-- Equality. -/
theorem does_eq (h₂ : f (d + 2) = 0) (hB : f d ≤ B) (hB' : (decide (f d = f (d + 1))).toNat ≤ B) :
    Does x B (eqR d) f (result f d (decide (f d = f (d + 1))).toNat) := by
  refine (does_diff h₂ hB).seq ?_
  by_cases h : f (d + 1) - f d = 0
  · refine .no (by simpa using h) ?_
    by_cases h' : f d - f (d + 1) = 0
    · have e : f d = f (d + 1) := by omega
      simp only [e, decide_true, Bool.toNat_true] at hB' ⊢
      exact .no (by simp) (.inc (by simpa using hB') fun i => by grind [result])
    · have e : f d ≠ f (d + 1) := by omega
      simp only [e, decide_false, Bool.toNat_false]
      exact .yes (by simpa using h') (does_clear.congr fun i => by grind [result])
  · have e : f d ≠ f (d + 1) := by omega
    simp only [e, decide_false, Bool.toNat_false]
    exact .yes (by simpa using h) (does_clear.congr fun i => by grind [result])

/-- Order. -/
theorem does_lt (h₂ : f (d + 2) = 0) (hB : f d ≤ B) (hB' : (decide (f d < f (d + 1))).toNat ≤ B) :
    Does x B (ltR d) f (result f d (decide (f d < f (d + 1))).toNat) := by
  refine (does_diff h₂ hB).seq (does_clear.seq ?_)
  by_cases h : f (d + 1) - f d = 0
  · have e : ¬ f d < f (d + 1) := by omega
    simp only [e, decide_false, Bool.toNat_false]
    exact .no (by simp [h]) (does_nop.congr fun i => by grind [result])
  · have e : f d < f (d + 1) := by omega
    simp only [e, decide_true, Bool.toNat_true] at hB' ⊢
    exact .yes (by simpa using h) (does_clear.seq (.inc (by simpa using hB') fun i => by grind [result]))

end

end Logprec.Turing
