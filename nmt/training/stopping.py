"""A signal that ends the process waits for the end of an update, so that what was computed is saved first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Postponed:
    """A context that notes the first SIGINT or SIGTERM; `deliver` hands it to whoever answered it before.

    A second one is answered at once. Python answers signals in its main thread only; elsewhere nothing is changed.
    """

    def __init__(self) -> None:
        self._noted: int | None = None
        self._answers: dict[int, Any] = {}

    def __enter__(self) -> Postponed:
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._give_back()

    @property
    def is_asked(self) -> bool:
        """Whether a signal waits."""
        return self._noted is not None

    def deliver(self) -> NoReturn:
        """End as the signal says: by its answer of before, or else by KeyboardInterrupt."""
        self._give_back()
        if self._noted is not None:
            signal.raise_signal(self._noted)
        raise KeyboardInterrupt  # another process of the group has the signal, or the answer was none

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within the block signals are answered as before."""
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._answers[number] = signal.signal(number, self._note)

    def _give_back(self) -> None:
        while self._answers:
            signal.signal(*self._answers.popitem())

    def _note(self, number: int, _: FrameType | None) -> None:
        self._noted = number
        self._give_back()
