"""The p-bit floats of the paper and their iterated sum, bit for bit.

A p-bit string, p even and q = p / 2, is a natural number below ``2**p``: the
low q bits are the mantissa code, the next q bits the exponent code.  Both are
signed integers in sign and magnitude (bit q-1 is the sign).  The value is
``mantissa * 2**exponent``.  A list is summed exactly, as integers scaled by
``2**I`` with ``I = 2**(q-1) - 1``, and truncated once at the end.

Source: Merrill and Sabharwal, "The Parallelism Tradeoff" (TACL 2023),
Definitions 2 to 5, with truncation towards zero and saturation on the sign's
side.

The scalar functions work on Python integers and are the reference; the array
functions give the same codes for whole arrays.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError

Codes = NDArray[np.int64]
"""An array of float codes or state numbers."""

_INT64_SAFE = 1 << 62


def check_precision(p: int) -> None:
    """Raise unless ``p`` is a legal precision: even and at least 2.

    Raises
    ------
    LogprecError
        If ``p`` is odd or below 2.
    """
    if p < 2 or p % 2 != 0:
        raise LogprecError(f"precision {p}: must be an even number of bits, at least 2")


def magnitude_limit(p: int) -> int:
    """Return I, the largest magnitude of a mantissa or an exponent.

    Parameters
    ----------
    p
        Bits per float, even.
    """
    check_precision(p)
    return (1 << (p // 2 - 1)) - 1


def _signed(code: int, q: int) -> int:
    magnitude = code & ((1 << (q - 1)) - 1)
    return -magnitude if code >> (q - 1) & 1 else magnitude


def to_integer(code: int, p: int) -> int:
    """Return g(code): the float's value times ``2**I``, an exact integer.

    Parameters
    ----------
    code
        A float code, ``0 <= code < 2**p``.
    p
        Bits per float, even.
    """
    q = p // 2
    mantissa = _signed(code & ((1 << q) - 1), q)
    exponent = _signed(code >> q, q)
    return mantissa * (1 << (exponent + magnitude_limit(p)))


def from_integer(z: int, p: int) -> int:
    """Return f(z): the code of ``z / 2**I``, truncated towards zero.

    Values too large for any code saturate to the largest one of their sign.

    Parameters
    ----------
    z
        Any integer.
    p
        Bits per float, even.
    """
    q, limit = p // 2, magnitude_limit(p)
    a = abs(z)
    k = max(0, a.bit_length() - (q - 1))
    if k <= 2 * limit:
        magnitude = a >> k
    else:
        k, magnitude = 2 * limit, limit
    mantissa = magnitude | ((1 << (q - 1)) if z < 0 else 0)
    exponent = abs(k - limit) | ((1 << (q - 1)) if k < limit else 0)
    return mantissa | exponent << q


def add_all(codes: Iterable[int], p: int) -> int:
    """Return the iterated sum of ``codes``: one exact sum, one truncation.

    Parameters
    ----------
    codes
        Float codes below ``2**p``; the empty sum is the code of zero.
    p
        Bits per float, even.
    """
    return from_integer(sum(to_integer(c, p) for c in codes), p)


@lru_cache(maxsize=16)
def integer_table(p: int) -> Codes:
    """Return g for all ``2**p`` codes, as a read-only table.

    Parameters
    ----------
    p
        Bits per float, even.

    Returns
    -------
    ndarray of int64, shape (2**p,)

    Raises
    ------
    LogprecError
        If the values do not fit 64 bits (p above 10).
    """
    limit = magnitude_limit(p)
    if limit << (2 * limit) >= _INT64_SAFE:
        raise LogprecError(f"precision {p}: numpy sums support at most 10 bits per float")
    table = np.array([to_integer(c, p) for c in range(1 << p)], dtype=np.int64)
    table.flags.writeable = False
    return table


def check_terms(p: int, terms: int) -> None:
    """Raise unless sums of ``terms`` floats are exact in 64-bit integers.

    Parameters
    ----------
    p
        Bits per float, even.
    terms
        Number of floats in one sum.

    Raises
    ------
    LogprecError
        If an intermediate sum could overflow.
    """
    largest = int(integer_table(p).max())
    if largest * max(terms, 1) >= _INT64_SAFE:
        raise LogprecError(f"a sum of {terms} floats of {p} bits can overflow 64-bit integers")


_POWERS = np.array([1 << k for k in range(63)], dtype=np.int64)


def truncate(z: Codes, p: int) -> Codes:
    """Apply f to every entry of ``z``; see `from_integer`.

    Parameters
    ----------
    z
        Exact integer sums, any shape, absolute value below ``2**62``.
    p
        Bits per float, even.

    Returns
    -------
    ndarray of int64, same shape as ``z``
    """
    q, limit = p // 2, magnitude_limit(p)
    a = np.abs(z)
    # searchsorted counts the powers of two that are <= a: the exact bit length
    bits = np.searchsorted(_POWERS, a, side="right").astype(np.int64)
    k = np.maximum(0, bits - (q - 1))
    magnitude = np.where(k <= 2 * limit, a >> k, limit)
    k = np.minimum(k, 2 * limit)
    sign = np.int64(1 << (q - 1))
    mantissa = magnitude | np.where(z < 0, sign, 0)
    exponent = np.abs(k - limit) | np.where(k < limit, sign, 0)
    return np.asarray(mantissa | (exponent << q), dtype=np.int64)


def sum_codes(codes: Codes, p: int, keep: NDArray[np.bool_] | None = None) -> Codes:
    """Sum float codes along the last axis; see `add_all`.

    Parameters
    ----------
    codes
        Float codes below ``2**p``, shape (..., terms).
    p
        Bits per float, even.
    keep
        Broadcastable to ``codes``; terms where it is false do not contribute.

    Returns
    -------
    ndarray of int64, shape ``codes.shape[:-1]``

    Raises
    ------
    LogprecError
        If the sum could overflow 64-bit integers.
    """
    check_terms(p, codes.shape[-1])
    terms = integer_table(p)[codes]
    if keep is not None:
        terms = np.where(keep, terms, 0)
    return truncate(terms.sum(axis=-1, dtype=np.int64), p)


def nearest(x: ArrayLike, p: int) -> Codes:
    """Return the codes nearest to real numbers, as training needs them.

    Only codes that `from_integer` returns are used.  Ties go to the smaller
    magnitude; values out of range saturate.

    Parameters
    ----------
    x
        Real numbers, any shape; not NaN.
    p
        Bits per float, even, at most 10.

    Returns
    -------
    ndarray of int64, same shape as ``x``
    """
    codes = np.unique(truncate(integer_table(p), p))
    values = values_table(p)[codes]
    order = np.lexsort((values, np.abs(values)))
    codes, values = codes[order], values[order]
    reals = np.clip(np.asarray(x, dtype=np.float64), values.min(), values.max())
    # argmin takes the first of equal distances, and the order is by magnitude
    closest: Codes = codes[np.abs(reals[..., None] - values).argmin(axis=-1)]
    return closest


def values_table(p: int) -> NDArray[np.float64]:
    """Return the real value of every code, shape (2**p,); p at most 10."""
    return integer_table(p) / float(1 << magnitude_limit(p))
