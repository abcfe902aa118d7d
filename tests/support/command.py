"""The command `nmt`, in processes that need not load the libraries it stands on.

Loading PyTorch takes longer than most commands do. One process loads it, and each command is a fork of that process: nmt
is imported, run and ended there, with arguments, streams, folder, environment and exit status of its own. Tests of how the
executable starts, of its locale and of signals to it start the executable itself, `NMT`.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import PIPE

NMT = Path(sys.executable).with_name("nmt")

# Only libraries, nothing of nmt: what a command imports of it is a part of what is tested.
LIBRARIES = (
    "numpy",
    "pydantic_settings",
    "sacrebleu",
    "safetensors.torch",
    "sentencepiece",
    "torch._dynamo",
    "typer",
    "yaml",
)
FORKS = f"""
import gc, json, os, sys
import {", ".join(LIBRARIES)}

gc.freeze()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        break
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()

asked = json.loads(line)
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
sys.argv = [asked["program"], *asked["arguments"]]
from nmt.cli import main
main()
"""


class Command:
    """`nmt` with these arguments in a process of its own, whose number is `pid`. One at a time.

    `first` is Python that the process runs before, to meddle with itself.
    """

    def __init__(
        self,
        *arguments: object,
        given: bytes = b"",
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        first: str = "",
    ) -> None:
        self.arguments = [str(NMT), *map(str, arguments)]
        self._given = given
        self._streams = tempfile.TemporaryDirectory()
        paths = [Path(self._streams.name, name) for name in ("stdin", "stdout", "stderr")]
        os.mkfifo(paths[0])
        for path in paths[1:]:
            path.touch()
        asked = {
            "program": self.arguments[0],
            "arguments": self.arguments[1:],
            "folder": str(folder or Path.cwd()),
            "environment": {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
            "first": first,
            "streams": list(map(str, paths)),
        }
        self._forks = _forks()
        assert self._forks.stdin is not None
        print(json.dumps(asked), file=self._forks.stdin, flush=True)
        self.pid = int(self._answer())
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def _answer(self) -> str:
        assert self._forks.stdout is not None
        line = self._forks.stdout.readline()
        assert line, "the process that has loaded the libraries has ended"
        return line

    def _write(self) -> None:
        # A command that reads nothing of its input closes the pipe, and that is no fault of the test.
        with suppress(BrokenPipeError), Path(self._streams.name, "stdin").open("wb", buffering=0) as stdin:
            stdin.write(self._given)

    def wait(self, *, seconds: float = 300.0) -> subprocess.CompletedProcess[bytes]:
        """What it left behind; it is killed where it takes longer than `seconds`."""
        clock = threading.Timer(seconds, os.kill, (self.pid, 9))
        clock.start()
        status = int(self._answer())
        clock.cancel()
        with suppress(OSError):  # one that died before it opened its input leaves the writer waiting for a reader
            os.close(os.open(Path(self._streams.name, "stdin"), os.O_RDONLY | os.O_NONBLOCK))
        self._writer.join()
        stdout, stderr = (Path(self._streams.name, name).read_bytes() for name in ("stdout", "stderr"))
        self._streams.cleanup()
        return subprocess.CompletedProcess(self.arguments, status, stdout, stderr)


@cache
def _forks() -> subprocess.Popen[str]:
    # -P: no folder of its own at the head of the path, as an executable has none.
    command = [sys.executable, "-P", "-c", FORKS]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdin=PIPE, stdout=PIPE, text=True)

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()

    atexit.register(end)
    return process


def nmt(*arguments: object, given: bytes = b"", status: int = 0) -> subprocess.CompletedProcess[bytes]:
    """Run `nmt`, one thread, and check its exit status."""
    done = Command(*arguments, given=given).wait()
    assert done.returncode == status, done.stderr.decode()
    return done


def error_of(*arguments: object, given: bytes = b"", status: int = 2) -> str:
    """The one line that `nmt` says about a mistake, or whatever else ends it with this status."""
    message = nmt(*arguments, given=given, status=status).stderr.decode()
    assert message.startswith("nmt: error: ")
    assert message.count("\n") == 1
    return message.removeprefix("nmt: error: ").rstrip("\n")
