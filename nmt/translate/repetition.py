"""Repetition that a source does not have: doubled words, loops, and words doubled within a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_LOOP = 8  # words of the longest phrase that is looked for
_SHORT = 4  # words up to which a sentence has no need to name a thing twice
_STEM = 4  # letters that forms of a word have in common
# A word that is nothing but four letters twice, or two thrice.
_DOUBLED = re.compile(r"(?<!\w)([^\W\d_]{4,}?)\1(?!\w)|([^\W\d_]{2,}?)\2\2")


def repeats(text: str, source: str) -> bool:
    """Whether `text` repeats itself where `source` does not."""
    if _DOUBLED.search(text.lower()) and not _DOUBLED.search(source.lower()):
        return True
    words, own = _words(text), _words(source)
    if len(set(words)) == len(words):
        return len(own) <= 2 and _shares_stem(words) and not _shares_stem(own)
    if _loops(words) and not _loops(own):
        return True
    if _trigrams(words) and not _trigrams(own):
        return True
    if len(own) > _SHORT or len(set(own)) < len(own):
        return False
    return any(count > 1 and len(word) >= _STEM for word, count in Counter(words).items())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _loops(words: Sequence[str]) -> bool:
    """Whether a phrase comes twice in a row."""
    return any(
        words[start : start + length] == words[start + length : start + 2 * length]
        for length in range(1, min(_LOOP, len(words) // 2) + 1)
        for start in range(len(words) - 2 * length + 1)
    )


def _trigrams(words: Sequence[str]) -> bool:
    """Whether three words come twice."""
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(trigrams)) < len(trigrams)


def _shares_stem(words: Sequence[str]) -> bool:
    stems = [word[:_STEM] for word in words if len(word) >= _STEM]
    return len(set(stems)) < len(stems)
