import Lean

/-!
# What LeanDojo reads of a repository

For every compiled file `F.lean`: its syntax trees, the states around its tactics and the constants it mentions in
`.lake/build/ir/F.ast.json`, and the files it imports in `F.dep_paths`. A file `traced-files` in the repository, one
path a line, limits this to the files that it names.

It stands in for the file of the same name in LeanDojo 4.20 (Yang et al. 2023), which does not compile with this Lean
and starts a process for each file; here one process does them all.
-/

open Lean Elab System

instance : ToJson Substring.Raw where
  toJson s := toJson s.toString

instance : ToJson String.Pos.Raw where
  toJson p := toJson p.byteIdx

deriving instance ToJson for SourceInfo
deriving instance ToJson for Syntax.Preresolved
deriving instance ToJson for Syntax
deriving instance ToJson for Position

namespace LeanDojo

structure TacticTrace where
  stateBefore : String
  stateAfter : String
  pos : String.Pos.Raw
  endPos : String.Pos.Raw
  deriving ToJson

structure PremiseTrace where
  fullName : String
  defPos : Option Position
  defEndPos : Option Position
  modName : String
  defPath : String
  pos : Option Position
  endPos : Option Position
  deriving ToJson

structure Trace where
  commandASTs : Array Syntax
  tactics : Array TacticTrace := #[]
  premises : Array PremiseTrace := #[]
  deriving ToJson

abbrev TraceM := StateT Trace IO

/-- The source of a module; those of Lean itself are where LeanDojo expects them, whether they are there or not. -/
def sourceOf (module : Name) : FilePath :=
  let file := modToFilePath "." module "lean"
  let relative : FilePath := ⟨(file.toString.dropPrefix "./").toString⟩
  if [`Init, `Std, `Lean, `Lake].contains module.getRoot then ".lake/packages/lean4/src/lean" / relative else relative

def goalsText (context : ContextInfo) (mctx : MetavarContext) (goals : List MVarId) : IO String := do
  if goals.isEmpty then return "no goals"
  let texts ← { context with mctx }.runMetaM {} (goals.mapM fun g => return (← Meta.ppGoal g).pretty)
  return "\n\n".intercalate texts

def visitTactic (context : ContextInfo) (i : TacticInfo) : TraceM Unit := do
  let (some pos, some endPos) := (i.stx.getPos? true, i.stx.getTailPos? true) | return
  unless i.stx matches .node .. do return
  let stateBefore ← goalsText context i.mctxBefore i.goalsBefore
  let stateAfter ← goalsText context i.mctxAfter i.goalsAfter
  unless stateBefore == "no goals" || stateBefore == stateAfter do
    modify fun t => { t with tactics := t.tactics.push { stateBefore, stateAfter, pos, endPos } }

def visitTerm (context : ContextInfo) (i : TermInfo) : TraceM Unit := do
  let some name := i.expr.constName? | return
  let map := context.fileMap
  let pos := (i.stx.getPos?).map map.toPosition
  let endPos := (i.stx.getTailPos?).map map.toPosition
  let range ← { context with mctx := {} }.runMetaM {} (findDeclarationRanges? name)
  let defPos := range.map (·.selectionRange.pos)
  let defEndPos := range.map (·.selectionRange.endPos)
  if defPos == pos || defEndPos == endPos then return -- where it is defined
  let env := context.env
  let module := (env.getModuleIdxFor? name).map (env.header.moduleNames[·]!) |>.getD env.mainModule
  let defPath := (sourceOf module).toString
  let premise : PremiseTrace :=
    { fullName := toString name, defPos, defEndPos, modName := toString module, defPath, pos, endPos }
  modify fun t => { t with premises := t.premises.push premise }

/-- Kinds of syntax whose parts are tactics to be recorded. -/
def sequences : List SyntaxNodeKind :=
  [``Parser.Tactic.tacticSeq1Indented, ``Parser.Tactic.tacticSeqBracketed, ``Parser.Tactic.rwRuleSeq]

partial def visit (context? : Option ContextInfo) (parent : SyntaxNodeKind) : InfoTree → TraceM Unit
  | .context c t => visit (c.mergeIntoOuter? context?) parent t
  | .hole _ => return
  | .node info children => do
    if let some context := context? then
      match info with
      | .ofTacticInfo i => if sequences.contains parent then visitTactic context i
      | .ofTermInfo i => visitTerm context i
      | _ => pure ()
    let parent := if let .ofTacticInfo i := info then i.stx.getKind else .anonymous
    for child in children do
      visit (info.updateContext? context?) parent child

/-- `end X` as LeanDojo's Python expects it, without the empty node that this Lean's parser puts after the name: else it
overlooks the end of the namespace and gets the names of all later theorems wrong. -/
def plainEnd (stx : Syntax) : Syntax :=
  if stx.isOfKind ``Parser.Command.end && stx[1].getNumArgs == 2 && stx[1][1].getNumArgs == 0 then
    stx.setArg 1 (stx[1].setArgs #[stx[1][0]])
  else stx

/-- Elaborate the rest of a file, command by command, and trace each. -/
partial def commands (input : Parser.InputContext) (parser : Parser.ModuleParserState) (state : Command.State) :
    TraceM Unit := do
  let scope := state.scopes.head!
  let context :=
    { env := state.env, options := scope.opts, currNamespace := scope.currNamespace, openDecls := scope.openDecls }
  let (stx, next, _) := Parser.parseCommand input context parser {}
  if Parser.isTerminalCommand stx then return
  let cmd : Command.Context :=
    { cmdPos := parser.pos, fileName := input.fileName, fileMap := input.fileMap, snap? := none, cancelTk? := none }
  let start := { state with messages := {}, infoState := { enabled := true }, snapshotTasks := #[] }
  let done ← match ← (Command.elabCommandTopLevel stx cmd |>.run start).toIO' with
    | .ok (_, done) => pure done
    | .error e => throw <| .userError (← e.toMessageData.toString)
  modify fun t => { t with commandASTs := t.commandASTs.push (plainEnd stx) }
  for tree in done.infoState.trees do
    visit none .anonymous tree
  commands input next done

unsafe def traceFile (file : FilePath) (module : Name) : IO Unit := do
  let input := Parser.mkInputContext (← IO.FS.readFile file) file.toString
  let (header, parser, messages) ← Parser.parseHeader input
  let imports := headerToImports header
  let env ← importModules imports {} (loadExts := true)
  let options : Options := Elab.async.set {} false
  let state := Command.mkState (env.setMainModule module) messages options
  let (_, trace) ← (commands input parser state).run { commandASTs := #[header] }
  let out := (FilePath.mk ".lake/build/ir" / file)
  if let some folder := out.parent then IO.FS.createDirAll folder
  IO.FS.writeFile (out.withExtension "ast.json") (toJson trace).compress
  let paths := imports.map fun i => (sourceOf i.module).toString
  IO.FS.writeFile (out.withExtension "dep_paths") ("\n".intercalate paths.toList)

/-- The files below a folder that were compiled, as paths relative to the repository. -/
partial def compiled (folder : FilePath) : IO (Array FilePath) := do
  let mut found := #[]
  for entry in ← folder.readDir do
    let path := folder / entry.fileName
    if entry.fileName.startsWith "." then continue
    if ← path.isDir then
      found := found ++ (← compiled path)
    else if path.extension == some "lean" then
      let relative : FilePath := ⟨(path.toString.dropPrefix "./").toString⟩
      if ← (".lake/build/lib/lean" / relative.withExtension "olean").pathExists then
        found := found.push relative
  return found

end LeanDojo

open LeanDojo

unsafe def main (args : List String) : IO Unit := do
  unless args == ["noDeps"] do
    throw <| .userError "only repositories without dependencies can be traced: the argument must be `noDeps`"
  enableInitializersExecution
  let list : FilePath := "traced-files"
  let wanted ← if ← list.pathExists then IO.FS.lines list else pure #[]
  for file in ← compiled "." do
    if wanted.isEmpty || wanted.contains file.toString then
      IO.println file
      let module := file.withExtension "" |>.components.foldl Name.mkStr .anonymous
      try traceFile file module
      catch e => IO.eprintln s!"{file}: {e}"
