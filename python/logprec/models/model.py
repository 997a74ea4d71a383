"""The interface of a model: what commands, checks and pictures ask of it, whatever its kind."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.symbols import Symbols


class Shape(Protocol):
    """A circuit, as far as a model looks at it."""

    @property
    def inputs(self) -> int:
        """Number of input bits."""

    @property
    def outputs(self) -> int:
        """Number of output bits."""


@dataclass(frozen=True)
class Expected:
    """What a circuit should output on a batch of words.

    Attributes
    ----------
    bits
        Shape (batch, outputs).
    accepted
        Shape (batch,): which words the model accepts.
    """

    bits: NDArray[np.bool_]
    accepted: NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """A table to be drawn, with a row for each query.

    Attributes
    ----------
    title
        What it shows.
    columns
        Names of the columns; those beyond the positions of the word stand apart.
    table
        Shape (n, columns), NaN where there is nothing.
    """

    title: str
    columns: tuple[str, ...]
    table: NDArray[np.float64]


@dataclass(frozen=True)
class Attention:
    """What the heads compute on a word.

    Attributes
    ----------
    panels
        By row and column of the picture; rows may have different lengths.
    verdict
        What the model says of the word.
    """

    panels: tuple[tuple[Panel, ...], ...]
    verdict: str


class Model(Symbols, ABC):
    """A transformer that can be compiled to circuits.

    Its answer is a row of numbers of equally many bits, stored with ``2**(bits - 1)`` added.  Of several, the first
    greatest is the class; a single one is class 1 if its high bit is set, else class 0.

    Attributes
    ----------
    kind
        What models of this kind are called, in the plural.
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def answer_shape(self) -> tuple[int, int]:
        """How many numbers the answer has, and bits each."""

    @property
    @abstractmethod
    def accepting(self) -> int:
        """The class of the words that count as accepted."""

    @property
    @abstractmethod
    def accepted_name(self) -> str:
        """What is said of words that count as accepted."""

    @abstractmethod
    def to_text(self) -> str:
        """Write the model as whitespace-separated naturals for the Lean executable."""

    @abstractmethod
    def numbers(self, words: ArrayLike) -> Codes:
        """Run the model on words of one length; return the numbers that the Lean executable prints for each.

        Parameters
        ----------
        words
            Symbol codes, shape (batch, n).

        Returns
        -------
        ndarray of int64, shape (batch, numbers)
        """

    @abstractmethod
    def expected(self, words: ArrayLike, *, states: bool = False) -> Expected:
        """Run the model on words of one length.

        Parameters
        ----------
        words
            Symbol codes, shape (batch, n).
        states
            Return all final state bits instead of the answer's.
        """

    @abstractmethod
    def attention(self, word: ArrayLike) -> Attention:
        """Return what the heads compute on a word of symbol codes, shape (n,).

        Raises
        ------
        LogprecError
            If the model has no attention.
        """

    def state_width(self, n: int) -> int:
        """Return how many bits the final states of a word have in circuits; 0 if there are no such circuits."""
        return 0

    def output_width(self, n: int, *, states: bool = False) -> int:
        """Return how many bits a circuit for words of length ``n`` outputs."""
        count, bits = self.answer_shape
        return self.state_width(n) if states else count * bits

    def length_of(self, circuit: Shape) -> int:
        """Return the input length of a circuit of this model.

        Raises
        ------
        LogprecError
            If the circuit's shape does not belong to this model.
        """
        n, rest = divmod(circuit.inputs, self.symbol_bits)
        if rest or n < 1 or circuit.outputs not in {self.output_width(n), self.state_width(n)} - {0}:
            raise LogprecError(
                f"a circuit of {circuit.inputs} inputs and {circuit.outputs} outputs does not belong to this model"
            )
        self.check_length(n)
        return n

    def gives_states(self, circuit: Shape) -> bool:
        """Return whether a circuit of this model outputs final states instead of the answer."""
        return circuit.outputs != self.output_width(self.length_of(circuit))

    def classes_of(self, bits: NDArray[np.bool_]) -> Codes:
        """Return the classes that answers stand for, shape (batch,).

        Parameters
        ----------
        bits
            Outputs of a circuit, shape (batch, outputs).
        """
        count, width = self.answer_shape
        if count == 1:
            return bits[:, -1].astype(np.int64)
        stored = bits.reshape(len(bits), count, width) @ (np.int64(1) << np.arange(width, dtype=np.int64))
        return np.asarray(stored.argmax(axis=1), dtype=np.int64)
