"""The service's log: one line on standard error for each event, whatever text is in it."""

from __future__ import annotations

import logging
import sys

from nmt.errors import escaped


class OneLine(logging.Formatter):
    """Escapes control characters of a message: names of folders and models come from anybody. Tracebacks keep lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # by this name logging calls it
        return escaped(super().formatMessage(record))


def write_log() -> None:
    """Write events of the service, and warnings of its server, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
