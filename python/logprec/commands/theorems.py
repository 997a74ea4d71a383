"""`logprec theorems` and `logprec graph`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from logprec.commands.console import messages, output, say
from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.proofs.states import Step, load_states
from logprec.toolchain.core import Native, find
from logprec.toolchain.lakefile import find_project

if TYPE_CHECKING:
    from logprec.proofs.catalogue import Catalogue, Declaration


def read() -> "Catalogue":
    """Load the catalogue of the project around the working directory, with a spinner."""
    from logprec.proofs.catalogue import load_catalogue

    with messages.status("reading the compiled modules") as status:

        def progress(done: int, total: int, name: str) -> None:
            status.update(f"reading the compiled modules [{done}/{total}] {name}")

        return load_catalogue(find_project(Path.cwd()), progress=progress)


def as_json(d: "Declaration") -> dict[str, Any]:
    """Return a declaration with everything that is known about it."""
    return asdict(d) | {"paper": d.paper}


def show(d: "Declaration", catalogue: "Catalogue", exact: bool) -> None:
    """Print one declaration."""
    say(d.kind, style="bold", end=" ")
    say(d.statement)
    say()
    if d.doc:
        say(d.doc)
        say()
    say(f"at       {d.file}:{d.line}")
    if d.paper:
        say(f"paper    {', '.join(d.paper)}")
    more = "" if exact else ", and those of the toolchain's own theorems, which WebAssembly Lean does not have"
    say(f"axioms   {', '.join(d.axioms) or 'none'}{more}")
    say(f"rests on {len(catalogue.closure([d.name])) - 1} declarations, of which directly:")
    for used in d.uses:
        other = catalogue.declarations[used]
        say(f"  {other.kind:<9} {used}  ({other.file}:{other.line})")


def show_steps(steps: Sequence[Step]) -> None:
    """Print a proof tactic by tactic, with the goals that each leaves."""
    if not steps:
        say("\nthe proof is a term: it has no tactics")
        return
    for step in steps:
        margin = "  " * step.depth
        say(f"\n{margin}line {step.line}: {step.text.splitlines()[0]}", style="bold")
        for goal in step.after or ("no goals",):
            say("\n".join(f"{margin}    {line}" for line in goal.splitlines()))


def theorems(
    name: Annotated[str | None, typer.Argument(help="A declaration; the end of its name will do.")] = None,
    every: Annotated[bool, typer.Option("--all", help="List every theorem, not the headline only.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    with_states: Annotated[
        bool, typer.Option("--states", help="The proof too, tactic by tactic; its module is elaborated for that.")
    ] = False,
) -> None:
    """Say what is proved: statement, docstring, axioms, dependencies, place."""
    if name is not None and every:
        raise LogprecError("name a theorem or say --all, not both")
    if name is None and with_states:
        raise LogprecError("name the theorem whose states you want")
    catalogue = read()
    if name is not None:
        chosen = catalogue.find(name)
        project = find_project(Path.cwd())
        steps = load_states(project, chosen.module).get(chosen.name, []) if with_states else []
        if as_data:
            states = {"states": [asdict(s) for s in steps]} if with_states else {}
            print(json.dumps(as_json(chosen) | states, ensure_ascii=False, indent=2))
            return
        show(chosen, catalogue, isinstance(find(project), Native))
        if with_states:
            show_steps(steps)
        return
    listed = [d for d in catalogue.declarations.values() if d.kind == "theorem"] if every else catalogue.headline
    if as_data:
        print(json.dumps([as_json(d) for d in listed], ensure_ascii=False, indent=2))
        return
    for d in listed:
        says = " ".join(d.doc.split("\n\n")[0].replace("**", "").split())
        say(f"{d.name.removeprefix('Logprec.')}  ({d.file}:{d.line})", style="bold")
        if says:
            output.print(Padding(Text(says), (0, 0, 0, 4)))


def graph(
    out: Annotated[Path | None, typer.Option("-o", "--out", help="SVG file to write.")] = None,
    name: Annotated[str | None, typer.Argument(help="A declaration; all headline theorems by default.")] = None,
    level: Annotated[str, typer.Option(help="What a box is: module or theorem.")] = "module",
    folders: Annotated[
        bool, typer.Option("--folders", help="Print the folders by layers, lowest first; draw them with -o.")
    ] = False,
) -> None:
    """Draw what a theorem rests on, or how the folders do."""
    if folders:
        if name is not None or level != "module":
            raise LogprecError("--folders is about the whole package: name no declaration and no --level")
        show_folders(out)
        return
    if out is None:
        raise LogprecError("say -o: the SVG file to write")
    check_picture(out)
    from logprec.proofs.graph import declaration_graph, draw, module_graph

    if level not in ("module", "theorem"):
        raise LogprecError(f"--level {level}: module or theorem")
    catalogue = read()
    names = [catalogue.find(name).name] if name is not None else [d.name for d in catalogue.headline]
    if not names:
        raise LogprecError("this project has no headline theorems: name a declaration")
    picture = (module_graph if level == "module" else declaration_graph)(catalogue, names)
    boxes = picture.number_of_nodes()
    title = (
        f"{names[0] if len(names) == 1 else 'The headline theorems'} and what {'it rests' if name else 'they rest'} on"
    )
    write_whole(out, draw(picture, title))
    say(f"{out}: {boxes} {'modules' if level == 'module' else 'declarations'}")


def check_picture(out: Path) -> None:
    """Raise unless a picture can be written there."""
    if out.suffix != ".svg":
        raise LogprecError(f"{out}: the picture is SVG, so the name should end in .svg")
    if not out.parent.is_dir():
        raise LogprecError(f"{out}: no such folder")


def show_folders(out: Path | None) -> None:
    """Print the folders of the package by layers, and draw them."""
    from logprec.proofs.folders import drawing, links, package_imports

    found = links(package_imports(find_project(Path.cwd())))
    say(drawing(found), end="")
    if out is not None:
        from logprec.proofs.graph import draw, folder_graph

        check_picture(out)
        write_whole(out, draw(folder_graph(found), "The folders of the package, and what each imports"))


def register(app: typer.Typer) -> None:
    """Add the sub-commands to the command line."""
    app.command()(theorems)
    app.command()(graph)
