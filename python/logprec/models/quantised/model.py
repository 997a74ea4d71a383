"""Quantised transformers behind the interface of models."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.model import Attention, Expected, Model, Panel
from logprec.models.quantised import run
from logprec.models.quantised.parts import Network

FORMAT = "logprec-quantised-1"


@dataclass(frozen=True)
class QuantisedModel(Network, Model):
    """A quantised transformer; its answer is its outputs."""

    kind: ClassVar[str] = "quantised models"

    @property
    def answer_shape(self) -> tuple[int, int]:
        """A number for each output."""
        return len(self.classes), self.readout_bits

    @property
    def accepting(self) -> int:
        """The last class; of a single output, that it is not negative."""
        return max(1, len(self.classes) - 1)

    @property
    def accepted_name(self) -> str:
        """The name of the last class."""
        return f"answered {self.classes[-1]!r}"

    def numbers(self, words: ArrayLike) -> Codes:
        """Return the outputs, shape (batch, classes)."""
        return run.outputs(self, words)

    def expected(self, words: ArrayLike, *, states: bool = False) -> Expected:
        """Return the outputs, with an offset; circuits have no states."""
        if states:
            raise LogprecError("circuits of quantised models output no states")
        found = run.outputs(self, words)
        return Expected(run.output_bits(self, found), run.classes(found) == self.accepting)

    def attention(self, word: ArrayLike) -> Attention:
        """Return the attention weights by layer and head, as shares of their sum."""
        row = np.asarray(word, dtype=np.int64)
        result = run.forward(self, row[None, :], weights=True)
        names = tuple(self.decode([x]) for x in row.tolist())
        panels = []
        for k, layer in enumerate(result.weights, 1):
            heads = []
            for h, found in enumerate(layer, 1):
                weights = found[0].astype(np.float64)
                shares = np.round(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1), 2)
                heads.append(Panel(f"layer {k}, head {h}: weights", names, shares))
            panels.append(tuple(heads))
        if not any(panels):
            raise LogprecError("the model has no attention to draw")
        single = len(self.classes) == 1
        verdict = str(result.outputs[0, 0]) if single else self.classes[int(run.classes(result.outputs)[0])]
        return Attention(tuple(panels), verdict)
