"""A client of the service, which needs no model: `Client().translate("Guten Morgen!", target="en")`."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from nmt.errors import NmtError

_LONGEST_PAUSE = 2.0
"""Seconds between two questions of how far a document is."""


class ClientError(NmtError):
    """A request was refused, or not answered.

    `status` and `code` are those of the answer, None where there is none; `retry_after` is in seconds, where the service
    says when to come again.
    """

    def __init__(
        self, message: str, *, status: int | None = None, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after = status, code, retry_after


@dataclass(frozen=True, slots=True)
class LanguagePair:
    """A source and a target language, as tags of BCP 47, and the names of the models for them, the default first."""

    source: str
    target: str
    models: tuple[str, ...]


class Client:
    """Asks a service at `address`, with a `key` where it requires one. Each request waits `timeout` seconds at the most.

    Every method raises ClientError, whose message is one line. May be used by several threads at a time.
    """

    def __init__(self, address: str = "http://127.0.0.1:8000", *, key: str | None = None, timeout: float = 65.0) -> None:
        self._address, self._key, self._timeout = address.rstrip("/"), key, timeout

    @overload
    def translate(self, text: str, *, target: str, source: str = "auto", **options: Any) -> str: ...

    @overload
    def translate(self, text: Sequence[str], *, target: str, source: str = "auto", **options: Any) -> list[str]: ...

    def translate(self, text: str | Sequence[str], *, target: str, source: str = "auto", **options: Any) -> str | list[str]:
        """The translation of a text, or of each of several. `options` are other fields of `/v1/translate`."""
        texts = text if isinstance(text, str) else list(text)
        if not texts and not isinstance(text, str):
            return []
        answer = self._json("POST", "/v1/translate", {"text": texts, "source": source, "target": target, **options})
        found = [translation["text"] for translation in answer["translations"]]
        return found[0] if isinstance(text, str) else found

    def languages(self) -> list[LanguagePair]:
        """From which language to which the service translates."""
        pairs = self._json("GET", "/v1/languages")["pairs"]
        return [LanguagePair(pair["source"], pair["target"], tuple(pair["models"])) for pair in pairs]

    def translate_document(
        self,
        path: str | Path,
        *,
        target: str,
        source: str = "auto",
        progress: Callable[[int, int], None] | None = None,
        **options: str,
    ) -> bytes:
        """The translation of a file, in its format.

        `progress` is called with the characters that are translated so far, and with those of the whole document.
        """
        path = Path(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ClientError(f"{path}: cannot be read: {error.strerror}") from error
        boundary = uuid.uuid4().hex
        body = _multipart(boundary, path.name, content, {"source": source, "target": target, **options})
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        job = json.loads(self._ask("POST", "/v1/documents", body, headers))
        address, pause = f"/v1/documents/{job['id']}", 0.05
        try:
            while job["status"] in ("queued", "translating"):
                if progress is not None:
                    progress(job["translated_characters"], job["characters"])
                time.sleep(pause)
                pause = min(_LONGEST_PAUSE, 1.5 * pause)
                job = self._json("GET", address)
        except BaseException:  # whoever gives up has no more use for it
            self._ask("DELETE", address)
            raise
        if job["status"] == "error":
            self._ask("DELETE", address)
            raise ClientError(job["error"], code="invalid_text")
        return self._ask("POST", f"{address}/result", b"")

    def _json(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Any:
        body = None if fields is None else json.dumps(fields).encode()
        return json.loads(self._ask(method, path, body, {"Content-Type": "application/json"}))

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        key = {} if self._key is None else {"Authorization": f"Bearer {self._key}"}
        try:
            request = urllib.request.Request(self._address + path, body, (headers or {}) | key, method=method)
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(), error.headers.get("Retry-After", "")) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise ClientError(f"{self._address}: no service answers: {' '.join(str(reason).split())}") from error


def _refusal(status: int, content: bytes, retry_after: str) -> ClientError:
    seconds = int(retry_after) if retry_after.isdecimal() else None
    try:
        error = json.loads(content)["error"]
        return ClientError(error["message"], status=status, code=error["code"], retry_after=seconds)
    except (ValueError, KeyError, TypeError):  # of something between us and the service
        return ClientError(f"the answer has status {status}, and is none of the service", status=status, retry_after=seconds)


def _multipart(boundary: str, name: str, content: bytes, fields: dict[str, str]) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{field}"\r\n\r\n{value}'.encode() for field, value in fields.items()]
    # As browsers write the name of a file (RFC 7578, 4.2, and the WHATWG's HTML standard).
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="file"; filename="{escaped}"\r\n'
    parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content)
    edge = f"--{boundary}".encode()
    return b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
