"""What a wire format is, and which one a request is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Response

from service.errors import ServiceError, WrongMethod
from service.settings import Settings
from service.translating import Translating

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat:
    """How one kind of client asks and is answered."""

    name: str
    prefixes: tuple[str, ...]
    """Paths that are its own, with all below them: whatever goes wrong there is answered in its shape."""
    max_body_bytes: int
    routes: APIRouter
    answer: Callable[[ServiceError], Response]
    """The status and the body for an error. Headers that HTTP has for it (Allow, Retry-After) are added by others."""


MakeFormat = Callable[[Settings, Translating], WireFormat]


class WireFormats:
    """All that the service speaks. The first answers errors of paths that are nobody's."""

    def __init__(self, formats: Sequence[WireFormat]) -> None:
        self._formats = formats
        prefixes = [prefix for each in formats for prefix in each.prefixes]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError(f"two wire formats have one prefix: {', '.join(sorted(prefixes))}")

    def __iter__(self) -> Iterator[WireFormat]:
        return iter(self._formats)

    def of(self, path: str) -> WireFormat:
        """The format with the longest prefix of `path`."""
        owners = [
            (len(prefix), each)
            for each in self._formats
            for prefix in each.prefixes
            if path == prefix or path.startswith(f"{prefix}/")
        ]
        return max(owners, key=lambda owner: owner[0])[1] if owners else self._formats[0]

    def answer(self, path: str, error: ServiceError) -> Response:
        """What a request to `path` is answered where `error` is why it is not answered otherwise."""
        response = self.of(path).answer(error)
        if error.retry_after is not None:
            response.headers.setdefault("Retry-After", str(error.retry_after))
        if isinstance(error, WrongMethod):
            response.headers.setdefault("Allow", ", ".join(error.allowed))
        return response


def lookup(table: Mapping[type[ServiceError], V], error: ServiceError) -> V:
    """What a format's table has for `error`, or for the nearest class above it; ServiceError stands for all the rest."""
    return next(table[kind] for kind in type(error).__mro__ if kind in table)
