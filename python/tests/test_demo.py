"""The demonstration checks what it compiles, and says when something is wrong."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from logprec.commands import demo
from logprec.commands.demo import Example, run_demo
from logprec.constructor.executable import project_root
from logprec.constructor.kept import compile_kept
from logprec.models.load import load_model


def run(out: Path) -> tuple[bool, str]:
    text = io.StringIO()
    agreed = run_demo(out, Console(file=text, width=80), Console(file=io.StringIO()))
    return agreed, text.getvalue()


@pytest.mark.lean
def test_a_small_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EXAMPLES", (Example("majority", (1, 2), "01"),))
    agreed, text = run(tmp_path)
    assert agreed
    assert "…" not in text
    rows = [line.split() for line in text.splitlines() if line.split()[:1] in (["1"], ["2"])]
    assert [(row[0], row[1], row[4:7]) for row in rows] == [("1", "37", ["2", "1", "0"]), ("2", "37", ["4", "1", "0"])]
    made = {path.name for path in tmp_path.iterdir()}
    assert made >= {
        "circuit.png",
        "majority-1.circuit",
        "majority-2.circuit",
        "majority-layers.png",
        "majority-attention.png",
    }


@pytest.mark.lean
def test_a_wrong_circuit_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = demo.compile_kept

    def planted(*arguments: Any, **options: Any) -> Any:
        circuit, kept = right(*arguments, **options)
        last = circuit.layers[-1]
        flipped = dataclasses.replace(last, at_least=np.logical_not(last.at_least))
        return dataclasses.replace(circuit, layers=(*circuit.layers[:-1], flipped)), kept

    monkeypatch.setattr(demo, "compile_kept", planted)
    monkeypatch.setattr(demo, "EXAMPLES", (Example("majority", (1,), "0"),))
    assert not run(tmp_path)[0]


@pytest.mark.lean
def test_circuits_are_kept_until_something_changes(tmp_path: Path) -> None:
    majority, contains = (load_model(project_root() / "examples" / name) for name in ("majority", "contains"))
    path = tmp_path / "m.circuit"
    circuit, kept = compile_kept(majority, 1, path)
    assert not kept
    text = path.read_bytes()
    assert compile_kept(majority, 1, path)[1]
    assert compile_kept(majority, 1, path)[0].stats() == circuit.stats()
    path.write_bytes(text[:-8])  # cut short
    assert not compile_kept(majority, 1, path)[1]
    assert path.read_bytes() == text
    path.write_bytes(text.replace(b"\n1 ", b"\n2 ", 1))  # another gate, and well-formed
    assert not compile_kept(majority, 1, path)[1]
    assert path.read_bytes() == text
    assert not compile_kept(majority, 2, path)[1]  # another length
    assert not compile_kept(contains, 2, path)[1]  # another model
