"""The house: packages import each other without circles, and files are short."""

import ast
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import networkx as nx
import pytest

from logprec.constructor.executable import project_root

PACKAGE = project_root() / "python" / "logprec"
MAX_LINE, MAX_LINES = 120, 600


def imports(source: str) -> Iterator[str]:
    """Yield every name of this package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def sources() -> dict[str, str]:
    """Return the text of every module by its name."""
    found = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = file.read_text()
    return found


def module_graph(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which modules import which; importing a name of a package imports the package."""
    graph: dict[str, set[str]] = {}
    for module, text in texts.items():
        known = {name if name in texts else name.rpartition(".")[0] for name in imports(text)}
        graph[module] = (known & set(texts)) - {module}
    return graph


def package_of(module: str) -> str:
    """Return the package a module belongs to: the first part below the root; a module there is its own."""
    return ".".join(module.split(".")[:2])


def package_graph(texts: Mapping[str, str]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for module, used in module_graph(texts).items():
        mine = package_of(module)
        graph.setdefault(mine, set()).update(package_of(other) for other in used)
        graph[mine].discard(mine)
    return graph


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    parts = nx.strongly_connected_components(nx.DiGraph({key: list(used) for key, used in graph.items()}))
    return [sorted(part) for part in parts if len(part) > 1]


def test_packages_and_modules_import_each_other_without_circles() -> None:
    texts = sources()
    assert len(package_graph(texts)) > 10
    assert circles(package_graph(texts)) == []
    assert circles(module_graph(texts)) == []


@pytest.mark.parametrize(
    "text",
    [
        "from logprec.commands.console import say",
        "from logprec.commands import console",
        "import logprec.commands.console",
        "def late():\n    from logprec.commands.console import say\n",
    ],
)
def test_a_planted_circle_is_seen(text: str) -> None:
    texts = sources()
    texts["logprec.circuits.gates"] += f"\n{text}\n"
    [found] = circles(package_graph(texts))
    assert {"logprec.circuits", "logprec.commands"} <= set(found)


@pytest.mark.parametrize(
    ("package", "below"),
    [
        ("toolchain", {"errors", "files"}),
        ("circuits", {"errors", "files"}),
        ("models", {"errors", "files"}),
        ("importer", {"errors", "files", "models"}),
        ("proofs", {"errors", "files", "toolchain"}),
        ("constructor", {"errors", "files", "toolchain", "circuits", "models"}),
        ("checking", {"errors", "files", "circuits", "models"}),
        ("pictures", {"errors", "files", "circuits", "models"}),
    ],
)
def test_what_packages_know(package: str, below: set[str]) -> None:
    assert package_graph(sources())[f"logprec.{package}"] <= {f"logprec.{name}" for name in below}


def test_commands_do_not_ask_what_kind_a_model_or_circuit_is() -> None:
    kinds = {"TableModel", "QuantisedModel", "LayerCircuit", "BlockCircuit"}
    asking = [
        module
        for module, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance"
        if kinds & {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
    ]
    assert asking == []


def test_lines_and_files_are_short() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.lean", "*.py"], cwd=project_root(), capture_output=True, text=True, check=False
    ).stdout.split()
    files = [project_root() / name for name in listed] or [
        file for ending in ("*.lean", "*.py") for file in Path(PACKAGE.parent).rglob(ending)
    ]
    wrong = []
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        name = file.relative_to(project_root())
        wrong += [f"{name}:{k}: {len(line)} characters" for k, line in enumerate(lines, 1) if len(line) > MAX_LINE]
        wrong += [f"{name}: {len(lines)} lines"] if len(lines) > MAX_LINES else []
    assert wrong == []
