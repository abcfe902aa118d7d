"""Trigram models of words: small, quick to learn, and good enough to tell one kind of text from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]

BEGIN, END, UNKNOWN = 0, 1, 2
"""Ids beside those of words, which begin with 3."""
MAX_WORDS = 1 << 20
"""Ids that a key of three has room for."""
_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """How often each key occurs; the keys ascend."""

    keys: Integers
    counts: Integers

    @classmethod
    def of(cls, keys: Integers) -> _Counts:
        return cls(*np.unique(keys, return_counts=True))

    def __getitem__(self, keys: Integers) -> Floats:
        """The counts of `keys`, 0 where a key does not occur."""
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, self.counts[places], 0).astype(np.float64)


class NgramModel:
    """P(w | u, v) by interpolation of trigrams, bigrams and words (Witten and Bell 1991; Chen and Goodman 1999, 2.6).

    P(w | h) = (c(h w) + t(h) P(w | h')) / (c(h) + t(h)), where c counts, t(h) is the number of different words that follow
    h, and h' is h without its first word; under it all are the words alone, and at the bottom all V words that can follow
    are equally probable. Sentences begin after two BEGIN and end with END.
    """

    def __init__(self, sentences: Sequence[Sequence[int]], *, vocabulary_size: int) -> None:
        """`sentences` are of ids from 2 on and below `vocabulary_size`, which is at most MAX_WORDS."""
        two, one, word, _ = _grams(sentences)
        self._possible = vocabulary_size - 1  # all but BEGIN
        trigrams = _Counts.of(_key(two, one, word))
        bigrams = _Counts.of(_key(one, word))
        self._grams = (_Counts.of(word), bigrams, trigrams)
        self._contexts = (_Counts.of(np.zeros_like(word)), _Counts.of(one), _Counts.of(_key(two, one)))
        self._followers = (
            _Counts.of(np.zeros_like(self._grams[0].keys)),
            _Counts.of(bigrams.keys >> _BITS),
            _Counts.of(trigrams.keys >> _BITS),
        )

    def cross_entropies(self, sentences: Sequence[Sequence[int]]) -> Floats:
        """Of each sentence, in nats per word, its end counted: (sentences,)."""
        two, one, word, lengths = _grams(sentences)
        probability = np.full(len(word), 1.0 / self._possible)
        keys = (word, _key(one, word), _key(two, one, word))
        contexts = (np.zeros_like(word), one, _key(two, one))
        orders = zip(keys, contexts, self._grams, self._contexts, self._followers, strict=True)
        for key, context, grams, totals, followers in orders:
            types, total = followers[context], totals[context]
            seen = total > 0
            interpolated = (grams[key] + types * probability) / np.where(seen, total + types, 1.0)
            probability = np.where(seen, interpolated, probability)
        ends = np.cumsum(lengths)
        return -np.add.reduceat(np.log(probability), ends - lengths) / lengths if len(lengths) else np.empty(0)


def _grams(sentences: Sequence[Sequence[int]]) -> tuple[Integers, Integers, Integers, Integers]:
    """Each word, ends included, with the two before it (words,), and the number of words of each sentence (sentences,)."""
    lengths = np.array([len(sentence) + 1 for sentence in sentences], np.int64)
    flat = np.fromiter(chain.from_iterable((BEGIN, BEGIN, *sentence, END) for sentence in sentences), np.int64)
    first = np.cumsum(lengths + 2) - lengths - 2  # the first BEGIN of each sentence
    places = np.ones(len(flat), bool)
    places[first] = places[first + 1] = False
    at = np.flatnonzero(places)
    return flat[at - 2], flat[at - 1], flat[at], lengths


def _key(*ids: Integers) -> Integers:
    key = np.zeros_like(ids[0])
    for part in ids:
        key = key << _BITS | part
    return key
