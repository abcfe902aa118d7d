"""Accounts: whom a request is charged to, by its key or its address, and the limits of each."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from nmt.errors import ConfigurationError

from .errors import KeyMissing, KeyUnknown
from .keys import Keys
from .settings import Settings
from .state import State
from .usage import Allowance, Usage, Used

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

EVERYBODY = "everybody"
"""The name of all clients without a key, where there is no limit for each."""
_IPV6_NETWORK = 64
"""Bits of an address that one client has."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS salts (name TEXT PRIMARY KEY, salt BLOB NOT NULL);"


@dataclass(frozen=True, slots=True)
class Account:
    """A name under which characters are counted, and how many may be. It tells nobody's key or address."""

    name: str
    allowance: Allowance


class Access:
    """Tells clients apart, and counts what each has translated."""

    def __init__(self, settings: Settings, state: State) -> None:
        """Raises ConfigurationError where a key is required and none can be kept."""
        if settings.require_key and settings.state is None:
            raise ConfigurationError(
                "NMT_REQUIRE_KEY is set without NMT_STATE, the folder in which `nmt keys create` keeps keys"
            )
        self._settings = settings
        self._keys, self._usage = Keys(state), Usage(state)
        self._allowance = Allowance(
            per_minute=settings.characters_per_minute,
            per_day=settings.characters_per_day,
            documents_per_day=settings.documents_per_day,
            all_documents_per_day=settings.all_documents_per_day,
        )
        state.create(_SCHEMA)
        with state.transaction() as database:
            # Of all processes that share the state.
            database.execute("INSERT OR IGNORE INTO salts VALUES ('address', ?)", (secrets.token_bytes(32),))
            [(self._salt,)] = database.execute("SELECT salt FROM salts WHERE name = 'address'")

    @property
    def reads_keys(self) -> bool:
        """Whether a key makes any difference."""
        return self._settings.state is not None

    async def account(self, key: str | None, address: str) -> Account:
        """The account of a request. Raises KeyMissing and KeyUnknown where a key is required."""
        if key:
            found = await asyncio.to_thread(self._keys.find, key)
            if found is not None:
                own = {
                    "per_minute": found.per_minute,
                    "per_day": found.per_day,
                    "documents_per_day": found.documents_per_day,
                }
                given = {name: limit for name, limit in own.items() if limit is not None}
                return Account(key_account(found.prefix), replace(self._allowance, **given))
        if self._settings.require_key:
            raise KeyUnknown if key else KeyMissing
        if self._allowance == Allowance():
            return Account(EVERYBODY, self._allowance)
        digest = hmac.digest(self._salt, _network(address).encode(), hashlib.sha256).hex()
        return Account(f"address {digest[:32]}", self._allowance)

    def meter(self, account: Account) -> Meter:
        return Meter(account, self._usage)


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts the characters of one account."""

    account: Account
    usage: Usage

    async def used(self) -> Used:
        """All that was counted today."""
        return await self.usage.state.run(self.usage.used, self.account.name)


METER: ContextVar[Meter | None] = ContextVar("METER", default=None)
"""Of the request at hand; None for work of the service's own, such as a document that was counted when it came."""


@asynccontextmanager
async def charged(characters: int, *, documents: int = 0) -> AsyncIterator[None]:
    """Count what the client of this request has translated, and take it back where it gets an error after all.

    Raises MoreThanAllowed, TooFast, QuotaExceeded.
    """
    meter = METER.get()
    if meter is None or not (characters or documents):
        yield
        return
    usage, account = meter.usage, meter.account
    now = time.time()
    await usage.state.run(usage.charge, account.name, characters, account.allowance, documents=documents, now=now)
    try:
        yield
    except Exception:  # not of a client who has left: its text may have been translated
        await usage.state.run(usage.refund, account.name, characters, documents=documents, now=now)
        raise


def metered(
    translate: Callable[Concatenate[S, Sequence[str], P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, Sequence[str], P], Coroutine[Any, Any, T]]:
    """A method whose first argument is texts, which are counted for the client of the request."""

    @wraps(translate)
    async def counted(self: S, texts: Sequence[str], /, *args: P.args, **named: P.kwargs) -> T:
        async with charged(sum(map(len, texts))):
            return await translate(self, texts, *args, **named)

    return counted


def key_account(prefix: str) -> str:
    """The name under which the characters of a key are counted."""
    return f"key {prefix}"


def _network(address: str) -> str:
    """The address of a client, or the network that is its own."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), _IPV6_NETWORK), strict=False))
