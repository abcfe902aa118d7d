"""A slash between two words: a model is shown or, and the translation has the slash; after an amount it is shown per.

Of The buyer/seller pays a model makes one word, since in its text a slash stands between short forms such as km/h.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Shown, Span

_WORD = r"[^\W\d_]{2,}"
_BETWEEN = re.compile(rf"(?<![\w/.@:#&=-])(?P<first>{_WORD})/(?P<second>{_WORD})(?![\w/@:=-]|\.\w)")
_OR = {
    "de": ("oder", re.compile(r"\b(?:oder|und)\b", re.I), r"\bor\b"),
    "en": ("or", re.compile(r"\b(?:or|and)\b", re.I), r"\boder\b"),
}
_KNOWN = frozenset({"he/she", "she/he", "him/her", "his/her", "left/right", "on/off", "yes/no"})
"""What models know with its slash."""
# Of two verbs or prepositions a model with or between them makes two clauses: We have/share a goal.
_IS_NO_NOUN = {
    "de": re.compile(r"(?:an|auf|aus|bei|für|in|mit|nach|um|unter|von|vor|zu|über)|[a-zäöüß]+en(?:d)?"),
    "en": re.compile(
        r"(?:about|after|are|at|before|below|beyond|by|for|from|had|has|have|in|into|is|of|off|on|onto|out|outside|over|to|"
        r"under|was|were|with|without)|May|March"
    ),
}
_PER = {"de": "pro", "en": "per"}
_MEASURE = (
    r"(?:Euro|Cent|Dollar|Franken|Personen|Stück|Stunden?|Tage|euros?|cents?|dollars?|pounds?|persons?|people|hours?|days?|"
    r"times|mal|[€$£])"
)
_UNIT = r"[^\W\d_][a-zäöüß]{2,}(?![\w/])"  # and no sign of one, such as kWh
_AMOUNT = re.compile(rf"\d {_MEASURE}(?P<slash>/)(?={_UNIT})|\d ?[€$£](?P<sign>/)(?={_UNIT})")


def amounts_per_unit(text: str, *, language: str) -> Iterator[tuple[int, int, str]]:
    """The slashes of 18 euros/hour: from where to where each is, and what is shown for it."""
    for match in _AMOUNT.finditer(text) if language in _PER and "/" in text else ():
        start, end = match.span("slash" if match["slash"] else "sign")
        yield start, end, f" {_PER[language]} "


def slashes(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The slash between two words of `sentence`, if it has one, between English and German."""
    if sentence.count("/") != 1 or {source, target} != {"de", "en"}:
        return
    word, others, said = _OR[source]
    match = _BETWEEN.search(sentence)
    if match is None or others.search(sentence) or any(side.isupper() for side in match.groups()):
        return
    if match[0].lower() in _KNOWN or any(map(_IS_NO_NOUN[source].fullmatch, match.groups())):
        return
    if source == "en" and match["first"][0].isupper() and match["second"][0].isupper():
        return  # names
    yield Span(match.end("first"), match.start("second"), translation="/", shown=Shown(word, said))
