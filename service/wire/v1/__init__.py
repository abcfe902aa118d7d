"""The wire format of our own, `/v1`."""

from __future__ import annotations

from ..files import upload_limit
from ..format import Core, WireFormat
from ..keys import BEARER
from .documents import PATH as DOCUMENTS
from .documents import document_routes
from .errors import answer
from .routes import routes


def v1(core: Core) -> WireFormat:
    router = routes(core.settings, core.translating)
    router.include_router(document_routes(core.settings, core.documents))
    return WireFormat(
        name="v1",
        prefixes=("/v1",),
        max_body_bytes=core.settings.max_body_bytes,
        upload_paths=(DOCUMENTS,),
        max_upload_bytes=upload_limit(core.settings),
        routes=router,
        answer=answer,
        key=BEARER,
    )
