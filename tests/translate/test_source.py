"""The language of a text, and the choice of a model by it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.source import Origin, origin_of

LANGUAGES = ["de", "en", "es", "fr"]
SOURCES = {"en": ["de", "es", "fr"], "de": ["en"], "es": ["en"], "fr": ["en"]}


def origin(text: str, target: str) -> Origin:
    translators = [SimpleNamespace(source_language=source, target_language=target) for source in SOURCES[target]]
    return origin_of(text, cast(Any, translators), LANGUAGES)


@pytest.mark.parametrize(
    ("text", "target", "language"),
    [
        ("Good morning", "en", "en"),
        ("See you tomorrow", "en", "en"),
        ("Happy birthday", "en", "en"),
        ("Guten Morgen zusammen", "de", "de"),
        ("Kein Problem", "de", "de"),
        ("Buenos días", "es", "es"),
        ("Où est la gare ?", "de", "fr"),
        ("Merci beaucoup", "es", "fr"),
        ("¿Dónde está la estación?", "de", "es"),
        ("Dove si trova la stazione?", "en", "it"),
        # In a language that no model knows, of which a few words are less sure, but surely in none of those.
        ("Buongiorno, come stai?", "en", "it"),
        ("Jag vet inte", "de", "sv"),
        ("Dziękuję bardzo", "en", "pl"),
        ("Hello! How are you?\nI have not seen you for a long time.", "en", "en"),
    ],
)
def test_a_text_that_no_model_translates_to_the_target_is_left(text: str, target: str, language: str) -> None:
    found = origin(text, target)
    assert found.left_in == language
    assert found.probability > 0.4


def test_a_language_without_any_model_is_left_with_its_name() -> None:
    only = cast(Any, [SimpleNamespace(source_language="en", target_language="de-AT")])
    assert origin_of("Bonjour, comment allez-vous aujourd'hui ?", only).left_in == "fr"
    assert origin_of("Guten Morgen zusammen", only).left_in == "de-AT"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Hotel?", "de"),
        ("Die", "de"),
        ("Wagen", "de"),
        ("Die Rose", "de"),
        ("Der Bus", "de"),
        ("Version 2.0", "de"),
        ("Geschlecht", "de"),  # Luxembourgish, if that were known
        ("hart an der Grenze", "de"),
        ("schwarze Katze", "de"),
        ("Lech Wałęsa war Präsident.", "de"),
        ("Hola", "es"),
        ("Bonjour", "fr"),
        ("Wir lesen „The Lord of the Rings“, weil es ein gutes Buch ist.", "de"),
        ("Thank you for your mail, I will look at it tomorrow.\nDas ist sehr nett von Ihnen.", "de"),
        ("Good morning! Wie geht es dir heute?", "de"),
    ],
)
def test_a_text_that_has_something_in_a_source_is_translated(text: str, source: str) -> None:
    found = origin(text, "en")
    assert (found.translator.source_language, found.left_in) == (source, "")


@pytest.mark.parametrize("text", ["Name", "Hand", "Winter", "Internet", "OK", "Tom", "Paris", "12345", "🎉🎉", ""])
def test_a_text_that_may_be_in_any_language_is_translated(text: str) -> None:
    assert not any(origin(text, target).left_in for target in SOURCES)


@given(st.text(max_size=80), st.sampled_from(sorted(SOURCES)))
def test_any_text_has_an_origin(text: str, target: str) -> None:
    found = origin(text, target)
    assert found == origin(text, target)
    assert found.left_in not in SOURCES[target]
    assert found.translator.source_language in SOURCES[target]
    assert 0 <= found.probability <= 1
