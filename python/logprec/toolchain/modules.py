"""Modules of a project: which file holds one, what it imports, in which order they can be built."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from logprec.toolchain.errors import ToolchainError
from logprec.toolchain.lakefile import Glob, Lakefile, Target

TOOLCHAIN_ROOTS = ("Init", "Std", "Lean", "Lake")
_PART = r"(?:«[^»]+»|[^\s«».]+)"
_IMPORT = re.compile(
    rf"(?P<public>public\s+)?(?P<meta>meta\s+)?import\s+(?P<all>all\s+)?(?P<name>{_PART}(?:\.{_PART})*)(?:\s+|$)"
)


class HeaderError(ToolchainError):
    """A file whose header cannot be used."""


def _skip_blank(text: str, at: int) -> int:
    """Return the position after white space and comments."""
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text.startswith("--", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/-", at) and not text.startswith(("/--", "/-!"), at):
            depth, at = 1, at + 2
            while at < len(text) and depth:
                step = {"/-": 1, "-/": -1}.get(text[at : at + 2], 0)
                depth += step
                at += 2 if step else 1
        else:
            break
    return at


def imports_of(text: str) -> tuple[str, ...]:
    """Return the modules that a file imports, `Init` included unless it says `prelude`.

    Parameters
    ----------
    text
        The file's text; only its header is read.

    Raises
    ------
    HeaderError
        The file is a `module`, which the WebAssembly build cannot compile for importing.
    """
    at = _skip_blank(text, 0)
    if re.match(r"module(\s|$)", text[at:]):
        raise HeaderError("files that start with `module` need a native Lean toolchain")
    found: list[str] = []
    if match := re.match(r"prelude(\s|$)", text[at:]):
        at = _skip_blank(text, at + match.end())
    else:
        found.append("Init")
    while match := _IMPORT.match(text, at):
        found.append(match["name"].replace("«", "").replace("»", ""))
        at = _skip_blank(text, match.end())
    return tuple(dict.fromkeys(found))


def is_toolchain(module: str) -> bool:
    """Tell whether `module` comes with Lean."""
    return module.split(".", maxsplit=1)[0] in TOOLCHAIN_ROOTS


@dataclass(frozen=True)
class Module:
    """A module of the project."""

    name: str
    file: Path
    target: Target
    source: bytes

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """All imported modules, as written."""
        return imports_of(self.source.decode(errors="replace"))

    @property
    def own_imports(self) -> tuple[str, ...]:
        """Imported modules that do not come with Lean."""
        return tuple(m for m in self.imports if not is_toolchain(m))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the source."""
        return hashlib.sha256(self.source).hexdigest()


class Graph:
    """The modules of a project, read on demand."""

    def __init__(self, lakefile: Lakefile) -> None:
        self.lakefile = lakefile
        self._known: dict[str, Module] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def module(self, name: str, importer: str | None = None) -> Module:
        """Return a module.

        Raises
        ------
        HeaderError
            No target of the lakefile owns it, or its file is missing.
        """
        if name not in self._known:
            target = self.lakefile.owner(name)
            who = f"{importer}: bad import '{name}'" if importer else f"unknown module '{name}'"
            if target is None:
                raise HeaderError(f"{who}: no library of lakefile.lean has it")
            file = target.file(name)
            try:
                self._known[name] = Module(name, file, target, file.read_bytes())
            except OSError:
                raise HeaderError(f"{who}: no such file {file.relative_to(self.lakefile.project)}") from None
        return self._known[name]

    def order(self, names: Iterable[str]) -> list[Module]:
        """Return `names` and all they import, imports first.

        Raises
        ------
        HeaderError
            A missing module, or an import cycle.
        """
        done: dict[str, Module] = {}
        path: list[str] = []

        def visit(name: str, importer: str | None) -> None:
            if name in done:
                return
            if name in path:
                cycle = " -> ".join([*path[path.index(name) :], name])
                raise HeaderError(f"import cycle: {cycle}")
            path.append(name)
            module = self.module(name, importer)
            try:
                imports = module.own_imports
            except HeaderError as e:
                raise HeaderError(f"{module.file.relative_to(self.lakefile.project)}: {e}") from None
            for other in imports:
                visit(other, name)
            path.pop()
            done[name] = module

        for name in names:
            visit(name, None)
        return list(done.values())

    def closure(self, imports: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what `imports` reach: modules of the project, imports first, and modules that come with Lean."""
        imports = tuple(imports)
        own = self.order(m for m in imports if not is_toolchain(m))
        toolchain = {m for m in imports if is_toolchain(m)} | {i for m in own for i in m.imports if is_toolchain(i)}
        return tuple(m.name for m in own), tuple(sorted(toolchain))

    def of_glob(self, target: Target, glob: Glob) -> list[str]:
        """Return the modules that a glob names."""
        found = [glob.module] if glob.itself else []
        if glob.below:
            folder = target.source.joinpath(*glob.module.split("."))
            for file in sorted(folder.rglob("*.lean")):
                parts = file.relative_to(target.source).with_suffix("").parts
                found.append(".".join(parts))
        return found

    def of_target(self, target: Target) -> list[str]:
        """Return the modules that building `target` builds, their imports aside."""
        if target.executable:
            return list(target.roots)
        return list(dict.fromkeys(m for g in target.globs for m in self.of_glob(target, g)))
