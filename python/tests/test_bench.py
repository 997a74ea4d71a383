"""The benchmark of the constructor counts what is in a circuit file."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import example

from logprec.circuit import load_circuit
from logprec.compile import project_root

CIRCUIT = "logprec-circuit 1\n2\n0\n1 1 3 0 1 3 1 1\n2 1 3 0 1 3 1 2\n1 0\n0\n1 2 3 0 1 3 2 1\n0\n1 0\n2 0 3 0 5\n4\n"


@pytest.fixture(scope="module")
def bench() -> Any:
    spec = importlib.util.spec_from_file_location("bench_constructor", project_root() / "bench/constructor.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_gates_and_wires_are_counted(bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chunk: int) -> None:
    file, program = tmp_path / "c.circuit", tmp_path / "generate"
    file.write_text(CIRCUIT)
    program.write_text(f"#!/bin/sh\ncat {file}\n")
    program.chmod(0o755)
    monkeypatch.setattr(bench, "CHUNK", chunk)
    found = bench.counted(program, 1)
    stats = load_circuit(file).stats()
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
