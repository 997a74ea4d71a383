"""Run models and circuits in Lean, by the definitions that the theorems are about."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logprec.constructor.executable import EXECUTABLE, call_constructor, model_file, offer_for
from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.model import Model


def lean_run(model: Model, words: ArrayLike) -> Codes:
    """Run a transformer with the Lean semantics.

    Parameters
    ----------
    model
        The model.
    words
        Symbol codes, shape (batch, n).

    Returns
    -------
    ndarray of int64, shape (batch, numbers), as `Model.numbers` has them
    """
    batch = np.asarray(words, dtype=np.int64)
    text = "".join(" ".join(map(str, row)) + "\n" for row in batch.tolist())
    command = offer_for(model).run
    with model_file(model) as path:
        output = call_constructor([*command, path, str(batch.shape[1])], stdin=text.encode())
    rows = [line.split() for line in output.decode().splitlines()]
    if len(rows) != len(batch) or len(set(map(len, rows))) > 1:
        raise LogprecError(f"{EXECUTABLE} {' '.join(command)}: expected {len(batch)} lines of numbers, got {len(rows)}")
    return np.array(rows, dtype=np.int64)


def lean_eval(path: Path, inputs: ArrayLike) -> NDArray[np.bool_]:
    """Evaluate a circuit file with the Lean circuit semantics.

    Parameters
    ----------
    path
        The circuit file.
    inputs
        Booleans, shape (batch, inputs).

    Returns
    -------
    ndarray of bool, shape (batch, outputs)
    """
    batch = np.asarray(inputs, dtype=np.int64)
    text = "".join("".join(map(str, row)) + "\n" for row in batch.tolist())
    lines = call_constructor(["eval", str(path)], stdin=text.encode()).decode().splitlines()
    if len(lines) != len(batch):
        raise LogprecError(f"{EXECUTABLE} eval: expected {len(batch)} lines, got {len(lines)}")
    return np.array([[c == "1" for c in line] for line in lines], dtype=np.bool_)
