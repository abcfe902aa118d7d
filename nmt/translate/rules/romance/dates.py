"""Dates between English and French or Spanish, with the word before them: on May 3rd is le 3 mai and el 3 de mayo.

A model that has seen few dates loses the month, or makes another word of it (of 3 May 3 mayores), so it is shown a mask.
The word before a date belongs to it, for it melts into the article: of 3 May is del 3 de mayo, until 3 May jusqu'au 3 mai.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nmt.text.spans import Span
from nmt.translate.rules.abbreviations import DAYS
from nmt.translate.rules.casing import within_sentence
from nmt.translate.rules.dates import ENGLISH_MONTHS
from nmt.translate.rules.romance.pairs import is_romance_pair, span_said

MONTHS = {
    "en": ENGLISH_MONTHS,
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
_DAYS = {
    "en": list(dict.fromkeys(DAYS["en"].values())),
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
SHORT_MONTHS = {name[:3]: name for name in MONTHS["en"] if name != "May"} | {"Sept": "September"}


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language that is not English writes dates."""

    first: str
    """The first day of a month."""
    of: str
    """What stands between a day and its month, and between a month and its year."""
    before: dict[str, str]
    """What stands before a date, with its article, by the English word. Of words alike, the first is meant."""


_LANGUAGES = {
    "fr": _Language(
        "1er",
        " ",
        {
            "on": "le",
            "of": "du",
            "from": "du",
            "to": "au",
            "before": "avant le",
            "by": "avant le",
            "after": "après le",
            "since": "depuis le",
            "until": "jusqu'au",
        },
    ),
    "es": _Language(
        "1",
        " de ",
        {
            "on": "el",
            "of": "del",
            "from": "del",
            "to": "al",
            "before": "antes del",
            "by": "antes del",
            "after": "después del",
            "since": "desde el",
            "until": "hasta el",
        },
    ),
}
_ANY_ENGLISH = rf"(?-i:{'|'.join(MONTHS['en'])}|(?:{'|'.join(SHORT_MONTHS)})\b\.?)"
_ENGLISH = re.compile(
    r"(?<![\w.,:/-])(?:(?P<before>on|of|from|to|by|before|after|since|until|till) (?:the )?)?"
    rf"(?:(?P<weekday>{'|'.join(_DAYS['en'])}),? (?:the )?)?"
    rf"(?:(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?: of)? (?P<month>{_ANY_ENGLISH})"
    rf"|(?P<month_first>{_ANY_ENGLISH}) (?P<day_second>0?[1-9]|[12]\d|3[01])(?P<ordinal>st|nd|rd|th)?)"
    r"(?:,? (?P<year>\d{4}))?(?![\w/]|[-–.,:]\d)",
    re.I,
)


def _pattern(code: str) -> re.Pattern[str]:
    language = _LANGUAGES[code]
    before = "|".join(sorted({re.escape(word) for word in language.before.values()}, key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.,:/-])(?:(?P<before>{before}) )?(?:(?P<weekday>{'|'.join(_DAYS[code])}),? )?"
        rf"(?P<day>1er|0?[1-9]|[12]\d|3[01]){language.of}(?P<month>{'|'.join(MONTHS[code])})"
        rf"(?:(?:{language.of}| del? )(?P<year>\d{{4}}))?(?![\w/-])",
        re.I,
    )


_PATTERNS = {"en": _ENGLISH} | {code: _pattern(code) for code in _LANGUAGES}
_OWN = {"en": _LANGUAGES["fr"].before} | {code: language.before.values() for code, language in _LANGUAGES.items()}
_SET_BEFORE = {"en": "in|at|to|for|on|of", "fr": "à|sur|en|dans|de|le", "es": "a|en|de|por|sobre|el"}
_DOUBLED = {
    code: re.compile(
        rf"\b(?:{words}) (?=(?:{'|'.join(_OWN[code])}) (?:(?:{'|'.join(_DAYS[code])}) )?\d[\w ]* "
        rf"(?:{'|'.join(MONTHS[code])})\b)",
        re.I,
    )
    for code, words in _SET_BEFORE.items()
}
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")


def romance_dates(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The dates in `sentence`, each as `target` says it, where English and French or Spanish are the two languages.

    Two that follow each other are one: from 3 May to 5 June.
    """
    if not is_romance_pair(source, target) or _DIGIT.search(sentence) is None:
        return
    last: Span | None = None
    for span in _dates(sentence, source, target):
        if last is not None and sentence[last.end : span.start] == " ":
            last = Span(last.start, span.end, translation=f"{last.translation} {span.translation}")
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def smoothed(text: str, source: str, *, source_language: str, language: str) -> str:
    """The translation `text` without a preposition that a model set before a date which has one, as in à avant le 12 juin.

    A word after a date at the beginning has no capital if there is none in `source`.
    """
    if _DIGIT.search(text) is None:
        return text
    text = _DOUBLED[language].sub("", text)
    ends, own = (_end_of_first(one, code) for one, code in ((text, language), (source, source_language)))
    following = _WORD.match(text, ends)
    if own:
        goes_on = source[own : own + 1].islower() or source.startswith("I ", own)
    else:  # the model has moved the date there, before the first word of the sentence, which may be a name
        goes_on = following is not None and following[0] not in _WORD.findall(source)
    if ends and goes_on and text[ends : ends + 1].isupper():
        text = text[:ends] + within_sentence(text[ends:], language=language)
    return text


def _end_of_first(text: str, code: str) -> int:
    """Where a text goes on after the dates with which it begins; 0 where it begins with none."""
    end = 0
    while match := _PATTERNS[code].match(text, end):
        end = match.end() + 1
    return end


def _dates(sentence: str, source: str, target: str) -> Iterator[Span]:
    if source == "en":
        for match in _ENGLISH.finditer(sentence):
            # May and March are verbs, too.
            is_word = match["month_first"] in ("March", "May") and match.start() == match.start("month_first")
            if not is_word or match["ordinal"] or match["year"]:
                yield span_said(sentence, *match.span(), _from_english(match, target))
    else:
        is_range = False
        for match in _PATTERNS[source].finditer(sentence):
            said, is_range = _in_english(match, source, ends_range=is_range)
            yield span_said(sentence, *match.span(), said)


def _from_english(match: re.Match[str], code: str) -> str:
    language = _LANGUAGES[code]
    day = int(match["day"] or match["day_second"])
    name = (match["month"] or match["month_first"]).rstrip(".").capitalize()
    month = MONTHS[code][MONTHS["en"].index(SHORT_MONTHS.get(name, name))]
    parts = [language.first if day == 1 else str(day), language.of, month]
    if match["year"]:
        parts += [language.of, match["year"]]
    words = ["".join(parts)]
    if match["weekday"]:
        words.insert(0, _DAYS[code][_DAYS["en"].index(match["weekday"].capitalize())])
    if match["before"]:
        words.insert(0, language.before[match["before"].lower().replace("till", "until")])
    return " ".join(words)


def _in_english(match: re.Match[str], code: str, *, ends_range: bool) -> tuple[str, bool]:
    """A date in English, and whether it begins a range: du 3 mai au 5 juin is from 3 May to 5 June."""
    language = _LANGUAGES[code]
    before = (match["before"] or "").lower()
    rest = match.string[match.end() :]
    begins_range = before == language.before["from"] and rest.lower().startswith(f" {language.before['to']} ")
    english = next((word for word, own in language.before.items() if own == before), "")
    if begins_range:
        english = "from"
    elif english == "to" and not ends_range:
        english = "on"  # au 3 mai, by itself
    elif english == "on" and match.start() == 0 and not rest.startswith(","):
        english = ""  # the subject: le 3 mai est un vendredi
    day = match["day"].lower().removesuffix("er")
    words = [english] if english else []
    if match["weekday"]:
        words.append(_DAYS["en"][_DAYS[code].index(match["weekday"].lower())])
    words += [str(int(day)), MONTHS["en"][MONTHS[code].index(match["month"].lower())]]
    if match["year"]:
        words.append(match["year"])
    return " ".join(words), begins_range
