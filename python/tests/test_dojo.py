"""LeanDojo on a module of this package: trace, open, replay, reject."""

import importlib.util
import shutil
from collections.abc import Iterator

import pytest

from logprec.constructor.executable import project_root
from logprec.errors import LogprecError
from logprec.proofs import Checker
from logprec.proofs.dojo import DojoProject

if importlib.util.find_spec("lean_dojo") is None:
    pytest.skip("LeanDojo is not installed: pip install 'logprec[dojo]'", allow_module_level=True)
if shutil.which("git") is None:
    pytest.skip("LeanDojo needs git", allow_module_level=True)

pytestmark = pytest.mark.lean
MODULE = "Logprec.Circuit.Compose"
THEOREM = "Logprec.Layer.eval_eq"


@pytest.fixture(scope="module")
def traced() -> DojoProject:
    return DojoProject(project_root(), [MODULE])


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(project_root()) as checker:
        yield checker


def test_trace(traced: DojoProject) -> None:
    theorems = {t.name: t for t in traced.theorems()}
    source = (project_root() / "Logprec/Circuit/Compose.lean").read_text()
    assert len(theorems) == source.count("\ntheorem ") + source.count("\n@[simp] theorem ") + source.count(
        "\nprivate theorem "
    )
    tactics = theorems[THEOREM].tactics
    assert [t.top for t in tactics] == [True, False, False, True]
    assert tactics[0].tactic.startswith("have : ")
    assert tactics[0].before == "L : Layer\nx : List Bool\n⊢ L.eval x = List.map (Gate.eval (bit x)) L"
    assert tactics[-1].after == "no goals"
    assert "Logprec.Layer.eval" in tactics[-1].premises


def test_replay_to_the_end(traced: DojoProject) -> None:
    script = traced.script(THEOREM)
    assert len(script) == 2
    with traced.open(THEOREM) as session:
        start = session.goals
        wrong = session.run_tactic("exact rfl")
        assert wrong.error
        assert (wrong.goals, session.goals) == (start, start)
        assert session.run_tactic("this is not Lean").error
        for cheat in ("sorry", "exact sorry", "exact sorryAx _ true", "all_goals admit"):
            assert session.run_tactic(cheat).error == "the proof uses `sorry`", cheat
        assert not session.finished
        for tactic in script:
            assert session.run_tactic(tactic).error is None
        assert session.finished
        assert session.goals == "no goals"
        with pytest.raises(LogprecError, match="finished"):
            session.run_tactic("skip")


def test_the_verdict_is_of_the_whole_file(traced: DojoProject, checker: Checker) -> None:
    assert checker.check_text(traced.text_with(THEOREM, traced.script(THEOREM)), [THEOREM]).ok
    assert not checker.check_text(traced.text_with(THEOREM, ["skip"]), [THEOREM]).ok
    assert not checker.check_text(traced.text_with(THEOREM, ["sorry"])).ok
    quiet = "set_option warn.sorry false\ntheorem t : 1 = 2 := sorry\n"
    assert not checker.check_text(quiet, ["t"]).ok  # no warning, but it depends on `sorryAx`
    assert checker.check_text("theorem t : 1 = 1 := rfl\n", ["t"]).ok
    assert not checker.check_text("theorem t : 1 = 1 := rfl\n", ["u"]).ok


def test_a_proof_by_a_term_and_one_by_equations(traced: DojoProject) -> None:
    assert traced.script("Logprec.Circuit.eval_nil") == ["exact (rfl)"]
    with pytest.raises(LogprecError, match="has no theorem"):
        traced.script("Logprec.absent")
