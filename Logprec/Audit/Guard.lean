import Lean

/-!
# `#guard_axioms`: a theorem rests on the three standard axioms

`#guard_axioms thm₁ thm₂ …` fails unless everything that the named theorems use, through all declarations of this
package, rests on `propext`, `Classical.choice` and `Quot.sound` alone.

Declarations of the toolchain are leaves: the WebAssembly build of Lean takes core theorems as axioms, so going into
them would give another answer there. Of those leaves only the known back doors are refused (`sorryAx`, the axioms of
compiled evaluation). With a native toolchain `#print axioms` gives the exact list; the audit (`Logprec.Audit.Check`)
runs that too.
-/

namespace Logprec.Audit

open Lean

/-- Modules below these roots come with Lean. -/
def toolchainRoots : List Name := [`Init, `Std, `Lean, `Lake]

/-- Whether `name` was declared outside the toolchain: in another package's module, or in the file being elaborated. -/
def isOwn (env : Environment) (name : Name) : Bool :=
  match env.getModuleIdxFor? name with
  | none => true
  | some idx => !toolchainRoots.contains (env.header.moduleNames[idx]!).getRoot

/-- The axioms that classical mathematics in Lean uses. -/
def standardAxioms : List Name := [``propext, ``Classical.choice, ``Quot.sound]

/-- Toolchain constants that prove anything, or that trust the compiler. -/
def backDoors : List Name :=
  [``sorryAx, ``Lean.ofReduceBool, ``Lean.ofReduceNat, ``Lean.trustCompiler, `lcProof, `lcAny, `lcUnreachable]

/-- Constants that occur in a declaration: in its type, in its value, and those declared with it. -/
def usedConstants (info : ConstantInfo) : Array Name :=
  let value := match info with
    | .defnInfo v => v.value.getUsedConstants
    | .thmInfo v => v.value.getUsedConstants
    | .opaqueInfo v => v.value.getUsedConstants
    | .inductInfo v => v.ctors.toArray
    | .ctorInfo v => #[v.induct]
    | .recInfo v => v.all.toArray ++ v.rules.toArray.flatMap (·.rhs.getUsedConstants)
    | .axiomInfo _ | .quotInfo _ => #[]
  info.type.getUsedConstants ++ value

/-- What a declaration rests on: each axiom with the declarations that lead to it, outermost first. -/
structure Axioms where
  /-- Standard ones. -/
  standard : Array Name := #[]
  /-- All others. -/
  bad : Array (Name × List Name) := #[]

/-- Walk everything that `roots` use, through declarations that are not the toolchain's. -/
partial def collectAxioms (env : Environment) (roots : Array Name) : Axioms := Id.run do
  let mut parent : NameMap Name := {}
  let mut seen : NameSet := roots.foldl (·.insert ·) {}
  let mut todo := roots
  let mut out : Axioms := {}
  repeat
    let some name := todo.back? | break
    todo := todo.pop
    let bad := if isOwn env name then
        match env.find? name with
        | some (.axiomInfo _) => true
        | _ => false
      else backDoors.contains name
    if bad then
      out := { out with bad := out.bad.push (name, chain parent name [name]) }
    else if standardAxioms.contains name then
      out := { out with standard := out.standard.push name }
    else if isOwn env name then
      if let some info := env.find? name then
        for used in usedConstants info do
          unless seen.contains used do
            seen := seen.insert used
            parent := parent.insert used name
            todo := todo.push used
  return out
where
  /-- From a root to `name`. -/
  chain (parent : NameMap Name) (name : Name) (acc : List Name) : List Name :=
    match parent.find? name with
    | some p => chain parent p (p :: acc)
    | none => acc

/-- `a → b → c`. -/
def showChain (names : List Name) : String :=
  " → ".intercalate (names.map toString)

open Elab Command in
/-- `#guard_axioms thm₁ thm₂ …`: fails unless the named theorems rest on `propext`, `Classical.choice` and `Quot.sound`
alone. The same on every toolchain; see the head of this file for what that covers. -/
elab "#guard_axioms" ids:(ppSpace ident)+ : command => do
  for id in ids do
    let name ← liftCoreM <| realizeGlobalConstNoOverloadWithInfo id
    let env ← getEnv
    unless (env.find? name matches some (.thmInfo _)) do
      throwErrorAt id "{.ofConstName name} is not a theorem"
    for (bad, chain) in (collectAxioms env #[name]).bad do
      logErrorAt id m!"{.ofConstName name} rests on {.ofConstName bad} ({showChain chain})"

end Logprec.Audit
