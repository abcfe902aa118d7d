"""The evaluation as one page of HTML that needs no other file and no network.

Its style and script are in it, and its policy lets no other run, whatever a translation may contain.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from nmt.evaluation.analysis import Analysis, Chart, Spread
from nmt.evaluation.comparison import Comparison, Estimate, System
from nmt.evaluation.confidence import AttentionMap, Confidence, Findings
from nmt.evaluation.metrics import TestSet
from nmt.evaluation.records import meaning
from nmt.evaluation.resampling import SIGNIFICANT
from nmt.evaluation.segments import LENGTHS, bound_labels
from nmt.evaluation.words import splitter

_WIDTH, _LEFT, _BAR, _GAP, _BELOW = 460.0, 120.0, 9.0, 7.0, 18.0
_LONGEST_LABEL = 22


@dataclass(frozen=True, slots=True)
class _Row:
    system: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class _Bar:
    colour: int
    name: str
    y: float
    width: float
    height: float
    text: str
    whisker: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class _Group:
    label: str
    y: float
    bars: list[_Bar]


@dataclass(frozen=True, slots=True)
class _Line:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A chart with places in units of its SVG."""

    title: str
    unit: str
    height: float
    groups: list[_Group]
    lines: list[_Line]
    names: list[str]
    width: float = _WIDTH
    left: float = _LEFT


def evaluation_page(
    comparison: Comparison,
    analysis: Analysis,
    systems: Sequence[System],
    test_set: TestSet,
    *,
    domains: Sequence[str] | None = None,
    findings: Findings | None = None,
) -> str:
    """The page. Of systems of several runs it shows the first; scores are the means of all."""
    style, script = _part("page.css"), _part("page.js")
    sources = {"script": script, "style": style}
    policy = "; ".join(
        ["default-src 'none'", *(f"{kind}-src 'sha256-{_digest(text)}'" for kind, text in sources.items()), "img-src data:"]
    )
    test = comparison.resampling
    return _template().render(
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        data=Markup(_data(comparison, analysis, systems, test_set, domains, findings)),
        systems=list(comparison.systems),
        segments=f"{comparison.segments:,}",
        test=test
        and f"{'paired bootstrap' if test.test == 'bs' else 'approximate randomisation'}, {test.samples:,} samples",
        results=comparison.results,
        several=len(comparison.systems) > 1,
        rows=_rows(comparison),
        faults=[] if analysis.faults is None else _faults(analysis.faults),
        carried=[one for one in analysis.carried if one.failures],
        memory=_memory(analysis),
        charts=[
            *(drawing for chart in analysis.charts for drawing in _drawings(chart, comparison.systems)),
            *(_spread(spread, comparison.systems) for spread in analysis.spreads),
            *([] if findings is None or findings.confidence is None else [_reliability(findings.confidence)]),
        ],
        pairs=analysis.pairs,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("page.html"))


@cache
def _part(name: str) -> str:
    return files("nmt.evaluation").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _rows(comparison: Comparison) -> list[_Row]:
    rows = []
    for number, system in enumerate(comparison.systems):
        cells = []
        for result in comparison.results:
            estimate = result.estimates[number]
            cells.append(_with_interval(estimate))
            if len(comparison.systems) > 1:
                cells += _meaning(estimate)
        rows.append(_Row(system, cells))
    return rows


def _with_interval(estimate: Estimate) -> str:
    text = f"{estimate.score:.1f}"
    if estimate.interval is not None:
        text += f" ± {estimate.interval.half_width:.1f}"
    return text if estimate.deviation is None else f"{text} (runs ± {estimate.deviation:.1f})"


def _meaning(estimate: Estimate) -> list[str]:
    return [
        "" if estimate.difference is None else f"{estimate.difference:+.1f}",
        "" if estimate.corrected is None else f"{estimate.corrected:.3f}",
        "" if estimate.people is None else f"{estimate.people:.0f} %",
        str(meaning(estimate).get("rank", "")),
    ]


def _faults(faults: Comparison) -> list[_Row]:
    return [
        _Row(
            result.name,
            [
                f"{one.score:.1f}{' *' if one.corrected is not None and one.corrected < SIGNIFICANT else ''}"
                for one in result.estimates
            ],
        )
        for result in faults.results
    ]


def _memory(analysis: Analysis) -> str:
    if analysis.overlap is None or not analysis.memory:
        return ""
    scores = ", ".join(f"{result.name} {result.estimates[0].score:.1f}" for result in analysis.memory)
    return f"A translation memory of the {analysis.overlap.pairs:,} training pairs would have {scores}."


def _drawings(chart: Chart, systems: Sequence[str]) -> list[_Drawing]:
    """A drawing for each metric of a chart."""
    if not chart.bars:
        return []
    drawings = []
    for number, first in enumerate(chart.bars[0].results):
        results = [bar.results[number] for bar in chart.bars]
        title = chart.title if chart.unit == "words" else f"{first.name}: {chart.title}"
        drawings.append(
            _draw(
                title,
                chart.unit,
                [f"{bar.label} ({bar.count:,})" for bar in chart.bars],
                [
                    [
                        (one.score, one.interval.half_width if one.interval else None, f"{one.score:.1f}")
                        for one in result.estimates
                    ]
                    for result in results
                ],
                systems,
            )
        )
    return drawings


def _spread(spread: Spread, systems: Sequence[str]) -> _Drawing:
    there = [number for number in range(len(spread.labels)) if any(counts[number] for counts in spread.counts)]
    values = [[(float(counts[number]), None, f"{counts[number]:,}") for counts in spread.counts] for number in there]
    return _draw(f"segments by {spread.title}", "segments", [spread.labels[number] for number in there], values, systems)


def _reliability(confidence: Confidence) -> _Drawing:
    """How often the model is right where it is so sure, in percent."""
    bins = [one for one in confidence.calibration.bins if one.count]
    return _draw(
        f"confidence and accuracy of the model's next token; error {100 * confidence.calibration.error:.1f} %",
        "tokens",
        [f"{one.low:.1f} to {one.high:.1f} ({one.count:,})" for one in bins],
        [[(100 * share, None, f"{100 * share:.1f}") for share in (one.confidence, one.accuracy)] for one in bins],
        ["confidence", "accuracy"],
    )


def _draw(
    title: str,
    unit: str,
    labels: Sequence[str],
    values: Sequence[Sequence[tuple[float, float | None, str]]],
    names: Sequence[str],
) -> _Drawing:
    """Bars for each system in each group; a value is a number, half its interval and its text."""
    highest = max((value + (half or 0.0) for row in values for value, half, _ in row), default=0.0) or 1.0
    step = 10.0 ** np.floor(np.log10(highest))
    step = next(part * step for part in (0.2, 0.5, 1.0, 2.0) if highest / (part * step) <= 6)
    scale = (_WIDTH - _LEFT - 20.0) / highest
    groups, y = [], 4.0
    for label, row in zip(labels, values, strict=True):
        bars = []
        middle = y + _BAR * len(row) / 2 + 4
        for number, (value, half, text) in enumerate(row):
            whisker = None
            if half is not None:
                ends = (max(0.0, value - half), value + half)
                whisker = (round(_LEFT + ends[0] * scale, 1), round(_LEFT + ends[1] * scale, 1))
            width = round(max(value, 0.0) * scale, 1)
            bars.append(_Bar(number, names[number], round(y, 1), width, _BAR - 1.0, text, whisker))
            y += _BAR
        short = label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
        groups.append(_Group(short, round(middle, 1), bars))
        y += _GAP
    lines = [
        _Line(round(_LEFT + number * step * scale, 1), f"{number * step:g}") for number in range(int(highest / step) + 1)
    ]
    return _Drawing(title=title, unit=unit, height=round(y + _BELOW, 1), groups=groups, lines=lines, names=list(names))


def _data(
    comparison: Comparison,
    analysis: Analysis,
    systems: Sequence[System],
    test_set: TestSet,
    domains: Sequence[str] | None,
    findings: Findings | None,
) -> str:
    """What the explorer reads, as JSON in which nothing can end the element that holds it."""
    split = splitter(test_set.language)
    lengths = [len(split(text)) for text in test_set.references[0]]
    found: dict[str, Any] = {
        "count": comparison.segments,
        "systems": comparison.systems,
        "metrics": [{"name": result.name, "higher": result.higher_is_better} for result in comparison.results],
        "sources": test_set.sources,
        "references": test_set.references,
        "outputs": [system.runs[0] for system in systems],
        # Tenths of points, as whole numbers.
        "scores": [
            [np.rint(10 * one.segment_scores).astype(int).tolist() for one in measured]
            for measured in comparison.measurements.values()
        ],
        "domains": domains,
        "lengths": {
            "labels": bound_labels(LENGTHS),
            "buckets": np.searchsorted(LENGTHS, lengths, side="right").tolist(),
        },
        # Of the model, which is the last system: tokens, and weights in tenths, row by row.
        "attention": [one and _digits(one) for one in findings.attention] if findings and findings.attention else None,
        "faults": {name: found for name, found in analysis.faulty.items() if any(found)},
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _digits(attention: AttentionMap) -> list[object]:
    weights = np.clip(10 * np.asarray(attention.weights, dtype=float), 0, 9).astype(int)
    return [attention.source, attention.target, "".join(map(str, weights.ravel().tolist()))]
