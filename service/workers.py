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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

logger = logging.getLogger(__name__)

RELOAD = signal.SIGUSR1 if hasattr(signal, "SIGUSR1") else None  # not on Windows, where nothing forks
_SIGNALS = {signal.SIGTERM, signal.SIGINT, *([RELOAD] if RELOAD else [])}
_SHORTEST_LIFE = 1.0
"""Seconds between two starts in one place: a worker that cannot live takes no whole core."""


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
        if RELOAD is not None and not self.is_orphan:
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
        if RELOAD is not None:
            before[RELOAD] = signal.signal(RELOAD, self._reload)
        gc.collect()
        gc.freeze()  # what the collector never looks at stays shared
        try:
            for place in self._places:
                self._start(place)
            while self._running:
                process, status = os.waitpid(-1, 0)
                if process not in self._running:
                    continue
                place, began = self._running.pop(process)
                if self._is_ending:
                    continue
                code = os.waitstatus_to_exitcode(status)
                logger.error("worker=%d pid=%d ended with %s; another is started", place.number, process, _reason(code))
                time.sleep(max(0.0, began + _SHORTEST_LIFE - time.monotonic()))
                self._start(place)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, place: Worker) -> None:
        """Fork a worker, unless all are to end. No signal comes between the fork and the note of it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            if self._is_ending:
                return
            process = os.fork()
            if process:
                self._running[process] = place, time.monotonic()
            else:
                self._become(place)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _become(self, place: Worker) -> None:
        """Be a worker, in the new process. Does not return."""
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent tells what to do
            if RELOAD is not None:
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
            os.kill(process, number)  # one that has ended stays until it is waited for


def _reason(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
