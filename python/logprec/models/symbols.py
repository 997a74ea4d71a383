"""What models of every kind share: an alphabet, and words over it as codes and as bits."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError


class Symbols:
    """A model's words.

    Attributes
    ----------
    alphabet
        Symbol names; symbol k has code k.
    symbol_bits
        Bits per input symbol; codes beyond the alphabet are legal inputs but name no symbol.
    max_length
        The largest input length.
    """

    alphabet: tuple[str, ...]
    symbol_bits: int

    if TYPE_CHECKING:  # a field here, a property there

        @property
        def max_length(self) -> int:
            """The largest input length."""

    def check_length(self, n: int) -> None:
        """Raise unless inputs of length ``n`` are defined.

        Raises
        ------
        LogprecError
            If ``n`` is below 1 or above the model's maximal length.
        """
        if not 1 <= n <= self.max_length:
            raise LogprecError(f"length {n}: this model reads 1 to {self.max_length} symbols")

    def encode(self, text: str) -> tuple[int, ...]:
        """Read a string of symbols.

        Symbols are separated by spaces or commas, or written without
        separator when every symbol of the alphabet is one character.

        Raises
        ------
        LogprecError
            If a symbol is not in the alphabet.
        """
        codes = {symbol: code for code, symbol in enumerate(self.alphabet)}
        names: list[str] = text.replace(",", " ").split()
        if all(len(symbol) == 1 for symbol in self.alphabet):
            names = list("".join(names))
        for name in names:
            if name not in codes:
                raise LogprecError(f"symbol {name!r} is not in the alphabet {' '.join(self.alphabet)}")
        return tuple(codes[name] for name in names)

    def decode(self, symbols: ArrayLike) -> str:
        """Write symbol codes as text; the inverse of `encode`."""
        names = [self.alphabet[k] if k < len(self.alphabet) else f"<{k}>" for k in np.asarray(symbols).tolist()]
        return ("" if all(len(symbol) == 1 for symbol in self.alphabet) else " ").join(names)

    def to_bits(self, symbols: ArrayLike) -> NDArray[np.bool_]:
        """Return the circuit's input bits, shape (batch, n * symbol_bits).

        Bit b of symbol i is at index ``i * symbol_bits + b``.

        Parameters
        ----------
        symbols
            Symbol codes, shape (batch, n).
        """
        codes = np.asarray(symbols, dtype=np.int64)
        bits = (codes[..., None] >> np.arange(self.symbol_bits)) & 1
        return bits.reshape(codes.shape[0], -1).astype(np.bool_)


def draw_words(rng: np.random.Generator, base: int, count: int, n: int) -> NDArray[np.int64]:
    """Draw words, shape (count, n), of codes below ``base``.

    Half of them draw every symbol alike, half draw the symbols with random odds, so that lopsided words occur too.
    """
    odds = rng.dirichlet(np.full(base, 0.5), count)
    odds[::2] = 1 / base
    draw = rng.random((count, n, 1)) > np.cumsum(odds, axis=1)[:, None, :]
    return np.asarray(np.minimum(draw.sum(axis=2), base - 1), dtype=np.int64)
