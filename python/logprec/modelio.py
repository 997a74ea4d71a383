"""The model directory: ``config.json`` and ``model.safetensors``, checked on load.

Tensors hold integers.  Any integer type is read; a floating-point tensor is
read only if every entry is finite and integral (training tools often write
float32), and anything else is an error: nothing is rounded.
"""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from logprec.errors import LogprecError
from logprec.floats import Codes, check_precision
from logprec.model import FORMAT, MASKS, Head, Layer, TableModel

CONFIG = "config.json"
TENSORS = "model.safetensors"

_KEYS = ("format", "alphabet", "symbol_bits", "dim", "precision", "max_length", "layers")
# No table may be larger than this: it bounds memory before anything is read.
_MAX_TABLE_BITS = 26


def load_model(directory: Path) -> TableModel:
    """Read and check a model directory.

    Parameters
    ----------
    directory
        Folder with ``config.json`` and ``model.safetensors``.

    Raises
    ------
    LogprecError
        If a file is missing, unreadable, or says something inconsistent.
    """
    config = _check_config(directory / CONFIG, read_config(directory / CONFIG))
    shapes = _shapes(config)
    limits = _limits(config)

    def check_shape(name: str, found: tuple[int, ...]) -> None:
        if found != shapes[name]:
            raise LogprecError(
                f"{directory / TENSORS}: tensor {name} has shape {list(found)}, expected {list(shapes[name])}"
            )

    tables = read_tensors(directory / TENSORS, list(shapes), check_shape)
    for name, table in tables.items():
        _check_range(directory / TENSORS, name, table, limits[name])
    layers = tuple(
        Layer(
            tuple(
                Head(
                    head["mask"],
                    tables[f"layers.{k}.heads.{h}.sim"],
                    tables[f"layers.{k}.heads.{h}.weigh"],
                )
                for h, head in enumerate(layer["heads"])
            ),
            tables[f"layers.{k}.act"],
        )
        for k, layer in enumerate(config["layers"])
    )
    return TableModel(
        tuple(config["alphabet"]),
        config["symbol_bits"],
        config["dim"],
        config["precision"],
        tables["embed"],
        layers,
        tables["accept"],
    )


def save_model(model: TableModel, directory: Path) -> None:
    """Write a model directory; equal models give equal bytes.

    Parameters
    ----------
    model
        The tables.
    directory
        Folder, made if missing.

    Raises
    ------
    LogprecError
        If the folder cannot be written or a table does not fit the format.
    """
    config = {
        "format": FORMAT,
        "alphabet": list(model.alphabet),
        "symbol_bits": model.symbol_bits,
        "dim": model.dim,
        "precision": model.precision,
        "max_length": model.max_length,
        "layers": [{"heads": [{"mask": head.mask} for head in layer.heads]} for layer in model.layers],
    }
    tables: dict[str, Codes] = {"embed": model.embed, "accept": model.accept}
    for k, layer in enumerate(model.layers):
        tables[f"layers.{k}.act"] = layer.act
        for h, head in enumerate(layer.heads):
            tables[f"layers.{k}.heads.{h}.sim"] = head.sim
            tables[f"layers.{k}.heads.{h}.weigh"] = head.weigh
    _check_config(Path(CONFIG), config)
    shapes, limits = _shapes(config), _limits(config)
    for name, table in tables.items():
        if table.shape != shapes[name]:
            raise LogprecError(f"tensor {name} has shape {list(table.shape)}, expected {list(shapes[name])}")
        _check_range(Path(TENSORS), name, table, limits[name])
    write_folder(directory, config, {name: table.astype(_smallest(limits[name])) for name, table in tables.items()})


def write_folder(directory: Path, config: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> None:
    """Write the two files of a model directory; equal contents give equal bytes.

    Raises
    ------
    LogprecError
        If the folder cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        plain = {name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())}
        write_whole(directory / TENSORS, safetensors_bytes(plain))
        write_whole(directory / CONFIG, (json.dumps(config, indent=2) + "\n").encode())
    except OSError as error:
        raise LogprecError(f"{directory}: cannot write: {error.strerror}") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there completely or not at all.

    Parameters
    ----------
    path
        Target; its folder must exist.
    data
        The content.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _smallest(limit: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if limit <= 1 << 8 else np.uint16 if limit <= 1 << 16 else np.uint32


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


def _check_config(path: Path, config: Any) -> dict[str, Any]:
    def need(condition: bool, message: str) -> None:
        if not condition:
            raise LogprecError(f"{path}: {message}")

    def keys(value: Any, allowed: tuple[str, ...], where: str) -> None:
        need(isinstance(value, dict), f"{where} must be an object")
        for key in value:
            need(key in allowed, f"unknown key {key!r} in {where}; known: {', '.join(allowed)}")
        for key in allowed:
            need(key in value, f"{where} lacks the key {key!r}")

    def natural(key: str, low: int, high: int) -> int:
        number = config[key]
        need(
            isinstance(number, int) and not isinstance(number, bool) and low <= number <= high,
            f"{key} must be an integer from {low} to {high}, not {short(number)}",
        )
        return int(number)

    keys(config, _KEYS, "the configuration")
    need(config["format"] == FORMAT, f"format must be {FORMAT!r}, not {short(config['format'])}")
    symbol_bits = natural("symbol_bits", 1, 16)
    dim, precision = natural("dim", 1, _MAX_TABLE_BITS), natural("precision", 0, _MAX_TABLE_BITS)
    try:
        check_precision(precision)
    except LogprecError as error:
        raise LogprecError(f"{path}: {error}") from error
    natural("max_length", 1, 1 << 16)
    check_alphabet(path, config["alphabet"], symbol_bits)
    need(isinstance(config["layers"], list), "layers must be a list")
    bits = dim * precision
    need(
        max(2 * bits, 2 * precision + bits) <= _MAX_TABLE_BITS,
        f"dim {dim} and precision {precision} need tables above 2^{_MAX_TABLE_BITS} entries",
    )
    for k, layer in enumerate(config["layers"]):
        keys(layer, ("heads",), f"layer {k}")
        need(isinstance(layer["heads"], list) and bool(layer["heads"]), f"layer {k} must list at least one head")
        need(
            (len(layer["heads"]) + 1) * bits <= _MAX_TABLE_BITS,
            f"layer {k} has {len(layer['heads'])} heads: its act table would exceed 2^{_MAX_TABLE_BITS} entries",
        )
        for h, head in enumerate(layer["heads"]):
            keys(head, ("mask",), f"layer {k} head {h}")
            need(
                isinstance(head["mask"], str) and head["mask"] in MASKS,
                f"layer {k} head {h}: mask must be one of {', '.join(MASKS)}, not {short(head['mask'])}",
            )
    result: dict[str, Any] = config
    return result


def check_alphabet(path: Path, alphabet: Any, symbol_bits: int) -> None:
    """Raise unless an alphabet is what `logprec.symbols` can read and write, and fits ``symbol_bits`` bits."""
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


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    floats = 1 << config["precision"]
    states = 1 << (config["dim"] * config["precision"])
    shapes: dict[str, tuple[int, ...]] = {
        "embed": (config["max_length"], 1 << config["symbol_bits"]),
        "accept": (states,),
    }
    for k, layer in enumerate(config["layers"]):
        shapes[f"layers.{k}.act"] = (states,) * (len(layer["heads"]) + 1)
        for h in range(len(layer["heads"])):
            shapes[f"layers.{k}.heads.{h}.sim"] = (states, states)
            shapes[f"layers.{k}.heads.{h}.weigh"] = (floats, floats, states)
    return shapes


def _limits(config: dict[str, Any]) -> dict[str, int]:
    floats = 1 << config["precision"]
    states = 1 << (config["dim"] * config["precision"])
    kinds = {"sim": floats, "accept": 2}
    return {name: kinds.get(name.rsplit(".", 1)[-1], states) for name in _shapes(config)}


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
            raise LogprecError(f"{path}: tensor {name} holds NaN or infinity at {_where(bad)}")
        bad = table != np.trunc(table)
        if bad.any():
            raise LogprecError(f"{path}: tensor {name} holds {table[bad][0]}, not an integer, at {_where(bad)}")
        if table.size and np.abs(table).max() >= 2.0**31:
            raise LogprecError(f"{path}: tensor {name} holds {np.abs(table).max()}, out of range")
    elif table.dtype.kind not in "iub":
        raise LogprecError(f"{path}: tensor {name} has type {table.dtype}; store integers")
    elif table.size and table.dtype == np.uint64 and table.max() >= 1 << 31:
        raise LogprecError(f"{path}: tensor {name} holds {table.max()}, out of range")
    return table.astype(np.int64)


def _where(bad: NDArray[np.bool_]) -> str:
    return str(np.argwhere(bad)[0].tolist())


def _check_range(path: Path, name: str, table: Codes, limit: int) -> None:
    bad = (table < 0) | (table >= limit)
    if bad.any():
        raise LogprecError(
            f"{path}: tensor {name} holds {int(table[bad][0])} at {_where(bad)}, allowed are 0 to {limit - 1}"
        )
