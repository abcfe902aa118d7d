"""Genitives of German names: which get an apostrophe, and that the shipped models keep the names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS

from nmt import Glossary, Translator
from nmt.translate.rules.genitive import with_apostrophes
from nmt.translate.rules.given_names import given_names
from nmt.translate.tidy import tidied


def shown(text: str) -> str:
    return with_apostrophes(tidied(text)).text


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Annas Hund und Pauls alter, Opas Auto", "Anna's Hund und Pauls alter, Opas Auto"),
        ("Ich mag Emmas kleinen Bruder.", "Ich mag Emma's kleinen Bruder."),
        ("Das sind Lenas und Pauls erste gute Freunde.", "Das sind Lena's und Paul's erste gute Freunde."),
        ("Wo ist Felix' Jacke? Lukas’ neue Jacke?", "Wo ist Felix's Jacke? Lukas's neue Jacke?"),
        ("Karl-Heinz' Büro", "Karl-Heinz's Büro"),
        ("Frau Meiers Hund ist krank.", "Frau Meier's Hund ist krank."),
        ("Das ist Herrn Peters Auto.", "Das ist Herrn Peter's Auto."),
    ],
)
def test_of_names(sentence: str, expected: str) -> None:
    assert shown(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        *("Jonas Mutter kommt, und Hannes Brot ist gut.", "Andreas Hund", "Klaus hat Hunger.", "Peters kaufte Brot."),
        *("Weil Frau Peters Zeit hat", "Frau Fuchs Hund", "Der Sankt Martins Umzug", "Toms.Hund", "Autos Hunde", "Annas."),
        *("Es gibt zwei Annas hier.", "Er sagte: 'Ich bin Felix' Anna nickte.", "Felix' jacke"),
    ],
)
def test_of_others(sentence: str) -> None:
    assert shown(sentence) == sentence


@given(st.text("AnaPuls'’ HFrßx.") | st.text())
def test_nothing_but_ends_of_names_is_changed(text: str) -> None:
    plain = tidied(text)
    full = with_apostrophes(plain)
    assert re.sub("['’s]", "", full.text) == re.sub("['’s]", "", plain.text)
    assert full.whole(0, len(full.text)) == plain.whole(0, len(plain.text))


@pytest.mark.parametrize("model", ["broad-de-en", "broad-de-en-fast"])
def test_shipped_models_keep_names_and_what_is_theirs(model: str) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    known = given_names("de")
    names = [name for name in sorted(known)[5::160] if f"{name}s" not in known and name[-1] not in "sxzß"]
    texts = [f"Das ist {name}s Auto." for name in names]
    for text, found in zip(texts, translator.translate(texts), strict=True):
        assert text.split()[2].removesuffix("s") + "'s" in found.text, found.text
        assert "car" in found.text, found.text
    terms = Glossary.parse("Pauls\tPAUL", "tsv")
    assert "PAUL" in translator.translate("Ich habe Pauls Schlüssel gefunden.", glossary=terms).text
