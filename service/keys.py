"""API keys: made by `nmt keys create`, shown once, and kept as hashes.

A key is `nmt_PREFIX_SECRET`. The prefix is no secret: it finds the one hash to compare with.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from nmt.errors import ConfigurationError

from .state import State

_KEY = re.compile(r"nmt_([0-9a-f]{10})_[0-9a-f]{40}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    prefix TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    created TEXT NOT NULL,
    revoked TEXT,
    per_minute INTEGER,
    per_day INTEGER,
    documents_per_day INTEGER
);
"""
_COLUMNS = "number, prefix, name, created, revoked, per_minute, per_day, documents_per_day"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    number: int
    prefix: str
    name: str
    created: str
    """When, in ISO 8601, in UTC."""
    revoked: str | None
    per_minute: int | None
    """Characters; None where the settings of the service say it."""
    per_day: int | None
    documents_per_day: int | None


class Keys:
    """May be used by several threads at a time, and by several processes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._hasher = PasswordHasher()
        self._hashing = threading.Lock()
        # Digests of the keys that argon2 has found right in this process, by number: each key costs it once.
        self._right: dict[int, bytes] = {}
        self._salt = secrets.token_bytes(32)
        state.create(_SCHEMA)
        state.add_column("keys", "documents_per_day INTEGER")

    def create(
        self,
        name: str,
        *,
        per_minute: int | None = None,
        per_day: int | None = None,
        documents_per_day: int | None = None,
    ) -> str:
        """A new key. It cannot be had again."""
        prefix = secrets.token_hex(5)
        key = f"nmt_{prefix}_{secrets.token_hex(20)}"
        row = (prefix, name, self._hasher.hash(key), _now(), per_minute, per_day, documents_per_day)
        with self._state.transaction() as database:
            database.execute(
                "INSERT INTO keys (prefix, name, hash, created, per_minute, per_day, documents_per_day) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return key

    def list(self) -> Sequence[ApiKey]:
        """All of them, the oldest first, with those that are revoked."""
        with self._state.transaction() as database:
            return [ApiKey(*row) for row in database.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY number")]

    def revoke(self, prefix: str) -> ApiKey:
        """Refuse a key from now on. Raises ConfigurationError where no key in use has this prefix."""
        prefix = prefix.removeprefix("nmt_").partition("_")[0]
        with self._state.transaction() as database:
            row = database.execute(
                f"UPDATE keys SET revoked = ? WHERE prefix = ? AND revoked IS NULL RETURNING {_COLUMNS}", (_now(), prefix)
            ).fetchone()
            if row is None:
                raise ConfigurationError(f"no key in use has the prefix {prefix!r}; `nmt keys list` shows them")
            return ApiKey(*row)

    def find(self, key: str) -> ApiKey | None:
        """The key that `key` is; None where it is none, or is revoked."""
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        with self._state.transaction() as database:
            query = f"SELECT hash, {_COLUMNS} FROM keys WHERE prefix = ? AND revoked IS NULL"
            row = database.execute(query, (match[1],)).fetchone()
        if row is None:
            return None
        found = ApiKey(*row[1:])
        return found if self._is_right(key, found.number, row[0]) else None

    def _is_right(self, key: str, number: int, hashed: str) -> bool:
        digest = hmac.digest(self._salt, key.encode(), hashlib.sha256)
        if (right := self._right.get(number)) is not None:
            return hmac.compare_digest(right, digest)
        with self._hashing:  # one at a time: whoever guesses takes no more than a core
            try:
                self._hasher.verify(hashed, key)
            except (Argon2Error, InvalidHashError):
                return False
        self._right[number] = digest
        return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
