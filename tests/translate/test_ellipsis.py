"""Vor- und Nachname: compounds of which the first is cut short."""

from __future__ import annotations

import pytest
from support.known import assert_said, said


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Vor- und Nachnamen", "first and last name"),
        ("Vor-/Nachname", "first/last name"),
        ("Ein- oder Ausgang", "entrance or exit"),
        ("Sonn- und Feiertagen", "Sundays and public holidays"),
        ("Sonn- und feiertags", "on Sundays and public holidays"),
        ("Hin- und Rückfahrt", "outward and return journey"),
        ("Vor- bzw. Nachteile", "advantages or disadvantages"),
    ],
)
def test_both_are_said(german: str, english: str) -> None:
    assert said(f"Hier ist {german}, bitte.", "de", "en") == [(german, english)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Obst- und Gemüsehändler, Außen- und Sicherheitspolitik, Groß- und Kleinschreibung",
        "Vor- und Frühgeschichte, Ein- und Nachname, Vor- und Einname, Vor- und Nachnamensliste, X-Vor- und Nachname",
        "hin- und hergehen, Vor-Nachname, Vor - und Nachname",
    ],
)
def test_what_no_list_has_is_left(sentence: str) -> None:
    assert said(sentence, "de", "en") == []


def test_models_have_both() -> None:
    pairs = [("An- und Abreise", "arrival and departure"), ("Vor- und Nachteile", "advantages and disadvantages")]
    assert_said("broad-de-en", ["Wir sprechen über {}."], pairs)
