"""Languages in DeepL's wire format: `/v2/languages`, and `/v3/languages` with the features of each."""

from __future__ import annotations

from typing import Annotated, Literal, NoReturn

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field, field_validator

from nmt.config.formality import has_formality
from nmt.config.language import base_language

from ...translating import Languages, Translating
from ..reading import asked_in_query, read
from .errors import ERRORS
from .fields import DeepLFields, lower, separated

VARIANTS = {
    "en": {"en-GB": "English (British)", "en-US": "English (American)"},
    "pt": {"pt-BR": "Portuguese (Brazilian)", "pt-PT": "Portuguese (European)"},
}
"""Target languages that DeepL's clients ask for by a variety, and refuse to ask for without one."""

Resource = Literal["translate_text", "translate_document", "glossary", "voice", "write", "style_rules", "translation_memory"]
"""A part of DeepL's service; those without a row in FEATURES are offered in no language here."""

FEATURES: dict[str, dict[str, dict[str, bool]]] = {
    "translate_text": {
        "auto_detection": {"needs_source_support": True},
        "formality": {"needs_target_support": True},
        "glossary": {"needs_source_support": True, "needs_target_support": True},
        "tag_handling": {"needs_source_support": True, "needs_target_support": True},
    },
    "translate_document": {
        "auto_detection": {"needs_source_support": True},
        "formality": {"needs_target_support": True},
        "glossary": {"needs_source_support": True, "needs_target_support": True},
    },
    "glossary": {},
}
"""Features of each resource, and whether the source or the target language must have them."""

RENAMED = "cannot be used: it was renamed to resource"


class LanguagesFields(DeepLFields):
    type: Annotated[Literal["source", "target"], BeforeValidator(lower)] = "source"
    enable_beta_languages: bool = Field(False, description="without effect")


class ResourceFields(DeepLFields):
    product: None = Field(None, description=RENAMED)
    resource: Resource
    include: Annotated[tuple[Literal["beta", "external"], ...], BeforeValidator(separated)] = Field(
        (), description="without effect"
    )

    @field_validator("product", mode="before")
    @classmethod
    def _refuse(cls, _value: object) -> NoReturn:
        raise ValueError(RENAMED)


class LanguageEntry(BaseModel):
    language: str
    name: str
    supports_formality: bool | None = Field(None, description="only of target languages")


class Feature(BaseModel):
    status: Literal["stable"] = "stable"


class ResourceLanguage(BaseModel):
    lang: str = Field(examples=["de"])
    name: str
    status: Literal["stable"] = "stable"
    usable_as_source: bool
    usable_as_target: bool
    features: dict[str, Feature]


class FeatureSupport(BaseModel):
    name: str
    needs_source_support: bool | None = None
    needs_target_support: bool | None = None


class ResourceEntry(BaseModel):
    name: str
    features: list[FeatureSupport]


def language_routes(translating: Translating) -> APIRouter:
    router = APIRouter(responses=ERRORS)

    @router.get("/v2/languages", response_model=list[LanguageEntry], openapi_extra=asked_in_query(LanguagesFields))
    async def languages(request: Request) -> JSONResponse:
        """The source or the target languages."""
        question = await read(request, LanguagesFields)
        known = translating.languages()
        if question.type == "source":
            return JSONResponse([{"language": tag.upper(), "name": known.names[tag]} for tag in _sources(known)])
        return JSONResponse(
            [
                {"language": code.upper(), "name": name, "supports_formality": has_formality(code)}
                for tag in _targets(known)
                for code, name in VARIANTS.get(tag, {tag: known.names[tag]}).items()
            ]
        )

    @router.get("/v3/languages", openapi_extra=asked_in_query(ResourceFields))
    async def languages_of_a_resource(request: Request) -> list[ResourceLanguage]:
        """The languages of a resource; none of those that are not offered here."""
        question = await read(request, ResourceFields)
        features = FEATURES.get(question.resource)
        if features is None:
            return []
        # A dictionary is for all varieties of its languages.
        has_varieties = question.resource != "glossary"
        known = translating.languages() if has_varieties else _without_varieties(translating.languages())
        sources, targets = _sources(known), _targets(known)
        entries = []
        for tag, name in known.names.items():
            varieties = VARIANTS.get(tag, {}) if has_varieties and tag in targets else {}
            entries += [
                ResourceLanguage(
                    lang=code,
                    name=own_name,
                    usable_as_source=code in sources,
                    usable_as_target=tag in targets,
                    features={feature: Feature() for feature in features if _has(feature, code, sources)},
                )
                for code, own_name in ((tag, name), *varieties.items())
            ]
        return entries

    @router.get("/v3/languages/resources", response_model_exclude_none=True)
    async def resources() -> list[ResourceEntry]:
        """The resources that are offered here, with their features."""
        return [
            ResourceEntry(name=name, features=[FeatureSupport(name=one, **needs) for one, needs in features.items()])
            for name, features in FEATURES.items()
        ]

    return router


def _sources(known: Languages) -> list[str]:
    return [tag for tag in known.names if known.targets[tag]]


def _targets(known: Languages) -> list[str]:
    return sorted({tag for tags in known.targets.values() for tag in tags})


def _without_varieties(known: Languages) -> Languages:
    names: dict[str, str] = {}
    targets: dict[str, list[str]] = {}
    for tag, own in known.targets.items():
        base = base_language(tag)
        names.setdefault(base, known.names.get(base, known.names[tag]))
        targets.setdefault(base, []).extend(map(base_language, own))
    return Languages(names, targets)


def _has(feature: str, code: str, sources: list[str]) -> bool:
    """Whether a language has a feature; those that models have no part in come with each."""
    match feature:
        case "formality":
            return has_formality(code)
        case "auto_detection":
            return code in sources
        case _:
            return True
