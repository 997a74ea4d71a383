"""Everything that the package declares, read from the compiled modules (see Logprec/Audit/Describe.lean)."""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx

from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.proofs.metaprograms import PROGRAM, Progress, examine, modules_on_disk
from logprec.toolchain.build import library_dir
from logprec.toolchain.core import Toolchain, find
from logprec.toolchain.lakefile import load
from logprec.toolchain.locking import sha256
from logprec.toolchain.modules import Graph

HEADLINE = "Logprec.Statement"
_PARTS = ("constructor", "field", "recursor")  # they come with an inductive type, which stands for them
_REFERENCE = re.compile(
    r"\b(?:Theorem|Lemma|Corollary|Definition|Proposition|Section|footnote)s? "
    r"\d+(?:\.\d+)*(?: (?:to|and) \d+(?:\.\d+)*)?"
)


@dataclass(frozen=True)
class Declaration:
    """A declaration that somebody wrote.

    Attributes
    ----------
    name
        Full name.
    kind
        `theorem`, `def`, `abbrev`, `instance`, `structure`, `class`, `inductive`, `opaque` or `axiom`.
    module
        The module that has it.
    file
        The module's file, relative to the project.
    line
        The line on which it starts, from 1.
    statement
        Its signature, as Lean prints it.
    doc
        Its docstring.
    uses
        The declarations that its statement and its proof or body name directly, sorted. Constructors and fields count
        as their type, and what Lean generates as what it was generated from.
    axioms
        The axioms that it rests on, sorted. With the WebAssembly Lean a lower bound: theorems of the toolchain are
        leaves there.
    """

    name: str
    kind: str
    module: str
    file: str
    line: int
    statement: str
    doc: str
    uses: tuple[str, ...]
    axioms: tuple[str, ...]

    @property
    def paper(self) -> tuple[str, ...]:
        """What the docstring cites: `Theorem 1`, `Definitions 7 to 12`."""
        return tuple(dict.fromkeys(_REFERENCE.findall(self.doc)))

    @property
    def folder(self) -> str:
        """The second part of the module's name, or the first when there is no other: where it belongs."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class Catalogue:
    """All declarations by name, in the order of modules and lines."""

    declarations: dict[str, Declaration] = field(default_factory=dict)

    @property
    def headline(self) -> tuple[Declaration, ...]:
        """The theorems of the statement file."""
        return tuple(d for d in self.declarations.values() if d.module == HEADLINE and d.kind == "theorem")

    @cached_property
    def graph(self) -> Any:
        """The networkx graph of `uses`: an edge goes from a declaration to one that it uses."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.declarations)
        graph.add_edges_from((d.name, u) for d in self.declarations.values() for u in d.uses)
        return graph

    def find(self, name: str) -> Declaration:
        """Return the declaration with this name, or the only one whose name ends with it: of headline theorems first.

        Raises
        ------
        LogprecError
            There is none, or there are several.
        """
        if name in self.declarations:
            return self.declarations[name]
        ends = [d for n, d in self.declarations.items() if n.endswith("." + name)]
        headline = [d for d in ends if d in self.headline and not d.name.startswith("_private")]
        for found in (headline, ends):
            if len(found) == 1:
                return found[0]
        if ends:
            raise LogprecError(f"{name}: several have this name: {', '.join(d.name for d in ends)}")
        last = {n.split(".")[-1]: n for n in self.declarations}
        near = difflib.get_close_matches(name.rsplit(".", maxsplit=1)[-1], last, 3)
        hint = f"; did you mean {' or '.join(last[n] for n in near)}?" if near else ""
        raise LogprecError(f"{name}: no such declaration in the package{hint}")

    def closure(self, names: Iterable[str]) -> set[str]:
        """Return the named declarations and all they rest on."""
        out: set[str] = set()
        for name in names:
            out |= {name} | nx.descendants(self.graph, name)
        return out


def assemble(answers: Sequence[dict[str, Any]], files: dict[str, str]) -> Catalogue:
    """Make a catalogue from the answers of the metaprogram: parts and generated declarations are folded away."""
    raw = {d["name"]: d | {"module": a["module"]} for a in answers for d in a["declarations"]}
    written = {n for n, d in raw.items() if d["line"] and d["kind"] not in _PARTS}
    links = nx.DiGraph()
    links.add_nodes_from(raw)
    links.add_edges_from((n, u) for n, d in raw.items() for u in d["uses"] if u in raw)
    rests: dict[str, frozenset[str]] = {}
    groups = nx.condensation(links)
    for node in reversed(list(nx.topological_sort(groups))):
        members = groups.nodes[node]["members"]
        axioms = {x for n in members for x in raw[n]["axioms"]} | {n for n in members if raw[n]["kind"] == "axiom"}
        axioms |= {x for n in members for u in links.successors(n) if u not in members for x in rests[u]}
        rests |= dict.fromkeys(members, frozenset(axioms))

    def stands_for(name: str, seen: set[str]) -> set[str]:
        """Return the written declarations that `name` leads to."""
        if name in written:
            return {name}
        if name in seen or name not in raw:
            return set()
        seen.add(name)
        parent = raw[name]["parent"]
        if parent:
            return stands_for(parent, seen)
        return {w for u in raw[name]["uses"] for w in stands_for(u, seen)}

    def uses(name: str) -> set[str]:
        parts = [
            u for u in raw[name]["uses"] if u in raw and raw[u]["kind"] == "constructor" and raw[u]["parent"] == name
        ]
        seen: set[str] = set()
        return {w for n in (name, *parts) for u in raw[n]["uses"] for w in stands_for(u, seen)} - {name}

    twice = {s for s, k in _counts(raw[n]["shown"] for n in written).items() if k > 1}
    label = {n: n if raw[n]["shown"] in twice else raw[n]["shown"] for n in written}
    order = {a["module"]: i for i, a in enumerate(answers)}
    found = {}
    for name in sorted(written, key=lambda n: (order[raw[n]["module"]], raw[n]["line"], n)):
        d = raw[name]
        found[label[name]] = Declaration(
            name=label[name],
            kind=d["kind"],
            module=d["module"],
            file=files[d["module"]],
            line=d["line"],
            statement=d["statement"],
            doc=d["doc"].strip(),
            uses=tuple(sorted(label[u] for u in uses(name))),
            axioms=tuple(sorted(rests[name])),
        )
    return Catalogue(found)


def _counts(names: Iterable[str]) -> dict[str, int]:
    out: dict[str, int] = {}
    for n in names:
        out[n] = out.get(n, 0) + 1
    return out


def load_catalogue(
    project: Path,
    toolchain: Toolchain | None = None,
    *,
    home: Path | None = None,
    progress: Progress = lambda done, total, name: None,
) -> Catalogue:
    """Build the project and return what it declares.

    A module is looked at again only when it, or something that it imports, was compiled anew; what was seen is kept in
    `.lake/build/catalogue`.

    Parameters
    ----------
    project
        The project.
    toolchain
        The Lean to use; by default the project's.
    home
        The project that has the metaprogram; `project` itself by default.
    progress
        Called after each module that had to be looked at.

    Raises
    ------
    BuildFailedError
        A module does not compile.
    LeanCrashError
        Lean itself failed.
    """
    toolchain = toolchain or find(project)
    graph = Graph(load(project))
    modules = [m.name for m in graph.order(modules_on_disk(graph))]
    toolchain.build(project, [f"+{m}" for m in modules])
    keys = _keys(graph, modules, home or project)
    folder = graph.lakefile.project / ".lake/build/catalogue"
    known = {m: a for m in modules if (a := _read(folder / f"{m}.json", keys[m])) is not None}
    missing = [m for m in modules if m not in known]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        for answer in examine(project, toolchain, "describe", missing, home=home, progress=progress):
            name = answer["module"]
            write_whole(folder / f"{name}.json", json.dumps({"key": keys[name], **answer}))
            known[name] = answer
    files = {m: str(graph.module(m).file.relative_to(graph.lakefile.project)) for m in modules}
    return assemble([known[m] for m in modules], files)


def _keys(graph: Graph, modules: Sequence[str], home: Path) -> dict[str, str]:
    """Return for each module a hash of what its description depends on; imports come first in `modules`."""
    program = Graph(load(home))
    reader = hashlib.sha256("".join(m.digest for m in program.order([PROGRAM])).encode()).hexdigest()
    keys: dict[str, str] = {}
    for name in modules:
        file = library_dir(graph.lakefile.project).joinpath(*name.split(".")).with_suffix(".olean")
        parts = [reader, sha256(file), *(keys[i] for i in graph.module(name).own_imports)]
        keys[name] = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return keys


def _read(file: Path, key: str) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and data.get("key") == key else None
