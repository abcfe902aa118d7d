"""The way in for requests to the core: held while the service starts, refused while it ends, counted in between."""

from __future__ import annotations

import asyncio

from .errors import Ending
from .models import Models

PATIENCE = 2.0
"""Seconds for which a request is held while models are loaded. Some programs give up where the first one is refused."""
_LOOK = 0.02


class Gate:
    """Counts the requests that are worked on."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self.is_closing = False
        """Whether the service ends: what has been accepted is answered, and nothing else is."""
        self.accepted = 0
        """Requests that are worked on."""

    async def enter(self) -> None:
        """Count one more, which then leaves. Raises Ending where the service ends."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not (self._models.is_loaded or self.is_closing) and loop.time() < deadline:
            await asyncio.sleep(_LOOK)
        if self.is_closing:
            raise Ending
        self.accepted += 1

    def leave(self) -> None:
        self.accepted -= 1
