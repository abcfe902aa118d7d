"""Times, dates, numbers in words, short forms and names together, in any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS, said

from nmt import Translator
from nmt.translate.rules.known import find_known

PARTS = [
    *("twenty", "one", "a", "hundred", "thousand", "nineteen", "and", "half", "past", "quarter", "to", "May", "Jan", "5th"),
    *("zwanzig", "ein", "und", "hundert", "tausend", "eins", "halb", "viertel", "vor", "Uhr", "morgens", "Sept", "Okt"),
    *(
        "Dr.",
        "Mr.",
        "Frau",
        "Dear",
        "Stone",
        "von",
        "A.",
        "Mo",
        "Fri",
        "no.",
        "ten",
        "past",
        "fünf",
        "Hauptstr.",
        "12/31/2025",
    ),
    *("5", "12", "2024", "pm", "a.m.", "p", "m", "o'clock", "of", "on", ".", ":", ",", "-", "–", " ", "\u00a0", "x"),
]


@given(
    st.text() | st.lists(st.sampled_from(PARTS)).map("".join) | st.lists(st.sampled_from(PARTS)).map(" ".join),
    st.sampled_from([("en", "de"), ("de", "en"), ("en", "fr"), ("en", "es"), ("fr", "en"), ("es", "en")]),
)
def test_figures_are_in_order_and_apart(sentence: str, languages: tuple[str, str]) -> None:
    end = 0
    for one in find_known(sentence, source=languages[0], target=languages[1]):
        assert end <= one.start < one.end <= len(sentence)
        assert one.translation or sentence[one.start : one.end].strip()
        end = one.end


def test_of_those_that_overlap_the_whole_is_found() -> None:
    assert said("half past 9 p.m. on May 5th") == [("half past 9 p.m.", "21:30 Uhr"), ("May 5th", "5. Mai")]
    assert said("twenty-five books by 3 pm") == [("twenty-five", "fünfundzwanzig"), ("3 pm", "15 Uhr")]


@pytest.mark.parametrize(("source", "target"), [("en", "ja"), ("de", "fr"), ("fr", "de"), ("es", "en")])
def test_of_other_languages_there_are_none(source: str, target: str) -> None:
    assert said("At 3 p.m. on March 3rd, um 9 Uhr, à 15 h 30, twenty-one, einundzwanzig", source, target) == []


def test_figures_have_the_capitals_of_their_sentence_and_may_be_all_of_it() -> None:
    translator = Translator.load(CHECKPOINTS / "broad-en-de", device="cpu", threads=1)
    texts = ["Twenty-one people came.", "THE SHOP HAS TWENTY-ONE BOOKS.", "A quarter to eight"]
    first, second, third = (one.text for one in translator.translate(texts))
    assert first.startswith("Einundzwanzig ")
    assert "EINUNDZWANZIG" in second
    assert third == "Viertel vor acht"
