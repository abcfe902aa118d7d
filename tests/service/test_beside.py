"""Where work is done: brief work on the event loop, the rest in threads."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from service.beside import BRIEF, beside_the_loop
from service.state import State


def test_long_work_has_a_thread_and_brief_work_needs_none() -> None:
    async def threads() -> list[threading.Thread]:
        return [await beside_the_loop(size, threading.current_thread) for size in (0, BRIEF, BRIEF + 1)]

    brief, still_brief, long = asyncio.run(threads())
    assert brief is still_brief is threading.current_thread()
    assert long is not brief


def test_only_a_state_on_a_disk_may_keep_the_loop_waiting(tmp_path: Path) -> None:
    in_memory, on_disk = State(None), State(tmp_path)
    assert asyncio.run(in_memory.run(threading.current_thread)) is threading.current_thread()
    assert asyncio.run(on_disk.run(threading.current_thread)) is not threading.current_thread()
