"""Transformers whose local maps are tables: load, check, save and run in numpy.

The attention of one head at position i, with states h:

    s_ij = sim[h_i, h_j],   Z_i = (+)_j s_ij,   a_i = (+)_j weigh[s_ij, Z_i, h_j]

where (+) is the iterated float sum of `logprec.models.floats`, taken per coordinate,
and positions hidden by the mask add nothing to either sum.  Then
``h_i' = act[a_1, ..., a_H, h_i]``, and ``accept`` reads the last position.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError
from logprec.models.floats import Codes, check_terms, integer_table, truncate, values_table
from logprec.models.model import Attention, Expected, Model, Panel

MASKS = ("none", "causal")
FORMAT = "logprec-tables-1"

# Entries of one numpy temporary: batches are cut so that memory stays near 100 MB.
_CHUNK_ENTRIES = 4_000_000


@dataclass(frozen=True)
class Head:
    """One attention head.

    Attributes
    ----------
    mask
        ``"none"``, or ``"causal"``: position i attends to j <= i.
    sim
        Similarity, shape (states, states), values below ``2**p``; query first.
    weigh
        Weighting, shape (``2**p``, ``2**p``, states), values below ``2**(D*p)``;
        indexed by similarity, normaliser, key state.
    """

    mask: str
    sim: Codes
    weigh: Codes


@dataclass(frozen=True)
class Layer:
    """The heads of a layer and its activation.

    Attributes
    ----------
    heads
        At least one head.
    act
        Shape (states,) * (heads + 1): the heads' sums, then the old state.
    """

    heads: tuple[Head, ...]
    act: Codes


@dataclass(frozen=True)
class HeadTrace:
    """What one head computed on a batch.

    Attributes
    ----------
    s
        Similarities, shape (batch, n, n), -1 where masked.
    z
        Normalisers, shape (batch, n).
    weighted
        The summands weigh[s, Z, h], shape (batch, n, n), -1 where masked.
    a
        The sums, as states, shape (batch, n).
    """

    s: Codes
    z: Codes
    weighted: Codes
    a: Codes


@dataclass(frozen=True)
class Result:
    """The outputs of a transformer on a batch.

    Attributes
    ----------
    accept
        Shape (batch,), booleans.
    states
        Final states, shape (batch, n).
    attention
        ``attention[layer][head]``, empty unless asked for.
    """

    accept: NDArray[np.bool_]
    states: Codes
    attention: tuple[tuple[HeadTrace, ...], ...]


@dataclass(frozen=True)
class TableModel(Model):
    """A transformer given by tables.

    Attributes
    ----------
    alphabet
        Symbol names; symbol k has code k.
    symbol_bits
        Bits per input symbol; codes beyond the alphabet are legal inputs of
        the tables but name no symbol.
    dim
        D, the number of floats in a state.
    precision
        p, the number of bits of a float.
    embed
        Shape (max_length, ``2**symbol_bits``): the first state.
    layers
        The attention layers, possibly none.
    accept
        Shape (states,): 0 or 1.
    """

    alphabet: tuple[str, ...]
    symbol_bits: int
    dim: int
    precision: int
    embed: Codes
    layers: tuple[Layer, ...]
    accept: Codes

    kind: ClassVar[str] = "models of tables"

    @property
    def max_length(self) -> int:
        """The largest input length the embedding covers."""
        return int(self.embed.shape[0])

    @property
    def states(self) -> int:
        """The number of states, ``2**(D*p)``."""
        return 1 << (self.dim * self.precision)

    def state_bits(self, states: Codes) -> NDArray[np.bool_]:
        """Return states as bits, shape (batch, n * D * p), low bit first.

        Parameters
        ----------
        states
            State numbers, shape (batch, n).
        """
        width = self.dim * self.precision
        bits = (states[..., None] >> np.arange(width)) & 1
        return bits.reshape(states.shape[0], -1).astype(np.bool_)

    @property
    def answer_shape(self) -> tuple[int, int]:
        """The acceptance bit."""
        return 1, 1

    @property
    def accepting(self) -> int:
        """Class 1: the acceptance bit is set."""
        return 1

    @property
    def accepted_name(self) -> str:
        """What is said of accepted words."""
        return "accepted"

    def state_width(self, n: int) -> int:
        """Return how many bits the final states of a word have."""
        return n * self.dim * self.precision

    def numbers(self, words: ArrayLike) -> Codes:
        """Return acceptance and final states, shape (batch, 1 + n)."""
        result = forward(self, words)
        return np.column_stack([result.accept.astype(np.int64), result.states])

    def expected(self, words: ArrayLike, *, states: bool = False) -> Expected:
        """Return the acceptance bit, or all final state bits."""
        result = forward(self, words)
        return Expected(self.state_bits(result.states) if states else result.accept[:, None], result.accept)

    def attention(self, word: ArrayLike) -> Attention:
        """Return, for each head, the similarities; and the summands of coordinate 0 beside their sums."""
        row = np.asarray(word, dtype=np.int64)
        result = forward(self, row[None, :], attention=True)
        names = tuple(self.decode([x]) for x in row.tolist())
        mask = (1 << self.precision) - 1
        panels = []
        for k, layer in enumerate(result.attention, 1):
            for h, head in enumerate(layer, 1):
                summands = _values(np.where(head.weighted[0] < 0, -1, head.weighted[0] & mask), self.precision)
                both = np.column_stack([summands, _values(head.a[0] & mask, self.precision)])
                name = f"layer {k}, head {h}"
                similarity = Panel(f"{name}: similarity s", names, _values(head.s[0], self.precision))
                panels.append((similarity, Panel(f"{name}: summands and their sum", (*names, "⊕"), both)))
        if not panels:
            raise LogprecError("the model has no attention to draw")
        return Attention(tuple(panels), "accepted" if result.accept[0] else "rejected")

    def to_text(self) -> str:
        """Write the tables as whitespace-separated naturals for the Lean executable.

        Order: symbol bits, D, p, maximal length, number of layers; embed; per
        layer the number of heads, per head mask (0 none, 1 causal), sim and
        weigh, then act; accept.  Tables are row-major.
        """
        rows = [f"{self.symbol_bits} {self.dim} {self.precision} {self.max_length} {len(self.layers)}"]

        def put(table: Codes) -> None:
            # one line per last axis keeps the file readable and the lines short
            rows.extend(" ".join(map(str, row)) for row in table.reshape(-1, table.shape[-1]).tolist())

        put(self.embed)
        for layer in self.layers:
            rows.append(str(len(layer.heads)))
            for head in layer.heads:
                rows.append(str(MASKS.index(head.mask)))
                put(head.sim)
                put(head.weigh)
            put(layer.act)
        put(self.accept)
        return "\n".join(rows) + "\n"


def forward(model: TableModel, symbols: ArrayLike, *, attention: bool = False) -> Result:
    """Run the transformer on a batch of inputs of one length, bit for bit.

    Parameters
    ----------
    model
        The tables.
    symbols
        Symbol codes below ``2**symbol_bits``, shape (batch, n).
    attention
        Also return what every head computed.

    Raises
    ------
    LogprecError
        If the length or a symbol is out of range, or the sums could overflow.
    """
    batch = np.asarray(symbols, dtype=np.int64)
    if batch.ndim != 2:
        raise LogprecError(f"a batch of inputs needs 2 axes (input, position), not {batch.ndim}")
    n = batch.shape[1]
    model.check_length(n)
    check_terms(model.precision, n)
    if batch.size and (batch.min() < 0 or batch.max() >= 1 << model.symbol_bits):
        raise LogprecError(f"symbol codes must be 0 to {(1 << model.symbol_bits) - 1}")
    step = max(1, _CHUNK_ENTRIES // (n * n))
    parts = [_forward(model, batch[k : k + step], attention) for k in range(0, max(len(batch), 1), step)]
    if len(parts) == 1:
        return parts[0]
    return Result(
        np.concatenate([part.accept for part in parts]),
        np.concatenate([part.states for part in parts]),
        tuple(
            tuple(_concatenate([part.attention[k][h] for part in parts]) for h in range(len(parts[0].attention[k])))
            for k in range(len(parts[0].attention))
        ),
    )


def _concatenate(parts: list[HeadTrace]) -> HeadTrace:
    return HeadTrace(
        np.concatenate([part.s for part in parts]),
        np.concatenate([part.z for part in parts]),
        np.concatenate([part.weighted for part in parts]),
        np.concatenate([part.a for part in parts]),
    )


def _forward(model: TableModel, batch: Codes, attention: bool) -> Result:
    n = batch.shape[1]
    h = model.embed[np.arange(n), batch]
    seen: list[tuple[HeadTrace, ...]] = []
    for layer in model.layers:
        heads = tuple(_attend(model, head, h) for head in layer.heads)
        h = layer.act[(*(head.a for head in heads), h)]
        if attention:
            seen.append(heads)
    return Result(model.accept[h[:, -1]] == 1, h, tuple(seen))


def _attend(model: TableModel, head: Head, h: Codes) -> HeadTrace:
    p, n = model.precision, h.shape[1]
    terms = integer_table(p)
    keep = np.tril(np.ones((n, n), dtype=np.bool_)) if head.mask == "causal" else np.ones((n, n), dtype=np.bool_)
    s = head.sim[h[:, :, None], h[:, None, :]]
    z = truncate(np.where(keep, terms[s], 0).sum(axis=2), p)
    weighted = head.weigh[s, z[:, :, None], h[:, None, :]]
    a = np.zeros_like(h)
    for d in range(model.dim):
        coordinate = (weighted >> (d * p)) & ((1 << p) - 1)
        a |= truncate(np.where(keep, terms[coordinate], 0).sum(axis=2), p) << (d * p)
    return HeadTrace(np.where(keep, s, -1), z, np.where(keep, weighted, -1), a)


def _values(codes: Codes, p: int) -> NDArray[np.float64]:
    return np.where(codes < 0, np.nan, values_table(p)[codes])
