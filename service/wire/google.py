"""The wire format of Google Cloud Translation, Basic (v2): `/language/translate/v2` with `/detect` and `/languages`.

Questions come in JSON, in a form or in the query, with GET or POST. Text is HTML unless `format` says otherwise.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model, field_validator

from nmt.translate.markup.options import Markup
from nmt.translate.source import AUTO, Detection

from ..errors import (
    BodyTooSlow,
    Broken,
    KeyMissing,
    KeyUnknown,
    NotReady,
    Overloaded,
    PackedBody,
    QuotaExceeded,
    ServiceError,
    TooFast,
    TooLarge,
    TooLate,
    UnknownMediaType,
    UnknownPath,
    Unreadable,
    WrongMethod,
)
from ..translating import Translated
from .fields import Code, Fields, GivenSource, message_of, one_or_many, search_options, text_type
from .format import Core, WireFormat, lookup
from .keys import first_of, in_field, in_header
from .reading import asked_in_query, documented, read
from .statuses import USUAL, responses

PREFIX = "/language/translate/v2"
MODELS = ("nmt", "base")
"""Names that Google has for its models; here they stand for the default of the pair."""


class GoogleFields(Fields):
    """Parameters that any request of Google's may have. None of them changes the answer."""

    blank_is_absent = True

    key: str | None = Field(None, max_length=1_000)
    access_token: str | None = Field(None, max_length=10_000)
    prettyPrint: bool = True
    quotaUser: str | None = None
    userIp: str | None = None
    alt: Literal["json"] = "json"
    fields: None = Field(None, description="parts of the answer; always all")

    @field_validator("fields", mode="before")
    @classmethod
    def _answers_are_whole(cls, _value: object) -> None:
        raise ValueError("cannot be asked for: answers are always whole")


class TranslateFields(GoogleFields):
    q: str | list[str]
    target: Code = Field(examples=["en"])
    source: GivenSource = Field(None, description="detected where it is left out", examples=["de"])
    format: Literal["html", "text"] = "html"
    model: str | None = Field(None, max_length=200, description="nmt or base, or the name of a model")
    cid: list[str] | str = Field("", description="customisations; there are none")

    @field_validator("cid")
    @classmethod
    def _no_customisation(cls, ids: list[str] | str) -> list[str] | str:
        if ids:
            raise ValueError("should be empty: there are no customisations here")
        return ids

    @property
    def texts(self) -> list[str]:
        return [self.q] if isinstance(self.q, str) else self.q


class DetectFields(GoogleFields):
    q: str | list[str]

    @property
    def texts(self) -> list[str]:
        return [self.q] if isinstance(self.q, str) else self.q


class LanguagesFields(GoogleFields):
    target: Code | None = Field(None, description="language of the names; only en", examples=["en"])
    model: str | None = Field(None, max_length=200)

    @field_validator("target")
    @classmethod
    def _english(cls, tag: str | None) -> str | None:
        if tag is not None and tag.lower().replace("_", "-").split("-")[0] != "en":
            raise ValueError("should be en: languages have their English names here")
        return tag


class TranslationEntry(BaseModel):
    translatedText: str
    detectedSourceLanguage: str | None = Field(None, description="only where no source is given")
    model: str | None = Field(None, description="only where one is given")


class Translations(BaseModel):
    translations: list[TranslationEntry]


class TranslateResponse(BaseModel):
    data: Translations


class DetectionEntry(BaseModel):
    language: str
    confidence: float = Field(ge=0, le=1)
    isReliable: bool


class Detections(BaseModel):
    detections: list[list[DetectionEntry]] = Field(description="for each text a list with one entry")


class DetectResponse(BaseModel):
    data: Detections


class LanguageEntry(BaseModel):
    language: str
    name: str | None = Field(None, description="only where a target is given")


class Languages(BaseModel):
    languages: list[LanguageEntry]


class LanguagesResponse(BaseModel):
    data: Languages


class ErrorReason(BaseModel):
    message: str
    domain: str
    reason: str


class ErrorDetail(BaseModel):
    code: int
    message: str
    errors: list[ErrorReason]
    status: str


class ErrorResponse(BaseModel):
    error: ErrorDetail


STATUSES = USUAL | {KeyMissing: 403, KeyUnknown: 403}
REASONS: dict[type[ServiceError], tuple[str, str]] = {
    Unreadable: ("parseError", "INVALID_ARGUMENT"),
    UnknownPath: ("notFound", "NOT_FOUND"),
    WrongMethod: ("httpMethodNotAllowed", "UNIMPLEMENTED"),
    BodyTooSlow: ("requestTimeout", "DEADLINE_EXCEEDED"),
    TooLarge: ("uploadTooLarge", "INVALID_ARGUMENT"),
    UnknownMediaType: ("badContent", "INVALID_ARGUMENT"),
    PackedBody: ("badContent", "INVALID_ARGUMENT"),
    Overloaded: ("rateLimitExceeded", "RESOURCE_EXHAUSTED"),
    TooFast: ("userRateLimitExceeded", "RESOURCE_EXHAUSTED"),
    QuotaExceeded: ("dailyLimitExceeded", "RESOURCE_EXHAUSTED"),
    KeyMissing: ("forbidden", "PERMISSION_DENIED"),
    KeyUnknown: ("keyInvalid", "PERMISSION_DENIED"),
    Broken: ("backendError", "INTERNAL"),
    NotReady: ("backendError", "UNAVAILABLE"),
    TooLate: ("backendError", "DEADLINE_EXCEEDED"),
    ServiceError: ("invalid", "INVALID_ARGUMENT"),
}
_EXAMPLE = '{"q": ["..."], "target": "en"}'


def answer(error: ServiceError) -> JSONResponse:
    code, (reason, status) = lookup(STATUSES, error), lookup(REASONS, error)
    message = message_of(error, example=_EXAMPLE)
    reasons = [ErrorReason(message=message, domain="global", reason=reason)]
    body = ErrorResponse(error=ErrorDetail(code=code, message=message, errors=reasons, status=status))
    return JSONResponse(body.model_dump(), code)


_ERRORS = responses(ErrorResponse)


def google(core: Core) -> WireFormat:
    settings, translating = core.settings, core.translating
    router = APIRouter(prefix=PREFIX, tags=["Google v2"])
    text = (one_or_many(settings), Field(description="one text or several", examples=["Guten Morgen!"]))
    Translate = create_model("GoogleTranslateRequest", __base__=TranslateFields, q=text)
    Detect = create_model("GoogleDetectRequest", __base__=DetectFields, q=text)

    async def translate(request: Request) -> JSONResponse:
        """Translate one text or several."""
        question = await read(request, Translate)
        translated = await translating.translate(
            question.texts,
            search_options(settings),
            source=question.source or AUTO,
            target=question.target,
            model=None if question.model in MODELS else question.model,
            markup=Markup(format=question.format),
        )
        return JSONResponse({"data": {"translations": _entries(question, translated)}})

    async def detect(request: Request) -> JSONResponse:
        """The language of each text."""
        found = await translating.detect((await read(request, Detect)).texts)
        return JSONResponse({"data": {"detections": [[_entry(best)] for best, *_ in found]}})

    async def languages(request: Request) -> JSONResponse:
        """The languages, as sources or targets."""
        named = (await read(request, LanguagesFields)).target is not None
        names = translating.languages().names
        entries = [{"language": tag} | ({"name": name} if named else {}) for tag, name in names.items()]
        return JSONResponse({"data": {"languages": entries}})

    # A query may have several texts, too; one that is described has room for the longest.
    one = (
        text_type(settings),
        Field(description="a text; several may come one after the other", examples=["Guten Morgen!"]),
    )
    OneText = create_model("GoogleTranslateQuery", __base__=TranslateFields, q=one)
    OneToDetect = create_model("GoogleDetectQuery", __base__=DetectFields, q=one)
    for path, route, fields, query, response in (
        ("", translate, Translate, OneText, TranslateResponse),
        ("/detect", detect, Detect, OneToDetect, DetectResponse),
        ("/languages", languages, LanguagesFields, LanguagesFields, LanguagesResponse),
    ):
        common: dict[str, Any] = {"response_model": response, "responses": _ERRORS}
        router.add_api_route(path, route, methods=["GET"], openapi_extra=asked_in_query(query), **common)
        router.add_api_route(path, route, methods=["POST"], openapi_extra=documented(fields), **common)
    return WireFormat(
        name="google",
        prefixes=(PREFIX,),
        max_body_bytes=settings.max_body_bytes,
        routes=router,
        answer=answer,
        key=first_of(in_header("X-goog-api-key"), in_field("key")),
    )


def _entries(question: TranslateFields, translated: Translated) -> list[dict[str, str]]:
    entries = [{"translatedText": translation.text} for translation in translated.translations]
    if question.source is None:
        for entry, detection in zip(entries, translated.detections(), strict=True):
            entry["detectedSourceLanguage"] = detection.language
    if question.model is not None:
        for entry in entries:
            entry["model"] = question.model
    return entries


def _entry(best: Detection) -> dict[str, Any]:
    return {"language": best.language, "confidence": round(best.probability, 4), "isReliable": False}
