import Logprec.Extract.Programs

/-!
# Register programs to compare

Small programs, printed as C and run by their definition; `python/tests/test_constructors.py` compares the two.
-/

namespace LogprecTests.Programs

open Logprec.Space Expr Prog

/-- Programs by name. -/
def all : List (String × Prog) := [
  ("squares", loop 0 len (emit (mul (reg 0) (reg 0)))),
  ("division", loop 0 len (loop 1 len (seq (emit (div (reg 0) (reg 1))) (emit (mod (reg 0) (reg 1)))))),
  ("cut-off", loop 0 len (emit (sub (lit 3) (reg 0)))),
  -- a body that writes the register in which its loop counts
  ("counter", loop 0 len (seq (set 0 (add (mul (reg 0) (lit 5)) (lit 7))) (emit (reg 0)))),
  ("branches", loop 0 len (.ite (.eq (mod (reg 0) (lit 2)) (lit 0)) (emit (inputBit (add (reg 0) (lit 2))))
    (seq (emit (.lt (reg 0) (lit 4))) (set 1 (add (reg 1) (lit 1)))))),
  ("powers", seq (set 1 (lit 1)) (loop 0 len (seq (set 1 (mul (reg 1) (lit 2))) (emit (reg 1))))),
  ("large numeral", .ite len (emit (lit (2 ^ 64))) (emit (lit (2 ^ 64 - 1))))]

end LogprecTests.Programs

open LogprecTests.Programs Logprec in
/-- For each argument, followed by a line of `=`: for `NAME`, the program as C; for `NAME:N`, what it prints, a number a
line. -/
def main (args : List String) : IO UInt32 := do
  for arg in args do
    match arg.splitOn ":" with
    | [name, n] =>
      let (some P, some n) := (all.lookup name, n.toNat?) | return 2
      for v in P.output (Space.ones n) do IO.println v
    | _ =>
      let some P := all.lookup arg | return 2
      (← IO.getStdout).putStr (Extract.program arg .numbers P)
    IO.println "="
  return 0
