"""Layered threshold circuits: load, check, save, evaluate, count.

Layer 0 is the inputs; every later layer reads the one before it; the last
layer is the output.  A gate ``atLeast k`` (``atMost k``) fires when the
multiplicities of its wires from sources that carry a one sum to at least (at
most) k.  Size is gates plus wires, wires counted with multiplicity.

The file is text, one gate per line::

    logprec-circuit 1
    <inputs>
    0                       starts a layer
    1 k 3 src mult ...      an atLeast gate
    2 k 3 src mult ...      an atMost gate
    4                       end marker
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from logprec.circuits.bitslice import BitSliced
from logprec.circuits.gates import MAX_DIGITS, Bits, Gates, Ints, LayerStats, Progress, Stats, check_batch, total
from logprec.errors import LogprecError
from logprec.files import parse_file, write_whole

HEADER = b"logprec-circuit 1"


# From this many inputs on, preparing the bit-sliced evaluator pays: on the shipped examples that takes as long
# as sparse matrices take for 300 to 1,200 inputs, and batches of 4,096 inputs are then 20 to 70 times faster.
BIT_SLICED_FROM = 512
# Entries of one dense temporary in evaluation (counts of one layer).
_CHUNK_ENTRIES = 16_000_000
_MAX_CHUNK = 1024


@dataclass(frozen=True)
class LayerCircuit:
    """A layered threshold circuit.

    Attributes
    ----------
    inputs
        Number of input bits.
    layers
        The layer that reads the inputs first.
    """

    batch: ClassVar[int] = 4096
    """So many inputs at a time are evaluated well."""

    inputs: int
    layers: tuple[Gates, ...]

    @property
    def outputs(self) -> int:
        """Number of output bits."""
        return len(self.layers[-1]) if self.layers else self.inputs

    @cached_property
    def _matrices(self) -> list[Any]:
        widths = [self.inputs, *map(len, self.layers)]
        return [layer.matrix(width) for layer, width in zip(self.layers, widths, strict=False)]

    @cached_property
    def _bit_sliced(self) -> BitSliced:
        return BitSliced(self.inputs, self.layers)

    def check(self) -> None:
        """Raise unless every wire reads a position of the previous layer.

        Raises
        ------
        LogprecError
            Naming the first bad layer, gate and source.
        """
        width = self.inputs
        for k, layer in enumerate(self.layers, 1):
            bad = np.flatnonzero((layer.source < 0) | (layer.source >= width))
            if bad.size:
                gate = int(np.searchsorted(layer.start, bad[0], side="right")) - 1
                raise LogprecError(
                    f"layer {k}, gate {gate}: wire from {layer.source[bad[0]]} is out of range, "
                    f"the previous layer has {width} positions"
                )
            if float(layer.mult.sum(dtype=np.float64)) >= 2.0**62:
                raise LogprecError(f"layer {k}: multiplicities sum to more than 2^62")
            width = len(layer)

    def flatten(self, max_size: int | None = None) -> "LayerCircuit":
        """Return the circuit itself, which is in layers, whatever its size."""
        return self

    def evaluate(
        self, inputs: ArrayLike, progress: Progress = lambda done, total: None, *, device: str | None = None
    ) -> Bits:
        """Return the output bits for a batch of inputs.

        Batches of at least ``BIT_SLICED_FROM`` inputs are evaluated by
        `logprec.circuits.bitslice`, smaller ones by sparse matrix products.

        Parameters
        ----------
        inputs
            Booleans, shape (batch, inputs).
        progress
            Not called: batches are small.
        device
            None; devices are for circuits in blocks.

        Returns
        -------
        ndarray of bool, shape (batch, outputs)

        Raises
        ------
        LogprecError
            If the inputs have the wrong shape, or there is a device.
        """
        if device is not None:
            raise LogprecError("a device is for circuits in blocks, those of quantised models")
        batch = check_batch(inputs, self.inputs)
        return self._bit_sliced.evaluate(batch) if len(batch) >= BIT_SLICED_FROM else self._multiply(batch)

    def _multiply(self, batch: Bits) -> Bits:
        result = np.empty((len(batch), self.outputs), dtype=np.bool_)
        step = max(1, min(_MAX_CHUNK, _CHUNK_ENTRIES // max(1, self.inputs, *map(len, self.layers))))
        for first in range(0, len(batch), step):
            values = batch[first : first + step].T
            for layer_values in self._layer_bits(values):
                values = layer_values
            result[first : first + step] = values.T
        return result

    def trace(self, bits: ArrayLike) -> list[Bits]:
        """Return the values of every layer, inputs first, for one input.

        Parameters
        ----------
        bits
            Booleans, shape (inputs,).
        """
        batch = check_batch(np.asarray(bits)[None, :], self.inputs)
        return [batch[0], *(layer[:, 0] for layer in self._layer_bits(batch.T))]

    def _layer_bits(self, bits: Bits) -> Iterator[Bits]:
        for layer, matrix in zip(self.layers, self._matrices, strict=True):
            counts = matrix @ bits.astype(matrix.dtype)
            k = layer.threshold[:, None]
            bits = np.where(layer.at_least[:, None], counts >= k, counts <= k)
            yield bits

    def stats(self) -> Stats:
        """Count depth, gates and wires, in all and per layer."""
        layers = tuple(
            LayerStats(len(layer), int(layer.at_least.sum()), int(layer.fan_in.sum()), int(layer.fan_in.max(initial=0)))
            for layer in self.layers
        )
        return total(self.inputs, self.outputs, layers)

    def to_bytes(self) -> bytes:
        """Write the circuit file; `from_bytes` reads it back."""
        lines = [HEADER.decode(), str(self.inputs)]
        for layer in self.layers:
            lines.append("0")
            wires = [f" 3 {s} {m}" for s, m in zip(layer.source.tolist(), layer.mult.tolist(), strict=True)]
            start = layer.start.tolist()
            for g, (kind, k) in enumerate(zip(layer.at_least.tolist(), layer.threshold.tolist(), strict=True)):
                lines.append(f"{1 if kind else 2} {k}" + "".join(wires[start[g] : start[g + 1]]))
        lines.append("4")
        return ("\n".join(lines) + "\n").encode()

    def save(self, path: Path) -> None:
        """Write the circuit file, completely or not at all.

        Raises
        ------
        LogprecError
            If the file cannot be written.
        """
        write_whole(path, self.to_bytes())


def load_layers(path: Path) -> LayerCircuit:
    """Read and check a circuit file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LogprecError
        If it cannot be read, is cut short, or is not a well-formed circuit.
    """
    return parse_file(path, from_bytes)


def from_bytes(data: bytes) -> LayerCircuit:
    """Parse a circuit file; see `load_layers`."""
    first, _, body = data.partition(b"\n")
    if first.strip() != HEADER:
        raise LogprecError(f"not a circuit file: the first line must be '{HEADER.decode()}'")
    tokens, line = _tokens(body)
    if not tokens.size:
        raise LogprecError("cut short: the number of inputs is missing")
    first_token = np.flatnonzero(np.diff(line, prepend=-1))
    lines = line[first_token]
    length = np.diff(np.append(first_token, tokens.size))
    opcode = tokens[first_token]

    def refuse(bad: Bits, message: str) -> None:
        if bad.any():
            raise LogprecError(f"line {lines[np.flatnonzero(bad)[0]] + 2}: {message}")

    if length[0] != 1:
        raise LogprecError("line 2: the number of inputs must stand alone")
    opcode[0] = -1  # not an instruction
    last = opcode.size - 1
    refuse(~np.isin(opcode, (-1, 0, 1, 2, 4)), "must start with 0, 1, 2 or 4")
    if opcode[last] != 4:
        raise LogprecError("cut short: the end marker 4 is missing")
    refuse((opcode == 4) & (np.arange(opcode.size) < last), "text after the end marker 4")
    gate = (opcode == 1) | (opcode == 2)
    refuse(((opcode == 0) | (opcode == 4)) & (length != 1), "0 and 4 must stand alone")
    refuse(gate & (length % 3 != 2), "a gate is '1 k' or '2 k' and then wires '3 src mult'")
    is_layer = opcode == 0
    layer_of = np.cumsum(is_layer)
    refuse(gate & (layer_of == 0), "a gate before the first layer mark 0")

    # Every token is an opcode, a threshold, or belongs to a wire.
    head = np.zeros(tokens.size, dtype=np.bool_)
    head[first_token] = True
    head[first_token[gate] + 1] = True
    wires = tokens[~head].reshape(-1, 3)
    wire_line = np.repeat(np.arange(opcode.size)[gate], (length[gate] - 2) // 3)
    bad = np.flatnonzero(wires[:, 0] != 3)
    if bad.size:
        raise LogprecError(f"line {lines[wire_line[bad[0]]] + 2}: a wire must start with 3, not {wires[bad[0], 0]}")

    threshold = tokens[first_token[gate] + 1]
    gate_start = np.concatenate([[0], np.cumsum((length[gate] - 2) // 3)])
    # gates of layer k are gate_layer == k, contiguous in file order
    bounds = np.searchsorted(layer_of[gate], np.arange(1, int(layer_of[-1]) + 2))
    at_least = opcode[gate] == 1
    layers = []
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        w0, w1 = int(gate_start[low]), int(gate_start[high])
        layers.append(
            Gates(
                at_least[low:high],
                threshold[low:high],
                gate_start[low : high + 1] - w0,
                np.ascontiguousarray(wires[w0:w1, 1]),
                np.ascontiguousarray(wires[w0:w1, 2]),
            )
        )
    circuit = LayerCircuit(int(tokens[0]), tuple(layers))
    circuit.check()
    return circuit


def _tokens(body: bytes) -> tuple[Ints, Ints]:
    """Return the numbers of a text and the line (from 0) each stands on."""
    text = np.frombuffer(body, dtype=np.uint8)
    digit = (text >= ord("0")) & (text <= ord("9"))
    newline = text == ord("\n")
    strange = ~(digit | newline | (text == ord(" ")) | (text == ord("\r")) | (text == ord("\t")))
    if strange.any():
        at = int(np.flatnonzero(strange)[0])
        where = int(np.count_nonzero(newline[:at])) + 2
        raise LogprecError(f"line {where}: unexpected character {chr(text[at])!r}; only numbers are allowed")
    edge = np.diff(digit.astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    start, end = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    line: Ints = np.asarray(np.searchsorted(np.flatnonzero(newline), start), dtype=np.int64)
    long = np.flatnonzero(end - start > MAX_DIGITS)
    if long.size:
        raise LogprecError(f"line {line[long[0]] + 2}: a number of more than {MAX_DIGITS} digits")
    # np.fromstring in text mode is numpy's fast parser; the checks above leave it nothing to misread
    return np.fromstring(body.decode("ascii"), dtype=np.int64, sep=" ", count=start.size), line
