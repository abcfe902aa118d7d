"""The wire format of our own, `/v1`."""

from __future__ import annotations

from service.settings import Settings
from service.translating import Translating
from service.wire.format import WireFormat
from service.wire.v1.errors import answer
from service.wire.v1.routes import routes


def v1(settings: Settings, translating: Translating) -> WireFormat:
    return WireFormat(
        name="v1",
        prefixes=("/v1",),
        max_body_bytes=settings.max_body_bytes,
        routes=routes(settings, translating),
        answer=answer,
    )
