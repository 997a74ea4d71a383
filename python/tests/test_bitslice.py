"""The bit-sliced evaluator agrees with the sparse one, bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logprec import bitslice
from logprec.bitslice import BitSliced
from logprec.circuit import BIT_SLICED_FROM, Circuit, Gates, from_bytes
from logprec.sums import distinct_sums

MULTIPLICITIES = ([1], [0, 1, 2, 3], [1, 2, 4, 8], [0, 1, 5, 1 << 33, (1 << 40) + 3])


def gates(lists: list[tuple[bool, int, list[tuple[int, int]]]]) -> Gates:
    wires = [wire for _, _, ws in lists for wire in ws]
    return Gates(
        np.array([kind for kind, _, _ in lists], dtype=np.bool_),
        np.array([k for _, k, _ in lists], dtype=np.int64),
        np.cumsum([0, *(len(ws) for _, _, ws in lists)]),
        np.array([source for source, _ in wires], dtype=np.int64),
        np.array([mult for _, mult in wires], dtype=np.int64),
    )


def random_layer(rng: np.random.Generator, width: int, count: int, fan: int) -> Gates:
    """Make gates of every sort: shared and repeated wires, no wires, thresholds around what can occur."""
    lists: list[tuple[bool, int, list[tuple[int, int]]]] = []
    for _ in range(count):
        wires = []
        if width:
            some = int(rng.integers(fan + 1))
            mults = rng.choice(MULTIPLICITIES[rng.integers(len(MULTIPLICITIES))], some)
            wires = list(zip(rng.integers(width, size=some).tolist(), mults.tolist(), strict=True))
        if lists and rng.random() < 0.4:
            wires = lists[rng.integers(len(lists))][2]
        total = sum(mult for _, mult in wires)
        bounds = [0, 1, 2, total - 1, total, total + 1, int(rng.integers(total + 1)), 10**18 - 1]
        lists.append((bool(rng.random() < 0.5), max(0, bounds[rng.integers(len(bounds))]), wires))
    return gates(lists)


def random_circuit(seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    inputs = width = int(rng.integers(12))
    layers = []
    for _ in range(rng.integers(5)):
        layers.append(random_layer(rng, width, int(rng.integers(25)), int(rng.choice([2, 5, 40]))))
        width = len(layers[-1])
    return Circuit(inputs, tuple(layers))


def lookup(width: int, outputs: int, seed: int) -> Circuit:
    """Make the layers of a look-up table: negations, one AND per address, wide ORs; then bounds on their count."""
    rng = np.random.default_rng(seed)
    literals = gates([(i % 2 == 0, i % 2 == 0, [(i // 2, 1)]) for i in range(2 * width)])
    ands = gates(
        [(True, width, [(2 * b + 1 - (a >> b & 1), 1) for b in range(width)]) for a in range(1 << width)],
    )
    ors = gates(
        [(True, 1, [(int(a), 1) for a in np.flatnonzero(rng.random(1 << width) < 0.5)]) for _ in range(outputs)]
    )
    bounds = gates([(k % 3 > 0, k, [(j, 1 + j % 4) for j in range(outputs)]) for k in range(3 * outputs)])
    return Circuit(width, (literals, ands, ors, bounds))


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
        assert fires.tolist() == Circuit(6, (layer,)).evaluate([bits])[0].tolist()
        full = counts[sums.row] == sums.total[sums.row]
        assert (((counts[sums.row] >= sums.bound) == full) | ~sums.is_and()).all()
        assert (((counts[sums.row] >= sums.bound) == (counts[sums.row] > 0)) | ~sums.is_or()).all()


def test_lookup_tables_and_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = lookup(9, 20, 3)
    batch = (np.arange(1 << 13)[:, None] >> np.arange(9) & 1).astype(bool)
    found = circuit.evaluate(batch)
    monkeypatch.setattr("logprec.circuit.BIT_SLICED_FROM", len(batch) + 1)
    assert (found == circuit.evaluate(batch)).all()
    assert 0.1 < found.mean() < 0.9


@pytest.mark.parametrize(("name", "value"), [("_BLOCK_WIRES", 1), ("_WORDS", 1), ("_MAX_WORDS", 10)])
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
