"""What DeepL's test suite asks of its mock server in request headers, as a layer around the service.

It can be told not to answer, to answer 429, to let documents wait, and to ask for a proxy; and it knows one key that is
invalid. What concerns accounts (limits of characters and documents) is not here: the service has no accounts.
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

from service.documents import DocumentJob, DocumentOrder, Documents, Receipt
from service.errors import ServiceError

PREFIX = "mock-server-session"
DELAYS: ContextVar[tuple[float, float]] = ContextVar("DELAYS", default=(0.0, 0.0))
"""Seconds that the document of this request waits in the queue, and that its translation takes besides."""


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
            await self._app(scope, receive, send)

    def _is_due(self, headers: Headers, name: str) -> bool:
        key = headers.get(PREFIX, ""), name
        if self._used[key] >= int(headers.get(f"{PREFIX}-{name}", "0")):
            return False
        self._used[key] += 1
        return True
