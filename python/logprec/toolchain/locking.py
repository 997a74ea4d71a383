"""Locks between processes, hashes of files, and the cache folder."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder of this user's cached toolchain (not necessarily existing)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # the specification says that a relative path is to be ignored
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "logprec"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


@contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock on `path`, created when missing; the system drops it when the process dies.

    Parameters
    ----------
    path
        The lock file. It is never deleted: deleting would let two holders in.
    waiting
        Called once if somebody else holds the lock, before waiting for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is not None:
                waiting()
            fcntl.flock(f, fcntl.LOCK_EX)
        yield
