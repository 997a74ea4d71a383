import Logprec.Float.Construct
import Logprec.Simulation.Defs
import Logprec.Template.Construct
import Logprec.Transformer.Tables

/-!
# The template of a transformer, and the program of a model of tables

The program prints the circuit `Transformer.decisionCircuit`; that it does, in logarithmic space, is proved in the files
that import this one.
-/

namespace Logprec

/-! ## The template of an attention head

Given terms for the bits of similarity and weighting, and a template for the sum of floats, the circuit of a head for
one position has a template.
-/

section

open Circuit Float Term

/-- Terms for a head: bit `t` of the similarity and of the weighting for the number `a` that a look-up reads. Variables:
0 is `a`, 1 is `t`, 2 is the position `j`, 3 the number of the head, 4 the position `i`, 5 is `n`. -/
structure HeadTerms where
  /-- Bit `t` of the similarity. -/
  similarity : Term
  /-- Bit `t` of the weighting. -/
  weighting : Term

variable {D : Nat} {p : Nat → Nat}

namespace HeadTerms

/-- The templates of a head for position `i`. Variables: 0 is the number of the head, 1 is `i`, 2 is `n`; `q` is the
precision and `big` a number that is at least `2` to the number of bits that a look-up reads. -/
def template (t : HeadTerms) (D : Nat) (q big : Term) : List Tmpl :=
  let n := var 2
  let w := lit D * q
  Tmpl.pair (var 0) (var 0) ([(w + w) + (w + w), pow2 (w + w) big, q].map (n * ·))
    (Tmpl.par n (Term.ite (lt (var 0) w.up.up) (var 3 * w.up.up + var 0) (var 1 * w.up.up + (var 0 - w.up.up)))
      [(w + w) + (w + w), pow2 (w + w) big, q] (Tmpl.lookup (w + w).up q.up (pow2 (w + w) big).up t.similarity))
    (Tmpl.carry (n * w) 3)
  ++ Tmpl.pair (var 0) (var 0) (Float.sumWs q n big) (Float.sumTs q n big) (Tmpl.carry (n * q + n * w) dSum)
  ++ Tmpl.par n (Term.ite (lt (var 0) q.up.up) ((var 1 + 1) * q.up.up + var 0) (Term.ite (lt (var 0) (q + q).up.up)
      (var 0 - q.up.up) ((var 4 + 1) * q.up.up + (var 1 * w.up.up + (var 0 - (q + q).up.up)))))
      [(q + q + w) + (q + q + w), pow2 (q + q + w) big, w]
      (Tmpl.lookup (q + q + w).up w.up (pow2 (q + q + w) big).up t.weighting)
  ++ Tmpl.par (lit D) (var 0 / q.up.up * w.up.up + var 1 * q.up.up + var 0 % q.up.up) (Float.sumWs q n big)
      (Float.sumTs q.up n.up big.up)

/-- The widths of these layers; `n` is a term for the number of positions. -/
def widths (D : Nat) (q n big : Term) : List Term :=
  let w := lit D * q
  List.zipWith (· + ·) ([(w + w) + (w + w), pow2 (w + w) big, q].map (n * ·)) (List.replicate 3 (n * w))
  ++ List.zipWith (· + ·) (Float.sumWs q n big) (List.replicate dSum (n * q + n * w))
  ++ [(q + q + w) + (q + q + w), pow2 (q + q + w) big, w].map (n * ·)
  ++ (Float.sumWs q n big).map (lit D * ·)

end HeadTerms

end

/-! ## The template of a transformer

Given terms for the bits of the local maps, the circuits of a transformer have a template. So they are generated in
logarithmic space, by the one theorem about all templates.
-/

section

open Circuit Float Term

variable {D : Nat} {p : Nat → Nat}

namespace Tmpl

/-- One of several templates, chosen by variable 0, which counts from `r`. -/
def choose (r : Nat) : List Tmpl → Tmpl
  | [] => nil
  | T :: Ts => ite (Term.eq (var 0) (lit r)) T (choose (r + 1) Ts)

/-- Layer by layer, one of several circuit templates of depth `d`. -/
def chooseLayers (d : Nat) (tss : List (List Tmpl)) : List Tmpl :=
  (List.range d).map fun l => choose 0 (tss.map fun ts => ts.getD l nil)

end Tmpl

/-- Terms for a layer of a transformer. -/
structure BlockTerms where
  /-- Terms for the heads. -/
  heads : List HeadTerms
  /-- Bit `t` of the activation, for the number `a` that the look-up reads. Variables: 0 is `a`, 1 is `t`, 2 is the
  position `i`, 3 is `n`. -/
  activation : Term

namespace BlockTerms

/-- The templates of a layer. Variable 0 is `n`. -/
def template (t : BlockTerms) (D : Nat) (q big : Term) : List Tmpl :=
  let n := var 0
  let w := lit D * q
  let k := lit t.heads.length
  let W := HeadTerms.widths D q n big
  Tmpl.pair (var 0) (var 0) ((W.map (k * ·)).map (n * ·))
    (Tmpl.par n (var 0) (W.map (k * ·))
      (Tmpl.par k (var 0) (HeadTerms.widths D q.up (var 1) big.up)
        (Tmpl.chooseLayers (6 + 2 * dSum) (t.heads.map fun h => h.template D q.up.up big.up.up))))
    (Tmpl.carry (n * w) (6 + 2 * dSum))
  ++ Tmpl.par n (Term.ite (lt (var 0) (k * w).up.up) (var 1 * (k * w).up.up + var 0)
      (n.up.up * (k * w).up.up + (var 1 * w.up.up + (var 0 - (k * w).up.up))))
      [(k * w + w) + (k * w + w), pow2 (k * w + w) big, w]
      (Tmpl.lookup (k * w + w).up w.up (pow2 (k * w + w) big).up t.activation)

/-- The widths of these layers. -/
def widths (D k : Nat) (q big : Term) : List Term :=
  let n := var 0
  let w := lit D * q
  List.zipWith (· + ·) (((HeadTerms.widths D q n big).map (lit k * ·)).map (n * ·))
    (List.replicate (6 + 2 * dSum) (n * w))
  ++ [(lit k * w + w) + (lit k * w + w), pow2 (lit k * w + w) big, w].map (n * ·)

end BlockTerms

/-- Terms for a transformer. -/
structure TransformerTerms where
  /-- The precision. Variable 0 is `n`. -/
  prec : Term
  /-- A number that is at least 2 to the number of bits that any look-up reads. Variable 0 is `n`. -/
  big : Term
  /-- Bit `t` of the embedding. Variables: 0 is the symbol, 1 is `t`, 2 is the position, 3 is `n`. -/
  embed : Term
  /-- Terms for the layers. -/
  blocks : List BlockTerms
  /-- 1 for acceptance, else 0. Variables: 0 is the state, 3 is `n`. -/
  accept : Term

namespace TransformerTerms

/-- The template of a transformer. -/
def template (t : TransformerTerms) (b D : Nat) : List Tmpl :=
  let n := var 0
  let w := lit D * t.prec
  let k := Term.ite n w 0
  Tmpl.par n (var 1 * lit b + var 0) [lit b + lit b, lit (2 ^ b), w]
    (Tmpl.lookup (lit b).up w.up (lit (2 ^ b)).up t.embed)
  ++ (t.blocks.flatMap fun B => B.template D t.prec t.big)
  ++ Tmpl.par 1 ((var 2 - 1) * w.up.up + var 0) [k + k, pow2 k t.big, 1]
    (Tmpl.lookup k.up (1 : Term).up (pow2 k t.big).up t.accept)

end TransformerTerms

end

/-! ## The template of a table model

The tables of a model file as terms: a table is a binary decision tree whose leaves are numerals, each of which packs
several entries. So `Tables.program` is the register program that prints the circuits of the model, for all lengths; it
is what is printed as C.
-/

section

namespace Term

/-- `f i`, where variable 0 is `i` and `lo ≤ i < lo + 2 ^ k`: a decision tree of depth at most `k`. Where `f` is
constant there is no decision. -/
def select (f : Nat → Nat) : (k lo : Nat) → Term
  | 0, lo => lit (f lo)
  | k + 1, lo =>
    match select f k lo, select f k (lo + 2 ^ k) with
    | lit v, lit w => if v = w then lit v else ite (lt (var 0) (lit (lo + 2 ^ k))) (lit v) (lit w)
    | a, b => ite (lt (var 0) (lit (lo + 2 ^ k))) a b

/-- How many entries of `m` bits a numeral of `q` bits holds, as a power of 2; a numeral holds at least one entry. -/
def packing (q m : Nat) : Nat := (q / m).log2

/-- Entries `c * 2 ^ s` to `(c + 1) * 2 ^ s - 1` of the table `F`, `m` bits of each, packed. -/
def chunk (m s : Nat) (F : Nat → Nat) (c : Nat) : Nat :=
  ofBits ((List.range (2 ^ s * m)).map fun t => (F (c * 2 ^ s + t / m)).testBit (t % m))

/-- Bit `u` of `F a`, where variable 0 is `a < 2 ^ k` and variable 1 is `u < m`. The numerals have `q` bits, or one
entry each. -/
def table (q k m : Nat) (F : Nat → Nat) : Term :=
  let s := packing q m
  letIn (var 0 / lit (2 ^ s)) <|
    letIn (select (chunk m s F) (k - s) 0) (testBit (var 0) (var 2 % lit (2 ^ s) * lit m + var 3))

end Term

open Term

/-- Terms for a head that is given by tables; `D * p` is the number of bits of a state, and `q` that of the
numerals of tables. -/
def HeadTables.terms (H : HeadTables) (q D p : Nat) : HeadTerms :=
  let w := D * p
  let full := { H with causal := false }.toHead D p
  let mask (t : Term) : Term := if H.causal then Term.ite (lt (var 4) (var 2)) 0 t else t
  { similarity := mask <| Term.table q (w + w) p fun a =>
      (full.similarity 0 0 0 (.ofNat _ a) (.ofNat _ (a / 2 ^ w))).toNat
    weighting := mask <| Term.table q (p + p + w) w fun a =>
      (full.weighting 0 0 0 (.ofNat _ a) (.ofNat _ (a / 2 ^ p)) (.ofNat _ (a / 2 ^ (p + p)))).toNat }

/-- Terms for a layer that is given by tables. -/
def BlockTables.terms (B : BlockTables) (q D p : Nat) : BlockTerms :=
  let w := D * p
  let k := B.heads.length
  { heads := B.heads.map (·.terms q D p)
    activation := Term.table q (k * w + w) w fun a =>
      ((B.toBlock D p).activation 0 0 ((List.range k).map fun r => .ofNat _ (a / 2 ^ (r * w)))
        (.ofNat _ (a / 2 ^ (k * w)))).toNat }

namespace Tables

/-- The greatest number of bits that a look-up of the circuit reads. -/
def maxBits (M : Tables) : Nat :=
  let w := M.dim * M.prec
  ((w + w) :: (M.prec + M.prec + w) :: M.blocks.map fun B => B.heads.length * w + w).foldr max 0

/-- Terms for a transformer that is given by tables. -/
def terms (M : Tables) (q : Nat) : TransformerTerms :=
  let w := M.dim * M.prec
  let embed := Term.table q (M.embed.size.log2 + 1) w fun x => M.embed.getD x 0
  { prec := lit M.prec
    big := lit (2 ^ M.maxBits)
    embed := letIn (var 1) <| letIn (var 3 * lit (2 ^ M.symbolBits) + var 1) <|
      Term.ite (lt (var 0) (lit M.embed.size)) embed 0
    blocks := M.blocks.map (·.terms q M.dim M.prec)
    accept := Term.table q w 1 fun a => (M.toTransformer.accept 0 (.ofNat _ a)).toNat }

/-- The templates of the circuits of a table model, evaluated as far as possible without knowing `n`. The numerals of
tables have `q` bits, or one entry each. -/
def template (M : Tables) (q : Nat) : List Tmpl :=
  ((M.terms q).template M.symbolBits M.dim).map (Tmpl.fold [.any])

/-- The register program that prints the circuits of a table model: the circuit for `n` positions on the input `1ⁿ`.
The numerals of its tables are as long as machine words can well be. -/
def program (M : Tables) : Space.Prog := Tmpl.program (var 0 * lit M.symbolBits) (M.template 32)

end Tables

end

namespace Extract

open Space Term

/-- Prints the first `k` layers of the circuits of a model that is given by tables. A numeral holds one entry of a
table: counters count, so large numerals cost time. -/
def layersProg (M : Tables) (k : Nat) : Prog := Tmpl.program (.var 0 * .lit M.symbolBits) ((M.template 0).take k)

end Extract

end Logprec
