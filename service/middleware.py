"""Layers around every request, as plain ASGI: a layer that hides `receive` would also hide a client that hangs up."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import traceback
import uuid
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .clients import CLIENT, Client
from .errors import Broken
from .metrics import Metrics
from .wire.format import WireFormats

logger = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_ENCODED = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]

REQUEST_ID = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}")

_SLASHES = re.compile("//+")

CLIENT_CLOSED_REQUEST = 499  # nginx's number, for logs and metrics only: there is nobody left to read it


class Head:
    """Answers HEAD on every route of GET: the same status and headers, Content-Length included, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # a copy: the server reads in its own that it leaves the body out
        await self._app(scope, receive, send)


class RootPath:
    """Takes requests below the path that the service has at a proxy, whether or not the proxy leaves that path out.

    A slash too many does no harm: many clients put `/translate` after an address that ends in one, and few would send a text
    again to where they are redirected. `root` is that path; where it is None, a server of ASGI may tell it (`uvicorn
    --root-path`).
    """

    def __init__(self, app: ASGIApp, *, root: str | None) -> None:
        self._app, self._root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            root, path = (self._root or scope.get("root_path", "")).rstrip("/"), _SLASHES.sub("/", scope["path"])
            if path == root or path.startswith(f"{root}/"):
                path = path.removeprefix(root)
            path = path.rstrip("/") or "/"
            # Whoever needs the address of the service has it from `request.base_url`; all else is as without a proxy.
            scope = {**scope, "path": path, "root_path": "", "app_root_path": root}
        await self._app(scope, receive, send)


class Observation:
    """Times and counts requests, logs a line for each, and answers in the request's wire format where something broke.

    Each has an identifier, its own where it brings a good one, which is in the log and in the answer.
    Neither log nor metrics hold the path as it was sent, an address, or any of a user's text.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, formats: WireFormats) -> None:
        self._app, self._metrics, self._formats = app, metrics, formats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        given = Headers(scope=scope).get(REQUEST_ID, "")
        identifier = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = identifier
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except Exception as error:
            fields = {"error": type(error).__name__, "at": _where(error), "request": identifier}
            logger.error("error=%s at %s request=%s", *fields.values(), extra={"fields": fields})
            if not status:
                await self._formats.answer(scope["path"], Broken())(scope, receive, observed_send)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - began
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(seconds)
            request = {"route": route, "status": status, "seconds": round(seconds, 3), "request": identifier}
            logger.info("route=%s status=%d seconds=%.3f request=%s", *request.values(), extra={"fields": request})


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
                message["headers"] = [*message["headers"], *_ENCODED]  # no route has any of them itself
            await send(message)

        await self._app(scope, receive, secured_send)


class Clients:
    """Tells the scheduler whose each request is: by the address from which it came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            CLIENT.set(Client(scope["client"][0]))
        await self._app(scope, receive, send)


class HangUp:
    """Ends the work on a request whose client has left, which frees its place in the queue."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = _Client(receive, send)
        working = asyncio.current_task()
        assert working is not None
        leaving = asyncio.create_task(client.left())
        leaving.add_done_callback(lambda _: working.cancel() if client.has_left and not client.is_answered else None)
        try:
            await self._app(scope, client.receive, client.send)
        except asyncio.CancelledError:
            if not client.has_left or working.uncancel():  # the service ends, with or without the client
                raise
        finally:
            leaving.cancel()
        if not client.is_answered:
            await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)


class _Client:
    """The other end of one request. After its body, the only news of it is that it leaves."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._arrived, self._left = asyncio.Event(), asyncio.Event()
        self.is_answered = False

    @property
    def has_left(self) -> bool:
        return self._left.is_set()

    async def receive(self) -> Message:
        if self._arrived.is_set():
            await self._left.wait()
            return {"type": "http.disconnect"}
        message = await self._next()
        if self.has_left and not self.is_answered:
            await asyncio.Event().wait()  # in the middle of its body: the work is ended here, and nobody reads of a mistake
        return message

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._left.set()
        if not message.get("more_body", False):
            self._arrived.set()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.is_answered = True
        await self._send(message)

    async def left(self) -> None:
        """Return when the client has left."""
        await self._arrived.wait()
        while not self.has_left:
            await self._next()
