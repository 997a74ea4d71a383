"""The command line takes quantised models and circuits in blocks."""

from pathlib import Path

import numpy as np
import pytest
from test_cli import EXAMPLES
from test_cli import run as run_cli

from logprec.models.quantised.folder import save_quantised
from logprec.models.quantised.model import QuantisedModel
from logprec.models.quantised.parts import Affine

# outputs the last symbol: -1 for a and 0 for b, stored with an offset of 1
LAST = QuantisedModel(
    ("a", "b"),
    ("p",),
    1,
    4,
    1,
    4,
    np.array([[-1], [0]]),
    np.zeros((0, 1), dtype=np.int64),
    (),
    (),
    Affine(np.array([[1]]), np.array([0]), 0),
    1,
)
CIRCUIT = "logprec-blocks 1\n2\n5 1\n6 0 1\n0\n1 1 3 0 1\n4\n7 0 1 1\n8\n"

Run = tuple[pytest.MonkeyPatch, pytest.CaptureFixture[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_quantised(LAST, tmp_path / "model")
    (tmp_path / "good").write_text(CIRCUIT)
    (tmp_path / "bad").write_text(CIRCUIT.replace("7 0 1 1", "7 0 0 1"))
    (tmp_path / "other").write_text(CIRCUIT.replace("7 0 1 1", "7 0 1 1\n7 0 0 1"))
    return tmp_path


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return monkeypatch, capsys


def test_verify(folder: Path, pair: Run) -> None:
    code, out, err = run_cli(*pair, "verify", folder / "model", folder / "good")
    assert (code, err) == (0, "")
    assert out == "n = 2, all inputs: 4 checked, 2 answered 'p' by the transformer, 0 mismatches\n"
    code, out, _ = run_cli(*pair, "verify", folder / "model", folder / "good", "--random", 100, "--seed", 3)
    assert code == 0
    assert "100 random inputs (seed 3)" in out


def test_verify_sees_a_wrong_circuit(folder: Path, pair: Run) -> None:
    code, out, _ = run_cli(*pair, "verify", folder / "model", folder / "bad")
    assert code == 1
    assert "2 mismatches\nfirst: 'ab'  transformer 1  circuit 0\n" in out
    replay = out.splitlines()[-1].split("logprec ")[1].replace("'", "").split()
    assert run_cli(*pair, *replay) == (0, "0\n", "")


def test_eval_and_stats(folder: Path, pair: Run) -> None:
    assert run_cli(*pair, "eval", folder / "good", "01", "10") == (0, "1\n0\n", "")
    assert run_cli(*pair, "eval", folder / "good", "--model", folder / "model", "ab", "ba") == (0, "1\n0\n", "")
    code, out, _ = run_cli(*pair, "stats", folder / "good", "--draw", folder / "x.svg")
    assert code == 0
    assert "2 inputs, 1 outputs, depth 1, 1 gates, 1 wires" in out
    assert (folder / "x.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["verify", "model", "other"], "does not belong to this model"),
        (["verify", str(EXAMPLES / "majority"), "other"], "does not belong to this model"),
        (["eval", "good", "--model", "model", "abb"], "has 3 symbols, the circuit reads 2"),
        (["compile", "model", "--n", "2"], "say --n and -o"),
        (["compile", "model", "--n", "2", "-o", "x", "--states"], "--states is for models of tables only"),
        (
            ["compile", "model", "--n", "2", "-o", "x", "--constructor", "c"],
            "--constructor is for models of tables only",
        ),
        (["compile", "model", "--emit-c", "x"], "--emit-c is for models of tables only"),
        (["machine", "model"], "logprec machine is for models of tables only"),
        (["compile", "model", "--n", "9", "-o", "x"], "length 9: this model reads 1 to 4 symbols"),
        (["compile", "model", "--n", "2", "-o", "nowhere/x"], "no such folder"),
        (["prove", "model", "--n", "2"], "error"),
        (["verify", "model", "good", "--device", "abacus"], "device 'abacus'"),
    ],
)
def test_errors(folder: Path, pair: Run, args: list[str], message: str) -> None:
    known = {"model", "good", "other", "x", "nowhere/x"}
    code, out, err = run_cli(*pair, *(folder / arg if arg in known else arg for arg in args))
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
