"""And-inverter netlists of threshold circuits.

A literal is ``2 * variable``, plus 1 when inverted; literals 0 and 1 are the
constants.  Variables 1 to ``inputs`` are the inputs, each later one an AND of
two earlier literals.  Equal ANDs are made once.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from logprec.circuits.layers import LayerCircuit
from logprec.circuits.sums import Sums, distinct_sums

FALSE, TRUE = 0, 1

# ANDs of a full adder: two exclusive ors of three, which share their products with the carry, and one for the carry.
_ADDER = 7


class Netlist:
    """A growing and-inverter netlist.

    Parameters
    ----------
    inputs
        Number of inputs.

    Attributes
    ----------
    ands
        The ANDs: variable ``inputs + 1 + k`` is the AND of the two literals
        ``ands[k]``, the larger first.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.ands: list[tuple[int, int]] = []
        self._seen: dict[tuple[int, int], int] = {}

    def input(self, k: int) -> int:
        """Return the literal of input ``k``, counted from 0."""
        return 2 * (k + 1)

    def both(self, a: int, b: int) -> int:
        """Return the literal of ``a AND b``."""
        if a < b:
            a, b = b, a
        if b == FALSE or a == b ^ 1:
            return FALSE
        if b in (TRUE, a):
            return a
        found = self._seen.get((a, b))
        if found is None:
            self.ands.append((a, b))
            found = self._seen[a, b] = 2 * (self.inputs + len(self.ands))
        return found

    def either(self, a: int, b: int) -> int:
        """Return the literal of ``a OR b``."""
        return self.both(a ^ 1, b ^ 1) ^ 1

    def differ(self, a: int, b: int) -> int:
        """Return the literal of ``a XOR b``."""
        return self.both(self.both(a, b) ^ 1, self.both(a ^ 1, b ^ 1) ^ 1)

    def every(self, literals: Iterable[int]) -> int:
        """Return the AND of literals, as a balanced tree."""
        queue = deque(literals)
        while len(queue) > 1:
            queue.append(self.both(queue.popleft(), queue.popleft()))
        return queue[0] if queue else TRUE

    def some(self, literals: Iterable[int]) -> int:
        """Return the OR of literals, as a balanced tree."""
        return self.every(literal ^ 1 for literal in literals) ^ 1

    def count(self, literals: Sequence[int], mults: Sequence[int]) -> list[int]:
        """Return the bits of the sum of the multiplicities of true literals, low bit first.

        Carry-save adders: a wire of multiplicity 5 enters at weights 1 and 4.
        """
        # a carry out of the highest bit of the largest sum is never true
        columns: list[deque[int]] = [deque() for _ in range(sum(mults).bit_length())]

        def put(weight: int, literal: int) -> None:
            if weight < len(columns):
                columns[weight].append(literal)

        for literal, mult in zip(literals, mults, strict=True):
            for weight in range(mult.bit_length()):
                if mult >> weight & 1:
                    put(weight, literal)
        for weight, column in enumerate(columns):
            while len(column) > 1:
                a, b = column.popleft(), column.popleft()
                half = self.differ(a, b)
                if column:
                    c = column.popleft()
                    column.append(self.differ(half, c))
                    put(weight + 1, self.either(self.both(a, b), self.both(half, c)))
                else:
                    column.append(half)
                    put(weight + 1, self.both(a, b))
        return [column[0] if column else FALSE for column in columns]

    def reaches(self, bits: Sequence[int], bound: int) -> int:
        """Return whether a binary number is at least ``bound``."""
        if bound >> len(bits):
            return FALSE
        result = TRUE
        for b, bit in enumerate(bits):
            result = self.both(bit, result) if bound >> b & 1 else self.either(bit, result)
        return result

    def layer(self, sums: Sums, values: Sequence[int]) -> list[int]:
        """Return the literals of a layer's gates.

        Parameters
        ----------
        sums
            The layer.
        values
            Literals of the previous layer.
        """
        counts: dict[int, list[int]] = {}
        gates = zip(
            sums.row.tolist(),
            sums.bound.tolist(),
            sums.inverted.tolist(),
            sums.is_and().tolist(),
            sums.is_or().tolist(),
            (sums.bound > sums.total[sums.row]).tolist(),
            strict=True,
        )
        result = []
        for row, bound, inverted, conjunction, disjunction, never in gates:
            if bound == 0 or never:
                literal = FALSE if never else TRUE
            elif conjunction or disjunction:
                wires = [values[source] for source in sums.wires(row)[0]]
                literal = self.every(wires) if conjunction else self.some(wires)
            else:
                if row not in counts:
                    sources, mults = sums.wires(row)
                    counts[row] = self.count([values[source] for source in sources], mults)
                literal = self.reaches(counts[row], bound)
            result.append(literal ^ inverted)
        return result

    def circuit(self, circuit: LayerCircuit, values: Sequence[int]) -> list[int]:
        """Return the literals of a circuit's outputs on input literals ``values``."""
        for sums in _layers(circuit):
            values = self.layer(sums, values)
        return list(values)

    def needed(self, outputs: Sequence[int]) -> tuple["Netlist", list[int]]:
        """Return the netlist of the ANDs that some outputs depend on, and the outputs in it."""
        first = self.inputs + 1
        live = bytearray(len(self.ands))
        for literal in outputs:
            if literal >> 1 >= first:
                live[(literal >> 1) - first] = 1
        for k in range(len(self.ands) - 1, -1, -1):
            if live[k]:
                for literal in self.ands[k]:
                    if literal >> 1 >= first:
                        live[(literal >> 1) - first] = 1
        small = Netlist(self.inputs)
        place = list(range(first))
        for k, (a, b) in enumerate(self.ands):
            place.append(first + len(small.ands))
            if live[k]:
                small.ands.append((2 * place[a >> 1] | a & 1, 2 * place[b >> 1] | b & 1))
        return small, [2 * place[literal >> 1] | literal & 1 for literal in outputs]


def expand(circuit: LayerCircuit) -> tuple[Netlist, list[int]]:
    """Return a circuit as a netlist without idle ANDs, and its output literals."""
    netlist = Netlist(circuit.inputs)
    outputs = netlist.circuit(circuit, [netlist.input(k) for k in range(circuit.inputs)])
    return netlist.needed(outputs)


def bound_on_ands(circuit: LayerCircuit) -> int:
    """Return an upper bound on the ANDs `expand` makes, without building."""
    return sum(_bound(sums) for sums in _layers(circuit))


def _layers(circuit: LayerCircuit) -> Iterator[Sums]:
    width = circuit.inputs
    for gates in circuit.layers:
        yield distinct_sums(gates, width)
        width = len(gates)


def _bound(sums: Sums) -> int:
    lengths = np.diff(sums.start)
    simple = sums.is_and() | sums.is_or() | (sums.bound == 0) | (sums.bound > sums.total[sums.row])
    rows = np.unique(sums.row[~simple])
    counted = np.zeros(len(lengths), dtype=np.bool_)
    counted[rows] = True
    bits = np.unpackbits(sums.mult.astype("<i8").view(np.uint8)).reshape(-1, 64).sum(axis=1)
    entering = int(bits[np.repeat(counted, lengths)].sum())
    widths = [int(total).bit_length() for total in sums.total[rows].tolist()]
    per_row = np.zeros(len(lengths), dtype=np.int64)
    per_row[rows] = widths
    compared = int(per_row[sums.row[~simple]].sum())
    # a full adder takes one bit away; a weight needs at most one half adder
    return int(lengths[sums.row[simple]].sum()) + _ADDER * (entering + sum(widths)) + compared
