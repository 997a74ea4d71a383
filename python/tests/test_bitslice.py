"""The bit-sliced evaluator agrees with the sparse one, bit for bit."""

import numpy as np
import pytest
from circuits import lookup, random_circuit, random_layer
from hypothesis import given, settings
from hypothesis import strategies as st

from logprec.circuits import bitslice
from logprec.circuits.bitslice import BitSliced
from logprec.circuits.layers import BIT_SLICED_FROM, LayerCircuit, from_bytes
from logprec.circuits.sums import distinct_sums


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**9), st.integers(0, 200))
def test_agrees_with_sparse_matrices(seed: int, count: int) -> None:
    circuit = random_circuit(seed)
    batch = np.random.default_rng(seed + 1).random((count, circuit.inputs)) < 0.5
    found = BitSliced(circuit.inputs, circuit.layers).evaluate(batch)
    assert found.dtype == np.bool_
    assert (found == circuit.evaluate(batch)).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**9))
def test_distinct_sums_are_the_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layer = random_layer(rng, 6, 20, 8)
    sums = distinct_sums(layer, 6)
    assert (sums.mult > 0).all()
    rows = [sums.wires(r) for r in range(len(sums.total))]
    assert len({str(row) for row in rows}) == len(rows)
    assert sums.total.tolist() == [sum(mults) for _, mults in rows]
    for bits in (rng.random((20, 6)) < 0.5).astype(int).tolist():
        counts = np.array([sum(m for s, m in zip(*row, strict=True) if bits[s]) for row in rows], dtype=np.int64)
        fires = (counts[sums.row] >= sums.bound) != sums.inverted
        assert fires.tolist() == LayerCircuit(6, (layer,)).evaluate([bits])[0].tolist()
        full = counts[sums.row] == sums.total[sums.row]
        assert (((counts[sums.row] >= sums.bound) == full) | ~sums.is_and()).all()
        assert (((counts[sums.row] >= sums.bound) == (counts[sums.row] > 0)) | ~sums.is_or()).all()


def test_lookup_tables_and_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = lookup(9, 20, 3)
    batch = (np.arange(1 << 13)[:, None] >> np.arange(9) & 1).astype(bool)
    found = circuit.evaluate(batch)
    monkeypatch.setattr("logprec.circuits.layers.BIT_SLICED_FROM", len(batch) + 1)
    assert (found == circuit.evaluate(batch)).all()
    assert 0.1 < found.mean() < 0.9


@pytest.mark.parametrize(
    ("name", "value"), [("_BLOCK_WIRES", 1), ("FEW_WORDS", 1), ("_MANY_WORDS", 1), ("_MAX_WORDS", 10)]
)
def test_small_blocks(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    monkeypatch.setattr(bitslice, name, value)
    circuit = lookup(5, 6, 1)
    batch = np.random.default_rng(0).random((300, 5)) < 0.5
    assert (BitSliced(5, circuit.layers).evaluate(batch) == circuit.evaluate(batch)).all()


@pytest.mark.parametrize("text", ["0\n0\n1 0\n2 0\n1 1\n4", "3\n4", "2\n0\n4", "2\n0\n4\n"])
def test_degenerate_circuits(text: str) -> None:
    circuit = from_bytes(f"logprec-circuit 1\n{text}\n".encode())
    batch = np.random.default_rng(0).random((BIT_SLICED_FROM, circuit.inputs)) < 0.5
    assert circuit.evaluate(batch).tolist() == [circuit.evaluate(row[None])[0].tolist() for row in batch]
