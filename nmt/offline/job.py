"""The work on each window of lines, whichever process does it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from nmt.config.formality import Formality
from nmt.config.machine import RuntimeName
from nmt.config.search import LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.config.sentences import Split
from nmt.files.lines import InputLine
from nmt.offline.formats import Format, render
from nmt.offline.heap import give_back
from nmt.offline.windows import LineWindow
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.result import Translation
from nmt.translate.translator import Translator


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts about a job's models that are known once a process has loaded them, each a property of its Translator."""

    runtime: str
    arithmetic: str
    complaint: str | None

    @classmethod
    def of(cls, translator: Translator) -> Loaded:
        return cls(runtime=translator.runtime, arithmetic=translator.arithmetic, complaint=translator.complaint)


@dataclass(frozen=True, kw_only=True)
class TranslationJob:
    """The way from lines to output. Every process that has the same job and the same window writes the same bytes."""

    models: tuple[Path, ...]
    """Several make an ensemble."""
    language_model: Path | None = None
    language_model_weight: float = LANGUAGE_MODEL_WEIGHT
    options: SearchOptions
    form: Format = Format.text
    markup: Markup = PLAIN
    """Of each line."""
    glossary: Glossary | None = None
    formality: Formality = "default"
    split_sentences: Split = "sentences"
    localise_numbers: bool = False
    batch_tokens: int
    device: str
    threads: int | None
    """None leaves it to PyTorch."""
    runtime: RuntimeName = "auto"

    @property
    def directories(self) -> tuple[Path, ...]:
        """The models, and last the language model, if there is one."""
        return self.models if self.language_model is None else (*self.models, self.language_model)

    def share(self, workers: int, *, threads: int) -> TranslationJob:
        """The job of each of several processes, which share `threads` threads unless the job says how many each has."""
        return self if self.threads else replace(self, threads=max(1, threads // workers))

    def for_segments(self) -> SegmentJob:
        """The same job for segments."""
        return SegmentJob(**{field.name: getattr(self, field.name) for field in fields(TranslationJob)})

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

    def translate(self, translator: Translator, window: LineWindow) -> str:
        """The output of all lines of `window`. A window leaves behind no memory that the next may have no use for."""
        output = self._output(translator, window)
        give_back()
        return output

    def _output(self, translator: Translator, window: LineWindow) -> str:
        translations = self._translations(translator, window)
        return "".join(
            render(translation, self.form, number=number, ending=line.ending)
            for number, (line, translation) in enumerate(zip(window.lines, translations, strict=True), window.first)
        )

    def _translations(self, translator: Translator, window: LineWindow) -> list[Translation]:
        return translator.translate(
            [line.text for line in window.lines],
            self.options,
            attention=self.form.has_alignment,
            batch_tokens=self.batch_tokens,
            prefixes=window.prefixes,
            glossary=self.glossary,
            formality=self.formality,
            markup=window.markup or self.markup,
            split_sentences=self.split_sentences,
            localise_numbers=self.localise_numbers,
        )


@dataclass(frozen=True, kw_only=True)
class SegmentJob(TranslationJob):
    """A job for segments that may hold newlines: its output is one string of JSON, on one line, for each of them."""

    def _output(self, translator: Translator, window: LineWindow) -> str:
        return "".join(f"{json.dumps(one.text)}\n" for one in self._translations(translator, window))


def segment_window(first: int, segments: Sequence[str], markup: Markup | None = None) -> LineWindow:
    """A window for a SegmentJob."""
    return LineWindow(first, tuple(InputLine(segment, "") for segment in segments), markup=markup)


def segments_of(output: str) -> list[str]:
    """The translations of segments in the output of a SegmentJob."""
    return [json.loads(line) for line in output.split("\n")[:-1]]
