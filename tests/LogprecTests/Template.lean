import Logprec.Extract.Programs
import Logprec.Template.Basic
import Logprec.Arith.Template.Symmetric
import Logprec.Network.Template.Theorem

/-!
# Templates, run

Terms evaluated; the programs that templates compile to, run on small inputs: they print the serialisation of the
circuit, and their numbers keep within the bound.
-/

namespace LogprecTests.Template

open Logprec Space

/-- The value that a compiled term leaves in its register, for variables in the registers 2, 1, 0. -/
def compiled (t : Term) (a b c : Nat) : Nat := ((t.compile [2, 1, 0] 3).run [] { regs := [c, b, a] }).regs.get 3

/-- Does a compiled term have the value of the term, and keep within the bound? -/
def agrees (t : Term) : Bool :=
  (List.range 5).all fun a => (List.range 5).all fun b =>
    compiled t a b 7 == t.eval [a, b, 7] &&
      ((t.compile [2, 1, 0] 3).run [] { regs := [7, b, a] }).peak ≤ 9 ^ t.deg

/-! ## Terms -/

#guard [.var 0 + .var 1, .var 0 - .var 1, .var 0 * .var 1, .var 2 / .var 0, .var 2 % .var 0, .eq (.var 0) (.var 1),
  .lt (.var 0) (.var 1), .ite (.var 0) (.var 1) 9, .letIn (.var 0 + 1) (.var 0 * .var 1), .var 5].all agrees
#guard [.min (.var 0) (.var 1), .max (.var 0) (.var 1), .le (.var 0) (.var 1), .and (.var 0) (.var 1),
  .or (.var 0) (.var 1), .not (.var 0), .pow2 (.var 0) 9, .testBit (.var 2) (.var 0), .log2 (.var 0),
  .sum (.var 0) 50 (.var 0 * .var 3)].all agrees
#guard (List.range 40).all fun a => (Term.log2 (.var 0)).eval [a] = a.log2
#guard (List.range 9).all fun i => (Term.testBit (.var 0) (.var 1)).eval [53, i] = (Nat.testBit 53 i).toNat
#guard (Term.pow2 (.var 0) 1000).eval [9] = 512 && (Term.pow2 (.var 0) 1000).eval [10] = 1000
#guard (Term.sum (.var 0) 100 (.var 0)).eval [5] = 10 && (Term.sum (.var 0) 8 (.var 0)).eval [5] = 8

#guard (Term.total (.var 0) (.var 0 * .var 1)).eval [5] = 50
#guard [.total (.var 0) (.var 0 * .var 2), .total 3 (.pow2 (.var 0) 9), .total (.var 1) (.ite (.var 0) 5 (.var 3)),
  .total 3 (.total (.var 0) (.letIn (.var 1 + .var 0) (.var 0 - .var 1)))].all agrees

/-- The sum of the numbers below register 0, in a program that reads its input, prints, and leaves registers dirty. -/
def below : Prog := .seq (.loop 1 (.reg 0) (.seq (.emit (.reg 1)) (.set 2 (.add (.reg 2) (.reg 1)))))
  (.set 0 (.add (.reg 2) (.add .len (.inputBit (.lit 0)))))

#guard (List.range 9).all fun n => below.result [n] == n * (n - 1) / 2 && below.resultPeak [n] ≤ 36
#guard [.call below [0] 100, .call below [1, 0, 9] 100, .call below [2] 10, .call below [] 9,
  .call .skip [1] 0, .call below [0] (.call below [1] 20), .sum 4 90 (.call below [0] 30)].all agrees
#guard (List.range 9).all fun n => (Term.call below [0] 36).eval [n] = below.result [n]
#guard (Term.call below [0] 10).eval [8] = 10 -- cut off

/-! ## Circuit templates -/

/-- Does the template print the circuits of lengths `ns`, and keep within the bound? -/
def prints (ns : List Nat) (ts : List Tmpl) (C : Nat → Circuit) : Bool :=
  ns.all fun n =>
    (Tmpl.program (.var 0) ts).output (ones n) == Circuit.encode n (C n) &&
      (Tmpl.program (.var 0) ts).peak (ones n) ≤ (n + 2) ^ Tmpl.programDeg (.var 0) ts

#guard prints [0, 1, 2, 3, 4] (Tmpl.symmetric (.var 0) 1 (.var 0)) Circuit.parity
#guard prints [0, 1, 2, 3, 4, 9] (Tmpl.majority (.var 0)) Circuit.majority
#guard prints [0, 3, 4] (Tmpl.symmetric (.var 0) (.var 0) (.var 0 * .var 0)) -- all bits of a square
  fun n => Circuit.symmetric n n fun t => t * t
#guard (Tmpl.program (.var 0) (Tmpl.majority (.var 0))).output (ones 2) = [2, 0, 1, 2, 3, 0, 1, 3, 1, 1, 4]
#guard (Tmpl.program (.var 0) (Tmpl.majority (.var 0))).peak (ones 5) ≤ 7 -- far below the bound

/-- In the environment `ρ`, do the templates list the layers of `C`? -/
def lists (ρ : List Nat) (ts : List Tmpl) (C : Circuit) : Bool := ts.map (Tmpl.items ρ) == C.map Layer.items

#guard lists [4] (Tmpl.carry (.var 0) 3) (Circuit.carry 4 3)
#guard lists [3] (Tmpl.par (.var 0) (.var 0 + .var 1) [6, 1] (Tmpl.symmetric 2 1 (.var 0))) -- neighbours
  (Circuit.par 2 (List.range 3) (fun i => [i, i + 1]) fun _ => Circuit.parity 2)
#guard lists [3] (Tmpl.par (.var 0) (.var 0) [.var 0 + 1 + (.var 0 + 1), 1] -- as many inputs as the template has
    (Tmpl.symmetric (.var 1) 1 (.var 0 + .var 1)))
  (Circuit.par 2 (List.range 3) (fun _ => [0, 1, 2]) fun i => Circuit.symmetric 3 1 (· + i))
#guard lists [] (Tmpl.pair (1 - .var 0) (.var 0) [6, 1] (Tmpl.symmetric 2 1 (.var 0)) (Tmpl.carry 3 2))
  (Circuit.pair 2 [1, 0] (Circuit.parity 2) [0, 1, 2] (Circuit.carry 3 2))

/-! ## C -/

#guard Prog.registers (.loop 0 .len (.emit (.add (.reg 0) (.reg 2)))) = 3
#guard Extract.lines "" 0 (.loop 1 .len (.ite (.inputBit (.reg 1)) (.emit (.add (.reg 1) (.lit 5000000000))) .skip)) =
  ["for (uint64_t i0 = 0, end0 = n; i0 < end0; i0++) {", "    r1 = i0;", "    if (lt(r1, n) != 0) {",
    "        emit(add(r1, UINT64_C(5000000000)));", "    }", "}"]

/-! ## Circuits side by side, of different widths -/

/-- Part `i` copies the inputs below `i`, in depth 2. -/
def copies : List Tmpl :=
  Tmpl.loopFrom (.var 0) 0 [.var 0, .var 0] (Tmpl.reindexFirst (.var 0) (Tmpl.carry (.var 0) 2))

#guard prints [0, 1, 2, 3, 5] copies fun n => Circuit.par 2 (List.range n) List.range fun i => Circuit.carry i 2
#guard !prints [3] copies fun n => Circuit.par 2 (List.range n) List.range fun i => Circuit.carry (i + 1) 2
#guard prints [0, 1, 2, 3] (Tmpl.pairWith id (Tmpl.offset 0) [.total (.var 0) (.var 0), .total (.var 0) (.var 0)] copies
    (Tmpl.carry (.var 0) 2))
  fun n => (Circuit.par 2 (List.range n) List.range fun i => Circuit.carry i 2).zipLayers 0 (Circuit.carry n 2)

/-! ## Networks -/

/-- For every one of `n` bits: of an even one two bits, its square and its opposite; a copy of an odd one. -/
def twoOrOne : StageTmpl := .loop (.var 0) <| .ite (.var 0 % 2) (.node (.copy 0) [(.var 0, 1)])
  (.node (.table 0 #[2, 1] 2) [(.var 0, 1)])

/-- The first value and the last but one. -/
def ends : StageTmpl := .seq (.node (.copy 0) [(0, 2)]) (.node (.copy 0) [((.var 0 - 1) / 2 * 2, 2)])

#guard twoOrOne.nodes [3] = [.table 0 #[2, 1] 2, .copy 1, .table 2 #[2, 1] 2]
#guard ends.nodes [6] = [.copy 0, .copy 4]
#guard (List.range 7).map (fun m => twoOrOne.prefixBits.eval [m, 5]) = [0, 2, 3, 5, 6, 8, 8]
#guard (twoOrOne.nodes [5]).widths [1, 1, 1, 1, 1] = [2, 1, 2, 1, 2]

end LogprecTests.Template
