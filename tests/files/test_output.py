"""Outputs that look like what they replace, are packed as they are called, and may be pipes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import threading
from pathlib import Path

import pytest
from support.streams import stream
from xopen import xopen

from nmt.errors import ConfigurationError, InputError, OfflineError
from nmt.files.atomic import replacing_all
from nmt.files.output import journal_path, open_output
from nmt.files.places import TextInput, TextOutput


def write(name: object, *texts: str) -> None:
    with open_output(TextOutput(str(name)), inputs=[]) as file:
        for text in texts:
            file.write(text)


UNPACK = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress}


@pytest.mark.parametrize("suffix", ["gz", "GZ", "bz2", "xz", "zst"])
@pytest.mark.parametrize("texts", [(), ("ä\n",), ("ä\n", "b\n" * 10_000)])
def test_a_file_is_packed_as_its_suffix_says(tmp_path: Path, suffix: str, texts: tuple[str, ...]) -> None:
    path = tmp_path / f"text.{suffix}"
    write(path, *texts)
    packing = suffix.lower()
    if packing == "zst":
        with xopen(path, "rb", threads=0) as file:
            unpacked = file.read()
    else:
        unpacked = UNPACK[packing](path.read_bytes())
    assert unpacked.decode() == "".join(texts)


@pytest.mark.parametrize("name", ["text.zip", "text.tar", "text.tar.gz", "text.tgz", "text.7z"])
def test_an_archive_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot be written as \.\w+(\.gz)?; \.gz, \.xz"):
        write(tmp_path / name, "a\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_a_new_output_has_the_mode_of_the_old(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "text"
    path.write_text("old\n")
    path.chmod(mode)
    link = tmp_path / "link"
    link.symlink_to(path)
    with open_output(TextOutput(str(link)), inputs=[]) as file:
        [partial] = tmp_path.glob(".text.partial")
        assert stat.S_IMODE(partial.stat().st_mode) & 0o077 == 0  # nobody else reads what is being written
        file.write("new\n")
    assert path.read_text() == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert link.is_symlink()


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser may give files away")
def test_a_new_output_has_the_group_and_the_owner_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("old\n")
    os.chown(path, 12345, 23456)
    path.chmod(0o640)
    write(path, "new\n")
    assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (12345, 23456, 0o640)
    with replacing_all(tmp_path, ["text"]) as places:
        places["text"].write_text("newer\n")
    assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (12345, 23456, 0o640)


def test_a_group_that_is_lost_gives_no_other_its_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text"
    path.write_text("old\n")
    path.chmod(0o664)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    write(path, "new\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_new_file_has_the_mode_that_the_process_gives_files(tmp_path: Path) -> None:
    (tmp_path / "reference").touch()
    write(tmp_path / "text", "a\n")
    assert (tmp_path / "text").stat().st_mode == (tmp_path / "reference").stat().st_mode


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_a_redirected_standard_output_is_appended_to_and_not_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / "text"
    path.write_text("before\n")
    with stream(1, path, os.O_WRONLY | os.O_APPEND):
        write(name, "a\n", "b\n")
        os.write(1, b"after\n")
    assert path.read_text() == "before\na\nb\nafter\n"


@pytest.mark.parametrize("named", [True, False])
def test_a_pipe_has_each_text_at_once(tmp_path: Path, named: bool) -> None:
    read_end, write_end = os.pipe()
    path = f"/dev/fd/{write_end}"
    if named:
        os.mkfifo(path := str(tmp_path / "pipe"))
    held = threading.Event()

    def produce() -> None:
        with open_output(TextOutput(path), inputs=[]) as file:
            file.write("a\n")
            held.wait(60)

    producer = threading.Thread(target=produce)
    producer.start()
    end = os.open(path, os.O_RDONLY) if named else read_end
    assert os.read(end, 100) == b"a\n"
    held.set()
    producer.join()
    for number in {end, read_end, write_end}:
        os.close(number)


def test_an_output_is_never_an_input(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("old\n")
    refused = pytest.raises(ConfigurationError, match="are one file")
    with refused, open_output(TextOutput(str(path)), inputs=[TextInput(str(path))]):
        raise AssertionError("not reached")
    assert path.read_text() == "old\n"


def test_only_one_process_writes_an_output(tmp_path: Path) -> None:
    path = tmp_path / "text"
    with open_output(TextOutput(str(path)), inputs=[]) as file:
        with pytest.raises(OfflineError, match="text: another process is writing it; wait until it ends"):
            write(path, "second\n")
        file.write("first\n")
    assert path.read_text() == "first\n"
    assert [found.name for found in tmp_path.iterdir()] == ["text"]


def test_what_a_killed_process_leaves_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".text.partial").write_text("a long half of what was never finished\n")
    (tmp_path / ".text.partial.json").write_text("{}")
    write(tmp_path / "text", "a\n")
    assert (tmp_path / "text").read_text() == "a\n"
    assert [found.name for found in tmp_path.iterdir()] == ["text"]


@pytest.mark.parametrize("length", [237, 238, 255])
def test_an_output_may_have_the_longest_name(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("ä" + "n" * (length - 2))
    write(path, "a\n")
    assert path.read_text() == "a\n"
    assert journal_path(path) != journal_path(path.with_name("m" * length))
