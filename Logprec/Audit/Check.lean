import Logprec.Audit.Replay

/-!
# The audit of compiled modules

Walks every declaration of the modules it is given and reports whatever could make a theorem mean less than it says, or
a program differ from its definition:

* axioms other than the three standard ones: declared here, made by `native_decide`, or `sorryAx`;
* `implemented_by`, `extern` and `export`: the compiled code is then not the definition;
* `unsafe`, `partial` and `opaque` declarations outside programs and metaprograms;
* instances of core classes for core types (an `Add Nat` of our own changes what `+` says), be they declared, or built
  on the spot; abbreviations of core types and classes are seen through;
* whatever the kernel refuses when it is given every declaration once more (`Logprec.Audit.Replay`).

The modules are read from their compiled files. What they import is only looked up; no code of theirs runs.

With a native toolchain the axioms are followed into the toolchain as well; the WebAssembly build has no proofs of core
theorems, so there they are leaves.
-/

namespace Logprec.Audit

open Lean

/-- Something to look at. -/
structure Finding where
  module : Name
  declaration : Name
  kind : String
  detail : String := ""

instance : ToJson Finding where
  toJson f := Json.mkObj [("module", toString f.module), ("declaration", toString (privateToUserName f.declaration)),
    ("kind", f.kind), ("detail", f.detail)]

/-- What to audit in one process. -/
structure Job where
  /-- What to do: `audit`, `describe` or `freeze`. -/
  operation : String
  /-- Folders of compiled modules. -/
  path : Array String
  /-- Modules to examine, imports first; what else they import is loaded. -/
  modules : Array String
  /-- Modules, or prefixes of modules, that are programs or metaprograms. -/
  programs : Array String := #[]
  deriving FromJson

/-- What the examination needs to know about the rest of the world. -/
structure World where
  /-- What the modules import. -/
  imported : Environment
  /-- The declarations of the modules themselves. -/
  own : Std.HashMap Name ConstantInfo
  /-- The toolchain's classes. -/
  classes : NameSet

/-- What a module records for an extension, by the extension's name. The type has to be the extension's. -/
unsafe def entries (α : Type) (data : ModuleData) (extension : Name) : Array α :=
  match data.entries.find? (·.1 == extension) with
  | some (_, entries) => unsafeCast entries
  | none => #[]

/-- Look a declaration up. -/
def World.find? (w : World) (name : Name) : Option ConstantInfo :=
  w.own[name]? <|> w.imported.find? name

/-- Whether `name` is a declaration of the package. -/
def World.isOwn (w : World) (name : Name) : Bool :=
  w.own.contains name || Audit.isOwn w.imported name

/-- Whether the toolchain's theorems have their proofs, so that axioms can be followed into it. -/
def isExact (env : Environment) : Bool :=
  env.find? ``Nat.add_comm matches some (.thmInfo _)

/-- Whether `module` is in `programs` or below one of them. -/
def isProgram (programs : Array String) (module : Name) : Bool :=
  programs.any fun p => p.toName.isPrefixOf module

/-- A class of the toolchain whose instances carry data. (Two proofs, or two decisions of one proposition, agree.) -/
def World.carriesData (w : World) (cls : Name) : Bool :=
  w.classes.contains cls && cls != ``Decidable &&
  match w.imported.find? cls with
  | some info => !info.type.getForallBody.isProp
  | none => false

/-- Replace definitions of the package by what they stand for, until none is left. -/
def World.unfold (w : World) (e : Expr) (fuel : Nat := 64) : Expr :=
  match fuel with
  | 0 => e
  | fuel + 1 =>
    let unfolded := e.replace fun sub => do
      let .const name levels := sub.getAppFn | none
      guard (w.isOwn name)
      let info ← w.find? name
      guard (info matches .defnInfo _)
      return (info.instantiateValueLevelParams! levels).beta sub.getAppArgs
    if unfolded == e then e else w.unfold unfolded fuel

/-- The head of a type, with definitions of the package unfolded. -/
def World.head? (w : World) (type : Expr) (fuel : Nat := 64) : Option Name := do
  let body := type.getForallBody
  let name ← body.getAppFn.constName?
  match fuel, w.find? name with
  | fuel + 1, some (.defnInfo v) =>
    if w.isOwn name then
      w.head? ((v.value.instantiateLevelParams v.levelParams body.getAppFn.constLevels!).beta body.getAppArgs) fuel
    else some name
  | _, _ => some name

/-- Whether `info` is an instance of a core class about core types alone. -/
def World.shadowsCore (w : World) (info : ConstantInfo) : Option Name := do
  guard (info matches .defnInfo _ || info matches .opaqueInfo _)
  let cls ← w.head? info.type
  guard (w.carriesData cls)
  -- an instance for a variable type is one for no core type in particular, but it shadows all of them
  guard ((w.unfold info.type).getUsedConstants.all (!w.isOwn ·))
  return cls

/-- An instance of a core class about core types that is built on the spot, in a definition or a statement. -/
def World.builtInstance (w : World) (info : ConstantInfo) : Option Name := do
  let value := match info with
    | .defnInfo v => [v.value]
    | _ => []
  (info.type :: value).findSome? fun e => do
    let found ← e.find? fun sub => (do
      let .const name _ := sub.getAppFn | none
      let .str cls _ := name | none
      guard (w.carriesData cls)
      let .ctorInfo c ← w.imported.find? name | none
      let parameters := sub.getAppArgs.take c.numParams
      guard (parameters.size == c.numParams && sub.getAppNumArgs == c.numParams + c.numFields)
      guard (parameters.all fun p => !p.hasLooseBVars && (w.unfold p).getUsedConstants.all (!w.isOwn ·)) :
        Option Unit).isSome
    return found.getAppFn.constName!.getPrefix

/-- Code that does not come from the definition: who has it, and what is said about it. -/
unsafe def codeSubstitutes (data : ModuleData) : Array (Name × String × String) :=
  let named (kind : String) (extension : Name) : Array (Name × String × String) :=
    (entries (Name × Name) data extension).map fun (name, other) => (name, kind, toString other)
  named "implemented_by" Compiler.implementedByAttr.ext.name ++ named "export" exportAttr.ext.name ++
    (entries (Name × NonScalar) data externAttr.ext.name).map fun (name, _) => (name, "extern", "")

/-- Made by the compiler for a recursive definition; nothing can refer to it by accident. -/
def World.isCompilerMade (w : World) : Name → Bool
  | .str parent s => s == "_unsafe_rec" && w.own.contains parent
  | _ => false

/-- What is wrong with one declaration by itself. `states` are made by `register_simp_attr` and its like. -/
def World.examine (w : World) (program : Bool) (states : NameSet) (info : ConstantInfo) :
    Array (String × String) := Id.run do
  let name := info.name
  let mut out := #[]
  if info matches .axiomInfo _ then
    let native := name.components.any fun c => c.toString.startsWith "_native"
    out := out.push (if native then "native_decide" else "axiom", "")
  for used in usedConstants info do
    if backDoors.contains used then
      let kind := if used == ``sorryAx then "sorry"
        else if used == ``Lean.ofReduceBool then "native_decide" else "axiom"
      out := out.push (kind, toString used)
  let state := states.contains name && info.type.getUsedConstants.any (`Lean).isPrefixOf
  unless program || w.isCompilerMade name || state do
    if info.isUnsafe then
      out := out.push ("unsafe", "")
    else if info.isPartial || w.own.contains (name ++ `_unsafe_rec) && info matches .opaqueInfo _ then
      out := out.push ("partial", "")
    else if info matches .opaqueInfo _ then
      out := out.push ("opaque", "")
    if let some cls := w.builtInstance info then
      out := out.push ("instance", s!"of {cls} for core types, built inside")
  if let some cls := w.shadowsCore info then
    out := out.push ("instance", s!"of {cls} for core types")
  return out

/-- Follow axioms into the toolchain too. -/
partial def World.allAxioms (w : World) (roots : Array Name) : Array Name := Id.run do
  let mut seen : NameSet := roots.foldl (·.insert ·) {}
  let mut todo := roots
  let mut out := #[]
  repeat
    let some name := todo.back? | break
    todo := todo.pop
    let some info := w.find? name | continue
    if info matches .axiomInfo _ then out := out.push name
    for used in usedConstants info do
      unless seen.contains used do
        seen := seen.insert used
        todo := todo.push used
  return out

/-- Read the modules of a job, and load what they import. -/
unsafe def Job.load (job : Job) (toolchain : SearchPath) : IO (Array Compiled × World) := do
  searchPathRef.set (job.path.toList.map (⟨·⟩) ++ toolchain)
  let modules ← job.modules.mapM fun m => Compiled.read m.toName
  let names := modules.map (·.name)
  let imports := modules.foldl (init := #[`Init]) fun all m =>
    m.data.imports.foldl (init := all) fun all i =>
      if names.contains i.module || all.contains i.module then all else all.push i.module
  let imported ← importModules (imports.map ({ module := · })) {}
  let own := modules.foldl (init := {}) fun m c => c.data.constants.foldl (init := m) fun m i => m.insert i.name i
  let classes := imported.header.moduleData.foldl (init := {}) fun s data =>
    (entries ClassEntry data classExtension.name).foldl (init := s) fun s e => s.insert e.name
  return (modules, { imported, own, classes })

/-- Audit the modules of a job, and tell what came of each. -/
unsafe def audit (job : Job) (toolchain : SearchPath) (say : Json → IO Unit) : IO Unit := do
  let (modules, world) ← job.load toolchain
  let exact := isExact world.imported
  let mut kernel := world.imported.toKernelEnv
  for module in modules do
    let finding declaration kind detail : Finding := { module := module.name, declaration, kind, detail }
    let mut findings := (codeSubstitutes module.data).map fun (name, kind, detail) => finding name kind detail
    let states := (entries (Name × Name) module.data regularInitAttr.ext.name).foldl (fun s e => s.insert e.1) {}
    let mut axioms : NameSet := {}
    for info in module.data.constants do
      for (kind, detail) in world.examine (isProgram job.programs module.name) states info do
        findings := findings.push (finding info.name kind detail)
      for used in usedConstants info do
        if standardAxioms.contains used then axioms := axioms.insert used
    if exact then
      for name in world.allAxioms (module.data.constants.map (·.name)) do
        if standardAxioms.contains name then axioms := axioms.insert name
        else unless world.isOwn name do findings := findings.push (finding name "axiom" "of the toolchain")
    let (env, refused) := replay kernel module
    kernel := env
    for (name, why) in refused do
      findings := findings.push (finding name "kernel" why)
    say <| Json.mkObj [("module", toString module.name), ("declarations", module.data.constants.size), ("exact", exact),
      ("axioms", toJson (axioms.toList.map toString)), ("findings", toJson findings)]

end Logprec.Audit
