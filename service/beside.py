"""Work beside the event loop, which serves nobody else while it computes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

BRIEF = 300
"""Characters of a text that is taken apart, joined or written out in about a millisecond."""

P = ParamSpec("P")
T = TypeVar("T")


async def beside_the_loop(characters: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run work on a text of so many characters: in a thread where it may take long, at once where it takes less than to
    wake a thread up.
    """
    if characters <= BRIEF:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)
