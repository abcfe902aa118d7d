"""The routes of LibreTranslate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from nmt.config.language import fallbacks
from nmt.translate.documents.formats import ENDINGS
from nmt.translate.markup.options import Markup
from nmt.translate.result import Translation
from nmt.translate.source import AUTO, UNDETERMINED, Detection, has_letters

from ...errors import NotOffered
from ...settings import Settings
from ...translating import Translated, Translating
from ..fields import search_options
from ..reading import documented, read
from ..statuses import responses
from .errors import ErrorResponse
from .schema import (
    DetectedLanguage,
    FrontendLanguages,
    FrontendSettings,
    LanguageEntry,
    NamedLanguage,
    Question,
    TranslateResponse,
    detect_model,
    translate_model,
)

PAUSE = 500  # milliseconds without a key before a page translates what has been typed

_ERRORS = responses(ErrorResponse)

_REFUSED: dict[str, Any] = {"model": ErrorResponse, "description": "Not done here"}


def routes(settings: Settings, translating: Translating) -> APIRouter:
    router = APIRouter(tags=["LibreTranslate"])
    Translate, Detect = translate_model(settings), detect_model(settings)

    @router.post("/translate", response_model=TranslateResponse, responses=_ERRORS, openapi_extra=documented(Translate))
    async def translate(request: Request) -> JSONResponse:
        """Translate one text or several."""
        question = await read(request, Translate)
        names = translating.languages().names
        if fallbacks(question.source)[0] == fallbacks(question.target)[0] in names and not any(
            map(has_letters, question.texts)
        ):
            # What is in no language is said to be in English, and clients send that, whichever language they want.
            same = [Translation(source=text, sentences=(), texts=(text,)) for text in question.texts]
            return JSONResponse(_answer(question, Translated([], same), names))
        translated = await translating.translate(
            question.texts,
            search_options(settings, n_best=question.alternatives + 1),
            source=question.source,
            target=question.target,
            markup=Markup(format=question.format),
        )
        return JSONResponse(_answer(question, translated, names))

    @router.post("/detect", response_model=list[DetectedLanguage], responses=_ERRORS, openapi_extra=documented(Detect))
    async def detect(request: Request) -> JSONResponse:
        """The languages that a text may be in, the most probable first."""
        question = await read(request, Detect)
        text = question.q if isinstance(question.q, str) else "\n".join(question.q)
        [found] = await translating.detect([text])
        names = translating.languages().names
        return JSONResponse([_detected(one, names) for one in found])

    @router.get("/languages", responses={503: _ERRORS[503]})
    async def languages() -> list[LanguageEntry]:
        """The languages, and to which each is translated."""
        known = translating.languages()
        return [LanguageEntry(code=tag, name=name, targets=known.targets[tag]) for tag, name in known.names.items()]

    @router.get("/frontend/settings", responses={503: _ERRORS[503]})
    async def frontend_settings() -> FrontendSettings:
        """Limits and abilities, for pages and applications."""
        known = translating.languages()
        target = next(tag for targets in known.targets.values() for tag in targets)
        return FrontendSettings(
            charLimit=settings.max_text_characters,
            batchLimit=settings.max_texts,
            frontendTimeout=PAUSE,
            apiKeys=settings.state is not None,
            keyRequired=settings.require_key,
            suggestions=False,
            filesTranslation=True,
            supportedFilesFormat=list(ENDINGS),
            language=FrontendLanguages(
                source=NamedLanguage(code=AUTO, name="Detect the language"),
                target=NamedLanguage(code=target, name=known.names[target]),
            ),
        )

    @router.post("/suggest", responses={403: _REFUSED})
    async def suggest() -> None:
        """Suggestions of better translations are not collected."""
        raise NotOffered("suggestions are not collected here; nothing was stored")

    @router.get("/spec", include_in_schema=False)
    async def spec(request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    return router


def _answer(question: Question, translated: Translated, languages: Iterable[str]) -> dict[str, Any]:
    """A value for each text; that of a question with one text and no list stands alone."""
    columns: dict[str, list[Any]] = {"translatedText": [translation.text for translation in translated.translations]}
    if question.source == AUTO:
        columns["detectedLanguage"] = [_detected(one, languages) for one in translated.detections()]
    if question.alternatives:
        columns["alternatives"] = [_alternatives(translation) for translation in translated.translations]
    return columns if isinstance(question.q, list) else {name: value for name, [value] in columns.items()}


def _alternatives(translation: Translation) -> list[str]:
    return [text for text in dict.fromkeys(translation.texts) if text != translation.text]


def _detected(detection: Detection, languages: Iterable[str]) -> dict[str, Any]:
    """A text in no language is said to be in one of `languages`, if possible English, with confidence 0, as there."""
    if detection.language == UNDETERMINED:
        return {"confidence": 0.0, "language": "en" if "en" in languages else next(iter(languages))}
    return {"confidence": round(100 * detection.probability, 1), "language": detection.language}
