"""A running service as a translator."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence

from nmt.errors import InputError

_TEXTS = 50  # of a request


class Remote:
    """The service at `url`, such as http://localhost:8000, through its /v1/translate."""

    def __init__(self, url: str, *, source: str, target: str) -> None:
        self._url, self._source, self._target = url.rstrip("/") + "/v1/translate", source, target

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Raises InputError where the service does not answer, or refuses."""
        found: list[str] = []
        for start in range(0, len(texts), _TEXTS):
            found += self._asked(texts[start : start + _TEXTS])
        return found

    def _asked(self, texts: Sequence[str]) -> list[str]:
        body = json.dumps({"text": list(texts), "source": self._source, "target": self._target}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return [entry["text"] for entry in json.load(answer)["translations"]]
        except urllib.error.HTTPError as error:
            raise InputError(f"{self._url} answers {error.code}: {error.read(300).decode(errors='replace')}") from error
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{self._url} gives no translations: {error}") from error
