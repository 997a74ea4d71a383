"""Work that all cores share, by forked processes.

Threads are slower than one core alone, though numpy lets go of the interpreter lock inside operations: these are too
short (47 billion wires a second with two threads, 71 with one, 137 with two processes).  Forked processes see the
circuit without a copy.  Where the system cannot fork safely, one core does all.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from logprec.errors import LogprecError

Result = TypeVar("Result")

# What forked processes do; set before they are made.
_work: Callable[[int], Any] | None = None


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def share(work: Callable[[int], Result], items: Sequence[int]) -> Iterator[Result]:
    """Yield ``work(item)`` for each item, in order, computed by all cores; results are sent between processes.

    Raises
    ------
    LogprecError
        If a process was ended; and whatever ``work`` raises.
    """
    global _work  # noqa: PLW0603 (a forked process finds its work there)
    processes = min(len(items), cores())
    if processes < 2:
        yield from map(work, items)
        return
    _work = work
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"))
    try:
        yield from pool.map(_call, items)
    except BrokenProcessPool as error:
        raise LogprecError("a process of the evaluation was ended, perhaps for want of memory") from error
    finally:
        pool.shutdown(cancel_futures=True)
        _work = None


def _call(item: int) -> Any:
    assert _work is not None
    return _work(item)
