"""The folders of the Lean package by layers: they import each other without circles.

A folder is the first part of a module's name below the root; a file there, such as ``Logprec/Bits.lean``, is its own
folder. The root module and the headline statements are tops, which import what they like, and do not count.
"""

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from logprec.errors import LogprecError
from logprec.proofs.metaprograms import modules_on_disk
from logprec.toolchain.lakefile import load
from logprec.toolchain.modules import Graph

ROOT = "Logprec"
TOPS = ("Statement",)
START, END = "<!-- folders -->", "<!-- /folders -->"

Imports = Mapping[str, Iterable[str]]
"""What each module imports."""

Links = dict[str, dict[str, tuple[str, str]]]
"""For each folder, the folders that it imports, each with the first module that does and what that imports."""


def folder_of(module: str) -> str | None:
    """Return the folder of a module, None for tops and modules of other packages."""
    parts = module.split(".")
    return None if len(parts) < 2 or parts[0] != ROOT or parts[1] in TOPS else parts[1]


def links(imports: Imports) -> Links:
    """Return which folders import which."""
    found: Links = {}
    for module in sorted(imports):
        folder = folder_of(module)
        if folder is None:
            continue
        mine = found.setdefault(folder, {})
        for other in sorted(imports[module]):
            used = folder_of(other)
            if used is not None and used != folder:
                mine.setdefault(used, (module, other))
                found.setdefault(used, {})
    return found


def circle(found: Links) -> list[str] | None:
    """Return the fewest folders that import each other in a circle, the first by name first; None if none do."""
    best: list[str] | None = None
    for start in sorted(found):
        paths, seen = [[start]], {start}
        for path in paths:  # grows: breadth first
            for used in sorted(found[path[-1]]):
                if used == start and (best is None or len(path) < len(best)):
                    best = path
                if used not in seen:
                    seen.add(used)
                    paths.append([*path, used])
    return best


def describe_circle(found: Links) -> str | None:
    """Say in one line which imports close a circle of folders; None if there is none."""
    around = circle(found)
    if around is None:
        return None
    steps = [found[a][b] for a, b in zip(around, [*around[1:], around[0]], strict=True)]
    return f"{' -> '.join([*around, around[0]])}: " + ", ".join(f"{a} imports {b}" for a, b in steps)


def layers(found: Links) -> list[list[str]]:
    """Return the folders by layers, lowest first: each imports only from lower layers, and from the one below.

    Raises
    ------
    LogprecError
        If there is a circle.
    """
    problem = describe_circle(found)
    if problem is not None:
        raise LogprecError(f"folders import each other in a circle: {problem}")
    level: dict[str, int] = {}

    def height(folder: str) -> int:
        if folder not in level:
            level[folder] = 1 + max((height(used) for used in found[folder]), default=-1)
        return level[folder]

    rows: list[list[str]] = [[] for _ in range(1 + max(map(height, found), default=-1))]
    for folder in sorted(found):
        rows[level[folder]].append(folder)
    return rows


def drawing(found: Links) -> str:
    """Write the layers, lowest first: a line for each, with the folders that each of its folders imports."""
    rows = layers(found)

    def entry(folder: str) -> str:
        return f"{folder} ({', '.join(sorted(found[folder]))})" if found[folder] else folder

    lines = (f"{k}  {'; '.join(map(entry, row))}" for k, row in enumerate(rows, 1))
    return "".join(textwrap.fill(line, 110, subsequent_indent="   ") + "\n" for line in lines)


def package_imports(project: Path) -> dict[str, tuple[str, ...]]:
    """Return what the modules of a project import, as their files say."""
    graph = Graph(load(project))
    return {module: graph.module(module).own_imports for module in modules_on_disk(graph)}


def readme_block(text: str) -> str | None:
    """Return what stands between the marks of the drawing, without the fence around it; None without marks."""
    _, start, rest = text.partition(START)
    block, end, _ = rest.partition(END)
    if not start or not end:
        return None
    return "".join(line + "\n" for line in block.strip("\n").split("\n") if not line.startswith("```"))
