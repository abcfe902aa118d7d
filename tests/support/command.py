"""The command `nmt`, in processes that are forks of one that has loaded the libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from support.forks import Fork

NMT = Path(sys.executable).with_name("nmt")
PROGRAM = "from nmt.cli import main; main()"


class Command:
    """`nmt` with these arguments in a process of its own, whose number is `pid`.

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
        self._process = Fork(
            PROGRAM,
            self.arguments,
            streams=paths,
            environment={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
            folder=folder,
            first=first,
        )
        self.pid = self._process.pid
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def _write(self) -> None:
        # A command that reads nothing of its input closes the pipe, and that is no fault of the test.
        with suppress(BrokenPipeError), Path(self._streams.name, "stdin").open("wb", buffering=0) as stdin:
            stdin.write(self._given)

    def wait(self, *, seconds: float = 300.0) -> subprocess.CompletedProcess[bytes]:
        """What it left behind; it is killed where it takes longer than `seconds`."""
        clock = threading.Timer(seconds, self._process.kill)
        clock.start()
        status = self._process.wait()
        clock.cancel()
        with suppress(OSError):  # one that died before it opened its input leaves the writer waiting for a reader
            os.close(os.open(Path(self._streams.name, "stdin"), os.O_RDONLY | os.O_NONBLOCK))
        self._writer.join()
        stdout, stderr = (Path(self._streams.name, name).read_bytes() for name in ("stdout", "stderr"))
        self._streams.cleanup()
        return subprocess.CompletedProcess(self.arguments, status, stdout, stderr)


def nmt(*arguments: object, given: bytes = b"", status: int = 0) -> subprocess.CompletedProcess[bytes]:
    """Run `nmt`, one thread, and check its exit status."""
    done = Command(*arguments, given=given).wait()
    assert done.returncode == status, done.stderr.decode()
    return done


def error_of(*arguments: object, given: bytes = b"") -> str:
    """The one line that `nmt` says about a mistake."""
    message = nmt(*arguments, given=given, status=2).stderr.decode()
    assert message.startswith("nmt: error: ")
    assert message.count("\n") == 1
    return message.removeprefix("nmt: error: ").rstrip("\n")
