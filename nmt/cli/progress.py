"""Progress bars and warnings for a person who looks on while a command works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nmt.files.lines import count_lines
from nmt.files.places import TextInput, TextOutput

console = Console(stderr=True)
T = TypeVar("T")


def track(items: Iterable[T], *, of: TextInput, to: TextOutput | None = None) -> Iterator[T]:
    """`items`, one for each line of `of`, with a progress bar."""
    with bar(of=of, to=to) as progress:
        for number, item in enumerate(items, 1):
            yield item
            progress(number)


@contextmanager
def bar(*, of: TextInput | None, to: TextOutput | None) -> Iterator[Callable[[int], None]]:
    """Show how many lines of `of` are done, where a person looks on and no output, `to`, is written to the same terminal.

    Without `of`, segments are counted, whose number nobody knows beforehand.

    The function is called whenever more lines are done. Its first call counts lines that an earlier run did, which say
    nothing of the speed.
    """
    hidden = not console.is_terminal or (to is not None and to.descriptor is not None and os.isatty(to.descriptor))
    total = None if hidden or of is None else count_lines(of)
    with progress_bar(total=total, what="segments" if of is None else "lines", hidden=hidden) as progress:
        yield progress


@contextmanager
def progress_bar(*, total: int | None, what: str, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # A window of long lines may take minutes; the time left is told from the last ten.
    disable = hidden or not console.is_terminal
    with Progress(*columns, console=console, disable=disable, speed_estimate_period=600) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)


def warn(*complaints: str | None) -> None:
    for complaint in complaints:
        if complaint:
            typer.echo(f"nmt: warning: {complaint}", err=True)
