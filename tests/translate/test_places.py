"""Towns and English streets."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS

from nmt import Translator
from nmt.translate.rules.places import places


@pytest.mark.parametrize(
    ("source", "sentence", "found"),
    [
        ("en", "From Boston to Leeds and back in Belfast.", ["Boston", "Leeds", "Belfast"]),
        ("en", "He lives at 231 Fifth Avenue, I at 14b Baker Street and 5 N. 42nd St.", [
            "231 Fifth Avenue", "14b Baker Street", "5 N. 42nd St."]),
        ("de", "Sie fährt von Dortmund nach Glasgow.", ["Dortmund", "Glasgow"]),
        # A part of another name, or what has another form there.
        ("en", "in Boston Harbor, the Berlin Wall, in London-based firms, 20 Main Streets", []),
        ("en", "The mayor of Berlin's park, in Munich, to york", []),
        ("de", "Sie isst in Essen, in Frankfurt am Main, Dresdner in Berlin-Mitte, die Stuttgarter, in Konstanz", []),
        ("fr", "Il habite à Belfast", []),
    ],
)  # fmt: skip
def test_towns_and_streets(source: str, sentence: str, found: list[str]) -> None:
    spans = places(sentence, source=source, target="de" if source == "en" else "en")
    assert [sentence[span.start : span.end] for span in spans] == found
    assert all(span.soft for span in places(sentence, source=source, target="en"))


@pytest.mark.parametrize(
    ("model", "frame"), [("broad-de-en", "Der Zug nach {} fährt gleich ab."), ("broad-en-de", "She lives in {}.")]
)
def test_models_keep_towns(model: str, frame: str) -> None:
    towns = ["Belfast", "Glasgow", "Southampton", "Bregenz", "Seoul", "Dortmund"]
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    for town, found in zip(towns, translator.translate([frame.format(town) for town in towns]), strict=True):
        assert town in found.text
