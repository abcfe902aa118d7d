"""nmt distill data/sample-de-en/recipe.yaml --teacher broad-de-en --output corpora/distilled
nmt backtranslate data/sample-de-en/recipe.yaml -m broad-en-de --input text.en --output corpora/back

The commands by which a model writes text for others to learn from.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import typer
import yaml

from nmt.cli import options as args
from nmt.cli.folders import model_directory
from nmt.cli.progress import bar, warn
from nmt.cli.search import takes_search_options
from nmt.config.recipe import load_recipe
from nmt.config.search import BATCH_TOKENS, SearchOptions
from nmt.files.places import TextInput


@takes_search_options("beam_size")
def distill(
    *,
    recipe: args.Recipe,
    teacher: args.Teachers,
    output: args.Synthesised,
    prepared: args.Prepared = None,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    resume: args.Resume = False,
    workers: args.Workers = 1,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Translate a recipe's training text by a teacher, for a smaller model to learn from (Kim and Rush 2016).

    Prints the entry for preparation.train of the smaller model's recipe.
    """
    settings = load_recipe(recipe)
    from nmt.offline import synthesis
    from nmt.offline.job import TranslationJob

    job = TranslationJob(
        models=tuple(teacher), options=options, batch_tokens=batch_tokens, device=device, threads=threads, runtime=runtime
    )
    text = prepared or model_directory(recipe) / "prepared"
    with bar(of=TextInput(str(text / "train.source")), to=None) as progress:
        complaints = synthesis.distill(
            job, settings, prepared=text, output=output, resume=resume, workers=workers, progress=progress
        )
    warn(*complaints)
    _show_entry(output, tag=None)


@takes_search_options("beam_size", "sampling", "seed")
def backtranslate(
    *,
    recipe: args.Recipe,
    model: args.ReverseModels,
    input: args.TargetText,
    output: args.Synthesised,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    resume: args.Resume = False,
    workers: args.Workers = 1,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Write source sentences for text that has none, by a model of the other direction (Sennrich et al. 2016).

    Prints the entry for preparation.train of the recipe, with the tag that tells them from real ones (Caswell et al. 2019).
    """
    settings = load_recipe(recipe)
    from nmt.offline import synthesis
    from nmt.offline.job import TranslationJob

    job = TranslationJob(
        models=tuple(model), options=options, batch_tokens=batch_tokens, device=device, threads=threads, runtime=runtime
    )
    with bar(of=input, to=None) as progress:
        complaints = synthesis.backtranslate(
            job, settings, text=input, output=output, resume=resume, workers=workers, progress=progress
        )
    warn(*complaints)
    _show_entry(output, tag=synthesis.BACK_TRANSLATED)


def _show_entry(output: Path, *, tag: str | None) -> None:
    command = shlex.join(["nmt", *(word for word in sys.argv[1:] if word != "--resume")])
    entry = {"source": f"{output}/train.source", "target": f"{output}/train.target", "tag": tag, "origin": command}
    given = {key: value for key, value in entry.items() if value is not None}
    typer.echo("# Under preparation.train; paths are relative to the folder that nmt prepare --corpora names.")
    typer.echo(yaml.safe_dump([given], sort_keys=False, allow_unicode=True, width=1000), nl=False)
