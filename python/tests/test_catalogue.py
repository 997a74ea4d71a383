"""Catalogues are folded to what somebody wrote, and pictures of them keep their promises."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest

from logprec.errors import LogprecError
from logprec.proofs.catalogue import Catalogue, assemble
from logprec.proofs.graph import colours, declaration_graph, draw, layers, module_graph


def raw(name: str, kind: str, line: int, uses: str = "", *, parent: str = "", axioms: str = "", doc: str = "") -> Any:
    shown = name.rpartition(".0.")[2] if name.startswith("_private") else name
    return {
        "name": name,
        "shown": shown,
        "kind": kind,
        "line": line,
        "statement": f"{shown} : True",
        "doc": doc,
        "parent": parent,
        "uses": uses.split(),
        "axioms": axioms.split(),
    }


ANSWERS = [
    {
        "module": "P.Base.Defs",
        "declarations": [
            raw("Wire", "structure", 3, "Wire.mk"),
            raw("Wire.mk", "constructor", 4, "Wire Bits", parent="Wire"),
            raw("Wire.src", "field", 5, "Wire", parent="Wire"),
            raw("Wire.rec", "recursor", 0, "Wire Wire.mk", parent="Wire"),
            raw("Bits", "abbrev", 1),
            raw("cheat", "axiom", 9),
            raw("_private.P.Base.Defs.0.aux", "theorem", 11, axioms="propext"),
        ],
    },
    {
        "module": "Logprec.Statement",
        "declarations": [
            raw(
                "main", "theorem", 20, "main._proof_1 Wire.src", doc="The paper's Theorem 1, and Definitions 7 to 12. "
            ),
            raw("main._proof_1", "theorem", 0, "main._proof_2 _private.P.Base.Defs.0.aux"),
            raw("main._proof_2", "theorem", 0, "main._proof_1 other", axioms="Quot.sound"),
            raw("other", "theorem", 2, "cheat"),
            raw("_private.Logprec.Statement.0.aux", "theorem", 1),
        ],
    },
]
FILES = {"P.Base.Defs": "P/Base/Defs.lean", "Logprec.Statement": "Logprec/Statement.lean"}


@pytest.fixture
def catalogue() -> Catalogue:
    return assemble(ANSWERS, FILES)


def test_only_written_declarations_are_listed(catalogue: Catalogue) -> None:
    private = ["_private.P.Base.Defs.0.aux", "_private.Logprec.Statement.0.aux"]
    assert list(catalogue.declarations) == ["Bits", "Wire", "cheat", private[0], private[1], "other", "main"]


def test_parts_and_generated_declarations_are_folded(catalogue: Catalogue) -> None:
    assert catalogue.declarations["main"].uses == ("Wire", "_private.P.Base.Defs.0.aux", "other")
    assert catalogue.declarations["Wire"].uses == ("Bits",)


def test_axioms_are_followed(catalogue: Catalogue) -> None:
    assert catalogue.declarations["main"].axioms == ("Quot.sound", "cheat", "propext")
    assert catalogue.declarations["other"].axioms == ("cheat",)
    assert catalogue.declarations["Wire"].axioms == ()


def test_paper_references(catalogue: Catalogue) -> None:
    assert catalogue.declarations["main"].paper == ("Theorem 1", "Definitions 7 to 12")
    assert catalogue.declarations["other"].paper == ()


def test_headline(catalogue: Catalogue) -> None:
    assert {d.name for d in catalogue.headline} == {"main", "other", "_private.Logprec.Statement.0.aux"}


def test_find(catalogue: Catalogue) -> None:
    assert catalogue.find("main").line == 20
    with pytest.raises(LogprecError, match="several"):
        catalogue.find("aux")
    with pytest.raises(LogprecError, match=r"no such declaration.*did you mean cheat"):
        catalogue.find("cheet")


def test_headline_theorems_are_found_first() -> None:
    names = ("A.it", "B.it", "B.x", "C.x")
    answers = [
        {"module": m, "declarations": [raw(n, "theorem", 1) for n in names if n[0] == k]}
        for k, m in (("A", "Logprec.Statement"), ("B", "P"), ("C", "Q"))
    ]
    catalogue = assemble(answers, {"Logprec.Statement": "s", "P": "p", "Q": "q"})
    assert catalogue.find("it").name == "A.it"
    with pytest.raises(LogprecError, match="several"):
        catalogue.find("x")


def test_folders_keep_their_colours(catalogue: Catalogue) -> None:
    colour = [re.search(r'rx="5" fill="([^"]*)"', draw(declaration_graph(catalogue, [n]), n)) for n in ("Bits", "Wire")]
    assert colour[0] and colour[1] and colour[0][1] == colour[1][1]
    for n in range(1, 30):
        assert len(set(colours([str(i) for i in range(n)]).values())) == n


def test_closure(catalogue: Catalogue) -> None:
    assert catalogue.closure(["main"]) == {"main", "Wire", "Bits", "other", "cheat", "_private.P.Base.Defs.0.aux"}


def test_edges_go_to_later_layers() -> None:
    graph = nx.gn_graph(60, seed=3)  # edges towards older nodes
    graph = nx.relabel_nodes(graph, {n: f"n{n:02}" for n in graph})
    rows = layers(graph)
    place = {n: i for i, row in enumerate(rows) for n in row}
    assert sorted(place) == sorted(graph)
    assert all(place[a] < place[b] for a, b in graph.edges)


@pytest.mark.parametrize("level", [module_graph, declaration_graph])
def test_picture(catalogue: Catalogue, level: Any) -> None:
    graph = level(catalogue, ["main"])
    text = draw(graph, "main & <more>")
    root = ET.fromstring(text)
    titles = {re.sub(r" \(.*", "", t.text or "") for t in root.iter("{http://www.w3.org/2000/svg}title")}
    assert titles == {"main & <more>"} | set(graph)
    width = float(root.attrib["width"])
    boxes = [r for g in root.iter("{http://www.w3.org/2000/svg}g") for r in g if r.tag.endswith("rect")]
    spans = [(float(b.attrib["y"]), float(b.attrib["x"]), float(b.attrib["width"])) for b in boxes]
    assert all(x >= 0 and x + w <= width for _, x, w in spans)
    spans.sort()
    assert all(a[1] + a[2] <= b[1] for a, b in pairwise(spans) if a[0] == b[0])


def test_declarations_that_use_each_other_can_be_drawn() -> None:
    answers = [{"module": "M", "declarations": [raw("a", "def", 1, "b"), raw("b", "def", 2, "a")]}]
    catalogue = assemble(answers, {"M": "M.lean"})
    assert draw(declaration_graph(catalogue, ["a"]), "a").count("<g>") == 2
