"""The explorer in headless Chromium."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explorer import HELPER, LENGTHS, TOP

from logprec.constructor.executable import project_root
from logprec.explore.circuits import words
from logprec.explore.declarations import NO_STATES
from logprec.explore.site import PAGES, Contents, write_site
from logprec.models.tables.folder import load_tables
from logprec.models.tables.model import forward

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
    model = load_tables(project_root() / "examples" / name)
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
