"""The model directory of a quantised transformer, checked on load.

``config.json`` is the model without its arrays, key by key as in `logprec.models.quantised.parts`;
``model.safetensors`` holds the arrays under their paths, such as ``layers.0.attention.heads.1.query.weight``.  Of a
part of several kinds, ``kind`` says which it is.
"""

import dataclasses
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from logprec.errors import LogprecError
from logprec.models.floats import Codes
from logprec.models.folder import (
    CONFIG,
    TENSORS,
    check_alphabet,
    check_names,
    read_config,
    read_tensors,
    short,
    write_folder,
)
from logprec.models.quantised.model import FORMAT, QuantisedModel
from logprec.models.quantised.parts import FeedForward, StateNorm

# All tensors together may not have more entries: it bounds memory before anything is read.
_MAX_ENTRIES = 1 << 24
_KINDS: dict[str, type] = {"norm": StateNorm, "feed_forward": FeedForward}
_TEXTS = ("alphabet", "classes")


def load_quantised(directory: Path) -> QuantisedModel:
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
    path = directory / CONFIG
    config = read_config(path)
    if not isinstance(config, dict):
        raise LogprecError(f"{path}: the configuration must be an object")
    if config.get("format") != FORMAT:
        raise LogprecError(f"{path}: format must be {FORMAT!r}, not {short(config.get('format'))}")
    config = {key: value for key, value in config.items() if key != "format"}
    for key in _TEXTS:
        check_names(path, config.get(key), key)
    names = list(_tensor_names(path, QuantisedModel, config, ""))
    entries = 0

    def count(name: str, shape: tuple[int, ...]) -> None:
        nonlocal entries
        entries += int(np.prod(shape, dtype=object))
        if entries > _MAX_ENTRIES:
            raise LogprecError(f"{directory / TENSORS}: more than {_MAX_ENTRIES} entries, up to tensor {name}")

    tensors = read_tensors(directory / TENSORS, names, count)
    try:
        model = cast(QuantisedModel, _build(QuantisedModel, config, "", tensors))
    except LogprecError as error:
        raise LogprecError(f"{directory}: {error}") from error
    check_alphabet(path, list(model.alphabet), model.symbol_bits)
    return model


def save_quantised(model: QuantisedModel, directory: Path) -> None:
    """Write a model directory; equal models give equal bytes.

    Raises
    ------
    LogprecError
        If the folder cannot be written.
    """
    tensors: dict[str, Codes] = {}
    config = {"format": FORMAT, **_config(model, "", tensors)}
    check_alphabet(Path(CONFIG), config["alphabet"], model.symbol_bits)
    check_names(Path(CONFIG), config["classes"], "classes")
    write_folder(directory, config, {name: tensor.astype(_smallest(tensor)) for name, tensor in tensors.items()})


def _smallest(tensor: Codes) -> type[np.signedinteger[Any]]:
    low, high = int(tensor.min(initial=0)), int(tensor.max(initial=0))
    kinds = (np.int8, np.int16, np.int32)
    return next((kind for kind in kinds if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max), np.int64)


def _fields(kind: type) -> Iterator[tuple[str, Any]]:
    hints = typing.get_type_hints(kind)
    return ((field.name, hints[field.name]) for field in dataclasses.fields(kind))


def _is_array(hint: Any) -> bool:
    # newer versions of numpy make NDArray an alias that does not resolve by itself
    return typing.get_origin(hint) in (np.ndarray, NDArray)


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of an option or a union."""
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def _config(part: Any, prefix: str, tensors: dict[str, Codes]) -> dict[str, Any]:
    """Return the configuration of a part, and put its arrays into ``tensors``."""
    kind = next((key for key, kind in _KINDS.items() if type(part) is kind), None)
    result: dict[str, Any] = {} if kind is None else {"kind": kind}
    for name, _ in _fields(type(part)):
        value = getattr(part, name)
        if isinstance(value, np.ndarray):
            tensors[prefix + name] = value
        elif isinstance(value, tuple):
            result[name] = [
                item if isinstance(item, str) else _config(item, f"{prefix}{name}.{k}.", tensors)
                for k, item in enumerate(value)
            ]
        elif dataclasses.is_dataclass(value):
            result[name] = _config(value, f"{prefix}{name}.", tensors)
        else:
            result[name] = value
    return result


def _tensor_names(path: Path, kind: Any, config: Any, prefix: str) -> Iterator[str]:
    """Check the keys of a configuration and the types of what they hold; yield the names of its arrays."""
    where = prefix.rstrip(".") or "the configuration"

    def need(condition: bool, message: str) -> None:
        if not condition:
            raise LogprecError(f"{path}: {message}")

    need(isinstance(config, dict), f"{where} must be an object")
    union = _parts(kind)
    if len(union) > 1:
        need(
            config.get("kind") in list(_KINDS),
            f"{where}: kind must be one of {', '.join(_KINDS)}, not {short(config.get('kind'))}",
        )
    chosen = _KINDS[config["kind"]] if len(union) > 1 else kind
    fields = dict(_fields(chosen))
    known = [*(["kind"] if len(union) > 1 else []), *(name for name, hint in fields.items() if not _is_array(hint))]
    for key in config:
        need(key in known, f"unknown key {key!r} in {where}; known: {', '.join(known)}")
    for key in known:
        need(key in config, f"{where} lacks the key {key!r}")
    for name, hint in fields.items():
        if _is_array(hint):
            yield prefix + name
            continue
        value, options = config[name], _parts(hint)
        if type(None) in options and value is None:
            continue
        present = next(option for option in options if option is not type(None))
        if typing.get_origin(present) is tuple:
            need(isinstance(value, list), f"{prefix}{name} must be a list")
            item = typing.get_args(present)[0]
            if item is not str:
                for k, one in enumerate(value):
                    yield from _tensor_names(path, item, one, f"{prefix}{name}.{k}.")
        elif present is bool:
            need(isinstance(value, bool), f"{prefix}{name} must be true or false, not {short(value)}")
        elif present is int:
            integral = isinstance(value, int) and not isinstance(value, bool)
            need(integral, f"{prefix}{name} must be an integer, not {short(value)}")
        else:
            yield from _tensor_names(path, present, value, f"{prefix}{name}.")


def _build(kind: Any, config: Any, prefix: str, tensors: dict[str, Codes]) -> Any:
    """Make a part from a configuration that `_tensor_names` has checked."""
    if len(_parts(kind)) > 1:
        kind = _KINDS[config["kind"]]
    values: dict[str, Any] = {}
    for name, hint in _fields(kind):
        options = [option for option in _parts(hint) if option is not type(None)]
        if _is_array(hint):
            values[name] = tensors[prefix + name]
        elif config[name] is None or options[0] in (int, bool):
            values[name] = config[name]
        elif typing.get_origin(hint) is tuple:
            item = typing.get_args(hint)[0]
            values[name] = tuple(
                one if item is str else _build(item, one, f"{prefix}{name}.{k}.", tensors)
                for k, one in enumerate(config[name])
            )
        else:
            values[name] = _build(options[0], config[name], f"{prefix}{name}.", tensors)
    return kind(**values)
