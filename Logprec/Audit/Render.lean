import Logprec.Audit.Check

/-!
# The frozen rendering of statements

Prints the theorems of a module, and every definition of the package that their statements rest on, from the terms that
the kernel has. No notation, delaborator or other code of the package takes part, so nothing there can make a statement
look like another one. Arithmetic, comparison and logic are printed with their usual signs where the instance is one of
the toolchain's own; other implicit arguments are left out for the reader, and recursive functions are shown as they
were written. The term's `code` leaves nothing out: `logprec audit` keeps a hash of it. All of this is the same on every
toolchain, as far as it elaborates to the same terms.
-/

namespace Logprec.Audit

open Lean

/-- A universe level in text. -/
def levelText : Level → String
  | .zero => "0"
  | .succ l => s!"({levelText l}+1)"
  | .max a b => s!"max({levelText a},{levelText b})"
  | .imax a b => s!"imax({levelText a},{levelText b})"
  | .param n => toString n
  | .mvar _ => "?"

/-- What a binder is enclosed in. -/
def brackets : BinderInfo → String × String
  | .default => ("(", ")")
  | .instImplicit => ("[", "]")
  | _ => ("{", "}")

/-- Binary operations with a sign: the number of arguments, precedence, precedences of both sides. -/
def signs : List (Name × String × Nat × Nat × Nat × Nat) := [
  (``And, "∧", 2, 35, 36, 35), (``Or, "∨", 2, 30, 31, 30), (``Iff, "↔", 2, 20, 21, 21), (``Prod, "×", 2, 35, 36, 35),
  (``Eq, "=", 3, 50, 51, 51), (``Ne, "≠", 3, 50, 51, 51), (``LE.le, "≤", 4, 50, 51, 51), (``LT.lt, "<", 4, 50, 51, 51),
  (``GE.ge, "≥", 4, 50, 51, 51), (``GT.gt, ">", 4, 50, 51, 51), (``HAdd.hAdd, "+", 6, 65, 65, 66),
  (``HSub.hSub, "-", 6, 65, 65, 66), (``HMul.hMul, "*", 6, 70, 70, 71), (``HDiv.hDiv, "/", 6, 70, 70, 71),
  (``HMod.hMod, "%", 6, 70, 70, 71), (``HPow.hPow, "^", 6, 75, 76, 75), (``HAppend.hAppend, "++", 6, 65, 65, 66),
  (``List.cons, "::", 3, 67, 68, 67)]

/-- How tightly a context binds: the body of an alternative, which the next alternative follows. -/
def alternative : Nat := 5

/-- In parentheses where the surroundings bind more tightly. -/
def enclose (outer inner : Nat) (f : Format) : Format :=
  if inner < outer then .group ("(" ++ .nest 1 f ++ ")") else f

/-- Words, and a body under them. -/
def headed (outer : Nat) (head body : Format) : Format :=
  enclose outer 10 <| .group <| .nest 2 <| head ++ Format.line ++ body

/-- A head and its arguments. -/
def applied (outer : Nat) (head : Format) (args : List Format) : Format :=
  if args.isEmpty then head else
    enclose outer 1023 <| .group <| .nest 2 <| head ++ .join (args.map (Format.line ++ ·))

/-- A name for a binder that differs from all names around it. -/
partial def freshName (around : List String) (name : Name) : String :=
  let plain := toString name.eraseMacroScopes
  if around.contains plain then go plain 1 else plain
where
  go (plain : String) (k : Nat) : String :=
    if around.contains s!"{plain}_{k}" then go plain (k + 1) else s!"{plain}_{k}"

/-- Which arguments of a constant are written: those that its type makes explicit. -/
def explicitArguments : Expr → List Bool
  | .forallE _ _ b i => (i == .default) :: explicitArguments b
  | _ => []

/-- The name of a constant, without `Logprec` where that leaves no doubt. -/
def World.shortName (w : World) (name : Name) : String :=
  let shown := privateToUserName name
  let short := shown.replacePrefix `Logprec .anonymous
  toString (if short.isAnonymous || (w.find? short).isSome then shown else short)

/-- Whether an instance is made of the toolchain's instances alone, though possibly for types of the package. -/
def World.isToolchainInstance (w : World) (e : Expr) : Bool :=
  e.getUsedConstants.all fun n => !w.isOwn n || !((w.find? n).bind (w.head? ·.type)).any w.carriesData

/-- The elements of a list that is written out. -/
partial def listElements? (e : Expr) : Option (List Expr) :=
  if e.isAppOfArity ``List.nil 1 then some []
  else if e.isAppOfArity ``List.cons 3 then (e.appFn!.appArg! :: ·) <$> listElements? e.appArg!
  else none

/-- The discriminants of a `match`, and its alternatives: the function that one is, and its type, which ends in the
patterns. For a full application of what Lean generates for a `match`. -/
def World.match? (w : World) (f : Expr) (args : Array Expr) : Option (Array Expr × Array (Expr × Expr)) := do
  let .const name _ := f | none
  let .str _ last := name | none
  guard (last.startsWith "match_" && w.isOwn name)
  let type := (← w.find? name).type
  guard (type.getNumHeadForalls == args.size)
  let result := type.getForallBody
  let .bvar back := result.getAppFn | none
  guard (back < args.size)
  let motive := args.size - 1 - back
  let first := motive + 1 + result.getAppNumArgs
  let mut type := type
  let mut alternatives := #[]
  for arg in args, i in [:args.size] do
    if first ≤ i then alternatives := alternatives.push (arg, type.bindingDomain!)
    type := type.bindingBody!.instantiate1 (if i == motive then .const `motive [] else arg)
  return (args.extract (motive + 1) first, alternatives)

mutual

/-- A term in text. `vars` are the names of its variables, innermost first; `outer` is how tightly the context binds. -/
partial def World.text (w : World) (vars : List String) (outer : Nat) (e : Expr) : Format :=
  let last := min outer alternative
  match e with
  | .bvar i => vars.getD i "?"
  | .fvar _ | .mvar _ => "?"
  | .sort .zero => "Prop"
  | .sort (.succ .zero) => "Type"
  | .sort l => enclose outer 1000 s!"Sort {levelText l}"
  | .lit (.natVal n) => toString n
  | .lit (.strVal s) => s.quote
  | .mdata _ e => w.text vars outer e
  | .proj _ i e => w.text vars 1024 e ++ s!".{i + 1}"
  | .lam .. =>
    let (binders, vars, body) := w.binders vars #[] e true
    headed outer ("fun" ++ .nest 2 binders ++ " =>") (w.text vars last body)
  | .letE n t x b _ =>
    let v := freshName vars n
    enclose outer 10 <| .group <|
      .group (.nest 2 (s!"let {v} : " ++ w.text vars 0 t ++ " :=" ++ Format.line ++ w.text vars 0 x ++ ";")) ++
        Format.line ++ w.text (v :: vars) last b
  | .forallE _ t b i =>
    if !b.hasLooseBVar 0 && i == .default then
      enclose outer 25 <| .group <| w.text vars 26 t ++ " →" ++ Format.line ++ w.text ("_" :: vars) (max last 25) b
    else
      let (binders, vars, body) := w.binders vars #[] e false
      headed outer ("∀" ++ .nest 2 binders ++ ",") (w.text vars last body)
  | .const n _ => w.shortName n
  | .app .. => w.application vars outer e.getAppFn e.getAppArgs

/-- The binders at the head of a function, or of a proposition that begins with `∀`; the names of the variables under
them; and the body. `done` are names, types and brackets of those before. -/
partial def World.binders (w : World) (vars : List String) (done : Array (Array String × Format × BinderInfo))
    (e : Expr) (function : Bool) : Format × List String × Expr :=
  let next : Option (Name × Expr × Expr × BinderInfo) := match e with
    | .lam n t b i => if function then some (n, t, b, i) else none
    | .forallE n t b i => if !function && (b.hasLooseBVar 0 || i != .default) then some (n, t, b, i) else none
    | _ => none
  match next with
  | none =>
    let texts := done.toList.map fun (names, type, i) =>
      let (l, r) := brackets i
      Format.group <| .nest 2 <| l ++ " ".intercalate names.toList ++ " : " ++ type ++ r
    (.group (.join (texts.map (Format.line ++ ·))), vars, e)
  | some (n, t, b, i) =>
    let v := freshName vars n
    let type := w.text vars 0 t
    let done := match done.back? with
      | some (names, before, j) =>
        if i == j && before.pretty == type.pretty then done.pop.push (names.push v, before, j)
        else done.push (#[v], type, i)
      | none => done.push (#[v], type, i)
    w.binders (v :: vars) done b function

/-- An alternative of a `match` with type `type`. -/
partial def World.case (w : World) (vars : List String) (body type : Expr) : Format :=
  match type, body with
  | .forallE _ _ type _, .lam n _ body _ => w.case (freshName vars n :: vars) body type
  | .forallE n _ type _, _ => w.case (freshName vars n :: vars) (.app (body.liftLooseBVars 0 1) (.bvar 0)) type
  | _, _ =>
    let patterns := type.getAppArgs.toList.map (w.text vars 0)
    .group <| .nest 2 <| "| " ++ .joinSep patterns ", " ++ " =>" ++ Format.line ++ w.text vars alternative body

/-- An application in text. -/
partial def World.application (w : World) (vars : List String) (outer : Nat) (f : Expr) (args : Array Expr) : Format :=
  Id.run do
  let last := min outer alternative
  let all := applied outer ("@" ++ w.text vars 1024 f) (args.toList.map (w.text vars 1024))
  let .const n _ := f | return applied outer (w.text vars 1024 f) (args.toList.map (w.text vars 1024))
  if let some elements := listElements? (mkAppN f args) then
    return .group <| .nest 1 <| "[" ++ .joinSep (elements.map (w.text vars 0)) ("," ++ Format.line) ++ "]"
  if let some (_, sign, arity, p, l, r) := signs.find? (·.1 == n) then
    if args.size == arity then
      unless arity < 4 || w.isToolchainInstance args[arity - 3]! do return all
      return enclose outer p <| .group <| .nest 2 <|
        w.text vars l args[arity - 2]! ++ s!" {sign}" ++ Format.line ++ w.text vars r args[arity - 1]!
  if n == ``Not && args.size == 1 then
    return enclose outer 40 <| "¬" ++ w.text vars 41 args[0]!
  if n == ``OfNat.ofNat && args.size == 3 then
    if let .lit (.natVal k) := args[1]! then
      return if w.isToolchainInstance args[2]! then toString k else all
  if n == ``Exists && args.size == 2 then
    if let .lam x t b _ := args[1]! then
      let v := freshName vars x
      return headed outer (s!"∃ ({v} : " ++ w.text vars 0 t ++ "),") (w.text (v :: vars) last b)
  if n == ``Prod.mk && args.size == 4 then
    return .group <| .nest 1 <| "(" ++ w.text vars 0 args[2]! ++ "," ++ Format.line ++ w.text vars 0 args[3]! ++ ")"
  if n == ``namedPattern && args.size == 4 then
    return w.text vars 1024 args[1]! ++ "@" ++ w.text vars 1024 args[2]!
  if n == ``ite && args.size == 5 then
    return enclose outer 10 <| .group <|
      .nest 2 ("if " ++ w.text vars 0 args[1]! ++ " then" ++ Format.line ++ w.text vars 0 args[3]!) ++
        Format.line ++ .nest 2 ("else" ++ Format.line ++ w.text vars last args[4]!)
  if let some (on, alternatives) := w.match? f args then
    let cases := alternatives.toList.map fun (body, type) => w.case vars body type
    return enclose outer (alternative - 1) <| "match " ++ .joinSep (on.toList.map (w.text vars 0)) ", " ++ " with" ++
      .join (cases.map ("\n" ++ ·))
  let shown := (w.find? n).map (explicitArguments ·.type) |>.getD []
  let kept := args.toList.zipIdx.filterMap fun (a, i) => if shown.getD i true then some a else none
  return applied outer (w.text vars 1024 f) (kept.map (w.text vars 1024))

end

/-- A term without any omission, as lines that refer to earlier ones: equal exactly for equal terms, up to the names of
variables. -/
partial def code (e : Expr) : Array String :=
  (go e |>.run (({}, #[]) : Std.HashMap Expr Nat × Array String)).2.2
where
  go (e : Expr) : StateM (Std.HashMap Expr Nat × Array String) Nat := do
    if let some k := (← get).1[e]? then return k
    let line ← match e with
      | .mdata _ e => return ← go e
      | .bvar i => pure s!"#{i}"
      | .fvar _ | .mvar _ => pure "?"
      | .sort l => pure s!"sort {levelText l}"
      | .const n ls => pure s!"{n} {ls.map levelText}"
      | .lit (.natVal n) => pure s!"{n}"
      | .lit (.strVal s) => pure s.quote
      | .app f a => pure s!"app {← go f} {← go a}"
      | .lam _ t b i => pure s!"fun{(brackets i).1} {← go t} {← go b}"
      | .forallE _ t b i => pure s!"all{(brackets i).1} {← go t} {← go b}"
      | .letE _ t v b _ => pure s!"let {← go t} {← go v} {← go b}"
      | .proj n i e => pure s!"proj {n} {i} {← go e}"
    modifyGet fun (known, lines) => (lines.size, known.insert e lines.size, lines.push line)

/-- The definition of a recursive function as it was written, before it was compiled to recursors. -/
unsafe def writtenBodies (data : Array ModuleData) : NameMap Expr :=
  data.foldl (init := {}) fun m d =>
    let m := (entries (Name × Elab.Structural.EqnInfo) d Elab.Structural.eqnInfoExt.name).foldl (init := m) fun m e =>
      m.insert e.1 e.2.value
    (entries (Name × Elab.WF.EqnInfo) d Elab.WF.eqnInfoExt.name).foldl (init := m) fun m e => m.insert e.1 e.2.value

/-- The terms that say what a declaration means: its type, and its value where it is no proof. -/
def meaning (info : ConstantInfo) : Array Expr :=
  match info with
  | .defnInfo v => #[v.type, v.value]
  | .opaqueInfo v => #[v.type, v.value]
  | _ => #[info.type]

/-- What an inductive type or a constructor says beside its type. -/
def place : ConstantInfo → Array String
  | .inductInfo v => #[s!"{v.numParams} {v.numIndices} {v.ctors}"]
  | .ctorInfo v => #[s!"{v.induct} {v.cidx} {v.numParams} {v.numFields}"]
  | _ => #[]

/-- What the meaning of `roots` rests on in the package, `roots` included. -/
partial def World.restsOn (w : World) (roots : Array Name) : Array Name := Id.run do
  let mut seen : NameSet := roots.foldl (·.insert ·) {}
  let mut todo := roots
  let mut out := #[]
  repeat
    let some name := todo.back? | break
    todo := todo.pop
    out := out.push name
    let some info := w.find? name | continue
    let more := match info with
      | .inductInfo v => v.ctors.toArray
      | .ctorInfo v => #[v.induct]
      | .recInfo v => v.all.toArray
      | _ => #[]
    for used in more ++ (meaning info).flatMap (·.getUsedConstants) do
      if w.isOwn used && !seen.contains used then
        seen := seen.insert used
        todo := todo.push used
  return out

/-- What somebody wrote: it has a place in a source file. Lean gives one to what it makes for an inductive type, too. -/
unsafe def written (env : Environment) (data : Array ModuleData) : NameSet :=
  data.foldl (init := {}) fun s d =>
    (entries (Name × DeclarationRanges) d declRangeExt.name).foldl (init := s) fun s (name, _) =>
      if isAuxRecursor env name || isNoConfusion env name then s else s.insert name

/-- What a declaration is. -/
def World.kind (w : World) : ConstantInfo → String
  | .thmInfo _ => "theorem"
  | .axiomInfo _ => "axiom"
  | .opaqueInfo _ => "opaque"
  | .inductInfo _ => "inductive"
  | .ctorInfo _ => "constructor"
  | info => if w.imported.isProjectionFn info.name then "field" else "def"

/-- Render the theorems of the job's modules, and what they rest on. -/
unsafe def freeze (job : Job) (toolchain : SearchPath) (say : Json → IO Unit) : IO Unit := do
  let (modules, world) ← job.load toolchain
  let data := world.imported.header.moduleData ++ modules.map Compiled.data
  let bodies := writtenBodies data
  let written := written world.imported data
  for module in modules do
    let theorems := module.data.constants.filter fun c => (c matches .thmInfo _) && written.contains c.name
    let mut found := #[]
    for name in world.restsOn (theorems.map (·.name)) do
      let some info := world.find? name | continue
      if info matches .recInfo _ then continue
      let home := match world.imported.getModuleIdxFor? name with
        | some i => world.imported.header.moduleNames[i]!
        | none =>
          ((modules.find? fun m : Compiled => m.data.constNames.contains name).map Compiled.name).getD .anonymous
      let kind := world.kind info
      let text (e : Expr) := if written.contains name || kind == "constructor" then
        ((world.text [] 0 e).nest 2).pretty 108 else ""
      let body := match info with
        | .defnInfo v => if kind == "field" then "" else text (bodies.getD name v.value)
        | _ => ""
      found := found.push <| Json.mkObj [("module", toString home), ("name", toString (privateToUserName name)),
        ("kind", kind), ("type", text info.type), ("body", body),
        ("code", "\n".intercalate (place info ++ (meaning info).flatMap code).toList)]
    say <| Json.mkObj [("module", toString module.name), ("frozen", toJson found)]

end Logprec.Audit
