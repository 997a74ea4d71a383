"""Circuits of both kinds, in layers and in blocks: what they have in common, and how their files are read."""

from pathlib import Path
from typing import Protocol

from numpy.typing import ArrayLike

from logprec.circuits.blocks import HEADER, blocks_from_bytes
from logprec.circuits.gates import Bits, Progress, Stats
from logprec.circuits.layers import LayerCircuit, from_bytes
from logprec.errors import LogprecError
from logprec.files import parse_file


class Circuit(Protocol):
    """A threshold circuit, whichever way it is written down."""

    @property
    def inputs(self) -> int:
        """Number of input bits."""

    @property
    def outputs(self) -> int:
        """Number of output bits."""

    @property
    def batch(self) -> int:
        """So many inputs at a time are evaluated well."""

    def stats(self) -> Stats:
        """Count depth, gates and wires, in all and per layer."""

    def evaluate(
        self, inputs: ArrayLike, progress: Progress = lambda done, total: None, *, device: str | None = None
    ) -> Bits:
        """Return the output bits, shape (batch, outputs), for inputs of shape (batch, inputs)."""

    def flatten(self, max_size: int | None = None) -> LayerCircuit:
        """Return the same circuit in layers."""


def load_circuit(path: Path) -> Circuit:
    """Read and check a circuit file, in layers or in blocks.

    Raises
    ------
    LogprecError
        If it cannot be read, is cut short, or is not well-formed.
    """

    def parse(data: bytes) -> Circuit:
        blocks = data[:64].partition(b"\n")[0].strip() == HEADER
        return blocks_from_bytes(data) if blocks else from_bytes(data)

    return parse_file(path, parse)


def load_flat(path: Path, max_size: int | None = None) -> LayerCircuit:
    """Read a circuit file of either kind as a circuit in layers, as large as `BlockCircuit.flatten` lets it be.

    Raises
    ------
    LogprecError
        As for `load_circuit`, or if a file of blocks would be too large in layers.
    """
    circuit = load_circuit(path)
    try:
        return circuit.flatten(max_size)
    except LogprecError as error:
        raise LogprecError(f"{path}: {error}") from error
