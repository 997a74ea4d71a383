"""The explorer: what is collected, and the files of the site."""

import json
import re
import urllib.request
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag

import numpy as np
import pytest
from explorer import DECLARATIONS, HELPER, ITEMS, SOURCES, STEPS, TERM, THING, TOP, data
from typer.testing import CliRunner

from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit
from logprec.commands.explore import server
from logprec.constructor.executable import project_root
from logprec.errors import LogprecError
from logprec.explore import collect
from logprec.explore.circuits import SHIPPED, circuit_json, lengths, stages, transformer_json, words
from logprec.explore.declarations import NO_STATES, NO_TACTICS, catalogue_json, source_text
from logprec.explore.site import MARKER, PAGES, Contents, check_target, write_site
from logprec.explore.statements import Item, Ours, load_statements
from logprec.models.tables.folder import load_tables
from logprec.models.tables.model import forward


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in ("href", "src"):
                assert value is not None
                self.links.append(value)
            elif key == "id" and value is not None:
                assert value not in self.ids, f"id {value} twice"
                self.ids.add(value)


def parsed(page: Path) -> Links:
    found = Links()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def test_every_link_leads_somewhere(site: Path) -> None:
    names = {d["name"] for d in data(site, "catalogue")["declarations"]}
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == len(PAGES) + len(SOURCES)
    seen = 0
    for page in pages:
        for link in parsed(page).links:
            if link == "data:,":
                continue
            assert ":" not in link, f"{page.name} leads outside: {link}"
            path, fragment = urldefrag(link)
            target = page if not path else (page.parent / path).resolve()
            assert target.is_file() and target.is_relative_to(site), f"{page}: {link}"
            if fragment and fragment not in parsed(target).ids:
                assert target.name == "theorems.html" and unquote(fragment) in names
            seen += 1
    assert seen > 40


def test_data_is_valid_and_complete(site: Path, contents: Contents) -> None:
    keys = sorted(str(p.relative_to(site / "data").with_suffix("")) for p in (site / "data").rglob("*.js"))
    assert keys == sorted(
        ["catalogue", "states/Logprec.Statement", *(f"circuits/{name}" for name in contents.circuits)]
    )
    for key in keys:
        data(site, key)
    catalogue = data(site, "catalogue")
    rows = {d["name"]: d for d in catalogue["declarations"]}
    assert list(rows) == [TOP, TERM, THING, HELPER]  # headlines first, then by module and line
    assert [catalogue["declarations"][i]["name"] for i in rows[TOP]["uses"]] == [THING, HELPER]
    assert rows[TOP]["axioms"] == [0] and catalogue["axioms"] == ["propext"]
    assert (rows[TOP]["states"], rows[TERM]["states"], rows[HELPER]["states"]) == (True, False, False)
    assert (rows[TERM]["statesNote"], rows[HELPER]["statesNote"]) == (NO_TACTICS, NO_STATES)
    assert data(site, "states/Logprec.Statement")[TOP][1] == [
        "omega",
        list(STEPS["Logprec.Statement"][TOP][1].before),
        [],
        6,
        0,
    ]


def test_text_is_escaped(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "One &amp; two." in index and "In &lt;this&gt;." in index
    assert "n &lt; m" in index
    circuit = (site / "circuit.html").read_text(encoding="utf-8")
    models = re.search(r'<script id="models"[^>]*>(.*?)</script>', circuit, re.S)
    assert models and [m["name"] for m in json.loads(models[1])] == [s.name for s in SHIPPED]


def test_source_text() -> None:
    statement = SOURCES["Logprec/Statement.lean"].split("\n")
    top = "theorem Logprec.Statement.top (n : Nat) :\n    let m := n + 1\n    n < m"
    assert source_text(statement, 1, TOP, theorem=True) == top
    assert source_text(statement, 2, TOP, theorem=True) == top
    assert source_text(statement, 9, TERM, theorem=True) == "theorem Logprec.Statement.term : 1 = 1"
    assert source_text(statement, 5, TOP, theorem=True) is None
    assert source_text(statement, 9, TOP, theorem=True) is None  # the line of another one
    part = SOURCES["Logprec/Part/Defs.lean"].split("\n")
    assert source_text(part, 1, THING, theorem=False) == "\n".join(part[1:5])
    found = source_text(part, 7, HELPER, theorem=True)
    assert found == "@[simp] private theorem Logprec.helper' {a : Nat}\n    (h : (a := a) = a) : a = a"
    assert source_text(["theorem t : P", "  | 0 => rfl", "  | _ => x"], 1, "t", theorem=True) == "theorem t : P"
    assert source_text([], 1, "t", theorem=True) is None


# ---- writing -------------------------------------------------------------------------------------------------


def test_only_its_own_folder_is_replaced(contents: Contents, tmp_path: Path) -> None:
    small = replace(contents, circuits={})
    write_site(small, tmp_path / "site")
    (tmp_path / "site" / "stale").write_text("x")
    write_site(small, tmp_path / "site")
    assert (tmp_path / "site" / MARKER).is_file() and not (tmp_path / "site" / "stale").exists()
    (tmp_path / "empty").mkdir()
    write_site(small, tmp_path / "empty")
    assert (tmp_path / "empty" / "index.html").is_file()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "site")
    for name in ("mine", "file", "link"):
        with pytest.raises(LogprecError, match=name):
            write_site(small, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file", "link", "mine", "site"]  # nothing left over
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "x"


def test_a_failure_keeps_the_old_site(contents: Contents, tmp_path: Path) -> None:
    write_site(replace(contents, circuits={}), tmp_path / "site")
    wrong = Item("g", "Theorem 9", "t", ("s",), (Ours("Logprec.missing", ""),), "")
    with pytest.raises(LogprecError, match=r"Theorem 9 names Logprec\.missing"):
        write_site(replace(contents, circuits={}, statements=(wrong,)), tmp_path / "site")
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    check_target(tmp_path / "site")


def test_command_refuses_a_foreign_folder_before_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from logprec.commands.main import app  # noqa: PLC0415 - the command line imports every module

    (tmp_path / "mine.txt").write_text("x")
    monkeypatch.setattr("logprec.explore.collect.gather", lambda *_: pytest.fail("gathered first"))
    result = CliRunner().invoke(app, ["explore", "--out", str(tmp_path)])
    assert isinstance(result.exception, LogprecError) and "choose another folder" in str(result.exception)


def test_server_listens_on_this_machine_only(site: Path) -> None:
    with server(site, 0) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        try:
            host, port = running.server_address[0], running.server_address[1]
            assert host == "127.0.0.1"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                assert b"statements, and ours" in answer.read()
            with pytest.raises(LogprecError, match=str(port)):
                server(site, int(port))
        finally:
            running.shutdown()
            thread.join()


# ---- what is gathered ----------------------------------------------------------------------------------------


def test_statements_cover_the_paper() -> None:
    items = [item.item for item in load_statements()]
    wanted = [f"Definition {k}" for k in range(1, 16)] + [f"Lemma {k}" for k in (1, 2, 4, 5)]
    wanted += ["Theorem 1", "Theorem 2", "Corollary 1.1", "Corollary 2.1"]
    assert sorted(items) == sorted(wanted)


@pytest.mark.lean
def test_named_declarations_exist() -> None:
    from logprec.proofs.catalogue import load_catalogue  # noqa: PLC0415

    declarations = list(load_catalogue(project_root()).declarations.values())
    names = {d.name for d in declarations}
    items = load_statements()
    assert [o.name for item in items for o in item.ours if o.name not in names] == []
    rows, _ = catalogue_json(declarations, {}, project_root())
    by = {row["name"]: row for row in rows["declarations"]}
    for item in items:
        for ours in item.ours:
            assert by[ours.name]["source"], f"{ours.name}: no declaration at line {by[ours.name]['line']}"
    assert set(rows["axioms"]) <= {"propext", "Classical.choice", "Quot.sound"}


def test_modules_to_step() -> None:
    def chosen(which: collect.Theorems, items: tuple[Item, ...] = ITEMS) -> list[str]:
        return collect.modules_to_step(DECLARATIONS, items, which)

    assert chosen(collect.Theorems.NONE) == []
    assert chosen(collect.Theorems.HEADLINE) == ["Logprec.Statement"]
    assert sorted(chosen(collect.Theorems.ALL)) == ["Logprec.Part.Defs", "Logprec.Statement"]
    other = (replace(ITEMS[0], ours=(Ours(HELPER, ""),)),)
    assert sorted(chosen(collect.Theorems.HEADLINE, other)) == ["Logprec.Part.Defs", "Logprec.Statement"]


def test_states_that_cannot_be_read_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def read(project: Path, module: str) -> dict[str, Any]:
        if module == "Bad":
            raise LogprecError("two\nlines")
        return {"t": []}

    monkeypatch.setattr(collect, "load_states", read)
    said: list[str] = []
    states, failed = collect.gather_states(tmp_path, ["Bad", "Good"], said.append)
    assert (dict(states), failed) == ({"Good": {"t": []}}, ["Bad: two lines"])
    assert len(said) == 2


def test_stages_name_every_layer() -> None:
    named = stages(2, 68)
    assert [s.depth for s in named] == [3, *[3, 11, 3, 11, 3] * 2, 3]
    assert [s.kind for s in named if s.block == 2] == ["scores", "total", "weigh", "sum", "act"]
    with pytest.raises(LogprecError, match="67 layers"):
        stages(2, 67)


def test_circuit_json_keeps_every_gate() -> None:
    gates = Gates(
        np.array([True, True, False, True, False]),
        np.array([0, 0, 2, 1, 0]),
        np.array([0, 0, 0, 2, 2, 3]),
        np.array([1, 0, 1]),
        np.array([1, 4, 2]),
    )
    layer = circuit_json(LayerCircuit(2, (gates,)))["layers"][0]
    assert layer["bare"] == [[0, 1, 1, 0], [3, 3, 1, 1]]
    assert (layer["at"], layer["least"], layer["k"], layer["fan"]) == ([2, 4], [0, 0], [2, 0], [2, 1])
    assert (layer["src"], layer["mult"], layer["width"]) == ([1, 0, 1], [1, 4, 2], 5)
    assert circuit_json(LayerCircuit(2, ()))["layers"] == []


def test_transformer_json_is_the_transformer() -> None:
    model = load_tables(project_root() / "examples" / "brackets")
    batch = words(model, 3)
    assert batch.tolist()[:2] == [[0, 0, 0], [0, 0, 1]] and len(batch) == 8
    found = transformer_json(model, 3)
    result = forward(model, batch, attention=True)
    assert found["accept"] == result.accept.astype(int).tolist()
    assert found["states"][-1] == result.states.ravel().tolist()
    assert found["heads"][0][0]["mask"] == "causal" and -1 in found["heads"][0][0]["s"]
    assert found["heads"][1][0]["a"] == result.attention[1][0].a.ravel().tolist()


def test_lengths_stop_before_the_words_are_too_many() -> None:
    model = load_tables(project_root() / "examples" / "contains")
    assert list(lengths(model, 4)) == [1, 2, 3, 4]
    assert list(lengths(model, 16)) == [1, 2, 3, 4, 5, 6]
    assert list(lengths(model, 0)) == []
