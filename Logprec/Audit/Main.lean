import Logprec.Audit.Check

/-!
The audit as a program: jobs on stdin, one JSON object a line (`Logprec.Audit.Job`), a report for each on stdout.
`logprec audit` writes the jobs and reads the reports.
-/

open Lean Logprec.Audit

def main : IO UInt32 := do
  let toolchain ← searchPathRef.get
  let stdin ← IO.getStdin
  repeat
    let line ← stdin.getLine
    if line.trimAscii.isEmpty then break
    let job : Job ← IO.ofExcept (Json.parse line >>= fromJson?)
    IO.println (← audit job toolchain).compress
  return 0
