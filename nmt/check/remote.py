"""A running service as a translator, asked in one of the wire formats that services speak."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException

from nmt.check.apis import APIS, ApiName
from nmt.errors import InputError, UnavailableError

_TEXTS = 50  # of a request
_TRIES = 5
_LONGEST_WAIT = 60.0  # seconds that a service may ask for
_MOST_REFUSED = 50  # texts after which the service rather than the texts must be wrong
_BUSY = (429, 503)
_FAMILIAR = {"de": "Guten Morgen.", "en": "Good morning.", "es": "Buenos días.", "fr": "Bonjour."}


class _Refused(Exception):
    """The service answers a request with an error."""


class Remote:
    """The service at `url`, such as http://localhost:8000."""

    def __init__(
        self, url: str, *, source: str, target: str, api: ApiName = "v1", key: str | None = None, timeout: float = 120.0
    ) -> None:
        """`key` is for services that want one; `timeout` is for one request, in seconds. Raises InputError."""
        if not re.match(r"https?://[^/\s]", url):
            raise InputError(f"url {url!r} should begin with http:// or https:// and the name of a host")
        self._api = APIS[api]
        self._url = url.rstrip("/") + self._api.path
        self._source, self._target, self._key, self._timeout = source, target, key, timeout
        self._answers = False
        self._refused = 0

    def __call__(self, texts: Sequence[str], form: str = "text") -> list[str] | None:
        """The translation of each text; None where the wire format knows no such markup or formality.

        A text that is refused has an empty translation. Raises UnavailableError where the service does not answer,
        InputError where it refuses an ordinary sentence or many texts.
        """
        if form not in self._api.forms:
            return None
        if not self._answers:
            try:
                self._request([_FAMILIAR[self._source]], "text")
            except _Refused as refused:
                raise InputError(str(refused)) from refused
            self._answers = True
        return [
            translation
            for start in range(0, len(texts), _TEXTS)
            for translation in self._translated(texts[start : start + _TEXTS], form)
        ]

    def _translated(self, texts: Sequence[str], form: str) -> list[str]:
        try:
            return self._request(texts, form)
        except _Refused as refused:
            if len(texts) > 1:
                middle = len(texts) // 2
                return self._translated(texts[:middle], form) + self._translated(texts[middle:], form)
            self._refused += 1
            if self._refused > _MOST_REFUSED:
                raise InputError(f"{self._refused} texts were refused; of the last, {refused}") from refused
            return [""]

    def _request(self, texts: Sequence[str], form: str) -> list[str]:
        """Raises _Refused; UnavailableError where there is no answer, InputError where it could not be understood."""
        body = self._api.body(list(texts), self._source, self._target) | self._api.forms[form]
        headers = {"Content-Type": "application/json", "User-Agent": "nmt"}
        if self._key and self._api.key_field:
            body[self._api.key_field] = self._key
        elif self._key:
            headers["Authorization"] = f"{self._api.key_header} {self._key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers)
        for left in reversed(range(_TRIES)):
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as response:
                    found = self._api.texts(json.load(response))
                break
            except urllib.error.HTTPError as error:
                wait = _wait_of(error)
                if error.code not in _BUSY or wait is None or wait > _LONGEST_WAIT or not left:
                    raise _error(self._url, error) from error
                time.sleep(wait)
            except TimeoutError as error:
                raise UnavailableError(f"{self._url} gives no answer within {self._timeout:g} seconds") from error
            except urllib.error.URLError as error:
                raise UnavailableError(f"{self._url} gives no translations: {_one_line(str(error))}") from error
            except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
                raise InputError(f"{self._url} gives no translations: {_one_line(str(error) or repr(error))}") from error
        if not isinstance(found, list) or len(found) != len(texts) or not all(isinstance(text, str) for text in found):
            raise InputError(f"{self._url} does not give one translation for each of {len(texts)} texts")
        return found


def _wait_of(error: urllib.error.HTTPError) -> float | None:
    """Seconds after which to ask again, as a service that is busy says."""
    after = error.headers.get("Retry-After", "")
    return float(after) if after.isdigit() else None


def _error(url: str, error: urllib.error.HTTPError) -> Exception:
    """Of a key or a limit nothing depends on the texts: these errors end the check."""
    said = _one_line(error.read(300).decode(errors="replace"))
    message = f"{url} answers {error.code} {error.reason}: {said}".rstrip(": ")
    after = error.headers.get("Retry-After")
    if after:
        message += f" (Retry-After: {after})"
    if error.code in (429, 503):
        return UnavailableError(message)
    return InputError(message) if error.code in (401, 403, 404, 405, 407, 456) else _Refused(message)


def _one_line(text: str) -> str:
    return " ".join(text.split())
