"""Selection of the text that is most like a domain, by cross-entropy difference (Moore and Lewis 2010)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from nmt.corpus.ngrams import MAX_WORDS, UNKNOWN, NgramModel
from nmt.corpus.parallel import SentencePair
from nmt.corpus.words import reservoir, words

MAX_SENTENCES = 200_000
"""Of the domain, and as many of the other text, that the models are learned from."""
LEAST_COUNT = 2  # of a word in the domain; all others are one unknown word (Moore and Lewis 2010, section 3)
_SCORED_AT_ONCE = 10_000  # pairs

Pairs = Callable[[], Iterator[SentencePair]]
"""A text that can be read again and again."""


class Domain:
    """The text of a domain, to which other text is compared."""

    def __init__(self, pairs: Iterable[SentencePair], *, sides: Sequence[int]) -> None:
        """`sides` of a pair are those that are compared: 0 the source, 1 the target."""
        self._sample = reservoir(pairs, MAX_SENTENCES)
        self._sides = tuple(sides)

    def most_like(self, text: Pairs, share: float) -> npt.NDArray[np.bool_]:
        """Whether each pair of `text` is in the share of pairs that are most like the domain, (pairs,).

        A sentence s is unlike the domain by H_D(s) - H_T(s) nats per word, where H is its cross-entropy under a trigram
        model of the domain D and under one of a sample of the text T that is as large; a pair, by the sum over its sides
        (Axelrod et al. 2011). A pair with an empty side is less like the domain than all others.
        """
        general = reservoir(text(), len(self._sample))
        sides = [(side, _Difference(_side(self._sample, side), _side(general, side))) for side in self._sides]
        pairs, parts = text(), [np.empty(0)]
        while some := list(islice(pairs, _SCORED_AT_ONCE)):
            parts.append(np.sum([difference(_side(some, side)) for side, difference in sides], axis=0))
        scores = np.concatenate(parts)
        kept = np.zeros(len(scores), bool)
        kept[np.argsort(scores, kind="stable")[: round(share * len(scores))]] = True
        return kept


class _Difference:
    """Cross-entropy difference of sentences in one language."""

    def __init__(self, domain: Sequence[str], general: Sequence[str]) -> None:
        counts = Counter(word for sentence in domain for word in words(sentence))
        known = [word for word, count in counts.most_common(MAX_WORDS - UNKNOWN - 1) if count >= LEAST_COUNT]
        self._ids = {word: number for number, word in enumerate(known, UNKNOWN + 1)}
        size = UNKNOWN + 1 + len(known)
        self._models = [
            NgramModel([self._encode(sentence) for sentence in text], vocabulary_size=size) for text in (domain, general)
        ]

    def __call__(self, sentences: Sequence[str]) -> npt.NDArray[np.float64]:
        """H_D - H_T of each, in nats per word; infinity where there is no word."""
        ids = [self._encode(sentence) for sentence in sentences]
        domain, general = (model.cross_entropies(ids) for model in self._models)
        return np.where([not sentence for sentence in ids], np.inf, domain - general)

    def _encode(self, sentence: str) -> list[int]:
        return [self._ids.get(word, UNKNOWN) for word in words(sentence)]


def _side(pairs: Sequence[SentencePair], side: int) -> list[str]:
    return [pair[side] for pair in pairs]
