import Logprec.Audit.Guard

/-!
# The kernel checks a compiled module again

`replay` takes the declarations of a module from its compiled file and gives them to the kernel, one by one and under
their own names, on top of an environment that holds what the module imports. Like `Lean.Environment.replay`, but it
goes on after a refusal, so that all of them are reported. No code of the module runs.

Inductive types are built anew; their constructors and recursors have to be the ones in the file. Unsafe and partial
definitions are left out: the kernel does not take them as safe ones, so nothing that is proved can use them.
-/

namespace Logprec.Audit

open Lean

/-- A compiled module. -/
structure Compiled where
  /-- Its name. -/
  name : Name
  /-- What its file holds. -/
  data : ModuleData

/-- Read the compiled file of a module on the search path. -/
def Compiled.read (name : Name) : IO Compiled := do
  let (data, _) ← readModuleData (← findOLean name)
  if data.isModule then
    throw <| .userError s!"{name} uses Lean's module system, which the audit cannot read"
  return { name, data }

/-- A replay under way. -/
structure Replay where
  /-- The module. -/
  module : Name
  /-- What the kernel has accepted. -/
  env : Kernel.Environment
  /-- Declarations that were begun. -/
  begun : NameSet := {}
  /-- What the kernel refused, and why. -/
  refused : Array (Name × String) := #[]

/-- Why the kernel refused something. -/
def reason : Kernel.Exception → String
  | .unknownConstant _ name => s!"unknown constant {name}"
  | .alreadyDeclared _ name => s!"{name} is declared twice"
  | .declTypeMismatch .. => "the value does not have the type"
  | .declHasMVars .. => "holes are left"
  | .declHasFVars .. => "free variables"
  | .funExpected .. => "function expected"
  | .typeExpected .. => "type expected"
  | .letTypeMismatch .. => "type mismatch in a let"
  | .exprTypeMismatch .. => "type mismatch"
  | .appTypeMismatch .. => "type mismatch in an application"
  | .invalidProj .. => "invalid projection"
  | .thmTypeIsNotProp .. => "the type of a theorem is not a proposition"
  | .other text => text
  | .deterministicTimeout => "timeout"
  | .excessiveMemory => "excessive memory"
  | .deepRecursion => "deep recursion"
  | .interrupted => "interrupted"

/-- Give a declaration to the kernel. A refused one is reported and then trusted, so that each error is told once. -/
def Replay.add (r : Replay) (name : Name) (decl : Declaration) : Replay :=
  match r.env.addDeclCore 0 decl none with
  | .ok env => { r with env }
  | .error e =>
    let r := { r with refused := r.refused.push (name, reason e) }
    match r.env.addDeclWithoutChecking decl with
    | .ok env => { r with env }
    | .error _ => r

/-- Whether two declarations state the same: Lean lets two modules prove one lemma that it makes on demand. -/
def sameTheorem (a b : ConstantInfo) : Bool :=
  (a matches .thmInfo _) && (b matches .thmInfo _) && a.levelParams == b.levelParams && a.type == b.type

/-- A definition, theorem or axiom as the kernel takes it. Proofs by compiled evaluation are left out: the kernel cannot
run them here, and they are findings already. -/
def declaration? (info : ConstantInfo) : Option Declaration := do
  match info with
  | .axiomInfo v => guard (!v.isUnsafe); return .axiomDecl v
  | .thmInfo v => guard (!(usedConstants info).contains ``Lean.ofReduceBool); return .thmDecl v
  | .defnInfo v => guard (v.safety == .safe); return .defnDecl v
  | .opaqueInfo v => guard (!v.isUnsafe); return .opaqueDecl v
  | _ => none

/-- A theorem under another name. -/
def renamed (module : Name) (info : ConstantInfo) : Option Declaration := do
  let .thmInfo v := info | none
  let name := v.name ++ `of ++ module
  return .thmDecl { v with name, all := [name] }

/-- What the kernel has to know before it takes a declaration: what is used by it, and by its constructors. -/
def prerequisites (own : Std.HashMap Name ConstantInfo) (info : ConstantInfo) : Array Name :=
  match info with
  | .inductInfo v =>
    (v.all.filterMap own.get?).toArray.flatMap fun member =>
      (usedConstants member).flatMap fun n => match own.get? n with
        | some (.ctorInfo c) => c.type.getUsedConstants
        | _ => #[n]
  | .ctorInfo v => #[v.induct]
  | _ => usedConstants info

/-- The inductive types that were declared together with one. -/
def inductive? (own : Std.HashMap Name ConstantInfo) (info : ConstantInfo) : Option Declaration := do
  let .inductInfo v := info | none
  guard !v.isUnsafe
  let constructor? (name : Name) : Option Constructor := (own.get? name).map fun c => { name, type := c.type }
  let types ← v.all.mapM fun name => do
    let .inductInfo t ← own.get? name | none
    return { name, type := t.type, ctors := ← t.ctors.mapM constructor? : InductiveType }
  return .inductDecl v.levelParams v.numParams types false

/-- Check one declaration after those it uses. `own` are the declarations of its module. -/
partial def Replay.visit (own : Std.HashMap Name ConstantInfo) (r : Replay) (name : Name) : Replay :=
  match own.get? name with
  | none => r
  | some info =>
    if r.begun.contains name then r else
    let group := match info with
      | .inductInfo v => v.all
      | _ => [name]
    let r := { r with begun := group.foldl (·.insert ·) r.begun }
    let r := (prerequisites own info).foldl (Replay.visit own) r
    let again := match r.env.find? name with
      | some known => sameTheorem info known
      | none => false
    match (if again then renamed r.module info else declaration? info <|> inductive? own info) with
    | some decl => r.add name decl
    | none => r

/-- What a declaration says beside its type, where the kernel makes it from an inductive type. -/
def shape : ConstantInfo → List Nat × List Name × List Expr
  | .inductInfo v =>
    ([v.numParams, v.numIndices, v.numNested, v.isRec.toNat, v.isReflexive.toNat], v.all ++ v.ctors, [])
  | .ctorInfo v => ([v.cidx, v.numParams, v.numFields], [v.induct], [])
  | .recInfo v => ([v.numParams, v.numIndices, v.numMotives, v.numMinors, v.k.toNat] ++ v.rules.map (·.nfields),
      v.all ++ v.rules.map (·.ctor), v.rules.map (·.rhs))
  | _ => ([], [], [])

/-- Whether the kernel made the inductive type, constructor or recursor that the file has. -/
def sameShape (a b : ConstantInfo) : Bool :=
  a.levelParams == b.levelParams && a.type == b.type && shape a == shape b

/-- Check a module again, on top of `env`, which holds what it imports. -/
def replay (env : Kernel.Environment) (module : Compiled) : Kernel.Environment × Array (Name × String) := Id.run do
  let own : Std.HashMap Name ConstantInfo := module.data.constants.foldl (fun m c => m.insert c.name c) {}
  let mut r : Replay := { module := module.name, env }
  for info in module.data.constants do
    r := r.visit own info.name
  for info in module.data.constants do
    unless info.isUnsafe || !(info.isInductive || info.isCtor || info matches .recInfo _) do
      unless (r.env.find? info.name).any (sameShape info) do
        r := { r with refused := r.refused.push (info.name, "not what the inductive type gives") }
  return (r.env, r.refused)

end Logprec.Audit
