"""Windows of lines that are read from a pipe."""

from __future__ import annotations

import os

from nmt.files.lines import Lines
from nmt.files.places import TextInput
from nmt.offline.windows import windows


class Pipe:
    """A pipe and the windows that are read from it."""

    def __init__(self, *, size: int) -> None:
        read_end, self.write_end = os.pipe()
        self.lines = Lines(TextInput(f"/dev/fd/{read_end}"))
        self.windows = windows(self.lines, after=0, size=size)

    def write(self, text: str) -> None:
        os.write(self.write_end, text.encode())

    def next(self) -> list[str] | None:
        """The lines of the next window; None is a pause."""
        window = next(self.windows)
        return None if window is None else [line.text for line in window.lines]
