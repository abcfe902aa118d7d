"""Words of translations and which of them a reference has: accuracy by the frequency of words and by their places.

As compare-mt (Neubig et al. 2019) counts them: the first of equal words in a translation belongs to the first in the
reference, and a word that belongs to none has the bucket that it would have by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from nmt.evaluation.metrics import DEFAULTS, Floats, MetricOptions, Statistics, TestSet, VectorisedMetric, percent
from nmt.evaluation.tokenisation import tokenization_of

FREQUENCIES = (1, 2, 3, 4, 5, 10, 100, 1000)
"""Bounds of buckets by how often training text has a word: 0, 1, 2, 3, 4, 5 to 9, and so on."""
PLACES = ("first third", "middle third", "last third")

Splitter = Callable[[str], Sequence[str]]
Bucket = Callable[[str, int, int], int]
"""The bucket of a word at a place in a sentence of so many words."""


@cache
def splitter(language: str) -> Splitter:
    """The words of a text as BLEU has them in this language; a tokeniser of sacreBLEU."""
    from sacrebleu.metrics.bleu import BLEU

    tokenizer = BLEU(tokenize=tokenization_of(language)).tokenizer

    def split(text: str) -> Sequence[str]:
        words: list[str] = tokenizer(text.rstrip()).split()
        return words

    return split


def matches(reference: Sequence[str], hypothesis: Sequence[str]) -> list[int]:
    """For each word of the translation its place in the reference; -1 where it has none."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(reference):
        places[word].append(place)
    seen: Counter[str] = Counter()
    found = []
    for word in hypothesis:
        there = places.get(word, ())
        found.append(there[seen[word]] if seen[word] < len(there) else -1)
        seen[word] += 1
    return found


def counts(reference: Sequence[str], hypothesis: Sequence[str], bucket: Bucket, *, buckets: int) -> Statistics:
    """(B, 3): matched words, words of the translation and words of the reference in each bucket."""
    found = np.zeros((buckets, 3))
    own = [bucket(word, place, len(reference)) for place, word in enumerate(reference)]
    for number in own:
        found[number, 2] += 1
    for place, (word, match) in enumerate(zip(hypothesis, matches(reference, hypothesis), strict=True)):
        number = own[match] if match >= 0 else bucket(word, place, len(hypothesis))
        found[number, 0] += match >= 0
        found[number, 1] += 1
    return found


def by_frequency(frequencies: Mapping[str, int]) -> Bucket:
    """Buckets of FREQUENCIES."""

    def bucket(word: str, _place: int, _length: int) -> int:
        return int(np.searchsorted(FREQUENCIES, frequencies.get(word, 0), side="right"))

    return bucket


def by_place(_word: str, place: int, length: int) -> int:
    """Buckets of PLACES."""
    return min(3 * place // max(length, 1), 2)


def frequency_labels() -> list[str]:
    """The names of the buckets of `by_frequency`."""
    labels = ["0"]
    for low, high in pairwise(FREQUENCIES):
        labels.append(f"{low}" if high == low + 1 else f"{low:,}-{high - 1:,}")
    return [*labels, f"{FREQUENCIES[-1]:,}+"]


@dataclass(frozen=True)
class WordTable:
    """The words of a test set in buckets, by its first reference."""

    test_set: TestSet
    bucket: Bucket
    labels: Sequence[str]

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        """(N, B, 3)"""
        split = splitter(self.test_set.language)
        pairs = zip(self.test_set.references[0], hypotheses, strict=True)
        return np.array(
            [counts(split(reference), split(text), self.bucket, buckets=len(self.labels)) for reference, text in pairs]
        )


class WordAccuracy(VectorisedMetric):
    """F1 of the words of one bucket, in percent; statistics (N, 3) are matched words, words found and words wanted."""

    signature = "words:1"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS, *, name: str = "words") -> None:
        super().__init__(test_set, options)
        self.name = name

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        raise NotImplementedError("all buckets are counted at once, by WordTable")

    def aggregate_each(self, sums: Floats) -> Floats:
        return f1(sums)


def f1(sums: Floats) -> Floats:
    """F1 in percent of sums (R, 3): 2 matched / (found + wanted). 0 where there is nothing."""
    return percent(2.0 * sums[:, 0], sums[:, 1] + sums[:, 2])
