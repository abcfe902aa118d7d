"""The program `nmt`: its commands, and one line on standard error for whatever ends it early, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from typing import NoReturn

from nmt.cli import interrupts
from nmt.config.process import limit_primitive_cache
from nmt.errors import MissingPackageError, NmtError, OfflineError, OutputError, UnavailableError, one_line

# Statuses of exit, in a table in docs/faq.md. Those of causes that are no mistake of the user are from sysexits.h.
MISTAKE, NOT_READ, UNAVAILABLE, NO_MEMORY, NOT_WRITTEN = 2, os.EX_NOINPUT, os.EX_UNAVAILABLE, os.EX_OSERR, os.EX_IOERR

EXTRAS = {
    **dict.fromkeys(("argon2", "fastapi", "multipart", "prometheus_client", "pydantic_settings", "uvicorn"), "serve"),
    **dict.fromkeys(("jinja2", "sacrebleu"), "evaluate"),
    "torch": "train",
}
"""Of modules that whole commands need, the extra that has them."""

_STORAGE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")


def main() -> None:
    """Run `nmt` on the arguments of the process, and end the process."""
    interrupts.answer()
    limit_primitive_cache()
    from nmt.cli.app import app_of  # takes time, in which an interrupt may come
    from nmt.cli.usage import UsageError, is_help, usage_line

    try:
        sys.exit(app_of(sys.argv[1:])(standalone_mode=False))  # a status, or None
    except UsageError as error:
        if is_help(error):  # which Typer has shown
            sys.exit(MISTAKE)
        _fail(usage_line(error), MISTAKE)
    except (NmtError, OSError) as error:
        _fail(_message(error), _status(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        name = "PyTorch" if package == "torch" else package
        _fail(str(MissingPackageError("this command", package=name, extra=EXTRAS[package])), MISTAKE)
    except MemoryError:
        _fail("there is not enough memory", NO_MEMORY)
    except RuntimeError as error:
        if not any(phrase in str(error) for phrase in _OUT_OF_MEMORY):
            raise
        _fail(f"there is not enough memory: {str(error).partition(chr(10))[0]}", NO_MEMORY)


def _message(error: NmtError | OSError) -> str:
    if isinstance(error, NmtError):
        return str(error)
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)


def _status(error: BaseException) -> int:
    """The status of an error by its causes: those of the machine are told from the user's mistakes."""
    chain = list(_causes(error))
    if isinstance(error, UnavailableError):
        return UNAVAILABLE
    numbers = {cause.errno for cause in chain if isinstance(cause, OSError)}
    if numbers & _STORAGE:
        return NOT_WRITTEN
    if not numbers & _FORBIDDEN:
        return MISTAKE  # a file that does not exist is one too: its name is wrong
    if isinstance(error, OSError):
        is_writing = not _is_unreadable(error.filename)
    else:
        is_writing = any(isinstance(cause, OutputError | OfflineError) for cause in chain)
    return NOT_WRITTEN if is_writing else NOT_READ


def _is_unreadable(name: str | bytes | None) -> bool:
    return name is not None and os.path.exists(name) and not os.access(name, os.R_OK)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _fail(message: str, status: int) -> NoReturn:
    interrupts.drop_standard_output()
    print(f"nmt: error: {one_line(message)}", file=sys.stderr)
    sys.exit(status)
