"""A function of many items, in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

_held: tuple[Callable[[Any], Any], Sequence[Any]]


def in_parallel(function: Callable[[Item], Found], items: Sequence[Item], *, jobs: int) -> list[Found]:
    """`function` of each of `items`, in so many processes; 0 is one for each core.

    The processes are forks, so that neither needs to be pickled; what `function` returns is.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(items))
    if jobs <= 1:
        return [function(item) for item in items]
    with multiprocessing.get_context("fork").Pool(jobs, initializer=_hold, initargs=(function, items)) as pool:
        found = pool.map(_found, range(len(items)), chunksize=1)
        # They end by themselves: one that is ended may hold the lock of a queue that the others wait for.
        pool.close()
        pool.join()
        return found


def _hold(function: Callable[[Any], Any], items: Sequence[Any]) -> None:
    global _held
    _held = function, items
    # The handlers of the program are for the process that started these.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _found(index: int) -> Any:
    function, items = _held
    return function(items[index])
