"""How many sentences does the service translate beside CTranslate2 behind a plain FastAPI on the same machine?

    PYTHONPATH=tests python tests/benchmarks/service_peer.py checkpoints/NAME --peer-python PEER/bin/python

The peer's Python has ctranslate2, sentencepiece, fastapi and uvicorn[standard], and runs ctranslate2_app.py. Its Transformer
has weights drawn at random and writes as many tokens for each sentence as our model does, so that it takes as long as a
trained one. Both sides get the same sentences in turns, one in a request, from the same clients. One thread of ours stands
beside one worker of CTranslate2, and two processes of ours beside two workers. Seconds of the processor are those of the
server alone: on a machine that does much else, they are the fairer measure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from service_load import Connection, closed_loop, row, sentences
from support.server import start_service, stop_service

from nmt.translate.translator import Translator

APP = Path(__file__).with_name("ctranslate2_app.py")
OURS, PEER = "ours", "CTranslate2"


@dataclass(frozen=True)
class Server:
    port: int
    process: int

    def processor_seconds(self) -> float:
        """What the server and its workers have computed."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text(encoding="ascii").split()
        ticks = 0
        for process in (self.process, *children):
            fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    lone: float
    """Seconds of a lone request, the median."""
    speed: float
    """Sentences a second with many clients, the median of the rounds."""
    processor: float
    """Seconds of the processor for a sentence with many clients."""


def written_tokens(translator: Translator, texts: Sequence[str]) -> dict[str, int]:
    """How many tokens the model writes for each text."""
    translations = translator.translate(texts, attention=False)
    return {
        text: sum(len(sentence.hypotheses[0].tokens) for sentence in translation.sentences)
        for text, translation in zip(texts, translations, strict=True)
    }


@contextmanager
def peer(command: Sequence[str]) -> Iterator[Server]:
    """A running peer."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if match := re.search(r"listening on http://\S+:(\d+)", line):
                yield Server(int(match[1]), process.pid)
                return
        raise SystemExit(f"{' '.join(command)}: it did not start")
    finally:
        process.kill()
        process.wait()


@contextmanager
def ours(model: Path, folder: Path, *, workers: int) -> Iterator[Server]:
    """The service, running."""
    service = start_service(model, program="service", state=folder, workers=workers)
    try:
        service.wait_until_ready()
        yield Server(service.port, service.process.pid)
    finally:
        stop_service(service)


def measure(
    servers: Mapping[str, Server], texts: Sequence[str], pair: tuple[str, str], *, clients: int, rounds: int
) -> dict[str, Measured]:
    lone: dict[str, list[float]] = {name: [] for name in servers}
    speeds: dict[str, list[float]] = {name: [] for name in servers}

    async def in_turns() -> None:
        connections = {name: Connection(server.port) for name, server in servers.items()}
        for text in texts[:100]:
            for name, connection in connections.items():
                began = time.perf_counter()
                assert await connection.translate([text], *pair) == 200
                lone[name].append(time.perf_counter() - began)
        for connection in connections.values():
            connection.close()

    asyncio.run(in_turns())
    before = {name: server.processor_seconds() for name, server in servers.items()}
    for _ in range(rounds):
        for name, server in servers.items():
            began = time.perf_counter()
            asyncio.run(closed_loop(server.port, texts, pair, clients))
            speeds[name].append(len(texts) / (time.perf_counter() - began))
    return {
        name: Measured(
            lone=statistics.median(lone[name]),
            speed=statistics.median(speeds[name]),
            processor=(server.processor_seconds() - before[name]) / (rounds * len(texts)),
        )
        for name, server in servers.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--peer-layers", type=int, default=3)
    parser.add_argument("--peer-size", type=int, default=256)
    parser.add_argument("--peer-compute", default="int8", choices=["int8", "float32"])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--sentences", type=int, default=1_000, help="of a round with all clients")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text", type=Path, help="a file to draw sentences from")
    arguments = parser.parse_args()
    translator = Translator.load(arguments.model, device="cpu", threads=1)
    pair = translator.source_language, translator.target_language
    texts = sentences(arguments.sentences, arguments.text)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lengths = folder / "lengths.json"
        lengths.write_text(json.dumps(written_tokens(translator, texts)), encoding="utf-8")
        tokenizer = str(arguments.model / "tokenizer.model")
        shape = [str(arguments.peer_layers), str(arguments.peer_size), arguments.peer_compute]
        servers = {}
        for workers in (1, 2):
            own = ours(arguments.model, folder / f"state-{workers}", workers=workers)
            servers[f"{OURS} {workers}"] = stack.enter_context(own)
            command = [arguments.peer_python, str(APP), tokenizer, *shape, str(workers), "5", str(lengths)]
            servers[f"{PEER} {workers}"] = stack.enter_context(peer(command))
        for server in servers.values():
            asyncio.run(closed_loop(server.port, texts[:50], pair, 8))
        found = measure(servers, texts, pair, clients=arguments.clients, rounds=arguments.rounds)
    row("", OURS, PEER, "ratio")
    for workers in (1, 2):
        mine, its = found[f"{OURS} {workers}"], found[f"{PEER} {workers}"]
        lone = f"{mine.lone * 1e3:.2f} ms", f"{its.lone * 1e3:.2f} ms", f"{its.lone / mine.lone:.2f}"
        speed = f"{mine.speed:.0f}", f"{its.speed:.0f}", f"{mine.speed / its.speed:.2f}"
        processor = mine.processor * 1e3, its.processor * 1e3
        row(f"lone request, p50, {workers} at a time", *lone)
        row(f"{arguments.clients} clients, sentences/s, {workers} at a time", *speed)
        row("  processor for a sentence", *(f"{one:.2f} ms" for one in processor), f"{processor[1] / processor[0]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
