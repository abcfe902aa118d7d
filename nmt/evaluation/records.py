"""A comparison as plain records: what JSON, CSV and every other table are made of."""

from __future__ import annotations

from typing import Any

from nmt.evaluation.comparison import Comparison, Estimate, MetricResult

Record = dict[str, Any]
VERSION = 1


def records(comparison: Comparison) -> list[Record]:
    """A record for each system and metric."""
    return [
        {"system": system, **record(result, estimate)}
        for result in comparison.results
        for system, estimate in zip(comparison.systems, result.estimates, strict=True)
    ]


def record(result: MetricResult, estimate: Estimate) -> Record:
    """One score; what is not known is left out."""
    found: Record = {"metric": result.name, "score": estimate.score}
    if estimate.interval is not None:
        found |= {"mean": estimate.interval.mean, "ci": estimate.interval.half_width}
    found |= meaning(estimate)
    return {**found, "signature": result.signature}


def meaning(estimate: Estimate) -> Record:
    """How a score stands to others, and how certain that is."""
    found: Record = {}
    if estimate.deviation is not None:
        found["deviation"] = estimate.deviation
    if estimate.difference is not None:
        found["difference"] = estimate.difference
    if estimate.p_value is not None:
        found |= {"p_value": estimate.p_value, "p_holm": estimate.corrected}
    if estimate.people is not None:
        found["people_agree"] = estimate.people
    if estimate.rank is not None:
        rank = estimate.rank
        found |= {
            "rank": f"{rank.first}-{rank.last}" if rank.last > rank.first else f"{rank.first}",
            "cluster": rank.cluster,
        }
    return found


def segment_records(comparison: Comparison) -> list[Record]:
    """A record for each segment and system, with a score by each metric."""
    return [
        {
            "segment": number + 1,
            "system": system,
            **{
                metric: float(measured[index].segment_scores[number]) for metric, measured in comparison.measurements.items()
            },
        }
        for number in range(comparison.segments)
        for index, system in enumerate(comparison.systems)
    ]


def report(comparison: Comparison) -> Record:
    """All figures, to be read by programs and by `nmt evaluate --against`."""
    resampling = comparison.resampling
    return {
        "format": VERSION,
        "systems": list(comparison.systems),
        "segments": comparison.segments,
        "test": None if resampling is None else dict(resampling.facts),
        "scores": records(comparison),
    }
