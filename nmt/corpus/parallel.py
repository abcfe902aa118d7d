"""Streams of sentence pairs from raw parallel text, in constant memory.

A corpus is a TSV file, or two files of which line n of one translates line n of the other; plain or packed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nmt.config.preparation import CorpusConfig, TextConfig
from nmt.corpus.table import TableFormat, TableReport, read_rows
from nmt.errors import CorpusError
from nmt.files.lines import Lines, paired
from nmt.files.places import TextInput

Corpus = CorpusConfig | TextConfig


class SentencePair(NamedTuple):
    source: str
    target: str


@dataclass(slots=True)
class ReadingReport(TableReport):
    """Counts of what a reader met, kept while it reads."""

    pairs: int = 0
    """Pairs given out: all but those of other domains."""
    other_domain: int = 0
    invalid_utf8: int = 0
    """Lines in which bytes that are not UTF-8 were replaced by U+FFFD."""


def read_pairs(corpus: Corpus, folder: Path, report: ReadingReport) -> Iterator[SentencePair]:
    """Pairs of a corpus in their order, text as it stands in the file but for the line end.

    A sentence of text in one language comes as a pair of itself, so that filters of pairs filter it, too.
    Paths are relative to `folder`. Raises InputError for a file that cannot be read or is no text, and CorpusError naming
    file and line: a file without a line, a table that `read_rows` refuses, two files with different numbers of lines, no
    pair of the domains asked for.
    """
    first, *second = (folder / path for path in corpus.files)
    if corpus.columns is not None:
        yield from _read_table(corpus, first, corpus.columns, report)
    elif second:
        yield from _read_two_files(first, second[0], report)
    else:
        yield from _read_text(first, report)


def _lines(path: Path) -> Lines:
    place = TextInput(str(path))
    if place.descriptor is not None:
        raise CorpusError(f"{path}: should be a file; text to train on is read more than once, and a stream cannot be")
    return Lines(place)


def _read_text(path: Path, report: ReadingReport) -> Iterator[SentencePair]:
    lines = _lines(path)
    for line in lines.texts():
        report.pairs += 1
        yield SentencePair(line, line)
    _finish(report, lines)


def _read_table(corpus: Corpus, path: Path, sides: tuple[int, int], report: ReadingReport) -> Iterator[SentencePair]:
    domain = corpus.domain_column
    columns = dict.fromkeys(column for column in (*sides, domain) if column)
    form = TableFormat(tuple(columns), header=corpus.header, quoting=corpus.quoting)
    start, lines = report.pairs, _lines(path)
    missing = {*corpus.include_domains, *corpus.exclude_domains}
    for cells in read_rows(lines, form, report):
        if domain is not None:
            missing.discard(cells[domain - 1])
            if not _in_domain(corpus, cells[domain - 1]):
                report.other_domain += 1
                continue
        report.pairs += 1
        yield SentencePair(*(cells[side - 1] for side in sides))
    _finish(report, lines)
    if report.pairs == start and domain is None:
        raise CorpusError(f"{path}: has no row; should hold at least one")
    if report.pairs == start:
        raise CorpusError(f"{path}: no line is of the domains asked for; column {domain} should name one")
    if missing:
        raise CorpusError(
            f"{path}: no line is of the domain {min(missing)}; column {domain} should name it, or the recipe not"
        )


def _in_domain(corpus: Corpus, domain: str) -> bool:
    return (not corpus.include_domains or domain in corpus.include_domains) and domain not in corpus.exclude_domains


def _read_two_files(source: Path, target: Path, report: ReadingReport) -> Iterator[SentencePair]:
    sides = _lines(source), _lines(target)
    for pair in paired(*sides):
        report.pairs += 1
        yield SentencePair(*pair)
    _finish(report, *sides)


def _finish(report: ReadingReport, *read: Lines) -> None:
    """Count the lines that were mended. Raises CorpusError where there was none at all."""
    report.invalid_utf8 += sum(lines.invalid for lines in read)
    if not read[0].count:
        raise CorpusError(f"{read[0].name}: empty; should hold at least one line")
