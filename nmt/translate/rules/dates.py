"""Dates as another language says them: March 3rd, 2024 is 3. März 2024, and 5. Sept. is 5 September.

As times of day are (nmt.translate.rules.clock). A model puts 3 March, the order of German, into German without fail, and
March 3rd often not; of an abbreviated month it often makes something else. Of several days it keeps one, so that is all it
is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Shown, Span, is_language, said_otherwise

ENGLISH_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_GERMAN = [
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
]
_MONTHS = {word: month for words in (ENGLISH_MONTHS, _GERMAN) for month, word in enumerate(words)}
_MAY = 4
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items()} | {"Sept": 8, "Mrz": 2}

_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_LONG = "|".join(name for name in ENGLISH_MONTHS if name not in ("March", "May"))
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_ORDINAL = rf"{_DAY}(?:st|nd|rd|th)?"
# May and march are verbs, too: they are months after a word such as on, or before 3rd or a year.
_BEFORE_A_MONTH = ("on", "by", "of", "from", "until", "till", "to", "since", "before", "after", "between")
_AFTER_A_WORD = "|".join(rf"(?<=\b(?i:{word}) )" for word in _BEFORE_A_MONTH)
_MONTH_HERE = rf"(?:{_AFTER_A_WORD}|(?=\w+ \d+(?:st|nd|rd|th|,? \d{{4}})(?!\w)))"
_MONTH_FIRST = re.compile(
    rf"(?<![\w-])(?P<month>{_LONG}|{_SHORT}(?=\.)|{_SHORT}(?= )|{_MONTH_HERE}(?:March|May))\.? {_ORDINAL}"
    r"(?:,? (?P<year>\d{4}))?(?![\w:/]|[-–.,]\d)"
)
_ANY_MONTH = rf"(?:{_LONG}|March|May|{_SHORT})\b\.?"
_LAST_DAY = r"(?P<last>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_TO = r"(?P<to> ?[-–] ?| (?:to|through|until|till|and|or) (?:the )?)"
# Two dates are both dates, whatever stands before them: Valid March 1 – May 31.
_TWO_DATES = re.compile(
    rf"(?<![\w-])(?P<month>{_ANY_MONTH}) {_ORDINAL}(?P<year>,? \d{{4}})?{_TO}"
    rf"(?P<last_month>{_ANY_MONTH}) {_LAST_DAY}(?P<last_year>,? \d{{4}})?(?![\w:/]|[-–.,]\d)"
)
# Several days of one month, with the word before them, which gets an article: from 3 to 5 May is vom 3. bis 5. Mai.
_BEFORE_DAYS = r"(?<![\w.,:/–-])(?:(?P<before>(?i:from|between|on)) (?:the )?)?"
_DAYS = (
    re.compile(
        rf"{_BEFORE_DAYS}{_ORDINAL}{_TO}{_LAST_DAY}(?: of)? (?P<month>{_ANY_MONTH})(?:,? (?P<year>\d{{4}}))?(?![\w-])"
    ),
    re.compile(
        rf"{_BEFORE_DAYS}(?P<month>{_LONG}|{_SHORT}\.?"
        r"|(?:(?<=\w )|(?=\w+ \d[^,.;:!?)]{1,14}\d(?:st|nd|rd|th)?(?:[,.;:!?)]|$)))(?:March|May)) "
        rf"{_ORDINAL}{_TO}{_LAST_DAY}(?:,? (?P<year>\d{{4}}))?(?!\w|[-–.,:/]\d| {_ANY_MONTH})"
    ),
)
_SAYS_WHEN = re.compile(r"\b(?:after|before|by|for|of|or|since|than|the|to|until) $|[^\w ] ?$|^$", re.I)
"""What stands before a date that needs no on: nothing, a sign, or another such word."""
# A day whose month goes without saying: on the 15th, but not on the 3rd floor.
_DAY_ALONE = re.compile(
    rf"(?:\b(?i:on|by|from|to|until|till|since)|day,?|(?P<goes_on>\b(?:and|or))) (?P<own>the {_DAY}(?:st|nd|rd|th))(?!\w)"
)
_NO_NOUN_FOLLOWS = re.compile(
    r"[.!?;:)]|$|,(?! (?:and |or )?(?:the )?\d)| (?:and|or|to|until)(?! (?:on )?(?:the )?\w*(?:st|nd|rd|th)\b)\b"
    r"| (?:at|because|but|for|if|in|instead|is|it|please|so|unless|was|we|when|with|you|I|he|she|they)\b"
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
_GERMAN_FULL = re.compile(
    r"(?<![\w.,:/-])(?<!Version )(?<!Build )(?<!Release )(?<!Nr\. )(?<!Nummer )"
    rf"{_DAY}\.(?P<month>0?[1-9]|1[0-2])\.(?P<year>1\d{{3}}|20\d\d|2100)(?![\w/-]|[.,:]\d)"
)
# 12/31/2025 and 31/12/2025, of which only one order can be meant.
SLASHES = re.compile(
    r"(?<![\w/.-])(?:(?P<month>0?[1-9]|1[0-2])/(?P<day>1[3-9]|2\d|3[01])"
    r"|(?P<first_day>1[3-9]|2\d|3[01])/(?P<second_month>0?[1-9]|1[0-2]))/(?P<year>(?:19|20)\d\d)(?![\w/-])"
)
_DIGIT = re.compile(r"\d")


def dates(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The dates in `sentence` that a model may say wrongly in the language `target`, each as it says it."""
    if _DIGIT.search(sentence) is None:
        return
    if (source, target) == ("en", "de"):
        yield from map(_with_points, SLASHES.finditer(sentence))
        yield from _several(sentence)
        yield from _alone(sentence)
    if (source, target) == ("de", "en") and is_language(sentence):
        yield from map(_in_english, _GERMAN_FULL.finditer(sentence))
    for pattern in _PATTERNS.get((source, target), ()):
        yield from map(_in_german if target == "de" else _in_english, pattern.finditer(sentence))


def _month(name: str) -> int:
    """A month by its name or number, from 0."""
    return int(name) - 1 if name.isdigit() else _MONTHS[name.rstrip(".")]


def _parts(match: re.Match[str]) -> tuple[int, int, str]:
    """The day, the month from 0, and the year behind a blank, if there is one."""
    year = match.groupdict().get("year")
    return int(match["day"]), _month(match["month"]), f" {year}" if year else ""


def _with_points(match: re.Match[str]) -> Span:
    day, month = int(match["day"] or match["first_day"]), int(match["month"] or match["second_month"])
    return Span(match.start(), match.end(), translation=f"{day:02}.{month:02}.{match['year']}")


def _in_german(match: re.Match[str]) -> Span:
    day, month, year = _parts(match)
    return said_otherwise(match, f"{day}. {_GERMAN[month]}{year}", _shown_in_english(day, month, year))


def _in_english(match: re.Match[str]) -> Span:
    day, month, year = _parts(match)
    name, ordinal = ENGLISH_MONTHS[month], rf"{day}(?:st|nd|rd|th)?"
    said = rf"(?<!\d)(?:{ordinal} (?:of )?{name}|{name} {ordinal}),?{year}(?!\d)"
    return said_otherwise(match, f"{day} {name}{year}", Shown(f"{day}. {_GERMAN[month]}{year}", said))


def _shown_in_english(day: int, month: int, year: str, *, on: str = "", am: str = "") -> Shown:
    """A date as a model is shown it, and what it makes of it in German; with `on` before it, and `am` in German."""
    name = _GERMAN[month]
    said = rf"(?<!\d){am}(?:{day}\.? {name}|{name} {day}\.?){year}(?!\d)"
    return Shown(f"{on}{day} {ENGLISH_MONTHS[month]}{year}", said)


def _several(sentence: str) -> Iterator[Span]:
    """English: from 3 to 5 May, May 3–5, March 1 – May 31."""
    for pattern in _DAYS:
        for match in pattern.finditer(sentence):
            day, month, year = _parts(match)
            if day < int(match["last"]):
                yield _days_in_german(match, day, month, year)
    for match in _TWO_DATES.finditer(sentence):
        yield _date(match.start(), match.start("to"), match["day"], match["month"], match["year"])
        yield _date(match.start("last_month"), match.end(), match["last"], match["last_month"], match["last_year"])


def _date(start: int, end: int, day: str, month: str, year: str | None) -> Span:
    own = int(day), _month(month), f" {year[-4:]}" if year else ""
    return Span(start, end, translation=f"{own[0]}. {_GERMAN[own[1]]}{own[2]}", shown=_shown_in_english(*own))


def _days_in_german(match: re.Match[str], day: int, month: int, year: str) -> Span:
    """Days of a month, shown as one: `on 3 June` becomes `am 3. Juni` in nearly every sentence, as `from` does not."""
    sign, text_before = match["to"].strip(), match.string[: match.start()]
    join = {"and": " und ", "or": " oder "}.get(sign.split()[0], " bis ")
    is_bare = match["before"] is None and _SAYS_WHEN.search(text_before) is not None
    first = ""
    if match["before"] and match["before"].lower() == "between":
        first = "zwischen dem "
    elif match["before"] or (not is_bare and text_before.split()[-1].islower()):
        first = "vom " if join == " bis " else "am "
    elif not sign[0].isalpha():
        join = "–"
    said = f"{first}{day}.{join}{int(match['last'])}. {_GERMAN[month]}{year}"
    on = "" if is_bare else "On " if match["before"] and match["before"][0].isupper() else "on "
    return said_otherwise(match, said, _shown_in_english(day, month, year, on=on, am="(?:[Aa]m )?" if on else ""))


def _alone(sentence: str) -> Iterator[Span]:
    """English: on the 15th, from the 24th to the 31st. A model that is shown no month invents one."""
    free_until = -1
    found = list(_DAY_ALONE.finditer(sentence))
    for place, match in enumerate(found):
        is_next = place + 1 < len(found) and sentence[match.end() : found[place + 1].start()] in (" ", "")
        follows = found[place + 1].end() if is_next else match.end()
        if (match["goes_on"] is None or match.start() == free_until + 1) and _NO_NOUN_FOLLOWS.match(sentence, follows):
            free_until = match.end()
            day = int(match["day"])
            said = f"dem {day}." if sentence.startswith("day", match.start()) else f"{day}."
            yield Span(match.start("own"), match.end(), translation=said, shown=_shown_in_english(day, _MAY, ""))


_PATTERNS = {("en", "de"): (_MONTH_FIRST, _DAY_FIRST), ("de", "en"): (_GERMAN_SHORT, _GERMAN_DIGITS)}
