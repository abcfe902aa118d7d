"""Measures between English and French or Spanish: 15 Mo is 15 MB, 10 in wide is 10 pouces wide, and 72 kg stays 72 kg.

A model that has seen few units makes other words of them: of 10 mg a day it makes 10 heures par jour. So it is shown the
number alone, which stands for both. The number stays as it is written (see nmt.translate.numerals).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nmt.text.spans import Shown, Span
from nmt.translate.rules.romance.pairs import is_romance_pair

_ALIKE = """
kg g mg t km km² km/h m m² m³ dm cm cm² cm³ mm l L dl cl ml mL min s kWh kW W MW V mAh Hz kHz MHz GHz dB °C °F mph
""".split()  # noqa: SIM905
"""Units that all three languages write alike."""
_BYTES = {"GB": "Go", "KB": "Ko", "kB": "ko", "MB": "Mo", "TB": "To"}
_SAME_BYTES = {unit: unit for unit in _BYTES}
_OWN = {
    ("en", "fr"): {
        **_BYTES,
        "in": "pouces",
        "ounce": "once",
        "ounces": "onces",
        "pounds": "livres",
        "sq ft": "pieds carrés",
    },
    ("en", "es"): {
        **_SAME_BYTES,
        "in": "pulgadas",
        "ounce": "onza",
        "ounces": "onzas",
        "pounds": "libras",
        "sq ft": "pies cuadrados",
    },
    ("fr", "en"): {french: english for english, french in _BYTES.items()} | {"mn": "min", "sec": "s"},
    ("es", "en"): {**_SAME_BYTES, "seg": "s"},
}
"""Units that a language names in its own way, each with its name in another."""
_UNITS = {pair: {unit: unit for unit in _ALIKE} | own for pair, own in _OWN.items()}
_ONLY_HERE = {"in": r"in(?= (?:by|deep|high|long|tall|thick|wide)\b|\W*$)"}
"""A pattern of what is a word elsewhere: 10 in wide, but not 10 in Paris."""

_NUMBER = r"(?:\d{1,3}(?: \d{3})+|\d+(?:[.,/]\d+)*)"
_NUMBERS = rf"(?P<numbers>(?:(?<![^\s(])[-+–])?{_NUMBER}(?:(?: [x×] |[-–]){_NUMBER})*)"
# 2 h 10, which is a time of day elsewhere, takes a while here; with minutes it always does.
_DURATION = re.compile(
    r"(?<![\w.,:/’'])(?P<hours>\d{1,3}) ?h"
    r"(?: ?(?P<minutes>\d{1,2}) ?(?:mi?n|minutes)(?!\w)|(?P<open> ?[0-5]\d)?(?![\w’']))"
)
_LASTS = {
    "en": re.compile(""),  # English has no other use of h
    "fr": re.compile(r"\b(?:dur\w+|en|pendant|durant|toutes les|d[’']ici) (?:environ )?$", re.I),
    "es": re.compile(r"\b(?:dur\w+|en|durante|cada|tard\w+|dentro de) (?:unas )?$", re.I),
}
# What models add to a number alone.
_ADDED = {
    "en": r"(?:st|nd|rd|th|,? (?:[ap]\.m|o[’']clock|years?(?: old)?)\b)",
    "es": r" (?:años|horas?)\b",
    "fr": r" ?(?:ans|h|heures?)\b",
}
_DIGIT = re.compile(r"\d")


@cache  # it takes long to compile, and most models are of other languages
def _pattern(source: str, target: str) -> re.Pattern[str]:
    units = sorted(_UNITS[source, target], key=len, reverse=True)
    any_unit = "|".join(_ONLY_HERE.get(unit, re.escape(unit)) for unit in units)
    return re.compile(rf"(?<![\w.,:/’'])(?<!\d ){_NUMBERS}(?P<blank> ?)(?P<unit>{any_unit})(?![\w/’'²³]|-\w)")


def romance_measures(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The numbers with units in `sentence`, as `target` says them, where English and French or Spanish are the languages."""
    if not is_romance_pair(source, target) or _DIGIT.search(sentence) is None:
        return
    units = _UNITS[source, target]
    for match in _pattern(source, target).finditer(sentence):
        said = f"{match['numbers']}{match['blank']}{units[match['unit']]}"
        yield Span(*match.span(), translation=said, shown=number_shown(match["numbers"], target))
    for match in _DURATION.finditer(sentence):
        if match["minutes"] or _LASTS[source].search(sentence[: match.start()]):
            minutes = match["minutes"] or (match["open"] or "").strip()
            yield Span(*match.span(), translation=f"{match['hours']} h" + (f" {minutes} min" if minutes else ""))


def number_shown(numbers: str, target: str) -> Shown | None:
    """A number, and what a translation may make of it; None for several, such as 40 x 30, among which models lose theirs."""
    digits = numbers.replace(" ", "")
    if not digits[-1].isdigit() or any(sign in digits for sign in "x×-–"):
        return None
    return Shown(digits, rf"(?<![\w.,:]){re.escape(digits)}(?:{_ADDED[target]})?(?!\w|[.,:]\d)")
