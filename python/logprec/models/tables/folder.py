"""The folder of a model of tables: ``config.json`` and ``model.safetensors``, checked on load."""

from pathlib import Path
from typing import Any

import numpy as np

from logprec.errors import LogprecError
from logprec.models.floats import Codes, check_precision
from logprec.models.folder import (
    CONFIG,
    TENSORS,
    check_alphabet,
    place_of,
    read_config,
    read_tensors,
    short,
    write_folder,
)
from logprec.models.tables.model import FORMAT, MASKS, Head, Layer, TableModel

_KEYS = ("format", "alphabet", "symbol_bits", "dim", "precision", "max_length", "layers")
# No table may be larger than this: it bounds memory before anything is read.
_MAX_TABLE_BITS = 26


def load_tables(directory: Path) -> TableModel:
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


def save_tables(model: TableModel, directory: Path) -> None:
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


def _smallest(limit: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if limit <= 1 << 8 else np.uint16 if limit <= 1 << 16 else np.uint32


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


def _check_range(path: Path, name: str, table: Codes, limit: int) -> None:
    bad = (table < 0) | (table >= limit)
    if bad.any():
        raise LogprecError(
            f"{path}: tensor {name} holds {int(table[bad][0])} at {place_of(bad)}, allowed are 0 to {limit - 1}"
        )
