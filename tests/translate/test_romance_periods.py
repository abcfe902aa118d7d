"""Days, months and years from one to another: by rule, and in what the shipped models make of sentences."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, replaced

from nmt import Translator
from nmt.text.spans import apart
from nmt.translate.rules.romance.periods import romance_periods


def periods(sentence: str, source: str, target: str) -> str:
    """`sentence` with its periods as the other language says them."""
    return replaced(sentence, apart(romance_periods(sentence, source=source, target=target)))


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("from 3 to 10 May", "du 3 au 10 mai", "del 3 al 10 de mayo"),
        ("between 1 and 8 June 2020", "entre le 1er et le 8 juin 2020", "entre el 1 y el 8 de junio de 2020"),
        ("on 5 and 6 June", "les 5 et 6 juin", "el 5 y el 6 de junio"),
        ("in August 2019", "en août 2019", "en agosto de 2019"),
        ("since March 2021", "depuis mars 2021", "desde marzo de 2021"),
        ("in early April", "début avril", "a principios de abril"),
        ("at the end of May", "fin mai", "a finales de mayo"),
        ("from April to October", "d'avril à octobre", "de abril a octubre"),
        ("between May and July", "entre mai et juillet", "entre mayo y julio"),
        ("in the 80s", "dans les années 80", "en los años 80"),
        ("The 1990s", "Les années 1990", "Los años 1990"),
    ],
)
def test_periods_of_each_language(english: str, french: str, spanish: str) -> None:
    for code, other in {"fr": french, "es": spanish}.items():
        assert periods(english, "en", code) == other
        assert periods(other, code, "en") == english


def test_english_has_other_orders() -> None:
    assert periods("Closed May 3–10; June 5 to 8, 2020.", "en", "fr") == "Closed du 3 au 10 mai; du 5 au 8 juin 2020."
    assert periods("On 12/25/2024, not 03/05/2024 or 25/12/2024", "en", "es").startswith(
        "El 25/12/2024, not 03/05/2024 or 25/1"
    )


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        *(("en", "fr", one) for one in ("before May comes", "I may march to 5", "in his 80s", "after March")),
        *(("fr", "en", one) for one in ("sur mars", "les années 2010 à 2015", "de mai", "5 mais")),
        *(("es", "en", one) for one in ("los años 8", "de mayo", "20 años")),
        ("en", "de", "in April 2020"),
    ],
)
def test_what_is_no_period(source: str, target: str, sentence: str) -> None:
    assert periods(sentence, source, target) == sentence


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("everyday-fr-en", {"Il viendra en novembre.": "in November", "Du 12 au 19 février": "From 12 to 19 February"}),
        (
            "everyday-es-en",
            {"Entre mayo y julio llueve.": "Between May and July", "Nací en abril de 1990.": "in April 1990"},
        ),
        (
            "everyday-en-fr",
            {"I was born in April 1990.": "en avril 1990", "In the 80s he was young.": "Dans les années 80 il"},
        ),
        (
            "everyday-en-es",
            {"He died in September 1997.": "en septiembre de 1997", "In the 80s he was young.": "En los años 80 e"},
        ),
    ],
)
def test_models_keep_periods(model: str, expected: dict[str, str]) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    for period, found in zip(expected.values(), translator.translate(list(expected)), strict=True):
        assert period in found.text, found.text
