"""Slashes between words: which are shown as or, and which as per."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, said

from nmt import Translator
from nmt.translate.rules.slashes import amounts_per_unit
from nmt.translate.tidy import tidied


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("de", "en", "Montag/Dienstag bin ich nicht da."),
        ("de", "en", "Der Arzt/die Praxis ist zu."),
        ("en", "de", "The buyer/seller pays."),
        ("en", "de", "Husband/wife"),
    ],
)
def test_one_between_two_words_is_or(source: str, target: str, sentence: str) -> None:
    assert said(sentence, source, target) == [("/", "/")]


@pytest.mark.parametrize(
    "sentence",
    [
        "TCP/IP is old, and so is Windows",
        "The AC/DC concert",
        "80 km/h, at 1/2 m/s",
        "the buyer/seller and a guest",
        "cats/dogs or birds",
        "and/or",
        "yes/no/maybe",
        "On the Berlin/Hamburg line",
        "Late May/early June",
        "We have/share a goal.",
        "He was hit by/with a ball.",
        "He/she knows it, see src/main.py",
        "It is at example.org/news, a/b and @user/name",
    ],
)
def test_other_slashes_are_left_to_the_model(sentence: str) -> None:
    assert ("/", "/") not in said(sentence)


def test_other_slashes_of_german_are_left_to_the_model() -> None:
    for sentence in ("Wir haben/verfolgen ein Ziel.", "auf der Höhe/auf dem Posten", "Der Bus/LKW ist da."):
        assert said(sentence, "de", "en") == []


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("de", "18 Euro/Stunde, 2 Personen/Zimmer, 5 €/Tag", "18 Euro pro Stunde, 2 Personen pro Zimmer, 5 € pro Tag"),
        ("en", "18 dollars/hour, 25 cents/mile", "18 dollars per hour, 25 cents per mile"),
        ("en", "80 km/h, dollars/euros, 5 km/hour, 3 days/2 nights", "80 km/h, dollars/euros, 5 km/hour, 3 days/2 nights"),
        ("de", "0,30 €/kWh, 3 €/kg, 5 €/l", "0,30 €/kWh, 3 €/kg, 5 €/l"),
        ("fr", "18 euros/heure", "18 euros/heure"),
    ],
)
def test_after_an_amount_it_is_per(language: str, text: str, shown: str) -> None:
    assert tidied(text).written(amounts_per_unit(text, language=language)).text == shown


@pytest.mark.parametrize(
    ("model", "text", "own"),
    [
        ("broad-en-de", "The buyer/seller pays the costs.", "Käufer/Verkäufer"),
        ("broad-en-de-fast", "Any questions/wishes?", "Fragen/Wünsche"),
        ("broad-de-en", "Preis/Leistung stimmt, die Anleitung ist gut.", "performance"),
        ("broad-de-en", "Haben Sie Fragen/Wünsche?", "questions/wishes"),
    ],
)
def test_shipped_models_keep_both_sides(model: str, text: str, own: str) -> None:
    assert own in Translator.load(CHECKPOINTS / model, device="cpu", threads=1).translate(text).text
