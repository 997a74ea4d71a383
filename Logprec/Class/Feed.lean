import Logprec.Class.Complement

/-!
# Programs that read what other programs print

`Prog.feed` turns a program that prints into one that hands every number to a handler, which is a program too, instead
of printing it. So a log-space generated list may be rewritten by a handler while it is generated, in logarithmic
space, and two such lists may be rewritten one after the other by handlers that share registers.
-/

namespace Logprec

namespace Space

/-! ## What a program does not see -/

/-- Every number that a program prints is at most its peak. -/
theorem Prog.out_le_peak (x : List Bool) (P : Prog) {s : State} (h : ∀ a ∈ s.out, a ≤ s.peak) :
    ∀ a ∈ (P.run x s).out, a ≤ (P.run x s).peak := by
  have see {s : State} (e : Expr) (h : ∀ a ∈ s.out, a ≤ s.peak) : ∀ a ∈ (s.see x e).out, a ≤ (s.see x e).peak :=
    fun a ha => Nat.le_trans (h a ha) (Nat.le_max_left ..)
  induction P generalizing s with
  | skip => exact h
  | set r e => exact see e h
  | seq P Q ihP ihQ => exact ihQ (ihP h)
  | ite e P Q ihP ihQ =>
    rw [run]
    split
    · exact ihP (see e h)
    · exact ihQ (see e h)
  | loop r e P ih =>
    have rounds (l : List Nat) : ∀ {s : State}, (∀ a ∈ s.out, a ≤ s.peak) →
        ∀ a ∈ (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).out,
          a ≤ (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).peak := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun {s} h => ihl (ih (s := { s with regs := s.regs.set r i }) h)
    exact rounds _ (see e h)
  | emit e =>
    intro a ha
    rcases List.mem_cons.1 ha with rfl | ha
    · exact Nat.le_trans (e.eval_le_peak x s.regs) (Nat.le_max_right ..)
    · exact see e h a ha

/-- The numbers of a log-space generated list are polynomial. -/
theorem LogSpaceGenerated.le_pow {F : Nat → List Nat} (h : LogSpaceGenerated F) :
    ∃ c, ∀ n, ∀ a ∈ F n, a ≤ (n + 2) ^ c := by
  obtain ⟨P, c, hP⟩ := h
  refine ⟨c, fun n a ha => ?_⟩
  obtain ⟨hout, hpeak⟩ := hP n
  rw [← hout, Prog.output, List.mem_reverse] at ha
  exact Nat.le_trans (P.out_le_peak _ (by simp) a ha) hpeak

/-- The states agree in the registers below `b` and in the output; the second peak is at most the first, or `M`. -/
structure Agree (b M : Nat) (u t : State) : Prop where
  /-- The registers below `b`. -/
  regs : ∀ r < b, t.regs.get r = u.regs.get r
  /-- The output. -/
  out : t.out = u.out
  /-- The peak. -/
  peak_le : t.peak ≤ max u.peak M

namespace Agree

variable {b M : Nat} {u t : State} {x : List Bool} {e : Expr}

private theorem see (H : Agree b M u t) (he : e.bound ≤ b) : Agree b M (u.see x e) (t.see x e) where
  regs := H.regs
  out := H.out
  peak_le := by
    have := H.peak_le
    have := Expr.peak_congr (x := x) (s := u.regs) (t := t.regs) (e := e) fun r hr => H.regs r (by omega)
    simp only [State.see]
    omega

/-- Writing a register. -/
theorem write (H : Agree b M u t) (r v : Nat) :
    Agree b M { u with regs := u.regs.set r v } { t with regs := t.regs.set r v } :=
  ⟨fun r' hr' => by simp only [Regs.get_set, H.regs r' hr'], H.out, H.peak_le⟩

private theorem eval (H : Agree b M u t) (he : e.bound ≤ b) : e.eval x t.regs = e.eval x u.regs :=
  Expr.eval_congr fun r hr => H.regs r (by omega)

/-- A program that uses the registers below `b` only does the same to both states, and leaves the other registers
alone. -/
theorem run (P : Prog) (H : Agree b M u t) (hP : P.bound ≤ b) :
    Agree b M (P.run x u) (P.run x t) ∧ ∀ r, b ≤ r → (P.run x t).regs.get r = t.regs.get r := by
  induction P generalizing u t with
  | skip => exact ⟨H, fun _ _ => rfl⟩
  | set r e =>
    simp only [Prog.bound] at hP
    simp only [Prog.run, H.eval (show e.bound ≤ b by omega)]
    exact ⟨(H.see (by omega)).write _ _, fun r' hr' => Regs.get_set_ne (by omega)⟩
  | seq P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    obtain ⟨h₁, h₂⟩ := ihP H (by omega)
    obtain ⟨h₃, h₄⟩ := ihQ h₁ (by omega)
    exact ⟨h₃, fun r hr => (h₄ r hr).trans (h₂ r hr)⟩
  | ite e P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    simp only [Prog.run, H.eval (show e.bound ≤ b by omega)]
    split
    · exact ihP (H.see (by omega)) (by omega)
    · exact ihQ (H.see (by omega)) (by omega)
  | loop r e P ih =>
    simp only [Prog.bound] at hP
    simp only [Prog.run, H.eval (show e.bound ≤ b by omega)]
    have rounds (l : List Nat) : ∀ {u t : State}, Agree b M u t →
        Agree b M (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) u)
          (l.foldl (fun t i => P.run x { t with regs := t.regs.set r i }) t) ∧ ∀ r', b ≤ r' →
          (l.foldl (fun t i => P.run x { t with regs := t.regs.set r i }) t).regs.get r' = t.regs.get r' := by
      induction l with
      | nil => exact fun H => ⟨H, fun _ _ => rfl⟩
      | cons i l ihl =>
        intro u t H
        obtain ⟨h₁, h₂⟩ := ih (H.write r i) (by omega)
        obtain ⟨h₃, h₄⟩ := ihl h₁
        exact ⟨h₃, fun r' hr' => (h₄ r' hr').trans ((h₂ r' hr').trans (Regs.get_set_ne (by omega)))⟩
    exact rounds _ (H.see (by omega))
  | emit e =>
    simp only [Prog.bound] at hP
    simp only [Prog.run, H.eval hP]
    have H' := H.see (x := x) hP
    exact ⟨⟨H'.regs, by simp only [H.out], H'.peak_le⟩, fun _ _ => rfl⟩

/-- Greater bounds. -/
theorem mono (H : Agree b M u t) {b' M' : Nat} (hb : b' ≤ b) (hM : M ≤ M') : Agree b' M' u t :=
  ⟨fun r hr => H.regs r (by omega), H.out, Nat.le_trans H.peak_le (by omega)⟩

end Agree

/-! ## Handing over -/

/-- The expression over the registers from `off` on. -/
def Expr.moved (off : Nat) : Expr → Expr
  | lit n => lit n
  | reg r => reg (r + off)
  | len => len
  | inputBit i => inputBit (i.moved off)
  | add u v => add (u.moved off) (v.moved off)
  | sub u v => sub (u.moved off) (v.moved off)
  | mul u v => mul (u.moved off) (v.moved off)
  | div u v => div (u.moved off) (v.moved off)
  | mod u v => mod (u.moved off) (v.moved off)
  | eq u v => eq (u.moved off) (v.moved off)
  | lt u v => lt (u.moved off) (v.moved off)

/-- The program over the registers from `off` on that puts each number, in place of printing it, in register 0, and runs
the handler `H`. -/
def Prog.feed (off : Nat) (P H : Prog) : Prog :=
  match P with
  | skip => skip
  | set r e => set (r + off) (e.moved off)
  | seq P Q => seq (P.feed off H) (Q.feed off H)
  | ite e P Q => ite (e.moved off) (P.feed off H) (Q.feed off H)
  | loop r e P => loop (r + off) (e.moved off) (P.feed off H)
  | emit e => seq (set 0 (e.moved off)) H

/-- What a handler does to its state when it is given a number. -/
def Prog.handle (x : List Bool) (H : Prog) (u : State) (v : Nat) : State :=
  H.run x { u with regs := u.regs.set 0 v }

/-- What a moved expression does. -/
theorem Expr.moved_spec {off : Nat} {s t : Regs} (h : ∀ r, t.get (r + off) = s.get r) (x : List Bool) (e : Expr) :
    (e.moved off).eval x t = e.eval x s ∧ (e.moved off).peak x t = e.peak x s := by
  induction e with
  | lit => exact ⟨rfl, rfl⟩
  | len => exact ⟨rfl, rfl⟩
  | reg r => exact ⟨h r, h r⟩
  | inputBit i ih => simp only [Expr.moved, Expr.eval, Expr.peak, ih.1, ih.2, and_self]
  | _ u v ihu ihv => simp only [Expr.moved, Expr.eval, Expr.peak, ihu.1, ihv.1, ihu.2, ihv.2, and_self]

/-- The states of a program and of the one that hands over what it would print, when the handler starts in the state
`u₀`. -/
private structure Fed (b off M : Nat) (x : List Bool) (H : Prog) (u₀ s t : State) : Prop where
  regs : ∀ r, t.regs.get (r + off) = s.regs.get r
  agree : Agree b (max s.peak M) (s.out.foldr (fun v u => H.handle x u v) u₀) t

namespace Fed

variable {b off M : Nat} {x : List Bool} {H : Prog} {u₀ s t : State}

private theorem see (F : Fed b off M x H u₀ s t) (e : Expr) :
    Fed b off M x H u₀ (s.see x e) (t.see x (e.moved off)) where
  regs := F.regs
  agree := ⟨F.agree.regs, F.agree.out, by
    have := F.agree.peak_le
    have := (Expr.moved_spec F.regs x e).2
    simp only [State.see] at *
    omega⟩

private theorem write (F : Fed b off M x H u₀ s t) (hb : b ≤ off) (r v : Nat) :
    Fed b off M x H u₀ { s with regs := s.regs.set r v } { t with regs := t.regs.set (r + off) v } where
  regs r' := by simp only [Regs.get_set, F.regs, Nat.add_right_cancel_iff]
  agree := ⟨fun r' hr' => by rw [Regs.get_set_ne (by omega)]; exact F.agree.regs r' hr', F.agree.out, F.agree.peak_le⟩

private theorem run (P : Prog) (F : Fed b off M x H u₀ s t) (hb : b ≤ off) (hH : H.bound ≤ b) (hb₀ : 0 < b) :
    Fed b off M x H u₀ (P.run x s) ((P.feed off H).run x t) := by
  induction P generalizing s t with
  | skip => exact F
  | set r e =>
    simp only [Prog.feed, Prog.run, (Expr.moved_spec F.regs x e).1]
    exact (F.see e).write hb _ _
  | seq P Q ihP ihQ => exact ihQ (ihP F)
  | ite e P Q ihP ihQ =>
    simp only [Prog.feed, Prog.run, (Expr.moved_spec F.regs x e).1]
    split
    · exact ihP (F.see e)
    · exact ihQ (F.see e)
  | loop r e P ih =>
    simp only [Prog.feed, Prog.run, (Expr.moved_spec F.regs x e).1]
    have rounds (l : List Nat) : ∀ {s t : State}, Fed b off M x H u₀ s t →
        Fed b off M x H u₀ (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.feed off H).run x { t with regs := t.regs.set (r + off) i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun F => ihl (ih (F.write hb r i))
    exact rounds _ (F.see e)
  | emit e =>
    simp only [Prog.feed, Prog.run, (Expr.moved_spec F.regs x e).1]
    have F' := F.see e
    obtain ⟨h₁, h₂⟩ := (F'.agree.write 0 (e.eval x s.regs)).run (x := x) H hH
    exact ⟨fun r => (h₂ _ (by omega)).trans ((Regs.get_set_ne (by omega)).trans (F'.regs r)), h₁⟩

end Fed

private theorem bound_moved (off : Nat) (e : Expr) : (e.moved off).bound ≤ e.bound + off := by
  induction e <;> simp only [Expr.moved, Expr.bound] at * <;> omega

/-- The registers of a program that hands over. -/
theorem bound_feed {off : Nat} {H : Prog} (hH : H.bound ≤ off) (h : 0 < off) (P : Prog) :
    (P.feed off H).bound ≤ P.bound + off := by
  induction P with
  | skip => exact Nat.zero_le _
  | set r e => have := bound_moved off e; simp only [Prog.feed, Prog.bound]; omega
  | seq P Q ihP ihQ => simp only [Prog.feed, Prog.bound]; omega
  | ite e P Q ihP ihQ => have := bound_moved off e; simp only [Prog.feed, Prog.bound]; omega
  | loop r e P ih => have := bound_moved off e; simp only [Prog.feed, Prog.bound]; omega
  | emit e => have := bound_moved off e; simp only [Prog.feed, Prog.bound]; omega

/-- Handing a program's output over. The registers of the program must be 0 at the start. -/
theorem Agree.feed {b off M c : Nat} {x : List Bool} {u t : State} (A : Agree b M u t) {H P : Prog}
    (hH : H.bound ≤ b) (hb : b ≤ off) (hb₀ : 0 < b) (h₀ : ∀ r, t.regs.get (r + off) = 0) (hP : P.peak x ≤ c)
    (hM : c ≤ M) :
    Agree b M ((P.output x).foldl (H.handle x) u) ((P.feed off H).run x t) := by
  have F : Fed b off M x H u (P.run x {}) ((P.feed off H).run x t) :=
    Fed.run P ⟨fun r => by rw [h₀]; rfl, A.mono (Nat.le_refl _) (Nat.le_max_right ..)⟩ hb hH hb₀
  rw [Prog.output, List.foldl_reverse]
  exact F.agree.mono (Nat.le_refl _) (by rw [Prog.peak] at hP; omega)

/-- **Two log-space generated lists, rewritten by handlers.** `I` prepares, `H` is given the first list, `J` is run,
`H` is given the second list, `K` ends; what they print is log-space generated, if their numbers are polynomial. -/
theorem LogSpaceGenerated.feed {F G : Nat → List Nat} (hF : LogSpaceGenerated F) (hG : LogSpaceGenerated G)
    (I H J K : Prog) (S : Nat → State)
    (hS : ∀ n, S n = K.run (ones n) ((G n).foldl (H.handle (ones n)) (J.run (ones n)
      ((F n).foldl (H.handle (ones n)) (I.run (ones n) {})))))
    {c : Nat} (hc : ∀ n, (S n).peak ≤ (n + 2) ^ c) : LogSpaceGenerated fun n => (S n).out.reverse := by
  obtain ⟨P, k, hP⟩ := hF
  obtain ⟨Q, l, hQ⟩ := hG
  let b := max 1 (max I.bound (max H.bound (max J.bound K.bound)))
  let off := P.bound + b
  refine ⟨.seq I (.seq (P.feed b H) (.seq J (.seq (Q.feed off H) K))), c + k + l, fun n => ?_⟩
  obtain ⟨hPout, hPpeak⟩ := hP n
  obtain ⟨hQout, hQpeak⟩ := hQ n
  have hk : (n + 2) ^ k ≤ (n + 2) ^ (c + k + l) := Nat.pow_le_pow_right (by omega) (by omega)
  have hl : (n + 2) ^ l ≤ (n + 2) ^ (c + k + l) := Nat.pow_le_pow_right (by omega) (by omega)
  have hcc : (n + 2) ^ c ≤ (n + 2) ^ (c + k + l) := Nat.pow_le_pow_right (by omega) (by omega)
  generalize (n + 2) ^ (c + k + l) = M at *
  have zero : ∀ r, Regs.get [] r = 0 := fun r => rfl
  obtain ⟨A₁, f₁⟩ := Agree.run (b := b) (M := M) (u := {}) (t := {}) (x := ones n) I
    ⟨fun _ _ => rfl, rfl, Nat.zero_le _⟩ (by omega)
  have A₂ := A₁.feed (P := P) (H := H) (off := b) (by omega) (Nat.le_refl b) (by omega)
    (fun r => (f₁ _ (by omega)).trans (zero _)) hPpeak hk
  -- what has been written so far is below `off`
  have f₂ := (Agree.run (b := off) (M := 0) (u := I.run (ones n) {}) (t := I.run (ones n) {}) (x := ones n)
    (P.feed b H) ⟨fun _ _ => rfl, rfl, Nat.le_max_left ..⟩ (bound_feed (by omega) (by omega) P)).2
  obtain ⟨A₃, f₃⟩ := A₂.run (x := ones n) J (by omega)
  have A₄ := A₃.feed (P := Q) (H := H) (off := off) (by omega) (by omega) (by omega)
    (fun r => (f₃ _ (by omega)).trans ((f₂ _ (by omega)).trans ((f₁ _ (by omega)).trans (zero _)))) hQpeak hl
  have A₅ := (A₄.run (x := ones n) K (by omega)).1
  rw [hPout, hQout, ← hS] at A₅
  exact ⟨by simp only [Prog.output, Prog.run, A₅.out], by
    have := A₅.peak_le
    have := hc n
    simp only [Prog.peak, Prog.run]
    omega⟩

end Space

end Logprec
