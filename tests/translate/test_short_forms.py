"""Short forms of days and numbers, and ordinals of rulers."""

from __future__ import annotations

import pytest
from support.known import said

from nmt.translate.rules.abbreviations import written_out
from nmt.translate.tidy import tidied

DAYS = list(zip("Mon Tue Wed Thu Fri Sat Sun".split(), "Mo Di Mi Do Fr Sa So".split(), strict=True))  # noqa: SIM905


def test_every_two_days() -> None:
    for first, erster in DAYS:
        for second, zweiter in DAYS:
            for join, verbindung in {
                "–": "–",
                "-": "-",
                ", ": ", ",
                " & ": " & ",
                " to ": " bis ",
                " and ": " und ",
            }.items():
                english, german = f"{first}{join}{second}", f"{erster}{verbindung}{zweiter}"
                assert said(f"Open {english} only.") == [(english, german)]
                assert said(f"Nur {german} geöffnet.", "de", "en") == [(german, english)]
                # Before a time they are not written out, as one day is: all of a list have one form.
                assert written_out(tidied(f"{german} 8–12 Uhr"), language="de").text == f"{german} 8–12 Uhr"
                assert written_out(tidied(f"{english} 8–12"), language="en").text == f"{english} 8–12"


@pytest.mark.parametrize(
    ("source", "sentence", "forms"),
    [
        ("en", "Mon., Tues. and Thurs. are free.", [("Mon., Tues. and Thurs.", "Mo, Di und Do")]),
        ("en", "Closed on Sat & Sun.", [("Sat & Sun", "Sa & So")]),  # the full stop is the sentence's
        ("en", "The Sun is a star, I sat, Fri sat. Mon 5 people", []),
        ("de", "So ist es. Mi casa, di, So 5 Leute", []),
        ("de", "Mo. u. Mi sowie Sa u. So", [("Mo. u. Mi", "Mon and Wed"), ("Sa u. So", "Sat and Sun")]),
        ("de", "Mo, Mi und Fr: Training", [("Mo, Mi und Fr", "Mon, Wed and Fri")]),
        ("en", "2 tsp of salt, ½ tablespoon oil", [("tsp", "Teelöffel"), ("tablespoon", "Esslöffel")]),
        ("en", "Tea and/or coffee, and/or/else", [("and/or", "und/oder")]),
        ("de", "Tee und/oder Kaffee", [("und/oder", "and/or")]),
        ("en", "900 sq ft, 8 in, 3 in deep, 1 inch", [("sq ft", "Quadratfuß"), ("in", "Zoll"), ("inch", "Zoll")]),
        ("en", "3 in. thick, 12 oz of cheese, 1 oz", [("in.", "Zoll"), ("oz of", "Unzen"), ("oz", "Unze")]),
        ("en", "5 in the car, 1 in the rain, the ounce", []),
        ("de", "2 EL Öl, 1 TL Salz, 65 qm", [("EL", "tbsp"), ("TL", "tsp"), ("qm", "m²")]),
        ("de", "Die EL, der TL, qm", []),
        ("en", "The capital, i.e. Berlin, England vs. Spain", [("i.e.", "d. h."), ("vs.", "gegen")]),
        ("en", "See no. 5 and No. 7b.", [("no. 5", "Nr. 5"), ("No. 7b", "Nr. 7b")]),
        ("en", "Order no. 4711-0815 is here. No. I said no.", [("no. 4711-0815", "Nr. 4711-0815")]),
        (
            "de",
            "Bei 47° 25′ N, 10° 59' 3\" O, 20 °C, 5° Ost",
            [("47° 25′ N", "47° 25′ N"), ("10° 59' 3\" O", "10° 59' 3\" E")],
        ),
        ("en", "At 10.5° E, 3° E5, °E", [("10.5° E", "10.5° O")]),
        ("de", "Koch (m/w/d), Arzt (w/m), (a/w/m), m/w", [("m/w/d", "m/f/d"), ("w/m", "f/m")]),
        ("en", "Nurse (f/m/x), (m/s)", [("f/m/x", "w/m/x")]),
        ("de", "Ludwig XIV. war da, Papst Paul II. auch.", [("XIV.", "XIV"), ("II.", "II")]),
        ("de", "Das XIX. Jahrhundert, Kapitel IV. Dann", [("Kapitel IV", "Chapter IV")]),
    ],
)
def test_short_forms(source: str, sentence: str, forms: list[tuple[str, str]]) -> None:
    assert said(sentence, source, "de" if source == "en" else "en") == forms


def test_value_added_tax_and_other_short_forms_have_their_own() -> None:
    assert said("Alle Preise inkl. 19 % MwSt.", "de", "en") == [("MwSt", "VAT")]
    assert said("Die USt. und die Mehrwertsteuer des Vereins e. V. gilt", "de", "en") == [
        *[("USt.", "VAT"), ("Mehrwertsteuer", "VAT"), ("e. V.", "e. V.")]
    ]
    assert said("VAT no. 5, incl. VAT, Qty: 4, est. 1954") == [
        *[("VAT no.", "USt-IdNr."), ("incl.", "inkl."), ("VAT", "MwSt."), ("Qty", "Menge"), ("est.", "gegründet")]
    ]
    assert said("Mon. through Fri.") == [("Mon. through Fri", "Mo bis Fr")]
    assert said("VAT no.") == [("VAT no", "USt-IdNr")]
    assert said("Die USt-IdNr.: DE12, USt-Satz", "de", "en") == [("USt-IdNr.", "VAT no.")]
    assert said("est. 20 people, a VATER, PRIVATE, e.V.x, vol. a") == []


def test_a_refusal_is_no_number() -> None:
    assert said("The answer is no. 5 people came.") == []
    assert said("He said no. 5 came.") == []
    assert said("Our house is no. 5, see no. 7 there") == [("no. 5", "Nr. 5"), ("no. 7", "Nr. 7")]
