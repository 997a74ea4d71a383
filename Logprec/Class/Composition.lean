import Logprec.Class.Complement

/-!
# Log-uniform TC0 is closed under composition

The text of `C ++ D` is the text of `C` without the mark that ends it, and then the text of `D` without its number of
inputs. The program prints the first one number late and counts the gates of the layer that it is in; at the end this
is the number of outputs of `C`, and the program for `D` is run as if its input were that long.
-/

namespace Logprec

namespace Space

/-! ## Counting the gates of the last layer -/

/-- Read one more number of the text of a circuit. The state is how many numbers to skip, because they are the rest of
a token, and how many gates the layer has (at the start: how many inputs there are). -/
def next (st : Nat × Nat) (a : Nat) : Nat × Nat :=
  if st.1 ≠ 0 then (st.1 - 1, st.2) else if a = 0 then (0, 0) else if a = 3 then (2, st.2) else if a = 4 then (0, st.2)
  else (1, st.2 + 1)

/-- The state after a text, the last number first. -/
def count : List Nat → Nat × Nat
  | [] => (0, 0)
  | [a] => (0, a)
  | a :: b :: out => next (count (b :: out)) a

/-- The greatest number of gates on the way (and at least 4). -/
def high : List Nat → Nat
  | [] => 4
  | a :: out => max (high out) (count (a :: out)).2

private theorem count_cons {out : List Nat} (h : out ≠ []) (a : Nat) : count (a :: out) = next (count out) a := by
  cases out with
  | nil => contradiction
  | cons b out => rfl

private theorem count_fst_le (out : List Nat) : (count out).1 ≤ 2 := by
  induction out with
  | nil => simp [count]
  | cons a out ih =>
    rcases out with _ | ⟨b, out⟩
    · simp [count]
    · rw [count_cons (by simp), next]
      split
      · simp only; omega
      · split <;> try split <;> try split
        all_goals simp

private theorem four_le_high (out : List Nat) : 4 ≤ high out := by
  induction out with
  | nil => exact Nat.le_refl _
  | cons a out ih => exact Nat.le_trans ih (Nat.le_max_left ..)

private theorem count_le_high (out : List Nat) : (count out).2 ≤ high out := by
  cases out with
  | nil => exact Nat.zero_le _
  | cons a out => exact Nat.le_max_right ..

private theorem count_wires (ws : List Wire) {out : List Nat} {c : Nat} (h : out ≠ []) (hc : count out = (0, c)) :
    count ((ws.flatMap Wire.encode).reverse ++ out) = (0, c) ∧
      high ((ws.flatMap Wire.encode).reverse ++ out) ≤ max (high out) c := by
  induction ws generalizing out with
  | nil => exact ⟨hc, Nat.le_max_left ..⟩
  | cons w ws ih =>
    have e : ((w :: ws).flatMap Wire.encode).reverse ++ out =
        (ws.flatMap Wire.encode).reverse ++ (w.mult :: w.src :: 3 :: out) := by simp [Wire.encode]
    have h₁ : count (3 :: out) = (2, c) := by rw [count_cons h, hc]; rfl
    have h₂ : count (w.src :: 3 :: out) = (1, c) := by rw [count_cons (by simp), h₁]; rfl
    have h₃ : count (w.mult :: w.src :: 3 :: out) = (0, c) := by rw [count_cons (by simp), h₂]; rfl
    obtain ⟨ih₁, ih₂⟩ := ih (out := w.mult :: w.src :: 3 :: out) (by simp) h₃
    rw [e]
    refine ⟨ih₁, Nat.le_trans ih₂ ?_⟩
    simp only [high, h₁, h₂, h₃]
    omega

private theorem count_gates (gs : List Gate) {out : List Nat} {c : Nat} (h : out ≠ []) (hc : count out = (0, c)) :
    count ((gs.flatMap Gate.encode).reverse ++ out) = (0, c + gs.length) ∧
      high ((gs.flatMap Gate.encode).reverse ++ out) ≤ max (high out) (c + gs.length) := by
  induction gs generalizing out c with
  | nil => exact ⟨hc, Nat.le_max_left ..⟩
  | cons g gs ih =>
    obtain ⟨a, k, ha, eg⟩ : ∃ a k, (a = 1 ∨ a = 2) ∧ g.encode = a :: k :: g.wires.flatMap Wire.encode := by
      cases g <;> simp [Gate.encode, Gate.wires]
    have e : ((g :: gs).flatMap Gate.encode).reverse ++ out = (gs.flatMap Gate.encode).reverse ++
        ((g.wires.flatMap Wire.encode).reverse ++ (k :: a :: out)) := by simp [eg]
    have h₁ : count (a :: out) = (1, c + 1) := by
      rw [count_cons h, hc]; rcases ha with rfl | rfl <;> rfl
    have h₂ : count (k :: a :: out) = (0, c + 1) := by rw [count_cons (by simp), h₁]; rfl
    obtain ⟨w₁, w₂⟩ := count_wires g.wires (by simp) h₂
    obtain ⟨ih₁, ih₂⟩ := ih (by simp) w₁
    rw [e]
    refine ⟨by rw [ih₁, List.length_cons, Nat.add_assoc, Nat.add_comm 1], Nat.le_trans ih₂ ?_⟩
    simp only [high, h₁, h₂] at w₂
    simp only [List.length_cons]
    omega

private theorem count_layers (C : Circuit) {out : List Nat} {c : Nat} (h : out ≠ []) (hc : count out = (0, c)) :
    count ((C.flatMap Layer.encode).reverse ++ out) = (0, C.width c) ∧
      high ((C.flatMap Layer.encode).reverse ++ out) ≤ max (high out) (c + C.size) := by
  induction C generalizing out c with
  | nil => exact ⟨hc, Nat.le_max_left ..⟩
  | cons L C ih =>
    have e : ((L :: C).flatMap Layer.encode).reverse ++ out = (C.flatMap Layer.encode).reverse ++
        ((L.flatMap Gate.encode).reverse ++ (0 :: out)) := by simp [Layer.encode]
    have h₁ : count (0 :: out) = (0, 0) := by rw [count_cons h, hc]; rfl
    obtain ⟨g₁, g₂⟩ := count_gates L (by simp) h₁
    rw [Nat.zero_add] at g₁
    obtain ⟨ih₁, ih₂⟩ := ih (by simp) g₁
    have hL := Class.width_le 0 [L]
    simp only [Circuit.width, Circuit.size_cons, Circuit.size_nil] at hL
    rw [e]
    refine ⟨ih₁, Nat.le_trans ih₂ ?_⟩
    simp only [high, h₁] at g₂
    simp only [Circuit.size_cons]
    omega

private theorem count_encode (n : Nat) (C : Circuit) : (count (Circuit.encode n C).reverse).2 = C.width n ∧
    high (Circuit.encode n C).reverse ≤ n + C.size + 4 := by
  have e : (Circuit.encode n C).reverse = 4 :: ((C.flatMap Layer.encode).reverse ++ [n]) := by simp [Circuit.encode]
  obtain ⟨h₁, h₂⟩ := count_layers C (out := [n]) (c := n) (by simp) rfl
  have hw := Class.width_le n C
  have h₃ : count (4 :: ((C.flatMap Layer.encode).reverse ++ [n])) = (0, C.width n) := by
    rw [count_cons (by simp), h₁]; rfl
  rw [e]
  refine ⟨by rw [h₃], ?_⟩
  simp only [high, h₃, count] at h₂ ⊢
  omega

/-- The program that prints one number late, like `Prog.late`, and counts: register `h + 2` holds how many numbers to
skip, register `h + 3` how many gates there are. -/
def Prog.counting (h : Nat) : Prog → Prog
  | skip => skip
  | set r e => set r e
  | seq P Q => seq (P.counting h) (Q.counting h)
  | ite e P Q => ite e (P.counting h) (Q.counting h)
  | loop r e P => loop r e (P.counting h)
  | emit e =>
    ite (.reg (h + 1))
      (seq (emit (.reg h)) <| seq (set h e) <|
        ite (.reg (h + 2)) (set (h + 2) (.sub (.reg (h + 2)) (.lit 1))) <|
        ite (.eq (.reg h) (.lit 0)) (set (h + 3) (.lit 0)) <|
        ite (.eq (.reg h) (.lit 3)) (set (h + 2) (.lit 2)) <|
        ite (.eq (.reg h) (.lit 4)) skip <|
        seq (set (h + 3) (.add (.reg (h + 3)) (.lit 1))) (set (h + 2) (.lit 1)))
      (seq (set h e) (seq (set (h + 3) (.reg h)) (set (h + 1) (.lit 1))))

/-- The states of a program and of the one that counts. -/
private structure Counting (h : Nat) (s t : State) : Prop where
  regs : ∀ r < h, t.regs.get r = s.regs.get r
  out : t.out = s.out.tail
  waits : t.regs.get (h + 1) = if s.out = [] then 0 else 1
  held : ∀ a ∈ s.out.head?, t.regs.get h = a
  skips : t.regs.get (h + 2) = (count s.out).1
  gates : t.regs.get (h + 3) = (count s.out).2
  fresh : ∀ r, h + 3 < r → t.regs.get r = 0
  held_le : t.regs.get h ≤ s.peak
  peak_le : t.peak ≤ max s.peak (high s.out)

namespace Counting

variable {h : Nat} {s t : State} {x : List Bool} {e : Expr}

private theorem see (H : Counting h s t) (he : e.bound ≤ h) : Counting h (s.see x e) (t.see x e) :=
  { H with
    held_le := Nat.le_trans H.held_le (Nat.le_max_left ..)
    peak_le := by
      have := H.peak_le
      have := Expr.peak_congr (x := x) (s := s.regs) (t := t.regs) (e := e) fun r hr => H.regs r (by omega)
      simp only [State.see]
      omega }

private theorem write (H : Counting h s t) {r v : Nat} (hr : r < h) :
    Counting h { s with regs := s.regs.set r v } { t with regs := t.regs.set r v } where
  regs r' hr' := by simp only [Regs.get_set, H.regs r' hr']
  out := H.out
  waits := by rw [Regs.get_set_ne (by omega)]; exact H.waits
  held := by rw [Regs.get_set_ne (by omega)]; exact H.held
  skips := by rw [Regs.get_set_ne (by omega)]; exact H.skips
  gates := by rw [Regs.get_set_ne (by omega)]; exact H.gates
  fresh r' hr' := by rw [Regs.get_set_ne (by omega)]; exact H.fresh r' hr'
  held_le := by rw [Regs.get_set_ne (by omega)]; exact H.held_le
  peak_le := H.peak_le

private theorem eval (H : Counting h s t) (he : e.bound ≤ h) : e.eval x t.regs = e.eval x s.regs :=
  Expr.eval_congr fun r hr => H.regs r (by omega)

private theorem emit (H : Counting h s t) (he : e.bound ≤ h) :
    Counting h ((Prog.emit e).run x s) (((Prog.emit e).counting h).run x t) := by
  have he' := H.eval (x := x) he
  have hp := Expr.peak_congr (x := x) (s := s.regs) (t := t.regs) (e := e) fun r hr => H.regs r (by omega)
  have hle := e.eval_le_peak x s.regs
  -- the expression does not read what the handler writes
  have hh : ∀ v, e.eval x (t.regs.set h v) = e.eval x t.regs := fun v =>
    Expr.eval_congr fun r hr => Regs.get_set_ne (by omega)
  generalize hv : e.eval x s.regs = v at *
  have key : ∀ t', t' = ((Prog.emit e).counting h).run x t →
      (∀ r, t'.regs.get r = if r = h then v else if r = h + 1 then 1 else if r = h + 2 then (count (v :: s.out)).1
        else if r = h + 3 then (count (v :: s.out)).2 else t.regs.get r) ∧ t'.out = s.out ∧
      t'.peak ≤ max t.peak (max (max s.peak (e.peak x s.regs)) (high (v :: s.out))) := by
    rintro t' rfl
    have h₁ := H.out
    have h₂ := H.waits
    have h₃ := H.held
    have h₄ := H.skips
    have h₅ := H.gates
    have h₆ := H.held_le
    have h₇ := four_le_high s.out
    have h₈ := count_le_high s.out
    have h₉ := count_fst_le s.out
    have h₁₀ : high (v :: s.out) = max (high s.out) (count (v :: s.out)).2 := rfl
    by_cases hs : s.out = []
    · have hc : count (v :: s.out) = (0, v) := by rw [hs]; rfl
      have h₄' : t.regs.get (h + 2) = 0 := by rw [h₄, hs]; rfl
      rw [if_pos hs] at h₂
      rw [h₁₀, hc]
      simp only [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set]
      simp only [ne_eq, not_true_eq_false, if_false, if_true]
      refine ⟨fun r => ?_, by rw [h₁, hs]; rfl, by omega⟩
      simp only [Regs.get_set]
      grind
    · have hc := count_cons hs v
      obtain ⟨a, l, hal⟩ := List.exists_cons_of_ne_nil hs
      rw [if_neg hs] at h₂
      have h₃' : t.regs.get h = a := h₃ a (by simp [hal])
      have h₁' : a :: t.out = s.out := by rw [h₁, hal]; rfl
      rw [next] at hc
      by_cases c₁ : (count s.out).1 = 0
      · rw [c₁] at h₄
        by_cases c₂ : v = 0
        · simp only [c₁, c₂, ne_eq, not_true_eq_false, if_false, if_true] at hc
          rw [h₁₀, c₂, hc]
          simp [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set, h₃', h₁', h₄, c₂]
          exact ⟨by grind, by omega⟩
        · by_cases c₃ : v = 3
          · simp [c₁, c₃] at hc
            rw [h₁₀, c₃, hc]
            simp [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set, h₃', h₁', h₄, c₃]
            exact ⟨by grind, by omega⟩
          · by_cases c₄ : v = 4
            · simp [c₁, c₄] at hc
              rw [h₁₀, c₄, hc]
              simp [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set, h₃', h₁', h₄,
                c₄]
              exact ⟨by grind, by omega⟩
            · simp [c₁, c₂, c₃, c₄] at hc
              rw [h₁₀, hc]
              simp [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set, h₃', h₁', h₄,
                c₂, c₃, c₄]
              exact ⟨by grind, by omega⟩
      · simp [c₁] at hc
        rw [h₁₀, hc]
        simp [Prog.counting, Prog.run, Expr.eval, h₂, State.see, Expr.peak, he', hp, Regs.get_set, h₃', h₁', h₄, c₁]
        exact ⟨by grind, by omega⟩
  obtain ⟨kregs, kout, kpeak⟩ := key _ rfl
  have hpk := H.peak_le
  refine ⟨fun r hr => ?_, kout, ?_, ?_, ?_, ?_, fun r hr => ?_, ?_, ?_⟩
  · rw [kregs, if_neg (by omega), if_neg (by omega), if_neg (by omega), if_neg (by omega)]
    exact H.regs r hr
  · rw [kregs]; simp [Prog.run]
  · rw [kregs]; simp [Prog.run, hv]
  · rw [kregs]; simp [Prog.run, State.see, hv]
  · rw [kregs]; simp [Prog.run, State.see, hv]
  · rw [kregs, if_neg (by omega), if_neg (by omega), if_neg (by omega), if_neg (by omega)]
    exact H.fresh r hr
  · rw [kregs, if_pos rfl]
    simp only [Prog.run, State.see]
    omega
  · have h₁₀ : high (v :: s.out) = max (high s.out) (count (v :: s.out)).2 := rfl
    simp only [Prog.run, State.see, hv]
    omega

private theorem run (P : Prog) (H : Counting h s t) (hP : P.bound ≤ h) :
    Counting h (P.run x s) ((P.counting h).run x t) := by
  induction P generalizing s t with
  | skip => exact H
  | set r e =>
    simp only [Prog.bound] at hP
    simp only [Prog.counting, Prog.run]
    rw [H.eval (by omega)]
    exact (H.see (by omega)).write (by omega)
  | seq P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    exact ihQ (ihP H (by omega)) (by omega)
  | ite e P Q ihP ihQ =>
    simp only [Prog.bound] at hP
    simp only [Prog.counting, Prog.run, H.eval (show e.bound ≤ h by omega)]
    split
    · exact ihP (H.see (by omega)) (by omega)
    · exact ihQ (H.see (by omega)) (by omega)
  | loop r e P ih =>
    simp only [Prog.bound] at hP
    simp only [Prog.counting, Prog.run, H.eval (show e.bound ≤ h by omega)]
    have H := H.see (x := x) (e := e) (by omega)
    have rounds (l : List Nat) : ∀ {s t : State}, Counting h s t →
        Counting h (l.foldl (fun s i => P.run x { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.counting h).run x { t with regs := t.regs.set r i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun H => ihl (ih (H.write (by omega)) (by omega))
    exact rounds _ H
  | emit e => exact H.emit hP

end Counting

/-! ## Running a program behind another one -/

/-- The expression over the registers from `off` on, with the number in register `L` for the length of the input,
which is all ones. -/
def Expr.behind (off L : Nat) : Expr → Expr
  | lit n => lit n
  | reg r => reg (r + off)
  | len => reg L
  | inputBit i => lt (i.behind off L) (reg L)
  | add u v => add (u.behind off L) (v.behind off L)
  | sub u v => sub (u.behind off L) (v.behind off L)
  | mul u v => mul (u.behind off L) (v.behind off L)
  | div u v => div (u.behind off L) (v.behind off L)
  | mod u v => mod (u.behind off L) (v.behind off L)
  | eq u v => eq (u.behind off L) (v.behind off L)
  | lt u v => lt (u.behind off L) (v.behind off L)

/-- The program over the registers from `off` on, with the number in register `L` for the length of the input; the
first number is not printed, and then register `F` is 1. -/
def Prog.behind (off L F : Nat) : Prog → Prog
  | skip => skip
  | set r e => set (r + off) (e.behind off L)
  | seq P Q => seq (P.behind off L F) (Q.behind off L F)
  | ite e P Q => ite (e.behind off L) (P.behind off L F) (Q.behind off L F)
  | loop r e P => loop (r + off) (e.behind off L) (P.behind off L F)
  | emit e => ite (.reg F) (emit (e.behind off L)) (set F (.lit 1))

private theorem getD_ones (n i : Nat) : ((ones n).getD i false).toNat = (decide (i < n)).toNat := by
  by_cases h : i < n <;> simp [ones, h]

private theorem eval_behind {off L m : Nat} {s t : Regs} (hr : ∀ r, t.get (r + off) = s.get r) (hL : t.get L = m)
    (x : List Bool) (e : Expr) : (e.behind off L).eval x t = e.eval (ones m) s := by
  induction e with
  | lit => rfl
  | reg r => exact hr r
  | len => simp [Expr.behind, Expr.eval, ones, hL]
  | inputBit i ih => rw [Expr.eval, getD_ones, ← ih, Expr.behind, Expr.eval, Expr.eval, hL]
  | _ u v ihu ihv => simp only [Expr.behind, Expr.eval, ihu, ihv]

private theorem peak_behind {off L m : Nat} {s t : Regs} (hr : ∀ r, t.get (r + off) = s.get r) (hL : t.get L = m)
    (x : List Bool) (e : Expr) : (e.behind off L).peak x t ≤ max (e.peak (ones m) s) m := by
  induction e with
  | lit => exact Nat.le_max_left ..
  | reg r => exact Nat.le_trans (Nat.le_of_eq (hr r)) (Nat.le_max_left ..)
  | len => exact Nat.le_trans (Nat.le_of_eq hL) (Nat.le_max_right ..)
  | inputBit i ih =>
    have h₁ : (Expr.lt (i.behind off L) (.reg L)).eval x t = (Expr.inputBit i).eval (ones m) s :=
      eval_behind hr hL x (.inputBit i)
    have h₂ : (Expr.reg L).peak x t = m := hL
    have h₃ : (Expr.inputBit i).peak (ones m) s = max ((Expr.inputBit i).eval (ones m) s) (i.peak (ones m) s) := rfl
    rw [Expr.behind, Expr.peak, h₁, h₂, h₃]
    omega
  | _ u v ihu ihv =>
    simp only [Expr.behind, Expr.peak, Expr.eval, eval_behind hr hL]
    omega

/-- The states of a program on `1ᵐ` and of the one that runs behind another one. -/
private structure Behind (off L F m M : Nat) (o : List Nat) (s t : State) : Prop where
  regs : ∀ r, t.regs.get (r + off) = s.regs.get r
  len : t.regs.get L = m
  flag : t.regs.get F = if s.out = [] then 0 else 1
  out : t.out = s.out.dropLast ++ o
  peak_le : t.peak ≤ max s.peak M

namespace Behind

variable {off L F m M : Nat} {o : List Nat} {s t : State} {x : List Bool}

private theorem see (H : Behind off L F m M o s t) (hM : m + 1 ≤ M) (e : Expr) :
    Behind off L F m M o (s.see (ones m) e) (t.see x (e.behind off L)) :=
  { H with
    peak_le := by
      have := H.peak_le
      have := peak_behind H.regs H.len x e
      simp only [State.see]
      omega }

private theorem write (H : Behind off L F m M o s t) (hL : L < off) (hF : F < off) (r v : Nat) :
    Behind off L F m M o { s with regs := s.regs.set r v } { t with regs := t.regs.set (r + off) v } where
  regs r' := by simp only [Regs.get_set, H.regs, Nat.add_right_cancel_iff]
  len := by rw [Regs.get_set_ne (by omega)]; exact H.len
  flag := by rw [Regs.get_set_ne (by omega)]; exact H.flag
  out := H.out
  peak_le := H.peak_le

private theorem eval (H : Behind off L F m M o s t) (e : Expr) :
    (e.behind off L).eval x t.regs = e.eval (ones m) s.regs := eval_behind H.regs H.len x e

private theorem emit (H : Behind off L F m M o s t) (hM : m + 1 ≤ M) (hL : L < F) (hF : F < off) (e : Expr) :
    Behind off L F m M o ((Prog.emit e).run (ones m) s) (((Prog.emit e).behind off L F).run x t) := by
  have hp := H.peak_le
  have hf := H.flag
  have ho := H.out
  by_cases hs : s.out = []
  · rw [if_pos hs] at hf
    simp only [Prog.behind, Prog.run, Expr.eval, hf, ne_eq, not_true_eq_false, if_false, State.see, Expr.peak]
    refine ⟨fun r => ?_, ?_, ?_, ?_, ?_⟩
    · rw [Regs.get_set_ne (by omega)]; exact H.regs r
    · rw [Regs.get_set_ne (by omega)]; exact H.len
    · simp
    · simpa [hs] using ho
    · simp only; omega
  · have hpe := peak_behind H.regs H.len x e
    obtain ⟨a, l, hal⟩ := List.exists_cons_of_ne_nil hs
    rw [if_neg hs] at hf
    simp only [Prog.behind, Prog.run, Expr.eval, hf, ne_eq, Nat.one_ne_zero, not_false_eq_true, if_true, State.see,
      Expr.peak]
    refine ⟨H.regs, H.len, by simpa using hf, ?_, ?_⟩
    · simp [ho, hal, H.eval]
    · simp only; omega

private theorem run (P : Prog) (H : Behind off L F m M o s t) (hM : m + 1 ≤ M) (hL : L < F) (hF : F < off) :
    Behind off L F m M o (P.run (ones m) s) ((P.behind off L F).run x t) := by
  induction P generalizing s t with
  | skip => exact H
  | set r e =>
    simp only [Prog.behind, Prog.run]
    rw [H.eval]
    exact (H.see hM e).write (by omega) hF _ _
  | seq P Q ihP ihQ => exact ihQ (ihP H)
  | ite e P Q ihP ihQ =>
    simp only [Prog.behind, Prog.run, H.eval]
    split
    · exact ihP (H.see hM e)
    · exact ihQ (H.see hM e)
  | loop r e P ih =>
    simp only [Prog.behind, Prog.run, H.eval]
    have rounds (l : List Nat) : ∀ {s t : State}, Behind off L F m M o s t →
        Behind off L F m M o (l.foldl (fun s i => P.run (ones m) { s with regs := s.regs.set r i }) s)
          (l.foldl (fun t i => (P.behind off L F).run x { t with regs := t.regs.set (r + off) i }) t) := by
      induction l with
      | nil => exact id
      | cons i l ihl => exact fun H => ihl (ih (H.write (by omega) hF r i))
    exact rounds _ (H.see hM e)
  | emit e => exact H.emit hM hL hF e

end Behind

end Space

namespace Class

open Circuit Space

/-- A log-space uniform family of polynomial size, and another log-space uniform family behind it, are log-space
uniform. -/
theorem LogUniform.comp {C D : Family} {d k : Nat} (hC : LogUniform C) (hD : LogUniform D)
    (hs : ConstDepthPolySize C d k) : LogUniform (comp C D) := by
  obtain ⟨P, c, hP⟩ := logUniform_iff.1 hC
  obtain ⟨Q, c', hQ⟩ := logUniform_iff.1 hD
  generalize hS : c + k + (k + 2) * c' + 1 = S
  refine logUniform_iff.2 ⟨.seq (P.counting P.bound) (Q.behind (P.bound + 5) (P.bound + 3) (P.bound + 4)), 3 + S,
    fun n => ?_⟩
  have hout : P.output (ones n) = encode n (C n) := (hP n).1
  have hout' : Q.output (ones ((C n).width n)) = encode ((C n).width n) (D ((C n).width n)) := (hQ _).1
  have hpeak := (hP n).2
  have hpeak' := (hQ ((C n).width n)).2
  have H : Counting P.bound (P.run (ones n) {}) ((P.counting P.bound).run (ones n) {}) :=
    Counting.run P ⟨fun _ _ => rfl, rfl, rfl, by simp, rfl, rfl, fun _ _ => rfl, by simp [Regs.get], by simp⟩
      (Nat.le_refl _)
  have e : (P.run (ones n) {}).out = (encode n (C n)).reverse := by rw [← hout, Prog.output, List.reverse_reverse]
  obtain ⟨hcount, hhigh⟩ := count_encode n (C n)
  have hpk := H.peak_le
  have hgates := H.gates
  rw [e] at hpk hgates
  rw [hcount] at hgates
  generalize ht : (P.counting P.bound).run (ones n) {} = t at *
  have H' : Behind (P.bound + 5) (P.bound + 3) (P.bound + 4) ((C n).width n) (t.peak + (C n).width n + 1) t.out
      (Q.run (ones ((C n).width n)) {}) ((Q.behind (P.bound + 5) (P.bound + 3) (P.bound + 4)).run (ones n) t) :=
    Behind.run Q ⟨fun r => H.fresh _ (by omega), hgates, H.fresh _ (by omega), rfl, by simp; omega⟩ (by omega)
      (by omega) (by omega)
  constructor
  · have e₁ : t.out.reverse = (encode n (C n)).dropLast := by rw [H.out, e]; simp
    rw [Prog.output, Prog.run, ht, H'.out, List.reverse_append, e₁, ← List.tail_reverse, ← Prog.output, hout']
    simp [Class.comp, encode, List.dropLast_cons_of_ne_nil]
  · have hp := H'.peak_le
    rw [Prog.peak] at hpeak hpeak' ⊢
    rw [Prog.run, ht]
    have hw := width_le n (C n)
    have hsize := hs.size_le n
    have hwk : (C n).width n + 2 ≤ (n + 2) ^ (k + 2) := by
      have := pow_add_pow_le n k 1
      simp only [Nat.pow_one] at this
      show _ ≤ (n + 2) ^ (k + 1 + 1)
      omega
    have h₁ := Nat.pow_le_pow_left hwk c'
    rw [← Nat.pow_mul] at h₁
    have mono : ∀ a, a ≤ S → (n + 2) ^ a ≤ (n + 2) ^ S := fun a ha => Nat.pow_le_pow_right (by omega) ha
    have b₁ := mono c (by omega)
    have b₂ := mono k (by omega)
    have b₃ := mono ((k + 2) * c') (by omega)
    have b₄ := mono 1 (by omega)
    rw [Nat.pow_one] at b₄
    have b₅ : 8 * (n + 2) ^ S ≤ (n + 2) ^ (3 + S) := by
      rw [Nat.pow_add]
      exact Nat.mul_le_mul_right _ (Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 3)
    omega

/-- Log-uniform TC0 is closed under composition of functions. -/
theorem LogUniformTC0Function.comp {f g : List Bool → List Bool} :
    LogUniformTC0Function g → LogUniformTC0Function f → LogUniformTC0Function (g ∘ f) :=
  fun ⟨_, _, _, hD, hg, hV⟩ ⟨_, _, _, hC, hf, hU⟩ => ⟨_, _, _, hC.comp hD, hf.comp hg, hU.comp hV hC⟩

/-- Log-uniform TC0 is closed under many-one reductions that are functions in log-uniform TC0 (their output length
depends on the input's length only). -/
theorem LogUniformTC0.comap {L : Language} {f : List Bool → List Bool} :
    LogUniformTC0 L → LogUniformTC0Function f → LogUniformTC0 fun x => L (f x) :=
  fun ⟨_, _, _, hD, hL, hV⟩ ⟨_, _, _, hC, hf, hU⟩ => ⟨_, _, _, hC.comp hD, hL.comap hf, hU.comp hV hC⟩

end Class

end Logprec
