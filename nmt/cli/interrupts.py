"""Signals that stop the program: one line and exit status 128 + signal, from its first moment to its last.

SIGINT (130) comes from Ctrl-C, SIGTERM (143) from `kill`, from a batch system and from the shutdown of a machine. A closed
pipe ends it without a word, by the status that SIGPIPE gives other programs (141).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
_DEFAULTS = (signal.default_int_handler, signal.SIG_DFL)
_IMPORTING = "<frozen importlib._bootstrap>"

_AGAIN = 0.005  # seconds after which a signal that comes during an import is looked at again

_working = _is_waiting = _was_raised = False
_stopped_by = signal.SIGINT


def answer() -> None:
    """Answer the signals from now on, but for those that whoever started this process has it ignore."""
    for number in _WORDS:
        if signal.getsignal(number) in _DEFAULTS:
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable


@contextmanager
def work() -> Iterator[None]:
    """Within the block a signal is a KeyboardInterrupt, so that everything is left as it should be; then the process ends.

    The notes of the exception are part of the line.
    """
    global _working
    _working = True
    try:
        yield
        if _is_waiting:  # for the end of an import, with which the work came to its own
            raise KeyboardInterrupt
    except BrokenPipeError:  # whoever reads has seen enough, and says so to other programs by a signal
        drop_standard_output()
        sys.exit(128 + signal.SIGPIPE)
    except KeyboardInterrupt as error:
        _tell(*getattr(error, "__notes__", ()))
        sys.exit(_status())
    except Exception:
        if not _was_raised:
            raise
        _tell()  # compiled modules may make another exception of it
        sys.exit(_status())
    finally:
        _working = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number in _WORDS:  # nothing is left to stop, and Python dies of a signal in its end
            if signal.getsignal(number) is _stop:
                signal.signal(number, signal.SIG_IGN)


def drop_standard_output() -> None:
    """Have Python flush into nothing at its exit, where it would try again what could not be written, and complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _stop(number: int, frame: FrameType | None) -> None:
    global _stopped_by, _is_waiting, _was_raised
    _stopped_by = signal.Signals(number)
    if not _working:
        _end()
    if not _is_importing(frame):
        _was_raised = True
        raise KeyboardInterrupt
    # Some modules ignore every exception of modules that they import, and would go on. An import may come in the middle of
    # the work, which then has files to leave as they should be.
    _is_waiting = True
    signal.signal(signal.SIGALRM, lambda _, frame: _stop(number, frame))
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)


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
    _tell()
    os._exit(_status())


def _status() -> int:
    return 128 + _stopped_by


def _tell(*notes: str) -> None:
    os.write(2, f"nmt: {'; '.join((_WORDS[_stopped_by], *notes))}\n".encode())
