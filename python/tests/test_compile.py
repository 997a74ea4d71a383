"""Compiling: what happens when the constructor misbehaves."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pytest
from models import Case, build

from logprec.constructor import compile as compiling
from logprec.constructor import executable
from logprec.errors import LogprecError

MODEL = build(Case(4, 1, (1,), 2, 1, "any", 5))
GOOD = b"logprec-circuit 1\n2\n0\n1 1 3 0 1\n4\n"


class Stub:
    """Answers like the executable, with what a test tells it to say."""

    def __init__(self, circuit: bytes = GOOD, size: bytes = b"2 1 2\n", code: int = 0, stderr: bytes = b"") -> None:
        self.circuit, self.size, self.code, self.stderr = circuit, size, code, stderr

    def exe(
        self, project: Path, name: str, args: Sequence[str], *, stdin: Any = None, stdout: IO[bytes] | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        assert name == "logprec-compile"
        assert Path(args[1]).read_text() == MODEL.to_text()
        if args[0] == "size":
            return subprocess.CompletedProcess(args, 0, self.size, b"")
        assert stdout is not None
        stdout.write(self.circuit)
        return subprocess.CompletedProcess(args, self.code, b"", self.stderr)


def use(monkeypatch: pytest.MonkeyPatch, stub: Stub) -> None:
    monkeypatch.setattr(executable, "find", lambda project: stub)


def test_success(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, Stub())
    said: list[str] = []
    circuit = compiling.compile_model(MODEL, 2, tmp_path / "out", report=said.append)
    assert circuit.stats().gates == 1
    assert (tmp_path / "out").read_bytes() == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert any("size" in text for text in said)


@pytest.mark.parametrize(
    ("stub", "message"),
    [
        (Stub(code=2, stderr=b"first\nno memory\n"), r"failed \(exit 2\): no memory"),
        (Stub(code=1), "no message"),
        (Stub(circuit=GOOD[:-3]), "cut short"),
        (Stub(circuit=b""), "not a circuit file"),
        (Stub(circuit=GOOD.replace(b"3 0 1", b"3 2 1")), "out of range"),
        (Stub(circuit=GOOD.replace(b"\n2\n", b"\n3\n")), "expected 2 and 1"),
        (
            Stub(size=b"2 1 30000000\n"),
            "30000000 gates and wires, above the limit of 20000000; raise it with --max-size",
        ),
        (Stub(size=b"nonsense"), "expected three numbers"),
    ],
)
def test_failures_leave_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stub: Stub, message: str) -> None:
    use(monkeypatch, stub)
    with pytest.raises(LogprecError, match=message):
        compiling.compile_model(MODEL, 2, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_failure_keeps_the_old_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    use(monkeypatch, Stub(circuit=b""))
    with pytest.raises(LogprecError):
        compiling.compile_model(MODEL, 2, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "old"


@pytest.mark.parametrize("n", [0, -1, 3])
def test_bad_lengths(n: int, tmp_path: Path) -> None:
    with pytest.raises(LogprecError, match=f"length {n}: this model reads 1 to 2"):
        compiling.compile_model(MODEL, n, tmp_path / "out")


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(LogprecError, match="no such folder"):
        compiling.compile_model(MODEL, 1, tmp_path / "none" / "out")
