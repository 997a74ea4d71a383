import Logprec.Audit.Check

/-!
# What the package declares, as data

For `logprec theorems`, `logprec graph` and the explorer: the name, kind, place, statement, docstring and direct
dependencies of every declaration of the compiled modules.
-/

namespace Logprec.Audit

open Lean

/-- A declaration, for a reader. -/
structure Description where
  /-- Its unique name, private prefix included. -/
  name : String
  /-- Its name as written. -/
  shown : String
  /-- `theorem`, `def`, `instance`, `structure`, … -/
  kind : String
  /-- The line on which it starts, 0 where nobody wrote it. -/
  line : Nat
  /-- Its signature, as Lean prints it; empty where nobody wrote it. -/
  statement : String
  /-- Its docstring. -/
  doc : String
  /-- The inductive type that it comes with. -/
  parent : String
  /-- Declarations of the package that occur in it. -/
  uses : Array String
  /-- Axioms of the toolchain that occur in it; with a native toolchain, all that it rests on. -/
  axioms : Array String
  deriving ToJson

/-- What sort of declaration this is, and the inductive type that it comes with. -/
def kindOf (env : Environment) (info : ConstantInfo) : String × Name :=
  match info with
  | .axiomInfo _ => ("axiom", .anonymous)
  | .thmInfo _ => ("theorem", .anonymous)
  | .opaqueInfo _ => ("opaque", .anonymous)
  | .quotInfo _ => ("quot", .anonymous)
  | .inductInfo v =>
    (if isClass env v.name then "class" else if isStructure env v.name then "structure" else "inductive", .anonymous)
  | .ctorInfo v => ("constructor", v.induct)
  | .recInfo v => ("recursor", v.getMajorInduct)
  | .defnInfo v =>
    if let some p := env.getProjectionFnInfo? v.name then ("field", p.ctorName.getPrefix)
    else if isAuxRecursor env v.name || isNoConfusion env v.name then ("recursor", v.name.getPrefix)
    else if Meta.isInstanceCore env v.name then ("instance", .anonymous)
    else if v.hints.isAbbrev then ("abbrev", .anonymous)
    else ("def", .anonymous)

/-- The signature as Lean prints it. -/
def signature (env : Environment) (name : Name) : IO String := do
  let context : Core.Context := { fileName := "<describe>", fileMap := default, currNamespace := `Logprec }
  let (text, _) ← (do return (← PrettyPrinter.ppSignature name).fmt.pretty 100 : MetaM String).run'.toIO context { env }
  return text

/-- Describe one declaration. -/
def describeOne (env : Environment) (exact : Bool) (lines : NameMap Nat) (docs : NameMap String) (info : ConstantInfo) :
    IO Description := do
  let name := info.name
  let (kind, parent) := kindOf env info
  let used := (usedConstants info).toList.eraseDups.toArray
  let line := if kind == "recursor" then 0 else lines.getD name 0
  let axioms ← if exact && line != 0 then
      pure ((CollectAxioms.collect name).run env |>.run {} |>.2.axioms)
    else pure (used.filter fun n => standardAxioms.contains n || backDoors.contains n)
  return {
    name := toString name, shown := toString (privateToUserName name), kind, line
    statement := ← if line == 0 then pure "" else signature env name
    doc := docs.getD name "", parent := if parent.isAnonymous then "" else toString parent
    uses := (used.filter fun n => n != name && isOwn env n).map toString, axioms := axioms.map toString }

/-- Describe the modules of a job. -/
unsafe def describe (job : Job) (toolchain : SearchPath) (say : Json → IO Unit) : IO Unit := do
  searchPathRef.set (job.path.toList.map (⟨·⟩) ++ toolchain)
  enableInitializersExecution
  let names := job.modules.map String.toName
  let env ← importModules ((#[`Init] ++ names).map ({ module := · })) {} (loadExts := true)
  for name in names do
    let some index := env.getModuleIdx? name | continue
    let data := env.header.moduleData[index]!
    let lines : NameMap Nat := (entries (Name × DeclarationRanges) data declRangeExt.name).foldl (init := {})
      fun m (n, r) => m.insert n r.range.pos.line
    let docs : NameMap String :=
      (entries (Name × String) data docStringExt.name).foldl (fun m (n, d) => m.insert n d) {}
    let found ← data.constants.mapM (describeOne env (isExact env) lines docs)
    say <| Json.mkObj [("module", toString name), ("declarations", toJson found)]

end Logprec.Audit
