"""Diagnostics: what is wrong with a translation, as metrics whose scores are shares in percent.

Each gives statistics of every segment as all metrics do, so that it is tested and has intervals as they do.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np

from nmt.evaluation.metrics import DEFAULTS, Floats, MetricOptions, Statistics, TestSet, VectorisedMetric, percent
from nmt.evaluation.words import splitter

LONGEST, SHORTEST = 2.0, 0.5
"""Lengths, as shares of the reference's, beyond which a translation says too much or too little."""
COPIED, TRANSLATED = 0.7, 0.3
"""Shares of n-grams that the source has, too: a copy has more than the first, a translation less than the second."""
SURE = 0.99
"""Probability from which a language is believed."""
_FEWEST_LETTERS = 20  # of a text whose language can be told
_ORDER = 4


class Diagnostic(VectorisedMetric):
    """A share in percent of sums (R, K)."""

    signature = "diagnostic:1"
    needs_source: ClassVar[bool] = False


class Share(Diagnostic):
    """The share of segments that have a fault: statistics (N, 2) are 1 for a fault and 1 for a segment."""

    higher_is_better = False

    def aggregate_each(self, sums: Floats) -> Floats:
        return percent(sums[:, 0], sums[:, 1])

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        return np.array([[self.has_fault(number, text), 1.0] for number, text in enumerate(hypotheses)], dtype=np.float64)

    @abstractmethod
    def has_fault(self, segment: int, hypothesis: str) -> bool: ...


class _Length(Share):
    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        self._references = list(zip(*test_set.references, strict=True))

    def _ratio(self, segment: int, hypothesis: str) -> float:
        """Characters for each of the reference whose length is nearest; spaces are none."""
        length = _length(hypothesis)
        nearest = min((_length(text) for text in self._references[segment]), key=lambda other: abs(other - length))
        return length / nearest if nearest else (1.0 if not length else np.inf)


class OverTranslated(_Length):
    """Segments that are more than twice as long as a reference."""

    name = "over-translated"

    def has_fault(self, segment: int, hypothesis: str) -> bool:
        return self._ratio(segment, hypothesis) > LONGEST


class UnderTranslated(_Length):
    """Segments that are less than half as long as a reference."""

    name = "under-translated"

    def has_fault(self, segment: int, hypothesis: str) -> bool:
        return self._ratio(segment, hypothesis) < SHORTEST


class Repetition(Diagnostic):
    """Word 4-grams that were there before in the segment, in percent of all, beyond those of the references."""

    name = "repetition"
    higher_is_better = False

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        self._split = splitter(test_set.language)
        texts = list(zip(*test_set.references, strict=True))
        self._references = np.array([np.mean([self._counts(text) for text in group], axis=0) for group in texts])

    def _counts(self, text: str) -> tuple[int, int]:
        """Repeated and all n-grams."""
        grams = ngrams(self._split(text), _ORDER)
        return len(grams) - len(set(grams)), len(grams)

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        return np.hstack([np.array([self._counts(text) for text in hypotheses], dtype=np.float64), self._references])

    def aggregate_each(self, sums: Floats) -> Floats:
        return percent(sums[:, 0], sums[:, 1]) - percent(sums[:, 2], sums[:, 3])


class Copied(Share):
    """Segments that are the source, where the reference is not."""

    name = "copied source"
    needs_source = True

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        assert test_set.sources is not None
        self._sources = [Counter(ngrams(_squeezed(text), _ORDER)) for text in test_set.sources]
        self._is_translated = [
            all(self._overlap(segment, text) < TRANSLATED for text in group)
            for segment, group in enumerate(zip(*test_set.references, strict=True))
        ]

    def _overlap(self, segment: int, text: str) -> float:
        """The share of the text's n-grams of characters that its source has."""
        own = Counter(ngrams(_squeezed(text), _ORDER))
        return (own & self._sources[segment]).total() / own.total() if own else 0.0

    def has_fault(self, segment: int, hypothesis: str) -> bool:
        return self._is_translated[segment] and self._overlap(segment, hypothesis) > COPIED


class WrongLanguage(Share):
    """Segments that are surely in another language than the target's, where the reference is found to be in that."""

    name = "wrong language"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        self._target = test_set.language.lower().partition("-")[0]
        self._can_be_told = [
            all(language_of(text)[0] == self._target for text in group) for group in zip(*test_set.references, strict=True)
        ]

    def has_fault(self, segment: int, hypothesis: str) -> bool:
        if not self._can_be_told[segment]:
            return False
        language, probability = language_of(hypothesis)
        return language not in (self._target, "") and probability > SURE


DIAGNOSTICS: dict[str, type[Diagnostic]] = {
    kind.name: kind for kind in (OverTranslated, UnderTranslated, Repetition, Copied, WrongLanguage)
}


def diagnostics(test_set: TestSet) -> Iterator[Diagnostic]:
    """All diagnostics that can be had of a test set: some need the source, one the target language."""
    for kind in DIAGNOSTICS.values():
        if kind.needs_source and test_set.sources is None:
            continue
        if kind is WrongLanguage and not test_set.language:
            continue
        yield kind(test_set)


def language_of(text: str) -> tuple[str, float]:
    """The language of a text and its probability, by py3langid (Lui and Baldwin 2012); "" for less than a few words."""
    if sum(map(str.isalpha, text)) < _FEWEST_LETTERS:
        return "", 0.0
    language, probability = _identify()(text)
    return str(language), float(probability)


@cache
def _identify() -> Callable[[str], Any]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # reading it takes a while

    classify: Callable[[str], Any] = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify
    return classify


def ngrams(units: Sequence[str], order: int) -> list[tuple[str, ...]]:
    return [tuple(units[start : start + order]) for start in range(len(units) - order + 1)]


def _length(text: str) -> int:
    return len("".join(text.split()))


def _squeezed(text: str) -> str:
    return " ".join(text.lower().split())
