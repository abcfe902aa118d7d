"""The mark at the end of a translation between English and French or Spanish."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.word_for_word import ABILITIES, translated

from nmt.translate.markup.options import PLAIN
from nmt.translate.rules.finish import finished
from nmt.translate.rules.romance.marks import with_mark_of


@pytest.mark.parametrize(
    ("source", "text", "language", "whole"),
    [
        ("Bonne chance !", "Good luck.", "en", "Good luck!"),
        ("Don't forget.", "N'oublie pas !", "fr", "N'oublie pas."),
        ("Come here!", "Viens ici.", "fr", "Viens ici\u00a0!"),
        ("Turn off the light", "Éteins la lumière !", "fr", "Éteins la lumière"),
        ("Wait...", "Attends !", "fr", "Attends..."),
        ("Quizás…", "Maybe.", "en", "Maybe…"),
        ("Good luck!", "Buena suerte.", "es", "¡Buena suerte!"),
        ("He came. Good luck!", "Vino. Buena suerte.", "es", "Vino. ¡Buena suerte!"),
        ("Mr. Baker is here!", "El Sr. Baker está aquí.", "es", "¡El Sr. Baker está aquí!"),
        ("Be careful.", "¡Ten cuidado!", "es", "Ten cuidado."),
        ("Lift here", "¡No aquí!", "es", "No aquí"),
        ("What?!", "¡Qué?!", "es", "¿¡Qué?!"),
        ("Mrs. Ogden is waiting.", "La Sra. Ogden ¿Está esperando.", "es", "La Sra. Ogden está esperando."),
        ("Where is Tom?", "Dónde está Tom?", "es", "¿Dónde está Tom?"),
        ("Tom, are you here?", "Tom, ¿estás aquí?", "es", "Tom, ¿estás aquí?"),
        ("«¡Ven!»", '"Come."', "en", '"Come!"'),
        # A question, an abbreviation and a sentence that goes on keep what they have.
        ("You are here.", "Tu es là ?", "fr", "Tu es là ?"),
        ("Are you here?", "Tu es là.", "fr", "Tu es là."),
        ("apples, pears etc.", "des pommes, des poires", "fr", "des pommes, des poires"),
        ("the meeting at 8", "la reunión a las 8 a.m.", "es", "la reunión a las 8 a.m."),
        ("She asked:", "Elle a demandé.", "fr", "Elle a demandé."),
        ("There are two (of 2.5 GB).", "Il y en a deux (de 2,5 GB)", "fr", "Il y en a deux (de 2,5 GB)."),
    ],
)
def test_the_mark_at_the_end_is_that_of_the_source(source: str, text: str, language: str, whole: str) -> None:
    assert with_mark_of(source, text, language=language) == whole


def test_between_german_and_english_marks_are_left_to_the_model() -> None:
    assert finished("Komm her!", "Come here.", source_language="en", language="de") == "Komm her!"
    assert finished("Come here.", "Komm her!", source_language="de", language="en") == "Come here."


@given(st.text(), st.text('.!?…¡¿ ,«»"aÉ1') | st.text(), st.sampled_from(["en", "fr", "es"]))
def test_words_stay(source: str, text: str, language: str) -> None:
    whole = with_mark_of(source, text, language=language)
    assert list(filter(str.isalnum, whole.lower())) == list(filter(str.isalnum, text.lower()))
    if language != "es":
        assert with_mark_of(source, whole, language=language) == whole


def test_a_model_of_everyday_sentences_is_not_shown_what_begins_a_line_of_a_list() -> None:
    shown: list[str] = []

    def change(text: str) -> str:
        shown.append(text)
        return text.replace("Milk", "Lait")

    abilities = replace(ABILITIES, source_language="en", target_language="fr")
    for marker in ("1.", "-", "12)", "*"):
        assert translated(f"{marker} Milk", PLAIN, change, abilities=abilities).text == f"{marker} Lait"
    assert {text for text in shown if " " in text or text.endswith(".")} == set()
