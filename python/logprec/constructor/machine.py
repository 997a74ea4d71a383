"""Compiled Turing machines: register programs on tapes, run step by step.

The table of a machine comes from Lean, where it is proved that the machine prints what the program prints and how many
cells it visits (`Logprec.Turing.progMachine_haltsWith`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from logprec.constructor.executable import call_constructor, model_file, offer_for
from logprec.constructor.options import EMBEDDING
from logprec.errors import LogprecError
from logprec.models.load import load_model

Instruction = tuple[str, tuple[int, ...]]
Progress = Callable[[int, int], None]
# The words by which the constructor knows a program.
Program = tuple[str, ...]
_LENGTHS = {"write": 3, "move": 3, "input": 2, "emit": 2, "work": 8, "read": 6}
_REPORT_EVERY = 1 << 16


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
    model = load_model(Path(name))
    offer_for(model, {"logprec machine": True})
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
