"""The one way to tell a difference from chance: scores of many texts made of the segments of one test set.

Every metric and diagnostic gives statistics of each segment, and its score is made of their sum. A resample is another sum
of the same rows, so tests and intervals need to know nothing else of a metric. Samples, p-values and intervals are
sacreBLEU's own: the same seed draws the same segments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sacrebleu.metrics.base import Score
from sacrebleu.significance import _compute_p_value, estimate_ci

from nmt.evaluation.metrics import Floats

Aggregate = Callable[[Floats], Floats]
"""Sums (R, K) of statistics to scores (R,)."""

TestName = Literal["bs", "ar"]
"""Paired bootstrap (Koehn 2004) or approximate randomisation (Riezler and Maxwell 2005)."""
SAMPLES: dict[TestName, int] = {"bs": 1000, "ar": 10000}
"""Samples of each test where nobody says otherwise, as in sacreBLEU."""
SEED = 12345
SIGNIFICANT = 0.05
_CELLS = 5_000_000  # numbers that are held at once


@dataclass(frozen=True, slots=True)
class Resampling:
    """A test, how many samples it takes, and the seed that draws them."""

    test: TestName
    samples: int
    seed: int | None = SEED
    """None: other samples each time."""

    @property
    def facts(self) -> dict[str, object]:
        """Facts for a signature, by sacreBLEU's keys."""
        return {"seed": "none" if self.seed is None else self.seed, self.test: self.samples}


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean of bootstrapped scores, and half the width of the middle 95 % of them."""

    mean: float
    half_width: float


def bootstrap(statistics: Floats, aggregate: Aggregate, *, samples: int, seed: int | None) -> Floats:
    """Scores (R,) of R texts of as many segments as `statistics` (N, K) has rows, drawn with replacement.

    Texts of the same seed and number of segments are the same draws, so that their scores are paired.
    """
    segments = len(statistics)
    rows = statistics.astype(np.float32)
    drawn = np.random.default_rng(seed).choice(segments, size=(samples, segments), replace=True)  # (R, N)
    at_once = max(1, _CELLS // rows.size)
    parts = (drawn[start : start + at_once] for start in range(0, samples, at_once))
    # Summed one row after the other, as sacreBLEU sums them: float32 has another last bit in another order.
    return np.concatenate([aggregate(np.stack([rows[one].sum(axis=0) for one in part])) for part in parts])


def bootstrap_p_value(scores: Floats, baseline: Floats, difference: float) -> float:
    """The p-value of a `difference` of two systems whose bootstrapped scores (R,) are paired."""
    differences = np.abs(scores - baseline)
    return float(_compute_p_value(differences - differences.mean(), abs(difference)))


def interval(scores: Floats, *, paired: bool) -> Interval:
    """The interval of bootstrapped scores (R,). SacreBLEU adds up those of a paired test in another way than others."""
    if paired:
        mean, half_width = estimate_ci(scores)
        return Interval(mean=float(mean), half_width=float(half_width))
    found = Score("", 0.0)
    found.estimate_ci([Score("", score) for score in scores])
    return Interval(mean=float(found._mean), half_width=float(found._ci))


def randomisation_p_value(
    statistics: Floats, baseline: Floats, aggregate: Aggregate, difference: float, *, samples: int, seed: int | None
) -> float:
    """The p-value of a `difference` of two systems: how often it is as large when each segment swaps sides by chance."""
    swapped = np.random.default_rng(seed).integers(2, size=(samples, len(statistics)), dtype=bool)  # (R, N)
    at_once = max(1, _CELLS // len(statistics))
    found = []
    for start in range(0, samples, at_once):
        some = swapped[start : start + at_once].astype(np.float64)
        one, other = some @ baseline + (1.0 - some) @ statistics, (1.0 - some) @ baseline + some @ statistics
        found.append(np.abs(aggregate(one) - aggregate(other)))
    return float(_compute_p_value(np.concatenate(found), abs(difference)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979), in their order."""
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a system among others, as WMT prints it (Bojar et al. 2014)."""

    first: int
    last: int
    """From one more than the systems that are significantly better, to all but those that are significantly worse."""
    cluster: int
    """From 1, the best: each system of a cluster is significantly better than each of a later one."""


def ranks(values: Sequence[float], is_significant: Callable[[int, int], bool], *, higher_is_better: bool) -> list[Rank]:
    """The ranks of systems with these scores; `is_significant` tells whether the scores of two of them differ."""
    order = sorted(range(len(values)), key=lambda index: -values[index] if higher_is_better else values[index])
    clusters = [1] * len(values)
    for place in range(1, len(order)):
        parted = all(is_significant(above, below) for above in order[:place] for below in order[place:])
        clusters[order[place]] = clusters[order[place - 1]] + parted
    found = [Rank(first=1, last=1, cluster=1)] * len(values)
    for place, index in enumerate(order):
        better = sum(is_significant(above, index) for above in order[:place])
        worse = sum(is_significant(index, below) for below in order[place + 1 :])
        found[index] = Rank(first=better + 1, last=len(values) - worse, cluster=clusters[index])
    return found
