"""Counts of the characters and documents that each client had translated, and the limits of these."""

from __future__ import annotations

import math
import sqlite3
import time
from dataclasses import dataclass

from .errors import MoreThanAllowed, QuotaExceeded, TooFast
from .state import State

MINUTE, DAY = 60, 86_400
"""Seconds. A day is one of UTC."""
_DAYS_KEPT = 62

_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (
    client TEXT NOT NULL,
    length INTEGER NOT NULL,
    number INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    PRIMARY KEY (client, length, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document_usage (
    client TEXT NOT NULL,
    day INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    PRIMARY KEY (client, day)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Characters for a minute and for a day, and documents for a day; None is without limit."""

    per_minute: int | None = None
    per_day: int | None = None
    documents_per_day: int | None = None
    all_documents_per_day: int | None = None
    """Of all clients together."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a client had translated since midnight, UTC."""

    characters: int
    documents: int
    all_documents: int
    """Of all clients together."""


class Usage:
    """May be used by several threads at a time, and by several processes."""

    def __init__(self, state: State) -> None:
        self.state = state
        state.create(_SCHEMA)

    def charge(self, client: str, characters: int, allowance: Allowance, *, documents: int = 0, now: float) -> None:
        """Count `characters` and `documents` of a client at `now`, in seconds since 1970.

        A minute slides: of the calendar minute before, that part counts which is less than a minute ago, as if its
        characters had come evenly. Raises MoreThanAllowed, TooFast, QuotaExceeded, and then nothing is counted.
        """
        with self.state.transaction() as database:
            if allowance.per_day is not None:
                _check_day(_count(database, client, DAY, now), characters, allowance.per_day, now)
            if allowance.per_minute is not None:
                before, current = (_count(database, client, MINUTE, moment) for moment in (now - MINUTE, now))
                _check_minute(before, current, characters, allowance.per_minute, now)
            if documents:
                _check_documents(database, client, documents, allowance, now)
            if not _count(database, client, MINUTE, now):
                _forget(database, now)
            for length in (MINUTE, DAY):
                _add(database, client, length, characters, now)
            _add_documents(database, client, documents, now)

    def refund(self, client: str, characters: int, *, documents: int = 0, now: float) -> None:
        """Take back what was counted at `now` for a request that was not answered."""
        with self.state.transaction() as database:
            for length in (MINUTE, DAY):
                _add(database, client, length, -characters, now)
            _add_documents(database, client, -documents, now)

    def used(self, client: str, *, now: float | None = None) -> Used:
        """All that is counted of a client since midnight, UTC."""
        now = time.time() if now is None else now
        with self.state.transaction() as database:
            return Used(
                characters=_count(database, client, DAY, now),
                documents=_documents(database, client, now),
                all_documents=_all_documents(database, now),
            )


def _check_day(used: int, characters: int, limit: int, now: float) -> None:
    if characters > limit:
        raise MoreThanAllowed(characters, limit, "day")
    if used + characters > limit:
        raise QuotaExceeded(limit, retry_after=_until_midnight(now))


def _check_documents(database: sqlite3.Connection, client: str, documents: int, allowance: Allowance, now: float) -> None:
    own, every = allowance.documents_per_day, allowance.all_documents_per_day
    if own is not None and _documents(database, client, now) + documents > own:
        raise QuotaExceeded(own, retry_after=_until_midnight(now), of="documents")
    if every is not None and _all_documents(database, now) + documents > every:
        raise QuotaExceeded(every, retry_after=_until_midnight(now), of="documents of all clients")


def _until_midnight(now: float) -> int:
    """Seconds, UTC."""
    return math.ceil(DAY - now % DAY)


def _check_minute(before: int, current: int, characters: int, limit: int, now: float) -> None:
    if characters > limit:
        raise MoreThanAllowed(characters, limit, "minute")
    passed = now % MINUTE
    if before * (1 - passed / MINUTE) + current + characters <= limit:
        return
    if current + characters <= limit:  # once enough of the minute before is more than a minute ago
        wait = MINUTE * (1 - (limit - current - characters) / before) - passed
    else:  # once this minute is the one before
        wait = MINUTE - passed + MINUTE * (1 - (limit - characters) / current)
    raise TooFast(limit, retry_after=max(1, math.ceil(wait)))


def _count(database: sqlite3.Connection, client: str, length: int, now: float) -> int:
    query = "SELECT characters FROM usage WHERE client = ? AND length = ? AND number = ?"
    row = database.execute(query, (client, length, int(now // length))).fetchone()
    return 0 if row is None else int(row[0])


def _add(database: sqlite3.Connection, client: str, length: int, characters: int, now: float) -> None:
    database.execute(
        "INSERT INTO usage VALUES (?, ?, ?, MAX(0, ?)) ON CONFLICT DO UPDATE SET characters = MAX(0, characters + ?)",
        (client, length, int(now // length), characters, characters),
    )


def _documents(database: sqlite3.Connection, client: str, now: float) -> int:
    query = "SELECT documents FROM document_usage WHERE client = ? AND day = ?"
    row = database.execute(query, (client, int(now // DAY))).fetchone()
    return 0 if row is None else int(row[0])


def _all_documents(database: sqlite3.Connection, now: float) -> int:
    [(documents,)] = database.execute("SELECT TOTAL(documents) FROM document_usage WHERE day = ?", (int(now // DAY),))
    return int(documents)


def _add_documents(database: sqlite3.Connection, client: str, documents: int, now: float) -> None:
    if documents:
        database.execute(
            "INSERT INTO document_usage VALUES (?, ?, MAX(0, ?)) "
            "ON CONFLICT DO UPDATE SET documents = MAX(0, documents + ?)",
            (client, int(now // DAY), documents, documents),
        )


def _forget(database: sqlite3.Connection, now: float) -> None:
    for length, kept in ((MINUTE, 2), (DAY, _DAYS_KEPT)):
        database.execute("DELETE FROM usage WHERE length = ? AND number < ?", (length, int(now // length) - kept))
    database.execute("DELETE FROM document_usage WHERE day < ?", (int(now // DAY) - _DAYS_KEPT,))
