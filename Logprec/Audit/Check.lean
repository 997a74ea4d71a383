import Logprec.Audit.Guard

/-!
# The audit of compiled modules

Walks every declaration of the modules it is given, by module of origin, and reports whatever could make a theorem mean
less than it says, or a program differ from its definition:

* axioms other than the three standard ones: declared here, made by `native_decide`, or `sorryAx`;
* `implemented_by`, `extern` and `export`: the compiled code is then not the definition;
* `unsafe`, `partial` and `opaque` declarations outside programs and metaprograms;
* instances of core classes for core types (an `Add Nat` of our own changes what `+` says);
* definitions and theorems that the kernel refuses when it is given them once more, under another name, and ones that
  rest on themselves. (Inductive types are taken as they are.)

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

/-- One package to audit. -/
structure Job where
  /-- Folders of its compiled modules. -/
  path : Array String
  /-- Modules to examine; what they import is loaded with them. -/
  modules : Array String
  /-- Modules, or prefixes of modules, that are programs or metaprograms. -/
  programs : Array String
  deriving FromJson

/-- Whether the toolchain's theorems have their proofs, so that axioms can be followed into it. -/
def isExact (env : Environment) : Bool :=
  env.find? ``Nat.add_comm matches some (.thmInfo _)

/-- Whether `module` is in `programs` or below one of them. -/
def isProgram (programs : Array String) (module : Name) : Bool :=
  programs.any fun p => p.toName.isPrefixOf module

/-- A class whose instances carry data: two proofs, or two decisions of one proposition, cannot differ. -/
def carriesData (env : Environment) (cls : Name) : Bool :=
  isClass env cls && cls != ``Decidable &&
  match env.find? cls with
  | some info => !(info.type.getForallBody.isProp)
  | none => false

/-- Whether `info` is an instance of a core class about core types alone. -/
def shadowsCore (env : Environment) (info : ConstantInfo) : Option Name := do
  guard (info matches .defnInfo _ || info matches .opaqueInfo _)
  let cls ← info.type.getForallBody.getAppFn.constName?
  guard (carriesData env cls)
  let used := info.type.getUsedConstants
  guard (used.all (!isOwn env ·))
  -- an instance for a variable type is one for no core type in particular, but it shadows all of them
  return cls

/-- Code that does not come from the definition. -/
def codeSubstitutes (env : Environment) (name : Name) : List (String × String) :=
  (match Compiler.getImplementedBy? env name with
    | some other => [("implemented_by", toString other)]
    | none => []) ++
  (if isExtern env name then [("extern", "")] else []) ++
  (match getExportNameFor? env name with
    | some other => [("export", toString other)]
    | none => [])

/-- `register_simp_attr` and its like: a metaprogram's state, about which nothing is proved. -/
def isMetaState (env : Environment) (info : ConstantInfo) : Bool :=
  (regularInitAttr.getParam? env info.name).isSome && info.type.getUsedConstants.any (`Lean).isPrefixOf

/-- Made by the compiler for a recursive definition; nothing can refer to it by accident. -/
def isCompilerMade (env : Environment) (name : Name) : Bool :=
  match name with
  | .str parent s => s == "_unsafe_rec" && env.contains parent
  | _ => false

/-- What is wrong with one declaration by itself. -/
def examine (env : Environment) (programs : Array String) (module : Name) (info : ConstantInfo) : Array Finding := Id.run do
  let name := info.name
  let mut out := #[]
  let find (kind : String) (detail := "") : Finding := { module, declaration := name, kind, detail }
  if info matches .axiomInfo _ then
    let native := name.components.any fun c => c.toString.startsWith "_native"
    out := out.push (find (if native then "native_decide" else "axiom"))
  for used in usedConstants info do
    if backDoors.contains used then
      let kind := if used == ``sorryAx then "sorry" else if used == ``Lean.ofReduceBool then "native_decide" else "axiom"
      out := out.push (find kind (toString used))
  for (kind, detail) in codeSubstitutes env name do
    out := out.push (find kind detail)
  unless isProgram programs module || isCompilerMade env name || isMetaState env info do
    if info.isUnsafe then
      out := out.push (find "unsafe")
    else if info.isPartial || env.contains (name ++ `_unsafe_rec) && info matches .opaqueInfo _ then
      out := out.push (find "partial")
    else if info matches .opaqueInfo _ then
      out := out.push (find "opaque")
  if let some cls := shadowsCore env info then
    out := out.push (find "instance" s!"of {cls} for core types")
  return out

/-- Follow axioms into the toolchain too. -/
partial def allAxioms (env : Environment) (roots : Array Name) : Array Name := Id.run do
  let mut seen : NameSet := roots.foldl (·.insert ·) {}
  let mut todo := roots
  let mut out := #[]
  repeat
    let some name := todo.back? | break
    todo := todo.pop
    let some info := env.find? name | continue
    if info matches .axiomInfo _ then out := out.push name
    for used in usedConstants info do
      unless seen.contains used do
        seen := seen.insert used
        todo := todo.push used
  return out

/-- The same definition or theorem under another name, for the kernel to check once more. Proofs by compiled evaluation
are left out: the kernel cannot run them here, and they are findings already. -/
def again? (info : ConstantInfo) : Option Declaration := do
  let name := info.name ++ `checkedAgain
  match info with
  | .thmInfo v =>
    guard (!(usedConstants info).contains ``Lean.ofReduceBool)
    return .thmDecl { v with name, all := [name] }
  | .defnInfo v =>
    guard (v.safety == .safe)
    return .defnDecl { v with name, all := [name] }
  | .opaqueInfo v =>
    guard (!v.isUnsafe)
    return .opaqueDecl { v with name, all := [name] }
  | _ => none

/-- Definitions and theorems that rest on themselves: what is left when those that rest on nothing left are taken away. -/
def circular (constants : Std.HashMap Name ConstantInfo) : Array Name := Id.run do
  let mut open_ : Std.HashMap Name Nat := {}
  let mut users : Std.HashMap Name (Array Name) := {}
  for (name, info) in constants do
    if (again? info).isNone then continue
    let own := (usedConstants info).toList.eraseDups.filter fun n => (constants.get? n).any fun c => (again? c).isSome
    open_ := open_.insert name own.length
    for used in own do
      users := users.insert used ((users.getD used #[]).push name)
  let mut ready := open_.toArray.filterMap fun (n, k) => if k == 0 then some n else none
  repeat
    let some name := ready.back? | break
    ready := ready.pop
    open_ := open_.erase name
    for user in users.getD name #[] do
      let k := open_.getD user 0
      open_ := open_.insert user (k - 1)
      if k == 1 then ready := ready.push user
  return open_.toArray.map (·.1)

/-- Audit one package. -/
def audit (job : Job) (toolchain : SearchPath) : IO Json := do
  searchPathRef.set (job.path.toList.map (⟨·⟩) ++ toolchain)
  let import' (names : Array String) := importModules (names.map ({ module := ·.toName })) {} (loadExts := true)
  let env ← import' (#["Init"] ++ job.modules)
  let examined := job.modules.map String.toName
  let mut findings := #[]
  let mut constants : Std.HashMap Name ConstantInfo := {}
  let mut standard : NameSet := {}
  for module in env.header.moduleNames, data in env.header.moduleData do
    unless examined.contains module do continue
    for info in data.constants do
      constants := constants.insert info.name info
      findings := findings ++ examine env job.programs module info
      for used in usedConstants info do
        if standardAxioms.contains used then standard := standard.insert used
  let exact := isExact env
  if exact then
    for name in allAxioms env (constants.toArray.map (·.1)) do
      if standardAxioms.contains name then
        standard := standard.insert name
      else unless constants.contains name do
        findings := findings.push { module := .anonymous, declaration := name, kind := "axiom", detail := "of the toolchain" }
  let kernel := env.toKernelEnv
  for (name, info) in constants do
    if let some decl := again? info then
      if let .error e := kernel.addDeclCore 0 decl none then
        findings := findings.push (refused name (← (e.toMessageData {}).toString))
  for name in circular constants do
    findings := findings.push (refused name "rests on itself")
  return Json.mkObj [
    ("declarations", constants.size), ("modules", job.modules.size), ("exact", exact),
    ("axioms", toJson (standard.toList.map toString)), ("findings", toJson findings)]
where
  refused (declaration : Name) (detail : String) : Finding :=
    { module := .anonymous, declaration, kind := "kernel", detail }

end Logprec.Audit
