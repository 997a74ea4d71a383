/-!
# Reading

What the subcommands of the constructor share: numbers from files, words from standard input, and messages.
-/

namespace Logprec.Extract

/-- The white-space separated naturals of a file. -/
def readNumbers (path : String) : IO (Except String (Array Nat)) := do
  let bytes ← try IO.FS.readBinFile path catch e => return .error s!"cannot read {path}: {e}"
  let mut out := #[]
  let mut cur := 0
  let mut inNumber := false
  for b in bytes do
    if 48 ≤ b && b ≤ 57 then
      cur := 10 * cur + (b.toNat - 48)
      inNumber := true
    else if b == 32 || b == 10 || b == 13 || b == 9 then
      if inNumber then out := out.push cur
      cur := 0
      inNumber := false
    else
      return .error s!"{path}: byte {b} is neither a digit nor white space"
  if inNumber then out := out.push cur
  return .ok out

/-- A reader over an array of numbers. -/
abbrev Reader := ReaderT (Array Nat) (StateT Nat (Except String))

/-- The next number. -/
def next (what : String) : Reader Nat := do
  let i ← get
  match (← read)[i]? with
  | some n => set (i + 1); return n
  | none => throw s!"the model ends before {what}"

/-- The next number as an integer `z`: `2 z` if `z ≥ 0`, and `-2 z - 1` if `z < 0`. -/
def nextInt (what : String) : Reader Int := do
  let x ← next what
  return if x % 2 = 0 then x / 2 else -((x + 1) / 2)

/-- The next `count` numbers, all below `bound`. -/
def table (what : String) (count bound : Nat) : Reader (Array Nat) := do
  let i ← get
  let t := (← read).extract i (i + count)
  if t.size < count then throw s!"the model ends within {what}: {count} entries expected, {t.size} found"
  if t.any (bound ≤ ·) then throw s!"{what} has an entry that is not below {bound}"
  set (i + count)
  return t

/-- Refuse numbers after the last one that belongs to the model. -/
def done (last : String) : Reader Unit := do
  let i ← get
  unless i == (← read).size do throw s!"the model goes on after {last}: {(← read).size - i} more numbers"

/-- Fail with one line on standard error and exit code 2. -/
def fail {α : Type} (msg : String) : IO α := do
  (← IO.getStderr).putStrLn s!"logprec-compile: {msg}"
  IO.Process.exit 2

/-- What a reader reads in a file, all of it. -/
def readFile {α : Type} (reader : Reader α) (path : String) : IO α := do
  match (← readNumbers path) with
  | .error e => fail e
  | .ok a => match (reader.run a).run' 0 with
    | .error e => fail s!"{path}: {e}"
    | .ok x => return x

/-- A length given on the command line. -/
def readLength (n : String) : IO Nat := do
  let some n := n.toNat? | fail s!"the length must be a number, not '{n}'"
  return n

/-- The lines of standard input. -/
def forLines (act : String → IO Unit) : IO Unit := do
  let input ← IO.getStdin
  repeat
    let line ← input.getLine
    if line.isEmpty then break
    let line := line.trimAscii.toString
    unless line.isEmpty do act line

/-- The words of `n` symbols of `symbolBits` bits on standard input, one a line. -/
def forWords (n symbolBits : Nat) (act : List Nat → IO Unit) : IO Unit :=
  forLines fun line => do
    let symbols := (line.splitOn " ").filter (· ≠ "")
    let some word := symbols.mapM String.toNat? | fail s!"an input must be symbols, not '{line}'"
    unless word.length == n do fail s!"an input has {word.length} symbols, not {n}"
    unless word.all (· < 2 ^ symbolBits) do fail s!"a symbol of '{line}' is not below {2 ^ symbolBits}"
    act word

end Logprec.Extract
