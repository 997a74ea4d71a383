import Logprec.Circuit.Optimise

/-!
# The optimiser, run

Optimised circuits compute the same on all inputs and keep their depth: constants, equal outputs, empty layers, and
planted faults, which are seen.
-/

namespace LogprecTests.Optimise

open Logprec

/-- Do two circuits compute the same on all inputs of `m` bits? -/
def same (m : Nat) (C D : Circuit) : Bool :=
  (List.range (2 ^ m)).all fun a => C.eval (bits m a) == D.eval (bits m a)

/-- A gate that reads some positions. -/
def atLeast (k : Nat) (is : List Nat) : Gate := .atLeast k (is.map fun i => ⟨i, 1⟩)

/-- A circuit of 2 inputs with a constant (gate 0 of the first layer), two equal gates (1 and 3), and a gate that nobody
reads (2). -/
def wasteful : Circuit :=
  [[.atLeast 0 [], atLeast 1 [0, 1], atLeast 1 [0], atLeast 1 [0, 1], .atMost 0 [⟨1, 2⟩]],
    [.atLeast 2 [⟨0, 1⟩, ⟨1, 1⟩], .atMost 1 [⟨1, 1⟩, ⟨3, 1⟩, ⟨4, 2⟩], .atMost 2 [⟨0, 2⟩, ⟨1, 1⟩]]]

#guard wasteful.optimise = [[atLeast 1 [0, 1], .atMost 0 [⟨1, 2⟩]],
  [.atLeast 1 [⟨0, 1⟩], .atMost 1 [⟨0, 1⟩, ⟨0, 1⟩, ⟨1, 2⟩], .atMost 0 [⟨0, 1⟩]]]
#guard same 2 wasteful wasteful.optimise
#guard wasteful.optimise.size < wasteful.size

-- outputs keep their places: constants, equal outputs, outputs that do not depend on the inputs
#guard Circuit.optimise [[.atLeast 0 [⟨0, 1⟩], .atLeast 3 [⟨0, 2⟩], atLeast 1 [0], atLeast 1 [0], .atMost 2 [⟨0, 2⟩]]] =
  [[.atLeast 0 [], .atLeast 1 [], atLeast 1 [0], atLeast 1 [0], .atLeast 0 []]]
-- constants fold through several layers
#guard Circuit.optimise [[.atLeast 0 [], atLeast 1 [0]], [.atLeast 3 [⟨0, 1⟩, ⟨1, 1⟩], atLeast 1 [1]],
  [.atLeast 1 [⟨0, 1⟩, ⟨1, 1⟩]]] = [[atLeast 1 [0]], [atLeast 1 [0]], [atLeast 1 [0]]]
-- no layers; a layer without gates; wires without weight
#guard Circuit.optimise [] = []
#guard Circuit.optimise [[atLeast 1 [0]], []] = [[], []]
#guard same 2 [[.atLeast 1 [⟨0, 0⟩, ⟨1, 1⟩]]] (Circuit.optimise [[.atLeast 1 [⟨0, 0⟩, ⟨1, 1⟩]]])

-- a planted fault is seen: another wire, another threshold
#guard !same 2 wasteful [[atLeast 1 [0, 0], .atMost 0 [⟨1, 2⟩]], wasteful.optimise.getLast!]
#guard !same 2 wasteful [[atLeast 2 [0, 1], .atMost 0 [⟨1, 2⟩]], wasteful.optimise.getLast!]

end LogprecTests.Optimise
