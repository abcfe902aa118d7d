"""Glossaries that clients keep in the service: each has a name and dictionaries, one for each pair of languages."""

from __future__ import annotations

import sqlite3
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from nmt.translate.glossary import Glossary

from .errors import Pair, UnknownGlossary
from .state import State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS glossaries (id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dictionaries (
    number INTEGER PRIMARY KEY,
    glossary TEXT NOT NULL REFERENCES glossaries (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    size INTEGER NOT NULL,
    entries TEXT NOT NULL,
    UNIQUE (glossary, source, target)
);
"""
_READY = 1 << 20
"""Characters of all dictionaries that are kept ready for use. A million of them take two seconds and a hundred megabytes."""
_OVERHEAD = 1_000
"""Characters that a dictionary counts for besides its own."""


@dataclass(frozen=True, slots=True)
class StoredGlossary:
    """A glossary without its entries."""

    id: str
    name: str
    created: str
    """When, in ISO 8601, in UTC."""
    sizes: Mapping[Pair, int]
    """Entries of each dictionary, by base languages, in the order in which they were added."""


class Glossaries:
    """May be used by several threads at a time."""

    def __init__(self, state: State) -> None:
        self._state, self._ready = state, _Ready()
        state.create(_SCHEMA)

    def create(self, name: str, dictionaries: Mapping[Pair, Glossary]) -> StoredGlossary:
        """Store a glossary under a new identifier."""
        identifier = str(uuid.uuid4())
        created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._state.transaction() as database:
            database.execute("INSERT INTO glossaries VALUES (?, ?, ?)", (identifier, name, created))
            for pair, dictionary in dictionaries.items():
                _put(database, identifier, pair, dictionary)
            return _find(database, identifier)

    def list(self) -> Sequence[StoredGlossary]:
        """All of them, the oldest first."""
        with self._state.transaction() as database:
            found = database.execute("SELECT id FROM glossaries ORDER BY created, rowid").fetchall()
            return [_find(database, identifier) for (identifier,) in found]

    def find(self, identifier: str) -> StoredGlossary:
        """Raises UnknownGlossary."""
        with self._state.transaction() as database:
            return _find(database, identifier)

    def put(self, identifier: str, pair: Pair, dictionary: Glossary) -> None:
        """Add a dictionary, or replace the one for its pair. Raises UnknownGlossary."""
        with self._state.transaction() as database:
            _find(database, identifier)
            _put(database, identifier, pair, dictionary)

    def change(self, identifier: str, dictionaries: Mapping[Pair, Glossary], *, name: str | None = None) -> StoredGlossary:
        """Rename a glossary where there is a `name`, and add entries to its dictionaries, all or nothing.

        Entries of the same term are replaced. Raises UnknownGlossary.
        """
        with self._state.transaction() as database:
            before = _find(database, identifier)
            if name is not None:
                database.execute("UPDATE glossaries SET name = ? WHERE id = ?", (name, identifier))
            for pair, dictionary in dictionaries.items():
                known = [parsed(_stored(database, identifier, pair), pair)] if pair in before.sizes else []
                _put(database, identifier, pair, combined([dictionary, *known]))
            return _find(database, identifier)

    def remove(self, identifier: str, pair: Pair) -> None:
        """Remove the dictionary for a pair. Raises UnknownGlossary."""
        with self._state.transaction() as database:
            _stored(database, identifier, pair)
            where = "glossary = ? AND source = ? AND target = ?"
            database.execute(f"DELETE FROM dictionaries WHERE {where}", (identifier, *pair))

    def delete(self, identifier: str) -> None:
        """Raises UnknownGlossary."""
        with self._state.transaction() as database:
            _find(database, identifier)
            database.execute("DELETE FROM glossaries WHERE id = ?", (identifier,))

    def dictionary(self, identifier: str, pair: Pair) -> Glossary:
        """The dictionary of a glossary for a pair. Raises UnknownGlossary."""
        return parsed(self._entries([identifier], pair)[0], pair)

    def ready(self, identifiers: Sequence[str], pair: Pair) -> Glossary:
        """The dictionaries of glossaries for a pair, combined, ready for a search. Raises UnknownGlossary."""
        once = list(dict.fromkeys(identifiers))  # one that is named again would be taken apart again
        return self._ready.get(self._entries(once, pair), pair)

    def _entries(self, identifiers: Sequence[str], pair: Pair) -> tuple[str, ...]:
        # They are taken apart once others may use the state again.
        with self._state.transaction() as database:
            return tuple(_stored(database, identifier, pair) for identifier in identifiers)


class _Place:
    """Of a glossary that is ready, or will be soon."""

    def __init__(self) -> None:
        self._glossary: Glossary | None = None
        self._lock = Lock()  # several that come at once make one

    def get(self, entries: tuple[str, ...], pair: Pair) -> Glossary:
        with self._lock:
            if self._glossary is None:
                self._glossary = combined([parsed(one, pair) for one in entries])
                self._glossary.prepare()
            return self._glossary


class _Ready:
    """Dictionaries that were used last, of so many characters together."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[tuple[str, ...], Pair], _Place] = OrderedDict()
        self._characters = 0
        self._lock = Lock()  # held for a moment only: while one is made, others can be had

    def get(self, entries: tuple[str, ...], pair: Pair) -> Glossary:
        """The entries of dictionaries, combined and made ready."""
        key = entries, pair
        with self._lock:
            place = self._kept.pop(key, None)
            if place is None:
                place = _Place()
                self._characters += _size(key)
            self._kept[key] = place
            while self._characters > _READY:
                oldest, _ = self._kept.popitem(last=False)
                self._characters -= _size(oldest)
        return place.get(entries, pair)


def _size(key: tuple[tuple[str, ...], Pair]) -> int:
    return _OVERHEAD + sum(map(len, key[0]))


def combined(dictionaries: Sequence[Glossary]) -> Glossary:
    """The entries of several dictionaries for one pair; of a term that several have, the first counts."""
    first, *others = dictionaries
    if not others:
        return first
    targets = {entry.source: entry for dictionary in reversed(dictionaries) for entry in reversed(dictionary.entries)}
    return Glossary(tuple(targets.values()), source_language=first.source_language, target_language=first.target_language)


def _find(database: sqlite3.Connection, identifier: str) -> StoredGlossary:
    row = database.execute("SELECT name, created FROM glossaries WHERE id = ?", (identifier,)).fetchone()
    if row is None:
        raise UnknownGlossary(identifier)
    query = "SELECT source, target, size FROM dictionaries WHERE glossary = ? ORDER BY number"
    sizes = {(source, target): size for source, target, size in database.execute(query, (identifier,))}
    return StoredGlossary(id=identifier, name=row[0], created=row[1], sizes=sizes)


def _put(database: sqlite3.Connection, identifier: str, pair: Pair, dictionary: Glossary) -> None:
    database.execute(
        "INSERT INTO dictionaries (glossary, source, target, size, entries) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET size = excluded.size, entries = excluded.entries",
        (identifier, *pair, len(dictionary.entries), dictionary.text("tsv")),
    )


def _stored(database: sqlite3.Connection, identifier: str, pair: Pair) -> str:
    query = "SELECT entries FROM dictionaries WHERE glossary = ? AND source = ? AND target = ?"
    row = database.execute(query, (identifier, *pair)).fetchone()
    if row is None:
        _find(database, identifier)
        raise UnknownGlossary(identifier, pair)
    return str(row[0])


def parsed(entries: str, pair: Pair) -> Glossary:
    """A dictionary that the state has kept as TSV, for these base languages; one of them may be empty, for any."""
    # With its languages, an entry such as "de" -> "en" is not taken for a header.
    return Glossary.parse(entries, "tsv", source_language=pair[0], target_language=pair[1])
