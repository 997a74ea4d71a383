import Logprec.Audit.Describe
import Logprec.Audit.Render

/-!
The audit as a program: a job (`Logprec.Audit.Job`, JSON) on stdin, a line of JSON for each of its modules on stdout.
`logprec.proofs.metaprograms` writes the jobs and reads the answers.
-/

open Lean Logprec.Audit

unsafe def main : IO UInt32 := do
  let toolchain ← searchPathRef.get
  let stdout ← IO.getStdout
  let job : Job ← IO.ofExcept (Json.parse (← (← IO.getStdin).getLine) >>= fromJson?)
  let say (answer : Json) : IO Unit := do
    stdout.putStrLn answer.compress
    stdout.flush
  match job.operation with
  | "audit" => audit job toolchain say
  | "describe" => describe job toolchain say
  | "freeze" => freeze job toolchain say
  | other => throw <| .userError s!"unknown operation {other}"
  return 0
