"""Evaluation by people: sheets of blinded translations to be rated, and what the ratings say of the systems.

A sheet is a table for a spreadsheet. Its rows are translations in random order, without the names of the systems; the key, a
file of its own, tells them. A translation that several systems have is rated once for all of them.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TextIO

import numpy as np

from nmt.errors import InputError
from nmt.evaluation.comparison import Comparison, Measurement, System, judge
from nmt.evaluation.confidence import correlation
from nmt.evaluation.metrics import Floats, Statistics, TestSet, VectorisedMetric, percent
from nmt.evaluation.resampling import Resampling

COLUMNS = ("item", "source", "reference", "translation", "score", "comment")
ITEM, SCORE = "item", "score"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A translation of a segment, and the systems that it is of."""

    segment: int
    systems: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """The systems behind the rows of a sheet."""

    systems: tuple[str, ...]
    segments: int
    """Of the whole text."""
    items: tuple[Item, ...]
    """In the order of the sheet, where they are numbered from 1."""

    def to_json(self) -> str:
        tree = {
            "format": FORMAT,
            "systems": self.systems,
            "segments": self.segments,
            "items": [[item.segment, *item.systems] for item in self.items],
        }
        return json.dumps(tree, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, name: str) -> Key:
        """Raises InputError for text that is no key."""
        try:
            tree: dict[str, Any] = json.loads(text)
            if tree["format"] != FORMAT:
                raise ValueError
            items = tuple(Item(int(segment), tuple(map(int, systems))) for segment, *systems in tree["items"])
            key = cls(systems=tuple(map(str, tree["systems"])), segments=int(tree["segments"]), items=items)
            if not all(0 <= item.segment < key.segments for item in items) or not all(
                item.systems and set(item.systems) <= set(range(len(key.systems))) for item in items
            ):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{name}: is no key of a sheet, as `nmt evaluate sheet --key` writes it") from error
        return key


def draw(systems: Sequence[System], *, segments: int | None, seed: int) -> Key:
    """A key of `segments` segments drawn at random, or of all, their translations in random order; fixed by the seed."""
    random, count = Random(seed), len(systems[0])
    drawn = range(count) if segments is None or segments >= count else random.sample(range(count), segments)
    items = []
    for segment in drawn:
        by_text: dict[str, list[int]] = {}
        for number, system in enumerate(systems):
            by_text.setdefault(system.runs[0][segment], []).append(number)
        items += [Item(segment, tuple(numbers)) for numbers in by_text.values()]
    random.shuffle(items)
    return Key(systems=tuple(system.name for system in systems), segments=count, items=tuple(items))


def write_sheet(
    file: TextIO, key: Key, systems: Sequence[System], *, source: Sequence[str] | None, reference: Sequence[str] | None
) -> None:
    """Write the rows of `key` as a table with tabs between, cells in quotes where a spreadsheet needs them."""
    texts = {"source": source, "reference": reference}
    columns = [column for column in COLUMNS if column not in texts or texts[column] is not None]
    writer = csv.DictWriter(file, columns, dialect="excel-tab", lineterminator="\n", restval="")
    writer.writeheader()
    for number, item in enumerate(key.items, 1):
        row: dict[str, object] = {column: text[item.segment] for column, text in texts.items() if text is not None}
        writer.writerow({ITEM: number, "translation": systems[item.systems[0]].runs[0][item.segment], **row})


def read_ratings(lines: Iterable[str], key: Key, *, name: str) -> dict[int, float]:
    """The scores of a sheet's items, by their numbers from 0; rows without a score are left out.

    `lines` are without line feeds. Raises InputError naming file and row for a column that is missing, an item that the key
    does not have or that is there twice, and a score that is no number.
    """
    reader = csv.DictReader((f"{line}\n" for line in lines), dialect="excel-tab")
    try:
        return _ratings(reader, key, name=name)
    except csv.Error as error:
        raise InputError(f"{name}, row {reader.line_num}: is no table with tabs between its cells: {error}") from error


def _ratings(reader: csv.DictReader[str], key: Key, *, name: str) -> dict[int, float]:
    missing = [column for column in (ITEM, SCORE) if column not in (reader.fieldnames or [])]
    if missing:
        raise InputError(
            f"{name}: has no column {missing[0]!r}; should be a sheet of `nmt evaluate sheet`, with scores in it"
        )
    ratings: dict[int, float] = {}
    for number, row in enumerate(reader, 2):
        given, score = (row[ITEM] or "").strip(), (row[SCORE] or "").strip()
        if not given.isdecimal() or not 1 <= int(given) <= len(key.items):
            raise InputError(f"{name}, row {number}: item {given!r} is not in the key; is it of another sheet?")
        if not score:
            continue
        if int(given) - 1 in ratings:
            raise InputError(f"{name}, row {number}: item {given} is rated twice")
        ratings[int(given) - 1] = _number(score, where=f"{name}, row {number}")
    if not ratings:
        raise InputError(f"{name}: has no score; write one into the column {SCORE!r} of each row that is rated")
    return ratings


def _number(text: str, *, where: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where}: score {text!r} should be a number")
    return value


class Rating(VectorisedMetric):
    """The mean rating of a system's translations: statistics (N, 2) are a segment's sum and number of ratings."""

    def __init__(self, name: str, signature: str, *, segments: int) -> None:
        super().__init__(TestSet(references=()))
        self.segments, self.name, self.signature = segments, name, signature

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:  # noqa: ARG002
        raise TypeError("people rate translations; no text tells how")

    def aggregate_each(self, sums: Floats) -> Floats:
        return percent(sums[:, 0], sums[:, 1]) / 100.0


def compare_ratings(
    key: Key, sheets: Mapping[str, Mapping[int, float]], *, resampling: Resampling | None, intervals: Resampling | None
) -> Comparison:
    """The mean ratings of all systems by the people of `sheets`, as they are and standardised, and tests as of any metric.

    A standardised rating is (rating - mean) / standard deviation of all ratings of its rater, as WMT has it (Graham et al.
    2013), so that a strict rater counts as a mild one; a rater whose ratings are all alike has 0.
    """
    facts = f"raters:{len(sheets)}|items:{len(key.items)}|ratings:{sum(map(len, sheets.values()))}"
    kinds: dict[str, list[Mapping[int, float]]] = {
        "rating": list(sheets.values()),
        "z": [_standardised(sheet) for sheet in sheets.values()],
    }
    groups = {}
    for name, raters in kinds.items():
        metric = Rating(name, facts, segments=key.segments)
        groups[name] = tuple(Measurement(metric, (_statistics(key, raters, system),)) for system in range(len(key.systems)))
    baseline, *others = key.systems
    return Comparison(
        systems=(f"Baseline: {baseline}" if resampling else baseline, *others),
        segments=key.segments,
        resampling=resampling,
        results=tuple(judge(group, resampling=resampling, intervals=intervals) for group in groups.values()),
        measurements=groups,
    )


def _standardised(sheet: Mapping[int, float]) -> dict[int, float]:
    values = np.array([*sheet.values()])
    deviation = values.std()
    return {item: float((value - values.mean()) / deviation) if deviation else 0.0 for item, value in sheet.items()}


def _statistics(key: Key, raters: Sequence[Mapping[int, float]], system: int) -> Statistics:
    statistics = np.zeros((key.segments, 2))
    for sheet in raters:
        for number, rating in sheet.items():
            if system in key.items[number].systems:
                statistics[key.items[number].segment] += (rating, 1.0)
    return statistics


def agreements(sheets: Mapping[str, Mapping[int, float]]) -> Iterator[tuple[str, str, int, float | None]]:
    """Each two raters, the number of items that both rated, and the correlation of their ratings (Pearson's)."""
    names = list(sheets)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            both = sorted(sheets[one].keys() & sheets[other].keys())
            ratings = (np.array([sheets[name][item] for item in both]) for name in (one, other))
            yield one, other, len(both), correlation(*ratings)
