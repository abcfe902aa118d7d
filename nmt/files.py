"""Files that are either whole or not there: written under a temporary name, flushed to disk, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_COMPLETE = ".complete.new"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; when the block ends well the file written there takes its place.

    When it does not, or the disk is full, the temporary file is removed and whatever was at `path` stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_all(folder: Path, names: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Yields a temporary path for each of `names`; when the block ends well all of them take their places in `folder`.

    When it does not, none does. What a kill leaves half done is completed by the next call, or by `settle`.
    """
    _complete(folder)
    work = folder / f".{os.getpid()}.new"
    work.mkdir()
    try:
        yield {name: work / name for name in names}
        for name in names:
            _flush(work / name)
        work.rename(folder / _COMPLETE)  # the moment from which on they are the files of the folder
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _complete(folder)


def settle(folder: Path) -> None:
    """Complete what a kill left half done, and remove what it left unfinished; nobody else may be writing there."""
    _complete(folder)
    for path in folder.glob(".*.new"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _flush(path: Path) -> None:
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _complete(folder: Path) -> None:
    complete = folder / _COMPLETE
    if complete.is_dir():
        for path in complete.iterdir():
            path.replace(folder / path.name)
        complete.rmdir()
