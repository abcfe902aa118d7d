"""Quality of translations without a reference: what a model thinks of them, and which of them may be hallucinated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nmt.errors import ConfigurationError
from nmt.evaluation.confidence import Forced
from nmt.evaluation.diagnostics import SURE, language_of, ngrams
from nmt.evaluation.embedding import embeddings
from nmt.evaluation.metrics import Floats
from nmt.evaluation.words import splitter

ORDER = 4  # of repeated word n-grams
SUSPICIOUS = 0.65
"""Suspicion above which a segment is a candidate."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of hallucination in N translations, each from 0, none, to 1."""

    distance: Floats | None
    """(N,) 1 - cosine of the sentence embeddings of source and translation, at most 1; None without embeddings."""
    uncovered: Floats | None
    """(N,) 1 - mean over source tokens of the most attention that any target token pays; None without a model."""
    repetition: Floats
    """(N,) share of the translation's word 4-grams that were there before, beyond that of the source."""

    @property
    def suspicion(self) -> Floats:
        """(N,) the mean of distance and lack of coverage, where they are known, plus repetition; at most 1.

        Detached hallucinations are far from their source, and oscillating ones repeat themselves (Raunak et al. 2021).
        """
        known = [sign for sign in (self.distance, self.uncovered) if sign is not None]
        unknown = np.zeros(len(self.repetition))
        found: Floats = np.minimum(1.0, np.mean(known, axis=0) + self.repetition) if known else unknown + self.repetition
        return found


@dataclass(frozen=True, slots=True)
class QualityEstimate:
    """One system's translations of N segments."""

    system: str
    signs: Signs
    log_probability: float | None
    """Mean over all tokens that a model gives; None without a model."""
    boosted: float | None
    """Mean BoostedProb of all tokens (Dinh and Niehues 2025)."""
    log_probabilities: Floats | None
    """(N,) the mean of each segment; NaN for one that the model cannot read."""
    boosted_each: Floats | None
    """(N,)"""
    empty: int
    """Translations without text, of sources with text."""
    other_language: int
    """Translations that are surely in another language than the target's."""

    @property
    def perplexity(self) -> float | None:
        return None if self.log_probability is None else math.exp(-self.log_probability)

    def candidates(self) -> list[int]:
        """Segments that may be hallucinated, the most suspicious first."""
        suspicion = self.signs.suspicion
        order = np.argsort(-suspicion, kind="stable")
        return [int(segment) for segment in order if suspicion[segment] > SUSPICIOUS]


def estimate(
    system: str,
    translations: Sequence[str],
    sources: Sequence[str],
    *,
    language: str,
    source_language: str,
    forced: Sequence[Forced | None] | None,
) -> QualityEstimate:
    """Estimate the quality of `translations`; `forced` is what a model makes of each given its source."""
    known = [one for one in forced or () if one is not None]
    tokens = sum(len(one.log_probabilities) for one in known)
    target = language.lower().partition("-")[0]
    return QualityEstimate(
        system=system,
        signs=Signs(
            distance=_distance(sources, translations),
            uncovered=None if forced is None else np.array([_uncovered(one) for one in forced]),
            repetition=np.maximum(0.0, _repetition(translations, language) - _repetition(sources, source_language)),
        ),
        log_probability=math.fsum(v for one in known for v in one.log_probabilities) / tokens if tokens else None,
        boosted=math.fsum(v for one in known for v in one.boosted) / tokens if tokens else None,
        log_probabilities=_means(forced, "log_probabilities"),
        boosted_each=_means(forced, "boosted"),
        empty=sum(bool(source.strip()) and not text.strip() for source, text in zip(sources, translations, strict=True)),
        other_language=0 if not target else sum(_is_other_language(text, target) for text in translations),
    )


def _distance(sources: Sequence[str], translations: Sequence[str]) -> Floats | None:
    try:
        cosines = (embeddings(sources) * embeddings(translations)).sum(axis=1)
    except ConfigurationError:  # the package is not installed
        return None
    distance: Floats = np.clip(1.0 - cosines, 0.0, 1.0)
    return distance


def _uncovered(forced: Forced | None) -> float:
    if forced is None or not len(forced.attention):
        return 0.0
    return float(1.0 - np.asarray(forced.attention).max(axis=0).mean())  # (T, S)


def _repetition(texts: Sequence[str], language: str) -> Floats:
    split, shares = splitter(language), []
    for text in texts:
        grams = ngrams(split(text), ORDER)
        shares.append((len(grams) - len(set(grams))) / len(grams) if grams else 0.0)
    return np.array(shares)


def _means(forced: Sequence[Forced | None] | None, name: str) -> Floats | None:
    if forced is None:
        return None
    return np.array([math.nan if one is None else float(np.mean(getattr(one, name))) for one in forced])


def _is_other_language(text: str, target: str) -> bool:
    language, probability = language_of(text)
    return language not in (target, "") and probability > SURE
