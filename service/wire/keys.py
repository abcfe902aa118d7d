"""Where requests have their keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from .reading import given_fields

KeyReader = Callable[[Request], Awaitable[str | None]]


def in_header(name: str, *schemes: str) -> KeyReader:
    """The value of a header, after one of the `schemes` where there are any: `Authorization: Bearer KEY`."""

    async def read(request: Request) -> str | None:
        value = request.headers.get(name, "").strip()
        if not schemes:
            return value or None
        scheme, _, key = value.partition(" ")
        return key.strip() or None if scheme.lower() in map(str.lower, schemes) else None

    return read


def in_field(name: str) -> KeyReader:
    """A field of the query or the body."""

    async def read(request: Request) -> str | None:
        value = (await given_fields(request)).get(name)
        return value if isinstance(value, str) and value else None

    return read


def first_of(*readers: KeyReader) -> KeyReader:
    """The key that the first of these finds."""

    async def read(request: Request) -> str | None:
        for reader in readers:
            if key := await reader(request):
                return key
        return None

    return read


BEARER = in_header("Authorization", "Bearer")
