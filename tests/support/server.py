"""A real service: small untrained models on disk, a server process of its own, and a socket to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx

from nmt.config.network import ModelConfig
from nmt.text.tokenizer import Tokenizer
from support import untrained
from support.forks import Piped
from support.waiting import wait_until

SENTENCES = [
    "Der Hund schläft im Garten.",
    "Am Morgen regnet es oft.",
    "Wir kaufen Brot, Käse und drei Äpfel.",
    "Wo steht mein blaues Fahrrad?",
    "Sie liest jeden Abend ein Buch.",
    "The dog sleeps in the garden.",
    "It often rains in the morning.",
    "Where is my blue bicycle?",
    "My train leaves at 7.",
]


@dataclass
class Service:
    """A server process and a client for it."""

    process: Piped | subprocess.Popen[str]
    address: str
    client: httpx.Client
    log: list[str]
    reader: threading.Thread

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.client.get("/ready").status_code == 200)

    def translate(self, text: object, **fields: object) -> httpx.Response:
        return self.client.post("/v1/translate", json={"text": text, "source": "de", "target": "en", **fields})

    def metric(self, name: str) -> float:
        match = re.search(rf"^{re.escape(name)} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        return float(match[1]) if match else 0.0


SERVICE = "import runpy; runpy.run_module('service', run_name='__main__')"
SHAPE = ModelConfig(
    embedding_size=16, encoder_layers=1, encoder_hidden_size=24, decoder_layers=1, decoder_hidden_size=24, attention_size=16
)


def write_model(directory: Path, *, source: str, target: str, tokenizer: Tokenizer, shape: ModelConfig = SHAPE) -> None:
    untrained.write_model(
        directory, tokenizer=tokenizer, shape=shape, seed=4 + ord(source[0]), source=source, target=target, scale=2.0
    )


def start_process(
    models: Path, *, program: Path | str | None = None, first: str = "", **settings: object
) -> Piped | subprocess.Popen[str]:
    """The service: in a fork, or by a program, which is a Python file, `nmt` or the name of a module.

    `first` is Python that the fork runs before, to meddle with itself.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    environment |= {"NMT_MODELS": str(models), "NMT_PORT": "0", "NMT_THREADS": "1", "NMT_DEVICE": "cpu"}
    environment |= {f"NMT_{name.upper()}": str(value) for name, value in settings.items()}
    if program is None:
        return Piped(SERVICE, ["service"], environment=environment, first=first)
    if isinstance(program, str):
        arguments = ["-m", program]
    else:
        arguments = [str(program), *(["serve"] if program.name == "nmt" else [])]
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def start_service(models: Path, *, program: Path | str | None = None, first: str = "", **settings: object) -> Service:
    """A service that listens, and may not be ready yet."""
    process = start_process(models, program=program, first=first, **settings)
    assert process.stderr is not None
    lines: list[str] = []
    while line := process.stderr.readline():
        lines.append(line)
        if match := re.search(r"listening on (http://\S+)", line):
            # Somebody must read on: a service whose log fills the pipe would stand still.
            reader = threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True)
            lines.clear()
            reader.start()
            return Service(process, match[1], httpx.Client(base_url=match[1], timeout=60.0), lines, reader)
    raise AssertionError("".join(lines))


def stop_service(service: Service) -> str:
    """Ends the service as an operator would. Returns its log since it began to listen."""
    service.client.close()
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(timeout=60)
    service.reader.join(timeout=60)
    return "".join(service.log)
