"""Quantised transformers as data: the parts of a model file, mirroring the Lean definitions field by field.

An activation is a signed integer of ``width`` bits.  An accumulator is exact, divided by a power of two, rounded
down and saturated; exponential, reciprocal and reciprocal square root are tables, which read 0 past their end.
``Logprec/Quantised/Defs.lean`` is the definition; `logprec.models.quantised.run` is its twin in numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.symbols import Symbols

# Shifts and numbers of bits beyond these have no meaning for 64-bit accumulators.
MAX_SHIFT = 62
MAX_BITS = 48
MAX_ENTRY = 1 << 48
# An accumulator must stay below this in absolute value, so that 64-bit arithmetic is exact.
_LIMIT = 1 << 62


@dataclass(frozen=True)
class Affine:
    """An affine map.

    Attributes
    ----------
    weight
        Shape (outputs, inputs).
    bias
        Shape (outputs,): added to the accumulators.
    shift
        The accumulators are divided by ``2**shift``.
    """

    weight: Codes
    bias: Codes
    shift: int

    def reach(self, most: int) -> int:
        """Return the largest absolute value of an accumulator on inputs of absolute value up to ``most``."""
        rows = np.abs(self.weight.astype(object)).sum(axis=1) * most + np.abs(self.bias.astype(object))
        return max(map(int, rows), default=0)

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield len(self.bias)
        for bias, row in zip(self.bias.tolist(), self.weight.tolist(), strict=True):
            yield zigzag(bias)
            yield from _listed(map(zigzag, row), len(row))
        yield self.shift


@dataclass(frozen=True)
class Norm:
    """Layer norm or RMS norm, without gain and bias: those belong to the next affine map.

    Attributes
    ----------
    centre
        Layer norm divides ``dim * v - sum(v)`` by ``2**centre``; None for RMS norm, which does not subtract the mean.
    square_shift
        The sum of squares is divided by ``2**square_shift``.
    square_bits
        It saturates at so many bits.
    rsqrt
        Shape (entries,): scaled reciprocal square roots, by that sum.
    rsqrt_bits
        Bits of an entry of ``rsqrt``.
    shift
        Products with it are divided by ``2**shift``.
    """

    centre: int | None
    square_shift: int
    square_bits: int
    rsqrt: Codes
    rsqrt_bits: int
    shift: int

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield from [0] if self.centre is None else [1, self.centre]
        yield from (self.square_shift, self.square_bits)
        yield from _listed(self.rsqrt.tolist(), len(self.rsqrt))
        yield from (self.rsqrt_bits, self.shift)


@dataclass(frozen=True)
class Rotation:
    """Rotary positions.

    Attributes
    ----------
    table
        Shape (positions, pairs, 2): cosine and sine, times ``2**shift``; 0 where there is no entry.  Pair c are the
        coordinates 2c and 2c + 1.
    shift
        Products are divided by ``2**shift``.
    """

    table: Codes
    shift: int

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield len(self.table)
        for row in self.table.tolist():
            yield len(row)
            for cos, sin in row:
                yield from (zigzag(cos), zigzag(sin))
        yield self.shift


@dataclass(frozen=True)
class Head:
    """An attention head.

    Attributes
    ----------
    query, key, value
        From the normed state.
    rotation
        Rotary positions, or None.
    distance
        Shape (entries,): what is added to the accumulator of a score, by the distance of the positions (ALiBi); 0 past
        the end.
    """

    query: Affine
    key: Affine
    value: Affine
    rotation: Rotation | None
    distance: Codes

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        for affine in (self.query, self.key, self.value):
            yield from affine.numbers()
        yield from _optional(self.rotation)
        yield from _listed(map(zigzag, self.distance.tolist()), len(self.distance))


@dataclass(frozen=True)
class Attention:
    """Multi-head attention with its output projection, its residual connection, and a norm before it.

    Attributes
    ----------
    norm
        The norm of what the heads read, or None.
    heads
        The heads.
    causal
        Whether position i attends to positions up to i only.
    score_shift, score_bits
        Scores are divided by ``2**score_shift`` and saturate at so many bits, signed.
    shifted
        Whether ``2**(score_bits - 1) - 1`` minus the greatest score is added to all scores of a position.
    exp, exp_bits
        The weight of a score s is ``exp[s + 2**(score_bits - 1)]``, cut to so many bits.
    sum_bits
        The sum of weights saturates at so many bits.
    recip, recip_bits
        Scaled reciprocals by that sum, cut to so many bits.
    weighted_bits
        The weighted sum of values saturates at so many bits, signed.
    mean_shift
        Its product with the reciprocal is divided by ``2**mean_shift``.
    out
        The output projection; reads the heads one after the other.
    """

    norm: Norm | None
    heads: tuple[Head, ...]
    causal: bool
    score_shift: int
    score_bits: int
    shifted: bool
    exp: Codes
    exp_bits: int
    sum_bits: int
    recip: Codes
    recip_bits: int
    weighted_bits: int
    mean_shift: int
    out: Affine

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield from _optional(self.norm)
        yield from _list(self.heads)
        yield from (int(self.causal), self.score_shift, self.score_bits, int(self.shifted))
        yield from _listed(self.exp.tolist(), len(self.exp))
        yield from (self.exp_bits, self.sum_bits)
        yield from _listed(self.recip.tolist(), len(self.recip))
        yield from (self.recip_bits, self.weighted_bits, self.mean_shift)
        yield from self.out.numbers()


@dataclass(frozen=True)
class StateNorm:
    """A norm of the state itself."""

    norm: Norm

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield 0
        yield from self.norm.numbers()


@dataclass(frozen=True)
class FeedForward:
    """A feed-forward network with ReLU, its residual connection, and a norm before it (or None)."""

    norm: Norm | None
    up: Affine
    down: Affine

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield 1
        yield from _optional(self.norm)
        yield from self.up.numbers()
        yield from self.down.numbers()


Local = StateNorm | FeedForward


@dataclass(frozen=True)
class Layer:
    """Attention, and what each position does after it."""

    attention: Attention
    locals: tuple[Local, ...]

    def numbers(self) -> Iterator[int]:
        """Yield the number text."""
        yield from self.attention.numbers()
        yield from _list(self.locals)


@dataclass(frozen=True)
class Network(Symbols):
    """A quantised transformer as data.

    Attributes
    ----------
    alphabet, classes
        Names of the symbols and of the outputs.
    symbol_bits
        Bits of a symbol.
    max_length
        The largest input length.
    dim
        Coordinates of a state.
    width
        Bits of an activation.
    embedding
        Shape (symbols, dim): by symbol; 0 where there is no entry.
    positions
        Shape (entries, dim): added by position; 0 where there is no entry.
    pre
        What each position does before the first layer.
    layers
        The layers.
    readout
        The outputs, from the last state of the last position.
    readout_bits
        Bits of an output, signed.
    """

    alphabet: tuple[str, ...]
    classes: tuple[str, ...]
    symbol_bits: int
    max_length: int
    dim: int
    width: int
    embedding: Codes
    positions: Codes
    pre: tuple[Local, ...]
    layers: tuple[Layer, ...]
    readout: Affine
    readout_bits: int

    def __post_init__(self) -> None:
        """Check everything that running needs."""
        check(self)

    def to_text(self) -> str:
        """Write the model as natural numbers for the Lean executable, in the order of the Lean definitions."""
        return "\n".join(map(str, self._numbers())) + "\n"

    def _numbers(self) -> Iterator[int]:
        yield from (self.symbol_bits, self.dim, self.width)
        for table in (self.embedding, self.positions):
            yield len(table)
            for row in table.tolist():
                yield from _listed(map(zigzag, row), len(row))
        yield from _list(self.pre)
        yield from _list(self.layers)
        yield from self.readout.numbers()
        yield self.readout_bits


def zigzag(number: int) -> int:
    """Code an integer as a natural number: 0, -1, 1, -2, ... are 0, 1, 2, 3, ..."""
    return 2 * number if number >= 0 else -2 * number - 1


def _listed(numbers: "Iterator[int] | list[int]", length: int) -> Iterator[int]:
    yield length
    yield from numbers


def _list(parts: tuple[Head, ...] | tuple[Layer, ...] | tuple[Local, ...]) -> Iterator[int]:
    yield len(parts)
    for part in parts:
        yield from part.numbers()


def _optional(part: Norm | Rotation | None) -> Iterator[int]:
    if part is None:
        yield 0
    else:
        yield 1
        yield from part.numbers()


def check(model: Network) -> None:
    """Raise unless shapes, ranges and numbers of bits fit together and no accumulator can overflow.

    Raises
    ------
    LogprecError
        Naming the part and what is wrong with it.
    """
    _number("symbol_bits", model.symbol_bits, 1, 16)
    _number("max_length", model.max_length, 1, 1 << 16)
    _number("dim", model.dim, 1, 1 << 12)
    _number("width", model.width, 1, 32)
    _number("readout_bits", model.readout_bits, 1, MAX_BITS)
    _need("alphabet", 1 <= len(model.alphabet) <= 1 << model.symbol_bits, "does not fit the bits of a symbol")
    signed = 1 << (model.width - 1)
    for name, table, most in (
        ("embedding", model.embedding, 1 << model.symbol_bits),
        ("positions", model.positions, model.max_length),
    ):
        _table(name, table, (None, model.dim), signed=True)
        _need(name, len(table) <= most, f"has {len(table)} rows, at most {most} are used")
    for k, part in enumerate(model.pre):
        _check_local(f"pre.{k}", part, model)
    for k, layer in enumerate(model.layers):
        _check_attention(f"layers.{k}.attention", layer.attention, model)
        for j, part in enumerate(layer.locals):
            _check_local(f"layers.{k}.locals.{j}", part, model)
    _affine("readout", model.readout, len(model.classes), model.dim, signed)


def _need(where: str, condition: bool, message: str) -> None:
    if not condition:
        raise LogprecError(f"{where}: {message}")


def _number(where: str, number: int, low: int, high: int) -> None:
    fits = isinstance(number, int) and not isinstance(number, bool) and low <= number <= high
    _need(where, fits, f"must be an integer from {low} to {high}, not {number!r:.40}")


def _table(where: str, table: Codes, shape: tuple[int | None, ...], *, signed: bool) -> None:
    fits = table.ndim == len(shape) and all(b in (None, a) for a, b in zip(table.shape, shape, strict=True))
    wanted = ", ".join("any" if size is None else str(size) for size in shape)
    _need(where, fits, f"has shape {list(table.shape)}, expected [{wanted}]")
    bad = table[(table < (-MAX_ENTRY if signed else 0)) | (table > MAX_ENTRY)]
    _need(where, not bad.size, f"holds {bad[0] if bad.size else 0}, out of range")


def _sized(where: str, table: Codes, bits: int) -> None:
    """Check a table that a number of ``bits`` bits selects from."""
    _table(where, table, (None,), signed=False)
    _need(where, len(table) <= 1 << bits, f"has {len(table)} entries; {bits} bits select from {1 << bits}")


def _reach(where: str, most: int) -> None:
    _need(where, most < _LIMIT, f"an accumulator can reach {most:.2e}, beyond the 63 bits of exact arithmetic")


def _affine(where: str, affine: Affine, outputs: int, inputs: int, most: int) -> None:
    _table(f"{where}.weight", affine.weight, (outputs, inputs), signed=True)
    _table(f"{where}.bias", affine.bias, (outputs,), signed=True)
    _number(f"{where}.shift", affine.shift, 0, MAX_SHIFT)
    _reach(where, affine.reach(most))


def _check_norm(where: str, norm: Norm | None, model: Network) -> None:
    if norm is None:
        return
    most = 1 << (model.width - 1)
    if norm.centre is not None:
        _number(f"{where}.centre", norm.centre, 0, MAX_SHIFT)
    for name in ("square_shift", "shift"):
        _number(f"{where}.{name}", getattr(norm, name), 0, MAX_SHIFT)
    for name in ("square_bits", "rsqrt_bits"):
        _number(f"{where}.{name}", getattr(norm, name), 0, MAX_BITS)
    _sized(f"{where}.rsqrt", norm.rsqrt, norm.square_bits)
    _reach(where, max(2 * model.dim * most, model.dim * most**2, most << norm.rsqrt_bits))


def _check_local(where: str, part: Local, model: Network) -> None:
    _check_norm(f"{where}.norm", part.norm, model)
    if isinstance(part, FeedForward):
        hidden = len(part.up.bias)
        _affine(f"{where}.up", part.up, hidden, model.dim, 1 << (model.width - 1))
        _affine(f"{where}.down", part.down, model.dim, hidden, (1 << model.width) - 1)


def _check_attention(where: str, part: Attention, model: Network) -> None:
    most = 1 << (model.width - 1)
    _check_norm(f"{where}.norm", part.norm, model)
    for name in ("score_shift", "mean_shift"):
        _number(f"{where}.{name}", getattr(part, name), 0, MAX_SHIFT)
    for name, low in (("score_bits", 1), ("exp_bits", 0), ("sum_bits", 0), ("recip_bits", 0), ("weighted_bits", 1)):
        _number(f"{where}.{name}", getattr(part, name), low, MAX_BITS)
    _sized(f"{where}.exp", part.exp, part.score_bits)
    _sized(f"{where}.recip", part.recip, part.sum_bits)
    for h, head in enumerate(part.heads):
        name = f"{where}.heads.{h}"
        keys = len(head.query.bias)
        _affine(f"{name}.query", head.query, keys, model.dim, most)
        _affine(f"{name}.key", head.key, keys, model.dim, most)
        _affine(f"{name}.value", head.value, len(head.value.bias), model.dim, most)
        _table(f"{name}.distance", head.distance, (None,), signed=True)
        if head.rotation is not None:
            _table(f"{name}.rotation.table", head.rotation.table, (None, None, 2), signed=True)
            _number(f"{name}.rotation.shift", head.rotation.shift, 0, MAX_SHIFT)
            _reach(f"{name}.rotation", 2 * most * int(np.abs(head.rotation.table).max(initial=0)))
        farthest = int(np.abs(head.distance).max(initial=0))
        _reach(f"{name}: scores", keys * most**2 + farthest + (1 << part.score_bits))
    weights = model.max_length << part.exp_bits
    _reach(f"{where}: weighted sums", max(weights * most, 1 << (part.weighted_bits - 1 + part.recip_bits)))
    values = sum(len(head.value.bias) for head in part.heads)
    _affine(f"{where}.out", part.out, model.dim, values, most)
