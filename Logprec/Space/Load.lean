import Logprec.Bits
import Logprec.Space.Clamp

/-!
# The input in two registers

A program that reads an input `x` is turned into one that does the same without an input: register `w` holds the number
whose bits are `x`, the first the lowest, and register `w + 1` holds the length of `x`. Expressions become programs that
leave the value in register `d`, with registers above it as a stack.
-/

namespace Logprec.Space

/-- The bit at the position in register `d` of the number in register `w`, into register `d`. -/
def fetch (w d : Nat) : Prog :=
  .seq (.set (d + 1) (.reg w)) <|
  .seq (.loop (d + 2) (.reg d) (.set (d + 1) (.div (.reg (d + 1)) (.lit 2)))) <|
  .set d (.mod (.reg (d + 1)) (.lit 2))

/-- The value of an expression into register `d`, with the input in the registers `w` and `w + 1`. -/
def Expr.load (w d : Nat) : Expr → Prog
  | lit n => .set d (lit n)
  | reg r => .set d (reg r)
  | len => .set d (reg (w + 1))
  | inputBit i => .seq (i.load w d) (fetch w d)
  | add a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (add (reg d) (reg (d + 1)))))
  | sub a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (sub (reg d) (reg (d + 1)))))
  | mul a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (mul (reg d) (reg (d + 1)))))
  | div a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (div (reg d) (reg (d + 1)))))
  | mod a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (mod (reg d) (reg (d + 1)))))
  | eq a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (eq (reg d) (reg (d + 1)))))
  | lt a b => .seq (a.load w d) (.seq (b.load w (d + 1)) (.set d (lt (reg d) (reg (d + 1)))))

/-- The program with its input in the registers `w` and `w + 1`; it uses register `d` and those above. -/
def Prog.load (w d : Nat) : Prog → Prog
  | skip => skip
  | set r e => seq (e.load w d) (set r (.reg d))
  | seq P Q => seq (P.load w d) (Q.load w d)
  | ite e P Q => seq (e.load w d) (ite (.reg d) (P.load w d) (Q.load w d))
  | loop r e P => seq (e.load w d) (loop r (.reg d) (P.load w d))
  | emit e => seq (e.load w d) (emit (.reg d))

/-- The registers `w` and `w + 1` hold the input `x`. -/
structure HoldsInput (x : List Bool) (w : Nat) (t : Regs) : Prop where
  /-- The bits. -/
  word : t.get w = ofBits x
  /-- How many they are. -/
  length : t.get (w + 1) = x.length

private theorem HoldsInput.congr {x : List Bool} {w d : Nat} {t t' : Regs} (h : HoldsInput x w t)
    (ht : ∀ r < d, t'.get r = t.get r) (hd : w + 2 ≤ d) : HoldsInput x w t' :=
  ⟨(ht _ (by omega)).trans h.word, (ht _ (by omega)).trans h.length⟩

private theorem ofBits_div (x : List Bool) (i : Nat) : ofBits x / 2 ^ i % 2 = (x.getD i false).toNat := by
  have h : (ofBits x).testBit i = x.getD i false := testBit_ofBits x i
  rw [Nat.testBit_eq_decide_div_mod_eq] at h
  rw [← h]
  rcases Nat.mod_two_eq_zero_or_one (ofBits x / 2 ^ i) with e | e <;> simp [e]

private theorem fetch_spec {x y : List Bool} {w d i B : Nat} {t : State} (h : HoldsInput x w t.regs)
    (hi : t.regs.get d = i) (hB : 2 ≤ B) (hx : ofBits x ≤ B) (hiB : i ≤ B) :
    Step B d [] t ((fetch w d).run y t) ∧ ((fetch w d).run y t).regs.get d = (x.getD i false).toNat := by
  have h₁ : Step B (d + 1) [] t ((Prog.set (d + 1) (.reg w)).run y t) :=
    .set (by simp only [Expr.peak, Expr.eval, h.word]; omega) (Nat.le_refl _)
  have e₁ : ((Prog.set (d + 1) (.reg w)).run y t).regs.get (d + 1) = ofBits x := by
    simp [Prog.run, Expr.eval, h.word]
  have ei : Expr.eval y ((Prog.set (d + 1) (.reg w)).run y t).regs (.reg d) = i := (h₁.keep d (by omega)).trans hi
  have half : ∀ n, ofBits x / 2 ^ n ≤ B := fun n => Nat.le_trans (Nat.div_le_self _ _) hx
  obtain ⟨h₂, e₂⟩ := Step.loop (x := y) (s := (Prog.set (d + 1) (.reg w)).run y t) (B := B) (j := d + 1) (r := d + 2)
    (e := .reg d) (P := .set (d + 1) (.div (.reg (d + 1)) (.lit 2))) (new := fun _ => [])
    (fun n s => s.regs.get (d + 1) = ofBits x / 2 ^ n) (by show Expr.eval y _ (.reg d) ≤ B; omega) (by omega)
    (by simpa [State.see] using e₁) fun n _ s hs _ => by
      have e : (s.regs.set (d + 2) n).get (d + 1) = ofBits x / 2 ^ n := (Regs.get_set_ne (by omega)).trans hs
      have e' : ofBits x / 2 ^ n / 2 = ofBits x / 2 ^ (n + 1) := by rw [Nat.pow_succ, Nat.div_div_eq_div_mul]
      have h₁ := half n
      refine ⟨.set (by simp only [Expr.peak, Expr.eval, e]; omega) (Nat.le_refl _), ?_⟩
      simp only [Prog.run, Expr.eval, e, e', Regs.get_set_self]
  rw [ei] at e₂
  rw [show (List.range _).flatMap (fun _ => ([] : List Nat)) = [] by simp] at h₂
  have e₃ := ofBits_div x i
  have h₃ := half i
  have h₄ := Bool.toNat_le (x.getD i false)
  refine ⟨(h₁.next h₂ (Nat.le_refl _)).mono (by omega) |>.next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
  · simp only [Expr.peak, Expr.eval, e₂, e₃]
    omega
  · refine (Regs.get_set_self ..).trans ?_
    simp only [Expr.eval, e₂, e₃]

/-- What the program of an expression does. -/
theorem Expr.load_spec {x y : List Bool} {w d B : Nat} {e : Expr} {u : Regs} {t : State} (h : HoldsInput x w t.regs)
    (hw : e.registers ≤ w) (hd : w + 2 ≤ d) (hu : ∀ r < w, t.regs.get r = u.get r) (hB : 2 ≤ B) (hx : ofBits x ≤ B)
    (he : e.peak x u ≤ B) :
    Step B d [] t ((e.load w d).run y t) ∧ ((e.load w d).run y t).regs.get d = e.eval x u := by
  induction e generalizing d t with
  | lit n => exact ⟨.set he (Nat.le_refl _), Regs.get_set_self ..⟩
  | reg r =>
    have e : Expr.eval y t.regs (.reg r) = u.get r := hu r hw
    exact ⟨.set (by simp only [Expr.peak, e]; exact he) (Nat.le_refl _), (Regs.get_set_self ..).trans e⟩
  | len =>
    have e : Expr.eval y t.regs (.reg (w + 1)) = x.length := h.length
    exact ⟨.set (by simp only [Expr.peak, e]; exact he) (Nat.le_refl _), (Regs.get_set_self ..).trans e⟩
  | inputBit i ih =>
    simp only [Expr.peak, Nat.max_le] at he
    obtain ⟨h₁, e₁⟩ := ih h hw hd hu he.2
    obtain ⟨h₂, e₂⟩ := fetch_spec (y := y) (h.congr h₁.keep hd) e₁ hB hx
      (Nat.le_trans (Expr.eval_le_peak ..) he.2)
    exact ⟨h₁.next h₂ (Nat.le_refl _), e₂⟩
  | add a b iha ihb | sub a b iha ihb | mul a b iha ihb | div a b iha ihb | mod a b iha ihb | eq a b iha ihb
  | lt a b iha ihb =>
    simp only [Expr.registers, Nat.max_le] at hw
    simp only [Expr.peak, Nat.max_le] at he
    obtain ⟨h₁, e₁⟩ := iha h hw.1 hd hu he.2.1
    have k₁ := h.congr h₁.keep hd
    obtain ⟨h₂, e₂⟩ := ihb (d := d + 1) k₁ hw.2 (by omega) (fun r hr => (h₁.keep r (by omega)).trans (hu r hr)) he.2.2
    have e₁ := (h₂.keep d (by omega)).trans e₁
    have ha := Nat.le_trans (Expr.eval_le_peak ..) he.2.1
    have hb := Nat.le_trans (Expr.eval_le_peak ..) he.2.2
    refine ⟨(h₁.next h₂ (by omega)).next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
    · have he := he.1
      simp only [Expr.peak, Expr.eval, e₁, e₂] at he ⊢
      omega
    · rw [Expr.load, Prog.run, Prog.run, Prog.run, Regs.get_set_self]
      simp only [Expr.eval, e₁, e₂]

/-- A run with an input, and one with the input in registers: the registers below `w` and the output are the same. -/
structure Loaded (x : List Bool) (w : Nat) (s t : State) : Prop where
  /-- The registers. -/
  regs : ∀ r < w, t.regs.get r = s.regs.get r
  /-- The input. -/
  input : HoldsInput x w t.regs
  /-- The output. -/
  out : t.out = s.out

private theorem Loaded.expr {x y : List Bool} {w d B : Nat} {e : Expr} {s t : State} (H : Loaded x w s t)
    (hw : e.registers ≤ w) (hd : w + 2 ≤ d) (hB : 2 ≤ B) (hx : ofBits x ≤ B) (he : e.peak x s.regs ≤ B)
    (ht : t.peak ≤ B) :
    Loaded x w (s.see x e) ((e.load w d).run y t) ∧ ((e.load w d).run y t).peak ≤ B ∧
      ((e.load w d).run y t).regs.get d = e.eval x s.regs := by
  obtain ⟨h, e⟩ := Expr.load_spec (y := y) H.input hw hd H.regs hB hx he
  exact ⟨⟨fun r hr => (h.keep r (by omega)).trans (H.regs r hr), H.input.congr h.keep hd, h.out.trans H.out⟩,
    h.peak ht, e⟩

private theorem Loaded.write {x : List Bool} {w : Nat} {s t : State} (H : Loaded x w s t) {r v : Nat} (hr : r < w) :
    Loaded x w { s with regs := s.regs.set r v } { t with regs := t.regs.set r v } where
  regs r' hr' := by simp only [Regs.get_set, H.regs r' hr']
  input := ⟨(Regs.get_set_ne (by omega)).trans H.input.word, (Regs.get_set_ne (by omega)).trans H.input.length⟩
  out := H.out

private theorem Loaded.see {x y : List Bool} {w : Nat} {s t : State} {e e' : Expr} (H : Loaded x w (s.see x e) t) :
    Loaded x w (s.see x e) (t.see y e') := ⟨H.regs, H.input, H.out⟩

/-- **The input in registers**: the program does what it does on its input, and handles no greater numbers than that
run, 2 and the number of the input. -/
theorem Prog.run_load {x y : List Bool} {w d B : Nat} (P : Prog) {s t : State} (H : Loaded x w s t)
    (hw : P.registers ≤ w) (hd : w + 2 ≤ d) (hB : 2 ≤ B) (hx : ofBits x ≤ B) (hp : (P.run x s).peak ≤ B)
    (ht : t.peak ≤ B) : Loaded x w (P.run x s) ((P.load w d).run y t) ∧ ((P.load w d).run y t).peak ≤ B := by
  induction P generalizing s t with
  | skip => exact ⟨H, ht⟩
  | set r e =>
    simp only [Prog.registers, Nat.max_le] at hw
    obtain ⟨H', h', e'⟩ := H.expr (y := y) hw.2 hd hB hx (Nat.le_trans (Nat.le_max_right _ _) hp) ht
    have he : e.eval x s.regs ≤ B := Nat.le_trans (Expr.eval_le_peak ..) (Nat.le_trans (Nat.le_max_right _ _) hp)
    refine ⟨?_, Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact he⟩⟩
    have := (H'.see (y := y) (e' := .reg d)).write (r := r) (v := e.eval x s.regs) (by omega)
    simpa [Prog.load, Prog.run, Expr.eval, e'] using this
  | seq P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hw
    obtain ⟨H', h'⟩ := ihP H hw.1 (Nat.le_trans (Q.le_peak_run x _) hp) ht
    exact ihQ H' hw.2 hp h'
  | emit e =>
    obtain ⟨H', h', e'⟩ := H.expr (y := y) hw hd hB hx (Nat.le_trans (Nat.le_max_right _ _) hp) ht
    have he : e.eval x s.regs ≤ B := Nat.le_trans (Expr.eval_le_peak ..) (Nat.le_trans (Nat.le_max_right _ _) hp)
    refine ⟨⟨H'.regs, H'.input, ?_⟩, Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact he⟩⟩
    simpa [Prog.load, Prog.run, Expr.eval, e'] using H'.out
  | ite e P Q ihP ihQ =>
    simp only [Prog.registers, Nat.max_le] at hw
    have he : e.peak x s.regs ≤ B := by
      refine Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans ?_ hp)
      rw [Prog.run]
      split
      · exact P.le_peak_run x (s.see x e)
      · exact Q.le_peak_run x (s.see x e)
    obtain ⟨H', h', e'⟩ := H.expr (y := y) hw.1 hd hB hx he ht
    have h'' : (((e.load w d).run y t).see y (.reg d)).peak ≤ B :=
      Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact Nat.le_trans (Expr.eval_le_peak ..) he⟩
    rw [Prog.run] at hp ⊢
    rw [Prog.load, Prog.run, Prog.run, Expr.eval, e']
    split
    · rename_i hc
      rw [if_pos hc] at hp
      exact ihP H'.see hw.2.1 hp h''
    · rename_i hc
      rw [if_neg hc] at hp
      exact ihQ H'.see hw.2.2 hp h''
  | loop r e P ih =>
    simp only [Prog.registers, Nat.max_le] at hw
    have grow : ∀ (l : List Nat) (s : State),
        s.peak ≤ (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s).peak := by
      intro l
      induction l with
      | nil => exact fun s => Nat.le_refl _
      | cons i l ihl => exact fun s => Nat.le_trans (P.le_peak_run x { s with regs := s.regs.set r i }) (ihl _)
    have he : e.peak x s.regs ≤ B :=
      Nat.le_trans (Nat.le_max_right s.peak _) (Nat.le_trans (grow _ (s.see x e)) hp)
    obtain ⟨H', h', e'⟩ := H.expr (y := y) hw.2.1 hd hB hx he ht
    have h'' : (((e.load w d).run y t).see y (.reg d)).peak ≤ B :=
      Nat.max_le.2 ⟨h', by simp only [Expr.peak, Expr.eval, e']; exact Nat.le_trans (Expr.eval_le_peak ..) he⟩
    rw [Prog.run] at hp ⊢
    rw [Prog.load, Prog.run, Prog.run, Expr.eval, e']
    have H'' := H'.see (y := y) (e' := .reg d)
    generalize s.see x e = s' at hp H''
    generalize ((e.load w d).run y t).see y (.reg d) = t' at h'' H''
    generalize List.range (e.eval x s.regs) = l at hp
    induction l generalizing s' t' with
    | nil => exact ⟨H'', h''⟩
    | cons i l ihl =>
      rw [List.foldl_cons] at hp ⊢
      rw [List.foldl_cons]
      obtain ⟨H₁, h₁⟩ := ih (H''.write (r := r) (v := i) (by omega)) hw.2.2 (Nat.le_trans (grow l _) hp) h''
      exact ihl _ _ h₁ H₁ hp

end Logprec.Space
