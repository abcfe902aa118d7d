"""N-grams that one system gets right and another does not, as compare-mt finds them (Neubig et al. 2019)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nmt.evaluation.diagnostics import ngrams

LONGEST = 4
SMOOTHING = 1.0
"""Added to both counts: the more, the more frequent are the n-grams that come first."""

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Salient:
    """An n-gram with how often each of two systems has it where the reference has it."""

    ngram: str
    first: int
    second: int
    share: float
    """(first + 1) / (first + second + 2)"""


def matched(references: Iterable[Sequence[str]], hypotheses: Iterable[Sequence[str]]) -> Counter[Gram]:
    """How often each n-gram is in a translation and in its reference, of words."""
    found: Counter[Gram] = Counter()
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        own, there = (
            Counter(gram for order in range(1, LONGEST + 1) for gram in ngrams(words, order))
            for words in (hypothesis, reference)
        )
        found += own & there
    return found


def salient(first: Counter[Gram], second: Counter[Gram], *, count: int) -> list[Salient]:
    """The `count` n-grams that the first system gets right and the second does not, by their share and then their number."""
    found = [
        Salient(
            ngram=" ".join(gram),
            first=first[gram],
            second=second[gram],
            share=(first[gram] + SMOOTHING) / (first[gram] + second[gram] + 2 * SMOOTHING),
        )
        for gram in first
        if first[gram] > second[gram]
    ]
    return sorted(found, key=lambda one: (-one.share, -one.first, one.ngram))[:count]
