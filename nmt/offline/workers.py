"""Several processes on one machine that share the windows of one job."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Self

from nmt.config.process import available_threads
from nmt.errors import NmtError, OfflineError
from nmt.offline.job import Loaded, TranslationJob
from nmt.offline.windows import LineWindow, Supply, Windows

# Forking a process that has used PyTorch copies its locks but not the threads that hold them.
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str


class Workers:
    """`count` processes, each with the model and at most one window. One that dies is replaced, its window done again."""

    def __init__(self, job: TranslationJob, *, count: int, device: str) -> None:
        self.device = device
        self._job = job.share(count, threads=available_threads())
        self._workers = [_Worker(self._job) for _ in range(count)]
        self._todo: deque[LineWindow] = deque()
        self._done: dict[int, str] = {}
        self._failed: set[int] = set()
        self._died_without_window = 0
        self._loaded: Loaded | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()

    @property
    def loaded(self) -> Loaded:
        """What a worker that has loaded the models says of them. Raises what loading does."""
        while self._loaded is None:
            self._receive_all()
        return self._loaded

    def translate(self, windows: Windows) -> Iterator[tuple[LineWindow, str]]:
        """Each window and its output, in order; twice as many windows as workers are held at the most.

        Raises OfflineError where a window fails twice, and whatever a worker says about a mistake of the user.
        """
        held: deque[LineWindow] = deque()  # read and not yet yielded
        supply = Supply(windows)
        while True:
            for window in supply.take(held=len(held), most=2 * len(self._workers)):
                held.append(window)
                self._todo.append(window)
            if not held:
                return
            for worker in self._workers:
                if self._todo and worker.idle:
                    worker.give(self._todo.popleft())
            self._receive_all()
            while held and held[0].first in self._done:
                window = held.popleft()
                yield window, self._done.pop(window.first)

    def _receive_all(self) -> None:
        """Wait for a message, and take those that there are."""
        ready = wait([worker.connection for worker in self._workers])
        for place, worker in enumerate(self._workers):
            if worker.connection in ready:
                self._receive(place)

    def _receive(self, place: int) -> None:
        """Take the message of the worker at `place`, and put another in its place where it has failed."""
        worker = self._workers[place]
        window = worker.window
        match worker.receive():
            case str(text):
                assert window is not None
                self._done[window.first] = text
                self._failed.discard(window.first)
                self._died_without_window = 0
            case Loaded() as loaded:
                self._loaded = loaded
            case NmtError() as error:
                raise error
            case _Failure(reason):
                worker.kill()
                self._may_try_again(window, reason)
                if window:
                    self._todo.appendleft(window)
                self._workers[place] = _Worker(self._job)

    def _may_try_again(self, window: LineWindow | None, reason: str) -> None:
        if window is None:
            self._died_without_window += 1
            if self._died_without_window > 2 * len(self._workers):
                raise OfflineError(f"workers die before they have anything to do, the last one {reason}")
        elif window.first in self._failed:
            raise OfflineError(f"lines {window.first} to {window.last}: two workers failed on them, the second {reason}")
        else:
            self._failed.add(window.first)


class _Worker:
    """A process and what it is doing, as the parent sees it."""

    def __init__(self, job: TranslationJob) -> None:
        self.window: LineWindow | None = None
        self._loaded = False
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(theirs, job), daemon=True)
        # An interrupt from the keyboard reaches every process of the group. It is the parent's to answer. The tracker of
        # shared memory, which starts with the first worker, would let interrupts through again: it starts before.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    @property
    def idle(self) -> bool:
        return self._loaded and self.window is None

    def give(self, window: LineWindow) -> None:
        self.window = window
        with suppress(OSError):  # one that is dead is found out when it is asked for the result
            self.connection.send(window)

    def receive(self) -> Any:
        """Its next message, or a _Failure if it died; afterwards it has no window."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            status = self._process.exitcode or 0
            message = _Failure(f"killed by signal {-status}" if status < 0 else f"ending with status {status}")
        self.window = None
        self._loaded = True
        return message

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def _work(connection: Connection, job: TranslationJob) -> None:
    """The whole life of a worker process."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        translator = job.load()
        connection.send(Loaded.of(translator))
        while True:
            connection.send(job.translate(translator, connection.recv()))
    except (EOFError, BrokenPipeError):
        return
    except NmtError as error:
        connection.send(error)
    except Exception as error:
        connection.send(_Failure(f"with {type(error).__name__}: {error}"))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
