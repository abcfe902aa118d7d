"""Capitals go and come back: with a vocabulary of a few words, each known in its usual form."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.rules.casing import Case, case_of, in_case, is_single_word, usual_case, within_sentence

ENGLISH = ["please", "wash", "your", "hands", "before", "dinner", "Monday", "Berlin", "Anna", "Maria", "Schmidt", "of"]
GERMAN = ["bitte", "wasche", "Hände", "Essen", "vor", "dem", "Montag", "Berlin", "Straße", "schnell"]
KNOWN = frozenset((*ENGLISH, *GERMAN))


def encode(word: str) -> Sequence[int]:
    """One piece for a known word, one for each letter of another."""
    return [1] if word in KNOWN else [2] * len(word)


def first_capital(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


english = st.lists(st.sampled_from(ENGLISH), min_size=3, max_size=9).map(first_capital)
german = st.lists(st.sampled_from(GERMAN), min_size=3, max_size=9).map(first_capital)


@given(english)
def test_english_in_capitals_is_shown_as_usual_and_gets_them_back(sentence: str) -> None:
    capitals = sentence.upper()
    assert case_of(capitals, encode, language="en") is Case.upper
    assert usual_case(capitals, encode, language="en") == sentence
    assert in_case(sentence, Case.upper, language="en") == capitals


@given(german)
def test_german_in_capitals_is_shown_as_usual_with_its_ss(sentence: str) -> None:
    capitals = sentence.upper()
    assert case_of(capitals, encode, language="de") is Case.upper
    assert usual_case(capitals, encode, language="de") == sentence
    assert in_case(sentence, Case.upper, language="de") == capitals


@given(st.lists(st.sampled_from(["please", "wash", "your", "hands", "before", "dinner"]), min_size=3, max_size=8))
def test_a_title_is_shown_as_a_sentence_and_gets_its_capitals_back(words: list[str]) -> None:
    title = " ".join(words).title()
    assert case_of(title, encode, language="en") is Case.title
    usual = usual_case(title, encode, language="en")
    assert usual == title[0] + title[1:].lower()
    assert in_case(usual, Case.title, language="en") == title


@given(st.text(max_size=60))
def test_letters_stay_the_same_letters(text: str) -> None:
    for language in ("de", "en"):
        changed = usual_case(text, encode, language=language)
        assert changed.replace("ß", "ss").upper() == text.replace("ß", "ss").upper()
        assert in_case(text, Case.usual, language=language) == text
        assert in_case(text, Case.lower, language="en")[1:] == text[1:]


@given(st.sampled_from(Case), st.one_of(english, german), st.sampled_from(["de", "en"]))
def test_a_case_is_given_once(case: Case, sentence: str, language: str) -> None:
    given_once = in_case(sentence, case, language=language)
    assert in_case(given_once, case, language=language) == given_once
    assert given_once.lower() == sentence.lower() or "ß" in sentence


@pytest.mark.parametrize(
    ("sentence", "language", "case"),
    [
        ("NATO", "en", Case.usual),
        ("NATO USA", "en", Case.usual),
        ("BITTE NICHT STÖREN", "de", Case.upper),
        ("A", "en", Case.usual),
        ("Anna Maria Schmidt", "en", Case.usual),  # a name
        ("Anna A. Schmidt, Ph.D.", "en", Case.usual),
        ("Please Wash A. Hands", "en", Case.title),
        ("Der Hund Von Nebenan", "de", Case.usual),  # German has no title case
        ("how are you today", "en", Case.lower),
        ("to sit on a chair", "en", Case.usual),  # an entry of a dictionary
        ("wie geht es dir heute", "de", Case.lower),
        ("ein Hund", "de", Case.usual),
        ("12 %", "en", Case.usual),
        ("", "en", Case.usual),
    ],
)
def test_the_case_of_a_sentence(sentence: str, language: str, case: Case) -> None:
    assert case_of(sentence, encode, language=language) is case


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Die Leute kommen", "die Leute kommen"),
        ("de", "Und es kostet", "und es kostet"),
        ("de", "Leute kommen", "Leute kommen"),
        ("de", "Berlin ist groß", "Berlin ist groß"),  # not known, and so left alone
        ("lb", "Dat ass gutt", "Dat ass gutt"),
        ("en", "The people", "the people"),
        ("en", "I'm here", "I'm here"),
        ("fr", "", ""),
    ],
)
def test_in_the_middle_of_a_sentence_the_first_word_has_no_capital_of_its_own(
    language: str, text: str, expected: str
) -> None:
    assert within_sentence(text, language=language) == expected


def test_a_single_word_has_its_capital_from_standing_alone_where_the_vocabulary_has_it_without() -> None:
    def encode(word: str) -> list[int]:
        return [0] * (1 if word in ("milk", "Merci", "merci", "Paris", "sunday") else 2)

    assert is_single_word("Milk", encode, language="en")
    for other in ("Merci", "Paris", "Milk.", "MILK", "milk", "Fresh milk", "Milk2"):
        assert not is_single_word(other, encode, language="fr")
    assert not is_single_word("Sunday", encode, language="en")
    assert in_case("lait", Case.single, language="fr") == "Lait"
