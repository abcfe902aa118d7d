"""Whether both sides of a pair have the same numbers and placeholders: pairs that do not teach a model to change them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.corpus.parallel import SentencePair
from nmt.text.spans import Characters, find_spans, numbers_of

_HALF_OF_THE_DAY = re.compile(r"\d ?[ap]\.?m\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+")
_ANY = re.compile(r"[\d`@/\\{<%$#_&\[~*]|[.:](?=\w)|--")


def disagrees(pair: SentencePair) -> bool:
    """Whether a side lacks a number of two digits and more, or a placeholder, an address or the like, that the other has.

    Separators may differ (1.234,5 and 1,234.5), and so may the clock (15:00 and 3 p.m.).
    """
    if not (_ANY.search(pair.source) or _ANY.search(pair.target)):
        return False
    return _hard_spans(pair.source) != _hard_spans(pair.target) or not _same_figures(pair)


def _hard_spans(text: str) -> list[str]:
    known = Characters(frozenset(text), frozenset())
    return sorted(text[span.start : span.end] for span in find_spans(text, known) if not span.soft)


def _same_figures(pair: SentencePair) -> bool:
    source, target = (numbers_of(side) for side in pair)
    half = any(map(_HALF_OF_THE_DAY.search, pair))
    return not (_lacking(source, target, half=half) or _lacking(target, source, half=half))


def _lacking(own: Sequence[str], other: Sequence[str], *, half: bool) -> bool:
    """Whether `other` lacks a number of `own`, or a figure in it of two digits and more; with `half`, 15 may be 3."""
    wholes = {_whole(number) for number in other}
    figures = {figure for number in other for figure in _figures(number)}
    return any(
        _whole(number) not in wholes
        and any(
            len(figure) > 1 and figure not in figures and not (half and int(figure) <= 24) for figure in _figures(number)
        )
        for number in own
    )


def _whole(number: str) -> str:
    return "".join(_FIGURE.findall(number))


def _figures(number: str) -> list[str]:
    return [figure.lstrip("0") or "0" for figure in _FIGURE.findall(number)]
