"""Compile a model to a circuit.

Nothing here builds gates: the circuit comes from the Lean executable whose
constructor the simulation theorem is about, or from the register program that
is proved to print the same, which the executable prints as C.  This module
writes the input, asks for the size first, and keeps the output only if it is
complete.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from logprec.circuits.circuit import Circuit, load_circuit
from logprec.constructor.executable import EXECUTABLE, call_constructor, model_file, offer_for, text_file
from logprec.constructor.generator import build_generator, find_compiler, run_generator
from logprec.constructor.options import Constructor, Report
from logprec.errors import LogprecError
from logprec.files import new_file, write_whole
from logprec.models.model import Model

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Estimate:
    """What the constructor says before building: depth, and an upper bound on gates plus wires."""

    inputs: int
    depth: int
    size: int


def estimate(model: Model, n: int, *, states: bool = False) -> Estimate:
    """Ask the constructor how large the circuit can get, without building it.

    Parameters
    ----------
    model
        The model; the size of a quantised one's circuit is that before it is optimised.
    n
        Input length.
    states
        Count the circuit of all state bits instead of the answer's.

    Raises
    ------
    LogprecError
        If ``n`` is out of range or the executable fails.
    """
    offer = offer_for(model, {"--states": states})
    model.check_length(n)
    with model_file(model) as path:
        return _estimate([*offer.size, path, str(n), *_flags(states)])


def _flags(states: bool) -> list[str]:
    return ["--states"] if states else []


def _estimate(arguments: Sequence[str]) -> Estimate:
    words = call_constructor(arguments).split()
    if len(words) < 3 or not all(word.isdigit() for word in words):
        raise LogprecError(f"{EXECUTABLE} {arguments[0]}: expected three numbers, got {b' '.join(words)[:60]!r}")
    return Estimate(*map(int, words[:3]))


def compile_model(
    model: Model,
    n: int,
    out: Path,
    *,
    states: bool = False,
    optimise: bool | None = None,
    max_size: int | None = None,
    constructor: Constructor = "lean",
    report: Report = lambda message: None,
) -> Circuit:
    """Compile a model for inputs of length ``n`` and write the circuit file.

    Parameters
    ----------
    model
        The model.
    n
        Input length.
    out
        The circuit file; written completely or not at all.
    states
        Output all final state bits instead of the answer.
    optimise
        Of quantised models: fold constants, share equal gates and leave out dead ones, in the circuit of every node.
        The function and the depth stay the same (`Quantised.Model.optimised_correct` in Lean).  None for the default.
    max_size
        Refuse when the constructor's own bound, before it optimises, is above this; None for the default.
    constructor
        What builds the circuit of a model of tables; the file is the same.
    report
        Called with progress messages.

    Returns
    -------
    Circuit
        The circuit as read back from the file.

    Raises
    ------
    LogprecError
        If ``n`` is out of range, the circuit too large, an option does not apply to the model, the executable fails,
        or ``out`` cannot be written.
    """
    offer = offer_for(
        model, {"--states": states, "--constructor": constructor == "c", "--optimise": optimise is not None}
    )
    if constructor == "c" and states:
        raise LogprecError("the generator in C is for the acceptance bit: use --constructor lean with --states")
    model.check_length(n)
    _check_folder(out)
    in_c = constructor == "c" or (
        constructor == "auto" and "--constructor" in offer.options and not states and find_compiler() is not None
    )
    flags = _flags(states) + (["--optimise"] if "--optimise" in offer.options and optimise is not False else [])
    with model_file(model) as path:
        report("asking the constructor for the size")
        bound = _estimate([*offer.size, path, str(n), *_flags(states)])
        _within(bound, n, offer.max_size if max_size is None else max_size)
        if in_c:
            report("printing and compiling the generator")
        program = _generator(model.to_text()) if in_c else None

        def write(stream: IO[bytes]) -> None:
            if program is not None:
                run_generator(program, n, stream)
            else:
                call_constructor([*offer.circuit, path, str(n), *flags], stdout=stream)

        with new_file(out) as temporary:
            with temporary.open("wb") as stream:
                _watch(lambda: write(stream), temporary, bound, report)
            report("checking the circuit")
            circuit = load_circuit(temporary)
            _check(model, n, circuit, states)
    return circuit


@lru_cache(maxsize=8)
def _generator(model: str) -> Path:
    """Return the compiled generator of a model, given in its text form: it is the same for all lengths."""
    with text_file(model) as path:
        return build_generator(call_constructor(["c", path]).decode())


def _check_folder(out: Path) -> None:
    if not out.parent.is_dir():
        raise LogprecError(f"{out.parent}: no such folder")


def _within(bound: Estimate, n: int, max_size: int) -> None:
    if bound.size > max_size:
        raise LogprecError(
            f"the circuit for n = {n} may have {bound.size} gates and wires, above the limit of {max_size}; "
            f"raise it with --max-size {bound.size}"
        )


def generator_source(model: Model) -> str:
    """Return the C program that writes the circuits of a model, for all lengths.

    Raises
    ------
    LogprecError
        If there is none for models of this kind, or the executable fails.
    """
    offer_for(model, {"--emit-c": True})
    with model_file(model) as path:
        return call_constructor(["c", path]).decode()


def write_generator(model: Model, out: Path) -> None:
    """Write that C program to a file, completely or not at all.

    Raises
    ------
    LogprecError
        If there is none, the executable fails, or ``out`` cannot be written.
    """
    _check_folder(out)
    write_whole(out, generator_source(model))


def _watch(work: Callable[[], object], path: Path, bound: Estimate, report: Report) -> None:
    """Run ``work`` and report how much of the file it has written."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(work)
        while not wait([job], timeout=_POLL_SECONDS).done:
            size = path.stat().st_size
            written = f"; {size / 1e6:.1f} MB written" if size else ""
            report(f"building at most {bound.size:,} gates and wires{written}")
        job.result()


def _check(model: Model, n: int, circuit: Circuit, states: bool) -> None:
    wanted = n * model.symbol_bits, model.output_width(n, states=states)
    if (circuit.inputs, circuit.outputs) != wanted:
        raise LogprecError(
            f"the constructor made a circuit of {circuit.inputs} inputs and {circuit.outputs} outputs, "
            f"expected {wanted[0]} and {wanted[1]}"
        )
