"""Numbers with signs of units."""

from __future__ import annotations

import pytest

from nmt.translate.protect import mask
from nmt.translate.result import Hypothesis
from nmt.translate.rules.measures import measures
from nmt.translate.tidy import tidied


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("USB-C-Kabel, 2 m lang, 1,5 kg und 16GB", ["2 m", "1,5 kg", "16GB"]),
        ("Zwischen 5–10 km", ["5–10 km"]),
        ("$4 m, 65 m², 50 km/h, 5 men, 3 Liter, A4, Platz 14m2, 2 m-Brett", []),
    ],
)
def test_measures(sentence: str, found: list[str]) -> None:
    assert [sentence[span.start : span.end] for span in measures(sentence, source="de", target="en")] == found
    assert list(measures(sentence, source="de", target="fr")) == []


@pytest.mark.parametrize(
    ("translation", "kept"),
    [
        ("It is 1.5 m long.", True),
        ("It is 1,5 metres long.", True),
        ("A 1.5-m one.", True),
        ("It is 1.5m long.", True),
        ("It is 1.5 mm long.", False),
        ("It is 1.5 M long.", False),
        ("It is 1.5 miles long.", False),
    ],
)
def test_another_unit_is_told(translation: str, kept: bool) -> None:
    sentence = "Es ist 1,5 m lang."
    shown = mask(tidied(sentence), sentence, list(measures(sentence, source="de", target="en")), lambda _: True, soft=False)
    assert shown is not None
    assert shown.text == sentence
    assert shown.keeps(shown.corrected(Hypothesis(translation, 0.0, 0.0, (), ())).text) is kept
