"""Bodies of requests: what one may have of bytes and of time, and what all have together.

A long body is bounded in three ways beside its own limits: all that are held have so many bytes together; no client has more
of these than it leaves to others; and they are read one after the other, so that others are served in between.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .clients import CLIENT, Client
from .errors import BodyTooLarge, BodyTooSlow, PackedBody, ServiceError, TooManyBytes
from .wire.format import WireFormats

BODY_GRACE = 10.0
"""Seconds that any body may take, ..."""
SLOWEST_BODY = 1_000
"""... and bytes of a longer one that arrive each second besides, at the least."""
BRIEF = 1 << 16
"""Bytes of a body that is always taken, and read in a few milliseconds."""
MOST_HELD = 64 << 20
"""Bytes of all bodies that are not answered yet; above it only brief ones are taken. It is never less than ..."""
LONGEST_HELD = 4
"""... this many of the longest that may be sent."""
PAUSE = 0.02
"""Seconds between two long bodies that are read: one of a megabyte takes some fifty milliseconds, in which nobody else is
served."""


class Bodies:
    """The bodies that are held, of at most so many bytes together."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()  # bytes, by the name of the client
        self._turn = asyncio.Lock()

    def add(self, client: Client, size: int, *, whole: int) -> None:
        """Count `size` bytes more of a body that has `whole` by now.

        A client has no more than it leaves to others (Choudhury and Hahne 1998). Raises TooManyBytes.
        """
        self._held[client.name] += size
        held = self._held.total()
        if whole > BRIEF and self._held[client.name] > self._most - held:
            raise TooManyBytes(held=held)

    def remove(self, client: Client, size: int) -> None:
        self._held[client.name] -= size
        if not self._held[client.name]:
            del self._held[client.name]

    async def turn(self) -> None:
        """Return when a long body may be read."""
        async with self._turn:
            await asyncio.sleep(PAUSE)


class BodyLimit:
    """Counts a body while it arrives, whatever Content-Length says, and refuses one that is too long or too slow.

    Its wire format has the limit of bytes; `seconds` is the limit of time, and SLOWEST_BODY that of its rate. It is refused,
    too, where all bodies together are too long, and where it is packed: nobody knows how long it would be.
    """

    def __init__(self, app: ASGIApp, *, formats: WireFormats, seconds: float) -> None:
        self._app, self._formats, self._seconds = app, formats, seconds
        longest = max(max(each.max_body_bytes, each.max_upload_bytes) for each in formats)
        self._bodies = Bodies(most=max(MOST_HELD, LONGEST_HELD * longest))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = asyncio.get_running_loop().time()
        deadline = began + self._seconds
        limit = self._formats.of(scope["path"]).body_limit(scope["path"])
        body = _Body(receive, send, self._bodies, limit=limit, deadline=deadline)
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        body.is_expected = declared not in ("", "0") or "transfer-encoding" in headers
        body.waits = headers.get("expect", "").lower() == "100-continue"
        if declared.isdecimal() and int(declared[:20]) > body.limit:
            await body.discard({"more_body": True})
            await self._formats.answer(scope["path"], BodyTooLarge(body.limit))(scope, receive, body.closing_send)
            return
        encoding = headers.get("content-encoding", "").strip().lower()
        if body.is_expected and encoding not in ("", "identity"):
            await self._formats.answer(scope["path"], PackedBody(encoding))(scope, receive, body.send)
            body.forget()
            return

        async def limited_receive() -> Message:
            try:
                return await body.receive()
            except TimeoutError:
                raise BodyTooSlow(round(asyncio.get_running_loop().time() - began, 1)) from None

        try:
            await self._app(scope, limited_receive, body.send)
        finally:
            body.forget()


class _Body:
    """The body of one request, while it arrives."""

    def __init__(self, receive: Receive, send: Send, bodies: Bodies, *, limit: int, deadline: float) -> None:
        self._receive, self._send, self._bodies, self.limit, self._deadline = receive, send, bodies, limit, deadline
        self._client, self._received, self._began = CLIENT.get(), 0, asyncio.get_running_loop().time()
        self._arrived = self._refused = False
        self.is_expected = False
        """Whether the head of the request announces a body."""
        self.waits = False
        """Whether the client sends it only once it is asked for it, which the server does where it is first read."""

    async def receive(self) -> Message:
        """Raises BodyTooLarge, TooManyBytes, and TimeoutError at the deadline."""
        if self._arrived:
            return await self._receive()
        self._refused, self.waits = True, False  # refused unless all goes well
        slowest = self._began + BODY_GRACE + self._received / SLOWEST_BODY
        async with asyncio.timeout_at(min(self._deadline, slowest)):
            message = await self._receive()
        size = len(message.get("body", b""))
        self._received += size
        self._arrived = not message.get("more_body", False)
        try:
            self._bodies.add(self._client, size, whole=self._received)
            if self._received > self.limit:
                raise BodyTooLarge(self.limit)
        except ServiceError:
            await self.discard(message)
            raise
        if self._arrived and self._received > BRIEF:
            await self._bodies.turn()
        self._refused = False
        return message

    def forget(self) -> None:
        """The request is answered."""
        self._bodies.remove(self._client, self._received)

    async def discard(self, message: Message) -> bool:
        """Read on for twice as much as is allowed: a client that is cut off while it sends may never see the answer.

        Whether the body has ended after `message` or a later one.
        """
        if self.waits:  # it learns of the refusal before it sends anything
            return False
        discarded = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._deadline):
                while message.get("more_body", False) and discarded <= 2 * self.limit:
                    message = await self._receive()
                    discarded += len(message.get("body", b""))
        return not message.get("more_body", False)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.is_expected and not (self._arrived or self._refused):
            # Answered unread, as on an unknown path: what is left of it would be read for as long as it comes.
            self._deadline = min(self._deadline, self._began + BODY_GRACE)
            self._arrived = await self.discard({"more_body": True})
            self._refused = not self._arrived
        await (self.closing_send(message) if self._refused else self._send(message))

    async def closing_send(self, message: Message) -> None:
        """Send, and close the connection: nothing else tells a client that the rest of its body is not wanted."""
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await self._send(message)
