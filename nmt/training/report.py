"""The report of a run: a progress line on a terminal, plain lines elsewhere, a JSONL log and its page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nmt.files.atomic import replacing
from nmt.files.json_text import parse_json
from nmt.training.folder import not_written
from nmt.training.page import training_page
from nmt.training.tensorboard import Board

Entry = dict[str, Any]
# Entries that a run writes again when it goes on: what it trains, at the beginning, and its results, at the end.
_WRITTEN_AGAIN = {"run", "result"}


class TrainingReport:
    """Writes one JSON object per line to `folder`/log.jsonl and shows it on the console; without a folder, does nothing.

    `folder`/report.html is made of the log alone: at the start, after each validation and at the end. The log begins
    with `run`, the facts of the run. It is cut off after `update`, from which training goes on, or before its validation
    where that is still to be made, so that log and page read like those of a run that was never killed. `max_updates` of
    `run` is the end of the progress bar; `metrics` has the scores of a validation, with the key and the name of each.
    """

    def __init__(self, folder: Path | None, *, run: Entry, update: int, is_judged: bool) -> None:
        self._run, self._update = run, update
        self._path = folder and folder / "log.jsonl"
        self._page = folder and folder / "report.html"
        if self._path is not None:
            _begin_log(self._path, run, update, is_judged=is_judged)
        self._file = (self._path or Path(os.devnull)).open("a", encoding="utf-8", newline="\n", buffering=1)
        self._console = Console(stderr=True, quiet=folder is None)
        self._board = Board.open(folder / "tensorboard", update=update) if folder else None
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._progress.add_task("training", total=run["max_updates"], completed=update)

    def __enter__(self) -> Self:
        self._write_page()
        self._progress.start()
        run = self._run
        self.say(
            f"{run['name']}: {run['text']}, {run['parameters']:,} parameters, {run['precision']}, "
            f"{run['machine_gflops']:,.0f} GFLOP/s matrix product on {run['device']}, "
            f"{run['padding_share']:.1%} padding, from update {self._update}; report: {self._page}"
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()
        self._file.close()
        if self._board is not None:
            self._board.close()
        if kind is None:
            self._write_page()
            self.say(f"training report: {self._page}")

    def training(self, update: int, entry: Entry) -> None:
        """Write down losses and speed since the last call."""
        line = (
            f"loss {entry['loss']:.3f}  perplexity {entry['perplexity']:.2f}  {entry['tokens_per_second']:,.0f} tokens/s  "
            f"{entry['machine_share']:.0%} of the machine"
        )
        self._write("training", update, entry)
        self._progress.update(self._task, completed=update, description=line)
        if not self._console.is_terminal:
            self.say(f"update {update}  {line}  lr {entry['learning_rate']:.2e}")

    def validation(self, update: int, entry: Entry) -> None:
        """Write down the scores of a validation and, in translation, samples."""
        self._write("validation", update, entry)
        self._write_page()
        best = "  best so far" if entry["best"] else ""
        scores = "".join(f"{name} {entry[key]:.2f}  " for key, name in self._run["metrics"].items())
        self.say(f"update {update}  {scores}perplexity {entry['perplexity']:.2f}{best}")
        for note in entry.get("notes", ()):
            self.say(f"update {update}: {note}")

    def message(self, update: int, text: str) -> None:
        """Write down an unusual event of an update."""
        self._write("message", update, {"text": text})
        self.say(f"update {update}: {text}")

    def result(self, update: int, text: str) -> None:
        """Write down a result at the end of the run."""
        self._write("result", update, {"text": text})
        self.say(text)

    def say(self, text: str) -> None:
        """Show `text` on the console alone."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def _write(self, kind: str, update: int, entry: Entry) -> None:
        try:
            self._file.write(_line({"kind": kind, "update": update, **entry}))
        except OSError as error:
            raise not_written(self._file.name, "training log", error) from error
        if self._board is not None:
            self._board.write(kind, update, entry)

    def _write_page(self) -> None:
        if self._path is None or self._page is None:
            return
        try:
            with replacing(self._page) as temporary:
                temporary.write_text(training_page(read_log(self._path)), encoding="utf-8")
        except OSError as error:
            raise not_written(self._page, "training report", error) from error


def read_log(path: Path) -> Iterator[Entry]:
    """The entries of a training log, up to a line that a kill cut short; none where there is no log."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            try:
                entry = parse_json(line)
            except ValueError:
                return
            yield entry


def _begin_log(path: Path, run: Entry, update: int, *, is_judged: bool) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_line({"kind": "run", "update": 0, **run}))
        for entry in read_log(path) if update else ():
            if entry["update"] > update or (entry["update"] == update and entry["kind"] == "validation" and not is_judged):
                return
            if entry["kind"] not in _WRITTEN_AGAIN:
                file.write(_line(entry))


def _line(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"
