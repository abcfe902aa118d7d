"""The parts of a wire format, and the choice of the format for a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Response

from ..documents import Documents
from ..errors import Ending, KeyMissing, KeyUnknown, PackedBody, ServiceError, WrongMethod
from ..glossaries import Glossaries
from ..settings import Settings
from ..translating import Translating
from .keys import BEARER, KeyReader

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat:
    """The requests that one kind of client sends, and the answers that it reads."""

    name: str
    prefixes: tuple[str, ...]
    """Paths that belong to it, with all below them. Every error there is answered in its shape."""
    max_body_bytes: int
    upload_paths: tuple[str, ...] = ()
    """Those that take documents, which may be longer."""
    max_upload_bytes: int = 0
    routes: APIRouter
    answer: Callable[[ServiceError], Response]
    """Makes the status and the body for an error. `WireFormats.answer` adds the headers that HTTP has for it."""
    key: KeyReader = BEARER
    """Finds the key of a request."""
    keyless: tuple[str, ...] = ()
    """Paths of its routes that need no key."""

    def body_limit(self, path: str) -> int:
        """Bytes of a body that is sent to `path`."""
        return self.max_upload_bytes if path in self.upload_paths else self.max_body_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """All that wire formats stand on."""

    settings: Settings
    translating: Translating
    glossaries: Glossaries
    documents: Documents


MakeFormat = Callable[[Core], WireFormat]


class WireFormats:
    """The formats of a service. The first answers errors of paths that belong to none."""

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
        """The answer to a request to `path` that ended in `error`."""
        response = self.of(path).answer(error)
        if error.retry_after is not None:
            response.headers.setdefault("Retry-After", str(error.retry_after))
        if response.status_code == 401 and isinstance(error, KeyMissing | KeyUnknown):
            response.headers.setdefault("WWW-Authenticate", "Bearer")
        if isinstance(error, Ending):  # a kept connection would lead here again, and keep the service from its end
            response.headers["Connection"] = "close"
        if isinstance(error, PackedBody):
            response.headers.setdefault("Accept-Encoding", "identity")
        if isinstance(error, WrongMethod):
            response.headers.setdefault("Allow", ", ".join(error.allowed))
        return response


def lookup(table: Mapping[type[ServiceError], V], error: ServiceError) -> V:
    """The entry of a format's table for the class of `error`, or for the nearest class above it, at last ServiceError."""
    return next(table[kind] for kind in type(error).__mro__ if kind in table)
