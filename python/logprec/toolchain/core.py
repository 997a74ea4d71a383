"""`find()`: the Lean to use, and what can be done with it."""

import atexit
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from rich.console import Console

from logprec.toolchain.build import Builder, Report, library_dir
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.lakefile import find_project, load
from logprec.toolchain.modules import Graph
from logprec.toolchain.native import NativeLean, find_native
from logprec.toolchain.session import shared_checkers
from logprec.toolchain.wasm_install import LEAN_VERSION, PACKAGE, WasmLean, install_dir, provide
from logprec.toolchain.worker import RunRequest, Worker, lean_command, lean_environment

Stream = bytes | IO[bytes] | None


def _bytes(stdin: Stream) -> bytes:
    return stdin if isinstance(stdin, bytes) else stdin.read() if stdin is not None else b""


class Toolchain(Protocol):
    """A usable Lean."""

    @property
    def description(self) -> str:
        """One line for a reader: what it is and where."""

    def build(self, project: Path, targets: Sequence[str] = (), wfail: bool = False) -> None:
        """Build targets of a project; raises BuildFailedError when a module has errors, which are printed."""

    def exe(
        self,
        project: Path,
        name: str,
        args: Sequence[str],
        *,
        stdin: Stream = None,
        stdout: IO[bytes] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Build what is stale, then run executable `name`; its output is captured where no `stdout` is given."""

    def program(self, project: Path, module: str) -> tuple[list[str], dict[str, str]]:
        """Build a module of a project, and return what interprets its `main` in a new process.

        That is a command line and an environment; for metaprograms, which need no executable.
        """

    def lean(self, args: Sequence[str | Path]) -> list[str]:
        """Return the command line of `lean` with `args`."""

    def environment(self, project: Path | None) -> dict[str, str]:
        """Return the environment in which `lean` finds the modules of `project`."""


@dataclass(frozen=True)
class Native:
    """A native toolchain: Lake does everything."""

    native: NativeLean

    @property
    def description(self) -> str:
        """One line for a reader."""
        return f"Lean {self.native.version} (native, {self.native.lake})"

    def _drop_foreign(self, project: Path) -> None:
        """Remove what the WebAssembly build compiled: this Lean cannot read it."""
        if (project / ".lake/build/logprec.lock").exists():
            shutil.rmtree(project / ".lake/build", ignore_errors=True)

    def build(self, project: Path, targets: Sequence[str] = (), wfail: bool = False) -> None:
        """Run `lake build`."""
        self._drop_foreign(project)
        cmd = [str(self.native.lake), "build", *targets, *(["--wfail"] if wfail else [])]
        if subprocess.run(cmd, cwd=project, check=False).returncode:
            raise BuildFailedError("build failed")

    def exe(
        self,
        project: Path,
        name: str,
        args: Sequence[str],
        *,
        stdin: Stream = None,
        stdout: IO[bytes] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Build the executable and run it."""
        self._drop_foreign(project)
        out = subprocess.run(
            [self.native.lake, "build", name], cwd=project, capture_output=True, text=True, check=False
        )
        if out.returncode:
            raise BuildFailedError(f"cannot build {name}: {(out.stdout + out.stderr).strip()[-400:]}")
        program = project / ".lake/build/bin" / name
        return subprocess.run(
            [str(program), *args],
            input=_bytes(stdin),
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )

    def program(self, project: Path, module: str) -> tuple[list[str], dict[str, str]]:
        """Build a module and return what interprets its `main`."""
        self.build(project, [f"+{module}"])
        file = Graph(load(project)).module(module).file
        return self.lean(["--run", file]), self.environment(project)

    def lean(self, args: Sequence[str | Path]) -> list[str]:
        """Return the command line of the `lean` beside this `lake`."""
        return [str(self.native.lake.with_name("lean")), *map(str, args)]

    def environment(self, project: Path | None) -> dict[str, str]:
        """Return the environment of `lake env`."""
        if project is None:
            return dict(os.environ)
        out = subprocess.run([self.native.lake, "env"], cwd=project, capture_output=True, text=True, check=False)
        pairs = (line.partition("=") for line in out.stdout.splitlines())
        return dict(os.environ) | {key: value for key, eq, value in pairs if eq}


@dataclass
class Wasm:
    """Lean as WebAssembly, with Lake's part done by `logprec.toolchain.build`."""

    wasm: WasmLean
    _runner: Worker | None = field(default=None, repr=False)

    @property
    def description(self) -> str:
        """One line for a reader."""
        return f"Lean {LEAN_VERSION} (WebAssembly, {PACKAGE}, on Node {self.wasm.node.version}, {self.wasm.home})"

    def builder(self, project: Path, console: Console | None = None) -> Builder:
        """Return a builder for `project`."""
        return Builder(project, install_dir().name, shared_checkers(self.wasm), console=console)

    def build(self, project: Path, targets: Sequence[str] = (), wfail: bool = False) -> None:
        """Build with long-lived Lean processes."""
        builder = self.builder(project)
        builder.build(builder.modules_of(targets), wfail=wfail)

    def exe(
        self,
        project: Path,
        name: str,
        args: Sequence[str],
        *,
        stdin: Stream = None,
        stdout: IO[bytes] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Build the program's modules, then run it in a Lean process that stays for the next call."""
        builder, module, _ = self.build_exe(project, name)
        return self._run(builder, module, args, stdin, stdout)

    def program(self, project: Path, module: str) -> tuple[list[str], dict[str, str]]:
        """Build a module and return what interprets its `main`."""
        builder = self.builder(project)
        builder.build([module], quiet=True)
        return self.lean(["--run", builder.graph.module(module).file]), self.environment(project)

    def _run(
        self, builder: Builder, module: str, args: Sequence[str], stdin: Stream, stdout: IO[bytes] | None
    ) -> "subprocess.CompletedProcess[bytes]":
        if self._runner is None:
            self._runner = Worker(self.wasm)
            atexit.register(self._runner.close)
        own, base = builder.graph.closure([module])
        request = RunRequest(
            module=module,
            args=tuple(args),
            path=(str(library_dir(builder.project)),),
            base=base,
            digests={m: builder.key(builder.graph.module(m)) for m in own},
        )
        code, out, err = self._runner.run(request, _bytes(stdin))
        if stdout is not None:
            stdout.write(out)
            out = b""
        return subprocess.CompletedProcess([module, *args], code, out, err)

    def build_exe(self, project: Path, name: str) -> tuple[Builder, str, Report]:
        """Build an executable's modules and return the builder, the root module and what was built."""
        target = load(project).target(name.replace("«", "").replace("»", ""))
        if target is None or not target.executable:
            raise ToolchainError(f"unknown executable `{name}`: lakefile.lean has no such lean_exe")
        builder = self.builder(project)
        report = builder.build(target.roots, quiet=True)
        return builder, target.roots[0], report

    def lean(self, args: Sequence[str | Path]) -> list[str]:
        """Return the command line that runs `lean` with `args`."""
        return lean_command(self.wasm, args)

    def environment(self, project: Path | None) -> dict[str, str]:
        """Return the environment in which `lean` finds the modules of `project`."""
        return lean_environment(self.wasm, [library_dir(project)] if project else [])


@dataclass(frozen=True)
class Choice:
    """Which toolchain is used, and why; `usable` is False when it would have to be downloaded first."""

    native: NativeLean | None
    why: list[str]


def choose(project: Path | None) -> Choice:
    """Look for a native toolchain of the version that `project` wants."""
    native, notes = find_native(project)
    if native is not None:
        return Choice(
            native, [f"a native toolchain is always preferred: {native.lake} is Lean {native.version}", *notes]
        )
    return Choice(None, [*(notes or ["no native lake on PATH or in ~/.elan/bin"]), "so Lean as WebAssembly is used"])


_found: dict[Path | None, Toolchain] = {}


def find(project: Path | None = None, console: Console | None = None) -> Toolchain:
    """Return the Lean to use: a native one of the right version, else WebAssembly, installed first if need be.

    Parameters
    ----------
    project
        Folder whose lean-toolchain says which version; the nearest project around the working directory by default.
    console
        Where the installer shows its progress.

    Raises
    ------
    ToolchainError
        Neither is there, with one line that says what to do.
    """
    if project is None:
        try:
            project = find_project(Path.cwd())
        except ToolchainError:
            project = None
    if project not in _found:
        choice = choose(project)
        _found[project] = Native(choice.native) if choice.native else Wasm(provide(console))
    return _found[project]
