"""`logprec dojo`: this project in LeanDojo."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from logprec.commands.console import say
from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.proofs import dojo
from logprec.proofs.check import Checker
from logprec.toolchain.lakefile import find_project, load
from logprec.toolchain.modules import Graph

app = typer.Typer(help="Trace this project with LeanDojo, and replay proofs in it.", no_args_is_help=True)


@app.command()
def trace(
    modules: Annotated[
        list[str] | None, typer.Argument(help="Modules; all of the libraries by default (slow).")
    ] = None,
    write: Annotated[Path | None, typer.Option("--json", help="Write theorems, tactics, states and premises.")] = None,
) -> None:
    """Trace modules: their theorems, tactics, states and premises."""
    project = find_project(Path.cwd())
    if not modules:
        graph = Graph(load(project))
        libraries = [t for t in graph.lakefile.libraries if t.source == graph.lakefile.project]
        modules = [m.name for m in graph.order(m for t in libraries for m in graph.of_target(t))]
    theorems = dojo.DojoProject(project, modules).theorems()
    for theorem in theorems:
        premises = {p for t in theorem.tactics for p in t.premises}
        say(f"{theorem.file}: {theorem.name}: {len(theorem.tactics)} tactics, {len(premises)} premises")
    if write is not None:
        write_whole(write, json.dumps([asdict(t) for t in theorems], ensure_ascii=False, indent=1) + "\n")
    say(f"{len(theorems)} theorems of {len(modules)} modules traced")


@app.command()
def replay(
    theorem: Annotated[str, typer.Argument(help="Full name of a theorem.")],
    module: Annotated[
        str | None, typer.Option(help="The module that declares it; found by its text otherwise.")
    ] = None,
) -> None:
    """Take a theorem's proof away, give it again tactic by tactic, and elaborate the file with what was given."""
    project = find_project(Path.cwd())
    traced = dojo.DojoProject(project, [module]) if module else dojo.project_of(project, theorem)
    say(f"traced {', '.join(traced.modules)}: {len(traced.theorems())} theorems")
    script = traced.script(theorem)
    with traced.open(theorem) as session:
        say(session.goals)
        for k, tactic in enumerate(script, 1):
            result = session.run_tactic(tactic)
            say(f"\n--- {k} of {len(script)}: {tactic}\n{result.error or result.goals}")
            if result.error:
                raise LogprecError(f"tactic {k} of `{theorem}` failed in LeanDojo")
        finished = session.finished
    with Checker(project) as checker:
        verdict = checker.check_text(traced.text_with(theorem, script), [theorem])
    say(f"\nproof {'finished' if finished else 'NOT finished'} in LeanDojo, "
              f"the whole file {'accepted' if verdict.ok else 'REJECTED'} by Lean")  # fmt: skip
    if not (finished and verdict.ok):
        for message in verdict.messages:
            say(message)
        raise typer.Exit(1)
