"""What DeepL's test suite asks of its mock server in request headers, as a layer around the service.

It can be told not to answer, to answer 429, to let documents wait, and to ask for a proxy; it knows one key that is
invalid; and the first headers of a key with limits are what `nmt keys create` and the settings of a service are elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextvars import ContextVar
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import Access, Account
from service.documents import DocumentJob, DocumentOrder, Documents, Receipt
from service.errors import ServiceError
from service.usage import Allowance

PREFIX = "mock-server-session"
DELAYS: ContextVar[tuple[float, float]] = ContextVar("DELAYS", default=(0.0, 0.0))
"""Seconds that the document of this request waits in the queue, and that its translation takes besides."""

ACCOUNT: ContextVar[Account | None] = ContextVar("ACCOUNT", default=None)
"""Of this request, where its headers make one."""
LIMITS = {
    "per_day": "character",
    "documents_per_day": "document",
    "all_documents_per_day": "team-document",
}


def delay_documents() -> None:
    """Let documents wait as their requests say: all of them in the queue, and then each on its own."""
    submit, claim, translated = Documents.submit, Documents._next, Documents._translated
    translations: deque[float] = deque()
    held_until = 0.0

    async def delayed_submit(self: Documents, order: DocumentOrder, **named: Any) -> Receipt:
        nonlocal held_until
        queue, translation = DELAYS.get()
        held_until = max(held_until, time.monotonic() + queue)
        translations.append(translation)
        try:
            return await submit(self, order, **named)
        except ServiceError:
            translations.pop()
            raise

    async def delayed_claim(self: Documents) -> DocumentJob | None:
        while (wait := held_until - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        return await claim(self)

    async def delayed_translation(self: Documents, job: DocumentJob) -> bytes:
        await asyncio.sleep(translations.popleft())
        return await translated(self, job)

    Documents.submit, Documents._next = delayed_submit, delayed_claim  # type: ignore[method-assign]
    Documents._translated = delayed_translation  # type: ignore[method-assign]


def limit_accounts() -> None:
    """Give a request the account that its headers make, where they do. Each is the first one of a service."""
    usual, known = Access.account, set[str]()

    async def account(self: Access, key: str | None, address: str) -> Account:
        given = ACCOUNT.get()
        if given is None:
            return await usual(self, key, address)
        if given.name not in known:
            known.add(given.name)
            with self._usage.state.transaction() as database:
                database.execute("DELETE FROM document_usage")
        return given

    Access.account = account  # type: ignore[method-assign]


def account_of(headers: Headers) -> Account | None:
    """The account of a key whose headers give it limits; 0 is no limit."""
    limits = {field: int(headers.get(f"{PREFIX}-init-{name}-limit", "0")) or None for field, name in LIMITS.items()}
    return Account(headers.get("authorization", ""), Allowance(**limits)) if any(limits.values()) else None


class MockHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._used: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("authorization") == "DeepL-Auth-Key invalid":
            await JSONResponse({"message": "this key is not known"}, 403)(scope, receive, send)
        elif self._is_due(headers, "no-response-count"):
            await asyncio.sleep(60)
        elif scope["path"] == "/v2/translate" and self._is_due(headers, "429-count"):
            await JSONResponse({"message": "try again later"}, 429)(scope, receive, send)
        elif headers.get(f"{PREFIX}-expect-proxy") == "1" and "forwarded" not in headers:
            await JSONResponse({"message": "only by the proxy"}, 400)(scope, receive, send)
        else:
            queue, translation = (int(headers.get(f"{PREFIX}-doc-{name}-time", "0")) for name in ("queue", "translate"))
            DELAYS.set((queue / 1000, translation / 1000))
            ACCOUNT.set(account_of(headers))
            await self._app(scope, receive, send)

    def _is_due(self, headers: Headers, name: str) -> bool:
        key = headers.get(PREFIX, ""), name
        if self._used[key] >= int(headers.get(f"{PREFIX}-{name}", "0")):
            return False
        self._used[key] += 1
        return True
