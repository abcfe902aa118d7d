"""Places that text comes from and goes to, as a person names them: a file, a pipe, a device, or "-".

Every path question about an input or an output is asked of one of these values, which knows whether there is a path at all.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from nmt.errors import ConfigurationError

STANDARD = "-"
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a pipe or a device by its path, or an open stream of this process by its number."""

    given: str
    """The words of a person."""

    standard: ClassVar[tuple[int, str]]
    """The stream that "-" stands for: its number, and its name in messages."""

    @classmethod
    def parse(cls, given: str | Self) -> Self:
        return cls(given) if isinstance(given, str) else given

    def __str__(self) -> str:
        return self.given

    @property
    def name(self) -> str:
        """The name for messages."""
        return self.standard[1] if self.given == STANDARD else self.given

    @property
    def descriptor(self) -> int | None:
        """The number of an open stream: of "-", /dev/stdout, /dev/fd/3. None where a path is to be opened."""
        if self.given == STANDARD:
            return self.standard[0]
        if found := _DESCRIPTOR.fullmatch(self.given):
            return int(found[1])
        return _STREAMS.get(self.given)

    @property
    def path(self) -> Path | None:
        """None where there is an open stream instead."""
        return Path(self.given) if self.descriptor is None else None

    @property
    def file(self) -> Path | None:
        """The path of a regular file, which can be opened again and again. None where there is none, or none yet."""
        path = self.path
        return path if path is not None and path.is_file() else None

    @property
    def is_regular(self) -> bool:
        """Whether it is a regular file, be it by its path or as an open stream: one that is all there."""
        return _identity(self) is not None

    def status(self) -> os.stat_result | None:
        """None where nothing is there."""
        descriptor = self.descriptor
        try:
            return os.stat(self.given if descriptor is None else descriptor)
        except OSError:
            return None


class TextInput(Place):
    """A place to read text from; "-" is standard input."""

    __slots__ = ()
    standard = (0, "standard input")


class TextOutput(Place):
    """A place to write text to; "-" is standard output."""

    __slots__ = ()
    standard = (1, "standard output")

    @property
    def new_file(self) -> Path | None:
        """The path, links followed, of a regular file to be made or replaced. None for a stream, a pipe or a device."""
        path = self.path
        if path is None or (path.exists() and not path.is_file()):
            return None
        return path.resolve()


def refuse_overwriting(output: TextOutput | Path, inputs: Iterable[TextInput | Path | None]) -> None:
    """Raises ConfigurationError where `output` is one of `inputs`, or a file in one that is a folder, by whatever link."""
    there = _identity(output)
    if there is None:
        return
    for given in inputs:
        files = sorted(given.iterdir()) if isinstance(given, Path) and given.is_dir() else [given]
        for file in files:
            if file is not None and _identity(file) == there:
                name = output.name if isinstance(output, TextOutput) else output
                other = file.name if isinstance(file, TextInput) else file
                raise ConfigurationError(
                    f"{name} and {other} are one file; the output would overwrite the input: write to another file"
                )


def refuse_sharing(*inputs: TextInput | None) -> None:
    """Raises ConfigurationError where two of `inputs` are one stream, of which each would get a part."""
    streams = [given.descriptor for given in inputs if given is not None and given.descriptor is not None]
    if len(set(streams)) < len(streams):
        raise ConfigurationError("two inputs are standard input, which can be read once; name a file for one of them")


def _identity(place: Place | Path) -> tuple[int, int] | None:
    """Device and inode of a regular file, which are the same by all of its names."""
    try:
        status = place.status() if isinstance(place, Place) else place.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status is not None and stat.S_ISREG(status.st_mode) else None
