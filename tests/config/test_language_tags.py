"""Language tags in their standard form (BCP 47), and what stands in for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.language import base_language, fallbacks, standard_tag
from nmt.config.recipe import Recipe
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
