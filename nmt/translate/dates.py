"""Dates as another language says them: March 3rd, 2024 is 3. März 2024, and 5. Sept. is 5 September.

As times of day are (nmt.translate.clock). A model puts 3 March, the order of German, into German without fail, and March 3rd
often not; of an abbreviated month it often makes something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Shown, Span, said_otherwise

ENGLISH_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_GERMAN = [
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
]
_MONTHS = {word: month for words in (ENGLISH_MONTHS, _GERMAN) for month, word in enumerate(words)}
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items()} | {"Sept": 8, "Mrz": 2}

_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_LONG = "|".join(name for name in ENGLISH_MONTHS if name not in ("March", "May"))
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_ORDINAL = rf"{_DAY}(?:st|nd|rd|th)?"
# May and march are verbs, too: they are months after a word such as on, or before 3rd or a year.
_AFTER_A_WORD = "|".join(rf"(?<=\b{word} )" for word in ("on", "by", "of", "from", "until", "since", "before", "after"))
_MONTH_HERE = rf"(?:{_AFTER_A_WORD}|(?=\w+ \d+(?:st|nd|rd|th|,? \d{{4}})(?!\w)))"
_MONTH_FIRST = re.compile(
    rf"(?<![\w-])(?P<month>{_LONG}|{_SHORT}(?=\.)|{_SHORT}(?= )|{_MONTH_HERE}(?:March|May))\.? {_ORDINAL}"
    r"(?:,? (?P<year>\d{4}))?(?![\w:/]|[-–.,]\d)"
)
_DAY_FIRST = re.compile(
    rf"(?<![\w.,:/-]){_ORDINAL}(?: of)? (?P<month>{_SHORT})(?:\.|(?=\W|$))(?: (?P<year>\d{{4}}))?(?![\w-])"
)
_GERMAN_SHORT = re.compile(
    rf"(?<![\w.,:/-]){_DAY}\. (?P<month>Jan|Feb|Mrz|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)"
    r"(?:\.|(?=\W|$))(?: (?P<year>\d{4}))?(?![\w-])"
)
_AFTER_A_GERMAN_WORD = "|".join(rf"(?<=\b(?i:{word}) )" for word in ("am", "vom", "bis", "zum", "ab", "seit", "den", "dem"))
_GERMAN_DIGITS = re.compile(
    rf"(?:{_AFTER_A_GERMAN_WORD}|(?<=tag, )|(?<=[Ww]och, )){_DAY}\. ?(?P<month>0?[1-9]|1[0-2])\.(?! ?\d)"
)
# 12/31/2025 and 31/12/2025, of which only one order can be meant.
_SLASHES = re.compile(
    r"(?<![\w/.-])(?:(?P<month>0?[1-9]|1[0-2])/(?P<day>1[3-9]|2\d|3[01])"
    r"|(?P<first_day>1[3-9]|2\d|3[01])/(?P<second_month>0?[1-9]|1[0-2]))/(?P<year>(?:19|20)\d\d)(?![\w/-])"
)
_DIGIT = re.compile(r"\d")


def dates(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The dates in `sentence` that a model may say wrongly in the language `target`, each as it says it."""
    if _DIGIT.search(sentence) is None:
        return
    if (source, target) == ("en", "de"):
        yield from map(_with_points, _SLASHES.finditer(sentence))
    for pattern in _PATTERNS.get((source, target), ()):
        for match in pattern.finditer(sentence):
            day, month, year = int(match["day"]), _month(match["month"]), match.groupdict().get("year")
            say = _in_german if target == "de" else _in_english
            yield say(match, day, month, f" {year}" if year else "")


def _month(name: str) -> int:
    """A month by its name or number, from 0."""
    return int(name) - 1 if name.isdigit() else _MONTHS[name]


def _with_points(match: re.Match[str]) -> Span:
    day, month = int(match["day"] or match["first_day"]), int(match["month"] or match["second_month"])
    return Span(match.start(), match.end(), translation=f"{day:02}.{month:02}.{match['year']}")


def _in_german(match: re.Match[str], day: int, month: int, year: str) -> Span:
    name = _GERMAN[month]
    said = rf"(?<!\d)(?:{day}\.? {name}|{name} {day}\.?){year}(?!\d)"
    return said_otherwise(match, f"{day}. {name}{year}", Shown(f"{day} {ENGLISH_MONTHS[month]}{year}", said))


def _in_english(match: re.Match[str], day: int, month: int, year: str) -> Span:
    name, ordinal = ENGLISH_MONTHS[month], rf"{day}(?:st|nd|rd|th)?"
    said = rf"(?<!\d)(?:{ordinal} (?:of )?{name}|{name} {ordinal}),?{year}(?!\d)"
    return said_otherwise(match, f"{day} {name}{year}", Shown(f"{day}. {_GERMAN[month]}{year}", said))


_PATTERNS = {("en", "de"): (_MONTH_FIRST, _DAY_FIRST), ("de", "en"): (_GERMAN_SHORT, _GERMAN_DIGITS)}
