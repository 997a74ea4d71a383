"""`logprec theorems` and `logprec graph`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from logprec.errors import LogprecError
from logprec.proofs.catalogue import Catalogue, Declaration, load_catalogue
from logprec.proofs.graph import declaration_graph, draw, module_graph
from logprec.proofs.states import Step, load_states
from logprec.toolchain.core import Native, find
from logprec.toolchain.lakefile import find_project
from logprec.toolchain.locking import write_whole

output = Console(highlight=False, soft_wrap=True)


def read() -> Catalogue:
    """Load the catalogue of the project around the working directory, with a spinner."""
    with Console(stderr=True, highlight=False).status("reading the compiled modules") as status:

        def progress(done: int, total: int, name: str) -> None:
            status.update(f"reading the compiled modules [{done}/{total}] {name}")

        return load_catalogue(find_project(Path.cwd()), progress=progress)


def as_json(d: Declaration) -> dict[str, Any]:
    """Return a declaration with everything that is known about it."""
    return asdict(d) | {"paper": d.paper}


def show(d: Declaration, catalogue: Catalogue, exact: bool) -> None:
    """Print one declaration."""
    output.print(f"[bold]{d.kind}[/bold] ", end="")
    output.print(d.statement, markup=False)
    output.print()
    if d.doc:
        output.print(d.doc, markup=False)
        output.print()
    output.print(f"at       {d.file}:{d.line}", markup=False)
    if d.paper:
        output.print(f"paper    {', '.join(d.paper)}", markup=False)
    more = "" if exact else ", and those of the toolchain's own theorems, which WebAssembly Lean does not have"
    output.print(f"axioms   {', '.join(d.axioms) or 'none'}{more}", markup=False)
    output.print(f"rests on {len(catalogue.closure([d.name])) - 1} declarations, of which directly:", markup=False)
    for used in d.uses:
        other = catalogue.declarations[used]
        output.print(f"  {other.kind:<9} {used}  ({other.file}:{other.line})", markup=False)


def show_steps(steps: Sequence[Step]) -> None:
    """Print a proof tactic by tactic, with the goals that each leaves."""
    if not steps:
        output.print("\nthe proof is a term: it has no tactics")
        return
    for step in steps:
        margin = "  " * step.depth
        output.print(f"\n{margin}line {step.line}: {step.text.splitlines()[0]}", markup=False, style="bold")
        for goal in step.after or ("no goals",):
            output.print("\n".join(f"{margin}    {line}" for line in goal.splitlines()), markup=False)


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
        output.print(f"{d.name.removeprefix('Logprec.')}  ({d.file}:{d.line})", markup=False, style="bold")
        if says:
            output.print(Padding(Text(says), (0, 0, 0, 4)), soft_wrap=False)


def graph(
    out: Annotated[Path, typer.Option("-o", "--out", help="SVG file to write.")],
    name: Annotated[str | None, typer.Argument(help="A declaration; all headline theorems by default.")] = None,
    level: Annotated[str, typer.Option(help="What a box is: module or theorem.")] = "module",
) -> None:
    """Draw what a theorem rests on."""
    if level not in ("module", "theorem"):
        raise LogprecError(f"--level {level}: module or theorem")
    if out.suffix != ".svg":
        raise LogprecError(f"{out}: the picture is SVG, so the name should end in .svg")
    if not out.parent.is_dir():
        raise LogprecError(f"{out}: no such folder")
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
    output.print(f"{out}: {boxes} {'modules' if level == 'module' else 'declarations'}", markup=False)


def register(app: typer.Typer) -> None:
    """Add the sub-commands to the command line."""
    app.command()(theorems)
    app.command()(graph)
