"""The audit finds every planted fault of tests/negative, by name."""

import shutil
from pathlib import Path

import pytest

from logprec.proofs.audit import AuditReport, audit
from logprec.proofs.frozen import changed, render
from logprec.toolchain import find

ROOT = Path(__file__).resolve().parents[3]
PLANTED = [
    ("sorry", "Planted.unproved"),
    ("sorry", "main"),
    ("axiom", "Planted.cheat"),
    ("axiom", "Planted.hidden"),
    ("implemented_by", "Planted.honest"),
    ("extern", "Planted.foreign"),
    ("export", "Planted.exported"),
    ("unsafe", "Planted.cast"),
    ("partial", "Planted.spin"),
    ("opaque", "Planted.secret"),
    ("instance", "Planted.addIsMul"),
    ("instance", "Planted.subIsAdd"),
    ("instance", "Planted.mulIsAdd"),
    ("instance", "Planted.negIsId"),
    ("instance", "Planted.sevenIsEight"),
    ("instance", "Planted.hidden"),
    ("kernel", "Planted.unchecked"),
    ("kernel", "Planted.circular"),
    ("not imported", "Planted.Orphan"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> AuditReport:
    folder = tmp_path_factory.mktemp("audit") / "planted"
    shutil.copytree(ROOT / "tests/negative", folder)
    return audit(folder, find(ROOT), ROOT)


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Render the planted statements, and again after somebody changed a definition."""
    folder = tmp_path_factory.mktemp("frozen") / "planted"
    shutil.copytree(ROOT / "tests/negative", folder)
    before = render(folder, find(ROOT), ["Planted.Frozen"], ROOT)
    file = folder / "Planted/Frozen.lean"
    file.write_text(file.read_text().replace("threshold : Nat := 3", "threshold : Nat := 4"))
    return before, render(folder, find(ROOT), ["Planted.Frozen"], ROOT)


@pytest.mark.lean
def test_a_changed_definition_is_seen(statements: tuple[str, str]) -> None:
    assert changed(*statements) == {"Planted.threshold": "changed"}


@pytest.mark.lean
def test_a_statement_is_rendered_as_the_kernel_has_it(statements: tuple[str, str]) -> None:
    assert "2 * 3 = 6" in statements[0]
    assert "2 + 3" not in statements[0]
    assert "threshold ≤ n" in statements[0]
    assert "| Nat.succ n => Planted.twice n + 2" in statements[0]
    assert "@HAdd.hAdd Planted.Box" in statements[0]
    assert "def Planted.twice.match_1 [" in statements[0]


@pytest.mark.lean
@pytest.mark.parametrize(("kind", "name"), PLANTED)
def test_planted_fault_is_found(report: AuditReport, kind: str, name: str) -> None:
    assert (kind, name) in {(f.kind, f.declaration) for f in report.findings}


@pytest.mark.lean
def test_native_decide_is_found(report: AuditReport) -> None:
    found = {f.declaration for f in report.findings if f.kind == "native_decide"}
    assert any(name.startswith("Planted.byCompiler") for name in found)


@pytest.mark.lean
def test_nothing_else_is_reported(report: AuditReport) -> None:
    names = {name for _, name in PLANTED}
    others = {f.declaration for f in report.findings} - names
    assert {n for n in others if not n.startswith("Planted.byCompiler")} == set()
