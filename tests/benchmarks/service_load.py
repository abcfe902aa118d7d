"""How much does the service lose to the library, and does it keep its word when too much is asked of it?

    PYTHONPATH=tests python tests/benchmarks/service_load.py checkpoints/NAME

A server process of its own is asked over 127.0.0.1, in one thread of arithmetic as the library is. What is compared is
measured in turns. Each row has what was measured, beside what, and their ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from support.server import Service, start_service, stop_service

from nmt.translate.translator import Translator

WORDS = (
    "Guten",
    "Morgen",
    "Abend",
    "liebe",
    "alte",
    "Freunde",
    "Nachbarn",
    "heute",
    "wieder",
    "hier",
    "gehen",
    "wir",
    "nach",
)
TIMEOUT = 120.0


class Connection:
    """One kept connection, with nothing of a client that would take time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def translate(self, texts: Sequence[str], source: str, target: str) -> int:
        """The status of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        body = json.dumps({"text": list(texts), "source": source, "target": target}).encode()
        head = "POST /v1/translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next(int(line.split(b":")[1]) for line in answer.splitlines() if line.startswith(b"content-length"))
        await reader.readexactly(length)
        if b"connection: close" in answer:
            self.close()
        return int(answer.split()[1])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def sentences(count: int, text: Path | None) -> list[str]:
    """Different ones, so that nothing is translated twice."""
    draw = random.Random(7)
    if text is not None:
        lines = [line for line in text.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [draw.choice(lines) for _ in range(count)]
    return [" ".join(draw.choices(WORDS, k=draw.randint(4, 16))) + "." for _ in range(count)]


async def closed_loop(port: int, texts: Sequence[str], pair: tuple[str, str], clients: int) -> list[float]:
    """Seconds of each request, of one sentence each: so many clients, who ask again when they have an answer."""
    waiting, seconds = iter(texts), []

    async def ask_on() -> None:
        connection = Connection(port)
        for text in waiting:
            began = time.perf_counter()
            assert await connection.translate([text], *pair) == 200
            seconds.append(time.perf_counter() - began)
        connection.close()

    await asyncio.gather(*(ask_on() for _ in range(clients)))
    return seconds


async def open_loop(
    requests: Sequence[Sequence[str]], per_second: float, ask: Callable[[Sequence[str]], Awaitable[None]]
) -> None:
    """Requests at a rate that does not wait for answers, with gaps as of many who do not know each other."""
    draw, tasks = random.Random(9), []
    due = time.perf_counter()
    for texts in requests:
        due += draw.expovariate(per_second)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(texts)))
    await asyncio.gather(*tasks)


def memory(service: Service) -> int:
    """Bytes that the server process holds."""
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def row(what: str, value: str, beside: str, ratio: str) -> None:
    print(f"{what:<52} {value:>16} {beside:>22} {ratio:>8}", flush=True)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_lone(service: Service, translator: Translator, texts: Sequence[str], pair: tuple[str, str]) -> float:
    """The median of a lone request."""
    http, library = [], []

    async def in_turns() -> None:
        connection = Connection(service.port)
        for text in texts:
            began = time.perf_counter()
            assert await connection.translate([text], *pair) == 200
            http.append(time.perf_counter() - began)
            library.append(seconds_of(lambda text=text: translator.translate([text], attention=False)))  # type: ignore[misc]
        connection.close()

    asyncio.run(in_turns())
    of_http, of_library = statistics.median(http), statistics.median(library)
    row("lone sentence, p50", f"{of_http * 1e3:.2f} ms", f"library {of_library * 1e3:.2f} ms", f"{of_http / of_library:.2f}")
    return of_http


def measure_crowd(
    service: Service, alone: Service, translator: Translator, texts: Sequence[str], pair: tuple[str, str], clients: int
) -> float:
    """Sentences per second with many clients."""
    few = texts[: max(clients, len(texts) // 8)]
    times: dict[str, list[float]] = {"service": [], "library": [], "without batches": []}
    for _ in range(3):
        times["library"].append(len(texts) / seconds_of(lambda: translator.translate(texts, attention=False)))
        times["service"].append(
            len(texts) / seconds_of(lambda: asyncio.run(closed_loop(service.port, texts, pair, clients)))
        )
        times["without batches"].append(
            len(few) / seconds_of(lambda: asyncio.run(closed_loop(alone.port, few, pair, clients)))
        )
    speed = {name: statistics.median(values) for name, values in times.items()}
    for beside in ("library", "without batches"):
        row(
            f"{clients} clients, sentences/s",
            f"{speed['service']:.0f}",
            f"{beside} {speed[beside]:.0f}",
            f"{speed['service'] / speed[beside]:.2f}",
        )
    return speed["service"]


def measure_half(service: Service, texts: Sequence[str], pair: tuple[str, str], speed: float, lone: float) -> None:
    free, seconds = [Connection(service.port)], []

    async def ask(some: Sequence[str]) -> None:
        connection = free.pop() if free else Connection(service.port)
        began = time.perf_counter()
        assert await connection.translate(some, *pair) == 200
        seconds.append(time.perf_counter() - began)
        free.append(connection)

    asyncio.run(open_loop([[text] for text in texts], speed / 2, ask))
    p95 = statistics.quantiles(seconds, n=20)[-1]
    row("at half of that load, p95", f"{p95 * 1e3:.1f} ms", f"lone {lone * 1e3:.1f} ms", f"{p95 / lone:.2f}")


def measure_overload(
    service: Service, texts: Iterator[str], pair: tuple[str, str], speed: float, *, times: float, seconds: float
) -> None:
    """Requests of 30 sentences, `times` as many as can be done."""
    per_second = times * speed / 30
    requests = [list(itertools.islice(texts, 30)) for _ in range(int(per_second * seconds))]
    statuses: Counter[int] = Counter()
    held: list[int] = []

    async def ask(some: Sequence[str]) -> None:
        connection = Connection(service.port)
        try:
            async with asyncio.timeout(TIMEOUT):
                statuses[await connection.translate(some, *pair)] += 1
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            statuses[0] += 1
        finally:
            connection.close()
        held.append(memory(service))

    asyncio.run(open_loop(requests, per_second, ask))
    accepted = sum(count for status, count in statuses.items() if status not in (429, 503))
    others = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    share = statuses[200] / max(accepted, 1)
    row(f"overload {times:g}x for {seconds:g} s, accepted in time", str(statuses[200]), f"of {accepted}", f"{share:.3f}")
    row("  statuses", others, "", "")
    early = statistics.median(held[len(held) // 10 : len(held) // 4] or held)
    row("  memory at its end", f"{held[-1] / 1e6:.0f} MB", f"early {early / 1e6:.0f} MB", f"{held[-1] / early:.3f}")


def measure_hang_ups(service: Service, texts: Iterator[str], pair: tuple[str, str], count: int) -> None:
    """Half of all clients leave at once after they have asked."""
    before = {name: service.metric(f"nmt_{name}_sentences_total") for name in ("dropped", "interrupted")}
    asked = [list(itertools.islice(texts, 10)) for _ in range(count)]

    async def all_of_them() -> Counter[int]:
        statuses: Counter[int] = Counter()
        room = asyncio.Semaphore(100)

        async def ask(number: int, some: Sequence[str]) -> None:
            async with room:
                connection = Connection(service.port)
                try:
                    async with asyncio.timeout(TIMEOUT if number % 2 else 0.02):
                        statuses[await connection.translate(some, *pair)] += 1
                except TimeoutError:
                    statuses[499] += 1
                finally:
                    connection.close()

        await asyncio.gather(*(ask(number, some) for number, some in enumerate(asked)))
        return statuses

    statuses = asyncio.run(all_of_them())
    began = time.perf_counter()
    while service.metric("nmt_queue_cost"):
        time.sleep(0.01)
    left = time.perf_counter() - began
    after = {name: int(service.metric(f"nmt_{name}_sentences_total") - value) for name, value in before.items()}
    row("hang-ups", f"{statuses[499]} of {count}", f"busy after for {left:.2f} s", "")
    row("  sentences dropped, interrupted", f"{after['dropped']}, {after['interrupted']}", f"statuses {dict(statuses)}", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--sentences", type=int, default=2_000, help="of a round with all clients")
    parser.add_argument("--overload-seconds", type=float, default=120.0)
    parser.add_argument("--hang-ups", type=int, default=1_000, help="requests, of which half are left")
    parser.add_argument("--text", type=Path, help="a file to draw sentences from")
    arguments = parser.parse_args()
    translator = Translator.load(arguments.model, device="cpu", threads=1)
    pair = translator.source_language, translator.target_language
    texts = sentences(arguments.sentences, arguments.text)
    endless = itertools.cycle(sentences(50_000, arguments.text))
    service = start_service(arguments.model)
    alone = start_service(arguments.model, batch_sentences=1)
    try:
        for one in (service, alone):
            one.wait_until_ready()
        row("", "measured", "beside", "ratio")
        asyncio.run(closed_loop(service.port, texts[:200], pair, 8))
        lone = measure_lone(service, translator, texts[:100], pair)
        speed = measure_crowd(service, alone, translator, texts, pair, arguments.clients)
        measure_half(service, texts, pair, speed, lone)
        measure_overload(service, endless, pair, speed, times=4.0, seconds=arguments.overload_seconds)
        measure_hang_ups(service, endless, pair, arguments.hang_ups)
    finally:
        for one in (service, alone):
            stop_service(one)


if __name__ == "__main__":
    sys.exit(main())
