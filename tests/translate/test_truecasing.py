"""The usual case of sentences that are written in capitals or in lower case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from nmt.translate.rules.casing import Case, case_of, usual_case

PHRASES = Path(__file__).parents[2] / "data" / "phrases-de-en" / "valid.tsv"
_WORD = re.compile(r"[^\W\d_]+")


def letters(word: str) -> Sequence[int]:
    """A vocabulary that knows no word, and so tells nothing about its case."""
    return list(word.encode())


@pytest.mark.parametrize(
    "sentence",
    [
        "Das Mädchen hat rote Haare.",
        "Beim Lernen ist ein gutes Wörterbuch sehr nützlich.",
        "Wir müssen uns beeilen, sonst verpassen wir den Flug.",
        "Klicken Sie auf Abbrechen, um Ihre Änderungen zu verwerfen.",
        "Vielen Dank für Ihre Hilfe.",
        "Sie hat ihr Buch vergessen.",
        "Das Betreten des Rasens ist verboten.",
        "Die Gewerkschaft fordert höhere Löhne.",
        "Er steht jeden Morgen um sechs Uhr auf.",
        "Ich rufe dich morgen an.",
        "Die zuständige Behörde hat den Antrag zurückgewiesen.",
        "Der Patient wurde gestern operiert.",
        "Die Mannschaft hat das letzte Spiel verloren.",
        "Wo kann man hier gut essen?",
        "Er spricht Deutsch und Französisch.",
    ],
)
def test_german_nouns_get_their_capitals_back(sentence: str) -> None:
    assert usual_case(sentence.upper(), letters, language="de") == sentence.replace("ß", "ss")
    assert usual_case(sentence.lower(), letters, language="de") == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "I would like to fly from Berlin to Vienna on Monday.",
        "The teacher from Germany speaks English and French.",
        "She said that I am late.",
        "The 14th of December",
    ],
)
def test_english_names_get_their_capitals_back(sentence: str) -> None:
    assert usual_case(sentence.upper(), letters, language="en") == sentence


@pytest.mark.parametrize(("language", "column", "share"), [("de", 0, 0.9), ("en", 1, 0.9)])
def test_most_words_of_letters_and_notices_get_their_case_back(language: str, column: int, share: float) -> None:
    lines = [line.split("\t")[column] for line in PHRASES.read_text(encoding="utf-8").splitlines()]
    right = total = 0
    for line in lines:
        if line.count(" ") < 3 or not line[0].isupper():
            continue
        found = usual_case(line.lower(), letters, language=language)
        pairs = list(zip(_WORD.findall(line), _WORD.findall(found), strict=True))[1:]
        right += sum(word == other for word, other in pairs)
        total += len(pairs)
    assert total > 1000
    assert right >= share * total


def test_the_case_of_a_sentence() -> None:
    for sentence, case in {
        "BITTE NICHT STÖREN": Case.upper,
        "wir sehen uns morgen": Case.lower,
        "Bitte nicht stören": Case.usual,
        "NATO": Case.usual,
        "ACHTUNG": Case.upper,
    }.items():
        assert case_of(sentence, letters, language="de") is case
    for sentence, case in {
        "Please Wash Your Hands": Case.title,
        "Anna Maria Schmidt": Case.title,
        "do you speak english": Case.lower,
        "the film begins at eight": Case.lower,
        "the storm damaged several roofs": Case.lower,
        "to sit on a chair": Case.usual,
        "the old man on the bench": Case.usual,
        "a house painted red": Case.usual,
    }.items():
        assert case_of(sentence, letters, language="en") is case
