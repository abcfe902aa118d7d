"""Marks of quotation: a model is shown the pair of its language whose two marks differ.

Small models lose one of two marks that look the same, as in "No", and those that their text seldom had, as in ‚Nein‘. So a
pair is shown as “No” or „Nein“. Where the source has straight marks, its translation gets such ones too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from nmt.text.spans import QUOTES, Span

_USUAL = {"en": ("“", "”"), "de": ("„", "“")}
_DOUBLE = frozenset('"„“”»«')
_WRITTEN = re.compile("[\"„“”»«]|‘‘|’’|''")
"""Double marks, as models write them."""
_COVERED = "\0"
_CLOSING = tuple('"“”»«')
_PARTNERS = {"„": "“", "“": "”", "»": "«", "«": "»", "‘‘": "’’"}


def _pair(opening: str, closing: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\s(\[{{–—-]){opening}(?=\S)[^{opening}{closing}]*(?<=\S){closing}(?!\w)")


# Of a language, the pairs that are shown as its usual one.
_DOUBLE_PAIRS = {"en": (_pair('"', '"'), _pair("«", "»")), "de": (_pair('"', '"'), _pair("«", "»"), _pair("“", "”"))}
_SINGLE_PAIRS = {"de": (_pair("›", "‹"), _pair("‹", "›"), _pair("‚", "‘"), _pair("‚", "’"), _pair("'", "'"))}
"""Shown so where there are no double ones, within which they may be."""


def usual_quotes(text: str, spans: Sequence[Span], *, language: str, known: Set[str]) -> tuple[str, list[Span]]:
    """`text` with the marks that a model of `language` knows best, each in the place of another, and the spans left in it.

    They are shown where they are among the `known` characters: a vocabulary of everyday sentences may spell them in bytes,
    from which its model makes anything.
    Marks within a span of words or numbers stay. One that is a span itself, as no vocabulary has it, is none any more.
    """
    if language not in _USUAL or QUOTES.isdisjoint(text) or not known >= set(_USUAL[language]):
        return text, list(spans)
    free = list(text)
    for span in spans:
        if any(map(str.isalnum, text[span.start : span.end])):
            free[span.start : span.end] = [_COVERED] * (span.end - span.start)
    shown = "".join(free)
    for pair in (_SINGLE_PAIRS if _DOUBLE.isdisjoint(shown) else _DOUBLE_PAIRS).get(language, ()):
        shown = _with_usual(shown, pair, _USUAL[language])
    shown = "".join(old if new == _COVERED else new for old, new in zip(text, shown, strict=True))
    return shown, [span for span in spans if shown[span.start : span.end] == text[span.start : span.end]]


def _with_usual(text: str, pair: re.Pattern[str], usual: tuple[str, str]) -> str:
    found = [(match.start(), match.end() - 1) for match in pair.finditer(text)]
    marks = {text[place] for places in found for place in places}
    # One that has no partner, such as the inches of 19", may be any of them.
    if sum(map(text.count, marks)) != 2 * len(found):
        return text
    characters = list(text)
    for opening, closing in found:
        characters[opening], characters[closing] = usual
    return "".join(characters)


def loses_quotes(text: str, shown: str) -> bool:
    """Whether the translation `text` has other than as many double marks as what was `shown`, if that has some."""
    count = len(_WRITTEN.findall(shown))
    return count > 0 and len(_WRITTEN.findall(text)) != count


def closed(text: str, shown: str) -> str:
    """The translation `text` with the mark at its end that closes what was `shown`, where it only lacks that one."""
    marks: list[str] = _WRITTEN.findall(text)
    if len(marks) % 2 and shown.endswith(_CLOSING) and not text.endswith(_CLOSING):
        return text + _PARTNERS.get(marks[-1], marks[-1])
    return text


def quotes_as_in(text: str, source: str, shown: str) -> str:
    """The translation `text` with straight marks where those of its source were `shown` otherwise, or are no others."""
    own = _DOUBLE.intersection(source)
    if own == {'"'}:
        return _WRITTEN.sub('"', text)
    if not own and "'" in source and not _DOUBLE.isdisjoint(shown):
        return _WRITTEN.sub("'", text)
    return text
