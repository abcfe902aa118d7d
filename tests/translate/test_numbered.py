"""Nouns with a number behind them: Room 312, Gleis 7."""

from __future__ import annotations

import pytest
from support.known import assert_said, said

from nmt.translate.protect import mask
from nmt.translate.result import Hypothesis
from nmt.translate.rules.numbered import numbered
from nmt.translate.tidy import tidied


@pytest.mark.parametrize(
    ("source", "sentence", "found"),
    [
        ("en", "Room 312, see pages 12–15.", [("Room 312", "Raum 312"), ("pages 12–15", "Seiten 12–15")]),
        ("en", "Appendix B, Gate B14", [("Appendix B", "Anhang B"), ("Gate B14", "Gate B14")]),
        ("en", "Line U6; line 20 is wrong", [("Line U6", "Linie U6"), ("line 20", "Zeile 20")]),
        ("en", "Chapter IV of Volume II", [("Chapter IV", "Kapitel IV"), ("Volume II", "Band II")]),
        ("en", "Version 3.2, section 2.1.", [("Version 3.2", "Version 3.2"), ("section 2.1", "Abschnitt 2.1")]),
        ("de", "Gleis 7, Linie U6, Bus 42", [("Gleis 7", "Platform 7"), ("Linie U6", "Line U6"), ("Bus 42", "Bus 42")]),
        ("de", "Die Seiten 12-15 in Raum 3a.", [("Seiten 12-15", "pages 12-15"), ("Raum 3a", "Room 3a")]),
        # The number counts what follows it, or is a measure.
        ("en", "the room 5 minutes later, on page 20 percent, the box 3 times, the bus 42 people took, size 20%", []),
        ("en", "the class I like, room A's door, a classroom 5, page 1/2, page 3:15, day 3rd", []),
        ("de", "im Raum 5 Minuten lang, auf der Seite 20 Prozent, pro Gruppe 20 €, Klasse 30 Kinder", []),
        ("fr", "la page 5", []),
    ],
)
def test_what_has_a_number_behind_it(source: str, sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence, source, "de" if source == "en" else "en") == found


@pytest.mark.parametrize(
    ("source", "sentence", "translation", "corrected", "kept"),
    [
        ("en", "We met in Room 14.", "Wir trafen uns in Room 14.", "Wir trafen uns in Raum 14.", True),
        ("en", "We met in Room 14.", "Wir trafen uns im Zimmer 14.", "Wir trafen uns im Zimmer 14.", True),
        ("en", "Question 6 is hard.", "Anfrage 6 ist schwer.", "Anfrage 6 ist schwer.", False),
        ("en", "Pages 2–4 are red.", "Die Seiten 2–4 sind rot.", "Die Seiten 2–4 sind rot.", True),
        ("de", "Er ist auf Gleis 9.", "It is on Gleis 9.", "It is on Platform 9.", True),
        ("de", "Er ist auf Gleis 9.", "It is on track 9.", "It is on track 9.", True),
        ("de", "Er ist auf Gleis 9.", "It is on rails 9.", "It is on rails 9.", False),
    ],
)
def test_it_is_looked_for_and_put_right(source: str, sentence: str, translation: str, corrected: str, kept: bool) -> None:
    spans = list(numbered(sentence, source=source, target="de" if source == "en" else "en"))
    shown = mask(tidied(sentence), sentence, spans, lambda _: True, soft=False)
    assert shown is not None
    assert shown.text == sentence  # it is hidden only where it was lost
    made = Hypothesis(text=translation, score=0.0, log_probability=0.0, tokens=(), attention=())
    assert shown.corrected(made).text == corrected
    assert shown.keeps(corrected) is kept


def test_models_have_it() -> None:
    assert_said("broad-en-de", ["We met in {}.", "{} is closed."], [("Room 312", "Raum 312"), ("Building 9", "Gebäude 9")])
    assert_said("broad-de-en", ["Der Zug fährt von {}.", "{} ist gesperrt."], [("Gleis 7", "Platform 7")])
