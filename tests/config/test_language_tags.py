"""Language tags in their standard form (BCP 47), and what stands in for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.language import base_language, fallbacks, registered_tag, standard_tag
from nmt.config.recipe import Recipe
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError

RECIPE = {"preparation": {"train": [{"path": "a.tsv"}], "valid": [{"path": "a.tsv"}]}, "description": "x", "licence": "x"}


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("de", "de"),
        ("EN", "en"),
        ("deu", "de"),
        ("ger", "de"),
        ("fra", "fr"),
        ("nds", "nds"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("zh_Hans", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("sr-latn", "sr-Latn"),
        ("en-gb", "en-GB"),
        ("de-1996", "de-1996"),
        ("iw", "he"),
    ],
)
def test_a_tag_has_one_form(written: str, standard: str) -> None:
    assert standard_tag(written) == standard
    assert standard_tag(standard) == standard


@pytest.mark.parametrize(
    "written", ["", "d", "german", "de-", "-de", "de--AT", "de AT", "d3", "de/AT", "und", "x" * 40, "de-" + "a" * 9]
)
def test_what_is_no_tag_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="is no language tag; should be one such as de, pt-BR or zh-Hans"):
        standard_tag(written)


@pytest.mark.parametrize(("country", "language"), [("jp", "ja"), ("cn", "zh"), ("CZ", "cs"), ("gr", "el"), ("dk", "da")])
def test_a_country_is_no_language(country: str, language: str) -> None:
    with pytest.raises(ConfigurationError, match=f"is a country and no language; should be a language, such as {language}$"):
        registered_tag(country)
    with pytest.raises(ConfigurationError, match=f"target_language: .*such as {language}"):
        parse(Recipe, {**RECIPE, "source_language": "de", "target_language": country}, where="r")


def test_registered_languages_are_known_in_any_form() -> None:
    written = ("de", "deu", "pt_br", "zh_CN", "zh-Hant-TW", "hsb", "uk", "iw", "sr-latn", "de-1996", "qaa")
    assert [registered_tag(tag) for tag in written] == [standard_tag(tag) for tag in written]
    for tag in ("xx", "zz"):
        with pytest.raises(ConfigurationError, match="is no language; should be one such as de, pt-BR or zh-Hans"):
            registered_tag(tag)


@given(st.text("abcDEF12-_", max_size=20))
def test_a_standard_tag_stays_as_it_is(text: str) -> None:
    try:
        tag = standard_tag(text)
    except ConfigurationError:
        return
    assert standard_tag(tag) == tag
    assert fallbacks(text)[-1] == base_language(tag)


def test_the_base_language_stands_in_for_a_region_or_a_script() -> None:
    assert fallbacks("de_at") == ("de-AT", "de")
    assert fallbacks("zh-hant-TW") == ("zh-Hant-TW", "zh-Hant", "zh")
    assert fallbacks("ger") == ("de",)
    assert fallbacks("klingon language") == ("klingon language",)
    assert base_language("pt-BR") == base_language("PT_pt") == "pt"


@pytest.mark.parametrize(("written", "standard"), [("pt-BR", "pt-BR"), ("zh_Hans", "zh-Hans"), ("EN", "en"), ("ger", "de")])
def test_recipes_have_tags_in_their_standard_form(written: str, standard: str) -> None:
    recipe = Recipe.model_validate({"source_language": "fr", "target_language": written, **RECIPE})
    assert recipe.target_language == standard
