import Logprec.Space.Load
import Logprec.Space.Turing.Simulate

/-!
# From machines with several arguments to register programs

A machine that computes a function of numbers is simulated by a register program with the numbers in its registers:
the program writes the code of the arguments as one number, and simulates the machine on it (`Space.Load`,
`Space.Turing.Simulate`). When the cells are linear in the number of digits of the first argument, the numbers of the
program have linearly many bits (`Machine.exists_program`).
-/

namespace Logprec.Turing

open Space Simulate

namespace FromMachine

/-! ## The code of the arguments -/

/-- Put a bit, the value of `e`, before the word in the registers `w` and `w + 1`. -/
def pushBit (w : Nat) (e : Expr) : Prog :=
  .seq (.set w (.add (.mul (.lit 2) (.reg w)) e)) (.set (w + 1) (.add (.reg (w + 1)) (.lit 1)))

/-- Put the code of the argument in register `a` before the word. -/
def pushArg (w a : Nat) : Prog :=
  .seq (pushBit w (.lit 0)) <| .seq (.set (w + 2) (.reg a)) <|
  .loop (w + 3) (.reg a) <| .ite (.reg (w + 2))
    (.seq (pushBit w (.mod (.reg (w + 2)) (.lit 2))) (.seq (pushBit w (.lit 1))
      (.set (w + 2) (.div (.reg (w + 2)) (.lit 2))))) .skip

/-- Put the code of the arguments in the registers below `k` before the word. -/
def pushArgs (w : Nat) : Nat → Prog
  | 0 => .skip
  | k + 1 => .seq (pushArg w k) (pushArgs w k)

section
variable {x y : List Bool} {w B v : Nat} {t : State}

private theorem ofBits_le_append (x y : List Bool) : ofBits y ≤ ofBits (x ++ y) := by
  rw [ofBits_append]
  have := Nat.le_mul_of_pos_left (ofBits y) (Nat.two_pow_pos x.length)
  omega

private theorem pushBit_spec {e : Expr} {b : Bool} (h : HoldsInput x w t.regs) (he : e.eval y t.regs = b.toNat)
    (hp : e.peak y t.regs ≤ B) (hB : 2 ≤ B) (hx : ofBits (b :: x) ≤ B) (hl : x.length + 1 ≤ B) :
    Step B w [] t ((pushBit w e).run y t) ∧ HoldsInput (b :: x) w ((pushBit w e).run y t).regs ∧
      ∀ r, r ≠ w → r ≠ w + 1 → ((pushBit w e).run y t).regs.get r = t.regs.get r := by
  simp only [ofBits] at hx
  have h₁ := h.word
  have h₂ := h.length
  refine ⟨(Step.set ?_ (Nat.le_refl _)).next (.set ?_ (by omega)) (Nat.le_refl _), ⟨?_, ?_⟩, fun r hr hr' => ?_⟩
  · simp only [Expr.peak, Expr.eval, h₁, he]; omega
  · simp only [Prog.run, Expr.peak, Expr.eval, Regs.get_set, h₂]; simp; omega
  · simp [pushBit, Prog.run, Expr.eval, Regs.get_set, h₁, he, ofBits, Nat.add_comm]
  · simp [pushBit, Prog.run, Expr.eval, Regs.get_set, h₂]
  · simp [pushBit, Prog.run, Regs.get_set, hr, hr']

/-- One round: the digit of the number in register `w + 2`, if there is one. -/
private theorem round_spec {m : Nat} (h : HoldsInput x w t.regs) (hm : t.regs.get (w + 2) = m)
    (hB : 2 ≤ B) (hmB : m ≤ B) (hx : ofBits (true :: m.testBit 0 :: x) ≤ B) (hl : x.length + 2 ≤ B) :
    let P : Prog := .seq (pushBit w (.mod (.reg (w + 2)) (.lit 2))) (.seq (pushBit w (.lit 1))
      (.set (w + 2) (.div (.reg (w + 2)) (.lit 2))))
    Step B w [] t (P.run y t) ∧ HoldsInput (true :: m.testBit 0 :: x) w (P.run y t).regs ∧
      (P.run y t).regs.get (w + 2) = m / 2 := by
  have hx' := ofBits_le_append [true] (m.testBit 0 :: x)
  rw [List.singleton_append] at hx'
  have hmod := Nat.mod_le m 2
  obtain ⟨s₁, i₁, k₁⟩ := pushBit_spec (y := y) (B := B) (e := .mod (.reg (w + 2)) (.lit 2)) (b := m.testBit 0) h
    (by simp only [Expr.eval, hm, Nat.testBit_zero]
        rcases Nat.mod_two_eq_zero_or_one m with e | e <;> simp [e])
    (by simp only [Expr.peak, Expr.eval, hm]; omega) hB (by omega) (by omega)
  obtain ⟨s₂, i₂, k₂⟩ := pushBit_spec (y := y) (B := B) (e := .lit 1) (b := true) i₁ rfl
    (by simp only [Expr.peak, Expr.eval]; omega) hB hx (by simpa using hl)
  have hm₂ := ((k₂ (w + 2) (by omega) (by omega)).trans (k₁ (w + 2) (by omega) (by omega))).trans hm
  refine ⟨(s₁.next s₂ (Nat.le_refl _)).next (.set ?_ (by omega)) (Nat.le_refl _), ⟨?_, ?_⟩, ?_⟩
  · have := Nat.div_le_self m 2
    simp only [Expr.peak, Expr.eval, hm₂]
    omega
  · exact (Regs.get_set_ne (by omega)).trans i₂.word
  · exact (Regs.get_set_ne (by omega)).trans i₂.length
  · refine (Regs.get_set_self ..).trans ?_
    simp only [Expr.eval, hm₂]

private theorem pairs_of_pos {m : Nat} (h : 0 < m) : (digits m).flatMap (fun b => [true, b]) =
    (digits (m / 2)).flatMap (fun b => [true, b]) ++ [true, m.testBit 0] := by
  rw [digits_of_pos h, List.flatMap_append]; rfl

private theorem pushArg_spec {a : Nat} (h : HoldsInput x w t.regs) (ha : t.regs.get a = v) (haw : a < w) (hB : 2 ≤ B)
    (hv : v ≤ B) (hx : ofBits (argCode v ++ x) ≤ B) (hl : (argCode v ++ x).length ≤ B) :
    Step B w [] t ((pushArg w a).run y t) ∧ HoldsInput (argCode v ++ x) w ((pushArg w a).run y t).regs := by
  have hx₀ := ofBits_le_append ((digits v).flatMap (fun b => [true, b])) (false :: x)
  have hcode : argCode v ++ x = (digits v).flatMap (fun b => [true, b]) ++ false :: x := by simp [argCode]
  rw [hcode] at hx hl
  rw [hcode]
  obtain ⟨s₁, i₁, k₁⟩ := pushBit_spec (y := y) (B := B) (e := .lit 0) (b := false) h rfl (Nat.zero_le _) hB (by omega)
    (by simp at hl; omega)
  have ha₁ : ((pushBit w (.lit 0)).run y t).regs.get a = v := (s₁.keep a haw).trans ha
  have s₂ : Step B w [] _ ((Prog.set (w + 2) (.reg a)).run y ((pushBit w (.lit 0)).run y t)) :=
    .set (by simp only [Expr.peak, Expr.eval, ha₁]; exact hv) (by omega)
  have i₂ : HoldsInput (false :: x) w ((Prog.set (w + 2) (.reg a)).run y ((pushBit w (.lit 0)).run y t)).regs :=
    ⟨(Regs.get_set_ne (by omega)).trans i₁.word, (Regs.get_set_ne (by omega)).trans i₁.length⟩
  have e₂ : ((Prog.set (w + 2) (.reg a)).run y ((pushBit w (.lit 0)).run y t)).regs.get (w + 2) = v :=
    (Regs.get_set_self ..).trans ha₁
  have ha₂ := (s₂.keep a haw).trans ha₁
  obtain ⟨s₃, -, z, i₃, hz⟩ := Step.loop (x := y) (B := B) (j := w) (r := w + 3) (e := .reg a)
    (s := (Prog.set (w + 2) (.reg a)).run y ((pushBit w (.lit 0)).run y t))
    (P := .ite (.reg (w + 2)) (.seq (pushBit w (.mod (.reg (w + 2)) (.lit 2))) (.seq (pushBit w (.lit 1))
      (.set (w + 2) (.div (.reg (w + 2)) (.lit 2))))) .skip) (new := fun _ => [])
    (fun n s => s.regs.get (w + 2) = v / 2 ^ n ∧ ∃ z, HoldsInput (z ++ false :: x) w s.regs ∧
      (digits (v / 2 ^ n)).flatMap (fun b => [true, b]) ++ z = (digits v).flatMap (fun b => [true, b]))
    (by simp only [Expr.peak, Expr.eval, ha₂]; exact hv) (by omega)
    ⟨by simpa [State.see] using e₂, [], i₂, by simp⟩ fun n _ s ⟨hs, z, hi, hz⟩ _ => by
      have hdiv : v / 2 ^ (n + 1) = v / 2 ^ n / 2 := by rw [Nat.pow_succ, Nat.div_div_eq_div_mul]
      have hle := Nat.div_le_self v (2 ^ n)
      have hs' : (s.regs.set (w + 3) n).get (w + 2) = v / 2 ^ n := (Regs.get_set_ne (by omega)).trans hs
      have hi' : HoldsInput (z ++ false :: x) w (s.regs.set (w + 3) n) :=
        ⟨(Regs.get_set_ne (by omega)).trans hi.word, (Regs.get_set_ne (by omega)).trans hi.length⟩
      have see : Step B w [] { s with regs := s.regs.set (w + 3) n }
          (State.see y { s with regs := s.regs.set (w + 3) n } (.reg (w + 2))) :=
        .see (by simp only [Expr.peak, Expr.eval, hs']; omega)
      dsimp only
      rw [Prog.run, hdiv]
      generalize v / 2 ^ n = m at *
      by_cases h0 : m = 0
      · rw [if_neg (by simpa [Expr.eval, hs'] using h0)]
        subst h0
        exact ⟨see, hs', z, hi', hz⟩
      · rw [if_pos (by simpa [Expr.eval, hs'] using h0)]
        rw [pairs_of_pos (by omega), List.append_assoc] at hz
        have hx₁ := ofBits_le_append ((digits (m / 2)).flatMap fun b => [true, b])
          (true :: m.testBit 0 :: (z ++ false :: x))
        rw [show (digits (m / 2)).flatMap (fun b => [true, b]) ++ true :: m.testBit 0 :: (z ++ false :: x) =
          (digits v).flatMap (fun b => [true, b]) ++ false :: x by rw [← hz]; simp] at hx₁
        rw [← hz] at hl
        obtain ⟨s₄, i₄, e₄⟩ := round_spec (y := y) (B := B)
          (t := State.see y { s with regs := s.regs.set (w + 3) n } (.reg (w + 2))) hi' hs' hB (by omega)
          (by omega) (by simp at hl ⊢; omega)
        exact ⟨see.next s₄ (Nat.le_refl _), e₄, true :: m.testBit 0 :: z, i₄, hz⟩
  have hlast : v / 2 ^ v = 0 := Nat.div_eq_of_lt Nat.lt_two_pow_self
  simp only [Expr.eval, ha₂] at s₃ i₃ hz
  rw [hlast] at hz
  rw [show (List.range v).flatMap (fun _ => ([] : List Nat)) = [] by simp] at s₃
  refine ⟨(s₁.next s₂ (Nat.le_refl _)).next s₃ (Nat.le_refl _), ?_⟩
  rw [← hz]
  exact i₃

private theorem pushArgs_spec {k : Nat} (h : HoldsInput x w t.regs) (hk : k ≤ w) (hB : 2 ≤ B)
    (hv : ∀ r < k, t.regs.get r ≤ B) (hx : ofBits ((List.range k).flatMap (argCode ∘ t.regs.get) ++ x) ≤ B)
    (hl : ((List.range k).flatMap (argCode ∘ t.regs.get) ++ x).length ≤ B) :
    Step B w [] t ((pushArgs w k).run y t) ∧
      HoldsInput ((List.range k).flatMap (argCode ∘ t.regs.get) ++ x) w ((pushArgs w k).run y t).regs := by
  induction k generalizing x t with
  | zero => exact ⟨.refl _ _ _, h⟩
  | succ k ih =>
    have e : (List.range (k + 1)).flatMap (argCode ∘ t.regs.get) ++ x =
        (List.range k).flatMap (argCode ∘ t.regs.get) ++ (argCode (t.regs.get k) ++ x) := by
      simp [List.range_succ]
    rw [e] at hx hl ⊢
    have hx' := ofBits_le_append ((List.range k).flatMap (argCode ∘ t.regs.get)) (argCode (t.regs.get k) ++ x)
    obtain ⟨s₁, i₁⟩ := pushArg_spec (y := y) (B := B) (a := k) h rfl (by omega) hB (hv k (by omega)) (by omega)
      (by rw [List.length_append] at hl; omega)
    have keep : (List.range k).flatMap (argCode ∘ ((pushArg w k).run y t).regs.get) =
        (List.range k).flatMap (argCode ∘ t.regs.get) := by
      simp only [List.flatMap]
      congr 1
      exact List.map_congr_left fun r hr => congrArg argCode (s₁.keep r (by simp at hr; omega))
    obtain ⟨s₂, i₂⟩ := ih i₁ (by omega) (fun r hr => by rw [s₁.keep r (by omega)]; exact hv r (by omega))
      (by rw [keep]; exact hx) (by rw [keep]; exact hl)
    rw [keep] at i₂
    exact ⟨s₁.next s₂ (Nat.le_refl _), i₂⟩

end

private theorem argsCode_eq (args : List Nat) :
    (List.range args.length).flatMap (argCode ∘ Regs.get args) = argsCode args := by
  have e : (List.range args.length).map (Regs.get args) = args := by
    apply List.ext_getElem (by simp)
    intro i h₁ h₂
    simp [Regs.get, h₂]
  have h := congrArg (List.flatMap argCode) e
  rw [List.flatMap_map] at h
  exact h

/-! ## The program -/

/-- Clear the registers below `m`. -/
def clear : Nat → Prog
  | 0 => .skip
  | m + 1 => .seq (clear m) (.set m (.lit 0))

private theorem clear_spec (y : List Bool) (m : Nat) (t : State) : ((clear m).run y t).out = t.out ∧
    ((clear m).run y t).peak = t.peak ∧ ∀ r, ((clear m).run y t).regs.get r = if r < m then 0 else t.regs.get r := by
  induction m with
  | zero => exact ⟨rfl, rfl, fun r => by simp [clear, Prog.run]⟩
  | succ m ih =>
    obtain ⟨h₁, h₂, h₃⟩ := ih
    refine ⟨h₁, ?_, fun r => ?_⟩
    · simp [clear, Prog.run, State.see, Expr.peak, Expr.eval, h₂]
    · simp only [clear, Prog.run, Expr.eval, Regs.get_set, h₃]
      grind

/-- The register above those of the simulation; it holds the first argument. -/
def top (M : Machine) (k : Nat) : Nat := max k (max (4 + 3 * M.tapes) (round M value).registers)

/-- The simulation of the machine, in as many rounds as a power of the first argument. -/
def rounds (M : Machine) (k E : Nat) : Prog := .loop 0 (powExpr (.reg (top M k)) E) (round M value)

/-- **The program of a machine** with `k` arguments: it writes their code, makes room for the simulation, and simulates
the machine for `(n + 2) ^ E` steps, where `n` is the first argument. -/
def program (M : Machine) (k E : Nat) : Prog :=
  .seq (pushArgs (top M k + 1) k) <| .seq (.set (top M k) (.reg 0)) <| .seq (clear (top M k)) <|
  .seq ((rounds M k E).load (top M k + 1) (top M k + 3)) (.set 0 (.reg 3))

private theorem registers_powExpr (u E : Nat) : (powExpr (.reg u) E).registers ≤ u + 1 := by
  induction E with
  | zero => simp [powExpr, Expr.registers]
  | succ E ih => simp [powExpr, Expr.registers, ih]

private theorem out_run (M : Machine) (x : List Bool) (t : Nat) (c : M.Conf) : ∃ l, (M.run x t c).out = l ++ c.out := by
  induction t generalizing c with
  | zero => exact ⟨[], rfl⟩
  | succ t ih =>
    rw [Machine.run]
    split
    · exact ⟨[], rfl⟩
    · rename_i c' h
      obtain ⟨a, -, rfl⟩ := Option.map_eq_some_iff.1 h
      obtain ⟨l, e⟩ := ih (M.act x c a)
      exact ⟨l ++ a.out.toList, by rw [e]; simp [Machine.act]⟩

private theorem size_run_le {M : Machine} {x y : List Bool} {t s : Nat} (h : M.HaltsWith x y t s) (i : Nat) :
    value.size (M.run x i M.init).out ≤ ofDigits y := by
  obtain ⟨l, e⟩ := out_run M x t (M.run x i M.init)
  rw [← Machine.run_add] at e
  have := (h.mono (Nat.le_add_left t i) (Nat.le_refl s)).2.1
  rw [← this, e]
  simp only [value, ofDigits, List.reverse_reverse]
  exact ofBits_le_append l _

/-- The program of a machine computes what the machine computes. -/
theorem yields_program {M : Machine} {E B s v : Nat} {args : List Nat} (h : M.Computes args s v)
    (hargs : ∀ r, Regs.get args r ≤ B) (hB : 2 ≤ B) (hx : ofBits (argsCode args) ≤ B)
    (hl : (argsCode args).length ≤ B) (hE : (Regs.get args 0 + 2) ^ E ≤ B) (hb : M.base (argsCode args).length s ≤ B)
    (hN : M.base (argsCode args).length s ^ (3 * M.tapes + 2) ≤ (Regs.get args 0 + 2) ^ E) (hv : v ≤ B) :
    (program M args.length E).Yields args B v := by
  obtain ⟨t, y, h, rfl⟩ := h
  generalize hu : top M args.length = u at *
  have hk : args.length ≤ u := hu ▸ Nat.le_max_left ..
  have h4 : 4 + 3 * M.tapes ≤ u := hu ▸ Nat.le_trans (Nat.le_max_left ..) (Nat.le_max_right ..)
  have hr : (round M value).registers ≤ u := hu ▸ Nat.le_trans (Nat.le_max_right ..) (Nat.le_max_right ..)
  -- the code of the arguments
  have zero : ∀ r, args.length ≤ r → Regs.get args r = 0 := fun r hr => by simp [Regs.get, hr]
  obtain ⟨s₁, i₁⟩ := pushArgs_spec (x := []) (y := []) (w := u + 1) (B := B) (t := { regs := args })
    (k := args.length) ⟨zero _ (by omega), zero _ (by omega)⟩ (by omega) hB (fun r _ => hargs r)
    (by rw [List.append_nil, argsCode_eq]; exact hx) (by rw [List.append_nil, argsCode_eq]; exact hl)
  rw [List.append_nil, argsCode_eq] at i₁
  have o₁ := s₁.out
  have p₁ := s₁.peak (Nat.zero_le _)
  have n₁ := s₁.keep 0 (by omega)
  generalize ht₁ : (pushArgs (u + 1) args.length).run [] { regs := args } = t₁ at *
  -- room for the simulation
  obtain ⟨o₂, p₂, r₂⟩ := clear_spec [] u ((Prog.set u (.reg 0)).run [] t₁)
  generalize ht₂ : (clear u).run [] ((Prog.set u (.reg 0)).run [] t₁) = t₂ at *
  have o₂ : t₂.out = [] := o₂.trans o₁
  have p₂ : t₂.peak ≤ B := by
    rw [p₂]
    refine Nat.max_le.2 ⟨p₁, ?_⟩
    show t₁.regs.get 0 ≤ B
    rw [n₁]
    exact hargs 0
  have n₂ : t₂.regs.get u = Regs.get args 0 := by
    rw [r₂, if_neg (by omega)]
    exact (Regs.get_set_self ..).trans n₁
  have i₂ : HoldsInput (argsCode args) (u + 1) t₂.regs := by
    constructor
    · rw [r₂, if_neg (by omega)]; exact (Regs.get_set_ne (by omega)).trans i₁.word
    · rw [r₂, if_neg (by omega)]; exact (Regs.get_set_ne (by omega)).trans i₁.length
  -- the simulation
  obtain ⟨ev, pk⟩ := eval_powExpr (x := argsCode args) (s := t₂.regs) (e := .reg u) E n₂ n₂
  obtain ⟨c, hy, H⟩ := run_loop (Q := value) (e := powExpr (.reg u) E) (s := t₂) (B := B) h
    (holds_init (fun r _ hr => by rw [r₂, if_pos (by omega)]) o₂ p₂) (by omega) (by rw [ev]; exact hN) hb fun i _ =>
      Nat.le_trans (size_run_le h i) hv
  have hreg : (rounds M args.length E).registers ≤ u + 1 := by
    have := registers_powExpr u E
    simp only [rounds, hu, Prog.registers]
    omega
  have hrun : (rounds M args.length E).run (argsCode args) t₂ =
      (Prog.loop 0 (powExpr (.reg u) E) (round M value)).run (argsCode args) t₂ := by rw [rounds, hu]
  obtain ⟨H₁, H₂⟩ := (rounds M args.length E).run_load (y := []) (d := u + 3) (B := B) (s := t₂) (t := t₂)
    ⟨fun _ _ => rfl, i₂, rfl⟩ hreg (by omega) hB hx (by rw [hrun]; exact H.peak) p₂
  have h₃ := H₁.regs 3 (by omega)
  rw [hrun, H.count] at h₃
  have h₃ : (((rounds M args.length E).load (u + 1) (u + 3)).run [] t₂).regs.get 3 = ofDigits y := by
    rw [h₃, ← hy]; rfl
  have e : (program M args.length E).run [] { regs := args } =
      (Prog.set 0 (.reg 3)).run [] (((rounds M args.length E).load (u + 1) (u + 3)).run [] t₂) := by
    rw [program, hu]
    show (Prog.set 0 (.reg 3)).run [] (Prog.run [] _ ((clear u).run [] ((Prog.set u (.reg 0)).run []
      ((pushArgs (u + 1) args.length).run [] { regs := args })))) = _
    rw [ht₁, ht₂]
  refine ⟨?_, ?_⟩
  · rw [Prog.result, e]
    exact (Regs.get_set_self ..).trans h₃
  · rw [Prog.resultPeak, e]
    exact Nat.max_le.2 ⟨H₂, by rw [← h₃] at hv; exact hv⟩

end FromMachine

/-! ## In linear space -/

private theorem two_pow_le {a b ℓ : Nat} (h : a ≤ b * ℓ) : 2 ^ a ≤ 2 ^ (b * ℓ) := Nat.pow_le_pow_right (by omega) h

private theorem base_le_two_pow (M : Machine) {m s X K ℓ : Nat} (hℓ : 1 ≤ ℓ) (hm : m ≤ X * ℓ) (hs : s ≤ K * ℓ) :
    M.base m s ≤ 2 ^ ((M.states + 1 + (X + 2) + (M.symbols + 2) * (K + 1)) * ℓ) := by
  have h₁ : M.states + 1 ≤ 2 ^ ((M.states + 1) * ℓ) :=
    Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (two_pow_le (Nat.le_mul_of_pos_right _ hℓ))
  have h₂ : m + 2 ≤ 2 ^ ((X + 2) * ℓ) := by
    refine Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (two_pow_le ?_)
    rw [Nat.add_mul]
    omega
  have h₃ : (M.symbols + 2) ^ (s + 1) ≤ 2 ^ ((M.symbols + 2) * (K + 1) * ℓ) := by
    refine Nat.le_trans (Nat.pow_le_pow_left (Nat.le_of_lt Nat.lt_two_pow_self) _) ?_
    rw [← Nat.pow_mul, Nat.mul_assoc]
    refine Nat.pow_le_pow_right (by omega) (Nat.mul_le_mul_left _ ?_)
    rw [Nat.add_mul]
    omega
  rw [Nat.add_mul, Nat.pow_add, Nat.add_mul, Nat.pow_add, Nat.mul_assoc]
  exact Nat.mul_le_mul h₁ (Nat.mul_le_mul h₂ h₃)

/-- A number and the power of 2 at its logarithm. -/
theorem two_pow_log2_le (n : Nat) : 2 ^ (n.log2 + 1) ≤ (n + 2) ^ 2 := by
  have : 2 ^ n.log2 ≤ n + 1 := by
    rcases Nat.eq_zero_or_pos n with rfl | h
    · simp
    · have := Nat.log2_self_le (show n ≠ 0 by omega); omega
  rw [Nat.pow_succ]
  grind

private theorem pow_le_two_pow {n ℓ : Nat} (E : Nat) (hn : n < 2 ^ ℓ) (hℓ : 1 ≤ ℓ) :
    (n + 2) ^ E ≤ 2 ^ (2 * E * ℓ) := by
  rw [show 2 * E * ℓ = 2 * ℓ * E by grind, Nat.pow_mul]
  refine Nat.pow_le_pow_left ?_ E
  have h₂ : 2 ≤ 2 ^ ℓ := Nat.pow_le_pow_right (n := 2) (by omega) hℓ
  have h₃ : 2 * 2 ^ ℓ ≤ 2 ^ (2 * ℓ) := by
    rw [Nat.two_mul ℓ, Nat.pow_add]
    exact Nat.mul_le_mul_right _ h₂
  omega

open FromMachine in
/-- **From machines to register programs.** A machine that computes a function of `k` numbers, of which the first is
`n`, in a number of cells linear in `log n`, is simulated by one register program whose numbers have linearly many bits.
The arguments and the value must have linearly many bits, too. -/
theorem Machine.exists_program (M : Machine) (k K d : Nat) : ∃ (P : Prog) (c : Nat), ∀ (n : Nat) (rest : List Nat)
    (s v : Nat), rest.length + 1 = k → s ≤ K * (n.log2 + 1) → (∀ a ∈ n :: rest, a < 2 ^ (d * (n.log2 + 1))) →
    v < 2 ^ (d * (n.log2 + 1)) → M.Computes (n :: rest) s v → P.Yields (n :: rest) (2 ^ (c * (n.log2 + 1))) v := by
  obtain ⟨X, hX⟩ : ∃ X, X = k * (2 * d + 1) := ⟨_, rfl⟩
  obtain ⟨A, hA⟩ : ∃ A, A = M.states + 1 + (X + 2) + (M.symbols + 2) * (K + 1) := ⟨_, rfl⟩
  obtain ⟨E, hE⟩ : ∃ E, E = 2 * (A * (3 * M.tapes + 2)) := ⟨_, rfl⟩
  refine ⟨program M k E, 2 * E + X + A + d + 1, fun n rest s v hk hs hargs hv h => ?_⟩
  subst hk
  obtain ⟨ℓ, hℓ⟩ : ∃ ℓ, ℓ = n.log2 + 1 := ⟨_, rfl⟩
  rw [← hℓ] at hs hargs hv ⊢
  have hx : (argsCode (n :: rest)).length ≤ X * ℓ := by
    refine Nat.le_trans (length_argsCode_le hargs) ?_
    rw [hX, Nat.mul_assoc, List.length_cons]
    refine Nat.mul_le_mul_left _ ?_
    rw [Nat.add_mul, Nat.mul_assoc]
    omega
  have hbase := base_le_two_pow M (X := X) (K := K) (show 1 ≤ ℓ by omega) hx hs
  rw [← hA] at hbase
  have hn : n < 2 ^ ℓ := hℓ ▸ Nat.lt_log2_self
  have hn' : 2 ^ ℓ ≤ (n + 2) ^ 2 := hℓ ▸ two_pow_log2_le n
  have mono : ∀ b, b ≤ 2 * E + X + A + d + 1 → 2 ^ (b * ℓ) ≤ 2 ^ ((2 * E + X + A + d + 1) * ℓ) := fun b hb =>
    two_pow_le (Nat.mul_le_mul_right ℓ hb)
  have hN : M.base (argsCode (n :: rest)).length s ^ (3 * M.tapes + 2) ≤ (n + 2) ^ E := by
    refine Nat.le_trans (Nat.pow_le_pow_left hbase _) ?_
    rw [← Nat.pow_mul, hE, show A * ℓ * (3 * M.tapes + 2) = ℓ * (A * (3 * M.tapes + 2)) by grind, Nat.pow_mul 2 ℓ,
      Nat.pow_mul (n + 2) 2]
    exact Nat.pow_le_pow_left hn' _
  have hE' : (n + 2) ^ E ≤ 2 ^ (2 * E * ℓ) := pow_le_two_pow E hn (by omega)
  have hget : Regs.get (n :: rest) 0 = n := rfl
  rw [← hget] at hN hE'
  show (program M (n :: rest).length E).Yields _ _ _
  refine yields_program h (fun r => ?_) ?_ ?_ ?_ (Nat.le_trans hE' (mono _ ?_)) (Nat.le_trans hbase (mono _ ?_)) hN ?_
  · have : Regs.get (n :: rest) r < 2 ^ (d * ℓ) := by
      rw [Regs.get, List.getD_eq_getElem?_getD]
      rcases Nat.lt_or_ge r (n :: rest).length with hr | hr
      · rw [List.getElem?_eq_getElem hr]; exact hargs _ (List.getElem_mem hr)
      · rw [List.getElem?_eq_none hr]; exact Nat.two_pow_pos _
    exact Nat.le_trans (Nat.le_of_lt this) (mono d (by omega))
  · exact Nat.le_trans (Nat.pow_le_pow_right (n := 2) (by omega) (show 1 ≤ 1 * ℓ by omega)) (mono 1 (by omega))
  · exact Nat.le_trans (Nat.le_of_lt (ofBits_lt _)) (Nat.le_trans (two_pow_le hx) (mono X (by omega)))
  · exact Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (Nat.le_trans (two_pow_le hx) (mono X (by omega)))
  · omega
  · omega
  · exact Nat.le_trans (Nat.le_of_lt hv) (mono d (by omega))

end Logprec.Turing
