/-!
# Register programs

What "computable in logarithmic space" is defined with: programs over finitely many registers that hold natural
numbers, with structured control and an append-only output. A program reads like C: assignments, `if`,
`for (r = 0; r < e; r++)`, and output. Every program halts.

The *peak* of a run is the greatest number that any register or intermediate expression takes. A register with
values up to `m` is a counter of about `log₂ m` bits, so a program whose peak is polynomial in the length of its
input uses `O(log n)` bits.
-/

namespace Logprec

namespace Space

/-- Arithmetic expressions. Subtraction is cut off at 0; division by 0 is 0 and `x % 0 = x`, as for `Nat`. -/
inductive Expr where
  /-- A numeral. -/
  | lit (n : Nat)
  /-- The value of register `r`. -/
  | reg (r : Nat)
  /-- The length of the input. -/
  | len
  /-- The input bit at a position; 0 past the end. -/
  | inputBit (i : Expr)
  /-- Sum. -/
  | add (a b : Expr)
  /-- Difference, cut off at 0. -/
  | sub (a b : Expr)
  /-- Product. -/
  | mul (a b : Expr)
  /-- Quotient, rounded down. -/
  | div (a b : Expr)
  /-- Remainder. -/
  | mod (a b : Expr)
  /-- 1 if equal, else 0. -/
  | eq (a b : Expr)
  /-- 1 if less, else 0. -/
  | lt (a b : Expr)
  deriving Repr, DecidableEq

/-- Programs. -/
inductive Prog where
  /-- Do nothing. -/
  | skip
  /-- `r := e` -/
  | set (r : Nat) (e : Expr)
  /-- `P; Q` -/
  | seq (P Q : Prog)
  /-- `if e ≠ 0 then P else Q` -/
  | ite (e : Expr) (P Q : Prog)
  /-- `for r := 0, 1, …, e - 1 do P`; `e` is evaluated once, before the loop. -/
  | loop (r : Nat) (e : Expr) (P : Prog)
  /-- Append the value of `e` to the output. -/
  | emit (e : Expr)
  deriving Repr, DecidableEq

/-- Register contents; registers past the end hold 0. -/
abbrev Regs := List Nat

/-- The value of a register. -/
def Regs.get (s : Regs) (r : Nat) : Nat := s.getD r 0

/-- Write a register. -/
def Regs.set : Regs → Nat → Nat → Regs
  | [], 0, v => [v]
  | _ :: s, 0, v => v :: s
  | [], r + 1, v => 0 :: Regs.set [] r v
  | x :: s, r + 1, v => x :: Regs.set s r v

/-- The state of a run. -/
structure State where
  /-- The registers. -/
  regs : Regs := []
  /-- The output so far, the last number first. -/
  out : List Nat := []
  /-- The greatest number seen so far in a register or an intermediate expression. -/
  peak : Nat := 0
  deriving Repr

namespace Expr

/-- The value of an expression on the input `x`. -/
def eval (x : List Bool) (s : Regs) : Expr → Nat
  | lit n => n
  | reg r => s.get r
  | len => x.length
  | inputBit i => (x.getD (i.eval x s) false).toNat
  | add a b => a.eval x s + b.eval x s
  | sub a b => a.eval x s - b.eval x s
  | mul a b => a.eval x s * b.eval x s
  | div a b => a.eval x s / b.eval x s
  | mod a b => a.eval x s % b.eval x s
  | eq a b => (decide (a.eval x s = b.eval x s)).toNat
  | lt a b => (decide (a.eval x s < b.eval x s)).toNat

/-- The greatest value of an expression and its parts. -/
def peak (x : List Bool) (s : Regs) : Expr → Nat
  | e@(add a b) | e@(sub a b) | e@(mul a b) | e@(div a b) | e@(mod a b) | e@(eq a b) | e@(lt a b) =>
    max (e.eval x s) (max (a.peak x s) (b.peak x s))
  | e@(inputBit i) => max (e.eval x s) (i.peak x s)
  | e => e.eval x s

end Expr

/-- Note the values that evaluating `e` takes. -/
def State.see (x : List Bool) (s : State) (e : Expr) : State :=
  { s with peak := max s.peak (e.peak x s.regs) }

/-- Run a program on the input `x` from a state. -/
def Prog.run (x : List Bool) : Prog → State → State
  | skip, s => s
  | set r e, s => { s.see x e with regs := s.regs.set r (e.eval x s.regs) }
  | seq P Q, s => Q.run x (P.run x s)
  | ite e P Q, s => if e.eval x s.regs ≠ 0 then P.run x (s.see x e) else Q.run x (s.see x e)
  | loop r e P, s =>
    (List.range (e.eval x s.regs)).foldl (fun s i => P.run x { s with regs := s.regs.set r i }) (s.see x e)
  | emit e, s => { s.see x e with out := e.eval x s.regs :: s.out }

/-- The output of a program on the input `x`: it starts with all registers 0. -/
def Prog.output (P : Prog) (x : List Bool) : List Nat := (P.run x {}).out.reverse

/-- The peak of a program on the input `x`. -/
def Prog.peak (P : Prog) (x : List Bool) : Nat := (P.run x {}).peak

/-- The input `1ⁿ`. -/
def ones (n : Nat) : List Bool := List.replicate n true

/-- `F` is generated in logarithmic space (the paper's Definition 5 with `S(n) = O(log n)`; the machine is a
register program): one program prints `F n` on `1ⁿ`, for every `n`, and no number it handles exceeds
`(n + 2) ^ c`. So it uses finitely many counters of `O(log n)` bits. -/
def LogSpaceGenerated (F : Nat → List Nat) : Prop :=
  ∃ (P : Prog) (c : Nat), ∀ n, P.output (ones n) = F n ∧ P.peak (ones n) ≤ (n + 2) ^ c

/-- The program computes, in register 0, the function `f` of arguments in the registers 0, 1, 2, … -/
def Prog.result (P : Prog) (args : List Nat) : Nat := (P.run [] { regs := args }).regs.get 0

/-- The peak of that computation. -/
def Prog.resultPeak (P : Prog) (args : List Nat) : Nat := (P.run [] { regs := args }).peak

/-- The program computes `v` from the arguments, and no number that it handles exceeds `b`. -/
def Prog.Yields (P : Prog) (args : List Nat) (b v : Nat) : Prop := P.result args = v ∧ P.resultPeak args ≤ b

/-! ## Programs as subroutines

A program that computes a function of its registers is run inside another program: its registers are moved up, its
output is dropped, and every number that it assigns is cut off at a bound, so that its numbers are polynomial in the
bound whatever it does. Where its peak is within the bound, nothing is cut off.
-/

/-- The number of registers that an expression uses: one more than the last. -/
def Expr.registers : Expr → Nat
  | reg r => r + 1
  | lit _ | len => 0
  | inputBit i => i.registers
  | add a b | sub a b | mul a b | div a b | mod a b | eq a b | lt a b => max a.registers b.registers

/-- The number of registers that a program uses. -/
def Prog.registers : Prog → Nat
  | skip => 0
  | set r e => max (r + 1) e.registers
  | seq P Q => max P.registers Q.registers
  | ite e P Q => max e.registers (max P.registers Q.registers)
  | loop r e P => max (r + 1) (max e.registers P.registers)
  | emit e => e.registers

/-- The exponent of the bound on the values of an expression and its parts. -/
def Expr.deg : Expr → Nat
  | lit n => n.log2 + 2
  | reg _ | len => 1
  | inputBit i => i.deg + 1
  | add a b | sub a b | mul a b | div a b | mod a b | eq a b | lt a b => a.deg + b.deg

/-- The exponent of the bound on the numbers of a program whose registers are cut off at a bound. -/
def Prog.deg : Prog → Nat
  | skip | emit _ => 0
  | set _ e => e.deg
  | seq P Q => P.deg + Q.deg
  | ite e P Q => e.deg + P.deg + Q.deg
  | loop _ e P => e.deg + P.deg

/-- The registers after a run on the empty input in which every number that is assigned is cut off at `b`. -/
def Prog.clamped (b : Nat) : Prog → Regs → Regs
  | skip, u | emit _, u => u
  | set r e, u => u.set r (min (e.eval [] u) b)
  | seq P Q, u => Q.clamped b (P.clamped b u)
  | ite e P Q, u => if e.eval [] u ≠ 0 then P.clamped b u else Q.clamped b u
  | loop r e P, u => (List.range (min (e.eval [] u) b)).foldl (fun u i => P.clamped b (u.set r i)) u

/-! ## Inside another program -/

/-- The expression on registers from `base` on, with the empty input. -/
def Expr.embed (base : Nat) : Expr → Expr
  | lit n => lit n
  | reg r => reg (base + r)
  | len => lit 0
  | inputBit i => mul (i.embed base) (lit 0)
  | add a b => add (a.embed base) (b.embed base)
  | sub a b => sub (a.embed base) (b.embed base)
  | mul a b => mul (a.embed base) (b.embed base)
  | div a b => div (a.embed base) (b.embed base)
  | mod a b => mod (a.embed base) (b.embed base)
  | eq a b => eq (a.embed base) (b.embed base)
  | lt a b => lt (a.embed base) (b.embed base)

/-- The lesser of a value and a register: `e - (e - r)`. -/
def Expr.cutOff (e : Expr) (r : Nat) : Expr := .sub e (.sub e (.reg r))

/-- The program on registers from `base` on, with the empty input and no output; every number that it assigns is cut
off at the value of register `c`. -/
def Prog.embed (c base : Nat) : Prog → Prog
  | skip | emit _ => skip
  | set r e => set (base + r) ((e.embed base).cutOff c)
  | seq P Q => seq (P.embed c base) (Q.embed c base)
  | ite e P Q => ite (e.embed base) (P.embed c base) (Q.embed c base)
  | loop r e P => loop (base + r) ((e.embed base).cutOff c) (P.embed c base)

end Space

end Logprec
