"""Compare a circuit with the numpy transformer, input by input."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from logprec.blocks import BlockCircuit
from logprec.circuit import Bits, Circuit
from logprec.errors import LogprecError
from logprec.floats import Codes
from logprec.model import TableModel, forward
from logprec.models import Model
from logprec.quantised import run
from logprec.symbols import Symbols

_BATCH = 4096
# circuits in blocks are large: more inputs at a time keep all cores busy
_BATCH_BLOCKS = 1 << 15
MAX_EXHAUSTIVE = 1 << 26


@dataclass(frozen=True)
class Counterexample:
    """An input on which circuit and transformer differ.

    Attributes
    ----------
    symbols
        Symbol codes.
    text
        The input as written in the alphabet.
    expected, found
        Output bits of the transformer and of the circuit.
    """

    symbols: tuple[int, ...]
    text: str
    expected: str
    found: str


@dataclass(frozen=True)
class Verdict:
    """What a comparison found.

    Attributes
    ----------
    n
        Input length.
    kind
        Which inputs were compared.
    checked, mismatches
        How many inputs, and on how many of them circuit and transformer differ.
    accepted
        How many inputs the transformer accepts; for a quantised model, how many are in its last class.
    first
        A mismatch.
    """

    n: int
    kind: str
    checked: int
    mismatches: int
    accepted: int
    first: Counterexample | None


def circuit_length(model: Model, circuit: Circuit | BlockCircuit) -> tuple[int, bool]:
    """Return the input length of a circuit and whether it outputs states.

    Raises
    ------
    LogprecError
        If the circuit's shape does not belong to this model.
    """
    n, rest = divmod(circuit.inputs, model.symbol_bits)
    if isinstance(model, TableModel):
        possible = [1, n * model.dim * model.precision]
    else:
        possible = [len(model.classes) * model.readout_bits]
    if rest or n < 1 or circuit.outputs not in possible:
        raise LogprecError(
            f"a circuit of {circuit.inputs} inputs and {circuit.outputs} outputs does not belong to this model"
        )
    model.check_length(n)
    return n, isinstance(model, TableModel) and circuit.outputs != 1


def exhaustive_inputs(model: Symbols, n: int, batch: int = _BATCH) -> Iterator[Codes]:
    """Yield every input of length ``n`` over the alphabet, in batches.

    Raises
    ------
    LogprecError
        If there are more than ``MAX_EXHAUSTIVE`` inputs.
    """
    base = len(model.alphabet)
    if base**n > MAX_EXHAUSTIVE:
        raise LogprecError(f"{base}^{n} inputs are too many to check; use --random K")
    weights = base ** np.arange(n - 1, -1, -1, dtype=np.int64)
    for first in range(0, base**n, batch):
        index = np.arange(first, min(first + batch, base**n), dtype=np.int64)
        yield index[:, None] // weights % base


def adversarial_inputs(model: Symbols, n: int) -> Codes:
    """Return inputs that stress the sums: constant, one deviation, ties, runs.

    Constant inputs saturate; halves and alternations make sums of opposite
    terms cancel or tie; one deviation decides a strict comparison.

    Returns
    -------
    ndarray of int64, shape (count, n), without repetitions
    """
    base = min(len(model.alphabet), 16)
    rows: list[Codes] = []
    for a in range(base):
        constant = np.full(n, a, dtype=np.int64)
        rows.append(constant)
        for b in range(base):
            if a == b:
                continue
            for at in {0, 1, n // 2, n - 2, n - 1} & set(range(n)):
                one = constant.copy()
                one[at] = b
                rows.append(one)
            rows.append(np.where(np.arange(n) % 2 == 0, a, b))
            cuts = {n // 2 - 1, n // 2, n // 2 + 1} & set(range(1, n))
            rows.extend(np.where(np.arange(n) < cut, a, b) for cut in cuts)
    return np.unique(np.stack(rows), axis=0)


def random_inputs(model: Symbols, n: int, count: int, seed: int, batch: int = _BATCH) -> Iterator[Codes]:
    """Yield the adversarial inputs and ``count`` random ones, in batches.

    Half of the random inputs draw every symbol alike, half draw the symbols
    with random odds, so that lopsided inputs occur too.
    """
    yield adversarial_inputs(model, n)
    rng = np.random.default_rng(seed)
    base = len(model.alphabet)
    for first in range(0, count, batch):
        size = min(batch, count - first)
        odds = rng.dirichlet(np.full(base, 0.5), size)
        odds[::2] = 1 / base
        draw = rng.random((size, n, 1)) > np.cumsum(odds, axis=1)[:, None, :]
        yield np.minimum(draw.sum(axis=2), base - 1).astype(np.int64)


def verify(
    model: Model,
    circuit: Circuit | BlockCircuit,
    *,
    random: int | None = None,
    seed: int = 0,
    device: str | None = None,
    report: Callable[[str], None] = lambda message: None,
) -> Verdict:
    """Compare a circuit with the numpy transformer.

    Parameters
    ----------
    model
        The model.
    circuit
        A circuit compiled from it: for acceptance or states, or for the outputs of a quantised model.
    random
        None checks every input over the alphabet; a number checks the
        adversarial inputs and that many random ones.
    seed
        Seed of the random inputs.
    device
        A device of PyTorch's that evaluates a circuit in blocks; numpy if None.
    report
        Called with progress messages.

    Raises
    ------
    LogprecError
        If the circuit does not belong to the model, there are too many inputs, or the device is missing.
    """
    n, states = circuit_length(model, circuit)
    if device is not None and isinstance(circuit, Circuit):
        raise LogprecError("a device is for circuits in blocks, those of quantised models")
    size = _BATCH if isinstance(circuit, Circuit) else _BATCH_BLOCKS
    batches = exhaustive_inputs(model, n, size) if random is None else random_inputs(model, n, random, seed, size)
    checked = mismatches = accepted = 0
    first: Counterexample | None = None
    for symbols in batches:
        expected, accept = _expected(model, symbols, states)
        accepted += int(np.count_nonzero(accept))
        bits = model.to_bits(symbols)
        if isinstance(circuit, Circuit):
            found = circuit.evaluate(bits)
        else:
            found = circuit.evaluate(bits, _from(checked, report), device=device)
        wrong = np.flatnonzero((expected != found).any(axis=1))
        checked += len(symbols)
        mismatches += len(wrong)
        report(f"{checked:,} inputs checked, {mismatches} mismatches")
        if first is None and wrong.size:
            at = wrong[0]
            row = tuple(int(x) for x in symbols[at])
            first = Counterexample(row, model.decode(row), bit_text(expected[at]), bit_text(found[at]))
    kind = "all inputs" if random is None else f"adversarial and {random} random inputs (seed {seed})"
    return Verdict(n, kind, checked, mismatches, accepted, first)


def _from(checked: int, report: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what reports the progress of a batch after ``checked`` inputs."""
    return lambda done, total: report(f"{checked + done:,} inputs evaluated")


def _expected(model: Model, symbols: Codes, states: bool) -> tuple[Bits, Bits]:
    """Return the bits that a circuit should output, and which inputs count as accepted."""
    if isinstance(model, TableModel):
        result = forward(model, symbols)
        return model.state_bits(result.states) if states else result.accept[:, None], result.accept
    outputs = run.outputs(model, symbols)
    return run.output_bits(model, outputs), run.classes(outputs) == max(1, len(model.classes) - 1)


def bit_text(bits: Bits) -> str:
    """Write bits as 0 and 1 characters."""
    return "".join("1" if bit else "0" for bit in bits.tolist())
