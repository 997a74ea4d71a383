"""A small site of the explorer, and what it is made from."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from logprec.constructor.executable import project_root
from logprec.explore import collect
from logprec.explore.circuits import SHIPPED, cached_circuit, constructor_digest, page_json
from logprec.explore.declarations import NO_STATES
from logprec.explore.site import Contents, write_site
from logprec.explore.statements import Item, Ours
from logprec.models.tables.folder import load_tables

# What the site of the tests shows: two modules, three theorems, one of them with steps.
SOURCES = {
    "Logprec/Statement.lean": """/-- The **headline**, with `code` and </script>. -/
theorem Logprec.Statement.top (n : Nat) :
    let m := n + 1
    n < m := by
  intro m
  omega

/-- By a term. -/
theorem Logprec.Statement.term : 1 = 1 := rfl
""",
    "Logprec/Part/Defs.lean": """/-- A structure. -/
structure Logprec.Thing where
  /-- A field. -/
  field : Nat := 3
  deriving Repr

@[simp] private theorem Logprec.helper' {a : Nat}
    (h : (a := a) = a) : a = a := rfl
""",
}


@dataclass(frozen=True)
class Declared:
    name: str
    kind: str
    module: str
    file: str
    line: int
    statement: str
    doc: str | None
    uses: tuple[str, ...]
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Stepped:
    text: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    line: int
    depth: int


TOP, TERM = "Logprec.Statement.top", "Logprec.Statement.term"
THING, HELPER = "Logprec.Thing", "Logprec.helper'"
DECLARATIONS = (
    Declared(HELPER, "theorem", "Logprec.Part.Defs", "Logprec/Part/Defs.lean", 7, "a = a", None, (THING,), ()),
    Declared(THING, "structure", "Logprec.Part.Defs", "Logprec/Part/Defs.lean", 2, "Type", "A structure.", (), ()),
    Declared(
        TOP,
        "theorem",
        "Logprec.Statement",
        "Logprec/Statement.lean",
        1,
        "∀ (n : ℕ), n < n + 1",
        "The **headline**, with `code` and </script>.",
        (HELPER, THING, "Nat.lt_irrefl"),
        ("propext",),
    ),
    Declared(TERM, "theorem", "Logprec.Statement", "Logprec/Statement.lean", 9, "1 = 1", "By a term.", (), ()),
)
STEPS = {
    "Logprec.Statement": {
        TOP: [
            Stepped("intro m", ("n : Nat\n⊢ let m := n + 1;\n  n < m",), ("n : Nat\nm : Nat := n + 1\n⊢ n < m",), 5, 0),
            Stepped("omega", ("n : Nat\nm : Nat := n + 1\n⊢ n < m",), (), 6, 0),
        ]
    }
}
LENGTHS = {"majority": (2, 3), "brackets": (2,), "contains": (2,), "trained": (2,)}
ITEMS = (Item("Theorems", "Theorem 1", "simulation", ("One & two.", "Three."), (Ours(TOP, "what"),), "In <this>."),)


@pytest.fixture(scope="session")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    project = tmp_path_factory.mktemp("project")
    for name, text in SOURCES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    circuits, models = {}, []
    root = project_root()
    constructor = constructor_digest(root)
    for name, ns in LENGTHS.items():
        model = load_tables(root / "examples" / name)
        for n in ns:
            circuit = cached_circuit(model, n, constructor, root / collect.CACHE, print)
            circuits[f"{name}-{n}"] = page_json(model, n, circuit)
        shipped = next(s for s in SHIPPED if s.name == name)
        alphabet = list(model.alphabet)
        models.append(
            {"name": name, "about": shipped.about, "sample": shipped.sample, "alphabet": alphabet, "layers": 1}
            | {"lengths": list(ns)}
        )
    return Contents(project, DECLARATIONS, STEPS, ITEMS, models, circuits, NO_STATES, "A note on axioms.", "A footer.")


@pytest.fixture(scope="session")
def site(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explore") / "site"
    write_site(contents, out)
    return out


def data(site: Path, key: str) -> Any:
    text = (site / "data" / f"{key}.js").read_text(encoding="utf-8")
    match = re.fullmatch(r"Explorer\.put\((\"[^\"]+\"),(.*)\);\n", text, re.S)
    assert match and json.loads(match[1]) == key
    return json.loads(match[2])
