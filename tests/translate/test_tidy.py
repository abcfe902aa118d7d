"""Invisible and compatibility characters: gone for the model, known by their places."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.tidy import tidied, with_no_breaks


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("Bitte\u00a0speichern Sie", "Bitte speichern Sie"),
        ("Da\u00adtei", "Datei"),
        ("\u200bHallo\u2060", "Hallo"),
        ("ｆｕｌｌ１", "full1"),
        ("ﬁnden", "finden"),
        ("a\u0308", "ä"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("Hal\u200dlo", "Hallo"),
        ("In the '80s and ’90s, '80', rock'n'roll, '8 s", "In the 80s and 90s, '80', rock'n'roll, '8 s"),
        ("你好，世界", "你好，世界"),
    ],
)
def test_characters_are_the_usual_ones(sentence: str, text: str) -> None:
    assert tidied(sentence).text == text


@given(st.text(st.sampled_from("ab \u00a0\u00adä\u0308o\u200bﬁＡ👍\u200d"), max_size=20))
def test_every_part_is_found_in_the_source(sentence: str) -> None:
    found = tidied(sentence)
    assert found.whole(0, len(found.text)) in (sentence, found.text)
    for place in range(len(found.text)):
        assert found.original(place, place + 1) in sentence
    if found.offsets is None:
        assert found.text == sentence or unicodedata.normalize("NFC", sentence) == found.text


@pytest.mark.parametrize(
    ("source", "text", "written"),
    [
        ("Der Weg ist 10\u00a0km lang.", "It is 10 km.", "It is 10\u00a0km."),
        ("Nach § 5\u00a0% und (80\u202fkg)", "§ 5 % and (80 kg)", "§ 5\u00a0% and (80\u202fkg)"),
        ("Ein\u00a0Haus, 5\u00a0km", "A house, 5 kilometres, 15 km, 5 km2", "A house, 5 kilometres, 15 km, 5 km2"),
        ("5\u00a0km", "5 km and 5 km", "5 km and 5 km"),  # nobody knows which
        ("5\u00a0km\u00a0weit", "5 km far", "5\u00a0km far"),
        ("x" * 100_000 + "\u00a0y", "x y", "x y"),
    ],
)
def test_no_break_spaces_come_back_between_what_stays(source: str, text: str, written: str) -> None:
    assert with_no_breaks(text, source) == written
