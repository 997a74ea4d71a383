"""Files that appear completely or not at all, and what reading and writing says when it fails."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from logprec.errors import LogprecError

Parsed = TypeVar("Parsed")


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield an empty file beside ``path``, which becomes ``path`` if nothing is raised, and else is removed.

    Raises
    ------
    LogprecError
        If it cannot be written.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise LogprecError(f"{path}: cannot write: {error.strerror or error}") from error


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file, completely or not at all; text as UTF-8.

    Raises
    ------
    LogprecError
        If it cannot be written; nothing is left behind.
    """
    with new_file(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def parse_file(path: Path, parse: Callable[[bytes], Parsed]) -> Parsed:
    """Read a file and parse it; errors name the file.

    Raises
    ------
    LogprecError
        If the file cannot be read, or parsed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LogprecError(f"{path}: cannot read: {error.strerror}") from error
    try:
        return parse(data)
    except LogprecError as error:
        raise LogprecError(f"{path}: {error}") from error
