"""Processes that serve one port together: `nmt serve --workers N`.

The parent loads the models and forks, so that all workers share their memory. It serves nothing itself: it starts a worker
in the place of one that ends, and ends them all. Each place has a listening socket on the port, and the system spreads
connections over these. The parent holds them too, so that connections which wait for a worker that ends wait for the next.

    SIGTERM, SIGINT   each worker answers what it has accepted, and ends; a second signal ends all at once
    SIGUSR1           each worker loads the models that have changed
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

logger = logging.getLogger(__name__)

RELOAD = signal.SIGUSR1
_SIGNALS = {signal.SIGTERM, signal.SIGINT, RELOAD}
_SHORTEST_LIFE = 1.0
"""Seconds between two starts in one place, so that a worker that fails at once does not fill a core."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker's place among the others, as it knows it itself."""

    number: int
    """From 1."""
    parent: int
    """Process of the parent."""
    metrics: Path
    """Folder in which all workers count."""

    @property
    def is_orphan(self) -> bool:
        """Whether the parent has ended without a word."""
        return os.getppid() != self.parent

    def reload_all(self) -> None:
        """Have every worker look for changed models."""
        if not self.is_orphan:
            os.kill(self.parent, RELOAD)


class Workers:
    """The parent of `count` processes, each of which calls `work` with its place and ends when that returns."""

    def __init__(self, count: int, work: Callable[[Worker], None], *, metrics: Path) -> None:
        self._work = work
        self._places = [Worker(number, os.getpid(), metrics) for number in range(1, count + 1)]
        self._running: dict[int, tuple[Worker, float]] = {}  # by process: the worker, and when it began
        self._is_ending = False
        self.is_interrupted = False

    def run(self) -> None:
        """Start all workers, and return when they have ended after a signal. From the only thread of this process."""
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        before[RELOAD] = signal.signal(RELOAD, self._reload)
        gc.collect()
        gc.freeze()  # what the collector never looks at stays shared
        try:
            for place in self._places:
                self._start(place)
            while self._running:
                self._wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait(self) -> None:
        """Wait for the end of a worker, and put another in its place."""
        process, status = os.waitpid(-1, 0)
        found = self._running.pop(process, None)
        if found is None or self._is_ending:
            return
        place, began = found
        code = os.waitstatus_to_exitcode(status)
        logger.error("worker=%d pid=%d ended with %s; another is started", place.number, process, _reason(code))
        time.sleep(max(0.0, began + _SHORTEST_LIFE - time.monotonic()))
        self._start(place)

    def _start(self, place: Worker) -> None:
        """Fork a worker, unless all are to end. Where the system has no room for it just now, it is tried again."""
        while not self._is_ending:
            try:
                with _without_signals():  # none comes between the fork and the note of it
                    self._fork(place)
            except OSError as error:
                logger.error("worker=%d cannot be started: %s; it is tried again", place.number, error.strerror)
                time.sleep(_SHORTEST_LIFE)
            else:
                return

    def _fork(self, place: Worker) -> None:
        if self._is_ending:  # since a signal that came just before
            return
        process = os.fork()
        if process:
            self._running[process] = place, time.monotonic()
        else:
            self._become(place)

    def _become(self, place: Worker) -> None:
        """Be a worker, in the new process. Does not return."""
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent tells what to do
            signal.signal(RELOAD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._work(place)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            for handler in logging.getLogger().handlers:
                handler.flush()
            os._exit(code)  # what the parent would do at its end is not the worker's to do

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.is_interrupted = self.is_interrupted or number == signal.SIGINT
        self._tell(signal.SIGKILL if self._is_ending else signal.SIGTERM)
        self._is_ending = True

    def _reload(self, number: int, _frame: FrameType | None) -> None:
        self._tell(number)

    def _tell(self, number: int) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):  # one that has just been waited for, and not yet noted
                os.kill(process, number)


@contextmanager
def _without_signals() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _reason(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
