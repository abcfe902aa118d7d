"""Streams of this process that are something else for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stream(number: int, path: Path, flags: int) -> Iterator[None]:
    """The open stream `number` of this process is `path` meanwhile."""
    kept, opened = os.dup(number), os.open(path, flags, 0o666)
    os.dup2(opened, number)
    try:
        yield
    finally:
        os.dup2(kept, number)
        os.close(kept)
        os.close(opened)
