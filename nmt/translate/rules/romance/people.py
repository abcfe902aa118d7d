"""Names of people that models of everyday sentences know, shown in place of others: Tom for Álvaro.

Of a name that it seldom saw such a model makes another, or none, and often of the mask in its place as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nmt.text.spans import Shown, Span
from nmt.translate.rules.given_names import ENGLISH_WORDS, given_names
from nmt.translate.rules.romance.pairs import is_romance_pair

_MEN, _WOMEN = ("Tom",), ("Mary",)
_SAID = {"Tom": r"\b(?:(?:the|le|el) )?Tom\b", "Mary": r"\b(?:(?:the|la) )?(?:Mary|Marie|María)\b"}
_OF_A_WOMAN = re.compile(r"(?:a|ie|ine|ette|elle|ille|ise|anne|ène|th)$")
_OWNER_ENDS = re.compile("['’]s\\b")
_OWNER = re.compile(r"(?<![\w.’'@/-])[A-ZÀ-ÖØ-Þ][^\W\d_]+(?=['’]s\b)")
_OWNERS = given_names("en") - ENGLISH_WORDS
_FIRST = re.compile(r"[^\W\d_]+")


def owners(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """Given names of people to whom something belongs, Kevin's car, which French and Spanish keep as they are."""
    if source == "en" and is_romance_pair(source, target) and _OWNER_ENDS.search(sentence):
        yield from (Span(*match.span(), soft=True) for match in _OWNER.finditer(sentence) if match[0] in _OWNERS)


def with_stand_ins(people: Sequence[Span], sentence: str, *, source: str, target: str) -> Sequence[Span]:
    """`people`, the names in `sentence`, with what a model is shown where it lost one: a man or a woman that it knows."""
    if not people or not is_romance_pair(source, target):
        return people
    free = [name for name in (*_MEN, *_WOMEN) if not re.search(_SAID[name], sentence)]
    found: list[Span] = []
    for span in people:
        first = _FIRST.match(sentence, span.start, span.end)
        kind = _WOMEN if first and _OF_A_WOMAN.search(first[0]) else _MEN
        name = next((one for one in (*kind, *free) if one in free), None)
        if name:
            free.remove(name)
        found.append(replace(span, shown=Shown(name, _SAID[name]) if name else None))
    return found
