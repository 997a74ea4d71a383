"""Compare a circuit with the numpy transformer, input by input."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from logprec.circuits.circuit import Circuit
from logprec.circuits.gates import Bits
from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.model import Model
from logprec.models.symbols import Symbols, draw_words

_BATCH = 4096
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
        yield draw_words(rng, base, size, n)


def verify(
    model: Model,
    circuit: Circuit,
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
    n, states, size = model.length_of(circuit), model.gives_states(circuit), circuit.batch
    batches = exhaustive_inputs(model, n, size) if random is None else random_inputs(model, n, random, seed, size)
    checked = mismatches = accepted = 0
    first: Counterexample | None = None
    for symbols in batches:
        expected = model.expected(symbols, states=states)
        accepted += int(np.count_nonzero(expected.accepted))
        found = circuit.evaluate(model.to_bits(symbols), _from(checked, report), device=device)
        wrong = np.flatnonzero((expected.bits != found).any(axis=1))
        checked += len(symbols)
        mismatches += len(wrong)
        report(f"{checked:,} inputs checked, {mismatches} mismatches")
        if first is None and wrong.size:
            at = wrong[0]
            row = tuple(int(x) for x in symbols[at])
            first = Counterexample(row, model.decode(row), bit_text(expected.bits[at]), bit_text(found[at]))
    kind = "all inputs" if random is None else f"adversarial and {random} random inputs (seed {seed})"
    return Verdict(n, kind, checked, mismatches, accepted, first)


def _from(checked: int, report: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what reports the progress of a batch after ``checked`` inputs."""
    return lambda done, total: report(f"{checked + done:,} inputs evaluated")


def bit_text(bits: Bits) -> str:
    """Write bits as 0 and 1 characters."""
    return "".join("1" if bit else "0" for bit in bits.tolist())


def parse_bits(text: str, count: int) -> Bits:
    """Read 0 and 1 characters as bits; undoes `bit_text`.

    Raises
    ------
    LogprecError
        If they are others, or not so many.
    """
    if len(text) != count or set(text) - {"0", "1"}:
        raise LogprecError(f"input {text!r} is not {count} characters 0 or 1")
    return np.array([c == "1" for c in text], dtype=np.bool_)
