"""Words to take scales from, and names of symbols and outputs."""

from pathlib import Path
from typing import Any

import numpy as np

from logprec.errors import LogprecError
from logprec.importer.checkpoint import Decoder
from logprec.models.floats import Codes
from logprec.models.folder import CONFIG, check_alphabet, check_names
from logprec.models.symbols import draw_words

# Scores of all sample words in one head, at most.
_SAMPLE_SCORES = 1 << 21
_MOST_SAMPLES = 1000


def names(config: dict[str, Any], key: str, count: int, given: str | None) -> tuple[str, ...]:
    """Return names of symbols or outputs: given ones, those of the configuration, or numbers.

    Raises
    ------
    LogprecError
        If they are not names, or not as many as needed.
    """
    found = given.split() if given is not None else config.get(key, [str(k) for k in range(count)])
    check_names(Path(CONFIG), found, key)
    if len(found) != count:
        raise LogprecError(f"{key} has {len(found)} names, the decoder needs {count}")
    if key == "alphabet":
        check_alphabet(Path(CONFIG), found, max(1, (count - 1).bit_length()))
    return tuple(found)


def random_words(decoder: Decoder, rng: np.random.Generator) -> list[Codes]:
    """Return random words of the largest length, as one array; half of them draw symbols with random odds."""
    n, base = decoder.max_length, len(decoder.embedding)
    count = max(2, min(_MOST_SAMPLES, _SAMPLE_SCORES // n**2))
    return [draw_words(rng, base, count, n)]


def read_words(path: Path, alphabet: tuple[str, ...], max_length: int) -> list[Codes]:
    """Read words, one a line, as one array for each length.

    Raises
    ------
    LogprecError
        If the file cannot be read, or a line is no word of the alphabet or too long.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise LogprecError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from error
    by_length: dict[int, list[list[int]]] = {}
    codes = {symbol: code for code, symbol in enumerate(alphabet)}
    single = all(len(symbol) == 1 for symbol in alphabet)
    for number, line in enumerate(lines, 1):
        parts = list("".join(line.split())) if single else line.split()
        unknown = next((part for part in parts if part not in codes), None)
        if unknown is not None:
            raise LogprecError(f"{path}, line {number}: symbol {unknown!r} is not in the alphabet {' '.join(alphabet)}")
        if len(parts) > max_length:
            raise LogprecError(f"{path}, line {number}: {len(parts)} symbols, at most {max_length} are read")
        if parts:
            by_length.setdefault(len(parts), []).append([codes[part] for part in parts])
    if not by_length:
        raise LogprecError(f"{path}: holds no words")
    return [np.array(rows, dtype=np.int64) for _, rows in sorted(by_length.items())]
