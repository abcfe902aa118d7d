"""A thread that sees whether work goes on. Where it does not, the process ends, so that a supervisor starts another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time

from .scheduler import Batch, Scheduler

logger = logging.getLogger(__name__)

EXIT_CODE = 70
"""EX_SOFTWARE: something in the program is broken."""
GRACE = 5.0
"""Seconds for which /health tells of trouble before the process ends; also those in which the trouble may pass."""


class Watchdog:
    """Looks at the event loop, at the batches that run, and at what waits; `seconds` is how long each may stand still."""

    def __init__(self, scheduler: Scheduler, *, seconds: float) -> None:
        self._scheduler, self._seconds = scheduler, seconds
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turned = self._went_on = time.monotonic()
        self._trouble: str | None = None

    def start(self) -> None:
        """From the event loop of the scheduler."""
        self._loop = asyncio.get_running_loop()
        self._turn()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    @property
    def trouble(self) -> str | None:
        """What stands still, in a few words; None where all is well."""
        if self._loop is not None and not self._stopped.is_set() and not self._thread.is_alive():
            return "the watchdog has ended"
        return self._trouble

    def _turn(self) -> None:
        self._turned = time.monotonic()

    def _watch(self) -> None:
        try:
            while not self._stopped.wait(min(1.0, self._seconds / 4)):
                self._trouble = self._look()
                if self._trouble is None:
                    continue
                logger.critical("%s; the process ends with code %d unless that passes", self._trouble, EXIT_CODE)
                if self._stopped.wait(min(GRACE, self._seconds)):
                    return
                self._trouble = self._look()
                if self._trouble is not None:
                    _end(self._trouble)
        except BaseException as error:
            _end(f"the watchdog cannot go on: {type(error).__name__}")

    def _look(self) -> str | None:
        now = time.monotonic()
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(self._turn)
        if now - self._turned > self._seconds:
            return f"the event loop has stood still for {now - self._turned:.0f} s"
        running = list(self._scheduler.running)
        for batch in running:
            still = now - _latest_step(batch, now)
            if still > self._seconds:
                return f"a batch of model {batch.translator.name} has come to no step for {still:.0f} s"
        if running or not self._scheduler.waiting:
            self._went_on = now
        if now - self._went_on > self._seconds:
            return f"sentences wait, and none has been translated for {now - self._went_on:.0f} s"
        return None


def _latest_step(batch: Batch, now: float) -> float:
    """When a batch, or its guest, came to its latest step; `now` for one that waits for a thread."""
    beats = [batch.beat, None if batch.guest is None else batch.guest.beat]
    return max((beat for beat in beats if beat is not None), default=now)


def _end(reason: str) -> None:
    logger.critical("%s; the process ends with code %d", reason, EXIT_CODE)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(EXIT_CODE)  # no thread can be waited for
