"""Circuits in blocks agree with their flattened form, and their files are read strictly."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from circuits import random_layer
from hypothesis import given, settings
from hypothesis import strategies as st

from logprec.circuits import blocks
from logprec.circuits.arrays import NUMPY
from logprec.circuits.blocks import BlockCircuit, blocks_from_bytes
from logprec.circuits.circuit import load_circuit
from logprec.circuits.gates import Bits
from logprec.circuits.layers import LayerCircuit
from logprec.errors import LogprecError


def random_text(seed: int) -> str:
    """Write a random circuit in blocks: shapes used in several stages, runs that overlap, stages without blocks."""
    rng = np.random.default_rng(seed)
    inputs = width = int(rng.integers(1, 9))
    lines, shapes = ["logprec-blocks 1", str(inputs)], []
    for _ in range(rng.integers(4)):
        depth = int(rng.integers(1, 4))
        lines.append(f"5 {depth}")
        outputs = 0
        for _ in range(rng.integers(1, 8)):
            fitting = [k for k, shape in enumerate(shapes) if len(shape.layers) == depth]
            if not fitting or rng.random() < 0.4:
                shapes.append(random_shape(rng, depth))
                text = shapes[-1].to_bytes().decode().splitlines()
                lines += [f"6 {len(shapes) - 1} {text[1]}", *text[2:]]
                fitting = [len(shapes) - 1]
            k = int(rng.choice(fitting))
            lines.append(" ".join(map(str, [7, k, *random_runs(rng, shapes[k].inputs, width)])))
            outputs += shapes[k].outputs
        width = outputs
        if not width:
            break
    return "\n".join([*lines, "8"]) + "\n"


def random_shape(rng: np.random.Generator, depth: int) -> LayerCircuit:
    inputs = width = int(rng.integers(1, 7))
    layers = []
    for _ in range(depth):
        layers.append(random_layer(rng, width, int(rng.integers(1, 8)), 6))
        width = len(layers[-1])
    return LayerCircuit(inputs, tuple(layers))


def random_runs(rng: np.random.Generator, total: int, width: int) -> Iterator[int]:
    while total:
        length = int(rng.integers(1, min(total, width) + 1))
        yield from (int(rng.integers(width - length + 1)), length)
        total -= length


def naive(circuit: BlockCircuit, batch: Bits) -> Bits:
    """Evaluate block by block."""
    for stage in circuit.stages:
        parts = [circuit.shapes[group.shape].evaluate(batch[:, group.source[k]]) for group, k in stage.blocks()]
        batch = np.concatenate(parts, axis=1)
    return batch


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**9), st.integers(0, 300))
def test_agrees_with_the_flattened_circuit(seed: int, count: int) -> None:
    circuit = blocks_from_bytes(random_text(seed).encode())
    batch = np.random.default_rng(seed + 1).random((count, circuit.inputs)) < 0.5
    found = circuit.evaluate(batch)
    assert found.shape == (count, circuit.outputs)
    assert (found == naive(circuit, batch)).all()
    flat = circuit.flatten()
    flat.check()
    assert (found == flat.evaluate(batch)).all()
    assert circuit.stats() == flat.stats()


@pytest.mark.parametrize(("name", "value"), [("_MOST_WORDS", 1), ("_PASS_WORDS", 1), ("_PASS_WORDS", 300)])
def test_small_passes(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    for seed in range(12):
        circuit = blocks_from_bytes(random_text(seed).encode())
        batch = np.random.default_rng(seed).random((500, circuit.inputs)) < 0.5
        whole = circuit.evaluate(batch)
        monkeypatch.setattr(blocks, name, value)
        monkeypatch.setattr(NUMPY, "shape_words", 3)
        small = blocks_from_bytes(random_text(seed).encode())
        seen: list[int] = []

        def progress(done: int, total: int, seen: list[int] = seen) -> None:
            seen.append(done)

        assert (small.evaluate(batch, progress) == whole).all()
        assert seen[-1] == 500
        assert seen == sorted(seen)
        monkeypatch.undo()


XOR = """logprec-blocks 1
4
5 2
6 0 2
0
1 1 3 0 1 3 1 1
2 1 3 0 1 3 1 1
0
1 2 3 0 1 3 1 1
4
7 0 0 2
7 0 1 1 3 1
8
"""


@pytest.mark.parametrize("seed", range(20))
def test_pytorch_computes_the_same(seed: int) -> None:
    pytest.importorskip("torch")
    circuit = blocks_from_bytes(random_text(seed).encode())
    batch = np.random.default_rng(seed + 1).random((300, circuit.inputs)) < 0.5
    assert np.array_equal(circuit.evaluate(batch, device="cpu"), circuit.evaluate(batch))


def test_a_device_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = blocks_from_bytes(XOR.encode())
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LogprecError, match="device 'cuda' needs PyTorch: pip install"):
        circuit.evaluate(np.zeros((1, 4)), device="cuda")


def test_a_device_that_pytorch_does_not_have() -> None:
    pytest.importorskip("torch")
    with pytest.raises(LogprecError, match=r"^device 'abacus': [^\n]*$"):
        blocks_from_bytes(XOR.encode()).evaluate(np.zeros((1, 4)), device="abacus")


def test_two_exclusive_ors() -> None:
    circuit = blocks_from_bytes(XOR.encode())
    batch = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(bool)
    assert circuit.evaluate(batch).tolist() == [[bool(a ^ b), bool(b ^ d)] for a, b, _, d in batch.tolist()]
    counts = circuit.stats()
    assert (counts.depth, counts.gates, counts.wires, counts.inputs, counts.outputs) == (2, 6, 12, 4, 2)


@pytest.mark.parametrize(
    ("old", "new"), [("7 0 0 2", "7 0 1 2"), ("2 1 3 0", "2 0 3 0"), ("1 2 3 0", "1 1 3 0"), ("3 1\n8", "2 1\n8")]
)
def test_a_planted_fault_is_seen(old: str, new: str) -> None:
    assert XOR.count(old) == 1
    circuit, other = (blocks_from_bytes(text.encode()) for text in (XOR, XOR.replace(old, new)))
    batch = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(bool)
    assert (circuit.evaluate(batch) != other.evaluate(batch)).any()
    assert (other.evaluate(batch) == naive(other, batch)).all()


def test_the_loader_takes_both_kinds(tmp_path: Path) -> None:
    path = tmp_path / "circuit"
    path.write_text(XOR)
    loaded = load_circuit(path)
    assert isinstance(loaded, BlockCircuit)
    loaded.flatten().save(path)
    assert isinstance(load_circuit(path), LayerCircuit)
    with pytest.raises(LogprecError, match="cannot read"):
        load_circuit(tmp_path / "none")


def test_large_circuits_are_not_flattened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_FLAT", 17)
    with pytest.raises(LogprecError, match="18 gates and wires, above the limit of 17; raise it with --max-size 18"):
        blocks_from_bytes(XOR.encode()).flatten()
    assert len(blocks_from_bytes(XOR.encode()).flatten(18).layers) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("logprec-blocks 1", "logprec-blocks 2", "the first line must be"),
        ("\n4\n5 2", "\n4 4\n5 2", "line 2: the number of inputs must stand alone"),
        ("5 2", "5 3", "line 11: shape 0 has depth 2, its stage has depth 3"),
        ("5 2", "5 0", "line 3: a stage is '5 depth', of depth 1"),
        ("5 2", "5", "line 3: a stage is '5 depth'"),
        ("5 2\n", "", "line 3: expected a stage"),
        ("6 0 2", "6 1 2", "line 4: a new shape is '6 0 inputs'"),
        ("6 0 2", "6 0 3", "line 11: the block reads 2 bits, shape 0 reads 3"),
        ("6 0 2", "6 0 1", "shape 0, which starts at line 4 (its line 1)"),
        ("2 1 3 0 1", "2 1 9 0 1", "must start with 3"),
        ("7 0 0 2", "7 1 0 2", "line 11: there is no shape 1 yet"),
        ("7 0 0 2", "7 0 3 2", "line 11: a run ends at 5"),
        ("7 0 0 2", "7 0 0", "line 11: a block is"),
        ("7 0 0 2", "7 0 0 -2", "line 11: '-2' is no number"),
        ("7 0 0 2", "7 0 0 2000000000000000000000", "is no number of up to 18 digits"),
        ("7 0 0 2", "9", "line 11: must start with 5, 6, 7 or 8"),
        ("7 0 0 2\n", "\n", "line 11: must start with 5, 6, 7 or 8"),
        ("3 1 1\n4\n", "3 1 1\n", "cut short: shape 0 of line 4 has no end marker 4"),
        ("8\n", "", "cut short: the end marker 8 is missing"),
        ("8\n", "8 8\n", "end marker 8, alone"),
        ("8\n", "8\n7", "text after the end marker 8"),
    ],
)
def test_bad_files_are_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert XOR.count(old) == 1
    path = tmp_path / "bad"
    path.write_text(XOR.replace(old, new))
    with pytest.raises(LogprecError) as caught:
        load_circuit(path)
    text = str(caught.value)
    assert message in text
    assert str(path) in text
    assert "\n" not in text


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_MAX_READ", 3)
    with pytest.raises(LogprecError, match="read more than 3 bits"):
        blocks_from_bytes(XOR.encode())
