"""Lines of text from files, pipes and standard input, plain or packed: the only reader of raw lines in the program.

Only "\\n" ends a line, so that a text of n lines stays a text of n lines whatever else is in it.
"""

from __future__ import annotations

import codecs
import io
import stat
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from nmt.errors import ConfigurationError, CorpusError, InputError
from nmt.files.packing import unpacked
from nmt.files.places import TextInput

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Fewer lines than this show no encoding; more than that many need not be read to show it.
_FEWEST_TO_JUDGE, _ENOUGH_TO_JUDGE = 10, 100


class InputLine(NamedTuple):
    """A line's text, and the "\\r" that stood before its "\\n", if any."""

    text: str
    ending: str


class Lines:
    """Iterates once over the lines of `place`, in constant memory, and counts those that were not UTF-8.

    Raises InputError where the place cannot be opened, read or unpacked, where most of its lines are not UTF-8, and where a
    file is another one at its end than it was when this object was made.
    """

    def __init__(self, place: TextInput, *, encoding: str = "utf-8") -> None:
        """Raises ConfigurationError for an encoding that there is not, or in which a line feed is no byte of its own."""
        self._encoding = checked_encoding(encoding)
        self.place = place
        self.name = place.name
        self.count = 0
        self.invalid = 0
        self.first_invalid = 0
        self.has_mark = False
        """Whether the first line, once it is read, began with a byte order mark."""
        self._version = version(place)

    def __iter__(self) -> Iterator[InputLine]:
        for line in self._decoded():
            yield InputLine(line[:-1], "\r") if line.endswith("\r") else InputLine(line, "")

    def texts(self) -> Iterator[str]:
        """The lines without a "\\r" at their ends."""
        for line in self._decoded():
            yield line.removesuffix("\r")

    def complaint(self) -> str | None:
        """A warning about invalid lines, once all is read."""
        if not self.invalid:
            return None
        name = self._encoding.upper()
        lines = "1 line was" if self.invalid == 1 else f"{self.invalid} lines were"
        return f"{self.name}: {lines} not valid {name} (the first: line {self.first_invalid}); wrong bytes became U+FFFD"

    def _decoded(self) -> Iterator[str]:
        for raw in self._raw():
            try:
                yield raw.decode(self._encoding)
            except UnicodeDecodeError:
                self.invalid += 1
                self.first_invalid = self.first_invalid or self.count
                if self.invalid >= _ENOUGH_TO_JUDGE:
                    self._check_encoding()
                yield raw.decode(self._encoding, errors="replace")
        if self.count >= _FEWEST_TO_JUDGE:
            self._check_encoding()

    def _raw(self) -> Iterator[bytes]:
        """The bytes of each line without its "\\n"."""
        try:
            with self._open() as file, unpacked(file, name=self.name) as stream:
                for raw in stream:
                    self.count += 1
                    if self.count == 1 and raw.startswith(_BYTE_ORDER_MARK):
                        self.has_mark = True
                        raw = raw.removeprefix(_BYTE_ORDER_MARK)
                    yield raw.removesuffix(b"\n")
        except (OSError, EOFError) as error:
            self._check_version()
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{self.name}: cannot be read{self._after()}: {reason}") from error
        self._check_version()

    def _open(self) -> io.FileIO:
        descriptor = self.place.descriptor
        return io.FileIO(self.place.given) if descriptor is None else io.FileIO(descriptor, closefd=False)

    def _after(self) -> str:
        return f" after line {self.count}" if self.count else ""

    def _check_version(self) -> None:
        if self._version is not None and version(self.place) != self._version:
            raise InputError(f"{self.name}: was changed or replaced while it was read, found{self._after()}; run it again")

    def _check_encoding(self) -> None:
        if 2 * self.invalid > self.count:
            raise InputError(
                f"{self.name}: {self.invalid} of the first {self.count} lines are not {self._encoding.upper()}; "
                "convert it, as by iconv -f ISO-8859-1 -t UTF-8"
            )


def checked_encoding(name: str) -> str:
    """The usual name of an encoding. Raises ConfigurationError where lines of bytes cannot be told apart in it."""
    try:
        codec = codecs.lookup(name)
        if codec._is_text_encoding and "\n\t".encode(codec.name) == b"\n\t":
            return codec.name
    except (LookupError, UnicodeError):
        raise ConfigurationError(f"--encoding {name}: unknown; should be one such as utf-8, latin-1 or cp1252") from None
    raise ConfigurationError(f"--encoding {name}: a line feed is more than one byte there; convert the text, as by iconv")


def paired(source: Lines, target: Lines) -> Iterator[tuple[str, str]]:
    """The texts of two files line by line. Raises CorpusError where one ends before the other."""
    for first, second in zip_longest(source.texts(), target.texts()):
        if first is None or second is None:
            raise _unequal(source, target, first)
        yield first, second


def with_companion(lines: Lines, companion: Lines) -> Iterator[tuple[InputLine, str]]:
    """Each line with the text that belongs to it. Raises CorpusError where one file ends before the other."""
    for line, text in zip_longest(lines, companion.texts()):
        if line is None or text is None:
            raise _unequal(lines, companion, line)
        yield line, text


def _unequal(source: Lines, target: Lines, first: object) -> CorpusError:
    shorter, longer = (source, target) if first is None else (target, source)
    ended = longer.count - 1
    return CorpusError(
        f"{shorter.name} ends after line {ended}, but {longer.name} goes on; both must have the same number of lines"
    )


def count_lines(place: TextInput) -> int | None:
    """Lines of a regular file, to show how much is left. None where that cannot be known beforehand."""
    if place.file is None:
        return None
    return sum(1 for _ in Lines(place).texts())


Version = tuple[int, int, int, int]
"""Device, inode, size in bytes and time of the last change, in nanoseconds, of a file."""


def version(place: TextInput) -> Version | None:
    """The version of a file that is there now. None where there is no regular file."""
    status = place.status()
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
