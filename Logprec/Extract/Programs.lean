import Logprec.Simulation.Construct
import Logprec.Space.Turing.Construct

/-!
# Register programs as C, and as Turing machines

A register program is printed as C, or compiled to a Turing machine that is printed and run. Neither printer is
verified; what they print is tested to be what the Lean evaluator prints.
-/

namespace Logprec.Extract

open Space Turing

/-! ## C

A register program is printed as a C99 program `n ↦ numbers on the standard output`: `for` loops over a fixed number
of `uint64_t` variables, and a buffer for the output, so that one sees that it runs in logarithmic space. All
arithmetic is checked: a number that does not fit into 64 bits ends the run with a message. The printer is not
verified; it is tested to print the same bytes as the Lean evaluator.
-/

/-- How the numbers are laid out. -/
inductive Layout where
  /-- One number a line. -/
  | numbers
  /-- As a circuit file: the numbers are the serialisation of a circuit; a line for a mark, or a gate with its wires. -/
  | circuit
  deriving Repr, DecidableEq

/-- An expression. The input is `1ⁿ`, so that an input bit is a comparison. -/
def expr : Expr → String
  | .lit n => if n < 2 ^ 31 then toString n else if n < 2 ^ 64 then s!"UINT64_C({n})" else "too_large()"
  | .reg r => s!"r{r}"
  | .len => "n"
  | .inputBit i => s!"lt({expr i}, n)"
  | .add a b => s!"add({expr a}, {expr b})"
  | .sub a b => s!"sub({expr a}, {expr b})"
  | .mul a b => s!"mul({expr a}, {expr b})"
  | .div a b => s!"quo({expr a}, {expr b})"
  | .mod a b => s!"rem({expr a}, {expr b})"
  | .eq a b => s!"eq({expr a}, {expr b})"
  | .lt a b => s!"lt({expr a}, {expr b})"

/-- The lines of a program inside `depth` loops. A loop has its own counter and limit, because its body may write the
register that it counts in. -/
def lines (indent : String) (depth : Nat) : Prog → List String
  | .skip => []
  | .set r e => [s!"{indent}r{r} = {expr e};"]
  | .seq P Q => lines indent depth P ++ lines indent depth Q
  | .ite e .skip Q => s!"{indent}if ({expr e} == 0) \{" :: lines (indent ++ "    ") depth Q ++ [indent ++ "}"]
  | .ite e P .skip => s!"{indent}if ({expr e} != 0) \{" :: lines (indent ++ "    ") depth P ++ [indent ++ "}"]
  | .ite e P Q =>
    s!"{indent}if ({expr e} != 0) \{" :: lines (indent ++ "    ") depth P ++ (indent ++ "} else {") ::
      lines (indent ++ "    ") depth Q ++ [indent ++ "}"]
  | .loop r e P =>
    s!"{indent}for (uint64_t i{depth} = 0, end{depth} = {expr e}; i{depth} < end{depth}; i{depth}++) \{" ::
      s!"{indent}    r{r} = i{depth};" :: lines (indent ++ "    ") (depth + 1) P ++ [indent ++ "}"]
  | .emit e => [s!"{indent}emit({expr e});"]

/-- What comes before the program: checked arithmetic and the output's buffer. -/
def prelude : String := r#"#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define NEVER_RETURNS __attribute__((noreturn, cold, noinline))
#else
#define NEVER_RETURNS
#endif

static NEVER_RETURNS void fail(const char *message) {
    fprintf(stderr, "%s\n", message);
    exit(1);
}

static NEVER_RETURNS uint64_t too_large(void) {
    fail("a number does not fit into 64 bits");
}

#if defined(__GNUC__)
static inline uint64_t add(uint64_t a, uint64_t b) {
    uint64_t c;
    return __builtin_add_overflow(a, b, &c) ? too_large() : c;
}
static inline uint64_t mul(uint64_t a, uint64_t b) {
    uint64_t c;
    return __builtin_mul_overflow(a, b, &c) ? too_large() : c;
}
#else
static inline uint64_t add(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? too_large() : a + b; }
static inline uint64_t mul(uint64_t a, uint64_t b) { return b && a > UINT64_MAX / b ? too_large() : a * b; }
#endif
static inline uint64_t sub(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }
static inline uint64_t quo(uint64_t a, uint64_t b) { return b ? a / b : 0; }
static inline uint64_t rem(uint64_t a, uint64_t b) { return b ? a % b : a; }
static inline uint64_t eq(uint64_t a, uint64_t b) { return a == b; }
static inline uint64_t lt(uint64_t a, uint64_t b) { return a < b; }

static char buffer[1 << 16];
static size_t used = 0;

static void flush(void) {
    if (fwrite(buffer, 1, used, stdout) != used || fflush(stdout)) fail("cannot write the output");
    used = 0;
}

static inline void put(char before, uint64_t v) { /* one character, unless it is 0, and a number */
    char digits[20];
    size_t k = sizeof digits;
    if (used > sizeof buffer - 32) flush();
    if (before) buffer[used++] = before;
    do digits[--k] = (char)('0' + v % 10); while (v /= 10);
    memcpy(buffer + used, digits + k, sizeof digits - k);
    used += sizeof digits - k;
}

"#

/-- The output of one number. -/
def emitter : Layout → String
  | .numbers => r#"static int started = 0;

static inline void emit(uint64_t v) {
    put(started ? '\n' : 0, v);
    started = 1;
}

"#
  | .circuit => r#"static int started = 0, arguments = 0; /* how many arguments of the last mark are to come */

static inline void emit(uint64_t v) {
    if (!started) {
        memcpy(buffer, "logprec-circuit 1", 17);
        used = 17;
        started = 1;
        put('\n', v);
    } else if (arguments) {
        arguments--;
        put(' ', v);
    } else {
        put(v == 3 ? ' ' : '\n', v);
        arguments = v == 3 ? 2 : v == 1 || v == 2 ? 1 : 0;
    }
}

"#

/-- What comes after the program. -/
def postlude : String := r#"
int main(int argc, char **argv) {
    char *end;
    if (argc != 2 || argv[1][0] < '0' || argv[1][0] > '9') fail("usage: generate N");
    uint64_t n = strtoull(argv[1], &end, 10);
    if (*end || errno) fail("usage: generate N");
    generate(n);
    if (started) buffer[used++] = '\n';
    flush();
    return 0;
}
"#

/-- The statements of a program, in groups: a loop or a conditional ends a group. Each becomes a function of its own,
because C compilers take long for large functions. -/
def groups (P : Prog) : List (List Prog) :=
  let statements := flatten P []
  statements.foldr (fun S gs => match S, gs with
    | .loop .., _ | .ite .., _ => [S] :: gs
    | _, g :: gs => (S :: g) :: gs
    | _, [] => [[S]]) []
where
  /-- The statements of `P`, before others. -/
  flatten : Prog → List Prog → List Prog
    | .skip, rest => rest
    | .seq P Q, rest => flatten P (flatten Q rest)
    | P, rest => P :: rest

/-- The function for a group of statements: it takes the registers that it needs from the array `r`, and puts them
back. -/
def part (k : Nat) (g : List Prog) : String :=
  let rs := List.range (g.foldr (fun P m => max P.registers m) 0)
  let load := if rs.isEmpty then [] else
    ["    uint64_t " ++ ", ".intercalate (rs.map fun r => s!"r{r} = r[{r}]") ++ ";"]
  let body := load ++ g.flatMap (lines "    " 0) ++ rs.map fun r => s!"    r[{r}] = r{r};"
  s!"static void part{k}(uint64_t n, uint64_t *r) \{\n    (void)n, (void)r;\n"
    ++ "".intercalate (body.map (· ++ "\n")) ++ "}\n\n"

/-- The C program that prints the output of `P` on the input `1ⁿ`, where `n` is its argument; `title` says in a comment
what it is. -/
def program (title : String) (layout : Layout) (P : Prog) : String :=
  let gs := groups P
  let calls := (List.range gs.length).map fun k => s!"    part{k}(n, r);\n"
  "/* " ++ title ++ "\n   Printed from a register program: a fixed number of 64-bit counters, checked arithmetic,"
    ++ " streaming output. */\n\n" ++ prelude ++ emitter layout ++ "".intercalate (gs.zipIdx.map fun (g, k) => part k g)
    ++ s!"static void generate(uint64_t n) \{\n    uint64_t r[{P.registers + 1}] = \{0};\n"
    ++ "".intercalate calls ++ "    (void)n, (void)r;\n}\n" ++ postlude

/-! ## Turing machines

The machine of a register program (`Turing.progMachine`) is printed as a list of instructions, one for each of its
states but the last, so that other programs can run it; and it is run here by its definition, for comparison.
-/

/-- The binary digits of the length of the input, the lowest first. -/
def binaryProg : Prog :=
  .seq (.set 0 .len) (.loop 1 .len (.ite (.reg 0)
    (.seq (.emit (.mod (.reg 0) (.lit 2))) (.set 0 (.div (.reg 0) (.lit 2)))) .skip))

/-- The square of the length. -/
def squareProg : Prog := .emit (.mul .len .len)

/-- The circuits for PARITY. -/
def parityProg : Prog := Tmpl.program (.var 0) (Tmpl.symmetric (.var 0) 1 (.var 0))

/-- The circuits for MAJORITY. -/
def majorityProg : Prog := Tmpl.program (.var 0) (Tmpl.majority (.var 0))

/-- The look-up of the square of two bits, modulo 4: three layers, whatever the length. -/
def lookupProg : Prog := Tmpl.program 2 (Tmpl.lookup 2 2 4 (.testBit (.var 0 * .var 0) (.var 1)))

/-- The programs that are compiled to machines, by name. -/
def machinePrograms : List (String × Prog) :=
  [("binary", binaryProg), ("square", squareProg), ("parity", parityProg), ("majority", majorityProg),
    ("lookup", lookupProg)]

private def dirText : Dir → String
  | .left => "-1"
  | .stay => "0"
  | .right => "1"

private def bitText (b : Bool) : String := toString b.toNat

private def commandText : TapeCmd → String
  | .write t a => s!"write {t} {a.val}"
  | .move t d => s!"move {t} {dirText d}"
  | .input d => s!"input {dirText d}"
  | .emit b => s!"emit {bitText b}"

private def testText : TapeTest → String
  | .work t p => s!"work {t} " ++ " ".intercalate ([0, 1, 2, 3, 4].map fun a => bitText (p a))
  | .input p => "read " ++ " ".intercalate ([.left, .bit false, .bit true, .right].map fun a => bitText (p a))

/-- An instruction in a line: the command and the next state, or the test, what it says of each symbol, and the next
states when it holds and when it does not. Symbols are 0 (blank) to 4, and on the input tape the left marker, 0, 1, and
the right marker. -/
def instrText : Instr → String
  | .cmd c next => s!"{commandText c} {next}"
  | .branch b yes no => s!"{testText b} {yes} {no}"

/-- The tape program of the machine of a program. -/
def machineTapes (P : Prog) : TapeProg := .seq (markTapes (progTapes P).tapes) (progTapes P)

/-- The instructions of the machine of a program. -/
def machineTable (P : Prog) : List Instr := TapeProg.layout (machineTapes P) 0 (TapeProg.size (machineTapes P))

/-- The table is that of the machine. -/
theorem machineOf_machineTable (P : Prog) : machineOf (progTapes P).tapes (machineTable P) = progMachine P := rfl

/-- A line with the number of tapes and of instructions, and the instructions. -/
def machineLines (P : Prog) : List String :=
  s!"{(progTapes P).tapes} {(machineTable P).length}" :: (machineTable P).map instrText

private def tapeText {symbols : Nat} (t : Tape symbols) : String :=
  s!"{t.left.length} " ++ String.join ((t.left.reverse ++ t.head :: t.right).map fun a => toString a.val)

/-- What `Machine.run` does in a number of steps on `1ⁿ`: whether the machine has halted, its state, the position of the
input head, the cells visited; then the output, and for every tape the position of the head and the symbols. -/
def runLines (P : Prog) (n steps : Nat) : List String :=
  let M := progMachine P
  let c := M.run (ones n) steps M.init
  s!"{bitText (M.next (ones n) c).isNone} {c.state.val} {c.input} {c.cells}" ::
    String.join (c.out.reverse.map bitText) :: c.work.toList.map tapeText

/-- What the program does on `1ⁿ`: its peak, and its output on the tape of the machine. -/
def programLines (P : Prog) (n : Nat) : List String :=
  [toString (P.peak (ones n)), String.join ((unary (P.output (ones n))).map bitText)]

/-- Without numbers, the machine of a program; for `N`, what the program does; for `N STEPS`, what the machine does in
so many steps. -/
def machineMain (P : Prog) : (numbers : List Nat) → Except String (List String)
  | [] => .ok (machineLines P)
  | [n] => .ok (programLines P n)
  | [n, steps] => .ok (runLines P n steps)
  | _ => .error "a length and a number of steps at most"

/-- The program of a name. -/
def namedProgram (name : String) : Except String Prog :=
  match machinePrograms.lookup name with
  | some P => .ok P
  | none => .error s!"no program '{name}': there are {", ".intercalate (machinePrograms.map Prod.fst)}"

end Logprec.Extract
