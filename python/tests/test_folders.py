"""The folders of the Lean package stand in layers, and a planted upward import is seen."""

from pathlib import Path

import pytest
from test_cli import run

from logprec.constructor.executable import project_root
from logprec.errors import LogprecError
from logprec.proofs.audit import circles
from logprec.proofs.folders import END, START, describe_circle, drawing, folder_of, layers, links, package_imports
from logprec.proofs.folders import readme_block as block

TREE = {
    "Logprec": ["Logprec.A.X", "Logprec.Statement"],
    "Logprec.Statement": ["Logprec.C"],
    "Logprec.Bits": [],
    "Logprec.A.X": ["Logprec.Bits", "Logprec.A.Y"],
    "Logprec.A.Y": ["Init"],
    "Logprec.B": ["Logprec.B.Z"],
    "Logprec.B.Z": ["Logprec.Bits"],
    "Logprec.C": ["Logprec.A.X", "Logprec.Bits", "Logprec.B"],
    "LogprecTests.A": ["Logprec.C"],
}


def test_folders() -> None:
    modules = ("Logprec.A.X", "Logprec.Bits", "Logprec", "Logprec.Statement", "LogprecTests.A")
    assert [folder_of(module) for module in modules] == ["A", "Bits", None, None, None]
    assert layers(links(TREE)) == [["Bits"], ["A", "B"], ["C"]]
    assert drawing(links(TREE)) == "1  Bits\n2  A (Bits); B (Bits)\n3  C (A, B, Bits)\n"
    assert circles(TREE) == []
    assert drawing(links({})) == ""


def test_circles_are_seen() -> None:
    planted = TREE | {"Logprec.A.Y": ["Logprec.C"]}
    line = "A -> C -> A: Logprec.A.Y imports Logprec.C, Logprec.C imports Logprec.A.X"
    assert describe_circle(links(planted)) == line
    [finding] = circles(planted)
    assert (finding.kind, finding.module, finding.detail) == ("folders", "Logprec.C", line)
    with pytest.raises(LogprecError, match="in a circle: A -> C -> A"):
        drawing(links(planted))
    longer = links(TREE | {"Logprec.Bits": ["Logprec.C"]})
    assert (
        describe_circle(longer) == "Bits -> C -> Bits: Logprec.Bits imports Logprec.C, Logprec.C imports Logprec.Bits"
    )


def test_the_packages_folders_stand_in_layers() -> None:
    imports = package_imports(project_root())
    assert describe_circle(links(imports)) is None


def test_an_upward_import_in_the_package_is_seen() -> None:
    imports: dict[str, tuple[str, ...]] = package_imports(project_root())
    assert {"Bits", "Extract"} <= set(links(imports))
    low = next(module for module in sorted(imports) if folder_of(module) == "Bits")
    planted = imports | {low: (*imports[low], "Logprec.Extract.Main")}
    seen = describe_circle(links(planted))
    assert seen is not None
    assert describe_circle(links(imports)) != seen
    assert len(circles(planted)) == 1


def test_the_readme_shows_the_folders() -> None:
    assert block((project_root() / "README.md").read_text()) == drawing(links(package_imports(project_root())))


def test_the_block_of_a_readme() -> None:
    assert block(f"a\n\n{START}\n```text\n1  A\n2  B (A)\n```\n{END}\nb") == "1  A\n2  B (A)\n"
    assert block("no marks") is None


def test_graph_of_folders(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "lakefile.lean").write_text((project_root() / "lakefile.lean").read_text())
    (tmp_path / "lean-toolchain").write_text((project_root() / "lean-toolchain").read_text())
    for name, text in {
        "Logprec": "import Logprec.A\nimport Logprec.B",
        "Logprec/A": "",
        "Logprec/B": "import Logprec.A",
        "Logprec/Extract/Main": "import Logprec.B",
    }.items():
        file = tmp_path / f"{name}.lean"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    code, out, err = run(monkeypatch, capsys, "graph", "--folders", "-o", "folders.svg")
    assert (code, out, err) == (0, "1  A\n2  B (A)\n3  Extract (B)\n", "")
    assert "Extract" in (tmp_path / "folders.svg").read_text()
    assert run(monkeypatch, capsys, "graph", "--folders", "name")[0] == 2
    code, _, err = run(monkeypatch, capsys, "graph")
    assert (code, "say -o" in err) == (2, True)
