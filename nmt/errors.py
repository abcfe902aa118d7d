"""One class for each cause that a user can put right; the message says what, where, and what would be right."""


class NmtError(Exception):
    """A mistake that the user can mend. Faces print it on one line (exit 2) or answer a 4xx; never a traceback."""


class ConfigurationError(NmtError):
    """A recipe, configuration or option is wrong: names the file, the key and the nearest valid one."""


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


class DeviceError(NmtError):
    """The device asked for is not there."""
