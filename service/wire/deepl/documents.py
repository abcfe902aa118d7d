"""Documents in DeepL's wire format: uploaded, asked for until they are done, and downloaded once."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from nmt.translate.source import AUTO

from ...documents import DocumentOrder, Documents, file_name
from ...errors import BadText
from ...glossaries import Glossaries
from ...settings import Settings
from ..fields import Code, GivenSource, search_options
from ..files import attachment
from ..reading import FORM, JSON, MULTIPART, Upload, documented, read
from .errors import ERRORS
from .fields import AnyCaseFormality, DeepLFields, Names
from .translation import glossary_of

PATH = "/v2/document"


class UploadFields(DeepLFields):
    file: Upload
    target_lang: Code
    source_lang: GivenSource = None
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


def document_routes(settings: Settings, documents: Documents, glossaries: Glossaries) -> APIRouter:
    router = APIRouter(prefix=PATH, responses=ERRORS)

    @router.post("", response_model=Uploaded, openapi_extra=documented(UploadFields, MULTIPART))
    async def upload(request: Request) -> Uploaded:
        """Begin to translate a document."""
        given = await read(request, UploadFields, media_types=(MULTIPART,))
        order = DocumentOrder(
            name=_file_name(given),
            data=given.file.content,
            source=given.source_lang or AUTO,
            target=given.target_lang,
            glossary=await glossary_of(given, glossaries),
            formality=given.formality,
            options=search_options(settings),
            must_change=True,
        )
        receipt = await documents.submit(order)
        return Uploaded(document_id=receipt.id, document_key=receipt.key)

    @router.post("/{document_id}", response_model_exclude_none=True, openapi_extra=documented(KeyFields, JSON, FORM))
    async def status(document_id: str, request: Request) -> Status:
        """How far a document is."""
        job = await documents.find((await read(request, KeyFields)).document_key, document_id)
        status = Status(document_id=job.id, status=job.status, error_message=job.error)
        if job.status == "done":
            return status.model_copy(update={"seconds_remaining": 0, "billed_characters": job.characters})
        if job.status == "translating":
            return status.model_copy(update={"seconds_remaining": job.seconds_remaining})
        return status

    @router.post(
        "/{document_id}/result",
        response_class=Response,
        openapi_extra=documented(KeyFields, JSON, FORM),
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def result(document_id: str, request: Request) -> Response:
        """The translated document, once."""
        key = (await read(request, KeyFields)).document_key
        job, content = await documents.result(key, identifier=document_id)
        return attachment(job.name, content)

    return router


def _file_name(given: UploadFields) -> str:
    """Raises BadText where the name will not do, or the document is asked for in another format."""
    name = file_name(given.filename or given.file.name)
    ending = PurePosixPath(name).suffix.lower()
    if given.output_format is not None and f".{given.output_format.lower()}" != ending:
        raise BadText(f"output_format should be {ending[1:]!r}, as the file is: documents are not converted")
    return name
