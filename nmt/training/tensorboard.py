"""The training log in TensorBoard, where that is installed (the extra `tensorboard`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

PIXELS = 12  # of a side of a cell in a picture of attention


class Board:
    """Writes event files: each number of a log entry is a scalar, each sample a text, its attention a picture."""

    def __init__(self, writer: Any) -> None:
        """`writer` is PyTorch's SummaryWriter."""
        self._writer = writer

    @classmethod
    def open(cls, folder: Path, *, update: int) -> Self | None:
        """A board in `folder`, which hides events there after `update`. None where TensorBoard is not installed."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return None
        return cls(SummaryWriter(str(folder), purge_step=update + 1))

    def write(self, kind: str, update: int, entry: dict[str, Any]) -> None:
        """Write a log entry."""
        for name, value in entry.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                self._writer.add_scalar(f"{kind}/{name}", value, update)
        if "text" in entry:
            self._writer.add_text(kind, entry["text"], update)
        for number, sample in enumerate(entry.get("samples", ()), start=1):
            lines = (f"{part}: {sample[part]}" for part in ("source", "hypothesis", "reference"))
            # Indented is verbatim in Markdown: what looks like markup in a sentence is none.
            self._writer.add_text(f"sample/{number}", "\n".join(f"    {line}" for line in lines), update)
            if sample.get("attention"):
                self._writer.add_image(f"attention/{number}", _picture(sample["attention"]), update)

    def close(self) -> None:
        self._writer.close()


def _picture(attention: list[list[float]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(1, T·PIXELS, S·PIXELS) shades of gray: the darker, the more attention."""
    weights = np.asarray(attention)
    gray = np.round(255.0 * (1.0 - weights.clip(0.0, 1.0))).astype(np.uint8)
    return np.kron(gray, np.ones((PIXELS, PIXELS), dtype=np.uint8))[None]
