"""Dates of all days of a year, and in what the shipped models make of sentences with them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.known import assert_said, said

MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905
YEAR = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]


def ordinal(day: int) -> str:
    return f"{day}" + ("th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th"))


def test_every_day_of_a_year_in_every_form() -> None:
    for one in YEAR:
        german = f"{one.day}. {MONTHS[one.month - 1]}"
        for form, expected in {
            f"{one:%B} {one.day}": german,
            f"{one:%B} {ordinal(one.day)}": german,
            f"{one:%B} {one.day}, {one.year}": f"{german} {one.year}",
            f"{one:%B} {ordinal(one.day)} {one.year}": f"{german} {one.year}",
        }.items():
            assert said(f"We met on {form} in Rome.") == [(form, expected)]
        if one.month != 5:
            for form in (f"{one:%b}. {one.day}", f"{one.day} {one:%b}.", f"{ordinal(one.day)} of {one:%b}."):
                assert said(f"We met on {form} in Rome.") == [(form, german)]
            short = f"{one.day}. {MONTHS[one.month - 1][:3].replace('Mär', 'Mrz')}."
            assert said(f"Am {short} war es so.", "de", "en") == [(short, f"{one.day} {one:%B}")]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("May 5 people come, or march 3 miles, or March 3 miles?", []),
        ("May 5th and May 5, 2020 are days.", [("May 5th", "5. Mai"), ("May 5, 2020", "5. Mai 2020")]),
        ("March 2024, June 31.5, July 3–5, April 45, Section June 3/4", []),
        ("It was Sept. 5.", [("Sept. 5", "5. September")]),
        ("It was the 5th of Oct.", [("5th of Oct", "5. Oktober")]),  # the full stop is the sentence's
        ("Monday, October 7th, at nine", [("October 7th", "7. Oktober")]),
    ],
)
def test_of_english(sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence) == found


def test_of_german_are_those_that_are_abbreviated() -> None:
    assert said("Am 5. Sept. 2020, am 3. März und am 1. Dez.", "de", "en") == [
        ("5. Sept. 2020", "5 September 2020"),
        ("1. Dez", "1 December"),
    ]
    assert said("Das 5. Jubiläum, der 3. Juni, 2. Augenarzt", "de", "en") == []


def test_german_dates_in_digits_have_a_word_before_them() -> None:
    assert said("Am 1.1. und vom 3.4. bis zum 24.12. ist zu.", "de", "en") == [
        ("1.1.", "1 January"),
        ("3.4.", "3 April"),
        ("24.12.", "24 December"),
    ]
    assert said("Kapitel 3.2. und am 3.2.2020, am 1.13., am 3.2 Uhr, Version 1.1.", "de", "en") == []


def test_dates_with_slashes_of_which_one_order_is_meant() -> None:
    assert said("12/31/2025, 31/12/2025 and 1/15/1999") == [
        ("12/31/2025", "31.12.2025"),
        ("31/12/2025", "31.12.2025"),
        ("1/15/1999", "15.01.1999"),
    ]
    assert said("1/2/2025, 13/13/2025, 12/31/25, a/12/31/2025 and 12/31/2025/1") == []


@pytest.mark.parametrize("model", ["broad-en-de", "broad-en-de-fast"])
def test_shipped_models_say_the_date_of_the_source(model: str) -> None:
    frames = ["We met on {}.", "The letter of {} never arrived.", "The course starts on {} in Berlin."]
    own = {"March 3rd": "3. März", "March 3, 2024": "3. März 2024", "Sept. 5": "5. September", "June 21st": "21. Juni"}
    assert_said(model, frames, own.items())
