import json
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag

import numpy as np
import pytest
from typer.testing import CliRunner

from logprec.circuit import Circuit, Gates
from logprec.compile import project_root
from logprec.errors import LogprecError
from logprec.explore import collect
from logprec.explore.circuits import (
    SHIPPED,
    cached_circuit,
    circuit_json,
    constructor_digest,
    lengths,
    page_json,
    stages,
    transformer_json,
    words,
)
from logprec.explore.commands import server
from logprec.explore.declarations import NO_STATES, NO_TACTICS, catalogue_json, source_text
from logprec.explore.site import MARKER, PAGES, Contents, check_target, write_site
from logprec.explore.statements import Item, Ours, load_statements
from logprec.model import forward
from logprec.modelio import load_model

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
        model = load_model(root / "examples" / name)
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


# ---- the files -----------------------------------------------------------------------------------------------


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
    from logprec.cli import app  # noqa: PLC0415 - the command line imports every module

    (tmp_path / "mine.txt").write_text("x")
    monkeypatch.setattr("logprec.explore.commands.gather", lambda *_: pytest.fail("gathered first"))
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
    layer = circuit_json(Circuit(2, (gates,)))["layers"][0]
    assert layer["bare"] == [[0, 1, 1, 0], [3, 3, 1, 1]]
    assert (layer["at"], layer["least"], layer["k"], layer["fan"]) == ([2, 4], [0, 0], [2, 0], [2, 1])
    assert (layer["src"], layer["mult"], layer["width"]) == ([1, 0, 1], [1, 4, 2], 5)
    assert circuit_json(Circuit(2, ()))["layers"] == []


def test_transformer_json_is_the_transformer() -> None:
    model = load_model(project_root() / "examples" / "brackets")
    batch = words(model, 3)
    assert batch.tolist()[:2] == [[0, 0, 0], [0, 0, 1]] and len(batch) == 8
    found = transformer_json(model, 3)
    result = forward(model, batch, attention=True)
    assert found["accept"] == result.accept.astype(int).tolist()
    assert found["states"][-1] == result.states.ravel().tolist()
    assert found["heads"][0][0]["mask"] == "causal" and -1 in found["heads"][0][0]["s"]
    assert found["heads"][1][0]["a"] == result.attention[1][0].a.ravel().tolist()


def test_lengths_stop_before_the_words_are_too_many() -> None:
    model = load_model(project_root() / "examples" / "contains")
    assert list(lengths(model, 4)) == [1, 2, 3, 4]
    assert list(lengths(model, 16)) == [1, 2, 3, 4, 5, 6]
    assert list(lengths(model, 0)) == []


# ---- in a browser --------------------------------------------------------------------------------------------

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1300,1000"
)
Browser = Any  # selenium's WebDriver: imported only where there is a browser


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no Chromium: make browser, or apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    os.environ.setdefault("SE_OFFLINE", "true")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    started.get_log("browser")
    yield started
    assert [entry for entry in started.get_log("browser") if entry["level"] != "INFO"] == []


def wait(browser: Browser, condition: Callable[[], object]) -> None:
    from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

    WebDriverWait(browser, 30).until(lambda _: condition())


def visit(browser: Browser, site: Path, page: str) -> None:
    browser.get("about:blank")
    browser.get(f"{site.as_uri()}/{page}")


def by_id(browser: Browser, name: str) -> Any:
    return browser.find_element("id", name)


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def key(name: str) -> str:
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    return str(getattr(Keys, name))


def state(browser: Browser) -> str:
    return str(browser.execute_script("return document.body.dataset.state || ''"))


@pytest.mark.parametrize("name", LENGTHS)
def test_browser_agrees_with_numpy_on_every_word(browser: Browser, site: Path, name: str) -> None:
    visit(browser, site, "circuit.html")
    wait(browser, lambda: state(browser).startswith("majority-3"))
    model = load_model(project_root() / "examples" / name)
    for n in LENGTHS[name]:
        batch = words(model, n)
        found = browser.execute_async_script(
            "const [name, n, words, done] = arguments;"
            "Lamp.select(name, n, words[0]).then(() => done(words.map((word) => Lamp.run(word))));",
            name,
            n,
            batch.tolist(),
        )
        expected = forward(model, batch).accept
        assert found == expected.astype(int).tolist()


def test_a_planted_fault_is_seen(browser: Browser, contents: Contents, tmp_path: Path) -> None:
    broken = json.loads(json.dumps(contents.circuits["majority-3"]))
    last = broken["circuit"]["layers"][-1]
    last["k"] = [1000]  # the output gate never fires, and the first word is accepted
    write_site(replace(contents, circuits={**contents.circuits, "majority-3": broken}), tmp_path / "site")
    visit(browser, tmp_path / "site", "circuit.html")
    wait(browser, lambda: state(browser).startswith("majority-3"))
    assert "THEY DIFFER" in by_id(browser, "verdict").text


def test_typing_a_word(browser: Browser, site: Path) -> None:
    visit(browser, site, "circuit.html")
    wait(browser, lambda: state(browser).startswith("majority-3"))
    box = by_id(browser, "word")
    for text, verdict in (("110", "accepts"), ("10", "rejects"), ("100", "rejects"), ("11", "accepts")):
        box.clear()
        box.send_keys(text)
        wait(browser, lambda text=text: state(browser) == f"majority-{len(text)}-{text}")
        assert by_id(browser, "circuit-bit").text == by_id(browser, "numpy-bit").text == verdict
        assert "they agree" in by_id(browser, "verdict").text
        assert by_id(browser, "length").get_attribute("value") == str(len(text))
    box.clear()
    box.send_keys("1x")
    assert "not in the alphabet" in by_id(browser, "message").text and box.get_attribute("aria-invalid") == "true"
    box.clear()
    box.send_keys("11111")
    assert "length 2 to 3" in by_id(browser, "message").text


def test_states_beside_the_circuit_are_the_same(browser: Browser, site: Path) -> None:
    visit(browser, site, "circuit.html")
    wait(browser, lambda: state(browser).startswith("majority-3"))
    tables = browser.execute_script(
        "return [...document.querySelectorAll('#transformer tr.read')].map((row) =>"
        "[row, row.previousElementSibling].map((r) => [...r.querySelectorAll('td')].map((d) => d.textContent)))"
    )
    assert len(tables) == 2
    for read, numpy_states in tables:
        assert read == numpy_states and len(read) == 3


def test_circuit_by_keyboard(browser: Browser, site: Path) -> None:
    visit(browser, site, "circuit.html")
    wait(browser, lambda: state(browser).startswith("majority-3"))
    browser.execute_script("document.getElementById('board').focus()")
    press(browser, key("HOME"))
    assert by_id(browser, "inspector").text.startswith("Input bit 0 is 1")
    press(browser, key("ARROW_DOWN"), key("ARROW_DOWN"), key("ARROW_RIGHT"))
    assert by_id(browser, "inspector").text.startswith("Layer 2, gate 1 of")
    press(browser, key("ENTER"))
    assert by_id(browser, "layer").get_attribute("value") == "2"
    press(browser, key("ARROW_DOWN"))
    assert "has not come so far" in by_id(browser, "inspector").text
    press(browser, key("END"), key("ENTER"))
    assert "fires" in by_id(browser, "inspector").text
    assert by_id(browser, "position").text == "layer 37 of 37"
    assert browser.execute_script("return document.querySelector('.part.now').dataset.stage") == "0:accept"


def test_stepping_through_a_proof_by_keyboard(browser: Browser, site: Path) -> None:
    visit(browser, site, f"theorems.html#{TOP}")
    wait(browser, lambda: browser.find_elements("css selector", ".stepper"))
    where = browser.find_element("css selector", ".stepper .where")
    states = browser.find_element("css selector", ".stepper .states")
    assert where.text == "tactic 1 of 2, line 5"
    assert "m : Nat := n + 1" in states.text
    assert [e.text for e in browser.find_elements("css selector", ".fresh")] == ["m : Nat := n + 1", "⊢ n < m"]
    press(browser, key("ARROW_RIGHT"))
    assert where.text == "tactic 2 of 2, line 6" and "no goals" in states.text
    press(browser, key("ARROW_RIGHT"))
    assert where.text == "tactic 2 of 2, line 6"
    press(browser, key("ARROW_LEFT"))
    assert where.text == "tactic 1 of 2, line 5"
    press(browser, "/")
    press(browser, *"helper")
    assert browser.execute_script("return Theorems.names") == [HELPER]
    press(browser, key("ARROW_DOWN"), key("ENTER"))
    wait(browser, lambda: by_id(browser, "declaration").find_element("css selector", "h1").text == HELPER)
    assert by_id(browser, "no-states").text == NO_STATES


def test_a_theorem_shows_what_is_known_of_it(browser: Browser, site: Path) -> None:
    visit(browser, site, f"theorems.html#{TOP}")
    wait(browser, lambda: browser.find_elements("css selector", ".stepper"))
    text = by_id(browser, "declaration").text
    for part in (
        "headline statement",
        "The headline, with code and </script>.",
        "propext",
        "A note on axioms.",
        "line 1",
        "Uses (2)",
    ):
        assert part in text
    browser.find_element("link text", "Thing").click()
    wait(browser, lambda: "Used by (2)" in by_id(browser, "declaration").text)
    visit(browser, site, "theorems.html#Logprec.nonsense")
    wait(browser, lambda: "No such declaration" in by_id(browser, "declaration").text)


def test_graph_leads_from_modules_to_theorems(browser: Browser, site: Path) -> None:
    visit(browser, site, "graph.html")
    wait(browser, lambda: state(browser) == "modules")
    nodes = browser.find_elements("css selector", "#drawing a.node")
    assert [n.get_attribute("data-name") for n in nodes] == ["Logprec.Statement", "Logprec.Part.Defs"]
    assert len(browser.find_elements("css selector", "#drawing .edge")) == 1
    before = browser.execute_script("return Graph.view")
    browser.execute_script("document.getElementById('frame').focus()")
    press(browser, "+", key("ARROW_RIGHT"))
    after = browser.execute_script("return Graph.view")
    assert after["k"] > before["k"] and after["x"] != before["x"]
    press(browser, "0", key("TAB"), key("ENTER"))
    wait(browser, lambda: state(browser) == "Logprec.Statement")
    browser.find_element("css selector", f"#drawing a[data-name='{TOP}'] rect").click()
    wait(browser, lambda: browser.find_elements("css selector", ".stepper"))
    assert "theorems.html#" in browser.current_url


def test_theme_follows_the_system_and_the_reader(browser: Browser, site: Path) -> None:
    def system(scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def theme() -> tuple[str, str]:
        script = "return [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]"
        name, colour = browser.execute_script(script)
        return name, colour

    try:
        system("light")
        visit(browser, site, "index.html")
        browser.execute_script("localStorage.clear()")
        visit(browser, site, "index.html")
        light = theme()
        system("dark")
        wait(browser, lambda: theme()[0] == "dark")
        assert theme()[1] != light[1]
        by_id(browser, "theme").click()
        assert theme() == light
        visit(browser, site, "circuit.html")
        assert theme() == light  # remembered
    finally:
        browser.execute_script("localStorage.clear()")
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_no_page_is_wider_than_a_telephone(browser: Browser, site: Path) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for page in (*(name for name, _ in PAGES), f"theorems.html#{TOP}", "source/Logprec.Statement.html"):
            visit(browser, site, page)
            if page == "circuit.html":
                wait(browser, lambda: state(browser).startswith("majority-3"))
            assert browser.execute_script("return document.documentElement.scrollWidth") <= 390, page
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_controls_have_names(browser: Browser, site: Path) -> None:
    for page, _ in PAGES:
        visit(browser, site, page)
        if page == "circuit.html":
            wait(browser, lambda: state(browser).startswith("majority-3"))
        unnamed = browser.execute_script(
            "return [...document.querySelectorAll('button, select, input, a[href], [tabindex=\"0\"]')].filter((e) =>"
            "!(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))"
            ".map((e) => e.outerHTML)"
        )
        assert unnamed == [], page
