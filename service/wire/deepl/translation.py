"""Texts and usage in DeepL's wire format."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NoReturn, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field, create_model, field_validator

from nmt.config.language import base_language
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.source import AUTO

from ...access import METER
from ...errors import BadText, NotOffered
from ...glossaries import Glossaries
from ...settings import Settings
from ...translating import Translated, Translating
from ..fields import Code, GivenSource, one_or_many, search_options
from ..reading import documented, read
from .errors import ERRORS
from .fields import AnyCaseFormality, DeepLFields, Names, lower

UNLIMITED = 10**12  # characters: DeepL's clients expect a limit

_UNAVAILABLE = {
    "style_id": "there are no style rules here",
    "translation_memory_id": "there are no translation memories here",
    "translation_memory_threshold": "there are no translation memories here",
    "custom_instructions": "models here take no instructions",
}
_SPLITS: dict[str, Split] = {"0": "none", "1": "sentences", "nonewlines": "nonewlines"}


class TranslateFields(DeepLFields):
    text: str | list[str]
    target_lang: Code = Field(examples=["EN-US"])
    source_lang: GivenSource = Field(None, description="detected, text by text, where it is left out", examples=["DE"])
    formality: AnyCaseFormality = "default"
    split_sentences: Annotated[Literal["0", "1", "nonewlines"], BeforeValidator(lower)] | None = Field(
        None, description='where a sentence ends; by default "nonewlines" in HTML, and "1" elsewhere'
    )
    preserve_formatting: bool = Field(False, description="formatting is always preserved")
    glossary_id: str | None = Field(None, max_length=100)
    glossary_ids: Annotated[Names, Field(max_length=5)] = Field((), description="several; of a term the first counts")
    context: str | None = Field(None, description="read by no model here")
    tag_handling: Annotated[Literal["xml", "html"], BeforeValidator(lower)] | None = None
    tag_handling_version: Literal["v1", "v2"] | None = Field(None, description="answered as it was asked; there is one way")
    outline_detection: bool = True
    ignore_tags: Names = ()
    splitting_tags: Names = ()
    non_splitting_tags: Names = ()
    model_type: Literal["quality_optimized", "prefer_quality_optimized", "latency_optimized"] | None = Field(
        None, description="there is one model for each pair of languages, which is of either type"
    )
    show_billed_characters: bool = False
    enable_beta_languages: bool = Field(False, description="without effect")
    debug: bool = Field(False, description="without effect")
    style_id: None = None
    translation_memory_id: None = None
    translation_memory_threshold: None = None
    custom_instructions: None = None

    @field_validator(*_UNAVAILABLE, mode="before")
    @classmethod
    def _refuse(cls, _value: object, info: Any) -> NoReturn:
        raise ValueError(f"cannot be used: {_UNAVAILABLE[info.field_name]}")

    @property
    def texts(self) -> list[str]:
        return [self.text] if isinstance(self.text, str) else self.text

    @property
    def markup(self) -> Markup:
        """Raises BadText. What is said of tags is for text with tags only, and DeepL's clients may say it of any text."""
        if self.tag_handling is None:
            return PLAIN
        tags = {name: getattr(self, name) for name in ("ignore_tags", "splitting_tags", "non_splitting_tags")}
        try:
            return Markup(format=self.tag_handling, outline_detection=self.outline_detection, **tags)
        except InputError as error:
            raise BadText(str(error)) from error

    @property
    def split(self) -> Split:
        """Where sentences end. HTML has no line ends of its own."""
        return _SPLITS[self.split_sentences] if self.split_sentences else "sentences"


class TranslatedEntry(BaseModel):
    detected_source_language: str
    text: str
    billed_characters: int | None = Field(None, description="only with show_billed_characters")
    model_type_used: str | None = Field(None, description="only with model_type")
    tag_handling_version: str | None = Field(None, description="only with tag_handling")


class TranslateResponse(BaseModel):
    translations: list[TranslatedEntry]


class UsageResponse(BaseModel):
    """Counts of today with their limits; what has no limit is left out, unless nothing has one."""

    character_count: int | None = None
    character_limit: int | None = None
    document_count: int | None = None
    document_limit: int | None = None
    team_document_count: int | None = Field(None, description="of all clients together")
    team_document_limit: int | None = None


def translation_routes(settings: Settings, translating: Translating, glossaries: Glossaries) -> APIRouter:
    router = APIRouter()
    Translate = create_model(
        "DeepLTranslateRequest",
        __base__=TranslateFields,
        text=(one_or_many(settings), Field(description="texts, or one text", examples=[["Guten Morgen!"]])),
    )

    @router.post("/v2/translate", response_model=TranslateResponse, responses=ERRORS, openapi_extra=documented(Translate))
    async def translate(request: Request) -> JSONResponse:
        """Translate texts."""
        question = await read(request, Translate)
        translated = await translating.translate(
            question.texts,
            search_options(settings),
            source=question.source_lang or AUTO,
            target=question.target_lang,
            markup=question.markup,
            split_sentences=question.split,
            glossary=await glossary_of(question, glossaries),
            formality=question.formality,
        )
        return JSONResponse({"translations": _entries(question, translated)})

    @router.get("/v2/usage", responses=ERRORS, response_model_exclude_none=True)
    async def usage() -> UsageResponse:
        """What this client has had translated today, UTC, and how much it may."""
        meter = METER.get()
        assert meter is not None
        allowance, used = meter.account.allowance, await meter.used()
        limits = {
            "character": (used.characters, allowance.per_day),
            "document": (used.documents, allowance.documents_per_day),
            "team_document": (used.all_documents, allowance.all_documents_per_day),
        }
        if all(limit is None for _, limit in limits.values()):
            limits["character"] = used.characters, UNLIMITED
        fields = {
            f"{name}_{part}": number
            for name, (count, limit) in limits.items()
            if limit is not None
            for part, number in (("count", count), ("limit", limit))
        }
        return UsageResponse(**fields)

    async def not_offered() -> None:
        raise NotOffered("this service has no rephrasing, no style rules and no translation memories")

    for path in ("/v2/write/{rest:path}", "/v3/style_rules{rest:path}", "/v3/translation_memories{rest:path}"):
        router.add_api_route(path, not_offered, methods=["GET", "POST"], include_in_schema=False)
    return router


class GlossaryChoice(Protocol):
    """A request that may ask for glossaries."""

    source_lang: str | None
    target_lang: str
    glossary_id: str | None
    glossary_ids: tuple[str, ...]


async def glossary_of(question: GlossaryChoice, glossaries: Glossaries) -> Glossary | None:
    """The entries of the glossaries that are asked for, together. Raises BadText, UnknownGlossary."""
    identifiers = [*([question.glossary_id] if question.glossary_id else ()), *question.glossary_ids]
    if not identifiers:
        return None
    if question.source_lang is None:
        raise BadText("source_lang is missing; a glossary is for one source language")
    pair = base_language(question.source_lang), base_language(question.target_lang)
    return await asyncio.to_thread(glossaries.ready, identifiers, pair)


def _entries(question: TranslateFields, translated: Translated) -> Sequence[dict[str, Any]]:
    common: dict[str, Any] = {}
    if question.model_type is not None:
        common["model_type_used"] = question.model_type.removeprefix("prefer_")
    if question.tag_handling is not None:
        common["tag_handling_version"] = question.tag_handling_version or "v2"
    entries = []
    for text, translation, detection in zip(question.texts, translated.translations, translated.detections(), strict=True):
        language = question.source_lang or detection.language
        entry = {"detected_source_language": base_language(language).upper(), "text": translation.text, **common}
        if question.show_billed_characters:
            entry["billed_characters"] = len(text)
        entries.append(entry)
    return entries
