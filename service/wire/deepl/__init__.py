"""The wire format of DeepL: texts, languages, usage, documents, glossaries and evaluations."""

from __future__ import annotations

from fastapi import APIRouter

from ..files import upload_limit
from ..format import Core, WireFormat
from ..keys import first_of, in_field, in_header
from .documents import PATH as DOCUMENTS
from .documents import document_routes
from .errors import answer
from .glossaries import glossary_routes
from .languages import language_routes
from .quality import PATH as QUALITY
from .quality import quality_routes
from .translation import translation_routes


def deepl(core: Core) -> WireFormat:
    settings, translating, glossaries = core.settings, core.translating, core.glossaries
    router = APIRouter(tags=["DeepL"])
    router.include_router(translation_routes(settings, translating, glossaries))
    router.include_router(language_routes(translating))
    router.include_router(document_routes(settings, core.documents, glossaries))
    router.include_router(glossary_routes(translating, glossaries))
    router.include_router(quality_routes(settings, translating))
    return WireFormat(
        name="deepl",
        prefixes=("/v2", "/v3", QUALITY),
        max_body_bytes=settings.max_body_bytes,
        upload_paths=(DOCUMENTS,),
        max_upload_bytes=upload_limit(settings),
        routes=router,
        answer=answer,
        key=first_of(in_header("Authorization", "DeepL-Auth-Key"), in_field("auth_key")),
    )
