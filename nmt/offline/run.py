"""A file, or a stream, of lines in; their translations out, in order, in constant memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import nmt
from nmt.checkpoint.directory import MANIFEST, verify
from nmt.errors import ConfigurationError
from nmt.files.atomic import current
from nmt.files.lines import Line, Lines, is_file, open_output, paired_lines
from nmt.offline.job import Job, Window, windows
from nmt.offline.partial import Fingerprint, open_partial
from nmt.offline.workers import Workers
from nmt.runtime.build import find_device

WINDOW = 2000  # lines sorted by length and translated at once

Progress = Callable[[int], None]
Engine = Literal["local", "ray"]
Translate = Callable[[Iterator[Window]], Iterator[tuple[Window, str]]]
Append = Callable[[str, int], None]
"""Write the output of so many lines."""


def translate_file(
    job: Job,
    *,
    input: str,
    output: str,
    prefixes: str | None = None,
    resume: bool = False,
    workers: int = 1,
    engine: Engine = "local",
    address: str | None = None,
    window: int = WINDOW,
    progress: Progress = lambda _: None,
) -> list[str | None]:
    """Translate each line of `input` to `output` ("-" is standard input or output), and say what was wrong with the input.

    The output is written after each window of `window` lines (each line, if a person types them), and `progress` told how
    many lines are done. `prefixes` is a file with what each line's translation is to begin with. From file to file, a run
    that dies or fails can be gone on with: the same call with `resume` adds what is missing, and the output is the same to
    the byte as that of one run. It is the same for every number of worker processes and for both engines, too: a run may
    be gone on with by another. "ray" has workers wherever the Ray cluster at `address` has room for one.
    Raises ConfigurationError, CorpusError, InputError, ModelDirectoryError, DeviceError, OfflineError.
    """
    lines, beginnings = Lines(input), None if prefixes is None else Lines(prefixes)
    resumable = is_file(input) and (is_file(output) or not Path(output).exists())
    if resume and not resumable:
        raise ConfigurationError(f"--resume needs --input and --output to be files, not {input} and {output}")
    if workers > 1 and not is_file(input):
        raise ConfigurationError(f"--workers {workers} needs --input to be a file, not {input}")
    if engine == "ray" and workers > 1:
        raise ConfigurationError(
            f"--workers {workers} is for --engine local; a Ray cluster has as many as there is room for"
        )
    if engine == "local" and address is not None:
        raise ConfigurationError(f"--address {address} is for --engine ray")
    with _translating(job, workers=workers, engine=engine, address=address) as (translate, kind):
        fingerprint = _fingerprint(job, input, prefixes, window=window, device=kind) if resumable else None
        with _opened(output, fingerprint, resume=resume) as (done, append):
            progress(done)
            for some, text in translate(windows(_begun(lines, beginnings), after=done, size=1 if lines.typed else window)):
                append(text, len(some.lines))
                progress(some.last)
    return [read.complaint() for read in (lines, beginnings) if read is not None]


@contextmanager
def _translating(job: Job, *, workers: int, engine: Engine, address: str | None) -> Iterator[tuple[Translate, str]]:
    """What gives each window's output, in order, and the kind of device it does so on."""
    if engine == "ray":
        try:
            from nmt.offline.cluster import Cluster
        except ModuleNotFoundError as error:
            raise ConfigurationError("--engine ray needs Ray, which is not installed: pip install 'nmt[ray]'") from error
        with Cluster(job, address=address) as cluster:
            yield cluster.translate, cluster.device
        return
    kind = find_device(job.device).type
    if workers > 1:
        for directory in job.directories:
            verify(directory)
        with Workers(job, count=workers) as several:
            yield several.translate, kind
    else:
        translator = job.load()
        yield lambda all_of_them: ((window, job.translate(translator, window)) for window in all_of_them), kind


@contextmanager
def _opened(output: str, fingerprint: Fingerprint | None, *, resume: bool) -> Iterator[tuple[int, Append]]:
    """How many lines are done already, and what writes the next ones."""
    if fingerprint is None:
        with open_output(output) as stream:
            yield 0, lambda text, _: stream.write(text)
    else:
        with open_partial(Path(output).resolve(), name=output, fingerprint=fingerprint, resume=resume) as partial:
            yield partial.lines, partial.append


def _begun(lines: Lines, prefixes: Lines | None) -> Iterable[Line]:
    """Each line with its prefix. Raises CorpusError where there are more of one than of the other."""
    if prefixes is None:
        return lines
    return (line._replace(prefix=prefix.text) for line, prefix in paired_lines(lines, prefixes))


def _fingerprint(job: Job, input: str, prefixes: str | None, *, window: int, device: str) -> Fingerprint:
    """All that the output depends on. Scores may differ in their last digits with what was translated in one batch."""
    return {
        "the model's sha256": " ".join(_sha256(current(model, MANIFEST)) for model in job.models),
        "the language model's sha256": "none"
        if job.language_model is None
        else _sha256(current(job.language_model, MANIFEST)),
        "--language-model-weight": str(job.language_model_weight),
        "the input's sha256": _sha256(Path(input)),
        "the prefixes' sha256": "none" if prefixes is None else _sha256(Path(prefixes)),
        "the glossary's sha256": "none" if job.glossary is None else job.glossary.sha256,
        "the format": job.form.value,
        **{f"--{name.replace('_', '-')}": json.dumps(value) for name, value in job.options.model_dump(mode="json").items()},
        "--batch-tokens": str(job.batch_tokens),
        "the device": device,
        "--runtime": job.runtime,
        "the window": f"{window} lines",
        "the version of nmt": nmt.__version__,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
