"""The comparison of systems on one test set: scores by each metric, and tests against the first system and the others."""

from __future__ import annotations

import statistics as moments
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from nmt.errors import InputError
from nmt.evaluation.agreement import share_of_people
from nmt.evaluation.metrics import Floats, Metric, Statistics
from nmt.evaluation.parallel import in_parallel
from nmt.evaluation.resampling import (
    SAMPLES,
    SEED,
    SIGNIFICANT,
    Interval,
    Rank,
    Resampling,
    bootstrap,
    bootstrap_p_value,
    holm,
    interval,
    randomisation_p_value,
    ranks,
)


@dataclass(frozen=True, slots=True)
class System:
    """Translations of a test set by one system, in one run or, with several seeds, in several."""

    name: str
    runs: tuple[Sequence[str], ...]

    def __len__(self) -> int:
        """Number of segments."""
        return len(self.runs[0])


@dataclass(frozen=True)
class Measurement:
    """The statistics of one system by one metric, in which the score of any of its segments is."""

    metric: Metric
    runs: tuple[Statistics, ...]
    """Of each run (N, K)."""

    @classmethod
    def of(cls, system: System, metric: Metric) -> Measurement:
        if len(system) != metric.segments:
            raise InputError(f"{system.name} has {len(system)} lines, but the references have {metric.segments}")
        return cls(metric, tuple(metric.statistics(run) for run in system.runs))

    @cached_property
    def statistics(self) -> Statistics:
        """(N, S K), the runs side by side."""
        return np.concatenate(self.runs, axis=1)

    @cached_property
    def sums(self) -> tuple[Statistics, ...]:
        """Of each run (K,)."""
        return tuple(run.sum(axis=0) for run in self.runs)

    @cached_property
    def run_scores(self) -> tuple[float, ...]:
        return tuple(self.metric.aggregate(sums) for sums in self.sums)

    @cached_property
    def score(self) -> float:
        """The mean of the runs."""
        return self.run_scores[0] if len(self.runs) == 1 else moments.fmean(self.run_scores)

    @cached_property
    def segment_scores(self) -> Floats:
        """(N,), the mean of the runs."""
        scores: Floats = np.mean([self.metric.segment_scores(run) for run in self.runs], axis=0)
        return scores

    def aggregate_each(self, sums: Floats) -> Floats:
        """Scores (R,) of sums (R, S K)."""
        if len(self.runs) == 1:
            return self.metric.aggregate_each(sums)
        scores: Floats = np.mean([self.metric.aggregate_each(run) for run in np.split(sums, len(self.runs), axis=1)], axis=0)
        return scores

    def part(self, segments: Sequence[int]) -> Measurement:
        """The measurement of the text that has these segments alone."""
        return Measurement(self.metric, tuple(run[list(segments)] for run in self.runs))


@dataclass(frozen=True, slots=True)
class Estimate:
    """The score of one system, and all that is known of how it stands to others."""

    score: float
    interval: Interval | None = None
    deviation: float | None = None
    """Standard deviation of the runs."""
    p_value: float | None = None
    """Against the first system, as are the next three."""
    corrected: float | None = None
    """The p-value by Holm's correction for the number of systems."""
    difference: float | None = None
    people: float | None = None
    """Percent of people who would agree with the sign of the difference."""
    rank: Rank | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """All systems by one metric."""

    name: str
    signature: str
    short_signature: str
    higher_is_better: bool
    estimates: tuple[Estimate, ...]
    """One for each system."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    systems: tuple[str, ...]
    segments: int
    resampling: Resampling | None
    results: tuple[MetricResult, ...]
    measurements: Mapping[str, tuple[Measurement, ...]] = field(repr=False, default_factory=dict)
    """By the name of the metric, one for each system."""


def compare(
    systems: Sequence[System],
    metrics: Sequence[Metric],
    *,
    resampling: Resampling | None = None,
    intervals: Resampling | None = None,
    jobs: int = 1,
) -> Comparison:
    """The scores of all `systems` by all `metrics`.

    `resampling` tests each system against the first, and more than two against each other. `intervals` are bootstrap samples
    for an interval of each score; a bootstrap test has its own. So many `jobs` work at a time.
    """
    pairs = [(metric, system) for metric in metrics for system in systems]
    runs = in_parallel(lambda pair: Measurement.of(pair[1], pair[0]).runs, pairs, jobs=jobs)
    measured = [Measurement(metric, found) for (metric, _), found in zip(pairs, runs, strict=True)]
    groups = [measured[start : start + len(systems)] for start in range(0, len(measured), len(systems))]
    return Comparison(
        systems=tuple(system.name for system in systems),
        segments=len(systems[0]),
        resampling=resampling,
        results=tuple(judge(group, resampling=resampling, intervals=intervals, jobs=jobs) for group in groups),
        measurements={group[0].metric.name: tuple(group) for group in groups},
    )


def with_intervals(comparison: Comparison) -> Comparison:
    """The comparison with an interval of each score, by the bootstrap that a test would take, where it has none."""
    if all(estimate.interval is not None for result in comparison.results for estimate in result.estimates):
        return comparison
    test = comparison.resampling
    drawn = Resampling(test="bs", samples=SAMPLES["bs"], seed=test.seed if test else SEED)
    results = []
    for result in comparison.results:
        measured = judge(comparison.measurements[result.name], intervals=drawn)
        pairs = zip(result.estimates, measured.estimates, strict=True)
        results.append(replace(result, estimates=tuple(replace(own, interval=one.interval) for own, one in pairs)))
    return replace(comparison, results=tuple(results))


def judge(
    measured: Sequence[Measurement],
    *,
    resampling: Resampling | None = None,
    intervals: Resampling | None = None,
    jobs: int = 1,
    ranked: bool = True,
) -> MetricResult:
    """One metric of systems that are `measured`, as `compare` has it; `ranked`: each is tested against all others."""
    sampled: Sequence[Floats | None] = [None] * len(measured)
    drawn = resampling if resampling and resampling.test == "bs" else intervals
    if drawn is not None:
        sampled = in_parallel(
            lambda one: bootstrap(one.statistics, one.aggregate_each, samples=drawn.samples, seed=drawn.seed),
            measured,
            jobs=jobs,
        )
    metric, scores = measured[0].metric, [one.score for one in measured]
    tested = _tested(measured, sampled, resampling, jobs=jobs, ranked=ranked) if resampling else None
    facts = {**(intervals.facts if intervals else {}), **(resampling.facts if resampling else {})}
    estimates = [
        Estimate(
            score=one.score,
            interval=None if samples is None else interval(samples, paired=resampling is not None),
            deviation=moments.stdev(one.run_scores) if len(one.runs) > 1 else None,
            p_value=tested.p_values[index - 1] if index and tested else None,
            corrected=tested.corrected[index - 1] if index and tested else None,
            difference=one.score - scores[0] if index else None,
            people=share_of_people(metric.curve, one.score - scores[0]) if index else None,
            rank=tested.places[index] if tested else None,
        )
        for index, (one, samples) in enumerate(zip(measured, sampled, strict=True))
    ]
    return MetricResult(
        name=metric.name,
        signature=metric.signature_of(facts),
        short_signature=metric.signature_of(facts, short=True),
        higher_is_better=metric.higher_is_better,
        estimates=tuple(estimates),
        notes=tuple(dict.fromkeys(note for one in measured for sums in one.sums if (note := metric.note(sums)))),
    )


@dataclass(frozen=True, slots=True)
class _Tested:
    """The tests of systems for one metric."""

    p_values: list[float]
    """Of each system but the first, against the first."""
    corrected: list[float]
    """The same by Holm's correction."""
    places: Sequence[Rank | None]
    """Of each system, where all are tested against each other."""


def _tested(
    measured: Sequence[Measurement], sampled: Sequence[Floats | None], resampling: Resampling, *, jobs: int, ranked: bool
) -> _Tested:
    count, scores = len(measured), [one.score for one in measured]

    def p_value(pair: tuple[int, int]) -> float:
        first, second = pair
        difference = scores[second] - scores[first]
        if resampling.test == "bs":
            bootstrapped, baseline = sampled[second], sampled[first]
            assert bootstrapped is not None
            assert baseline is not None
            return bootstrap_p_value(bootstrapped, baseline, difference)
        return randomisation_p_value(
            measured[second].statistics,
            measured[first].statistics,
            measured[first].aggregate_each,
            difference,
            samples=resampling.samples,
            seed=resampling.seed,
        )

    pairs = [pair for pair in combinations(range(count), 2) if ranked or not pair[0]]
    p_values = dict(zip(pairs, in_parallel(p_value, pairs, jobs=jobs), strict=True))
    # SacreBLEU's test counts samples of a larger difference, and finds none where two systems are the same: p is then 0.
    certainties = {pair: p if scores[pair[0]] != scores[pair[1]] else 1.0 for pair, p in p_values.items()}
    places: Sequence[Rank | None] = [None] * count
    if ranked and count > 2:
        certain = dict(zip(pairs, (p < SIGNIFICANT for p in holm(list(certainties.values()))), strict=True))
        places = ranks(
            scores,
            lambda one, other: certain[min(one, other), max(one, other)],
            higher_is_better=measured[0].metric.higher_is_better,
        )
    others = range(1, count)
    corrected = holm([certainties[0, index] for index in others])
    return _Tested([p_values[0, index] for index in others], corrected, places)
