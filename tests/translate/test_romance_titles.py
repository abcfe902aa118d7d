"""Titles before names between English and French or Spanish: by rule, and in what the shipped models make of sentences."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, replaced

from nmt import Translator
from nmt.translate.rules.names import names
from nmt.translate.rules.romance.titles import contracted, titles


def said(sentence: str, source: str, target: str) -> str:
    """`sentence` with its titles as the other language says them."""
    people = names(sentence, language=source)
    return replaced(sentence, titles(sentence, people, source=source, target=target))


@pytest.mark.parametrize(
    ("english", "french", "spanish"),
    [
        ("Mr. Baker came.", "M. Baker came.", "El Sr. Baker came."),
        ("I met Mrs. Anna Lopez.", "I met Mme Anna Lopez.", "I met la Sra. Anna Lopez."),
        ("Miss Stone and Ms Fox", "Mlle Stone and Mme Fox", "La Srta. Stone and la Sra. Fox"),
        ("Come in, Mr. Stone.", "Come in, Monsieur Stone.", "Come in, Sr. Stone."),
        ("Mrs. Brown, help!", "Madame Brown, help!", "Sra. Brown, help!"),
        ("Dear Mr. Stone,", "Cher Monsieur Stone,", "Estimado Sr. Stone,"),
        ("Dear Ms. Stone,", "Chère Madame Stone,", "Estimada Sra. Stone,"),
        ("Dr. Stone saw Dr. Anna Fox.", "Le Dr Stone saw le Dr Anna Fox.", "El Dr. Stone saw la Dra. Anna Fox."),
        ("Dear Dr. Stone,", "Cher Docteur Stone,", "Estimado Dr. Stone,"),
        ("Help me, Dr. Stone!", "Help me, Docteur Stone!", "Help me, Dr. Stone!"),
        ("Mr. and Mrs. Stone are out.", "M. et Mme Stone are out.", "Los señores Stone are out."),
        ("Mr. President, Mr. Smith's dog", "Mr. President, Mr. Smith's dog", "Mr. President, Mr. Smith's dog"),
    ],
)
def test_of_english(english: str, french: str, spanish: str) -> None:
    assert said(english, "en", "fr") == french
    assert said(english, "en", "es") == spanish


@pytest.mark.parametrize(
    ("source", "sentence", "english"),
    [
        ("fr", "M. Boulanger et madame Petit", "Mr Boulanger et Mrs Petit"),
        ("fr", "Chère Mademoiselle Roy,", "Dear Miss Roy,"),
        ("fr", "Le Dr Moreau dort, parlez du Dr Blanc.", "Dr Moreau dort, parlez of Dr Blanc."),
        ("es", "La Dra. Ruiz y el Prof. Sanz hablan al Dr. Gil", "Dr. Ruiz y Prof. Sanz hablan to Dr. Gil"),
        ("fr", "Monsieur et Madame Roy", "Mr and Mrs Roy"),
        ("fr", "Monsieur le Maire, cher Monsieur !", "Monsieur le Maire, cher Monsieur !"),
        ("es", "El Sr. García conoce a la señora López.", "Mr García conoce a Mrs López."),
        ("es", "Estimado Sr. López:", "Dear Mr López:"),
        ("es", "la casa del señor Ortiz", "la casa del Mr Ortiz"),
        ("es", "Los señores Ruiz", "Mr and Mrs Ruiz"),
    ],
)
def test_into_english(source: str, sentence: str, english: str) -> None:
    assert said(sentence, source, "en") == english


@pytest.mark.parametrize(("source", "target"), [("en", "de"), ("de", "en"), ("fr", "es"), ("en", "en")])
def test_other_languages_have_none(source: str, target: str) -> None:
    assert said("Mr. Stone, Herr Stein, M. Petit, Sr. Ruiz", source, target) == "Mr. Stone, Herr Stein, M. Petit, Sr. Ruiz"


def test_del_al_du_and_au() -> None:
    assert contracted("le fils de le Dr Roy parle à le Dr Roy", language="fr") == "le fils du Dr Roy parle au Dr Roy"
    assert contracted("le train de Le Caire à Le Caire", language="fr") == "le train du Caire au Caire"
    assert contracted("à el Sr. Ruiz", language="en") == "à el Sr. Ruiz"
    assert contracted("de el Reino Unido", language="es") == "del Reino Unido"
    assert contracted("la casa de el Sr. Ruiz", language="es") == "la casa del Sr. Ruiz"
    assert contracted("Vi a el Sr. Ruiz en el mar", language="es") == "Vi al Sr. Ruiz en el mar"


@pytest.mark.parametrize(
    ("pair", "frames", "expected"),
    [
        (
            "en-fr",
            ("Mr. {} bought a house.", "We talked to Ms. {}.", "Dear Mr. {},"),
            ("M. {}", "Mme {}", "Cher Monsieur {},"),
        ),
        (
            "en-es",
            ("Mr. {} bought a house.", "We talked to Ms. {}.", "Dear Mr. {},"),
            ("El Sr. {}", "la Sra. {}", "Estimado Sr. {},"),
        ),
        ("fr-en", ("M. {} est médecin.", "Je connais Mme {}.", "Cher Monsieur {},"), ("Mr {} ", "Mrs {}", "Dear Mr {},")),
        (
            "es-en",
            ("El Sr. {} es médico.", "Conozco a la Sra. {}.", "Estimado Sr. {},"),
            ("Mr {} ", "Mrs {}", "Dear Mr {},"),
        ),
    ],
)
def test_shipped_models_keep_titles_and_names(pair: str, frames: tuple[str, ...], expected: tuple[str, ...]) -> None:
    translator = Translator.load(CHECKPOINTS / f"everyday-{pair}", device="cpu", threads=1)
    for name in ("Delacroix", "Stone", "Quiroga", "Abernathy", "Benoît", "Núñez"):
        translations = translator.translate([frame.format(name) for frame in frames])
        for found, own in zip(translations, expected, strict=True):
            assert own.format(name) in found.text
