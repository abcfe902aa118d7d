"""Names of places between English and French or Spanish."""

from __future__ import annotations

import re

import pytest
from support.known import replaced

from nmt.translate.rules.romance.places import elided, romance_places


def said(sentence: str, source: str, target: str) -> str:
    return replaced(sentence, romance_places(sentence, source=source, target=target))


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("Lisbon and Warsaw", "Lisbonne and Varsovie", "Lisboa and Varsovia"),
        ("in the Netherlands", "in Pays-Bas", "in los Países Bajos"),
        ("The UK is far", "Royaume-Uni is far", "El Reino Unido is far"),
        ("Poland's sea", "Pologne's sea", "Polonia's sea"),
        ("South Korea, North Korea", "Corée du Sud, Corée du Nord", "Corea del Sur, Corea del Norte"),
    ],
)
def test_into_french_and_spanish(english: str, french: str, spanish: str) -> None:
    assert said(english, "en", "fr") == french
    assert said(english, "en", "es") == spanish


def test_into_english() -> None:
    assert said("De l'Allemagne aux Pays-Bas", "fr", "en") == "De l'Germany aux the Netherlands"
    assert said("Los Países Bajos y el Reino Unido", "es", "en") == "The Netherlands y the United Kingdom"


@pytest.mark.parametrize("text", ["the New York Times", "East Berlin", "Parisian", "London-based", "tell us", "paris"])
def test_other_names_are_left_alone(text: str) -> None:
    assert said(text, "en", "fr") == text


def test_a_translation_has_the_name_with_what_goes_with_it() -> None:
    [portugal] = romance_places("He left Portugal.", source="en", target="fr")
    for right in ("Il a quitté le Portugal.", "au Portugal", "du Portugal", "Portugal"):
        assert re.search(portugal.kept, right), right
    for wrong in ("de Portugal", "en Portugal", "Portugais", "la Portugal"):
        assert not re.search(portugal.kept, wrong), wrong
    [prague] = romance_places("Prague is old.", source="fr", target="en")
    assert not re.search(prague.kept, "The Prague is old.")


def test_a_place_is_shown_as_one_that_french_says_with_the_same_words() -> None:
    def shown(sentence: str, source: str, target: str) -> list[str]:
        return [span.shown.text if span.shown else "" for span in romance_places(sentence, source=source, target=target)]

    assert shown("Portugal, Poland, Hungary, Ireland", "en", "fr") == ["Japan", "France", "China", "Italy"]
    assert shown("from Japan to Peru", "en", "fr") == ["Canada", "Brazil"], "none that is in the sentence"
    assert shown("Varsovia y Polonia", "es", "en") == ["Londres", "Japón"]


def test_de_before_the_name_of_a_city_or_a_person_with_a_vowel() -> None:
    assert elided("le train de Athènes et de Anvers") == "le train d'Athènes et d'Anvers"
    assert elided("la ville de Paris") == "la ville de Paris"
    assert elided("le livre de Anna, de Paul et de Arbre") == "le livre d'Anna, de Paul et de Arbre"
