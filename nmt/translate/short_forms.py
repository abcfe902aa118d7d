"""Short forms that each language has its own of: Mo–Fr is Mon–Fri, No. 5 is Nr. 5, and Ludwig XIV. is Louis XIV.

A model takes them for other words: So for so, no. for a refusal, and a full stop for the end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Shown, Span, said_otherwise

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
}
_NUMBERS = {name: number for names in _DAYS.values() for number, name in enumerate(names)}
_NUMBERS |= {"Tues": 1, "Thur": 3, "Thurs": 3}
_JOINS = {"to": "bis", "and": "und", "bis": "to", "und": "and"}
_DAY = {"en": "(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)", "de": "(?:Mo|Di|Mi|Do|Fr|Sa|So)"}
_JOIN = r"(?: ?[-–&/+] ?|, ?| (?:to|and|bis|und|&) )"
# Alone they may be other words, and before a time or a date they are written out (nmt.translate.abbreviations).
_RUN = {language: re.compile(rf"(?<![\w.-]){day}\.?(?:{_JOIN}{day}\.?)+(?![\w-])") for language, day in _DAY.items()}
_PIECE = re.compile(r"[A-Za-z]+\.?")
# In the language of the key, what they are in the other, and what a model is shown in their place.
_WORDS = {
    "en": (
        (re.compile(r"(?<![\w.])i\.e\.,?(?!\w)"), "d. h.", Shown("d.h.", r"\bd\. ?h\.")),
        (re.compile(r"(?<=\w )vs\.?(?= )"), "gegen", None),
        (re.compile(r"(?<=[\d½¼¾] )(?:teaspoons?|tsps?)\b\.?"), "Teelöffel", Shown("TL", r"\bTL\b")),
        (re.compile(r"(?<=[\d½¼¾] )(?:tablespoons?|tbsps?)\b\.?"), "Esslöffel", Shown("EL", r"\bEL\b")),
    ),
    "de": (),
}
_NUMBER_SIGN = re.compile(r"(?<![\w.])[Nn]o\. ?(?P<number>\d[\w./-]*\w|\d)")
_RULER = re.compile(r"(?<![\w-])[A-ZÄÖÜ][a-zäöüß]+ (?P<roman>[IVX]+)\.(?= [a-zäöüß])")


def short_forms(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The short forms in `sentence` that the language `target` has others for; English and German only."""
    if {source, target} != {"en", "de"}:
        return
    for match in _RUN[source].finditer(sentence) if any(day in sentence for day in _DAYS[source]) else ():
        days = _PIECE.sub(lambda piece: _in(target, piece[0]), match[0])
        yield said_otherwise(match, days)
    for pattern, other, shown in _WORDS[source]:
        yield from (said_otherwise(match, other, shown) for match in pattern.finditer(sentence))
    if source == "en" and "o." in sentence:
        for match in _NUMBER_SIGN.finditer(sentence):
            yield Span(match.start(), match.end(), translation=f"Nr. {match['number']}")
    if source == "de":
        for match in _RULER.finditer(sentence):
            yield Span(match.start("roman"), match.end("roman") + 1, translation=match["roman"])


def _in(language: str, piece: str) -> str:
    name = piece.removesuffix(".")
    return _JOINS.get(name) or _DAYS[language][_NUMBERS[name]]
