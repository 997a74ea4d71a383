"""`logprec theorems`: what it prints of a catalogue."""

import json
from pathlib import Path

import pytest

from logprec.commands import main as cli
from logprec.commands import theorems as browse
from logprec.proofs.catalogue import HEADLINE, Catalogue, Declaration
from logprec.proofs.states import Step

LONG = "Logprec.Statement." + "a_name_that_is_longer_than_a_column_of_a_table_" * 2
STEPS = [
    Step("intro h", ("⊢ P → P",), ("h : P\n⊢ P",), 5, 2, 5, 9, 0),
    Step("exact\n  h", ("h : P\n⊢ P",), (), 6, 2, 7, 5, 1),
]


def declaration(name: str, doc: str) -> Declaration:
    file = "Logprec/Statement.lean"
    return Declaration(name, "theorem", HEADLINE, file, 4, f"theorem {name} : P", doc, (), ("propext",))


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [declaration(LONG, "**Much** is said in the first\nparagraph.\n\nNot here."), declaration("Logprec.b", "")]
    monkeypatch.setattr(browse, "read", lambda: Catalogue({d.name: d for d in found}))
    monkeypatch.setattr(browse, "find_project", lambda folder: Path("/project"))
    monkeypatch.setattr(browse, "find", lambda project: None)  # not a native Lean
    monkeypatch.setattr(browse, "load_states", lambda project, module: {LONG: STEPS})
    monkeypatch.setenv("COLUMNS", "60")


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["logprec", "theorems", *args])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_names_are_whole_in_a_narrow_window(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys)
    assert code == 0
    assert f"{LONG.removeprefix('Logprec.')}  (Logprec/Statement.lean:4)\n" in out
    assert "    Much is said in the first paragraph." in out
    assert "Not here" not in out


def test_what_the_axioms_leave_out_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(monkeypatch, capsys, LONG)
    assert "axioms   propext, and those of the toolchain's own theorems" in out


def test_states(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(monkeypatch, capsys, LONG, "--states")
    assert out.endswith("\nline 5: intro h\n    h : P\n    ⊢ P\n\n  line 6: exact\n      no goals\n")
    _, out, _ = run(monkeypatch, capsys, "b", "--states")
    assert out.endswith("the proof is a term: it has no tactics\n")
    _, out, _ = run(monkeypatch, capsys, LONG, "--states", "--json")
    assert [s["tactic"] for s in json.loads(out)["states"]] == ["intro h", "exact\n  h"]
    _, out, _ = run(monkeypatch, capsys, LONG, "--json")
    assert "states" not in json.loads(out)


@pytest.mark.parametrize(
    ("args", "message"), [(["--states"], "name the theorem"), (["b", "--all"], "not both"), (["c"], "no such")]
)
def test_errors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str], message: str
) -> None:
    code, out, err = run(monkeypatch, capsys, *args)
    assert (code, out) == (2, "")
    assert message in err
