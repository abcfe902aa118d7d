"""The command `nmt`, in processes that are forks of one that has loaded the libraries."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from typer.testing import CliRunner

from support.forks import COMMAND, NMT, Fork

__all__ = ["NMT", "Command", "error_of", "nmt", "output_of"]


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
        self._outputs = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  # which `wait` closes
        stdin, self._stdin = os.pipe()
        try:
            self._process = Fork(
                COMMAND,
                self.arguments,
                streams=(stdin, *(output.fileno() for output in self._outputs)),
                environment={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
                folder=folder,
                first=first,
            )
        finally:
            os.close(stdin)
        self.pid = self._process.pid
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def _write(self) -> None:
        # A command that reads nothing of its input closes the pipe, and that is no fault of the test.
        with suppress(BrokenPipeError), open(self._stdin, "wb", buffering=0) as stdin:
            stdin.write(self._given)

    def wait(self, *, seconds: float = 300.0) -> subprocess.CompletedProcess[bytes]:
        """What it left behind; it is killed where it takes longer than `seconds`."""
        try:
            status = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._writer.join()
        read = []
        for output in self._outputs:
            with output:
                output.seek(0)
                read.append(output.read())
        return subprocess.CompletedProcess(self.arguments, status, *read)


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


def output_of(*arguments: object) -> str:
    """What `nmt` prints, run in this process. Raises the NmtError of which the command makes a line."""
    from nmt.cli.every import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    return result.stdout
