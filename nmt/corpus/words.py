"""Words of a text for counting, and samples of texts that are too large to be counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random
from typing import TypeVar

from nmt.text.tokenizer import normalise

T = TypeVar("T")

# Written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. There each character stands for a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")


def words(text: str) -> list[str]:
    """Runs of letters and digits, and single other signs, in lower case."""
    return _WORD.findall(normalise(text).lower())


def reservoir(items: Iterable[T], limit: int) -> list[T]:
    """At most `limit` of `items`, each equally probable, the same ones of the same items (Vitter 1985, algorithm R)."""
    random, kept = Random(1), []
    for number, item in enumerate(items):
        if number < limit:
            kept.append(item)
        elif (place := random.randrange(number + 1)) < limit:
            kept[place] = item
    return kept
