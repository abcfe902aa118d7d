"""Documents at `/v1/documents`: uploaded, asked for until they are done, and downloaded once."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, model_validator

from nmt.config.formality import Formality
from nmt.errors import InputError
from nmt.translate.glossary import MAX_CHARACTERS, Glossary
from nmt.translate.source import AUTO

from ...documents import DocumentJob, DocumentOrder, Documents, file_name
from ...settings import Settings
from ..fields import Code, Fields, SourceCode, search_options
from ..files import attachment
from ..reading import MULTIPART, Upload, documented, read
from ..statuses import responses
from .errors import ErrorResponse
from .schema import MAX_TERMS

PATH = "/v1/documents"
LONGEST_GLOSSARY = MAX_TERMS * 2 * (MAX_CHARACTERS + 1)
"""Characters; one that is longer has too many terms, and is not read, which would hold up other requests."""


def _glossary(given: Any) -> Glossary:
    """Raises ValueError for what is no table of terms."""
    is_file = isinstance(given, Upload)
    try:
        text = given.content.decode("utf-8-sig") if is_file else given
        if not isinstance(text, str):
            raise ValueError("should be one text")
        if len(text) > LONGEST_GLOSSARY:
            raise ValueError(f"has {len(text):,} characters; at most {LONGEST_GLOSSARY:,} are allowed")
        glossary = Glossary.parse(text, "csv" if is_file and given.name.lower().endswith(".csv") else "tsv")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except InputError as error:
        raise ValueError(str(error).removeprefix("glossary: ")) from error
    if len(glossary.entries) > MAX_TERMS:
        raise ValueError(f"has {len(glossary.entries):,} terms; at most {MAX_TERMS:,} are allowed")
    return glossary


class DocumentFields(Fields):
    blank_is_absent = True

    file: Upload
    source: SourceCode
    target: Code
    model: str | None = Field(None, max_length=200)
    formality: Formality = "default"
    glossary: Annotated[Glossary | None, BeforeValidator(_glossary, json_schema_input_type=str)] = Field(
        None,
        description="terms and their translations, each a line with a tab between the two, as text or as a file; a file "
        "whose name ends in .csv has commas",
        examples=["Hund\thound"],
    )

    @model_validator(mode="after")
    def _glossary_is_for_the_pair(self) -> Self:
        if self.glossary is not None and self.source != AUTO:
            try:
                self.glossary.require_pair(self.source, self.target)
            except InputError as error:
                raise ValueError(str(error)) from error
        return self


class DocumentState(BaseModel):
    id: str = Field(description="who knows it may have the document")
    name: str = Field(examples=["letter.docx"])
    status: Literal["queued", "translating", "done", "error"]
    characters: int = Field(description="of the text in the document")
    translated_characters: int = Field(description="of these, so far")
    seconds_remaining: int | None = Field(None, description="a guess; only while it is being translated")
    error: str | None = Field(None, description="why the document could not be translated")


_ERRORS = responses(
    ErrorResponse,
    {
        404: "No such language pair, model or document",
        415: "The body is not multipart",
        422: "A field is wrong, or the file is no document",
    },
)
_RESULT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}},
    409: {"model": ErrorResponse, "description": "It is still being translated; see Retry-After"},
}


def document_routes(settings: Settings, documents: Documents) -> APIRouter:
    router = APIRouter(prefix="/documents", tags=["documents"], responses=_ERRORS)

    @router.post("", status_code=202, response_model_exclude_none=True, openapi_extra=documented(DocumentFields, MULTIPART))
    async def upload(request: Request) -> DocumentState:
        """Begin to translate a document."""
        given = await read(request, DocumentFields, media_types=(MULTIPART,))
        order = DocumentOrder(
            name=file_name(given.file.name),
            data=given.file.content,
            source=given.source,
            target=given.target,
            model=given.model,
            formality=given.formality,
            glossary=given.glossary,
            options=search_options(settings),
        )
        receipt = await documents.submit(order)
        return DocumentState(
            id=receipt.key,
            name=order.name,
            status="queued",
            characters=receipt.characters,
            translated_characters=0,
        )

    @router.get("/{document_id}", response_model_exclude_none=True)
    async def status(document_id: str) -> DocumentState:
        """How far a document is."""
        return _state(document_id, await documents.find(document_id))

    # With POST, since it changes what there is: no proxy, and nobody who tries again, takes the only copy unseen.
    @router.post("/{document_id}/result", response_class=Response, responses=_RESULT)
    async def result(document_id: str) -> Response:
        """The translated document, once: then it is forgotten here."""
        job, content = await documents.result(document_id)
        return attachment(job.name, content)

    @router.delete("/{document_id}", status_code=204)
    async def delete(document_id: str) -> None:
        """Forget a document; if it is being translated, its translation ends."""
        await documents.delete(document_id)

    return router


def _state(identifier: str, job: DocumentJob) -> DocumentState:
    return DocumentState(
        id=identifier,
        name=job.name,
        status=job.status,
        characters=job.characters,
        translated_characters=job.translated_characters,
        seconds_remaining=job.seconds_remaining if job.status == "translating" else None,
        error=job.error,
    )
