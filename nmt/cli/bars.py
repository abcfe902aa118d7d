"""Progress bars on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

console = Console(stderr=True)


@contextmanager
def progress_bar(*, total: int | None, what: str) -> Iterator[Callable[[int], None]]:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        _Speed(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # A window of long lines may take minutes; the time left is told from the last ten.
    with Progress(*columns, console=console, disable=not console.is_terminal, speed_estimate_period=600) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)


class _Speed(ProgressColumn):
    """Pieces of work a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")
