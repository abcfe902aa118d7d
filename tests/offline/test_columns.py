"""Columns of tables and fields of JSON lines: translated alone, all else to the byte; killed, resumed, and by workers."""

from __future__ import annotations

import csv
import io
import json
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.column_job import run, run_and_die
from support.offline_job import WORDS, job, names, stop, write_model_and_text
from support.processes import PROCESSES

from nmt.errors import ConfigurationError, InputError, OfflineError
from nmt.files.lines import Lines
from nmt.files.places import TextInput
from nmt.offline.columns import Columns, Records
from nmt.offline.formats import Format
from nmt.offline.job import segments_of
from nmt.offline.windows import LineWindow, Windows, windows

ROWS = 60


class Upper:
    """An engine that writes in capitals, and notes what it was asked."""

    device = "cpu"

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def loaded(self) -> Any:
        raise NotImplementedError

    def translate(self, windows: Windows) -> Iterator[tuple[LineWindow, str]]:
        for window in windows:
            if window is not None:
                self.asked += [line.text for line in window.lines]
                yield window, "".join(f"{json.dumps(line.text.upper())}\n" for line in window.lines)


def upper(folder: Path, name: str, content: bytes, *, columns: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> bytes:
    """The file with these columns or fields in capitals."""
    path = folder / name
    path.write_bytes(content)
    place = TextInput(str(path))
    given = Columns.given(place, columns=columns, fields=fields)
    assert given is not None
    records = Records(Lines(place), given)
    return "".join(text for _, text in records.translated(Upper(), windows(records, after=0, size=3))).encode()


@pytest.mark.parametrize(
    ("name", "before", "columns", "after"),
    [
        ("a.tsv", 'id\ttext\n1\tä "b\t c \r\n\n2\t\tx\n', ("2",), 'id\tTEXT\n1\tÄ "B\t c \r\n\n2\t\tx\n'),
        ("a.tsv", "id\ttext\tmore\n1\ta b\tc\n", ("text", "more"), "id\ttext\tmore\n1\tA B\tC\n"),
        ("a", "\ufeffid\ttext\n1\ta b\n", ("text",), "\ufeffid\ttext\n1\tA B\n"),
        ("a.csv", 'id,text\n1,"a, b"\n2,"say ""hi"""\n', ("text",), 'id,text\n1,"A, B"\n2,"SAY ""HI"""\n'),
        ("a.csv", 'id;"my text";c\r\n1;a,b;"x\r\ny;z"\r\n', ("my text",), 'id;"my text";c\r\n1;A,B;"x\r\ny;z"\r\n'),
        ("a.csv", '"a\n\nb",1\nc"d,2\n', ("1",), '"A\n\nB",1\n"C""D",2\n'),
        ("a.CSV", '"",x\n" a ", "b"\n', ("1",), '"",x\n" A ", "b"\n'),
        ("a.csv", '"Name; a; b",text\nx,a;b\n', ("text",), '"Name; a; b",text\nx,A;B\n'),
        ("a.csv", '"Name;\na ""x"" b";text\nx;"a;b"\n', ("text",), '"Name;\na ""x"" b";text\nx;"A;B"\n'),
        ("a.csv", 'a,"b;c;d"\ne,f\n', ("1",), 'A,"b;c;d"\nE,f\n'),
        ("a.csv", "id,2024\n1,a\n", ("2024",), "id,2024\n1,A\n"),
        ("a.tsv", "2\ta\n1\tb\n", ("2",), "2\tA\n1\tB\n"),
        ("a.csv", "text,text\na,b\n", ("2",), "text,TEXT\na,B\n"),
        ("a.tsv", "id\ttext\n \n\t \n1\ta\n", ("2",), "id\tTEXT\n \n\t \n1\tA\n"),
    ],
)
def test_columns_of_a_table(tmp_path: Path, name: str, before: str, columns: tuple[str, ...], after: str) -> None:
    assert upper(tmp_path, name, before.encode(), columns=columns).decode() == after


def test_fields_of_json_lines(tmp_path: Path) -> None:
    before = (
        '{"a" : {"b": "x y", "c":1.0e2}, "tags":["m","n"],  "b": "no"}\r\n\n'
        '{"a": {"b": null}, "tags": []}\n{"a": "z", "tags": ["", 3, {"b": "k"}]}\n["a"]\n7\n'
    )
    after = (
        '{"a" : {"b": "X Y", "c":1.0e2}, "tags":["M","N"],  "b": "no"}\r\n\n'
        '{"a": {"b": null}, "tags": []}\n{"a": "z", "tags": ["", 3, {"b": "k"}]}\n["a"]\n7\n'
    )
    assert upper(tmp_path, "a.jsonl", before.encode(), fields=("a.b", "tags")).decode() == after


CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=6)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=7)
)


@given(rows=TABLE, column=st.integers(0, 3), quoting=st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)))
def test_any_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], column: int, quoting: Any) -> None:
    """Python's reader and writer of CSV tell what is in it."""
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting, lineterminator="\n").writerows(rows)
    column = min(column, len(rows[0]) - 1)
    first = stream.getvalue().partition("\n")[0]
    if first.count(";") > first.count(",") or stream.getvalue().startswith("\ufeff"):
        return
    found = upper(tmp_path_factory.mktemp("csv"), "x.csv", stream.getvalue().encode(), columns=(str(column + 1),)).decode()
    expected = [[cell.upper() if number == column else cell for number, cell in enumerate(row)] for row in rows]
    assert list(csv.reader(io.StringIO(found, newline=""), strict=True)) == expected


LINE_CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\t\n\r\x00"), max_size=6)


@given(rows=st.lists(st.lists(LINE_CELL, min_size=2, max_size=2), min_size=1, max_size=7))
def test_any_tsv(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    content = "".join("\t".join(row) + "\n" for row in rows)
    if content.startswith("\ufeff"):
        return
    found = upper(tmp_path_factory.mktemp("tsv"), "x.tsv", content.encode(), columns=("2",)).decode()
    assert found == "".join(f"{first}\t{second.upper() if second.strip() else second}\n" for first, second in rows)


@pytest.mark.parametrize(
    ("name", "content", "columns", "fields", "message"),
    [
        ("a.tsv", "a\tb\nc\n", ("2",), (), r"a\.tsv: row 2 has no column 2; it has 1$"),
        ("a.csv", 'a,b\n"x\ny",c\nd\n', ("2",), (), r"a\.csv: row 3 \(line 4\) has no column 2; it has 1$"),
        ("a", "a,b\nc\n", ("2",), (), r"row 1 has no column 2; it has 1; --table csv reads CSV"),
        ("a", "id,text\n", ("text",), (), r"has no column 'text'; its first line has id,text; --table csv reads CSV"),
        ("a.csv", "text,x,text\n", ("text",), (), "columns 1 and 3 have the name 'text'; give the number of one"),
        ("a.csv", "id,2024\n", ("2025",), (), "row 1 has no column 2025; it has 2"),
        (
            "a.jsonl",
            '{"a": 1, "b": {"c": ["d"]}}\n',
            (),
            ("x",),
            r"a\.jsonl: no object .* 'x'; the first has a, b\.c$",
        ),
        ("a.jsonl", '{"a": "b"}\n{"b": "c"}\n', (), ("a", "d"), "no object has a field 'd'; the first has a"),
        ("a.jsonl", '{"a": {"b": "c"}}\n', (), ("a",), r"no object has a field 'a'; the first has a\.b"),
        ("a.tsv", "a\tb\n", ("text",), (), r"a\.tsv: has no column 'text'; its first line has a, b"),
        ("a.csv", 'a,"b\nc,d\n', ("1",), (), r"a\.csv: line 1 opens a quote that is not closed"),
        ("a.jsonl", '{"a": "b"}\n{"a": \n', (), ("a",), r"a\.jsonl: line 2 is not valid JSON"),
    ],
)
def test_what_cannot_be_taken_apart_is_an_error_that_names_the_line(
    tmp_path: Path, name: str, content: str, columns: tuple[str, ...], fields: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        upper(tmp_path, name, content.encode(), columns=columns, fields=fields)


def test_options_that_contradict_each_other() -> None:
    place = TextInput("x.tsv")
    with pytest.raises(ConfigurationError, match="give one of them"):
        Columns.given(place, columns=("1",), fields=("a",))
    with pytest.raises(ConfigurationError, match="columns are counted from 1"):
        Columns.given(place, columns=("0",), fields=())
    with pytest.raises(ConfigurationError, match="--table csv is for a table; name a column of it with --column"):
        Columns.given(place, columns=(), fields=(), table="csv")


@pytest.mark.parametrize("name", ["a.jsonl", "a.NDJSON.gz"])
def test_json_lines_of_which_no_field_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ConfigurationError, match="has JSON on its lines; name a field of it with --field"):
        Columns.given(TextInput(str(tmp_path / name)), columns=(), fields=())


def test_a_field_may_have_no_text_anywhere(tmp_path: Path) -> None:
    content = b'{"a": null, "b": [], "c": {"d": ""}}\n{"x": "y"}\n'
    assert upper(tmp_path, "a.jsonl", content, fields=("a", "b", "c.d")) == content
    assert upper(tmp_path, "a.jsonl", b"\n7\n", fields=("a",)) == b"\n7\n"


@pytest.mark.parametrize(("name", "table", "warns"), [("a", None, True), ("a", "tsv", False), ("a.tsv", None, False)])
def test_a_table_that_may_be_csv_is_told(tmp_path: Path, name: str, table: Any, warns: bool) -> None:
    (tmp_path / name).write_text("id,text\n1,a\n")
    place = TextInput(str(tmp_path / name))
    given = Columns.given(place, columns=("1",), fields=(), table=table)
    assert given is not None
    records = Records(Lines(place), given)
    assert len(list(records)) == 2
    assert ("--table csv reads CSV" in records.complaint()) == warns
    given = Columns.given(place, columns=("text",), fields=(), table="csv")
    assert given is not None
    assert [line.text for line in Records(Lines(place), given)] == ["id,text", "1,a"]


@pytest.mark.parametrize("header", ["id,7\n", ""])
def test_a_cell_of_many_lines_is_read_in_time(tmp_path: Path, header: str) -> None:
    """Each line once: 50,000 lines, each looked through from the beginning of its cell, would take minutes."""
    cell = 'a ""b"" c\n' * 50_000
    before = f'{header}"{cell}",d\n'
    assert upper(tmp_path, "a.csv", before.encode(), columns=("2",)).decode() == before.replace(",d", ",D")
    with pytest.raises(InputError, match=r"opens a quote that is not closed$"):
        upper(tmp_path, "a.csv", before.replace('",d', "").encode(), columns=("2",))


# --- with a model -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_model_and_text(tmp_path_factory.mktemp("columns"))
    generator = random.Random(3)
    texts = [" ".join(generator.choices(WORDS, k=generator.randrange(7))) for _ in range(ROWS)]
    rows = [f'{number}\t{text}\t"{number * 7}' for number, text in enumerate(texts, 1)]
    (folder / "table.tsv").write_text("\n".join(("id\ttext\tz", *rows, "")), encoding="utf-8")
    lines = [f'{{"n":{number},  "doc": {{"text": {json.dumps(text)}}} }}\n' for number, text in enumerate(texts, 1)]
    (folder / "lines.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def texts_of(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".tsv":
        return [line.split("\t")[1] for line in lines[1:]]
    return [json.loads(line)["doc"]["text"] for line in lines]


@pytest.mark.parametrize("name", ["table.tsv", "lines.jsonl"])
def test_a_column_has_the_translations_of_its_texts(folder: Path, tmp_path: Path, name: str) -> None:
    output = tmp_path / f"out{Path(name).suffix}"
    run(folder, name, output)
    source = texts_of(folder / name)
    expected = [one.text for one in job(folder, Format.text).load().translate(source, job(folder, Format.text).options)]
    assert texts_of(output) == expected
    assert expected != source
    before, after = (folder / name).read_text(encoding="utf-8"), output.read_text(encoding="utf-8")
    spelled: Callable[[str], str] = (lambda text: f"\t{text}\t") if name == "table.tsv" else json.dumps
    for number, (old, new) in enumerate(zip(source, expected, strict=True)):
        line = before.splitlines()[number + (name == "table.tsv")]
        where = spelled(old) if name == "table.tsv" else json.dumps(old)
        other = spelled(new) if name == "table.tsv" else json.dumps(new, ensure_ascii="\\u" in where)
        assert line.replace(where, other) == after.splitlines()[number + (name == "table.tsv")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["table.tsv", "lines.jsonl"])
def test_killed_and_resumed_is_the_same_to_the_byte(folder: Path, tmp_path: Path, name: str) -> None:
    run(folder, name, tmp_path / "peaceful")
    output, journal = tmp_path / "output", tmp_path / ".output.partial.json"
    done = 0
    for row in (10, 25, 45):
        process = PROCESSES.Process(target=run_and_die, args=(folder, name, output, row))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert done < json.loads(journal.read_bytes())["lines"] < ROWS
        done = json.loads(journal.read_bytes())["lines"]
    told: list[int] = []
    run(folder, name, output, resume=True, progress=told.append)
    assert told[0] == done
    assert output.read_bytes() == (tmp_path / "peaceful").read_bytes()
    assert names(tmp_path) == ["output", "peaceful"]


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_workers_write_the_same(folder: Path, tmp_path: Path) -> None:
    run(folder, "table.tsv", tmp_path / "alone")
    run(folder, "table.tsv", tmp_path / "together", workers=2)
    assert (tmp_path / "together").read_bytes() == (tmp_path / "alone").read_bytes()


def test_another_column_is_no_run_to_go_on_with(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(folder, "table.tsv", tmp_path / "output", progress=lambda done: stop() if done >= 10 else None)
    other = Columns.given(TextInput("x.tsv"), columns=("3",), fields=())
    with pytest.raises(OfflineError, match="the columns was tsv: text and is tsv: 3 now"):
        run(folder, "table.tsv", tmp_path / "output", resume=True, columns=other)


@pytest.mark.parametrize("content", ["id\ttext\n" + "1\tFluss\n" * 99 + "2\n", "1\n" * 99])
def test_a_table_that_is_wrong_in_its_midst_is_refused_before_anything_is_translated(
    folder: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / "table.tsv").write_text(content)
    told: list[int] = []
    with pytest.raises(InputError, match=r"table\.tsv: "):
        run(folder, str(tmp_path / "table.tsv"), tmp_path / "output", progress=told.append)
    assert told == []
    assert names(tmp_path) == ["table.tsv"]


def test_prefixes_are_for_lines(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--prefixes is for lines"):
        run(folder, "table.tsv", tmp_path / "output", prefixes=TextInput(str(folder / "table.tsv")))


def test_segments_come_back_as_they_were_given() -> None:
    assert segments_of('"a\\nb"\n"\\u2028c"\n') == ["a\nb", "\u2028c"]
