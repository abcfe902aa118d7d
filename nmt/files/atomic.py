"""Files that are either whole or not there: written under a temporary name, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from nmt.errors import NmtError

T = TypeVar("T")
_COMPLETE = ".complete.new"
_WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; when the block ends well the file written there takes its place.

    It gets the mode and the group of the file that it replaces. When the block does not end well, or the disk is full, the
    temporary file is removed and whatever was at `path` stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield temporary
        keep_attributes(temporary, of=path)
        _flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_all(folder: Path, names: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Yields a temporary path for each of `names`; when the block ends well all of them take their places in `folder`.

    When it does not, none does. The next call, or `settle`, completes the moves that a kill leaves half done; until then
    `current` finds each file.
    """
    _complete(folder)
    work = folder / f".{os.getpid()}.new"
    work.mkdir()
    try:
        yield {name: work / name for name in names}
        for name in names:
            keep_attributes(work / name, of=folder / name)
            _flush(work / name)
        work.rename(folder / _COMPLETE)  # the moment from which on they are the files of the folder
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _complete(folder)


def keep_attributes(new: Path, *, of: Path) -> None:
    """Give `new` the mode and the group of the file that it is to replace, and its owner where this process may."""
    try:
        old = of.stat()
    except FileNotFoundError:
        return
    mode = stat.S_IMODE(old.st_mode)
    for owner in (old.st_uid, -1):
        with suppress(OSError):
            os.chown(new, owner, old.st_gid)
            break
    else:  # another group than before may do no more than everybody may
        mode = mode & ~0o070 | (mode >> 3 & mode & 0o007) << 3
    with suppress(OSError):  # some file systems have no modes
        new.chmod(mode)


def lock(file: IO[bytes]) -> bool:
    """Hold `file` against other processes until it is closed or this one dies; False if another holds it.

    On a file system that has no locks (some that are mounted over a network) it is taken for granted that none does.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
    return True


def settle(folder: Path) -> None:
    """Complete the moves that a kill left half done, and remove unfinished files; nobody else may be writing there."""
    _complete(folder)
    for path in folder.glob(".*.new"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def current(folder: Path, name: str) -> Path:
    """The place of a file that `replacing_all` writes. One that a kill has left between two places is valid already."""
    complete = folder / _COMPLETE / name
    return complete if complete.exists() else folder / name


def unchanged(folder: Path, read: Callable[[], T]) -> T:
    """The result of `read`, which finds its files by `current`, from files that no other process replaced meanwhile.

    Where one was replaced, `read` is called again, whether it failed or not, until nobody writes faster than it reads.
    """
    while True:
        before = _state(folder)
        try:
            result = read()
        except (NmtError, OSError):
            if _state(folder) == before:
                raise
        else:
            if _state(folder) == before:
                return result


def _state(folder: Path) -> set[tuple[str, int, int]]:
    """The files in `folder`. The state differs whenever a file has come, gone or moved."""
    found = set()
    for place in (folder, folder / _COMPLETE):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(place) as entries:
            found |= {(entry.path, entry.inode(), entry.stat().st_mtime_ns) for entry in entries if entry.is_file()}
    return found


def _flush(path: Path) -> None:
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _complete(folder: Path) -> None:
    complete = folder / _COMPLETE
    if complete.is_dir():
        for path in complete.iterdir():
            path.replace(folder / path.name)
        complete.rmdir()
