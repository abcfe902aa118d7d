"""Settings to be measured, and the text that they are measured with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from nmt.config.yaml import read_yaml
from nmt.errors import InputError
from nmt.files.atomic import current
from nmt.files.lines import Lines
from nmt.files.places import TextInput

SAMPLE = files("nmt.bench") / "sample.tsv"
"""The training text of data/sample-de-en, which an installed package does not have."""
_COLUMNS = {"de": 0, "en": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One way to translate."""

    beam_size: int
    batch_size: int
    """Sentences."""
    workers: int = 1
    """Processes, each with its share of the batches."""
    threads: int | None = None
    """Threads of each process; None leaves it to PyTorch."""
    device: str = "auto"
    runtime: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPlan:
    """Every runtime with every beam size and every batch size."""

    model: Path
    beam_sizes: tuple[int, ...]
    batch_sizes: tuple[int, ...]
    workers: int
    threads: int | None
    device: str
    repeat: int
    runtimes: tuple[str, ...] = ("auto",)

    @property
    def settings(self) -> list[Setting]:
        return [
            Setting(
                beam_size=beam_size,
                batch_size=batch_size,
                workers=self.workers,
                threads=self.threads,
                device=self.device,
                runtime=runtime,
            )
            for runtime in dict.fromkeys(self.runtimes)
            for beam_size in dict.fromkeys(self.beam_sizes)
            for batch_size in dict.fromkeys(self.batch_sizes)
        ]


def read_sentences(model: Path, path: TextInput | None) -> list[str]:
    """The lines of `path` that are not blank, one sentence each; without a path, a sample in the language of the model.

    Raises InputError, ConfigurationError.
    """
    if path is None:
        language = read_yaml(current(model, "config.yaml")).get("source_language")
        if language not in _COLUMNS:
            raise InputError(f"there is no sample text in the language {language!r} here; name a file with --input")
        texts = [line.split("\t")[_COLUMNS[language]] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    else:
        texts = list(Lines(path).texts())
    if sentences := [text for text in texts if text.strip()]:
        return sentences
    raise InputError(f"{path} has no text; it should have a sentence on each line")


def batches_of(sentences: Sequence[str], size: int) -> list[list[int]]:
    """Numbers of sentences of like length together, the longest first; one at a time, they keep their order."""
    order = list(range(len(sentences)))
    if size > 1:
        order.sort(key=lambda number: len(sentences[number]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]
