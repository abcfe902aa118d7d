"""Our own wire format, `/v1`. Others (DeepL's, Google's, LibreTranslate's) have paths of their own, free for them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, Request, Response

from nmt.errors import InputError
from nmt.translate.plan import Ask, advance
from nmt.translate.translator import Translator
from service.errors import ApiError, ErrorResponse
from service.models import Models
from service.scheduler import Scheduler
from service.schema import (
    LanguagePair,
    LanguagesResponse,
    Limits,
    Question,
    TranslationResponse,
    request_model,
    translated_text,
)
from service.settings import Settings

CLIENT_CLOSED_REQUEST = 499  # nginx's number, for logs and metrics only: there is nobody left to read it

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorResponse, "description": description}
    for status, description in {
        400: "The body is not JSON",
        404: "No such language pair or model is loaded",
        408: "The body did not arrive in time",
        413: "The body, or the text in it, is too long",
        422: "A field is wrong or outside its limits",
        429: "Too much is waiting; see Retry-After",
        503: "Models are being loaded; see Retry-After",
        504: "The translation was not ready in time",
    }.items()
}


def translation_routes(settings: Settings, models: Models, scheduler: Scheduler) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["translation"])

    async def translate(body: Question, request: Request) -> Response:
        """Translate one text or several."""
        translator = models.find(body.source, body.target, body.model)
        working = asyncio.ensure_future(_translate(scheduler, translator, body))
        hanging_up = asyncio.ensure_future(_hang_up(request))
        try:
            await asyncio.wait((working, hanging_up), timeout=settings.request_timeout, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return Response(working.result(), media_type="application/json")
            if hanging_up.done():
                return Response(status_code=CLIENT_CLOSED_REQUEST)
            raise ApiError(504, "too_late", f"the translation was not ready within {settings.request_timeout:g} s")
        finally:
            for task in (working, hanging_up):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task

    # The limits are only known now, and the framework reads them from the annotation.
    translate.__annotations__["body"] = request_model(settings)
    router.add_api_route(
        "/translate",
        translate,
        methods=["POST"],
        response_model=TranslationResponse,
        responses=_ERRORS,
    )

    @router.get("/languages", responses={503: _ERRORS[503]})
    async def languages() -> LanguagesResponse:
        """Which languages are translated to which, by which models, and within which limits."""
        models.require_ready()
        return LanguagesResponse(
            pairs=[
                LanguagePair(
                    source=source,
                    source_name=translators[0].source_language_name,
                    target=target,
                    target_name=translators[0].target_language_name,
                    models=[translator.name for translator in translators],
                )
                for (source, target), translators in models.pairs().items()
            ],
            limits=Limits(
                text_characters=settings.max_text_characters,
                texts=settings.max_texts,
                beam_size=settings.max_beam_size,
                body_bytes=settings.max_body_bytes,
            ),
        )

    return router


async def _translate(scheduler: Scheduler, translator: Translator, body: Question) -> bytes:
    # The plan splits and joins long texts, which would hold up every other request if it were done on the event loop.
    plan = translator.plan(body.texts, body.options, attention=body.alignment)
    try:
        step = await asyncio.to_thread(advance, plan)
        while isinstance(step, Ask):
            step = await asyncio.to_thread(advance, plan, await scheduler.translate(translator, step))
    except InputError as error:
        raise ApiError(422, "invalid_text", str(error)) from error
    translations = step

    def answer() -> bytes:
        response = TranslationResponse(
            source=translator.source_language,
            target=translator.target_language,
            model=translator.name,
            translations=[translated_text(translation, alignment=body.alignment) for translation in translations],
        )
        return response.model_dump_json(exclude_none=True).encode()

    return await asyncio.to_thread(answer)


async def _hang_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
