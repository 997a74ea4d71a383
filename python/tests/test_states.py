"""The states between tactics, on a project of two modules."""

from pathlib import Path

import pytest

from logprec.errors import LogprecError
from logprec.proofs import load_states, states, tactic_states
from logprec.toolchain.errors import BuildFailedError

pytestmark = pytest.mark.lean
FILES = {
    "lakefile.lean": "import Lake\nopen Lake DSL\npackage p\n@[default_target]\nlean_lib P\n",
    "lean-toolchain": "leanprover/lean4:v4.28.0\n",
    "P.lean": "import P.Base\n\ntheorem both {p q : Prop} (hp : p) (hq : q) : p ∧ q := by\n  constructor\n"
    "  · exact hp\n  · have h : q :=\n      hq\n    exact h\n",
    "P/Base.lean": "namespace P\nprivate theorem three : 1 + 2 = 3 := by decide\n"
    "theorem term : 1 = 1 := rfl\n"
    "theorem add_zero' (n : Nat) : 0 + n = n := by\n"
    "  induction n with\n  | zero => rfl\n  | succ k ih => omega\nend P\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("states") / "p"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    return folder


def test_states_of_every_proof(project: Path) -> None:
    proofs = load_states(project, "P.Base")
    assert list(proofs) == ["P.three", "P.add_zero'"]  # a proof without tactics has no steps
    (only,) = proofs["P.three"]
    assert (only.tactic, only.before, only.after) == ("decide", ("⊢ 1 + 2 = 3",), ())
    whole, zero, succ = proofs["P.add_zero'"]
    assert (whole.depth, whole.before, whole.after) == (0, ("n : Nat\n⊢ 0 + n = n",), ())
    assert whole.text == "induction n with\n| zero => rfl\n| succ k ih => omega"
    assert (zero.tactic, zero.depth, zero.before) == ("rfl", 1, ("case zero\n⊢ 0 + 0 = 0",))
    assert succ.before == ("case succ\nk : Nat\nih : 0 + k = k\n⊢ 0 + (k + 1) = k + 1",)
    assert (succ.line, succ.column, succ.end_line, succ.end_column) == (7, 17, 7, 22)


def test_steps_of_depth_0_follow_each_other(project: Path) -> None:
    steps = tactic_states(project, "both")
    top = [s for s in steps if s.depth == 0]
    assert [s.text for s in top] == ["constructor", "· exact hp", "· have h : q :=\n    hq\n  exact h"]
    assert [s.after for s in top[:-1]] == [s.before for s in top[1:]]
    assert [s.depth for s in steps] == [0, 0, 1, 0, 1, 1]


def test_states_are_kept_until_the_source_changes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_states(project, "P.Base")
    file = project / "P/Base.lean"
    with monkeypatch.context() as m:
        m.setattr(states, "_elaborate_wasm", None)
        m.setattr(states, "_elaborate_native", None)
        assert load_states(project, "P.Base") == before
        file.write_text(FILES["P/Base.lean"].replace("1 + 2 = 3", "1 + 1 = 3"))
        with pytest.raises(TypeError):
            load_states(project, "P.Base")
    with pytest.raises(BuildFailedError, match="false"):
        load_states(project, "P.Base")
    file.write_text(FILES["P/Base.lean"])


def test_names(project: Path) -> None:
    assert states.modules_declaring(project, "P.add_zero'") == ["P.Base"]
    assert states.modules_declaring(project, "P.add_zero") == []
    assert tactic_states(project, "P.term") == []
    with pytest.raises(LogprecError, match=r"no module of .* declares `P.absent`"):
        tactic_states(project, "P.absent")
