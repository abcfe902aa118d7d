"""Waiting for an event, however slow the machine is just now."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], *, seconds: float = 120.0, pause: float = 0.02) -> None:
    """Returns when it is so; `seconds` are for a test that would wait for ever, `pause` is between two looks."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(pause)
