"""Columns of Parquet tables, read again by pyarrow."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.command import error_of, nmt
from support.offline_job import job, names, stop, write_model_and_text

from nmt.errors import ConfigurationError, InputError
from nmt.files.places import TextInput, TextOutput
from nmt.offline.columns import Columns
from nmt.offline.formats import Format
from nmt.offline.parquet import translate_parquet

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXTS = ["eine alte Brücke", None, "", "wurde\nfrüh", "  ", "über dem Fluss", "gesperrt"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_model_and_text(tmp_path_factory.mktemp("parquet"))
    table = pyarrow.table(
        {
            "id": pyarrow.array(range(7), type=pyarrow.int16()),
            "text": pyarrow.array(TEXTS, type=pyarrow.string()),
            "more": pyarrow.array(reversed(TEXTS), type=pyarrow.large_string()),
            "tags": pyarrow.array([["a"], [], None, ["b", "c"], [], [], []]),
        },
        metadata={"origin": "test"},
    )
    parquet.write_table(
        table, folder / "x.parquet", row_group_size=3, compression={"id": "gzip", "text": "zstd", "more": "none"}
    )
    parquet.write_table(table.slice(0, 0), folder / "empty.parquet")
    return folder


def run(folder: Path, output: Path, *columns: str, name: str = "x.parquet", **options: Any) -> list[str | None]:
    place = TextInput(str(folder / name))
    given = Columns.given(place, columns=columns, fields=())
    work = job(folder, Format.text)
    return translate_parquet(work, input=place, output=TextOutput(str(output)), columns=given, **{"window": 2} | options)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("forked_workers")
def test_columns_are_translated_and_the_others_are_as_they_were(folder: Path, tmp_path: Path, workers: int) -> None:
    told: list[int] = []
    run(folder, tmp_path / "y.parquet", "text", "3", workers=workers, progress=told.append)
    before, after = (parquet.ParquetFile(path) for path in (folder / "x.parquet", tmp_path / "y.parquet"))
    work = job(folder, Format.text)
    translator = work.load()

    def expected(texts: list[str | None]) -> list[str | None]:
        return [text and translator.translate([text], work.options)[0].text for text in texts]

    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert after.schema_arrow.metadata == {b"origin": b"test"}
    assert after.read().select(["id", "tags"]) == before.read().select(["id", "tags"])
    assert after.read()["text"].to_pylist() == expected(TEXTS)
    assert after.read()["more"].to_pylist() == expected(TEXTS[::-1])
    assert after.read()["text"].to_pylist() != TEXTS
    assert [after.metadata.row_group(number).num_rows for number in range(3)] == [3, 3, 1]
    assert [after.metadata.row_group(0).column(number).compression for number in range(3)] == [
        "GZIP",
        "ZSTD",
        "UNCOMPRESSED",
    ]
    assert told == [3, 6, 7]


def test_a_table_without_rows(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "y.parquet", "text", name="empty.parquet")
    assert parquet.read_table(tmp_path / "y.parquet").num_rows == 0


def test_a_table_is_whole_or_not_there(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "y.parquet").write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "y.parquet", "text", progress=stop)
    assert (tmp_path / "y.parquet").read_bytes() == b"before"
    assert names(tmp_path) == ["y.parquet"]


@pytest.mark.parametrize(
    ("columns", "options", "error", "message"),
    [
        ((), {}, ConfigurationError, "is a table; name a column"),
        (("name",), {}, InputError, "has no column 'name'; it has id, text, more, tags"),
        (("id",), {}, InputError, "column 'id' holds int16; it should hold strings"),
        (("tags",), {}, InputError, "it should hold strings"),
        (("text",), {"resume": True}, ConfigurationError, "a Parquet file is written in one run"),
    ],
)
def test_what_cannot_be_translated(
    folder: Path, tmp_path: Path, columns: tuple[str, ...], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(folder, tmp_path / "y.parquet", *columns, **options)
    assert names(tmp_path) == []


@pytest.mark.parametrize("change", ["cut short", "replaced"])
def test_a_table_that_changes_while_it_is_read_is_no_success(folder: Path, tmp_path: Path, change: str) -> None:
    own = shutil.copytree(folder, tmp_path / "own")
    source = own / "x.parquet"

    def meddle(_: int) -> None:
        if change == "cut short":
            os.truncate(source, 100)
        else:
            (own / "new").write_bytes(source.read_bytes())
            (own / "new").replace(source)

    with pytest.raises(InputError, match=r"x\.parquet: was changed or replaced while it was read, found after row [37]"):
        run(own, tmp_path / "y.parquet", "text", progress=meddle)
    assert names(tmp_path) == ["own"]


def test_damaged_tables_and_other_places(folder: Path, tmp_path: Path) -> None:
    data = (folder / "x.parquet").read_bytes()
    (tmp_path / "short.parquet").write_bytes(data[:-20])
    with pytest.raises(InputError, match=r"short\.parquet: cannot be read or written as Parquet"):
        run(tmp_path, tmp_path / "y.parquet", "text", name="short.parquet")
    with pytest.raises(ConfigurationError, match=r"should both be files that end in \.parquet"):
        run(folder, tmp_path / "y.tsv", "text")
    with pytest.raises(ConfigurationError, match="would overwrite the input"):
        run(folder, folder / "x.parquet", "text")
    assert (folder / "x.parquet").read_bytes() == data


def test_of_two_columns_with_one_name_none_is_meant(tmp_path: Path) -> None:
    twice = pyarrow.table([["eine"], ["alte"]], names=["text", "text"])
    parquet.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(InputError, match=r"twice\.parquet: has 2 columns 'text'; each should have a name of its own"):
        run(tmp_path, tmp_path / "y.parquet", "text", name="twice.parquet")


@pytest.mark.slow
def test_the_command(folder: Path, tmp_path: Path) -> None:
    model = ("translate", "--model", folder / "model", "--beam-size", 1, "--runtime", "reference")
    files = ("--input", folder / "x.parquet", "--output", tmp_path / "y.parquet")
    nmt(*model, *files, "--column", "text")
    assert parquet.read_table(tmp_path / "y.parquet").num_rows == 7
    assert "name a column of it with --column" in error_of(*model, *files)
    assert "name a column of it with --column" in error_of(*model, *files, "--field", "text")

    given = b"1\teine\tx\n"
    done = nmt(*model, "--column", 2, given=given)
    first, second, third = done.stdout.decode().split("\t")
    assert (first, third) == ("1", "x\n")
    assert second != "eine"
    done = nmt(*model, "--field", "a", given=b'{"a": "eine", "b": [1, 2]}\n')
    assert done.stdout.endswith(b'", "b": [1, 2]}\n')
    assert "give one of them" in error_of(*model, "--column", 1, "--field", "a", given=given)
    assert "--format tsv is for lines" in error_of(*model, "--column", 1, "--format", "tsv", given=given)
