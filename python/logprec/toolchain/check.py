"""`LeanSession`: check a file as often as you like; the start of Lean is paid once."""

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from logprec.toolchain.build import Builder
from logprec.toolchain.core import Native, Toolchain, Wasm, find
from logprec.toolchain.errors import BuildFailedError, ToolchainError
from logprec.toolchain.lakefile import find_project
from logprec.toolchain.session import connect_or_start
from logprec.toolchain.worker import Answer, Checker, Message, Request, Worker


@dataclass(frozen=True)
class CheckResult:
    """What came of checking a file. `seconds` includes building what it imports."""

    ok: bool
    messages: tuple[Message, ...]
    seconds: float


class _Kept:
    """A checker that a build may use but not end."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def request(self, request: Request) -> Answer:
        return self._checker.request(request)

    def close(self) -> None:
        pass


class LeanSession:
    """Checks files of a project in one warm Lean process.

    What a file imports is built first where it is stale, and rebuilt modules are read anew. A crashed process is
    replaced, and so is one that has grown.

    Parameters
    ----------
    project
        The folder with lakefile.lean; by default the nearest one around the working directory.
    shared
        Use the background session of this user, so that the next command finds it warm.
    toolchain
        The Lean to use; `find()` by default.
    """

    def __init__(
        self, project: Path | None = None, *, shared: bool = False, toolchain: Toolchain | None = None
    ) -> None:
        self.project = project or find_project(Path.cwd())
        self._toolchain = toolchain or find(self.project)
        self._checker: Checker | None = None
        if isinstance(self._toolchain, Wasm):
            self._checker = (connect_or_start() if shared else None) or Worker(self._toolchain.wasm)

    def __enter__(self) -> "LeanSession":
        """Return the session."""
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        """End the session."""
        self.close()

    def close(self) -> None:
        """End the session; a shared one stays for the next command."""
        if self._checker is not None:
            self._checker.close()

    def check(self, file: Path) -> CheckResult:
        """Elaborate a file.

        Raises
        ------
        BuildFailedError
            A module that it imports has errors.
        ToolchainError
            Lean crashed twice, or the file cannot be read.
        """
        start = time.monotonic()
        if self._checker is None:
            assert isinstance(self._toolchain, Native)
            ok, messages = _check_native(self._toolchain, self.project, file)
            return CheckResult(ok, messages, time.monotonic() - start)
        assert isinstance(self._toolchain, Wasm)
        builder = self._builder(self._toolchain, self._checker)
        builder.build(builder.imports_of_file(file), quiet=True)
        answer = self._checker.request(builder.request_for_file(file))
        if answer.crash:
            raise ToolchainError(answer.crash)
        return CheckResult(answer.ok, answer.messages, time.monotonic() - start)

    def check_text(self, text: str) -> CheckResult:
        """Elaborate a text as if it were a file of the project."""
        with tempfile.TemporaryDirectory(prefix="logprec-check-") as folder:
            file = Path(folder, "Text.lean")
            file.write_text(text, encoding="utf-8")
            return self.check(file)

    def _builder(self, toolchain: Wasm, checker: Checker) -> Builder:
        builder = toolchain.builder(self.project)
        return Builder(builder.project, builder.toolchain, lambda: _Kept(checker), jobs=1, console=builder.console)


def _check_native(toolchain: Native, project: Path, file: Path) -> tuple[bool, tuple[Message, ...]]:
    cmd = [str(toolchain.native.lake), "lean", str(file.resolve()), "--", "--json"]
    out = subprocess.run(cmd, cwd=project, capture_output=True, text=True, check=False)
    messages = []
    for line in out.stdout.splitlines():
        if not line.startswith("{"):
            continue
        m = json.loads(line)
        at = f"{file}:{m['pos']['line']}:{m['pos']['column']}"
        messages.append(Message(m["severity"], f"{at}: {m['severity']}: {m['data']}"))
    if out.returncode and not messages:
        raise BuildFailedError((out.stdout + out.stderr).strip()[-400:])
    return out.returncode == 0, tuple(messages)
