"""Times between English and French or Spanish, with the words before them: by rule, and in what the shipped models make."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, replaced

from nmt import Translator
from nmt.translate.rules.clock import times_of_day


def times(sentence: str, source: str, target: str = "en") -> str:
    """`sentence` with its times as the other language says them."""
    return replaced(sentence, times_of_day(sentence, source=source, target=target))


@pytest.mark.parametrize(
    ("source", "sentence", "english"),
    [
        ("fr", "Ouvert de 9 h à 18 h.", "Ouvert from 9:00 to 18:00."),
        ("fr", "De 14 à 16h, entre 19 h et 20h30", "From 14:00 to 16:00, between 19:00 and 20:30"),
        ("fr", "Visites : 10h-17h, 18h – 19h30", "Visites : 10:00-17:00, 18:00 – 19:30"),
        ("fr", "jusqu'à 18 h, vers 8h15, dès 7 heures, avant 10 h", "until 18:00, around 8:15, from 7:00, before 10:00"),
        ("fr", "Il est 17 h. À 9 h du soir.", "It's 17:00. at 9 p.m.."),
        ("fr", "Rendez-vous demain, 11 h.", "Rendez-vous demain, 11:00."),
        ("es", "Abierto de 9:00 a 18:00 h, de 14 a 16 h", "Abierto from 9:00 to 18:00, from 14:00 to 16:00"),
        ("es", "hasta las 18 h, a las 6.45, a la 1.30, desde las 7 h", "until 18:00, at 6:45, at 1:30, from 7:00"),
        ("es", "a las 9 de la noche, a las 12 de la noche", "at 9 p.m., at 12 a.m."),
        ("es", "Son las 5 de la tarde; a las 12 de la mañana", "It's 5 p.m.; at 12 p.m."),
    ],
)
def test_into_english(source: str, sentence: str, english: str) -> None:
    assert times(sentence, source).replace("..", ".") == english.replace("..", ".")


@pytest.mark.parametrize(
    ("sentence", "french"),
    [
        ("Open from 9 a.m. to 6 p.m.", "Open de 9 h à 18 h."),
        ("between 7 and 8 p.m.", "entre 19 h et 20 h."),
        ("It's 5 p.m.", "Il est 17 h."),
        ("around 8:15 a.m. and at 9 pm", "vers 8 h 15 and at 21 h"),
        ("8 am - 12 pm", "8 h - 12 h"),
    ],
)
def test_into_french(sentence: str, french: str) -> None:
    assert times(sentence, "en", "fr") == french


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        *(
            ("fr", one)
            for one in ("à 2 h de Paris", "dure 2 h 10", "Il faut entre 2 h et 3 h par jour", "après 2 h", "en 4 h")
        ),
        *(("fr", one) for one in ("de 5 à 10 personnes", "à 9 hommes", "Paris, 2 h de route", "de 3 à 5", "9-10 hivers")),
        *(
            ("es", one)
            for one in ("Cuesta 8.30", "a las 9", "entre las 7 y las 8", "tarda 3 h", "de 3 a 5", "a las 5 hermanas")
        ),
        *(("es", one) for one in ("18:00-19:30", "a las 8:30", "las 20 de la lista")),
    ],
)
def test_what_is_a_while_or_what_models_copy(source: str, sentence: str) -> None:
    assert times(sentence, source) == sentence


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "everyday-fr-en",
            {"Je travaille jusqu'à 18 h.": "until 18:00", "La réunion est de 14h à 16h.": "from 14:00 to 16:00"},
        ),
        (
            "everyday-es-en",
            {"El concierto empieza a las 9 de la noche.": "at 9 p.m", "La piscina abre desde las 7 h.": "from 7:00"},
        ),
        ("everyday-en-fr", {"Open from 9 a.m. to 6 p.m.": "de 9 h à 18 h", "It's 5 p.m.": "Il est 17 h"}),
    ],
)
def test_models_keep_times(model: str, expected: dict[str, str]) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    for time, found in zip(expected.values(), translator.translate(list(expected)), strict=True):
        assert found.text.count(time) == 1, found.text
