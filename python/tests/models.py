"""Random table models and inputs for the tests, each given by a small replayable case."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st

from logprec.checking.verify import adversarial_inputs
from logprec.models.floats import Codes, add_all, integer_table
from logprec.models.tables.model import Head, Layer, TableModel

STYLES = ("any", "saturation", "zero sums", "ties", "sign flips")


def few_examples(default: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Draw few cases, for tests that start Lean in each; LOGPREC_EXAMPLES asks for more, LOGPREC_SEED for others."""
    limit = settings(
        max_examples=int(os.environ.get("LOGPREC_EXAMPLES", default)),
        deadline=None,
        database=None,
        # shrinking would start Lean hundreds of times; the cases are small to begin with
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: seed(int(os.environ.get("LOGPREC_SEED", "0")))(limit(test))


@dataclass(frozen=True)
class Case:
    """Everything that determines a random model and its inputs."""

    precision: int
    dim: int
    heads: tuple[int, ...]
    n: int
    symbol_bits: int
    style: str
    seed: int
    support: int = 3


def cases() -> st.SearchStrategy[Case]:
    shapes = st.sampled_from([(2, 1), (2, 2), (4, 1), (4, 1), (4, 1)])
    heads = st.lists(st.integers(1, 2), min_size=1, max_size=2).map(tuple)
    return st.builds(
        lambda shape, heads, n, bits, style, seed: Case(shape[0], shape[1], heads, n, bits, style, seed),
        shapes,
        heads,
        st.integers(1, 5),
        st.integers(1, 2),
        st.sampled_from(STYLES),
        st.integers(0, 10**6),
    )


def _palette(case: Case, rng: np.random.Generator) -> Codes:
    """Choose the float codes that sums are made of."""
    values = integer_table(case.precision)
    codes = np.arange(len(values))
    top, low = int(values.argmax()), int(values.argmin())
    if case.style == "saturation":
        return np.array([top, top, low])
    if case.style == "zero sums":
        some = int(rng.integers(len(values)))
        return np.array([some, int(codes[values == -values[some]][0]), int(codes[values == 0][-1])])
    if case.style == "ties":
        return np.array([int(rng.integers(len(values)))])
    if case.style == "sign flips":
        some = int(rng.integers(len(values)))
        return np.array([some, some ^ (1 << (case.precision // 2 - 1))])
    return codes


def build(case: Case) -> TableModel:
    """Make the model: a few states occur, rows of other states are zero."""
    rng = np.random.default_rng(case.seed)
    p, d = case.precision, case.dim
    floats, states = 1 << p, 1 << (d * p)
    palette = _palette(case, rng)

    def pick(*shape: int) -> Codes:
        packed = np.zeros(shape, dtype=np.int64)
        for k in range(d):
            packed |= rng.choice(palette, shape) << (k * p)
        return packed

    occurring = np.unique(np.append(pick(case.support), rng.integers(states, size=1)))
    embed = rng.choice(occurring, (max(case.n, 2), 1 << case.symbol_bits))
    layers = []
    for count in case.heads:
        heads = []
        for _ in range(count):
            sim = np.zeros((states, states), dtype=np.int64)
            sim[np.ix_(occurring, occurring)] = rng.choice(palette[:3], (len(occurring),) * 2)
            weigh = np.zeros((floats, floats, states), dtype=np.int64)
            rows = np.ix_(np.unique(palette[:3]), np.arange(floats), occurring)
            weigh[rows] = pick(*weigh[rows].shape)
            heads.append(Head(str(rng.choice(["none", "causal"])), sim, weigh))
        act = np.zeros((states,) * (count + 1), dtype=np.int64)
        act[..., occurring] = rng.choice(occurring, act[..., occurring].shape)
        layers.append(Layer(tuple(heads), act))
    accept = rng.integers(2, size=states)
    alphabet = tuple("abcd"[: 1 << case.symbol_bits])
    return TableModel(alphabet, case.symbol_bits, d, p, embed, tuple(layers), accept)


def inputs(case: Case, model: TableModel, count: int = 24) -> Codes:
    """Return adversarial and random inputs, shape (batch, n)."""
    rng = np.random.default_rng(case.seed + 1)
    random = rng.integers(len(model.alphabet), size=(count, case.n))
    return np.unique(np.concatenate([adversarial_inputs(model, case.n), random]), axis=0)


def naive_run(model: TableModel, symbols: list[int]) -> tuple[bool, list[int]]:
    """Run the transformer one number at a time, from the definition."""
    p, n = model.precision, len(symbols)
    low = (1 << p) - 1
    h = [int(model.embed[i, x]) for i, x in enumerate(symbols)]
    for layer in model.layers:
        sums = []
        for head in layer.heads:
            row = []
            for i in range(n):
                keys = range(i + 1) if head.mask == "causal" else range(n)
                s = [int(head.sim[h[i], h[j]]) for j in keys]
                z = add_all(s, p)
                terms = [int(head.weigh[s[k], z, h[j]]) for k, j in enumerate(keys)]
                row.append(sum(add_all([t >> (k * p) & low for t in terms], p) << (k * p) for k in range(model.dim)))
            sums.append(row)
        h = [int(layer.act[(*(row[i] for row in sums), h[i])]) for i in range(n)]
    return bool(model.accept[h[-1]]), h
