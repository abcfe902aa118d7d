"""Clients of the service. The scheduler shares its work fairly between them; people who wait go before documents."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Client:
    """One that asks: by the name of its key, else by its address. It is neither logged nor counted by name."""

    name: str = ""
    is_interactive: bool = True
    """Whether somebody waits for the answer, as nobody does for a document's."""

    @property
    def in_background(self) -> Client:
        """The same client, asking for something that nobody waits for."""
        return replace(self, is_interactive=False)


NOBODY = Client()
CLIENT: ContextVar[Client] = ContextVar("CLIENT", default=NOBODY)
"""The client of the request that is worked on. Whoever reads a request's key sets it anew."""
