"""Pictures: they are written, in every size and format, or not at all."""

from pathlib import Path

import numpy as np
import pytest
from conftest import example
from quantised import Case, build
from test_blocks import XOR as XOR_BLOCKS

from logprec.circuits import blocks
from logprec.circuits.blocks import blocks_from_bytes
from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit, from_bytes
from logprec.constructor.executable import project_root
from logprec.errors import LogprecError
from logprec.models.load import load_model
from logprec.pictures import circuit as draw
from logprec.pictures.attention import draw_attention
from logprec.pictures.circuit import draw_circuit

XOR = from_bytes(b"logprec-circuit 1\n2\n0\n1 1 3 0 1 3 1 1\n2 1 3 0 1 3 1 1\n0\n1 2 3 0 1 3 1 1\n4\n")
MAGIC = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize("suffix", MAGIC)
def test_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    draw_circuit(XOR, path, title="xor", bits=[1, 0])
    assert path.read_bytes().startswith(MAGIC[suffix])
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_large_and_degenerate_circuits(tmp_path: Path) -> None:
    wide = Gates(np.ones(5000, bool), np.ones(5000, int), np.arange(5001), np.zeros(5000, int), np.ones(5000, int))
    draw_circuit(LayerCircuit(1, (wide,)), tmp_path / "wide.png")
    draw_circuit(from_bytes(b"logprec-circuit 1\n0\n0\n1 0\n2 0\n4\n"), tmp_path / "constants.png")
    draw_circuit(from_bytes(b"logprec-circuit 1\n0\n4\n"), tmp_path / "empty.png", bits=[])
    assert len(list(tmp_path.iterdir())) == 3


def test_attention(tmp_path: Path) -> None:
    model = example("brackets")
    draw_attention(model, model.encode("(())"), tmp_path / "x.png", title="brackets")
    assert (tmp_path / "x.png").stat().st_size > 10_000


def test_circuits_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = blocks_from_bytes(XOR_BLOCKS.encode())
    draw_circuit(circuit, tmp_path / "blocks.svg")
    draw_circuit(circuit.flatten(), tmp_path / "flat.svg")
    assert circuit.stats() == circuit.flatten().stats()
    gates = (tmp_path / "flat.svg").read_text().count("<path")
    assert (tmp_path / "blocks.svg").read_text().count("<path") == gates
    # what is too large to be flattened is drawn, too
    monkeypatch.setattr(blocks, "MAX_FLAT", 1)
    monkeypatch.setattr(draw, "_MAX_NODES", 1)
    draw_circuit(circuit, tmp_path / "large.png")
    assert (tmp_path / "large.png").read_bytes().startswith(MAGIC[".png"])


def test_attention_of_quantised_models(tmp_path: Path) -> None:
    model = load_model(project_root() / "examples" / "decoders" / "brackets")
    draw_attention(model, model.encode("(())"), tmp_path / "x.svg", title="brackets")
    text = (tmp_path / "x.svg").read_text()
    assert all(f"layer {k}, head {h}: weights" in text for k in (1, 2) for h in (1, 2))
    assert "brackets: (()) is yes" in text
    with pytest.raises(LogprecError, match="no attention to draw"):
        draw_attention(build(Case("plain", 0, 1, 2, 0)), [0, 0], tmp_path / "none.png")


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(LogprecError, match="pictures are written as"):
        draw_circuit(XOR, tmp_path / "x.gif")
    with pytest.raises(LogprecError, match="cannot write"):
        draw_circuit(XOR, tmp_path / "none" / "x.png")
    with pytest.raises(LogprecError, match="reads 2 bits"):
        draw_circuit(XOR, tmp_path / "x.png", bits=[1])
    assert not list(tmp_path.iterdir())
