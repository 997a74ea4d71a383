import Logprec.Float.Lemmas
import Logprec.Transformer.Mask

/-!
# Transformers that recognise something

Three inhabitants of `Transformer`, each with a theorem that says which words it accepts: MAJORITY by uniform
attention, "some position holds `σ`" by hard attention, and "two ones in a row" in two layers. All have one
coordinate and floats of four bits.
-/

namespace Logprec

namespace Float

/-- Truncation keeps the sign of a positive number, if a float has a bit besides its signs. -/
theorem scaled_truncate_pos {p : Nat} (hp : 4 ≤ p) {z : Int} : 0 < scaled (truncate p z) ↔ 0 < z := by
  constructor
  · intro h
    refine Int.not_le.1 fun hz => ?_
    have := scaled_truncate_nonpos (p := p) hz
    omega
  · intro hz
    rw [scaled_truncate, if_neg (by omega)]
    have hq : 2 ≤ p / 2 := by omega
    have key : 0 < truncMag p z.natAbs := by
      simp only [truncMag]
      split
      · rw [Nat.shiftLeft_eq]
        refine Nat.mul_pos ?_ (Nat.two_pow_pos _)
        rcases Nat.eq_zero_or_pos (shiftFor (p / 2) z.natAbs) with h | h
        · rw [h]; simp; omega
        · exact Nat.lt_of_lt_of_le (Nat.two_pow_pos _) (le_shiftRight_shiftFor hq h)
      · have := imax_add_one (p / 2)
        have : 2 ^ 1 ≤ 2 ^ (p / 2 - 1) := Nat.pow_le_pow_right (by omega) (by omega)
        exact Nat.mul_pos (by omega) (Nat.two_pow_pos _)
    omega

end Float

/-- A coordinate of a vector that was put together. -/
theorem State.coord_ofCoords {D p d : Nat} (c : Nat → BitVec p) (hd : d < D) :
    (State.ofCoords D p c).coord d = c d := by
  have hlen : ((List.range D).flatMap fun d => enc (c d)).length = D * p :=
    length_flatMap_range fun _ _ => by simp [enc]
  have hdp : d * p + p ≤ D * p := by
    have := Nat.mul_le_mul_right p (show d + 1 ≤ D from hd)
    rwa [Nat.add_mul, Nat.one_mul] at this
  apply BitVec.eq_of_getLsbD_eq
  intro i hi
  have h₁ := congrArg (bit · i) (block_flatMap_range (f := fun d => enc (c d)) (w := p) (fun _ _ => by simp [enc]) hd)
  simp only [enc, bit_bits hi] at h₁
  rw [coord, ofCoords, BitVec.getLsbD_ofNat, BitVec.toNat_ofNat, ← Nat.shiftRight_eq_div_pow, Nat.testBit_shiftRight,
    Nat.mod_eq_of_lt (hlen ▸ ofBits_lt _), testBit_ofBits, BitVec.getLsbD, ← h₁]
  simp only [hi, decide_true, Bool.true_and, block, bit, List.getD_eq_getElem?_getD, List.getElem?_take, if_true,
    List.getElem?_drop, enc]

/-- The sum of vectors, in one coordinate, is positive when the exact sum is. -/
theorem State.sum_pos {D p d : Nat} (hp : 4 ≤ p) (hd : d < D) (vs : List (State D p)) :
    0 < Float.scaled ((State.sum vs).coord d) ↔ 0 < (vs.map fun v => Float.scaled (v.coord d)).sum := by
  rw [State.sum, coord_ofCoords _ hd, Float.sum, Float.scaled_truncate_pos hp, List.map_map]
  rfl

namespace Examples

open Float

/-- The float 1. -/
def one : BitVec 4 := 1
/-- The float -1. -/
def minusOne : BitVec 4 := 3

/-- A state of one coordinate. -/
def single (φ : BitVec 4) : State 1 4 := State.ofCoords 1 4 fun _ => φ

/-- Whether the one coordinate of a state is positive. -/
def positive (h : State 1 4) : Bool := decide (0 < scaled (h.coord 0))

private theorem scaled_one : scaled one = 2 := by decide
private theorem scaled_minusOne : scaled minusOne = -2 := by decide

private theorem coord_single (φ) : (single φ).coord 0 = φ := State.coord_ofCoords _ (by omega)

private theorem scaled_coord_zero : scaled (State.coord (D := 1) (0 : BitVec (1 * 4)) 0) = 0 := by decide

/-- The states that one layer with one head makes of the states `h`. -/
private theorem getD_apply (H : Head 1 fun _ => 4) (f : Nat → List (State 1 4) → State 1 4 → State 1 4) (n i : Nat)
    (h : List (State 1 4)) (hi : i < n) :
    (Block.apply (p := fun _ => 4) ⟨[H], fun _ i => f i⟩ n h).getD i 0 =
      f i [H.attend n (fun i => h.getD i 0) i] (h.getD i 0) := by
  have e : (fun i => h.toArray.getD i 0) = fun i => h.getD i 0 := by
    funext i; simp [Array.getD_eq_getD_getElem?]
  simp only [Block.apply, List.map_cons, List.map_nil, e]
  simp [hi]

/-! ## MAJORITY -/

/-- MAJORITY by uniform attention: ones embed as 1, zeros as -1, every position attends to all positions equally,
and the sign of the sum decides. -/
def majority : Transformer where
  symbolBits := 1
  dim := 1
  prec _ := 4
  embed _ _ σ := single (if σ = 1#1 then one else minusOne)
  blocks := [
    { heads := [{ similarity := fun _ _ _ _ _ => one, weighting := fun _ _ _ _ _ h => h }]
      activation := fun _ _ as _ => as.headD 0 }]
  accept _ h := positive h

/-- `majority` accepts the words with more ones than zeros. -/
theorem majority_accepts (word : List (BitVec 1)) :
    majority.accepts word = decide (word.count 0#1 < word.count 1#1) := by
  rcases Nat.eq_zero_or_pos word.length with h₀ | h₀
  · obtain rfl := List.eq_nil_of_length_eq_zero h₀
    decide
  · have hstates : (majority.states word).getD (word.length - 1) 0 =
        State.sum ((List.range word.length).map fun j => (majority.embedded word).getD j 0) :=
      getD_apply _ (fun _ as _ => as.headD 0) _ _ _ (by omega)
    have hmap : ((List.range word.length).map fun j => (majority.embedded word).getD j 0) =
        word.map fun σ => single (if σ = 1#1 then one else minusOne) := by
      apply List.ext_getElem (by simp)
      intro i h₁ h₂
      simp only [List.length_map] at h₂
      simp [Transformer.embedded, majority, h₂]
    have hsum : ∀ w : List (BitVec 1), (w.map fun σ => scaled (if σ = 1#1 then one else minusOne)).sum =
        2 * ((w.count 1#1 : Int) - w.count 0#1) := by
      intro w
      induction w with
      | nil => rfl
      | cons σ w ih =>
        have : σ = 0#1 ∨ σ = 1#1 := by
          have := σ.isLt
          rcases (show σ.toNat = 0 ∨ σ.toNat = 1 by omega) with h | h
          · exact .inl (BitVec.eq_of_toNat_eq h)
          · exact .inr (BitVec.eq_of_toNat_eq h)
        simp only [List.map_cons, List.sum_cons, ih]
        rcases this with rfl | rfl
        · simp [scaled_minusOne]; omega
        · simp [scaled_one]; omega
    rw [Transformer.accepts, hstates, hmap]
    simp only [majority, positive]
    rw [decide_eq_decide, State.sum_pos (by omega) (by omega), List.map_map]
    have := hsum word
    simp only [Function.comp_def, coord_single]
    omega

/-! ## Hard attention -/

private theorem sum_pos_iff {l : List Int} (h : ∀ z ∈ l, 0 ≤ z) : 0 < l.sum ↔ ∃ z ∈ l, 0 < z := by
  have nonneg : ∀ l : List Int, (∀ z ∈ l, 0 ≤ z) → 0 ≤ l.sum := by
    intro l
    induction l with
    | nil => simp
    | cons z l ih =>
      intro h
      have := h z (by simp)
      have := ih fun z hz => h z (by simp [hz])
      simp only [List.sum_cons]; omega
  induction l with
  | nil => simp
  | cons z l ih =>
    have h₁ := h z (by simp)
    have h₂ := nonneg l fun z hz => h z (by simp [hz])
    have ih : 0 < l.sum ↔ ∃ y, y ∈ l ∧ 0 < y := ih fun z hz => h z (by simp [hz])
    have e : (∃ y, y ∈ z :: l ∧ 0 < y) ↔ 0 < z ∨ ∃ y, y ∈ l ∧ 0 < y := by simp
    rw [e, ← ih, List.sum_cons]
    omega

/-- A head of hard attention: it gives score 1 to the positions that `pick` chooses and whose state is positive, and
0 to all others, and sums the states with score 1. -/
def hard (pick : (i j : Nat) → Bool) : Head 1 fun _ => 4 where
  similarity _ i j _ hj := if pick i j && positive hj then one else 0
  weighting _ _ _ s _ hj := if s = one then hj else 0

/-- The sum is positive when some chosen position has a positive state. -/
private theorem positive_hard (pick : Nat → Nat → Bool) (n i : Nat) (h : Nat → State 1 4) :
    positive ((hard pick).attend n h i) = (List.range n).any fun j => pick i j && positive (h j) := by
  have hw : ∀ j, (hard pick).weighting n i j ((hard pick).similarity n i j (h i) (h j))
      (Float.sum ((hard pick).scores n h i)) (h j) = if pick i j && positive (h j) then h j else 0 := by
    intro j
    cases hp : pick i j && positive (h j)
    · simp only [hard, hp]; rfl
    · simp only [hard, hp]; rfl
  rw [Head.attend, positive, Bool.eq_iff_iff, decide_eq_true_iff, State.sum_pos (by omega) (by omega), List.map_map,
    sum_pos_iff, List.any_eq_true]
  · simp only [List.mem_map, Function.comp, hw]
    constructor
    · rintro ⟨_, ⟨j, hj, rfl⟩, hpos⟩
      refine ⟨j, hj, ?_⟩
      cases hp : pick i j && positive (h j)
      · rw [hp] at hpos
        have : (0 : Int) < scaled (State.coord (D := 1) (0 : BitVec (1 * 4)) 0) := hpos
        rw [scaled_coord_zero] at this
        omega
      · rfl
    · rintro ⟨j, hj, hp⟩
      refine ⟨_, ⟨j, hj, rfl⟩, ?_⟩
      rw [if_pos hp]
      exact of_decide_eq_true (Bool.and_eq_true _ _ ▸ hp).2
  · simp only [List.mem_map, Function.comp, hw]
    rintro _ ⟨j, hj, rfl⟩
    cases hp : pick i j && positive (h j)
    · exact Int.le_of_eq scaled_coord_zero.symm
    · simp only [Bool.and_eq_true, positive, decide_eq_true_iff] at hp
      simpa using Int.le_of_lt hp.2

/-- A mark: 1 or 0. -/
def mark (b : Bool) : State 1 4 := single (if b then one else 0)

private theorem positive_mark (b) : positive (mark b) = b := by
  cases b <;> simp [positive, mark, coord_single, scaled_one]

/-- "Some position holds `σ`", by hard attention to the marked positions. -/
def contains {b : Nat} (σ : BitVec b) : Transformer where
  symbolBits := b
  dim := 1
  prec _ := 4
  embed _ _ τ := mark (τ == σ)
  blocks := [{ heads := [hard fun _ _ => true], activation := fun _ _ as _ => as.headD 0 }]
  accept _ h := positive h

/-- `contains σ` accepts the words in which `σ` occurs. -/
theorem contains_accepts {b : Nat} (σ : BitVec b) (word : List (BitVec b)) :
    (contains σ).accepts word = word.contains σ := by
  rcases Nat.eq_zero_or_pos word.length with h₀ | h₀
  · obtain rfl := List.eq_nil_of_length_eq_zero h₀
    have e : (contains σ).states [] = [] := by simp [Transformer.states, contains, Block.apply]
    rw [Transformer.accepts, e]
    have e' : positive (0 : BitVec (1 * 4)) = false := by decide
    simpa [contains] using e'
  · have hstates : ((contains σ).states word).getD (word.length - 1) 0 =
        (hard fun _ _ => true).attend word.length (fun j => ((contains σ).embedded word).getD j 0) (word.length - 1) :=
      getD_apply _ (fun _ as _ => as.headD 0) _ _ _ (by omega)
    rw [Transformer.accepts, hstates]
    refine (positive_hard _ _ _ _).trans ?_
    rw [Bool.eq_iff_iff, List.any_eq_true, List.contains_iff_mem, List.mem_iff_getElem]
    simp only [List.mem_range, Bool.true_and]
    refine exists_congr fun j => ⟨fun ⟨hj, h⟩ => ⟨hj, ?_⟩, fun ⟨hj, h⟩ => ⟨hj, ?_⟩⟩
    · simpa [Transformer.embedded, contains, hj, positive_mark] using h
    · simpa [Transformer.embedded, contains, hj, positive_mark] using h

/-! ## Two layers -/

/-- "Two ones in a row", in two layers: a position first looks at the one before it and stays marked if both
hold a one; then the second layer looks for a mark. -/
def twoInARow : Transformer where
  symbolBits := 1
  dim := 1
  prec _ := 4
  embed _ _ σ := mark (σ == 1)
  blocks := [
    { heads := [hard fun i j => j + 1 == i], activation := fun _ _ as h => mark (positive (as.headD 0) && positive h) },
    { heads := [hard fun _ _ => true], activation := fun _ _ as _ => as.headD 0 }]
  accept _ h := positive h

/-- `twoInARow` accepts the words with ones at some position and at the next. -/
theorem twoInARow_accepts (word : List (BitVec 1)) :
    twoInARow.accepts word = true ↔ ∃ i : Nat, word[i]? = some 1#1 ∧ word[i + 1]? = some 1#1 := by
  rcases Nat.eq_zero_or_pos word.length with h₀ | h₀
  · obtain rfl := List.eq_nil_of_length_eq_zero h₀
    simp [show twoInARow.accepts [] = false by decide]
  · have hemb : ∀ j : Nat, positive ((twoInARow.embedded word).getD j 0) = (word[j]? == some 1#1) := by
      intro j
      rcases Nat.lt_or_ge j word.length with hj | hj
      · simp [Transformer.embedded, twoInARow, hj, positive_mark]
      · have : positive (0 : BitVec (1 * 4)) = false := by decide
        simp [Transformer.embedded, hj]; exact this
    have hfirst : ∀ i < word.length, positive ((Block.apply (p := fun _ => 4)
        ⟨[hard fun i j => j + 1 == i], fun _ _ as h => mark (positive (as.headD 0) && positive h)⟩ word.length
        (twoInARow.embedded word)).getD i 0) =
        ((List.range word.length).any (fun j => j + 1 == i && (word[j]? == some 1#1)) && (word[i]? == some 1#1)) := by
      intro i hi
      rw [getD_apply _ (fun _ as h => mark (positive (as.headD 0) && positive h)) _ _ _ hi, positive_mark]
      simp only [List.headD_cons, positive_hard, hemb]
    have hstates : (twoInARow.states word).getD (word.length - 1) 0 = (hard fun _ _ => true).attend word.length
        (fun j => (Block.apply (p := fun _ => 4) ⟨[hard fun i j => j + 1 == i],
          fun _ _ as h => mark (positive (as.headD 0) && positive h)⟩ word.length (twoInARow.embedded word)).getD j 0)
        (word.length - 1) :=
      getD_apply _ (fun _ as _ => as.headD 0) _ _ _ (by omega)
    rw [Transformer.accepts, hstates]
    rw [show ∀ h, twoInARow.accept word.length h = positive h from fun _ => rfl, positive_hard]
    simp only [List.any_eq_true, List.mem_range, Bool.true_and]
    constructor
    · rintro ⟨i, hi, h⟩
      rw [hfirst i hi] at h
      simp only [Bool.and_eq_true, List.any_eq_true, beq_iff_eq] at h
      obtain ⟨⟨j, -, rfl, hj⟩, hi'⟩ := h
      exact ⟨j, hj, hi'⟩
    · rintro ⟨j, hj, hi⟩
      have hlt : j + 1 < word.length := by
        rcases Nat.lt_or_ge (j + 1) word.length with h | h
        · exact h
        · simp [h] at hi
      refine ⟨j + 1, hlt, ?_⟩
      rw [hfirst _ hlt]
      simp only [Bool.and_eq_true, List.any_eq_true, beq_iff_eq, List.mem_range]
      exact ⟨⟨j, by omega, rfl, hj⟩, hi⟩

end Examples

end Logprec
