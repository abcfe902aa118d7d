"""Days, months and years from one to another, between English and French or Spanish: du 3 au 10 mai is from 3 to 10 May.

They belong to the dates (nmt.translate.rules.romance.dates), of which models lose the month, the year, or what stands
between two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from nmt.text.spans import Shown, Span
from nmt.translate.rules.dates import SLASHES
from nmt.translate.rules.romance.dates import MONTHS, SHORT_MONTHS
from nmt.translate.rules.romance.pairs import is_romance_pair, span_said

_IN, _FROM, _BETWEEN, _ON = "in", "from", "between", "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """How a language writes periods: {0} and {1} are days or months, {2} is what follows the second day."""

    days: dict[str, str]
    """From one day of a month to another, by what the English one begins with."""
    months: dict[str, str]
    month: dict[str, str]
    """A month with what stands before it, by the English word."""
    years: dict[str, str]
    """Years such as the eighties, by the English word before them."""
    year: str
    """What stands between a month and its year."""


_LANGUAGES = {
    "en": _Language(
        days={_FROM: "from {0} to {1} {2}", _BETWEEN: "between {0} and {1} {2}", _ON: "on {0} and {1} {2}"},
        months={_FROM: "from {0} to {1}", _BETWEEN: "between {0} and {1}"},
        month={
            _IN: "in {0}",
            "since": "since {0}",
            "until": "until {0}",
            "from": "from {0}",
            "before": "before {0}",
            "after": "after {0}",
            "of": "of {0}",
            "in early": "in early {0}",
            "in mid-": "in mid-{0}",
            "at the end of": "at the end of {0}",
        },
        years={"in the": "in the {0}s", "of the": "of the {0}s", "the": "the {0}s"},
        year=" ",
    ),
    "fr": _Language(
        days={_FROM: "du {0} au {1} {2}", _BETWEEN: "entre le {0} et le {1} {2}", _ON: "les {0} et {1} {2}"},
        months={_FROM: "de {0} à {1}", _BETWEEN: "entre {0} et {1}"},
        month={
            _IN: "en {0}",
            "since": "depuis {0}",
            "until": "jusqu'en {0}",
            "from": "à partir de {0}",
            "before": "avant {0}",
            "after": "après {0}",
            "of": "de {0}",
            "in early": "début {0}",
            "in mid-": "mi-{0}",
            "at the end of": "fin {0}",
        },
        years={"in the": "dans les années {0}", "of the": "des années {0}", "the": "les années {0}"},
        year=" ",
    ),
    "es": _Language(
        days={_FROM: "del {0} al {1} de {2}", _BETWEEN: "entre el {0} y el {1} de {2}", _ON: "el {0} y el {1} de {2}"},
        months={_FROM: "de {0} a {1}", _BETWEEN: "entre {0} y {1}"},
        month={
            _IN: "en {0}",
            "since": "desde {0}",
            "until": "hasta {0}",
            "from": "a partir de {0}",
            "before": "antes de {0}",
            "after": "después de {0}",
            "of": "de {0}",
            "in early": "a principios de {0}",
            "in mid-": "a mediados de {0}",
            "at the end of": "a finales de {0}",
        },
        years={"in the": "en los años {0}", "of the": "de los años {0}", "the": "los años {0}"},
        year=" de ",
    ),
}
# What is read, besides what is written.
_ALSO: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "days": {_FROM: ("from {2} {0} to {1}", "{2} {0} ?[-–] ?{1}", "{2} {0} to {1}", "{0} ?[-–] ?{1} {2}"),
                 _BETWEEN: ("between {2} {0} and {1}",), _ON: ("on {2} {0} and {1}", "{2} {0} and {1}")},
        "months": {_FROM: ("{0} to {1}", "{0} ?[-–] ?{1}")},
        "month": {"in early": ("early {0}",), "in mid-": ("mid-{0}",),
                  "at the end of": ("by the end of {0}", "in late {0}", "late {0}")},
        "years": {},
    },
    "fr": {
        "days": {_FROM: ("{0} ?[-–] ?{1} {2}",)},
        "months": {_FROM: ("d[’']{0} à {1}",)},
        "month": {"until": ("jusqu'à {0}",), "from": ("dès {0}",), "of": ("d[’']{0}",), "in early": ("au début de {0}",),
                  "in mid-": ("à la mi-{0}",), "at the end of": ("à la fin de {0}",)},
        "years": {"in the": ("pendant les années {0}", "aux années {0}")},
    },
    "es": {
        "days": {_FROM: ("{0} ?[-–] ?{1} de {2}",), _ON: ("los días {0} y {1} de {2}", "los {0} y {1} de {2}")},
        "months": {},
        "month": {"in early": ("a comienzos de {0}",), "at the end of": ("a fines de {0}",)},
        "years": {"in the": ("durante los años {0}",)},
    },
}  # fmt: skip
_NAMES = {code: "|".join(names) for code, names in MONTHS.items()}
_NAMES["en"] = rf"(?-i:{_NAMES['en']}|(?:{'|'.join(SHORT_MONTHS)})\b\.?)"
_DAY = "(?P<{}>1er|0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?"
_DECADE = "(?P<first>(?:1[5-9]|20)?\\d0)"
_YEAR = {
    code: rf"(?:{between}(?P<year>1\d{{3}}|20\d\d))?"
    for code, between in {"en": ",? ", "fr": " ", "es": " (?:del? )?"}.items()
}
_END = r"(?![\w’/-]|[.,:]\d)"


@cache  # they take long to compile, and most models are of other languages
def _patterns(code: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Each period that a language writes: of what kind it is, by its English word, and a pattern."""
    month = f"(?P<{{}}>{_NAMES[code]})"
    places = {
        "days": (_DAY.format("first"), _DAY.format("second"), month.format("month")),
        "months": (month.format("first"), month.format("second")),
        "month": (month.format("first"),),
        "years": (_DECADE,),
    }
    found = []
    for kind, own in places.items():
        end = r"(?! ?(?:à|a|et|y|and|to|[-–]) ?\d)" if kind == "years" else _YEAR[code]
        for word, form in getattr(_LANGUAGES[code], kind).items():
            for one in (form, *_ALSO[code][kind].get(word, ())):
                pattern = rf"(?<![\w.,:/’-]){one.format(*own)}{end}{_END}"
                found.append((kind, word, re.compile(pattern, re.I)))
    return found


_HINT = {code: re.compile(rf"\b(?:{names})|\d0s\b|années \d|años \d", re.I) for code, names in _NAMES.items()}
_ON_A_DAY = re.compile(rf"(?:\b(?P<on>on) )?(?:{SLASHES.pattern})", re.I)
_BEFORE_VOWEL = re.compile(r"\bde (?=a|o)")
_SURE = ("in", "in early", "in mid-", "at the end of")
"""What stands before a month: before others a month without a year is kept, or may be a word, as May and March."""
_EASY = ("in", "since")
_APRIL = 3
"""A month that models keep, which is shown in the place of others."""


def romance_periods(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The periods in `sentence` as `target` says them, where English and French or Spanish are the two languages."""
    if not is_romance_pair(source, target):
        return
    if source == "en" and "/" in sentence:
        for match in _ON_A_DAY.finditer(sentence):
            day, month = match["day"], match["month"]
            if day and month:
                on = {"fr": "le ", "es": "el "}[target] if match["on"] else ""
                yield span_said(sentence, *match.span(), f"{on}{int(day):02}/{int(month):02}/{match['year']}")
    if _HINT[source].search(sentence) is None:
        return
    for kind, word, pattern in _patterns(source):
        for match in pattern.finditer(sentence):
            if kind != "month" or word in _SURE or match["year"]:
                yield _in_other_words(match, kind, word, source, target)


def _in_other_words(match: re.Match[str], kind: str, word: str, source: str, target: str) -> Span:
    language = _LANGUAGES[target]
    if kind == "days":
        own = [_day(match["first"], target), _day(match["second"], target), _month(match["month"], source, target)]
    elif kind == "years":
        own = [match["first"]]
    else:
        own = [_month(match[name], source, target) for name in ("first", "second") if name in match.re.groupindex]
    said = getattr(language, kind)[word].format(*own)
    if kind != "years" and match["year"]:
        said += language.year + match["year"]
    if target == "fr":
        said = _BEFORE_VOWEL.sub("d'", said)
    span = span_said(match.string, *match.span(), said)
    if kind != "month" or word not in _EASY:
        return span
    forms = [language.month[word], *_ALSO[target]["month"].get(word, ())]
    april = "|".join(form.format(MONTHS[target][_APRIL]) for form in forms)
    return replace(
        span, shown=Shown(_LANGUAGES[source].month[word].format(MONTHS[source][_APRIL]), rf"(?i:\b(?:{april})\b)")
    )


def _day(day: str, target: str) -> str:
    number = int(day.removesuffix("er"))
    return "1er" if number == 1 and target == "fr" else str(number)


def _month(name: str, source: str, target: str) -> str:
    name = name.rstrip(".")
    name = SHORT_MONTHS.get(name, name) if source == "en" else name.lower()
    return MONTHS[target][MONTHS[source].index(name)]
