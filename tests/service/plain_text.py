"""A wire format made by the steps of CONTRIBUTING.md: plain text in, plain text out. Run, it is a service that speaks it.

POST /plain/de/en?at_most=3 with text answers its translation; what goes wrong is a line, `name|sentence`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from nmt.config.search import SearchOptions
from service.app import serve
from service.errors import BadText, InvalidFields, Overloaded, ServiceError, TooLarge, UnknownPair, UnknownPath, Unreadable
from service.settings import read_settings
from service.wire import FORMATS
from service.wire.format import Core, WireFormat, lookup

LONGEST = 2_000  # bytes

ERRORS: dict[type[ServiceError], tuple[int, str]] = {
    UnknownPair: (400, "languages"),
    UnknownPath: (410, "nothing"),
    TooLarge: (414, "long"),
    InvalidFields: (417, "query"),
    Unreadable: (418, "bytes"),
    BadText: (421, "text"),
    Overloaded: (456, "busy"),
    ServiceError: (599, "other"),
}


def answer(error: ServiceError) -> PlainTextResponse:
    status, name = lookup(ERRORS, error)
    return PlainTextResponse(f"{name}|{error.message}", status)


def plain_text(core: Core) -> WireFormat:
    router = APIRouter(prefix="/plain", tags=["plain text"])

    @router.post("/{source}/{target}")
    async def translate(
        source: str, target: str, request: Request, at_most: Annotated[int, Query(ge=1, le=5)] = 1, required: str = ""
    ) -> PlainTextResponse:
        """Translate a text."""
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError as error:
            raise Unreadable("the text is not UTF-8") from error
        options = SearchOptions(n_best=at_most, required=(required,) if required else ())
        translated = await core.translating.translate([text], options, source=source, target=target)
        return PlainTextResponse("\f".join(translated.translations[0].texts))

    @router.get("/broken")
    async def broken() -> PlainTextResponse:
        raise RuntimeError("a mistake of this route")

    return WireFormat(name="plain text", prefixes=("/plain",), max_body_bytes=LONGEST, routes=router, answer=answer)


if __name__ == "__main__":
    serve(read_settings({}), formats=(*FORMATS, plain_text))
