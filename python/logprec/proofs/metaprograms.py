"""Metaprograms over the compiled package: a new Lean process for each group of modules.

A process loads what its group imports, so groups keep its memory small (the WebAssembly build has 4 GB at most); two
run at a time. A process that dies says nothing about the modules: its group is tried again in halves, and a module
that kills Lean twice by itself is an error of its own kind, never a verdict.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logprec.toolchain.build import default_jobs, library_dir
from logprec.toolchain.core import Toolchain
from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import Glob, Lakefile, load
from logprec.toolchain.modules import Graph

PROGRAM = "Logprec.Audit.Main"
META = ("Logprec.Audit",)  # metaprograms: nothing is proved about them
GROUP_BYTES = 12_000_000  # of compiled files: some 30 s of work; starting a process takes 12 s

Answer = dict[str, Any]
Progress = Callable[[int, int, str], None]


class LeanCrashError(ToolchainError):
    """Lean itself failed while it looked at a module; that says nothing about the module."""


def modules_on_disk(graph: Graph) -> list[str]:
    """Return every module that lies under the roots of the project's libraries, imported or not."""
    found: list[str] = []
    for library in graph.lakefile.libraries:
        for root in library.roots:
            modules = graph.of_glob(library, Glob(root, below=True))
            found += [m for m in modules if library.file(m).is_file()]
    return list(dict.fromkeys(found))


def programs(lakefile: Lakefile) -> list[str]:
    """Return the modules, or prefixes of modules, that are programs or metaprograms."""
    return [*META, *(r for t in lakefile.targets if t.executable for r in t.roots)]


def size_on_disk(project: Path, module: str) -> int:
    """Return the size of a compiled module in bytes, 0 when it is missing."""
    file = library_dir(project).joinpath(*module.split(".")).with_suffix(".olean")
    return file.stat().st_size if file.is_file() else 0


def group(
    graph: Graph, modules: Sequence[str], size: Callable[[str], int], limit: int = GROUP_BYTES
) -> list[list[str]]:
    """Divide modules into groups, imports first within and among them.

    A group imports nothing from a later group. Programs are alone: each has a `main`, so no two can be loaded together.
    Modules that need `Lean` itself, which is large, are kept from those that do not.

    Parameters
    ----------
    graph
        The project's modules.
    modules
        The modules to divide.
    size
        How much work a module is.
    limit
        How much work a group may be; a larger module is a group of its own.
    """
    alone = {PROGRAM, *(r for t in graph.lakefile.targets if t.executable for r in t.roots)}
    order = [m.name for m in graph.order(modules) if m.name in set(modules)]
    heavy = {m for m in order if "Lean" in {t.split(".")[0] for t in graph.closure([m])[1]}}
    groups: list[list[str]] = []
    for part in ([m for m in order if m not in heavy - alone], [m for m in order if m in heavy - alone]):
        current: list[str] = []
        total = 0
        for module in part:
            if module in alone:
                groups.append([module])
                continue
            if current and total + size(module) > limit:
                groups.append(current)
                current, total = [], 0
            current.append(module)
            total += size(module)
        if current:
            groups.append(current)
    return groups


@dataclass(frozen=True)
class Examiner:
    """Runs one operation of the metaprogram.

    `command` and `environment` start it; each job is `shared` with the modules of a group; `progress` is told how many
    modules are done, of how many, and what was done last.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    shared: Mapping[str, object]
    progress: Progress = lambda done, total, name: None

    def run(self, groups: Sequence[Sequence[str]], jobs: int) -> list[Answer]:
        """Return one answer for each module, in order.

        Raises
        ------
        LeanCrashError
            A module crashes Lean, by itself, twice.
        """
        total, done = sum(map(len, groups)), 0
        found: dict[str, Answer] = {}

        def note(answer: Answer) -> None:
            nonlocal done
            found[answer["module"]] = answer
            done += 1
            self.progress(done, total, answer["module"])

        with ThreadPoolExecutor(jobs) as pool:
            try:
                for future in [pool.submit(self._group, g, note) for g in groups]:
                    future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [found[m] for g in groups for m in g]

    def _group(self, modules: Sequence[str], note: Callable[[Answer], None], last: bool = False) -> None:
        left, words = self._process(modules, note)
        if not left:
            return
        if len(left) > 1:
            middle = len(left) // 2
            self._group(left[:middle], note)
            self._group(left[middle:], note)
        elif last:
            raise LeanCrashError(f"{left[0]}: Lean itself crashed, twice; this is no verdict on the module. {words}")
        else:
            self._group(left, note, last=True)

    def _process(self, modules: Sequence[str], note: Callable[[Answer], None]) -> tuple[list[str], str]:
        """Run one process; return the modules it did not get to, and its last words."""
        left = list(modules)
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
            assert process.stdin is not None and process.stdout is not None
            try:
                try:
                    process.stdin.write(json.dumps({"modules": left, **self.shared}).encode() + b"\n")
                    process.stdin.close()
                except OSError:
                    pass  # it died before it read: its exit code says so
                for line in process.stdout:
                    try:
                        answer: Answer = json.loads(line)
                        left.remove(answer["module"])
                    except (ValueError, KeyError, TypeError):
                        continue  # cut short by a crash, or no answer: the module stays on the list
                    note(answer)
                process.wait()
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
            errors.seek(0)
            text = [x.strip() for x in errors.read().decode(errors="replace").splitlines() if x.strip()]
        said = [x for x in text if "rror" in x or "exception" in x] or text or ["no message"]
        return left, f"(exit code {process.returncode}; {said[0][:300]})"


def examine(
    project: Path,
    toolchain: Toolchain,
    operation: str,
    modules: Sequence[str] | None = None,
    *,
    home: Path | None = None,
    progress: Progress = lambda done, total, name: None,
    **extra: object,
) -> list[Answer]:
    """Build modules, and run one operation of the metaprogram on each.

    Parameters
    ----------
    project
        The project to look at.
    toolchain
        The Lean to use.
    operation
        `audit`, `describe` or `freeze`.
    modules
        The modules; all on disk by default.
    home
        The project that has the metaprogram; `project` itself by default.
    progress
        Called after each module.
    extra
        More fields of the job.

    Raises
    ------
    BuildFailedError
        A module does not compile.
    LeanCrashError
        Lean itself failed.
    """
    graph = Graph(load(project))
    modules = modules_on_disk(graph) if modules is None else modules
    toolchain.build(project, [f"+{m}" for m in modules])
    command, environment = toolchain.program(home or project, PROGRAM)
    folder = graph.lakefile.project
    shared = {"operation": operation, "path": [str(library_dir(folder))], "programs": programs(graph.lakefile), **extra}
    groups = group(graph, modules, lambda m: size_on_disk(folder, m))
    return Examiner(command, environment, shared, progress).run(groups, default_jobs())
