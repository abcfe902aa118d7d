"""Windows of lines: from a file all of one size, from a stream no larger than what has come when its input pauses."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from nmt.files.lines import InputLine, Lines, with_companion
from nmt.files.places import TextInput
from nmt.translate.markup.options import Markup

_PAUSE = 0.05  # seconds without a new line
_LONGEST_WAIT = 0.5  # seconds from the first line of a window


@dataclass(frozen=True, slots=True)
class LineWindow:
    """Lines in a row, the first of them number `first` (from 1), which are sorted by length and translated at once."""

    first: int
    lines: tuple[InputLine, ...]
    prefixes: tuple[str, ...] = ()
    """The beginnings of their translations, one for each line, or none at all."""
    markup: Markup | None = None
    """Of each line; None where it is that of the job."""

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


_Prefixed = tuple[InputLine, str]

Windows = Iterator[LineWindow | None]
"""None comes where the input pauses: whoever holds windows should give out their translations before asking for more."""


class Stream(Protocol):
    """Lines, or records that are made of them."""

    @property
    def place(self) -> TextInput: ...

    def __iter__(self) -> Iterator[InputLine]: ...


def windows(lines: Stream, *, after: int, size: int, prefixes: Lines | None = None) -> Windows:
    """The lines after the first `after`, read when asked for: of a file `size` at a time, of a stream as many at the most.

    Raises what reading does, and CorpusError where there are more lines than prefixes or fewer.
    """
    every: Iterator[_Prefixed]
    if prefixes is None:
        every = ((line, "") for line in lines)
    else:
        assert isinstance(lines, Lines)  # records have no prefixes
        every = with_companion(lines, prefixes)
    stream = islice(every, after, None)
    groups = _of_size(stream, size) if lines.place.is_regular else _until_pauses(stream, size)
    first = after + 1
    for group in groups:
        if not group:
            yield None
            continue
        yield LineWindow(
            first, tuple(line for line, _ in group), () if prefixes is None else tuple(text for _, text in group)
        )
        first += len(group)


def _of_size(stream: Iterator[_Prefixed], size: int) -> Iterator[list[_Prefixed]]:
    while group := list(islice(stream, size)):
        yield group


def _until_pauses(stream: Iterable[_Prefixed], size: int) -> Iterator[list[_Prefixed]]:
    """Groups of lines that came one soon after the other; an empty one before each wait for the next line.

    While a group is translated the next ones are read, so that a stream that is never waited for comes in full groups.
    """
    arrived: queue.Queue[_Prefixed | BaseException | None] = queue.Queue(maxsize=size)
    threading.Thread(target=_read_into, args=(arrived, stream), daemon=True).start()
    group: list[_Prefixed] = []
    while True:
        if not group and arrived.empty():
            yield []
        line = arrived.get()
        end = time.monotonic() + _LONGEST_WAIT
        while isinstance(line, tuple):
            group.append(line)
            if len(group) == size:
                break
            try:
                line = arrived.get(timeout=min(_PAUSE, max(0.0, end - time.monotonic())))
            except queue.Empty:
                break
        if group:
            yield group
            group = []
        if isinstance(line, BaseException):
            raise line
        if line is None:
            return


def _read_into(arrived: queue.Queue[_Prefixed | BaseException | None], stream: Iterable[_Prefixed]) -> None:
    try:
        for line in stream:
            arrived.put(line)
    except BaseException as error:
        arrived.put(error)
    else:
        arrived.put(None)


class Supply:
    """Hands windows to whoever holds several at a time, and waits for no input while there are translations to give out."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._paused = False

    def take(self, *, held: int, most: int) -> Iterator[LineWindow]:
        """Windows until `most` are held or the input pauses; after a pause none while any is held."""
        if held >= most or (held and self._paused):
            return
        self._paused = False
        for window in self._windows:
            if window is not None:
                held += 1
                yield window
            elif held:
                self._paused = True
                return
            if held >= most:
                return
