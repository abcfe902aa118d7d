"""Formality over a real socket, with a shipped model: each wire format that has it hands it on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import Service, start_service, stop_service

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
EXPECTED = {"default": "Können Sie mir helfen?", "more": "Können Sie mir helfen?", "prefer_less": "Kannst du mir helfen?"}


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(CHECKPOINTS / "broad-en-de", models / "broad-en-de")
    service = start_service(models)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log


@pytest.mark.parametrize(("formality", "expected"), EXPECTED.items())
def test_people_are_addressed_as_the_request_says(german: Service, formality: str, expected: str) -> None:
    answer = german.translate("Can you help me?", source="en", target="de", formality=formality)
    assert answer.json()["translations"][0]["text"] == expected
    body = {"text": ["Can you help me?"], "source_lang": "EN", "target_lang": "DE", "formality": formality}
    answer = german.client.post("/v2/translate", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.json()["translations"][0]["text"] == expected
