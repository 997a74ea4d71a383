import Logprec.Audit.Guard

/-!
# The audit of compiled modules

Walks every declaration of the modules it is given, by module of origin, and reports whatever could make a theorem mean
less than it says, or a program differ from its definition:

* axioms other than the three standard ones: declared here, made by `native_decide`, or `sorryAx`;
* `implemented_by`, `extern` and `export`: the compiled code is then not the definition;
* `unsafe`, `partial` and `opaque` declarations outside programs and metaprograms;
* instances of core classes for core types (an `Add Nat` of our own changes what `+` says);
* declarations that the kernel refuses when they are added once more to a fresh environment.

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
  /-- Its modules. -/
  modules : Array String
  /-- What it imports from the toolchain: the environment in which the kernel checks it again. -/
  base : Array String
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

/-- Audit one package. -/
def audit (job : Job) (toolchain : SearchPath) : IO Json := do
  searchPathRef.set (job.path.toList.map (⟨·⟩) ++ toolchain)
  let import' (names : Array String) := importModules (names.map ({ module := ·.toName })) {} (loadExts := true)
  let env ← import' (#["Init"] ++ job.modules)
  let mut findings := #[]
  let mut constants : Std.HashMap Name ConstantInfo := {}
  let mut standard : NameSet := {}
  for module in env.header.moduleNames, data in env.header.moduleData do
    if toolchainRoots.contains module.getRoot then continue
    for info in data.constants do
      constants := constants.insert info.name (withoutCompiledProof info)
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
  let kernel ← (do
    discard <| (← import' job.base).replay constants : IO Unit).toBaseIO
  if let .error e := kernel then
    findings := findings.push { module := .anonymous, declaration := refused (toString e), kind := "kernel", detail := toString e }
  return Json.mkObj [
    ("declarations", constants.size), ("modules", job.modules.size), ("exact", exact),
    ("axioms", toJson (standard.toList.map toString)), ("findings", toJson findings)]
where
  /-- The kernel cannot run compiled code here; such a proof is a finding already, so the rest is checked without it. -/
  withoutCompiledProof (info : ConstantInfo) : ConstantInfo :=
    if (info matches .thmInfo _) && (usedConstants info).contains ``Lean.ofReduceBool then
      .axiomInfo { name := info.name, levelParams := info.levelParams, type := info.type, isUnsafe := false }
    else info
  /-- The declaration that a kernel error is about, as far as its text tells. -/
  refused (text : String) : Name :=
    match text.splitOn "'" with
    | _ :: name :: _ => name.toName
    | _ => .anonymous

end Logprec.Audit
