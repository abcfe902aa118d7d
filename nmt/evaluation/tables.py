"""A comparison as text: sacreBLEU's own forms, printed by it, and Markdown, CSV and lines of JSON."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from sacrebleu.metrics.base import Score as SacreBleuScore
from sacrebleu.significance import Result
from sacrebleu.utils import Color, print_results_table, print_single_results
from tabulate import tabulate

from nmt.evaluation.comparison import Comparison, Estimate, MetricResult
from nmt.evaluation.records import Record, meaning, records, segment_records


@dataclass(frozen=True, slots=True)
class Style:
    """How scores are printed."""

    form: str
    """A name of FORMS."""
    width: int = 1
    """Digits after the point."""
    short: bool = False
    """Whether signatures have short keys."""
    score_only: bool = False
    colours: bool = False


def written(comparison: Comparison, style: Style) -> str:
    """The text to print. It ends with a line feed."""
    return FORMS[style.form](comparison, style)


def written_segments(comparison: Comparison, style: Style) -> str:
    """The scores of all segments: as sacreBLEU has them for one system and one metric, or as rows of CSV or JSON."""
    if style.form == "csv":
        return _csv(segment_records(comparison))
    if style.form == "jsonl":
        return _jsonl(segment_records(comparison))
    [(_, [measured])] = comparison.measurements.items()
    signature = measured.metric.signature_of({}, short=style.short)
    return "".join(
        f"{measured.metric.sacrebleu_score(row).format(style.width, style.score_only, signature)}\n"
        for row in measured.statistics
    )


def written_parts(comparison: Comparison, parts: Sequence[tuple[str, Sequence[int]]], style: Style) -> str:
    """A line for the scores of each part, its name and segments, by each metric, as sacreBLEU's --detail has them."""
    several, lines = len(comparison.systems) > 1, []
    width = max((len(name) for name, _ in parts), default=0) + 1
    names = max(map(len, comparison.measurements), default=0)
    for part, segments in parts:
        for number, system in enumerate(comparison.systems):
            for name, measured in comparison.measurements.items():
                score = measured[number].part(segments).score
                own = f"  {system}" if several else ""
                lines.append(f"{part:<{width}}: sentences={len(segments):<6} {name:<{names}} = {score:.{style.width}f}{own}")
    return "".join(f"{line}\n" for line in lines)


def _lines(comparison: Comparison, style: Style) -> str:
    lines = []
    for result in comparison.results:
        [estimate] = result.estimates
        number = _number(estimate, style.width)
        signature = result.short_signature if style.short else result.signature
        lines.append(number if style.score_only else f"{result.name} {number}  {signature}")
    return "".join(f"{line}\n" for line in lines)


def _json(comparison: Comparison, style: Style) -> str:
    if len(comparison.systems) == 1:
        return _single(comparison, style)
    rows = []
    for index, system in enumerate(comparison.systems):
        row: Record = {"system": system}
        for result in comparison.results:
            estimate = result.estimates[index]
            if comparison.resampling is None and estimate.deviation is None and estimate.interval is None:
                row[result.name] = f"{estimate.score:.{style.width}f}"
            else:
                found = estimate.interval
                row[result.name] = {
                    "score": estimate.score,
                    "p_value": estimate.p_value,
                    "mean": found and found.mean,
                    "ci": found and found.half_width,
                    **meaning(estimate),
                }
        rows.append(row)
    return json.dumps(rows, indent=4, ensure_ascii=False) + "\n"


def _table(comparison: Comparison, style: Style) -> str:
    """SacreBLEU's own text or LaTeX, and below it the differences."""
    if len(comparison.systems) == 1:
        return _single(comparison, style)
    test = comparison.resampling
    results: dict[str, list[Any]] = {"System": list(comparison.systems)}
    for result in comparison.results:
        results[result.name] = [_cell(estimate, style.width, tested=test is not None) for estimate in result.estimates]
    options = Namespace(
        format=style.form,
        width=style.width,
        paired_bs=test is not None and test.test == "bs",
        paired_ar=test is not None and test.test == "ar",
        paired_bs_n=test and test.samples,
        paired_ar_n=test and test.samples,
    )
    signatures = {result.name: result.short_signature if style.short else result.signature for result in comparison.results}
    text = _printed(print_results_table, results, signatures, options, colours=style.colours)
    return text + (f"\n{_differences(comparison, style)}" if test else "")


def _cell(estimate: Estimate, width: int, *, tested: bool) -> object:
    if not tested:
        return _number(estimate, width)
    if estimate.interval is None:
        return Result(estimate.score, estimate.p_value)
    return Result(estimate.score, estimate.p_value, estimate.interval.mean, estimate.interval.half_width)


def _single(comparison: Comparison, style: Style) -> str:
    """One system, printed by sacreBLEU."""
    as_json = style.form == "json"
    scores = []
    for result in comparison.results:
        [measured], [estimate] = comparison.measurements[result.name], result.estimates
        score: SacreBleuScore = measured.metric.sacrebleu_score(measured.sums[0])
        if len(measured.runs) > 1:
            score = SacreBleuScore(result.name, estimate.score)
        if estimate.interval is not None:
            score._mean, score._ci = estimate.interval.mean, estimate.interval.half_width
        signature = result.short_signature if style.short and not as_json else result.signature
        text = score.format(style.width, style.score_only, signature, as_json)
        if estimate.deviation is not None and not style.score_only:
            deviation = f"{estimate.deviation:.{style.width}f}"
            text = (
                json.dumps({**json.loads(text), "deviation": float(deviation)}, indent=1, ensure_ascii=False)
                if as_json
                else f"{text} ± {deviation}"
            )
        scores.append(text)
    return _printed(print_single_results, scores, Namespace(format=style.form), colours=style.colours)


def _printed(function: Callable[..., None], *arguments: object, colours: bool) -> str:
    text = io.StringIO()
    before, Color.ENABLE_COLORS = Color.ENABLE_COLORS, colours
    try:
        with redirect_stdout(text):
            function(*arguments)
    finally:
        Color.ENABLE_COLORS = before
    return text.getvalue()


def _differences(comparison: Comparison, style: Style) -> str:
    """What the differences from the first system mean."""
    rows = []
    for result in comparison.results:
        for system, estimate in zip(comparison.systems[1:], result.estimates[1:], strict=True):
            assert estimate.difference is not None
            rows.append(
                [
                    system,
                    result.name,
                    f"{estimate.difference:+.{style.width}f}",
                    "" if estimate.corrected is None else f"{estimate.corrected:.4f}",
                    "" if estimate.people is None else f"{estimate.people:.0f} %",
                ]
            )
    heads = ["System", "Metric", "Difference", "p (Holm)", "People agree"]
    return f"{grid(rows, heads, style)}\n{_ranks(comparison, style)}"


def _ranks(comparison: Comparison, style: Style) -> str:
    """The systems in clusters, best first; nothing where there are but two."""
    text = ""
    for result in comparison.results:
        if result.estimates[0].rank is None:
            continue
        rows = [
            [rank.cluster, _rank(estimate), system, f"{estimate.score:.{style.width}f}"]
            for system, estimate in _best_first(comparison, result)
            if (rank := estimate.rank) is not None
        ]
        text += f"\n{grid(rows, ['Cluster', 'Rank', 'System', result.name], style)}\n"
    return text


def _best_first(comparison: Comparison, result: MetricResult) -> list[tuple[str, Estimate]]:
    pairs = zip(comparison.systems, result.estimates, strict=True)
    return sorted(pairs, key=lambda pair: -pair[1].score if result.higher_is_better else pair[1].score)


def _rank(estimate: Estimate) -> str:
    return str(meaning(estimate).get("rank", ""))


def grid(rows: Sequence[Sequence[object]], heads: Sequence[str], style: Style) -> str:
    """A table in the form of the style."""
    forms = {"latex": "latex_booktabs", "markdown": "github"}
    return str(tabulate(rows, headers=heads, tablefmt=forms.get(style.form, "simple"), disable_numparse=True))


def _markdown(comparison: Comparison, style: Style) -> str:
    """A table for a pull request: a row for each system, and the signatures below."""
    rows = []
    for index, system in enumerate(comparison.systems):
        cells = [_markdown_cell(result.estimates[index], style.width) for result in comparison.results]
        rows.append([system.replace("|", "\\|"), *cells])
    text = grid(rows, ["System", *(result.name for result in comparison.results)], style) + "\n\n"
    for result in comparison.results:
        text += f"- {result.name}: `{result.short_signature if style.short else result.signature}`\n"
    if comparison.resampling is not None:
        text += "\nIn brackets: the difference from the first system, the p-value (by Holm's correction), and how many\n"
        text += "people would agree that the better score is the better system (Kocmi et al. 2024).\n"
        text += _ranks(comparison, style)
    return text


def _markdown_cell(estimate: Estimate, width: int) -> str:
    known = []
    if estimate.difference is not None:
        known.append(f"{estimate.difference:+.{width}f}")
    if estimate.corrected is not None:
        known.append(f"p = {estimate.corrected:.4f}")
    if estimate.people is not None:
        known.append(f"{estimate.people:.0f} %")
    return _number(estimate, width) + (f" ({', '.join(known)})" if known else "")


def _number(estimate: Estimate, width: int) -> str:
    text = f"{estimate.score:.{width}f}"
    if estimate.interval is not None:
        text += f" (μ = {estimate.interval.mean:.{width}f} ± {estimate.interval.half_width:.{width}f})"
    if estimate.deviation is not None:
        text += f" ± {estimate.deviation:.{width}f}"
    return text


def _csv(rows: Sequence[Record]) -> str:
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _jsonl(rows: Sequence[Record]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


FORMS: dict[str, Callable[[Comparison, Style], str]] = {
    "lines": _lines,
    "json": _json,
    "text": _table,
    "latex": _table,
    "markdown": _markdown,
    "csv": lambda comparison, _: _csv(records(comparison)),
    "jsonl": lambda comparison, _: _jsonl(records(comparison)),
}
