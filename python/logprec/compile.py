"""Compile a model to a circuit.

Nothing here builds gates: the circuit comes from the Lean executable whose
constructor the simulation theorem is about, or from the register program that
is proved to print the same, which the executable prints as C.  This module
writes the input, asks for the size first, and keeps the output only if it is
complete.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.blocks import BlockCircuit, load_any_circuit
from logprec.circuit import Circuit, load_circuit
from logprec.errors import LogprecError
from logprec.floats import Codes
from logprec.generator import build_generator, find_compiler, run_generator
from logprec.model import TableModel
from logprec.modelio import write_whole
from logprec.models import Model
from logprec.quantised.model import QuantisedModel
from logprec.toolchain import find

EXECUTABLE = "logprec-compile"
DEFAULT_MAX_SIZE = 20_000_000
# in a file of blocks equal parts stand once, so that much larger circuits are small files
DEFAULT_MAX_BLOCKS = 500_000_000

_POLL_SECONDS = 0.2

Constructor = Literal["auto", "c", "lean"]
"""What builds circuits: the generator in C, the Lean evaluator, or C where there is a C compiler."""

AnyCircuit = TypeVar("AnyCircuit", Circuit, BlockCircuit)

Writer = Callable[[IO[bytes]], object]
"""Writes a circuit file to a stream."""

Report = Callable[[str], None]
"""Receives short progress messages."""


@dataclass(frozen=True)
class Estimate:
    """What the constructor says before building: depth, and an upper bound on gates plus wires."""

    inputs: int
    depth: int
    size: int


def project_root() -> Path:
    """Return the folder of the Lean package this Python package belongs to.

    Raises
    ------
    LogprecError
        If the Python package was installed without its repository.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "lakefile.lean").is_file():
        raise LogprecError(f"no lakefile.lean in {root}: install with 'pip install -e python' from the repository")
    return root


def build_constructor() -> None:
    """Build the Lean executable if it is stale, showing the build's own progress.

    Raises
    ------
    LogprecError
        If there is no usable Lean or the build fails.
    """
    root = project_root()
    find(root).build(root, [EXECUTABLE])


def call_constructor(args: Sequence[str], *, stdin: bytes | None = None, stdout: IO[bytes] | None = None) -> bytes:
    """Run the Lean executable and return what it prints.

    Raises
    ------
    LogprecError
        If it fails.
    """
    root = project_root()
    done = find(root).exe(root, EXECUTABLE, args, stdin=stdin, stdout=stdout)
    if done.returncode != 0:
        lines = (done.stderr or b"").decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "no message"
        raise LogprecError(f"{EXECUTABLE} {args[0]} failed (exit {done.returncode}): {reason}")
    return done.stdout or b""


@contextmanager
def model_file(model: Model) -> Iterator[str]:
    """Write the model's text form to a temporary file."""
    with tempfile.TemporaryDirectory(prefix="logprec-") as folder:
        path = Path(folder) / "model.txt"
        path.write_text(model.to_text())
        yield str(path)


def _flags(states: bool) -> list[str]:
    return ["--states"] if states else []


def estimate(model: TableModel, n: int, *, states: bool = False) -> Estimate:
    """Ask the constructor how large the circuit can get, without building it.

    Parameters
    ----------
    model
        The tables.
    n
        Input length.
    states
        Count the circuit of all state bits instead of the acceptance bit.

    Raises
    ------
    LogprecError
        If ``n`` is out of range or the executable fails.
    """
    model.check_length(n)
    with model_file(model) as path:
        return _estimate(_size(path, n, states=states))


def _estimate(arguments: Sequence[str]) -> Estimate:
    words = call_constructor(arguments).split()
    if len(words) < 3 or not all(word.isdigit() for word in words):
        raise LogprecError(f"{EXECUTABLE} {arguments[0]}: expected three numbers, got {b' '.join(words)[:60]!r}")
    return Estimate(*map(int, words[:3]))


def _size(path: str, n: int, *, states: bool) -> list[str]:
    return ["size", path, str(n), *_flags(states)]


def _blocks_size(path: str, n: int) -> list[str]:
    return ["qnetwork", "size", path, str(n)]


def compile_model(
    model: TableModel,
    n: int,
    out: Path,
    *,
    states: bool = False,
    max_size: int = DEFAULT_MAX_SIZE,
    constructor: Constructor = "lean",
    report: Report = lambda message: None,
) -> Circuit:
    """Compile a model for inputs of length ``n`` and write the circuit file.

    Parameters
    ----------
    model
        The tables.
    n
        Input length.
    out
        The circuit file; written completely or not at all.
    states
        Output all final state bits instead of the acceptance bit.
    max_size
        Refuse when the constructor's own bound is above this.
    constructor
        What builds the circuit; the file is the same.
    report
        Called with progress messages.

    Returns
    -------
    Circuit
        The circuit as read back from the file.

    Raises
    ------
    LogprecError
        If ``n`` is out of range, the circuit too large, the executable fails,
        or ``out`` cannot be written.
    """
    if constructor == "c" and states:
        raise LogprecError("the generator in C is for the acceptance bit: use --constructor lean with --states")
    possible = not states and find_compiler() is not None
    in_c = constructor == "c" or (constructor == "auto" and possible)

    def writer(path: str) -> Writer:
        if in_c:
            report("printing and compiling the generator")
            program = build_generator(call_constructor(["c", path]).decode())
            return lambda stream: run_generator(program, n, stream)
        return lambda stream: call_constructor(["circuit", path, str(n), *_flags(states)], stdout=stream)

    def size(path: str) -> list[str]:
        return _size(path, n, states=states)

    outputs = n * model.dim * model.precision if states else 1
    return _compile(model, n, out, _Construction(size, writer, load_circuit, outputs), max_size=max_size, report=report)


@dataclass(frozen=True)
class _Construction(Generic[AnyCircuit]):
    """How a kind of circuit is made of a model, which is in a file.

    Attributes
    ----------
    size
        The arguments that ask the constructor for the size.
    writer
        What writes the circuit.
    load
        What reads it back.
    outputs
        The number of output bits that it must have.
    """

    size: Callable[[str], Sequence[str]]
    writer: Callable[[str], Writer]
    load: Callable[[Path], AnyCircuit]
    outputs: int


def _compile(
    model: Model, n: int, out: Path, kind: _Construction[AnyCircuit], *, max_size: int, report: Report
) -> AnyCircuit:
    """Ask for the size, write the circuit in a file, and check what was written."""
    model.check_length(n)
    if not out.parent.is_dir():
        raise LogprecError(f"{out.parent}: no such folder")
    with model_file(model) as path:
        report("asking the constructor for the size")
        bound = _estimate(kind.size(path))
        _within(bound, n, max_size)
        write = kind.writer(path)
        with _new_file(out) as (stream, temporary):
            _watch(lambda: write(stream), temporary, bound, report)
            stream.close()
            report("checking the circuit")
            circuit = kind.load(temporary)
            _check(model, n, circuit, kind.outputs)
    return circuit


@contextmanager
def _new_file(out: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Open a temporary file beside ``out``, which becomes ``out`` if nothing is raised."""
    if not out.parent.is_dir():
        raise LogprecError(f"{out.parent}: no such folder")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise LogprecError(f"{out}: cannot write: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream, temporary
        temporary.chmod(0o644)
        temporary.replace(out)
    except OSError as error:
        raise LogprecError(f"{out}: cannot write: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def compile_quantised(
    model: QuantisedModel,
    n: int,
    out: Path,
    *,
    optimise: bool = True,
    max_size: int = DEFAULT_MAX_BLOCKS,
    report: Report = lambda message: None,
) -> BlockCircuit:
    """Compile a quantised model for inputs of length ``n`` and write the circuit as a file of blocks.

    Parameters
    ----------
    model
        The model.
    n
        Input length.
    out
        The file; written completely or not at all.
    optimise
        Fold constants, share equal gates and leave out dead ones, in the circuit of every node. The function and the
        depth stay the same (`Quantised.Model.optimised_correct` in Lean).
    max_size
        Refuse circuits that have more gates and wires in all before they are optimised.
    report
        Called with progress messages.

    Returns
    -------
    BlockCircuit
        The circuit as read back from the file; its outputs are those of the model, see
        `logprec.quantised.run.output_bits`.

    Raises
    ------
    LogprecError
        If ``n`` is out of range, the circuit too large, the executable fails,
        or ``out`` cannot be written.
    """

    def load(path: Path) -> BlockCircuit:
        circuit = load_any_circuit(path)
        if not isinstance(circuit, BlockCircuit):
            raise LogprecError(f"{EXECUTABLE} qnetwork blocks: expected a file of blocks")
        return circuit

    def writer(path: str) -> Writer:
        flags = ["--optimise"] if optimise else []
        return lambda stream: call_constructor(["qnetwork", "blocks", path, str(n), *flags], stdout=stream)

    def size(path: str) -> list[str]:
        return _blocks_size(path, n)

    outputs = len(model.classes) * model.readout_bits
    return _compile(model, n, out, _Construction(size, writer, load, outputs), max_size=max_size, report=report)


def estimate_quantised(model: QuantisedModel, n: int) -> Estimate:
    """Ask the constructor how large the circuit of a quantised model is, without printing it.

    The size is that before the circuit is optimised.

    Raises
    ------
    LogprecError
        If ``n`` is out of range or the executable fails.
    """
    model.check_length(n)
    with model_file(model) as path:
        return _estimate(_blocks_size(path, n))


def _within(bound: Estimate, n: int, max_size: int) -> None:
    if bound.size > max_size:
        raise LogprecError(
            f"the circuit for n = {n} may have {bound.size} gates and wires, above the limit of {max_size}; "
            f"raise it with --max-size {bound.size}"
        )


def generator_source(model: TableModel) -> str:
    """Return the C program that writes the circuits of a model, for all lengths.

    Raises
    ------
    LogprecError
        If the executable fails.
    """
    with model_file(model) as path:
        return call_constructor(["c", path]).decode()


def write_generator(model: TableModel, out: Path) -> None:
    """Write that C program to a file, completely or not at all.

    Raises
    ------
    LogprecError
        If the executable fails or ``out`` cannot be written.
    """
    if not out.parent.is_dir():
        raise LogprecError(f"{out.parent}: no such folder")
    source = generator_source(model)
    try:
        write_whole(out, source.encode())
    except OSError as error:
        raise LogprecError(f"{out}: cannot write: {error.strerror}") from error


def _watch(work: Callable[[], object], path: Path, bound: Estimate, report: Report) -> None:
    """Run ``work`` and report how much of the file it has written."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(work)
        while not wait([job], timeout=_POLL_SECONDS).done:
            size = path.stat().st_size
            written = f"; {size / 1e6:.1f} MB written" if size else ""
            report(f"building at most {bound.size:,} gates and wires{written}")
        job.result()


def _check(model: Model, n: int, circuit: Circuit | BlockCircuit, outputs: int) -> None:
    if (circuit.inputs, circuit.outputs) != (n * model.symbol_bits, outputs):
        raise LogprecError(
            f"the constructor made a circuit of {circuit.inputs} inputs and {circuit.outputs} outputs, "
            f"expected {n * model.symbol_bits} and {outputs}"
        )


def lean_run(model: TableModel, symbols: ArrayLike) -> tuple[NDArray[np.bool_], Codes]:
    """Run the transformer with the Lean semantics.

    Parameters
    ----------
    model
        The tables.
    symbols
        Symbol codes, shape (batch, n).

    Returns
    -------
    accept : ndarray of bool, shape (batch,)
    states : ndarray of int64, shape (batch, n)
    """
    batch = np.asarray(symbols, dtype=np.int64)
    n = batch.shape[1]
    text = "".join(" ".join(map(str, row)) + "\n" for row in batch.tolist())
    with model_file(model) as path:
        output = call_constructor(["run", path, str(n)], stdin=text.encode())
    table = np.array([line.split() for line in output.decode().splitlines()], dtype=np.int64)
    if table.shape != (len(batch), n + 1):
        raise LogprecError(f"{EXECUTABLE} run: expected {len(batch)} lines of {n + 1} numbers")
    return table[:, 0] == 1, table[:, 1:]


def lean_eval(path: Path, inputs: ArrayLike) -> NDArray[np.bool_]:
    """Evaluate a circuit file with the Lean circuit semantics.

    Parameters
    ----------
    path
        The circuit file.
    inputs
        Booleans, shape (batch, inputs).

    Returns
    -------
    ndarray of bool, shape (batch, outputs)
    """
    batch = np.asarray(inputs, dtype=np.int64)
    text = "".join("".join(map(str, row)) + "\n" for row in batch.tolist())
    lines = call_constructor(["eval", str(path)], stdin=text.encode()).decode().splitlines()
    if len(lines) != len(batch):
        raise LogprecError(f"{EXECUTABLE} eval: expected {len(batch)} lines, got {len(lines)}")
    return np.array([[c == "1" for c in line] for line in lines], dtype=np.bool_)


def lean_quantised_run(model: QuantisedModel, words: ArrayLike) -> Codes:
    """Run a quantised transformer with the Lean semantics.

    Parameters
    ----------
    model
        The model.
    words
        Symbol codes, shape (batch, n).

    Returns
    -------
    ndarray of int64, shape (batch, classes)
    """
    batch = np.asarray(words, dtype=np.int64)
    text = "".join(" ".join(map(str, row)) + "\n" for row in batch.tolist())
    with model_file(model) as path:
        output = call_constructor(["qrun", path, str(batch.shape[1])], stdin=text.encode())
    table = np.array([line.split() for line in output.decode().splitlines()], dtype=np.int64)
    if table.shape != (len(batch), len(model.classes)):
        raise LogprecError(f"{EXECUTABLE} qrun: expected {len(batch)} lines of {len(model.classes)} numbers")
    return table
