"""Documents in DeepL's wire format: uploaded, asked for until they are done, and downloaded once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from nmt.translate.documents.formats import ENDINGS, find_format
from nmt.translate.source import AUTO
from service.documents import DocumentJob, Documents, checked_document
from service.errors import BadText
from service.glossaries import Glossaries
from service.settings import Settings
from service.translating import Translating
from service.wire.deepl.errors import ERRORS, NotDone
from service.wire.deepl.translation import AnyCaseFormality, DeepLFields, Names, glossary_of
from service.wire.fields import Code, search_options
from service.wire.reading import FORM, JSON, MULTIPART, Upload, documented, read


class UploadFields(DeepLFields):
    file: Upload
    target_lang: Code
    source_lang: Code | None = None
    filename: str | None = Field(None, max_length=1_000, description="its ending tells the format")
    output_format: str | None = Field(None, max_length=20, description="only that of the file")
    formality: AnyCaseFormality = "default"
    glossary_id: str | None = Field(None, max_length=100)
    glossary_ids: Names = Field((), max_length=5)
    enable_document_minification: bool = Field(False, description="without effect")


class KeyFields(DeepLFields):
    document_key: str = Field(max_length=200)


class Uploaded(BaseModel):
    document_id: str
    document_key: str


class Status(BaseModel):
    document_id: str
    status: str = Field(description="queued, translating, done or error")
    seconds_remaining: int | None = Field(None, description="a guess; not while queued")
    billed_characters: int | None = Field(None, description="only when done")
    error_message: str | None = None


_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file", "target_lang"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "target_lang": {"type": "string"},
                        "source_lang": {"type": "string"},
                        "filename": {"type": "string"},
                        "formality": {"type": "string"},
                        "glossary_id": {"type": "string"},
                    },
                }
            }
        },
    }
}


def document_routes(settings: Settings, translating: Translating, glossaries: Glossaries) -> APIRouter:
    documents = Documents(translating)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        documents.end()

    router = APIRouter(prefix="/v2/document", responses=ERRORS, lifespan=lifespan)

    @router.post("", response_model=Uploaded, openapi_extra=_UPLOAD)
    async def upload(request: Request) -> Uploaded:
        """Begin to translate a document."""
        given = await read(request, UploadFields, media_types=(MULTIPART,))
        name = _file_name(given)
        # What is wrong is said at once.
        translating.require_pair(given.source_lang or AUTO, given.target_lang, formality=given.formality)
        await asyncio.to_thread(checked_document, name, given.file.content, target=given.target_lang)
        job = DocumentJob(
            name=name,
            data=given.file.content,
            source=given.source_lang or AUTO,
            target=given.target_lang,
            glossary=await glossary_of(given, glossaries),
            formality=given.formality,
            options=search_options(settings),
        )
        documents.submit(job)
        return Uploaded(document_id=job.id, document_key=job.key)

    @router.post("/{document_id}", response_model_exclude_none=True, openapi_extra=documented(KeyFields, JSON, FORM))
    async def status(document_id: str, request: Request) -> Status:
        """How far a document is."""
        job = documents.find(document_id, (await read(request, KeyFields)).document_key)
        if job.error is not None:
            return Status(document_id=job.id, status="error", error_message=job.error)
        if job.result is not None:
            return Status(document_id=job.id, status="done", seconds_remaining=0, billed_characters=job.characters)
        if not job.has_started:
            return Status(document_id=job.id, status="queued")
        return Status(document_id=job.id, status="translating", seconds_remaining=job.seconds_remaining)

    @router.post(
        "/{document_id}/result",
        response_class=Response,
        openapi_extra=documented(KeyFields, JSON, FORM),
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def result(document_id: str, request: Request) -> Response:
        """The translated document, once."""
        job = documents.find(document_id, (await read(request, KeyFields)).document_key)
        if job.error is not None:
            raise BadText(job.error)
        if job.result is None:
            raise NotDone(job.seconds_remaining)
        found = find_format(job.name)
        assert found is not None
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(job.name, safe='')}"}
        return Response(documents.take(job), media_type=found.media_type, headers=headers)

    return router


def _file_name(given: UploadFields) -> str:
    """The name of the file without folders. Raises BadText where its ending is no document's, or another is asked for."""
    name = PurePosixPath(PureWindowsPath(given.filename or given.file.name).name).name
    ending = PurePosixPath(name).suffix.lower()
    if find_format(name) is None:
        raise BadText(f"Invalid file: the file extension {ending!r} is none of {', '.join(ENDINGS)}")
    if given.output_format is not None and f".{given.output_format.lower()}" != ending:
        raise BadText(f"output_format should be {ending[1:]!r}, as the file is: documents are not converted")
    return name
