"""Compiled Turing machines: register programs on tapes, run step by step.

The table of a machine comes from Lean, where it is proved that the machine prints what the program prints and how many
cells it visits (`Logprec.Turing.progMachine_haltsWith`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID
from rich.table import Table

from logprec.compile import call_constructor, model_file
from logprec.draw import FAINT, INK, new_figure, save_figure
from logprec.errors import LogprecError
from logprec.model import TableModel
from logprec.models import load_any

Instruction = tuple[str, tuple[int, ...]]
Progress = Callable[[int, int], None]
# The words by which the constructor knows a program.
Program = tuple[str, ...]

_LENGTHS = {"write": 3, "move": 3, "input": 2, "emit": 2, "work": 8, "read": 6}
_REPORT_EVERY = 1 << 16
# The depth of the circuit of the first layer of a model of tables, in which it looks up its symbols.
EMBEDDING = 3

output = Console(highlight=False)
messages = Console(stderr=True, highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("machine")(machine_command)


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
    table = Table("n", "steps", "cells", "bound", "tape", box=None)
    points = []
    failed = False
    with find_program(program, layers) as found:
        machine = load_machine(found)
        output.print(f"{program}: {machine.tapes} tapes, {len(machine.table) + 1} states", soft_wrap=True)
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
        plot_cells(f"{program}: {machine.tapes} tapes", points, plot)
        output.print(f"{plot}: written", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _show(bar: Bar, task: TaskID, steps: int, cells: int) -> None:
    bar.update(task, completed=steps, description=f"{cells} cells")


@dataclass(frozen=True)
class Machine:
    """A machine with binary counters on its tapes.

    Attributes
    ----------
    tapes
        The number of work tapes.
    table
        One instruction for each state but the last, in which it halts: a command and the next state, or a test and the
        next states when it holds and when it does not.
    """

    tapes: int
    table: tuple[Instruction, ...]


@dataclass(frozen=True)
class Run:
    """A configuration that a machine has reached.

    Attributes
    ----------
    halted
        Whether it has halted there.
    steps
        The steps made.
    state, input
        The state, and the position of the input head; the left marker is at 0.
    output
        The bits printed.
    tapes
        For every work tape, the position of the head and the symbols of the cells visited.
    """

    halted: bool
    steps: int
    state: int
    input: int
    output: str
    tapes: tuple[tuple[int, bytes], ...]

    @property
    def cells(self) -> int:
        """The cells visited on all work tapes."""
        return sum(len(symbols) for _, symbols in self.tapes)


@dataclass(frozen=True)
class Promise:
    """What is proved of a machine on 1ⁿ.

    Attributes
    ----------
    peak
        The greatest number that the program handles.
    output
        What the machine prints.
    cells
        A bound on the cells that it visits.
    """

    peak: int
    output: str
    cells: int


def parse_machine(text: str) -> Machine:
    """Read a machine as Lean prints it.

    Raises
    ------
    LogprecError
        If it is not a machine.
    """
    first, *lines = text.splitlines() or [""]
    words = [line.split() for line in lines]
    try:
        tapes, states = map(int, first.split())
        table = [(name, tuple(map(int, numbers))) for name, *numbers in words]
    except ValueError as error:
        raise LogprecError(f"not the table of a machine: {error}") from error
    if len(table) != states or any(len(numbers) != _LENGTHS.get(name) for name, numbers in table):
        raise LogprecError("not the table of a machine")
    return Machine(tapes, tuple(table))


@contextmanager
def find_program(name: str, layers: int = EMBEDDING) -> Iterator[Program]:
    """Find a register program, by its name or as the printer of a model's circuits.

    Parameters
    ----------
    name
        One of the constructor's programs, or the directory of a model of tables.
    layers
        For a model, how many layers of its circuits are printed.

    Yields
    ------
    Program
        The constructor's words for it.

    Raises
    ------
    LogprecError
        If the directory is not a model of tables.
    """
    if not Path(name).is_dir():
        yield ("machine", name)
        return
    model = load_any(Path(name))
    if not isinstance(model, TableModel):
        raise LogprecError(f"{name}: machines are made for models of tables only, and this one is quantised")
    with model_file(model) as path:
        yield ("layers", path, str(layers))


def load_machine(program: Program) -> Machine:
    """Compile a program in Lean.

    Raises
    ------
    LogprecError
        If there is no such program or Lean fails.
    """
    return parse_machine(call_constructor([*program]).decode())


def promise(program: Program, machine: Machine, n: int) -> Promise:
    """Ask Lean what the program does on 1ⁿ: its machine prints the same, and visits no more cells than the bound."""
    peak, output = call_constructor([*program, str(n)]).decode().split("\n")[:2]
    return Promise(int(peak), output, machine.tapes * (max(int(peak).bit_length() - 1, 0) + 2))


def run_machine(machine: Machine, n: int, max_steps: int, report: Progress = lambda steps, cells: None) -> Run:
    """Run a machine on 1ⁿ.

    Parameters
    ----------
    machine
        The machine.
    n
        The length of the input.
    max_steps
        Stop after so many steps.
    report
        Called now and then with the steps and the cells so far.

    Returns
    -------
    Run
        The last configuration.
    """
    tapes = [bytearray(1) for _ in range(machine.tapes)]
    heads = [0] * machine.tapes
    output: list[str] = []
    state = position = steps = 0
    end = len(machine.table)
    while state < end and steps < max_steps:
        name, arguments = machine.table[state]
        steps += 1
        if name == "work":
            tape = arguments[0]
            holds = arguments[1 + tapes[tape][heads[tape]]] if tape < machine.tapes else 0
            state = arguments[6] if holds else arguments[7]
        elif name == "move":
            tape, direction, state = arguments
            if tape < machine.tapes:
                heads[tape] = max(heads[tape] + direction, 0)
                if heads[tape] == len(tapes[tape]):
                    tapes[tape].append(0)
        elif name == "write":
            tape, symbol, state = arguments
            if tape < machine.tapes:
                tapes[tape][heads[tape]] = symbol
        elif name == "read":
            symbol = 0 if position == 0 else 2 if position <= n else 3
            state = arguments[4] if arguments[symbol] else arguments[5]
        elif name == "input":
            position = min(max(position + arguments[0], 0), n + 1)
            state = arguments[1]
        else:
            output.append(str(arguments[0]))
            state = arguments[1]
        if not steps % _REPORT_EVERY:
            report(steps, sum(map(len, tapes)))
    ends = tuple((head, bytes(tape)) for head, tape in zip(heads, tapes, strict=True))
    return Run(state >= end, steps, state, position, "".join(output), ends)


def plot_cells(title: str, points: list[tuple[int, int, int]], path: Path) -> None:
    """Draw the cells that a machine visits against n, on a logarithmic axis, beside the proved bound.

    Parameters
    ----------
    title
        Title.
    points
        For each n, the cells visited and the bound.
    path
        A picture: .png, .svg or .pdf.

    Raises
    ------
    LogprecError
        If the file cannot be written.
    """
    figure: Figure = new_figure(7, 4.2)
    axes = figure.subplots()
    lengths = [n + 2 for n, _, _ in points]
    axes.plot(lengths, [bound for _, _, bound in points], "o-", color=FAINT, label="proved bound")
    axes.plot(lengths, [cells for _, cells, _ in points], "o-", color=INK, label="cells visited")
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("n + 2")
    axes.set_ylabel("cells of the work tapes")
    axes.set_title(title, color=INK)
    axes.legend(frameon=False)
    save_figure(figure, path)
