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
        ("March 2024, June 31.5, July 3–5.5, April 45, Section June 3/4", []),
        ("It was Sept. 5.", [("Sept. 5", "5. September")]),
        ("It was the 5th of Oct.", [("5th of Oct", "5. Oktober")]),  # the full stop is the sentence's
        ("Monday, October 7th, at nine", [("October 7th", "7. Oktober")]),
        ("From May 1 to May 5 and To March 3", [("May 1", "1. Mai"), ("May 5", "5. Mai"), ("March 3", "3. März")]),
        ("Valid March 1, 2024 – May 31", [("March 1, 2024", "1. März 2024"), ("May 31", "31. Mai")]),
    ],
)
def test_of_english(sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Open from 3 to 5 May.", [("from 3 to 5 May", "vom 3. bis 5. Mai")]),
        ("From the 3rd to the 5th of May", [("From the 3rd to the 5th of May", "vom 3. bis 5. Mai")]),
        ("It is on May 3–5, 2025.", [("on May 3–5, 2025", "vom 3. bis 5. Mai 2025")]),
        ("It runs Dec. 24-26: daily", [("Dec. 24-26", "vom 24. bis 26. Dezember")]),
        ("between 4 and 8 October", [("between 4 and 8 October", "zwischen dem 4. und 8. Oktober")]),
        ("The nights of August 3 and 4", [("August 3 and 4", "3. und 4. August")]),
        ("July 18 through 21", [("July 18 through 21", "18. bis 21. Juli")]),
        ("Closed 3–5 June 2024", [("3–5 June 2024", "3.–5. Juni 2024")]),
        ("March 3–5 miles a day, may 3–5, 5–3 June, June 3–5.5, a 3–1 June, 1.3–5 June, in 2003–5 June", []),
    ],
)
def test_several_days(sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence) == found


def test_a_day_alone_is_one_where_no_noun_follows() -> None:
    assert said("She left on the 2nd. By the 12th we go, on Friday, the 9th") == [
        ("the 2nd", "2."),
        ("the 12th", "12."),
        ("the 9th", "dem 9."),
    ]
    assert said("from the 24th to the 31st, on the 1st and the 15th, on the 3rd and leave") == [
        *[("the 24th", "24."), ("the 31st", "31."), ("the 1st", "1."), ("the 15th", "15."), ("the 3rd", "3.")]
    ]
    for sentence in (
        "On the 3rd floor, on the 2nd and 3rd floors, on the 1st and the 2nd day, from the 19th to the 20th century",
        "The 3rd, in the 5th, on the 2nd, 3rd and 4th floor, by the 10th and last man, on the 2nd attempt of the 3rd",
    ):
        assert said(sentence) == [], sentence


def test_german_dates_with_a_year() -> None:
    assert said("Köln, den 12.03.2024, bis 3.4.1988. (1.1.2000–31.12.2000)", "de", "en") == [
        ("12.03.2024", "12 March 2024"),
        ("3.4.1988", "3 April 1988"),
        ("1.1.2000", "1 January 2000"),
        ("31.12.2000", "31 December 2000"),
    ]
    for sentence in ("Release 3.4.1988, a3.4.1988, 3.4.1988.2, 3.4.0988, 3.13.1988, 32.1.1988, 3.4.2500", "12.03.2024"):
        assert said(sentence, "de", "en") == [], sentence


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
    assert said("Ziffer 3.2. und am 3.2.20, am 1.13., am 3.2 Uhr, Release 1.1.", "de", "en") == []


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
    frames = ["We're on holiday {}.", "The course takes place {} in Berlin."]
    assert_said(model, frames, {"May 3–5": "vom 3. bis 5. Mai", "from 5 to 12 October": "vom 5. bis 12. Oktober"}.items())
    frames = ["I'll be back {}.", "Payment was received {}.", "She left {}."]
    assert_said(model, frames, {"on the 15th": "am 15.", "on the 2nd": "am 2."}.items())
