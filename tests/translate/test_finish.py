"""The outward form of a translation: capitals, marks and slips that need no model."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.rules.finish import finished


def german(text: str, source: str) -> str:
    return finished(text, source, source_language="en", language="de")


def english(text: str, source: str) -> str:
    return finished(text, source, source_language="de", language="en")


@pytest.mark.parametrize(
    ("text", "source", "whole"),
    [
        ("family Braun is here.", "Familie Braun ist da.", "Family Braun is here."),
        ('"family Braun is here."', "„Familie Braun ist da.“", '"Family Braun is here."'),
        ("<b>warning:</b> hot.", "<b>Warnung:</b> heiß.", "<b>Warning:</b> hot."),
        ("* the bill", "* Die Rechnung", "* The bill"),
        ("open on Monday", "Geöffnet am Montag", "Open on Monday"),
        ("family", "Familie", "family"),  # nouns have capitals in German anyway
        ("iPhone is here.", "iPhone ist da.", "iPhone is here."),
        ("von Braun is here.", "Ja, von Braun ist da.", "von Braun is here."),
        ("5 apples.", "Fünf Äpfel.", "5 apples."),
        ("the dog.", "der Hund.", "the dog."),
    ],
)
def test_a_sentence_begins_with_a_capital_where_its_source_does(text: str, source: str, whole: str) -> None:
    assert english(text, source) == whole


def test_so_does_a_line_of_english() -> None:
    assert german("a) erste Option", "a) First option") == "a) Erste Option"
    assert german("den Arzt anrufen", "Call the doctor") == "Den Arzt anrufen"
    assert german("nach Berlin", "Berlin") == "nach Berlin"


def test_marks_at_the_end_are_those_of_the_source() -> None:
    assert german("Warte!", "Wait!!!") == "Warte!!!"
    assert german("Was?", "What?!") == "Was?!"
    assert german("„Was?“", "“What?!”") == "„Was?!“"
    assert german("Was", "What?!") == "Was"
    assert german("Warte!!", "Wait!") == "Warte!!"


@pytest.mark.parametrize("number", [*range(1, 35), 101, 111, 112, 113, 121, 1000])
def test_english_ordinals_have_their_ending(number: int) -> None:
    ending = "th" if number % 100 in (11, 12, 13) else ("st", "nd", "rd")[number % 10 - 1] if 0 < number % 10 < 4 else "th"
    for wrong in ("st", "nd", "rd", "th"):
        assert english(f"The {number}{wrong} day", "Der Tag") == f"The {number}{ending} day"


def test_slips_of_german() -> None:
    assert german("Die frühen 90 Jahre", "The early 90s") == "Die frühen 90er Jahre"
    assert german("Der 1st Preis der 1990s", "The 1st prize of the 1990s") == "Der 1. Preis der 1990er"
    assert german("5 Füße tief, 30 Füßen", "5 feet deep, 30 feet") == "5 Fuß tief, 30 Fuß"
    assert german("Ein Hund hat 4 Füße", "A dog has 4 feet") == "Ein Hund hat 4 Füße"
    assert german("Die 80s nach 10s", "The late 80s in 10s") == "Die 80er nach 10s"
    assert german("An der 5th Avenue", "On 5th Avenue") == "An der 5th Avenue"
    assert german("„Nein,“, sagte Frau. Brown.", "“No,” said Mrs. Brown.") == "„Nein“, sagte Frau Brown."
    assert german("Das ist seine Frau. Sie ist da.", "This is his wife. She is here.") == "Das ist seine Frau. Sie ist da."


@given(st.text(), st.text(), st.sampled_from([("de", "en"), ("en", "de"), ("en", "fr"), ("es", "en")]))
def test_words_stay(text: str, source: str, languages: tuple[str, str]) -> None:
    whole = finished(text, source, source_language=languages[0], language=languages[1])
    assert [c for c in whole.lower() if c.isalpha()] == [c for c in text.lower() if c.isalpha()] or re.search(r"\d", text)
