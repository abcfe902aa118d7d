"""Languages: names, scripts, identification."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import InputError
from nmt.text.language import LANGUAGES, has_script_of, identifiable_languages, identify, language_name


def test_names() -> None:
    assert language_name("de") == "German"
    assert language_name("en") == "English"
    assert language_name("qya") == "qya"


def test_every_language_has_a_code_a_name_and_scripts() -> None:
    for code, language in LANGUAGES.items():
        assert code == language.code
        assert len(code) in (2, 3)
        assert code.islower()
        assert language.name[0].isupper()
        assert language.scripts


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Guten Morgen!", "de", True),
        ("Grüße aus Österreich", "de", True),
        ("Доброе утро!", "de", False),
        ("Доброе утро!", "ru", True),
        ("Good morning", "ru", False),
        ("Die Firma Яндекс", "de", True),
        ("你好", "zh", True),
        ("你好", "en", False),
        ("こんにちは、世界", "ja", True),
        ("안녕하세요", "ko", True),
        ("Καλημέρα", "el", True),
        ("नमस्ते", "hi", True),
        ("สวัสดี", "th", True),
        ("ＡＢＣ", "en", True),
        ("1234 – 56 %", "ru", True),
        ("", "ru", True),
        ("Доброе утро!", "qya", True),
    ],
)
def test_script(text: str, code: str, expected: bool) -> None:
    assert has_script_of(text, code) is expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Das Wetter ist heute sehr schön.", "de"),
        ("The weather is very nice today.", "en"),
        ("Le temps est très beau aujourd'hui.", "fr"),
        ("Сегодня очень хорошая погода.", "ru"),
        ("今天天气很好。", "zh"),
    ],
)
def test_sentences_are_identified(text: str, code: str) -> None:
    best, probability = identify(text, ["de", "en", "fr", "ru", "zh"])
    assert best == code
    assert probability > 0.9


def test_only_the_languages_given_are_answered() -> None:
    assert identify("Le temps est très beau aujourd'hui.", ["de", "en"])[0] in ("de", "en")


@given(st.text(max_size=200))
def test_any_text_gets_a_probability(text: str) -> None:
    code, probability = identify(text, ["en", "de"])
    assert code in ("de", "en")
    assert 0.5 <= probability <= 1.0
    assert identify(text, ["de", "en"]) == (code, probability)


def test_a_text_without_evidence_is_undecided() -> None:
    assert math.isclose(identify("", ["de", "en"])[1], 0.5)


@pytest.mark.parametrize(("languages", "named"), [([], "none"), (["de", "qya"], "qya")])
def test_unknown_languages_are_named(languages: list[str], named: str) -> None:
    with pytest.raises(InputError, match=named):
        identify("Hallo", languages)


def test_our_languages_can_be_identified() -> None:
    assert {"de", "en", "fr", "es"} <= identifiable_languages()
