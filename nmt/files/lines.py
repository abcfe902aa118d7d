"""Lines in and lines out: files, gzip, xz, standard input and output, any bytes.

Only "\\n" ends a line, so that a text of n lines stays a text of n lines whatever else is in it.
"""

from __future__ import annotations

import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from nmt.errors import CorpusError, InputError
from nmt.files.atomic import replacing

STANDARD = "-"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line's text, and the "\\r" that stood before its "\\n", if any."""

    text: str
    ending: str
    prefix: str = ""
    """What its translation is to begin with."""


class Lines:
    """Iterates once over the lines of `path` ("-" is standard input), and counts those that were not UTF-8.

    Raises InputError where the file cannot be opened, read or decompressed.
    """

    def __init__(self, path: str) -> None:
        self.name = "standard input" if path == STANDARD else path
        self.count = 0
        self.invalid = 0
        self.first_invalid = 0
        self._path = path

    def __iter__(self) -> Iterator[Line]:
        try:
            with _open(self._path) as stream:
                for raw in stream:
                    self.count += 1
                    yield self._decode(raw.removesuffix(b"\n"))
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            where = f" after line {self.count}" if self.count else ""
            raise InputError(f"{self.name}: cannot be read{where}: {reason}") from error

    @property
    def typed(self) -> bool:
        """A person types the lines, and waits for the answer to each."""
        return self._path == STANDARD and sys.stdin.isatty()

    def complaint(self) -> str | None:
        """What to say about invalid lines once all is read."""
        if not self.invalid:
            return None
        lines = "1 line was" if self.invalid == 1 else f"{self.invalid} lines were"
        return f"{self.name}: {lines} not valid UTF-8 (the first: line {self.first_invalid}); wrong bytes became U+FFFD"

    def _decode(self, raw: bytes) -> Line:
        if self.count == 1:
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        body = raw.removesuffix(b"\r")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            self.invalid += 1
            self.first_invalid = self.first_invalid or self.count
            text = body.decode(errors="replace")
        return Line(text, "\r" if len(body) < len(raw) else "")


def paired(source: Lines, target: Lines) -> Iterator[tuple[str, str]]:
    """The texts of two files line by line. Raises CorpusError where one ends before the other."""
    return ((first.text, second.text) for first, second in paired_lines(source, target))


def paired_lines(source: Lines, target: Lines) -> Iterator[tuple[Line, Line]]:
    """The lines of two files. Raises CorpusError where one ends before the other."""
    for first, second in zip_longest(source, target):
        if first is None or second is None:
            shorter, longer = (source, target) if first is None else (target, source)
            ended = longer.count - 1
            raise CorpusError(
                f"{shorter.name} ends after line {ended}, but {longer.name} goes on; both must have the same number of lines"
            )
        yield first, second


def is_file(path: str) -> bool:
    """It can be read again: not standard input, nor a device or a named pipe."""
    return path != STANDARD and Path(path).is_file()


def count_lines(path: str) -> int | None:
    """Lines of a regular file, to show how much is left; None where that cannot be known beforehand."""
    if not is_file(path):
        return None
    return sum(1 for _ in Lines(path))


class Output:
    """Writes each line at once, so that a reader at the other end of a pipe has it."""

    def __init__(self, file: io.FileIO, name: str) -> None:
        self._file, self._name = file, name

    def write(self, text: str) -> None:
        rest = memoryview(text.encode(errors="replace"))
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except BrokenPipeError:  # whoever reads has seen enough: not a mistake
            raise
        except OSError as error:
            raise not_writable(self._name, error) from error


@contextmanager
def open_output(path: str) -> Iterator[Output]:
    """Write to `path` ("-" is standard output). A file appears under its name when it is complete, and not before.

    Raises InputError where it cannot be written.
    """
    final = Path(path).resolve()
    if path == STANDARD:
        with io.FileIO(1, "w", closefd=False) as file:
            yield Output(file, "standard output")
    elif final.exists() and not final.is_file():  # a device or a named pipe
        with _create(final, path) as file:
            yield Output(file, path)
    else:
        with replacing(final) as partial, _create(partial, path) as file:
            yield Output(file, path)


def _create(path: Path, name: str) -> io.FileIO:
    try:
        return io.FileIO(path, "w")
    except OSError as error:
        raise not_writable(name, error) from error


def not_writable(name: str, error: OSError) -> InputError:
    """What to raise where `name` cannot be written."""
    return InputError(f"{name}: cannot be written: {error.strerror or error}")


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    with _opened(Path(path)) as stream:
        yield stream


def _opened(path: Path) -> BinaryIO:
    match path.suffix:
        case ".gz":
            return cast(BinaryIO, gzip.open(path))
        case ".xz":
            return cast(BinaryIO, lzma.open(path))
        case _:
            return path.open("rb")
