"""Names of people between English and French or Spanish, and what shipped models make of what the rules find."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS

from nmt import Translator
from nmt.translate.rules.known import find_known


def shown(sentence: str, source: str, target: str) -> dict[str, str | None]:
    found = find_known(sentence, source=source, target=target)
    return {sentence[one.start : one.end]: one.shown and one.shown.text for one in found if one.soft}


def test_a_person_is_shown_as_one_whom_models_know() -> None:
    assert shown("Álvaro llamó a Lucía.", "es", "en") == {"Álvaro": "Tom", "Lucía": "Mary"}
    assert shown("Tom et Guillaume", "fr", "en") == {"Tom": "Mary", "Guillaume": None}
    assert shown("Kevin's car and my dad's", "en", "fr") == {"Kevin": "Tom"}
    assert shown("Is Jack here, and is it Jack?", "en", "fr") == {"Jack": "Tom"}
    assert shown("Kevin's car", "en", "de") == {}


# Each sentence with what its translation has.
_SAID = {
    "en-fr": {
        "We live on the 2nd floor.": "2e étage",
        "Lisbon is the capital of Portugal.": "Lisbonne est la capitale du Portugal",
        "Dr. Wilson is here.": "Le Dr Wilson",
        "Note: the shop is closed.": "Remarque\u00a0: le magasin",
        "I bought milk, bread, etc.": ", etc.",
        "I like Brian's new car.": "Brian",
        "Hello {name}, how are you?": "Bonjour {name}, comment",
    },
    "en-es": {
        "We live on the 2nd floor.": "2.º piso",
        "Warsaw is the capital of Poland.": "Varsovia es la capital de Polonia",
        "I talked to Dr. Brown.": "el Dr. Brown",
        "Warning: the floor is wet.": "Advertencia: el",
        "Hello Anna, how are you?": "Hola Anna, ¿cómo",
    },
    "fr-en": {
        "Nous habitons au 2e étage.": "2nd floor",
        "À quelle heure ?": "What time?",
        "OÙ EST LA GARE ?": "THE STATION?",
        "Ma tante vit aux Pays-Bas.": "the Netherlands",
        "Guillaume a vu Amélie.": "Guillaume saw Amélie",
        "Bonjour Tom, comment vas-tu ?": "Hello Tom, how",
        "Elle est née le 1er juin.": "1 June",
    },
    "es-en": {
        "Vivimos en el 2.º piso.": "2nd floor",
        "La Dra. Campos está aquí.": "Dr. Campos is here",
        "—Hola —dijo el niño.": '"Hello," the boy said.',
        "—No lo creo.": '"I don',
        "LOS NIÑOS JUEGAN EN EL JARDÍN.": "CHILDREN PLAY",
        "Ábrelo.": "Open it.",
        "¿Has visto a Ignacio?": "seen Ignacio?",
        "Ud. es muy amable.": "kind.",
    },
}


@pytest.mark.parametrize("pair", _SAID)
def test_what_shipped_models_say(pair: str) -> None:
    translator = Translator.load(CHECKPOINTS / f"everyday-{pair}", device="cpu", threads=1)
    for found, (sentence, expected) in zip(translator.translate([*_SAID[pair]]), _SAID[pair].items(), strict=True):
        assert expected in found.text, (sentence, found.text)
