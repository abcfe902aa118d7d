"""Is anything lost or wrong when the service ends, loads models anew or loses a worker, and does its memory grow?

    PYTHONPATH=tests python tests/benchmarks/service_endurance.py checkpoints/NAME [--only end --only reload ...]

A server process is asked over 127.0.0.1 by clients with kept connections while it is told to end, to load its model anew, or
a worker of it is killed, so many times each; then it answers many requests of all kinds. A request is lost where the service
has read it and gives no answer: its log names it, or it was sent well before the event. A worker that is killed loses what
it held. Ends with 1 where a request is lost or wrong, or memory grows by more than 3 %.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.server import Service, start_service, stop_service
from support.waiting import wait_until

TEXTS = ("Guten Morgen.", "Wo ist der Bahnhof?", "Der Hund schläft heute im Garten, und die Katze auch.", "Danke!")
TOKEN = "token-of-endurance"
SURE = 0.5
"""Seconds before an event at which a request that was sent is surely read."""
SETTLED, GROWTH = 1_000, 1.03
"""Requests after which memory is looked at first, and the most that it may be at the end, times that."""


@dataclass(slots=True)
class Outcomes:
    """What came of the requests of all clients."""

    right: int = 0
    wrong: int = 0
    refused: int = 0
    broken: list[tuple[str, float, float]] = field(default_factory=list)
    """Those without an answer: identifier, when it was sent, and when it broke."""


class Clients:
    """Threads that ask for one of TEXTS after another, each on a kept connection, until they are stopped."""

    def __init__(self, service: Service, expected: dict[str, str], pair: tuple[str, str], count: int) -> None:
        self.outcomes = Outcomes()
        self._service, self._expected, self._pair = service, expected, pair
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _ask_on(self) -> None:
        connection = None
        while not self._stop.is_set():
            number = next(self._numbers)
            text, identifier, sent = TEXTS[number % len(TEXTS)], f"endurance-{os.getpid()}-{number}", time.monotonic()
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=60)
                    connection.connect()
            except OSError:  # it listens no more
                connection = None
                time.sleep(0.05)
                continue
            try:
                status, body = post(
                    connection, "/v1/translate", question(text, self._pair), headers={"X-Request-ID": identifier}
                )
            except (OSError, http.client.HTTPException):
                self.outcomes.broken.append((identifier, sent, time.monotonic()))
                connection = None
                continue
            if status == 200 and json.loads(body)["translations"][0]["text"] == self._expected[text]:
                self.outcomes.right += 1
            elif status == 503:
                self.outcomes.refused += 1
            else:
                self.outcomes.wrong += 1
        if connection is not None:
            connection.close()

    def wait_for(self, answers: int) -> None:
        """Return when so many more were right."""
        enough = self.outcomes.right + answers
        wait_until(lambda: self.outcomes.right >= enough)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def question(text: str | Sequence[str], pair: tuple[str, str], **fields: Any) -> bytes:
    return json.dumps({"text": text, "source": pair[0], "target": pair[1], **fields}).encode()


def post(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes,
    *,
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> tuple[int, bytes]:
    connection.request(method, path, body, {"Content-Type": media_type, **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read()


@contextmanager
def serving(model: Path, **settings: object) -> Iterator[tuple[Service, dict[str, str], tuple[str, str]]]:
    """A service that is ready, the right answers, and its pair of languages."""
    service = start_service(model, **settings)
    try:
        service.wait_until_ready()
        first = service.client.get("/v1/languages").json()["pairs"][0]
        pair = first["source"], first["target"]
        answers = service.client.post("/v1/translate", json=json.loads(question(TEXTS, pair))).json()["translations"]
        yield service, {text: answer["text"] for text, answer in zip(TEXTS, answers, strict=True)}, pair
    finally:
        if service.process.poll() is None:
            stop_service(service)


def row(what: str, outcomes: Outcomes, lost: int, more: str = "") -> bool:
    """Print a row; whether nothing is lost or wrong."""
    print(f"{what:<34} {outcomes.right:>8} right {outcomes.wrong:>3} wrong {lost:>3} lost  {more}", flush=True)
    return not (lost or outcomes.wrong)


def ends(model: Path, rounds: int) -> bool:
    """SIGTERM under load: what was accepted is answered."""
    total, lost = Outcomes(), 0
    for _ in range(rounds):
        with serving(model) as (service, expected, pair):
            clients = Clients(service, expected, pair, 8)
            clients.wait_for(40)
            told = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(timeout=120)
            clients.stop()
            service.reader.join()
            log, outcomes = "".join(service.log), clients.outcomes
        lost += sum(f"request={identifier}\n" in log or sent < told - SURE for identifier, sent, _ in outcomes.broken)
        total.right, total.wrong = total.right + outcomes.right, total.wrong + outcomes.wrong
        total.refused += outcomes.refused
        total.broken += outcomes.broken
    more = f"{total.refused} refused in words, {len(total.broken)} sent to a connection that closed"
    return row(f"SIGTERM, {rounds} times", total, lost, more)


def reloads(model: Path, rounds: int) -> bool:
    """A model that changes, loaded anew under load."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / model.name
        shutil.copytree(model, copy)
        with serving(copy, admin_token=TOKEN, reload_seconds=0) as (service, expected, pair):
            clients = Clients(service, expected, pair, 8)
            loaded = 0
            for _ in range(rounds):
                clients.wait_for(20)
                (copy / "config.yaml").touch()
                answer = service.client.post("/admin/reload", headers={"Authorization": f"Bearer {TOKEN}"})
                loaded += len(answer.json()["loaded"])
            clients.wait_for(20)
            clients.stop()
    outcomes = clients.outcomes
    more = f"{loaded} loaded, {outcomes.refused} refused"
    return row(f"reload, {rounds} times", outcomes, len(outcomes.broken), more) and loaded == rounds


def kills(model: Path, rounds: int) -> bool:
    """One of two workers killed under load: nothing is lost but what it held."""
    with tempfile.TemporaryDirectory() as state, serving(model, workers=2, state=state) as (service, expected, pair):
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")

        def workers() -> list[int]:
            return [int(process) for process in children.read_text(encoding="ascii").split()]

        clients, killed = Clients(service, expected, pair, 8), []
        for number in range(rounds):
            wait_until(lambda: len(workers()) == 2)
            clients.wait_for(40)
            victim = workers()[number % 2]
            killed.append(time.monotonic())
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda victim=victim: victim not in workers())
        clients.wait_for(40)
        clients.stop()
        log = stop_service(service)
    outcomes = clients.outcomes
    # Held by the one that was killed: sent before that, and broken by it.
    held = [one for one in outcomes.broken if any(one[1] <= moment + SURE and one[2] >= moment for moment in killed)]
    replaced = log.count("another is started")
    more = f"{len(held)} held by the killed, {replaced} replaced"
    return row(f"worker killed, {rounds} times", outcomes, len(outcomes.broken) - len(held), more) and replaced == rounds


def memory(model: Path, count: int) -> bool:
    """Requests of all kinds: no status 500, and no more memory at the end than soon after the beginning."""
    statuses: Counter[int] = Counter()
    numbers, lock = iter(range(count)), threading.Lock()
    with tempfile.TemporaryDirectory() as state, serving(model, state=state) as (service, _, pair):
        sizes: dict[int, int] = {}

        def ask_on(seed: int) -> None:
            draw = random.Random(seed)
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                if number == SETTLED:
                    sizes[number] = resident(service)
                try:
                    statuses[mixed(connection, pair, draw)] += 1
                except (OSError, http.client.HTTPException):
                    statuses[0] += 1
                    connection.close()

        threads = [threading.Thread(target=ask_on, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: service.metric("nmt_queue_cost") == 0)
        sizes[count] = resident(service)
    early, late = sizes.get(SETTLED, sizes[count]), sizes[count]
    told = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
    print(
        f"{count:,} mixed requests: {early / 1e6:.0f} MB, then {late / 1e6:.0f} MB: {late / early:.3f}; {told}", flush=True
    )
    return late <= GROWTH * early and not statuses[500] and not statuses[0]


def mixed(connection: http.client.HTTPConnection, pair: tuple[str, str], draw: random.Random) -> int:
    """The status of a request of a kind that is drawn."""
    source, target = pair
    text = " ".join(
        draw.choices(("Guten", "Morgen", "Garten", "Hund", "heute", "hier", "und", "alte"), k=draw.randint(1, 12))
    )
    form = "application/x-www-form-urlencoded"
    deepl = {"text": [text], "source_lang": source, "target_lang": target}
    kinds: Sequence[Callable[[], tuple[int, bytes]]] = (
        lambda: post(connection, "/v1/translate", question(text, pair)),
        lambda: post(connection, "/v1/translate", question([text, "", f"{text}."], pair, n_best=2)),
        lambda: post(connection, "/v1/translate", question(f"<p>Der <b>{text}</b></p>", pair, format="html")),
        lambda: post(connection, "/v1/translate", question(text, pair, glossary={"Hund": "hound"}, alignment=True)),
        lambda: post(connection, "/v1/translate", question(text, ("auto", target))),
        lambda: post(connection, "/v2/translate", json.dumps(deepl).encode()),
        lambda: post(connection, "/translate", f"q={text}&source={source}&target={target}".encode(), media_type=form),
        lambda: post(connection, "/detect", json.dumps({"q": text}).encode()),
        lambda: post(connection, "/v1/translate", b'{"text": "'),
        lambda: post(connection, "/v1/translate", question(text, (source, "zz"))),
        lambda: post(connection, "/v1/translate", question("x" * 20_000, pair)),
        lambda: post(connection, "/v1/languages", b"", method="GET"),
        lambda: post(connection, "/metrics", b"", method="GET"),
        lambda: post(connection, "/nowhere", b"", method="GET"),
        lambda: document(connection, pair, text),
    )
    status, _ = draw.choice(kinds)()
    return status


def document(connection: http.client.HTTPConnection, pair: tuple[str, str], text: str) -> tuple[int, bytes]:
    """Upload a document, and fetch it, or forget it."""
    fields = {"source": pair[0], "target": pair[1]}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts.append(f'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n{text}\r\n--x--\r\n')
    status, body = post(connection, "/v1/documents", "".join(parts).encode(), media_type="multipart/form-data; boundary=x")
    if status != 202:
        return status, body
    path = f"/v1/documents/{json.loads(body)['id']}"
    if len(text) % 2:
        return post(connection, path, b"", method="DELETE")
    while json.loads(post(connection, path, b"", method="GET")[1])["status"] in ("queued", "translating"):
        time.sleep(0.05)
    return post(connection, f"{path}/result", b"")


def resident(service: Service) -> int:
    """Bytes of memory that the server process holds."""
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


PARTS = {"end": ends, "reload": reloads, "kill": kills}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--only", action="append", choices=[*PARTS, "memory"])
    arguments = parser.parse_args()
    wanted = arguments.only or [*PARTS, "memory"]
    good = [part(arguments.model, arguments.rounds) for name, part in PARTS.items() if name in wanted]
    if "memory" in wanted:
        good.append(memory(arguments.model, arguments.requests))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
