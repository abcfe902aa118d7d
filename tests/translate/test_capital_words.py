"""Single words in capitals: which are shown in lower case, and that their translations get the capitals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS

from nmt import Translator
from nmt.text.spans import Span
from nmt.translate.rules.capital_words import usual_words, with_capital_words


@pytest.mark.parametrize(
    ("language", "sentence", "usual"),
    [
        ("de", "Ich habe das NIE gesagt.", "Ich habe das nie gesagt."),
        ("de", "Das geht GAR NICHT, SOFORT!", "Das geht gar nicht, sofort!"),
        ("de", "NUR heute: UNGLAUBLICH teuer", "Nur heute: unglaublich teuer"),
        ("de", "ACHTUNG: Die Tür", "Achtung: Die Tür"),
        ("en", "That is NOT okay.", "That is not okay."),
        ("en", "I MUST NOT, and it was TOTALLY wrong", "I must not, and it was totally wrong"),
        ("en", "NOTE: There is none.", "Note: There is none."),
        ("de", "LEHRER: Setzt euch.", "Lehrer: Setzt euch."),
        ("en", "PETER: Come in.", "Peter: Come in."),
        ("fr", "Ce N'EST PAS, NON", "Ce N'EST PAS, NON"),
    ],
)
def test_stressed_words_are_shown_as_usual(language: str, sentence: str, usual: str) -> None:
    assert usual_words(sentence, (), language=language) == usual


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        *(("de", one) for one in ("Die CDU, die WHO und ALDI", "Der SPIEGEL, das TOTAL", "KEIN MENSCH ALLEIN")),
        ("de", "NIE 5, NIE-x, NUR.x"),
        *(("en", one) for one in ("The US, IT, WHO and AIDS", "Press ENTER, use SELECT", "NO TIME TO DIE", "USA: No")),
        ("en", "ALL Nippon Airways"),
    ],
)
def test_names_stay(language: str, sentence: str) -> None:
    assert usual_words(sentence, (), language=language) == sentence
    assert with_capital_words(sentence, sentence, source_language=language, language="de") == sentence


def test_spans_stay_and_capitals_come_back_where_it_is_sure_whose_they_are() -> None:
    assert usual_words("NIE war es NIE", [Span(11, 14)], language="de") == "Nie war es NIE"
    for text, expected in {
        "I never said that.": "I NEVER said that.",
        "I never, never said that.": "I never, never said that.",
        "I did say that.": "I did say that.",
    }.items():
        assert with_capital_words(text, "Das sagte ich NIE.", source_language="de", language="en") == expected
    for source, text, expected in (
        ("WICHTIG: Es ist.", "Import: it is.", "IMPORTANT: it is."),
        ("EILMELDUNG: Es ist.", "Hurry message: it is.", "BREAKING NEWS: it is."),
        ("PETER: Es ist.", "Pet: it is.", "PETER: it is."),
        ("PETER: Es ist.", "It is.", "It is."),
    ):
        assert with_capital_words(text, source, source_language="de", language="en") == expected


@given(st.text("NIEnie OT.:5-Ü") | st.text(), st.sampled_from(["de", "en"]))
def test_letters_stay_where_they_are(sentence: str, language: str) -> None:
    usual = usual_words(sentence, (), language=language)
    assert len(usual) == len(sentence)
    assert usual.upper() == sentence.upper()
    assert with_capital_words(sentence, "", source_language=language, language="de") == sentence


@pytest.mark.parametrize("model", ["broad-en-de", "broad-en-de-fast", "broad-de-en", "broad-de-en-fast"])
def test_shipped_models_say_what_is_stressed(model: str) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    expected = {"I NEVER said that.": "NIE", "I want to know NOW.": "JETZT", "That is VERY important.": "SEHR"}
    if "de-en" in model:
        expected = {"Ich habe das NIE gesagt.": "NEVER", "Komm bitte JETZT.": "NOW", "Das ist SEHR wichtig.": "VERY"}
    for found, word in zip(translator.translate(list(expected)), expected.values(), strict=True):
        assert word in found.text, found.text
