import Logprec.Space.Blind
import Logprec.Space.Turing.Binary
import Logprec.Space.Turing.Programs

/-!
# From register programs to machines with several arguments

A register program that computes a function of its registers becomes a Turing machine that computes it in binary: the
arguments are read off the input tape, the program is run, and the result is printed digit by digit
(`Prog.exists_machine`).
-/

namespace Logprec.Turing

open Space

namespace ToMachine

/-! ## Reading arguments -/

/-- Read one digit at the position in register `q` into register `a`; register `q + 1` says that the end was seen. -/
def parseBit (q a : Nat) : Prog :=
  .ite (.reg (q + 1)) .skip (.ite (.inputBit (.reg q))
    (.seq (.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1)))))
      (.set q (.add (.reg q) (.lit 2))))
    (.seq (.set q (.add (.reg q) (.lit 1))) (.set (q + 1) (.lit 1))))

/-- Read the argument that begins at the position in register `q` into register `a`, which is 0. -/
def parseArg (q a : Nat) : Prog := .seq (.set (q + 1) (.lit 0)) (.loop (q + 2) .len (parseBit q a))

/-- Read `k` arguments into the registers below `k`. -/
def parseArgs (q : Nat) : Nat → Prog
  | 0 => .skip
  | k + 1 => .seq (parseArgs q k) (parseArg q k)

/-- Digits on the input tape, each after a 1. -/
private def pairs (l : List Bool) : List Bool := l.flatMap fun b => [true, b]

private theorem length_pairs (l : List Bool) : (pairs l).length = 2 * l.length := by
  induction l with
  | nil => rfl
  | cons b l ih => rw [pairs, List.flatMap_cons, List.length_append, ← pairs, ih]; simp; omega

private theorem pairs_append (l m : List Bool) : pairs (l ++ m) = pairs l ++ pairs m := List.flatMap_append

/-- What is on the tape behind `pre` and the digits `l`. -/
private theorem getD_pairs (pre l rest : List Bool) (i : Nat) :
    (pre ++ (pairs l ++ rest)).getD (pre.length + 2 * l.length + i) false = rest.getD i false := by
  rw [List.getD_eq_getElem?_getD, List.getElem?_append_right (by omega), List.getElem?_append_right (by
    rw [length_pairs]; omega), length_pairs, List.getD_eq_getElem?_getD]
  congr 2
  omega

private theorem ofDigits_le_append (l m : List Bool) : ofDigits l ≤ ofDigits (l ++ m) := by
  rw [ofDigits, ofDigits, List.reverse_append, ofBits_append]
  have := Nat.le_mul_of_pos_left (ofBits l.reverse) (Nat.two_pow_pos m.reverse.length)
  omega

/-- Where reading the digits `d` is after `n` rounds: either `l` were read and `m` are left, or the argument is
complete. -/
private def Where (pre : List Bool) (q a n : Nat) (d : List Bool) (u : Regs) : Prop :=
  (∃ l m, d = l ++ m ∧ l.length = n ∧ u.get (q + 1) = 0 ∧ u.get q = pre.length + 2 * l.length ∧
    u.get a = ofDigits l) ∨
  (d.length < n ∧ u.get (q + 1) = 1 ∧ u.get q = pre.length + 2 * d.length + 1 ∧ u.get a = ofDigits d)

/-- While the digits of an argument are read. -/
private structure Reading (pre : List Bool) (q a B n : Nat) (d : List Bool) (t s : State) : Prop where
  /-- How far it is. -/
  place : Where pre q a n d s.regs
  /-- The other registers. -/
  keep : ∀ r < q, r ≠ a → s.regs.get r = t.regs.get r
  /-- Nothing is printed. -/
  out : s.out = t.out
  /-- No number above `B` is handled. -/
  peak : s.peak ≤ B

/-- One round of reading, when `Q` is the position, `A` the number read so far, and `e` whether the end was seen. -/
private structure Round (q a B Q A e : Nat) (u u' : State) : Prop where
  /-- The end. -/
  done : u'.regs.get (q + 1) = e
  /-- The position. -/
  pos : u'.regs.get q = Q
  /-- The number. -/
  num : u'.regs.get a = A
  /-- The other registers. -/
  keep : ∀ r < q, r ≠ a → u'.regs.get r = u.regs.get r
  /-- Nothing is printed. -/
  out : u'.out = u.out
  /-- No number above `B` is handled. -/
  peak : u.peak ≤ B → u'.peak ≤ B

section
variable {x : List Bool} {q a B Q A : Nat} {u : State}

private theorem round_done (h₁ : u.regs.get (q + 1) = 1) (h₂ : u.regs.get q = Q) (h₃ : u.regs.get a = A) (hB : 2 ≤ B) :
    Round q a B Q A 1 u ((parseBit q a).run x u) := by
  rw [parseBit, Prog.run, if_pos (by simp [Expr.eval, h₁])]
  exact ⟨h₁, h₂, h₃, fun _ _ _ => rfl, rfl, fun h => Nat.max_le.2 ⟨h, by simp only [Expr.peak, Expr.eval]; omega⟩⟩

private theorem round_end (h₁ : u.regs.get (q + 1) = 0) (h₂ : u.regs.get q = Q) (h₃ : u.regs.get a = A) (ha : a < q)
    (hB : 2 ≤ B) (hQ : Q + 1 ≤ B) (hb : x.getD Q false = false) :
    Round q a B (Q + 1) A 1 u ((parseBit q a).run x u) := by
  rw [parseBit, Prog.run, if_neg (by simp [Expr.eval, h₁]), Prog.run,
    if_neg (by simp only [Expr.eval, State.see, h₂, hb]; decide)]
  have s₁ : Step B 0 [] u (u.see x (.reg (q + 1))) := .see (by simp only [Expr.peak, Expr.eval]; omega)
  have s₂ : Step B 0 [] _ ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))) :=
    .see (by simp only [Expr.peak, Expr.eval, State.see, h₂, hb]; simp; omega)
  have h := (s₁.next s₂ (Nat.le_refl _)).peak
  have hr : ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))).regs = u.regs := rfl
  have ho : ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))).out = u.out := rfl
  generalize (u.see x (.reg (q + 1))).see x (.inputBit (.reg q)) = v at h hr ho
  have s₃ : Step B 0 [] v ((Prog.set q (.add (.reg q) (.lit 1))).run x v) :=
    .set (by simp only [Expr.peak, Expr.eval, hr, h₂]; omega) (Nat.zero_le _)
  have s₄ : Step B 0 [] _ ((Prog.set (q + 1) (.lit 1)).run x ((Prog.set q (.add (.reg q) (.lit 1))).run x v)) :=
    .set (by simp only [Expr.peak, Expr.eval]; omega) (Nat.zero_le _)
  refine ⟨Regs.get_set_self .., ?_, ?_, fun r hr' hr'' => ?_, ho, fun hu => s₄.peak (s₃.peak (h hu))⟩
  · exact (Regs.get_set_ne (by omega)).trans ((Regs.get_set_self ..).trans (by simp only [Expr.eval, hr, h₂]))
  · exact (Regs.get_set_ne (by omega)).trans ((Regs.get_set_ne (by omega)).trans (hr ▸ h₃))
  · exact (Regs.get_set_ne (by omega)).trans ((Regs.get_set_ne (by omega)).trans (by rw [hr]))

private theorem round_digit {b : Bool} (h₁ : u.regs.get (q + 1) = 0) (h₂ : u.regs.get q = Q) (h₃ : u.regs.get a = A)
    (ha : a < q) (hB : 2 ≤ B) (hQ : Q + 2 ≤ B) (hA : 2 * A + b.toNat ≤ B) (hb : x.getD Q false = true)
    (hb' : x.getD (Q + 1) false = b) :
    Round q a B (Q + 2) (2 * A + b.toNat) 0 u ((parseBit q a).run x u) := by
  rw [parseBit, Prog.run, if_neg (by simp [Expr.eval, h₁]), Prog.run,
    if_pos (by simp only [Expr.eval, State.see, h₂, hb]; decide)]
  have s₁ : Step B 0 [] u (u.see x (.reg (q + 1))) := .see (by simp only [Expr.peak, Expr.eval]; omega)
  have s₂ : Step B 0 [] _ ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))) :=
    .see (by simp only [Expr.peak, Expr.eval, State.see, h₂, hb]; simp; omega)
  have h := (s₁.next s₂ (Nat.le_refl _)).peak
  have hr : ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))).regs = u.regs := rfl
  have ho : ((u.see x (.reg (q + 1))).see x (.inputBit (.reg q))).out = u.out := rfl
  generalize (u.see x (.reg (q + 1))).see x (.inputBit (.reg q)) = v at h hr ho
  have s₃ : Step B 0 [] v ((Prog.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1))))).run x v) :=
    .set (by simp only [Expr.peak, Expr.eval, hr, h₂, h₃, hb']; omega) (Nat.zero_le _)
  have e₃ : ((Prog.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1))))).run x v).regs =
      u.regs.set a (2 * A + b.toNat) := by simp only [Prog.run, Expr.eval, hr, h₂, h₃, hb']
  have o₃ : ((Prog.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1))))).run x v).out =
      u.out := ho
  show Round q a B _ _ 0 u ((Prog.set q (.add (.reg q) (.lit 2))).run x
    ((Prog.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1))))).run x v))
  generalize (Prog.set a (.add (.mul (.lit 2) (.reg a)) (.inputBit (.add (.reg q) (.lit 1))))).run x v = w at s₃ e₃ o₃
  have hq : w.regs.get q = Q := by rw [e₃, Regs.get_set_ne (by omega), h₂]
  have s₄ : Step B 0 [] w ((Prog.set q (.add (.reg q) (.lit 2))).run x w) :=
    .set (by simp only [Expr.peak, Expr.eval, hq]; omega) (Nat.zero_le _)
  refine ⟨?_, ?_, ?_, fun r hr' hr'' => ?_, o₃, fun hu => s₄.peak (s₃.peak (h hu))⟩
  · exact (Regs.get_set_ne (by omega)).trans (by rw [e₃, Regs.get_set_ne (by omega), h₁])
  · exact (Regs.get_set_self ..).trans (by simp only [Expr.eval, hq])
  · exact (Regs.get_set_ne (by omega)).trans (by rw [e₃, Regs.get_set_self])
  · exact (Regs.get_set_ne (by omega)).trans (by rw [e₃, Regs.get_set_ne hr''])

end

private theorem reading_step {x pre post d : List Bool} {q a B n : Nat} {t s : State} (ha : a < q) (hB : 2 ≤ B)
    (hx : x = pre ++ (pairs d ++ false :: post)) (hl : x.length + 2 ≤ B) (hd : ofDigits d ≤ B)
    (h : Reading pre q a B n d t s) : Reading pre q a B (n + 1) d t
      ((parseBit q a).run x { s with regs := s.regs.set (q + 2) n }) := by
  have hlen : x.length = pre.length + 2 * d.length + 1 + post.length := by
    rw [hx]; simp [length_pairs]; omega
  have g : ∀ r < q + 2, (s.regs.set (q + 2) n).get r = s.regs.get r := fun r hr => Regs.get_set_ne (by omega)
  have finish {Q A e : Nat} (H : Round q a B Q A e { s with regs := s.regs.set (q + 2) n }
      ((parseBit q a).run x { s with regs := s.regs.set (q + 2) n }))
      (hw : Where pre q a (n + 1) d ((parseBit q a).run x { s with regs := s.regs.set (q + 2) n }).regs) :
      Reading pre q a B (n + 1) d t ((parseBit q a).run x { s with regs := s.regs.set (q + 2) n }) :=
    ⟨hw, fun r hr hr' => (H.keep r hr hr').trans ((g r (by omega)).trans (h.keep r hr hr')), H.out.trans h.out,
      H.peak h.peak⟩
  rcases h.place with ⟨l, m, hd', hn, h₁, h₂, h₃⟩ | ⟨hn, h₁, h₂, h₃⟩
  · cases m with
    | nil =>
      obtain rfl : d = l := by simpa using hd'
      have H := round_end (x := x) (u := { s with regs := s.regs.set (q + 2) n }) ((g _ (by omega)).trans h₁)
        ((g _ (by omega)).trans h₂) ((g _ (by omega)).trans h₃) ha hB (by omega)
        (by rw [hx]; exact getD_pairs pre d _ 0)
      exact finish H (.inr ⟨by omega, H.done, H.pos, H.num⟩)
    | cons b m =>
      have hnew := ofDigits_le_append (l ++ [b]) m
      rw [List.append_assoc, List.singleton_append, ← hd', ofDigits_append] at hnew
      have hlm : d.length = l.length + m.length + 1 := by rw [hd']; simp; omega
      have H := round_digit (x := x) (u := { s with regs := s.regs.set (q + 2) n }) (b := b)
        ((g _ (by omega)).trans h₁) ((g _ (by omega)).trans h₂) ((g _ (by omega)).trans h₃) ha hB (by omega) (by omega)
        (by rw [hx, hd', pairs_append, List.append_assoc]; exact getD_pairs pre l _ 0)
        (by rw [hx, hd', pairs_append, List.append_assoc]; exact getD_pairs pre l _ 1)
      exact finish H (.inl ⟨l ++ [b], m, by simp [hd'], by simp [hn], H.done, by rw [H.pos]; simp; omega,
        by rw [H.num, ofDigits_append]⟩)
  · have H := round_done (x := x) (B := B) (u := { s with regs := s.regs.set (q + 2) n }) ((g _ (by omega)).trans h₁)
      ((g _ (by omega)).trans h₂) ((g _ (by omega)).trans h₃) hB
    exact finish H (.inr ⟨by omega, H.done, H.pos, H.num⟩)

private theorem parseArg_spec {x pre post : List Bool} {q a B v : Nat} {t : State} (ha : a < q) (hB : 2 ≤ B)
    (hx : x = pre ++ (argCode v ++ post)) (hl : x.length + 2 ≤ B) (hv : v ≤ B) (hq : t.regs.get q = pre.length)
    (h₀ : t.regs.get a = 0) (hp : t.peak ≤ B) :
    ((parseArg q a).run x t).regs.get q = (pre ++ argCode v).length ∧ ((parseArg q a).run x t).regs.get a = v ∧
      (∀ r < q, r ≠ a → ((parseArg q a).run x t).regs.get r = t.regs.get r) ∧
      ((parseArg q a).run x t).out = t.out ∧ ((parseArg q a).run x t).peak ≤ B := by
  have hx' : x = pre ++ (pairs (digits v) ++ false :: post) := by rw [hx, argCode, pairs]; simp
  have key : ∀ n, Reading pre q a B n (digits v) t ((List.range n).foldl
      (fun s i => (parseBit q a).run x { s with regs := s.regs.set (q + 2) i })
      (((Prog.set (q + 1) (.lit 0)).run x t).see x .len)) := by
    intro n
    induction n with
    | zero =>
      refine ⟨.inl ⟨[], digits v, rfl, rfl, Regs.get_set_self .., (Regs.get_set_ne (by omega)).trans hq,
        (Regs.get_set_ne (by omega)).trans h₀⟩, fun r hr _ => Regs.get_set_ne (by omega), rfl, ?_⟩
      exact Nat.max_le.2 ⟨Nat.max_le.2 ⟨hp, Nat.zero_le _⟩, by simp only [Expr.peak, Expr.eval]; omega⟩
    | succ n ih =>
      rw [List.range_succ, List.foldl_append]
      exact reading_step ha hB hx' hl (by rw [ofDigits_digits]; exact hv) ih
  have hlen : x.length = pre.length + 2 * (digits v).length + 1 + post.length := by
    rw [hx']; simp [length_pairs]; omega
  have H := key x.length
  have hrun : (parseArg q a).run x t = (List.range x.length).foldl
      (fun s i => (parseBit q a).run x { s with regs := s.regs.set (q + 2) i })
      (((Prog.set (q + 1) (.lit 0)).run x t).see x .len) := rfl
  rw [hrun]
  rcases H.place with ⟨l, m, hd, hn, -⟩ | ⟨-, -, h₂, h₃⟩
  · have := congrArg List.length hd
    simp only [List.length_append] at this
    omega
  · refine ⟨?_, by rw [h₃, ofDigits_digits], H.keep, H.out, H.peak⟩
    rw [h₂, argCode, ← pairs, List.length_append, List.length_append, length_pairs, List.length_singleton]
    omega

private theorem parseArgs_spec {x : List Bool} {q B : Nat} (args : List Nat) (hx : x = argsCode args)
    (hq : args.length ≤ q) (hB : 2 ≤ B) (hl : x.length + 2 ≤ B) (hv : ∀ v ∈ args, v ≤ B) :
    ∀ k ≤ args.length, ((parseArgs q k).run x {}).regs.get q = (argsCode (args.take k)).length ∧
      (∀ r < q, ((parseArgs q k).run x {}).regs.get r = Regs.get (args.take k) r) ∧
      ((parseArgs q k).run x {}).out = [] ∧ ((parseArgs q k).run x {}).peak ≤ B := by
  intro k hk
  induction k with
  | zero => exact ⟨by simp [parseArgs, Prog.run, Regs.get, argsCode], by simp [parseArgs, Prog.run], rfl, Nat.zero_le _⟩
  | succ k ih =>
    obtain ⟨h₁, h₂, h₃, h₄⟩ := ih (by omega)
    have htake : args.take (k + 1) = args.take k ++ [args[k]'(by omega)] := by simp
    have hsplit : x = argsCode (args.take k) ++ (argCode (args[k]'(by omega)) ++ argsCode (args.drop (k + 1))) := by
      rw [hx]
      conv => lhs; rw [← List.take_append_drop k args, List.drop_eq_getElem_cons (by omega)]
      simp only [argsCode, List.flatMap_append, List.flatMap_cons]
    have hlen : (args.take k).length = k := by simp; omega
    obtain ⟨g₁, g₂, g₃, g₄, g₅⟩ := parseArg_spec (a := k) (t := (parseArgs q k).run x {}) (by omega) hB hsplit hl
      (hv _ (List.getElem_mem _)) h₁
      (by rw [h₂ k (by omega), Regs.get, List.getD_eq_getElem?_getD, List.getElem?_eq_none (by omega)]; rfl) h₄
    refine ⟨?_, fun r hr => ?_, g₄.trans h₃, g₅⟩
    · rw [parseArgs, Prog.run, g₁, htake]
      simp only [argsCode, List.flatMap_append, List.flatMap_cons, List.flatMap_nil, List.append_nil]
    · rw [parseArgs, Prog.run, htake]
      by_cases h : r = k
      · subst h
        rw [g₂, Regs.get, List.getD_eq_getElem?_getD, List.getElem?_append_right (by omega), hlen]
        simp
      · rw [g₃ r hr h, h₂ r hr, Regs.get, Regs.get, List.getD_eq_getElem?_getD, List.getD_eq_getElem?_getD]
        rcases Nat.lt_or_ge r k with h' | h'
        · rw [List.getElem?_append_left (by omega)]
        · rw [List.getElem?_append_right (by omega), List.getElem?_eq_none (by omega),
            List.getElem?_eq_none (by simp; omega)]

/-! ## Printing digits -/

/-- Double register `q`, which is 1, while twice its value is at most the number in register 0. -/
def highest (q : Nat) : Prog :=
  .seq (.set q (.lit 1)) <| .loop (q + 1) (.reg 0) <|
  .ite (.lt (.reg 0) (.mul (.lit 2) (.reg q))) .skip (.set q (.mul (.lit 2) (.reg q)))

/-- Print the digits of the number in register 0, from the power of 2 in register `q` down. -/
def printDown (q : Nat) : Prog :=
  .loop (q + 1) (.add (.reg 0) (.lit 1)) <| .ite (.reg q)
    (.seq (.emit (.mod (.div (.reg 0) (.reg q)) (.lit 2))) (.set q (.div (.reg q) (.lit 2)))) .skip

section
variable {x : List Bool} {q B v : Nat} {t : State}

private theorem highest_spec (hq : 0 < q) (hv : t.regs.get 0 = v) (hB : 2 * v + 2 ≤ B) :
    Step B q [] t ((highest q).run x t) ∧
      ∃ m, ((highest q).run x t).regs.get q = 2 ^ m ∧ 2 ^ m ≤ v + 1 ∧ v < 2 ^ (m + 1) := by
  have s₁ : Step B q [] t ((Prog.set q (.lit 1)).run x t) :=
    .set (by simp only [Expr.peak, Expr.eval]; omega) (Nat.le_refl _)
  have e₁ : ((Prog.set q (.lit 1)).run x t).regs.get q = 1 := Regs.get_set_self ..
  have v₁ := (s₁.keep 0 hq).trans hv
  generalize ht₁ : (Prog.set q (.lit 1)).run x t = t₁ at *
  obtain ⟨s₂, m, h₁, h₂, h₃⟩ := Step.loop (x := x) (s := t₁) (B := B) (j := q) (r := q + 1) (e := .reg 0)
    (P := .ite (.lt (.reg 0) (.mul (.lit 2) (.reg q))) .skip (.set q (.mul (.lit 2) (.reg q)))) (new := fun _ => [])
    (fun n s => ∃ m, s.regs.get q = 2 ^ m ∧ 2 ^ m ≤ v + 1 ∧ (v < 2 ^ (m + 1) ∨ n ≤ m))
    (by simp only [Expr.peak, Expr.eval, v₁]; omega) (by omega)
    ⟨0, by simpa [State.see] using e₁, by simp, .inr (Nat.le_refl _)⟩ fun n _ s ⟨m, h₁, h₂, h₃⟩ hk => by
      have hq' : (s.regs.set (q + 1) n).get q = 2 ^ m := (Regs.get_set_ne (by omega)).trans h₁
      have hv' : (s.regs.set (q + 1) n).get 0 = v := (Regs.get_set_ne (by omega)).trans ((hk 0 hq).trans v₁)
      have hp : 2 ^ (m + 1) = 2 * 2 ^ m := Nat.pow_succ'
      have hb := Bool.toNat_le (decide (v < 2 * 2 ^ m))
      have see : Step B q [] { s with regs := s.regs.set (q + 1) n }
          (State.see x { s with regs := s.regs.set (q + 1) n } (.lt (.reg 0) (.mul (.lit 2) (.reg q)))) :=
        .see (by simp only [Expr.peak, Expr.eval, hq', hv']; omega)
      dsimp only
      rw [Prog.run]
      by_cases h : v < 2 * 2 ^ m
      · rw [if_pos (by simp [Expr.eval, hq', hv', h])]
        exact ⟨see, m, hq', h₂, .inl (by omega)⟩
      · rw [if_neg (by simp [Expr.eval, hq', hv', h])]
        refine ⟨see.next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _), m + 1, ?_, by omega, .inr (by omega)⟩
        · simp only [Expr.peak, Expr.eval, State.see, hq']; omega
        · refine (Regs.get_set_self ..).trans ?_
          simp only [Expr.eval, State.see, hq', hp]
  rw [show (List.range _).flatMap (fun _ => ([] : List Nat)) = [] by simp] at s₂
  have hrun : (highest q).run x t = (Prog.loop (q + 1) (.reg 0)
      (.ite (.lt (.reg 0) (.mul (.lit 2) (.reg q))) .skip (.set q (.mul (.lit 2) (.reg q))))).run x t₁ := by
    rw [highest, Prog.run, ht₁]
  rw [hrun]
  refine ⟨s₁.next s₂ (Nat.le_refl _), m, h₁, h₂, h₃.elim id fun h => ?_⟩
  simp only [Expr.eval, v₁] at h
  exact Nat.lt_of_lt_of_le Nat.lt_two_pow_self (Nat.pow_le_pow_right (by omega) (by omega))

/-- The digits of `v` from position `m` down, `n` of them. -/
private def down (v m n : Nat) : List Nat :=
  (List.range n).flatMap fun i => if i ≤ m then [v / 2 ^ (m - i) % 2] else []

private theorem printDown_spec {m : Nat} (hq : 0 < q) (hv : t.regs.get 0 = v) (hm : t.regs.get q = 2 ^ m)
    (hm' : 2 ^ m ≤ v + 1) (hB : v + 2 ≤ B) : Step B q (down v m (v + 1)) t ((printDown q).run x t) := by
  have he : Expr.eval x t.regs (.add (.reg 0) (.lit 1)) = v + 1 := by simp only [Expr.eval, hv]
  have H := (Step.loop (x := x) (s := t) (B := B) (j := q) (r := q + 1) (e := .add (.reg 0) (.lit 1))
    (P := .ite (.reg q) (.seq (.emit (.mod (.div (.reg 0) (.reg q)) (.lit 2))) (.set q (.div (.reg q) (.lit 2)))) .skip)
    (new := fun i => if i ≤ m then [v / 2 ^ (m - i) % 2] else [])
    (fun n s => s.regs.get q = if n ≤ m then 2 ^ (m - n) else 0)
    (by simp only [Expr.peak, Expr.eval, hv]; omega) (by omega) (by simpa [State.see] using hm) fun n _ s hs hk => by
      have hv' : (s.regs.set (q + 1) n).get 0 = v := (Regs.get_set_ne (by omega)).trans ((hk 0 hq).trans hv)
      have hq' := (Regs.get_set_ne (v := n) (show q ≠ q + 1 by omega)).trans hs
      dsimp only
      rw [Prog.run]
      by_cases h : n ≤ m
      · rw [if_pos h] at hq' ⊢
        have hle : 2 ^ (m - n) ≤ 2 ^ m := Nat.pow_le_pow_right (by omega) (by omega)
        have hpos := Nat.two_pow_pos (m - n)
        have h₁ := Nat.div_le_self v (2 ^ (m - n))
        have h₂ := Nat.mod_le (v / 2 ^ (m - n)) 2
        have h₃ := Nat.div_le_self (2 ^ (m - n)) 2
        rw [if_pos (by simp only [Expr.eval, hq']; omega)]
        have see : Step B q [] { s with regs := s.regs.set (q + 1) n }
            (State.see x { s with regs := s.regs.set (q + 1) n } (.reg q)) :=
          .see (by simp only [Expr.peak, Expr.eval, hq']; omega)
        have print : Step B q [v / 2 ^ (m - n) % 2] (State.see x { s with regs := s.regs.set (q + 1) n } (.reg q))
            ((Prog.emit (.mod (.div (.reg 0) (.reg q)) (.lit 2))).run x
            (State.see x { s with regs := s.regs.set (q + 1) n } (.reg q))) := by
          have := Step.emit (B := B) (j := q) (x := x) (e := .mod (.div (.reg 0) (.reg q)) (.lit 2))
            (s := State.see x { s with regs := s.regs.set (q + 1) n } (.reg q))
            (by simp only [Expr.peak, Expr.eval, State.see, hv', hq']; omega)
          simpa only [Expr.eval, State.see, hv', hq'] using this
        have half : Step B q [] _ ((Prog.set q (.div (.reg q) (.lit 2))).run x
            ((Prog.emit (.mod (.div (.reg 0) (.reg q)) (.lit 2))).run x
              (State.see x { s with regs := s.regs.set (q + 1) n } (.reg q)))) :=
          .set (by simp only [Prog.run, Expr.peak, Expr.eval, State.see, hq']; omega) (Nat.le_refl _)
        refine ⟨(see.next print (Nat.le_refl _)).trans half (Nat.le_refl _), ?_⟩
        · refine (Regs.get_set_self ..).trans ?_
          simp only [Prog.run, Expr.eval, State.see, hq']
          by_cases h' : n + 1 ≤ m
          · rw [if_pos h', show m - n = m - (n + 1) + 1 by omega, Nat.pow_succ, Nat.mul_div_cancel _ (by omega)]
          · rw [if_neg h', show m - n = 0 by omega]
      · rw [if_neg h] at hq' ⊢
        rw [if_neg (by simp [Expr.eval, hq'])]
        refine ⟨.see (by simp only [Expr.peak, Expr.eval, hq']; omega), ?_⟩
        rw [if_neg (by omega)]
        exact hq').1
  rw [he] at H
  exact H

private theorem ofDigits_down {v m : Nat} (hv : v < 2 ^ (m + 1)) (n : Nat) :
    ofDigits ((down v m n).flatMap Emitter.bit.word) = v / 2 ^ (m + 1 - n) := by
  induction n with
  | zero => rw [Nat.sub_zero, Nat.div_eq_of_lt hv]; rfl
  | succ n ih =>
    have e : down v m (n + 1) = down v m n ++ if n ≤ m then [v / 2 ^ (m - n) % 2] else [] := by
      simp [down, List.range_succ]
    rw [e, List.flatMap_append]
    by_cases h : n ≤ m
    · have hb : ([v / 2 ^ (m - n) % 2].flatMap Emitter.bit.word) = [v / 2 ^ (m - n) % 2 != 0] := by
        simp [Emitter.word]
      have hd : v / 2 ^ (m + 1 - n) = v / 2 ^ (m - n) / 2 := by
        rw [show m + 1 - n = m - n + 1 by omega, Nat.pow_succ, Nat.div_div_eq_div_mul]
      rw [if_pos h, hb, ofDigits_append, ih, hd, show m + 1 - (n + 1) = m - n by omega]
      generalize v / 2 ^ (m - n) = z
      rcases Nat.mod_two_eq_zero_or_one z with h | h <;> simp [h] <;> omega
    · rw [if_neg h, List.flatMap_nil, List.append_nil, ih, show m + 1 - n = 0 by omega,
        show m + 1 - (n + 1) = 0 by omega]

end

/-! ## The program -/

/-- The register above those of the program and its `k` arguments. -/
def above (P : Prog) (k : Nat) : Nat := max P.registers (k + 1)

/-- **The program that reads `k` arguments off its input**, does what `P` does with them, and prints the result. -/
def program (P : Prog) (k : Nat) : Prog :=
  .seq (parseArgs (above P k) k) (.seq P.blind (.seq (highest (above P k)) (printDown (above P k))))

/-- What it prints, and how large its numbers are. -/
theorem program_spec {P : Prog} {args : List Nat} {b v B : Nat} (h : P.Yields args b v) (hb : b ≤ B)
    (hl : (argsCode args).length + 2 ≤ B) (hargs : ∀ a ∈ args, a ≤ B) (hv : 2 * v + 2 ≤ B) :
    ofDigits (((program P args.length).output (argsCode args)).flatMap Emitter.bit.word) = v ∧
      (program P args.length).peak (argsCode args) ≤ B := by
  obtain ⟨h₁, h₂⟩ := h
  generalize hq : above P args.length = q
  have hP : P.registers ≤ q := hq ▸ Nat.le_max_left ..
  have hk : args.length + 1 ≤ q := hq ▸ Nat.le_max_right ..
  obtain ⟨-, r₁, o₁, p₁⟩ := parseArgs_spec (q := q) args rfl (by omega) (by omega) hl hargs args.length (Nat.le_refl _)
  rw [List.take_length] at r₁
  generalize ht₁ : (parseArgs q args.length).run (argsCode args) {} = t₁ at *
  obtain ⟨r₂, o₂, p₂⟩ := P.run_blind (x := argsCode args) (s := { regs := args }) (t := t₁) hP r₁
    (Nat.le_trans h₂ hb) p₁
  have v₂ : (P.blind.run (argsCode args) t₁).regs.get 0 = v := (r₂ 0 (by omega)).trans h₁
  have o₂ := o₂.trans o₁
  generalize ht₂ : P.blind.run (argsCode args) t₁ = t₂ at *
  obtain ⟨s₃, m, e₃, m₁, m₂⟩ := highest_spec (x := argsCode args) (q := q) (by omega) v₂ hv
  have v₃ := (s₃.keep 0 (by omega)).trans v₂
  have s₄ := printDown_spec (x := argsCode args) (q := q) (B := B) (by omega) v₃ e₃ m₁ (by omega)
  have hrun : (program P args.length).run (argsCode args) {} =
      (printDown q).run (argsCode args) ((highest q).run (argsCode args) t₂) := by
    rw [program, hq]
    show (printDown q).run _ ((highest q).run _ (P.blind.run _ ((parseArgs q args.length).run _ {}))) = _
    rw [ht₁, ht₂]
  constructor
  · rw [Prog.output, hrun, s₄.out, s₃.out, o₂, List.reverse_nil, List.append_nil, List.append_nil,
      List.reverse_reverse, ofDigits_down m₂]
    have hm : m ≤ v := by
      have := Nat.lt_two_pow_self (n := m)
      omega
    rw [show m + 1 - (v + 1) = 0 by omega, Nat.pow_zero, Nat.div_one]
  · rw [Prog.peak, hrun]
    exact s₄.peak (s₃.peak p₂)

end ToMachine

/-! ## In linear space -/

open ToMachine in
/-- **From register programs to machines.** A register program that computes a function of `k` numbers, with numbers of
at most `s` bits, becomes one Turing machine that computes it in a number of cells linear in `s`, when the arguments
and the value have linearly many bits, too. -/
theorem exists_machine (P : Prog) (k d : Nat) : ∃ (M : Machine) (c : Nat), ∀ (args : List Nat) (s v : Nat),
    args.length = k → 1 ≤ s → (∀ a ∈ args, a < 2 ^ (d * s)) → v < 2 ^ (d * s) → P.Yields args (2 ^ s) v →
    M.Computes args (c * s) v := by
  obtain ⟨X, hX⟩ : ∃ X, X = k * (2 * d + 1) + d + 3 := ⟨_, rfl⟩
  refine ⟨progMachine (program P k) .bit, (progTapes (program P k) .bit).tapes * (X + 3),
    fun args s v hk hs hargs hv h => ?_⟩
  subst hk
  have mono : ∀ b, b ≤ X * s → 2 ^ b ≤ 2 ^ (X * s) := fun b hb => Nat.pow_le_pow_right (by omega) hb
  have hXs : X * s = args.length * (2 * d + 1) * s + d * s + 3 * s := by rw [hX, Nat.add_mul, Nat.add_mul]
  have hl : (argsCode args).length + 2 ≤ 2 ^ (X * s) := by
    have h₁ := length_argsCode_le hargs
    have h₂ : args.length * (2 * (d * s) + 1) ≤ args.length * (2 * d + 1) * s := by
      rw [Nat.mul_assoc]
      refine Nat.mul_le_mul_left _ ?_
      rw [Nat.add_mul, Nat.mul_assoc]
      omega
    exact Nat.le_trans (Nat.le_of_lt Nat.lt_two_pow_self) (mono _ (by omega))
  have hB : ∀ a, a < 2 ^ (d * s) → 2 * a + 2 ≤ 2 ^ (X * s) := fun a ha => by
    have h₁ : 2 ^ (d * s + 1) ≤ 2 ^ (X * s) := mono _ (by omega)
    rw [Nat.pow_succ] at h₁
    omega
  obtain ⟨e, p⟩ := program_spec h (mono s (by omega)) hl (fun a ha => by have := hB a (hargs a ha); omega) (hB v hv)
  obtain ⟨t, ht⟩ := progMachine_haltsWith (program P args.length) (argsCode args) .bit
  refine ⟨t, _, ht.mono (Nat.le_refl t) ?_, e⟩
  rw [Nat.mul_assoc]
  refine Nat.mul_le_mul_left _ ?_
  have hlog : ((program P args.length).peak (argsCode args)).log2 ≤ X * s := by
    by_cases h0 : (program P args.length).peak (argsCode args) = 0
    · simp [h0]
    · exact (Nat.pow_le_pow_iff_right (by omega : 1 < 2)).1 (Nat.le_trans (Nat.log2_self_le h0) p)
  rw [Nat.add_mul]
  omega

end Logprec.Turing
