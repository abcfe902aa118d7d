"""Output that outlives the process that writes it, so that another process can go on.

.NAME.partial          the output of the first lines
.NAME.partial.json     the journal: how many lines and bytes of it are complete, and what made them
NAME                   in the end; where the file system has attributes for users, one says what made it

The journal is replaced, in one step, after the output it counts is on disk. Whatever moment a process dies at, the lines in
the journal are there, and what follows them in the output is cut off before going on.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, get_args

from nmt.config.machine import RuntimeName
from nmt.errors import InputError, OfflineError
from nmt.files.atomic import keep_attributes
from nmt.files.json_text import parse_json
from nmt.files.output import (
    TextWriter,
    finish_packed,
    journal_path,
    not_writable,
    open_output,
    open_partial_file,
    partial_path,
)
from nmt.files.packing import packing_by_suffix
from nmt.files.places import TextInput, TextOutput

Fingerprint = dict[str, str]
"""All that an output depends on: the name of each, for messages, and its value."""

_FROM_THE_START = "without --resume all lines are translated again"
_MADE_BY = "user.nmt.made-by"
"""The attribute of a complete output. It has no file of its own, goes where the output goes, and no copy of it has it."""


class Appending(Protocol):
    """Where the output of lines goes, in their order."""

    lines: int
    """Of the input, whose output is there."""
    complete: str | None
    """A note that nothing is left to do, where that is so."""

    def begin(self, fingerprint: Fingerprint, *, resume: bool) -> None:
        """To be called once, before anything is written, with all that the output depends on. Raises OfflineError."""

    def append(self, text: str | bytes, lines: int) -> None:
        """Add the output of the next `lines` lines. Raises OfflineError, OutputError."""


def is_resumable(output: TextOutput, sources: Sequence[TextInput]) -> bool:
    """Whether a run can go on where another was stopped: from files to a file."""
    return output.new_file is not None and all(source.file is not None for source in sources)


@contextmanager
def open_appending(output: TextOutput, *, sources: Sequence[TextInput]) -> Iterator[Appending]:
    """`output`, of which a file takes its place when the block ends well.

    When it does not, the complete lines are kept for the next that begins with `resume` and the same fingerprint, where that
    can be, and the file at `output` stays as it was. Raises InputError where it cannot be written, ConfigurationError where
    one of its files is one of `sources`, OfflineError where another process is writing it.
    """
    if not is_resumable(output, sources):
        with open_output(output, inputs=sources) as stream:
            yield _Unkept(stream)
        return
    assert output.new_file is not None
    final, name, packing = output.new_file, output.name, packing_by_suffix(output.new_file)
    was_begun = partial_path(final).exists()
    with open_partial_file(final, name=name, inputs=sources) as file:
        keep_attributes(partial_path(final), of=final)
        writer = TextWriter(file, name=name, packing=packing)
        partial = Partial(file, writer, final=final, name=name, was_begun=was_begun)
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


class _Unkept:
    """An output that nobody can go on with."""

    def __init__(self, writer: TextWriter) -> None:
        self.lines = 0
        self.complete: str | None = None
        self._writer = writer

    def begin(self, fingerprint: Fingerprint, *, resume: bool) -> None:
        pass

    def append(self, text: str | bytes, lines: int) -> None:
        self._writer.write(text)
        self.lines += lines


def change_of(fingerprint: Fingerprint, before: Fingerprint) -> str:
    """The first difference from the fingerprint of `before`, for people; empty where there is none."""
    for name, now in fingerprint.items():
        if (then := before.get(name)) != now:
            way = f" (--runtime {then} asks for it)" if name == "the runtime" and then in get_args(RuntimeName) else ""
            return f"{name} was {then} and is {now} now{way}"
    return ""


class Partial:
    """An unfinished output, its journal, and where both go in the end."""

    def __init__(self, file: io.FileIO, writer: TextWriter, *, final: Path, name: str, was_begun: bool) -> None:
        self.lines = 0
        self.complete: str | None = None
        self._file, self._writer = file, writer
        self._final, self._name = final, name
        self._path, self._journal = partial_path(final), journal_path(final)
        self._next_journal = self._journal.with_name(f"{self._journal.name}.new")
        self._was_begun = was_begun
        """Whether an earlier run has left its unfinished output, of which nothing has been dropped yet."""
        self._renamed = False
        self._fingerprint = Fingerprint()

    def begin(self, fingerprint: Fingerprint, *, resume: bool) -> None:
        """Raises OfflineError where it cannot be gone on with."""
        self._fingerprint = fingerprint
        if resume and self._journal.exists():
            self._go_on()
        elif resume and self._final.exists() and not self._was_begun:
            self._check_complete()
        else:
            self._start()

    def _start(self) -> None:
        """Drop what is there. The journal goes first: it must never count what is not there."""
        self._was_begun = False
        self._journal.unlink(missing_ok=True)
        self._file.truncate(0)

    def _check_complete(self) -> None:
        """Raises OfflineError where the output is another one than this run would make, or where nothing tells."""
        try:
            record = parse_json(os.getxattr(self._final, _MADE_BY).decode())
            before, size = dict(record["fingerprint"]), int(record["bytes"])
        except (AttributeError, OSError, ValueError, TypeError, KeyError):  # or a system that has no attributes
            raise OfflineError(f"{self._name}: is there, and nothing tells what made it; {_FROM_THE_START}") from None
        if change := change_of(self._fingerprint, before):
            raise OfflineError(f"{self._name}: is complete, but {change}; {_FROM_THE_START}")
        if self._final.stat().st_size != size:
            raise OfflineError(f"{self._name}: was changed since it was complete; {_FROM_THE_START}")
        self._renamed = True
        self.complete = f"{self._name} is complete: nothing is left to do; {_FROM_THE_START}"

    def _go_on(self) -> None:
        """Go on after what the journal counts. Raises OfflineError."""
        try:
            record = parse_json(self._journal.read_text(encoding="utf-8"))
            before, lines, size = dict(record["fingerprint"]), int(record["lines"]), int(record["bytes"])
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

    def append(self, text: str | bytes, lines: int) -> None:
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
            record = json.dumps({"fingerprint": self._fingerprint, "bytes": self._size()})
            with suppress(AttributeError, OSError):  # a system, or a disk, that has no attributes, or no room for this one
                os.setxattr(self._file.fileno(), _MADE_BY, record.encode())
            self._path.replace(self._final)
        self._journal.unlink(missing_ok=True)
        self._next_journal.unlink(missing_ok=True)

    def drop(self) -> None:
        """Leave nothing behind, but for what an earlier run has left and this one has not touched."""
        if self._was_begun:
            return
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
