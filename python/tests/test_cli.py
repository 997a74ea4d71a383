"""The command line: answers, errors of one line, exit codes."""

import re
from pathlib import Path

import pytest
from conftest import Compiled

from logprec.commands import main as cli
from logprec.constructor.executable import project_root

CIRCUIT = "logprec-circuit 1\n2\n0\n1 1 3 0 1 3 1 1\n2 1 3 0 1 3 1 1\n0\n1 2 3 0 1 3 1 1\n4\n"
EXAMPLES = project_root() / "examples"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["logprec", *map(str, args)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    code = caught.value.code
    out, err = capsys.readouterr()
    return (code if isinstance(code, int) else 0 if code is None else 1), out, err


@pytest.fixture
def circuit(tmp_path: Path) -> Path:
    path = tmp_path / "xor.circuit"
    path.write_text(CIRCUIT)
    return path


def test_eval_and_stats(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], circuit: Path, tmp_path: Path
) -> None:
    assert run(monkeypatch, capsys, "eval", circuit, "00", "01", "10", "11") == (0, "0\n1\n1\n0\n", "")
    code, out, _ = run(monkeypatch, capsys, "eval", circuit, "--model", EXAMPLES / "majority", "01", "1,1")
    assert (code, out) == (0, "1\n0\n")
    code, out, _ = run(monkeypatch, capsys, "stats", circuit, "--draw", tmp_path / "x.svg", "--input", "10")
    assert code == 0
    assert "depth 2" in out
    assert (tmp_path / "x.svg").stat().st_size > 1000
    code, out, _ = run(monkeypatch, capsys, "verify", EXAMPLES / "majority", circuit)
    assert code == 1
    assert re.search(r"4 checked, 1 accepted by the transformer, 3 mismatches\nfirst: '01'", out)
    assert "replay: logprec eval" in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["eval", "CIRCUIT", "012"], "is not 2 characters"),
        (["eval", "CIRCUIT", "0x"], "is not 2 characters"),
        (["eval", "CIRCUIT", "--model", "MAJORITY", "011"], "has 3 symbols, the circuit reads 2"),
        (["eval", "CIRCUIT", "--model", "MAJORITY", "ab"], "not in the alphabet"),
        (["eval", "nowhere", "01"], "cannot read"),
        (["stats", "CIRCUIT", "--draw", "x.bmp"], "pictures are written as"),
        (["stats", "CIRCUIT", "--input", "10"], "--input needs --draw"),
        (["stats", "CIRCUIT", "--draw", "x.png", "--input", "1"], "is not 2 characters"),
        (["verify", "MAJORITY", "CIRCUIT", "--exhaustive", "--random", "3"], "choose one"),
        (["verify", "MAJORITY", "CIRCUIT", "--random", "-3"], "must not be negative"),
        (["verify", "nowhere", "CIRCUIT"], "cannot read"),
        (["compile", "MAJORITY", "--n", "0", "-o", "x"], "length 0: this model reads 1 to 16"),
        (["compile", "MAJORITY", "--n", "17", "-o", "x"], "length 17"),
        (["compile", "MAJORITY", "--n", "two", "-o", "x"], "Invalid value"),
        (["compile", "MAJORITY"], "say --n and -o"),
        (["compile", "MAJORITY", "--n", "1", "-o", "x", "--no-optimise"], "--no-optimise is for quantised models only"),
        (["compile", "MAJORITY", "--n", "1", "-o", "x", "--optimise"], "--optimise is for quantised models only"),
        (["compile", "nowhere", "--n", "1", "-o", "x"], "cannot read"),
        (["frobnicate"], "No such command"),
    ],
)
def test_errors_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    circuit: Path,
    args: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(circuit.parent)
    names = {"CIRCUIT": str(circuit), "MAJORITY": str(EXAMPLES / "majority")}
    code, out, err = run(monkeypatch, capsys, *(names.get(arg, arg) for arg in args))
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert [path.name for path in circuit.parent.iterdir()] == ["xor.circuit"]


@pytest.mark.lean
def test_compile_and_verify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], compiled: Compiled, tmp_path: Path
) -> None:
    out = tmp_path / "majority.circuit"
    code, text, _ = run(monkeypatch, capsys, "compile", EXAMPLES / "majority", "--n", 3, "-o", out)
    assert code == 0
    assert "3 inputs, 1 outputs" in text
    # the constructor is deterministic
    assert out.read_bytes() == compiled("majority", 3)[1].read_bytes()
    code, text, _ = run(monkeypatch, capsys, "verify", EXAMPLES / "majority", out, "--exhaustive")
    assert code == 0
    assert "8 checked, 4 accepted by the transformer, 0 mismatches" in text
    code, text, _ = run(monkeypatch, capsys, "eval", out, "--model", EXAMPLES / "majority", "011", "001")
    assert text == "1\n0\n"
    code, _, err = run(
        monkeypatch, capsys, "compile", EXAMPLES / "majority", "--n", 3, "-o", tmp_path / "x", "--max-size", 9
    )
    assert code == 2
    assert "above the limit of 9" in err
    assert not (tmp_path / "x").exists()
