"""Random circuits, and circuits shaped like the constructor's, given by seeds."""

import numpy as np

from logprec.circuits.gates import Gates
from logprec.circuits.layers import LayerCircuit

MULTIPLICITIES = ([1], [0, 1, 2, 3], [1, 2, 4, 8], [0, 1, 5, 1 << 33, (1 << 40) + 3])


def gates(lists: list[tuple[bool, int, list[tuple[int, int]]]]) -> Gates:
    wires = [wire for _, _, ws in lists for wire in ws]
    return Gates(
        np.array([kind for kind, _, _ in lists], dtype=np.bool_),
        np.array([k for _, k, _ in lists], dtype=np.int64),
        np.cumsum([0, *(len(ws) for _, _, ws in lists)]),
        np.array([source for source, _ in wires], dtype=np.int64),
        np.array([mult for _, mult in wires], dtype=np.int64),
    )


def random_layer(rng: np.random.Generator, width: int, count: int, fan: int) -> Gates:
    """Make gates of every sort: shared and repeated wires, no wires, thresholds around what can occur."""
    lists: list[tuple[bool, int, list[tuple[int, int]]]] = []
    for _ in range(count):
        wires = []
        if width:
            some = int(rng.integers(fan + 1))
            mults = rng.choice(MULTIPLICITIES[rng.integers(len(MULTIPLICITIES))], some)
            wires = list(zip(rng.integers(width, size=some).tolist(), mults.tolist(), strict=True))
        if lists and rng.random() < 0.4:
            wires = lists[rng.integers(len(lists))][2]
        total = sum(mult for _, mult in wires)
        bounds = [0, 1, 2, total - 1, total, total + 1, int(rng.integers(total + 1)), 10**18 - 1]
        lists.append((bool(rng.random() < 0.5), max(0, bounds[rng.integers(len(bounds))]), wires))
    return gates(lists)


def random_circuit(seed: int) -> LayerCircuit:
    rng = np.random.default_rng(seed)
    inputs = width = int(rng.integers(12))
    layers = []
    for _ in range(rng.integers(5)):
        layers.append(random_layer(rng, width, int(rng.integers(25)), int(rng.choice([2, 5, 40]))))
        width = len(layers[-1])
    return LayerCircuit(inputs, tuple(layers))


def lookup(width: int, outputs: int, seed: int) -> LayerCircuit:
    """Make the layers of a look-up table: negations, one AND per address, wide ORs; then bounds on their count."""
    rng = np.random.default_rng(seed)
    literals = gates([(i % 2 == 0, i % 2 == 0, [(i // 2, 1)]) for i in range(2 * width)])
    ands = gates(
        [(True, width, [(2 * b + 1 - (a >> b & 1), 1) for b in range(width)]) for a in range(1 << width)],
    )
    ors = gates(
        [(True, 1, [(int(a), 1) for a in np.flatnonzero(rng.random(1 << width) < 0.5)]) for _ in range(outputs)]
    )
    bounds = gates([(k % 3 > 0, k, [(j, 1 + j % 4) for j in range(outputs)]) for k in range(3 * outputs)])
    return LayerCircuit(width, (literals, ands, ors, bounds))
