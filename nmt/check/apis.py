"""Wire formats that services of translation speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ApiName = Literal["v1", "libretranslate", "deepl"]


@dataclass(frozen=True, slots=True)
class Api:
    """A wire format. The markup and the formality that it knows have fields of the request for them."""

    path: str
    body: Callable[[Sequence[str], str, str], dict[str, Any]]
    """Of texts, source and target."""
    forms: Mapping[str, dict[str, str]]
    texts: Callable[[Any], list[str]]
    """The translations of an answer."""
    key_header: str = ""
    """The beginning of the header Authorization."""
    key_field: str = ""


def _texts_of_translations(answer: Any) -> list[str]:
    return [entry["text"] for entry in answer["translations"]]


APIS: dict[ApiName, Api] = {
    "v1": Api(
        path="/v1/translate",
        body=lambda texts, source, target: {"text": texts, "source": source, "target": target},
        forms={
            **{form: {"format": form} for form in ("text", "html", "xml", "markdown")},
            **{formality: {"formality": formality} for formality in ("more", "less")},
        },
        texts=_texts_of_translations,
        key_header="Bearer",
    ),
    "libretranslate": Api(
        path="/translate",
        body=lambda texts, source, target: {"q": texts, "source": source, "target": target},
        forms={"text": {"format": "text"}, "html": {"format": "html"}},
        texts=lambda answer: answer["translatedText"],
        key_field="api_key",
    ),
    "deepl": Api(
        path="/v2/translate",
        body=lambda texts, source, target: {
            "text": texts,
            "source_lang": source.upper(),
            "target_lang": {"en": "EN-US"}.get(target, target.upper()),
        },
        forms={
            "text": {},
            "html": {"tag_handling": "html"},
            "xml": {"tag_handling": "xml"},
            **{formality: {"formality": formality} for formality in ("more", "less")},
        },
        texts=_texts_of_translations,
        key_header="DeepL-Auth-Key",
    ),
}
