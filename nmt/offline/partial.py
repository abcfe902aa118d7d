"""Output that outlives the process that writes it, so that another can go on.

.NAME.partial          the output of the first lines
.NAME.partial.json     the journal: how many lines and bytes of it are complete, and what made them

The journal is replaced, in one step, after the output it counts is on disk. Whatever moment a process dies at, the lines in
the journal are there, and what follows them in the output is cut off before going on.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nmt.errors import InputError, OfflineError
from nmt.files.atomic import lock
from nmt.files.lines import Output, not_writable

Fingerprint = dict[str, str]
"""What the output depends on: its name, as it stands in a message, and its value."""

_AGAIN = "without --resume all lines are translated again"


@contextmanager
def open_partial(final: Path, *, name: str, fingerprint: Fingerprint, resume: bool) -> Iterator[Partial]:
    """Output that takes the place of `final`, called `name` in messages, when the block ends well.

    When it does not, what is complete is kept for the next that opens it with `resume` and the same fingerprint, and
    whatever was at `final` stays as it was. Raises InputError where it cannot be written, OfflineError where another
    process is writing it, or where it cannot be resumed.
    """
    path = final.with_name(f".{final.name}.partial")
    with _open(path, name) as file:
        _lock(file, path, name)
        partial = Partial(file, path=path, final=final, name=name, fingerprint=fingerprint)
        if resume:
            partial.go_on()
        else:
            partial.start()
        try:
            yield partial
            partial.finish()
        except BaseException as error:
            if not partial.lines:
                partial.drop()
            elif isinstance(error, OfflineError):
                raise OfflineError(f"{error}; the same command with --resume goes on after line {partial.lines}") from error
            raise


class Partial:
    """An unfinished output, its journal, and where both go in the end."""

    def __init__(self, file: io.FileIO, *, path: Path, final: Path, name: str, fingerprint: Fingerprint) -> None:
        self.lines = 0
        """Of the input, whose output is complete."""
        self._file, self._path, self._final, self._name, self._fingerprint = file, path, final, name, fingerprint
        self._journal = path.with_name(f"{path.name}.json")
        self._next_journal = path.with_name(f"{path.name}.json.new")
        self._output = Output(file, name)
        self._renamed = False

    def start(self) -> None:
        """Drop what is there. The journal goes first: it must never count what is not there."""
        self._journal.unlink(missing_ok=True)
        self._file.truncate(0)

    def go_on(self) -> None:
        """Go on after what the journal counts, if there is one. Raises OfflineError."""
        try:
            record = json.loads(self._journal.read_text(encoding="utf-8"))
            before, lines, size = dict(record["fingerprint"]), int(record["lines"]), int(record["bytes"])
        except FileNotFoundError:
            return self.start()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise OfflineError(f"{self._journal}: damaged; {_AGAIN}") from error
        for what, now in self._fingerprint.items():
            if before.get(what) != now:
                raise OfflineError(
                    f"{self._name}: cannot be resumed after line {lines}: "
                    f"{what} was {before.get(what)} and is {now} now; {_AGAIN}"
                )
        if self._size() < size:
            # A process that died between renaming its output and removing the journal had nothing left to do.
            self._renamed = self._final.is_file() and self._final.stat().st_size == size
            if not self._renamed:
                raise OfflineError(f"{self._path}: shorter than its journal says; {_AGAIN}")
        else:
            self._file.truncate(size)
            self._file.seek(size)
        self.lines = lines
        return None

    def append(self, text: str, lines: int) -> None:
        """Add the output of the next `lines` lines; once this returns they need never be done again. Raises OfflineError."""
        try:
            self._output.write(text)
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


def _open(path: Path, name: str) -> io.FileIO:
    try:
        return io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    except OSError as error:
        raise not_writable(name, error) from error


def _lock(file: io.FileIO, path: Path, name: str) -> None:
    """Until `file` is closed, or the process dies."""
    # Whoever held it until now may just have given it its name.
    if not (lock(file) and path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
        raise OfflineError(f"{name}: another process is writing it; wait until it ends, or write to another file")
