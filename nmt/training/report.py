"""What a run shows and writes down: a progress line on a terminal, plain lines elsewhere, and a JSONL log always."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nmt.errors import TrainingError
from nmt.files import replacing
from nmt.training.step import StepSums


@dataclass(slots=True)
class Window:
    """Sums since the last log line."""

    loss: float = 0.0
    likelihood: float = 0.0
    gradient_norm: float = 0.0
    tokens: int = 0
    updates: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    def add(self, sums: StepSums) -> None:
        self.loss += sum(sums.losses)
        self.likelihood += sums.likelihood
        self.gradient_norm += sums.gradient_norm
        self.tokens += sums.tokens
        self.updates += 1

    def means(self) -> dict[str, float]:
        return {
            "loss": self.loss / self.tokens,
            "perplexity": perplexity(self.likelihood, self.tokens),
            "gradient_norm": self.gradient_norm / self.updates,
            "tokens_per_second": self.tokens / self.seconds,
            "waiting_share": self.waited / self.seconds,
        }


def perplexity(likelihood: float, tokens: int) -> float:
    """From the negative log-likelihood of all tokens. What has diverged is bad enough, and a number."""
    return math.exp(min(50.0, likelihood / max(1, tokens)))


class TrainingReport:
    """Writes one JSON object per line to `folder`/log.jsonl and shows the same on the console; without a folder, nothing.

    On a resume, what the log holds after the update that training goes on from is cut off, so that it reads like the
    log of a run that was never killed.
    """

    def __init__(self, folder: Path | None, *, max_updates: int, update: int) -> None:
        path = Path(os.devnull) if folder is None else folder / "log.jsonl"
        if folder is not None:
            kept = _entries_until(path, update)
            with replacing(path) as temporary:
                temporary.write_text(
                    "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in kept), encoding="utf-8"
                )
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._console = Console(stderr=True, quiet=folder is None)
        self._tensorboard = _tensorboard_writer(folder and folder / "tensorboard")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._progress.add_task("training", total=max_updates, completed=update)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()
        self._file.close()
        if self._tensorboard is not None:
            self._tensorboard.close()

    def training(self, update: int, entry: dict[str, Any]) -> None:
        """Losses and speed since the last call."""
        line = (
            f"loss {entry['loss']:.3f}  perplexity {entry['perplexity']:.2f}  {entry['tokens_per_second']:,.0f} tokens/s  "
            f"{entry['machine_share']:.0%} of the machine"
        )
        self._write("training", update, entry)
        self._progress.update(self._task, completed=update, description=line)
        if not self._console.is_terminal:
            self._console.print(f"update {update}  {line}  lr {entry['learning_rate']:.2e}", highlight=False, soft_wrap=True)

    def validation(self, update: int, entry: dict[str, Any]) -> None:
        """A validation's scores and, of translation, a sample."""
        self._write("validation", update, entry)
        best = "  best so far" if entry["best"] else ""
        bleu = f"BLEU {entry['bleu']:.2f}  " if "bleu" in entry else ""
        line = f"update {update}  {bleu}perplexity {entry['perplexity']:.2f}{best}"
        self._console.print(line, highlight=False, soft_wrap=True)

    def message(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)

    def _write(self, kind: str, update: int, entry: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps({"kind": kind, "update": update, **entry}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise TrainingError(f"{self._file.name}: the training log cannot be written: {error}") from error
        if self._tensorboard is not None:
            for name, value in entry.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    self._tensorboard.add_scalar(f"{kind}/{name}", value, update)


def _entries_until(path: Path, update: int) -> list[dict[str, Any]]:
    if update == 0 or not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            break  # the line that a kill cut short
        if entry["update"] <= update:
            entries.append(entry)
    return entries


def _tensorboard_writer(folder: Path | None) -> Any:
    if folder is None:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder))
