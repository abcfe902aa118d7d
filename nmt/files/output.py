"""Lines of text out: to files that are whole or not there, to pipes and devices, and to standard output."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nmt.errors import OfflineError, OutputError
from nmt.files.atomic import keep_attributes, lock
from nmt.files.packing import Packing, packed, packing_by_suffix
from nmt.files.places import TextInput, TextOutput, refuse_overwriting

_LONGEST_NAME = 255 - len("..partial.json.new")
"""Bytes."""


class TextWriter:
    """Writes each text at once, so that a reader at the other end of a pipe has it.

    Packed text is one member for each call of `write`, so that what has been written is whole at any moment.
    """

    def __init__(self, file: io.FileIO, *, name: str, packing: Packing | None) -> None:
        self._file, self._name, self._packing = file, name, packing

    def write(self, text: str | bytes) -> None:
        """Bytes are what is no text, or in another encoding. Raises OutputError where it cannot be written."""
        data = text.encode(errors="replace") if isinstance(text, str) else text
        rest = memoryview(packed(data, self._packing) if self._packing else data)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except BrokenPipeError:  # whoever reads has seen enough: not a mistake
            raise
        except OSError as error:
            raise not_writable(self._name, error) from error


@contextmanager
def open_output(output: TextOutput, *, inputs: Iterable[TextInput | Path | None]) -> Iterator[TextWriter]:
    """Write to `output`. A file appears under its name when it is complete, and not before.

    What is there is replaced, but for `inputs`, the files and folders that the output is made from. Raises OutputError where
    it cannot be written, ConfigurationError where it is one of `inputs`, OfflineError where another process is writing it.
    """
    inputs = list(inputs)
    refuse_overwriting(output, inputs)
    packing = None if output.path is None else packing_by_suffix(output.path)
    if (final := output.new_file) is None:
        with _open_stream(output) as file:
            yield TextWriter(file, name=output.name, packing=packing)
        return
    with open_whole(final, name=output.name, inputs=inputs) as file:
        yield TextWriter(file, name=output.name, packing=packing)
        finish_packed(file, packing)


@contextmanager
def open_whole(final: Path, *, name: str, inputs: Iterable[TextInput | Path | None]) -> Iterator[io.FileIO]:
    """An empty file, at `partial_path`, that takes the place of `final` when the block ends well; its errors are above."""
    path = partial_path(final)
    with open_partial_file(final, name=name, inputs=inputs) as file:
        try:
            journal_path(final).unlink(missing_ok=True)  # it must never count what is not there
            file.truncate(0)
            yield file
            keep_attributes(path, of=final)
            os.fsync(file.fileno())
            path.replace(final)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def open_partial_file(final: Path, *, name: str, inputs: Iterable[TextInput | Path | None]) -> Iterator[io.FileIO]:
    """The unfinished file of `final`, which no other process has until the block ends or this one dies.

    Raises OutputError, ConfigurationError where it is one of `inputs`, OfflineError where another process has it.
    """
    path = partial_path(final)
    inputs = list(inputs)
    for work in (path, journal_path(final)):
        refuse_overwriting(work, inputs)
    # It is private until it has the attributes of what it replaces.
    try:
        file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600 if final.exists() else 0o666), "r+")
    except OSError as error:
        raise not_writable(name, error) from error
    with file:
        # Whoever held it until now may just have given it its name.
        if not (lock(file) and path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
            raise OfflineError(f"{name}: another process is writing it; wait until it ends, or write to another file")
        yield file


def partial_path(final: Path) -> Path:
    """Where a file is until it is complete: by one name, so that what a killed process leaves is found by the next."""
    return final.with_name(f".{_short(final.name)}.partial")


def journal_path(final: Path) -> Path:
    """Where it is written how much of `partial_path` is complete, if anybody goes on with it."""
    return final.with_name(f".{_short(final.name)}.partial.json")


def _short(name: str) -> str:
    """`name`, or a digest of it where what is put around it would make it too long for a file system."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= _LONGEST_NAME else hashlib.sha256(encoded).hexdigest()


def finish_packed(file: io.FileIO, packing: Packing | None) -> None:
    """Make an empty file one that can be unpacked."""
    if packing and not os.fstat(file.fileno()).st_size:
        file.write(packed(b"", packing))


def not_writable(name: str, error: OSError) -> OutputError:
    """The error to raise where `name` cannot be written."""
    return OutputError(f"{name}: cannot be written: {error.strerror or error}")


def _open_stream(output: TextOutput) -> io.FileIO:
    try:
        if output.descriptor is None:
            return io.FileIO(output.given, "w")
        return io.FileIO(output.descriptor, "w", closefd=False)
    except OSError as error:
        raise not_writable(output.name, error) from error
