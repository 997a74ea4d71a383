"""Circuits in stages of blocks: load, check, evaluate, count, flatten.

Equal parts of a circuit are written once, as a *shape*; a stage is a row of *blocks*, each a shape and the bits of the
stage before that it reads.  The circuit is the one that has all blocks of a stage side by side, layer by layer.

The file is text, one instruction per line::

    logprec-blocks 1
    <inputs>
    5 depth                        starts a stage
    6 shape inputs                 a new shape, numbered from 0; then its layers as in a circuit file, and 4
    7 shape start length ...       a block: it reads these runs of bits of the stage before, one after the other
    8                              end marker
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.circuits.arrays import Arrays, Rows, Words, arrays_on
from logprec.circuits.bitslice import FEW_WORDS, BitSliced, pack, unpack
from logprec.circuits.cores import cores, share
from logprec.circuits.gates import MAX_DIGITS, Bits, Gates, Ints, LayerStats, Progress, Stats, check_batch, total
from logprec.circuits.layers import HEADER as CIRCUIT_HEADER
from logprec.circuits.layers import LayerCircuit, from_bytes
from logprec.errors import LogprecError

HEADER = b"logprec-blocks 1"
# Most bits that blocks read in all (each takes 4 bytes), and most gates and wires of a flattened circuit.
_MAX_READ = 1 << 28
MAX_FLAT = 30_000_000


# Words of all values of one pass of one process (256 MB).
_PASS_WORDS = 1 << 25
# More words per value than this do not make a pass faster.
_MOST_WORDS = 512


@dataclass(frozen=True)
class Group:
    """The blocks of one shape in a stage.

    Attributes
    ----------
    shape
        Number of the shape.
    place
        Shape (blocks,): where among the stage's blocks they stand.
    first
        Shape (blocks,): where in the stage their outputs start.
    source
        Shape (blocks, inputs): bits of the stage before.
    """

    shape: int
    place: Ints
    first: Ints
    source: NDArray[np.int32]


@dataclass(frozen=True)
class Stage:
    """A row of blocks, all of one depth; together they have ``outputs`` outputs."""

    depth: int
    outputs: int
    groups: tuple[Group, ...]

    def blocks(self) -> list[tuple[Group, int]]:
        """Return for each block, in order, its group and its place in it."""
        found = [(int(place), group, k) for group in self.groups for k, place in enumerate(group.place)]
        return [(group, k) for _, group, k in sorted(found, key=lambda item: item[0])]


@dataclass(frozen=True)
class BlockCircuit:
    """A circuit in stages of blocks.

    Attributes
    ----------
    inputs
        Number of input bits.
    shapes
        The distinct circuits.
    stages
        The stage that reads the inputs first.
    """

    batch: ClassVar[int] = 1 << 15
    """So many inputs at a time keep all cores busy: circuits in blocks are large."""

    inputs: int
    shapes: tuple[LayerCircuit, ...]
    stages: tuple[Stage, ...]

    @property
    def outputs(self) -> int:
        """Number of output bits."""
        return self.stages[-1].outputs if self.stages else self.inputs

    def stats(self) -> Stats:
        """Count depth, gates and wires, in all and per layer: those of the flattened circuit."""
        shapes = [shape.stats().layers for shape in self.shapes]
        layers = []
        for stage in self.stages:
            for d in range(stage.depth):
                mine = [(shapes[group.shape][d], len(group.place)) for group in stage.groups]
                layers.append(
                    LayerStats(
                        sum(layer.gates * count for layer, count in mine),
                        sum(layer.at_least * count for layer, count in mine),
                        sum(layer.wires * count for layer, count in mine),
                        max((layer.max_fan_in for layer, _ in mine), default=0),
                    )
                )
        return total(self.inputs, self.outputs, tuple(layers))

    def flatten(self, max_size: int | None = None) -> LayerCircuit:
        """Return the same circuit in layers.

        Parameters
        ----------
        max_size
            More gates and wires (of whatever multiplicity) than ``MAX_FLAT`` may be, up to this number.

        Raises
        ------
        LogprecError
            If it would have more.
        """
        limit = max(MAX_FLAT, max_size or 0)
        sizes = [sum(len(layer) + len(layer.source) for layer in shape.layers) for shape in self.shapes]
        size = sum(sizes[group.shape] * len(group.place) for stage in self.stages for group in stage.groups)
        if size > limit:
            raise LogprecError(
                f"a flat circuit would have {size} gates and wires, above the limit of {limit}; "
                f"raise it with --max-size {size}"
            )
        return LayerCircuit(self.inputs, tuple(layer for stage in self.stages for layer in self._flat(stage)))

    def _flat(self, stage: Stage) -> Iterator[Gates]:
        blocks = stage.blocks()
        for d in range(stage.depth):
            parts, offset = [], 0
            for group, k in blocks:
                shape = self.shapes[group.shape]
                layer = shape.layers[d]
                source = group.source[k][layer.source] if d == 0 else layer.source + offset
                parts.append((layer, np.asarray(source, dtype=np.int64)))
                offset += len(shape.layers[d - 1]) if d else 0
            yield _side_by_side(parts)

    @cached_property
    def _prepared(self) -> "dict[str | None, _Prepared]":
        return {}

    def evaluate(
        self, inputs: ArrayLike, progress: Progress = lambda done, total: None, *, device: str | None = None
    ) -> Bits:
        """Return the output bits for a batch of inputs.

        Every shape of a stage is evaluated for all its blocks at once, 64 inputs in a word.

        Parameters
        ----------
        inputs
            Booleans, shape (batch, inputs).
        progress
            Called now and then.
        device
            A device of PyTorch's, such as ``cuda``; numpy if None.

        Returns
        -------
        ndarray of bool, shape (batch, outputs)

        Raises
        ------
        LogprecError
            If the inputs have the wrong shape, or the device is missing.
        """
        batch = check_batch(inputs, self.inputs)
        result = np.empty((len(batch), self.outputs), dtype=np.bool_)
        # made once, before there are processes
        if device not in self._prepared:
            self._prepared[device] = _Prepared(self, arrays_on(device))
        prepared = self._prepared[device]
        widest = max([self.inputs, *(stage.outputs for stage in self.stages)])
        fitting = max(1, min(_MOST_WORDS, _PASS_WORDS // (2 * widest + 2)))
        step = 64 * min(fitting, max(FEW_WORDS, -(-len(batch) // (64 * cores()))))
        starts = range(0, len(batch), step)

        def work(first: int) -> Bits:
            part = batch[first : first + step]
            return unpack(prepared.run(pack(part)), len(part))

        parts = share(work, starts) if prepared.arrays.parallel else map(work, starts)
        for first, found in zip(starts, parts, strict=True):
            result[first : first + step] = found
            progress(min(len(batch), first + step), len(batch))
        return result


class _Prepared:
    """A circuit in blocks, prepared for a device.

    Parameters
    ----------
    circuit
        The circuit.
    arrays
        Where words are.
    """

    def __init__(self, circuit: BlockCircuit, arrays: Arrays) -> None:
        self.arrays = arrays
        self._plans = [BitSliced(shape.inputs, shape.layers, arrays) for shape in circuit.shapes]
        self._stages = [
            (stage.outputs, [self._group(circuit.shapes[group.shape].outputs, group) for group in stage.groups])
            for stage in circuit.stages
        ]

    def _group(self, outputs: int, group: Group) -> tuple[int, Any, Any]:
        """Return the shape of a group, and by output and block where it reads and writes."""
        target = group.first + np.arange(outputs)[:, None]
        return group.shape, self.arrays.index(group.source.T), self.arrays.index(target)

    def run(self, words: Words) -> Words:
        """Return the last stage's words; those given have one row more than there are bits."""
        values = self.arrays.load(words)
        for outputs, groups in self._stages:
            following = self.arrays.zeros(outputs + 1, values.shape[1])
            for group in groups:
                self._run_group(*group, values, following)
            values = following
        return self.arrays.fetch(values[:-1])

    def _run_group(self, shape: int, source: Any, target: Any, values: Rows, following: Rows) -> None:
        plan, words = self._plans[shape], values.shape[1]
        inputs, blocks = source.shape
        # so many blocks at once, and if one is too much for a pass, so many of its words
        most = min(self.arrays.shape_words, plan.fitting_words)
        many, part = max(1, most // words), min(words, most)
        for start in range(0, blocks, many):
            read, write = source[:, start : start + many], target[:, start : start + many]
            for low in range(0, words, part):
                some = slice(low, min(words, low + part))
                mine = self.arrays.zeros(inputs + 1, read.shape[1], some.stop - low)
                mine[:-1] = values[read, some]
                found = plan.run(mine.reshape(inputs + 1, -1))
                following[write, some] = found.reshape(len(write), *mine.shape[1:])


def _side_by_side(parts: list[tuple[Gates, Ints]]) -> Gates:
    """Put layers side by side, each with its wires' sources."""

    def join(arrays: list[Ints]) -> Ints:
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)

    layers = [layer for layer, _ in parts]
    wires = np.cumsum([0, *(len(layer.source) for layer in layers)])
    starts = [layer.start[1:] + base for layer, base in zip(layers, wires, strict=False)]
    return Gates(
        np.concatenate([layer.at_least for layer in layers]) if layers else np.zeros(0, dtype=np.bool_),
        join([layer.threshold for layer in layers]),
        np.concatenate([np.zeros(1, dtype=np.int64), *starts]),
        join([source for _, source in parts]),
        join([layer.mult for layer in layers]),
    )


def blocks_from_bytes(data: bytes) -> BlockCircuit:
    """Parse a file of blocks; see `logprec.circuits.circuit.load_circuit`."""
    return _Parser(data).circuit()


class _Parser:
    """Reads the lines of a file of blocks."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._line = data, 0, 0
        self._shapes: list[LayerCircuit] = []
        self._read = 0

    def circuit(self) -> BlockCircuit:
        if self._next().strip() != HEADER:
            raise LogprecError(f"not a file of blocks: the first line must be '{HEADER.decode()}'")
        numbers = self._numbers()
        if len(numbers) != 1:
            raise self._error("the number of inputs must stand alone")
        inputs = width = numbers[0]
        stages: list[Stage] = []
        numbers = self._numbers()
        while numbers[:1] == [5]:
            if len(numbers) != 2 or numbers[1] < 1:
                raise self._error("a stage is '5 depth', of depth 1 or more")
            stage, numbers = self._stage(numbers[1], width)
            stages.append(stage)
            width = stage.outputs
        if numbers != [8]:
            raise self._error("expected a stage '5 depth' or the end marker 8, alone")
        if self._data[self._at :].strip():
            raise self._error("text after the end marker 8")
        return BlockCircuit(inputs, tuple(self._shapes), tuple(stages))

    def _error(self, message: str) -> LogprecError:
        return LogprecError(f"line {self._line}: {message}")

    def _next(self) -> bytes:
        if self._at >= len(self._data):
            raise LogprecError("cut short: the end marker 8 is missing")
        end = self._data.find(b"\n", self._at)
        end = len(self._data) if end < 0 else end
        line = self._data[self._at : end]
        self._at, self._line = end + 1, self._line + 1
        return line

    def _numbers(self) -> list[int]:
        words = self._next().split()
        for word in words:
            if not word.isdigit() or len(word) > MAX_DIGITS:
                raise self._error(f"{word[:40].decode(errors='replace')!r} is no number of up to {MAX_DIGITS} digits")
        return [int(word) for word in words]

    def _stage(self, depth: int, width: int) -> tuple[Stage, list[int]]:
        """Read the blocks of a stage; return it and the line after it."""
        members: dict[int, tuple[list[int], list[int], list[Ints]]] = {}
        place = outputs = 0
        while True:
            numbers = self._numbers()
            kind = numbers[0] if numbers else -1
            if kind == 6:
                self._shape(numbers)
            elif kind == 7:
                shape, source = self._block(numbers, depth, width)
                places, firsts, sources = members.setdefault(shape, ([], [], []))
                places.append(place)
                firsts.append(outputs)
                sources.append(source)
                place, outputs = place + 1, outputs + self._shapes[shape].outputs
                if outputs > _MAX_READ:
                    raise self._error(f"a stage has more than {_MAX_READ} outputs")
            elif kind in (5, 8):
                break
            else:
                raise self._error("must start with 5, 6, 7 or 8")
        groups = [
            Group(shape, np.array(places), np.array(firsts), np.stack(sources).astype(np.int32))
            for shape, (places, firsts, sources) in members.items()
        ]
        return Stage(depth, outputs, tuple(groups)), numbers

    def _shape(self, numbers: list[int]) -> None:
        if len(numbers) != 3 or numbers[1] != len(self._shapes):
            raise self._error(f"a new shape is '6 {len(self._shapes)} inputs'")
        start, line = self._at, self._line
        # from the end of the line before, since the end marker may come first; no other line is a lone 4
        end = self._data.find(b"\n4\n", start - 1) + 1
        if end == 0:
            raise LogprecError(f"cut short: shape {numbers[1]} of line {line} has no end marker 4")
        text = self._data[start:end]
        self._at, self._line = end + 2, line + text.count(b"\n") + 1
        try:
            circuit = from_bytes(b"%s\n%d\n%s4\n" % (CIRCUIT_HEADER, numbers[2], text))
        except LogprecError as error:
            raise LogprecError(f"shape {numbers[1]}, which starts at line {line} (its line 1): {error}") from error
        self._shapes.append(circuit)

    def _block(self, numbers: list[int], depth: int, width: int) -> tuple[int, Ints]:
        if len(numbers) < 2 or len(numbers) % 2:
            raise self._error("a block is '7 shape' and then runs 'start length'")
        shape, starts, lengths = numbers[1], numbers[2::2], numbers[3::2]
        if shape >= len(self._shapes):
            raise self._error(f"there is no shape {shape} yet")
        circuit = self._shapes[shape]
        if len(circuit.layers) != depth:
            raise self._error(f"shape {shape} has depth {len(circuit.layers)}, its stage has depth {depth}")
        if sum(lengths) != circuit.inputs:
            raise self._error(f"the block reads {sum(lengths)} bits, shape {shape} reads {circuit.inputs}")
        for start, length in zip(starts, lengths, strict=True):
            if start + length > width:
                raise self._error(f"a run ends at {start + length}, the stage before has {width} bits")
        self._read += circuit.inputs
        if self._read > _MAX_READ:
            raise self._error(f"the blocks read more than {_MAX_READ} bits in all")
        runs = [np.arange(start, start + length) for start, length in zip(starts, lengths, strict=True)]
        return shape, np.concatenate([np.zeros(0, dtype=np.int64), *runs])
