"""The training report: one page that needs no other file, made of the training log alone."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined, Template

from nmt.evaluation.chart import LAYOUT, Chart, Row, Thinned, chart

MESSAGES = 100  # shown, the latest
VERSIONS = 8  # of a sample translation, to which the best and the last may come
CELL = 18.0  # side of a cell of a heat map
LETTER = 7.2  # width of a letter beside it, about

# Read once, so that a training is none the worse for its program being replaced on disk meanwhile.
TEMPLATE = files("nmt.training").joinpath("page.html").read_text(encoding="utf-8")

Entry = dict[str, Any]


def training_page(entries: Iterable[Entry]) -> str:
    """A page of HTML, without a script or another file, for a training log or any beginning of one.

    There may be any number of `entries`; the memory for them is bounded.
    """
    log = _Log()
    for entry in entries:
        log.add(entry)
    return _template().render(log=log, charts=_charts(log), samples=log.samples(), heat_maps=log.heat_maps(), at=LAYOUT)


@cache
def _template() -> Template:
    """Compiled once: that takes longer than to fill it, and each validation of a training fills it."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"minutes": in_words, "number": _number, "share": _share}
    return environment.from_string(TEMPLATE)


@dataclass(frozen=True, slots=True)
class Version:
    """The translation of a sample from one validation to another."""

    updates: str
    words: list[tuple[str, bool]]
    """Each with whether it is new since the version before."""


@dataclass(frozen=True, slots=True)
class Sample:
    source: str
    reference: str
    versions: list[Version]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The attention of one sentence: a row for each target token, a column for each source token."""

    columns: list[str]
    rows: list[tuple[str, list[float]]]

    cell = CELL

    @property
    def left(self) -> float:
        return LETTER * max(len(token) for token, _ in self.rows) + 10.0

    @property
    def top(self) -> float:
        return LETTER * max(map(len, self.columns)) + 10.0

    @property
    def alignment(self) -> list[tuple[str, str, float]]:
        """Each target token with the source token that it attends to most, and the weight of that."""
        return [(token, self.columns[int(np.argmax(weights))], max(weights)) for token, weights in self.rows]


@dataclass(slots=True)
class _Log:
    """The part of the log that the page shows."""

    run: Entry = field(default_factory=dict)
    update: int = 0
    minutes: float = 0.0
    training: Thinned = field(default_factory=Thinned)
    validation: Thinned = field(default_factory=Thinned)
    messages: deque[Entry] = field(default_factory=lambda: deque(maxlen=MESSAGES))
    message_count: int = 0
    results: list[str] = field(default_factory=list)
    best: Entry | None = None
    last: Entry | None = None
    sampled: list[Entry] = field(default_factory=list)
    _validations: int = 0
    _every: int = 1

    def add(self, entry: Entry) -> None:
        self.update = max(self.update, entry["update"])
        self.minutes = entry.get("minutes", self.minutes)
        match entry["kind"]:
            case "run":
                self.run = entry
            case "training":
                self.training.add(_numbers(entry))
            case "validation":
                self._add_validation(entry)
            case "message":
                self.messages.append(entry)
                self.message_count += 1
            case "result":
                self.results.append(entry["text"])

    def _add_validation(self, entry: Entry) -> None:
        self.validation.add(_numbers(entry))
        self.last = entry
        if entry["best"]:
            self.best = entry
        if self._validations % self._every == 0:
            self.sampled.append(entry)
        if len(self.sampled) > VERSIONS:
            self.sampled, self._every = self.sampled[::2], 2 * self._every
        self._validations += 1

    def best_scores(self) -> list[tuple[str, float]]:
        """Name and value of each metric at the best validation; the perplexity where there is no other."""
        if self.best is None:
            return []
        metrics = {key: name for key, name in self.run["metrics"].items() if key in self.best}
        return [(name, self.best[key]) for key, name in (metrics or {"perplexity": "perplexity"}).items()]

    def samples(self) -> list[Sample]:
        """The samples of the last validation, each with its versions at some validations before and at the best."""
        if self.last is None:
            return []
        chosen = {entry["update"]: entry for entry in (*self.sampled, self.best, self.last) if entry is not None}
        shown = [chosen[update] for update in sorted(chosen)]
        found = []
        for now in self.last.get("samples", ()):
            texts = [
                (entry["update"], sample["hypothesis"])
                for entry in shown
                for sample in entry.get("samples", ())
                if sample["source"] == now["source"]
            ]
            found.append(Sample(now["source"], now["reference"], versions(texts)))
        return found

    def heat_maps(self) -> list[HeatMap]:
        """Attention at the best validation."""
        return [
            HeatMap(
                columns=sample["source_tokens"],
                rows=list(zip(sample["tokens"], sample["attention"], strict=True)),
            )
            for sample in (self.best or {}).get("samples", ())
            if sample.get("attention")
        ]


def versions(texts: Sequence[tuple[int, str]]) -> list[Version]:
    """The translations that differ from the one before, with their new words; `texts` are (update, translation) in order."""
    found: list[tuple[int, int, str]] = []
    for update, text in texts:
        if found and found[-1][2] == text:
            found[-1] = (found[-1][0], update, text)
        else:
            found.append((update, update, text))
    before: list[str] | None = None
    result = []
    for first, last, text in found:
        words = text.split()
        new = _new_words(before, words) if before is not None else set()
        marked = [(word, place in new) for place, word in enumerate(words)]
        result.append(Version(f"{first:,}" if first == last else f"{first:,} – {last:,}", marked))
        before = words
    return result


def _new_words(before: list[str], words: list[str]) -> set[int]:
    changes = difflib.SequenceMatcher(a=before, b=words, autojunk=False).get_opcodes()
    return {place for kind, _, _, start, end in changes if kind in ("insert", "replace") for place in range(start, end)}


def _numbers(entry: Entry) -> Row:
    return {key: value for key, value in entry.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}


def _charts(log: _Log) -> list[Chart]:
    training, validation = log.training.rows(), log.validation.rows()
    clock = sorted((row["update"], row["minutes"]) for row in (*training, *validation) if "minutes" in row)
    updates, minutes = ([0.0, *(point[part] for point in clock)] for part in (0, 1))

    def times(update: float) -> str:
        return in_words(float(np.interp(update, updates, minutes))) if clock and update else ""

    def line(rows: list[Row], key: str) -> list[tuple[float, float]]:
        return [(row["update"], row[key]) for row in rows if key in row]

    def drawn(title: str, form: Any = _number, **lines: list[tuple[float, float]]) -> list[Chart]:
        there = {name.replace("_", " "): points for name, points in lines.items() if points}
        loose = {"logarithmic": title == "Perplexity", "from_zero": title != "Training loss"}
        return [chart(title, there, until=log.update, form=form, times=times, **loose)] if there else []

    return [
        *(found for key, name in log.run["metrics"].items() for found in drawn(name, validation=line(validation, key))),
        *drawn("Perplexity", training=line(training, "perplexity"), validation=line(validation, "perplexity")),
        *drawn("Training loss", training=line(training, "loss")),
        *drawn("Learning rate", rate=line(training, "learning_rate")),
        *drawn("Gradient norm", norm=line(training, "gradient_norm")),
        *drawn("Target tokens per second", speed=line(training, "tokens_per_second")),
        *drawn("Share of matrix-product speed", _share, share=line(training, "machine_share")),
        *drawn("Share of time waiting for text", _share, share=line(training, "waiting_share")),
    ]


def in_words(minutes: float) -> str:
    """A length of time such as "40 s", "12 min", "3.5 h"."""
    if minutes < 1.5:
        return f"{60.0 * minutes:.0f} s"
    if minutes < 90.0:
        return f"{minutes:.0f} min"
    return f"{minutes / 60.0:.1f} h" if minutes < 48.0 * 60.0 else f"{minutes / 1440.0:.1f} d"


def _number(value: float) -> str:
    """`value` with three digits, or with all digits before the point where those can be read."""
    return f"{value:,.0f}" if 100.0 <= abs(value) < 1e7 else f"{value:.3g}"


def _share(value: float) -> str:
    return f"{100.0 * value:.0f}%" if value >= 0.1 else f"{100.0 * value:.2g}%"
