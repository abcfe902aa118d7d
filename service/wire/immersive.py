"""The wire format of Immersive Translate's custom services: a list of texts in, a list of texts out.

In the texts, tags with numbers (`<b0>`, `</b0>`) and numbers in braces (`{0}`) stand for parts of the page that are no text.
All else is plain text, a lone `<` or `&` too.
"""

from __future__ import annotations

import html
import re

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from nmt.translate.markup.options import Markup

from ..errors import ServiceError
from .fields import Code, Fields, SourceCode, message_of, search_options, texts_type
from .format import Core, WireFormat, lookup
from .keys import BEARER, first_of, in_field
from .reading import JSON, documented, read
from .statuses import USUAL, responses

PATH = "/imme"
_TAG = re.compile(r"(</?[a-z]+[0-9]+/?>)")


class Question(Fields):
    source_lang: SourceCode = Field("auto", examples=["auto"])
    target_lang: Code = Field(examples=["en"])
    text_list: list[str]
    token: str | None = Field(None, max_length=1_000)


class TranslatedText(BaseModel):
    detected_source_lang: str
    text: str


class Response(BaseModel):
    translations: list[TranslatedText]


class ErrorResponse(BaseModel):
    error: str


_ERRORS = responses(ErrorResponse)


def answer(error: ServiceError) -> JSONResponse:
    example = '{"source_lang": "auto", "target_lang": "en", "text_list": ["..."]}'
    return JSONResponse({"error": message_of(error, example=example)}, lookup(USUAL, error))


def immersive(core: Core) -> WireFormat:
    settings, translating = core.settings, core.translating
    router = APIRouter(tags=["Immersive Translate"])
    Limited = create_model("ImmersiveRequest", __base__=Question, text_list=(texts_type(settings), ...))

    @router.post(PATH, response_model=Response, responses=_ERRORS, openapi_extra=documented(Limited, JSON))
    async def translate(request: Request) -> JSONResponse:
        """Translate the texts of a page."""
        question = await read(request, Limited, media_types=(JSON,))
        translated = await translating.translate(
            [_as_html(text) for text in question.text_list],
            search_options(settings),
            source=question.source_lang,
            target=question.target_lang,
            markup=Markup(format="html"),
        )
        texts = [_as_text(translation.text) for translation in translated.translations]
        languages = [detection.language for detection in translated.detections()]
        entries = [{"detected_source_lang": language, "text": text} for language, text in zip(languages, texts, strict=True)]
        return JSONResponse({"translations": entries})

    return WireFormat(
        name="immersive",
        prefixes=(PATH,),
        max_body_bytes=settings.max_body_bytes,
        routes=router,
        answer=answer,
        key=first_of(in_field("token"), BEARER),
    )


def _as_html(text: str) -> str:
    parts = _TAG.split(text)
    return "".join(part if _TAG.fullmatch(part) else html.escape(part, quote=False) for part in parts)


def _as_text(translation: str) -> str:
    parts = _TAG.split(translation)
    return "".join(part if _TAG.fullmatch(part) else html.unescape(part) for part in parts)
