"""Files that are whole or not there, and that only one process writes."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nmt.files.atomic import lock, replacing

HOLDS = """
import sys
from nmt.files.atomic import lock

file = open(sys.argv[1], "wb")
print(lock(file), flush=True)
sys.stdin.read()
"""


def test_one_process_at_a_time_holds_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        with path.open("wb") as file:
            assert not lock(file)
        other.kill()
    with path.open("wb") as file:
        assert lock(file)


def test_what_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(("error", "taken"), [(errno.ENOLCK, True), (errno.EIO, False)])
def test_where_there_are_no_locks_nobody_is_kept_out(
    error: int, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (tmp_path / "lock").open("wb") as file:
        if taken:
            assert lock(file)
        else:
            with pytest.raises(OSError, match=os.strerror(error)):
                lock(file)
