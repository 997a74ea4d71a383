"""What circuits of every kind are made of and counted by: the gates of a layer, bits, counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError

Ints = NDArray[np.int64]
Bits = NDArray[np.bool_]

Progress = Callable[[int, int], None]
"""Receives how many inputs are done, and of how many."""

MAX_DIGITS = 18
"""Longest number read: 18 digits always fit 64 bits, and no gate needs more."""


@dataclass(frozen=True)
class Gates:
    """The gates of one layer, as a sparse matrix.

    Attributes
    ----------
    at_least
        Shape (gates,): True for atLeast, False for atMost.
    threshold
        Shape (gates,).
    start
        Shape (gates + 1,): gate g owns wires ``start[g]`` to ``start[g+1]``.
    source
        Shape (wires,): positions in the previous layer.
    mult
        Shape (wires,): multiplicities.
    """

    at_least: Bits
    threshold: Ints
    start: Ints
    source: Ints
    mult: Ints

    def __len__(self) -> int:
        """Return the number of gates."""
        return len(self.threshold)

    @cached_property
    def fan_in(self) -> Ints:
        """Wires of each gate, counted with multiplicity, shape (gates,)."""
        total = np.concatenate([[0], np.cumsum(self.mult)])
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]], dtype=np.int64)

    def matrix(self, width: int) -> Any:
        """Return the multiplicities as a scipy sparse matrix, shape (gates, width).

        The entries are 32-bit when no gate can count beyond that.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 (slow to import, and few commands multiply)

        small = int(self.fan_in.max(initial=0)) < 1 << 31
        mult = self.mult.astype(np.int32 if small else np.int64)
        index = np.int32 if max(width, len(self.source)) < 1 << 31 else np.int64
        return csr_array(
            (mult, self.source.astype(index), self.start.astype(index)),
            shape=(len(self), width),
        )


@dataclass(frozen=True)
class LayerStats:
    """Counts of one layer; wires with multiplicity. `at_least` are the gates that ask for at least k."""

    gates: int
    at_least: int
    wires: int
    max_fan_in: int


@dataclass(frozen=True)
class Stats:
    """Counts of a circuit; wires with multiplicity."""

    inputs: int
    outputs: int
    depth: int
    gates: int
    wires: int
    layers: tuple[LayerStats, ...]

    @property
    def size(self) -> int:
        """Gates plus wires."""
        return self.gates + self.wires


def total(inputs: int, outputs: int, layers: tuple[LayerStats, ...]) -> Stats:
    """Return the counts of a circuit with these layers."""
    gates, wires = sum(layer.gates for layer in layers), sum(layer.wires for layer in layers)
    return Stats(inputs, outputs, len(layers), gates, wires, layers)


def check_batch(inputs: ArrayLike, width: int) -> Bits:
    """Return a batch of inputs as an array of shape (batch, width).

    Raises
    ------
    LogprecError
        If it has another shape.
    """
    batch = np.asarray(inputs, dtype=np.bool_)
    if batch.ndim != 2 or batch.shape[1] != width:
        raise LogprecError(f"the circuit reads {width} bits per input, got shape {list(batch.shape)}")
    return batch
