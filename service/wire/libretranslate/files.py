"""Files in LibreTranslate's wire format: one request uploads and translates, its answer says where the translation is."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from pathlib import PurePosixPath
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from nmt.config.language import fallbacks

from ...documents import DocumentOrder, Documents, file_name
from ...errors import BadText, UnknownDocument
from ...settings import Settings
from ..fields import search_options
from ..files import attachment
from ..reading import MULTIPART, documented, read
from ..statuses import responses
from .errors import ErrorResponse
from .schema import FileFields, FileResponse

UPLOAD, DOWNLOAD = "/translate_file", "/download_file"

_ERRORS = responses(ErrorResponse)


def file_routes(settings: Settings, documents: Documents) -> APIRouter:
    router = APIRouter(responses=_ERRORS)

    @router.post(UPLOAD, openapi_extra=documented(FileFields, MULTIPART))
    async def translate_file(request: Request) -> FileResponse:
        """Translate a file."""
        given = await read(request, FileFields, media_types=(MULTIPART,))
        order = DocumentOrder(
            name=_translated_name(file_name(given.file.name), fallbacks(given.target)[0]),
            data=given.file.content,
            source=given.source,
            target=given.target,
            options=search_options(settings),
        )
        key = str(uuid.uuid4())
        await documents.submit(order, key=key)
        try:
            job = await documents.finished(key)
        except asyncio.CancelledError:  # the client has left, and nobody else knows the address
            with contextlib.suppress(UnknownDocument):
                await documents.delete(key)
            raise
        if job.status == "error":
            await documents.delete(key)
            raise BadText(job.error or "")
        return FileResponse(translatedFileUrl=f"{_root(request)}{DOWNLOAD}/{quote(f'{key}.{order.name}', safe='')}")

    @router.get(
        f"{DOWNLOAD}/{{name}}",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}, 404: {"model": ErrorResponse}},
    )
    async def download_file(name: str) -> Response:
        """A translated file, as often as it is asked for while it is kept."""
        job, content = await documents.result(name.partition(".")[0], once=False)
        return attachment(job.name, content)

    return router


def _root(request: Request) -> str:
    """The address of the service, as the client wrote it."""
    return str(request.base_url).rstrip("/")


def _translated_name(name: str, target: str) -> str:
    """`letter.txt` becomes `letter_en.txt`, as LibreTranslate names it."""
    path = PurePosixPath(name)
    return f"{path.stem}_{target}{path.suffix}"
