"""Spans that are no language, kind by kind, and ordinary sentences without any."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.spans import Characters, Span, between, characters_of, find_spans, numbers_of

KNOWN = Characters(frozenset(map(chr, range(32, 127))) | frozenset("äöüßÄÖÜ„“–—…"), frozenset("éč"))
HARD = r"""
{name} {{x.y}} {} {0} ${id} #{id} %{id} {user_name} %s %d %1$s %5.2f %(name)s %% %@ %1 %NAME% :name @user #tag
$t(key) $HOME $user.name [[x]] *|FNAME|* ##x## @@x@@ <b> </b> <br/> <0> </0> <0/> <a_href="x"> <!--x--> &nbsp;
&#8364; https://example.com/a?b=c#d www.example.com max@example.com example.org/x mailto:a@b.de ftp://x.de/y
/usr/local/bin ~/x ./build ../data/ C:\Windows\x \\server\share src/main.py README.md data.tar.gz `code`
--verbose --a-b=c -x a::b std::vector print() os.path.join() max_length __NAME__ getUserName 0b1010 0o17
DE89370400440532013000 550e8400-e29b-41d4-a716-446655440000 0xFF a1b2c3d4e5 00:1B:44:11:3A:B7
fe80::1ff:fe23:4567:890a 192.168.0.1 10.0.0.1:8080 v1.2.3 2.0.1-rc1 2024-05-01T10:00:00Z Łódź 😀 👍🏽 👨‍👩‍👧 → ☕
H₂O § ½ Москва 東京 \n \ref{x} $x^2$
""".split()  # noqa: SIM905


def texts(sentence: str, *, soft: bool = False) -> list[str]:
    return [sentence[span.start : span.end] for span in find_spans(sentence, KNOWN) if span.soft is soft]


@pytest.mark.parametrize("span", [span.replace("_href", " href") for span in HARD])
def test_a_span_is_found_whole_wherever_it_stands(span: str) -> None:
    for sentence in (
        f"Bitte {span} öffnen.",
        f"{span} ist da.",
        f"Das ist {span}",
        f"Das ist {span}, nicht wahr?",
        f"({span})",
    ):
        assert texts(sentence) == [span], sentence


@pytest.mark.parametrize(
    ("sentence", "spans"),
    [
        ("Das kostet 5 € oder £5.", ["5 €", "£5"]),
        ("Bei 20 °C ist es warm.", ["20 °C"]),
        ("Es sind -5 °C, +3 °C, –1.249,90 € und -£20.", ["-5 °C", "+3 °C", "–1.249,90 €", "-£20"]),
        ("(-5 €), „-7 €“, < 5 € und ~80 €", ["-5 €", "-7 €", "< 5 €", "~80 €"]),
        ("Zwei - 5 € - von A-5 € und 3 € - 4 €", ["5 €", "5 €", "3 €", "4 €"]),
        ("Der Preis ist 5,- € oder 10-15 €, also €10–€15.", ["5,- €", "10-15 €", "€10–€15"]),
        ('Ein 13,3" Bildschirm', ['13,3"']),
        ('Die "Version 5" und "2"', []),
        ("Setze form.isRequired und btn-primary_large, nicht user.first_name.",
         ["form.isRequired", "btn-primary_large", "user.first_name"]),
        ("menu.file.open", ["menu.file.open"]),
        ("Die max_len-Angabe", ["max_len"]),
        ("Hallo {vorname} {nachname}!", ["{vorname} {nachname}"]),
        ("Danke👍 sehr", ["👍"]),
        ("Na gut :-/ und :( oder ;), xD ^^ <3", [":-/", ":(", ";)", "xD ^^ <3"]),
        ("(siehe unten :) 8) a:) Kinder <3 Jahre, 2 :3 =1", []),
        ("Hallo {{ name }}!", ["{{ name }}"]),
        ("<b>OK</b>", ["<b>", "</b>"]),
        ("Siehe https://example.com/a_(b).", ["https://example.com/a_(b)"]),
        ("DE89 3704 0044 0532 0130 00 ist die IBAN.", ["DE89 3704 0044 0532 0130 00"]),
        ("Der CO₂-Ausstoß, H₂SO₄ und x₂-fach, Al₂O₃", ["CO₂", "H₂SO₄", "x₂-fach", "Al₂O₃"]),
        ("BIC: COBADEFFXXX, SWIFT NWBKGB2L, AUTOBAHN", ["COBADEFFXXX", "NWBKGB2L"]),
        ("Ruf 0170 1234567 an.", ["0170 1234567"]),
        ("Call 600 12 34 56 or 1-800-555-0111, (212) 555-0187.", ["600 12 34 56", "1-800-555-0111", "(212) 555-0187"]),
        ("Card 4970 1234 5678 9010, code BX-4471-Z.", ["4970 1234 5678 9010", "BX-4471-Z"]),
        ("Not 645 781 290, 2024-05-12, 12-10-2024, 2019-2020 or COVID-19.", []),
        ("Der Wert ist 1e-9 oder 2.5E10.", ["1e-9", "2.5E10"]),
        ("[1;31m", ["[1;31m"]),
        ("[1;31mrot", ["[1;31m"]),
        ("[5m] Abstand", []),
        ("*** Das Haus ***", ["***", "***"]),
        ("Summe ______ EUR, am __/__/____ und ---- oder _ _ _ _ _", ["______", "__/__/____", "----", "_ _ _ _ _"]),
        ("Nun... ja -- nein... und **fett**, Nein!!!! Was???? __init__ ist #1", ["__init__"]),
        ('[vc_row][vc_column width="1/2"]Haus[/vc_column][/vc_row]',
         ['[vc_row][vc_column width="1/2"]', "[/vc_column][/vc_row]"]),
        ("[quote author=Bob]Haus[/quote]", ["[quote author=Bob]", "[/quote]"]),
        ("Ein [spalte]Haus[/spalte]", ["[spalte]", "[/spalte]"]),
        ("[spalte]Haus. Hof.", ["[spalte]"]),
        ('Hier: [contact-form-7 id="5" title="Haus und Hof"]', ['[contact-form-7 id="5" title="Haus und Hof"]']),
        ('[gallery ids="1,2" columns=“3” /] und [quote="Bob B., post: 5"]',
         ['[gallery ids="1,2" columns=“3” /]', '[quote="Bob B., post: 5"]']),
    ],
)  # fmt: skip
def test_what_belongs_together_is_one_span(sentence: str, spans: list[str]) -> None:
    assert texts(sentence) == spans


@pytest.mark.parametrize(
    "sentence",
    [
        "Der Hund schläft – im Garten.",
        "Das ist z. B. so, d. h. und/oder 50 % der Leute.",
        "Well, that's it: don't worry; it's 100% fine (really)!",
        "Süd- und Nordsee, Vor- und Nachteile",
        "Was ist das?Das ist gut.",
        "das geht.dann ist es gut.ja",
        "i.d.r",
        "eine mbH.und so",
        "Er sagte: „Nein!“ und ging.",
        "100 km/h, 3 x 4, a = b, R&B, AT&T, C++",
        "He/she and/or they",
        "Das [sic] ist [1] ein [Note: alter] Hund [he said] und [...] wählbar [optional].",
        "[T]he [un]usual [oben] x [a, b] = [a=5] [Haus] [Hof]",
    ],
)
def test_ordinary_text_has_no_hard_span(sentence: str) -> None:
    assert texts(sentence) == []


def test_numbers_and_names_with_digits_are_soft_spans() -> None:
    assert texts("Haus ......... 7, Hof.....9, Kapitel . . . . 3 und so.... ja", soft=True) == [
        *(".........", "7", ".....", "9", "3")
    ]
    assert texts("Am 19. März 2024 um 14:30 kamen 1.234,56 von B2B und A4.", soft=True) == [
        *("19", "2024", "14:30", "1.234,56", "B2B", "A4")
    ]
    assert texts("Die MP3-Dateien der 25-Jährigen", soft=True) == ["MP3", "25"]


def test_a_word_with_a_seldom_letter_is_a_soft_span_and_one_with_an_unknown_letter_a_hard_one() -> None:
    assert texts("Im Café von Ivančić ist es schön.", soft=True) == ["Café"]
    assert texts("Im Café von Ivančić ist es schön.") == ["Ivančić"]


def test_numbers_with_other_separators_are_the_same() -> None:
    assert numbers_of("1.234,5") == numbers_of("1,234.5") != numbers_of("12345")


def test_signs_that_are_no_punctuation_of_sentences_are_rare_even_where_a_vocabulary_has_them() -> None:
    known = characters_of(["▁a", "•", "…", "†", "<0x00>"])
    assert {"•", "†"} <= known.rare
    assert "…" in known.usual


def test_a_vocabulary_without_bytes_writes_all_its_characters() -> None:
    assert "é" in characters_of(["▁a", "é"]).usual
    assert "é" in characters_of(["▁a", "é", "<0x00>"]).rare


@given(st.text(max_size=80))
def test_spans_are_in_order_and_apart_and_parts_are_the_sentence(sentence: str) -> None:
    spans = find_spans(sentence, KNOWN)
    assert all(isinstance(span, Span) and 0 <= span.start < span.end <= len(sentence) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "".join(part for part, _ in between(sentence, spans)) == sentence
