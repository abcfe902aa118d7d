"""Training text of which a model writes one side: a copy of the text is kept beside its translation, line by line.

DIR/train.source   one side is the text that was given,
DIR/train.target   the other its translation, with the same number of lines once it is complete
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Literal

from nmt.checkpoint.directory import load_info
from nmt.config.recipe import Recipe
from nmt.errors import ConfigurationError, CorpusError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput, TextOutput
from nmt.offline.job import TranslationJob
from nmt.offline.run import OnProgress, translate_file

BACK_TRANSLATED = "<BT>"


def distill(
    job: TranslationJob,
    recipe: Recipe,
    *,
    prepared: Path,
    output: Path,
    resume: bool = False,
    workers: int = 1,
    progress: OnProgress = lambda _: None,
) -> list[str | None]:
    """Write the source side of a prepared recipe's training text, and what the models of `job`, the teachers, make of it.

    A smaller model learns more from it than from what people wrote: it is more regular (sequence-level knowledge
    distillation, Kim and Rush 2016, section 3.2). Resumable like `translate_file`, with its errors and warnings; raises
    CorpusError where the recipe is not prepared, ConfigurationError where `output` holds other text.
    """
    text = prepared / "train.source"
    if not text.is_file():
        raise CorpusError(f"{text} is missing; run `nmt prepare` for this recipe first")
    _check_direction(job, "--teacher", recipe.source_language, recipe.target_language)
    place = TextInput(str(text))
    return _write(job, place, output=output, given="source", resume=resume, workers=workers, progress=progress)


def backtranslate(
    job: TranslationJob,
    recipe: Recipe,
    *,
    text: TextInput,
    output: Path,
    resume: bool = False,
    workers: int = 1,
    progress: OnProgress = lambda _: None,
) -> list[str | None]:
    """Source sentences for `text`, a file in the recipe's target language, by models of the other direction.

    Back-translation (Sennrich, Haddow and Birch 2016). A corpus of a recipe that has them should say `tag`, by which the
    model that learns from them tells them from what people wrote (Caswell, Chelba and Grangier 2019).
    Resumable like `translate_file`, with its errors and warnings; raises ConfigurationError where `output` holds other text.
    """
    _check_direction(job, "--model", recipe.target_language, recipe.source_language)
    return _write(job, text, output=output, given="target", resume=resume, workers=workers, progress=progress)


def _check_direction(job: TranslationJob, option: str, source: str, target: str) -> None:
    for model in job.models:
        info = load_info(model)
        if (info.source_language, info.target_language) != (source, target):
            raise ConfigurationError(
                f"{option} {model}: translates {info.source_language} to {info.target_language}; "
                f"for this recipe it should translate {source} to {target}"
            )


def _write(
    job: TranslationJob,
    text: TextInput,
    *,
    output: Path,
    given: Literal["source", "target"],
    resume: bool,
    workers: int,
    progress: OnProgress,
) -> list[str | None]:
    """Copy `text` to its side of `output`, as lines that a recipe can read, and translate it to the other side."""
    if output.exists() and not output.is_dir():
        raise ConfigurationError(f"{output}: is a file; --output should be a folder")
    copy, translation = output / f"train.{given}", output / f"train.{'target' if given == 'source' else 'source'}"
    if translation.exists() and not resume:
        raise ConfigurationError(f"{translation}: is there already; go on with it by --resume, or name another --output")
    output.mkdir(parents=True, exist_ok=True)
    lines = Lines(text)
    if copy.exists():
        _compare(lines, copy)
    else:
        with open_output(TextOutput(str(copy)), inputs=[text]) as file:
            for line in lines.texts():
                file.write(line + "\n")
            if not lines.count:
                raise CorpusError(f"{text}: empty; should hold at least one line")
    return [
        lines.complaint(),
        *translate_file(
            job,
            input=TextInput(str(copy)),
            output=TextOutput(str(translation)),
            resume=resume,
            workers=workers,
            progress=progress,
        ),
    ]


def _compare(lines: Lines, copy: Path) -> None:
    """Raises ConfigurationError where `copy`, made by an earlier run, holds other lines than these."""
    for line, kept in zip_longest(lines.texts(), Lines(TextInput(str(copy))).texts()):
        if line != kept:
            raise ConfigurationError(f"{copy}: holds other text than {lines.name}; name another --output")
