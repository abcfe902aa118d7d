"""Forms for all genders: the shorter ones that a model is shown, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.rules.gender import usual_forms
from nmt.translate.tidy import tidied


def shown(text: str) -> str:
    return tidied(text).written(usual_forms(text)).text


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("Liebe Kolleg*innen, Schüler:innen und MieterInnen", "Liebe Kollegen, Schüler und Mieter"),
        ("Teilnehmer_innen, Bewerber/-innen, Verkäufer/innen", "Teilnehmer, Bewerber, Verkäufer"),
        ("Ärzt*innen, Zahnärzt:innen, Bäuer*innen, Erbauer:innen", "Ärzte, Zahnärzte, Bauern, Erbauer"),
        ("Ein/e Mitarbeiter/in, jede/r Schüler:in, keine:n", "Ein Mitarbeiter, jeder Schüler, keinen"),
        ("Der/die Student*in, die/der Autor/in", "Der Student, der Autor"),
        ("Wir suchen eine/n Koch/Köchin.", "Wir suchen einen Koch."),
        ("Fragen Sie Ihren Arzt/Ihre Ärztin, den Kollegen", "Fragen Sie Ihren Arzt, den Kollegen"),
    ],
)
def test_forms_for_all(text: str, usual: str) -> None:
    assert shown(text) == usual


@pytest.mark.parametrize(
    "text",
    [
        "LinkedIn, user_in, log_innen, Außen/innen, drinnen und draußen, Kolleginnen und Köchin",
        "Er/sie kam: in Berlin, Foto_innen.jpg, Haus/Wohnung, Hund/Katze, der Berg/Hügel in, Schüler: innen",
        "und/oder, die/das, a*b, Vater/Mutter, Mein/Dein, Turin/Berlin, der Zug Wien/Berlin, Herr/Frau",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert shown(text) == text


@given(
    st.lists(st.sampled_from(["Kolleg", "*", "innen", "/", "in", "Ein", "e", " ", "Koch", "Köchin", ":", "In"])).map("".join)
)
def test_offsets_are_those_of_the_source(text: str) -> None:
    full = tidied(text).written(usual_forms(text))
    if full.offsets is not None:
        assert len(full.offsets) == len(full.text) + 1
        assert list(full.offsets) == sorted(full.offsets)
