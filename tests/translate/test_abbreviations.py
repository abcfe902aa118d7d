"""Abbreviations written out: what a model is shown, and where it stood in the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS

from nmt import Glossary, Translator
from nmt.text.boundaries import sentence_ends
from nmt.translate.rules.abbreviations import _FULL, _UNITS, written_out
from nmt.translate.tidy import tidied


def shown(text: str, language: str) -> str:
    return written_out(tidied(text), language=language).text


@pytest.mark.parametrize(
    ("language", "text", "full"),
    [
        (
            "de",
            "Etwa 2 Mio. Euro, 1 Mio. Euro und 1,1 Mrd. Euro",
            "Etwa 2 Millionen Euro, 1 Million Euro und 1,1 Milliarden Euro",
        ),
        ("de", "Das dauert 3 Std.", "Das dauert 3 Stunden."),
        ("de", "Das XIX. Jahrhundert, im IX. Jh., X. Stock", "Das 19. Jahrhundert, im 9. Jahrhundert, X. Stock"),
        ("de", "Der I. Weltkrieg und der des II. Weltkriegs", "Der Erste Weltkrieg und der des Zweiten Weltkriegs"),
        (
            "en",
            "XIVth century, the XXI century, XL century, World War I",
            "14th century, the 21st century, XL century, World War I",
        ),
        ("en", "$4.5m, £3mn, €2 bn, $5 men, 100m, $3mm", "$4.5 million, £3 million, €2 billion, $5 men, 100m, $3mm"),
        ("de", "20 Std./Woche, 200 km/Std., 5 €/Std.", "20 Stunden/Woche, 200 km/h, 5 €/Std."),
        ("de", "Di: geschlossen, So: das ist es", "Dienstag: geschlossen, So: das ist es"),
        ("en", "Tue: closed, Sun: a star", "Tuesday: closed, Sun: a star"),
        ("de", "Pos. 3: Gr. 42, ab 12 J.", "Position 3: Größe 42, ab 12 Jahre."),
        ("de", "Nach 3 h, 180 km/h, h und 5 s.", "Nach 3 Stunden, 180 km/h, h und 5 Sekunden."),
        ("de", "Dauert es 3 Std.?", "Dauert es 3 Stunden?"),
        ("de", "Dauert es (3 Std.)", "Dauert es (3 Stunden.)"),
        ("de", "Ggf. gilt Abs. 2 i. d. R. nicht.", "Gegebenenfalls gilt Absatz 2 in der Regel nicht."),
        ("de", "u.a. der Preis inkl. MwSt.", "unter anderem der Preis inklusive MwSt."),
        ("de", "Das ist Max. M. E. Müller", "Das ist Max. M. E. Müller"),
        ("de", "Max. 5 Leute, S. 5, Abs. a", "Maximal 5 Leute, Seite 5, Abs. a"),
        ("de", "datei.inkl.txt, a@lt.de, inkl.x, Min. und Std.", "datei.inkl.txt, a@lt.de, inkl.x, Min. und Std."),
        (
            "de",
            "Hr. Lindner, Fr. Dr. Lang und Hrn. Vogt: Kd.-Nr. 4, Art.-Nr. 5, Bestell-Nr.: 6",
            "Herr Lindner, Frau Dr. Lang und Herrn Vogt: Kundennummer 4, Artikelnummer 5, Bestellnummer: 6",
        ),
        ("de", "Am Fr. Abend, Fr. Mai, Fr. 20 und Fr., 3. Mai", "Am Fr. Abend, Fr. Mai, Fr. 20 und Freitag, 3. Mai"),
        ("de", "Bad u. WC, rot u. blau, u. a. S., A u. B", "Bad und WC, rot und blau, unter anderem S., A u. B"),
        ("de", "Im 2. OG, im UG, die Firma X UG, 3. OG", "Im 2. Stockwerk, im Untergeschoss, die Firma X UG, 3. OG"),
        (
            "en",
            "40 hrs/week at $900/mo. w/ or w/o a dog, km/hr",
            "40 hours/week at $900 per month with or without a dog, km/hr",
        ),
        (
            "en",
            "w/ milk, Acct. no. 5, temp. of the rm. is low",
            "with milk, Account number 5, temperature of the room is low",
        ),
        ("en", "He weighs 180 lbs and is 6 ft tall.", "He weighs 180 pounds and is 6 feet tall."),
        ("en", "1 hr, 21 hrs, 5 mins, 1 yr.", "1 hour, 21 hours, 5 minutes, 1 year."),
        ("en", "Approx. 5 in apt. 4B, ASAP", "Approximately 5 in apartment 4B, as soon as possible"),
        ("en", "$75k, €1.2M, £3bn, a 4k screen, 5M", "$75,000, €1.2 million, £3 billion, a 4k screen, 5M"),
        ("en", "lbs, the min, p. and ft.", "lbs, the min, p. and ft."),
        (
            "en",
            "On Thu, 14 March, Sat. Jan. 5 and Sun 10:30 or 9 am",
            "On Thursday, 14 March, Saturday Jan. 5 and Sunday 10:30 or 9 am",
        ),
        ("de", "Am Do., 14. März, So, 3.6. und Mo 9–12 Uhr", "Am Donnerstag, 14. März, Sonntag, 3.6. und Montag 9–12 Uhr"),
        ("de", "So 5 Leute, Mo–Fr 9 Uhr, Mi casa", "So 5 Leute, Mo–Fr 9 Uhr, Mi casa"),
        ("en", "I sat, Sun 5 people, Mon–Fri 9:00", "I sat, Sun 5 people, Mon–Fri 9:00"),
        ("fr", "2 Mio. et 5 lbs", "2 Mio. et 5 lbs"),
    ],
)
def test_texts(language: str, text: str, full: str) -> None:
    assert shown(text, language) == full


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_one_is_written_out_within_a_sentence_which_it_does_not_end(language: str) -> None:
    for word, full in {**_FULL[language], **{unit: several for unit, (_, several) in _UNITS[language].items()}}.items():
        text = f"So 5 {word} 7 x"
        assert shown(text, language) == f"So 5 {full} 7 x", word
        assert sentence_ends(text, language) == [len(text)], word


@given(st.text("inkl.Mo 5SdRzT\u00ad\u00a0") | st.text(), st.sampled_from(["de", "en"]))
def test_every_part_is_found_in_the_source(text: str, language: str) -> None:
    plain = tidied(text)
    full = written_out(plain, language=language)
    assert full.source == plain.source
    if full is not plain:
        assert full.offsets is not None
        assert len(full.offsets) == len(full.text) + 1
        assert list(full.offsets) == sorted(full.offsets)
        assert full.whole(0, len(full.text)) == plain.whole(0, len(plain.text))
        for place, character in enumerate(full.text):
            assert full.original(place, place + 1)[:1] in plain.source
            assert character


def test_what_follows_is_where_it_was() -> None:
    full = written_out(tidied("Etwa\u00a02 Mio. Euro, d. h. 3 Std. am Do., 4. Mai"), language="de")
    for shown, own in {
        "Millionen": "Mio.",
        "Euro": "Euro",
        "d. h.": "d. h.",
        "Stunden": "Std.",
        "Donnerstag": "Do.",
        "Mai": "Mai",
    }.items():
        start = full.text.index(shown)
        assert full.original(start, start + len(shown)) == own


def test_a_term_of_a_glossary_stays_and_a_text_that_stays_is_as_it_was() -> None:
    translator = Translator.load(CHECKPOINTS / "broad-de-en-fast", device="cpu", threads=1)
    terms = Glossary.parse("MwSt.\tVAT", "tsv")
    assert "VAT" in translator.translate("Der Preis enthält 19 % MwSt. und mehr.", glossary=terms).text
    assert translator.translate("Das dauert 3 Std. und 20 Min.").text.lower().count("hours") == 1
