import Logprec.Circuit.Defs
import Logprec.Space.Defs

/-!
# Terms and circuit templates

The language in which circuit families are written so that log-space uniformity is one theorem about all of them: terms
for numbers, templates that list gates, and the ways of putting templates together.
-/

namespace Logprec

/-! ## Terms

A small functional language of natural numbers: arithmetic, conditionals, `let`, bounded iteration, and calls of
register programs. A term is evaluated in an environment, the list of the values of its variables; variable 0 is the
most recent binder.

The accumulator of an iteration, and what a called program assigns, are cut off at a bound that is itself a term. So
the value of a term, and of all its parts, is at most a power of the values of its free variables: the exponent is
`Term.deg`, and no program needs a proof of its own that it runs in logarithmic space.
-/

/-- Binary operations: those of `Space.Expr`. -/
inductive Op where
  /-- Sum. -/
  | add
  /-- Difference, cut off at 0. -/
  | sub
  /-- Product. -/
  | mul
  /-- Quotient, rounded down; 0 if the divisor is 0. -/
  | div
  /-- Remainder. -/
  | mod
  /-- 1 if equal, else 0. -/
  | eq
  /-- 1 if less, else 0. -/
  | lt
  deriving Repr, DecidableEq

/-- The value of an operation. -/
def Op.eval : Op → Nat → Nat → Nat
  | add, a, b => a + b
  | sub, a, b => a - b
  | mul, a, b => a * b
  | div, a, b => a / b
  | mod, a, b => a % b
  | eq, a, b => (decide (a = b)).toNat
  | lt, a, b => (decide (a < b)).toNat

/-- Terms. -/
inductive Term where
  /-- A numeral. -/
  | lit (n : Nat)
  /-- The value of a variable, counted from the most recent binder; 0 if there is no such variable. -/
  | var (i : Nat)
  /-- An operation. -/
  | bin (op : Op) (a b : Term)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c a b : Term)
  /-- The value of `body`, whose variable 0 is the value of `t`. -/
  | letIn (t body : Term)
  /-- Bounded iteration: `acc := min init bound`, then `acc := min step bound` for `i = 0, 1, …, count - 1`. In `step`,
  variable 0 is `acc` and variable 1 is `i`. -/
  | iter (count bound init step : Term)
  /-- What the program `P` leaves in register 0 when it starts with the values of the variables `args` in the registers
  0, 1, …; every number that it assigns is cut off at `bound`. -/
  | call (P : Space.Prog) (args : List Nat) (bound : Term)
  deriving Repr, DecidableEq

namespace Term

/-- The value of a term in an environment. -/
def eval (ρ : List Nat) : Term → Nat
  | lit n => n
  | var i => ρ.getD i 0
  | bin op a b => op.eval (a.eval ρ) (b.eval ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.eval ρ else b.eval ρ
  | letIn t body => body.eval (t.eval ρ :: ρ)
  | iter count bound init step =>
    (List.range (count.eval ρ)).foldl (fun acc i => min (step.eval (acc :: i :: ρ)) (bound.eval ρ))
      (min (init.eval ρ) (bound.eval ρ))
  | call P args bound => (P.clamped (bound.eval ρ) (args.map fun i => ρ.getD i 0)).get 0

/-- The exponent of the bound on the values of a term and its parts. -/
def deg : Term → Nat
  | lit n => n.log2 + 2
  | var _ => 1
  | bin _ a b => a.deg + b.deg
  | ite c a b => c.deg + a.deg + b.deg
  | letIn t body => t.deg + (t.deg + 1) * body.deg
  | iter count bound init step =>
    count.deg + bound.deg + init.deg + (count.deg + bound.deg + 1) * step.deg
  | call P _ bound => bound.deg + (bound.deg + 1) * (P.deg + 1)

end Term

namespace Term

/-! ## Renaming variables -/

/-- A renaming under a binder. -/
def lift (f : Nat → Nat) : Nat → Nat
  | 0 => 0
  | i + 1 => f i + 1

/-- Rename the variables of a term. -/
def rename (f : Nat → Nat) : Term → Term
  | lit n => lit n
  | var i => var (f i)
  | bin op a b => bin op (a.rename f) (b.rename f)
  | ite c a b => ite (c.rename f) (a.rename f) (b.rename f)
  | letIn t body => letIn (t.rename f) (body.rename (lift f))
  | iter count bound init step =>
    iter (count.rename f) (bound.rename f) (init.rename f) (step.rename (lift (lift f)))
  | call P args bound => call P (args.map f) (bound.rename f)

/-- The term, used under one more binder. -/
def up (t : Term) : Term := t.rename (· + 1)

/-- The term, used under one more binder, which comes just before that of variable 0. -/
def under (t : Term) : Term := t.rename (lift (· + 1))

/-- The term, used under one more binder, which comes just before those of the variables 0 and 1. -/
def under₂ (t : Term) : Term := t.rename (lift (lift (· + 1)))

end Term

/-! ## Circuit templates

A template is a program that lists the gates of a layer: loops, `let`, conditionals, gates with a term for the
threshold, and wires, which belong to the gate that was listed last, with terms for the position read and the
multiplicity. A circuit template is a constant number of layer templates. So the depth of the circuits that it denotes
is constant by construction, and that they are generated in logarithmic space is one theorem about all templates
(`Logprec.Template.Compile`).
-/

/-- What is listed: the start of a gate, or a wire of the gate that started last. -/
inductive Item where
  /-- A gate starts: θ≥ₖ if `atLeast`, else θ≤ₖ. -/
  | gate (atLeast : Bool) (k : Nat)
  /-- A wire. -/
  | wire (src mult : Nat)
  deriving Repr, DecidableEq

/-- The numbers of an item in the serialisation of a circuit. -/
def Item.encode : Item → List Nat
  | gate true k => [1, k]
  | gate false k => [2, k]
  | wire src mult => [3, src, mult]

/-- The item of a wire. -/
def Wire.item (w : Wire) : Item := .wire w.src w.mult

/-- The items of a gate. -/
def Gate.items : Gate → List Item
  | atLeast k ws => .gate true k :: ws.map Wire.item
  | atMost k ws => .gate false k :: ws.map Wire.item

/-- The items of a layer. -/
def Layer.items (L : Layer) : List Item := L.flatMap Gate.items

/-- Layer templates. -/
inductive Tmpl where
  /-- Nothing. -/
  | nil
  /-- One after the other. -/
  | seq (a b : Tmpl)
  /-- The body for variable 0 from 0 to `count - 1`. -/
  | loop (count : Term) (body : Tmpl)
  /-- The body, whose variable 0 is the value of `t`. -/
  | letIn (t : Term) (body : Tmpl)
  /-- `a` if `c ≠ 0`, else `b`. -/
  | ite (c : Term) (a b : Tmpl)
  /-- A gate starts: θ≥ₖ if `atLeast`, else θ≤ₖ. -/
  | gate (atLeast : Bool) (k : Term)
  /-- A wire of the gate that started last. -/
  | wire (src mult : Term)
  deriving Repr, DecidableEq

namespace Tmpl

/-- What a template lists in an environment. -/
def items (ρ : List Nat) : Tmpl → List Item
  | nil => []
  | seq a b => a.items ρ ++ b.items ρ
  | loop count body => (List.range (count.eval ρ)).flatMap fun i => body.items (i :: ρ)
  | letIn t body => body.items (t.eval ρ :: ρ)
  | ite c a b => if c.eval ρ ≠ 0 then a.items ρ else b.items ρ
  | gate atLeast k => [.gate atLeast (k.eval ρ)]
  | wire src mult => [.wire (src.eval ρ) (mult.eval ρ)]

end Tmpl

/-- In the environment `ρ`, the templates `ts` list the layers of `C`. -/
def DenotesIn (ρ : List Nat) (ts : List Tmpl) (C : Circuit) : Prop :=
  ts.map (Tmpl.items ρ) = C.map Layer.items

/-- The templates `ts` denote the circuits `C`: with the input length as variable 0, they list the layers of `C n`. -/
def Denotes (ts : List Tmpl) (C : Nat → Circuit) : Prop := ∀ n, DenotesIn [n] ts (C n)

/-! ## Derived terms

Arithmetic notation for terms; least, greatest, truth values, powers of two, bits, logarithms, sums. Each has a
lemma for its value, which `simp` uses.
-/

namespace Term

/-- Numerals in plain notation. -/
instance (n : Nat) : OfNat Term n := ⟨lit n⟩

/-- Sums. -/
instance : Add Term := ⟨bin .add⟩

/-- Differences, cut off at 0. -/
instance : Sub Term := ⟨bin .sub⟩

/-- Products. -/
instance : Mul Term := ⟨bin .mul⟩

/-- Quotients, rounded down. -/
instance : Div Term := ⟨bin .div⟩

/-- Remainders. -/
instance : Mod Term := ⟨bin .mod⟩

/-- 1 if equal, else 0. -/
abbrev eq (a b : Term) : Term := bin .eq a b

/-- 1 if less, else 0. -/
abbrev lt (a b : Term) : Term := bin .lt a b

section

variable (ρ : List Nat) (a b c k n bound : Term)

/-- The lesser. -/
protected def min : Term := a - (a - b)

/-- The greater. -/
protected def max : Term := a + (b - a)

/-- 1 if at most, else 0. -/
def le : Term := 1 - lt b a

/-- 1 if not 0, else 0. -/
def truth : Term := 1 - (1 - a)

/-- 1 if 0, else 0. -/
protected def not : Term := 1 - a

/-- 1 if both are not 0, else 0. -/
protected def and : Term := a.truth * b.truth

/-- 1 if one is not 0, else 0. -/
protected def or : Term := (a + b).truth

/-- `2 ^ k`, or `bound` if that is less. -/
def pow2 : Term := iter k bound 1 (var 0 + var 0)

/-- Bit `k` of `a`, as 0 or 1. The power of two takes at most `a` steps: beyond them it exceeds `a`. -/
def testBit : Term := letIn a <| letIn k.up <| var 1 / pow2 (Term.min (var 0) (var 1)) (var 1 + 1) % 2

/-- The sum of the body for variable 0 from 0 to `n - 1`, or `bound` if that is less. -/
def sum (body : Term) : Term := iter n bound 0 (var 0 + body.up)

/-- The logarithm in base 2, rounded down; 0 for 0. -/
def log2 : Term := sum a a (le (pow2 (var 0 + 1) (a.up + 1)) a.up)

end

end Term

/-! ## Composing templates

Templates one after the other, through a renaming of what is read, and side by side: one rule for each way of
composing circuits.
-/

/-! ## Reading through a renaming -/

/-- The wire that reads position `f i` where the item reads position `i`. -/
def Item.reindex (f : Nat → Nat) : Item → Item
  | gate atLeast k => gate atLeast k
  | wire src mult => wire (f src) mult

namespace Tmpl

/-- The template whose wires read position `σ` where those of the given one read position `i`; in `σ`, variable 0 is
`i`, and the others are the variables of the template. -/
def reindex (σ : Term) : Tmpl → Tmpl
  | nil => nil
  | seq a b => seq (a.reindex σ) (b.reindex σ)
  | loop count body => loop count (body.reindex (σ.rename (Term.lift (· + 1))))
  | letIn t body => letIn t (body.reindex (σ.rename (Term.lift (· + 1))))
  | ite c a b => ite c (a.reindex σ) (b.reindex σ)
  | gate atLeast k => gate atLeast k
  | wire src mult => wire (.letIn src σ) mult

/-- Rename the variables of a template. -/
def rename (f : Nat → Nat) : Tmpl → Tmpl
  | nil => nil
  | seq a b => seq (a.rename f) (b.rename f)
  | loop count body => loop (count.rename f) (body.rename (Term.lift f))
  | letIn t body => letIn (t.rename f) (body.rename (Term.lift f))
  | ite c a b => ite (c.rename f) (a.rename f) (b.rename f)
  | gate atLeast k => gate atLeast (k.rename f)
  | wire src mult => wire (src.rename f) (mult.rename f)

/-- The template whose wires read `t` positions further on. The term is evaluated once, not for every wire. -/
def offset (t : Term) (T : Tmpl) : Tmpl := letIn t ((T.rename (· + 1)).reindex (.var 1 + .var 0))

/-! ## Side by side -/

/-- The templates of `count` parts side by side; in those of the parts, variable 0 is the number `i` of the part. The
first layer is changed by `first`; the widths of the layers of a part are the same for all parts. -/
def parWith (count : Term) : (first : Tmpl → Tmpl) → (widths : List Term) → List Tmpl → List Tmpl
  | _, _, [] => []
  | first, ws, T :: ts => loop count (first T) :: parWith count (offset ((ws.headD 0).up * .var 0)) ws.tail ts

/-- The templates of `count` parts side by side. The first layer reads through `σ`, in which variable 0 is the position
that the part reads, and variable 1 is the number of the part. -/
def par (count σ : Term) : (widths : List Term) → List Tmpl → List Tmpl := parWith count (reindex σ)

/-- The templates of two circuits side by side. The first layers are changed by `first` and `second`; `widths` are the
widths of the layers of the first circuit. -/
def pairWith : (first second : Tmpl → Tmpl) → (widths : List Term) → List Tmpl → List Tmpl → List Tmpl
  | first, second, ws, T :: ts, U :: us =>
    seq (first T) (second U) :: pairWith id (offset (ws.headD 0)) ws.tail ts us
  | _, _, _, _, _ => []

/-- The templates of two circuits side by side. The first layers read through `σ` and `τ`. -/
def pair (σ τ : Term) : (widths : List Term) → List Tmpl → List Tmpl → List Tmpl :=
  pairWith (reindex σ) (reindex τ)

/-- The template of `Circuit.carry`. -/
def carry (m : Term) (d : Nat) : List Tmpl := List.replicate d (loop m (seq (gate true 1) (wire (.var 0) 1)))

end Tmpl

end Logprec
