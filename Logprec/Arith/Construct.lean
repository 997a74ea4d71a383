import Logprec.Bits
import Logprec.Circuit.Construct
import Logprec.Template.Defs

/-!
# Circuits for arithmetic, and their templates

Look-up, comparison, addition, iterated addition, symmetric functions: each circuit, and the template that lists it.
What they compute, their depth and their size, and that the templates list them, is proved in the files that import
this one.
-/

namespace Logprec

/-! ## AND, OR and copies

The gates of which arithmetic circuits are made, as threshold gates, and what they compute.
-/

namespace Gate

/-- The AND of the positions `is`. -/
def all (is : List Nat) : Gate := .atLeast is.length (is.map fun i => ⟨i, 1⟩)

/-- The OR of the positions `is`. -/
def any (is : List Nat) : Gate := .atLeast 1 (is.map fun i => ⟨i, 1⟩)

/-- The negated OR of the positions `is`; of one position, its negation. -/
def none (is : List Nat) : Gate := .atMost 0 (is.map fun i => ⟨i, 1⟩)

/-- A copy of position `i`. -/
def copy (i : Nat) : Gate := .atLeast 1 [⟨i, 1⟩]

end Gate

/-! ## Look-up circuits

Every function on `k` bits is computed in depth 3 by writing out its table: literals, one AND for every row,
one OR for every output bit (Merrill & Sabharwal 2023, Lemma 1, after Hao et al. 2022).
-/

namespace Circuit

/-- The first layer of a look-up: the `k` inputs, then their negations. -/
def literals (k : Nat) : Layer :=
  (List.range k).map (fun i => .copy i) ++ (List.range k).map fun i => .none [i]

/-- The gate over `literals k` that recognises the number `a`. -/
def minterm (k a : Nat) : Gate := .all ((List.range k).map fun i => if a.testBit i then i else k + i)

/-- The look-up circuit: the `m` low bits of `f`, as a function of a `k`-bit number. A row of the table that is zero
keeps its place, with a gate that is false and has no wires. -/
def lookup (k m : Nat) (f : Nat → Nat) : Circuit :=
  let values := ((List.range (2 ^ k)).map f).toArray -- every value is needed several times
  let value := fun a => values.getD a 0
  [ literals k,
    (List.range (2 ^ k)).map fun a => if value a % 2 ^ m = 0 then .any [] else minterm k a,
    (List.range m).map fun j => .any ((List.range (2 ^ k)).filter fun a => (value a).testBit j) ]

/-- A bound on the size of `lookup k m f`, wires included. -/
def lookupSize (k m : Nat) : Nat := 4 * k + 2 ^ k * (k + 1) + m * (2 ^ k + 1)

end Circuit

/-! ## Comparing numbers

Comparison of a number with a constant in depth 2, and of two numbers in depth 4. All gates are ANDs, ORs and literals
(AC⁰). Unweighted threshold circuits can compare two numbers in depth 2 (Alon and Bruck 1994); the depth is not
what limits anything here, so the textbook circuit is taken.
-/

namespace Circuit

/-! ## With a constant -/

/-- The gate that is true when `i` is the highest position at which the input and the constant `c` differ, and the
input is the greater one: the bit at `i`, and all bits above it that `c` has. (It may also be true when a higher
position decides, but then the input is the greater one as well.) -/
def aboveAt (w c i : Nat) : Gate :=
  .all (i :: (List.range' (i + 1) (w - (i + 1))).filter fun j => c.testBit j)

/-- Is the `w`-bit input greater than the constant `c`? One AND for every zero of `c`, and their OR. The ones of `c`
keep their places, with gates that are false, so that the shape of the circuit depends on `w` only. -/
def greaterConst (w c : Nat) : Circuit :=
  [ (List.range w).map fun i => if 2 ^ w ≤ c ∨ c.testBit i then .any [] else aboveAt w c i,
    [.any (List.range w)] ]

/-- Is the `w`-bit input at least the constant `c`? -/
def atLeastConst (w c : Nat) : Circuit :=
  if c = 0 then [[], [.all []]] else greaterConst w (c - 1)

/-! ## Two numbers -/

/-- Three layers over two `w`-bit numbers `x` and `y`, given one after the other: literals; for every position, is
`x` greater there and is it at least as great there; and for every position, is it the one that shows `x > y`. -/
def greaterRows (w : Nat) : Circuit :=
  [ (List.range w).map (fun i => .copy i) ++ (List.range w).map fun i => .none [w + i],
    (List.range w).map (fun i => .all [i, w + i]) ++ (List.range w).map fun i => .any [i, w + i],
    (List.range w).map fun i => .all (i :: (List.range' (i + 1) (w - (i + 1))).map fun j => w + j) ]

/-- Of two `w`-bit numbers given one after the other, is the first greater? -/
def greater (w : Nat) : Circuit := greaterRows w ++ [[.any (List.range w)]]

/-- Of two `w`-bit numbers given one after the other, is the first less than or equal to the second? -/
def lessEq (w : Nat) : Circuit := greaterRows w ++ [[.none (List.range w)]]

end Circuit

/-! ## Adding two numbers

Carry look-ahead (the textbook AC⁰ circuit) in depth 3: for every position, how many of the two bits are ones, as
thresholds; then ANDs; then ORs. Depth 2 is known to be enough for unweighted threshold gates (Alon and Bruck
1994), with circuits that are harder to describe. The first layer is kept apart: where the two numbers come out of
tables, it costs no layer.
-/

namespace Circuit

/-! ## The circuit -/

/-- What an adder has to know about two numbers `a` and `b`: for every position, is there a one among the two bits
(positions `0 …`), are there two (`w …`), is there none (`2 * w …`), are there less than two (`3 * w …`)? -/
def columns (w a b : Nat) : List Bool :=
  (List.range w).map (fun i => a.testBit i || b.testBit i) ++
  (List.range w).map (fun i => a.testBit i && b.testBit i) ++
  (List.range w).map (fun i => !(a.testBit i || b.testBit i)) ++
  (List.range w).map (fun i => !(a.testBit i && b.testBit i))

/-- The columns of two `w`-bit numbers given one after the other. -/
def columnsLayer (w : Nat) : Layer :=
  (List.range w).map (fun i => .any [i, w + i]) ++ (List.range w).map (fun i => .all [i, w + i]) ++
  (List.range w).map (fun i => .none [i, w + i]) ++ (List.range w).map fun i => .atMost 1 [⟨i, 1⟩, ⟨w + i, 1⟩]

/-- The ANDs of an adder, which read `columns`. Bit `i` of the sum is the OR over all `c < 3` and `j ≤ i`:
* `c = 0`: a carry that is generated at `j` reaches `i`, where there are two ones;
* `c = 1`: it reaches `i`, where there is none;
* `c = 2`: a carry is absorbed at `j` and none is generated up to `i`, where there is a single one; `j = i` stands for
  no absorption. -/
def sumTerm (w c i j : Nat) : Gate :=
  if j < i then
    match c with
    | 0 => .all ((w + i) :: (w + j) :: List.range' (j + 1) (i - 1 - j))
    | 1 => .all ((2 * w + i) :: (w + j) :: List.range' (j + 1) (i - 1 - j))
    | _ => .all (i :: (2 * w + j) :: List.range' (3 * w + (j + 1)) (i - j))
  else if j = i ∧ c = 2 then .all (i :: List.range' (3 * w) (i + 1)) else .any []

/-- The two layers of an adder that come after `columns`: ANDs, and an OR for every bit. The terms of bit `i` are in
block `i` of the first of them. -/
def addColumns (w : Nat) : Circuit :=
  [ (List.range (w * (3 * w))).map fun q => sumTerm w (q / w % 3) (q / (3 * w)) (q % w),
    (List.range w).map fun i => .any (List.range' (i * (3 * w)) (3 * w)) ]

/-- The sum of two `w`-bit numbers given one after the other, modulo `2 ^ w`. -/
def add (w : Nat) : Circuit := columnsLayer w :: addColumns w

/-- A bound on the size of `addColumns w`. -/
def addColumnsSize (w : Nat) : Nat := 3 * (w * w * w) + 9 * (w * w) + w

/-- A bound on the size of `add w`. -/
def addSize (w : Nat) : Nat := 3 * (w * w * w) + 9 * (w * w) + 13 * w

end Circuit

/-! ## Iterated addition

The sum of `N` numbers of `B` bits each, for all `N` and `B`, in depth 4 and polynomial size. The numbers are cut
into blocks of `ℓ = ⌊log₂ N⌋ + 1` bits. The blocks at the same place have a sum of at most `2 ℓ` bits; the low halves
of these sums make up one number, and the high halves another, and these two are added. The sum of blocks is
polynomially small, so one layer compares it with every value that it can have; any bit of it is then a linear function
of these comparisons, and so is the number of ones in a column of the addition: the adder starts with its second layer.

Iterated addition in constant depth is due to Chandra, Stockmeyer and Vishkin (1984), and depth 4 to Hofmeister, Hohberg
and Köhling (1991). Siu and Roychowdhury (1994) reach depth 2, the least possible, with circuits that are much harder to
describe.
-/

/-! ## Numbers in blocks -/

namespace Circuit

/-! ## The circuit -/

/-- The width of a block: `⌊log₂ N⌋ + 1`, so that `N < 2 ^ blockWidth N ≤ 2 N`. -/
def blockWidth (N : Nat) : Nat := N.log2 + 1

/-- The number of bits of a sum of `N` numbers of `B` bits, rounded up to full blocks. -/
def sumWidth (N B : Nat) : Nat := (B / blockWidth N + 2) * blockWidth N

/-- The number of blocks of a number of `B` bits; the last one is not full, and may be empty. -/
def blocks (N B : Nat) : Nat := B / blockWidth N + 1

/-- The greatest sum of blocks. -/
def maxSum (N : Nat) : Nat := N * (2 ^ blockWidth N - 1)

/-- The wires that carry the sum of blocks `k`: its bits in all numbers, with powers of two as multiplicities. -/
def blockWires (N B k : Nat) : List Wire :=
  let l := blockWidth N
  let ws := (List.range (min l (B - k * l))).map fun t => (t, 2 ^ t)
  (List.range N).flatMap fun i => ws.map fun p => ⟨i * B + k * l + p.1, p.2⟩

/-- The first layer: for every `k`, compare the sum of blocks `k` with all of its possible values `t`: first "at
least `t`" and then "at most `t`". -/
def sumThresholds (N B : Nat) : Layer :=
  let T := maxSum N
  (List.range (blocks N B)).flatMap fun k =>
    let ws := blockWires N B k
    (List.range (T + 1)).map (fun t => .atLeast t ws) ++ (List.range (T + 1)).map fun t => .atMost t ws

/-- Wires from the comparisons of a sum `s ≤ T`, which start at `b`: both comparisons with all `t` that have bit `u`. Of
each pair one is true, and both are when `t = s`: half of the wires carry a one, and one more when `s` has bit `u`. -/
def bitWires (T b u : Nat) : List Wire :=
  let ts := (List.range (T + 1)).filter fun t => t.testBit u
  ts.map (fun t => ⟨b + t, 1⟩) ++ ts.map fun t => ⟨b + (T + 1 + t), 1⟩

/-- The wires for position `i` of the two numbers that are added: a bit of the low half of a sum of blocks, and a bit of
the high half of the sum before it. -/
def columnWires (N B i : Nat) : List Wire :=
  let l := blockWidth N
  let T := maxSum N
  (if i / l < blocks N B then bitWires T (i / l * (2 * (T + 1))) (i % l) else []) ++
    if 0 < i / l then bitWires T ((i / l - 1) * (2 * (T + 1))) (l + i % l) else []

/-- The second layer: for every column, are there ones, are there two, is there none, are there less than two? -/
def sumColumns (N B : Nat) : Layer :=
  let cs := (List.range (sumWidth N B)).map fun i => let ws := columnWires N B i; (ws.length / 2, ws)
  cs.map (fun c => .atLeast (c.1 + 1) c.2) ++ cs.map (fun c => .atLeast (c.1 + 2) c.2) ++
    cs.map (fun c => .atMost c.1 c.2) ++ cs.map fun c => .atMost (c.1 + 1) c.2

/-- The sum of `N` numbers of `B` bits each, given one after the other. -/
def iteratedSum (N B : Nat) : Circuit := sumThresholds N B :: sumColumns N B :: addColumns (sumWidth N B)

/-- A bound on the size of `iteratedSum N B`. -/
def iteratedSumSize (N B : Nat) : Nat :=
  2 * blocks N B * ((maxSum N + 1) * (maxSum N + 1)) + 4 * sumWidth N B * (4 * maxSum N + 5) +
    addColumnsSize (sumWidth N B)

end Circuit

/-! ## Functions of a weighted sum

Every function of a weighted sum of the inputs, with weights so small that they can be written in unary, is
computed in depth 2 by unweighted threshold gates. This is the classical depth-2 construction for symmetric functions
(Hajnal, Maass, Pudlák, Szegedy, Turán 1993), in the form that reads a block of a sum of numbers
(Chandra, Stockmeyer, Vishkin 1984): a weight is a number of parallel wires, and is paid for.
-/

namespace Circuit

/-- The sum of those weights whose input is true. -/
def weigh (ws : List Nat) (x : List Bool) : Nat :=
  (List.zipWith (fun w b => if b then w else 0) ws x).sum

/-- The wires that weigh: input `i` with multiplicity `ws[i]`; zero weights have no wire. -/
def weighWires (ws : List Nat) : List Wire :=
  (ws.zipIdx.filter fun p => p.1 != 0).map fun p => ⟨p.2, p.1⟩

/-- The circuit for the `m` low bits of `f s`, where `s` is the sum of the weights `ws` of the true inputs. The
first layer has the gates "`s ≥ t`" and then "`s ≤ t`" for every possible sum `t`; output bit `j` reads both
gates of all `t` for which `f t` has bit `j`. All of these pairs have at least one true gate, and the pair of `s`
has two. -/
def table (ws : List Nat) (m : Nat) (f : Nat → Nat) : Circuit :=
  let T := ws.sum
  let wires := weighWires ws
  let fs := (List.range (T + 1)).map fun t => (t, f t)
  [ (List.range (T + 1)).map (fun t => .atLeast t wires) ++ (List.range (T + 1)).map fun t => .atMost t wires,
    (List.range m).map fun j =>
      let ts := (fs.filter fun p => p.2.testBit j).map (·.1)
      .atLeast (ts.length + 1) (ts.map (fun t => ⟨t, 1⟩) ++ ts.map fun t => ⟨T + 1 + t, 1⟩) ]

/-- A bound on the size of a table with `T` the sum of the weights and `m` outputs. -/
def tableSize (T m : Nat) : Nat := 2 * (T + 1) * (T + 1) + m * (2 * T + 3)

/-! ## Symmetric functions -/

/-- The `m` low bits of a function of the number of ones among `k` inputs: weights one. -/
def symmetric (k m : Nat) (f : Nat → Nat) : Circuit := table (List.replicate k 1) m f

/-- PARITY: is the number of ones odd? It is not in AC⁰, and for `k ≥ 2` no single threshold gate computes it, so that
depth 2 is the least possible. -/
def parity (k : Nat) : Circuit := symmetric k 1 id

/-- MAJORITY: are there more ones than zeros? It is a single gate. -/
def majority (k : Nat) : Circuit := [[.atLeast (k / 2 + 1) ((List.range k).map fun i => ⟨i, 1⟩)]]

end Circuit

/-! ## The template of iterated addition

The circuits of `Circuit.iteratedSum N B`, for terms `N` and `B`, as four layer templates.
-/

namespace Tmpl

open Term Circuit

/-- Bind what the layers of `iteratedSum` need. Variables of the body: 0 the width of the sum, 1 the number of blocks,
2 the greatest sum of blocks, 3 the width of a block, 4 `B`, 5 `N`. -/
def withBlocks (N B : Term) (body : Tmpl) : Tmpl :=
  letIn N <| letIn B.up <| letIn (log2 (var 1) + 1) <| letIn (var 2 * (pow2 (var 0) (2 * var 2) - 1)) <|
  letIn (var 2 / var 1 + 1) <| letIn ((var 3 / var 2 + 2) * var 2) body

/-- The wires of `blockWires`; variable 0 is something else, 1 is the block, then the variables of `withBlocks`. -/
def blockWiresT : Tmpl :=
  loop (var 7) <| loop (Term.min (var 6) (var 7 - var 2 * var 6)) <|
    wire (var 1 * var 8 + var 3 * var 7 + var 0) (pow2 (var 0) (var 9))

/-- The first layer: comparisons of the sums of blocks. -/
def sumThresholdsT (N B : Term) : Tmpl :=
  withBlocks N B <| loop (var 1) <|
    seq (loop (var 3 + 1) (seq (gate true (var 0)) blockWiresT))
      (loop (var 3 + 1) (seq (gate false (var 0)) blockWiresT))

/-- The wires of `bitWires`; then a position, and the variables of `withBlocks`. -/
def bitWiresT (b u : Term) : Tmpl :=
  letIn b <| letIn (pow2 u.up (var 4 + 1)) <|
    seq (loop (var 5 + 1) (ite (var 0 / var 1 % 2) (wire (var 2 + var 0) 1) nil))
      (loop (var 5 + 1) (ite (var 0 / var 1 % 2) (wire (var 2 + (var 6 + 1 + var 0)) 1) nil))

/-- The wires of `columnWires`. Variable 0 is the position, then the variables of `withBlocks`. -/
def columnT : Tmpl :=
  seq (ite (lt (var 0 / var 4) (var 2)) (bitWiresT (var 0 / var 4 * (2 * (var 3 + 1))) (var 0 % var 4)) nil)
    (ite (lt 0 (var 0 / var 4)) (bitWiresT ((var 0 / var 4 - 1) * (2 * (var 3 + 1))) (var 4 + var 0 % var 4)) nil)

/-- How many numbers up to the greatest sum have bit `u`; in the environment of `columnT`. -/
def countT (u : Term) : Term :=
  Term.letIn (pow2 u (var 3 + 1)) (sum (var 4 + 1) (var 4 + 1) (var 0 / var 1 % 2))

/-- Half the number of wires of `columnWires`, in the environment of `columnT`. -/
def halfT : Term :=
  Term.ite (lt (var 0 / var 4) (var 2)) (countT (var 0 % var 4)) 0 +
    Term.ite (lt 0 (var 0 / var 4)) (countT (var 4 + var 0 % var 4)) 0

/-- The second layer: the columns of the adder. -/
def sumColumnsT (N B : Term) : Tmpl :=
  withBlocks N B <|
    seq (seq (seq (loop (var 0) (seq (gate true (halfT + 1)) columnT))
      (loop (var 0) (seq (gate true (halfT + 2)) columnT)))
      (loop (var 0) (seq (gate false halfT) columnT))) (loop (var 0) (seq (gate false (halfT + 1)) columnT))

/-- Consecutive wires: from position `s`, `k` of them. -/
def wiresFrom (s k : Term) : Tmpl := loop k (wire (s.up + var 0) 1)

/-- The gate `sumTerm w c i j`; variables: 0 is `j`, 1 is `i`, 2 is `c`, 3 something else, 4 is `w`. -/
def sumTermT : Tmpl :=
  ite (lt (var 0) (var 1))
    (ite (Term.eq (var 2) 0)
      (seq (gate true (var 1 - 1 - var 0 + 1 + 1)) <| seq (wire (var 4 + var 1) 1) <| seq (wire (var 4 + var 0) 1) <|
        wiresFrom (var 0 + 1) (var 1 - 1 - var 0))
      (ite (Term.eq (var 2) 1)
        (seq (gate true (var 1 - 1 - var 0 + 1 + 1)) <| seq (wire (2 * var 4 + var 1) 1) <|
          seq (wire (var 4 + var 0) 1) <| wiresFrom (var 0 + 1) (var 1 - 1 - var 0))
        (seq (gate true (var 1 - var 0 + 1 + 1)) <| seq (wire (var 1) 1) <| seq (wire (2 * var 4 + var 0) 1) <|
          wiresFrom (3 * var 4 + (var 0 + 1)) (var 1 - var 0))))
    (ite (Term.and (eq (var 0) (var 1)) (eq (var 2) 2))
      (seq (gate true (var 1 + 1 + 1)) <| seq (wire (var 1) 1) <| wiresFrom (3 * var 4) (var 1 + 1))
      (gate true 1))

/-- The ANDs of an adder of numbers whose width is variable 0. -/
def addTermsT : Tmpl :=
  loop (var 0 * (3 * var 0)) <|
    letIn (var 0 / var 1 % 3) <| letIn (var 1 / (3 * var 2)) <| letIn (var 2 % var 3) sumTermT

/-- Its ORs. -/
def addBitsT : Tmpl := loop (var 0) <| seq (gate true 1) (wiresFrom (var 0 * (3 * var 1)) (3 * var 1))

/-- The template of `Circuit.add`. -/
def add (w : Term) : List Tmpl :=
  [ letIn w <| seq (seq (seq
      (loop (var 0) (seq (gate true 1) (seq (wire (var 0) 1) (wire (var 1 + var 0) 1))))
      (loop (var 0) (seq (gate true 2) (seq (wire (var 0) 1) (wire (var 1 + var 0) 1)))))
      (loop (var 0) (seq (gate false 0) (seq (wire (var 0) 1) (wire (var 1 + var 0) 1)))))
      (loop (var 0) (seq (gate false 1) (seq (wire (var 0) 1) (wire (var 1 + var 0) 1)))),
    letIn w addTermsT, letIn w addBitsT ]

/-- The template of `Circuit.iteratedSum`, for terms `N` and `B`. -/
def iteratedSum (N B : Term) : List Tmpl :=
  [sumThresholdsT N B, sumColumnsT N B, withBlocks N B addTermsT, withBlocks N B addBitsT]

end Tmpl

/-! ## The template of look-ups

A look-up is uniform when the bits of its function are: the template takes a term for "bit `j` of the value at `a`".
-/

namespace Term

/-- Exchange variables 0 and 1. -/
def swap (t : Term) : Term := t.rename fun i => match i with
  | 0 => 1
  | 1 => 0
  | i + 2 => i + 2

end Term

namespace Tmpl

open Term

/-- The template of `Circuit.lookup k m F`. The term `rows` is for `2 ^ k`; in `value`, variable 0 is the number `a`
that is looked up and variable 1 is the output bit `j`: it is for bit `j` of `F a`. -/
def lookup (k m rows value : Term) : List Tmpl :=
  [ seq (loop k (seq (gate true 1) (wire (var 0) 1))) (loop k (seq (gate false 0) (wire (var 0) 1))),
    loop rows <| ite (sum m.up m.up value.swap)
      (seq (gate true k.up) (loop k.up (wire (Term.ite (testBit (var 1) (var 0)) (var 0) (k.up.up + var 0)) 1)))
      (gate true 1),
    loop m <| seq (gate true 1) (loop rows.up (ite value (wire (var 0) 1) nil)) ]

end Tmpl

/-! ## First members: symmetric functions, PARITY, MAJORITY

Templates for the circuits of symmetric functions and for MAJORITY. So the serialisations of these circuits are
generated in logarithmic space.
-/

namespace Tmpl

/-- One wire to each of the first `k` positions. -/
def wires (k : Term) : Tmpl := loop k (wire (.var 0) 1)

/-- The template of `Circuit.symmetric`: the `m` low bits of a function of the number of ones among `k` inputs. In `f`,
variable 0 is that number. -/
def symmetric (k m f : Term) : List Tmpl :=
  let hit : Term := .testBit (f.rename (Term.lift (· + 1))) (.var 1) -- variables: the sum, the output bit
  let hits (src : Term) : Tmpl := loop (k.up + 1) (.ite hit (wire src 1) nil)
  [ seq (loop (k + 1) (seq (gate true (.var 0)) (wires k.up))) (loop (k + 1) (seq (gate false (.var 0)) (wires k.up))),
    loop m <| seq (gate true (.sum (k.up + 1) (k.up + 1) hit + 1)) <|
      seq (hits (.var 0)) (hits (k.up.up + 1 + .var 0)) ]

/-- The template of `Circuit.majority`: are there more ones than zeros among `k` inputs? -/
def majority (k : Term) : List Tmpl := [seq (gate true (k / 2 + 1)) (wires k)]

end Tmpl

end Logprec
