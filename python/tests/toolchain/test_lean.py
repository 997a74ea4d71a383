"""What needs a real Lean, in one project and few processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logprec.toolchain import LeanSession, find
from logprec.toolchain.errors import BuildFailedError

pytestmark = pytest.mark.lean
FILES = {
    "lakefile.lean": "import Lake\nopen Lake DSL\npackage p where\n  leanOptions := #[⟨`autoImplicit, false⟩]\n"
    "@[default_target]\nlean_lib P\nlean_exe «p-run» where\n  root := `P.Main\n",
    "lean-toolchain": "leanprover/lean4:v4.28.0\n",
    "P.lean": "import P.Base\nimport P.Use\n",
    "P/Attr.lean": "import Lean\n/-- for the test -/\nregister_simp_attr p_simps\n",
    "P/Base.lean": "import P.Attr\ndef three := 3\n@[p_simps] theorem three_eq : three = 3 := rfl\n",
    "P/Use.lean": "import P.Base\nexample : three + 1 = 4 := by simp only [p_simps]\n",
    "P/Main.lean": "import P.Base\ndef main (args : List String) : IO UInt32 := do\n"
    '  IO.print s!"{args} {three} {← (← IO.getStdin).getLine}"\n  IO.eprintln "to stderr"\n  return 3\n',
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lean") / "p"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def session(project: Path) -> Iterator[LeanSession]:
    with LeanSession(project) as session:
        yield session


def test_session_checks_builds_imports_and_notices_changes(session: LeanSession, project: Path) -> None:
    text = "import P.Use\nexample : three = 3 := by simp only [p_simps]\n"
    assert session.check_text(text).ok
    assert not session.check_text("import P.Use\nexample : three = 4 := by simp only [p_simps]\n").ok
    (project / "P/Base.lean").write_text(FILES["P/Base.lean"] + "def four := 4\n")
    assert session.check_text("import P.Use\nexample : four = 4 := rfl\n").ok
    (project / "P/Base.lean").write_text(FILES["P/Base.lean"])
    result = session.check_text("import P.Use\n#check four\n")
    assert not result.ok
    assert "Unknown identifier `four`" in result.messages[0].text


def test_a_changed_attribute_module_is_read_anew(session: LeanSession, project: Path) -> None:
    attr = project / "P/Attr.lean"
    attr.write_text(FILES["P/Attr.lean"] + "/-- another -/\nregister_simp_attr q_simps\n")
    text = "import P.Attr\n@[q_simps] theorem t : True := trivial\n"
    assert session.check_text(text).ok
    hidden = session.check_text("@[q_simps] theorem t : True := trivial\n")
    assert not hidden.ok  # the attribute is known to the process, but this file does not import it
    attr.write_text(FILES["P/Attr.lean"])
    assert not session.check_text(text).ok


def test_options_of_the_lakefile_hold(session: LeanSession, project: Path) -> None:
    file = project / "P/Auto.lean"
    file.write_text("theorem t (x : α) : x = x := rfl\n")
    result = session.check(file)
    file.unlink()
    assert not result.ok


def test_programs_run(project: Path) -> None:
    toolchain = find(project)
    for n in ("1", "2"):
        out = toolchain.exe(project, "p-run", ["a b", n], stdin=f"line {n}\n".encode())
        assert (out.returncode, out.stdout) == (3, f"[a b, {n}] 3 line {n}\n".encode())
        assert out.stderr == b"to stderr\n"


def test_build_with_a_sorry(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    toolchain = find(project)
    toolchain.build(project, wfail=True)
    (project / "P/Use.lean").write_text("import P.Base\ntheorem t : three = 4 := sorry\n")
    toolchain.build(project)
    with pytest.raises(BuildFailedError):
        toolchain.build(project, wfail=True)
    assert "sorry" in capfd.readouterr().err
    (project / "P/Use.lean").write_text("import P.Base\ntheorem t : three = 4 := rfl\n")
    with pytest.raises(BuildFailedError):
        toolchain.build(project)
    (project / "P/Use.lean").write_text(FILES["P/Use.lean"])
    toolchain.build(project, wfail=True)


def lean(project: Path, args: list[str], stdin: str = "") -> "subprocess.CompletedProcess[str]":
    cmd = [str(Path(sys.executable).with_name("lake")), "env", "lean", *args]
    return subprocess.run(cmd, cwd=project, input=stdin, capture_output=True, text=True, check=False)


def test_lean_command(project: Path) -> None:
    find(project).build(project)
    good = lean(project, ["--stdin"], "import P\n#eval three\n")
    assert (good.returncode, good.stdout.strip()) == (0, "3")
    (project / "Bad.lean").write_text("example : 1 = 2 := rfl\n")
    bad = lean(project, ["--json", "Bad.lean"])
    assert bad.returncode == 1
    assert '"severity":"error"' in bad.stdout
    run = lean(project, ["--run", "P/Main.lean", "x"], "hello\n")
    assert (run.returncode, run.stdout, run.stderr) == (3, "[x] 3 hello\n", "to stderr\n")
