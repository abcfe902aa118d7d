"""Columns of tables and fields of JSON lines: what a record has beside them goes through byte for byte.

17 <tab> Ein Hund <tab> x.png ──cells──> "Ein Hund" ──engine──> "A dog" ──> 17 <tab> A dog <tab> x.png
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nmt.errors import ConfigurationError, InputError
from nmt.files.lines import InputLine, Lines
from nmt.files.places import TextInput
from nmt.offline.engine import Engine
from nmt.offline.job import segment_window, segments_of
from nmt.offline.windows import LineWindow, Windows
from nmt.translate.documents.document import Part, Slot
from nmt.translate.documents.json_values import slot_of, string_values

_LONGEST = 1 << 20
"""Characters of a record of CSV; a quote that nobody closes would take the rest of the file for one."""
_MARK = "\ufeff"

Kind = Literal["tsv", "csv", "jsonl"]
Cells = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns by their names in the first line or by their numbers, from 1; fields by the names that lead to them."""

    kind: Kind
    names: tuple[str, ...]

    @classmethod
    def given(cls, place: TextInput, *, columns: Sequence[str], fields: Sequence[str]) -> Columns | None:
        """Columns of CSV where the name of the place says so, of TSV otherwise; or fields of JSON lines; or None.

        Raises ConfigurationError where both are given, and for column 0.
        """
        if columns and fields:
            raise ConfigurationError("--column is for tables, --field for JSON lines; give one of them")
        if any(name.isdecimal() and not int(name) for name in columns):
            raise ConfigurationError("--column 0: columns are counted from 1")
        if fields:
            return cls(kind="jsonl", names=tuple(fields))
        is_csv = re.search(r"\.csv(\.(gz|bz2|xz|zst))?$", place.given, re.IGNORECASE)
        return cls(kind="csv" if is_csv else "tsv", names=tuple(columns)) if columns else None

    @property
    def have_names(self) -> bool:
        """Whether the first line of a table has the names of its columns."""
        return self.kind != "jsonl" and not all(name.isdecimal() for name in self.names)

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.names)}"


class Records:
    """The records of `lines`: one on each line, but for cells of CSV with newlines in them. Iterates once.

    Raises what reading lines does, and InputError for a record that cannot be taken apart, or that lacks a column.
    """

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._columns = columns
        self._separator = "\t"
        self._numbers: list[int] = []

    @property
    def place(self) -> TextInput:
        return self._lines.place

    def __iter__(self) -> Iterator[InputLine]:
        joined = self._joined() if self._columns.kind == "csv" else iter(self._lines)
        for number, record in enumerate(joined, 1):
            if number == 1 and self._columns.kind != "jsonl":
                self._numbers = self._find_columns(record.text)
            yield record

    def translated(self, engine: Engine, windows: Windows) -> Iterator[tuple[LineWindow, str]]:
        """Each window of records, and its output."""
        held: deque[tuple[LineWindow, list[Part[str]]]] = deque()

        def cells() -> Windows:
            for window in windows:
                if window is None:
                    yield None
                    continue
                parts = [self._part(number, line.text) for number, line in enumerate(window.lines, window.first)]
                held.append((window, parts))
                segments = [segment for part in parts for slot in part.slots for segment in slot.segments]
                yield segment_window(window.first, segments or [""])

        for _, output in engine.translate(cells()):
            window, parts = held.popleft()
            translations = iter(segments_of(output))
            texts = [part.written([[next(translations)] for _ in part.slots]) for part in parts]
            mark = _MARK if window.first == 1 and self._lines.has_mark else ""
            yield window, mark + "".join(f"{text}{line.ending}\n" for text, line in zip(texts, window.lines, strict=True))

    def _find_columns(self, header: str) -> list[int]:
        """The numbers of the columns, from 0."""
        if self._columns.kind == "csv" and header.count(";") > header.count(","):
            self._separator = ";"
        elif self._columns.kind == "csv":
            self._separator = ","
        names = [self._read(header[start:end]) for start, end in self._cells(header) or []]
        numbers = []
        for name in self._columns.names:
            if name in names and not name.isdecimal():
                numbers.append(names.index(name))
            elif name.isdecimal():
                numbers.append(int(name) - 1)
            else:
                raise InputError(f"{self._lines.name}: has no column {name!r}; its first line has {', '.join(names)}")
        return numbers

    def _joined(self) -> Iterator[InputLine]:
        """Lines, with those together whose newlines are within quotes."""
        held, first = "", 0
        for number, line in enumerate(self._lines, 1):
            first = first or number
            held += line.text
            if number == 1:
                self._separator = ";" if held.count(";") > held.count(",") else ","
            if self._cells(held) is not None:
                yield InputLine(held, line.ending)
                held, first = "", 0
            else:
                held += f"{line.ending}\n"
            if len(held) > _LONGEST:
                break
        if held:
            raise InputError(f"{self._lines.name}: line {first} opens a quote that is not closed")

    def _cells(self, record: str) -> Cells | None:
        """Where the cells of a record of a table begin and end; None where its last one is not at its end yet."""
        cells: Cells = []
        start = 0
        while True:
            end = start
            if self._columns.kind == "csv" and record.startswith('"', start):
                end = start + 1
                while (end := record.find('"', end)) >= 0 and record.startswith('"', end + 1):
                    end += 2
                if end < 0:
                    return None
            end = record.find(self._separator, end)
            cells.append((start, end if end >= 0 else len(record)))
            if end < 0:
                return cells
            start = end + 1

    def _part(self, number: int, record: str) -> Part[str]:
        if self._columns.kind == "jsonl":
            return Part(record, list(self._fields(number, record)))
        if not record or (number == 1 and self._columns.have_names):
            return Part(record, ())
        cells = self._cells(record)
        assert cells is not None
        slots = []
        for column in sorted(set(self._numbers)):
            if column >= len(cells):
                raise InputError(f"{self._lines.name}: row {number} has no column {column + 1}; it has {len(cells)}")
            start, end = cells[column]
            text = self._read(record[start:end])
            if text.strip():
                is_quoted = text != record[start:end]
                slots.append(
                    Slot(start, end, (text,), lambda own, _, is_quoted=is_quoted: self._spelled(own[0], is_quoted=is_quoted))  # type: ignore[misc]
                )
        return Part(record, slots)

    def _fields(self, number: int, record: str) -> Iterator[Slot[str]]:
        if not record.strip():
            return
        try:
            values = list(string_values(record))
        except InputError as error:
            raise InputError(f"{self._lines.name}: line {number} {error}") from error
        for value in values:
            if ".".join(value.path) in self._columns.names and value.text.strip():
                yield slot_of(value, record)

    def _read(self, cell: str) -> str:
        """The text of a cell."""
        if self._columns.kind == "csv" and cell.startswith('"'):
            inner, _, rest = cell[1:].rpartition('"')
            return inner.replace('""', '"') + rest
        return cell

    def _spelled(self, text: str, *, is_quoted: bool) -> str:
        if self._columns.kind == "tsv":
            return re.sub(r"[\t\r\n]", " ", text)
        if is_quoted or re.search(rf'[{self._separator}"\r\n]', text) or text != text.strip():
            text = text.replace('"', '""')
            return f'"{text}"'
        return text
