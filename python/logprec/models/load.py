"""The one loader for model folders, whatever their format."""

from collections.abc import Callable
from pathlib import Path

from logprec.errors import LogprecError
from logprec.models.folder import CONFIG, read_config, short
from logprec.models.model import Model
from logprec.models.quantised.folder import load_quantised
from logprec.models.quantised.model import FORMAT as QUANTISED
from logprec.models.tables.folder import load_tables
from logprec.models.tables.model import FORMAT as TABLES

_LOADERS: dict[str, Callable[[Path], Model]] = {TABLES: load_tables, QUANTISED: load_quantised}


def load_model(directory: Path) -> Model:
    """Read and check a model folder of the format that its configuration names.

    Raises
    ------
    LogprecError
        If a file is missing, unreadable, of an unknown format, or says something inconsistent.
    """
    path = directory / CONFIG
    config = read_config(path)
    found = config.get("format", TABLES) if isinstance(config, dict) else TABLES
    loader = _LOADERS.get(found) if isinstance(found, str) else None
    if loader is None:
        raise LogprecError(f"{path}: format must be {' or '.join(map(repr, _LOADERS))}, not {short(found)}")
    return loader(directory)
