"""Write the three hand-made example models next to this file.

All have one coordinate (D = 1) of p = 4 bits, whose values are 0, ±1/2, ±1, ±2.
The iterated sum is exact before it is truncated, so its *sign* is always
right, however many positions there are; the examples only use signs.

Rows of the tables that no input can reach are zero.  That is a choice made
here, not a rule: it keeps the circuits small, because the constructor spends
gates only on rows that are not zero.
"""

import argparse
from pathlib import Path

import numpy as np

from logprec.models.floats import Codes, integer_table, nearest
from logprec.models.tables.folder import save_tables
from logprec.models.tables.model import Head, Layer, TableModel

P = 4
STATES = 1 << P
MAX_LENGTH = 16

ONE, MINUS_ONE, ZERO = (int(code) for code in nearest([1, -1, 0], P))
# A sum of k >= 1 ones: 1 when k = 1, otherwise (saturated) 2.
SUMS_OF_ONES = [ONE, int(nearest(2, P))]
SIGN = np.sign(integer_table(P))


def table(*shape: int) -> Codes:
    """Return a table of zeros, the natural number 0 being also a float of value 0."""
    return np.zeros(shape, dtype=np.int64)


def uniform(states: list[int], mask: str, values: dict[int, int]) -> Head:
    """Return a head that weighs all visible positions alike.

    Parameters
    ----------
    states
        The states that occur; every pair has similarity one.
    mask
        The mask.
    values
        What a key state contributes to the sum; nothing if absent.
    """
    sim, weigh = table(STATES, STATES), table(STATES, STATES, STATES)
    sim[np.ix_(states, states)] = ONE
    for state, summand in values.items():
        weigh[ONE, SUMS_OF_ONES, state] = summand
    return Head(mask, sim, weigh)


def embedding(*states: int) -> Codes:
    """Return an embedding that ignores the position."""
    return np.tile(np.array(states, dtype=np.int64), (MAX_LENGTH, 1))


def majority() -> TableModel:
    """Accept iff strictly more 1 than 0 (a tie is rejected).

    One uniform head sums +1 for every 1 and -1 for every 0; the sign of the
    sum at the last position decides.
    """
    head = uniform([ONE, MINUS_ONE], "none", {ONE: ONE, MINUS_ONE: MINUS_ONE})
    act = table(STATES, STATES)
    act[:, [ONE, MINUS_ONE]] = np.arange(STATES)[:, None]
    accept = (SIGN > 0).astype(np.int64)
    return TableModel(("0", "1"), 1, 1, P, embedding(MINUS_ONE, ONE), (Layer((head,), act),), accept)


def contains() -> TableModel:
    """Accept iff some position holds d, by hard attention.

    A key is similar (1) if it holds d and otherwise not (0).  The normaliser
    is positive iff the largest similarity is 1, and then exactly the keys of
    similarity 1 get weight; otherwise all keys tie and all have value 0.
    """
    sim, weigh = table(STATES, STATES), table(STATES, STATES, STATES)
    sim[np.ix_([ONE, ZERO], [ONE])] = ONE
    weigh[ONE, SUMS_OF_ONES, ONE] = ONE
    act = table(STATES, STATES)
    act[:, [ONE, ZERO]] = np.arange(STATES)[:, None]
    accept = (SIGN > 0).astype(np.int64)
    head = Head("none", sim, weigh)
    return TableModel(
        tuple("abcd"),
        2,
        1,
        P,
        embedding(ZERO, ZERO, ZERO, ONE),
        (Layer((head,), act),),
        accept,
    )


def brackets() -> TableModel:
    """Accept iff the brackets are balanced (Dyck language, one kind), by two layers.

    Layer 1, causal: the sign of the balance of every prefix.  Layer 2: does
    any prefix have a negative balance?  Accept iff none has and the balance of
    the whole input is zero.
    """
    balance = uniform([ONE, MINUS_ONE], "causal", {ONE: ONE, MINUS_ONE: MINUS_ONE})
    sign = table(STATES, STATES)
    sign[:, [ONE, MINUS_ONE]] = np.array([MINUS_ONE, ZERO, ONE])[SIGN + 1][:, None]
    negative = uniform([ONE, ZERO, MINUS_ONE], "none", {MINUS_ONE: ONE})
    good = table(STATES, STATES)
    good[ZERO, ZERO] = ONE
    accept = (SIGN > 0).astype(np.int64)
    layers = (Layer((balance,), sign), Layer((negative,), good))
    return TableModel(("(", ")"), 1, 1, P, embedding(ONE, MINUS_ONE), layers, accept)


MODELS = {"majority": majority, "contains": contains, "brackets": brackets}


def main() -> None:
    """Write every model."""
    parser = argparse.ArgumentParser(description="Write the hand-made example models.")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent,
        help="folder of the model folders",
    )
    folder = parser.parse_args().out
    for name, build in MODELS.items():
        save_tables(build(), folder / name)


if __name__ == "__main__":
    main()
