"""Files in the language server: with a pretended client, and one session with the real one."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from logprec.errors import LogprecError
from logprec.proofs import session as sessions
from logprec.proofs.session import Diagnostic, Diagnostics, OpenFile, ProofSession

TEXT = "theorem 𝔸b : True := by\n  trivial\n"


class Pretended:
    """A leanclient that answers with the place it is asked about."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.found: list[dict[str, Any]] = []
        self.timed_out = False
        self.answer: Any = None
        self.code: int | None = None
        self.process = SimpleNamespace(poll=lambda: self.code)

    def open_file(self, path: str) -> None:
        self.texts[path] = TEXT

    def close_files(self, paths: list[str]) -> None:
        for path in paths:
            del self.texts[path]

    def update_file_content(self, path: str, content: str) -> None:
        self.texts[path] = content

    def get_file_content(self, path: str) -> str:
        return self.texts[path]

    def get_diagnostics(self, path: str, *, inactivity_timeout: float, max_timeout: float) -> Any:
        assert path in self.texts
        assert inactivity_timeout == max_timeout
        return SimpleNamespace(diagnostics=self.found, timed_out=self.timed_out)

    def get_goal(self, path: str, line: int, character: int) -> Any:
        return self.answer or {"goals": [f"{path} {line} {character}"]}

    def get_hover(self, path: str, line: int, character: int) -> Any:
        return self.answer or {"contents": {"value": f"{line} {character}"}}

    def close(self) -> None:
        self.code = 0


@pytest.fixture
def client() -> Pretended:
    return Pretended()


@pytest.fixture
def file(client: Pretended, tmp_path: Path) -> Iterator[OpenFile]:
    (tmp_path / "P").mkdir()
    (tmp_path / "P/A.lean").write_text(TEXT)
    with ProofSession(tmp_path, client) as session:
        yield session.open(Path("P/A.lean"))
    assert client.code == 0


def test_places_are_converted(file: OpenFile, client: Pretended) -> None:
    assert file.goals(1, 9) == ("P/A.lean 0 10",)  # the letter before is two UTF-16 units
    assert file.hover(2, 3) == "1 3"
    client.found = [{"severity": 2, "message": "m", "range": {"start": {"line": 0, "character": 10}}}]
    assert file.diagnostics().messages == (Diagnostic("warning", "m", 1, 9),)


@pytest.mark.parametrize(("line", "column"), [(0, 0), (4, 0), (2, 10), (1, -1)])
def test_places_that_do_not_exist(file: OpenFile, line: int, column: int) -> None:
    with pytest.raises(LogprecError, match=f"no line {line}, column {column}"):
        file.goals(line, column)


def test_nothing_to_say(file: OpenFile, client: Pretended) -> None:
    client.answer = {"goals": []}
    assert file.goals(1, 0) == ()
    client.get_goal = client.get_hover = lambda *_: None  # type: ignore[method-assign, assignment]
    assert file.goals(1, 0) is None
    assert file.hover(1, 0) is None


def test_diagnostics_are_no_verdict(file: OpenFile, client: Pretended) -> None:
    empty = file.diagnostics()
    assert empty == Diagnostics((), finished=True)
    assert empty.checked is False
    with pytest.raises(TypeError, match="no verdict"):
        bool(empty)
    client.found, client.timed_out = [{"severity": 1, "message": "bad"}], True
    late = file.diagnostics()
    assert [e.text for e in late.errors] == ["bad"]
    assert not late.finished
    with pytest.raises(LogprecError, match="did not get through"):
        file.goals(1, 0)


def test_refusals_and_the_death_of_the_server(file: OpenFile, client: Pretended) -> None:
    client.answer = {"error": {"code": -32801, "message": "not open"}}
    with pytest.raises(LogprecError, match="refused: not open"):
        file.hover(1, 0)
    client.code = 1
    with pytest.raises(LogprecError, match="language server ended"):
        file.diagnostics()


def test_opening_and_closing(client: Pretended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A", "B", "C"):
        (tmp_path / f"{name}.lean").write_text(TEXT)
    monkeypatch.setattr(sessions, "MAX_OPEN", 2)
    session = ProofSession(tmp_path, client)
    first = session.open(Path("A.lean"))
    with pytest.raises(LogprecError, match="open already"):
        session.open(tmp_path / "A.lean")
    for outside in ("D.lean", "/etc/passwd", ".."):
        with pytest.raises(LogprecError, match="no such file"):
            session.open(Path(outside))
    session.open(Path("B.lean"))
    with pytest.raises(LogprecError, match="close one first"):
        session.open(Path("C.lean"))
    first.edit("other")
    assert first.text == "other"
    first.close()
    with pytest.raises(LogprecError, match=r"A\.lean is closed"):
        first.diagnostics()
    assert session.open(Path("A.lean")).text == TEXT
    session.close()


FILES = {
    "lakefile.lean": "import Lake\nopen Lake DSL\npackage p\n@[default_target]\nlean_lib P\n",
    "lean-toolchain": "leanprover/lean4:v4.28.0\n",
    "P.lean": "/-- The third number. -/\ndef three : Nat := 3\n\ntheorem t (p : Prop) (h : p) : p ∧ three = 3 := by\n"
    "  constructor\n  · exact h\n  · rfl\n",
    "Q.lean": "set_option warn.sorry false\ntheorem quiet : 1 = 2 := sorry\n",
}


@pytest.mark.lean
def test_a_session_with_lean(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    path = os.environ["PATH"]
    with ProofSession(tmp_path) as session:
        assert os.environ["PATH"] == path
        file = session.open(Path("P.lean"))
        assert file.diagnostics() == Diagnostics((), finished=True)
        assert file.goals(6, 4) == ("case left\np : Prop\nh : p\n⊢ p",)
        assert file.goals(7, 7) == ()
        assert file.goals(1, 0) is None
        assert "The third number." in (file.hover(4, 36) or "")
        file.edit(FILES["P.lean"].replace("exact h", "exact 𝔸"))
        (error,) = file.diagnostics().errors
        assert (error.line, error.column) == (6, 10)
        file.close()
        # nothing is said about this one, and it is wrong
        quiet = session.open(Path("Q.lean"))
        assert quiet.diagnostics().messages == ()
        assert not quiet.verdict(["quiet"]).ok
