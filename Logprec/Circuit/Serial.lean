import Logprec.Circuit.Defs

/-!
# Circuits as lists of numbers, and as text

A circuit is written as a list of naturals: the number of inputs; for every layer a `0` followed by its gates;
a final `4`. A gate is `1 k` (θ≥ₖ) or `2 k` (θ≤ₖ) followed by its wires, and a wire is `3 src mult`. This is
the serialisation that uniformity is about (Merrill & Sabharwal 2023, Section 2, print a circuit as a list of
gates in topological order, each with its threshold and pointers to its arguments; ours has numbers in place of
unary blocks, and multiplicities in place of repeated pointers). A circuit file holds the same numbers in
decimal, one line for a layer mark or a gate, after a header line.

`decode_encode` says that nothing is lost, `encode_of_decode` that nothing else is accepted. Reading takes linear
time and constant stack.
-/

namespace Logprec

/-- The numbers of a wire. -/
def Wire.encode (w : Wire) : List Nat := [3, w.src, w.mult]

/-- The numbers of a gate: its kind, its threshold, its wires. -/
def Gate.encode : Gate → List Nat
  | atLeast k ws => 1 :: k :: ws.flatMap Wire.encode
  | atMost k ws => 2 :: k :: ws.flatMap Wire.encode

/-- The numbers of a layer: the mark `0`, then its gates. -/
def Layer.encode (L : Layer) : List Nat := 0 :: L.flatMap Gate.encode

namespace Circuit

/-- The serialisation of a circuit with `inputs` inputs: the number of inputs, the layers, and the mark `4`. -/
def encode (inputs : Nat) (C : Circuit) : List Nat := inputs :: (C.flatMap Layer.encode ++ [4])

/-! ## Reading -/

/-- What one mark with its arguments says. -/
inductive Token where
  /-- `0`: a layer starts. -/
  | layer
  /-- `1 k`: a gate θ≥ₖ starts. -/
  | atLeast (k : Nat)
  /-- `2 k`: a gate θ≤ₖ starts. -/
  | atMost (k : Nat)
  /-- `3 src mult`: a wire of the gate that started last. -/
  | wire (w : Wire)
  deriving Repr

/-- Cut a list of numbers, which must end with the mark `4`, into tokens. The tokens come last first, in front of
those in `acc`. -/
def scan (acc : List Token) : List Nat → Option (List Token)
  | [4] => some acc
  | 0 :: r => scan (.layer :: acc) r
  | 1 :: k :: r => scan (.atLeast k :: acc) r
  | 2 :: k :: r => scan (.atMost k :: acc) r
  | 3 :: s :: t :: r => scan (.wire ⟨s, t⟩ :: acc) r
  | _ => none

/-- A circuit read from its end: the wires whose gate, the gates whose layer has not been reached yet, and the
layers behind those. -/
structure Partial where
  /-- Wires that wait for their gate. -/
  wires : List Wire := []
  /-- Gates that wait for their layer. -/
  gates : List Gate := []
  /-- Complete layers. -/
  layers : List Layer := []

/-- Put the token in front of what has been read. A layer mark must not be followed by a wire. -/
def Partial.step (s : Option Partial) : Token → Option Partial
  | .wire w => s.map fun s => { s with wires := w :: s.wires }
  | .atLeast k => s.map fun s => { s with wires := [], gates := .atLeast k s.wires :: s.gates }
  | .atMost k => s.map fun s => { s with wires := [], gates := .atMost k s.wires :: s.gates }
  | .layer => s.bind fun s => if s.wires.isEmpty then some ⟨[], [], s.gates :: s.layers⟩ else none

/-- The circuit that a list of numbers denotes, with its number of inputs; `none` if it is not a serialisation. -/
def decode : List Nat → Option (Nat × Circuit)
  | [] => none
  | inputs :: r => do
    let s ← (← scan [] r).foldl Partial.step (some {})
    if s.wires.isEmpty && s.gates.isEmpty then some (inputs, s.layers) else none

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

/-! ## Text -/

/-- The numbers of a gate in decimal: its line of a circuit file. -/
def Gate.line (g : Gate) : String := " ".intercalate (g.encode.map toString)

namespace Circuit

/-- The first line of a circuit file. -/
def header : String := "logprec-circuit 1"

/-- Write the lines of the circuit file of `C`, one at a time, with the action `put`. -/
def render {m : Type → Type} [Monad m] (put : String → m Unit) (inputs : Nat) (C : Circuit) : m Unit := do
  put header
  put (toString inputs)
  C.forM fun L => do
    put "0"
    L.forM fun g => put g.line
  put "4"

/-- The circuit file of `C` as one string. -/
def text (inputs : Nat) (C : Circuit) : String :=
  (render (m := StateM String) (fun l => modify (· ++ l ++ "\n")) inputs C).run "" |>.2

/-- The numbers in `s`, which are separated by white space. -/
def parseNumbers (s : String) : Except String (List Nat) := do
  let (acc, cur, _) ← s.foldl (init := .ok (#[], none, 2)) fun st c => do
    let (acc, cur, line) ← st
    if c.isDigit then
      .ok (acc, some (10 * cur.getD 0 + (c.toNat - '0'.toNat)), line)
    else if c.isWhitespace then
      .ok ((match cur with | some n => acc.push n | none => acc), none, if c = '\n' then line + 1 else line)
    else
      .error s!"line {line}: unexpected character {repr c} in a circuit file"
  return (match cur with | some n => acc.push n | none => acc).toList

/-- Read a circuit file: the number of inputs and the circuit, which is well-formed. -/
def parse (s : String) : Except String (Nat × Circuit) := do
  let head := (s.takeWhile (· ≠ '\n')).toString
  if head.trimAscii.toString ≠ header then
    throw s!"not a circuit file: the first line must be '{header}'"
  let numbers ← parseNumbers (s.drop head.length).toString
  match decode numbers with
  | none => throw "not a circuit file: its numbers are not the serialisation of a circuit"
  | some (m, C) =>
    if WF m C then return (m, C) else throw "a wire of this circuit reads a position that does not exist"

end Circuit
end Logprec
