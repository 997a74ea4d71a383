"""One loader for model directories of every format."""

from pathlib import Path

from logprec.errors import LogprecError
from logprec.model import FORMAT as TABLES
from logprec.model import TableModel
from logprec.modelio import CONFIG, load_model, read_config, short
from logprec.quantised.folder import load_quantised
from logprec.quantised.model import FORMAT as QUANTISED
from logprec.quantised.model import QuantisedModel

Model = TableModel | QuantisedModel


def load_any(directory: Path) -> Model:
    """Read and check a model directory of the format that its configuration names.

    Raises
    ------
    LogprecError
        If a file is missing, unreadable, of an unknown format, or says something inconsistent.
    """
    path = directory / CONFIG
    config = read_config(path)
    found = config.get("format") if isinstance(config, dict) else None
    if found == QUANTISED:
        return load_quantised(directory)
    if found is not None and found != TABLES:
        raise LogprecError(f"{path}: format must be {TABLES!r} or {QUANTISED!r}, not {short(found)}")
    return load_model(directory)
