"""Circuit files and evaluation."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit, from_bytes, load_layers
from logprec.errors import LogprecError

SMALL = b"""logprec-circuit 1
2
0
1 1 3 0 1 3 1 1
2 1 3 0 1 3 1 1
1 0
0
1 2 3 0 1 3 1 1
4
"""


def layer(gates: list[tuple[int, int, list[tuple[int, int]]]]) -> Gates:
    wires = [wire for _, _, ws in gates for wire in ws]
    return Gates(
        np.array([kind == 1 for kind, _, _ in gates], dtype=np.bool_),
        np.array([k for _, k, _ in gates], dtype=np.int64),
        np.cumsum([0, *(len(ws) for _, _, ws in gates)]),
        np.array([source for source, _ in wires], dtype=np.int64),
        np.array([mult for _, mult in wires], dtype=np.int64),
    )


@st.composite
def circuits(draw: st.DrawFn) -> tuple[LayerCircuit, list[list[tuple[int, int, list[tuple[int, int]]]]]]:
    inputs = width = draw(st.integers(0, 4))
    layers = []
    for _ in range(draw(st.integers(0, 4))):
        wire = st.tuples(st.integers(0, max(width - 1, 0)), st.sampled_from([0, 1, 1, 2, 7, 1 << 33]))
        gate = st.tuples(
            st.integers(1, 2), st.sampled_from([0, 1, 2, 3, 8, 1 << 33]), st.lists(wire, max_size=5 if width else 0)
        )
        layers.append(draw(st.lists(gate, max_size=5)))
        width = len(layers[-1])
    return LayerCircuit(inputs, tuple(map(layer, layers))), layers


def naive(layers: list[list[tuple[int, int, list[tuple[int, int]]]]], bits: list[bool]) -> list[bool]:
    for gates in layers:
        counts = [sum(mult for source, mult in ws if bits[source]) for _, _, ws in gates]
        bits = [c >= k if kind == 1 else c <= k for (kind, k, _), c in zip(gates, counts, strict=True)]
    return bits


@settings(deadline=None)
@given(circuits())
def test_evaluation_is_the_definition(
    pair: tuple[LayerCircuit, list[list[tuple[int, int, list[tuple[int, int]]]]]],
) -> None:
    circuit, layers = pair
    batch = (np.arange(1 << circuit.inputs)[:, None] >> np.arange(circuit.inputs) & 1).astype(bool)
    assert circuit.evaluate(batch).tolist() == [naive(layers, row) for row in batch.tolist()]
    assert circuit.trace(batch[-1])[-1].tolist() == naive(layers, batch[-1].tolist())


@settings(deadline=None)
@given(circuits())
def test_file_round_trip(pair: tuple[LayerCircuit, list[list[tuple[int, int, list[tuple[int, int]]]]]]) -> None:
    circuit, layers = pair
    data = circuit.to_bytes()
    again = from_bytes(data)
    assert again.to_bytes() == data
    assert again.inputs == circuit.inputs
    stats = again.stats()
    assert stats.depth == len(layers)
    assert stats.gates == sum(map(len, layers))
    assert stats.wires == sum(mult for gates in layers for _, _, ws in gates for _, mult in ws)


@settings(deadline=None)
@given(circuits(), st.data())
def test_every_cut_is_noticed(
    pair: tuple[LayerCircuit, list[list[tuple[int, int, list[tuple[int, int]]]]]], data: st.DataObject
) -> None:
    whole = pair[0].to_bytes()
    cut = whole[: data.draw(st.integers(0, len(whole) - 3))]
    with pytest.raises(LogprecError, match=r"cut short|not a circuit file"):
        from_bytes(cut)


def test_small_circuit() -> None:
    circuit = from_bytes(SMALL)
    assert circuit.evaluate([[0, 0], [0, 1], [1, 0], [1, 1]])[:, 0].tolist() == [False, True, True, False]
    stats = circuit.stats()
    assert (stats.depth, stats.gates, stats.wires, stats.size) == (2, 4, 6, 10)
    assert [x.max_fan_in for x in stats.layers] == [2, 2]
    assert from_bytes(SMALL.replace(b"\n", b"\r\n")).to_bytes() == circuit.to_bytes()


def test_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = from_bytes(SMALL)
    batch = np.random.default_rng(0).random((50, 2)) < 0.5
    monkeypatch.setattr("logprec.circuits.layers._MAX_CHUNK", 7)
    assert (circuit.evaluate(batch)[:, 0] == (batch[:, 0] ^ batch[:, 1])).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"logprec-circuit 1", b"logprec-circuit 2", "not a circuit file"),
        (SMALL, b"", "not a circuit file"),
        (SMALL, b"\x89PNG\r\n\x1a\n\x00\x00", "not a circuit file"),
        (b"4\n", b"", "cut short"),
        (b"2\n0\n", b"", "stand alone|cut short|must"),
        (b"1 2 3 0 1 3 1 1\n4", b"1 2 3 0 1 3 3 1\n4", "layer 2, gate 0: wire from 3 is out of range"),
        (b"2 1 3 0 1 3 1 1", b"2 1 3 0 1 3 2 1", "layer 1, gate 1: wire from 2 is out of range"),
        (b"1 2 3 0 1", b"1 x 3 0 1", "line 8: unexpected character 'x'"),
        (b"1 2 3 0 1", b"1 -2 3 0 1", "line 8: unexpected character '-'"),
        (b"1 2 3 0 1", b"1 2 3 0", "line 8: a gate is"),
        (b"1 2 3 0 1", b"1 2 5 0 1", "line 8: a wire must start with 3, not 5"),
        (b"1 2 3 0 1", b"1 2 3 0 1234567890123456789", "line 8: a number of more than 18 digits"),
        (b"1 0\n", b"5 0\n", "line 6: must start with"),
        (b"1 0\n", b"1\n", "line 6: a gate is"),
        (b"0\n1 1", b"1 1", "line 3: a gate before the first layer"),
        (b"0\n1 1", b"0 1\n1 1", "line 3: 0 and 4 must stand alone"),
        (b"4\n", b"4\n4\n", "line 9: text after the end marker"),
        (b"4\n", b"4 4\n", "stand alone"),
        (b"\n2\n", b"\n2 2\n", "line 2: the number of inputs"),
        (b"3 0 1 3 1 1\n2", b"3 0 900000000000000000 " + b"3 1 900000000000000000 " * 6 + b"\n2", "2\\^62"),
    ],
)
def test_bad_files(old: bytes, new: bytes, message: str, tmp_path: Path) -> None:
    assert old in SMALL
    path = tmp_path / "bad.circuit"
    path.write_bytes(SMALL.replace(old, new, 1))
    with pytest.raises(LogprecError, match=message) as caught:
        load_layers(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_bad_inputs(tmp_path: Path) -> None:
    with pytest.raises(LogprecError, match="cannot read"):
        load_layers(tmp_path / "none")
    with pytest.raises(LogprecError, match="reads 2 bits"):
        from_bytes(SMALL).evaluate([[1, 0, 1]])
    with pytest.raises(LogprecError, match="cannot write"):
        from_bytes(SMALL).save(tmp_path / "none" / "x")


def test_large_file_round_trip(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    gates, fan = 20_000, 10
    big = Gates(
        rng.random(gates) < 0.5,
        rng.integers(0, fan, gates),
        np.arange(gates + 1) * fan,
        rng.integers(0, 50, gates * fan),
        rng.integers(1, 3, gates * fan),
    )
    circuit = LayerCircuit(50, (big,))
    circuit.save(tmp_path / "big")
    again = load_layers(tmp_path / "big")
    assert (again.layers[0].source == big.source).all()
    assert (again.layers[0].threshold == big.threshold).all()
    batch = rng.random((3, 50)) < 0.5
    assert (again.evaluate(batch) == circuit.evaluate(batch)).all()
