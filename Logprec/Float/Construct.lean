import Logprec.Arith.Construct
import Logprec.Float.Defs

/-!
# The circuit of the sum of floats, and its template

`⊕` in depth `dSum`. What it computes, its depth and its size, and that the template lists it, is proved in the files
that import this one.
-/

namespace Logprec

/-! ## Truncation is a step function with few steps

`truncate p z` depends only on the sign of `z` and on which of the magnitudes in the list `thresholds p` are
at most `|z|`; there are at most `2 ^ p` of them. So a circuit can truncate by comparing with constants
(Merrill & Sabharwal 2023, Lemma 5, say that `f_p` is computed by a constant-depth circuit, and leave it there).
-/

namespace Float

/-! ## The thresholds -/

/-- The positive magnitudes at which the truncation to a `p`-bit float changes, in increasing order: the
mantissas; the full mantissas shifted by 1, 2, …; and where saturation starts. -/
def thresholds (p : Nat) : List Nat :=
  let q := p / 2
  List.range' 1 (2 ^ (q - 1) - 1)
    ++ (List.range (2 * imax q)).flatMap (fun k =>
        (List.range (2 ^ (q - 2))).map fun m => (2 ^ (q - 2) + m) * 2 ^ (k + 1))
    ++ [2 ^ (q - 1 + 2 * imax q)]

/-! ## For naturals that stand for integers -/

/-- The naturals `c` for which the test `c < T` matters to the truncation of `T - off`, in increasing order. -/
def offsetThresholds (p off : Nat) : List Nat :=
  ((thresholds p).reverse.filter (· ≤ off)).map (off - ·) ++ (thresholds p).map (off + · - 1)

end Float

/-! ## The circuit of `⊕`

The iterated sum of `N` floats of `p` bits (Merrill & Sabharwal 2023, Lemma 5), in depth `dSum = 11`. The paper
leaves the circuit for `f_p` and the depth open. Four stages:

1. a look-up for every float gives its integer, with a bias so that it is a natural number (depth 3);
2. the iterated sum of these naturals (depth 4);
3. a comparison of the sum with every number at which the truncation changes (depth 2);
4. the float, as a function of how many of these comparisons hold (depth 2).
-/

namespace Float

open Circuit

/-- The depth of the circuit of `⊕`, which the paper calls `d_⊕`. -/
def dSum : Nat := 3 + 4 + 2 + 2

/-- What is added to the integer of a float to make it a natural number. -/
def bias (p : Nat) : Nat := 2 ^ (p / 2 - 1 + 2 * imax (p / 2))

/-- The number of bits of the integer of a float, with its bias. -/
def biasedWidth (p : Nat) : Nat := p / 2 - 1 + 2 * imax (p / 2) + 1

/-- The integer of the float `φ`, with its bias. -/
def biased (p φ : Nat) : Nat := (scaled (BitVec.ofNat p φ) + bias p).toNat

/-- The numbers with which the sum of `N` biased integers is compared. -/
def sumTests (p N : Nat) : List Nat := offsetThresholds p (N * bias p)

/-- For every number `K`, the float of those sums that are greater than the first `K` of the tests, and only
these: the float of the least such sum. -/
def floatOfCount (p N : Nat) : Nat → Nat :=
  let sums := 0 :: (sumTests p N).map (· + 1)
  let floats := (sums.map fun (T : Nat) => (truncate p ((T : Int) - (N * bias p : Nat))).toNat).toArray
  fun K => floats.getD K 0

/-- The circuit of `⊕` for `N` floats of `p` bits. Inputs: the floats, one after the other. -/
def sumCircuit (p N : Nat) : Circuit :=
  let look := lookup p (biasedWidth p) (biased p)
  let W := sumWidth N (biasedWidth p)
  let tests := sumTests p N
  let float := floatOfCount p N
  par 3 (List.range N) (blockPos p) (fun _ => look)
  ++ iteratedSum N (biasedWidth p)
  ++ par 2 tests (fun _ => List.range W) (greaterConst W)
  ++ symmetric tests.length p float

/-- A bound on the size of `sumCircuit p N`, in closed form. -/
def sumCircuitSize (p N : Nat) : Nat :=
  let B := biasedWidth p
  let W := sumWidth N B
  let M := 2 * 2 ^ (2 * (p / 2) - 2)
  N * lookupSize p B + iteratedSumSize N B + M * (W * (W + 1) + W + 1) + tableSize M p

end Float

/-! ## The bits of the numbers in the circuit of `⊕`

The numbers in the circuit of `⊕`, such as biased integers and thresholds, have polynomially many bits, so no variable
holds one. A term gives one bit of such a number: `Term.IsBits`. Powers of two times small numbers, sums and differences
of such numbers are such numbers.
-/

namespace Term

/-- The bits of `m * 2 ^ s`. -/
def shifted (m s : Term) : Term := ite (lt (var 0) s.up) 0 (testBit m.up (var 0 - s.up))

/-- A term for bits, used at another position: under the binders of a position `j`, then of a position `i`, then of an
accumulator, it is for bit `i`. -/
def inner (t : Term) : Term := (t.rename (lift (· + 1))).up

/-- The bits of a sum, of numbers whose bits are given: the carry is computed from bit 0 on. -/
def plus (a b : Term) : Term := (a + b + iter (var 0) 1 0 ((a.inner + b.inner + var 0) / 2)) % 2

/-- The bits of a difference, of numbers whose bits are given: the borrow is computed from bit 0 on. -/
def minus (a b : Term) : Term := (a + b + iter (var 0) 1 0 (lt a.inner (b.inner + var 0))) % 2

end Term

namespace Float

/-- The greatest signed integer of `p / 2` bits, if `P` is `2 ^ p`. -/
def imaxT (p P : Term) : Term := .pow2 (p / 2 - 1) P - 1

/-- A magnitude field. -/
def magnitudeT (p P code : Term) : Term := code % .pow2 (p / 2 - 1) P

/-- A sign field. -/
def signT (p code : Term) : Term := .testBit code (p / 2 - 1)

/-- The shift of a float: its exponent, with the bias that makes it a natural number. -/
def shiftT (p P φ : Term) : Term :=
  .ite (signT p (φ / .pow2 (p / 2) P % .pow2 (p / 2) P))
    (imaxT p P - magnitudeT p P (φ / .pow2 (p / 2) P % .pow2 (p / 2) P))
    (imaxT p P + magnitudeT p P (φ / .pow2 (p / 2) P % .pow2 (p / 2) P))

/-- The bits of the bias. -/
def biasBits (p P : Term) : Term := .shifted 1 (p / 2 - 1 + 2 * imaxT p P)

/-- The bits of the integer of a float, with its bias. -/
def biasedBits (p P φ : Term) : Term :=
  .ite (signT p (φ % .pow2 (p / 2) P)).up
    (.minus (biasBits p P) (.shifted (magnitudeT p P (φ % .pow2 (p / 2) P)) (shiftT p P φ)))
    (.plus (biasBits p P) (.shifted (magnitudeT p P (φ % .pow2 (p / 2) P)) (shiftT p P φ)))

end Float

/-! ## The tests of the circuit of `⊕`, one by one

The thresholds of truncation, and the numbers with which the sum is compared, each by its place in the list; and terms
for their bits. `P` is a term for `2 ^ p`: the numbers of thresholds and tests are at most twice that.
-/

namespace Float

/-! ## Terms -/

/-- The number of thresholds, if `P` is `2 ^ p`. -/
def thresholdCountT (p P : Term) : Term := imaxT p P + 2 * imaxT p P * .pow2 (p / 2 - 2) P + 1

/-- The mantissa of threshold `k`. -/
def thresholdMantissaT (p P k : Term) : Term :=
  .ite (.lt k (imaxT p P)) (k + 1) <|
  .ite (.lt k (imaxT p P + 2 * imaxT p P * .pow2 (p / 2 - 2) P))
    (.pow2 (p / 2 - 2) P + (k - imaxT p P) % .pow2 (p / 2 - 2) P) 1

/-- The shift of threshold `k`. -/
def thresholdShiftT (p P k : Term) : Term :=
  .ite (.lt k (imaxT p P)) 0 <|
  .ite (.lt k (imaxT p P + 2 * imaxT p P * .pow2 (p / 2 - 2) P)) ((k - imaxT p P) / .pow2 (p / 2 - 2) P + 1)
    (p / 2 - 1 + 2 * imaxT p P)

/-- The number of tests below the bias of the sum of `N` numbers. -/
def lowCountT (p P N : Term) : Term := .ite N (thresholdCountT p P) 0

/-- The number of tests for `N` summands. -/
def testCountT (p P N : Term) : Term := lowCountT p P N + thresholdCountT p P

/-- The bits of threshold `k`. -/
def thresholdBits (p P k : Term) : Term := .shifted (thresholdMantissaT p P k) (thresholdShiftT p P k)

/-- The bits of test `k` for `N` summands. -/
def sumTestBits (p P N k : Term) : Term :=
  .ite (Term.lt k (lowCountT p P N)).up
    (.minus (.shifted N (p / 2 - 1 + 2 * imaxT p P)) (thresholdBits p P (lowCountT p P N - 1 - k)))
    (.minus (.plus (.shifted N (p / 2 - 1 + 2 * imaxT p P)) (thresholdBits p P (k - lowCountT p P N))) (.shifted 1 0))

end Float

/-! ## The template of the comparisons in the circuit of `⊕`

Comparison with a constant whose bits are given by a term, and the second-to-last stage of the circuit of `⊕`: the
comparisons of the sum with all tests, side by side.
-/

namespace Tmpl

open Term

/-- The bit at position `i + 1 + t`, for variables 0 and 1 equal to `t` and `i`. -/
def above (b : Term) : Term := .letIn (var 1 + 1 + var 0) (b.rename (lift (· + 2)))

/-- The template of `Circuit.greaterConst W c`, for a term `b` for the bits of `c`. -/
def greaterConst (W b : Term) : List Tmpl :=
  let rest := W.up - (var 0 + 1)
  [ loop W <| ite b (gate true 1) <| seq (gate true (sum rest rest (above b) + 1)) <|
      seq (wire (var 0) 1) (loop rest (ite (above b) (wire (var 1 + 1 + var 0) 1) nil)),
    seq (gate true 1) (loop W (wire (var 0) 1)) ]

end Tmpl

namespace Float

open Circuit

/-- The template of the comparisons of a sum of `W` bits with all tests for `N` summands. -/
def testsT (p P N W : Term) : List Tmpl :=
  Tmpl.par (testCountT p P N) (.var 0) [W, 1] (Tmpl.greaterConst W.up (sumTestBits p.up P.up N.up (.var 0)))

end Float

/-! ## The float of a count, as a term

`floatOfCount p N K`, the float of those sums that pass `K` of the tests, in terms of mantissa and shift of a threshold;
and a term for it.
-/

namespace Float

/-! ## Terms -/

/-- A signed integer of `p / 2` bits, of which `neg` is the sign, if `P` is `2 ^ p`. -/
def ofSignedT (p P neg mag : Term) : Term :=
  .ite (p / 2) (neg * .pow2 (p / 2 - 1) P + mag % .pow2 (p / 2 - 1) P) 0

/-- A float. -/
def packT (p P neg m k : Term) : Term :=
  (ofSignedT p P neg m + .pow2 (p / 2) P * .ite (.lt k (imaxT p P)) (ofSignedT p P 1 (imaxT p P - k))
    (ofSignedT p P 0 (k - imaxT p P))) % P

/-- The float of a threshold. -/
def packThresholdT (p P neg k : Term) : Term :=
  .ite (.eq (k + 1) (thresholdCountT p P)) (packT p P neg (imaxT p P) (2 * imaxT p P))
    (packT p P neg (thresholdMantissaT p P k) (thresholdShiftT p P k))

/-- The float of those sums of `N` floats that pass `K` of the tests. -/
def floatOfCountT (p P N K : Term) : Term :=
  .ite (.eq K (lowCountT p P N)) (packT p P 0 0 0) <|
  .ite (.lt K (lowCountT p P N)) (packThresholdT p P 1 (lowCountT p P N - K - 1))
    (packThresholdT p P 0 (K - 1 - lowCountT p P N))

end Float

/-! ## The template of the circuit of `⊕`

`Float.sumCircuit p N` as a list of `dSum` layer templates, for terms `p`, `N`, and a term `P` for `2 ^ p`. So the
circuits of `⊕` (Merrill & Sabharwal 2023, Lemma 5) are generated in logarithmic space when the precision is
logarithmic and the number of summands polynomial: they are log-uniform.
-/

/-- A power with a fixed exponent. -/
def Term.pow (t : Term) : Nat → Term
  | 0 => 1
  | c + 1 => t.pow c * t

namespace Float

open Circuit

/-- The number of bits of a biased integer. -/
def biasedWidthT (p P : Term) : Term := p / 2 - 1 + 2 * imaxT p P + 1

/-- The number of bits of the sum of `N` numbers of `B` bits. -/
def sumWidthT (N B : Term) : Term := (B / (N.log2 + 1) + 2) * (N.log2 + 1)

/-- Bit `j` of the biased integer of the float `a`; variable 0 is `a`, 1 is `j`, and `p` and `P` are terms under the
binder of the number of the summand. -/
def biasedValue (p P : Term) : Term := .letIn (.var 1) (biasedBits p.up.up P.up.up (.var 0))

/-- The template of the first stage: look up the biased integers of the floats. -/
def lookupsT (p P N : Term) : List Tmpl :=
  Tmpl.par N (.var 1 * p.up.up + .var 0) [p + p, P, biasedWidthT p P]
    (Tmpl.lookup p.up (biasedWidthT p P).up P.up (biasedValue p.up P.up))

/-- The template of the circuit of `⊕` for `N` floats of `p` bits, if `P` is `2 ^ p`. -/
def sumCircuitT (p P N : Term) : List Tmpl :=
  lookupsT p P N ++ Tmpl.iteratedSum N (biasedWidthT p P) ++ testsT p P N (sumWidthT N (biasedWidthT p P)) ++
    Tmpl.symmetric (testCountT p P N) p (floatOfCountT p.up P.up N.up (.var 0))

/-- The widths of the layers of iterated addition. -/
def iteratedSumWidthsT (N B : Term) : List Term :=
  let T := N * (.pow2 (N.log2 + 1) (2 * N) - 1)
  let W := sumWidthT N B
  [(B / (N.log2 + 1) + 1) * ((T + 1) + (T + 1)), W + W + W + W, W * (3 * W), W]

/-- The widths of the layers of the circuit of `⊕`. -/
def sumCircuitWidthsT (p P N : Term) : List Term :=
  let M := testCountT p P N
  [p + p, P, biasedWidthT p P].map (N * ·) ++ iteratedSumWidthsT N (biasedWidthT p P) ++
    [M * sumWidthT N (biasedWidthT p P), M * 1] ++ [(M + 1) + (M + 1), p]

/-- The templates of the layers of `⊕`, for terms `p`, `N`, and `big` for a number that is at least `2 ^ p`. -/
def sumTs (p N big : Term) : List Tmpl := sumCircuitT p (.pow2 p big) N

/-- Their widths. -/
def sumWs (p N big : Term) : List Term := sumCircuitWidthsT p (.pow2 p big) N

end Float

end Logprec
