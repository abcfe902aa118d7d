"""The wire format of MTranServer: one text in, `result` out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from nmt.translate.markup.options import Markup

from ..errors import ServiceError
from .fields import Code, Fields, SourceCode, message_of, search_options, text_type
from .format import Core, WireFormat, lookup
from .keys import BEARER, first_of, in_field, in_header
from .reading import JSON, documented, read
from .statuses import USUAL, responses

PREFIX = "/mtran"


class Question(Fields):
    source: SourceCode = Field(alias="from", examples=["de"])
    target: Code = Field(alias="to", examples=["en"])
    text: str
    html: bool = Field(False, description="whether the text is HTML")
    token: str | None = Field(None, max_length=1_000)


class Response(BaseModel):
    result: str


class ErrorResponse(BaseModel):
    error: str


_ERRORS = responses(ErrorResponse)


def answer(error: ServiceError) -> JSONResponse:
    message = message_of(error, example='{"from": "de", "to": "en", "text": "..."}')
    return JSONResponse({"error": message}, lookup(USUAL, error))


def mtran(core: Core) -> WireFormat:
    settings, translating = core.settings, core.translating
    router = APIRouter(prefix=PREFIX, tags=["MTranServer"])
    Limited = create_model("MTranRequest", __base__=Question, text=(text_type(settings), ...))

    @router.post("/translate", response_model=Response, responses=_ERRORS, openapi_extra=documented(Limited, JSON))
    async def translate(request: Request) -> JSONResponse:
        """Translate one text."""
        question = await read(request, Limited, media_types=(JSON,))
        translated = await translating.translate(
            [question.text],
            search_options(settings),
            source=question.source,
            target=question.target,
            markup=Markup(format="html" if question.html else "text"),
        )
        return JSONResponse({"result": translated.translations[0].text})

    return WireFormat(
        name="mtran",
        prefixes=(PREFIX,),
        max_body_bytes=settings.max_body_bytes,
        routes=router,
        answer=answer,
        key=first_of(in_field("token"), BEARER, in_header("Authorization")),
    )
