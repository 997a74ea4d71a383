import Lean

/-!
# What elaboration knows about a file

A file is elaborated command by command, and each command's info trees are read before the next one starts: the states
between the tactics of each proof.
-/

open Lean Elab

namespace LogprecInfo

/-- One tactic of a proof, with the goals before and after it; lines count from 1, columns from 0 in code points. -/
structure Step where
  tactic : String
  before : Array String
  after : Array String
  line : Nat
  column : Nat
  endLine : Nat
  endColumn : Nat
  /-- How many tactics this one is part of: 0 for the proof's own sequence. -/
  depth : Nat
  deriving ToJson, BEq

/-- The tactics of one declaration, in the order of the text, a compound tactic before its parts. -/
structure Proof where
  name : String
  steps : Array Step
  deriving ToJson

/-- Elaborate the next command; returns its syntax, what it left, and whether it was the last. -/
def command (input : Parser.InputContext) (parser : Parser.ModuleParserState) (state : Command.State)
    (cancel? : Option IO.CancelToken := none) : IO (Syntax × Parser.ModuleParserState × Command.State × Bool) := do
  let scope := state.scopes.head!
  let context :=
    { env := state.env, options := scope.opts, currNamespace := scope.currNamespace, openDecls := scope.openDecls }
  let (stx, next, messages) := Parser.parseCommand input context parser {}
  let cmd : Command.Context :=
    { cmdPos := parser.pos, fileName := input.fileName, fileMap := input.fileMap, snap? := none, cancelTk? := cancel? }
  let start := { state with messages, infoState := { enabled := true }, snapshotTasks := #[] }
  let elaborate : Command.CommandElabM Unit := do
    Command.elabCommandTopLevel stx
    modify fun s => { s with messages := messages ++ s.messages }
  match ← (elaborate cmd |>.run start).toIO' with
  | .ok (_, done) => return (stx, next, done, Parser.isTerminalCommand stx)
  | .error e => throw <| .userError s!"unexpected internal error: {← e.toMessageData.toString}"

/-- The goals, each as Lean shows it. -/
def goals (context : ContextInfo) (mctx : MetavarContext) (ids : List MVarId) : IO (Array String) := do
  let texts ← { context with mctx }.runMetaM {} (ids.mapM fun g => return (← Meta.ppGoal g).pretty)
  return texts.toArray

/-- Whether a piece of syntax was written in the file, as opposed to made by a macro. -/
def written (stx : Syntax) : Bool :=
  match stx.getHeadInfo? with
  | some (.original ..) => true
  | _ => false

def isSequence (kind : SyntaxNodeKind) : Bool :=
  kind == ``Parser.Tactic.tacticSeq1Indented || kind == ``Parser.Tactic.tacticSeqBracketed

def slice (source : String) (start stop : String.Pos.Raw) : String :=
  String.Pos.Raw.extract source start stop

abbrev Found := Array (Name × Step)

/-- The tactics of an info tree with the declaration each belongs to. -/
partial def steps (map : FileMap) (tree : InfoTree) : IO Found := do
  let (_, found) ← (go none false 0 tree).run #[]
  return found
where
  go (context? : Option ContextInfo) (inSequence : Bool) (depth : Nat) : InfoTree → StateT Found IO Unit
    | .context c t => go (c.mergeIntoOuter? context?) inSequence depth t
    | .hole _ => return
    | .node info children => do
      let mut depth := depth
      let mut inSequence := inSequence
      if let (.ofTacticInfo i, some context) := (info, context?) then
        if inSequence && i.stx.isOfKind nullKind == false && !i.stx.isAtom && written i.stx then
          if let (some start, some stop, some decl) := (i.stx.getPos?, i.stx.getTailPos?, context.parentDecl?) then
            let (from_, to) := (map.toPosition start, map.toPosition stop)
            let step : Step := {
              tactic := slice map.source start stop
              before := ← goals context i.mctxBefore i.goalsBefore
              after := ← goals context i.mctxAfter i.goalsAfter
              line := from_.line, column := from_.column, endLine := to.line, endColumn := to.column, depth }
            if (← get).back?.any (· == (decl, step)) == false then
              modify (·.push (decl, step))
            depth := depth + 1
        inSequence := isSequence i.stx.getKind
      for child in children do
        go (info.updateContext? context?) inSequence depth child

/-- The proofs among what was found, in the order in which they start. -/
def byDeclaration (found : Found) : Array Proof := Id.run do
  let mut order : Array Name := #[]
  let mut table : Std.HashMap Name (Array Step) := {}
  for (name, step) in found do
    unless table.contains name do order := order.push name
    table := table.alter name fun old? => some ((old?.getD #[]).push step)
  return order.map fun name => { name := toString (privateToUserName? name |>.getD name), steps := table.getD name #[] }

/-- Elaborate the commands of a file; returns its proofs and messages. -/
partial def proofs (input : Parser.InputContext) (parser : Parser.ModuleParserState) (state : Command.State) :
    IO (Array Proof × MessageLog) := do
  let rec loop (parser : Parser.ModuleParserState) (state : Command.State) (found : Found) (log : MessageLog) :
      IO (Found × MessageLog) := do
    let (_, parser, state, last) ← command input parser state
    let mut found := found
    for tree in state.infoState.trees do
      found := found ++ (← steps input.fileMap tree)
    let log := log ++ state.messages
    if last then return (found, log) else loop parser state found log
  let (found, log) ← loop parser { state with messages := {} } #[] state.messages
  return (byDeclaration found, log)

end LogprecInfo
