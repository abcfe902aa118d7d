"""What is done with each window of lines, whichever process does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from nmt.config.search import LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.files.lines import Line
from nmt.offline.formats import Format, render
from nmt.offline.heap import give_back
from nmt.runtime.build import Runtime
from nmt.translate.glossary import Glossary
from nmt.translate.translator import Translator


@dataclass(frozen=True, slots=True)
class Window:
    """Lines in a row, the first of them number `first` (from 1), which are sorted by length and translated at once."""

    first: int
    lines: tuple[Line, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


@dataclass(frozen=True, kw_only=True)
class Job:
    """How lines become output. Every process that has the same job and the same window writes the same bytes."""

    models: tuple[Path, ...]
    """Several make an ensemble."""
    language_model: Path | None = None
    language_model_weight: float = LANGUAGE_MODEL_WEIGHT
    options: SearchOptions
    form: Format = Format.text
    glossary: Glossary | None = None
    batch_tokens: int
    device: str
    threads: int | None
    """None leaves it to PyTorch."""
    runtime: Runtime = "auto"

    @property
    def directories(self) -> tuple[Path, ...]:
        """The models, and last the language model, if there is one."""
        return self.models if self.language_model is None else (*self.models, self.language_model)

    def share(self, workers: int, *, threads: int) -> Job:
        """The job of each of several processes, which share `threads` threads unless the job says how many each has."""
        return self if self.threads else replace(self, threads=max(1, threads // workers))

    def load(self) -> Translator:
        """Raises ModelDirectoryError, DeviceError, InputError."""
        return Translator.load(
            *self.models,
            device=self.device,
            threads=self.threads,
            runtime=self.runtime,
            language_model=self.language_model,
            language_model_weight=self.language_model_weight,
        )

    def translate(self, translator: Translator, window: Window) -> str:
        """The output of all lines of `window`. A window leaves behind no memory that the next may have no use for."""
        output = self._output(translator, window)
        give_back()
        return output

    def _output(self, translator: Translator, window: Window) -> str:
        translations = translator.translate(
            [line.text for line in window.lines],
            self.options,
            attention=self.form is Format.jsonl,
            batch_tokens=self.batch_tokens,
            prefixes=[line.prefix for line in window.lines],
            glossary=self.glossary,
        )
        return "".join(
            render(translation, self.form, number=number, ending=line.ending)
            for number, (line, translation) in enumerate(zip(window.lines, translations, strict=True), window.first)
        )


def windows(lines: Iterable[Line], *, after: int, size: int) -> Iterator[Window]:
    """The lines after the first `after`, `size` at a time, read when asked for."""
    stream = islice(lines, after, None)
    first = after + 1
    while held := tuple(islice(stream, size)):
        yield Window(first, held)
        first += len(held)
