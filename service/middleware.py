"""What surrounds every request, as plain ASGI: wrappers that hide `receive` would also hide a client that hangs up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import traceback
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import error_response
from service.metrics import Metrics
from service.settings import Settings

logger = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Observation:
    """Times and counts requests, logs a line for each, and answers 500 in our own form where something broke.

    Neither log nor metrics hold the path as it was sent, an address, or any of a user's text.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except Exception as error:
            logger.error("error=%s at %s", type(error).__name__, _where(error))
            if not status:
                message = "something went wrong here; the service's log says where"
                await error_response(500, "internal_error", message)(scope, receive, observed_send)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - began
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(seconds)
            logger.info("route=%s status=%d seconds=%.3f", route, status, seconds)


def _where(error: Exception) -> str:
    # An exception's message, and so a formatted traceback, may quote what the user sent.
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def secured_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, secured_send)


class BodyLimit:
    """Counts a body while it arrives, whatever Content-Length says: 413 where it is too long, 408 where too slow."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app, self._limit, self._seconds = app, settings.max_body_bytes, settings.request_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received, arrived = 0, False
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def limited_receive() -> Message:
            nonlocal received, arrived
            if arrived:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise self._refusal(408, f"the body did not arrive within {self._seconds:g} s") from None
            received += len(message.get("body", b""))
            arrived = not message.get("more_body", False)
            if received > self._limit:
                await self._discard(receive, message, deadline)
                raise self._refusal(413, f"the body is longer than {self._limit:,} bytes")
            return message

        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._limit:
            refusal = self._refusal(413, f"the body is longer than {self._limit:,} bytes")
            await self._discard(receive, {"more_body": True}, deadline)
            await error_response(413, "content_too_large", refusal.detail, refusal.headers)(scope, receive, send)
            return
        await self._app(scope, limited_receive, send)

    async def _discard(self, receive: Receive, message: Message, deadline: float) -> None:
        """Read on for twice as much as is allowed: a client that is cut off while it sends may never see the answer."""
        discarded = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while message.get("more_body", False) and discarded <= 2 * self._limit:
                    message = await receive()
                    discarded += len(message.get("body", b""))

    @staticmethod
    def _refusal(status: int, message: str) -> HTTPException:
        # The rest of the body is not wanted, and only closing the connection says so.
        return HTTPException(status, message, {"Connection": "close"})
