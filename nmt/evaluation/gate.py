"""A gate for a pipeline: scores that are worse than those of an earlier report."""

from __future__ import annotations

import json
from collections.abc import Iterable

from nmt.errors import InputError
from nmt.evaluation.comparison import Comparison
from nmt.evaluation.records import VERSION


def losses(comparison: Comparison, earlier: Iterable[str], *, name: str, allowed: float) -> list[str]:
    """A line for each score that is more than `allowed` points worse than in the lines of an `earlier` report.

    Scores are compared by system, or where each has but one system, these. Raises InputError where `name` is no report, has
    no score to compare with, or has one of another signature.
    """
    try:
        report = json.loads("\n".join(earlier))
        if report["format"] != VERSION:
            raise InputError(f"{name}: is a report of format {report['format']}; this program knows {VERSION}")
        before = {(row["system"], row["metric"]): row for row in report["scores"]}
        single = list(report["systems"]) if len(report["systems"]) == 1 else []
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{name}: is no report that nmt evaluate --json wrote") from error
    found = []
    for result in comparison.results:
        for system, estimate in zip(comparison.systems, result.estimates, strict=True):
            earlier_name = single[0] if single and len(comparison.systems) == 1 else system
            row = before.get((earlier_name, result.name))
            if row is None:
                raise InputError(f"{name}: has no {result.name} of {system}; it has {', '.join(map(' '.join, before))}")
            if _metric_of(row["signature"]) != _metric_of(result.signature):
                raise InputError(
                    f"{name}: its {result.name} was computed in another way, by {row['signature']}, not {result.signature}"
                )
            loss = row["score"] - estimate.score
            if not result.higher_is_better:
                loss = -loss
            if loss > allowed:
                found.append(
                    f"{system}: {result.name} {estimate.score:.2f} is {loss:.2f} worse than {row['score']:.2f} of {name}; "
                    f"{allowed:g} is allowed"
                )
    return found


def _metric_of(signature: str) -> list[str]:
    """A signature without the keys of a test, which changes no score."""
    return [part for part in signature.split("|") if part.partition(":")[0] not in ("bs", "ar", "seed")]
