"""Verification: inputs, verdicts, and planted faults."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from models import Case, build

from logprec.checking.verify import adversarial_inputs, exhaustive_inputs, random_inputs, verify
from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit, from_bytes
from logprec.errors import LogprecError
from logprec.models.tables.model import TableModel

Fault = Callable[[Gates, int, int], Gates | None]


def put(values: np.ndarray, at: int, value: int) -> np.ndarray:
    changed = values.copy()
    changed[at] = value
    return changed


def negate_gate(layer: Gates, gate: int, width: int) -> Gates | None:
    return replace(layer, at_least=put(layer.at_least, gate, not layer.at_least[gate]))


def raise_threshold(layer: Gates, gate: int, width: int) -> Gates | None:
    return replace(layer, threshold=put(layer.threshold, gate, layer.threshold[gate] + 1))


def wrong_source(layer: Gates, gate: int, width: int) -> Gates | None:
    wire = layer.start[gate]
    if wire == layer.start[gate + 1] or width == 1:
        return None
    return replace(layer, source=put(layer.source, wire, (layer.source[wire] + 1) % width))


def drop_wire(layer: Gates, gate: int, width: int) -> Gates | None:
    wire = layer.start[gate]
    if wire == layer.start[gate + 1]:
        return None
    return replace(layer, mult=put(layer.mult, wire, 0))


FAULTS: tuple[Fault, ...] = (negate_gate, raise_threshold, wrong_source, drop_wire)


def plant(circuit: LayerCircuit, fault: Fault, depth: int) -> Iterator[LayerCircuit]:
    """Yield the circuit with one fault in one gate of a layer, for some twenty of its gates."""
    width = len(circuit.layers[depth - 1]) if depth else circuit.inputs
    gates = len(circuit.layers[depth])
    for gate in range(0, gates, max(1, gates // 20)):
        changed = fault(circuit.layers[depth], gate, width)
        if changed is not None:
            yield LayerCircuit(circuit.inputs, (*circuit.layers[:depth], changed, *circuit.layers[depth + 1 :]))


@pytest.mark.lean
def test_correct_circuit_passes(majority: tuple[TableModel, LayerCircuit]) -> None:
    verdict = verify(*majority)
    assert (verdict.n, verdict.checked, verdict.mismatches, verdict.accepted) == (3, 8, 0, 4)
    assert verdict.first is None
    assert verify(*majority, random=30, seed=5).mismatches == 0


@pytest.mark.lean
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_planted_faults_are_caught(majority: tuple[TableModel, LayerCircuit], fault: Fault) -> None:
    """A fault may hit a gate that does not matter; but most matter, and in most layers some is caught."""
    model, circuit = majority
    layers_caught = planted = 0
    for depth in range(len(circuit.layers)):
        verdicts = [verify(model, broken) for broken in plant(circuit, fault, depth)]
        planted += len(verdicts)
        caught = [verdict for verdict in verdicts if verdict.mismatches]
        layers_caught += bool(caught)
        for verdict in caught:
            assert verdict.first is not None
            assert verdict.first.expected != verdict.first.found
    assert planted >= 100
    assert layers_caught >= 0.6 * len(circuit.layers)


@pytest.mark.lean
@pytest.mark.parametrize("fault", [negate_gate, raise_threshold], ids=lambda fault: fault.__name__)
def test_fault_in_the_output_gate_is_caught(majority: tuple[TableModel, LayerCircuit], fault: Fault) -> None:
    model, circuit = majority
    (broken,) = plant(circuit, fault, len(circuit.layers) - 1)
    verdict = verify(model, broken)
    assert verdict.mismatches > 0
    assert verdict.first is not None
    # the counterexample replays
    found = broken.evaluate(model.to_bits([verdict.first.symbols]))
    assert "".join("01"[int(x)] for x in found[0]) == verdict.first.found


def test_a_constant_circuit_is_caught_without_a_constructor() -> None:
    model = build(Case(4, 1, (1,), 2, 1, "any", 1))
    model = replace(model, accept=np.ones_like(model.accept))
    assert verify(model, from_bytes(b"logprec-circuit 1\n2\n0\n1 0\n4\n")).mismatches == 0
    verdict = verify(model, from_bytes(b"logprec-circuit 1\n2\n0\n1 1\n4\n"))
    assert (verdict.mismatches, verdict.accepted) == (4, 4)
    assert verdict.first is not None
    assert verdict.first.text == "aa"


@pytest.mark.lean
def test_a_device_is_for_circuits_in_blocks(majority: tuple[TableModel, LayerCircuit]) -> None:
    with pytest.raises(LogprecError, match="a device is for circuits in blocks"):
        verify(*majority, device="cpu")


def test_inputs() -> None:
    model = build(Case(4, 1, (1,), 4, 2, "any", 1))
    everything = np.concatenate(list(exhaustive_inputs(model, 4)))
    assert np.unique(everything, axis=0).shape == (256, 4)
    special = {tuple(row) for row in adversarial_inputs(model, 4).tolist()}
    assert {(0, 0, 0, 0), (3, 3, 3, 3), (0, 1, 0, 1), (2, 2, 1, 1), (1, 0, 0, 0), (0, 0, 0, 1)} <= special
    first, again = (np.concatenate(list(random_inputs(model, 4, 5000, 3))) for _ in range(2))
    assert (first == again).all()
    assert len(first) == 5000 + len(special)
    assert first.min() == 0
    assert first.max() == 3
    with pytest.raises(LogprecError, match="too many"):
        next(exhaustive_inputs(model, 30))


def test_foreign_circuits_are_refused() -> None:
    model = build(Case(4, 1, (1,), 2, 2, "any", 1))
    for inputs, gates in ((3, 1), (0, 1), (4, 2), (4, 7)):
        text = f"logprec-circuit 1\n{inputs}\n0\n" + "1 0\n" * gates + "4\n"
        with pytest.raises(LogprecError, match="does not belong"):
            model.length_of(from_bytes(text.encode()))
    states = from_bytes(b"logprec-circuit 1\n4\n0\n" + b"1 0\n" * 8 + b"4\n")
    assert (model.length_of(states), model.gives_states(states)) == (2, True)
    with pytest.raises(LogprecError, match="length 9"):
        model.length_of(from_bytes(b"logprec-circuit 1\n18\n0\n1 0\n4\n"))
