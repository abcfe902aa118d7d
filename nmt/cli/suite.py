"""nmt evaluate suite --model checkpoints/broad-en-de"""

from __future__ import annotations

import json

import typer

from nmt.cli import options as args
from nmt.cli.progress import warn
from nmt.config.search import BATCH_TOKENS
from nmt.errors import ConfigurationError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput

SCORED_AT_ONCE = 1000


def suite(
    *,
    file: args.SuiteFile = None,
    model: args.Models,
    output: args.SuiteOutput = None,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Print how often a model thinks a right translation more probable than a wrong one, by the kind of the mistake.

    Each line of FILE is an object of JSON with source, reference, contrastive (a text or a list) and type. Without FILE it
    is a suite of 2,600 items for each direction of German and English that belongs to this program: polarity, agreement,
    numbers, names, particles, compounds and letters.
    """
    from nmt.evaluation.contrasts import items
    from nmt.evaluation.suite import accuracies, judged, pairs_of, read_items
    from nmt.translate.translator import Translator

    given = None if file is None else read_items(Lines(file).texts(), name=file.name)
    translator = Translator.load(*model, device=device, threads=threads, runtime=runtime)
    warn(translator.complaint)
    if given is None:
        source, target = (tag[:2] for tag in (translator.source_language, translator.target_language))
        if {source, target} != {"de", "en"}:
            raise ConfigurationError(f"this program's suite is for German and English, not {source}-{target}; give a FILE")
        given = items(source)
    pairs = pairs_of(given)
    scores: list[float] = []
    for start in range(0, len(pairs), SCORED_AT_ONCE):
        scores += translator.score(pairs[start : start + SCORED_AT_ONCE], batch_tokens=batch_tokens)
    results = judged(given, scores)
    found = accuracies(given, results)
    width = max(len(one.kind) for one in found)
    typer.echo(f"{'type':<{width}}  {'items':>6}  {'right %':>7}  95 % interval")
    for one in found:
        low, high = one.interval
        typer.echo(f"{one.kind:<{width}}  {one.count:>6,}  {one.share:>7.1f}  {low:.1f} to {high:.1f}")
    if output is not None:
        inputs: list[TextInput] = [] if file is None else [file]
        place = 0
        with open_output(output, inputs=[*inputs, *model]) as sink:
            for item, result in zip(given, results, strict=True):
                count = 1 + len(item.contrastive)
                record = {
                    "type": item.kind,
                    "source": item.source,
                    "reference": item.reference,
                    "contrastive": list(item.contrastive),
                    "log_probabilities": scores[place : place + count],
                    "right": result,
                }
                place += count
                sink.write(json.dumps(record, ensure_ascii=False) + "\n")
