import Logprec.Circuit.Defs
import Logprec.Circuit.Text

/-!
# Circuits as lists of numbers, and as text: proofs

About the definitions in `Logprec.Circuit.Text`.
-/

namespace Logprec

namespace Circuit

/-! ## Reading inverts writing -/

/-- The tokens of a gate. -/
private def gateTokens : Gate → List Token
  | .atLeast k ws => .atLeast k :: ws.map .wire
  | .atMost k ws => .atMost k :: ws.map .wire

/-- The tokens of a circuit. -/
private def tokens (C : Circuit) : List Token := C.flatMap fun L => .layer :: L.flatMap gateTokens

private theorem scan_wires (ws : List Wire) (r acc) :
    scan acc (ws.flatMap Wire.encode ++ r) = scan ((ws.map Token.wire).reverse ++ acc) r := by
  induction ws generalizing acc with
  | nil => rfl
  | cons w ws ih => simp [Wire.encode, scan, ih]

private theorem scan_gates (gs : List Gate) (r acc) :
    scan acc (gs.flatMap Gate.encode ++ r) = scan ((gs.flatMap gateTokens).reverse ++ acc) r := by
  induction gs generalizing acc with
  | nil => rfl
  | cons g gs ih => cases g <;> simp [Gate.encode, scan, scan_wires, ih, gateTokens]

private theorem scan_layers (C : Circuit) (r acc) :
    scan acc (C.flatMap Layer.encode ++ r) = scan ((tokens C).reverse ++ acc) r := by
  induction C generalizing acc with
  | nil => rfl
  | cons L C ih => simp [Layer.encode, scan, scan_gates, ih, tokens]

private theorem step_wires (ws : List Wire) (s : Partial) :
    (ws.map Token.wire).foldr (fun t s => Partial.step s t) (some s)
      = some { s with wires := ws ++ s.wires } := by
  induction ws with
  | nil => rfl
  | cons w ws ih => rw [List.map_cons, List.foldr_cons, ih]; rfl

private theorem step_gates (gs : List Gate) (s : Partial) (hs : s.wires = []) :
    (gs.flatMap gateTokens).foldr (fun t s => Partial.step s t) (some s)
      = some { s with gates := gs ++ s.gates } := by
  induction gs with
  | nil => rfl
  | cons g gs ih =>
    rw [List.flatMap_cons, List.foldr_append, ih]
    cases g <;> rw [gateTokens, List.foldr_cons, step_wires] <;> simp [Partial.step, hs]

private theorem step_layers (C : Circuit) :
    (tokens C).foldr (fun t s => Partial.step s t) (some {}) = some ⟨[], [], C⟩ := by
  induction C with
  | nil => rfl
  | cons L C ih =>
    rw [tokens, List.flatMap_cons, List.foldr_append, ← tokens, ih, List.foldr_cons, step_gates _ _ rfl]
    simp [Partial.step]

/-- Decoding inverts serialisation: a circuit, with its number of inputs, can be read off its serialisation. -/
theorem decode_encode (m : Nat) (C : Circuit) : decode (encode m C) = some (m, C) := by
  have h : scan [] (C.flatMap Layer.encode ++ [4]) = some (tokens C).reverse := by
    rw [scan_layers]; simp [scan]
  simp [decode, encode, h, step_layers]

/-- Different circuits have different serialisations. -/
theorem encode_inj {m m' : Nat} {C C' : Circuit} (h : encode m C = encode m' C') : m = m' ∧ C = C' := by
  have := decode_encode m' C'
  rw [← h, decode_encode] at this
  simpa using this

/-! ## Only serialisations are read -/

/-- The numbers of a token. -/
private def Token.encode : Token → List Nat
  | .layer => [0]
  | .atLeast k => [1, k]
  | .atMost k => [2, k]
  | .wire w => w.encode

private theorem eq_of_scan {acc ts : List Token} {l : List Nat} (h : scan acc l = some ts) :
    ∃ new : List Token, ts = new.reverse ++ acc ∧ l = new.flatMap Token.encode ++ [4] := by
  fun_induction scan acc l with
  | case1 acc => exact ⟨[], by simpa using h.symm, rfl⟩
  | case2 acc r ih => obtain ⟨new, rfl, rfl⟩ := ih h; exact ⟨.layer :: new, by simp, rfl⟩
  | case3 acc k r ih => obtain ⟨new, rfl, rfl⟩ := ih h; exact ⟨.atLeast k :: new, by simp, rfl⟩
  | case4 acc k r ih => obtain ⟨new, rfl, rfl⟩ := ih h; exact ⟨.atMost k :: new, by simp, rfl⟩
  | case5 acc s t r ih => obtain ⟨new, rfl, rfl⟩ := ih h; exact ⟨.wire ⟨s, t⟩ :: new, by simp, rfl⟩
  | case6 => simp at h

private theorem eq_of_steps {ts : List Token} {s : Partial}
    (h : ts.foldr (fun t s => Partial.step s t) (some {}) = some s) :
    ts.flatMap Token.encode =
      s.wires.flatMap Wire.encode ++ s.gates.flatMap Gate.encode ++ s.layers.flatMap Layer.encode := by
  induction ts generalizing s with
  | nil =>
    obtain rfl : ({} : Partial) = s := by simpa using h
    rfl
  | cons t ts ih =>
    rw [List.foldr_cons] at h
    cases hs : ts.foldr (fun t s => Partial.step s t) (some {}) with
    | none => rw [hs] at h; cases t <;> simp [Partial.step] at h
    | some s' =>
      rw [hs] at h
      rw [List.flatMap_cons, ih hs]
      cases t with
      | layer =>
        simp only [Partial.step, Option.bind_some, Option.ite_none_right_eq_some, Option.some.injEq,
          List.isEmpty_iff] at h
        obtain ⟨hw, rfl⟩ := h
        simp [Token.encode, Layer.encode, hw]
      | atLeast k =>
        simp only [Partial.step, Option.map_some, Option.some.injEq] at h
        subst h; simp [Token.encode, Gate.encode]
      | atMost k =>
        simp only [Partial.step, Option.map_some, Option.some.injEq] at h
        subst h; simp [Token.encode, Gate.encode]
      | wire w =>
        simp only [Partial.step, Option.map_some, Option.some.injEq] at h
        subst h; simp [Token.encode]

/-- Nothing is read but serialisations: what decodes to a circuit is its serialisation. -/
theorem encode_of_decode {l : List Nat} {m : Nat} {C : Circuit} (h : decode l = some (m, C)) : encode m C = l := by
  match l with
  | [] => simp [decode] at h
  | inputs :: r =>
    simp only [decode, Option.bind_eq_bind, Option.bind_eq_some_iff, Option.ite_none_right_eq_some, Option.some.injEq,
      Prod.mk.injEq, Bool.and_eq_true, List.isEmpty_iff] at h
    obtain ⟨ts, hts, s, hs, ⟨hw, hg⟩, rfl, rfl⟩ := h
    obtain ⟨new, rfl, rfl⟩ := eq_of_scan hts
    rw [List.append_nil, List.foldl_reverse] at hs
    rw [encode, eq_of_steps hs, hw, hg]
    rfl

end Circuit

end Logprec
