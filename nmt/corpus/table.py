"""Rows of a table of tab-separated values. Lines that are no row are counted; a table of another kind is refused by name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from nmt.errors import CorpusError
from nmt.files.lines import Lines
from nmt.text.language import LANGUAGES

MALFORMED_SHARE = 0.01
"""Of the lines of a table. With more that have too few columns it is no table of these columns."""

_JUDGED = 10_000  # lines: a share of fewer is known only at the end
_SAMPLED_LINES, _SAMPLED_CHARACTERS = 1000, 1 << 20
_COLUMN_NAMES = frozenset(
    ["source", "target", "src", "tgt", "trg", "text", "sentence", "segment", "original", "translation", "reference"]
    + [name.lower() for language in LANGUAGES.values() for name in (language.code, language.name)]
)

Rows = Iterator[tuple[int, list[str] | None]]
"""The number of each row's last line, and its cells; None for what cannot be read as a row."""


@dataclass(frozen=True, slots=True)
class TableFormat:
    """The form of a table. None is not known: a table that seems to have a header line or quoting is then refused."""

    columns: Sequence[int]
    """Those that are read, counted from 1."""
    header: bool | None = None
    quoting: bool | None = None


@dataclass(slots=True)
class TableReport:
    """Lines that were left out, counted while a table is read."""

    blank: int = 0
    malformed: int = 0
    """Lines with too few columns, or, with quoting, a quote too few."""


def read_rows(lines: Lines, form: TableFormat, report: TableReport) -> Iterator[list[str]]:
    """The cells of each row, as many as `form` has columns at the least, in constant memory.

    Raises CorpusError naming file and line for a table with a header or with quoting that `form` does not know of, and for
    one in which more than MALFORMED_SHARE of the lines have too few columns.
    """
    texts = lines.texts()
    sample = _sample(texts)
    _check_format(sample, form, lines.name)
    every = chain(sample, texts)
    rows = _quoted_rows(every) if form.quoting else _plain_rows(every)
    if form.header:
        next(rows, None)
    width = max(form.columns)
    before, malformed, complaint = 0, 0, ""
    for number, cells in rows:
        if cells is not None and len(cells) >= width:
            yield cells
        elif cells is not None and not any(cell.strip() for cell in cells):
            report.blank += 1
        else:
            malformed += number - before
            report.malformed += number - before
            complaint = complaint or _complaint(lines.name, number, cells, width)
            _check_share(malformed, max(number, _JUDGED), complaint)
        before = number
    _check_share(malformed, before, complaint)


def _plain_rows(texts: Iterable[str]) -> Rows:
    for number, text in enumerate(texts, 1):
        yield number, text.split("\t")


def _quoted_rows(texts: Iterable[str]) -> Rows:
    """A cell that goes over several lines becomes one line."""
    reader = csv.reader((f"{text}\n" for text in texts), delimiter="\t")
    while True:
        try:
            cells: list[str] | None = [cell.replace("\n", " ") for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            cells = None
        yield reader.line_num, cells


def _sample(texts: Iterator[str]) -> list[str]:
    """The first lines, no more than a bounded number of characters of them and one line."""
    sample: list[str] = []
    characters = 0
    while len(sample) < _SAMPLED_LINES and characters < _SAMPLED_CHARACTERS and (text := next(texts, None)) is not None:
        sample.append(text)
        characters += len(text)
    return sample


def _check_format(sample: Sequence[str], form: TableFormat, name: str) -> None:
    rows = [
        [cells[column - 1] for column in form.columns if column <= len(cells)] for _, cells in _plain_rows(sample) if cells
    ]
    if form.header is None and rows and _names_columns(rows[0]):
        raise CorpusError(
            f"{name}, line 1: {' and '.join(rows[0])} seem to be names of columns; say `header: true` for this corpus in "
            "the recipe to leave the line out, or `header: false` to read it as text"
        )
    if form.quoting is None and _is_quoted(rows):
        raise CorpusError(
            f"{name}: its cells seem to be in quotes as programs write CSV; say `quoting: true` for this corpus in the "
            "recipe to read them without, or `quoting: false` to read them as they are"
        )


def _names_columns(cells: Sequence[str]) -> bool:
    names = [[word for word in re.split(r"[\W_]+", cell.lower()) if word] for cell in cells]
    return bool(names) and all(words and _COLUMN_NAMES.issuperset(words) for words in names)


def _is_quoted(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells are in quotes in most rows, or nearly all cells that have a quote have each doubled, in quotes.

    In text that people write, whole cells in quotes are some sentences among others, and quotes within them are not doubled.
    """
    if 2 * sum(all(map(_in_quotes, cells)) for cells in rows if cells) > len(rows):
        return True
    cells = [cell for row in rows for cell in row if '"' in cell]
    written = [cell for cell in cells if _in_quotes(cell) and '"' not in cell[1:-1].replace('""', "")]
    return len(written) >= 0.9 * len(cells) and any('""' in cell[1:-1] for cell in written)


def _in_quotes(cell: str) -> bool:
    return len(cell) >= 2 and cell[0] == cell[-1] == '"'


def _complaint(name: str, number: int, cells: Sequence[str] | None, width: int) -> str:
    if cells is None:
        return f"{name}, line {number}: a quote too many or too few"
    return f"{name}, line {number}: {len(cells)} columns between tabs; should be at least {width}"


def _check_share(malformed: int, lines: int, complaint: str) -> None:
    if malformed > MALFORMED_SHARE * lines:
        others = f", as in {malformed} lines" if malformed > 1 else ""
        raise CorpusError(f"{complaint}{others}")
