import Lean

/-!
# `lean_dojo_repl`: a tactic that takes tactics from outside

LeanDojo (Yang et al. 2023) puts this tactic in place of a proof and sends it one JSON object a line; each is answered
by one line `REPL> {...}`:

    {"sid": STATE, "cmd": TACTIC}
    {"sid": NEW STATE or null, "tacticState": GOALS or null, "error": TEXT or null}

It stands in for the file of the same name in LeanDojo 4.20, which was written for an earlier Lean: since then a
tactic's standard streams are isolated, so that the devices are opened here, and a theorem that is elaborated on its own
may only add declarations below its name, so that the finished proof goes to the kernel without being added.
-/

open Lean Meta Elab Tactic

namespace LeanDojo

structure Request where
  sid : Nat
  cmd : String
  deriving FromJson

/-- A state, or what went wrong. -/
abbrev Response := Except String (Nat × String)

def Response.toJson : Response → Json
  | .ok (sid, goals) => Json.mkObj [("sid", sid), ("tacticState", goals), ("error", Json.null)]
  | .error text => Json.mkObj [("sid", Json.null), ("tacticState", Json.null), ("error", text)]

/-- All states so far; the first one is the theorem. -/
abbrev ReplM := StateT (Array Tactic.SavedState) TacticM

def say (out : IO.FS.Handle) (response : Response) : IO Unit := do
  out.putStrLn s!"REPL> {response.toJson.compress}"
  out.flush

/-- The goals of the current state, as LeanDojo's Python takes them apart. -/
def goalsText : TacticM String := do
  match ← getUnsolvedGoals with
  | [] => return "no goals"
  | goals => return "\n\n".intercalate (← goals.mapM fun g => return (← ppGoal g).pretty)

/-- Keep the current state. -/
def keep : ReplM Response := do
  let sid := (← get).size
  let state ← Tactic.saveState
  modify (·.push state)
  return .ok (sid, ← goalsText)

/-- What is wrong with the proof of `goal`, of the type `target`, if anything: it must be closed, without `sorry`, and
pass the kernel. -/
def rejected? (goal : MVarId) (target : Expr) : TacticM (Option String) := goal.withContext do
  let proof ← instantiateMVars (.mvar goal)
  if proof.hasSorry then
    return some "proof contains `sorry`"
  if proof.hasExprMVar then
    return some "proof contains metavariables"
  let variables := (← getLCtx).foldl (init := #[]) fun vs d => if d.isAuxDecl then vs else vs.push d.toExpr
  let value ← instantiateMVars (← mkLambdaFVars variables proof)
  let type ← instantiateMVars (← mkForallFVars variables target)
  if value.hasFVar || type.hasMVar then
    return some "proof refers to the theorem itself"
  let levels := (collectLevelParams (collectLevelParams {} type) value).params.toList
  let name := ((← Term.getDeclName?).getD `goal) ++ `_lean_dojo
  let theorem_ := Declaration.thmDecl { name, type, value, levelParams := levels }
  match (← getEnv).toKernelEnv.addDecl (← getOptions) theorem_ with
  | .ok _ => return none
  | .error e => return some s!"kernel type check failed: {← (e.toMessageData (← getOptions)).toString}"

/-- Run one tactic in a state. -/
def handle (request : Request) (goal : MVarId) (target : Expr) : ReplM Response := do
  let some state := (← get)[request.sid]? | return .error s!"unknown state {request.sid}"
  state.restore
  match Parser.runParserCategory (← getEnv) `tactic request.cmd "<tactic>" with
  | .error e => return .error e
  | .ok stx =>
    try
      Core.resetMessageLog
      Tactic.withoutRecover (evalTactic stx)
      let errors := (← Core.getMessageLog).toList.filter (·.severity matches .error)
      unless errors.isEmpty do
        return .error ("\n".intercalate (← errors.mapM (·.data.toString)))
      pruneSolvedGoals
      if (← getUnsolvedGoals).isEmpty then
        if let some reason ← rejected? goal target then
          return .error reason
      keep
    catch e =>
      return .error (← e.toMessageData.toString)

/-- Answer requests until the input ends. -/
def repl : TacticM Unit := withMainContext do
  let goal ← getMainGoal
  let target ← instantiateMVars (← goal.getType)
  unless ← isProp target do
    throwError "not a theorem"
  let input ← IO.FS.Handle.mk "/dev/stdin" .read
  let output ← IO.FS.Handle.mk "/dev/stdout" .write
  let loop : ReplM Unit := do
    say output (← keep)
    repeat
      let line := (← input.getLine).trimAscii.toString
      if line.isEmpty || line == "exit" then break
      match Json.parse line >>= fromJson? with
      | .error e => say output (.error s!"not a request: {e}")
      | .ok request => say output (← handle request goal target)
  discard <| loop.run #[]
  IO.Process.exit 0

end LeanDojo

/-- Take tactics from standard input, one JSON object a line. -/
elab "lean_dojo_repl" : tactic => LeanDojo.repl
