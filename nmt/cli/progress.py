"""Progress and warnings for a person who looks on while a command works."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer

from nmt.files.lines import count_lines
from nmt.files.places import TextInput, TextOutput

LOG_EVERY = 60.0  # seconds between lines of progress in a log
T = TypeVar("T")


def track(items: Iterable[T], *, of: TextInput, to: TextOutput | None = None, quiet: bool = False) -> Iterator[T]:
    """`items`, one for each line of `of`, with their progress."""
    with bar(of=of, to=to, quiet=quiet) as progress:
        for number, item in enumerate(items, 1):
            yield item
            progress(number)


@contextmanager
def bar(*, of: TextInput | None, to: TextOutput | None, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show how many lines of `of` are done: on a terminal as a bar, in a log as a line each minute.

    Nothing is shown on a terminal where the output, `to`, is written as well. Without `of`, segments are counted, whose
    number nobody knows beforehand.

    The function is called whenever more lines are done. Its first call counts lines that an earlier run did, which say
    nothing of the speed.
    """
    what = "segments" if of is None else "lines"
    shares_terminal = to is not None and to.descriptor is not None and os.isatty(to.descriptor)
    if quiet or shares_terminal:
        yield lambda done: None  # noqa: ARG005
    elif sys.stderr.isatty():
        from nmt.cli.bars import progress_bar  # takes a tenth of the time to the first translation

        with progress_bar(total=None if of is None else count_lines(of), what=what) as progress:
            yield progress
    else:
        yield _log(what)


def _log(what: str) -> Callable[[int], None]:
    """A function that writes how many `what` are done, and how many of them a second, to standard error once a minute."""
    first: int | None = None
    began = written = time.monotonic()

    def progress(done: int) -> None:
        nonlocal first, began, written
        now = time.monotonic()
        if first is None:
            first, began, written = done, now, now
        if now - written >= LOG_EVERY:
            written = now
            typer.echo(f"nmt: {done:,} {what} done, {(done - first) / (now - began):,.0f} {what}/s", err=True)

    return progress


def warn(*complaints: str | None) -> None:
    for complaint in complaints:
        if complaint:
            typer.echo(f"nmt: warning: {complaint}", err=True)
