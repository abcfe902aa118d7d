"""Training text of which a model writes one side: what is translated is kept beside its translation, line by line.

DIR/train.source   one side is the text that was given,
DIR/train.target   the other its translation, with the same number of lines once it is complete
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from nmt.checkpoint.directory import load_info
from nmt.config.recipe import Recipe
from nmt.errors import ConfigurationError, CorpusError
from nmt.files.lines import Lines, open_output
from nmt.offline.job import Job
from nmt.offline.run import Progress, translate_file

BACK_TRANSLATED = "<BT>"


def distill(
    job: Job,
    recipe: Recipe,
    *,
    prepared: Path,
    output: Path,
    resume: bool = False,
    workers: int = 1,
    progress: Progress = lambda _: None,
) -> None:
    """What the models of `job`, the teachers, make of the source side of a prepared recipe's training text.

    A smaller model learns more from it than from what people wrote: it is more regular (sequence-level knowledge
    distillation, Kim and Rush 2016, section 3.2). Resumable like `translate_file`, with its errors, and CorpusError where
    the recipe is not prepared.
    """
    text = prepared / "train.source"
    if not text.is_file():
        raise CorpusError(f"{text} is missing; run `nmt prepare` for this recipe first")
    _check_direction(job, "--teacher", recipe.source_language, recipe.target_language)
    _write(job, str(text), output=output, given="source", resume=resume, workers=workers, progress=progress)


def backtranslate(
    job: Job,
    recipe: Recipe,
    *,
    text: str,
    output: Path,
    resume: bool = False,
    workers: int = 1,
    progress: Progress = lambda _: None,
) -> list[str | None]:
    """Source sentences for `text`, a file in the recipe's target language, by models of the other direction.

    Back-translation (Sennrich, Haddow and Birch 2016). A corpus of a recipe that has them should say `tag`, by which the
    model that learns from them tells them from what people wrote (Caswell, Chelba and Grangier 2019).
    Resumable like `translate_file`, with its errors; says what was wrong with the text.
    """
    _check_direction(job, "--model", recipe.target_language, recipe.source_language)
    return _write(job, text, output=output, given="target", resume=resume, workers=workers, progress=progress)


def _check_direction(job: Job, option: str, source: str, target: str) -> None:
    for model in job.models:
        info = load_info(model)
        if (info.source_language, info.target_language) != (source, target):
            raise ConfigurationError(
                f"{option} {model}: translates {info.source_language} to {info.target_language}; "
                f"for this recipe it should translate {source} to {target}"
            )


def _write(
    job: Job,
    text: str,
    *,
    output: Path,
    given: Literal["source", "target"],
    resume: bool,
    workers: int,
    progress: Progress,
) -> list[str | None]:
    """Copy `text` to its side of `output`, as lines that a recipe can read, and translate it to the other side."""
    if output.exists() and not output.is_dir():
        raise ConfigurationError(f"{output}: is a file; --output should be a folder")
    output.mkdir(parents=True, exist_ok=True)
    copy, translation = output / f"train.{given}", output / f"train.{'target' if given == 'source' else 'source'}"
    lines = Lines(text)
    with open_output(str(copy)) as file:
        for line in lines:
            file.write(line.text + "\n")
        if not lines.count:
            raise CorpusError(f"{text}: empty; should hold at least one line")
    translate_file(job, input=str(copy), output=str(translation), resume=resume, workers=workers, progress=progress)
    return [lines.complaint()]
