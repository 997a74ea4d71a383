"""Every operation of quantised models: numpy = Lean's definition = circuit.

At 6 and 8 bits on all operands; at 12 and 16 bits on all pairs of corners and on random ones.

Signed numbers of b bits are stored with 2^(b-1) added. Every operation is seen with results in range, and saturated at
each end that it can reach.
"""

from pathlib import Path

import numpy as np
import pytest

from logprec.circuits.blocks import blocks_from_bytes
from logprec.constructor.executable import call_constructor
from logprec.models.floats import Codes
from logprec.models.quantised.parts import Affine
from logprec.models.quantised.run import _accumulate, _affine, _clamp, _look_up, _residual, _saturate

ENTRIES = np.array([7, 0, 300, 5, 61, 2, 1, 63, 12])


def zigzag(z: int) -> int:
    return 2 * z if z >= 0 else -2 * z - 1


def form(bias: int, linear: list[tuple[int, int]], products: list[tuple[int, int, int]], shift: int, bits: int) -> str:
    """Write a form as a network file has it."""
    numbers = [1, zigzag(bias), len(linear)]
    for c, i in linear:
        numbers += [zigzag(c), i]
    numbers.append(len(products))
    for c, i, j in products:
        numbers += [zigzag(c), i, j]
    return " ".join(map(str, [*numbers, shift, bits]))


def operations(bits: int, bias: int = 7) -> tuple[str, list[str]]:
    """Return a network of two signed numbers x, y, at 0 and 1, and the names of its nodes."""
    h = 1 << (bits - 1)
    entries = (ENTRIES & ((1 << bits) - 1)).tolist()
    # for x = u - h and y = v - h: the constants are those of the expansion
    nodes = {
        "affine": form(bias + 2 * h + h * 4, [(3, 0), (-5, 1)], [], 2, bits),
        "residual": form(-h * 8 - h * 3 + h * 8, [(8, 0), (3, 1)], [], 3, bits),
        "product": form(h * h + (h << (bits - 2)), [(-h, 0), (-h, 1)], [(1, 0, 1)], bits - 2, bits),
        "squares": form(2 * h * h, [(-2 * h, 0), (-2 * h, 1)], [(1, 0, 0), (1, 1, 1)], 5, bits),
        "ReLU": form(0, [(1, 0), (-1, 1)], [], 1, bits - 1),
        "table": f"2 1 {bits} {len(entries)} " + " ".join(map(str, entries)),
        "copy": "0 0",
    }
    return f"2 {bits} {bits} 1 {len(nodes)} " + " ".join(nodes.values()) + "\n", list(nodes)


def row(*weights: int, bias: int = 0, shift: int) -> Affine:
    return Affine(np.array([weights]), np.array([bias]), shift)


def expected(bits: int, u: Codes, v: Codes) -> tuple[Codes, list[set[int]]]:
    """Return the stored results by numpy, shape (inputs, nodes), and how each is saturated: -1, 0 (not) or 1."""
    h = 1 << (bits - 1)
    x, y = u - h, v - h
    both = np.stack([x, y], axis=1)
    affine, residual, relu = row(3, -5, bias=7, shift=2), row(3, shift=3), row(1, -1, shift=1)
    results = {
        "affine": _affine(bits, affine, both, h)[:, 0] + h,
        "residual": _residual(bits, residual, both[:, :1], both[:, 1:], h)[:, 0] + h,
        "product": _saturate(bits, x * y >> (bits - 2)) + h,
        "squares": _clamp(bits, (x * x + y * y) >> 5),
        "ReLU": _clamp(bits - 1, _accumulate(relu, both, h) >> relu.shift)[:, 0],
        "table": _look_up(ENTRIES, v, bits),
        "copy": u,
    }
    exact = [(3 * x - 5 * y + 7) >> 2, (8 * x + 3 * y) >> 3, x * y >> (bits - 2), (x * x + y * y) >> 5, (x - y) >> 1]
    least, most = [-h, -h, -h, 0, 0], [h - 1, h - 1, h - 1, 2 * h - 1, h - 1]
    ends = [np.sign(z - np.clip(z, a, b)) for z, a, b in zip(exact, least, most, strict=True)]
    return np.stack([*results.values()], axis=1), [set(end.tolist()) for end in ends]


def operands(bits: int, sampled: int = 1 << 14) -> tuple[Codes, Codes]:
    """Return all pairs of stored numbers up to 8 bits; else those of corners, and random ones, also small and large."""
    if bits <= 8:
        code = np.arange(1 << (2 * bits))
        return code & ((1 << bits) - 1), code >> bits
    h = 1 << (bits - 1)
    corners = np.unique(np.concatenate([[0, 1, 2], h + np.arange(-2, 3), 2 * h - np.arange(1, 4), np.arange(13)]))
    rng = np.random.default_rng(bits)
    uniform = rng.integers(0, 2 * h, (sampled // 2, 2))
    near_zero = h + np.round(rng.normal(0, 8, (sampled // 4, 2))).astype(np.int64)
    lopsided = np.where(rng.random((sampled // 4, 2)) < 0.5, uniform[: sampled // 4], near_zero)
    pairs = np.stack(np.meshgrid(corners, corners), axis=-1).reshape(-1, 2)
    u, v = np.concatenate([pairs, uniform, near_zero, lopsided]).T
    return u, v


@pytest.mark.lean
@pytest.mark.parametrize("bits", [6, 8, 12, 16])
def test_every_operation(bits: int, tmp_path: Path) -> None:
    text, names = operations(bits)
    path = tmp_path / "network"
    path.write_text(text)
    u, v = operands(bits)
    count = len(u)
    wanted, ends = expected(bits, u, v)
    assert ends == [{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}, {0, 1}, {-1, 0}]
    widths = [bits] * 4 + [bits - 1] + [bits] * 2
    for flags in ([], ["--optimise"]):
        circuit = blocks_from_bytes(call_constructor(["network", "blocks", str(path), *flags]))
        found = circuit.evaluate((u | v << bits)[:, None] >> np.arange(2 * bits) & 1)
        starts = np.cumsum([0, *widths])
        for k, name in enumerate(names):
            code = found[:, starts[k] : starts[k + 1]] @ (1 << np.arange(widths[k]))
            assert np.array_equal(code, wanted[:, k]), (name, flags)
    lines = "".join(f"{a} {b}\n" for a, b in zip(u.tolist(), v.tolist(), strict=True)).encode()
    printed = call_constructor(["network", "run", str(path)], stdin=lines)
    assert np.array_equal(np.array(printed.split(), dtype=np.int64).reshape(count, -1), wanted)


@pytest.mark.lean
def test_a_constant_that_is_off_by_one_is_seen(tmp_path: Path) -> None:
    text, _ = operations(6, bias=8)
    path = tmp_path / "network"
    path.write_text(text)
    u, v = np.arange(1 << 12) & 63, np.arange(1 << 12) >> 6
    wanted, _ = expected(6, u, v)
    circuit = blocks_from_bytes(call_constructor(["network", "blocks", str(path)]))
    found = circuit.evaluate(np.arange(1 << 12)[:, None] >> np.arange(12) & 1)[:, :6] @ (1 << np.arange(6))
    assert not np.array_equal(found, wanted[:, 0])
