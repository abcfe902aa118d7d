"""Dates between English and French or Spanish: where they are, how they are said, and that the shipped models say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS, replaced

from nmt import Translator
from nmt.translate.rules.romance.dates import romance_dates, smoothed

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def said(sentence: str, source: str, target: str) -> str:
    """`sentence` with its dates as the other language says them."""
    return replaced(sentence, romance_dates(sentence, source=source, target=target))


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("on May 3rd", "le 3 mai", "el 3 de mayo"),
        ("On 1 January 2024, I left.", "Le 1er janvier 2024, I left.", "El 1 de enero de 2024, I left."),
        ("your letter of 14 Sept. 2020", "your letter du 14 septembre 2020", "your letter del 14 de septiembre de 2020"),
        ("since the 5th of August", "depuis le 5 août", "desde el 5 de agosto"),
        ("until Aug. 5", "jusqu'au 5 août", "hasta el 5 de agosto"),
        ("by 12 June", "avant le 12 juin", "antes del 12 de junio"),
        ("after Friday, July 14", "après le vendredi 14 juillet", "después del viernes 14 de julio"),
        ("Tuesday, March 14th, is free", "Mardi 14 mars, is free", "Martes 14 de marzo, is free"),
        ("from 3 May to 5 June", "du 3 mai au 5 juin", "del 3 de mayo al 5 de junio"),
    ],
)
def test_of_english(english: str, french: str, spanish: str) -> None:
    assert said(english, "en", "fr") == french
    assert said(english, "en", "es") == spanish


@pytest.mark.parametrize(
    ("source", "sentence", "english"),
    [
        ("fr", "Il viendra le 3 mai.", "Il viendra on 3 May."),
        ("fr", "Le 1er mai est férié.", "1 May est férié."),
        ("fr", "Le 1er mai 2024, il part.", "On 1 May 2024, il part."),
        ("fr", "ta lettre du 14 septembre", "ta lettre of 14 September"),
        ("fr", "Du 3 mai au 5 juin", "From 3 May to 5 June"),
        ("fr", "jusqu'au mardi 5 août", "until Tuesday 5 August"),
        ("fr", "avant le 12 juin", "before 12 June"),
        ("es", "Nací el 14 de julio de 1992.", "Nací on 14 July 1992."),
        ("es", "desde el 1 de enero del 2020", "since 1 January 2020"),
        ("es", "del 3 de mayo al 5 de junio", "from 3 May to 5 June"),
        ("es", "después del viernes 3 de mayo", "after Friday 3 May"),
    ],
)
def test_into_english(source: str, sentence: str, english: str) -> None:
    assert said(sentence, source, "en") == english


def test_a_range_is_one_span_so_that_a_model_puts_nothing_into_it() -> None:
    [one] = romance_dates("Closed from 3 May to 5 June, we rest.", source="en", target="fr")
    assert (one.start, one.end) == (7, 27)
    assert len(list(romance_dates("On 3 May and on 5 June", source="en", target="fr"))) == 2


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        *(("en", "fr", one) for one in ("I may 3 times", "March 3 miles!", "May 5 come?", "in May 1990", "3 May-4")),
        *(("fr", "en", one) for one in ("en mai 1990", "3 mais", "le 32 mai", "les 3 maisons")),
        *(("en", "de", one) for one in ("on May 3rd", "3 May 2024")),
        ("es", "fr", "el 3 de mayo"),
    ],
)
def test_what_is_no_date_of_these_languages(source: str, target: str, sentence: str) -> None:
    assert said(sentence, source, target) == sentence


@pytest.mark.parametrize("code", ["fr", "es"])
@given(day=st.integers(1, 31), month=st.integers(0, 11), year=st.none() | st.integers(1000, 2999), words=st.booleans())
def test_there_and_back_again(code: str, day: int, month: int, year: int | None, words: bool) -> None:
    english = f"{'since ' * words}{day} {MONTHS['en'].split()[month]}{f' {year}' if year else ''}"
    other = said(f"- {english}", "en", code)
    assert MONTHS[code].split()[month] in other
    assert said(other, code, "en") == f"- {english}"


@pytest.mark.parametrize(
    ("source_language", "language", "source", "text", "smooth"),
    [
        ("en", "fr", "We leave on 3 May.", "Nous partons à le 3 mai.", "Nous partons le 3 mai."),
        ("en", "fr", "It is done by 3 May.", "C'est fait à avant le 3 mai.", "C'est fait avant le 3 mai."),
        ("en", "es", "He left on Monday, 3 May.", "Salió a el lunes 3 de mayo.", "Salió el lunes 3 de mayo."),
        ("fr", "en", "Il part avant le 3 mai.", "He leaves for before 3 May.", "He leaves before 3 May."),
        (
            "en",
            "fr",
            "From 3 May to 5 June we rest.",
            "Du 3 mai au 5 juin Nous dormons.",
            "Du 3 mai au 5 juin nous dormons.",
        ),
        ("en", "fr", "On 3 May Tom leaves.", "Le 3 mai Tom part.", "Le 3 mai Tom part."),
        ("es", "en", "Vienen hasta el 3 de mayo.", "Until 3 May They come.", "Until 3 May they come."),
        ("es", "en", "Tom vive aquí desde el 3 de mayo.", "Since 3 May Tom lives here.", "Since 3 May Tom lives here."),
        ("en", "fr", "I go to the sea.", "Je vais à le mer.", "Je vais à le mer."),
    ],
)
def test_the_words_around_a_date(source_language: str, language: str, source: str, text: str, smooth: str) -> None:
    assert smoothed(text, source, source_language=source_language, language=language) == smooth


@pytest.mark.parametrize("pair", ["en-fr", "en-es", "fr-en", "es-en"])
def test_shipped_models_keep_the_dates_of_60_sentences(pair: str) -> None:
    source, target = pair.split("-")
    frames = {
        "en": (
            *("The course begins on {} {}.", "My sister got married on {} {}.", "I read your message of {} {}."),
            *("They will stay until {} {}.", "We have been living here since {} {} 2023."),
        ),
        "fr": (
            *("Le cours commence le {} {}.", "Ma sœur s'est mariée le {} {}.", "J'ai lu ton message du {} {}."),
            *("Ils resteront jusqu'au {} {}.", "Nous habitons ici depuis le {} {} 2023."),
        ),
        "es": (
            *("El curso empieza el {} de {}.", "Mi hermana se casó el {} de {}.", "He leído tu mensaje del {} de {}."),
            *("Se quedarán hasta el {} de {}.", "Vivimos aquí desde el {} de {} de 2023."),
        ),
    }[source]
    own, other = (language.split() for language in (MONTHS[source], MONTHS[target]))
    cases = [(frame.format(7 + 2 * month, own[month]), month) for frame in frames for month in range(12)]
    translator = Translator.load(CHECKPOINTS / f"everyday-{pair}", device="cpu", threads=1)
    translations = translator.translate([text for text, _ in cases])
    lost = [
        found.text
        for (text, month), found in zip(cases, translations, strict=True)
        if not all(part in found.text for part in (str(7 + 2 * month), other[month], "2023" * ("2023" in text)))
    ]
    assert lost == []
