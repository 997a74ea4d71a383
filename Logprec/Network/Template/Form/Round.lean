import Logprec.Network.Round
import Logprec.Template.ListTerm
import Logprec.Network.Template.Const

/-!
# Templates of the rounds of column compression

The weights of the bits that are added are given by terms: their number, and which of them has which bit. Then the
columns are lists that are filtered, the chunks are listed by two loops, and the weights after a round are powers of two
whose exponents are listed by the same loops.
-/

namespace Logprec

open Circuit

/-- Weights of bits, in terms of variables. -/
structure Weights where
  /-- Their number. -/
  len : Term
  /-- Whether the weight at the position that is variable 0 has the bit that is variable 1. -/
  has : Term

namespace Weights

/-- In an environment, they are `ks`. -/
structure Are (K : Weights) (ρ : List Nat) (ks : List Nat) : Prop where
  /-- The number. -/
  len : K.len.eval ρ = ks.length
  /-- The bits. -/
  has : ∀ c, ∀ p < ks.length, K.has.eval (p :: c :: ρ) = ((ks.getD p 0).testBit c).toNat

variable {ρ : List Nat} {K : Weights} {ks : List Nat} {k : Nat} {w : Term}

/-- The column whose number is variable 0. -/
def column (K : Weights) : ListTerm := .filter K.len.up K.has

private theorem column_eq (ks : List Nat) (c : Nat) :
    Circuit.column ks c = (List.range ks.length).filter fun p => (ks.getD p 0).testBit c := by
  have h : ks.zipIdx = (List.range ks.length).map fun p => (ks.getD p 0, p) := by
    apply List.ext_getElem (by simp)
    intro i h₁ h₂
    have : i < ks.length := by simpa using h₁
    simp [this]
  rw [Circuit.column, h, List.filter_map, List.map_map]
  exact List.map_id _

theorem Are.gives_column (h : K.Are ρ ks) (c : Nat) : K.column.Gives (c :: ρ) (Circuit.column ks c) := by
  have := ListTerm.gives_filter (n := K.len.up) (p := K.has) (ρ := c :: ρ)
    (b := fun p => (ks.getD p 0).testBit c) fun i hi => h.has c i (by simpa [h.len] using hi)
  rwa [Term.eval_up, h.len, ← column_eq] at this

/-- The number of chunks of the column whose number is variable 0. -/
def pieceCount (K : Weights) (k : Nat) : Term := (K.column.len + .lit (k - 1)) / .lit k

/-- The number of wires in chunk number variable 0 of column number variable 1. -/
def pieceLen (K : Weights) (k : Nat) : Term := .min (.lit k) (K.column.len.up - .var 0 * .lit k)

/-- What chunk number variable 1 of column number variable 2 reads as its input number variable 0. -/
def pieceSelect (K : Weights) (k : Nat) : Term := .letIn (.var 1 * .lit k + .var 0) K.column.val.under.under

private theorem pieces_eq {α : Type} (k : Nat) : ∀ (n : Nat) (l : List α),
    pieces k n l = (List.range n).map fun j => (l.drop (j * k)).take k
  | 0, _ => rfl
  | n + 1, l => by
    rw [pieces, pieces_eq k n, List.range_succ_eq_map, List.map_cons, List.map_map]
    simp only [Function.comp_def, Nat.zero_mul, List.drop_zero, List.drop_drop, Nat.succ_mul, Nat.add_comm k]

private theorem cut_eq (h : K.Are ρ ks) (k c : Nat) : cut k (Circuit.column ks c) =
    (List.range ((K.pieceCount k).eval (c :: ρ))).map fun j => ((Circuit.column ks c).drop (j * k)).take k := by
  rw [cut, pieces_eq]
  simp [pieceCount, (h.gives_column c).len]

private theorem eval_pieceLen (h : K.Are ρ ks) (k j c : Nat) :
    (K.pieceLen k).eval (j :: c :: ρ) = (((Circuit.column ks c).drop (j * k)).take k).length := by
  simp [pieceLen, (h.gives_column c).len, show ∀ a b, Nat.min a b = min a b from fun _ _ => rfl]

private theorem eval_pieceSelect (h : K.Are ρ ks) {k j c q : Nat}
    (hq : q < (((Circuit.column ks c).drop (j * k)).take k).length) :
    (K.pieceSelect k).eval (q :: j :: c :: ρ) = (((Circuit.column ks c).drop (j * k)).take k).getD q 0 := by
  simp only [List.length_take, List.length_drop] at hq
  have e := (h.gives_column c).val (j * k + q) (by omega)
  simp only [pieceSelect, Term.eval_letIn, Term.eval_add, Term.eval_mul, Term.eval_var, Term.eval_lit,
    List.getD_cons_succ, List.getD_cons_zero, Term.eval_under, e]
  simp [show q < k by omega]

/-! ## The circuit of a round -/

/-- A chunk of at most 15 wires becomes its count. -/
def compressT (m : Term) : List Tmpl := cases .ite .nil 2 m 16 fun m => (compress m).map Tmpl.const

/-- The widths of its layers. -/
def compressWidthsT (m : Term) : List Term := cases .ite 0 2 m 16 fun m => (compress m).map fun L => .lit L.length

private theorem lists_compressT {m : Term} (h : m.eval ρ < 16) :
    Lists ρ (compressT m) (compressWidthsT m) (compress (m.eval ρ)) :=
  .cases h fun v _ => ⟨.const ρ _, (computes_compress v 0).depth_eq⟩

/-- The templates of a round. -/
def roundT (k : Nat) (w : Term) (K : Weights) : List Tmpl :=
  let m := K.pieceLen k
  let ws := compressWidthsT m
  Tmpl.pairWith id (Tmpl.offset 0) ((compress 0).map fun L => .lit L.length)
    (Tmpl.reindexFirst 0 ((compress 0).map Tmpl.const)) <|
    Tmpl.loopFrom w 0 (ws.map (Term.total (K.pieceCount k))) <|
    Tmpl.loopFrom (K.pieceCount k) 0 ws <| Tmpl.reindexFirst (K.pieceSelect k) (compressT m)

/-- The widths of its layers. -/
def roundWidthsT (k : Nat) (w : Term) (K : Weights) : List Term :=
  List.zipWith (· + ·) ((compress 0).map fun L => .lit L.length)
    (((compressWidthsT (K.pieceLen k)).map (Term.total (K.pieceCount k))).map (Term.total w))

/-- **A round.** -/
theorem lists_round (hk' : k < 16) (h : K.Are ρ ks) :
    Lists ρ (roundT k w K) (roundWidthsT k w K) (round k (w.eval ρ) ks) := by
  have wlen : (compressWidthsT (K.pieceLen k)).length = 2 := length_cases fun v _ => by
    rw [List.length_map]; exact (computes_compress v 0).depth_eq
  have tlen : (compressT (K.pieceLen k)).length = 2 := length_cases fun v _ => by
    rw [List.length_map]; exact (computes_compress v 0).depth_eq
  have rlen : (Tmpl.reindexFirst (K.pieceSelect k) (compressT (K.pieceLen k))).length = 2 := by
    rw [Tmpl.length_reindexFirst, tlen]
  rw [round, par, chunks, List.map_cons, List.map_flatMap, ← List.singleton_append]
  refine (Lists.beside_single (.const ρ (compress 0)) (m := 0) (computes_compress 0 0).wf (fun _ h => by omega)
    rfl).beside_append (Lists.beside_loop (fun c _ => ?_) ?_ (by simpa using wlen))
  · rw [cut_eq h, List.map_map, List.map_map, List.map_eq_flatMap (l := List.range _)]
    refine Lists.beside_loop (fun j _ => ?_) rlen wlen
    have hl := eval_pieceLen h k j c
    have hc := lists_compressT (m := K.pieceLen k) (ρ := j :: c :: ρ) (by rw [hl, List.length_take]; omega)
    rw [hl] at hc
    refine Lists.beside_single hc (computes_compress _ 0).wf (fun q hq => ?_) (computes_compress _ 0).depth_eq
    rw [eval_pieceSelect h hq]
    simp [Array.getD_eq_getD_getElem?]
  · rw [Tmpl.length_loopFrom, rlen]
    rfl

/-! ## The weights after a round -/

/-- The exponents of the weights of a chunk, in the environment of `pieceLen`. -/
def pieceExponents (m c : Term) : ListTerm :=
  .ite (.or (.eq m 1) (.eq m 2)) ⟨m, c.up⟩ ⟨.log2 m + 1, c.up + .var 0⟩

private theorem gives_pieceExponents (m c : Term) : ∃ es, (pieceExponents m c).Gives ρ es ∧
    compressWeights (m.eval ρ) (c.eval ρ) = es.map (2 ^ ·) := by
  refine ⟨_, ListTerm.gives_ite (fun _ => ListTerm.gives_range (f := fun _ => c.eval ρ) fun i _ => by simp)
    fun _ => ListTerm.gives_range (f := fun u => c.eval ρ + u) fun i _ => by simp, ?_⟩
  by_cases h : m.eval ρ = 1 ∨ m.eval ρ = 2
  · simp [compressWeights, h, List.map_const']
  · simp [compressWeights, h, Function.comp_def]

/-- The exponents of the weights after a round. -/
def nextExponents (k : Nat) (w : Term) (K : Weights) : ListTerm :=
  .append (pieceExponents 0 w) <| .flatMap w <| .flatMap (K.pieceCount k) <| pieceExponents (K.pieceLen k) (.var 1)

/-- The weights after a round. -/
def next (k : Nat) (w : Term) (K : Weights) : Weights where
  len := (K.nextExponents k w).len
  has := .eq (K.nextExponents k w).val.under (.var 1)

/-- Powers of two, as weights. -/
theorem are_two_pow {s : ListTerm} {es : List Nat} (h : s.Gives ρ es) :
    Are ⟨s.len, .eq s.val.under (.var 1)⟩ ρ (es.map (2 ^ ·)) where
  len := by simp [h.len]
  has c p hp := by
    have hp : p < es.length := by simpa using hp
    simp [h.val p hp, hp, Nat.testBit_two_pow]

/-- **The weights after a round.** -/
theorem Are.next (h : K.Are ρ ks) (k : Nat) (w : Term) : (K.next k w).Are ρ (nextWeights k (w.eval ρ) ks) := by
  have inner : ∀ c, ∃ es,
    (ListTerm.flatMap (K.pieceCount k) (pieceExponents (K.pieceLen k) (.var 1))).Gives (c :: ρ) es ∧
      ((cut k (Circuit.column ks c)).map fun ps => (c, ps)).flatMap
        (fun ch => compressWeights ch.2.length ch.1) = es.map (2 ^ ·) := fun c => by
    have := fun j => gives_pieceExponents (ρ := j :: c :: ρ) (K.pieceLen k) (.var 1)
    refine ⟨_, ListTerm.gives_flatMap fun j _ => (this j).choose_spec.1, ?_⟩
    rw [cut_eq h, List.map_map, List.flatMap_map, List.map_flatMap]
    refine flatMap_congr fun j _ => ?_
    rw [← (this j).choose_spec.2, eval_pieceLen h]
    rfl
  obtain ⟨es, h₁, h₂⟩ := gives_pieceExponents (ρ := ρ) 0 w
  have key := h₁.append (ListTerm.gives_flatMap (n := w) fun c _ => (inner c).choose_spec.1)
  have e : nextWeights k (w.eval ρ) ks = (es ++ (List.range (w.eval ρ)).flatMap
      fun c => (inner c).choose).map (2 ^ ·) := by
    rw [nextWeights, chunks, List.flatMap_cons, List.flatMap_assoc, List.map_append, ← h₂, List.map_flatMap]
    congr 1
    exact flatMap_congr fun c _ => (inner c).choose_spec.2
  rw [e]
  exact are_two_pow key

end Weights

end Logprec
