"""Tables of exponentials: rounded well, and those that Lean computes."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logprec.constructor.executable import call_constructor, project_root
from logprec.importer.exponential import SQUARINGS, exp_table
from logprec.models.quantised.folder import load_quantised

STEPS = st.tuples(st.integers(0, 1 << 32), st.integers(1, 1 << 30))


@settings(deadline=None, max_examples=60)
@example(score_bits=8, exp_bits=16, peak=255, step=(1, 20))
@example(score_bits=1, exp_bits=0, peak=0, step=(0, 1))
@given(score_bits=st.integers(1, 8), exp_bits=st.integers(0, 16), peak=st.integers(0, 300), step=STEPS)
def test_entries_are_rounded_exponentials(score_bits: int, exp_bits: int, peak: int, step: tuple[int, int]) -> None:
    greatest = (1 << exp_bits) - 1
    table = exp_table(score_bits, exp_bits, peak, step)
    with localcontext() as context:
        context.prec = 60
        for score, entry in enumerate(table.tolist()):
            x = Fraction(max(0, peak - score) * step[0], step[1])
            real = greatest * (-Decimal(x.numerator) / Decimal(x.denominator)).exp()
            # what the theorem leaves: half a unit, and what the power and the last bits differ by
            assert abs(entry - real) <= Decimal("0.5") + real * Decimal(float(x * x)) / 2**SQUARINGS + Decimal("1e-8")


@pytest.mark.lean
@pytest.mark.parametrize(
    ("score_bits", "exp_bits", "peak", "step", "squarings"),
    [
        (8, 6, 253, (47, 1 << 10), 30),
        (6, 8, 63, (1, 9), 20),
        (3, 4, 5, (3, 2), 1),
        (2, 4, 3, (0, 1), 7),
        (5, 0, 9, (1, 1), 3),
    ],
)
def test_lean_computes_the_same(
    score_bits: int, exp_bits: int, peak: int, step: tuple[int, int], squarings: int
) -> None:
    numbers = (squarings, score_bits, exp_bits, peak, *step)
    printed = call_constructor(["exp", *map(str, numbers)]).split()
    assert list(map(int, printed)) == exp_table(score_bits, exp_bits, peak, step, squarings=squarings).tolist()


@pytest.mark.parametrize("name", ["majority", "brackets", "copy"])
def test_the_trained_decoders_have_such_tables(name: str) -> None:
    """Their steps are not recorded; that of the entry below the peak's, and a few more, say what it must be nearly."""
    for layer in load_quantised(project_root() / "examples" / "decoders" / name).layers:
        attention = layer.attention
        peak, greatest = (1 << attention.score_bits) - 3, (1 << attention.exp_bits) - 1
        middle = int(np.flatnonzero(attention.exp > greatest // 4)[0])
        guess = -np.log(attention.exp[middle] / greatest) / (peak - middle)
        found = (
            exp_table(attention.score_bits, attention.exp_bits, peak, (round(guess * f * 2**30), 2**30))
            for f in np.linspace(0.98, 1.02, 801)
        )
        assert min(int(np.abs(table - attention.exp).max()) for table in found) <= 1
