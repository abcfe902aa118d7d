"""The wire format of LibreTranslate: `/translate`, `/detect`, `/languages` and what belongs to them.

Its clients name the languages with short codes, and take 429 for "busy", 403 for "quota" and 503 for "not yet".
"""

from __future__ import annotations

from service.settings import Settings
from service.translating import Translating
from service.wire.format import WireFormat
from service.wire.libretranslate.errors import answer
from service.wire.libretranslate.routes import routes

PATHS = ("/translate", "/detect", "/languages", "/frontend", "/translate_file", "/suggest", "/spec")


def libretranslate(settings: Settings, translating: Translating) -> WireFormat:
    return WireFormat(
        name="libretranslate",
        prefixes=PATHS,
        max_body_bytes=settings.max_body_bytes,
        routes=routes(settings, translating),
        answer=answer,
    )
