"""Connections, and what one of them may take of the service: time to say what it wants, space for what it does not read.

uvicorn limits what one request may be, and closes a connection that is idle after a request. A client that never says what
it wants, that says it byte by byte, or that does not read its answer, costs it a connection for ever.
"""

from __future__ import annotations

import asyncio
import logging
import select
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

logger = logging.getLogger(__name__)

HEAD_SECONDS = 10.0
"""Until the head of a request is complete."""
SLOWEST_READER = 1_000
"""Bytes of an answer that a client must read each second, on average of ..."""
READER_SECONDS = 10.0
"""... this time."""
MOST_UNREAD = 64 << 20
"""Bytes of all answers that are not read yet. Above it, the connection with most of them is closed."""
FREE_CHUNKS = 500
"""Pieces in which a body may come, however small they are; more of them ..."""
CHUNK_BYTES = 256
"""... have so many bytes on average. To take a piece apart takes as long as to read a few thousand bytes."""
_SLICE = 4096  # bytes that are taken apart before it is seen whether the client was refused
_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connections:
    """All connections of a server, at the most `most`.

    A new one takes the place of the one that has been idle longest, but of none whose request is there and not read yet.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._open: dict[Connection, None] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if len(self._open) >= self._most:
            idle = min(self._silent(), key=lambda one: one.idle_since, default=None)
            if idle is None:
                return False
            idle.transport.close()
            self.remove(idle)
        self._open[connection] = None
        if self._sweeping is None:
            self._sweep()
        return True

    def remove(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def _silent(self) -> list[Connection]:
        """Those that are idle and have sent nothing that is not read yet; under load a request may lie there for a while."""
        idle = {one.descriptor: one for one in self._open if one.is_idle}
        news = select.poll()
        for descriptor in idle:
            news.register(descriptor, select.POLLIN)
        for descriptor, _ in news.poll(0):
            del idle[descriptor]
        return list(idle.values())

    def _sweep(self) -> None:
        """Once a second: close what takes too long."""
        self._sweeping = None
        now, unread = time.monotonic(), 0
        for connection in list(self._open):
            connection.check(now)
            unread += connection.unread
        while unread > MOST_UNREAD:
            worst = max(self._open, key=lambda one: one.unread)
            unread -= worst.unread
            worst.transport.abort()
            self.remove(worst)
        if self._open:
            self._sweeping = asyncio.get_running_loop().call_later(1.0, self._sweep)


class Connection(H11Protocol):
    """A connection of uvicorn that has limits of time and rate."""

    def __init__(self, all_of_them: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._all = all_of_them
        self.conn = HttpState(h11.SERVER, self.config.h11_max_incomplete_event_size or 1 << 16)
        self.idle_since = time.monotonic()
        self._unread_since: tuple[float, int] | None = None  # when it was measured, and how many bytes there were then

    @property
    def is_idle(self) -> bool:
        """Whether it has no request whose head is complete and whose answer is not written yet."""
        return (self.cycle is None or self.cycle.response_complete) and not self.unread

    @property
    def descriptor(self) -> int:
        """The system's number of its socket, which is closed only after `connection_lost`."""
        return int(self.transport.get_extra_info("socket").fileno())

    @property
    def unread(self) -> int:
        """Bytes of an answer that the client has not read, as far as the system does not hold them."""
        return 0 if self.transport is None or self.transport.is_closing() else self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._all.add(self):
            transport.write(_REFUSAL)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _SLICE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE])

    def _should_upgrade(self) -> bool:  # by this name uvicorn asks
        # A WebSocket would take the transport away, and `connection_lost` with it: its place here would be taken for ever.
        # Nothing here speaks it, so the request is answered as any other.
        return False

    def on_response_complete(self) -> None:
        self.idle_since = time.monotonic()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer is on its way already
            self.transport.abort()

    def check(self, now: float) -> None:
        """Close the connection where the head of a request takes too long to arrive, or an answer to be read."""
        if self.transport.is_closing():
            self._check_closing()
        elif self.is_idle:
            if now - self.idle_since > HEAD_SECONDS:
                if self.conn.trailing_data[0]:
                    self.transport.write(_TOO_LATE)
                self.transport.close()
        else:
            self._check_reader(now)

    def _check_reader(self, now: float) -> None:
        size = self.unread
        if not size:
            self._unread_since = None
            return
        if self._unread_since is None or size > self._unread_since[1]:
            self._unread_since = now, size
            return
        since, before = self._unread_since
        if now - since >= READER_SECONDS:
            if before - size < SLOWEST_READER * (now - since):
                self.transport.abort()
            self._unread_since = now, size

    def _check_closing(self) -> None:
        """What is written before a connection is closed must be read in time, too."""
        now, size = time.monotonic(), self.transport.get_write_buffer_size()
        if not size:
            return
        if self._unread_since is None:
            self._unread_since = now, size
        elif now - self._unread_since[0] >= READER_SECONDS:
            if self._unread_since[1] - size < SLOWEST_READER * READER_SECONDS:
                self.transport.abort()
            self._unread_since = now, size


class HttpState(h11.Connection):
    """Counts the pieces of a body: one that comes in crumbs is no request that a program would make.

    It holds the head of an answer back until the body begins, so that both leave in one packet: the client wakes up once.
    """

    _pieces = _bytes = 0
    _head = b""

    def send(self, event: Any) -> bytes | None:  # type: ignore[override]
        data = super().send(event)
        if isinstance(event, h11.Response):
            self._head = data or b""
            return b""
        head, self._head = self._head, b""
        return head + (data or b"") if head else data

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._bytes += len(event.data)
            if self._pieces > FREE_CHUNKS + self._bytes / CHUNK_BYTES:
                raise h11.RemoteProtocolError("the body comes in too many pieces")
        return event


def quiet_when_full(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop say in one line, once in a while, that the system has no file left for a connection.

    asyncio writes a traceback for each that it cannot accept, and tries again after a second.
    """
    said = -float("inf")

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said
        if "socket.accept() out of system resource" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif time.monotonic() - said > 10.0:
            said = time.monotonic()
            logger.error("no connection can be accepted now: %s", context.get("exception"))

    loop.set_exception_handler(handle)
