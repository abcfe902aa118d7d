"""A file, or a stream, of lines in; their translations out, in order, in constant memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from typing import Protocol

from nmt.checkpoint.directory import MANIFEST, verify
from nmt.config.machine import EngineName
from nmt.errors import ConfigurationError
from nmt.files.atomic import current
from nmt.files.digest import sha256
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput, TextOutput, refuse_overwriting, refuse_sharing
from nmt.offline.job import Loaded, TranslationJob
from nmt.offline.partial import Fingerprint, check_finished, open_partial
from nmt.offline.windows import LineWindow, Windows, windows
from nmt.offline.workers import Workers
from nmt.runtime.build import find_device
from nmt.translate.translator import WINDOW, Translator

OnProgress = Callable[[int], None]
"""Is told how many lines are done."""

Append = Callable[[str, int], None]
"""Write the output of so many lines."""


def translate_file(
    job: TranslationJob,
    *,
    input: TextInput,
    output: TextOutput,
    prefixes: TextInput | None = None,
    resume: bool = False,
    workers: int = 1,
    engine: EngineName = "local",
    address: str | None = None,
    window: int = WINDOW,
    progress: OnProgress = lambda _: None,
) -> list[str | None]:
    """Translate each line of `input` to `output`; the warnings about the input and, after a resume, the output.

    The output is written after each window of `window` lines, and `progress` told how many lines are done. A stream that
    pauses has the translations of all lines before the pause. `prefixes` has the beginning of each line's translation.
    From file to file, a run that dies or fails can be gone on with: the same call with `resume` adds the missing lines, and
    the output is the same to the byte as that of one run, for every number of worker processes and for both engines. "ray"
    has workers wherever the Ray cluster at `address` has room for one.
    Raises ConfigurationError, CorpusError, InputError, ModelDirectoryError, DeviceError, OfflineError.
    """
    sources = [input] if prefixes is None else [input, prefixes]
    refuse_sharing(*sources)
    refuse_overwriting(output, [*sources, *job.directories])
    resumable = output.new_file is not None and all(source.file is not None for source in sources)
    if resume and not resumable:
        names = " and ".join(place.given for place in (*sources, output))
        raise ConfigurationError(f"--resume needs --input, --prefixes and --output to be files, not {names}")
    if workers > 1 and not input.is_regular:
        raise ConfigurationError(f"--workers {workers} needs --input to be a file, not {input}")
    if engine == "ray" and workers > 1:
        raise ConfigurationError(
            f"--workers {workers} is for --engine local; a Ray cluster has as many as there is room for"
        )
    if engine == "local" and address is not None:
        raise ConfigurationError(f"--address {address} is for --engine ray")
    if resume and (note := check_finished(output, sources=sources, models=job.directories)):
        return [note]
    lines, beginnings = Lines(input), None if prefixes is None else Lines(prefixes)
    with _open_engine(job, workers=workers, engine=engine, address=address) as running:
        fingerprint = _fingerprint(job, sources, window=window, engine=running) if resumable else None
        with _open_appending(output, sources, fingerprint, resume=resume) as (done, append):
            progress(done)
            for translated, text in running.translate(windows(lines, after=done, size=window, prefixes=beginnings)):
                append(text, len(translated.lines))
                progress(translated.last)
        slow = running.loaded.complaint
    return [slow, *(read.complaint() for read in (lines, beginnings) if read is not None)]


class Engine(Protocol):
    """Translates windows, in order."""

    @property
    def device(self) -> str:
        """The kind of device that "auto" became."""

    @property
    def loaded(self) -> Loaded:
        """What the processes, or the first of them, say of the models that they have loaded."""

    def translate(self, windows: Windows) -> Iterator[tuple[LineWindow, str]]: ...


@dataclass(frozen=True)
class Alone:
    """Translates in this process."""

    job: TranslationJob
    device: str

    @cached_property
    def translator(self) -> Translator:
        return self.job.load()

    @property
    def loaded(self) -> Loaded:
        return Loaded.of(self.translator)

    def translate(self, windows: Windows) -> Iterator[tuple[LineWindow, str]]:
        for window in windows:
            if window is not None:
                yield window, self.job.translate(self.translator, window)


@contextmanager
def _open_engine(job: TranslationJob, *, workers: int, engine: EngineName, address: str | None) -> Iterator[Engine]:
    if engine == "ray":
        try:
            from nmt.offline.cluster import Cluster
        except ModuleNotFoundError as error:
            raise ConfigurationError("--engine ray needs Ray, which is not installed: pip install 'nmt[ray]'") from error
        with Cluster(job, address=address) as cluster:
            yield cluster
        return
    device = find_device(job.device).type
    if workers > 1:
        for directory in job.directories:
            verify(directory)
        with Workers(job, count=workers, device=device) as several:
            yield several
    else:
        alone = Alone(job, device)
        alone.translator  # noqa: B018  # before the output is touched
        yield alone


@contextmanager
def _open_appending(
    output: TextOutput, sources: Sequence[TextInput], fingerprint: Fingerprint | None, *, resume: bool
) -> Iterator[tuple[int, Append]]:
    """The number of lines that are done already, and the function that writes the next ones."""
    if fingerprint is None:
        with open_output(output, inputs=sources) as stream:
            yield 0, lambda text, _: stream.write(text)
    else:
        with open_partial(output, inputs=sources, fingerprint=fingerprint, resume=resume) as partial:
            yield partial.lines, partial.append


def _fingerprint(job: TranslationJob, sources: Sequence[TextInput], *, window: int, engine: Engine) -> Fingerprint:
    """All that the output depends on. Scores may differ in their last digits with the lines translated in one batch."""
    digests = [sha256(source.file) for source in sources if source.file is not None]
    return {
        "the model's sha256": " ".join(sha256(current(model, MANIFEST)) for model in job.models),
        "the language model's sha256": "none"
        if job.language_model is None
        else sha256(current(job.language_model, MANIFEST)),
        "--language-model-weight": str(job.language_model_weight),
        "the input's sha256": digests[0],
        "the prefixes' sha256": digests[1] if len(digests) > 1 else "none",
        "the glossary's sha256": "none" if job.glossary is None else job.glossary.sha256,
        "the format": job.form.value,
        "--markup": job.markup.format,
        "--formality": job.formality,
        **{f"--{name.replace('_', '-')}": json.dumps(value) for name, value in job.options.model_dump(mode="json").items()},
        "--batch-tokens": str(job.batch_tokens),
        "the device": engine.device,
        "the runtime": engine.loaded.runtime,
        "the window": f"{window} lines",
        "the version of nmt": metadata.version("nmt"),
    }
