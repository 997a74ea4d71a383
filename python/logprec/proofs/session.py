"""Files open in the language server: goals, hovers and diagnostics, through the PyPI package leanclient.

What a server says is for looking at. A file without diagnostics may be one that the server has not got to, or one that
silences them, so `Diagnostics` has no truth value; the answer to "is it right?" is `OpenFile.verdict`, which
elaborates the whole text as a build does.
"""

import os
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Protocol

from logprec.errors import LogprecError
from logprec.proofs.check import Checker, Verdict
from logprec.toolchain.core import Native, find

WAIT_S = 300.0
"""How long to wait for the server to get through a file."""

MAX_OPEN = 16
"""How many files a session holds; the server keeps all of them elaborated."""

Severity = Literal["error", "warning", "information", "hint"]
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")


@dataclass(frozen=True)
class Diagnostic:
    """A message about a place. Lines count from 1, columns from 0, in characters."""

    severity: Severity
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Diagnostics:
    """What the server has said about a text. Never a verdict, least of all when there is nothing.

    Attributes
    ----------
    messages
        In the server's order.
    finished
        Whether the server has said that it got to the end of the text.
    checked
        Always False: only `OpenFile.verdict` checks a text.
    """

    messages: tuple[Diagnostic, ...]
    finished: bool
    checked: Literal[False] = False

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors among them."""
        return tuple(m for m in self.messages if m.severity == "error")

    def __bool__(self) -> NoReturn:
        """Refuse to be taken for a verdict.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError("diagnostics are no verdict, full or empty: ask for `messages`, or for the file's `verdict`")


class Client(Protocol):
    """What is used of leanclient's `LeanLSPClient`. Paths are relative to the project; places are the protocol's."""

    process: Any

    def open_file(self, path: str) -> None:
        """Open a file."""

    def close_files(self, paths: list[str]) -> None:
        """Close files."""

    def update_file_content(self, path: str, content: str) -> None:
        """Replace the text of an open file."""

    def get_file_content(self, path: str) -> str:
        """Return the text that the server has."""

    def get_diagnostics(self, path: str, *, inactivity_timeout: float, max_timeout: float) -> Any:
        """Wait for the end of the file, and return the messages."""

    def get_goal(self, path: str, line: int, character: int) -> Any:
        """Return the goals at a place."""

    def get_hover(self, path: str, line: int, character: int) -> Any:
        """Return what there is to say about a place."""

    def close(self) -> None:
        """End the server."""


class OpenFile:
    """A file of a `ProofSession`. Lines count from 1, columns from 0, in characters."""

    def __init__(self, session: "ProofSession", path: str) -> None:
        self._session, self.path = session, path

    @property
    def text(self) -> str:
        """The text that the server has."""
        return self._client.get_file_content(self.path)

    def edit(self, text: str) -> None:
        """Give the server another text; the file on disk stays as it is."""
        self._client.update_file_content(self.path, text)

    def diagnostics(self, wait_s: float = WAIT_S) -> Diagnostics:
        """Wait until the server is through the text, and return what it said.

        Raises
        ------
        LogprecError
            The server is gone.
        """
        found = self._client.get_diagnostics(self.path, inactivity_timeout=wait_s, max_timeout=wait_s)
        self._session.still_there()
        lines = self.text.split("\n")
        return Diagnostics(tuple(_diagnostic(d, lines) for d in found.diagnostics), not found.timed_out)

    def goals(self, line: int, column: int) -> tuple[str, ...] | None:
        """Return the goals at a place as Lean shows them; none are left: empty; no proof by tactics is there: None.

        Raises
        ------
        LogprecError
            There is no such place, or the server did not answer.
        """
        answer = self._ask("get_goal", line, column)
        return None if answer is None else tuple(answer["goals"])

    def hover(self, line: int, column: int) -> str | None:
        """Return what Lean says about the name at a place, as Markdown; None where there is nothing to say.

        Raises
        ------
        LogprecError
            There is no such place, or the server did not answer.
        """
        answer = self._ask("get_hover", line, column)
        return None if answer is None else str(answer["contents"]["value"])

    def verdict(self, theorems: Sequence[str] = ()) -> Verdict:
        """Elaborate the whole text as a build does, in a Lean of its own; see `Checker.check_text`."""
        with Checker(self._session.project) as checker:
            return checker.check_text(self.text, theorems, Path(self.path).name)

    def close(self) -> None:
        """Close the file."""
        self._client.close_files([self.path])
        self._session.forget(self)

    @property
    def _client(self) -> Client:
        return self._session.client_of(self)

    def _ask(self, question: Literal["get_goal", "get_hover"], line: int, column: int) -> Any:
        lines = self.text.split("\n")
        if not (1 <= line <= len(lines) and 0 <= column <= len(lines[line - 1])):
            raise LogprecError(f"{self.path}: there is no line {line}, column {column}")
        if not self.diagnostics().finished:
            raise LogprecError(f"{self.path}: Lean did not get through it in {WAIT_S:.0f} s")
        units = len(lines[line - 1][:column].encode("utf-16-le")) // 2
        answer = getattr(self._client, question)(self.path, line - 1, units)
        self._session.still_there()
        if isinstance(answer, dict) and "error" in answer:
            raise LogprecError(f"{self.path}:{line}: the language server refused: {answer['error'].get('message')}")
        return answer


class ProofSession:
    """A language server for a project, with files open in it. Use it as a context manager, or close it.

    Parameters
    ----------
    project
        The folder with the lakefile.
    client
        The client to use; by default leanclient with the `lake` of the project's toolchain.
    """

    def __init__(self, project: Path, client: Client | None = None) -> None:
        self.project = project.resolve()
        self._open: dict[str, OpenFile] = {}
        self._client = client or start_client(self.project)

    def open(self, file: Path) -> OpenFile:
        """Open a file of the project, given relative to it or absolute.

        Raises
        ------
        LogprecError
            It is not a file of the project, is open already, or one too many.
        """
        path = (self.project / file).resolve()
        if not path.is_file() or not path.is_relative_to(self.project):
            raise LogprecError(f"{file}: no such file in {self.project}")
        name = path.relative_to(self.project).as_posix()
        if name in self._open:
            raise LogprecError(f"{name} is open already")
        if len(self._open) == MAX_OPEN:
            raise LogprecError(f"{MAX_OPEN} files are open: close one first")
        self.still_there()
        self._client.open_file(name)
        self._open[name] = OpenFile(self, name)
        return self._open[name]

    def client_of(self, file: OpenFile) -> Client:
        """Return the client, for a file that is open.

        Raises
        ------
        LogprecError
            It is closed.
        """
        if self._open.get(file.path) is not file:
            raise LogprecError(f"{file.path} is closed")
        return self._client

    def forget(self, file: OpenFile) -> None:
        """Take note that a file was closed."""
        del self._open[file.path]

    def still_there(self) -> None:
        """Do nothing while the server runs.

        Raises
        ------
        LogprecError
            It does not.
        """
        if self._client.process.poll() is not None:
            raise LogprecError("the language server ended; open a new session")

    def close(self) -> None:
        """End the server."""
        self._open.clear()
        self._client.close()

    def __enter__(self) -> "ProofSession":
        """Return the session."""
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        """End the server."""
        self.close()


def start_client(project: Path) -> Client:
    """Start `lake serve` of the project's toolchain under leanclient.

    Raises
    ------
    LogprecError
        There is no usable Lean, or leanclient is not installed.
    """
    try:
        from leanclient import LeanLSPClient  # noqa: PLC0415
    except ImportError:
        raise LogprecError("leanclient is not installed: pip install leanclient") from None
    toolchain = find(project)
    folder = toolchain.native.lake.parent if isinstance(toolchain, Native) else Path(sysconfig.get_path("scripts"))
    with _first_on_path(folder):
        # it closes files silently when there are more than it is told here
        client: Client = LeanLSPClient(str(project), max_opened_files=MAX_OPEN + 1, prevent_cache_get=True)
    return client


@contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    """Let programs be looked for in a folder first: leanclient starts whatever `lake` is found."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = f"{folder}{os.pathsep}{before or os.defpath}"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


def _diagnostic(data: dict[str, Any], lines: Sequence[str]) -> Diagnostic:
    start = data.get("range", {}).get("start", {"line": 0, "character": 0})
    line = lines[start["line"]] if start["line"] < len(lines) else ""
    units = line.encode("utf-16-le")[: 2 * start["character"]]
    column = len(units.decode("utf-16-le", errors="ignore"))
    severity = _SEVERITIES[data.get("severity", 1) - 1]
    return Diagnostic(severity, str(data["message"]), start["line"] + 1, column)
