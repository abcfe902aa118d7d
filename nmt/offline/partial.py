"""Output that outlives the process that writes it, so that another process can go on.

.NAME.partial          the output of the first lines
.NAME.partial.json     the journal: how many lines and bytes of it are complete, and what made them

The journal is replaced, in one step, after the output it counts is on disk. Whatever moment a process dies at, the lines in
the journal are there, and what follows them in the output is cut off before going on.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from nmt.checkpoint.directory import MANIFEST
from nmt.config.machine import RuntimeName
from nmt.errors import InputError, OfflineError
from nmt.files.atomic import current, keep_attributes, lock
from nmt.files.json_text import parse_json
from nmt.files.output import TextWriter, finish_packed, not_writable, open_new
from nmt.files.packing import packing_by_suffix
from nmt.files.places import TextInput, TextOutput, refuse_overwriting

Fingerprint = dict[str, str]
"""All that an output depends on: the name of each, for messages, and its value."""

_FROM_THE_START = "without --resume all lines are translated again"


@contextmanager
def open_partial(
    output: TextOutput, *, inputs: Iterable[TextInput], fingerprint: Fingerprint, resume: bool
) -> Iterator[Partial]:
    """An unfinished file that takes the place of `output` when the block ends well.

    When it does not, the complete lines are kept for the next that opens it with `resume` and the same fingerprint, and
    the file at `output` stays as it was. Raises InputError where it cannot be written, ConfigurationError where one of its
    files is one of `inputs`, OfflineError where another process is writing it, or where it cannot be resumed.
    """
    assert output.new_file is not None
    final, name, packing = output.new_file, output.name, packing_by_suffix(output.new_file)
    path, journal = _partial_path(final), _journal_path(final)
    for work in (path, journal):
        refuse_overwriting(work, inputs)
    with open_new(path, like=final, name=name) as file:
        _lock(file, path, name)
        keep_attributes(path, of=final)
        writer = TextWriter(file, name=name, packing=packing)
        partial = Partial(file, writer, path=path, journal=journal, final=final, name=name, fingerprint=fingerprint)
        if resume:
            partial.go_on()
        else:
            partial.start()
        try:
            yield partial
            finish_packed(file, packing)
            partial.finish()
        except BaseException as error:
            if not partial.lines:
                partial.drop()
                raise
            advice = f"the same command with --resume goes on after line {partial.lines}"
            if isinstance(error, OfflineError):
                raise OfflineError(f"{error}; {advice}") from error
            if isinstance(error, KeyboardInterrupt):
                error.add_note(advice)
            raise


def check_finished(output: TextOutput, *, sources: Sequence[TextInput], models: Sequence[Path]) -> str | None:
    """A note where a resumed run has nothing to do, because `output` is there and no run of it was stopped.

    Raises OfflineError where that output is older than the `sources` and `models` it should be made from.
    """
    final = output.new_file
    if final is None or not final.exists() or _partial_path(final).exists() or _journal_path(final).exists():
        return None
    made_from = [source.file for source in sources] + [current(model, MANIFEST) for model in models]
    for path in made_from:
        if path is not None and path.exists() and path.stat().st_mtime_ns > final.stat().st_mtime_ns:
            raise OfflineError(f"{output}: was complete before {path} was changed; {_FROM_THE_START}")
    return f"{output} is complete, and no later run of it was stopped: nothing is left to do; {_FROM_THE_START}"


def change_of(fingerprint: Fingerprint, before: Fingerprint) -> str:
    """The first difference from the fingerprint of `before`, for people; empty where there is none."""
    for name, now in fingerprint.items():
        if (then := before.get(name)) != now:
            way = f" (--runtime {then} asks for it)" if name == "the runtime" and then in get_args(RuntimeName) else ""
            return f"{name} was {then} and is {now} now{way}"
    return ""


def _partial_path(final: Path) -> Path:
    return final.with_name(f".{final.name}.partial")


def _journal_path(final: Path) -> Path:
    return final.with_name(f".{final.name}.partial.json")


class Partial:
    """An unfinished output, its journal, and where both go in the end."""

    def __init__(
        self,
        file: io.FileIO,
        writer: TextWriter,
        *,
        path: Path,
        journal: Path,
        final: Path,
        name: str,
        fingerprint: Fingerprint,
    ) -> None:
        self.lines = 0
        """Of the input, whose output is complete."""
        self._file, self._writer = file, writer
        self._path, self._final, self._name, self._fingerprint = path, final, name, fingerprint
        self._journal = journal
        self._next_journal = journal.with_name(f"{journal.name}.new")
        self._renamed = False

    def start(self) -> None:
        """Drop what is there. The journal goes first: it must never count what is not there."""
        self._journal.unlink(missing_ok=True)
        self._file.truncate(0)

    def go_on(self) -> None:
        """Go on after what the journal counts, if there is one. Raises OfflineError."""
        try:
            record = parse_json(self._journal.read_text(encoding="utf-8"))
            before, lines, size = dict(record["fingerprint"]), int(record["lines"]), int(record["bytes"])
        except FileNotFoundError:
            return self.start()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise OfflineError(f"{self._journal}: damaged; {_FROM_THE_START}") from error
        if change := change_of(self._fingerprint, before):
            raise OfflineError(f"{self._name}: cannot be resumed after line {lines}: {change}; {_FROM_THE_START}")
        if self._size() < size:
            # A process that died between renaming its output and removing the journal had nothing left to do.
            self._renamed = self._final.is_file() and self._final.stat().st_size == size
            if not self._renamed:
                raise OfflineError(f"{self._path}: shorter than its journal says; {_FROM_THE_START}")
        else:
            self._file.truncate(size)
            self._file.seek(size)
        self.lines = lines
        return None

    def append(self, text: str, lines: int) -> None:
        """Add the output of the next `lines` lines; once this returns they need never be done again. Raises OfflineError."""
        try:
            self._writer.write(text)
            record = {"fingerprint": self._fingerprint, "lines": self.lines + lines, "bytes": self._size()}
            os.fsync(self._file.fileno())
            self._replace_journal(json.dumps(record, indent=2) + "\n")
        except InputError as error:
            raise OfflineError(str(error)) from error
        except OSError as error:
            raise OfflineError(str(not_writable(self._name, error))) from error
        self.lines += lines

    def finish(self) -> None:
        """Give the output its name. Each append has flushed it to disk."""
        if self._renamed:
            self._path.unlink()
        else:
            self._path.replace(self._final)
        self._journal.unlink(missing_ok=True)
        self._next_journal.unlink(missing_ok=True)

    def drop(self) -> None:
        """Leave nothing behind."""
        self._next_journal.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)

    def _replace_journal(self, text: str) -> None:
        # Always by the same name, so that what a killed process leaves is found and removed by the one that goes on.
        with self._next_journal.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self._next_journal.replace(self._journal)

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size


def _lock(file: io.FileIO, path: Path, name: str) -> None:
    """Until `file` is closed, or the process dies."""
    # Whoever held it until now may just have given it its name.
    if not (lock(file) and path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
        raise OfflineError(f"{name}: another process is writing it; wait until it ends, or write to another file")
