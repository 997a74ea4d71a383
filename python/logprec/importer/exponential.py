"""The table of exponentials of a quantised model, in integers; `Quantised.expTable` in Lean says how exact it is."""

import numpy as np

from logprec.models.floats import Codes

# How many squarings: (1 - x / 2^m)^(2^m) stands for e^(-x).
SQUARINGS = 30


def exp_table(score_bits: int, exp_bits: int, peak: int, step: tuple[int, int], *, squarings: int = SQUARINGS) -> Codes:
    """Return the weights of scores: multiples of ``e**-x``, rounded, hardly more than half a unit off.

    Parameters
    ----------
    score_bits, exp_bits
        Bits of a score and of a weight.
    peak
        The score, counted from 0, that has the greatest weight, as all above have.
    step
        A fraction: one less of a score divides its weight by ``e`` to this power.
    squarings
        Also the exponent of 2 by which x is divided.

    Returns
    -------
    ndarray of int64, shape (2**score_bits,)
    """
    a, b = step
    greatest, bits = (1 << exp_bits) - 1, exp_bits + 2 * squarings + 2
    entries = []
    for score in range(1 << score_bits):
        power = max(0, (1 << bits) - (max(0, peak - score) * a << bits) // (b << squarings))
        for _ in range(squarings):
            power = power * power >> bits
        entries.append((greatest * power + (1 << (bits - 1))) >> bits)
    return np.array(entries, dtype=np.int64)
