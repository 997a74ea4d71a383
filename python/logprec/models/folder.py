"""What model folders of every kind share: ``config.json``, ``model.safetensors``, and how they are checked on load.

Tensors hold integers.  Any integer type is read; a floating-point tensor is
read only if every entry is finite and integral (training tools often write
float32), and anything else is an error: nothing is rounded.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from logprec.errors import LogprecError
from logprec.files import write_whole
from logprec.models.floats import Codes

CONFIG = "config.json"
TENSORS = "model.safetensors"


def write_folder(directory: Path, config: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> None:
    """Write the two files of a model directory; equal contents give equal bytes.

    Raises
    ------
    LogprecError
        If the folder cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogprecError(f"{directory}: cannot write: {error.strerror}") from error
    plain = {name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())}
    write_whole(directory / TENSORS, safetensors_bytes(plain))
    write_whole(directory / CONFIG, json.dumps(config, indent=2) + "\n")


def read_config(path: Path) -> Any:
    """Read a JSON file; no key may occur twice in an object.

    Raises
    ------
    LogprecError
        If it cannot be read or is not valid JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_unique_keys)
    except OSError as error:
        raise LogprecError(f"{path}: cannot read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise LogprecError(f"{path}: not valid JSON: {str(error).splitlines()[0]}") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def check_alphabet(path: Path, alphabet: Any, symbol_bits: int) -> None:
    """Raise unless an alphabet is what `logprec.models.symbols` can read and write, and fits ``symbol_bits`` bits."""
    check_names(path, alphabet, "alphabet")
    if not 1 <= len(alphabet) <= 1 << symbol_bits:
        raise LogprecError(
            f"{path}: alphabet has {len(alphabet)} symbols; {symbol_bits} bits code 1 to {1 << symbol_bits}"
        )


def check_names(path: Path, names: Any, key: str) -> None:
    """Raise unless ``names`` is a list of different printable names without spaces and commas."""
    if not (
        isinstance(names, list)
        and all(isinstance(name, str) and name and name.isprintable() for name in names)
        and not any(c in name for name in names for c in " ,")
    ):
        raise LogprecError(f"{path}: {key} must be a list of printable symbols without spaces and commas")
    if len(set(names)) != len(names):
        raise LogprecError(f"{path}: {key} lists a symbol twice")


def short(value: Any) -> str:
    """Return a value as written in an error message: at most 40 characters."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def read_tensors(
    path: Path, expected: Sequence[str], check_shape: Callable[[str, tuple[int, ...]], None]
) -> dict[str, Codes]:
    """Read exactly the tensors of the given names, all integers.

    Parameters
    ----------
    path
        The safetensors file.
    expected
        Names of the tensors.
    check_shape
        Called with each tensor's name and shape before any tensor is read; raises if it does not fit.

    Raises
    ------
    LogprecError
        If the file cannot be read, holds other tensors, or something that is not an integer.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            names = set(file.keys())
            for name in sorted(set(expected) - names):
                raise LogprecError(f"{path}: tensor {name} is missing")
            for name in sorted(names - set(expected)):
                raise LogprecError(f"{path}: unexpected tensor {name!r}")
            for name in expected:
                check_shape(name, tuple(file.get_slice(name).get_shape()))
            return {name: _integers(path, name, file.get_tensor(name)) for name in expected}
    except SafetensorError as error:
        raise LogprecError(f"{path}: not a complete safetensors file: {str(error).splitlines()[0]}") from error
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise LogprecError(f"{path}: cannot read: {reason}") from error
    except (TypeError, AttributeError, KeyError) as error:
        raise LogprecError(f"{path}: holds a tensor type that numpy cannot read; store integers") from error


def _integers(path: Path, name: str, table: NDArray[Any]) -> Codes:
    if table.dtype.kind == "f":
        bad = ~np.isfinite(table)
        if bad.any():
            raise LogprecError(f"{path}: tensor {name} holds NaN or infinity at {place_of(bad)}")
        bad = table != np.trunc(table)
        if bad.any():
            raise LogprecError(f"{path}: tensor {name} holds {table[bad][0]}, not an integer, at {place_of(bad)}")
        if table.size and np.abs(table).max() >= 2.0**31:
            raise LogprecError(f"{path}: tensor {name} holds {np.abs(table).max()}, out of range")
    elif table.dtype.kind not in "iub":
        raise LogprecError(f"{path}: tensor {name} has type {table.dtype}; store integers")
    elif table.size and table.dtype == np.uint64 and table.max() >= 1 << 31:
        raise LogprecError(f"{path}: tensor {name} holds {table.max()}, out of range")
    return table.astype(np.int64)


def place_of(bad: NDArray[np.bool_]) -> str:
    """Return where in a tensor the first of some entries stands."""
    return str(np.argwhere(bad)[0].tolist())
