import Logprec.Circuit.Serial
import Logprec.Space.Turing.Defs

/-!
# Languages, circuit families, TC0, log-uniform TC0

What an auditor reads: the classes of Merrill & Sabharwal 2023, Definitions 2 to 5.

* A language is a set of bit strings. A family has one circuit for every length, the length 0 included: a circuit
  without inputs still has its output, which is a constant.
* The paper counts gates; `Circuit.size` counts gates and wires, so the bound here asks for more. (Informally: between
  distinct positions `s` gates have at most `s²` wires. A gate that needs more than polynomially many *parallel* wires
  is a weighted gate, and not meant by the paper. Wires of multiplicity 0 count nothing and do nothing.)
* The paper's circuits are directed acyclic graphs, ours are layered; `Logprec.Circuit.Dag` makes the one from the
  other without more depth, for a factor of about the depth in size.
* Uniformity is about the whole text of the circuit, not about the answers to questions on single wires: one Turing
  machine prints the serialisation of circuit `n` on `1ⁿ`, in `O(log n)` cells. As the paper's Definition 5 does, it
  demands this of one family for the language. Proofs use register programs instead, which is the same
  (`logUniform_iff`).
-/

namespace Logprec.Class

/-- A language over {0, 1}. -/
abbrev Language := List Bool → Prop

/-- Circuit families: circuit `n` is meant for `n` inputs. -/
abbrev Family := Nat → Circuit

/-- The family decides the language (Definition 2): on every string, the circuit for its length has exactly one output
bit, which is 1 if and only if the string is in the language. -/
def Decides (C : Family) (L : Language) : Prop :=
  ∀ x : List Bool, ∃ b, (C x.length).eval x = [b] ∧ (b = true ↔ L x)

/-- The family computes the function (footnote 14: the same with several outputs). So the length of `f x` depends on
the length of `x` only. -/
def Computes (C : Family) (f : List Bool → List Bool) : Prop :=
  ∀ x : List Bool, (C x.length).eval x = f x

/-- What Definition 4 asks of a family: constant depth and polynomial size. Circuit `n` is well-formed for `n` inputs,
has depth at most `d`, and at most `(n + 2) ^ k` gates and wires. (`n + 2`, and not `n`, so that there is room for
constants at `n = 0` and `n = 1`.) -/
structure ConstDepthPolySize (C : Family) (d k : Nat) : Prop where
  /-- Every wire of circuit `n` reads a position that exists; the inputs are `n`. -/
  wf : ∀ n, (C n).WF n
  /-- Constant depth. -/
  depth_le : ∀ n, (C n).depth ≤ d
  /-- Polynomial size. -/
  size_le : ∀ n, (C n).size ≤ (n + 2) ^ k

/-- The family is log-space uniform (Definition 5 with `I(n) = n` and `S(n) = O(log n)`): one multi-tape Turing machine
prints, on `1ⁿ`, the serialisation of circuit `n`, and visits `O(log n)` cells of its work tapes. The serialisation is a
list of numbers; on the output tape the number `v` is `1ᵛ 0`. This code is a choice: no other one is treated here. -/
def LogUniform (C : Family) : Prop := Turing.LogSpaceGenerated fun n => Turing.unary (Circuit.encode n (C n))

/-- The language is in (non-uniform) TC0 (Definition 4). -/
def TC0 (L : Language) : Prop := ∃ C d k, ConstDepthPolySize C d k ∧ Decides C L

/-- The function is in (non-uniform) TC0 (Definition 4 and footnote 14). -/
def TC0Function (f : List Bool → List Bool) : Prop := ∃ C d k, ConstDepthPolySize C d k ∧ Computes C f

/-- The language is in log-uniform TC0 (Definitions 4 and 5): *one* family is of constant depth and polynomial size,
decides the language, and is log-space uniform. -/
def LogUniformTC0 (L : Language) : Prop :=
  ∃ C d k, ConstDepthPolySize C d k ∧ Decides C L ∧ LogUniform C

/-- The function is in log-uniform TC0 (Definitions 4 and 5, footnote 14): *one* family is of constant depth and
polynomial size, computes the function, and is log-space uniform. -/
def LogUniformTC0Function (f : List Bool → List Bool) : Prop :=
  ∃ C d k, ConstDepthPolySize C d k ∧ Computes C f ∧ LogUniform C

end Logprec.Class
