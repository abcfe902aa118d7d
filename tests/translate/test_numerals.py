"""Numbers in the form of the other language, where they can be read in one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.search import SearchOptions
from nmt.text.spans import characters_of, find_spans
from nmt.translate.ask import Ask
from nmt.translate.numerals import localised_numbers
from nmt.translate.plan import advance, plan
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.shown import Abilities

CHARACTERS = characters_of(["abc", "ßäöü€", "–„“"])
SWAPPED = str.maketrans(".,", ",.")


def translated(text: str, source: str, target: str, *, localise_numbers: bool = True) -> str:
    """`text` by a model that leaves it as it is."""
    abilities = Abilities(
        source_language=source,
        target_language=target,
        encode=lambda text: [0] * len(text),
        fits=lambda _: True,
        characters=CHARACTERS,
        can_write=lambda _: True,
    )
    steps = plan([text], SearchOptions(), abilities=abilities, attention=True, localise_numbers=localise_numbers)
    step = advance(steps)
    while isinstance(step, Ask):
        answers = []
        for sentence in step.sentences:
            tokens = tuple(f"\u2581{word}" for word in sentence.text.split())
            rows = tuple(tuple(float(row == column) for column in range(len(tokens))) for row in range(len(tokens)))
            whole = Hypothesis(text=sentence.text, score=-1.0, log_probability=-1.0, tokens=tokens, attention=rows)
            answers.append(SentenceTranslation(source=sentence.text, source_tokens=tokens, hypotheses=(whole,)))
        step = advance(steps, answers)
    for sentence_translation in step[0].sentences:
        for hypothesis in sentence_translation.hypotheses:
            assert len(hypothesis.tokens) == len(hypothesis.attention)
            if hypothesis.tokens:
                assert "".join(hypothesis.tokens).replace("\u2581", " ").split() == hypothesis.text.split()
    return step[0].text


numbers = st.builds(
    lambda whole, decimals, places: f"{Decimal(whole * 10**places + decimals % 10**places).scaleb(-places):,.{places}f}",
    st.integers(1_000, 10**12),
    st.integers(0, 10**6),
    st.integers(1, 6),
)
"""In English, with thousands and decimals, as Python writes them."""


@given(numbers)
def test_thousands_with_decimals_go_to_the_other_form_and_back(english: str) -> None:
    german = english.translate(SWAPPED)
    assert localised_numbers(f"a {english} b", source="en", target="de") == {english: german}
    assert localised_numbers(f"a {german} b", source="de", target="en") == {german: english}


@given(st.text("0123456789.,- €%abm\u00a0", max_size=40), st.sampled_from([("de", "en"), ("en", "de")]))
def test_only_separators_change_and_what_changed_is_the_same_number_again(text: str, pair: tuple[str, str]) -> None:
    source, target = pair
    for number, form in localised_numbers(text, source=source, target=target).items():
        assert number in text
        assert form == number.translate(SWAPPED) != number
        back = localised_numbers(f"a {form} % b", source=target, target=source)
        assert back == {form: number}


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("de", "en", "Es sind 1.234.567,89 Euro.", "Es sind 1,234,567.89 Euro."),
        ("de", "en", "Es sind 3,5 Prozent von 0,125 Litern.", "Es sind 3.5 Prozent von 0.125 Litern."),
        ("de", "en", "Preis: 5,50 €", "Preis: 5.50 €"),
        ("de", "en", "1.234,5", "1,234.5"),
        ("en", "de", "It costs $2.50 or 3.5 % of 1,234.56 dollars.", "It costs $2,50 or 3,5 % of 1.234,56 dollars."),
        ("de", "en", "1.150 € oder CHF 4.325, 85.000 km", "1,150 € oder CHF 4,325, 85,000 km"),
        ("en", "de", "$1,150 or EUR 4,325 for 53,000 miles", "$1.150 or EUR 4.325 for 53.000 miles"),
        ("en", "de", "2.5 million of 1,234,567 people", "2,5 million of 1.234.567 people"),
    ],
)
def test_sure_numbers_get_the_form_of_the_target(source: str, target: str, text: str, expected: str) -> None:
    assert translated(text, source, target) == expected
    assert translated(text, source, target, localise_numbers=False) == text


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("de", "en", "Es waren 1.234 oder 1,234 Stück."),  # thousands or decimals
        ("de", "en", "Ziffer 24.12. um 12.30, Punkt 2.1, Release 3.11.4"),
        ("de", "en", "Die Adresse ist 192.168.1.1 und https://example.org/1,5/2.500,00"),
        ("de", "en", "Das sind 1 234,56 und 1'234.50 Franken."),  # the forms of yet other languages
        ("de", "en", "Der Code ist 007,5."),
        ("en", "de", "Python 3.11 came after 3.9, see clause 2.1."),
        ("en", "de", "Python 3.5 is 3.5 times faster."),  # the same digits, read in two ways
        ("en", "de", "It is 10,000 or 1.234."),
        ("de", "en", "1.799 €/l, 1,234 €, 0.500 kg, 1.150 Leute, 3.114 €/kWh"),
        ("en", "de", "$1,799/l, 1.500 kg, 1,150 people, 1,799 €/kWh"),
        ("de", "es", "Es sind 3,5 Prozent."),
        ("de", "fr", "Es sind 1.234,5 Prozent."),
    ],
)
def test_what_may_be_read_otherwise_stays(source: str, target: str, text: str) -> None:
    assert translated(text, source, target) == text


def test_a_number_within_a_protected_span_is_never_changed() -> None:
    text = "Es sind 3,5 Liter und 2,5 Meter, siehe https://example.org/3,5 und `2,5`."
    spans = [span for span in find_spans(text, CHARACTERS) if not span.soft]
    assert len(spans) == 2
    assert localised_numbers(text, spans, source="de", target="en") == {"3,5": "3.5"}
    assert translated(text, "de", "en") == text.replace("3,5 L", "3.5 L")
