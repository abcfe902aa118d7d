"""Processes of Python that need not load the libraries on which nmt stands.

Loading PyTorch takes longer than most programs do. One process loads it, and each other one is a fork of it: nmt is
imported, run and ended there, with arguments, streams, folder, environment and exit status of its own. Tests of how the
executable starts, of its locale and of signals to it start the executable itself.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import PIPE

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
SERVER = f"""
import gc, json, os, signal, sys
import {", ".join(LIBRARIES)}

gc.freeze()
status_files = {{}}

def reap(*_):
    while status_files:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            break
        path = status_files.pop(child)
        with open(path + ".new", "w") as file:
            file.write(str(os.waitstatus_to_exitcode(status)))
        os.rename(path + ".new", path)

signal.signal(signal.SIGCHLD, reap)
for line in sys.stdin:
    asked = json.loads(line)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    else:
        status_files[child] = asked["status"]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    if child == 0:
        break
    print(child, flush=True)
else:
    sys.exit()

os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
streams = (sys.stdin, os.O_RDONLY, "r"), (sys.stdout, os.O_WRONLY, "w"), (sys.stderr, os.O_WRONLY, "w")
for number, (before, flags, mode) in enumerate(streams):
    os.dup2(opened := os.open(asked["streams"][number], flags), number)
    os.close(opened)
    stream = open(number, mode, encoding=before.encoding, errors=before.errors, closefd=False)
    setattr(sys, ("stdin", "stdout", "stderr")[number], stream)
exec(asked["first"], dict())
sys.argv = asked["arguments"]
exec(asked["program"], dict())
"""


class Fork:
    """A process that runs `program`, a piece of Python, after `first`, which meddles with the process.

    `arguments` are its `sys.argv`, and `streams` are paths of its standard input, output and error. It has what Popen has.
    """

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        streams: Sequence[Path],
        environment: Mapping[str, str],
        folder: Path | None = None,
        first: str = "",
    ) -> None:
        server, folder_of_statuses, numbers = _server()
        self._status = folder_of_statuses / str(next(numbers))
        self.args = list(arguments)
        self.returncode: int | None = None
        asked = {
            "program": program,
            "arguments": self.args,
            "folder": str(folder or Path.cwd()),
            "environment": dict(environment),
            "first": first,
            "streams": list(map(str, streams)),
            "status": str(self._status),
        }
        assert server.stdin is not None
        assert server.stdout is not None
        print(json.dumps(asked), file=server.stdin, flush=True)
        line = server.stdout.readline()
        assert line, "the process that has loaded the libraries has ended"
        self.pid = int(line)

    def poll(self) -> int | None:
        """The exit status, that of a signal being negative; None while it runs."""
        if self.returncode is None and self._status.exists():
            self.returncode = int(self._status.read_text())
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status when it has ended. Raises TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            time.sleep(0.005)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _server() -> tuple[subprocess.Popen[str], Path, itertools.count[int]]:
    """The process that forks, the folder in which it writes exit statuses, and a number for each of these."""
    # -P: no folder of its own at the head of the path, as an executable has none.
    command = [sys.executable, "-P", "-c", SERVER]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdin=PIPE, stdout=PIPE, text=True)
    statuses = tempfile.TemporaryDirectory()

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        statuses.cleanup()

    atexit.register(end)
    return process, Path(statuses.name), itertools.count()
