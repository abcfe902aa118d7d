"""An analysis as tables of text or Markdown, and as plain records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from nmt.evaluation.analysis import Analysis, CarriedOver, Chart
from nmt.evaluation.comparison import Comparison, Estimate, MetricResult
from nmt.evaluation.confidence import Findings
from nmt.evaluation.records import Record, record
from nmt.evaluation.resampling import SIGNIFICANT
from nmt.evaluation.tables import Style, grid

SHOWN = 10
"""N-grams, sentences and failures in tables; records have more."""


def explained(analysis: Analysis, comparison: Comparison, texts: Sequence[Sequence[str]], style: Style) -> str:
    """Tables of all that was found. `texts` are the first reference and one translation of each system."""
    parts = [
        f"{_title(title, style)}{grid(rows, heads, style)}\n"
        for title, heads, rows in _tables(analysis, comparison, texts, style)
        if rows
    ]
    return "\n" + "\n".join(parts)


Rows = list[list[object]]


def _tables(
    analysis: Analysis, comparison: Comparison, texts: Sequence[Sequence[str]], style: Style
) -> Iterator[tuple[str, list[str], Rows]]:
    systems = list(comparison.systems)
    if analysis.faults is not None:
        yield (
            "Faults in percent of segments; what is carried over and consistent, in percent",
            ["", *systems],
            [[result.name, *(_starred(one, style.width) for one in result.estimates)] for result in analysis.faults.results],
        )
    if analysis.carried:
        yield (
            "Carried over from the source",
            ["What", "System", "Wanted", "Precision", "Recall", "Segments with a failure"],
            [_carried_row(one, style.width) for one in analysis.carried],
        )
    if analysis.memory:
        scores = [f"{result.name} {result.estimates[0].score:.{style.width}f}" for result in analysis.memory]
        assert analysis.overlap is not None
        yield (
            f"Translation memory of {analysis.overlap.pairs:,} training pairs",
            ["Score", "Mean nearness"],
            [[", ".join(scores), f"{100 * analysis.overlap.similarity.mean():.0f} %"]],
        )
    for chart in analysis.charts:
        yield f"{chart.title[:1].upper()}{chart.title[1:]}", *_chart_rows(chart, systems, style.width)
    for spread in analysis.spreads:
        columns = [
            [label, *(counts[number] for counts in spread.counts)]
            for number, label in enumerate(spread.labels)
            if any(counts[number] for counts in spread.counts)
        ]
        yield f"Segments by {spread.title}", ["", *systems], columns
    for pair in analysis.pairs:
        for title, found in (("gets and the first does not", pair.better), ("misses and the first does not", pair.worse)):
            rows: Rows = [[one.ngram, one.first, one.second] for one in found[:SHOWN]]
            counts = [pair.system, systems[0]] if found is pair.better else [systems[0], pair.system]
            yield f"N-grams that {pair.system} {title}", ["N-gram", *counts], rows
    for system, terms in analysis.inconsistencies:
        yield (
            f"Words with several translations in one document: {system}",
            ["Document", "Word", "Translations"],
            [
                [one.document, one.term, ", ".join(f"{word} {count}" for word, count in one.translations)]
                for one in terms[:SHOWN]
            ],
        )
    for pair in analysis.pairs:
        number = systems.index(pair.system) + 1
        for title, segments in (("better", pair.gains), ("worse", pair.losses)):
            rows = []
            for segment in segments[:SHOWN]:
                shown = [("reference", 0), (systems[0], 1), (pair.system, number)]
                rows += [[segment + 1 if not place else "", name, texts[place][segment]] for name, place in shown]
            yield f"Sentences that {pair.system} translates {title} than {systems[0]}", ["Segment", "", "Text"], rows


def _chart_rows(chart: Chart, systems: Sequence[str], width: int) -> tuple[list[str], Rows]:
    several = len(chart.bars[0].results) > 1 if chart.bars else False
    heads = [
        "",
        chart.unit.capitalize(),
        *(f"{result.name} {system}" if several else system for result in _results(chart) for system in systems),
    ]
    rows: Rows = [
        [bar.label, bar.count, *(_starred(one, width) for result in bar.results for one in result.estimates)]
        for bar in chart.bars
    ]
    return heads, rows


def _results(chart: Chart) -> Sequence[MetricResult]:
    return chart.bars[0].results if chart.bars else ()


def _carried_row(one: CarriedOver, width: int) -> list[object]:
    return [one.kind, one.system, one.wanted, f"{one.precision:.{width}f}", f"{one.recall:.{width}f}", one.failed]


def _starred(estimate: Estimate, width: int) -> str:
    """A score, with * where it differs significantly from that of the first system."""
    sure = estimate.corrected is not None and estimate.corrected < SIGNIFICANT
    return f"{estimate.score:.{width}f}{'*' if sure else ''}"


def _title(title: str, style: Style) -> str:
    return f"#### {title}\n\n" if style.form == "markdown" else f"{title}\n"


def analysis_record(analysis: Analysis) -> Record:
    """All of an analysis as plain values."""
    faults = analysis.faults
    found: Record = {
        "faults": []
        if faults is None
        else [
            {"system": system, **record(result, estimate), "segments": [segment + 1 for segment in segments]}
            for result in faults.results
            for system, estimate, segments in zip(
                faults.systems, result.estimates, analysis.faulty[result.name], strict=True
            )
        ],
        "charts": [
            {
                "title": chart.title,
                "unit": chart.unit,
                "bars": [
                    {
                        "label": bar.label,
                        "count": bar.count,
                        "scores": [[record(result, estimate) for estimate in result.estimates] for result in bar.results],
                    }
                    for bar in chart.bars
                ],
            }
            for chart in analysis.charts
        ],
        "spreads": [
            {"title": spread.title, "labels": list(spread.labels), "counts": [list(counts) for counts in spread.counts]}
            for spread in analysis.spreads
        ],
        "carried": [
            {
                "kind": one.kind,
                "system": one.system,
                "wanted": one.wanted,
                "precision": one.precision,
                "recall": one.recall,
                "failed": one.failed,
                "failures": [
                    {"segment": fault.segment + 1, "missing": list(fault.missing), "extra": list(fault.extra)}
                    for fault in one.failures
                ],
            }
            for one in analysis.carried
        ],
        "pairs": [
            {
                "system": pair.system,
                "better": [{"ngram": one.ngram, "counts": [one.first, one.second]} for one in pair.better],
                "worse": [{"ngram": one.ngram, "counts": [one.first, one.second]} for one in pair.worse],
                "gains": [segment + 1 for segment in pair.gains],
                "losses": [segment + 1 for segment in pair.losses],
            }
            for pair in analysis.pairs
        ],
        "inconsistencies": [
            {"system": system, "document": one.document, "term": one.term, "translations": dict(one.translations)}
            for system, terms in analysis.inconsistencies
            for one in terms
        ],
    }
    if analysis.overlap is not None:
        found["training"] = {
            "pairs": analysis.overlap.pairs,
            "nearness": [round(float(share), 4) for share in analysis.overlap.similarity],
            "memory": [record(result, result.estimates[0]) for result in analysis.memory],
        }
    return found


def model_text(findings: Findings, style: Style) -> str:
    """What a model at hand could have had, and how sure it was; nothing where neither is known."""
    text = ""
    if findings.oracle:
        scores = ", ".join(f"{score.name} {score.value:.{style.width}f}" for score in findings.oracle)
        text += f"the best of {findings.choices} translations of each segment: {scores}\n"
    found = findings.confidence
    if found is None:
        return text
    rows: Rows = [
        ["perplexity of the reference, for each token", f"{found.perplexity:.3f}"],
        ["expected calibration error", f"{100 * found.calibration.error:.{style.width}f} %"],
    ]
    for name, value in found.correlations.items():
        rows.append([f"correlation of segments' {name} with their score", "none" if value is None else f"{value:.3f}"])
    bins: Rows = [
        [f"{one.low:.1f} to {one.high:.1f}", one.count, f"{100 * one.confidence:.1f}", f"{100 * one.accuracy:.1f}"]
        for one in found.calibration.bins
        if one.count
    ]
    text += f"\n{_title('Confidence of the model', style)}{grid(rows, ['', ''], style)}\n"
    heads = ["Probability", "Tokens", "Confidence %", "Accuracy %"]
    return f"{text}\n{_title('Reliability of its next token', style)}{grid(bins, heads, style)}\n"


def model_record(findings: Findings) -> Record:
    """All of it as plain values."""
    figures: Record = {
        "choices": findings.choices,
        "oracle": [{"metric": score.name, "score": score.value} for score in findings.oracle],
    }
    found = findings.confidence
    if found is not None:
        figures |= {
            "log_probability": found.log_probability,
            "perplexity": found.perplexity,
            "calibration_error": found.calibration.error,
            "reliability": [asdict(one) for one in found.calibration.bins],
            "correlations": found.correlations,
            "segments": [
                {"log_probability": _known(own), "boosted": _known(boosted)}
                for own, boosted in zip(found.log_probabilities, found.boosted, strict=True)
            ],
        }
    return figures


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
