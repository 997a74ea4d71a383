import Logprec.Space.Clamp

/-!
# Register programs as C

A register program is printed as a C99 program `n ↦ numbers on the standard output`: `for` loops over a fixed number
of `uint64_t` variables, and a buffer for the output, so that one sees that it runs in logarithmic space. All
arithmetic is checked: a number that does not fit into 64 bits ends the run with a message. The printer is not
verified; it is tested to print the same bytes as the Lean evaluator.
-/

namespace Logprec.Extract

open Space

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

end Logprec.Extract
