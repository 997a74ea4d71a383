import Logprec.Space.Basic
import Logprec.Space.Defs

/-!
# Programs as subroutines: proofs

A program run as a subroutine, with numbers cut off at a bound, computes its value. About the definitions in
`Logprec.Space.Defs`.
-/

namespace Logprec.Space

/-! ## Where nothing is cut off -/

/-- The peak only grows. -/
theorem Prog.le_peak_run (x : List Bool) (P : Prog) (s : State) : s.peak ≤ (P.run x s).peak := by
  induction P generalizing s with
  | skip => exact Nat.le_refl _
  | set r e => exact Nat.le_max_left _ _
  | emit e => exact Nat.le_max_left _ _
  | seq P Q ihP ihQ => exact Nat.le_trans (ihP s) (ihQ _)
  | ite e P Q ihP ihQ =>
    rw [run]
    split
    · exact Nat.le_trans (Nat.le_max_left _ _) (ihP (s.see x e))
    · exact Nat.le_trans (Nat.le_max_left _ _) (ihQ (s.see x e))
  | loop r e P ih =>
    rw [run]
    suffices H : ∀ (l : List Nat) (s : State),
        s.peak ≤ (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).peak from
      Nat.le_trans (Nat.le_max_left _ _) (H _ (s.see x e))
    intro l
    induction l with
    | nil => exact fun s => Nat.le_refl _
    | cons i l ihl => exact fun s => Nat.le_trans (ih { s with regs := s.regs.set r i }) (ihl _)

/-- A run within the bound is not changed by cutting off. -/
theorem Prog.clamped_eq {P : Prog} {b : Nat} {s : State} (h : (P.run [] s).peak ≤ b) :
    P.clamped b s.regs = (P.run [] s).regs := by
  have see {e : Expr} {s : State} (h : (s.see [] e).peak ≤ b) : e.eval [] s.regs ≤ b :=
    Nat.le_trans (Expr.eval_le_peak [] s.regs e) (Nat.le_trans (Nat.le_max_right _ _) h)
  induction P generalizing s with
  | skip => rfl
  | emit e => rfl
  | set r e => simp only [clamped, run, Nat.min_eq_left (see (e := e) (s := s) h)]
  | seq P Q ihP ihQ =>
    rw [clamped, ihP (Nat.le_trans (Q.le_peak_run [] _) h), ihQ h]
    rfl
  | ite e P Q ihP ihQ =>
    rw [run] at h ⊢
    rw [clamped]
    split
    · rename_i hc
      rw [if_pos hc] at h
      exact ihP h
    · rename_i hc
      rw [if_neg hc] at h
      exact ihQ h
  | loop r e P ih =>
    have grow : ∀ (l : List Nat) (s : State),
        s.peak ≤ (l.foldl (fun s i => P.run [] { s with regs := s.regs.set r i }) s).peak := by
      intro l
      induction l with
      | nil => exact fun s => Nat.le_refl _
      | cons i l ihl => exact fun s => Nat.le_trans (P.le_peak_run [] { s with regs := s.regs.set r i }) (ihl _)
    have fold : ∀ (l : List Nat) (s : State),
        (l.foldl (fun s i => P.run [] { s with regs := s.regs.set r i }) s).peak ≤ b →
        l.foldl (fun u i => P.clamped b (u.set r i)) s.regs =
          (l.foldl (fun s i => P.run [] { s with regs := s.regs.set r i }) s).regs := by
      intro l
      induction l with
      | nil => exact fun s _ => rfl
      | cons i l ihl =>
        intro s h
        rw [List.foldl_cons, List.foldl_cons] at *
        rw [← ihl _ h, ih (s := { s with regs := s.regs.set r i }) (Nat.le_trans (grow l _) h)]
    rw [run] at h ⊢
    rw [clamped, Nat.min_eq_left (see (e := e) (s := s) (Nat.le_trans (grow _ _) h))]
    exact fold _ (s.see [] e) h

/-- Registers stay within the bound. -/
theorem Prog.clamped_le {P : Prog} {b Y : Nat} (hb : b + 2 ≤ Y) {u : Regs} (hu : ∀ r, u.get r + 2 ≤ Y) :
    ∀ r, (P.clamped b u).get r + 2 ≤ Y := by
  have set {u : Regs} {r v : Nat} (hu : ∀ r, u.get r + 2 ≤ Y) (hv : v ≤ b) : ∀ r', (u.set r v).get r' + 2 ≤ Y := by
    intro r'
    rw [Regs.get_set]
    split
    · omega
    · exact hu r'
  induction P generalizing u with
  | skip => exact hu
  | emit e => exact hu
  | set r e => exact set hu (Nat.min_le_right _ _)
  | seq P Q ihP ihQ => exact ihQ (ihP hu)
  | ite e P Q ihP ihQ =>
    rw [clamped]
    split
    · exact ihP hu
    · exact ihQ hu
  | loop r e P ih =>
    rw [clamped]
    have : ∀ i ∈ List.range (min (e.eval [] u) b), i ≤ b := fun i hi => by
      simp only [List.mem_range] at hi; omega
    generalize List.range _ = l at this
    induction l generalizing u with
    | nil => exact hu
    | cons i l ihl => exact ihl (ih (set hu (this i (by simp)))) fun i hi => this i (by simp [hi])

/-! ## Inside another program -/

/-- The value of an embedded expression, and the bound on its parts. -/
theorem Expr.embed_spec (e : Expr) {x : List Bool} {s u : Regs} {base N Y : Nat} (hN : e.registers ≤ N) (hY : 2 ≤ Y)
    (hs : ∀ r < N, s.get (base + r) = u.get r) (hu : ∀ r, u.get r + 2 ≤ Y) :
    (e.embed base).eval x s = e.eval [] u ∧ (e.embed base).peak x s + 2 ≤ Y ^ e.deg := by
  have bin {v a b da db : Nat} (hv : v + 2 ≤ (a + 2) * (b + 2)) (ha : a + 2 ≤ Y ^ da) (hb : b + 2 ≤ Y ^ db) :
      max v (max a b) + 2 ≤ Y ^ (da + db) := by
    rw [Nat.pow_add]
    have h := Nat.mul_le_mul ha hb
    have h₁ : (a + 2) * (b + 2) = a * b + 2 * a + 2 * b + 4 := by grind
    omega
  induction e with
  | lit n =>
    refine ⟨rfl, ?_⟩
    have h₁ : n < 2 ^ (n.log2 + 1) := Nat.lt_log2_self
    have h₂ : 2 ^ (n.log2 + 2) ≤ Y ^ (n.log2 + 2) := Nat.pow_le_pow_left hY _
    have h₃ : 2 ^ (n.log2 + 2) = 2 * 2 ^ (n.log2 + 1) := Nat.pow_succ'
    have h₄ : 2 ^ (n.log2 + 1) = 2 * 2 ^ n.log2 := Nat.pow_succ'
    have h₅ : 0 < 2 ^ n.log2 := Nat.two_pow_pos _
    simp only [embed, peak, eval, deg]
    omega
  | reg r =>
    have h := hs r hN
    exact ⟨h, by simpa only [embed, peak, eval, deg, h, Nat.pow_one] using hu r⟩
  | len => exact ⟨rfl, by simpa [embed, peak, eval, deg] using hY⟩
  | inputBit i ih =>
    obtain ⟨ei, pi⟩ := ih hN
    refine ⟨by simp [embed, eval], ?_⟩
    have : Y ^ i.deg ≤ Y ^ (i.deg + 1) := Nat.pow_le_pow_right (by omega) (by omega)
    simp only [embed, peak, eval, deg]
    omega
  | add a b iha ihb | sub a b iha ihb | mul a b iha ihb | div a b iha ihb | mod a b iha ihb | eq a b iha ihb
  | lt a b iha ihb =>
    simp only [registers, Nat.max_le] at hN
    obtain ⟨ea, pa⟩ := iha hN.1
    obtain ⟨eb, pb⟩ := ihb hN.2
    refine ⟨by simp only [embed, eval, ea, eb], bin ?_ pa pb⟩
    have la := Expr.eval_le_peak x s (a.embed base)
    have lb := Expr.eval_le_peak x s (b.embed base)
    generalize ha : (a.embed base).eval x s = v at la
    generalize hb : (b.embed base).eval x s = w at lb
    have h := Nat.mul_le_mul la lb
    have h₁ : ((a.embed base).peak x s + 2) * ((b.embed base).peak x s + 2) =
      (a.embed base).peak x s * (b.embed base).peak x s + 2 * (a.embed base).peak x s
        + 2 * (b.embed base).peak x s + 4 := by grind
    have h₂ := Nat.div_le_self v w
    have h₃ := Nat.mod_le v w
    have h₄ := Bool.toNat_le (decide (v = w))
    have h₅ := Bool.toNat_le (decide (v < w))
    simp only [eval, ha, hb]
    omega

private theorem pow_le_of {X B d d' : Nat} (hX : 2 ≤ X) (hB : X ^ d ≤ B) (h : d' ≤ d) : X ^ d' ≤ B :=
  Nat.le_trans (Nat.pow_le_pow_right (by omega) h) hB

/-- What an embedded program does: it prints nothing, leaves the registers below `base` alone, handles no number above
`Y ^ deg`, and its registers end as those of `Prog.clamped`. -/
theorem Prog.run_embed (P : Prog) {x : List Bool} {s : State} {u : Regs} {c base N b Y B : Nat} (hc : c < base)
    (hN : P.registers ≤ N) (hY : b + 2 ≤ Y) (hB : Y ^ P.deg ≤ B) (hB' : Y ≤ B)
    (hs : ∀ r < N, s.regs.get (base + r) = u.get r) (hu : ∀ r, u.get r + 2 ≤ Y) (hb : s.regs.get c = b) :
    Step B base [] s ((P.embed c base).run x s) ∧
      ∀ r < N, ((P.embed c base).run x s).regs.get (base + r) = (P.clamped b u).get r := by
  have cut {s : State} {u : Regs} {e : Expr} (hN : e.registers ≤ N) (hB : Y ^ e.deg ≤ B)
      (hs : ∀ r < N, s.regs.get (base + r) = u.get r) (hu : ∀ r, u.get r + 2 ≤ Y) (hb : s.regs.get c = b) :
      ((e.embed base).cutOff c).eval x s.regs = min (e.eval [] u) b ∧ ((e.embed base).cutOff c).peak x s.regs ≤ B := by
    obtain ⟨h₁, h₂⟩ := e.embed_spec (x := x) hN (by omega) hs hu
    have h₃ := Expr.eval_le_peak x s.regs (e.embed base)
    simp only [Expr.cutOff, Expr.eval, Expr.peak, hb, h₁] at h₃ ⊢
    omega
  induction P generalizing s u with
  | skip => exact ⟨.refl _ _ _, hs⟩
  | emit e => exact ⟨.refl _ _ _, hs⟩
  | set r e =>
    simp only [registers, Nat.max_le] at hN
    obtain ⟨h₁, h₂⟩ := cut hN.2 hB hs hu hb
    refine ⟨.set h₂ (by omega), fun r' hr' => ?_⟩
    simp only [embed, run, clamped, h₁, Regs.get_set, hs r' hr', Nat.add_left_cancel_iff]
  | seq P Q ihP ihQ =>
    simp only [registers, Nat.max_le] at hN
    simp only [deg] at hB
    obtain ⟨h₁, h₂⟩ := ihP hN.1 (pow_le_of (by omega) hB (by omega)) hs hu hb
    obtain ⟨h₃, h₄⟩ := ihQ (s := (P.embed c base).run x s) hN.2 (pow_le_of (by omega) hB (by omega)) h₂
      (clamped_le hY hu) ((h₁.keep c hc).trans hb)
    exact ⟨h₁.next h₃ (Nat.le_refl _), h₄⟩
  | ite e P Q ihP ihQ =>
    simp only [registers, Nat.max_le] at hN
    simp only [deg] at hB
    obtain ⟨h₁, h₂⟩ := e.embed_spec (x := x) hN.1 (by omega) hs hu
    have h₃ := pow_le_of (d' := e.deg) (by omega) hB (by omega)
    have hsee : Step B base [] s (s.see x (e.embed base)) := .see (by omega)
    simp only [embed, run, clamped, h₁]
    split
    · obtain ⟨h₄, h₅⟩ := ihP (s := s.see x (e.embed base)) hN.2.1 (pow_le_of (by omega) hB (by omega)) hs hu hb
      exact ⟨hsee.next h₄ (Nat.le_refl _), h₅⟩
    · obtain ⟨h₄, h₅⟩ := ihQ (s := s.see x (e.embed base)) hN.2.2 (pow_le_of (by omega) hB (by omega)) hs hu hb
      exact ⟨hsee.next h₄ (Nat.le_refl _), h₅⟩
  | loop r e P ih =>
    simp only [registers, Nat.max_le] at hN
    simp only [deg] at hB
    obtain ⟨h₁, h₂⟩ := cut hN.2.1 (pow_le_of (by omega) hB (by omega)) hs hu hb
    have small : ∀ n ≤ b, ∀ r', ((List.range n).foldl (fun u i => P.clamped b (u.set r i)) u).get r' + 2 ≤ Y := by
      intro n
      induction n with
      | zero => exact fun _ => hu
      | succ n ihn =>
        intro hn
        rw [List.range_succ, List.foldl_append]
        refine clamped_le hY fun r' => ?_
        have := ihn (by omega) r'
        rw [Regs.get_set]
        split <;> omega
    have h := Step.loop (x := x) (s := s) (B := B) (j := base) (r := base + r) (e := (e.embed base).cutOff c)
      (P := P.embed c base) (new := fun _ => []) (fun n s => ∀ r' < N, s.regs.get (base + r') =
        ((List.range n).foldl (fun u i => P.clamped b (u.set r i)) u).get r') h₂ (by omega) hs (by
        intro i hi s' hI hkeep
        rw [h₁] at hi
        have := ih (s := { s' with regs := s'.regs.set (base + r) i })
          (u := ((List.range i).foldl (fun u i => P.clamped b (u.set r i)) u).set r i) hN.2.2
          (pow_le_of (by omega) hB (by omega))
          (fun r' hr' => by simp only [Regs.get_set, Nat.add_left_cancel_iff, hI r' hr'])
          (fun r' => by
            have := small i (by omega) r'
            rw [Regs.get_set]
            split <;> omega)
          ((Regs.get_set_ne (by omega)).trans ((hkeep c hc).trans hb))
        simpa only [List.range_succ, List.foldl_append] using this)
    rw [List.flatMap_eq_nil_iff.2 fun _ _ => rfl, h₁] at h
    exact h

end Logprec.Space
