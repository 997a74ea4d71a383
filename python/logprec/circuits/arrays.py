"""Where words are kept and worked on: by numpy, or by PyTorch on one of its devices.

A word is 64 inputs, a signed integer.  What evaluators need beyond indexing, ``&``, ``|`` and ``^`` is here.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logprec.errors import LogprecError

Words = NDArray[np.int64]
Rows = Any
"""Words on a device: a numpy array or a tensor, indexed alike."""


class Arrays(Protocol):
    """Arrays of words on a device.

    Attributes
    ----------
    shape_words
        So many words per value of a shape make a pass fast.
    parallel
        Whether passes may be shared among processes.
    """

    shape_words: int
    parallel: bool

    def zeros(self, *shape: int) -> Rows:
        """Return words that are 0."""

    def index(self, places: NDArray[np.integer]) -> Any:
        """Return places as the device indexes with them."""

    def join(self, parts: list[Rows]) -> Rows:
        """Put arrays one after the other, along their first axis."""

    def load(self, words: Words) -> Rows:
        """Bring words to the device."""

    def fetch(self, rows: Rows) -> Words:
        """Bring words from the device."""


class Numpy:
    """The processor, by numpy.

    With 64 words per value the interpreter's work takes longer than numpy's (26 billion wires a second of one core);
    with more than 256 little is gained (75 billion).
    """

    shape_words = 256
    parallel = True

    def zeros(self, *shape: int) -> Rows:
        """Return words that are 0."""
        return np.zeros(shape, dtype=np.int64)

    def index(self, places: NDArray[np.integer]) -> Any:
        """Return the places themselves."""
        return places

    def join(self, parts: list[Rows]) -> Rows:
        """Put arrays one after the other."""
        return np.concatenate(parts)

    def load(self, words: Words) -> Rows:
        """Return the words themselves."""
        return words

    def fetch(self, rows: Rows) -> Words:
        """Return the words, one row after the other in memory."""
        return np.ascontiguousarray(rows)


class Torch:
    """A device of PyTorch's, such as ``cuda``.

    Parameters
    ----------
    device
        Its name.

    Raises
    ------
    LogprecError
        If PyTorch or the device is missing.
    """

    # a device is kept busy by few large operations
    shape_words = 1 << 15
    parallel = False

    def __init__(self, device: str) -> None:
        try:
            import torch  # noqa: PLC0415 (an optional extra)
        except ImportError as error:
            raise LogprecError(f"device {device!r} needs PyTorch: pip install 'logprec[train]'") from error
        self._torch = torch
        try:
            self._device = torch.device(device)
            torch.zeros(1, device=self._device)
        except (RuntimeError, AssertionError) as error:
            raise LogprecError(f"device {device!r}: {str(error).splitlines()[0]}") from error

    def zeros(self, *shape: int) -> Rows:
        """Return words that are 0."""
        return self._torch.zeros(shape, dtype=self._torch.int64, device=self._device)

    def index(self, places: NDArray[np.integer]) -> Any:
        """Return the places as a tensor of 64-bit numbers."""
        return self._torch.from_numpy(places.astype(np.int64)).to(self._device)

    def join(self, parts: list[Rows]) -> Rows:
        """Put tensors one after the other."""
        return self._torch.cat(parts)

    def load(self, words: Words) -> Rows:
        """Copy words to the device."""
        return self._torch.from_numpy(words).to(self._device)

    def fetch(self, rows: Rows) -> Words:
        """Copy words from the device."""
        return np.ascontiguousarray(rows.cpu().numpy())


NUMPY = Numpy()


def arrays_on(device: str | None) -> Arrays:
    """Return where to work: numpy without a device, PyTorch with one."""
    return NUMPY if device is None else Torch(device)
