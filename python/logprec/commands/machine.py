"""The command that compiles register programs to Turing machines and runs them."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress as Bar
from rich.progress import TaskID
from rich.table import Table

from logprec.commands.console import messages, output, say
from logprec.constructor.options import EMBEDDING


def machine_command(
    program: Annotated[
        str, typer.Argument(help="binary, square, parity, majority or lookup; or the directory of a model of tables.")
    ],
    *,
    layers: Annotated[int, typer.Option(help="Of a model: print so many layers of its circuits.", min=1)] = EMBEDDING,
    n: Annotated[int, typer.Option("--n", help="Run the machine on 1ⁿ for the lengths up to this one.", min=0)] = 4,
    max_steps: Annotated[int, typer.Option(help="Stop a run after so many steps.", min=1)] = 10_000_000,
    plot: Annotated[Path | None, typer.Option(help="Draw the cells against n: a .png, .svg or .pdf.")] = None,
) -> None:
    """Compile a register program to a Turing machine, and run it beside what is proved of it."""
    from logprec.constructor.machine import find_program, load_machine, promise, run_machine

    table = Table("n", "steps", "cells", "bound", "tape", box=None)
    points = []
    failed = False
    with find_program(program, layers) as found:
        machine = load_machine(found)
        say(f"{program}: {machine.tapes} tapes, {len(machine.table) + 1} states")
        with Bar(console=messages, transient=True) as bar:
            for length in range(n + 1):
                task = bar.add_task(f"n = {length}", total=max_steps)
                promised = promise(found, machine, length)
                run = run_machine(machine, length, max_steps, partial(_show, bar, task))
                bar.remove_task(task)
                kept = run.output == promised.output if run.halted else promised.output.startswith(run.output)
                verdict = ("as the program's" if kept else "WRONG") if run.halted else "not halted"
                failed |= not kept or run.cells > promised.cells
                table.add_row(*map(str, (length, run.steps, run.cells, promised.cells, verdict)))
                points.append((length, run.cells, promised.cells))
    output.print(table)
    if plot:
        from logprec.pictures.cells import plot_cells

        plot_cells(f"{program}: {machine.tapes} tapes", points, plot)
        say(f"{plot}: written")
    if failed:
        raise typer.Exit(1)


def _show(bar: Bar, task: TaskID, steps: int, cells: int) -> None:
    bar.update(task, completed=steps, description=f"{cells} cells")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("machine")(machine_command)
