"""The declarations and their proofs, as the pages need them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]

# Declarations of these modules are programs about proofs, not mathematics.
HEADLINES = "Logprec.Statement"

NO_STATES = "This site was written without the states of this proof: logprec explore --theorems all has them."
NO_TACTICS = "This proof is a term: there are no tactics to step through."


class Declaration(Protocol):
    """What is read of a declaration of the catalogue."""

    @property
    def name(self) -> str:
        """Full name."""

    @property
    def kind(self) -> str:
        """``theorem``, ``def``, ..."""

    @property
    def module(self) -> str:
        """Module that declares it."""

    @property
    def file(self) -> str:
        """Path of the source, relative to the project."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def statement(self) -> str:
        """Statement as Lean prints it."""

    @property
    def doc(self) -> str | None:
        """Docstring."""

    @property
    def uses(self) -> Sequence[str]:
        """Names of declarations that it uses."""

    @property
    def axioms(self) -> Sequence[str]:
        """Axioms that it rests on."""


class Step(Protocol):
    """What is read of a step of a proof."""

    @property
    def text(self) -> str:
        """The tactic."""

    @property
    def before(self) -> tuple[str, ...]:
        """Goals before it."""

    @property
    def after(self) -> tuple[str, ...]:
        """Goals after it."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def depth(self) -> int:
        """How many tactics it is part of."""


States = Mapping[str, Mapping[str, Sequence[Step]]]
"""Steps by module and theorem; a module that is absent was not asked for."""

_START = re.compile(
    r"^\s*(?:@\[[^\]]*\]\s*)*(?:(?:private|protected|noncomputable|scoped|local)\s+)*"
    r"(?:theorem|lemma|def|abbrev|structure|inductive|class|instance|opaque|axiom)\b"
)
_OPEN, _CLOSE = "([{⟨⦃", ")]}⟩⦄"


def source_text(lines: Sequence[str], line: int, name: str, *, theorem: bool) -> str | None:
    """Return a declaration as its source has it: of a theorem the statement, else everything.

    Parameters
    ----------
    lines
        The lines of the source.
    line
        A line of the declaration, of its docstring or of its attributes, from 1.
    name
        Its full name, the end of which has to stand there; an instance may have none.
    theorem
        Whether to stop where the proof starts.

    Returns
    -------
    str or None
        None where no declaration starts near the line, as for one that a command makes.
    """
    start = line - 1
    in_comment = False
    while start < len(lines):
        text = lines[start]
        if in_comment or text.lstrip().startswith("/-"):
            in_comment = "-/" not in text
        elif _START.match(text):
            break
        elif text.strip() and not text.lstrip().startswith("@["):
            return None
        start += 1
    else:
        return None
    if name.rsplit(".", maxsplit=1)[-1] not in lines[start] and "instance" not in lines[start]:
        return None
    return _statement(lines, start) if theorem else _block(lines, start)


def _block(lines: Sequence[str], start: int) -> str:
    """Everything up to the next line that is not indented, docstrings of fields included."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith((" ", "\t", "|"))):
        end += 1
    return "\n".join(lines[start:end]).rstrip()


def _statement(lines: Sequence[str], start: int) -> str:
    """Everything up to the ``:=`` (or the first ``|`` of a line) outside all brackets that a ``let`` does not own."""
    depth, pending_let = 0, False
    kept: list[str] = []
    for text in _block(lines, start).split("\n"):
        if kept and depth == 0 and text.lstrip().startswith("| "):
            break
        for i, char in enumerate(text):
            if char in _OPEN:
                depth += 1
            elif char in _CLOSE:
                depth -= 1
            elif depth == 0 and re.match(r"\b(?:let|have)\b", text[i:]) and (i == 0 or text[i - 1] in " ("):
                pending_let = True
            elif depth == 0 and text.startswith(":=", i):
                if pending_let:
                    pending_let = False
                    continue
                kept.append(text[:i].rstrip())
                return "\n".join(kept).rstrip()
        kept.append(text)
    return "\n".join(kept).rstrip()


def folder(module: str) -> str:
    """Return the folder of a module below the package's, or nothing for a module at the top."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else ""


def in_reading_order(declarations: Sequence[Declaration]) -> list[Declaration]:
    """Sort by module and line, the headline statements first."""
    return sorted(declarations, key=lambda d: (d.module != HEADLINES, d.module, d.line, d.name))


def catalogue_json(
    declarations: Sequence[Declaration], states: States, project: Path, reason: str = NO_STATES
) -> tuple[Json, dict[str, Json]]:
    """Write the catalogue for the pages, and the steps of every module's proofs.

    Parameters
    ----------
    declarations
        All of them.
    states
        Steps of the modules that were asked for.
    project
        Where the sources are.
    reason
        What is said of a theorem of a module that was not asked for.
    """
    ordered = in_reading_order(declarations)
    number = {d.name: i for i, d in enumerate(ordered)}
    axioms = sorted({axiom for d in ordered for axiom in d.axioms})
    axiom_number = {axiom: i for i, axiom in enumerate(axioms)}
    text: dict[str, list[str]] = {}
    rows: list[Json] = []
    for d in ordered:
        if d.file not in text:
            text[d.file] = (project / d.file).read_text(encoding="utf-8").split("\n")
        steps = states.get(d.module, {}).get(d.name, ())
        rows.append(
            {
                "name": d.name,
                "kind": d.kind,
                "module": d.module,
                "line": d.line,
                "headline": d.module == HEADLINES and d.kind == "theorem",
                "statement": d.statement,
                "source": source_text(text[d.file], d.line, d.name, theorem=d.kind == "theorem"),
                "doc": d.doc or "",
                "uses": sorted({number[name] for name in d.uses if name in number and name != d.name}),
                "axioms": sorted(axiom_number[axiom] for axiom in d.axioms),
                "states": bool(steps),
                "statesNote": "" if steps else NO_TACTICS if d.module in states else reason,
            }
        )
    catalogue = {
        "declarations": rows,
        "axioms": axioms,
        "files": {d.module: d.file for d in ordered},
        "folders": sorted({folder(d.module) for d in ordered}),
    }
    return catalogue, {module: _steps_json(proofs) for module, proofs in states.items()}


def _steps_json(proofs: Mapping[str, Sequence[Step]]) -> Json:
    return {
        name: [[step.text, list(step.before), list(step.after), step.line, step.depth] for step in steps]
        for name, steps in proofs.items()
        if steps
    }
