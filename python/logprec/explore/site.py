"""Write the site: pages from templates, data as scripts, so that it works when it is opened from disk."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from logprec.errors import LogprecError
from logprec.explore.declarations import Declaration, States, catalogue_json
from logprec.explore.statements import Item

Json = dict[str, Any]

MARKER = "logprec-explorer.json"
PAGES = (
    ("index.html", "Statements"),
    ("graph.html", "Graph"),
    ("theorems.html", "Theorems"),
    ("circuit.html", "Circuit"),
)
ASSETS = ("site.css", "site.js", "theorems.js", "graph.js", "circuit.js")


@dataclass(frozen=True)
class Contents:
    """What the site shows.

    Attributes
    ----------
    project
        Folder of the Lean sources.
    declarations
        The catalogue.
    states
        Steps of proofs, by module.
    statements
        The paper's items.
    models
        The circuit page's menu.
    circuits
        The circuit page's data, by ``model-n``.
    reason
        What is said of theorems whose module is not in ``states``.
    axioms_note
        What the list of a declaration's axioms leaves out; may be empty.
    footer
        A line below every page.
    """

    project: Path
    declarations: Sequence[Declaration]
    states: States
    statements: Sequence[Item]
    models: Sequence[Json]
    circuits: Mapping[str, Json]
    reason: str
    axioms_note: str
    footer: str


def write_site(contents: Contents, out: Path) -> None:
    """Write the site into a new folder, or in place of an older site, completely or not at all.

    Parameters
    ----------
    contents
        What it shows.
    out
        The folder.

    Raises
    ------
    LogprecError
        If the folder holds something else, or cannot be written.
    """
    check_target(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise LogprecError(f"{out}: cannot write: {error.strerror}") from error
    try:
        _fill(contents, new)
        new.chmod(0o755)
        _replace(new, out)
    except OSError as error:
        raise LogprecError(f"{out}: cannot write: {error.strerror}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def check_target(out: Path) -> None:
    """Raise unless ``out`` is new, an empty folder, or a site written before.

    Raises
    ------
    LogprecError
        Naming the folder that is kept.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise LogprecError(f"{out}: is not a folder; the site is written into one of its own")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise LogprecError(f"{out}: holds something that is not a site of logprec explore; choose another folder")


def _replace(new: Path, out: Path) -> None:
    if not out.exists():
        new.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
    try:
        out.rename(old / "site")
        try:
            new.rename(out)
        except OSError:
            (old / "site").rename(out)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _fill(contents: Contents, folder: Path) -> None:
    catalogue, states = catalogue_json(contents.declarations, contents.states, contents.project, contents.reason)
    catalogue["axiomsNote"] = contents.axioms_note
    _copy_assets(folder / "assets")
    put_data(folder, "catalogue", catalogue)
    for module, steps in states.items():
        put_data(folder, f"states/{module}", steps)
    for name, circuit in contents.circuits.items():
        put_data(folder, f"circuits/{name}", circuit)
    _pages(contents, catalogue, folder)
    (folder / MARKER).write_text(
        json.dumps({"format": 1, "pages": [page for page, _ in PAGES]}) + "\n", encoding="utf-8"
    )


def _copy_assets(folder: Path) -> None:
    folder.mkdir()
    for name in ASSETS:
        source = files("logprec.explore").joinpath("assets", name)
        (folder / name).write_bytes(source.read_bytes())


def put_data(folder: Path, key: str, value: Json) -> None:
    """Write a data file: a script, because a page that is opened from disk may not fetch."""
    path = folder / "data" / f"{key}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"Explorer.put({json.dumps(key)},{text});\n", encoding="utf-8")


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("logprec.explore"), autoescape=True, undefined=jinja2.StrictUndefined
    )


def _pages(contents: Contents, catalogue: Json, folder: Path) -> None:
    environment = _environment()

    def page(template: str, name: str, title: str, root: str = "", **values: object) -> None:
        text = environment.get_template(template).render(
            title=title, page=name, pages=PAGES, root=root, footer=contents.footer, **values
        )
        (folder / name).write_text(text, encoding="utf-8")

    page(
        "index.html",
        "index.html",
        "Statements",
        groups=_groups(contents, catalogue),
        counts=_counts(contents, catalogue),
    )
    page("graph.html", "graph.html", "Graph")
    page("theorems.html", "theorems.html", "Theorems")
    page("circuit.html", "circuit.html", "Circuit", models=_embedded(contents.models))
    (folder / "source").mkdir()
    for module, file in catalogue["files"].items():
        lines = (contents.project / file).read_text(encoding="utf-8").rstrip("\n").split("\n")
        page("source.html", f"source/{module}.html", module, root="../", path=file, lines=lines)


def _embedded(value: object) -> Markup:
    """JSON inside a script element: no text in it can end the element."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))


def _counts(contents: Contents, catalogue: Json) -> str:
    rows = catalogue["declarations"]
    theorems = [row for row in rows if row["kind"] == "theorem"]
    stepped = sum(row["states"] for row in theorems)
    axioms = ", ".join(catalogue["axioms"]) or "none"
    return (
        f"{len(theorems):,} theorems and {len(rows) - len(theorems):,} other declarations in {len(catalogue['files'])} "
        f"modules; {stepped:,} of the proofs can be stepped through here. Axioms that it rests on: {axioms}."
        + (f" {contents.axioms_note}" if contents.axioms_note else "")
    )


def _groups(contents: Contents, catalogue: Json) -> list[Json]:
    rows = {row["name"]: row for row in catalogue["declarations"]}
    groups: list[Json] = []
    for item in contents.statements:
        if not groups or groups[-1]["title"] != item.group:
            groups.append({"title": item.group, "items": []})
        for ours in item.ours:
            if ours.name not in rows:
                raise LogprecError(f"statements.toml: {item.item} names {ours.name}, which the catalogue does not have")
        groups[-1]["items"].append(
            {
                "item": item.item,
                "anchor": item.item.lower().replace(" ", "-").replace(".", "-"),
                "title": item.title,
                "says": item.says,
                "differs": item.differs,
                "ours": [
                    {
                        "name": ours.name,
                        "url": quote(ours.name, safe=""),
                        "what": ours.what,
                        "text": rows[ours.name]["source"] or rows[ours.name]["statement"],
                    }
                    for ours in item.ours
                ],
            }
        )
    return groups
