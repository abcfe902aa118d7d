"""The wire format of LibreTranslate: `/translate`, `/detect`, `/languages` and what belongs to them.

Its clients name the languages with short codes, and take 429 for "busy", 403 for "quota" and 503 for "not yet".
"""

from __future__ import annotations

from ..files import upload_limit
from ..format import Core, WireFormat
from ..keys import in_field
from .errors import answer
from .files import DOWNLOAD, UPLOAD, file_routes
from .routes import routes

PATHS = ("/translate", "/detect", "/languages", "/frontend", UPLOAD, DOWNLOAD, "/suggest", "/spec")


def libretranslate(core: Core) -> WireFormat:
    settings = core.settings
    router = routes(settings, core.translating)
    router.include_router(file_routes(settings, core.documents))
    return WireFormat(
        name="libretranslate",
        prefixes=PATHS,
        max_body_bytes=settings.max_body_bytes,
        upload_paths=(UPLOAD,),
        max_upload_bytes=upload_limit(settings),
        routes=router,
        answer=answer,
        key=in_field("api_key"),
        keyless=("/languages", "/frontend/settings", "/spec", f"{DOWNLOAD}/{{name}}"),
    )
