"""Bodies of requests: how much of them is held, for whom, and how they are read without holding others up."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Response
from starlette.types import Message, Receive, Scope, Send
from support.server import Service, start_service, stop_service
from support.waiting import wait_until

from service import bodies
from service.bodies import BRIEF, BodyLimit
from service.clients import CLIENT, Client
from service.wire.format import WireFormat, WireFormats

LIMIT = 1 << 20
# Lists take the most objects for a byte.
LISTS = '{"text": "x", "source": "de", "target": "en", "more": [' + "[]," * 300_000 + "[]]}"
TELLS_FULL_COLLECTIONS = """
import gc, sys
def tell(phase, info):
    if phase == "start" and info["generation"] == 2:
        print("all objects are gone through", file=sys.stderr, flush=True)
gc.callbacks.append(tell)
"""


@dataclass
class Reader:
    """An application that reads the body of each request, and answers when it is told to."""

    answers: asyncio.Event = field(default_factory=asyncio.Event)
    read: list[Any] = field(default_factory=list)
    """What `now` said when a body was whole."""
    now: Callable[[], Any] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.read.append(self.now())
        await self.answers.wait()
        await Response()(scope, receive, send)


def limited(app: Reader, *, limit: int = LIMIT) -> BodyLimit:
    """The layer around `app`, with a format whose bodies have at most `limit` bytes."""

    def answer(error: Exception) -> Response:
        return Response(str(error), 429)

    only = WireFormat(name="x", prefixes=("/x",), max_body_bytes=limit, routes=APIRouter(), answer=answer)
    return BodyLimit(app, formats=WireFormats([only]), seconds=60.0)


async def ask(layer: BodyLimit, client: str, size: int) -> int | str:
    """Send a body of `size` bytes, in four parts, and return the status of the answer, or the error that was raised."""
    CLIENT.set(Client(client))
    parts = [{"type": "http.request", "body": b"x" * (size // 4), "more_body": part < 3} for part in range(4)]
    statuses: list[int] = []

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    try:
        await layer({"type": "http", "path": "/x", "headers": []}, receive, send)
    except bodies.TooManyBytes as refusal:
        return refusal.message
    return statuses[0]


async def held(reader: Reader, layer: BodyLimit, client: str, sizes: list[int]) -> list[asyncio.Task[int | str]]:
    """Requests of one client, each of which has been read whole, and waits, or has been refused."""
    before = len(reader.read)
    asked = [asyncio.create_task(ask(layer, client, size)) for size in sizes]
    while len(reader.read) - before + sum(task.done() for task in asked) < len(asked):
        await asyncio.sleep(0.01)
    return asked


def test_long_bodies_leave_time_for_others_between_them() -> None:
    async def main() -> list[int]:
        passes = 0
        reader = Reader(now=lambda: passes)
        reader.answers.set()
        layer = limited(reader)
        sending = asyncio.gather(*(ask(layer, str(number), LIMIT) for number in range(8)))
        while not sending.done():
            await asyncio.sleep(0)
            passes += 1
        assert set(sending.result()) == {200}
        return reader.read

    read = asyncio.run(main())
    assert len(read) == 8
    # A request to /health takes four or five passes of the event loop from its connection to its answer.
    assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(read))


def test_a_client_has_no_more_bytes_than_it_leaves_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_HELD", 8 * LIMIT)
    monkeypatch.setattr(bodies, "PAUSE", 0.0)

    async def main() -> None:
        reader = Reader()
        layer = limited(reader)
        first = await held(reader, layer, "a", [LIMIT] * 6)
        refused = [task.result() for task in first if task.done()]
        assert len(refused) == 2  # half of all is four
        assert all("bytes are on their way already" in str(one) for one in refused)
        second = await held(reader, layer, "b", [LIMIT] * 3)
        assert sum(task.done() for task in second) == 1  # half of what is left
        brief = await held(reader, layer, "a", [BRIEF] * 10)
        assert not any(task.done() for task in brief)
        reader.answers.set()
        answers = await asyncio.gather(*first, *second, *brief)
        assert answers.count(200) == 4 + 2 + 10
        again = await held(reader, layer, "a", [LIMIT] * 4)
        assert await asyncio.gather(*again) == [200] * 4

    asyncio.run(main())


def test_some_of_the_longest_bodies_can_always_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator may allow documents that are longer than all bodies together may be otherwise."""
    monkeypatch.setattr(bodies, "MOST_HELD", LIMIT)

    async def main() -> None:
        reader = Reader()
        layer = limited(reader, limit=3 * LIMIT)
        asked = await held(reader, layer, "a", [3 * LIMIT] * 2)
        reader.answers.set()
        assert await asyncio.gather(*asked) == [200, 200]

    asyncio.run(main())


@pytest.fixture(scope="module")
def telling(models: Path) -> Iterator[Service]:
    """A service that says in its log when the garbage collector goes through all objects."""
    service = start_service(models, first=TELLS_FULL_COLLECTIONS)
    service.wait_until_ready()
    yield service
    stop_service(service)


@pytest.mark.parametrize("path", ["/v1/translate", "/translate", "/v2/translate", "/language/translate/v2"])
def test_a_body_of_many_objects_is_read_at_once(telling: Service, path: str) -> None:
    """Python would go through all objects again and again meanwhile, which takes twenty times as long as to read them."""
    telling.client.get("/health", headers={"X-Request-ID": "before"})
    wait_until(lambda: any("request=before" in line for line in telling.log))
    telling.log.clear()
    for _ in range(3):
        answer = telling.client.post(path, content=LISTS, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
    telling.client.get("/health", headers={"X-Request-ID": "after"})
    wait_until(lambda: any("request=after" in line for line in telling.log))
    assert not [line for line in telling.log if line.startswith("all objects")]


@pytest.mark.parametrize("path", ["/v1/translate", "/translate", "/v2/translate", "/language/translate/v2"])
def test_a_number_without_end_is_refused(telling: Service, path: str) -> None:
    answer = telling.client.post(path, content='{"text": ' + "1" * 5_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
