"""Placeholders of numbers between English and French or Spanish: {count} files is shown as 12 files.

A model of everyday sentences does not know that a mask may count something, and loses what is counted; that from French
loses less with a mask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Span
from nmt.translate.rules.romance.measures import number_shown
from nmt.translate.rules.romance.pairs import is_romance_pair

_COUNTS = "amount|count|days|hours|id|minutes|num|number|n|quantity|seconds|size|total|years"
_PLACEHOLDER = re.compile(
    rf"(?<![\w%{{$])(?:[%$]?\{{\{{? ?(?:\w+[._])?(?:{_COUNTS}) ?\}}?\}}"
    rf"|%\((?:{_COUNTS})\)[ds]|%(?:\d\$)?d)(?![\w}}]|['’]\w)",
    re.I,
)
_NUMBERS = ("12", "20", "15", "30")
"""Numbers that models copy, which are no plurals of another form."""


def numbers_to_come(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The placeholders of numbers in `sentence`, each with a number that a model is shown in its place."""
    if not is_romance_pair(source, target) or source == "fr" or not ("{" in sentence or "%" in sentence):
        return
    free = (number for number in _NUMBERS if number not in sentence)
    for match in _PLACEHOLDER.finditer(sentence):
        number = next(free, None)
        yield Span(*match.span(), translation=match[0], shown=number_shown(number, target) if number else None)
