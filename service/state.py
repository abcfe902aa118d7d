"""What the service keeps: one SQLite database, in a folder that several processes may share, or in memory."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from nmt.errors import ConfigurationError
from nmt.files.atomic import lock

DATABASE = "nmt.sqlite3"
VERSION = 1
"""Of the tables. A database of a later version is refused."""

_PRAGMAS = (
    "auto_vacuum = FULL",  # a file does not stay as large as its documents once were
    "journal_mode = WAL",  # whoever reads does not wait for whoever writes
    "synchronous = NORMAL",  # a killed process loses nothing; a machine without power loses the last moments
    "journal_size_limit = 0",
    "secure_delete = ON",  # text that is deleted is overwritten
    "foreign_keys = ON",
)


P = ParamSpec("P")
T = TypeVar("T")


class State:
    """May be used by several threads at a time."""

    def __init__(self, folder: Path | None) -> None:
        """Without a `folder` all is in memory, and ends with the process. Raises ConfigurationError."""
        self._folder = folder
        self._lock = threading.Lock()
        self._led: IO[bytes] | None = None
        try:
            self._database = _connected(folder)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ConfigurationError(
                f"{folder}: cannot keep the state of the service: {reason}; NMT_STATE should name a writable folder"
            ) from error

    def create(self, schema: str) -> None:
        """Make the tables of `schema`, each of which says IF NOT EXISTS."""
        with self._lock:
            self._database.executescript(schema)

    def add_column(self, table: str, column: str) -> None:
        """Give a table of an older database a column, such as "name TEXT", where it has none of that name."""
        with self.transaction() as database:
            known = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
            if column.split()[0] not in known:
                database.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is done within."""
        with self._lock:
            # What is read is still so when it is written: no other process writes meanwhile.
            self._database.execute("BEGIN IMMEDIATE")
            with self._database:  # commits, or rolls back
                yield self._database

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Run a few queries: at once in memory; in a thread where they may wait for a disk or for another process."""
        if self._folder is None:
            return work(*arguments, **named)
        return await asyncio.to_thread(work, *arguments, **named)

    def leads(self) -> bool:
        """Whether this process is the one, of those that share the folder, that works off what is kept there.

        The first that asks is it until it ends, in whatever way; then the next that asks. Raises OSError.
        """
        if self._folder is None or self._led is not None:
            return True
        file = (self._folder / "leader.lock").open("ab")
        if not lock(file):
            file.close()
            return False
        self._led = file
        return True

    def close(self) -> None:
        """Give up the lead, and close the database."""
        if self._led is not None:
            self._led.close()
            self._led = None
        with self._lock:
            self._database.close()


def _connected(folder: Path | None) -> sqlite3.Connection:
    if folder is None:
        return _opened(":memory:")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / DATABASE
    # Where two make a database at once, SQLite refuses one of them the change of its journal, without waiting.
    with (folder / "setup.lock").open("ab") as file:
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        path.touch(mode=0o600)  # keys and documents are nobody else's
        return _opened(path)


def _opened(path: Path | str) -> sqlite3.Connection:
    # Without a level of isolation, transactions begin and end where they are told to.
    database = sqlite3.connect(path, check_same_thread=False, timeout=30.0, isolation_level=None)
    for pragma in _PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    [(version,)] = database.execute("PRAGMA user_version")
    if version > VERSION:
        database.close()
        raise ConfigurationError(f"{path}: is of a later version of nmt ({version}, not {VERSION})")
    database.execute(f"PRAGMA user_version = {VERSION}")
    return database
