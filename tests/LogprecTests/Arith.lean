import Logprec.Arith.Compare
import Logprec.Arith.IteratedSumInt
import Logprec.Arith.Table

/-!
# Arithmetic circuits, run

The circuits of `Logprec.Arith` evaluated: on all inputs where they are few, and on the inputs where carries travel
furthest, blocks are cut short, or nothing is left.
-/

namespace LogprecTests.Arith

open Logprec Circuit

/-- All inputs of `m` bits. -/
def inputs (m : Nat) : List (List Bool) := (List.range (2 ^ m)).map (bits m)

/-- Is the circuit well-formed for `m` inputs, with that depth and no more than that size, and does it compute `f` on
the inputs `xs`? -/
def computesOn (xs : List (List Bool)) (C : Circuit) (m d s : Nat) (f : List Bool → List Bool) : Bool :=
  decide (C.WF m) && C.depth == d && C.size ≤ s && xs.all fun x => C.eval x == f x

/-- Numbers of `B` bits each, one after the other. -/
def pack (B : Nat) (vs : List Nat) : List Bool := vs.flatMap (bits B)

/-! ## Tables and symmetric functions -/

#guard weigh [3, 0, 5] [true, true, true] = 8
#guard weigh [3, 0, 5] [false, true, false] = 0
#guard computesOn (inputs 4) (table [1, 2, 4, 8] 4 id) 4 2 (tableSize 15 4) id -- binary weights: the identity
#guard computesOn (inputs 4) (table [2, 0, 3, 1] 5 (fun s => s * s)) 4 2 (tableSize 6 5)
  fun x => bits 5 (weigh [2, 0, 3, 1] x ^ 2)
#guard computesOn (inputs 3) (table [1, 1, 1] 0 id) 3 2 (tableSize 3 0) fun _ => [] -- no outputs
#guard computesOn (inputs 0) (table [] 2 fun _ => 2) 0 2 (tableSize 0 2) fun _ => [false, true] -- no inputs
#guard computesOn (inputs 6) (parity 6) 6 2 (tableSize 6 1) fun x => [x.foldl xor false]
#guard computesOn (inputs 5) (majority 5) 5 1 6 fun x => [decide (3 ≤ x.count true)]
#guard computesOn (inputs 6) (majority 6) 6 1 7 fun x => [decide (4 ≤ x.count true)] -- a tie is no majority
#guard computesOn (inputs 0) (majority 0) 0 1 1 fun _ => [false]

/-! ## Comparison -/

#guard (List.range 10).all fun c => -- also constants that are too large
  computesOn (inputs 3) (greaterConst 3 c) 3 2 16 fun x => [decide (c < ofBits x)]
#guard (List.range 10).all fun c => computesOn (inputs 3) (atLeastConst 3 c) 3 2 16 fun x => [decide (c ≤ ofBits x)]
#guard computesOn (inputs 0) (greaterConst 0 0) 0 2 1 fun _ => [false]
#guard computesOn (inputs 0) (atLeastConst 0 0) 0 2 1 fun _ => [true]
#guard (List.range 4).all fun w =>
  computesOn (inputs (2 * w)) (lessEq w) (2 * w) 4 (w * (w + 1) + 11 * w + 1)
    fun x => [decide (ofBits (x.take w) ≤ ofBits (x.drop w))]
#guard (List.range 4).all fun w =>
  computesOn (inputs (2 * w)) (greater w) (2 * w) 4 (w * (w + 1) + 11 * w + 1)
    fun x => [decide (ofBits (x.take w) > ofBits (x.drop w))]

/-! ## Addition -/

#guard (List.range 4).all fun w => computesOn (inputs (2 * w)) (add w) (2 * w) 3 (addSize w)
  fun x => bits w (ofBits (x.take w) + ofBits (x.drop w))
-- carries through all positions, no carry at all, the last carry is dropped
#guard computesOn [pack 12 [4095, 1], pack 12 [1, 4095], pack 12 [2730, 1365], pack 12 [2730, 1366],
    pack 12 [4095, 4095], pack 12 [0, 0], pack 12 [2048, 2048], pack 12 [2047, 1]]
  (add 12) 24 3 (addSize 12) fun x => bits 12 (ofBits (x.take 12) + ofBits (x.drop 12))

/-! ## Iterated addition -/

/-- Checks `iteratedSum N B` on the inputs `xs`. -/
def sumsOn (N B : Nat) (xs : List (List Bool)) : Bool :=
  computesOn xs (iteratedSum N B) (N * B) 4 (iteratedSumSize N B)
    fun x => bits (sumWidth N B) (((List.range N).map fun i => ofBits (block B x i)).sum)

#guard sumsOn 0 0 (inputs 0) && sumsOn 0 3 (inputs 0) && sumsOn 3 0 (inputs 0)
#guard sumsOn 1 5 (inputs 5) -- blocks of one bit
#guard sumsOn 3 3 (inputs 9) -- blocks of two bits, the last one cut short
#guard sumsOn 2 4 (inputs 8) -- the last block is empty
#guard sumsOn 5 3 [pack 3 [0, 0, 0, 0, 0], pack 3 [7, 7, 7, 7, 7], pack 3 [1, 2, 3, 4, 5], pack 3 [7, 1, 0, 0, 0]]
#guard sumsOn 7 6 [pack 6 (List.replicate 7 63), pack 6 (List.replicate 7 36), pack 6 [1, 2, 4, 8, 16, 32, 1]]
#guard sumsOn 8 2 [pack 2 (List.replicate 8 3), pack 2 (List.replicate 8 1), pack 2 [3, 0, 3, 0, 3, 0, 3, 0]]
-- the sum has all ones, and one more carries through all positions
#guard (List.range 3).all fun c => sumsOn 3 6 [pack 6 [21, 42, c]]

/-! ## Iterated addition of integers -/

#guard (List.range 8).map (fun n => ofBitsInt (bits 3 n)) = [0, 1, 2, 3, -4, -3, -2, -1]
#guard ofBitsInt [] = 0
#guard bitsInt 3 (-1) = [true, true, true] && bitsInt 3 (-4) = [false, false, true] && bitsInt 3 11 = bits 3 3

/-- Checks `iteratedSumInt N B W` on the inputs `xs`. -/
def sumsIntOn (N B W : Nat) (xs : List (List Bool)) : Bool :=
  computesOn xs (iteratedSumInt N B W) (N * B) 4 (iteratedSumSize N W)
    fun x => bitsInt W (((List.range N).map fun i => ofBitsInt (block B x i)).sum)

#guard sumsIntOn 2 3 3 (inputs 6) -- modulo 8
#guard sumsIntOn 3 2 (sumWidth 3 2) (inputs 6)
#guard sumsIntOn 1 1 4 (inputs 1)
#guard sumsIntOn 0 2 3 (inputs 0)
-- the least integers, the greatest, and those that cancel
#guard [[8, 8, 8], [7, 7, 7], [15, 15, 15], [8, 7, 1], [15, 1, 0]].map (fun vs => ofBitsInt
    ((iteratedSumInt 3 4 (sumWidth 3 4)).eval (pack 4 vs))) = [-24, 21, -3, 0, 0]

end LogprecTests.Arith
