import Logprec.Circuit.Carry
import Logprec.Class.Composition
import Logprec.Class.Feed
import Logprec.Class.Members

/-!
# Log-uniform TC0 is closed under pairing, intersection and union

From circuits for `f` and for `g`, circuits for `x ↦ f x ++ g x`: one after the other, and what the one does not read
is carried past it (`Circuit.both`). The program runs the generators of both; a handler passes on what they print and
puts copy gates at the end of every layer, for which it counts the gates of the layer before.
-/

namespace Logprec

namespace Space

open Circuit

/-! ## The handler -/

/-- Print copy gates: as many as register 5 says, for the positions from that in register 4 on. Register 6 counts. -/
private def closeLayer : Prog :=
  .loop 6 (.reg 5) <| .seq (.emit (.lit 1)) <| .seq (.emit (.lit 1)) <| .seq (.emit (.lit 3)) <|
    .seq (.emit (.add (.reg 4) (.reg 6))) (.emit (.lit 1))

/-- Pass on the text of a circuit, but for the number of its inputs and the mark at its end, with copy gates at the end
of every layer. Register 0 is the number that came; register 1 says whether it is not the first; register 2 is how many
numbers belong to the mark before; register 3 counts the gates of the layer; registers 4 and 5 are for `closeLayer`. -/
private def carryHandler : Prog :=
  .ite (.reg 1)
    (.ite (.reg 2) (.seq (.set 2 (.sub (.reg 2) (.lit 1))) (.emit (.reg 0))) <|
      .ite (.eq (.reg 0) (.lit 0))
        (.seq closeLayer <| .seq (.set 4 (.reg 3)) <| .seq (.set 3 (.lit 0)) (.emit (.lit 0))) <|
      .ite (.eq (.reg 0) (.lit 3)) (.seq (.set 2 (.lit 2)) (.emit (.lit 3))) <|
      .ite (.eq (.reg 0) (.lit 4)) closeLayer <|
      .seq (.set 3 (.add (.reg 3) (.lit 1))) <| .seq (.set 2 (.lit 1)) (.emit (.reg 0)))
    (.set 1 (.lit 1))

/-- The handler is between two numbers: what the registers 1 to 5 hold and what has been printed. -/
private def At (B f s c p k : Nat) (out : List Nat) (u : State) : Prop :=
  ∃ v i pk, u = ⟨[v, f, s, c, p, k, i], out, pk⟩ ∧ pk ≤ B

private theorem copies_encode (p k : Nat) :
    (Layer.copies p k).flatMap Gate.encode = (List.range k).flatMap fun i => [1, 1, 3, p + i, 1] := by
  rw [Layer.copies, List.flatMap_map]
  rfl

private theorem At.closeLayer {B f s c p k : Nat} {out : List Nat} {u : State} (h : At B f s c p k out u)
    (x : List Bool) (hB : 4 ≤ B) (hk : p + k ≤ B) :
    At B f s c p k (((Layer.copies p k).flatMap Gate.encode).reverse ++ out) (closeLayer.run x u) := by
  obtain ⟨v, i, pk, rfl, hpk⟩ := h
  rw [copies_encode]
  have rounds (l : List Nat) : ∀ {i pk : Nat} {out : List Nat}, (∀ j ∈ l, j < k) → pk ≤ B →
      At B f s c p k ((l.flatMap fun i => [1, 1, 3, p + i, 1]).reverse ++ out)
        (l.foldl (fun t j => Prog.run x (.seq (.emit (.lit 1)) <| .seq (.emit (.lit 1)) <| .seq (.emit (.lit 3)) <|
          .seq (.emit (.add (.reg 4) (.reg 6))) (.emit (.lit 1))) { t with regs := t.regs.set 6 j })
          ⟨[v, f, s, c, p, k, i], out, pk⟩) := by
    induction l with
    | nil => exact fun _ h => ⟨_, _, _, rfl, h⟩
    | cons j l ih =>
      intro i pk out hl h
      have hj := hl j (by simp)
      have := @ih j (max (max (max (max (max pk 1) 1) 3) (p + j)) 1) (1 :: (p + j) :: 3 :: 1 :: 1 :: out)
        (fun j hj => hl j (by simp [hj])) (by omega)
      have e : ∀ a b : Nat, max (a + b) (max a b) = a + b := fun a b => by omega
      simpa [Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set, e] using this
  have := @rounds (List.range k) i (max pk k) out (fun j hj => List.mem_range.1 hj) (by omega)
  simpa [Space.closeLayer, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get] using this

section
variable {B s c p k : Nat} {out : List Nat} {u : State} (x : List Bool)

private theorem At.first (h : At B 0 s c p k out u) (v : Nat) (hB : 4 ≤ B) :
    At B 1 s c p k out (carryHandler.handle x u v) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  refine ⟨v, i, max (max pk 0) 1, ?_, by omega⟩
  simp [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]

private theorem At.skip (h : At B 1 (s + 1) c p k out u) {v : Nat} (hv : v ≤ B) (hs : s + 1 ≤ B) :
    At B 1 s c p k (v :: out) (carryHandler.handle x u v) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  refine ⟨v, i, _, by
    simp only [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
    simp
    rfl, ?_⟩
  omega

private theorem At.layerMark (h : At B 1 0 c p k out u) (hB : 4 ≤ B) (hk : p + k ≤ B) (hc : c ≤ B) :
    At B 1 0 0 c k (0 :: (((Layer.copies p k).flatMap Gate.encode).reverse ++ out)) (carryHandler.handle x u 0) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  have start : At B 1 0 c p k out ⟨[0, 1, 0, c, p, k, i], out, max (max pk 1) 1⟩ := ⟨_, _, _, rfl, by omega⟩
  obtain ⟨v, j, pk', e, hpk'⟩ := start.closeLayer x hB hk
  have : carryHandler.handle x ⟨[w, 1, 0, c, p, k, i], out, pk⟩ 0 =
      (Prog.seq (.set 4 (.reg 3)) <| .seq (.set 3 (.lit 0)) (.emit (.lit 0))).run x
        (Space.closeLayer.run x ⟨[0, 1, 0, c, p, k, i], out, max (max pk 1) 1⟩) := by
    simp [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
  rw [this, e]
  refine ⟨v, j, _, by
    simp only [Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
    simp
    rfl, ?_⟩
  omega

private theorem At.wireMark (h : At B 1 0 c p k out u) (hB : 4 ≤ B) :
    At B 1 2 c p k (3 :: out) (carryHandler.handle x u 3) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  refine ⟨3, i, _, by
    simp only [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
    simp
    rfl, ?_⟩
  omega

private theorem At.gateMark (h : At B 1 0 c p k out u) {a : Nat} (ha : a = 1 ∨ a = 2) (hB : 4 ≤ B) (hc : c + 1 ≤ B) :
    At B 1 1 (c + 1) p k (a :: out) (carryHandler.handle x u a) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  rcases ha with rfl | rfl
  all_goals
    refine ⟨_, i, _, by
      simp only [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
      simp
      exact ⟨rfl, rfl⟩, ?_⟩
    omega

private theorem At.endMark (h : At B 1 0 c p k out u) (hB : 4 ≤ B) (hk : p + k ≤ B) :
    At B 1 0 c p k (((Layer.copies p k).flatMap Gate.encode).reverse ++ out) (carryHandler.handle x u 4) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  have start : At B 1 0 c p k out ⟨[4, 1, 0, c, p, k, i], out, max (max (max (max pk 1) 4) 4) 4⟩ :=
    ⟨_, _, _, rfl, by omega⟩
  have := start.closeLayer x hB hk
  simpa [Prog.handle, carryHandler, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set] using this

private theorem At.wires (hB : 4 ≤ B) (ws : List Wire) : ∀ {out : List Nat} {u : State}, At B 1 0 c p k out u →
    (∀ a ∈ ws.flatMap Wire.encode, a ≤ B) → At B 1 0 c p k ((ws.flatMap Wire.encode).reverse ++ out)
      ((ws.flatMap Wire.encode).foldl (carryHandler.handle x) u) := by
  induction ws with
  | nil => exact fun h _ => h
  | cons w ws ih =>
    intro out u h ha
    simp only [List.flatMap_cons, Wire.encode, List.cons_append, List.nil_append, List.mem_cons, forall_eq_or_imp]
      at ha
    have := ih (((h.wireMark x hB).skip x ha.2.1 (by omega)).skip x ha.2.2.1 (by omega)) ha.2.2.2
    simpa [Wire.encode] using this

private theorem At.gates (hB : 4 ≤ B) (gs : List Gate) : ∀ {c : Nat} {out : List Nat} {u : State},
    At B 1 0 c p k out u → (∀ a ∈ gs.flatMap Gate.encode, a ≤ B) → c + gs.length ≤ B →
    At B 1 0 (c + gs.length) p k ((gs.flatMap Gate.encode).reverse ++ out)
      ((gs.flatMap Gate.encode).foldl (carryHandler.handle x) u) := by
  induction gs with
  | nil => exact fun h _ _ => h
  | cons g gs ih =>
    intro c out u h ha hc
    obtain ⟨a, t, ha₁, eg⟩ : ∃ a t, (a = 1 ∨ a = 2) ∧ g.encode = a :: t :: g.wires.flatMap Wire.encode := by
      cases g <;> simp [Gate.encode, Gate.wires]
    simp only [List.flatMap_cons, eg, List.cons_append, List.mem_cons, List.mem_append] at ha
    rw [List.length_cons] at hc
    have h₁ := (h.gateMark x ha₁ hB (by omega)).skip x (ha t (by simp)) (by omega)
    have h₂ := At.wires x hB g.wires h₁ fun a h => ha a (.inr (.inr (.inl h)))
    have := ih h₂ (fun a h => ha a (.inr (.inr (.inr h)))) (by omega)
    rw [List.length_cons, show c + (gs.length + 1) = c + 1 + gs.length by omega]
    simpa [eg] using this

end

/-- What the handler prints for the layers of a circuit and the mark at the end. The layer that is open has `c` gates
so far, and its copy gates are to read from `p` on. -/
private def closing (k : Nat) : (p c : Nat) → Circuit → List Nat
  | p, _, [] => (Layer.copies p k).flatMap Gate.encode
  | p, c, L :: C => (Layer.copies p k).flatMap Gate.encode ++ (L.encode ++ closing k c L.length C)

private theorem encode_append_closing (k p : Nat) (L : Layer) (C : Circuit) :
    L.encode ++ closing k p L.length C = (carrying p k (L :: C)).flatMap Layer.encode := by
  induction C generalizing p L with
  | nil => simp [closing, carrying, Layer.encode]
  | cons M C ih =>
    rw [closing, ih]
    simp [carrying, Layer.encode]

private theorem At.layers {B k : Nat} (x : List Bool) (hB : 4 ≤ B) (C : Circuit) : ∀ {p c : Nat} {out : List Nat}
    {u : State}, At B 1 0 c p k out u → (∀ a ∈ C.flatMap Layer.encode, a ≤ B) → p + k ≤ B → c + k ≤ B →
    C.size + k ≤ B → ∃ p', At B 1 0 (C.width c) p' k ((closing k p c C).reverse ++ out)
      ((C.flatMap Layer.encode ++ [4]).foldl (carryHandler.handle x) u) := by
  induction C with
  | nil => exact fun h _ hp _ _ => ⟨_, h.endMark x hB hp⟩
  | cons L C ih =>
    intro p c out u h ha hp hc hs
    have hL := Class.width_le 0 [L]
    simp only [width, size_cons, size_nil] at hL hs
    simp only [List.flatMap_cons, List.mem_append, Layer.encode, List.mem_cons] at ha
    have h₁ := h.layerMark x hB hp (by omega)
    have h₂ := At.gates x hB L h₁ (fun a h => ha a (.inl (.inr h))) (by omega)
    rw [Nat.zero_add] at h₂
    obtain ⟨p', h₃⟩ := ih h₂ (fun a h => ha a (.inr h)) hc (by omega) (by omega)
    exact ⟨p', by simpa [closing, width, Layer.encode] using h₃⟩

private theorem At.circuit {B k p c n : Nat} {out : List Nat} {u : State} (x : List Bool) (hB : 4 ≤ B) {C : Circuit}
    (h : At B 0 0 c p k out u) (ha : ∀ a ∈ encode n C, a ≤ B) (hp : p + k ≤ B) (hc : c + k ≤ B) (hs : C.size + k ≤ B) :
    ∃ p', At B 1 0 (C.width c) p' k ((closing k p c C).reverse ++ out)
      ((encode n C).foldl (carryHandler.handle x) u) :=
  At.layers x hB C (h.first x n hB) (fun a h => ha a (by simp [encode, h])) hp hc hs

/-- Before the first circuit: the inputs, doubled. -/
private def before : Prog :=
  .seq (.set 6 (.lit 0)) <| .seq (.set 5 .len) <| .seq (.set 3 .len) <| .seq (.emit .len) <| .seq (.emit (.lit 0))
    closeLayer

/-- Between the circuits: the inputs come to the front, the outputs of the first circuit to the end. -/
private def between : Prog :=
  .seq (.emit (.lit 0)) <| .seq (.set 4 (.reg 3)) <| .seq closeLayer <| .seq (.set 5 (.reg 3)) <|
    .seq (.set 4 (.lit 0)) <| .seq (.set 3 .len) (.set 1 (.lit 0))

private theorem at_before {B n : Nat} (hB : 4 ≤ B) (hn : n ≤ B) :
    At B 0 0 n 0 n (((Layer.copies 0 n).flatMap Gate.encode).reverse ++ [0, n]) (before.run (ones n) {}) := by
  have start : At B 0 0 n 0 n [0, n] ⟨[0, 0, 0, n, 0, n, 0], [0, n], n⟩ := ⟨_, _, _, rfl, hn⟩
  have := start.closeLayer (ones n) hB (by omega)
  simpa [before, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set, ones] using this

private theorem At.between {B n c p : Nat} {out : List Nat} {u : State} (h : At B 1 0 c p n out u) (hB : 4 ≤ B)
    (hc : c + n ≤ B) : At B 0 0 n 0 c (((Layer.copies c n).flatMap Gate.encode).reverse ++ (0 :: out))
      (Space.between.run (ones n) u) := by
  obtain ⟨w, i, pk, rfl, hpk⟩ := h
  have start : At B 1 0 c c n (0 :: out) ⟨[w, 1, 0, c, c, n, i], 0 :: out, max pk c⟩ := ⟨_, _, _, rfl, by omega⟩
  obtain ⟨v, j, pk', e, hpk'⟩ := start.closeLayer (ones n) hB hc
  have : Space.between.run (ones n) ⟨[w, 1, 0, c, p, n, i], out, pk⟩ =
      (Prog.seq (.set 5 (.reg 3)) <| .seq (.set 4 (.lit 0)) <| .seq (.set 3 .len) (.set 1 (.lit 0))).run (ones n)
        (Space.closeLayer.run (ones n) ⟨[w, 1, 0, c, c, n, i], 0 :: out, max pk c⟩) := by
    simp [Space.between, Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set]
  rw [this, e]
  refine ⟨v, j, max (max (max pk' c) 0) n, by
    simp [Prog.run, State.see, Expr.eval, Expr.peak, Regs.get, Regs.set, ones], ?_⟩
  omega

end Space

namespace Class

open Circuit Space

/-- Two log-space uniform families of polynomial size, one after the other, the second on the inputs of the first. -/
theorem LogUniform.both {C D : Family} {d d' k k' : Nat} (hC : LogUniform C) (hD : LogUniform D)
    (hs : ConstDepthPolySize C d k) (hs' : ConstDepthPolySize D d' k') :
    LogUniform fun n => Circuit.both n (C n) (D n) := by
  obtain ⟨a, ha⟩ := LogSpaceGenerated.le_pow (logUniform_iff.1 hC)
  obtain ⟨a', ha'⟩ := LogSpaceGenerated.le_pow (logUniform_iff.1 hD)
  let S : Nat → State := fun n => (Prog.emit (.lit 4)).run (ones n)
    ((encode n (D n)).foldl (carryHandler.handle (ones n)) (between.run (ones n)
      ((encode n (C n)).foldl (carryHandler.handle (ones n)) (before.run (ones n) {}))))
  obtain ⟨e, he⟩ : ∃ e, e = 1 + k + k' + a + a' := ⟨_, rfl⟩
  have key : ∀ n, ((S n).out.reverse = encode n (Circuit.both n (C n) (D n))) ∧ (S n).peak ≤ (n + 2) ^ (4 + e) := by
    intro n
    have mono : ∀ i, i ≤ e → (n + 2) ^ i ≤ (n + 2) ^ e := fun i hi => Nat.pow_le_pow_right (by omega) hi
    have b₁ := mono 1 (by omega)
    have b₂ := Nat.le_trans (hs.size_le n) (mono k (by omega))
    have b₃ := Nat.le_trans (hs'.size_le n) (mono k' (by omega))
    have b₄ : 16 * (n + 2) ^ e ≤ (n + 2) ^ (4 + e) := by
      rw [Nat.pow_add (n + 2) 4 e]
      exact Nat.mul_le_mul_right _ (Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 4)
    have hw := width_le n (C n)
    rw [Nat.pow_one] at b₁
    have numbers : ∀ v ∈ encode n (C n), v ≤ (n + 2) ^ (4 + e) := fun v hv => by
      have := Nat.le_trans (ha n v hv) (mono a (by omega)); omega
    have numbers' : ∀ v ∈ encode n (D n), v ≤ (n + 2) ^ (4 + e) := fun v hv => by
      have := Nat.le_trans (ha' n v hv) (mono a' (by omega)); omega
    have h₁ := at_before (B := (n + 2) ^ (4 + e)) (n := n) (by omega) (by omega)
    obtain ⟨p₁, h₂⟩ := h₁.circuit (ones n) (by omega) numbers (by omega) (by omega) (by omega)
    have h₃ := h₂.between (by omega) (by omega)
    obtain ⟨p₂, h₄⟩ := h₃.circuit (ones n) (by omega) numbers' (by omega) (by omega) (by omega)
    obtain ⟨v, i, pk, hS, hpk⟩ := h₄
    constructor
    · have f₁ := encode_append_closing n 0 (Layer.copies 0 n) (C n)
      have f₂ := encode_append_closing ((C n).width n) 0 (Layer.copies ((C n).width n) n) (D n)
      rw [Layer.length_copies] at f₁ f₂
      simp only [S, hS, Prog.run, State.see, Expr.eval]
      rw [encode, Circuit.both, List.flatMap_append, ← f₁, ← f₂]
      simp [Layer.encode]
    · simp only [S, hS, Prog.run, State.see, Expr.peak, Expr.eval]
      omega
  have := LogSpaceGenerated.feed (logUniform_iff.1 hC) (logUniform_iff.1 hD) before carryHandler between
    (.emit (.lit 4)) S (fun n => rfl) fun n => (key n).2
  rw [logUniform_iff]
  simpa only [(key _).1] using this

/-- Constant depth and polynomial size are kept. -/
theorem ConstDepthPolySize.both {C D : Family} {d d' k k' : Nat} (h : ConstDepthPolySize C d k)
    (h' : ConstDepthPolySize D d' k') :
    ConstDepthPolySize (fun n => Circuit.both n (C n) (D n)) (d + d' + 2) (4 * (d + d') + 12 + (1 + k + k')) where
  wf n := wf_both (h.wf n) (h'.wf n)
  depth_le n := by have := h.depth_le n; have := h'.depth_le n; rw [depth_both]; omega
  size_le n := by
    obtain ⟨N, hN⟩ : ∃ N, N = (n + 2) ^ (1 + k + k') := ⟨_, rfl⟩
    have mono : ∀ i, i ≤ 1 + k + k' → (n + 2) ^ i ≤ N := fun i hi => hN ▸ Nat.pow_le_pow_right (by omega) hi
    have b₁ := mono 1 (by omega)
    have b₂ := Nat.le_trans (h.size_le n) (mono k (by omega))
    have b₃ := Nat.le_trans (h'.size_le n) (mono k' (by omega))
    have hw := width_le n (C n)
    rw [Nat.pow_one] at b₁
    have m₁ := Nat.mul_le_mul (show (C n).depth + 1 ≤ d + 1 from Nat.succ_le_succ (h.depth_le n))
      (show 2 * n ≤ 2 * N by omega)
    have m₂ := Nat.mul_le_mul (show (D n).depth + 1 ≤ d' + 1 from Nat.succ_le_succ (h'.depth_le n))
      (show 2 * (C n).width n ≤ 4 * N by omega)
    refine Nat.le_trans ?_ (mul_pow_le_pow (4 * (d + d') + 12) n (1 + k + k'))
    rw [size_both, ← hN]
    have e₁ : (d + 1) * (2 * N) = 2 * (d * N) + 2 * N := by grind
    have e₂ : (d' + 1) * (4 * N) = 4 * (d' * N) + 4 * N := by grind
    have e₃ : (4 * (d + d') + 12) * N = 4 * (d * N) + 4 * (d' * N) + 12 * N := by grind
    omega

/-- **Log-uniform TC0 is closed under pairing**: if it contains `f` and `g`, then also the function that gives the
outputs of both. -/
theorem LogUniformTC0Function.append {f g : List Bool → List Bool} :
    LogUniformTC0Function f → LogUniformTC0Function g → LogUniformTC0Function fun x => f x ++ g x :=
  fun ⟨C, _, _, hC, hf, hU⟩ ⟨D, _, _, hD, hg, hV⟩ => ⟨_, _, _, hD.both hC, fun x => by
    rw [eval_both rfl (hD.wf _) (hC.wf _), hf, hg], hV.both hU hD hC⟩

open Classical in
/-- The decision as a function with one output bit. -/
theorem LogUniformTC0.function {L : Language} : LogUniformTC0 L → LogUniformTC0Function fun x => [decide (L x)] :=
  fun ⟨_, _, _, hC, hL, hU⟩ => ⟨_, _, _, hC, fun x => by
    obtain ⟨b, hb, h⟩ := hL x
    have e : decide (L x) = b := by rw [← decide_eq_decide.2 h, Bool.decide_eq_true]
    simp only [hb, e], hU⟩

/-- **Log-uniform TC0 is closed under intersection.** -/
theorem LogUniformTC0.inter {L L' : Language} (h : LogUniformTC0 L) (h' : LogUniformTC0 L') :
    LogUniformTC0 fun x => L x ∧ L' x := by
  classical
  have and := logUniformTC0_symmetric (.eq (.var 0) (.var 1))
  have := and.comap (h.function.append h'.function)
  have e : ∀ p q : Prop, ((Term.eq (.var 0) (.var 1)).eval
      [([decide p] ++ [decide q]).count true, ([decide p] ++ [decide q]).length] % 2 = 1) ↔ p ∧ q := fun p q => by
    by_cases hp : p <;> by_cases hq : q <;> simp [hp, hq]
  simpa only [e] using this

/-- **Log-uniform TC0 is closed under union.** -/
theorem LogUniformTC0.union {L L' : Language} (h : LogUniformTC0 L) (h' : LogUniformTC0 L') :
    LogUniformTC0 fun x => L x ∨ L' x := by
  have := (h.compl.inter h'.compl).compl
  simpa only [← not_or, Classical.not_not] using this

end Class

end Logprec
