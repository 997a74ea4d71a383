import Logprec.Space.Clamp
import Logprec.Space.Turing.Construct
import Logprec.Space.Turing.Routines

/-!
# Register programs as counter programs: proofs

Counters follow the registers of the program, up to its peak. About the definitions in
`Logprec.Space.Turing.Construct`.
-/

namespace Logprec.Turing

open Space (Expr Prog Regs State)

/-- Write a register. -/
def upd (f : Nat → Nat) (d v : Nat) (i : Nat) : Nat := if i = d then v else f i

@[simp] private theorem upd_self (f : Nat → Nat) (d v : Nat) : upd f d v d = v := by simp [upd]

private theorem upd_upd (f : Nat → Nat) (d u v : Nat) : upd (upd f d u) d v = upd f d v := by
  funext i; simp only [upd]; split <;> rfl

private theorem upd_zero {f : Nat → Nat} {d : Nat} (h : f d = 0) : upd f d 0 = f := by
  funext i; simp only [upd]; split <;> simp_all

/-! ## Routines for the input -/

section

variable {x : List Bool} {B : Nat} {f : Nat → Nat} {o : List Bool} {d p v : Nat}

private theorem exec_inc (hB : v + 1 ≤ B) :
    CounterExec x B (.cmd (.inc d)) ⟨p, upd f d v, o⟩ ⟨p, upd f d (v + 1), o⟩ := by
  refine .cmd ⟨by simpa using hB, ?_⟩
  show _ = Counters.mk p (upd (upd f d v) d (upd f d v d + 1)) o
  rw [upd_upd, upd_self]

private theorem exec_dec : CounterExec x B (.cmd (.dec d)) ⟨p, upd f d (v + 1), o⟩ ⟨p, upd f d v, o⟩ := by
  refine .cmd ⟨by simp, ?_⟩
  show _ = Counters.mk p (upd (upd f d (v + 1)) d (upd f d (v + 1) d - 1)) o
  rw [upd_upd, upd_self, Nat.add_sub_cancel]

private theorem exec_rewind : CounterExec x B rewind ⟨p, f, o⟩ ⟨0, f, o⟩ := by
  induction p with
  | zero => exact .done rfl
  | succ p ih =>
    have h : CounterTest.eval x ⟨p + 1, f, o⟩ (.input fun i => !isLeft i) = true := by
      simp only [CounterTest.eval, readInput]
      cases x[p]? <;> rfl
    exact Exec.round h (Exec.cmd (rfl : CounterCmd.Step x B (.input .left) ⟨p + 1, f, o⟩ ⟨p, f, o⟩)) ih

private theorem exec_walk (hp : p ≤ x.length + 1) :
    CounterExec x B (walk d) ⟨p, upd f d v, o⟩ ⟨min (p + v) (x.length + 1), upd f d 0, o⟩ := by
  induction v generalizing p with
  | zero =>
    rw [show min (p + 0) (x.length + 1) = p by omega]
    exact .done (by simp [CounterTest.eval])
  | succ v ih =>
    have := ih (p := min (p + 1) (x.length + 1)) (by omega)
    rw [show min (min (p + 1) (x.length + 1) + v) (x.length + 1) = min (p + (v + 1)) (x.length + 1) by omega] at this
    exact .round (by simp [CounterTest.eval]) (.seq exec_dec (.cmd rfl)) this

private theorem isOne_readInput : isOne (readInput x (min (1 + v) (x.length + 1))) = x.getD v false := by
  by_cases h : v < x.length
  · rw [show min (1 + v) (x.length + 1) = v + 1 by omega]
    simp [readInput, isOne, h]
  · rw [show min (1 + v) (x.length + 1) = x.length + 1 by omega]
    simp [readInput, isOne, show x.length ≤ v by omega]

private theorem does_input (hB : (x.getD v false).toNat ≤ B) :
    Does x B (inputR d) (upd f d v) (upd f d (x.getD v false).toNat) := by
  intro o
  refine .seq (s' := ⟨1, upd f d v, o⟩) (.cmd ?_) (.seq (exec_walk (by omega))
    (.seq (s' := ⟨min (1 + v) (x.length + 1), upd f d (x.getD v false).toNat, o⟩) ?_ exec_rewind))
  · simp [CounterCmd.Step, moveInput]
  · have h := isOne_readInput (x := x) (v := v)
    generalize x.getD v false = b at h hB
    cases b with
    | false => exact .no h (.cmd rfl)
    | true => exact .yes h (exec_inc hB)

private theorem does_len (hB : x.length ≤ B) : Does x B (lenR d) (upd f d 0) (upd f d x.length) := by
  intro o
  have H : ∀ m ≤ x.length, CounterExec x B (.whileDo (.input fun i => !isRight i)
      (.seq (.cmd (.inc d)) (.cmd (.input .right)))) ⟨x.length - m + 1, upd f d (x.length - m), o⟩
      ⟨x.length + 1, upd f d x.length, o⟩ := by
    intro m
    induction m with
    | zero => exact fun _ => .done (by simp [CounterTest.eval, readInput, isRight])
    | succ m ih =>
      intro hm
      have := ih (by omega)
      rw [show x.length - m = x.length - (m + 1) + 1 by omega] at this
      refine .round ?_ (.seq (exec_inc (by omega)) (.cmd ?_)) this
      · simp [CounterTest.eval, readInput, isRight, show x.length - (m + 1) < x.length by omega]
      · simp only [CounterCmd.Step, moveInput]
        congr 1
        omega
  have := H x.length (by omega)
  rw [Nat.sub_self] at this
  exact .seq (s' := ⟨1, upd f d 0, o⟩) (.cmd (by simp [CounterCmd.Step, moveInput])) (.seq this exec_rewind)

end

/-! ## Expressions -/

section

variable {x : List Bool} {B : Nat}

private theorem does_double {f : Nat → Nat} {d v : Nat} (h₁ : f (d + 1) = 0) (h₂ : f (d + 2) = 0) (hB : 2 * v ≤ B) :
    Does x B (doubleR d) (upd f d v) (upd f d (2 * v)) := by
  refine (does_pour_two (by omega) (by omega) (by omega) ?_ ?_).seq ((does_pour_one (by omega) ?_).seq
    ((does_pour_one (by omega) ?_).congr fun i => ?_)) <;> simp only [upd] <;> grind

private theorem does_numeral {f : Nat → Nat} {d n : Nat} (h₁ : f (d + 1) = 0) (h₂ : f (d + 2) = 0) (hB : n ≤ B) :
    Does x B (numeralR d n) (upd f d 0) (upd f d n) := by
  induction n using Nat.strongRecOn with
  | ind n ih =>
    rw [numeralR]
    by_cases hn : n = 0
    · rw [if_pos hn, hn]
      exact does_nop
    · rw [if_neg hn]
      refine (ih (n / 2) (by omega) (by omega)).seq ((does_double h₁ h₂ (by omega)).seq ?_)
      split
      · rename_i h
        have := fun o => exec_inc (x := x) (f := f) (d := d) (o := o) (p := 0) (v := 2 * (n / 2)) (B := B) (by omega)
        rwa [show 2 * (n / 2) + 1 = n by omega] at this
      · rw [show 2 * (n / 2) = n by omega]
        exact does_nop

private theorem does_binary {f : Nat → Nat} {d a b v : Nat} {P Q R : CounterProg} (hz : ∀ i ≥ d, f i = 0)
    (hP : Does x B P f (upd f d a)) (hQ : Does x B Q (upd f d a) (upd (upd f d a) (d + 1) b))
    (hR : ∀ g : Nat → Nat, g d = a → g (d + 1) = b → g (d + 2) = 0 → g (d + 3) = 0 →
      Does x B R g (result g d v)) : Does x B (.seq P (.seq Q R)) f (upd f d v) := by
  have h₁ := hz (d + 1) (by omega)
  have h₂ := hz (d + 2) (by omega)
  have h₃ := hz (d + 3) (by omega)
  refine hP.seq (hQ.seq ((hR _ (by simp [upd]) (by simp) (by simp [upd, h₂]) (by simp [upd, h₃])).congr fun i => ?_))
  simp only [result, upd]
  by_cases h : i = d
  · simp [h]
  · by_cases h' : i = d + 1
    · simp [h', h₁]
    · simp [h, h']

/-- The code of an expression leaves its value in register `d`. -/
theorem does_expr {u : Regs} {e : Expr} {d : Nat} {f : Nat → Nat} (hz : ∀ i ≥ d, f i = 0)
    (hr : ∀ r < e.registers, f r = u.get r) (hd : e.registers ≤ d) (hB : e.peak x u ≤ B) :
    Does x B (exprCode d e) f (upd f d (e.eval x u)) := by
  have zero {f : Nat → Nat} {d : Nat} (v : Nat) (hz : ∀ i ≥ d, f i = 0) : ∀ i ≥ d + 1, upd f d v i = 0 :=
    fun i hi => by simp [upd, show i ≠ d by omega, hz i (by omega)]
  have keep {f : Nat → Nat} {d n : Nat} (v : Nat) (hd : n ≤ d) (hr : ∀ r < n, f r = u.get r) :
      ∀ r < n, upd f d v r = u.get r := fun r h => by simp [upd, show r ≠ d by omega, hr r h]
  induction e generalizing d f with
  | lit n =>
    have := does_numeral (x := x) (B := B) (n := n) (hz (d + 1) (by omega)) (hz (d + 2) (by omega)) hB
    rwa [upd_zero (hz d (by omega))] at this
  | reg r =>
    have h := hr r (Nat.lt_succ_self r)
    have h₀ := hz d (by omega)
    have h₁ := hz (d + 1) (by omega)
    simp only [Expr.registers] at hd
    simp only [Expr.peak, Expr.eval, ← h] at hB ⊢
    refine (does_pour_two (by omega) (by omega) (by omega) (by omega) (by omega)).seq
      ((does_pour_one (by omega) ?_).congr fun i => ?_)
    · simp [show d + 1 ≠ r by omega, h₁, hB]
    · simp only [upd]
      grind
  | len =>
    have := does_len (x := x) (B := B) (f := f) (d := d) hB
    rwa [upd_zero (hz d (by omega))] at this
  | inputBit i ih =>
    simp only [Expr.peak, Nat.max_le] at hB
    exact (ih hz hr hd hB.2).seq (does_input hB.1)
  | add a b iha ihb | sub a b iha ihb | mul a b iha ihb | div a b iha ihb | mod a b iha ihb | eq a b iha ihb
  | lt a b iha ihb =>
    simp only [Expr.registers, Nat.max_le] at hd hr
    simp only [Expr.peak, Nat.max_le, Expr.eval] at hB
    have ha := Nat.le_trans (Expr.eval_le_peak x u a) hB.2.1
    have hb := Nat.le_trans (Expr.eval_le_peak x u b) hB.2.2
    refine does_binary hz (iha hz (fun r h => hr r (by omega)) hd.1 hB.2.1)
      (ihb (zero _ hz) (keep _ hd.2 fun r h => hr r (by omega)) (by omega) hB.2.2) fun g h₀ h₁ h₂ h₃ => ?_
    have hv := hB.1
    simp only [Expr.eval]
    rw [← h₀] at hv ha ⊢
    rw [← h₁] at hv hb ⊢
    first
    | exact does_sub
    | exact does_mul h₂ h₃ ha hv
    | exact does_div h₂ h₃ ha hb
    | exact does_mod h₂ h₃ ha hb
    | exact does_eq h₂ ha hv
    | exact does_lt h₂ ha hv
    | exact (does_pour_one (by omega) hv).congr fun i => by simp only [result]; grind

end

end Logprec.Turing
