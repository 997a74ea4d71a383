"""Evaluate a circuit on many inputs at once, one input per bit of a word.

A layer's values are 64-bit words, 64 inputs each.  ANDs and ORs are bitwise
operations; any other sum is counted by carry-save adders, a wire of
multiplicity 5 entering at weights 1 and 4, and the count is compared with all
bounds on it at once.  Sums of like shape are stacked, so that the number of
numpy calls does not grow with the number of wires.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from logprec.circuits.arrays import NUMPY, Arrays, Rows, Words
from logprec.circuits.cores import cores, share
from logprec.circuits.gates import Bits, Gates, Ints
from logprec.circuits.sums import Sums, distinct_sums

# A word of ones.
_FULL = -1
# Words per value in one pass.  Fewer than the first are not worth a process of their own: the interpreter's work
# is then as long as numpy's.  More than the second do not fit a core's cache.
FEW_WORDS, _MANY_WORDS = 32, 64
# Wires of one block: its words, and those of the adders, stay in a core's cache.
_BLOCK_WIRES = 2048
# Words of one array at most (256 MB), where a single sum or layer is huge.
_MAX_WORDS = 1 << 25


Index = Any
"""Places in an array, as its device indexes with them."""


@dataclass(frozen=True)
class _Level:
    """One bit of the comparisons of a block.

    Node v of level b says whether the low b + 1 bits of a count reach the low
    bits of a bound; bounds that agree on those bits share it.  With x the
    count's bit b and y the parent (the node for one bit less), it is x OR y
    when the bound's bit is 0 and x AND y when it is 1.
    """

    row: Index
    parent: Index
    zeros: int


@dataclass(frozen=True)
class _Block:
    """Sums of like shape: how they are combined, and the gates that read them.

    Attributes
    ----------
    kind
        ``"and"``, ``"or"`` or ``"count"``.
    columns
        Per weight 1, 2, 4, ...: positions in the previous layer, shape
        (wires, sums); its width stands for a constant zero.
    levels
        Comparisons of a count, low bit first.
    node
        Shape (gates,): the sum or the node of the last level that is the gate.
    gates
        Shape (gates,): positions in this layer.
    plain
        So many gates come first and are not inverted.
    """

    kind: str
    columns: tuple[Index, ...]
    levels: tuple[_Level, ...]
    node: Index
    gates: Index
    plain: int

    def on(self, arrays: Arrays) -> "_Block":
        """Return the block for a device."""
        levels = (_Level(arrays.index(x.row), arrays.index(x.parent), x.zeros) for x in self.levels)
        columns = (arrays.index(column) for column in self.columns)
        node, gates = arrays.index(self.node), arrays.index(self.gates)
        return _Block(self.kind, tuple(columns), tuple(levels), node, gates, self.plain)


@dataclass(frozen=True)
class _Layer:
    gates: int
    ones: Index
    blocks: tuple[_Block, ...]


class BitSliced:
    """A circuit prepared for evaluation on many inputs.

    Parameters
    ----------
    inputs
        Number of input bits.
    layers
        The layers, the one that reads the inputs first.
    arrays
        Where words are.
    """

    def __init__(self, inputs: int, layers: Sequence[Gates], arrays: Arrays = NUMPY) -> None:
        self._arrays = arrays
        self._layers: list[_Layer] = []
        width = widest = inputs
        for gates in layers:
            layer = _plan(distinct_sums(gates, width), width)
            width = len(gates)
            sizes = [column.size for block in layer.blocks for column in block.columns]
            blocks = tuple(block.on(arrays) for block in layer.blocks)
            self._layers.append(_Layer(layer.gates, arrays.index(layer.ones), blocks))
            widest = max(widest, width, *sizes) if sizes else max(widest, width)
        self._outputs = width
        # more words than this at a time would take too much memory
        self.fitting_words = max(1, _MAX_WORDS // max(1, widest))

    def evaluate(self, batch: Bits) -> Bits:
        """Return the output bits, shape (batch, outputs).

        Parameters
        ----------
        batch
            Shape (batch, inputs).
        """
        result = np.empty((len(batch), self._outputs), dtype=np.bool_)

        part = -(-len(batch) // (64 * cores()))
        step = 64 * min(self.fitting_words, _MANY_WORDS, max(FEW_WORDS, part))

        def work(first: int) -> Bits:
            some = batch[first : first + step]
            return unpack(self._arrays.fetch(self.run(self._arrays.load(pack(some)))), len(some))

        starts = range(0, len(batch), step)
        for first, found in zip(starts, share(work, starts), strict=True):
            result[first : first + step] = found
        return result

    def run(self, values: Rows) -> Rows:
        """Return the last layer's words, shape (outputs, words), on the device.

        Parameters
        ----------
        values
            Shape (inputs + 1, words): the inputs' words, and one row of zeros.
        """
        for layer in self._layers:
            following = self._arrays.zeros(layer.gates + 1, values.shape[1])
            following[layer.ones] = _FULL
            for block in layer.blocks:
                found = _evaluate(self._arrays, block, values)[block.node]
                inverted = found[block.plain :]
                inverted ^= _FULL
                following[block.gates] = found
            values = following
        return values[:-1]


def pack(batch: Bits) -> Words:
    """Put input i into bit ``i % 64`` of word ``i // 64``: shape (inputs + 1, words), the last row zero."""
    packed = np.packbits(batch.T, axis=1, bitorder="little")
    padded = np.zeros((batch.shape[1] + 1, -(-len(batch) // 64) * 8), dtype=np.uint8)
    padded[:-1, : packed.shape[1]] = packed
    return padded.view(np.int64)


def unpack(words: Words, count: int) -> Bits:
    """Return the bits of the first ``count`` inputs, shape (count, rows); undoes `pack`."""
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=count)
    return bits.T.astype(np.bool_)


def _evaluate(arrays: Arrays, block: _Block, values: Rows) -> Rows:
    """Return one row of words per sum (and, or) or per node of the last level (count)."""
    if block.kind != "count":
        rows = values[block.columns[0]]
        while len(rows) > 1:
            half = len(rows) // 2
            first = rows[:half]
            if block.kind == "and":
                first &= rows[len(rows) - half :]
            else:
                first |= rows[len(rows) - half :]
            rows = rows[: len(rows) - half]
        return rows[0]
    reached = arrays.zeros(1, values.shape[1])
    reached ^= _FULL
    carries: list[Rows] = []
    for b, level in enumerate(block.levels):
        bits = carries
        if b < len(block.columns) and len(block.columns[b]):
            bits = [values[block.columns[b]], *carries]
        count, carries = _add(arrays, bits)
        old = reached[level.parent]
        if count is None:
            old[level.zeros :] = 0
        else:
            new, either, both = count[level.row], old[: level.zeros], old[level.zeros :]
            either |= new[: level.zeros]
            both &= new[level.zeros :]
        reached = old
    return reached


def _add(arrays: Arrays, bits: list[Rows]) -> tuple[Rows | None, list[Rows]]:
    """Add bits of one weight.

    Parameters
    ----------
    arrays
        Where they are.
    bits
        Arrays of shape (any, sums, words).

    Returns
    -------
    sum : array, shape (sums, words), or None for no bits
    carries : list of arrays, each of shape (any, sums, words)
    """
    if not bits:
        return None, []
    rows = arrays.join(bits) if len(bits) > 1 else bits[0]
    carries = []
    while len(rows) > 1:
        third = max(1, len(rows) // 3)
        a, b, c, rest = rows[:third], rows[third : 2 * third], rows[2 * third : 3 * third], rows[3 * third :]
        carry = a & b
        a ^= b
        if len(c):
            carry |= a & c
            a ^= c
        carries.append(carry)
        rows = arrays.join([a, rest]) if len(rest) else a
    return rows[0], carries


def _plan(sums: Sums, width: int) -> _Layer:
    always = (sums.bound == 0) != sums.inverted
    constant = (sums.bound == 0) | (sums.bound > sums.total[sums.row])
    conjunction = sums.is_and()
    disjunction = sums.is_or() & ~conjunction
    counted = np.zeros(len(sums.total), dtype=np.bool_)
    counted[sums.row[~(constant | conjunction | disjunction)]] = True
    # a sum that is counted anyway answers its ANDs and ORs too
    count = counted[sums.row] & ~constant
    blocks = (
        *_reductions("and", sums, np.flatnonzero(conjunction & ~count)),
        *_reductions("or", sums, np.flatnonzero(disjunction & ~count)),
        *_counts(sums, np.flatnonzero(count), width),
    )
    return _Layer(len(sums.row), np.flatnonzero(constant & always), blocks)


def _pieces(rows: Ints, wires: int) -> Iterator[Ints]:
    """Cut sums of ``wires`` wires each into blocks."""
    step = max(1, _BLOCK_WIRES // max(1, wires))
    for first in range(0, len(rows), step):
        yield rows[first : first + step]


def _members(sums: Sums, gates: Ints, rows: Ints) -> tuple[Ints, Ints, int]:
    """Return the gates that read some sums, inverted ones last, the place of their sum, and the number of the first."""
    mine = gates[np.isin(sums.row[gates], rows)]
    mine = mine[np.argsort(sums.inverted[mine], kind="stable")]
    return mine, np.searchsorted(rows, sums.row[mine]), int(np.count_nonzero(~sums.inverted[mine]))


def _reductions(kind: str, sums: Sums, gates: Ints) -> Iterator[_Block]:
    rows = np.unique(sums.row[gates])
    lengths = np.diff(sums.start)[rows]
    for length in np.unique(lengths).tolist():
        for piece in _pieces(rows[lengths == length], length):
            column = sums.source[sums.start[piece] + np.arange(length)[:, None]]
            mine, place, plain = _members(sums, gates, piece)
            yield _Block(kind, (column,), (), place, mine, plain)


def _counts(sums: Sums, gates: Ints, width: int) -> Iterator[_Block]:
    rows = np.unique(sums.row[gates])
    bits = _bit_lengths(sums.total)
    # within a block short columns are padded with zeros, so like goes with like: number of bits, wires to a power of 2
    wires = np.diff(sums.start)[rows]
    key = 64 * _bit_lengths(wires) + bits[rows]
    for group in np.unique(key).tolist():
        some = rows[key == group]
        for piece in _pieces(some, int(wires[key == group].max())):
            mine, place, plain = _members(sums, gates, piece)
            levels, node = _levels(place, sums.bound[mine], group % 64)
            yield _Block("count", _columns(sums, piece, width), levels, node, mine, plain)


def _bit_lengths(values: Ints) -> Ints:
    return np.asarray((values[:, None] >> np.arange(63) != 0).sum(axis=1), dtype=np.int64)


def _columns(sums: Sums, rows: Ints, width: int) -> tuple[Ints, ...]:
    """Return the positions that enter at weights 1, 2, 4, ..., padded with ``width``."""
    lengths = sums.start[rows + 1] - sums.start[rows]
    place = np.repeat(np.arange(len(rows)), lengths)
    wire = np.arange(len(place)) + np.repeat(sums.start[rows] - np.cumsum(lengths) + lengths, lengths)
    columns = []
    for b in range(int(sums.mult[wire].max()).bit_length()):
        chosen = (sums.mult[wire] >> b & 1).astype(np.bool_)
        at, source = place[chosen], sums.source[wire[chosen]]
        counts = np.bincount(at, minlength=len(rows))
        within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        column = np.full((int(counts.max()), len(rows)), width, dtype=np.int64)
        column[within, at] = source
        columns.append(column)
    return tuple(columns)


def _levels(place: Ints, bound: Ints, bits: int) -> tuple[tuple[_Level, ...], Ints]:
    """Return the comparisons of the sums at ``place`` with ``bound``, and the node of each gate."""
    levels = []
    node = np.zeros(len(place), dtype=np.int64)
    for b in range(bits):
        low = bound & ((2 << b) - 1)
        # nodes whose bound has bit b clear come first
        keys, first, mine = np.unique(
            np.stack([bound >> b & 1, place, low], axis=1), axis=0, return_index=True, return_inverse=True
        )
        levels.append(_Level(keys[:, 1].copy(), node[first], int(np.count_nonzero(keys[:, 0] == 0))))
        node = np.asarray(mine.reshape(-1), dtype=np.int64)
    return tuple(levels), node
