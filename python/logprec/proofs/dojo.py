"""LeanDojo on this project: trace modules, open a theorem, replay its proof tactic by tactic.

LeanDojo itself is the package from PyPI, as it is. What it cannot do by itself here is supplied from outside:

* It reads its settings from the environment when it is imported, asks a remote cache unless told not to, and asks
  GitHub for the toolchain's commit: `_settings`, and `get_dependencies` answered with "none" (this project has none).
* Its two Lean files do not compile with Lean 4.28: ours, in the folder `lean`, take their place.
* It overlooks `sorry`, whose warning is quoted differently now: the pattern is replaced, and a verdict on a proof
  never comes from it but from elaborating the whole file.
* It clones a git repository and builds all of it: `_snapshot` makes one of the modules that are needed, with what is
  built of them, so that nothing is built twice.

Its `lake` and `lean` are this environment's, whichever toolchain they stand for.
"""

import contextlib
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from logprec.errors import LogprecError
from logprec.proofs.states import modules_declaring
from logprec.toolchain.build import library_dir
from logprec.toolchain.core import Toolchain, Wasm, find
from logprec.toolchain.lakefile import Option, Target, load
from logprec.toolchain.locking import cache_dir
from logprec.toolchain.modules import Graph, Module

LEAN_FILES = Path(__file__).with_name("lean")
TRACED_FILES = "traced-files"  # read by lean/ExtractData.lean
KEPT_TRACES = 20
TACTIC_LIMIT_S = 600  # for one answer of Lean; the first includes its start
_GIT = {
    **{
        f"GIT_{who}_{what}": text
        for who in ("AUTHOR", "COMMITTER")
        for what, text in (("NAME", "logprec"), ("EMAIL", "logprec@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
    },
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip  (the same files are the same commit, so that LeanDojo's cache finds them again)


@dataclass(frozen=True)
class TracedTheorem:
    """A theorem in LeanDojo's trace: its tactics, each with the states around it and the premises that it names."""

    name: str
    file: str
    tactics: tuple["TracedTactic", ...]


@dataclass(frozen=True)
class TracedTactic:
    """A tactic in LeanDojo's trace. `top` says that it is no part of another one."""

    tactic: str
    before: str
    after: str
    premises: tuple[str, ...]
    top: bool


@dataclass(frozen=True)
class Outcome:
    """What came of a tactic: the goals after it, or an error. `finished` means that the kernel accepted the proof."""

    goals: str = ""
    finished: bool = False
    error: str | None = None


def _settings() -> dict[str, str]:
    """Return LeanDojo's settings, made for one process and no network."""
    home = cache_dir() / "lean-dojo"
    home.mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    return {
        "DISABLE_REMOTE_CACHE": "1",
        "NUM_PROCS": "2",  # one worker: no Ray
        "CACHE_DIR": str(home / "cache"),
        "TMP_DIR": str(home / "tmp"),
        "TACTIC_MEMORY_LIMIT": "4g",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }


def _lean_dojo() -> Any:
    """Import LeanDojo with the adapter in place."""
    os.environ.update(_settings())
    os.environ.pop("GITHUB_ACCESS_TOKEN", None)  # with one, the import asks GitHub who it belongs to
    try:
        lean_dojo = importlib.import_module("lean_dojo")
        trace: Any = importlib.import_module("lean_dojo.data_extraction.trace")
        dojo: Any = importlib.import_module("lean_dojo.interaction.dojo")
        logger = importlib.import_module("loguru").logger
    except ImportError as e:
        raise LogprecError(f"LeanDojo is not installed ({e.name}): pip install 'logprec[dojo]'") from None
    trace.LEAN4_REPL_PATH = LEAN_FILES / "Lean4Repl.lean"
    trace.LEAN4_DATA_EXTRACTOR_PATH = LEAN_FILES / "ExtractData.lean"
    dojo._SORRY_WARNING_REGEX = re.compile(r"(?P<line>\d+):\d+:\s+warning:\s+declaration uses [`']sorry[`']")
    lean_dojo.LeanGitRepo.get_dependencies = lambda self, path=None: {}
    logger.remove()
    logger.add(sys.stderr, level="WARNING", filter=lambda record: "Missing " not in record["message"])
    return lean_dojo


def _shown_option(value: Option) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value)


def _library(name: str, target: Target, modules: Sequence[Module], project: Path) -> str:
    lines = [f"@[default_target]\nlean_lib «{name}» where"]
    names = ", ".join(f"`{m.name}" for m in modules)
    lines += [f"  roots := #[{names}]", f"  globs := #[{names}]"]
    if target.source != project:
        lines.append(f'  srcDir := "{target.source.relative_to(project)}"')
    if target.options:
        options = ", ".join(f"⟨`{k}, {_shown_option(v)}⟩" for k, v in target.options.items())
        lines.append(f"  leanOptions := #[{options}]")
    return "\n".join(lines) + "\n"


def _git(folder: Path, *args: str) -> None:
    out = subprocess.run(["git", *args], cwd=folder, env=os.environ | _GIT, capture_output=True, text=True, check=False)
    if out.returncode:
        raise LogprecError(f"git {args[0]}: {out.stderr.strip()}")


def _snapshot(project: Path, modules: Sequence[str], toolchain: Toolchain) -> Path:
    """Make a git repository of modules and all they import, built where the WebAssembly build did it already."""
    graph = Graph(load(project))
    project = graph.lakefile.project
    needed = graph.order(modules)
    if foreign := [m.name for m in needed if m.target.source != project]:
        raise LogprecError(f"LeanDojo expects a module's file below the project's folder: {foreign[0]} is elsewhere")
    ours = [f.read_text(encoding="utf-8") for f in sorted(LEAN_FILES.iterdir())]
    digest = hashlib.sha256(repr([str(project), *sorted(modules), *ours]).encode()).hexdigest()[:12]
    folder = cache_dir() / "lean-dojo" / "repositories" / digest / (graph.lakefile.package or "project")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    by_target: dict[str, list[Module]] = {}
    for module in needed:
        by_target.setdefault(module.target.name, []).append(module)
    libraries = [_library(f"Part{k}", ms[0].target, ms, project) for k, ms in enumerate(by_target.values())]
    header = f"import Lake\nopen Lake DSL\n\npackage «{folder.name}»\n\n"
    (folder / "lakefile.lean").write_text(header + "\n".join(libraries), encoding="utf-8")
    shutil.copy(project / "lean-toolchain", folder)
    asked = [str(graph.module(m).file.relative_to(project)) for m in modules]
    (folder / TRACED_FILES).write_text("".join(f"{f}\n" for f in asked), encoding="utf-8")
    for module in needed:
        _copy(module.file, folder / module.file.relative_to(project))
    if isinstance(toolchain, Wasm):
        for module in needed:
            built = library_dir(project).joinpath(*module.name.split(".")).with_suffix(".olean")
            for file in (built, built.with_suffix(".trace")):
                _copy(file, folder / file.relative_to(project))
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A", "-f")
    _git(folder, "commit", "-q", "-m", f"Modules to trace ({digest})")  # other Lean files of ours: another commit
    return folder


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def _forget_old() -> None:
    """Drop all but the latest traces and what was made for them: each is some megabytes."""
    home = cache_dir() / "lean-dojo"
    for folder in (home / "cache", home / "cache/repos", home / "repositories"):
        traces = sorted((p for p in folder.iterdir() if p.name != "repos"), key=lambda p: p.stat().st_mtime)
        for old in traces[:-KEPT_TRACES]:
            shutil.rmtree(old, ignore_errors=True)


class DojoProject:
    """Some modules of a project in LeanDojo's hands.

    Parameters
    ----------
    project
        The folder with lakefile.lean.
    modules
        What to trace. Everything that they import is built first, and not traced.
    toolchain
        The Lean to use; `find()` by default.
    """

    def __init__(self, project: Path, modules: Sequence[str], toolchain: Toolchain | None = None) -> None:
        self.project = project.resolve()
        self.toolchain = toolchain or find(project)
        self.modules = tuple(modules)
        self._lean_dojo = _lean_dojo()
        self.toolchain.build(self.project, [f"+{m}" for m in modules])
        repository = _snapshot(self.project, modules, self.toolchain)
        self.repo = self._lean_dojo.LeanGitRepo.from_path(repository)
        with _quiet():
            self._traced = self._lean_dojo.trace(self.repo, build_deps=False)
        _forget_old()

    def theorems(self) -> list[TracedTheorem]:
        """Return the traced theorems, in the order of their files."""
        found = self._traced.get_traced_theorems()
        found.sort(key=lambda t: (str(t.theorem.file_path), t.start))
        return [TracedTheorem(t.theorem.full_name, str(t.theorem.file_path), _tactics(t)) for t in found]

    def _find(self, theorem: str) -> Any:
        found = [t for t in self._traced.get_traced_theorems() if t.theorem.full_name == theorem]
        if not found:
            raise LogprecError(f"LeanDojo's trace of {', '.join(self.modules)} has no theorem `{theorem}`")
        return found[0]

    def script(self, theorem: str) -> list[str]:
        """Return the proof of a theorem as tactics: one for each step, or `exact` for a proof by a term.

        Raises
        ------
        LogprecError
            The proof is written by equations, which LeanDojo cannot replace.
        """
        traced = self._find(theorem)
        if tactics := [t.tactic for t in _tactics(traced) if t.top]:
            return tactics
        start, end = traced.locate_proof()
        text = traced.traced_file.lean_file[start:end].strip().removeprefix(":=").strip()
        if text.startswith("|") or not text:
            raise LogprecError(
                f"`{theorem}` is proved by equations: LeanDojo replaces proofs by tactics or a term only"
            )
        return [f"exact ({text})"]

    def open(self, theorem: str) -> "DojoSession":
        """Open a theorem: its proof is taken away and can be given again, tactic by tactic."""
        traced = self._find(theorem)
        return DojoSession(self._lean_dojo, traced.theorem)

    def text_with(self, theorem: str, script: Sequence[str]) -> str:
        """Return the file of a theorem with another proof in place of its own."""
        traced = self._find(theorem)
        file = traced.traced_file.lean_file
        start, end = traced.locate_proof()
        head, tail = file[file.start_pos : start].rstrip(), file[end : file.end_pos]
        tactics = "\n".join("  " + line for tactic in script for line in tactic.split("\n"))
        return f"{head.removesuffix(':=')} := by\n{tactics}\n{tail}"


def _tactics(traced: Any) -> tuple[TracedTactic, ...]:
    tactics = sorted(traced.get_traced_tactics(), key=lambda t: (t.start, -t.end.line_nb, -t.end.column_nb))
    out: list[TracedTactic] = []
    covered = None  # the end of the last tactic that is no part of another
    for t in tactics:
        top = covered is None or t.start >= covered
        if top:
            covered = t.end
        _, premises = t.get_annotated_tactic()
        names = tuple(dict.fromkeys(p["full_name"] for p in premises))
        out.append(TracedTactic(t.tactic, t.state_before, t.state_after, names, top))
    return tuple(out)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep LeanDojo's progress bars, and the builds it starts, off the screen; show them when it fails."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as log:
        for fd in (1, 2):
            os.dup2(log.fileno(), fd)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for fd, old in zip((1, 2), saved, strict=True):
                os.dup2(old, fd)
                os.close(old)
            if failed:
                log.seek(0)
                sys.stderr.write(log.read().decode(errors="replace")[-4000:])


class DojoSession:
    """A theorem that LeanDojo has opened. `goals` is the state that the next tactic applies to."""

    def __init__(self, lean_dojo: Any, theorem: Any) -> None:
        self._lean_dojo = lean_dojo
        self._dojo = lean_dojo.Dojo(theorem, timeout=TACTIC_LIMIT_S, build_deps=False)
        try:
            _, self._state = self._dojo.__enter__()
        except Exception as e:
            raise LogprecError(f"LeanDojo cannot open `{theorem.full_name}`: {e or type(e).__name__}") from e
        self.finished = False

    @property
    def goals(self) -> str:
        """The goals as Lean shows them; "no goals" at the end."""
        return "no goals" if self.finished else str(self._state.pp)

    def run_tactic(self, tactic: str) -> Outcome:
        """Run a tactic; after an error the state is what it was before.

        Raises
        ------
        LogprecError
            The proof is finished, or Lean died.
        """
        if self.finished:
            raise LogprecError("the proof is finished")
        try:
            result = self._dojo.run_tac(self._state, tactic)
        except (self._lean_dojo.DojoCrashError, self._lean_dojo.DojoTacticTimeoutError) as e:
            raise LogprecError(f"LeanDojo lost its Lean process: {e or type(e).__name__}") from e
        if isinstance(result, self._lean_dojo.LeanError):
            return Outcome(self.goals, error=result.error)
        if isinstance(result, self._lean_dojo.ProofGivenUp):
            return Outcome(self.goals, error="the proof uses `sorry`")
        if isinstance(result, self._lean_dojo.ProofFinished):
            self.finished = True
            return Outcome("no goals", finished=True)
        self._state = result
        return Outcome(result.pp)

    def close(self) -> None:
        """End the Lean process."""
        self._dojo.__exit__(None, None, None)

    def __enter__(self) -> "DojoSession":
        """Return the session."""
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        """End the Lean process."""
        self.close()


def project_of(project: Path, theorem: str) -> DojoProject:
    """Return LeanDojo's view of the module that declares a theorem.

    Raises
    ------
    LogprecError
        No module declares it.
    """
    modules = modules_declaring(project, theorem)
    if not modules:
        raise LogprecError(f"no module of {project} declares `{theorem}`")
    for module in modules:
        traced = DojoProject(project, [module])
        if any(t.name == theorem for t in traced.theorems()):
            return traced
    raise LogprecError(f"`{theorem}` is not a theorem that LeanDojo sees in {', '.join(modules)}")
