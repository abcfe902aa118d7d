"""Consistency of a document: whether a word of the source is translated the same way throughout.

A term is a word of the source that several segments of a document have. Its translation in a segment is the word of the
translation that goes with it most, by Dice's coefficient over the whole test set.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nmt.evaluation.diagnostics import Diagnostic
from nmt.evaluation.metrics import DEFAULTS, Floats, MetricOptions, Statistics, TestSet, percent
from nmt.evaluation.words import splitter

LEAST = 0.3
"""Dice's coefficient of a word and its translation."""
SHORTEST_TERM = 4
"""Characters of a term: shorter words of most languages are function words."""
STEM = 5
"""Characters, without case, by which forms of a word are one: Haus and Hauses, but not Haus and Gebäude."""
LARGEST_SHARE = 0.1
"""Of the segments of a test set that may have a term; function words are in more."""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    document: str
    term: str
    translations: tuple[tuple[str, int], ...]
    """Words with the number of segments that have each, the most frequent first."""


class Consistency(Diagnostic):
    """Occurrences of terms that have the translation that most occurrences in their document have, in percent."""

    name = "consistency"
    needs_source = True

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS, *, documents: Sequence[str]) -> None:
        super().__init__(test_set, options)
        assert test_set.sources is not None
        self._split = splitter(test_set.language)
        split = splitter(test_set.source_language)
        self._documents = documents
        words = [
            {word for word in split(text) if len(word) >= SHORTEST_TERM and word.isalpha()} for text in test_set.sources
        ]
        self._frequency = Counter(word for own in words for word in own)
        most = max(2.0, LARGEST_SHARE * len(words))
        terms: dict[tuple[str, str], list[int]] = defaultdict(list)
        for segment, own in enumerate(words):
            for word in own:
                terms[documents[segment], word].append(segment)
        self._terms = {
            (document, word): segments
            for (document, word), segments in sorted(terms.items())
            if len(segments) > 1 and self._frequency[word] <= most
        }
        self._segments: dict[str, list[int]] = defaultdict(list)
        wanted = {word for _, word in self._terms}
        for segment, own in enumerate(words):
            for word in own & wanted:
                self._segments[word].append(segment)

    def translations(self, hypotheses: Sequence[str]) -> dict[tuple[str, str], list[tuple[int, str]]]:
        """By document and term, the segments that have it with the word that translates it, in its most frequent form."""
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        words = []
        for text in hypotheses:
            own = [word for word in self._split(text) if word.isalpha()]
            for word in own:
                forms[_stem(word)][word] += 1
            words.append({_stem(word) for word in own})
        frequency = Counter(word for own in words for word in own)
        together = {
            term: Counter(word for segment in segments for word in words[segment])
            for term, segments in self._segments.items()
        }

        def dice(term: str, word: str) -> float:
            return 2.0 * together[term][word] / (self._frequency[term] + frequency[word])

        found = {}
        for (document, term), segments in self._terms.items():
            best = [
                (segment, max(words[segment], key=lambda word: (dice(term, word), word)))
                for segment in segments
                if words[segment]
            ]
            found[document, term] = [
                (segment, forms[word].most_common(1)[0][0]) for segment, word in best if dice(term, word) >= LEAST
            ]
        return {key: pairs for key, pairs in found.items() if len(pairs) > 1}

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        """(N, 2): occurrences that are translated as most are, and all."""
        rows = np.zeros((len(hypotheses), 2))
        for pairs in self.translations(hypotheses).values():
            usual = Counter(word for _, word in pairs).most_common(1)[0][0]
            for segment, word in pairs:
                rows[segment] += (word == usual, 1.0)
        return rows

    def aggregate_each(self, sums: Floats) -> Floats:
        return percent(sums[:, 0], sums[:, 1])

    def inconsistencies(self, hypotheses: Sequence[str]) -> list[Inconsistency]:
        """Terms with several translations in one document, those with the most occurrences first."""
        found = []
        for (document, term), pairs in self.translations(hypotheses).items():
            words = Counter(word for _, word in pairs)
            if len(words) > 1:
                found.append(Inconsistency(document, term, tuple(words.most_common())))
        return sorted(found, key=lambda one: -sum(count for _, count in one.translations))


def _stem(word: str) -> str:
    return word.lower()[:STEM]
