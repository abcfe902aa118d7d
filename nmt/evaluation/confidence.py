"""How well a model knows when it is right: calibration of its tokens, and its confidence beside its segments' scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nmt.evaluation.metrics import Floats, Score

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Tokens that a model is about as sure of."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean probability of the tokens that it would choose."""
    accuracy: float
    """Share of them that the reference has."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reliability diagram (Guo et al. 2017)."""

    bins: tuple[Bin, ...]
    error: float
    """Expected calibration error: the mean distance of confidence and accuracy, weighted by the tokens of each bin."""
    tokens: int


def calibration(confidences: Sequence[float], hits: Sequence[bool]) -> Calibration:
    """The tokens of references by how sure a model is of its choice, given all tokens of the reference before."""
    sure, right = np.asarray(confidences, dtype=float), np.asarray(hits, dtype=float)
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        here = places == number
        count = int(here.sum())
        confidence, accuracy = (float(one[here].mean()) if count else 0.0 for one in (sure, right))
        bins.append(Bin(number / BINS, (number + 1) / BINS, count, confidence, accuracy))
    distance = sum(one.count * abs(one.confidence - one.accuracy) for one in bins)
    return Calibration(bins=tuple(bins), error=distance / len(sure) if len(sure) else 0.0, tokens=len(sure))


def correlation(first: Floats, second: Floats) -> float | None:
    """Pearson's correlation; None where one of the two does not vary."""
    known = np.isfinite(first) & np.isfinite(second)
    one, other = first[known], second[known]
    if len(one) < 2 or not one.std() or not other.std():
        return None
    return float(np.corrcoef(one, other)[0, 1])


@dataclass(frozen=True)
class Confidence:
    """What a model says of a test set: of the references, and of its own translations."""

    log_probability: float
    """Of all references that it can have."""
    perplexity: float
    """For each token of the references."""
    calibration: Calibration
    correlations: dict[str, float | None]
    """Of the mean log-probability, and of the mean BoostedProb, of its translations with their segments' scores."""
    log_probabilities: Floats
    """(N,) the mean for each token of each translation; NaN where there is none."""
    boosted: Floats
    """(N,)"""


class Forced(Protocol):
    """Forced decoding of one text: numbers for each token, and the attention of each."""

    @property
    def log_probabilities(self) -> Sequence[float]: ...

    @property
    def boosted(self) -> Sequence[float]: ...

    @property
    def confidences(self) -> Sequence[float]: ...

    @property
    def hits(self) -> Sequence[bool]: ...

    @property
    def attention(self) -> Sequence[Sequence[float]]: ...


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """The attention of one translation."""

    source: tuple[str, ...]
    """Tokens."""
    target: tuple[str, ...]
    weights: Sequence[Sequence[float]]
    """(T, S), from 0 to 1."""


@dataclass(frozen=True)
class Findings:
    """What is known of translations by a model at hand."""

    choices: int
    """Translations of each segment."""
    oracle: tuple[Score, ...] = ()
    """Scores of the best choice of each segment, by each metric; none where there is no choice."""
    confidence: Confidence | None = None
    attention: tuple[AttentionMap | None, ...] = ()
    """Of each translation; None where the model cannot read it."""


def confidence(references: Sequence[Forced | None], translations: Sequence[Forced | None], scores: Floats) -> Confidence:
    """`scores` (N,) are of the translations; None stands for what a model cannot read."""
    known = [one for one in references if one is not None]
    total = math.fsum(value for one in known for value in one.log_probabilities)
    tokens = sum(len(one.log_probabilities) for one in known)
    means = np.array([np.nan if one is None else float(np.mean(one.log_probabilities)) for one in translations])
    boosted = np.array([np.nan if one is None else float(np.mean(one.boosted)) for one in translations])
    return Confidence(
        log_probability=total,
        perplexity=math.exp(-total / tokens) if tokens else math.nan,
        calibration=calibration(
            [value for one in known for value in one.confidences], [hit for one in known for hit in one.hits]
        ),
        correlations={"log-probability": correlation(means, scores), "BoostedProb": correlation(boosted, scores)},
        log_probabilities=means,
        boosted=boosted,
    )


def oracle(choices: Sequence[Sequence[str]], scores: Sequence[Floats], *, higher_is_better: bool) -> list[str]:
    """The best of several translations of each segment: `choices` are texts of N segments, `scores` theirs, (N,) each."""
    best = np.argmax(scores, axis=0) if higher_is_better else np.argmin(scores, axis=0)
    return [choices[rank][segment] for segment, rank in enumerate(best)]
