"""The commands by which a model writes text for others to learn from."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml

from nmt.cli.commands import (
    DEFAULTS,
    BatchTokens,
    BeamSize,
    Device,
    DeviceOption,
    RecipePath,
    Threads,
    _bar,
    _model_directory,
    _search_options,
    _warn,
    app,
)
from nmt.config import load_recipe

OutputFolder = Annotated[Path, typer.Option(metavar="DIR", help="Folder for train.source and train.target.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the same command was stopped.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes that translate, each with --threads.")]


@app.command()
def distill(
    recipe: RecipePath,
    teacher: Annotated[list[Path], typer.Option(metavar="DIR", help="A model directory; several make an ensemble.")],
    output: OutputFolder,
    prepared: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The recipe's prepared text. (default: checkpoints/<name>/prepared)")
    ] = None,
    beam_size: BeamSize = DEFAULTS.beam_size,
    batch_tokens: BatchTokens = 4096,
    resume: Resume = False,
    workers: Workers = 1,
    device: DeviceOption = Device.auto,
    threads: Threads = None,
) -> None:
    """Translate a recipe's training text by a teacher, for a smaller model to learn from (Kim and Rush 2016).

    Prints the entry for preparation.train of the smaller model's recipe.
    """
    settings = load_recipe(recipe)
    from nmt.offline import synthesis
    from nmt.offline.job import Job

    job = Job(
        models=tuple(teacher),
        options=_search_options(beam_size=beam_size),
        batch_tokens=batch_tokens,
        device=device.value,
        threads=threads,
    )
    text = prepared or _model_directory(recipe) / "prepared"
    with _bar(of=str(text / "train.source"), to=str(output)) as progress:
        synthesis.distill(job, settings, prepared=text, output=output, resume=resume, workers=workers, progress=progress)
    _show_entry(output, tag=None)


@app.command()
def backtranslate(
    recipe: RecipePath,
    model: Annotated[list[Path], typer.Option(metavar="DIR", help="Of the other direction; several make an ensemble.")],
    input: Annotated[str, typer.Option(metavar="FILE", help="Text in the recipe's target language; plain, .gz or .xz.")],
    output: OutputFolder,
    beam_size: BeamSize = DEFAULTS.beam_size,
    sampling: Annotated[bool, typer.Option("--sampling", help="Draw translations at random (Edunov et al. 2018).")] = False,
    seed: Annotated[int, typer.Option(help="Of sampling.")] = DEFAULTS.seed,
    batch_tokens: BatchTokens = 4096,
    resume: Resume = False,
    workers: Workers = 1,
    device: DeviceOption = Device.auto,
    threads: Threads = None,
) -> None:
    """Write source sentences for text that has none, by a model of the other direction (Sennrich et al. 2016).

    Prints the entry for preparation.train of the recipe, with the tag that tells them from real ones (Caswell et al. 2019).
    """
    settings = load_recipe(recipe)
    from nmt.offline import synthesis
    from nmt.offline.job import Job

    job = Job(
        models=tuple(model),
        options=_search_options(beam_size=beam_size, sampling=sampling, seed=seed),
        batch_tokens=batch_tokens,
        device=device.value,
        threads=threads,
    )
    with _bar(of=input, to=str(output)) as progress:
        complaints = synthesis.backtranslate(
            job, settings, text=input, output=output, resume=resume, workers=workers, progress=progress
        )
    _warn(*complaints)
    _show_entry(output, tag=synthesis.BACK_TRANSLATED)


def _show_entry(output: Path, *, tag: str | None) -> None:
    command = shlex.join(["nmt", *(word for word in sys.argv[1:] if word != "--resume")])
    entry = {"source": f"{output}/train.source", "target": f"{output}/train.target", "tag": tag, "origin": command}
    given = {key: value for key, value in entry.items() if value is not None}
    typer.echo("# Under preparation.train; paths are relative to the folder that nmt prepare --corpora names.")
    typer.echo(yaml.safe_dump([given], sort_keys=False, allow_unicode=True, width=1000), nl=False)
