"""The program `nmt`: its commands, and one line on standard error for a mistake or an interrupt, never a traceback."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from nmt.cli import interrupts
from nmt.config.process import limit_primitive_cache
from nmt.errors import NmtError, one_line


def main() -> None:
    """Run `nmt` on the arguments of the process, and end the process: with status 2 for a mistake, 130 for an interrupt."""
    interrupts.answer()
    limit_primitive_cache()
    from nmt.cli.app import app  # takes half a second, in which an interrupt may come

    try:
        app()
    except NmtError as error:
        _fail(str(error))
    except OSError as error:
        _fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))


def _fail(message: str) -> NoReturn:
    # What could not be written would be tried again, and complained about again, when Python flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    print(f"nmt: error: {one_line(message)}", file=sys.stderr)
    sys.exit(2)
