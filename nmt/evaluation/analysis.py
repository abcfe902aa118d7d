"""Where the differences of systems come from: buckets, groups, diagnostics, n-grams and sentences.

All is made of the statistics of segments, and judged by the routine that judges scores (`nmt.evaluation.comparison.judge`).
The first reference is the one whose words and lengths count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nmt.evaluation.carried import Carried, Failure, carried
from nmt.evaluation.comparison import Comparison, Measurement, MetricResult, System, compare, judge
from nmt.evaluation.diagnostics import Diagnostic, diagnostics
from nmt.evaluation.documents import Consistency, Inconsistency
from nmt.evaluation.embedding import Detached, Nearness
from nmt.evaluation.metrics import TestSet
from nmt.evaluation.ngrams import Salient, matched, salient
from nmt.evaluation.overlap import Overlap, overlap
from nmt.evaluation.resampling import Resampling
from nmt.evaluation.segments import DIFFERENCES, LENGTHS, Group, bound_labels, by_bounds, by_label, by_tercile
from nmt.evaluation.words import (
    PLACES,
    Splitter,
    WordAccuracy,
    WordTable,
    by_frequency,
    by_place,
    frequency_labels,
    splitter,
)

NGRAMS = 20
"""Shown for each pair of systems and direction."""
SENTENCES = 20
FAILURES = 200
"""Kept for each system and kind; their number is that of all."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a test set beside its texts; an analysis without it has less to say."""

    training: Iterable[tuple[str, str]] | None = None
    """Pairs of the training text, read once."""
    domains: Sequence[str] | None = None
    """A label for each segment."""
    documents: Sequence[str] | None = None
    """A name of its document for each segment."""
    terms: Sequence[tuple[str, str]] = ()
    """Pairs of a glossary."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: how much is in it, and all systems by one metric or several."""

    label: str
    count: int
    results: tuple[MetricResult, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A way to put words or segments into buckets."""

    title: str
    unit: str
    """What is counted, "words" or "segments"."""
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How many segments of each system are in each bucket, where systems have different ones."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """For each system, of each bucket."""


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What one system carried over from the source."""

    kind: str
    system: str
    wanted: int
    precision: float
    recall: float
    failures: tuple[Failure, ...]
    failed: int
    """Segments with a failure, those left out of `failures` too."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The first system and another one."""

    system: str
    better: tuple[Salient, ...]
    """N-grams that this system gets and the first does not."""
    worse: tuple[Salient, ...]
    gains: tuple[int, ...]
    """Segments that it translates better by the most, by the first metric."""
    losses: tuple[int, ...]


@dataclass(frozen=True)
class Analysis:
    faults: Comparison | None
    """Diagnostics, what is carried over, and consistency."""
    charts: tuple[Chart, ...]
    spreads: tuple[Spread, ...]
    carried: tuple[CarriedOver, ...]
    pairs: tuple[Pair, ...]
    overlap: Overlap | None = None
    memory: tuple[MetricResult, ...] = ()
    """The translation memory as a system, by each metric."""
    inconsistencies: tuple[tuple[str, tuple[Inconsistency, ...]], ...] = ()
    """By system."""
    faulty: dict[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """By diagnostic, for each system the segments that have it."""


def analyse(
    comparison: Comparison,
    systems: Sequence[System],
    test_set: TestSet,
    evidence: Evidence,
    *,
    resampling: Resampling | None = None,
    jobs: int = 1,
) -> Analysis:
    """All that the texts and the `evidence` tell. Systems of several runs are shown by their first where text is shown."""
    # 1. Faults, as metrics.
    things = carried(test_set, evidence.terms)
    faults: list[Diagnostic] = [*diagnostics(test_set), *things]
    if test_set.sources is not None and Nearness.name in comparison.measurements:
        faults.append(Detached(test_set))
    consistency = None
    if evidence.documents is not None and test_set.sources is not None:
        consistency = Consistency(test_set, documents=evidence.documents)
        faults.append(consistency)
    found = compare(systems, faults, resampling=resampling, jobs=jobs) if faults else None
    # 2. Buckets of words.
    frequency, near = _training(evidence.training, test_set)
    tables = [("accuracy of words by their place in the sentence", WordTable(test_set, by_place, PLACES))]
    if frequency is not None:
        table = WordTable(test_set, by_frequency(frequency), frequency_labels())
        tables.insert(0, ("accuracy of words by their frequency in the training text", table))
    charts = [_words(title, table, systems, resampling) for title, table in tables]
    # 3. Groups of segments.
    split = splitter(test_set.language)
    words = [split(text) for text in test_set.references[0]]
    lengths = [len(reference) for reference in words]
    groupings = [("score by the length of the reference, in words", by_bounds(lengths, LENGTHS))]
    if evidence.domains is not None:
        groupings.append(("score by domain", by_label(evidence.domains)))
    if near is not None:
        groupings.append(("score by the nearness of the training text", by_tercile(near.similarity)))
    charts += [_segments(title, groups, comparison, resampling) for title, groups in groupings]
    # 4. What is seen in the texts themselves.
    return Analysis(
        faults=found,
        charts=tuple(charts),
        spreads=(_differences(systems, lengths, split), _score_spread(comparison)),
        carried=tuple(_carried_over(kind, system) for kind in things for system in systems),
        pairs=tuple(_pairs(comparison, systems, words, split)),
        overlap=near,
        memory=() if near is None else _memory(comparison, near),
        inconsistencies=tuple(
            (system.name, tuple(consistency.inconsistencies(system.runs[0])))
            for system in systems
            if consistency is not None
        ),
        faulty={}
        if found is None
        else {name: tuple(map(_faulty, measured)) for name, measured in found.measurements.items()},
    )


def _training(pairs: Iterable[tuple[str, str]] | None, test_set: TestSet) -> tuple[Mapping[str, int] | None, Overlap | None]:
    """How often the training text has each word of the target, and how near it is to the source. It is read once."""
    if pairs is None:
        return None, None
    split = splitter(test_set.language)
    counts: Counter[str] = Counter()

    def counted(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for source, target in pairs:
            counts.update(split(target))
            yield source, target

    if test_set.sources is not None:
        return counts, overlap(test_set.sources, counted(pairs))
    for _ in counted(pairs):
        pass
    return counts, None


def _words(title: str, table: WordTable, systems: Sequence[System], resampling: Resampling | None) -> Chart:
    counted = [[table.statistics(run) for run in system.runs] for system in systems]  # of each run (N, B, 3)
    bars = []
    for number, label in enumerate(table.labels):
        metric = WordAccuracy(table.test_set, name=label)
        measured = [Measurement(metric, tuple(run[:, number] for run in runs)) for runs in counted]
        count = int(measured[0].sums[0][2])
        if any(one.sums[0][1:].any() for one in measured):
            bars.append(Bar(label, count, (judge(measured, resampling=resampling, ranked=False),)))
    return Chart(title, "words", tuple(bars))


def _segments(title: str, groups: Sequence[Group], comparison: Comparison, resampling: Resampling | None) -> Chart:
    bars = []
    for group in groups:
        results = [
            judge([one.part(group.segments) for one in measured], resampling=resampling, ranked=False)
            for measured in comparison.measurements.values()
        ]
        bars.append(Bar(group.label, len(group.segments), tuple(results)))
    return Chart(title, "segments", tuple(bars))


def _differences(systems: Sequence[System], lengths: Sequence[int], split: Splitter) -> Spread:
    """Words more or fewer than the reference."""
    counts = []
    for system in systems:
        found = by_bounds(
            [len(split(text)) - length for text, length in zip(system.runs[0], lengths, strict=True)], DIFFERENCES
        )
        sizes = {group.label: len(group.segments) for group in found}
        counts.append(tuple(sizes.get(label, 0) for label in bound_labels(DIFFERENCES)))
    return Spread("words more or fewer than the reference", tuple(bound_labels(DIFFERENCES)), tuple(counts))


def _score_spread(comparison: Comparison) -> Spread:
    """Segments by their score, by the first metric."""
    name, measured = next(iter(comparison.measurements.items()))
    bounds = range(10, 100, 10)
    counts = []
    for one in measured:
        sizes = {group.label: len(group.segments) for group in by_bounds(one.segment_scores.tolist(), bounds)}
        counts.append(tuple(sizes.get(label, 0) for label in bound_labels(bounds)))
    return Spread(f"{name} of segments", tuple(bound_labels(bounds)), tuple(counts))


def _carried_over(kind: Carried, system: System) -> CarriedOver:
    matched_things, found, wanted = np.mean([kind.statistics(run).sum(axis=0) for run in system.runs], axis=0)
    failures = kind.failures(system.runs[0])
    return CarriedOver(
        kind=kind.name,
        system=system.name,
        wanted=kind.count,
        precision=float(100.0 * matched_things / found) if found else 100.0,
        recall=float(100.0 * matched_things / wanted) if wanted else 100.0,
        failures=tuple(failures[:FAILURES]),
        failed=len(failures),
    )


def _pairs(
    comparison: Comparison, systems: Sequence[System], references: Sequence[Sequence[str]], split: Splitter
) -> Iterator[Pair]:
    """Each system beside the first."""
    measured = next(iter(comparison.measurements.values()))
    sign = 1.0 if measured[0].metric.higher_is_better else -1.0
    grams = [matched(references, map(split, system.runs[0])) for system in systems]
    for number, system in enumerate(systems[1:], 1):
        gains = sign * (measured[number].segment_scores - measured[0].segment_scores)
        order = np.argsort(-gains, kind="stable")
        yield Pair(
            system=system.name,
            better=tuple(salient(grams[number], grams[0], count=NGRAMS)),
            worse=tuple(salient(grams[0], grams[number], count=NGRAMS)),
            gains=tuple(int(segment) for segment in order[:SENTENCES] if gains[segment] > 0),
            losses=tuple(int(segment) for segment in order[::-1][:SENTENCES] if gains[segment] < 0),
        )


def _memory(comparison: Comparison, near: Overlap) -> tuple[MetricResult, ...]:
    memory = System("translation memory", (near.memory,))
    return tuple(judge([Measurement.of(memory, one[0].metric)]) for one in comparison.measurements.values())


def _faulty(measured: Measurement) -> tuple[int, ...]:
    """Segments that are worse than they could be, in any run."""
    best = 100.0 if measured.metric.higher_is_better else 0.0
    sums = np.mean(measured.runs, axis=0)  # (N, K)
    scores = measured.metric.aggregate_each(sums)
    there = sums.any(axis=1)
    worse = scores < best if measured.metric.higher_is_better else scores > best
    return tuple(int(segment) for segment in np.flatnonzero(there & worse))
