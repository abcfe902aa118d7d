"""Whether a pair of languages is of these rules, and what they share."""

from __future__ import annotations

from nmt.text.spans import Span

LANGUAGES = ("en", "fr", "es")
"""In the order in which texts in all three stand."""
_ROMANCE = LANGUAGES[1:]


def is_romance_pair(source: str, target: str) -> bool:
    """Whether one of two languages is English, and the other French or Spanish."""
    return (source == "en" and target in _ROMANCE) or (target == "en" and source in _ROMANCE)


def span_said(sentence: str, start: int, end: int, said: str) -> Span:
    """sentence[start:end] as another language says it, with a capital where the sentence begins there with one."""
    return Span(start, end, translation=said[0].upper() + said[1:] if start == 0 and sentence[0].isupper() else said)
