"""Compiled Turing machines: the runner does what Lean's definition does, and the machines what is proved of them."""

import dataclasses
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from test_cli import EXAMPLES, run

from logprec.circuits.layers import LayerCircuit, load_layers
from logprec.constructor.compile import compile_model
from logprec.constructor.executable import call_constructor
from logprec.constructor.machine import (
    Machine,
    Promise,
    find_program,
    load_machine,
    parse_machine,
    promise,
    run_machine,
)
from logprec.constructor.options import EMBEDDING
from logprec.errors import LogprecError
from logprec.models.tables.folder import load_tables

LENGTHS = {"binary": 5, "square": 3, "majority": 4, "parity": 4, "lookup": 1}


@cache
def machine(program: str) -> Machine:
    return load_machine(("machine", program))


@cache
def promised(program: str, n: int) -> Promise:
    return promise(("machine", program), machine(program), n)


@pytest.mark.parametrize(
    ("program", "n", "steps"),
    [
        ("binary", 3, 0),
        ("binary", 3, 1),
        ("binary", 3, 17),
        ("binary", 3, 499),
        ("binary", 3, 5000),
        ("parity", 1, 9000),
    ],
)
def test_the_runner_is_leans_definition(program: str, n: int, steps: int) -> None:
    first, output, *tapes = call_constructor(["machine", program, str(n), str(steps)]).decode().splitlines()
    ours = run_machine(machine(program), n, steps)
    assert list(map(int, first.split())) == [ours.halted, ours.state, ours.input, ours.cells]
    assert output == ours.output
    assert tapes == [f"{head} {''.join(map(str, symbols))}" for head, symbols in ours.tapes]


@pytest.mark.parametrize(("program", "n"), [(p, n) for p, most in LENGTHS.items() for n in range(most + 1)])
def test_the_machine_prints_what_the_program_prints(program: str, n: int) -> None:
    ours = run_machine(machine(program), n, 10_000_000)
    assert ours.halted
    assert ours.output == promised(program, n).output
    assert ours.cells <= promised(program, n).cells


def numbers(circuit: LayerCircuit, layers: int) -> Iterator[int]:
    """List the numbers of the first layers of a circuit, as `Circuit.encode` does."""
    yield circuit.inputs
    for gates in circuit.layers[:layers]:
        yield 0
        for g in range(len(gates)):
            yield from (1 if gates.at_least[g] else 2, int(gates.threshold[g]))
            for w in range(gates.start[g], gates.start[g + 1]):
                yield from (3, int(gates.source[w]), int(gates.mult[w]))
    yield 4


@pytest.mark.parametrize(("name", "n"), [("majority", 1), ("majority", 2), ("contains", 1)])
def test_a_transformers_first_layer_is_printed_by_a_machine(name: str, n: int, tmp_path: Path) -> None:
    directory = EXAMPLES / name
    compile_model(load_tables(directory), n, tmp_path / "whole.circuit")
    wanted = numbers(load_layers(tmp_path / "whole.circuit"), EMBEDDING)
    with find_program(str(directory)) as program:
        embedding = load_machine(program)
        promised = promise(program, embedding, n)
    ours = run_machine(embedding, n, 20_000_000)
    assert ours.halted
    assert ours.output == promised.output == "".join("1" * number + "0" for number in wanted)
    assert ours.cells <= promised.cells


def test_no_machine_of_a_quantised_model() -> None:
    directory = str(EXAMPLES / "decoders" / "majority")
    with pytest.raises(LogprecError, match="models of tables only"), find_program(directory):
        pass


def test_small_programs() -> None:
    assert [promised("square", n).output for n in range(3)] == ["0", "10", "11110"]
    assert promised("binary", 2).output == "010"  # the digits 0 and 1, in unary


@pytest.mark.parametrize("fault", ["a symbol", "a move", "an output", "a jump"])
def test_a_planted_fault_is_noticed(fault: str) -> None:
    sound = machine("square")
    changes = {
        "a symbol": lambda name, a: (name, (a[0], 1, a[2])) if name == "write" and a[1] == 0 else (name, a),
        "a move": lambda name, a: (name, (a[0], 0, a[2])) if name == "move" and a[1] == -1 else (name, a),
        "an output": lambda name, a: (name, (1 - a[0], a[1])) if name == "emit" else (name, a),
        "a jump": lambda name, a: (name, (*a[:-2], a[-1], a[-2])) if name == "work" else (name, a),
    }
    faulty = dataclasses.replace(sound, table=tuple(changes[fault](*instruction) for instruction in sound.table))
    ours = run_machine(faulty, 2, 100_000)
    assert not ours.halted or ours.output != promised("square", 2).output


@pytest.mark.parametrize(
    "text", ["", "1", "1 x\n", "1 2\nemit 0 1", "1 1\nemit 0", "1 1\nfly 0 1", "1 1\nemit 0 1\nemit 0 1", "0 1\n\n"]
)
def test_what_is_not_a_machine(text: str) -> None:
    with pytest.raises(LogprecError, match="not the table of a machine"):
        parse_machine(text)


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(monkeypatch, capsys, "machine", "square", "--n", 2, "--plot", tmp_path / "cells.svg")
    assert code == 0
    assert out.startswith("square: ")
    assert out.count("as the program's") == 3
    assert (tmp_path / "cells.svg").read_text().startswith("<?xml")
    code, out, _ = run(monkeypatch, capsys, "machine", "square", "--n", 1, "--max-steps", 5)
    assert code == 0
    assert out.count("not halted") == 2
    code, _, err = run(monkeypatch, capsys, "machine", "cube")
    assert code == 2
    assert "no program 'cube'" in err
    assert err.count("\n") == 1
