"""Lines of text out: to files that are whole or not there, to pipes and devices, and to standard output."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nmt.errors import OutputError
from nmt.files.atomic import replacing
from nmt.files.packing import Packing, packed, packing_by_suffix
from nmt.files.places import TextInput, TextOutput, refuse_overwriting


class TextWriter:
    """Writes each text at once, so that a reader at the other end of a pipe has it.

    Packed text is one member for each call of `write`, so that what has been written is whole at any moment.
    """

    def __init__(self, file: io.FileIO, *, name: str, packing: Packing | None) -> None:
        self._file, self._name, self._packing = file, name, packing

    def write(self, text: str) -> None:
        """Raises OutputError where it cannot be written."""
        self.write_bytes(text.encode(errors="replace"))

    def write_bytes(self, data: bytes) -> None:
        """As `write`, for what is no text or in another encoding."""
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
    it cannot be written, ConfigurationError where it is one of `inputs`.
    """
    refuse_overwriting(output, inputs)
    packing = None if output.path is None else packing_by_suffix(output.path)
    if (final := output.new_file) is None:
        with _open_stream(output) as file:
            yield TextWriter(file, name=output.name, packing=packing)
        return
    with replacing(final) as partial, open_new(partial, like=final, name=output.name) as file:
        file.truncate()
        yield TextWriter(file, name=output.name, packing=packing)
        finish_packed(file, packing)


def open_new(path: Path, *, like: Path, name: str) -> io.FileIO:
    """Open `path`, made where it is not there, to read and write. It is private until it has the attributes of `like`."""
    try:
        mode = 0o600 if like.exists() else 0o666
        return io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, mode), "r+")
    except OSError as error:
        raise not_writable(name, error) from error


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
