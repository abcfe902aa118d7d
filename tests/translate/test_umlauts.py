"""German typed without ä, ö, ü and ß."""

from __future__ import annotations

import pytest
import sentencepiece
from support.known import CHECKPOINTS

from nmt.translate.rules.umlauts import umlauts
from nmt.translate.tidy import tidied

ENCODE = sentencepiece.SentencePieceProcessor(model_file=str(CHECKPOINTS / "broad-de-en" / "tokenizer.model")).encode


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Koennen Sie mir helfen?", "Können Sie mir helfen?"),
        ("Mit freundlichen Gruessen", "Mit freundlichen Grüßen"),
        ("Wir muessen ueber die groessere Strasse.", "Wir müssen über die größere Straße."),
        ("Die neuen Schluessel fuer Israel", "Die neuen Schlüssel für Israel"),
        ("Zuerst war soeben der individuelle Kaese fuer Michael aktuell.",
         "Zuerst war soeben der individuelle Käse für Michael aktuell."),
        # A name, an address and a file stay.
        ("Herr Mueller geht ueber die Bruecke.", "Herr Mueller geht über die Brücke."),
        ("Mehr fuer dich: fuer@ueber.example, fuer.de, #fuer", "Mehr für dich: fuer@ueber.example, fuer.de, #fuer"),
    ],
)  # fmt: skip
def test_words_have_the_letters_that_were_meant(typed: str, meant: str) -> None:
    assert tidied(typed).written(umlauts(typed, ENCODE)).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "Die neue Steuer des Bauern ist teuer, die teuerste der blauen.",
        "Caesar, Goethe, Phoenix und Mueller",
        "Das ist zuerst aktuell, individuell und manuell.",
        "Poesie, Duelle, Statuen, Oboen, Quellen, Koexistenz",
        "Die Strasse ist gross.",  # as the Swiss write it
        "Über fuer steht nichts.",  # who has an Ü means what is there
    ],
)
def test_others_stay(text: str) -> None:
    assert list(umlauts(text, ENCODE)) == []


def test_more_digraphs_than_a_word_has_take_no_time() -> None:
    assert list(umlauts("ue" + "buebue" * 2000 + " fuer", ENCODE)) == [(12003, 12007, "für")]
