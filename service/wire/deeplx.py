"""The wire format of DeepLX, which many browsers' and readers' plugins speak: one text in, `data` out."""

from __future__ import annotations

from itertools import count
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from nmt.config.language import fallbacks
from nmt.translate.markup.options import Markup
from nmt.translate.source import AUTO

from ..errors import ServiceError
from .fields import Code, Fields, SourceCode, message_of, search_options, text_type
from .format import Core, WireFormat, lookup
from .keys import BEARER, first_of, in_field
from .reading import JSON, documented, read
from .statuses import USUAL, responses

PREFIX = "/deeplx"


class Question(Fields):
    blank_is_absent = True

    text: str
    source_lang: SourceCode = Field(AUTO, examples=["DE"])
    target_lang: Code = Field(examples=["EN"])
    tag_handling: Literal["html", "xml"] | None = Field(None, description="markup of the text")
    token: str | None = Field(None, max_length=1_000)


class Response(BaseModel):
    code: int
    id: int
    data: str
    alternatives: list[str] = Field(description="always empty")
    source_lang: str
    target_lang: str
    method: str


class ErrorResponse(BaseModel):
    code: int
    message: str


_ERRORS = responses(ErrorResponse)


def answer(error: ServiceError) -> JSONResponse:
    status = lookup(USUAL, error)
    example = '{"text": "...", "source_lang": "DE", "target_lang": "EN"}'
    message = message_of(error, example=example)
    return JSONResponse({"code": status, "message": message}, status)


def deeplx(core: Core) -> WireFormat:
    settings, translating = core.settings, core.translating
    router = APIRouter(prefix=PREFIX, tags=["DeepLX"])
    Limited = create_model("DeepLXRequest", __base__=Question, text=(text_type(settings), ...))
    numbers = count(1)

    @router.post("/translate", response_model=Response, responses=_ERRORS, openapi_extra=documented(Limited, JSON))
    async def translate(request: Request) -> JSONResponse:
        """Translate one text."""
        question = await read(request, Limited, media_types=(JSON,))
        translated = await translating.translate(
            [question.text],
            search_options(settings),
            source=question.source_lang,
            target=question.target_lang,
            markup=Markup(format=question.tag_handling or "text"),
        )
        [translation], [detection] = translated.translations, translated.detections()
        return JSONResponse(
            {
                "code": 200,
                "id": next(numbers),
                "data": translation.text,
                "alternatives": [],
                "source_lang": detection.language.upper(),
                "target_lang": fallbacks(question.target_lang)[0].upper(),
                "method": "Free",
            }
        )

    return WireFormat(
        name="deeplx",
        prefixes=(PREFIX,),
        max_body_bytes=settings.max_body_bytes,
        routes=router,
        answer=answer,
        key=first_of(in_field("token"), BEARER),
    )
