"""Build the modules of a project with WebAssembly Lean, the way Lake does: in dependency order, and only what changed.

A module is up to date when its trace holds the hash of everything that went in: its source, its options, the toolchain
and the same hash of every import. The trace is written last and holds the hash of the compiled file, so an interrupted
build, or a file that somebody else replaced, is noticed and built again.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from queue import LifoQueue

from rich.console import Console
from rich.markup import escape

from logprec.files import write_whole
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.lakefile import Lakefile, load
from logprec.toolchain.locking import locked, sha256
from logprec.toolchain.modules import Graph, HeaderError, Module, imports_of, is_toolchain
from logprec.toolchain.worker import Answer, Checker, Message, Request

_FORMAT = 1
_POSITION = re.compile(r"^(?P<at>.*?:\d+:\d+): (?P<severity>error|warning|info)(?P<kind>\([^)]*\))?: ", re.S)


def default_jobs() -> int:
    """Return how many modules to build at a time: LOGPREC_JOBS, else two, one where memory is short."""
    text = os.environ.get("LOGPREC_JOBS", "")
    if text:
        if not text.isdigit() or int(text) < 1:
            raise ToolchainError(f"LOGPREC_JOBS must be a positive number, not {text!r}")
        return int(text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 2 if memory > 6 * 2**30 and (os.cpu_count() or 1) > 1 else 1


def shown(message: Message) -> str:
    """Return a message as Lake prints it: severity first, then file and position."""
    text = message.text.rstrip("\n")
    match = _POSITION.match(text)
    if match is None:
        return f"{'info' if message.severity == 'information' else message.severity}: {text}"
    return f"{match['severity']}{match['kind'] or ''}: {match['at']}: {text[match.end() :]}"


def library_dir(project: Path) -> Path:
    """Return where a project's compiled modules go."""
    return project / ".lake/build/lib/lean"


@dataclass(frozen=True)
class Trace:
    """What is recorded beside a compiled module."""

    key: str
    olean: str
    messages: tuple[Message, ...]

    def write(self, path: Path) -> None:
        """Write the record, whole."""
        messages = [[m.severity, m.text] for m in self.messages]
        write_whole(path, json.dumps({"logprec": _FORMAT, "key": self.key, "olean": self.olean, "messages": messages}))

    @staticmethod
    def read(path: Path) -> "Trace | None":
        """Return the record, None if it is missing or not ours."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["logprec"] != _FORMAT:
                return None
            return Trace(data["key"], data["olean"], tuple(Message(s, t) for s, t in data["messages"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass
class Report:
    """What a build did."""

    built: list[str] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


class Builder:
    """Builds modules of one project.

    Parameters
    ----------
    project
        The folder with lakefile.lean.
    toolchain
        What identifies the Lean that compiles: another one builds everything anew.
    checker
        Makes a process that compiles; called up to `jobs` times.
    jobs
        Modules built at a time.
    console
        Where progress and messages go.
    """

    def __init__(
        self,
        project: Path,
        toolchain: str,
        checker: Callable[[], Checker],
        jobs: int | None = None,
        console: Console | None = None,
    ) -> None:
        self.lakefile: Lakefile = load(project)
        self.project = self.lakefile.project
        self.graph = Graph(self.lakefile)
        self.console = console or Console(stderr=True, soft_wrap=True, highlight=False)
        self.toolchain = toolchain
        self._make = checker
        self._jobs = jobs or default_jobs()
        self._keys: dict[str, str] = {}

    def modules_of(self, targets: Sequence[str]) -> list[str]:
        """Return the modules that targets stand for: libraries, executables or modules; none means the default targets.

        Raises
        ------
        ToolchainError
            A target that the lakefile does not have.
        """
        if not targets:
            chosen = [t for t in self.lakefile.targets if t.default]
            return [m for t in chosen for m in self.graph.of_target(t)]
        out: list[str] = []
        for name in targets:
            plain = name.removeprefix("@").removeprefix("+").replace("«", "").replace("»", "")
            target = self.lakefile.target(plain) if not name.startswith("+") else None
            if target is not None:
                out += self.graph.of_target(target)
            elif self.lakefile.owner(plain) is not None:
                out.append(plain)
            else:
                raise ToolchainError(f"unknown target `{plain}`: lakefile.lean has {self._names()}")
        return out

    def _names(self) -> str:
        return ", ".join(t.name for t in self.lakefile.targets) or "no targets"

    def key(self, module: Module) -> str:
        """Return the hash of everything that goes into a module."""
        if module.name not in self._keys:
            imports = [(m, self.key(self.graph.module(m))) for m in module.own_imports]
            shown = str(module.file.relative_to(self.project))
            parts = [self.toolchain, module.name, shown, module.digest, module.target.options, module.imports, imports]
            self._keys[module.name] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return self._keys[module.name]

    def olean(self, name: str) -> Path:
        """Return the compiled file of a module."""
        return library_dir(self.project).joinpath(*name.split(".")).with_suffix(".olean")

    def up_to_date(self, module: Module) -> Trace | None:
        """Return the trace of a module that needs no building, else None."""
        olean = self.olean(module.name)
        trace = Trace.read(olean.with_suffix(".trace"))
        if trace is None or trace.key != self.key(module):
            return None
        return trace if olean.is_file() and sha256(olean) == trace.olean else None

    def request(self, file: Path, name: str, imports: Iterable[str], **more: object) -> Request:
        """Return the request for a file that imports modules of this project."""
        own, base = self.graph.closure(imports)
        digests = {m: self.key(self.graph.module(m)) for m in own}
        return Request(
            file=str(file),
            name=name,
            base=base,
            digests=digests,
            path=(str(library_dir(self.project)),),
            **more,  # type: ignore[arg-type]
        )

    def imports_of_file(self, file: Path) -> tuple[str, ...]:
        """Return the modules of the project that a file imports, which need not belong to it."""
        return tuple(m for m in self._imports(file) if not is_toolchain(m))

    def request_for_file(self, file: Path, text: str | None = None) -> Request:
        """Return the request that checks a file, or another text in its place.

        A file of the project keeps its module name and options.
        """
        where = file.resolve()
        imports = self._imports(file) if text is None else imports_of(text)
        for target in self.lakefile.targets:
            if where.is_relative_to(target.source):
                module = ".".join(where.relative_to(target.source).with_suffix("").parts)
                if target.owns(module):
                    return self.request(where, str(file), imports, module=module, options=target.options)
        return self.request(where, str(file), imports, module="_stdin")

    def _imports(self, file: Path) -> tuple[str, ...]:
        try:
            return imports_of(file.read_text(encoding="utf-8"))
        except HeaderError as e:
            raise HeaderError(f"{file}: {e}") from None
        except UnicodeDecodeError:
            raise ToolchainError(f"{file}: not UTF-8 text") from None
        except OSError as e:
            raise ToolchainError(f"{file}: {e.strerror}") from None

    def build(self, names: Iterable[str], wfail: bool = False, quiet: bool = False) -> Report:
        """Build modules and what they import.

        Parameters
        ----------
        names
            The modules.
        wfail
            Warnings fail the build (everything is still built).
        quiet
            Say nothing about modules that are up to date.

        Raises
        ------
        BuildFailedError
            Errors in a module, or warnings with `wfail`. They are printed before.
        ToolchainError
            A missing module or an import cycle.
        """
        order = self.graph.order(names)
        lock = self.project / ".lake/build/logprec.lock"
        with locked(lock, lambda: self.console.print("another build is running here: waiting for it")):
            run = _Run(self, order, self.console, quiet)
            with self.console.status("checking what changed", spinner="dots") as status:
                report = run.all(self._jobs, self._make, lambda text: status.update(escape(text)))
        bad = sorted({*report.failed, *report.skipped, *(report.warned if wfail else ())})
        if bad:
            logged = sorted({*report.failed, *(report.warned if wfail else ())})
            self.console.print(
                "Some required targets logged failures:", *(f"- {m}" for m in logged), sep="\n", markup=False
            )
            raise BuildFailedError("build failed")
        if not quiet or report.built:
            self.console.print(f"Build completed successfully ({len(order)} jobs).", markup=False)
        return report


class _Run:
    """One build, under the lock."""

    def __init__(self, builder: Builder, order: list[Module], console: Console, quiet: bool) -> None:
        self.builder = builder
        self.order = order
        self.console = console
        self.quiet = quiet
        self.report = Report()
        self.finished = 0

    def all(self, jobs: int, make: Callable[[], Checker], status: Callable[[str], None]) -> Report:
        """Build what is not up to date, imports first."""
        todo: dict[str, Module] = {}
        for module in self.order:
            trace = self.builder.up_to_date(module)
            if trace is None:
                todo[module.name] = module
            else:
                self._replayed(module, trace)
        if not todo:
            return self.report
        waiting = {name: {m for m in module.own_imports if m in todo} for name, module in todo.items()}
        checkers: list[Checker] = [make() for _ in range(min(jobs, len(todo)))]
        free: LifoQueue[Checker] = LifoQueue()
        for checker in reversed(checkers):
            free.put(checker)
        running: dict[Future[tuple[Answer, float]], str] = {}
        pool = ThreadPoolExecutor(len(checkers))
        try:
            while waiting or running:
                for name in [n for n, imports in waiting.items() if not imports]:
                    if len(running) == len(checkers):
                        break
                    del waiting[name]
                    running[pool.submit(self._one, todo[name], free)] = name
                status(f"[{self.finished}/{len(self.order)}] building {', '.join(running.values())}")
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    if self._done(name, *future.result()):
                        for imports in waiting.values():
                            imports.discard(name)
                    else:
                        self._skip(name, waiting)
        except BaseException:
            for checker in checkers:
                checker.close()  # ends the requests under way, so that the pool can stop
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            for checker in checkers:
                checker.close()
        return self.report

    def _one(self, module: Module, free: "LifoQueue[Checker]") -> tuple[Answer, float]:
        builder = self.builder
        olean = builder.olean(module.name)
        trace = olean.with_suffix(".trace")
        trace.unlink(missing_ok=True)
        olean.unlink(missing_ok=True)
        olean.parent.mkdir(parents=True, exist_ok=True)
        part = olean.with_suffix(".olean.part")
        shown = str(module.file.relative_to(builder.project))
        request = builder.request(
            module.file, shown, module.imports, module=module.name, olean=str(part), options=module.target.options
        )
        checker = free.get()
        start = time.monotonic()
        try:
            answer = checker.request(request)
        finally:
            free.put(checker)
        if answer.ok:
            part.replace(olean)
            Trace(builder.key(module), sha256(olean), answer.messages).write(trace)
        else:
            part.unlink(missing_ok=True)
        return answer, time.monotonic() - start

    def _line(self, mark: str, verb: str, name: str, seconds: float | None = None) -> None:
        self.finished += 1
        time_ = "" if seconds is None else f" ({seconds:.1f}s)"
        self.console.print(f"{mark} [{self.finished}/{len(self.order)}] {verb} {name}{time_}", markup=False)

    def _say(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.console.print(shown(message), markup=False)

    def _replayed(self, module: Module, trace: Trace) -> None:
        self.report.replayed.append(module.name)
        warned = any(m.severity == "warning" for m in trace.messages)
        if warned:
            self.report.warned.append(module.name)
        if trace.messages and not self.quiet:
            self._line("⚠" if warned else "ℹ", "Replayed", module.name)
            self._say(trace.messages)
        else:
            self.finished += 1

    def _done(self, name: str, answer: Answer, seconds: float) -> bool:
        warned = any(m.severity == "warning" for m in answer.messages)
        if answer.ok:
            self.report.built.append(name)
            if warned:
                self.report.warned.append(name)
            self._line("⚠" if warned else "ℹ" if answer.messages else "✔", "Built", name, seconds)
        else:
            self.report.failed.append(name)
            self._line("✖", "Building", name, seconds)
        self._say(answer.messages)
        if answer.crash:
            self.console.print(f"error: {answer.crash}", markup=False)
        return answer.ok

    def _skip(self, failed: str, waiting: dict[str, set[str]]) -> None:
        """Drop everything that imports a failed module."""
        for name in [n for n, imports in waiting.items() if failed in imports]:
            if waiting.pop(name, None) is not None:
                self.report.skipped.append(name)
                self._skip(name, waiting)
