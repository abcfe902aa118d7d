"""Streams of sentence pairs from raw parallel text, in constant memory.

A corpus is a TSV file, or two files of which line n of one translates line n of the other; plain, gzip or xz. Only "\\n" and
"\\r\\n" end a line: the other characters that Unicode calls line ends do occur within sentences.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from nmt.config.recipe import CorpusConfig, TextConfig
from nmt.errors import CorpusError

_BOM = b"\xef\xbb\xbf"
_BUFFER = 1 << 20

Corpus = CorpusConfig | TextConfig


class SentencePair(NamedTuple):
    source: str
    target: str


@dataclass
class ReadingReport:
    """What a reader met, counted while it reads."""

    pairs: int = 0
    """Pairs given out: all but those of other domains."""
    other_domain: int = 0
    invalid_utf8: int = 0
    """Lines in which bytes that are not UTF-8 were replaced by U+FFFD."""


def read_pairs(corpus: Corpus, folder: Path, report: ReadingReport) -> Iterator[SentencePair]:
    """Pairs of a corpus in their order, text as it stands in the file but for the line end.

    A sentence of text in one language comes as a pair of itself, so that filters of pairs filter it, too.
    Paths are relative to `folder`. Raises CorpusError naming file and line: a file that cannot be read or holds no line, a
    TSV line with too few columns, two files with different numbers of lines, no pair of the domains asked for.
    """
    first, *second = (folder / path for path in corpus.files)
    if corpus.columns is not None:
        yield from _read_table(corpus, first, corpus.columns, report)
    elif second:
        yield from _read_two_files(first, second[0], report)
    else:
        yield from _read_text(first, report)


def read_lines(path: Path, report: ReadingReport) -> Iterator[str]:
    """Lines of a plain, `.gz` or `.xz` file without their ends and without a byte order mark. Raises CorpusError."""
    number = 0
    try:
        with _open(path) as stream:
            for number, raw in enumerate(stream, start=1):
                line = raw.removesuffix(b"\n").removesuffix(b"\r")
                if number == 1:
                    line = line.removeprefix(_BOM)
                try:
                    yield line.decode()
                except UnicodeDecodeError:
                    report.invalid_utf8 += 1
                    yield line.decode(errors="replace")
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CorpusError(f"{path}, after line {number}: cannot be read: {reason}") from error


def _open(path: Path) -> BinaryIO:
    match path.suffix:
        case ".gz":
            return cast(BinaryIO, io.BufferedReader(gzip.open(path), _BUFFER))
        case ".xz":
            return cast(BinaryIO, io.BufferedReader(lzma.open(path), _BUFFER))
        case _:
            return path.open("rb", buffering=_BUFFER)


def _read_text(path: Path, report: ReadingReport) -> Iterator[SentencePair]:
    start = report.pairs
    for line in read_lines(path, report):
        report.pairs += 1
        yield SentencePair(line, line)
    if report.pairs == start:
        raise CorpusError(f"{path}: empty; should hold at least one line")


def _read_table(corpus: Corpus, path: Path, sides: tuple[int, int], report: ReadingReport) -> Iterator[SentencePair]:
    width = max(*sides, corpus.domain_column or 1)
    start, number = report.pairs, 0
    for number, line in enumerate(read_lines(path, report), start=1):
        columns = line.split("\t")
        if len(columns) < width:
            raise CorpusError(f"{path}, line {number}: {len(columns)} columns between tabs; should be at least {width}")
        if corpus.domain_column is not None and not _in_domain(corpus, columns[corpus.domain_column - 1]):
            report.other_domain += 1
            continue
        report.pairs += 1
        yield SentencePair(*(columns[side - 1] for side in sides))
    if number == 0:
        raise CorpusError(f"{path}: empty; should hold at least one line")
    if report.pairs == start:
        raise CorpusError(f"{path}: no line is of the domains asked for; column {corpus.domain_column} should name one")


def _in_domain(corpus: Corpus, domain: str) -> bool:
    return (not corpus.include_domains or domain in corpus.include_domains) and domain not in corpus.exclude_domains


def _read_two_files(source: Path, target: Path, report: ReadingReport) -> Iterator[SentencePair]:
    number = 0
    lines = zip_longest(read_lines(source, report), read_lines(target, report))
    for number, (source_line, target_line) in enumerate(lines, start=1):
        if source_line is None or target_line is None:
            short, long = (source, target) if source_line is None else (target, source)
            raise CorpusError(
                f"{long}, line {number}: {short} ends after line {number - 1}; both should have the same number of lines"
            )
        report.pairs += 1
        yield SentencePair(source_line, target_line)
    if number == 0:
        raise CorpusError(f"{source}: empty; should hold at least one line")
