"""A file, or a stream, of lines in; their translations out, in order, in constant memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Unpack

from nmt.errors import ConfigurationError, InputError
from nmt.files.digest import sha256
from nmt.files.lines import Lines, with_companion
from nmt.files.places import TextInput, TextOutput, refuse_overwriting, refuse_sharing
from nmt.offline.columns import Columns, Records
from nmt.offline.engine import Machines, fingerprint_of, open_engine
from nmt.offline.job import TranslationJob
from nmt.offline.partial import Fingerprint, is_resumable, open_appending
from nmt.offline.windows import windows
from nmt.translate.translator import WINDOW

OnProgress = Callable[[int], None]
"""Is told how many lines are done."""


def translate_file(
    job: TranslationJob,
    *,
    input: TextInput,
    output: TextOutput,
    prefixes: TextInput | None = None,
    columns: Columns | None = None,
    resume: bool = False,
    window: int = WINDOW,
    progress: OnProgress = lambda _: None,
    **machines: Unpack[Machines],
) -> list[str | None]:
    """Translate each line of `input` to `output`; the warnings about the input and, after a resume, the output.

    The output is written after each window of `window` lines, and `progress` told how many lines are done. A stream that
    pauses has the translations of all lines before the pause. `prefixes` has the beginning of each line's translation.
    With `columns` each line is a record, and so is its output: only these columns or fields of it are translated.
    From file to file, a run that dies or fails can be gone on with: the same call with `resume` adds the missing lines, and
    the output is the same to the byte as that of one run, for every number of worker processes and for both engines. "ray"
    has workers wherever the Ray cluster at `address` has room for one.
    Raises ConfigurationError, CorpusError, InputError, ModelDirectoryError, DeviceError, OfflineError.
    """
    sources = [input] if prefixes is None else [input, prefixes]
    if columns is not None and prefixes is not None:
        raise ConfigurationError("--prefixes is for lines, not for columns or fields of them")
    refuse_sharing(*sources)
    refuse_overwriting(output, [*sources, *job.directories])
    resumable = is_resumable(output, sources)
    if resume and not resumable:
        names = " and ".join(place.given for place in (*sources, output))
        raise ConfigurationError(f"--resume needs --input, --prefixes and --output to be files, not {names}")
    workers = machines.get("workers", 1)
    if workers > 1 and not input.is_regular:
        raise ConfigurationError(f"--workers {workers} needs --input to be a file, not {input}")
    _read_through(sources, columns)
    lines, beginnings = Lines(input), None if prefixes is None else Lines(prefixes)
    records = None if columns is None else Records(lines, columns)
    job = job if records is None else job.for_segments()
    with open_appending(output, sources=sources) as partial, open_engine(job, **machines) as running:
        promised = of_sources(sources) if resumable else Fingerprint()
        fingerprint = fingerprint_of(job, window=window, engine=running) | promised
        fingerprint["the columns"] = "none" if columns is None else str(columns)
        partial.begin(fingerprint, resume=resume)
        if partial.complete:
            return [partial.complete]
        progress(partial.lines)
        stream = windows(records or lines, after=partial.lines, size=window, prefixes=beginnings)
        for translated, text in records.translated(running, stream) if records else running.translate(stream):
            partial.append(text, len(translated.lines))
            progress(translated.last)
        # A copy that keeps the time of the last change looks like the file that it was written over.
        if resumable and of_sources(sources) != promised:
            raise InputError(f"{sources[0].name}: its content changed while it was read; run it again")
        slow = running.loaded.complaint
    return [slow, *(read.complaint() for read in (lines, records, beginnings) if read is not None)]


def _read_through(sources: Sequence[TextInput], columns: Columns | None) -> None:
    """Raise at once what reading files raises, and not after the hours that what stands before it takes to translate."""
    if any(source.file is None for source in sources):
        return
    lines = [Lines(source) for source in sources]
    every: Iterable[object] = with_companion(*lines) if len(lines) > 1 else lines[0]
    deque(every if columns is None else Records(lines[0], columns), maxlen=0)


def of_sources(sources: Sequence[TextInput]) -> Fingerprint:
    """The texts that an output depends on: an input, and prefixes or none."""
    digests = [sha256(source.file) for source in sources if source.file is not None]
    return {"the input's sha256": digests[0], "the prefixes' sha256": digests[1] if len(digests) > 1 else "none"}
