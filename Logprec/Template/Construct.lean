import Logprec.Template.Defs

/-!
# Templates as register programs

What a template is compiled to, and how terms with known variables are folded before. That the program prints the
layers that the template denotes, in logarithmic space, is proved in the files that import this one.
-/

namespace Logprec

/-! ## Templates are generated in logarithmic space

Terms and templates are compiled to register programs. `logSpaceGenerated_of_denotes` is the one theorem about
uniformity: every family of circuits that has a template is generated in logarithmic space.
-/

section

open Space

/-- The expression of an operation. -/
def Op.expr : Op → Expr → Expr → Expr
  | add => .add
  | sub => .sub
  | mul => .mul
  | div => .div
  | mod => .mod
  | eq => .eq
  | lt => .lt

/-- The lesser of two registers: `x - (x - y)`. -/
def minReg (r r' : Nat) : Expr := .sub (.reg r) (.sub (.reg r) (.reg r'))

/-- Write the variables `args`, which are in the registers `loc`, to the first `n` registers from `base` on; 0 to those
that are left. -/
def loadArgs (loc : List Nat) (base : Nat) (args : List Nat) : Nat → Prog
  | 0 => .skip
  | r + 1 => .seq (loadArgs loc base args r) (.set (base + r) (((args[r]?).bind (loc[·]?)).elim (.lit 0) .reg))

namespace Term

/-- Compile a term whose variables are in the registers `loc`, which are below `j`. The value will be in register `j`;
registers above `j` are used for what is between. -/
def compile (loc : List Nat) (j : Nat) : Term → Prog
  | lit n => .set j (.lit n)
  | var i => .set j ((loc[i]?).elim (.lit 0) .reg)
  | bin op a b => .seq (a.compile loc j) (.seq (b.compile loc (j + 1)) (.set j (op.expr (.reg j) (.reg (j + 1)))))
  | ite c a b => .seq (c.compile loc j) (.ite (.reg j) (a.compile loc j) (b.compile loc j))
  | letIn t body =>
    .seq (t.compile loc j) (.seq (body.compile (j :: loc) (j + 1)) (.set j (.reg (j + 1))))
  | iter count bound init step =>
    -- count, bound, acc, i, the next acc are in the registers j, …, j + 4
    .seq (count.compile loc j) <| .seq (bound.compile loc (j + 1)) <| .seq (init.compile loc (j + 2)) <|
    .seq (.set (j + 2) (minReg (j + 2) (j + 1))) <|
    .seq (.loop (j + 3) (.reg j) <| .seq (step.compile ((j + 2) :: (j + 3) :: loc) (j + 4))
      (.set (j + 2) (minReg (j + 4) (j + 1))))
    (.set j (.reg (j + 2)))
  | call P args bound =>
    .seq (bound.compile loc j) <| .seq (loadArgs loc (j + 1) args (max 1 P.registers)) <|
    .seq (P.embed j (j + 1)) (.set j (.reg (j + 1)))

end Term

namespace Tmpl

/-- Compile a template whose variables are in the registers `loc`, which are below `j`. The registers from `j` on are
used for what is between. -/
def compile (loc : List Nat) (j : Nat) : Tmpl → Prog
  | nil => .skip
  | seq a b => .seq (a.compile loc j) (b.compile loc j)
  | loop count body =>
    .seq (count.compile loc j) (.loop (j + 1) (.reg j) (body.compile ((j + 1) :: loc) (j + 2)))
  | letIn t body => .seq (t.compile loc j) (body.compile (j :: loc) (j + 1))
  | ite c a b => .seq (c.compile loc j) (.ite (.reg j) (a.compile loc j) (b.compile loc j))
  | gate atLeast k => .seq (k.compile loc j) (.seq (.emit (.lit (if atLeast then 1 else 2))) (.emit (.reg j)))
  | wire src mult =>
    .seq (src.compile loc j) <| .seq (mult.compile loc (j + 1)) <|
    .seq (.emit (.lit 3)) (.seq (.emit (.reg j)) (.emit (.reg (j + 1))))

/-- Compile the layers of a circuit template, and the mark behind them. Register 0 holds the input length. -/
def compileLayers : List Tmpl → Prog
  | [] => .emit (.lit 4)
  | T :: ts => .seq (.emit (.lit 0)) (.seq (T.compile [0] 1) (compileLayers ts))

/-- Compile a circuit template with a term for the number of inputs. -/
def program (inputs : Term) (ts : List Tmpl) : Prog :=
  .seq (.set 0 .len) <| .seq (inputs.compile [0] 1) <| .seq (.emit (.reg 1)) (compileLayers ts)

end Tmpl

end

/-! ## Evaluating what is known

Terms and templates in which the values of some variables are known are evaluated as far as possible. What is left
means the same (`eval_fold`, `items_fold`). For a table model this is most of the arithmetic: precision and tables are
known, only `n` and the counters are not.
-/

/-- What is known about a number. -/
inductive Info where
  /-- Nothing. -/
  | any
  /-- It is not 0. -/
  | pos
  /-- Its value. -/
  | is (v : Nat)
  deriving DecidableEq

/-- What is known about the variables. -/
abbrev Known := List Info

/-- Note that variable `i` is not 0. -/
def Known.setPos (κ : Known) (i : Nat) : Known := if κ.getD i .any = .any then κ.set i .pos else κ

namespace Term

/-- The number of symbols. -/
def size : Term → Nat
  | lit _ | var _ => 1
  | bin _ a b | letIn a b => a.size + b.size + 1
  | ite c a b => c.size + a.size + b.size + 1
  | iter c b i s => c.size + b.size + i.size + s.size + 1
  | call _ _ b => b.size + 1

/-- The numeral that a term is, if it is one. -/
def known : Term → Option Nat
  | lit n => some n
  | _ => none

/-- What is known about the value of a term. -/
def info (κ : Known) : Term → Info
  | lit n => .is n
  | var i => κ.getD i .any
  | _ => .any

/-- An operation, evaluated if its operands are known or one is neutral. -/
def simpBin (op : Op) (a b : Term) : Term :=
  match op, a, b with
  | op, lit m, lit n => lit (op.eval m n)
  | .add, lit 0, b => b
  | .add, a, lit 0 => a
  | .sub, a, lit 0 => a
  | .mul, lit 0, _ => lit 0
  | .mul, _, lit 0 => lit 0
  | .mul, lit 1, b => b
  | .mul, a, lit 1 => a
  | .div, a, lit 1 => a
  | .mod, _, lit 1 => lit 0
  | op, a, b => bin op a b

/-- A conditional, evaluated if the condition is known. -/
def simpIte (κ : Known) (c a b : Term) : Term :=
  match c.info κ with
  | .is n => if n ≠ 0 then a else b
  | .pos => a
  | .any => if a = b then a else ite c a b

/-- The result of an iteration, if all its steps are known. -/
def unroll (step : Nat → Nat → Option Nat) (bound init n : Nat) : Option Nat :=
  (List.range n).foldl (fun acc i => acc.bind fun a => (step a i).map (min · bound)) (some (min init bound))

/-- The greatest number of steps that are evaluated. -/
def maxSteps : Nat := 64

/-- The term, evaluated as far as the variables are known. -/
def fold (κ : Known) : Term → Term
  | lit n => lit n
  | var i => match κ.getD i .any with
    | .is v => lit v
    | _ => var i
  | bin op a b => simpBin op (a.fold κ) (b.fold κ)
  | ite c a b => simpIte κ (c.fold κ) (a.fold κ) (b.fold κ)
  | letIn t body =>
    let t := t.fold κ
    let body := body.fold (t.info κ :: κ)
    match body.known with
    | some v => lit v
    | none => letIn t body
  | iter count bound init step =>
    let count := count.fold κ
    let bound := bound.fold κ
    let init := init.fold κ
    let all := count.known.bind fun n => bound.known.bind fun b => init.known.bind fun i =>
      if n ≤ maxSteps then unroll (fun acc i => (step.fold (.is acc :: .is i :: κ)).known) b i n else none
    match all with
    | some v => lit v
    | none => iter count bound init (step.fold (.any :: .any :: κ))
  | call P args bound => call P args (bound.fold κ)

end Term

namespace Tmpl

/-- The number of symbols. -/
def size : Tmpl → Nat
  | nil => 0
  | seq a b => a.size + b.size + 1
  | loop t a | letIn t a => t.size + a.size + 1
  | ite c a b => c.size + a.size + b.size + 1
  | gate _ k => k.size + 1
  | wire s m => s.size + m.size + 1

/-- One after the other. -/
def seqs : List Tmpl → Tmpl
  | [] => nil
  | T :: Ts => seq T (seqs Ts)

/-- The rounds of a loop replace it if there are at most so many. -/
def maxRounds : Nat := 16

/-- Rounds are tried if the loop has at most so many symbols for each of them. -/
def maxTried : Nat := 1 <<< 14

/-- They replace the loop if they have at most so many symbols, or fewer than the loop. -/
def maxSize : Nat := 400

/-- The template, evaluated as far as the variables are known. -/
def fold (κ : Known) : Tmpl → Tmpl
  | nil => nil
  | seq a b => seq (a.fold κ) (b.fold κ)
  | loop count body =>
    let count := count.fold κ
    match count with
    | .lit 0 => nil
    | .lit 1 => letIn (.lit 0) (body.fold (.is 0 :: κ))
    | .lit n =>
      let whole := loop (.lit n) (body.fold (.any :: κ))
      let size := whole.size
      if n ≤ maxRounds ∧ n * size ≤ maxTried then
        let rounds := seqs ((List.range n).map fun i => letIn (.lit i) (body.fold (.is i :: κ)))
        if rounds.size ≤ max maxSize size then rounds else whole
      else whole
    | .var i => loop (.var i) (body.fold (.any :: κ.setPos i))
    | count => loop count (body.fold (.any :: κ))
  | letIn t body =>
    let t := t.fold κ
    letIn t (body.fold (t.info κ :: κ))
  | ite c a b =>
    let c := c.fold κ
    match c.info κ with
    | .is n => if n ≠ 0 then a.fold κ else b.fold κ
    | .pos => a.fold κ
    | .any => ite c (a.fold κ) (b.fold κ)
  | gate atLeast k => gate atLeast (k.fold κ)
  | wire src mult => wire (src.fold κ) (mult.fold κ)

end Tmpl

end Logprec
