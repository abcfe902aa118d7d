"""Interrupts from the keyboard: one line and exit status 130, from the first moment of the program to its last."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 128 + signal.SIGINT
_IMPORTING = "<frozen importlib._bootstrap>"

_working = False


def answer() -> None:
    """Answer interrupts from now on, unless whoever started this process has it ignore them."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
        sys.unraisablehook = _unraisable


@contextmanager
def work() -> Iterator[None]:
    """Within the block an interrupt is an exception, so that everything is left as it should be; then the process ends.

    The notes of the exception are part of the line.
    """
    global _working
    _working = True
    try:
        yield
    except KeyboardInterrupt as error:
        _say(*getattr(error, "__notes__", ()))
        sys.exit(STATUS)
    finally:
        _working = False
        if signal.getsignal(signal.SIGINT) is _interrupted:  # nothing is left to stop, and Python dies of one in its end
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _interrupted(_number: int, frame: FrameType | None) -> None:
    # Some modules ignore every exception of modules that they import, and would go on.
    if _working and not _is_importing(frame):
        raise KeyboardInterrupt
    _end()


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTING:
            return True
        frame = frame.f_back
    return False


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    """Python could not raise an exception where it occurred, as in a destructor."""
    if isinstance(found.exc_value, KeyboardInterrupt):
        _end()
    sys.__unraisablehook__(found)


def _end() -> None:
    _say()
    os._exit(STATUS)


def _say(*notes: str) -> None:
    os.write(2, f"nmt: {'; '.join(('interrupted', *notes))}\n".encode())
