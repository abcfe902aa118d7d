"""Dates as another language says them: March 3rd, 2024 is 3. März 2024, and 5. Sept. is 5 September.

As times of day are (nmt.translate.clock). A model puts 3 March, the order of German, into German without fail, and March 3rd
often not; of an abbreviated month it often makes something else.
"""

from __future__ import annotations

import re

from nmt.text.spans import Shown, Span

_ENGLISH = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_GERMAN = [
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
]
_MONTHS = {word: month for words in (_ENGLISH, _GERMAN) for month, word in enumerate(words)}
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items()} | {"Sept": 8, "Mrz": 2}

_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_LONG = "|".join(name for name in _ENGLISH if name not in ("March", "May"))
_DAY = r"(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?"
# May and march are verbs, too: they are months after a word such as on, or before 3rd or a year.
_AFTER_A_WORD = "|".join(rf"(?<=\b{word} )" for word in ("on", "by", "of", "from", "until", "since", "before", "after"))
_MONTH_HERE = rf"(?:{_AFTER_A_WORD}|(?=\w+ \d+(?:st|nd|rd|th|,? \d{{4}})(?!\w)))"
_MONTH_FIRST = re.compile(
    rf"(?<![\w-])({_LONG}|{_SHORT}\.|{_SHORT}(?= )|{_MONTH_HERE}(?:March|May)) {_DAY}"
    r"(?:,? (\d{4}))?(?![\w:/]|[-–.,]\d)"
)
_DAY_FIRST = re.compile(rf"(?<![\w.,:/-]){_DAY}(?: of)? ({_SHORT})(?:\.|(?=\W|$))(?: (\d{{4}}))?(?![\w-])")
_GERMAN_SHORT = re.compile(
    r"(?<![\w.,:/-])(0?[1-9]|[12]\d|3[01])\. (Jan|Feb|Mrz|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)"
    r"(?:\.|(?=\W|$))(?: (\d{4}))?(?![\w-])"
)
_DIGIT = re.compile(r"\d")


def dates(sentence: str, *, source: str, target: str) -> list[Span]:
    """The dates in `sentence` that a model may say wrongly in the language `target`, in order, each as it says it."""
    if _DIGIT.search(sentence) is None:
        return []
    if (source, target) == ("en", "de"):
        found = [*_MONTH_FIRST.finditer(sentence), *_DAY_FIRST.finditer(sentence)]
    elif (source, target) == ("de", "en"):
        found = list(_GERMAN_SHORT.finditer(sentence))
    else:
        return []
    return [_span(match, target) for match in sorted(found, key=lambda match: match.start())]


def _span(match: re.Match[str], target: str) -> Span:
    day, month, year = "", 0, ""
    for part in filter(None, match.groups()):
        if (name := part.rstrip(".")) in _MONTHS:
            month = _MONTHS[name]
        elif part.isdigit():
            day, year = (day, f" {part}") if len(part) == 4 else (str(int(part)), year)
    german, english = f"{day}. {_GERMAN[month]}", f"{day} {_ENGLISH[month]}"
    if target == "de":
        said, shown = german, english
        pattern = rf"(?<!\d)(?:{day}\.? {_GERMAN[month]}|{_GERMAN[month]} {day}\.?){year}(?!\d)"
    else:
        said, shown = english, german
        ordinal, name = rf"{day}(?:st|nd|rd|th)?", _ENGLISH[month]
        pattern = rf"(?<!\d)(?:{ordinal} (?:of )?{name}|{name} {ordinal}),?{year}(?!\d)"
    # The full stop of an abbreviation may end the sentence as well, and then it is not the date's.
    ends_sentence = match[0].endswith(".") and not any(map(str.isalnum, match.string[match.end() :]))
    return Span(match.start(), match.end() - ends_sentence, translation=said + year, shown=Shown(shown + year, pattern))
