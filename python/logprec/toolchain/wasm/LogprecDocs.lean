import LogprecInfo

/-!
# Open documents

A document is its text and the commands elaborated so far, each with the state after it and its info trees. An edit
keeps the commands that it cannot have changed; questions are answered from the info trees, as Lean's own server does.
-/

open Lean Elab Lsp

namespace LogprecDocs

/-- One elaborated command. -/
structure Piece where
  start : String.Pos.Raw
  stx : Syntax
  parser : Parser.ModuleParserState
  state : Command.State
  diagnostics : Array Json
  last : Bool

structure Doc where
  input : Parser.InputContext
  parser : Parser.ModuleParserState
  state : Command.State
  attributes : Std.HashMap Name AttributeImpl
  /-- What was said about the header. -/
  log : Array Json := #[]
  pieces : Array Piece := #[]

def diagnostic (map : FileMap) (m : Message) : IO Json := do
  let start := map.leanPosToLspPos m.pos
  let stop := map.leanPosToLspPos (m.endPos.getD m.pos)
  let severity := match m.severity with
    | .error => 1
    | .warning => 2
    | .information => 3
  return Json.mkObj [("range", toJson ({ start, «end» := stop : Lsp.Range })), ("severity", toJson (severity : Nat)),
    ("source", "Lean 4"), ("message", (← m.data.toString))]

def diagnostics (map : FileMap) (log : MessageLog) : IO (Array Json) :=
  (log.toArray.filter (!·.isSilent)).mapM (diagnostic map)

/-- How many bytes two texts have in common at the start. -/
def commonPrefix (a b : String) : Nat := Id.run do
  let (a, b) := (a.toUTF8, b.toUTF8)
  let n := min a.size b.size
  for i in [0:n] do
    if a.get! i != b.get! i then return i
  return n

/-- Replace the text. The commands that end before the change stay, except the one next to it, whose end the parser may
see differently now; `none` when the header may have changed. -/
def Doc.edit? (doc : Doc) (text : String) : Option Doc := do
  let same := commonPrefix doc.input.inputString text
  let header := doc.pieces[0]?.map (·.parser.pos.byteIdx)
  guard (header.any (· ≤ same))
  let before := doc.pieces.toList.takeWhile fun p => p.parser.pos.byteIdx ≤ same && !p.last
  return { doc with input := Parser.mkInputContext text doc.input.fileName, pieces := before.dropLast.toArray }

/-- Elaborate one more command. -/
def Doc.step (doc : Doc) : IO Doc := do
  if doc.pieces.back?.any (·.last) then return doc
  let (parser, state) := doc.pieces.back?.map (fun p => (p.parser, p.state)) |>.getD (doc.parser, doc.state)
  let (stx, next, state, last) ← LogprecInfo.command doc.input parser { state with messages := {} }
  let diagnostics ← diagnostics doc.input.fileMap state.messages
  return { doc with pieces := doc.pieces.push { start := parser.pos, stx, parser := next, state, diagnostics, last } }

/-- The info trees around a position, the innermost command's first. -/
def Doc.treesAt (doc : Doc) (pos : String.Pos.Raw) : List InfoTree :=
  let around := doc.pieces.toList.filter fun p => p.start ≤ pos && pos ≤ p.parser.pos
  around.reverse.flatMap (·.state.infoState.trees.toList)

def fenced (text : String) : String := s!"```lean\n{text}\n```"

def rangeOf (map : FileMap) (i : Info) : Json :=
  (i.range?.map fun r => toJson (r.toLspRange map)).getD Json.null

def Doc.goal (doc : Doc) (pos : String.Pos.Raw) : IO Json := do
  for tree in doc.treesAt pos do
    let found := tree.goalsAt? doc.input.fileMap pos
    if found.isEmpty then continue
    let goals ← found.mapM fun r => do
      let i := r.tacticInfo
      if r.useAfter then LogprecInfo.goals r.ctxInfo i.mctxAfter i.goalsAfter
      else LogprecInfo.goals r.ctxInfo i.mctxBefore i.goalsBefore
    let goals := goals.toArray.flatten
    let rendered := if goals.isEmpty then "no goals" else "\n---\n".intercalate (goals.map fenced).toList
    return Json.mkObj [("goals", toJson goals), ("rendered", rendered)]
  return Json.null

def Doc.termGoal (doc : Doc) (pos : String.Pos.Raw) : IO Json := do
  for tree in doc.treesAt pos do
    let some { ctx, info, .. } := tree.termGoalAt? pos | continue
    let .ofTermInfo i := info | continue
    let lctx := if i.isBinder then i.lctx.pop else i.lctx
    let goal ← ctx.runMetaM lctx do
      let type ← instantiateMVars (i.expectedType?.getD (← Meta.inferType i.expr))
      return (← Meta.ppGoal (← Meta.mkFreshExprMVar type).mvarId!).pretty
    return Json.mkObj [("goal", goal), ("range", rangeOf doc.input.fileMap info)]
  return Json.null

def Doc.infoAt? (doc : Doc) (pos : String.Pos.Raw) : Option InfoWithCtx :=
  (doc.treesAt pos).findSome? fun tree => Id.run (tree.hoverableInfoAtM? (m := Id) pos)

def Doc.hover (doc : Doc) (pos : String.Pos.Raw) : IO Json := do
  let some { ctx, info, .. } := doc.infoAt? pos | return Json.null
  let some text ← info.fmtHover? ctx | return Json.null
  let contents := Json.mkObj [("kind", "markdown"), ("value", text.fmt.pretty)]
  return Json.mkObj [("contents", contents), ("range", rangeOf doc.input.fileMap info)]

def lspRange (r : DeclarationRange) : Lsp.Range :=
  ⟨⟨r.pos.line - 1, r.charUtf16⟩, ⟨r.endPos.line - 1, r.endCharUtf16⟩⟩

/-- The module and the place where the constant at a position is declared; no module means this document. -/
def Doc.definition (doc : Doc) (pos : String.Pos.Raw) : IO Json := do
  let some { ctx, info, .. } := doc.infoAt? pos | return Json.null
  let name? := match info with
    | .ofTermInfo i => i.expr.getAppFn.constName?
    | .ofFieldInfo i => some i.projName
    | _ => none
  let some name := name? | return Json.null
  let some ranges ← ctx.runMetaM {} (findDeclarationRanges? name) | return Json.null
  let module := (ctx.env.getModuleIdxFor? name).map fun i => toString ctx.env.header.moduleNames[i]!
  return Json.mkObj [("name", toString name), ("module", toJson module), ("range", toJson (lspRange ranges.range)),
    ("selectionRange", toJson (lspRange ranges.selectionRange))]

def Doc.symbols (doc : Doc) : Json :=
  let map := doc.input.fileMap
  let found := doc.pieces.filterMap fun p => do
    let id ← p.stx.find? (·.isOfKind ``Parser.Command.declId)
    let range ← p.stx.getRange?
    let selection ← id.getRange?
    return Json.mkObj [("name", toString id[0].getId), ("kind", (6 : Nat)), ("range", toJson (range.toLspRange map)),
      ("selectionRange", toJson (selection.toLspRange map))]
  toJson found

/-- Answer a question about a position. -/
def Doc.ask (doc : Doc) (question : String) (position : Lsp.Position) : IO Json := do
  let pos := doc.input.fileMap.lspPosToUtf8Pos position
  match question with
  | "goal" => doc.goal pos
  | "termGoal" => doc.termGoal pos
  | "hover" => doc.hover pos
  | "definition" => doc.definition pos
  | "symbols" => return doc.symbols
  | q => throw <| .userError s!"unknown question {q}"

/-- How far a document is. -/
def Doc.progress (doc : Doc) : Json :=
  let last := doc.pieces.back?
  let pos := last.map (·.parser.pos) |>.getD doc.parser.pos
  Json.mkObj [("ok", true), ("done", last.any (·.last)), ("line", (doc.input.fileMap.utf8PosToLspPos pos).line),
    ("diagnostics", toJson (doc.log ++ doc.pieces.flatMap (·.diagnostics)))]

end LogprecDocs
