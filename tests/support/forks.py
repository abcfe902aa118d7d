"""Processes of Python that need not load the libraries on which nmt stands.

Loading PyTorch takes longer than most programs do. One process loads it, and each other one is a fork of it: nmt is
imported, run and ended there, with arguments, streams, folder, environment and exit status of its own. Tests of how the
executable starts, of its locale and of signals to it start the executable itself.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import IO

NMT = Path(sys.executable).with_name("nmt")
COMMAND = "from nmt.cli import main; main()"

# Only libraries, nothing of nmt: what a program imports of it is a part of what is tested.
LIBRARIES = (
    "ahocorasick",
    "argon2",
    "fastapi",
    "numpy",
    "prometheus_client",
    "py3langid",
    "pydantic_settings",
    "sacrebleu",
    "safetensors.torch",
    "sentencepiece",
    "sentencex",
    "torch._dynamo",
    "typer",
    "uvicorn.protocols.http.h11_impl",
    "yaml",
)
# A request is a line of JSON with the three standard streams beside it; the answers are lines with the number of the
# process, and with its exit status when it has ended.
SERVER = f"""
import gc, json, os, select, signal, socket, sys
import {", ".join(LIBRARIES)}

gc.freeze()
listener = socket.create_server(sys.argv[1], family=socket.AF_UNIX)
woken, wakes = os.pipe()
os.set_blocking(wakes, False)
signal.set_wakeup_fd(wakes)
signal.signal(signal.SIGCHLD, lambda *_: None)
print("listening", flush=True)
clients = {{}}  # by the number of the process
while True:
    ready = select.select([0, listener, woken], [], [])[0]
    if woken in ready:
        os.read(woken, 4096)
        while clients:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                break
            with clients.pop(process) as client:
                try:
                    client.sendall(b"%d\\n" % os.waitstatus_to_exitcode(status))
                except OSError:
                    pass  # nobody waits for it
    if 0 in ready:
        sys.exit()
    if listener in ready:
        client = listener.accept()[0]
        message, streams = socket.recv_fds(client, 65536, 3)[:2]
        while not message.endswith(b"\\n"):
            message += client.recv(65536)
        process = os.fork()
        if not process:
            break
        for stream in streams:
            os.close(stream)
        clients[process] = client
        client.sendall(b"%d\\n" % process)

signal.set_wakeup_fd(-1)
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
for one in (listener, client, *clients.values()):
    one.close()
os.close(woken)
os.close(wakes)
asked = json.loads(message)
os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
    before = getattr(sys, name)
    os.dup2(streams[number], number)
    os.close(streams[number])
    setattr(sys, name, open(number, mode, encoding=before.encoding, errors=before.errors, closefd=False))
exec(asked["first"], dict())
sys.argv = asked["arguments"]
exec(asked["program"], dict())
"""
# What a shell calls as `nmt`. It hands its streams on, and ends as the process ends.
CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = dict(program={program!r}, arguments=[{name!r}, *sys.argv[1:]], first="")
    asked |= dict(folder=os.getcwd(), environment=dict(os.environ))
    message = json.dumps(asked).encode() + b"\\n"
    server.sendall(message[socket.send_fds(server, [message], [0, 1, 2]) :])
    process, status = server.makefile()
sys.exit(int(status) % 256 if int(status) >= 0 else 128 - int(status))
"""


class Fork:
    """A process that runs `program`, a piece of Python, after `first`, which meddles with the process.

    `arguments` are its `sys.argv`, and `streams` are descriptors of its standard input, output and error. It has the methods
    of Popen.
    """

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        streams: Sequence[int],
        environment: Mapping[str, str],
        folder: Path | None = None,
        first: str = "",
    ) -> None:
        self.args = list(arguments)
        self.returncode: int | None = None
        asked = {
            "program": program,
            "arguments": self.args,
            "first": first,
            "folder": str(folder or Path.cwd()),
            "environment": dict(environment),
        }
        message = json.dumps(asked).encode() + b"\n"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(str(_server()))
        self._server.sendall(message[socket.send_fds(self._server, [message], list(streams)) :])
        self.pid = int(self._line())

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            read = self._server.recv(1)
            assert read, "the process that has loaded the libraries has ended"
            line += read
        return line

    def poll(self) -> int | None:
        """The exit status, that of a signal being negative; None while it runs."""
        try:
            return self.wait(timeout=0.0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status when it has ended. Raises TimeoutExpired."""
        if self.returncode is None:
            self._server.settimeout(timeout)
            try:
                line = self._line()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0) from None
            self.returncode = int(line)
            self._server.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None and self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Piped(Fork):
    """A fork with pipes to its standard input and from its standard error. What it prints elsewhere is lost."""

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path | None = None,
        first: str = "",
    ) -> None:
        (stdin, write), (read, stderr) = os.pipe(), os.pipe()
        with open(os.devnull, "wb") as nothing, open(stdin, "rb"), open(stderr, "wb"):
            streams = (stdin, nothing.fileno(), stderr)
            super().__init__(program, arguments, streams=streams, environment=environment, folder=folder, first=first)
        self.stdin: IO[bytes] = open(write, "wb")  # noqa: SIM115
        self.stderr: IO[str] = open(read, encoding="utf-8")  # noqa: SIM115

    def communicate(self, timeout: float) -> tuple[None, str]:
        """What is left on its standard error, when it has ended."""
        clock = threading.Timer(timeout, self.kill)
        clock.start()
        self.stdin.close()
        with self.stderr:
            rest = self.stderr.read()
        self.wait()
        clock.cancel()
        return None, rest


@cache
def _server() -> Path:
    """The address of the process that forks."""
    folder = tempfile.TemporaryDirectory(prefix="forks")
    address = Path(folder.name, "server")
    # -P: no folder of its own at the head of the path, as an executable has none.
    command = [sys.executable, "-P", "-c", SERVER, str(address)]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"listening\n"

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return address


@cache
def folder_of_nmt() -> Path:
    """A folder for the head of PATH, in which `nmt` is a fork that runs the command."""
    address = _server()
    program = address.with_name("nmt")
    program.write_text(CLIENT.format(python=sys.executable, address=str(address), program=COMMAND, name=str(NMT)))
    program.chmod(0o755)
    return program.parent
