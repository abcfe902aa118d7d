"""Glossaries in DeepL's wire format: of one dictionary each in `/v2`, of several in `/v3`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from nmt.config.language import base_language
from nmt.errors import InputError
from nmt.translate.glossary import Glossary

from ...errors import BadText, Pair, UnknownGlossary, UnknownPair
from ...glossaries import Glossaries, StoredGlossary
from ...translating import Translating
from ..fields import Code
from ..reading import FORM, JSON, documented, read, schema_of
from .errors import ERRORS
from .fields import DeepLFields

TSV = "text/tab-separated-values"
T = TypeVar("T")


class PairFields(DeepLFields):
    source_lang: Code = Field(examples=["de"])
    target_lang: Code = Field(examples=["en"])

    @property
    def pair(self) -> Pair:
        return base_language(self.source_lang), base_language(self.target_lang)


class DictionaryFields(PairFields):
    entries: str = Field(examples=["Bahnhof\tdepot"])
    entries_format: Literal["tsv", "csv"] = "tsv"


class CreateFields(DictionaryFields):
    name: str = Field(min_length=1, max_length=1_024)


class CreateMultilingualFields(DeepLFields):
    name: str = Field(min_length=1, max_length=1_024)
    dictionaries: list[DictionaryFields] = Field(min_length=1)


class ChangeFields(DeepLFields):
    name: str | None = Field(None, min_length=1, max_length=1_024)
    dictionaries: list[DictionaryFields] = Field([], max_length=1)


class LanguagePair(BaseModel):
    source_lang: str
    target_lang: str


class LanguagePairs(BaseModel):
    supported_languages: list[LanguagePair]


class MonolingualGlossary(BaseModel):
    glossary_id: str
    name: str
    ready: bool
    source_lang: str
    target_lang: str
    creation_time: str
    entry_count: int


class MonolingualGlossaries(BaseModel):
    glossaries: list[MonolingualGlossary]


class DictionarySize(BaseModel):
    source_lang: str
    target_lang: str
    entry_count: int


class MultilingualGlossary(BaseModel):
    glossary_id: str
    name: str
    dictionaries: list[DictionarySize]
    creation_time: str


class MultilingualGlossaries(BaseModel):
    glossaries: list[MultilingualGlossary]


class DictionaryEntries(BaseModel):
    source_lang: str
    target_lang: str
    entries: str
    entries_format: Literal["tsv"]


class GlossaryEntries(BaseModel):
    dictionaries: list[DictionaryEntries]


def glossary_routes(translating: Translating, glossaries: Glossaries) -> APIRouter:
    router = APIRouter(responses=ERRORS)
    _add_monolingual(router, translating, glossaries)
    _add_multilingual(router, translating, glossaries)
    for version in ("/v2", "/v3"):

        @router.delete(f"{version}/glossaries/{{glossary_id}}", status_code=204, name=f"delete{version}")
        async def delete(glossary_id: str) -> None:
            """Delete a glossary."""
            await _run(lambda: glossaries.delete(glossary_id))

    return router


def _add_monolingual(router: APIRouter, translating: Translating, glossaries: Glossaries) -> None:
    """The glossaries of `/v2`."""

    @router.get("/v2/glossary-language-pairs")
    async def language_pairs() -> LanguagePairs:
        """The pairs of languages for which there may be dictionaries."""
        # A model between two varieties of a language has a dictionary, too, but no client knows of such a pair.
        pairs = sorted((source, target) for source, target in _base_pairs(translating) if source != target)
        return LanguagePairs(supported_languages=[LanguagePair(source_lang=s, target_lang=t) for s, t in pairs])

    @router.post(
        "/v2/glossaries",
        status_code=201,
        response_model=MonolingualGlossary,
        openapi_extra=documented(CreateFields, JSON, FORM),
    )
    async def create(request: Request) -> MonolingualGlossary:
        """Create a glossary with one dictionary."""
        given = await read(request, CreateFields)
        dictionary = await _parsed(given, translating)
        return _monolingual(await _run(lambda: glossaries.create(given.name, {given.pair: dictionary})))

    @router.get("/v2/glossaries")
    async def list_all() -> MonolingualGlossaries:
        """The glossaries that have one dictionary."""
        found = await _run(glossaries.list)
        return MonolingualGlossaries(glossaries=[_monolingual(one) for one in found if len(one.sizes) == 1])

    @router.get("/v2/glossaries/{glossary_id}")
    async def show(glossary_id: str) -> MonolingualGlossary:
        """A glossary that has one dictionary."""
        return _monolingual(await _run(lambda: glossaries.find(glossary_id)))

    @router.get("/v2/glossaries/{glossary_id}/entries", response_class=Response, responses={200: {"content": {TSV: {}}}})
    async def entries(glossary_id: str) -> Response:
        """Its entries, a term, a tab and a translation on each line."""

        def found() -> str:
            [pair] = _one_dictionary(glossaries.find(glossary_id)).sizes
            return _tsv(glossaries.dictionary(glossary_id, pair))

        return Response(await _run(found), media_type=TSV)


def _add_multilingual(router: APIRouter, translating: Translating, glossaries: Glossaries) -> None:
    """The glossaries of `/v3`."""

    @router.post(
        "/v3/glossaries",
        status_code=201,
        response_model=MultilingualGlossary,
        openapi_extra=documented(CreateMultilingualFields, JSON),
    )
    async def create_multilingual(request: Request) -> MultilingualGlossary:
        """Create a glossary with several dictionaries."""
        given = await read(request, CreateMultilingualFields, media_types=(JSON,))
        dictionaries: dict[Pair, Glossary] = {}
        for one in given.dictionaries:
            if one.pair in dictionaries:
                raise BadText(f"dictionaries has two for {one.pair[0]}→{one.pair[1]}; should have one")
            dictionaries[one.pair] = await _parsed(one, translating)
        return _multilingual(await _run(lambda: glossaries.create(given.name, dictionaries)))

    @router.get("/v3/glossaries")
    async def list_multilingual() -> MultilingualGlossaries:
        """All glossaries."""
        return MultilingualGlossaries(glossaries=[_multilingual(one) for one in await _run(glossaries.list)])

    @router.get("/v3/glossaries/{glossary_id}")
    async def show_multilingual(glossary_id: str) -> MultilingualGlossary:
        """A glossary."""
        return _multilingual(await _run(lambda: glossaries.find(glossary_id)))

    @router.patch(
        "/v3/glossaries/{glossary_id}",
        response_model=MultilingualGlossary,
        openapi_extra=documented(ChangeFields, JSON),
    )
    async def change(glossary_id: str, request: Request) -> MultilingualGlossary:
        """Rename a glossary, or add entries to one of its dictionaries."""
        given = await read(request, ChangeFields, media_types=(JSON,))
        dictionaries = {one.pair: await _parsed(one, translating) for one in given.dictionaries}

        return _multilingual(await _run(lambda: glossaries.change(glossary_id, dictionaries, name=given.name)))

    @router.get("/v3/glossaries/{glossary_id}/entries", openapi_extra=_PAIR)
    async def multilingual_entries(glossary_id: str, request: Request) -> GlossaryEntries:
        """The entries of one dictionary."""
        given = await read(request, PairFields)
        dictionary = await _run(lambda: glossaries.dictionary(glossary_id, given.pair))
        source, target = given.pair
        text = _tsv(dictionary)
        return GlossaryEntries(
            dictionaries=[DictionaryEntries(source_lang=source, target_lang=target, entries=text, entries_format="tsv")]
        )

    @router.put(
        "/v3/glossaries/{glossary_id}/dictionaries",
        response_model=DictionarySize,
        openapi_extra=documented(DictionaryFields, JSON),
    )
    async def put(glossary_id: str, request: Request) -> DictionarySize:
        """Add a dictionary to a glossary, or replace the one for its languages."""
        given = await read(request, DictionaryFields, media_types=(JSON,))
        dictionary = await _parsed(given, translating)
        await _run(lambda: glossaries.put(glossary_id, given.pair, dictionary))
        source, target = given.pair
        return DictionarySize(source_lang=source, target_lang=target, entry_count=len(dictionary.entries))

    @router.delete("/v3/glossaries/{glossary_id}/dictionaries", status_code=204, openapi_extra=_PAIR)
    async def remove(glossary_id: str, request: Request) -> None:
        """Remove the dictionary for two languages."""
        given = await read(request, PairFields)
        await _run(lambda: glossaries.remove(glossary_id, given.pair))


_PAIR: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": True, "schema": schema}
        for name, schema in schema_of(PairFields)["properties"].items()
    ]
}


async def _run(work: Callable[[], T]) -> T:
    # The database, and entries by the ten thousand, take a while.
    return await asyncio.to_thread(work)


async def _parsed(given: DictionaryFields, translating: Translating) -> Glossary:
    """The dictionary in a request. Raises UnknownPair where no model is for its languages, and BadText."""
    source, target = given.pair
    if given.pair not in _base_pairs(translating):
        raise UnknownPair(source, target, list(translating.pairs()))

    def parse() -> Glossary:
        return Glossary.parse(
            given.entries, given.entries_format, name="entries", source_language=source, target_language=target
        )

    try:
        return await _run(parse)
    except InputError as error:
        raise BadText(str(error)) from error


def _base_pairs(translating: Translating) -> set[Pair]:
    return {(base_language(source), base_language(target)) for source, target in translating.pairs()}


def _tsv(dictionary: Glossary) -> str:
    return dictionary.text("tsv").removesuffix("\n")


def _one_dictionary(glossary: StoredGlossary) -> StoredGlossary:
    """Raises UnknownGlossary where it has several dictionaries or none."""
    if len(glossary.sizes) != 1:
        raise UnknownGlossary(glossary.id)
    return glossary


def _monolingual(glossary: StoredGlossary) -> MonolingualGlossary:
    [((source, target), size)] = _one_dictionary(glossary).sizes.items()
    return MonolingualGlossary(
        glossary_id=glossary.id,
        name=glossary.name,
        ready=True,
        source_lang=source,
        target_lang=target,
        creation_time=glossary.created,
        entry_count=size,
    )


def _multilingual(glossary: StoredGlossary) -> MultilingualGlossary:
    return MultilingualGlossary(
        glossary_id=glossary.id,
        name=glossary.name,
        dictionaries=[
            DictionarySize(source_lang=source, target_lang=target, entry_count=size)
            for (source, target), size in glossary.sizes.items()
        ],
        creation_time=glossary.created,
    )
