import io
import multiprocessing
import time
from pathlib import Path

import pytest
from rich.console import Console

from logprec.toolchain.build import Builder, Trace, default_jobs, shown
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.worker import Answer, Message, Request

LAKEFILE = (
    "import Lake\nopen Lake DSL\npackage p\n@[default_target]\nlean_lib P\nlean_exe «p-run» where\n  root := `P.Main\n"
)
FILES = {"P": "import P.B\nimport P.C", "P.A": "-- a", "P.B": "import P.A", "P.C": "import P.A", "P.Main": "import P.B"}


class Fake:
    """Compiles by copying the source; a file that says so has a warning, an error or a crash."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def request(self, request: Request) -> Answer:
        text = Path(request.file).read_text()
        with self.log.open("a") as f:
            f.write(f"{request.module}\n")
        for imported in request.digests:
            assert (Path(request.path[0], *imported.split("."))).with_suffix(".olean").is_file()
        if "INTERRUPT" in text:
            raise KeyboardInterrupt
        if "SLOW" in text:
            time.sleep(0.3)
        if "ERROR" in text:
            return Answer(False, (Message("error", f"{request.name}:1:0: error: no\n"),))
        if "CRASH" in text:
            return Answer(False, crash=f"{request.name}: Lean itself crashed")
        assert request.olean
        Path(request.olean).write_text(text)
        warning = Message("warning", f"{request.name}:1:0: warning: declaration uses `sorry`\n")
        return Answer(True, (warning,) if "WARN" in text else ())

    def close(self) -> None:
        pass


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self.out = io.StringIO()
        folder.mkdir()
        (folder / "lakefile.lean").write_text(LAKEFILE)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        file = self.folder.joinpath(*name.split(".")).with_suffix(".lean")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def olean(self, name: str) -> Path:
        return (self.folder / ".lake/build/lib/lean").joinpath(*name.split(".")).with_suffix(".olean")

    def build(self, *targets: str, wfail: bool = False, toolchain: str = "t", jobs: int = 2) -> list[str]:
        """Build and return the modules that were compiled, in order."""
        self.log.write_text("")
        console = Console(file=self.out, width=200, soft_wrap=True)
        builder = Builder(self.folder, toolchain, lambda: Fake(self.log), jobs, console)
        builder.build(builder.modules_of(targets), wfail=wfail)
        return self.compiled()

    def compiled(self) -> list[str]:
        return self.log.read_text().split()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "p")


def test_imports_first_then_nothing_to_do(project: Project) -> None:
    built = project.build()
    assert built[0] == "P.A"
    assert set(built[1:3]) == {"P.B", "P.C"}
    assert built[3:] == ["P"]
    assert project.build() == []
    assert "Build completed successfully (4 jobs)." in project.out.getvalue()


def test_targets(project: Project) -> None:
    assert project.build("P.C") == ["P.A", "P.C"]
    assert project.build("p-run") == ["P.B", "P.Main"]
    with pytest.raises(ToolchainError, match=r"unknown target `Q`: lakefile\.lean has P, p-run"):
        project.build("Q")


def test_only_what_changed_by_content(project: Project) -> None:
    project.build()
    project.write("P.A", FILES["P.A"])  # a new time, the same content
    assert project.build() == []
    project.write("P.C", "import P.A\n-- new")
    assert project.build() == ["P.C", "P"]
    project.write("P.A", "-- other")
    assert set(project.build()) == {"P.A", "P.B", "P.C", "P"}
    assert set(project.build(toolchain="another")) == {"P.A", "P.B", "P.C", "P"}


def test_options_count(project: Project) -> None:
    project.build()
    text = LAKEFILE.replace("package p", "package p where\n  leanOptions := #[⟨`autoImplicit, false⟩]")
    (project.folder / "lakefile.lean").write_text(text)
    assert len(project.build()) == 4


@pytest.mark.parametrize("damage", ["unlink", "truncate", "trace", "foreign"])
def test_damage_is_repaired(project: Project, damage: str) -> None:
    project.build()
    olean = project.olean("P.B")
    trace = olean.with_suffix(".trace")
    if damage == "unlink":
        olean.unlink()
    elif damage == "truncate":
        olean.write_text("")
    elif damage == "trace":
        trace.write_text(trace.read_text()[:20])
    else:
        trace.write_text('{"depHash": "123"}')
    assert project.build() == ["P.B"]
    assert project.build() == []


def test_interrupted_build_is_repaired(project: Project) -> None:
    project.write("P.B", "import P.A\n-- INTERRUPT")
    with pytest.raises(KeyboardInterrupt):
        project.build(jobs=1)
    assert Trace.read(project.olean("P.A").with_suffix(".trace"))
    assert not project.olean("P.B").exists()
    project.write("P.B", FILES["P.B"])
    assert "P.A" not in project.build()
    assert project.build() == []


def test_warnings_are_shown_again_and_fail_with_wfail(project: Project) -> None:
    project.write("P.A", "-- WARN")
    assert len(project.build()) == 4
    project.out.truncate(0)
    assert project.build() == []
    assert "warning: P/A.lean:1:0: declaration uses `sorry`" in project.out.getvalue()
    with pytest.raises(BuildFailedError):
        project.build(wfail=True)
    assert "- P.A" in project.out.getvalue()
    project.write("P.A", "-- fine")
    project.build(wfail=True)


def test_errors_stop_what_depends_on_them(project: Project) -> None:
    project.write("P.B", "import P.A\n-- ERROR")
    with pytest.raises(BuildFailedError):
        project.build()
    assert set(project.compiled()) == {"P.A", "P.B", "P.C"}
    assert "error: P/B.lean:1:0: no" in project.out.getvalue()
    assert not project.olean("P.B").exists()
    project.write("P.B", FILES["P.B"])
    assert project.build() == ["P.B", "P"]


def test_a_crash_is_named_as_one(project: Project) -> None:
    project.write("P.B", "import P.A\n-- CRASH")
    with pytest.raises(BuildFailedError):
        project.build()
    assert "Lean itself crashed" in project.out.getvalue()


def _build(folder: Path, log: Path) -> None:
    builder = Builder(folder, "t", lambda: Fake(log), 2, Console(file=io.StringIO()))
    builder.build(builder.modules_of(()))


def test_two_builds_at_once(project: Project) -> None:
    for name in ("P.A", "P.B", "P.C"):
        project.write(name, FILES[name] + "\n-- SLOW")
    project.log.write_text("")
    processes = [multiprocessing.Process(target=_build, args=(project.folder, project.log)) for _ in range(2)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
    assert [p.exitcode for p in processes] == [0, 0]
    assert sorted(project.compiled()) == ["P", "P.A", "P.B", "P.C"]  # each once: the second build waited
    assert project.build() == []


def test_jobs_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGPREC_JOBS", "3")
    assert default_jobs() == 3
    monkeypatch.setenv("LOGPREC_JOBS", "none")
    with pytest.raises(ToolchainError, match="LOGPREC_JOBS"):
        default_jobs()


def test_messages_look_like_lakes() -> None:
    text = "A.lean:4:9: error(lean.unknownIdentifier): Unknown\n\nmore: warning: x\n"
    assert shown(Message("error", text)) == "error(lean.unknownIdentifier): A.lean:4:9: Unknown\n\nmore: warning: x"
    assert shown(Message("information", "3\n")) == "info: 3"
