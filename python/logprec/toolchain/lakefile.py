"""Read lakefile.lean as text.

The WebAssembly build of Lean cannot elaborate `import Lake`, so what the wrapper needs is read from the file's text.
That covers the declarations of a short lakefile written by the book: `package`, `lean_lib` and `lean_exe` with `where`
(or nothing), and the fields below. Anything else that would change what is built is refused by name, not ignored.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from logprec.toolchain.errors import ToolchainError

Option = bool | int | str

_NAME = r"(?:«[^»]+»|[^\s«».`\[\](),:#]+)(?:\.(?:«[^»]+»|[^\s«».`\[\](),:#]+))*"
_COMMAND = re.compile(
    rf"^(?P<attrs>(?:@\[[^\]]*\]\s*)*)(?P<kind>package|lean_lib|lean_exe|require|target|extern_lib|script|"
    rf"module_facet|library_facet|package_facet|post_update|input_file|input_dir)\s+(?P<name>{_NAME})?",
    re.M,
)
_IGNORED = {"script", "post_update"}  # they do not change what a build makes
_FIELD = re.compile(r"(?:^[ \t]+|\bwhere\s+|,[ \t]*)(\w+)[ \t]*:=[ \t]*", re.M)
_KNOWN = {
    "package": {"srcDir", "leanOptions", "version", "description", "keywords", "homepage", "license", "licenseFiles",
                "readmeFile", "reservoir", "versionTags", "testDriver", "lintDriver", "defaultTargets", "buildDir"},
    "lean_lib": {"srcDir", "roots", "globs", "leanOptions"},
    "lean_exe": {"srcDir", "root", "leanOptions", "supportInterpreter", "exeName"},
}  # fmt: skip


@dataclass(frozen=True)
class Glob:
    """A set of modules: the module itself, everything below it, or both."""

    module: str
    itself: bool = True
    below: bool = False


@dataclass(frozen=True)
class Target:
    """A library or an executable of the lakefile."""

    name: str
    source: Path
    roots: tuple[str, ...]
    globs: tuple[Glob, ...]
    default: bool
    options: dict[str, Option] = field(default_factory=dict)
    executable: bool = False

    def owns(self, module: str) -> bool:
        """Tell whether `module` belongs here: it is a root or below one (an executable owns its root only)."""
        below = not self.executable
        return any(module == r or (below and module.startswith(r + ".")) for r in self.roots)

    def file(self, module: str) -> Path:
        """Return where the source of `module` belongs."""
        return self.source.joinpath(*module.split(".")).with_suffix(".lean")


@dataclass(frozen=True)
class Lakefile:
    """What a lakefile says."""

    project: Path
    package: str
    targets: tuple[Target, ...]

    @property
    def libraries(self) -> tuple[Target, ...]:
        """The `lean_lib` targets."""
        return tuple(t for t in self.targets if not t.executable)

    def target(self, name: str) -> Target | None:
        """Return the target called `name`, if any."""
        return next((t for t in self.targets if t.name == name), None)

    def owner(self, module: str) -> Target | None:
        """Return the target that `module` belongs to; libraries come before executables, as in Lake."""
        return next((t for t in sorted(self.targets, key=lambda t: t.executable) if t.owns(module)), None)


def strip_comments(text: str) -> str:
    """Blank out Lean comments (nested blocks too) and keep line breaks; strings are left alone."""
    out: list[str] = []
    depth = i = 0
    while i < len(text):
        two = text[i : i + 2]
        if two == "/-":
            depth, i = depth + 1, i + 2
        elif two == "-/" and depth:
            depth, i = depth - 1, i + 2
        elif depth:
            out.append("\n" if text[i] == "\n" else "")
            i += 1
        elif two == "--":
            i = text.find("\n", i) if "\n" in text[i:] else len(text)
        elif text[i] == '"':
            end = re.compile(r'"(?:[^"\\]|\\.)*"', re.S).match(text, i)
            out.append(end.group(0) if end else text[i:])
            i = end.end() if end else len(text)
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def _plain(name: str) -> str:
    return name.strip().lstrip("`").replace("«", "").replace("»", "")


def _fields(body: str) -> dict[str, str]:
    marks = list(_FIELD.finditer(body))
    ends = [m.start() for m in marks[1:]] + [len(body)]
    return {m.group(1): body[m.end() : end].strip().rstrip(",").strip() for m, end in zip(marks, ends, strict=False)}


def _names(value: str) -> tuple[str, ...]:
    return tuple(_plain(m) for m in re.findall(rf"`{_NAME}", value))


def _globs(value: str) -> tuple[Glob, ...]:
    out = []
    for kind, name, star in re.findall(
        rf"(?:\.|Glob\.)?(one|submodules|andSubmodules)?\s*(`{_NAME})(\.\*|\.\+)?", value
    ):
        below = kind in ("submodules", "andSubmodules") or bool(star)
        out.append(Glob(_plain(name), itself=kind != "submodules" and star != ".+", below=below))
    return tuple(out)


def _options(value: str) -> dict[str, Option]:
    out: dict[str, Option] = {}
    for name, text in re.findall(rf"⟨\s*(`{_NAME})\s*,\s*(true|false|\d+|\"[^\"]*\")\s*⟩", value):
        key = _plain(name).removeprefix("weak.")
        out[key] = text == "true" if text in ("true", "false") else int(text) if text.isdigit() else text[1:-1]
    if value.count("⟨") != len(out):
        raise ToolchainError(f"lakefile.lean: cannot read leanOptions {value!r}: write them as ⟨`name, value⟩")
    return out


def _source(project: Path, *values: str | None) -> Path:
    for value in values:
        if value is not None:
            project = project / value.strip().strip('"')
    return project


def parse(text: str, project: Path) -> Lakefile:
    """Read the text of a lakefile.

    Parameters
    ----------
    text
        The contents of lakefile.lean.
    project
        The folder it lies in.

    Raises
    ------
    ToolchainError
        A declaration or a field that this reader does not know and that may matter.
    """
    text = strip_comments(text)
    marks = list(_COMMAND.finditer(text))
    ends = [m.start() for m in marks[1:]] + [len(text)]
    package, shared = "", {}
    targets: list[Target] = []
    for m, end in zip(marks, ends, strict=False):
        kind, name = m["kind"], _plain(m["name"] or "")
        if kind in _IGNORED:
            continue
        if kind not in _KNOWN:
            raise ToolchainError(f"lakefile.lean: `{kind} {name}` needs a native Lake; install elan (lean-lang.org)")
        fields = _fields(text[m.end() : end])
        if unknown := sorted(set(fields) - _KNOWN[kind]):
            raise ToolchainError(f"lakefile.lean: field {unknown[0]} of {kind} {name} needs a native Lake")
        if kind == "package":
            package, shared = name, fields
            continue
        executable = kind == "lean_exe"
        roots = _names(fields.get("root" if executable else "roots", "")) or (name,)
        targets.append(
            Target(
                name=name,
                source=_source(project, shared.get("srcDir"), fields.get("srcDir")),
                roots=roots,
                globs=_globs(fields.get("globs", "")) or tuple(Glob(r) for r in roots),
                default="default_target" in m["attrs"] or name in _names(shared.get("defaultTargets", "")),
                options=_options(shared.get("leanOptions", "")) | _options(fields.get("leanOptions", "")),
                executable=executable,
            )
        )
    return Lakefile(project, package, tuple(targets))


def find_project(start: Path) -> Path:
    """Return the nearest folder with a lakefile.lean, from `start` upwards.

    Raises
    ------
    ToolchainError
        There is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "lakefile.lean").is_file():
            return folder
    raise ToolchainError(f"no lakefile.lean in {start} or above: run this inside a Lean project")


def load(project: Path) -> Lakefile:
    """Read the lakefile of `project`."""
    return parse((project / "lakefile.lean").read_text(encoding="utf-8"), project.resolve())
