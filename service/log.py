"""The service's log: one line on standard error for each event, whatever text is in it.

No line holds a text, a key or an address of a client.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from nmt.errors import escaped

LogFormat = Literal["text", "json"]


class OneLine(logging.Formatter):
    """Escapes control characters of a message: names of folders and models come from anybody. Tracebacks keep lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # by this name logging calls it
        return escaped(super().formatMessage(record))


class JsonLines(logging.Formatter):
    """An object for each event: `time` in ISO 8601, `level`, `message`, and the fields of `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event)


def write_log(form: LogFormat = "text") -> None:
    """Write events of the service, and warnings of its server, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it warns of each broken body, with a character of it
