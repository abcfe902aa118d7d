"""Lines of every packing by every name, and what is no text, by its first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import os
import subprocess
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from xopen import xopen

from nmt.errors import InputError
from nmt.files.lines import Lines
from nmt.files.places import TextInput

TEXT = "Ein Bus.\nZwei Büsse.\r\n\nkein Ende".encode()
LINES = [("Ein Bus.", ""), ("Zwei Büsse.", "\r"), ("", ""), ("kein Ende", "")]


def zstd(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with xopen(buffer, "wb", format="zst", threads=0) as file:
        file.write(data)
    return buffer.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}


def read(path: Path) -> list[tuple[str, str]]:
    return [tuple(line) for line in Lines(TextInput(str(path)))]


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("name", ["text", "text.gz", "TEXT.XZ", "text.txt"])
def test_any_packing_is_read_by_any_name(tmp_path: Path, packing: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACK[packing](TEXT))
    assert read(path) == LINES
    path.write_bytes(PACK[packing](b""))
    assert read(path) == []


def test_a_byte_order_mark_is_no_text_before_the_first_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xef\xbb\xbfEin Bus.\n\xef\xbb\xbfZwei.\n")
    assert read(path) == [("Ein Bus.", ""), ("\ufeffZwei.", "")]


@pytest.mark.parametrize("packing", PACK)
def test_members_one_after_the_other_are_one_text(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(PACK[packing](TEXT) + PACK[packing](b"\nend"))
    assert read(path) == [*LINES, ("end", "")]


@pytest.mark.parametrize("packing", PACK)
def test_a_stream_is_unpacked_too(packing: str) -> None:
    """Bytes come one by one, as they may from a pipe."""
    read_end, write_end = os.pipe()
    data = PACK[packing](TEXT)
    with subprocess.Popen(["sh", "-c", "dd bs=1 status=none"], stdin=subprocess.PIPE, stdout=write_end) as slow:
        os.close(write_end)
        assert slow.stdin is not None
        slow.stdin.write(data)
        slow.stdin.close()
        assert [tuple(line) for line in Lines(TextInput(f"/dev/fd/{read_end}"))] == LINES
    os.close(read_end)


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst"])
def test_a_damaged_file_is_one_message(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "text"
    whole = PACK[packing](b"".join(b"line %d\n" % number for number in range(99_999)))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"text: cannot be read( after line \d+)?: Compressed file ended before the end"):
        read(path)
    path.write_bytes(whole[: len(whole) // 2] + bytes(99) + whole[len(whole) // 2 + 99 :])
    with pytest.raises(InputError, match="text: cannot be read"):
        read(path)


@pytest.mark.parametrize("missing", [9, 300, 50_000])
def test_the_line_after_which_a_gzip_file_ends_is_exact(tmp_path: Path, missing: int) -> None:
    path = tmp_path / "text.gz"
    begun = gzip.compress(b"".join(b"line %d\n" % number for number in range(99_999)))[:-missing]
    path.write_bytes(begun)
    whole = zlib.decompressobj(31).decompress(begun).count(b"\n")
    lines = Lines(TextInput(str(path)))
    got = []
    with pytest.raises(InputError, match=rf"cannot be read after line {whole}: Compressed file ended before"):
        got.extend(lines.texts())
    assert got == [f"line {number}" for number in range(whole)]


def tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("text")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("text", data)
    return buffer.getvalue()


LATIN = "Schöne Grüße aus Köln.\nÄpfel\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(TEXT), "is a zip archive"),
        (tar(TEXT), "is a tar archive"),
        (gzip.compress(tar(TEXT)), "is a tar archive"),
        (gzip.compress(bz2.compress(TEXT)), "is packed twice, by gz and bz2"),
        (LATIN.encode("utf-16"), "is UTF-16 text; convert it to UTF-8"),
        (b"\xfe\xff" + LATIN.encode("utf-16-be"), "is UTF-16 text"),
        (LATIN.encode("utf-16-le"), "is UTF-16 text; .* iconv -f UTF-16LE -t UTF-8"),
        (LATIN.encode("utf-16-be"), "is UTF-16 text; .* iconv -f UTF-16BE -t UTF-8"),
        (LATIN.encode("utf-32"), "is UTF-32 text"),
        (lzma.compress(LATIN.encode("utf-16")), "is UTF-16 text"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "is a 7z archive"),
        (b"\x04\x22\x4d\x18\x64\x40", "is packed by lz4"),
        (b"PAR1\x15\x04", "is a Parquet table"),
    ],
    ids=itertools.count(),  # packed data has the time in it, and would be another name in each process
)
def test_no_text_is_refused_by_name(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "text").write_bytes(data)
    with pytest.raises(InputError, match=rf"text: {message}"):
        read(tmp_path / "text")


def test_a_text_that_only_begins_like_something_else_is_a_text(tmp_path: Path) -> None:
    for begin in (b"BZh9 is a word", b"PK", b"Rar!", b"7z", b"a\x00b\x00", b"", b"B"):
        (tmp_path / "text").write_bytes(begin)
        assert [line for line, _ in read(tmp_path / "text")] == ([begin.decode()] if begin else [])


def test_text_that_is_mostly_not_utf_8_is_refused_and_a_few_wrong_lines_are_not(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(LATIN.encode("latin-1") * 50_000)
    lines = Lines(TextInput(str(path)))
    with pytest.raises(InputError, match="text: 100 of the first 100 lines are not UTF-8; convert it, as by iconv"):
        list(lines)
    assert lines.count == 100  # long before the end
    path.write_bytes(LATIN.encode("latin-1") * 5)
    with pytest.raises(InputError, match="text: 10 of the first 10 lines are not UTF-8"):
        read(path)
    path.write_bytes(b"ASCII\n" * 1000 + LATIN.encode("latin-1") * 450)
    lines = Lines(TextInput(str(path)))
    assert sum(1 for _ in lines) == 1900
    assert lines.complaint() is not None
    path.write_bytes(LATIN.encode("latin-1"))  # too few to tell
    assert len(read(path)) == 2


@pytest.mark.parametrize("change", ["cut short", "longer", "replaced", "rewritten", "removed"])
@pytest.mark.parametrize("packing", ["plain", "gz"])
def test_a_file_that_changes_while_it_is_read_is_no_whole_file(tmp_path: Path, change: str, packing: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(PACK[packing](os.urandom(1_000_000).hex(" ", 4).replace(" ", "\n").encode()))
    lines = Lines(TextInput(str(path)))
    stream = iter(lines)
    next(stream)
    match change:
        case "cut short":
            os.truncate(path, path.stat().st_size // 2)
        case "longer":
            with path.open("ab") as file:
                file.write(PACK[packing](b"more\n"))
        case "replaced":
            (tmp_path / "new").write_bytes(path.read_bytes())
            (tmp_path / "new").replace(path)
        case "rewritten":
            time.sleep(0.02)
            path.write_bytes(path.read_bytes())
        case "removed":
            path.unlink()
    with pytest.raises(
        InputError, match=r"text: was changed or replaced while it was read, found after line \d+; run it again"
    ):
        list(stream)


def test_a_file_that_is_replaced_before_it_is_read_is_not_the_one_that_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("one\ntwo\n")
    lines = Lines(TextInput(str(path)))
    path.write_text("one\n")
    with pytest.raises(InputError, match="changed or replaced"):
        list(lines)
