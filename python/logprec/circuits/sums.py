"""The distinct weighted sums of a layer.

Many gates of one layer read the same wires and differ in the threshold only
(an iterated sum compares one count with every bound).  Whatever counts wires
with something other than a sparse matrix counts each distinct sum once.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from logprec.circuits.gates import Bits, Gates, Ints


@dataclass(frozen=True)
class Sums:
    """The distinct sums of a layer, and its gates in terms of them.

    Gate g fires iff (sum ``row[g]`` is at least ``bound[g]``) differs from
    ``inverted[g]``.

    Attributes
    ----------
    start
        Shape (sums + 1,): sum r owns wires ``start[r]`` to ``start[r+1]``.
    source
        Shape (wires,): sorted within a sum, without repetition.
    mult
        Shape (wires,): positive.
    total
        Shape (sums,): the sum when every source carries a one.
    least
        Shape (sums,): the smallest multiplicity, 0 for a sum of no wires.
    row
        Shape (gates,): the sum the gate compares.
    bound
        Shape (gates,): 0 (always reached) to total + 1 (never reached).
    inverted
        Shape (gates,).
    """

    start: Ints
    source: Ints
    mult: Ints
    total: Ints
    least: Ints
    row: Ints
    bound: Ints
    inverted: Bits

    def wires(self, row: int) -> tuple[list[int], list[int]]:
        """Return the sources of a sum and their multiplicities."""
        wires = slice(int(self.start[row]), int(self.start[row + 1]))
        return self.source[wires].tolist(), self.mult[wires].tolist()

    def is_and(self) -> Bits:
        """Return which gates need every wire of their sum, shape (gates,)."""
        total = self.total[self.row]
        return (self.bound > total - self.least[self.row]) & (self.bound <= total) & (self.bound > 0)

    def is_or(self) -> Bits:
        """Return which gates need any one wire of their sum, shape (gates,)."""
        return (self.bound > 0) & (self.bound <= self.least[self.row])


def distinct_sums(layer: Gates, width: int) -> Sums:
    """Find the distinct sums of a layer.

    Parameters
    ----------
    layer
        The gates.
    width
        Number of positions in the previous layer.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 (slow to import, and few commands need it)

    matrix = csr_array((layer.mult.copy(), layer.source.copy(), layer.start.copy()), shape=(len(layer), width))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    start, source = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    wires = np.stack([source, matrix.data], axis=1).tobytes()
    seen: dict[bytes, int] = {}
    ends = (start * 16).tolist()
    row = np.array([seen.setdefault(wires[a:b], len(seen)) for a, b in itertools.pairwise(ends)], dtype=np.int64)
    first = np.zeros(len(seen), dtype=np.int64)
    first[row[::-1]] = np.arange(len(row))[::-1]
    kept = matrix[first] if seen else matrix
    start = kept.indptr.astype(np.int64)
    mult = kept.data.astype(np.int64)
    running = np.concatenate([[0], np.cumsum(mult)])
    total = running[start[1:]] - running[start[:-1]]
    least = np.zeros(len(seen), dtype=np.int64)
    some = np.flatnonzero(np.diff(start))
    if some.size:
        least[some] = np.minimum.reduceat(mult, start[some])
    bound = np.where(layer.at_least, layer.threshold, layer.threshold + 1)
    return Sums(
        start,
        kept.indices.astype(np.int64),
        mult,
        total,
        least,
        row,
        np.clip(bound, 0, total[row] + 1),
        ~layer.at_least,
    )
