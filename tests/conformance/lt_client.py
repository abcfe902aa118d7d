"""A pytest plugin: the fixture `client` of LibreTranslate's API tests, as a client of a running service (SERVICE_URL)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest


class Answer:
    def __init__(self, answer: httpx.Response) -> None:
        self.status_code, self.data = answer.status_code, answer.content
        self._answer = answer

    @property
    def json(self) -> Any:
        return self._answer.json()


class Client:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, **content: Any) -> Answer:
        return Answer(self._http.request("GET", path, **content))

    def post(self, path: str, **content: Any) -> Answer:
        return Answer(self._http.request("POST", path, **content))


@pytest.fixture
def client() -> Iterator[Client]:
    with httpx.Client(base_url=os.environ["SERVICE_URL"], timeout=60.0) as http:
        yield Client(http)
