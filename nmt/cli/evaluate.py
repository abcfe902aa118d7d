"""nmt evaluate reference.de -i baseline.de new.de -m bleu chrf ter --paired-bs"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from nmt.cli import options as args
from nmt.cli.evaluate_options import Chance, Explanation, Printing, Scoring, Texts, Written
from nmt.cli.groups import takes_groups
from nmt.cli.loading import Loading
from nmt.cli.progress import warn
from nmt.cli.search import flags_of, takes_search_options
from nmt.config.search import BATCH_TOKENS, SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput, refuse_sharing

if TYPE_CHECKING:
    from pathlib import Path

    from nmt.cli.evaluate_texts import Compared
    from nmt.evaluation.analysis import Analysis
    from nmt.evaluation.comparison import Comparison, System
    from nmt.evaluation.confidence import Findings
    from nmt.evaluation.metrics import Metric, MetricOptions, TestSet
    from nmt.evaluation.resampling import Resampling
    from nmt.evaluation.tables import Style


@takes_groups(
    texts=Texts, scoring=Scoring, chance=Chance, explanation=Explanation, printing=Printing, files=Written, loading=Loading
)
@takes_search_options()
def evaluate(
    *,
    texts: Texts,
    scoring: Scoring,
    chance: Chance,
    explanation: Explanation,
    printing: Printing,
    files: Written,
    model: args.JudgedModels = None,
    plain: args.Plain = False,
    loading: Loading,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
) -> None:
    """Score translations by people's, as sacreBLEU does, and tell whether one system is better than another.

    The arguments are those of `sacrebleu`: nmt evaluate REFERENCE -i BASELINE NEW -m bleu chrf ter --paired-bs. Or translate
    a text with a model and score that: nmt evaluate --model DIR --source FILE --reference FILE.

    BLEU splits text into words as suits the target language, which a model knows and --language names: by characters and
    words for Chinese, by MeCab for Japanese and Korean (by characters where it is not installed), by characters for Thai,
    Lao, Khmer, Burmese, and as `13a` does for all others. So does `sacrebleu -l`.
    """
    from nmt.cli.evaluate_model import translated
    from nmt.cli.evaluate_texts import echoed, read
    from nmt.evaluation.analysis import analyse
    from nmt.evaluation.comparison import compare
    from nmt.evaluation.gate import losses
    from nmt.evaluation.metrics import find_metrics
    from nmt.evaluation.tables import written, written_parts, written_segments

    if (echo := echoed(texts)) is not None:
        typer.echo(echo, nl=False)
        return
    like_sacrebleu = not texts.reference
    resampling = _resampling(chance)
    _check_model(texts, files, model, loading.language_model, plain=plain)
    names = list(dict.fromkeys(scoring.metrics or (["bleu"] if like_sacrebleu else ["bleu", "chrf"])))
    kinds = find_metrics(sorted(names) if like_sacrebleu and resampling is None else names)
    # 1. Read.
    refuse_sharing(texts.source, *(texts.references or []), *(texts.reference or []), files.against)
    compared = read(texts, explanation, paired=resampling is not None, translated=model is not None)
    inputs = [*compared.files, files.against, *(model or [])]
    _refuse_useless(explanation, files, loading, options, is_translated=model is not None)
    count = len(compared.systems) + (model is not None)
    style = _style(printing, like_sacrebleu=like_sacrebleu, several=count > 1)
    if compared.parts and style.form == "json":
        style = replace(style, form="text")  # as sacreBLEU, whose lines of detail are no JSON
    _check(style, scoring, chance, systems=count, explain=explanation.explain, detail=texts.detail)
    # 2. Translate.
    translator = None
    if model is not None:
        from nmt.translate.translator import Translator

        translator = Translator.load(*model, **asdict(loading), is_plain=plain)
    test_set = compared.test_set(
        source_language=translator.source_language if translator else "",
        language=translator.target_language if translator else "",
    )
    metrics = _metrics(kinds, test_set, scoring)
    systems, judged = compared.systems, None
    if translator is not None:
        if not printing.quiet:
            warn(translator.complaint)
        judged = translated(translator, " + ".join(map(str, model or [])), compared, options, batch_tokens=batch_tokens)
        systems = (*systems, judged.system)
        if files.output is not None:
            with open_output(files.output, inputs=inputs) as sink:
                judged.write(sink)
    # 3. Compare and explain.
    comparison = compare(systems, metrics, resampling=resampling, intervals=_intervals(chance), jobs=chance.paired_jobs)
    lost: list[str] = []
    if files.against is not None:
        lost = losses(comparison, Lines(files.against).texts(), name=files.against.name, allowed=files.fail_below)
    typer.echo((written_segments if scoring.sentence_level else written)(comparison, style), nl=False)
    typer.echo(written_parts(comparison, compared.parts, style), nl=False)
    wanted = explanation.explain or files.html is not None
    findings = None if judged is None else judged.findings(compared, metrics, forced=wanted, batch_tokens=batch_tokens)
    analysis = None
    if wanted:
        analysis = analyse(comparison, systems, test_set, compared.evidence, resampling=resampling, jobs=chance.paired_jobs)
    # 4. Write.
    results = _Results(compared, systems, test_set, comparison, analysis, findings)
    _print_explanation(results, style, explain=explanation.explain)
    _write_reports(results, files, inputs)
    if not printing.quiet:
        warn(*compared.complaints, *_useless(scoring, chance, names), *_notes(comparison))
    if lost:
        typer.echo(f"nmt: worse: {'; '.join(lost)}", err=True)
        raise typer.Exit(1)


class _Results(NamedTuple):
    """All that was found out, to be printed and written."""

    compared: Compared
    systems: Sequence[System]
    test_set: TestSet
    comparison: Comparison
    analysis: Analysis | None
    findings: Findings | None


def _print_explanation(results: _Results, style: Style, *, explain: bool) -> None:
    from nmt.evaluation.explanation import explained, model_text

    if results.findings is not None and style.form in ("lines", "text", "markdown", "latex") and not style.score_only:
        typer.echo(model_text(results.findings, style), nl=False)
    if explain and results.analysis is not None:
        shown = [results.compared.references[0], *(system.runs[0] for system in results.systems)]
        typer.echo(explained(results.analysis, results.comparison, shown, style), nl=False)


def _write_reports(results: _Results, files: Written, inputs: Sequence[TextInput | Path | None]) -> None:
    """Write the figures as JSON and the page, where they are asked for."""
    if files.json_report is not None:
        with open_output(files.json_report, inputs=inputs) as sink:
            sink.write(_figures(results.comparison, results.analysis, results.findings))
    if files.html is not None and results.analysis is not None:
        from nmt.evaluation.comparison import with_intervals
        from nmt.evaluation.page import evaluation_page

        page = evaluation_page(
            with_intervals(results.comparison),
            results.analysis,
            results.systems,
            results.test_set,
            domains=results.compared.evidence.domains,
            findings=results.findings,
        )
        with open_output(files.html, inputs=inputs) as sink:
            sink.write(page)


def _figures(comparison: Comparison, analysis: Analysis | None, findings: Findings | None) -> str:
    """All figures, as JSON."""
    from nmt.evaluation.explanation import analysis_record, model_record
    from nmt.evaluation.records import report

    figures = report(comparison)
    figures |= {} if analysis is None else {"analysis": analysis_record(analysis)}
    figures |= {} if findings is None else {"model": model_record(findings)}
    return json.dumps(figures, indent=1, ensure_ascii=False) + "\n"


def _check_model(texts: Texts, files: Written, model: object, language_model: object, *, plain: bool) -> None:
    """Raises ConfigurationError where a model has no text to translate, or an option for one is given without one."""
    if model is not None and texts.source is None and texts.test_set is None:
        raise ConfigurationError("give either --model and --source, or --hypothesis")
    if model is None and language_model is not None:
        raise ConfigurationError("--language-model helps a --model; translations that are there need none")
    if model is None and plain:
        raise ConfigurationError("--plain is how a --model translates; there is none")
    if model is None and files.output is not None:
        raise ConfigurationError("--output is for the translations of a --model; there is none")


def _refuse_useless(
    explanation: Explanation, files: Written, loading: Loading, options: SearchOptions, *, is_translated: bool
) -> None:
    """Raises ConfigurationError for an option that would change nothing."""
    if not explanation.explain and files.html is None and (shown := _given(explanation)):
        raise ConfigurationError(f"{shown[0]} is for --explain and --html; give one of them")
    if files.against is None and files.fail_below:
        raise ConfigurationError("--fail-below is for --against; give the figures of before")
    if not is_translated and (useless := [*flags_of(options), *_given(loading)]):
        raise ConfigurationError(f"{useless[0]} is for a --model, which translates; there is none")


def _useless(scoring: Scoring, chance: Chance, metrics: Sequence[str]) -> list[str]:
    """Complaints about options of sacreBLEU that change nothing here, and that it takes without a word."""
    owners = {"bleu": ("--lowercase", "--smooth", "--tokenize", "--force"), "chrf": ("--chrf",), "ter": ("--ter",)}
    useless = [
        f"{option} is for {owner}, which is not among the metrics"
        for owner, beginnings in owners.items()
        if owner not in metrics
        for option in _given(scoring)
        if option.startswith(beginnings)
    ]
    switches = {"confidence_n": chance.confidence, "paired_ar_n": chance.paired_ar, "paired_bs_n": chance.paired_bs}
    given = _given(chance)
    for name, is_on in switches.items():
        option = f"--{name.replace('_', '-')}"
        if option in given and not is_on:
            useless.append(f"{option} is for {option.removesuffix('-n')}, which is not given")
    if scoring.smooth_value is not None and scoring.smooth_method not in ("floor", "add-k"):
        useless.append("--smooth-value is for --smooth-method floor and add-k")
    return useless


def _given(options: Any) -> list[str]:
    """The names of those options of a group that are not at their defaults."""
    return [f"--{one.name.replace('_', '-')}" for one in fields(options) if getattr(options, one.name) != one.default]


def _metrics(kinds: Mapping[str, type[Metric]], test_set: TestSet, scoring: Scoring) -> list[Metric]:
    from nmt.evaluation.comet import Comet

    metrics: list[Metric] = [kind(test_set, _metric_options(name, scoring)) for name, kind in kinds.items()]
    return metrics if scoring.comet is None else [*metrics, Comet(test_set, scoring.comet)]


def _metric_options(name: str, scoring: Scoring) -> MetricOptions:
    from nmt.evaluation.metrics import MetricOptions

    case = {"bleu": scoring.lowercase or None, "chrf": scoring.chrf_lowercase or None}
    return MetricOptions(
        lowercase=False if name == "ter" and scoring.ter_case_sensitive else case.get(name),
        tokenize=scoring.tokenize,
        smooth_method=scoring.smooth_method,
        smooth_value=scoring.smooth_value,
        effective_order=scoring.sentence_level,
        force=scoring.force,
        char_order=scoring.chrf_char_order,
        word_order=scoring.chrf_word_order,
        beta=scoring.chrf_beta,
        whitespace=scoring.chrf_whitespace,
        eps_smoothing=scoring.chrf_eps_smoothing,
        normalized=scoring.ter_normalized,
        no_punct=scoring.ter_no_punct,
        asian_support=scoring.ter_asian_support,
    )


def _resampling(chance: Chance) -> Resampling | None:
    from nmt.evaluation.resampling import Resampling

    if chance.paired_bs and chance.paired_ar:
        raise ConfigurationError("--paired-bs and --paired-ar are two tests; choose one")
    if chance.paired_bs:
        return Resampling(test="bs", samples=chance.paired_bs_n, seed=_seed())
    return Resampling(test="ar", samples=chance.paired_ar_n, seed=_seed()) if chance.paired_ar else None


def _intervals(chance: Chance) -> Resampling | None:
    from nmt.evaluation.resampling import Resampling

    return Resampling(test="bs", samples=chance.confidence_n, seed=_seed()) if chance.confidence else None


def _seed() -> int | None:
    from nmt.evaluation.resampling import SEED

    given = os.environ.get("SACREBLEU_SEED", str(SEED))
    if given.lower() == "none":
        return None
    if not given.isdecimal():
        raise ConfigurationError(f"SACREBLEU_SEED={given}: should be a number, or none")
    return int(given)


def _style(printing: Printing, *, like_sacrebleu: bool, several: bool) -> Style:
    from nmt.evaluation.tables import FORMS, Style

    usual = "json" if like_sacrebleu else "text" if several else "lines"
    form = printing.form or usual
    if like_sacrebleu and (asked := os.environ.get("SACREBLEU_FORMAT", "").lower()) in FORMS:
        form = asked
    return Style(
        form=form,
        width=printing.width if printing.width is not None else 1 if like_sacrebleu else 2,
        short=printing.short,
        score_only=printing.score_only,
        colours=not printing.no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty(),
    )


def _check(style: Style, scoring: Scoring, chance: Chance, *, systems: int, explain: bool, detail: bool) -> None:
    """Raises ConfigurationError where two options do not fit."""
    paired = chance.paired_bs or chance.paired_ar
    if scoring.sentence_level and (paired or chance.confidence):
        raise ConfigurationError("--sentence-level scores each sentence; a test or an interval needs many of them")
    rows = style.form in ("csv", "jsonl")
    count = len(scoring.metrics or [""]) + (scoring.comet is not None)
    if scoring.sentence_level and not rows and (systems > 1 or count > 1):
        raise ConfigurationError("--sentence-level of several systems or metrics is rows; use --format csv or jsonl")
    if paired and systems == 1:
        raise ConfigurationError("a paired test compares systems; give two or more, as in -i BASELINE NEW")
    if explain and style.form in ("json", "csv", "jsonl"):
        raise ConfigurationError(
            f"--explain prints tables, which --format {style.form} has no room for; use text or markdown"
        )
    if detail and (scoring.sentence_level or style.form in ("csv", "jsonl")):
        raise ConfigurationError("--detail prints lines below the scores; it goes with no --sentence-level, csv or jsonl")
    if style.form == "lines" and systems > 1:
        raise ConfigurationError("--format lines is for one system; use text, markdown, csv or another")


def _notes(comparison: Comparison) -> list[str]:
    return list(dict.fromkeys(note for result in comparison.results for note in result.notes))
