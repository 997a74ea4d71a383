import LogprecDocs

/-!
# A Lean process that checks many files

One JSON request a line on stdin, one line `@@logprec {json}` on stdout for each:

    {"op": "check", "file": PATH, "name": SHOWN, "module": NAME, "olean": PATH?, "path": [DIR...],
     "base": [MODULE...], "own": [MODULE...], "options": {NAME: VALUE}}
    answer {"ok": bool, "messages": [{"severity", "text"}], "inits": [MODULE...],
     "restart": bool, "elab_ms", "total_ms"}

    {"op": "states", ...the same...}
    answer the same, and {"proofs": [{"name", "steps": [LogprecInfo.Step...]}]}

    {"op": "open", ...the same..., "text": TEXT}   "file" is the document's name from here on
    {"op": "edit", "file", "text"}, {"op": "step", "file"}
    answer {"ok", "done", "line": elaborated up to here, "diagnostics"}; "reopen" instead when the header changed
    {"op": "ask", "file", "question", "position"} (LogprecDocs.Doc.ask), {"op": "close", "file"}
    answer {"result"}

    {"op": "run", "module": NAME, "args": [ARG...], "key": KEY, "path": ..., "base": ..., "stdin"|"stdout": FILE}
    answer {"code": exit code of the module's `main`}

`base` is what the file and its imports import from the toolchain, `own` are all other modules it imports, directly or
not.

Starting Lean costs seconds; importing core once more costs a second; both are paid once here. The modules of the
toolchain stay read (`base`), and what a file adds to them is read for that file, so a rebuilt module is seen at once.

The one thing that cannot be undone in a running process is an `initialize` of an imported module. The answer names
those modules (`inits`), so that the caller can restart the process when one of them was rebuilt. The attributes that
they register are hidden from files that do not import them; where that cannot be told (`restart`), a new process can.
-/

open Lean Elab

namespace LogprecWorker

/-- Attributes registered when `modules` were first imported together. -/
structure Registered where
  modules : Array Name
  attributes : Array (Name × AttributeImpl)

structure State where
  /-- Toolchain modules already read, by the list of imports that asked for them. -/
  bases : Array (Array Name × ImportState) := #[]
  builtin : Std.HashMap Name AttributeImpl
  registered : Array Registered := #[]
  libPath : SearchPath
  /-- The program run last, imported. -/
  program : Option (String × Environment) := none
  /-- Open documents, by file. -/
  docs : Std.HashMap String LogprecDocs.Doc := {}

structure Request where
  file : String
  name : String
  module : String
  olean : Option String := none
  path : Array String := #[]
  base : Array String := #[]
  own : Array String := #[]
  options : Json := Json.null
  deriving FromJson

structure RunRequest where
  module : String
  args : Array String
  /-- Changes when any of the program's modules does. -/
  key : String
  path : Array String
  base : Array String
  stdin : String
  stdout : String
  deriving FromJson

structure Answer where
  ok : Bool
  messages : Array Json := #[]
  inits : Array String := #[]
  restart : Bool := false
  elab_ms : Nat := 0
  total_ms : Nat := 0
  deriving ToJson

def toOptions (j : Json) : Except String Options := do
  let mut opts : Options := internal.cmdlineSnapshots.set (Elab.async.set {} false) true
  for (k, v) in (j.getObj?.toOption.map (·.toArray)).getD #[] do
    let value ← match v with
      | .bool b => pure (DataValue.ofBool b)
      | .num n => pure (DataValue.ofNat n.mantissa.toNat)
      | .str s => pure (DataValue.ofString s)
      | _ => throw s!"option {k} has an unsupported value"
    opts := opts.insert k.toName value
  return opts

def message (severity text : String) : Json :=
  Json.mkObj [("severity", severity), ("text", text)]

def fail (name text : String) : Answer :=
  { ok := false, messages := #[message "error" s!"{name}:1:0: error: {text}\n"] }

def shown (log : MessageLog) : IO (Array Json) :=
  (log.toArray.filter (!·.isSilent)).mapM fun m => do
    let severity := match m.severity with
      | .error => "error"
      | .warning => "warning"
      | .information => "information"
    return message severity (← m.toString)

/-- Modules of `env` that run code when they are imported, toolchain modules aside. -/
def initModules (env : Environment) (known : Array Name) : Array Name := Id.run do
  let mut out := #[]
  for name in env.header.moduleNames, data in env.header.moduleData do
    if known.contains name.getRoot then continue
    if data.entries.any fun (ext, es) => ext == regularInitAttr.ext.name && !es.isEmpty then
      out := out.push name
  return out

def toolchainRoots : Array Name := #[`Init, `Std, `Lean]

/-- Read toolchain modules once. -/
def baseState? (ref : IO.Ref State) (base : Array String) : IO (Option ImportState) := do
  let names := base.map String.toName
  if names.isEmpty then return none
  if let some (_, s) := (← ref.get).bases.find? (·.1 == names) then return some s
  let (_, s) ← ImportStateM.run (importModulesCore (names.map ({ module := · })))
  ref.modify fun st => { st with bases := st.bases.push (names, s) }
  return some s

unsafe def importFor (base? : Option ImportState) (imports : Array Import) (opts : Options) : IO Environment := do
  let read := importModulesCore imports
  let (_, s) ← match base? with
    | some base => ImportStateM.run read base
    | none => ImportStateM.run read
  enableInitializersExecution -- the permission does not outlast an import
  withImporting do finalizeImport s imports opts (leakEnv := false) (loadExts := true)

unsafe def runProgram (ref : IO.Ref State) (rq : RunRequest) : IO UInt32 := do
  let opts ← IO.ofExcept (toOptions Json.null)
  let env ← match (← ref.get).program with
    | some (key, env) => if key == rq.key then pure env else load opts
    | none => load opts
  let some info := env.find? `main | throw <| .userError s!"{rq.module} has no `main`"
  let stdin ← IO.FS.Stream.ofHandle <$> IO.FS.Handle.mk rq.stdin .read
  let stdout ← IO.FS.Stream.ofHandle <$> IO.FS.Handle.mk rq.stdout .write
  let old := (← IO.setStdin stdin, ← IO.setStdout stdout)
  let returns := info.type.bindingBody!
  let io := if info.type.isForall then returns else info.type
  let word := io.isAppOfArity ``IO 1 && io.appArg!.isConstOf ``UInt32
  let result ← (if info.type.isForall && word then do
      (← IO.ofExcept (env.evalConst (List String → IO UInt32) opts `main)) rq.args.toList
    else if info.type.isForall then do
      (← IO.ofExcept (env.evalConst (List String → IO Unit) opts `main)) rq.args.toList
      return 0
    else if word then do
      (← IO.ofExcept (env.evalConst (IO UInt32) opts `main))
    else do
      (← IO.ofExcept (env.evalConst (IO Unit) opts `main))
      return 0 : IO UInt32).toBaseIO
  discard <| IO.setStdin old.1
  discard <| IO.setStdout old.2
  stdout.flush
  match result with
  | .ok code => return code
  | .error e => IO.eprintln s!"uncaught exception: {e}"; return 1
where
  load (opts : Options) : IO Environment := do
    searchPathRef.set (rq.path.toList.map (⟨·⟩) ++ (← ref.get).libPath)
    let env ← importFor (← baseState? ref rq.base) #[{ module := `Init }, { module := rq.module.toName }] opts
    ref.modify fun st => { st with program := some (rq.key, env) }
    return env

/-- A file with its imports read, ready for its first command. -/
structure Ready where
  input : Parser.InputContext
  parser : Parser.ModuleParserState
  state : Command.State
  inits : Array Name
  attributes : Std.HashMap Name AttributeImpl

/-- Read a file's header and its imports. -/
unsafe def prepare (ref : IO.Ref State) (rq : Request) (source : String) : IO (Except Answer Ready) := do
  let st ← ref.get
  let opts ← IO.ofExcept (toOptions rq.options)
  searchPathRef.set (rq.path.toList.map (⟨·⟩) ++ st.libPath)
  let input := Parser.mkInputContext source rq.name
  let (header, parser, log) ← Parser.parseHeader input
  if log.hasErrors then
    return .error { ok := false, messages := ← shown log }
  -- only the attributes of modules that this file imports
  let own := rq.own.map String.toName
  let (here, elsewhere) := st.registered.partition fun r => r.modules.all own.contains
  if elsewhere.any fun r => r.modules.any own.contains then
    return .error { ok := false, restart := true }
  let attributes := here.foldl (init := st.builtin) fun m r => r.attributes.foldl (fun m (n, a) => m.insert n a) m
  attributeMapRef.set attributes
  let imports := headerToImports header
  let imported ← (do importFor (← baseState? ref rq.base) imports opts : IO Environment).toBaseIO
  let env ← match imported with
    | .ok env => pure env
    | .error e => return .error (fail rq.name (toString e))
  let inits := initModules env toolchainRoots
  let fresh := inits.filter fun n => !here.any (·.modules.contains n)
  unless fresh.isEmpty do
    let new := (← attributeMapRef.get).toArray.filter fun (n, _) => !attributes.contains n
    ref.modify fun st => { st with registered := st.registered.push ⟨fresh, new⟩ }
  let attributes ← attributeMapRef.get
  let state := Command.mkState (env.setMainModule rq.module.toName) log opts
  return .ok { input, parser, inits, attributes, state }

unsafe def checkFile (ref : IO.Ref State) (rq : Request) : IO Answer := do
  let t0 ← IO.monoMsNow
  let ready ← match ← prepare ref rq (← IO.FS.readFile rq.file) with
    | .ok ready => pure ready
    | .error answer => return answer
  let inits := ready.inits.map toString
  let t1 ← IO.monoMsNow
  let front ← IO.processCommands ready.input ready.parser ready.state
  let t2 ← IO.monoMsNow
  let out := front.commandState
  let messages ← shown out.messages
  if out.messages.hasErrors then
    return { ok := false, messages, inits, elab_ms := t2 - t1, total_ms := t2 - t0 }
  if let some olean := rq.olean then
    writeModule out.env olean
  let t3 ← IO.monoMsNow
  return { ok := true, messages, inits, elab_ms := t2 - t1, total_ms := t3 - t0 }

unsafe def statesOf (ref : IO.Ref State) (rq : Request) : IO Json := do
  let t0 ← IO.monoMsNow
  let ready ← match ← prepare ref rq (← IO.FS.readFile rq.file) with
    | .ok ready => pure ready
    | .error answer => return toJson answer
  let (proofs, log) ← LogprecInfo.proofs ready.input ready.parser ready.state
  let t := (← IO.monoMsNow) - t0
  let inits := ready.inits.map toString
  let answer : Answer := { ok := !log.hasErrors, messages := ← shown log, inits, elab_ms := t, total_ms := t }
  return (toJson answer).setObjVal! "proofs" (toJson proofs)

unsafe def openDoc (ref : IO.Ref State) (rq : Request) (text : String) : IO Json := do
  match ← prepare ref rq text with
  | .error answer => return toJson answer
  | .ok ready =>
    let { input, parser, state, attributes, inits } := ready
    let log ← LogprecDocs.diagnostics input.fileMap state.messages
    let doc : LogprecDocs.Doc := { input, parser, state, attributes, log }
    ref.modify fun st => { st with docs := st.docs.insert rq.file doc }
    return doc.progress.setObjVal! "inits" (toJson (inits.map toString))

/-- What concerns a document that is open. -/
unsafe def document (ref : IO.Ref State) (op : String) (json : Json) : IO Json := do
  let file ← IO.ofExcept (json.getObjValAs? String "file")
  if op == "close" then
    ref.modify fun st => { st with docs := st.docs.erase file }
    return Json.mkObj [("result", Json.null)]
  let some doc := (← ref.get).docs[file]? | throw <| .userError s!"{file} is not open"
  attributeMapRef.set doc.attributes
  let keep (doc : LogprecDocs.Doc) : IO Json := do
    ref.modify fun st => { st with docs := st.docs.insert file doc }
    return doc.progress
  match op with
  | "edit" =>
    match doc.edit? (← IO.ofExcept (json.getObjValAs? String "text")) with
    | some doc => keep doc
    | none => return Json.mkObj [("reopen", true)]
  | "step" => keep (← doc.step)
  | _ =>
    let question ← IO.ofExcept (json.getObjValAs? String "question")
    let position ← IO.ofExcept (json.getObjValAs? Lsp.Position "position")
    return Json.mkObj [("result", ← doc.ask question position)]

/-- The loop. Runs until stdin ends. -/
unsafe def run : IO Unit := do
  enableInitializersExecution
  let stdin ← IO.getStdin
  let stdout ← IO.getStdout
  let ref ← IO.mkRef { builtin := ← attributeMapRef.get, libPath := ← searchPathRef.get : State }
  let say (j : Json) : IO Unit := do
    stdout.putStrLn ("@@logprec " ++ j.compress)
    stdout.flush
  say (Json.mkObj [("ready", true)])
  repeat
    let line ← stdin.getLine
    if line.isEmpty then break
    let answer ← (do
      let json ← IO.ofExcept (Json.parse line)
      match json.getObjValAs? String "op" with
      | .ok "run" => return Json.mkObj [("code", toJson (← runProgram ref (← IO.ofExcept (fromJson? json))).toNat)]
      | .ok "open" =>
        openDoc ref (← IO.ofExcept (fromJson? json)) (← IO.ofExcept (json.getObjValAs? String "text"))
      | .ok op@"edit" | .ok op@"step" | .ok op@"ask" | .ok op@"close" => document ref op json
      | .ok "states" => statesOf ref (← IO.ofExcept (fromJson? json))
      | _ => return toJson (← checkFile ref (← IO.ofExcept (fromJson? json))) : IO Json).toBaseIO
    match answer with
    | .ok a => say a
    | .error e => say (Json.mkObj [("error", toString e)])

end LogprecWorker
