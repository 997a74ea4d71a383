"""The states between the tactics of every proof of a module, from Lean's info trees.

A module is elaborated once; the states stay beside what was built from it until its source, its imports or the
toolchain change.
"""

import atexit
import hashlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.toolchain.build import Builder, library_dir, shown
from logprec.toolchain.core import Native, Toolchain, Wasm, find
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph
from logprec.toolchain.wasm_install import WasmLean, resource
from logprec.toolchain.worker import Message, Worker, program_key

_MAIN = """
unsafe def main (args : List String) : IO Unit := do
  let [file, module, out] := args | throw <| .userError "usage: FILE MODULE OUT"
  enableInitializersExecution
  let input := Parser.mkInputContext (← IO.FS.readFile file) file
  let (header, parser, log) ← Parser.parseHeader input
  let (env, log) ← processHeader header {} log input
  let state := Command.mkState (env.setMainModule module.toName) log (Elab.async.set {} false)
  let (proofs, log) ← LogprecInfo.proofs input parser state
  for m in log.toList do
    if m.severity matches .error then throw <| .userError (← m.toString)
  IO.FS.writeFile out (toJson proofs).compress
"""


@dataclass(frozen=True)
class Step:
    """One tactic of a proof, with the goals before and after it, each goal as Lean shows it.

    Lines count from 1, columns from 0. `depth` says how many tactics this one is part of: the steps of depth 0, one
    after the other, are the whole proof; the others show its inside. A compound tactic comes before its parts.
    """

    tactic: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    line: int
    column: int
    end_line: int
    end_column: int
    depth: int

    @property
    def text(self) -> str:
        """The tactic as it reads when it starts at the left margin."""
        first, *rest = self.tactic.split("\n")
        indent = " " * self.column
        return "\n".join([first, *(line.removeprefix(indent) for line in rest)])


def load_states(project: Path, module: str, toolchain: Toolchain | None = None) -> dict[str, list[Step]]:
    """Return the steps of every proof of a module, by full name; proofs without tactics are left out.

    Parameters
    ----------
    project
        The folder with lakefile.lean.
    module
        The module; what it imports is built where it is stale.
    toolchain
        The Lean to use; `find()` by default.

    Raises
    ------
    BuildFailedError
        The module, or one that it imports, has errors.
    """
    toolchain = toolchain or find(project)
    graph = Graph(load(project))
    file = library_dir(graph.lakefile.project).parents[1] / "states" / f"{module}.json"
    key = hashlib.sha256(json.dumps([program_key(), _key(graph, module, toolchain)]).encode()).hexdigest()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["key"] == key:
            return _decoded(data["proofs"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    proofs = (
        _elaborate_wasm(toolchain, project, module)
        if isinstance(toolchain, Wasm)
        else _elaborate_native(toolchain, graph, module)
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps({"key": key, "proofs": proofs}, ensure_ascii=False))
    return _decoded(proofs)


def tactic_states(project: Path, theorem: str, toolchain: Toolchain | None = None) -> list[Step]:
    """Return the steps of one proof; empty for a proof without tactics.

    Raises
    ------
    LogprecError
        No module of the project declares the theorem.
    """
    modules = modules_declaring(project, theorem)
    if not modules:
        raise LogprecError(f"no module of {project} declares `{theorem}`")
    for module in modules:
        if steps := load_states(project, module, toolchain).get(theorem):
            return steps
    return []


def modules_declaring(project: Path, theorem: str) -> list[str]:
    """Return the modules whose text has a theorem, definition or instance of this name or the end of it."""
    graph = Graph(load(project))
    parts = theorem.split(".")
    ends = "|".join(re.escape(".".join(parts[k:])) for k in range(len(parts)))
    declared = re.compile(rf"\b(?:theorem|lemma|def|abbrev|instance)\s+(?:_root_\.)?(?:{ends})(?![\w.'!?])")
    names = dict.fromkeys(m for t in graph.lakefile.targets for m in graph.of_target(t))
    return [m.name for m in graph.order(names) if declared.search(m.source.decode(errors="replace"))]


def _key(graph: Graph, module: str, toolchain: Toolchain) -> list[object]:
    return [toolchain.description, *((m.name, m.digest, repr(m.target.options)) for m in graph.order([module]))]


def _decoded(proofs: Iterable[dict[str, Any]]) -> dict[str, list[Step]]:
    return {proof["name"]: [_step(s) for s in proof["steps"]] for proof in proofs}


def _step(s: dict[str, Any]) -> Step:
    goals = tuple(s["before"]), tuple(s["after"])
    return Step(s["tactic"], *goals, s["line"], s["column"], s["endLine"], s["endColumn"], s["depth"])


_workers: dict[Path, Worker] = {}  # by installation; a module then costs its elaboration


def _worker(lean: WasmLean) -> Worker:
    if lean.home not in _workers:
        _workers[lean.home] = Worker(lean)
        atexit.register(_workers[lean.home].close)
    return _workers[lean.home]


def _elaborate_wasm(toolchain: Wasm, project: Path, module: str) -> list[dict[str, Any]]:
    builder: Builder = toolchain.builder(project)
    file = builder.graph.module(module).file
    builder.build(builder.imports_of_file(file), quiet=True)
    answer, proofs = _worker(toolchain.wasm).states(builder.request_for_file(file))
    if answer.crash:
        raise ToolchainError(answer.crash)
    if not answer.ok:
        raise BuildFailedError(_first_error(answer.messages))
    return proofs


def _first_error(messages: Iterable[Message]) -> str:
    return next(shown(m) for m in messages if m.severity == "error")


def _elaborate_native(toolchain: Toolchain, graph: Graph, module: str) -> list[dict[str, Any]]:
    assert isinstance(toolchain, Native)
    project, file = graph.lakefile.project, graph.module(module).file
    toolchain.build(project, [f"+{module}"])
    with tempfile.TemporaryDirectory(prefix="logprec-states-") as name:
        program, out = Path(name, "States.lean"), Path(name, "states.json")
        program.write_text(resource("LogprecInfo.lean").read_text(encoding="utf-8") + _MAIN, encoding="utf-8")
        cmd = [str(toolchain.native.lake), "env", "lean", "--run", str(program), str(file), module, str(out)]
        done = subprocess.run(cmd, cwd=project, capture_output=True, text=True, check=False)
        if done.returncode or not out.exists():
            raise BuildFailedError(f"{module}: {(done.stdout + done.stderr).strip()[-400:]}")
        proofs: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
        return proofs
