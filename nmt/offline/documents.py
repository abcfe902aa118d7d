"""Documents and folders of them: each is read, its segments translated, and written whole or not at all.

files ──read──> segments ──windows──> engine ──> translations ──written──> files
                                                                     └──> journal of the folder
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

from nmt.checkpoint.directory import load_info
from nmt.errors import ConfigurationError, InputError, NmtError, OfflineError
from nmt.files.atomic import lock
from nmt.files.digest import sha256
from nmt.files.json_text import parse_json
from nmt.files.lines import version
from nmt.files.output import not_writable, open_output
from nmt.files.places import TextInput, TextOutput, refuse_overwriting
from nmt.offline.engine import Engine, Machines, fingerprint_of, open_engine
from nmt.offline.job import TranslationJob, segment_window, segments_of
from nmt.offline.partial import Fingerprint, change_of, is_resumable, open_appending
from nmt.offline.run import OnProgress, of_sources
from nmt.offline.tree import Tree, is_pattern
from nmt.offline.windows import Windows
from nmt.translate.documents.document import Document
from nmt.translate.documents.formats import ENDINGS, find_format, read_document
from nmt.translate.translator import WINDOW

JOURNAL = ".nmt-documents.jsonl"
_LARGEST = 512 << 20
"""Bytes of a file, which is held in memory."""
_FROM_THE_START = "without --resume all files are translated again"


@dataclass(frozen=True, slots=True)
class Pair:
    """A document, and where its translation goes."""

    source: Path
    target: TextOutput


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be translated."""

    source: Path
    error: NmtError


@dataclass(slots=True)
class _Opened:
    """A document on its way."""

    pair: Pair
    digest: str
    document: Document | None
    error: NmtError | None = None
    waiting: int = 0
    """Windows whose translations are to come."""
    translations: list[str] = field(default_factory=list)


def is_document(place: TextInput) -> bool:
    """Whether a file of this name is a document, and not lines of text."""
    found = None if place.path is None else find_format(place.path.name)
    return found is not None and found.name != "text"


def is_many(place: TextInput) -> bool:
    """Whether the place is a folder or a pattern of names, such as docs/**/*.md."""
    path = place.path
    return path is not None and (path.is_dir() or (is_pattern(place.given) and not path.exists()))


def translate_document(
    job: TranslationJob,
    *,
    input: TextInput,
    output: TextOutput,
    resume: bool = False,
    window: int = WINDOW,
    progress: OnProgress = lambda _: None,
    **machines: Unpack[Machines],
) -> list[str | None]:
    """Translate a document to another of the same format; the warnings. `progress` is told how many segments are done.

    Raises ConfigurationError, InputError, ModelDirectoryError, DeviceError, OfflineError.
    """
    source = input.path
    assert source is not None
    _check_ending(source, output)
    refuse_overwriting(output, [input, *job.directories])
    pair, tell = Pair(source, output), _Sum(progress)
    with open_appending(output, sources=[input]) as partial, open_engine(job.for_segments(), **machines) as running:
        promised = of_sources([input]) if is_resumable(output, [input]) else Fingerprint()
        partial.begin(fingerprint_of(job, window=window, engine=running) | promised, resume=resume)
        if partial.complete:
            return [partial.complete]
        for opened in _translated(running, [pair], window=window, language=_target(job), tell=tell):
            if opened.digest != promised.get("the input's sha256", opened.digest) and opened.error is None:
                raise InputError(f"{input}: was changed or replaced while it was read; run it again")
            partial.append(_content(opened), 1)
        return [running.loaded.complaint]


def translate_folder(
    job: TranslationJob,
    *,
    input: TextInput,
    output: TextOutput,
    resume: bool = False,
    window: int = WINDOW,
    progress: OnProgress = lambda _: None,
    **machines: Unpack[Machines],
) -> tuple[list[Failure], list[str | None]]:
    """Translate the documents of a folder or of a pattern into the folder `output`, in the same tree.

    One that cannot be translated does not stop the others. With `resume`, those that an earlier run has finished are left as
    they are, unless they changed. Returns the failures and the warnings.
    Raises ConfigurationError, ModelDirectoryError, DeviceError, OfflineError.
    """
    pairs, note = _pairs(input, output)
    target = output.path
    assert target is not None
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(str(target), error) from error
    failures: list[Failure] = []
    pending: deque[Pair] | None = None
    complaint = None
    one_by_one = False
    tell = _Sum(progress)
    with _open_journal(target / JOURNAL) as journal:
        while pending is None or pending:
            with open_engine(job.for_segments(), **machines) as running:
                if pending is None:
                    journal.start(fingerprint_of(job, window=window, engine=running), resume=resume)
                    pending = deque(pair for pair in pairs if not journal.has(pair, target))
                complaint = running.loaded.complaint
                groups = [[pair] for pair in pending] if one_by_one else [list(pending)]
                try:
                    for group in groups:
                        translated = _translated(running, group, window=window, language=_target(job), tell=tell)
                        failures.extend(_written(translated, pending, journal, target))
                except KeyboardInterrupt as interrupt:
                    interrupt.add_note("the same command with --resume goes on with the documents that are left")
                    raise
                except OfflineError as died:
                    # Workers died, and the engine with them. The next one gets documents one by one, to find which it is.
                    if one_by_one:
                        failures.append(Failure(pending.popleft().source, died))
                    one_by_one = True
    return failures, [note, complaint]


def _written(translated: Iterable[_Opened], pending: deque[Pair], journal: _Journal, folder: Path) -> Iterator[Failure]:
    """Write the documents that come, each of which then leaves those that are `pending`; the failures."""
    for opened in translated:
        if reason := _finish(opened, journal, folder):
            yield Failure(opened.pair.source, reason)
        pending.popleft()


class _Sum:
    """Tells how many segments are done."""

    def __init__(self, progress: OnProgress) -> None:
        self._progress, self._done = progress, 0

    def __call__(self, more: int) -> None:
        self._done += more
        self._progress(self._done)


def _target(job: TranslationJob) -> str:
    return load_info(job.models[0]).target_language


def _check_ending(source: Path, output: TextOutput) -> None:
    """Raises ConfigurationError where the output, by its name, is of another format."""
    wanted = find_format(source.name)
    assert wanted is not None
    path = output.path
    if path is not None and (output.new_file is not None) and find_format(path.name) is not wanted:
        raise ConfigurationError(
            f"--output {output}: should end in {' or '.join(wanted.endings)}, as {source.name} does; "
            "documents are not converted"
        )


def _pairs(input: TextInput, output: TextOutput) -> tuple[list[Pair], str | None]:
    """The documents of a folder or a pattern, and a note about files that are none."""
    source, target = input.path, output.path
    assert source is not None
    tree = Tree.of(source)
    if not source.is_dir() and not tree.files:
        raise ConfigurationError(
            f"--input {input}: is no file, and as a pattern no document is there; their names end in {', '.join(ENDINGS)}"
        )
    if target is None or (target.exists() and not target.is_dir()):
        raise ConfigurationError(f"--output {output}: should be a folder, as --input {input} stands for many files")
    if tree.base.resolve() == target.resolve():
        raise ConfigurationError(f"--output {output}: is the folder of the documents; name another")
    inside = target.resolve()

    def outside(paths: Iterable[Path]) -> list[Path]:
        return [path for path in paths if inside not in Path(os.path.realpath(path)).parents]

    files, hidden = outside(tree.files), [path for path in outside(tree.hidden) if find_format(path.name)]
    others = [path for path in files if not find_format(path.name)]
    documents = [path for path in files if find_format(path.name)]
    # A link that leads nowhere is a document that cannot be read. Reading a pipe would wait for ever.
    streams = [path for path in documents if os.path.exists(path) and not path.is_file()]
    pairs = [Pair(path, TextOutput(str(target / path.relative_to(tree.base)))) for path in documents if path not in streams]
    left_out = [
        _counted(others, "file is", "files are", "whose names have no ending of a document"),
        _counted(hidden, "document is", "documents are", "whose names, or those of their folders, begin with a dot"),
        _counted(streams, "pipe or device is", "pipes and devices are", "which have names of documents"),
        _counted(outside(tree.again), "link is", "links are", "to folders that are there by another name"),
    ]
    note = "; ".join(filter(None, left_out))
    if not pairs:
        there = f"; {note}" if note else ""
        raise ConfigurationError(f"--input {input}: no document is there; their names end in {', '.join(ENDINGS)}{there}")
    return pairs, note or None


def _counted(paths: Sequence[Path], one: str, several: str, why: str) -> str:
    """A note about what is left out; empty where nothing is."""
    if not paths:
        return ""
    return f"{f'1 {one}' if len(paths) == 1 else f'{len(paths)} {several}'} left out, {why} (the first: {paths[0]})"


def _translated(engine: Engine, pairs: Sequence[Pair], *, window: int, language: str, tell: _Sum) -> Iterator[_Opened]:
    """Each document with its translations, in order. One that cannot be read comes with its error."""
    held: deque[_Opened] = deque()

    def supply() -> Windows:
        first = 1
        for pair in pairs:
            opened = _open(pair, language)
            held.append(opened)
            if opened.document is None:
                continue
            segments = opened.document.segments
            opened.waiting = -(-len(segments) // window)
            for start in range(0, len(segments), window):
                own = segments[start : start + window]
                yield segment_window(first, own, opened.document.markup)
                first += len(own)

    def finished() -> Iterator[_Opened]:
        while held and not held[0].waiting:
            yield held.popleft()

    for _, output in engine.translate(supply()):
        yield from finished()
        translations = segments_of(output)
        held[0].translations += translations
        held[0].waiting -= 1
        tell(len(translations))
        yield from finished()
    yield from finished()


def _open(pair: Pair, language: str) -> _Opened:
    source = pair.source
    try:
        size = source.stat().st_size
        if size > _LARGEST:
            raise InputError(f"{source}: has {size >> 20} MiB; a document should have {_LARGEST >> 20} MiB at the most")
        place = TextInput(str(source))
        before, data = version(place), source.read_bytes()
        if version(place) != before:
            raise InputError(f"{source}: was changed or replaced while it was read; run it again")
        return _Opened(pair, hashlib.sha256(data).hexdigest(), read_document(str(source), data, target_language=language))
    except OSError as error:
        return _Opened(pair, "", None, InputError(f"{source}: cannot be read: {error.strerror or error}"))
    except NmtError as error:
        return _Opened(pair, "", None, error)


def _finish(opened: _Opened, journal: _Journal, folder: Path) -> NmtError | None:
    """Write a document of a folder, and note that it is finished; or return why it is not."""
    path = opened.pair.target.path
    assert path is not None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return not_writable(str(path), error)
    try:
        data = _content(opened)
        with open_output(opened.pair.target, inputs=[opened.pair.source]) as file:
            file.write(data)
    except NmtError as error:
        return error
    journal.add(opened, folder, size=len(data))
    return None


def _content(opened: _Opened) -> bytes:
    """The translated document. Raises InputError, ConfigurationError: what reading did, too."""
    if opened.error is not None:
        raise opened.error
    assert opened.document is not None
    return opened.document.written(opened.translations)


@contextmanager
def _open_journal(path: Path) -> Iterator[_Journal]:
    try:
        file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    except OSError as error:
        raise not_writable(str(path), error) from error
    with file:
        if not lock(file):
            raise OfflineError(
                f"{path.parent}: another process is writing to it; wait until it ends, or name another folder"
            )
        yield _Journal(file, path)


class _Journal:
    """The documents that are finished: a line that says what made them, then one for each. It stays in the folder."""

    def __init__(self, file: io.FileIO, path: Path) -> None:
        self._file, self._path = file, path
        self._finished: dict[str, tuple[str, object]] = {}

    def start(self, fingerprint: Fingerprint, *, resume: bool) -> None:
        """Raises OfflineError where the journal is of a run with other models or options."""
        lines = self._file.readall().decode(errors="replace").splitlines(keepends=True) if resume else []
        whole = [line for line in lines if line.endswith("\n")]  # the last one may be cut short
        try:
            records = [parse_json(line) for line in whole]
            before = dict(records[0]) if records else fingerprint
            self._finished = {str(one["file"]): (str(one["sha256"]), one.get("bytes")) for one in records[1:]}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OfflineError(f"{self._path}: damaged; {_FROM_THE_START}") from error
        if change := change_of(fingerprint, before):
            raise OfflineError(f"{self._path.parent}: cannot be resumed: {change}; {_FROM_THE_START}")
        size = len("".join(whole).encode())
        self._file.truncate(size)
        self._file.seek(size)
        if not whole:
            self._append(fingerprint)

    def has(self, pair: Pair, folder: Path) -> bool:
        """Whether this document is finished, and is what it was then; of its translation the size must be."""
        path = pair.target.path
        known = self._finished.get(_name(pair, folder))
        if known is None or path is None or not (path.is_file() and os.access(pair.source, os.R_OK)):
            return False
        return known == (sha256(pair.source), path.stat().st_size)

    def add(self, opened: _Opened, folder: Path, *, size: int) -> None:
        self._append({"file": _name(opened.pair, folder), "sha256": opened.digest, "bytes": size})

    def _append(self, record: Mapping[str, object]) -> None:
        try:
            self._file.write(f"{json.dumps(record)}\n".encode())
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OfflineError(str(not_writable(str(self._path), error))) from error


def _name(pair: Pair, folder: Path) -> str:
    assert pair.target.path is not None
    return pair.target.path.relative_to(folder).as_posix()


def listed(failures: Sequence[Failure]) -> str:
    """The failures, for people to read."""
    documents = "1 document" if len(failures) == 1 else f"{len(failures)} documents"
    return "\n".join((f"{documents} could not be translated:", *(f"  {one.error}" for one in failures)))
