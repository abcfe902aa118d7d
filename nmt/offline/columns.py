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
from nmt.translate.documents.json_values import Value, field_names, slot_of, string_values

_LONGEST = 1 << 26
"""Characters of a record of CSV; a quote that nobody closes would take the rest of the file for one."""
_QUOTED = re.compile(r'(?:^|(?<=[,;]))"(?:[^"]|"")*(?:"|$)')
_SHOWN = 20
"""Names of fields in a message."""
_MARK = "\ufeff"

Table = Literal["tsv", "csv"]
Kind = Literal[Table, "jsonl"]
Cells = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns by their names in the first line or by their numbers, from 1; fields by the names that lead to them."""

    kind: Kind
    names: tuple[str, ...]
    is_guess: bool = False
    """Whether nothing says that a table is TSV."""

    @classmethod
    def given(
        cls, place: TextInput, *, columns: Sequence[str], fields: Sequence[str], table: Table | None = None
    ) -> Columns | None:
        """Columns of a table, by default of CSV where the name of the place says so; or fields of JSON lines; or None.

        Raises ConfigurationError where both are given, for column 0, and for a table or JSON lines of which none is named.
        """
        if columns and fields:
            raise ConfigurationError("--column is for tables, --field for JSON lines; give one of them")
        if any(name.isdecimal() and not int(name) for name in columns):
            raise ConfigurationError("--column 0: columns are counted from 1")
        if fields:
            return cls(kind="jsonl", names=tuple(fields))
        if table and not columns:
            raise ConfigurationError(f"--table {table} is for a table; name a column of it with --column")
        if columns:
            kind: Table = table or ("csv" if _ends_in(place, "csv") else "tsv")
            return cls(kind=kind, names=tuple(columns), is_guess=not (table or kind == "csv" or _ends_in(place, "tsv")))
        if place.file is not None and (_ends_in(place, "jsonl") or _ends_in(place, "ndjson")):
            raise ConfigurationError(f"{place}: has JSON on its lines; name a field of it with --field")
        return None

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.names)}"


class Records:
    """The records of `lines`: one on each line, but for cells of CSV with newlines in them. Iterates once.

    Raises what reading lines does, and InputError for a record that cannot be taken apart, or that lacks a column, and at
    the end for a field that none has.
    """

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._columns = columns
        self._separator = "\t"
        self._numbers: list[int] = []
        self._has_header = False
        self._missing = set(columns.names) if columns.kind == "jsonl" else set()
        """Names of fields that no object has had so far."""
        self._fields_of_first: list[str] = []
        self._advice = ""
        """Where a table that was read as TSV may be another: how it is read as that."""

    @property
    def place(self) -> TextInput:
        return self._lines.place

    def __iter__(self) -> Iterator[InputLine]:
        joined = self._joined() if self._columns.kind == "csv" else enumerate(self._lines, 1)
        for number, (line, record) in enumerate(joined, 1):
            if number == 1 and self._columns.kind != "jsonl":
                self._find_columns(record.text)
            try:
                self._part(number, record.text)
                self._note_fields(record.text)
            except InputError as error:
                kind = "line" if self._columns.kind == "jsonl" else "row"
                where = f"{kind} {number}" if number == line else f"{kind} {number} (line {line})"
                raise InputError(f"{self._lines.name}: {where} {error}") from error
            yield record
        if self._missing and self._fields_of_first:
            raise InputError(
                f"{self._lines.name}: no object has a field {min(self._missing)!r}; "
                f"the first has {', '.join(self._fields_of_first[:_SHOWN])}"
            )

    def complaint(self) -> str:
        """A warning, or nothing, about a table that was read as another kind than it may be, once all is read."""
        return self._advice and f"{self._lines.name}: was read as TSV, and its first line has no tab{self._advice}"

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

    def _find_columns(self, header: str) -> None:
        """Find the numbers of the columns, from 0, and whether `header` has their names."""
        if self._columns.is_guess and "\t" not in header and re.search("[,;]", header):
            self._advice = "; --table csv reads CSV"
        names = [self._read(header[start:end]) for start, end in self._cells(header) or []]
        for name in self._columns.names:
            if name.isdecimal() and (int(name) <= len(names) or name not in names):
                self._numbers.append(int(name) - 1)
                continue
            if name not in names:
                there = ", ".join(names)
                raise InputError(f"{self._lines.name}: has no column {name!r}; its first line has {there}{self._advice}")
            if names.count(name) > 1:
                numbers = " and ".join(str(number) for number, other in enumerate(names, 1) if other == name)
                raise InputError(f"{self._lines.name}: columns {numbers} have the name {name!r}; give the number of one")
            self._numbers.append(names.index(name))
            self._has_header = True

    def _joined(self) -> Iterator[tuple[int, InputLine]]:
        """Lines, with those together whose newlines are within quotes, each with the number of its first line."""
        self._separator = ","
        held: list[str] = []
        first, size, is_open, is_sure = 1, 0, False, False
        for number, line in enumerate(self._lines, 1):
            first = first if held else number
            if first == 1 and not is_sure:
                outside = line.text[self._closed(line.text, 0) + 1 or len(line.text) :] if is_open else line.text
                bare = _QUOTED.sub("", outside)
                self._separator = ";" if bare.count(";") > bare.count(",") else ","
                is_sure = self._separator in bare
            is_open = self._opens(line.text, is_open=is_open)
            held.append(line.text)
            size += len(line.text)
            if not is_open:
                yield first, InputLine("".join(held), line.ending)
                held, size = [], 0
            elif size > _LONGEST:
                raise InputError(
                    f"{self._lines.name}: line {first} opens a quote that is not closed in {_LONGEST >> 20} MiB from there"
                )
            else:
                held.append(f"{line.ending}\n")
        if held:
            raise InputError(f"{self._lines.name}: line {first} opens a quote that is not closed")

    def _opens(self, line: str, *, is_open: bool) -> bool:
        """Whether the last cell of a line goes on in the next one; `is_open` where its first goes on from the one before."""
        start = 0
        while True:
            end = start
            if is_open or line.startswith('"', start):
                end = self._closed(line, start + (not is_open))
                if end < 0:
                    return True
            end = line.find(self._separator, end)
            if end < 0:
                return False
            start, is_open = end + 1, False

    @staticmethod
    def _closed(line: str, start: int) -> int:
        """Where the quote is that closes a cell whose text begins at `start`; -1 where it is not in this line."""
        end = start
        while (end := line.find('"', end)) >= 0 and line.startswith('"', end + 1):
            end += 2
        return end

    def _cells(self, record: str) -> Cells | None:
        """Where the cells of a record of a table begin and end; None where its last one is not at its end yet."""
        cells: Cells = []
        start = 0
        while True:
            end = start
            if self._columns.kind == "csv" and record.startswith('"', start):
                end = self._closed(record, start + 1)
                if end < 0:
                    return None
            end = record.find(self._separator, end)
            cells.append((start, end if end >= 0 else len(record)))
            if end < 0:
                return cells
            start = end + 1

    def _part(self, number: int, record: str) -> Part[str]:
        """Raises InputError, which goes on after the name of the record."""
        if not record.strip():
            return Part(record, ())
        if self._columns.kind == "jsonl":
            return Part(record, [slot_of(value, record) for value in string_values(record) if self._is_asked(value)])
        if number == 1 and self._has_header:
            return Part(record, ())
        cells = self._cells(record)
        assert cells is not None
        slots = []
        for column in sorted(set(self._numbers)):
            if column >= len(cells):
                raise InputError(f"has no column {column + 1}; it has {len(cells)}{self._advice}")
            start, end = cells[column]
            text = self._read(record[start:end])
            if text.strip():
                is_quoted = text != record[start:end]
                slots.append(
                    Slot(start, end, (text,), lambda own, _, is_quoted=is_quoted: self._spelled(own[0], is_quoted=is_quoted))  # type: ignore[misc]
                )
        return Part(record, slots)

    def _is_asked(self, value: Value) -> bool:
        return ".".join(value.path) in self._columns.names and bool(value.text.strip())

    def _note_fields(self, record: str) -> None:
        """Take what an object has from the fields that are missing so far."""
        if self._missing and record.strip():
            found = list(dict.fromkeys(field_names(record)))
            self._missing -= set(found)
            self._fields_of_first = self._fields_of_first or found

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


def _ends_in(place: TextInput, ending: str) -> bool:
    """Whether the name of a file, which may be packed, has this ending."""
    return bool(re.search(rf"\.{ending}(\.(gz|bz2|xz|zst))?$", place.given, re.IGNORECASE))
