"""The floats: scalar reference, array version, and what truncation means."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logprec.errors import LogprecError
from logprec.models import floats

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"


def magnitudes(p: int) -> list[int]:
    """All representable magnitudes, scaled, computed from the definition and not from the code."""
    q = p // 2
    top = 2 ** (q - 1) - 1
    return sorted({m * 2 ** (e + top) for m in range(top + 1) for e in range(-top, top + 1)})


@pytest.mark.parametrize("p", [2, 4, 6, 8])
def test_truncation_is_the_largest_representable_magnitude_below(p: int) -> None:
    grid = magnitudes(p)
    for z in [*range(-min(3 * grid[-1] + 5, 3000), min(3 * grid[-1] + 5, 3000) + 1), 10**9, -(10**9)]:
        magnitude = max(m for m in grid if m <= abs(z))
        assert floats.to_integer(floats.from_integer(z, p), p) == (magnitude if z >= 0 else -magnitude)


@pytest.mark.parametrize("p", [2, 4, 6, 8])
def test_integer_table_is_the_scalar_map(p: int) -> None:
    assert floats.integer_table(p).tolist() == [floats.to_integer(c, p) for c in range(1 << p)]


@pytest.mark.parametrize("p", [2, 4, 6])
def test_every_pair(p: int) -> None:
    pairs = np.array(list(itertools.product(range(1 << p), repeat=2)))
    assert floats.sum_codes(pairs, p).tolist() == [floats.add_all(pair, p) for pair in pairs.tolist()]


@pytest.mark.parametrize("p", [2, 4])
def test_every_triple(p: int) -> None:
    triples = np.array(list(itertools.product(range(1 << p), repeat=3)))
    assert floats.sum_codes(triples, p).tolist() == [floats.add_all(triple, p) for triple in triples.tolist()]


@pytest.mark.parametrize("p", [2, 4, 6, 8, 10])
def test_truncate_near_every_power_of_two(p: int) -> None:
    z = np.array([s * ((1 << k) + d) for k in range(61) for d in (-1, 0, 1) for s in (1, -1)])
    assert floats.truncate(z, p).tolist() == [floats.from_integer(x, p) for x in z.tolist()]


@given(st.sampled_from([2, 4, 6, 8, 10]), st.data())
def test_random_lists_with_masks(p: int, data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, (1 << p) - 1), min_size=1, max_size=40))
    keep = data.draw(st.lists(st.booleans(), min_size=len(codes), max_size=len(codes)))
    expected = floats.add_all([c for c, k in zip(codes, keep, strict=True) if k], p)
    assert floats.sum_codes(np.array(codes), p, np.array(keep)) == expected


def test_known_values() -> None:
    assert [floats.magnitude_limit(p) for p in (2, 4, 6, 8)] == [0, 1, 3, 7]
    assert floats.add_all([], 4) == 0b1100  # zero has the smallest exponent
    assert floats.add_all([1, 1], 4) == 0b0101  # 1 + 1 = 2
    assert floats.add_all([1] * 100, 4) == 0b0101  # saturates
    assert floats.add_all([3] * 100, 4) == 0b0111  # on its own side
    assert floats.add_all([0, 3], 2) == 0  # one mantissa bit is only a sign: all values are zero


def test_bounds_are_checked() -> None:
    floats.check_terms(8, 1 << 20)
    with pytest.raises(LogprecError, match="overflow"):
        floats.check_terms(10, 1 << 30)
    with pytest.raises(LogprecError, match="at most 10"):
        floats.integer_table(12)
    for p in (0, 1, 3, -2):
        with pytest.raises(LogprecError, match="even"):
            floats.check_precision(p)


@pytest.mark.parametrize("p", [4, 6])
def test_nearest_is_nearest(p: int) -> None:
    values = floats.values_table(p)
    for x in np.linspace(values.min() - 1, values.max() + 1, 997):
        code = int(floats.nearest(x, p))
        assert abs(values[code] - np.clip(x, values.min(), values.max())) <= np.abs(values - x).min() + 1e-12
        assert floats.from_integer(floats.to_integer(code, p), p) == code


def test_shared_fixtures() -> None:
    rows = [list(map(int, line.split())) for line in (FIXTURES / "float-sums.txt").read_text().splitlines()]
    assert len(rows) > 500
    for p, k, *rest in rows:
        assert len(rest) == k + 1
        assert floats.add_all(rest[:-1], p) == rest[-1]
        if p <= 10:
            assert floats.sum_codes(np.array(rest[:-1], dtype=np.int64), p) == rest[-1]
    objects = [json.loads(line) for line in (FIXTURES / "float-sums.jsonl").read_text().splitlines()]
    assert [[x["p"], len(x["codes"]), *x["codes"], x["sum"]] for x in objects] == rows
