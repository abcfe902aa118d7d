"""Languages: names, scripts, identification."""

import gzip
import itertools
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import LanguageIdentifier

from nmt.errors import InputError
from nmt.text import language as languages
from nmt.text.language import (
    LANGUAGES,
    detect,
    foreign_language,
    has_script_of,
    identifiable_languages,
    identify,
    language_name,
)

needs_corpora = pytest.mark.skipif("NMT_CORPORA" not in os.environ, reason="NMT_CORPORA does not name the folder of corpora")


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


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("Guten Morgen", ["de", "en"], "de"),
        ("the", ["de", "en", "es", "fr"], "en"),
        ("Straße", ["de", "en", "es", "fr"], "de"),
        ("¿Qué?", ["de", "en", "es", "fr"], "es"),
        ("ça va", ["de", "en", "es", "fr"], "fr"),
        ("le chien", ["de", "en", "fr"], "fr"),
        ("Привет", ["de", "ru", "el"], "ru"),
        ("Καλημέρα", ["de", "ru", "el"], "el"),
        ("Wo ist der Bahnhof?", ["de-AT", "en-GB"], "de-AT"),
        ("olá, tudo bem com você?", ["pt-BR", "de"], "pt-BR"),
    ],
)
def test_short_texts_are_detected(text: str, languages: list[str], expected: str) -> None:
    assert detect(text, languages)[0][0] == expected


@given(
    st.text(max_size=100), st.lists(st.sampled_from(["de", "en", "fr", "es", "ru", "zh", "qya"]), min_size=1, unique=True)
)
def test_detected_languages_are_some_of_those_given_with_probabilities(text: str, languages: list[str]) -> None:
    found = detect(text, languages)
    assert {code for code, _ in found} <= set(languages)
    assert math.isclose(sum(probability for _, probability in found), 1.0)
    assert [probability for _, probability in found] == sorted((probability for _, probability in found), reverse=True)


def test_no_language_to_detect_is_refused() -> None:
    with pytest.raises(InputError, match="no languages to tell apart"):
        detect("Hallo", [])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is already written in English, and it should stay as it is.", "en"),
        ("Привет, мир!", "ru"),
        ("Καλημέρα", "el"),
        ("こんにちは、世界", "ja"),
        ("你好", "zh"),
        ("Good morning", ""),
        ("Yes", ""),
        ("Die Firma Яндекс sitzt in Moskau.", ""),
        ("Wir lesen „The Lord of the Rings“, weil es ein gutes Buch ist.", ""),
        ("Klicken Sie auf „Save the file as a new one and open it with the editor“.", ""),
        ("C'est la vie, mon ami, et je ne peux rien faire.", ""),
        ("1234 – 56 %", ""),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_a_text_is_foreign_only_where_that_is_sure(text: str, language: str) -> None:
    assert foreign_language(text, source="de", target="en-GB").partition("-")[0] == language
    assert foreign_language(text, source="de", target="en") == language


def test_latin_script_is_foreign_to_a_language_without_it() -> None:
    assert foreign_language("Good morning", source="ja", target="en") == "en"
    assert foreign_language("日本語のテキスト Python", source="ja", target="en") == ""


def test_a_language_without_a_list_of_words_is_never_sure() -> None:
    assert foreign_language("Het weer is vandaag erg mooi in de stad.", source="de", target="nl") == ""


@needs_corpora
@pytest.mark.slow
def test_hardly_any_sentence_of_the_source_is_taken_for_the_target_language() -> None:
    path = Path(os.environ["NMT_CORPORA"]) / "broad-de-en" / "valid.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t")[:2] for line in lines]
    wrong = [german for german, english in rows if german != english and foreign_language(german, source="de", target="en")]
    wrong += [
        english for german, english in rows if german != english and foreign_language(english, source="en", target="de")
    ]
    assert len(wrong) < len(rows) * 2 / 2000
    found = sum(foreign_language(english, source="de", target="en") == "en" for _, english in rows)
    assert found > 0.4 * len(rows)


@needs_corpora
@pytest.mark.slow
def test_sentences_of_four_languages_are_detected() -> None:
    folder = Path(os.environ["NMT_CORPORA"])
    right = count = short_right = 0
    for name, column, code in (
        ("tatoeba-fr-en", 0, "fr"),
        ("tatoeba-es-en", 0, "es"),
        ("broad-de-en", 0, "de"),
        ("broad-de-en", 1, "en"),
    ):
        with gzip.open(folder / name / "valid.tsv.gz", "rt", encoding="utf-8") as lines:
            rows = [line.rstrip("\n").split("\t") for line in itertools.islice(lines, 500)]
        for row in rows:
            if len(row[column].split()) >= 3:
                count += 1
                right += detect(row[column], ["de", "en", "es", "fr"])[0][0] == code
                short_right += detect(" ".join(row[column].split()[:2]), ["de", "en", "es", "fr"])[0][0] == code
    assert right > 0.985 * count
    assert short_right > 0.93 * count


def test_threads_that_come_first_together_load_one_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    load, loaded = LanguageIdentifier.from_model_file, []

    def counted(*arguments: Any, **named: Any) -> Any:
        loaded.append(arguments)
        time.sleep(0.1)  # so that others come meanwhile
        return load(*arguments, **named)

    monkeypatch.setattr(LanguageIdentifier, "from_model_file", counted)
    languages._loaded_identifier.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: identify("Das ist ein Haus.", ["de", "en"])[0], range(4)))
    assert (found, len(loaded)) == (["de"] * 4, 1)
