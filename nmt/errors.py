"""One class for each cause that a user can put right; the message says what, where, and what would be right."""

from __future__ import annotations

import re

DISTRIBUTION = "recurrent-nmt"
"""Name of this program on the package index, where `nmt` is another."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` for a log or a terminal: one line, with escapes for what would steer them or turn the order of letters."""
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    """`text` with escapes, as Python writes them, for control characters and those that turn the order of letters."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def has_controls(text: str) -> bool:
    """Whether `escaped` changes the text."""
    return _CONTROLS.search(text) is not None


class NmtError(Exception):
    """A mistake that the user can mend. Faces print it on one line (exit 2) or answer a 4xx; never a traceback.

    The message is one line, whatever names of files and words of libraries are in it.
    """

    def __str__(self) -> str:
        message = super().__str__()
        return one_line(message) if has_controls(message) else message

    def __reduce__(self) -> tuple[object, ...]:
        # A worker process sends it to its parent, whatever the arguments of its constructor are.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[NmtError], arguments: tuple[object, ...], facts: dict[str, object]) -> NmtError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(facts)
    return error


class ConfigurationError(NmtError):
    """A recipe, configuration or option is wrong: names the file, the key and the nearest valid one."""


class MissingPackageError(ConfigurationError):
    """A package that comes with an extra of this program is not installed; `purpose` is what needs it."""

    def __init__(self, purpose: str, *, package: str, extra: str) -> None:
        super().__init__(f"{purpose} needs {package}, which is not installed: pip install '{DISTRIBUTION}[{extra}]'")


class VocabularySizeError(ConfigurationError):
    """A vocabulary is larger than its text can fill, or has no room for the text's characters; `possible` is the nearest."""

    def __init__(self, message: str, *, possible: int) -> None:
        super().__init__(message)
        self.possible = possible


class CorpusError(NmtError):
    """Parallel text cannot be used: names the file and the line."""


class ModelDirectoryError(NmtError):
    """A model directory is missing, incomplete or damaged: names the file."""


class TrainingError(NmtError):
    """Training cannot start, resume or go on: says from which state and why."""


class OfflineError(NmtError):
    """The translation of a file cannot resume or go on: says after which line and why."""


class BenchmarkError(NmtError):
    """A speed cannot be measured: says what the process that was to measure it said."""


class InputError(NmtError):
    """Text or options handed to a translator are outside what it accepts."""


class OutputError(InputError):
    """An output cannot be written; its cause is the OSError that says why."""


class UnavailableError(InputError):
    """A service that was named does not answer, or has no time."""


class DeviceError(NmtError):
    """The device asked for is not there."""
