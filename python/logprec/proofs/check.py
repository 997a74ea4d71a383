"""A verdict on a Lean text: the whole file is elaborated as a build does it, and nothing else counts as success."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from logprec.errors import LogprecError
from logprec.toolchain.build import shown
from logprec.toolchain.check import LeanSession

_SORRY = "declaration uses `sorry`"


@dataclass(frozen=True)
class Verdict:
    """Whether a text is accepted, and what Lean said about it."""

    ok: bool
    messages: tuple[str, ...]


class Checker:
    """Checks files and texts of a project in one warm Lean process.

    A text is accepted when Lean elaborated all of it without an error or a `sorry`, and none of the theorems asked
    about depends on `sorry`, whether a warning said so or not.
    """

    def __init__(self, project: Path, session: LeanSession | None = None) -> None:
        self._session = session or LeanSession(project)

    def check_file(self, file: Path, theorems: Sequence[str] = ()) -> Verdict:
        """Check a file."""
        return self.check_text(file.read_text(encoding="utf-8"), theorems, file.name)

    def check_text(self, text: str, theorems: Sequence[str] = (), name: str = "Text.lean") -> Verdict:
        """Check a text as if it were a file of the project.

        Raises
        ------
        LogprecError
            Lean gave no verdict: it crashed, or something that the text imports does not build.
        """
        questions = "".join(f"\n#print axioms {t}" for t in theorems)
        with tempfile.TemporaryDirectory(prefix="logprec-check-") as folder:
            file = Path(folder, name)
            file.write_text(text.rstrip() + "\n" + questions + "\n", encoding="utf-8")
            result = self._session.check(file)
        messages = tuple(shown(m) for m in result.messages)
        answers = [m.text for m in result.messages if any(f"'{t}' " in m.text and "axiom" in m.text for t in theorems)]
        if result.ok and len(answers) < len(theorems):
            raise LogprecError(f"Lean did not say what {', '.join(theorems)} depends on")
        sorry = any(_SORRY in m.text for m in result.messages) or any("sorryAx" in a for a in answers)
        return Verdict(result.ok and not sorry, messages)

    def close(self) -> None:
        """End the process."""
        self._session.close()

    def __enter__(self) -> "Checker":
        """Return the checker."""
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        """End the process."""
        self.close()
