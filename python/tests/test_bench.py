"""Benchmarks measure what they say; how fast it is is not tested."""

import dataclasses
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from conftest import example
from test_quantised_circuits import tiny

from logprec.circuits.blocks import BlockCircuit, Group, Stage
from logprec.circuits.layers import from_bytes, load_layers
from logprec.constructor.compile import compile_model, estimate
from logprec.constructor.executable import project_root

CIRCUIT = "logprec-circuit 1\n2\n0\n1 1 3 0 1 3 1 1\n2 1 3 0 1 3 1 2\n1 0\n0\n1 2 3 0 1 3 2 1\n0\n1 0\n2 0 3 0 5\n4\n"


def benchmark(name: str) -> Any:
    folder = str(project_root() / "bench")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def bench() -> Any:
    return benchmark("constructor")


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_gates_and_wires_are_counted(bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chunk: int) -> None:
    file, program = tmp_path / "c.circuit", tmp_path / "generate"
    file.write_text(CIRCUIT)
    program.write_text(f"#!/bin/sh\ncat {file}\n")
    program.chmod(0o755)
    monkeypatch.setattr(bench, "CHUNK", chunk)
    found = bench.counted(program, 1)
    stats = load_layers(file).stats()
    assert (found.bytes, found.gates, found.wires) == (len(CIRCUIT), stats.gates, 7)
    elapsed, processor = bench.timed(program, 1)
    assert processor >= 0
    assert elapsed > 0


def test_a_generator_that_fails(bench: Any, tmp_path: Path) -> None:
    program = tmp_path / "generate"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    for measure in (bench.counted, bench.timed):
        with pytest.raises(SystemExit, match="failed for n = 5"):
            measure(program, 5)


def test_embeddings_are_repeated(bench: Any) -> None:
    model = example("majority")
    longer = bench.longer(model, 40)
    assert longer.embed.shape == (40, 2)
    assert (longer.embed[16:32] == model.embed).all() and np.array_equal(longer.embed[:16], model.embed)


def test_a_power_law_is_fitted() -> None:
    sizes = benchmark("sizes")
    assert sizes.exponent([1, 2, 4, 8], [3, 24, 192, 1536]) == pytest.approx(3)
    assert sizes.exponent([1, 2, 4], [7, 7, 7]) == pytest.approx(0)


@pytest.mark.lean
def test_sizes_are_measured_and_drawn(tmp_path: Path) -> None:
    sizes = benchmark("sizes")
    sizes.sweep({"n": [1, 2]}, tmp_path)
    data = json.loads((tmp_path / "sizes.json").read_text())
    one, two = data["results"]["n"]
    assert (one["n"], two["n"], one["depth"]) == (1, 2, two["depth"])
    assert one["size"] == estimate(sizes.model(sizes.Case(n=1)), 1).size
    assert data["exponents"]["n"] == pytest.approx(np.log2(two["size"] / one["size"]), abs=1e-3)
    assert (tmp_path / "sizes.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.lean
def test_the_acceptance_case_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acceptance = benchmark("acceptance")
    model = tiny(5, rms=True)
    monkeypatch.setattr(acceptance, "load_quantised", lambda folder: model)
    acceptance.main("majority", [1], out=tmp_path)
    [row] = json.loads((tmp_path / "acceptance.json").read_text())["circuits"]
    assert row["compared"] == [{"words": "all inputs", "checked": 2, "mismatches": 0}]
    # the circuit of another model: nothing is written
    readout = dataclasses.replace(model.readout, bias=-model.readout.bias - 7)
    other = compile_model(dataclasses.replace(model, readout=readout), 1, tmp_path / "other")
    monkeypatch.setattr(acceptance, "compile_model", lambda *arguments: other)
    with pytest.raises(typer.Exit):
        acceptance.main("majority", [1], out=tmp_path / "wrong")
    assert not (tmp_path / "wrong").exists()


def test_the_evaluator_is_measured() -> None:
    evaluator = benchmark("evaluator")
    flat = from_bytes(CIRCUIT.encode())
    group = Group(0, np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([[0, 1]]))
    before = os.sched_getaffinity(0)
    assert evaluator.rate(BlockCircuit(2, (flat,), (Stage(flat.stats().depth, flat.outputs, (group,)),)), 64, 1) > 0
    assert os.sched_getaffinity(0) == before
    assert evaluator.bandwidth(1 << 10) > 0
