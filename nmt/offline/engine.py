"""Who does a job: this process, several of this machine, or a Ray cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypedDict

from nmt.checkpoint.directory import MANIFEST, verify
from nmt.config.machine import EngineName
from nmt.config.pytorch import find_device
from nmt.config.version import VERSION
from nmt.errors import ConfigurationError, MissingPackageError
from nmt.files.atomic import current
from nmt.files.digest import sha256
from nmt.offline.job import Loaded, TranslationJob
from nmt.offline.partial import Fingerprint
from nmt.offline.windows import LineWindow, Windows
from nmt.offline.workers import Workers
from nmt.translate.translator import Translator


class Machines(TypedDict, total=False):
    """Where a job is done: by so many processes of this machine, or by the Ray cluster at an address."""

    workers: int
    engine: EngineName
    address: str | None


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
def open_engine(
    job: TranslationJob, *, workers: int = 1, engine: EngineName = "local", address: str | None = None
) -> Iterator[Engine]:
    """The processes of a job. Raises ConfigurationError, ModelDirectoryError, DeviceError, OfflineError, InputError."""
    if engine == "ray":
        if workers > 1:
            raise ConfigurationError(
                f"--workers {workers} is for --engine local; a Ray cluster has as many as there is room for"
            )
        try:
            from nmt.offline.cluster import Cluster
        except ModuleNotFoundError as error:
            raise MissingPackageError("--engine ray", package="Ray", extra="ray") from error
        with Cluster(job, address=address) as cluster:
            yield cluster
        return
    if address is not None:
        raise ConfigurationError(f"--address {address} is for --engine ray")
    device = find_device(job.device)
    if workers > 1:
        for directory in job.directories:
            verify(directory)
        with Workers(job, count=workers, device=device) as several:
            yield several
    else:
        alone = Alone(job, device)
        alone.translator  # noqa: B018  # before the output is touched
        yield alone


def fingerprint_of(job: TranslationJob, *, window: int, engine: Engine) -> Fingerprint:
    """All of a job that its output depends on. Scores may differ in their last digits with the lines of one batch."""
    return {
        "the model's sha256": " ".join(sha256(current(model, MANIFEST)) for model in job.models),
        "the language model's sha256": "none"
        if job.language_model is None
        else sha256(current(job.language_model, MANIFEST)),
        "--language-model-weight": str(job.language_model_weight),
        "the glossary's sha256": "none" if job.glossary is None else job.glossary.sha256,
        "the format": job.form.value,
        "--markup": job.markup.format,
        "--formality": job.formality,
        "--split-sentences": job.split_sentences,
        "--localise-numbers": json.dumps(job.localise_numbers),
        **{f"--{name.replace('_', '-')}": json.dumps(value) for name, value in job.options.model_dump(mode="json").items()},
        "--batch-tokens": str(job.batch_tokens),
        "the device": engine.device,
        "the runtime": engine.loaded.runtime,
        "the arithmetic": engine.loaded.arithmetic,
        "the window": f"{window} lines",
        "the version of nmt": VERSION,
    }
