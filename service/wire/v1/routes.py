"""The routes of `/v1`."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from nmt.config.formality import has_formality
from nmt.translate.markup.options import Markup
from nmt.translate.source import AUTO

from ...beside import beside_the_loop
from ...settings import Settings
from ...translating import Translated, Translating
from ..statuses import responses
from .errors import ErrorResponse
from .schema import (
    LanguagePair,
    LanguagesResponse,
    Limits,
    Question,
    TranslationResponse,
    request_model,
    translated_text,
)

_ERRORS = responses(
    ErrorResponse,
    {
        400: "The body is not JSON",
        404: "No such language pair or model is loaded",
        415: "The body is packed",
        422: "A field is wrong or outside its limits, or the Content-Type is not JSON",
    },
)
_RESPONSE = TypeAdapter(TranslationResponse)


def routes(settings: Settings, translating: Translating) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["translation"])

    async def translate(body: Question) -> Response:
        """Translate one text or several."""
        translated = await translating.translate(
            body.texts,
            body.options,
            source=body.source,
            target=body.target,
            model=body.model,
            attention=body.alignment,
            markup=Markup(format=body.format),
            formality=body.formality,
            glossary=body.terms,
            split_sentences=body.split_sentences,
            localise_numbers=body.localise_numbers,
        )
        characters = sum(map(len, body.texts))
        # An alignment has a number for each pair of tokens.
        size = characters * body.options.n_best * (characters if body.alignment else 1)
        content = await beside_the_loop(size, _content, translated, auto=body.source == AUTO, alignment=body.alignment)
        return Response(content, media_type="application/json")

    # The limits are only known now, and the framework reads them from the annotation.
    translate.__annotations__["body"] = request_model(settings)
    router.add_api_route("/translate", translate, methods=["POST"], response_model=TranslationResponse, responses=_ERRORS)

    @router.get("/languages", responses={503: _ERRORS[503]})
    async def languages() -> LanguagesResponse:
        """Which languages are translated to which, by which models, and within which limits."""
        return LanguagesResponse(
            pairs=[
                LanguagePair(
                    source=source,
                    source_name=translators[0].source_language_name,
                    target=target,
                    target_name=translators[0].target_language_name,
                    formality=has_formality(target),
                    models=[translator.name for translator in translators],
                )
                for (source, target), translators in translating.pairs().items()
            ],
            limits=Limits(
                text_characters=settings.max_text_characters,
                texts=settings.max_texts,
                beam_size=settings.max_beam_size,
                body_bytes=settings.max_body_bytes,
            ),
        )

    return router


def _content(translated: Translated, *, auto: bool, alignment: bool) -> bytes:
    translator = translated.translator
    response = TranslationResponse(
        source=translator.source_language,
        target=translator.target_language,
        model=translator.name,
        translations=[
            translated_text(translation, alignment=alignment, detected=own.source_language if auto else None)
            for translation, own in zip(translated.translations, translated.translators, strict=True)
        ],
    )
    return _RESPONSE.dump_json(response, exclude_none=True)
