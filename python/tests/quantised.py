"""Random quantised transformers, and their meaning once more number by number, from the Lean definitions."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from logprec.models.floats import Codes
from logprec.models.quantised.model import QuantisedModel
from logprec.models.quantised.parts import Affine, Attention, FeedForward, Head, Layer, Local, Norm, Rotation, StateNorm

STYLES = ("plain", "saturated", "masked", "zero sums", "empty tables", "narrow")


@dataclass(frozen=True)
class Case:
    """Everything that determines a random model and its words."""

    style: str
    layers: int
    heads: int
    n: int
    seed: int


def cases() -> st.SearchStrategy[Case]:
    return st.builds(
        Case, st.sampled_from(STYLES), st.integers(0, 2), st.integers(0, 2), st.integers(0, 5), st.integers(0, 10**6)
    )


class _Maker:
    def __init__(self, case: Case) -> None:
        self.rng = np.random.default_rng(case.seed)
        self.case = case
        plain = case.style == "plain"
        self.width = 1 if case.style == "narrow" else self.some(6 if plain else 2, 8)
        self.dim = self.some(3 if plain else 1, 5)

    def some(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def signed(self, *shape: int, most: int = 9) -> Codes:
        return self.rng.integers(-most, most + 1, shape)

    def affine(self, outputs: int, inputs: int) -> Affine:
        saturated = self.case.style == "saturated"
        most = 1000 if saturated else 4
        shift = 0 if saturated else self.some(0, 2)
        return Affine(self.signed(outputs, inputs, most=most), self.signed(outputs, most=20), shift)

    def table(self, bits: int, entry_bits: int) -> Codes:
        """Make a table that may be short, with entries that may need cutting."""
        if self.case.style == "empty tables":
            return np.zeros(0, dtype=np.int64)
        if self.case.style == "plain":
            return self.rng.integers(0, 1 << entry_bits, 1 << bits)
        size = (1 << bits) if self.rng.random() < 0.6 else self.some(0, 1 << bits)
        return self.rng.integers(0, 2 << entry_bits, size)

    def norm(self) -> Norm | None:
        if self.rng.random() < 0.3:
            return None
        bits, entry = self.some(0, 6), self.some(0, 6)
        if self.case.style == "plain":
            bits, entry = 6, 6
        centre = None if self.rng.random() < 0.5 else self.some(0, 4)
        return Norm(centre, self.some(0, 5), bits, self.table(bits, entry), entry, self.some(0, 4))

    def local(self) -> Local:
        norm = self.norm()
        if norm is not None and self.rng.random() < 0.4:
            return StateNorm(norm)
        hidden = self.some(0, 6)
        return FeedForward(norm, self.affine(hidden, self.dim), self.affine(self.dim, hidden))

    def locals(self) -> tuple[Local, ...]:
        return tuple(self.local() for _ in range(self.some(0, 2)))

    def head(self) -> Head:
        keys, values = self.some(0, 4), self.some(0, 3)
        rotation = None
        if self.rng.random() < 0.6:
            shape = (self.some(0, self.case.n + 1), self.some(0, 3), 2)
            rotation = Rotation(self.signed(*shape, most=16), self.some(0, 4))
        distance = self.signed(self.some(0, self.case.n + 1), most=30)
        affines = (self.affine(rows, self.dim) for rows in (keys, keys, values))
        return Head(*affines, rotation, distance)

    def attention(self) -> Attention:
        heads = tuple(self.head() for _ in range(self.case.heads))
        score_bits, exp_bits = self.some(1, 7), self.some(0, 6)
        exp = self.table(score_bits, exp_bits)
        if self.case.style == "zero sums":
            exp = exp * (self.rng.random(len(exp)) < 0.2)
        sum_bits = self.some(1, 8)
        recip_bits = self.some(0, 8)
        return Attention(
            self.norm(),
            heads,
            bool(self.case.style == "masked" or self.rng.random() < 0.6),
            self.some(0, 5),
            score_bits,
            bool(self.rng.random() < 0.5),
            exp,
            exp_bits,
            sum_bits,
            self.table(sum_bits, recip_bits),
            recip_bits,
            self.some(1, 12),
            self.some(0, 8),
            self.affine(self.dim, sum(len(head.value.bias) for head in heads)),
        )


def build(case: Case) -> QuantisedModel:
    """Make the model; symbols and positions may lack entries."""
    make = _Maker(case)
    bits = make.some(1, 3)
    most = 300 if case.style == "saturated" else 40
    classes = make.some(1, 3)
    return QuantisedModel(
        tuple("abcdefgh"[: 1 << bits]),
        tuple("pqr"[:classes]),
        bits,
        max(case.n, 1),
        make.dim,
        make.width,
        make.signed(make.some(0, 1 << bits), make.dim, most=most),
        make.signed(make.some(0, max(case.n, 1)), make.dim, most=most),
        make.locals(),
        tuple(Layer(make.attention(), make.locals()) for _ in range(case.layers)),
        make.affine(classes, make.dim),
        make.some(10 if case.style == "plain" else 1, 10),
    )


def words(case: Case, model: QuantisedModel, count: int = 20) -> Codes:
    """Return random words, some of one symbol only, shape (count, n)."""
    rng = np.random.default_rng(case.seed + 1)
    result = rng.integers(1 << model.symbol_bits, size=(count, case.n))
    result[: count // 4] = rng.integers(1 << model.symbol_bits, size=(count // 4, 1))
    return result


Ints = list[int]


def _sat(w: int, z: int) -> int:
    return max(-(2 ** (w - 1)), min(z, 2 ** (w - 1) - 1))


def _clamp(w: int, z: int) -> int:
    return min(max(z, 0), 2**w - 1)


def _at(table: list[int], index: int) -> int:
    return table[index] if index < len(table) else 0


def _acc(a: Affine, v: Ints) -> Ints:
    rows = zip(a.bias.tolist(), a.weight.tolist(), strict=True)
    return [bias + sum(x * y for x, y in zip(row, v, strict=True)) for bias, row in rows]


def _apply(w: int, a: Affine, v: Ints) -> Ints:
    return [_sat(w, z // 2**a.shift) for z in _acc(a, v)]


def _residual(w: int, a: Affine, x: Ints, v: Ints) -> Ints:
    return [_sat(w, (2**a.shift * xc + z) // 2**a.shift) for xc, z in zip(x, _acc(a, v), strict=True)]


def _norm(w: int, norm: Norm | None, v: Ints) -> Ints:
    if norm is None:
        return v
    u = v if norm.centre is None else [_sat(w, (len(v) * z - sum(v)) // 2**norm.centre) for z in v]
    square = _clamp(norm.square_bits, sum(z * z for z in u) // 2**norm.square_shift)
    r = _at(norm.rsqrt.tolist(), square) % 2**norm.rsqrt_bits
    return [_sat(w, z * r // 2**norm.shift) for z in u]


def _rotate(w: int, rotation: Rotation | None, i: int, v: Ints) -> Ints:
    if rotation is None:
        return v
    result = []
    for c in range(len(v)):
        table = rotation.table
        known = i < table.shape[0] and c // 2 < table.shape[1]
        cos, sin = table[i, c // 2].tolist() if known else (0, 0)
        z = cos * v[c] - sin * _at(v, c + 1) if c % 2 == 0 else cos * v[c] + sin * v[c - 1]
        result.append(_sat(w, z // 2**rotation.shift))
    return result


def _local(w: int, part: Local, x: Ints) -> Ints:
    if isinstance(part, StateNorm):
        return _norm(w, part.norm, x)
    hidden = [_clamp(w, z // 2**part.up.shift) for z in _acc(part.up, _norm(w, part.norm, x))]
    return _residual(w, part.down, x, hidden)


def _score(a: Attention, head: Head, q: Ints, k: Ints, *, distance: int) -> int:
    dot = sum(x * y for x, y in zip(q, k, strict=True))
    score = (dot + _at(head.distance.tolist(), distance)) // 2**a.score_shift
    return _clamp(a.score_bits, score + 2 ** (a.score_bits - 1))


def _head(w: int, a: Attention, head: Head, u: list[Ints], i: int) -> Ints:
    q = _rotate(w, head.rotation, i, _apply(w, head.query, u[i]))
    seen = u[: i + 1] if a.causal else u
    scores = [
        _score(a, head, q, _rotate(w, head.rotation, j, _apply(w, head.key, v)), distance=abs(i - j))
        for j, v in enumerate(seen)
    ]
    shift = 2**a.score_bits - 1 - max(scores) if a.shifted else 0
    weights = [_at(a.exp.tolist(), score + shift) % 2**a.exp_bits for score in scores]
    values = [_apply(w, head.value, v) for v in seen]
    r = _at(a.recip.tolist(), _clamp(a.sum_bits, sum(weights))) % 2**a.recip_bits
    weighted = [sum(e * v[c] for e, v in zip(weights, values, strict=True)) for c in range(len(head.value.bias))]
    return [_sat(w, _sat(a.weighted_bits, z) * r // 2**a.mean_shift) for z in weighted]


def naive_outputs(model: QuantisedModel, word: Ints) -> Ints:
    """Run the model on one word, from the definitions."""
    w = model.width

    def locally(parts: tuple[Local, ...], x: Ints) -> Ints:
        for part in parts:
            x = _local(w, part, x)
        return x

    def row(table: Codes, index: int) -> Ints:
        return table[index].tolist() if index < len(table) else [0] * model.dim

    x = []
    for i, symbol in enumerate(word):
        both = zip(row(model.embedding, symbol), row(model.positions, i), strict=True)
        x.append(locally(model.pre, [_sat(w, a + b) for a, b in both]))
    for layer in model.layers:
        a = layer.attention
        u = [_norm(w, a.norm, v) for v in x]
        mixed = [[z for head in a.heads for z in _head(w, a, head, u, i)] for i in range(len(x))]
        x = [locally(layer.locals, _residual(w, a.out, xi, m)) for xi, m in zip(x, mixed, strict=True)]
    return _apply(model.readout_bits, model.readout, x[-1] if x else [0] * model.dim)
