"""nmt evaluate estimate --source source.de -i base.en new.en -l de-en --model broad-de-en"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import typer
from tabulate import tabulate

from nmt.cli import options as args
from nmt.cli.progress import warn
from nmt.config.search import BATCH_TOKENS
from nmt.errors import ConfigurationError, CorpusError, InputError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import refuse_sharing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nmt.evaluation.estimation import QualityEstimate
    from nmt.files.places import TextInput


def estimate(
    *,
    hypotheses: args.RatedSystems,
    source: args.EstimatedSource,
    language_pair: args.EstimatedPair = "",
    model: args.EstimatingModels = None,
    show: args.ShownCandidates = 10,
    json_report: args.ScoreReport = None,
    form: args.TableForm = "text",
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Estimate the quality of translations without a reference, and show those that may be hallucinated.

    A model tells how probable each translation is to it, and how much of the source its attention has gone to; the package
    of the extra `metrics` tells how far source and translation are apart in meaning. Without either, repetition, empty
    translations and wrong languages are left. Such figures compare systems on one text; they are no scores.
    """
    from nmt.evaluation.estimation import estimate as estimated
    from nmt.translate.translator import Translator

    refuse_sharing(source, *hypotheses)
    names = [place.name for place in hypotheses]
    if len(set(names)) < len(names):
        raise ConfigurationError("a system is given twice; each should be another file")
    if language_pair and "-" not in language_pair:
        raise ConfigurationError(f"--language-pair {language_pair}: should be two languages, such as de-en")
    sources, *texts = (_text(place) for place in (source, *hypotheses))
    for name, text in zip(names, texts, strict=True):
        if len(text) != len(sources):
            raise CorpusError(f"{name} has {len(text):,} lines and {source.name} {len(sources):,}; both should have as many")
    translator = Translator.load(*model, device=device, threads=threads, runtime=runtime) if model else None
    languages = language_pair.split("-", 1) if language_pair else ["", ""]
    if translator is not None:
        warn(translator.complaint)
        languages = [translator.source_language, translator.target_language]
    found = [
        estimated(
            name,
            text,
            sources,
            language=languages[1],
            source_language=languages[0],
            forced=None
            if translator is None
            else translator.force(list(zip(sources, text, strict=True)), batch_tokens=batch_tokens),
        )
        for name, text in zip(names, texts, strict=True)
    ]
    if json_report is not None:
        with open_output(json_report, inputs=[source, *hypotheses, *(model or [])]) as sink:
            sink.write(json.dumps([_record(one) for one in found], ensure_ascii=False, indent=1) + "\n")
    typer.echo(_table(found, form))
    for one, text in zip(found, texts, strict=True):
        for segment in one.candidates()[:show]:
            suspicion = one.signs.suspicion[segment]
            typer.echo(
                f"\n{one.system}, line {segment + 1:,}, suspicion {suspicion:.2f}:\n  {sources[segment]}\n  {text[segment]}"
            )


def _text(place: TextInput) -> list[str]:
    text = [line.rstrip() for line in Lines(place).texts()]
    if not text:
        raise InputError(f"{place.name}: is empty; there is nothing to estimate")
    return text


def _table(found: Sequence[QualityEstimate], form: str) -> str:
    headings = [
        "system",
        "perplexity",
        "BoostedProb",
        "distance",
        "uncovered",
        "repetition",
        "candidates",
        "empty",
        "language",
    ]
    rows = [
        [
            one.system,
            _shown(one.perplexity),
            _shown(one.boosted),
            *(
                _shown(None if sign is None else float(sign.mean()))
                for sign in (one.signs.distance, one.signs.uncovered, one.signs.repetition)
            ),
            len(one.candidates()),
            one.empty,
            one.other_language,
        ]
        for one in found
    ]
    return tabulate(rows, headings, tablefmt="github" if form == "markdown" else "simple", disable_numparse=True)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _record(one: QualityEstimate) -> dict[str, object]:
    """All figures, those of segments too; JSON has no NaN."""
    each = {
        "log_probability": one.log_probabilities,
        "boosted": one.boosted_each,
        "distance": one.signs.distance,
        "uncovered": one.signs.uncovered,
        "repetition": one.signs.repetition,
        "suspicion": one.signs.suspicion,
    }
    return {
        "system": one.system,
        "perplexity": one.perplexity,
        "boosted": one.boosted,
        "candidates": one.candidates(),
        "empty": one.empty,
        "other_language": one.other_language,
        "segments": {
            name: [value if math.isfinite(value) else None for value in values.tolist()]
            for name, values in each.items()
            if values is not None
        },
    }
