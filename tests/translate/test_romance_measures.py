"""Measures between English and French or Spanish: by rule, and in what the shipped models make of sentences."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, replaced, said

from nmt import Translator
from nmt.translate.rules.romance.measures import romance_measures


def measures(sentence: str, source: str, target: str) -> str:
    """`sentence` with its measures as the other language says them."""
    return replaced(sentence, romance_measures(sentence, source=source, target=target))


@pytest.mark.parametrize(
    ("source", "target", "sentence", "expected"),
    [
        ("fr", "en", "15 Mo, 3,2 kg, 1 500 km et 45 mn", "15 MB, 3,2 kg, 1 500 km et 45 min"),
        ("en", "fr", "15 MB and 4 ounces", "15 Mo and 4 onces"),
        ("en", "es", "15 MB, 40 x 30 in", "15 MB, 40 x 30 pulgadas"),
        ("en", "fr", "It is 10 in wide, 3 in by 500 sq ft.", "It is 10 pouces wide, 3 pouces by 500 pieds carrés."),
        ("es", "en", "espere 20 seg", "espere 20 s"),
        ("fr", "en", "Le film dure 2 h 10, pendant 3h, 1h05min", "Le film dure 2 h 10 min, pendant 3 h, 1 h 05 min"),
        ("en", "es", "It lasts 2 h 10 minutes", "It lasts 2 h 10 min"),
    ],
)
def test_units_are_those_of_the_other_language(source: str, target: str, sentence: str, expected: str) -> None:
    assert measures(sentence, source, target) == expected


def test_a_measure_is_one_span_with_its_sign_and_all_its_numbers() -> None:
    assert said("-5 °C, 40 x 30 cm; 3-5 km", "en", "fr") == [
        ("-5 °C", "-5 °C"),
        ("40 x 30 cm", "40 x 30 cm"),
        ("3-5 km", "3-5 km"),
    ]


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        *(
            ("en", "fr", one)
            for one in ("in 1990 in Paris", "She is 10 in June.", "5 mice", "the 3 m-long", "2 g/l", "v2.5 m")
        ),
        *(("fr", "en", one) for one in ("en 3 l'orange", "À 20 m'appeler", "à 2 h 10", "de 14h à 16h", "12 Mois")),
        *(("es", "en", one) for one in ("a las 19 h", "son las 17 h")),
        *(("en", "de", one) for one in ("72 kg", "10 in wide")),
    ],
)
def test_what_is_no_measure(source: str, target: str, sentence: str) -> None:
    assert measures(sentence, source, target) == sentence


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "everyday-fr-en",
            {"Il pèse 72 kg.": "72 kg", "Le fichier fait 15 Mo.": "15 MB", "Prenez 10 mg par jour.": "10 mg a day"},
        ),
        (
            "everyday-en-fr",
            {"He weighs 72 kg.": "72 kg", "This car does 130 km/h.": "130 km/h", "Take 10 mg a day.": "10 mg par"},
        ),
        ("everyday-es-en", {"Pesa 72 kg.": "72 kg", "El paquete mide 40 x 30 cm.": "40 x 30 cm", "Espere 20 s.": "20 s."}),
        (
            "everyday-en-es",
            {"The box is 10 in wide.": "10 pulgadas", "Add 4 oz of butter.": "4 onzas", "I walked 3 km.": "3 km"},
        ),
    ],
)
def test_models_keep_measures(model: str, expected: dict[str, str]) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    for measure, found in zip(expected.values(), translator.translate(list(expected)), strict=True):
        assert measure in found.text, found.text
